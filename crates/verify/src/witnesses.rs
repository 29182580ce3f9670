//! Cosignatures of witnesses under heads of the record. That such a head is this record's is checked always; whose
//! cosignature is believed, the reader says. A head that enough of them cosigned is as good as one that somebody
//! outside kept (`docs/design/anchors.md`).

use crate::anchors::{self, Around, File};
use crate::code::Code;
use crate::names::Place;
use crate::report::Findings;
use sealdock_chain::WitnessPolicy;
use sealdock_chain::note::{SignedCheckpoint, VerifierKey};
use sealdock_chain::policy::Witness;
use std::collections::BTreeSet;

/// Origin, size, root, an empty line, and the log's own signature: the head that was cosigned.
const HEAD_LINES: usize = 5;

/// A head in the package with cosignatures under it.
#[derive(Debug)]
pub struct Cosigned {
    /// Entries of the head.
    pub size: u64,
    /// What they prove; nothing where nobody said whose are believed, they are too few, or something does not hold.
    pub shown: Option<Shown>,
}

/// What a quorum of witnesses proves.
#[derive(Debug)]
pub struct Shown {
    /// By when, in seconds since 1970 by their clocks.
    pub at: u64,
    /// Name of everybody who cosigned and counts, with the time of each; earliest first.
    pub by: Vec<(String, u64)>,
}

/// Looks at every cosigned head.
pub fn read(around: &Around, found: &mut Findings) -> Vec<Cosigned> {
    let mut all = Vec::new();
    for (name, place) in around.heads.tags.places() {
        let Place::CosignedHead(size) = place else { continue };
        let file = File { name, size, called: "cosigned", code: Code::WitnessRefused };
        let read = anchors::read(file, form, around, found);
        let shown = read.and_then(|read| {
            let shown = judged(&read.note, name, around, found);
            shown.filter(|_| read.linked)
        });
        all.push(Cosigned { size, shown });
    }
    all
}

/// Entries below this number are anchored by witnesses.
pub fn reach(all: &[Cosigned]) -> u64 {
    let shown = all.iter().filter(|cosigned| cosigned.shown.is_some());
    shown.map(|cosigned| cosigned.size).max().unwrap_or(0)
}

/// The log's own signature comes first, and cosignatures follow.
fn form(note: &SignedCheckpoint, key: &VerifierKey) -> Result<(), &'static str> {
    let head: String = note.note().split_inclusive('\n').take(HEAD_LINES).collect();
    if SignedCheckpoint::open(&head, key).is_err() {
        return Err("the log's own signature is not the first");
    }
    match note.note() == head {
        true => Err("nobody cosigned it"),
        false => Ok(()),
    }
}

fn judged(
    note: &SignedCheckpoint,
    name: &str,
    around: &Around,
    found: &mut Findings,
) -> Option<Shown> {
    let Some(policy) = &around.trust.witnesses else {
        found.add(Code::WitnessUnchecked, name, "nobody said whose cosignatures are believed");
        return None;
    };
    let (mut cosigned, mut missing, mut own) = (Vec::new(), Vec::new(), Vec::new());
    let (ours, counting) = (keys_of_station(around), policy.counting());
    for witness in policy.witnesses() {
        let time = match witness.key.cosigned(note) {
            Ok(time) => time,
            Err(error) => {
                found.add(Code::WitnessRefused, name, error);
                return None;
            }
        };
        match time {
            _ if !counting.contains(witness.label.as_str()) => {}
            _ if ours.contains(witness.key.public()) => own.push(witness.key.name()),
            Some(time) => cosigned.push((time, witness)),
            None => missing.push(witness.key.name()),
        }
    }
    cosigned.sort_by_key(|(time, witness)| (*time, witness.key.name()));
    let at = filled_at(policy, &cosigned);
    let by: Vec<(String, u64)> =
        cosigned.iter().map(|(time, witness)| (witness.key.name().to_owned(), *time)).collect();
    if at.is_none() {
        let names: Vec<&str> = by.iter().map(|(name, _)| name.as_str()).collect();
        found.add(Code::WitnessShort, name, short(&names, &missing, &own));
    }
    at.map(|at| Shown { at, by })
}

/// Whoever cosigns with a key of the station is nobody outside.
fn keys_of_station(around: &Around) -> BTreeSet<[u8; 32]> {
    let epochs = around.history.into_iter();
    let epochs = epochs.flat_map(|history| history.log.iter().chain(history.evidence.iter()));
    let signed = around.head.signed.as_ref().map(|signed| &signed.key);
    let heads = signed.into_iter().chain(&around.head.folder_key).map(|key| *key.public());
    epochs.map(|epoch| epoch.public).chain(heads).collect()
}

/// The first moment at which a quorum had cosigned: a policy says that in every quorum somebody tells the truth, so
/// whoever it is saw the head by then. Before that moment those who had cosigned were no quorum, and may all have lied.
fn filled_at(policy: &WitnessPolicy, earliest_first: &[(u64, &Witness)]) -> Option<u64> {
    let mut so_far = BTreeSet::new();
    earliest_first.iter().find_map(|(time, witness)| {
        so_far.insert(witness.label.as_str());
        policy.met(&so_far).then_some(*time)
    })
}

fn short(cosigned: &[&str], missing: &[&str], own: &[&str]) -> String {
    let listed = |names: &[&str]| match names {
        [] => "nobody".to_owned(),
        names => names.join(", "),
    };
    let mut detail = format!("cosigned by {}; not by {}", listed(cosigned), listed(missing));
    if !own.is_empty() {
        detail += &format!("; not counted, since the key is the station's own: {}", listed(own));
    }
    detail
}

/// The last second of the year 9999: later years have no form of four digits.
const CIVIL_MAX: u64 = 253_402_300_799;

/// `2026-11-29T08:30:00Z`; a time beyond the year 9999 as it stands there.
pub fn utc(seconds: u64) -> String {
    if seconds > CIVIL_MAX {
        return format!("{seconds} s since 1970");
    }
    let (year, month, day) = civil(seconds / 86_400);
    let (hour, minute) = (seconds / 3600 % 24, seconds / 60 % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{:02}Z", seconds % 60)
}

/// Year, month and day of a number of days since 1970, counted off in years and months.
fn civil(mut days: u64) -> (u64, usize, u64) {
    let leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let mut year = 1970;
    loop {
        let length = if leap(year) { 366 } else { 365 };
        if days < length {
            break;
        }
        days -= length;
        year += 1;
    }
    let february = if leap(year) { 29 } else { 28 };
    let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30];
    let mut month = 1;
    for length in lengths {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    (year, month, days + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_in_utc() {
        for (seconds, told) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_800, "2000-03-01T00:00:00Z"),
            (1_795_941_000, "2026-11-29T08:30:00Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (CIVIL_MAX, "9999-12-31T23:59:59Z"),
            (CIVIL_MAX + 1, "253402300800 s since 1970"),
        ] {
            assert_eq!(utc(seconds), told);
        }
    }
}
