//! How long a class is kept. A clip is kept as long as the longest period that its class had under any
//! policy in force since the clip was given it: a class that is shortened, renamed or removed later can
//! only lengthen what it governed.

use super::kept::Kept;
use crate::clock_state::Timeline;
use crate::policy::Policy;
use crate::policy::keeping::{Keeping, Period};
use crate::ports::{PortResult, Registers};
use crate::registry::{self, damaged};
use crate::schema as s;
use crate::table::Query;
use crate::time::WallMs;

/// When a clip may go. Ordered: never is the latest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Due {
    At(WallMs),
    /// Unclassified, permanent, or its time does not run.
    Never,
}

/// Every policy ever adopted, and the station's time.
pub struct Periods {
    /// Oldest first: the entry that adopted it.
    policies: Vec<(u64, Keeping)>,
    timeline: Timeline,
}

impl Periods {
    /// # Errors
    /// The registers cannot be read, or hold a policy that this version cannot.
    pub fn read(registers: &dyn Registers) -> PortResult<Periods> {
        let mut policies = Vec::new();
        for row in registers.select(&Query::all(&s::POLICY))? {
            let policy = Policy::parse(row.text("body"))
                .map_err(|e| damaged(&format!("an adopted policy: {e}")))?;
            policies.push((registry::seq(&row), policy.keeping));
        }
        if policies.is_empty() {
            return Err(damaged("the chain holds no policy"));
        }
        Ok(Periods { policies, timeline: Timeline::read(registers)? })
    }

    /// The section of the policy in force.
    pub fn keeping(&self) -> &Keeping {
        let (_, newest) = self.policies.last().expect("there is one, or reading fails");
        newest
    }

    /// The longest period of `class` under the policies in force since entry `since`.
    pub fn period(&self, class: &str, since: u64) -> Period {
        let at = self.policies.iter().rposition(|(seq, _)| *seq <= since).unwrap_or(0);
        let known = self.policies[at..].iter().map(|(_, keeping)| keeping.period(class));
        known.max().unwrap_or(Period::Permanent)
    }

    /// The time from which retention of this clip runs, if it runs.
    ///
    /// # Errors
    /// The registers contradict themselves.
    pub fn start(&self, kept: &Kept) -> PortResult<Option<WallMs>> {
        self.timeline.custody_time(kept.clip.0, &kept.boot, kept.stored)
    }

    /// When this clip may go, as it is classed.
    ///
    /// # Errors
    /// As [`Periods::start`].
    pub fn due(&self, kept: &Kept) -> PortResult<Due> {
        match (&kept.class, kept.class_seq) {
            (Some(class), Some(since)) => self.due_as(kept, class, since),
            _ => Ok(Due::Never),
        }
    }

    /// When it may go if it has `class` since entry `since`.
    ///
    /// # Errors
    /// As [`Periods::start`].
    pub fn due_as(&self, kept: &Kept, class: &str, since: u64) -> PortResult<Due> {
        Ok(match (self.period(class, since), self.start(kept)?) {
            (Period::Ms(ms), Some(start)) => Due::At(start.plus_ms(ms)),
            _ => Due::Never,
        })
    }
}

impl Periods {
    /// The longest quarantine under the policies in force since entry `since`.
    pub fn quarantine_ms(&self, since: u64) -> i64 {
        let at = self.policies.iter().rposition(|(seq, _)| *seq <= since).unwrap_or(0);
        self.policies[at..]
            .iter()
            .map(|(_, keeping)| keeping.quarantine_ms)
            .max()
            .unwrap_or(i64::MAX)
    }
}
