//! A large file is read back while it is still being written: what was written up to a mark is synced, dropped from memory
//! and hashed off the medium, so that after the last byte little is left to read.

use rustix::fs::{Advice, fadvise};
use sealdock_chain::digest::Digest;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{Error, ErrorKind, Read as _, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Bytes between two marks. Smaller ones would have the medium sync more often than it gains.
pub const MARK_BYTES: u64 = 64 << 20;
/// Memory is dropped in pieces of up to so many bytes: one that lies on both sides of a mark would stay, and be read instead
/// of the medium. (Linux: the largest folio of the page cache, `MAX_PAGECACHE_ORDER`, is a huge page, 2 MiB.)
const MARK_ALIGN: u64 = 4 << 20;
/// Bytes that are read at once.
const PIECE_BYTES: usize = 1 << 20;
/// How often whoever waits for the end hears how far it is.
const HEARD: Duration = Duration::from_millis(250);

/// Whoever reads behind a writer.
pub struct Behind {
    marks: Sender<u64>,
    read: Arc<AtomicU64>,
    thread: JoinHandle<()>,
    end: Receiver<Result<Digest>>,
}

impl Behind {
    /// `written` is synced, `cold` is the same file, opened for reading.
    pub fn start(written: File, cold: File) -> Behind {
        let ((marks, from), (to, end)) = (channel(), channel());
        let read = Arc::new(AtomicU64::new(0));
        let mut back = Back { cold, hash: Sha256::new(), at: 0, read: Arc::clone(&read) };
        let thread = std::thread::spawn(move || {
            let passed = from.iter().try_for_each(|mark| {
                written.sync_data()?;
                back.up_to(mark)
            });
            // Who does not listen any more has given the file up.
            let _gone = to.send(passed.map(|()| Digest(back.hash.finalize().into())));
        });
        Behind { marks, read, thread, end }
    }

    /// So many bytes are written by now. What became of the last mark is said at the end. The mark that was set, which lies
    /// before whatever memory holds together with bytes to come.
    pub fn mark(&self, written: u64) -> u64 {
        let mark = written - written % MARK_ALIGN;
        let _gone = self.marks.send(mark);
        mark
    }

    /// Bytes read since this was asked last.
    pub fn taken(&self) -> u64 {
        self.read.swap(0, Ordering::Relaxed)
    }

    /// The digest of all `written` bytes, as the medium has them. `heard` is told bytes read meanwhile.
    ///
    /// # Errors
    /// Some of it could not be synced or read, now or at any mark before.
    pub fn finish(self, written: u64, mut heard: impl FnMut(u64)) -> Result<Digest> {
        let Behind { marks, read, thread, end } = self;
        let _gone = marks.send(written);
        drop(marks);
        let digest = loop {
            match end.recv_timeout(HEARD) {
                Ok(digest) => break digest,
                Err(RecvTimeoutError::Timeout) => heard(read.swap(0, Ordering::Relaxed)),
                Err(RecvTimeoutError::Disconnected) => {
                    break Err(Error::from(ErrorKind::BrokenPipe));
                }
            }
        };
        heard(read.swap(0, Ordering::Relaxed));
        thread.join().map_err(|_| Error::other("whoever reads it back is gone"))?;
        digest
    }
}

/// What is read back so far.
struct Back {
    cold: File,
    hash: Sha256,
    at: u64,
    read: Arc<AtomicU64>,
}

impl Back {
    fn up_to(&mut self, mark: u64) -> Result<()> {
        if mark <= self.at {
            return Ok(());
        }
        // To the end of the file: what is still to be written there stays, and the piece that the end lies in does not.
        fadvise(&self.cold, self.at, None, Advice::DontNeed)?;
        let mut piece = vec![0; PIECE_BYTES];
        while self.at < mark {
            let room = (mark - self.at).min(PIECE_BYTES as u64) as usize;
            let n = self.cold.read(&mut piece[..room])?;
            if n == 0 {
                return Err(Error::from(ErrorKind::UnexpectedEof));
            }
            self.hash.update(&piece[..n]);
            self.at += n as u64;
            self.read.fetch_add(n as u64, Ordering::Relaxed);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn begun(dir: &std::path::Path) -> (File, Behind) {
        let path = dir.join("clip");
        let written = File::create(&path).unwrap();
        let behind = Behind::start(written.try_clone().unwrap(), File::open(&path).unwrap());
        (written, behind)
    }

    #[test]
    fn what_is_read_back_piece_by_piece_is_the_whole() {
        let dir = tempfile::tempdir().unwrap();
        let bytes: Vec<u8> = (0..13_000_001_u32).map(|n| (n / 251) as u8).collect();
        let all = bytes.len();
        for marks in [&[][..], &[1, 4096, 5_000_000, 5_000_000, 9_000_000], &[0, 4 << 20], &[all]] {
            let (mut written, behind) = begun(dir.path());
            let (mut at, mut marked) = (0, 0);
            for mark in marks {
                written.write_all(&bytes[at..*mark]).unwrap();
                at = *mark;
                marked = behind.mark(at as u64);
                assert!(marked <= at as u64 && marked.is_multiple_of(MARK_ALIGN), "{marked}");
            }
            written.write_all(&bytes[at..]).unwrap();
            let mut heard = 0;
            let digest = behind.finish(all as u64, |n| heard += n).unwrap();
            assert_eq!((digest, heard), (Digest::of(&bytes), all as u64), "{marks:?} {marked}");
        }
    }

    #[test]
    fn what_is_not_there_is_no_digest() {
        let dir = tempfile::tempdir().unwrap();
        let (mut written, behind) = begun(dir.path());
        written.write_all(b"less").unwrap();
        behind.mark(MARK_BYTES);
        let ended = behind.finish(2 * MARK_BYTES, drop).unwrap_err();
        assert_eq!(ended.kind(), ErrorKind::UnexpectedEof);
    }

    #[test]
    fn what_could_not_be_synced_is_no_digest_though_every_byte_reads_back() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("clip");
        std::fs::write(&path, [7; 4096]).unwrap();
        // A pipe takes no sync.
        let (_ends, pipe) = std::io::pipe().unwrap();
        let unsynced = File::from(std::os::fd::OwnedFd::from(pipe));
        let behind = Behind::start(unsynced, File::open(&path).unwrap());
        assert_eq!(behind.finish(4096, drop).unwrap_err().kind(), ErrorKind::InvalidInput);
    }

    #[test]
    fn what_changed_on_the_medium_before_it_was_read_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        let (mut written, behind) = begun(dir.path());
        let bytes = vec![7; 9 << 20];
        written.write_all(&bytes).unwrap();
        assert_eq!(behind.mark(5 << 20), 4 << 20);
        std::os::unix::fs::FileExt::write_at(&written, &[8], 6 << 20).unwrap();
        assert_ne!(behind.finish(9 << 20, drop).unwrap(), Digest::of(&bytes));
    }
}
