//! How much each recorder is used (S19), and which are not back (S1, S7).

use super::hours::duration_ms;
use super::{Named, Names};
use crate::clock_state::known_bad;
use crate::desk::{self, Period, Usage, assets};
use crate::id::UseId;
use crate::ports::{PortResult, Registers};
use crate::registry;
use crate::schema::CLIP;
use crate::search::taken_within;
use crate::table::Query;
use crate::time::{Stamp, WallMs};
use std::collections::BTreeMap;

/// One recorder in the period.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecorderUse {
    pub recorder: String,
    pub department: Option<Named>,
    /// How it stands now; empty: it is not enrolled.
    pub state: String,
    /// Times that it was handed out or taken.
    pub uses: u32,
    /// Of those without approval.
    pub breaches: u32,
    /// How long it was out within the period.
    pub out_ms: i64,
    pub clips: u32,
    /// Sum of the known lengths.
    pub length_ms: i64,
}

/// Every enrolled recorder, used or not, and every other that clips or uses name; by number.
///
/// # Errors
/// The registers cannot be read.
pub fn recorder_use(
    registers: &dyn Registers,
    (period, at): (Period, &Stamp),
) -> PortResult<Vec<RecorderUse>> {
    let names = Names::of(registers)?;
    let mut by: BTreeMap<String, RecorderUse> = BTreeMap::new();
    for asset in assets(registers)? {
        let line = by.entry(asset.recorder.to_string()).or_default();
        line.state = asset.shown().to_owned();
        line.department = asset.department.as_ref().map(|id| names.department(id.as_str()));
    }
    desk::each_use(registers, &mut |usage| {
        let Some(issued) = usage.issued else { return };
        let line = by.entry(usage.recorder.to_string()).or_default();
        line.out_ms += out_ms(&usage, issued, (period, at.wall));
        if period.holds(issued) {
            line.uses += 1;
            line.breaches += u32::from(usage.breach);
        }
    })?;
    let clips = Query::all(&CLIP).only(&["recorder", "recorded", "stored", "described"]);
    let clips = taken_within(clips, Some(period.from), Some(period.to));
    for query in clips {
        registers.each(&query, &mut |row| {
            let Some(recorder) = row.text_opt("recorder") else { return Ok(()) };
            let line = by.entry(recorder.to_owned()).or_default();
            line.clips += 1;
            line.length_ms += duration_ms(&row).unwrap_or(0);
            Ok(())
        })?;
    }
    Ok(by.into_iter().map(|(recorder, line)| RecorderUse { recorder, ..line }).collect())
}

/// The part of a use that lies in the period and before now. A lost recorder is out until it was lost,
/// and nobody knows when that was: until the period ends.
fn out_ms(usage: &Usage, issued: WallMs, (period, now): (Period, WallMs)) -> i64 {
    let back = usage.returned.unwrap_or(now);
    let (from, to) = (issued.max(period.from), back.min(period.to).min(now.max(issued)));
    (to.0 - from.0).max(0)
}

/// A recorder that is out, or back by hand and not docked: its footage is not in the station.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreturned {
    pub of: UseId,
    pub recorder: String,
    pub officer: Named,
    pub department: Option<Named>,
    pub issued: WallMs,
    /// To be back; of one that is back by hand, to be docked.
    pub due: WallMs,
    /// Back by hand, not docked.
    pub by_hand: Option<WallMs>,
    /// Absent: the station's clock is known to be bad, so nobody can tell.
    pub overdue: Option<bool>,
    pub out_ms: i64,
}

/// All of them now, the longest out first.
///
/// # Errors
/// The registers cannot be read.
pub fn unreturned(registers: &dyn Registers, at: &Stamp) -> PortResult<Vec<Unreturned>> {
    let names = Names::of(registers)?;
    let believed = known_bad(registers, at)?.is_none();
    let mut lines = Vec::new();
    let after_return_ms = registry::policy(registers)?.after_return_ms;
    for uses in [desk::out(registers)?, desk::undocked(registers)?] {
        for usage in uses {
            let Some(issued) = usage.issued else { continue };
            let docked_by = usage.returned.map(|back| back.plus_ms(after_return_ms));
            let due = docked_by.unwrap_or(usage.until);
            lines.push(Unreturned {
                of: usage.of,
                officer: names.person(usage.officer.as_str()),
                department: usage.department.as_ref().map(|id| names.department(id.as_str())),
                issued,
                due,
                by_hand: usage.returned,
                overdue: believed.then_some(at.wall >= due),
                out_ms: (usage.returned.unwrap_or(at.wall).0 - issued.0).max(0),
                recorder: usage.recorder.to_string(),
            });
        }
    }
    lines.sort_by_key(|line| (line.issued, line.of));
    Ok(lines)
}
