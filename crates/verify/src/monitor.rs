//! Watching a record from outside (`docs/design/monitor.md`): whoever keeps what they saw of a station's published heads
//! and entries notices when a later one contradicts it, and holds the proof.
//!
//! One round reads the mirror once. It believes nothing that does not lead to a signed head, and forgets nothing
//! that did.

/// What is remembered, durably.
mod memory;
/// Where the record is published.
mod mirror;

pub use memory::{Memory, MemoryError};
pub use mirror::{Mirror, Tiles};

use crate::event::Said;
use crate::keys::History;
use sealdock_chain::note::{Checkpoint, SignedCheckpoint, VerifierKey};
use sealdock_chain::tree::{NodeSource, consistency_proof, leaf_hash, node_hash, root_of};
use sealdock_chain::{Digest, Entry};
use std::io;

/// What was seen of a record so far: everything that is needed to contradict a later story of it.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// The largest head that held, as it was signed; none before the first round.
    pub note: Option<String>,
    /// The leaf of every entry under it.
    pub leaves: Vec<Digest>,
    /// Number and bytes of entry 0 and of every rotation of a key.
    pub keys: Vec<(u64, Vec<u8>)>,
}

/// Two heads by the record's key that cannot both be the beginning of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fork {
    /// The head of fewer entries, or the one that was kept.
    pub smaller: String,
    /// The other.
    pub larger: String,
    /// The root over the first entries of `larger`, as many as `smaller` has: not the one in `smaller`.
    pub root: Digest,
    /// That `larger` grew from that root.
    pub hashes: Vec<Digest>,
    /// The keys that signed the two.
    pub keys: [VerifierKey; 2],
}

/// What a round came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Round {
    /// The same head as before.
    Same(u64),
    /// It only grew, from so many entries to so many; from none in the first round.
    Grew(u64, u64),
    /// An older head of the same record: a mirror that stood still, or an old copy put back.
    Older {
        /// Entries that were seen before.
        kept: u64,
        /// Entries that are shown now.
        shown: u64,
    },
    /// Another history under the same key.
    Forked(Box<Fork>),
    /// The head is signed and an entry under it is none: number and why.
    Rotten(u64, String),
    /// What is published does not lead to its head; nobody signed that. A mirror that is being written, or broken.
    Torn(String),
    /// The head is by no key that the reader's key leads to, or no head at all.
    Strange(String),
    /// The mirror cannot be read.
    Unread(String),
}

/// Leaves as a tree, computed on demand.
struct Leaves<'l>(&'l [Digest]);

impl NodeSource for Leaves<'_> {
    fn node(&self, level: u32, index: u64) -> Option<Digest> {
        if level == 0 {
            return self.0.get(usize::try_from(index).ok()?).copied();
        }
        let left = self.node(level - 1, index.checked_mul(2)?)?;
        Some(node_hash(&left, &self.node(level - 1, index * 2 + 1)?))
    }
}

impl Record {
    /// Entries that were seen.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.leaves.len() as u64
    }

    /// Reads the mirror once. `self` changes only where the round came to [`Round::Grew`]. `brought` are the keys that the
    /// reader has from elsewhere.
    pub fn round(&mut self, mirror: &dyn Mirror, brought: &[VerifierKey]) -> Round {
        let text = match mirror.checkpoint() {
            Ok(text) => text,
            Err(e) => return Round::Unread(format!("checkpoint: {e}")),
        };
        if self.note.as_deref() == Some(text.as_str()) {
            return Round::Same(self.size());
        }
        let told = self.told(&text, mirror, brought);
        told.unwrap_or_else(|round| round)
    }

    fn told(
        &mut self,
        text: &str,
        mirror: &dyn Mirror,
        brought: &[VerifierKey],
    ) -> Result<Round, Round> {
        let claimed =
            claimed_size(text).ok_or_else(|| Round::Strange("it has no size".to_owned()))?;
        if claimed <= self.size() {
            return self.not_larger(text, brought);
        }
        let mut grown = self.clone();
        let entries = new_entries(mirror, self.size(), claimed)?;
        grown.leaves.extend(entries.iter().map(|entry| leaf_hash(entry)));
        grown.keys.extend(keys_among(&entries, self.size()));
        // The rotations among the new entries count although nothing has led to them yet: each is signed by the key
        // before, and the root comes next.
        let opened = grown.open(text, brought).map_err(Round::Strange)?;
        if grown.root(claimed) != Some(opened.0.checkpoint().root) {
            return Err(self.other(opened, (mirror, brought)));
        }
        sound(&entries, self.size(), self.leaves.last().copied())?;
        let from = self.size();
        grown.note = Some(text.to_owned());
        *self = grown;
        Ok(Round::Grew(from, claimed))
    }

    /// A head of as many entries as were seen, or fewer: it is the beginning of what was seen, or a lie.
    fn not_larger(&self, text: &str, brought: &[VerifierKey]) -> Result<Round, Round> {
        let (head, key) = self.open(text, brought).map_err(Round::Strange)?;
        let Checkpoint { size, root, .. } = *head.checkpoint();
        let ours =
            self.root(size).ok_or_else(|| Round::Strange("a head of no entries".to_owned()))?;
        if ours == root {
            let kept = self.size();
            return Ok(if size == kept {
                Round::Same(kept)
            } else {
                Round::Older { kept, shown: size }
            });
        }
        let hashes = consistency_proof(&Leaves(&self.leaves), size, self.size());
        let hashes = hashes.map_err(|e| Round::Strange(e.to_string()))?;
        let (larger, own) = self.kept(brought)?;
        let fork = Fork { smaller: text.to_owned(), larger, root: ours, hashes, keys: [key, own] };
        Ok(Round::Forked(Box::new(fork)))
    }

    /// The head that was kept, and its key.
    fn kept(&self, brought: &[VerifierKey]) -> Result<(String, VerifierKey), Round> {
        let note =
            self.note.clone().ok_or_else(|| Round::Strange("nothing was kept".to_owned()))?;
        let (_, key) = self.open(&note, brought).map_err(Round::Strange)?;
        Ok((note, key))
    }

    /// A larger head that what was kept and the new entries do not lead to: does the mirror as a whole?
    fn other(
        &self,
        (head, key): (SignedCheckpoint, VerifierKey),
        (mirror, brought): (&dyn Mirror, &[VerifierKey]),
    ) -> Round {
        let Checkpoint { size, root, .. } = *head.checkpoint();
        let leaves = match mirror.leaves(size) {
            Ok(leaves) => leaves,
            Err(e) => return Round::Torn(format!("its hashes cannot be read: {e}")),
        };
        let tree = Leaves(&leaves);
        if root_of(&tree, size) != Ok(root) {
            return Round::Torn(format!(
                "entries and hashes do not lead to the head of {size} entries"
            ));
        }
        let kept = self.size();
        let (shown, hashes) = match (root_of(&tree, kept), consistency_proof(&tree, kept, size)) {
            (Ok(shown), Ok(hashes)) if Some(shown) != self.root(kept) => (shown, hashes),
            _ => return Round::Torn("its entries are not those of its hashes".to_owned()),
        };
        match self.kept(brought) {
            Ok((smaller, own)) => {
                let larger = head.note().to_owned();
                let fork = Fork { smaller, larger, root: shown, hashes, keys: [own, key] };
                Round::Forked(Box::new(fork))
            }
            Err(round) => round,
        }
    }

    fn root(&self, size: u64) -> Option<Digest> {
        root_of(&Leaves(&self.leaves), size).ok()
    }

    /// Opens a head under the key that was in force for its size, if the reader's keys lead there.
    fn open(
        &self,
        text: &str,
        brought: &[VerifierKey],
    ) -> Result<(SignedCheckpoint, VerifierKey), String> {
        let size = claimed_size(text).ok_or("it has no size")?;
        let history = self.history()?;
        let epoch = history.log.for_size(size);
        let key = history.verifier(epoch).ok_or("the record names a key that is none")?;
        if !brought.contains(&key) && history.severed(brought, &key) {
            return Err(format!(
                "its key was replaced by {key}, which yours does not vouch for; get the new one on paper and give both"
            ));
        }
        if !brought.contains(&key) && !history.leads(brought, &key) {
            return Err(format!("its key {key} is none that yours leads to"));
        }
        let head = SignedCheckpoint::open(text, &key).map_err(|e| e.to_string())?;
        Ok((head, key))
    }

    fn history(&self) -> Result<History, String> {
        let mut history: Option<History> = None;
        for (seq, bytes) in &self.keys {
            let entry = Entry::decode(bytes).map_err(|e| e.to_string())?;
            match (Said::read(&entry.event)?, &mut history) {
                (Said::Founded(founded), None) if *seq == 0 => {
                    history = Some(History::begin(founded)?)
                }
                (Said::Rotated(rotated), Some(history)) => history.rotate(*seq, &rotated)?,
                (Said::Replaced(replaced), Some(history)) => history.replace(*seq, &replaced)?,
                _ => return Err(format!("entry {seq} cannot stand there")),
            }
        }
        history.ok_or_else(|| "entry 0 does not found a station".to_owned())
    }
}

/// The second line, before anybody signed for it.
fn claimed_size(text: &str) -> Option<u64> {
    crate::names::decimal(text.split('\n').nth(1)?)
}

fn new_entries(mirror: &dyn Mirror, from: u64, to: u64) -> Result<Vec<Vec<u8>>, Round> {
    mirror.entries(from, to).map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => Round::Torn(format!("an entry is not there yet: {e}")),
        io::ErrorKind::InvalidData => Round::Torn(e.to_string()),
        _ => Round::Unread(e.to_string()),
    })
}

/// Entry 0 and rotations, as far as they can be read.
fn keys_among(entries: &[Vec<u8>], from: u64) -> Vec<(u64, Vec<u8>)> {
    let numbered = (from..).zip(entries);
    let about_keys = |(_, bytes): &(u64, &Vec<u8>)| {
        let said = Entry::decode(bytes).ok().map(|entry| Said::read(&entry.event));
        matches!(said, Some(Ok(Said::Founded(_) | Said::Rotated(_) | Said::Replaced(_))))
    };
    numbered.filter(about_keys).map(|(seq, bytes)| (seq, bytes.clone())).collect()
}

/// Every entry is one, in its place, and follows the one before.
fn sound(entries: &[Vec<u8>], from: u64, last: Option<Digest>) -> Result<(), Round> {
    let mut prev = last.unwrap_or(Digest::ZERO);
    for (seq, bytes) in (from..).zip(entries) {
        let entry = Entry::decode(bytes).map_err(|e| Round::Rotten(seq, e.to_string()))?;
        if entry.seq != seq || entry.prev != prev {
            return Err(Round::Rotten(seq, "it does not follow the entry before".to_owned()));
        }
        prev = leaf_hash(bytes);
    }
    Ok(())
}
