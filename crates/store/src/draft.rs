//! The inside of one transaction: decisions become entries, rows and secrets, each decision in its
//! own savepoint.

use crate::error::{Doing, damaged};
use crate::record::{self, Link};
use crate::{rows, seal, tree};
use rusqlite::Connection;
use sealdock_chain::digest::Digest;
use sealdock_chain::tree::{Frontier, leaf_hash};
use sealdock_core::event::{Event, KeyKind};
use sealdock_core::ports::{
    Context, Decide, Decision, Kind, PortError, PortResult, Recorded, Refusal,
};
use sealdock_core::time::Stamp;
use serde_json::Value;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What one decision came to.
pub(crate) type Verdict = PortResult<Result<Vec<Recorded>, Refusal>>;

/// Entries of one batch that are not committed yet.
pub(crate) struct Draft<'c> {
    conn: &'c Connection,
    pub(crate) edge: Frontier,
    prev: Digest,
    /// The bytes of every new entry, to hold what is read back against.
    pub(crate) meant: Vec<Vec<u8>>,
    pub(crate) has_secrets: bool,
    /// A log key rotation is in it: only the old key may sign up to here, so nothing may follow.
    pub(crate) ends_epoch: bool,
}

impl<'c> Draft<'c> {
    pub(crate) fn begin(conn: &'c Connection, edge: Frontier) -> PortResult<Draft<'c>> {
        let prev = seal::last_leaf(conn, edge.size())?;
        Ok(Draft { conn, edge, prev, meant: Vec::new(), has_secrets: false, ends_epoch: false })
    }

    /// Runs one decision. An inner error or refusal leaves no trace of it.
    ///
    /// # Errors
    /// The whole transaction is lost: no room, or SQLite gave it up.
    pub(crate) fn decide(
        &mut self,
        actor: &Value,
        at: Stamp,
        decide: Decide,
    ) -> PortResult<Verdict> {
        self.execute("SAVEPOINT decision")?;
        let (edge, prev, entries) = (self.edge.clone(), self.prev, self.meant.len());
        // A decision that panics is one decision that failed; the others of the batch go on.
        let inside = AssertUnwindSafe(|| self.decide_inside(actor, at, decide));
        let verdict = catch_unwind(inside).unwrap_or_else(|_| {
            let text = "the decision panicked and changed nothing; report this with the logs";
            Err(PortError::new(Kind::Failed, text))
        });
        if let Ok(Ok(_)) = verdict {
            self.execute("RELEASE decision")?;
            return Ok(verdict);
        }
        (self.edge, self.prev, self.ends_epoch) = (edge, prev, false);
        self.meant.truncate(entries);
        match verdict {
            Err(error) if self.conn.is_autocommit() || error.kind == Kind::NoSpace => Err(error),
            verdict => {
                self.execute("ROLLBACK TO decision")?;
                self.execute("RELEASE decision")?;
                Ok(verdict)
            }
        }
    }

    fn execute(&self, sql: &str) -> PortResult<()> {
        self.conn
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute([]))
            .doing(|| format!("execute {sql}"))
            .map(|_| ())
    }

    fn decide_inside(&mut self, actor: &Value, at: Stamp, decide: Decide) -> Verdict {
        let context = Context { seq: self.edge.size(), at };
        let tables = rows::Tables(self.conn);
        let decision = match decide(&tables, &context)? {
            Ok(decision) => decision,
            Err(refusal) => return Ok(Err(refusal)),
        };
        self.append(actor, &context.at, decision).map(Ok)
    }

    fn append(
        &mut self,
        actor: &Value,
        at: &Stamp,
        decision: Decision,
    ) -> PortResult<Vec<Recorded>> {
        let mut recorded = Vec::with_capacity(decision.events.len());
        for event in &decision.events {
            recorded.push(self.append_event(actor, at, event)?);
        }
        for (name, value) in &decision.secrets {
            self.store_secret(name, value)?;
            self.has_secrets = true;
        }
        Ok(recorded)
    }

    fn append_event(&mut self, actor: &Value, at: &Stamp, event: &Event) -> PortResult<Recorded> {
        if self.ends_epoch {
            let text = "a rotation of the log key must be the last event of its decision";
            return Err(PortError::new(Kind::Invalid, text));
        }
        let seq = self.edge.size();
        let link = Link { seq, prev: self.prev };
        let (bytes, record) = record::write(link, at, actor, event)?;
        let leaf = leaf_hash(&bytes);
        record::store(self.conn, seq, &bytes, leaf)?;
        for change in record.changes() {
            rows::apply(self.conn, &change)?;
        }
        self.grow(leaf)?;
        self.meant.push(bytes);
        self.ends_epoch = matches!(event, Event::KeyRotated(e) if e.key == KeyKind::Log);
        Ok(Recorded { seq, leaf })
    }

    fn grow(&mut self, leaf: Digest) -> PortResult<()> {
        let mut kept = Vec::new();
        self.edge.push_with(leaf, |level, index, hash| {
            if tree::is_kept(level) {
                kept.push((level, index, hash));
            }
        });
        for (level, index, hash) in kept {
            tree::store_node(self.conn, level, index, hash)?;
        }
        self.prev = leaf;
        Ok(())
    }

    fn store_secret(&self, name: &str, value: &str) -> PortResult<()> {
        self.conn
            .prepare_cached(
                "INSERT INTO secret (name, value) VALUES (?1, ?2)
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            )
            .and_then(|mut statement| statement.execute((name, value)))
            .doing(|| format!("store the secret {name}"))?;
        Ok(())
    }
}

/// Opens the transaction, and refuses if anybody else has appended since.
pub(crate) fn begin(conn: &Connection, size: u64) -> PortResult<Frontier> {
    conn.execute_batch("BEGIN IMMEDIATE").doing(|| "begin a transaction".into())?;
    let edge = tree::frontier(conn)?;
    if edge.size() != size {
        return Err(damaged(format!(
            "the log has {} entries where this process left {size}: another process writes to it; \
             stop both and run `sealdock check`",
            edge.size()
        )));
    }
    Ok(edge)
}
