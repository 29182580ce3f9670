//! The station's own copy of what lies on the recorder has rotted. The recorder has the good bytes, so the
//! line stands aside and stays there; everything else of the card goes on. Where a fresh copy is proven, the
//! rotten file is moved to `aside/` and the good one is kept; nothing is deleted.
//!
//! Durable effects, in order: fresh copy in `incoming/`, synced, read back cold, compared · rotten file moved
//! to `aside/` · fresh copy kept under its name · the entry that names both. A cut in between leaves the
//! good bytes on the recorder, and files that `check` names.

use super::prove::read_back;
use super::{Dock, Stop};
use sealdock_chain::digest::Digest;
use sealdock_core::custody::{DamagedKept, StoredDigest, VerifiedCopy};
use sealdock_core::event::{AsideKept, AsideReason};
use sealdock_core::id::ClipId;
use sealdock_core::keep;
use sealdock_core::ports::{Kind, Place};

/// What is wrong with a stored copy.
pub(super) struct Damage {
    /// The clip that rests on it, where that is known.
    pub clip: Option<ClipId>,
    pub why: String,
    /// What it holds now, where it could be read.
    pub kept: Option<StoredDigest>,
}

/// What became of the rotten file.
struct Healed {
    /// What lies in `aside/` now.
    moved: Option<Digest>,
    word: String,
}

impl Healed {
    fn not(why: impl std::fmt::Display) -> Healed {
        Healed { moved: None, word: format!("it was not replaced ({why})") }
    }
}

impl Dock<'_> {
    /// The end of a line whose stored copy is damaged: aside, never wiped by this session.
    pub(super) fn stored_damaged(&mut self, line: u32, damage: Damage) -> Result<(), Stop> {
        let Damage { clip, why, kept } = damage;
        let healed = self.heal(line, clip, kept)?;
        let whose = clip.map(|clip| format!(" of clip {clip}")).unwrap_or_default();
        let detail = format!(
            "the stored copy{whose} is damaged: {why}; {}; the recorder keeps its file. Run `sealdock check --deep`, then dock again",
            healed.word
        );
        tracing::error!(line, %detail, "a stored copy is damaged");
        let mut aside = self.aside(line, AsideReason::StoredDamaged, detail);
        aside.kept = healed.moved.map(|sha256| AsideKept {
            sha256,
            holes_total: 0,
            holes: Vec::new(),
            bytes_missing: 0,
        });
        self.put_aside(vec![aside])
    }

    fn heal(
        &mut self,
        line: u32,
        clip: Option<ClipId>,
        kept: Option<StoredDigest>,
    ) -> Result<Healed, Stop> {
        let Some(kept) = kept else { return Ok(Healed::not("what it holds cannot be read")) };
        let view = self.station.world.ledger.view()?;
        let leaving = clip.map(|clip| keep::state_of(&*view, clip)).transpose()?.flatten();
        drop(view);
        if let Some(why) = leaving {
            return Ok(Healed::not(why));
        }
        // A trouble with the recorder or the room is an end of its own, said beside this one.
        let Some(mut fresh) = self.write_line(line)? else {
            return Ok(Healed::not("no fresh copy could be made"));
        };
        let sm3 = self.sm3()?;
        let copy = match fresh.sync().and_then(|()| read_back(&mut *fresh.incoming, sm3)) {
            Ok((stored, _)) => {
                VerifiedCopy::compare(fresh.source, &stored).map_err(|e| e.to_string())
            }
            Err(error) => Err(error.message),
        };
        let damaged = copy.and_then(|copy| {
            DamagedKept::of(&copy, &kept)
                .ok_or_else(|| "the recorder gives those bytes, too".into())
        });
        let damaged = match damaged {
            Ok(damaged) => damaged,
            Err(why) => {
                let _ = fresh.incoming.discard();
                return Ok(Healed::not(why));
            }
        };
        let (name, found) = (Place::Kept(damaged.clip()), damaged.found());
        if let Err(error) = self.station.world.vault.displace(damaged) {
            let _ = fresh.incoming.discard();
            return match error.kind {
                Kind::Unknown | Kind::Damaged => Err(error.into()),
                _ => Ok(Healed::not(error)),
            };
        }
        let word = match fresh.incoming.keep(&name) {
            Ok(true) => "it was moved aside and the good bytes are kept in its place".to_owned(),
            Ok(false) => "it was moved aside; another copy took its place meanwhile".to_owned(),
            Err(error) if error.kind == Kind::Unknown => return Err(error.into()),
            Err(error) => format!("it was moved aside, and nothing is in its place yet: {error}"),
        };
        Ok(Healed { moved: Some(found), word })
    }
}
