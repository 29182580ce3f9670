//! Matters opened, corrected, closed and filed, the list of steps, and the filing deadline.

use crate::unit::{Unit, at, declare, id, record, types};
use sealdock_core::actor::{Actor, ActorRecord};
use sealdock_core::event::Event;
use sealdock_core::id::MatterId;
use sealdock_core::matter::{
    self, Command, DEFAULT_STEPS, FilingMissed, FilingWarned, Manner, MatterRecord,
};
use sealdock_core::time::{DAY_MS, WallMs};

fn close(matter: MatterId) -> Command {
    Command::CloseMatter { matter, ended: None, reason: "处罚决定已执行".into() }
}

fn file(matter: MatterId, case_file: Option<&str>, reason: Option<&str>) -> Command {
    let text = |text: Option<&str>| text.map(str::to_owned);
    Command::FileMatter { matter, case_file: text(case_file), archive: None, reason: text(reason) }
}

fn row(unit: &Unit, matter: MatterId) -> matter::Matter {
    matter::matter(&unit.tables, matter).unwrap().unwrap()
}

#[test]
fn a_matter_holds_parties_staff_and_case_file_000_8_s22() {
    let mut unit = Unit::new();
    let matter = unit.matter();
    let held = row(&unit, matter);
    assert_eq!(
        (held.title.as_str(), held.parties.as_slice()),
        ("检查养老机构", &["某养老院".to_owned()][..])
    );
    assert_eq!((held.officers, held.state.as_str()), (vec![id("o1"), id("o2")], "open"));
    assert_eq!(held.department.unwrap().as_str(), "d1");
    assert_eq!(matter::matters(&unit.tables).unwrap().len(), 1);
    let step = unit.step(matter, "inspection");
    let step = matter::step(&unit.tables, step).unwrap().unwrap();
    assert_eq!((step.place.as_str(), step.officers.len(), step.continuous), ("某路1号", 2, true));
}

#[test]
fn records_that_a_form_cannot_take_are_refused() {
    let mut unit = Unit::new();
    let mut refused = |change: &dyn Fn(&mut MatterRecord), says: &str| {
        let mut record = record();
        change(&mut record);
        let why = unit.by("c1", Command::OpenMatter { record }).unwrap_err();
        assert!(why.contains(says), "{why}");
    };
    refused(&|r| r.title = " ".into(), "a matter's title is 1 to 200 characters");
    refused(&|r| r.title = "x".repeat(201), "1 to 200");
    refused(&|r| r.title = "a\nb".into(), "without control characters");
    refused(&|r| r.parties = vec![String::new()], "a party's name");
    refused(&|r| r.parties = vec!["x".into(); 41], "at most 40 parties");
    refused(&|r| r.officers = (0..41).map(|n| id(&format!("x{n}"))).collect(), "40 officers");
    refused(&|r| r.officers.clear(), "at least one officer");
    refused(&|r| r.officers = vec![id("o1"), id("o1")], "o1 is named twice");
    refused(&|r| r.officers = vec![id("nobody")], "nobody is not of this unit");
    refused(&|r| r.department = Some("d9".parse().unwrap()), "there is no department d9");
    refused(&|r| r.case_file = Some("\t".into()), "a case number");
    let mut most = record();
    (most.title, most.parties) = ("𠮷".repeat(200), vec!["x".into(); 40]);
    assert!(unit.by("c1", Command::OpenMatter { record: most }).is_ok());
}

#[test]
fn two_matters_never_share_a_case_number() {
    let mut unit = Unit::new();
    let numbered =
        || MatterRecord { case_file: Some("衡民罚〔2026〕1号".into()), ..record() };
    unit.by("o1", Command::OpenMatter { record: numbered() }).unwrap();
    let why = unit.by("o1", Command::OpenMatter { record: numbered() }).unwrap_err();
    assert!(why.starts_with("case number 衡民罚〔2026〕1号 is matter M"), "{why}");
    let other = unit.matter();
    unit.by("o1", close(other)).unwrap();
    assert!(
        unit.by("c1", file(other, Some("衡民罚〔2026〕1号"), None))
            .unwrap_err()
            .contains("is matter M")
    );
}

#[test]
fn a_correction_names_what_it_replaces_and_both_stay() {
    let mut unit = Unit::new();
    let id = unit.matter();
    let correct = |title: &str, reason: &str| Command::CorrectMatter {
        matter: id,
        record: MatterRecord { title: title.into(), case_file: Some("1".into()), ..record() },
        reason: reason.into(),
    };
    assert!(unit.by("o1", correct("x", " ")).unwrap_err().contains("a reason is needed"));
    let events = unit.by("o1", correct("更正", "笔误")).unwrap();
    let Event::Matter(matter::Event::MatterCorrected(e)) = &events[0] else { panic!("{events:?}") };
    assert_eq!((e.corrects, row(&unit, id).title.as_str()), (id.0, "更正"));
    let again = unit.by("o1", correct("再更正", "笔误")).unwrap();
    let Event::Matter(matter::Event::MatterCorrected(e)) = &again[0] else { panic!("{again:?}") };
    assert_eq!(e.corrects, unit.seq - 2, "the correction before, not the first record");
    unit.by("o1", close(id)).unwrap();
    unit.by("c1", file(id, None, None)).unwrap();
    assert!(
        unit.by("c1", correct("名称", "笔误")).is_ok(),
        "its own number does not stand in its way"
    );
    let renumbered = Command::CorrectMatter {
        matter: id,
        record: MatterRecord { case_file: Some("2".into()), ..record() },
        reason: "x".into(),
    };
    assert!(
        unit.by("c1", renumbered).unwrap_err().contains("filed as 1; the number of a filed case")
    );
    let missing =
        Command::CorrectMatter { matter: MatterId(999), record: record(), reason: "x".into() };
    assert_eq!(
        unit.by("o1", missing).unwrap_err(),
        "there is no matter M999; see `sealdock matter list`"
    );
}

#[test]
fn a_matter_closes_after_its_steps_and_only_once() {
    let mut unit = Unit::new();
    let matter = unit.matter();
    let step = unit.step(matter, "correction-check");
    let why = unit.by("o1", close(matter)).unwrap_err();
    assert!(why.starts_with(&format!("step {step} of matter {matter} is not closed")), "{why}");
    unit.close_step(step);
    let early = Command::CloseMatter { matter, ended: None, reason: " ".into() };
    assert!(unit.by("o1", early).unwrap_err().contains("a reason is needed"));
    assert_eq!(types(&unit.by("o1", close(matter)).unwrap()), ["matter.closed"]);
    assert_eq!(
        unit.by("o1", close(matter)).unwrap_err(),
        format!("matter {matter} is closed already")
    );
    assert!(
        unit.by("o1", declare(matter, "hearing")).unwrap_err().contains("no step is added to it")
    );
}

#[test]
fn the_end_of_the_act_lies_neither_in_the_future_nor_before_all_recorders() {
    let mut unit = Unit::new();
    let matter = unit.matter();
    let mut ended = |at: WallMs| {
        unit.by("o1", Command::CloseMatter { matter, ended: Some(at), reason: "x".into() })
    };
    let now = at(crate::unit::NOON);
    assert!(ended(now.plus_ms(1)).unwrap_err().contains("that is still to come"));
    assert!(ended(at("2014-12-31T23:59:59Z")).unwrap_err().contains("clock.not_before"));
    assert!(ended(now).is_ok());
}

#[test]
fn a_case_is_filed_within_thirty_days_of_the_end_a2_16_s9() {
    let mut unit = Unit::new();
    let matter = unit.matter();
    assert!(
        unit.by("c1", file(matter, Some("1"), None)).unwrap_err().contains("the act has not ended")
    );
    unit.by("o1", close(matter)).unwrap();
    let due = row(&unit, matter).due.unwrap();
    assert_eq!(due, at("2026-04-01T16:00:00Z"), "the end of the thirtieth day after 2 March");
    assert!(unit.by("c1", file(matter, None, None)).unwrap_err().contains("no case number yet"));
    unit.now = due;
    let events = unit.by("c1", file(matter, Some("1"), Some("not needed"))).unwrap();
    let Event::Matter(matter::Event::MatterFiled(e)) = &events[0] else { panic!("{events:?}") };
    assert_eq!((e.late, e.reason.as_deref(), e.clips), (Some(false), None, 0));
    assert_eq!(row(&unit, matter).state, "filed");
    assert_eq!(
        unit.by("c1", file(matter, None, None)).unwrap_err(),
        format!("matter {matter} is filed already")
    );
    assert!(unit.by("o1", close(matter)).unwrap_err().contains("is filed already"));
}

#[test]
fn late_filing_says_why_a2_16_s9() {
    let mut unit = Unit::new();
    let matter = unit.matter();
    unit.by("o1", close(matter)).unwrap();
    unit.now = row(&unit, matter).due.unwrap().plus_ms(1);
    let why = unit.by("c1", file(matter, Some("1"), None)).unwrap_err();
    assert!(
        why.contains("should have been filed by 2026-04-01T16:00:00.000Z (002/A2-§16)"),
        "{why}"
    );
    unit.by("c1", file(matter, Some("1"), Some("等待复议"))).unwrap();
    assert_eq!(row(&unit, matter).late, Some(true));
}

#[test]
fn deadlines_are_said_once_when_near_and_once_when_over_s9() {
    let mut unit = Unit::new();
    let watch =
        |unit: &mut Unit| unit.act(&Actor::System, Command::WatchFilings).map(|e| types(&e));
    let matter = unit.matter();
    assert!(watch(&mut unit).unwrap_err().contains("no filing deadline is near"));
    unit.by("o1", close(matter)).unwrap();
    let due = row(&unit, matter).due.unwrap();
    unit.now = due.plus_ms(-5 * DAY_MS - 1);
    assert!(watch(&mut unit).is_err());
    unit.later(1);
    assert_eq!(watch(&mut unit).unwrap(), ["matter.filing-warned"]);
    assert!(row(&unit, matter).warned && watch(&mut unit).is_err());
    unit.now = due;
    assert!(watch(&mut unit).is_err(), "its last moment is in time");
    unit.later(1);
    assert_eq!(watch(&mut unit).unwrap(), ["matter.filing-missed"]);
    assert!(row(&unit, matter).missed && watch(&mut unit).is_err());
    let filed = unit.matter();
    unit.by("o1", close(filed)).unwrap();
    unit.by("c1", file(filed, Some("1"), None)).unwrap();
    unit.days_later(60);
    assert!(watch(&mut unit).is_err(), "what is filed is due no more");
}

#[test]
fn on_a_bad_clock_no_filing_deadline_is_met_or_missed() {
    let mut unit = Unit::new();
    let matter = unit.matter();
    unit.by("o1", close(matter)).unwrap();
    unit.now = at("2001-01-01T00:00:00Z");
    let why = unit.act(&Actor::System, Command::WatchFilings).unwrap_err();
    assert!(why.contains("the station's clock is wrong"), "{why}");
    let events = unit.by("c1", file(matter, Some("1"), Some("x"))).unwrap();
    let Event::Matter(matter::Event::MatterFiled(e)) = &events[0] else { panic!("{events:?}") };
    assert_eq!((e.late, e.reason.as_ref()), (None, None));
    let other = unit.matter();
    assert!(
        unit.by("o1", close(other)).unwrap_err().contains("say when the act ended with --ended")
    );
    let ended = Some(at("2026-03-01T00:00:00Z"));
    assert!(
        unit.by("o1", Command::CloseMatter { matter: other, ended, reason: "x".into() }).is_ok()
    );
}

#[test]
fn deadlines_that_somebody_else_wrote_or_wrote_too_early_are_found() {
    let mut unit = Unit::new();
    let matter = unit.matter();
    unit.by("o1", close(matter)).unwrap();
    let due = row(&unit, matter).due.unwrap();
    let missed = || matter::Event::FilingMissed(FilingMissed { matter, due });
    let warned = || matter::Event::FilingWarned(FilingWarned { matter, due });
    let officer = ActorRecord::Person { id: id("o1") };
    unit.now = due;
    assert!(unit.objects(&ActorRecord::System, missed()).unwrap().contains("had not passed"));
    unit.later(1);
    assert_eq!(unit.objects(&ActorRecord::System, missed()), None);
    assert!(unit.objects(&officer, missed()).unwrap().contains("for the station alone"));
    assert!(unit.objects(&officer, warned()).unwrap().contains("for the station alone"));
    let other = unit.matter();
    let closed = matter::MatterClosed { matter: other, ended: unit.now, due, reason: "x".into() };
    let why = unit.objects(&officer, matter::Event::MatterClosed(closed)).unwrap();
    assert!(why.contains("not by 2026-04-01T16:00:00.000Z"), "{why}");
    assert!(unit.by("o1", Command::WatchFilings).unwrap_err().contains("only the station itself"));
}

#[test]
fn a_unit_adopts_its_own_list_of_what_must_be_recorded_003_25_s24() {
    let mut unit = Unit::new();
    assert_eq!(matter::steps_in_force(&unit.tables).unwrap().adopted_seq, None);
    let adopt = |text: &str| Command::AdoptSteps { text: text.into() };
    assert!(unit.by("u1", adopt("schema = 2")).unwrap_err().contains("not valid"));
    let long = format!("{DEFAULT_STEPS}#{}", "x".repeat(32 * 1024));
    assert!(unit.by("u1", adopt(&long)).unwrap_err().contains("32 KiB"));
    assert!(unit.by("u1", adopt(DEFAULT_STEPS)).is_ok(), "the built-in list, as the unit's own");
    assert!(unit.by("u1", adopt(DEFAULT_STEPS)).unwrap_err().contains("already in force"));
    let own = DEFAULT_STEPS.replace("correction-check", "revisit");
    unit.by("u1", adopt(&own)).unwrap();
    let in_force = matter::steps_in_force(&unit.tables).unwrap();
    assert_eq!((in_force.adopted_seq, in_force.text), (Some(unit.seq - 1), own));
    let matter = unit.matter();
    let why = unit.by("o1", declare(matter, "correction-check")).unwrap_err();
    assert!(why.contains("there is no item \"correction-check\""), "{why}");
    unit.step(matter, "revisit");
}

#[test]
fn a_step_in_parts_says_why_and_some_steps_never_are_a6_13_a2_13() {
    let mut unit = Unit::new();
    let matter = unit.matter();
    let parts = |item: &str, reason: Option<&str>| Command::DeclareStep {
        matter,
        item: item.into(),
        manner: Manner::InParts,
        place: "x".into(),
        officers: Vec::new(),
        began: None,
        reason: reason.map(str::to_owned),
    };
    assert!(unit.by("o1", parts("inspection", None)).unwrap_err().contains("002/A6-§13"));
    assert!(
        unit.by("o1", parts("inspection", Some(" "))).unwrap_err().contains("a reason is needed")
    );
    let why = unit.by("o1", parts("service-leaving", Some("两处"))).unwrap_err();
    assert!(
        why.starts_with("留置送达 (service-leaving) is recorded without a break: 002/A2-§13 ¶3"),
        "{why}"
    );
    let step = unit.seq;
    unit.by("o1", parts("inspection", Some("两处场所"))).unwrap();
    let step = matter::step(&unit.tables, sealdock_core::id::StepId(step)).unwrap().unwrap();
    assert!(!step.continuous);
}

#[test]
fn steps_that_cannot_be_are_refused() {
    let mut unit = Unit::new();
    let matter = unit.matter();
    let wanted = |officers: &[&str], place: &str, began: Option<&str>| Command::DeclareStep {
        matter,
        item: "hearing".into(),
        manner: Manner::Continuous,
        place: place.into(),
        officers: officers.iter().map(|o| id(o)).collect(),
        began: began.map(at),
        reason: None,
    };
    assert!(
        unit.by("o1", declare(MatterId(999), "hearing")).unwrap_err().contains("no matter M999")
    );
    assert!(
        unit.by("o1", wanted(&["o3"], "x", None))
            .unwrap_err()
            .contains("o3 is no officer of matter")
    );
    assert!(
        unit.by("o1", wanted(&["zz"], "x", None)).unwrap_err().contains("zz is not of this unit")
    );
    assert!(unit.by("o1", wanted(&[], "", None)).unwrap_err().contains("a place is 1 to 200"));
    let future = Some("2026-03-02T04:00:00.001Z");
    assert!(unit.by("o1", wanted(&[], "x", future)).unwrap_err().contains("still to come"));
    let step = sealdock_core::id::StepId(unit.seq);
    unit.by("o1", wanted(&["o2"], "x", Some("2026-03-02T03:00:00Z"))).unwrap();
    let end = |ended: &str| Command::CloseStep { step, ended: Some(at(ended)) };
    assert!(unit.by("o1", end("2026-03-02T02:59:59Z")).unwrap_err().contains("cannot have ended"));
    assert!(unit.by("o1", end("2026-03-02T04:00:01Z")).unwrap_err().contains("still to come"));
    unit.by("o1", end("2026-03-02T03:00:00Z")).unwrap();
    assert!(unit.by("o1", end("2026-03-02T03:00:00Z")).unwrap_err().contains("not said twice"));
    let none = Command::CloseStep { step: sealdock_core::id::StepId(999), ended: None };
    assert!(unit.by("o1", none).unwrap_err().contains("there is no step E999"));
}
