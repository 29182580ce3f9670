//! The vault's directories, opened once; everything below is reached from these descriptors and no
//! link is ever followed. So a disk that is unmounted or replaced under a running station cannot
//! turn a copy into a file on the system disk.

use crate::errors::{damaged, refused, unknown};
use crate::faults::{Errno, Faults, Step};
use crate::layout::{Area, Spot};
use rustix::fs::{AtFlags, FileType, IFlags, Mode, OFlags, RenameFlags, Stat};
use rustix::fs::{fchmod, fsync, ioctl_getflags, ioctl_setflags, mkdirat, openat, renameat_with};
use rustix::fs::{statat, unlinkat};
use sealdock_core::ports::{PortError, PortResult};
use std::collections::HashSet;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

const OURS_ALONE: Mode = Mode::RWXU;
/// While a copy is under way.
pub(crate) const WRITABLE: Mode = Mode::from_raw_mode(0o600);
/// Kept for good.
pub(crate) const READ_ONLY: Mode = Mode::from_raw_mode(0o440);

/// Open directories and what is known of them.
#[derive(Debug)]
pub(crate) struct Tree {
    pub root: OwnedFd,
    areas: Vec<(Area, OwnedFd)>,
    /// Two-digit directories whose own entry is known to be on the medium. A directory that merely
    /// exists proves nothing: it may stem from a run that was cut off before its sync.
    durable: Mutex<HashSet<String>>,
    pub faults: Faults,
    immutable: bool,
}

impl Tree {
    pub fn open(root: OwnedFd, faults: Faults, immutable: bool) -> PortResult<Tree> {
        let mut areas = Vec::new();
        for area in Area::ALL {
            let directory = open_dir(root.as_fd(), area.name())
                .map_err(|errno| refused("open the vault's directory", area.name(), errno))?;
            areas.push((area, directory));
        }
        Ok(Tree { root, areas, durable: Mutex::default(), faults, immutable })
    }

    pub fn area(&self, area: Area) -> BorrowedFd<'_> {
        let (_, directory) =
            self.areas.iter().find(|(of, _)| *of == area).expect("all areas are opened");
        directory.as_fd()
    }

    /// The directory of `spot`, or `None` if it was never made.
    pub fn directory(&self, spot: &Spot) -> PortResult<Option<OwnedFd>> {
        let mut at = copy(self.area(spot.area), spot)?;
        for shard in &spot.shards {
            at = match open_dir(at.as_fd(), shard) {
                Ok(directory) => directory,
                Err(Errno::NOENT) => return Ok(None),
                Err(errno) => return Err(refused("open the directory of", spot, errno)),
            };
        }
        Ok(Some(at))
    }

    /// The directory of `spot`, made if needed. When this returns, every level is on the medium.
    pub fn make_directory(&self, spot: &Spot) -> PortResult<OwnedFd> {
        let mut at = copy(self.area(spot.area), spot)?;
        let mut path = spot.area.name().to_owned();
        for shard in &spot.shards {
            path = format!("{path}/{shard}");
            at = self.make_level(at.as_fd(), shard, &path)?;
        }
        Ok(at)
    }

    fn make_level(&self, parent: BorrowedFd<'_>, name: &str, path: &str) -> PortResult<OwnedFd> {
        let known = self.durable.lock().unwrap_or_else(PoisonError::into_inner).contains(path);
        if !known {
            let made = self.faults.pass(Step::MakeDir, || mkdirat(parent, name, OURS_ALONE));
            if let Err(errno) = made
                && errno != Errno::EXIST
            {
                return Err(refused("make the directory", path, errno));
            }
            self.sync_dir(parent, path)?;
            self.durable.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned());
        }
        open_dir(parent, name).map_err(|errno| refused("open the directory", path, errno))
    }

    /// Makes the entries of a directory durable.
    pub fn sync_dir(&self, directory: BorrowedFd<'_>, what: &str) -> PortResult<()> {
        self.faults
            .pass(Step::SyncDir, || fsync(directory))
            .map_err(|errno| unknown("sync the directory of", what, errno))
    }

    /// Renames out of `incoming/`, never over anything. `false`: the name is taken.
    pub fn settle(&self, name: &str, to: BorrowedFd<'_>, spot: &Spot) -> PortResult<bool> {
        let from = self.area(Area::Incoming);
        let renamed = self.faults.pass(Step::Rename, || {
            renameat_with(from, name, to, spot.name.as_str(), RenameFlags::NOREPLACE)
        });
        match renamed {
            Ok(()) => Ok(true),
            Err(Errno::EXIST) => Ok(false),
            Err(errno) => Err(rename_error(spot, errno)),
        }
    }

    /// Takes the right to write from what is kept. Best effort: custody rests on digests, not on this.
    pub fn lock_down(&self, file: BorrowedFd<'_>) {
        if fchmod(file, READ_ONLY).is_ok() && self.immutable {
            // Needs CAP_LINUX_IMMUTABLE and a file system that has the flag.
            let flags = ioctl_getflags(file).unwrap_or(IFlags::empty());
            if let Err(errno) = ioctl_setflags(file, flags | IFlags::IMMUTABLE) {
                tracing::debug!(%errno, "no immutable flag on a kept file");
            }
        }
    }

    /// Metadata of a regular file of ours; `None` if it is not there.
    pub fn look(&self, spot: &Spot) -> PortResult<Option<Stat>> {
        let Some(directory) = self.directory(spot)? else { return Ok(None) };
        match statat(&directory, spot.name.as_str(), AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) if is_regular(&stat) => Ok(Some(stat)),
            Ok(_) => Err(damaged(spot, "is not a regular file")),
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(refused("look at", spot, errno)),
        }
    }

    pub fn remove_incoming(&self, name: &str) -> PortResult<()> {
        match unlinkat(self.area(Area::Incoming), name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(errno) => Err(refused("remove the copy", format!("incoming/{name}"), errno)),
        }
    }
}

/// What a failed rename says: most errors come before anything is touched, the rest leave it open.
fn rename_error(spot: &Spot, errno: Errno) -> PortError {
    match errno {
        Errno::INVAL => PortError::new(
            sealdock_core::ports::Kind::Failed,
            format!(
                "cannot keep {spot}: this file system cannot rename without replacing; put the vault \
                 on ext4, xfs or btrfs"
            ),
        ),
        Errno::NOSPC
        | Errno::DQUOT
        | Errno::ROFS
        | Errno::PERM
        | Errno::ACCESS
        | Errno::NOENT
        | Errno::XDEV
        | Errno::MLINK => refused("keep", spot, errno),
        _ => unknown("rename", spot, errno),
    }
}

pub(crate) fn is_regular(stat: &Stat) -> bool {
    FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile
}

pub(crate) fn open_dir(
    parent: BorrowedFd<'_>,
    name: impl rustix::path::Arg,
) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(parent, name, flags, Mode::empty())
}

/// The directory the operator named. It alone may be reached through a link: that choice is theirs.
pub(crate) fn open_root(path: &Path) -> Result<OwnedFd, Errno> {
    rustix::fs::open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
}

/// Opens a file for reading without following or waiting for anything: a pipe planted in the vault
/// would otherwise block for ever.
pub(crate) fn open_file(
    directory: BorrowedFd<'_>,
    name: &str,
    extra: OFlags,
) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK | extra;
    openat(directory, name, flags, Mode::empty())
}

fn copy(directory: BorrowedFd<'_>, spot: &Spot) -> PortResult<OwnedFd> {
    rustix::io::fcntl_dupfd_cloexec(directory, 0)
        .map_err(|errno| refused("open the directory of", spot, errno))
}
