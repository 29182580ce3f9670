//! Use by recorder (S19), and recorders that are not back (S1, S7).

use super::{Draft, ReportHead, bars, count, duration, minutes, named, word};
use crate::sheet::Sheet;
use crate::table::TableError;
use crate::text::Text;
use sealdock_core::report::{RecorderUse, Unreturned};

/// How much each recorder was used; `state` says in words how it stands.
///
/// # Errors
/// The rows do not make a table.
pub fn recorder_use(
    head: &ReportHead,
    lines: &[RecorderUse],
    state: impl Fn(&str) -> String,
) -> Result<Sheet, TableError> {
    let row = |line: &RecorderUse| {
        let state = if line.state.is_empty() {
            "未登记 not enrolled".into()
        } else {
            state(&line.state)
        };
        vec![
            word(line.recorder.as_str()),
            named(line.department.as_ref()),
            word(state),
            count(line.uses),
            count(line.breaches),
            word(duration(line.out_ms)),
            count(line.clips),
            word(duration(line.length_ms)),
        ]
    };
    let each = |of: fn(&RecorderUse) -> u64| {
        lines.iter().map(|line| (Text::new(&line.recorder), Some(of(line)))).collect()
    };
    let uses = bars("领用次数 uses by recorder", each(|line| line.uses.into()));
    let length =
        bars("录制时长（分钟） minutes recorded by recorder", each(|l| minutes(l.length_ms)));
    head.sheet(Draft {
        title: "执法记录仪使用情况 use by recorder",
        columns: &[
            ("记录仪 recorder", 16),
            ("部门 department", 18),
            ("状态 state", 16),
            ("领用次数 uses", 9),
            ("未经批准 without approval", 11),
            ("领用时长 out h:mm:ss", 13),
            ("视频 clips", 9),
            ("录制时长 recorded h:mm:ss", 14),
        ],
        rows: lines.iter().map(row).collect(),
        summed: true,
        plots: uses.into_iter().chain(length).collect(),
        notes: &[
            "领用时长：期间内从领用到交回；未交回的计到制表时。 Out: from issue to return within the period, or \
             until this sheet was drawn.",
            "视频按录制时间计入期间，录制时间不明的按入库时间；时长不明的不计入录制时长。 Clips count by the time of \
             recording, or of storing where that is not known; unknown lengths are not in the sum.",
        ],
    })
}

/// Recorders whose footage is not in the station yet.
///
/// # Errors
/// The rows do not make a table.
pub fn unreturned(head: &ReportHead, lines: &[Unreturned]) -> Result<Sheet, TableError> {
    let row = |line: &Unreturned| {
        let stands = match line.overdue {
            Some(true) => "逾期 overdue",
            Some(false) => "未到期 not due",
            None => "时钟不可信，无法判断 the clock is bad",
        };
        vec![
            word(line.of.to_string()),
            word(line.recorder.as_str()),
            named(Some(&line.officer)),
            named(line.department.as_ref()),
            head.time(line.issued),
            head.time(line.due),
            line.by_hand.map_or_else(|| word("-"), |at| head.time(at)),
            word(duration(line.out_ms)),
            word(stands),
        ]
    };
    head.sheet(Draft {
        title: "未交回、未采集的执法记录仪 recorders not back or not docked",
        columns: &[
            ("领用 use", 9),
            ("记录仪 recorder", 13),
            ("使用人 user", 15),
            ("部门 department", 15),
            ("领用时间 issued", 14),
            ("期限 due", 14),
            ("人工交回 back by hand", 14),
            ("在外 out h:mm:ss", 12),
            ("状态 state", 14),
        ],
        rows: lines.iter().map(row).collect(),
        summed: false,
        plots: Vec::new(),
        notes: &[
            "期限：应交回的时间；人工交回后为应采集的时间（002/A6-§19）。 Due: to be back; once back by hand, to be \
             docked.",
            "领用中遗失的，找到之前列在这里；在柜时遗失的没有使用人，不在其列。 One lost in a use is listed until it is \
             found; one lost from its cabinet has no user and is not.",
        ],
    })
}
