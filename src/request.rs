//! What can be asked of a station: one vocabulary, whether it is answered in this process or by the
//! daemon over its socket.

/// Time-stamps.
mod anchor;
/// The desk and the people.
mod desk;

pub use anchor::{AnchorAsk, BroughtBack};
pub use desk::{AssetFields, DeskAsk, DeskChange, ImportAsk, NewDuty, Particulars};

use crate::answer::Answer;
use crate::exit::CliError;
use sealdock_chain::Digest;
/// A time range of a clip, as the entry of a copy has it too.
pub use sealdock_core::access::AskedExcerpt as Asked;
use sealdock_core::command::Secret;
use sealdock_core::event::KeyKind;
use sealdock_core::id::{
    AccessId, BayId, CheckId, ClipId, DepartmentId, MatterId, PersonId, PlanId, RecorderId,
    SessionId, ShiftId, StepId,
};
use sealdock_core::keep::CheckKind;
use sealdock_core::ports::KeyPlace;
use sealdock_core::time::WallMs;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A request, and the person who says so with their own PIN, if one does.
#[derive(Debug, Serialize, Deserialize)]
pub struct Order {
    pub login: Option<Login>,
    pub request: Request,
}

/// A person and their PIN, compared by the station itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Login {
    pub person: PersonId,
    pub pin: Secret,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Request {
    Status,
    /// The same with the number of late clips in the place of each of them.
    StatusInBrief,
    LogShow {
        from: Option<u64>,
        count: u32,
    },
    LogHead,
    LogVkey,
    LogReceipt,
    LogProve {
        seq: u64,
    },
    LogGrowth {
        size: u64,
    },
    Drill(DrillAsk),
    LogExport {
        out: PathBuf,
    },
    Anchor(AnchorAsk),
    ClipList(ClipFilter),
    ClipShow {
        clip: ClipId,
    },
    ClipAssign(Assignment),
    ClipReassign(Assignment),
    SessionList {
        aside: bool,
    },
    SessionShow {
        session: SessionId,
    },
    SessionConfirm(Confirmation),
    SessionWipe {
        session: SessionId,
        reason: String,
        path: Option<PathBuf>,
    },
    Ingest(Ingest),
    PersonList,
    RecorderList,
    BayList,
    KeyList,
    KeyRotate {
        key: KeyKind,
        to: Option<KeyPlace>,
    },
    PolicyShow,
    ShiftShow,
    ShiftClose {
        shift: Option<ShiftId>,
    },
    CopiesMirror {
        dir: PathBuf,
        same_disk: bool,
    },
    CopiesLock,
    Matter(crate::execute::matter::Ask),
    MatterWatch,
    Report(crate::execute::report::Ask),
    Form(crate::execute::form::Ask),
    VerifyConfig,
    Check {
        deep: bool,
        pin: Option<String>,
        /// What comes of it becomes an entry.
        #[serde(default)]
        enter: bool,
    },
    Keep(Keep),
    Import(ImportAsk),
    /// Viewing, copying, secrecy: what is asked and not merely recorded.
    Access(AccessQuery),
    Desk(DeskAsk),
    DeskChange(DeskChange),
    /// A command of the core, as its published form reads.
    Apply {
        command: serde_json::Value,
    },
}

impl Request {
    /// Does it leave the chain as it is?
    pub fn only_reads(&self) -> bool {
        use Request::*;
        if let Keep(request) = self {
            return request.only_reads();
        }
        if let Access(query) = self {
            return query.only_reads();
        }
        if let Anchor(ask) = self {
            return ask.only_reads();
        }
        if let Import(ask) = self {
            return ask.dry_run;
        }
        matches!(
            self,
            Status
                | StatusInBrief
                | LogShow { .. }
                | LogHead
                | LogVkey
                | LogReceipt
                | LogProve { .. }
                | LogGrowth { .. }
                | LogExport { .. }
                | ClipList(_)
                | ClipShow { .. }
                | SessionList { .. }
                | SessionShow { .. }
                | PersonList
                | RecorderList
                | Desk(_)
                | BayList
                | KeyList
                | PolicyShow
                | ShiftShow
                | Matter(_)
                | Report(_)
                | Form(_)
                | VerifyConfig
                | Check { enter: false, .. }
        )
    }
}

/// What lies in the second copy, into a fresh place.
#[derive(Debug, Serialize, Deserialize)]
pub struct DrillAsk {
    pub to: PathBuf,
    /// From clips, sidecars and tiles alone.
    pub without_database: bool,
    /// What is put there is to stay.
    pub keep: bool,
}

/// About keeping: what is read, and what the station does itself.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum Keep {
    HoldList,
    /// What a plan made now would hold, and what stays.
    DisposeDue,
    DisposeList,
    DisposeShow {
        plan: PlanId,
    },
    SpotcheckList {
        check: Option<CheckId>,
    },
    MediumList,
    DisposePlan,
    DisposeApprove {
        plan: PlanId,
        digest: Digest,
    },
    DisposeRun {
        plan: PlanId,
    },
    SpotcheckAnnounce {
        kind: CheckKind,
        count: u32,
        from: u64,
        to: Option<u64>,
        class: Option<String>,
        at_size: Option<u64>,
    },
    SpotcheckDraw {
        check: CheckId,
    },
}

impl Keep {
    fn only_reads(&self) -> bool {
        matches!(
            self,
            Keep::HoldList
                | Keep::DisposeDue
                | Keep::DisposeList
                | Keep::DisposeShow { .. }
                | Keep::SpotcheckList { .. }
                | Keep::MediumList
        )
    }
}

/// About viewing and copying.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case")]
pub enum AccessQuery {
    List {
        open: bool,
    },
    Show {
        access: AccessId,
    },
    Form {
        from: Option<WallMs>,
        until: Option<WallMs>,
    },
    Viewings {
        clip: Option<ClipId>,
        person: Option<PersonId>,
        without_matter: bool,
    },
    Sights {
        clip: ClipId,
        before: Option<WallMs>,
    },
    Secrecy {
        clip: ClipId,
    },
    Check {
        clip: ClipId,
    },
    CarryOut {
        access: AccessId,
        to: PathBuf,
    },
    Export {
        access: AccessId,
        to: PathBuf,
        receipts: Option<String>,
        excerpts: Vec<Asked>,
        #[serde(default)]
        resume: bool,
    },
}

impl AccessQuery {
    fn only_reads(&self) -> bool {
        !matches!(self, AccessQuery::CarryOut { .. } | AccessQuery::Export { .. })
    }
}

/// Which clips; everything that is not asked for is not looked at.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct ClipFilter {
    pub page: ClipPage,
    pub officer: Option<PersonId>,
    pub recorder: Option<RecorderId>,
    /// Civil day of the recording, or of storing where that is not known: `2026-11-21`.
    pub day: Option<String>,
    pub marked: bool,
    pub late: bool,
    pub unassigned: bool,
    /// Of officers of this department, as they are assigned today.
    #[serde(default)]
    pub department: Option<DepartmentId>,
    /// Of this class now; empty: of none.
    #[serde(default)]
    pub class: Option<String>,
    #[serde(default)]
    pub matter: Option<MatterId>,
    #[serde(default)]
    pub step: Option<StepId>,
}

/// Which of them; all, where nothing is said.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct ClipPage {
    pub limit: Option<u32>,
    /// Those that follow this one in the order asked for.
    pub after: Option<ClipId>,
    pub newest_first: bool,
    /// Clips to look at in the end; the answer then says how far it looked.
    #[serde(default)]
    pub looks: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Assignment {
    pub clips: Vec<ClipId>,
    /// All unassigned clips of this session.
    pub session: Option<SessionId>,
    pub recorder: RecorderId,
    pub officer: PersonId,
    pub reason: String,
}

/// A recorder that stands in a bay of the daemon is somebody's.
#[derive(Debug, Serialize, Deserialize)]
pub struct Confirmation {
    pub bay: BayId,
    pub recorder: String,
    /// `None`: save it as unassigned.
    pub officer: Option<PersonId>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Ingest {
    pub path: PathBuf,
    pub bay: BayId,
    pub recorder: RecorderId,
    pub officer: PersonId,
    pub wipe_off: bool,
    pub unconfirmed: bool,
    /// Id of the profile to read it by.
    #[serde(default)]
    pub profile: Option<String>,
}

/// One line from the daemon.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reply {
    Progress(Heard),
    Answer(Answer),
    Error(CliError),
}

/// A report of a session on its way to whoever watches.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Heard {
    pub bay: String,
    pub recorder: String,
    pub step: String,
    pub lines_done: u32,
    pub lines: u32,
    pub bytes_done: u64,
    pub bytes: u64,
}

impl From<&sealdock_station::Carried> for Heard {
    fn from(carried: &sealdock_station::Carried) -> Heard {
        let (chinese, english) = sealdock_station::Carried::WORDS;
        Heard {
            bay: carried.access.to_string(),
            recorder: String::new(),
            step: format!("{chinese} {english}"),
            lines_done: carried.files,
            lines: 0,
            bytes_done: carried.done,
            bytes: carried.of,
        }
    }
}

impl From<&sealdock_station::Report> for Heard {
    fn from(report: &sealdock_station::Report) -> Heard {
        let (chinese, english) = report.step.words();
        Heard {
            bay: report.bay.to_string(),
            recorder: report.recorder.to_string(),
            step: format!("{chinese} {english}"),
            lines_done: report.lines_done,
            lines: report.lines,
            bytes_done: report.bytes_done,
            bytes: report.bytes,
        }
    }
}
