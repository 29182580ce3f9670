//! Interruptions: found when a step is closed and when clips come later, explained, noted, filled.

use crate::unit::{Clip, Unit, at, bind, id, types};
use sealdock_core::actor::ActorRecord;
use sealdock_core::event::Event;
use sealdock_core::id::{ClipId, InterruptionId, MatterId, StepId};
use sealdock_core::matter::{
    self, BreakKind, Cause, Command, InterruptionExplained, InterruptionFilled, Voice,
};

/// A step of o1 and o2 that must be recorded.
fn step(unit: &mut Unit) -> (MatterId, StepId) {
    let matter = unit.matter();
    (matter, unit.step(matter, "inspection"))
}

pub fn explain(interruption: InterruptionId) -> Command {
    Command::Explain {
        interruption,
        cause: Cause::Battery,
        text: "电量不足，更换电池".into(),
        voice: None,
        told: id("h1"),
    }
}

fn kinds(unit: &Unit) -> Vec<(BreakKind, String)> {
    let all = matter::interruptions(&unit.tables, None).unwrap();
    all.into_iter().map(|i| (i.kind, i.state)).collect()
}

/// A step whose two clips leave a gap; the gap and the clips.
fn with_gap(unit: &mut Unit) -> (InterruptionId, [ClipId; 2], StepId) {
    let (_, step) = step(unit);
    let clips = [unit.clip("A_0001.mp4", 0), unit.clip("B.mp4", 40)];
    unit.bind(&clips, step);
    unit.close_step(step);
    let all = matter::interruptions(&unit.tables, Some(step)).unwrap();
    assert_eq!(all.len(), 1, "{all:?}");
    (all[0].id, clips, step)
}

#[test]
fn closing_a_step_looks_at_its_recordings_a6_14_s5() {
    let mut unit = Unit::new();
    let (_, step) = step(&mut unit);
    let clips =
        [unit.clip("A_0001.mp4", 0), unit.clip("A_0002.mp4", 10), unit.clip("A_0005.mp4", 21)];
    unit.bind(&clips, step);
    assert_eq!(
        types(&unit.close_step(step)),
        ["step.closed", "interruption.found", "interruption.found"]
    );
    let open = || "open".to_owned();
    assert_eq!(kinds(&unit), [(BreakKind::Gap, open()), (BreakKind::MissingNumber, open())]);
    let row = &matter::interruptions(&unit.tables, Some(step)).unwrap()[1];
    assert_eq!(
        (row.before, row.after, row.numbers.as_str()),
        (Some(clips[1]), Some(clips[2]), "3 4")
    );
    let again = Command::CloseStep { step, ended: None };
    assert!(unit.by("o1", again).unwrap_err().contains("its recordings show nothing new"));
}

#[test]
fn an_unbroken_recording_of_a_step_finds_nothing() {
    let mut unit = Unit::new();
    let (_, step) = step(&mut unit);
    let clips = [unit.clip("A_0001.mp4", 0), unit.clip("A_0002.mp4", 10)];
    unit.bind(&clips, step);
    assert_eq!(types(&unit.close_step(step)), ["step.closed"]);
}

#[test]
fn a_step_in_parts_is_not_looked_at_for_gaps_a6_13() {
    let mut unit = Unit::new();
    let matter = unit.matter();
    let step = StepId(unit.seq);
    let Command::DeclareStep { item, place, officers, began, .. } =
        crate::unit::declare(matter, "inspection")
    else {
        unreachable!()
    };
    let (manner, reason) = (matter::Manner::InParts, Some("两处场所".into()));
    let parts = Command::DeclareStep { matter, item, manner, place, officers, began, reason };
    unit.by("o1", parts).unwrap();
    let clips = [unit.clip("A_0001.mp4", 0), unit.clip("A_0009.mp4", 90)];
    unit.bind(&clips, step);
    assert_eq!(types(&unit.close_step(step)), ["step.closed"]);
}

#[test]
fn a_step_that_must_be_recorded_and_is_not_is_reported_until_it_is_s24() {
    let mut unit = Unit::new();
    let (_, step) = step(&mut unit);
    assert_eq!(types(&unit.close_step(step)), ["step.closed", "interruption.found"]);
    assert_eq!(kinds(&unit), [(BreakKind::Unrecorded, "open".into())]);
    let clip = unit.clip("a.mp4", 0);
    assert_eq!(types(&unit.bind(&[clip], step)), ["clip.bound", "interruption.filled"]);
    assert_eq!(kinds(&unit), [(BreakKind::Unrecorded, "filled".into())]);
    let unbind = Command::Unbind { clip, matter: None, step: Some(step), reason: "x".into() };
    assert_eq!(types(&unit.by("h1", unbind).unwrap()), ["clip.unbound", "interruption.found"]);
}

#[test]
fn a_clip_that_comes_later_fills_the_gap_and_may_show_others() {
    let mut unit = Unit::new();
    let (_, _, step) = with_gap(&mut unit);
    let late = unit.clip("C.mp4", 20);
    let events = unit.by("o1", bind(&[late], step)).unwrap();
    let wanted = ["clip.bound", "interruption.found", "interruption.found", "interruption.filled"];
    assert_eq!(types(&events), wanted);
    let rest = unit.clip("D.mp4", 30);
    let fill = unit.clip("E.mp4", 10);
    unit.bind(&[rest, fill], step);
    let open = kinds(&unit).into_iter().filter(|(_, state)| state == "open").count();
    assert_eq!(open, 0, "{:?}", kinds(&unit));
}

#[test]
fn what_was_explained_stays_explained_when_a_clip_fills_it() {
    let mut unit = Unit::new();
    let (gap, _, step) = with_gap(&mut unit);
    unit.by("o1", explain(gap)).unwrap();
    let whole = unit.clip_of(Clip {
        name: "C.mp4",
        minute: 10,
        facts: Some(r#"{"duration_ms":1800000,"state":"complete"}"#),
        recorder: "R1",
        ..Clip::default()
    });
    unit.bind(&[whole], step);
    assert!(kinds(&unit).contains(&(BreakKind::Gap, "explained".into())), "{:?}", kinds(&unit));
}

#[test]
fn a_recording_in_custody_that_nobody_bound_is_found() {
    let mut unit = Unit::new();
    let (_, step) = step(&mut unit);
    let clips = [unit.clip("A_0001.mp4", 0), unit.clip("A_0003.mp4", 20)];
    let middle = unit.clip("A_0002.mp4", 10);
    let _other_day = unit.clip("A_0002.mp4", 600);
    unit.bind(&clips, step);
    unit.close_step(step);
    let found: Vec<_> = matter::interruptions(&unit.tables, None).unwrap();
    let left_out: Vec<_> = found.iter().filter(|i| i.kind == BreakKind::LeftOut).collect();
    assert_eq!((left_out.len(), left_out[0].before), (1, Some(middle)));
    assert!(!found.iter().any(|i| i.kind == BreakKind::MissingNumber), "its number is there");
    unit.bind(&[middle], step);
    assert!(kinds(&unit).iter().all(|(_, state)| state == "filled"), "{:?}", kinds(&unit));
}

#[test]
fn a_recorder_clock_that_was_measured_is_taken_off_the_times_in_names() {
    let shown = |measured_ms| {
        let mut unit = Unit::new();
        let (_, step) = step(&mut unit);
        unit.session = unit.dock("R1", "o1", Some(measured_ms), "done");
        let clip = unit.clip_of(Clip { ahead_s: 90, ..Clip::default() });
        unit.bind(&[clip], step);
        types(&unit.close_step(step))
    };
    assert_eq!(shown(90_000), ["step.closed"]);
    assert_eq!(shown(0), ["step.closed", "interruption.found"]);
}

#[test]
fn nothing_is_said_about_clips_whose_facts_are_not_read_yet() {
    let mut unit = Unit::new();
    let (_, step) = step(&mut unit);
    let clip = unit.clip_of(Clip { facts: None, ..Clip::default() });
    unit.bind(&[clip], step);
    let why = unit.by("o1", Command::CloseStep { step, ended: None }).unwrap_err();
    assert!(why.contains(&format!("the media facts of clip {clip} are not read yet")), "{why}");
    let matter = unit.matter();
    let photos = unit.step(matter, "inspection");
    let photo =
        unit.clip_of(Clip { facts: None, media: "photo", name: "a.jpg", ..Clip::default() });
    unit.bind(&[photo], photos);
    assert_eq!(
        types(&unit.close_step(photos)),
        ["step.closed"],
        "a photo has no length to wait for"
    );
}

#[test]
fn a_clip_cut_short_and_an_early_end_are_found_with_the_step() {
    let mut unit = Unit::new();
    let (_, step) = step(&mut unit);
    let cut = unit.clip_of(Clip { facts: Some(r#"{"state":"no-moov"}"#), ..Clip::default() });
    unit.bind(&[cut], step);
    let ended = Some(at("2026-03-02T00:20:00Z"));
    unit.by("o1", Command::CloseStep { step, ended }).unwrap();
    let found: Vec<_> = kinds(&unit).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(found, [BreakKind::CutShort, BreakKind::EndedEarly]);
}

/// S5.
#[test]
fn an_officer_explains_to_their_own_department_head_a6_14() {
    let mut unit = Unit::new();
    let (gap, ..) = with_gap(&mut unit);
    for person in ["o3", "c1", "h1", "u1", "o9"] {
        let why = unit.by(person, explain(gap)).unwrap_err();
        assert!(why.contains("is for an officer of the step"), "{person}: {why}");
    }
    for told in ["h2", "u1", "o2", "nobody"] {
        let Command::Explain { interruption, cause, text, voice, .. } = explain(gap) else {
            unreachable!()
        };
        let command = Command::Explain { interruption, cause, text, voice, told: id(told) };
        let why = unit.by("o1", command).unwrap_err();
        assert!(why.contains("is not the department head of o1"), "{told}: {why}");
    }
    assert!(
        unit.by("o1", explain(InterruptionId(9999))).unwrap_err().contains("no interruption I9999")
    );
    unit.by("o2", explain(gap)).unwrap();
    let row = matter::interruption(&unit.tables, gap).unwrap().unwrap();
    assert_eq!(
        (row.state.as_str(), row.told, row.explained_by),
        ("explained", Some(id("h1")), Some(id("o2")))
    );
    let why = unit.by("o1", explain(gap)).unwrap_err();
    assert_eq!(why, format!("interruption {gap} is explained already"));
}

#[test]
fn nobody_reports_to_themself() {
    let mut unit = Unit::new();
    let (gap, ..) = with_gap(&mut unit);
    let row = matter::interruption(&unit.tables, gap).unwrap().unwrap();
    // o1 becomes head of d1 beside being an officer.
    let appointed = sealdock_core::duty::DutyAppointed {
        person: id("o1"),
        role: sealdock_core::actor::Role::DepartmentHead,
        department: None,
        since: None,
        until: None,
        acting_for: None,
        reason: "x".into(),
    };
    unit.write(&ActorRecord::System, &sealdock_core::duty::Event::DutyAppointed(appointed).into());
    let to_self = InterruptionExplained {
        interruption: row.id,
        cause: Cause::Fault,
        text: "x".into(),
        voice: None,
        told: id("o1"),
    };
    let actor = ActorRecord::Person { id: id("o1") };
    let why = unit.objects(&actor, matter::Event::InterruptionExplained(to_self)).unwrap();
    assert!(why.contains("o1 is not the department head of o1"), "{why}");
    unit.by("o2", explain(gap)).unwrap();
    let note = Command::Note { interruption: gap, accepted: true, text: "x".into() };
    assert!(unit.by("o1", note).unwrap_err().contains("no officer of the step"));
}

#[test]
fn a_cause_said_aloud_is_at_a_place_in_a_clip_of_the_step_a6_14() {
    let mut unit = Unit::new();
    let (gap, clips, _) = with_gap(&mut unit);
    let elsewhere = unit.clip("x.mp4", 200);
    let mut say = |clip, at_ms| {
        let Command::Explain { interruption, cause, text, told, .. } = explain(gap) else {
            unreachable!()
        };
        let voice = Some(Voice { clip, at_ms });
        unit.by("o1", Command::Explain { interruption, cause, text, voice, told })
    };
    assert!(say(elsewhere, 0).unwrap_err().contains("is not bound to step"));
    assert!(say(clips[1], 600_001).unwrap_err().contains("is only 600000 ms long"));
    let events = say(clips[1], 600_000).unwrap();
    let Event::Matter(matter::Event::InterruptionExplained(e)) = &events[0] else { panic!() };
    assert_eq!(e.voice.unwrap().clip, clips[1]);
}

#[test]
fn the_department_head_accepts_an_explanation_or_it_is_open_again() {
    let mut unit = Unit::new();
    let (gap, ..) = with_gap(&mut unit);
    let note = |accepted| Command::Note { interruption: gap, accepted, text: "已核实".into() };
    assert!(unit.by("h1", note(true)).unwrap_err().contains("there is nothing to take note of"));
    unit.by("o1", explain(gap)).unwrap();
    for person in ["o1", "o2", "h2", "c1", "u1"] {
        let why = unit.by(person, note(true)).unwrap_err();
        assert!(why.contains("is for the department head of o1"), "{person}: {why}");
    }
    unit.by("h1", note(false)).unwrap();
    let state = |unit: &Unit| kinds(unit)[0].1.clone();
    assert_eq!(state(&unit), "not-accepted");
    unit.by("o1", explain(gap)).unwrap();
    unit.by("h1", note(true)).unwrap();
    assert_eq!(state(&unit), "accepted");
    assert!(unit.by("h1", note(false)).unwrap_err().contains("is accepted"));
    assert!(unit.by("o1", explain(gap)).unwrap_err().contains("is accepted already"));
    let none =
        Command::Note { interruption: InterruptionId(9999), accepted: true, text: "x".into() };
    assert!(unit.by("h1", none).unwrap_err().contains("no interruption I9999"));
}

#[test]
fn an_interruption_that_is_said_to_be_filled_without_a_new_binding_is_found_by_check() {
    let mut unit = Unit::new();
    let (gap, _, step) = with_gap(&mut unit);
    let filled = || matter::Event::InterruptionFilled(InterruptionFilled { interruption: gap });
    let officer = ActorRecord::Person { id: id("o1") };
    let why = unit.objects(&officer, filled()).unwrap();
    assert!(why.contains("no binding of") && why.contains("it stays open"), "{why}");
    let photo =
        unit.clip_of(Clip { media: "photo", name: "a.jpg", minute: 100, ..Clip::default() });
    unit.bind(&[photo], step);
    assert_eq!(unit.objects(&officer, filled()), None);
    let stranger = ActorRecord::Person { id: id("o3") };
    assert!(unit.objects(&stranger, filled()).is_some());
    let unknown = InterruptionFilled { interruption: InterruptionId(9999) };
    assert!(unit.objects(&officer, matter::Event::InterruptionFilled(unknown)).is_some());
}
