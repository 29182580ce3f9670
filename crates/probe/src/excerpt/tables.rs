//! Where the coded samples of an MP4 or QuickTime file lie, by its own tables (ISO 14496-12 §8.6, §8.7). Refuses what it
//! does not understand whole: a sample that is guessed at would be looked for in vain.

use std::fs::File;
use std::iter::{repeat, repeat_n};
use std::ops::Range;
use std::os::unix::fs::FileExt;

use crate::clip::be;

/// Top-level boxes looked at.
const BOXES_MAX: usize = 4096;
const MOOV_BYTES_MAX: u64 = 64 << 20;
/// Samples of one file; eleven hours of picture and sound have three million.
const SAMPLES_MAX: usize = 8_000_000;

/// A coded sample in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sample {
    pub(super) at: u64,
    pub(super) len: u32,
}

/// The samples of one track in the order of decoding.
#[derive(Debug)]
pub(super) struct Track {
    /// `vide`, `soun` or another.
    pub(super) handler: [u8; 4],
    pub(super) samples: Vec<Sample>,
    /// Ticks for one second.
    timescale: u32,
    /// Samples, and ticks of each.
    times: Vec<(u64, u64)>,
    /// Samples, and how many ticks later than decoded they are shown; nothing where they are shown at once.
    later: Vec<(u64, i64)>,
}

impl Track {
    /// When samples are shown, first and behind the last, in milliseconds from the first one of the track.
    pub(super) fn shown_ms(&self, samples: Range<usize>) -> (u64, u64) {
        let all = self.shown();
        let begin = all.iter().map(|(begin, _)| *begin).min().unwrap_or(0);
        let part = all.get(samples).unwrap_or_default();
        let first = part.iter().map(|(begin, _)| *begin).min().unwrap_or(begin);
        let last = part.iter().map(|(_, end)| *end).max().unwrap_or(begin);
        let ms = |at: i128| {
            let ticks = u128::try_from(at - begin).unwrap_or(0);
            u64::try_from(ticks * 1000 / u128::from(self.timescale.max(1))).unwrap_or(u64::MAX)
        };
        (ms(first), ms(last))
    }

    /// In ticks, as decoded and then moved.
    fn shown(&self) -> Vec<(i128, i128)> {
        let many = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        let ticks = self.times.iter().flat_map(|(count, each)| repeat_n(*each, many(*count)));
        let later = self.later.iter().flat_map(|(count, by)| repeat_n(*by, many(*count)));
        let mut decoded = 0i128;
        let moved = ticks.zip(later.chain(repeat(0))).take(self.samples.len());
        let shown = moved.map(|(ticks, by)| {
            let begin = decoded + i128::from(by);
            decoded += i128::from(ticks);
            (begin, begin + i128::from(ticks))
        });
        shown.collect()
    }
}

/// All tracks.
///
/// # Errors
/// Why its samples cannot be told, as a sentence that goes on after the name of the file.
pub(super) fn read(file: &File) -> Result<Vec<Track>, String> {
    let moov = moov(file)?;
    let mut room = SAMPLES_MAX;
    let mut tracks = Vec::new();
    for (kind, body) in boxes(&moov)? {
        match kind {
            b"trak" => tracks.push(track(body, &mut room)?),
            b"mvex" => return Err("is fragmented".into()),
            b"cmov" => return Err("has a compressed index".into()),
            _ => {}
        }
    }
    Ok(tracks)
}

fn moov(file: &File) -> Result<Vec<u8>, String> {
    let unreadable = |e: std::io::Error| format!("cannot be read: {e}");
    let len = file.metadata().map_err(unreadable)?.len();
    let (mut at, mut moov) = (0, None);
    for _ in 0..BOXES_MAX {
        if at == len {
            return moov.ok_or_else(|| "is no MP4 or QuickTime file with an index".into());
        }
        let mut head = [0; 16];
        let there = usize::try_from((len - at).min(16)).unwrap_or(16);
        file.read_exact_at(&mut head[..there], at).map_err(unreadable)?;
        let (begins, size) = match be::<4>(&head, 0).unwrap_or(0) {
            0 => (8, len - at),
            1 => (16, be::<8>(&head, 8).unwrap_or(0)),
            size => (8, size),
        };
        let end = at.checked_add(size).filter(|end| size >= begins && *end <= len);
        let Some(end) = end.filter(|_| there as u64 >= begins) else {
            return Err("is cut off, or is no MP4 or QuickTime file".into());
        };
        match &head[4..8] {
            b"moof" => return Err("is fragmented".into()),
            b"moov" if moov.is_some() => return Err("has two indexes".into()),
            b"moov" if size > MOOV_BYTES_MAX => return Err("has an index that is too large".into()),
            b"moov" => {
                let length = usize::try_from(size - begins).unwrap_or(0);
                let mut body = vec![0; length];
                file.read_exact_at(&mut body, at + begins).map_err(unreadable)?;
                moov = Some(body);
            }
            _ => {}
        }
        at = end;
    }
    Err("has too many boxes".into())
}

type Boxes<'b> = Vec<(&'b [u8; 4], &'b [u8])>;

/// The boxes of a body, one after the other to its end.
fn boxes(mut rest: &[u8]) -> Result<Boxes<'_>, String> {
    let mut all = Vec::new();
    // QuickTime may end a list with four bytes of zero.
    while rest.len() >= 8 {
        let (begins, size) = match be::<4>(rest, 0).unwrap_or(0) {
            1 => (16, be::<8>(rest, 8).unwrap_or(0)),
            size => (8, size),
        };
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let kind: &[u8; 4] = rest[4..8].try_into().map_err(|_| "is damaged")?;
        let body = rest.get(begins..size).ok_or("has a damaged index")?;
        all.push((kind, body));
        rest = &rest[size..];
    }
    Ok(all)
}

/// The one box of a kind.
fn one<'b>(body: &'b [u8], kind: &[u8; 4]) -> Result<&'b [u8], String> {
    let found = boxes(body)?.into_iter().find(|(there, _)| *there == kind);
    let missing = || format!("has a track without {}", String::from_utf8_lossy(kind));
    found.map(|(_, body)| body).ok_or_else(missing)
}

fn track(body: &[u8], room: &mut usize) -> Result<Track, String> {
    let damaged = || "has a damaged index".to_owned();
    let mdia = one(body, b"mdia")?;
    let hdlr = one(mdia, b"hdlr")?;
    let handler = hdlr.get(8..12).and_then(|it| it.try_into().ok()).ok_or_else(damaged)?;
    let mdhd = one(mdia, b"mdhd")?;
    let version = mdhd.first().copied().unwrap_or(0);
    let scale = be::<4>(mdhd, if version == 1 { 20 } else { 12 }).ok_or_else(damaged)?;
    let stbl = one(one(mdia, b"minf")?, b"stbl")?;
    let lens = lens(stbl, room)?;
    let chunks = chunks(stbl)?;
    let samples = samples(&lens, (&chunks, &rows(one(stbl, b"stsc")?, 12)?))?;
    let times = rows(one(stbl, b"stts")?, 8)?;
    let times = times.iter().map(|row| (number(row, 0), number(row, 4))).collect();
    // Negative in version 1, and by some writers in version 0.
    let by = |row: &[u8]| i64::from(number(row, 4) as u32 as i32);
    let later = match one(stbl, b"ctts") {
        Ok(ctts) => rows(ctts, 8)?.iter().map(|row| (number(row, 0), by(row))).collect(),
        Err(_) => Vec::new(),
    };
    let timescale = u32::try_from(scale).map_err(|_| damaged())?;
    Ok(Track { handler, samples, timescale, times, later })
}

fn number(row: &[u8], at: usize) -> u64 {
    be::<4>(row, at).unwrap_or(0)
}

/// Rows of equal width after version, flags and their count.
fn rows(body: &[u8], width: usize) -> Result<Vec<&[u8]>, String> {
    let count = be::<4>(body, 4).and_then(|count| usize::try_from(count).ok());
    let bytes = count.and_then(|count| body.get(8..8usize.checked_add(count.checked_mul(width)?)?));
    Ok(bytes.ok_or("has a damaged index")?.chunks_exact(width).collect())
}

fn lens(stbl: &[u8], room: &mut usize) -> Result<Vec<u32>, String> {
    let stsz = one(stbl, b"stsz")?;
    let (each, count) = (be::<4>(stsz, 4), be::<4>(stsz, 8));
    let (Some(each), Some(count)) = (each, count) else { return Err("has a damaged index".into()) };
    let many = usize::try_from(count).unwrap_or(usize::MAX);
    *room = room.checked_sub(many).ok_or("has more samples than are looked for")?;
    let narrow = |len: u64| u32::try_from(len).unwrap_or(u32::MAX);
    if each > 0 {
        return Ok(vec![narrow(each); many]);
    }
    let bytes = many.checked_mul(4).and_then(|bytes| stsz.get(12..12 + bytes));
    let bytes = bytes.ok_or("has a damaged index")?;
    Ok(bytes.chunks_exact(4).map(|len| narrow(number(len, 0))).collect())
}

fn chunks(stbl: &[u8]) -> Result<Vec<u64>, String> {
    if let Ok(stco) = one(stbl, b"stco") {
        return Ok(rows(stco, 4)?.iter().map(|row| number(row, 0)).collect());
    }
    let co64 = rows(one(stbl, b"co64")?, 8)?;
    Ok(co64.iter().map(|row| be::<8>(row, 0).unwrap_or(0)).collect())
}

/// Samples lie one after the other in chunks; `steps` says from which chunk on how many lie in each.
fn samples(lens: &[u32], (chunks, steps): (&[u64], &[&[u8]])) -> Result<Vec<Sample>, String> {
    let mut samples = Vec::with_capacity(lens.len());
    let (mut left, mut step) = (lens.iter(), 0);
    for (number_of, &begins) in (1u64..).zip(chunks) {
        while steps.get(step + 1).is_some_and(|next| number(next, 0) <= number_of) {
            step += 1;
        }
        let mut at = begins;
        let many = steps.get(step).map_or(0, |row| number(row, 4));
        for &len in left.by_ref().take(usize::try_from(many).unwrap_or(usize::MAX)) {
            samples.push(Sample { at, len });
            at = at.checked_add(len.into()).ok_or("has a damaged index")?;
        }
    }
    if left.next().is_some() {
        return Err("has samples that lie in no chunk".into());
    }
    Ok(samples)
}
