//! Deadlines of recorders (S7, 002/A6-§19), and the hour from which those of clips run.

use super::office::{HOUR, MORNING, Office, id, person, refused};
use super::*;
use sealdock_core::desk::{Alarm, Duty, due, overdue};
use sealdock_core::event::Verdict;

/// What would be written now, shortly.
fn unsaid(office: &Office) -> Vec<String> {
    let events = overdue(&office.tables, &office.policy(), &office.at()).unwrap();
    events
        .into_iter()
        .map(|event| match event {
            desk::Event::OverdueWarned(e) => format!("soon {:?} {}", e.what, e.of),
            desk::Event::Overdue(e) => format!("missed {:?} {}", e.what, e.of),
            other => panic!("{other:?}"),
        })
        .collect()
}

fn out(office: &mut Office) -> u64 {
    let of = office.person("o1", request_until("R1", MORNING.plus_ms(10 * HOUR))).unwrap();
    office.person("k1", approve(of)).unwrap();
    office.person("o1", check("R1", Some(of), good())).unwrap();
    office.person("c1", issue(of)).unwrap();
    of
}

/// S7.
#[test]
fn a_recorder_that_is_out_is_warned_of_four_hours_before_and_said_at_the_deadline_once_each() {
    let mut office = unit();
    let of = out(&mut office);
    office.later(6 * HOUR - 1);
    assert_eq!(unsaid(&office), Vec::<String>::new());
    office.later(1);
    assert_eq!(unsaid(&office), [format!("soon Return U{of}")]);
    office.system(Command::Desk(Act::NoteOverdue)).unwrap();
    assert_eq!(unsaid(&office), Vec::<String>::new());
    office.later(4 * HOUR - 1);
    assert_eq!(unsaid(&office), Vec::<String>::new());
    office.later(1);
    assert_eq!(unsaid(&office), [format!("missed Return U{of}")]);
    office.system(Command::Desk(Act::NoteOverdue)).unwrap();
    assert_eq!(unsaid(&office), Vec::<String>::new());
    let row = usage(&office, of).row;
    assert!(row.int("warned_seq") < row.int("overdue_seq"));
    assert_eq!((row.int_opt("dock_warned_seq"), row.int_opt("dock_overdue_seq")), (None, None));
    let late = due(&office.tables, &office.policy(), &office.at()).unwrap();
    assert_eq!((late.len(), late[0].alarm, late[0].what), (1, Alarm::Missed, Duty::Return));
    let explain =
        act(Act::ExplainLate { of: UseId(of), text: "still on the road".into(), correcting: None });
    office.person("o1", explain).expect("it can be explained while it is still out");
}

#[test]
fn one_that_is_back_and_not_docked_has_twenty_four_hours_s7() {
    let mut office = unit();
    let of = out(&mut office);
    office.person("c1", by_hand(of)).unwrap();
    office.later(20 * HOUR - 1);
    assert_eq!(unsaid(&office), Vec::<String>::new());
    office.later(1);
    assert_eq!(unsaid(&office), [format!("soon Docking U{of}")]);
    office.system(Command::Desk(Act::NoteOverdue)).unwrap();
    office.later(4 * HOUR - 1);
    assert_eq!(unsaid(&office), Vec::<String>::new());
    office.later(1);
    assert_eq!(unsaid(&office), [format!("missed Docking U{of}")]);
    office.system(Command::Desk(Act::NoteOverdue)).unwrap();
    let row = usage(&office, of).row;
    assert!(row.int_opt("dock_warned_seq").is_some() && row.int_opt("dock_overdue_seq").is_some());
    assert_eq!((row.int_opt("warned_seq"), row.int_opt("overdue_seq")), (None, None));
    let explain = act(Act::ExplainLate {
        of: UseId(of),
        text: "the bay was broken".into(),
        correcting: None,
    });
    office.person("c1", explain).unwrap();
    office.empty_out("R1", "o1");
    assert_eq!(due(&office.tables, &office.policy(), &office.at()).unwrap(), []);
}

#[test]
fn nothing_is_due_before_it_is_out_or_after_it_is_docked_or_on_a_clock_beyond_belief() {
    let mut office = unit();
    ready(&mut office, "R1", "o1");
    office.later(240 * HOUR);
    assert_eq!(unsaid(&office), Vec::<String>::new());
    let mut office = unit();
    out(&mut office);
    office.empty_out("R1", "o1");
    office.later(240 * HOUR);
    assert_eq!(unsaid(&office), Vec::<String>::new());
    let mut office = unit();
    let of = out(&mut office);
    office.person("c1", by_hand(of)).unwrap();
    let bad = office.policy().not_before;
    office.now = bad.plus_ms(-1);
    assert_eq!(due(&office.tables, &office.policy(), &office.at()).unwrap(), []);
}

#[test]
fn only_the_station_notes_what_is_overdue() {
    let mut office = unit();
    out(&mut office);
    office.later(24 * HOUR);
    refused(office.person("c1", Command::Desk(Act::NoteOverdue)), "may not report");
    refused(office.operator(Command::Desk(Act::NoteOverdue)), "may not report");
}

/// When the clock after return ends for a clip recorded then and stored in a docking now.
fn due_after_return(office: &mut Office, recorded: Option<WallMs>) -> WallMs {
    let session = office.dock(person("o1"), "R1", Some("o1"));
    let due = office.store(session, recorded);
    office.close(session, Verdict::Done);
    due
}

#[test]
fn the_clock_after_return_runs_from_the_return_even_if_it_was_docked_later_s7() {
    let day = 24 * HOUR;
    let recorded = Some(MORNING.plus_ms(HOUR));
    let mut office = unit();
    let of = out(&mut office);
    office.later(2 * HOUR);
    office.person("c1", by_hand(of)).unwrap();
    let back = office.now;
    office.later(3 * HOUR);
    assert_eq!(due_after_return(&mut office, recorded), back.plus_ms(day));
    // Docked again: what was left on it came back then, too.
    office.later(HOUR);
    assert_eq!(due_after_return(&mut office, recorded), back.plus_ms(day));
    assert_eq!(due_after_return(&mut office, Some(back)), back.plus_ms(day));
    // A time that nobody believes: the earlier clock counts.
    assert_eq!(due_after_return(&mut office, None), back.plus_ms(day));
    // Recorded after the return, it was not on it then.
    let later = Some(back.plus_ms(1));
    let now = office.now;
    assert_eq!(due_after_return(&mut office, later), now.plus_ms(day));
}

#[test]
fn without_a_use_in_the_archive_the_docking_is_the_return() {
    let mut office = unit();
    let due = due_after_return(&mut office, Some(MORNING.plus_ms(-HOUR)));
    assert_eq!(due, MORNING.plus_ms(24 * HOUR));
}

#[test]
fn a_clip_left_on_it_over_two_uses_came_back_with_the_first() {
    let mut office = unit();
    let of = out(&mut office);
    office.later(HOUR);
    let recorded = office.now;
    office.later(HOUR);
    office.person("c1", by_hand(of)).unwrap();
    let first = office.now;
    office.later(HOUR);
    let again = office.person("c1", put("R1", Place::Repair));
    refused(again, "would leave with footage");
    office.empty_out("R1", "o1");
    issued(&mut office, "R1", "o1");
    office.later(HOUR);
    assert_eq!(due_after_return(&mut office, Some(recorded)), first.plus_ms(24 * HOUR));
    assert_eq!(usage(&office, of).recorder, id("R1"));
}

#[test]
fn a_return_on_a_clock_beyond_belief_starts_no_clock() {
    let mut office = unit();
    let of = out(&mut office);
    let good_time = office.now;
    office.now = WallMs(0);
    office.person("c1", by_hand(of)).unwrap();
    office.now = good_time.plus_ms(HOUR);
    assert_eq!(due_after_return(&mut office, None), office.now.plus_ms(24 * HOUR));
}
