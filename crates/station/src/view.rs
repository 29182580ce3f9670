//! What people ask for: rows, entries, proofs. Reading only.

use crate::error::{damaged, failed};
use crate::{Station, StationError};
use sealdock_chain::digest::Digest;
use sealdock_chain::entry::Entry;
use sealdock_chain::growth::Growth;
use sealdock_chain::note::{Checkpoint, VerifierKey};
use sealdock_chain::tree::{self, Included, NodeSource};
use sealdock_core::event::Event;
use sealdock_core::id::ClipId;
use sealdock_core::listing::Listing;
use sealdock_core::ports::{LedgerView, Place};
use sealdock_core::registry;
use sealdock_core::schema as s;
use sealdock_core::table::{Query, Row};

/// Lets the pure proof makers read the nodes of a ledger.
pub struct Nodes<'a>(pub &'a dyn LedgerView);

impl NodeSource for Nodes<'_> {
    fn node(&self, level: u32, index: u64) -> Option<Digest> {
        self.0.node(level, index).ok().flatten()
    }
}

/// The audit path of entry `seq` in the tree of `size` entries.
pub fn inclusion(view: &dyn LedgerView, seq: u64, size: u64) -> Result<Vec<Digest>, StationError> {
    tree::inclusion_proof(&Nodes(view), seq, size)
        .map_err(|e| damaged(format!("no proof for entry {seq}: {e}; run `sealdock check`")))
}

/// Growth from a head of `from` entries to the present one, and that.
pub(crate) fn grown(
    view: &dyn LedgerView,
    from: u64,
) -> Result<(Growth, Checkpoint), StationError> {
    let head = view.head()?;
    let size = head.checkpoint().size;
    if from > size {
        return Err(failed(format!("the record has {size} entries, it did not grow from {from}")));
    }
    let hashes = tree::consistency_proof(&Nodes(view), from, size)
        .map_err(|e| damaged(format!("no proof of growth: {e}; run `sealdock check`")))?;
    Ok((Growth::new(from, hashes, head.note().to_owned()), head.checkpoint().clone()))
}

impl Station {
    pub fn rows(&self, query: &Query) -> Result<Vec<Row>, StationError> {
        Ok(self.world.ledger.view()?.select(query)?)
    }

    pub fn clip_row(&self, clip: ClipId) -> Result<Row, StationError> {
        registry::by_seq(&*self.world.ledger.view()?, &s::CLIP, clip.0)?
            .ok_or_else(|| failed(format!("there is no clip {clip}; see `sealdock clip list`")))
    }

    /// The event of one entry.
    pub fn event(&self, seq: u64) -> Result<Event, StationError> {
        let entry = self.entry(seq)?;
        serde_json::from_value(entry.event).map_err(|e| {
            damaged(format!("entry {seq} is of a kind this version does not know: {e}"))
        })
    }

    /// The event of one entry, proven to lie under the signed head.
    pub fn proven_event(&self, seq: u64) -> Result<Event, StationError> {
        let view = self.world.ledger.view()?;
        let head = view.head()?;
        let bytes = view.entry(seq)?.ok_or_else(|| {
            damaged(format!("the chain holds no entry {seq}; run `sealdock check`"))
        })?;
        let proof = inclusion(&*view, seq, head.checkpoint().size)?;
        Included::check(&bytes, seq, &proof, head.checkpoint()).map_err(|e| {
            damaged(format!("entry {seq} is not under the signed head: {e}; run `sealdock check`"))
        })?;
        let entry = Entry::decode(&bytes).map_err(|e| damaged(format!("entry {seq}: {e}")))?;
        if entry.seq != seq {
            return Err(damaged(format!("entry {seq} says that it is entry {}", entry.seq)));
        }
        serde_json::from_value(entry.event).map_err(|e| {
            damaged(format!("entry {seq} is of a kind this version does not know: {e}"))
        })
    }

    /// The key under which a head of `size` entries is signed: the entry that rotates is still covered by a
    /// head of the old key.
    pub fn log_key(&self, size: u64) -> Result<VerifierKey, StationError> {
        let rows = self.rows(&Query::all(&s::KEY_EPOCH).with("kind", "log").newest_first())?;
        let in_force = rows.iter().find(|row| registry::first_size(row) <= size);
        let public = in_force.or(rows.last()).and_then(|row| row.text("public").parse().ok());
        let Digest(public) =
            public.ok_or_else(|| damaged("the chain names no log key; run `sealdock check`"))?;
        VerifierKey::new(self.origin(), public)
            .map_err(|e| damaged(format!("the log key: {e}; run `sealdock check`")))
    }

    /// That the record of `from` entries is the beginning of the present one, and that one's head.
    ///
    /// # Errors
    /// The record is shorter, or its tree cannot be read.
    pub fn growth(&self, from: u64) -> Result<(Growth, Checkpoint), StationError> {
        grown(&*self.world.ledger.view()?, from)
    }

    /// Growth from each of these sizes to one and the same head.
    ///
    /// # Errors
    /// As [`Station::growth`].
    pub fn growths(&self, from: &[u64]) -> Result<Vec<Growth>, StationError> {
        let view = self.world.ledger.view()?;
        from.iter().map(|from| Ok(grown(&*view, *from)?.0)).collect()
    }

    pub fn entry(&self, seq: u64) -> Result<Entry, StationError> {
        let view = self.world.ledger.view()?;
        let bytes =
            view.entry(seq)?.ok_or_else(|| failed(format!("the chain holds no entry {seq}")))?;
        Entry::decode(&bytes).map_err(|e| damaged(format!("entry {seq}: {e}")))
    }

    /// The signed listing of a session, read from the vault and held against its digest.
    pub fn listing(&self, object: Digest) -> Result<Listing, StationError> {
        let bytes = self.world.vault.read(&Place::Object(object))?;
        if Digest::of(&bytes) != object {
            return Err(damaged(format!("listing {object} holds other bytes than its name says")));
        }
        Listing::decode(&bytes).ok_or_else(|| damaged(format!("listing {object} cannot be read")))
    }
}
