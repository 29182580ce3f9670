//! "Nobody saw this clip before …", derived from the entries, with the head up to which it holds.

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
    pub sights: Vec<Sight>,
    /// Entries and root of the signed head up to which it holds.
    pub size: u64,
    pub root: Digest,
}

impl Station {
    /// Every viewing and copy of a clip, from its custody to the signed head.
    ///
    /// # Errors
    /// There is no such clip, or the chain cannot be read.
    pub fn sights(&self, clip: ClipId, before: Option<WallMs>) -> Result<Statement, StationError> {
        self.clip_row(clip)?;
        let mut absence = Absence::of(clip);
        let (size, root) = self.walk(clip.0, |seq, bytes| {
            if !Absence::concerns(bytes) {
                return Ok(());
            }
            let broken = |why: String| {
                let text = format!("entry {seq} cannot be read: {why}; run `sealdock check`");
                StationError::Port(PortError::new(Kind::Damaged, text))
            };
            let entry = Entry::decode(bytes).map_err(|e| broken(e.to_string()))?;
            let read = |e: serde_json::Error| broken(e.to_string());
            let event: Event = serde_json::from_value(entry.event).map_err(read)?;
            let at = serde_json::from_value(entry.at).map_err(read)?;
            let actor = serde_json::from_value(entry.actor).map_err(read)?;
            absence.fold(seq, &at, &actor, &event);
            Ok(())
        })?;
        let sights = absence.before(before).into_iter().cloned().collect();
        Ok(Statement { clip, before, sights, size, root })
    }

    /// Every entry from `first` to the signed head of one snapshot; its size and root.
    pub(super) fn walk(
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
