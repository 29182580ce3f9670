//! Asked for, approved, handed out, taken back.

use super::office::{HOUR, MINUTE, MORNING, Office, id, recorder, refused};
use super::*;
use sealdock_core::actor::ActorRecord;
use sealdock_core::event::{DeadlineMissed, Event, PutRight, ReasonGiven};
use sealdock_core::id::ClipId;
use sealdock_core::objection::objection;
use sealdock_core::policy::Deadline;
use sealdock_core::schema::CLIP;

#[test]
fn a_recorder_is_used_only_after_the_department_head_approved_s1() {
    let mut office = unit();
    let of = office.person("o1", request("R1")).unwrap();
    refused(
        office.person("c1", issue(of)),
        "is requested, not approved; a recorder is handed out only after the department head approved (002/A6-§5)",
    );
    office.later(2_000);
    office.person("k1", approve(of)).expect("from afar, in seconds");
    office.person("o1", check("R1", Some(of), good())).unwrap();
    office.person("c1", issue(of)).unwrap();
    let usage = usage(&office, of);
    assert_eq!((usage.state.as_str(), usage.approver), ("issued", Some(id("k1"))));
    assert_eq!(usage.issued, Some(MORNING.plus_ms(2_000)));
    let asset = asset(&office, "R1");
    assert_eq!(
        (asset.state.as_str(), asset.holder, asset.of),
        ("issued", Some(id("o1")), Some(UseId(of)))
    );
}

#[test]
fn without_another_time_it_is_due_by_the_end_of_the_day_s7() {
    let mut office = unit();
    let of = office.person("o1", request("R1")).unwrap();
    assert_eq!(usage(&office, of).until, office.policy().zone.end_of_day(MORNING));
    let refusal = office.person("o2", request_until("R1", MORNING));
    refused(refusal, "is past; give a later --until");
    let long = MORNING.plus_ms(72 * HOUR);
    refused(office.person("o2", request_until("R1", long.plus_ms(1))), "at most 72 hours");
    let of = office.person("o2", request_until("R1", long)).unwrap();
    assert_eq!(usage(&office, of).until, long);
}

#[test]
fn only_a_designated_officer_asks_and_recorders_are_never_lent_out_s6() {
    let mut office = unit();
    refused(office.person("o3", request("R1")), "is not designated to o3 (002/A6-§18)");
    refused(office.person("c1", request("R1")), "never lent out (002/A6-§4); c1 holds no duty");
    refused(office.operator(request("R1")), "asked for by the officer who will wear it");
    refused(office.person("o1", request("R9")), "recorder R9 is not enrolled");
    let plain = act(Act::Request { recorder: id("R1"), purpose: "a\nb".into(), until: None });
    refused(office.person("o1", plain), "a purpose is 1 to 500");
}

#[test]
fn one_officer_asks_for_one_recorder_once_until_it_is_decided_or_over() {
    let mut office = unit();
    let of = office.person("o1", request("R1")).unwrap();
    refused(office.person("o1", request("R1")), &format!("already (U{of}, requested)"));
    office.person("k1", approve(of)).unwrap();
    refused(office.person("o1", request("R1")), &format!("already (U{of}, approved)"));
    office.person("o2", request("R1")).expect("somebody else may ask as well");
    office.later(16 * HOUR);
    office.person("o1", request("R1")).expect("yesterday's is over");
}

#[test]
fn the_approver_is_never_the_applicant_nor_who_stands_in_for_the_applicant() {
    let mut office = unit();
    office.person("c1", designate("R1", "k1")).unwrap();
    let of = office.person("k1", request("R1")).unwrap();
    refused(office.person("k1", approve(of)), "never for the applicant: k1 is the one who asks");
    heads(&mut office, "h1", "o2", (Some("d1"), Some("k1")));
    refused(office.person("o2", approve(of)), "person o2 only stands in for k1");
    refused(office.person("o2", refuse(of)), "person o2 only stands in for k1");
    let other = office.person("o1", request("R1")).unwrap();
    office.person("o2", approve(other)).expect("for others the deputy approves");
    heads(&mut office, "h1", "o3", (None, None));
    office.person("o3", approve(of)).expect("a head over the whole unit");
}

#[test]
fn only_the_head_of_the_officers_own_department_decides() {
    let mut office = unit();
    heads(&mut office, "h1", "o3", (Some("d2"), None));
    let of = office.person("o1", request("R1")).unwrap();
    for who in ["o3", "o2", "c1", "h1"] {
        refused(office.person(who, approve(of)), "is for the head of o1's department");
    }
    refused(office.operator(approve(of)), "operator uid 1000 is not");
    refused(office.system(approve(of)), "system is not");
    refused(office.person("o3", refuse(of)), "refusing a use is for the head of o1's department");
    refused(office.person("k1", approve(999)), "there is no use U999");
    office.person("k1", approve(of)).unwrap();
    refused(office.person("k1", approve(of)), "is approved, not requested");
}

#[test]
fn an_approval_is_taken_back_until_the_recorder_is_out() {
    let mut office = unit();
    let of = ready(&mut office, "R1", "o1");
    let silent = act(Act::Refuse { of: UseId(of), reason: " ".into() });
    refused(office.person("k1", silent), "a reason is needed");
    office.person("k1", refuse(of)).unwrap();
    refused(office.person("c1", issue(of)), "is refused, not approved");
    refused(office.person("k1", refuse(of)), "is refused; nothing is left to decide");
    let of = issued(&mut office, "R1", "o1");
    refused(office.person("k1", refuse(of)), "is issued; nothing is left to decide");
    refused(office.person("o1", withdraw(of)), "is issued; nothing is left to decide");
}

#[test]
fn who_asked_withdraws_and_nobody_else() {
    let mut office = unit();
    let of = ready(&mut office, "R1", "o1");
    refused(office.person("o2", withdraw(of)), "is withdrawn by o1, who asked for it");
    refused(office.person("k1", withdraw(of)), "is withdrawn by o1, who asked for it");
    office.person("o1", withdraw(of)).unwrap();
    let usage = usage(&office, of);
    assert_eq!((usage.state.as_str(), usage.approver), ("withdrawn", None));
}

#[test]
fn what_was_asked_for_is_over_when_its_time_is() {
    let mut office = unit();
    let until = MORNING.plus_ms(HOUR);
    let of = office.person("o1", request_until("R1", until)).unwrap();
    let approved = office.person("o2", request_until("R1", until)).unwrap();
    office.person("k1", approve(approved)).unwrap();
    office.person("o2", check("R1", Some(approved), good())).unwrap();
    office.later(HOUR - 1);
    let one = office.person("o1", withdraw(of)).map(|_| ());
    assert_eq!(one, Ok(()));
    let of = office.person("o1", request_until("R1", until)).unwrap();
    office.later(1);
    refused(office.person("k1", approve(of)), "the time of U");
    refused(office.person("c1", issue(approved)), "the time of U");
}

#[test]
fn a_recorder_is_never_issued_twice() {
    let mut office = unit();
    let (first, second) = (ready(&mut office, "R1", "o1"), ready(&mut office, "R1", "o2"));
    office.person("c1", issue(first)).unwrap();
    refused(
        office.person("c1", issue(second)),
        "recorder R1 is issued to o1; it is never issued twice: it comes back first",
    );
    refused(office.person("c1", issue(first)), "is issued, not approved");
}

#[test]
fn only_the_clerk_hands_out_and_takes_back_s2() {
    let mut office = unit();
    let of = ready(&mut office, "R1", "o1");
    for who in ["o1", "k1", "h1"] {
        refused(office.person(who, issue(of)), "is for the clerk (管理员) in charge");
    }
    refused(office.operator(issue(of)), "operator uid 1000 is not");
    office.person("c1", issue(of)).unwrap();
    refused(office.person("o1", by_hand(of)), "taking a recorder back is for the clerk");
    let silent = act(Act::Return { of: UseId(of), reason: String::new() });
    refused(office.person("c1", silent), "a reason is needed");
    office.person("c1", by_hand(of)).unwrap();
    refused(office.person("c1", by_hand(of)), "is returned, not issued");
    assert_eq!(asset(&office, "R1").state, "returned");
}

#[test]
fn a_designation_that_ended_meanwhile_hands_out_nothing() {
    let mut office = unit();
    let of = ready(&mut office, "R1", "o1");
    let over =
        act(Act::EndDesignation { recorder: id("R1"), officer: id("o1"), reason: "moved".into() });
    office.person("c1", over).unwrap();
    refused(office.person("c1", issue(of)), "is not designated to o1 (002/A6-§18)");
    office.person("c1", designate("R1", "o1")).unwrap();
    office.person("c1", issue(of)).unwrap();
}

#[test]
fn a_recorder_taken_without_approval_is_a_breach_that_alarms_the_head_at_once_s1() {
    let mut office = unit();
    heads(&mut office, "h1", "o3", (None, None));
    refused(
        office.person("o2", breach("R1", "o1")),
        "recording a breach, where its officer or their head does not, is for",
    );
    refused(office.operator(breach("R1", "o1")), "operator uid 1000 is not");
    refused(office.person("c1", breach("R1", "o9")), "person o9 is not enrolled");
    let of = office.person("c1", breach("R1", "o1")).unwrap();
    let taken = usage(&office, of);
    assert!(taken.breach && taken.approver.is_none());
    assert_eq!(taken.row.text("alarms"), "k1 o3");
    assert_eq!(asset(&office, "R1").holder, Some(id("o1")));
    refused(
        office.person("c1", breach("R1", "o2")),
        &format!("recorder R1 stands as with o1 (U{of})"),
    );
    let see = |of: u64| act(Act::SeeBreach { of: UseId(of), text: "warned".into() });
    refused(office.person("o1", see(of)), "never for the applicant");
    refused(office.person("c1", see(of)), "is for the head of o1's department");
    office.person("k1", see(of)).unwrap();
    refused(office.person("k1", see(of)), "was answered already by person k1");
    let lawful = office.person("o2", request("R1")).unwrap();
    refused(office.person("k1", see(lawful)), "is no breach");
    refused(office.person("k1", see(999)), "there is no use U999");
}

#[test]
fn the_officer_themself_and_the_head_may_write_a_breach_down_and_it_alarms_not_its_own_doer() {
    let mut office = unit();
    office.person("o1", breach("R1", "o1")).unwrap();
    office.person("k1", breach("R2", "k1")).unwrap();
    let own = desk::usages(&office.tables, "issued").unwrap();
    assert_eq!(own[1].row.text("alarms"), "h1", "k1 is the only head of d1, and the doer");
    office.person("c1", recorder("R3")).unwrap();
    office.person("k1", breach("R3", "o2")).unwrap();
}

/// S1: where nobody heads the officer but the officer, the unit head is alarmed and answers.
#[test]
fn a_breach_of_the_only_head_is_answered_by_the_unit_head() {
    let mut office = unit();
    let of = office.person("k1", breach("R2", "k1")).unwrap();
    assert_eq!(usage(&office, of).row.text("alarms"), "h1");
    let see = |of: u64| act(Act::SeeBreach { of: UseId(of), text: "warned".into() });
    refused(office.person("k1", see(of)), "never for the applicant");
    refused(office.person("c1", see(of)), "is for the head of k1's department");
    // Who only stands in for them is no other head.
    heads(&mut office, "h1", "o2", (Some("d1"), Some("k1")));
    refused(office.person("o2", see(of)), "only stands in for k1");
    let another = office.person("k1", breach("R1", "k1")).unwrap();
    assert_eq!(usage(&office, another).row.text("alarms"), "h1");
    office.person("h1", see(of)).unwrap();
    // Where there is another head, it is theirs.
    heads(&mut office, "h1", "o3", (None, None));
    refused(office.person("h1", see(another)), "is for the head of k1's department");
    office.person("o3", see(another)).unwrap();
}

#[test]
fn a_recorder_out_of_service_is_taken_by_nobody() {
    let mut office = unit();
    office.person("c1", put("R1", Place::Retired)).unwrap();
    refused(
        office.person("c1", breach("R1", "o1")),
        "is out of service for good and goes to nobody",
    );
    assert_eq!(asset(&office, "R1").state, "retired");
}

#[test]
fn on_a_clock_beyond_belief_nothing_is_over_and_nothing_is_late() {
    let mut office = unit();
    let of = ready(&mut office, "R1", "o1");
    office.person("c1", issue(of)).unwrap();
    office.now = WallMs(0);
    office.person("c1", by_hand(of)).unwrap();
    assert_eq!(usage(&office, of).row.int_opt("late"), None);
    let mut office = unit();
    let of = issued(&mut office, "R1", "o1");
    office.later(-MINUTE);
    office.person("c1", by_hand(of)).unwrap();
    assert_eq!(usage(&office, of).row.int_opt("late"), None, "it ran backwards since the issue");
}

/// Another reason names the one before and says why that was wrong.
fn put_right(office: &mut Office, of: u64) {
    let first = usage(office, of).row.int("late_reason_seq");
    let put = |of, why: &str| {
        let (text, correcting) = ("road closed".to_owned(), Some(why.to_owned()));
        act(Act::ExplainLate { of: UseId(of), text, correcting })
    };
    refused(office.person("k1", put(of, " ")), "reason");
    office.person("k1", put(of, "not a flood")).unwrap();
    let row = usage(office, of).row;
    assert_eq!((row.text("late_reason"), row.text("late_reason_by")), ("road closed", "person k1"));
    let Some(Event::Desk(desk::Event::LateExplained(e))) = office.written.last() else {
        panic!("no reason was written")
    };
    let correction = e.correction.clone().expect("it names the one before");
    assert_eq!((correction.corrects, correction.reason.as_str()), (first as u64, "not a flood"));
    // Written behind the decision: `check` finds it.
    let mut lie = e.clone();
    for names in [None, Some(first as u64), Some(1)] {
        lie.correction = names.map(|corrects| PutRight { corrects, reason: "r".to_owned() });
        let event = Event::Desk(desk::Event::LateExplained(lie.clone()));
        let by = ActorRecord::Person { id: id("k1") };
        let why = objection(&office.tables, &office.at(), &by, &event).unwrap().unwrap();
        let stood = format!("right, where entry {} stood", row.int("late_reason_seq"));
        assert!(why.contains(&stood), "{names:?}: {why}");
    }
}

#[test]
fn a_reason_for_a_late_clip_written_behind_the_rules_names_what_stood() {
    let mut office = unit();
    let by = ActorRecord::Person { id: id("k1") };
    let session = office.dock_at("R1", "o1", HOUR);
    office.store(session, None);
    let clips = office.tables.rows(&CLIP);
    let clip = ClipId(clips.iter().map(|row| row.int("seq")).max().unwrap().unsigned_abs());
    let clock = Deadline::ALL[0];
    let missed = DeadlineMissed { clip, clock, due: MORNING, stored: MORNING, alarm: true };
    office.write(&ActorRecord::System, Event::DeadlineMissed(missed));
    let given = |clock, corrects: Option<u64>| {
        let correction = corrects.map(|corrects| PutRight { corrects, reason: "r".to_owned() });
        Event::ReasonGiven(ReasonGiven { clip, clocks: vec![clock], text: "r".into(), correction })
    };
    let found = |office: &Office, event: &Event| {
        let why = objection(&office.tables, &office.at(), &by, event).unwrap();
        why.map(|why| why.to_string()).unwrap_or_default()
    };
    assert_eq!(found(&office, &given(clock, None)), "");
    assert!(found(&office, &given(Deadline::ALL[1], None)).contains("was not missed"));
    assert!(
        found(&office, &given(clock, Some(3))).contains("puts entry 3 right, where none stood")
    );
    let first = office.write(&by, given(clock, None));
    assert_eq!(found(&office, &given(clock, Some(first))), "");
    let stood = format!("where entry {first} stood");
    assert!(found(&office, &given(clock, None)).contains(&stood));
    assert!(found(&office, &given(clock, Some(first + 1))).contains(&stood));
}

#[test]
fn nothing_is_put_right_where_nothing_was_said() {
    let mut office = unit();
    let of = late_use(&mut office);
    let put = act(Act::ExplainLate {
        of: UseId(of),
        text: "flood".into(),
        correcting: Some("not so".into()),
    });
    refused(office.person("o1", put), "there is nothing to correct");
}

#[test]
fn a_return_after_the_approved_time_is_late_and_explained_once() {
    let explain =
        |of: u64| act(Act::ExplainLate { of: UseId(of), text: "flood".into(), correcting: None });
    for (after, late) in [(0, 0), (1, 1)] {
        let mut office = unit();
        let until = MORNING.plus_ms(HOUR);
        let of = office.person("o1", request_until("R1", until)).unwrap();
        office.person("k1", approve(of)).unwrap();
        office.person("o1", check("R1", Some(of), good())).unwrap();
        office.person("c1", issue(of)).unwrap();
        refused(office.person("o1", explain(of)), "is not late");
        office.later(HOUR + after);
        office.person("c1", by_hand(of)).unwrap();
        assert_eq!(usage(&office, of).row.int_opt("late"), Some(late), "{after} ms late");
        if late == 0 {
            refused(office.person("o1", explain(of)), "is not late; there is nothing to explain");
            continue;
        }
        refused(
            office.person("o2", explain(of)),
            "explaining a late return, where its officer or their head does not, is",
        );
        office.person("o1", explain(of)).unwrap();
        refused(office.person("k1", explain(of)), "stands in the record already");
        put_right(&mut office, of);
    }
    for who in ["c1", "k1"] {
        let mut office = unit();
        let of = late_use(&mut office);
        office.person(who, explain(of)).unwrap();
        assert_eq!(usage(&office, of).row.text("late_reason_by"), format!("person {who}"));
    }
}

fn late_use(office: &mut Office) -> u64 {
    let of = issued(office, "R1", "o1");
    office.later(24 * HOUR);
    office.person("c1", by_hand(of)).unwrap();
    of
}
