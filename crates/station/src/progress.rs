//! What a session reports while it runs; shown by the CLI, the daemon's status and later the bay wall.

use sealdock_core::event::Verdict;
use sealdock_core::id::{BayId, RecorderId, SessionId};

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

pub trait Progress: Send + Sync {
    fn report(&self, report: &Report);
}

/// Nobody listens.
pub struct Unheard;

impl Progress for Unheard {
    fn report(&self, _: &Report) {}
}
