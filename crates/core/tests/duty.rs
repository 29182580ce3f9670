//! People, duties and PINs, on values. Roles and who approves: 002/A6-§5, §6, §20, §21.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where it cannot go on")]

mod office;

use office::{HOUR, MINUTE, MORNING, Office, enrolment, id, person, recorder, refused};
use sealdock_core::actor::Role;
use sealdock_core::command::{Command, Secret};
use sealdock_core::duty::{
    self, Command as Act, PersonRecord, PinGiver, department_head_of, department_of, duties, holds,
    locked, pin_giver,
};
use sealdock_core::event::Event;
use sealdock_core::id::DutyId;
use sealdock_core::objection::{concerns, objection};
use sealdock_core::time::WallMs;

fn act(command: Act) -> Command {
    Command::Duty(command)
}

/// A unit head h1, a clerk c1, an officer o1 and the operator p1, all with PINs.
fn unit() -> Office {
    let mut office = Office::empty();
    for (who, role) in [("c1", Role::Clerk), ("o1", Role::Officer), ("p1", Role::Operator)] {
        office.enrol(who, role);
    }
    office.enrol("h1", Role::UnitHead);
    office
}

fn department(name: &str) -> Command {
    act(Act::AddDepartment { id: id(name), name: format!("Department {name}") })
}

fn appoint(who: &str, role: Role) -> Appointment {
    Appointment { who: who.to_owned(), role, over: None, since: None, until: None, head: None }
}

struct Appointment {
    who: String,
    role: Role,
    over: Option<&'static str>,
    since: Option<WallMs>,
    until: Option<WallMs>,
    head: Option<&'static str>,
}

impl Appointment {
    fn over(self, department: &'static str) -> Self {
        Appointment { over: Some(department), ..self }
    }
    fn from(self, since: WallMs) -> Self {
        Appointment { since: Some(since), ..self }
    }
    fn until(self, until: WallMs) -> Self {
        Appointment { until: Some(until), ..self }
    }
    fn deputy_of(self, head: &'static str) -> Self {
        Appointment { head: Some(head), ..self }
    }
    fn command(self) -> Command {
        act(Act::Appoint {
            person: id(&self.who),
            role: self.role,
            department: self.over.map(id),
            since: self.since,
            until: self.until,
            acting_for: self.head.map(id),
            reason: "by order".to_owned(),
        })
    }
}

fn end(duty: u64) -> Command {
    act(Act::EndDuty { duty: DutyId(duty), reason: "moved".to_owned() })
}

fn retire(who: &str) -> Command {
    act(Act::RetirePerson { person: id(who), reason: "left".to_owned() })
}

fn in_department(who: &str, department: &str) -> Command {
    let record = PersonRecord {
        name: who.to_owned(),
        department: Some(id(department)),
        ..PersonRecord::default()
    };
    act(Act::DescribePerson { person: id(who), record, reason: Some("moved".to_owned()) })
}

#[test]
fn the_operator_sets_up_until_the_unit_has_a_head_with_a_pin() {
    let mut office = Office::empty();
    office.operator(enrolment("h0", Role::UnitHead, false)).unwrap();
    office.operator(department("d0")).expect("a head without a PIN can decide nothing");
    office.enrol("h1", Role::UnitHead);
    for command in [
        department("d1"),
        enrolment("c1", Role::Clerk, true),
        enrolment("o1", Role::Officer, true),
        appoint("h0", Role::Auditor).command(),
        act(Act::RenameDepartment { id: id("d0"), name: "x".into(), reason: "y".into() }),
        retire("h0"),
    ] {
        refused(office.operator(command), "with their own PIN: say --as ID; operator uid 1000 is");
    }
    office.person("h1", department("d1")).unwrap();
    office.person("h1", enrolment("c1", Role::Clerk, true)).unwrap();
    office.chooses_a_pin("c1");
    office.person("c1", enrolment("o1", Role::Officer, true)).expect("the clerk enrols officers");
    refused(office.person("c1", enrolment("c2", Role::Clerk, true)), "for the unit head");
    refused(office.person("o1", enrolment("o2", Role::Officer, true)), "person o1 is neither");
    refused(office.person("h0", department("d2")), "person h0 is not");
}

#[test]
fn who_has_no_pin_has_no_right_whatever_the_register_says() {
    let mut office = unit();
    office.person("h1", enrolment("c2", Role::Clerk, false)).unwrap();
    refused(office.person("c2", enrolment("o2", Role::Officer, true)), "person c2 is neither");
}

#[test]
fn the_station_and_a_shift_are_never_taken_for_a_person() {
    let mut office = unit();
    refused(office.system(department("d1")), "system is not");
    let shift = sealdock_core::actor::Actor::Shift {
        shift: sealdock_core::id::ShiftId(9),
        clerk: id("h1"),
    };
    refused(office.act(shift, department("d1")), "shift H9 of h1 is not");
}

#[test]
fn departments_are_added_once_and_renamed_with_a_reason() {
    let mut office = unit();
    office.person("h1", department("d1")).unwrap();
    refused(office.person("h1", department("d1")), "department d1 exists already");
    let rename = |id_: &str, name: &str, reason: &str| {
        act(Act::RenameDepartment { id: id(id_), name: name.into(), reason: reason.into() })
    };
    refused(office.person("h1", rename("d2", "x", "y")), "there is no department d2");
    refused(office.person("h1", rename("d1", "x", " ")), "a reason is needed");
    for name in ["", " ", "a\nb", &"长".repeat(101)] {
        refused(office.person("h1", rename("d1", name, "y")), "a department's name is 1 to 100");
    }
    office.person("h1", rename("d1", &"长".repeat(100), "y")).unwrap();
    let rows = office.tables.rows(&duty::DEPARTMENT);
    assert_eq!(rows[0].text("name"), "长".repeat(100));
}

#[test]
fn a_correction_of_particulars_names_the_entry_before_and_its_reason() {
    let mut office = unit();
    let describe = |name: &str, joined: Option<&str>, reason: Option<&str>| {
        let record = PersonRecord {
            name: name.into(),
            joined: joined.map(str::to_owned),
            ..PersonRecord::default()
        };
        act(Act::DescribePerson { person: id("o1"), record, reason: reason.map(str::to_owned) })
    };
    let first = office.person("c1", describe("李四", Some("2019-07-01"), None)).unwrap();
    let stands = format!("stand in entry {first}; a correction needs its reason");
    refused(office.person("c1", describe("李五", None, None)), &stands);
    office.person("c1", describe("李五", None, Some("typing error"))).unwrap();
    refused(office.person("c1", describe("x", Some("2019-13-01"), Some("y"))), "is not a date");
    refused(office.person("o1", describe("x", None, Some("y"))), "person o1 is neither");
    let timed = describe("x", Some("2019-07-01 08:00"), Some("y"));
    refused(office.person("c1", timed), "is not a date");
    let record = PersonRecord { department: Some(id("d9")), ..PersonRecord::default() };
    let nowhere = act(Act::DescribePerson { person: id("o1"), record, reason: Some("y".into()) });
    refused(office.person("c1", nowhere), "there is no department d9");
    refused(office.person("c1", in_department("o9", "d9")), "person o9 is not enrolled");
}

#[test]
fn a_duty_counts_from_its_beginning_and_up_to_its_end() {
    let mut office = unit();
    let (from, to) = (MORNING.plus_ms(HOUR), MORNING.plus_ms(2 * HOUR));
    office.person("h1", appoint("o1", Role::Auditor).from(from).until(to).command()).unwrap();
    let holds_at =
        |at: WallMs| holds(&office.tables, &id("o1"), Role::Auditor, None, at).unwrap().is_some();
    assert!(!holds_at(from.plus_ms(-1)) && holds_at(from));
    assert!(holds_at(to.plus_ms(-1)) && !holds_at(to));
}

#[test]
fn a_duty_that_ends_before_it_begins_or_that_is_held_already_is_none() {
    let mut office = unit();
    let until = appoint("o1", Role::Auditor).until(MORNING).command();
    refused(office.person("h1", until), "would end before it begins");
    let since = appoint("o1", Role::Auditor).from(MORNING.plus_ms(9)).until(MORNING.plus_ms(9));
    refused(office.person("h1", since.command()), "would end before it begins");
    refused(office.person("h1", appoint("o1", Role::Officer).command()), "holds this duty already");
    refused(office.person("h1", appoint("o9", Role::Officer).command()), "o9 is not enrolled");
    let nowhere = appoint("o1", Role::Auditor).over("d9").command();
    refused(office.person("h1", nowhere), "there is no department d9");
    office.person("h1", appoint("o1", Role::Auditor).command()).unwrap();
}

#[test]
fn nobody_appoints_themself_once_the_unit_has_a_head() {
    let mut office = unit();
    refused(office.person("h1", appoint("h1", Role::Viewer).command()), "may not appoint themself");
    office.person("h1", appoint("c1", Role::UnitHead).command()).unwrap();
    office.person("c1", appoint("h1", Role::Viewer).command()).unwrap();
}

#[test]
fn who_operates_the_machine_holds_no_duty_that_sees_footage() {
    let mut office = unit();
    let sees = [
        Role::Viewer,
        Role::LegalHead,
        Role::PenaltyHead,
        Role::PenaltyLeader,
        Role::UnitHead,
        Role::Auditor,
    ];
    for role in sees {
        refused(office.person("h1", appoint("p1", role).command()), "who operates the machine");
    }
    office.person("h1", appoint("p1", Role::Clerk).command()).unwrap();
    office.person("h1", enrolment("v1", Role::Viewer, true)).unwrap();
    refused(
        office.person("h1", appoint("v1", Role::Operator).command()),
        "who operates the machine",
    );
}

#[test]
fn a_deputy_needs_an_end_and_a_principal_who_holds_the_duty_in_their_own_right() {
    let mut office = unit();
    let tomorrow = MORNING.plus_ms(24 * HOUR);
    for name in ["d1", "d2"] {
        office.person("h1", department(name)).unwrap();
    }
    for who in ["o2", "o3", "o4"] {
        office.person("h1", enrolment(who, Role::Officer, true)).unwrap();
    }
    office.person("h1", appoint("o2", Role::DepartmentHead).over("d1").command()).unwrap();
    let deputy = || appoint("o3", Role::DepartmentHead).over("d1").deputy_of("o2");
    refused(office.person("h1", deputy().command()), "an acting deputy has an end date");
    let own = appoint("o2", Role::DepartmentHead).over("d1").deputy_of("o2").until(tomorrow);
    refused(office.person("h1", own.command()), "o2 cannot be their own deputy");
    let other = appoint("o3", Role::DepartmentHead).over("d2").deputy_of("o2").until(tomorrow);
    refused(office.person("h1", other.command()), "does not hold the duty department-head");
    let wider = appoint("o3", Role::DepartmentHead).deputy_of("o2").until(tomorrow);
    refused(office.person("h1", wider.command()), "does not hold the duty department-head");
    office.person("h1", deputy().until(tomorrow).command()).unwrap();
    let chain = appoint("o4", Role::DepartmentHead).over("d1").deputy_of("o3").until(tomorrow);
    refused(office.person("h1", chain.command()), "o3 does not hold the duty department-head");

    office.person("c1", in_department("o4", "d1")).unwrap();
    let head = |office: &Office, who: &str, at| {
        department_head_of(&office.tables, &id(who), &id("o4"), at).unwrap().is_some()
    };
    assert_eq!(department_of(&office.tables, &id("o4")).unwrap(), Some(id("d1")));
    assert!(head(&office, "o2", MORNING) && head(&office, "o3", MORNING));
    assert!(!head(&office, "o3", tomorrow), "its end has come");
    assert!(!head(&office, "o4", MORNING) && !head(&office, "h1", MORNING));
}

#[test]
fn what_was_delegated_falls_with_the_duty_of_who_delegated_it() {
    let mut office = unit();
    let tomorrow = MORNING.plus_ms(24 * HOUR);
    for who in ["o2", "o3", "o4"] {
        office.person("h1", enrolment(who, Role::Officer, true)).unwrap();
    }
    let first = office.person("h1", appoint("o2", Role::DepartmentHead).command()).unwrap();
    let deputy = appoint("o3", Role::DepartmentHead).deputy_of("o2").until(tomorrow);
    office.person("h1", deputy.command()).unwrap();
    office.person("h1", appoint("o4", Role::DepartmentHead).command()).unwrap();
    let acts = |office: &Office| {
        holds(&office.tables, &id("o3"), Role::DepartmentHead, None, office.now).unwrap().is_some()
    };
    assert!(acts(&office));
    office.person("h1", end(first)).unwrap();
    assert!(!acts(&office), "o2 is no head any more");
    office.person("h1", appoint("o2", Role::DepartmentHead).command()).unwrap();
    assert!(acts(&office), "the delegation names the person and their duty, not one appointment");
    office.person("h1", retire("o2")).unwrap();
    assert!(!acts(&office), "o2 has retired");
}

#[test]
fn the_last_holder_of_a_needed_role_stays_until_a_successor_with_a_pin_is_there() {
    for role in [Role::UnitHead, Role::Clerk, Role::PenaltyLeader, Role::DepartmentHead] {
        let mut office = unit();
        // A second head keeps ruling while the first role is taken away.
        let by = if role == Role::UnitHead { "h1" } else { "h2" };
        if role != Role::UnitHead {
            office.person("h1", enrolment("h2", Role::UnitHead, true)).unwrap();
            office.chooses_a_pin("h2");
            office.person("h1", retire("c1")).expect_err("c1 is the last clerk");
        }
        office.person("h1", enrolment("x1", Role::Officer, true)).unwrap();
        let mine = match role {
            Role::UnitHead => 5,
            Role::Clerk => 2,
            _ => office.person("h1", appoint("x1", role).command()).unwrap(),
        };
        let who = match role {
            Role::UnitHead => "h1",
            Role::Clerk => "c1",
            _ => "x1",
        };
        let last = format!("{who} is the last {} over the whole unit", role.as_str());
        refused(office.person(by, end(mine)), &last);
        refused(office.person(by, retire(who)), &last);
        let tomorrow = MORNING.plus_ms(24 * HOUR);
        office.person("h1", enrolment("x2", Role::Officer, false)).unwrap();
        office.person("h1", enrolment("x3", Role::Officer, true)).unwrap();
        office.person("h1", enrolment("x4", Role::Officer, true)).unwrap();
        office.person("h1", appoint("x2", role).command()).unwrap();
        refused(office.person(by, end(mine)), &last);
        office.person("h1", appoint("x3", role).until(tomorrow).command()).unwrap();
        refused(office.person(by, end(mine)), &last);
        let deputy = Appointment { head: Some(who), ..appoint("x4", role).until(tomorrow) };
        let deputy = office.person("h1", deputy.command()).unwrap();
        refused(office.person(by, end(mine)), &last);
        office.person("h1", end(deputy)).expect("a deputy is not needed");
        office.person("h1", enrolment("x5", role, true)).unwrap();
        office.person(by, end(mine)).unwrap();
    }
}

#[test]
fn the_last_head_of_a_department_is_not_replaced_by_that_of_another() {
    let mut office = unit();
    for name in ["d1", "d2"] {
        office.person("h1", department(name)).unwrap();
    }
    for who in ["o2", "o3", "o4"] {
        office.person("h1", enrolment(who, Role::Officer, true)).unwrap();
    }
    let duty =
        office.person("h1", appoint("o2", Role::DepartmentHead).over("d1").command()).unwrap();
    office.person("h1", appoint("o3", Role::DepartmentHead).over("d2").command()).unwrap();
    refused(office.person("h1", end(duty)), "o2 is the last department-head of department d1");
    office.person("h1", appoint("o4", Role::DepartmentHead).command()).unwrap();
    office.person("h1", end(duty)).expect("a head over the whole unit covers d1");
    refused(office.person("h1", end(duty)), "has ended already");
    refused(office.person("h1", end(999)), "there is no duty D999");
}

/// Who was enrolled as head without a thought heads all of it, and can go as soon as each department has its own.
#[test]
fn a_head_over_the_whole_unit_goes_where_every_department_and_every_officer_has_another() {
    let mut office = unit();
    office.person("h1", enrolment("k1", Role::DepartmentHead, true)).unwrap();
    let whole = duties(&office.tables, &id("k1"), office.now).unwrap()[0].duty.0;
    let last = "k1 is the last department-head over the whole unit";
    refused(office.person("h1", end(whole)), last);
    for name in ["d1", "d2"] {
        office.person("h1", department(name)).unwrap();
    }
    for (who, over) in [("o2", "d1"), ("o3", "d2")] {
        office.person("h1", enrolment(who, Role::Officer, true)).unwrap();
        office.person("c1", in_department(who, over)).unwrap();
    }
    office.person("h1", appoint("o2", Role::DepartmentHead).over("d1").command()).unwrap();
    office.person("c1", in_department("o1", "d1")).unwrap();
    refused(office.person("h1", end(whole)), last);
    office.person("h1", appoint("o3", Role::DepartmentHead).over("d2").command()).unwrap();
    office.person("h1", enrolment("o4", Role::Officer, false)).unwrap();
    refused(office.person("h1", end(whole)), last);
    office.person("c1", in_department("o4", "d2")).unwrap();
    office.person("h1", end(whole)).unwrap();
}

#[test]
fn a_retired_person_holds_nothing_and_is_nobody_to_appoint_or_to_give_a_pin() {
    let mut office = unit();
    refused(office.person("c1", retire("o1")), "for the unit head");
    assert_eq!(duties(&office.tables, &id("o1"), office.now).unwrap().len(), 1);
    office.person("h1", retire("o1")).unwrap();
    assert_eq!(duties(&office.tables, &id("o1"), office.now).unwrap(), []);
    refused(office.person("h1", appoint("o1", Role::Auditor).command()), "o1 has retired");
    refused(office.person("h1", retire("o1")), "o1 has retired");
    refused(office.person("h1", pin("o1", Some("new"))), "o1 has retired");
}

fn pin(who: &str, reason: Option<&str>) -> Command {
    let pin = Secret(format!("$argon2id$another of {who}"));
    act(Act::SetPin { person: id(who), pin, reason: reason.map(str::to_owned) })
}

#[test]
fn a_pin_is_changed_by_its_person_or_given_by_who_may_act_for_that_role() {
    let mut office = unit();
    office.person("o1", pin("o1", None)).unwrap();
    refused(office.person("c1", pin("o1", None)), "given by somebody else needs its reason");
    office.person("c1", pin("o1", Some("forgotten"))).unwrap();
    refused(office.person("c1", pin("h1", Some("forgotten"))), "for the unit head");
    refused(office.person("o1", pin("c1", Some("forgotten"))), "for the unit head");
    refused(office.operator(pin("o1", Some("forgotten"))), "operator uid 1000 is neither");
    office.person("h1", pin("c1", Some("forgotten"))).unwrap();
    // An officer who is also a head can be acted for by nobody below the unit head.
    office.person("h1", appoint("o1", Role::DepartmentHead).command()).unwrap();
    refused(office.person("c1", pin("o1", Some("forgotten"))), "for the unit head");
    let commitment = sealdock_core::Digest::of(b"$argon2id$another of c1").to_string();
    let rows = office.tables.rows(&sealdock_core::schema::PERSON);
    let row = rows.iter().find(|row| row.text("id") == "c1").unwrap();
    assert_eq!(row.text("pin_commitment"), commitment);
}

#[test]
fn a_pin_that_another_gave_docks_and_chooses_ones_own_and_signs_nothing_else() {
    let mut office = unit();
    office.person("h1", enrolment("x1", Role::UnitHead, true)).unwrap();
    let lent = "the PIN of x1 was given by h1, who knows it";
    for command in [
        department("d1"),
        appoint("o1", Role::Viewer).command(),
        recorder("R1"),
        Command::AdoptPolicy { text: office::under_shift() },
        pin("o1", Some("forgotten")),
    ] {
        refused(office.person("x1", command), lent);
    }
    assert_eq!(pin_giver(&office.tables, &id("o1")).unwrap(), Some(PinGiver::SetUp));
    office.person("x1", pin("x1", None)).unwrap();
    assert_eq!(pin_giver(&office.tables, &id("x1")).unwrap(), Some(PinGiver::Themself));
    office.person("x1", department("d1")).expect("their own PIN");

    // Given again, it is somebody else's again; footage is saved all the same.
    office.person("c1", pin("o1", Some("forgotten"))).unwrap();
    office.person("c1", recorder("R1")).unwrap();
    assert_eq!(pin_giver(&office.tables, &id("o1")).unwrap(), Some(PinGiver::Other(id("c1"))));
    office.dock(person("o1"), "R1", Some("o1"));
    // Who has no PIN was given none.
    office.person("c1", enrolment("o7", Role::Officer, false)).unwrap();
    assert_eq!(pin_giver(&office.tables, &id("o7")).unwrap(), None);
}

#[test]
fn check_finds_what_was_signed_with_a_pin_that_another_gave() {
    let mut office = unit();
    office.person("h1", enrolment("x1", Role::UnitHead, true)).unwrap();
    let by = sealdock_core::actor::ActorRecord::Person { id: id("x1") };
    let added = duty::DepartmentAdded { id: id("d1"), name: "d1".to_owned() };
    let added = Event::from(duty::Event::DepartmentAdded(added));
    assert!(concerns(&added));
    let found = objection(&office.tables, &office.at(), &by, &added).unwrap().unwrap();
    assert!(found.contains("given by h1"), "{found}");
    office.person("x1", pin("x1", None)).unwrap();
    assert_eq!(objection(&office.tables, &office.at(), &by, &added).unwrap(), None);
}

#[test]
fn the_station_is_set_up_further_by_the_clerk_or_the_unit_head_and_no_longer_by_who_is_logged_in() {
    use sealdock_core::event::{BayAdded, CopiesNamed, RecorderEnrolled};
    let office = unit();
    let bay = BayAdded { id: id("b1"), kind: "folder".into(), path: "/b1".into() };
    let recorder = RecorderEnrolled { id: id("R1"), device_id: None, model: None };
    let may = |who: &str, event: &Event| {
        let by = match who {
            "uid" => sealdock_core::actor::ActorRecord::Operator { uid: 1000 },
            who => sealdock_core::actor::ActorRecord::Person { id: id(who) },
        };
        assert!(concerns(event), "{event:?}");
        objection(&office.tables, &office.at(), &by, event).unwrap().is_none()
    };
    for event in [Event::BayAdded(bay), Event::RecorderEnrolled(recorder)] {
        let who = ["h1", "c1", "o1", "p1", "uid"].map(|who| may(who, &event));
        assert_eq!(who, [true, true, false, false, false], "{event:?}");
    }
    let copies = Event::CopiesNamed(CopiesNamed::SingleAccepted);
    let who = ["h1", "c1", "o1", "p1", "uid"].map(|who| may(who, &copies));
    assert_eq!(who, [true, false, false, false, false]);
}

#[test]
fn a_certificate_is_one_persons_and_a_second_identity_is_refused() {
    let mut office = unit();
    let certificate = |who: &str, number: &str| {
        let record = PersonRecord {
            name: who.to_owned(),
            certificate: Some(number.to_owned()),
            ..PersonRecord::default()
        };
        act(Act::DescribePerson { person: id(who), record, reason: Some("corrected".into()) })
    };
    office.person("c1", enrolment("o2", Role::Officer, false)).unwrap();
    office.person("c1", certificate("o1", "湘D-0401")).unwrap();
    office.person("c1", certificate("o1", "湘D-0401")).expect("it is their own");
    for same in ["湘D-0401", "湘d0401", "湘D 04 01"] {
        refused(office.person("c1", certificate("o2", same)), "is o1's; one person has one");
    }
    office.person("c1", certificate("o2", "湘D-0402")).unwrap();
    office.person("h1", retire("o1")).unwrap();
    office.person("c1", certificate("o2", "湘D-0401")).expect("who left may come back");
}

fn wrong(office: &mut Office, who: &str) {
    office.system(Command::NotePinRefused { person: id(who) }).unwrap();
}

fn release(who: &str) -> Command {
    act(Act::ReleasePerson { person: id(who), reason: "was there".to_owned() })
}

#[test]
fn five_wrong_pins_in_fifteen_minutes_lock_until_somebody_else_releases() {
    let mut office = unit();
    for n in 1..=4 {
        wrong(&mut office, "o1");
        assert_eq!(locked(&office.tables, &id("o1")).unwrap(), None, "after {n}");
        office.later(MINUTE);
    }
    refused(office.person("c1", release("o1")), "o1 is not locked");
    wrong(&mut office, "o1");
    assert!(locked(&office.tables, &id("o1")).unwrap().is_some());
    assert_eq!(locked(&office.tables, &id("c1")).unwrap(), None, "nobody else is");
    refused(office.operator(release("o1")), "operator uid 1000 is neither");
    refused(office.person("o1", release("o1")), "may not release their own lock");
    let again = act(Act::ReleasePerson { person: id("o1"), reason: " ".to_owned() });
    refused(office.person("c1", again), "a reason is needed");
    office.person("c1", release("o1")).unwrap();
    assert_eq!(locked(&office.tables, &id("o1")).unwrap(), None);
    // What was before the release is forgiven.
    for _ in 0..4 {
        wrong(&mut office, "o1");
        assert_eq!(locked(&office.tables, &id("o1")).unwrap(), None);
    }
    wrong(&mut office, "o1");
    assert!(locked(&office.tables, &id("o1")).unwrap().is_some());
    let locks = office.tables.rows(&duty::PERSON_LOCK).len();
    wrong(&mut office, "o1");
    assert_eq!(office.tables.rows(&duty::PERSON_LOCK).len(), locks, "one lock at a time");
}

#[test]
fn a_wrong_pin_counts_for_fifteen_minutes_and_a_clock_set_back_forgives_none() {
    let mut office = unit();
    wrong(&mut office, "o1");
    office.later(15 * MINUTE);
    for _ in 0..4 {
        wrong(&mut office, "o1");
    }
    assert_eq!(locked(&office.tables, &id("o1")).unwrap(), None, "the first is too old");
    let mut office = unit();
    wrong(&mut office, "o1");
    office.later(15 * MINUTE - 1);
    for _ in 0..4 {
        wrong(&mut office, "o1");
    }
    assert!(locked(&office.tables, &id("o1")).unwrap().is_some());
    let mut office = unit();
    for _ in 0..4 {
        wrong(&mut office, "o1");
    }
    office.later(-24 * HOUR);
    wrong(&mut office, "o1");
    assert!(locked(&office.tables, &id("o1")).unwrap().is_some());
}

#[test]
fn at_a_screen_each_wrong_pin_makes_the_next_try_wait_longer_and_the_lock_comes_all_the_same() {
    let mut office = unit();
    let now = |office: &Office| {
        let now = office.now;
        duty::wrong_pins(&office.tables, &id("o1"), now).unwrap()
    };
    let mut waits = vec![now(&office).wait_ms];
    for left in [4, 3, 2, 1] {
        wrong(&mut office, "o1");
        assert_eq!((now(&office).left, now(&office).count), (left, 5 - left));
        waits.push(now(&office).wait_ms / 1000);
    }
    assert_eq!(waits, [0, 0, 30, 60, 120]);
    office.later(119_999);
    assert_eq!(now(&office).wait_ms, 1);
    office.later(1);
    assert_eq!(now(&office).wait_ms, 0);
    office.later(-HOUR);
    assert_eq!(now(&office).wait_ms, 120_000, "a clock set back makes nobody wait for hours");
    office.later(HOUR);
    wrong(&mut office, "o1");
    assert!(locked(&office.tables, &id("o1")).unwrap().is_some());
    office.person("c1", release("o1")).unwrap();
    assert_eq!((now(&office).count, now(&office).wait_ms), (0, 0));
}

#[test]
fn only_the_station_says_that_a_pin_was_wrong() {
    let mut office = unit();
    let note = || Command::NotePinRefused { person: id("o1") };
    refused(office.person("c1", note()), "may not report");
    refused(office.act(person("h1"), note()), "may not report");
    refused(office.operator(note()), "may not report");
}

#[test]
fn who_is_enrolled_into_a_department_belongs_to_it_at_once_or_is_not_enrolled() {
    let mut office = Office::empty();
    let into = |who: &str, into: &str| {
        let mut command = enrolment(who, Role::Officer, true);
        let Command::EnrolPerson { department, .. } = &mut command else { panic!("an enrolment") };
        *department = Some(id(into));
        command
    };
    let before = office.written.len();
    refused(office.operator(into("o1", "d1")), "there is no department d1");
    assert_eq!(office.written.len(), before);
    office.operator(department("d1")).unwrap();
    let enrolled = office.operator(into("o1", "d1")).unwrap();
    let person = sealdock_core::registry::person(&office.tables, &id("o1")).unwrap().unwrap();
    assert!(person.pin_commitment.is_some());
    assert_eq!(duty::department_of(&office.tables, &id("o1")).unwrap(), Some(id("d1")));
    let Some(Event::Duty(duty::Event::PersonDescribed(e))) = office.written.last() else {
        panic!("no particulars")
    };
    assert_eq!((e.corrects, e.record.name.as_str()), (enrolled, "Name of o1"));
}
