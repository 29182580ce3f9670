//! Register tables in memory, as strict as those of the store: types, keys and exactly one row per
//! update.

use sealdock_core::ports::{Kind, PortError, PortResult, Registers};
use sealdock_core::table::{Cell, ColumnKind, Query, Row, RowChange, Table, Within};
use std::collections::BTreeMap;

type Cells = Vec<(&'static str, Cell)>;

/// Rows by table and key. Two are equal when every row is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemTables(BTreeMap<&'static str, BTreeMap<Vec<Cell>, Vec<Cell>>>);

impl MemTables {
    /// Executes one row change.
    ///
    /// # Errors
    /// The row contradicts what is there: the event does not fit.
    pub fn apply(&mut self, change: RowChange) -> PortResult<()> {
        match change {
            RowChange::Insert { table, cells } => self.insert(table, &cells),
            RowChange::Update { table, key, cells } => self.update(table, &key, &cells),
            RowChange::Stretch { table, first, least, most } => {
                self.stretch(table, first, [least, most])
            }
        }
    }

    fn stretch(
        &mut self,
        table: &'static Table,
        first: Cells,
        [least, most]: [Cells; 2],
    ) -> PortResult<()> {
        let mut cells = first;
        cells.extend(least.clone());
        cells.extend(most.clone());
        let mut row = vec![Cell::Null; table.columns.len()];
        set(table, &mut row, &cells)?;
        let rows = self.0.entry(table.name).or_default();
        let there = rows.entry(key_of(table, &row)).or_insert(row);
        for (column, cell) in least {
            let at = &mut there[position(table, column)];
            *at = cell.min(at.clone());
        }
        for (column, cell) in most {
            let at = &mut there[position(table, column)];
            *at = cell.max(at.clone());
        }
        Ok(())
    }

    fn insert(&mut self, table: &'static Table, cells: &Cells) -> PortResult<()> {
        let mut row = vec![Cell::Null; table.columns.len()];
        set(table, &mut row, cells)?;
        let rows = self.0.entry(table.name).or_default();
        let key = key_of(table, &row);
        if rows.contains_key(&key) {
            return misfit(format!("{} has a row {key:?} already", table.name));
        }
        rows.insert(key, row);
        Ok(())
    }

    fn update(&mut self, table: &'static Table, key: &Cells, cells: &Cells) -> PortResult<()> {
        let rows = self.0.entry(table.name).or_default();
        let mut found = rows.iter().filter(|(_, row)| matches(table, row, key));
        let (Some((at, row)), None) = (found.next(), found.next()) else {
            return misfit(format!("not exactly one row of {} has {key:?}", table.name));
        };
        let (at, mut row) = (at.clone(), row.clone());
        set(table, &mut row, cells)?;
        if key_of(table, &row) != at {
            return misfit(format!("the key of a row of {} never changes", table.name));
        }
        rows.insert(at, row);
        Ok(())
    }

    /// Rows of a table, in key order.
    pub fn rows(&self, table: &'static Table) -> Vec<Row> {
        let rows = self.0.get(table.name).into_iter().flat_map(BTreeMap::values);
        rows.map(|cells| Row { table, only: None, cells: cells.clone() }).collect()
    }
}

fn position(table: &Table, column: &str) -> usize {
    let at = table.columns.iter().position(|c| c.name == column);
    at.unwrap_or_else(|| panic!("{} has no column {column}", table.name))
}

fn key_of(table: &Table, row: &[Cell]) -> Vec<Cell> {
    table.key.iter().map(|column| row[position(table, column)].clone()).collect()
}

fn matches(table: &Table, row: &[Cell], equal: &Cells) -> bool {
    equal.iter().all(|(column, cell)| row[position(table, column)] == *cell)
}

fn is_within(row: &Row, within: &Within) -> bool {
    let cell = row.cell(within.column);
    *cell != Cell::Null
        && within.from.as_ref().is_none_or(|from| cell >= from)
        && within.to.as_ref().is_none_or(|to| cell < to)
}

fn follows(row: &Row, key: &[Cell], newest_first: bool) -> bool {
    let own = key_of(row.table, &row.cells);
    if newest_first { own.as_slice() < key } else { own.as_slice() > key }
}

fn narrowed(row: Row, query: &Query) -> Row {
    let cells = query.columns().map(|column| row.cell(column.name).clone()).collect();
    Row { only: query.only, cells, ..row }
}

fn set(table: &Table, row: &mut [Cell], cells: &Cells) -> PortResult<()> {
    for (column, cell) in cells {
        row[position(table, column)] = cell.clone();
    }
    for (column, cell) in table.columns.iter().zip(row) {
        let fits = match cell {
            Cell::Null => matches!(column.kind, ColumnKind::IntOrNull | ColumnKind::TextOrNull),
            Cell::Int(_) => matches!(column.kind, ColumnKind::Int | ColumnKind::IntOrNull),
            Cell::Text(_) => matches!(column.kind, ColumnKind::Text | ColumnKind::TextOrNull),
        };
        if !fits {
            return misfit(format!("{}.{} cannot be {cell:?}", table.name, column.name));
        }
    }
    Ok(())
}

fn misfit<T>(message: String) -> PortResult<T> {
    Err(PortError::new(Kind::Invalid, message))
}

impl Registers for MemTables {
    fn select(&self, query: &Query) -> PortResult<Vec<Row>> {
        let mut rows = self.rows(query.table);
        rows.retain(|row| {
            matches(query.table, &row.cells, &query.equal)
                && query.within.as_ref().is_none_or(|within| is_within(row, within))
                && query.after.as_ref().is_none_or(|key| follows(row, key, query.newest_first))
        });
        if query.newest_first {
            rows.reverse();
        }
        if let Some(limit) = query.limit {
            rows.truncate(limit as usize);
        }
        Ok(rows.into_iter().map(|row| narrowed(row, query)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sealdock_core::schema::{BAY, COPIES};

    fn bay(id: &str) -> RowChange {
        let cells = vec![
            ("id", id.into()),
            ("kind", "folder".into()),
            ("path", "/b".into()),
            ("added_seq", 1i64.into()),
        ];
        RowChange::Insert { table: &BAY, cells }
    }

    #[test]
    fn rows_come_in_key_order_and_as_asked() {
        let mut tables = MemTables::default();
        for id in ["b", "a", "c"] {
            tables.apply(bay(id)).unwrap();
        }
        let ids = |query: &Query| -> Vec<String> {
            tables.select(query).unwrap().iter().map(|r| r.text("id").to_owned()).collect()
        };
        assert_eq!(ids(&Query::all(&BAY)), ["a", "b", "c"]);
        assert_eq!(ids(&Query::all(&BAY).newest_first().limit(2)), ["c", "b"]);
        assert_eq!(ids(&Query::all(&BAY).with("id", "b")), ["b"]);
        assert_eq!(ids(&Query::all(&BAY).with("kind", "usb")), Vec::<String>::new());
    }

    #[test]
    fn what_does_not_fit_is_refused_and_changes_nothing() {
        let mut tables = MemTables::default();
        tables.apply(bay("a")).unwrap();
        let before = tables.clone();
        let insert = |cells| RowChange::Insert { table: &COPIES, cells };
        let update = |key, cells| RowChange::Update { table: &BAY, key, cells };
        let misfits = [
            bay("a"),
            insert(vec![("seq", 1i64.into())]),
            insert(vec![("seq", "1".into()), ("kind", "mirror".into())]),
            update(vec![("id", "z".into())], vec![("path", "/c".into())]),
            update(vec![("id", "a".into())], vec![("path", Cell::Null)]),
            update(vec![("id", "a".into())], vec![("id", "b".into())]),
        ];
        for change in misfits {
            assert_eq!(tables.apply(change).unwrap_err().kind, Kind::Invalid);
        }
        assert_eq!(tables.rows(&BAY), before.rows(&BAY));
        tables.apply(update(vec![("id", "a".into())], vec![("path", "/c".into())])).unwrap();
        assert_eq!(tables.rows(&BAY)[0].text("path"), "/c");
    }
}
