//! `check` asks over the chain what the decision asked: history written by who had no right is found.

use super::office::{Office, id, person};
use super::*;
use sealdock_core::actor::ActorRecord;
use sealdock_core::desk::{
    Approved, Breach, Docked, DockedByAnother, Duty, Event, Issued, LateExplained, Overdue,
    Returned, Withdrawn,
};
use sealdock_core::id::SessionId;
use sealdock_core::objection::{concerns, objection};

/// What `check` says of this event written by this actor now.
fn said(office: &Office, actor: &ActorRecord, event: Event) -> Option<String> {
    let event = sealdock_core::event::Event::from(event);
    assert!(concerns(&event));
    objection(&office.tables, &office.at(), actor, &event).unwrap().map(|why| why.to_string())
}

fn by(who: &str) -> ActorRecord {
    ActorRecord::Person { id: id(who) }
}

#[track_caller]
fn objects(said: Option<String>, says: &str) {
    let why = said.expect("an objection");
    assert!(why.contains(says), "{why}");
}

#[test]
fn an_issue_that_was_not_approved_or_names_another_recorder_is_found_s1() {
    let mut office = unit();
    let of = office.person("o1", request("R1")).unwrap();
    let issued = |recorder: &str| {
        let (recorder, officer) = (id(recorder), id("o1"));
        Event::Issued(Issued { of: UseId(of), recorder, officer, check: 1 })
    };
    objects(said(&office, &by("c1"), issued("R1")), "no approved use of recorder R1 (002/A6-§5)");
    office.person("k1", approve(of)).unwrap();
    objects(said(&office, &by("c1"), issued("R2")), "no approved use of recorder R2");
    objects(said(&office, &ActorRecord::System, issued("R1")), "system is not");
}

/// S1, S4, S6: everything that the decision asks of an issue is asked of the entry.
#[test]
fn an_issue_of_what_is_not_here_not_theirs_or_not_checked_is_found() {
    let mut office = unit();
    let of = ready(&mut office, "R1", "o1");
    let check = usage(&office, of).row.int("check_seq") as u64;
    let issue = |officer: &str, check| {
        Event::Issued(Issued { of: UseId(of), recorder: id("R1"), officer: id(officer), check })
    };
    assert_eq!(said(&office, &by("c1"), issue("o1", check)), None);
    objects(said(&office, &by("c1"), issue("o2", check)), "was approved for o1");
    objects(said(&office, &by("c1"), issue("o1", check - 1)), "the check before this use is entry");
    let other = ready(&mut office, "R1", "o2");
    let mut twice = office;
    twice.person("c1", super::issue(other)).unwrap();
    objects(
        said(&twice, &by("c1"), issue("o1", check)),
        "is issued to o2; it is never issued twice",
    );
    let mut office = unit();
    let of = ready(&mut office, "R1", "o1");
    let check = usage(&office, of).row.int("check_seq") as u64;
    let event =
        Event::Issued(Issued { of: UseId(of), recorder: id("R1"), officer: id("o1"), check });
    office.later(14 * office::HOUR);
    objects(said(&office, &by("c1"), event.clone()), "is too old to count");
    office.later(-14 * office::HOUR);
    office.person("o1", fault("R1")).unwrap();
    objects(said(&office, &by("c1"), event.clone()), "is reported faulty");
    let over = act(desk::Command::EndDesignation {
        recorder: id("R1"),
        officer: id("o1"),
        reason: "r".into(),
    });
    office.person("c1", over).unwrap();
    objects(said(&office, &by("c1"), event.clone()), "is not designated to o1");
    let mut bad = unit();
    let of = bad.person("o1", request("R1")).unwrap();
    bad.person("k1", approve(of)).unwrap();
    let event = |check| {
        Event::Issued(Issued { of: UseId(of), recorder: id("R1"), officer: id("o1"), check })
    };
    objects(said(&bad, &by("c1"), event(0)), "was not checked before this use");
    let broken = super::Sheet { works: false, ..good() };
    let check = bad.person("o1", super::check("R1", Some(of), broken)).unwrap();
    objects(said(&bad, &by("c1"), event(check)), "found something not in order");
}

#[test]
fn an_answer_to_a_use_that_is_decided_is_found() {
    let mut office = unit();
    let of = issued(&mut office, "R1", "o1");
    let (used, r1) = (UseId(of), || id("R1"));
    let approved = |recorder| Event::Approved(Approved { of: used, recorder, note: None });
    let refused = || Event::Refused(desk::Refused { of: used, recorder: r1(), reason: "x".into() });
    let withdrawn = || Event::Withdrawn(Withdrawn { of: used, recorder: r1(), reason: None });
    for (who, event) in [("k1", approved(r1())), ("k1", refused()), ("o1", withdrawn())] {
        objects(said(&office, &by(who), event), "is issued; nothing is left to decide");
    }
    objects(said(&office, &by("k1"), approved(id("R2"))), "is a use of recorder R1, not of R2");
    let open = office.person("o2", request("R1")).unwrap();
    office.person("k1", approve(open)).unwrap();
    let twice = Event::Approved(Approved { of: UseId(open), recorder: r1(), note: None });
    objects(said(&office, &by("k1"), twice), "is approved; nothing is left to decide");
    let back =
        Event::Refused(desk::Refused { of: UseId(open), recorder: r1(), reason: "x".into() });
    assert_eq!(said(&office, &by("k1"), back), None, "until it is handed out");
}

#[test]
fn a_return_that_says_otherwise_of_its_lateness_is_found() {
    let mut office = unit();
    let of = issued(&mut office, "R1", "o1");
    let back = |late| {
        let (of, recorder, reason) = (UseId(of), id("R1"), Some("x".to_owned()));
        Event::Returned(Returned { of, recorder, session: None, late, reason })
    };
    assert_eq!(said(&office, &by("c1"), back(Some(false))), None);
    objects(said(&office, &by("c1"), back(Some(true))), "is not as the entry says");
    objects(said(&office, &by("c1"), back(None)), "is not as the entry says");
    office.later(48 * office::HOUR);
    objects(said(&office, &by("c1"), back(Some(false))), "is not as the entry says");
    office.person("c1", by_hand(of)).unwrap();
    objects(said(&office, &by("c1"), back(Some(true))), "its recorder does not come back from it");
}

#[test]
fn an_approval_by_an_operator_a_shift_or_for_oneself_is_found() {
    let mut office = unit();
    let of = office.person("o1", request("R1")).unwrap();
    let approved = || Event::Approved(Approved { of: UseId(of), recorder: id("R1"), note: None });
    assert_eq!(said(&office, &by("k1"), approved()), None);
    objects(said(&office, &by("o1"), approved()), "never for the applicant");
    objects(said(&office, &ActorRecord::Operator { uid: 0 }, approved()), "operator uid 0 is not");
    let shift = ActorRecord::Shift { shift: sealdock_core::id::ShiftId(3), clerk: id("k1") };
    objects(said(&office, &shift, approved()), "shift H3 of k1 is not");
    let nothing = Event::Withdrawn(Withdrawn { of: UseId(7), recorder: id("R1"), reason: None });
    objects(said(&office, &by("o1"), nothing), "there is no use U7");
}

#[test]
fn a_return_that_names_no_docking_of_that_recorder_by_that_officer_is_found() {
    let mut office = unit();
    let of = UseId(issued(&mut office, "R1", "o1"));
    let returned = |session: SessionId, recorder: &str| {
        let (recorder, session) = (id(recorder), Some(session));
        Event::Returned(Returned { of, recorder, session, late: Some(false), reason: None })
    };
    objects(said(&office, &by("o1"), returned(SessionId(999), "R1")), "S999 is no such docking");
    let session = office.dock(person("o2"), "R1", Some("o2"));
    let no = format!("{session} is no such docking of recorder R1");
    objects(said(&office, &by("o2"), returned(session, "R1")), &no);
    let docked = |recorder: &str| Event::Docked(Docked { of, recorder: id(recorder), session });
    assert_eq!(said(&office, &by("o2"), docked("R1")), None);
    objects(said(&office, &by("o2"), docked("R2")), "no such docking of recorder R2");
    let other = |recorder: &str| {
        Event::DockedByAnother(DockedByAnother {
            of,
            recorder: id(recorder),
            session,
            officer: None,
        })
    };
    assert_eq!(said(&office, &by("o2"), other("R1")), None);
    objects(said(&office, &by("o2"), other("R2")), "no such docking of recorder R2");
    office.close(session, sealdock_core::event::Verdict::Held);
    objects(said(&office, &by("o2"), docked("R1")), &no);
    let own = office.dock(person("o1"), "R1", Some("o1"));
    objects(
        said(&office, &by("o1"), returned(own, "R1")),
        "its recorder does not come back from it",
    );
}

#[test]
fn a_person_without_a_pin_or_without_the_duty_any_more_has_no_right() {
    let mut office = unit();
    office.person("h1", office::enrolment("c2", Role::Clerk, false)).unwrap();
    let breach = || {
        Event::Breach(Breach {
            recorder: id("R1"),
            officer: id("o1"),
            department: None,
            until: office::MORNING,
            reason: "x".into(),
            alarms: Vec::new(),
        })
    };
    objects(
        said(&office, &by("c2"), breach()),
        "recording a breach, where its officer or their head does not, is for",
    );
    assert_eq!(said(&office, &by("c1"), breach()), None);
    assert_eq!(said(&office, &by("k1"), breach()), None);
    assert_eq!(said(&office, &by("o1"), breach()), None);
    let retire = duty::Command::RetirePerson { person: id("k1"), reason: "left".into() };
    heads(&mut office, "h1", "o3", (None, None));
    office.person("h1", Command::Duty(retire)).unwrap();
    objects(
        said(&office, &by("k1"), breach()),
        "recording a breach, where its officer or their head does not, is for",
    );
}

#[test]
fn what_is_overdue_and_who_explains_it() {
    let mut office = unit();
    let of = UseId(issued(&mut office, "R1", "o1"));
    let over = || Overdue {
        of,
        recorder: id("R1"),
        officer: id("o1"),
        what: Duty::Return,
        due: office::MORNING,
    };
    for event in [Event::Overdue(over()), Event::OverdueWarned(over())] {
        assert_eq!(said(&office, &ActorRecord::System, event.clone()), None);
        objects(said(&office, &by("c1"), event), "noted by the station alone, not by person c1");
    }
    let explained = || {
        Event::LateExplained(LateExplained {
            of,
            recorder: id("R1"),
            text: "x".into(),
            correction: None,
        })
    };
    for who in ["o1", "k1", "c1"] {
        assert_eq!(said(&office, &by(who), explained()), None, "{who}");
    }
    objects(
        said(&office, &by("o2"), explained()),
        "explaining a late return, where its officer or their head does not, is",
    );
}
