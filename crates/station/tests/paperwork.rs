//! Missing or contradicting paperwork never stops footage from being saved, and never lets it be
//! wiped; and the three clocks with what answers for them.
#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod common;

use common::state::{originals, rest, sound};
use common::*;
use sealdock_core::actor::Role;
use sealdock_core::command::{Command, Secret};
use sealdock_core::duty;
use sealdock_core::event::{ClipStored, Event, Verdict};
use sealdock_core::id::SessionId;
use sealdock_core::policy::Deadline;
use sealdock_core::schema as s;
use sealdock_core::time::{DAY_MS, HOUR_MS, WallMs};
use sealdock_station::dock::{DockReport, DockRequest};
use sealdock_station::{Progress, Report, Station, StationError, Step};
use sealdock_testkit::clock::START;
use sealdock_testkit::{Faults, SimCard, clips};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

fn one_file() -> Bench {
    Bench::new(Setup::single(), &[(LONG, &clips::bytes(3, 5_000))])
}

fn stored(bench: &Bench) -> ClipStored {
    let stored = |event| match event {
        Event::ClipStored(clip) => Some(*clip),
        _ => None,
    };
    bench.world.ledger.events().into_iter().find_map(stored).expect("a clip is stored")
}

/// How many wipes of a session were refused for this reason, among others.
fn refused_for(bench: &Bench, session: SessionId, reason: &str) -> usize {
    let rows = bench.rows(&s::WIPE_REFUSAL);
    let of_it = rows.iter().filter(|r| r.int("session") == session.0 as i64);
    of_it.filter(|r| r.text("reasons").contains(reason)).count()
}

#[test]
fn footage_of_an_officer_who_is_not_enrolled_is_saved_and_wiped_only_after_a_clerk_assigned_it() {
    let bench = one_file();
    let station = bench.open();
    let by_nobody = DockRequest {
        officer: Some(person("stranger")),
        actor: operator(),
        ..officers(&station).unwrap()
    };
    let report = bench.dock_as(&station, &by_nobody).unwrap();
    assert_eq!((report.verdict, report.stored, report.wiped), (Verdict::Held, 1, 0));
    assert!(report.held[0].1.contains("clip assign"), "{:?}", report.held);
    assert_eq!((stored(&bench).recorder, stored(&bench).officer), (None, None));
    let assign = || Command::AssignClips {
        clips: clips_of(&report),
        recorder: recorder(RECORDER),
        officer: person(OFFICER),
        reason: "登记簿 2026-03-01".to_owned(),
    };
    let refused = station.apply(&operator(), assign()).unwrap_err().to_string();
    assert!(refused.contains("by a person (clerk)"), "{refused}");
    station.apply(&clerk(&station), assign()).unwrap();
    let next = bench.dock(&station).unwrap();
    assert_eq!((next.verdict, next.seen, next.wiped), (Verdict::Done, 1, 1));
    assert!(originals(&bench.card).is_empty());
}

#[test]
fn footage_of_a_recorder_that_is_not_enrolled_is_saved_and_stays() {
    let bench = Bench::new(Setup::single(), &[(b"DCIM/0001.mp4", b"footage")]);
    let station = bench.open();
    let request = DockRequest { recorder: recorder("R77"), ..officers(&station).unwrap() };
    let report = bench.dock_as(&station, &request).unwrap();
    assert_eq!((report.verdict, report.stored, report.wiped), (Verdict::Held, 1, 0));
    assert_eq!(originals(&bench.card).len(), 1);
}

#[test]
fn footage_saved_before_anybody_confirmed_it_stays_on_the_recorder() {
    let bench = one_file();
    let station = bench.open();
    let request =
        DockRequest { unconfirmed: true, actor: operator(), ..officers(&station).unwrap() };
    let report = bench.dock_as(&station, &request).unwrap();
    assert_eq!((report.verdict, report.stored, report.wiped), (Verdict::Held, 1, 0));
    assert_eq!(stored(&bench).binding, "unassigned");
}

#[test]
fn a_card_whose_files_name_two_recorders_is_saved_unassigned_and_never_wiped() {
    let other: &[u8] = b"DCIM/J800002_12345620260301080000_0001.MP4";
    let bench = Bench::new(Setup::single(), &[(LONG, b"mine"), (other, b"another's")]);
    for _ in 0..2 {
        let report = bench.visit().unwrap();
        assert_eq!((report.verdict, report.wiped), (Verdict::Held, 0), "{report:?}");
        assert_eq!(refused_for(&bench, report.session, "identity conflict"), 2);
    }
    assert_eq!(stored(&bench).officer, None);
    assert_eq!((rest(&bench).clips.len(), originals(&bench.card).len()), (2, 2));
}

#[test]
fn a_card_that_names_the_recorder_of_somebody_else_is_never_wiped() {
    let bench = one_file();
    let station = bench.open();
    enrol_recorder(&station, "R2", Some("J800002"));
    let request = DockRequest { recorder: recorder("R2"), ..officers(&station).unwrap() };
    let report = bench.dock_as(&station, &request).unwrap();
    assert_eq!((report.verdict, report.stored, report.wiped), (Verdict::Held, 1, 0));
    assert_eq!(refused_for(&bench, report.session, "identity conflict"), 1);
}

#[test]
fn another_persons_pin_is_refused_and_nothing_is_read() {
    let bench = one_file();
    let station = bench.open();
    enrol(&station, "officer-2", Role::Officer);
    let actor = station.authenticate(&person("officer-2"), PIN).unwrap();
    let request = DockRequest { actor, ..officers(&station).unwrap() };
    let refused = bench.dock_as(&station, &request).unwrap_err().to_string();
    assert!(refused.contains("officer-2's") && refused.contains("002/A6-§18"), "{refused}");
    assert_eq!(bench.card.calls(), 1, "only its claims were asked");
    assert!(!bench.story().contains(&"session.opened".to_owned()));
}

#[test]
fn a_wrong_pin_is_refused_and_recorded() {
    let bench = one_file();
    let station = bench.open();
    let refused = station.authenticate(&person(OFFICER), "0000").unwrap_err();
    assert!(refused.to_string().contains("wrong PIN"), "{refused}");
    assert_eq!(bench.story().last().map(String::as_str), Some("person.pin-refused"));
    assert_eq!(bench.card.calls(), 0);
}

#[test]
fn a_new_pin_is_as_long_as_the_unit_asks_for_of_a_duty_and_of_an_officer() {
    let bench = one_file();
    let station = bench.open();
    let enrol = |id: &str, role, pin: &str| {
        let (id, pin) = (person(id), Some(Secret(pin.to_owned())));
        let command =
            Command::EnrolPerson { name: id.to_string(), id, role, pin, department: None };
        station.apply(&operator(), command).map(drop).map_err(|e| e.to_string())
    };
    let own = |id: &str, pin: &str, new: &str| {
        let actor = station.authenticate(&person(id), pin).unwrap();
        let pin = Secret(new.to_owned());
        let set = duty::Command::SetPin { person: person(id), pin, reason: None };
        station.apply(&actor, Command::Duty(set)).map(drop).map_err(|e| e.to_string())
    };
    enrol("c7", Role::Clerk, "7392").unwrap();
    let section = "[sign_in]\npin_at_least = { value = 6, cite = \"x\" }\nduty_pin_at_least = { value = 8, cite = \"x\" }";
    let text = format!("{}\n{section}\n", sealdock_core::policy::DEFAULT_POLICY);
    station.apply(&operator(), Command::AdoptPolicy { text }).unwrap();

    let refused = enrol("o8", Role::Officer, "73920").unwrap_err();
    assert!(refused.contains("has 6 characters at least"), "{refused}");
    enrol("o8", Role::Officer, "739204").unwrap();
    let refused = enrol("c8", Role::Clerk, "7392041").unwrap_err();
    assert!(refused.contains("has 8 characters at least"), "{refused}");
    // Characters are counted, not bytes.
    assert!(enrol("c8", Role::Clerk, "口令口令口令口").is_err());
    enrol("c8", Role::Clerk, "口令口令口令口令").unwrap();

    // One that stands goes on, and is followed by one that is long enough.
    let refused = own("c7", "7392", "7392041").unwrap_err();
    assert!(refused.contains("has 8 characters at least"), "{refused}");
    own("c7", "7392", "73920415").unwrap();
    own("o8", "739204", "640213").unwrap();
}

/// While the first recorder is copied, another one is docked.
struct Meanwhile {
    station: OnceLock<Arc<Station>>,
    card: SimCard,
    number: &'static str,
    /// The second dock reports, too.
    entered: AtomicBool,
    outcome: Mutex<Option<Result<DockReport, StationError>>>,
}

impl Progress for Meanwhile {
    fn report(&self, report: &Report) {
        let first = report.session.is_some() && report.step == Step::Copying;
        if !first || report.recorder != recorder(RECORDER) {
            return;
        }
        if self.entered.swap(true, Ordering::Relaxed) {
            return;
        }
        let station = self.station.get().unwrap();
        let request = DockRequest {
            bay: bay("bay-2"),
            recorder: recorder(self.number),
            ..officers(station).unwrap()
        };
        let outcome = station.dock(&request, &mut self.card.dock(&Faults::none()));
        self.outcome.lock().unwrap().replace(outcome);
    }
}

fn dock_two(
    bench: &Bench,
    card: &SimCard,
    number: &'static str,
) -> [Result<DockReport, StationError>; 2] {
    let meanwhile = Arc::new(Meanwhile {
        station: OnceLock::new(),
        card: card.clone(),
        number,
        entered: AtomicBool::new(false),
        outcome: Mutex::new(None),
    });
    let station = Arc::new(bench.start_watched(&Faults::none(), meanwhile.clone()).unwrap());
    enrol_recorder(&station, "R2", None);
    drop(meanwhile.station.set(station.clone()));
    let first = bench.dock(&station);
    let second = meanwhile.outcome.lock().unwrap().take();
    [first, second.expect("another one was docked meanwhile")]
}

#[test]
fn a_second_recorder_of_the_same_number_at_once_is_refused_and_not_read() {
    let bench = one_file();
    let twin = SimCard::new("twin", &[(b"DCIM/t.mp4", b"footage of the twin")]);
    let [first, second] = dock_two(&bench, &twin, RECORDER);
    assert_eq!(first.unwrap().verdict, Verdict::Done);
    let refused = second.unwrap_err().to_string();
    assert!(refused.contains("already has an open session"), "{refused}");
    assert_eq!((twin.calls(), twin.files().len()), (1, 1));
}

#[test]
fn a_recorder_that_fails_in_one_bay_does_not_touch_the_one_in_the_next() {
    for n in 0..12 {
        let bench = one_file();
        let other = SimCard::new("other", &[(b"DCIM/o.mp4", b"footage of the other")]);
        other.yank_at_call(n);
        let [first, second] = dock_two(&bench, &other, "R2");
        assert_eq!(first.unwrap().verdict, Verdict::Done, "call {n}");
        assert!(!matches!(second, Ok(report) if report.verdict == Verdict::Done), "call {n}");
        assert_eq!(other.bytes(b"DCIM/o.mp4").unwrap(), b"footage of the other", "call {n}");
        chain::assert_holds(&bench, "after two bays");
    }
}

// Clocks.

fn due(clip: &ClipStored) -> Vec<Deadline> {
    clip.due.iter().map(|due| due.clock).collect()
}

#[test]
fn a_file_time_that_cannot_be_believed_sets_no_recording_deadline_and_is_kept_raw() {
    let year_2014 = 1_420_070_399_000;
    let year_2107 = 4_323_369_600_000;
    let tomorrow = START.0 + DAY_MS + HOUR_MS;
    for raw in [-1, 0, 315_532_800_000, year_2014, tomorrow, year_2107] {
        let bench = one_file();
        bench.card.set_mtime(LONG, Some(raw));
        assert_eq!(bench.visit().unwrap().verdict, Verdict::Done, "{raw}");
        let clip = stored(&bench);
        assert_eq!((clip.mtime_ms, clip.recorded), (Some(raw), None));
        assert_eq!(due(&clip), [Deadline::AfterReturn], "{raw}");
        assert!(bench.rows(&s::DEADLINE).is_empty());
    }
    let bench = one_file();
    bench.card.set_mtime(LONG, None);
    bench.visit().unwrap();
    assert_eq!(
        (stored(&bench).recorded, due(&stored(&bench))),
        (None, vec![Deadline::AfterReturn])
    );
}

#[test]
fn a_file_time_beyond_all_calendars_is_no_reason_to_fail() {
    for raw in [i64::MAX, i64::MIN, 1 << 53, -(1 << 53)] {
        let bench = one_file();
        bench.card.set_mtime(LONG, Some(raw));
        let report = bench.visit().unwrap();
        assert_eq!((report.verdict, report.wiped), (Verdict::Done, 1), "{raw}");
        chain::assert_holds(&bench, "after a strange time");
    }
}

#[test]
fn a_station_clock_that_is_wrong_computes_no_deadline_and_still_stores() {
    let bench = one_file();
    bench.world.clock.set_wall(WallMs(0));
    let report = bench.visit().unwrap();
    assert_eq!(report.verdict, Verdict::Done, "{report:?}");
    assert!(stored(&bench).due.is_empty());
}

/// S7 and S8: end of the day, 24 hours after return, 24 hours after recording.
#[test]
fn all_three_clocks_are_computed_and_what_misses_one_is_an_entry_that_asks_for_a_reason() {
    let bench = one_file();
    let recorded = START.0 - 3 * DAY_MS;
    bench.card.set_mtime(LONG, Some(recorded));
    let station = bench.open();
    let report = bench.dock(&station).unwrap();
    assert_eq!(report.verdict, Verdict::Done, "late footage is footage");
    let all = [Deadline::EndOfDay, Deadline::AfterRecording, Deadline::AfterReturn];
    assert_eq!(due(&stored(&bench)), all);
    let rows = bench.rows(&s::DEADLINE);
    let missed: Vec<(&str, i64)> = rows.iter().map(|r| (r.text("clock"), r.int("alarm"))).collect();
    assert_eq!(missed, [("after-recording", 1), ("end-of-day", 0)]);
    let clip = clips_of(&report)[0];
    let give =
        || Command::GiveReason { clip, text: "异地执法三日".to_owned(), correcting: None };
    enrol(&station, "officer-2", Role::Officer);
    let another = station.authenticate(&person("officer-2"), PIN).unwrap();
    assert!(
        station.apply(&another, give()).unwrap_err().to_string().contains("is not officer-2's")
    );
    let own = officers(&station).unwrap().actor;
    station.apply(&own, give()).unwrap();
    for row in bench.rows(&s::DEADLINE) {
        assert_eq!(row.text("reason"), "异地执法三日");
        assert_eq!(row.text("reason_by"), format!("person {OFFICER}"));
    }
    let again = station.apply(&own, give()).unwrap_err().to_string();
    assert!(again.contains("stands in the record already"), "{again}");
    let given = bench.rows(&s::DEADLINE)[0].int("reason_seq");
    let put_right = Command::GiveReason {
        clip,
        text: "异地执法二日".to_owned(),
        correcting: Some("日数写错".to_owned()),
    };
    station.apply(&own, put_right).unwrap();
    let rows = bench.rows(&s::DEADLINE);
    assert_eq!(rows.len(), 2, "both clocks that the entry before answered for");
    for row in rows {
        assert_eq!(row.text("reason"), "异地执法二日");
        assert!(row.int("reason_seq") > given);
    }
    let said = bench.world.ledger.events().into_iter().find_map(|event| match event {
        Event::ReasonGiven(e) => e.correction,
        _ => None,
    });
    let said = said.expect("it names what it puts right");
    assert_eq!((said.corrects, said.reason.as_str()), (given as u64, "日数写错"));
}

#[test]
fn the_measured_offset_of_the_recorders_clock_corrects_when_it_was_recorded() {
    for (offset, expected) in [(2 * HOUR_MS, -HOUR_MS), (-30_000, HOUR_MS + 30_000), (0, HOUR_MS)] {
        let bench = one_file();
        bench.card.set_clock_offset(Some(offset));
        bench.card.set_mtime(LONG, Some(START.0 + HOUR_MS));
        bench.visit().unwrap();
        let clip = stored(&bench);
        assert_eq!(clip.recorded, Some(WallMs(START.0 + expected)), "{offset}");
        assert_eq!(clip.mtime_ms, Some(START.0 + HOUR_MS), "the raw time is kept apart");
    }
    let bench = one_file();
    bench.card.set_clock_offset(None);
    bench.visit().unwrap();
    assert_eq!(stored(&bench).recorded, Some(START), "an unknown offset corrects nothing");
    assert!(sound(&bench.world.vault).contains(&stored(&bench).sha256));
}
