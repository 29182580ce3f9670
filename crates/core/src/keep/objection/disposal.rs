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
use crate::why;
use crate::why::{Both, Why, spoken};
use sealdock_chain::digest::Digest;
use std::collections::BTreeSet;

const CLERK: (Role, &str) = (Role::Clerk, "管理员");
const UNIT_HEAD: (Role, &str) = (Role::UnitHead, "单位负责人");

pub(super) fn objection(asked: &Asked, event: &Event) -> Objection {
    match event {
        Event::DisposalPlanned(e) => planned(asked, e),
        Event::DisposalApproved(e) => approved(asked, e),
        Event::DisposalWithdrawn(e) => {
            if asked.rights.system(Both("", "")).is_some() {
                unless!(asked.rights.serves(Both("把视频移出计划", "taking clips out of a plan")));
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
    unless!(asked.rights.needs(&[CLERK], Both("列处置计划", "planning a disposal")));
    unless!(named(&e.clips, CLIPS_MOST));
    let look = Look::new(asked.registers, asked.at)?;
    unless!(names_word(&look, e.clock));
    let by = look.word.as_ref().map(|word| word.by.as_str());
    if e.clock.is_some() && asked.rights.is_named(by) {
        return Ok(Some(vouch(Both(
            "列处置计划的人不能是确认时钟的人",
            "whoever plans a disposal is not the one who said that the clock is right",
        ))));
    }
    for clip in &e.clips {
        if let Some(why) = look.objections(*clip)?.first() {
            return Ok(Some(why!(
                "K80",
                "{clip:#} 不能处置：{why:#}。",
                "{clip} cannot be disposed of: {why}"
            )));
        }
        if e.clock.is_some() {
            unless!(look.not_sure(*clip)?);
        }
        for row in asked.registers.select(&Query::all(&DISPOSAL_LINE).with("clip", clip.0))? {
            if row.text("state") == "pending" {
                let plan = PlanId(number(&row, "plan"));
                return Ok(Some(why!(
                    "K81",
                    "{clip:#} 已在计划 {plan:#} 中；请在“处置”中查看。",
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
    unless!(asked.rights.needs(&[UNIT_HEAD], Both("批准处置", "approving a disposal")));
    let planner = row.text("planned_by");
    if asked.rights.is_named(Some(planner)) {
        return Ok(Some(why!(
            "K82",
            "审批人不得是申请人：计划 {:#} 须由另一人批准。",
            "the approver is never the applicant: a second person approves plan {}",
            e.plan
        )));
    }
    let in_their_place =
        |planner: PersonId| asked.rights.only_for(&planner, |held| held.role == Role::UnitHead);
    if Rights::person_named(planner).is_some_and(in_their_place) {
        return Ok(Some(why!(
            "K83",
            "审批人不得是申请人：只代行 {planner:#} 职务的人不能批准计划 {:#}。",
            "the approver is never the applicant: whoever only stands in for {planner} does not approve plan {}",
            e.plan
        )));
    }
    if row.text("object") != e.object.to_string() {
        return Ok(Some(why!(
            "K84",
            "计划 {0:#} 的清单是 {1:#}，不是 {2:#}；请重新打开计划 {3:#}，批准您看到的内容。",
            "plan {} is {}, not {}; read it with `sealdock dispose show {}` and approve what you read",
            e.plan,
            row.text("object"),
            e.object,
            e.plan
        )));
    }
    for clip in lines(asked.registers, e.plan, "pending")? {
        if asked.rights.owns(clip)? {
            return Ok(Some(why!(
                "K85",
                "{clip:#} 是办理人本人的视频；请先把它移出计划 {:#}，或由他人批准。",
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
        vouch(Both("采集站启动以来还没有人确认时钟正确，而等待期从现在起算", "since the station was started nobody has said that its clock is right, and the quarantine counts from now"))
    }))
}

/// Each step names the newest word that the clock is right, and is judged by it. An entry of an earlier version
/// names none, and what it rests on is not asked.
fn names_word(look: &Look, clock: Option<u64>) -> Option<Why> {
    let newest = look.word.as_ref().map(|word| word.seq);
    (clock.is_some() && clock != newest).then(|| {
        why!(
            "K86",
            "所依据的不是最近一次时钟确认。",
            "it rests on another word about the clock than the newest"
        )
    })
}

fn begun(asked: &Asked, e: &DisposalBegun) -> Objection {
    unless!(asked.rights.needs(&[CLERK, UNIT_HEAD], Both("执行处置", "carrying out a disposal")));
    unless!(waited(asked, e.plan, e.clock)?);
    if !open_intents(asked.registers)?.is_empty() {
        return Ok(Some(why!(
            "K87",
            "有一项已开始的移除还没有结果；请在“处置”页继续执行以了结。",
            "a removal that was begun is not settled yet; `sealdock dispose run` settles it"
        )));
    }
    if brake::used(asked.registers, asked.at.wall)? != (e.used_clips, e.used_bytes) {
        return Ok(Some(why!(
            "K88",
            "所写最近 24 小时的处置量与记录链不符。",
            "the run says otherwise than the chain what went in the last 24 hours"
        )));
    }
    let per_mille = Look::new(asked.registers, asked.at)?.periods.keeping().brake_per_mille;
    let archive = (e.archive_clips, e.archive_bytes);
    let left = brake::allowance(per_mille, archive, (e.used_clips, e.used_bytes));
    if left != (e.clips, e.bytes) {
        return Ok(Some(why!(
            "K89",
            "本次执行的限额与策略不符。",
            "the run allows itself another amount than the policy does"
        )));
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
        return Ok(Some(why!(
            "K90",
            "计划 {plan:#} 在等待期内，至 {:#} 前不移除任何视频。",
            "plan {plan} is in quarantine until {}; nothing is removed before",
            over.rfc3339()
        )));
    }
    let sure = clock.is_none() || look.sure >= over;
    Ok((!sure).then(|| {
        look.off_since(&why!(
            "K91",
            "计划 {plan:#} 的等待期已满。",
            "the quarantine of plan {plan} is over"
        ))
    }))
}

/// Asked just before a removal, and by `check` of every removal that ever was.
fn intended(asked: &Asked, e: &DisposalIntended) -> Objection {
    unless!(asked.rights.system(Both("登记移除意向", "intending a removal")));
    unless!(waited(asked, e.plan, e.clock)?);
    let newest = Query::all(&DISPOSAL_RUN).newest_first().limit(1);
    let run = asked.registers.select(&newest)?.into_iter().next();
    let Some(run) =
        run.filter(|run| registry::seq(run) == e.run && number(run, "plan") == e.plan.0)
    else {
        return Ok(Some(why!(
            "K92",
            "该移除不属于正在进行的执行；请重新开始。",
            "the removal belongs to no run that is going on; begin one"
        )));
    };
    if !brake::is_of_today(&run, asked.at.wall)? {
        return Ok(Some(why!(
            "K93",
            "该次执行已超过一天；请重新开始。",
            "the run is older than a day; begin another"
        )));
    }
    unless!(same_content(asked, e)?);
    let look = Look::new(asked.registers, asked.at)?;
    for clip in &e.clips {
        unless!(line_in(asked.registers, e.plan, *clip, &["pending"])?);
        if let Some(why) = look.objections(*clip)?.first() {
            return Ok(Some(why!(
                "K94",
                "{clip:#} 不能处置：{why:#}。",
                "{clip} cannot be disposed of: {why}"
            )));
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
        return Ok(Some(why!(
            "K95",
            "有其他视频内容相同，却不在其中。",
            "other clips have the same bytes and are not part of it"
        )));
    }
    if all.iter().any(|kept| kept.size != e.size) {
        return Ok(Some(why!("K96", "大小与视频不符。", "the size is not that of the clip")));
    }
    let copies = copies_of(asked.registers, &e.clips)?;
    Ok((copies != e.copies)
        .then(|| why!("K97", "没有写明副本所在位置。", "it does not name where the copies lie")))
}

fn settled(
    asked: &Asked,
    (intent, plan): (u64, PlanId),
    (clips, sha256): (&[ClipId], &Digest),
) -> Objection {
    unless!(asked.rights.system(Both("了结移除", "settling a removal")));
    let row = registry::by_seq(asked.registers, &DISPOSAL, intent)?;
    let Some(row) = row.filter(|row| row.text("state") == "intended") else {
        return Ok(Some(why!(
            "K98",
            "第 {intent:#} 条没有未了结的移除意向。",
            "entry {intent} is no intent that is open"
        )));
    };
    let same = row.text("sha256") == sha256.to_string()
        && number(&row, "plan") == plan.0
        && number(&row, "clips") == clips.len() as u64;
    if !same {
        return Ok(Some(why!(
            "K99",
            "与第 {intent:#} 条的移除意向不符。",
            "it is not what entry {intent} intended"
        )));
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

fn plan_in(registers: &dyn Registers, plan: PlanId, state: &str) -> PortResult<Result<Row, Why>> {
    Ok(match registry::by_seq(registers, &DISPOSAL_PLAN, plan.0)? {
        None => Err(why!(
            "K100",
            "没有计划 {plan:#}；请在“处置”中核对编号。",
            "there is no plan {plan}; see `sealdock dispose list`"
        )),
        Some(row) if row.text("state") == state => Ok(row),
        Some(row) => Err(why!(
            "K101",
            "计划 {plan:#} 现为“{:#}”，不是“{state:#}”；请重新打开页面。",
            "plan {plan} is {}, not {state}",
            spoken(row.text("state")),
            state = spoken(state)
        )),
    })
}

fn line_in(registers: &dyn Registers, plan: PlanId, clip: ClipId, states: &[&str]) -> Objection {
    let query = Query::all(&DISPOSAL_LINE).with("plan", plan.0).with("clip", clip.0);
    let rows = registers.select(&query)?;
    Ok(match rows.first() {
        None => {
            Some(why!("K102", "{clip:#} 不在计划 {plan:#} 中。", "{clip} is not in plan {plan}"))
        }
        Some(row) if states.contains(&row.text("state")) => None,
        Some(row) => Some(why!(
            "K103",
            "{clip:#} 在计划 {plan:#} 中现为“{:#}”。",
            "{clip} is {} in plan {plan}",
            spoken(row.text("state"))
        )),
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
