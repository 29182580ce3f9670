//! The description of a track's samples, which goes into the excerpt as it is: so every box in it is on a list.

use crate::Refusal;
use crate::boxes::{Part, number, parts, word};

/// Bytes of a description before its boxes: of pictures, of sound, of sound as QuickTime's version 1 has it.
const PICTURE_BYTES: usize = 78;
const SOUND_BYTES: usize = 28;
const SOUND_1_BYTES: usize = 44;

const PICTURES: [&[u8; 4]; 7] = [b"avc1", b"avc3", b"hvc1", b"hev1", b"av01", b"mp4v", b"jpeg"];
const PICTURE_BOXES: [&[u8; 4]; 13] = [
    b"avcC", b"hvcC", b"av1C", b"esds", b"pasp", b"colr", b"btrt", b"fiel", b"gama", b"clap",
    b"chrm", b"mdcv", b"clli",
];
/// Sound in packets.
const SOUNDS: [&[u8; 4]; 6] = [b"mp4a", b".mp3", b"samr", b"sawb", b"ac-3", b"Opus"];
/// Sound whose samples are single numbers.
const PLAIN: [&[u8; 4]; 4] = [b"alaw", b"ulaw", b"sowt", b"twos"];
const SOUND_BOXES: [&[u8; 4]; 7] = [b"esds", b"wave", b"chan", b"btrt", b"damr", b"dac3", b"dOps"];
/// In `wave`; the last is its end.
const WAVE_BOXES: [&[u8; 4]; 5] = [b"frma", b"mp4a", b"esds", b"enda", b"\0\0\0\0"];

/// Checks the body of an `stsd` of pictures.
pub fn picture(stsd: &[u8]) -> Result<(), Refusal> {
    let Part { kind, body } = only(stsd)?;
    // A palette would stand where the boxes begin.
    let palette = number(body, 74, 2) != 24 && number(body, 76, 2) != 0xffff;
    if !PICTURES.contains(&&kind) || body.len() < PICTURE_BYTES || palette {
        return Err("its picture is of a kind that the rule does not know");
    }
    listed(&body[PICTURE_BYTES..], &PICTURE_BOXES).map(drop)
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
