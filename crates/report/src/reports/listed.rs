//! Reports that list rather than count: lives with their gaps, interruptions, steps, viewings, statements.

use super::{Draft, ReportHead, bars, label, word};
use crate::plot::Plot;
use crate::sheet::{Cell, Sheet};
use crate::table::TableError;
use sealdock_core::access::FormRow;
use sealdock_core::report::Unanswered;

/// Rows of words, as many in each as the report has columns.
type Words = Vec<Vec<String>>;

fn cells(rows: Words) -> Vec<Vec<Cell>> {
    rows.into_iter().map(|row| row.into_iter().map(word).collect()).collect()
}

impl ReportHead {
    fn words(
        &self,
        (title, columns): (&str, &[(&str, u16)]),
        rows: Words,
        (plots, notes): (Vec<Plot>, &[&str]),
    ) -> Result<Sheet, TableError> {
        self.sheet(Draft { title, columns, rows: cells(rows), summed: false, plots, notes })
    }
}

/// Entries about a clip, a recorder or a person in order, then what is missing: number, time, who, what.
///
/// # Errors
/// The rows do not make a table.
pub fn life(head: &ReportHead, title: &str, rows: Words) -> Result<Sheet, TableError> {
    let columns = [("记录 entry", 8), ("时间 time", 16), ("何人 by", 16), ("内容 what", 60)];
    head.words((title, &columns), rows, (Vec::new(), &[]))
}

/// Every line of a docking (入库回执): number, name, bytes, fate, clip, digest.
///
/// # Errors
/// The rows do not make a table.
pub fn receipt(head: &ReportHead, title: &str, rows: Words) -> Result<Sheet, TableError> {
    let columns = [
        ("行 line", 5),
        ("文件 file", 26),
        ("字节 bytes", 10),
        ("去向 fate", 16),
        ("视频 clip", 8),
        ("SHA-256", 35),
    ];
    let notes = [
        "请持有人留存：凭下面的存证头，任何时候都能查出记录链此后有没有被改写（sealdock check --pin，sealdock-verify --pin）。 \
         Keep this: with the head below anybody finds out at any time whether the record was rewritten since.",
    ];
    head.words((title, &columns), rows, (Vec::new(), &notes))
}

/// Interruptions (S5, 002/A6-§14); what is not explained is plotted by department.
///
/// # Errors
/// The rows do not make a table.
pub fn interruptions(
    head: &ReportHead,
    (title, rows): (&str, Words),
    by_department: &[Unanswered],
) -> Result<Sheet, TableError> {
    let columns = [
        ("中断 no.", 7),
        ("事项 matter", 7),
        ("环节 step", 7),
        ("种类 kind", 11),
        ("状态 state", 11),
        ("所见 what", 26),
        ("原因 cause", 9),
        ("说明 explanation", 18),
        ("说明人 by", 9),
        ("报告 told", 9),
    ];
    let values = by_department
        .iter()
        .map(|one| (label(one.department.as_ref()), Some(u64::from(one.unanswered))));
    let title_of_plot = "未说明的中断按部门 interruptions not explained by department";
    let plots = bars(title_of_plot, values.collect()).into_iter().collect();
    let notes = [
        "未说明：没有说明，或者说明未获认可（002/A6-§14）。 Not explained: no explanation, or one that was not \
         accepted.",
    ];
    head.words((title, &columns), rows, (plots, &notes))
}

/// What had to be recorded, and what there is (S24).
///
/// # Errors
/// The rows do not make a table.
pub fn expected(head: &ReportHead, title: &str, rows: Words) -> Result<Sheet, TableError> {
    let columns = [
        ("事项 matter", 9),
        ("名称 title", 24),
        ("环节 step", 9),
        ("事项清单 item", 24),
        ("要求", 10),
        ("视频 clips", 9),
        ("状态 state", 16),
    ];
    head.words((title, &columns), rows, (Vec::new(), &[]))
}

/// Drills of the second copy, and whether a copy of the footage was left.
///
/// # Errors
/// The rows do not make a table.
pub fn drills(head: &ReportHead, title: &str, rows: Words) -> Result<Sheet, TableError> {
    let columns = [
        ("记录 entry", 9),
        ("时间 begun", 18),
        ("演练人 by", 16),
        ("位置 place", 24),
        ("来源 from", 16),
        ("结果 outcome", 14),
        ("资料 clips", 9),
        ("问题 findings", 9),
        ("副本 the copy", 20),
    ];
    head.words((title, &columns), rows, (Vec::new(), &[]))
}

/// Viewings that name no matter (查阅未关联案件, S10), out of `all` viewings.
///
/// # Errors
/// The rows do not make a table.
pub fn viewed_without_matter(
    head: &ReportHead,
    rows: &[FormRow],
    all: usize,
) -> Result<Sheet, TableError> {
    let zone = head.foot.zone();
    let row = |row: &FormRow| {
        let text = [&row.name, &row.unit, &row.phone, &row.approver, &row.brief, &row.reason];
        [row.seq.to_string(), zone.civil(row.at)]
            .into_iter()
            .chain(text.map(Clone::clone))
            .collect()
    };
    let title = format!("查阅未关联案件 viewed without a matter: {} of {all} viewings", rows.len());
    let columns = [
        ("记录 entry", 8),
        ("时间 time", 15),
        ("姓名 name", 12),
        ("单位 unit", 16),
        ("联系电话 phone", 13),
        ("依据 ground", 16),
        ("内容简要 brief", 26),
        ("事由 reason", 20),
    ];
    head.words((&title, &columns), rows.iter().map(row).collect(), (Vec::new(), &[]))
}

/// Who saw a clip, or that nobody did: read from the entries up to the one in the foot.
///
/// # Errors
/// The rows do not make a table.
pub fn sights(head: &ReportHead, title: &str, rows: Words) -> Result<Sheet, TableError> {
    let columns = [("记录 entry", 10), ("时间 time", 20), ("行为 what", 20), ("何人 by", 30)];
    let notes = [
        "逐条读取记录链得出，截至表下所列条目；只说明从本站查阅、复制的情况。 Read from the entries of the chain up to \
         the one named below; it speaks of this station only.",
    ];
    head.words((title, &columns), rows, (Vec::new(), &notes))
}
