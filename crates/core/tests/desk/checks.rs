//! The check before a use (S4, 002/A6-§8) and the periodic one (S3, 002/A6-§7).

use super::office::{HOUR, MORNING, Office, id, person, refused};
use super::*;
use sealdock_core::actor::ActorRecord;
use sealdock_core::event::{Event, ListingSigned, Verdict};
use sealdock_core::id::SessionId;
use sealdock_core::time::ClockOffset;

fn approved(office: &mut Office) -> u64 {
    let of = office.person("o1", request("R1")).unwrap();
    office.person("k1", approve(of)).unwrap();
    of
}

/// What the check of this sheet finds.
fn findings(office: &mut Office, of: u64, sheet: Sheet) -> String {
    office.person("o1", check("R1", Some(of), sheet)).unwrap();
    let rows = office.tables.rows(&desk::RECORDER_CHECK);
    rows.last().unwrap().text("findings").to_owned()
}

/// S4: 002/A6-§8.
#[test]
fn each_thing_not_in_order_is_a_finding_and_keeps_the_recorder_in() {
    let cases = [
        (Sheet { battery_percent: 49, ..good() }, "battery at 49 %, the policy asks for 50 %"),
        (Sheet { free_mib: 2047, ..good() }, "2047 MiB free, the policy asks for 2048 MiB"),
        (Sheet { clock: ClockSeen::Wrong, ..good() }, "its clock is wrong"),
        (Sheet { looks_empty: false, ..good() }, "nobody looked whether it is empty"),
        (Sheet { works: false, ..good() }, "it does not work"),
    ];
    for (sheet, says) in cases {
        let mut office = unit();
        let of = approved(&mut office);
        let found = findings(&mut office, of, sheet);
        assert!(found.contains(says) && !found.contains("; "), "{found}");
        refused(office.person("c1", issue(of)), "found something not in order: ");
    }
    let mut office = unit();
    let of = approved(&mut office);
    let least = Sheet { battery_percent: 50, free_mib: 2048, clock: ClockSeen::Set, ..good() };
    assert_eq!(findings(&mut office, of, least), "");
    office.person("c1", issue(of)).unwrap();
}

#[test]
fn a_check_again_that_passes_counts_and_one_that_fails_takes_it_back() {
    let mut office = unit();
    let of = approved(&mut office);
    findings(&mut office, of, Sheet { battery_percent: 5, ..good() });
    assert_eq!(findings(&mut office, of, good()), "");
    findings(&mut office, of, Sheet { battery_percent: 5, ..good() });
    refused(office.person("c1", issue(of)), "found something not in order");
    findings(&mut office, of, good());
    office.person("c1", issue(of)).unwrap();
}

#[test]
fn nothing_is_handed_out_unchecked_or_on_an_old_check() {
    let mut office = unit();
    let of = office.person("o1", request_until("R1", MORNING.plus_ms(48 * HOUR))).unwrap();
    office.person("k1", approve(of)).unwrap();
    refused(office.person("c1", issue(of)), "was not checked before this use (002/A6-§8)");
    findings(&mut office, of, good());
    office.later(12 * HOUR + 1);
    refused(office.person("c1", issue(of)), "is too old to count");
    office.later(-1);
    office.person("c1", issue(of)).unwrap();
}

#[test]
fn a_check_from_the_future_does_not_count() {
    let mut office = unit();
    let of = approved(&mut office);
    findings(&mut office, of, good());
    office.later(-1);
    refused(office.person("c1", issue(of)), "is too old to count");
}

#[test]
fn what_does_not_work_is_a_reported_fault_until_the_clerk_has_put_it_right_s32() {
    let mut office = unit();
    let of = approved(&mut office);
    let broken = Sheet { works: false, remark: Some("no picture".into()), ..good() };
    findings(&mut office, of, broken);
    assert_eq!(asset(&office, "R1").shown(), "faulty");
    let found = findings(&mut office, of, good());
    assert_eq!(found, "it is reported faulty and the clerk has not put it right");
    let faults = office.tables.rows(&desk::ASSET_CHANGE);
    let said = faults.iter().find(|row| row.text("what") == "fault").unwrap();
    assert_eq!(said.text("reason"), "no picture");
    let repaired = act(Act::Move {
        recorder: id("R1"),
        place: Place::Cabinet,
        reason: "new lens".into(),
        footage_aboard: false,
        in_order: true,
    });
    office.person("c1", put("R1", Place::Repair)).unwrap();
    office.person("c1", repaired).unwrap();
    assert_eq!(findings(&mut office, of, good()), "");
    // A fault reported after a good check counts as well.
    office.person("o2", fault("R1")).unwrap();
    refused(office.person("c1", issue(of)), "recorder R1 is reported faulty (entry");
}

/// S4.
#[test]
fn nothing_goes_out_that_may_hold_footage_which_is_not_proven_stored() {
    let mut office = unit();
    let first = issued(&mut office, "R1", "o1");
    office.person("c1", by_hand(first)).unwrap();
    let of = approved(&mut office);
    let found = findings(&mut office, of, good());
    assert!(found.contains("not proven stored: it was used and never docked"), "{found}");
    for verdict in [Verdict::Held, Verdict::Interrupted] {
        let session = office.dock(person("o1"), "R1", Some("o1"));
        let found = findings(&mut office, of, good());
        assert!(found.contains(&format!("its docking {session} is not over")), "{found}");
        office.close(session, verdict);
        let found = findings(&mut office, of, good());
        assert!(found.contains(&format!("{session} ended {}", verdict.as_str())), "{found}");
    }
    let session = office.empty_out("R1", "o1");
    assert_eq!(findings(&mut office, of, Sheet { looks_empty: false, ..good() }), "");
    let rows = office.tables.rows(&desk::RECORDER_CHECK);
    assert_eq!(rows.last().unwrap().int("emptied_session"), session.0 as i64);
    office.person("c1", issue(of)).unwrap();
    office.person("c1", by_hand(of)).unwrap();
    let of = approved(&mut office);
    let found = findings(&mut office, of, good());
    assert!(found.contains("it was used since it was last docked"), "{found}");
}

#[test]
fn what_came_onto_it_after_the_check_counts() {
    let mut office = unit();
    let of = ready(&mut office, "R1", "o1");
    let session = office.dock(person("o2"), "R1", Some("o2"));
    refused(office.person("c1", issue(of)), "that is not proven stored");
    office.close(session, Verdict::Done);
    office.person("c1", issue(of)).unwrap();
}

fn docked_with_offset(office: &mut Office, offset_ms: i64) -> SessionId {
    let session = office.dock(person("o1"), "R1", Some("o1"));
    let listing = ListingSigned {
        session,
        object: sealdock_core::Digest::of(b""),
        lines: 0,
        files: 0,
        bytes: 0,
        clock: ClockOffset::Measured { offset_ms, source: "status".into() },
        conflict: None,
    };
    office.write(&ActorRecord::System, Event::ListingSigned(listing));
    office.close(session, Verdict::Done);
    session
}

#[test]
fn a_clock_that_was_off_when_it_was_docked_is_set_or_is_a_finding() {
    for (offset, says) in [(60_000, None), (60_001, Some("60 s off")), (-61_000, Some("-61 s off"))]
    {
        let mut office = unit();
        let session = docked_with_offset(&mut office, offset);
        let of = approved(&mut office);
        let found = findings(&mut office, of, good());
        match says {
            None => assert_eq!(found, ""),
            Some(says) => {
                assert!(found.contains(says) && found.contains(&session.to_string()), "{found}");
                let set = Sheet { clock: ClockSeen::Set, ..good() };
                assert_eq!(findings(&mut office, of, set), "");
            }
        }
        let rows = office.tables.rows(&desk::RECORDER_CHECK);
        assert_eq!(rows.last().unwrap().int("offset_ms"), offset);
    }
}

#[test]
fn a_check_before_a_use_is_of_that_recorder_after_the_approval_by_its_officer_or_the_clerk() {
    let mut office = unit();
    let of = office.person("o1", request("R1")).unwrap();
    refused(office.person("o1", check("R1", Some(of), good())), "is requested, not approved");
    office.person("k1", approve(of)).unwrap();
    refused(
        office.person("o1", check("R2", Some(of), good())),
        "is a use of recorder R1, not of R2",
    );
    refused(
        office.person("o2", check("R1", Some(of), good())),
        "the check before a use is for the clerk",
    );
    refused(office.operator(check("R1", Some(of), good())), "operator uid 1000 is not");
    refused(office.person("o1", check("R9", Some(of), good())), "recorder R9 is not enrolled");
    refused(office.person("o1", check("R1", Some(999), good())), "there is no use U999");
    let over = Sheet { battery_percent: 101, ..good() };
    refused(office.person("o1", check("R1", Some(of), over)), "charged 0 to 100 percent");
    let full = Sheet { battery_percent: 100, ..good() };
    office.person("c1", check("R1", Some(of), full)).unwrap();
    office.person("c1", issue(of)).unwrap();
}

/// S3.
#[test]
fn a_periodic_check_is_the_clerks_and_also_of_a_recorder_that_is_out() {
    let mut office = unit();
    refused(office.person("o1", check("R1", None, good())), "a periodic check is for the clerk");
    office.person("c1", check("R1", None, good())).unwrap();
    assert_eq!(asset(&office, "R1").checked, Some(MORNING));
    issued(&mut office, "R1", "o1");
    office.later(HOUR);
    office.person("c1", check("R1", None, good())).unwrap();
    let rows = office.tables.rows(&desk::RECORDER_CHECK);
    assert_eq!(rows.last().unwrap().text("findings"), "", "its footage is rightly still on it");
    assert_eq!(asset(&office, "R1").checked, Some(MORNING.plus_ms(HOUR)));
}

#[test]
fn a_periodic_check_of_one_that_came_back_undocked_finds_its_footage() {
    let mut office = unit();
    let of = issued(&mut office, "R1", "o1");
    office.person("c1", by_hand(of)).unwrap();
    office.person("c1", check("R1", None, good())).unwrap();
    let rows = office.tables.rows(&desk::RECORDER_CHECK);
    assert!(rows.last().unwrap().text("findings").contains("not proven stored"));
}

#[test]
fn what_is_not_here_cannot_be_checked() {
    for place in [Place::Repair, Place::Lost, Place::Retired] {
        let mut office = unit();
        office.person("c1", put("R1", place)).unwrap();
        let says = format!("recorder R1 is {}; it cannot be checked", place.as_str());
        refused(office.person("c1", check("R1", None, good())), &says);
    }
}
