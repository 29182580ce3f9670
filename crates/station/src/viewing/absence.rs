//! "Nobody saw this clip before …", derived from the entries, with the head up to which it holds.

use crate::error::failed;
use crate::{Station, StationError};
use sealdock_chain::digest::Digest;
use sealdock_chain::entry::Entry;
use sealdock_core::access::{Absence, Sight};
use sealdock_core::event::Event;
use sealdock_core::id::ClipId;
use sealdock_core::ports::Kind;
use sealdock_core::ports::PortError;
use sealdock_core::time::WallMs;

/// Entries read at once.
const ENTRIES_AT_ONCE: u32 = 1000;

/// What the chain says about the sights of one clip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub clip: ClipId,
    /// Asked for sights before this instant; without it for all.
    pub before: Option<WallMs>,
    /// Other clips that ever had the same bytes; their sights are among these.
    pub twins: Vec<ClipId>,
    pub sights: Vec<Sight>,
    /// Entries and root of the signed head up to which it holds.
    pub size: u64,
    pub root: Digest,
}

impl Station {
    /// Every viewing, copy and burning of what a clip holds, under its number or that of another clip with the
    /// same bytes, up to the signed head.
    ///
    /// # Errors
    /// There is no such clip, or the chain cannot be read.
    pub fn sights(&self, clip: ClipId, before: Option<WallMs>) -> Result<Statement, StationError> {
        self.clip_row(clip)?;
        let Event::ClipStored(stored) = self.proven_event(clip.0)? else {
            return Err(failed(format!("entry {} took no clip into custody", clip.0)));
        };
        let mut absence = Absence::of(stored.sha256);
        let (size, root) = self.walk(0, |seq, bytes| {
            let broken = |why: String| {
                let text = format!("entry {seq} cannot be read: {why}; run `sealdock check`");
                StationError::Port(PortError::new(Kind::Damaged, text))
            };
            let read = |e: serde_json::Error| broken(e.to_string());
            if absence.concerns(bytes) {
                let entry = Entry::decode(bytes).map_err(|e| broken(e.to_string()))?;
                let event: Event = serde_json::from_value(entry.event).map_err(read)?;
                let at = serde_json::from_value(entry.at).map_err(read)?;
                let actor = serde_json::from_value(entry.actor).map_err(read)?;
                absence.fold(seq, &at, &actor, &event);
            } else if absence.wants_times() {
                absence.pass(seq, Absence::time_of(bytes).map_err(read)?);
            }
            Ok(())
        })?;
        let sights = absence.before(before).into_iter().cloned().collect();
        let twins = absence.clips().filter(|other| *other != clip).collect();
        Ok(Statement { clip, before, twins, sights, size, root })
    }

    /// Every entry from `first` to the signed head of one snapshot; its size and root.
    pub(crate) fn walk(
        &self,
        first: u64,
        mut each: impl FnMut(u64, &[u8]) -> Result<(), StationError>,
    ) -> Result<(u64, Digest), StationError> {
        let view = self.world.ledger.view()?;
        let head = view.head()?;
        let (size, root) = (head.checkpoint().size, head.checkpoint().root);
        let mut seq = first;
        while seq < size {
            let entries = view.entries(seq, ENTRIES_AT_ONCE)?;
            if entries.is_empty() {
                let text = format!("the chain holds no entry {seq}; run `sealdock check`");
                return Err(StationError::Port(PortError::new(Kind::Damaged, text)));
            }
            for bytes in entries.iter().take((size - seq).try_into().unwrap_or(usize::MAX)) {
                each(seq, bytes)?;
                seq += 1;
            }
        }
        Ok((size, root))
    }
}
