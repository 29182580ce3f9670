//! Which samples a range takes. Times of different ticks are compared as whole numbers of 128 bits, rounded once and
//! always to the same side, so that every reader falls on the same samples.

use crate::movie::{Edit, Movie, Track};
use crate::tables::pairs;
use crate::{INTEGER_MAX, Range, Refusal, Samples};

#[derive(Debug)]
pub struct Chosen {
    pub picture: Part,
    pub sound: Option<Part>,
    pub shown: Range,
    /// Ticks in a second of the excerpt's film.
    pub scale: u64,
}

/// Of one track.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    pub samples: Samples,
    /// Nothing is played so long, in ticks of the excerpt's film.
    pub delay: u64,
    /// Then the excerpt's track from here on, in its own ticks.
    pub from: u64,
    /// So long, in ticks of the excerpt's film.
    pub length: u64,
}

const NOTHING: Refusal = "it has nothing in that range";
/// The film of an excerpt has at least so many ticks in a second.
const SCALE_MIN: u64 = 10_000;

pub fn chosen(movie: &Movie, range: Range) -> Result<Chosen, Refusal> {
    let finer = SCALE_MIN.div_ceil(movie.picture.scale);
    let scale = movie.picture.scale * finer;
    let (taken, (begin, end)) = pictures(movie, range)?;
    let picture = Part {
        samples: taken.samples,
        delay: 0,
        from: small(i128::from(begin - taken.decoded))?,
        length: small(i128::from(end - begin) * i128::from(finer))?,
    };
    let sound = match &movie.sound {
        None => None,
        Some(track) => sounds(movie, track, ((begin, end), scale))?,
    };
    let shown = Range { from_ms: ms(movie, begin, false)?, to_ms: ms(movie, end, true)? };
    Ok(Chosen { picture, sound, shown, scale })
}

fn small(number: i128) -> Result<u64, Refusal> {
    let small = u64::try_from(number).ok().filter(|number| *number <= INTEGER_MAX);
    small.ok_or("its times are too large")
}

fn quotient(above: i128, below: i128, up: bool) -> i128 {
    let down = above.div_euclid(below);
    if up && above.rem_euclid(below) > 0 { down + 1 } else { down }
}

/// A moment of the picture's own time as milliseconds of playing time.
fn ms(movie: &Movie, at: i64, up: bool) -> Result<u64, Refusal> {
    let Track { scale, edit, .. } = &movie.picture;
    let (own, film) = (i128::from(*scale), i128::from(movie.scale));
    let since = i128::from(edit.delay) * own + (i128::from(at) - i128::from(edit.from)) * film;
    small(quotient(since * 1000, own * film, up))
}

/// Milliseconds of playing time as a moment of the picture's own time.
fn moment(movie: &Movie, ms: u64, up: bool) -> i128 {
    let Track { scale, edit, .. } = &movie.picture;
    let (own, film) = (i128::from(*scale), i128::from(movie.scale));
    let since = i128::from(ms) * film - i128::from(edit.delay) * 1000;
    i128::from(edit.from) + quotient(since * own, film * 1000, up)
}

/// Where an edit ends, in the track's own time.
fn edit_end(edit: &Edit, own: u64, film: u64) -> Option<i128> {
    let length = i128::from(edit.length?) * i128::from(own);
    Some(i128::from(edit.from) + quotient(length, i128::from(film), true))
}

struct Pictures {
    samples: Samples,
    /// When the first of them is decoded.
    decoded: i64,
}

/// From the last whole picture at or before the beginning up to the last picture before the end; with what is played of
/// them, from and to.
fn pictures(movie: &Movie, range: Range) -> Result<(Pictures, (i64, i64)), Refusal> {
    let Track { scale, edit, tables, .. } = &movie.picture;
    let from = moment(movie, range.from_ms, false);
    let to = moment(movie, range.to_ms, true);
    let to = edit_end(edit, *scale, movie.scale).map_or(to, |end| to.min(end));
    let (mut first, mut last) = (None, None);
    for (number, (moment, whole)) in (0u64..).zip(tables.moments().zip(tables.wholes())) {
        if number == 0 && i128::from(moment.shown) < i128::from(edit.from) {
            return Err("it is edited: its first picture is not shown");
        }
        if whole && (first.is_none() || i128::from(moment.shown) <= from) {
            first = Some((number, moment));
        }
        if i128::from(moment.shown) < to {
            last = Some(number);
        }
    }
    let ((first, moment), last) = first.zip(last).ok_or(NOTHING)?;
    let count = (last + 1).checked_sub(first).filter(|count| *count > 0).ok_or(NOTHING)?;
    let used = tables.moments().skip(usize::try_from(first).map_err(|_| NOTHING)?);
    let used = used.take(usize::try_from(count).map_err(|_| NOTHING)?);
    let end = used.map(|moment| moment.shown + moment.length).max().unwrap_or_default();
    let end = i64::try_from(to.min(i128::from(end))).map_err(|_| NOTHING)?;
    if moment.shown >= end || from >= i128::from(end) {
        return Err(NOTHING);
    }
    let taken = Pictures { samples: Samples { first, count }, decoded: moment.decoded };
    Ok((taken, (moment.shown, end)))
}

/// Every sample of sound that meets what is shown of the picture; nothing where there is none.
fn sounds(
    movie: &Movie,
    track: &Track,
    ((begin, end), scale): ((i64, i64), u64),
) -> Result<Option<Part>, Refusal> {
    let own = i128::from(track.scale);
    let (from, to) = (heard(movie, track, begin, false), heard(movie, track, end, true));
    let first = from.max(i128::from(track.edit.from));
    let to = edit_end(&track.edit, track.scale, movie.scale).map_or(to, |end| to.min(end));
    // How many samples end at or before the one, and begin before the other.
    let (mut before, mut until, mut begins, mut decoded) = (0i128, 0i128, 0i128, 0i128);
    for (count, length) in pairs(track.tables.lengths) {
        let (count, length) = (i128::from(count), i128::from(length));
        let ended = (first - decoded).div_euclid(length).clamp(0, count);
        begins += ended * length;
        before += ended;
        until += quotient(to - decoded, length, true).clamp(0, count);
        decoded += count * length;
    }
    if until <= before {
        return Ok(None);
    }
    let last = end_of(track, until).min(to);
    let heard_from = first.max(begins);
    if last <= heard_from {
        return Ok(None);
    }
    let scale = i128::from(scale);
    Ok(Some(Part {
        samples: Samples { first: small(before)?, count: small(until - before)? },
        delay: small(quotient((heard_from - from) * scale, own, false))?,
        from: small(heard_from - begins)?,
        length: small(quotient((last - heard_from) * scale, own, true))?,
    }))
}

/// A moment of the picture's own time as one of the sound's own time.
fn heard(movie: &Movie, track: &Track, at: i64, up: bool) -> i128 {
    let picture = &movie.picture;
    let (own, film) = (i128::from(picture.scale), i128::from(movie.scale));
    let delays = i128::from(picture.edit.delay) - i128::from(track.edit.delay);
    let since = delays * own + (i128::from(at) - i128::from(picture.edit.from)) * film;
    i128::from(track.edit.from) + quotient(since * i128::from(track.scale), own * film, up)
}

/// When the first `count` samples have ended.
fn end_of(track: &Track, count: i128) -> i128 {
    let (mut left, mut time) = (count, 0);
    for (count, length) in pairs(track.tables.lengths) {
        let here = left.min(i128::from(count));
        time += here * i128::from(length);
        left -= here;
    }
    time
}
