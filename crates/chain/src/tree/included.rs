//! A proof value: whoever holds an [`Included`] has checked that an entry lies
//! under a root. It can be had in no other way, so a function that takes one
//! cannot be called with an unchecked claim.

use super::{ProofError, leaf_hash, verify_inclusion};
use crate::digest::Digest;
use crate::note::Checkpoint;

/// An entry proven to be under a root. Neither cloned nor read from a file.
#[derive(Debug, PartialEq, Eq)]
pub struct Included {
    seq: u64,
    leaf: Digest,
    root: Digest,
    size: u64,
}

impl Included {
    /// Checks that `entry_bytes` is entry `seq` under `checkpoint`. Who signed
    /// the checkpoint is a question for [`crate::SignedCheckpoint::open`].
    ///
    /// # Errors
    /// The proof does not lead from the entry to the checkpoint's root.
    pub fn check(
        entry_bytes: &[u8],
        seq: u64,
        proof: &[Digest],
        checkpoint: &Checkpoint,
    ) -> Result<Self, ProofError> {
        let leaf = leaf_hash(entry_bytes);
        verify_inclusion(&leaf, seq, checkpoint.size, proof, &checkpoint.root)?;
        Ok(Self { seq, leaf, root: checkpoint.root, size: checkpoint.size })
    }

    /// Position of the entry, from 0.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// Leaf hash of the entry.
    #[must_use]
    pub fn leaf(&self) -> Digest {
        self.leaf
    }

    /// The root the entry lies under.
    #[must_use]
    pub fn root(&self) -> Digest {
        self.root
    }

    /// Entries under that root.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }
}
