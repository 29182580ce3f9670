//! What happened to recorders and their use. A published format: only ever added to.

use crate::event::PutRight;
use crate::id::{DepartmentId, PersonId, RecorderId, SessionId, UseId};
use crate::time::WallMs;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Event {
    #[serde(rename = "recorder.described")]
    RecorderDescribed(RecorderDescribed),
    #[serde(rename = "recorder.corrected")]
    RecorderCorrected(RecorderCorrected),
    #[serde(rename = "recorder.designated")]
    Designated(Designated),
    #[serde(rename = "recorder.designation-ended")]
    DesignationEnded(DesignationEnded),
    #[serde(rename = "recorder.fault-reported")]
    FaultReported(FaultReported),
    #[serde(rename = "recorder.moved")]
    Moved(Moved),
    #[serde(rename = "desk.requested")]
    Requested(Requested),
    #[serde(rename = "desk.approved")]
    Approved(Approved),
    #[serde(rename = "desk.refused")]
    Refused(Refused),
    #[serde(rename = "desk.withdrawn")]
    Withdrawn(Withdrawn),
    #[serde(rename = "desk.checked")]
    Checked(Box<Checked>),
    #[serde(rename = "desk.issued")]
    Issued(Issued),
    #[serde(rename = "desk.returned")]
    Returned(Returned),
    #[serde(rename = "desk.docked")]
    Docked(Docked),
    #[serde(rename = "desk.docked-by-another")]
    DockedByAnother(DockedByAnother),
    #[serde(rename = "desk.breach")]
    Breach(Breach),
    #[serde(rename = "desk.breach-seen")]
    BreachSeen(BreachSeen),
    #[serde(rename = "desk.late-explained")]
    LateExplained(LateExplained),
    #[serde(rename = "desk.overdue-warned")]
    OverdueWarned(Overdue),
    #[serde(rename = "desk.overdue")]
    Overdue(Overdue),
}

/// What the unit writes down about a fixed asset (002/A6-§6).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssetRecord {
    /// Number in the unit's books, where it is not the recorder's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asset_number: Option<String>,
    /// A civil date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acquired: Option<String>,
    /// Whose recorder it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<DepartmentId>,
    /// The named clerk who keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clerk: Option<PersonId>,
    /// Where it is kept when nobody wears it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cabinet: Option<String>,
}

/// A recorder's particulars from now on. What stood before stays in the chain and is named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecorderDescribed {
    pub recorder: RecorderId,
    pub record: AssetRecord,
    /// The entry whose record this one replaces.
    pub corrects: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What was put right; absent on either side: nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<String>,
}

impl std::fmt::Display for Correction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let or_nothing = |text: &Option<String>| text.clone().unwrap_or_else(|| "nothing".into());
        write!(f, "{} to {}", or_nothing(&self.was), or_nothing(&self.now))
    }
}

/// What an enrolment said wrong of a recorder. What stood before stays in the chain and is named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecorderCorrected {
    pub recorder: RecorderId,
    /// The number it writes into its own file names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_id: Option<Correction>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<Correction>,
    /// The entry that enrolled it.
    pub corrects: u64,
    pub reason: String,
}

impl RecorderCorrected {
    /// What changed from what to what, in words.
    pub fn words(&self) -> String {
        let named = [("device number", &self.device_id), ("model", &self.model)];
        let words = |(name, what): (&str, &Option<Correction>)| {
            what.as_ref().map(|what| format!("{name} from {what}"))
        };
        named.into_iter().filter_map(words).collect::<Vec<_>>().join(", ")
    }
}

/// From now on this officer may be issued this recorder (002/A6-§18).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Designated {
    pub recorder: RecorderId,
    pub officer: PersonId,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DesignationEnded {
    pub recorder: RecorderId,
    pub officer: PersonId,
    /// The entry that designated.
    pub designation: u64,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultReported {
    pub recorder: RecorderId,
    pub text: String,
}

/// Where a clerk, or a loss, puts a recorder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    Cabinet,
    Repair,
    Lost,
    Retired,
}

impl Place {
    pub fn as_str(self) -> &'static str {
        match self {
            Place::Cabinet => "cabinet",
            Place::Repair => "repair",
            Place::Lost => "lost",
            Place::Retired => "retired",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moved {
    pub recorder: RecorderId,
    pub place: Place,
    /// Where it was, in the words of the register.
    pub was: String,
    /// The use that ends by the loss.
    #[serde(rename = "use", skip_serializing_if = "Option::is_none")]
    pub of: Option<UseId>,
    /// It leaves with footage that is not proven stored, or that nobody can tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub footage_aboard: Option<String>,
    /// It is in order again: whatever fault was open is settled.
    pub in_order: bool,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requested {
    pub recorder: RecorderId,
    pub officer: PersonId,
    /// The officer's department as of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department: Option<DepartmentId>,
    pub purpose: String,
    /// When the recorder is to be back.
    pub until: WallMs,
}

/// The department head of the officer approves (002/A6-§5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approved {
    #[serde(rename = "use")]
    pub of: UseId,
    pub recorder: RecorderId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refused {
    #[serde(rename = "use")]
    pub of: UseId,
    pub recorder: RecorderId,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdrawn {
    #[serde(rename = "use")]
    pub of: UseId,
    pub recorder: RecorderId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What the recorder's clock showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClockSeen {
    /// It shows the right date and time.
    Right,
    /// It was wrong and has been set to now.
    Set,
    Wrong,
}

impl ClockSeen {
    pub fn as_str(self) -> &'static str {
        match self {
            ClockSeen::Right => "right",
            ClockSeen::Set => "set",
            ClockSeen::Wrong => "wrong",
        }
    }
}

/// What whoever checks sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sheet {
    pub works: bool,
    pub battery_percent: u8,
    pub free_mib: u32,
    pub clock: ClockSeen,
    /// Its memory was looked at and is empty; counts for a recorder that was never docked.
    pub looks_empty: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
}

/// A pre-use check (002/A6-§8) or a periodic one (002/A6-§7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checked {
    pub recorder: RecorderId,
    /// Absent: a periodic check.
    #[serde(rename = "use", skip_serializing_if = "Option::is_none")]
    pub of: Option<UseId>,
    pub sheet: Sheet,
    /// The docking that shows that nothing is left on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emptied: Option<SessionId>,
    /// How far its clock was ahead at that docking, milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset_ms: Option<i64>,
    /// What is not in order, in words; empty: passed.
    pub findings: Vec<String>,
}

/// Handed out, 领用.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issued {
    #[serde(rename = "use")]
    pub of: UseId,
    pub recorder: RecorderId,
    pub officer: PersonId,
    /// The entry of the pre-use check that passed.
    pub check: u64,
}

/// Given back, 交回: by docking it, or by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Returned {
    #[serde(rename = "use")]
    pub of: UseId,
    pub recorder: RecorderId,
    /// The docking that was the return; absent: into the clerk's hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// After the time that was approved; absent: the station's clock could not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub late: Option<bool>,
    /// Why it was not docked at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A recorder that had been given back by hand is docked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Docked {
    #[serde(rename = "use")]
    pub of: UseId,
    pub recorder: RecorderId,
    pub session: SessionId,
}

/// Docked by somebody else than the officer whose use it is, or by nobody known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DockedByAnother {
    #[serde(rename = "use")]
    pub of: UseId,
    pub recorder: RecorderId,
    pub session: SessionId,
    /// Who docked; absent: nobody who is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub officer: Option<PersonId>,
}

/// A recorder was taken without approval (against 002/A6-§5). Its entry names the use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Breach {
    pub recorder: RecorderId,
    pub officer: PersonId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department: Option<DepartmentId>,
    /// When the recorder is to be back.
    pub until: WallMs,
    pub reason: String,
    /// The department heads whom this alarms, or the unit heads where there is none but the officer.
    pub alarms: Vec<PersonId>,
}

/// Whom it alarmed has seen the breach and says what follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BreachSeen {
    #[serde(rename = "use")]
    pub of: UseId,
    pub recorder: RecorderId,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LateExplained {
    #[serde(rename = "use")]
    pub of: UseId,
    pub recorder: RecorderId,
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correction: Option<PutRight>,
}

/// What a recorder has not done in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Duty {
    /// To be given back by the approved time.
    Return,
    /// To be docked within the policy's hours after it was given back by hand (002/A6-§19).
    Docking,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overdue {
    #[serde(rename = "use")]
    pub of: UseId,
    pub recorder: RecorderId,
    pub officer: PersonId,
    pub what: Duty,
    pub due: WallMs,
}
