//! "Nobody saw this clip before …": read from the entries themselves, not from a register, and true up to
//! the entry that it names. What was seen outside the station it cannot know.

use super::Event;
use crate::actor::ActorRecord;
use crate::event::Event as Any;
use crate::id::{AccessId, ClipId};
use crate::time::{Stamp, WallMs};
use std::collections::HashSet;

/// One time that a clip left the vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    pub seq: u64,
    pub at: WallMs,
    pub actor: ActorRecord,
    /// `viewing` or `copy`.
    pub what: &'static str,
}

/// Follows one clip through the chain, entry by entry.
#[derive(Debug)]
pub struct Absence {
    clip: ClipId,
    /// Approvals that name it.
    named: HashSet<AccessId>,
    /// Every sight of it so far, in the order of the chain.
    pub sights: Vec<Sight>,
}

impl Absence {
    pub fn of(clip: ClipId) -> Absence {
        Absence { clip, named: HashSet::new(), sights: Vec::new() }
    }

    /// Could an entry whose bytes are these be about a sight? Spares the reading of all others.
    pub fn concerns(bytes: &[u8]) -> bool {
        ["\"access.approved\"", "\"viewing.opened\"", "\"copy.carried-out\""]
            .iter()
            .any(|kind| bytes.windows(kind.len()).any(|window| window == kind.as_bytes()))
    }

    /// Takes the next entry.
    pub fn fold(&mut self, seq: u64, at: &Stamp, actor: &ActorRecord, event: &Any) {
        let what = match event {
            Any::Access(Event::Approved(e)) if e.clips.contains(&self.clip) => {
                self.named.insert(e.access);
                return;
            }
            Any::Access(Event::ViewingOpened(e)) if e.clip == self.clip => "viewing",
            Any::Access(Event::CopyCarriedOut(e)) if self.named.contains(&e.access) => "copy",
            _ => return,
        };
        self.sights.push(Sight { seq, at: at.wall, actor: actor.clone(), what });
    }

    /// The sights before an instant; all of them without one.
    pub fn before(&self, instant: Option<WallMs>) -> Vec<&Sight> {
        self.sights.iter().filter(|sight| instant.is_none_or(|at| sight.at < at)).collect()
    }
}
