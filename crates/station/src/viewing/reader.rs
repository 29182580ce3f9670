//! Hands out a clip in chunks of 4 MiB, each only after it was hashed and found to be what the signed custody
//! entry commits to. A damaged file is noticed before the damaged bytes are shown.

use crate::error::failed;
use crate::{Station, StationError};
use sealdock_chain::chunk::{CHUNK_BYTES, ChunkTree, root_of_leaves};
use sealdock_chain::digest::Digest;
use sealdock_chain::tree::leaf_hash;
use sealdock_core::access::{Ground, Viewer, copy_objection, still_objection};
use sealdock_core::block::Block;
use sealdock_core::event::ClipStored;
use sealdock_core::id::{AccessId, ClipId, PersonId};
use sealdock_core::ports::{Place, Refusal, Source};
use sealdock_core::why;

/// What is asked again before every chunk.
pub(super) enum Leave {
    Viewing { person: PersonId, clip: ClipId, viewer: Viewer, ground: Ground },
    Copy { person: PersonId, access: AccessId },
}

/// An open clip.
pub struct ClipReader<'s> {
    station: &'s Station,
    leave: Leave,
    clip: ClipId,
    size: u64,
    leaves: Vec<Digest>,
    source: Box<dyn Source>,
    block: Block,
}

impl std::fmt::Debug for ClipReader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClipReader").field("clip", &self.clip).field("size", &self.size).finish()
    }
}

impl<'s> ClipReader<'s> {
    /// The chunk leaves are trusted only if they give the signed root; where the sidecar does not, they are
    /// made again from the whole file, which then must.
    pub(super) fn open(
        station: &'s Station,
        (clip, stored): (ClipId, &ClipStored),
        leave: Leave,
    ) -> Result<ClipReader<'s>, StationError> {
        let source = station.world.vault.open(&Place::Kept(stored.sha256))?;
        let mut reader = ClipReader {
            station,
            leave,
            clip,
            size: stored.size,
            leaves: Vec::new(),
            source,
            block: Block::new(CHUNK_BYTES),
        };
        let root = stored.chunk.root;
        reader.leaves = match reader.sidecar(stored.sha256).filter(|l| root_of_leaves(l) == root) {
            Some(leaves) => leaves,
            None => reader.derived(root)?,
        };
        if reader.leaves.len() as u64 != stored.size.div_ceil(CHUNK_BYTES as u64) {
            return Err(reader.corrupted("its length"));
        }
        Ok(reader)
    }

    pub fn clip(&self) -> ClipId {
        self.clip
    }

    /// Bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// How many chunks there are; chunk `n` begins at byte `n` × 4 MiB.
    pub fn chunks(&self) -> usize {
        self.leaves.len()
    }

    /// The hashes of its chunks, under the root in its custody entry.
    pub(super) fn into_leaves(self) -> Vec<Digest> {
        self.leaves
    }

    /// The bytes of one chunk.
    ///
    /// # Errors
    /// The right to them has ended (expired, revoked, made secret); or they are not the bytes in custody,
    /// and then none of them is handed out.
    pub fn chunk(&mut self, n: usize) -> Result<&[u8], StationError> {
        self.still_allowed()?;
        let Some(leaf) = self.leaves.get(n).copied() else {
            return Err(failed(format!("clip {} has no chunk {n}", self.clip)));
        };
        self.source.read_at(n as u64 * CHUNK_BYTES as u64, &mut self.block)?;
        if leaf_hash(self.block.bytes()) != leaf {
            return Err(self.corrupted(&format!("chunk {n}")));
        }
        Ok(self.block.bytes())
    }

    pub(super) fn still_allowed(&self) -> Result<(), StationError> {
        let at = self.station.world.clock.now();
        let view = self.station.world.ledger.view()?;
        let objection = match &self.leave {
            Leave::Viewing { person, clip, viewer, ground } => {
                still_objection(&*view, &at, person, *clip, (viewer, ground))?
            }
            Leave::Copy { person, access } => copy_objection(&*view, &at, person, *access)?,
        };
        match objection {
            None => Ok(()),
            Some(why) => {
                Err(Refusal(why!("P20", "查阅到此结束：{why:#}", "it ends here: {why}")).into())
            }
        }
    }

    fn sidecar(&self, clip: Digest) -> Option<Vec<Digest>> {
        let place = Place::Sidecar(clip, "chunks".to_owned());
        let bytes = self.station.world.vault.read(&place).ok()?;
        let (leaves, rest) = bytes.as_chunks::<32>();
        rest.is_empty().then(|| leaves.iter().map(|leaf| Digest(*leaf)).collect())
    }

    fn derived(&mut self, root: Digest) -> Result<Vec<Digest>, StationError> {
        let mut tree = ChunkTree::new();
        let mut offset = 0;
        loop {
            let filled = self.source.read_at(offset, &mut self.block)?;
            if filled == 0 {
                break;
            }
            tree.update(self.block.bytes());
            offset += filled as u64;
        }
        let chunks = tree.finish();
        if chunks.root != root {
            return Err(self.corrupted("it"));
        }
        Ok(chunks.leaves)
    }

    fn corrupted(&self, what: &str) -> StationError {
        failed(format!(
            "clip {}: {what} in the vault is not what was taken into custody; nothing more is served; run `sealdock check --deep` and take the second copy",
            self.clip
        ))
    }
}
