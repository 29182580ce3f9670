//! The exact list that a second person approves. It is an object in the vault, named by its digest; the
//! entry that names it also lists the clips.

use crate::id::ClipId;
use sealdock_chain::canon;
use sealdock_chain::digest::Digest;
use serde::{Deserialize, Serialize};

/// Clips of one plan: the entry that lists them stays below the format's 65,535 bytes.
pub const CLIPS_MOST: usize = 2000;

/// One clip of a plan: what it is, and why it may go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    pub clip: ClipId,
    pub sha256: Digest,
    pub size: u64,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub officer: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorder: Option<String>,
    /// When custody was proven, and since when retention runs.
    pub stored: String,
    pub since: String,
    pub class: String,
    pub due: String,
}

/// A plan of disposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanSheet {
    /// `sealdock disposal plan v1`
    pub what: String,
    pub origin: String,
    pub lines: Vec<Line>,
}

/// The first words of every plan.
pub const WHAT: &str = "sealdock disposal plan v1";

impl PlanSheet {
    pub fn new(origin: impl Into<String>, lines: Vec<Line>) -> PlanSheet {
        PlanSheet { what: WHAT.to_owned(), origin: origin.into(), lines }
    }

    /// Canonical JSON: the same plan has the same digest everywhere.
    ///
    /// # Panics
    /// Never: a plan is plain data.
    pub fn encode(&self) -> Vec<u8> {
        let value = serde_json::to_value(self).expect("a plan is plain data");
        canon::to_canonical(&value).expect("a plan holds no number that is not canonical")
    }

    /// Reads what [`PlanSheet::encode`] wrote, and nothing else.
    pub fn decode(bytes: &[u8]) -> Option<PlanSheet> {
        let sheet: PlanSheet = serde_json::from_slice(bytes).ok()?;
        (sheet.what == WHAT && sheet.encode() == bytes).then_some(sheet)
    }

    pub fn clips(&self) -> Vec<ClipId> {
        self.lines.iter().map(|line| line.clip).collect()
    }

    /// Bytes of the distinct contents.
    pub fn bytes(&self) -> u64 {
        let contents: std::collections::BTreeMap<Digest, u64> =
            self.lines.iter().map(|line| (line.sha256, line.size)).collect();
        contents.values().sum()
    }
}
