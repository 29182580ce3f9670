//! A large file is read back while it is still being written: what was written up to a mark is synced, dropped from memory
//! and hashed off the medium, so that after the last byte little is left to read.

use rustix::fs::{Advice, fadvise};
use sealdock_chain::digest::Digest;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{Error, ErrorKind, Read as _, Result};
use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Bytes between two marks. Smaller ones would have the medium sync more often than it gains.
pub const MARK_BYTES: u64 = 64 << 20;
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

    /// So many bytes are written by now. What became of the last mark is said at the end.
    pub fn mark(&self, written: u64) {
        let _gone = self.marks.send(written);
    }

    /// Bytes read since this was asked last.
    pub fn taken(&self) -> u64 {
        self.read.swap(0, Ordering::Relaxed)
    }

    /// The digest of all that was marked, as the medium has it. `heard` is told bytes read meanwhile.
    ///
    /// # Errors
    /// Some of it could not be synced or read, now or at any mark before.
    pub fn finish(self, mut heard: impl FnMut(u64)) -> Result<Digest> {
        let Behind { marks, read, thread, end } = self;
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
        let Some(length) = NonZeroU64::new(mark.saturating_sub(self.at)) else { return Ok(()) };
        fadvise(&self.cold, self.at, Some(length), Advice::DontNeed)?;
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
        let bytes: Vec<u8> = (0..3_000_001_u32).map(|n| (n / 251) as u8).collect();
        for marks in [&[3_000_001][..], &[1, 4096, 4096, 1_500_000, 3_000_001], &[0, 3_000_001]] {
            let (mut written, behind) = begun(dir.path());
            let mut at = 0;
            for mark in marks {
                written.write_all(&bytes[at..*mark as usize]).unwrap();
                at = *mark as usize;
                behind.mark(*mark);
            }
            let mut heard = 0;
            assert_eq!(behind.finish(|n| heard += n).unwrap(), Digest::of(&bytes), "{marks:?}");
            assert_eq!(heard, bytes.len() as u64);
        }
    }

    #[test]
    fn what_is_not_there_is_no_digest() {
        let dir = tempfile::tempdir().unwrap();
        let (mut written, behind) = begun(dir.path());
        written.write_all(b"less").unwrap();
        behind.mark(4);
        behind.mark(MARK_BYTES);
        behind.mark(2 * MARK_BYTES);
        let ended = behind.finish(drop).unwrap_err();
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
        behind.mark(4096);
        assert_eq!(behind.finish(drop).unwrap_err().kind(), ErrorKind::InvalidInput);
    }

    #[test]
    fn what_changed_on_the_medium_before_its_mark_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        let (mut written, behind) = begun(dir.path());
        written.write_all(&[7; 8192]).unwrap();
        behind.mark(4096);
        std::os::unix::fs::FileExt::write_at(&written, &[8], 5000).unwrap();
        behind.mark(8192);
        assert_ne!(behind.finish(drop).unwrap(), Digest::of(&[7; 8192]));
    }
}
