//! Bytes for clips: no pattern that a dropped, doubled or swapped block could hide in, and the same
//! on every run.

/// `count` bytes that look random and depend on `seed` only (SplitMix64).
pub fn bytes(seed: u64, count: usize) -> Vec<u8> {
    let mut state = seed;
    let mut out = Vec::with_capacity(count.next_multiple_of(8));
    while out.len() < count {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = state;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        out.extend_from_slice(&(word ^ (word >> 31)).to_le_bytes());
    }
    out.truncate(count);
    out
}

/// Sizes at which copying goes wrong first: empty, one byte, around a page and a chunk.
pub const EDGE_SIZES: [usize; 8] = [0, 1, 4095, 4096, 4097, (4 << 20) - 1, 4 << 20, (4 << 20) + 1];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_depend_on_the_seed_only() {
        assert_eq!(bytes(1, 100)[..10], bytes(1, 10));
        assert_ne!(bytes(1, 16), bytes(2, 16));
        assert_eq!(bytes(3, 0), Vec::<u8>::new());
    }
}
