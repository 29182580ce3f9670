//! The tables of a track: when each sample is decoded and shown, which are whole pictures, where they lie. Everything is
//! checked when they are read; afterwards they only answer.

use crate::boxes::{Part, at_most_one, number, one, quiet, rows, word};
use crate::{INTEGER_MAX, Refusal, Run, Samples};

/// Samples of a track that are listed one by one, and chunks.
const LISTED_MAX: u64 = 1_000_000;
/// Samples of a track that all have one length.
const COUNT_MAX: u64 = 1 << 31;

/// Players read lengths as signed, and add them up.
const LENGTH_MAX: u64 = (1 << 31) - 1;
const SHIFT_MAX: u64 = (1 << 28) - 1;
/// So many samples at most lie between the place of one in the order of decoding and that in the order of showing.
const REORDERED_MAX: usize = 32;

pub const USED: [&[u8; 4]; 8] =
    [b"stsd", b"stts", b"ctts", b"stss", b"stsc", b"stsz", b"stco", b"co64"];
/// What may stand beside them.
pub const PASSED: [&[u8; 4]; 6] = [b"sdtp", b"sgpd", b"sbgp", b"cslg", b"subs", b"free"];

#[derive(Debug, Clone, Copy)]
pub struct Tables<'b> {
    /// The body of `stsd`.
    pub described: &'b [u8],
    /// Rows of `stts`: count, length in time.
    pub lengths: &'b [u8],
    /// Version of `ctts`, and its rows: count, from decoding to showing.
    pub shifts: Option<(u64, &'b [u8])>,
    /// Rows of `stss`; absent: every sample is whole.
    pub whole: Option<&'b [u8]>,
    /// Rows of `stsc`: first chunk, samples in each, description.
    steps: &'b [u8],
    /// Bytes of every sample, or 0.
    pub each: u64,
    /// Bytes of each sample, where `each` is 0.
    pub sizes: &'b [u8],
    /// How many samples.
    pub count: u64,
    /// How long all of them last.
    pub time: u64,
    /// Where chunks begin, and bytes of each such number.
    places: (&'b [u8], usize),
}

/// When a sample is decoded, how long it lasts, and when it is shown, in the time of its track.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    pub decoded: i64,
    pub length: i64,
    pub shown: i64,
}

/// A run of a chunk, and how many samples it has.
#[derive(Debug, Clone, Copy)]
pub struct Chunk {
    pub run: Run,
    pub samples: u64,
}

const DISAGREE: Refusal = "its tables disagree about the number of samples";
const BAD_ROW: Refusal = "a table has a row that the rule does not take";

pub fn read<'b>(stbl: &[Part<'b>]) -> Result<Tables<'b>, Refusal> {
    quiet(stbl, &USED, &PASSED)?;
    let sizes = one(stbl, b"stsz")?;
    let (narrow, wide) = (at_most_one(stbl, b"stco")?, at_most_one(stbl, b"co64")?);
    let places = match (narrow, wide) {
        (Some(table), None) => (rows(table, (0, 4))?, 4),
        (None, Some(table)) => (rows(table, (0, 8))?, 8),
        _ => return Err("it has no table of chunks, or two"),
    };
    let shifts = at_most_one(stbl, b"ctts")?.map(|table| {
        let version = number(table, 0, 1);
        Ok((version, rows(table, (version, 8))?))
    });
    let described = one(stbl, b"stsd")?;
    let lengths = rows(one(stbl, b"stts")?, (0, 8))?;
    let time =
        pairs(lengths).fold(0, |sum: u64, (count, length)| sum.saturating_add(count * length));
    let tables = Tables {
        described,
        lengths,
        time,
        shifts: shifts.transpose()?,
        whole: at_most_one(stbl, b"stss")?.map(|table| rows(table, (0, 4))).transpose()?,
        steps: rows(one(stbl, b"stsc")?, (0, 12))?,
        each: word(sizes, 4),
        sizes: sizes.get(12..).ok_or(BAD_ROW)?,
        count: word(sizes, 8),
        places,
    };
    let version = word(sizes, 0);
    tables.check(version)?;
    Ok(tables)
}

/// Pairs of numbers, of a table whose rows have eight bytes.
pub fn pairs(rows: &[u8]) -> impl Iterator<Item = (u64, u64)> {
    rows.chunks_exact(8).map(|row| (word(row, 0), word(row, 4)))
}

impl<'b> Tables<'b> {
    fn check(&self, version: u64) -> Result<(), Refusal> {
        let listed = if self.each == 0 { self.count.saturating_mul(4) } else { 0 };
        if version != 0 || self.sizes.len() as u64 != listed {
            return Err("a table has another length or version than it should");
        }
        let most = if self.each == 0 { LISTED_MAX } else { COUNT_MAX };
        if !(1..=most).contains(&self.count) || self.chunks() > LISTED_MAX {
            return Err("a track has no sample, or more than a million");
        }
        if self.sizes.chunks_exact(4).any(|size| word(size, 0) == 0) {
            return Err(BAD_ROW);
        }
        self.check_times()?;
        self.check_whole()?;
        self.check_steps()
    }

    fn check_times(&self) -> Result<(), Refusal> {
        let mut samples = 0;
        for (count, length) in pairs(self.lengths) {
            if count == 0 || !(1..=LENGTH_MAX).contains(&length) {
                return Err(BAD_ROW);
            }
            samples += count;
        }
        if self.time > INTEGER_MAX / 2 {
            return Err("its times are too large");
        }
        let shifted =
            self.shifts.map_or(samples, |(_, rows)| pairs(rows).map(|(count, _)| count).sum());
        let bad = |(version, rows): (u64, &[u8])| {
            let large = |shift: u64| match version {
                0 => shift > SHIFT_MAX,
                _ => u64::from((shift as u32).cast_signed().unsigned_abs()) > SHIFT_MAX,
            };
            let bad = |(count, shift)| count == 0 || large(shift);
            version > 1 || pairs(rows).any(bad)
        };
        match (samples, shifted) {
            _ if self.shifts.is_some_and(bad) => Err(BAD_ROW),
            both if both == (self.count, self.count) => Ok(()),
            _ => Err(DISAGREE),
        }
    }

    /// One film, however it is read: no two pictures at one time, whole pictures shown in the order of decoding, and
    /// none shown before the whole picture that is before its own.
    pub fn check_order(&self) -> Result<(), Refusal> {
        const ORDER: Refusal = "its pictures are not shown in one order";
        if self.shifts.is_none() {
            return Ok(());
        }
        let shown: Vec<i64> = self.moments().map(|moment| moment.shown).collect();
        let (mut own, mut earlier) = (i64::MIN, i64::MIN);
        for (shown, is_whole) in shown.iter().zip(self.wholes()) {
            if is_whole {
                (earlier, own) = (own, *shown);
            }
            if *shown < earlier || is_whole && own <= earlier {
                return Err(ORDER);
            }
        }
        let mut sorted = shown.clone();
        sorted.sort_unstable();
        let twice = sorted.windows(2).any(|pair| pair[0] == pair[1]);
        let far = |(at, shown): (usize, &i64)| {
            let least = sorted.get(at.saturating_sub(REORDERED_MAX));
            let most = sorted.get((at + REORDERED_MAX).min(sorted.len() - 1));
            least.is_some_and(|least| shown < least) || most.is_some_and(|most| shown > most)
        };
        match twice || shown.iter().enumerate().any(far) {
            true => Err(ORDER),
            false => Ok(()),
        }
    }

    fn check_whole(&self) -> Result<(), Refusal> {
        let Some(rows) = self.whole else { return Ok(()) };
        let mut earlier = 0;
        for row in rows.chunks_exact(4) {
            let number = word(row, 0);
            if number <= earlier || number > self.count {
                return Err(BAD_ROW);
            }
            earlier = number;
        }
        match earlier {
            0 => Err("it has no whole picture"),
            _ => Ok(()),
        }
    }

    fn check_steps(&self) -> Result<(), Refusal> {
        let mut earlier = 0;
        for row in self.steps.chunks_exact(12) {
            let (first, many, described) = (word(row, 0), word(row, 4), word(row, 8));
            let begins = earlier > 0 || first == 1;
            if !begins || first <= earlier || first > self.chunks() || many == 0 || described != 1 {
                return Err(BAD_ROW);
            }
            earlier = first;
        }
        match earlier {
            0 => Err(DISAGREE),
            _ => Ok(()),
        }
    }

    fn chunks(&self) -> u64 {
        (self.places.0.len() / self.places.1) as u64
    }

    /// Bytes of samples `from` up to `to`, both within the track.
    fn bytes(&self, from: u64, to: u64) -> u64 {
        if self.each > 0 {
            return self.each * (to - from);
        }
        let rows = usize::try_from(from * 4).ok().zip(usize::try_from(to * 4).ok());
        let rows = rows.and_then(|(from, to)| self.sizes.get(from..to)).unwrap_or_default();
        rows.chunks_exact(4).map(|size| word(size, 0)).sum()
    }

    /// The moment of every sample, in the order of decoding.
    pub fn moments(&self) -> impl Iterator<Item = Moment> + use<'b> {
        let lengths =
            pairs(self.lengths).flat_map(|(count, length)| (0..count).map(move |_| length));
        let shifts = self.shifts.map_or(&[][..], |(_, rows)| rows);
        let shifts = pairs(shifts).flat_map(|(count, shift)| (0..count).map(move |_| shift));
        let shifts = shifts.chain(std::iter::repeat(0));
        let mut decoded = 0;
        lengths.zip(shifts).map(move |(length, shift)| {
            let at = decoded;
            // Checked: all lengths together are far below 2^53, and a shift has 32 bits.
            decoded += length.cast_signed();
            let shift = i64::from((shift as u32).cast_signed());
            Moment { decoded: at, length: length.cast_signed(), shown: at + shift }
        })
    }

    /// Which samples are whole pictures, in the order of decoding.
    pub fn wholes(&self) -> impl Iterator<Item = bool> + use<'b> {
        let mut rows =
            self.whole.map(|rows| rows.chunks_exact(4).map(|row| word(row, 0)).peekable());
        (1..).map(move |number| match &mut rows {
            None => true,
            Some(rows) => rows.next_if_eq(&number).is_some(),
        })
    }

    /// Where these samples lie, chunk by chunk. All chunks of the track are looked at, used or not.
    pub fn runs(&self, used: Samples, file_bytes: u64) -> Result<Vec<Chunk>, Refusal> {
        let (first, end) = (used.first, used.first + used.count);
        let mut steps = self.steps.chunks_exact(12).peekable();
        let (mut many, mut sample, mut runs) = (0, 0, Vec::new());
        for (number, place) in (1..).zip(self.places.0.chunks_exact(self.places.1)) {
            if let Some(step) = steps.next_if(|step| word(step, 0) == number) {
                many = word(step, 4);
            }
            let (next, place) = (sample + many, crate::boxes::number(place, 0, self.places.1));
            if next > self.count {
                return Err(DISAGREE);
            }
            let (from, to) = (first.clamp(sample, next), end.clamp(sample, next));
            let (lead, len) = (self.bytes(sample, from), self.bytes(from, to));
            let all = lead + len + self.bytes(to, next);
            if place.checked_add(all).is_none_or(|end| end > file_bytes) {
                return Err("a sample lies outside of the file");
            }
            if from < to {
                runs.push(Chunk { run: Run { at: place + lead, len }, samples: to - from });
            }
            sample = next;
        }
        match sample == self.count {
            true => Ok(runs),
            false => Err(DISAGREE),
        }
    }
}
