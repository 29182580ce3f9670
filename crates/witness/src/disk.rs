//! How the files of a witness are written and read: whole, durable, for the owner alone.

use crate::error::{Doing, Kind, WitnessError};
use rustix::fs::OFlags;
use std::fmt::Debug;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

/// The durable steps of one file, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The bytes are on the medium under another name.
    Written,
    /// The file has its name, and nobody was told.
    Named,
}

/// What becomes of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Goes,
    /// As if the process were killed here.
    Dies,
}

/// Decides the fate of steps; in the product nothing ever happens here.
pub trait Faults: Send + Sync + Debug {
    /// What becomes of this step of the file at `path`?
    fn at(&self, step: Step, path: &Path) -> Fate;
}

#[derive(Debug)]
pub(crate) struct NoFaults;

impl Faults for NoFaults {
    fn at(&self, _: Step, _: &Path) -> Fate {
        Fate::Goes
    }
}

/// Puts `bytes` at `path`, in place of what is there. Order: another name, fsync, rename, fsync of the folder.
pub(crate) fn put(faults: &dyn Faults, path: &Path, bytes: &[u8]) -> Result<(), WitnessError> {
    let temporary = beside(path);
    write_synced(&temporary, bytes)?;
    passes(faults, Step::Written, path)?;
    fs::rename(&temporary, path).doing("name", path)?;
    passes(faults, Step::Named, path)?;
    sync_parent(path)
}

pub(crate) fn passes(faults: &dyn Faults, step: Step, path: &Path) -> Result<(), WitnessError> {
    match faults.at(step, path) {
        Fate::Goes => Ok(()),
        Fate::Dies => {
            let text = format!("killed at {step:?} of {}", path.display());
            Err(WitnessError::new(Kind::Failed, text))
        }
    }
}

fn beside(path: &Path) -> std::path::PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    path.with_file_name(name)
}

/// A fresh file of its own inode: what a reader or a link held of an earlier one stays with them.
pub(crate) fn write_synced(path: &Path, bytes: &[u8]) -> Result<(), WitnessError> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != ErrorKind::NotFound => return Err(e).doing("clear", path),
        _ => {}
    }
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let written = file.and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.doing("write", path)
}

pub(crate) fn sync(folder: &Path) -> Result<(), WitnessError> {
    File::open(folder).and_then(|folder| folder.sync_all()).doing("sync", folder)
}

pub(crate) fn sync_parent(path: &Path) -> Result<(), WitnessError> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => sync(folder),
        _ => sync(Path::new(".")),
    }
}

/// For the owner alone, and durable; one that is there is as good.
pub(crate) fn make_folder(folder: &Path) -> Result<(), WitnessError> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(e) if e.kind() == ErrorKind::AlreadyExists && folder.is_dir() => {}
        made => made.doing("make", folder)?,
    }
    sync_parent(folder)
}

/// A plain file of at most `most` bytes; `None` where there is none. Links are not followed: the folder may be a stranger's.
pub(crate) fn read(path: &Path, most: usize) -> Result<Option<Vec<u8>>, WitnessError> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits() as i32;
    let file = match File::options().read(true).custom_flags(flags).open(path) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        file => file.doing("open", path)?,
    };
    if !file.metadata().doing("look at", path)?.is_file() {
        return Err(WitnessError::refused(format!("{} is no plain file", path.display())));
    }
    let mut bytes = Vec::new();
    file.take(most as u64 + 1).read_to_end(&mut bytes).doing("read", path)?;
    if bytes.len() > most {
        let text = format!("{} is larger than {most} bytes", path.display());
        return Err(WitnessError::refused(text));
    }
    Ok(Some(bytes))
}

/// Names in a folder, in order; none where it is not there. Those that are no text are none of ours.
pub(crate) fn names(folder: &Path) -> Result<Vec<String>, WitnessError> {
    let entries = match fs::read_dir(folder) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.doing("look into", folder)?,
    };
    let mut names = Vec::new();
    for entry in entries {
        names.extend(entry.doing("look into", folder)?.file_name().into_string());
    }
    names.sort();
    Ok(names)
}
