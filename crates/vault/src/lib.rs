//! Clips on disk: written past the page cache, synced, read back from the medium, renamed to the
//! name of their content without ever replacing anything. Implements [`sealdock_core::ports::Vault`]
//! on a directory; `docs/design/vault.md` has the layout, the steps and what a crash leaves.

mod displace;
mod errors;
mod faults;
mod flags;
mod founding;
mod incoming;
mod inventory;
mod layout;
mod options;
mod qualify;
mod removal;
mod residency;
mod source;
mod tree;
mod vault;

pub use faults::{Errno, Faults, Outcome, Step};
pub use flags::Flags;
pub use options::VaultOptions;
pub use qualify::{DiskFacts, qualify};
pub use vault::DiskVault;

use sealdock_core::Digest;
