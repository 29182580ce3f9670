//! The station's own files and folders, told by device and inode and not by path: a bind mount, a second
//! mount of the same disk or a hard link gives them another name.

use sealdock_core::ports::FileIdentity;
use std::collections::HashSet;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// Station directory, keys and vault, the vault's parts. What lies deeper is told by the gate, which
/// compares every file with its own stored copy.
const LEVELS: u32 = 2;

/// Everything of ours at and below `places`.
pub fn things(places: &[PathBuf]) -> HashSet<FileIdentity> {
    let mut found = HashSet::new();
    places.iter().for_each(|place| add(place, LEVELS, &mut found));
    found
}

/// `None` if it is not there.
pub fn identity(path: &Path) -> Option<FileIdentity> {
    let facts = std::fs::symlink_metadata(path).ok()?;
    Some(FileIdentity { device: facts.dev(), inode: facts.ino() })
}

fn add(path: &Path, levels: u32, found: &mut HashSet<FileIdentity>) {
    found.extend(identity(path));
    if levels == 0 || !path.is_dir() || path.is_symlink() {
        return;
    }
    for entry in std::fs::read_dir(path).into_iter().flatten().flatten() {
        add(&entry.path(), levels - 1, found);
    }
}
