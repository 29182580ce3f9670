//! The station's secrets and clocks: two Ed25519 keys in files or on a PKCS#11 token, PINs as Argon2id, the system's
//! time.
//!
//! Nothing here decides. Which key is in force is said by the chain; this crate only finds the file
//! or the token that holds it.

/// The system's clocks.
pub mod clock;
/// One key file: its line, its rights, its durable birth and its destruction.
mod file;
/// Where the keys lie.
mod home;
/// The two keys and their change of epoch.
pub mod keyring;
/// What stands in a key file.
mod line;
/// PINs: which are usable, hashing, comparing.
pub mod pins;
/// Keys on a PKCS#11 token.
mod token;

pub use clock::SystemClock;
pub use home::KeyHome;
pub use keyring::Keyring;
pub use pins::{ArgonPins, pin_acceptable};
pub use token::{PinAt, Token, TokenAt};
