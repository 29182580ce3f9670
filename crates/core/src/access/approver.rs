//! Who decides on a request: it follows from who asks (002/A6-§20, §21; 002/A2-§18) and from how secret the
//! footage is.

use super::held::{Access, Footage, footage, wanted_clips};
use super::{Limits, Who};
use crate::actor::{ActorRecord, Role};
use crate::duty::{self, Held};
use crate::id::{ClipId, DepartmentId, PersonId};
use crate::ports::{PortResult, Registers};
use crate::registry;
use crate::time::WallMs;
use crate::why::{Both, Why};
use crate::{says, why};

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
pub(super) fn title(role: Role) -> Both<'static> {
    match role {
        Role::PenaltyLeader => Both("处罚部门分管领导", "penalty-leader (处罚部门主管领导)"),
        Role::UnitHead => Both("单位负责人", "unit-head (单位负责人)"),
        other => Both(other.chinese()[0], other.as_str()),
    }
}

/// Whoever decides is a person, and neither the applicant nor who wrote the application down.
pub(super) fn impartial(
    registers: &dyn Registers,
    actor: &ActorRecord,
    access: &Access,
) -> PortResult<Result<PersonId, Why>> {
    let id = access.id;
    let ActorRecord::Person { id: person } = actor else {
        return Ok(Err(why!(
            "V15",
            "{id:#} 由人员凭本人口令审批；{actor:#}不行。",
            "{id} is decided by a person with their own PIN: say --as ID; {actor} is none"
        )));
    };
    if access.applicant.person.as_ref() == Some(person) {
        return Ok(Err(why!(
            "V16",
            "{person:#} 是 {id:#} 的申请人；审批人不得是申请人。请由他人审批。",
            "{person} is the applicant of {id}; the approver is never the applicant"
        )));
    }
    if access.asked_by == actor.to_string() {
        return Ok(Err(why!(
            "V17",
            "{id:#} 由 {person:#} 登记；登记申请的人不审批该申请。请由他人审批。",
            "{person} wrote {id} down; whoever writes an application down does not decide on it"
        )));
    }
    if bears_the_name(registers, person, access)? {
        return Ok(Err(why!(
            "V18",
            "{id:#} 的申请人与 {person:#} 同名，审批人不得是申请人；若是另一人，请管理员重新登记并写明来人的人员编号。",
            "the applicant of {id} bears the name of {person}, and the approver is never the applicant; if it is somebody else, let a clerk write it down anew and say who comes: --person ID"
        )));
    }
    Ok(Ok(person.clone()))
}

/// Does somebody come for an internal body of whom nothing but this person's very name is known?
fn bears_the_name(
    registers: &dyn Registers,
    person: &PersonId,
    access: &Access,
) -> PortResult<bool> {
    if access.who != Who::InternalBody || access.applicant.person.is_some() {
        return Ok(false);
    }
    let bare = |name: &str| name.split_whitespace().collect::<String>();
    let known = registry::person(registers, person)?;
    Ok(known.is_some_and(|known| bare(&known.name) == bare(&access.applicant.name)))
}

/// Of the duties of whoever decides, those that they do not hold in the applicant's place only.
fn deciding<'a>(held: &'a [Held], access: &'a Access) -> Vec<&'a Held> {
    match &access.applicant.person {
        Some(applicant) => duty::impartial(held, applicant).collect(),
        None => held.iter().collect(),
    }
}

/// Who holds the duty, but in the applicant's place.
fn stands_in(person: &PersonId, access: &Access) -> Why {
    why!(
        "V19",
        "{person:#} 只是代行 {:#} 申请人的职务；申请人及其代行人均不得审批，请由他人审批，必要时由单位负责人任命（{:#}）。",
        "{person} only stands in for the applicant of {}; the approver is never the applicant, nor their deputy: let another decide, whom the unit head may appoint ({})",
        access.id,
        cite(access.who)
    )
}

/// Why `person` is not the one who approves these clips.
pub(super) fn not_approver(
    registers: &dyn Registers,
    at: WallMs,
    person: &PersonId,
    (access, limits): (&Access, &Limits),
    clips: &[Footage],
) -> PortResult<Option<Why>> {
    let held = duty::duties(registers, person, at)?;
    for footage in clips {
        let secret = limits.level(footage.level).unit_head;
        let role = if secret { Role::UnitHead } else { approver_role(access.who) };
        let fits = |h: &Held| h.role == role && h.covers(footage.department.as_ref());
        if deciding(&held, access).into_iter().any(fits) {
            continue;
        }
        if held.iter().any(fits) {
            return Ok(Some(stands_in(person, access)));
        }
        let cite = if secret { "002/A2-§19" } else { cite(access.who) };
        let secret = match secret {
            true => says!("（密级：{:#}）", " of level {}", footage.level),
            false => says!("", ""),
        };
        return Ok(Some(why!(
            "V20",
            "{:#}申请的视频 {:#}{secret:#}由{:#}审批（{cite:#}）；{person:#} 不是。",
            "what {} asks for of clip {}{secret} is approved by the {} ({cite}); {person} is not",
            access.who,
            footage.clip,
            title(role)
        )));
    }
    Ok(None)
}

/// Where the level needs the unit head, an approval counts only if a unit head gave it: the level may have
/// been raised since (002/A2-§19).
pub(super) fn below_the_level(
    registers: &dyn Registers,
    limits: &Limits,
    (access, footage): (&Access, &Footage),
) -> PortResult<Option<Why>> {
    if !limits.level(footage.level).unit_head {
        return Ok(None);
    }
    let by = access.decided_by.as_deref().unwrap_or("nobody");
    let approver = by.strip_prefix("person ").and_then(|id| id.parse::<PersonId>().ok());
    if let (Some(approver), Some(seq), Some(at)) = (approver, access.decided_seq, access.decided) {
        let what = (Role::UnitHead, footage.department.as_ref());
        if duty::held_then(registers, &approver, what, (seq, at))? {
            return Ok(None);
        }
    }
    Ok(Some(why!(
        "V21",
        "视频 {:#} 现为{:#}，只能由{:#}审批（002/A2-§19），而 {:#} 由 {by:#} 批准；请重新申请、重新审批。",
        "clip {} is {} by now, which the {} alone approves (002/A2-§19), and {} was approved by {by}; let it be asked for and approved anew",
        footage.clip,
        footage.level,
        title(Role::UnitHead),
        access.id
    )))
}

/// Why `person` may not refuse or revoke: that is for the approver or the unit head.
pub(super) fn not_decider(
    registers: &dyn Registers,
    at: WallMs,
    person: &PersonId,
    access: &Access,
    clips: Option<Vec<ClipId>>,
) -> PortResult<Option<Why>> {
    let role = approver_role(access.who);
    let held = duty::duties(registers, person, at)?;
    for department in departments(registers, access, clips)? {
        let fits =
            |h: &Held| [role, Role::UnitHead].contains(&h.role) && h.covers(department.as_ref());
        if deciding(&held, access).into_iter().any(fits) {
            continue;
        }
        if held.iter().any(fits) {
            return Ok(Some(stands_in(person, access)));
        }
        let others = match role {
            Role::UnitHead => says!("", ""),
            _ => says!("或{:#}", " or the {}", title(Role::UnitHead)),
        };
        return Ok(Some(why!(
            "V22",
            "{:#} 由{:#}{others:#}审批（{:#}）；{person:#} 不是。",
            "{} is decided by the {}{others} ({}); {person} is not the one",
            access.id,
            title(role),
            cite(access.who)
        )));
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
