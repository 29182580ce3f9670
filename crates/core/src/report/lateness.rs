//! Lateness by officer and by department (S7, S19): recorders back late, clips that missed the deadline which
//! raises the alarm, and who is late again and again.

use super::{Named, Names};
use crate::desk::{self, Period};
use crate::ports::{PortResult, Registers};
use crate::registry;
use crate::time::Stamp;

/// One officer, or one department, in the period.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LateLine {
    /// Absent: the whole department.
    pub officer: Option<Named>,
    /// Where the officer belongs now.
    pub department: Option<Named>,
    /// Recorders handed out or taken.
    pub uses: u32,
    /// Taken without approval.
    pub breaches: u32,
    /// Back late, or out although overdue.
    pub late_returns: u32,
    /// Clips that missed the deadline that raises the alarm.
    pub late_clips: u32,
    /// Officers who were late more than once.
    pub repeated: u32,
}

/// Lines by officer, and the same by department; each counts those with any use or late clip.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lateness {
    pub by_officer: Vec<LateLine>,
    pub by_department: Vec<LateLine>,
}

/// # Errors
/// The registers cannot be read.
pub fn lateness(
    registers: &dyn Registers,
    (period, at): (Period, &Stamp),
    asked: impl Fn(&LateLine) -> bool,
) -> PortResult<Lateness> {
    let names = Names::of(registers)?;
    let figures = desk::figures(registers, &registry::policy(registers)?, (period, at))?;
    let lines = figures.lateness.iter().map(|line| LateLine {
        officer: line.officer.as_ref().map(|id| names.person(id.as_str())),
        department: line.department.as_ref().map(|id| names.department(id.as_str())),
        uses: line.uses,
        breaches: line.breaches,
        late_returns: line.late_returns,
        late_clips: line.late_clips,
        repeated: u32::from(line.repeated()),
    });
    let by_officer: Vec<LateLine> = lines.filter(|line| asked(line)).collect();
    Ok(Lateness { by_department: by_department(&by_officer), by_officer })
}

fn by_department(lines: &[LateLine]) -> Vec<LateLine> {
    let mut by: Vec<LateLine> = Vec::new();
    for line in lines {
        let sum = match by.iter_mut().find(|sum| sum.department == line.department) {
            Some(sum) => sum,
            None => {
                let department = line.department.clone();
                by.push(LateLine { department, ..LateLine::default() });
                by.last_mut().expect("a line was added")
            }
        };
        sum.uses += line.uses;
        sum.breaches += line.breaches;
        sum.late_returns += line.late_returns;
        sum.late_clips += line.late_clips;
        sum.repeated += line.repeated;
    }
    by.sort_by(|a, b| a.department.cmp(&b.department));
    by
}
