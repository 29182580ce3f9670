//! What a docking means for the usage archive (002/A6-§6, §18, §19).

use super::office::{HOUR, MORNING, Office, id, person, refused, under_shift};
use super::*;
use sealdock_core::actor::Actor;
use sealdock_core::decide::identity_conflict;
use sealdock_core::event::Verdict;
use sealdock_core::id::{SessionId, ShiftId};
use sealdock_core::session::Bindings;

/// The conflict that a docking of R1 by this officer has.
fn conflict(office: &Office, officer: Option<&str>) -> Option<String> {
    let bound = Bindings { recorder: Some(id("R1")), officer: officer.map(id) };
    identity_conflict(&office.tables, &id("R1"), &bound, (&[], &[])).unwrap()
}

fn changes(office: &Office, number: &str) -> Vec<String> {
    let rows = office.tables.rows(&desk::ASSET_CHANGE);
    let mine = rows.iter().filter(|row| row.text("recorder") == number);
    mine.map(|row| row.text("what").to_owned()).collect()
}

#[test]
fn a_dock_by_the_officer_who_has_it_is_its_return() {
    let mut office = unit();
    let of = issued(&mut office, "R1", "o1");
    office.later(HOUR);
    let before = office.seq;
    let session = office.dock(person("o1"), "R1", Some("o1"));
    assert_eq!(session, SessionId(before), "the session is named after its own entry");
    let back = usage(&office, of);
    assert_eq!((back.state.as_str(), back.docked), ("docked", Some(session)));
    assert_eq!(back.returned, Some(MORNING.plus_ms(HOUR)));
    assert_eq!(back.row.text("returned_by"), "person o1");
    assert_eq!(back.row.int_opt("late"), Some(0));
    let here = asset(&office, "R1");
    assert_eq!((here.state.as_str(), here.holder, here.of), ("docked", None, None));
    assert_eq!(conflict(&office, Some("o1")), None);
}

#[test]
fn a_dock_after_the_approved_time_is_a_late_return() {
    let mut office = unit();
    let of = issued(&mut office, "R1", "o1");
    office.later(24 * HOUR);
    office.dock(person("o1"), "R1", Some("o1"));
    assert_eq!(usage(&office, of).row.int_opt("late"), Some(1));
    assert!(usage(&office, of).late);
}

/// S6.
#[test]
fn docked_by_another_officer_it_is_saved_said_and_a_conflict_and_no_return() {
    let mut office = unit();
    let of = issued(&mut office, "R1", "o1");
    let session = office.dock(person("o2"), "R1", Some("o2"));
    let still = usage(&office, of);
    assert_eq!((still.state.as_str(), still.returned), ("issued", None));
    assert_eq!(still.row.int("other_session"), session.0 as i64);
    assert_eq!(still.row.text("other_officer"), "o2");
    assert_eq!(asset(&office, "R1").holder, Some(id("o1")));
    let why = conflict(&office, Some("o2")).unwrap();
    assert!(why.contains("was last with o1") && why.contains("brought back by o2"), "{why}");
    // Its own officer is no conflict, nor is a docking for which nobody answers: that is held anyway.
    assert_eq!(conflict(&office, Some("o1")), None);
    assert_eq!(conflict(&office, None), None);
}

#[test]
fn docked_by_nobody_known_it_is_no_return_either() {
    let mut office = unit();
    let of = issued(&mut office, "R1", "o1");
    let session = office.dock(Actor::Operator { uid: 1000 }, "R1", Some("o1"));
    let still = usage(&office, of);
    assert_eq!(still.state, "issued");
    assert_eq!(still.row.int("other_session"), session.0 as i64);
    assert_eq!(still.row.text_opt("other_officer"), None);
}

#[test]
fn under_a_clerks_shift_the_named_officer_returns_it() {
    let mut office = furnished(Office::under(&under_shift()));
    let of = issued(&mut office, "R1", "o1");
    let shift = ShiftId(office.person("c1", Command::OpenShift).unwrap());
    let actor = Actor::Shift { shift, clerk: id("c1") };
    let session = office.dock(actor, "R1", Some("o1"));
    assert_eq!(usage(&office, of).docked, Some(session));
    assert_eq!(usage(&office, of).row.text("returned_by"), format!("shift {shift} of c1"));
}

#[test]
fn one_given_back_by_hand_is_docked_by_the_next_docking_whoever_docks() {
    for (who, other) in [("o1", false), ("o2", true)] {
        let mut office = unit();
        let of = issued(&mut office, "R1", "o1");
        office.person("c1", by_hand(of)).unwrap();
        assert_eq!(desk::undocked(&office.tables).unwrap().len(), 1);
        let session = office.dock(person(who), "R1", Some(who));
        let docked = usage(&office, of);
        assert_eq!((docked.state.as_str(), docked.docked), ("docked", Some(session)));
        assert_eq!(docked.returned, Some(MORNING), "the return is when it came back");
        assert_eq!(docked.row.int_opt("other_session").is_some(), other);
        assert_eq!(conflict(&office, Some(who)).is_some(), other);
        assert_eq!(asset(&office, "R1").state, "docked");
        assert_eq!(desk::undocked(&office.tables).unwrap(), []);
    }
}

#[test]
fn what_is_left_on_it_is_the_last_users_until_a_docking_accounted_for_every_line() {
    let mut office = unit();
    issued(&mut office, "R1", "o1");
    let session = office.dock(person("o1"), "R1", Some("o1"));
    assert!(conflict(&office, Some("o2")).is_some(), "the docking is not over");
    office.close(session, Verdict::Interrupted);
    assert!(conflict(&office, Some("o2")).is_some(), "something is left on it");
    office.empty_out("R1", "o1");
    assert_eq!(conflict(&office, Some("o2")), None);
    let session = office.dock(person("o1"), "R1", Some("o1"));
    office.close(session, Verdict::Held);
    assert_eq!(conflict(&office, Some("o2")), None, "once emptied, the use is settled");
    office.empty_out("R1", "o1");
    issued(&mut office, "R1", "o2");
    assert!(conflict(&office, Some("o1")).is_some(), "now it is o2's");
    assert_eq!(conflict(&office, Some("o2")), None);
}

#[test]
fn a_recorder_taken_without_approval_comes_back_like_any_other() {
    let mut office = unit();
    let of = office.person("c1", breach("R1", "o1")).unwrap();
    assert!(conflict(&office, Some("o2")).is_some());
    office.dock(person("o1"), "R1", Some("o1"));
    assert_eq!(usage(&office, of).state, "docked");
}

#[test]
fn a_docking_of_a_recorder_that_is_not_out_changes_nothing_at_the_desk() {
    let mut office = unit();
    let before = changes(&office, "R1");
    let size = office.seq;
    office.empty_out("R1", "o3");
    assert_eq!(office.seq, size + 2, "opened and closed, no more");
    assert_eq!(changes(&office, "R1"), before);
    // Asked for, and approved, is not out.
    ready(&mut office, "R1", "o1");
    let size = office.seq;
    office.empty_out("R1", "o3");
    assert_eq!(office.seq, size + 2);
    // One that is not enrolled is nobody's.
    office.dock(person("o1"), "R77", Some("o1"));
    assert_eq!(office.seq, size + 3);
}

/// Lost on paper and docked two days later is back two days late.
#[test]
fn a_lost_recorder_that_its_officer_docks_is_found_and_back_and_late() {
    let mut office = unit();
    let of = issued(&mut office, "R1", "o1");
    office.person("o1", put("R1", Place::Lost)).unwrap();
    office.later(48 * HOUR);
    let all = desk::Period { from: MORNING, to: office.now };
    let late = |office: &Office| {
        let figures = desk::figures(&office.tables, &office.policy(), (all, &office.at())).unwrap();
        figures.lateness.iter().map(|line| line.late_returns).sum::<u32>()
    };
    assert_eq!(late(&office), 1, "out although overdue");
    let due = desk::overdue(&office.tables, &office.policy(), &office.at()).unwrap();
    assert!(matches!(&due[..], [desk::Event::Overdue(e)] if e.of == UseId(of)), "{due:?}");
    let session = office.empty_out("R1", "o1");
    let back = usage(&office, of);
    assert_eq!((back.state.as_str(), back.docked, back.late), ("docked", Some(session), true));
    let here = asset(&office, "R1");
    assert_eq!((here.state.as_str(), here.holder), ("docked", None));
    assert_eq!(late(&office), 1);
    issued(&mut office, "R1", "o2");
}

#[test]
fn a_lost_recorder_that_another_docks_is_said_and_is_found_when_the_clerk_has_it() {
    let mut office = unit();
    let of = issued(&mut office, "R1", "o1");
    office.person("o1", put("R1", Place::Lost)).unwrap();
    let session = office.dock(person("o2"), "R1", Some("o2"));
    assert_eq!(usage(&office, of).row.int("other_session") as u64, session.0);
    assert_eq!(
        (usage(&office, of).state.as_str(), asset(&office, "R1").state.as_str()),
        ("lost", "lost")
    );
    office.close(session, Verdict::Held);
    refused(office.person("c1", breach("R1", "o2")), "was lost by o1");
    office.later(48 * HOUR);
    office.person("c1", put("R1", Place::Cabinet)).unwrap();
    let found = usage(&office, of);
    assert_eq!((found.state.as_str(), found.late), ("returned", true), "it has still to be docked");
    assert_eq!(asset(&office, "R1").state, "cabinet");
    office.empty_out("R1", "o1");
    assert_eq!(usage(&office, of).state, "docked");
    // Written off, it is neither out nor back.
    let mut office = unit();
    let of = issued(&mut office, "R1", "o1");
    office.person("o1", put("R1", Place::Lost)).unwrap();
    let gone = act(desk::Command::Move {
        recorder: id("R1"),
        place: Place::Retired,
        reason: "r".into(),
        footage_aboard: true,
        in_order: false,
    });
    office.person("c1", gone).unwrap();
    office.later(48 * HOUR);
    assert_eq!(desk::overdue(&office.tables, &office.policy(), &office.at()).unwrap(), []);
    office.empty_out("R1", "o1");
    assert_eq!(
        (usage(&office, of).state.as_str(), asset(&office, "R1").state.as_str()),
        ("lost", "retired")
    );
}

#[test]
fn each_use_has_its_own_return() {
    let mut office = unit();
    let first = issued(&mut office, "R1", "o1");
    let one = office.empty_out("R1", "o1");
    let second = issued(&mut office, "R1", "o2");
    assert_eq!(usage(&office, second).returned, None);
    let two = office.empty_out("R1", "o2");
    assert_eq!(
        (usage(&office, first).docked, usage(&office, second).docked),
        (Some(one), Some(two))
    );
}
