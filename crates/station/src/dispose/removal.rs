//! One content, from the intent to the tombstone.

use super::RunReport;
use crate::error::damaged;
use crate::{Station, StationError};
use sealdock_chain::digest::Digest;
use sealdock_chain::tree::Included;
use sealdock_core::command::Command;
use sealdock_core::event::Event;
use sealdock_core::id::ClipId;
use sealdock_core::keep::{self, DISPOSAL, DisposalIntended, DisposalPermit, Part};
use sealdock_core::ports::{Kind, Place, PortError, Vault};
use sealdock_core::registry;
use sealdock_core::schema as s;
use sealdock_core::table::Query;
use std::sync::Arc;

const VAULT: &str = "vault";
const MIRROR: &str = "mirror";

/// A place of copies, by its name in entries.
type Named = (&'static str, Arc<dyn Vault>);

impl Station {
    /// Asks once more, intends, removes, settles. Returns the clips that this was about.
    pub(super) fn dispose_of(
        &self,
        clip: ClipId,
        report: &mut RunReport,
    ) -> Result<Vec<ClipId>, StationError> {
        if let Some(why) = self.cannot_be_reached(clip)? {
            report.kept.push((clip, why));
            return Ok(vec![clip]);
        }
        let intend = keep::Command::Intend { run: report.run, clip };
        let appended = match self.note(Command::Keep(intend)) {
            Ok(appended) => appended,
            Err(StationError::Refused(why)) => {
                report.stopped = Some(why.0);
                return Ok(vec![clip]);
            }
            Err(error) => return Err(error),
        };
        let mut about = Vec::new();
        for entry in appended.entries {
            match self.proven_event(entry.seq)? {
                Event::Keep(keep::Event::DisposalWithdrawn(e)) => {
                    about.extend(e.clips.iter().map(|one| one.clip));
                    report.withdrawn.extend(e.clips.into_iter().map(|one| (one.clip, one.why)));
                }
                Event::Keep(keep::Event::DisposalIntended(e)) => {
                    about.extend(e.clips.iter().copied());
                    self.carry_out_removal(entry.seq, &e, report)?;
                }
                _ => {
                    return Err(damaged(
                        "the ledger does not hold the intent it acknowledged; nothing is removed",
                    ));
                }
            }
        }
        Ok(about)
    }

    /// A removal that would find less than the chain says, or would leave a copy behind, is not begun.
    fn cannot_be_reached(&self, clip: ClipId) -> Result<Option<String>, StationError> {
        let row = self.clip_row(clip)?;
        let digest: Digest = row.text("sha256").parse().map_err(|_| damaged("clip row: sha256"))?;
        let size = row.int("size").unsigned_abs();
        if self.world.vault.size(&Place::Kept(digest))? != Some(size) {
            return Ok(Some(
                "its file is not in the vault as the chain says; run `sealdock check`".into(),
            ));
        }
        let twins = self.rows(&Query::all(&s::CLIP).with("sha256", row.text("sha256")))?;
        let mirrored = twins.iter().any(|row| row.text("copies").split('+').any(|c| c == MIRROR));
        Ok((mirrored && self.world.mirror.now().is_none()).then(|| {
            "its second copy lies at a place that is not there; mount it, then run again".into()
        }))
    }

    /// The second copy first: as long as anything is left, the vault's is.
    fn carry_out_removal(
        &self,
        intent: u64,
        e: &DisposalIntended,
        report: &mut RunReport,
    ) -> Result<(), StationError> {
        let mut from = Vec::new();
        for (name, vault) in self.places(&e.copies)? {
            let was_there = vault.size(&Place::Kept(e.sha256))?.is_some();
            match self.remove_from(&*vault, intent, e.sha256) {
                Ok(()) if was_there => from.push(name.to_owned()),
                Ok(()) => {}
                // Whether it is gone is for the next run to see.
                Err(error) if error.is_fatal() => return Err(error),
                Err(error) => {
                    let reason = error.to_string();
                    let places = self.found_in(&e.copies, e.sha256)?;
                    if places.is_empty() {
                        // Gone all the same: the next run makes sure, and leaves the tombstone.
                        return Err(error);
                    }
                    self.settle(intent, Part::Left { places, reason: reason.clone() })?;
                    report.kept.extend(e.clips.iter().map(|clip| (*clip, reason.clone())));
                    return Ok(());
                }
            }
        }
        self.settle(intent, Part::Gone { from })?;
        report.disposed.extend(&e.clips);
        report.bytes += e.size;
        Ok(())
    }

    /// A permit is made anew from the chain for each place: the intent as another reader finds it, proven
    /// under the signed head.
    fn remove_from(
        &self,
        vault: &dyn Vault,
        intent: u64,
        sha256: Digest,
    ) -> Result<(), StationError> {
        let view = self.world.ledger.view()?;
        let head = view.head()?;
        let gone =
            || damaged(format!("the intent in entry {intent} is not there; nothing is removed"));
        let bytes = view.entry(intent)?.ok_or_else(gone)?;
        let proof = crate::view::inclusion(&*view, intent, head.checkpoint().size)?;
        let included = Included::check(&bytes, intent, &proof, head.checkpoint())
            .map_err(|e| damaged(format!("entry {intent} is not under the signed head: {e}")))?;
        let permit = DisposalPermit::read_back(&bytes, &included, &head).ok_or_else(gone)?;
        drop(view);
        if permit.sha256() != sha256 {
            return Err(gone());
        }
        vault.remove(permit)?;
        match vault.size(&Place::Kept(sha256))? {
            None => Ok(()),
            Some(_) => Err(PortError::new(
                Kind::Failed,
                format!("{sha256} was removed and is still there; see the kernel log"),
            )
            .into()),
        }
    }

    /// The places of these copies, the vault last.
    fn places(&self, copies: &[String]) -> Result<Vec<Named>, StationError> {
        let mut places: Vec<Named> = Vec::new();
        if copies.iter().any(|copy| copy == MIRROR) {
            let mirror = self.world.mirror.now().ok_or_else(|| {
                PortError::new(
                    Kind::Failed,
                    "the place of the second copy is not there; mount it, then run again",
                )
            })?;
            places.push((MIRROR, mirror));
        }
        places.push((VAULT, Arc::clone(&self.world.vault)));
        Ok(places)
    }

    fn found_in(&self, copies: &[String], sha256: Digest) -> Result<Vec<String>, StationError> {
        let mut found = Vec::new();
        for (name, vault) in self.places(copies)? {
            if vault.size(&Place::Kept(sha256))?.is_some() {
                found.push(name.to_owned());
            }
        }
        Ok(found)
    }

    fn settle(&self, intent: u64, part: Part) -> Result<(), StationError> {
        self.note(Command::Keep(keep::Command::Settle { intent, part })).map(drop)
    }

    /// What an interrupted run left: what is still there is kept, and asked about anew; what is gone from
    /// everywhere gets its tombstone, after that was made durable.
    pub(super) fn settle_open_removals(&self) -> Result<(), StationError> {
        for row in self.rows(&Query::all(&DISPOSAL).with("state", "intended"))? {
            let intent = registry::seq(&row);
            let Event::Keep(keep::Event::DisposalIntended(e)) = self.proven_event(intent)? else {
                return Err(damaged(format!("entry {intent} is no intent; run `sealdock check`")));
            };
            let left = self.found_in(&e.copies, e.sha256)?;
            if left.is_empty() {
                for (_, vault) in self.places(&e.copies)? {
                    self.remove_from(&*vault, intent, e.sha256)?;
                }
                self.settle(intent, Part::Gone { from: e.copies })?;
                continue;
            }
            let reason = "the run was interrupted before it was gone".to_owned();
            self.settle(intent, Part::Left { places: left, reason })?;
        }
        Ok(())
    }
}
