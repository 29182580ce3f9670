//! What happened to classes, holds, plans, spot checks and media. A published format: only ever added to.

use super::command::{Answer, Ground, Item, MediumKind};
use super::drill::{DrillBegun, DrillCompleted, DrillRemoved};
use super::examined::StationChecked;
use crate::id::{CheckId, ClipId, HoldId, MediumId, PlanId};
use sealdock_chain::digest::Digest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Event {
    #[serde(rename = "clip.classed")]
    ClipClassed(ClipClassed),
    #[serde(rename = "clock.trusted")]
    ClockTrusted(ClockTrusted),
    #[serde(rename = "hold.requested")]
    HoldRequested(HoldRequested),
    #[serde(rename = "hold.approved")]
    HoldApproved(HoldApproved),
    #[serde(rename = "hold.refused")]
    HoldRefused(HoldAnswered),
    #[serde(rename = "hold.release-requested")]
    HoldReleaseRequested(HoldReleaseRequested),
    #[serde(rename = "hold.released")]
    HoldReleased(HoldReleased),
    #[serde(rename = "hold.release-refused")]
    HoldReleaseRefused(HoldAnswered),
    #[serde(rename = "disposal.planned")]
    DisposalPlanned(DisposalPlanned),
    #[serde(rename = "disposal.approved")]
    DisposalApproved(DisposalApproved),
    #[serde(rename = "disposal.withdrawn")]
    DisposalWithdrawn(DisposalWithdrawn),
    #[serde(rename = "disposal.begun")]
    DisposalBegun(DisposalBegun),
    #[serde(rename = "disposal.intended")]
    DisposalIntended(DisposalIntended),
    #[serde(rename = "disposal.kept")]
    DisposalKept(DisposalKept),
    #[serde(rename = "clip.disposed")]
    ClipDisposed(ClipDisposed),
    #[serde(rename = "spotcheck.announced")]
    CheckAnnounced(CheckAnnounced),
    #[serde(rename = "spotcheck.drawn")]
    CheckDrawn(CheckDrawn),
    #[serde(rename = "spotcheck.answered")]
    CheckAnswered(CheckAnswered),
    #[serde(rename = "spotcheck.corrected")]
    CheckCorrected(CheckCorrected),
    #[serde(rename = "spotcheck.closed")]
    CheckClosed(CheckClosed),
    #[serde(rename = "medium.burnt")]
    MediumBurnt(MediumBurnt),
    #[serde(rename = "medium.read-back")]
    MediumReadBack(MediumReadBack),
    #[serde(rename = "drill.begun")]
    DrillBegun(DrillBegun),
    #[serde(rename = "drill.completed")]
    DrillCompleted(DrillCompleted),
    #[serde(rename = "drill.removed")]
    DrillRemoved(DrillRemoved),
    #[serde(rename = "station.checked")]
    StationChecked(StationChecked),
}

/// From now on the clip is of this class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClipClassed {
    pub clip: ClipId,
    pub class: String,
    /// The class before; absent: it had none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
    pub reason: String,
}

/// The station's clock is right as of this entry, says the unit head.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockTrusted {
    pub reason: String,
}

/// A hold is asked for; its number is this entry's. It holds from here on, until it is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldRequested {
    pub clips: Vec<ClipId>,
    pub ground: Ground,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldApproved {
    pub hold: HoldId,
}

/// A refusal, of a hold or of its release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldAnswered {
    pub hold: HoldId,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldReleaseRequested {
    pub hold: HoldId,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldReleased {
    pub hold: HoldId,
}

/// A plan: exactly these clips. The object tells of each what it is and why it is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DisposalPlanned {
    pub object: Digest,
    pub clips: Vec<ClipId>,
    pub bytes: u64,
    /// Entries of the chain that was walked and found clean before.
    pub verified: u64,
    /// The newest word that the clock is right (`clock.trusted`); absent: written before one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<u64>,
}

/// A second person approves that very object. The quarantine runs from here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DisposalApproved {
    pub plan: PlanId,
    pub object: Digest,
    pub verified: u64,
    /// The newest word that the clock is right (`clock.trusted`); absent: written before one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<u64>,
}

/// Clips leave a plan for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DisposalWithdrawn {
    pub plan: PlanId,
    pub clips: Vec<Withdrawn>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdrawn {
    pub clip: ClipId,
    pub why: String,
}

/// A plan is carried out, as far as the brake lets it. Its number is this entry's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DisposalBegun {
    pub plan: PlanId,
    /// What was in custody then.
    pub archive_clips: u64,
    pub archive_bytes: u64,
    /// What went in the 24 hours before.
    pub used_clips: u64,
    pub used_bytes: u64,
    /// What may go in this run.
    pub clips: u64,
    pub bytes: u64,
    pub verified: u64,
    /// The newest word that the clock is right (`clock.trusted`); absent: written before one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<u64>,
}

/// Written and durable before anything is removed: these bytes, which are those of these clips.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DisposalIntended {
    pub plan: PlanId,
    pub run: u64,
    pub clips: Vec<ClipId>,
    pub sha256: Digest,
    pub size: u64,
    /// Where custody entries say that it lies: `vault`, `mirror`.
    pub copies: Vec<String>,
    /// With this one, in this run.
    pub run_clips: u64,
    pub run_bytes: u64,
    /// The newest word that the clock is right (`clock.trusted`); absent: written before one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<u64>,
}

/// An intent that removed nothing, or not everything: the clips are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DisposalKept {
    pub intent: u64,
    pub plan: PlanId,
    pub clips: Vec<ClipId>,
    pub sha256: Digest,
    /// Where it still lies.
    pub left: Vec<String>,
    pub reason: String,
}

/// The tombstone: these clips are gone, by that plan. It stays for ever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClipDisposed {
    pub intent: u64,
    pub plan: PlanId,
    pub clips: Vec<ClipId>,
    pub sha256: Digest,
    pub size: u64,
    pub gone_from: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckKind {
    /// 抽查, of use and footage.
    Spot,
    /// 回放检查, of footage used as evidence.
    Playback,
}

impl CheckKind {
    pub fn as_str(self) -> &'static str {
        match self {
            CheckKind::Spot => "spot",
            CheckKind::Playback => "playback",
        }
    }
}

/// A spot check is announced: out of which clips, how many, and the size of the chain whose root draws.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckAnnounced {
    pub kind: CheckKind,
    /// Clips of the entries `from <= n < to`, all before this one.
    pub from: u64,
    pub to: u64,
    /// Only those of this class as of this entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    pub count: u32,
    /// The root of the tree of so many entries is the seed; nobody knows it yet.
    pub at_size: u64,
}

/// The clips it fell on, in the order of their scores.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckDrawn {
    pub check: CheckId,
    /// The root of the tree of `at_size` entries, hexadecimal.
    pub root: Digest,
    pub clips: Vec<ClipId>,
}

/// What the auditor saw (S29–S31).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckAnswered {
    pub check: CheckId,
    pub clip: ClipId,
    pub answers: BTreeMap<Item, Answer>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<String>,
}

/// What was done about a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckCorrected {
    pub check: CheckId,
    pub clip: ClipId,
    pub text: String,
}

/// The result goes into appraisal (002/A6-§25).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckClosed {
    pub check: CheckId,
    pub appraisal: String,
}

/// A disc or medium was burnt for long-term keeping (002/A6-§24).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MediumBurnt {
    pub label: String,
    pub kind: MediumKind,
    pub place: String,
    /// SHA-256 of what is on it, as whoever burnt it computed it: the image, or the list of its files.
    pub digest: Digest,
    pub clips: Vec<ClipId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<HoldId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MediumReadBack {
    pub medium: MediumId,
    /// What it reads as now.
    pub digest: Digest,
    pub equal: bool,
    /// Where it is kept now.
    pub place: String,
}
