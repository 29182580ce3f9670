//! Reads the log in one thread, examines entries in as many as there are cores, and hands them on
//! in order: the walk itself is one thread's work.

use super::examine::{Examined, Examiner, RawEntry};
use crate::error::Doing;
use rusqlite::Connection;
use sealdock_chain::digest::Digest;
use sealdock_core::ports::PortResult;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// Entries that travel together.
const CHUNK: usize = 512;

/// Chunks that may wait between two threads: the bound on memory.
const WAITING: usize = 2;

type Lane<T> = (Vec<SyncSender<Vec<T>>>, Vec<Receiver<Vec<T>>>);

/// Calls `each` with every chunk of examined entries, in order of the log.
///
/// # Errors
/// The log cannot be read to its end, or `each` failed.
pub(crate) fn run(
    log: &mut Connection,
    examiner: &Examiner,
    mut each: impl FnMut(Vec<Examined>) -> PortResult<()>,
) -> PortResult<()> {
    let lanes = thread::available_parallelism().map_or(2, usize::from).clamp(1, 8);
    let (raw_in, raw_out): Lane<RawEntry> = (0..lanes).map(|_| sync_channel(WAITING)).unzip();
    let (done_in, done_out): Lane<Examined> = (0..lanes).map(|_| sync_channel(WAITING)).unzip();
    thread::scope(|scope| {
        let reader = scope.spawn(move || read(log, &raw_in));
        for (raw, done) in raw_out.into_iter().zip(done_in) {
            scope.spawn(move || {
                for chunk in raw {
                    let chunk = chunk.iter().map(|entry| examiner.examine(entry)).collect();
                    if done.send(chunk).is_err() {
                        return;
                    }
                }
            });
        }
        let mut walked = Ok(());
        // Chunks were dealt out in turn, so they are taken back in turn.
        for lane in done_out.iter().cycle() {
            let Ok(chunk) = lane.recv() else { break };
            walked = each(chunk);
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

fn read(log: &Connection, lanes: &[SyncSender<Vec<RawEntry>>]) -> PortResult<()> {
    let reading = || "read the log".to_owned();
    let mut statement =
        log.prepare("SELECT seq, leaf, bytes FROM entry ORDER BY seq").doing(reading)?;
    let mut rows = statement.query([]).doing(reading)?;
    for lane in lanes.iter().cycle() {
        let mut chunk = Vec::with_capacity(CHUNK);
        while chunk.len() < CHUNK
            && let Some(row) = rows.next().doing(reading)?
        {
            chunk.push(RawEntry {
                seq: row.get(0).doing(reading)?,
                leaf: row.get::<_, [u8; 32]>(1).ok().map(Digest),
                bytes: row.get(2).doing(reading)?,
            });
        }
        let last = chunk.len() < CHUNK;
        if lane.send(chunk).is_err() || last {
            break;
        }
    }
    Ok(())
}
