//! Who may do what in keeping. Every act of a person needs their own PIN; the approver is never the
//! applicant; nobody decides on footage of themself where that would let it go.

use super::kept::officer_of;
use crate::actor::{ActorRecord, Role};
use crate::duty::{self, Held};
use crate::id::{ClipId, PersonId};
use crate::ports::{PortResult, Registers};
use crate::registry;
use crate::time::WallMs;
use crate::why;
use crate::why::{Why, Words};

pub(super) struct Rights<'a> {
    registers: &'a dyn Registers,
    actor: &'a ActorRecord,
    held: Vec<Held>,
}

impl<'a> Rights<'a> {
    pub fn of(
        registers: &'a dyn Registers,
        at: WallMs,
        actor: &'a ActorRecord,
    ) -> PortResult<Rights<'a>> {
        let held = match actor {
            ActorRecord::Person { id } => match registry::person(registers, id)? {
                Some(person) if person.pin_commitment.is_some() => duty::duties(registers, id, at)?,
                _ => Vec::new(),
            },
            _ => Vec::new(),
        };
        Ok(Rights { registers, actor, held })
    }

    /// The person who acts, if they hold any duty under which one acts here.
    pub fn person(&self) -> Option<&PersonId> {
        match self.actor {
            ActorRecord::Person { id } if !self.held.is_empty() => Some(id),
            _ => None,
        }
    }

    pub fn is(&self, person: &PersonId) -> bool {
        self.person() == Some(person)
    }

    /// Is `text` how the chain names whoever acts?
    pub fn is_named(&self, text: Option<&str>) -> bool {
        text == Some(self.actor.to_string().as_str())
    }

    /// The person whom the chain names so.
    pub fn person_named(text: &str) -> Option<PersonId> {
        text.strip_prefix("person ").and_then(|id| id.parse().ok())
    }

    pub fn holds(&self, role: Role) -> bool {
        self.held.iter().any(|held| held.role == role)
    }

    /// Any duty but that of the operator, who has no right to footage.
    pub fn serves(&self, what: impl Words) -> Option<Why> {
        let any = self.held.iter().any(|held| held.role != Role::Operator);
        (!any).then(|| {
            why!(
                "K112",
                "{what:#}由本单位人员凭本人口令办理；{:#}不是。",
                "{what} is for a person of the unit with their own PIN: say --as ID; {} is none",
                self.actor
            )
        })
    }

    pub fn needs(&self, roles: &[(Role, &str)], what: impl Words) -> Option<Why> {
        if roles.iter().any(|(role, _)| self.holds(*role)) {
            return None;
        }
        let names = roles.iter().map(|(role, chinese)| format!("{} ({chinese})", role.as_str()));
        let english = names.collect::<Vec<_>>().join(" or ");
        let chinese = roles.iter().map(|(_, chinese)| *chinese).collect::<Vec<_>>().join("或");
        let names = Why::made("", chinese, english);
        Some(why!(
            "K113",
            "{what:#}由{:#}凭本人口令办理；{:#}不是。",
            "{what} is for the {} with their own PIN: say --as ID; {} is not",
            names,
            self.actor
        ))
    }

    pub fn system(&self, what: impl Words) -> Option<Why> {
        (*self.actor != ActorRecord::System).then(|| {
            why!(
                "K114",
                "{what:#}只由采集站办理，不能由{:#}办理。",
                "{what} is for the station alone, not for {}",
                self.actor
            )
        })
    }

    /// Does whoever acts hold duties that `which` picks, but only as `person` themself or in that person's place?
    /// Then they do not answer what that person may not.
    pub fn only_for(&self, person: &PersonId, which: impl Fn(&Held) -> bool) -> bool {
        let impartial = || duty::impartial(&self.held, person).any(&which);
        self.held.iter().any(&which) && !impartial()
    }

    /// Which duties make somebody the head of the department of this clip's officer? For a clip without an
    /// officer: one over the whole unit.
    fn head_of(&self, clip: ClipId) -> PortResult<impl Fn(&Held) -> bool + use<>> {
        let department = match officer_of(self.registers, clip)? {
            Some(officer) => duty::department_of(self.registers, &officer)?,
            None => None,
        };
        Ok(move |held: &Held| held.role == Role::DepartmentHead && held.covers(department.as_ref()))
    }

    /// Is whoever acts the head of the department of this clip's officer?
    pub fn heads(&self, clip: ClipId) -> PortResult<bool> {
        let head = self.head_of(clip)?;
        Ok(self.held.iter().any(head))
    }

    /// Is it footage of whoever acts, or of the one for whom alone they stand in as its head?
    pub fn decides_own(&self, clip: ClipId) -> PortResult<bool> {
        let Some(officer) = officer_of(self.registers, clip)? else { return Ok(false) };
        Ok(self.is(&officer) || self.only_for(&officer, self.head_of(clip)?))
    }

    /// Does whoever acts head one of these clips only as the deputy of `applicant`?
    pub fn only_heads_for(&self, applicant: &PersonId, clips: &[ClipId]) -> PortResult<bool> {
        for clip in clips {
            if self.only_for(applicant, self.head_of(*clip)?) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Is it footage of whoever acts?
    pub fn owns(&self, clip: ClipId) -> PortResult<bool> {
        Ok(officer_of(self.registers, clip)?.is_some_and(|officer| self.is(&officer)))
    }

    /// The department head of every one of these clips (002/A6-§24).
    pub fn heads_all(&self, clips: &[ClipId], what: impl Words) -> PortResult<Option<Why>> {
        for clip in clips {
            if !self.heads(*clip)? {
                return Ok(Some(why!(
                    "K115",
                    "{what:#}由 {clip:#} 的执法人员所在部门的负责人凭本人口令办理（002/A6-§24）；{:#}不是。",
                    "{what} is for the department head (部门负责人, 002/A6-§24) of the officer of {clip} with their own PIN; {} is not",
                    self.actor
                )));
            }
        }
        Ok(None)
    }
}
