//! A clip's bytes, hashed by several threads in one reading from front to back. Reading is in turn, so that a
//! disc never seeks; hashing is side by side.

use sealdock_chain::tree::leaf_hash;
use sealdock_chain::{CHUNK_BYTES, ChunkTree, Digest};
use sha2::{Digest as _, Sha256};
use std::io::{self, Read};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// How a clip is read.
#[derive(Clone, Copy)]
pub struct Way<'a> {
    /// Bytes that the entry says the clip has.
    pub size: u64,
    /// Threads that hash; at least one.
    pub workers: usize,
    /// Hash the whole file besides.
    pub whole: bool,
    /// Told after each piece: bytes read by it.
    pub tick: &'a (dyn Fn(u64) + Sync),
}

/// What was read.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Pieces {
    /// Leaf hashes of the pieces of 4 MiB, in order, as far as there were bytes.
    pub leaves: Vec<Digest>,
    /// Bytes read, never more than the entry says.
    pub bytes: u64,
    /// There are more bytes than that.
    pub longer: bool,
    /// SHA-256 of the bytes read, where it was asked for.
    pub whole: Option<Digest>,
    /// Why reading ended early.
    pub broke: Option<String>,
}

/// One thread reads so much at a time that it hashes from its own cache.
const BLOCK_BYTES: usize = 128 * 1024;

/// Reads a clip to its end, or as far as it can be read.
pub fn read(reader: Box<dyn Read + Send + '_>, way: Way) -> Pieces {
    match way.workers {
        0 | 1 => alone(reader, way),
        _ => together(reader, way),
    }
}

/// One thread, which needs no piece in memory.
fn alone(mut reader: Box<dyn Read + Send + '_>, way: Way) -> Pieces {
    let (mut tree, mut whole) = (ChunkTree::new(), way.whole.then(Sha256::new));
    let mut read = Pieces::default();
    let mut buffer = vec![0; BLOCK_BYTES];
    while read.bytes < way.size && read.broke.is_none() {
        let left = usize::try_from(way.size - read.bytes).unwrap_or(BLOCK_BYTES);
        let filled = match fill(&mut reader, &mut buffer[..left.min(BLOCK_BYTES)]) {
            Ok(0) => break,
            Ok(filled) => filled,
            Err((filled, error)) => {
                read.broke = Some(error.to_string());
                filled
            }
        };
        tree.update(&buffer[..filled]);
        if let Some(whole) = &mut whole {
            whole.update(&buffer[..filled]);
        }
        read.bytes += filled as u64;
        (way.tick)(filled as u64);
    }
    read.longer = read.bytes == way.size && fill(&mut reader, &mut [0]).is_ok_and(|more| more > 0);
    read.leaves = tree.finish().leaves;
    read.whole = whole.map(|hash| Digest(hash.finalize().into()));
    read
}

/// Several threads, each with a piece in memory.
fn together(reader: Box<dyn Read + Send + '_>, way: Way) -> Pieces {
    let source = Mutex::new(Source { reader, left: way.size, next: 0, over: false, broke: None });
    let whole = way.whole.then(Whole::default);
    let work = || worker(&source, whole.as_ref(), way.tick);
    let mut hashed = Vec::new();
    thread::scope(|scope| {
        let spawn = |_| thread::Builder::new().spawn_scoped(scope, work).ok();
        let others: Vec<_> = (1..way.workers).filter_map(spawn).collect();
        hashed = work();
        for other in others {
            hashed.extend(other.join().expect("a worker hashes bytes and nothing else"));
        }
    });
    hashed.sort_unstable_by_key(|(index, _)| *index);
    let mut source = source.into_inner().unwrap_or_else(PoisonError::into_inner);
    let longer = source.longer();
    Pieces {
        leaves: hashed.into_iter().map(|(_, leaf)| leaf).collect(),
        bytes: way.size - source.left,
        longer,
        whole: whole.map(Whole::finish),
        broke: source.broke,
    }
}

struct Source<'r> {
    reader: Box<dyn Read + Send + 'r>,
    left: u64,
    next: u64,
    over: bool,
    broke: Option<String>,
}

impl Source<'_> {
    /// Fills `buffer` with the next piece; its number and length, or nothing at the end.
    fn piece(&mut self, buffer: &mut [u8]) -> Option<(u64, usize)> {
        if self.over {
            return None;
        }
        let wanted = usize::try_from(self.left).map_or(buffer.len(), |left| left.min(buffer.len()));
        let filled = match fill(&mut self.reader, &mut buffer[..wanted]) {
            Ok(filled) => filled,
            Err((filled, error)) => {
                self.broke = Some(error.to_string());
                filled
            }
        };
        self.left -= filled as u64;
        // A short piece is the last that can be had.
        self.over = filled < CHUNK_BYTES || self.left == 0;
        let index = self.next;
        self.next += 1;
        (filled > 0).then_some((index, filled))
    }

    fn longer(&mut self) -> bool {
        self.left == 0 && fill(&mut self.reader, &mut [0]).is_ok_and(|filled| filled > 0)
    }
}

/// Reads until the buffer is full or the end is there.
fn fill(reader: &mut dyn Read, buffer: &mut [u8]) -> Result<usize, (usize, io::Error)> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(more) => filled += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err((filled, error)),
        }
    }
    Ok(filled)
}

/// The digest of the whole file: pieces take their turn in order, whichever thread hashes them.
#[derive(Default)]
struct Whole {
    turn: Mutex<(u64, Sha256)>,
    moved: Condvar,
}

impl Whole {
    fn update(&self, index: u64, bytes: &[u8]) {
        let mut turn = locked(&self.turn);
        while turn.0 != index {
            turn = self.moved.wait(turn).unwrap_or_else(PoisonError::into_inner);
        }
        turn.1.update(bytes);
        turn.0 += 1;
        self.moved.notify_all();
    }

    fn finish(self) -> Digest {
        let (_, hash) = self.turn.into_inner().unwrap_or_else(PoisonError::into_inner);
        Digest(hash.finalize().into())
    }
}

fn worker(
    source: &Mutex<Source>,
    whole: Option<&Whole>,
    tick: &(dyn Fn(u64) + Sync),
) -> Vec<(u64, Digest)> {
    let mut buffer = Vec::new();
    let mut hashed = Vec::new();
    loop {
        let piece = {
            let mut source = locked(source);
            let room =
                usize::try_from(source.left).map_or(CHUNK_BYTES, |left| left.min(CHUNK_BYTES));
            if buffer.len() < room {
                buffer.resize(room, 0);
            }
            source.piece(&mut buffer)
        };
        let Some((index, length)) = piece else { return hashed };
        let bytes = &buffer[..length];
        hashed.push((index, leaf_hash(bytes)));
        if let Some(whole) = whole {
            whole.update(index, bytes);
        }
        tick(length as u64);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives few bytes at a time, and breaks where it is told to.
    struct Slow<'b> {
        bytes: &'b [u8],
        breaks: bool,
    }

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.bytes.is_empty() && self.breaks {
                return Err(io::Error::other("scratch"));
            }
            let limit = buffer.len().min(1_000_003);
            self.bytes.read(&mut buffer[..limit])
        }
    }

    fn pieces(bytes: &[u8], size: u64, workers: usize, breaks: bool) -> Pieces {
        let way = Way { size, workers, whole: true, tick: &|_| {} };
        read(Box::new(Slow { bytes, breaks }), way)
    }

    #[test]
    fn leaves_and_digest_are_those_of_one_reader_however_many_hash() {
        let clip: Vec<u8> = (0..CHUNK_BYTES * 3 + 7).map(|i| (i / 5) as u8).collect();
        for length in [0, 1, CHUNK_BYTES, CHUNK_BYTES + 1, clip.len()] {
            let bytes = &clip[..length];
            let mut tree = ChunkTree::new();
            tree.update(bytes);
            let expected = Pieces {
                leaves: tree.finish().leaves,
                bytes: length as u64,
                whole: Some(Digest::of(bytes)),
                ..Pieces::default()
            };
            for workers in 1..=3 {
                assert_eq!(pieces(bytes, length as u64, workers, false), expected, "{length}");
            }
        }
    }

    #[test]
    fn too_short_too_long_and_unreadable_are_told_apart() {
        let clip = vec![3; CHUNK_BYTES + 9];
        let all = clip.len() as u64;
        for workers in [1, 2] {
            let short = pieces(&clip, u64::MAX, workers, false);
            assert_eq!((short.bytes, short.leaves.len(), short.longer), (all, 2, false));
            let long = pieces(&clip, 9, workers, false);
            assert_eq!((long.bytes, long.leaves.len(), long.longer), (9, 1, true));
            assert_eq!(long.whole, Some(Digest::of(&clip[..9])));
            let broken = pieces(&clip, u64::MAX, workers, true);
            assert_eq!((broken.bytes, broken.broke.as_deref()), (all, Some("scratch")));
        }
    }
}
