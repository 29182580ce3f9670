//! A kept file whose bytes rotted makes room for the good ones: it is moved, never deleted, and nothing is
//! replaced.
//!
//! Durable effects, in order: aside directory made · immutable flag taken away · rename without replacing ·
//! both directories synced. A cut in between leaves the file under one of its two names.

use crate::errors::{damaged as contradicts, unknown};
use crate::faults::{Errno, Step};
use crate::layout::Spot;
use crate::removal::unlock;
use crate::tree::{Tree, open_file};
use rustix::fs::{OFlags, RenameFlags, renameat_with};
use sealdock_core::custody::DamagedKept;
use sealdock_core::ports::{Kind, Place, PortError, PortResult};
use std::os::fd::{AsFd, OwnedFd};

pub(crate) fn displace(tree: &Tree, damaged: &DamagedKept) -> PortResult<()> {
    let from = Spot::of(&Place::Kept(damaged.clip()))?;
    let to = Spot::of(&Place::Aside(damaged.found()))?;
    let Some(directory) = tree.directory(&from)? else { return Err(stays(&from, "it is gone")) };
    let Some(stat) = tree.look(&from)? else { return Err(stays(&from, "it is gone")) };
    if damaged.file().is_some_and(|file| (file.device, file.inode) != (stat.st_dev, stat.st_ino)) {
        return Err(stays(&from, "it is another file than the one that was read"));
    }
    let aside = tree.make_directory(&to)?;
    unlock(tree, &directory, &from)?;
    if let Err(error) = rename(tree, (&directory, &from), (&aside, &to)) {
        lock_again(tree, &directory, &from);
        return Err(error);
    }
    lock_again(tree, &aside, &to);
    tree.sync_dir(aside.as_fd(), &to.to_string())?;
    tree.sync_dir(directory.as_fd(), &from.to_string())
}

fn rename(
    tree: &Tree,
    (directory, from): (&OwnedFd, &Spot),
    (aside, to): (&OwnedFd, &Spot),
) -> PortResult<()> {
    let moved = tree.faults.pass(Step::Rename, || {
        let (old, new) = (from.name.as_str(), to.name.as_str());
        renameat_with(directory, old, aside, new, RenameFlags::NOREPLACE)
    });
    match moved {
        Ok(()) => Ok(()),
        Err(Errno::EXIST) => Err(stays(from, &format!("{to} is there already"))),
        Err(Errno::NOENT) => Err(contradicts(from, "came and went")),
        Err(errno @ (Errno::PERM | Errno::ACCESS | Errno::ROFS | Errno::NOSPC | Errno::INVAL)) => {
            Err(stays(from, &errno.to_string()))
        }
        Err(errno) => Err(unknown("move aside", from, errno)),
    }
}

fn lock_again(tree: &Tree, directory: &OwnedFd, spot: &Spot) {
    if let Ok(file) = open_file(directory.as_fd(), &spot.name, OFlags::empty()) {
        tree.lock_down(file.as_fd());
    }
}

fn stays(spot: &Spot, why: &str) -> PortError {
    PortError::new(
        Kind::Failed,
        format!("the damaged {spot} was not moved aside: {why}; run `sealdock check --deep`"),
    )
}
