//! Disposal: planned by the clerk, approved by the unit head, who is another person; carried out after the
//! quarantine, as far as the brake lets it; and whatever speaks against it is asked at each step.

use super::holds::named;
use super::{Asked, Objection, unless};
use crate::actor::Role;
use crate::id::{ClipId, PersonId, PlanId};
use crate::keep::against::{Look, vouch};
use crate::keep::brake;
use crate::keep::event::{
    DisposalApproved, DisposalBegun, DisposalIntended, DisposalPlanned, Event,
};
use crate::keep::kept::with_bytes;
use crate::keep::plan::CLIPS_MOST;
use crate::keep::rights::Rights;
use crate::keep::rows::{DISPOSAL, DISPOSAL_LINE, DISPOSAL_PLAN, DISPOSAL_RUN};
use crate::ports::{PortResult, Registers};
use crate::registry::{self, damaged};
use crate::schema as s;
use crate::table::{Query, Row};
use crate::time::WallMs;
use sealdock_chain::digest::Digest;
use std::collections::BTreeSet;

const CLERK: (Role, &str) = (Role::Clerk, "管理员");
const UNIT_HEAD: (Role, &str) = (Role::UnitHead, "单位负责人");

pub(super) fn objection(asked: &Asked, event: &Event) -> Objection {
    match event {
        Event::DisposalPlanned(e) => planned(asked, e),
        Event::DisposalApproved(e) => approved(asked, e),
        Event::DisposalWithdrawn(e) => {
            if asked.rights.system("").is_some() {
                unless!(asked.rights.serves("taking clips out of a plan"));
            }
            for one in &e.clips {
                unless!(line_in(asked.registers, e.plan, one.clip, &["pending"])?);
            }
            Ok(None)
        }
        Event::DisposalBegun(e) => begun(asked, e),
        Event::DisposalIntended(e) => intended(asked, e),
        Event::DisposalKept(e) => settled(asked, (e.intent, e.plan), (&e.clips, &e.sha256)),
        Event::ClipDisposed(e) => settled(asked, (e.intent, e.plan), (&e.clips, &e.sha256)),
        _ => Ok(None),
    }
}

fn planned(asked: &Asked, e: &DisposalPlanned) -> Objection {
    unless!(asked.rights.needs(&[CLERK], "planning a disposal"));
    unless!(named(&e.clips, CLIPS_MOST));
    let look = Look::new(asked.registers, asked.at)?;
    unless!(names_word(&look, e.clock));
    let by = look.word.as_ref().map(|word| word.by.as_str());
    if e.clock.is_some() && asked.rights.is_named(by) {
        return Ok(Some(vouch(
            "whoever plans a disposal is not the one who said that the clock is right",
        )));
    }
    for clip in &e.clips {
        if let Some(why) = look.objections(*clip)?.first() {
            return Ok(Some(format!("{clip} cannot be disposed of: {why}")));
        }
        if e.clock.is_some() {
            unless!(look.not_sure(*clip)?);
        }
        for row in asked.registers.select(&Query::all(&DISPOSAL_LINE).with("clip", clip.0))? {
            if row.text("state") == "pending" {
                let plan = PlanId(number(&row, "plan"));
                return Ok(Some(format!(
                    "{clip} is in plan {plan} already; see `sealdock dispose list`"
                )));
            }
        }
    }
    Ok(None)
}

fn approved(asked: &Asked, e: &DisposalApproved) -> Objection {
    let row = match plan_in(asked.registers, e.plan, "planned")? {
        Ok(row) => row,
        Err(why) => return Ok(Some(why)),
    };
    unless!(asked.rights.needs(&[UNIT_HEAD], "approving a disposal"));
    let planner = row.text("planned_by");
    if asked.rights.is_named(Some(planner)) {
        return Ok(Some(format!(
            "the approver is never the applicant: a second person approves plan {}",
            e.plan
        )));
    }
    let in_their_place =
        |planner: PersonId| asked.rights.only_for(&planner, |held| held.role == Role::UnitHead);
    if Rights::person_named(planner).is_some_and(in_their_place) {
        return Ok(Some(format!(
            "the approver is never the applicant: whoever only stands in for {planner} does not approve plan {}",
            e.plan
        )));
    }
    if row.text("object") != e.object.to_string() {
        return Ok(Some(format!(
            "plan {} is {}, not {}; read it with `sealdock dispose show {}` and approve what you read",
            e.plan,
            row.text("object"),
            e.object,
            e.plan
        )));
    }
    for clip in lines(asked.registers, e.plan, "pending")? {
        if asked.rights.owns(clip)? {
            return Ok(Some(format!(
                "{clip} is footage of whoever acts; it leaves the plan first (`sealdock dispose withdraw {} {clip}`), or another approves",
                e.plan
            )));
        }
    }
    let look = Look::new(asked.registers, asked.at)?;
    unless!(look.doubt.clone());
    unless!(names_word(&look, e.clock));
    // The quarantine begins now. On a clock that is behind it would be over sooner.
    let said_today = look.word.is_some_and(|word| word.in_this_boot);
    Ok((e.clock.is_some() && !said_today).then(|| {
        vouch("since the station was started nobody has said that its clock is right, and the quarantine counts from now")
    }))
}

/// Each step names the newest word that the clock is right, and is judged by it. An entry of an earlier version
/// names none, and what it rests on is not asked.
fn names_word(look: &Look, clock: Option<u64>) -> Option<String> {
    let newest = look.word.as_ref().map(|word| word.seq);
    (clock.is_some() && clock != newest)
        .then(|| "it rests on another word about the clock than the newest".into())
}

fn begun(asked: &Asked, e: &DisposalBegun) -> Objection {
    unless!(asked.rights.needs(&[CLERK, UNIT_HEAD], "carrying out a disposal"));
    unless!(waited(asked, e.plan, e.clock)?);
    if !open_intents(asked.registers)?.is_empty() {
        return Ok(Some(
            "a removal that was begun is not settled yet; `sealdock dispose run` settles it".into(),
        ));
    }
    if brake::used(asked.registers, asked.at.wall)? != (e.used_clips, e.used_bytes) {
        return Ok(Some(
            "the run says otherwise than the chain what went in the last 24 hours".into(),
        ));
    }
    let per_mille = Look::new(asked.registers, asked.at)?.periods.keeping().brake_per_mille;
    let archive = (e.archive_clips, e.archive_bytes);
    let left = brake::allowance(per_mille, archive, (e.used_clips, e.used_bytes));
    if left != (e.clips, e.bytes) {
        return Ok(Some("the run allows itself another amount than the policy does".into()));
    }
    Ok(brake::spent(e))
}

/// The plan is approved, its quarantine is over for certain, and the clock can be believed.
fn waited(asked: &Asked, plan: PlanId, clock: Option<u64>) -> Objection {
    let row = match plan_in(asked.registers, plan, "approved")? {
        Ok(row) => row,
        Err(why) => return Ok(Some(why)),
    };
    let look = Look::new(asked.registers, asked.at)?;
    unless!(look.doubt.clone());
    unless!(names_word(&look, clock));
    let since = row.text_opt("approved").and_then(WallMs::parse);
    let since = since.ok_or_else(|| damaged("plan row: approved"))?;
    let over = since.plus_ms(look.periods.quarantine_ms(number(&row, "approved_seq")));
    if asked.at.wall < over {
        return Ok(Some(format!(
            "plan {plan} is in quarantine until {}; nothing is removed before",
            over.rfc3339()
        )));
    }
    let sure = clock.is_none() || look.sure >= over;
    Ok((!sure).then(|| look.off_since(&format!("the quarantine of plan {plan} is over"))))
}

/// Asked just before a removal, and by `check` of every removal that ever was.
fn intended(asked: &Asked, e: &DisposalIntended) -> Objection {
    unless!(asked.rights.system("intending a removal"));
    unless!(waited(asked, e.plan, e.clock)?);
    let newest = Query::all(&DISPOSAL_RUN).newest_first().limit(1);
    let run = asked.registers.select(&newest)?.into_iter().next();
    let Some(run) =
        run.filter(|run| registry::seq(run) == e.run && number(run, "plan") == e.plan.0)
    else {
        return Ok(Some("the removal belongs to no run that is going on; begin one".into()));
    };
    if !brake::is_of_today(&run, asked.at.wall)? {
        return Ok(Some("the run is older than a day; begin another".into()));
    }
    unless!(same_content(asked, e)?);
    let look = Look::new(asked.registers, asked.at)?;
    for clip in &e.clips {
        unless!(line_in(asked.registers, e.plan, *clip, &["pending"])?);
        if let Some(why) = look.objections(*clip)?.first() {
            return Ok(Some(format!("{clip} cannot be disposed of: {why}")));
        }
        if e.clock.is_some() {
            unless!(look.not_sure(*clip)?);
        }
    }
    brake::fits(asked.registers, &run, e)
}

/// The intent names all clips that have these bytes, and all places they lie in.
fn same_content(asked: &Asked, e: &DisposalIntended) -> Objection {
    let all = with_bytes(asked.registers, &e.sha256)?;
    let there: BTreeSet<ClipId> = all.iter().map(|kept| kept.clip).collect();
    if there != e.clips.iter().copied().collect() || there.len() != e.clips.len() {
        return Ok(Some("other clips have the same bytes and are not part of it".into()));
    }
    if all.iter().any(|kept| kept.size != e.size) {
        return Ok(Some("the size is not that of the clip".into()));
    }
    let copies = copies_of(asked.registers, &e.clips)?;
    Ok((copies != e.copies).then(|| "it does not name where the copies lie".into()))
}

fn settled(
    asked: &Asked,
    (intent, plan): (u64, PlanId),
    (clips, sha256): (&[ClipId], &Digest),
) -> Objection {
    unless!(asked.rights.system("settling a removal"));
    let row = registry::by_seq(asked.registers, &DISPOSAL, intent)?;
    let Some(row) = row.filter(|row| row.text("state") == "intended") else {
        return Ok(Some(format!("entry {intent} is no intent that is open")));
    };
    let same = row.text("sha256") == sha256.to_string()
        && number(&row, "plan") == plan.0
        && number(&row, "clips") == clips.len() as u64;
    if !same {
        return Ok(Some(format!("it is not what entry {intent} intended")));
    }
    for clip in clips {
        unless!(line_in(asked.registers, plan, *clip, &["leaving"])?);
    }
    Ok(None)
}

/// Where the custody entries of these clips say that they lie, in order.
pub(crate) fn copies_of(registers: &dyn Registers, clips: &[ClipId]) -> PortResult<Vec<String>> {
    let mut copies = BTreeSet::new();
    for clip in clips {
        let row = registry::by_seq(registers, &s::CLIP, clip.0)?
            .ok_or_else(|| damaged("a kept clip has no custody row"))?;
        copies.extend(row.text("copies").split('+').map(str::to_owned));
    }
    // `mirror` before `vault`: the order in which they are removed.
    Ok(copies.into_iter().collect())
}

fn plan_in(
    registers: &dyn Registers,
    plan: PlanId,
    state: &str,
) -> PortResult<Result<Row, String>> {
    Ok(match registry::by_seq(registers, &DISPOSAL_PLAN, plan.0)? {
        None => Err(format!("there is no plan {plan}; see `sealdock dispose list`")),
        Some(row) if row.text("state") == state => Ok(row),
        Some(row) => Err(format!("plan {plan} is {}, not {state}", row.text("state"))),
    })
}

fn line_in(registers: &dyn Registers, plan: PlanId, clip: ClipId, states: &[&str]) -> Objection {
    let query = Query::all(&DISPOSAL_LINE).with("plan", plan.0).with("clip", clip.0);
    let rows = registers.select(&query)?;
    Ok(match rows.first() {
        None => Some(format!("{clip} is not in plan {plan}")),
        Some(row) if states.contains(&row.text("state")) => None,
        Some(row) => Some(format!("{clip} is {} in plan {plan}", row.text("state"))),
    })
}

/// Clips of a plan in that state, in order.
pub(crate) fn lines(
    registers: &dyn Registers,
    plan: PlanId,
    state: &str,
) -> PortResult<Vec<ClipId>> {
    let query = Query::all(&DISPOSAL_LINE).with("plan", plan.0).with("state", state);
    Ok(registers.select(&query)?.iter().map(|row| ClipId(number(row, "clip"))).collect())
}

/// Intents that are not settled.
pub(crate) fn open_intents(registers: &dyn Registers) -> PortResult<Vec<Row>> {
    registers.select(&Query::all(&DISPOSAL).with("state", "intended"))
}

fn number(row: &Row, column: &str) -> u64 {
    row.int_opt(column).and_then(|n| u64::try_from(n).ok()).unwrap_or_default()
}
