//! What is asked of the kernel itself: proof that nobody holds a volume, and a read-write mount that is
//! attached nowhere. No path leads to that mount, and it ends with the descriptor, also when this process
//! is killed: a volume can never be left writable.

use crate::error::{Kind, WiperError, WiperResult};
use crate::keeper::mountable;
use crate::loops;
use crate::options;
use crate::volume::Volume;
use rustix::fs::{Advice, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;
use rustix::mount::{self, FsMountFlags, FsOpenFlags, MountAttrFlags};
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::time::Duration;

/// The kernel finishes an unmount a moment after the call returns, and udev looks into what was closed.
const RELEASE_TRIES: u32 = 200;
const RELEASE_PAUSE: Duration = Duration::from_millis(25);

/// No loop device is over it any more; then opens the device for exclusive use, which the kernel allows only
/// when no file system holds it in any mount namespace, throws away what is cached of it, and lets it go.
/// `sys` is where sysfs is.
///
/// # Errors
/// `Failed`: somebody holds it. `Missing`: it is gone.
pub fn free(sys: &Path, volume: &Volume) -> WiperResult<()> {
    let flags = OFlags::RDONLY | OFlags::EXCL | OFlags::CLOEXEC | OFlags::NONBLOCK;
    for _ in 0..RELEASE_TRIES {
        // A loop device does not hold what it is over exclusively, and goes a moment after its last mount.
        if loops::over(sys, &volume.node)?.is_some() {
            std::thread::sleep(RELEASE_PAUSE);
            continue;
        }
        match rustix::fs::open(&volume.node, flags, Mode::empty()) {
            Ok(device) => {
                return rustix::fs::fadvise(&device, 0, None, Advice::DontNeed)
                    .map_err(|e| kernel("empty the cache of", volume, e));
            }
            Err(Errno::BUSY) => std::thread::sleep(RELEASE_PAUSE),
            Err(e) => return Err(kernel("open", volume, e)),
        }
    }
    let message = format!(
        "{} in {} is still in use; close what reads from it and dock the recorder again",
        volume.name, volume.bay
    );
    Err(WiperError::new(Kind::Failed, message))
}

/// The root of the volume on a detached read-write mount.
///
/// # Errors
/// `ReadOnly`: write-protected, or its journal was never closed. `Failed`: a loop device is over it, `sys` being
/// where sysfs is. Else what the kernel says.
pub fn writable(sys: &Path, volume: &Volume) -> WiperResult<OwnedFd> {
    let fs = mountable(volume)?;
    if volume.read_only {
        return Err(read_only(volume, "it is write-protected"));
    }
    if fs == "ext4" && journal_is_open(volume)? {
        return Err(read_only(
            volume,
            "its journal was not closed, and replaying it would write what nobody permitted",
        ));
    }
    let root = detached(volume, fs).map_err(|e| match e {
        Errno::ROFS | Errno::ACCESS => read_only(volume, "it cannot be written to"),
        e => kernel("mount", volume, e),
    })?;
    let state = rustix::fs::fstatvfs(&root).map_err(|e| kernel("look at", volume, e))?;
    if state.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY) {
        return Err(read_only(volume, "the kernel mounts it read-only"));
    }
    // The mount keeps file systems away. A loop device it does not keep away: one that came since the volume
    // was proven free would show somebody what is being deleted.
    if let Some(over) = loops::over(sys, &volume.node)? {
        let message = format!(
            "{} in {} is read through {}; end that and dock the recorder again; nothing was deleted",
            volume.name, volume.bay, over.name
        );
        return Err(WiperError::new(Kind::Failed, message));
    }
    Ok(root)
}

fn detached(volume: &Volume, fs: &str) -> Result<OwnedFd, Errno> {
    let context = mount::fsopen(fs, FsOpenFlags::FSOPEN_CLOEXEC)?;
    mount::fsconfig_set_string(&context, "source", &volume.node)?;
    for (key, value) in options::writable(fs) {
        match value {
            Some(value) => mount::fsconfig_set_string(&context, key, value)?,
            None => mount::fsconfig_set_flag(&context, key)?,
        }
    }
    mount::fsconfig_create(&context)?;
    let attributes = MountAttrFlags::MOUNT_ATTR_NODEV
        | MountAttrFlags::MOUNT_ATTR_NOSUID
        | MountAttrFlags::MOUNT_ATTR_NOEXEC
        | MountAttrFlags::MOUNT_ATTR_NOATIME
        | MountAttrFlags::MOUNT_ATTR_NOSYMFOLLOW;
    let mounted = mount::fsmount(&context, FsMountFlags::FSMOUNT_CLOEXEC, attributes)?;
    // A mount's own descriptor cannot be synced; its root directory can, and keeps it alive as well.
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let root = rustix::fs::openat2(&mounted, ".", flags, Mode::empty(), ResolveFlags::BENEATH)?;
    Ok(root)
}

/// Offset of the superblock, its magic number and its incompatible features (ext4(5), on-disk layout).
const SUPERBLOCK: u64 = 1024;
const MAGIC_AT: usize = 0x38;
const MAGIC: [u8; 2] = [0x53, 0xef];
const INCOMPATIBLE_AT: usize = 0x60;
const NEEDS_RECOVERY: u8 = 0x04;

fn journal_is_open(volume: &Volume) -> WiperResult<bool> {
    let failed = |e: std::io::Error| WiperError::file("read", &volume.node, &e);
    let mut block = [0; 0x64];
    let device = std::fs::File::open(&volume.node).map_err(failed)?;
    device.read_exact_at(&mut block, SUPERBLOCK).map_err(failed)?;
    if block[MAGIC_AT..MAGIC_AT + 2] != MAGIC {
        let message = format!("{} holds no ext4 any more; dock the recorder again", volume.name);
        return Err(WiperError::new(Kind::Damaged, message));
    }
    Ok(block[INCOMPATIBLE_AT] & NEEDS_RECOVERY != 0)
}

fn read_only(volume: &Volume, why: &str) -> WiperError {
    let message =
        format!("{} in {} is not writable: {why}; nothing was changed", volume.name, volume.bay);
    WiperError::new(Kind::ReadOnly, message)
}

fn kernel(doing: &str, volume: &Volume, errno: Errno) -> WiperError {
    WiperError::kernel(doing, &format!("{} in {}", volume.name, volume.bay), errno)
}
