//! `/proc/self/mountinfo` (proc(5)), line by line. A path in it is bytes with octal escapes; nothing in
//! it is trusted further than the kernel's word.

use rustix::mount::MountFlags;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

pub const MOUNTINFO: &str = "/proc/self/mountinfo";

/// One mount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    pub id: u64,
    /// Device number of the file system.
    pub major: u32,
    pub minor: u32,
    /// What part of the file system is mounted; `/` is all of it.
    pub root: PathBuf,
    pub point: PathBuf,
    /// Options of this mount: `ro,nosuid,…`.
    pub options: String,
    pub fs_type: String,
    pub source: PathBuf,
    /// Options of the file system.
    pub super_options: String,
}

/// All mounts this process sees.
///
/// # Errors
/// The kernel's table cannot be read.
pub fn mounts() -> std::io::Result<Vec<Mount>> {
    let table = std::fs::read(MOUNTINFO)?;
    Ok(table.split(|b| *b == b'\n').filter_map(parse).collect())
}

fn parse(line: &[u8]) -> Option<Mount> {
    let fields: Vec<&[u8]> = line.split(|b| *b == b' ').collect();
    let dash = fields.iter().skip(6).position(|f| *f == b"-")? + 6;
    let text = |n: usize| fields.get(n).map(|f| String::from_utf8_lossy(f).into_owned());
    let path = |n: usize| fields.get(n).map(|f| PathBuf::from(OsString::from_vec(unescape(f))));
    let device = text(2)?;
    let (major, minor) = device.split_once(':')?;
    Some(Mount {
        id: text(0)?.parse().ok()?,
        major: major.parse().ok()?,
        minor: minor.parse().ok()?,
        root: path(3)?,
        point: path(4)?,
        options: text(5)?,
        fs_type: text(dash + 1)?,
        source: path(dash + 2)?,
        super_options: text(dash + 3)?,
    })
}

/// `\040` and its like back to bytes.
fn unescape(field: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((first, tail)) = rest.split_first() {
        let octal = (*first == b'\\')
            .then(|| tail.get(..3))
            .flatten()
            .and_then(|d| u8::from_str_radix(std::str::from_utf8(d).ok()?, 8).ok());
        match octal {
            Some(byte) => {
                out.push(byte);
                rest = &tail[3..];
            }
            None => {
                out.push(*first);
                rest = tail;
            }
        }
    }
    out
}

impl Mount {
    /// Is it a whole file system of a block device, by its device node?
    pub fn is_whole_volume(&self) -> bool {
        self.root == Path::new("/") && self.source.starts_with("/dev") && self.major != 0
    }

    /// What `mount(2)` needs to mount it just so again: flags, and the file system's own options.
    pub fn as_mount_call(&self) -> (MountFlags, String) {
        let mut flags = MountFlags::empty();
        let mut own = Vec::new();
        for option in self.options.split(',') {
            flags |= flag(option).unwrap_or(MountFlags::empty());
        }
        if !flags.intersects(MountFlags::NOATIME | MountFlags::RELATIME) {
            flags |= MountFlags::STRICTATIME;
        }
        for option in self.super_options.split(',') {
            match flag(option) {
                Some(known) => flags |= known,
                // Shown by the kernel where SELinux labels the volume, but no option one may give.
                None if option.is_empty() || option == "seclabel" => {}
                None => own.push(option),
            }
        }
        (flags, own.join(","))
    }
}

fn flag(option: &str) -> Option<MountFlags> {
    Some(match option {
        "rw" => MountFlags::empty(),
        "ro" => MountFlags::RDONLY,
        "nosuid" => MountFlags::NOSUID,
        "nodev" => MountFlags::NODEV,
        "noexec" => MountFlags::NOEXEC,
        "noatime" => MountFlags::NOATIME,
        "nodiratime" => MountFlags::NODIRATIME,
        "relatime" => MountFlags::RELATIME,
        "sync" => MountFlags::SYNCHRONOUS,
        "dirsync" => MountFlags::DIRSYNC,
        "lazytime" => MountFlags::LAZYTIME,
        "nosymfollow" => MountFlags::NOSYMFOLLOW,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_with_its_optional_fields_and_escapes() {
        let line = br"36 35 7:3 / /mnt/A\040b\134 ro,nosuid,noatime shared:1 master:2 - vfat /dev/sdb1 rw,fmask=0022,errors=remount-ro";
        let mount = parse(line).unwrap();
        assert_eq!((mount.id, mount.major, mount.minor), (36, 7, 3));
        assert_eq!(mount.point, Path::new("/mnt/A b\\"));
        assert!(mount.is_whole_volume());
        let (flags, own) = mount.as_mount_call();
        assert_eq!(flags, MountFlags::RDONLY | MountFlags::NOSUID | MountFlags::NOATIME);
        assert_eq!(own, "fmask=0022,errors=remount-ro");
    }

    #[test]
    fn a_part_of_a_volume_or_no_volume_is_not_whole() {
        let bind = parse(b"36 35 7:3 /sub /mnt/a rw - ext4 /dev/sdb1 rw").unwrap();
        let tmpfs = parse(b"36 35 0:3 / /mnt/a rw - tmpfs tmpfs rw").unwrap();
        assert!(!bind.is_whole_volume() && !tmpfs.is_whole_volume());
    }

    #[test]
    fn the_running_kernel_has_a_root() {
        assert!(mounts().unwrap().iter().any(|m| m.point == Path::new("/")));
    }

    proptest::proptest! {
        #[test]
        fn no_line_upsets_the_parser(line: Vec<u8>) {
            let _ = parse(&line);
        }
    }
}
