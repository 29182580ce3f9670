//! Classes and periods (S14, S15), holds (S15) and the station's clock, on values.
#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

#[path = "common/unit.rs"]
mod unit;

use sealdock_core::actor::{ActorRecord, Role};
use sealdock_core::command::Command as Any;
use sealdock_core::duty;
use sealdock_core::id::{ClipId, HoldId};
use sealdock_core::keep::{Command, Ground, HOLD, KEPT};
use sealdock_core::policy::DEFAULT_POLICY;
use sealdock_core::time::{DAY_MS, Stamp, WallMs};
use unit::{Unit, operator, person};

fn hold(clips: &[ClipId]) -> Command {
    Command::RequestHold { clips: clips.to_vec(), ground: Ground::Objection, reason: "r".into() }
}

fn asked(unit: &mut Unit, id: &str, clips: &[ClipId]) -> HoldId {
    let hold_seq = unit.seq;
    unit.by(id, hold(clips)).unwrap();
    HoldId(hold_seq)
}

fn because(unit: &Unit, clip: ClipId) -> String {
    unit.against(clip).join("; ")
}

/// S14: stored by class.
#[test]
fn unclassified_is_kept_and_a_class_runs_from_custody() {
    let mut unit = Unit::new();
    let clip = unit.clip(Some("o1"), "one");
    unit.days(5000);
    assert_eq!(because(&unit, clip), "it has no class, and is kept until it has one");
    let other = unit.clip(Some("o1"), "two");
    for clip in [clip, other] {
        unit.class("c1", clip, "ordinary").unwrap();
    }
    assert_eq!(unit.against(clip), Vec::<String>::new());
    assert!(because(&unit, other).starts_with("its class ordinary is kept until 2040-"));
    unit.pass(184 * DAY_MS - 1);
    assert_eq!(unit.against(other).len(), 1, "a millisecond is left");
    unit.pass(1);
    assert_eq!(unit.against(other), Vec::<String>::new());
    for class in ["evidence", "obstruction", "major-incident"] {
        unit.class("c1", other, class).unwrap();
        assert_eq!(because(&unit, other), format!("its class {class} is kept permanently"));
    }
}

#[test]
fn who_may_give_a_first_class() {
    let mut unit = Unit::new();
    let clip = unit.clip(Some("o1"), "one");
    for (id, says) in [
        ("o1", "is footage of whoever acts"),
        ("o2", "is for the clerk (管理员) or the department head"),
        ("dh2", "is for the clerk (管理员) or the department head"),
        ("uh", "is for the clerk"),
        ("lh", "is for the clerk"),
        ("op", "is for the clerk"),
    ] {
        let mut unit = unit.clone();
        let why = unit.class(id, clip, "ordinary").unwrap_err();
        assert!(why.contains(says), "{id}: {why}");
    }
    for id in ["c1", "c2", "dh"] {
        unit.clone().class(id, clip, "ordinary").unwrap();
    }
    for id in ["o1", "c1", "dh", "lh"] {
        unit.clone().class(id, clip, "evidence").unwrap();
    }
    for id in ["o2", "o3", "dh2", "a1", "op", "uh"] {
        let why = unit.clone().class(id, clip, "evidence").unwrap_err();
        assert!(why.contains("is for its officer, the clerk"), "{id}: {why}");
    }
    let why = unit.clone().does(
        &operator(),
        Any::Keep(Command::Class {
            clips: vec![clip],
            class: "ordinary".into(),
            reason: "r".into(),
        }),
    );
    assert!(why.unwrap_err().contains("with their own PIN"));
    // Who is an officer no more says nothing of what was theirs.
    let mut former = unit.clone();
    let held = duty::duties(&former.tables, &"o1".parse().unwrap(), former.at.wall).unwrap();
    let ended = duty::DutyEnded { duty: held[0].duty, reason: "left".into() };
    former.write(&ActorRecord::System, duty::Event::DutyEnded(ended).into());
    let why = former.class("o1", clip, "evidence").unwrap_err();
    assert!(why.contains("is for its officer, the clerk"), "{why}");
    // A clerk who is the officer does not decide on their own footage.
    let own = unit.clip(Some("c1"), "own");
    assert!(unit.class("c1", own, "ordinary").unwrap_err().contains("footage of whoever acts"));
    unit.class("c2", own, "ordinary").unwrap();
}

#[test]
fn a_class_is_shortened_by_the_department_head_alone_and_not_by_who_gave_it() {
    let mut unit = Unit::new();
    let clip = unit.clip(Some("o1"), "one");
    unit.class("c1", clip, "evidence").unwrap();
    for id in ["c1", "c2", "dh2", "uh", "lh"] {
        let why = unit.clone().class(id, clip, "ordinary").unwrap_err();
        assert!(why.contains("only the department head (部门负责人)"), "{id}: {why}");
    }
    unit.clone().class("dh", clip, "ordinary").unwrap();
    let mut own = unit.clone();
    own.class("dh", clip, "obstruction").unwrap();
    let why = own.class("dh", clip, "ordinary").unwrap_err();
    assert!(why.contains("does not also shorten it"), "{why}");
    // The head's own footage.
    let own = unit.clip(Some("dh"), "own");
    unit.class("c1", own, "evidence").unwrap();
    assert!(unit.class("dh", own, "ordinary").unwrap_err().contains("footage of whoever acts"));
}

#[test]
fn classes_that_are_none_and_clips_that_are_none() {
    let mut unit = Unit::new();
    let clip = unit.clip(Some("o1"), "one");
    let why = unit.class("c1", clip, "secret").unwrap_err();
    assert!(why.contains("no class \"secret\"; it has ordinary, evidence"), "{why}");
    assert!(unit.class("c1", ClipId(1), "ordinary").unwrap_err().contains("there is no clip C1"));
    let class = |clips: Vec<ClipId>, reason: &str| Command::Class {
        clips,
        class: "ordinary".into(),
        reason: reason.into(),
    };
    assert!(unit.refused("c1", class(vec![], "r")).contains("1 to 200"));
    assert!(unit.refused("c1", class(vec![clip; 201], "r")).contains("1 to 200"));
    assert!(unit.refused("c1", class(vec![clip; 200], "r")).contains("is named twice"));
    assert!(unit.refused("c1", class(vec![clip, clip], "r")).contains("named twice"));
    assert!(unit.refused("c1", class(vec![clip], " ")).contains("a reason is needed"));
    unit.class("c1", clip, "ordinary").unwrap();
    assert!(unit.class("c1", clip, "ordinary").unwrap_err().contains("of class ordinary already"));
}

/// S14.
#[test]
fn a_policy_can_only_lengthen_what_it_governed() {
    let year = |unit: &mut Unit| unit.adopt_with("days = 184", "days = 365");
    let renamed = DEFAULT_POLICY.replace("id = \"ordinary\"", "id = \"common\"");
    let mut unit = Unit::new();
    let clip = unit.clip(Some("o1"), "one");
    unit.class("c1", clip, "ordinary").unwrap();
    unit.days(200);
    assert_eq!(unit.against(clip), Vec::<String>::new());
    // Lengthened: at once. Shortened again: not for what was classed before.
    year(&mut unit);
    assert!(because(&unit, clip).contains("kept until"));
    unit.adopt(DEFAULT_POLICY);
    assert!(because(&unit, clip).contains("kept until"), "the longest since it was classed");
    unit.days(165);
    assert_eq!(unit.against(clip), Vec::<String>::new(), "365 days are over");
    // Renamed away: permanent, and stays so when the name comes back.
    unit.adopt(&renamed);
    assert!(because(&unit, clip).contains("permanently"));
    unit.adopt(DEFAULT_POLICY);
    assert!(because(&unit, clip).contains("permanently"));
    // The same class again is a shortening now, and asks for the department head.
    assert!(unit.class("c1", clip, "ordinary").unwrap_err().contains("only the department head"));
    unit.class("dh", clip, "ordinary").unwrap();
    assert_eq!(unit.against(clip), Vec::<String>::new());
    // What is classed after a change is under the new period alone.
    year(&mut unit);
    unit.adopt(DEFAULT_POLICY);
    let later = unit.clip(Some("o1"), "later");
    unit.class("c1", later, "ordinary").unwrap();
    unit.days(184);
    assert_eq!(unit.against(later), Vec::<String>::new());
}

#[test]
fn an_unassigned_clip_is_kept() {
    let mut unit = Unit::new();
    let clip = unit.clip(None, "one");
    unit.class("c1", clip, "ordinary").unwrap();
    unit.days(184);
    assert!(because(&unit, clip).contains("it is unassigned"));
}

#[test]
fn a_hold_holds_from_the_request_until_it_is_refused_or_its_release_approved() {
    let mut unit = Unit::new();
    let clip = unit.clip(Some("o1"), "one");
    unit.class("c1", clip, "ordinary").unwrap();
    unit.days(184);
    let k = asked(&mut unit, "o1", &[clip]);
    let held = |unit: &Unit, state: &str| {
        assert_eq!(because(unit, clip), format!("hold {k} (objection, 002/A6-§24) is {state}"));
    };
    held(&unit, "requested");
    let refuse = || Command::RefuseHold { hold: k, reason: "no ground".into() };
    let release = || Command::RequestRelease { hold: k, reason: "settled".into() };
    {
        let mut unit = unit.clone();
        unit.by("dh", refuse()).unwrap();
        assert_eq!(unit.against(clip), Vec::<String>::new());
        assert!(
            unit.refused("dh", Command::ApproveHold { hold: k })
                .contains("is refused, not requested")
        );
        assert!(unit.refused("c1", release()).contains("is refused, not approved"));
    }
    assert!(unit.refused("c1", release()).contains("is requested, not approved"));
    unit.by("dh", Command::ApproveHold { hold: k }).unwrap();
    held(&unit, "approved");
    assert!(
        unit.refused("dh", Command::ApproveHold { hold: k }).contains("is approved, not requested")
    );
    unit.by("c1", release()).unwrap();
    held(&unit, "release-requested");
    {
        let mut unit = unit.clone();
        unit.by("dh", refuse()).unwrap();
        held(&unit, "approved");
        // Asked for again: whoever asked is the applicant now.
        unit.by("dh", release()).unwrap();
        assert!(
            unit.refused("dh", Command::ApproveHold { hold: k }).contains("never the applicant")
        );
    }
    unit.by("dh", Command::ApproveHold { hold: k }).unwrap();
    assert_eq!(unit.against(clip), Vec::<String>::new());
    assert_eq!(unit.tables.rows(&HOLD)[0].text("state"), "released");
}

/// S15: 002/A6-§24.
#[test]
fn who_may_ask_for_and_answer_a_hold() {
    let mut unit = Unit::new();
    let clips = [unit.clip(Some("o1"), "one"), unit.clip(Some("o3"), "two")];
    for id in ["op", "np", "nobody"] {
        let why = unit.refused(id, hold(&clips));
        assert!(why.contains("is for a person of the unit with their own PIN"), "{id}: {why}");
    }
    let why = unit.does(&operator(), Any::Keep(hold(&clips))).unwrap_err();
    assert!(why.contains("is none"), "{why}");
    assert!(unit.refused("o1", hold(&[])).contains("no clip is named"));
    let many = |n: u64| (10_001..=10_000 + n).map(ClipId).collect::<Vec<_>>();
    assert!(unit.refused("o1", hold(&many(1000))).contains("there is no clip"));
    assert!(unit.refused("o1", hold(&many(1001))).contains("1001 clips are named; 1000 at most"));
    assert!(unit.refused("o1", hold(&[clips[0], clips[0]])).contains("named twice"));
    assert!(unit.refused("o1", hold(&vec![clips[0]; 1001])).contains("named twice"));
    assert!(unit.refused("o1", hold(&[ClipId(0)])).contains("there is no clip C0"));
    let both = asked(&mut unit, "a1", &clips);
    for id in ["dh", "dh2", "uh", "c1", "o1"] {
        let why = unit.refused(id, Command::ApproveHold { hold: both });
        assert!(
            why.contains("the department head (部门负责人, 002/A6-§24) of the officer of"),
            "{id}: {why}"
        );
    }
    // A head over the whole unit heads every department, and clips without an officer.
    unit.appoint("lh", sealdock_core::actor::Role::DepartmentHead, None);
    unit.by("lh", Command::ApproveHold { hold: both }).unwrap();
    let nobodys = unit.clip(None, "three");
    let k = asked(&mut unit, "dh", &[nobodys]);
    assert!(unit.refused("dh2", Command::ApproveHold { hold: k }).contains("department head"));
    unit.by("lh", Command::ApproveHold { hold: k }).unwrap();
    // The approver is never the applicant.
    let own = asked(&mut unit, "dh", &clips[..1]);
    assert!(unit.refused("dh", Command::ApproveHold { hold: own }).contains("never the applicant"));
    assert!(
        unit.refused("dh", Command::RefuseHold { hold: own, reason: "r".into() })
            .contains("never the applicant")
    );
    assert!(
        unit.refused("dh", Command::ApproveHold { hold: HoldId(1) })
            .contains("there is no hold K1")
    );
    // Nobody releases a hold on footage of themself.
    let heads = unit.clip(Some("dh"), "four");
    let k = asked(&mut unit, "a1", &[heads]);
    unit.by("dh", Command::ApproveHold { hold: k }).unwrap();
    unit.by("a1", Command::RequestRelease { hold: k, reason: "r".into() }).unwrap();
    assert!(
        unit.refused("dh", Command::ApproveHold { hold: k }).contains("footage of whoever acts")
    );
    unit.by("lh", Command::ApproveHold { hold: k }).unwrap();
}

/// What lets a clip go is not for whose footage it is, nor for who only stands in for them or for the applicant.
#[test]
fn nobody_answers_a_hold_for_themself_or_in_the_place_of_who_asked() {
    let mut unit = Unit::new();
    let refuse = |hold| Command::RefuseHold { hold, reason: "r".into() };
    let heads = unit.clip(Some("dh"), "one");
    let k = asked(&mut unit, "a1", &[heads]);
    assert!(unit.refused("dh", refuse(k)).contains("is footage of whoever acts"));
    unit.deputise("o2", Role::DepartmentHead, (Some("d1"), "dh"));
    assert!(unit.refused("o2", refuse(k)).contains("or of the one they only stand in for"));
    assert!(unit.found(&unit::record("dh"), refused(k)).is_some());
    assert!(unit.found(&unit::record("o2"), refused(k)).is_some());
    unit.appoint("lh", Role::DepartmentHead, None);
    unit.clone().by("lh", refuse(k)).unwrap();
    // A head asks, and their deputy would answer.
    let other = unit.clip(Some("o1"), "two");
    let k = asked(&mut unit, "dh", &[other]);
    for command in [Command::ApproveHold { hold: k }, refuse(k)] {
        let why = unit.refused("o2", command);
        assert!(why.contains("whoever only stands in for person dh"), "{why}");
    }
    // In their own right as well, they may.
    let mut own = unit.clone();
    own.appoint("o2", Role::DepartmentHead, Some("d1"));
    own.by("o2", refuse(k)).unwrap();
    unit.by("lh", Command::ApproveHold { hold: k }).unwrap();
    unit.by("dh", Command::RequestRelease { hold: k, reason: "r".into() }).unwrap();
    assert!(unit.refused("o2", Command::ApproveHold { hold: k }).contains("only stands in"));
}

fn refused(hold: HoldId) -> sealdock_core::keep::Event {
    let answered = sealdock_core::keep::HoldAnswered { hold, reason: "r".into() };
    sealdock_core::keep::Event::HoldRefused(answered)
}

/// S16: under another permanent class a clip would fall on no playback check.
#[test]
fn its_officer_gives_a_first_class_and_takes_none_away() {
    let mut unit = Unit::new();
    let clip = unit.clip(Some("o1"), "one");
    unit.class("o1", clip, "evidence").unwrap();
    for class in ["major-incident", "ordinary"] {
        let why = unit.class("o1", clip, class).unwrap_err();
        assert!(why.contains("takes none away"), "{why}");
    }
    let event = |replaces: &str, class: &str| {
        let (replaces, class) = (Some(replaces.to_owned()), class.to_owned());
        let e = sealdock_core::keep::ClipClassed { clip, class, replaces, reason: "r".into() };
        sealdock_core::keep::Event::ClipClassed(e)
    };
    let found = unit.found(&unit::record("o1"), event("evidence", "major-incident"));
    assert!(found.unwrap().contains("takes none away"));
    unit.clone().class("dh", clip, "major-incident").unwrap();
    // To keep it longer it is asked of somebody else too; of an older release's entry that is not found.
    let mut longer = Unit::new();
    let clip = longer.clip(Some("o1"), "one");
    longer.class("c1", clip, "ordinary").unwrap();
    assert!(longer.class("o1", clip, "evidence").unwrap_err().contains("takes none away"));
    assert_eq!(longer.found(&unit::record("o1"), event("ordinary", "evidence")), None);
    longer.class("c2", clip, "evidence").unwrap();
}

#[test]
fn a_clock_that_went_back_is_known_bad_and_no_time_runs_on_it() {
    use sealdock_core::clock_state::{doubt, known_bad};
    let unit = Unit::new();
    let at = |wall: i64, mono: i64| Stamp {
        wall: WallMs(unit.at.wall.0 + wall),
        mono_ms: unit.at.mono_ms.saturating_add_signed(mono),
        ..unit.at.clone()
    };
    const TEN: i64 = 600_000;
    let bad = |at: &Stamp| known_bad(&unit.tables, at).unwrap();
    assert_eq!(bad(&at(0, 0)), None);
    assert_eq!(bad(&at(-TEN, 0)), None, "a time service corrects that");
    assert!(bad(&at(-TEN - 1, 0)).unwrap().contains("but an entry of 2026-03-01 08:00:00 UTC"));
    let year_2014 = Stamp { wall: WallMs(1_400_000_000_000), ..at(0, 0) };
    assert!(bad(&year_2014).unwrap().contains("before the station existed"));
    let doubted = |at: &Stamp| doubt(&unit.tables, at).unwrap();
    assert_eq!(doubted(&at(TEN, 0)), None);
    assert!(doubted(&at(TEN + 1, 0)).unwrap().contains("set by 10 minutes while the machine ran"));
    assert_eq!(doubted(&at(400 * DAY_MS, 400 * DAY_MS)), None, "the machine ran all the time");
    assert!(doubted(&at(-TEN - 1, 0)).unwrap().contains("an entry of"), "bad is doubted");
    // Another boot: a month of silence is no news, more is.
    let booted = |wall: i64| Stamp { boot: "boot-2".into(), mono_ms: 5, ..at(wall, 0) };
    assert_eq!(doubted(&booted(31 * DAY_MS)), None);
    assert!(doubted(&booted(31 * DAY_MS + 1)).unwrap().contains("between two entries"));
}

#[test]
fn a_doubt_stays_until_the_unit_head_says_that_the_clock_is_right() {
    use sealdock_core::clock_state::doubt;
    let mut unit = Unit::new();
    // Put forward by a year while the machine ran, then an entry is written.
    unit.at.wall = unit.at.wall.plus_ms(365 * DAY_MS);
    let clip = unit.clip(Some("o1"), "one");
    unit.pass(1000);
    let why = |unit: &Unit| doubt(&unit.tables, &unit.at).unwrap();
    assert!(why(&unit).unwrap().contains("set by"));
    assert!(because(&unit, clip).contains("in doubt"));
    // And back: what the chain holds is later now.
    unit.at.wall = unit.at.wall.plus_ms(-365 * DAY_MS);
    assert!(why(&unit).unwrap().contains("an entry of 2027"));
    let trust = || Command::TrustClock { reason: "compared with the radio".into() };
    for id in ["c1", "dh", "np", "op"] {
        assert!(unit.refused(id, trust()).contains("unit-head (单位负责人)"), "{id}");
    }
    unit.by("uh", trust()).unwrap();
    unit.pass(1000);
    assert_eq!(why(&unit), None);
    // A later boot counts from there.
    unit.at = Stamp { boot: "boot-2".into(), mono_ms: 0, wall: unit.at.wall.plus_ms(DAY_MS) };
    unit.clip(Some("o1"), "two");
    assert_eq!(why(&unit), None);
    unit.at = Stamp { boot: "boot-3".into(), mono_ms: 0, wall: unit.at.wall.plus_ms(40 * DAY_MS) };
    unit.clip(Some("o1"), "three");
    assert!(why(&unit).unwrap().contains("between two entries"));
    unit.at = Stamp { boot: "boot-4".into(), mono_ms: 0, wall: unit.at.wall.plus_ms(DAY_MS) };
    assert!(why(&unit).unwrap().contains("between two entries"), "nobody has answered for it");
}

#[test]
fn retention_never_runs_from_a_time_that_the_chain_was_past_already() {
    let mut unit = Unit::new();
    // Stored while the clock was a year behind, in another boot.
    let right = unit.at.wall;
    unit.at = Stamp { boot: "boot-2".into(), mono_ms: 0, wall: right.plus_ms(-365 * DAY_MS) };
    let clip = unit.clip(Some("o1"), "one");
    unit.class("c1", clip, "ordinary").unwrap();
    unit.at = Stamp { boot: "boot-3".into(), mono_ms: 0, wall: right.plus_ms(DAY_MS) };
    assert!(
        because(&unit, clip).contains("kept until 2026-09-01T08:00:00"),
        "{}",
        because(&unit, clip)
    );
    // Stored while it was behind, then set right within the same boot: it is moved on by that.
    unit.at = Stamp { boot: "boot-4".into(), mono_ms: 0, wall: right.plus_ms(-10 * DAY_MS) };
    let two = unit.clip(Some("o1"), "two");
    unit.class("c1", two, "ordinary").unwrap();
    unit.at.wall = right.plus_ms(20 * DAY_MS);
    unit.clip(Some("o1"), "three");
    assert!(because(&unit, two).contains("kept until 2026-10-"), "{}", because(&unit, two));
    // Older than any use of the station, on a station that knows no better: no time runs.
    let mut unit = Unit::new();
    let mut fresh = Unit { at: Stamp { wall: WallMs(1000), ..unit.at.clone() }, ..unit.clone() };
    fresh.tables = Default::default();
    fresh.seq = 0;
    fresh.adopt(DEFAULT_POLICY);
    let old = fresh.clip(Some("o1"), "old");
    assert!(fresh.against(old).iter().any(|why| why.contains("has no class")));
    let kept = sealdock_core::keep::kept(&fresh.tables, old).unwrap().unwrap();
    let periods = sealdock_core::keep::Periods::read(&fresh.tables).unwrap();
    assert_eq!(periods.start(&kept).unwrap(), None);
    assert_eq!(
        periods.due_as(&kept, "ordinary", u64::MAX).unwrap(),
        sealdock_core::keep::Due::Never
    );
    unit.clip(Some("o1"), "x");
    assert_eq!(unit.tables.rows(&KEPT).len(), 1);
}

#[test]
fn an_entry_that_somebody_wrote_without_the_right_is_found() {
    use sealdock_core::keep::{ClipClassed, ClockTrusted, Event};
    let mut unit = Unit::new();
    let clip = unit.clip(Some("o1"), "one");
    let classed = |replaces: Option<&str>| {
        Event::ClipClassed(ClipClassed {
            clip,
            class: "ordinary".into(),
            replaces: replaces.map(str::to_owned),
            reason: "r".into(),
        })
    };
    assert_eq!(unit.found(&unit::record("c1"), classed(None)), None);
    assert!(
        unit.found(&unit::record("c1"), classed(Some("evidence"))).unwrap().contains("is none now")
    );
    for actor in [ActorRecord::System, ActorRecord::Operator { uid: 0 }, unit::record("np")] {
        assert!(unit.found(&actor, classed(None)).is_some(), "{actor}");
        let trusted = Event::ClockTrusted(ClockTrusted { reason: "r".into() });
        assert!(unit.found(&actor, trusted).is_some(), "{actor}");
    }
    let _ = person("c1");
}
