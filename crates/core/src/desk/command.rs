//! Commands about recorders and their use.

use super::{AssetRecord, Place, Sheet};
use crate::id::{PersonId, RecorderId, UseId};
use crate::time::WallMs;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case")]
pub enum Command {
    /// The recorder's particulars as they are from now on. A correction names its reason.
    Describe {
        recorder: RecorderId,
        record: AssetRecord,
        reason: Option<String>,
    },
    /// What stands wrong about a recorder. Absent stays, empty is taken away.
    Correct {
        recorder: RecorderId,
        device_id: Option<String>,
        model: Option<String>,
        /// The particulars as they are from now on; absent: they stay.
        record: Option<AssetRecord>,
        reason: String,
    },
    /// From now on this officer may be issued this recorder.
    Designate {
        recorder: RecorderId,
        officer: PersonId,
        reason: String,
    },
    EndDesignation {
        recorder: RecorderId,
        officer: PersonId,
        reason: String,
    },
    ReportFault {
        recorder: RecorderId,
        text: String,
    },
    /// Into the cabinet, to be repaired, lost, out of service.
    Move {
        recorder: RecorderId,
        place: Place,
        reason: String,
        /// It may still hold footage, and leaves all the same.
        #[serde(default)]
        footage_aboard: bool,
        /// It works again.
        #[serde(default)]
        in_order: bool,
    },
    /// An officer asks for a recorder. Without `until`: to be back by the end of the day.
    Request {
        recorder: RecorderId,
        purpose: String,
        until: Option<WallMs>,
    },
    Approve {
        #[serde(rename = "use")]
        of: UseId,
        note: Option<String>,
    },
    Refuse {
        #[serde(rename = "use")]
        of: UseId,
        reason: String,
    },
    Withdraw {
        #[serde(rename = "use")]
        of: UseId,
        reason: Option<String>,
    },
    /// With `of` the check before this use, without it a periodic one.
    Check {
        recorder: RecorderId,
        #[serde(rename = "use")]
        of: Option<UseId>,
        sheet: Sheet,
    },
    Issue {
        #[serde(rename = "use")]
        of: UseId,
    },
    /// Into the clerk's hand, undocked.
    Return {
        #[serde(rename = "use")]
        of: UseId,
        reason: String,
    },
    /// A recorder was taken without approval.
    Breach {
        recorder: RecorderId,
        officer: PersonId,
        reason: String,
    },
    SeeBreach {
        #[serde(rename = "use")]
        of: UseId,
        text: String,
    },
    ExplainLate {
        #[serde(rename = "use")]
        of: UseId,
        text: String,
        /// Why the reason that stands is wrong.
        #[serde(default)]
        correcting: Option<String>,
    },
    /// Writes down what has become due or overdue, each once.
    #[serde(skip)]
    NoteOverdue,
}
