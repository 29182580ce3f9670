//! Is the picture that an excerpt begins with a whole one? The table of whole pictures is what the recorder says; the
//! sample itself says it, too. Without that, a player would lay the pictures that follow over nothing.

use crate::boxes::number;
use crate::entry::Coding;
use crate::{Fault, Master, Refusal, Run};

/// Units of one sample; a picture has a few dozen.
const UNITS_MAX: usize = 1000;
const LEANS: Refusal = "the picture that the excerpt would begin with is not a whole one";

/// Every unit of the sample that is a part of a picture begins one that leans on none before it, and behind which none
/// does: IDR of H.264 and of H.265 (of the latter's other whole ones players drop what leans over them). Of JPEG: it
/// has its own tables. Reads the heads of its units.
pub fn check<M: Master>(
    master: &mut M,
    coding: Coding,
    sample: Run,
) -> Result<(), Fault<M::Error>> {
    let Coding::Units { is_hevc, width } = coding else { return jpeg(master, sample) };
    let (mut at, end, mut count, mut wholes) = (sample.at, sample.at + sample.len, 0, 0);
    while at < end {
        let mut head = [0; 5];
        let behind = at + width as u64;
        if behind >= end || count == UNITS_MAX {
            return Err(LEANS.into());
        }
        master.read(at, &mut head[..=width]).map_err(Fault::Unread)?;
        let (len, first) = (number(&head, 0, width), head[width]);
        let (is_picture, is_whole) = match is_hevc {
            true => (first >> 1 & 63 < 32, matches!(first >> 1 & 63, 19 | 20)),
            false => ((1..=5).contains(&(first & 31)), first & 31 == 5),
        };
        if len == 0 || len > end - behind || is_picture && !is_whole {
            return Err(LEANS.into());
        }
        wholes += usize::from(is_whole);
        count += 1;
        at = behind + len;
    }
    if wholes == 0 { Err(LEANS.into()) } else { Ok(()) }
}

/// Tables of quantities and of codes stand before the first scan; players take those that are not there from the picture
/// before.
fn jpeg<M: Master>(master: &mut M, sample: Run) -> Result<(), Fault<M::Error>> {
    let (mut at, end) = (sample.at + 2, sample.at + sample.len);
    let mut head = [0; 4];
    let (mut quantities, mut codes) = (false, false);
    for count in 0..UNITS_MAX {
        let from = if count == 0 { sample.at } else { at };
        if from + 4 > end {
            break;
        }
        master.read(from, &mut head).map_err(Fault::Unread)?;
        if count == 0 {
            if !head.starts_with(&[0xff, 0xd8]) {
                break;
            }
            continue;
        }
        match head {
            [0xff, 0xda, ..] if quantities && codes => return Ok(()),
            [0xff, 0xdb, ..] => quantities = true,
            [0xff, 0xc4, ..] => codes = true,
            [0xff, 0xc0..=0xcf | 0xdd..=0xfe, ..] => {}
            _ => break,
        }
        // The length counts itself.
        at += 2 + number(&head, 2, 2).max(2);
    }
    Err(LEANS.into())
}
