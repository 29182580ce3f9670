//! A use of a recorder: asked for, approved, handed out, taken back (002/A6-§5, §6, §18).

use super::decide::{allowed, asset_named, policy, use_in};
use super::*;
use crate::clock_state::known_bad;
use crate::decide::{Decided, Scene, no, ok, reason_text};
use crate::duty::{self, plain_text};
use crate::id::{PersonId, RecorderId, UseId};
use crate::policy::Policy;
use crate::ports::{PortResult, Refusal, Registers};
use crate::time::{Stamp, WallMs};
use crate::why;
use crate::why::{Both, spoken};

const SEE_LIST: Both = Both("请在“领用与交回”中核对", "see `sealdock use list`");

pub fn request(
    scene: &Scene,
    recorder: RecorderId,
    purpose: &str,
    until: Option<WallMs>,
) -> Decided {
    let purpose = ok!(plain_text(Both("用途", "a purpose"), purpose, 500));
    let Some(officer) = scene.actor.person().cloned() else {
        return no(why!(
            "U65",
            "领用由佩戴记录仪的执法人员凭本人口令申请（002/A6-§6）。",
            "a recorder is asked for by the officer who will wear it, with their own PIN (002/A6-§6): say --as ID"
        ));
    };
    let asset = ok!(asset_named(scene, &recorder)?);
    if !asset.in_service() {
        return no(why!(
            "U66",
            "记录仪 {recorder:#} 现为“{:#}”；请申请另一台。",
            "recorder {recorder} is {}; ask for another",
            spoken(&asset.state)
        ));
    }
    let until = ok!(back_by(&policy(scene)?, scene.context.at.wall, until));
    let department = duty::department_of(scene.registers, &officer)?;
    let e = Requested { recorder, officer, department, purpose, until };
    // Whoever is no officer is told so before anything about designation.
    let asked = ok!(allowed(scene, vec![Event::Requested(e.clone())])?);
    ok!(is_designated(scene, &e.recorder, &e.officer)?);
    for usage in usages_of(scene.registers, &e.recorder)? {
        let open = ["requested", "approved"].contains(&usage.state.as_str());
        if open && usage.officer == e.officer && !is_over(scene, &usage)? {
            return no(why!(
                "U67",
                "{:#} 已申请记录仪 {:#}（{:#}，{:#}）；请先撤回那一份。",
                "{} asks for recorder {} already ({}, {}); withdraw that first",
                e.officer,
                e.recorder,
                usage.of,
                spoken(&usage.state)
            ));
        }
    }
    Ok(Ok(asked))
}

/// The end of the day (002/A6-§19), or what is asked for within what one approval covers.
fn back_by(policy: &Policy, now: WallMs, until: Option<WallMs>) -> Result<WallMs, Refusal> {
    let until = until.unwrap_or_else(|| policy.zone.end_of_day(now));
    if until <= now {
        return Err(Refusal(why!(
            "U68",
            "应交回时间 {:#} 已经过去；请把时间改晚。",
            "the recorder would be due back at {}, which is past; give a later --until",
            policy.zone.civil(until)
        )));
    }
    if until.0 - now.0 > policy.desk.use_ms_max {
        return Err(Refusal(why!(
            "U69",
            "一次批准最多 {:#} 小时（策略 desk.use_hours_max）；请把交回时间改早。",
            "one approval covers at most {} hours (policy desk.use_hours_max); give an earlier --until",
            policy.desk.use_ms_max / crate::time::HOUR_MS
        )));
    }
    Ok(until)
}

fn is_designated(
    scene: &Scene,
    recorder: &RecorderId,
    officer: &PersonId,
) -> PortResult<Result<(), Refusal>> {
    let why = hand_out::not_designated(scene.registers, recorder, officer)?;
    Ok(why.map_or(Ok(()), |why| Err(Refusal(why))))
}

fn is_over(scene: &Scene, usage: &Usage) -> PortResult<bool> {
    hand_out::is_over(scene.registers, usage, &scene.context.at)
}

fn not_over(scene: &Scene, usage: &Usage) -> PortResult<Result<(), Refusal>> {
    let over = hand_out::over(scene.registers, usage, &scene.context.at)?;
    Ok(over.map_or(Ok(()), |why| Err(Refusal(why))))
}

pub fn approve(scene: &Scene, of: UseId, note: Option<String>) -> Decided {
    let note = ok!(note.map(|text| plain_text(Both("意见", "a note"), &text, 500)).transpose());
    let usage = ok!(use_in(scene, of, ("requested", SEE_LIST))?);
    let recorder = usage.recorder.clone();
    let approved = ok!(allowed(scene, vec![Event::Approved(Approved { of, recorder, note })])?);
    ok!(not_over(scene, &usage)?);
    Ok(Ok(approved))
}

pub fn refuse(scene: &Scene, of: UseId, reason: &str) -> Decided {
    let reason = ok!(reason_text(reason));
    // An approval can be taken back until the recorder is handed out.
    let usage = ok!(decidable(scene, of)?);
    allowed(scene, vec![Event::Refused(Refused { of, recorder: usage.recorder, reason })])
}

pub fn withdraw(scene: &Scene, of: UseId, reason: Option<String>) -> Decided {
    let reason = ok!(reason.as_deref().map(reason_text).transpose());
    let usage = ok!(decidable(scene, of)?);
    allowed(scene, vec![Event::Withdrawn(Withdrawn { of, recorder: usage.recorder, reason })])
}

/// Asked for or approved, and not handed out yet.
fn decidable(scene: &Scene, of: UseId) -> PortResult<Result<Usage, Refusal>> {
    let usage = ok!(super::decide::use_named(scene, of)?);
    Ok(match usage.state.as_str() {
        "requested" | "approved" => Ok(usage),
        state => Err(Refusal(why!(
            "U70",
            "{of:#} 现为“{state:#}”，没有可办理的了。",
            "{of} is {state}; nothing is left to decide",
            state = spoken(state)
        ))),
    })
}

/// Whether it may go out is asked of [`hand_out`](super::hand_out), by the decision and by `check`.
pub fn issue(scene: &Scene, of: UseId) -> Decided {
    let way = Both(
        "部门负责人批准之后才能发出（002/A6-§5）；未经批准已领走的，请登记为未经批准领用",
        "a recorder is handed out only after the department head approved (002/A6-§5); taken without it, it is a breach: `sealdock recorder breach`",
    );
    let usage = ok!(use_in(scene, of, ("approved", way))?);
    let check = usage.row.int_opt("check_seq").map_or(0, i64::unsigned_abs);
    let (recorder, officer) = (usage.recorder, usage.officer);
    allowed(scene, vec![Event::Issued(Issued { of, recorder, officer, check })])
}

/// Into the clerk's hand: why it was not docked is said (002/A6-§19).
pub fn take_back(scene: &Scene, of: UseId, reason: &str) -> Decided {
    let reason = Some(ok!(reason_text(reason)));
    let usage = ok!(use_in(scene, of, ("issued", SEE_LIST))?);
    let late = is_late(scene.registers, &usage, &scene.context.at)?;
    let e = Returned { of, recorder: usage.recorder, session: None, late, reason };
    allowed(scene, vec![Event::Returned(e)])
}

/// After the approved time? `None`: the clock is beyond belief, or ran backwards since the issue.
pub(super) fn is_late(
    registers: &dyn Registers,
    usage: &Usage,
    at: &Stamp,
) -> PortResult<Option<bool>> {
    let forward = usage.issued.is_some_and(|issued| issued <= at.wall);
    let believed = forward && known_bad(registers, at)?.is_none();
    Ok(believed.then_some(at.wall > usage.until))
}
