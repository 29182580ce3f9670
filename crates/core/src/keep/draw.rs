//! Which clips a spot check falls on (S16). The announcement names the clips to draw from, how many, and a
//! size of the chain that is not reached yet. The root of the tree of that many entries is the seed: it
//! rests on every entry up to there, so nobody can choose it. Every clip gets a score, SHA-256 over
//! [`SEED_WORDS`], the root and the clip's number; those with the lowest scores are drawn, lowest first.
//! Anybody with an exported log draws again: `tests/interop/draw.py`.

use super::event::CheckAnnounced;
use super::kept::{self, Kept, KeptState, pages};
use super::rows::CLASSING;
use crate::id::ClipId;
use crate::ports::{PortResult, Registers};
use crate::registry;
use crate::table::Query;
use sealdock_chain::digest::Digest;
use std::collections::BTreeSet;

/// The first line of what is hashed.
pub const SEED_WORDS: &str = "sealdock spot check v1";

/// SHA-256 of three lines: [`SEED_WORDS`], the root in hexadecimal, the clip's entry number.
pub fn score(root: &Digest, clip: ClipId) -> Digest {
    Digest::of(format!("{SEED_WORDS}\n{root}\n{}\n", clip.0).as_bytes())
}

/// The clips that check `e`, announced in entry `announced`, falls on under `root`.
///
/// # Errors
/// The registers cannot be read.
pub fn drawn(
    registers: &dyn Registers,
    (announced, e): (u64, &CheckAnnounced),
    root: &Digest,
) -> PortResult<Vec<ClipId>> {
    let most = e.count as usize;
    let mut lowest: BTreeSet<([u8; 32], ClipId)> = BTreeSet::new();
    let mut offer = |clip: ClipId| {
        lowest.insert((score(root, clip).0, clip));
        if lowest.len() > most {
            lowest.pop_last();
        }
    };
    match &e.class {
        None => pages(registers, (e.from, e.to), &mut |kept| {
            if was_there(&kept, announced) {
                offer(kept.clip);
            }
            Ok(())
        })?,
        Some(class) => {
            for clip in of_class(registers, class, (e.from, e.to), announced)? {
                offer(clip);
            }
        }
    }
    Ok(lowest.into_iter().map(|(_, clip)| clip).collect())
}

/// Not disposed of before the announcement.
fn was_there(kept: &Kept, announced: u64) -> bool {
    kept.state != KeptState::Disposed || kept.disposed_seq.is_some_and(|seq| seq > announced)
}

/// Clips that had the class when the check was announced. What they were given later does not count: it
/// could be given by somebody who already knows the seed.
fn of_class(
    registers: &dyn Registers,
    class: &str,
    (from, to): (u64, u64),
    announced: u64,
) -> PortResult<Vec<ClipId>> {
    let given = registers.select(&Query::all(&CLASSING).with("class", class))?;
    let clips: BTreeSet<u64> = given
        .iter()
        .filter_map(|row| u64::try_from(row.int("clip")).ok())
        .filter(|clip| (from..to).contains(clip))
        .collect();
    let mut had = Vec::new();
    for clip in clips {
        let all = registers.select(&Query::all(&CLASSING).with("clip", clip))?;
        let then = all.iter().rfind(|row| registry::seq(row) < announced);
        let there = kept::kept(registers, ClipId(clip))?.is_some_and(|k| was_there(&k, announced));
        if there && then.is_some_and(|row| row.text("class") == class) {
            had.push(ClipId(clip));
        }
    }
    Ok(had)
}
