//! Footage that compresses to nothing and resembles nothing: bytes from a seed, of which the first
//! pieces are noise and, in very long clips, the rest zeros that cost no room on the host.

use anyhow::{Context, Result};
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::Write as _;
use std::path::Path;

/// The unit that is drawn at a time; the second one begins here.
pub const PIECE: u64 = 4096;
/// From here on a long clip is zeros.
pub const NOISY: u64 = 64 << 20;

/// A seed from words.
pub fn seed(words: &str) -> u64 {
    let digest = Sha256::digest(words.as_bytes());
    digest.iter().take(8).fold(1, |seed, byte| seed << 8 | u64::from(*byte))
}

/// Fills `bytes`, at most one piece, as they stand at `offset`, a multiple of a piece.
pub fn fill(seed: u64, offset: u64, bytes: &mut [u8]) {
    let mut state = (seed ^ (offset / PIECE).wrapping_mul(0x9e37_79b9_7f4a_7c15)) | 1;
    for chunk in bytes.chunks_mut(8) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let drawn = state.wrapping_mul(0x2545_f491_4f6c_dd1d).to_le_bytes();
        chunk.copy_from_slice(&drawn[..chunk.len()]);
    }
}

/// Writes a clip to a file of its own; gives its SHA-256.
///
/// # Errors
/// When the host has no room.
pub fn write(path: &Path, seed: u64, size: u64) -> Result<String> {
    let mut file =
        File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    let mut hash = Sha256::new();
    each(seed, size, |_, bytes| {
        hash.update(bytes);
        file.write_all(bytes).context("cannot write a clip")
    })?;
    Ok(crate::vm::card::hex(&hash.finalize()))
}

/// Hands out a clip piece by piece, with offsets.
///
/// # Errors
/// Whatever `take` returns.
pub fn each(seed: u64, size: u64, mut take: impl FnMut(u64, &[u8]) -> Result<()>) -> Result<()> {
    let mut piece = [0; PIECE as usize];
    for offset in (0..size).step_by(PIECE as usize) {
        let part = usize::try_from(PIECE.min(size - offset))?;
        if offset < NOISY {
            fill(seed, offset, &mut piece[..part]);
        } else {
            piece.fill(0);
        }
        take(offset, &piece[..part])?;
    }
    Ok(())
}
