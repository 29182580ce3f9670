//! Recording hours and the share of marked clips (S19).

use super::{Draft, ReportHead, bars, count, duration, minutes, word};
use crate::plot::{Plot, Series};
use crate::sheet::Sheet;
use crate::table::TableError;
use crate::text::Text;
use sealdock_core::report::{Hours, Named, Week};
use std::collections::BTreeMap;

/// By department, officer and month; plotted by week, and the marked share by department.
///
/// # Errors
/// The rows do not make a table.
pub fn hours(
    head: &ReportHead,
    (lines, weeks): (&[Hours], &[Week]),
    department: impl Fn(&str) -> Named,
) -> Result<Sheet, TableError> {
    let or_dash = |text: &str| word(if text.is_empty() { "-" } else { text });
    let row = |line: &Hours| {
        vec![
            or_dash(&line.department),
            or_dash(&line.officer),
            word(line.month.as_str()),
            count(line.clips),
            word(duration(line.length_ms)),
            count(line.unknown),
            count(line.marked_by_device),
            count(line.marked_by_person),
            word(format!("{}%", line.marked_percent())),
        ]
    };
    let total: i64 = lines.iter().map(|line| line.length_ms).sum();
    let share = bars("标记率（%）按部门 marked share by department", {
        marked_share(lines, department)
    });
    let plots = by_week(weeks).into_iter().chain(share).collect();
    head.sheet(Draft {
        title: &format!("录制时长 recording hours: {}", duration(total)),
        columns: &[
            ("部门 department", 14),
            ("人员 officer", 14),
            ("月 month", 10),
            ("视频 clips", 9),
            ("时长 h:mm:ss", 12),
            ("时长不明 unknown", 10),
            ("设备标记 by device", 11),
            ("人工标记 by person", 11),
            ("标记率 marked", 10),
        ],
        rows: lines.iter().map(row).collect(),
        summed: false,
        plots,
        notes: &[
            "按录制时间计入月份，录制时间不明的按入库时间。 By the time of recording, or of storing where that is not \
             known.",
            "部门：人员现在所属的部门。 Departments are those to which people belong now.",
        ],
    })
}

/// One week alone makes no line, and is a bar.
fn by_week(weeks: &[Week]) -> Option<Plot> {
    let values = weeks.iter().map(|week| (Text::new(&week.monday), Some(minutes(week.length_ms))));
    let values: Vec<_> = values.collect();
    let title = "每周录制时长（分钟，星期一起） minutes recorded by week".into();
    match values.len() {
        0 => None,
        1 => Some(Plot::Bars(Series { title, values })),
        _ => Some(Plot::Line(Series { title, values })),
    }
}

fn marked_share(lines: &[Hours], department: impl Fn(&str) -> Named) -> Vec<(Text, Option<u64>)> {
    let mut by: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for line in lines {
        let sum = by.entry(line.department.as_str()).or_default();
        *sum = (sum.0 + u64::from(line.marked), sum.1 + u64::from(line.clips));
    }
    let name = |id: &str| (!id.is_empty()).then(|| department(id));
    by.into_iter()
        .map(|(id, (marked, clips))| {
            (super::label(name(id).as_ref()), (marked * 100).checked_div(clips))
        })
        .collect()
}
