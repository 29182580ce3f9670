//! What is overdue: a recorder that is not back, and one that is back and not docked. Each is warned of
//! once before the deadline and said once at it. On a station clock beyond belief nothing is.

use super::*;
use crate::clock_state::known_bad;
use crate::policy::Policy;
use crate::ports::{PortResult, Registers};
use crate::time::{Stamp, WallMs};

/// How a deadline stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alarm {
    Soon,
    Missed,
}

/// A recorder whose deadline is near or past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub usage: Usage,
    pub what: Duty,
    pub at: WallMs,
    pub alarm: Alarm,
}

/// Everything that is due soon or overdue at `at`.
pub fn due(registers: &dyn Registers, policy: &Policy, at: &Stamp) -> PortResult<Vec<Due>> {
    if known_bad(registers, at)?.is_some() {
        return Ok(Vec::new());
    }
    let now = at.wall;
    let mut all = Vec::new();
    for usage in out(registers)? {
        let at = usage.until;
        all.push((usage, Duty::Return, at));
    }
    for usage in undocked(registers)? {
        let returned = usage.returned.unwrap_or(now);
        all.push((usage, Duty::Docking, returned.plus_ms(policy.after_return_ms)));
    }
    let near = |(usage, what, at): (Usage, Duty, WallMs)| {
        let alarm = match now {
            now if now >= at => Alarm::Missed,
            now if now.plus_ms(policy.desk.warn_before_ms) >= at => Alarm::Soon,
            _ => return None,
        };
        Some(Due { usage, what, at, alarm })
    };
    Ok(all.into_iter().filter_map(near).collect())
}

/// Given back and not docked since.
pub fn undocked(registers: &dyn Registers) -> PortResult<Vec<Usage>> {
    usages(registers, "returned")
}

/// The entries that are still to be written.
pub fn overdue(registers: &dyn Registers, policy: &Policy, at: &Stamp) -> PortResult<Vec<Event>> {
    let unsaid = |due: Due| {
        let column = match (due.what, due.alarm) {
            (Duty::Return, Alarm::Soon) => "warned_seq",
            (Duty::Return, Alarm::Missed) => "overdue_seq",
            (Duty::Docking, Alarm::Soon) => "dock_warned_seq",
            (Duty::Docking, Alarm::Missed) => "dock_overdue_seq",
        };
        due.usage.row.int_opt(column).is_none().then(|| event(due))
    };
    Ok(due(registers, policy, at)?.into_iter().filter_map(unsaid).collect())
}

fn event(due: Due) -> Event {
    let Usage { of, recorder, officer, .. } = due.usage;
    let said = Overdue { of, recorder, officer, what: due.what, due: due.at };
    match due.alarm {
        Alarm::Soon => Event::OverdueWarned(said),
        Alarm::Missed => Event::Overdue(said),
    }
}
