//! The rule `cut-1` (`docs/design/excerpts.md`): a time range of a clip as a function of the clip's bytes and of the
//! range, and of nothing else. Who makes an excerpt and who verifies it compute it alike, so nothing in it is believed.
//!
//! Bytes come in through [`Master`]; there is no other way into this crate. No bytes make it panic, and what it holds is
//! bounded by [`MOVIE_BYTES_MAX`].

/// Boxes of ISO base media files, and what may stand beside those that are read.
mod boxes;
/// Which samples a range takes.
mod choose;
/// The description of a track's samples.
mod entry;
/// `moov`: one picture track, at most one sound track.
mod movie;
/// The tables of a track.
mod tables;
/// The boxes of the whole file.
mod walk;
/// The first picture of an excerpt.
mod whole;
/// The head of an excerpt.
mod write;

use std::collections::BTreeSet;

/// The name of the rule, as maps of excerpts say it.
pub const RULE: &str = "cut-1";
/// The largest `moov` that is read, in bytes.
pub const MOVIE_BYTES_MAX: u64 = 16 << 20;
/// All samples of an excerpt together, in bytes.
pub const SAMPLE_BYTES_MAX: u64 = 256 << 20;
/// The latest end of a range, in milliseconds: a day.
pub const RANGE_MS_MAX: u64 = 86_400_000;
/// The largest integer that a map may hold.
const INTEGER_MAX: u64 = (1 << 53) - 1;

/// Why a clip cannot be cut: the end of a sentence that begins with "the clip cannot be cut:".
pub type Refusal = &'static str;

/// The bytes of a clip.
pub trait Master {
    /// Why bytes could not be read.
    type Error;

    /// How many bytes it has.
    fn size(&self) -> u64;

    /// Fills `into` with the bytes from `at` on, which lie within [`Master::size`].
    ///
    /// # Errors
    /// They are not there, or not proven to be the clip's.
    fn read(&mut self, at: u64, into: &mut [u8]) -> Result<(), Self::Error>;
}

/// What is asked for, in milliseconds of the clip's playing time; the end is not in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    pub from_ms: u64,
    pub to_ms: u64,
}

/// Why there is no excerpt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault<E> {
    /// The rule takes no such clip, or has nothing in that range.
    Refused(Refusal),
    /// The bytes of the clip were not to be had.
    Unread(E),
}

impl<E> From<Refusal> for Fault<E> {
    fn from(why: Refusal) -> Self {
        Self::Refused(why)
    }
}

/// Samples of a track: the first, counted from 0, and how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Samples {
    pub first: u64,
    pub count: u64,
}

/// Bytes of the clip that follow each other in it and in the excerpt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    pub at: u64,
    pub len: u64,
}

/// An excerpt: its head, then the runs one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    pub head: Vec<u8>,
    /// In the order of the clip; none overlaps another.
    pub runs: Vec<Run>,
    pub picture: Samples,
    pub sound: Option<Samples>,
    /// What it shows, in milliseconds of the clip's playing time, rounded outwards.
    pub shown: Range,
    /// `mp4` or `mov`, as the clip's own brand is.
    pub ending: &'static str,
    /// Parts of the clip beside the runs that it was computed from.
    read: Vec<Run>,
}

impl Cut {
    /// Bytes of the whole excerpt.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.runs.iter().fold(self.head.len() as u64, |sum, run| sum.saturating_add(run.len))
    }

    /// The pieces of `piece_bytes` of the clip that it rests on: those without which it could not be computed.
    #[must_use]
    pub fn pieces(&self, piece_bytes: u64) -> BTreeSet<u64> {
        let width = piece_bytes.max(1);
        let of = |run: &Run| run.at / width..(run.at + run.len).div_ceil(width);
        self.read.iter().chain(&self.runs).flat_map(of).collect()
    }
}

/// Computes the excerpt of a range. Reads the boxes of the file without the bodies of `mdat`, and of
/// the samples the first picture alone.
///
/// # Errors
/// The clip or the range is none that the rule takes, or the clip could not be read.
pub fn cut<M: Master>(master: &mut M, range: Range) -> Result<Cut, Fault<M::Error>> {
    if range.from_ms >= range.to_ms || range.to_ms > RANGE_MS_MAX {
        return Err("the range is none".into());
    }
    let file = walk::file(master)?;
    let movie = movie::read(&file.moov, file.is_quicktime())?;
    let chosen = choose::chosen(&movie, range)?;
    let written = write::written(&file, &movie, &chosen)?;
    let begins = Samples { first: chosen.picture.samples.first, count: 1 };
    for chunk in movie.picture.tables.runs(begins, file.size)? {
        whole::check(master, movie.coding, chunk.run)?;
    }
    Ok(Cut {
        head: written.head,
        runs: written.runs,
        picture: chosen.picture.samples,
        sound: chosen.sound.map(|sound| sound.samples),
        shown: chosen.shown,
        ending: if file.is_quicktime() { "mov" } else { "mp4" },
        read: file.read,
    })
}
