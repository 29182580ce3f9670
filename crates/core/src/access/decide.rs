//! Commands about viewing and copying.

use super::applicant::colleague;
use super::event::*;
use super::ground::grounds;
use super::held::{access, clips_of, copies, wanted_clips};
use super::{Asking, Command, CopyAsked, Level, Who, objection};
use crate::decide::{Decided, Scene, no, ok, reason_text, yes};
use crate::duty::plain_text;
use crate::event::Event as Any;
use crate::id::{AccessId, ClipId};
use crate::keep;
use crate::ports::{PortResult, Refusal};
use crate::registry;
use crate::schema as s;
use crate::time::{DAY_MS, WallMs};
use crate::why;
use crate::why::{Both, Why, listed};

/// Decides one command of this room.
pub(crate) fn decide(scene: &Scene, command: Command) -> Decided {
    match command {
        Command::Request(asking) => request(scene, *asking),
        Command::Approve { access, clips, expires, times, reason } => {
            let reason = ok!(reason.as_deref().map(reason_text).transpose());
            approve(scene, access, clips, Terms { expires, times, reason })
        }
        Command::Refuse { access, reason } => {
            let reason = ok!(reason_text(&reason));
            allowed(scene, vec![Event::Refused(Refused { access, reason })])
        }
        Command::Revoke { access, reason } => {
            let reason = ok!(reason_text(&reason));
            allowed(scene, vec![Event::Revoked(Revoked { access, reason })])
        }
        Command::SetSecrecy { clips, level, reason } => secrecy(scene, clips, level, &reason),
        Command::OpenViewing { clip, access, reason, matter } => {
            let reason = ok!(reason_text(&reason));
            let matter = ok!(matter
                .map(|text| plain_text(Both("事项", "the matter"), &text, 200))
                .transpose());
            open(scene, (clip, access), reason, matter)
        }
        Command::ServeViewing(e) => allowed(scene, vec![Event::ViewingServed(e)]),
        Command::EndViewing(e) => allowed(scene, vec![Event::ViewingEnded(e)]),
        Command::CarryOut { access, to, asked } => carry_out(scene, access, (&to, asked)),
        Command::CompleteCopy { copy, files, excerpts, package } => {
            let completed = CopyCompleted { copy, files, excerpts, package };
            allowed(scene, vec![Event::CopyCompleted(completed)])
        }
    }
}

/// Only if whoever acts may write every one of these: the rule that `check` asks again.
fn allowed(scene: &Scene, events: Vec<Event>) -> Decided {
    let actor = scene.actor.record();
    for event in &events {
        if let Some(why) = objection(scene.registers, &scene.context.at, &actor, event)? {
            return no(why);
        }
    }
    yes(events.into_iter().map(Any::from).collect())
}

fn request(scene: &Scene, asking: Asking) -> Decided {
    let applicant = ok!(applicant(scene, &asking)?);
    let Asking { who, purpose, mut wanted, matter, reason, letter, .. } = asking;
    let matter = ok!(plain_text(Both("事项", "the matter"), &matter, 200));
    let reason = ok!(reason_text(&reason));
    let letter = ok!(letter
        .map(|text| plain_text(Both("函件编号", "a letter's number"), &text, 100))
        .transpose());
    if let Wanted::Clips { clips } = &mut wanted {
        clips.sort_unstable();
        clips.dedup();
    }
    let e = Requested { who, purpose, applicant, wanted, matter, reason, letter };
    let clips = wanted_clips(scene.registers, &e.wanted)?;
    let mut decision = ok!(allowed(scene, vec![Event::Requested(Box::new(e))])?);
    // A clip that waits to be disposed of and is asked for waits no more.
    for event in keep::withdrawals(scene.registers, &clips, "it was asked for")? {
        let actor = scene.actor.record();
        if let Some(why) = keep::objection(scene.registers, &scene.context.at, &actor, &event)? {
            return no(why);
        }
        decision.events.push(event.into());
    }
    Ok(Ok(decision))
}

/// A colleague stands in the register; of everybody else the form asks name, unit and telephone.
fn applicant(scene: &Scene, asking: &Asking) -> PortResult<Result<Applicant, Refusal>> {
    if asking.who == Who::Colleague {
        if asking.applicant.is_some() {
            return Ok(Err(Refusal(why!(
                "V23",
                "本单位人员以本人名义申请；请不要填写姓名、单位和电话。",
                "a colleague applies in their own name; leave out name, unit and telephone"
            ))));
        }
        let Some(id) = scene.actor.person() else {
            return Ok(Err(Refusal(why!(
                "V24",
                "申请须由人员凭本人口令提出。",
                "applying is done by a person with their own PIN: say --as ID"
            ))));
        };
        return Ok(colleague(scene.registers, id)?.map_err(Refusal));
    }
    let Some(given) = &asking.applicant else {
        return Ok(Err(Refusal(why!(
            "V25",
            "{:#}由谁前来？请填写姓名、单位和电话（表三）。",
            "who comes for the {}? give --name, --unit and --phone (form 3)",
            asking.who
        ))));
    };
    let text = |what, text: &str, most| plain_text(what, text, most);
    Ok(text(Both("申请人姓名", "the applicant's name"), &given.name, 100).and_then(|name| {
        let phone = given
            .phone
            .as_deref()
            .map(|phone| text(Both("联系电话", "a telephone number"), phone, 60));
        Ok(Applicant {
            person: given.person.clone(),
            name,
            unit: text(Both("申请人单位", "the applicant's unit"), &given.unit, 100)?,
            phone: phone.transpose()?,
        })
    }))
}

/// What the approver sets, or leaves to the policy.
struct Terms {
    expires: Option<WallMs>,
    times: Option<u32>,
    reason: Option<String>,
}

fn approve(scene: &Scene, id: AccessId, clips: Option<Vec<ClipId>>, terms: Terms) -> Decided {
    let Some(access) = access(scene.registers, id)? else {
        return no(why!(
            "V26",
            "没有申请 {id:#}；请在“审批”或“复制与出证”核对编号。",
            "there is no request {id}; see `sealdock access list`"
        ));
    };
    let limits = registry::policy(scene.registers)?.access;
    let clips = match clips {
        Some(clips) => clips,
        None => wanted_clips(scene.registers, &access.wanted)?,
    };
    if clips.is_empty() {
        return no(why!(
            "V27",
            "{id:#} 所申请的视频不存在；请不予批准，或等视频入库后再办。",
            "there is no footage that {id} asks for; refuse it, or wait for it"
        ));
    }
    let by_default = || scene.context.at.wall.plus_ms(i64::from(limits.expiry_days) * DAY_MS);
    let approved = Approved {
        access: id,
        purpose: access.purpose,
        clips,
        expires: terms.expires.unwrap_or_else(by_default),
        times: terms.times.unwrap_or(limits.times),
        reason: terms.reason,
    };
    allowed(scene, vec![Event::Approved(approved)])
}

fn secrecy(scene: &Scene, mut clips: Vec<ClipId>, level: Level, reason: &str) -> Decided {
    let reason = ok!(reason_text(reason));
    clips.sort_unstable();
    clips.dedup();
    if clips.is_empty() {
        return no(why!(
            "V28",
            "没有写明视频；请在“视频”中选择。",
            "no clip is named; see `sealdock clip list`"
        ));
    }
    let event = |clip| Event::SecrecySet(SecrecySet { clip, level, reason: reason.clone() });
    allowed(scene, clips.into_iter().map(event).collect())
}

/// Takes the first ground that holds; where none does, says what speaks against each.
fn open(
    scene: &Scene,
    (clip, named): (ClipId, Option<AccessId>),
    reason: String,
    matter: Option<String>,
) -> Decided {
    let Some(person) = scene.actor.person() else {
        return no(why!(
            "V29",
            "查阅须由人员凭本人口令进行。",
            "viewing is done by a person with their own PIN: say --as ID"
        ));
    };
    if registry::by_seq(scene.registers, &s::CLIP, clip.0)?.is_none() {
        return no(why!(
            "V30",
            "没有视频 {clip:#}；请在“视频”中核对编号。",
            "there is no clip {clip}; see `sealdock clip list`"
        ));
    }
    let mut ways = grounds(scene.registers, &scene.context.at, person, clip)?;
    if let Some(named) = named {
        ways.retain(|way| matches!(way.ground, Ground::Approval { access, .. } if access == named));
        if ways.is_empty() {
            return no(why!(
                "V31",
                "{named:#} 不允许任何人查阅视频 {clip:#}。",
                "{named} does not let anybody view clip {clip}"
            ));
        }
    } else {
        // What an outsider was approved is spent by name only, never by mistake.
        let own = Viewer::Person { id: person.clone() };
        ways.retain(|way| way.viewer == own);
    }
    let Some(way) = ways.iter().find(|way| way.objection.is_none()) else {
        let why: Vec<Why> = ways.into_iter().filter_map(|way| way.objection).collect();
        let why = listed(&why, "; ");
        return no(why!(
            "V95",
            "{person} 不能查阅视频 {clip}（002/A6-§20）：{why:#}；请先在“查阅申请”中申请。",
            "{person} may not view clip {clip} (002/A6-§20): {why}; apply with `sealdock access request`"
        ));
    };
    let opened = ViewingOpened {
        clip,
        viewer: way.viewer.clone(),
        ground: way.ground.clone(),
        reason,
        matter: way.matter.clone().or(matter),
    };
    allowed(scene, vec![Event::ViewingOpened(opened)])
}

fn carry_out(scene: &Scene, access: AccessId, (to, asked): (&str, Option<CopyAsked>)) -> Decided {
    let to = ok!(plain_text(Both("复制件去向", "where the copy goes"), to, 1000));
    if clips_of(scene.registers, access)?.is_empty() {
        return no(why!(
            "V32",
            "{access:#} 未获批准，没有可复制的内容。",
            "{access} is not approved, so there is nothing to copy"
        ));
    }
    let number = copies(scene.registers, access)?.saturating_add(1);
    allowed(scene, vec![Event::CopyCarriedOut(CopyCarriedOut { access, number, to, asked })])
}
