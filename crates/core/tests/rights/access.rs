//! Cases of viewing and copying. Footage is o1's, of department d1, unless it is said otherwise.

use crate::Case;
use crate::unit::{Unit, approve, asking, by, outsider, pid, viewing};
use sealdock_core::access::{
    Command as Do, CopiedFile, Event as Noted, Level, Purpose, Revoked, Shown, Stretch,
    ViewingEnded, ViewingServed, Wanted, Who,
};
use sealdock_core::actor::Actor;
use sealdock_core::command::Command;
use sealdock_core::id::{AccessId, ClipId};
use sealdock_core::registry;
use sealdock_core::schema as s;
use sealdock_core::time::DAY_MS;

fn say(command: Do) -> Command {
    Command::Access(command)
}

fn clip(unit: &mut Unit) -> ClipId {
    unit.clip(Some("o1"))
}

fn level(unit: &mut Unit, level: Level) -> ClipId {
    let clip = clip(unit);
    unit.level(clip, level);
    clip
}

fn request(unit: &mut Unit, who: Who, purpose: Purpose) -> Command {
    let clip = clip(unit);
    say(asking(who, purpose, &[clip]))
}

fn asked(unit: &mut Unit, who: Who, purpose: Purpose) -> AccessId {
    let clip = clip(unit);
    unit.asked(who, purpose, &[clip])
}

/// What p1 asks for themself.
fn leaders_own(unit: &mut Unit) -> AccessId {
    let clip = clip(unit);
    AccessId(unit.acts("p1", asking(Who::Colleague, Purpose::View, &[clip])).unwrap())
}

fn approved(unit: &mut Unit, who: Who, purpose: Purpose) -> (ClipId, AccessId) {
    let clip = clip(unit);
    (clip, unit.approved(who, purpose, &[clip]))
}

fn refuse(access: AccessId) -> Command {
    say(Do::Refuse { access, reason: "no need".to_owned() })
}

fn revoke(access: AccessId) -> Command {
    say(Do::Revoke { access, reason: "no more".to_owned() })
}

fn set(clip: ClipId, level: Level) -> Command {
    say(Do::SetSecrecy { clips: vec![clip], level, reason: "privacy".to_owned() })
}

fn out(access: AccessId) -> Command {
    say(Do::CarryOut { access, to: "disc 7".to_owned(), asked: None })
}

/// A copy that c1 began.
fn begun(unit: &mut Unit) -> Do {
    let (clip, access) = approved(unit, Who::Authority, Purpose::Copy);
    let copy =
        unit.acts("c1", Do::CarryOut { access, to: "disc 7".to_owned(), asked: None }).unwrap();
    let row = registry::by_seq(&unit.tables, &s::CLIP, clip.0).unwrap().unwrap();
    let sha256 = row.text("sha256").parse().unwrap();
    let file = CopiedFile { clip, name: "C.mp4".to_owned(), size: 7, sha256 };
    Do::CompleteCopy { copy, files: vec![file], excerpts: vec![], package: None }
}

/// A viewing that o1 opened of their own.
fn opened(unit: &mut Unit) -> (ClipId, u64) {
    let clip = clip(unit);
    (clip, unit.acts("o1", viewing(clip, None)).unwrap())
}

fn serve((clip, viewing): (ClipId, u64), to_ms: u64) -> Command {
    let shown = Shown::Played;
    say(Do::ServeViewing(ViewingServed { viewing, clip, shown, from_ms: 0, to_ms }))
}

fn end((clip, viewing): (ClipId, u64), to_ms: u64) -> Command {
    let played = vec![Stretch { from_ms: 0, to_ms }];
    say(Do::EndViewing(ViewingEnded { viewing, clip, played, why: "closed".to_owned() }))
}

macro_rules! case {
    ($command:literal, $state:literal, $make:expr) => {
        Case { command: concat!("access ", $command), state: $state, make: $make }
    };
}

pub const CASES: &[Case] = &[
    case!("request", "a colleague, to view", |u| request(u, Who::Colleague, Purpose::View)),
    case!("request", "a colleague, a copy", |u| request(u, Who::Colleague, Purpose::Copy)),
    case!("request", "an internal body, a copy", |u| request(u, Who::InternalBody, Purpose::Copy)),
    case!("request", "a superior body, to view", |u| request(u, Who::SuperiorBody, Purpose::View)),
    case!("request", "a court, a copy", |u| request(u, Who::Authority, Purpose::Copy)),
    case!("request", "a party, a copy", |u| request(u, Who::Party, Purpose::Copy)),
    case!("request", "a party, of a clip that is not there", |_| {
        say(asking(Who::Party, Purpose::Copy, &[ClipId(99)]))
    }),
    case!("approve", "o2 asks to view", |u| {
        say(approve(asked(u, Who::Colleague, Purpose::View)))
    }),
    case!("approve", "o2 asks to view, everybody's PIN was given by another", |u| {
        let access = asked(u, Who::Colleague, Purpose::View);
        u.lend_pins();
        say(approve(access))
    }),
    case!("approve", "p1 asks to view", |u| say(approve(leaders_own(u)))),
    case!("approve", "an internal body asks for a copy", |u| {
        say(approve(asked(u, Who::InternalBody, Purpose::Copy)))
    }),
    case!("approve", "p1 comes for an internal body", |u| {
        let clip = clip(u);
        let mut command = asking(Who::InternalBody, Purpose::Copy, &[clip]);
        if let Do::Request(asking) = &mut command {
            let comes = outsider("Zhao");
            asking.applicant =
                Some(sealdock_core::access::Applicant { person: Some(pid("p1")), ..comes });
        }
        say(approve(AccessId(u.acts("c1", command).unwrap())))
    }),
    case!("approve", "a superior body asks to view", |u| {
        say(approve(asked(u, Who::SuperiorBody, Purpose::View)))
    }),
    case!("approve", "a court asks for a copy", |u| {
        say(approve(asked(u, Who::Authority, Purpose::Copy)))
    }),
    case!("approve", "a party asks for a copy", |u| {
        say(approve(asked(u, Who::Party, Purpose::Copy)))
    }),
    case!("approve", "a party asks for a copy of a private clip", |u| {
        let clip = level(u, Level::Private);
        say(approve(u.asked(Who::Party, Purpose::Copy, &[clip])))
    }),
    case!("approve", "a superior body asks to view a trade secret", |u| {
        let clip = level(u, Level::TradeSecret);
        say(approve(u.asked(Who::SuperiorBody, Purpose::View, &[clip])))
    }),
    case!("approve", "o2 asks to view footage of an officer of d2", |u| {
        let clip = u.clip(Some("v2"));
        say(approve(u.asked(Who::Colleague, Purpose::View, &[clip])))
    }),
    case!("approve", "a court asks for footage of an hour in which there is none", |u| {
        let mut command = asking(Who::Authority, Purpose::View, &[]);
        if let Do::Request(asking) = &mut command {
            let from = u.now.plus_ms(DAY_MS);
            let until = from.plus_ms(1);
            asking.wanted = Wanted::Query { officer: Some(pid("o1")), recorder: None, from, until };
        }
        say(approve(AccessId(u.acts("c1", command).unwrap())))
    }),
    case!("approve", "approved already", |u| {
        say(approve(approved(u, Who::Colleague, Purpose::View).1))
    }),
    case!("approve", "there is no such request", |_| say(approve(AccessId(99)))),
    case!("refuse", "o2 asks to view", |u| refuse(asked(u, Who::Colleague, Purpose::View))),
    case!("refuse", "p1 asks to view", |u| refuse(leaders_own(u))),
    case!("refuse", "a court asks for a copy", |u| {
        refuse(asked(u, Who::Authority, Purpose::Copy))
    }),
    case!("refuse", "approved already", |u| {
        refuse(approved(u, Who::Colleague, Purpose::View).1)
    }),
    case!("revoke", "approved for o2", |u| revoke(approved(u, Who::Colleague, Purpose::View).1)),
    case!("revoke", "approved for a court", |u| {
        revoke(approved(u, Who::Authority, Purpose::Copy).1)
    }),
    case!("revoke", "waiting", |u| revoke(asked(u, Who::Colleague, Purpose::View))),
    case!("set-secrecy", "no level, to private", |u| {
        let clip = clip(u);
        set(clip, Level::Private)
    }),
    case!("set-secrecy", "no level, to public", |u| {
        let clip = clip(u);
        set(clip, Level::Public)
    }),
    case!("set-secrecy", "private, to trade-secret", |u| {
        let clip = level(u, Level::Private);
        set(clip, Level::TradeSecret)
    }),
    case!("set-secrecy", "trade-secret, to internal", |u| {
        let clip = level(u, Level::TradeSecret);
        set(clip, Level::Internal)
    }),
    case!("set-secrecy", "footage of an officer of d2, to private", |u| {
        let clip = u.clip(Some("v2"));
        set(clip, Level::Private)
    }),
    case!("set-secrecy", "unassigned, to private", |u| {
        let clip = u.clip(None);
        set(clip, Level::Private)
    }),
    case!("open-viewing", "o1's, no approval", |u| {
        let clip = clip(u);
        say(viewing(clip, None))
    }),
    case!("open-viewing", "o1's, no approval, everybody's PIN was given by another", |u| {
        let clip = clip(u);
        u.lend_pins();
        say(viewing(clip, None))
    }),
    case!("open-viewing", "footage of an officer of d2", |u| {
        let clip = u.clip(Some("v2"));
        say(viewing(clip, None))
    }),
    case!("open-viewing", "unassigned", |u| {
        let clip = u.clip(None);
        say(viewing(clip, None))
    }),
    case!("open-viewing", "o1's, public", |u| {
        let clip = level(u, Level::Public);
        say(viewing(clip, None))
    }),
    case!("open-viewing", "o1's, private", |u| {
        let clip = level(u, Level::Private);
        say(viewing(clip, None))
    }),
    case!("open-viewing", "o1's, a trade secret", |u| {
        let clip = level(u, Level::TradeSecret);
        say(viewing(clip, None))
    }),
    case!("open-viewing", "o1's, a state secret", |u| {
        let clip = level(u, Level::StateSecret);
        say(viewing(clip, None))
    }),
    case!("open-viewing", "approved for o2", |u| {
        let (clip, _) = approved(u, Who::Colleague, Purpose::View);
        say(viewing(clip, None))
    }),
    case!("open-viewing", "approved for o2, then revoked", |u| {
        let (clip, access) = approved(u, Who::Colleague, Purpose::View);
        let revoked = Revoked { access, reason: "no more".to_owned() };
        u.write(by("u1"), Noted::Revoked(revoked).into());
        say(viewing(clip, Some(access)))
    }),
    case!("open-viewing", "approved for o2, expired", |u| {
        let (clip, access) = approved(u, Who::Colleague, Purpose::View);
        u.now = u.now.plus_ms(7 * DAY_MS);
        say(viewing(clip, Some(access)))
    }),
    case!("open-viewing", "approved for o2, spent", |u| {
        let (clip, access) = approved(u, Who::Colleague, Purpose::View);
        u.acts("o2", viewing(clip, None)).unwrap();
        say(viewing(clip, Some(access)))
    }),
    case!("open-viewing", "approved for a court, not named", |u| {
        let (clip, _) = approved(u, Who::Authority, Purpose::View);
        say(viewing(clip, None))
    }),
    case!("open-viewing", "approved for a court, named", |u| {
        let (clip, access) = approved(u, Who::Authority, Purpose::View);
        say(viewing(clip, Some(access)))
    }),
    case!("open-viewing", "there is no such clip", |_| say(viewing(ClipId(99), None))),
    case!("serve-viewing", "opened by o1, their own", |u| serve(opened(u), 60_000)),
    case!("serve-viewing", "opened by o1, more than a minute", |u| serve(opened(u), 60_001)),
    case!("serve-viewing", "opened by o1, state-secret since", |u| {
        let opened = opened(u);
        u.level(opened.0, Level::StateSecret);
        serve(opened, 60_000)
    }),
    case!("serve-viewing", "ended", |u| {
        let opened = opened(u);
        u.act(&Actor::System, serve(opened, 60_000)).unwrap();
        u.act(&Actor::System, end(opened, 60_000)).unwrap();
        serve(opened, 60_000)
    }),
    case!("serve-viewing", "nothing was opened", |u| serve((clip(u), 1), 60_000)),
    case!("end-viewing", "announced and played", |u| {
        let opened = opened(u);
        u.act(&Actor::System, serve(opened, 60_000)).unwrap();
        end(opened, 60_000)
    }),
    case!("end-viewing", "more was played than announced", |u| {
        let opened = opened(u);
        u.act(&Actor::System, serve(opened, 50_000)).unwrap();
        end(opened, 60_000)
    }),
    case!("end-viewing", "announced and played, state-secret since", |u| {
        let opened = opened(u);
        u.act(&Actor::System, serve(opened, 60_000)).unwrap();
        u.level(opened.0, Level::StateSecret);
        end(opened, 60_000)
    }),
    case!("carry-out", "approved for a court", |u| {
        out(approved(u, Who::Authority, Purpose::Copy).1)
    }),
    case!("carry-out", "approved for a court, of an officer of d2", |u| {
        let clip = u.clip(Some("v2"));
        out(u.approved(Who::Authority, Purpose::Copy, &[clip]))
    }),
    case!("carry-out", "approved for a party, private since", |u| {
        let (clip, access) = approved(u, Who::Party, Purpose::Copy);
        u.level(clip, Level::Private);
        out(access)
    }),
    case!("carry-out", "approved, begun once already", |u| {
        let (_, access) = approved(u, Who::Authority, Purpose::Copy);
        u.acts("c1", Do::CarryOut { access, to: "disc 7".to_owned(), asked: None }).unwrap();
        out(access)
    }),
    case!("carry-out", "approved to view only", |u| {
        out(approved(u, Who::Authority, Purpose::View).1)
    }),
    case!("carry-out", "waiting", |u| out(asked(u, Who::Authority, Purpose::Copy))),
    case!("complete-copy", "begun, every file as it should be", |u| say(begun(u))),
    case!("complete-copy", "begun, a file is missing", |u| {
        let mut command = begun(u);
        if let Do::CompleteCopy { files, .. } = &mut command {
            files.clear();
        }
        say(command)
    }),
];
