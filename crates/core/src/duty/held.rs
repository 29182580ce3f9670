//! Who holds what, as of one moment. Reading only.

use super::DUTY;
use crate::actor::Role;
use crate::id::{DepartmentId, DutyId, PersonId};
use crate::ports::{PortResult, Registers};
use crate::registry::{self, damaged};
use crate::schema as s;
use crate::table::{Query, Row};
use crate::time::WallMs;

/// One duty in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub duty: DutyId,
    pub person: PersonId,
    pub role: Role,
    /// `None`: over the whole unit.
    pub department: Option<DepartmentId>,
    /// Whose deputy; `None`: in their own right.
    pub acting_for: Option<PersonId>,
    /// When it ends by itself.
    pub until: Option<WallMs>,
}

impl Held {
    /// Is the duty over this department?
    pub fn covers(&self, department: Option<&DepartmentId>) -> bool {
        match &self.department {
            None => true,
            Some(own) => department == Some(own),
        }
    }

    /// Is it held only as the deputy of one of these?
    pub fn stands_in_for(&self, people: &[PersonId]) -> bool {
        self.acting_for.as_ref().is_some_and(|head| people.contains(head))
    }
}

/// The duties of a person in force at `at`. A retired person holds none.
pub fn duties(registers: &dyn Registers, person: &PersonId, at: WallMs) -> PortResult<Vec<Held>> {
    in_force(registers, &Query::all(&DUTY).with("person", person.as_str()), at)
}

/// Everybody who holds `role` at `at`, over whatever department.
pub fn holders(registers: &dyn Registers, role: Role, at: WallMs) -> PortResult<Vec<Held>> {
    in_force(registers, &Query::all(&DUTY).with("role", role.as_str()), at)
}

/// The duty under which a person has `role` over `department` at `at`, if any.
pub fn holds(
    registers: &dyn Registers,
    person: &PersonId,
    role: Role,
    department: Option<&DepartmentId>,
    at: WallMs,
) -> PortResult<Option<Held>> {
    let held = duties(registers, person, at)?;
    Ok(held.into_iter().find(|h| h.role == role && h.covers(department)))
}

/// The department a person belongs to.
pub fn department_of(
    registers: &dyn Registers,
    person: &PersonId,
) -> PortResult<Option<DepartmentId>> {
    let rows = registers.select(&Query::all(&s::PERSON).with("id", person.as_str()))?;
    let Some(text) = rows.first().and_then(|row| row.text_opt("department")) else {
        return Ok(None);
    };
    text.parse().map(Some).map_err(|e| damaged(&format!("person row: {e}")))
}

/// Under which duty `approver` is the department head of `officer` at `at` (002/A6-§5). A head over the
/// whole unit is one for every department and for officers without one.
pub fn department_head_of(
    registers: &dyn Registers,
    approver: &PersonId,
    officer: &PersonId,
    at: WallMs,
) -> PortResult<Option<Held>> {
    let department = department_of(registers, officer)?;
    holds(registers, approver, Role::DepartmentHead, department.as_ref(), at)
}

/// Everybody with a PIN who was ever made head of the unit: a term that ended, or is still to come, counts.
pub(super) fn unit_heads_ever(registers: &dyn Registers) -> PortResult<Vec<PersonId>> {
    let mut heads = Vec::new();
    for row in registers.select(&Query::all(&DUTY).with("role", Role::UnitHead.as_str()))? {
        let id = row.text("person").parse().map_err(|e| damaged(&format!("duty row: {e}")))?;
        if registry::person(registers, &id)?.is_some_and(|p| p.pin_commitment.is_some()) {
            heads.push(id);
        }
    }
    Ok(heads)
}

/// Has the unit had a head with a PIN, so that the operator no longer sets up people and policy? From the
/// first one on for ever: the end of a term gives the operator nothing back.
pub fn unit_head_rules(registers: &dyn Registers) -> PortResult<bool> {
    Ok(!unit_heads_ever(registers)?.is_empty())
}

/// Does somebody else hold the role there for good, who can sign? Who cannot, only stands in, or leaves on a
/// fixed day succeeds nobody.
pub(super) fn has_another(
    registers: &dyn Registers,
    (person, role, department): (&PersonId, Role, Option<&DepartmentId>),
    at: WallMs,
) -> PortResult<bool> {
    for other in holders(registers, role, at)? {
        let for_good = other.acting_for.is_none() && other.until.is_none();
        if other.person == *person || !for_good || !other.covers(department) {
            continue;
        }
        if registry::person(registers, &other.person)?.is_some_and(|p| p.pin_commitment.is_some()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Does `approver` head the department of `officer`, and not only in the place of whom `never` names? A deputy
/// decides nothing about the one they act for.
pub fn head_for_itself(
    registers: &dyn Registers,
    (approver, officer): (&PersonId, &PersonId),
    never: &[PersonId],
    at: WallMs,
) -> PortResult<bool> {
    let department = department_of(registers, officer)?;
    let held = duties(registers, approver, at)?;
    Ok(held.iter().any(|held| {
        held.role == Role::DepartmentHead
            && held.covers(department.as_ref())
            && !held.stands_in_for(never)
    }))
}

/// Is this register row the duty that the event gave?
pub fn is_row_of(row: &Row, e: &super::DutyAppointed) -> bool {
    let time = |w: Option<WallMs>| w.map(WallMs::rfc3339);
    row.text("person") == e.person.as_str()
        && row.text("role") == e.role.as_str()
        && row.text_opt("department") == e.department.as_ref().map(|d| d.as_str())
        && row.text_opt("acting_for") == e.acting_for.as_ref().map(|p| p.as_str())
        && row.text_opt("since").map(str::to_owned) == time(e.since)
        && row.text_opt("until").map(str::to_owned) == time(e.until)
}

fn in_force(registers: &dyn Registers, query: &Query, at: WallMs) -> PortResult<Vec<Held>> {
    let mut held = Vec::new();
    for row in registers.select(query)? {
        if row.int_opt("ended_seq").is_some() || !within(&row, at)? {
            continue;
        }
        let duty = held_of(&row)?;
        let person = registry::person(registers, &duty.person)?;
        if person.is_some_and(|p| !p.retired) && delegated(registers, &duty, at)? {
            held.push(duty);
        }
    }
    Ok(held)
}

/// What was delegated falls with the duty of who delegated it.
fn delegated(registers: &dyn Registers, deputy: &Held, at: WallMs) -> PortResult<bool> {
    let Some(head) = &deputy.acting_for else { return Ok(true) };
    holds_in_own_right(registers, head, (deputy.role, deputy.department.as_ref()), at)
}

/// Not as somebody's deputy.
pub(super) fn holds_in_own_right(
    registers: &dyn Registers,
    person: &PersonId,
    (role, department): (Role, Option<&DepartmentId>),
    at: WallMs,
) -> PortResult<bool> {
    if registry::person(registers, person)?.is_none_or(|p| p.retired) {
        return Ok(false);
    }
    for row in registers.select(&Query::all(&DUTY).with("person", person.as_str()))? {
        let own = row.int_opt("ended_seq").is_none() && row.text_opt("acting_for").is_none();
        if !own || !within(&row, at)? {
            continue;
        }
        let held = held_of(&row)?;
        if held.role == role && held.covers(department) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// From `since` on and before `until`, where they are given.
pub(super) fn within(row: &Row, at: WallMs) -> PortResult<bool> {
    let (since, until) = (moment(row, "since")?, moment(row, "until")?);
    Ok(since.is_none_or(|t| at >= t) && until.is_none_or(|t| at < t))
}

fn moment(row: &Row, column: &str) -> PortResult<Option<WallMs>> {
    match row.text_opt(column) {
        None => Ok(None),
        Some(text) => WallMs::parse(text).map(Some).ok_or_else(|| damaged("duty row: a time")),
    }
}

pub(super) fn held_of(row: &Row) -> PortResult<Held> {
    let bad = |e: &dyn std::fmt::Display| damaged(&format!("duty row: {e}"));
    Ok(Held {
        duty: DutyId(registry::seq(row)),
        person: row.text("person").parse().map_err(|e| bad(&e))?,
        role: Role::parse(row.text("role")).ok_or_else(|| bad(&"an unknown role"))?,
        department: row.text_opt("department").map(str::parse).transpose().map_err(|e| bad(&e))?,
        acting_for: row.text_opt("acting_for").map(str::parse).transpose().map_err(|e| bad(&e))?,
        until: moment(row, "until")?,
    })
}
