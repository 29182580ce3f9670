//! One key file: a single line of text that a person can recognise and a backup can restore,
//! readable by the station's user alone. It is born durable and never written over another.

use crate::line::Line;
use ed25519_dalek::SigningKey;
use rustix::fs::{CWD, Mode, OFlags, RenameFlags};
use sealdock_core::event::KeyKind;
use sealdock_core::ports::{Kind, PortError, PortResult};
use std::fs::File;
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Longest key file or PIN file, bytes. The line of a secret has 130 to 140.
const FILE_BYTES_MAX: u64 = 1024;

pub(crate) fn failed(
    kind: Kind,
    what: &str,
    path: &Path,
    why: impl std::fmt::Display,
) -> PortError {
    PortError::new(kind, format!("cannot {what} {}: {why}", path.display()))
}

/// Fresh randomness from the kernel as a key.
pub(crate) fn new_key() -> PortResult<SigningKey> {
    let mut seed = Zeroizing::new([0u8; 32]);
    getrandom::fill(&mut seed[..]).map_err(|e| {
        PortError::new(Kind::Failed, format!("the kernel gives no randomness for a key: {e}"))
    })?;
    Ok(SigningKey::from_bytes(&seed))
}

/// Reads the key of `role` from `path`, if the file is ours alone and whole.
pub(crate) fn read(path: &Path, role: KeyKind) -> PortResult<Line> {
    let text = bytes(open_private(path)?).map_err(|e| failed(Kind::Failed, "read", path, e))?;
    Line::parse(&text, role).map_err(|why| {
        let message = format!(
            "{} is not a usable key file: {why}; restore it from the key backup",
            path.display()
        );
        PortError::new(Kind::Damaged, message)
    })
}

/// What a small secret file holds, and no more than it may.
pub(crate) fn bytes(file: File) -> std::io::Result<Zeroizing<Vec<u8>>> {
    let mut text = Zeroizing::new(Vec::with_capacity(FILE_BYTES_MAX as usize + 1));
    file.take(FILE_BYTES_MAX + 1).read_to_end(&mut text)?;
    Ok(text)
}

fn open_private(path: &Path) -> PortResult<File> {
    let file = open_plain(path).map_err(|e| {
        if e.kind() == ErrorKind::NotFound {
            let message = format!(
                "the key file {} is missing; restore it from the key backup",
                path.display()
            );
            return PortError::new(Kind::Missing, message);
        }
        failed(Kind::Failed, "open the key file", path, e)
    })?;
    let meta = file.metadata().map_err(|e| failed(Kind::Failed, "look at", path, e))?;
    if !meta.is_file() {
        return Err(failed(Kind::Damaged, "use", path, "it is not a plain file"));
    }
    let us = rustix::process::geteuid().as_raw();
    let rights = Rights { owner: meta.uid(), mode: meta.permissions().mode(), file: "600" };
    rights.check(path, us)?;
    Ok(file)
}

/// Opens for reading; a link is not followed, and a pipe does not make us wait.
pub(crate) fn open_plain(path: &Path) -> std::io::Result<File> {
    let flags = OFlags::NOFOLLOW.bits() | OFlags::NONBLOCK.bits();
    File::options().read(true).custom_flags(flags as i32).open(path)
}

/// Owner and mode of a secret thing.
pub(crate) struct Rights {
    pub(crate) owner: u32,
    pub(crate) mode: u32,
    /// The mode to recommend: `600` for a file, `700` for a directory.
    pub(crate) file: &'static str,
}

impl Rights {
    pub(crate) fn check(&self, path: &Path, us: u32) -> PortResult<()> {
        let shown = path.display();
        if self.owner != us && self.owner != 0 {
            let message = format!(
                "{shown} belongs to uid {0}, who could replace it; if that is the station's own user, run this as \
                 uid {0}, else chown {us} {shown}",
                self.owner
            );
            return Err(PortError::new(Kind::Invalid, message));
        }
        if self.mode & 0o077 != 0 {
            let message = format!(
                "{shown} is open to other users (mode {:03o}); chmod {} {shown}, and rotate the key if \
                 anybody else has been on this machine",
                self.mode & 0o777,
                self.file
            );
            return Err(PortError::new(Kind::Invalid, message));
        }
        Ok(())
    }
}

/// Writes a key durably, as [`write_text`] does.
pub(crate) fn write_new(path: &Path, line: &Line, role: KeyKind) -> PortResult<()> {
    write_text(path, &line.text(role))
}

/// Order: temporary file, fsync, rename that refuses to replace, fsync of the directory. After an error in the last
/// step the file may exist.
pub(crate) fn write_text(path: &Path, text: &str) -> PortResult<()> {
    let temporary = path.with_extension("tmp");
    destroy(&temporary)?;
    let cannot = |e: std::io::Error| {
        let kind = match e.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Kind::NoSpace,
            ErrorKind::ReadOnlyFilesystem => Kind::ReadOnly,
            _ => Kind::Failed,
        };
        failed(kind, "write the key file", &temporary, e)
    };
    let mut file = File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&temporary)
        .map_err(cannot)?;
    file.write_all(text.as_bytes()).map_err(cannot)?;
    file.sync_all().map_err(cannot)?;
    rustix::fs::renameat_with(CWD, &temporary, CWD, path, RenameFlags::NOREPLACE).map_err(|e| {
        if e == rustix::io::Errno::EXIST {
            let message = format!("{} is there already and is never replaced", path.display());
            return PortError::new(Kind::Invalid, message);
        }
        failed(Kind::Failed, "put the key file in place as", path, e)
    })?;
    sync_folder(path)
}

/// Puts `next` where `current` is. Order: the old secret is zeroed, the rename replaces it, the
/// directory is synced. A crash after the zeroing leaves a `current` that holds no key; by then the
/// chain expects the key in `next`, so the next start finds it.
pub(crate) fn replace(current: &Path, next: &Path) -> PortResult<()> {
    zero(current);
    std::fs::rename(next, current)
        .map_err(|e| failed(Kind::Unknown, "put the new key in place as", current, e))?;
    sync_folder(current)
}

/// Removes a leftover that may hold a secret; absent is fine.
pub(crate) fn destroy(path: &Path) -> PortResult<()> {
    zero(path);
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != ErrorKind::NotFound => {
            Err(failed(Kind::Failed, "remove the leftover", path, e))
        }
        _ => Ok(()),
    }
}

/// Overwrites a secret, as far as the file system lets us: it may well keep the old blocks.
fn zero(path: &Path) {
    let no_follow = (OFlags::NOFOLLOW.bits() | OFlags::NONBLOCK.bits()) as i32;
    let Ok(mut file) = File::options().write(true).custom_flags(no_follow).open(path) else {
        return;
    };
    let length = file.metadata().map_or(0, |m| m.len().min(FILE_BYTES_MAX));
    let wiped = file.write_all(&vec![0; length as usize]).and_then(|()| file.sync_all());
    // The rename or removal that follows counts; this is only to leave less behind.
    drop(wiped);
}

fn sync_folder(path: &Path) -> PortResult<()> {
    let folder = path.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf);
    File::open(&folder)
        .and_then(|f| f.sync_all())
        .map_err(|e| failed(Kind::Unknown, "sync the key directory", &folder, e))
}

/// Makes the key directory, or checks that the one found is private.
pub(crate) fn private_folder(path: &Path) -> PortResult<()> {
    match rustix::fs::mkdir(path, Mode::RWXU) {
        Ok(()) => return sync_folder(path),
        Err(rustix::io::Errno::EXIST) => {}
        Err(e) => return Err(failed(Kind::Failed, "make the key directory", path, e)),
    }
    let meta = std::fs::symlink_metadata(path)
        .map_err(|e| failed(Kind::Failed, "look at the key directory", path, e))?;
    if !meta.is_dir() {
        return Err(failed(Kind::Invalid, "keep keys in", path, "it is not a directory"));
    }
    let rights = Rights { owner: meta.uid(), mode: meta.permissions().mode(), file: "700" };
    rights.check(path, rustix::process::geteuid().as_raw())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ours_or_roots_and_only_for_us() {
        let rights = |owner, mode| Rights { owner, mode, file: "600" };
        let path = Path::new("keys/log.key");
        for (owner, us) in [(1000, 1000), (0, 1000), (0, 0)] {
            rights(owner, 0o100_600).check(path, us).unwrap();
        }
        let stranger = rights(1001, 0o100_600).check(path, 1000).unwrap_err();
        assert!(stranger.message.ends_with("chown 1000 keys/log.key"), "{stranger}");
        for mode in [0o640, 0o604, 0o660, 0o601] {
            let open = rights(1000, 0o100_000 | mode).check(path, 1000).unwrap_err();
            assert!(open.message.contains("chmod 600 keys/log.key"), "{open}");
        }
    }
}
