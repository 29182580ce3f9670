//! The boxes of the whole file: they chain from its first byte to its last, and the samples lie in its `mdat`s.

use crate::boxes::{is_structure, number, silent, word};
use crate::{Fault, MOVIE_BYTES_MAX, Master, Refusal, Run};

/// A camera writes a handful.
const BOXES_MAX: usize = 1000;
/// What may stand beside `ftyp`, `moov` and `mdat`: players look into every other, and into these.
const PASSED: [&[u8; 4]; 4] = [b"free", b"skip", b"wide", b"uuid"];
const PASSED_BYTES_MAX: u64 = 64 << 10;
/// Of the whole box `ftyp`.
const BRANDS_BYTES_MAX: u64 = 256;

/// What the file is made of.
#[derive(Debug)]
pub struct File {
    /// The body of `ftyp`.
    pub ftyp: Vec<u8>,
    /// The body of `moov`.
    pub moov: Vec<u8>,
    /// The bodies of `mdat`, in the order of the file.
    pub data: Vec<Run>,
    /// What was read.
    pub read: Vec<Run>,
    pub size: u64,
}

impl File {
    /// By its main brand; some boxes mean something else there.
    pub fn is_quicktime(&self) -> bool {
        self.ftyp.starts_with(b"qt  ")
    }
}

pub fn file<M: Master>(master: &mut M) -> Result<File, Fault<M::Error>> {
    let size = master.size();
    let mut file = File { ftyp: vec![], moov: vec![], data: vec![], read: vec![], size };
    let (mut at, mut count) = (0, 0);
    while at < size {
        let (kind, body) = head(master, at, &mut file.read)?;
        at = body.at + body.len;
        count += 1;
        match &kind {
            b"ftyp" if (8..BRANDS_BYTES_MAX).contains(&body.len) && body.len % 4 == 0 => {
                file.ftyp = content(master, body, &mut file.read)?;
            }
            b"moov" if file.moov.is_empty() && (8..=MOVIE_BYTES_MAX).contains(&body.len) => {
                file.moov = content(master, body, &mut file.read)?;
            }
            b"mdat" => file.data.push(body),
            b"ftyp" | b"moov" => {
                return Err("its ftyp or moov is too large, empty or there twice".into());
            }
            b"styp" | b"sidx" | b"ssix" | b"mfra" | b"emsg" => return Err(FRAGMENTED.into()),
            kind if is_structure(kind) => return Err(FRAGMENTED.into()),
            kind if PASSED.contains(&kind) && body.len <= PASSED_BYTES_MAX => {
                silent(&content(master, body, &mut file.read)?)?;
            }
            _ => {
                return Err(
                    "beside its moov is a box that the rule does not know, or a large one".into()
                );
            }
        }
        if count > BOXES_MAX {
            return Err("it has too many boxes".into());
        }
    }
    match file.moov.is_empty() {
        true => Err("it has no moov".into()),
        false => Ok(file),
    }
}

const FRAGMENTED: Refusal = "it is in fragments, or has tables beside its moov";

/// The kind of the box at `at`, and its body.
fn head<M: Master>(
    master: &mut M,
    at: u64,
    read: &mut Vec<Run>,
) -> Result<([u8; 4], Run), Fault<M::Error>> {
    const CUT_OFF: Refusal = "its boxes do not fill it from end to end";
    let left = master.size() - at;
    if left < 8 {
        return Err(CUT_OFF.into());
    }
    let mut bytes = [0; 16];
    master.read(at, &mut bytes[..8]).map_err(Fault::Unread)?;
    let kind = [bytes[4], bytes[5], bytes[6], bytes[7]];
    if (at == 0) != (kind == *b"ftyp") {
        return Err("it does not begin with the one box ftyp of an MP4 or QuickTime file".into());
    }
    let head = if word(&bytes, 0) == 1 && left >= 16 { 16 } else { 8 };
    if head == 16 {
        master.read(at + 8, &mut bytes[8..]).map_err(Fault::Unread)?;
    }
    read.push(Run { at, len: head });
    let size = match word(&bytes, 0) {
        0 => left,
        1 => number(&bytes, 8, 8),
        size => size,
    };
    if size < head || size > left {
        return Err(CUT_OFF.into());
    }
    Ok((kind, Run { at: at + head, len: size - head }))
}

fn content<M: Master>(
    master: &mut M,
    body: Run,
    read: &mut Vec<Run>,
) -> Result<Vec<u8>, Fault<M::Error>> {
    // Bounded by both callers.
    let mut bytes =
        vec![0; usize::try_from(body.len).map_err(|_| Fault::Refused("it is too large"))?];
    master.read(body.at, &mut bytes).map_err(Fault::Unread)?;
    read.push(body);
    Ok(bytes)
}
