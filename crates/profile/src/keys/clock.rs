//! The keys of `[clock]`, as written; `clock` makes sense of them.

use super::unlock::StepKeys;
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockKeys {
    pub zone: Zone,
    #[serde(default)]
    pub read: Vec<ReadKeys>,
    pub set: Option<SetKeys>,
}

/// The zone in which the recorder tells the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Zone {
    Station,
    Utc,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum ReadKeys {
    /// The newest name is a lower bound.
    NewestName {},
    /// A line that the recorder writes when it is plugged in.
    LogEvent {
        glob: String,
        regex: String,
        format: String,
    },
    MtpProperty {
        code: u16,
    },
}

#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum SetKeys {
    None {},
    /// One more message while the recorder is still locked.
    UnlockStep {
        policy: Option<String>,
        step: Box<StepKeys>,
    },
    /// A file that the recorder reads at its next start.
    File {
        policy: Option<String>,
        path: String,
        content: Vec<String>,
        gone_when_accepted: bool,
    },
    MtpProperty {
        policy: Option<String>,
        code: u16,
    },
}
