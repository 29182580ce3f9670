//! Which numbers in file names are an identity conflict, on values.
#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use sealdock_core::actor::{ActorRecord, Role};
use sealdock_core::decide::identity_conflict;
use sealdock_core::event::{Event, PersonEnrolled};
use sealdock_core::project::project;
use sealdock_core::session::Bindings;
use sealdock_core::time::{Stamp, WallMs};
use sealdock_testkit::tables::MemTables;

/// Officers 111111 and 222222 are enrolled.
fn registers() -> MemTables {
    let mut tables = MemTables::default();
    let at = Stamp { boot: "b".to_owned(), mono_ms: 0, wall: WallMs(0) };
    for (seq, id) in (0..).zip(["111111", "222222"]) {
        let event = Event::PersonEnrolled(PersonEnrolled {
            id: id.parse().unwrap(),
            name: id.to_owned(),
            role: Role::Officer,
            pin_commitment: None,
        });
        for change in project(seq, &at, &ActorRecord::System, &event) {
            tables.apply(change).unwrap();
        }
    }
    tables
}

/// Docked by 111111, or by nobody; the files carry these officer numbers.
fn conflict(docked_by: Option<&str>, numbers: &[&str]) -> Option<String> {
    let officer = docked_by.map(|id| id.parse().unwrap());
    let bound = Bindings { recorder: None, officer };
    let numbers: Vec<String> = numbers.iter().map(|n| (*n).to_owned()).collect();
    identity_conflict(&registers(), &"R1".parse().unwrap(), &bound, (&[], &numbers)).unwrap()
}

#[test]
fn the_number_of_another_enrolled_officer_is_a_conflict_wherever_it_stands() {
    let cards: [&[&str]; 5] = [
        &["222222"],
        &["111111", "222222"],
        &["222222", "111111"],
        &["999999", "222222"],
        &["-no id-", "222222"],
    ];
    for numbers in cards {
        let why = conflict(Some("111111"), numbers);
        assert!(why.as_ref().is_some_and(|w| w.contains("officer 222222")), "{numbers:?}: {why:?}");
    }
}

#[test]
fn ones_own_number_and_numbers_of_nobody_are_none() {
    let cards: [&[&str]; 4] = [&[], &["111111"], &["999999"], &["111111", "-no id-", "999999"]];
    for numbers in cards {
        assert_eq!(conflict(Some("111111"), numbers), None, "{numbers:?}");
    }
}

#[test]
fn where_nobody_answers_for_the_docking_there_is_nobody_to_contradict() {
    assert_eq!(conflict(None, &["222222"]), None, "the session is held as unassigned anyway");
}
