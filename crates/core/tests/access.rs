//! Viewing and copying, rule by rule: who may, who approves, what spends an approval, what a secrecy level
//! closes. Each refusal is pinned by its sentence; each entry is asked about again as `check` does.
#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

#[path = "access/bytes.rs"]
mod bytes;
#[path = "access/deciders.rs"]
mod deciders;
#[path = "access/edges.rs"]
mod edges;
#[path = "access/shapes.rs"]
mod shapes;
/// The unit.
mod unit;

use sealdock_core::access::{
    self, Act, Applicant, AskedExcerpt, Asking, Command as Do, CopiedExcerpt, CopiedFile,
    CopyAsked, CopyCarriedOut, CopyCompleted, Event as Noted, Footing, Ground, Level, Purpose,
    Viewer, ViewingOpened, Wanted, Who,
};
use sealdock_core::actor::{Actor, ActorRecord, Role};
use sealdock_core::command::Command;
use sealdock_core::event::Event;
use sealdock_core::id::{AccessId, ClipId, DutyId};
use sealdock_core::objection::objection;
use sealdock_core::policy::DEFAULT_POLICY;
use sealdock_core::ports::Registers as _;
use sealdock_core::registry;
use sealdock_core::schema as s;
use sealdock_core::table::Query;
use sealdock_core::time::{DAY_MS, WallMs};
use unit::{Unit, approve, asking, by, outsider, person, pid, viewing};

/// What an application is spoilt by.
type Change = fn(&mut Asking);

/// A unit with one clip of the owner.
fn with_clip() -> (Unit, ClipId) {
    let mut unit = Unit::new();
    let clip = unit.clip(Some(unit::OWNER));
    (unit, clip)
}

/// Why an entry would be a finding, were it written now.
fn finding(unit: &Unit, actor: &ActorRecord, event: Noted) -> Option<String> {
    objection(&unit.tables, &unit.stamp(), actor, &event.into()).unwrap().map(|why| why.to_string())
}

fn say(command: Do) -> Command {
    Command::Access(command)
}

fn refuses(unit: &Unit, who: &str, command: Do, says: &str) {
    let why = unit.refusal(who, command);
    assert!(why.contains(says), "{who}: {why:?} does not say {says:?}");
}

/// The policy with one piece of its text exchanged.
fn with(from: &str, to: &str) -> String {
    let text = DEFAULT_POLICY.replacen(from, to, 1);
    assert_ne!(text, DEFAULT_POLICY, "{from}");
    text
}

/// S10.
#[test]
fn own_footage_is_viewed_without_an_application_and_nobody_elses_a6_20() {
    let (mut unit, clip) = with_clip();
    let seq = unit.acts("o1", viewing(clip, None)).unwrap();
    let row = registry::by_seq(&unit.tables, &access::VIEWING, seq).unwrap().unwrap();
    assert_eq!((row.text("ground"), row.text("viewer")), ("own", "o1"));
    refuses(
        &unit,
        "o2",
        viewing(clip, None),
        &format!(
            "o2 may not view clip {clip} (002/A6-§20): clip {clip} is not o2's own footage; apply with"
        ),
    );
    refuses(&unit, "o1", viewing(ClipId(9999), None), "there is no clip C9999");
}

#[test]
fn an_unassigned_clip_is_nobodys_own() {
    let (mut unit, _) = with_clip();
    let clip = unit.clip(None);
    refuses(&unit, "o1", viewing(clip, None), "is not o1's own footage");
    // Only a duty over the whole unit covers what belongs to no department.
    assert!(unit.ask(&person("v1"), Command::Access(viewing(clip, None))).is_ok());
    let narrow = unit.appoint("n1", Role::Viewer, Some("d1"), None);
    refuses(
        &unit,
        "n1",
        viewing(clip, None),
        &format!("duty D{narrow} (viewer) does not cover the department of clip {clip}"),
    );
}

/// S10.
#[test]
fn the_three_duties_with_a_standing_right_view_and_no_other_a6_20() {
    let (unit, clip) = with_clip();
    for (id, role, over, _) in unit::PEOPLE {
        let seen = unit.ask(&person(id), Command::Access(viewing(clip, None)));
        let standing = matches!(role, Role::Viewer | Role::LegalHead | Role::PenaltyHead);
        let may = (standing && over.is_none()) || id == unit::OWNER;
        assert_eq!(seen.is_ok(), may, "{id}: {seen:?}");
    }
}

#[test]
fn whoever_operates_the_machine_sees_nothing_not_even_their_own() {
    let (mut unit, clip) = with_clip();
    let duty = unit.appoint("o1", Role::Operator, None, None);
    refuses(
        &unit,
        "o1",
        viewing(clip, None),
        &format!("o1 operates the machine (duty D{duty}) and has no right to footage"),
    );
    refuses(&unit, "o1", asking(Who::Colleague, Purpose::View, &[clip]), "has no right to footage");
    let operator = Actor::Operator { uid: 0 };
    let why = unit.ask(&operator, Command::Access(viewing(clip, None))).unwrap_err();
    assert_eq!(why, "viewing is done by a person with their own PIN: say --as ID");
}

/// S10.
#[test]
fn a_colleague_applies_in_their_own_name_and_never_for_a_copy_a6_20_26() {
    let (mut unit, clip) = with_clip();
    let id = unit.asked(Who::Colleague, Purpose::View, &[clip]);
    let access = access::access(&unit.tables, id).unwrap().unwrap();
    assert_eq!(access.applicant.person, Some(pid("o2")));
    assert_eq!(
        (access.applicant.name.as_str(), access.applicant.unit.as_str()),
        ("name of o2", "执法一科")
    );
    refuses(
        &unit,
        "o2",
        asking(Who::Colleague, Purpose::Copy, &[clip]),
        "a colleague may view, not copy (002/A6-§20, §26)",
    );
    let mut named = asking(Who::Colleague, Purpose::View, &[clip]);
    if let Do::Request(asking) = &mut named {
        asking.applicant = Some(outsider("Li"));
    }
    refuses(&unit, "o2", named, "a colleague applies in their own name");
    let shift = Actor::Shift { shift: unit.shift(), clerk: pid("c1") };
    let command = Command::Access(asking(Who::Colleague, Purpose::View, &[clip]));
    let why = unit.ask(&shift, command).unwrap_err();
    assert_eq!(why, "applying is done by a person with their own PIN: say --as ID");
    refuses(&unit, "r1", asking(Who::Colleague, Purpose::View, &[clip]), "r1 is no person");
    // Forged: in somebody else's name.
    let mut requested = match unit
        .ask(&person("o2"), Command::Access(asking(Who::Colleague, Purpose::View, &[clip])))
    {
        Ok(mut events) => events.remove(0),
        Err(why) => panic!("{why}"),
    };
    if let Event::Access(Noted::Requested(e)) = &mut requested {
        let why = finding(&unit, &by("o1"), Noted::Requested(e.clone()));
        assert_eq!(why.as_deref(), Some("a colleague applies in their own name (002/A6-§20)"));
        assert_eq!(finding(&unit, &by("o2"), Noted::Requested(e.clone())), None);
    }
}

#[test]
fn for_everybody_else_a_clerk_writes_it_down_with_name_unit_and_telephone_a6_21() {
    let (unit, clip) = with_clip();
    let request = |who, change: fn(&mut Asking)| {
        let mut command = asking(who, Purpose::Copy, &[clip]);
        if let Do::Request(asking) = &mut command {
            change(asking);
        }
        command
    };
    let cases: [(Who, Change, &str); 9] = [
        (Who::Authority, |a| a.applicant = None, "who comes for the authority? give --name"),
        (
            Who::Party,
            |a| a.applicant.as_mut().unwrap().phone = None,
            "a telephone number is needed (form 3)",
        ),
        (
            Who::Party,
            |a| a.applicant.as_mut().unwrap().name = "a\nb".into(),
            "the applicant's name is 1 to 100 characters",
        ),
        (
            Who::Party,
            |a| a.applicant.as_mut().unwrap().unit = " ".into(),
            "the applicant's unit is 1 to 100 characters",
        ),
        (
            Who::Authority,
            |a| a.applicant.as_mut().unwrap().person = Some(pid("o2")),
            "authority is no person of the unit",
        ),
        (
            Who::InternalBody,
            |a| a.applicant.as_mut().unwrap().person = Some(pid("nobody")),
            "nobody is no person of the unit",
        ),
        (
            Who::InternalBody,
            |a| a.applicant.as_mut().unwrap().person = Some(pid("r1")),
            "r1 is no person of the unit",
        ),
        (Who::Party, |a| a.matter = String::new(), "the matter is 1 to 200 characters"),
        (Who::Party, |a| a.reason = " ".into(), "a reason is needed"),
    ];
    for (who, change, says) in cases {
        refuses(&unit, "c1", request(who, change), says);
    }
    for who in [Who::InternalBody, Who::SuperiorBody, Who::Authority, Who::Party] {
        assert!(unit.ask(&person("c1"), Command::Access(request(who, |_| ()))).is_ok(), "{who:?}");
        refuses(
            &unit,
            "o1",
            request(who, |_| ()),
            &format!("an application by {} is written down by a clerk", who.as_str()),
        );
    }
    let comes = request(Who::InternalBody, |a| {
        a.applicant.as_mut().unwrap().person = Some(pid("o2"));
    });
    assert!(unit.ask(&person("c1"), Command::Access(comes)).is_ok());
}

#[test]
fn what_is_asked_for_must_be_there_and_not_vague() {
    let (unit, clip) = with_clip();
    let day = |from: i64, until: i64| (unit.now.plus_ms(from), unit.now.plus_ms(until));
    let query = |officer: Option<&str>, recorder: Option<&str>, (from, until)| Wanted::Query {
        officer: officer.map(pid),
        recorder: recorder.map(|r| r.parse().unwrap()),
        from,
        until,
    };
    let cases = [
        (Wanted::Clips { clips: vec![] }, "a request names 1 to 200 clips"),
        (Wanted::Clips { clips: (0..201).map(ClipId).collect() }, "a request names 1 to 200 clips"),
        (Wanted::Clips { clips: vec![clip, ClipId(9999)] }, "there is no clip C9999"),
        (query(None, None, day(0, 1)), "name the officer or the recorder"),
        (query(Some("o1"), None, day(1, 1)), "nothing lies between"),
        (query(Some("x"), None, day(0, 1)), "person x is not enrolled"),
        (query(None, Some("R9"), day(0, 1)), "recorder R9 is not enrolled"),
    ];
    for (wanted, says) in cases {
        let mut command = asking(Who::Colleague, Purpose::View, &[]);
        if let Do::Request(asking) = &mut command {
            asking.wanted = wanted;
        }
        refuses(&unit, "o2", command, says);
    }
}

/// S10, S11, S12.
#[test]
fn the_approver_follows_from_who_asks_a6_20_21_a2_18() {
    let cases = [
        (
            Who::Colleague,
            Purpose::View,
            "p1",
            "u1",
            "penalty-leader (处罚部门主管领导) (002/A6-§20)",
        ),
        (
            Who::InternalBody,
            Purpose::Copy,
            "p1",
            "u1",
            "penalty-leader (处罚部门主管领导) (002/A6-§21)",
        ),
        (
            Who::SuperiorBody,
            Purpose::View,
            "p2",
            "h1",
            "penalty-leader (处罚部门主管领导) (002/A6-§21)",
        ),
        (Who::Authority, Purpose::Copy, "u1", "p1", "unit-head (单位负责人) (002/A6-§21)"),
        (Who::Party, Purpose::Copy, "u1", "l1", "unit-head (单位负责人) (002/A2-§18)"),
    ];
    for (who, purpose, approver, other, title) in cases {
        let (mut unit, clip) = with_clip();
        let id = unit.asked(who, purpose, &[clip]);
        refuses(&unit, other, approve(id), &format!("is approved by the {title}; {other} is not"));
        assert!(unit.acts(approver, approve(id)).is_ok(), "{who:?}");
        assert_eq!(access::clips_of(&unit.tables, id).unwrap(), [clip]);
        refuses(
            &unit,
            approver,
            approve(id),
            &format!("{id} was decided already: approved by person {approver}"),
        );
    }
}

#[test]
fn an_approver_over_one_department_decides_on_its_footage_only() {
    let (mut unit, clip) = with_clip();
    unit.appoint("n1", Role::PenaltyLeader, Some("d1"), None);
    let id = unit.asked(Who::Colleague, Purpose::View, &[clip]);
    assert!(unit.ask(&person("n1"), Command::Access(approve(id))).is_ok());
    let other = unit.clip(Some("c2"));
    let both = unit.asked(Who::Colleague, Purpose::View, &[clip, other]);
    refuses(&unit, "n1", approve(both), &format!("asks for of clip {other} is approved by"));
    let refuse = Do::Refuse { access: both, reason: "no".into() };
    refuses(&unit, "n1", refuse, "is decided by the penalty-leader");
    let refuse = Do::Refuse { access: id, reason: "no".into() };
    assert!(unit.ask(&person("n1"), Command::Access(refuse)).is_ok());
}

#[test]
fn the_approver_is_never_the_applicant_nor_who_wrote_it_down() {
    let (mut unit, clip) = with_clip();
    let own = AccessId(unit.acts("p1", asking(Who::Colleague, Purpose::View, &[clip])).unwrap());
    let says = format!("p1 is the applicant of {own}; the approver is never the applicant");
    refuses(&unit, "p1", approve(own), &says);
    refuses(&unit, "p1", Do::Refuse { access: own, reason: "x".into() }, &says);
    // Another leader, in their own right.
    unit.appoint("v1", Role::PenaltyLeader, None, None);
    assert!(unit.acts("v1", approve(own)).is_ok());
    refuses(&unit, "p1", Do::Revoke { access: own, reason: "x".into() }, &says);
    // A clerk who leads as well.
    unit.appoint("c1", Role::UnitHead, None, None);
    let court = unit.asked(Who::Authority, Purpose::Copy, &[clip]);
    refuses(
        &unit,
        "c1",
        approve(court),
        &format!("c1 wrote {court} down; whoever writes an application down does not decide on it"),
    );
    // Somebody who comes for an internal body.
    unit.appoint("o2", Role::PenaltyLeader, None, None);
    let mut command = asking(Who::InternalBody, Purpose::Copy, &[clip]);
    if let Do::Request(asking) = &mut command {
        asking.applicant.as_mut().unwrap().person = Some(pid("o2"));
    }
    let body = AccessId(unit.acts("c1", command).unwrap());
    refuses(&unit, "o2", approve(body), "o2 is the applicant");
    let operator = Actor::Operator { uid: 0 };
    let why = unit.ask(&operator, Command::Access(approve(body))).unwrap_err();
    assert!(why.contains("is decided by a person with their own PIN: say --as ID; operator uid 0"));
}

#[test]
fn an_approval_has_bounds_and_without_words_those_of_the_policy() {
    let (mut unit, clip) = with_clip();
    let other = unit.clip(Some("o1"));
    let id = unit.asked(Who::Colleague, Purpose::View, &[clip]);
    let bounded = |clips: Option<Vec<ClipId>>, expires: Option<WallMs>, times| Do::Approve {
        access: id,
        clips,
        expires,
        times,
        reason: None,
    };
    let (now, last) = (unit.now, unit.now.plus_ms(30 * DAY_MS));
    let cases = [
        (bounded(None, Some(now), None), "expires after now and at most 30 days on"),
        (bounded(None, Some(last.plus_ms(1)), None), "expires after now and at most 30 days on"),
        (bounded(None, None, Some(0)), "an approval is for 1 to 20 times"),
        (bounded(None, None, Some(21)), "an approval is for 1 to 20 times"),
        (bounded(Some(vec![other]), None, None), "is not among what"),
        (bounded(Some(vec![clip, clip]), None, None), "is named twice"),
        (bounded(Some(vec![ClipId(9999)]), None, None), "there is no clip C9999"),
        (bounded(Some(vec![]), None, None), "there is no footage that"),
        (approve(AccessId(9999)), "there is no request V9999"),
    ];
    for (command, says) in cases {
        refuses(&unit, "p1", command, says);
    }
    assert!(unit.ask(&person("p1"), Command::Access(bounded(None, Some(last), Some(20)))).is_ok());
    unit.acts("p1", approve(id)).unwrap();
    let access = access::access(&unit.tables, id).unwrap().unwrap();
    assert_eq!((access.expires, access.times), (Some(now.plus_ms(7 * DAY_MS)), 1));
}

#[test]
fn on_a_clock_that_is_known_bad_nothing_is_approved_viewed_or_copied() {
    let (mut unit, clip) = with_clip();
    let right = unit.now;
    let waiting = unit.asked(Who::Colleague, Purpose::View, &[clip]);
    let view = unit.approved(Who::Colleague, Purpose::View, &[clip]);
    let copy = unit.approved(Who::Authority, Purpose::Copy, &[clip]);
    // The approvals expire; somebody sets the clock back to when they had not.
    unit.now = right.plus_ms(8 * DAY_MS);
    unit.clip(Some("o1"));
    unit.now = right.plus_ms(DAY_MS);
    let bad = "时钟不可信";
    refuses(&unit, "p1", approve(waiting), bad);
    refuses(&unit, "o2", viewing(clip, Some(view)), bad);
    refuses(&unit, "l1", viewing(clip, None), bad);
    refuses(&unit, "c1", Do::CarryOut { access: copy, to: "disc".into(), asked: None }, bad);
    assert!(unit.ask(&person("o1"), Command::Access(viewing(clip, None))).is_ok(), "ends never");
    unit.now = right.plus_ms(9 * DAY_MS);
    refuses(&unit, "o2", viewing(clip, Some(view)), "has expired");
    assert!(unit.ask(&person("p1"), Command::Access(approve(waiting))).is_ok());
}

#[test]
fn a_query_is_frozen_to_the_clips_that_are_there_at_the_approval() {
    let (mut unit, first) = with_clip();
    let day = unit.now;
    unit.clip(Some("o2"));
    unit.now = day.plus_ms(DAY_MS);
    let late = unit.clip(Some("o1"));
    let mut command = asking(Who::Authority, Purpose::View, &[]);
    if let Do::Request(asking) = &mut command {
        let officer = Some(pid("o1"));
        let until = day.plus_ms(DAY_MS);
        asking.wanted = Wanted::Query { officer, recorder: None, from: day, until };
    }
    let id = AccessId(unit.acts("c1", command).unwrap());
    unit.acts("u1", approve(id)).unwrap();
    assert_eq!(access::clips_of(&unit.tables, id).unwrap(), [first]);
    // What comes later, within the hours that were asked for, is not among them.
    unit.now = day.plus_ms(1);
    let after = unit.clip(Some("o1"));
    unit.now = day.plus_ms(2 * DAY_MS);
    for clip in [late, after] {
        refuses(&unit, "c1", viewing(clip, Some(id)), "does not let anybody view");
    }
    assert!(unit.acts("c1", viewing(first, Some(id))).is_ok());
    // By recorder, and nothing there.
    let mut command = asking(Who::Authority, Purpose::View, &[]);
    if let Do::Request(asking) = &mut command {
        let recorder = Some("R1".parse().unwrap());
        let from = day.plus_ms(3 * DAY_MS);
        let until = from.plus_ms(1);
        asking.wanted = Wanted::Query { officer: None, recorder, from, until };
    }
    let none = AccessId(unit.acts("c1", command).unwrap());
    refuses(&unit, "u1", approve(none), "there is no footage that");
}

#[test]
fn an_approval_is_spent_clip_by_clip_and_ends() {
    let (mut unit, clip) = with_clip();
    let other = unit.clip(Some("o1"));
    let id = unit.asked(Who::Colleague, Purpose::View, &[clip, other]);
    refuses(&unit, "o2", viewing(clip, Some(id)), "does not let anybody view");
    let two = Do::Approve { access: id, clips: None, expires: None, times: Some(2), reason: None };
    unit.acts("p1", two).unwrap();
    for number in 1..=2 {
        let seq = unit.acts("o2", viewing(clip, None)).unwrap();
        let row = registry::by_seq(&unit.tables, &access::VIEWING, seq).unwrap().unwrap();
        assert_eq!((row.int("number"), row.text("matter")), (number, "(2026) 12"));
    }
    refuses(
        &unit,
        "o2",
        viewing(clip, Some(id)),
        &format!("{id} allows 2 viewings of clip {clip}, and 2 were opened"),
    );
    assert!(unit.ask(&person("o2"), Command::Access(viewing(other, None))).is_ok());
    let expires = access::access(&unit.tables, id).unwrap().unwrap().expires.unwrap();
    let before = unit.now;
    unit.now = expires.plus_ms(-1);
    assert!(unit.ask(&person("o2"), Command::Access(viewing(other, None))).is_ok());
    unit.now = expires;
    refuses(&unit, "o2", viewing(other, Some(id)), &format!("{id} has expired: {expires}"));
    unit.now = before.plus_ms(-1);
    refuses(&unit, "o2", viewing(other, Some(id)), "which cannot be");
    unit.now = before;
    refuses(&unit, "o1", Do::Revoke { access: id, reason: "x".into() }, "is decided by");
    unit.acts("u1", Do::Revoke { access: id, reason: "withdrawn".into() }).unwrap();
    refuses(
        &unit,
        "o2",
        viewing(other, Some(id)),
        &format!("{id} is not approved: it stands as revoked"),
    );
    refuses(
        &unit,
        "u1",
        Do::Revoke { access: id, reason: "x".into() },
        &format!("only an approval is revoked; {id} stands as revoked"),
    );
}

#[test]
fn a_refused_request_opens_nothing() {
    let (mut unit, clip) = with_clip();
    let id = unit.asked(Who::Colleague, Purpose::View, &[clip]);
    refuses(&unit, "p1", Do::Refuse { access: id, reason: "".into() }, "a reason is needed");
    unit.acts("p1", Do::Refuse { access: id, reason: "no need".into() }).unwrap();
    refuses(&unit, "o2", viewing(clip, Some(id)), "does not let anybody view");
    refuses(&unit, "p1", approve(id), "was decided already: refused by person p1");
    let seq = unit.seq;
    refuses(&unit, "u1", Do::Refuse { access: AccessId(seq), reason: "x".into() }, "no request");
}

#[test]
fn before_an_outsider_a_clerk_opens_it_and_by_name_of_the_approval_a6_21() {
    let (mut unit, clip) = with_clip();
    let id = unit.approved(Who::Authority, Purpose::View, &[clip]);
    // Never by mistake.
    refuses(&unit, "c1", viewing(clip, None), "c1 may not view");
    for who in ["o1", "u1", "c2"] {
        refuses(
            &unit,
            who,
            viewing(clip, Some(id)),
            &format!("is carried out by a clerk (管理员, 002/A6-§21); {who} is none"),
        );
    }
    let seq = unit.acts("c1", viewing(clip, Some(id))).unwrap();
    let row = registry::by_seq(&unit.tables, &access::VIEWING, seq).unwrap().unwrap();
    assert_eq!(
        (row.text_opt("viewer"), row.text("visitor"), row.text("visitor_unit")),
        (None, "Zhao", "District court")
    );
}

#[test]
fn a_view_is_no_copy_and_a_copy_no_view() {
    let (mut unit, clip) = with_clip();
    let view = unit.approved(Who::Authority, Purpose::View, &[clip]);
    let copy = unit.approved(Who::Authority, Purpose::Copy, &[clip]);
    let out = |access| Do::CarryOut { access, to: "disc".into(), asked: None };
    refuses(&unit, "c1", out(view), &format!("{view} is for viewing, not for a copy"));
    refuses(&unit, "c1", viewing(clip, Some(copy)), "does not let anybody view");
    let forged = ViewingOpened {
        clip,
        viewer: Viewer::Visitor { name: "Zhao".into(), unit: "District court".into() },
        ground: Ground::Approval { access: copy, number: 1 },
        reason: "x".into(),
        matter: None,
    };
    let why = finding(&unit, &by("c1"), Noted::ViewingOpened(forged)).unwrap();
    assert_eq!(why, format!("{copy} is for a copy, not for viewing"));
}

/// S11.
#[test]
fn a_clerk_carries_a_copy_out_and_every_start_spends_one_a6_21() {
    let (mut unit, clip) = with_clip();
    let id = unit.asked(Who::Authority, Purpose::Copy, &[clip]);
    let out = || Do::CarryOut { access: id, to: "disc 7".into(), asked: None };
    refuses(&unit, "c1", out(), &format!("{id} is not approved, so there is nothing to copy"));
    unit.acts("u1", approve(id)).unwrap();
    for who in ["o1", "u1", "c2", "v1"] {
        refuses(&unit, who, out(), "is carried out by a clerk");
    }
    let nowhere = Do::CarryOut { access: id, to: "".into(), asked: None };
    refuses(&unit, "c1", nowhere, "where the copy goes is 1 to 1000 characters");
    let copy = unit.acts("c1", out()).unwrap();
    let form = access::form(&unit.tables, (None, None)).unwrap();
    assert_eq!(form[0].act, Act::VoidCopy, "unfinished");
    refuses(&unit, "c1", out(), &format!("{id} allows 1 copies, and 1 were begun"));
    let sha256 = registry::by_seq(&unit.tables, &s::CLIP, clip.0).unwrap().unwrap();
    let sha256 = sha256.text("sha256").parse().unwrap();
    let file = CopiedFile { clip, name: "C.mp4".into(), size: 7, sha256 };
    let complete = |files: Vec<CopiedFile>| {
        Noted::CopyCompleted(CopyCompleted { copy, files, excerpts: vec![], package: None })
    };
    let system = ActorRecord::System;
    let other = CopiedFile { size: 8, ..file.clone() };
    let bytes = CopiedFile { sha256: sealdock_core::Digest::ZERO, ..file.clone() };
    let cases = [
        (by("c1"), complete(vec![file.clone()]), "is for the station alone to say"),
        (system.clone(), complete(vec![]), "does not hold its clips"),
        (system.clone(), complete(vec![other]), "holds other bytes"),
        (system.clone(), complete(vec![bytes]), "holds other bytes"),
        (
            system.clone(),
            Noted::CopyCompleted(CopyCompleted {
                copy: 0,
                files: vec![file.clone()],
                excerpts: vec![],
                package: None,
            }),
            "no copy was begun in entry 0",
        ),
    ];
    for (actor, event, says) in cases {
        let why = finding(&unit, &actor, event).unwrap();
        assert!(why.contains(says), "{why}");
    }
    let done =
        Do::CompleteCopy { copy, files: vec![file.clone()], excerpts: vec![], package: None };
    unit.act(&Actor::System, Command::Access(done)).unwrap();
    assert_eq!(access::form(&unit.tables, (None, None)).unwrap()[0].act, Act::Copy);
    let why = finding(&unit, &system, complete(vec![file])).unwrap();
    assert!(why.contains("is complete already"), "{why}");
}

/// Entries of before have no such field, and are written as they were.
#[test]
fn a_copy_may_hold_a_clip_in_part_but_not_twice_and_only_in_a_package() {
    let (mut unit, clip) = with_clip();
    let id = unit.approved(Who::Authority, Purpose::Copy, &[clip]);
    let copy =
        unit.acts("c1", Do::CarryOut { access: id, to: "disc 7".into(), asked: None }).unwrap();
    let sha256 = sealdock_core::Digest::ZERO;
    let row = registry::by_seq(&unit.tables, &s::CLIP, clip.0).unwrap().unwrap();
    let file = CopiedFile {
        clip,
        name: "C.mp4".into(),
        size: 7,
        sha256: row.text("sha256").parse().unwrap(),
    };
    let part = CopiedExcerpt {
        clip,
        name: format!("{clip}_1000-2000.mp4"),
        size: 5,
        sha256,
        from_ms: 1000,
        to_ms: 2000,
    };
    let of = |files: &[&CopiedFile], excerpts: &[&CopiedExcerpt], package| {
        let files = files.iter().map(|it| (*it).clone()).collect();
        let excerpts = excerpts.iter().map(|it| (*it).clone()).collect();
        CopyCompleted { copy, files, excerpts, package }
    };
    let other = CopiedExcerpt { clip: ClipId(99), ..part.clone() };
    let back = CopiedExcerpt { from_ms: 2000, ..part.clone() };
    let empty = CopiedExcerpt { size: 0, ..part.clone() };
    let called = CopiedExcerpt { name: format!("{clip}_1000-3000.mp4"), ..part.clone() };
    let film = CopiedExcerpt { name: format!("{clip}_1000-2000.mov"), ..part.clone() };
    for (event, says) in [
        (of(&[&file], &[&part], Some(sha256)), "does not hold its clips"),
        (of(&[], &[&part, &other], Some(sha256)), "does not hold its clips"),
        (of(&[], &[&part], None), "was given without a package"),
        (of(&[], &[&back], Some(sha256)), "holds nothing"),
        (of(&[], &[&empty], Some(sha256)), "holds nothing"),
        (of(&[], &[&called], Some(sha256)), "is not named by its clip and range"),
        (of(&[], &[&part, &part], Some(sha256)), "is given twice"),
        (of(&[], &[&part, &film], Some(sha256)), "is given twice"),
    ] {
        let why = finding(&unit, &ActorRecord::System, Noted::CopyCompleted(event)).unwrap();
        assert!(why.contains(says), "{why}");
    }
    let name = format!("{clip}_3000-4000.mp4");
    let twice = CopiedExcerpt { name, from_ms: 3000, to_ms: 4000, ..part.clone() };
    let good = of(&[], &[&part, &twice], Some(sha256));
    assert_eq!(finding(&unit, &ActorRecord::System, Noted::CopyCompleted(good)), None);
    assert_eq!(part.words(), format!("{clip} 0:00:01.000–0:00:02.000"));
    let whole = serde_json::to_value(of(&[&file], &[], None)).unwrap();
    assert!(whole.get("excerpts").is_none(), "{whole}");
    let before: CopyCompleted = serde_json::from_value(whole).unwrap();
    assert_eq!(before.excerpts, []);
}

/// Entries of before say nothing of it, and are written as they were.
#[test]
fn the_entry_that_begins_a_copy_says_what_was_asked_for_of_the_clips_that_were_approved() {
    let (mut unit, clip) = with_clip();
    let access = unit.approved(Who::Authority, Purpose::Copy, &[clip]);
    let part = |clip, from_ms, to_ms| AskedExcerpt { clip, from_ms, to_ms };
    let asks = |excerpts: &[AskedExcerpt]| {
        let asked = Some(CopyAsked { excerpts: excerpts.to_vec(), receipts: None });
        Do::CarryOut { access, to: "disc 7".into(), asked }
    };
    let good = part(clip, 1000, 2000);
    let many: Vec<AskedExcerpt> = (0..21).map(|n| part(clip, n, 100)).collect();
    for bad in [
        &[part(ClipId(99), 1000, 2000)][..],
        &[good.clone(), part(clip, 5, 5)],
        &[part(clip, 6, 5)],
        &[good.clone(), good.clone()],
        &many,
    ] {
        refuses(&unit, "c1", asks(bad), &format!("are of clips that {access} approves"));
    }
    let begun = |asked| CopyCarriedOut { access, number: 1, to: "disc 7".into(), asked };
    let said = |asked| serde_json::to_value(begun(asked)).unwrap();
    let asked = CopyAsked { excerpts: vec![good.clone()], receipts: None };
    let (start, end) = (good.from_ms, good.to_ms);
    let written = serde_json::json!({ "clip": clip, "from_ms": start, "to_ms": end });
    assert_eq!(said(Some(asked))["asked"], serde_json::json!({ "excerpts": [written] }));
    assert_eq!(said(Some(CopyAsked::default()))["asked"], serde_json::json!({}));
    let before = said(None);
    assert_eq!(before.as_object().unwrap().len(), 3, "{before}");
    assert_eq!(serde_json::from_value::<CopyCarriedOut>(before).unwrap(), begun(None));
    unit.acts("c1", asks(&[part(clip, 0, 1), good])).unwrap();
}

#[test]
fn a_copy_ends_with_its_approval() {
    let (mut unit, clip) = with_clip();
    let id = unit.approved(Who::Authority, Purpose::Copy, &[clip]);
    let still = |unit: &Unit, who: &str| {
        access::copy_objection(&unit.tables, &unit.stamp(), &pid(who), id).unwrap()
    };
    assert_eq!(still(&unit, "c1"), None);
    assert!(still(&unit, "o1").unwrap().contains("carried out by a clerk"));
    let missing =
        access::copy_objection(&unit.tables, &unit.stamp(), &pid("c1"), AccessId(0)).unwrap();
    assert!(missing.unwrap().contains("there is no request V0"));
    let mut secret = unit.clone();
    secret.level(clip, Level::StateSecret);
    assert!(still(&secret, "c1").unwrap().contains("closes it to a copy by authority"));
    unit.acts("u1", Do::Revoke { access: id, reason: "x".into() }).unwrap();
    assert!(still(&unit, "c1").unwrap().contains("stands as revoked"));
    let wrong = CopyCarriedOut { access: id, number: 1, to: "x".into(), asked: None };
    let why = finding(&unit, &by("c1"), Noted::CopyCarriedOut(wrong)).unwrap();
    assert!(why.contains("stands as revoked"));
}

#[test]
fn a_forged_number_is_a_finding() {
    let (mut unit, clip) = with_clip();
    let view = unit.approved(Who::Colleague, Purpose::View, &[clip]);
    let copy = unit.approved(Who::Authority, Purpose::Copy, &[clip]);
    let opened = |number| {
        Noted::ViewingOpened(ViewingOpened {
            clip,
            viewer: Viewer::Person { id: pid("o2") },
            ground: Ground::Approval { access: view, number },
            reason: "x".into(),
            matter: Some("(2026) 12".into()),
        })
    };
    assert_eq!(finding(&unit, &by("o2"), opened(1)), None);
    let why = finding(&unit, &by("o2"), opened(2)).unwrap();
    assert!(why.contains("is number 1, not 2"), "{why}");
    let why = finding(&unit, &by("p1"), opened(1)).unwrap();
    assert_eq!(why, format!("{view} was approved for somebody else"));
    let out = |number| {
        Noted::CopyCarriedOut(CopyCarriedOut { access: copy, number, to: "x".into(), asked: None })
    };
    assert_eq!(finding(&unit, &by("c1"), out(1)), None);
    assert!(finding(&unit, &by("c1"), out(2)).unwrap().contains("is number 1"));
    let operator = ActorRecord::Operator { uid: 0 };
    assert!(finding(&unit, &operator, out(1)).unwrap().contains("copying is done by a person"));
    assert!(finding(&unit, &operator, opened(1)).unwrap().contains("viewing is done by a person"));
}

#[test]
fn a_ground_in_another_name_or_with_another_duty_is_a_finding() {
    let (mut unit, clip) = with_clip();
    let court = unit.approved(Who::Authority, Purpose::View, &[clip]);
    let opened = |viewer: Viewer, ground: Ground| {
        Noted::ViewingOpened(ViewingOpened {
            clip,
            viewer,
            ground,
            reason: "x".into(),
            matter: None,
        })
    };
    let me = |id: &str| Viewer::Person { id: pid(id) };
    let stranger = || Viewer::Visitor { name: "Qian".into(), unit: "District court".into() };
    let duty = |id: &str| {
        let duties = sealdock_core::duty::duties(&unit.tables, &pid(id), unit.now).unwrap();
        Ground::Duty { duty: duties[0].duty }
    };
    let no_duty = "holds no such duty in force that gives a right to footage";
    let cases = [
        ("o1", opened(me("o2"), Ground::Own), "o1 views in their own name"),
        ("v1", opened(me("o1"), duty("v1")), "v1 views in their own name"),
        ("o1", opened(me("o1"), duty("v1")), no_duty),
        ("c1", opened(me("c1"), duty("c1")), no_duty),
        ("v1", opened(me("v1"), Ground::Duty { duty: DutyId(0) }), no_duty),
        (
            "c1",
            opened(stranger(), Ground::Approval { access: court, number: 1 }),
            "opens nothing for anybody but its applicant",
        ),
        (
            "c1",
            opened(me("c1"), Ground::Approval { access: AccessId(0), number: 1 }),
            "there is no request V0",
        ),
    ];
    for (who, event, says) in cases {
        let why = finding(&unit, &by(who), event).unwrap();
        assert!(why.contains(says), "{who}: {why}");
    }
    let other = unit.clip(Some("o1"));
    let elsewhere = ViewingOpened {
        clip: other,
        viewer: Viewer::Visitor { name: "Zhao".into(), unit: "District court".into() },
        ground: Ground::Approval { access: court, number: 1 },
        reason: "x".into(),
        matter: None,
    };
    let why = finding(&unit, &by("c1"), Noted::ViewingOpened(elsewhere)).unwrap();
    assert_eq!(why, format!("{court} does not name clip {other}"));
}

/// S27.
#[test]
fn a_level_narrows_every_right_and_an_unclassified_clip_is_internal_a2_19() {
    let limits = sealdock_core::policy::Policy::parse(DEFAULT_POLICY).unwrap().access;
    for level in Level::ALL {
        let (mut unit, clip) = with_clip();
        assert_eq!(access::level_of(&unit.tables, clip).unwrap(), Level::Internal);
        let colleague = unit.approved(Who::Colleague, Purpose::View, &[clip]);
        let court = unit.approved(Who::Authority, Purpose::View, &[clip]);
        let party = unit.approved(Who::Party, Purpose::Copy, &[clip]);
        if level != Level::Internal {
            unit.level(clip, level);
        }
        let rule = limits.level(level);
        let sees = |who: &str, access| {
            unit.ask(&person(who), Command::Access(viewing(clip, access))).is_ok()
        };
        let open = |footing| rule.allows(footing, Purpose::View);
        assert_eq!(sees("o1", None), open(Footing::Own), "{level:?}");
        assert_eq!(sees("v1", None), open(Footing::Duty), "{level:?}");
        assert_eq!(sees("o2", Some(colleague)), open(Footing::Colleague), "{level:?}");
        assert_eq!(sees("c1", Some(court)), open(Footing::Authority), "{level:?}");
        let copied = Do::CarryOut { access: party, to: "x".into(), asked: None };
        let copied = unit.ask(&person("c1"), Command::Access(copied)).is_ok();
        assert_eq!(copied, rule.allows(Footing::Party, Purpose::Copy), "{level:?}");
    }
}

/// S12, S27.
#[test]
fn secrets_are_excepted_for_a_party_and_trade_secrets_are_the_unit_heads_a2_18_19() {
    let (mut unit, clip) = with_clip();
    unit.level(clip, Level::Private);
    let party = unit.asked(Who::Party, Purpose::Copy, &[clip]);
    refuses(
        &unit,
        "u1",
        approve(party),
        &format!(
            "clip {clip} is private (个人隐私), which closes it to a copy by party (002/A2-§18"
        ),
    );
    let superior = unit.asked(Who::SuperiorBody, Purpose::View, &[clip]);
    assert!(unit.ask(&person("p1"), Command::Access(approve(superior))).is_ok());
    unit.level(clip, Level::TradeSecret);
    refuses(
        &unit,
        "p1",
        approve(superior),
        &format!(
            "of clip {clip} of level trade-secret is approved by the unit-head (单位负责人) (002/A2-§19); p1 is not"
        ),
    );
    assert!(unit.ask(&person("u1"), Command::Access(approve(superior))).is_ok());
}

#[test]
fn a_level_is_raised_by_heads_and_opened_by_the_unit_head_only() {
    let (mut unit, clip) = with_clip();
    let set = |level| Do::SetSecrecy { clips: vec![clip], level, reason: "privacy".into() };
    for who in ["h1", "l1", "u1"] {
        assert!(unit.ask(&person(who), Command::Access(set(Level::Private))).is_ok(), "{who}");
        // Saying what holds anyway opens nothing.
        assert!(unit.ask(&person(who), Command::Access(set(Level::Internal))).is_ok(), "{who}");
    }
    for who in ["o1", "h2", "q1", "p1", "v1", "c1", "m1"] {
        let says = "is made stricter by a department-head or legal-head or unit-head";
        refuses(&unit, who, set(Level::Private), says);
    }
    for who in ["h1", "l1", "p1"] {
        refuses(&unit, who, set(Level::Public), "is opened by a unit-head over its department");
    }
    assert!(unit.ask(&person("u1"), Command::Access(set(Level::Public))).is_ok());
    unit.acts("l1", set(Level::TradeSecret)).unwrap();
    refuses(&unit, "l1", set(Level::TradeSecret), "is trade-secret already");
    refuses(&unit, "l1", set(Level::Private), "is opened by a unit-head");
    assert!(unit.ask(&person("u1"), Command::Access(set(Level::Private))).is_ok());
    let none = Do::SetSecrecy { clips: vec![], level: Level::Private, reason: "x".into() };
    refuses(&unit, "u1", none, "no clip is named");
    let gone =
        Do::SetSecrecy { clips: vec![ClipId(9999)], level: Level::Private, reason: "x".into() };
    refuses(&unit, "u1", gone, "there is no clip C9999");
    let operator = Actor::Operator { uid: 0 };
    let why = unit.ask(&operator, Command::Access(set(Level::Private))).unwrap_err();
    assert!(why.contains("setting a secrecy level is done by a person"), "{why}");
}

#[test]
fn a_running_viewing_ends_when_the_right_does() {
    let (mut unit, clip) = with_clip();
    let id = unit.approved(Who::Colleague, Purpose::View, &[clip]);
    unit.acts("o2", viewing(clip, Some(id))).unwrap();
    let (viewer, ground) =
        (Viewer::Person { id: pid("o2") }, Ground::Approval { access: id, number: 1 });
    let still = |unit: &Unit| {
        let about = (&viewer, &ground);
        access::still_objection(&unit.tables, &unit.stamp(), &pid("o2"), clip, about).unwrap()
    };
    assert_eq!(still(&unit), None, "though it is spent");
    let mut later = unit.clone();
    later.now = later.now.plus_ms(7 * DAY_MS);
    assert!(still(&later).unwrap().contains("has expired"));
    let mut secret = unit.clone();
    secret.level(clip, Level::TradeSecret);
    assert!(still(&secret).unwrap().contains("closes it to a view by colleague"));
    unit.acts("p1", Do::Revoke { access: id, reason: "x".into() }).unwrap();
    assert!(still(&unit).unwrap().contains("stands as revoked"));
}

#[test]
fn the_number_of_clips_is_the_policys() {
    let (mut unit, clip) = with_clip();
    let other = unit.clip(Some("o1"));
    let id = unit.asked(Who::Colleague, Purpose::View, &[clip, other]);
    unit.adopt(&with("clips_max = { value = 200", "clips_max = { value = 1"));
    refuses(&unit, "p1", approve(id), "an approval names 1 to 1 clips, this one 2");
    let one = Do::Approve {
        access: id,
        clips: Some(vec![clip]),
        expires: None,
        times: None,
        reason: None,
    };
    assert!(unit.ask(&person("p1"), Command::Access(one)).is_ok());
}

#[test]
fn form_3_has_a_row_for_every_viewing_and_copy_with_all_its_columns() {
    let (mut unit, clip) = with_clip();
    unit.acts("o1", viewing(clip, None)).unwrap();
    let start = unit.now;
    unit.now = start.plus_ms(1000);
    unit.acts("l1", viewing(clip, None)).unwrap();
    let view = unit.approved(Who::Colleague, Purpose::View, &[clip]);
    unit.acts("o2", viewing(clip, Some(view))).unwrap();
    let court = unit.approved(Who::Authority, Purpose::View, &[clip]);
    unit.acts("c1", viewing(clip, Some(court))).unwrap();
    let party = unit.approved(Who::Party, Purpose::Copy, &[clip]);
    unit.acts("c1", Do::CarryOut { access: party, to: "disc".into(), asked: None }).unwrap();
    let rows = access::form(&unit.tables, (None, None)).unwrap();
    let brief = format!("2026-11-21 16:00:00 name of o1 视频 {clip}");
    let columns: Vec<[&str; 7]> = rows
        .iter()
        .map(|r| {
            [&r.name, &r.unit, &r.phone, &r.approver, &r.clerk, &r.brief, &r.reason]
                .map(String::as_str)
        })
        .collect();
    let duty = sealdock_core::duty::duties(&unit.tables, &pid("l1"), unit.now).unwrap()[0].duty;
    let by_duty = format!("职务授权 duty {duty}");
    let (own, looks) = ("本人资料 own footage", "to look");
    let expected = [
        ["name of o1", "执法一科", "0734-110", own, "", &brief, looks],
        ["name of l1", "执法一科", "0734-110", &by_duty, "", &brief, looks],
        ["name of o2", "执法一科", "0734-110", "name of p1", "", &brief, looks],
        ["Zhao", "District court", "0734-119", "name of u1", "name of c1", &brief, looks],
        ["Zhao", "District court", "0734-119", "name of u1", "name of c1", &brief, "hearing"],
    ];
    assert_eq!(columns, expected);
    let without: Vec<u64> = access::without_matter(&rows).map(|row| row.seq).collect();
    assert_eq!(without, [rows[0].seq, rows[1].seq]);
    let after = access::form(&unit.tables, (Some(unit.now), None)).unwrap();
    assert_eq!(after.len(), 4);
    let before = access::form(&unit.tables, (None, Some(unit.now))).unwrap();
    assert_eq!(before.len(), 1);
}

#[test]
fn words_from_forms_are_inert() {
    let (unit, clip) = with_clip();
    let named = |name: &str| {
        let mut command = asking(Who::Party, Purpose::Copy, &[clip]);
        if let Do::Request(asking) = &mut command {
            asking.applicant = Some(Applicant { name: name.to_owned(), ..outsider("x") });
        }
        command
    };
    for name in ["𠮷田", "=cmd|' /C calc'!A0", "عبد الله", &"张".repeat(100)] {
        let asked = unit.ask(&person("c1"), Command::Access(named(name)));
        assert!(asked.is_ok(), "{name}: {asked:?}");
    }
    for name in ["a\u{0}b", "a\rb", &"张".repeat(101)] {
        refuses(&unit, "c1", named(name), "the applicant's name is 1 to 100 characters");
    }
    let rows = unit.tables.select(&Query::all(&access::ACCESS)).unwrap();
    assert_eq!(rows.len(), 0, "asking changes nothing");
}
