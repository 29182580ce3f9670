//! "Nobody saw this clip before …": read from the entries themselves, not from a register, and true up to
//! the entry that it names. What was seen outside the station it cannot know.
//!
//! Footage is bytes: who saw the same file under the number of another clip has seen this one. And a clock can
//! be set: what the chain holds later happened later, so a sight was never later than any entry behind it.

use super::Event;
use crate::actor::ActorRecord;
use crate::clock_state::TOLERANCE_MS;
use crate::event::Event as Any;
use crate::id::{AccessId, ClipId};
use crate::keep;
use crate::time::{Stamp, WallMs};
use sealdock_chain::digest::Digest;
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap};

/// One time that a clip left the vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    pub seq: u64,
    /// The clip that was asked about, or another one with its bytes.
    pub clip: ClipId,
    /// What the clock said.
    pub at: WallMs,
    /// It was no later than this: the smallest time of any entry from this one on, and which entry says so.
    pub latest: (WallMs, u64),
    pub actor: ActorRecord,
    /// `viewing`, `copy`, or that it was burnt to a medium.
    pub what: &'static str,
}

impl Sight {
    /// Could it have been before that instant? Only what certainly was not is left out.
    pub fn may_be_before(&self, instant: WallMs) -> bool {
        self.latest.0 < instant
    }

    /// Does an entry behind it contradict its time by more than a time service corrects, or so that the answer
    /// would be another one?
    pub fn is_contradicted(&self, instant: Option<WallMs>) -> bool {
        let changes = |instant| self.at >= instant && self.may_be_before(instant);
        self.at.0.saturating_sub(self.latest.0.0) > TOLERANCE_MS || instant.is_some_and(changes)
    }
}

/// Follows the bytes of one clip through the whole chain, entry by entry.
#[derive(Debug)]
pub struct Absence {
    sha256: Digest,
    /// Every clip that ever had these bytes, so far.
    clips: BTreeSet<ClipId>,
    /// Approvals that name some of them, and which.
    named: HashMap<AccessId, Vec<ClipId>>,
    /// Every sight so far, in the order of the chain.
    pub sights: Vec<Sight>,
}

/// The one thing of an entry that every entry is asked for.
#[derive(Deserialize)]
struct Dated {
    at: Stamp,
}

impl Absence {
    /// Of these bytes, as the custody entry of the clip commits to them.
    pub fn of(sha256: Digest) -> Absence {
        Absence { sha256, clips: BTreeSet::new(), named: HashMap::new(), sights: Vec::new() }
    }

    /// Could an entry whose bytes are these be about a sight, or bring the same bytes into custody? Spares the
    /// reading of all others.
    pub fn concerns(&self, bytes: &[u8]) -> bool {
        let holds = |what: &str| bytes.windows(what.len()).any(|part| part == what.as_bytes());
        let kinds = [
            "\"access.approved\"",
            "\"viewing.opened\"",
            "\"copy.carried-out\"",
            "\"medium.burnt\"",
        ];
        kinds.into_iter().any(holds)
            || (holds("\"clip.stored\"") && holds(&self.sha256.to_string()))
    }

    /// Must the times of all entries be told from here on? Before the first sight none matters.
    pub fn wants_times(&self) -> bool {
        !self.sights.is_empty()
    }

    /// When an entry was written, as its bytes say.
    ///
    /// # Errors
    /// They are no entry of a station.
    pub fn time_of(bytes: &[u8]) -> Result<WallMs, serde_json::Error> {
        serde_json::from_slice::<Dated>(bytes).map(|entry| entry.at.wall)
    }

    /// The clips that ever had these bytes, in the order of their custody.
    pub fn clips(&self) -> impl Iterator<Item = ClipId> {
        self.clips.iter().copied()
    }

    /// Takes the next entry.
    pub fn fold(&mut self, seq: u64, at: &Stamp, actor: &ActorRecord, event: &Any) {
        self.pass(seq, at.wall);
        let (what, clips) = match event {
            Any::ClipStored(e) if e.sha256 == self.sha256 => {
                self.clips.insert(ClipId(seq));
                return;
            }
            Any::Access(Event::Approved(e)) => {
                let named = self.among(&e.clips);
                self.named.insert(e.access, named);
                return;
            }
            Any::Access(Event::ViewingOpened(e)) => ("viewing", self.among(&[e.clip])),
            Any::Access(Event::CopyCarriedOut(e)) => {
                ("copy", self.named.get(&e.access).cloned().unwrap_or_default())
            }
            Any::Keep(keep::Event::MediumBurnt(e)) => ("burnt to a medium", self.among(&e.clips)),
            _ => return,
        };
        let (actor, latest) = (actor.clone(), (at.wall, seq));
        let sight = |clip| Sight { seq, clip, at: at.wall, latest, actor: actor.clone(), what };
        self.sights.extend(clips.into_iter().map(sight));
    }

    fn among(&self, clips: &[ClipId]) -> Vec<ClipId> {
        clips.iter().copied().filter(|clip| self.clips.contains(clip)).collect()
    }

    /// An entry that is about none of it: what lies before it was not later.
    pub fn pass(&mut self, seq: u64, at: WallMs) {
        // From the newest back: of an earlier sight the bound is never larger than that of a later one.
        for sight in self.sights.iter_mut().rev().take_while(|sight| sight.latest.0 > at) {
            sight.latest = (at, seq);
        }
    }

    /// The sights that may have been before an instant; all of them without one.
    pub fn before(&self, instant: Option<WallMs>) -> Vec<&Sight> {
        let before = |sight: &&Sight| instant.is_none_or(|at| sight.may_be_before(at));
        self.sights.iter().filter(before).collect()
    }
}
