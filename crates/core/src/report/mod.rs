//! What an auditor asks: the life of one clip or recorder with its gaps, everything one person did, and
//! numbers over a period. Pure functions over the registers; each answer holds up to the entry it was read at.

/// Which entries a person wrote.
mod acts;
/// The custody of one clip, with gaps.
mod clip;
/// Hours and marks by department, officer and month.
mod hours;
/// The custody of one recorder, with gaps.
mod recorder;
/// Which registers name a clip or a recorder, and in which columns their entries stand.
mod traces;
/// Was the recorder in approved use?
mod uses;

pub use acts::{ACT, TABLES, acted, acts_of};
pub use clip::custody_of_clip;
pub use hours::{Hours, HoursFilter, hours};
pub use recorder::custody_of_recorder;

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
}

impl Gap {
    fn new(seq: Option<u64>, text: impl Into<String>) -> Gap {
        Gap { seq, text: text.into() }
    }
}
