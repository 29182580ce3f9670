//! Was the recorder in approved use (S1)? The one place where the reports ask for it.

use super::Gap;
use crate::desk::USAGE;
use crate::id::UseId;
use crate::ports::{PortResult, Registers};
use crate::registry;
use crate::says;
use crate::table::{Query, Row};

/// What is missing in the use of a recorder up to the docking of entry `docked`: the newest issue before it
/// must have been approved, and must not have ended with an earlier docking.
pub(super) fn missing_use(
    registers: &dyn Registers,
    recorder: &str,
    docked: u64,
) -> PortResult<Option<Gap>> {
    let rows = registers.select(&Query::all(&USAGE).with("recorder", recorder).newest_first())?;
    let docked_at = i64::try_from(docked).unwrap_or(i64::MAX);
    let text = match rows.iter().find(|row| covers(row, docked_at)) {
        Some(row) if row.int("breach") == 0 => return Ok(None),
        Some(row) => says!(
            "记录仪 {recorder} 未经批准领用（{}，002/A6-§5）",
            "recorder {recorder} was taken without approval, a breach ({}, 002/A6-§5)",
            UseId(registry::seq(row))
        ),
        None => says!(
            "没有记录仪 {recorder} 当时的批准领用记录（002/A6-§5）",
            "no approved use of recorder {recorder} is on record for it (002/A6-§5)"
        ),
    };
    Ok(Some(Gap::said(Some(docked), &text)))
}

/// Was the recorder out on this use when it was docked?
fn covers(row: &Row, docked: i64) -> bool {
    let out = row.int_opt("issued_seq").is_some_and(|issued| issued < docked);
    out && row.int_opt("docked_session").is_none_or(|session| session >= docked)
}
