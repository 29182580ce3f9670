//! One open file of a recorder. It knows how its bytes come from the medium and says so, and it knows
//! whether it is still the file that was listed.

use crate::cold::resident;
use crate::root::{FACTS, Root};
use rustix::fs::{Advice, AtFlags, OFlags, StatxFlags};
use rustix::io::Errno;
use sealdock_core::block::{BLOCK_ALIGN, Block};
use sealdock_core::listing::{LineKind, RawLine};
use sealdock_core::naming;
use sealdock_core::ports::{FileIdentity, Kind, PortError, PortResult, Source};
use std::num::NonZeroU64;
use std::os::fd::OwnedFd;
use std::sync::Arc;

pub const DIRECT: &str = "direct-io";
pub const DROPPED: &str = "page-cache-dropped";
pub const BUFFERED: &str = "buffered";

/// An opened file.
pub struct FileSource {
    root: Arc<Root>,
    line: RawLine,
    fd: OwnedFd,
    method: &'static str,
}

impl FileSource {
    /// Opens exactly the listed file: direct I/O where the file system does it, else through the cache.
    ///
    /// # Errors
    /// `Missing` if it is gone, `Failed` if it is another file now, no file at all, or unplugged.
    pub fn open(root: &Arc<Root>, line: &RawLine) -> PortResult<FileSource> {
        let failed = |why: &str| {
            let name = naming::display(&line.raw_name);
            PortError::new(Kind::Failed, format!("cannot open {name}: {why}"))
        };
        // Looked at before it is opened: opening a device node or a FIFO may already do something.
        match root.look(&line.raw_name)? {
            None => {
                let name = naming::display(&line.raw_name);
                return Err(PortError::new(
                    Kind::Missing,
                    format!("cannot open {name}: it is gone"),
                ));
            }
            Some(now) if now.kind != LineKind::File => return Err(failed("it is no regular file")),
            Some(now) if !is_same(&now, line) => {
                return Err(failed("it is another file now, or it grew; list the recorder again"));
            }
            Some(_) => {}
        }
        let source = FileSource::opened(root, line)?;
        if !source.is_listed_file()? {
            return Err(failed("it was exchanged while it was opened; list the recorder again"));
        }
        Ok(source)
    }

    /// Opens the file of this name as it is now, so that ways of reading can be tried on it. It may have
    /// grown since it was listed, and may go on growing: nothing that is read from it is evidence.
    ///
    /// # Errors
    /// As [`FileSource::open`], but a size or time that changed is none.
    pub fn open_sample(root: &Arc<Root>, line: &RawLine) -> PortResult<FileSource> {
        let name = naming::display(&line.raw_name);
        let failed = |kind, why| PortError::new(kind, format!("cannot open {name}: {why}"));
        match root.look(&line.raw_name)? {
            None => return Err(failed(Kind::Missing, "it is gone")),
            Some(now) if now.kind != LineKind::File => {
                return Err(failed(Kind::Failed, "it is no regular file"));
            }
            Some(_) => {}
        }
        let mut source = FileSource::opened(root, line)?;
        source.line = source.facts()?;
        match source.line.kind {
            LineKind::File => Ok(source),
            _ => Err(failed(Kind::Failed, "it was exchanged while it was opened")),
        }
    }

    fn opened(root: &Arc<Root>, line: &RawLine) -> PortResult<FileSource> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        let errno = |e| root.fault("open", &line.raw_name, e);
        let (fd, method) = match root.open_beneath(&line.raw_name, flags | OFlags::DIRECT) {
            Ok(fd) if !root.in_memory && does_direct_io(&fd) => (fd, DIRECT),
            Ok(_) | Err(Errno::INVAL) => {
                (root.open_beneath(&line.raw_name, flags).map_err(errno)?, BUFFERED)
            }
            Err(e) => return Err(errno(e)),
        };
        Ok(FileSource { root: root.clone(), line: line.clone(), fd, method })
    }

    /// Opens it so that every byte read comes from the medium, or not at all.
    ///
    /// # Errors
    /// As [`FileSource::open`]; `Failed` where neither direct I/O works nor the cache can be emptied.
    pub fn open_cold(root: &Arc<Root>, line: &RawLine) -> PortResult<FileSource> {
        let mut source = FileSource::open(root, line)?;
        let emptied = source.drop_cached()?;
        if source.method == BUFFERED {
            if !emptied {
                let name = naming::display(&line.raw_name);
                let message = format!(
                    "cannot prove a cold second reading of {name}: its file system does no direct I/O and the kernel keeps it in memory"
                );
                return Err(PortError::new(Kind::Failed, message));
            }
            source.method = DROPPED;
        }
        Ok(source)
    }

    /// Says `direct-io` and reads through the cache, as some file systems do.
    #[cfg(test)]
    pub fn pretending(root: &Arc<Root>, line: &RawLine) -> FileSource {
        let fd = root.open_beneath(&line.raw_name, OFlags::RDONLY).unwrap();
        FileSource { root: root.clone(), line: line.clone(), fd, method: DIRECT }
    }

    /// Empties the page cache of this file; `true` only if the kernel shows no page of it after that.
    pub fn drop_cached(&self) -> PortResult<bool> {
        let errno = |e| self.root.fault("empty the cache of", &self.line.raw_name, e);
        // Pages that wait to be written cannot be dropped; on a card that we only read there are none.
        match rustix::fs::fsync(&self.fd) {
            Ok(()) | Err(Errno::ROFS | Errno::INVAL) => {}
            Err(e) => return Err(errno(e)),
        }
        rustix::fs::fadvise(&self.fd, 0, None, Advice::DontNeed).map_err(errno)?;
        resident::none_resident(&self.fd, self.line.size).map_err(errno)
    }

    /// Does the kernel hold nothing of the first block?
    pub fn first_block_is_cold(&self) -> PortResult<bool> {
        resident::none_resident(&self.fd, self.line.size.min(BLOCK_ALIGN as u64))
            .map_err(|e| self.root.fault("look into the cache of", &self.line.raw_name, e))
    }

    fn is_listed_file(&self) -> PortResult<bool> {
        Ok(is_same(&self.facts()?, &self.line))
    }

    fn facts(&self) -> PortResult<RawLine> {
        let stat = rustix::fs::statx(&self.fd, "", AtFlags::EMPTY_PATH, FACTS)
            .map_err(|e| self.root.fault("look at", &self.line.raw_name, e))?;
        Ok(self.root.line(self.line.raw_name.clone(), &stat))
    }

    /// Direct I/O begins on block boundaries only. Off them there is nothing but the end of the file.
    fn read_off_boundary(&self, offset: u64) -> PortResult<usize> {
        self.root.attached()?;
        let name = naming::display(&self.line.raw_name);
        let size = rustix::fs::fstat(&self.fd)
            .map_err(|e| self.root.fault("look at", &self.line.raw_name, e))?
            .st_size;
        if offset >= size as u64 {
            return Ok(0);
        }
        if offset == self.line.size {
            let message =
                format!("cannot read {name}: it grew while it was read; list the recorder again");
            return Err(PortError::new(Kind::Failed, message));
        }
        let message = format!(
            "cannot read {name} at byte {offset}: reads begin at multiples of {BLOCK_ALIGN}"
        );
        Err(PortError::new(Kind::Invalid, message))
    }

    fn fill(&self, offset: u64, room: &mut [u8]) -> Result<usize, Errno> {
        let mut filled = 0;
        while filled < room.len() {
            match rustix::io::pread(&self.fd, &mut room[filled..], offset + filled as u64) {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(Errno::INTR) => continue,
                Err(errno) => return Err(errno),
            }
            // A direct read that ends off the block boundary has met the end of the file.
            if self.method == DIRECT && !filled.is_multiple_of(BLOCK_ALIGN) {
                break;
            }
        }
        Ok(filled)
    }
}

impl Source for FileSource {
    fn read_at(&mut self, offset: u64, block: &mut Block) -> PortResult<usize> {
        block.set_filled(0);
        let name = &self.line.raw_name;
        if !offset.is_multiple_of(BLOCK_ALIGN as u64) {
            return self.read_off_boundary(offset);
        }
        self.root.attached()?;
        let filled = self.fill(offset, block.room()).map_err(|errno| {
            self.root.fault(&format!("read from byte {offset} of"), name, errno)
        })?;
        block.set_filled(filled);
        if self.method != DIRECT
            && let Some(length) = NonZeroU64::new(filled as u64)
        {
            // Footage is read once per pass; kept in memory it would only push other things out.
            let _ = rustix::fs::fadvise(&self.fd, offset, Some(length), Advice::DontNeed);
        }
        Ok(filled)
    }

    fn unchanged(&mut self) -> PortResult<bool> {
        self.root.attached()?;
        if !self.is_listed_file()? {
            return Ok(false);
        }
        Ok(self.root.look(&self.line.raw_name)?.is_some_and(|now| is_same(&now, &self.line)))
    }

    fn twin(&self) -> Option<Box<dyn Source>> {
        let fd = self.fd.try_clone().ok()?;
        let (root, line, method) = (self.root.clone(), self.line.clone(), self.method);
        Some(Box::new(FileSource { root, line, fd, method }))
    }

    fn identity(&self) -> Option<FileIdentity> {
        let facts = rustix::fs::fstat(&self.fd).ok()?;
        Some(FileIdentity { device: facts.st_dev, inode: facts.st_ino })
    }

    fn method(&self) -> &'static str {
        self.method
    }
}

/// Same name, kind, size, time and inode.
pub fn is_same(now: &RawLine, listed: &RawLine) -> bool {
    now.same_thing(listed) && now.file_id == listed.file_id
}

/// Some file systems take `O_DIRECT` and read through the cache all the same (ext4 with data
/// journalling); those say so here (statx(2), since Linux 6.1).
fn does_direct_io(fd: &OwnedFd) -> bool {
    let asked = StatxFlags::from_bits_retain(STATX_DIOALIGN);
    let Ok(stat) = rustix::fs::statx(fd, "", AtFlags::EMPTY_PATH, asked) else { return true };
    let answered = stat.stx_mask & STATX_DIOALIGN != 0;
    !answered || (1..=BLOCK_ALIGN as u32).contains(&stat.stx_dio_offset_align)
}

/// Not yet named by rustix.
const STATX_DIOALIGN: u32 = 0x2000;
