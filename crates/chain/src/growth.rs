//! That a record only grew from one head to another: the body of an `add-checkpoint` request to a witness
//! (c2sp.org/tlog-witness), kept as a file: the old size, the consistency proof, the new checkpoint.

use std::fmt;

use crate::digest::Digest;
use crate::note::{Checkpoint, NOTE_BYTES_MAX, base64_of, decimal};
use crate::proof::hash_line;
use crate::tree::{ProofError, verify_consistency};

/// The longest consistency proof that the specification allows.
const HASHES_MAX: usize = 63;

/// Why a text does not show growth.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the proof of growth is malformed: {0}; fetch it again")]
pub struct GrowthError(&'static str);

/// Growth from a head that is not in it to one that is. Neither is checked yet: whoever reads it opens the later
/// one under the key that they believe, and brings the earlier one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Growth {
    old: u64,
    hashes: Vec<Digest>,
    note: String,
}

impl Growth {
    /// From `old` entries to the checkpoint in `note`; `hashes` as [`crate::tree::consistency_proof`] gives
    /// them.
    #[must_use]
    pub fn new(old: u64, hashes: Vec<Digest>, note: String) -> Self {
        Self { old, hashes, note }
    }

    /// Reads the one spelling of it.
    ///
    /// # Errors
    /// The text is malformed.
    pub fn parse(text: &str) -> Result<Self, GrowthError> {
        // The lines before the checkpoint take less than 4 KiB.
        if text.len() > NOTE_BYTES_MAX + 4096 {
            return Err(GrowthError("it is too long"));
        }
        let (head, note) = text.split_once("\n\n").ok_or(GrowthError("it holds no later head"))?;
        let mut lines = head.split('\n');
        let old = lines
            .next()
            .and_then(|line| line.strip_prefix("old "))
            .and_then(decimal)
            .ok_or(GrowthError("its first line is not `old` and a size"))?;
        let hashes: Option<Vec<Digest>> = lines.map(hash_line).collect();
        let hashes = hashes.ok_or(GrowthError("a hash line is not 32 bytes of base64"))?;
        if hashes.len() > HASHES_MAX {
            return Err(GrowthError("it has more than 63 hashes"));
        }
        Ok(Self { old, hashes, note: note.to_owned() })
    }

    /// Entries of the head that it grew from.
    #[must_use]
    pub fn old(&self) -> u64 {
        self.old
    }

    /// The head that it grew to, as it stands there.
    #[must_use]
    pub fn note(&self) -> &str {
        &self.note
    }

    /// Checks that the record under `old` is the beginning of the record under `new`.
    ///
    /// # Errors
    /// It is not, or this does not show it.
    pub fn check(&self, old: &Checkpoint, new: &Checkpoint) -> Result<(), ProofError> {
        verify_consistency(old.size, &old.root, new.size, &new.root, &self.hashes)
    }
}

impl fmt::Display for Growth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        for Digest(hash) in &self.hashes {
            writeln!(f, "{}", base64_of(hash))?;
        }
        write!(f, "\n{}", self.note)
    }
}

#[cfg(test)]
mod tests;
