//! Who may do what about matters: every act by everybody, none left open. What is decided is asked again as
//! `check` asks it; what was written past a decision is found.

use crate::unit::{Unit, bind, declare, id, person, record};
use sealdock_core::actor::{Actor, ActorRecord};
use sealdock_core::id::ShiftId;
use sealdock_core::matter::{self, Command, Event, MatterOpened};

/// One of each: o1 and o2 work on the matter, o3 is an officer of another department, o9 has no PIN.
const EVERYBODY: [&str; 11] =
    ["o1", "o2", "o3", "o9", "c1", "c2", "h1", "h2", "u1", "a1", "stranger"];

/// Who of everybody may, each on a unit of their own.
fn may(act: impl Fn(&mut Unit) -> Command) -> Vec<&'static str> {
    let tried = EVERYBODY.into_iter().filter(|who| {
        let mut unit = Unit::new();
        let command = act(&mut unit);
        unit.by(who, command).is_ok()
    });
    tried.collect()
}

fn others_are_refused(act: impl Fn(&mut Unit) -> Command) {
    let shift = Actor::Shift { shift: ShiftId(1), clerk: id("c1") };
    for actor in [Actor::System, Actor::Operator { uid: 0 }, shift] {
        let mut unit = Unit::new();
        let command = act(&mut unit);
        let why = unit.act(&actor, command).unwrap_err();
        assert!(why.contains("with their own PIN"), "{why}");
    }
}

#[test]
fn every_act_on_a_matter_is_for_its_officers_their_head_and_the_clerk_a2_17() {
    let open = |_: &mut Unit| Command::OpenMatter { record: record() };
    let correct = |unit: &mut Unit| {
        let matter = unit.matter();
        Command::CorrectMatter { matter, record: record(), reason: "x".into() }
    };
    let close = |unit: &mut Unit| {
        let matter = unit.matter();
        Command::CloseMatter { matter, ended: None, reason: "x".into() }
    };
    let file = |unit: &mut Unit| {
        let matter = unit.matter();
        let close = Command::CloseMatter { matter, ended: None, reason: "x".into() };
        unit.by("o1", close).unwrap();
        Command::FileMatter { matter, case_file: Some("1".into()), archive: None, reason: None }
    };
    let step = |unit: &mut Unit| {
        let matter = unit.matter();
        declare(matter, "hearing")
    };
    let close_step = |unit: &mut Unit| {
        let matter = unit.matter();
        Command::CloseStep { step: unit.step(matter, "hearing"), ended: None }
    };
    let binding = |unit: &mut Unit| {
        let matter = unit.matter();
        let step = unit.step(matter, "hearing");
        let clip = unit.clip("a.mp4", 0);
        bind(&[clip], step)
    };
    let acts: [&dyn Fn(&mut Unit) -> Command; 7] =
        [&open, &correct, &close, &file, &step, &close_step, &binding];
    for act in acts {
        assert_eq!(may(act), ["o1", "o2", "c1", "h1"]);
        others_are_refused(act);
    }
}

#[test]
fn a_list_of_steps_is_adopted_by_the_unit_head() {
    let adopt = |_: &mut Unit| Command::AdoptSteps { text: matter::DEFAULT_STEPS.into() };
    assert_eq!(may(adopt), ["u1"]);
    others_are_refused(adopt);
}

#[test]
fn until_there_is_a_unit_head_whoever_sets_up_adopts_the_list() {
    use sealdock_core::cells;
    use sealdock_core::table::{Cell, RowChange};
    for actor in [Actor::Operator { uid: 0 }, person("c1")] {
        let mut unit = Unit::new();
        // A head without a PIN decides nothing.
        let (key, cells) = (cells! { id: "u1" }, cells! { pin_commitment: Cell::Null });
        let table = &sealdock_core::schema::PERSON;
        unit.tables.apply(RowChange::Update { table, key, cells }).unwrap();
        let adopt = Command::AdoptSteps { text: matter::DEFAULT_STEPS.into() };
        assert!(unit.act(&actor, adopt).is_ok());
        let again = Command::AdoptSteps { text: matter::DEFAULT_STEPS.replace("hearing", "h") };
        assert!(unit.act(&Actor::System, again).is_err());
    }
}

#[test]
fn an_officer_opens_only_what_they_work_on_and_a_head_only_in_their_department() {
    let mut unit = Unit::new();
    let mut others = record();
    others.officers = vec![id("o2")];
    let why = unit.by("o1", Command::OpenMatter { record: others.clone() }).unwrap_err();
    assert!(why.starts_with("opening a matter is for one of its officers"), "{why}");
    assert!(unit.by("h1", Command::OpenMatter { record: others.clone() }).is_ok());
    others.department = None;
    assert!(
        unit.by("h1", Command::OpenMatter { record: others.clone() }).is_err(),
        "no department is not d1"
    );
    assert!(unit.by("c1", Command::OpenMatter { record: others }).is_ok());
}

#[test]
fn who_is_no_officer_any_more_works_on_nothing() {
    let mut unit = Unit::new();
    let matter = unit.matter();
    let held = sealdock_core::duty::duties(&unit.tables, &id("o1"), unit.now).unwrap();
    let ended = sealdock_core::duty::DutyEnded { duty: held[0].duty, reason: "x".into() };
    unit.write(&ActorRecord::System, &sealdock_core::duty::Event::DutyEnded(ended).into());
    assert!(unit.by("o1", declare(matter, "hearing")).is_err());
}

#[test]
fn what_was_written_past_a_decision_is_found_by_check() {
    let mut unit = Unit::new();
    let matter = unit.matter();
    let stranger = ActorRecord::Person { id: id("o3") };
    let opened = Event::MatterOpened(MatterOpened { record: record() });
    assert!(unit.objects(&stranger, opened.clone()).unwrap().contains("person o3 is not"));
    assert!(unit.objects(&ActorRecord::System, opened).is_some());
    let none = sealdock_core::id::MatterId(9999);
    let filed = matter::MatterFiled {
        matter: none,
        case_file: "1".into(),
        archive: None,
        late: None,
        reason: None,
        clips: 0,
        open_interruptions: 0,
    };
    let why = unit.objects(&stranger, Event::MatterFiled(filed)).unwrap();
    assert!(why.contains("there is no matter M9999"), "{why}");
    let unbound =
        matter::ClipUnbound { clip: sealdock_core::id::ClipId(1), binding: 7, reason: "x".into() };
    let head = ActorRecord::Person { id: id("h1") };
    assert!(
        unit.objects(&head, Event::ClipUnbound(unbound))
            .unwrap()
            .contains("is not bound by entry 7")
    );
    let closed = matter::StepClosed { step: sealdock_core::id::StepId(9999), ended: None };
    assert!(
        unit.objects(&head, Event::StepClosed(closed)).unwrap().contains("there is no step E9999")
    );
    let noted = matter::InterruptionNoted {
        interruption: sealdock_core::id::InterruptionId(9999),
        accepted: true,
        text: "x".into(),
    };
    assert!(
        unit.objects(&head, Event::InterruptionNoted(noted)).unwrap().contains("no interruption")
    );
    let step = unit.step(matter, "inspection");
    unit.close_step(step);
    let open = matter::interruptions(&unit.tables, None).unwrap()[0].id;
    let noted = matter::InterruptionNoted { interruption: open, accepted: true, text: "x".into() };
    let why = unit.objects(&head, Event::InterruptionNoted(noted)).unwrap();
    assert!(why.contains("is not explained yet"), "{why}");
}
