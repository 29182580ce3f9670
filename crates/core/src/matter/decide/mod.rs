//! Commands about matters, steps, interruptions and marks.

/// Interruptions explained and noted, marks.
mod answers;
/// Clips bound to steps, and what that shows.
mod bindings;
/// Matters opened, corrected, closed, filed; the list of steps.
mod matters;
/// Steps declared and closed.
mod steps;

use super::{Command, Event, Matter, Step};
use crate::decide::{Decided, Scene, ok, yes};
use crate::event::Event as Any;
use crate::id::{ClipId, MatterId, PersonId, StepId};
use crate::ports::{PortResult, Refusal};
use crate::registry;
use crate::schema::{CLIP, PERSON};
use crate::table::{Query, Row};
use crate::time::WallMs;
use crate::why;
use crate::why::Words;

pub(crate) fn decide(scene: &Scene, command: Command) -> Decided {
    match command {
        Command::AdoptSteps { text } => matters::adopt(scene, text),
        Command::OpenMatter { record } => matters::open(scene, record),
        Command::CorrectMatter { matter, record, reason } => {
            matters::correct(scene, matter, record, &reason)
        }
        Command::CloseMatter { matter, ended, reason } => {
            matters::close(scene, matter, ended, &reason)
        }
        Command::FileMatter { matter, case_file, archive, reason } => {
            matters::file(scene, matter, matters::Filing { case_file, archive, reason })
        }
        Command::WatchFilings => matters::watch(scene),
        Command::DeclareStep { matter, item, manner, place, officers, began, reason } => {
            let wanted = steps::Wanted { matter, item, manner, place, officers, began, reason };
            steps::declare(scene, wanted)
        }
        Command::CloseStep { step, ended } => steps::close(scene, step, ended),
        Command::Bind { clips, matter, step } => bindings::bind(scene, &clips, matter, step),
        Command::Unbind { clip, matter, step, reason } => {
            bindings::unbind(scene, clip, (matter, step), &reason)
        }
        Command::Mark { clip, reason } => answers::mark(scene, clip, &reason),
        Command::Explain { interruption, cause, text, voice, told } => {
            let text = ok!(crate::decide::reason_text(&text));
            let e = super::InterruptionExplained { interruption, cause, text, voice, told };
            answers::explain(scene, e)
        }
        Command::Note { interruption, accepted, text } => {
            answers::note(scene, interruption, accepted, &text)
        }
    }
}

/// Only if whoever acts may: the same rule that `check` asks again.
fn authority(scene: &Scene, event: &Event) -> PortResult<Result<(), Refusal>> {
    let actor = scene.actor.record();
    let at = scene.context.at.wall;
    let objection = super::objection(scene.registers, at, &actor, event)?;
    Ok(objection.map_or(Ok(()), |why| Err(Refusal(why))))
}

/// One event, or several of which the first carries the right.
fn allowed(scene: &Scene, events: Vec<Event>) -> Decided {
    if let Some(first) = events.first() {
        ok!(authority(scene, first)?);
    }
    yes(events.into_iter().map(Any::from).collect())
}

fn matter_named(scene: &Scene, id: MatterId) -> PortResult<Result<Matter, Refusal>> {
    Ok(super::matter(scene.registers, id)?.ok_or_else(|| {
        Refusal(why!(
            "M28",
            "没有案件 {id:#}；请在“案件”中核对编号。",
            "there is no matter {id}; see `sealdock matter list`"
        ))
    }))
}

fn step_named(scene: &Scene, id: StepId) -> PortResult<Result<Step, Refusal>> {
    Ok(super::step(scene.registers, id)?.ok_or_else(|| {
        Refusal(why!(
            "M29",
            "没有环节 {id:#}；请在案件页核对编号。",
            "there is no step {id}; see `sealdock step list MATTER`"
        ))
    }))
}

fn clip_named(scene: &Scene, id: ClipId) -> PortResult<Result<Row, Refusal>> {
    Ok(registry::by_seq(scene.registers, &CLIP, id.0)?.ok_or_else(|| {
        Refusal(why!(
            "M30",
            "没有视频 {id:#}；请在“视频”中核对编号。",
            "there is no clip {id}; see `sealdock clip list`"
        ))
    }))
}

/// People who are enrolled and have not retired, each once.
fn officers(scene: &Scene, people: &[PersonId]) -> PortResult<Result<(), Refusal>> {
    for (at, id) in people.iter().enumerate() {
        if people[..at].contains(id) {
            return Ok(Err(Refusal(why!(
                "M31",
                "执法人员 {id:#} 写了两次；请删去一个。",
                "officer {id} is named twice"
            ))));
        }
        let rows = scene.registers.select(&Query::all(&PERSON).with("id", id.as_str()))?;
        if rows.first().is_none_or(|row| row.int_opt("retired_seq").is_some()) {
            let text = why!(
                "M32",
                "执法人员 {id:#} 不是本单位人员；请核对编号。",
                "officer {id} is not of this unit; see `sealdock person list`"
            );
            return Ok(Err(Refusal(text)));
        }
    }
    Ok(Ok(()))
}

/// A moment that a person names: not before the policy's bound, and not in the future where the station's
/// own clock can be believed.
fn moment(scene: &Scene, what: impl Words, at: WallMs) -> PortResult<Result<WallMs, Refusal>> {
    let policy = registry::policy(scene.registers)?;
    let now = scene.context.at.wall;
    if at < policy.not_before {
        let text = why!(
            "M33",
            "{what:#}不能是 {at:#}：早于策略规定的最早时间。",
            "{what} cannot be {at}: before the policy's clock.not_before"
        );
        return Ok(Err(Refusal(text)));
    }
    if believable(scene)? && at > now {
        return Ok(Err(Refusal(why!(
            "M34",
            "{what:#}不能是 {at:#}：还没有到。",
            "{what} cannot be {at}: that is still to come"
        ))));
    }
    Ok(Ok(at))
}

/// Can the station's clock be believed? Where not, no deadline is met or missed.
fn believable(scene: &Scene) -> PortResult<bool> {
    Ok(crate::clock_state::known_bad(scene.registers, &scene.context.at)?.is_none())
}
