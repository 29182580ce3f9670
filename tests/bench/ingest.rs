//! `cargo xtask bench ingest`: protected ingest against peers and against the disk itself, in one run.
//!
//! Every peer ends with `sync`; caches are dropped before each reading; medians of five. What is timed
//! is the shipped binary, PIN and all; only throttled sources and many bays run in this process.

mod bays;
mod disk;
mod founded;
mod peers;
mod report;

use report::Table;

/// Bytes of one data set: six clips, larger together than any cache that matters here.
const CLIPS: usize = 6;
const CLIP_BYTES: usize = 256 << 20;
pub const RUNS: usize = 5;

fn main() {
    // `cargo bench` passes --bench; anything else that is given narrows the work.
    let only: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let wanted = |name: &str| only.is_empty() || only.iter().any(|o| o == name);
    let mut table = Table::new();
    disk::machine_facts(&mut table);
    let place = disk::Place::make(CLIPS, CLIP_BYTES);
    if wanted("peers") {
        peers::compare(&place, &mut table);
    }
    if wanted("bays") {
        bays::throttled(&place, &mut table);
        bays::sixteen(&place, &mut table);
    }
    table.print();
}
