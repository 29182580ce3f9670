//! The way on where the only unit head is gone or has forgotten their PIN.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where it cannot go on")]

mod unit;

use sealdock_core::Digest;
use sealdock_core::actor::{Actor, ActorRecord, Role};
use sealdock_core::cells;
use sealdock_core::command::{Command, Secret};
use sealdock_core::duty::{self, Command as Do, SILENT_MS, open_proposal};
use sealdock_core::event::{Event, RecorderEnrolled};
use sealdock_core::id::ShiftId;
use sealdock_core::keep;
use sealdock_core::objection::objection;
use sealdock_core::schema::PERSON;
use sealdock_core::table::{Cell, RowChange};
use sealdock_core::time::{DAY_MS, HOUR_MS};
use unit::{Unit, by, person, pid};

const WHY: &str = "the head died";

fn propose(id: &str) -> Command {
    Command::Duty(Do::ProposeHead { person: pid(id), reason: WHY.to_owned() })
}

fn second(proposal: u64) -> Command {
    Command::Duty(Do::SecondHead { proposal, reason: WHY.to_owned() })
}

fn rename() -> Command {
    let name = "三科".to_owned();
    Command::Duty(Do::RenameDepartment { id: "d1".parse().unwrap(), name, reason: WHY.to_owned() })
}

fn heads(unit: &Unit) -> Vec<String> {
    let held = duty::holders(&unit.tables, Role::UnitHead, unit.now).unwrap();
    held.iter().map(|held| held.person.to_string()).collect()
}

fn refused(unit: &Unit, id: &str, command: Command, with: &str) {
    let said = unit.ask(&person(id), command).unwrap_err();
    assert!(said.contains(with), "{said:?} does not say {with:?}");
}

/// Decides, asks as `check` does, writes.
fn acts(unit: &mut Unit, id: &str, command: Command) -> u64 {
    let events = unit.ask(&person(id), command).unwrap();
    for event in &events {
        assert_eq!(objection(&unit.tables, &unit.stamp(), &by(id), event).unwrap(), None);
    }
    let seq = unit.seq;
    for event in events {
        unit.write(by(id), event);
    }
    seq
}

#[test]
fn after_a_silent_week_two_leading_people_make_a_third_unit_head() {
    let mut unit = Unit::new();
    let proposal = acts(&mut unit, "h1", propose("c2"));
    unit.pass(7);
    acts(&mut unit, "l1", second(proposal));
    assert_eq!(heads(&unit), ["u1", "c2"]);
    acts(&mut unit, "c2", rename());
    refused(&unit, "q1", second(proposal), "was seconded already");
    assert_eq!(open_proposal(&unit.tables, &unit.stamp()).unwrap(), None);
}

#[test]
fn the_head_still_has_time_until_the_week_is_over_to_the_millisecond() {
    let mut unit = Unit::new();
    let proposal = acts(&mut unit, "h1", propose("c2"));
    unit.pass(6);
    refused(&unit, "l1", second(proposal), "must run for 24 more hours first");
    let open = open_proposal(&unit.tables, &unit.stamp()).unwrap().unwrap();
    assert_eq!((open.person.as_str(), open.by.as_str(), open.left_ms), ("c2", "h1", DAY_MS));
    unit.pass_ms(DAY_MS - 1);
    refused(&unit, "l1", second(proposal), "must run for 1 more hours first");
    unit.pass_ms(1);
    acts(&mut unit, "l1", second(proposal));
}

#[test]
fn a_station_that_is_off_or_whose_clock_was_set_waits_longer() {
    let mut unit = Unit::new();
    unit.off(50 * DAY_MS);
    let proposal = acts(&mut unit, "h1", propose("c2"));
    unit.off(30 * DAY_MS);
    refused(&unit, "l1", second(proposal), "must run for 168 more hours first");
    unit.now = unit.now.plus_ms(9 * DAY_MS);
    refused(&unit, "l1", second(proposal), "must run for 168 more hours first");
    unit.pass(7);
    acts(&mut unit, "l1", second(proposal));
}

#[test]
fn a_head_who_signs_anything_has_answered() {
    let mut unit = Unit::new();
    let proposal = acts(&mut unit, "h1", propose("c2"));
    let signed = acts(&mut unit, "u1", rename());
    unit.pass(8);
    refused(&unit, "l1", second(proposal), &format!("u1 is there and signed entry {signed}"));
    assert_eq!(open_proposal(&unit.tables, &unit.stamp()).unwrap(), None);
    acts(&mut unit, "h1", propose("c2"));
}

#[test]
fn what_a_shift_of_the_head_does_by_itself_is_no_sign_of_them() {
    let mut unit = Unit::new();
    let proposal = acts(&mut unit, "h1", propose("c2"));
    let shift = ActorRecord::Shift { shift: ShiftId(3), clerk: pid("u1") };
    let id = "R7".parse().unwrap();
    unit.write(
        shift,
        Event::RecorderEnrolled(RecorderEnrolled { id, device_id: None, model: None }),
    );
    unit.pass(7);
    acts(&mut unit, "l1", second(proposal));
}

#[test]
fn a_deputy_of_the_head_answers_as_well() {
    let mut unit = Unit::new();
    unit.appoint("v1", Role::UnitHead, None, Some(pid("u1")));
    let proposal = acts(&mut unit, "h1", propose("c2"));
    acts(&mut unit, "v1", rename());
    unit.pass(8);
    refused(&unit, "l1", second(proposal), "v1 is there and signed");
}

#[test]
fn a_head_appointed_since_or_a_new_word_about_the_clock_answers_it() {
    let mut unit = Unit::new();
    let proposal = acts(&mut unit, "h1", propose("c2"));
    let mut other = unit.clone();
    let seq = unit.appoint("v1", Role::UnitHead, None, None);
    unit.pass(8);
    refused(&unit, "l1", second(proposal), &format!("appointed after it, in entry {seq}"));

    // Whoever said it is no head any more, so nothing that they signed is asked about.
    let held = duty::holders(&other.tables, Role::UnitHead, other.now).unwrap();
    other.end(held[0].duty.0);
    let trusted = keep::ClockTrusted { reason: WHY.to_owned() };
    let event = keep::Event::ClockTrusted(trusted).into();
    let seq = other.write(by("u1"), event);
    other.pass(8);
    refused(&other, "l1", second(proposal), &format!("said after it, in entry {seq}"));
}

#[test]
fn one_pair_of_hands_is_not_two_and_nobody_makes_themself_head() {
    let mut unit = Unit::new();
    refused(&unit, "h1", propose("h1"), "may not make themself unit head");
    let proposal = acts(&mut unit, "h1", propose("l1"));
    unit.pass(7);
    refused(&unit, "h1", second(proposal), "who proposed it cannot second it");
    refused(&unit, "l1", second(proposal), "may not make themself unit head");
    acts(&mut unit, "h2", second(proposal));
}

#[test]
fn who_leads_nothing_or_only_stands_in_proposes_and_seconds_nobody() {
    let mut unit = Unit::new();
    for id in ["o1", "c1", "v1", "m1", "n1", "p2", "u1"] {
        refused(&unit, id, propose("c2"), "each in their own right");
    }
    let operator = Actor::Operator { uid: 1000 };
    assert!(unit.ask(&operator, propose("c2")).unwrap_err().contains("each in their own right"));
    for id in ["h1", "h2", "l1", "q1", "p1", "a1"] {
        unit.ask(&person(id), propose("c2")).unwrap();
    }
    let proposal = acts(&mut unit, "h1", propose("c2"));
    unit.pass(7);
    for id in ["o1", "c1", "v1", "m1", "n1", "p2", "u1"] {
        refused(&unit, id, second(proposal), "each in their own right");
    }
}

#[test]
fn who_could_not_sign_or_be_head_is_not_proposed() {
    let mut unit = Unit::new();
    refused(&unit, "h1", propose("x9"), "is not enrolled");
    refused(&unit, "h1", propose("r1"), "has retired");
    refused(&unit, "h1", propose("m1"), "who operates the machine");
    refused(&unit, "h1", propose("u1"), "u1 is unit head already");
    let (key, cells) = (cells! { id: "n1" }, cells! { pin_commitment: Cell::Null });
    unit.tables.apply(RowChange::Update { table: &PERSON, key, cells }).unwrap();
    refused(&unit, "h1", propose("n1"), "n1 has no PIN");
    let pin_commitment = Digest::of(b"another");
    let set = duty::PinSet { person: pid("c2"), pin_commitment, reason: Some(WHY.to_owned()) };
    unit.write(by("c1"), duty::Event::PinSet(set).into());
    refused(&unit, "h1", propose("c2"), "the PIN of c2 was given by c1");
    let pin = Secret("$argon2id$own".to_owned());
    let own = Command::Duty(Do::SetPin { person: pid("c2"), pin, reason: None });
    unit.act(&person("c2"), own).unwrap();
    unit.ask(&person("h1"), propose("c2")).unwrap();
}

#[test]
fn the_proposed_must_still_be_fit_when_seconded() {
    let mut unit = Unit::new();
    let proposal = acts(&mut unit, "h1", propose("c2"));
    unit.pass(7);
    let retired = duty::PersonRetired { person: pid("c2"), reason: "left".to_owned() };
    unit.write(ActorRecord::System, duty::Event::PersonRetired(retired).into());
    refused(&unit, "l1", second(proposal), "has retired");
}

#[test]
fn a_unit_that_is_being_set_up_proposes_nobody_and_one_proposal_stands_at_a_time() {
    let mut unit = Unit::new();
    acts(&mut unit, "h1", propose("c2"));
    refused(&unit, "l1", propose("v1"), "proposes c2 already");
    let mut new = Unit::new();
    new.behead();
    refused(&new, "h1", propose("c2"), "is still being set up");
    refused(&new, "l1", second(0), "entry 0 proposes no unit head");
}

/// What only an edited chain holds is objected to.
#[test]
fn check_asks_what_the_decision_asked() {
    let mut unit = Unit::new();
    let e = duty::HeadProposed { person: pid("c2"), reason: WHY.to_owned(), unseen_ms: -7 };
    let event = duty::Event::HeadProposed(e).into();
    let why = objection(&unit.tables, &unit.stamp(), &by("h1"), &event).unwrap().unwrap();
    assert!(why.contains("another time in which the station was off"), "{why}");
    let proposal = acts(&mut unit, "h1", propose("c2"));
    unit.pass(7);
    for (proposal, id, with) in
        [(proposal, "v1", "proposes c2"), (3, "c2", "proposes no unit head")]
    {
        let e = duty::HeadSeconded { proposal, person: pid(id), reason: WHY.to_owned() };
        let event = duty::Event::HeadSeconded(e).into();
        let why = objection(&unit.tables, &unit.stamp(), &by("l1"), &event).unwrap().unwrap();
        assert!(why.contains(with), "{why}");
    }
    assert_eq!(SILENT_MS, 7 * 24 * HOUR_MS);
}
