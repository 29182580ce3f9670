//! From committed entries to a persisted head. The normal path and the recovery after a crash are
//! this one function.

use crate::connection::{self, Access};
use crate::error::{Doing, damaged};
use crate::faults::{Fate, Faults, Step};
use crate::files::Files;
use crate::record::{self, Record};
use crate::slots::HeadFile;
use crate::tree;
use rusqlite::Connection;
use sealdock_chain::digest::Digest;
use sealdock_chain::note::{Checkpoint, SignedCheckpoint, VerifierKey};
use sealdock_chain::tree::{Frontier, leaf_hash};
use sealdock_core::event::KeyKind;
use sealdock_core::ports::{PortError, PortResult, Signer};
use std::sync::Arc;

/// Entries that are read back at once while a head is made after a crash.
const STRETCH: u64 = 1024;

/// Makes and persists heads.
pub(crate) struct Sealer {
    pub(crate) origin: String,
    pub(crate) signer: Arc<dyn Signer>,
    pub(crate) faults: Arc<dyn Faults>,
    pub(crate) head_file: HeadFile,
    /// The log key in force, checked once and not for every head.
    key: Option<VerifierKey>,
    /// Never the connection that wrote.
    second: Connection,
}

impl Sealer {
    pub(crate) fn new(
        files: &Files,
        head_file: HeadFile,
        origin: String,
        outside: &crate::Outside,
    ) -> PortResult<Sealer> {
        Ok(Sealer {
            origin,
            signer: Arc::clone(&outside.signer),
            faults: Arc::clone(&outside.faults),
            head_file,
            key: None,
            second: connection::open(&files.database(), Access::Read)?,
        })
    }

    /// Re-reads what was committed on top of `before`, holds it against what was `meant` (nothing is
    /// known of that after a crash), recomputes the root, signs and persists the head.
    pub(crate) fn seal(
        &mut self,
        before: Frontier,
        meant: Option<&[Vec<u8>]>,
    ) -> PortResult<SignedCheckpoint> {
        // One snapshot for entries and tree; a failure leaves the connection to the caller's end.
        self.second.execute_batch("BEGIN").doing(|| "begin to read back".into())?;
        let computed = match meant {
            Some(meant) => self.reread_meant(before, meant)?,
            None => self.reread_unknown(before)?,
        };
        let stored = tree::frontier(&self.second)?;
        self.second.execute_batch("COMMIT").doing(|| "end reading back".into())?;
        if stored != computed {
            return Err(damaged(format!(
                "the stored tree of {} entries is not the tree of the entries that were read back",
                stored.size()
            )));
        }
        self.dies(Step::BeforeSign)?;
        let head = self.sign(computed.size(), computed.root())?;
        self.dies(Step::AfterSign)?;
        self.persist(&head)?;
        Ok(head)
    }

    /// Entries that are committed, as the second connection sees it.
    pub(crate) fn stored_size(&self) -> PortResult<u64> {
        tree::frontier(&self.second).map(|edge| edge.size())
    }

    fn reread_meant(&self, mut edge: Frontier, meant: &[Vec<u8>]) -> PortResult<Frontier> {
        let first = edge.size();
        let past = first + meant.len() as u64;
        let mut found = record::load_range(&self.second, first, past)?;
        if found.len() != meant.len() {
            let text = format!("{} of {} entries read back", found.len(), meant.len());
            return Err(damaged(text));
        }
        for ((bytes, meant), seq) in found.iter_mut().zip(meant).zip(first..) {
            self.faults.reread(seq, bytes);
            if bytes != meant {
                return Err(damaged(format!("entry {seq} does not read back as it was written")));
            }
            edge.push(leaf_hash(bytes));
        }
        Ok(edge)
    }

    /// After a crash: whatever is committed must be readable, linked and numbered.
    fn reread_unknown(&self, mut edge: Frontier) -> PortResult<Frontier> {
        let past = tree::frontier(&self.second)?.size();
        let mut prev = last_leaf(&self.second, edge.size())?;
        while edge.size() < past {
            let first = edge.size();
            let found = record::load_range(&self.second, first, past.min(first + STRETCH))?;
            if found.is_empty() {
                return Err(damaged(format!("entry {first} is not there")));
            }
            for (mut bytes, seq) in found.into_iter().zip(first..) {
                self.faults.reread(seq, &mut bytes);
                let record = Record::read(&bytes)
                    .map_err(|why| damaged(format!("entry {seq} cannot be read: {why}")))?;
                if record.seq != seq || record.prev != prev {
                    return Err(damaged(format!(
                        "entry {seq} does not continue the one before it"
                    )));
                }
                prev = leaf_hash(&bytes);
                edge.push(prev);
            }
        }
        Ok(edge)
    }

    fn sign(&mut self, size: u64, root: Digest) -> PortResult<SignedCheckpoint> {
        let checkpoint = Checkpoint { origin: self.origin.clone(), size, root };
        let refused = |error: sealdock_chain::note::NoteError| {
            damaged(format!("the head of {size} entries cannot be signed: {error}"))
        };
        let public = self.signer.public(KeyKind::Log);
        let known = self.key.take().filter(|key| *key.public() == public);
        let key = match known {
            Some(key) => key,
            None => VerifierKey::new(self.origin.clone(), public).map_err(refused)?,
        };
        let signature = self.signer.sign(KeyKind::Log, checkpoint.body().as_bytes())?;
        let head = SignedCheckpoint::assemble(checkpoint, &key, signature).map_err(refused)?;
        self.key = Some(key);
        Ok(head)
    }

    /// The head is on the medium when this returns.
    pub(crate) fn persist(&mut self, head: &SignedCheckpoint) -> PortResult<()> {
        self.dies(Step::HeadLost)?;
        self.head_file.write(head.note()).map_err(|error| {
            PortError::new(
                sealdock_core::ports::Kind::Unknown,
                format!("cannot persist the head of {} entries: {error}", head.checkpoint().size),
            )
        })?;
        self.dies(Step::HeadLanded)
    }

    pub(crate) fn dies(&self, step: Step) -> PortResult<()> {
        match self.faults.at(step) {
            Fate::Goes => Ok(()),
            Fate::Dies => Err(crate::gate::unknown(&format!("the process died at {step:?}"))),
        }
    }
}

/// The leaf hash of the last of `size` entries, from its bytes; zeros for none.
pub(crate) fn last_leaf(conn: &Connection, size: u64) -> PortResult<Digest> {
    let Some(last) = size.checked_sub(1) else { return Ok(Digest::ZERO) };
    let Some((bytes, leaf)) = record::load(conn, last)? else {
        return Err(damaged(format!("entry {last} is not there; run `sealdock check`")));
    };
    if leaf_hash(&bytes) != leaf {
        return Err(damaged(format!(
            "entry {last} is not what its leaf hash says; run `sealdock check`"
        )));
    }
    Ok(leaf)
}
