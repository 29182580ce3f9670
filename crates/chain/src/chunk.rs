//! The chunk tree of a clip: a Merkle tree over 4 MiB pieces. It lets a reader
//! hash a clip in parallel, resume after a break and name the damaged piece,
//! where a whole-file digest can only say "different".

use sha2::{Digest as _, Sha256};

use crate::digest::Digest;
use crate::tree::{Frontier, empty_root};

/// Bytes in a chunk; only the last chunk of a clip may be shorter.
pub const CHUNK_BYTES: usize = 4 * 1024 * 1024;

/// The finished chunk tree of one clip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunks {
    /// H(0x00 ‖ chunk) for every chunk in file order; none for an empty clip.
    pub leaves: Vec<Digest>,
    /// RFC 6962 tree head over `leaves`; SHA-256("") for an empty clip.
    pub root: Digest,
}

impl Chunks {
    /// The chunk tree with these leaves.
    #[must_use]
    pub fn from_leaves(leaves: Vec<Digest>) -> Self {
        let root = root_of_leaves(&leaves);
        Self { leaves, root }
    }
}

/// The tree head over chunk hashes (RFC 6962 §2.1).
#[must_use]
pub fn root_of_leaves(leaves: &[Digest]) -> Digest {
    if leaves.is_empty() {
        return empty_root();
    }
    let mut frontier = Frontier::new();
    for leaf in leaves {
        frontier.push(*leaf);
    }
    frontier.root()
}

/// Builds a chunk tree from a clip that arrives in pieces of any size.
#[derive(Debug, Clone)]
pub struct ChunkTree {
    leaves: Vec<Digest>,
    open: Sha256,
    open_bytes: usize,
}

impl Default for ChunkTree {
    fn default() -> Self {
        Self::new()
    }
}

impl ChunkTree {
    /// The tree of a clip of which nothing has been read yet.
    #[must_use]
    pub fn new() -> Self {
        Self { leaves: Vec::new(), open: leaf_hasher(), open_bytes: 0 }
    }

    /// Takes the next `bytes` of the clip; where the pieces are cut is without
    /// influence on the result.
    pub fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let take = bytes.len().min(CHUNK_BYTES - self.open_bytes);
            let (now, later) = bytes.split_at(take);
            self.open.update(now);
            self.open_bytes += take;
            bytes = later;
            if self.open_bytes == CHUNK_BYTES {
                self.close_chunk();
            }
        }
    }

    /// Ends the clip.
    #[must_use]
    pub fn finish(mut self) -> Chunks {
        if self.open_bytes > 0 {
            self.close_chunk();
        }
        Chunks::from_leaves(self.leaves)
    }

    fn close_chunk(&mut self) {
        let full = std::mem::replace(&mut self.open, leaf_hasher());
        self.leaves.push(Digest(full.finalize().into()));
        self.open_bytes = 0;
    }
}

fn leaf_hasher() -> Sha256 {
    Sha256::new_with_prefix([crate::tree::LEAF_PREFIX])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{leaf_hash, node_hash};

    fn whole(bytes: &[u8]) -> Chunks {
        let mut tree = ChunkTree::new();
        tree.update(bytes);
        tree.finish()
    }

    #[test]
    fn an_empty_clip_has_no_leaf() {
        let chunks = whole(b"");
        assert!(chunks.leaves.is_empty());
        assert_eq!(chunks.root, Digest::of(b""));
    }

    #[test]
    fn leaves_lie_on_chunk_borders() {
        let clip: Vec<u8> = (0..CHUNK_BYTES * 2 + 5).map(|i| (i / 7) as u8).collect();
        for len in [1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, CHUNK_BYTES * 2, clip.len()] {
            let chunks = whole(&clip[..len]);
            let expected: Vec<_> = clip[..len].chunks(CHUNK_BYTES).map(leaf_hash).collect();
            assert_eq!(chunks.leaves, expected, "clip of {len} bytes");
        }
        let [a, b, c] = whole(&clip).leaves.try_into().unwrap();
        assert_eq!(whole(&clip).root, node_hash(&node_hash(&a, &b), &c));
    }

    #[test]
    fn splits_do_not_matter() {
        let clip: Vec<u8> = (0..CHUNK_BYTES + 70_001).map(|i| (i * 31) as u8).collect();
        let expected = whole(&clip);
        for step in [4096, 65_537, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1] {
            let mut tree = ChunkTree::new();
            for piece in clip.chunks(step) {
                tree.update(piece);
                tree.update(b"");
            }
            assert_eq!(tree.finish(), expected, "pieces of {step} bytes");
        }
    }

    #[test]
    fn leaves_alone_give_the_root_back() {
        let clip = vec![9u8; CHUNK_BYTES * 3 + 1];
        let chunks = whole(&clip);
        assert_eq!(Chunks::from_leaves(chunks.leaves.clone()), chunks);
    }
}
