//! A read or write buffer that starts on a page boundary, so that direct I/O can use it.

use std::fmt;
use std::ops::DerefMut;

/// Alignment that every disk and file system accepts for direct I/O, bytes.
pub const BLOCK_ALIGN: usize = 4096;

/// Memory that a block may lie in. It stays where it is for as long as the block lives.
pub type Memory = Box<dyn DerefMut<Target = [u8]> + Send + Sync>;

/// A fixed-capacity, aligned buffer with a filled part.
pub struct Block {
    memory: Memory,
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
        Block::within(Box::new(memory), capacity, BLOCK_ALIGN)
    }

    /// A block in memory of the caller's, from the first multiple of `align` bytes on.
    ///
    /// # Panics
    /// The memory is too small for that.
    pub fn within(memory: Memory, capacity: usize, align: usize) -> Block {
        let start = memory.as_ptr().align_offset(align);
        assert!(
            start < align && memory.len() - start >= capacity,
            "a block of {capacity} bytes at a multiple of {align} does not fit"
        );
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

impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Block({} of {} bytes)", self.filled, self.capacity)
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

    #[test]
    fn a_block_lies_at_the_first_boundary_of_the_memory_it_is_given() {
        const ALIGN: usize = 1 << 16;
        let mut block = Block::within(Box::new(vec![0; 3 * ALIGN]), 2 * ALIGN, ALIGN);
        assert_eq!(block.room().as_ptr().align_offset(ALIGN), 0);
        assert_eq!(block.room().len(), 2 * ALIGN);
    }

    #[test]
    #[should_panic(expected = "does not fit")]
    fn memory_that_is_too_small_is_no_block() {
        Block::within(Box::new(vec![0; 8192]), 8192 + BLOCK_ALIGN, BLOCK_ALIGN);
    }
}
