//! The disk below a mounted volume, as sysfs knows it. A volume in a dock is mounted through a loop device
//! over it (the wiper's doing); every question is about what is below that.

use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

const SYS: &str = "/sys";

/// Where block devices have their nodes. A loop device over anything else is a disk of its own.
const DEV: &[u8] = b"/dev/";

/// What is below a mount.
#[derive(Debug, PartialEq, Eq)]
enum Below {
    /// The kernel's folder of the block device.
    Disk(PathBuf),
    /// The disk was pulled out: a mount outlives the device it is of, the kernel's list does not.
    Gone,
    /// No block device, or nobody can tell.
    Unknown,
}

/// How many commands the disk has failed so far.
pub fn faults(device: (u32, u32)) -> Option<u64> {
    // A partition lies in the folder of its disk.
    first(device, ["device/ioerr_cnt", "../device/ioerr_cnt"]).and_then(|count| fault_count(&count))
}

/// The kernel's number of this appearance of the disk. A partition's number is that of its disk.
pub fn sequence(device: (u32, u32)) -> Option<u64> {
    first(device, ["diskseq", "../diskseq"]).and_then(|text| text.trim().parse().ok())
}

pub fn is_gone(device: (u32, u32)) -> bool {
    below(Path::new(SYS), device) == Below::Gone
}

fn first(device: (u32, u32), names: [&str; 2]) -> Option<String> {
    let Below::Disk(folder) = below(Path::new(SYS), device) else { return None };
    names.iter().find_map(|name| std::fs::read_to_string(folder.join(name)).ok())
}

fn below(sys: &Path, (major, minor): (u32, u32)) -> Below {
    let list = sys.join("dev/block");
    if major == 0 || !list.exists() {
        return Below::Unknown;
    }
    let folder = list.join(format!("{major}:{minor}"));
    if !folder.exists() {
        return Below::Gone;
    }
    match std::fs::read(folder.join("loop/backing_file")) {
        Ok(backing) => below_loop(sys, folder, backing.trim_ascii_end()),
        Err(_) => Below::Disk(folder),
    }
}

/// Below a loop device: the block device it is over, or itself, if it is over a file.
fn below_loop(sys: &Path, own: PathBuf, backing: &[u8]) -> Below {
    let Some(name) = backing.strip_prefix(DEV) else { return Below::Disk(own) };
    // Nodes in folders of their own are not the kernel's names of disks.
    if name.contains(&b'/') {
        return Below::Disk(own);
    }
    // A node that is gone is called `sdb1 (deleted)`, as no disk is.
    let folder = sys.join("class/block").join(std::ffi::OsStr::from_bytes(name));
    if folder.exists() { Below::Disk(folder) } else { Below::Gone }
}

/// As the kernel's SCSI layer writes its counters: `0x1f`.
fn fault_count(text: &str) -> Option<u64> {
    u64::from_str_radix(text.trim().strip_prefix("0x")?, 16).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_counts_faults_in_hexadecimal() {
        assert_eq!(
            (fault_count("0x1f\n"), fault_count("31"), fault_count("")),
            (Some(31), None, None)
        );
    }

    /// `sdb1` is 8:17; 7:0 is a loop device over what `backing` says.
    fn sys(backing: Option<&str>) -> tempfile::TempDir {
        let sys = tempfile::tempdir().unwrap();
        for folder in ["dev/block/8:17", "class/block/sdb1", "dev/block/7:0/loop"] {
            std::fs::create_dir_all(sys.path().join(folder)).unwrap();
        }
        if let Some(backing) = backing {
            std::fs::write(sys.path().join("dev/block/7:0/loop/backing_file"), backing).unwrap();
        }
        sys
    }

    #[test]
    fn what_is_below_a_loop_device_is_the_disk_and_not_the_loop_device() {
        for (backing, wanted) in [
            (Some("/dev/sdb1\n"), Some("class/block/sdb1")),
            (Some("/dev/sdc1\n"), None),
            (Some("/dev/sdb1 (deleted)\n"), None),
            (Some("/srv/card.img\n"), Some("dev/block/7:0")),
            (Some("/dev/shm/card.img\n"), Some("dev/block/7:0")),
            (None, Some("dev/block/7:0")),
        ] {
            let sys = sys(backing);
            let wanted = wanted.map_or(Below::Gone, |folder| Below::Disk(sys.path().join(folder)));
            assert_eq!(below(sys.path(), (7, 0)), wanted, "{backing:?}");
        }
    }

    #[test]
    fn a_disk_that_the_kernel_no_longer_lists_is_gone_and_a_file_system_without_one_is_not() {
        let sys = sys(None);
        assert_eq!(below(sys.path(), (8, 33)), Below::Gone);
        assert_eq!(below(sys.path(), (0, 33)), Below::Unknown);
        assert_eq!(below(&sys.path().join("nothing"), (8, 33)), Below::Unknown);
    }
}
