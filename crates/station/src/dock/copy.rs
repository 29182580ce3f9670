//! Steps 6 to 9: one reading of the recorder into a temporary file, read back cold from the medium,
//! compared, and kept under its content's name.
//!
//! Durable effects, in order, for every file of a batch:
//!   fallocate(incoming) · write … · fsync(incoming)          all files of the batch
//!   read back past the page cache · compare                  then all are read back
//!   rename without replace · fsync(directory)                then all are kept
//! A big file is synced, read back and kept by the prover, while the recorder gives the next one.
//! A failure at any of them leaves the recorder as it was; the copy is thrown away and made again
//! from the recorder, never from a file whose fsync failed.

use super::damaged::Damage;
use super::{Dock, Stop};
use crate::progress::Step;
use crate::reading::{ReadError, Wanted, read_stored, read_through};
use sealdock_core::custody::{SourceDigest, StoredDigest, VerifiedCopy};
use sealdock_core::event::AsideReason;
use sealdock_core::id::ClipId;
use sealdock_core::ports::{Incoming, Kind, Place, PortError, PortResult};
use sealdock_core::registry;
use std::sync::atomic::Ordering;
use std::sync::mpsc::SyncSender;

/// A line whose bytes lie in the vault, verified.
pub(crate) struct Verified {
    pub line: u32,
    pub copy: VerifiedCopy,
    pub read_back: &'static str,
    /// Already in custody as this clip.
    pub known: Option<ClipId>,
}

/// Written, not yet read back. Big ones are not synced yet either: the disk takes its time for that, and the
/// recorder could give the next one meanwhile.
pub(super) struct Written {
    pub line: u32,
    pub incoming: Box<dyn Incoming>,
    pub synced: bool,
    pub source: SourceDigest,
}

impl Written {
    /// Everything is on the medium. After a failure the copy is dead.
    pub fn sync(&mut self) -> PortResult<()> {
        if !self.synced {
            self.incoming.seal()?;
            self.synced = true;
        }
        Ok(())
    }
}

/// From this size on a clip is read back while the recorder already gives the next one: recorders are
/// slower than the station's disk, and the bay is waited for.
const PROVE_BESIDE_BYTES: u64 = 2 << 20;

/// Are a line's bytes in custody already?
enum Known {
    Yes(Box<Verified>),
    No,
    /// The recorder could not be read for the comparison: the line has its end.
    CannotTell,
}

/// How copying one line ended when it did not end well.
pub(super) enum CopyTrouble {
    /// The line stands aside; others may go on.
    Aside(AsideReason, String),
    /// Some bytes cannot be read: salvage what can be.
    Unreadable {
        offset: u64,
        error: String,
    },
    Stop(Stop),
}

impl Dock<'_> {
    /// Writes every line of a batch. Big ones go to the prover while the next is read; small ones are
    /// proven here, after all of them are written.
    pub(super) fn copy_batch(
        &mut self,
        lines: &[u32],
        prover: &SyncSender<Written>,
    ) -> Result<Vec<Verified>, Stop> {
        let mut verified = Vec::new();
        let mut written = Vec::new();
        for &line in lines {
            self.step.set(Step::Copying);
            match self.known(line)? {
                Known::Yes(known) => verified.push(*known),
                Known::CannotTell => {}
                Known::No => match self.write_line(line)? {
                    Some(big) if !big.synced => {
                        // A prover that is gone has panicked; joining it tells.
                        let _ = prover.send(big);
                    }
                    small => written.extend(small),
                },
            }
            self.report_progress();
        }
        self.step.set(Step::Proving);
        for written in written {
            verified.extend(self.prove(written)?);
            self.report_progress();
        }
        // Entries follow the order of taking: marked clips first.
        verified.sort_by_key(|v| lines.iter().position(|line| *line == v.line));
        Ok(verified)
    }

    /// A file of this name from this recorder is in custody already: read the recorder and the vault
    /// again and compare, instead of storing the same bytes twice.
    fn known(&mut self, line: u32) -> Result<Known, Stop> {
        let listed = &self.listed.listing.lines[line as usize];
        let view = self.station.world.ledger.view()?;
        let rows = registry::clips_named(&*view, self.listed.claim().as_str(), &listed.raw)?;
        drop(view);
        let size = listed.size as i64;
        let rows: Vec<_> = rows.into_iter().filter(|row| row.int("size") == size).collect();
        if rows.is_empty() {
            return Ok(Known::No);
        }
        let source = match self.read_source(line, None) {
            Ok(source) => source,
            // Not "no": copied anew, the same bytes would be in custody as two clips.
            Err(trouble) => {
                self.trouble::<()>(line, trouble)?;
                return Ok(Known::CannotTell);
            }
        };
        let sha256 = source.sha256();
        let Some(row) = rows.iter().find(|row| row.text("sha256") == sha256.to_string()) else {
            return Ok(Known::No);
        };
        let place = Place::Kept(sha256);
        let clip = ClipId(registry::seq(row));
        let (kept, read_back) = match self.read_kept(&place) {
            Ok(Some(read)) => read,
            Ok(None) => return Ok(Known::No),
            Err(error) if error.kind == Kind::Unknown => return Err(error.into()),
            Err(error) => {
                self.stored_damaged(
                    line,
                    Damage { clip: Some(clip), why: error.message, kept: None },
                )?;
                return Ok(Known::CannotTell);
            }
        };
        match VerifiedCopy::compare(source, &kept) {
            Ok(copy) => {
                let known = Some(clip);
                Ok(Known::Yes(Box::new(Verified { line, copy, read_back, known })))
            }
            Err(mismatch) if mismatch.is_own_store() => {
                let own = CopyTrouble::Aside(AsideReason::NotAFile, mismatch.to_string());
                self.trouble::<()>(line, own)?;
                Ok(Known::CannotTell)
            }
            Err(mismatch) => {
                let why = mismatch.to_string();
                self.stored_damaged(line, Damage { clip: Some(clip), why, kept: Some(kept) })?;
                Ok(Known::CannotTell)
            }
        }
    }

    /// A kept file, read cold, and how; `None` if it is not there.
    fn read_kept(&self, place: &Place) -> PortResult<Option<(StoredDigest, &'static str)>> {
        let vault = &self.station.world.vault;
        if vault.size(place)?.is_none() {
            return Ok(None);
        }
        let mut stored = vault.open(place)?;
        let view = self.station.world.ledger.view()?;
        let sm3 = registry::policy(&*view)?.sm3;
        drop(view);
        let whole = read_stored(&mut *stored, sm3)?;
        let kept = StoredDigest::earned(whole).read_from(stored.identity());
        Ok(Some((kept, stored.method())))
    }

    /// Reads a whole line from the recorder, into `sink` if there is one.
    fn read_source(
        &mut self,
        line: u32,
        sink: Option<&mut dyn Incoming>,
    ) -> Result<SourceDigest, CopyTrouble> {
        let sm3 = self.sm3().map_err(CopyTrouble::Stop)?;
        let raw = &self.listed.raw[line as usize];
        let mut source = match self.recorder.open(raw) {
            Ok(source) => source,
            Err(error) => return Err(self.cannot_open(line, error)),
        };
        let tick = |bytes: u64| {
            self.bytes_done.fetch_add(bytes, Ordering::Relaxed);
        };
        let read = read_through(&mut *source, sink, Wanted { sm3, chunks: true }, &tick);
        let read = match read {
            Ok(read) => read,
            Err(ReadError::Sink(error)) => return Err(sink_trouble(error)),
            Err(ReadError::Source { offset, error }) => {
                drop(source);
                return Err(match self.recorder_alive() {
                    true => CopyTrouble::Unreadable { offset, error: error.message },
                    false => CopyTrouble::Stop(Stop::Gone(error.message)),
                });
            }
        };
        let (unchanged, file) = (source.unchanged(), source.identity());
        drop(source);
        let Some(chunked) = read.chunked else {
            unreachable!("the chunk tree was wanted");
        };
        let digest = SourceDigest::earned(read.whole, chunked).read_from(file);
        match unchanged {
            Err(error) => Err(self.cannot_open(line, error)),
            Ok(still) => match (still, digest.size().cmp(&raw.size)) {
                (true, std::cmp::Ordering::Equal) => Ok(digest),
                (_, std::cmp::Ordering::Less) => Err(CopyTrouble::Aside(
                    AsideReason::Truncated,
                    format!("{} bytes were listed, {} could be read", raw.size, digest.size()),
                )),
                _ => Err(CopyTrouble::Aside(
                    AsideReason::Growing,
                    "it changed while it was read; perhaps the recorder is still recording".into(),
                )),
            },
        }
    }

    pub(super) fn cannot_open(&mut self, line: u32, error: PortError) -> CopyTrouble {
        if !self.recorder_alive() {
            return CopyTrouble::Stop(Stop::Gone(error.message));
        }
        let raw = self.listed.raw[line as usize].clone();
        match self.recorder.look(&raw) {
            Ok(None) => CopyTrouble::Aside(
                AsideReason::Vanished,
                "it was listed and is gone; the station did not remove it".into(),
            ),
            Ok(Some(now)) if !now.same_thing(&raw) => CopyTrouble::Aside(
                AsideReason::Growing,
                "it changed since it was listed; perhaps the recorder is still recording".into(),
            ),
            _ => CopyTrouble::Aside(AsideReason::Unreadable, error.message),
        }
    }

    /// Copies one line as far as the sync of its temporary file; a big one, without that.
    pub(super) fn write_line(&mut self, line: u32) -> Result<Option<Written>, Stop> {
        let size = self.listed.listing.lines[line as usize].size;
        let mut incoming = match self.station.world.vault.begin(size) {
            Ok(incoming) => incoming,
            Err(error) => return self.trouble(line, sink_trouble(error)),
        };
        let source = match self.read_source(line, Some(&mut *incoming)) {
            Ok(source) => source,
            Err(trouble) => {
                incoming.discard().unwrap_or_else(|error| {
                    tracing::warn!(%error, "a dead copy stays in incoming/ until the next start");
                });
                return self.trouble(line, trouble);
            }
        };
        if source.size() >= PROVE_BESIDE_BYTES {
            return Ok(Some(Written { line, incoming, source, synced: false }));
        }
        match incoming.seal() {
            Ok(()) => Ok(Some(Written { line, incoming, source, synced: true })),
            Err(error) => {
                let _ = incoming.discard();
                self.trouble(line, sink_trouble(error))
            }
        }
    }

    /// Records the trouble of one line; only a lost recorder or a broken station stops the session.
    pub(super) fn trouble<T>(
        &mut self,
        line: u32,
        trouble: CopyTrouble,
    ) -> Result<Option<T>, Stop> {
        match trouble {
            CopyTrouble::Stop(stop) => Err(stop),
            CopyTrouble::Unreadable { offset, error } => {
                self.salvage_line(line, offset, &error)?;
                Ok(None)
            }
            CopyTrouble::Aside(reason, detail) => {
                let aside = self.aside(line, reason, detail);
                self.put_aside(vec![aside])?;
                Ok(None)
            }
        }
    }

    pub(super) fn sm3(&self) -> Result<bool, Stop> {
        let view = self.station.world.ledger.view()?;
        Ok(registry::policy(&*view)?.sm3)
    }
}

/// A full disk stands the line aside; a read-only or failing vault stops the session.
pub(super) fn sink_trouble(error: PortError) -> CopyTrouble {
    match error.kind {
        Kind::NoSpace => CopyTrouble::Aside(
            AsideReason::NoSpace,
            format!("{}; free space, then dock again. The recorder keeps it", error.message),
        ),
        _ => CopyTrouble::Stop(Stop::Station(error.into())),
    }
}
