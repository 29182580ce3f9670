//! A sheet as it stands on paper, before anybody decides whether it becomes HTML, CSV, XLSX or PDF.

use crate::code::Code;
use crate::foot::Foot;
use crate::plot::Plot;
use crate::text::Text;
use serde::{Deserialize, Serialize};

/// One sheet: from the heading down to the foot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sheet {
    /// The heading: unit and name of the form.
    pub title: Text,
    /// What stands between heading and table, such as 填报单位.
    pub head: Vec<Field>,
    /// Columns from left to right.
    pub columns: Vec<Column>,
    /// Rows of as many cells as there are columns.
    pub rows: Vec<Vec<Cell>>,
    /// A last row that sums up.
    pub totals: Option<Vec<Cell>>,
    /// Drawn below the table.
    pub plots: Vec<Plot>,
    /// Drawn last: the signed head that the sheet was drawn under.
    #[serde(default)]
    pub code: Option<Code>,
    /// The form's own notes (说明), without their numbers.
    pub notes: Vec<Text>,
    /// What it was drawn from.
    pub foot: Foot,
    /// How the paper lies.
    pub page: Orientation,
}

/// A label and what stands behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Without colon.
    pub label: Text,
    /// May be empty: a blank to be seen, not to be filled by guessing.
    pub value: Text,
}

impl Field {
    /// A label and its value.
    pub fn new(label: impl Into<Text>, value: impl Into<Text>) -> Field {
        Field { label: label.into(), value: value.into() }
    }
}

/// A column and its share of the width.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// As the form prints it.
    pub name: Text,
    /// A heading above this and its neighbours with the same group.
    pub group: Option<Text>,
    /// Share of the width, in parts of the sum of all.
    pub weight: u16,
}

impl Column {
    /// A column that stands alone.
    pub fn new(name: impl Into<Text>, weight: u16) -> Column {
        Column { name: name.into(), group: None, weight: weight.max(1) }
    }

    /// The same under a group heading.
    #[must_use]
    pub fn under(self, group: impl Into<Text>) -> Column {
        Column { group: Some(group.into()), ..self }
    }

    /// The name with its group, for files that have one header line.
    #[must_use]
    pub fn full_name(&self) -> String {
        match &self.group {
            Some(group) => format!("{group}/{}", self.name),
            None => self.name.to_string(),
        }
    }
}

/// What stands in one place of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Cell {
    /// Words, numbers of recorders, telephone numbers, times: never computed with.
    Text(Text),
    /// How many: the only thing that spreadsheets get as a number.
    Count(u64),
}

impl Cell {
    /// As it is shown; counts without separators, so that they read the same everywhere.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Cell::Text(text) => text.to_string(),
            Cell::Count(count) => count.to_string(),
        }
    }
}

impl From<Text> for Cell {
    fn from(text: Text) -> Cell {
        Cell::Text(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        Cell::Text(Text::new(text))
    }
}

impl From<u64> for Cell {
    fn from(count: u64) -> Cell {
        Cell::Count(count)
    }
}

/// How A4 paper lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Orientation {
    /// A4 横式, as the forms demand.
    Landscape,
    /// Upright, for reports with few columns.
    Portrait,
}

/// A heading over one or more columns, as it is drawn in the first header row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span<'sheet> {
    /// The group's name, or the column's own.
    pub name: &'sheet Text,
    /// The columns below it; `None` for a column that takes both header rows.
    pub below: Option<&'sheet [Column]>,
}

impl Sheet {
    /// Whether there are two header rows.
    #[must_use]
    pub fn has_groups(&self) -> bool {
        self.columns.iter().any(|column| column.group.is_some())
    }

    /// The first header row: neighbours of the same group make one span.
    #[must_use]
    pub fn spans(&self) -> Vec<Span<'_>> {
        self.columns
            .chunk_by(|left, right| left.group.is_some() && left.group == right.group)
            .map(|columns| match &columns[0].group {
                Some(group) => Span { name: group, below: Some(columns) },
                None => Span { name: &columns[0].name, below: None },
            })
            .collect()
    }

    /// Has every row as many cells as there are columns? A sheet that comes in a message may not.
    #[must_use]
    pub fn is_even(&self) -> bool {
        let columns = self.columns.len();
        columns > 0 && self.rows.iter().chain(&self.totals).all(|row| row.len() == columns)
    }

    /// Sum of all column weights, for shares of the width.
    #[must_use]
    pub fn weight(&self) -> u32 {
        self.columns.iter().map(|column| u32::from(column.weight)).sum()
    }

    /// Closes the table, so that nobody adds a row by pen: 共 n 条,以下空白.
    #[must_use]
    pub fn end_mark(&self) -> String {
        format!("（共 {} 条，以下空白）", self.rows.len())
    }

    /// The notes as the forms print them: 说明：1. …
    #[must_use]
    pub fn numbered_notes(&self) -> Vec<String> {
        let numbered = self.notes.iter().enumerate();
        numbered.map(|(at, note)| format!("{}. {note}", at + 1)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sealdock_chain::digest::Digest;
    use sealdock_core::time::{WallMs, Zone};

    fn with(columns: Vec<Column>) -> Sheet {
        let zone = Zone { east_minutes: 0 };
        Sheet {
            title: "t".into(),
            head: Vec::new(),
            columns,
            rows: Vec::new(),
            totals: None,
            plots: Vec::new(),
            code: None,
            notes: Vec::new(),
            foot: Foot::under("o", (0, Digest::ZERO), WallMs(0), zone),
            page: Orientation::Landscape,
        }
    }

    #[test]
    fn neighbours_of_one_group_share_a_heading_and_others_stand_alone() {
        let of = |name, group: &str| match group {
            "" => Column::new(name, 1),
            group => Column::new(name, 1).under(group),
        };
        let sheet = with(vec![of("a", ""), of("b", "g"), of("c", "g"), of("d", "h"), of("e", "")]);
        let shape: Vec<(&str, usize)> = sheet
            .spans()
            .iter()
            .map(|span| (span.name.as_str(), span.below.map_or(0, <[Column]>::len)))
            .collect();
        assert_eq!(shape, [("a", 0), ("g", 2), ("h", 1), ("e", 0)]);
        assert_eq!(sheet.columns[1].full_name(), "g/b");
    }

    #[test]
    fn a_message_carries_a_sheet_and_a_row_that_does_not_fit_is_noticed() {
        let columns = vec![Column::new("名", 1), Column::new("数", 1).under("g")];
        let rows = vec![vec!["=1".into(), 7.into()]];
        let sheet = Sheet { rows, ..with(columns) };
        let message = serde_json::to_string(&sheet).unwrap();
        assert!(message.contains("[\"=1\",7]"), "{message}");
        assert_eq!(serde_json::from_str::<Sheet>(&message).unwrap(), sheet);
        assert!(sheet.is_even());
        assert!(!Sheet { totals: Some(vec![7.into()]), ..sheet }.is_even());
        assert!(!with(Vec::new()).is_even());
    }

    #[test]
    fn a_column_without_weight_still_has_a_width() {
        assert_eq!(with(vec![Column::new("a", 0), Column::new("b", 3)]).weight(), 4);
    }
}
