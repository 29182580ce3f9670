//! The schema as numbered migrations that are never edited, and the refusal of a newer one.

use crate::error::{Doing, damaged};
use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};
use sealdock_core::ports::{Kind, PortError, PortResult};
use std::collections::BTreeMap;

/// One file per released schema, in order.
const STEPS: [&str; 10] = [
    include_str!("../migrations/0001_founding.sql"),
    include_str!("../migrations/0002_registers.sql"),
    include_str!("../migrations/0003_times_and_assignments.sql"),
    include_str!("../migrations/0004_matter_officers.sql"),
    include_str!("../migrations/0005_head_proposal.sql"),
    include_str!("../migrations/0006_keys_replaced.sql"),
    include_str!("../migrations/0007_drills.sql"),
    include_str!("../migrations/0008_viewing_parts.sql"),
    include_str!("../migrations/0009_full_checks.sql"),
    include_str!("../migrations/0010_passkeys.sql"),
];

/// The schema of this release, kept in `user_version`.
pub const VERSION: i64 = STEPS.len() as i64;

/// After the last step the registers are filled from the chain, in the same transaction: the chain is the
/// truth, so no step moves a row.
fn migrations() -> Migrations<'static> {
    let (last, earlier) = STEPS.split_last().expect("there is a first schema");
    let last = M::up_with_hook(last, |tx| Ok(rebuild::registers(tx)?));
    Migrations::new(earlier.iter().map(|sql| M::up(sql)).chain([last]).collect())
}

/// Brings an empty database or one of an older release to [`VERSION`], in one transaction.
pub(crate) fn bring_up(conn: &mut Connection) -> PortResult<()> {
    migrations().to_latest(conn).map_err(|error| {
        damaged(format!(
            "cannot bring the database to schema {VERSION}: {error}; restore it from the mirror \
             or run the release that made it"
        ))
    })
}

/// The schema of an existing database, if this release can work with it.
///
/// # Errors
/// There is none (an empty file), or it is newer than [`VERSION`].
pub(crate) fn usable_version(conn: &Connection) -> PortResult<i64> {
    let version: i64 = conn
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .doing(|| "read the schema number of the database".into())?;
    if version == 0 {
        return Err(PortError::new(
            Kind::Missing,
            "the database is empty: this is not a station; run `sealdock init` in a new directory",
        ));
    }
    if version > VERSION {
        return Err(PortError::new(
            Kind::Invalid,
            format!(
                "the database has schema {version}, this release knows {VERSION}; it was written \
                 by a later release, run that one"
            ),
        ));
    }
    Ok(version)
}

/// `(type, name)` → SQL of everything in the schema.
pub(crate) type Objects = BTreeMap<(String, String), String>;

pub(crate) fn objects(conn: &Connection) -> PortResult<Objects> {
    let sql = "SELECT type, name, coalesce(sql, '') FROM sqlite_schema";
    let reading = || "read the schema".to_owned();
    let mut statement = conn.prepare(sql).doing(reading)?;
    let rows =
        statement.query_map([], |r| Ok(((r.get(0)?, r.get(1)?), r.get(2)?))).doing(reading)?;
    rows.collect::<rusqlite::Result<Objects>>().doing(reading)
}

/// The schema a fresh database of this release has.
pub(crate) fn fresh_objects() -> PortResult<Objects> {
    let mut conn = Connection::open_in_memory().doing(|| "open a scratch database".into())?;
    bring_up(&mut conn)?;
    objects(&conn)
}

/// Registers filled from the chain.
mod rebuild;

#[cfg(test)]
mod tests;
