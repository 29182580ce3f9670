//! A sheet as an edge read it: cells and the lines they stand in. Nothing of it is believed yet.

use serde::{Deserialize, Serialize};

/// Most rows below the headings.
pub const ROWS_MAX: usize = 20_000;
/// Most characters of a cell.
pub const CELL_CHARS_MAX: usize = 500;

/// The rows of a sheet from the top; the first that holds anything has the headings.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    pub lines: Vec<Line>,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Where it stands in the file, counted from 1, as a spreadsheet or an editor shows it.
    pub line: u32,
    pub cells: Vec<Cell>,
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Cell {
    /// What people see in it.
    Text(String),
    /// What it says and what people see may differ.
    Doubtful { shown: String, why: String },
}

impl Cell {
    /// The text without blanks around it.
    pub fn shown(&self) -> &str {
        let (Cell::Text(text) | Cell::Doubtful { shown: text, .. }) = self;
        text.trim()
    }
}

impl Line {
    pub(super) fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.shown().is_empty())
    }
}
