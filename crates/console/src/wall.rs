//! The bay wall: a tile for each bay, deadlines, the head of the chain. Read at three metres.

use crate::words::{self as w, Word};
use crate::{Drawn, Lang, show};
use askama::Template;

/// How a bay stands, in the one vocabulary of wall, command line and guide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bay {
    Empty,
    NotOurs,
    Confirm,
    Listing,
    Copying,
    Proving,
    Wiping,
    /// Every line of the listing is accounted for. Nothing else is called so.
    Done,
    Decide,
    Fault,
    /// Gone before its session was over, and not back yet.
    Early,
    /// Taken away before anybody said whose it is.
    Left,
}

impl Bay {
    pub fn word(self) -> Word {
        match self {
            Bay::Empty => w::EMPTY,
            Bay::NotOurs => w::NOT_OURS,
            Bay::Confirm => w::CONFIRM,
            Bay::Listing => w::LISTING,
            Bay::Copying => w::COPYING,
            Bay::Proving => w::PROVING,
            Bay::Wiping => w::WIPING,
            Bay::Done => w::DONE,
            Bay::Decide => w::DECIDE,
            Bay::Fault => w::FAULT,
            Bay::Early => w::EARLY,
            Bay::Left => w::dock::TAKEN_AWAY,
        }
    }

    /// Never said by colour alone.
    pub fn sign(self) -> &'static str {
        match self {
            Bay::Empty => "○",
            Bay::NotOurs => "⊘",
            Bay::Confirm => "☞",
            Bay::Listing => "☰",
            Bay::Copying | Bay::Proving | Bay::Wiping => "▶",
            Bay::Done => "✓",
            Bay::Decide => "",
            Bay::Fault => "✕",
            Bay::Early | Bay::Left => "↩",
        }
    }

    /// Class of its colour.
    pub fn tone(self) -> &'static str {
        match self {
            Bay::Empty => "grey",
            Bay::Confirm | Bay::Listing | Bay::Copying | Bay::Proving | Bay::Wiping => "blue",
            Bay::Done => "green",
            Bay::NotOurs | Bay::Decide | Bay::Left => "amber",
            Bay::Fault | Bay::Early => "red",
        }
    }

    fn runs(self) -> bool {
        matches!(self, Bay::Listing | Bay::Copying | Bay::Proving | Bay::Wiping)
    }

    /// Does somebody have to come?
    fn calls(self) -> bool {
        matches!(self, Bay::NotOurs | Bay::Decide | Bay::Fault | Bay::Early | Bay::Left)
    }

    /// What to do, where there is anything to do.
    fn todo(self, lang: &Lang) -> Option<&'static str> {
        let word = match self {
            Bay::Confirm => w::DO_CONFIRM,
            Bay::Listing | Bay::Copying | Bay::Proving | Bay::Wiping => w::DO_LEAVE,
            Bay::Decide => w::DO_CALL,
            Bay::NotOurs | Bay::Fault => w::DO_AGAIN,
            Bay::Early => w::DO_BACK,
            Bay::Empty | Bay::Done | Bay::Left => return None,
        };
        Some(lang.t(word))
    }
}

/// One recorder in a bay, or an empty bay.
#[derive(Debug, Clone)]
pub struct Tile {
    pub bay: String,
    pub state: Bay,
    pub recorder: Option<String>,
    /// Name of the officer, else their number.
    pub officer: Option<String>,
    pub department: Option<String>,
    pub lines_done: u32,
    pub lines: u32,
    pub bytes_done: u64,
    pub bytes: u64,
    /// How far the session is, of a hundred; [`Way::follow`] says it.
    pub done: u32,
    /// Marked clips that are not stored yet.
    pub marked_left: u32,
    /// Of a session that is done: clips that were stored, their bytes, and how many of them are marked.
    pub stored: Option<(u64, u64, u64)>,
    /// Bytes a second, where it can be told.
    pub rate: Option<u64>,
    /// What happened; only where somebody has to come.
    pub what: Option<Said>,
}

/// A sentence of the station, in both languages: the wall is drawn once for each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub chinese: String,
    pub english: String,
}

impl Said {
    fn of(&self, lang: &Lang) -> &str {
        match lang {
            Lang::Zh => &self.chinese,
            Lang::En => &self.english,
        }
    }
}

/// Parts of the one bar: where each begins, and its width, of a hundred.
const PARTS: [(Bay, u32, u32); 4] =
    [(Bay::Listing, 0, 5), (Bay::Copying, 5, 55), (Bay::Proving, 60, 30), (Bay::Wiping, 90, 10)];

/// How far one session is. Clips are copied and read back batch by batch, so its steps come and go; what is shown of it only
/// grows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Way {
    /// Bytes that were copied.
    copied: u64,
    lines: u32,
    /// Of a hundred.
    furthest: u32,
}

impl Way {
    /// Takes what a session reported into its tile.
    pub fn follow(&mut self, tile: &mut Tile) {
        if tile.state == Bay::Copying {
            self.copied = self.copied.max(tile.bytes_done.min(tile.bytes));
        }
        self.lines = self.lines.max(tile.lines_done);
        // Before all is copied, *proving* reads back what was written of a batch.
        let batch = tile.state == Bay::Proving && self.copied < tile.bytes;
        if batch {
            tile.bytes_done = self.copied;
        }
        let now = match PARTS.iter().find(|(bay, ..)| *bay == tile.state && !batch) {
            Some((bay, from, width)) => from + share(*bay, tile, *width),
            None => 0,
        };
        self.furthest = self.furthest.max(now);
        (tile.done, tile.lines_done) = (self.furthest, self.lines);
    }
}

/// As much of `width` as is done of the running part. What is listed or wiped counts no bytes.
fn share(part: Bay, tile: &Tile, width: u32) -> u32 {
    let (done, all) = match part {
        Bay::Copying | Bay::Proving => (tile.bytes_done, tile.bytes),
        _ => return 0,
    };
    let parts = u128::from(done.min(all)) * u128::from(width);
    u32::try_from(parts / u128::from(all.max(1))).unwrap_or(width)
}

impl Tile {
    pub fn empty(bay: &str) -> Tile {
        Tile {
            bay: bay.to_owned(),
            state: Bay::Empty,
            recorder: None,
            officer: None,
            department: None,
            lines_done: 0,
            lines: 0,
            bytes_done: 0,
            bytes: 0,
            done: 0,
            marked_left: 0,
            stored: None,
            rate: None,
            what: None,
        }
    }

    fn has_bar(&self) -> bool {
        self.state.runs() || self.state == Bay::Done
    }

    /// Class, begin and filled width of each part, of a hundred. What is done has no parts any more.
    fn parts(&self) -> Vec<(&'static str, u32, u32)> {
        if self.state == Bay::Done {
            return vec![("all", 0, 100)];
        }
        let done = self.done;
        let class = ["listing", "copying", "proving", "wiping"];
        let parts = PARTS.iter().zip(class);
        parts
            .map(|((_, from, width), class)| (class, *from, done.saturating_sub(*from).min(*width)))
            .collect()
    }

    /// Seconds until this part is over, if the rate stays.
    fn left(&self) -> Option<u64> {
        let rate = self
            .rate
            .filter(|rate| *rate > 0 && matches!(self.state, Bay::Copying | Bay::Proving))?;
        Some(self.bytes.saturating_sub(self.bytes_done).div_ceil(rate))
    }

    fn what(&self, lang: &Lang) -> Option<&str> {
        self.what.as_ref().filter(|_| self.state.calls()).map(|what| what.of(lang))
    }

    fn numbers(&self, lang: &Lang) -> Option<String> {
        if let (Bay::Done, Some((clips, bytes, marked))) = (self.state, self.stored) {
            let mut text = format!("{} {}", show::grouped(clips), lang.t(w::CLIPS));
            if clips > 0 {
                text += &format!(" · {}", show::bytes(bytes));
            }
            if marked > 0 {
                text += &format!(" · ★ {marked} {}", lang.t(w::MARKED));
            }
            return Some(text);
        }
        if !self.has_bar() || self.lines == 0 {
            return None;
        }
        let (done, all) = (self.lines_done, self.lines);
        let clips = lang.t(w::CLIPS);
        let mut text = format!("{done} / {all} {clips}");
        if self.bytes > 0 {
            text += &format!(" · {} / {}", show::bytes(self.bytes_done), show::bytes(self.bytes));
        }
        Some(text)
    }

    fn pace(&self, lang: &Lang) -> Option<String> {
        let rate = self.rate.filter(|rate| *rate > 0 && self.state.runs())?;
        let mut text = format!("{}/s", show::bytes(rate));
        if let Some(left) = self.left() {
            let left = show::duration(left, *lang);
            text += &format!(" · {} {left} {}", lang.t(w::LEFT), lang.t(w::LEFT_AFTER));
        }
        Some(text.trim_end().to_owned())
    }
}

/// Who is due, or late.
#[derive(Debug, Clone)]
pub struct Due {
    pub officer: String,
    pub recorder: String,
    /// Must it be brought back, or docked?
    pub dock: bool,
    /// Seconds until then; negative: since then.
    pub left_s: i64,
}

impl Due {
    fn when(&self, lang: &Lang) -> String {
        // To the minute: a wall that counts seconds is never quiet.
        let minutes = self.left_s.unsigned_abs() / 60 * 60;
        let time = show::duration(minutes, *lang);
        let word = if self.left_s < 0 { w::OVERDUE } else { w::DUE_IN };
        format!("{} {time}", lang.t(word))
    }

    fn what(&self) -> Word {
        if self.dock { w::DOCK_IT } else { w::BRING_BACK }
    }
}

/// Everything on the wall.
#[derive(Debug, Clone)]
pub struct Wall {
    pub tiles: Vec<Tile>,
    /// Late ones first.
    pub due: Vec<Due>,
    /// Of the root, for people to compare.
    pub fingerprint: String,
    pub entries: u64,
    /// Seconds since the newest outside anchor.
    pub anchor_age_s: Option<u64>,
    /// Sentences for everybody: the station stopped, a port is broken.
    pub alarms: Vec<Said>,
}

#[derive(Template)]
#[template(path = "wall.html")]
struct Page<'a> {
    lang: Lang,
    unit: &'a str,
    /// Minutes east of Greenwich, for the script.
    east: i32,
    inner: &'a str,
}

#[derive(Template)]
#[template(path = "wall_inner.html")]
struct Inner<'a> {
    lang: Lang,
    wall: &'a Wall,
}

impl Wall {
    /// What changes: the body of the page without its frame.
    pub fn inner(&self, lang: Lang) -> Drawn {
        Inner { lang, wall: self }.render()
    }

    /// How many bays call for somebody; the page sounds when it grows.
    pub fn calls(&self) -> usize {
        self.tiles.iter().filter(|tile| tile.state.calls()).count() + self.alarms.len()
    }

    fn anchor(&self, lang: &Lang) -> String {
        match self.anchor_age_s {
            None => lang.t(w::NO_ANCHOR).to_owned(),
            Some(age) => {
                let age = show::duration(age / 60 * 60, *lang);
                format!("{} {age} {}", lang.t(w::RECEIPT_AGE), lang.t(w::AGO))
            }
        }
    }
}

/// The page, with `inner` as it stands now.
///
/// # Errors
/// Never but for a fault in a template.
pub fn page(lang: Lang, (unit, east): (&str, i32), inner: &str) -> Drawn {
    Page { lang, unit, east, inner }.render()
}

#[cfg(test)]
mod tests;
