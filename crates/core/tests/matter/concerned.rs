//! Whom a matter is about does not lift what holds its clips, nor judge its interruptions; and what could not be
//! written at that time is found by `check`.

use crate::unit::{Clip, Unit, id, record};
use sealdock_core::Digest;
use sealdock_core::actor::{ActorRecord, Role};
use sealdock_core::duty::{DutyAppointed, Event as Duty};
use sealdock_core::event::Event;
use sealdock_core::id::{ClipId, InterruptionId, MatterId, StepId};
use sealdock_core::matter::{
    self, Cause, ClipBound, Command, DEFAULT_STEPS, FilingMissed, FilingWarned,
    InterruptionExplained, InterruptionNoted, Manner, MatterClosed, MatterCorrected, MatterFiled,
    MatterRecord, StepClosed, StepDeclared, StepsAdopted,
};

fn by(who: &str) -> ActorRecord {
    ActorRecord::Person { id: id(who) }
}

fn correct(matter: MatterId, record: MatterRecord) -> Command {
    Command::CorrectMatter { matter, record, reason: "typing error".into() }
}

fn unbind(clip: ClipId, matter: MatterId) -> Command {
    Command::Unbind { clip, matter: Some(matter), step: None, reason: "wrong one".into() }
}

fn bound(unit: &mut Unit, clip: ClipId, matter: MatterId) {
    let command = Command::Bind { clips: vec![clip], matter: Some(matter), step: None };
    unit.by("c1", command).unwrap();
}

/// Head of d1, as the deputy of somebody if one is named.
fn head(unit: &mut Unit, who: &str, deputy_of: Option<&str>) {
    let appointed = DutyAppointed {
        person: id(who),
        role: Role::DepartmentHead,
        department: Some("d1".parse().unwrap()),
        since: None,
        until: deputy_of.map(|_| unit.now.plus_ms(1_000_000_000)),
        acting_for: deputy_of.map(id),
        reason: "x".into(),
    };
    unit.write(&ActorRecord::System, &Duty::DutyAppointed(appointed).into());
}

/// A8: h3 heads d1 and works on the matter, takes themself off its list and then lifts the binding.
#[test]
fn who_was_ever_an_officer_of_a_matter_does_not_unbind_its_clips() {
    let mut unit = Unit::new();
    unit.enrol("h3", Role::Officer, "d1");
    head(&mut unit, "h3", None);
    let matter = MatterId(unit.seq);
    let mut with = record();
    with.officers.push(id("h3"));
    unit.by("h3", Command::OpenMatter { record: with }).unwrap();
    let clip = unit.clip("a.mp4", 0);
    bound(&mut unit, clip, matter);
    unit.by("h3", correct(matter, record())).expect("the list may be put right");
    assert_eq!(matter::ever_officers(&unit.tables, matter).unwrap().len(), 3);

    let why = unit.by("h3", unbind(clip, matter)).unwrap_err();
    assert!(why.contains("is for another head of the department than h3"), "{why}");
    let binding = matter::bindings_of_clip(&unit.tables, clip).unwrap()[0].binding;
    let unbound = matter::ClipUnbound { clip, binding, reason: "x".into() };
    assert!(unit.objects(&by("h3"), matter::Event::ClipUnbound(unbound)).is_some());
    // Nor who stands in for them, and for nobody else.
    unit.enrol("o5", Role::Officer, "d1");
    head(&mut unit, "o5", Some("h3"));
    assert!(unit.by("o5", unbind(clip, matter)).is_err());
    unit.by("h1", unbind(clip, matter)).unwrap();
}

#[test]
fn whose_clip_it_is_does_not_unbind_it_though_they_head_the_department() {
    let mut unit = Unit::new();
    unit.enrol("h3", Role::Officer, "d1");
    head(&mut unit, "h3", None);
    let matter = unit.matter();
    let clip = unit.clip_of(Clip { officer: Some("h3"), ..Clip::default() });
    bound(&mut unit, clip, matter);
    let why = unit.by("h3", unbind(clip, matter)).unwrap_err();
    assert!(why.contains("whose clip it is"), "{why}");
    unit.by("h1", unbind(clip, matter)).unwrap();
}

#[test]
fn an_officer_of_a_matter_does_not_choose_its_department() {
    let mut unit = Unit::new();
    let matter = unit.matter();
    let elsewhere = |department: Option<&str>| MatterRecord {
        department: department.map(|d| d.parse().unwrap()),
        ..record()
    };
    for to in [Some("d2"), None] {
        let why = unit.by("o1", correct(matter, elsewhere(to))).unwrap_err();
        assert!(why.contains("o1 is or was one of its officers"), "{why}");
    }
    unit.by("o1", correct(matter, MatterRecord { title: "复查".into(), ..record() })).unwrap();
    unit.by("h1", correct(matter, elsewhere(Some("d2")))).unwrap();
}

fn interrupted(unit: &mut Unit) -> InterruptionId {
    let matter = unit.matter();
    let step = unit.step(matter, "inspection");
    let clips = [unit.clip("A_0001.mp4", 0), unit.clip("A_0002.mp4", 60)];
    unit.bind(&clips, step);
    unit.close_step(step);
    matter::interruptions(&unit.tables, Some(step)).unwrap()[0].id
}

fn explain(interruption: InterruptionId, told: &str) -> Command {
    Command::Explain {
        interruption,
        cause: Cause::Battery,
        text: "电量不足".into(),
        voice: None,
        told: id(told),
    }
}

/// A11: o1 heads d1 as well, and o5 is a head only as o1's deputy.
#[test]
fn a_deputy_decides_nothing_about_an_interruption_of_whom_they_stand_in_for() {
    let mut unit = Unit::new();
    head(&mut unit, "o1", None);
    unit.enrol("o5", Role::Viewer, "d1");
    head(&mut unit, "o5", Some("o1"));
    let gap = interrupted(&mut unit);
    let why = unit.by("o1", explain(gap, "o5")).unwrap_err();
    assert!(why.contains("o5 only stands in for o1"), "{why}");
    unit.by("o1", explain(gap, "h1")).unwrap();
    let note = || Command::Note { interruption: gap, accepted: true, text: "已核实".into() };
    let why = unit.by("o5", note()).unwrap_err();
    assert!(why.contains("o5 only stands in for an officer of the step"), "{why}");
    let noted = InterruptionNoted { interruption: gap, accepted: true, text: "x".into() };
    assert!(unit.objects(&by("o5"), matter::Event::InterruptionNoted(noted)).is_some());
    unit.by("h1", note()).unwrap();
}

#[test]
fn check_finds_what_it_was_not_the_time_for() {
    let mut unit = Unit::new();
    let gap = interrupted(&mut unit);
    let of = matter::interruption(&unit.tables, gap).unwrap().unwrap();
    let (matter, step) = (of.matter, of.step);
    let says = |unit: &Unit, who: &str, event: matter::Event, says: &str| {
        let why = unit.objects(&by(who), event).unwrap_or_else(|| panic!("not found: {says}"));
        assert!(why.contains(says), "{why}");
    };
    let closed = |step| matter::Event::StepClosed(StepClosed { step, ended: None });
    says(&unit, "o1", closed(step), "is closed already");
    let noted = InterruptionNoted { interruption: gap, accepted: true, text: "x".into() };
    says(&unit, "h1", matter::Event::InterruptionNoted(noted), "is not explained yet");
    unit.by("o1", explain(gap, "h1")).unwrap();
    let explained = InterruptionExplained {
        interruption: gap,
        cause: Cause::Fault,
        text: "x".into(),
        voice: None,
        told: id("h1"),
    };
    says(&unit, "o1", matter::Event::InterruptionExplained(explained), "is explained");

    let bind_to = |clip, step| matter::Event::ClipBound(ClipBound { clip, matter, step });
    let there = matter::bound_to(&unit.tables, step).unwrap()[0].clip;
    says(&unit, "o1", bind_to(there, Some(step)), "is bound there already");
    says(&unit, "c1", bind_to(ClipId(9999), None), "there is no clip C9999");
    says(&unit, "o1", bind_to(there, Some(StepId(9999))), "is no step of");

    let corrected = MatterCorrected { matter, record: record(), corrects: 1, reason: "x".into() };
    says(&unit, "o1", matter::Event::MatterCorrected(corrected), "speaks of entry 1");
    let list = matter::steps_in_force(&unit.tables).unwrap().sha256;
    let declared = |item: &str, must, list, manner| {
        matter::Event::StepDeclared(StepDeclared {
            matter,
            item: item.into(),
            name: "x".into(),
            must,
            cite: "x".into(),
            list,
            manner,
            reason: Some("x".into()),
            place: "x".into(),
            officers: vec![id("o1")],
            began: None,
        })
    };
    let continuous = Manner::Continuous;
    assert_eq!(unit.objects(&by("o1"), declared("hearing", true, list, continuous)), None);
    says(&unit, "o1", declared("hearing", false, list, continuous), "says otherwise");
    says(&unit, "o1", declared("nothing", true, list, continuous), "there is no item");
    says(&unit, "o1", declared("hearing", true, Digest::ZERO, continuous), "there is no item");
    let in_parts = declared("service-leaving", true, list, Manner::InParts);
    says(&unit, "o1", in_parts, "against the list");
    filing(&mut unit, matter);
}

fn filing(unit: &mut Unit, matter: MatterId) {
    let says = |unit: &Unit, who: &ActorRecord, event: matter::Event, says: &str| {
        let why = unit.objects(who, event).unwrap_or_else(|| panic!("not found: {says}"));
        assert!(why.contains(says), "{why}");
    };
    let due = unit.now.plus_ms(1);
    let warned = |due| matter::Event::FilingWarned(FilingWarned { matter, due });
    says(unit, &ActorRecord::System, warned(due), "does not wait to be filed");
    let filed = |late: Option<bool>, reason: Option<&str>| {
        matter::Event::MatterFiled(MatterFiled {
            matter,
            case_file: "1".into(),
            archive: None,
            late,
            reason: reason.map(str::to_owned),
            clips: 0,
            open_interruptions: 0,
        })
    };
    says(unit, &by("o1"), filed(None, None), "only what has ended is filed");
    let open = unit.step(matter, "hearing");
    let policy = sealdock_core::registry::policy(&unit.tables).unwrap();
    let due = policy.matter.filing_due(policy.zone, unit.now);
    let ended = MatterClosed { matter, ended: unit.now, due, reason: "x".into() };
    let closed = matter::Event::MatterClosed(ended);
    says(unit, &by("o1"), closed.clone(), "is not closed");
    unit.by("o1", Command::CloseStep { step: open, ended: None }).unwrap();
    assert_eq!(unit.objects(&by("o1"), closed.clone()), None);
    let close = Command::CloseMatter { matter, ended: Some(unit.now), reason: "x".into() };
    unit.by("o1", close).unwrap();
    says(unit, &by("o1"), closed, "is closed already");
    assert_eq!(unit.objects(&ActorRecord::System, warned(due)), None);
    says(unit, &ActorRecord::System, warned(due.plus_ms(1)), "does not wait to be filed");
    says(unit, &by("o1"), filed(Some(true), Some("x")), "the entry says otherwise");
    unit.days_later(40);
    let missed = matter::Event::FilingMissed(FilingMissed { matter, due: due.plus_ms(-1) });
    says(unit, &ActorRecord::System, missed, "does not wait to be filed");
    says(unit, &by("o1"), filed(Some(false), None), "the entry says otherwise");
    says(unit, &by("o1"), filed(Some(true), None), "or not why it is late");
    assert_eq!(unit.objects(&by("o1"), filed(Some(true), Some("x"))), None);
}

/// A17
#[test]
fn a_list_whose_words_steer_a_terminal_is_not_adopted_and_an_older_one_is_shown_inert() {
    let mut unit = Unit::new();
    for (from, to, says) in [
        ("title = \"", "title = \"\\u001b[2J", "title holds the character U+001B"),
        (
            "name = \"听证\"",
            "name = \"听\\u202e证\"",
            "item \"hearing\" of the list of steps: name",
        ),
        ("name = \"听证\"", "name = \"\\u3164\"", "name holds nothing that shows"),
        (
            "cite = \"002/A6-§12(5)\"",
            "cite = \"§12\\u001b]0;x\\u0007\"",
            "cite holds the character",
        ),
    ] {
        let text = DEFAULT_STEPS.replacen(from, to, 1);
        assert_ne!(text, DEFAULT_STEPS, "{from}");
        let why = unit.by("u1", Command::AdoptSteps { text }).unwrap_err();
        assert!(why.contains(says), "{why}");
    }
    // As an earlier release let it be adopted.
    let text = DEFAULT_STEPS.replacen("title = \"", "title = \"\\u001b[2J", 1).replacen(
        "name = \"听证\"",
        "name = \"听\\u202e证\"",
        1,
    );
    let sha256 = Digest::of(text.as_bytes());
    let adopted = StepsAdopted { sha256, text: text.clone() };
    unit.write(&by("u1"), &Event::from(matter::Event::StepsAdopted(adopted)));
    let in_force = matter::steps_in_force(&unit.tables).unwrap();
    assert!(in_force.list.title.starts_with("\\u{1b}[2J"), "{}", in_force.list.title);
    assert_eq!(in_force.list.item("hearing").unwrap().name, "听\\u{202e}证");
    assert_eq!((in_force.sha256, in_force.text), (sha256, text));
    let matter = unit.matter();
    let step = unit.step(matter, "hearing");
    assert_eq!(matter::step(&unit.tables, step).unwrap().unwrap().name, "听\\u{202e}证");
}
