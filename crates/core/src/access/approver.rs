//! Who decides on a request: it follows from who asks (002/A6-§20, §21; 002/A2-§18) and from how secret the
//! footage is.

use super::held::{Access, Footage, footage, wanted_clips};
use super::{Limits, Who};
use crate::actor::{ActorRecord, Role};
use crate::duty;
use crate::id::{ClipId, DepartmentId, PersonId};
use crate::ports::{PortResult, Registers};
use crate::time::WallMs;

/// Who decides when `who` asks.
pub fn approver_role(who: Who) -> Role {
    match who {
        Who::Colleague | Who::InternalBody | Who::SuperiorBody => Role::PenaltyLeader,
        Who::Authority | Who::Party => Role::UnitHead,
    }
}

/// The rule that says so.
pub(super) fn cite(who: Who) -> &'static str {
    match who {
        Who::Colleague => "002/A6-§20",
        Who::InternalBody | Who::SuperiorBody | Who::Authority => "002/A6-§21",
        Who::Party => "002/A2-§18",
    }
}

/// In the words of the rule.
pub(super) fn title(role: Role) -> &'static str {
    match role {
        Role::PenaltyLeader => "penalty-leader (处罚部门主管领导)",
        Role::UnitHead => "unit-head (单位负责人)",
        other => other.as_str(),
    }
}

/// Whoever decides is a person, and neither the applicant nor who wrote the application down.
pub(super) fn impartial(actor: &ActorRecord, access: &Access) -> Result<PersonId, String> {
    let id = access.id;
    let ActorRecord::Person { id: person } = actor else {
        return Err(format!(
            "{id} is decided by a person with their own PIN: say --as ID; {actor} is none"
        ));
    };
    if access.applicant.person.as_ref() == Some(person) {
        return Err(format!(
            "{person} is the applicant of {id}; the approver is never the applicant"
        ));
    }
    if access.asked_by == actor.to_string() {
        return Err(format!(
            "{person} wrote {id} down; whoever writes an application down does not decide on it"
        ));
    }
    Ok(person.clone())
}

/// Why `person` is not the one who approves these clips.
pub(super) fn not_approver(
    registers: &dyn Registers,
    at: WallMs,
    person: &PersonId,
    (access, limits): (&Access, &Limits),
    clips: &[Footage],
) -> PortResult<Option<String>> {
    for footage in clips {
        let secret = limits.level(footage.level).unit_head;
        let role = if secret { Role::UnitHead } else { approver_role(access.who) };
        let cite = if secret { "002/A2-§19" } else { cite(access.who) };
        if duty::holds(registers, person, role, footage.department.as_ref(), at)?.is_none() {
            let secret = match secret {
                true => format!(" of level {}", footage.level.as_str()),
                false => String::new(),
            };
            return Ok(Some(format!(
                "what {} asks for of clip {}{secret} is approved by the {} ({cite}); {person} is not",
                access.who.as_str(),
                footage.clip,
                title(role)
            )));
        }
    }
    Ok(None)
}

/// Why `person` may not refuse or revoke: that is for the approver or the unit head.
pub(super) fn not_decider(
    registers: &dyn Registers,
    at: WallMs,
    person: &PersonId,
    access: &Access,
    clips: Option<Vec<ClipId>>,
) -> PortResult<Option<String>> {
    let role = approver_role(access.who);
    for department in departments(registers, access, clips)? {
        let mut able = false;
        for role in [role, Role::UnitHead] {
            able |= duty::holds(registers, person, role, department.as_ref(), at)?.is_some();
        }
        if !able {
            let others = match role {
                Role::UnitHead => String::new(),
                _ => format!(" or the {}", title(Role::UnitHead)),
            };
            return Ok(Some(format!(
                "{} is decided by the {}{others} ({}); {person} is not the one",
                access.id,
                title(role),
                cite(access.who)
            )));
        }
    }
    Ok(None)
}

/// The departments whose footage is asked for; at least one, be it none in particular.
fn departments(
    registers: &dyn Registers,
    access: &Access,
    clips: Option<Vec<ClipId>>,
) -> PortResult<Vec<Option<DepartmentId>>> {
    let clips = match clips {
        Some(clips) => clips,
        None => wanted_clips(registers, &access.wanted)?,
    };
    let mut found = Vec::new();
    for clip in clips {
        if let Some(footage) = footage(registers, clip)?
            && !found.contains(&footage.department)
        {
            found.push(footage.department);
        }
    }
    if found.is_empty() {
        found.push(None);
    }
    Ok(found)
}
