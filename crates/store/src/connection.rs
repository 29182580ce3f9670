//! Every connection is opened here, with the same settings and never with the create flag, so that
//! a wrong directory can not become an empty station.

use crate::error::Doing;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use sealdock_core::ports::{Kind, PortError, PortResult};
use std::path::Path;

/// Applied on every connection. FULL, because NORMAL loses acknowledged commits in WAL mode;
/// `recursive_triggers`, because otherwise REPLACE deletes past the append-only triggers.
pub(crate) const SETTINGS: &str = "
    PRAGMA busy_timeout = 5000;
    PRAGMA trusted_schema = OFF;
    PRAGMA cell_size_check = ON;
    PRAGMA mmap_size = 0;
    PRAGMA temp_store = MEMORY;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA recursive_triggers = ON;
";

/// Versions before it can corrupt a WAL when a write meets a checkpoint (3.7.0 to 3.51.2).
const SQLITE_OLDEST: i32 = 3_051_003;

/// Pages in the WAL after which a commit also carries it over: 16 MiB.
const CHECKPOINT_PAGES: i32 = 4096;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Write,
    Read,
}

/// Opens an existing database.
pub(crate) fn open(file: &Path, access: Access) -> PortResult<Connection> {
    check_sqlite(rusqlite::version_number())?;
    let mode = match access {
        Access::Write => OpenFlags::SQLITE_OPEN_READ_WRITE,
        Access::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
    };
    let opening = || format!("open the database {}", file.display());
    let conn =
        Connection::open_with_flags(file, mode | OpenFlags::SQLITE_OPEN_NO_MUTEX).doing(opening)?;
    conn.execute_batch(SETTINGS).doing(opening)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true).doing(opening)?;
    conn.set_prepared_statement_cache_capacity(256);
    let journal: String =
        conn.pragma_query_value(None, "journal_mode", |row| row.get(0)).doing(opening)?;
    if journal != "wal" {
        return Err(PortError::new(
            Kind::Failed,
            format!(
                "the database {} is in journal mode {journal} and not WAL; put the station on a \
                 local file system with shared memory",
                file.display()
            ),
        ));
    }
    if access == Access::Write {
        conn.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES).doing(opening)?;
    }
    Ok(conn)
}

fn check_sqlite(version: i32) -> PortResult<()> {
    if version >= SQLITE_OLDEST {
        return Ok(());
    }
    let text = format!(
        "SQLite {version} can corrupt its write-ahead log; build with {SQLITE_OLDEST} or later"
    );
    Err(PortError::new(Kind::Failed, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_sqlite_is_refused() {
        assert!(check_sqlite(3_051_003).is_ok());
        let refused = check_sqlite(3_051_002).unwrap_err();
        assert!(refused.message.contains("can corrupt"), "{refused}");
    }

    #[test]
    fn every_setting_holds_on_every_connection() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("chain.db");
        std::fs::write(&file, b"").unwrap();
        for access in [Access::Write, Access::Read] {
            let conn = open(&file, access).unwrap();
            for (name, wanted) in [
                ("synchronous", 2),
                ("foreign_keys", 1),
                ("recursive_triggers", 1),
                ("trusted_schema", 0),
                ("cell_size_check", 1),
                ("busy_timeout", 5000),
            ] {
                let value: i64 = conn.pragma_query_value(None, name, |r| r.get(0)).unwrap();
                assert_eq!(value, wanted, "{name} with {access:?}");
            }
            if access == Access::Write {
                conn.execute_batch("CREATE TABLE t (a)").unwrap();
            }
        }
    }
}
