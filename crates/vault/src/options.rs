//! What may differ between a station's vault and a vault made for a test.

use crate::faults::Faults;

/// How a vault behaves.
#[derive(Debug, Clone)]
pub struct VaultOptions {
    /// Bytes that copies may not use, so that chain, objects and logs can still be written on a full
    /// disk. Objects and sidecars may use them.
    pub reserve_bytes: u64,
    /// Sets the immutable flag on what is kept, where the file system and the rights of the process
    /// allow. It stops accidents, not root.
    pub immutable: bool,
    /// Accepts a file system that lives in memory. Reading back from the medium still fails there.
    pub allow_volatile: bool,
    /// Makes steps fail; for tests.
    pub faults: Faults,
}

impl Default for VaultOptions {
    fn default() -> VaultOptions {
        VaultOptions {
            reserve_bytes: 2 << 30,
            immutable: true,
            allow_volatile: false,
            faults: Faults::default(),
        }
    }
}
