//! `moov`: the clip must have one picture track and at most one sound track, both enabled, each played from one place on.
//! Tracks of other kinds are left out.

use crate::boxes::{BEHIND, Part, at_most_one, head, number, one, parts, quiet, texts, word};
use crate::entry::Coding;
use crate::tables::{self, Tables};
use crate::{INTEGER_MAX, Refusal, entry};

#[derive(Debug)]
pub struct Movie<'b> {
    /// Its own ticks in a second.
    pub scale: u64,
    /// How it is turned: nine numbers.
    pub matrix: &'b [u8],
    pub coding: Coding,
    pub picture: Track<'b>,
    pub sound: Option<Track<'b>>,
}

#[derive(Debug)]
pub struct Track<'b> {
    pub is_picture: bool,
    /// Volume, turn and size, as `tkhd` has them: 48 bytes.
    pub look: &'b [u8],
    /// Ticks in a second.
    pub scale: u64,
    /// Two bytes.
    pub language: &'b [u8],
    pub edit: Edit,
    pub tables: Tables<'b>,
}

/// From where on, and how long, a track is played.
#[derive(Debug, Clone, Copy, Default)]
pub struct Edit {
    /// Nothing is played so long, in ticks of the film.
    pub delay: u64,
    /// Then the track from here on, in its own ticks.
    pub from: u64,
    /// So long, in ticks of the film; absent: to its end.
    pub length: Option<u64>,
}

/// The bytes of a box whose length depends on its version, behind version and flags.
fn versioned(body: &[u8], lens: [usize; 2]) -> Result<bool, Refusal> {
    match (number(body, 0, 1), body.len()) {
        (0, len) if len == lens[0] => Ok(false),
        (1, len) if len == lens[1] => Ok(true),
        _ => Err("a head has another length or version than it should"),
    }
}

pub fn read(moov: &[u8], is_quicktime: bool) -> Result<Movie<'_>, Refusal> {
    let inside = parts(moov)?;
    quiet(&inside, &[b"mvhd", b"trak"], &[b"udta", b"meta", b"iods", b"free", b"skip"])?;
    let mvhd = head(&inside, b"mvhd")?;
    let wide = versioned(mvhd, [100, 112])?;
    let (scale, matrix) = if wide { (20, 48) } else { (12, 36) };
    let (mut picture, mut sound) = (None, None);
    for part in inside.iter().filter(|part| part.kind == *b"trak") {
        let trak = parts(part.body)?;
        let mdia = parts(one(&trak, b"mdia")?)?;
        let place = match one(&mdia, b"hdlr")?.get(8..12) {
            Some(b"vide") => &mut picture,
            Some(b"soun") => &mut sound,
            _ => {
                left_out(&trak, &mdia)?;
                continue;
            }
        };
        let is_picture = one(&mdia, b"hdlr")?.get(8..12) == Some(b"vide");
        if place.replace(track((&trak, &mdia), is_picture, is_quicktime)?).is_some() {
            return Err("it has two tracks of one kind");
        }
    }
    let scale = ticks(word(mvhd, scale))?;
    let picture: Track = picture.ok_or("it has no picture")?;
    for track in [Some(&picture), sound.as_ref()].into_iter().flatten() {
        fits(track, scale)?;
    }
    let coding = entry::picture(picture.tables.described)?;
    if coding != Coding::Jpeg && picture.tables.whole.is_none() {
        return Err("it does not say which of its pictures are whole");
    }
    picture.tables.check_order()?;
    Ok(Movie { scale, matrix: &mvhd[matrix..matrix + 36], coding, picture, sound })
}

fn ticks(scale: u64) -> Result<u64, Refusal> {
    // Players read it as a signed number, and some compute with 32 bits.
    match (1..=TICKS_MAX).contains(&scale) {
        true => Ok(scale),
        false => Err("it has no measure of time, or too fine a one"),
    }
}

/// Nothing is played longer than it lasts, nor begins later than a day.
fn fits(track: &Track, film: u64) -> Result<(), Refusal> {
    let lasts = u128::from(track.tables.time) * u128::from(film);
    let most = lasts.div_ceil(u128::from(track.scale)) + 1;
    let long = track.edit.length.is_some_and(|length| u128::from(length) > most);
    match long || track.edit.delay > DELAY_SECONDS_MAX * film {
        true => Err(EDITED),
        false => Ok(()),
    }
}

/// A track of which nothing goes out must not be one that a player takes for the film.
fn left_out(trak: &[Part], mdia: &[Part]) -> Result<(), Refusal> {
    beside(trak)?;
    quiet(mdia, &[b"mdhd", b"hdlr", b"minf"], &[])?;
    head(mdia, b"mdhd")?;
    let kind = one(mdia, b"hdlr")?.get(8..12).unwrap_or_default();
    if !LEFT_OUT.iter().any(|known| *known == kind) {
        return Err("a track that would be left out is of a kind that the rule does not know");
    }
    let minf = parts(one(mdia, b"minf")?)?;
    heads(&minf)?;
    let stbl = parts(one(&minf, b"stbl")?)?;
    quiet(&stbl, &tables::USED, &tables::PASSED)?;
    own_data(one(&minf, b"dinf")?)?;
    if let Some(edts) = at_most_one(trak, b"edts")? {
        quiet(&parts(edts)?, &[b"elst"], &[])?;
    }
    entry::neither(one(&stbl, b"stsd")?)
}

const LEFT_OUT: [&[u8; 4]; 8] =
    [b"text", b"sbtl", b"subt", b"tmcd", b"meta", b"hint", b"camm", b"data"];

/// What stands in a track beside what is read of it.
fn beside(trak: &[Part]) -> Result<(), Refusal> {
    let passed: [&[u8; 4]; 4] = [b"udta", b"free", b"skip", b"tapt"];
    quiet(trak, &[b"tkhd", b"edts", b"mdia", b"tref"], &passed)?;
    for tref in trak.iter().filter(|part| part.kind == *b"tref") {
        quiet(&parts(tref.body)?, &[], &[b"cdsc", b"tmcd", b"hint"])?;
    }
    for udta in trak.iter().filter(|part| part.kind == *b"udta") {
        texts(udta.body)?;
    }
    head(trak, b"tkhd")?;
    let place = |kind: &[u8; 4]| trak.iter().position(|part| part.kind == *kind);
    match place(b"edts") > place(b"mdia") {
        true => Err(BEHIND),
        false => Ok(()),
    }
}

/// What stands in `minf` beside what is read of it. QuickTime has a handler of the data there.
fn heads(minf: &[Part]) -> Result<(), Refusal> {
    let passed: [&[u8; 4]; 6] = [b"vmhd", b"smhd", b"gmhd", b"nmhd", b"sthd", b"hmhd"];
    quiet(minf, &[b"dinf", b"stbl", b"hdlr"], &passed)?;
    let handler = at_most_one(minf, b"hdlr")?;
    let kind =
        |body: &[u8]| body.get(4..12).is_some_and(|it| it == b"dhlrurl " || it == b"dhlralis");
    match handler.is_none_or(kind) {
        true => Ok(()),
        false => Err("a table of the film stands where it should not"),
    }
}

fn track<'b>(
    (trak, mdia): (&[Part<'b>], &[Part<'b>]),
    is_picture: bool,
    is_quicktime: bool,
) -> Result<Track<'b>, Refusal> {
    beside(trak)?;
    quiet(mdia, &[b"mdhd", b"hdlr", b"minf"], &[])?;
    let tkhd = one(trak, b"tkhd")?;
    let look = if versioned(tkhd, [84, 96])? { 48 } else { 36 };
    if number(tkhd, 3, 1) & 1 == 0 {
        return Err("a track is not enabled");
    }
    let mdhd = head(mdia, b"mdhd")?;
    let (scale, language) = if versioned(mdhd, [24, 36])? { (20, 32) } else { (12, 20) };
    let minf = parts(one(mdia, b"minf")?)?;
    heads(&minf)?;
    own_data(one(&minf, b"dinf")?)?;
    let tables = tables::read(&parts(one(&minf, b"stbl")?)?)?;
    described(&tables, is_picture, is_quicktime)?;
    let edit = match at_most_one(trak, b"edts")? {
        None => Edit::default(),
        Some(edts) => edit(edts)?,
    };
    Ok(Track {
        is_picture,
        look: &tkhd[look..look + 48],
        scale: ticks(word(mdhd, scale))?,
        language: &mdhd[language..language + 2],
        edit,
        tables,
    })
}

/// The samples lie in the file itself.
fn own_data(dinf: &[u8]) -> Result<(), Refusal> {
    let inside = parts(dinf)?;
    quiet(&inside, &[b"dref"], &[])?;
    let dref = one(&inside, b"dref")?;
    let own = parts(dref.get(8..).unwrap_or_default())?;
    match own[..] {
        [source] if word(dref, 4) == 1 && word(source.body, 0) == 1 => Ok(()),
        _ => Err("its samples lie in another file"),
    }
}

/// What is described agrees with the tables, as far as players measure by the one or by the other.
fn described(tables: &Tables, is_picture: bool, is_quicktime: bool) -> Result<(), Refusal> {
    if is_picture {
        return match tables.count > PICTURES_MAX {
            true => Err("a track has no sample, or more than a million"),
            false => entry::picture(tables.described).map(drop),
        };
    }
    if tables.shifts.is_some() || tables.whole.is_some() {
        return Err("its sound has a table that sound does not have");
    }
    let single = tables.lengths.len() == 8 && word(tables.lengths, 4) == 1;
    let fits = match entry::sound(tables.described, is_quicktime)? {
        Some(bytes) => single && tables.each == bytes,
        None => !single && tables.count <= PICTURES_MAX,
    };
    if fits { Ok(()) } else { Err("its sound is measured in two ways that disagree") }
}

/// Samples that are gone through one by one.
const PICTURES_MAX: u64 = 1_000_000;

/// The finest measure of time, in ticks of a second.
const TICKS_MAX: u64 = 100_000_000;
/// A track may begin so much later than the film.
const DELAY_SECONDS_MAX: u64 = 86_400;
const EDITED: Refusal = "it is edited: its tracks are not played from one place on";

fn edit(edts: &[u8]) -> Result<Edit, Refusal> {
    let inside = parts(edts)?;
    quiet(&inside, &[b"elst"], &[])?;
    let Some(elst) = at_most_one(&inside, b"elst")? else { return Ok(Edit::default()) };
    let version = number(elst, 0, 1);
    let width = if version == 1 { 8 } else { 4 };
    let rows = crate::boxes::rows(elst, (version.min(1), width * 2 + 4))?;
    let empty = if width == 8 { u64::MAX } else { u64::from(u32::MAX) };
    let mut rows: Vec<(u64, u64)> = rows
        .chunks_exact(width * 2 + 4)
        .take(3)
        .map(|row| match word(row, width * 2) {
            0x1_0000 => Ok((number(row, 0, width), number(row, width, width))),
            _ => Err(EDITED),
        })
        .collect::<Result<_, _>>()?;
    if rows.is_empty() {
        return Ok(Edit::default());
    }
    let delay = match rows.len() {
        2 if rows[0].1 == empty => rows.remove(0).0,
        _ => 0,
    };
    match rows[..] {
        [(length, from)] if length > 0 && from != empty => {
            let large = [delay, length, from].iter().any(|it| *it > INTEGER_MAX / 2);
            let negative = width == 4 && from >= 1 << 31;
            if large || negative {
                Err(EDITED)
            } else {
                Ok(Edit { delay, from, length: Some(length) })
            }
        }
        _ => Err(EDITED),
    }
}
