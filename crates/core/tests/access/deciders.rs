//! Who decides, and whose word still counts when more is asked than was asked then.

use super::unit::{Unit, approve, asking, by, outsider, person, pid, viewing};
use super::{finding, refuses, with, with_clip};
use sealdock_core::access::{
    self, Approved, Command as Do, Event as Noted, Level, Purpose, Refused, Revoked, Who,
};
use sealdock_core::actor::Role;
use sealdock_core::command::Command;
use sealdock_core::id::{AccessId, ClipId};
use sealdock_core::time::DAY_MS;

/// What somebody asks for on behalf of an internal body.
fn body(unit: &mut Unit, clip: ClipId, name: &str, comes: Option<&str>) -> AccessId {
    let mut command = asking(Who::InternalBody, Purpose::Copy, &[clip]);
    if let Do::Request(asking) = &mut command {
        let mut applicant = outsider(name);
        applicant.person = comes.map(pid);
        asking.applicant = Some(applicant);
    }
    AccessId(unit.acts("c1", command).unwrap())
}

fn refuse(access: AccessId) -> Do {
    Do::Refuse { access, reason: "no need".to_owned() }
}

fn revoke(access: AccessId) -> Do {
    Do::Revoke { access, reason: "no more".to_owned() }
}

/// S27: the leader approved it while it was internal; then somebody raised the level.
#[test]
fn an_approval_from_below_the_level_opens_nothing_any_more_a2_19() {
    let (mut unit, clip) = with_clip();
    let view = unit.approved(Who::SuperiorBody, Purpose::View, &[clip]);
    let may =
        |unit: &Unit, id| unit.ask(&person("c1"), Command::Access(viewing(clip, Some(id)))).is_ok();
    assert!(may(&unit, view));
    unit.level(clip, Level::TradeSecret);
    let says = format!(
        "clip {clip} is trade-secret by now, which the unit-head (单位负责人) alone approves (002/A2-§19), and {view} was approved by person p1"
    );
    refuses(&unit, "c1", viewing(clip, Some(view)), &says);
    let ways = access::ways(&unit.tables, &unit.stamp(), &pid("c1"), clip).unwrap();
    assert!(ways.iter().all(|way| way.objection.is_some()), "asked beforehand: {ways:?}");
    let anew = unit.asked(Who::SuperiorBody, Purpose::View, &[clip]);
    unit.acts("u1", approve(anew)).unwrap();
    assert!(may(&unit, anew));
    // Only what the approver was then counts, and it goes on counting.
    unit.appoint("p1", Role::UnitHead, None, None);
    unit.behead();
    assert!(!may(&unit, view), "a head since");
    assert!(may(&unit, anew), "a head no more");
}

#[test]
fn a_deputy_of_the_unit_head_approved_it_only_while_the_head_was_one() {
    for headless in [false, true] {
        let (mut unit, clip) = with_clip();
        unit.appoint("l1", Role::UnitHead, None, Some(pid("u1")));
        unit.appoint("l1", Role::PenaltyLeader, None, None);
        let view = unit.asked(Who::SuperiorBody, Purpose::View, &[clip]);
        if headless {
            unit.behead();
        }
        unit.acts("l1", approve(view)).unwrap();
        unit.level(clip, Level::TradeSecret);
        let seen = unit.ask(&person("c1"), Command::Access(viewing(clip, Some(view))));
        assert_eq!(seen.is_err(), headless, "{seen:?}");
    }
}

#[test]
fn a_copy_ends_too_when_the_level_asks_for_a_higher_approver() {
    let (mut unit, clip) = with_clip();
    unit.adopt(&with("copy = [\"authority\"]", "copy = [\"authority\", \"superior-body\"]"));
    let copy = unit.approved(Who::SuperiorBody, Purpose::Copy, &[clip]);
    let out = || Do::CarryOut { access: copy, to: "disc".to_owned(), asked: None };
    assert!(unit.ask(&person("c1"), Command::Access(out())).is_ok());
    unit.level(clip, Level::TradeSecret);
    refuses(&unit, "c1", out(), "is trade-secret by now");
}

/// S10: what a deputy holds in the applicant's place is the applicant's own hand.
#[test]
fn who_only_stands_in_for_the_applicant_decides_nothing_a6_20() {
    let (mut unit, clip) = with_clip();
    let own = AccessId(unit.acts("p1", asking(Who::Colleague, Purpose::View, &[clip])).unwrap());
    let says = format!("p2 only stands in for the applicant of {own}");
    for command in [approve(own), refuse(own)] {
        refuses(&unit, "p2", command, &says);
    }
    let forged = Approved {
        access: own,
        purpose: Purpose::View,
        clips: vec![clip],
        expires: unit.now.plus_ms(DAY_MS),
        times: 1,
        reason: None,
    };
    let forged =
        [Noted::Approved(forged), Noted::Refused(Refused { access: own, reason: "x".to_owned() })];
    for event in forged {
        assert!(finding(&unit, &by("p2"), event).unwrap().contains(&says));
    }
    // Of others the deputy decides as ever, and in their own right of this one too.
    let other = unit.asked(Who::Colleague, Purpose::View, &[clip]);
    assert!(unit.ask(&person("p2"), Command::Access(approve(other))).is_ok());
    let mut second = unit.clone();
    second.appoint("p2", Role::PenaltyLeader, None, None);
    assert!(second.ask(&person("p2"), Command::Access(approve(own))).is_ok());
    // Another leader approved it: still not for the deputy to revoke.
    unit.appoint("v1", Role::PenaltyLeader, None, None);
    unit.acts("v1", approve(own)).unwrap();
    refuses(&unit, "p2", revoke(own), &says);
    let revoked = Revoked { access: own, reason: "x".to_owned() };
    assert!(finding(&unit, &by("p2"), Noted::Revoked(revoked)).unwrap().contains(&says));
    assert!(unit.ask(&person("u1"), Command::Access(revoke(own))).is_ok());
}

#[test]
fn who_comes_for_a_body_is_not_decided_for_by_their_deputy_either_a6_21() {
    let (mut unit, clip) = with_clip();
    let id = body(&mut unit, clip, "Zhao", Some("p1"));
    refuses(&unit, "p2", approve(id), "p2 only stands in for the applicant");
    assert!(unit.ask(&person("u1"), Command::Access(refuse(id))).is_ok());
}

/// S11.
#[test]
fn a_namesake_of_the_approver_is_taken_for_the_approver_until_it_is_said_who_comes_a6_21() {
    let (mut unit, clip) = with_clip();
    unit.appoint("v1", Role::PenaltyLeader, None, None);
    for name in ["name of p1", "  name of p1 ", "nameofp1", "name of p 1", "name\u{3000}of p1"] {
        let id = body(&mut unit, clip, name, None);
        for command in [approve(id), refuse(id)] {
            let says = format!("the applicant of {id} bears the name of p1");
            refuses(&unit, "p1", command, &says);
        }
        assert!(unit.ask(&person("v1"), Command::Access(approve(id))).is_ok(), "{name}");
    }
    let himself = body(&mut unit, clip, "name of p1", Some("p1"));
    refuses(&unit, "p1", approve(himself), "p1 is the applicant of");
    let another = body(&mut unit, clip, "name of p1", Some("o2"));
    assert!(unit.ask(&person("p1"), Command::Access(approve(another))).is_ok());
    let longer = body(&mut unit, clip, "name of p10", None);
    assert!(unit.ask(&person("p1"), Command::Access(approve(longer))).is_ok());
}

#[test]
fn who_operates_the_machine_does_not_come_for_a_body() {
    let (unit, clip) = with_clip();
    let mut command = asking(Who::InternalBody, Purpose::Copy, &[clip]);
    if let Do::Request(asking) = &mut command {
        asking.applicant.as_mut().unwrap().person = Some(pid("m1"));
    }
    let says = "m1 operates the machine and has no right to footage, for a body no more than";
    refuses(&unit, "c1", command, says);
}
