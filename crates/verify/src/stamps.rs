//! Time-stamps over heads of the record: that such a head is this record's is checked always; what the stamp says,
//! under the roots that the reader brings. A stamp bounds a time and anchors nothing (`docs/design/anchors.md`).

use crate::anchors::{self, Around, File};
use crate::code::Code;
use crate::names::{self, Place};
use crate::report::Findings;
use crate::tags::Tags;
use sealdock_chain::Digest;
use sealdock_chain::note::{SignedCheckpoint, VerifierKey};
use sealdock_stamp::{Certificate, Roots, Stamp, StampError, certificates};
use std::collections::BTreeSet;

/// Origin, size, root, an empty line, one signature.
const LINES: usize = 5;

/// A time-stamp in the package.
#[derive(Debug)]
pub struct Stamped {
    /// Entries of the stamped head.
    pub size: u64,
    /// What it proves; nothing where nobody said whose time is believed, or something about it does not hold.
    pub shown: Option<Shown>,
}

/// What a stamp proves.
#[derive(Debug)]
pub struct Shown {
    /// By when, as `2026-11-29T08:30:00Z`.
    pub at: String,
    /// Seconds that it may be off, where the authority says so.
    pub accuracy: Option<String>,
    /// Who says so.
    pub name: String,
    /// Their number of the stamp.
    pub serial: String,
}

/// Looks at every stamped head and every stamp.
pub fn read(around: &Around, found: &mut Findings) -> Vec<Stamped> {
    let tags = around.heads.tags;
    let between = between(around, found);
    let linked = heads(around, found);
    let mut stamps = Vec::new();
    for (name, place) in tags.places() {
        let Place::Stamp(size) = place else { continue };
        let shown = match &around.trust.roots {
            // A stamp speaks for the package's entries only where its head is one with the package's.
            Some(roots) => judged((name, size), (roots, &between), tags, found)
                .filter(|_| linked.contains(&size)),
            None => {
                found.add(Code::StampUnchecked, name, "nobody said whose time is believed");
                None
            }
        };
        stamps.push(Stamped { size, shown });
    }
    stamps
}

/// Checks every stamped head; sizes of those that are one with the package's.
fn heads(around: &Around, found: &mut Findings) -> BTreeSet<u64> {
    let mut linked = BTreeSet::new();
    for (name, place) in around.heads.tags.places() {
        let Place::StampedHead(size) = place else { continue };
        let file = File { name, size, called: "stamped", code: Code::StampRefused };
        if anchors::read(file, alone, around, found).is_some_and(|read| read.linked) {
            linked.insert(size);
        }
    }
    linked
}

fn alone(note: &SignedCheckpoint, _: &VerifierKey) -> Result<(), &'static str> {
    match note.note().lines().count() == LINES {
        true => Ok(()),
        false => Err("it has another signature beside the log's own"),
    }
}

/// Certificates of the package, which help to reach a root and are believed for nothing.
fn between(around: &Around, found: &mut Findings) -> Vec<Certificate> {
    let bytes = around.heads.tags.bytes(names::STAMP_CHAIN);
    let Some(bytes) = bytes.filter(|_| around.trust.roots.is_some()) else { return Vec::new() };
    certificates(bytes).unwrap_or_else(|error| {
        found.add(Code::StampRefused, names::STAMP_CHAIN, error);
        Vec::new()
    })
}

fn judged(
    (name, size): (&str, u64),
    (roots, between): (&Roots, &[Certificate]),
    tags: &Tags,
    found: &mut Findings,
) -> Option<Shown> {
    let stamp = Stamp::read(tags.bytes(name)?).and_then(|stamp| {
        stamp.leads_to(roots, between)?;
        Ok(stamp)
    });
    let stamp = match stamp {
        Ok(stamp) => stamp,
        Err(StampError::OtherRoot) => {
            found.add(Code::StampUnchecked, name, StampError::OtherRoot);
            return None;
        }
        Err(error) => {
            found.add(Code::StampRefused, name, error);
            return None;
        }
    };
    let stamped = names::stamped_head_name(size);
    if tags.digest(&stamped).is_some_and(|digest| digest != Digest(*stamp.imprint())) {
        found.add(Code::StampRefused, name, "it is over something else than the head beside it");
        return None;
    }
    Some(Shown {
        at: stamp.at().to_string(),
        accuracy: stamp.accuracy_us().map(seconds),
        name: stamp.name(),
        serial: stamp.serial(),
    })
}

/// `1.5`
fn seconds(micros: u64) -> String {
    let text = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A stamp whose head is not there says nothing.
pub fn require_heads(tags: &Tags, found: &mut Findings) {
    for (_, place) in tags.places() {
        let Place::Stamp(size) = place else { continue };
        let head = names::stamped_head_name(size);
        if !tags.has(&head) {
            found.add(Code::FileMissing, &head, "a time-stamp is over it");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accuracy_is_told_in_seconds() {
        let told = [0, 1, 1_500_000, 60_000_000].map(seconds);
        assert_eq!(told, ["0", "0.000001", "1.5", "60"]);
    }
}
