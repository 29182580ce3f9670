//! The description of a track's samples, which goes into the excerpt as it is: so every box in it is on a list.

use crate::Refusal;
use crate::boxes::{Part, number, parts, silent, word};

/// Bytes of a description before its boxes: of pictures, of sound, of sound as QuickTime's version 1 has it.
const PICTURE_BYTES: usize = 78;
const SOUND_BYTES: usize = 28;
const SOUND_1_BYTES: usize = 44;

const PICTURE_BOXES: [&[u8; 4]; 9] =
    [b"pasp", b"colr", b"btrt", b"fiel", b"gama", b"clap", b"chrm", b"mdcv", b"clli"];
/// Sound in packets.
const SOUNDS: [&[u8; 4]; 6] = [b"mp4a", b".mp3", b"samr", b"sawb", b"ac-3", b"Opus"];
/// Sound whose samples are single numbers.
const PLAIN: [&[u8; 4]; 4] = [b"alaw", b"ulaw", b"sowt", b"twos"];
const SOUND_BOXES: [&[u8; 4]; 7] = [b"esds", b"wave", b"chan", b"btrt", b"damr", b"dac3", b"dOps"];
/// Text, times, places and hints: what no player takes for a picture or for sound.
const NEITHER: [&[u8; 4]; 12] = [
    b"tx3g", b"text", b"tmcd", b"mett", b"metx", b"urim", b"camm", b"gpmd", b"rtmd", b"wvtt",
    b"stpp", b"rtp ",
];
/// Opus: what a player drops where it begins, in 48,000ths of a second; more would silence an excerpt.
const SKIPPED_MAX: u64 = 3840;
/// In `wave`; the last is its end.
const WAVE_BOXES: [&[u8; 4]; 5] = [b"frma", b"mp4a", b"esds", b"enda", b"\0\0\0\0"];

/// How pictures are coded, as far as a whole one is told by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// Every picture is whole.
    Jpeg,
    /// H.264 or H.265 in units, each behind its length.
    Units { is_hevc: bool, width: usize },
}

/// What an `stsd` of pictures says.
pub fn picture(stsd: &[u8]) -> Result<Coding, Refusal> {
    const UNKNOWN: Refusal = "its picture is of a kind that the rule does not know";
    let Part { kind, body } = only(stsd)?;
    // A palette would stand where the boxes begin.
    let palette = number(body, 74, 2) != 24 && number(body, 76, 2) != 0xffff;
    // Where the decoder's own box has the length of lengths, and its least length.
    let own: Option<(&[u8; 4], usize, usize)> = match &kind {
        b"avc1" | b"avc3" => Some((b"avcC", 4, 7)),
        b"hvc1" | b"hev1" => Some((b"hvcC", 21, 23)),
        b"jpeg" => None,
        _ => return Err(UNKNOWN),
    };
    if body.len() < PICTURE_BYTES || palette {
        return Err(UNKNOWN);
    }
    let list: Vec<&[u8; 4]> = PICTURE_BOXES.into_iter().chain(own.map(|(name, ..)| name)).collect();
    let boxes = listed(&body[PICTURE_BYTES..], &list)?;
    let Some((name, at, least)) = own else { return Ok(Coding::Jpeg) };
    // Version 1. With another byte there players read start codes and no lengths.
    let is_own = |part: &&Part| part.kind == *name && part.body.len() >= least && part.body[0] == 1;
    let own = boxes.iter().find(is_own);
    let width = own.map(|own| number(own.body, at, 1) % 4 + 1);
    match width {
        Some(width @ (1 | 2 | 4)) => {
            Ok(Coding::Units { is_hevc: name == b"hvcC", width: width as usize })
        }
        _ => Err(UNKNOWN),
    }
}

/// Checks the `stsd` of a track that is left out: nothing in it is a picture or sound.
pub fn neither(stsd: &[u8]) -> Result<(), Refusal> {
    const OTHER: Refusal =
        "a track that would be left out is of a kind that the rule does not know";
    for Part { kind, body } in parts(stsd.get(8..).ok_or(OTHER)?)? {
        if !NEITHER.contains(&&kind) {
            return Err(OTHER);
        }
        silent(body)?;
    }
    Ok(())
}

/// Checks the body of an `stsd` of sound; the bytes of a sample where each is one moment of all channels.
pub fn sound(stsd: &[u8], is_quicktime: bool) -> Result<Option<u64>, Refusal> {
    const UNKNOWN: Refusal = "its sound is of a kind that the rule does not know";
    let Part { kind, body } = only(stsd)?;
    let plain = PLAIN.contains(&&kind);
    let packets = SOUNDS.contains(&&kind);
    let head = match number(body, 8, 2) {
        0 if plain || packets => SOUND_BYTES,
        1 if kind == *b"mp4a" && is_quicktime => SOUND_1_BYTES,
        _ => return Err(UNKNOWN),
    };
    let boxes = listed(body.get(head..).ok_or(UNKNOWN)?, &SOUND_BOXES)?;
    for wave in boxes.iter().filter(|part| part.kind == *b"wave") {
        listed(wave.body, &WAVE_BOXES)?;
    }
    let skipped = |part: &Part| part.kind == *b"dOps" && number(part.body, 2, 2) > SKIPPED_MAX;
    if boxes.iter().any(skipped) {
        return Err(UNKNOWN);
    }
    let (channels, bits) = (number(body, 16, 2), number(body, 18, 2));
    match &kind {
        b"alaw" | b"ulaw" if channels > 0 => Ok(Some(channels)),
        b"sowt" | b"twos" if channels > 0 && matches!(bits, 8 | 16) => {
            Ok(Some(channels * bits / 8))
        }
        _ if packets => Ok(None),
        _ => Err(UNKNOWN),
    }
}

/// The one description, of samples that lie in this file.
fn only(stsd: &[u8]) -> Result<Part<'_>, Refusal> {
    const OTHER: Refusal = "its samples are described in more than one way";
    let described = stsd.get(8..).ok_or(OTHER)?;
    match parts(described)?[..] {
        [only] if word(stsd, 0) == 0 && word(stsd, 4) == 1 && number(only.body, 6, 2) == 1 => {
            Ok(only)
        }
        _ => Err(OTHER),
    }
}

/// Boxes of the list, none twice; QuickTime may end them with four bytes of zero.
fn listed<'b>(bytes: &'b [u8], list: &[&[u8; 4]]) -> Result<Vec<Part<'b>>, Refusal> {
    let boxes = match parts(bytes) {
        Err(_) if bytes.ends_with(&[0; 4]) => parts(&bytes[..bytes.len() - 4])?,
        boxes => boxes?,
    };
    let twice = |at: usize| boxes[..at].iter().any(|earlier| earlier.kind == boxes[at].kind);
    match (0..boxes.len()).any(|at| !list.contains(&&boxes[at].kind) || twice(at)) {
        true => Err("its samples are described with boxes that the rule does not know"),
        false => Ok(boxes),
    }
}
