//! Disposal on simulated disks: planned, approved by a second person, quarantined, braked, removed, and a
//! tombstone left. Whatever is pulled out at any step, nothing is gone that the chain does not say so of.
#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod common;

use common::meddled::Meddled;
use common::{Bench, CLERK, OFFICER, PIN, Setup, clips_of, enrol, officers, person};
use sealdock_chain::digest::Digest;
use sealdock_core::actor::{Actor, ActorRecord, Role};
use sealdock_core::command::Command;
use sealdock_core::event::{Event, PinRefused};
use sealdock_core::id::{ClipId, PlanId};
use sealdock_core::keep::{self, DISPOSAL, DISPOSAL_LINE, Ground, KEPT, PlanSheet};
use sealdock_core::ports::{Decision, Place, Registers};
use sealdock_core::table::RowChange;
use sealdock_core::time::DAY_MS;
use sealdock_station::check::{CheckOptions, check};
use sealdock_station::{RunReport, Station, StationError};
use sealdock_testkit::{Faults, Mode};
use std::sync::Arc;

const HEAD: &str = "head-1";
const DAY: u64 = DAY_MS as u64;

const ONE: &[u8] = b"DCIM/ONE.MP4";
const TWO: &[u8] = b"DCIM/TWO.MP4";

/// Two clips in custody, classed as ordinary, and due.
fn due(setup: Setup) -> (Bench, Vec<ClipId>) {
    let bench = Bench::new(setup, &[(ONE, b"the first clip"), (TWO, b"the second")]);
    let station = bench.open();
    enrol(&station, "dep-1", Role::DepartmentHead);
    enrol(&station, HEAD, Role::UnitHead);
    let clips = clips_of(&bench.dock(&station).unwrap());
    classed(&station, &clips);
    trust(&station);
    bench.world.clock.advance_ms(184 * DAY);
    (bench, clips)
}

fn classed(station: &Station, clips: &[ClipId]) {
    let class = keep::Command::Class {
        clips: clips.to_vec(),
        class: "ordinary".into(),
        reason: "a patrol without incident".into(),
    };
    station.apply(&by(station, CLERK), Command::Keep(class)).unwrap();
}

/// The unit head says that the clock is right.
fn trust(station: &Station) {
    let said = keep::Command::TrustClock { reason: "compared".into() };
    station.apply(&by(station, HEAD), Command::Keep(said)).unwrap();
}

fn by(station: &Station, id: &str) -> Arc<Actor> {
    station.authenticate(&person(id), PIN).unwrap()
}

fn planned(station: &Station) -> Result<PlanId, StationError> {
    let appended = station.plan_disposal(&by(station, CLERK), &mut |_, _| {})?;
    Ok(PlanId(appended.entries[0].seq))
}

fn approved(station: &Station, plan: PlanId) -> Result<(), StationError> {
    let (row, _) = station.plan_sheet(plan)?;
    let object: Digest = row.text("object").parse().unwrap();
    station.approve_disposal(&by(station, HEAD), (plan, object), &mut |_, _| {}).map(drop)
}

fn run(station: &Station, plan: PlanId) -> Result<RunReport, StationError> {
    let clerk = station.authenticate(&person(CLERK), PIN)?;
    station.run_disposal(&clerk, plan, &mut |_, _| {})
}

/// Planned, approved, and the quarantine is over.
fn ready(setup: Setup) -> (Bench, Vec<ClipId>, PlanId) {
    let (bench, clips) = due(setup);
    let station = bench.open();
    let plan = planned(&station).unwrap();
    approved(&station, plan).unwrap();
    bench.world.clock.advance_ms(30 * DAY);
    (bench, clips, plan)
}

fn hold(station: &Station, clip: ClipId) {
    let hold = keep::Command::RequestHold {
        clips: vec![clip],
        ground: Ground::Objection,
        reason: "the party objects".into(),
    };
    station.apply(&by(station, OFFICER), Command::Keep(hold)).unwrap();
}

fn findings(bench: &Bench) -> Vec<String> {
    let station = bench.open();
    let world = station.world();
    let options = CheckOptions { deep: true, pin: None };
    let mirror = world.mirror.now();
    let report =
        check(&*world.ledger, &*world.vault, mirror.as_deref(), &options, &mut |_, _, _| {});
    report.unwrap().findings.into_iter().map(|finding| finding.text).collect()
}

fn refusal<T: std::fmt::Debug>(result: Result<T, StationError>) -> String {
    match result {
        Err(StationError::Refused(why)) => why.0.to_string(),
        other => panic!("not refused: {other:?}"),
    }
}

/// State of each clip in the register of keeping.
fn states(bench: &Bench) -> Vec<String> {
    bench.rows(&KEPT).iter().map(|row| row.text("state").to_owned()).collect()
}

#[test]
fn a_look_counts_what_a_plan_would_hold_and_what_stays_and_nothing_comes_of_it() {
    let (bench, clips) = due(Setup::single());
    let station = bench.open();
    let size = || station.world().ledger.view().unwrap().head().unwrap().checkpoint().size;
    let before = size();
    let due = station.survey_disposal().unwrap();
    assert_eq!(due.lines.iter().map(|line| line.clip).collect::<Vec<_>>(), clips);
    assert!(due.held.is_empty() && due.doubt.is_none() && !due.more);
    assert_eq!(size(), before, "looking writes nothing");
    hold(&station, clips[0]);
    let due = station.survey_disposal().unwrap();
    assert_eq!(due.lines.iter().map(|line| line.clip).collect::<Vec<_>>(), clips[1..]);
    let [(held, kinds)] = &due.held[..] else { panic!("{:?}", due.held) };
    assert_eq!((held.clip, kinds.iter().collect::<Vec<_>>()), (clips[0], vec![&keep::Why::Held]));
    // The plan holds what the look said; then the look says that it is planned.
    let plan = planned(&station).unwrap();
    assert_eq!(station.plan_sheet(plan).unwrap().1.lines, due.lines);
    let due = station.survey_disposal().unwrap();
    assert!(due.lines.is_empty());
    assert_eq!((due.planned.clips, due.planned.bytes), (1, 10));
}

#[test]
fn a_look_says_where_the_clock_lets_nothing_be_planned() {
    let bench = Bench::new(Setup::single(), &[(ONE, b"the first clip"), (TWO, b"the second")]);
    let station = bench.open();
    enrol(&station, HEAD, Role::UnitHead);
    let clips = clips_of(&bench.dock(&station).unwrap());
    let due = station.survey_disposal().unwrap();
    assert_eq!((due.unclassed.clips, due.unclassed.bytes), (2, 24));
    classed(&station, &clips[..1]);
    let due = station.survey_disposal().unwrap();
    assert_eq!((due.later.clips, due.unclassed.clips), (1, 1));
    bench.world.clock.advance_ms(184 * DAY);
    let doubt = station.survey_disposal().unwrap().doubt.unwrap();
    assert_eq!(
        refusal(planned(&station)),
        doubt.to_string(),
        "the plan is refused in the same words"
    );
}

#[test]
fn a_clip_goes_by_plan_second_person_quarantine_and_brake_and_leaves_a_tombstone() {
    for setup in [Setup::single(), Setup::mirrored()] {
        let mirrored = setup.mirror_there;
        let (bench, clips) = due(setup);
        let station = bench.open();
        let plan = planned(&station).unwrap();
        let (row, sheet) = station.plan_sheet(plan).unwrap();
        assert_eq!(sheet.clips(), clips);
        assert_eq!((row.int("clips"), row.int("bytes")), (2, 24));
        // The approver is never the applicant, and approves what they read.
        let object: Digest = row.text("object").parse().unwrap();
        let mut quiet = |_: u64, _: u64| {};
        let alone = station.approve_disposal(&by(&station, CLERK), (plan, object), &mut quiet);
        assert!(refusal(alone).contains("unit-head (单位负责人)"));
        let other = Digest::of(b"another plan");
        let blind = station.approve_disposal(&by(&station, HEAD), (plan, other), &mut quiet);
        assert!(refusal(blind).contains("approve what you read"));
        assert!(refusal(run(&station, plan)).contains("is planned, not approved"));
        approved(&station, plan).unwrap();
        bench.world.clock.advance_ms(30 * DAY - 60_000);
        assert!(refusal(run(&station, plan)).contains("is in quarantine until"));
        assert_eq!(bench.world.vault.kept().len(), 2);
        bench.world.clock.advance_ms(60_000);
        // One hundredth of two clips is none, and the first of a day may always go.
        let report = run(&station, plan).unwrap();
        assert_eq!(report.disposed, [clips[0]]);
        assert!(report.stopped.unwrap().contains("the brake"), "one a day");
        assert!(refusal(run(&station, plan)).contains("the brake"));
        assert_eq!(findings(&bench), Vec::<String>::new());
        bench.world.clock.advance_ms(DAY);
        let report = run(&station, plan).unwrap();
        assert_eq!((report.disposed, report.bytes), (vec![clips[1]], 10));
        assert_eq!(states(&bench), ["disposed", "disposed"]);
        assert_eq!(bench.world.vault.kept().len(), 0);
        assert_eq!(bench.world.mirror.kept().len(), 0);
        assert!(!bench.world.vault.places().iter().any(|p| matches!(p, Place::Sidecar(..))));
        let places = if mirrored { "mirror+vault" } else { "vault" };
        assert!(bench.rows(&DISPOSAL).iter().all(|row| row.text("places") == places));
        assert_eq!(findings(&bench), Vec::<String>::new());
        assert!(refusal(run(&station, plan)).contains("no clip waits"));
    }
}

#[test]
fn nothing_is_due_before_its_time_and_nothing_without_a_class() {
    let bench = Bench::new(Setup::single(), &[(ONE, b"the first clip"), (TWO, b"the second")]);
    let station = bench.open();
    enrol(&station, HEAD, Role::UnitHead);
    let clips = clips_of(&bench.dock(&station).unwrap());
    trust(&station);
    bench.world.clock.advance_ms(4000 * DAY);
    assert!(refusal(planned(&station)).contains("no clip is due"), "unclassified is kept longest");
    // Retention runs from custody, not from the class.
    classed(&station, &clips[..1]);
    let plan = planned(&station).unwrap();
    assert_eq!(station.plan_sheet(plan).unwrap().1.clips(), [clips[0]]);
    assert!(refusal(planned(&station)).contains("no clip is due"), "it is in a plan already");
}

/// S17: time in which the station was off is no time that passed, until somebody answers for it.
#[test]
fn what_is_due_by_a_clock_that_was_put_forward_is_not_planned() {
    let bench = Bench::new(Setup::single(), &[(ONE, b"the first clip")]);
    let station = bench.open();
    enrol(&station, HEAD, Role::UnitHead);
    let clips = clips_of(&bench.dock(&station).unwrap());
    classed(&station, &clips);
    trust(&station);
    for _ in 0..7 {
        bench.world.clock.reboot();
        bench.world.clock.set_wall(bench.world.clock.wall().plus_ms(30 * DAY_MS));
        let refused = PinRefused { person: person(OFFICER) };
        append(&station, (ActorRecord::System, Event::PinRefused(refused)));
    }
    let why = refusal(planned(&station));
    assert!(why.contains(&format!("{} is due by the clock alone", clips[0])), "{why}");
    trust(&station);
    planned(&station).unwrap();
}

/// The unit head approves what they read in the vault; the entry says what goes.
#[test]
fn a_plan_of_which_another_list_lies_in_the_vault_is_found() {
    let (bench, clips) = due(Setup::single());
    let station = bench.open();
    let plan = planned(&station).unwrap();
    assert_eq!(findings(&bench), Vec::<String>::new());
    let (_, read) = station.plan_sheet(plan).unwrap();
    let sheet = PlanSheet::new(station.origin(), vec![read.lines[0].clone()]);
    let object = station.world().vault.put_object(&sheet.encode()).unwrap();
    let planned = |clips: &[ClipId]| {
        let (clips, bytes) = (clips.to_vec(), sheet.bytes());
        Event::from(keep::Event::DisposalPlanned(keep::DisposalPlanned {
            object,
            clips,
            bytes,
            verified: 1,
            clock: None,
        }))
    };
    let clerk = ActorRecord::Person { id: person(CLERK) };
    append(&station, (clerk, planned(&clips[1..])));
    let text = "whoever approved it may have read another list";
    assert!(findings(&bench).iter().any(|finding| finding.contains(text)));
}

/// Clips that are still to come could be chosen; a seed that is known already, too.
#[test]
fn an_announcement_that_no_decision_would_have_made_is_found() {
    for (to, at_size) in [(1000, 100), (1, 1), (1, 100_000)] {
        let (bench, _) = due(Setup::single());
        let station = bench.open();
        let kind = keep::CheckKind::Spot;
        let e = keep::CheckAnnounced { kind, from: 0, to, class: None, count: 1, at_size };
        let clerk = ActorRecord::Person { id: person(CLERK) };
        append(&station, (clerk, keep::Event::CheckAnnounced(e).into()));
        let found = findings(&bench);
        assert!(
            found.iter().any(|f| f.contains("announces no spot check")),
            "{to} {at_size}: {found:?}"
        );
    }
}

/// As somebody with the log key would write it.
fn append(station: &Station, (actor, event): (ActorRecord, Event)) {
    let decide = Box::new(move |_: &dyn Registers, _: &_| Ok(Ok(Decision::from(vec![event]))));
    station.world().ledger.transact(&actor, decide).unwrap().unwrap();
}

#[test]
fn a_hold_takes_the_clip_out_of_the_plan_for_good_wherever_the_plan_is() {
    // Before the approval, in quarantine, and when the run has begun on the other clip.
    for step in 0..3 {
        let (bench, clips) = due(Setup::single());
        let station = bench.open();
        let plan = planned(&station).unwrap();
        if step == 0 {
            hold(&station, clips[1]);
        }
        approved(&station, plan).unwrap();
        if step == 1 {
            hold(&station, clips[1]);
        }
        bench.world.clock.advance_ms(30 * DAY);
        run(&station, plan).unwrap();
        if step == 2 {
            hold(&station, clips[1]);
        }
        bench.world.clock.advance_ms(DAY);
        assert!(refusal(run(&station, plan)).contains("no clip waits"), "{step}");
        assert_eq!(states(&bench), ["disposed", "kept"], "{step}");
        let line = &bench.rows(&DISPOSAL_LINE)[1];
        assert_eq!((line.text("state"), line.text("why")), ("withdrawn", "a hold was asked for"));
        assert!(refusal(planned(&station)).contains("no clip is due"));
        assert_eq!(findings(&bench), Vec::<String>::new());
    }
}

#[test]
fn what_speaks_against_it_at_the_last_moment_keeps_it() {
    // Another clip with the same bytes, unclassified, came after the approval.
    let (bench, clips, plan) = ready(Setup::single());
    bench.card.put(b"DCIM/OTHER.MP4", b"the first clip");
    let station = bench.open();
    let other = clips_of(&bench.dock(&station).unwrap())[0];
    let report = run(&station, plan).unwrap();
    let why = format!("same bytes as {other}: it has no class, and is kept until it has one");
    assert_eq!(report.withdrawn, [(clips[0], why)]);
    assert_eq!(report.disposed, [clips[1]]);
    assert_eq!(bench.world.vault.kept().len(), 1);
    assert_eq!(findings(&bench), Vec::<String>::new());
}

#[test]
fn clips_with_the_same_bytes_go_together() {
    let files: &[(&[u8], &[u8])] = &[(ONE, b"twice"), (TWO, b"twice")];
    let bench = Bench::new(Setup::single(), files);
    let station = bench.open();
    enrol(&station, HEAD, Role::UnitHead);
    let clips = clips_of(&bench.dock(&station).unwrap());
    classed(&station, &clips);
    trust(&station);
    bench.world.clock.advance_ms(184 * DAY);
    let plan = planned(&station).unwrap();
    approved(&station, plan).unwrap();
    bench.world.clock.advance_ms(30 * DAY);
    let report = run(&station, plan).unwrap();
    assert_eq!((report.disposed, report.bytes, report.stopped), (clips, 5, None));
    assert_eq!(states(&bench), ["disposed", "disposed"]);
    assert_eq!(findings(&bench), Vec::<String>::new());
}

#[test]
fn nothing_goes_while_anything_is_wrong_with_the_chain_the_clock_or_the_mirror() {
    let (bench, clips, plan) = ready(Setup::mirrored());
    // A register row was edited: a class that says ordinary where the chain does not.
    let station = bench.open();
    let edit = |class: &str| {
        let key = vec![("seq", clips[1].0.into())];
        let cells = vec![("class", class.into())];
        bench.world.ledger.edit(RowChange::Update { table: &KEPT, key, cells });
    };
    edit("evidence");
    let why = refusal(run(&station, plan));
    assert!(why.contains("nothing is disposed of while `sealdock check` finds something"), "{why}");
    edit("ordinary");
    // The clock is set forward, then back.
    let wall = bench.world.clock.wall();
    bench.world.clock.set_wall(wall.plus_ms(DAY_MS));
    assert!(refusal(run(&station, plan)).contains("in doubt"));
    bench.world.clock.set_wall(wall.plus_ms(-31 * DAY_MS));
    assert!(refusal(run(&station, plan)).contains("an entry of"));
    bench.world.clock.set_wall(wall);
    // The second copy is not there.
    let mut setup = bench.setup.clone();
    setup.mirror_there = false;
    let bench = Bench { setup, ..bench };
    let report = run(&bench.open(), plan).unwrap();
    assert_eq!(report.disposed, []);
    assert!(report.kept.iter().all(|(_, why)| why.contains("mount it")), "{:?}", report.kept);
    assert_eq!((bench.world.vault.kept().len(), bench.world.mirror.kept().len()), (2, 2));
}

#[test]
fn a_recorder_that_brings_it_again_is_stored_anew() {
    let (bench, clips, plan) = ready(Setup::single());
    let station = bench.open();
    run(&station, plan).unwrap();
    bench.card.put(ONE, b"the first clip");
    let report = bench.dock(&station).unwrap();
    let again = clips_of(&report)[0];
    assert!(!clips.contains(&again), "another clip, with its own custody");
    assert_eq!(states(&bench), ["disposed", "kept", "kept"]);
    assert_eq!(bench.world.vault.kept().len(), 2);
    assert!(bench.card.files().is_empty(), "wiped, because it is stored again");
    assert_eq!(findings(&bench), Vec::<String>::new());
}

/// Whatever a run meets, the chain and the disks agree, and nothing is gone without a tombstone or an
/// intent; then everything ends as without it.
fn after_a_fault(bench: &Bench, plan: PlanId, what: &str) {
    assert_eq!(findings(bench), Vec::<String>::new(), "{what}");
    let intended = bench.rows(&DISPOSAL).iter().filter(|r| r.text("state") == "intended").count();
    let gone = states(bench).iter().filter(|state| *state == "disposed").count();
    let kept = bench.world.vault.kept().len();
    assert!(kept + gone == 2 || kept + gone + intended >= 2, "{what}: {kept} kept, {gone} gone");
    for _ in 0..3 {
        bench.world.clock.advance_ms(DAY);
        match run(&bench.open(), plan) {
            Ok(_) => {}
            Err(StationError::Refused(why)) => {
                assert!(why.0.contains("no clip waits"), "{what}: {why}");
            }
            Err(error) => panic!("{what}: {error}"),
        }
    }
    assert_eq!(states(bench), ["disposed", "disposed"], "{what}");
    assert_eq!((bench.world.vault.kept().len(), bench.world.mirror.kept().len()), (0, 0), "{what}");
    assert_eq!(findings(bench), Vec::<String>::new(), "{what}");
}

/// S17: originals are never lost.
#[test]
fn a_fault_at_every_call_loses_nothing_and_the_next_run_goes_on() {
    let calls = {
        let (bench, _, plan) = ready(Setup::mirrored());
        let faults = Faults::none();
        let station = bench.start(&faults).unwrap();
        let before = faults.count();
        run(&station, plan).unwrap();
        before..faults.count()
    };
    assert!(calls.len() > 30, "{calls:?}");
    let mut removals = 0;
    for call in calls {
        for mode in Mode::ALL {
            let (bench, _, plan) = ready(Setup::mirrored());
            let faults = Faults::at(call, mode);
            let station = bench.start(&faults).unwrap();
            let cut = sealdock_testkit::faults::run(|| run(&station, plan));
            drop(station);
            let fired = faults.fired();
            removals += usize::from(fired.iter().any(|(name, _)| name == "vault.remove"));
            if mode == Mode::Kill {
                assert!(cut.is_err());
                bench.world.power_cut();
                // A month without an entry, then another boot: a person says that the clock is right.
                let station = bench.open();
                let reason = "compared with the radio".to_owned();
                let trust = Command::Keep(keep::Command::TrustClock { reason });
                station.apply(&by(&station, HEAD), trust).unwrap();
            }
            after_a_fault(&bench, plan, &format!("call {call} {mode:?} {fired:?}"));
        }
    }
    assert_eq!(removals, 6, "both removals, in three ways");
}

/// A docking and a run at the same time: the run may come before any call of the docking. Either the copy in
/// the vault stays, or the file stays on the recorder.
#[test]
fn a_run_in_the_middle_of_a_docking_never_leaves_the_bytes_nowhere() {
    let mut met = [0, 0];
    for (call, nth) in [
        ("list", 0),
        ("list", 1),
        ("open", 0),
        ("open", 1),
        ("read-at", 0),
        ("read-at", 2),
        ("look", 0),
        ("make-cold", 0),
        ("make-cold", 1),
        ("delete", 0),
        ("flush", 0),
    ] {
        let (bench, _, plan) = ready(Setup::single());
        let bytes: &[u8] = b"the first clip";
        bench.card.put(ONE, bytes);
        bench.card.put(b"DCIM/THREE.MP4", b"while this is read, the copy of the first goes");
        let station = Arc::new(bench.open());
        let runs = Arc::clone(&station);
        let mut recorder = Meddled::new(bench.plug()).before(call, nth, move || {
            run(&runs, plan).unwrap();
        });
        let request = officers(&station).unwrap();
        let docked = station.dock(&request, &mut recorder);
        let kept = bench.world.vault.kept().contains_key(&Digest::of(bytes));
        let on_card = bench.card.bytes(ONE).is_some();
        assert!(kept || on_card, "{call} {nth}: {docked:?}");
        assert_eq!(findings(&bench), Vec::<String>::new(), "{call} {nth}");
        met[usize::from(kept)] += 1;
        // Whatever happened, the next docking takes it into custody.
        drop(docked);
        bench.visit().unwrap();
        let again = bench.world.vault.kept().contains_key(&Digest::of(bytes));
        assert!(again && bench.card.bytes(ONE).is_none(), "{call} {nth}");
    }
    assert!(met[0] > 0 && met[1] > 0, "both orders were met: {met:?}");
}
