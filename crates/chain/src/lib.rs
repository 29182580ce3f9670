//! The evidence formats of sealdock: canonical entries, the Merkle tree over
//! them, signed checkpoints, detached clip signatures and chunk trees.
//!
//! Everything here is pure: no input or output, no clock, no randomness, no
//! threads. It verifies signatures and never makes one. The byte layouts are
//! written down in `docs/design/chain-format.md`.

pub mod canon;
pub mod chunk;
pub mod clock_intent;
pub mod cosign;
pub mod digest;
pub mod ed25519;
pub mod entry;
pub mod equivocation;
pub mod growth;
pub mod intent;
pub mod note;
pub mod policy;
pub mod proof;
pub mod sshsig;
pub mod tiles;
pub mod tree;

pub use canon::{CanonError, parse_canonical, to_canonical};
pub use chunk::{CHUNK_BYTES, ChunkTree, Chunks};
pub use clock_intent::{CLOCK_NOTE_BYTES_MAX, ClockIntent, is_clock_note, is_earlier_note};
pub use cosign::WitnessKey;
pub use digest::{Digest, DigestError};
pub use entry::{ENTRY_BYTES_MAX, Entry, EntryError};
pub use equivocation::{Equivocation, EquivocationError};
pub use growth::Growth;
pub use intent::{INTENT_LIFE_MS_MAX, INTENT_VERSION, IntentError, WipeIntent};
pub use note::{Checkpoint, NoteError, SignedCheckpoint, VerifierKey};
pub use policy::WitnessPolicy;
pub use proof::TlogProof;
pub use tree::{Frontier, Included, NodeSource, ProofError, TreeError};
