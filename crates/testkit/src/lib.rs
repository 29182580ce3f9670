//! The world, simulated: every port of `sealdock_core::ports` in memory, with faults that are *lost*
//! or *landed*, kills between two calls, and media that lie; and the suites that simulated and real
//! ports must both pass. Never shipped.
//!
//! What lies on a disk ([`VaultDisk`], [`SimCard`], [`LedgerDisk`], [`KeyDisk`]) outlives the port
//! that works on it, so that a test can kill a station and start another on what is left.

/// A recorder's card and everything odd about it.
pub mod card;
/// Bytes for clips.
pub mod clips;
/// A clock that a test sets.
pub mod clock;
/// Faults and kills, counted over all ports.
pub mod faults;
/// The chain and registers in memory.
pub mod ledger;
/// Wipe permits, earned as the station earns them.
pub mod permit;
/// A docked recorder.
pub mod recorder;
/// Keys, PINs and a probe without secrets or cost.
pub mod secrets;
/// Reading from bytes in memory, and reading a source whole.
pub mod source;
/// What every implementation of a port must do.
pub mod suite;
/// Register tables in memory.
pub mod tables;
/// A time-stamping authority by OpenSSL.
pub mod tsa;
/// A vault in memory that knows cache from medium.
pub mod vault;
/// One of each, on the same faults.
pub mod world;

pub use card::{CardFile, SimCard};
pub use clock::SimClock;
pub use faults::{Faults, Killed, Mode};
pub use ledger::{LedgerDisk, SimLedger};
pub use recorder::SimRecorder;
pub use secrets::{KeyDisk, SimPins, SimProbe, SimSigner};
pub use tables::MemTables;
pub use vault::{SimVault, VaultDisk};
pub use world::SimWorld;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks what lies on a simulated disk. A kill unwinds through the lock; what is on the disk by then
/// is exactly what the next start finds.
pub(crate) fn lock<T>(disk: &Mutex<T>) -> MutexGuard<'_, T> {
    disk.lock().unwrap_or_else(PoisonError::into_inner)
}
