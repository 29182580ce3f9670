//! The one thing that is ever written: a note with the time, as a new file, or over an earlier such note that
//! differs in digits alone. Found beneath the root without following anything; whatever else is there stays.

use crate::error::{Kind, WiperError, WiperResult};
use crate::target::{BENEATH, refused, shown, split};
use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;
use sealdock_chain::{CLOCK_NOTE_BYTES_MAX, is_earlier_note};
use std::fs::File;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::fs::FileExt as _;

/// What stood there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Was {
    Absent,
    /// An earlier note: a recorder that removes what it took has not taken it.
    Earlier,
}

impl Was {
    pub fn word(self) -> &'static str {
        match self {
            Was::Absent => "absent",
            Was::Earlier => "earlier",
        }
    }
}

/// Writes the note.
/// Order: its folder without following · what stands there, looked at through the very file that is written ·
/// the bytes · synced · read back. A new file that could not be written whole is removed again.
///
/// # Errors
/// Something else stands there, or the medium refuses; nothing was changed, except `Unknown`.
pub fn write(root: &OwnedFd, path: &[u8], note: &[u8]) -> WiperResult<Was> {
    let (folder, leaf) = split(path)?;
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = rustix::fs::openat2(root, folder, flags, Mode::empty(), BENEATH)
        .map_err(|e| refused("reach", path, e))?;
    let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    match rustix::fs::openat2(&folder, leaf, flags, Mode::empty(), BENEATH) {
        Ok(there) => over(&File::from(there), path, note).map(|()| Was::Earlier),
        Err(Errno::NOENT) => create(&folder, leaf, (path, note)).map(|()| Was::Absent),
        Err(e) => Err(refused("open", path, e)),
    }
}

/// An earlier note takes as many bytes: nothing is allocated, cut or moved.
fn over(there: &File, path: &[u8], note: &[u8]) -> WiperResult<()> {
    let facts = rustix::fs::fstat(there).map_err(|e| refused("look at", path, e))?;
    let plain = FileType::from_raw_mode(facts.st_mode) == FileType::RegularFile;
    // A second name would be another file of the recorder's.
    if !plain || facts.st_nlink != 1 {
        return Err(foreign(path, "it is no plain file of one name"));
    }
    if u64::try_from(facts.st_size) != Ok(note.len() as u64) {
        return Err(foreign(path, &format!("it has {} bytes", facts.st_size)));
    }
    let mut old = [0; CLOCK_NOTE_BYTES_MAX];
    let old = old.get_mut(..note.len()).ok_or_else(|| foreign(path, "the note is too long"))?;
    there.read_exact_at(old, 0).map_err(|e| WiperError::file("read", shown(path).as_ref(), &e))?;
    if !is_earlier_note(old, note) {
        return Err(foreign(path, "it holds something else than a time of this form"));
    }
    written(there, path, note).map_err(|e| unknown(path, &e.message))
}

/// Only ever removes what this very call made.
fn create(folder: &OwnedFd, leaf: &[u8], (path, note): (&[u8], &[u8])) -> WiperResult<()> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let made = rustix::fs::openat2(folder, leaf, flags, Mode::from_raw_mode(0o644), BENEATH)
        .map_err(|e| refused("make", path, e))?;
    written(&File::from(made), path, note).map_err(|e| {
        match rustix::fs::unlinkat(folder, leaf, AtFlags::empty()) {
            Ok(()) => e,
            Err(left) => unknown(path, &format!("{}; nor removed: {left}", e.message)),
        }
    })
}

fn written(file: &File, path: &[u8], note: &[u8]) -> WiperResult<()> {
    let failed = |doing: &str, e: &std::io::Error| WiperError::file(doing, shown(path).as_ref(), e);
    file.write_all_at(note, 0).map_err(|e| failed("write", &e))?;
    rustix::fs::fsync(file.as_fd()).map_err(|e| failed("sync", &e.into()))?;
    let mut back = [0; CLOCK_NOTE_BYTES_MAX + 1];
    let read = file.read_at(&mut back, 0).map_err(|e| failed("read back", &e))?;
    match &back[..read] == note {
        true => Ok(()),
        false => Err(WiperError::new(
            Kind::Failed,
            format!("{} holds other bytes than were written", shown(path)),
        )),
    }
}

fn foreign(path: &[u8], why: &str) -> WiperError {
    let message = format!(
        "{} is there and is no earlier note of a time: {why}; nothing was changed, remove it by hand if the recorder may lose it",
        shown(path)
    );
    WiperError::new(Kind::Damaged, message)
}

fn unknown(path: &[u8], why: &str) -> WiperError {
    let message = format!("{} may hold half a time: {why}; dock the recorder again", shown(path));
    WiperError::new(Kind::Unknown, message)
}
