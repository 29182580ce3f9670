//! The rows of forms 1 and 2 (S14, S18), and figures (S19, S25).

use super::office::{HOUR, MORNING, id, person, recorder, refused};
use super::*;
use sealdock_core::desk::{
    ArchiveRow, AssetRecord, Period, by_department, clerk_roster, figures, unbooked, usage_archive,
};
use sealdock_core::event::Verdict;

fn day() -> Period {
    Period { from: MORNING, to: MORNING.plus_ms(24 * HOUR) }
}

fn record(clerk: Option<&str>, department: Option<&str>) -> AssetRecord {
    AssetRecord { clerk: clerk.map(id), department: department.map(id), ..AssetRecord::default() }
}

fn describe(number: &str, record: AssetRecord) -> Command {
    act(Act::Describe { recorder: id(number), record, reason: Some("x".into()) })
}

/// S18.
#[test]
fn the_roster_has_every_clerk_with_the_recorders_they_keep_form_1() {
    let mut office = unit();
    for number in ["R3", "R4"] {
        office.person("c1", recorder(number)).unwrap();
    }
    office.person("h1", office::enrolment("c2", Role::Clerk, true)).unwrap();
    office.person("c1", describe("R1", record(Some("c1"), None))).unwrap();
    office.person("c1", describe("R2", record(Some("c2"), None))).unwrap();
    office.person("c1", describe("R3", record(Some("c2"), None))).unwrap();
    let rows = clerk_roster(&office.tables, office.now).unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0].name, "Name of c1");
    assert_eq!(rows[0].department.as_deref(), Some("Department d1"));
    assert_eq!(
        (rows[0].phone.as_deref(), rows[0].joined.as_deref()),
        (Some("138c1"), Some("2019-07-01"))
    );
    // Of R4 nobody is the named clerk: both keep it.
    assert_eq!((rows[0].recorders, rows[1].recorders), (2, 3));
    assert_eq!((rows[1].department.as_deref(), rows[1].phone.as_deref()), (None, None));
    office.person("c1", put("R3", Place::Retired)).unwrap();
    office.person("c1", put("R1", Place::Lost)).unwrap();
    let rows = clerk_roster(&office.tables, office.now).unwrap();
    assert_eq!((rows[0].recorders, rows[1].recorders), (1, 2), "in service only");
}

#[test]
fn a_clerk_of_one_department_keeps_only_its_unnamed_recorders() {
    let mut office = unit();
    office.person("h1", office::enrolment("c2", Role::Officer, true)).unwrap();
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
    office.person("c1", describe("R1", record(None, Some("d2")))).unwrap();
    let rows = clerk_roster(&office.tables, office.now).unwrap();
    assert_eq!((rows[0].recorders, rows[1].recorders), (2, 1));
}

fn row(rows: &[ArchiveRow], seq: u64) -> &ArchiveRow {
    rows.iter().find(|row| row.seq == seq).unwrap()
}

/// S3, S14.
#[test]
fn the_archive_has_every_issue_breach_and_periodic_check_in_order_form_2() {
    let mut office = unit();
    let used = issued(&mut office, "R1", "o1");
    let issued_at = office.now;
    office.later(HOUR);
    office.person("c1", describe("R2", record(None, Some("d2")))).unwrap();
    let fine = office.person("c1", check("R2", None, good())).unwrap();
    office.later(HOUR);
    let flat = Sheet { battery_percent: 1, ..good() };
    let low = office.person("c1", check("R2", None, flat)).unwrap();
    let taken = office.person("c1", breach("R2", "o3")).unwrap();
    office.later(HOUR);
    office.person("c1", by_hand(used)).unwrap();
    let back = office.now;
    let asked = office.person("o2", request("R1")).unwrap();
    let rows = usage_archive(&office.tables, day()).unwrap();
    assert_eq!(rows.iter().map(|r| r.seq).collect::<Vec<_>>(), [used, fine, low, taken]);
    assert!(rows.iter().all(|r| r.seq != asked), "asked for is not handed out");

    let first = row(&rows, used);
    assert_eq!(first.department.as_deref(), Some("Department d1"));
    assert_eq!((first.recorder.as_str(), first.user.as_deref()), ("R1", Some("Name of o1")));
    assert_eq!(first.approver.as_deref(), Some("Name of k1"));
    assert_eq!((first.issued, first.returned), (Some(issued_at), Some(back)));
    assert_eq!(first.remark, "人工交回：bay was taken");
    let checked = row(&rows, fine);
    assert_eq!((checked.user.as_deref(), checked.issued, checked.returned), (None, None, None));
    assert_eq!(checked.department.as_deref(), Some("Department d2"));
    assert_eq!(checked.remark, "定期核查：正常（Name of c1）");
    assert!(row(&rows, low).remark.starts_with("定期核查：电量不足"), "{}", row(&rows, low).remark);
    let breach = row(&rows, taken);
    assert_eq!((breach.approver.as_deref(), breach.returned), (None, None));
    assert_eq!(breach.remark, "未经批准领用：called out");
}

#[test]
fn the_archive_is_of_a_period_from_its_first_instant_to_before_its_last() {
    let mut office = unit();
    let used = issued(&mut office, "R1", "o1");
    let checked = office.person("c1", check("R2", None, good())).unwrap();
    let seqs = |from, to| {
        let rows = usage_archive(&office.tables, Period { from, to }).unwrap();
        rows.iter().map(|row| row.seq).collect::<Vec<_>>()
    };
    assert_eq!(seqs(MORNING, MORNING.plus_ms(1)), [used, checked]);
    assert_eq!(seqs(MORNING.plus_ms(-1), MORNING), Vec::<u64>::new());
    assert_eq!(seqs(MORNING.plus_ms(1), MORNING.plus_ms(2)), Vec::<u64>::new());
}

#[test]
fn remarks_say_late_lost_explained_and_docked_by_another() {
    let mut office = unit();
    let of = issued(&mut office, "R1", "o1");
    office.dock(person("o2"), "R1", Some("o2"));
    office.later(24 * HOUR);
    let session = office.tables.rows(&sealdock_core::schema::SESSION)[0].int("seq") as u64;
    office.close(sealdock_core::id::SessionId(session), Verdict::Held);
    office.dock(person("o1"), "R1", Some("o1"));
    let explain = act(Act::ExplainLate { of: UseId(of), text: "flood".into(), correcting: None });
    office.person("o1", explain).unwrap();
    let rows = usage_archive(&office.tables, day()).unwrap();
    assert_eq!(row(&rows, of).remark, "逾期交回；由他人插入采集：o2；说明：flood");
    let mut office = unit();
    let of = issued(&mut office, "R1", "o1");
    office.person("c1", put("R1", Place::Lost)).unwrap();
    assert_eq!(row(&usage_archive(&office.tables, day()).unwrap(), of).remark, "遗失");
}

/// S28.
#[test]
fn one_recorder_for_every_five_officers_s25() {
    let mut office = unit();
    let count = |office: &super::office::Office| {
        let figures = figures(&office.tables, &office.policy(), (day(), &office.at())).unwrap();
        (figures.officers, figures.recorders, figures.needed, figures.enough())
    };
    // o1, o2, o3, k1.
    assert_eq!(count(&office), (4, 2, 1, true));
    for n in 4..=10 {
        office.person("h1", office::enrolment(&format!("x{n}"), Role::Officer, true)).unwrap();
    }
    assert_eq!(count(&office), (11, 2, 3, false));
    let retire = duty::Command::RetirePerson { person: id("x10"), reason: "left".into() };
    office.person("h1", Command::Duty(retire)).unwrap();
    assert_eq!(count(&office), (10, 2, 2, true));
    office.person("c1", put("R2", Place::Lost)).unwrap();
    assert_eq!(count(&office), (10, 1, 2, false));
}

#[test]
fn lateness_is_counted_by_officer_and_department_in_the_period() {
    let mut office = unit();
    let of = issued(&mut office, "R1", "o1");
    office.later(24 * HOUR);
    let period = Period { from: MORNING, to: MORNING.plus_ms(48 * HOUR) };
    let lines = |office: &super::office::Office| {
        figures(&office.tables, &office.policy(), (period, &office.at())).unwrap().lateness
    };
    let out = lines(&office);
    assert_eq!((out.len(), out[0].uses, out[0].late_returns), (1, 1, 1), "out and overdue");
    assert!(!out[0].repeated());
    let session = office.dock(person("o1"), "R1", Some("o1"));
    // Recorded yesterday: late by the clock that raises the alarm.
    office.store(session, Some(MORNING.plus_ms(-1)));
    office.close(session, Verdict::Done);
    office.person("c1", breach("R2", "o3")).unwrap();
    let all = lines(&office);
    let one = |who: &str| all.iter().find(|l| l.officer == Some(id(who))).unwrap().clone();
    assert_eq!((one("o1").late_returns, one("o1").late_clips, one("o1").breaches), (1, 1, 0));
    assert!(one("o1").repeated());
    assert_eq!((one("o3").uses, one("o3").breaches, one("o3").late_returns), (1, 1, 0));
    let by = by_department(&all);
    assert_eq!(by.len(), 2);
    assert_eq!(
        (by[0].department.clone(), by[0].late_returns, by[0].late_clips),
        (Some(id("d1")), 1, 1)
    );
    assert_eq!((by[1].department.clone(), by[1].breaches, by[1].uses), (Some(id("d2")), 1, 1));
    let before = Period { from: MORNING.plus_ms(-HOUR), to: MORNING };
    let none = figures(&office.tables, &office.policy(), (before, &office.at())).unwrap();
    assert_eq!(none.lateness, []);
    assert!(usage(&office, of).late);
}

#[test]
fn on_a_clock_beyond_belief_what_is_out_is_not_late() {
    let mut office = unit();
    issued(&mut office, "R1", "o1");
    let lines = |wall| {
        let at = sealdock_core::time::Stamp { wall, ..office.at() };
        figures(&office.tables, &office.policy(), (day(), &at)).unwrap().lateness[0].late_returns
    };
    assert_eq!(lines(MORNING.plus_ms(240 * HOUR)), 1);
    assert_eq!(lines(WallMs(0)), 0);
    assert_eq!(lines(MORNING), 0);
}

#[test]
fn footage_taken_while_the_recorder_was_not_handed_out_is_found_s1() {
    let mut office = unit();
    issued(&mut office, "R1", "o1");
    let session = office.dock_at("R1", "o1", HOUR);
    let slack = office.policy().desk.clock_offset_ms_max;
    let back = MORNING.plus_ms(HOUR);
    let inside = [MORNING.plus_ms(-slack), MORNING, back, back.plus_ms(slack)];
    for at in inside {
        office.store(session, Some(at));
    }
    office.store(session, None);
    let find = |office: &super::office::Office| {
        unbooked(&office.tables, &office.policy(), &id("R1")).unwrap()
    };
    assert_eq!(find(&office), []);
    for at in [MORNING.plus_ms(-slack - 1), back.plus_ms(slack + 1)] {
        office.store(session, Some(at));
    }
    let found = find(&office);
    let times: Vec<WallMs> = found.iter().map(|u| u.recorded).collect();
    assert_eq!(times, [MORNING.plus_ms(-slack - 1), back.plus_ms(slack + 1)]);
    assert_eq!(found[0].officer, Some(id("o1")));
    refused(office.person("o1", request("R9")), "is not enrolled");
}
