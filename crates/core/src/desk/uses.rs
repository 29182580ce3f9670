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

pub fn request(
    scene: &Scene,
    recorder: RecorderId,
    purpose: &str,
    until: Option<WallMs>,
) -> Decided {
    let purpose = ok!(plain_text("a purpose", purpose, 500));
    let Some(officer) = scene.actor.person().cloned() else {
        return no(
            "a recorder is asked for by the officer who will wear it, with their own PIN (002/A6-§6): say --as ID",
        );
    };
    let asset = ok!(asset_named(scene, &recorder)?);
    if !asset.in_service() {
        return no(format!("recorder {recorder} is {}; ask for another", asset.state));
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
            return no(format!(
                "{} asks for recorder {} already ({}, {}); withdraw that first",
                e.officer, e.recorder, usage.of, usage.state
            ));
        }
    }
    Ok(Ok(asked))
}

/// The end of the day (002/A6-§19), or what is asked for within what one approval covers.
fn back_by(policy: &Policy, now: WallMs, until: Option<WallMs>) -> Result<WallMs, Refusal> {
    let until = until.unwrap_or_else(|| policy.zone.end_of_day(now));
    if until <= now {
        return Err(Refusal(format!(
            "the recorder would be due back at {}, which is past; give a later --until",
            policy.zone.civil(until)
        )));
    }
    if until.0 - now.0 > policy.desk.use_ms_max {
        return Err(Refusal(format!(
            "one approval covers at most {} hours (policy desk.use_hours_max); give an earlier --until",
            policy.desk.use_ms_max / crate::time::HOUR_MS
        )));
    }
    Ok(until)
}

/// Only to those it is designated to (002/A6-§18).
fn is_designated(
    scene: &Scene,
    recorder: &RecorderId,
    officer: &PersonId,
) -> PortResult<Result<(), Refusal>> {
    Ok(match designation(scene.registers, recorder, officer)? {
        Some(_) => Ok(()),
        None => Err(Refusal(format!(
            "recorder {recorder} is not designated to {officer} (002/A6-§18); the clerk does it: `sealdock recorder designate {recorder} --officer {officer} --reason TEXT`"
        ))),
    })
}

/// Has the time that was asked for run out? On a clock beyond belief nothing has.
fn is_over(scene: &Scene, usage: &Usage) -> PortResult<bool> {
    let at = &scene.context.at;
    Ok(usage.until <= at.wall && known_bad(scene.registers, at)?.is_none())
}

fn not_over(scene: &Scene, usage: &Usage) -> PortResult<Result<(), Refusal>> {
    let over = is_over(scene, usage)?;
    let way = "the officer asks again: `sealdock use request`";
    Ok(match over {
        true => Err(Refusal(format!("the time of {} is over ({}); {way}", usage.of, usage.until))),
        false => Ok(()),
    })
}

pub fn approve(scene: &Scene, of: UseId, note: Option<String>) -> Decided {
    let note = ok!(note.map(|text| plain_text("a note", &text, 500)).transpose());
    let usage = ok!(use_in(scene, of, ("requested", "see `sealdock use list`"))?);
    let e = Approved { of, recorder: usage.recorder.clone(), note };
    let approved = ok!(allowed(scene, vec![Event::Approved(e)])?);
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
        state => Err(Refusal(format!("{of} is {state}; nothing is left to decide"))),
    })
}

pub fn issue(scene: &Scene, of: UseId) -> Decided {
    let way = "a recorder is handed out only after the department head approved (002/A6-§5); taken without it, it is a breach: `sealdock recorder breach`";
    let usage = ok!(use_in(scene, of, ("approved", way))?);
    let (recorder, officer) = (usage.recorder.clone(), usage.officer.clone());
    let asset = ok!(asset_named(scene, &recorder)?);
    ok!(is_here(&asset));
    ok!(not_over(scene, &usage)?);
    ok!(is_designated(scene, &recorder, &officer)?);
    let check = ok!(passed_check(scene, &usage)?);
    // The check may be hours old: what was docked or reported since counts.
    if let Some(fault) = asset.fault {
        return no(format!("recorder {recorder} is reported faulty (entry {fault}) (002/A6-§8)"));
    }
    if let Leftover::Left { why } = leftover(scene.registers, &recorder)? {
        return no(format!(
            "something may be on recorder {recorder} that is not proven stored: {why}; dock it first (002/A6-§8, §19)"
        ));
    }
    allowed(scene, vec![Event::Issued(Issued { of, recorder, officer, check })])
}

/// A recorder that somebody has is not handed out twice.
fn is_here(asset: &Asset) -> Result<(), Refusal> {
    match (asset.state.as_str(), &asset.holder) {
        ("acquired" | "cabinet" | "docked", _) => Ok(()),
        ("issued", Some(holder)) => Err(Refusal(format!(
            "recorder {} is issued to {holder}; it is never issued twice: it comes back first",
            asset.recorder
        ))),
        ("returned", _) => Err(Refusal(format!(
            "recorder {} was returned and not docked; dock it first (002/A6-§19)",
            asset.recorder
        ))),
        (state, _) => Err(Refusal(format!(
            "recorder {} is {state}; the clerk puts it into the cabinet first: `sealdock recorder store`",
            asset.recorder
        ))),
    }
}

/// The entry of the pre-use check, if it passed and still counts (002/A6-§8).
fn passed_check(scene: &Scene, usage: &Usage) -> PortResult<Result<u64, Refusal>> {
    let again = format!("`sealdock recorder check {} --use {} …`", usage.recorder, usage.of);
    let refused = |why: String| Ok(Err(Refusal(format!("{why} (002/A6-§8); {again}"))));
    let (Some(seq), Some(at)) = (usage.row.int_opt("check_seq"), usage.row.text_opt("checked"))
    else {
        return refused(format!("recorder {} was not checked before this use", usage.recorder));
    };
    if usage.row.int_opt("check_passed") != Some(1) {
        return refused(format!("the check in entry {seq} found something not in order"));
    }
    let policy = policy(scene)?;
    let age = WallMs::parse(at).map_or(i64::MAX, |at| scene.context.at.wall.0 - at.0);
    if !(0..=policy.desk.check_ms_max).contains(&age) {
        return refused(format!("the check in entry {seq} is too old to count"));
    }
    Ok(Ok(u64::try_from(seq).unwrap_or_default()))
}

/// Into the clerk's hand: why it was not docked is said (002/A6-§19).
pub fn take_back(scene: &Scene, of: UseId, reason: &str) -> Decided {
    let reason = Some(ok!(reason_text(reason)));
    let usage = ok!(use_in(scene, of, ("issued", "see `sealdock use list`"))?);
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
