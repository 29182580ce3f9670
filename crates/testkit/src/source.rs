//! Reading from bytes in memory, and reading any source whole.

use crate::faults::Faults;
use sealdock_core::block::Block;
use sealdock_core::ports::{PortResult, Source};

/// Bytes of this size are asked for at once by [`read_whole`].
const READ_BYTES: usize = 1 << 20;

/// Reads a source from first to last byte.
///
/// # Errors
/// The first error of the source.
pub fn read_whole(source: &mut dyn Source) -> PortResult<Vec<u8>> {
    read_in_blocks(source, READ_BYTES)
}

/// [`read_whole`] with blocks of `block_bytes`, rounded up to a page.
///
/// # Errors
/// The first error of the source.
pub fn read_in_blocks(source: &mut dyn Source, block_bytes: usize) -> PortResult<Vec<u8>> {
    let mut block = Block::new(block_bytes);
    let mut out = Vec::new();
    loop {
        let filled = source.read_at(out.len() as u64, &mut block)?;
        assert_eq!(filled, block.bytes().len(), "read_at reports what it filled");
        if filled == 0 {
            return Ok(out);
        }
        out.extend_from_slice(block.bytes());
    }
}

/// Fills `block` with what lies at `offset`.
pub(crate) fn fill(bytes: &[u8], offset: u64, block: &mut Block) -> usize {
    let from = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
    let count = block.capacity().min(bytes.len() - from);
    block.room()[..count].copy_from_slice(&bytes[from..from + count]);
    block.set_filled(count);
    count
}

/// Bytes that nobody changes any more.
pub(crate) struct Frozen {
    pub(crate) bytes: Vec<u8>,
    pub(crate) faults: Faults,
}

impl Source for Frozen {
    fn identity(&self) -> Option<sealdock_core::ports::FileIdentity> {
        None
    }

    fn read_at(&mut self, offset: u64, block: &mut Block) -> PortResult<usize> {
        self.faults.read("vault.read-at", || Ok(fill(&self.bytes, offset, block)))
    }

    fn unchanged(&mut self) -> PortResult<bool> {
        self.faults.read("vault.unchanged", || Ok(true))
    }

    fn method(&self) -> &'static str {
        "simulated"
    }
}
