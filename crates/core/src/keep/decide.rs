//! Commands about keeping, decided. What may be done by whom and when is asked of [`objection`], here before
//! the entry is written and by `check` afterwards; this only makes the entries.

/// Spot checks and burnt media.
mod checks;
/// Plans, runs, intents.
mod disposal;

pub(crate) use checks::draw_again;

use super::against::withdrawals;
use super::command::Command;
use super::drill;
use super::event::*;
use super::kept::kept;
use super::objection::{not_its_officers, objection};
use super::rights::Rights;
use super::rows::HOLD;
use crate::decide::{Decided, Scene, no, ok, reason_text, yes};
use crate::event::Event as Any;
use crate::id::{ClipId, HoldId};
use crate::ports::{PortResult, Refusal};
use crate::registry;
use crate::why;
use crate::why::Why;

pub(crate) fn decide(scene: &Scene, command: Command) -> Decided {
    match command {
        Command::Class { clips, class, reason } => class_clips(scene, &clips, &class, &reason),
        Command::TrustClock { reason } => {
            let reason = ok!(reason_text(&reason));
            allowed(scene, vec![Event::ClockTrusted(ClockTrusted { reason })])
        }
        Command::RequestHold { clips, ground, reason } => {
            let reason = ok!(reason_text(&reason));
            let mut events =
                vec![Event::HoldRequested(HoldRequested { clips: clips.clone(), ground, reason })];
            events.extend(withdrawals(scene.registers, &clips, "a hold was asked for")?);
            allowed(scene, events)
        }
        Command::ApproveHold { hold } => {
            let release = waits_for_release(scene, hold)?;
            let event = match release {
                true => Event::HoldReleased(HoldReleased { hold }),
                false => Event::HoldApproved(HoldApproved { hold }),
            };
            allowed(scene, vec![event])
        }
        Command::RefuseHold { hold, reason } => {
            let reason = ok!(reason_text(&reason));
            let release = waits_for_release(scene, hold)?;
            let answer = HoldAnswered { hold, reason };
            let event = match release {
                true => Event::HoldReleaseRefused(answer),
                false => Event::HoldRefused(answer),
            };
            allowed(scene, vec![event])
        }
        Command::RequestRelease { hold, reason } => {
            let reason = ok!(reason_text(&reason));
            let e = HoldReleaseRequested { hold, reason };
            allowed(scene, vec![Event::HoldReleaseRequested(e)])
        }
        Command::AnnounceCheck { .. }
        | Command::DrawCheck { .. }
        | Command::AnswerCheck { .. }
        | Command::CorrectCheck { .. }
        | Command::CloseCheck { .. }
        | Command::BurnMedium { .. }
        | Command::ReadBackMedium { .. } => checks::decide(scene, command),
        Command::BeginDrill(begun) => drill::begin(scene, begun),
        Command::CompleteDrill(completed) => drill::complete(scene, completed),
        Command::EnterCheck(checked) => super::examined::enter(scene, checked),
        Command::RemoveDrill { drill, reason } => drill::remove(scene, drill, &reason),
        other => disposal::decide(scene, other),
    }
}

/// Only if whoever acts may write each of them: the same rule that `check` asks again. Withdrawals that
/// come with an act are asked about as well.
pub(super) fn allowed(scene: &Scene, events: Vec<Event>) -> Decided {
    for event in &events {
        ok!(authority(scene, event)?);
    }
    yes(events.into_iter().map(Any::from).collect())
}

pub(super) fn authority(scene: &Scene, event: &Event) -> PortResult<Result<(), Refusal>> {
    let actor = scene.actor.record();
    let objection = objection(scene.registers, &scene.context.at, &actor, event)?;
    Ok(objection.map_or(Ok(()), |why| Err(Refusal(why))))
}

fn class_clips(scene: &Scene, clips: &[ClipId], class: &str, reason: &str) -> Decided {
    let reason = ok!(reason_text(reason));
    if clips.is_empty() || clips.len() > 200 {
        return no(why!(
            "K19",
            "一次写明 1 至 200 段视频。",
            "name 1 to 200 clips; see `sealdock clip list`"
        ));
    }
    let mut events = Vec::new();
    for clip in clips {
        let Some(now) = kept(scene.registers, *clip)? else {
            return no(why!(
                "K20",
                "没有视频 {clip:#}；请在“视频”中核对编号。",
                "there is no clip {clip}; see `sealdock clip list`"
            ));
        };
        if now.class.as_deref() == Some(class) {
            let longer = class_again(scene, &now, class)?;
            ok!(longer.map_or(Ok(()), |why| Err(Refusal(why))));
        }
        let class = class.to_owned();
        let e = ClipClassed { clip: *clip, class, replaces: now.class, reason: reason.clone() };
        ok!(first_by_its_officer(scene, &e)?);
        events.push(Event::ClipClassed(e));
    }
    let distinct: std::collections::BTreeSet<&ClipId> = clips.iter().collect();
    if distinct.len() != clips.len() {
        return no(why!("K21", "有一段视频写了两次；请删去一个。", "a clip is named twice"));
    }
    events.extend(withdrawals(scene.registers, clips, "its class was changed")?);
    allowed(scene, events)
}

/// Its officer gives a first class and takes none away, not even for a longer one. The latter is asked here only:
/// earlier releases let an officer do that, and nothing went sooner by it.
fn first_by_its_officer(scene: &Scene, e: &ClipClassed) -> PortResult<Result<(), Refusal>> {
    let actor = scene.actor.record();
    let rights = Rights::of(scene.registers, scene.context.at.wall, &actor)?;
    let takes = e.replaces.as_ref().is_some_and(|class| *class != e.class);
    Ok(match takes && rights.owns(e.clip)? {
        true => Err(Refusal(not_its_officers(e))),
        false => Ok(()),
    })
}

/// The same class again means something only where the policy changed its period since.
fn class_again(scene: &Scene, now: &super::kept::Kept, class: &str) -> PortResult<Option<Why>> {
    let periods = super::periods::Periods::read(scene.registers)?;
    let same = periods.due_as(now, class, u64::MAX)? == periods.due(now)?;
    Ok(same.then(|| {
        why!(
            "K22",
            "视频 {:#} 已经是“{class:#}”类。",
            "clip {} is of class {class} already",
            now.clip
        )
    }))
}

fn waits_for_release(scene: &Scene, hold: HoldId) -> PortResult<bool> {
    let row = registry::by_seq(scene.registers, &HOLD, hold.0)?;
    Ok(row.is_some_and(|row| row.text("state") == "release-requested"))
}
