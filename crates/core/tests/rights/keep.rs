//! Cases of keeping, disposal, spot checks and burnt media. Footage is o1's, of department d1, unless it is
//! said otherwise.

use crate::Case;
use crate::unit::Unit;
use sealdock_core::Digest;
use sealdock_core::actor::ActorRecord;
use sealdock_core::command::Command;
use sealdock_core::event::{Event, PinRefused};
use sealdock_core::id::{CheckId, ClipId, HoldId, MediumId, PlanId};
use sealdock_core::keep::{
    Answer, Audited, CheckKind, Command as Do, Disk, DrillBegun, DrillCompleted, Ground, Item,
    Line, MediumKind, Outcome, Part, PlanSheet, StationChecked, kept,
};
use sealdock_core::ports::LedgerReport;
use std::collections::BTreeMap;

const REASON: &str = "said so";

fn say(command: Do) -> Command {
    Command::Keep(command)
}

/// Done by whoever may; the number of the entry.
fn does(unit: &mut Unit, who: &str, command: Do) -> u64 {
    unit.act(&crate::actor(who), say(command)).unwrap()
}

fn clip(unit: &mut Unit) -> ClipId {
    unit.clip(Some("o1"))
}

fn class(clip: ClipId, class: &str) -> Do {
    Do::Class { clips: vec![clip], class: class.to_owned(), reason: REASON.to_owned() }
}

/// A clip to which h1 gave a class.
fn classed(unit: &mut Unit, name: &str) -> ClipId {
    let clip = clip(unit);
    does(unit, "h1", class(clip, name));
    clip
}

/// A hold that o1 asked for, of a clip of o1.
fn hold(unit: &mut Unit) -> HoldId {
    let clips = vec![clip(unit)];
    let command = Do::RequestHold { clips, ground: Ground::Objection, reason: REASON.to_owned() };
    HoldId(does(unit, "c1", command))
}

/// A hold that stands, and whose release c1 asked for.
fn release(unit: &mut Unit) -> HoldId {
    let hold = hold(unit);
    does(unit, "h1", Do::ApproveHold { hold });
    does(unit, "c1", Do::RequestRelease { hold, reason: REASON.to_owned() });
    hold
}

fn refuse(hold: HoldId) -> Command {
    say(Do::RefuseHold { hold, reason: REASON.to_owned() })
}

fn audited() -> Audited {
    Audited::of(&LedgerReport::default()).unwrap()
}

/// Some time later. A station that is silent for more than a month has a clock in doubt.
fn later(unit: &mut Unit, months: u32) {
    for _ in 0..months {
        unit.pass(30);
        let person = "o2".parse().unwrap();
        unit.write(ActorRecord::System, Event::PinRefused(PinRefused { person }));
    }
}

/// A clip that may go, in an archive that is large enough for one to go a day.
fn due(unit: &mut Unit) -> ClipId {
    let clip = classed(unit, "ordinary");
    for _ in 0..200 {
        unit.clip(Some("o2"));
    }
    does(unit, "u1", Do::TrustClock { reason: REASON.to_owned() });
    later(unit, 7);
    clip
}

fn sheet(unit: &Unit, clip: ClipId) -> PlanSheet {
    let kept = kept(&unit.tables, clip).unwrap().unwrap();
    let line = Line {
        clip,
        sha256: kept.sha256,
        size: kept.size,
        name: "a.mp4".to_owned(),
        officer: None,
        recorder: None,
        stored: "then".to_owned(),
        since: "then".to_owned(),
        class: kept.class.unwrap_or_default(),
        due: "now".to_owned(),
    };
    PlanSheet::new("test.example/s1", vec![line])
}

fn plan(unit: &Unit, clip: ClipId) -> Do {
    let sheet = sheet(unit, clip);
    let object = Digest::of(&sheet.encode());
    Do::Plan { audited: audited(), object, sheet: Box::new(sheet) }
}

/// A plan that c1 made.
fn planned(unit: &mut Unit) -> (PlanId, ClipId, Digest) {
    let clip = due(unit);
    let object = Digest::of(&sheet(unit, clip).encode());
    let command = plan(unit, clip);
    (PlanId(does(unit, "c1", command)), clip, object)
}

fn approve((plan, _, object): (PlanId, ClipId, Digest)) -> Do {
    Do::Approve { audited: audited(), plan, object }
}

/// A plan that u1 approved, its quarantine over.
fn ready(unit: &mut Unit) -> (PlanId, ClipId) {
    let made = planned(unit);
    does(unit, "u1", approve(made));
    later(unit, 2);
    (made.0, made.1)
}

/// A run that c1 began.
fn begun(unit: &mut Unit) -> (u64, ClipId) {
    let (plan, clip) = ready(unit);
    (does(unit, "c1", Do::Begin { audited: audited(), plan }), clip)
}

fn announce(unit: &Unit) -> Do {
    Do::AnnounceCheck {
        kind: CheckKind::Spot,
        from: 0,
        to: unit.seq,
        class: None,
        count: 1,
        at_size: unit.seq + 17,
    }
}

/// A check that a1 announced, and the chain has grown.
fn announced(unit: &mut Unit) -> CheckId {
    clip(unit);
    let command = announce(unit);
    let check = CheckId(does(unit, "a1", command));
    for _ in 0..17 {
        unit.clip(Some("o2"));
    }
    check
}

/// A check that fell on the one clip there was.
fn drawn(unit: &mut Unit) -> (CheckId, ClipId) {
    let (first, check) = (ClipId(unit.seq), announced(unit));
    does(unit, "a1", Do::DrawCheck { check, root: Digest::of(b"root") });
    (check, first)
}

fn answers() -> BTreeMap<Item, Answer> {
    Item::ALL.into_iter().map(|item| (item, Answer::No)).collect()
}

fn answer(check: CheckId, clip: ClipId) -> Do {
    Do::AnswerCheck { check, clip, answers: answers(), finding: Some(REASON.to_owned()) }
}

/// A medium with a clip that h1 holds for long.
fn burn(unit: &mut Unit) -> Do {
    let hold = hold(unit);
    does(unit, "h1", Do::ApproveHold { hold });
    burnt_for(ClipId(hold.0 - 1), Some(hold))
}

fn burnt_for(clip: ClipId, hold: Option<HoldId>) -> Do {
    Do::BurnMedium {
        label: "disc 7".to_owned(),
        kind: MediumKind::Disc,
        place: "archive".to_owned(),
        digest: Digest::of(b"disc"),
        clips: vec![clip],
        hold,
    }
}

fn checked(findings: u64, report: Option<Digest>) -> Do {
    Do::EnterCheck(StationChecked {
        deep: true,
        entries: 40,
        clips: 2,
        files: 6,
        bytes: 1 << 20,
        findings,
        report,
    })
}

fn drill(keep: bool) -> Do {
    Do::BeginDrill(DrillBegun {
        from: "/mnt/second".to_owned(),
        to: "/mnt/spare".to_owned(),
        fs: "ext4".to_owned(),
        disk: Disk::Other,
        without_database: true,
        keep,
    })
}

/// A drill that u1 began.
fn drilling(unit: &mut Unit) -> u64 {
    does(unit, "u1", drill(true))
}

fn drilled(drill: u64, left: Option<&str>) -> Do {
    Do::CompleteDrill(DrillCompleted {
        drill,
        outcome: Outcome::Whole,
        entries: 1,
        clips: 1,
        files: 1,
        findings: 0,
        report: None,
        left: left.map(str::to_owned),
    })
}

macro_rules! case {
    ($command:literal, $state:literal, $make:expr) => {
        Case { command: concat!("keep ", $command), state: $state, make: $make }
    };
}

pub const CASES: &[Case] = &[
    case!("class", "no class, to ordinary", |u| {
        let clip = clip(u);
        say(class(clip, "ordinary"))
    }),
    case!("class", "no class, to evidence", |u| {
        let clip = clip(u);
        say(class(clip, "evidence"))
    }),
    case!("class", "ordinary, to evidence", |u| {
        let clip = classed(u, "ordinary");
        say(class(clip, "evidence"))
    }),
    case!("class", "evidence by c1, to ordinary", |u| {
        let clip = clip(u);
        does(u, "c1", class(clip, "evidence"));
        say(class(clip, "ordinary"))
    }),
    case!("class", "evidence by h1, to ordinary", |u| {
        let clip = classed(u, "evidence");
        say(class(clip, "ordinary"))
    }),
    case!("class", "footage of an officer of d2, to ordinary", |u| {
        let clip = u.clip(Some("v2"));
        say(class(clip, "ordinary"))
    }),
    case!("trust-clock", "any", |_| say(Do::TrustClock { reason: REASON.to_owned() })),
    case!("request-hold", "o1's", |u| {
        let clips = vec![clip(u)];
        let reason = REASON.to_owned();
        say(Do::RequestHold { clips, ground: Ground::Proceedings, reason })
    }),
    case!("approve-hold", "c1 asks", |u| say(Do::ApproveHold { hold: hold(u) })),
    case!("approve-hold", "h1 asks", |u| {
        let clips = vec![clip(u)];
        let reason = REASON.to_owned();
        let command = Do::RequestHold { clips, ground: Ground::Important, reason };
        say(Do::ApproveHold { hold: HoldId(does(u, "h1", command)) })
    }),
    case!("approve-hold", "c1 asks, everybody's PIN was given by another", |u| {
        let hold = hold(u);
        u.lend_pins();
        say(Do::ApproveHold { hold })
    }),
    case!("approve-hold", "c1 asks for its release", |u| {
        say(Do::ApproveHold { hold: release(u) })
    }),
    case!("approve-hold", "none", |_| say(Do::ApproveHold { hold: HoldId(0) })),
    case!("refuse-hold", "c1 asks", |u| refuse(hold(u))),
    case!("refuse-hold", "c1 asks for its release", |u| refuse(release(u))),
    case!("request-release", "in force", |u| {
        let hold = hold(u);
        does(u, "h1", Do::ApproveHold { hold });
        say(Do::RequestRelease { hold, reason: REASON.to_owned() })
    }),
    case!("request-release", "not approved yet", |u| {
        say(Do::RequestRelease { hold: hold(u), reason: REASON.to_owned() })
    }),
    case!("plan", "due", |u| {
        let clip = due(u);
        say(plan(u, clip))
    }),
    case!("plan", "not due", |u| {
        let clip = classed(u, "ordinary");
        say(plan(u, clip))
    }),
    case!("approve", "planned by c1", |u| say(approve(planned(u)))),
    case!("approve", "planned by c1, another digest", |u| {
        let (plan, clip, _) = planned(u);
        say(approve((plan, clip, Digest::of(b"another"))))
    }),
    case!("approve", "planned by u1, who is a clerk as well", |u| {
        u.appoint("u1", sealdock_core::actor::Role::Clerk, None, None);
        let clip = due(u);
        // Whoever plans does not answer for the clock: another head of the unit did, and is none any more.
        let head = u.appoint("n1", sealdock_core::actor::Role::UnitHead, None, None);
        does(u, "n1", Do::TrustClock { reason: REASON.to_owned() });
        u.end(head);
        let object = Digest::of(&sheet(u, clip).encode());
        let command = plan(u, clip);
        say(approve((PlanId(does(u, "u1", command)), clip, object)))
    }),
    case!("withdraw", "planned", |u| {
        let (plan, clip, _) = planned(u);
        say(Do::Withdraw { plan, clips: vec![clip], reason: REASON.to_owned() })
    }),
    case!("begin", "approved, quarantine over", |u| {
        let (plan, _) = ready(u);
        say(Do::Begin { audited: audited(), plan })
    }),
    case!("begin", "approved, quarantine over, everybody's PIN was given by another", |u| {
        let (plan, _) = ready(u);
        u.lend_pins();
        say(Do::Begin { audited: audited(), plan })
    }),
    case!("begin", "approved, in quarantine", |u| {
        let made = planned(u);
        does(u, "u1", approve(made));
        say(Do::Begin { audited: audited(), plan: made.0 })
    }),
    case!("intend", "begun", |u| {
        let (run, clip) = begun(u);
        say(Do::Intend { run, clip })
    }),
    case!("settle", "intended", |u| {
        let (run, clip) = begun(u);
        let intent = does(u, "sys", Do::Intend { run, clip });
        say(Do::Settle { intent, part: Part::Gone { from: vec!["vault".to_owned()] } })
    }),
    case!("announce-check", "clips of before", |u| {
        clip(u);
        say(announce(u))
    }),
    case!("draw-check", "announced, the chain has grown", |u| {
        say(Do::DrawCheck { check: announced(u), root: Digest::of(b"root") })
    }),
    case!("answer-check", "drawn, o1's", |u| {
        let (check, clip) = drawn(u);
        say(answer(check, clip))
    }),
    case!("correct-check", "answered with a finding, o1's", |u| {
        let (check, clip) = drawn(u);
        does(u, "a1", answer(check, clip));
        say(Do::CorrectCheck { check, clip, text: REASON.to_owned() })
    }),
    case!("close-check", "answered and corrected", |u| {
        let (check, clip) = drawn(u);
        does(u, "a1", answer(check, clip));
        does(u, "h1", Do::CorrectCheck { check, clip, text: REASON.to_owned() });
        say(Do::CloseCheck { check, appraisal: REASON.to_owned() })
    }),
    case!("close-check", "not answered", |u| {
        let (check, _) = drawn(u);
        say(Do::CloseCheck { check, appraisal: REASON.to_owned() })
    }),
    case!("burn-medium", "a clip of o1, for a hold of it", |u| say(burn(u))),
    case!("burn-medium", "a clip of o1, for no hold", |u| {
        let clip = clip(u);
        say(burnt_for(clip, None))
    }),
    case!("read-back-medium", "burnt by c1", |u| {
        let command = burn(u);
        let medium = MediumId(does(u, "c1", command));
        say(Do::ReadBackMedium { medium, digest: Digest::of(b"disc"), place: None })
    }),
    case!("read-back-medium", "none", |_| {
        let (medium, digest) = (MediumId(0), Digest::of(b"disc"));
        say(Do::ReadBackMedium { medium, digest, place: None })
    }),
    case!("begin-drill", "with a second copy", |_| say(drill(false))),
    case!("complete-drill", "begun", |u| {
        let drill = drilling(u);
        say(drilled(drill, None))
    }),
    case!("complete-drill", "over", |u| {
        let drill = drilling(u);
        does(u, "sys", drilled(drill, None));
        say(drilled(drill, None))
    }),
    case!("enter-check", "nothing found", |_| say(checked(0, None))),
    case!("enter-check", "findings without their digest", |_| say(checked(2, None))),
    case!("remove-drill", "begun and cut off", |u| {
        let drill = drilling(u);
        say(Do::RemoveDrill { drill, reason: REASON.to_owned() })
    }),
    case!("remove-drill", "over, and a copy was left", |u| {
        let drill = drilling(u);
        does(u, "sys", drilled(drill, Some("/mnt/spare")));
        say(Do::RemoveDrill { drill, reason: REASON.to_owned() })
    }),
    case!("remove-drill", "over, and nothing was left", |u| {
        let drill = drilling(u);
        does(u, "sys", drilled(drill, None));
        say(Do::RemoveDrill { drill, reason: REASON.to_owned() })
    }),
];
