//! Where two answers meet, and what a register row must hold word for word.

use super::office::{HOUR, MORNING, Office, id, person, refused};
use super::*;
use sealdock_core::actor::{Actor, ActorRecord};
use sealdock_core::desk::{ASSET_CHANGE, AssetRecord, Event as Noted, Moved, RECORDER_CHECK};
use sealdock_core::desk::{Period, figures};
use sealdock_core::event::{Event, RecorderTold, Verdict};
use sealdock_core::id::{ClipId, SessionId};
use sealdock_core::policy::{DEFAULT_POLICY, Policy};
use sealdock_core::schema::CLIP;

const DAY: i64 = 24 * HOUR;

fn last(office: &Office) -> &Event {
    office.written.last().unwrap()
}

#[test]
fn the_first_particulars_of_a_recorder_name_its_enrolment() {
    let mut office = unit();
    let enrolled = office.person("c1", office::recorder("R7")).unwrap();
    let record = AssetRecord { asset_number: Some("A7".into()), ..AssetRecord::default() };
    let describe = act(Act::Describe { recorder: id("R7"), record, reason: None });
    office.person("c1", describe).unwrap();
    let Event::Desk(Noted::RecorderDescribed(e)) = last(&office) else { panic!() };
    assert_eq!(e.corrects, enrolled);
}

#[test]
fn the_life_of_a_recorder_begins_with_its_enrolment_and_says_how_a_check_went() {
    let mut office = unit();
    office.person("c1", office::recorder("R7")).unwrap();
    office.person("c1", check("R7", None, good())).unwrap();
    office.person("c1", check("R7", None, Sheet { works: false, ..good() })).unwrap();
    let lives = office.tables.rows(&ASSET_CHANGE);
    let life: Vec<(&str, Option<&str>)> = lives
        .iter()
        .filter(|row| row.text("recorder") == "R7")
        .map(|row| (row.text("what"), row.text_opt("reason")))
        .collect();
    assert_eq!(life[..2], [("acquired", None), ("checked, in order", None)]);
    let (what, why) = life[2];
    assert_eq!(what, "checked, not in order");
    assert!(why.is_some_and(|why| !why.is_empty()), "{why:?}");
    let checks = office.tables.rows(&RECORDER_CHECK);
    assert!(checks.iter().all(|row| row.text("clock") == "right"));
    let seen = [ClockSeen::Right, ClockSeen::Set, ClockSeen::Wrong].map(ClockSeen::as_str);
    assert_eq!(seen, ["right", "set", "wrong"]);
}

#[test]
fn a_battery_may_have_to_be_full() {
    let full =
        DEFAULT_POLICY.replacen("battery_min = { value = 50", "battery_min = { value = 100", 1);
    let more = full.replacen("battery_min = { value = 100", "battery_min = { value = 101", 1);
    assert_ne!(full, DEFAULT_POLICY);
    assert!(Policy::parse(&full).is_ok());
    assert!(Policy::parse(&more).is_err());
}

#[test]
fn what_leaves_with_footage_says_so_and_what_goes_into_the_cabinet_does_not() {
    let mut office = unit();
    let of = issued(&mut office, "R1", "o1");
    office.person("c1", by_hand(of)).unwrap();
    let go = |place| {
        let (recorder, reason) = (id("R1"), "as told".to_owned());
        act(Act::Move { recorder, place, reason, footage_aboard: true, in_order: false })
    };
    office.person("c1", go(Place::Repair)).unwrap();
    let Event::Desk(Noted::Moved(e)) = last(&office) else { panic!() };
    assert!(e.footage_aboard.is_some());
    office.person("c1", go(Place::Cabinet)).unwrap();
    let Event::Desk(Noted::Moved(e)) = last(&office) else { panic!() };
    assert_eq!(e.footage_aboard, None);
}

/// An earlier release found a recorder again without ending the use in which it was lost.
#[test]
fn docking_a_recorder_that_was_lost_and_found_says_nothing_of_the_use_in_which_it_was_lost() {
    let mut office = unit();
    let of = issued(&mut office, "R1", "o1");
    office.person("c1", put("R1", Place::Lost)).unwrap();
    let found = Moved {
        recorder: id("R1"),
        place: Place::Cabinet,
        was: "lost".into(),
        of: None,
        footage_aboard: None,
        in_order: false,
        reason: "found".into(),
    };
    let clerk = ActorRecord::Person { id: id("c1") };
    office.write(&clerk, Noted::Moved(found).into());
    assert_eq!(usage(&office, of).state, "lost");
    office.dock(person("o2"), "R1", Some("o2"));
    assert!(matches!(last(&office), Event::SessionOpened(_)), "{:?}", last(&office));
}

#[test]
fn a_docking_that_emptied_a_recorder_still_brought_its_users_footage() {
    let mut office = unit();
    let of = issued(&mut office, "R1", "o1");
    let session = office.dock(Actor::Operator { uid: 0 }, "R1", None);
    office.store(session, None);
    office.close(session, Verdict::Done);
    let rows = office.tables.rows(&CLIP);
    let clip = ClipId(rows.iter().map(|row| row.int("seq")).max().unwrap().unsigned_abs());
    let assign = |officer: &str| Command::AssignClips {
        clips: vec![clip],
        recorder: id("R1"),
        officer: id(officer),
        reason: "asked".into(),
    };
    refused(office.person("c1", assign("o2")), &format!("recorder R1 was with o1 (U{of})"));
    office.person("c1", assign("o1")).unwrap();
}

/// When the clock after return ends for a clip whose time nobody believes, stored in a docking now.
fn due(office: &mut Office) -> i64 {
    let session = office.dock(person("o1"), "R1", Some("o1"));
    let due = office.store(session, None);
    office.close(session, Verdict::Done);
    due.0
}

#[test]
fn the_docking_itself_is_the_newest_return_s7() {
    let mut office = unit();
    let first = issued(&mut office, "R1", "o1");
    office.person("c1", by_hand(first)).unwrap();
    office.later(HOUR);
    assert_eq!(due(&mut office), MORNING.0 + DAY);
    office.later(HOUR);
    issued(&mut office, "R1", "o1");
    office.later(HOUR);
    assert_eq!(due(&mut office), office.now.0 + DAY);
}

#[test]
fn a_return_at_the_first_believed_moment_counts_s7() {
    let mut office = unit();
    let of = issued(&mut office, "R1", "o1");
    office.now = office.policy().not_before;
    let back = office.now;
    office.person("c1", by_hand(of)).unwrap();
    office.now = MORNING.plus_ms(HOUR);
    assert_eq!(due(&mut office), back.0 + DAY);
}

#[test]
fn a_use_is_late_only_while_it_is_out_and_after_its_time_s7() {
    let mut office = unit();
    let of = issued(&mut office, "R1", "o1");
    let until = usage(&office, of).until;
    let late = |office: &Office| {
        let period = Period { from: MORNING, to: MORNING.plus_ms(DAY) };
        let figures = figures(&office.tables, &office.policy(), (period, &office.at())).unwrap();
        figures.lateness[0].late_returns
    };
    office.now = until;
    assert_eq!(late(&office), 0, "at its time it is not late yet");
    let mut out = Office { tables: office.tables.clone(), written: Vec::new(), ..office };
    out.later(1);
    assert_eq!(late(&out), 1);
    out.now = until;
    out.empty_out("R1", "o1");
    out.later(DAY);
    assert_eq!(late(&out), 0, "it was back in time");
}

#[test]
fn what_is_out_is_listed_oldest_first_the_lost_among_them() {
    let mut office = unit();
    let lost = issued(&mut office, "R1", "o1");
    office.person("c1", designate("R2", "o2")).unwrap();
    let out = issued(&mut office, "R2", "o2");
    office.person("c1", put("R1", Place::Lost)).unwrap();
    let listed: Vec<UseId> = desk::out(&office.tables).unwrap().iter().map(|u| u.of).collect();
    assert_eq!(listed, [UseId(lost), UseId(out)]);
}

fn told(session: SessionId, battery: u8) -> Event {
    Event::RecorderTold(RecorderTold {
        session,
        device: Some("77".into()),
        officer: None,
        battery_percent: Some(battery),
        firmware: None,
        source: "unlock".into(),
    })
}

#[test]
fn what_a_recorder_said_of_itself_last_is_of_its_newest_docking_that_said_anything() {
    let mut office = unit();
    assert!(desk::told_last(&office.tables, &id("R1")).unwrap().is_none());
    let first = office.dock(person("o1"), "R1", Some("o1"));
    office.write(&ActorRecord::System, told(first, 80));
    office.write(&ActorRecord::System, told(first, 79));
    office.close(first, Verdict::Done);
    let second = office.dock(person("o1"), "R1", Some("o1"));
    assert_eq!(desk::told_in(&office.tables, first).unwrap().len(), 2);
    assert_eq!(desk::told_in(&office.tables, second).unwrap().len(), 0);
    let battery = |office: &Office, number: &str| {
        let row = desk::told_last(&office.tables, &id(number)).unwrap();
        row.and_then(|row| row.int_opt("battery_percent"))
    };
    assert_eq!(battery(&office, "R1"), Some(79));
    office.write(&ActorRecord::System, told(second, 60));
    assert_eq!((battery(&office, "R1"), battery(&office, "R2")), (Some(60), None));
}
