//! That one log key signed two histories, as one small file that a stranger checks with the verifier key alone:
//! a head of m entries, the root that another history had at m entries, and growth from that root to a head
//! that the same record's key signed, too. The bytes are in `docs/design/equivocation.md`.

use std::fmt;

use crate::digest::Digest;
use crate::growth::{Growth, GrowthError};
use crate::note::{
    Checkpoint, NOTE_BYTES_MAX, NoteError, SignedCheckpoint, VerifierKey, base64_of,
};
use crate::proof::hash_line;
use crate::tree::ProofError;

const HEADER: &str = "sealdock/equivocation/v1";

/// Header, root and hashes take less than 4 KiB.
const BYTES_MAX: usize = 2 * NOTE_BYTES_MAX + 4096;

/// Why a text, or two heads, prove no equivocation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EquivocationError {
    /// The text does not have the form.
    #[error("it is no proof of two histories: {0}; ask for the file again")]
    Malformed(&'static str),
    /// The growth in it does not have its form.
    #[error(transparent)]
    Growth(#[from] GrowthError),
    /// One of the two heads is refused.
    #[error("one of the two heads is refused: {0}")]
    Note(#[from] NoteError),
    /// The two heads are of two records.
    #[error("the two heads are of two records, which may differ; it proves nothing")]
    OtherRecord,
    /// The first head is of no entries, with which every history agrees.
    #[error("the first head has no entries, with which every history agrees; it proves nothing")]
    Empty,
    /// Both histories had one root.
    #[error("both histories have the same root there; it proves nothing")]
    Same,
    /// The growth does not lead from the other root to the later head.
    #[error("the growth does not hold: {0}")]
    Proof(#[from] ProofError),
}

/// Two histories under one key, proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Equivocation {
    first: SignedCheckpoint,
    root: Digest,
    growth: Growth,
    later: SignedCheckpoint,
}

impl Equivocation {
    /// That `first` is no beginning of the record under the head that `growth` leads to: at its size that record had
    /// `root`. Where both heads have one size, `root` is the later's own and the growth has no hashes.
    /// Each head is by one of `keys`.
    ///
    /// # Errors
    /// It does not prove that.
    pub fn new(
        first: SignedCheckpoint,
        (root, growth): (Digest, Growth),
        keys: &[VerifierKey],
    ) -> Result<Self, EquivocationError> {
        let later = open(growth.note(), keys)?;
        let head = first.checkpoint();
        if head.origin != later.checkpoint().origin {
            return Err(EquivocationError::OtherRecord);
        }
        if head.size == 0 {
            return Err(EquivocationError::Empty);
        }
        if growth.old() != head.size {
            return Err(EquivocationError::Malformed("the growth is from another size"));
        }
        if head.root == root {
            return Err(EquivocationError::Same);
        }
        growth.check(&Checkpoint { root, ..head.clone() }, later.checkpoint())?;
        Ok(Self { first, root, growth, later })
    }

    /// Reads the one spelling of it (each of its parts has one), and checks all that it claims.
    ///
    /// # Errors
    /// The text is malformed, or does not prove it for the record of `keys`.
    pub fn parse(text: &str, keys: &[VerifierKey]) -> Result<Self, EquivocationError> {
        let malformed = EquivocationError::Malformed;
        if text.len() > BYTES_MAX {
            return Err(malformed("it is too long"));
        }
        // A note has one empty line in it, and a growth leads to one.
        let pieces: Vec<&str> = text.split("\n\n").collect();
        let [lead, body, signatures, old, later_body, later_signatures] = pieces[..] else {
            return Err(malformed("it has not the six parts of one"));
        };
        let root = lead
            .strip_prefix(HEADER)
            .and_then(|line| line.strip_prefix("\nroot "))
            .and_then(hash_line)
            .ok_or(malformed("its first two lines are wrong"))?;
        let first = open(&format!("{body}\n\n{signatures}\n"), keys)?;
        let growth = Growth::parse(&format!("{old}\n\n{later_body}\n\n{later_signatures}"))?;
        Self::new(first, (root, growth), keys)
    }

    /// The head of the one history.
    #[must_use]
    pub fn first(&self) -> &SignedCheckpoint {
        &self.first
    }

    /// What the other history had at the size of the first head.
    #[must_use]
    pub fn root(&self) -> Digest {
        self.root
    }

    /// The head of the other history, as large or larger.
    #[must_use]
    pub fn later(&self) -> &SignedCheckpoint {
        &self.later
    }
}

/// A note under any of the keys; the refusal is that of the last.
fn open(note: &str, keys: &[VerifierKey]) -> Result<SignedCheckpoint, EquivocationError> {
    let mut refusal = EquivocationError::Malformed("no key is known to check it by");
    for key in keys {
        match SignedCheckpoint::open(note, key) {
            Ok(signed) => return Ok(signed),
            Err(error) => refusal = error.into(),
        }
    }
    Err(refusal)
}

impl fmt::Display for Equivocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let root = base64_of(&self.root.0);
        write!(f, "{HEADER}\nroot {root}\n\n{}\n{}", self.first.note(), self.growth)
    }
}

#[cfg(test)]
mod tests;
