//! Clips bound to steps and matters, what holds them, and marks.

use crate::unit::{Clip, Unit, bind, types};
use sealdock_core::id::{ClipId, MatterId};
use sealdock_core::matter::{
    self, Command, bindings_of_clip, expectations, speaks_against_disposal,
};
use sealdock_core::table::Query;

#[test]
fn one_recording_may_hold_several_steps_in_a_row_a6_13() {
    let mut unit = Unit::new();
    let matter = unit.matter();
    let (one, two) = (unit.step(matter, "inspection"), unit.step(matter, "service"));
    let clip = unit.clip("a.mp4", 0);
    unit.bind(&[clip], one);
    unit.bind(&[clip], two);
    unit.by("o1", Command::Bind { clips: vec![clip], matter: Some(matter), step: None }).unwrap();
    assert_eq!(bindings_of_clip(&unit.tables, clip).unwrap().len(), 3);
    let why = unit.by("o1", bind(&[clip], one)).unwrap_err();
    assert_eq!(why, format!("clip {clip} is bound to {one} already"));
    let whole = Command::Bind { clips: vec![clip], matter: Some(matter), step: None };
    assert_eq!(
        unit.by("o1", whole).unwrap_err(),
        format!("clip {clip} is bound to {matter} already")
    );
}

#[test]
fn bindings_that_cannot_be_are_refused_whole() {
    let mut unit = Unit::new();
    let matter = unit.matter();
    let step = unit.step(matter, "inspection");
    let other = unit.matter();
    let clip = unit.clip("a.mp4", 0);
    let before = unit.tables.clone();
    let mut refused = |clips: &[ClipId], m: Option<MatterId>, s, says: &str| {
        let command = Command::Bind { clips: clips.to_vec(), matter: m, step: s };
        let why = unit.by("o1", command).unwrap_err();
        assert!(why.contains(says), "{why}");
    };
    refused(&[], None, Some(step), "name 1 to 500 clips");
    refused(&vec![clip; 501], None, Some(step), "name 1 to 500 clips");
    refused(&[clip, clip], None, Some(step), "is bound to");
    refused(&[ClipId(9999)], None, Some(step), "there is no clip C9999");
    refused(&[clip], None, None, "say to what: --step E or --matter M");
    refused(&[clip], Some(other), Some(step), "is of matter");
    refused(&[clip], Some(MatterId(9999)), None, "there is no matter M9999");
    refused(&[clip, ClipId(9999)], None, Some(step), "there is no clip C9999");
    assert_eq!(unit.tables, before, "nothing of it was bound");
}

#[test]
fn expected_is_held_against_recorded_s24() {
    let mut unit = Unit::new();
    let matter = unit.matter();
    let must = unit.step(matter, "inspection");
    unit.step(matter, "correction-check");
    let stands = |unit: &Unit| -> Vec<(bool, u32)> {
        let all = expectations(&unit.tables, matter).unwrap();
        all.iter().map(|e| (e.missing(), e.clips)).collect()
    };
    assert_eq!(stands(&unit), [(true, 0), (false, 0)]);
    let clip = unit.clip("a.mp4", 0);
    unit.bind(&[clip], must);
    assert_eq!(stands(&unit), [(false, 1), (false, 0)]);
}

#[test]
fn an_open_case_and_an_open_question_speak_against_disposal_a2_16_a6_14() {
    let mut unit = Unit::new();
    let says = |unit: &Unit, clip| speaks_against_disposal(&unit.tables, clip).unwrap();
    let (clip, other) = (unit.clip("a.mp4", 0), unit.clip("b.mp4", 30));
    assert_eq!(says(&unit, clip), None, "it belongs to no case");
    let matter = unit.matter();
    let step = unit.step(matter, "inspection");
    unit.bind(&[clip, other], step);
    assert!(says(&unit, clip).unwrap().contains("not filed yet (002/A2-§16)"));
    unit.close_step(step);
    let gap = matter::interruptions(&unit.tables, None).unwrap()[0].id;
    unit.by("o1", Command::CloseMatter { matter, ended: None, reason: "x".into() }).unwrap();
    assert!(
        says(&unit, clip).unwrap().contains("not filed yet"),
        "the act has ended, the case is not filed"
    );
    let file =
        Command::FileMatter { matter, case_file: Some("1".into()), archive: None, reason: None };
    let filed = unit.by("c1", file).unwrap();
    let filed = serde_json::to_value(&filed[0]).unwrap();
    assert_eq!((&filed["clips"], &filed["open_interruptions"]), (&2.into(), &1.into()));
    let why = says(&unit, clip).unwrap();
    let asked = sealdock_core::keep::objections(&unit.tables, clip, &unit.stamp()).unwrap();
    assert!(asked.contains(&why), "the room that keeps asks it: {asked:?}");
    assert!(why.contains(&format!("interruption {gap} is not explained (002/A6-§14)")), "{why}");
    unit.by("o1", crate::interruptions::explain(gap)).unwrap();
    assert_eq!(says(&unit, clip), None);
    let reject = Command::Note { interruption: gap, accepted: false, text: "x".into() };
    unit.by("h1", reject).unwrap();
    assert!(says(&unit, clip).is_some(), "it is open again");
}

#[test]
fn a_wrong_binding_is_ended_by_the_department_head_and_stays_visible() {
    let mut unit = Unit::new();
    let matter = unit.matter();
    let step = unit.step(matter, "correction-check");
    let clip = unit.clip("a.mp4", 0);
    unit.bind(&[clip], step);
    let unbind = |step, reason: &str| Command::Unbind {
        clip,
        matter: None,
        step: Some(step),
        reason: reason.into(),
    };
    for person in ["o1", "c1", "h2", "u1"] {
        let why = unit.by(person, unbind(step, "x")).unwrap_err();
        assert!(why.contains("is for the department head (部门负责人)"), "{person}: {why}");
    }
    assert!(unit.by("h1", unbind(step, "")).unwrap_err().contains("a reason is needed"));
    assert_eq!(types(&unit.by("h1", unbind(step, "关联错误")).unwrap()), ["clip.unbound"]);
    assert!(bindings_of_clip(&unit.tables, clip).unwrap().is_empty());
    assert_eq!(unit.tables.rows(&matter::BINDING).len(), 1, "the row stays");
    assert!(unit.by("h1", unbind(step, "x")).unwrap_err().contains("is not bound there"));
    unit.bind(&[clip], step);
}

#[test]
fn a_head_who_is_an_officer_of_the_matter_does_not_unbind_its_clips() {
    let mut unit = Unit::new();
    unit.enrol("h3", sealdock_core::actor::Role::DepartmentHead, "d1");
    let seq = unit.seq;
    let mut record = crate::unit::record();
    record.officers.push(crate::unit::id("h3"));
    unit.by("h3", Command::OpenMatter { record }).unwrap();
    let matter = MatterId(seq);
    let clip = unit.clip("a.mp4", 0);
    let bind = Command::Bind { clips: vec![clip], matter: Some(matter), step: None };
    unit.by("h3", bind).unwrap();
    let unbind = || Command::Unbind { clip, matter: Some(matter), step: None, reason: "x".into() };
    assert!(unit.by("h3", unbind()).unwrap_err().contains("no officer of the matter"));
    assert!(unit.by("h1", unbind()).is_ok());
}

#[test]
fn an_officer_binds_what_officers_of_the_matter_recorded() {
    let mut unit = Unit::new();
    let matter = unit.matter();
    let step = unit.step(matter, "inspection");
    let of = |unit: &mut Unit, officer| unit.clip_of(Clip { officer, ..Clip::default() });
    let colleague = of(&mut unit, Some("o2"));
    let stranger = of(&mut unit, Some("o3"));
    let nobody = of(&mut unit, None);
    assert!(unit.by("o1", bind(&[colleague], step)).is_ok());
    for clip in [stranger, nobody] {
        let why = unit.by("o1", bind(&[clip], step)).unwrap_err();
        assert!(why.contains("was not recorded by an officer of"), "{why}");
    }
    assert!(unit.by("c1", bind(&[stranger], step)).is_ok());
    assert!(unit.by("h1", bind(&[nobody], step)).is_ok());
}

#[test]
fn marks_of_people_stand_beside_those_of_devices() {
    let mut unit = Unit::new();
    let clip = unit.clip_of(Clip { marked: true, ..Clip::default() });
    let mark = |clip, reason: &str| Command::Mark { clip, reason: reason.into() };
    for (person, may) in [
        ("o1", true),
        ("c2", false),
        ("c1", true),
        ("h1", true),
        ("o2", false),
        ("h2", false),
        ("u1", false),
    ] {
        let done = unit.by(person, mark(clip, "当事人阻挠执法"));
        assert_eq!(done.is_ok(), may, "{person}: {done:?}");
    }
    assert!(unit.by("o1", mark(clip, "")).unwrap_err().contains("a reason is needed"));
    assert!(unit.by("o1", mark(ClipId(9999), "x")).unwrap_err().contains("no clip C9999"));
    let marks = unit.tables.rows(&matter::MARK);
    let by: Vec<&str> = marks.iter().map(|row| row.text("marked_by")).collect();
    assert_eq!(by, ["person o1", "person c1", "person h1"]);
    let query = Query::all(&sealdock_core::schema::CLIP).with("seq", clip.0);
    let row = &sealdock_core::ports::Registers::select(&unit.tables, &query).unwrap()[0];
    assert_eq!(row.int("marked"), 1, "the device's mark is as it was");
    let unassigned = unit.clip_of(Clip { officer: None, ..Clip::default() });
    assert!(unit.by("h1", mark(unassigned, "x")).is_err(), "nobody's head");
    assert!(unit.by("c1", mark(unassigned, "x")).is_ok());
}
