//! What about a clip still waits for somebody: a request, a hold, a copy that broke off, a medium that nobody
//! read back, a finding that nobody put right.

use super::Gap;
use crate::access::{ACCESS, ACCESS_CLIP, COPY_OUT, Wanted, wanted_clips};
use crate::id::{AccessId, ClipId, HoldId, MediumId};
use crate::keep::{HOLD, HOLD_CLIP, MEDIUM, MEDIUM_CLIP, SPOTCHECK_CLIP};
use crate::ports::{PortResult, Registers};
use crate::registry::{self, by_seq, damaged};
use crate::says;
use crate::table::{Query, Row, Table};
use crate::why::Both;

/// The gaps, in the order of their rooms.
pub(super) fn gaps(registers: &dyn Registers, clip: ClipId) -> PortResult<Vec<Gap>> {
    let mut gaps = Vec::new();
    unanswered_requests(registers, clip, &mut gaps)?;
    void_copies(registers, clip, &mut gaps)?;
    for hold in between(registers, (&HOLD_CLIP, "hold"), &HOLD, clip)? {
        if ["requested", "release-requested"].contains(&hold.text("state")) {
            let id = registry::seq(&hold);
            let why = says!(
                "长期保存 {} 等待答复（002/A6-§24）",
                "hold {} waits for an answer (002/A6-§24)",
                HoldId(id)
            );
            gaps.push(Gap::said(Some(id), &why));
        }
    }
    for medium in between(registers, (&MEDIUM_CLIP, "medium"), &MEDIUM, clip)? {
        let id = registry::seq(&medium);
        let what = match medium.int_opt("read_equal") {
            Some(1) => continue,
            Some(_) => Both("回读与刻录不一致", "reads otherwise than it was burnt"),
            None => Both("从未回读", "was never read back"),
        };
        let medium = MediumId(id);
        let why =
            says!("介质 {medium} {what:#}（002/A6-§24）", "medium {medium} {what} (002/A6-§24)");
        gaps.push(Gap::said(Some(id), &why));
    }
    for row in registers.select(&Query::all(&SPOTCHECK_CLIP).with("clip", clip.0))? {
        let (found, answer) = (row.text_opt("finding"), row.int_opt("answered_seq"));
        if let (Some(found), None) = (found, row.int_opt("corrected_seq")) {
            let why = says!(
                "抽查发现“{found}”，没有答复整改（002/A6-§25）",
                "a spot check found {found:?}, and nobody put it right (002/A6-§25)"
            );
            gaps.push(Gap::said(answer.map(i64::unsigned_abs), &why));
        }
    }
    Ok(gaps)
}

/// Does a request ask for the clip, by name or by a query that it falls under?
pub(super) fn asks_for(
    registers: &dyn Registers,
    wanted: &Wanted,
    clip: ClipId,
) -> PortResult<bool> {
    Ok(wanted_clips(registers, wanted)?.contains(&clip))
}

fn unanswered_requests(
    registers: &dyn Registers,
    clip: ClipId,
    gaps: &mut Vec<Gap>,
) -> PortResult<()> {
    for row in registers.select(&Query::all(&ACCESS).with("state", "asked"))? {
        let wanted = serde_json::from_str(row.text("wanted"));
        let wanted = wanted.map_err(|_| damaged("access row: wanted"))?;
        if asks_for(registers, &wanted, clip)? {
            let id = registry::seq(&row);
            let why = says!(
                "申请 {} 没有答复（002/A6-§20、§21）",
                "request {} has no answer (002/A6-§20, §21)",
                AccessId(id)
            );
            gaps.push(Gap::said(Some(id), &why));
        }
    }
    Ok(())
}

fn void_copies(registers: &dyn Registers, clip: ClipId, gaps: &mut Vec<Gap>) -> PortResult<()> {
    for named in registers.select(&Query::all(&ACCESS_CLIP).with("clip", clip.0))? {
        let access = named.int("access");
        for copy in registers.select(&Query::all(&COPY_OUT).with("access", access))? {
            if copy.int_opt("completed_seq").is_none() {
                let why = says!(
                    "有一次复制开始了却没有完成：该复制件作废，可能还在某处",
                    "a copy was begun and not finished: it is void, and may be somewhere"
                );
                gaps.push(Gap::said(Some(registry::seq(&copy)), &why));
            }
        }
    }
    Ok(())
}

/// The rows that a table between names for the clip.
fn between(
    registers: &dyn Registers,
    (table, column): (&'static Table, &str),
    target: &'static Table,
    clip: ClipId,
) -> PortResult<Vec<Row>> {
    let mut rows = Vec::new();
    for row in registers.select(&Query::all(table).with("clip", clip.0))? {
        rows.extend(by_seq(registers, target, row.int(column).unsigned_abs())?);
    }
    Ok(rows)
}
