//! Hands out a clip in chunks of 4 MiB, each only after it was hashed and found to be what the signed custody
//! entry commits to. A damaged file is noticed before the damaged bytes are shown.

use crate::error::failed;
use crate::reading::block;
use crate::{Station, StationError};
use sealdock_chain::chunk::{CHUNK_BYTES, ChunkTree, root_of_leaves};
use sealdock_chain::digest::Digest;
use sealdock_chain::tree::leaf_hash;
use sealdock_core::access::{Ground, Viewer, copy_objection, still_objection};
use sealdock_core::block::Block;
use sealdock_core::event::ClipStored;
use sealdock_core::id::{AccessId, ClipId, PersonId};
use sealdock_core::ports::{Place, PortError, PortResult, Refusal, Source};
use sealdock_core::why;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Chunks that are read ahead of whoever takes them.
const AHEAD: usize = 3;

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
            block: block(CHUNK_BYTES),
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

    /// Every chunk in its order. The disk and the hash work ahead of whoever takes them, each in its own thread; the right is
    /// asked for again before each is handed out.
    ///
    /// # Errors
    /// As [`ClipReader::chunk`], or what `take` says.
    pub(super) fn each(
        &mut self,
        mut take: impl FnMut(&[u8]) -> Result<(), StationError>,
    ) -> Result<(), StationError> {
        let ClipReader { station, leave, clip, leaves, source, .. } = self;
        std::thread::scope(|scope| {
            let (back, empty) = sync_channel(AHEAD);
            for _ in 0..AHEAD.min(leaves.len()) {
                let _kept = back.send(block(CHUNK_BYTES));
            }
            let (read, to_hash) = sync_channel(AHEAD);
            let (hashed, to_take) = sync_channel(AHEAD);
            let chunks = leaves.len() as u64;
            scope.spawn(move || read_ahead(&mut **source, chunks, &empty, &read));
            let leaves: &[Digest] = leaves;
            scope.spawn(move || hold_ahead(leaves, &to_hash, &hashed));
            for n in 0..chunks {
                let chunk: Result<Block, Option<PortError>> =
                    to_take.recv().map_err(|_| failed("whoever reads the clip is gone"))?;
                let chunk = chunk.map_err(|e| match e {
                    Some(error) => error.into(),
                    None => corrupted(*clip, &format!("chunk {n}")),
                })?;
                still_allowed(station, leave)?;
                take(chunk.bytes())?;
                // At the end nobody waits for it.
                let _kept = back.send(chunk);
            }
            Ok(())
        })
    }

    pub(super) fn still_allowed(&self) -> Result<(), StationError> {
        still_allowed(self.station, &self.leave)
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
        corrupted(self.clip, what)
    }
}

fn corrupted(clip: ClipId, what: &str) -> StationError {
    failed(format!(
        "clip {clip}: {what} in the vault is not what was taken into custody; nothing more is served; run `sealdock check --deep` and take the second copy"
    ))
}

fn still_allowed(station: &Station, leave: &Leave) -> Result<(), StationError> {
    let at = station.world.clock.now();
    let view = station.world.ledger.view()?;
    let objection = match leave {
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

/// Ends with the first that cannot be read, or when nobody takes any more.
fn read_ahead(
    source: &mut dyn Source,
    chunks: u64,
    empty: &Receiver<Block>,
    to: &SyncSender<PortResult<Block>>,
) {
    for n in 0..chunks {
        let Ok(mut block) = empty.recv() else { return };
        let read = source.read_at(n * CHUNK_BYTES as u64, &mut block).map(|_| block);
        let ends = read.is_err();
        if to.send(read).is_err() || ends {
            return;
        }
    }
}

/// Passes on what its leaf commits to; `Err(None)` is other bytes. Nothing comes after either fault.
fn hold_ahead(
    leaves: &[Digest],
    from: &Receiver<PortResult<Block>>,
    to: &SyncSender<Result<Block, Option<PortError>>>,
) {
    for (leaf, read) in leaves.iter().zip(from) {
        let held = match read {
            Ok(block) if leaf_hash(block.bytes()) == *leaf => Ok(block),
            Ok(_) => Err(None),
            Err(error) => Err(Some(error)),
        };
        let ends = held.is_err();
        if to.send(held).is_err() || ends {
            return;
        }
    }
}
