//! Who held what when an entry was written. What ended since counts, what was given since does not. Reading
//! only.

use super::held::{held_of, within};
use super::{DUTY, Held};
use crate::actor::Role;
use crate::id::{DepartmentId, PersonId};
use crate::ports::{PortResult, Registers};
use crate::registry;
use crate::schema as s;
use crate::table::{Query, Row};
use crate::time::WallMs;

/// An entry, and what the clock said when it was written.
pub type Then = (u64, WallMs);

/// Did a person hold `role` over `department` then?
///
/// # Errors
/// The registers cannot be read.
pub fn held_then(
    registers: &dyn Registers,
    person: &PersonId,
    (role, department): (Role, Option<&DepartmentId>),
    then: Then,
) -> PortResult<bool> {
    for held in in_force_then(registers, person, then)? {
        if held.role != role || !held.covers(department) {
            continue;
        }
        let Some(head) = &held.acting_for else { return Ok(true) };
        // What was delegated falls with the duty of who delegated it.
        let own = in_force_then(registers, head, then)?.into_iter().any(|own| {
            own.role == role && own.acting_for.is_none() && own.covers(held.department.as_ref())
        });
        if own {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Was a person an officer then?
///
/// # Errors
/// The registers cannot be read.
pub fn was_officer(registers: &dyn Registers, person: &PersonId, then: Then) -> PortResult<bool> {
    Ok(in_force_then(registers, person, then)?.iter().any(|held| held.role == Role::Officer))
}

/// Was a person ever given `role`, whatever the hours of the duty, and nobody ended it? For when the clock does
/// not tell the hour.
///
/// # Errors
/// The registers cannot be read.
pub fn not_ended(
    registers: &dyn Registers,
    person: &PersonId,
    role: Role,
) -> PortResult<Option<Held>> {
    for row in registers.select(&Query::all(&DUTY).with("person", person.as_str()))? {
        if row.int_opt("ended_seq").is_none() && row.text("role") == role.as_str() {
            return held_of(&row).map(Some);
        }
    }
    Ok(None)
}

fn in_force_then(
    registers: &dyn Registers,
    person: &PersonId,
    (entry, at): Then,
) -> PortResult<Vec<Held>> {
    let people = registers.select(&Query::all(&s::PERSON).with("id", person.as_str()))?;
    if !people.first().is_some_and(|row| stood(row, "retired_seq", entry)) {
        return Ok(Vec::new());
    }
    let mut held = Vec::new();
    for row in registers.select(&Query::all(&DUTY).with("person", person.as_str()))? {
        if registry::seq(&row) < entry && stood(&row, "ended_seq", entry) && within(&row, at)? {
            held.push(held_of(&row)?);
        }
    }
    Ok(held)
}

/// Was what this column would end not ended before the entry?
fn stood(row: &Row, column: &str, entry: u64) -> bool {
    row.int_opt(column).is_none_or(|ended| ended.unsigned_abs() > entry)
}
