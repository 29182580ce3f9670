//! The part of the chain that a package holds: which entries, each proven under one head; the listings that they
//! name; the keys for convenience.

use super::bag::Bag;
use super::{Begun, EXPORT_NAMESPACE};
use crate::check::sizes_held;
use crate::error::damaged;
use crate::signers::Signers;
use crate::view::{grown, inclusion};
use crate::{Station, StationError};
use sealdock_chain::digest::Digest;
use sealdock_chain::entry::Entry;
use sealdock_chain::growth::Growth;
use sealdock_chain::note::{SignedCheckpoint, VerifierKey};
use sealdock_chain::proof::TlogProof;
use sealdock_chain::sshsig::CLIP_NAMESPACE;
use sealdock_core::event::Event;
use sealdock_core::id::{ClipId, SessionId};
use sealdock_core::ports::{LedgerView, Place};
use sealdock_core::report;
use sealdock_core::schema as s;
use sealdock_core::table::Query;
use std::collections::{BTreeMap, BTreeSet};

/// Entries read at once.
const ENTRIES_AT_ONCE: u32 = 256;
/// Stands in every entry that signs a listing.
const LISTING: &[u8] = b"\"listing.signed\"";

/// What the chain says of the clips of a copy, under one head.
pub struct Record<'s> {
    station: &'s Station,
    head: SignedCheckpoint,
    key: VerifierKey,
    /// Bytes and proof.
    entries: BTreeMap<u64, (Vec<u8>, TlogProof)>,
    listings: BTreeMap<Digest, Vec<u8>>,
    signers: Signers,
    /// Growth from heads that somebody outside holds.
    anchors: BTreeMap<u64, Growth>,
}

impl<'s> Record<'s> {
    /// # Errors
    /// The chain or a listing cannot be read, or does not hold.
    pub fn at(
        station: &'s Station,
        begun: &Begun,
        receipts: Option<&str>,
    ) -> Result<Record<'s>, StationError> {
        let view = station.world.ledger.view()?;
        let sizes = receipts.map_or(Ok(Vec::new()), |text| sizes_held(&*view, text))?;
        let anchors = sizes.into_iter().map(|size| Ok((size, grown(&*view, size)?.0)));
        let head = view.head()?;
        let key = station.log_key(head.checkpoint().size)?;
        let mut record = Record {
            station,
            key,
            entries: BTreeMap::new(),
            listings: BTreeMap::new(),
            signers: reaching(station, &*view, begun)?,
            anchors: anchors.collect::<Result<_, StationError>>()?,
            head,
        };
        let mut ahead: Vec<u64> = named(&*view, begun)?.into_iter().collect();
        while let Some(seq) = ahead.pop() {
            if !record.entries.contains_key(&seq) {
                ahead.extend(record.take(&*view, seq)?);
            }
        }
        Ok(record)
    }

    /// Takes an entry in; the entries that it names and that belong beside it.
    fn take(&mut self, view: &dyn LedgerView, seq: u64) -> Result<Vec<u64>, StationError> {
        let (bytes, proof) = proven(view, &self.head, seq)?;
        let entry = Entry::decode(&bytes).map_err(|e| damaged(format!("entry {seq}: {e}")))?;
        self.entries.insert(seq, (bytes, proof));
        // An entry of an earlier release, or of a kind that names no other.
        let Ok(event) = serde_json::from_value::<Event>(entry.event) else { return Ok(Vec::new()) };
        if let Event::ListingSigned(e) = &event {
            let bytes = self.station.world.vault.read(&Place::Object(e.object))?;
            if Digest::of(&bytes) != e.object {
                let text = format!("listing {} holds other bytes than its name says", e.object);
                return Err(damaged(text));
            }
            self.listings.insert(e.object, bytes);
        }
        Ok(report::puts_right(&event).into_iter().collect())
    }

    /// The head that the package holds.
    pub fn head(&self) -> &SignedCheckpoint {
        &self.head
    }

    /// The verifier key of the head.
    pub fn vkey(&self) -> String {
        self.key.to_string()
    }

    /// # Errors
    /// A file cannot be written or reads back as something else.
    pub fn write(&self, bag: &mut Bag) -> Result<(), StationError> {
        bag.put("record/checkpoint", self.head.note().as_bytes())?;
        for (seq, (bytes, proof)) in &self.entries {
            bag.put(&format!("record/entries/{seq}.json"), bytes)?;
            bag.put(&format!("record/entries/{seq}.tlog-proof"), proof.to_string().as_bytes())?;
        }
        for (digest, bytes) in &self.listings {
            bag.put(&format!("record/listings/{digest}.json"), bytes)?;
        }
        for (size, growth) in &self.anchors {
            bag.put(&format!("anchors/{size}.add-checkpoint"), growth.to_string().as_bytes())?;
        }
        bag.put("keys/log.vkey", format!("{}\n", self.key).as_bytes())?;
        if let Some(revoked) = self.signers.revoked() {
            bag.put("keys/revoked", revoked.as_bytes())?;
        }
        bag.put("keys/allowed_signers", self.allowed()?.as_bytes())
    }

    /// Which evidence key signed when.
    pub fn signers(&self) -> &Signers {
        &self.signers
    }

    /// Every evidence key for clips, the newest for packages too.
    fn allowed(&self) -> Result<String, StationError> {
        let epochs = self.signers.epochs();
        let mut text = String::new();
        for (n, epoch) in epochs.iter().enumerate() {
            let more: &[&str] = if n + 1 == epochs.len() { &[EXPORT_NAMESPACE] } else { &[] };
            text += &self.signers.line(epoch, CLIP_NAMESPACE, more)?;
            text.push('\n');
        }
        Ok(text)
    }

    /// The entry that the copy is complete, and that the record only grew until then.
    ///
    /// # Errors
    /// As [`Record::write`]; or the chain does not hold.
    pub fn hand_over(&self, completed: u64, bag: &mut Bag) -> Result<(), StationError> {
        let view = self.station.world.ledger.view()?;
        let (bytes, proof) = proven(&*view, &view.head()?, completed)?;
        let old = self.head.checkpoint();
        let (growth, new) = grown(&*view, old.size)?;
        growth.check(old, &new).map_err(|e| {
            damaged(format!("the chain did not only grow while it was copied: {e}"))
        })?;
        bag.beside("handover/completed.json", &bytes)?;
        bag.beside("handover/completed.tlog-proof", proof.to_string().as_bytes())?;
        bag.beside("handover/grown.add-checkpoint", growth.to_string().as_bytes())
    }
}

/// The founding, what ended a key or put the record back, what is known of each clip, the docking, the copy.
fn named(view: &dyn LedgerView, begun: &Begun) -> Result<BTreeSet<u64>, StationError> {
    let mut named = BTreeSet::from([0, begun.copy]);
    for row in view.select(&Query::all(&s::KEY_EPOCH))? {
        named.insert(row.int("since_seq").unsigned_abs());
    }
    for row in view.select(&Query::all(&s::RESTORED))? {
        named.insert(row.int("seq").unsigned_abs());
    }
    for (clip, stored) in &begun.clips {
        let custody = report::custody_of_clip(view, *clip)?
            .ok_or_else(|| damaged(format!("clip {clip} has no row; run `sealdock check`")))?;
        named.extend(custody.entries);
        named.extend(listing_of(view, (stored.session, *clip))?);
    }
    Ok(named)
}

/// The entry that signed the listing of a session: between its opening and the first clip of it.
fn listing_of(
    view: &dyn LedgerView,
    (session, clip): (SessionId, ClipId),
) -> Result<Option<u64>, StationError> {
    let mut seq = session.0;
    while seq < clip.0 {
        let entries = view.entries(seq, ENTRIES_AT_ONCE)?;
        if entries.is_empty() {
            break;
        }
        for bytes in entries {
            let is_named = bytes.windows(LISTING.len()).any(|window| window == LISTING);
            if is_named && signs(&bytes, session) {
                return Ok(Some(seq));
            }
            seq += 1;
        }
    }
    Ok(None)
}

fn signs(bytes: &[u8], session: SessionId) -> bool {
    let event = Entry::decode(bytes).ok().and_then(|e| serde_json::from_value(e.event).ok());
    matches!(event, Some(Event::ListingSigned(e)) if e.session == session)
}

/// An entry's bytes and its proof, which holds.
fn proven(
    view: &dyn LedgerView,
    head: &SignedCheckpoint,
    seq: u64,
) -> Result<(Vec<u8>, TlogProof), StationError> {
    let bytes = view
        .entry(seq)?
        .ok_or_else(|| damaged(format!("the chain holds no entry {seq}; run `sealdock check`")))?;
    let path = inclusion(view, seq, head.checkpoint().size)?;
    let proof = TlogProof::new(seq, path, head.clone());
    proof.check(&bytes).map_err(|e| {
        damaged(format!("entry {seq} is not under the signed head: {e}; run `sealdock check`"))
    })?;
    Ok((bytes, proof))
}

/// The epochs of the evidence key, wide enough for every signature in the package.
fn reaching(
    station: &Station,
    view: &dyn LedgerView,
    begun: &Begun,
) -> Result<Signers, StationError> {
    let mut signers = Signers::read(station, view)?;
    let signed = begun.clips.iter().map(|(clip, _)| clip.0).chain([begun.copy]);
    for seq in signed {
        signers.reaches(seq, station.wall_of(seq)?);
    }
    Ok(signers)
}
