//! The register tables as data, and row changes on them. An entry becomes row changes here, in pure
//! code; the store only executes them, so that `check` can rebuild every table from the chain.

use std::fmt;

/// One value of a row.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cell {
    Null,
    Int(i64),
    Text(String),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }
}
impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell::Text(text)
    }
}
impl From<crate::time::WallMs> for Cell {
    /// As registers keep times: in an order of text that is that of time, from year 0 to 9999.
    fn from(at: crate::time::WallMs) -> Cell {
        Cell::Text(at.rfc3339())
    }
}
impl From<i64> for Cell {
    fn from(n: i64) -> Cell {
        Cell::Int(n)
    }
}
impl From<u64> for Cell {
    /// Sequence numbers and sizes; the chain format caps integers at 2^53-1.
    fn from(n: u64) -> Cell {
        Cell::Int(i64::try_from(n).expect("chain integers stay below 2^53"))
    }
}
impl From<u32> for Cell {
    fn from(n: u32) -> Cell {
        Cell::Int(i64::from(n))
    }
}
impl From<bool> for Cell {
    fn from(b: bool) -> Cell {
        Cell::Int(i64::from(b))
    }
}
impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Cell {
        value.map_or(Cell::Null, Into::into)
    }
}

/// A register table: its columns in order, its key, and the columns that are looked up by.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    pub name: &'static str,
    pub columns: &'static [Column],
    pub key: &'static [&'static str],
    /// Each becomes an index.
    pub lookups: &'static [&'static [&'static str]],
}

#[derive(Debug, PartialEq, Eq)]
pub struct Column {
    pub name: &'static str,
    pub kind: ColumnKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    Int,
    IntOrNull,
    Text,
    TextOrNull,
}

/// One change that an entry makes to one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowChange {
    Insert {
        table: &'static Table,
        cells: Vec<(&'static str, Cell)>,
    },
    /// Exactly one row must match the key; anything else is a broken invariant.
    Update {
        table: &'static Table,
        key: Vec<(&'static str, Cell)>,
        cells: Vec<(&'static str, Cell)>,
    },
    /// Inserts the row; where one of that key is there, each number of `least` becomes the smaller and
    /// each of `most` the larger of the two, and everything else stays as it was first.
    Stretch {
        table: &'static Table,
        /// Key, and what stays as it was first.
        first: Vec<(&'static str, Cell)>,
        least: Vec<(&'static str, Cell)>,
        most: Vec<(&'static str, Cell)>,
    },
}

/// A row read back: cells in the order of the table's columns, or of those that were asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub table: &'static Table,
    /// As in the query.
    pub only: Option<&'static [&'static str]>,
    pub cells: Vec<Cell>,
}

impl Row {
    /// # Panics
    /// If the table has no such column, or the query did not ask for it: absent is not empty.
    pub fn cell(&self, column: &str) -> &Cell {
        let at = match self.only {
            Some(only) => only.iter().position(|name| *name == column),
            None => self.table.columns.iter().position(|c| c.name == column),
        };
        &self.cells[at.unwrap_or_else(|| panic!("{}.{column} was not read", self.table.name))]
    }

    /// Everything that was read, under its name.
    pub fn named(&self) -> impl Iterator<Item = (&'static str, &Cell)> {
        let all = self.only.is_none().then(|| self.table.columns.iter().map(|c| c.name));
        all.into_iter().flatten().chain(self.only.into_iter().flatten().copied()).zip(&self.cells)
    }

    pub fn text(&self, column: &str) -> &str {
        match self.cell(column) {
            Cell::Text(text) => text,
            other => panic!("{}.{column} is {other:?}, not text", self.table.name),
        }
    }

    pub fn text_opt(&self, column: &str) -> Option<&str> {
        match self.cell(column) {
            Cell::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn int(&self, column: &str) -> i64 {
        match self.cell(column) {
            Cell::Int(n) => *n,
            other => panic!("{}.{column} is {other:?}, not a number", self.table.name),
        }
    }

    pub fn int_opt(&self, column: &str) -> Option<i64> {
        match self.cell(column) {
            Cell::Int(n) => Some(*n),
            _ => None,
        }
    }
}

/// Rows of one table whose columns equal the given cells, in key order (or its reverse).
#[derive(Debug, Clone)]
pub struct Query {
    pub table: &'static Table,
    pub equal: Vec<(&'static str, Cell)>,
    pub within: Option<Within>,
    /// The key of the row before the page: rows that follow it in the order asked for.
    pub after: Option<Vec<Cell>>,
    /// Columns to read, in this order; `None` is all of them.
    pub only: Option<&'static [&'static str]>,
    pub newest_first: bool,
    pub limit: Option<u32>,
    /// The range is the narrowest way in, not what must be equal.
    pub by_range: bool,
}

/// From `from` on and before `to`; absent is open. Cells without a value are in no range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Within {
    pub column: &'static str,
    pub from: Option<Cell>,
    pub to: Option<Cell>,
}

impl Query {
    pub fn all(table: &'static Table) -> Query {
        let (equal, newest_first) = (Vec::new(), false);
        let (within, after, only, limit, by_range) = (None, None, None, None, false);
        Query { table, equal, within, after, only, newest_first, limit, by_range }
    }

    pub fn with(mut self, column: &'static str, cell: impl Into<Cell>) -> Query {
        self.knows(column);
        self.equal.push((column, cell.into()));
        self
    }

    /// Only rows whose `column` is at least `from` and below `to`.
    pub fn within(mut self, column: &'static str, from: Option<Cell>, to: Option<Cell>) -> Query {
        self.knows(column);
        self.within = Some(Within { column, from, to });
        self
    }

    /// Only rows that follow the row of this key, in the order asked for.
    pub fn after(mut self, key: Vec<Cell>) -> Query {
        assert_eq!(key.len(), self.table.key.len(), "the key of {}", self.table.name);
        self.after = Some(key);
        self
    }

    /// Reads only these columns: a year of clips without their signatures.
    pub fn only(mut self, columns: &'static [&'static str]) -> Query {
        columns.iter().for_each(|column| self.knows(column));
        self.only = Some(columns);
        self
    }

    /// Says that its range is narrower than what must be equal; the answer is the same.
    pub fn by_range(mut self) -> Query {
        self.by_range = true;
        self
    }

    pub fn newest_first(mut self) -> Query {
        self.newest_first = true;
        self
    }

    pub fn limit(mut self, rows: u32) -> Query {
        self.limit = Some(rows);
        self
    }

    /// What is read, in its order.
    pub fn columns(&self) -> impl Iterator<Item = &'static Column> + '_ {
        let named = |name: &&'static str| self.table.columns.iter().find(|c| c.name == *name);
        let (all, only) = match self.only {
            Some(only) => (&[][..], only),
            None => (self.table.columns, &[][..]),
        };
        all.iter().chain(only.iter().filter_map(named))
    }

    fn knows(&self, column: &str) {
        let known = self.table.columns.iter().any(|c| c.name == column);
        assert!(known, "{} has no column {column}", self.table.name);
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cell::Null => f.write_str("-"),
            Cell::Int(n) => write!(f, "{n}"),
            Cell::Text(text) => f.write_str(text),
        }
    }
}
