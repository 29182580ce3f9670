//! Time-stamps over heads of the record: that such a head is this record's is checked always; what the stamp says,
//! under the roots that the reader brings. A stamp bounds a time and anchors nothing (`docs/design/anchors.md`).

use crate::code::Code;
use crate::head::Head;
use crate::keys::History;
use crate::names::{self, Place};
use crate::pins::{Heads, Linked, anchor_name, link};
use crate::report::Findings;
use crate::tags::Tags;
use crate::trust::Trust;
use sealdock_chain::Digest;
use sealdock_chain::note::{Checkpoint, SignedCheckpoint, VerifierKey};
use sealdock_stamp::{Certificate, Roots, Stamp, StampError, certificates};

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

/// Everything around them.
pub struct Around<'a> {
    pub head: &'a Head,
    pub history: Option<&'a History>,
    pub heads: &'a Heads<'a>,
    pub trust: &'a Trust,
}

/// Looks at every stamped head and every stamp.
pub fn read(around: &Around, found: &mut Findings) -> Vec<Stamped> {
    let tags = around.heads.tags;
    let between = between(around, found);
    let mut stamps = Vec::new();
    for (name, place) in tags.places() {
        match place {
            Place::StampedHead(size) => head(around, (name, size), found),
            Place::Stamp(size) => {
                let shown = match &around.trust.roots {
                    Some(roots) => judged(around, (name, size), (roots, &between), found),
                    None => {
                        let detail = "nobody said whose time is believed";
                        found.add(Code::StampUnchecked, name, detail);
                        None
                    }
                };
                stamps.push(Stamped { size, shown });
            }
            _ => {}
        }
    }
    stamps
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

fn head(around: &Around, (name, size): (&str, u64), found: &mut Findings) {
    let Some(text) = around.heads.tags.text(name) else { return };
    match opened(text, around) {
        Some(Ok(head)) if head.size != size || size == 0 => {
            found.add(Code::StampRefused, name, "it is of another size than its folder says");
        }
        Some(Ok(head)) => hold(&head, name, around, found),
        Some(Err(detail)) => found.add(Code::StampRefused, name, detail),
        // Without any key the head of the package is refused already.
        None => {}
    }
}

/// The head under a key of the record; nothing where no key is known.
fn opened(text: &str, around: &Around) -> Option<Result<Checkpoint, String>> {
    let own = around.head.signed.as_ref().map(|signed| signed.key.clone());
    let own = own.or_else(|| around.head.folder_key.clone());
    let epochs = around
        .history
        .into_iter()
        .flat_map(|history| history.log.iter().filter_map(|epoch| history.verifier(epoch)));
    let keys: Vec<VerifierKey> = own.into_iter().chain(epochs).collect();
    let mut refusal = None;
    for key in &keys {
        match SignedCheckpoint::open(text, key) {
            Ok(note) => return Some(in_force(&note, key, around.history)),
            Err(error) => refusal = Some(Err(error.to_string())),
        }
    }
    refusal
}

fn in_force(
    note: &SignedCheckpoint,
    key: &VerifierKey,
    history: Option<&History>,
) -> Result<Checkpoint, String> {
    let head = note.checkpoint();
    if note.note().lines().count() != LINES {
        return Err("it has another signature beside the log's own".to_owned());
    }
    let signs = |history: &History| history.log.for_size(head.size).public == *key.public();
    match history.is_none_or(signs) {
        true => Ok(head.clone()),
        false => Err("it is signed by a log key that was not in force".to_owned()),
    }
}

/// One with the head of the package, by the growth that lies beside it?
fn hold(head: &Checkpoint, name: &str, around: &Around, found: &mut Findings) {
    let growth = anchor_name(head.size);
    let first = around.heads.first.map(|first| first.note.checkpoint().size);
    match link(head, around.heads) {
        Linked::Fits => {}
        Linked::Parts(detail) => found.add(Code::StampRefused, name, detail),
        Linked::Not(detail) if first.is_some_and(|first| first < head.size) => {
            found.add(Code::StampRefused, name, detail);
        }
        Linked::Not(_) if !around.heads.tags.has(&growth) && first.is_some() => {
            found.add(Code::FileMissing, &growth, "it leads from a stamped head to the package's");
        }
        // No head to hold it against, or a growth that is no growth: each has its own code.
        Linked::Not(_) => {}
    }
}

fn judged(
    around: &Around,
    (name, size): (&str, u64),
    (roots, between): (&Roots, &[Certificate]),
    found: &mut Findings,
) -> Option<Shown> {
    let tags = around.heads.tags;
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
    counts(&stamped, size, around, tags).then(|| Shown {
        at: stamp.at().to_string(),
        accuracy: stamp.accuracy_us().map(seconds),
        name: stamp.name(),
        serial: stamp.serial(),
    })
}

/// A stamp speaks for the package's entries only where its head is one with the package's.
fn counts(stamped: &str, size: u64, around: &Around, tags: &Tags) -> bool {
    let head = tags.text(stamped).and_then(|text| opened(text, around)?.ok());
    head.is_some_and(|head| {
        head.size == size && size > 0 && link(&head, around.heads) == Linked::Fits
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
