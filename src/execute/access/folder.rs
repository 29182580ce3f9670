//! A directory that takes a copy. It must be absent or empty, so that nothing of an older copy passes for
//! part of this one; everything is written below the one that was opened, whatever its name leads to meanwhile.

use super::behind::{Behind, MARK_BYTES};
use super::beneath::Root;
use super::meter::Meter;
use crate::exit::{CliError, Exit, file_error};
use rustix::fs::{Advice, fadvise};
use sealdock_chain::digest::Digest;
use sealdock_core::ports::{Kind, PortError, PortResult};
use sealdock_station::viewing::CopyTarget;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

/// Bytes that are read back at once.
const PIECE_BYTES: usize = 1 << 20;

pub struct Folder<'a> {
    told: Meter<'a>,
    dir: PathBuf,
    root: Root,
    open: Option<Open>,
    begun: bool,
    made: bool,
    /// What a copy that broke off left, and this one has not written or found whole yet; `None`: this is no such.
    left: Option<Left>,
}

/// A file that is being written.
struct Open {
    way: PathBuf,
    file: File,
    written: u64,
    /// Up to here it was given to `behind`.
    marked: u64,
    /// Reads it back meanwhile; a small file is read back at its end.
    behind: Option<Behind>,
}

/// By their ways from the root.
struct Left(BTreeSet<PathBuf>);

impl<'a> Folder<'a> {
    pub fn make(dir: &Path, told: Meter<'a>) -> Result<Folder<'a>, CliError> {
        let mut made = false;
        match std::fs::create_dir(dir) {
            Ok(()) => made = true,
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                let text = format!(
                    "{}: the folder above it is not there; make it first. Nothing was copied, and the approval is unspent",
                    dir.display()
                );
                return Err(CliError::new(Exit::Refused, text));
            }
            Err(e) => return Err(file_error("make", dir, &e)),
        }
        let root = Root::open(dir).map_err(|e| file_error("copy into", dir, &e))?;
        if !root.is_empty().map_err(|e| file_error("look into", dir, &e))? {
            let text =
                format!("{} is not empty; a copy needs a directory of its own", dir.display());
            return Err(CliError::new(Exit::Refused, text));
        }
        Ok(Folder { told, dir: dir.to_owned(), root, open: None, begun: false, made, left: None })
    }

    /// What a copy that broke off left. Nothing in it is believed: it is read back, or written anew, and what is neither goes.
    ///
    /// # Errors
    /// It is not there, or holds something that no copy writes.
    pub fn go_on(dir: &Path, told: Meter<'a>) -> Result<Folder<'a>, CliError> {
        let root = Root::open(dir).map_err(|e| file_error("go on with", dir, &e))?;
        let mut files = BTreeSet::new();
        gather(dir, &mut files)?;
        let way = |file: &PathBuf| file.strip_prefix(dir).unwrap_or(file).to_owned();
        let (dir, left) = (dir.to_owned(), Some(Left(files.iter().map(way).collect())));
        Ok(Folder { told, dir, root, open: None, begun: true, made: false, left })
    }

    /// Takes away what the broken copy left and this one has no use for.
    ///
    /// # Errors
    /// It cannot be removed.
    pub fn sweep(&mut self) -> Result<(), CliError> {
        let Some(Left(files)) = self.left.take() else { return Ok(()) };
        for way in files {
            let removed = self.root.remove(&way);
            removed.map_err(|e| file_error("remove", &self.dir.join(&way), &e))?;
        }
        Ok(())
    }

    /// Is what was written what stands under this name?
    ///
    /// # Errors
    /// It is another folder, or cannot be looked at.
    pub fn lies_at(&self, path: &Path) -> Result<(), CliError> {
        if self.root.lies_at(path).map_err(|e| file_error("look at", path, &e))? {
            return Ok(());
        }
        Err(CliError::both(
            Exit::Findings,
            format!("{} 已被换成别的文件夹；不要交出，查明是谁动了它", path.display()),
            format!(
                "{} is no longer the folder that was written; do not hand it out, and find out who exchanged it",
                path.display()
            ),
        ))
    }

    /// Has any file been begun?
    pub fn begun(&self) -> bool {
        self.begun
    }

    /// Takes back the directory where nothing came of the copy.
    pub fn undo(&self) {
        if self.made && !self.begun {
            // Whoever put something there meanwhile keeps it.
            let _kept = std::fs::remove_dir(&self.dir);
        }
    }
}

/// Every file below a folder. A link, or anything else that a copy does not write, is somebody's: nothing is gone on with.
fn gather(dir: &Path, files: &mut BTreeSet<PathBuf>) -> Result<(), CliError> {
    for entry in std::fs::read_dir(dir).map_err(|e| file_error("look into", dir, &e))? {
        let path = entry.map_err(|e| file_error("look into", dir, &e))?.path();
        let kind = path.symlink_metadata().map_err(|e| file_error("look at", &path, &e))?;
        match (kind.is_dir(), kind.is_file()) {
            (true, _) => gather(&path, files)?,
            (_, true) => drop(files.insert(path)),
            _ => {
                let text = format!(
                    "{} is neither a file nor a folder, and no copy wrote it; begin anew, into another folder",
                    path.display()
                );
                return Err(CliError::new(Exit::Refused, text));
            }
        }
    }
    Ok(())
}

/// Names in this directory are durable.
pub fn sync_dir(dir: Option<&Path>) -> std::io::Result<()> {
    // A relative name of one part lies in the directory where the program runs.
    let dir = dir.filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(dir)?.sync_all()
}

impl CopyTarget for Folder<'_> {
    /// A name with `/` in it lies in folders that are made, and are durable, first.
    fn begin(&mut self, name: &str) -> PortResult<()> {
        let (way, path) = (Path::new(name), self.dir.join(name));
        self.root.make_folders(way).map_err(|e| failed("make a folder for", &path, &e))?;
        if self.left.as_mut().is_some_and(|left| left.0.remove(way)) {
            self.root.remove(way).map_err(|e| failed("write anew", &path, &e))?;
        }
        let file = self.root.create(way).map_err(|e| failed("make", &path, &e))?;
        self.begun = true;
        self.open = Some(Open { way: way.to_owned(), file, written: 0, marked: 0, behind: None });
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> PortResult<()> {
        let open = self.open.as_mut().expect("a file was begun");
        let path = || self.dir.join(&open.way);
        open.file.write_all(bytes).map_err(|e| failed("write", &path(), &e))?;
        open.written += bytes.len() as u64;
        self.told.bytes(bytes.len() as u64);
        if open.written - open.marked < MARK_BYTES {
            return Ok(());
        }
        let behind = match open.behind.take() {
            Some(behind) => behind,
            None => {
                let files =
                    open.file.try_clone().and_then(|it| Ok((it, self.root.read(&open.way)?)));
                let (file, cold) = files.map_err(|e| failed("read back", &path(), &e))?;
                Behind::start(file, cold)
            }
        };
        open.marked = behind.mark(open.written);
        self.told.bytes(behind.taken());
        open.behind = Some(behind);
        Ok(())
    }

    /// fsync of the file, then of the directory; then the page cache is dropped and the file read.
    fn finish(&mut self) -> PortResult<Digest> {
        let Open { way, file, written, behind, .. } = self.open.take().expect("a file was begun");
        self.sync(&way, &file)?;
        let Some(behind) = behind else { return self.read_back(&way, &file) };
        let digest = behind.finish(written, |read| self.told.bytes(read));
        let digest = digest.map_err(|e| failed("read back", &self.dir.join(way), &e))?;
        self.told.file();
        Ok(digest)
    }

    fn lies_whole(&mut self, name: &str, size: u64, sha256: Digest) -> PortResult<bool> {
        let (way, path) = (Path::new(name), self.dir.join(name));
        if !self.left.as_ref().is_some_and(|left| left.0.contains(way)) {
            return Ok(false);
        }
        let file = self.root.read(way).map_err(|e| failed("open", &path, &e))?;
        if file.metadata().map_err(|e| failed("look at", &path, &e))?.len() != size {
            return Ok(false);
        }
        // It may never have reached the medium: whoever wrote it was cut off.
        self.sync(way, &file)?;
        let whole = self.read_back(way, &file)? == sha256;
        if whole && let Some(left) = &mut self.left {
            left.0.remove(way);
            self.told.skip(size);
        }
        Ok(whole)
    }
}

impl Folder<'_> {
    /// The file, then its name, are durable.
    fn sync(&self, way: &Path, file: &File) -> PortResult<()> {
        let synced = file.sync_all().and_then(|()| self.root.sync_names(way));
        synced.map_err(|e| failed("sync", &self.dir.join(way), &e))
    }

    /// The digest of what lies on the medium, not of what lies in memory.
    fn read_back(&mut self, way: &Path, file: &File) -> PortResult<Digest> {
        let path = self.dir.join(way);
        fadvise(file, 0, None, Advice::DontNeed)
            .map_err(|e| failed("drop from memory", &path, &e.into()))?;
        let mut file = self.root.read(way).map_err(|e| failed("read back", &path, &e))?;
        let (mut hash, mut piece) = (Sha256::new(), vec![0; PIECE_BYTES]);
        loop {
            match file.read(&mut piece).map_err(|e| failed("read back", &path, &e))? {
                0 => break,
                n => {
                    hash.update(&piece[..n]);
                    self.told.bytes(n as u64);
                }
            }
        }
        self.told.file();
        Ok(Digest(hash.finalize().into()))
    }
}

fn failed(what: &str, path: &Path, e: &std::io::Error) -> PortError {
    let kind = match e.kind() {
        std::io::ErrorKind::StorageFull => Kind::NoSpace,
        std::io::ErrorKind::ReadOnlyFilesystem => Kind::ReadOnly,
        _ => Kind::Failed,
    };
    PortError::new(kind, format!("cannot {what} {}: {e}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sealdock_core::id::AccessId;
    use sealdock_station::{Carried, Progress, Report};
    use std::os::unix::fs::symlink;
    use std::sync::Mutex;

    #[derive(Default)]
    struct Heard(Mutex<u64>);

    impl Progress for Heard {
        fn report(&self, _: &Report) {}
        fn carried(&self, carried: &Carried) {
            *self.0.lock().unwrap() = carried.done;
        }
    }

    /// More than twice what lies between two marks, in pieces that end at none.
    #[test]
    fn a_large_file_is_read_back_while_it_is_written_and_is_the_whole() {
        let place = tempfile::tempdir().unwrap();
        let heard = Heard::default();
        let piece: Vec<u8> = (0..5_000_011_u32).map(|n| (n / 241) as u8).collect();
        let (pieces, mut hash) = (2 * MARK_BYTES as usize / piece.len() + 2, Sha256::new());
        let all = (pieces * piece.len()) as u64;
        let meter = Meter::new(&heard, AccessId(7), all);
        let mut folder = Folder::make(&place.path().join("C1"), meter).unwrap();
        folder.begin("data/clip").unwrap();
        for _ in 0..pieces {
            folder.write(&piece).unwrap();
            hash.update(&piece);
        }
        let open = folder.open.as_ref().unwrap();
        assert!(open.behind.is_some() && open.marked > MARK_BYTES, "it is read meanwhile");
        assert_eq!(folder.finish().unwrap(), Digest(hash.finalize().into()));
        assert_eq!(*heard.0.lock().unwrap(), 2 * all, "written and read back");
    }

    #[test]
    fn what_stands_under_the_name_by_now_is_not_called_what_was_written() {
        let place = tempfile::tempdir().unwrap();
        let (written, other) = (place.path().join("C1"), place.path().join("other"));
        let heard = Heard::default();
        let folder = Folder::make(&written, Meter::new(&heard, AccessId(7), 0)).unwrap();
        folder.lies_at(&written).unwrap();
        std::fs::create_dir(&other).unwrap();
        assert_eq!(folder.lies_at(&other).unwrap_err().exit, Exit::Findings);
        std::fs::rename(&written, place.path().join("moved")).unwrap();
        assert_eq!(folder.lies_at(&written).unwrap_err().exit, Exit::Missing);
        symlink(place.path().join("moved"), &written).unwrap();
        assert_eq!(folder.lies_at(&written).unwrap_err().exit, Exit::Findings);
    }
}
