//! Reads the log in one thread, examines entries in as many as there are cores, and hands them on
//! in order: the walk itself is one thread's work. What was used goes back to the thread that made it: memory
//! is given back there without a lock, and the walk, which all wait for, does not spend its time on it.

use super::examine::{Examined, Examiner, RawEntry};
use crate::error::Doing;
use rusqlite::Connection;
use sealdock_chain::digest::Digest;
use sealdock_core::ports::PortResult;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

/// Entries that travel together.
const CHUNK: usize = 512;

/// Chunks that may wait between two threads: the bound on memory.
const WAITING: usize = 4;

type Lane<T> = (Vec<SyncSender<Vec<T>>>, Vec<Receiver<Vec<T>>>);
type Back<T> = (Vec<Sender<Vec<T>>>, Vec<Receiver<Vec<T>>>);

/// Calls `each` with every chunk of examined entries, in order of the log.
///
/// # Errors
/// The log cannot be read to its end, or `each` failed.
pub(crate) fn run(
    log: &mut Connection,
    examiner: &Examiner,
    mut each: impl FnMut(&[Examined]) -> PortResult<()>,
) -> PortResult<()> {
    let lanes = thread::available_parallelism().map_or(2, usize::from).clamp(1, 8);
    let (raw_in, raw_out): Lane<RawEntry> = (0..lanes).map(|_| sync_channel(WAITING)).unzip();
    let (done_in, done_out): Lane<Examined> = (0..lanes).map(|_| sync_channel(WAITING)).unzip();
    let (walked_in, walked_out): Back<Examined> = (0..lanes).map(|_| channel()).unzip();
    let (spent_in, spent) = channel();
    thread::scope(|scope| {
        let reader = scope.spawn(move || read(log, &raw_in, &spent));
        for ((raw, done), walked) in raw_out.into_iter().zip(done_in).zip(walked_out) {
            let spent = spent_in.clone();
            scope.spawn(move || {
                for chunk in raw {
                    drop(walked.try_iter().collect::<Vec<_>>());
                    let examined = chunk.iter().map(|entry| examiner.examine(entry)).collect();
                    // The reader is gone once it saw the end.
                    let _gone = spent.send(chunk);
                    if done.send(examined).is_err() {
                        return;
                    }
                }
            });
        }
        let mut walked = Ok(());
        // Chunks were dealt out in turn, so they are taken back in turn.
        for (lane, back) in done_out.iter().zip(&walked_in).cycle() {
            let Ok(chunk) = lane.recv() else { break };
            walked = each(&chunk);
            let _gone = back.send(chunk);
            if walked.is_err() {
                break;
            }
        }
        drop(done_out);
        let read = reader.join().unwrap_or_else(|_| {
            Err(crate::error::damaged("the log could not be read: its reader panicked"))
        });
        walked.and(read)
    })
}

fn read(
    log: &Connection,
    lanes: &[SyncSender<Vec<RawEntry>>],
    spent: &Receiver<Vec<RawEntry>>,
) -> PortResult<()> {
    let reading = || "read the log".to_owned();
    let mut statement =
        log.prepare("SELECT seq, leaf, bytes FROM entry ORDER BY seq").doing(reading)?;
    let mut rows = statement.query([]).doing(reading)?;
    for lane in lanes.iter().cycle() {
        // Memory of entries that were examined serves for the next ones.
        let mut chunk = spent.try_recv().unwrap_or_default();
        let mut filled = 0;
        while filled < CHUNK
            && let Some(row) = rows.next().doing(reading)?
        {
            if filled == chunk.len() {
                chunk.push(RawEntry { seq: 0, leaf: None, bytes: Vec::new() });
            }
            let entry = &mut chunk[filled];
            entry.seq = row.get(0).doing(reading)?;
            entry.leaf = row.get::<_, [u8; 32]>(1).ok().map(Digest);
            entry.bytes.clear();
            let bytes = row.get_ref(2).and_then(|bytes| Ok(bytes.as_blob()?)).doing(reading)?;
            entry.bytes.extend_from_slice(bytes);
            filled += 1;
        }
        chunk.truncate(filled);
        let last = filled < CHUNK;
        if lane.send(chunk).is_err() || last {
            break;
        }
    }
    Ok(())
}
