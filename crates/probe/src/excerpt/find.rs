//! Finds the samples of an excerpt again in its master: first by their lengths, then byte for byte. What is found is
//! compared once more by whoever writes the package, from other bytes; nothing rests on this alone.

use std::fs::File;
use std::os::unix::fs::FileExt;

use serde::{Deserialize, Serialize};

use super::tables::{self, Sample, Track};

/// Bytes that are compared before it is given up: silence and black pictures look alike in many places.
const COMPARED_MAX: u64 = 4 << 30;

/// Which bytes of the master the coded samples of an excerpt are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Found {
    /// Where the first sample stands in the excerpt.
    pub at: u64,
    /// Offset in the master and length, one after the other in the excerpt.
    pub runs: Vec<(u64, u64)>,
    /// Playing time of the picture that was cut, in milliseconds of the master; of the sound where there is no picture.
    pub from_ms: u64,
    pub to_ms: u64,
}

/// A piece of the excerpt and where it lies in the master.
struct Run {
    at: u64,
    master: u64,
    len: u64,
}

/// # Errors
/// A sentence: what could not be found, and in which file.
pub(super) fn find(master: &File, excerpt: &File) -> Result<Found, String> {
    let (whole, part) = (tables::read(master), tables::read(excerpt));
    let whole = whole.map_err(|why| format!("the clip {why}"))?;
    let part = part.map_err(|why| format!("what was cut {why}"))?;
    let mut budget = COMPARED_MAX;
    let (mut runs, mut range) = (Vec::new(), None);
    for track in part.iter().filter(|track| !track.samples.is_empty()) {
        let mut tries = whole.iter().filter(|other| other.handler == track.handler);
        let found = tries.find_map(|other| {
            match begins(((master, other), (excerpt, track)), &mut budget) {
                Ok(None) => None,
                Ok(Some(first)) => Some(Ok((other, first))),
                Err(why) => Some(Err(why)),
            }
        });
        let Some(found) = found else {
            return Err("a sample of what was cut is not in the clip byte for byte".into());
        };
        let (other, first) = found?;
        if range.is_none() || track.handler == *b"vide" {
            range = Some(other.shown_ms(first..first + track.samples.len()));
        }
        let pairs = track.samples.iter().zip(&other.samples[first..]);
        runs.extend(pairs.map(|(here, there)| Run {
            at: here.at,
            master: there.at,
            len: here.len.into(),
        }));
    }
    let (from_ms, to_ms) = range.ok_or("what was cut holds no picture and no sound")?;
    let (at, runs) = joined(runs)?;
    Ok(Found { at, runs, from_ms, to_ms })
}

type Pair<'t> = (&'t File, &'t Track);

/// The sample of the master from which on it has those of the excerpt.
fn begins(
    ((master, whole), (excerpt, part)): (Pair, Pair),
    budget: &mut u64,
) -> Result<Option<usize>, String> {
    let wanted: Vec<u32> = part.samples.iter().map(|sample| sample.len).collect();
    let there: Vec<u32> = whole.samples.iter().map(|sample| sample.len).collect();
    for first in occurrences(&wanted, &there) {
        if same((master, &whole.samples[first..]), (excerpt, &part.samples), budget)? {
            return Ok(Some(first));
        }
    }
    Ok(None)
}

type Samples<'t> = (&'t File, &'t [Sample]);

fn same(
    (master, there): Samples,
    (excerpt, here): Samples,
    budget: &mut u64,
) -> Result<bool, String> {
    let unreadable = |e: std::io::Error| format!("a sample cannot be read: {e}");
    let (mut one, mut other) = (Vec::new(), Vec::new());
    for (there, here) in there.iter().zip(here) {
        *budget = budget
            .checked_sub(u64::from(here.len).max(16))
            .ok_or("it was not found in the clip within the time that is given to it")?;
        let len = usize::try_from(here.len).map_err(|_| "a sample is too large")?;
        one.resize(len, 0);
        other.resize(len, 0);
        master.read_exact_at(&mut one, there.at).map_err(unreadable)?;
        excerpt.read_exact_at(&mut other, here.at).map_err(unreadable)?;
        if one != other {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Every place where `wanted` lies in `there` (Knuth, Morris, Pratt: no step back, whatever the lengths are).
fn occurrences<'w>(wanted: &'w [u32], there: &'w [u32]) -> impl Iterator<Item = usize> + 'w {
    let mut borders = vec![0usize; wanted.len()];
    let mut length = 0;
    for at in 1..wanted.len() {
        while length > 0 && wanted[at] != wanted[length] {
            length = borders[length - 1];
        }
        length += usize::from(wanted[at] == wanted[length]);
        borders[at] = length;
    }
    let mut matched = 0;
    there.iter().enumerate().filter_map(move |(at, len)| {
        while matched > 0 && (matched == wanted.len() || wanted[matched] != *len) {
            matched = borders[matched - 1];
        }
        matched += usize::from(wanted.get(matched) == Some(len));
        (matched == wanted.len()).then(|| at + 1 - matched)
    })
}

/// In the order of the excerpt, neighbours made one; they must lie there without a gap.
fn joined(mut runs: Vec<Run>) -> Result<(u64, Vec<(u64, u64)>), String> {
    runs.retain(|run| run.len > 0);
    runs.sort_unstable_by_key(|run| run.at);
    let first = runs.first().map_or(0, |run| run.at);
    let (mut next, mut all) = (first, Vec::<(u64, u64)>::new());
    for run in runs {
        if run.at != next {
            return Err("what was cut has bytes between its samples".into());
        }
        next += run.len;
        match all.last_mut() {
            Some(last) if last.0 + last.1 == run.master => last.1 += run.len,
            _ => all.push((run.master, run.len)),
        }
    }
    Ok((first, all))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_occurrence_is_found_and_no_other() {
        let found = |wanted: &[u32], there: &[u32]| occurrences(wanted, there).collect::<Vec<_>>();
        assert_eq!(found(&[1, 1], &[1, 1, 1, 2, 1, 1]), [0, 1, 4]);
        assert_eq!(found(&[1, 2, 1], &[1, 2, 1, 2, 1]), [0, 2]);
        assert_eq!(found(&[3], &[1, 2]), [0usize; 0]);
        assert_eq!(found(&[1, 2, 3], &[1, 2]), [0usize; 0]);
    }

    #[test]
    fn neighbours_are_joined_and_a_gap_is_refused() {
        let run = |at, master, len| Run { at, master, len };
        let all = joined(vec![run(14, 94, 2), run(10, 90, 4), run(16, 7, 1)]).unwrap();
        assert_eq!(all, (10, vec![(90, 6), (7, 1)]));
        assert!(joined(vec![run(10, 90, 4), run(15, 94, 2)]).is_err());
        assert!(joined(vec![run(10, 90, 4), run(13, 94, 2)]).is_err());
    }
}
