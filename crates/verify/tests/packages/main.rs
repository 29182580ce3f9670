//! Packages that are sound, wrong in one thing, forged, or broken at random, and the verdict on each.

#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod build;
mod compare;
mod corpus;
mod cosigned;
mod cuts;
mod enemies;
mod excerpts;
mod film;
mod forger;
mod good;
mod keys;
mod page;
mod program;
mod random;
mod replaced;
mod stamps;
mod strangers;
mod sweep;
mod witnesses;

use build::Package;
use sealdock_chain::note::VerifierKey;
use sealdock_verify::{Code, Folder, Options, Pin, Refused, Report, Trust, Word, verify};

/// Judges with two threads and nothing to watch.
pub fn judge(folder: &dyn Folder, trust: &Trust) -> Result<Report, Refused> {
    verify(folder, trust, Options { workers: 2, whole: false }, &|_, _| {})
}

pub fn with_key(key: VerifierKey) -> Trust {
    Trust { keys: vec![key], ..Trust::default() }
}

/// The reader's key and a head of that size, as the station gave it out.
pub fn pinned(package: &Package, size: u64) -> Trust {
    let mut trust = with_key(package.key());
    trust.pins.push(pin(package.station.head(size).note()));
    trust
}

pub fn pin(note: &str) -> Pin {
    Pin::find("receipt", note).unwrap()
}

/// The word and the codes, each once, sorted.
pub fn told(report: &Report) -> (Word, Vec<Code>) {
    let mut codes: Vec<Code> = report.findings.iter().map(|finding| finding.code).collect();
    codes.sort_unstable();
    codes.dedup();
    (report.word, codes)
}

/// Words of a package in which nothing is wrong.
pub fn is_good(word: Word) -> bool {
    matches!(word, Word::Untrusted | Word::Unanchored | Word::Anchored)
}
