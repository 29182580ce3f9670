//! What happened to matters, steps, interruptions and marks. A published format: only ever added to.

use super::Break;
use crate::id::{ClipId, DepartmentId, InterruptionId, MatterId, PersonId, StepId};
use crate::time::WallMs;
use sealdock_chain::digest::Digest;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Event {
    #[serde(rename = "steps.adopted")]
    StepsAdopted(StepsAdopted),
    #[serde(rename = "matter.opened")]
    MatterOpened(MatterOpened),
    #[serde(rename = "matter.corrected")]
    MatterCorrected(MatterCorrected),
    #[serde(rename = "matter.closed")]
    MatterClosed(MatterClosed),
    #[serde(rename = "matter.filing-warned")]
    FilingWarned(FilingWarned),
    #[serde(rename = "matter.filing-missed")]
    FilingMissed(FilingMissed),
    #[serde(rename = "matter.filed")]
    MatterFiled(MatterFiled),
    #[serde(rename = "step.declared")]
    StepDeclared(StepDeclared),
    #[serde(rename = "step.closed")]
    StepClosed(StepClosed),
    #[serde(rename = "clip.bound")]
    ClipBound(ClipBound),
    #[serde(rename = "clip.unbound")]
    ClipUnbound(ClipUnbound),
    #[serde(rename = "clip.marked")]
    ClipMarked(ClipMarked),
    #[serde(rename = "interruption.found")]
    InterruptionFound(Box<InterruptionFound>),
    #[serde(rename = "interruption.filled")]
    InterruptionFilled(InterruptionFilled),
    #[serde(rename = "interruption.explained")]
    InterruptionExplained(InterruptionExplained),
    #[serde(rename = "interruption.noted")]
    InterruptionNoted(InterruptionNoted),
}

/// The list of what must be recorded, from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepsAdopted {
    pub sha256: Digest,
    /// The full text, so that what was in force can always be read.
    pub text: String,
}

/// Kinds of enforcement act (002/A2-§2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MatterKind {
    /// 行政处罚
    Penalty,
    /// 行政许可
    Licence,
    /// 行政强制
    Coercion,
    /// 行政检查
    Inspection,
    Other,
}

impl MatterKind {
    pub const ALL: [MatterKind; 5] = [
        MatterKind::Penalty,
        MatterKind::Licence,
        MatterKind::Coercion,
        MatterKind::Inspection,
        MatterKind::Other,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            MatterKind::Penalty => "penalty",
            MatterKind::Licence => "licence",
            MatterKind::Coercion => "coercion",
            MatterKind::Inspection => "inspection",
            MatterKind::Other => "other",
        }
    }

    pub fn parse(text: &str) -> Option<MatterKind> {
        MatterKind::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// What a matter is about: kind, parties, staff (000-全过程§8, §13).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatterRecord {
    pub kind: MatterKind,
    pub title: String,
    /// 当事人
    pub parties: Vec<String>,
    pub officers: Vec<PersonId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<DepartmentId>,
    /// 案号, where there is one yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_file: Option<String>,
}

/// A matter begins; its number is this entry's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatterOpened {
    pub record: MatterRecord,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatterCorrected {
    pub matter: MatterId,
    pub record: MatterRecord,
    /// The entry whose record this one replaces.
    pub corrects: u64,
    pub reason: String,
}

/// The enforcement act has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatterClosed {
    pub matter: MatterId,
    pub ended: WallMs,
    /// When the case must be filed.
    pub due: WallMs,
    pub reason: String,
}

/// The filing deadline is near.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilingWarned {
    pub matter: MatterId,
    pub due: WallMs,
}

/// The filing deadline has passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilingMissed {
    pub matter: MatterId,
    pub due: WallMs,
}

/// The case file is in the archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatterFiled {
    pub matter: MatterId,
    pub case_file: String,
    /// Where in the archive it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archive: Option<String>,
    /// Absent: the station's clock is not believable, so that no deadline is met or missed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub late: Option<bool>,
    /// Why it is late.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Clips that are bound to the matter.
    pub clips: u32,
    /// Interruptions that are not explained, or whose explanation was not accepted.
    pub open_interruptions: u32,
}

/// How a step is recorded (002/A6-§13, §14).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Manner {
    /// Without a break.
    Continuous,
    /// In parts, at different places or times.
    InParts,
}

impl Manner {
    pub fn as_str(self) -> &'static str {
        match self {
            Manner::Continuous => "continuous",
            Manner::InParts => "in-parts",
        }
    }
}

/// An enforcement step is declared; its number is this entry's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepDeclared {
    pub matter: MatterId,
    /// Its item on the list in force, copied with what the list says about it.
    pub item: String,
    pub name: String,
    /// It must be recorded.
    pub must: bool,
    pub cite: String,
    /// Digest of the list in force.
    pub list: Digest,
    pub manner: Manner,
    /// Why in parts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub place: String,
    pub officers: Vec<PersonId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub began: Option<WallMs>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepClosed {
    pub step: StepId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<WallMs>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClipBound {
    pub clip: ClipId,
    pub matter: MatterId,
    /// Absent: to the matter as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<StepId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClipUnbound {
    pub clip: ClipId,
    /// The entry that bound it.
    pub binding: u64,
    pub reason: String,
}

/// A person's mark; that of the device stays as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClipMarked {
    pub clip: ClipId,
    pub reason: String,
}

/// A recording was broken off, or is missing; its number is this entry's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InterruptionFound {
    pub matter: MatterId,
    pub step: StepId,
    pub found: Break,
}

/// The clips that are bound now no longer show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InterruptionFilled {
    pub interruption: InterruptionId,
}

/// Objective causes that 002/A6-§14 names; its list is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// 设备故障
    Fault,
    /// 损坏
    Damage,
    /// 天气情况恶劣
    Weather,
    /// 电量不足
    Battery,
    /// 存储空间不足
    Space,
    /// Another objective cause, said in words.
    Other,
}

impl Cause {
    pub const ALL: [Cause; 6] =
        [Cause::Fault, Cause::Damage, Cause::Weather, Cause::Battery, Cause::Space, Cause::Other];

    pub fn as_str(self) -> &'static str {
        match self {
            Cause::Fault => "fault",
            Cause::Damage => "damage",
            Cause::Weather => "weather",
            Cause::Battery => "battery",
            Cause::Space => "space",
            Cause::Other => "other",
        }
    }

    pub fn parse(text: &str) -> Option<Cause> {
        Cause::ALL.into_iter().find(|cause| cause.as_str() == text)
    }
}

/// Where in a clip the cause is said aloud (语音说明).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Voice {
    pub clip: ClipId,
    /// Milliseconds from its beginning.
    pub at_ms: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InterruptionExplained {
    pub interruption: InterruptionId,
    pub cause: Cause,
    pub text: String,
    /// Absent: in writing only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voice: Option<Voice>,
    /// The department head it is reported to.
    pub told: PersonId,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InterruptionNoted {
    pub interruption: InterruptionId,
    /// `false`: it is open again.
    pub accepted: bool,
    pub text: String,
}
