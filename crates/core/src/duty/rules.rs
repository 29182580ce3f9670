//! Rules about a duty that do not ask who writes: what fits whom, and what must not be left without anybody.
//! Asked by the decision and by `check`.

use super::held::{has_another, holds_in_own_right};
use super::{DEPARTMENT, DUTY, DutyAppointed, Held, department_of, duties, holders};
use crate::actor::Role;
use crate::id::{DutyId, PersonId};
use crate::ports::{PortResult, Registers};
use crate::registry;
use crate::table::Query;
use crate::time::WallMs;
use crate::why::{Both, Why};
use crate::{says, why};

/// Why this duty cannot be given as it is asked for, whoever gives it.
pub(super) fn unfit(
    registers: &dyn Registers,
    at: WallMs,
    e: &DutyAppointed,
) -> PortResult<Option<Why>> {
    if e.until.is_some_and(|until| until <= e.since.unwrap_or(at)) {
        return Ok(Some(why!(
            "D25",
            "职务的截止早于开始；请把截止日期改晚。",
            "the duty would end before it begins; give a later --until"
        )));
    }
    if let Some(why) = unfit_as_deputy(registers, at, e)? {
        return Ok(Some(why));
    }
    for held in duties(registers, &e.person, at)? {
        if let Some(why) = incompatible(held.role, e.role) {
            return Ok(Some(why!(
                "D26",
                "{:#} 已有职务 {:#}：{why:#}",
                "{} holds duty {}: {why}",
                e.person,
                held.duty
            )));
        }
    }
    Ok(None)
}

fn unfit_as_deputy(
    registers: &dyn Registers,
    at: WallMs,
    e: &DutyAppointed,
) -> PortResult<Option<Why>> {
    let Some(head) = &e.acting_for else { return Ok(None) };
    if e.until.is_none() {
        return Ok(Some(why!(
            "D27",
            "代行职务须有截止日期；请填写。",
            "an acting deputy has an end date; give --until"
        )));
    }
    if *head == e.person {
        return Ok(Some(why!(
            "D28",
            "{head:#} 不能代行自己的职务。",
            "{head} cannot be their own deputy"
        )));
    }
    let what = (e.role, e.department.as_ref());
    Ok((!holds_in_own_right(registers, head, what, at)?).then(|| {
        why!(
            "D29",
            "{head:#} 没有自己的{:#}职务，不能委托他人代行。",
            "{head} does not hold the duty {} in their own right and cannot delegate it",
            e.role
        )
    }))
}

/// The operator of the machine has no right to footage.
fn incompatible(one: Role, other: Role) -> Option<Both<'static>> {
    let sees = |role| {
        matches!(
            role,
            Role::Viewer
                | Role::LegalHead
                | Role::PenaltyHead
                | Role::PenaltyLeader
                | Role::UnitHead
                | Role::Auditor
        )
    };
    let operator = one == Role::Operator || other == Role::Operator;
    (operator && (sees(one) || sees(other))).then_some(Both(
        "运维本机的人不得担任有权接触视频的职务",
        "who operates the machine holds no duty that gives a right to footage",
    ))
}

/// A term of the only unit head would end with nobody who could appoint the next. Asked before the entry
/// only: earlier releases let such a term be given.
pub(super) fn leaves_no_head(
    registers: &dyn Registers,
    at: WallMs,
    e: &DutyAppointed,
) -> PortResult<Option<Why>> {
    let termed = e.until.is_some() || e.since.is_some_and(|since| since > at);
    if e.role != Role::UnitHead || e.acting_for.is_some() || !termed {
        return Ok(None);
    }
    let another = has_another(registers, (&e.person, e.role, e.department.as_ref()), at)?;
    Ok((!another).then(|| {
        why!("D30", "没有其他有口令且无截止日期的单位负责人：任期之外单位将无负责人；请不填开始和截止日期来任命。", "there is no other unit head (单位负责人) with a PIN and without an end: outside that term the unit would be without a head; appoint without --since and --until")
    }))
}

/// Why this duty cannot end: without it nobody could issue, approve or appoint any more.
pub(super) fn last_of_its_kind(
    registers: &dyn Registers,
    at: WallMs,
    held: &Held,
) -> PortResult<Option<Why>> {
    const NEEDED: [Role; 4] =
        [Role::UnitHead, Role::Clerk, Role::PenaltyLeader, Role::DepartmentHead];
    if !NEEDED.contains(&held.role) || held.acting_for.is_some() {
        return Ok(None);
    }
    let another = has_another(registers, (&held.person, held.role, held.department.as_ref()), at)?;
    if another || each_department_has_one(registers, at, held)? {
        return Ok(None);
    }
    let over = match &held.department {
        Some(department) => says!("部门 {department:#} 的", "of department {department}"),
        None => says!("全单位的", "over the whole unit"),
    };
    Ok(Some(why!(
        "D31",
        "{:#} 是{over:#}最后一名{:#}；请先任命一名有口令且无截止日期的继任者。",
        "{} is the last {} {over}; first appoint a successor with a PIN and without an end date",
        held.person,
        held.role
    )))
}

/// A head over the whole unit is not needed where every department has its own, and every officer a department.
fn each_department_has_one(registers: &dyn Registers, at: WallMs, held: &Held) -> PortResult<bool> {
    if held.role != Role::DepartmentHead || held.department.is_some() {
        return Ok(false);
    }
    let departments = registers.select(&Query::all(&DEPARTMENT))?;
    for row in &departments {
        let department =
            row.text("id").parse().map_err(|_| registry::damaged("department row: id"))?;
        if !has_another(registers, (&held.person, held.role, Some(&department)), at)? {
            return Ok(false);
        }
    }
    for officer in holders(registers, Role::Officer, at)? {
        if department_of(registers, &officer.person)?.is_none() {
            return Ok(false);
        }
    }
    Ok(!departments.is_empty())
}

/// Why this duty cannot be ended, whoever ends it.
pub(super) fn cannot_end(
    registers: &dyn Registers,
    at: WallMs,
    duty: DutyId,
) -> PortResult<Option<Why>> {
    let Some(row) = registry::by_seq(registers, &DUTY, duty.0)? else {
        return Ok(Some(why!(
            "D32",
            "没有职务 {duty:#}；请在“管理→人员”核对。",
            "there is no duty {duty}; see `sealdock duty list`"
        )));
    };
    if row.int_opt("ended_seq").is_some() {
        return Ok(Some(why!("D33", "职务 {duty:#} 已经结束。", "duty {duty} has ended already")));
    }
    let person = row.text("person").parse().map_err(|_| registry::damaged("duty row: person"))?;
    for held in duties(registers, &person, at)?.iter().filter(|held| held.duty == duty) {
        if let Some(why) = last_of_its_kind(registers, at, held)? {
            return Ok(Some(why));
        }
    }
    Ok(None)
}

/// Why this person cannot retire, whoever retires them.
pub(super) fn cannot_retire(
    registers: &dyn Registers,
    at: WallMs,
    person: &PersonId,
) -> PortResult<Option<Why>> {
    for held in duties(registers, person, at)? {
        if let Some(why) = last_of_its_kind(registers, at, &held)? {
            return Ok(Some(why));
        }
    }
    Ok(None)
}

/// Why nothing is written about this person: not of the unit, or not any more.
pub(super) fn not_here(registers: &dyn Registers, person: &PersonId) -> PortResult<Option<Why>> {
    Ok(match registry::person(registers, person)? {
        None => Some(why!(
            "D34",
            "人员 {person:#} 未登记；请核对人员编号。",
            "person {person} is not enrolled; `sealdock person add`"
        )),
        Some(known) if known.retired => Some(why!(
            "D35",
            "{person:#} 已离职停用。",
            "person {person} has retired from the unit"
        )),
        Some(_) => None,
    })
}
