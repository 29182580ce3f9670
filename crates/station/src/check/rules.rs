//! Was everything about dockings and wipes done under an authority that was there, as of the entry in which it
//! was done? The registers that a decision looked at may have been edited and put back; the chain still holds
//! who did what under which policy, and this reads it again. Who had the right to sign is
//! `sealdock_core::objection`'s, asked when the ledger is walked.

use sealdock_core::actor::ActorRecord;
use sealdock_core::custody::SECOND_READING_WAIVED;
use sealdock_core::duty;
use sealdock_core::event::{AsideDecision, Binding, Event, SessionOpened, WipeIntended};
use sealdock_core::id::{ClipId, PersonId, SessionId, ShiftId};
use sealdock_core::policy::{Docking, Policy, WipeMode};
use sealdock_core::ports::Finding;
use std::collections::{HashMap, HashSet};

/// What the chain said so far about people, shifts, policy and owners.
#[derive(Debug, Default)]
pub struct Rules {
    with_pin: HashSet<PersonId>,
    shifts: HashMap<ShiftId, PersonId>,
    policy: Option<Policy>,
    /// Clips that have a recorder and an officer.
    owned: HashSet<u64>,
    /// Sessions that nobody answers for, or whose numbers disagree.
    doubtful: HashSet<SessionId>,
    /// Which clips were on the recorder in which session.
    sighted: HashSet<(SessionId, ClipId)>,
    /// Orders by their entry, and the session each names.
    orders: HashMap<u64, SessionId>,
    pub findings: Vec<Finding>,
}

impl Rules {
    pub fn fold(&mut self, seq: u64, actor: &ActorRecord, event: &Event) {
        if *actor != ActorRecord::System && is_reported(event) {
            let text = format!("what the station alone reports was written by {actor}");
            self.finding(seq, text);
        }
        match event {
            Event::PersonEnrolled(e) if e.pin_commitment.is_some() => {
                self.with_pin.insert(e.id.clone());
            }
            Event::Duty(duty::Event::PinSet(e)) => {
                self.with_pin.insert(e.person.clone());
            }
            Event::PolicyAdopted(e) => match Policy::parse(&e.text) {
                Ok(policy) => self.policy = Some(policy),
                // The one before it is still the unit's last word.
                Err(why) => {
                    self.finding(seq, format!("a policy was adopted that cannot be read: {why}"));
                }
            },
            Event::ShiftOpened(e) => {
                self.shifts.insert(ShiftId(seq), e.clerk.clone());
            }
            Event::ShiftClosed(e) => {
                self.shifts.remove(&e.shift);
            }
            Event::SessionOpened(e) => self.session(seq, actor, e),
            Event::ListingSigned(e) if e.conflict.is_some() => {
                self.doubtful.insert(e.session);
            }
            Event::ClipStored(e) => {
                self.sighted.insert((e.session, ClipId(seq)));
                if e.recorder.is_some() && e.officer.is_some() {
                    self.owned.insert(seq);
                }
            }
            Event::ClipSeen(e) => {
                self.sighted.insert((e.session, e.clip));
            }
            Event::ClipAssigned(e) => {
                self.owned.insert(e.clip.0);
            }
            Event::WipeOrdered(e) => {
                self.orders.insert(seq, e.session);
            }
            Event::WipeIntended(e) => self.intent(seq, e),
            _ => {}
        }
    }

    /// S6: under whose authority the footage left the recorder.
    fn session(&mut self, seq: u64, actor: &ActorRecord, e: &SessionOpened) {
        match &e.binding {
            Binding::OfficerPin { officer } => {
                let own = matches!(actor, ActorRecord::Person { id } if id == officer);
                if !own || !self.with_pin.contains(officer) {
                    self.finding(seq, format!("docked under the PIN of {officer}, but by {actor}"));
                }
            }
            Binding::ClerkShift { shift, clerk } => {
                if self.policy.as_ref().is_some_and(|p| p.docking != Docking::ClerkShift) {
                    let text = "docked under a clerk's shift, which the policy did not allow then";
                    self.finding(seq, text.to_owned());
                }
                if self.shifts.get(shift) != Some(clerk) {
                    self.finding(seq, format!("docked under shift {shift}, which was not open"));
                }
            }
            Binding::Unassigned { .. } => {
                self.doubtful.insert(SessionId(seq));
            }
        }
    }

    fn intent(&mut self, seq: u64, e: &WipeIntended) {
        if !self.owned.contains(&e.clip.0) {
            self.finding(seq, format!("a wipe of {} was intended while it was unassigned", e.clip));
        }
        let order = e.order.parse::<u64>().ok().and_then(|order| self.orders.get(&order));
        let ordered = order.is_some_and(|session| self.sighted.contains(&(*session, e.clip)));
        if self.doubtful.contains(&e.session) && !ordered {
            let text = format!(
                "a wipe of {} was intended without a clerk's order in session {}, which nobody answers for or whose numbers disagree",
                e.clip, e.session
            );
            self.finding(seq, text);
        }
        let Some(policy) = &self.policy else { return };
        let trouble = match policy.wipe {
            WipeMode::Never => Some("while the policy never wiped"),
            WipeMode::Operator if !ordered => {
                Some("without the clerk's order the policy asked for")
            }
            _ if policy.second_reading && e.second_reading == SECOND_READING_WAIVED => {
                Some("without the second reading the policy asked for")
            }
            _ => None,
        };
        if let Some(trouble) = trouble {
            self.finding(seq, format!("a wipe of {} was intended {trouble}", e.clip));
        }
    }

    fn finding(&mut self, seq: u64, text: String) {
        self.findings.push(Finding { area: "rules", seq: Some(seq), text });
    }
}

/// What happens at a bay, seen and done by the station itself.
fn is_reported(event: &Event) -> bool {
    match event {
        Event::AsideDecided(e) => e.decision == AsideDecision::Stored,
        Event::DockRefused(_)
        | Event::RecorderTold(_)
        | Event::ListingSigned(_)
        | Event::ClipStored(_)
        | Event::ClipSeen(_)
        | Event::ClipSetAside(_)
        | Event::ClipDescribed(_)
        | Event::DeadlineMissed(_)
        | Event::WipeRefused(_)
        | Event::WipeIntended(_)
        | Event::WipeSettled(_)
        | Event::WipeCertified(_)
        | Event::SessionClosed(_) => true,
        _ => false,
    }
}
