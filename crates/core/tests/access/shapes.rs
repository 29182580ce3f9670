//! Applications and viewings as nobody could have written them by the rules: each is found.

use super::unit::{Unit, asking, by, outsider, pid, viewing};
use super::{finding, refuses, with_clip};
use sealdock_core::access::{
    Applicant, Command as Do, Event as Noted, Ground, Purpose, Requested, Shown, Stretch, Viewer,
    ViewingEnded, ViewingOpened, ViewingServed, Wanted, Who,
};
use sealdock_core::actor::{Actor, ActorRecord};
use sealdock_core::id::ClipId;

type Change = fn(&mut Requested);

fn requested(who: Who, applicant: Applicant, clip: ClipId) -> Requested {
    Requested {
        who,
        purpose: Purpose::View,
        applicant,
        wanted: Wanted::Clips { clips: vec![clip] },
        matter: "(2026) 12".to_owned(),
        reason: "hearing".to_owned(),
        letter: None,
    }
}

fn o2() -> Applicant {
    Applicant {
        person: Some(pid("o2")),
        name: "name of o2".to_owned(),
        unit: "执法一科".to_owned(),
        phone: Some("0734-110".to_owned()),
    }
}

fn clips(e: &mut Requested, clips: Vec<ClipId>) {
    e.wanted = Wanted::Clips { clips };
}

/// S10: who has left, or was never appointed, is no colleague.
#[test]
fn a_colleague_holds_a_duty_a6_20() {
    let (mut unit, clip) = with_clip();
    let ask = || asking(Who::Colleague, Purpose::View, &[clip]);
    refuses(&unit, "n1", ask(), "n1 holds no duty in force and is no colleague");
    assert!(unit.ask(&super::unit::person("o2"), super::say(ask())).is_ok());
    let held = sealdock_core::duty::duties(&unit.tables, &pid("o2"), unit.now).unwrap();
    for held in held {
        unit.end(held.duty.0);
    }
    refuses(&unit, "o2", ask(), "o2 holds no duty in force and is no colleague");
    let forged = Noted::Requested(Box::new(requested(Who::Colleague, o2(), clip)));
    assert!(finding(&unit, &by("o2"), forged).unwrap().contains("holds no duty in force"));
}

#[test]
fn a_colleague_who_gives_another_name_is_found() {
    let (unit, clip) = with_clip();
    let forged = |applicant| Noted::Requested(Box::new(requested(Who::Colleague, applicant, clip)));
    assert_eq!(finding(&unit, &by("o2"), forged(o2())), None);
    let changes: [fn(&mut Applicant); 3] = [
        |a| a.name = "name of p1".to_owned(),
        |a| a.unit = "District court".to_owned(),
        |a| a.phone = None,
    ];
    for change in changes {
        let mut other = o2();
        change(&mut other);
        let why = finding(&unit, &by("o2"), forged(other)).unwrap();
        assert!(why.contains("as the register of people has them"), "{why}");
    }
}

#[test]
fn an_application_without_what_form_3_asks_for_or_of_what_is_not_there_is_found() {
    let (mut unit, clip) = with_clip();
    let gone = unit.clip(Some("o1"));
    unit.dispose(gone);
    let good = || requested(Who::InternalBody, outsider("Zhao"), clip);
    let found = |unit: &Unit, e: Requested| finding(unit, &by("c1"), Noted::Requested(Box::new(e)));
    assert_eq!(found(&unit, good()), None);
    let changes: [(Change, &str); 12] = [
        (|e| e.applicant.phone = None, "a telephone number is needed (form 3)"),
        (|e| e.applicant.phone = Some(" ".to_owned()), "a telephone number is needed (form 3)"),
        (|e| e.applicant.name = String::new(), "name and unit of who comes are needed (form 3)"),
        (|e| e.applicant.unit = " ".to_owned(), "name and unit of who comes are needed (form 3)"),
        (|e| e.applicant.person = Some(pid("nobody")), "nobody is no person of the unit"),
        (|e| e.applicant.person = Some(pid("r1")), "r1 is no person of the unit"),
        (|e| e.applicant.person = Some(pid("m1")), "m1 operates the machine"),
        (|e| clips(e, vec![]), "a request names 1 to 200 clips"),
        (|e| clips(e, (0..201).map(ClipId).collect()), "a request names 1 to 200 clips"),
        (|e| clips(e, vec![ClipId(9999)]), "there is no clip C9999"),
        (
            |e| {
                let Wanted::Clips { clips } = &mut e.wanted else { return };
                clips.push(clips[0]);
            },
            "is named twice",
        ),
        (
            |e| {
                let at = sealdock_core::time::WallMs(0);
                let officer = Some(pid("nobody"));
                e.wanted =
                    Wanted::Query { officer, recorder: None, from: at, until: at.plus_ms(1) };
            },
            "person nobody is not enrolled",
        ),
    ];
    for (change, says) in changes {
        let mut e = good();
        change(&mut e);
        let why = found(&unit, e).unwrap_or_default();
        assert!(why.contains(says), "{why:?} does not say {says:?}");
    }
    let mut e = good();
    clips(&mut e, vec![gone]);
    assert!(found(&unit, e).unwrap().contains("was disposed of; its tombstone is entry"));
}

#[test]
fn a_viewing_of_what_is_gone_or_under_another_matter_is_found() {
    let (mut unit, clip) = with_clip();
    let access = unit.approved(Who::Colleague, Purpose::View, &[clip]);
    let opened = |ground: Ground, id: &str, matter: Option<&str>| {
        Noted::ViewingOpened(ViewingOpened {
            clip,
            viewer: Viewer::Person { id: pid(id) },
            ground,
            reason: "x".to_owned(),
            matter: matter.map(str::to_owned),
        })
    };
    let approved = || Ground::Approval { access, number: 1 };
    assert_eq!(finding(&unit, &by("o2"), opened(approved(), "o2", Some("(2026) 12"))), None);
    for matter in [None, Some("(2026) 13")] {
        let why = finding(&unit, &by("o2"), opened(approved(), "o2", matter)).unwrap();
        let says = format!(
            "a viewing under {access} names the matter that it was approved for: (2026) 12"
        );
        assert_eq!(why, says);
    }
    assert_eq!(finding(&unit, &by("o1"), opened(Ground::Own, "o1", Some("any"))), None);
    unit.dispose(clip);
    let why = finding(&unit, &by("o1"), opened(Ground::Own, "o1", None)).unwrap();
    assert!(why.contains("was disposed of; its tombstone is entry"), "{why}");
    refuses(&unit, "o1", viewing(clip, None), "was disposed of");
}

/// S13: what was shown is the station's to say, of an open viewing, before it is shown, and never more than that.
#[test]
fn what_was_shown_is_said_by_the_station_alone_minute_by_minute_a6_22() {
    let (mut unit, clip) = with_clip();
    let other = unit.clip(Some("o1"));
    let viewing = unit.acts("o1", viewing(clip, None)).unwrap();
    let served = |clip, viewing, (from_ms, to_ms)| {
        let shown = Shown::Played;
        ViewingServed { viewing, clip, shown, from_ms, to_ms }
    };
    let ended = |played: &[(u64, u64)]| {
        let stretch = |(from_ms, to_ms): &(u64, u64)| Stretch { from_ms: *from_ms, to_ms: *to_ms };
        let played = played.iter().map(stretch).collect();
        Noted::ViewingEnded(ViewingEnded { viewing, clip, played, why: "closed".to_owned() })
    };
    let system = ActorRecord::System;
    let minute = served(clip, viewing, (60_000, 120_000));
    for (event, says) in [
        (served(other, viewing, (0, 60_000)), "opened no viewing of clip"),
        (served(clip, viewing + 1, (0, 60_000)), "opened no viewing of clip"),
        (served(clip, viewing, (0, 60_001)), "at most 60000 ms long"),
        (served(clip, viewing, (9, 8)), "at most 60000 ms long"),
    ] {
        let why = finding(&unit, &system, Noted::ViewingServed(event)).unwrap();
        assert!(why.contains(says), "{why}");
    }
    let why = finding(&unit, &by("o1"), Noted::ViewingServed(minute.clone())).unwrap();
    assert!(why.contains("for the station alone to say"), "{why}");
    let act = |unit: &mut Unit, command| unit.act(&Actor::System, super::say(command)).unwrap();
    act(&mut unit, Do::ServeViewing(minute));
    act(&mut unit, Do::ServeViewing(served(clip, viewing, (120_000, 150_000))));
    for (played, says) in [
        (&[(0, 2000)][..], "was not announced before it was played"),
        (&[(118_000, 150_001)], "was not announced before it was played"),
        (&[(62_000, 64_000), (64_000, 66_000)], "in order and apart"),
        (&[(64_000, 66_000), (60_000, 62_000)], "in order and apart"),
        (&[(66_000, 64_000)], "in order and apart"),
    ] {
        let why = finding(&unit, &system, ended(played)).unwrap();
        assert!(why.contains(says), "{why}");
    }
    let good = ended(&[(62_000, 64_000), (118_000, 150_000)]);
    assert_eq!(finding(&unit, &system, good), None, "over a minute's end it goes on");
    let end = ViewingEnded { viewing, clip, played: Vec::new(), why: "closed".to_owned() };
    act(&mut unit, Do::EndViewing(end));
    let why = finding(&unit, &system, ended(&[])).unwrap();
    assert!(why.contains("ended in entry"), "{why}");
}
