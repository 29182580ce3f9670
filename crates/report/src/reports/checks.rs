//! Spot and playback checks (S16, 002/A6-§25).

use super::{Draft, ReportHead, bars, count, label, named, word};
use crate::sheet::Sheet;
use crate::table::TableError;
use crate::text::Text;
use sealdock_core::report::{CheckLine, Finding};

/// What was drawn, answered, found and put right, check by check.
///
/// # Errors
/// The rows do not make a table.
pub fn checks(head: &ReportHead, lines: &[CheckLine]) -> Result<Sheet, TableError> {
    let row = |line: &CheckLine| {
        let kind = if line.kind == "playback" { "回放检查 playback" } else { "抽查 spot" };
        let state = match (line.state.as_str(), line.overdue_days) {
            (_, Some(days)) => format!("逾期未抽取 not drawn, announced {days} 天 days ago"),
            ("announced", None) => "待抽取 announced".to_owned(),
            ("drawn", None) => "检查中 drawn".to_owned(),
            ("closed", None) => "已结束 closed".to_owned(),
            (other, None) => other.to_owned(),
        };
        let unanswered = line.drawn.saturating_sub(line.answered);
        let sheet = [line.drawn, line.answered, line.viewed, unanswered];
        let counts = sheet.into_iter().chain([line.findings, line.corrected]);
        let first = [word(line.id.to_string()), word(kind), head.time(line.announced)];
        let who = [named(Some(&line.by)), word(state)];
        let last = [count(line.uncorrected()), word(line.appraisal.as_str())];
        first.into_iter().chain(who).chain(counts.map(count)).chain(last).collect()
    };
    head.sheet(Draft {
        title: "抽查与回放检查 spot and playback checks",
        columns: &[
            ("编号 no.", 7),
            ("种类 kind", 11),
            ("公告时间 announced", 14),
            ("公告人 by", 12),
            ("状态 state", 11),
            ("抽取 drawn", 7),
            ("已查 answered", 9),
            ("看过 viewed", 8),
            ("未查 open", 7),
            ("有问题 findings", 9),
            ("已整改 corrected", 10),
            ("未整改 uncorrected", 11),
            ("考核意见 appraisal", 18),
        ],
        rows: lines.iter().map(row).collect(),
        summed: true,
        plots: Vec::new(),
        notes: &[
            "按公告时间计入期间；逾期未抽取的一并列出。 Checks count by the time of their announcement; those overdue to be drawn are listed with them.",
            "看过：抽取后、作答前，作答人自己打开查阅过的件数。 Viewed: clips that whoever answered opened between the draw and the answer.",
        ],
    })
}

/// What was found, clip by clip; plotted by department.
///
/// # Errors
/// The rows do not make a table.
pub fn findings(head: &ReportHead, found: &[Finding]) -> Result<Sheet, TableError> {
    let row = |one: &Finding| {
        let (correction, by) = match &one.correction {
            Some((text, by)) => (word(text.as_str()), named(Some(by))),
            None => (word("未整改 not yet"), word("-")),
        };
        vec![
            word(one.check.to_string()),
            word(one.clip.to_string()),
            named(one.officer.as_ref()),
            named(one.department.as_ref()),
            word(one.finding.as_str()),
            named(Some(&one.by)),
            word(if one.viewed { "是 yes" } else { "否 no" }),
            correction,
            by,
        ]
    };
    let mut by: Vec<(Text, Option<u64>)> = Vec::new();
    for one in found {
        let name = label(one.department.as_ref());
        match by.iter_mut().find(|(label, _)| *label == name) {
            Some((_, sum)) => *sum = sum.map(|sum| sum + 1),
            None => by.push((name, Some(1))),
        }
    }
    head.sheet(Draft {
        title: "抽查发现的问题 findings of checks",
        columns: &[
            ("编号 check", 8),
            ("视频 clip", 8),
            ("人员 officer", 14),
            ("部门 department", 14),
            ("问题 finding", 24),
            ("检查人 by", 12),
            ("看过 viewed", 8),
            ("整改 correction", 24),
            ("整改人 by", 12),
        ],
        rows: found.iter().map(row).collect(),
        summed: false,
        plots: bars("问题件数按部门 findings by department", by).into_iter().collect(),
        notes: &[
            "只列有问题的资料，按抽查公告时间计入期间。 Only clips with a finding are listed.",
        ],
    })
}
