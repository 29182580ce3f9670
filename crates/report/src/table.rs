//! Reports of auditors and statistics (002/A6-§25, 003-§46): any table, said to be what it is by a
//! title, the filters it was drawn with, and its totals.

use crate::foot::Foot;
use crate::plot::Plot;
use crate::sheet::{Cell, Column, Field, Orientation, Sheet};
use crate::text::Text;

/// A table on its way to a [`Sheet`].
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// What it is about.
    pub title: Text,
    /// What was asked: period, department, kind. Printed, so that nobody takes a part for the whole.
    pub filters: Vec<Field>,
    /// Columns from left to right.
    pub columns: Vec<Column>,
    /// Rows of as many cells as there are columns.
    pub rows: Vec<Vec<Cell>>,
    /// Label of the row of sums; `None` for no such row.
    pub totals: Option<Text>,
    /// Drawn below the table.
    pub plots: Vec<Plot>,
    /// What was counted and what was not, without numbers.
    pub notes: Vec<Text>,
    /// What it was drawn from.
    pub foot: Foot,
    /// How the paper lies.
    pub page: Orientation,
}

/// Why rows do not make a table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// A table needs at least one column.
    #[error("the report {title:?} has no columns; say what each row shows")]
    NoColumns { title: String },
    /// A row has too few or too many cells.
    #[error(
        "row {row} of the report {title:?} has {cells} cells for {columns} columns; nothing is drawn"
    )]
    Uneven { title: String, row: usize, cells: usize, columns: usize },
}

impl Table {
    /// Checks the shape and sums up the columns of counts.
    ///
    /// # Errors
    /// When there are no columns, or a row does not fit them.
    pub fn sheet(self) -> Result<Sheet, TableError> {
        let columns = self.columns.len();
        let title = self.title.to_string();
        if columns == 0 {
            return Err(TableError::NoColumns { title });
        }
        if let Some(at) = self.rows.iter().position(|row| row.len() != columns) {
            let cells = self.rows[at].len();
            return Err(TableError::Uneven { title, row: at + 1, cells, columns });
        }
        let totals = self.totals.as_ref().map(|label| sums(label, &self.rows, columns));
        Ok(Sheet {
            title: self.title,
            head: self.filters,
            columns: self.columns,
            rows: self.rows,
            totals,
            plots: self.plots,
            code: None,
            notes: self.notes,
            foot: self.foot,
            page: self.page,
        })
    }
}

/// A column is summed up where every row has a count in it; the first column bears the label.
fn sums(label: &Text, rows: &[Vec<Cell>], columns: usize) -> Vec<Cell> {
    let sum = |column: usize| {
        let sum = rows.iter().try_fold(0u64, |sum, row| match &row[column] {
            Cell::Count(count) => sum.checked_add(*count),
            Cell::Text(_) => None,
        });
        sum.filter(|_| !rows.is_empty()).map_or_else(|| "".into(), Cell::Count)
    };
    std::iter::once(Cell::Text(label.clone())).chain((1..columns).map(sum)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sealdock_chain::digest::Digest;
    use sealdock_core::time::{WallMs, Zone};

    fn table(rows: Vec<Vec<Cell>>) -> Table {
        let zone = Zone { east_minutes: 480 };
        Table {
            title: "逾期入库统计".into(),
            filters: vec![Field::new("期间", "2026-10")],
            columns: vec![Column::new("部门", 3), Column::new("逾期", 1), Column::new("备注", 2)],
            rows,
            totals: Some("合计".into()),
            plots: Vec::new(),
            notes: Vec::new(),
            foot: Foot::under("o", (1, Digest::ZERO), WallMs(0), zone),
            page: Orientation::Portrait,
        }
    }

    #[test]
    fn counts_are_summed_up_and_words_are_not() {
        let rows =
            vec![vec!["甲".into(), 3.into(), "".into()], vec!["乙".into(), 4.into(), "x".into()]];
        let sheet = table(rows).sheet().unwrap();
        assert_eq!(sheet.totals, Some(vec!["合计".into(), Cell::Count(7), "".into()]));
        assert_eq!(sheet.head[0].value.as_str(), "2026-10");
    }

    #[test]
    fn a_sum_that_does_not_fit_is_left_out_rather_than_wrong() {
        let row = |count: u64| vec!["甲".into(), count.into(), "".into()];
        let sheet = table(vec![row(u64::MAX), row(1)]).sheet().unwrap();
        assert_eq!(sheet.totals.unwrap()[1], "".into());
    }

    #[test]
    fn uneven_rows_and_tables_without_columns_are_refused() {
        let error = table(vec![vec!["甲".into()]]).sheet().unwrap_err();
        assert!(error.to_string().contains("row 1") && error.to_string().contains("1 cells"));
        let none = Table { columns: Vec::new(), ..table(Vec::new()) };
        assert!(matches!(none.sheet(), Err(TableError::NoColumns { .. })));
    }
}
