//! That a record only grew from one head to another: the body of an `add-checkpoint` request to a witness
//! (c2sp.org/tlog-witness), kept as a file: the old size, the consistency proof, the new checkpoint.

use std::fmt;

use crate::digest::Digest;
use crate::note::{NOTE_BYTES_MAX, NoteError, SignedCheckpoint, VerifierKey, base64_of, decimal};
use crate::proof::hash_line;
use crate::tree::{ProofError, verify_consistency};

/// The longest consistency proof that the specification allows.
const HASHES_MAX: usize = 63;

/// Why a text does not show growth.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GrowthError {
    /// The text does not have the form of the specification.
    #[error("the proof of growth is malformed: {0}; fetch it again")]
    Malformed(&'static str),
    /// The checkpoint in it is refused.
    #[error("the checkpoint in the proof of growth is refused: {0}")]
    Note(#[from] NoteError),
}

/// Growth to a checkpoint whose signature was verified. What it grew from is not in it: the reader has that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Growth {
    old: u64,
    hashes: Vec<Digest>,
    signed: SignedCheckpoint,
}

impl Growth {
    /// From `old` entries to `signed`; `hashes` as [`crate::tree::consistency_proof`] gives them.
    #[must_use]
    pub fn new(old: u64, hashes: Vec<Digest>, signed: SignedCheckpoint) -> Self {
        Self { old, hashes, signed }
    }

    /// Reads the text and verifies the signature of `key` on its checkpoint.
    ///
    /// # Errors
    /// The text is malformed or the checkpoint is refused.
    pub fn parse(text: &str, key: &VerifierKey) -> Result<Self, GrowthError> {
        let malformed = GrowthError::Malformed;
        // The lines before the checkpoint take less than 4 KiB.
        if text.len() > NOTE_BYTES_MAX + 4096 {
            return Err(malformed("it is too long"));
        }
        let (head, note) = text.split_once("\n\n").ok_or(malformed("it has no checkpoint"))?;
        let mut lines = head.split('\n');
        let old = lines
            .next()
            .and_then(|line| line.strip_prefix("old "))
            .and_then(decimal)
            .ok_or(malformed("its first line is not `old` and a size"))?;
        let hashes: Option<Vec<Digest>> = lines.map(hash_line).collect();
        let hashes = hashes.ok_or(malformed("a hash line is not 32 bytes of base64"))?;
        if hashes.len() > HASHES_MAX {
            return Err(malformed("it has more than 63 hashes"));
        }
        Ok(Self { old, hashes, signed: SignedCheckpoint::open(note, key)? })
    }

    /// Entries of the head that it grew from.
    #[must_use]
    pub fn old(&self) -> u64 {
        self.old
    }

    /// The head that it grew to.
    #[must_use]
    pub fn signed(&self) -> &SignedCheckpoint {
        &self.signed
    }

    /// Checks that the record of [`Growth::old`] entries with this root is the beginning of the new one.
    ///
    /// # Errors
    /// It is not, or this does not show it.
    pub fn check(&self, old_root: &Digest) -> Result<(), ProofError> {
        let new = self.signed.checkpoint();
        verify_consistency(self.old, old_root, new.size, &new.root, &self.hashes)
    }
}

impl fmt::Display for Growth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        for Digest(hash) in &self.hashes {
            writeln!(f, "{}", base64_of(hash))?;
        }
        write!(f, "\n{}", self.signed.note())
    }
}

#[cfg(test)]
mod tests;
