//! Recorders as fixed assets (S2, S6, S32): written down, designated, put somewhere.

use super::office::{id, person, refused};
use super::*;
use sealdock_core::desk::AssetRecord;
use sealdock_core::event::{Event, Verdict};

fn describe(number: &str, record: AssetRecord, reason: Option<&str>) -> Command {
    act(Act::Describe { recorder: id(number), record, reason: reason.map(str::to_owned) })
}

fn aboard(number: &str, place: Place) -> Command {
    act(Act::Move {
        recorder: id(number),
        place,
        reason: "dead".into(),
        footage_aboard: true,
        in_order: true,
    })
}

#[test]
fn an_enrolled_recorder_is_an_asset_and_every_change_says_who_and_why_s2() {
    let mut office = unit();
    let first = asset(&office, "R1");
    assert_eq!((first.state.as_str(), first.clerk, first.fault), ("acquired", None, None));
    let record = AssetRecord {
        asset_number: Some("MZ-0042".into()),
        acquired: Some("2024-03-01".into()),
        department: Some(id("d1")),
        clerk: Some(id("c1")),
        cabinet: Some("cabinet 2".into()),
    };
    let seq = office.person("c1", describe("R1", record.clone(), None)).unwrap();
    let stands = format!("stand in entry {seq}; a correction needs its reason");
    refused(office.person("c1", describe("R1", record.clone(), None)), &stands);
    let moved = AssetRecord { cabinet: Some("cabinet 3".into()), ..record };
    office.person("c1", describe("R1", moved, Some("moved house"))).unwrap();
    let rows = office.tables.rows(&desk::ASSET);
    let row = rows.iter().find(|row| row.text("recorder") == "R1").unwrap();
    assert_eq!(row.text("cabinet"), "cabinet 3");
    assert_eq!(row.text("asset_number"), "MZ-0042");
    let changes = office.tables.rows(&desk::ASSET_CHANGE);
    let last = changes.last().unwrap();
    assert_eq!((last.text("what"), last.text("actor")), ("described", "person c1"));
    assert_eq!(last.text("reason"), "moved house");
}

fn correction(number: &str, device_id: Option<&str>, model: Option<&str>) -> Act {
    Act::Correct {
        recorder: id(number),
        device_id: device_id.map(str::to_owned),
        model: model.map(str::to_owned),
        record: None,
        reason: "typing error".into(),
    }
}

#[test]
fn a_correction_stands_in_the_register_and_what_was_wrong_in_the_chain_s2() {
    let mut office = unit();
    let enrolled = office.written.len();
    let wrong = Command::EnrolRecorder {
        id: id("R7"),
        device_id: Some("008".into()),
        model: Some("A7".into()),
    };
    let seq = office.person("c1", wrong).unwrap();
    office.person("c1", act(correction("R7", Some("007"), Some("")))).unwrap();
    let rows = office.tables.rows(&sealdock_core::schema::RECORDER);
    let row = rows.iter().find(|row| row.text("id") == "R7").unwrap();
    assert_eq!((row.text_opt("device_id"), row.text_opt("model")), (Some("007"), None));
    let [Event::RecorderEnrolled(before), Event::Desk(desk::Event::RecorderCorrected(e))] =
        &office.written[enrolled..]
    else {
        panic!("{:?}", &office.written[enrolled..])
    };
    assert_eq!((before.model.as_deref(), e.corrects), (Some("A7"), seq));
    assert_eq!(e.words(), "device number from 008 to 007, model from A7 to nothing");
    let changes = office.tables.rows(&desk::ASSET_CHANGE);
    let last = changes.last().unwrap();
    assert_eq!(last.text("what"), format!("corrected: {}", e.words()));
    assert_eq!((last.text("actor"), last.text("reason")), ("person c1", "typing error"));
    let life = sealdock_core::report::custody_of_recorder(&office.tables, &id("R7")).unwrap();
    assert!(life.entries.contains(&seq) && life.entries.contains(&(seq + 1)), "{life:?}");
}

#[test]
fn a_correction_says_something_else_of_a_recorder_that_is_there_by_who_may_add_one_a6_6() {
    let mut office = unit();
    office.person("c1", act(correction("R1", Some("007"), None))).unwrap();
    refused(
        office.person("c1", act(correction("R1", Some("007"), None))),
        "says so of recorder R1",
    );
    refused(
        office.person("c1", act(correction("R2", Some("007"), None))),
        "belongs to recorder R1",
    );
    refused(
        office.person("c1", act(correction("R1", Some("a b"), None))),
        "id \"a b\" is not usable",
    );
    refused(office.person("c1", act(correction("R9", None, Some("x")))), "R9 is not enrolled");
    let mut silent = correction("R1", None, Some("x"));
    if let Act::Correct { reason, .. } = &mut silent {
        reason.clear();
    }
    refused(office.person("c1", act(silent)), "a reason is needed");
    refused(
        office.person("o1", act(correction("R1", None, Some("x")))),
        "is for the clerk (管理员)",
    );
    refused(office.operator(act(correction("R1", None, Some("x")))), "is for the clerk (管理员)");
    office.person("h1", act(correction("R1", None, Some("x")))).unwrap();
}

#[test]
fn enrolment_and_particulars_are_corrected_together_or_not_at_all() {
    let mut office = unit();
    office.person("c1", describe("R1", AssetRecord::default(), None)).unwrap();
    let both = |clerk: &str| {
        let record = AssetRecord {
            cabinet: Some("2".into()),
            clerk: Some(id(clerk)),
            ..AssetRecord::default()
        };
        let mut command = correction("R1", None, Some("A7"));
        if let Act::Correct { record: particulars, .. } = &mut command {
            *particulars = Some(record);
        }
        act(command)
    };
    let before = office.seq;
    refused(office.person("c1", both("o1")), "o1 is no clerk for it");
    assert_eq!(office.seq, before);
    office.person("c1", both("c1")).unwrap();
    assert_eq!(office.seq, before + 2);
    assert_eq!(office.tables.rows(&desk::ASSET)[0].text("cabinet"), "2");
    refused(office.person("c1", both("c1")), "says so of recorder R1");
}

#[test]
fn particulars_name_things_that_exist() {
    let mut office = unit();
    let no = |record: AssetRecord| describe("R1", record, None);
    let dated = AssetRecord { acquired: Some("yesterday".into()), ..AssetRecord::default() };
    refused(office.person("c1", no(dated)), "\"yesterday\" is not a date");
    let nowhere = AssetRecord { department: Some(id("d9")), ..AssetRecord::default() };
    refused(office.person("c1", no(nowhere)), "there is no department d9");
    let nobody = AssetRecord { clerk: Some(id("o1")), ..AssetRecord::default() };
    refused(office.person("c1", no(nobody)), "o1 is no clerk for it");
    let long = AssetRecord { cabinet: Some("x".repeat(101)), ..AssetRecord::default() };
    refused(office.person("c1", no(long)), "a cabinet is 1 to 100 characters");
    let blank = AssetRecord { asset_number: Some(" ".into()), ..AssetRecord::default() };
    refused(office.person("c1", no(blank)), "an asset number is 1 to 100 characters");
    refused(
        office.person("c1", describe("R9", AssetRecord::default(), None)),
        "R9 is not enrolled",
    );
    refused(office.person("o1", no(AssetRecord::default())), "is for the clerk (管理员) in charge");
}

#[test]
fn a_clerk_of_one_department_has_no_charge_of_anothers_recorders() {
    let mut office = unit();
    office.person("h1", office::enrolment("c2", Role::Officer, true)).unwrap();
    office.chooses_a_pin("c2");
    let appoint = duty::Command::Appoint {
        person: id("c2"),
        role: Role::Clerk,
        department: Some(id("d2")),
        since: None,
        until: None,
        acting_for: None,
        reason: "by order".into(),
    };
    office.person("h1", Command::Duty(appoint)).unwrap();
    let of = |department: &str| AssetRecord {
        department: Some(id(department)),
        ..AssetRecord::default()
    };
    refused(office.person("c2", put("R1", Place::Cabinet)), "is for the clerk (管理员) in charge");
    office.person("c1", describe("R1", of("d1"), None)).unwrap();
    refused(office.person("c2", put("R1", Place::Cabinet)), "is for the clerk (管理员) in charge");
    office.person("c1", describe("R1", of("d2"), Some("given over"))).unwrap();
    office.person("c2", put("R1", Place::Cabinet)).unwrap();
    // One that is of no department yet: by the clerk of the department that it goes to, and no other.
    let charge = "writing down a recorder is for the clerk (管理员) in charge";
    refused(office.person("c2", describe("R2", of("d1"), None)), charge);
    refused(office.person("c2", describe("R2", AssetRecord::default(), None)), charge);
    office.person("c2", describe("R2", of("d2"), None)).unwrap();
    office.person("c2", put("R2", Place::Cabinet)).unwrap();
}

#[test]
fn a_recorder_is_designated_to_officers_once_each_s6() {
    let mut office = unit();
    refused(office.person("c1", designate("R1", "o1")), "is designated to o1 already");
    refused(office.person("c1", designate("R1", "c1")), "c1 holds no duty as an officer");
    refused(office.person("c1", designate("R9", "o1")), "R9 is not enrolled");
    refused(office.person("o1", designate("R2", "o1")), "designating a recorder is for the clerk");
    let over = |officer: &str| {
        act(Act::EndDesignation { recorder: id("R1"), officer: id(officer), reason: "x".into() })
    };
    refused(office.person("c1", over("o3")), "is not designated to o3");
    refused(office.person("o1", over("o1")), "ending a designation is for the clerk");
    office.person("c1", over("o1")).unwrap();
    refused(office.person("c1", over("o1")), "is not designated to o1");
    assert!(desk::designation(&office.tables, &id("R1"), &id("o2")).unwrap().is_some());
    office.person("c1", put("R2", Place::Retired)).unwrap();
    refused(office.person("c1", designate("R2", "o1")), "recorder R2 is out of service");
}

#[test]
fn a_fault_is_reported_once_by_who_works_here_s32() {
    let mut office = unit();
    refused(office.operator(fault("R1")), "is for an officer or a clerk");
    refused(office.person("h1", fault("R1")), "is for an officer or a clerk");
    refused(office.person("o1", fault("R9")), "R9 is not enrolled");
    let seq = office.person("o3", fault("R1")).unwrap();
    assert_eq!((asset(&office, "R1").shown(), asset(&office, "R1").fault), ("faulty", Some(seq)));
    refused(office.person("c1", fault("R1")), &format!("reported faulty already (entry {seq})"));
    office.person("c1", fault("R2")).unwrap();
    let mut office = unit();
    office.person("c1", put("R1", Place::Retired)).unwrap();
    refused(office.person("o1", fault("R1")), "recorder R1 is out of service");
}

#[test]
fn a_fault_of_a_recorder_that_is_out_shows_when_it_is_back() {
    let mut office = unit();
    issued(&mut office, "R1", "o1");
    office.person("o1", fault("R1")).unwrap();
    assert_eq!(asset(&office, "R1").shown(), "issued");
    office.empty_out("R1", "o1");
    assert_eq!(asset(&office, "R1").shown(), "faulty");
    office.person("c1", put("R1", Place::Repair)).unwrap();
    assert_eq!(asset(&office, "R1").shown(), "repair");
    office.person("c1", put("R1", Place::Cabinet)).unwrap();
    assert_eq!(asset(&office, "R1").shown(), "faulty", "nobody said that it is in order");
}

#[test]
fn repair_is_arranged_by_the_clerk_and_settles_the_fault_only_on_coming_back_in_order() {
    let mut office = unit();
    office.person("o1", fault("R1")).unwrap();
    refused(office.person("o1", put("R1", Place::Repair)), "moving a recorder is for the clerk");
    office.person("c1", aboard("R1", Place::Repair)).unwrap();
    assert!(asset(&office, "R1").fault.is_some(), "going to be repaired puts nothing right");
    refused(office.person("c1", put("R1", Place::Repair)), "recorder R1 is repair already");
    office.person("c1", aboard("R1", Place::Cabinet)).unwrap();
    assert_eq!((asset(&office, "R1").fault, asset(&office, "R1").shown()), (None, "cabinet"));
}

#[test]
fn a_recorder_that_may_hold_footage_leaves_only_when_somebody_says_so_s17() {
    for place in [Place::Repair, Place::Retired] {
        let mut office = unit();
        let of = issued(&mut office, "R1", "o1");
        office.person("c1", by_hand(of)).unwrap();
        refused(office.person("c1", put("R1", place)), "would leave with footage: it was used");
        office.person("c1", aboard("R1", place)).unwrap();
        let mut office = unit();
        issued(&mut office, "R1", "o1");
        let session = office.dock(person("o1"), "R1", Some("o1"));
        office.close(session, Verdict::Held);
        refused(
            office.person("c1", put("R1", place)),
            "would leave with footage: its last docking",
        );
        office.empty_out("R1", "o1");
        office.person("c1", put("R1", place)).unwrap();
    }
}

#[test]
fn where_a_recorder_may_go_depends_on_where_it_is() {
    let silent = act(Act::Move {
        recorder: id("R1"),
        place: Place::Cabinet,
        reason: " ".into(),
        footage_aboard: false,
        in_order: false,
    });
    refused(unit().person("c1", silent), "a reason is needed");
    refused(unit().person("c1", put("R9", Place::Cabinet)), "R9 is not enrolled");
    let mut office = unit();
    let of = issued(&mut office, "R1", "o1");
    for place in [Place::Cabinet, Place::Repair, Place::Retired] {
        refused(
            office.person("c1", aboard("R1", place)),
            "recorder R1 is with o1; it comes back first",
        );
    }
    office.person("c1", by_hand(of)).unwrap();
    refused(office.person("c1", aboard("R1", Place::Cabinet)), "was returned and not docked");
    office.empty_out("R1", "o1");
    office.person("c1", put("R1", Place::Cabinet)).unwrap();
    refused(office.person("c1", put("R1", Place::Cabinet)), "is cabinet already; nothing changed");
    office.person("c1", put("R1", Place::Retired)).unwrap();
    for place in [Place::Cabinet, Place::Repair, Place::Lost] {
        refused(office.person("c1", put("R1", place)), "is out of service for good");
    }
    assert!(!asset(&office, "R1").in_service());
}

#[test]
fn only_a_recorder_that_is_here_is_handed_out() {
    for place in [Place::Repair, Place::Lost] {
        let mut office = unit();
        let of = ready(&mut office, "R1", "o1");
        office.person("c1", put("R1", place)).unwrap();
        let says = format!("recorder R1 is {}; the clerk puts it into", place.as_str());
        refused(office.person("c1", issue(of)), &says);
        office.person("c1", put("R1", Place::Cabinet)).unwrap();
        office.person("c1", issue(of)).unwrap();
    }
    let mut office = unit();
    let (first, second) = (ready(&mut office, "R1", "o1"), ready(&mut office, "R1", "o2"));
    office.person("c1", issue(first)).unwrap();
    office.person("c1", by_hand(first)).unwrap();
    refused(office.person("c1", issue(second)), "was returned and not docked; dock it first");
    office.empty_out("R1", "o1");
    assert_eq!(asset(&office, "R1").state, "docked");
    office.person("c1", issue(second)).unwrap();
}

#[test]
fn a_lost_recorder_ends_its_use_and_is_reported_by_its_holder_or_the_clerk() {
    let mut office = unit();
    let of = issued(&mut office, "R1", "o1");
    refused(
        office.person("o2", put("R1", Place::Lost)),
        "reporting a loss, where its holder does not, is for the clerk",
    );
    office.person("o1", put("R1", Place::Lost)).unwrap();
    assert_eq!(usage(&office, of).state, "lost");
    let lost = asset(&office, "R1");
    assert_eq!(
        (lost.state.as_str(), lost.holder.clone(), lost.in_service()),
        ("lost", None, false)
    );
    refused(office.person("o1", request("R1")), "recorder R1 is lost; ask for another");
    refused(office.person("o1", put("R1", Place::Lost)), "recorder R1 is lost already");
    office.person("c1", put("R1", Place::Cabinet)).expect("it was found");
    let other = ready(&mut office, "R1", "o2");
    refused(office.person("c1", issue(other)), "found something not in order");
    let mut office = unit();
    refused(
        office.person("o1", put("R1", Place::Lost)),
        "reporting a loss, where its holder does not, is for the clerk",
    );
    office.person("c1", put("R1", Place::Lost)).unwrap();
}
