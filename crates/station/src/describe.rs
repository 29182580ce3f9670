//! Facts of a clip, read by a confined process after custody is sealed. Whatever it does, the clip is
//! already safe; the worst that can come of it is an entry that says "undescribed".

use crate::{Station, StationError};
use sealdock_chain::digest::Digest;
use sealdock_core::command::Command;
use sealdock_core::event::ClipDescribed;
use sealdock_core::id::ClipId;
use sealdock_core::registry;
use sealdock_core::schema as s;
use sealdock_core::table::Query;

/// Facts longer than this are no facts; entries stay far below the format's limit.
const FACTS_BYTES_MAX: usize = 16 * 1024;

/// How far back a start looks for clips that a crash left undescribed.
const LEFT_OVER_MAX: u32 = 256;

impl Station {
    /// Describes what the last run stored and did not come to describe.
    pub fn describe_left_over(&self) -> Result<(), StationError> {
        let newest = Query::all(&s::CLIP).newest_first().limit(LEFT_OVER_MAX);
        let rows = self.rows(&newest)?;
        let left = rows.iter().filter(|row| row.text_opt("described").is_none());
        self.describe(&left.map(|row| ClipId(registry::seq(row))).collect::<Vec<_>>())
    }

    /// Describes `clips` one by one and records the facts.
    pub fn describe(&self, clips: &[ClipId]) -> Result<(), StationError> {
        let Some(probe) = &self.world.probe else { return Ok(()) };
        for chunk in clips.chunks(64) {
            let mut facts = Vec::new();
            for clip in chunk {
                let row = self.clip_row(*clip)?;
                if row.text_opt("described").is_some() {
                    continue;
                }
                let digest: Digest = row.text("sha256").parse().map_err(|e| {
                    crate::error::damaged(format!("clip {clip} has no readable digest: {e}"))
                })?;
                facts.push(described(*clip, probe.describe(&*self.world.vault, digest)));
            }
            if !facts.is_empty() {
                self.note(Command::Describe { facts })?;
            }
        }
        Ok(())
    }
}

fn described(clip: ClipId, answer: Result<serde_json::Value, String>) -> ClipDescribed {
    let checked = answer.and_then(|facts| match sealdock_chain::canon::to_canonical(&facts) {
        Ok(bytes) if bytes.len() <= FACTS_BYTES_MAX => Ok(facts),
        Ok(bytes) => Err(format!("the facts are {} bytes long", bytes.len())),
        Err(e) => Err(format!("the facts cannot be written down: {e}")),
    });
    match checked {
        Ok(facts) => ClipDescribed { clip, facts: Some(facts), undescribed: None },
        Err(reason) => {
            let reason = reason.chars().take(500).collect();
            ClipDescribed { clip, facts: None, undescribed: Some(reason) }
        }
    }
}
