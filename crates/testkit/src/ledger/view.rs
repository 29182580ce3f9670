//! A snapshot of a simulated ledger. Only reading an entry can fail: the rest is in memory once the
//! view is open.

use super::disk::LedgerDisk;
use crate::faults::Faults;
use crate::tables::MemTables;
use sealdock_chain::digest::Digest;
use sealdock_chain::note::SignedCheckpoint;
use sealdock_core::ports::{LedgerView, PortResult, Registers};
use sealdock_core::table::{Query, Row};
use std::sync::Arc;

/// Everything up to the head in force when it was opened. Entries are only ever added, so keeping
/// the size is keeping the snapshot.
pub(super) struct SimView {
    disk: LedgerDisk,
    faults: Faults,
    head: SignedCheckpoint,
    tables: Arc<MemTables>,
}

impl SimView {
    pub(super) fn new(disk: &LedgerDisk, faults: &Faults) -> PortResult<SimView> {
        let state = disk.state();
        Ok(SimView {
            disk: disk.clone(),
            faults: faults.clone(),
            head: state.head()?,
            tables: Arc::clone(&state.tables),
        })
    }

    fn size(&self) -> u64 {
        self.head.checkpoint().size
    }
}

impl Registers for SimView {
    fn select(&self, query: &Query) -> PortResult<Vec<Row>> {
        self.tables.select(query)
    }
}

impl LedgerView for SimView {
    fn head(&self) -> PortResult<SignedCheckpoint> {
        Ok(self.head.clone())
    }

    fn entry(&self, seq: u64) -> PortResult<Option<Vec<u8>>> {
        self.faults.read("ledger.entry", || {
            Ok(if seq < self.size() { self.disk.state().entry(seq) } else { None })
        })
    }

    fn entries(&self, first: u64, count: u32) -> PortResult<Vec<Vec<u8>>> {
        let state = self.disk.state();
        let past = first.saturating_add(u64::from(count)).min(self.size());
        Ok((first..past).map_while(|seq| state.entry(seq)).collect())
    }

    fn node(&self, level: u32, index: u64) -> PortResult<Option<Digest>> {
        let past =
            1u64.checked_shl(level).and_then(|width| width.checked_mul(index.checked_add(1)?));
        if past.is_none_or(|past| past > self.size()) {
            return Ok(None);
        }
        Ok(self.disk.state().nodes.get(&(level, index)).copied())
    }

    fn heads(&self, size: u64, count: u32) -> PortResult<Vec<SignedCheckpoint>> {
        let state = self.disk.state();
        let within =
            |head: &&SignedCheckpoint| (size..=self.size()).contains(&head.checkpoint().size);
        Ok(state.heads.iter().filter(within).take(count as usize).cloned().collect())
    }
}
