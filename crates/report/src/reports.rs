//! What auditors ask (002/A6-§25, 003-§46): for each report its columns, what is summed up, what is plotted,
//! and in words what was counted. The figures are those of `sealdock_core::report`; nothing is reckoned here.

use crate::foot::Foot;
use crate::plot::{Plot, Series};
use crate::sheet::{Cell, Column, Field, Orientation, Sheet};
use crate::table::{Table, TableError};
use crate::text::Text;
use sealdock_core::report::Named;
use sealdock_core::time::WallMs;

/// Spot checks and what they found.
mod checks;
/// Recording hours, weeks and marks.
mod hours;
/// Lateness, and recorders against officers.
mod lateness;
/// Lives, interruptions, viewings: what is listed rather than counted.
mod listed;
/// Use by recorder, and what is not back.
mod usage;

pub use checks::{checks, findings};
pub use hours::hours;
pub use lateness::{lateness, ratios};
pub use listed::{drills, expected, interruptions, life, receipt, sights, viewed_without_matter};
pub use usage::{recorder_use, unreturned};

/// What a report says about itself.
#[derive(Debug, Clone)]
pub struct ReportHead {
    /// Whose station it is.
    pub unit: Text,
    /// What was asked: period, department, officer.
    pub filters: Vec<Field>,
    /// The head under which it was drawn.
    pub foot: Foot,
}

/// Bars that are drawn at most; all values stand in the table.
const BARS_MOST: usize = 30;

/// A table before it is made into a sheet.
struct Draft<'a> {
    title: &'a str,
    columns: &'a [(&'a str, u16)],
    rows: Vec<Vec<Cell>>,
    summed: bool,
    plots: Vec<Plot>,
    notes: &'a [&'a str],
}

impl ReportHead {
    fn sheet(&self, draft: Draft<'_>) -> Result<Sheet, TableError> {
        let columns = draft.columns.iter().map(|(name, weight)| Column::new(*name, *weight));
        let table = Table {
            title: Text::new(&format!("{} {}", self.unit, draft.title)),
            filters: self.filters.clone(),
            columns: columns.collect(),
            // Sums of nothing, or of one row, say nothing.
            totals: (draft.summed && draft.rows.len() > 1).then(|| "合计 total".into()),
            rows: draft.rows,
            plots: draft.plots,
            notes: draft.notes.iter().map(|note| Text::new(note)).collect(),
            foot: self.foot.clone(),
            page: Orientation::Landscape,
        };
        table.sheet()
    }

    fn time(&self, at: WallMs) -> Cell {
        Cell::Text(Text::from(self.foot.zone().civil(at)))
    }
}

/// Hours, minutes and seconds: `36:02:03`.
#[must_use]
pub fn duration(ms: i64) -> String {
    let s = ms / 1000;
    format!("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
}

fn word(text: impl Into<Text>) -> Cell {
    Cell::Text(text.into())
}

fn count(number: u32) -> Cell {
    Cell::Count(number.into())
}

fn named(named: Option<&Named>) -> Cell {
    word(named.map_or_else(|| "-".to_owned(), ToString::to_string))
}

/// A name for a bar: the name alone, else the id.
fn label(named: Option<&Named>) -> Text {
    match named {
        None => "无部门 none".into(),
        Some(named) if named.name.is_empty() => Text::new(&named.id),
        Some(named) => Text::new(&named.name),
    }
}

/// Bars, the longest first; none where there is nothing to compare.
fn bars(title: &str, mut values: Vec<(Text, Option<u64>)>) -> Option<Plot> {
    if values.is_empty() {
        return None;
    }
    let left_out = values.len().saturating_sub(BARS_MOST);
    let title = match left_out {
        0 => Text::new(title),
        _ => {
            values.sort_by_key(|(_, value)| std::cmp::Reverse(*value));
            values.truncate(BARS_MOST);
            Text::new(&format!(
                "{title}；只画前 {BARS_MOST} 项，另 {left_out} 项见表 the largest only"
            ))
        }
    };
    Some(Plot::Bars(Series { title, values }))
}

fn minutes(ms: i64) -> u64 {
    u64::try_from(ms / 60_000).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_written_with_minutes_and_seconds() {
        assert_eq!(duration(3_723_999), "1:02:03");
        assert_eq!(duration(36_000_000), "10:00:00");
    }

    #[test]
    fn of_many_bars_the_longest_are_drawn_and_the_rest_is_said() {
        let values = (0..40u64).map(|n| (Text::from(n.to_string()), Some(n))).collect();
        let Some(Plot::Bars(series)) = bars("x", values) else { panic!("no bars") };
        assert_eq!(series.values.len(), 30);
        assert_eq!(series.values[0].1, Some(39));
        assert!(series.title.as_str().contains("另 10 项"), "{}", series.title);
        assert_eq!(bars("x", Vec::new()), None);
    }
}
