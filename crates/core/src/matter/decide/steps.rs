//! Enforcement steps (环节) declared and closed. Closing one looks at its recordings.

use super::super::recording::{Change, Recordings};
use super::super::{
    Event, InterruptionFound, Item, Manner, Step, StepClosed, StepDeclared, breaks, interruptions,
    recordings, steps_in_force,
};
use super::{allowed, matter_named, moment, officers, step_named};
use crate::decide::{Decided, Scene, no, ok, reason_text};
use crate::duty::plain_text;
use crate::id::{MatterId, PersonId, StepId};
use crate::ports::{PortResult, Refusal};
use crate::registry;
use crate::time::WallMs;
use crate::why;
use crate::why::{Both, Why, spoken};

/// A step as it is asked for.
pub struct Wanted {
    pub matter: MatterId,
    pub item: String,
    pub manner: Manner,
    pub place: String,
    pub officers: Vec<PersonId>,
    pub began: Option<WallMs>,
    pub reason: Option<String>,
}

pub fn declare(scene: &Scene, wanted: Wanted) -> Decided {
    let matter = ok!(matter_named(scene, wanted.matter)?);
    if matter.state != "open" {
        return no(why!(
            "M35",
            "案件 {:#} 现为“{:#}”：不能再增加环节。",
            "matter {} is {}: no step is added to it",
            matter.id,
            spoken(&matter.state)
        ));
    }
    let list = steps_in_force(scene.registers)?;
    let Some(item) = list.list.item(&wanted.item) else {
        return no(why!(
            "M36",
            "现行事项清单中没有 {:?}；请从清单中选择。",
            "there is no item {:?} on the list in force; see `sealdock steps show`",
            wanted.item
        ));
    };
    let reason = ok!(wanted.reason.as_deref().map(reason_text).transpose());
    if wanted.manner == Manner::InParts {
        ok!(may_be_in_parts(item, reason.as_deref()).map_err(Refusal));
    }
    let named = if wanted.officers.is_empty() { &matter.officers } else { &wanted.officers };
    ok!(officers(scene, named)?);
    if let Some(other) = named.iter().find(|id| !matter.officers.contains(id)) {
        return no(why!(
            "M39",
            "{other:#} 不是案件 {:#} 的执法人员。",
            "{other} is no officer of matter {}",
            matter.id
        ));
    }
    let began = match wanted.began {
        Some(at) => {
            Some(ok!(moment(scene, Both("环节开始时间", "the beginning of the step"), at)?))
        }
        None => None,
    };
    let place = ok!(plain_text(Both("地点", "a place"), &wanted.place, 200));
    let e = StepDeclared {
        matter: matter.id,
        item: item.id.clone(),
        name: item.name.clone(),
        must: item.must,
        cite: item.cite.clone(),
        list: list.sha256,
        manner: wanted.manner,
        reason: reason.filter(|_| wanted.manner == Manner::InParts),
        place,
        officers: named.clone(),
        began,
    };
    allowed(scene, vec![Event::StepDeclared(e)])
}

fn may_be_in_parts(item: &Item, reason: Option<&str>) -> Result<(), Why> {
    if item.unbroken {
        return Err(why!(
            "M37",
            "{:#}（{:#}）须连续记录：{:#}",
            "{} ({}) is recorded without a break: {}",
            item.name,
            item.id,
            item.cite
        ));
    }
    if reason.is_none() {
        return Err(why!(
            "M38",
            "只有地点或时间不同才能断续记录（002/A6-§13）；请写明理由。",
            "a step is recorded in parts only at different places or times (002/A6-§13); say with --reason which"
        ));
    }
    Ok(())
}

/// The step is over. Asked again, its recordings are looked at again; its end stays as it was said first.
pub fn close(scene: &Scene, id: StepId, ended: Option<WallMs>) -> Decided {
    let step = ok!(step_named(scene, id)?);
    if step.closed && ended.is_some() {
        return no(why!(
            "M40",
            "环节 {id:#} 已结束；结束时间不再更改。",
            "step {id} is closed; its end is not said twice"
        ));
    }
    let ended = match ended {
        Some(at) => Some(ok!(moment(scene, Both("环节结束时间", "the end of the step"), at)?)),
        None => None,
    };
    if let (Some(began), Some(ended)) = (step.began, ended)
        && ended < began
    {
        return no(why!(
            "M41",
            "环节 {id:#} 开始于 {began:#}，不能结束于 {ended:#}。",
            "step {id} began at {began} and cannot have ended at {ended}"
        ));
    }
    let mut events = Vec::new();
    let mut as_closed = step.clone();
    if !step.closed {
        as_closed.ended = ended;
        events.push(Event::StepClosed(StepClosed { step: id, ended }));
    }
    let looked = ok!(look(scene, &as_closed, &Change::default())?);
    events.extend(looked.found);
    if events.is_empty() {
        return no(why!(
            "M42",
            "环节 {id:#} 已结束，其记录没有新情况。",
            "step {id} is closed already, and its recordings show nothing new"
        ));
    }
    allowed(scene, events)
}

/// What the recordings of a step show that is not in the register, and which open interruptions they no
/// longer show.
pub struct Looked {
    pub found: Vec<Event>,
    pub gone: Vec<crate::id::InterruptionId>,
}

pub fn look(scene: &Scene, step: &Step, change: &Change) -> PortResult<Result<Looked, Refusal>> {
    let policy = registry::policy(scene.registers)?;
    let recordings: Recordings = recordings(scene.registers, &policy, step.id, change)?;
    if let Some(clip) = Step::not_described(&recordings).filter(|_| step.continuous) {
        return Ok(Err(Refusal(why!(
            "M43",
            "视频 {clip:#} 的媒体信息还没有读出，无法判断有无缺口；请稍后再试。",
            "the media facts of clip {clip} are not read yet, so that gaps cannot be told; try again in a moment (`sealdock clip show {clip}`)"
        ))));
    }
    let shown = breaks(step, &recordings, &policy.matter);
    let known = interruptions(scene.registers, Some(step.id))?;
    let is = |known: &super::super::Interruption, shown: &super::super::Break| {
        let numbers: Vec<String> = shown.numbers.iter().map(u32::to_string).collect();
        known.state != "filled"
            && known.kind == shown.kind
            && known.recorder == shown.recorder
            && (known.before, known.after) == (shown.before, shown.after)
            && known.numbers == numbers.join(" ")
    };
    let gone = known
        .iter()
        .filter(|one| one.unanswered() && !shown.iter().any(|shown| is(one, shown)))
        .map(|one| one.id)
        .collect();
    let found = shown
        .into_iter()
        .filter(|shown| !known.iter().any(|one| is(one, shown)))
        .map(|found| {
            let (matter, step) = (step.matter, step.id);
            Event::InterruptionFound(Box::new(InterruptionFound { matter, step, found }))
        })
        .collect();
    Ok(Ok(Looked { found, gone }))
}
