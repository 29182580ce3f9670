//! Makes a vault and recognises one. A vault carries a marker file, so that an empty mount point
//! whose disk is missing is never mistaken for an empty vault.

use crate::errors::{damaged, invalid, refused};
use crate::faults::{Errno, Faults, Step};
use crate::layout::{Area, MARKER};
use crate::options::VaultOptions;
use crate::qualify::is_volatile;
use crate::tree::{READ_ONLY, WRITABLE, open_dir, open_file, open_root};
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, RenameFlags};
use rustix::fs::{fchmod, fstat, fstatfs, fsync, mkdirat, openat, renameat_with, unlinkat};
use sealdock_core::ports::{Kind, PortError, PortResult};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

const FORMAT: &str = "sealdock-vault 1";
const DRAFT: &str = "vault.id.new";
const DRAFT_BYTES_MAX: u64 = 4096;

/// Makes the vault's directories and, last of all, its marker; may be repeated after a crash.
pub(crate) fn found(path: &Path, options: &VaultOptions) -> PortResult<()> {
    let shown = path.display().to_string();
    make_root(path, &options.faults)?;
    let root = open_root(path).map_err(|errno| refused("open the new vault", &shown, errno))?;
    let system =
        fstatfs(&root).map_err(|errno| refused("ask the file system of", &shown, errno))?;
    if is_volatile(&system) && !options.allow_volatile {
        return Err(invalid(format!(
            "{shown} lives in memory and is not durable; put the vault on a disk"
        )));
    }
    refuse_strangers(&root, &shown)?;
    fchmod(&root, Mode::RWXU).map_err(|errno| refused("close to others", &shown, errno))?;
    for area in Area::ALL {
        make_dir(&options.faults, root.as_fd(), area.name())?;
    }
    sync(&options.faults, root.as_fd(), &shown)?;
    mark(&root, &options.faults)
}

fn make_root(path: &Path, faults: &Faults) -> PortResult<()> {
    let shown = path.display().to_string();
    let made = faults.pass(Step::MakeDir, || rustix::fs::mkdir(path, Mode::RWXU));
    match made {
        Ok(()) | Err(Errno::EXIST) => {}
        Err(errno) => return Err(refused("make the vault", shown, errno)),
    }
    // `..` and not the path's parent: the path may end in a link or a dot.
    let root = open_root(path).map_err(|errno| refused("open the new vault", &shown, errno))?;
    let parent = open_dir(root.as_fd(), "..")
        .map_err(|errno| refused("open the directory above", &shown, errno))?;
    sync(faults, parent.as_fd(), &shown)
}

fn make_dir(faults: &Faults, parent: BorrowedFd<'_>, name: &str) -> PortResult<()> {
    match faults.pass(Step::MakeDir, || mkdirat(parent, name, Mode::RWXU)) {
        Ok(()) | Err(Errno::EXIST) => Ok(()),
        Err(errno) => Err(refused("make the directory", name, errno)),
    }
}

fn sync(faults: &Faults, directory: BorrowedFd<'_>, what: &str) -> PortResult<()> {
    faults
        .pass(Step::SyncDir, || fsync(directory))
        .map_err(|errno| refused("sync the directory of", what, errno))
}

/// A new vault starts empty, apart from what a founding that was cut off has left.
fn refuse_strangers(root: &OwnedFd, shown: &str) -> PortResult<()> {
    for name in names(root, shown)? {
        if name == MARKER {
            return Err(invalid(format!("{shown} is a vault already; open it instead")));
        }
        // Every fresh ext4 has lost+found.
        let ours = name == DRAFT || Area::ALL.iter().any(|area| area.name() == name);
        if !ours && name != "lost+found" {
            return Err(invalid(format!(
                "{shown} is not empty ({name:?}); give the vault a directory of its own"
            )));
        }
    }
    Ok(())
}

fn names(root: &OwnedFd, shown: &str) -> PortResult<Vec<String>> {
    let list = || -> Result<Vec<String>, Errno> {
        let mut names = Vec::new();
        for entry in Dir::read_from(root)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name != "." && name != ".." {
                names.push(name);
            }
        }
        Ok(names)
    };
    list().map_err(|errno| refused("list", shown, errno))
}

/// Writes the marker under another name, so that a marker is always whole.
fn mark(root: &OwnedFd, faults: &Faults) -> PortResult<()> {
    let mut id = [0; 16];
    getrandom::fill(&mut id).map_err(|error| {
        PortError::new(
            Kind::Failed,
            format!("no randomness for the vault's id: {error}; try again"),
        )
    })?;
    let text = format!("{FORMAT}\n{}\n", hex::encode(id));
    let write = || -> Result<(), Errno> {
        match unlinkat(root, DRAFT, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(errno) => return Err(errno),
        }
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = faults.pass(Step::CreateFile, || openat(root, DRAFT, flags, WRITABLE))?;
        let written = faults.pass(Step::Write, || rustix::io::write(&file, text.as_bytes()))?;
        if written != text.len() {
            return Err(Errno::NOSPC);
        }
        fchmod(&file, READ_ONLY)?;
        faults.pass(Step::SyncFile, || fsync(&file))?;
        faults
            .pass(Step::Rename, || renameat_with(root, DRAFT, root, MARKER, RenameFlags::NOREPLACE))
    };
    write().map_err(|errno| refused("write", MARKER, errno))?;
    sync(faults, root.as_fd(), MARKER)
}

/// Opens the vault's directory and reads its id.
///
/// # Errors
/// `Missing` without a marker, which is how a missing disk shows; `Invalid` for a newer format or a
/// vault open to others; `Damaged` for a broken marker.
pub(crate) fn recognise(path: &Path, faults: &Faults) -> PortResult<(OwnedFd, String)> {
    let shown = path.display().to_string();
    let root = match open_root(path) {
        Err(Errno::NOENT) => {
            let text = format!("{shown}: the vault is not there; mount its disk");
            return Err(PortError::new(Kind::Missing, text));
        }
        other => other.map_err(|errno| refused("open the vault", &shown, errno))?,
    };
    let marker = match open_file(root.as_fd(), MARKER, OFlags::empty()) {
        Ok(marker) => marker,
        Err(Errno::NOENT) => {
            return Err(PortError::new(
                Kind::Missing,
                format!(
                    "{shown} is not a vault: it has no {MARKER}; either this is a vault on a missing \
                     mount (mount its disk), or the path is wrong"
                ),
            ));
        }
        Err(errno) => return Err(refused("open", MARKER, errno)),
    };
    let id = read_id(&marker)?;
    refuse_open_doors(&root, &shown)?;
    // The marker may stem from a founding that was cut off before its last sync.
    sync(faults, root.as_fd(), &shown)?;
    Ok((root, id))
}

fn read_id(marker: &OwnedFd) -> PortResult<String> {
    let stat = fstat(marker).map_err(|errno| refused("look at", MARKER, errno))?;
    let regular = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
    if !regular || stat.st_size.unsigned_abs() > DRAFT_BYTES_MAX {
        return Err(damaged(MARKER, "is not the small file sealdock wrote"));
    }
    let mut bytes = [0; DRAFT_BYTES_MAX as usize];
    let count =
        rustix::io::pread(marker, &mut bytes, 0).map_err(|errno| refused("read", MARKER, errno))?;
    let text = String::from_utf8_lossy(&bytes[..count]);
    let mut lines = text.lines();
    match (lines.next(), lines.next()) {
        (Some(FORMAT), Some(id)) if id.len() == 32 && hex::decode(id).is_ok() => Ok(id.to_owned()),
        (Some(format), _) if format.starts_with("sealdock-vault ") && format != FORMAT => {
            Err(invalid(format!(
                "this vault is of format {format:?}, this program knows {FORMAT:?}; use a newer sealdock"
            )))
        }
        _ => Err(damaged(MARKER, "does not hold an id")),
    }
}

fn refuse_open_doors(root: &OwnedFd, shown: &str) -> PortResult<()> {
    let stat = fstat(root).map_err(|errno| refused("look at", shown, errno))?;
    if stat.st_mode & 0o077 != 0 {
        return Err(invalid(format!(
            "{shown} is open to others (mode {:o}); run `chmod 700 {shown}`",
            stat.st_mode & 0o777
        )));
    }
    for area in Area::ALL {
        let part = rustix::fs::statat(root, area.name(), AtFlags::SYMLINK_NOFOLLOW)
            .map_err(|errno| refused("look at the vault's directory", area.name(), errno))?;
        if part.st_dev != stat.st_dev {
            return Err(invalid(format!(
                "{}/ is on another file system than the rest of {shown}; a copy cannot be renamed \
                 between them; unmount it",
                area.name()
            )));
        }
    }
    Ok(())
}
