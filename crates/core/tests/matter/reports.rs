//! Reports of an auditor over small registers: gaps that are there are listed, and those that are not are not.

use crate::unit::{Clip, Unit, id};
use sealdock_core::access::{ACCESS, ACCESS_CLIP, COPY_OUT, VIEWING};
use sealdock_core::actor::ActorRecord;
use sealdock_core::desk::Period;
use sealdock_core::desk::USAGE;
use sealdock_core::event::{Binding, ClipAssigned, DeadlineMissed, Event};
use sealdock_core::id::ClipId;
use sealdock_core::keep::{HOLD, HOLD_CLIP, MEDIUM, MEDIUM_CLIP, SPOTCHECK, SPOTCHECK_CLIP};
use sealdock_core::matter::Command;
use sealdock_core::policy::Deadline;
use sealdock_core::report::{
    HoursFilter, acts_of, custody_of_clip, custody_of_recorder, hours, unanswered_by_department,
    viewed_without_matter, weeks,
};
use sealdock_core::table::{Cell, RowChange, Table};

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

fn put(unit: &mut Unit, table: &'static Table, cells: Vec<(&'static str, Cell)>) {
    unit.tables.apply(RowChange::Insert { table, cells }).unwrap();
}

/// Holds, media, checks, requests and copies as their registers have them, with entries 900 and on.
fn furnished(unit: &mut Unit, clip: ClipId) {
    use sealdock_core::cells;
    let at = "2026-03-02T04:00:00.000Z";
    let hold = cells! { seq: 900u64, ground: "objection", reason: "x", state: "requested",
    requested_by: "person o1", requested: at };
    put(unit, &HOLD, hold);
    put(unit, &HOLD_CLIP, cells! { hold: 900u64, clip: clip.0 });
    let medium = cells! { seq: 901u64, label: "x", kind: "disc", place: "x", digest: "x", burnt: at,
    burnt_by: "person c1" };
    put(unit, &MEDIUM, medium);
    put(unit, &MEDIUM_CLIP, cells! { medium: 901u64, clip: clip.0 });
    let check = cells! { seq: 902u64, kind: "spot", from_seq: 0u64, to_seq: 9u64, wanted: 1u64,
    at_size: 9u64, announced: at, announced_by: "person a1", state: "drawn", drawn_seq: 903u64 };
    put(unit, &SPOTCHECK, check);
    let answer = cells! { spotcheck: 902u64, clip: clip.0, place: 0u64, finding: "not told",
    answered_by: "person a1", answered_seq: 904u64 };
    put(unit, &SPOTCHECK_CLIP, answer);
    let wanted = format!(r#"{{"kind":"clips","clips":["{clip}"]}}"#);
    for (seq, state) in [(905u64, "approved"), (907u64, "asked")] {
        let access = cells! { seq: seq, who: "authority", purpose: "copy", name: "Zhao", unit: "x",
        wanted: wanted.clone(), matter: "x", reason: "x", asked_by: "person c1", asked: at,
        state: state };
        put(unit, &ACCESS, access);
    }
    put(unit, &ACCESS_CLIP, cells! { access: 905u64, clip: clip.0, seq: 906u64 });
    let copy = cells! { seq: 908u64, access: 905u64, number: 1u64, place: "x",
    carried_by: "person c1", begun: at };
    put(unit, &COPY_OUT, copy);
}

#[test]
fn holds_media_checks_requests_and_copies_stand_in_the_life_of_their_clip_s26() {
    let mut unit = Unit::new();
    let (clip, other) = (unit.clip("a.mp4", 0), unit.clip("b.mp4", 10));
    let before = gaps(&unit, clip);
    furnished(&mut unit, clip);
    let entries = custody_of_clip(&unit.tables, clip).unwrap().unwrap().entries;
    for seq in [900, 901, 902, 903, 904, 905, 907, 908] {
        assert!(entries.contains(&seq), "{seq}: {entries:?}");
    }
    let said = gaps(&unit, clip);
    let new: Vec<&String> = said.iter().filter(|gap| !before.contains(gap)).collect();
    let expected = [
        "request V907 has no answer (002/A6-§20, §21)",
        "a copy was begun and not finished: it is void, and may be somewhere",
        "hold K900 waits for an answer (002/A6-§24)",
        "medium B901 was never read back (002/A6-§24)",
        "a spot check found \"not told\", and nobody put it right (002/A6-§25)",
    ];
    assert_eq!(new, expected.iter().collect::<Vec<_>>());
    let others = custody_of_clip(&unit.tables, other).unwrap().unwrap().entries;
    assert!(others.iter().all(|seq| *seq < 900), "{others:?}");
}

#[test]
fn weeks_without_footage_stand_between_those_with_some() {
    let mut unit = Unit::new();
    unit.clip("a.mp4", 0);
    unit.clip("b.mp4", 10);
    unit.clip("c.mp4", 15 * 24 * 60);
    let of = |filter| weeks(&unit.tables, &filter).unwrap();
    let all = of(HoursFilter::default());
    let shown: Vec<_> = all.iter().map(|w| (w.monday.as_str(), w.length_ms)).collect();
    assert_eq!(shown, [("2026-03-02", 1_200_000), ("2026-03-09", 0), ("2026-03-16", 600_000)]);
    assert_eq!(of(HoursFilter { officer: Some(id("o3")), ..HoursFilter::default() }), []);
}

#[test]
fn interruptions_that_nobody_explained_are_counted_by_department_a6_14_s5() {
    let mut unit = Unit::new();
    let matter = unit.matter();
    let step = unit.step(matter, "inspection");
    let clips = [unit.clip("a.mp4", 0), unit.clip("b.mp4", 30)];
    unit.bind(&clips, step);
    unit.close_step(step);
    let lines = |unit: &Unit| unanswered_by_department(&unit.tables, |_| true).unwrap();
    let open = lines(&unit);
    assert_eq!((open.len(), open[0].found, open[0].unanswered), (1, 1, 1));
    assert_eq!(open[0].department.as_ref().unwrap().id, "d1");
    let gap = sealdock_core::matter::interruptions(&unit.tables, None).unwrap()[0].id;
    assert_eq!(unanswered_by_department(&unit.tables, |id| id != gap).unwrap(), []);
    unit.by("o1", crate::interruptions::explain(gap)).unwrap();
    assert_eq!((lines(&unit)[0].found, lines(&unit)[0].unanswered), (1, 0));
}

#[test]
fn viewings_without_a_matter_are_listed_out_of_all_of_the_period_s10() {
    let mut unit = Unit::new();
    let clip = unit.clip("a.mp4", 0);
    for (seq, matter, at) in [
        (900u64, None, "2026-03-02T04:00:00.000Z"),
        (901, Some("M9"), "2026-03-02T04:00:00.000Z"),
        (902, None, "2026-04-02T04:00:00.000Z"),
    ] {
        let viewing = sealdock_core::cells! { seq: seq, clip: clip.0, ground: "own", viewer: "o1",
        opened_by: "person o1", reason: "x", matter: matter, opened: at };
        put(&mut unit, &VIEWING, viewing);
    }
    let from = unit.now.plus_ms(-1);
    let march = Period { from, to: from.plus_ms(7 * 86_400_000) };
    let (rows, all) = viewed_without_matter(&unit.tables, march).unwrap();
    assert_eq!((rows.iter().map(|row| row.seq).collect::<Vec<_>>(), all), (vec![900], 2));
}
