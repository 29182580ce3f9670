//! What a session reports while it runs; shown by the CLI, the daemon's status and later the bay wall.

use sealdock_core::event::Verdict;
use sealdock_core::id::{AccessId, BayId, RecorderId, SessionId};

/// Where a session is. The words are one vocabulary on wall, CLI and manual.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    Waiting,
    Listing,
    Copying,
    Proving,
    Wiping,
    Closed,
}

impl Step {
    /// Chinese first, then English.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Step::Waiting => ("请本人确认", "confirm it is yours"),
            Step::Listing => ("读取清单", "reading the list"),
            Step::Copying => ("复制", "copying"),
            Step::Proving => ("校验", "proving"),
            Step::Wiping => ("擦除", "wiping"),
            Step::Closed => ("结束", "closed"),
        }
    }
}

/// One report. Counts only grow within a step.
#[derive(Debug, Clone)]
pub struct Report {
    pub bay: BayId,
    pub recorder: RecorderId,
    pub session: Option<SessionId>,
    pub step: Step,
    pub lines_done: u32,
    pub lines: u32,
    pub bytes_done: u64,
    pub bytes: u64,
    pub marked_left: u32,
    pub verdict: Option<Verdict>,
    pub text: String,
}

/// How far a copy for somebody outside has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Carried {
    pub access: AccessId,
    /// Files that were read back.
    pub files: u32,
    /// Bytes written and bytes read back, each counted.
    pub done: u64,
    /// Twice the footage that goes out: what will have been written and read back. Papers are not foreseen, so that
    /// `done` stops here.
    pub of: u64,
}

impl Carried {
    /// Chinese first, then English.
    pub const WORDS: (&str, &str) = ("写出并读回", "writing and reading back");
}

pub trait Progress: Send + Sync {
    fn report(&self, report: &Report);

    /// Whoever watches bays does not hear of copies.
    fn carried(&self, _: &Carried) {}
}

/// Nobody listens.
pub struct Unheard;

impl Progress for Unheard {
    fn report(&self, _: &Report) {}
}
