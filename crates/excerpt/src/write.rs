//! The head of an excerpt: `ftyp` of the clip, a `moov` of a fixed form, and the head of the one `mdat`.

use crate::boxes::word;
use crate::choose::{Chosen, Part};
use crate::movie::{Movie, Track};
use crate::tables::{Chunk, pairs};
use crate::walk::File;
use crate::{Refusal, Run, SAMPLE_BYTES_MAX, Samples};

pub struct Written {
    pub head: Vec<u8>,
    pub runs: Vec<Run>,
}

/// A track with its chunks, in the order of its samples.
struct Taken<'m> {
    track: &'m Track<'m>,
    part: Part,
    chunks: Vec<Chunk>,
}

/// Turns nothing.
const ZEROS: [u8; 24] = [0; 24];

pub fn written(file: &File, movie: &Movie, chosen: &Chosen) -> Result<Written, Refusal> {
    let parts =
        [(Some(&movie.picture), Some(chosen.picture)), (movie.sound.as_ref(), chosen.sound)];
    let mut taken = Vec::new();
    for (track, part) in parts {
        let Some((track, part)) = track.zip(part) else {
            // Its tables must hold all the same.
            if let Some(track) = track {
                track.tables.runs(Samples { first: 0, count: 0 }, file.size)?;
            }
            continue;
        };
        let chunks = track.tables.runs(part.samples, file.size)?;
        taken.push(Taken { track, part, chunks });
    }
    let runs = ordered(&taken, &file.data)?;
    let bytes: u64 = runs.iter().map(|run| run.len).sum();
    let ftyp = boxed(b"ftyp", &[&file.ftyp]);
    let moov = |begin: u64| moov((movie, chosen), &taken, &places(&runs, begin));
    let head = ftyp.len() + moov(0).len() + 8;
    let size = u32::try_from(bytes + 8).map_err(|_| TOO_LARGE)?.to_be_bytes();
    let head = [ftyp, moov(head as u64), size.to_vec(), b"mdat".to_vec()].concat();
    Ok(Written { head, runs })
}

const TOO_LARGE: Refusal = "an excerpt of that range would be larger than 256 MiB";

/// All runs in the order of the clip. Each lies in one `mdat`, and no byte is in two.
fn ordered(taken: &[Taken], data: &[Run]) -> Result<Vec<Run>, Refusal> {
    let mut runs: Vec<Run> =
        taken.iter().flat_map(|taken| taken.chunks.iter().map(|chunk| chunk.run)).collect();
    runs.sort_unstable_by_key(|run| (run.at, run.len));
    let (mut end, mut sum, mut data) = (0, 0u64, data.iter().peekable());
    for run in &runs {
        if run.at < end {
            return Err("two of its samples are the same bytes");
        }
        end = run.at + run.len;
        sum = sum.saturating_add(run.len);
        while data.next_if(|body| body.at + body.len < end).is_some() {}
        if data.peek().is_none_or(|body| run.at < body.at) {
            return Err("a sample does not lie in mdat");
        }
    }
    if sum > SAMPLE_BYTES_MAX { Err(TOO_LARGE) } else { Ok(runs) }
}

/// Where each run lies in the excerpt, after where it lies in the clip.
fn places(runs: &[Run], begin: u64) -> Vec<(u64, u64)> {
    let place = |at: &mut u64, run: &Run| {
        let here = *at;
        *at += run.len;
        Some((run.at, here))
    };
    runs.iter().scan(begin, place).collect()
}

fn boxed(kind: &[u8; 4], bodies: &[&[u8]]) -> Vec<u8> {
    let body = bodies.concat();
    // A head is not much larger than a `moov` that was read.
    let size = u32::try_from(body.len() + 8).unwrap_or(0).to_be_bytes();
    [&size[..], kind, &body].concat()
}

/// Rows behind no version, no flags, and their count.
fn table(kind: &[u8; 4], version: u64, rows: &[[u64; 2]]) -> Vec<u8> {
    let words: Vec<u64> = [version << 24, rows.len() as u64]
        .into_iter()
        .chain(rows.iter().flatten().copied())
        .collect();
    boxed(kind, &[&words32(&words)])
}

fn words32(words: &[u64]) -> Vec<u8> {
    // Every one was read from four bytes, or counts such.
    words.iter().flat_map(|word| (*word as u32).to_be_bytes()).collect()
}

fn moov((movie, chosen): (&Movie, &Chosen), taken: &[Taken], places: &[(u64, u64)]) -> Vec<u8> {
    let length = taken.iter().map(|taken| taken.part.delay + taken.part.length).max();
    let mvhd = boxed(
        b"mvhd",
        &[
            &[1, 0, 0, 0],
            &ZEROS[..16],
            &words32(&[chosen.scale]),
            &length.unwrap_or_default().to_be_bytes(),
            &[0, 1, 0, 0, 1, 0],
            &ZEROS[..10],
            movie.matrix,
            &ZEROS,
            &words32(&[taken.len() as u64 + 1]),
        ],
    );
    let traks = (1..).zip(taken).flat_map(|(number, taken)| trak(number, taken, places));
    boxed(b"moov", &[&mvhd, &traks.collect::<Vec<u8>>()])
}

fn trak(number: u64, taken: &Taken, places: &[(u64, u64)]) -> Vec<u8> {
    let Taken { track, part, .. } = taken;
    let tkhd = boxed(
        b"tkhd",
        &[
            &[1, 0, 0, 3],
            &ZEROS[..16],
            &words32(&[number, 0]),
            &(part.delay + part.length).to_be_bytes(),
            &ZEROS[..12],
            &track.look[..2],
            &[0, 0],
            &track.look[4..],
        ],
    );
    let edit = |length: u64, from: i64| {
        [&length.to_be_bytes()[..], &from.to_be_bytes(), &[0, 1, 0, 0]].concat()
    };
    let mut edits = vec![edit(part.length, part.from.cast_signed())];
    if part.delay > 0 {
        edits.insert(0, edit(part.delay, -1));
    }
    let count = words32(&[1 << 24, edits.len() as u64]);
    let edts = boxed(b"edts", &[&boxed(b"elst", &[&count, &edits.concat()])]);
    boxed(b"trak", &[&tkhd, &edts, &mdia(taken, places)])
}

fn mdia(taken: &Taken, places: &[(u64, u64)]) -> Vec<u8> {
    let track = taken.track;
    let lengths = taken_rows(track.tables.lengths, taken.part.samples);
    let length: u64 = lengths.iter().map(|[count, length]| count * length).sum();
    let mdhd = boxed(
        b"mdhd",
        &[
            &[1, 0, 0, 0],
            &ZEROS[..16],
            &words32(&[track.scale]),
            &length.to_be_bytes(),
            track.language,
            &[0, 0],
        ],
    );
    let (kind, head) = match track.is_picture {
        true => (b"vide", boxed(b"vmhd", &[&[0, 0, 0, 1], &ZEROS[..8]])),
        false => (b"soun", boxed(b"smhd", &[&ZEROS[..8]])),
    };
    let hdlr = boxed(b"hdlr", &[&ZEROS[..8], kind, &ZEROS[..13]]);
    let own = boxed(b"url ", &[&[0, 0, 0, 1]]);
    let dinf = boxed(b"dinf", &[&boxed(b"dref", &[&words32(&[0, 1]), &own])]);
    let minf = boxed(b"minf", &[&head, &dinf, &stbl(taken, &lengths, places)]);
    boxed(b"mdia", &[&mdhd, &hdlr, &minf])
}

fn stbl(taken: &Taken, lengths: &[[u64; 2]], places: &[(u64, u64)]) -> Vec<u8> {
    let tables = &taken.track.tables;
    let Samples { first, count } = taken.part.samples;
    let mut all = vec![boxed(b"stsd", &[tables.described]), table(b"stts", 0, lengths)];
    if let Some((version, rows)) = tables.shifts {
        all.push(table(b"ctts", version, &taken_rows(rows, taken.part.samples)));
    }
    if let Some(rows) = tables.whole {
        let numbers = rows.chunks_exact(4).map(|row| word(row, 0));
        let here = numbers.filter(|number| (first + 1..=first + count).contains(number));
        let here: Vec<u64> = here.map(|number| number - first).collect();
        all.push(boxed(b"stss", &[&words32(&[0, here.len() as u64]), &words32(&here)]));
    }
    all.push(steps(&taken.chunks));
    // Checked: sizes are there for every sample where `each` is none.
    let range =
        || Some(usize::try_from(first * 4).ok()?..usize::try_from((first + count) * 4).ok()?);
    let sizes = range().and_then(|range| tables.sizes.get(range)).unwrap_or_default();
    all.push(boxed(b"stsz", &[&words32(&[0, tables.each, count]), sizes]));
    let place = |chunk: &Chunk| {
        let at = places.binary_search_by_key(&chunk.run.at, |(from, _)| *from);
        at.ok().and_then(|at| places.get(at)).map_or(0, |(_, here)| *here)
    };
    let begins: Vec<u8> =
        taken.chunks.iter().flat_map(|chunk| place(chunk).to_be_bytes()).collect();
    all.push(boxed(b"co64", &[&words32(&[0, taken.chunks.len() as u64]), &begins]));
    boxed(b"stbl", &[&all.concat()])
}

/// Rows of `count, value` for some samples out of those for all.
fn taken_rows(rows: &[u8], Samples { first, count }: Samples) -> Vec<[u64; 2]> {
    let (mut at, mut all) = (0, Vec::new());
    for (many, value) in pairs(rows) {
        let (from, to) = (first.clamp(at, at + many), (first + count).clamp(at, at + many));
        at += many;
        if from < to {
            all.push([to - from, value]);
        }
    }
    all
}

/// `stsc`: a row wherever a chunk has another number of samples than the one before.
fn steps(chunks: &[Chunk]) -> Vec<u8> {
    let (mut many, mut rows) = (0, Vec::new());
    for (number, chunk) in (1u64..).zip(chunks) {
        if chunk.samples != many {
            many = chunk.samples;
            rows.extend([number, many, 1]);
        }
    }
    boxed(b"stsc", &[&words32(&[0, rows.len() as u64 / 3]), &words32(&rows)])
}
