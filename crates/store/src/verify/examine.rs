//! One entry on its own, in any thread: its bytes, its leaf, its signatures, its row changes.

use crate::keys::Epochs;
use crate::record::Record;
use sealdock_chain::digest::Digest;
use sealdock_chain::note::VerifierKey;
use sealdock_chain::tree::leaf_hash;
use sealdock_chain::{ed25519, sshsig};
use sealdock_core::actor::ActorRecord;
use sealdock_core::decide::restored_as_said;
use sealdock_core::event::{
    ClipStored, Event, KeyKind, KeyReplaced, KeyRotated, ReplaceCause, StationFounded,
};
use sealdock_core::objection;
use sealdock_core::table::RowChange;
use sealdock_core::time::Stamp;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A row of the log as it is stored.
pub(crate) struct RawEntry {
    pub(crate) seq: u64,
    /// `None`: not 32 bytes.
    pub(crate) leaf: Option<Digest>,
    pub(crate) bytes: Vec<u8>,
}

/// What the bytes of one entry say.
pub(crate) struct Examined {
    /// The number of its row.
    pub(crate) seq: u64,
    /// Recomputed from the bytes.
    pub(crate) leaf: Digest,
    /// `prev` as the entry states it, where it can be read.
    pub(crate) prev: Option<Digest>,
    pub(crate) changes: Vec<RowChange>,
    /// Who wrote what when, where there is a rule about that.
    pub(crate) signed: Option<Box<(Stamp, ActorRecord, Event)>>,
    /// `(area, text)`.
    pub(crate) problems: Vec<(&'static str, String)>,
}

/// What an examination needs to know beside the entry.
pub(crate) struct Examiner {
    pub(crate) origin: String,
    pub(crate) log: Epochs,
    pub(crate) evidence: Epochs,
    pub(crate) deep: bool,
}

impl Examiner {
    pub(crate) fn examine(&self, raw: &RawEntry) -> Examined {
        let RawEntry { seq, leaf: stored, bytes } = raw;
        let leaf = leaf_hash(bytes);
        let mut examined = Examined {
            seq: *seq,
            leaf,
            prev: None,
            changes: Vec::new(),
            signed: None,
            problems: Vec::new(),
        };
        if *stored != Some(leaf) {
            let text = format!("entry {seq}: its bytes do not give the leaf hash beside it");
            examined.problems.push(("chain", text));
        }
        match Record::read(bytes) {
            Ok(record) => {
                // Numbers that no honest writer makes may break an assumption of the projection.
                let looking = AssertUnwindSafe(|| self.look_into(&record, &mut examined));
                if catch_unwind(looking).is_err() {
                    let text = format!("entry {seq} holds values that no station writes");
                    examined.problems.push(("chain", text));
                }
            }
            Err(why) => {
                examined.problems.push(("chain", format!("entry {seq} cannot be read: {why}")));
            }
        }
        examined
    }

    fn look_into(&self, record: &Record, examined: &mut Examined) {
        let seq = examined.seq;
        examined.prev = Some(record.prev);
        examined.changes = record.changes();
        if objection::concerns(&record.event) {
            let Record { at, actor, event, .. } = record;
            examined.signed = Some(Box::new((at.clone(), actor.clone(), event.clone())));
        }
        if record.seq != seq {
            let text = format!("entry {seq} says of itself that it is entry {}", record.seq);
            examined.problems.push(("chain", text));
        }
        let verdict = match &record.event {
            Event::StationFounded(_) if seq != 0 => Err("the station is founded again".into()),
            Event::StationFounded(e) => self.founding(e),
            Event::KeyRotated(e) => self.rotation(seq, e),
            Event::KeyReplaced(e) => self.replacement(seq, e),
            Event::StationRestored(e) => restored_as_said(seq, e).map_err(|why| why.to_string()),
            Event::ClipStored(e) if self.deep => self.clip_signature(seq, e),
            _ => Ok(()),
        };
        if let Err(why) = verdict {
            examined.problems.push(("chain", format!("entry {seq}: {why}")));
        }
    }

    fn founding(&self, e: &StationFounded) -> Result<(), String> {
        if e.origin != self.origin {
            return Err(format!(
                "the founding is of {}, the database of {}",
                e.origin, self.origin
            ));
        }
        let key = VerifierKey::new(e.origin.clone(), e.log_public.0).map_err(|e| e.to_string())?;
        if key.to_string() != e.log_vkey {
            return Err("its verifier key is not the log key it names".to_owned());
        }
        Ok(())
    }

    /// Both keys must have signed, and the old one must be that of the epoch before.
    fn rotation(&self, seq: u64, e: &KeyRotated) -> Result<(), String> {
        self.ends(seq, e.key, &e.old_public)?;
        let said =
            KeyRotated::statement(&self.origin, e.key, e.epoch, &e.old_public, &e.new_public);
        signed(&said, "old", &e.old_public, &e.old_signature)?;
        signed(&said, "new", &e.new_public, &e.new_signature)
    }

    /// The new key must have signed; the old one only after a restore, and only if it was at hand.
    fn replacement(&self, seq: u64, e: &KeyReplaced) -> Result<(), String> {
        self.ends(seq, e.key, &e.old_public)?;
        let said = e.statement(&self.origin);
        if let Some(old) = &e.old_signature {
            if e.cause != ReplaceCause::Restored {
                return Err(format!("a key that was {} vouches for the next", e.cause.as_str()));
            }
            signed(&said, "old", &e.old_public, old)?;
        }
        signed(&said, "new", &e.new_public, &e.new_signature)
    }

    fn ends(&self, seq: u64, key: KeyKind, old: &Digest) -> Result<(), String> {
        let epochs = match key {
            KeyKind::Log => &self.log,
            KeyKind::Evidence => &self.evidence,
        };
        match epochs.before(seq) {
            Some(before) if before.public == old.0 => Ok(()),
            _ => Err(format!("ends a {} key that was not in force", key.as_str())),
        }
    }

    fn clip_signature(&self, seq: u64, e: &ClipStored) -> Result<(), String> {
        let epoch = self.evidence.for_entry(seq).ok_or("no evidence key is known")?;
        if epoch.number != e.evidence_epoch {
            return Err(format!(
                "the clip is signed in epoch {} of the evidence key while epoch {} is in force",
                e.evidence_epoch, epoch.number
            ));
        }
        sshsig::verify(&e.sshsig, &epoch.public, sshsig::CLIP_NAMESPACE, &e.sha256)
            .map_err(|error| format!("the signature of the clip is refused: {error}"))
    }
}

fn signed(said: &[u8], which: &str, public: &Digest, hex: &str) -> Result<(), String> {
    let signature = signature_from_hex(hex)
        .ok_or_else(|| format!("the signature of the {which} key is malformed"))?;
    ed25519::verify(&public.0, said, &signature)
        .map_err(|error| format!("the signature of the {which} key: {error}"))
}

fn signature_from_hex(text: &str) -> Option<[u8; 64]> {
    let (first, second) = text.split_at_checked(64)?;
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&first.parse::<Digest>().ok()?.0);
    signature[32..].copy_from_slice(&second.parse::<Digest>().ok()?.0);
    Some(signature)
}
