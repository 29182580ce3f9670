//! Steps 7 to 9: what was written is read back cold from the medium, compared, and kept under its
//! content's name. Big clips are synced and proven beside the copying of the next one.

use super::copy::{CopyTrouble, Verified, Written, sink_trouble};
use super::damaged::Damage;
use super::{Dock, Stop};
use crate::Station;
use crate::reading::read_stored;
use sealdock_core::custody::{StoredDigest, VerifiedCopy};
use sealdock_core::event::AsideReason;
use sealdock_core::ports::{Incoming, Kind, Place, PortError, PortResult};
use std::sync::mpsc::{channel, sync_channel};

/// A proof, or why the copy must be made again.
pub(super) type Proof = Result<Verified, Again>;

/// The copy on disk is not what the recorder gave.
pub(super) struct Again {
    line: u32,
    why: String,
    cause: Cause,
}

enum Cause {
    /// The copy under way: a second one may come out right.
    Copy,
    /// The copy could not be synced: it is dead, and what the disk says decides whether the session goes on.
    Disk(PortError),
    /// What was docked is the station's own store: no second copy makes that better.
    OwnStore,
    /// What lies kept under that name has rotted.
    Kept(Option<StoredDigest>),
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
        let Again { line, why, cause } = again;
        match cause {
            Cause::Copy => tracing::warn!(line, %why, "the copy is made again"),
            Cause::Disk(error) => return self.trouble(line, sink_trouble(error)),
            Cause::OwnStore => {
                return self.trouble(line, CopyTrouble::Aside(AsideReason::NotAFile, why));
            }
            Cause::Kept(kept) => {
                self.stored_damaged(line, Damage { clip: None, why, kept })?;
                return Ok(None);
            }
        }
        let Some(written) = self.write_line(line)? else { return Ok(None) };
        match compare_and_keep(self.station, self.sm3()?, written)? {
            Ok(verified) => Ok(Some(verified)),
            Err(Again { why, cause: Cause::Kept(kept), .. }) => {
                self.stored_damaged(line, Damage { clip: None, why, kept })?;
                Ok(None)
            }
            Err(Again { cause: Cause::Disk(error), .. }) => self.trouble(line, sink_trouble(error)),
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

fn compare_and_keep(station: &Station, sm3: bool, mut written: Written) -> Result<Proof, Stop> {
    let synced = written.sync();
    let Written { line, mut incoming, source, .. } = written;
    if let Err(error) = synced {
        let _ = incoming.discard();
        return Ok(Err(Again { line, why: error.message.clone(), cause: Cause::Disk(error) }));
    }
    let (stored, read_back) = match read_back(&mut *incoming, sm3) {
        Ok(back) => back,
        Err(error) => {
            let _ = incoming.discard();
            return Ok(Err(Again { line, why: error.message, cause: Cause::Copy }));
        }
    };
    match VerifiedCopy::compare(source, &stored) {
        Err(mismatch) => {
            let _ = incoming.discard();
            let cause = if mismatch.is_own_store() { Cause::OwnStore } else { Cause::Copy };
            Ok(Err(Again { line, why: mismatch.to_string(), cause }))
        }
        Ok(copy) => {
            let fresh = incoming.keep(&Place::Kept(copy.sha256()))?;
            // Left by a crash between rename and entry, or the same bytes under another name: what lies
            // there must itself be read back before anything rests on it.
            if !fresh && let Some((why, cause)) = trouble_with_kept(station, sm3, &copy)? {
                return Ok(Err(Again { line, why, cause }));
            }
            Ok(Ok(Verified { line, copy, read_back, known: None }))
        }
    }
}

/// The sealed copy as it lies on the medium, and how it was read.
pub(super) fn read_back(
    incoming: &mut dyn Incoming,
    sm3: bool,
) -> PortResult<(StoredDigest, &'static str)> {
    let mut stored = incoming.read_back()?;
    let whole = read_stored(&mut *stored, sm3)?;
    Ok((StoredDigest::earned(whole).read_from(stored.identity()), stored.method()))
}

/// What is wrong with the kept file that has the name of `copy`.
fn trouble_with_kept(
    station: &Station,
    sm3: bool,
    copy: &VerifiedCopy,
) -> Result<Option<(String, Cause)>, Stop> {
    let read = station.world.vault.open(&Place::Kept(copy.sha256())).and_then(|mut kept| {
        let whole = read_stored(&mut *kept, sm3)?;
        Ok(StoredDigest::earned(whole).read_from(kept.identity()))
    });
    match read {
        Ok(kept) if copy.is_held_by(&kept) => Ok(None),
        Ok(kept) if kept.sha256() == copy.sha256() => {
            Ok(Some(("what was docked is the station's own store".into(), Cause::OwnStore)))
        }
        Ok(kept) => {
            let why = format!("kept file {} holds other bytes ({})", copy.sha256(), kept.sha256());
            Ok(Some((why, Cause::Kept(Some(kept)))))
        }
        Err(error) if error.kind == Kind::Unknown => Err(error.into()),
        Err(error) => Ok(Some((error.message, Cause::Kept(None)))),
    }
}
