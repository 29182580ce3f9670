//! Reports of an auditor over small registers: gaps that are there are listed, and those that are not are not.

use crate::unit::{Clip, Unit, id};
use sealdock_core::actor::ActorRecord;
use sealdock_core::desk::USAGE;
use sealdock_core::event::{Binding, ClipAssigned, DeadlineMissed, Event};
use sealdock_core::id::ClipId;
use sealdock_core::matter::Command;
use sealdock_core::policy::Deadline;
use sealdock_core::report::{HoursFilter, acts_of, custody_of_clip, custody_of_recorder, hours};
use sealdock_core::table::RowChange;

fn gaps(unit: &Unit, clip: ClipId) -> Vec<String> {
    let custody = custody_of_clip(&unit.tables, clip).unwrap().unwrap();
    custody.gaps.into_iter().map(|gap| gap.text).collect()
}

#[test]
fn custody_of_a_clip_lists_its_entries_and_every_gap_004_14_s26() {
    let mut unit = Unit::new();
    assert_eq!(custody_of_clip(&unit.tables, ClipId(9999)).unwrap(), None);
    let clip = unit.clip("a.mp4", 0);
    let matter = unit.matter();
    let step = unit.step(matter, "inspection");
    unit.bind(&[clip], step);
    let custody = custody_of_clip(&unit.tables, clip).unwrap().unwrap();
    for seq in [clip.0, clip.0 + 1, matter.0, step.0, unit.seq - 1] {
        assert!(custody.entries.contains(&seq), "{seq}: {:?}", custody.entries);
    }
    assert!(custody.entries.is_sorted());
    let said = gaps(&unit, clip);
    assert!(said.iter().any(|gap| gap.starts_with("no approved use of recorder R1")), "{said:?}");
    assert!(said.iter().any(|gap| gap.contains("in the hands of whoever wore it")), "{said:?}");
    assert!(said.iter().any(|gap| gap.contains("is not filed")), "{said:?}");
    assert_eq!(said.len(), 3, "{said:?}");
}

/// One use of R1, as the desk's register has it.
fn used(unit: &mut Unit, issued: u64, docked: u64, breach: bool) {
    let cells = sealdock_core::cells! {
        seq: issued, recorder: "R1", officer: "o1", purpose: "x", until: "2026-12-01T00:00:00.000Z",
        state: "docked", breach: breach, issued_seq: issued, docked_session: docked,
    };
    unit.tables.apply(RowChange::Insert { table: &USAGE, cells }).unwrap();
}

#[test]
fn a_docking_after_an_approved_issue_lacks_no_use_and_a_breach_is_called_one_a6_5_s1() {
    let lacks = |uses: &[(u64, bool)]| {
        let mut unit = Unit::new();
        let clip = unit.clip("a.mp4", 0);
        for (at, (before, breach)) in uses.iter().enumerate() {
            let session = unit.session;
            used(&mut unit, at as u64, session - before, *breach);
        }
        gaps(&unit, clip).into_iter().find(|gap| gap.contains("002/A6-§5"))
    };
    assert_eq!(lacks(&[(0, false)]), None);
    assert!(lacks(&[(0, true)]).unwrap().contains("taken without approval"));
    assert!(lacks(&[(1, false)]).unwrap().starts_with("no approved use"), "it was docked before");
    assert!(lacks(&[]).unwrap().starts_with("no approved use"));
}

#[test]
fn what_is_missing_in_a_custody_is_said_thing_by_thing() {
    let mut unit = Unit::new();
    let why = Binding::Unassigned { why: "x".into() };
    let clip = unit.clip_of(Clip { facts: None, officer: None, ..Clip::default() });
    let missed = DeadlineMissed {
        clip,
        clock: Deadline::AfterRecording,
        due: unit.now,
        stored: unit.now,
        alarm: true,
    };
    unit.write(&ActorRecord::System, &Event::DeadlineMissed(missed));
    let said = gaps(&unit, clip);
    for part in [
        "assigned to no recorder and officer",
        "came late (after-recording) and nobody gave the reason",
        "media facts were not read",
        "bound to no matter",
    ] {
        assert!(said.iter().any(|gap| gap.contains(part)), "{part}: {said:?}");
    }
    let assigned = ClipAssigned {
        clip,
        recorder: "R1".parse().unwrap(),
        officer: id("o1"),
        reason: "x".into(),
    };
    let seq = unit.write(&ActorRecord::System, &Event::ClipAssigned(assigned));
    let custody = custody_of_clip(&unit.tables, clip).unwrap().unwrap();
    assert!(custody.entries.contains(&seq), "who assigned it stands in its life");
    assert!(!gaps(&unit, clip).iter().any(|gap| gap.contains("assigned to no")));
    unit.dock_bound("R7", "o1", (why, None), "held");
    let recorder = custody_of_recorder(&unit.tables, &"R7".parse().unwrap()).unwrap();
    let said: Vec<&str> = recorder.gaps.iter().map(|gap| gap.text.as_str()).collect();
    assert_eq!(
        said,
        [
            "recorder R7 is not enrolled (002/A6-§6)",
            "no approved use of recorder R7 is on record for it (002/A6-§5)",
            "nobody answered for this docking (002/A6-§18)",
            "this docking ended held",
        ]
    );
    unit.dock("R8", "o1", Some(0), "open");
    let open = custody_of_recorder(&unit.tables, &"R8".parse().unwrap()).unwrap();
    assert_eq!(open.gaps[2].text, "this docking is not closed");
    assert_eq!(open.entries.len(), 1);
}

#[test]
fn an_interruption_that_nobody_explained_is_a_gap_in_the_custody_of_its_clips() {
    let mut unit = Unit::new();
    let matter = unit.matter();
    let step = unit.step(matter, "inspection");
    let clips = [unit.clip("a.mp4", 0), unit.clip("b.mp4", 30)];
    unit.bind(&clips, step);
    unit.close_step(step);
    let open =
        |unit: &Unit| gaps(unit, clips[0]).iter().any(|gap| gap.contains("is not explained"));
    assert!(open(&unit));
    let gap = sealdock_core::matter::interruptions(&unit.tables, None).unwrap()[0].id;
    unit.by("o1", crate::interruptions::explain(gap)).unwrap();
    assert!(!open(&unit));
    let custody = custody_of_clip(&unit.tables, clips[0]).unwrap().unwrap();
    assert!(custody.entries.contains(&(unit.seq - 1)), "the explanation stands in its life");
}

#[test]
fn everything_one_person_did_is_found_also_under_their_shift() {
    let mut unit = Unit::new();
    let first = unit.seq;
    unit.matter();
    let shift = ActorRecord::Shift { shift: sealdock_core::id::ShiftId(1), clerk: id("c1") };
    let under_shift = unit.seq;
    let closed = sealdock_core::event::PinRefused { person: id("o2") };
    unit.write(&shift, &Event::PinRefused(closed));
    let of = |person: &str| acts_of(&unit.tables, &id(person)).unwrap();
    assert_eq!(of("o1"), [(first, "person".to_owned())]);
    assert_eq!(of("c1"), [(under_shift, "shift".to_owned())]);
    assert_eq!(of("o2"), []);
}

#[test]
fn hours_and_marks_are_counted_by_department_officer_and_month_003_46_s19() {
    let mut unit = Unit::new();
    let marked = unit.clip_of(Clip { marked: true, ..Clip::default() });
    let by_hand = unit.clip("b.mp4", 10);
    unit.clip("c.mp4", 20);
    unit.clip_of(Clip {
        officer: Some("o3"),
        facts: Some(r#"{"state":"no-moov"}"#),
        ..Clip::default()
    });
    unit.clip_of(Clip { officer: None, media: "photo", facts: None, ..Clip::default() });
    for clip in [marked, by_hand] {
        unit.by("o1", Command::Mark { clip, reason: "x".into() }).unwrap();
    }
    let all = hours(&unit.tables, &HoursFilter::default()).unwrap();
    let by_owner: Vec<(&str, &str)> =
        all.iter().map(|line| (line.department.as_str(), line.officer.as_str())).collect();
    assert_eq!(by_owner, [("", ""), ("d1", "o1"), ("d2", "o3")]);
    let own = &all[1];
    assert_eq!(
        (own.clips, own.length_ms, own.unknown, own.month.as_str()),
        (3, 1_800_000, 0, "2026-03")
    );
    assert_eq!((own.marked_by_device, own.marked_by_person, own.marked), (1, 2, 2));
    assert_eq!(own.marked_percent(), 66);
    assert_eq!((all[2].length_ms, all[2].unknown), (0, 1));
    assert_eq!((all[0].clips, all[0].unknown, all[0].marked_percent()), (1, 0, 0));
}

#[test]
fn hours_are_of_whom_and_when_was_asked() {
    let mut unit = Unit::new();
    unit.clip("a.mp4", 0);
    unit.clip_of(Clip { officer: Some("o3"), ..Clip::default() });
    let count = |filter: HoursFilter| hours(&unit.tables, &filter).unwrap().len();
    let department = |d: &str| Some(d.parse().unwrap());
    let day = |day: &str| Some(day.to_owned());
    let none = HoursFilter::default;
    assert_eq!(count(HoursFilter { officer: Some(id("o1")), ..none() }), 1);
    assert_eq!(count(HoursFilter { department: department("d2"), ..none() }), 1);
    assert_eq!(
        count(HoursFilter { department: department("d2"), officer: Some(id("o1")), ..none() }),
        0
    );
    assert_eq!(
        count(HoursFilter { department: department("d1"), officer: Some(id("o1")), ..none() }),
        1
    );
    assert_eq!(
        count(HoursFilter { from: day("2026-03-02"), until: day("2026-03-02"), ..none() }),
        2
    );
    assert_eq!(count(HoursFilter { from: day("2026-03-03"), ..none() }), 0);
    assert_eq!(count(HoursFilter { until: day("2026-03-01"), ..none() }), 0);
}
