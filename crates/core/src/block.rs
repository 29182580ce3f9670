//! A read or write buffer that starts on a page boundary, so that direct I/O can use it.

/// Alignment that every disk and file system accepts for direct I/O, bytes.
pub const BLOCK_ALIGN: usize = 4096;

/// A fixed-capacity, page-aligned buffer with a filled part.
#[derive(Debug)]
pub struct Block {
    memory: Vec<u8>,
    start: usize,
    capacity: usize,
    filled: usize,
}

impl Block {
    /// `capacity` is rounded up to a multiple of [`BLOCK_ALIGN`].
    pub fn new(capacity: usize) -> Block {
        let capacity = capacity.next_multiple_of(BLOCK_ALIGN);
        // The vector is never resized, so its memory does not move and the boundary stays.
        let memory = vec![0; capacity + BLOCK_ALIGN];
        let start = memory.as_ptr().align_offset(BLOCK_ALIGN);
        assert!(start < BLOCK_ALIGN, "a byte pointer can be aligned");
        Block { memory, start, capacity, filled: 0 }
    }

    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// The bytes that were filled.
    pub fn bytes(&self) -> &[u8] {
        &self.memory[self.start..self.start + self.filled]
    }

    /// The whole room, for a reader to fill; follow with [`Block::set_filled`].
    pub fn room(&mut self) -> &mut [u8] {
        &mut self.memory[self.start..self.start + self.capacity]
    }

    pub fn set_filled(&mut self, filled: usize) {
        assert!(filled <= self.capacity, "more bytes than the block holds");
        self.filled = filled;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_aligned() {
        let mut block = Block::new(5000);
        assert_eq!(block.capacity(), 8192);
        assert_eq!(block.room().as_ptr().align_offset(BLOCK_ALIGN), 0);
        block.room().fill(7);
        block.set_filled(3);
        assert_eq!(block.bytes(), [7, 7, 7]);
    }
}
