//! Did whoever signed have the right to, as of the entry? The same answer serves the decision, before an
//! entry is written, and `check`, which asks again over registers rebuilt from the chain.

use super::{Event, Held, duties, held::unit_head_rules};
use crate::actor::{ActorRecord, Role};
use crate::event::Event as Any;
use crate::id::PersonId;
use crate::ports::{PortResult, Registers};
use crate::registry;
use crate::time::WallMs;

/// Why `actor` may not write this event about people, duties or the station itself; `None` if they may.
pub fn objection(
    registers: &dyn Registers,
    at: WallMs,
    actor: &ActorRecord,
    event: &Any,
) -> PortResult<Option<String>> {
    let rights = Rights::of(registers, at, actor)?;
    Ok(match event {
        Any::PersonEnrolled(e) if e.role == Role::Officer => {
            rights.administers("enrolling an officer")
        }
        Any::PersonEnrolled(e) => rights.rules(&format!("enrolling a {}", e.role.as_str())),
        Any::RecorderEnrolled(_) => rights.administers("enrolling a recorder"),
        // A bay names a place whose files are emptied.
        Any::BayAdded(_) => rights.administers("adding a bay"),
        Any::PolicyAdopted(_) => rights.rules("adopting a policy"),
        // A second place receives all footage from then on; a single copy is the unit's own risk.
        Any::CopiesNamed(_) => rights.rules("deciding about the second copy"),
        Any::KeyRotated(_) => rights.rules("rotating a key"),
        Any::Duty(event) => about_duty(&rights, registers, event)?,
        _ => None,
    })
}

fn about_duty(
    rights: &Rights,
    registers: &dyn Registers,
    event: &Event,
) -> PortResult<Option<String>> {
    Ok(match event {
        Event::DepartmentAdded(_) => rights.rules("adding a department"),
        Event::DepartmentRenamed(_) => rights.rules("renaming a department"),
        Event::DutyAppointed(e) => rights.rules("giving a duty").or_else(|| {
            (!rights.setting_up && rights.is(&e.person))
                .then(|| format!("{} may not appoint themself", e.person))
        }),
        Event::DutyEnded(_) => rights.rules("ending a duty"),
        Event::PersonRetired(_) => rights.rules("retiring a person"),
        Event::PersonDescribed(_) => rights.administers("writing down a person's particulars"),
        Event::PersonLocked(_) => rights.system("locking a person"),
        Event::PersonReleased(e) if rights.is(&e.person) => {
            Some(format!("{} may not release their own lock", e.person))
        }
        Event::PersonReleased(_) => rights.administers("releasing a lock"),
        Event::PinSet(e) if rights.is(&e.person) => None,
        Event::PinSet(e) => rights.gives_pin(registers, &e.person)?,
    })
}

/// Why `actor` may not do what the clerk, the unit head or whoever sets up does; `None` if they may.
pub(crate) fn may_administer(
    registers: &dyn Registers,
    at: WallMs,
    actor: &ActorRecord,
    what: &str,
) -> PortResult<Option<String>> {
    Ok(Rights::of(registers, at, actor)?.administers(what))
}

/// What an actor may do about people.
struct Rights {
    actor: ActorRecord,
    held: Vec<Held>,
    /// Nobody heads the unit yet.
    setting_up: bool,
    at: WallMs,
}

impl Rights {
    fn of(registers: &dyn Registers, at: WallMs, actor: &ActorRecord) -> PortResult<Rights> {
        let held = match actor {
            ActorRecord::Person { id } => match registry::person(registers, id)? {
                Some(person) if person.pin_commitment.is_some() => duties(registers, id, at)?,
                _ => Vec::new(),
            },
            _ => Vec::new(),
        };
        let setting_up = !unit_head_rules(registers, at)?;
        Ok(Rights { actor: actor.clone(), held, setting_up, at })
    }

    fn is(&self, person: &PersonId) -> bool {
        matches!(&self.actor, ActorRecord::Person { id } if id == person)
    }

    fn holds(&self, role: Role) -> bool {
        self.held.iter().any(|h| h.role == role)
    }

    /// While the unit is being set up: whoever is logged in, or a person.
    fn sets_up(&self) -> bool {
        let able = matches!(self.actor, ActorRecord::Person { .. } | ActorRecord::Operator { .. });
        let founding = self.actor == ActorRecord::System;
        self.setting_up && (able || founding)
    }

    /// The unit head, or whoever sets up.
    fn rules(&self, what: &str) -> Option<String> {
        (!self.sets_up() && !self.holds(Role::UnitHead)).then(|| {
            format!(
                "{what} is for the unit head (单位负责人) with their own PIN: say --as ID; {} is not",
                self.actor
            )
        })
    }

    /// The equipment administrator or the unit head, or whoever sets up.
    fn administers(&self, what: &str) -> Option<String> {
        if self.sets_up() || self.holds(Role::Clerk) || self.holds(Role::UnitHead) {
            return None;
        }
        Some(format!(
            "{what} is for the clerk (管理员) or the unit head with their own PIN: say --as ID; {} is neither",
            self.actor
        ))
    }

    fn system(&self, what: &str) -> Option<String> {
        (self.actor != ActorRecord::System)
            .then(|| format!("{what} is for the station alone, not for {}", self.actor))
    }

    /// Who gives a PIN can act as that person. So an officer's is given by the clerk or the unit head,
    /// everybody else's by a unit head only.
    fn gives_pin(
        &self,
        registers: &dyn Registers,
        person: &PersonId,
    ) -> PortResult<Option<String>> {
        let more = duties(registers, person, self.at)?.into_iter().any(|h| h.role != Role::Officer);
        let what = format!("giving a PIN to {person}");
        Ok(if more { self.rules(&what) } else { self.administers(&what) })
    }
}
