//! Steps 12 and 13: the gate, the durable intents, and the deletion of exactly the permitted files.
//!
//! Durable effects, in order: intent entries (head persisted, read back) · unlink each permitted file · syncfs of
//! the recorder · a cold fresh listing · settlement and certificate entries.

use super::second::Case;
use super::{Dock, Stop};
use crate::error::{StationError, damaged};
use crate::progress::Step;
use sealdock_chain::entry::Entry;
use sealdock_chain::tree::Included;
use sealdock_core::command::Command;
use sealdock_core::custody::{Standing, WipeCase, WipePermit};
use sealdock_core::decide::{GateQuestion, standing};
use sealdock_core::event::{Event, WipeRefused};
use sealdock_core::id::ClipId;
use sealdock_core::ports::Appended;
use sealdock_core::session::LineEnd;

/// Entries per transaction for long sessions.
const ENTRIES_AT_ONCE: usize = 500;

/// A permitted line and what became of the deletion.
pub(crate) struct Deleted {
    pub line: u32,
    pub clip: ClipId,
    /// Why it could not be deleted, as the recorder said.
    pub trouble: Option<String>,
}

impl Dock<'_> {
    /// Every proof of a line is spent here, at once, whatever comes out.
    pub(super) fn permits(&mut self, cases: Vec<Case>) -> Result<Vec<(u32, WipePermit)>, Stop> {
        self.station.policy_as_adopted()?;
        let mut permits = Vec::new();
        let mut refused = Vec::new();
        for case in cases {
            let line = case.line;
            match self.gate(case)? {
                Ok(permit) => permits.push((line, permit)),
                Err(refusal) => {
                    let why = refusal.reasons.first().cloned().unwrap_or_default();
                    self.ends.insert(line, LineEnd::StoredHeld { why });
                    refused.push((line, refusal.clip, refusal.reasons));
                }
            }
        }
        self.refuse(refused)?;
        Ok(permits)
    }

    fn gate(
        &mut self,
        case: Case,
    ) -> Result<Result<WipePermit, sealdock_core::custody::WipeRefusal>, Stop> {
        let Case { line, proven, second } = case;
        let view = self.station.world.ledger.view()?;
        // Asked again: a rule, an order or a conflict may have come while the recorder was read.
        let question = GateQuestion {
            session: self.session(),
            line: &self.listed.listing.lines[line as usize],
            clip: ClipId(proven.recorded.clip()),
            switched_off: self.request.wipe_off,
        };
        let rules = standing(&*view, &question)?;
        drop(view);
        let listed = self.listed.raw[line as usize].clone();
        let present = self.recorder.look(&listed).map_err(|e| Stop::Gone(e.message))?;
        let now = self.recorder.claims().map_err(|e| Stop::Gone(e.message))?.epoch;
        let mut objections = rules.objections;
        objections.extend(rules.stays);
        let standing = Standing {
            objections,
            order: rules.order,
            session: self.session().0,
            line,
            epoch_then: self.epoch,
            epoch_now: now,
        };
        let case = WipeCase {
            copy: proven.copy,
            recorded: proven.recorded,
            copies: proven.copies,
            second,
            listed,
            present,
        };
        Ok(WipePermit::grant(case, standing))
    }

    /// Permits that may no longer be used: nothing is deleted by them.
    fn give_up(&mut self, permits: Vec<(u32, WipePermit)>, why: &str) -> Result<(), Stop> {
        let mut refused = Vec::new();
        for (line, permit) in permits {
            self.ends.insert(line, LineEnd::StoredHeld { why: why.to_owned() });
            refused.push((line, permit.clip(), vec![why.to_owned()]));
        }
        self.refuse(refused)
    }

    /// Refusals are entries, too.
    pub(super) fn refuse(&self, refused: Vec<(u32, u64, Vec<String>)>) -> Result<(), Stop> {
        let refusals: Vec<WipeRefused> = refused
            .into_iter()
            .map(|(line, clip, reasons)| WipeRefused {
                session: self.session(),
                line,
                clip: ClipId(clip),
                reasons,
            })
            .collect();
        for chunk in refusals.chunks(ENTRIES_AT_ONCE) {
            self.station.note(Command::RefuseWipes { refusals: chunk.to_vec() })?;
        }
        Ok(())
    }

    /// An acknowledged intent is not enough to delete by: it must be there for the next reader, too.
    fn expect_intents(
        &self,
        appended: &Appended,
        permits: &[(u32, WipePermit)],
    ) -> Result<(), Stop> {
        let entries = self.read_back(appended)?.entries;
        let stands = |((line, permit), (bytes, _)): (&(u32, WipePermit), &(Vec<u8>, Included))| {
            let entry = Entry::decode(bytes).ok();
            let event = entry.and_then(|entry| serde_json::from_value(entry.event).ok());
            matches!(event, Some(Event::WipeIntended(e)) if e.line == *line && e.sha256 == permit.sha256())
        };
        if entries.len() == permits.len() && permits.iter().zip(&entries).all(stands) {
            return Ok(());
        }
        Err(Stop::Station(damaged(
            "the ledger does not hold the intents it acknowledged; nothing is deleted",
        )))
    }

    pub(super) fn wipe_and_certify(&mut self, permits: Vec<(u32, WipePermit)>) -> Result<(), Stop> {
        if permits.is_empty() {
            return self.certify(Vec::new());
        }
        self.step.set(Step::Wiping);
        self.report_progress();
        let claim = self.listed.claim().clone();
        let (mut waiting, mut intended) = (permits, Vec::new());
        while !waiting.is_empty() {
            let rest = waiting.split_off(waiting.len().min(ENTRIES_AT_ONCE));
            let intents = waiting.iter().map(|(_, permit)| permit.intent(claim.clone())).collect();
            match self.station.note(Command::IntendWipes { intents }) {
                Ok(appended) => self.expect_intents(&appended, &waiting)?,
                Err(StationError::Refused(why)) => {
                    waiting.extend(rest);
                    self.give_up(waiting, &why.0)?;
                    break;
                }
                Err(error) => return Err(error.into()),
            }
            intended.append(&mut waiting);
            waiting = rest;
        }
        let mut deleted = Vec::new();
        for (line, permit) in intended {
            let clip = ClipId(permit.clip());
            let trouble = match self.recorder.delete(permit) {
                Ok(()) => None,
                Err(error) if !self.recorder_alive() => return Err(Stop::Gone(error.message)),
                Err(error) => Some(error.message),
            };
            deleted.push(Deleted { line, clip, trouble });
        }
        self.recorder.flush().map_err(|e| Stop::Gone(e.message))?;
        self.certify(deleted)
    }
}
