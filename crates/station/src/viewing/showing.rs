//! An opened viewing that is shown piece by piece. Durable effects in order: the entry that opened it (before there is a
//! [`Viewing`]); before the first piece of each minute, the entry that announces that minute; after the last piece, the
//! entry that says what was really handed out. A crash leaves out the last one and nothing else, so the record never
//! says less than was shown.

use super::Viewing;
use super::reader::{ClipReader, Leave};
use crate::error::failed;
use crate::{Station, StationError};
use sealdock_chain::digest::Digest;
use sealdock_core::access::{
    self, Ground, PLAYED_MS_MAX, Shown, Stretch, Viewer, ViewingEnded, ViewingServed, merged,
    still_objection,
};
use sealdock_core::command::Command;
use sealdock_core::event::ClipStored;
use sealdock_core::id::{ClipId, PersonId};
use sealdock_core::ports::Refusal;
use sealdock_core::why;
use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A viewing that was opened and goes on. Made from the proof alone.
#[derive(Debug)]
pub struct Showing {
    seq: u64,
    person: PersonId,
    clip: ClipId,
    viewer: Viewer,
    ground: Ground,
    stored: Box<ClipStored>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Every byte was read and is what was taken into custody.
    proven: bool,
    /// Minutes that were announced, and whether small pictures were.
    announced: BTreeSet<u64>,
    thumbnails: bool,
    /// What was handed out.
    played: Vec<Stretch>,
    /// Something of it is being made; what comes after the end is not handed out.
    ended: bool,
}

/// Proof that a stretch is in the chain as one that is about to be shown; it makes one picture or piece.
#[derive(Debug)]
pub struct Announced {
    sha256: Digest,
    stretch: Stretch,
}

impl Announced {
    /// Of the clip, as it lies in the vault.
    pub fn sha256(&self) -> Digest {
        self.sha256
    }

    pub fn stretch(&self) -> Stretch {
        self.stretch
    }
}

impl Showing {
    /// The entry that opened it: the record number in the picture.
    pub fn seq(&self) -> u64 {
        self.seq
    }
    /// Whoever opened it with their PIN.
    pub fn person(&self) -> &PersonId {
        &self.person
    }
    pub fn clip(&self) -> ClipId {
        self.clip
    }
    pub fn viewer(&self) -> &Viewer {
        &self.viewer
    }
    pub fn ground(&self) -> &Ground {
        &self.ground
    }
    pub fn sha256(&self) -> Digest {
        self.stored.sha256
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Station {
    /// Spends the proof. No byte was read yet.
    pub fn show(&self, viewing: Viewing) -> Showing {
        let Viewing { seq, person, clip, viewer, ground, stored } = viewing;
        Showing { seq, person, clip, viewer, ground, stored, state: Mutex::default() }
    }

    /// Reads every byte and holds it against the signed custody entry: whoever makes pictures of the clip reads where
    /// they like. `heard` is told bytes read and bytes of all. `known`: this very file was proven before and was not
    /// touched since.
    ///
    /// # Errors
    /// The right has ended, or the bytes are not those in custody; then nothing is shown.
    pub fn prove_shown(
        &self,
        showing: &Showing,
        known: bool,
        mut heard: impl FnMut(u64, u64),
    ) -> Result<(), StationError> {
        self.still_shown(showing)?;
        if !known {
            let leave = Leave::Viewing {
                person: showing.person.clone(),
                clip: showing.clip,
                viewer: showing.viewer.clone(),
                ground: showing.ground.clone(),
            };
            let mut reader = ClipReader::open(self, (showing.clip, &showing.stored), leave)?;
            let (mut read, size) = (0, reader.size());
            reader.each(|chunk| {
                // A large clip takes minutes; nobody waits for it any more.
                if showing.state().ended {
                    return Err(ended());
                }
                read += chunk.len() as u64;
                heard(read, size);
                Ok(())
            })?;
        }
        showing.state().proven = true;
        Ok(())
    }

    /// Asks the right again, as the registers and the clock are now.
    ///
    /// # Errors
    /// It has ended, or the viewing has.
    pub fn still_shown(&self, showing: &Showing) -> Result<(), StationError> {
        if showing.state().ended {
            return Err(ended());
        }
        let at = self.world.clock.now();
        let view = self.world.ledger.view()?;
        let about = (&showing.viewer, &showing.ground);
        match still_objection(&*view, &at, &showing.person, showing.clip, about)? {
            None => Ok(()),
            Some(why) => {
                Err(Refusal(why!("P18", "查阅到此结束：{why:#}", "it ends here: {why}")).into())
            }
        }
    }

    /// Announces a stretch of what plays: the minutes in which it lies that were not announced yet, up to `end_ms`, each
    /// in an entry that is durable before this returns.
    ///
    /// # Errors
    /// The right has ended, the bytes were not proven, or the entry could not be written; then nothing is shown.
    pub fn announce(
        &self,
        showing: &Showing,
        stretch: Stretch,
        end_ms: u64,
    ) -> Result<Announced, StationError> {
        self.still_shown(showing)?;
        // Held while it is written: who asks for the same minute at the same time waits for the entry.
        let mut state = showing.proven()?;
        let last = stretch.to_ms.saturating_sub(1).max(stretch.from_ms) / PLAYED_MS_MAX;
        for minute in stretch.from_ms / PLAYED_MS_MAX..=last {
            if state.announced.contains(&minute) {
                continue;
            }
            let from_ms = minute * PLAYED_MS_MAX;
            let to_ms = (from_ms + PLAYED_MS_MAX).min(end_ms.max(stretch.to_ms));
            self.serve(showing, Shown::Played, Stretch { from_ms, to_ms })?;
            state.announced.insert(minute);
        }
        Ok(Announced { sha256: showing.stored.sha256, stretch })
    }

    /// Announces small pictures out of the whole clip, once.
    ///
    /// # Errors
    /// As [`Station::announce`].
    pub fn announce_thumbnails(
        &self,
        showing: &Showing,
        stretch: Stretch,
        end_ms: u64,
    ) -> Result<Announced, StationError> {
        self.still_shown(showing)?;
        let mut state = showing.proven()?;
        if !state.thumbnails {
            self.serve(showing, Shown::Thumbnails, Stretch { from_ms: 0, to_ms: end_ms })?;
            state.thumbnails = true;
        }
        Ok(Announced { sha256: showing.stored.sha256, stretch })
    }

    fn serve(&self, showing: &Showing, shown: Shown, of: Stretch) -> Result<(), StationError> {
        let Stretch { from_ms, to_ms } = of;
        let (viewing, clip) = (showing.seq, showing.clip);
        let event = ViewingServed { viewing, clip, shown, from_ms, to_ms };
        self.note(Command::Access(access::Command::ServeViewing(event)))?;
        Ok(())
    }

    /// The last look before a piece leaves: is it still allowed? From here on it counts as shown.
    ///
    /// # Errors
    /// The right has ended, or the viewing has; then it does not leave.
    pub fn hand_over(
        &self,
        showing: &Showing,
        played: Option<Stretch>,
    ) -> Result<(), StationError> {
        self.still_shown(showing)?;
        let mut state = showing.state();
        if state.ended {
            return Err(ended());
        }
        if let Some(played) = played {
            state.played.push(played);
            if state.played.len() > 2000 {
                state.played = merged(std::mem::take(&mut state.played));
            }
        }
        Ok(())
    }

    /// Ends it: nothing more is handed over, and the chain says what was. Asked a second time it does nothing.
    ///
    /// # Errors
    /// The entry could not be written: then what was announced counts as shown.
    pub fn end_showing(&self, showing: &Showing, why: &str) -> Result<(), StationError> {
        let played = {
            let mut state = showing.state();
            if std::mem::replace(&mut state.ended, true) {
                return Ok(());
            }
            merged(std::mem::take(&mut state.played))
        };
        let why: String = why.chars().filter(|c| !c.is_control()).take(1000).collect();
        let (viewing, clip) = (showing.seq, showing.clip);
        let event = ViewingEnded { viewing, clip, played, why };
        self.note(Command::Access(access::Command::EndViewing(event)))?;
        Ok(())
    }
}

fn ended() -> StationError {
    Refusal(why!("P19", "本次查阅已经结束；请重新打开。", "this viewing has ended")).into()
}

impl Showing {
    fn proven(&self) -> Result<MutexGuard<'_, State>, StationError> {
        let state = self.state();
        match state.proven && !state.ended {
            true => Ok(state),
            false => {
                Err(failed(format!("clip {} was not proven yet; nothing is shown", self.clip)))
            }
        }
    }
}
