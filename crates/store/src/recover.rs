//! Opening a station: what is stored must agree with the head that was handed out, before anything
//! is appended. No scan: the root comes from stored nodes.

use crate::batch::Writer;
use crate::connection::{self, Access};
use crate::error::{Doing, damaged};
use crate::files::Files;
use crate::gate::Gate;
use crate::keys::{self, Epochs};
use crate::seal::Sealer;
use crate::slots::{self, HeadFile};
use crate::{Outside, schema, tree};
use rusqlite::Connection;
use sealdock_chain::note::SignedCheckpoint;
use sealdock_core::event::KeyKind;
use sealdock_core::ports::PortResult;
use std::sync::Arc;

/// Opens for writing: migrates, checks, and makes the head that a crash left unmade.
pub(crate) fn writer(files: &Files, outside: &Outside, replacing: bool) -> PortResult<Writer> {
    files.expect_station()?;
    let mut conn = connection::open(&files.database(), Access::Write)?;
    if schema::usable_version(&conn)? < schema::VERSION {
        schema::bring_up(&mut conn)?;
    }
    let (head_file, newest) = HeadFile::open(&files.head())?;
    let origin = origin(&conn)?;
    let founding = outside.signer.public(KeyKind::Log);
    let note = newest.map(|slot| slot.note);
    let head = note.map(|note| agreed_head(&conn, &origin, &note, Some(founding))).transpose()?;
    let mut sealer = Sealer::new(files, head_file, origin, outside)?;
    let size = tree::frontier(&conn)?.size();
    let (head, unfiled) = match head {
        None => (first_head(&conn, &mut sealer, size)?, true),
        Some(head) if head.checkpoint().size < size => {
            (missing_head(&conn, &mut sealer, &head)?, true)
        }
        Some(head) => {
            let filed = newest_filed(&conn)? == Some(size);
            (head, !filed)
        }
    };
    let head = Arc::new(head);
    Ok(Writer {
        conn,
        sealer,
        clock: Arc::clone(&outside.clock),
        gate: Arc::new(Gate::new(Ok(Arc::clone(&head)))),
        size,
        replacing,
        unfiled: unfiled.then_some(head),
    })
}

/// The head of no entries, at the founding or after a crash within it.
fn first_head(conn: &Connection, sealer: &mut Sealer, size: u64) -> PortResult<SignedCheckpoint> {
    if size > 0 || newest_filed(conn)?.is_some() {
        return Err(damaged(format!(
            "the file head holds no readable head, but the log has {size} entries: keep the files \
             as they are and compare them with the mirror and a receipt"
        )));
    }
    sealer.seal(tree::frontier(conn)?, None)
}

/// The last run stopped between COMMIT and the head.
fn missing_head(
    conn: &Connection,
    sealer: &mut Sealer,
    head: &SignedCheckpoint,
) -> PortResult<SignedCheckpoint> {
    let covered = head.checkpoint().size;
    tracing::warn!(covered, "entries without a head: the last run stopped before it was signed");
    let size = tree::frontier(conn)?.size();
    let wanted = Epochs::read(conn, KeyKind::Log)?.for_size(size).map(|epoch| epoch.public);
    if wanted != Some(sealer.signer.public(KeyKind::Log)) {
        return Err(damaged(format!(
            "entries {covered} to {} have no head, and the log key that signs it is not at hand: put that \
             key back, or restore the station from its mirror",
            size.saturating_sub(1)
        )));
    }
    if newest_filed(conn)? != Some(covered) {
        crate::batch::file_head(conn, head)?;
    }
    sealer.seal(tree::frontier_at(conn, covered)?, None)
}

/// Reads the newest head and holds the log against it.
///
/// # Errors
/// `Damaged`: the head is not signed by this station, the log is shorter or another one.
pub(crate) fn agreed_head(
    conn: &Connection,
    origin: &str,
    note: &str,
    founding: Option<[u8; 32]>,
) -> PortResult<SignedCheckpoint> {
    let epochs = Epochs::read(conn, KeyKind::Log)?;
    let edge = tree::frontier(conn)?;
    // A head that is larger than the log may need a key that a rolled-back register does not know.
    let stated = note.lines().nth(1).and_then(|line| line.parse::<u64>().ok());
    if let Some(stated) = stated.filter(|stated| *stated > edge.size()) {
        return Err(damaged(format!(
            "the database is older than the head that was handed out: it has {} entries, the head \
             covers {stated}: a restored backup or a rollback; do not go on with it, restore the \
             newer database from the mirror",
            edge.size()
        )));
    }
    let head = keys::open_head(note, origin, &epochs, founding).map_err(damaged)?;
    let size = head.checkpoint().size;
    if tree::root_at(conn, size)? != head.checkpoint().root {
        return Err(damaged(format!(
            "the log is not the one whose head of {size} entries was handed out: entries were \
             changed; run `sealdock check`, which names the first"
        )));
    }
    if edge.root() != tree::root_at(conn, edge.size())? {
        return Err(damaged(
            "the stored right edge of the tree is not that of the entries; run `sealdock check`",
        ));
    }
    if newest_filed(conn)?.is_some_and(|filed| filed > size) {
        return Err(damaged(format!(
            "the file head is older than the database: it covers {size} entries, a larger head \
             was handed out; restore the file that belongs to this database"
        )));
    }
    Ok(head)
}

/// The newest head note on disk, if one was ever written.
pub(crate) fn newest_note(files: &Files) -> PortResult<Option<String>> {
    Ok(slots::read_newest(&files.head())?.map(|slot| slot.note))
}

fn newest_filed(conn: &Connection) -> PortResult<Option<u64>> {
    conn.query_row("SELECT max(size) FROM head", [], |row| row.get(0))
        .doing(|| "read the newest filed head".into())
}

pub(crate) fn origin(conn: &Connection) -> PortResult<String> {
    conn.query_row("SELECT origin FROM station WHERE id = 1", [], |row| row.get(0))
        .doing(|| "read the origin of the record".into())
}
