//! The one way in which a kept clip leaves a vault: by a permit that stands for an intent in the chain.
//!
//! Durable effects, in order: sidecars unlinked · the immutable flag taken away · the clip unlinked · its
//! directory synced. A cut in between leaves a clip without sidecars, which can be made again, or without
//! the flag; asking again goes on from there.

use crate::errors::{damaged, refused, unknown};
use crate::faults::{Errno, Step};
use crate::layout::{SIDECARS, Spot};
use crate::tree::{Tree, open_file};
use rustix::fs::{AtFlags, IFlags, OFlags, ioctl_getflags, ioctl_setflags, unlinkat};
use sealdock_core::keep::DisposalPermit;
use sealdock_core::ports::{Place, PortError, PortResult};
use std::os::fd::{AsFd, OwnedFd};

pub(crate) fn remove(tree: &Tree, permit: &DisposalPermit) -> PortResult<()> {
    let spot = Spot::of(&Place::Kept(permit.sha256()))?;
    let Some(directory) = tree.directory(&spot)? else { return Ok(()) };
    let there = tree.look(&spot)?;
    if there.is_some_and(|stat| stat.st_size.unsigned_abs() != permit.size()) {
        return Err(damaged(&spot, "has another size than the permit to remove it says"));
    }
    for kind in SIDECARS {
        let sidecar = Spot::of(&Place::Sidecar(permit.sha256(), kind.to_owned()))?;
        if tree.look(&sidecar)?.is_some() {
            unlink(tree, &directory, &sidecar)?;
        }
    }
    if there.is_some() {
        unlock(tree, &directory, &spot)?;
        if let Err(error) = unlink(tree, &directory, &spot) {
            // It may be there still, and then it is as protected as before.
            if let Ok(file) = open_file(directory.as_fd(), &spot.name, OFlags::empty()) {
                tree.lock_down(file.as_fd());
            }
            return Err(error);
        }
    }
    // Also when it was gone before: that may never have reached the medium.
    tree.sync_dir(directory.as_fd(), &spot.to_string())
}

fn unlink(tree: &Tree, directory: &OwnedFd, spot: &Spot) -> PortResult<()> {
    let gone = tree
        .faults
        .pass(Step::Unlink, || unlinkat(directory, spot.name.as_str(), AtFlags::empty()));
    match gone {
        Ok(()) => Ok(()),
        Err(errno @ (Errno::PERM | Errno::ACCESS | Errno::ROFS | Errno::BUSY)) => {
            Err(refused("remove", spot, errno))
        }
        Err(errno) => Err(unknown("remove", spot, errno)),
    }
}

/// An immutable file cannot be unlinked. File systems without flags have nothing to take away.
fn unlock(tree: &Tree, directory: &OwnedFd, spot: &Spot) -> PortResult<()> {
    let file = open_file(directory.as_fd(), &spot.name, OFlags::empty())
        .map_err(|errno| refused("open", spot, errno))?;
    let unlocked = tree.faults.pass(Step::Unlock, || {
        let Ok(flags) = ioctl_getflags(&file) else { return Ok(()) };
        match flags.contains(IFlags::IMMUTABLE) {
            true => ioctl_setflags(&file, flags - IFlags::IMMUTABLE),
            false => Ok(()),
        }
    });
    unlocked.map_err(|errno| match errno {
        Errno::PERM => PortError::new(
            sealdock_core::ports::Kind::Failed,
            format!("cannot remove {spot}: its immutable flag can be taken away only with CAP_LINUX_IMMUTABLE; run the station as its service"),
        ),
        other => refused("unlock", spot, other),
    })
}
