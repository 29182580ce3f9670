//! The station's secrets and clocks: two Ed25519 key files, PINs as Argon2id, the system's time.
//!
//! Nothing here decides. Which key is in force is said by the chain; this crate only finds the file
//! that holds it.

/// The system's clocks.
pub mod clock;
/// One key file: its line, its rights, its durable birth and its destruction.
mod file;
/// The two keys and their change of epoch.
pub mod keyring;
/// PINs: which are usable, hashing, comparing.
pub mod pins;

pub use clock::SystemClock;
pub use keyring::Keyring;
pub use pins::{ArgonPins, pin_acceptable};
