//! Clips bound to steps and matters. What is bound to a closed step is looked at at once.

use super::super::recording::Change;
use super::super::{
    Bound, ClipBound, ClipUnbound, Event, InterruptionFilled, Step, bindings_of_clip,
};
use super::{allowed, authority, clip_named, matter_named, step_named, steps};
use crate::decide::{Decided, Scene, no, ok, reason_text, yes};
use crate::event::Event as Any;
use crate::id::{ClipId, MatterId, StepId};
use crate::ports::{PortResult, Refusal};
use crate::why;

/// Clips that one command binds.
const CLIPS_MAX: usize = 500;

/// Where to: a step, which has its matter, or a matter as a whole.
fn place(
    scene: &Scene,
    matter: Option<MatterId>,
    step: Option<StepId>,
) -> PortResult<Result<(MatterId, Option<Step>), Refusal>> {
    let step = match step {
        None => None,
        Some(id) => match step_named(scene, id)? {
            Ok(step) => Some(step),
            Err(refusal) => return Ok(Err(refusal)),
        },
    };
    let Some(id) = matter.or(step.as_ref().map(|step| step.matter)) else {
        return Ok(Err(Refusal(why!(
            "M07",
            "请写明归入哪个环节或案件。",
            "say to what: --step E or --matter M"
        ))));
    };
    if let Some(other) = step.as_ref().filter(|step| step.matter != id) {
        let text = why!(
            "M08",
            "环节 {:#} 属于案件 {:#}，不是 {id:#}。",
            "step {} is of matter {}, not of {id}",
            other.id,
            other.matter
        );
        return Ok(Err(Refusal(text)));
    }
    Ok(matter_named(scene, id)?.map(|matter| (matter.id, step)))
}

/// One recording may hold several steps in a row (002/A6-§13), so a clip may be bound to several.
pub fn bind(
    scene: &Scene,
    clips: &[ClipId],
    matter: Option<MatterId>,
    step: Option<StepId>,
) -> Decided {
    let (matter, step) = ok!(place(scene, matter, step)?);
    let step_id = step.as_ref().map(|step| step.id);
    if clips.is_empty() || clips.len() > CLIPS_MAX {
        return no(why!(
            "M09",
            "请写明 1 至 {CLIPS_MAX:#} 段视频。",
            "name 1 to {CLIPS_MAX} clips"
        ));
    }
    let mut events = Vec::new();
    for (at, clip) in clips.iter().enumerate() {
        ok!(clip_named(scene, *clip)?);
        if let Some(gone) = crate::keep::state_of(scene.registers, *clip)? {
            return no(gone);
        }
        let is = |bound: &Bound| (bound.matter, bound.step) == (matter, step_id);
        if clips[..at].contains(clip) || bindings_of_clip(scene.registers, *clip)?.iter().any(is) {
            let to = step_id.map_or(matter.to_string(), |step| step.to_string());
            return no(why!(
                "M10",
                "视频 {clip:#} 已归入 {to:#}。",
                "clip {clip} is bound to {to} already"
            ));
        }
        let event = Event::ClipBound(ClipBound { clip: *clip, matter, step: step_id });
        ok!(authority(scene, &event)?);
        events.push(event);
    }
    if let Some(step) = step.filter(|step| step.closed) {
        let change = Change { more: clips.to_vec(), less: None };
        events.extend(ok!(after(scene, &step, &change)?));
    }
    // A clip that waits to be disposed of and belongs to a matter now waits no more.
    let out = crate::keep::withdrawals(scene.registers, clips, "it was bound to a matter")?;
    yes(events.into_iter().map(Any::from).chain(out.into_iter().map(Any::from)).collect())
}

/// What a change of the bindings of a closed step shows and no longer shows.
fn after(scene: &Scene, step: &Step, change: &Change) -> PortResult<Result<Vec<Event>, Refusal>> {
    Ok(steps::look(scene, step, change)?.map(|looked| {
        let filled = looked
            .gone
            .into_iter()
            .map(|interruption| Event::InterruptionFilled(InterruptionFilled { interruption }));
        looked.found.into_iter().chain(filled).collect()
    }))
}

pub fn unbind(
    scene: &Scene,
    clip: ClipId,
    (matter, step): (Option<MatterId>, Option<StepId>),
    reason: &str,
) -> Decided {
    let (matter, step) = ok!(place(scene, matter, step)?);
    let reason = ok!(reason_text(reason));
    let step_id = step.as_ref().map(|step| step.id);
    let bound = bindings_of_clip(scene.registers, clip)?;
    let Some(bound) = bound.iter().find(|bound| (bound.matter, bound.step) == (matter, step_id))
    else {
        return no(why!(
            "M11",
            "视频 {clip:#} 没有归入此处；请在案件 {matter:#} 的页面核对。",
            "clip {clip} is not bound there; see `sealdock matter show {matter}`"
        ));
    };
    let e = ClipUnbound { clip, binding: bound.binding, reason };
    let mut events = vec![Event::ClipUnbound(e)];
    if let Some(step) = step.filter(|step| step.closed) {
        let change = Change { more: Vec::new(), less: Some(clip) };
        events.extend(ok!(after(scene, &step, &change)?));
    }
    allowed(scene, events)
}
