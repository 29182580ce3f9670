//! 全面核对, a full check: the station held against its chain, written down. A check reads and keeps nothing; whoever wants it
//! known that it was made has it entered. That the disks still hold what the chain says is known for no later time than
//! that of the newest deep one. No rule asks for it; the period is ours.

use super::event::Event;
use super::objection::{Asked, Objection};
use super::rows::FULL_CHECK;
use crate::actor::Role;
use crate::cells;
use crate::decide::{Decided, Scene, no};
use crate::ports::{PortResult, Registers};
use crate::project::insert;
use crate::table::{Query, Row, RowChange};
use crate::time::{HOUR_MS, WallMs};
use crate::why;
use crate::why::Both;
use sealdock_chain::digest::Digest;
use serde::{Deserialize, Serialize};

/// After so many days without a deep check the station says so.
pub const CHECK_DAYS: i64 = 31;

/// Who may have one entered.
const ROLES: [(Role, &str); 4] = [
    (Role::Clerk, "管理员"),
    (Role::Auditor, "政策法规科"),
    (Role::UnitHead, "单位负责人"),
    (Role::Operator, "系统操作员"),
];

/// What a check of the whole station looked at, and what it found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StationChecked {
    /// Every signature was verified and every file read cold and hashed; else presence and size only.
    pub deep: bool,
    /// Entries, clips and files that were looked at, bytes that were hashed.
    pub entries: u64,
    pub clips: u64,
    pub files: u64,
    pub bytes: u64,
    pub findings: u64,
    /// SHA-256 of the findings, each ended by a line feed; absent: there were none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<Digest>,
}

pub(super) fn enter(scene: &Scene, e: StationChecked) -> Decided {
    let most = i64::MAX.unsigned_abs();
    if [e.entries, e.clips, e.files, e.bytes, e.findings].iter().any(|count| *count > most) {
        return no(why!("K117", "核对的数量超出可能。", "a check that counts more than can be"));
    }
    super::decide::allowed(scene, vec![Event::StationChecked(e)])
}

pub(super) fn objection(asked: &Asked, e: &StationChecked) -> Objection {
    if let Some(why) = asked.rights.needs(&ROLES, Both("登记全面核对", "entering a full check"))
    {
        return Ok(Some(why));
    }
    let differs = (e.findings > 0) != e.report.is_some();
    Ok(differs.then(|| {
        why!(
            "K118",
            "有异常的核对须附其摘要，无异常的不附。",
            "a check with findings has their digest, and one without has none"
        )
    }))
}

pub(super) fn project(
    seq: u64,
    (by, wall): (String, String),
    e: &StationChecked,
) -> Vec<RowChange> {
    insert(
        &FULL_CHECK,
        cells! { seq: seq, at: wall, by: by, deep: e.deep, entries: e.entries, clips: e.clips,
        files: e.files, bytes: e.bytes, findings: e.findings },
    )
}

/// The newest ones, newest first.
///
/// # Errors
/// The register cannot be read.
pub fn newest_checks(registers: &dyn Registers, most: u32) -> PortResult<Vec<Row>> {
    registers.select(&Query::all(&FULL_CHECK).newest_first().limit(most))
}

/// The newest deep one; `None`: there was none.
///
/// # Errors
/// The register cannot be read.
pub fn newest_deep(registers: &dyn Registers) -> PortResult<Option<Row>> {
    let query = Query::all(&FULL_CHECK).with("deep", true).newest_first().limit(1);
    Ok(registers.select(&query)?.into_iter().next())
}

/// Is a deep check over `CHECK_DAYS` old? `last` is when it was made, or when the station was founded.
#[must_use]
pub fn check_is_due(last: WallMs, now: WallMs) -> bool {
    now.0.saturating_sub(last.0) > CHECK_DAYS * 24 * HOUR_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_without_one_is_said_and_not_a_moment_earlier() {
        let day = 24 * HOUR_MS;
        assert!(!check_is_due(WallMs(0), WallMs(31 * day)));
        assert!(check_is_due(WallMs(0), WallMs(31 * day + 1)));
        assert!(!check_is_due(WallMs(5 * day), WallMs(0)), "a clock that was set back");
        assert!(check_is_due(WallMs(i64::MIN), WallMs(i64::MAX)));
    }
}
