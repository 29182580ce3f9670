//! A file with unreadable places: what can be read is kept aside with its hole map, and is never
//! wiped from the recorder.

use super::copy::{CopyTrouble, sink_trouble};
use super::{Dock, Stop};
use crate::reading::{ReadError, read_stored, salvage};
use sealdock_core::custody::Whole;
use sealdock_core::event::{AsideKept, AsideReason};
use sealdock_core::ports::{Incoming, Kind, Place, PortResult};

/// Holes named one by one in the entry; the rest is counted.
const HOLES_NAMED: usize = 256;

impl Dock<'_> {
    pub(super) fn salvage_line(&mut self, line: u32, offset: u64, error: &str) -> Result<(), Stop> {
        let raw = self.listed.raw[line as usize].clone();
        let mut incoming = match self.station.world.vault.begin(raw.size) {
            Ok(incoming) => incoming,
            Err(error) => return self.trouble::<()>(line, sink_trouble(error)).map(drop),
        };
        let (whole, holes) = match self.salvage_into(line, &mut *incoming) {
            Ok(saved) => saved,
            Err(trouble) => {
                let _ = incoming.discard();
                return self.trouble::<()>(line, trouble).map(drop);
            }
        };
        let missing: u64 = holes.iter().map(|(_, length)| length).sum();
        let sha256 = whole.sha256();
        let mut aside = self.aside(
            line,
            AsideReason::Partial,
            format!("unreadable from byte {offset} ({error}); {missing} of {} bytes are missing, the rest is saved", raw.size),
        );
        let place = Place::Aside(sha256);
        let kept = incoming.seal().and_then(|()| incoming.keep(&place));
        // Read back whether it is fresh or was there: the entry names what lies on the medium.
        match kept.and_then(|_| self.read_aside(&place)) {
            Ok(now) if now != sha256 => {
                aside.detail = format!("{}; and the disk kept it wrongly", aside.detail);
            }
            Ok(_) => {
                aside.kept = Some(AsideKept {
                    sha256,
                    holes_total: holes.len() as u32,
                    holes: holes.into_iter().take(HOLES_NAMED).collect(),
                    bytes_missing: missing,
                });
            }
            Err(error) if matches!(error.kind, Kind::Unknown | Kind::Damaged) => {
                return Err(error.into());
            }
            Err(error) => {
                aside.detail = format!("{}; nothing could be saved: {error}", aside.detail)
            }
        }
        self.put_aside(vec![aside])
    }

    fn read_aside(&self, place: &Place) -> PortResult<sealdock_core::Digest> {
        let mut source = self.station.world.vault.open(place)?;
        Ok(read_stored(&mut *source, false)?.sha256())
    }

    fn salvage_into(
        &mut self,
        line: u32,
        incoming: &mut dyn Incoming,
    ) -> Result<(Whole, Vec<crate::reading::Hole>), CopyTrouble> {
        let raw = self.listed.raw[line as usize].clone();
        let mut source = match self.recorder.open(&raw) {
            Ok(source) => source,
            Err(error) => return Err(self.cannot_open(line, error)),
        };
        let epoch = self.epoch;
        let recorder = &mut self.recorder;
        let mut alive = || recorder.claims().is_ok_and(|claims| claims.epoch == epoch);
        salvage(&mut *source, raw.size, incoming, &mut alive).map_err(|e| match e {
            ReadError::Source { error, .. } => CopyTrouble::Stop(Stop::Gone(error.message)),
            ReadError::Sink(error) => sink_trouble(error),
        })
    }
}
