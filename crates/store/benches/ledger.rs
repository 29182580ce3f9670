//! How fast the ledger is on this machine: `cargo xtask bench ledger`. Prints each number beside the
//! line it must meet.
#![allow(clippy::unwrap_used)]

#[path = "../tests/common/mod.rs"]
mod common;

use common::*;
use sealdock_core::event::Event;
use sealdock_core::ports::{Decision, Ledger};
use sealdock_store::Store;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

fn main() {
    // `cargo bench` passes --bench; a number is the size of the big ledger.
    let mut arguments = std::env::args().skip(1).filter(|a| !a.starts_with("--"));
    let entries: u64 = arguments.next().map_or(1_000_000, |n| n.parse().expect("a number"));
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench-ledger");
    let _absent = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).expect("the directory can be made");
    singles(&dir.join("single"));
    callers(&dir.join("callers"));
    million(&dir.join("million"), entries);
    std::fs::remove_dir_all(&dir).expect("what was made can be removed");
}

/// Appends per kind, in turns with bare commits.
const SINGLES: u32 = 3000;

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// One durable append against one bare durable commit, in turns, so that the disk's mood is shared.
fn singles(dir: &Path) {
    std::fs::create_dir_all(dir).unwrap();
    let keys = Keys::new();
    let store = founded(dir, &keys, 1);
    let bare = rusqlite::Connection::open(dir.join("bare.db")).unwrap();
    bare.execute_batch(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
         CREATE TABLE t (id INTEGER PRIMARY KEY, bytes BLOB)",
    )
    .unwrap();
    let opened = append(&store, vec![session()]).unwrap().entries[0].seq;
    let (mut ours, mut small, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    let bytes = vec![5u8; 1300];
    let timed = |times: &mut Vec<Duration>, work: &mut dyn FnMut()| {
        let begun = Instant::now();
        work();
        times.push(begun.elapsed());
    };
    for line in 0..SINGLES {
        let mut event = vec![clip(opened, line, Some(&keys))];
        timed(&mut ours, &mut || drop(append(&store, std::mem::take(&mut event)).unwrap()));
        let mut event = vec![person(line + 10).0];
        timed(&mut small, &mut || drop(append(&store, std::mem::take(&mut event)).unwrap()));
        timed(&mut theirs, &mut || {
            bare.execute("INSERT INTO t (bytes) VALUES (?1)", [&bytes]).unwrap();
        });
    }
    // The first half only brings the write-ahead logs to their working size.
    let steady = |times: Vec<Duration>| median(times[SINGLES as usize / 2..].to_vec());
    let bare = steady(theirs);
    for (what, ours) in [("clip.stored", steady(ours)), ("person.enrolled", steady(small))] {
        println!(
            "single {what:<16} {ours:>10.1?}   bare commit {bare:.1?}   ratio {:.2} (≤ 1.5)",
            ours.as_secs_f64() / bare.as_secs_f64()
        );
    }
}

/// User and system time of this process, all threads.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let after_name = stat.rsplit(") ").next().unwrap();
    let ticks = after_name.split(' ').skip(11).take(2).map(|n| n.parse::<f64>().unwrap());
    ticks.sum::<f64>() / 100.0
}

/// Many callers at once, one event each: what group commit is worth.
fn callers(dir: &Path) {
    std::fs::create_dir_all(dir).unwrap();
    let keys = Keys::new();
    let store = Arc::new(founded(dir, &keys, 1));
    let opened = append(&store, vec![session()]).unwrap().entries[0].seq;
    let begun = Instant::now();
    let threads: Vec<_> = (0..64u32)
        .map(|thread| {
            let store = Arc::clone(&store);
            std::thread::spawn(move || {
                for n in 0..200 {
                    append(&store, vec![clip(opened, thread * 200 + n, None)]).unwrap();
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    rate("64 callers, one entry each", 64 * 200, begun.elapsed(), 0);
}

fn rate(what: &str, entries: u64, time: Duration, line: u64) {
    let per_second = entries as f64 / time.as_secs_f64();
    println!("{what:<34} {per_second:>10.0} entries/s   (≥ {line})   {time:.2?}");
}

/// A session of 16 clips with all that follows, as one decision.
fn story(at: u64) -> Decision {
    let mut events: Vec<Event> = vec![session(), listing(at, 16)];
    for line in 0..16 {
        let seq = at + events.len() as u64;
        events.push(clip(at, line, None));
        events.extend(aftermath(at, line, seq));
    }
    events.into()
}

fn million(dir: &Path, entries: u64) {
    std::fs::create_dir_all(dir).unwrap();
    let keys = Keys::new();
    let store = founded(dir, &keys, 20);
    let begun = Instant::now();
    let mut size = 0;
    while size < entries {
        size = transact(&store, story).unwrap().unwrap().head.checkpoint().size;
    }
    rate("batches of 66 entries", size, begun.elapsed(), 10_000);
    drop(store);
    let bytes = std::fs::metadata(dir.join("chain.db")).unwrap().len();
    println!("database                    {:.0} MiB for {size} entries", bytes as f64 / 1048576.0);

    let begun = Instant::now();
    let store = open(dir, &keys).unwrap();
    println!("start to ready             {:>10.1?}   (≤ 1 s)", begun.elapsed());
    let begun = Instant::now();
    let view = store.view().unwrap();
    for seq in 0..100 {
        let tree = Tree(&*view);
        sealdock_chain::tree::inclusion_proof(&tree, seq * 997 % size, size).unwrap();
    }
    println!("inclusion proof            {:>10.1?}", begun.elapsed() / 100);
    drop(view);
    let (begun, cpu) = (Instant::now(), cpu_seconds());
    let report = store.verify(false, &mut |_, _| {}).unwrap();
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    rate("verify", report.entries, begun.elapsed(), 100_000);
    // On a machine that others use as well, this is the number that can be compared.
    let cpu = (cpu_seconds() - cpu) * 1e6 / report.entries as f64;
    println!("verify, processor time     {cpu:>10.1} µs per entry (≤ 20 on two cores)");
    let begun = Instant::now();
    store.backup_to(&dir.join("copy.db")).unwrap();
    println!("backup                     {:>10.1?}", begun.elapsed());
    drop(store);
    let begun = Instant::now();
    let reader = Store::open_read_only(dir).unwrap();
    reader.view().unwrap();
    println!("read-only start to view    {:>10.1?}", begun.elapsed());
}

struct Tree<'v>(&'v dyn sealdock_core::ports::LedgerView);

impl sealdock_chain::tree::NodeSource for Tree<'_> {
    fn node(&self, level: u32, index: u64) -> Option<sealdock_chain::digest::Digest> {
        self.0.node(level, index).unwrap()
    }
}
