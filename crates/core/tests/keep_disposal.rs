//! Plans, approvals, runs, intents and tombstones (S15, S17), on values: each condition of each step.
#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

#[path = "common/unit.rs"]
mod unit;

use sealdock_chain::digest::Digest;
use sealdock_core::actor::{Actor, ActorRecord, Role};
use sealdock_core::clock_state::CLOCK_TRUST;
use sealdock_core::command::Command as Any;
use sealdock_core::event::{
    Binding, ClipSeen, Event as AnyEvent, SessionOpened, WipeIntended, WipeOutcome, WipeSettled,
};
use sealdock_core::id::{ClipId, PlanId, SessionId};
use sealdock_core::keep::{
    self, ClipDisposed, Command, DISPOSAL_LINE, DisposalBegun, DisposalIntended, DisposalKept,
    Event, Ground, KEPT, Line, Part, PlanSheet, Withdrawn,
};
use sealdock_core::policy::DEFAULT_POLICY;
use sealdock_core::schema::CLIP;
use sealdock_core::table::{Cell, RowChange};
use sealdock_core::time::{DAY_MS, HOUR_MS};
use unit::{Unit, audited, record};

fn sheet(unit: &Unit, clips: &[ClipId]) -> PlanSheet {
    let line = |clip: &ClipId| {
        let kept = keep::kept(&unit.tables, *clip).unwrap().unwrap();
        Line {
            clip: *clip,
            sha256: kept.sha256,
            size: kept.size,
            name: "n".into(),
            officer: None,
            recorder: None,
            stored: kept.stored.rfc3339(),
            since: kept.stored.rfc3339(),
            class: kept.class.clone().unwrap_or_default(),
            due: String::new(),
        }
    };
    PlanSheet::new("x", clips.iter().map(line).collect())
}

fn plan_of(sheet: PlanSheet) -> Command {
    let object = Digest::of(&sheet.encode());
    Command::Plan { audited: audited(), object, sheet: Box::new(sheet) }
}

fn planned(unit: &mut Unit, clips: &[ClipId]) -> (PlanId, Digest) {
    let sheet = sheet(unit, clips);
    let object = Digest::of(&sheet.encode());
    let plan = PlanId(unit.seq);
    unit.by("c1", plan_of(sheet)).unwrap();
    (plan, object)
}

fn approve(plan: PlanId, object: Digest) -> Command {
    Command::Approve { audited: audited(), plan, object }
}

fn begin(plan: PlanId) -> Command {
    Command::Begin { audited: audited(), plan }
}

fn system(unit: &mut Unit, command: Command) -> Result<Vec<AnyEvent>, String> {
    unit.does(&Actor::System, Any::Keep(command))
}

/// `n` clips of o1, ordinary and due.
fn due(n: usize) -> (Unit, Vec<ClipId>) {
    due_with((0..n).map(|i| format!("clip {i}")))
}

/// The same with these bytes.
fn due_with(bytes: impl Iterator<Item = String>) -> (Unit, Vec<ClipId>) {
    let mut unit = Unit::new();
    let clips: Vec<ClipId> = bytes.map(|bytes| unit.clip(Some("o1"), &bytes)).collect();
    for clip in &clips {
        unit.class("c1", *clip, "ordinary").unwrap();
    }
    trust(&mut unit, "uh");
    unit.days(184);
    (unit, clips)
}

/// The unit head says that the clock is right.
fn trust(unit: &mut Unit, who: &str) {
    unit.by(who, Command::TrustClock { reason: "compared".into() }).unwrap();
}

/// The newest word that it is.
fn word(unit: &Unit) -> Option<u64> {
    let rows = unit.tables.rows(&CLOCK_TRUST);
    rows.iter().map(|row| row.int("seq").unsigned_abs()).max()
}

/// Planned, approved, quarantine over.
fn ready(n: usize) -> (Unit, Vec<ClipId>, PlanId) {
    over(due(n))
}

fn over((mut unit, clips): (Unit, Vec<ClipId>)) -> (Unit, Vec<ClipId>, PlanId) {
    let (plan, object) = planned(&mut unit, &clips);
    unit.by("uh", approve(plan, object)).unwrap();
    unit.days(30);
    (unit, clips, plan)
}

fn begun(unit: &mut Unit, plan: PlanId) -> u64 {
    unit.by("c1", begin(plan)).unwrap();
    unit.seq - 1
}

fn line(unit: &Unit, clip: ClipId) -> String {
    let rows = unit.tables.rows(&DISPOSAL_LINE);
    rows.iter().find(|r| r.int("clip").unsigned_abs() == clip.0).unwrap().text("state").to_owned()
}

fn state(unit: &Unit, clip: ClipId) -> String {
    let rows = unit.tables.rows(&KEPT);
    rows.iter().find(|r| r.int("seq").unsigned_abs() == clip.0).unwrap().text("state").to_owned()
}

fn hold(clip: ClipId) -> Command {
    Command::RequestHold { clips: vec![clip], ground: Ground::Important, reason: "r".into() }
}

fn wiping(unit: &mut Unit, clip: ClipId) {
    let wipe = WipeIntended {
        session: SessionId(9),
        line: 1,
        clip,
        recorder_claim: "R1".parse().unwrap(),
        raw: String::new(),
        size: 6,
        sha256: Digest::ZERO,
        second_reading: String::new(),
        order: String::new(),
    };
    unit.write(&ActorRecord::System, AnyEvent::WipeIntended(wipe));
}

fn wiped(unit: &mut Unit, outcome: WipeOutcome) {
    let session = SessionId(9);
    let settled = WipeSettled { session, line: 1, outcome, reason: None, shown_by: None };
    unit.write(&ActorRecord::System, AnyEvent::WipeSettled(settled));
}

fn in_a_bay(unit: &mut Unit, clip: ClipId) {
    let opened = SessionOpened {
        bay: "b1".parse().unwrap(),
        recorder_claim: "R1".parse().unwrap(),
        recorder: None,
        officer_claim: None,
        officer: None,
        binding: Binding::Unassigned { why: String::new() },
        fingerprint: String::new(),
        profile: String::new(),
    };
    let session = SessionId(unit.write(&ActorRecord::System, AnyEvent::SessionOpened(opened)));
    let seen = ClipSeen { session, line: 0, clip, size: 6, sha256: Digest::ZERO };
    unit.write(&ActorRecord::System, AnyEvent::ClipSeen(seen));
}

#[test]
fn only_the_clerk_plans_and_only_what_is_due() {
    let (mut unit, clips) = due(2);
    for id in ["o1", "uh", "dh", "a1", "op", "np"] {
        let plan = plan_of(sheet(&unit, &clips));
        assert!(unit.refused(id, plan).contains("clerk (管理员)"), "{id}");
    }
    let open = unit.clip(Some("o1"), "not due");
    unit.class("c1", open, "ordinary").unwrap();
    let both = plan_of(sheet(&unit, &[clips[0], open]));
    assert!(unit.refused("c1", both).contains(&format!("{open} cannot be disposed of: its class")));
    let none = plan_of(sheet(&unit, &[]));
    assert!(unit.refused("c1", none).contains("no clip is named"));
    let twice = plan_of(sheet(&unit, &[clips[0], clips[0]]));
    assert!(unit.refused("c1", twice).contains("named twice"));
    // The sheet says what the registers say, and the object is the sheet.
    type Spoil = fn(&mut Line);
    let spoils: [Spoil; 3] =
        [|l| l.size += 1, |l| l.class = "evidence".into(), |l| l.sha256 = Digest::ZERO];
    for spoil in spoils {
        let mut spoilt = sheet(&unit, &clips);
        spoil(&mut spoilt.lines[0]);
        assert!(unit.refused("c1", plan_of(spoilt)).contains("is not what the plan says"));
    }
    let mut other = sheet(&unit, &clips);
    other.lines[0].clip = ClipId(1);
    assert!(unit.refused("c1", plan_of(other)).contains("there is no clip C1"));
    let right = Box::new(sheet(&unit, &clips));
    let wrong = Command::Plan { audited: audited(), object: Digest::ZERO, sheet: right };
    assert!(unit.refused("c1", wrong).contains("the object is not the plan"));
    planned(&mut unit, &clips);
    let again = plan_of(sheet(&unit, &clips[..1]));
    assert!(unit.refused("c1", again).contains("is in plan P"), "a clip is in one plan at a time");
}

/// S17: originals go by no single hand.
#[test]
fn a_second_person_the_unit_head_approves_that_very_plan() {
    let (mut unit, clips) = due(2);
    let (plan, object) = planned(&mut unit, &clips);
    for id in ["c1", "c2", "dh", "a1", "np"] {
        assert!(unit.refused(id, approve(plan, object)).contains("unit-head (单位负责人)"), "{id}");
    }
    let why = unit.refused("uh", approve(plan, Digest::ZERO));
    assert!(why.contains("approve what you read"), "{why}");
    assert!(unit.refused("uh", approve(PlanId(1), object)).contains("there is no plan P1"));
    // A unit head who is also the clerk and planned it.
    unit.appoint("c1", Role::UnitHead, None);
    assert!(unit.refused("c1", approve(plan, object)).contains("never the applicant"));
    // A unit head whose own footage is in it.
    unit.appoint("o1", Role::UnitHead, None);
    assert!(unit.refused("o1", approve(plan, object)).contains("footage of whoever acts"));
    let mut set = unit.clone();
    set.at.wall = set.at.wall.plus_ms(DAY_MS);
    assert!(set.refused("uh", approve(plan, object)).contains("in doubt"));
    unit.by("uh", approve(plan, object)).unwrap();
    assert!(unit.refused("uh", approve(plan, object)).contains("is approved, not planned"));
}

#[test]
fn what_something_speaks_against_leaves_at_the_approval() {
    let (mut unit, clips) = due(2);
    let (plan, object) = planned(&mut unit, &clips);
    // A policy came that keeps it longer.
    let mut longer = unit.clone();
    longer.adopt_with("days = 184", "days = 365");
    assert!(longer.refused("uh", approve(plan, object)).contains("nothing is left of plan"));
    wiping(&mut unit, clips[0]);
    let events = unit.by("uh", approve(plan, object)).unwrap();
    assert_eq!(events.len(), 2, "withdrawn, then approved");
    assert_eq!([line(&unit, clips[0]), line(&unit, clips[1])], ["withdrawn", "pending"]);
}

/// A shorter quarantine does not reach back to what was approved under a longer one.
#[test]
fn a_plan_waits_the_longest_quarantine_that_was_in_force_since_its_approval() {
    let (mut unit, clips) = due(1);
    let (plan, object) = planned(&mut unit, &clips);
    unit.adopt_with("quarantine = { days = 30", "quarantine = { days = 40");
    unit.by("uh", approve(plan, object)).unwrap();
    unit.adopt(DEFAULT_POLICY);
    unit.days(39);
    assert!(unit.refused("c1", begin(plan)).contains("is in quarantine"));
    unit.days(1);
    begun(&mut unit, plan);
}

#[test]
fn a_run_waits_for_approval_quarantine_and_a_clock_that_can_be_believed() {
    let (mut unit, clips) = due(1);
    let (plan, object) = planned(&mut unit, &clips);
    assert!(unit.refused("c1", begin(plan)).contains("is planned, not approved"));
    unit.by("uh", approve(plan, object)).unwrap();
    unit.pass(30 * DAY_MS - 1);
    assert!(unit.refused("c1", begin(plan)).contains("is in quarantine until 2026-10-01"));
    unit.pass(1);
    for id in ["o1", "dh", "a1", "np"] {
        assert!(unit.refused(id, begin(plan)).contains("clerk (管理员) or unit-head"), "{id}");
    }
    let mut set = unit.clone();
    set.at.wall = set.at.wall.plus_ms(DAY_MS);
    assert!(set.refused("c1", begin(plan)).contains("in doubt"));
    let mut longer = unit.clone();
    longer.adopt_with("quarantine = { days = 30", "quarantine = { days = 31");
    assert!(longer.refused("c1", begin(plan)).contains("quarantine"), "the longest since then");
    unit.clone().by("uh", begin(plan)).unwrap();
    unit.by("c1", begin(plan)).unwrap();
    assert!(unit.refused("c1", begin(PlanId(1))).contains("no clip waits"));
}

/// The clock is put forward while the station is off, never by more than a month, and an entry is written each time.
fn months_by_the_clock(unit: &mut Unit) {
    for n in 0..7 {
        unit.boot(30 * DAY_MS);
        unit.clip(Some("o2"), &format!("entry {n}"));
    }
}

/// S17: silence between boots is not time that passed, unless somebody answers for it.
#[test]
fn a_clock_put_forward_by_months_between_boots_disposes_of_nothing() {
    let mut unit = Unit::new();
    let clip = unit.clip(Some("o1"), "minutes old");
    unit.class("c1", clip, "ordinary").unwrap();
    let mut answered = unit.clone();
    months_by_the_clock(&mut unit);
    assert_eq!(unit.against(clip), Vec::<String>::new(), "each gap is below a month");
    let plan = || plan_of(sheet(&unit, &[clip]));
    assert!(unit.clone().refused("c1", plan()).contains("nobody has said yet"));
    // Somebody answered for the clock before it was put forward.
    trust(&mut answered, "uh");
    months_by_the_clock(&mut answered);
    let why = answered.refused("c1", plan_of(sheet(&answered, &[clip])));
    assert!(why.contains(&format!("{clip} is due by the clock alone")), "{why}");
    assert!(why.contains("the station was off for 5040 hours"), "{why}");
    // Who believes the dates says so, and is not who plans.
    answered.appoint("c1", Role::UnitHead, None);
    let mut planner = answered.clone();
    trust(&mut planner, "c1");
    let why = planner.refused("c1", plan_of(sheet(&planner, &[clip])));
    assert!(why.contains("whoever plans a disposal is not the one"), "{why}");
    trust(&mut answered, "uh");
    let (plan, object) = planned(&mut answered, &[clip]);
    // The approval begins the quarantine: the clock of that very day is answered for.
    let mut off = answered.clone();
    off.boot(60_000);
    let why = off.refused("uh", approve(plan, object));
    assert!(why.contains("since the station was started nobody has said"), "{why}");
    answered.by("uh", approve(plan, object)).unwrap();
    // The quarantine, a day at a time.
    for n in 0..31 {
        answered.boot(DAY_MS);
        answered.clip(Some("o2"), &format!("day {n}"));
    }
    let why = answered.refused("c1", begin(plan));
    assert!(why.contains(&format!("the quarantine of plan {plan} is over by the clock alone")));
    let mut behind = answered.clone();
    trust(&mut answered, "uh");
    begun(&mut answered, plan);
    // A run begun without it intends nothing either.
    let e = DisposalBegun {
        plan,
        archive_clips: 39,
        archive_bytes: 9,
        used_clips: 0,
        used_bytes: 0,
        clips: 9,
        bytes: 99,
        verified: 1,
        clock: None,
    };
    let run = behind.write(&record("c1"), Event::DisposalBegun(e).into());
    let why = system(&mut behind, Command::Intend { run, clip }).unwrap_err();
    assert!(why.contains("by the clock alone"), "{why}");
    assert_eq!(line(&behind, clip), "pending", "a clock is no reason to leave the plan");
}

/// One word for each step is enough, however often the machine is switched off.
#[test]
fn a_station_that_is_off_every_night_disposes_with_one_word_a_step() {
    let mut unit = Unit::new();
    let clip = unit.clip(Some("o1"), "one");
    unit.class("c1", clip, "ordinary").unwrap();
    let nights = |unit: &mut Unit, nights: usize| {
        for n in 0..nights {
            unit.clip(Some("o2"), &format!("day {n} {}", unit.seq));
            unit.pass(9 * 3_600_000);
            unit.boot(15 * 3_600_000);
        }
    };
    nights(&mut unit, 185);
    trust(&mut unit, "uh");
    nights(&mut unit, 2);
    let (plan, object) = planned(&mut unit, &[clip]);
    nights(&mut unit, 2);
    trust(&mut unit, "uh");
    unit.by("uh", approve(plan, object)).unwrap();
    nights(&mut unit, 31);
    assert!(unit.refused("c1", begin(plan)).contains("by the clock alone"));
    trust(&mut unit, "uh");
    // What was certain once stays so: the runs of the days after need no other word.
    nights(&mut unit, 5);
    let run = begun(&mut unit, plan);
    system(&mut unit, Command::Intend { run, clip }).unwrap();
}

/// A later policy keeps it longer, and only the clock says that this time is over as well.
#[test]
fn each_removal_asks_whether_its_time_is_certain() {
    let (mut unit, clips, plan) = ready(1);
    unit.adopt_with("days = 184", "days = 365");
    months_by_the_clock(&mut unit);
    let run = begun(&mut unit, plan);
    let why = system(&mut unit, Command::Intend { run, clip: clips[0] }).unwrap_err();
    assert!(why.contains("is due by the clock alone"), "{why}");
    assert_eq!(line(&unit, clips[0]), "pending", "it stays in the plan");
    trust(&mut unit, "uh");
    system(&mut unit, Command::Intend { run, clip: clips[0] }).unwrap();
}

/// Entries of a release that asked for no word are judged as they were then.
#[test]
fn a_step_that_names_no_word_is_one_of_an_older_release() {
    let mut unit = Unit::new();
    let clip = unit.clip(Some("o1"), "one");
    unit.class("c1", clip, "ordinary").unwrap();
    months_by_the_clock(&mut unit);
    let planned = |clock| {
        let e = keep::DisposalPlanned {
            object: Digest::ZERO,
            clips: vec![clip],
            bytes: 11,
            verified: 1,
            clock,
        };
        Event::DisposalPlanned(e)
    };
    assert_eq!(unit.found(&record("c1"), planned(None)), None);
    assert!(unit.found(&record("c1"), planned(Some(3))).unwrap().contains("another word"));
    trust(&mut unit, "uh");
    let newest = word(&unit);
    assert_eq!(unit.found(&record("c1"), planned(newest)), None);
    trust(&mut unit, "uh");
    assert!(unit.found(&record("c1"), planned(newest)).unwrap().contains("another word"));
}

#[test]
fn who_only_stands_in_for_the_planner_does_not_approve() {
    let (mut unit, clips) = due(1);
    unit.appoint("c1", Role::UnitHead, None);
    unit.deputise("o2", Role::UnitHead, (None, "c1"));
    let (plan, object) = planned(&mut unit, &clips);
    let why = unit.refused("o2", approve(plan, object));
    assert!(why.contains("only stands in for person c1"), "{why}");
    unit.deputise("o2", Role::UnitHead, (None, "uh"));
    unit.by("o2", approve(plan, object)).unwrap();
}

#[test]
fn an_intent_is_the_stations_alone_and_asks_everything_again() {
    let (mut unit, clips, plan) = ready(2);
    let run = begun(&mut unit, plan);
    let intend = |clip| Command::Intend { run, clip };
    for id in ["c1", "uh"] {
        let why = unit.refused(id, intend(clips[0]));
        assert!(why.contains("is for the station alone"), "{id}: {why}");
    }
    assert!(system(&mut unit, intend(ClipId(1))).unwrap_err().contains("there is no clip"));
    let other = Command::Intend { run: 1, clip: clips[0] };
    assert!(system(&mut unit, other).unwrap_err().contains("there is no run 1"));
    let mut set = unit.clone();
    set.at.wall = set.at.wall.plus_ms(DAY_MS);
    assert!(system(&mut set, intend(clips[0])).unwrap_err().contains("in doubt"));
    assert_eq!(line(&set, clips[0]), "pending", "a clock is no reason to leave the plan");
    // Each thing that may have come: the clip leaves the plan and nothing is intended.
    type Comes = fn(&mut Unit, ClipId);
    let comes: [(&str, Comes); 5] = [
        ("a wipe is open", wiping),
        ("a wipe is unknown", |unit, clip| {
            wiping(unit, clip);
            wiped(unit, WipeOutcome::Unknown);
        }),
        ("seen in a bay", in_a_bay),
        ("longer period", |unit, _| unit.adopt_with("days = 184", "days = 3650")),
        ("same bytes under another name", |unit, _| {
            unit.clip(Some("o3"), "clip 0");
        }),
    ];
    for (what, come) in comes {
        let mut unit = unit.clone();
        come(&mut unit, clips[0]);
        let events = system(&mut unit, intend(clips[0])).unwrap();
        let out = matches!(&events[..], [AnyEvent::Keep(Event::DisposalWithdrawn(_))]);
        assert!(out, "{what}: {events:?}");
        assert_eq!(
            [line(&unit, clips[0]), state(&unit, clips[0])],
            ["withdrawn", "kept"],
            "{what}"
        );
        assert!(system(&mut unit, intend(clips[0])).is_err(), "{what}: it stays out");
    }
    wiping(&mut unit, clips[0]);
    wiped(&mut unit, WipeOutcome::Wiped);
    in_a_bay(&mut unit, clips[1]);
    system(&mut unit, intend(clips[0])).unwrap();
    assert_eq!([line(&unit, clips[0]), state(&unit, clips[0])], ["leaving", "leaving"]);
}

#[test]
fn an_intent_written_behind_the_rules_is_found() {
    let (mut unit, clips, plan) = ready(2);
    let run = begun(&mut unit, plan);
    let good = DisposalIntended {
        plan,
        run,
        clips: vec![clips[0]],
        sha256: Digest::of(b"clip 0"),
        size: 6,
        copies: vec!["vault".into()],
        run_clips: 1,
        run_bytes: 6,
        clock: word(&unit),
    };
    let found = |unit: &Unit, e: &DisposalIntended| {
        unit.found(&ActorRecord::System, Event::DisposalIntended(e.clone()))
    };
    assert_eq!(found(&unit, &good), None);
    type Spoil = (&'static str, fn(&mut DisposalIntended));
    let spoils: [Spoil; 9] = [
        ("there is no plan", |e| e.plan = PlanId(1)),
        ("belongs to no run", |e| e.run = 1),
        ("other clips have the same bytes", |e| e.clips.clear()),
        ("other clips have the same bytes", |e| e.sha256 = Digest::of(b"clip 1")),
        ("other clips have the same bytes", |e| e.clips.push(e.clips[0])),
        ("the size is not", |e| e.size = 7),
        ("where the copies lie", |e| e.copies.clear()),
        ("running totals", |e| e.run_clips = 2),
        ("running totals", |e| e.run_bytes = 7),
    ];
    for (says, spoil) in spoils {
        let mut bad = good.clone();
        spoil(&mut bad);
        let why = found(&unit, &bad).unwrap_or_default();
        assert!(why.contains(says), "{says}: {why}");
    }
    for actor in [record("c1"), record("uh"), ActorRecord::Operator { uid: 0 }] {
        let why = unit.found(&actor, Event::DisposalIntended(good.clone())).unwrap();
        assert!(why.contains("for the station alone"));
    }
    let mut late = unit.clone();
    late.pass(DAY_MS - 1);
    assert_eq!(found(&late, &good), None);
    late.pass(1);
    assert!(found(&late, &good).unwrap().contains("older than a day"));
    let mut newer = unit.clone();
    newer.by("c1", begin(plan)).unwrap();
    assert!(found(&newer, &good).unwrap().contains("belongs to no run"));
    let mut held = unit.clone();
    held.by("o1", hold(clips[0])).unwrap();
    assert!(found(&held, &good).unwrap().contains("is withdrawn in plan"));
    let mut bay = unit.clone();
    in_a_bay(&mut bay, clips[0]);
    assert!(found(&bay, &good).unwrap().contains("cannot be disposed of: session"));
}

#[test]
fn nothing_comes_between_an_intent_and_its_end() {
    let (mut unit, clips, plan) = ready(2);
    let run = begun(&mut unit, plan);
    system(&mut unit, Command::Intend { run, clip: clips[0] }).unwrap();
    let intent = unit.seq - 1;
    let bytes = Digest::of(b"clip 0");
    assert!(unit.refused("o1", hold(clips[0])).contains("is being disposed of right now"));
    assert!(unit.class("c1", clips[0], "evidence").unwrap_err().contains("being disposed of"));
    assert!(unit.against(clips[0]).join(";").contains("being disposed of"));
    assert!(unit.refused("c1", begin(plan)).contains("is not settled yet"));
    assert!(keep::is_leaving(&unit.tables, &bytes).unwrap());
    assert!(keep::left_since(&unit.tables, &bytes, u64::MAX).unwrap());
    assert!(!keep::left_since(&unit.tables, &Digest::of(b"clip 1"), 0).unwrap());
    let gone = || Command::Settle { intent, part: Part::Gone { from: vec!["vault".into()] } };
    assert!(unit.refused("c1", gone()).contains("for the station alone"));
    // Kept: it waits again.
    let mut kept = unit.clone();
    let part = Part::Left { places: vec!["vault".into()], reason: "read-only".into() };
    system(&mut kept, Command::Settle { intent, part }).unwrap();
    assert_eq!([line(&kept, clips[0]), state(&kept, clips[0])], ["pending", "kept"]);
    assert!(system(&mut kept, gone()).unwrap_err().contains("no intent that is open"));
    // Gone: for ever.
    system(&mut unit, gone()).unwrap();
    let tombstone = unit.seq - 1;
    assert_eq!([line(&unit, clips[0]), state(&unit, clips[0])], ["disposed", "disposed"]);
    let why = unit.refused("o1", hold(clips[0]));
    assert!(why.contains(&format!("its tombstone is entry {tombstone}")), "{why}");
    assert!(system(&mut unit, gone()).unwrap_err().contains("no intent that is open"));
    assert!(keep::left_since(&unit.tables, &bytes, tombstone - 1).unwrap());
    assert!(!keep::left_since(&unit.tables, &bytes, tombstone).unwrap());
    assert!(!keep::is_leaving(&unit.tables, &bytes).unwrap());
    assert_eq!(keep::with_bytes(&unit.tables, &bytes).unwrap().len(), 0);
}

#[test]
fn a_settlement_written_behind_the_rules_is_found() {
    let (mut unit, clips, plan) = ready(2);
    let run = begun(&mut unit, plan);
    let tomb = |intent, clips: &[ClipId], bytes: &[u8]| {
        Event::ClipDisposed(ClipDisposed {
            intent,
            plan,
            clips: clips.to_vec(),
            sha256: Digest::of(bytes),
            size: 6,
            gone_from: vec!["vault".into()],
        })
    };
    let system_found = |unit: &Unit, e: Event| unit.found(&ActorRecord::System, e);
    assert!(system_found(&unit, tomb(run, &clips[..1], b"clip 0")).unwrap().contains("no intent"));
    system(&mut unit, Command::Intend { run, clip: clips[0] }).unwrap();
    let intent = unit.seq - 1;
    assert_eq!(system_found(&unit, tomb(intent, &clips[..1], b"clip 0")), None);
    for bad in [
        tomb(intent, &clips[1..], b"clip 0"),
        tomb(intent, &clips[..1], b"clip 1"),
        tomb(intent, &clips, b"clip 0"),
    ] {
        assert!(system_found(&unit, bad).is_some());
    }
    assert!(unit.found(&record("uh"), tomb(intent, &clips[..1], b"clip 0")).is_some());
    let kept = Event::DisposalKept(DisposalKept {
        intent,
        plan: PlanId(1),
        clips: clips[..1].to_vec(),
        sha256: Digest::of(b"clip 0"),
        left: vec![],
        reason: String::new(),
    });
    assert!(system_found(&unit, kept).unwrap().contains("is not what entry"));
}

#[test]
fn the_brake_lets_a_hundredth_go_a_day_and_the_first_always() {
    let (mut unit, clips, plan) = ready(250);
    let run = begun(&mut unit, plan);
    let mut gone = 0;
    let why = clips.iter().find_map(|clip| {
        match system(&mut unit, Command::Intend { run, clip: *clip }) {
            Ok(_) => {
                let intent = unit.seq - 1;
                let part = Part::Gone { from: vec!["vault".into()] };
                system(&mut unit, Command::Settle { intent, part }).unwrap();
                gone += 1;
                None
            }
            Err(why) => Some(why),
        }
    });
    assert_eq!(gone, 2, "a hundredth of 250");
    assert!(why.unwrap().contains("the brake: this run may dispose of 2 clips"));
    assert!(unit.refused("c1", begin(plan)).contains("the brake: 2 clips"), "nor in another run");
    unit.pass(DAY_MS - 60_000);
    assert!(unit.refused("c1", begin(plan)).contains("the brake"));
    unit.pass(60_000);
    let run = begun(&mut unit, plan);
    system(&mut unit, Command::Intend { run, clip: clips[2] }).unwrap();
}

/// Intended and settled.
fn removed(unit: &mut Unit, run: u64, clip: ClipId) {
    system(unit, Command::Intend { run, clip }).unwrap();
    let intent = unit.seq - 1;
    let part = Part::Gone { from: vec!["vault".into()] };
    system(unit, Command::Settle { intent, part }).unwrap();
}

#[test]
fn what_went_late_in_a_run_of_yesterday_counts_for_a_whole_day() {
    let (mut unit, clips, plan) = ready(250);
    let run = begun(&mut unit, plan);
    unit.pass(20 * HOUR_MS);
    removed(&mut unit, run, clips[0]);
    let mut same = unit.clone();
    begun(&mut same, plan);
    removed(&mut unit, run, clips[1]);
    unit.pass(6 * HOUR_MS);
    assert!(unit.refused("c1", begin(plan)).contains("the brake: 2 clips"));
    unit.pass(18 * HOUR_MS);
    begun(&mut unit, plan);
}

#[test]
fn the_brake_lets_just_as_many_bytes_go_as_it_says() {
    let (mut unit, clips, plan) = over(due_with((100..300).map(|i| format!("clip {i}"))));
    let run = begun(&mut unit, plan);
    // 1600 bytes in custody, 16 a day.
    removed(&mut unit, run, clips[0]);
    removed(&mut unit, run, clips[1]);
    let third = system(&mut unit, Command::Intend { run, clip: clips[2] });
    assert!(third.unwrap_err().contains("2 clips and 16 bytes"));
}

#[test]
fn what_speaks_for_the_same_bytes_speaks_for_the_clip() {
    let mut unit = Unit::new();
    let clips = ["it", "it", "other"].map(|bytes| unit.clip(Some("o1"), bytes));
    for clip in clips {
        unit.class("c1", clip, "ordinary").unwrap();
    }
    trust(&mut unit, "uh");
    unit.days(184);
    assert_eq!(unit.against(clips[0]), Vec::<String>::new());
    unit.by("o1", hold(clips[1])).unwrap();
    let why = unit.against(clips[0]);
    assert!(
        why.iter().any(|why| why.starts_with(&format!("same bytes as {}", clips[1]))),
        "{why:?}"
    );
    assert_eq!(unit.against(clips[2]), Vec::<String>::new());
}

/// Known of a recorder and of nobody is as unassigned as known of somebody and of no recorder.
#[test]
fn a_clip_with_half_an_owner_is_unassigned() {
    let (unit, clips) = due(1);
    for column in ["recorder", "officer"] {
        let mut unit = unit.clone();
        let (key, cells) = (vec![("seq", clips[0].0.into())], vec![(column, Cell::Null)]);
        unit.tables.apply(RowChange::Update { table: &CLIP, key, cells }).unwrap();
        assert!(unit.against(clips[0]).join(";").contains("it is unassigned"), "{column}");
    }
}

#[test]
fn a_run_that_allows_itself_more_is_found() {
    let (unit, _, plan) = ready(250);
    let bytes: u64 = unit.tables.rows(&KEPT).iter().map(|row| row.int("size").unsigned_abs()).sum();
    let good = DisposalBegun {
        plan,
        archive_clips: 250,
        archive_bytes: bytes,
        used_clips: 0,
        used_bytes: 0,
        clips: 2,
        bytes: bytes / 100,
        verified: 7,
        clock: word(&unit),
    };
    let found = |e: DisposalBegun| unit.found(&record("c1"), Event::DisposalBegun(e));
    assert_eq!(found(good.clone()), None);
    for bad in [
        DisposalBegun { clips: 3, ..good.clone() },
        DisposalBegun { bytes: good.bytes + 1, ..good.clone() },
        DisposalBegun { archive_clips: 1000, ..good.clone() },
        DisposalBegun { used_clips: 1, clips: 1, ..good.clone() },
        DisposalBegun { used_bytes: 1, bytes: good.bytes - 1, ..good.clone() },
    ] {
        assert!(found(bad.clone()).is_some(), "{bad:?}");
    }
}

#[test]
fn clips_leave_a_plan_by_anybody_of_the_unit() {
    let (mut unit, clips) = due(3);
    let (plan, object) = planned(&mut unit, &clips);
    let out = |clips: &[ClipId]| Command::Withdraw {
        plan,
        clips: clips.to_vec(),
        reason: "the party called".into(),
    };
    for id in ["op", "np"] {
        assert!(unit.refused(id, out(&[])).contains("is for a person of the unit"), "{id}");
    }
    let reasonless = Command::Withdraw { plan, clips: vec![], reason: " ".into() };
    assert!(unit.refused("o1", reasonless).contains("a reason is needed"));
    unit.by("o3", out(&clips[..1])).unwrap();
    assert!(unit.refused("o3", out(&clips[..1])).contains("is withdrawn in plan"));
    assert!(unit.refused("o3", out(&[ClipId(1)])).contains("is not in plan"));
    unit.by("uh", approve(plan, object)).unwrap();
    unit.by("a1", out(&[])).unwrap();
    assert!(clips.iter().all(|clip| line(&unit, *clip) == "withdrawn"));
    assert!(unit.refused("a1", out(&[])).contains("no clip waits"));
    unit.days(30);
    assert!(unit.refused("c1", begin(plan)).contains("no clip waits"));
    // It may be planned anew: nothing speaks against it any more.
    let (again, _) = planned(&mut unit, &clips);
    let by_operator = Event::DisposalWithdrawn(keep::DisposalWithdrawn {
        plan: again,
        clips: vec![Withdrawn { clip: clips[0], why: "r".into() }],
    });
    assert_eq!(unit.found(&ActorRecord::System, by_operator.clone()), None);
    assert!(unit.found(&ActorRecord::Operator { uid: 0 }, by_operator).is_some());
}

#[test]
fn a_hold_or_a_class_takes_a_waiting_clip_out() {
    let (mut unit, clips) = due(2);
    planned(&mut unit, &clips);
    unit.by("o1", hold(clips[0])).unwrap();
    unit.class("c2", clips[1], "evidence").unwrap();
    assert!(clips.iter().all(|clip| line(&unit, *clip) == "withdrawn"));
}

#[test]
fn a_plan_is_read_back_only_as_it_was_written() {
    let (unit, clips) = due(2);
    let sheet = sheet(&unit, &clips);
    let bytes = sheet.encode();
    assert_eq!(PlanSheet::decode(&bytes), Some(sheet.clone()));
    assert_eq!((sheet.bytes(), sheet.clips()), (12, clips));
    let spaced = [&bytes[..], b" "].concat();
    assert_eq!(PlanSheet::decode(&spaced), None);
    let other = PlanSheet { what: "another".into(), ..sheet };
    assert_eq!(PlanSheet::decode(&other.encode()), None);
}

/// What other rooms know speaks against it as well, and takes it out of the plan.
#[test]
fn a_request_or_an_approval_that_is_in_force_keeps_the_clip() {
    use sealdock_core::access::{Asking, Command as Access, Purpose, Wanted, Who};
    let (mut unit, clips) = due(2);
    unit.appoint("lh", Role::PenaltyLeader, None);
    let (plan, _) = planned(&mut unit, &clips);
    let asking = Asking {
        who: Who::Colleague,
        purpose: Purpose::View,
        applicant: None,
        wanted: Wanted::Clips { clips: vec![clips[0]] },
        matter: "a complaint".into(),
        reason: "to answer it".into(),
        letter: None,
    };
    let request = sealdock_core::id::AccessId(unit.seq);
    unit.does(&unit::person("o3"), Any::Access(Access::Request(Box::new(asking)))).unwrap();
    assert_eq!([line(&unit, clips[0]), line(&unit, clips[1])], ["withdrawn", "pending"]);
    assert_eq!(
        unit.against(clips[0]),
        [format!("request {request} asks for it and is not answered")]
    );
    assert_eq!(unit.against(clips[1]), Vec::<String>::new());
    let answer = |yes: bool| match yes {
        true => Access::Approve {
            access: request,
            clips: None,
            expires: None,
            times: None,
            reason: None,
        },
        false => Access::Refuse { access: request, reason: "r".into() },
    };
    let mut refused = unit.clone();
    refused.does(&unit::person("lh"), Any::Access(answer(false))).unwrap();
    assert_eq!(refused.against(clips[0]), Vec::<String>::new());
    unit.does(&unit::person("lh"), Any::Access(answer(true))).unwrap();
    assert_eq!(unit.against(clips[0]), [format!("approval {request} of it has not expired")]);
    unit.pass(7 * DAY_MS - 1);
    assert_eq!(unit.against(clips[0]).len(), 1);
    unit.pass(1);
    assert_eq!(unit.against(clips[0]), Vec::<String>::new());
    assert_eq!(line(&unit, clips[0]), "withdrawn", "it stays out of {plan}");
}
