use super::*;
use sealdock_core::schema::tables;
use sealdock_core::table::ColumnKind;

fn fresh() -> Connection {
    let mut conn = Connection::open_in_memory().unwrap();
    bring_up(&mut conn).unwrap();
    conn
}

/// `(name, type, not null, place in the key)` of every column, in order.
fn columns(conn: &Connection, table: &str) -> Vec<(String, String, bool, i64)> {
    let mut statement = conn
        .prepare("SELECT name, type, \"notnull\", pk FROM pragma_table_info(?1) ORDER BY cid")
        .unwrap();
    let rows = statement.query_map([table], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)));
    rows.unwrap().map(Result::unwrap).collect()
}

#[test]
fn migrations_are_well_formed() {
    migrations().validate().unwrap();
    assert_eq!(usable_version(&fresh()).unwrap(), VERSION);
}

#[test]
fn the_registers_are_those_of_core() {
    let conn = fresh();
    for table in tables() {
        let found = columns(&conn, table.name);
        assert_eq!(found.len(), table.columns.len(), "columns of {}", table.name);
        for (column, (name, kind, not_null, key)) in table.columns.iter().zip(&found) {
            let what = format!("{}.{}", table.name, column.name);
            assert_eq!(column.name, name, "{what}");
            let (wanted, nullable) = match column.kind {
                ColumnKind::Int => ("INTEGER", false),
                ColumnKind::IntOrNull => ("INTEGER", true),
                ColumnKind::Text => ("TEXT", false),
                ColumnKind::TextOrNull => ("TEXT", true),
            };
            assert_eq!(kind, wanted, "{what}");
            // A rowid key is never NULL and says so by being one.
            let rowid_key = *key > 0 && table.key.len() == 1 && kind == "INTEGER";
            assert!(*not_null != nullable || rowid_key, "{what} may be NULL or not");
            let place = table.key.iter().position(|k| *k == column.name).map_or(0, |at| at + 1);
            assert_eq!(*key, place as i64, "{what} in the key");
        }
        for lookup in table.lookups {
            let index = format!("{}_by_{}", table.name, lookup.join("_"));
            let sql = "SELECT group_concat(name) FROM
                       (SELECT name FROM pragma_index_info(?1) ORDER BY seqno)";
            let found: Option<String> = conn.query_row(sql, [&index], |r| r.get(0)).unwrap();
            assert_eq!(found, Some(lookup.join(",")), "index {index}");
        }
    }
}

#[test]
fn there_is_no_table_that_core_or_the_chain_does_not_know() {
    let chain = ["entry", "node", "frontier", "head", "station", "secret"];
    for (kind, name) in objects(&fresh()).unwrap().keys() {
        let known = chain.contains(&name.as_str())
            || tables().any(|table| table.name == name)
            || kind != "table";
        assert!(known, "{kind} {name}");
    }
}

#[test]
fn every_table_is_strict() {
    let conn = fresh();
    let loose: i64 = conn
        .query_row(
            "SELECT count(*) FROM pragma_table_list WHERE type = 'table' AND schema = 'main'
             AND strict = 0 AND name NOT LIKE 'sqlite_%'",
            [],
            |r| r.get(0),
        )
        .unwrap();
    assert_eq!(loose, 0);
}

#[test]
fn the_readable_schema_is_what_the_migrations_make() {
    let readable = Connection::open_in_memory().unwrap();
    readable.execute_batch(include_str!("../../schema.sql")).unwrap();
    assert_eq!(objects(&readable).unwrap(), fresh_objects().unwrap());
}

#[test]
fn an_empty_and_a_newer_database_are_refused() {
    let conn = Connection::open_in_memory().unwrap();
    let empty = usable_version(&conn).unwrap_err();
    assert_eq!(empty.kind, Kind::Missing);
    assert!(empty.message.contains("not a station"), "{empty}");
    conn.pragma_update(None, "user_version", VERSION + 1).unwrap();
    let newer = usable_version(&conn).unwrap_err();
    assert_eq!(newer.kind, Kind::Invalid);
    assert!(newer.message.contains("written by a later release"), "{newer}");
}
