//! Commands about keeping, disposal, spot checks and burnt media.

use super::event::CheckKind;
use super::permit::Audited;
use super::plan::PlanSheet;
use crate::id::{CheckId, ClipId, HoldId, MediumId, PlanId};
use sealdock_chain::digest::Digest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Commands that remove or prepare a removal cannot be read from a message: the station makes them, after
/// it has walked the whole chain.
#[derive(Debug, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case")]
pub enum Command {
    Class {
        clips: Vec<ClipId>,
        class: String,
        reason: String,
    },
    /// The unit head says that the station's clock is right now.
    TrustClock {
        reason: String,
    },
    RequestHold {
        clips: Vec<ClipId>,
        ground: Ground,
        reason: String,
    },
    /// Answers the request for a hold, or the one for its release.
    ApproveHold {
        hold: HoldId,
    },
    RefuseHold {
        hold: HoldId,
        reason: String,
    },
    RequestRelease {
        hold: HoldId,
        reason: String,
    },
    /// Clips leave a plan; without any, all that are left in it.
    Withdraw {
        plan: PlanId,
        clips: Vec<ClipId>,
        reason: String,
    },
    AnnounceCheck {
        kind: CheckKind,
        /// Clips of entries from here …
        from: u64,
        /// … to before here.
        to: u64,
        class: Option<String>,
        count: u32,
        at_size: u64,
    },
    AnswerCheck {
        check: CheckId,
        clip: ClipId,
        answers: BTreeMap<Item, Answer>,
        finding: Option<String>,
    },
    CorrectCheck {
        check: CheckId,
        clip: ClipId,
        text: String,
    },
    CloseCheck {
        check: CheckId,
        appraisal: String,
    },
    BurnMedium {
        label: String,
        kind: MediumKind,
        place: String,
        digest: Digest,
        clips: Vec<ClipId>,
        hold: Option<HoldId>,
    },
    ReadBackMedium {
        medium: MediumId,
        digest: Digest,
        place: Option<String>,
    },
    /// The unit head says that the copy that a drill left is gone.
    RemoveDrill {
        drill: u64,
        reason: String,
    },
    /// The caller looked at both places, and writes the first byte only after this.
    #[serde(skip)]
    BeginDrill(super::drill::DrillBegun),
    #[serde(skip)]
    CompleteDrill(super::drill::DrillCompleted),
    /// The caller made the check.
    #[serde(skip)]
    EnterCheck(super::examined::StationChecked),
    #[serde(skip)]
    Plan {
        audited: Audited,
        /// The object in the vault that holds it.
        object: Digest,
        sheet: Box<PlanSheet>,
    },
    #[serde(skip)]
    Approve {
        audited: Audited,
        plan: PlanId,
        /// The digest that the approver read.
        object: Digest,
    },
    #[serde(skip)]
    Begin {
        audited: Audited,
        plan: PlanId,
    },
    /// The content of this clip, with everything asked anew: an intent, or the clip leaves the plan.
    #[serde(skip)]
    Intend {
        run: u64,
        clip: ClipId,
    },
    #[serde(skip)]
    Settle {
        intent: u64,
        part: Part,
    },
    /// The root of the tree at the announced size, as the station computed it.
    #[serde(skip)]
    DrawCheck {
        check: CheckId,
        root: Digest,
    },
}

/// What became of a removal.
#[derive(Debug)]
pub enum Part {
    /// Gone from every place it lay in.
    Gone { from: Vec<String> },
    /// Still in these places, and why.
    Left { places: Vec<String>, reason: String },
}

/// Why a clip is held (002/A6-§24).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ground {
    /// (1) A party objects or petitions.
    Objection,
    /// (2) A party evades, refuses, obstructs, insults or assaults.
    Obstruction,
    /// (3) Hearing, reconsideration, litigation.
    Proceedings,
    /// (4) Other important circumstances.
    Important,
}

impl Ground {
    pub const ALL: [Ground; 4] =
        [Ground::Objection, Ground::Obstruction, Ground::Proceedings, Ground::Important];

    pub fn as_str(self) -> &'static str {
        match self {
            Ground::Objection => "objection",
            Ground::Obstruction => "obstruction",
            Ground::Proceedings => "proceedings",
            Ground::Important => "important",
        }
    }
}

/// What only a viewer can answer (S29–S31).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Item {
    /// 002/A6-§9: on the left shoulder or chest, or held by hand.
    Worn,
    /// 002/A6-§10: the party was told that recording takes place.
    Told,
    /// 002/A6-§11: manners and procedure.
    Manners,
    /// 002/A6-§12: scene, parties, objects, measures, service of documents.
    Recorded,
    /// 002/A6-§15: ended only after the party checked and signed.
    Signed,
    /// 002/A6-§15: the end was announced before switching off.
    Announced,
}

impl Item {
    pub const ALL: [Item; 6] =
        [Item::Worn, Item::Told, Item::Manners, Item::Recorded, Item::Signed, Item::Announced];

    pub fn as_str(self) -> &'static str {
        match self {
            Item::Worn => "worn",
            Item::Told => "told",
            Item::Manners => "manners",
            Item::Recorded => "recorded",
            Item::Signed => "signed",
            Item::Announced => "announced",
        }
    }

    /// As the sheet says it (002/A6-§9 to §12, §15).
    pub fn chinese(self) -> &'static str {
        match self {
            Item::Worn => "规范佩戴",
            Item::Told => "告知当事人",
            Item::Manners => "用语规范",
            Item::Recorded => "全程记录",
            Item::Signed => "核对签字后停止",
            Item::Announced => "结束前说明",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    Yes,
    No,
    /// The footage does not show it.
    Unclear,
    /// There was nothing to do.
    NotApplicable,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MediumKind {
    /// 光盘
    Disc,
    /// 移动储存介质
    Removable,
}

impl MediumKind {
    pub fn as_str(self) -> &'static str {
        match self {
            MediumKind::Disc => "disc",
            MediumKind::Removable => "removable",
        }
    }
}
