//! JPEG: picture size from the frame header (ITU-T T.81 §B.2.2), and whether the end marker is
//! there.

use std::io::{self, Read, Seek};

use crate::clip::{Clip, be};
use crate::facts::{Container, Facts, State};

const MOST_SEGMENTS: usize = 512;
/// How far from the end the end marker may stand; some cameras append a trailer.
const TRAILER_BYTES: u64 = 64 << 10;

pub(super) fn begins(opening: &[u8]) -> bool {
    opening.starts_with(&[0xFF, 0xD8, 0xFF])
}

pub(super) fn read<R: Read + Seek>(clip: &mut Clip<R>) -> io::Result<Facts> {
    let mut facts = Facts::of(Container::Jpeg);
    facts.codec_video = Some("jpeg".into());
    if let Some((width, height)) = frame_size(clip)? {
        facts.width_px = u32::try_from(width).ok().filter(|&px| px > 0);
        facts.height_px = u32::try_from(height).ok().filter(|&px| px > 0);
    }
    let tail = clip.bytes_at(clip.len().saturating_sub(TRAILER_BYTES), TRAILER_BYTES)?;
    let ended = tail.windows(2).any(|pair| pair == [0xFF, 0xD9]);
    facts.state = Some(if ended { State::Complete } else { State::Truncated });
    Ok(facts)
}

fn frame_size<R: Read + Seek>(clip: &mut Clip<R>) -> io::Result<Option<(u64, u64)>> {
    let mut offset = 2;
    for _ in 0..MOST_SEGMENTS {
        let segment = clip.bytes_at(offset, 9)?;
        let (Some(0xFF), Some(marker), Some(size)) =
            (segment.first(), segment.get(1).copied(), be::<2>(&segment, 2))
        else {
            break;
        };
        match marker {
            0xFF => offset += 1, // fill byte
            0xC0..=0xCF if !matches!(marker, 0xC4 | 0xC8 | 0xCC) => {
                return Ok(be::<2>(&segment, 7).zip(be::<2>(&segment, 5)));
            }
            0xD8..=0xDA => break, // the picture data begins, and no frame header came
            _ => offset += 2 + size,
        }
    }
    Ok(None)
}
