//! One reading of a file: whoever reads, hashes or writes does it in its own thread, and blocks wander
//! from one to the next. Memory is bounded by the number of blocks, whatever the size of the clip.

use sealdock_core::block::Block;
use sealdock_core::custody::{ChunkHash, Chunked, Whole, WholeHash};
use sealdock_core::ports::{Incoming, PortError, PortResult, Source};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Memory that a disk can fill in one go.
mod memory;

pub(crate) use memory::block;

/// Bytes per block where few readings run: one huge page, see [`memory`].
const BLOCK_BYTES: usize = memory::HUGE_PAGE;
/// Bytes per block where many do: sixteen bays that copy and prove at once stay under 50 MiB.
const BLOCK_BYTES_OF_MANY: usize = 256 << 10;
/// The first bytes of a file are read alone: most photos and notes are no longer, and need no threads.
const HEAD_BYTES: usize = 256 << 10;
/// Readings that may use big blocks.
const FEW: usize = 2;
/// Blocks that wander in one reading.
const BLOCKS: usize = 4;

/// Readings that run in this process.
static RUNNING: AtomicUsize = AtomicUsize::new(0);

/// Counts one reading for as long as it lives.
struct Running {
    block_bytes: usize,
}

impl Running {
    fn start() -> Running {
        let others = RUNNING.fetch_add(1, Ordering::Relaxed);
        let block_bytes = if others < FEW { BLOCK_BYTES } else { BLOCK_BYTES_OF_MANY };
        Running { block_bytes }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        RUNNING.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What a reading is to yield.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    pub sm3: bool,
    /// The chunk tree as well as the whole digest.
    pub chunks: bool,
}

/// A finished reading.
pub struct Read {
    pub whole: Whole,
    /// Present when it was wanted.
    pub chunked: Option<Chunked>,
}

/// Which side failed.
#[derive(Debug)]
pub enum ReadError {
    /// Reading failed at this offset.
    Source { offset: u64, error: PortError },
    /// Writing failed.
    Sink(PortError),
}

/// Reads `source` from first to last byte, hashes it, and writes it to `sink` if there is one.
/// `tick` is told how many bytes went by.
pub fn read_through(
    source: &mut dyn Source,
    sink: Option<&mut dyn Incoming>,
    wanted: Wanted,
    tick: &(dyn Fn(u64) + Sync),
) -> Result<Read, ReadError> {
    let running = Running::start();
    let mut head = Block::new(HEAD_BYTES);
    let filled =
        read_twice(source, 0, &mut head).map_err(|error| ReadError::Source { offset: 0, error })?;
    if filled < head.capacity() {
        return short(head, sink, wanted, tick);
    }
    threaded(source, (head, running.block_bytes), sink, wanted, tick)
}

/// The whole file is in its head: no threads.
fn short(
    mut block: Block,
    sink: Option<&mut dyn Incoming>,
    wanted: Wanted,
    tick: &(dyn Fn(u64) + Sync),
) -> Result<Read, ReadError> {
    let mut whole = WholeHash::new(wanted.sm3);
    let mut chunks = ChunkHash::new();
    whole.update(block.bytes());
    chunks.update(block.bytes());
    let bytes = block.bytes().len() as u64;
    if let Some(sink) = sink
        && bytes > 0
    {
        sink.write(&mut block).map_err(ReadError::Sink)?;
    }
    tick(bytes);
    Ok(Read { whole: whole.finish(), chunked: wanted.chunks.then(|| chunks.finish()) })
}

type Passed = Result<Block, (u64, PortError)>;

/// reader → whole hash → chunk hash → writer (this thread) → back to the reader.
fn threaded(
    source: &mut dyn Source,
    (head, block_bytes): (Block, usize),
    sink: Option<&mut dyn Incoming>,
    wanted: Wanted,
    tick: &(dyn Fn(u64) + Sync),
) -> Result<Read, ReadError> {
    let twin = source.twin();
    let lanes = 1 + usize::from(twin.is_some());
    std::thread::scope(|scope| {
        let (hashed_in, hashed) = sync_channel::<Passed>(BLOCKS);
        let (mut empties, mut reads, mut fed) = (Vec::new(), Vec::new(), Vec::new());
        let mut readers: Vec<Reader> = vec![Reader::Lent(source)];
        readers.extend(twin.map(Reader::Own));
        for (lane, mut reader) in readers.into_iter().enumerate() {
            let (empty_in, empty) = sync_channel::<Block>(BLOCKS);
            let (read_in, read) = sync_channel::<Passed>(BLOCKS);
            for _ in 0..BLOCKS / lanes {
                empty_in.send(memory::block(block_bytes)).expect("the channel holds all blocks");
            }
            let stride = Stride {
                start: (HEAD_BYTES + lane * block_bytes) as u64,
                step: (lanes * block_bytes) as u64,
            };
            fed.push(scope.spawn(move || feed(reader.source(), stride, &empty, &read_in)));
            empties.push(empty_in);
            reads.push(read);
        }
        let whole = scope.spawn(move || {
            let mut hash = WholeHash::new(wanted.sm3);
            merge(head, &reads, &hashed_in, |bytes| hash.update(bytes));
            hash.finish()
        });
        let (mut done, mut chunked) = (hashed, None);
        if wanted.chunks {
            let (chunked_in, both_done) = sync_channel::<Passed>(BLOCKS);
            let hashed = std::mem::replace(&mut done, both_done);
            chunked = Some(scope.spawn(move || {
                let mut hash = ChunkHash::new();
                pass(&hashed, &chunked_in, |bytes| hash.update(bytes));
                hash.finish()
            }));
        }
        let end = drain(&done, &empties, sink, tick);
        // Closing both ends lets every thread run out, also after an error.
        drop((done, empties));
        for fed in fed {
            if let Err(panic) = fed.join() {
                // A reader that died is no end of file, and dies with its own words.
                std::panic::resume_unwind(panic);
            }
        }
        let whole = whole.join().expect("hashing does not panic");
        let chunked = chunked.map(|chunks| chunks.join().expect("hashing does not panic"));
        end.map(|()| Read { whole, chunked })
    })
}

/// Whoever reads one lane.
enum Reader<'a> {
    Lent(&'a mut dyn Source),
    Own(Box<dyn Source>),
}

impl Reader<'_> {
    fn source(&mut self) -> &mut dyn Source {
        match self {
            Reader::Lent(source) => *source,
            Reader::Own(source) => &mut **source,
        }
    }
}

/// Which blocks a lane reads: one every `step` bytes from `start` on.
struct Stride {
    start: u64,
    step: u64,
}

fn feed(
    source: &mut dyn Source,
    stride: Stride,
    empty: &Receiver<Block>,
    out: &SyncSender<Passed>,
) {
    let mut offset = stride.start;
    while let Ok(mut block) = empty.recv() {
        match read_twice(source, offset, &mut block) {
            Ok(0) => return,
            Ok(_) => {
                offset += stride.step;
                if out.send(Ok(block)).is_err() {
                    return;
                }
            }
            Err(error) => {
                let _ = out.send(Err((offset, error)));
                return;
            }
        }
    }
}

/// Takes the head, then the blocks from the lanes in turn, in the order of the file. A short block is the last: what
/// a growing file has behind it shows when the file is looked at again.
fn merge(
    head: Block,
    lanes: &[Receiver<Passed>],
    to: &SyncSender<Passed>,
    mut see: impl FnMut(&[u8]),
) {
    see(head.bytes());
    if to.send(Ok(head)).is_err() {
        return;
    }
    for lane in lanes.iter().cycle() {
        let Ok(passed) = lane.recv() else { return };
        let mut last = true;
        if let Ok(block) = &passed {
            see(block.bytes());
            last = block.bytes().len() < block.capacity();
        }
        if to.send(passed).is_err() || last {
            return;
        }
    }
}

fn pass(from: &Receiver<Passed>, to: &SyncSender<Passed>, mut see: impl FnMut(&[u8])) {
    while let Ok(passed) = from.recv() {
        if let Ok(block) = &passed {
            see(block.bytes());
        }
        if to.send(passed).is_err() {
            return;
        }
    }
}

fn drain(
    from: &Receiver<Passed>,
    back: &[SyncSender<Block>],
    mut sink: Option<&mut dyn Incoming>,
    tick: &(dyn Fn(u64) + Sync),
) -> Result<(), ReadError> {
    // The head is nobody's block, and goes nowhere.
    for lane in std::iter::once(None).chain(back.iter().map(Some).cycle()) {
        let Ok(passed) = from.recv() else { return Ok(()) };
        let mut block = passed.map_err(|(offset, error)| ReadError::Source { offset, error })?;
        if let Some(sink) = &mut sink {
            sink.write(&mut block).map_err(ReadError::Sink)?;
        }
        tick(block.bytes().len() as u64);
        // The reader is gone once it saw the end; blocks then have nowhere to go back to.
        if let Some(lane) = lane {
            let _ = lane.send(block);
        }
    }
    Ok(())
}

/// A part of a file that could not be read: offset and length in bytes.
pub type Hole = (u64, u64);

/// Sectors around an unreadable place are tried one by one, then with growing steps, so that a dead
/// region costs seconds and not hours.
const SECTOR: usize = 4096;
const SKIP_MAX: u64 = 1 << 20;

/// Reads what can be read of a failing file into `sink`; holes are zero. Stops only when the recorder
/// itself is gone (`alive` says no).
pub fn salvage(
    source: &mut dyn Source,
    size: u64,
    sink: &mut dyn Incoming,
    alive: &mut dyn FnMut() -> bool,
) -> Result<(Whole, Vec<Hole>), ReadError> {
    let mut hash = WholeHash::new(false);
    let mut holes: Vec<Hole> = Vec::new();
    let mut block = Block::new(SECTOR);
    let (mut offset, mut skip) = (0u64, SECTOR as u64);
    while offset < size {
        let room = (size - offset).min(SECTOR as u64) as usize;
        match read_twice(source, offset, &mut block) {
            Ok(0) => break,
            Ok(filled) => {
                block.set_filled(filled.min(room));
                skip = SECTOR as u64;
            }
            Err(error) => {
                if !alive() {
                    return Err(ReadError::Source { offset, error });
                }
                let length = skip.min(size - offset);
                add_hole(&mut holes, offset, length);
                offset += zeros(length, &mut block, &mut hash, sink)?;
                skip = (skip * 2).min(SKIP_MAX);
                continue;
            }
        }
        hash.update(block.bytes());
        offset += block.bytes().len() as u64;
        sink.write(&mut block).map_err(ReadError::Sink)?;
    }
    Ok((hash.finish(), holes))
}

/// Cards and cables fail once and then not again; a place that fails twice is given up. The second
/// reading of the recorder guards against what a retry might have got wrong.
fn read_twice(source: &mut dyn Source, offset: u64, block: &mut Block) -> PortResult<usize> {
    source.read_at(offset, block).or_else(|error| {
        tracing::warn!(offset, %error, "reading it once more");
        source.read_at(offset, block)
    })
}

fn add_hole(holes: &mut Vec<Hole>, offset: u64, length: u64) {
    match holes.last_mut() {
        Some((start, so_far)) if *start + *so_far == offset => *so_far += length,
        _ => holes.push((offset, length)),
    }
}

fn zeros(
    length: u64,
    block: &mut Block,
    hash: &mut WholeHash,
    sink: &mut dyn Incoming,
) -> Result<u64, ReadError> {
    let mut left = length;
    while left > 0 {
        let part = left.min(SECTOR as u64) as usize;
        block.room()[..part].fill(0);
        block.set_filled(part);
        hash.update(block.bytes());
        sink.write(block).map_err(ReadError::Sink)?;
        left -= part as u64;
    }
    Ok(length)
}

/// The digest of bytes that lie in a vault.
pub fn read_stored(source: &mut dyn Source, sm3: bool) -> PortResult<Whole> {
    Ok(read_kept(source, Wanted { sm3, chunks: false })?.whole)
}

/// The same with the chunk tree.
pub fn read_stored_deep(source: &mut dyn Source) -> PortResult<(Whole, Chunked)> {
    let read = read_kept(source, Wanted { sm3: false, chunks: true })?;
    Ok((read.whole, read.chunked.expect("the chunk tree was wanted")))
}

fn read_kept(source: &mut dyn Source, wanted: Wanted) -> PortResult<Read> {
    read_through(source, None, wanted, &|_| ()).map_err(|e| match e {
        ReadError::Source { offset, error } => {
            PortError::new(error.kind, format!("reading back failed at byte {offset}: {error}"))
        }
        ReadError::Sink(error) => error,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use sealdock_core::Digest;
    use sealdock_core::custody::SourceDigest;
    use sealdock_core::ports::{FileIdentity, Kind};
    use std::sync::Arc;

    /// Bytes in memory, read by as many as want to; fails from `bad` on.
    struct Shared {
        bytes: Arc<Vec<u8>>,
        bad: Option<u64>,
        twins: bool,
    }

    impl Source for Shared {
        fn read_at(&mut self, offset: u64, block: &mut Block) -> PortResult<usize> {
            if self.bad.is_some_and(|bad| offset >= bad) {
                return Err(PortError::new(Kind::Failed, "bad sector"));
            }
            let rest = self.bytes.get(offset as usize..).unwrap_or_default();
            let filled = rest.len().min(block.capacity());
            block.room()[..filled].copy_from_slice(&rest[..filled]);
            block.set_filled(filled);
            Ok(filled)
        }
        fn unchanged(&mut self) -> PortResult<bool> {
            Ok(true)
        }
        fn twin(&self) -> Option<Box<dyn Source>> {
            let (bytes, bad) = (self.bytes.clone(), self.bad);
            self.twins.then(|| Box::new(Shared { bytes, bad, twins: true }) as Box<dyn Source>)
        }
        fn identity(&self) -> Option<FileIdentity> {
            None
        }
        fn method(&self) -> &'static str {
            "memory"
        }
    }

    const WANTED: Wanted = Wanted { sm3: false, chunks: true };

    #[test]
    fn one_reader_and_two_read_the_same_bytes_in_order_whatever_the_length() {
        const MIB: usize = 1 << 20;
        let around = |bytes: usize| [bytes - 1, bytes, bytes + 1];
        let head = around(HEAD_BYTES);
        let one = around(HEAD_BYTES + BLOCK_BYTES);
        let two = around(HEAD_BYTES + 2 * BLOCK_BYTES);
        let lengths = [0, 1, MIB, 7 * MIB + 5, 24 * MIB].into_iter().chain(head).chain(one);
        let lengths = lengths.chain(two).chain(around(HEAD_BYTES + 9 * BLOCK_BYTES));
        for length in lengths {
            let bytes: Vec<u8> = (0..length).map(|n| (n / 4093 * 31 + n) as u8).collect();
            let expected = Digest::of(&bytes);
            let bytes = Arc::new(bytes);
            for twins in [false, true] {
                let mut source = Shared { bytes: bytes.clone(), bad: None, twins };
                let read = read_through(&mut source, None, WANTED, &|_| ()).unwrap();
                let digest = SourceDigest::earned(read.whole, read.chunked.unwrap());
                assert_eq!((digest.sha256(), digest.size()), (expected, length as u64), "{length}");
            }
        }
    }

    #[test]
    fn the_first_unreadable_place_is_named_and_nothing_hangs() {
        let bytes = Arc::new(vec![7; 9 << 20]);
        for (twins, bad) in [(false, 5 << 20), (true, 5 << 20), (true, 4 << 20)] {
            let mut source = Shared { bytes: bytes.clone(), bad: Some(bad), twins };
            let Err(ReadError::Source { offset, .. }) =
                read_through(&mut source, None, WANTED, &|_| ())
            else {
                panic!("a bad sector is an error");
            };
            assert!((bad..bad + BLOCK_BYTES as u64).contains(&offset), "{offset}");
        }
    }
}
