//! What lies under a directory: file system, disks, encryption. `init` needs it to demand that the
//! mirror is on another physical disk, and to say whether footage lies encrypted.

use crate::errors::{invalid, refused};
use crate::tree::open_root;
use rustix::fs::{AtFlags, StatFs, StatVfsMountFlags, StatxFlags, fstatfs, fstatvfs, statx};
use sealdock_core::ports::PortResult;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

mod disks;

const TMPFS: u64 = 0x0102_1994;
const RAMFS: u64 = 0x8584_58f6;
/// File systems whose bytes lie on another machine: what they promise, this machine cannot know.
const REMOTE: [&str; 7] = ["nfs", "nfs4", "cifs", "smb3", "9p", "ceph", "virtiofs"];

/// What the kernel says of the place where a directory lies. Nothing here is proven: a virtual disk
/// looks like a disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiskFacts {
    /// `ext4`, `xfs`, …
    pub fs_type: String,
    /// `st_dev` of the directory.
    pub device: u64,
    /// What is mounted: `/dev/sda2`, …
    pub source: String,
    pub mount_point: PathBuf,
    /// Whole disks below partitions, mappings and arrays, as named in `/sys/block`. Empty if unknown.
    pub disks: BTreeSet<String>,
    /// Is there a dm-crypt layer? Disks that encrypt by themselves do not show. `None` if unknown.
    pub encrypted: Option<bool>,
    pub read_only: bool,
    /// Gone with the power.
    pub volatile: bool,
    /// On another machine.
    pub remote: bool,
}

impl DiskFacts {
    /// Would the loss of one disk take both places? `None` if the disks are not known.
    #[must_use]
    pub fn shares_disk_with(&self, other: &DiskFacts) -> Option<bool> {
        if self.device == other.device {
            return Some(true);
        }
        if self.disks.is_empty() || other.disks.is_empty() {
            return None;
        }
        Some(!self.disks.is_disjoint(&other.disks))
    }
}

/// Asks the kernel about the place of `dir`, which exists.
///
/// # Errors
/// `Missing` or `Failed` if it cannot be opened; `Invalid` if its mount cannot be found.
pub fn qualify(dir: &Path) -> PortResult<DiskFacts> {
    let shown = &dir.display();
    let root = open_root(dir).map_err(|errno| refused("open", shown, errno))?;
    let facts = statx(&root, "", AtFlags::EMPTY_PATH, StatxFlags::BASIC_STATS | StatxFlags::MNT_ID)
        .map_err(|errno| refused("look at", shown, errno))?;
    let system = fstatfs(&root).map_err(|errno| refused("ask the file system of", shown, errno))?;
    let flags = fstatvfs(&root).map_err(|errno| refused("ask the file system of", shown, errno))?;
    let table = std::fs::read("/proc/self/mountinfo").map_err(|error| {
        invalid(format!("cannot read /proc/self/mountinfo: {error}; mount /proc"))
    })?;
    let mount = table
        .split(|byte| *byte == b'\n')
        .filter_map(Mount::parse)
        .find(|mount| mount.id == facts.stx_mnt_id)
        .ok_or_else(|| {
            invalid(format!("no mount is known for {shown}; name a directory this process sees"))
        })?;
    let number = device_number(&mount.source, (facts.stx_dev_major, facts.stx_dev_minor));
    let below = disks::below(Path::new("/sys"), number, &|file| lies_on(file, &table));
    Ok(DiskFacts {
        device: rustix::fs::makedev(facts.stx_dev_major, facts.stx_dev_minor),
        source: mount.source.to_string_lossy().into_owned(),
        mount_point: PathBuf::from(mount.point),
        disks: below.disks,
        encrypted: below.encrypted,
        read_only: flags.f_flag.contains(StatVfsMountFlags::RDONLY),
        volatile: is_volatile(&system),
        remote: REMOTE.contains(&mount.fs_type.as_str()),
        fs_type: mount.fs_type,
    })
}

pub(crate) fn is_volatile(system: &StatFs) -> bool {
    matches!(system.f_type as u64 & 0xffff_ffff, TMPFS | RAMFS)
}

/// btrfs and others have no block device number of their own; then the mounted device's is used.
fn device_number(source: &OsString, own: (u32, u32)) -> (u32, u32) {
    let path = Path::new(source);
    if own.0 != 0 || !path.starts_with("/dev") {
        return own;
    }
    std::fs::metadata(path)
        .map_or(own, |facts| (rustix::fs::major(facts.rdev()), rustix::fs::minor(facts.rdev())))
}

/// The block device on which a file lies.
fn lies_on(file: &Path, table: &[u8]) -> Option<(u32, u32)> {
    let asked = StatxFlags::BASIC_STATS | StatxFlags::MNT_ID;
    let facts = statx(rustix::fs::CWD, file, AtFlags::empty(), asked).ok()?;
    let own = (facts.stx_dev_major, facts.stx_dev_minor);
    let mount = table
        .split(|byte| *byte == b'\n')
        .filter_map(Mount::parse)
        .find(|mount| mount.id == facts.stx_mnt_id)?;
    Some(device_number(&mount.source, own))
}

/// One line of `/proc/self/mountinfo`, proc_pid_mountinfo(5).
#[derive(Debug, PartialEq, Eq)]
struct Mount {
    id: u64,
    point: OsString,
    fs_type: String,
    source: OsString,
}

impl Mount {
    fn parse(line: &[u8]) -> Option<Mount> {
        let fields: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
        // The number of optional fields varies; a lone dash ends them.
        let dash = fields.iter().position(|field| *field == b"-")?;
        Some(Mount {
            id: std::str::from_utf8(fields.first()?).ok()?.parse().ok()?,
            point: unescape(fields.get(4)?),
            fs_type: String::from_utf8_lossy(fields.get(dash + 1)?).into_owned(),
            source: unescape(fields.get(dash + 2)?),
        })
    }
}

/// The kernel writes blanks and backslashes as `\` and three octal digits.
fn unescape(field: &[u8]) -> OsString {
    let mut plain = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((first, after)) = rest.split_first() {
        let octal = (*first == b'\\').then(|| after.get(..3)).flatten();
        let value =
            octal.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok());
        plain.push(value.unwrap_or(*first));
        rest = if value.is_some() { &after[3..] } else { after };
    }
    OsString::from_vec(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mount_lines_are_read_whatever_their_names() {
        let line = br"36 35 98:0 / /mnt/a\040b\134c rw,noatime master:1 - ext4 /dev/sda1 rw";
        let mount = Mount::parse(line).unwrap();
        assert_eq!(mount.point, r"/mnt/a b\c");
        assert_eq!((mount.id, mount.fs_type.as_str()), (36, "ext4"));
        assert_eq!(mount.source, "/dev/sda1");
        for torn in
            ["", "36", "36 35 98:0 / /mnt", "x 35 98:0 / /mnt rw - ext4 a", "36 35 98:0 / /m rw -"]
        {
            assert_eq!(Mount::parse(torn.as_bytes()), None, "{torn}");
        }
        assert_eq!(unescape(br"\9\04"), r"\9\04");
    }

    #[test]
    fn this_very_directory_has_facts() {
        let facts = qualify(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        assert!(!facts.fs_type.is_empty() && facts.mount_point.is_absolute());
        assert_eq!(facts.shares_disk_with(&facts), Some(true));
        assert!(qualify(Path::new("/dev/shm")).unwrap().volatile);
    }
}
