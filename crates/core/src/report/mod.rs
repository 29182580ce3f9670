//! What an auditor asks: the life of one clip or recorder with its gaps, everything one person did, and
//! numbers over a period. Pure functions over the registers; each answer holds up to the entry it was read at.

/// Which entries a person wrote.
mod acts;
/// Spot and playback checks, and what they found.
mod checks;
/// The custody of one clip, with gaps.
mod clip;
/// Entries that put another right.
mod corrected;
/// Hours and marks by department, officer and month.
mod hours;
/// Who is late, where, and again and again.
mod lateness;
/// Names beside ids.
mod names;
/// Interruptions by department, viewings without a matter.
mod open;
/// Everything about one person, with gaps.
mod person;
/// Recorders against officers.
mod ratio;
/// The custody of one recorder, with gaps.
mod recorder;
/// Which registers name a clip, a recorder or a person, and in which columns their entries stand.
mod traces;
/// How much each recorder is used, and which are not back.
mod usage;
/// Was the recorder in approved use?
mod uses;
/// What about a clip still waits for somebody.
mod waits;

pub use acts::{ACT, TABLES, acted, acts_of};
pub use checks::{CheckLine, Finding, checks, findings, viewed};
pub use clip::custody_of_clip;
pub use corrected::puts_right;
pub use hours::{Hours, HoursFilter, Week, hours, weeks};
pub use lateness::{LateLine, Lateness, lateness};
pub use names::{Named, Names};
pub use open::{Unanswered, unanswered_by_department, viewed_without_matter};
pub use person::about_person;
pub use ratio::{Ratio, Ratios, ratios};
pub use recorder::custody_of_recorder;
pub use usage::{RecorderUse, Unreturned, recorder_use, unreturned};

use crate::time::WallMs;
use crate::why::Why;

/// The life of a thing as the chain has it: entries in order, and what is missing between them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Custody {
    pub entries: Vec<u64>,
    pub gaps: Vec<Gap>,
}

/// Something that a complete custody would have and this one has not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The entry it is about, where there is one.
    pub seq: Option<u64>,
    pub text: String,
    /// In Chinese, of a clip; of other things there is none.
    pub chinese: String,
    /// From when to when, where it is a stretch of time.
    pub between: Option<(WallMs, WallMs)>,
    /// Nobody has to explain it: such a stretch belongs to the way of every clip.
    pub usual: bool,
}

impl Gap {
    fn new(seq: Option<u64>, text: impl Into<String>) -> Gap {
        Gap { seq, text: text.into(), chinese: String::new(), between: None, usual: false }
    }

    /// In both languages.
    fn said(seq: Option<u64>, text: &Why) -> Gap {
        Gap { chinese: text.chinese().to_owned(), ..Gap::new(seq, text.to_string()) }
    }
}
