//! The one file: found beneath the root without following anything, measured, hashed once more, and only
//! then unlinked by the directory it was found in.

use crate::error::{Kind, WiperError, WiperResult};
use crate::notice::STRICT;
use rustix::fs::{AtFlags, FileType, Mode, OFlags, ResolveFlags, Stat};
use rustix::io::Errno;
use sealdock_chain::Digest;
use sha2::{Digest as _, Sha256};
use std::io::Read as _;
use std::os::fd::OwnedFd;

/// Nothing upwards, no link of any kind, no other file system.
pub(crate) const BENEATH: ResolveFlags = STRICT.union(ResolveFlags::NO_XDEV);

/// Longest path the kernel takes, bytes, without the closing zero.
const PATH_BYTES_MAX: usize = 4095;

const BLOCK_BYTES: usize = 1 << 20;

/// What the file must be.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    pub name: &'a [u8],
    pub size: u64,
    pub sha256: Digest,
}

/// Deletes the file if it is the expected one.
/// Order: open without following, size, digest, the name is still that file, unlink, the name is gone.
///
/// # Errors
/// Another file, no file, or a medium that refuses; the file is still there, except `Unknown`.
pub fn delete(root: &OwnedFd, expected: Expected) -> WiperResult<()> {
    let (folder, leaf) = split(expected.name)?;
    let failed = |doing: &str, e| refused(doing, expected.name, e);
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = rustix::fs::openat2(root, folder, flags, Mode::empty(), BENEATH)
        .map_err(|e| failed("reach", e))?;
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = rustix::fs::openat2(&folder, leaf, flags, Mode::empty(), BENEATH)
        .map_err(|e| failed("open", e))?;
    let before = rustix::fs::fstat(&file).map_err(|e| failed("look at", e))?;
    if FileType::from_raw_mode(before.st_mode) != FileType::RegularFile {
        return Err(other(expected.name, "it is no plain file"));
    }
    if u64::try_from(before.st_size) != Ok(expected.size) {
        let why = format!("it has {} bytes, not {}", before.st_size, expected.size);
        return Err(other(expected.name, &why));
    }
    let mut file = std::fs::File::from(file);
    let digest = hash(&mut file).map_err(|e| WiperError {
        message: format!("{}; {} was not deleted", e.message, shown(expected.name)),
        ..e
    })?;
    if digest != expected.sha256 {
        return Err(other(expected.name, &format!("its SHA-256 is {digest}")));
    }
    let after = rustix::fs::fstat(&file).map_err(|e| failed("look at", e))?;
    let named = rustix::fs::statat(&folder, leaf, AtFlags::SYMLINK_NOFOLLOW)
        .map_err(|e| failed("look at", e))?;
    if same(&before) != same(&after) || same(&before) != same(&named) {
        return Err(other(expected.name, "it changed while it was read"));
    }
    rustix::fs::unlinkat(&folder, leaf, AtFlags::empty()).map_err(|e| failed("delete", e))?;
    match rustix::fs::statat(&folder, leaf, AtFlags::SYMLINK_NOFOLLOW) {
        Err(Errno::NOENT) => Ok(()),
        _ => Err(WiperError::new(
            Kind::Unknown,
            format!("{} was deleted and is still listed; dock it again", shown(expected.name)),
        )),
    }
}

/// What tells one file, unchanged, from another.
fn same(stat: &Stat) -> impl PartialEq + use<> {
    (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime, stat.st_mtime_nsec)
}

fn hash(file: &mut std::fs::File) -> WiperResult<Digest> {
    let mut hasher = Sha256::new();
    let mut block = vec![0; BLOCK_BYTES];
    loop {
        match file.read(&mut block) {
            Ok(0) => return Ok(Digest(hasher.finalize().into())),
            Ok(filled) => hasher.update(&block[..filled]),
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(WiperError::file("read", "the file".as_ref(), &e)),
        }
    }
}

/// Folder and leaf of a name that leads strictly downwards.
pub(crate) fn split(name: &[u8]) -> WiperResult<(&[u8], &[u8])> {
    let bad = |part: &[u8]| part.is_empty() || part == b"." || part == b"..";
    if name.len() > PATH_BYTES_MAX || name.contains(&0) || name.split(|b| *b == b'/').any(bad) {
        let message = format!("{} is no name on a recorder; nothing was changed", shown(name));
        return Err(WiperError::new(Kind::Invalid, message));
    }
    Ok(match name.iter().rposition(|b| *b == b'/') {
        Some(slash) => (&name[..slash], &name[slash + 1..]),
        None => (b".", name),
    })
}

pub(crate) fn refused(doing: &str, name: &[u8], errno: Errno) -> WiperError {
    let why = match errno {
        Errno::LOOP => "a symbolic link is in the way; nothing was changed".to_owned(),
        Errno::XDEV => "it leads out of the volume; nothing was changed".to_owned(),
        other => return WiperError::kernel(doing, &shown(name), other),
    };
    WiperError::new(Kind::Invalid, format!("cannot {doing} {}: {why}", shown(name)))
}

fn other(name: &[u8], why: &str) -> WiperError {
    let message = format!(
        "{} is not the file that was permitted: {why}; nothing was deleted, dock the recorder again",
        shown(name)
    );
    WiperError::new(Kind::Damaged, message)
}

/// A stranger's bytes for a message, inert and short.
pub(crate) fn shown(name: &[u8]) -> String {
    let text = String::from_utf8_lossy(&name[..name.len().min(200)]);
    let inert =
        |c: char| if c.is_ascii_graphic() || c == ' ' || c.is_alphanumeric() { c } else { '?' };
    text.chars().map(inert).collect()
}
