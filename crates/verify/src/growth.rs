//! Growth from one head to a later one: the body of a C2SP `add-checkpoint` request, which is the old size,
//! the consistency proof, an empty line and the later head.

use crate::names::decimal;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sealdock_chain::note::Checkpoint;
use sealdock_chain::tree::verify_consistency;
use sealdock_chain::{Digest, ProofError};

/// The longest proof: a tree of 2^63 entries has 63 levels.
const HASHES_MAX: usize = 63;

/// A growth that was read, not yet checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Growth<'text> {
    /// Entries under the old head.
    pub old: u64,
    hashes: Vec<Digest>,
    /// The later head as it stands there.
    pub note: &'text str,
}

impl<'text> Growth<'text> {
    /// Reads the one spelling.
    ///
    /// # Errors
    /// What is malformed.
    pub fn parse(text: &'text str) -> Result<Self, &'static str> {
        let (head, note) = text.split_once("\n\n").ok_or("it holds no later head")?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| decimal(line.strip_prefix("old ")?));
        let hashes: Option<Vec<Digest>> = lines.map(hash).collect();
        let hashes = hashes.ok_or("a hash line is not 32 bytes of base64")?;
        if hashes.len() > HASHES_MAX {
            return Err("it has more than 63 hashes");
        }
        Ok(Self { old: old.ok_or("its first line is not `old` and a size")?, hashes, note })
    }

    /// Checks that the record under `old` is the beginning of the record under `new`.
    ///
    /// # Errors
    /// The proof does not lead from one to the other.
    pub fn check(&self, old: &Checkpoint, new: &Checkpoint) -> Result<(), ProofError> {
        verify_consistency(old.size, &old.root, new.size, &new.root, &self.hashes)
    }
}

fn hash(line: &str) -> Option<Digest> {
    STANDARD.decode(line).ok()?.try_into().ok().map(Digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_growth_has_one_spelling() {
        let hash = STANDARD.encode([1; 32]);
        let text = format!("old 5\n{hash}\n\nnote\n");
        let growth = Growth::parse(&text).unwrap();
        assert_eq!((growth.old, growth.hashes.len(), growth.note), (5, 1, "note\n"));
        assert_eq!(Growth::parse("old 0\n\nnote\n").unwrap().hashes, []);
        let loose = text.replace("E=\n", "F=\n");
        assert_ne!(loose, text);
        for bad in [
            "",
            "old 5\nnote\n",
            "old 05\n\nnote\n",
            "old  5\n\nnote\n",
            "old 5\r\n\nnote\n",
            "old 5\nAAAA\n\nnote\n",
            &loose,
            &text.replace(&hash, &vec![hash.as_str(); 64].join("\n")),
        ] {
            assert!(Growth::parse(bad).is_err(), "{bad}");
        }
    }
}
