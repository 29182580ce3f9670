//! Footage leaves the vault here and nowhere else: no approval or standing right in the chain, no byte.
//!
//! A [`Viewing`] is made only by [`Station::view`], after its entry is durable and was read back under the
//! signed head; [`Station::open_clip`] spends it. What is handed out is held chunk by chunk against the
//! signed custody entry, and the right is asked again before every chunk.

/// Nobody saw it before …, from the entries.
mod absence;
/// Carrying out an approved copy.
mod copy;
/// The same as a package that is checked without us.
mod export;
/// Chunks that are what the chain says they are.
mod reader;
/// Piece by piece, for the console.
mod showing;

pub use absence::Statement;
pub use copy::{CopyReport, CopyTarget};
pub use export::{Drafted, EXPORT_NAMESPACE, Excerpt, Paper, Papers, With};
pub use reader::ClipReader;
pub use showing::{Announced, Showing};

use crate::error::{damaged, failed};
use crate::{Station, StationError};
use reader::Leave;
use sealdock_core::access::{self, Event as Noted, Ground, Viewer};
use sealdock_core::actor::{Actor, ActorRecord};
use sealdock_core::command::Command;
use sealdock_core::event::{ClipStored, Event};
use sealdock_core::id::{AccessId, ClipId, PersonId};
use sealdock_core::keep;
use sealdock_core::ports::Refusal;
use sealdock_core::registry;
use sealdock_core::table::Query;
use sealdock_core::time::Stamp;
use sealdock_core::why;
use std::sync::Arc;

/// What somebody asks to see.
#[derive(Debug, Clone)]
pub struct Wish {
    pub clip: ClipId,
    /// The approval that is to be spent; without it the first ground of one's own that holds.
    pub access: Option<AccessId>,
    /// 事由
    pub reason: String,
    pub matter: Option<String>,
}

/// Proof that a viewing is in the chain: it opens one clip, once.
#[derive(Debug)]
pub struct Viewing {
    seq: u64,
    person: PersonId,
    clip: ClipId,
    viewer: Viewer,
    ground: Ground,
    stored: Box<ClipStored>,
}

impl Viewing {
    /// The entry that says so, for the mark in the picture.
    pub fn seq(&self) -> u64 {
        self.seq
    }
    pub fn viewer(&self) -> &Viewer {
        &self.viewer
    }
    pub fn ground(&self) -> &Ground {
        &self.ground
    }
}

impl Station {
    /// Decides whether whoever acts may see a clip, and writes it down. Durable effects in order: the entry
    /// with its signed head; then, read back, the proof. No byte of the clip was read before.
    ///
    /// # Errors
    /// Refused with what speaks against every ground; or the entry could not be written or read back, and
    /// then nothing is served.
    pub fn view(&self, actor: &Arc<Actor>, wish: Wish) -> Result<Viewing, StationError> {
        let Some(person) = actor.person().cloned() else {
            return Err(Refusal(why!(
                "P17",
                "查阅须由人员凭本人口令进行。",
                "viewing is done by a person with their own PIN: say --as ID"
            ))
            .into());
        };
        let Wish { clip, access, reason, matter } = wish;
        let stored = self.as_the_chain_says(&person, clip)?;
        let command = access::Command::OpenViewing { clip, access, reason, matter };
        let appended = self.apply(actor, Command::Access(command))?;
        let seq = appended.entries.first().map(|entry| entry.seq).ok_or_else(|| {
            damaged("a viewing was acknowledged without an entry; nothing is served")
        })?;
        let Event::Access(Noted::ViewingOpened(opened)) = self.proven_event(seq)? else {
            return Err(damaged(format!("entry {seq} is not the viewing that was written")));
        };
        if opened.clip != clip {
            return Err(damaged(format!("entry {seq} is about another clip; nothing is served")));
        }
        let (viewer, ground) = (opened.viewer, opened.ground);
        Ok(Viewing { seq, person, clip, viewer, ground, stored })
    }

    /// Spends the proof.
    ///
    /// # Errors
    /// The file in the vault is not there or is not the clip.
    pub fn open_clip(&self, viewing: Viewing) -> Result<ClipReader<'_>, StationError> {
        let Viewing { person, clip, viewer, ground, stored, .. } = viewing;
        ClipReader::open(self, (clip, &stored), Leave::Viewing { person, clip, viewer, ground })
    }

    /// The rows that rights rest on, held against the signed entries they come from: an edited register
    /// opens nothing. What was deleted from a register is found by `check`, not here.
    fn as_the_chain_says(
        &self,
        person: &PersonId,
        clip: ClipId,
    ) -> Result<Box<ClipStored>, StationError> {
        self.policy_as_adopted()?;
        self.as_appointed(person)?;
        let stored = self.clip_as_stored(clip)?;
        self.level_as_set(clip, &stored)?;
        for row in self.rows(&Query::all(&access::ACCESS_CLIP).with("clip", clip.0))? {
            self.as_approved(AccessId(row.int("access").unsigned_abs()), clip)?;
        }
        Ok(stored)
    }

    /// The level of a clip, and of every other one with its bytes, each as the chain says.
    fn level_as_set(&self, clip: ClipId, stored: &ClipStored) -> Result<(), StationError> {
        let view = self.world.ledger.view()?;
        if keep::kept(&*view, clip)?.is_none_or(|kept| kept.sha256 != stored.sha256) {
            return Err(edited(&format!("clip {clip}")));
        }
        let mut clips = access::twins(&*view, clip)?;
        drop(view);
        clips.push(clip);
        for clip in clips {
            let newest = Query::all(&access::SECRECY).with("clip", clip.0).newest_first().limit(1);
            for row in self.rows(&newest)? {
                match self.proven_event(registry::seq(&row))? {
                    Event::Access(Noted::SecrecySet(e))
                        if e.clip == clip && e.level.as_str() == row.text("level") => {}
                    _ => return Err(edited(&format!("secrecy of clip {clip}"))),
                }
            }
        }
        Ok(())
    }

    /// The custody entry of a clip, and the register's word on whose it is held against the chain.
    fn clip_as_stored(&self, clip: ClipId) -> Result<Box<ClipStored>, StationError> {
        let row = self.clip_row(clip)?;
        let Event::ClipStored(stored) = self.proven_event(clip.0)? else {
            return Err(failed(format!("entry {} took no clip into custody", clip.0)));
        };
        let officer = row.text_opt("officer");
        let as_docked = row.int_opt("assigned_seq").is_none()
            && stored.officer.as_ref().map(PersonId::as_str) == officer;
        if !as_docked && self.assigned_to(clip)?.as_ref().map(PersonId::as_str) != officer {
            return Err(edited(&format!("clip {clip}")));
        }
        Ok(stored)
    }

    /// To whom a clip was assigned later, at last.
    fn assigned_to(&self, clip: ClipId) -> Result<Option<PersonId>, StationError> {
        let mut found = None;
        self.walk(clip.0, |seq, bytes| {
            let names = |kind: &[u8]| bytes.windows(kind.len()).any(|window| window == kind);
            if !names(b"\"clip.assigned\"") && !names(b"\"clip.reassigned\"") {
                return Ok(());
            }
            match self.proven_event(seq)? {
                Event::ClipAssigned(e) if e.clip == clip => found = Some(e.officer),
                Event::ClipReassigned(e) if e.clip == clip => found = Some(e.officer),
                _ => {}
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// Is a request, as the register has it, the one that was asked and approved?
    fn as_approved(&self, id: AccessId, clip: ClipId) -> Result<(), StationError> {
        let view = self.world.ledger.view()?;
        let row = access::access(&*view, id)?.ok_or_else(|| edited(&format!("request {id}")))?;
        drop(view);
        let Event::Access(Noted::Requested(asked)) = self.proven_event(id.0)? else {
            return Err(edited(&format!("request {id}")));
        };
        let decided = row.decided_seq.ok_or_else(|| edited(&format!("request {id}")))?;
        let Event::Access(Noted::Approved(approved)) = self.proven_event(decided)? else {
            return Err(edited(&format!("request {id}")));
        };
        let (by, at) = self.signed(decided)?;
        if let ActorRecord::Person { id: approver } = &by {
            // A level raised since asks what the approver was then.
            self.as_appointed(approver)?;
        }
        let same = (asked.who, asked.purpose, &asked.applicant, &asked.matter)
            == (row.who, row.purpose, &row.applicant, &row.matter)
            && approved.access == id
            && (Some(by.to_string()), Some(at.wall)) == (row.decided_by, row.decided)
            && (Some(approved.expires), approved.times) == (row.expires, row.times)
            && approved.clips.contains(&clip);
        if same { Ok(()) } else { Err(edited(&format!("request {id}"))) }
    }

    /// Who wrote an entry, and when; ask only after it was proven.
    fn signed(&self, seq: u64) -> Result<(ActorRecord, Stamp), StationError> {
        let entry = self.entry(seq)?;
        let broken = |e: serde_json::Error| damaged(format!("entry {seq} cannot be read: {e}"));
        let actor = serde_json::from_value(entry.actor).map_err(broken)?;
        Ok((actor, serde_json::from_value(entry.at).map_err(broken)?))
    }
}

fn edited(what: &str) -> StationError {
    damaged(format!(
        "the register of {what} is not what the chain says; nothing is served; run `sealdock check`"
    ))
}
