//! A second set of register tables, filled from entry 0 by the same projection, and compared with
//! the live ones row by row.

use super::findings::Findings;
use crate::connection::SETTINGS;
use crate::error::Doing;
use crate::{rows, schema};
use rusqlite::{Connection, OpenFlags};
use sealdock_chain::digest::Digest;
use sealdock_core::ports::PortResult;
use sealdock_core::schema::{SESSION, WIPE, rooms, tables};
use sealdock_core::table::{RowChange, Table};
use std::path::Path;

/// Differences that are named per table.
const NAMED: u32 = 3;

/// A temporary database that SQLite deletes itself, with the live one attached as `live`, read-only.
pub(crate) struct Scratch {
    pub(crate) conn: Connection,
}

impl Scratch {
    /// The snapshot of `live` is fixed when this returns.
    pub(crate) fn open(database: &Path) -> PortResult<Scratch> {
        let opening = || "open a scratch database".to_owned();
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_URI
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags("", flags).doing(opening)?;
        conn.execute_batch(SETTINGS).doing(opening)?;
        conn.execute_batch(
            "PRAGMA main.journal_mode = OFF; PRAGMA main.synchronous = OFF;
             PRAGMA main.cache_size = -65536;",
        )
        .doing(opening)?;
        conn.set_prepared_statement_cache_capacity(256);
        conn.execute("ATTACH ?1 AS live", [read_only_uri(database)]).doing(opening)?;
        let made = schema::fresh_objects()?;
        for table in tables() {
            let key = ("table".to_owned(), table.name.to_owned());
            let sql = made.get(&key).map_or("", String::as_str);
            conn.execute_batch(sql).doing(opening)?;
        }
        // Rights are looked up entry by entry, and what speaks against a removal as well.
        let asked: [(&Table, &[&str]); 2] = [(&SESSION, &["state"]), (&WIPE, &["clip"])];
        let rooms = rooms().flat_map(|t| t.lookups.iter().map(move |l| (t, *l)));
        for (table, lookup) in rooms.chain(asked) {
            let index = ("index".to_owned(), format!("{}_by_{}", table.name, lookup.join("_")));
            conn.execute_batch(made.get(&index).map_or("", String::as_str)).doing(opening)?;
        }
        conn.execute_batch("BEGIN").doing(opening)?;
        let _fixes_the_snapshot: i64 = conn
            .query_row("SELECT size FROM live.frontier", [], |row| row.get(0))
            .doing(opening)?;
        Ok(Scratch { conn })
    }

    pub(crate) fn apply(&self, changes: &[RowChange]) -> PortResult<()> {
        changes.iter().try_for_each(|change| rows::apply(&self.conn, change))
    }

    /// Every row of every register, in both directions.
    pub(crate) fn compare(&self, findings: &mut Findings) -> PortResult<()> {
        for table in tables() {
            let changed = "differs from what the chain says, or is not in the chain";
            let equal = self.differences(table, ("live", "main"), changed, findings)?;
            // Every live row is in the chain; with as many rows the other way holds as well.
            if !equal || self.rows(table, "live")? != self.rows(table, "main")? {
                self.differences(table, ("main", "live"), "is in the chain", findings)?;
            }
        }
        Ok(())
    }

    fn rows(&self, table: &Table, of: &str) -> PortResult<u64> {
        // NOT INDEXED: an index that was tampered with must not be what is counted.
        let sql = format!("SELECT count(*) FROM {of}.{} NOT INDEXED", table.name);
        self.conn
            .query_row(&sql, [], |row| row.get(0))
            .doing(|| format!("count the rows of {}", table.name))
    }

    fn differences(
        &self,
        table: &Table,
        (from, other): (&str, &str),
        what: &str,
        findings: &mut Findings,
    ) -> PortResult<bool> {
        let mut equal = true;
        let reading = || format!("compare the register {}", table.name);
        let sql = difference_sql(table, from, other);
        let mut statement = self.conn.prepare(&sql).doing(reading)?;
        let mut rows = statement.query([]).doing(reading)?;
        while let Some(row) = rows.next().doing(reading)? {
            let key: String = row.get(0).doing(reading)?;
            let seq: Option<u64> = row.get(1).doing(reading)?;
            let text = match from {
                "live" => format!("{} {key}: the row {what}", table.name),
                _ => format!("{} {key}: {what}, the row is missing or differs", table.name),
            };
            findings.add("register", seq, text);
            equal = false;
        }
        Ok(equal)
    }

    /// The secret PIN hashes must be those that the chain committed to.
    pub(crate) fn compare_pins(&self, findings: &mut Findings) -> PortResult<()> {
        let reading = || "compare the stored PINs".to_owned();
        let mut statement = self
            .conn
            .prepare(
                "SELECT p.id, p.pin_commitment, p.enrolled_seq, s.value FROM main.person AS p
                 LEFT JOIN live.secret AS s ON s.name = 'pin:' || p.id
                 WHERE p.pin_commitment IS NOT NULL AND NOT EXISTS (
                     SELECT 1 FROM main.restored AS r
                     WHERE r.pins_lost = 1 AND r.seq > coalesce(p.pin_seq, p.enrolled_seq))",
            )
            .doing(reading)?;
        let mut rows = statement.query([]).doing(reading)?;
        while let Some(row) = rows.next().doing(reading)? {
            let (id, commitment): (String, String) =
                (row.get(0).doing(reading)?, row.get(1).doing(reading)?);
            let seq: u64 = row.get(2).doing(reading)?;
            let secret: Option<String> = row.get(3).doing(reading)?;
            let found = secret.map(|secret| Digest::of(secret.as_bytes()).to_string());
            if found.as_ref() != Some(&commitment) {
                let text = match found {
                    Some(_) => {
                        format!("the stored PIN of {id} is not the one the chain commits to")
                    }
                    None => format!("the stored PIN of {id} is missing"),
                };
                findings.add("register", Some(seq), text);
            }
        }
        Ok(())
    }
}

fn read_only_uri(database: &Path) -> String {
    let mut uri = String::from("file:");
    for byte in std::os::unix::ffi::OsStrExt::as_bytes(database.as_os_str()) {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
                uri.push(char::from(*byte));
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri + "?mode=ro"
}

/// Rows of `from` that have no equal row in `other`: their key as text, and the entry they are about.
fn difference_sql(table: &Table, from: &str, other: &str) -> String {
    let name = table.name;
    let key: Vec<String> = table.key.iter().map(|k| format!("coalesce(a.{k}, '')")).collect();
    let matches: Vec<String> = table
        .columns
        .iter()
        .map(|column| {
            let is = if table.key.contains(&column.name) { "=" } else { "IS" };
            format!("b.{0} {is} a.{0}", column.name)
        })
        .collect();
    let seq = ["seq", "enrolled_seq", "added_seq", "since_seq", "intended_seq"];
    let seq = seq.into_iter().find(|s| table.columns.iter().any(|column| column.name == *s));
    format!(
        "SELECT {} || '', {} FROM {from}.{name} AS a NOT INDEXED WHERE NOT EXISTS \
         (SELECT 1 FROM {other}.{name} AS b WHERE {}) LIMIT {NAMED}",
        key.join(" || ' ' || "),
        seq.map_or("NULL".to_owned(), |seq| format!("a.{seq}")),
        matches.join(" AND "),
    )
}
