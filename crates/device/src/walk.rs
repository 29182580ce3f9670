//! The full walk of a recorder: one directory open at a time, by path from the root, never deeper than
//! the limit, never more lines than the limit. What cannot be read becomes a line that says so.

use crate::fault::smells_of_yank;
use crate::name::join;
use crate::root::{FACTS, Root};
use rustix::fs::{AtFlags, FileType, OFlags, RawDir, Statx};
use rustix::io::Errno;
use sealdock_core::listing::{LineKind, RawLine, RawListing};
use sealdock_core::ports::{Kind, PortError, PortResult};

/// Directories that are walked lie at most this deep below the root.
pub const DEPTH_MAX: usize = 12;

/// Most lines a listing may have: a card full of 4 KiB files.
pub const LINES_MAX: usize = 1_000_000;

const DIRENT_BYTES: usize = 32 * 1024;

/// Lists everything, sorted by raw name.
///
/// # Errors
/// The root cannot be read, the recorder was unplugged, or there are more than [`LINES_MAX`] lines.
pub fn list(root: &Root) -> PortResult<RawListing> {
    list_counting(root, &|| root.disk_faults())
}

/// [`list`], with what counts the faults of the disk.
fn list_counting(root: &Root, faults: &dyn Fn() -> Option<u64>) -> PortResult<RawListing> {
    let ahead = vec![Folder { path: Vec::new(), depth: 0, told: false }];
    let mut walk = Walk { root, faults, lines: Vec::new(), ahead };
    while let Some(folder) = walk.ahead.pop() {
        walk.enter(&folder)?;
    }
    // A recorder that vanished half-way must not look like one with fewer files.
    root.present()?;
    let mut lines = walk.lines;
    lines.sort_unstable_by(|a, b| a.raw_name.cmp(&b.raw_name));
    Ok(RawListing { lines })
}

struct Folder {
    path: Vec<u8>,
    depth: usize,
    /// There is a line already that says that it cannot be read.
    told: bool,
}

struct Walk<'a> {
    root: &'a Root,
    faults: &'a dyn Fn() -> Option<u64>,
    lines: Vec<RawLine>,
    ahead: Vec<Folder>,
}

impl Walk<'_> {
    fn enter(&mut self, folder: &Folder) -> PortResult<()> {
        let before = (self.faults)();
        let mut theirs = 0;
        let mut read = self.read(folder, &mut theirs)?;
        // FAT leaves out what it cannot read of a folder and reports nothing; the disk's own count does.
        if read.is_ok() && (self.faults)() > before.map(|before| before + theirs) {
            read = Err(Errno::IO);
        }
        if let Err(errno) = read {
            let gone = self.root.fault("list", &folder.path, errno);
            if folder.path.is_empty() || smells_of_yank(errno) && self.root.attached().is_err() {
                return Err(gone);
            }
            if !folder.told {
                self.push(unreadable(folder.path.clone(), gone.message))?;
            }
        }
        Ok(())
    }

    /// Outer error: the walk ends. Inner error: this directory could not be read (to its end). `theirs`
    /// are the faults that were met not in it but in the directories that it names.
    fn read(&mut self, folder: &Folder, theirs: &mut u64) -> PortResult<Result<(), Errno>> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY;
        let fd = match self.root.open_beneath(&folder.path, flags) {
            Ok(fd) => fd,
            Err(errno) => return Ok(Err(errno)),
        };
        let mut room = Vec::with_capacity(DIRENT_BYTES);
        let mut entries = RawDir::new(&fd, room.spare_capacity_mut());
        while let Some(entry) = entries.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(errno) => return Ok(Err(errno)),
            };
            let leaf = entry.file_name().to_bytes();
            if leaf == b"." || leaf == b".." {
                continue;
            }
            let path = join(&folder.path, leaf);
            let look =
                || rustix::fs::statx(&fd, entry.file_name(), AtFlags::SYMLINK_NOFOLLOW, FACTS);
            let (stat, faults) = self.counted(entry.file_type(), look);
            *theirs += faults;
            match stat {
                Ok(stat) => self.note(path, folder.depth + 1, &stat, faults > 0)?,
                Err(errno) => {
                    let why = self.root.fault("look at", &path, errno).message;
                    self.push(unreadable(path, why))?;
                }
            }
        }
        Ok(Ok(()))
    }

    /// A look at a directory, and the faults of the disk during it: FAT reads all of a directory to answer
    /// it. For a file it reads nothing, and nothing is asked.
    fn counted<T>(&self, kind: FileType, look: impl FnOnce() -> T) -> (T, u64) {
        if !matches!(kind, FileType::Directory | FileType::Unknown) {
            return (look(), 0);
        }
        let before = (self.faults)();
        let seen = look();
        let after = (self.faults)();
        let faults = before.zip(after).map_or(0, |(before, after)| after.saturating_sub(before));
        (seen, faults)
    }

    fn note(&mut self, path: Vec<u8>, depth: usize, stat: &Statx, faulty: bool) -> PortResult<()> {
        let is_folder = FileType::from_raw_mode(stat.stx_mode.into()) == FileType::Directory;
        if !is_folder || self.root.is_foreign(stat) {
            return self.push(self.root.line(path, stat));
        }
        if depth > DEPTH_MAX {
            let why =
                format!("a directory more than {DEPTH_MAX} deep; what is in it is not listed");
            return self.push(RawLine { kind: LineKind::TooDeep, ..unreadable(path, why) });
        }
        if faulty {
            let why = self.root.fault("list", &path, Errno::IO).message;
            self.push(unreadable(path.clone(), why))?;
        }
        self.ahead.push(Folder { path, depth, told: faulty });
        Ok(())
    }

    fn push(&mut self, line: RawLine) -> PortResult<()> {
        if self.lines.len() >= LINES_MAX {
            let message = format!(
                "the recorder holds more than {LINES_MAX} files, which no recorder does; look at it on another machine"
            );
            return Err(PortError::new(Kind::Failed, message));
        }
        self.lines.push(line);
        Ok(())
    }
}

fn unreadable(raw_name: Vec<u8>, why: String) -> RawLine {
    RawLine {
        raw_name,
        kind: LineKind::Unreadable,
        size: 0,
        mtime_ms: None,
        file_id: 0,
        changed_ns: None,
        detail: Some(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    fn card() -> (tempfile::TempDir, Root) {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("DCIM")).unwrap();
        std::fs::write(dir.path().join("DCIM/a.mp4"), "a").unwrap();
        let root = Root::open(dir.path()).unwrap();
        (dir, root)
    }

    /// Counts one fault more after the `from`-th call, and after each of the next, up to `most`.
    fn failing(from: u64, most: u64) -> impl Fn() -> Option<u64> {
        let calls = Cell::new(0_u64);
        move || {
            calls.set(calls.get() + 1);
            Some(calls.get().saturating_sub(from).min(most))
        }
    }

    #[test]
    fn a_folder_whose_disk_failed_meanwhile_is_not_taken_for_whole() {
        let (_dir, root) = card();
        let kinds = |listing: RawListing| -> Vec<_> {
            listing.lines.into_iter().map(|line| (line.raw_name, line.kind)).collect()
        };
        let file = (b"DCIM/a.mp4".to_vec(), LineKind::File);
        // Calls: the root begins, two around the look at the folder, the root ends; the folder, twice.
        let folder = [(b"DCIM".to_vec(), LineKind::Unreadable), file.clone()];
        for (from, what) in [(2, "while it is looked at"), (5, "while it is read")] {
            let listing = list_counting(&root, &failing(from, 1)).unwrap();
            assert_eq!(kinds(listing), folder, "{what}");
        }
        // At every call: it is said of the folder once.
        assert_eq!(kinds(list_counting(&root, &failing(4, 9)).unwrap()), folder);
        for from in [1, 3] {
            let error = list_counting(&root, &failing(from, 1)).unwrap_err();
            assert!(error.message.starts_with("cannot list"), "{error}");
        }
        for quiet in [None, Some(7)] {
            assert_eq!(
                kinds(list_counting(&root, &|| quiet).unwrap()),
                std::slice::from_ref(&file)
            );
        }
    }
}
