//! Reports over the desk's registers: lateness, recorders against officers, use, what is not back, and what the
//! lives of a recorder and of a person leave open.

use super::office::{HOUR, MORNING, id, person};
use super::*;
use sealdock_core::desk::Period;
use sealdock_core::event::Verdict;
use sealdock_core::report::{
    LateLine, about_person, custody_of_recorder, lateness, ratios, recorder_use, unreturned,
};

const TWO_DAYS: Period = Period { from: MORNING, to: WallMs(MORNING.0 + 48 * HOUR) };

/// o1 brings R1 back a day late with footage of the day before, and o3 takes R2 without approval.
fn a_bad_day() -> (Office, u64) {
    let mut office = unit();
    let of = issued(&mut office, "R1", "o1");
    let session = office.dock_at("R1", "o1", 24 * HOUR);
    office.store(session, Some(MORNING.plus_ms(-1)));
    office.close(session, Verdict::Done);
    office.person("c1", breach("R2", "o3")).unwrap();
    (office, of)
}

/// S7, S19.
#[test]
fn lateness_names_officers_and_departments_and_who_is_late_again() {
    let (office, _) = a_bad_day();
    let late = |asked: fn(&LateLine) -> bool| {
        lateness(&office.tables, (TWO_DAYS, &office.at()), asked).unwrap()
    };
    let all = late(|_| true);
    let one = &all.by_officer[0];
    assert_eq!(one.officer.as_ref().unwrap().to_string(), "Name of o1 o1");
    assert_eq!(one.department.as_ref().unwrap().to_string(), "Department d1 d1");
    assert_eq!((one.late_returns, one.late_clips, one.repeated), (1, 1, 1));
    assert_eq!((all.by_officer[1].breaches, all.by_officer[1].repeated), (1, 0));
    let by: Vec<_> =
        all.by_department.iter().map(|l| (l.late_clips, l.breaches, l.repeated)).collect();
    assert_eq!(by, [(1, 0, 1), (0, 1, 0)]);
    let d2 = late(|line| line.department.as_ref().is_some_and(|named| named.id == "d2"));
    assert_eq!((d2.by_officer.len(), d2.by_department.len()), (1, 1));
}

/// S25: rounded up for the unit, which the rule is about, and for each department.
#[test]
fn recorders_are_held_against_officers_by_department_002_m_2_2_3() {
    let mut office = unit();
    let describe = |department: Option<&str>| {
        let record = desk::AssetRecord { department: department.map(id), ..Default::default() };
        act(Act::Describe { recorder: id("R1"), record, reason: Some("x".into()) })
    };
    office.person("c1", describe(Some("d1"))).unwrap();
    let all = ratios(&office.tables, office.now).unwrap();
    assert_eq!((all.unit.officers, all.unit.recorders, all.unit.needed), (4, 2, 1));
    assert!(all.unit.enough());
    let by: Vec<_> = all
        .by_department
        .iter()
        .map(|r| (r.department.as_ref().map(|d| d.id.as_str()), r.officers, r.recorders, r.needed))
        .collect();
    assert_eq!(by, [(None, 0, 1, 0), (Some("d1"), 3, 1, 1), (Some("d2"), 1, 0, 1)]);
    assert!(!all.by_department[2].enough(), "d2 has an officer and no recorder");
    office.person("c1", put("R2", Place::Lost)).unwrap();
    assert_eq!(ratios(&office.tables, office.now).unwrap().unit.recorders, 1);
}

#[test]
fn use_is_counted_by_recorder_and_only_within_the_period() {
    let (mut office, _) = a_bad_day();
    office.later(HOUR);
    let lines = |period| recorder_use(&office.tables, (period, &office.at())).unwrap();
    let all = lines(TWO_DAYS);
    assert_eq!(all.iter().map(|l| l.recorder.as_str()).collect::<Vec<_>>(), ["R1", "R2"]);
    assert_eq!((all[0].uses, all[0].breaches, all[0].out_ms), (1, 0, 24 * HOUR));
    assert_eq!((all[0].clips, all[0].length_ms), (0, 0), "recorded before the period");
    assert_eq!((all[1].uses, all[1].breaches, all[1].out_ms), (1, 1, HOUR), "out until now");
    let before = Period { from: MORNING.plus_ms(-HOUR), to: MORNING };
    assert_eq!((lines(before)[0].clips, lines(before)[0].uses, lines(before)[0].out_ms), (1, 0, 0));
    let second = Period { from: MORNING.plus_ms(23 * HOUR), to: MORNING.plus_ms(48 * HOUR) };
    assert_eq!((lines(second)[0].uses, lines(second)[0].out_ms), (0, HOUR), "a part of the use");
}

#[test]
fn what_is_out_or_not_docked_is_listed_with_its_deadline_until_it_is_docked() {
    let mut office = unit();
    let of = issued(&mut office, "R1", "o1");
    let lines =
        |office: &Office, at| unreturned(&office.tables, &at).map(|l| (l, office.now)).unwrap().0;
    let out = lines(&office, office.at());
    assert_eq!((out.len(), out[0].of.0, out[0].overdue), (1, of, Some(false)));
    assert_eq!(out[0].officer.id, "o1");
    let at = |wall| sealdock_core::time::Stamp { wall, ..office.at() };
    assert_eq!(lines(&office, at(MORNING.plus_ms(24 * HOUR)))[0].overdue, Some(true));
    assert_eq!(lines(&office, at(WallMs(0)))[0].overdue, None, "the clock is bad");
    office.later(HOUR);
    office.person("c1", by_hand(of)).unwrap();
    let back = lines(&office, office.at());
    assert_eq!((back[0].by_hand, back[0].out_ms), (Some(office.now), HOUR));
    assert_eq!(back[0].due, office.now.plus_ms(24 * HOUR), "to be docked, 002/A6-§19");
    let session = office.dock(person("o1"), "R1", Some("o1"));
    office.close(session, Verdict::Done);
    assert_eq!(lines(&office, office.at()), []);
}

/// S26.
#[test]
fn the_life_of_a_recorder_has_its_desk_and_what_is_open_there() {
    let mut office = unit();
    let designated = office.seq - 2;
    let asked = office.person("o1", request("R1")).unwrap();
    let approved = office.person("k1", approve(asked)).unwrap();
    let checked = office.person("o1", check("R1", Some(asked), good())).unwrap();
    let issued = office.person("c1", issue(asked)).unwrap();
    let life = |office: &Office| custody_of_recorder(&office.tables, &id("R1")).unwrap();
    let there = life(&office);
    for seq in [designated, asked, approved, checked, issued] {
        assert!(there.entries.contains(&seq), "{seq} of {:?}", there.entries);
    }
    let gaps: Vec<String> = there.gaps.into_iter().map(|gap| gap.text).collect();
    assert_eq!(gaps, [format!("U{asked}: it is out and not back")]);
    office.person("c1", by_hand(asked)).unwrap();
    assert!(life(&office).gaps[0].text.contains("was not docked"));
    let session = office.dock(person("o1"), "R1", Some("o1"));
    office.close(session, Verdict::Done);
    assert_eq!(life(&office).gaps, []);
    office.person("o1", fault("R1")).unwrap();
    assert!(life(&office).gaps[0].text.contains("not settled (002/A6-§17)"));
}

#[test]
fn about_a_person_stands_what_others_wrote_and_what_they_owe() {
    let (office, of) = a_bad_day();
    assert_eq!(about_person(&office.tables, &id("nobody")).unwrap(), None);
    let about = |who: &str| about_person(&office.tables, &id(who)).unwrap().unwrap();
    let gaps = |who: &str| about(who).gaps.into_iter().map(|gap| gap.text).collect::<Vec<_>>();
    assert!(about("o1").entries.contains(&of));
    let owed = gaps("o1");
    assert!(owed.iter().any(|gap| gap.ends_with("it came back late, and nobody gave the reason")));
    assert!(
        owed.iter().any(|gap| gap.contains("came late and nobody gave the reason (002/A6-§19)"))
    );
    assert_eq!(owed.len(), 2, "{owed:?}");
    let taken = gaps("o3");
    assert!(taken[0].contains("recorder R2 is not back") && taken[1].contains("has not answered"));
    assert_eq!(gaps("k1"), Vec::<String>::new());
    let mut office = office;
    office
        .person(
            "k1",
            act(Act::ExplainLate { of: UseId(of), text: "flood".into(), correcting: None }),
        )
        .unwrap();
    let now = about_person(&office.tables, &id("o1")).unwrap().unwrap();
    assert_eq!(now.gaps.len(), 1, "{:?}", now.gaps);
}
