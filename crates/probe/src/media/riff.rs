//! RIFF chunks, the common ground of AVI and WAV: a code, a little-endian size, the body,
//! padded to even length.

use std::io::{self, Read, Seek};

use crate::clip::{Clip, le};
use crate::facts::State;

/// Chunks looked at on one level.
const MOST_CHUNKS: usize = 256;

/// One chunk inside some bytes, or its place in the file.
pub(super) struct Chunk {
    pub(super) code: [u8; 4],
    /// Where the body begins.
    pub(super) body: u64,
    /// Bytes of body that the header claims.
    pub(super) size: u64,
}

/// Whether the file begins as a RIFF file of this form.
pub(super) fn begins(opening: &[u8], form: &[u8; 4]) -> bool {
    matches!(opening.get(..4), Some(b"RIFF" | b"RF64")) && opening.get(8..12) == Some(form)
}

/// Top-level chunks after the 12-byte file header.
pub(super) fn top_level<R: Read + Seek>(clip: &mut Clip<R>) -> io::Result<Vec<Chunk>> {
    let mut chunks = Vec::new();
    let mut offset = 12;
    while chunks.len() < MOST_CHUNKS {
        let Some(chunk) = chunk_at(&clip.bytes_at(offset, 8)?, 0, offset) else { break };
        offset = chunk.end();
        chunks.push(chunk);
    }
    Ok(chunks)
}

/// Chunks inside the body of a list, with places relative to it.
pub(super) fn inside(list: &[u8]) -> Vec<Chunk> {
    let mut chunks = Vec::new();
    let mut offset = 0;
    while chunks.len() < MOST_CHUNKS {
        let Some(chunk) = chunk_at(list, offset, offset as u64) else { break };
        offset = usize::try_from(chunk.end()).unwrap_or(usize::MAX);
        chunks.push(chunk);
    }
    chunks
}

/// Whole if the file is as long as its header and its last chunk say. A recorder that lost
/// power left the size at zero or at what it planned.
pub(super) fn state<R: Read + Seek>(clip: &mut Clip<R>, chunks: &[Chunk]) -> io::Result<State> {
    let head = clip.bytes_at(0, 12)?;
    let claimed = le::<4>(&head, 4).unwrap_or(0);
    // RF64 keeps its real size elsewhere and says all ones here.
    let whole = (head.starts_with(b"RF64") || (claimed > 4 && claimed + 8 <= clip.len()))
        && chunks.iter().all(|chunk| chunk.body + chunk.size <= clip.len());
    Ok(if whole { State::Complete } else { State::Truncated })
}

fn chunk_at(bytes: &[u8], at: usize, place: u64) -> Option<Chunk> {
    let size = le::<4>(bytes, at.checked_add(4)?)?;
    let code = bytes.get(at..at + 4)?.try_into().ok()?;
    Some(Chunk { code, body: place + 8, size })
}

impl Chunk {
    /// The body as far as it is there.
    pub(super) fn of<'a>(&self, list: &'a [u8]) -> &'a [u8] {
        let begin = usize::try_from(self.body).unwrap_or(usize::MAX).min(list.len());
        let end = usize::try_from(self.body + self.size).unwrap_or(usize::MAX).min(list.len());
        &list[begin..end]
    }

    fn end(&self) -> u64 {
        self.body + self.size + self.size % 2
    }
}
