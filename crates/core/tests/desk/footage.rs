//! Whose footage is, and who says so: dockings bound to officers only, clips assigned by a clerk who is not the
//! one, to the officer whom the usage archive names (002/A6-§4, §6, §18, §20).

use super::*;
use crate::office::{HOUR, enrolment, person, refused};
use sealdock_core::Digest;
use sealdock_core::actor::{Actor, ActorRecord};
use sealdock_core::event::{
    AsideDecided, AsideDecision, AsideReason, ClipAssigned, ClipReassigned, ClipSetAside, Event,
    ListingSigned, ReasonGiven, ShiftClosed, ShiftOpened, Verdict, WipeOrdered,
};
use sealdock_core::id::{AsideId, ClipId, SessionId, ShiftId};
use sealdock_core::objection::{concerns, objection};
use sealdock_core::policy::Deadline;
use sealdock_core::schema::{CLIP, SESSION};
use sealdock_core::time::ClockOffset;

const CONFLICT: &str = "by the usage archive recorder R1 was last with o1";

fn assign(clips: &[ClipId], number: &str, officer: &str) -> Command {
    let (recorder, officer) = (id(number), id(officer));
    Command::AssignClips { clips: clips.to_vec(), recorder, officer, reason: "asked".into() }
}

fn reassign(clip: ClipId, number: &str, officer: &str) -> Command {
    let (recorder, officer) = (id(number), id(officer));
    Command::ReassignClips { clips: vec![clip], recorder, officer, reason: "asked".into() }
}

fn by(who: &str) -> ActorRecord {
    ActorRecord::Person { id: id(who) }
}

/// Would `check` find it, had it been written behind the rules?
fn found(office: &Office, who: &str, event: Event) -> Option<String> {
    assert!(concerns(&event));
    objection(&office.tables, &office.at(), &by(who), &event).unwrap().map(|why| why.to_string())
}

/// A clip of this session; the session's numbers disagree.
fn stored(office: &mut Office, session: SessionId, conflict: Option<&str>) -> ClipId {
    let listing = ListingSigned {
        session,
        object: Digest::of(b""),
        lines: 1,
        files: 1,
        bytes: 1,
        clock: ClockOffset::Unknown { reason: "a folder".into() },
        conflict: conflict.map(str::to_owned),
    };
    office.write(&ActorRecord::System, Event::ListingSigned(listing));
    office.store(session, None);
    let clips = office.tables.rows(&CLIP);
    ClipId(clips.iter().map(|row| row.int("seq")).max().unwrap().unsigned_abs())
}

fn owner(office: &Office, clip: ClipId) -> Option<String> {
    let rows = office.tables.rows(&CLIP);
    let row = rows.iter().find(|row| row.int("seq").unsigned_abs() == clip.0).unwrap();
    row.text_opt("officer").map(str::to_owned)
}

fn binding(office: &Office, session: SessionId) -> String {
    let rows = office.tables.rows(&SESSION);
    let row = rows.iter().find(|row| row.int("seq").unsigned_abs() == session.0).unwrap();
    row.text("binding").to_owned()
}

fn clerk_too(office: &mut Office, who: &str, role: Role) {
    let appoint = duty::Command::Appoint {
        person: id(who),
        role,
        department: None,
        since: None,
        until: None,
        acting_for: None,
        reason: "by order".into(),
    };
    office.person("h1", Command::Duty(appoint)).unwrap();
}

fn second_clerk(office: &mut Office) {
    office.person("h1", enrolment("c2", Role::Clerk, true)).unwrap();
    office.chooses_a_pin("c2");
}

/// The attack: o1 has R1, a clerk brings it in as their own, then says that the footage is theirs.
#[test]
fn a_clerk_does_not_become_the_owner_of_an_officers_footage() {
    let mut office = unit();
    let of = issued(&mut office, "R1", "o1");
    let session = office.dock(person("c1"), "R1", Some("c1"));
    assert_eq!(binding(&office, session), "unassigned", "a clerk is no officer");
    let clip = stored(&mut office, session, Some(CONFLICT));
    assert_eq!(owner(&office, clip), None);

    refused(office.person("c1", assign(&[clip], "R1", "c1")), "nobody says of a clip that it is");
    second_clerk(&mut office);
    refused(office.person("c2", assign(&[clip], "R1", "c1")), "c1 holds no duty as an officer");
    // A clerk who is an officer as well is neither.
    clerk_too(&mut office, "c1", Role::Officer);
    refused(office.person("c1", assign(&[clip], "R1", "c1")), "nobody says of a clip that it is");
    let with = format!("was with o1 (U{of}) when clip {clip} was docked");
    refused(office.person("c2", assign(&[clip], "R1", "c1")), &with);
    refused(office.person("c1", assign(&[clip], "R1", "o2")), &with);
    refused(office.person("c1", assign(&[clip], "R2", "o2")), "assign it to o1");
    for (who, officer) in [("c1", "c1"), ("c2", "c1"), ("c1", "o2")] {
        let (recorder, officer) = (id("R1"), id(officer));
        let e = ClipAssigned { clip, recorder, officer, reason: "said so".into() };
        assert!(found(&office, who, Event::ClipAssigned(e)).is_some(), "{who}");
    }
    office.person("c1", assign(&[clip], "R1", "o1")).unwrap();
    assert_eq!(owner(&office, clip).as_deref(), Some("o1"));
    // Where the archive is wrong, the department head says so, and both entries stay.
    office.person("k1", reassign(clip, "R1", "o2")).unwrap();
    assert_eq!(owner(&office, clip).as_deref(), Some("o2"));
}

/// Another recorder is named, which an accomplice had: what was docked says whose footage it is.
#[test]
fn naming_another_recorder_does_not_make_it_its_users_footage() {
    let mut office = unit();
    let of = issued(&mut office, "R1", "o1");
    office.person("c1", designate("R2", "o2")).unwrap();
    issued(&mut office, "R2", "o2");
    let session = office.dock(person("c1"), "R1", Some("c1"));
    let clip = stored(&mut office, session, Some(CONFLICT));
    let with = format!("recorder R1 was with o1 (U{of})");
    refused(office.person("c1", assign(&[clip], "R2", "o2")), &with);
    office.person("c1", assign(&[clip], "R1", "o1")).unwrap();
}

#[test]
fn footage_given_back_by_hand_is_still_that_officers_and_after_a_docking_that_emptied_it_is_free() {
    let mut office = unit();
    let of = issued(&mut office, "R1", "o1");
    office.person("c1", by_hand(of)).unwrap();
    let session = office.dock(Actor::Operator { uid: 0 }, "R1", None);
    let clip = stored(&mut office, session, None);
    refused(office.person("c1", assign(&[clip], "R1", "o2")), "was with o1");
    office.person("c1", assign(&[clip], "R1", "o1")).unwrap();
    office.close(session, Verdict::Done);

    let session = office.dock(Actor::Operator { uid: 0 }, "R1", None);
    let clip = stored(&mut office, session, None);
    office.person("c1", assign(&[clip], "R1", "o2")).expect("nobody had it since it was emptied");
}

#[test]
fn who_was_an_officer_when_it_was_docked_may_be_the_one_and_who_came_later_too() {
    let mut office = unit();
    let session = office.dock(Actor::Operator { uid: 0 }, "R1", None);
    let clips: Vec<ClipId> = (0..3).map(|_| stored(&mut office, session, None)).collect();
    office.later(HOUR);
    let retire = |who: &str| {
        Command::Duty(duty::Command::RetirePerson { person: id(who), reason: "left".into() })
    };
    office.person("h1", retire("o2")).unwrap();
    office.person("c1", assign(&clips[..1], "R1", "o2")).expect("worn before they left");
    office.person("h1", enrolment("o7", Role::Officer, false)).unwrap();
    office.person("c1", assign(&clips[1..2], "R1", "o7")).expect("paperwork comes later");
    refused(office.person("c1", assign(&clips[2..], "R1", "h1")), "h1 holds no duty as an officer");
    office.close(session, Verdict::Held);

    // Left before it was docked.
    office.later(HOUR);
    office.person("h1", retire("o7")).unwrap();
    let session = office.dock(Actor::Operator { uid: 0 }, "R2", None);
    let clip = stored(&mut office, session, None);
    refused(office.person("c1", assign(&[clip], "R2", "o7")), "o7 holds no duty as an officer");
    refused(office.person("c1", assign(&[clip, clip], "R2", "o1")), "is named twice");
}

#[test]
fn check_finds_an_assignment_of_what_had_an_owner_and_a_correction_to_nobody_of_the_unit() {
    let mut office = unit();
    let session = office.dock(person("o1"), "R1", Some("o1"));
    assert_eq!(binding(&office, session), "officer-pin");
    let clip = stored(&mut office, session, None);
    let assigned = |officer: &str, number: &str| {
        let (recorder, officer) = (id(number), id(officer));
        Event::ClipAssigned(ClipAssigned { clip, recorder, officer, reason: "x".into() })
    };
    let why = found(&office, "c1", assigned("o2", "R1")).unwrap();
    assert!(why.contains("is assigned already (recorder R1, officer o1)"), "{why}");
    let why = found(&office, "o2", assigned("o2", "R1")).unwrap();
    assert!(why.contains("who was no clerk with a PIN then"), "{why}");

    office.close(session, Verdict::Held);
    let session = office.dock(Actor::Operator { uid: 0 }, "R2", None);
    let clip = stored(&mut office, session, None);
    let corrects = office.person("c1", assign(&[clip], "R2", "o1")).unwrap();
    for (officer, number, says) in [
        ("nobody", "R2", "person nobody is not enrolled"),
        ("o2", "R9", "recorder R9 is not enrolled"),
        ("c1", "R2", "c1 holds no duty as an officer"),
    ] {
        let e = ClipReassigned {
            clip,
            recorder: id(number),
            officer: id(officer),
            was_recorder: id("R2"),
            was_officer: id("o1"),
            corrects,
            reason: "x".into(),
        };
        let why = found(&office, "k1", Event::ClipReassigned(e)).unwrap();
        assert!(why.contains(says), "{why}");
    }
    refused(office.person("k1", reassign(clip, "R2", "c1")), "c1 holds no duty as an officer");
}

#[test]
fn under_a_clerks_shift_too_a_docking_is_an_officers_or_nobodys() {
    let mut office = furnished(Office::under(&office::under_shift()));
    office.person("c1", Command::OpenShift).unwrap();
    let dock = |office: &mut Office, number: &str, officer: &str| {
        let opening = sealdock_core::command::Opening {
            bay: id("b1"),
            recorder_claim: id(number),
            officer_claim: Some(id(officer)),
            fingerprint: String::new(),
            profile: "generic".into(),
            unconfirmed: false,
        };
        let opened = office.system(Command::OpenSession(Box::new(opening))).unwrap();
        binding(office, SessionId(opened))
    };
    assert_eq!(dock(&mut office, "R1", "h1"), "unassigned");
    assert_eq!(dock(&mut office, "R2", "o1"), "clerk-shift");
}

/// B: a late clip is explained by its officer, or by who answers for that officer's department.
#[test]
fn a_late_clip_is_explained_by_its_officer_or_in_their_department() {
    let mut office = unit();
    second_clerk(&mut office);
    let only = |office: &mut Office, who: &str, role: Role| {
        for held in duty::duties(&office.tables, &id(who), office.now).unwrap() {
            if held.role == role {
                let end = duty::Command::EndDuty { duty: held.duty, reason: "narrower".into() };
                office.person("h1", Command::Duty(end)).unwrap();
            }
        }
        let appoint = duty::Command::Appoint {
            person: id(who),
            role,
            department: Some(id("d2")),
            since: None,
            until: None,
            acting_for: None,
            reason: "by order".into(),
        };
        office.person("h1", Command::Duty(appoint)).unwrap();
    };
    only(&mut office, "c2", Role::Clerk);
    heads(&mut office, "h1", "o3", (Some("d2"), None));
    let session = office.dock(person("o1"), "R1", Some("o1"));
    let old = Some(office.now.plus_ms(-72 * HOUR));
    office.store(session, old);
    let rows = office.tables.rows(&CLIP);
    let clip = ClipId(rows.last().unwrap().int("seq").unsigned_abs());
    let give = || Command::GiveReason { clip, text: "异地执法".into(), correcting: None };
    let given = || {
        let clocks = vec![Deadline::AfterRecording];
        Event::ReasonGiven(ReasonGiven { clip, clocks, text: "x".into(), correction: None })
    };
    refused(office.person("c2", give()), "another department than c2 answers for");
    refused(office.person("o3", give()), "another department than o3 answers for");
    refused(office.person("o2", give()), "is not o2's");
    for who in ["c2", "o3", "o2", "h1"] {
        assert!(found(&office, who, given()).is_some(), "{who}");
    }
    for who in ["o1", "c1", "k1"] {
        assert_eq!(found(&office, who, given()), None, "{who}");
    }
    office.person("k1", give()).unwrap();
}

#[test]
fn check_finds_shifts_orders_and_decisions_that_nobody_could_sign() {
    let mut office = unit();
    let shift = |who: &str| Event::ShiftOpened(ShiftOpened { clerk: id(who) });
    let no_clerk = "who was no clerk with a PIN then";
    let says = |why: Option<String>, says: &str| {
        let why = why.unwrap_or_else(|| panic!("nothing was found, not even {says:?}"));
        assert!(why.contains(says), "{why}");
    };
    says(found(&office, "o1", shift("o1")), no_clerk);
    says(found(&office, "o1", shift("c1")), "the shift of c1 was opened by person o1");
    assert_eq!(found(&office, "c1", shift("c1")), None);
    let opened = ShiftId(office.person("c1", Command::OpenShift).unwrap());
    let close = |shift| Event::ShiftClosed(ShiftClosed { shift });
    says(found(&office, "o1", close(opened)), no_clerk);
    says(found(&office, "c1", close(ShiftId(0))), "no open shift");
    assert_eq!(found(&office, "c1", close(opened)), None);

    let session = office.dock(person("o1"), "R1", Some("o1"));
    let order = |number: &str| {
        let (recorder_claim, reason) = (id(number), "x".to_owned());
        Event::WipeOrdered(WipeOrdered { session, recorder_claim, reason })
    };
    says(found(&office, "o1", order("R1")), no_clerk);
    says(found(&office, "c1", order("R2")), "is no session of recorder R2");
    assert_eq!(found(&office, "c1", order("R1")), None);

    let aside = ClipSetAside {
        session,
        line: None,
        recorder_claim: id("R1"),
        raw: "01".into(),
        name: "link".into(),
        size: 1,
        mtime_ms: None,
        reason: AsideReason::NotAFile,
        detail: "a symlink".into(),
        kept: None,
    };
    let aside = AsideId(office.write(&ActorRecord::System, Event::ClipSetAside(aside)));
    let decided = || {
        let decision = AsideDecision::Leave;
        Event::AsideDecided(AsideDecided { aside, decision, reason: "x".into() })
    };
    says(found(&office, "o1", decided()), no_clerk);
    let decide =
        Command::DecideAside { aside, decision: AsideDecision::Leave, reason: "a link".into() };
    office.person("c1", decide).unwrap();
    says(found(&office, "c1", decided()), "nothing stands aside as");

    // A clerk's duty that has ended signs nothing.
    second_clerk(&mut office);
    let held = duty::duties(&office.tables, &id("c1"), office.now).unwrap();
    let end = duty::Command::EndDuty { duty: held[0].duty, reason: "moved".into() };
    office.person("h1", Command::Duty(end)).unwrap();
    for event in [shift("c1"), close(opened), order("R1")] {
        says(found(&office, "c1", event), no_clerk);
    }
}
