//! Checking proofs with nothing but the two ends in hand: the algorithms of
//! RFC 9162 §2.1.3.2 and §2.1.4.2.

use super::{empty_root, node_hash};
use crate::digest::Digest;

/// Why a proof does not prove what it claims.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The entry lies outside the tree.
    #[error("entry {index} is not in a tree of {size} entries; use a later checkpoint")]
    OutsideTree {
        /// The entry in question.
        index: u64,
        /// Entries in the tree.
        size: u64,
    },
    /// The older tree is the larger one.
    #[error(
        "the newer tree has {new} entries, the older one {old}: entries are missing at the end"
    )]
    Shrunk {
        /// Entries in the older tree.
        old: u64,
        /// Entries in the newer tree.
        new: u64,
    },
    /// The proof has too many or too few hashes.
    #[error("the proof has {0} hashes, which does not fit the tree; fetch the proof again")]
    Length(usize),
    /// The proof leads to another tree head.
    #[error(
        "the proof leads to the root {computed}, the checkpoint says {expected}: \
         the entry or the record was altered"
    )]
    Root {
        /// The root the proof leads to.
        computed: Digest,
        /// The root it ought to lead to.
        expected: Digest,
    },
    /// The proof does not contain the older tree head.
    #[error(
        "the proof leads to the old root {computed}, the old checkpoint says {expected}: \
         history was rewritten"
    )]
    OldRoot {
        /// The old root the proof leads to.
        computed: Digest,
        /// The old root it ought to lead to.
        expected: Digest,
    },
}

/// Checks that the leaf hash `leaf` is entry `index` of the tree of `size`
/// entries with head `root`.
///
/// # Errors
/// The proof has the wrong length or leads to another root.
pub fn verify_inclusion(
    leaf: &Digest,
    index: u64,
    size: u64,
    proof: &[Digest],
    root: &Digest,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::OutsideTree { index, size });
    }
    let wrong_length = ProofError::Length(proof.len());
    let (mut at, mut last) = (index, size - 1);
    let mut node = *leaf;
    for sibling in proof {
        if last == 0 {
            return Err(wrong_length);
        }
        if at % 2 == 1 || at == last {
            node = node_hash(sibling, &node);
            // A right edge that stands alone moves up without a sibling.
            let alone = at.trailing_zeros();
            (at, last) = (at >> alone, last >> alone);
        } else {
            node = node_hash(&node, sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    if last != 0 {
        return Err(wrong_length);
    }
    expect_root(node, root)
}

/// Checks that the tree of `old` entries with head `old_root` is the beginning
/// of the tree of `new` entries with head `new_root`.
///
/// # Errors
/// The trees shrink, the proof has the wrong length, or it leads to another
/// root on either side.
pub fn verify_consistency(
    old: u64,
    old_root: &Digest,
    new: u64,
    new_root: &Digest,
    proof: &[Digest],
) -> Result<(), ProofError> {
    if old > new {
        return Err(ProofError::Shrunk { old, new });
    }
    if old == 0 || old == new {
        return verify_trivial(old, old_root, (new, new_root), proof);
    }
    let wrong_length = ProofError::Length(proof.len());
    // Where the old tree is one perfect subtree, its head starts the proof.
    let (first, rest) = if old.is_power_of_two() {
        (old_root, proof)
    } else {
        proof.split_first().ok_or_else(|| wrong_length.clone())?
    };
    let shared = (old - 1).trailing_ones();
    let (mut at, mut last) = ((old - 1) >> shared, (new - 1) >> shared);
    let (mut old_head, mut new_head) = (*first, *first);
    for sibling in rest {
        if last == 0 {
            return Err(wrong_length);
        }
        if at % 2 == 1 || at == last {
            old_head = node_hash(sibling, &old_head);
            new_head = node_hash(sibling, &new_head);
            let alone = at.trailing_zeros();
            (at, last) = (at.unbounded_shr(alone), last.unbounded_shr(alone));
        } else {
            new_head = node_hash(&new_head, sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    if last != 0 {
        return Err(wrong_length);
    }
    if old_head != *old_root {
        return Err(ProofError::OldRoot { computed: old_head, expected: *old_root });
    }
    expect_root(new_head, new_root)
}

/// No growth, or growth from nothing: the roots alone decide.
fn verify_trivial(
    old: u64,
    old_root: &Digest,
    (new, new_root): (u64, &Digest),
    proof: &[Digest],
) -> Result<(), ProofError> {
    if !proof.is_empty() {
        return Err(ProofError::Length(proof.len()));
    }
    let computed = if old == 0 { empty_root() } else { *new_root };
    if computed != *old_root {
        return Err(ProofError::OldRoot { computed, expected: *old_root });
    }
    if new == 0 { expect_root(empty_root(), new_root) } else { Ok(()) }
}

fn expect_root(computed: Digest, expected: &Digest) -> Result<(), ProofError> {
    if computed == *expected {
        Ok(())
    } else {
        Err(ProofError::Root { computed, expected: *expected })
    }
}
