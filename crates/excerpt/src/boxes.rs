//! Boxes: a size, a kind, a body (ISO 14496-12, 4.2). Players take a table from wherever it stands, so a box that is
//! passed over may not hold one.

use crate::Refusal;

/// Boxes side by side; a film has a dozen.
const BESIDE_MAX: usize = 1000;

/// What a player could take for the structure of the film, at whatever depth.
#[rustfmt::skip]
const STRUCTURE: [&[u8; 4]; 96] = [
    // Tables, and what holds them. One player reads `hoov` as `moov`.
    b"cmov", b"co64", b"ctts", b"dref", b"edts", b"elst", b"hoov", b"mdhd", b"mdia", b"minf", b"moof", b"moov", b"mvex", b"mvhd",
    b"stbl", b"stco", b"stps", b"stsc", b"stsd", b"stss", b"stsz", b"stts", b"stz2", b"tfdt", b"tfhd", b"tkhd", b"traf", b"trak",
    b"trex", b"trun", b"tref", b"chap", b"sidx", b"mfra", b"iloc", b"iinf", b"ipco",
    // How a decoder begins, and how a picture is laid out.
    b"avcC", b"hvcC", b"lhvC", b"vvcC", b"av1C", b"vpcC", b"dvcC", b"dvvC", b"dvwC", b"esds", b"glbl", b"strf", b"enda", b"wave",
    b"alac", b"dac3", b"dec3", b"dOps", b"dfLa", b"dvc1", b"damr", b"chan", b"chnl", b"pcmC", b"colr", b"pasp", b"clap", b"fiel",
    b"st3d", b"sv3d", b"jp2h", b"avss", b"senc", b"saiz", b"saio", b"pssh", b"tenc", b"sinf", b"adrm",
    b"wfex", b"ddts", b"dmlp", b"frma", b"schm", b"mdcv", b"clli", b"srat", b"amve", b"vexu", b"lvcC", b"iacb",
    b"ACLR", b"APRG", b"AALP", b"ARES", b"SmDm", b"CoLL", b"SA3D", b"SAND",
];
/// Handlers of plain descriptions, the only ones that there may be in what is passed over.
const PLAIN_HANDLERS: [&[u8]; 2] = [b"mdir", b"mdta"];

/// One box.
#[derive(Debug, Clone, Copy)]
pub struct Part<'b> {
    pub kind: [u8; 4],
    pub body: &'b [u8],
}

/// The number in `width` bytes; bytes that are not there count as zero.
pub fn number(bytes: &[u8], at: usize, width: usize) -> u64 {
    let there = bytes.get(at..).unwrap_or_default();
    (0..width).fold(0, |sum, next| sum << 8 | u64::from(there.get(next).copied().unwrap_or(0)))
}

/// Four bytes as a number.
pub fn word(bytes: &[u8], at: usize) -> u64 {
    number(bytes, at, 4)
}

/// The boxes that fill `bytes` from end to end.
pub fn parts(bytes: &[u8]) -> Result<Vec<Part<'_>>, Refusal> {
    const CUT_OFF: Refusal = "a box does not end where it should";
    let (mut rest, mut all) = (bytes, Vec::new());
    while !rest.is_empty() {
        let (head, size) = match word(rest, 0) {
            1 => (16, number(rest, 8, 8)),
            size => (8, size),
        };
        let size = usize::try_from(size).ok().filter(|size| *size >= head).ok_or(CUT_OFF)?;
        let body = rest.get(head..size).ok_or(CUT_OFF)?;
        let kind = rest.get(4..8).and_then(|kind| kind.try_into().ok()).ok_or(CUT_OFF)?;
        if all.len() == BESIDE_MAX {
            return Err("a box holds too many others");
        }
        all.push(Part { kind, body });
        rest = rest.get(size..).unwrap_or_default();
    }
    Ok(all)
}

/// The box of this kind that there may be once.
pub fn at_most_one<'b>(parts: &[Part<'b>], kind: &[u8; 4]) -> Result<Option<&'b [u8]>, Refusal> {
    let mut found = parts.iter().filter(|part| part.kind == *kind);
    let first = found.next().map(|part| part.body);
    match found.next() {
        None => Ok(first),
        Some(_) => Err("a box is there twice"),
    }
}

/// The box of this kind that there must be once.
pub fn one<'b>(parts: &[Part<'b>], kind: &[u8; 4]) -> Result<&'b [u8], Refusal> {
    at_most_one(parts, kind)?.ok_or("a box is not there")
}

/// Like [`one`], and it stands before every other: players that read once use it for what stands behind it, and for no more.
pub fn head<'b>(parts: &[Part<'b>], kind: &[u8; 4]) -> Result<&'b [u8], Refusal> {
    let body = one(parts, kind)?;
    match parts.first().is_some_and(|part| part.kind == *kind) {
        true => Ok(body),
        false => Err(BEHIND),
    }
}

pub const BEHIND: Refusal = "a head stands behind what it is the head of";

/// Nothing but a name and short texts.
pub fn texts(body: &[u8]) -> Result<(), Refusal> {
    let is_text = |part: &Part| part.kind == *b"name" || part.kind[0] == 0xa9;
    match body.len() <= TEXTS_BYTES_MAX && parts(body)?.iter().all(is_text) {
        true => Ok(()),
        false => Err(UNKNOWN_BOX),
    }
}

const TEXTS_BYTES_MAX: usize = 4096;
const UNKNOWN_BOX: Refusal = "it has a box that the rule does not know";

/// Boxes beside those of `used` are on the list of what is passed over here, and hold no structure.
pub fn quiet(parts: &[Part], used: &[&[u8; 4]], passed: &[&[u8; 4]]) -> Result<(), Refusal> {
    for part in parts.iter().filter(|part| !used.contains(&&part.kind)) {
        if !passed.contains(&&part.kind) {
            return Err(UNKNOWN_BOX);
        }
        silent(part.body)?;
    }
    Ok(())
}

/// Nothing in these bytes could be taken for the structure of a film, wherever a player begins to read.
pub fn silent(body: &[u8]) -> Result<(), Refusal> {
    let handles = |at: usize| {
        let kind = body.get(at + 12..at + 16).unwrap_or_default();
        body[at..].starts_with(b"hdlr") && !PLAIN_HANDLERS.contains(&kind)
    };
    match body.windows(4).any(is_structure) || (0..body.len()).any(handles) {
        true => Err("a table of the film stands where it should not"),
        false => Ok(()),
    }
}

/// Is this the name of a box that says what a player shows?
pub fn is_structure(kind: &[u8]) -> bool {
    // The first letters first: this is asked of every byte.
    kind.first().is_some_and(|first| matches!(first, b'a'..=b'w' | b'A' | b'C' | b'S'))
        && STRUCTURE.iter().any(|name| *name == kind)
}

/// Rows of equal width that fill a body behind a version of `version`, no flags and their count.
pub fn rows(body: &[u8], (version, width): (u64, usize)) -> Result<&[u8], Refusal> {
    let rows = body.get(8..).ok_or("a table is cut off")?;
    let fits = word(body, 4).checked_mul(width as u64) == Some(rows.len() as u64);
    match fits && word(body, 0) == version << 24 {
        true => Ok(rows),
        false => Err("a table has another length or version than it should"),
    }
}
