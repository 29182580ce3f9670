//! Lateness (S7, S19), and recorders against officers (S25).

use super::{Draft, ReportHead, bars, count, label, named, word};
use crate::sheet::{Cell, Sheet};
use crate::table::TableError;
use crate::text::Text;
use sealdock_core::report::{LateLine, Lateness, Ratio, Ratios};

/// Who is late, where, and again and again; plotted by department.
///
/// # Errors
/// The rows do not make a table.
pub fn lateness(head: &ReportHead, lateness: &Lateness) -> Result<Sheet, TableError> {
    let row = |line: &LateLine| {
        let again = if line.repeated > 0 { "屡次 repeatedly" } else { "" };
        vec![
            named(line.department.as_ref()),
            named(line.officer.as_ref()),
            count(line.uses),
            count(line.breaches),
            count(line.late_returns),
            count(line.late_clips),
            word(again),
        ]
    };
    let by_department = |of: fn(&LateLine) -> u32| {
        let lines = lateness.by_department.iter();
        lines.map(|line| (label(line.department.as_ref()), Some(u64::from(of(line))))).collect()
    };
    let late = bars("逾期（台次与件）按部门 late recorders and clips by department", {
        by_department(|line| line.late_returns.saturating_add(line.late_clips))
    });
    let again =
        bars("屡次逾期人数按部门 officers late again by department", by_department(|l| l.repeated));
    head.sheet(Draft {
        title: "逾期统计 lateness",
        columns: &[
            ("部门 department", 18),
            ("人员 officer", 18),
            ("领用次数 uses", 10),
            ("未经批准 without approval", 12),
            ("逾期交回 late back", 12),
            ("逾期入库 late clips", 12),
            ("屡次 repeated", 12),
        ],
        rows: lateness.by_officer.iter().map(row).collect(),
        summed: true,
        plots: late.into_iter().chain(again).collect(),
        notes: &[
            "领用按领用时间计入期间；逾期交回含到期仍未交回的。 Uses count by the time of issue; late back \
             includes what is overdue and still out.",
            "逾期入库：超过策略指定报警时限（002/A6-§19，002/A2-§16）的资料，按入库时间计入期间。 Late clips \
             missed the deadline that raises the alarm, and count by the time of storing.",
            "屡次：期间内逾期交回与逾期入库合计两次以上。 Repeated: late more than once in the period.",
        ],
    })
}

/// At least one recorder for five officers, 002/M-二(二)3(1); plotted by department.
///
/// # Errors
/// The rows do not make a table.
pub fn ratios(head: &ReportHead, ratios: &Ratios) -> Result<Sheet, TableError> {
    let row = |name: Cell, ratio: &Ratio| {
        let missing = ratio.needed.saturating_sub(ratio.recorders);
        let enough = if ratio.enough() { "足够 enough" } else { "不足 too few" };
        let counts = [ratio.officers, ratio.recorders, ratio.needed, missing].map(count);
        std::iter::once(name).chain(counts).chain([word(enough)]).collect::<Vec<_>>()
    };
    let mut rows = vec![row(word("全单位 the unit"), &ratios.unit)];
    rows.extend(ratios.by_department.iter().map(|one| row(named(one.department.as_ref()), one)));
    let pair = |name: &Text, ratio: &Ratio| {
        [("在用 there", ratio.recorders), ("应配 needed", ratio.needed)]
            .map(|(what, n)| (Text::new(&format!("{name} {what}")), Some(u64::from(n))))
    };
    let mut values: Vec<_> = pair(&"全单位".into(), &ratios.unit).into();
    for one in &ratios.by_department {
        values.extend(pair(&label(one.department.as_ref()), one));
    }
    let title = "执法记录仪台数：在用与应配 recorders there and needed";
    head.sheet(Draft {
        title: "执法记录仪配备 recorders and officers",
        columns: &[
            ("部门 department", 22),
            ("执法人员 officers", 12),
            ("在用台数 recorders", 12),
            ("应配台数 needed", 12),
            ("缺 missing", 10),
            ("状态 state", 16),
        ],
        rows,
        summed: false,
        plots: bars(title, values).into_iter().collect(),
        notes: &[
            "每 5 名执法人员至少配备一台（002/M-二(二)3(1)），以全单位计；各部门一行供调配参考。 The rule is about \
             the unit; departments show where recorders are missing.",
            "在用：既未遗失也未报废。 Recorders are counted unless lost or retired.",
        ],
    })
}
