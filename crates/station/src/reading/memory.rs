//! Memory that a disk can fill in one go. A direct reading into ordinary memory is cut into as many pieces
//! as there are 4 KiB pages that do not happen to lie side by side, and a disk has a limit of pieces per
//! request; a huge page is one piece. (Linux, admin-guide/mm/transhuge.rst; `max_segments` of a disk.)

use sealdock_core::block::Block;

/// Bytes of a huge page on x86-64, and of the smaller one on most of ARM64.
pub const HUGE_PAGE: usize = 2 << 20;

/// A block of `bytes`, in huge pages of its own if it is large enough and the kernel has some. Without
/// them it is the same block, only slower to fill.
pub fn block(bytes: usize) -> Block {
    if bytes < HUGE_PAGE {
        return Block::new(bytes);
    }
    // One page more, for the boundary; what is not touched costs no memory.
    match memmap2::MmapMut::map_anon(bytes + HUGE_PAGE) {
        Ok(map) => {
            // A kernel without huge pages says no; that is no reason to stop.
            let _ = map.advise(memmap2::Advice::HugePage);
            Block::within(Box::new(map), bytes, HUGE_PAGE)
        }
        Err(_) => Block::new(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_block_starts_where_a_huge_page_does() {
        for bytes in [4096, HUGE_PAGE, 2 * HUGE_PAGE] {
            let mut block = block(bytes);
            assert_eq!(block.capacity(), bytes);
            let align = if bytes < HUGE_PAGE { 4096 } else { HUGE_PAGE };
            assert_eq!(block.room().as_ptr().align_offset(align), 0);
            block.room().fill(7);
        }
    }
}
