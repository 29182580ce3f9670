//! Unmounting throws away everything the kernel holds of a volume, if nobody else has it mounted. That
//! nobody has is proven: the kernel gives a block device for exclusive use only when it is free.

use crate::cold::own;
use crate::mountinfo::{self, Mount};
use crate::root::{Root, shown};
use rustix::fs::{Advice, AtFlags, CWD, Mode, OFlags, StatxFlags};
use rustix::io::Errno;
use rustix::mount::UnmountFlags;
use sealdock_core::ports::{Kind, PortError, PortResult};
use std::ffi::CString;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::Duration;

/// How the remount ended, where the recorder is still there.
pub enum Remounted {
    /// Everything is cold.
    Cold(Root),
    /// We may not, or somebody else keeps the volume mounted: it stands as it was, and is not cold.
    NotCold(Root),
}

/// The kernel finishes an unmount a moment after the call returns; and a child process that this one
/// starts holds every open file for the moment until it runs its own program.
const RELEASE_TRIES: u32 = 40;
const RELEASE_PAUSE: Duration = Duration::from_millis(25);

/// The mount to renew, if the root is a whole volume of a block device.
pub fn volume_of(root: &Root) -> PortResult<Option<Mount>> {
    if !root.is_mount_point {
        return Ok(None);
    }
    let mounts = mountinfo::mounts().map_err(|e| {
        let message = format!("cannot read {}: {e}", mountinfo::MOUNTINFO);
        PortError::new(Kind::Failed, message)
    })?;
    let mount = mounts.into_iter().find(|m| m.id == root.mount_id && m.point == root.path);
    Ok(mount.filter(Mount::is_whole_volume))
}

/// Unmounts and mounts again. Takes the root, because an open directory keeps a volume busy.
///
/// # Errors
/// `Failed` if something else uses the volume, or if it cannot be mounted again.
pub fn remount(root: Root, mount: &Mount) -> PortResult<Remounted> {
    let path = root.path.clone();
    drop(root);
    let lasting = hold_if_fleeting(mount);
    let own = own::begin(&path);
    match unmount(&path) {
        Ok(()) => {}
        Err(Errno::PERM | Errno::INVAL) => return Root::open(&path).map(Remounted::NotCold),
        Err(errno) => {
            let why = match errno {
                Errno::BUSY => "something else has a file of it open; close it".to_owned(),
                other => other.to_string(),
            };
            return Err(failed(&path, "unmounted for the second reading", &why));
        }
    }
    let released = wait_until_free(&mount.source);
    if let Some(device) = &lasting {
        // What a last close would have thrown away, had it been the last one.
        let _best_effort = rustix::fs::fadvise(device, 0, None, Advice::DontNeed);
    }
    mount_again(mount).map_err(|errno| {
        failed(&path, "mounted again after it was unmounted", &errno.to_string())
    })?;
    let root = Root::open(&path)?;
    own.became(unique_mount(&path).unwrap_or(root.mount_id));
    if root.device != (mount.major, mount.minor) {
        return Err(failed(&path, "mounted again", "another volume is there now"));
    }
    Ok(if released { Remounted::Cold(root) } else { Remounted::NotCold(root) })
}

/// `mount -o loop` makes a loop device that is taken apart on its last close, so also by unmounting:
/// nothing would be left to mount again. Held open it lasts.
fn hold_if_fleeting(mount: &Mount) -> Option<OwnedFd> {
    let flag = format!("/sys/dev/block/{}:{}/loop/autoclear", mount.major, mount.minor);
    let fleeting = std::fs::read(flag).is_ok_and(|flag| flag.starts_with(b"1"));
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    fleeting.then(|| rustix::fs::open(&mount.source, flags, Mode::empty()).ok()).flatten()
}

fn failed(path: &Path, doing: &str, why: &str) -> PortError {
    let message =
        format!("the recorder at {} cannot be {doing}: {why}; dock it again", shown(path));
    PortError::new(Kind::Failed, message)
}

fn unmount(path: &Path) -> Result<(), Errno> {
    for _ in 0..RELEASE_TRIES {
        match rustix::mount::unmount(path, UnmountFlags::NOFOLLOW) {
            Err(Errno::BUSY) => std::thread::sleep(RELEASE_PAUSE),
            other => return other,
        }
    }
    Err(Errno::BUSY)
}

/// Opens the device for exclusive use and lets it go: works only if no file system holds it, in this or
/// any other mount namespace.
fn wait_until_free(device: &Path) -> bool {
    let flags = OFlags::RDONLY | OFlags::EXCL | OFlags::CLOEXEC | OFlags::NONBLOCK;
    for _ in 0..RELEASE_TRIES {
        match rustix::fs::open(device, flags, Mode::empty()) {
            Ok(_) => return true,
            Err(Errno::BUSY) => std::thread::sleep(RELEASE_PAUSE),
            Err(_) => return false,
        }
    }
    false
}

fn mount_again(mount: &Mount) -> Result<(), Errno> {
    let (flags, own) = mount.as_mount_call();
    let own = CString::new(own).map_err(|_| Errno::INVAL)?;
    rustix::mount::mount(&mount.source, &mount.point, mount.fs_type.as_str(), flags, own.as_c_str())
}

/// The number of the mount at a path that is never used twice while the machine runs, where the kernel
/// has one (since Linux 6.8), else the ordinary number.
pub fn unique_mount(path: &Path) -> Option<u64> {
    let asked = StatxFlags::from_bits_retain(STATX_MNT_ID_UNIQUE) | StatxFlags::MNT_ID;
    let stat = rustix::fs::statx(CWD, path, AtFlags::SYMLINK_NOFOLLOW, asked).ok()?;
    Some(stat.stx_mnt_id)
}

/// Not yet named by rustix.
const STATX_MNT_ID_UNIQUE: u32 = 0x4000;
