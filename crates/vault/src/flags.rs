//! The immutable flag on what is stored. Copying a vault, as a restore does, loses the flags of all files, and
//! nothing else would set them again.

use crate::errors::refused;
use crate::faults::Errno;
use crate::inventory::walk;
use crate::layout::Spot;
use crate::tree::{Tree, open_file};
use rustix::fs::{AtFlags, OFlags, StatxAttributes, StatxFlags, statx};
use sealdock_core::ports::{Place, PortResult};
use std::os::fd::AsFd;

/// How many stored files have the flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flags {
    /// Clips, objects and what stands aside; sidecars never have it.
    pub files: u64,
    pub lacking: u64,
}

/// Counts; with `set`, gives the flag to those that lack it and can have it. One that still lacks it afterwards
/// lies on a file system without flags, or the process may not set them.
pub(crate) fn flags(tree: &Tree, set: bool) -> PortResult<Flags> {
    let mut flags = Flags::default();
    for found in walk(tree.root.as_fd())? {
        if !matches!(found.place, Place::Kept(_) | Place::Object(_) | Place::Aside(_)) {
            continue;
        }
        let spot = Spot::of(&found.place)?;
        let mut has = has_flag(tree, &spot)?;
        if set && has == Some(false) {
            lock(tree, &spot)?;
            has = has_flag(tree, &spot)?;
        }
        // Gone meanwhile: disposed of.
        let Some(has) = has else { continue };
        flags.files += 1;
        flags.lacking += u64::from(!has);
    }
    Ok(flags)
}

fn has_flag(tree: &Tree, spot: &Spot) -> PortResult<Option<bool>> {
    let Some(directory) = tree.directory(spot)? else { return Ok(None) };
    match statx(&directory, spot.name.as_str(), AtFlags::SYMLINK_NOFOLLOW, StatxFlags::TYPE) {
        Ok(facts) => Ok(Some(facts.stx_attributes.contains(StatxAttributes::IMMUTABLE))),
        Err(Errno::NOENT) => Ok(None),
        Err(errno) => Err(refused("look at", spot, errno)),
    }
}

fn lock(tree: &Tree, spot: &Spot) -> PortResult<()> {
    let Some(directory) = tree.directory(spot)? else { return Ok(()) };
    match open_file(directory.as_fd(), &spot.name, OFlags::empty()) {
        Ok(file) => {
            tree.lock_down(file.as_fd());
            Ok(())
        }
        Err(Errno::NOENT) => Ok(()),
        Err(errno) => Err(refused("open", spot, errno)),
    }
}
