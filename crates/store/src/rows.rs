//! Row changes and queries of `core`, executed as they are. Statements are prepared once per shape.

use crate::error::{Doing, damaged};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, Row as SqlRow, ToSql, params_from_iter};
use sealdock_core::ports::{Kind, PortError, PortResult, Registers};
use sealdock_core::table::{Cell, ColumnKind, Query, Row, RowChange, Table};
use std::fmt::Write as _;

/// Registers as one connection sees them.
pub(crate) struct Tables<'c>(pub(crate) &'c Connection);

impl Registers for Tables<'_> {
    fn select(&self, query: &Query) -> PortResult<Vec<Row>> {
        select(self.0, query)
    }

    fn count(&self, query: &Query) -> PortResult<u64> {
        count(self.0, query)
    }
}

struct Bound<'a>(&'a Cell);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Cell::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Cell::Int(n) => ToSqlOutput::Borrowed(ValueRef::Integer(*n)),
            Cell::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
        })
    }
}

/// Executes one row change.
///
/// # Errors
/// `Invalid` where the row contradicts what is stored: the event does not fit.
pub(crate) fn apply(conn: &Connection, change: &RowChange) -> PortResult<()> {
    match change {
        RowChange::Insert { table, cells } => {
            let values = cells.iter().map(|(_, cell)| Bound(cell));
            conn.prepare_cached(&insert_sql(table, cells))
                .and_then(|mut statement| statement.execute(params_from_iter(values)))
                .doing(|| format!("insert into {}", table.name))?;
        }
        RowChange::Update { table, key, cells } => {
            let values = cells.iter().chain(key).map(|(_, cell)| Bound(cell));
            let rows = conn
                .prepare_cached(&update_sql(table, key, cells))
                .and_then(|mut statement| statement.execute(params_from_iter(values)))
                .doing(|| format!("update {}", table.name))?;
            if rows != 1 {
                let text = format!(
                    "the event changes {rows} rows of {} where {key:?}, and must change one",
                    table.name
                );
                return Err(PortError::new(Kind::Invalid, text));
            }
        }
        RowChange::Stretch { table, first, least, most } => {
            let values = first.iter().chain(least).chain(most).map(|(_, cell)| Bound(cell));
            conn.prepare_cached(&stretch_sql(table, first, [least, most]))
                .and_then(|mut statement| statement.execute(params_from_iter(values)))
                .doing(|| format!("stretch a row of {}", table.name))?;
        }
    }
    Ok(())
}

type Named = [(&'static str, Cell)];

fn stretch_sql(table: &Table, first: &Named, [least, most]: [&Named; 2]) -> String {
    let all: Vec<_> = first.iter().chain(least).chain(most).cloned().collect();
    let mut sql = insert_sql(table, &all);
    let _infallible = write!(sql, " ON CONFLICT ({})", table.key.join(", "));
    let mut open = " DO UPDATE SET ";
    for (word, cells) in [("min", least), ("max", most)] {
        for (column, _) in cells {
            let _infallible = write!(sql, "{open}{column} = {word}({column}, excluded.{column})");
            open = ", ";
        }
    }
    sql
}

fn insert_sql(table: &Table, cells: &[(&'static str, Cell)]) -> String {
    let mut sql = String::with_capacity(400);
    sql.push_str("INSERT INTO ");
    sql.push_str(table.name);
    let mut open = " (";
    for (column, _) in cells {
        sql.push_str(open);
        sql.push_str(column);
        open = ", ";
    }
    open = ") VALUES (";
    for _ in cells {
        sql.push_str(open);
        sql.push('?');
        open = ", ";
    }
    sql.push(')');
    sql
}

fn update_sql(
    table: &Table,
    key: &[(&'static str, Cell)],
    cells: &[(&'static str, Cell)],
) -> String {
    let mut sql = format!("UPDATE {} SET ", table.name);
    for (i, (column, _)) in cells.iter().enumerate() {
        let comma = if i == 0 { "" } else { ", " };
        let _infallible = write!(sql, "{comma}{column} = ?");
    }
    for (i, (column, _)) in key.iter().enumerate() {
        let word = if i == 0 { " WHERE" } else { " AND" };
        let _infallible = write!(sql, "{word} {column} = ?");
    }
    sql
}

/// Rows that match, in key order.
pub(crate) fn select(conn: &Connection, query: &Query) -> PortResult<Vec<Row>> {
    let reading = || format!("read {}", query.table.name);
    let mut statement = conn.prepare_cached(&select_sql(query)).doing(reading)?;
    let mut found = statement.query(params_from_iter(values(query))).doing(reading)?;
    let mut rows = Vec::new();
    while let Some(row) = found.next().doing(reading)? {
        rows.push(row_of(query, row)?);
    }
    Ok(rows)
}

/// How many rows match.
pub(crate) fn count(conn: &Connection, query: &Query) -> PortResult<u64> {
    let counting = || format!("count {}", query.table.name);
    let sql = format!("SELECT count(*) {}", from_sql(query));
    let mut statement = conn.prepare_cached(&sql).doing(counting)?;
    let all: u64 =
        statement.query_row(params_from_iter(values(query)), |row| row.get(0)).doing(counting)?;
    Ok(query.limit.map_or(all, |limit| all.min(limit.into())))
}

/// In the order of [`conditions`].
fn values(query: &Query) -> impl Iterator<Item = Bound<'_>> {
    let ends = query.within.iter().flat_map(|within| [&within.from, &within.to]).flatten();
    let equal = query.equal.iter().map(|(_, cell)| cell);
    equal.chain(ends).chain(query.after.iter().flatten()).map(Bound)
}

fn select_sql(query: &Query) -> String {
    let columns: Vec<&str> = query.columns().map(|c| c.name).collect();
    let mut sql = format!("SELECT {} {}", columns.join(", "), from_sql(query));
    let way = if query.newest_first { " DESC" } else { "" };
    let order: Vec<String> = query.table.key.iter().map(|k| format!("{k}{way}")).collect();
    let _infallible = write!(sql, " ORDER BY {}", order.join(", "));
    if let Some(limit) = query.limit {
        let _infallible = write!(sql, " LIMIT {limit}");
    }
    sql
}

fn from_sql(query: &Query) -> String {
    let mut sql = format!("FROM {}", query.table.name);
    for (i, condition) in conditions(query).iter().enumerate() {
        let word = if i == 0 { " WHERE" } else { " AND" };
        let _infallible = write!(sql, "{word} {condition}");
    }
    sql
}

/// [`values`] has their values in this order.
fn conditions(query: &Query) -> Vec<String> {
    // `IS ?` finds no index for a value that is not NULL in every version; `=` does.
    let is = |cell: &Cell| if *cell == Cell::Null { "IS" } else { "=" };
    // Without statistics SQLite takes a range for narrower than a name, and walks a year of everybody for one
    // officer. A `+` keeps a column out of the choice of the index.
    let named = query.equal.iter().any(|(_, cell)| *cell != Cell::Null);
    let aside = |wide: bool| if wide { "+" } else { "" };
    let equal = |(column, cell): &(&str, Cell)| {
        format!("{}{column} {} ?", aside(named && *cell == Cell::Null), is(cell))
    };
    let mut all: Vec<String> = query.equal.iter().map(equal).collect();
    if let Some(within) = &query.within {
        let column = format!("{}{}", aside(named), within.column);
        all.push(format!("{column} IS NOT NULL"));
        all.extend(within.from.iter().map(|_| format!("{column} >= ?")));
        all.extend(within.to.iter().map(|_| format!("{column} < ?")));
    }
    if let Some(key) = &query.after {
        let than = if query.newest_first { "<" } else { ">" };
        let marks = vec!["?"; key.len()].join(", ");
        all.push(format!("({}) {than} ({marks})", query.table.key.join(", ")));
    }
    all
}

/// Checks every value against its column, so that later code may rely on the types.
fn row_of(query: &Query, row: &SqlRow<'_>) -> PortResult<Row> {
    let table = query.table;
    let mut cells = Vec::with_capacity(query.only.map_or(table.columns.len(), <[_]>::len));
    for (i, column) in query.columns().enumerate() {
        let value = row.get_ref(i).doing(|| format!("read {}", table.name))?;
        let cell = match (value, column.kind) {
            (ValueRef::Null, ColumnKind::IntOrNull | ColumnKind::TextOrNull) => Some(Cell::Null),
            (ValueRef::Integer(n), ColumnKind::Int | ColumnKind::IntOrNull) => Some(Cell::Int(n)),
            (ValueRef::Text(text), ColumnKind::Text | ColumnKind::TextOrNull) => {
                std::str::from_utf8(text).ok().map(Cell::from)
            }
            _ => None,
        };
        cells.push(cell.ok_or_else(|| {
            damaged(format!(
                "{}.{} holds a value of another type; run `sealdock check`",
                table.name, column.name
            ))
        })?);
    }
    Ok(Row { table, only: query.only, cells })
}
