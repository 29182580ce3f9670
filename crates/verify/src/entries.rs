//! The entries that a package shows, each proven under its head.

use crate::code::Code;
use crate::event::Said;
use crate::names::{self, Place};
use crate::report::Findings;
use crate::tags::Tags;
use sealdock_chain::note::{SignedCheckpoint, VerifierKey};
use sealdock_chain::tree::leaf_hash;
use sealdock_chain::{Digest, Entry, TlogProof};
use std::collections::BTreeMap;

/// One entry as it is shown.
#[derive(Debug, Clone)]
pub struct Shown {
    pub entry: Entry,
    pub said: Said,
    /// Its leaf hash, which the next entry names as `prev`.
    pub leaf: Digest,
    /// It lies under the head of the package.
    pub proven: bool,
}

impl Shown {
    /// Reads canonical bytes; the proof is a second step.
    ///
    /// # Errors
    /// They are no entry, or its event lacks what its kind must have.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let entry = Entry::decode(bytes).map_err(|error| error.to_string())?;
        let said = Said::read(&entry.event)?;
        if matches!(said, Said::Founded(_)) && entry.seq != 0 {
            return Err("a station is founded in entry 0 and in no other".to_owned());
        }
        Ok(Self { entry, said, leaf: leaf_hash(bytes), proven: false })
    }
}

/// Entries by number.
pub type Entries = BTreeMap<u64, Shown>;

/// A head with the key that signed it.
#[derive(Debug, Clone)]
pub struct Signed {
    pub note: SignedCheckpoint,
    pub key: VerifierKey,
}

/// Reads every entry with its proof. Without a head nothing is proven, and all is still read.
pub fn read(tags: &Tags, head: Option<&Signed>, found: &mut Findings) -> Entries {
    let mut entries = Entries::new();
    for (name, place) in tags.places() {
        match place {
            Place::Entry(seq) => {
                let Some(bytes) = tags.bytes(name) else { continue };
                match Shown::read(bytes) {
                    Ok(shown) if shown.entry.seq == seq => drop(entries.insert(seq, shown)),
                    Ok(shown) => {
                        let detail = format!("it is entry {}", shown.entry.seq);
                        found.add(Code::EntryRefused, name, detail);
                    }
                    Err(detail) => found.add(Code::EntryRefused, name, detail),
                }
                require(tags, &names::proof_name(seq), found);
            }
            Place::Proof(seq) => require(tags, &names::entry_name(seq), found),
            _ => {}
        }
    }
    if let Some(head) = head {
        for (seq, shown) in &mut entries {
            prove((*seq, shown), tags, head, found);
        }
    }
    entries
}

fn require(tags: &Tags, name: &str, found: &mut Findings) {
    if !tags.has(name) {
        found.add(Code::FileMissing, name, "an entry and its proof come together");
    }
}

fn prove((seq, shown): (u64, &mut Shown), tags: &Tags, head: &Signed, found: &mut Findings) {
    let name = names::proof_name(seq);
    let (Some(text), Some(bytes)) = (tags.text(&name), tags.bytes(&names::entry_name(seq))) else {
        return;
    };
    match proof_holds(text, (seq, bytes), head) {
        Ok(()) => shown.proven = true,
        Err(detail) => found.add(Code::ProofRefused, &name, detail),
    }
}

/// Checks a proof file: of this entry, under this head word for word, leading to its root.
///
/// # Errors
/// Which of these does not hold.
pub fn proof_holds(text: &str, (seq, bytes): (u64, &[u8]), head: &Signed) -> Result<(), String> {
    let proof = TlogProof::parse(text, &head.key).map_err(|error| error.to_string())?;
    if proof.signed().note() != head.note.note() {
        return Err("it is under another head than the package's".to_owned());
    }
    if proof.index() != seq {
        return Err(format!("it is for entry {}", proof.index()));
    }
    proof.check(bytes).map(drop).map_err(|error| error.to_string())
}

/// Two entries in sequence: the later must name the earlier.
pub fn links<'e>(shown: impl Iterator<Item = &'e Shown>, found: &mut Findings) {
    let mut before: Option<&Shown> = None;
    for later in shown {
        if let Some(earlier) = before
            && earlier.entry.seq + 1 == later.entry.seq
            && later.entry.prev != earlier.leaf
        {
            let detail = format!("it names another entry {} than the one shown", earlier.entry.seq);
            found.add(Code::LinkBroken, &format!("entry {}", later.entry.seq), detail);
        }
        before = Some(later);
    }
}
