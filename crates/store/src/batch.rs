//! One batch of the writer: many decisions, one durable transaction, one head.

use crate::draft::{self, Draft, Verdict};
use crate::error::Doing;
use crate::faults::Step;
use crate::gate::{Gate, unknown};
use crate::keys::Epochs;
use crate::seal::Sealer;
use crate::tree;
use rusqlite::Connection;
use sealdock_chain::note::SignedCheckpoint;
use sealdock_chain::tree::Frontier;
use sealdock_core::event::KeyKind;
use sealdock_core::ports::{Clock, Decide, Kind, PortError, PortResult};
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long new decisions wait for the station to activate a log key that was rotated.
const ACTIVATION_PATIENCE: Duration = Duration::from_secs(2);

/// A decision that waits for its turn.
pub(crate) struct Wish {
    pub(crate) actor: Value,
    pub(crate) decide: Decide,
}

/// The state of the one writer.
pub(crate) struct Writer {
    pub(crate) sealer: Sealer,
    /// The only connection that writes; dropped after the sealer's, because the last one to close
    /// carries the write-ahead log over, and readers may not.
    pub(crate) conn: Connection,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) size: u64,
    /// The signer holds a log key that the next batch is to put in force: nothing else can be appended.
    pub(crate) replacing: bool,
    /// Handed out and in the file `head`, but its row in the table comes with the next transaction.
    pub(crate) unfiled: Option<Arc<SignedCheckpoint>>,
}

/// What a batch came to: a verdict for each wish that was taken, and the head that covers them.
pub(crate) type Outcome = PortResult<(Vec<Verdict>, Arc<SignedCheckpoint>)>;

impl Writer {
    // The steps of one batch:
    //
    //  1. BEGIN IMMEDIATE; the stored size must be the size this writer left (CAS).
    //  2. The row of the last head goes into its table: it was persisted in the file `head` before.
    //  3. Each wish, in a savepoint: decide on the registers of this very connection → encode with
    //     seq and prev → insert entries, row changes, nodes, secrets. A refusal rolls back itself.
    //  4. Store the right edge of the tree; check that the key at hand may sign the new size.
    //  5. COMMIT: durable. From here on an error means "unknown", and the writer serves nobody more.
    //  6. Re-read the new entries on another connection, compare byte for byte with what was meant.
    //  7. Recompute the right edge from the *stored* edge of step 1 and the leaves of the re-read
    //     bytes; compare with the edge stored in step 4.
    //  8. Sign the head; the signature is verified while the note is assembled.
    //  9. Persist the head: one write in place, fdatasync.
    // 10. Only then: readers may enter, the wishes are answered.
    /// Takes wishes from the front, all or up to a rotation of the log key.
    pub(crate) fn batch(&mut self, wishes: &mut VecDeque<Wish>) -> Outcome {
        let standing = self.gate.standing()?;
        if !self.replacing {
            self.await_activation()?;
        }
        let (before, draft) = match self.prepare(wishes) {
            Ok(prepared) => prepared,
            Err(error) => {
                self.roll_back();
                return Err(error);
            }
        };
        if draft.meant.is_empty() && !draft.has_secrets {
            self.roll_back();
            return Ok((draft.verdicts, standing));
        }
        let gate = Arc::clone(&self.gate);
        let mut closed = gate.close();
        match self.commit_and_seal(before, &draft, standing) {
            Ok(head) => {
                *closed = Ok(Arc::clone(&head));
                Ok((draft.verdicts, head))
            }
            Err(error) if error.kind == Kind::NoSpace => Err(error),
            Err(error) => {
                let error = unknown(&error.message);
                *closed = Err(error.clone());
                Err(error)
            }
        }
    }

    /// Steps 1 to 4.
    fn prepare(&mut self, wishes: &mut VecDeque<Wish>) -> PortResult<(Frontier, Prepared)> {
        let before = draft::begin(&self.conn, self.size)?;
        if let Some(head) = &self.unfiled {
            file_head(&self.conn, head)?;
        }
        let mut draft = Draft::begin(&self.conn, before.clone())?;
        let mut verdicts = Vec::with_capacity(wishes.len());
        while !draft.ends_epoch
            && let Some(wish) = wishes.pop_front()
        {
            verdicts.push(draft.decide(&wish.actor, self.clock.now(), wish.decide)?);
        }
        let Draft { edge, meant, has_secrets, .. } = draft;
        if edge.size() > before.size() {
            tree::store_frontier(&self.conn, &edge)?;
            self.check_key(edge.size())?;
        }
        Ok((before, Prepared { verdicts, meant, has_secrets, size: edge.size() }))
    }

    /// Steps 5 to 9.
    fn commit_and_seal(
        &mut self,
        before: Frontier,
        draft: &Prepared,
        standing: Arc<SignedCheckpoint>,
    ) -> PortResult<Arc<SignedCheckpoint>> {
        self.sealer.dies(Step::BeforeCommit)?;
        self.commit()?;
        self.sealer.dies(Step::AfterCommit)?;
        self.size = draft.size;
        self.replacing = false;
        self.unfiled = None;
        if draft.meant.is_empty() {
            return Ok(standing);
        }
        let head = Arc::new(self.sealer.seal(before, Some(&draft.meant))?);
        self.unfiled = Some(Arc::clone(&head));
        Ok(head)
    }

    /// A full disk is the one failure of COMMIT that is certain: SQLite reports it only while it
    /// writes frames, and the frame that commits is the last of them. An fsync that fails is not.
    fn commit(&mut self) -> PortResult<()> {
        let Err(error) = self.conn.execute_batch("COMMIT").doing(|| "commit".into()) else {
            return Ok(());
        };
        self.roll_back();
        if error.kind == Kind::NoSpace && self.sealer.stored_size() == Ok(self.size) {
            return Err(error);
        }
        Err(unknown(&error.message))
    }

    fn roll_back(&self) {
        if !self.conn.is_autocommit()
            && let Err(error) = self.conn.execute_batch("ROLLBACK")
        {
            // The next batch begins by comparing sizes; it cannot build on what is half there.
            tracing::error!(%error, "the transaction could not be rolled back");
        }
    }

    /// After a rotation the station activates the new key; until then no larger head can be signed.
    fn await_activation(&self) -> PortResult<()> {
        let deadline = Instant::now() + ACTIVATION_PATIENCE;
        let epochs = Epochs::read(&self.conn, KeyKind::Log)?;
        let Some(wanted) = epochs.for_size(self.size + 1) else { return Ok(()) };
        while self.sealer.signer.public(KeyKind::Log) != wanted.public {
            if Instant::now() > deadline {
                return Err(PortError::new(
                    Kind::Failed,
                    format!(
                        "the log key of epoch {} is in force but not activated; restart the \
                         station, which activates it",
                        wanted.number
                    ),
                ));
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        Ok(())
    }

    fn check_key(&self, size: u64) -> PortResult<()> {
        let epochs = Epochs::read(&self.conn, KeyKind::Log)?;
        match epochs.for_size(size) {
            Some(epoch) if epoch.public != self.sealer.signer.public(KeyKind::Log) => {
                Err(PortError::new(
                    Kind::Invalid,
                    format!(
                        "a head of {size} entries needs the log key of epoch {}, and the signer \
                         holds another; use the key files of this station",
                        epoch.number
                    ),
                ))
            }
            _ => Ok(()),
        }
    }

    /// Gives the newest head its row now: before a backup, and when the store is closed.
    pub(crate) fn settle(&mut self) -> PortResult<()> {
        self.gate.standing()?;
        if let Some(head) = &self.unfiled {
            file_head(&self.conn, head)?;
            self.unfiled = None;
        }
        Ok(())
    }
}

/// What a transaction holds before it is committed.
struct Prepared {
    verdicts: Vec<Verdict>,
    meant: Vec<Vec<u8>>,
    has_secrets: bool,
    size: u64,
}

pub(crate) fn file_head(conn: &Connection, head: &SignedCheckpoint) -> PortResult<()> {
    conn.prepare_cached("INSERT INTO head (size, note) VALUES (?1, ?2)")
        .and_then(|mut statement| statement.execute((head.checkpoint().size, head.note())))
        .doing(|| format!("file the head of {} entries", head.checkpoint().size))?;
    Ok(())
}
