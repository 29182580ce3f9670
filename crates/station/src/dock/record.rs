//! Steps 10 and 11: the entry that takes custody, and the entry read back and proven under the head.

use super::copy::Verified;
use super::{Dock, Proven, Stop};
use crate::error::damaged;
use sealdock_chain::note::SignedCheckpoint;
use sealdock_chain::sshsig;
use sealdock_chain::tree::Included;
use sealdock_core::command::{Command, ToStore};
use sealdock_core::custody::{Copies, RecordedClip, VerifiedCopy};
use sealdock_core::event::KeyKind;
use sealdock_core::id::ClipId;
use sealdock_core::ports::Appended;
use std::sync::Arc;

/// Acknowledged entries, read again, and the head they are proven under.
pub(super) struct ReadBack {
    pub head: SignedCheckpoint,
    pub entries: Vec<(Vec<u8>, Included)>,
}

impl Dock<'_> {
    pub(super) fn record(&mut self, batch: Vec<Verified>) -> Result<(), Stop> {
        if batch.is_empty() {
            return Ok(());
        }
        let mut clips = Vec::new();
        let mut waiting: Vec<(u32, VerifiedCopy, Copies)> = Vec::new();
        for verified in batch {
            let copies = self.copies(&verified)?;
            let mirrored = matches!(copies, Copies::Mirrored(_));
            match verified.known {
                Some(_) => self.seen += 1,
                None => self.stored += 1,
            }
            clips.push(ToStore {
                line: self.listed.listing.lines[verified.line as usize].clone(),
                copy: verified.copy.facts(),
                clock: self.listed.clocked.clock.clone(),
                copies: ["vault", "mirror"][..=usize::from(mirrored)]
                    .iter()
                    .map(|s| (*s).to_owned())
                    .collect(),
                read_back: verified.read_back.to_owned(),
                sshsig: self.clip_signature(&verified.copy)?,
                known: verified.known,
            });
            waiting.push((verified.line, verified.copy, copies));
        }
        let session = self.session();
        let appended = self.station.note(Command::StoreClips { session, clips })?;
        let ReadBack { head, entries } = self.read_back(&appended)?;
        let recorded: Vec<RecordedClip> = entries
            .iter()
            .filter_map(|(bytes, included)| RecordedClip::read_back(bytes, included, &head))
            .collect();
        if recorded.len() != waiting.len() {
            return Err(Stop::Station(damaged(
                "the ledger does not hold the custody entries it acknowledged; nothing is wiped",
            )));
        }
        for ((line, copy, copies), recorded) in waiting.into_iter().zip(recorded) {
            self.put_sidecars(&copy, &recorded);
            self.clips.push((line, ClipId(recorded.clip())));
            self.proven.insert(line, Proven { copy, recorded, copies });
        }
        self.report_progress();
        Ok(())
    }

    fn clip_signature(&self, copy: &VerifiedCopy) -> Result<String, Stop> {
        let signer = &self.station.world.signer;
        let bytes = sshsig::signed_bytes(sshsig::CLIP_NAMESPACE, &copy.sha256());
        let signature = signer.sign(KeyKind::Evidence, &bytes)?;
        let public = signer.public(KeyKind::Evidence);
        let armoured = sshsig::armor(&public, sshsig::CLIP_NAMESPACE, signature);
        sshsig::verify(&armoured, &public, sshsig::CLIP_NAMESPACE, &copy.sha256()).map_err(
            |e| damaged(format!("the evidence key made a signature that does not verify: {e}")),
        )?;
        Ok(armoured)
    }

    /// Entries as another reader of the ledger finds them, each proven under the signed head.
    pub(super) fn read_back(&self, appended: &Appended) -> Result<ReadBack, Stop> {
        let view = self.station.world.ledger.view()?;
        let head = view.head()?;
        let mut entries = Vec::new();
        for entry in &appended.entries {
            let bytes = view.entry(entry.seq)?.ok_or_else(|| {
                damaged(format!(
                    "entry {} was acknowledged and is not there; nothing is wiped",
                    entry.seq
                ))
            })?;
            let proof = crate::view::inclusion(&*view, entry.seq, head.checkpoint().size)?;
            let included =
                Included::check(&bytes, entry.seq, &proof, head.checkpoint()).map_err(|e| {
                    damaged(format!("entry {} is not under the signed head: {e}", entry.seq))
                })?;
            entries.push((bytes, included));
        }
        Ok(ReadBack { head, entries })
    }

    /// Chunk digests and signature beside the clip: derived, so a failure costs nothing.
    fn put_sidecars(&self, copy: &VerifiedCopy, recorded: &RecordedClip) {
        let leaves: Vec<u8> = copy.chunk_leaves().iter().flat_map(|d| d.0).collect();
        let signature = self.station.clip_row(ClipId(recorded.clip()));
        let signature = signature.map(|row| row.text("sshsig").to_owned()).unwrap_or_default();
        let vault = Arc::clone(&self.station.world.vault);
        let worlds = [Some(vault), self.station.world.mirror.now()];
        for vault in worlds.into_iter().flatten() {
            for (name, bytes) in [("chunks", leaves.as_slice()), ("sshsig", signature.as_bytes())] {
                if let Err(error) = vault.put_sidecar(copy.sha256(), name, bytes) {
                    tracing::warn!(%error, name, "a sidecar could not be written; it can be made again");
                }
            }
        }
    }
}
