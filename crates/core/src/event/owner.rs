//! Whose a clip is, as it is said after its docking.

use crate::id::{ClipId, PersonId, RecorderId};
use serde::{Deserialize, Serialize};

/// A clerk says whose footage an unassigned clip is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClipAssigned {
    pub clip: ClipId,
    pub recorder: RecorderId,
    pub officer: PersonId,
    pub reason: String,
}

/// A department head puts right whose footage a clip is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClipReassigned {
    pub clip: ClipId,
    pub recorder: RecorderId,
    pub officer: PersonId,
    /// As it stood.
    pub was_recorder: RecorderId,
    pub was_officer: PersonId,
    /// The entry that said so.
    pub corrects: u64,
    pub reason: String,
}
