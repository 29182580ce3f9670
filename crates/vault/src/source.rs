//! Reads a stored file from the medium, past the page cache: after a failed write-back the cache may
//! hold the right bytes while the disk holds others, so a reading out of it proves nothing.

use crate::errors::{damaged, invalid, refused};
use crate::faults::Errno;
use crate::residency::resident_pages;
use crate::tree::{is_regular, open_file};
use rustix::fs::{Advice, AtFlags, OFlags, Stat, StatxFlags, fadvise, fstat, statx};
use rustix::io::pread;
use sealdock_core::block::{BLOCK_ALIGN, Block};
use sealdock_core::ports::{FileIdentity, Kind, PortError, PortResult, Source};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

const ALIGN: u64 = BLOCK_ALIGN as u64;
/// Buffer for readings that do not start on a page boundary, bytes.
const SCRATCH: usize = 64 << 10;

/// A stored file, opened cold.
#[derive(Debug)]
pub(crate) struct DiskSource {
    file: OwnedFd,
    what: String,
    opened: Stat,
    direct: bool,
}

impl DiskSource {
    /// Opens `name` and makes sure that what is read comes from the medium.
    ///
    /// # Errors
    /// `Missing`; `Damaged` if it is not a regular file; `Failed` if a cold reading cannot be proven.
    pub fn open(directory: BorrowedFd<'_>, name: &str, what: String) -> PortResult<DiskSource> {
        match open_file(directory, name, OFlags::DIRECT) {
            Ok(file) => DiskSource::of(file, what, true),
            Err(Errno::INVAL) => {
                let file = open_file(directory, name, OFlags::empty())
                    .map_err(|errno| refused("open", &what, errno))?;
                DiskSource::of(file, what, false)
            }
            Err(errno) => Err(refused("open", &what, errno)),
        }
    }

    fn of(file: OwnedFd, what: String, direct: bool) -> PortResult<DiskSource> {
        let opened = fstat(&file).map_err(|errno| refused("look at", &what, errno))?;
        if !is_regular(&opened) {
            return Err(damaged(what, "is not a regular file"));
        }
        let source = DiskSource { file, what, opened, direct };
        source.prove_cold()?;
        Ok(source)
    }

    /// Opening for direct I/O is not enough: some file systems accept the flag and then read through
    /// the cache. Either nothing is in the cache, or the file system declares that it reads directly.
    fn prove_cold(&self) -> PortResult<()> {
        // Its failure shows below: the pages stay.
        let _ = fadvise(&self.file, 0, None, Advice::DontNeed);
        let resident = resident_pages(self.file.as_fd(), self.size())
            .map_err(|errno| refused("ask the kernel what it holds of", &self.what, errno))?;
        if resident == 0 || (self.direct && declares_direct(self.file.as_fd())) {
            return Ok(());
        }
        Err(PortError::new(
            Kind::Failed,
            format!(
                "cannot prove a cold reading of {} on this file system: {resident} pages stay in \
                 memory; put the vault on ext4, xfs or btrfs",
                self.what
            ),
        ))
    }

    fn size(&self) -> u64 {
        self.opened.st_size.unsigned_abs()
    }

    /// Reads at `offset`, which is aligned if the file was opened for direct I/O, until `room` or the
    /// file is at its end.
    fn fill(&self, offset: u64, room: &mut [u8]) -> PortResult<usize> {
        let mut filled = 0;
        while filled < room.len() && offset + (filled as u64) < self.size() {
            let at = offset + filled as u64;
            match pread(&self.file, &mut room[filled..], at) {
                Ok(0) => break,
                Ok(count) => filled = self.progress(at, filled, count)?,
                Err(Errno::INTR) => {}
                Err(errno) => {
                    return Err(refused("read", format!("{} at byte {at}", self.what), errno));
                }
            }
        }
        // A file that grew since is not what was opened: stop at the size it had.
        Ok(filled.min((self.size() - offset.min(self.size())) as usize))
    }

    /// After a direct read that stopped inside a page, goes on from that page's start.
    fn progress(&self, at: u64, filled: usize, count: usize) -> PortResult<usize> {
        let at_end = at + count as u64 >= self.size();
        if !self.direct || at_end || count.is_multiple_of(BLOCK_ALIGN) {
            return Ok(filled + count);
        }
        let whole = count - count % BLOCK_ALIGN;
        if whole == 0 {
            return Err(refused("read", format!("{} at byte {at}", self.what), Errno::IO));
        }
        Ok(filled + whole)
    }

    fn fill_unaligned(&self, offset: u64, room: &mut [u8]) -> PortResult<usize> {
        let mut scratch = Block::new(SCRATCH);
        let mut filled = 0;
        while filled < room.len() {
            let at = offset + filled as u64;
            let skip = (at % ALIGN) as usize;
            let count = self.fill(at - skip as u64, scratch.room())?;
            scratch.set_filled(count);
            let fresh = scratch.bytes().get(skip..).unwrap_or_default();
            if fresh.is_empty() {
                break;
            }
            let taken = fresh.len().min(room.len() - filled);
            room[filled..filled + taken].copy_from_slice(&fresh[..taken]);
            filled += taken;
        }
        Ok(filled)
    }
}

impl Source for DiskSource {
    fn read_at(&mut self, offset: u64, block: &mut Block) -> PortResult<usize> {
        if i64::try_from(offset).is_err() {
            return Err(invalid(format!("no file has a byte {offset}; read inside {}", self.what)));
        }
        block.set_filled(0);
        let filled = if self.direct && !offset.is_multiple_of(ALIGN) {
            self.fill_unaligned(offset, block.room())?
        } else {
            self.fill(offset, block.room())?
        };
        block.set_filled(filled);
        Ok(filled)
    }

    /// Change time is left out: keeping a copy renames it and takes its write permission.
    fn unchanged(&mut self) -> PortResult<bool> {
        let now = fstat(&self.file).map_err(|errno| refused("look at", &self.what, errno))?;
        let content = |stat: &Stat| (stat.st_size, stat.st_mtime, stat.st_mtime_nsec);
        Ok(content(&now) == content(&self.opened) && now.st_nlink > 0)
    }

    fn twin(&self) -> Option<Box<dyn Source>> {
        let file = self.file.try_clone().ok()?;
        let (what, opened, direct) = (self.what.clone(), self.opened, self.direct);
        Some(Box::new(DiskSource { file, what, opened, direct }))
    }

    fn identity(&self) -> Option<FileIdentity> {
        Some(FileIdentity { device: self.opened.st_dev, inode: self.opened.st_ino })
    }

    fn method(&self) -> &'static str {
        if self.direct { "direct-io" } else { "page-cache-dropped" }
    }
}

/// Linux ≥ 6.1 says per file whether direct I/O really is direct, and from which boundary.
fn declares_direct(file: BorrowedFd<'_>) -> bool {
    statx(file, "", AtFlags::EMPTY_PATH, StatxFlags::DIOALIGN).is_ok_and(|facts| {
        facts.stx_mask & StatxFlags::DIOALIGN.bits() != 0
            && (1..=BLOCK_ALIGN as u32).contains(&facts.stx_dio_offset_align)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::residency::pin;

    /// Not the system's temporary directory: that one may live in memory.
    fn stored(bytes: &[u8]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new_in("/var/tmp").unwrap();
        std::io::Write::write_all(&mut file, bytes).unwrap();
        file.as_file().sync_all().unwrap();
        file
    }

    fn open(file: &tempfile::NamedTempFile, flags: OFlags) -> PortResult<DiskSource> {
        let opened = rustix::fs::open(file.path(), flags, rustix::fs::Mode::empty()).unwrap();
        DiskSource::of(opened, "a clip".to_owned(), flags.contains(OFlags::DIRECT))
    }

    #[test]
    fn without_direct_io_the_cache_is_emptied_and_that_is_proven() {
        let bytes: Vec<u8> = (0..100_001u32).map(|n| (n % 251) as u8).collect();
        let file = stored(&bytes);
        let mut source = open(&file, OFlags::empty()).unwrap();
        assert_eq!(source.method(), "page-cache-dropped");
        let mut block = Block::new(1 << 20);
        assert_eq!(source.read_at(3, &mut block).unwrap(), bytes.len() - 3);
        assert!(block.bytes() == &bytes[3..]);
    }

    #[test]
    fn pages_that_another_holds_are_noticed() {
        let file = stored(&[7; 20_000]);
        let pinned = pin(file.as_file().as_fd(), 20_000);
        let error = open(&file, OFlags::empty()).unwrap_err();
        assert_eq!(error.kind, Kind::Failed);
        assert!(error.message.contains("5 pages stay in memory"), "{error}");
        // Direct I/O does not care, where the file system says that it is direct.
        assert_eq!(open(&file, OFlags::DIRECT).unwrap().method(), "direct-io");
        drop(pinned);
        assert!(open(&file, OFlags::empty()).is_ok());
    }
}
