//! WAV: format and data size, so that a voice note has a length.

use std::io::{self, Read, Seek};

use super::{codec, riff};
use crate::clip::{Clip, le};
use crate::facts::{Container, Facts, milliseconds};

/// `WAVE_FORMAT_EXTENSIBLE`: the real tag is the front of the sub-format.
const EXTENSIBLE: u64 = 0xFFFE;
/// Size of a `data` chunk that is still being written.
const UNKNOWN_SIZE: u64 = 0xFFFF_FFFF;

pub(super) fn read<R: Read + Seek>(clip: &mut Clip<R>) -> io::Result<Facts> {
    let mut facts = Facts::of(Container::Wav);
    let chunks = riff::top_level(clip)?;
    facts.state = Some(riff::state(clip, &chunks)?);
    let mut bytes_per_s = 0;
    for chunk in &chunks {
        match &chunk.code {
            b"fmt " => {
                let format = clip.bytes_at(chunk.body, chunk.size.min(40))?;
                let tag = match le::<2>(&format, 0) {
                    Some(EXTENSIBLE) => le::<2>(&format, 24),
                    tag => tag,
                };
                facts.codec_audio = tag.and_then(codec::sound_tag);
                bytes_per_s = le::<4>(&format, 8).unwrap_or(0);
            }
            b"data" => {
                let there = clip.len().saturating_sub(chunk.body);
                let size = if matches!(chunk.size, 0 | UNKNOWN_SIZE) { there } else { chunk.size };
                facts.duration_ms = milliseconds(size.into(), bytes_per_s.into());
            }
            _ => {}
        }
    }
    Ok(facts)
}
