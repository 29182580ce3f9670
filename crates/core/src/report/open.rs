//! What stays open until somebody answers: interruptions without an explanation (S5), viewings that name no
//! matter (S10).

use super::{Named, Names};
use crate::access::{self, FormRow};
use crate::desk::Period;
use crate::id::InterruptionId;
use crate::matter;
use crate::ports::{PortResult, Registers};
use std::collections::BTreeMap;

/// Interruptions of the matters of one department.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unanswered {
    /// Absent: matters of no department.
    pub department: Option<Named>,
    pub found: u32,
    /// Not explained, or the explanation was not accepted.
    pub unanswered: u32,
}

/// Interruptions that `asked` takes, by department of the matter.
///
/// # Errors
/// The registers cannot be read.
pub fn unanswered_by_department(
    registers: &dyn Registers,
    asked: impl Fn(InterruptionId) -> bool,
) -> PortResult<Vec<Unanswered>> {
    let names = Names::of(registers)?;
    let matters: BTreeMap<_, _> =
        matter::matters(registers)?.into_iter().map(|m| (m.id, m.department)).collect();
    let mut by: BTreeMap<Option<Named>, (u32, u32)> = BTreeMap::new();
    for one in matter::interruptions(registers, None)? {
        if !asked(one.id) {
            continue;
        }
        let department = matters.get(&one.matter).and_then(Option::as_ref);
        let sum = by.entry(department.map(|id| names.department(id.as_str()))).or_default();
        sum.0 += 1;
        sum.1 += u32::from(one.unanswered());
    }
    let lines = by.into_iter();
    Ok(lines
        .map(|(department, (found, unanswered))| Unanswered { department, found, unanswered })
        .collect())
}

/// Viewings in the period that name no matter (查阅未关联案件), and how many there were in all.
///
/// # Errors
/// The registers cannot be read.
pub fn viewed_without_matter(
    registers: &dyn Registers,
    period: Period,
) -> PortResult<(Vec<FormRow>, usize)> {
    let rows = access::form(registers, (Some(period.from), Some(period.to)))?;
    let rows: Vec<FormRow> =
        rows.into_iter().filter(|row| row.act == access::Act::Viewing).collect();
    let without = access::without_matter(&rows).cloned().collect();
    Ok((without, rows.len()))
}
