//! Steps 7 to 9: what was written is read back cold from the medium, compared, and kept under its
//! content's name. Big clips are proven beside the copying of the next one.

use super::copy::{CopyTrouble, Verified, Written};
use super::{Dock, Stop};
use crate::Station;
use crate::reading::read_stored;
use sealdock_core::custody::{StoredDigest, VerifiedCopy};
use sealdock_core::event::AsideReason;
use sealdock_core::ports::Place;
use std::sync::mpsc::{channel, sync_channel};

/// A proof, or why the copy must be made again.
pub(super) type Proof = Result<Verified, Again>;

/// The copy on disk is not what the recorder gave.
pub(super) struct Again {
    line: u32,
    why: String,
    /// What was docked is the station's own store: no second copy makes that better.
    own_store: bool,
}

impl Dock<'_> {
    /// Copies, proves and records everything that is listed.
    pub(super) fn copy_all(&mut self) -> Result<(), Stop> {
        let (station, sm3) = (self.station, self.sm3()?);
        std::thread::scope(|scope| {
            let (to_prover, waiting) = sync_channel::<Written>(1);
            let (proven_in, proven) = channel::<Result<Proof, Stop>>();
            let prover = scope.spawn(move || {
                for written in waiting {
                    if proven_in.send(compare_and_keep(station, sm3, written)).is_err() {
                        return;
                    }
                }
            });
            let mut run = Ok(());
            for batch in self.listed.batches() {
                run = self.without_left_by_order(batch).and_then(|batch| {
                    let verified = self.copy_batch(&batch, &to_prover)?;
                    self.record(verified)?;
                    self.take(proven.try_iter())
                });
                if run.is_err() {
                    break;
                }
            }
            drop(to_prover);
            if let Err(panic) = prover.join() {
                std::panic::resume_unwind(panic);
            }
            // Also after a yank: what is proven gets its entry.
            let rest = match &run {
                Err(Stop::Station(_)) => Ok(()),
                _ => self.take(proven.into_iter()),
            };
            run.and(rest)
        })
    }

    /// Records what the prover proved; a copy that differs is made once more.
    fn take(&mut self, proofs: impl Iterator<Item = Result<Proof, Stop>>) -> Result<(), Stop> {
        let mut verified = Vec::new();
        for proof in proofs {
            match proof? {
                Ok(good) => verified.push(good),
                Err(again) => verified.extend(self.once_more(again)?),
            }
        }
        self.record(verified)
    }

    pub(super) fn prove(&mut self, written: Written) -> Result<Option<Verified>, Stop> {
        match compare_and_keep(self.station, self.sm3()?, written)? {
            Ok(verified) => Ok(Some(verified)),
            Err(again) => self.once_more(again),
        }
    }

    /// From the recorder, on a new file, once.
    fn once_more(&mut self, again: Again) -> Result<Option<Verified>, Stop> {
        let Again { line, why, own_store } = again;
        if own_store {
            return self.trouble(line, CopyTrouble::Aside(AsideReason::NotAFile, why));
        }
        tracing::warn!(line, %why, "the copy is made again");
        let Some(written) = self.write_line(line)? else { return Ok(None) };
        match compare_and_keep(self.station, self.sm3()?, written)? {
            Ok(verified) => Ok(Some(verified)),
            Err(Again { why, .. }) => self.trouble(
                line,
                CopyTrouble::Aside(
                    AsideReason::StoreMismatch,
                    format!("{why}; twice. The station's disk, memory or cable cannot be trusted"),
                ),
            ),
        }
    }
}

fn compare_and_keep(station: &Station, sm3: bool, written: Written) -> Result<Proof, Stop> {
    let Written { line, mut incoming, source } = written;
    let back = incoming.read_back().and_then(|mut stored| {
        let method = stored.method();
        let whole = read_stored(&mut *stored, sm3)?;
        Ok((StoredDigest::earned(whole).read_from(stored.identity()), method))
    });
    let (stored, read_back) = match back {
        Ok(back) => back,
        Err(error) => {
            let _ = incoming.discard();
            return Ok(Err(Again { line, why: error.message, own_store: false }));
        }
    };
    match VerifiedCopy::compare(source, &stored) {
        Err(mismatch) => {
            let _ = incoming.discard();
            let own_store = mismatch.is_own_store();
            Ok(Err(Again { line, why: mismatch.to_string(), own_store }))
        }
        Ok(copy) => {
            let fresh = incoming.keep(&Place::Kept(copy.sha256()))?;
            if !fresh {
                // Left by a crash between rename and entry, or the same bytes under another name:
                // what lies there must itself be read back before anything rests on it.
                if !prove_kept(station, sm3, &copy)? {
                    let why = "what was docked is the station's own store".to_owned();
                    return Ok(Err(Again { line, why, own_store: true }));
                }
            }
            Ok(Ok(Verified { line, copy, read_back, known: None }))
        }
    }
}

/// `false`: the kept file is the very file that the recorder gave.
fn prove_kept(station: &Station, sm3: bool, copy: &VerifiedCopy) -> Result<bool, Stop> {
    let mut kept = station.world.vault.open(&Place::Kept(copy.sha256()))?;
    let whole = read_stored(&mut *kept, sm3)?;
    let kept = StoredDigest::earned(whole).read_from(kept.identity());
    if kept.sha256() == copy.sha256() {
        return Ok(copy.is_held_by(&kept));
    }
    Err(Stop::Station(crate::error::damaged(format!(
        "kept file {} holds other bytes ({}); run `sealdock check --deep`",
        copy.sha256(),
        kept.sha256()
    ))))
}
