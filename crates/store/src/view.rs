//! Snapshots for readers: a read transaction on a pooled connection, begun while the log and its
//! head agree.

use crate::connection::{self, Access};
use crate::error::{Doing, damaged};
use crate::files::Files;
use crate::gate::Gate;
use crate::keys::{self, Epochs};
use crate::{record, rows, tree};
use rusqlite::Connection;
use sealdock_chain::digest::Digest;
use sealdock_chain::note::{SIZE_MAX, SignedCheckpoint};
use sealdock_core::event::KeyKind;
use sealdock_core::ports::{Kind, LedgerView, PortError, PortResult, Registers};
use sealdock_core::table::{Query, Row};
use std::sync::{Arc, Mutex, PoisonError};

/// Idle connections that are kept.
const IDLE_MAX: usize = 8;

/// Reading connections of one open store.
pub(crate) struct Readers {
    files: Files,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(crate) fn new(files: Files) -> Readers {
        Readers { files, idle: Mutex::new(Vec::new()) }
    }

    pub(crate) fn take(&self) -> PortResult<Connection> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match idle {
            Some(conn) => Ok(conn),
            None => connection::open(&self.files.database(), Access::Read),
        }
    }

    pub(crate) fn give_back(&self, conn: Connection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_MAX {
            idle.push(conn);
        }
    }
}

/// Begins a read transaction whose snapshot is fixed when this returns; gives the stored size.
pub(crate) fn begin_snapshot(conn: &Connection) -> PortResult<u64> {
    conn.execute_batch("BEGIN").doing(|| "begin a snapshot".into())?;
    Ok(tree::frontier(conn)?.size())
}

/// One snapshot; its connection goes back to the pool with it.
pub(crate) struct View {
    conn: Option<Connection>,
    readers: Arc<Readers>,
    head: Arc<SignedCheckpoint>,
    size: u64,
}

impl View {
    pub(crate) fn begin(readers: &Arc<Readers>, gate: &Gate) -> PortResult<View> {
        let conn = readers.take()?;
        let entered = gate.enter();
        let head = (*entered).clone()?;
        let stored = begin_snapshot(&conn)?;
        drop(entered);
        let size = head.checkpoint().size;
        if stored != size {
            return Err(PortError::new(
                Kind::Unknown,
                format!(
                    "entries {size} to {stored} have no head: the last run stopped before it was \
                     signed; start `sealdock run` once, it makes the head"
                ),
            ));
        }
        Ok(View { conn: Some(conn), readers: Arc::clone(readers), head, size })
    }

    fn conn(&self) -> &Connection {
        self.conn.as_ref().expect("taken only by drop")
    }
}

impl Drop for View {
    fn drop(&mut self) {
        if let Some(conn) = self.conn.take()
            && conn.execute_batch("ROLLBACK").is_ok()
        {
            self.readers.give_back(conn);
        }
    }
}

impl Registers for View {
    fn select(&self, query: &Query) -> PortResult<Vec<Row>> {
        rows::select(self.conn(), query)
    }

    fn each(&self, query: &Query, each: &mut dyn FnMut(Row) -> PortResult<()>) -> PortResult<()> {
        rows::each(self.conn(), query, each)
    }

    fn count(&self, query: &Query) -> PortResult<u64> {
        rows::count(self.conn(), query)
    }
}

impl LedgerView for View {
    fn head(&self) -> PortResult<SignedCheckpoint> {
        Ok((*self.head).clone())
    }

    fn entry(&self, seq: u64) -> PortResult<Option<Vec<u8>>> {
        if seq >= self.size {
            return Ok(None);
        }
        Ok(record::load(self.conn(), seq)?.map(|(bytes, _)| bytes))
    }

    fn entries(&self, first: u64, count: u32) -> PortResult<Vec<Vec<u8>>> {
        let past = self.size.min(first.saturating_add(u64::from(count)));
        record::load_range(self.conn(), first.min(past), past)
    }

    fn node(&self, level: u32, index: u64) -> PortResult<Option<Digest>> {
        let past = index.checked_add(1).and_then(|next| {
            (level < u64::BITS && next.leading_zeros() > level).then(|| next << level)
        });
        if past.is_none_or(|past| past > self.size) {
            return Ok(None);
        }
        let node = tree::subtree(self.conn(), level, index)?;
        node.map(Some).ok_or_else(|| {
            damaged(format!(
                "tree node {index} of level {level} is not stored; run `sealdock check`"
            ))
        })
    }

    fn heads(&self, size: u64, count: u32) -> PortResult<Vec<SignedCheckpoint>> {
        let reading = || format!("read the heads from {size} entries on");
        let epochs = Epochs::read(self.conn(), KeyKind::Log)?;
        let origin = &self.head.checkpoint().origin;
        let mut statement = self
            .conn()
            .prepare_cached("SELECT note FROM head WHERE size >= ?1 ORDER BY size LIMIT ?2")
            .doing(reading)?;
        let notes = statement
            .query_map((size.min(SIZE_MAX), count), |r| r.get::<_, String>(0))
            .doing(reading)?;
        let mut heads: Vec<SignedCheckpoint> = Vec::new();
        for note in notes {
            let note = note.doing(reading)?;
            // Before the founding no register knows the key; that head of no entries says nothing.
            if epochs.0.is_empty() {
                continue;
            }
            heads.push(keys::open_head(&note, origin, &epochs, None).map_err(damaged)?);
        }
        // The newest may have no row yet.
        let newest = heads.last().map_or(size, |head| head.checkpoint().size + 1);
        if heads.len() < count as usize && self.size >= newest {
            heads.push((*self.head).clone());
        }
        Ok(heads)
    }
}
