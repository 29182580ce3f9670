//! The world, simulated: every port of `sealdock_core::ports` in memory, with faults that are *lost*
//! or *landed*, kills between two calls, and media that lie; and the suites that simulated and real
//! ports must both pass. Never shipped.
//!
//! What lies on a disk ([`VaultDisk`], [`SimCard`]) outlives the port
//! that works on it, so that a test can kill a station and start another on what is left.

/// A recorder's card and everything odd about it.
pub mod card;
/// Bytes for clips.
pub mod clips;
/// Faults and kills, counted over all ports.
pub mod faults;
/// Wipe permits, earned as the station earns them.
pub mod permit;
/// A docked recorder.
pub mod recorder;
/// Reading from bytes in memory, and reading a source whole.
pub mod source;
/// What every implementation of a port must do.
pub mod suite;
/// A vault in memory that knows cache from medium.
pub mod vault;

pub use card::{CardFile, SimCard};
pub use faults::{Faults, Killed, Mode};
pub use recorder::SimRecorder;
pub use vault::{SimVault, VaultDisk};

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks what lies on a simulated disk. A kill unwinds through the lock; what is on the disk by then
/// is exactly what the next start finds.
pub(crate) fn lock<T>(disk: &Mutex<T>) -> MutexGuard<'_, T> {
    disk.lock().unwrap_or_else(PoisonError::into_inner)
}
