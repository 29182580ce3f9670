//! The chain and its registers in memory: real entries, real tree, real signatures. What is
//! committed and what has a head are two things here too, and a ledger that met a fault between them
//! serves nobody until it is opened again.

mod audit;
mod disk;
mod view;

pub use disk::LedgerDisk;

use crate::faults::Faults;
use crate::lock;
use disk::{Batch, State};
use sealdock_chain::note::{Checkpoint, SignedCheckpoint, VerifierKey};
use sealdock_core::actor::ActorRecord;
use sealdock_core::event::KeyKind;
use sealdock_core::ports::{
    Appended, Clock, Context, Decide, Kind, Ledger, LedgerReport, LedgerView, PortError,
    PortResult, Recorded, Refusal, Signer,
};
use std::sync::{Arc, Mutex};
use view::SimView;

/// The port to a [`LedgerDisk`].
///
/// A transaction is three calls that can fail: `ledger.begin` (nothing happened), `ledger.commit`
/// (landed: the entries are there and have no head) and `ledger.head` (lost: the same; landed: the
/// head is there, and nobody was told).
pub struct SimLedger {
    disk: LedgerDisk,
    signer: Arc<dyn Signer>,
    clock: Arc<dyn Clock>,
    faults: Faults,
    /// Why nobody is served any more. Also lets one decision in at a time.
    stopped: Mutex<Option<PortError>>,
}

impl SimLedger {
    /// Opens the ledger: entries without a head, left by a crash, get theirs.
    ///
    /// # Errors
    /// The signer's, a simulated fault, or the signer holds another key than the chain says.
    pub fn open(
        disk: &LedgerDisk,
        signer: Arc<dyn Signer>,
        clock: Arc<dyn Clock>,
        faults: &Faults,
    ) -> PortResult<SimLedger> {
        let ledger = SimLedger {
            disk: disk.clone(),
            signer,
            clock,
            faults: faults.clone(),
            stopped: Mutex::new(None),
        };
        let size = disk.state().entries.len() as u64;
        if disk.state().heads.last().is_none_or(|head| head.checkpoint().size < size) {
            ledger.make_head()?;
        }
        Ok(ledger)
    }

    fn make_head(&self) -> PortResult<SignedCheckpoint> {
        let (checkpoint, expected) = {
            let state = self.disk.state();
            let size = state.entries.len() as u64;
            let root = state.edge.root();
            (Checkpoint { origin: state.origin.clone(), size, root }, state.log_key_for(size))
        };
        let public = self.signer.public(KeyKind::Log);
        if expected.is_some_and(|key| key != public) {
            return Err(not_active());
        }
        let signature = self.signer.sign(KeyKind::Log, checkpoint.body().as_bytes())?;
        let refused = |e| PortError::new(Kind::Damaged, format!("the head cannot be signed: {e}"));
        let key = VerifierKey::new(checkpoint.origin.clone(), public).map_err(refused)?;
        let head = SignedCheckpoint::assemble(checkpoint, &key, signature).map_err(refused)?;
        self.faults.write("ledger.head", || {
            self.disk.state().heads.push(head.clone());
            Ok(head)
        })
    }

    /// From the commit on an error leaves open what is durable.
    fn commit_and_sign(&self, batch: Batch) -> PortResult<SignedCheckpoint> {
        let committed = self.faults.write("ledger.commit", || {
            self.disk.state().commit(batch);
            Ok(())
        });
        committed.and_then(|()| self.make_head()).map_err(|e| {
            let message =
                format!("{}; the ledger does not know what is durable: restart", e.message);
            PortError::new(Kind::Unknown, message)
        })
    }

    fn check_key(&self, state: &State) -> PortResult<()> {
        let next = state.entries.len() as u64 + 1;
        match state.log_key_for(next) {
            Some(key) if key != self.signer.public(KeyKind::Log) => Err(not_active()),
            _ => Ok(()),
        }
    }
}

fn not_active() -> PortError {
    let message = "the log key was rotated and the signer still holds another; activate it first";
    PortError::new(Kind::Failed, message)
}

impl Ledger for SimLedger {
    fn transact(
        &self,
        actor: &ActorRecord,
        decide: Decide,
    ) -> PortResult<Result<Appended, Refusal>> {
        let mut stopped = lock(&self.stopped);
        if let Some(error) = &*stopped {
            return Err(error.clone());
        }
        self.faults.read("ledger.begin", || self.check_key(&self.disk.state()))?;
        let mut batch = Batch::begin(&self.disk.state());
        let context = Context { seq: batch.seq(), at: self.clock.now() };
        let decision = match decide(&batch.tables, &context)? {
            Ok(decision) => decision,
            Err(refusal) => return Ok(Err(refusal)),
        };
        for event in &decision.events {
            batch.append(actor, &context.at, event)?;
        }
        batch.secrets = decision.secrets;
        let entries: Vec<Recorded> = batch.recorded();
        if entries.is_empty() && batch.secrets.is_empty() {
            return Ok(Ok(Appended { entries, head: self.disk.state().head()? }));
        }
        let head = self.commit_and_sign(batch).inspect_err(|e| *stopped = Some(e.clone()))?;
        Ok(Ok(Appended { entries, head }))
    }

    fn view(&self) -> PortResult<Box<dyn LedgerView>> {
        if let Some(error) = &*lock(&self.stopped) {
            return Err(error.clone());
        }
        self.faults.read("ledger.view", || {
            let view = SimView::new(&self.disk, &self.faults)?;
            Ok(Box::new(view) as Box<dyn LedgerView>)
        })
    }

    fn secret(&self, name: &str) -> PortResult<Option<String>> {
        self.faults.read("ledger.secret", || Ok(self.disk.state().secrets.get(name).cloned()))
    }

    fn verify(&self, deep: bool, progress: &mut dyn FnMut(u64, u64)) -> PortResult<LedgerReport> {
        self.faults.read("ledger.verify", || Ok(audit::walk(&self.disk.state(), deep, progress)))
    }

    fn backup_to(&self, file: &std::path::Path) -> PortResult<()> {
        self.faults.write("ledger.backup", || {
            let bytes = self.disk.state().entries.join(&b'\n');
            std::fs::write(file, bytes).map_err(|e| {
                let message = format!("cannot write the backup {}: {e}", file.display());
                PortError::new(Kind::Failed, message)
            })
        })
    }
}

#[cfg(test)]
mod tests;
