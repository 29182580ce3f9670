//! The Merkle tree of RFC 6962 §2.1 (kept by RFC 9162 §2.1): append, tree
//! heads and proofs. Only perfect subtrees are ever stored, so a node once
//! written never changes.

use crate::digest::Digest;
use crate::note::SIZE_MAX;

mod included;
mod verify;

pub use included::Included;
pub use verify::{ProofError, verify_consistency, verify_inclusion};

pub(crate) const LEAF_PREFIX: u8 = 0x00;
const NODE_PREFIX: u8 = 0x01;

/// H(0x00 ‖ entry): the hash of a leaf.
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Digest {
    Digest::of_parts(&[&[LEAF_PREFIX], entry])
}

/// H(0x01 ‖ left ‖ right): the hash of an inner node.
#[must_use]
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    let mut bytes = [NODE_PREFIX; 65];
    bytes[1..33].copy_from_slice(&left.0);
    bytes[33..].copy_from_slice(&right.0);
    Digest::of(&bytes)
}

/// H(""): the head of the tree without leaves.
#[must_use]
pub fn empty_root() -> Digest {
    Digest::of(b"")
}

/// Why a tree operation cannot be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// The store lacks a node it must have.
    #[error("tree node {index} of level {level} is not stored; rebuild the nodes from the entries")]
    MissingNode {
        /// Height above the leaves.
        level: u32,
        /// Position within the level.
        index: u64,
    },
    /// The entry lies outside the tree.
    #[error("entry {index} is not in a tree of {size} entries; ask for a later checkpoint")]
    OutsideTree {
        /// The entry asked for.
        index: u64,
        /// Entries in the tree.
        size: u64,
    },
    /// The older tree is the larger one.
    #[error("a tree of {old} entries cannot grow into one of {new}; swap the two sizes")]
    Shrinking {
        /// Entries in the older tree.
        old: u64,
        /// Entries in the newer tree.
        new: u64,
    },
    /// A stored frontier claims more entries than a checkpoint can state.
    #[error("a frontier of {0} entries cannot be; rebuild it from the entries")]
    FrontierSize(u64),
    /// A stored frontier does not have the nodes its size calls for.
    #[error("a frontier of {size} entries has {expected} nodes, this one {found}; rebuild it")]
    FrontierShape {
        /// Entries in the tree.
        size: u64,
        /// Nodes such a tree has.
        expected: u32,
        /// Nodes found.
        found: usize,
    },
}

/// The right edge of a tree: all that appending needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    nodes: Vec<Digest>,
}

impl Frontier {
    /// The empty tree.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A frontier as it was stored: the perfect subtrees, left to right.
    ///
    /// # Errors
    /// `size` is above 2^63 − 1, or there is not one node for each 1 bit of it.
    pub fn from_parts(size: u64, nodes: Vec<Digest>) -> Result<Self, TreeError> {
        if size > SIZE_MAX {
            return Err(TreeError::FrontierSize(size));
        }
        let expected = size.count_ones();
        if nodes.len() != expected as usize {
            return Err(TreeError::FrontierShape { size, expected, found: nodes.len() });
        }
        Ok(Self { size, nodes })
    }

    /// The perfect subtrees, left to right.
    #[must_use]
    pub fn nodes(&self) -> &[Digest] {
        &self.nodes
    }

    /// Leaves in the tree.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends one leaf hash.
    pub fn push(&mut self, leaf: Digest) {
        self.push_with(leaf, |_, _, _| {});
    }

    /// Appends one leaf hash and calls `completed(level, index, hash)` for the
    /// leaf (level 0) and for every perfect subtree the leaf completes.
    pub fn push_with(&mut self, leaf: Digest, mut completed: impl FnMut(u32, u64, Digest)) {
        let mut node = leaf;
        completed(0, self.size, node);
        for level in 1..=self.size.trailing_ones() {
            let left = self.nodes.pop().expect("one node for each 1 bit of size");
            node = node_hash(&left, &node);
            completed(level, self.size >> level, node);
        }
        self.nodes.push(node);
        self.size += 1;
    }

    /// The tree head.
    #[must_use]
    pub fn root(&self) -> Digest {
        let from_the_right = self.nodes.iter().rev().copied();
        from_the_right.reduce(|right, left| node_hash(&left, &right)).unwrap_or_else(empty_root)
    }
}

/// Where the hashes of perfect subtrees are kept.
pub trait NodeSource {
    /// The head of the perfect subtree over the leaves from `index << level`
    /// up to `(index + 1) << level`, if it is stored.
    fn node(&self, level: u32, index: u64) -> Option<Digest>;
}

/// The head of the tree over the first `size` leaves.
///
/// # Errors
/// A node is missing from `source`.
pub fn root_of(source: &(impl NodeSource + ?Sized), size: u64) -> Result<Digest, TreeError> {
    if size == 0 {
        return Ok(empty_root());
    }
    head_of_range(source, 0, size)
}

/// The audit path of entry `index` in the tree of `size` entries, from the
/// leaf upwards (RFC 6962 §2.1.1).
///
/// # Errors
/// `index` is outside the tree, or a node is missing from `source`.
pub fn inclusion_proof(
    source: &(impl NodeSource + ?Sized),
    index: u64,
    size: u64,
) -> Result<Vec<Digest>, TreeError> {
    if index >= size {
        return Err(TreeError::OutsideTree { index, size });
    }
    let (mut start, mut end) = (0, size);
    let mut path = Vec::new();
    while end - start > 1 {
        let middle = start + split_point(end - start);
        if index < middle {
            path.push(head_of_range(source, middle, end)?);
            end = middle;
        } else {
            path.push(head_of_range(source, start, middle)?);
            start = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// The proof that the tree of `old` entries is the beginning of the tree of
/// `new` entries (RFC 6962 §2.1.2). It is empty if `old` is 0 or `new`.
///
/// # Errors
/// `old > new`, or a node is missing from `source`.
pub fn consistency_proof(
    source: &(impl NodeSource + ?Sized),
    old: u64,
    new: u64,
) -> Result<Vec<Digest>, TreeError> {
    if old > new {
        return Err(TreeError::Shrinking { old, new });
    }
    if old == 0 || old == new {
        return Ok(Vec::new());
    }
    let (mut start, mut end) = (0, new);
    let mut path = Vec::new();
    while end != old {
        let middle = start + split_point(end - start);
        if old <= middle {
            path.push(head_of_range(source, middle, end)?);
            end = middle;
        } else {
            path.push(head_of_range(source, start, middle)?);
            start = middle;
        }
    }
    // The reader holds the old root already when the whole old tree is one subtree.
    if start > 0 {
        path.push(head_of_range(source, start, end)?);
    }
    path.reverse();
    Ok(path)
}

/// The largest power of two below `leaves`; `leaves` is at least 2.
fn split_point(leaves: u64) -> u64 {
    1 << (leaves - 1).ilog2()
}

/// The head over leaves `start..end`, where `start` is a multiple of the
/// largest power of two within the range, as all splits of RFC 6962 are.
fn head_of_range(
    source: &(impl NodeSource + ?Sized),
    start: u64,
    end: u64,
) -> Result<Digest, TreeError> {
    let leaves = end - start;
    if leaves.is_power_of_two() {
        let level = leaves.ilog2();
        let index = start >> level;
        return source.node(level, index).ok_or(TreeError::MissingNode { level, index });
    }
    let middle = start + split_point(leaves);
    Ok(node_hash(&head_of_range(source, start, middle)?, &head_of_range(source, middle, end)?))
}

#[cfg(test)]
mod tests;
