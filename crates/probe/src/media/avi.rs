//! AVI: everything worth knowing stands in `LIST hdrl` at the front (main header, one `strl` per
//! stream), with the true length of long files in OpenDML's `dmlh`.

use std::io::{self, Read, Seek};

use super::{codec, riff};
use crate::clip::{Clip, le};
use crate::facts::{Container, Facts, milliseconds};

const MOST_HEADER_BYTES: u64 = 1 << 20;

pub(super) fn read<R: Read + Seek>(clip: &mut Clip<R>) -> io::Result<Facts> {
    let mut facts = Facts::of(Container::Avi);
    let chunks = riff::top_level(clip)?;
    facts.state = Some(riff::state(clip, &chunks)?);
    for chunk in chunks.iter().filter(|chunk| &chunk.code == b"LIST") {
        let list = clip.bytes_at(chunk.body, chunk.size.min(MOST_HEADER_BYTES))?;
        if let Some(header) = list.strip_prefix(b"hdrl") {
            read_header(header, &mut facts);
            return Ok(facts);
        }
    }
    facts.note("no header list (hdrl)");
    Ok(facts)
}

fn read_header(header: &[u8], facts: &mut Facts) {
    let mut frames_in_all = None;
    let mut picture_rate = None;
    for chunk in riff::inside(header) {
        let body = chunk.of(header);
        match &chunk.code {
            b"avih" => read_main_header(body, facts),
            b"LIST" if body.starts_with(b"strl") => {
                picture_rate = picture_rate.or(read_stream(&body[4..], facts));
            }
            b"LIST" if body.starts_with(b"odml") => frames_in_all = le::<4>(body, 12),
            _ => {}
        }
    }
    // `strh` counts the first RIFF part only; OpenDML counts them all.
    if let (Some(frames), Some((scale, rate))) = (frames_in_all, picture_rate) {
        let in_all = milliseconds(u128::from(frames) * u128::from(scale), rate.into());
        facts.duration_ms = facts.duration_ms.max(in_all);
    }
}

/// `AVIMAINHEADER`: the sizes are the fallback for a missing stream format.
fn read_main_header(avih: &[u8], facts: &mut Facts) {
    let frame_us = le::<4>(avih, 0).unwrap_or(0);
    let frames = le::<4>(avih, 16).unwrap_or(0);
    facts.duration_ms = milliseconds(u128::from(frame_us) * u128::from(frames), 1_000_000);
    facts.width_px = pixels(le::<4>(avih, 32));
    facts.height_px = pixels(le::<4>(avih, 36));
}

/// One `strl`; gives `(scale, rate)` of a picture stream.
fn read_stream(strl: &[u8], facts: &mut Facts) -> Option<(u64, u64)> {
    let chunks = riff::inside(strl);
    let body_of = |code: &[u8; 4]| {
        chunks.iter().find(|chunk| &chunk.code == code).map(|chunk| chunk.of(strl))
    };
    let strh = body_of(b"strh")?;
    let strf = body_of(b"strf").unwrap_or_default();
    match strh.get(..4)? {
        b"vids" if facts.codec_video.is_none() => {
            // BITMAPINFOHEADER: width 4, height 8 (negative = top down), compression 16.
            facts.width_px = pixels(le::<4>(strf, 4)).or(facts.width_px);
            facts.height_px = pixels(le::<4>(strf, 8)).or(facts.height_px);
            let code = strf.get(16..20).or(strh.get(4..8))?;
            facts.codec_video = codec::picture(code.try_into().ok()?);
            let (scale, rate) = (le::<4>(strh, 20)?, le::<4>(strh, 24)?);
            let ticks = u128::from(le::<4>(strh, 32)?) * u128::from(scale);
            facts.duration_ms = milliseconds(ticks, rate.into()).or(facts.duration_ms);
            Some((scale, rate))
        }
        b"auds" if facts.codec_audio.is_none() => {
            facts.codec_audio = le::<2>(strf, 0).and_then(codec::sound_tag);
            None
        }
        _ => None,
    }
}

fn pixels(field: Option<u64>) -> Option<u32> {
    let signed = i32::from_le_bytes(u32::try_from(field?).ok()?.to_le_bytes());
    Some(signed.unsigned_abs()).filter(|&px| px > 0)
}
