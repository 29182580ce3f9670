//! Setting up ends once and for all; who moves whom between departments; terms, locks and names.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where it cannot go on")]

mod office;

use office::{HOUR, MORNING, Office, enrolment, id, person, refused};
use sealdock_core::actor::{ActorRecord, Role};
use sealdock_core::command::Command;
use sealdock_core::duty::{
    self, Command as Act, DutyAppointed, DutyEnded, Event as Noted, PersonDescribed, PersonRecord,
    PersonReleased, PersonRetired, department_of, locked, unit_head_rules,
};
use sealdock_core::event::Event;
use sealdock_core::id::DutyId;
use sealdock_core::objection::{concerns, objection};
use sealdock_core::time::WallMs;

fn act(command: Act) -> Command {
    Command::Duty(command)
}

const OPERATOR: ActorRecord = ActorRecord::Operator { uid: 1000 };

/// Departments d1 and d2; the clerk c1, the officer o1 of d1, the operator p1; and the unit head h1.
fn unit() -> Office {
    let mut office = Office::empty();
    for name in ["d1", "d2"] {
        let add = Act::AddDepartment { id: id(name), name: name.to_owned() };
        office.operator(act(add)).unwrap();
    }
    for (who, role) in [("c1", Role::Clerk), ("o1", Role::Officer), ("p1", Role::Operator)] {
        office.enrol(who, role);
    }
    office.enrol("h1", Role::UnitHead);
    office.person("c1", described("o1", Some("d1"), None)).unwrap();
    office
}

fn record(who: &str, department: Option<&str>) -> PersonRecord {
    let department = department.map(id);
    PersonRecord { name: format!("Name of {who}"), department, ..PersonRecord::default() }
}

fn described(who: &str, department: Option<&str>, reason: Option<&str>) -> Command {
    let (person, record) = (id(who), record(who, department));
    act(Act::DescribePerson { person, record, reason: reason.map(str::to_owned) })
}

fn appointed(who: &str, role: Role) -> DutyAppointed {
    DutyAppointed {
        person: id(who),
        role,
        department: None,
        since: None,
        until: None,
        acting_for: None,
        reason: "by order".to_owned(),
    }
}

fn appoint(e: DutyAppointed) -> Command {
    let DutyAppointed { person, role, department, since, until, acting_for, reason } = e;
    act(Act::Appoint { person, role, department, since, until, acting_for, reason })
}

fn found(office: &Office, by: &ActorRecord, event: impl Into<Event>) -> Option<String> {
    let event = event.into();
    assert!(concerns(&event));
    objection(&office.tables, &office.at(), by, &event).unwrap().map(|why| why.to_string())
}

fn by(who: &str) -> ActorRecord {
    ActorRecord::Person { id: id(who) }
}

/// A2: with the department go the rights of its head, its clerk, whoever views it.
#[test]
fn another_department_is_the_unit_heads_alone() {
    let mut office = unit();
    assert_eq!(department_of(&office.tables, &id("o1")).unwrap(), Some(id("d1")));
    for to in [Some("d2"), None] {
        let says = "moving a person to another department is for the unit head";
        refused(office.person("c1", described("o1", to, Some("told so"))), says);
        let e = PersonDescribed {
            person: id("o1"),
            record: record("o1", to),
            corrects: 1,
            reason: Some("told so".to_owned()),
        };
        assert!(found(&office, &by("c1"), Noted::PersonDescribed(e.clone())).is_some());
        assert_eq!(found(&office, &by("h1"), Noted::PersonDescribed(e.clone())), None);
        let unreasoned = PersonDescribed { reason: None, ..e };
        let why = found(&office, &by("h1"), Noted::PersonDescribed(unreasoned)).unwrap();
        assert!(why.contains("needs its reason"), "{why}");
    }
    // Everything else stays the clerk's.
    office.person("c1", described("o1", Some("d1"), Some("typing error"))).unwrap();
    office.person("h1", described("o1", Some("d2"), Some("moved by order"))).unwrap();
    assert_eq!(department_of(&office.tables, &id("o1")).unwrap(), Some(id("d2")));
}

#[test]
fn while_the_unit_is_set_up_who_sets_up_moves_people_too() {
    let mut office = Office::empty();
    for name in ["d1", "d2"] {
        let add = Act::AddDepartment { id: id(name), name: name.to_owned() };
        office.operator(act(add)).unwrap();
    }
    office.enrol("o1", Role::Officer);
    office.operator(described("o1", Some("d1"), None)).unwrap();
    office.operator(described("o1", Some("d2"), Some("typing error"))).unwrap();
}

/// A5: the operator set up the unit and waited for the head's term to end.
#[test]
fn setting_up_does_not_come_back_when_a_term_ends_or_has_not_begun() {
    for (since, until) in [(None, Some(24 * HOUR)), (Some(48 * HOUR), None)] {
        let mut office = Office::empty();
        office.enrol("c1", Role::Clerk);
        office.enrol("h1", Role::Officer);
        // As an earlier release let it be given.
        let e = DutyAppointed {
            since: since.map(|ms| MORNING.plus_ms(ms)),
            until: until.map(|ms| MORNING.plus_ms(ms)),
            ..appointed("h1", Role::UnitHead)
        };
        let duty = office.write(&OPERATOR, Noted::DutyAppointed(e).into());
        office.later(24 * HOUR);
        assert!(unit_head_rules(&office.tables).unwrap());
        let viewer = appoint(appointed("c1", Role::Viewer));
        refused(office.operator(viewer), "is for the unit head (单位负责人)");
        let e = Noted::DutyAppointed(appointed("c1", Role::Viewer));
        assert!(found(&office, &OPERATOR, e).is_some());
        // Nor when it was ended behind the rules.
        let ended = DutyEnded { duty: DutyId(duty), reason: "x".to_owned() };
        office.write(&OPERATOR, Noted::DutyEnded(ended).into());
        assert!(unit_head_rules(&office.tables).unwrap());
    }
}

#[test]
fn the_only_unit_head_is_given_no_term() {
    let mut office = Office::empty();
    office.enrol("x1", Role::Officer);
    office.enrol("x2", Role::Officer);
    let alone = "outside that term the unit would be without a head";
    let head = |who| appointed(who, Role::UnitHead);
    let (later, until) = (Some(MORNING.plus_ms(HOUR)), Some(MORNING.plus_ms(24 * HOUR)));
    refused(office.operator(appoint(DutyAppointed { until, ..head("x1") })), alone);
    refused(office.operator(appoint(DutyAppointed { since: later, ..head("x1") })), alone);
    let since = Some(MORNING.plus_ms(-HOUR));
    office.operator(appoint(DutyAppointed { since, ..head("x1") })).expect("begun already");
    // Beside one who stays, a term is a term.
    office.person("x1", appoint(DutyAppointed { until, ..head("x2") })).unwrap();
}

/// A6: one command writes the first head's enrolment and particulars; the first of the two ends the setting up.
#[test]
fn the_first_heads_particulars_come_with_the_enrolment() {
    let mut office = Office::empty();
    let add = Act::AddDepartment { id: id("d1"), name: "d1".to_owned() };
    office.operator(act(add)).unwrap();
    let into = |who: &str, role| {
        let mut command = enrolment(who, role, true);
        let Command::EnrolPerson { department, .. } = &mut command else { panic!("an enrolment") };
        *department = Some(id("d1"));
        command
    };
    office.operator(into("c1", Role::Clerk)).unwrap();
    // `Office::act` asks of each entry, over the registers with the one before, as `check` does.
    let enrolled = office.operator(into("u1", Role::UnitHead)).unwrap();
    assert_eq!(department_of(&office.tables, &id("u1")).unwrap(), Some(id("d1")));
    // That, once, by the same hand, and nothing else.
    let again = |who: &str, corrects, reason: Option<&str>| {
        Noted::PersonDescribed(PersonDescribed {
            person: id(who),
            record: record(who, Some("d1")),
            corrects,
            reason: reason.map(str::to_owned),
        })
    };
    assert!(found(&office, &OPERATOR, again("u1", enrolled, None)).is_some());
    assert!(found(&office, &OPERATOR, again("c1", enrolled, Some("x"))).is_some());

    let mut office = Office::empty();
    let add = Act::AddDepartment { id: id("d1"), name: "d1".to_owned() };
    office.operator(act(add)).unwrap();
    let enrolled = office.operator(enrolment("u1", Role::UnitHead, true)).unwrap();
    assert!(
        found(&office, &ActorRecord::Operator { uid: 7 }, again("u1", enrolled, None)).is_some()
    );
    assert!(found(&office, &OPERATOR, again("u1", enrolled - 1, None)).is_some());
    office.person("u1", enrolment("u2", Role::UnitHead, true)).unwrap();
    assert!(found(&office, &OPERATOR, again("u1", enrolled, None)).is_some(), "another heads too");
}

#[test]
fn check_finds_duties_that_nobody_could_be_given_and_ends_that_leave_nobody() {
    let office = unit();
    let says = |event: Noted, says: &str| {
        let why = found(&office, &by("h1"), event).expect("nothing was found");
        assert!(why.contains(says), "{why}");
    };
    let given = |e| Noted::DutyAppointed(e);
    let until = Some(MORNING.plus_ms(24 * HOUR));
    says(given(appointed("p1", Role::Viewer)), "who operates the machine");
    says(given(appointed("nobody", Role::Viewer)), "is not enrolled");
    let deputy = |who: &str, of: &str, until| DutyAppointed {
        acting_for: Some(id(of)),
        until,
        ..appointed(who, Role::Clerk)
    };
    says(given(deputy("o1", "c1", None)), "has an end date");
    says(given(deputy("c1", "c1", until)), "their own deputy");
    says(given(deputy("o1", "h1", until)), "in their own right");
    let backwards = DutyAppointed { until: Some(MORNING), ..appointed("o1", Role::Viewer) };
    says(given(backwards), "would end before it begins");
    assert_eq!(found(&office, &by("h1"), given(deputy("o1", "c1", until))), None);

    let duty_of = |who: &str| duty::duties(&office.tables, &id(who), office.now).unwrap()[0].duty;
    let ended = |duty| Noted::DutyEnded(DutyEnded { duty, reason: "x".to_owned() });
    let retired =
        |who: &str| Noted::PersonRetired(PersonRetired { person: id(who), reason: "x".to_owned() });
    says(ended(duty_of("c1")), "c1 is the last clerk over the whole unit");
    says(ended(DutyId(999)), "there is no duty D999");
    says(retired("c1"), "c1 is the last clerk over the whole unit");
    says(retired("h1"), "h1 is the last unit-head over the whole unit");
    assert_eq!(found(&office, &by("h1"), ended(duty_of("o1"))), None);
    assert_eq!(found(&office, &by("h1"), retired("o1")), None);
}

fn wrong(office: &mut Office, who: &str) {
    for _ in 0..5 {
        office.system(Command::NotePinRefused { person: id(who) }).unwrap();
    }
}

fn release(who: &str) -> Command {
    act(Act::ReleasePerson { person: id(who), reason: "was there, with a letter".to_owned() })
}

/// A15: five wrong PINs each for the only clerk and the only unit head.
#[test]
fn where_everybody_who_releases_is_locked_the_operator_lets_one_of_them_in() {
    let mut office = unit();
    wrong(&mut office, "c1");
    refused(office.operator(release("c1")), "only while every clerk and unit head is locked");
    wrong(&mut office, "o1");
    wrong(&mut office, "h1");
    refused(office.operator(release("o1")), "releases a clerk or unit head first");
    let lock = locked(&office.tables, &id("c1")).unwrap().unwrap();
    let released = |person: &str, locked| {
        let (person, reason) = (id(person), "x".to_owned());
        Noted::PersonReleased(PersonReleased { person, locked, reason })
    };
    assert_eq!(found(&office, &OPERATOR, released("c1", lock)), None);
    assert!(found(&office, &OPERATOR, released("c1", lock + 1)).is_some(), "another lock");
    assert!(found(&office, &ActorRecord::System, released("c1", lock)).is_some());
    let again = act(Act::ReleasePerson { person: id("c1"), reason: " ".to_owned() });
    refused(office.operator(again), "a reason is needed");
    office.operator(release("c1")).unwrap();
    // One is enough: the others are theirs.
    refused(office.operator(release("h1")), "only while every clerk and unit head is locked");
    office.person("c1", release("h1")).unwrap();
    office.person("c1", release("o1")).unwrap();
}

/// A17
#[test]
fn a_time_that_cannot_be_written_down_is_said_to_be_one() {
    let mut office = unit();
    let far = WallMs(253_402_214_400_000); // 9999-12-31
    for e in [
        DutyAppointed { since: Some(far), ..appointed("o1", Role::Viewer) },
        DutyAppointed { until: Some(far), ..appointed("o1", Role::Viewer) },
        DutyAppointed { until: Some(WallMs(i64::MAX)), ..appointed("o1", Role::Viewer) },
    ] {
        refused(office.person("h1", appoint(e)), "the last day that can is 9999-12-30");
    }
    let until = Some(far.plus_ms(-48 * HOUR));
    office.person("h1", appoint(DutyAppointed { until, ..appointed("o1", Role::Viewer) })).unwrap();
}

#[test]
fn a_name_of_letters_without_a_shape_is_none() {
    let mut office = unit();
    for nothing in ["\u{3164}", "\u{115f}\u{1160}", "\u{ad}", "\u{2800} \u{ffa0}"] {
        let named = Command::EnrolPerson {
            id: id("x1"),
            name: nothing.to_owned(),
            role: Role::Officer,
            pin: None,
            department: None,
        };
        refused(office.person("h1", named), "a person's name holds nothing that shows");
        let add = Act::AddDepartment { id: id("d3"), name: nothing.to_owned() };
        refused(office.person("h1", act(add)), "holds nothing that shows");
    }
}

#[test]
fn a_policy_whose_words_steer_a_terminal_is_not_adopted_and_an_older_one_is_still_read() {
    use sealdock_core::policy::{DEFAULT_POLICY, Policy};
    let mut office = unit();
    for (from, to, says) in [
        (
            "title = \"",
            "title = \"\\u001b[2J",
            "policy key title: title holds the character U+001B",
        ),
        ("title = \"", "title = \"\\u202e", "U+202E"),
        ("name = \"证据 evidence\"", "name = \"证据\\u202e\"", "of evidence its name holds"),
        ("name = \"证据 evidence\"", "name = \"\\u3164\"", "of evidence its name holds nothing"),
    ] {
        let text = DEFAULT_POLICY.replacen(from, to, 1);
        assert_ne!(text, DEFAULT_POLICY, "{from}");
        let adopt = Command::AdoptPolicy { text: text.clone() };
        refused(office.act(person("h1"), adopt), says);
        let read = Policy::parse(&text).expect("a chain may hold it");
        let names = read.keeping.classes.iter().map(|class| class.name.as_str());
        assert!(names.clone().all(|name| !name.contains(['\u{1b}', '\u{202e}'])));
    }
}
