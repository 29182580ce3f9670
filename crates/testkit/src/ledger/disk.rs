//! What lies on the disk of a ledger, whoever works on it, and what it gets wrong.

use crate::lock;
use crate::tables::MemTables;
use sealdock_chain::digest::Digest;
use sealdock_chain::entry::Entry;
use sealdock_chain::note::SignedCheckpoint;
use sealdock_chain::tree::{Frontier, leaf_hash};
use sealdock_core::actor::ActorRecord;
use sealdock_core::event::{Event, KeyKind};
use sealdock_core::ports::{Kind, PortError, PortResult, Recorded};
use sealdock_core::project::project;
use sealdock_core::schema::KEY_EPOCH;
use sealdock_core::table::RowChange;
use sealdock_core::time::Stamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

/// The database of a station. Clones are the same database.
#[derive(Clone)]
pub struct LedgerDisk(Arc<Mutex<State>>);

#[derive(Default)]
pub(super) struct State {
    pub(super) origin: String,
    pub(super) entries: Vec<Vec<u8>>,
    pub(super) edge: Frontier,
    pub(super) nodes: BTreeMap<(u32, u64), Digest>,
    pub(super) tables: Arc<MemTables>,
    pub(super) heads: Vec<SignedCheckpoint>,
    pub(super) secrets: BTreeMap<String, String>,
    pub(super) forgotten: BTreeSet<u64>,
    pub(super) garbled: BTreeSet<u64>,
    to_forget: u32,
    to_garble: u32,
}

impl LedgerDisk {
    /// An empty database of the station `origin`.
    pub fn new(origin: &str) -> LedgerDisk {
        let state = State { origin: origin.to_owned(), ..State::default() };
        LedgerDisk(Arc::new(Mutex::new(state)))
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0)
    }

    /// The next `times` transactions are acknowledged under a signed head, and their entries cannot
    /// be read back.
    pub fn forgets(&self, times: u32) {
        self.state().to_forget = times;
    }

    /// The next `times` transactions are acknowledged under a signed head, and their entries read
    /// back with one bit changed.
    pub fn garbles(&self, times: u32) {
        self.state().to_garble = times;
    }

    /// Changes one bit of a stored entry, behind everybody's back.
    pub fn tamper(&self, seq: u64) {
        self.state().garbled.insert(seq);
    }

    /// Edits register rows, behind everybody's back.
    ///
    /// # Panics
    /// There is no such row.
    pub fn edit(&self, change: RowChange) {
        Arc::make_mut(&mut self.state().tables).apply(change).expect("the row is there");
    }

    /// Entries that are committed, with or without a head.
    pub fn size(&self) -> u64 {
        self.state().entries.len() as u64
    }

    /// Every event of the chain in order, for a test to look at.
    ///
    /// # Panics
    /// The chain does not decode.
    pub fn events(&self) -> Vec<Event> {
        let state = self.state();
        state.entries.iter().map(|bytes| read(bytes).expect("the chain decodes").2).collect()
    }

    /// The register tables as they are committed.
    pub fn tables(&self) -> MemTables {
        MemTables::clone(&self.state().tables)
    }

    /// The keys that a signer must hold to open this ledger: of the last entry where its head is
    /// still to be made, of the next one otherwise. `None` before the founding.
    pub fn expected_keys(&self) -> Option<[(KeyKind, [u8; 32]); 2]> {
        let state = self.state();
        let size = state.entries.len() as u64;
        let has_head = state.heads.last().is_some_and(|head| head.checkpoint().size == size);
        let log = state.log_key_for(if has_head { size + 1 } else { size })?;
        let evidence = state.epochs(KeyKind::Evidence).last()?.1;
        Some([(KeyKind::Log, log), (KeyKind::Evidence, evidence)])
    }
}

impl State {
    /// The smallest head of each epoch and its public key, oldest first.
    pub(super) fn epochs(&self, kind: KeyKind) -> Vec<(u64, [u8; 32])> {
        let rows = self.tables.rows(&KEY_EPOCH);
        let rows = rows.iter().filter(|row| row.text("kind") == kind.as_str());
        rows.map(|row| {
            let Digest(public) = row.text("public").parse().expect("a key is hexadecimal");
            (sealdock_core::registry::first_size(row), public)
        })
        .collect()
    }

    /// The key that signs a head of `size` entries: a rotation itself is still under the old key.
    pub(super) fn log_key_for(&self, size: u64) -> Option<[u8; 32]> {
        let epochs = self.epochs(KeyKind::Log);
        let later = epochs.iter().rev().find(|(first, _)| *first <= size);
        later.or_else(|| epochs.first()).map(|(_, public)| *public)
    }

    pub(super) fn head(&self) -> PortResult<SignedCheckpoint> {
        let none = || PortError::new(Kind::Damaged, "the simulated ledger has no head");
        self.heads.last().cloned().ok_or_else(none)
    }

    /// Bytes of an entry as a reader gets them.
    pub(super) fn entry(&self, seq: u64) -> Option<Vec<u8>> {
        let mut bytes = self.entries.get(usize::try_from(seq).ok()?)?.clone();
        if self.forgotten.contains(&seq) {
            return None;
        }
        if self.garbled.contains(&seq) {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        }
        Some(bytes)
    }

    pub(super) fn commit(&mut self, batch: Batch) {
        let first = self.entries.len() as u64;
        for (bytes, recorded) in batch.new {
            let nodes = &mut self.nodes;
            self.edge.push_with(recorded.leaf, |level, index, hash| {
                nodes.insert((level, index), hash);
            });
            self.entries.push(bytes);
        }
        let new = first..self.entries.len() as u64;
        if self.to_forget > 0 {
            self.to_forget -= 1;
            self.forgotten.extend(new.clone());
        }
        if self.to_garble > 0 {
            self.to_garble -= 1;
            self.garbled.extend(new);
        }
        self.tables = Arc::new(batch.tables);
        self.secrets.extend(batch.secrets);
    }
}

/// A transaction that is not committed yet.
pub(super) struct Batch {
    pub(super) tables: MemTables,
    pub(super) secrets: Vec<(String, String)>,
    new: Vec<(Vec<u8>, Recorded)>,
    first: u64,
    prev: Digest,
    ends_epoch: bool,
}

impl Batch {
    pub(super) fn begin(state: &State) -> Batch {
        Batch {
            tables: MemTables::clone(&state.tables),
            secrets: Vec::new(),
            new: Vec::new(),
            first: state.entries.len() as u64,
            prev: state.entries.last().map_or(Digest::ZERO, |bytes| leaf_hash(bytes)),
            ends_epoch: false,
        }
    }

    pub(super) fn seq(&self) -> u64 {
        self.first + self.new.len() as u64
    }

    pub(super) fn recorded(&self) -> Vec<Recorded> {
        self.new.iter().map(|(_, recorded)| recorded.clone()).collect()
    }

    pub(super) fn append(
        &mut self,
        actor: &ActorRecord,
        at: &Stamp,
        event: &Event,
    ) -> PortResult<()> {
        let invalid = |why: String| PortError::new(Kind::Invalid, why);
        if self.ends_epoch {
            return Err(invalid("a rotation of the log key must be the last event".to_owned()));
        }
        let value =
            |v: serde_json::Result<serde_json::Value>| v.map_err(|e| invalid(e.to_string()));
        let seq = self.seq();
        let entry = Entry {
            seq,
            prev: self.prev,
            at: value(serde_json::to_value(at))?,
            actor: value(serde_json::to_value(actor))?,
            event: value(serde_json::to_value(event))?,
        };
        let bytes =
            entry.encode().map_err(|e| invalid(format!("entry {seq} cannot be written: {e}")))?;
        for change in project(seq, at, actor, event) {
            self.tables.apply(change)?;
        }
        self.prev = leaf_hash(&bytes);
        self.new.push((bytes, Recorded { seq, leaf: self.prev }));
        self.ends_epoch = matches!(event, Event::KeyRotated(e) if e.key == KeyKind::Log);
        Ok(())
    }
}

/// What an entry says, as any reader finds it in the bytes.
pub(super) fn read(bytes: &[u8]) -> Result<(Entry, (Stamp, ActorRecord), Event), String> {
    let entry = Entry::decode(bytes).map_err(|e| e.to_string())?;
    let at = serde_json::from_value(entry.at.clone()).map_err(|e| e.to_string())?;
    let actor = serde_json::from_value(entry.actor.clone()).map_err(|e| e.to_string())?;
    let event = serde_json::from_value(entry.event.clone()).map_err(|e| e.to_string())?;
    Ok((entry, (at, actor), event))
}
