//! A witness: somebody outside a station who remembers the largest head of its record and cosigns only what grew from
//! it (c2sp.org/tlog-witness). It needs no station. `docs/design/witness.md` has the invariants and the order of durable
//! steps.

/// Requests on a stick, and their answers.
pub mod courier;
/// What a request deserves; pure.
pub mod decide;
mod disk;
mod error;
mod evidence;
mod key;
mod memory;
mod witness;

/// Records for tests.
#[cfg(test)]
mod testing;

pub use disk::{Fate, Faults, Step};
pub use error::{Kind, WitnessError};
pub use evidence::Kept;
pub use witness::{Answer, Known, SIZE_TYPE, Says, Witness, origin_hash};
