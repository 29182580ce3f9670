//! What readers may see. The writer closes the gate from before COMMIT until the head is persisted,
//! so a snapshot taken through it never holds an entry without a head.

use sealdock_chain::note::SignedCheckpoint;
use sealdock_core::ports::{Kind, PortError, PortResult};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// The head in force, or why there is none.
pub(crate) type Standing = PortResult<Arc<SignedCheckpoint>>;

/// Shared by the writer and all readers of one open store.
#[derive(Debug)]
pub(crate) struct Gate(RwLock<Standing>);

impl Gate {
    pub(crate) fn new(standing: Standing) -> Gate {
        Gate(RwLock::new(standing))
    }

    /// Keeps the writer out while a snapshot is begun.
    pub(crate) fn enter(&self) -> RwLockReadGuard<'_, Standing> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps readers out between COMMIT and the persisted head.
    pub(crate) fn close(&self) -> RwLockWriteGuard<'_, Standing> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The head in force.
    pub(crate) fn standing(&self) -> Standing {
        self.enter().clone()
    }
}

/// A durable step may or may not have happened: nobody is served any more.
pub(crate) fn unknown(why: &str) -> PortError {
    PortError::new(
        Kind::Unknown,
        format!(
            "the ledger does not know what is durable: {why}; stop and restart, start-up recovers"
        ),
    )
}
