//! Keeping as it is typed: classes, holds, disposal, spot checks, burnt media.

use super::args::As;
use super::verbs::{by, plain};
use crate::exit::CliError;
use crate::request::{Keep, Order, Request};
use clap::{Subcommand, ValueEnum};
use sealdock_chain::Digest;
use sealdock_core::id::{CheckId, ClipId, HoldId, MediumId, PlanId};
use serde_json::{Value, json};

#[derive(Debug, Subcommand)]
pub enum Clock {
    /// The unit head says that the station's clock is right now
    Trust {
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        by: As,
    },
}

/// Why a clip is held (002/A6-§24)
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Ground {
    /// (1) a party objects or petitions
    Objection,
    /// (2) a party evades, refuses, obstructs, insults or assaults
    Obstruction,
    /// (3) hearing, reconsideration, litigation
    Proceedings,
    /// (4) other important circumstances
    Important,
}

#[derive(Debug, Subcommand)]
pub enum Hold {
    /// Long-term keeping is asked for (002/A6-§24); it holds from now on
    Request {
        #[arg(required = true)]
        clips: Vec<ClipId>,
        #[arg(long, value_enum)]
        ground: Ground,
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        by: As,
    },
    /// The department head approves a hold, or its release
    Approve {
        hold: HoldId,
        #[command(flatten)]
        by: As,
    },
    /// The department head refuses a hold, or its release
    Refuse {
        hold: HoldId,
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        by: As,
    },
    /// Asks for the release of a hold; `hold approve` releases it
    Release {
        hold: HoldId,
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        by: As,
    },
    List,
}

#[derive(Debug, Subcommand)]
pub enum Dispose {
    /// What a plan made now would hold, and what stays and why; nothing comes of looking
    Due,
    /// The clerk plans the disposal of everything that is due and that nothing speaks against
    Plan {
        #[command(flatten)]
        by: As,
    },
    /// The exact list of a plan and its digest
    Show {
        plan: PlanId,
    },
    /// The unit head, another person, approves the plan with this digest; 30 days of quarantine begin
    Approve {
        plan: PlanId,
        /// The digest that `dispose show` printed
        #[arg(long, value_name = "SHA256")]
        digest: Digest,
        #[command(flatten)]
        by: As,
    },
    /// Clips leave a plan; without CLIPS all that wait in it
    Withdraw {
        plan: PlanId,
        clips: Vec<ClipId>,
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        by: As,
    },
    /// Carries out an approved plan, as far as quarantine and brake let it
    Run {
        plan: PlanId,
        #[command(flatten)]
        by: As,
    },
    List,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum CheckKind {
    /// 抽查, of use and footage
    Spot,
    /// 回放检查, of footage used as evidence
    Playback,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Seen {
    Yes,
    No,
    /// The footage does not show it
    Unclear,
    /// There was nothing to do
    NotApplicable,
}

impl Seen {
    fn as_str(self) -> &'static str {
        match self {
            Seen::Yes => "yes",
            Seen::No => "no",
            Seen::Unclear => "unclear",
            Seen::NotApplicable => "not-applicable",
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum Spotcheck {
    /// The auditor announces a check; the root of the chain at a size to come draws it
    Announce {
        #[arg(long, value_enum, default_value = "spot")]
        kind: CheckKind,
        /// How many clips it falls on
        #[arg(long, value_name = "N")]
        count: u32,
        /// Clips from this entry on
        #[arg(long, value_name = "ENTRY", default_value_t = 0)]
        from: u64,
        /// Clips before this entry; without it all there are
        #[arg(long, value_name = "ENTRY")]
        to: Option<u64>,
        /// Only clips of this class
        #[arg(long, value_name = "CLASS")]
        class: Option<String>,
        /// Size of the chain whose root draws; without it 32 entries from now
        #[arg(long, value_name = "ENTRIES")]
        at_size: Option<u64>,
        #[command(flatten)]
        by: As,
    },
    /// Draws it, once the chain is that long
    Draw {
        check: CheckId,
        #[command(flatten)]
        by: As,
    },
    /// What the auditor saw on one clip
    Answer {
        check: CheckId,
        clip: ClipId,
        /// Worn on the left shoulder or chest, or held by hand (002/A6-§9)
        #[arg(long, value_enum)]
        worn: Seen,
        /// The party was told of the recording (002/A6-§10)
        #[arg(long, value_enum)]
        told: Seen,
        /// Manners and procedure (002/A6-§11)
        #[arg(long, value_enum)]
        manners: Seen,
        /// What is to be recorded was recorded (002/A6-§12)
        #[arg(long, value_enum)]
        recorded: Seen,
        /// Ended only after the party checked and signed (002/A6-§15)
        #[arg(long, value_enum)]
        signed: Seen,
        /// The end was announced (002/A6-§15)
        #[arg(long, value_enum)]
        announced: Seen,
        /// What was found; needed where an item is answered with no
        #[arg(long, value_name = "TEXT")]
        finding: Option<String>,
        #[command(flatten)]
        by: As,
    },
    /// The department head says what was done about a finding
    Correct {
        check: CheckId,
        clip: ClipId,
        #[arg(long, value_name = "TEXT")]
        text: String,
        #[command(flatten)]
        by: As,
    },
    /// All is answered and corrected: the result goes into appraisal (002/A6-§25)
    Close {
        check: CheckId,
        #[arg(long, value_name = "TEXT")]
        appraisal: String,
        #[command(flatten)]
        by: As,
    },
    /// All checks, or the clips of one
    List { check: Option<CheckId> },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum MediumKind {
    Disc,
    Removable,
}

#[derive(Debug, Subcommand)]
pub enum Medium {
    /// A disc or medium was burnt for long-term keeping (002/A6-§24)
    Burnt {
        #[arg(required = true)]
        clips: Vec<ClipId>,
        /// What is written on it
        #[arg(long, value_name = "TEXT")]
        label: String,
        #[arg(long, value_enum)]
        kind: MediumKind,
        /// Where it is kept
        #[arg(long, value_name = "TEXT")]
        place: String,
        /// SHA-256 of its image, or of the list of its files
        #[arg(long, value_name = "SHA256")]
        digest: Digest,
        /// The approved hold that names every clip on it; none is burnt without
        #[arg(long, value_name = "K")]
        hold: Option<HoldId>,
        #[command(flatten)]
        by: As,
    },
    /// It was read back, and reads as this
    ReadBack {
        medium: MediumId,
        #[arg(long, value_name = "SHA256")]
        digest: Digest,
        /// Where it is kept now
        #[arg(long, value_name = "TEXT")]
        place: Option<String>,
        #[command(flatten)]
        by: As,
    },
    List,
}

fn act(person: As, mut command: Value) -> Result<Order, CliError> {
    command["command"] = json!("keep");
    by(person, Request::Apply { command })
}

/// `clip class`.
pub fn class(
    clips: Vec<ClipId>,
    class: String,
    (reason, person): (String, As),
) -> Result<Order, CliError> {
    act(person, json!({ "act": "class", "clips": clips, "class": class, "reason": reason }))
}

pub fn clock(verb: Clock) -> Result<Order, CliError> {
    let Clock::Trust { reason, by: person } = verb;
    act(person, json!({ "act": "trust-clock", "reason": reason }))
}

pub fn hold(verb: Hold) -> Result<Order, CliError> {
    match verb {
        Hold::Request { clips, ground, reason, by: person } => {
            let ground = ground.to_possible_value().map(|v| v.get_name().to_owned());
            let command = json!({
                "act": "request-hold", "clips": clips, "ground": ground, "reason": reason,
            });
            act(person, command)
        }
        Hold::Approve { hold, by: person } => {
            act(person, json!({ "act": "approve-hold", "hold": hold }))
        }
        Hold::Refuse { hold, reason, by: person } => {
            act(person, json!({ "act": "refuse-hold", "hold": hold, "reason": reason }))
        }
        Hold::Release { hold, reason, by: person } => {
            act(person, json!({ "act": "request-release", "hold": hold, "reason": reason }))
        }
        Hold::List => plain(Request::Keep(Keep::HoldList)),
    }
}

pub fn dispose(verb: Dispose) -> Result<Order, CliError> {
    match verb {
        Dispose::Due => plain(Request::Keep(Keep::DisposeDue)),
        Dispose::Plan { by: person } => by(person, Request::Keep(Keep::DisposePlan)),
        Dispose::Show { plan } => plain(Request::Keep(Keep::DisposeShow { plan })),
        Dispose::Approve { plan, digest, by: person } => {
            by(person, Request::Keep(Keep::DisposeApprove { plan, digest }))
        }
        Dispose::Withdraw { plan, clips, reason, by: person } => act(
            person,
            json!({ "act": "withdraw", "plan": plan, "clips": clips, "reason": reason }),
        ),
        Dispose::Run { plan, by: person } => by(person, Request::Keep(Keep::DisposeRun { plan })),
        Dispose::List => plain(Request::Keep(Keep::DisposeList)),
    }
}

pub fn spotcheck(verb: Spotcheck) -> Result<Order, CliError> {
    match verb {
        Spotcheck::Announce { kind, count, from, to, class, at_size, by: person } => {
            let kind = match kind {
                CheckKind::Spot => sealdock_core::keep::CheckKind::Spot,
                CheckKind::Playback => sealdock_core::keep::CheckKind::Playback,
            };
            let announce = Keep::SpotcheckAnnounce { kind, count, from, to, class, at_size };
            by(person, Request::Keep(announce))
        }
        Spotcheck::Draw { check, by: person } => {
            by(person, Request::Keep(Keep::SpotcheckDraw { check }))
        }
        Spotcheck::Answer {
            check,
            clip,
            worn,
            told,
            manners,
            recorded,
            signed,
            announced,
            finding,
            by: person,
        } => {
            let answers = json!({
                "worn": worn.as_str(), "told": told.as_str(), "manners": manners.as_str(),
                "recorded": recorded.as_str(), "signed": signed.as_str(),
                "announced": announced.as_str(),
            });
            let command = json!({
                "act": "answer-check", "check": check, "clip": clip, "answers": answers,
                "finding": finding,
            });
            act(person, command)
        }
        Spotcheck::Correct { check, clip, text, by: person } => act(
            person,
            json!({ "act": "correct-check", "check": check, "clip": clip, "text": text }),
        ),
        Spotcheck::Close { check, appraisal, by: person } => {
            act(person, json!({ "act": "close-check", "check": check, "appraisal": appraisal }))
        }
        Spotcheck::List { check } => plain(Request::Keep(Keep::SpotcheckList { check })),
    }
}

pub fn medium(verb: Medium) -> Result<Order, CliError> {
    match verb {
        Medium::Burnt { clips, label, kind, place, digest, hold, by: person } => {
            let kind = match kind {
                MediumKind::Disc => "disc",
                MediumKind::Removable => "removable",
            };
            let command = json!({
                "act": "burn-medium", "clips": clips, "label": label, "kind": kind, "place": place,
                "digest": digest, "hold": hold,
            });
            act(person, command)
        }
        Medium::ReadBack { medium, digest, place, by: person } => act(
            person,
            json!({ "act": "read-back-medium", "medium": medium, "digest": digest, "place": place }),
        ),
        Medium::List => plain(Request::Keep(Keep::MediumList)),
    }
}
