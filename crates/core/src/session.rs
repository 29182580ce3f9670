//! One dock session as states that are consumed: what was not done cannot be skipped.
//!
//! `Identified → Bound → Clocked → Listed → (every line an end) → Closed`. The steps that act are
//! `crates/station/src/dock/`, one file each, by the same names.

use crate::event::{Binding, Verdict};
use crate::id::{BayId, PersonId, RecorderId, SessionId};
use crate::listing::{LineKind, ListedLine, Listing, RawLine};
use crate::ports::Claims;
use crate::time::ClockOffset;

/// A recorder whose medium could be looked at.
#[derive(Debug)]
pub struct Identified {
    pub bay: BayId,
    pub claim: RecorderId,
    pub claims: Claims,
}

impl Identified {
    pub fn bound(self, session: SessionId, binding: Binding, facts: Bindings) -> Bound {
        Bound { identified: self, session, binding, facts }
    }
}

/// Whose it is, as far as the registers know.
#[derive(Debug, Clone, Default)]
pub struct Bindings {
    pub recorder: Option<RecorderId>,
    pub officer: Option<PersonId>,
}

/// What a recorder said of itself when it was asked: claims, never proofs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    pub device: Option<String>,
    pub officer: Option<String>,
    pub battery_percent: Option<u8>,
    pub firmware: Option<String>,
    /// What it answered to, `unlock`, or where it stands: `file` (a log), `label`.
    pub source: String,
}

impl Told {
    /// Where it said so, in a sentence.
    pub fn of(&self) -> &'static str {
        match self.source.as_str() {
            "file" => "in its log",
            "label" => "by its label",
            _ => "of itself",
        }
    }

    pub fn is_empty(&self) -> bool {
        let texts = [&self.device, &self.officer, &self.firmware];
        self.battery_percent.is_none() && texts.iter().all(|text| text.is_none())
    }
}

/// A session is open in the chain.
#[derive(Debug)]
pub struct Bound {
    pub identified: Identified,
    pub session: SessionId,
    pub binding: Binding,
    pub facts: Bindings,
}

impl Bound {
    pub fn clocked(self, clock: ClockOffset) -> Clocked {
        Clocked { bound: self, clock }
    }
}

/// The recorder's clock was measured, or said to be unknown.
#[derive(Debug)]
pub struct Clocked {
    pub bound: Bound,
    pub clock: ClockOffset,
}

impl Clocked {
    /// `listing` is signed and durable; `raw` is what it was made from.
    pub fn listed(self, listing: Listing, raw: Vec<RawLine>, conflict: Option<String>) -> Listed {
        assert_eq!(listing.lines.len(), raw.len(), "one signed line per line found");
        Listed { clocked: self, listing, raw, conflict }
    }
}

/// The full listing stands in the chain. Only from here can anything be copied.
#[derive(Debug)]
pub struct Listed {
    pub clocked: Clocked,
    pub listing: Listing,
    pub raw: Vec<RawLine>,
    pub conflict: Option<String>,
}

/// What is copied together: read back after all of it is written.
pub const BATCH_FILES_MAX: usize = 64;
/// Bytes per batch; one bigger clip is a batch of its own.
pub const BATCH_BYTES_MAX: u64 = 256 << 20;

impl Listed {
    pub fn session(&self) -> SessionId {
        self.clocked.bound.session
    }
    pub fn claim(&self) -> &RecorderId {
        &self.clocked.bound.identified.claim
    }

    /// Files in the order in which they are taken: marked ones first, then as listed.
    pub fn order(&self) -> Vec<u32> {
        let mut files: Vec<&ListedLine> =
            self.listing.lines.iter().filter(|l| l.kind == LineKind::File).collect();
        files.sort_by_key(|l| (!l.class.marked, l.line));
        files.into_iter().map(|l| l.line).collect()
    }

    /// The order cut into batches.
    pub fn batches(&self) -> Vec<Vec<u32>> {
        let mut batches: Vec<Vec<u32>> = Vec::new();
        let mut bytes = 0;
        for line in self.order() {
            let size = self.listing.lines[line as usize].size;
            match batches.last_mut() {
                Some(batch) if batch.len() < BATCH_FILES_MAX && bytes + size <= BATCH_BYTES_MAX => {
                    batch.push(line);
                    bytes += size;
                }
                _ => {
                    batches.push(vec![line]);
                    bytes = size;
                }
            }
        }
        batches
    }
}

/// How one line of the listing ended. Every line has exactly one end when a session is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineEnd {
    /// Stored, and gone from a fresh listing.
    Wiped,
    /// Stored; stays because a rule says so, which is no trouble.
    StoredStays { why: String },
    /// Stored; should have gone, and did not.
    StoredHeld { why: String },
    /// Set aside and undecided.
    Aside { why: String },
    /// Left on the recorder by a signed order that names it.
    LeftByOrder { aside: u64 },
    /// Not reached: the recorder or the station went away.
    Unreached,
}

/// The counts and the word that close a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    pub verdict: Verdict,
    pub summary: String,
    pub wiped: u32,
    pub stays: u32,
    pub held: u32,
    pub aside: u32,
    pub left: u32,
}

impl Closing {
    /// "Done, may be taken" is the most expensive word of the product: only when every line is
    /// accounted for, nothing stands aside, and nothing appeared since the listing.
    pub fn of(ends: &[LineEnd], appeared: usize, listing_complete: bool) -> Closing {
        let count = |f: fn(&LineEnd) -> bool| ends.iter().filter(|e| f(e)).count() as u32;
        let wiped = count(|e| matches!(e, LineEnd::Wiped));
        let stays = count(|e| matches!(e, LineEnd::StoredStays { .. }));
        let held = count(|e| matches!(e, LineEnd::StoredHeld { .. }));
        let aside = count(|e| matches!(e, LineEnd::Aside { .. }));
        let left = count(|e| matches!(e, LineEnd::LeftByOrder { .. }));
        let unreached = count(|e| matches!(e, LineEnd::Unreached));
        let verdict = if unreached > 0 || !listing_complete {
            Verdict::Interrupted
        } else if held > 0 || aside > 0 || appeared > 0 {
            Verdict::Held
        } else {
            Verdict::Done
        };
        let summary = Closing::sentence(verdict, ends, appeared);
        Closing { verdict, summary, wiped, stays, held, aside, left }
    }

    fn sentence(verdict: Verdict, ends: &[LineEnd], appeared: usize) -> String {
        match verdict {
            Verdict::Done if ends.is_empty() => {
                "完成，可取走 done, may be taken: the recorder is empty".into()
            }
            Verdict::Done => {
                let stays = ends.iter().filter(|e| !matches!(e, LineEnd::Wiped)).count();
                let stay = match stays {
                    0 => "nothing of it is left on the recorder".to_owned(),
                    n => format!("{n} of them stay on the recorder by rule or order"),
                };
                format!(
                    "完成，可取走 done, may be taken: all {} lines accounted for; {stay}",
                    ends.len()
                )
            }
            Verdict::Held => {
                let why = ends.iter().find_map(|e| match e {
                    LineEnd::Aside { why } | LineEnd::StoredHeld { why } => Some(why.as_str()),
                    _ => None,
                });
                let why = why.map_or_else(
                    || format!("{appeared} new files appeared since the listing; dock it again"),
                    str::to_owned,
                );
                format!("需要处理 needs a decision, not wiped: {why}")
            }
            Verdict::Interrupted => {
                let open = ends.iter().filter(|e| matches!(e, LineEnd::Unreached)).count();
                format!("中断 interrupted with {open} lines to go; nothing is lost, dock it again")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn done_is_said_only_when_every_line_is_accounted_for() {
        let stays = || LineEnd::StoredStays { why: "policy never wipes".into() };
        let verdict = |ends: &[LineEnd], appeared| Closing::of(ends, appeared, true).verdict;
        assert_eq!(verdict(&[], 0), Verdict::Done);
        assert_eq!(verdict(&[LineEnd::Wiped, stays()], 0), Verdict::Done);
        assert_eq!(verdict(&[LineEnd::LeftByOrder { aside: 3 }], 0), Verdict::Done);
        assert_eq!(verdict(&[LineEnd::Wiped], 1), Verdict::Held);
        assert_eq!(
            verdict(&[LineEnd::Wiped, LineEnd::Aside { why: "x".into() }], 0),
            Verdict::Held
        );
        assert_eq!(verdict(&[LineEnd::StoredHeld { why: "x".into() }], 0), Verdict::Held);
        assert_eq!(verdict(&[LineEnd::Wiped, LineEnd::Unreached], 0), Verdict::Interrupted);
        assert_eq!(Closing::of(&[], 0, false).verdict, Verdict::Interrupted);
    }
}
