//! Reading verbs need no keys, so that a station whose keys are lost can still be read.

use sealdock_core::event::KeyKind;
use sealdock_core::ports::{KeyPlace, Kind, PortError, PortResult, Signer};

/// Signs nothing.
pub struct NoKeys;

fn refused<T>() -> PortResult<T> {
    let text = "the station is open for reading, its keys were not opened; nothing was signed";
    Err(PortError::new(Kind::ReadOnly, text))
}

impl Signer for NoKeys {
    fn public(&self, _: KeyKind) -> [u8; 32] {
        [0; 32]
    }
    fn sign(&self, _: KeyKind, _: &[u8]) -> PortResult<[u8; 64]> {
        refused()
    }
    fn prepare_next(&self, _: KeyKind, _: Option<KeyPlace>) -> PortResult<[u8; 32]> {
        refused()
    }
    fn sign_next(&self, _: KeyKind, _: &[u8]) -> PortResult<[u8; 64]> {
        refused()
    }
    fn activate(&self, _: KeyKind, _: [u8; 32]) -> PortResult<()> {
        refused()
    }
}
