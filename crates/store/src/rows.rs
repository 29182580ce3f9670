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

    fn each(&self, query: &Query, take: &mut dyn FnMut(Row) -> PortResult<()>) -> PortResult<()> {
        each(self.0, query, take)
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
    let mut rows = Vec::new();
    given(conn, (query, &select_sql(query)), &mut |row| {
        rows.push(row);
        Ok(())
    })?;
    Ok(rows)
}

/// Rows that match, as they come: sorting them would have all of them in memory.
pub(crate) fn each(
    conn: &Connection,
    query: &Query,
    take: &mut dyn FnMut(Row) -> PortResult<()>,
) -> PortResult<()> {
    let sql = match query.limit {
        // Which of them are meant follows from the order.
        Some(_) => select_sql(query),
        None => unordered_sql(query),
    };
    given(conn, (query, &sql), take)
}

fn given(
    conn: &Connection,
    (query, sql): (&Query, &str),
    take: &mut dyn FnMut(Row) -> PortResult<()>,
) -> PortResult<()> {
    let reading = || format!("read {}", query.table.name);
    let mut statement = conn.prepare_cached(sql).doing(reading)?;
    let mut found = statement.query(params_from_iter(values(query))).doing(reading)?;
    while let Some(row) = found.next().doing(reading)? {
        take(row_of(query, row)?)?;
    }
    Ok(())
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

fn unordered_sql(query: &Query) -> String {
    let columns: Vec<&str> = query.columns().map(|c| c.name).collect();
    format!("SELECT {} {}", columns.join(", "), from_sql(query))
}

fn select_sql(query: &Query) -> String {
    let mut sql = unordered_sql(query);
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
    let named = !query.by_range && query.equal.iter().any(|(_, cell)| *cell != Cell::Null);
    let aside = |wide: bool| if wide { "+" } else { "" };
    let equal = |(column, cell): &(&str, Cell)| {
        let wide = match cell {
            Cell::Null => named,
            _ => query.by_range && query.within.is_some(),
        };
        format!("{}{column} {} ?", aside(wide), is(cell))
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

#[cfg(test)]
mod tests {
    use super::*;
    use sealdock_core::schema::CLIP;
    use sealdock_core::search::taken_within;
    use sealdock_core::time::WallMs;

    fn tables() -> Connection {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(include_str!("../schema.sql")).unwrap();
        conn
    }

    /// How SQLite goes about it.
    fn plan(conn: &Connection, (query, sql): (&Query, &str)) -> String {
        let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let steps = statement.query_map(params_from_iter(values(query)), |row| row.get(3)).unwrap();
        steps.collect::<Result<Vec<String>, _>>().unwrap().join("; ")
    }

    fn month() -> (Option<WallMs>, Option<WallMs>) {
        (WallMs::parse("2026-11-01T00:00:00Z"), WallMs::parse("2026-12-01T00:00:00Z"))
    }

    #[test]
    fn a_range_that_is_said_to_be_narrower_chooses_the_index_and_else_the_name_does() {
        let conn = tables();
        let (from, to) = month();
        for query in taken_within(Query::all(&CLIP).with("marked", true), from, to) {
            let wide = plan(&conn, (&query, &unordered_sql(&query)));
            assert!(wide.contains("clip_by_marked"), "{wide}");
            let query = query.by_range();
            let narrow = plan(&conn, (&query, &unordered_sql(&query)));
            assert!(narrow.contains("clip_by_recorded_stored (recorded"), "{narrow}");
        }
    }

    #[test]
    fn clips_of_a_day_are_counted_in_an_index_and_each_is_given_without_sorting() {
        let conn = tables();
        let (from, to) = month();
        for query in taken_within(Query::all(&CLIP), from, to) {
            let counted = format!("SELECT count(*) {}", from_sql(&query));
            let counted = plan(&conn, (&query, &counted));
            assert!(counted.contains("COVERING INDEX clip_by_recorded_stored"), "{counted}");
            let given = plan(&conn, (&query, &unordered_sql(&query)));
            assert!(!given.contains("TEMP B-TREE"), "{given}");
            assert!(plan(&conn, (&query, &select_sql(&query))).contains("TEMP B-TREE"), "in order");
        }
    }

    #[test]
    fn each_gives_what_select_gives() {
        let conn = tables();
        for (n, marked) in [(3, 1), (1, 0), (2, 1)] {
            let sql = format!(
                "INSERT INTO clip (seq, session, line, raw, name, size, sha256, chunk_root, recorder_claim, media, marked, copies, stored, sshsig, evidence_epoch, recorded) VALUES ({n}, 1, 1, '', '', 1, '', '', 'R', 'video', {marked}, '', '2026-11-0{n}T00:00:00.000Z', '', 1, '2026-11-0{n}T00:00:00.000Z')"
            );
            conn.execute(&sql, []).unwrap();
        }
        let (from, to) = month();
        let within = Query::all(&CLIP).with("marked", true).only(&["seq"]).within(
            "recorded",
            from.map(Cell::from),
            to.map(Cell::from),
        );
        for query in [within.clone(), within.clone().by_range(), within.newest_first().limit(1)] {
            let mut some = Vec::new();
            each(&conn, &query, &mut |row| {
                some.push(row);
                Ok(())
            })
            .unwrap();
            let mut all = select(&conn, &query).unwrap();
            assert_eq!(all.len(), if query.limit.is_some() { 1 } else { 2 });
            some.sort_by_key(|row| row.int("seq"));
            all.sort_by_key(|row| row.int("seq"));
            assert_eq!(some, all);
        }
    }
}
