//! Commands about recorders and their use.

use super::*;
use crate::decide::{Decided, Scene, no, ok, reason_text, yes};
use crate::event::Event as Any;
use crate::id::{RecorderId, UseId};
use crate::policy::Policy;
use crate::ports::{PortResult, Refusal};
use crate::put_right::correction;
use crate::registry;
use crate::why;
use crate::why::{Both, spoken};

pub(crate) fn decide(scene: &Scene, command: Command) -> Decided {
    match command {
        Command::Describe { recorder, record, reason } => {
            assets::describe(scene, recorder, record, reason)
        }
        Command::Correct { recorder, device_id, model, record, reason } => {
            let wanted = correct::Wanted { recorder, device_id, model, record };
            correct::correct(scene, wanted, &reason)
        }
        Command::Designate { recorder, officer, reason } => {
            assets::designate(scene, recorder, officer, &reason)
        }
        Command::EndDesignation { recorder, officer, reason } => {
            assets::end_designation(scene, recorder, officer, &reason)
        }
        Command::ReportFault { recorder, text } => assets::report_fault(scene, recorder, &text),
        Command::Move { recorder, place, reason, footage_aboard, in_order } => {
            let wanted = assets::Wanted { recorder, place, footage_aboard, in_order };
            assets::put(scene, wanted, &reason)
        }
        Command::Check { recorder, of, sheet } => checks::check(scene, recorder, of, sheet),
        Command::Request { recorder, purpose, until } => {
            uses::request(scene, recorder, &purpose, until)
        }
        Command::Approve { of, note } => uses::approve(scene, of, note),
        Command::Refuse { of, reason } => uses::refuse(scene, of, &reason),
        Command::Withdraw { of, reason } => uses::withdraw(scene, of, reason),
        Command::Issue { of } => uses::issue(scene, of),
        Command::Return { of, reason } => uses::take_back(scene, of, &reason),
        Command::Breach { recorder, officer, reason } => {
            breach::record(scene, recorder, officer, &reason)
        }
        Command::SeeBreach { of, text } => breach::see(scene, of, &text),
        Command::ExplainLate { of, text, correcting } => explain_late(scene, of, &text, correcting),
        Command::NoteOverdue => note_overdue(scene),
    }
}

/// Only if whoever acts may: the same rule that `check` asks again.
pub(super) fn allowed(scene: &Scene, events: Vec<Event>) -> Decided {
    let actor = scene.actor.record();
    for event in &events {
        let why = objection(scene.registers, &scene.context.at, &actor, event)?;
        ok!(why.map_or(Ok(()), |why| Err(Refusal(why))));
    }
    yes(events.into_iter().map(Any::from).collect())
}

pub(super) fn policy(scene: &Scene) -> PortResult<Policy> {
    registry::policy(scene.registers)
}

/// The recorder, if it is enrolled.
pub(super) fn asset_named(
    scene: &Scene,
    recorder: &RecorderId,
) -> PortResult<Result<Asset, Refusal>> {
    Ok(asset(scene.registers, recorder)?.ok_or_else(|| {
        Refusal(why!(
            "U25",
            "记录仪 {recorder:#} 未登记；请先在“管理→记录仪”登记。",
            "recorder {recorder} is not enrolled; `sealdock recorder add {recorder}`"
        ))
    }))
}

pub(super) fn use_named(scene: &Scene, of: UseId) -> PortResult<Result<Usage, Refusal>> {
    Ok(usage(scene.registers, of)?.ok_or_else(|| {
        Refusal(why!(
            "U26",
            "没有领用 {of:#}；请在“领用与交回”中核对。",
            "there is no use {of}; see `sealdock use list`"
        ))
    }))
}

/// The use, if it stands like this; `way` says how to go on where it does not.
pub(super) fn use_in(
    scene: &Scene,
    of: UseId,
    (state, way): (&str, Both),
) -> PortResult<Result<Usage, Refusal>> {
    let usage = ok!(use_named(scene, of)?);
    Ok(match usage.state == state {
        true => Ok(usage),
        false => Err(Refusal(why!(
            "U27",
            "{of:#} 现为“{:#}”，不是“{state:#}”；{way:#}",
            "{of} is {}, not {state}; {way}",
            spoken(&usage.state),
            state = spoken(state)
        ))),
    })
}

fn explain_late(scene: &Scene, of: UseId, text: &str, correcting: Option<String>) -> Decided {
    let text = ok!(reason_text(text));
    let usage = ok!(use_named(scene, of)?);
    let overdue = ["overdue_seq", "dock_overdue_seq"];
    let late = usage.late || overdue.iter().any(|column| usage.row.int_opt(column).is_some());
    if !late {
        return no(why!(
            "U28",
            "{of:#} 没有逾期，不需要说明。",
            "{of} is not late; there is nothing to explain"
        ));
    }
    let stands = usage.row.int_opt("late_reason_seq");
    let correction = ok!(correction(&of.to_string(), stands, correcting));
    let recorder = usage.recorder;
    allowed(scene, vec![Event::LateExplained(LateExplained { of, recorder, text, correction })])
}

fn note_overdue(scene: &Scene) -> Decided {
    ok!(scene.system_only());
    let events = overdue(scene.registers, &policy(scene)?, &scene.context.at)?;
    allowed(scene, events)
}
