//! The recorder's root directory, held open. Everything else is resolved beneath it by the kernel:
//! no symbolic link, no magic link, no `..`, no other mount (openat2(2)).

use crate::disk;
use crate::fault::{fault, smells_of_yank};
use crate::name::{self, Beneath};
use rustix::fs::{AtFlags, CWD, Mode, OFlags, ResolveFlags, Statx, StatxFlags};
use rustix::io::Errno;
use sealdock_core::listing::{LineKind, RawLine};
use sealdock_core::naming;
use sealdock_core::ports::{Kind, PortError, PortResult};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

const BENEATH: ResolveFlags = ResolveFlags::BENEATH
    .union(ResolveFlags::NO_SYMLINKS)
    .union(ResolveFlags::NO_MAGICLINKS)
    .union(ResolveFlags::NO_XDEV);

/// What a look at a file asks for.
pub const FACTS: StatxFlags = StatxFlags::BASIC_STATS.union(StatxFlags::MNT_ID);

/// File systems whose inode numbers are made up anew at every mount: a number there tells nothing.
const FAT: u64 = 0x4d44;
const EXFAT: u64 = 0x2011_bab0;
const FUSE: u64 = 0x6573_5546;

/// ext2 to ext4, xfs, btrfs, f2fs, tmpfs: inode numbers last, and a change time moves with every write. Of
/// all others nothing is believed.
const SHOWS_CHANGES: [u64; 5] = [0xef53, 0x5846_5342, 0x9123_683e, 0xf2f5_2010, TMPFS];

/// File systems that have no medium; they may take `O_DIRECT`, but it means nothing there.
const TMPFS: u64 = 0x0102_1994;
const RAMFS: u64 = 0x8584_58f6;

/// An open root.
#[derive(Debug)]
pub struct Root {
    pub path: PathBuf,
    fd: OwnedFd,
    /// Mount, device and inode, as they were when the root was opened.
    pub mount_id: u64,
    pub device: (u32, u32),
    inode: u64,
    /// Magic number of the file system (statfs(2)).
    system: u64,
    /// Is the root itself where a file system is mounted?
    pub is_mount_point: bool,
    /// There is no medium below: the files are the station's own memory.
    pub in_memory: bool,
}

impl Root {
    /// # Errors
    /// Not there, not a directory, not allowed.
    pub fn open(path: &Path) -> PortResult<Root> {
        Root::open_as(path, None)
    }

    /// [`Root::open`] of a file system that is taken for another one, if `system` says so.
    ///
    /// # Errors
    /// As there.
    pub fn open_as(path: &Path, system: Option<u64>) -> PortResult<Root> {
        let shown = shown(path);
        let because = |errno| fault("open the recorder at", &shown, errno);
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = rustix::fs::open(path, flags, Mode::empty()).map_err(because)?;
        let stat = rustix::fs::statx(&fd, "", AtFlags::EMPTY_PATH, FACTS).map_err(because)?;
        let volume = rustix::fs::fstatfs(&fd).map_err(because)?;
        use rustix::fs::StatxAttributes;
        Ok(Root {
            path: path.to_owned(),
            mount_id: stat.stx_mnt_id,
            device: (stat.stx_dev_major, stat.stx_dev_minor),
            inode: stat.stx_ino,
            in_memory: [TMPFS, RAMFS].contains(&magic(volume.f_type as u64)),
            system: system.unwrap_or(magic(volume.f_type as u64)),
            is_mount_point: stat.stx_attributes.contains(StatxAttributes::MOUNT_ROOT),
            fd,
        })
    }

    pub fn fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }

    /// Does the root's path still lead to this very root? A volume that was unmounted, even lazily, or
    /// a folder that was removed is an unplugged recorder.
    ///
    /// # Errors
    /// `Failed`: "the recorder was unplugged".
    pub fn attached(&self) -> PortResult<()> {
        let now = rustix::fs::statx(CWD, &self.path, AtFlags::SYMLINK_NOFOLLOW, FACTS);
        let same = now.is_ok_and(|s| {
            s.stx_mnt_id == self.mount_id
                && s.stx_ino == self.inode
                && (s.stx_dev_major, s.stx_dev_minor) == self.device
        });
        if same { Ok(()) } else { Err(self.unplugged()) }
    }

    fn unplugged(&self) -> PortError {
        let message =
            format!("the recorder was unplugged: {} is gone; dock it again", shown(&self.path));
        PortError::new(Kind::Failed, message)
    }

    /// The error for one thing, or "unplugged" if the whole recorder is gone.
    pub fn fault(&self, doing: &str, raw: &[u8], errno: Errno) -> PortError {
        if smells_of_yank(errno) && (self.attached().is_err() || self.disk_is_gone()) {
            return self.unplugged();
        }
        fault(doing, &naming::display(raw), errno)
    }

    /// Is everything still there that a complete answer needs: the root's path, and the disk below it?
    ///
    /// # Errors
    /// As [`Root::attached`].
    pub fn present(&self) -> PortResult<()> {
        self.attached()?;
        if self.disk_is_gone() { Err(self.unplugged()) } else { Ok(()) }
    }

    /// How many commands the disk has failed so far, where the kernel counts them (SCSI, and with it USB).
    pub fn disk_faults(&self) -> Option<u64> {
        disk::faults(self.device)
    }

    fn disk_is_gone(&self) -> bool {
        disk::is_gone(self.device)
    }

    /// The kernel's number of this very appearance of the disk, where it has one (since Linux 5.15).
    pub fn disk_sequence(&self) -> Option<u64> {
        disk::sequence(self.device)
    }

    /// Opens something beneath; `raw` empty is the root itself.
    pub fn open_beneath(&self, raw: &[u8], flags: OFlags) -> Result<OwnedFd, Errno> {
        let path: &[u8] = if raw.is_empty() { b"." } else { raw };
        let flags = flags | OFlags::CLOEXEC;
        let open = |flags| rustix::fs::openat2(&self.fd, path, flags, Mode::empty(), BENEATH);
        // Reading leaves no trace on the recorder where the kernel lets us; only owners may ask that.
        if !flags.contains(OFlags::PATH) {
            match open(flags | OFlags::NOATIME) {
                Err(Errno::PERM) => {}
                other => return other,
            }
        }
        open(flags)
    }

    /// Opens the directory a thing lies in, as a mere handle.
    pub fn open_folder(&self, parts: Beneath<'_>) -> Result<OwnedFd, Errno> {
        self.open_beneath(parts.folder, OFlags::PATH | OFlags::DIRECTORY)
    }

    /// Looks at one thing by its raw name; `None` if nothing has that name.
    ///
    /// # Errors
    /// A name that cannot be, an unplugged recorder, a directory that cannot be read.
    pub fn look(&self, raw: &[u8]) -> PortResult<Option<RawLine>> {
        let parts = name::beneath(raw)?;
        let stat = self.open_folder(parts).and_then(|folder| {
            rustix::fs::statx(&folder, parts.leaf, AtFlags::SYMLINK_NOFOLLOW, FACTS)
        });
        match stat {
            Ok(stat) => {
                self.attached()?;
                Ok(Some(self.line(raw.to_vec(), &stat)))
            }
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => {
                self.present()?;
                Ok(None)
            }
            Err(errno) => Err(self.fault("look at", raw, errno)),
        }
    }

    /// The listing line of something that was looked at.
    pub fn line(&self, raw_name: Vec<u8>, stat: &Statx) -> RawLine {
        let (kind, detail) = self.kind(stat);
        let ms = stat.stx_mtime.tv_sec.saturating_mul(1000);
        RawLine {
            raw_name,
            kind,
            size: stat.stx_size,
            mtime_ms: Some(ms.saturating_add(i64::from(stat.stx_mtime.tv_nsec / 1_000_000))),
            file_id: if lasting_ids(self.system) { stat.stx_ino } else { 0 },
            changed_ns: has_change_times(self.system).then(|| {
                i128::from(stat.stx_ctime.tv_sec) * 1_000_000_000
                    + i128::from(stat.stx_ctime.tv_nsec)
            }),
            detail,
        }
    }

    /// Does a look show that a file was written to? Inode numbers last, and every change moves a time that
    /// nobody can set.
    pub fn looks_suffice(&self) -> bool {
        SHOWS_CHANGES.contains(&self.system)
    }

    /// Is it on another mount than the root?
    pub fn is_foreign(&self, stat: &Statx) -> bool {
        stat.stx_mnt_id != self.mount_id
    }

    fn kind(&self, stat: &Statx) -> (LineKind, Option<String>) {
        use rustix::fs::FileType;
        if self.is_foreign(stat) {
            return (LineKind::Unreadable, Some("another file system is mounted here".to_owned()));
        }
        let kind = match FileType::from_raw_mode(stat.stx_mode.into()) {
            FileType::RegularFile => LineKind::File,
            FileType::Symlink => LineKind::Symlink,
            FileType::Fifo => LineKind::Fifo,
            FileType::Socket => LineKind::Socket,
            FileType::CharacterDevice | FileType::BlockDevice => LineKind::Device,
            FileType::Directory => return (LineKind::Unreadable, Some("a directory".to_owned())),
            _ => return (LineKind::Unreadable, Some("of a kind nobody knows".to_owned())),
        };
        (kind, None)
    }
}

fn lasting_ids(fs_type: u64) -> bool {
    ![FAT, EXFAT, FUSE].contains(&fs_type)
}

/// FAT keeps no time of change; the kernel makes one up from the others.
fn has_change_times(fs_type: u64) -> bool {
    ![FAT, EXFAT].contains(&fs_type)
}

/// 32 bits, whatever the width and sign of the field.
fn magic(fs_type: u64) -> u64 {
    fs_type & 0xffff_ffff
}

/// A path of ours for a message, inert.
pub fn shown(path: &Path) -> String {
    naming::display(path.as_os_str().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inode_numbers_of_fat_mean_nothing() {
        assert!(!lasting_ids(FAT) && !lasting_ids(EXFAT) && !lasting_ids(FUSE));
        assert!(lasting_ids(0xef53));
    }

    #[test]
    fn an_error_on_a_root_that_is_gone_means_unplugged() {
        let dir = tempfile::tempdir().unwrap();
        let root = Root::open(dir.path()).unwrap();
        let here = root.fault("read", b"a.mp4", Errno::IO);
        assert!(here.message.starts_with("cannot read a.mp4"), "{here}");
        drop(dir);
        let gone = root.fault("read", b"a.mp4", Errno::IO);
        assert_eq!(gone.kind, Kind::Failed);
        assert!(gone.message.starts_with("the recorder was unplugged"), "{gone}");
    }
}
