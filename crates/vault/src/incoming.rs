//! A copy being written. A *named* temporary file, not `O_TMPFILE`: giving a nameless file its name
//! needs a capability or `/proc`, and after a crash a name is seen, counted and swept. Any failure
//! kills the copy for good, because after a failed write-back a second `fsync` answers success while
//! the bytes are gone.

use crate::errors::{damaged, invalid, refused};
use crate::faults::{Errno, Step};
use crate::layout::{Area, Spot};
use crate::source::DiskSource;
use crate::tree::{READ_ONLY, Tree, WRITABLE, open_file};
use rustix::fs::{
    Advice, FallocateFlags, OFlags, fadvise, fallocate, fchmod, fcntl_setfl, fsync, ftruncate,
    openat,
};
use rustix::io::{pwrite, retry_on_intr};
use sealdock_core::block::{BLOCK_ALIGN, Block};
use sealdock_core::ports::{Incoming, Kind, Place, PortError, PortResult, Source};
use std::num::NonZeroU64;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

/// Bytes between two pushes to the disk.
const PUSH_BYTES: u64 = 8 << 20;

/// A block of so many bytes goes to the disk past the page cache: copying it into memory that is then
/// thrown away costs more than hashing it. Smaller ones, as from many bays at once, would make a turning
/// disk jump for each; the page cache gathers those.
const DIRECT_BYTES: usize = 1 << 20;

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Writing,
    Sealed,
    /// What killed it.
    Dead(String),
}

/// A file in `incoming/`.
#[derive(Debug)]
pub(crate) struct DiskIncoming {
    tree: Arc<Tree>,
    file: OwnedFd,
    name: String,
    /// Bytes of content so far.
    written: u64,
    /// Bytes that the disk was told to write by now.
    pushed: u64,
    /// What is written next goes past the page cache.
    direct: bool,
    /// Unless this file system does not do that.
    never_direct: bool,
    state: State,
    /// The name is gone from `incoming/`, or must stay for start-up to look at.
    released: bool,
}

impl DiskIncoming {
    /// Creates the file and takes its whole room before the first byte.
    pub fn begin(tree: &Arc<Tree>, name: String, size: u64) -> PortResult<DiskIncoming> {
        let what = format!("incoming/{name}");
        let open = |extra| {
            let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
            openat(
                tree.area(Area::Incoming),
                name.as_str(),
                flags | OFlags::CLOEXEC | extra,
                WRITABLE,
            )
        };
        let file = tree
            .faults
            .pass(Step::CreateFile, || open(OFlags::empty()))
            .map_err(|errno| refused("make the copy", &what, errno))?;
        let mut incoming = DiskIncoming {
            tree: Arc::clone(tree),
            file,
            name,
            written: 0,
            pushed: 0,
            direct: false,
            never_direct: false,
            state: State::Writing,
            released: false,
        };
        incoming.allocate(size)?;
        Ok(incoming)
    }

    fn allocate(&mut self, size: u64) -> PortResult<()> {
        if size == 0 {
            return Ok(());
        }
        let step = || retry_on_intr(|| fallocate(&self.file, FallocateFlags::empty(), 0, size));
        match self.tree.faults.pass(Step::Allocate, step) {
            // Without allocation a full disk shows while writing: later, but it shows.
            Ok(()) | Err(Errno::OPNOTSUPP) => Ok(()),
            Err(errno) => {
                Err(refused(&format!("take {size} bytes of room for"), self.what(), errno))
            }
        }
    }

    fn what(&self) -> String {
        format!("incoming/{}", self.name)
    }

    fn expect(&self, state: &State, act: &str) -> PortResult<()> {
        match &self.state {
            now if now == state => Ok(()),
            State::Dead(why) => Err(PortError::new(
                Kind::Failed,
                format!("cannot {act} {}: it is dead ({why}); copy the file again", self.what()),
            )),
            State::Writing => {
                Err(invalid(format!("cannot {act} {} before it is sealed", self.what())))
            }
            State::Sealed => {
                Err(invalid(format!("cannot {act} {} after it is sealed", self.what())))
            }
        }
    }

    /// Latches the copy dead and says so.
    fn die(&mut self, act: &str, errno: Errno) -> PortError {
        let mut error = refused(act, self.what(), errno);
        self.state = State::Dead(format!("{act}: {errno}"));
        error.message.push_str("; this copy is dead, copy the file again");
        error
    }

    fn write_all(&mut self, bytes: &[u8]) -> Result<(), Errno> {
        self.go_direct(self.may_go_direct(bytes))?;
        let mut done = 0;
        while done < bytes.len() {
            let at = self.written + done as u64;
            let step = || pwrite(&self.file, &bytes[done..], at);
            match self.tree.faults.pass(Step::Write, step) {
                Ok(0) => return Err(Errno::IO),
                Ok(count) => done += count,
                Err(Errno::INTR) => {}
                // Taken as a flag, refused as a deed: nothing was written.
                Err(Errno::INVAL) if self.direct => {
                    self.never_direct = true;
                    self.go_direct(false)?;
                }
                Err(errno) => return Err(errno),
            }
        }
        Ok(())
    }

    /// Direct I/O wants memory, offset and length on the disk's boundaries.
    fn may_go_direct(&self, bytes: &[u8]) -> bool {
        !self.never_direct
            && bytes.len() >= DIRECT_BYTES
            && bytes.len().is_multiple_of(BLOCK_ALIGN)
            && self.written.is_multiple_of(BLOCK_ALIGN as u64)
            && bytes.as_ptr().align_offset(BLOCK_ALIGN) == 0
    }

    fn go_direct(&mut self, direct: bool) -> Result<(), Errno> {
        if self.direct == direct {
            return Ok(());
        }
        let flags = if direct { OFlags::DIRECT } else { OFlags::empty() };
        match fcntl_setfl(&self.file, flags) {
            Ok(()) => self.direct = direct,
            Err(_) if direct => self.never_direct = true,
            Err(errno) => return Err(errno),
        }
        Ok(())
    }

    /// Lets the disk begin with what was written, and memory forget what the disk has. The disk gets
    /// many requests at a time, the sync at the end finds little left to do, and footage does not push
    /// everything else out of the page cache. Advice: nothing rests on it.
    fn push(&mut self) {
        if self.written - self.pushed >= PUSH_BYTES {
            // One step further back: what was begun last time is on the disk by now.
            let from = self.pushed.saturating_sub(PUSH_BYTES);
            let length = NonZeroU64::new(self.written - from);
            let _ = fadvise(&self.file, from, length, Advice::DontNeed);
            self.pushed = self.written;
        }
    }

    fn make_durable(&mut self) -> Result<(), (&'static str, Errno)> {
        let faults = &self.tree.faults;
        faults
            .pass(Step::Truncate, || ftruncate(&self.file, self.written))
            .map_err(|errno| ("cut to size", errno))?;
        faults.pass(Step::SyncFile, || fsync(&self.file)).map_err(|errno| ("sync", errno))
    }

    fn cold(&self) -> PortResult<DiskSource> {
        DiskSource::open(self.tree.area(Area::Incoming), &self.name, self.what())
    }

    /// The name is taken, as a rule by the same content that got this far before a crash. What lies
    /// there stays, whatever it is: whoever rests anything on it reads it cold first.
    fn yield_to(&mut self, directory: &OwnedFd, spot: &Spot) -> PortResult<()> {
        let there = self.tree.look(spot)?.ok_or_else(|| damaged(spot, "came and went"))?;
        let size = there.st_size.unsigned_abs();
        if size != self.written {
            tracing::error!(
                "{spot} has {size} bytes, a copy of that name {}; nothing was replaced, run `sealdock check`",
                self.written
            );
        } else if let Ok(file) = open_file(directory.as_fd(), &spot.name, OFlags::empty()) {
            // A crash may have come between name and lock.
            self.tree.lock_down(file.as_fd());
        }
        self.remove()
    }

    /// Cuts the file to size and lets `rename` give it its name, without any sync: for what can be
    /// made again.
    pub fn publish(
        mut self,
        rename: impl FnOnce(BorrowedFd<'_>, &str) -> Result<(), Errno>,
    ) -> PortResult<()> {
        let faults = self.tree.faults.clone();
        faults
            .pass(Step::Truncate, || ftruncate(&self.file, self.written))
            .map_err(|errno| self.die("cut to size", errno))?;
        let incoming = self.tree.area(Area::Incoming);
        faults
            .pass(Step::Rename, || rename(incoming, &self.name))
            .map_err(|errno| refused("name", self.what(), errno))?;
        self.released = true;
        // Its name can change again, its bytes need not.
        let _ = fchmod(&self.file, READ_ONLY);
        Ok(())
    }

    fn remove(&mut self) -> PortResult<()> {
        self.tree.remove_incoming(&self.name)?;
        self.released = true;
        Ok(())
    }
}

impl Incoming for DiskIncoming {
    fn write(&mut self, block: &mut Block) -> PortResult<()> {
        self.expect(&State::Writing, "write")?;
        let bytes = block.bytes();
        self.write_all(bytes).map_err(|errno| self.die("write", errno))?;
        self.written += bytes.len() as u64;
        self.push();
        Ok(())
    }

    fn seal(&mut self) -> PortResult<()> {
        self.expect(&State::Writing, "seal")?;
        self.make_durable().map_err(|(act, errno)| self.die(act, errno))?;
        self.state = State::Sealed;
        Ok(())
    }

    fn read_back(&mut self) -> PortResult<Box<dyn Source>> {
        self.expect(&State::Sealed, "read back")?;
        Ok(Box::new(self.cold()?))
    }

    fn keep(mut self: Box<Self>, place: &Place) -> PortResult<bool> {
        self.expect(&State::Sealed, "keep")?;
        if !matches!(place, Place::Kept(_) | Place::Object(_) | Place::Aside(_)) {
            return Err(invalid(format!(
                "cannot keep {} as {place:?}; keep it as a clip, an object or aside",
                self.what()
            )));
        }
        let spot = Spot::of(place)?;
        let directory = self.tree.make_directory(&spot)?;
        let renamed = match self.tree.settle(&self.name, directory.as_fd(), &spot) {
            Ok(renamed) => renamed,
            Err(error) => {
                self.released = error.kind == Kind::Unknown;
                return Err(error);
            }
        };
        if renamed {
            self.released = true;
        } else {
            self.yield_to(&directory, &spot)?;
        }
        // Also when it was there before: that rename may never have reached the medium.
        self.tree.sync_dir(directory.as_fd(), &spot.to_string())?;
        if renamed {
            self.tree.lock_down(self.file.as_fd());
        }
        Ok(renamed)
    }

    fn discard(mut self: Box<Self>) -> PortResult<()> {
        self.remove()
    }
}

impl Drop for DiskIncoming {
    /// A recorder that was pulled must not leave its half copy until the next start.
    fn drop(&mut self) {
        if !self.released
            && let Err(error) = self.remove()
        {
            tracing::warn!(%error, "a copy stays in incoming/ until the next start");
        }
    }
}
