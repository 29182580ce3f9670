//! The file beside each clip that proves its entry is in the record
//! (c2sp.org/tlog-proof@v1): the position, the audit path and the checkpoint.

use std::fmt;

use crate::digest::Digest;
use crate::note::{
    NOTE_BYTES_MAX, NoteError, SignedCheckpoint, VerifierKey, base64_bytes, base64_of, decimal,
};
use crate::tree::{Included, ProofError};

const HEADER: &str = "c2sp.org/tlog-proof@v1\n";

/// The longest audit path: a tree of 2^63 entries has 63 levels.
const HASHES_MAX: usize = 63;

/// Why a text is not a proof file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlogProofError {
    /// The text does not have the form of the specification.
    #[error("the proof file is malformed: {0}; fetch it again")]
    Malformed(&'static str),
    /// An `extra` line: nothing signs it, and this record never writes one.
    #[error("the proof file has an extra line, which nothing signs; take the line out")]
    Extra,
    /// The checkpoint in it is refused.
    #[error("the checkpoint in the proof file is refused: {0}")]
    Note(#[from] NoteError),
}

/// A proof file, its checkpoint verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    index: u64,
    hashes: Vec<Digest>,
    signed: SignedCheckpoint,
}

impl TlogProof {
    /// The proof file of entry `index` under `signed`; `hashes` run from the
    /// leaf upwards as [`crate::tree::inclusion_proof`] gives them.
    #[must_use]
    pub fn new(index: u64, hashes: Vec<Digest>, signed: SignedCheckpoint) -> Self {
        Self { index, hashes, signed }
    }

    /// Reads a proof file and verifies the signature of `key` on its checkpoint.
    ///
    /// # Errors
    /// The file is malformed or the checkpoint is refused.
    pub fn parse(text: &str, key: &VerifierKey) -> Result<Self, TlogProofError> {
        let malformed = TlogProofError::Malformed;
        // Header, index and hashes take less than 4 KiB.
        if text.len() > NOTE_BYTES_MAX + 4096 {
            return Err(malformed("it is too long"));
        }
        let rest = text.strip_prefix(HEADER).ok_or(malformed("its first line is wrong"))?;
        let (head, note) = rest.split_once("\n\n").ok_or(malformed("it has no checkpoint"))?;
        let mut lines = head.split('\n');
        let first = lines.next().unwrap_or_default();
        if first.starts_with("extra ") {
            return Err(TlogProofError::Extra);
        }
        let index = first
            .strip_prefix("index ")
            .and_then(decimal)
            .ok_or(malformed("its index line is wrong"))?;
        let hashes: Option<Vec<Digest>> = lines.map(hash_line).collect();
        let hashes = hashes.ok_or(malformed("a hash line is not 32 bytes of base64"))?;
        if hashes.len() > HASHES_MAX {
            return Err(malformed("it has more than 63 hashes"));
        }
        Ok(Self { index, hashes, signed: SignedCheckpoint::open(note, key)? })
    }

    /// Position of the entry.
    #[must_use]
    pub fn index(&self) -> u64 {
        self.index
    }

    /// The checkpoint the proof leads to.
    #[must_use]
    pub fn signed(&self) -> &SignedCheckpoint {
        &self.signed
    }

    /// Checks that `entry_bytes` is the entry this proof is for.
    ///
    /// # Errors
    /// The proof does not lead from the entry to the checkpoint's root.
    pub fn check(&self, entry_bytes: &[u8]) -> Result<Included, ProofError> {
        Included::check(entry_bytes, self.index, &self.hashes, self.signed.checkpoint())
    }
}

pub(crate) fn hash_line(line: &str) -> Option<Digest> {
    base64_bytes(line)?.try_into().ok().map(Digest)
}

impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}index {}", self.index)?;
        for Digest(hash) in &self.hashes {
            writeln!(f, "{}", base64_of(hash))?;
        }
        write!(f, "\n{}", self.signed.note())
    }
}

#[cfg(test)]
mod tests;
