//! Heads that the reader holds, against the heads of the package. A pin that contradicts is the one proof of a
//! rewritten history; one that fits anchors what lies at or before it.

use crate::code::Code;
use crate::entries::Signed;
use crate::handover::Handover;
use crate::keys::History;
use crate::names::Place;
use crate::report::Findings;
use crate::tags::Tags;
use crate::trust::{Pin, Refused};
use sealdock_chain::growth::Growth;
use sealdock_chain::note::{Checkpoint, SignedCheckpoint, VerifierKey};

/// A pin whose signature holds.
#[derive(Debug)]
pub struct Held {
    /// What the reader calls it.
    pub about: String,
    pub head: Checkpoint,
    /// The record of the package is proven to be one with it.
    pub linked: bool,
}

/// The heads of the package that a pin is held against.
pub struct Heads<'a> {
    pub tags: &'a Tags,
    pub first: Option<&'a Signed>,
    pub handover: &'a Handover,
    /// Which log key signs which size, where that is known.
    pub history: Option<&'a History>,
}

impl Heads<'_> {
    fn later(&self) -> Option<&Checkpoint> {
        let later = self.handover.later.as_ref().filter(|_| self.handover.grown)?;
        Some(later.note.checkpoint())
    }
}

/// Checks each pin. `keys` are those it may be signed by; `sure` says that they are all there are.
///
/// # Errors
/// A pin is signed by none of them: what the reader gave is no head of this record, or the folder is none.
pub fn hold(
    pins: &[Pin],
    (keys, sure): (&[VerifierKey], bool),
    heads: &Heads,
    found: &mut Findings,
) -> Result<Vec<Held>, Refused> {
    let mut held: Vec<Held> = Vec::new();
    for pin in pins {
        let opened =
            keys.iter().find_map(|key| Some((SignedCheckpoint::open(&pin.note, key).ok()?, key)));
        let Some((opened, key)) = opened.filter(|(opened, _)| opened.checkpoint().size > 0) else {
            if sure {
                let why = "it is no head with entries that is signed by a key of this record; it is of \
                           another record, or the folder is not what it claims to be";
                return Err(Refused::Pin { about: pin.about.clone(), why: why.to_owned() });
            }
            found.add(Code::PinUnlinked, &pin.about, "no key is left to check it by");
            continue;
        };
        let head = opened.checkpoint().clone();
        if held.iter().any(|other| other.head.size == head.size && other.head.root != head.root) {
            let detail =
                "another pin of the same size has another root: the station showed two histories";
            found.add(Code::PinParts, &pin.about, detail);
        }
        let linked = match retired(heads.history, &head, key) {
            true => Linked::Not(RETIRED),
            false => link(&head, heads),
        };
        match &linked {
            Linked::Fits => {}
            Linked::Parts(detail) => found.add(Code::PinParts, &pin.about, detail),
            Linked::Not(detail) => found.add(Code::PinUnlinked, &pin.about, detail),
        }
        held.push(Held { about: pin.about.clone(), head, linked: linked == Linked::Fits });
    }
    Ok(held)
}

const RETIRED: &str = "the key that signed it had ended before that many entries: they are lost by a restore, or \
                       somebody else signed";

/// Was the key not in force any more for a head of that size, because it was replaced?
fn retired(history: Option<&History>, head: &Checkpoint, key: &VerifierKey) -> bool {
    let Some(history) = history.filter(|history| history.sound) else { return false };
    let mut ended = history.log.ended();
    ended.any(|(epoch, next)| {
        epoch.public == *key.public() && next.cause.is_some() && next.from <= head.size
    })
}

/// How a head of the record stands to the package's.
#[derive(Debug, PartialEq, Eq)]
pub enum Linked {
    /// They are proven to be of one record.
    Fits,
    /// They contradict each other.
    Parts(String),
    /// Nothing here leads from one to the other.
    Not(&'static str),
}

/// Holds a head against those of the package.
pub fn link(pin: &Checkpoint, heads: &Heads) -> Linked {
    let Some(first) = heads.first.map(|first| first.note.checkpoint()) else {
        return Linked::Not("the package has no sound head to hold it against");
    };
    for head in [Some(first), heads.later()].into_iter().flatten() {
        if head.size == pin.size {
            return match head.root == pin.root {
                true => Linked::Fits,
                false => {
                    Linked::Parts(format!("the package has another root at {} entries", pin.size))
                }
            };
        }
    }
    if pin.size > first.size {
        return Linked::Not("it is of a later record than the package can show");
    }
    let name = anchor_name(pin.size);
    let Some(text) = heads.tags.text(&name) else {
        return Linked::Not("the package holds no growth from it");
    };
    // A malformed growth is found by `anchors`; here it only proves nothing.
    let Ok(growth) = Growth::parse(text) else {
        return Linked::Not("the growth from it is malformed");
    };
    match growth.check(pin, first) {
        Ok(()) if growth.old() == pin.size => Linked::Fits,
        Ok(()) => Linked::Not("the growth is from another size"),
        Err(error) => Linked::Parts(error.to_string()),
    }
}

/// Where the growth from a head of that size lies.
pub fn anchor_name(size: u64) -> String {
    format!("anchors/{size}.add-checkpoint")
}

/// The form of every growth in `anchors/`, whether somebody holds the head it starts from or not.
pub fn anchors(tags: &Tags, first: Option<&Signed>, found: &mut Findings) {
    for (name, place) in tags.places() {
        let (Place::Anchor(size), Some(text)) = (place, tags.text(name)) else { continue };
        let wrong = match Growth::parse(text) {
            Err(error) => Some(error.to_string()),
            Ok(growth) => misplaced(&growth, size, first).map(str::to_owned),
        };
        if let Some(detail) = wrong {
            found.add(Code::ProofRefused, name, detail);
        }
    }
}

fn misplaced(growth: &Growth, size: u64, first: Option<&Signed>) -> Option<&'static str> {
    if growth.old() != size {
        return Some("it is from another size than its name says");
    }
    let first = first?;
    if first.note.note() != growth.note() {
        return Some("it does not lead to the head of the package");
    }
    (first.note.checkpoint().size < size).then_some("it is from a larger record than the package's")
}

/// Entries below this number are anchored: the largest pin that fits.
pub fn reach(held: &[Held]) -> u64 {
    held.iter().filter(|pin| pin.linked).map(|pin| pin.head.size).max().unwrap_or(0)
}
