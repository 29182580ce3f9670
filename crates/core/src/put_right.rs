//! Entries that put an earlier one right. The earlier one stays in the chain and is shown with the one that
//! names it, so what a correction names must be what stood.

use crate::actor::{ActorRecord, Role};
use crate::decide::reason_text;
use crate::duty;
use crate::event::{PutRight, ReasonGiven};
use crate::id::{ClipId, PersonId};
use crate::policy::Deadline;
use crate::ports::{PortResult, Refusal, Registers};
use crate::registry;
use crate::schema as s;
use crate::table::Query;
use crate::time::WallMs;
use crate::why::{Both, Why};
use crate::{says, why};

/// What a reason for `of` is: the first one, or one that puts `stands`, the entry of the one before, right.
pub(crate) fn correction(
    of: &str,
    stands: Option<i64>,
    why: Option<String>,
) -> Result<Option<PutRight>, Refusal> {
    match (stands, why) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(Refusal(why!(
            "C01",
            "{of:#}还没有说明，无可更正。",
            "no reason for {of} stands in the record; there is nothing to correct"
        ))),
        (Some(seq), None) => Err(Refusal(why!(
            "C02",
            "{of:#}已有说明（第 {seq:#} 条）；要更正，请写明更正的理由。",
            "a reason for {of} stands in the record already, entry {seq}; to put it right say why: --correcting TEXT"
        ))),
        (Some(seq), Some(why)) => {
            let corrects = u64::try_from(seq).unwrap_or_default();
            Ok(Some(PutRight { corrects, reason: reason_text(&why)? }))
        }
    }
}

fn clock_words(clock: Deadline) -> Both<'static> {
    let chinese = match clock {
        Deadline::EndOfDay => "当日导入",
        Deadline::AfterReturn => "交回后导入",
        Deadline::AfterRecording => "记录后导入",
    };
    Both(chinese, clock.as_str())
}

/// Why a reason for `of` does not follow what stood: it must name the entry of the one before, or there was none.
pub(crate) fn misplaced(
    of: &str,
    stands: Option<i64>,
    correction: Option<&PutRight>,
) -> Option<Why> {
    let stands = stands.and_then(|seq| u64::try_from(seq).ok());
    let named = correction.map(|it| it.corrects);
    let said = |seq: Option<u64>| seq.map_or("none".to_owned(), |seq| format!("entry {seq}"));
    (stands != named).then(|| {
        why!(
            "C03",
            "{of:#}的说明更正的是{:#}，而现有的是{:#}；请重新打开页面。",
            "the reason for {of} puts {} right, where {} stood",
            said(named),
            said(stands)
        )
    })
}

/// Why `actor` may not give this reason for a late clip, or why it does not follow what stood for the deadlines
/// that it answers for.
///
/// # Errors
/// The registers cannot be read.
pub(crate) fn objection(
    registers: &dyn Registers,
    at: WallMs,
    actor: &ActorRecord,
    e: &ReasonGiven,
) -> PortResult<Option<Why>> {
    if let Some(why) = may_not_explain(registers, at, actor, e.clip)? {
        return Ok(Some(why));
    }
    let missed = registers.select(&Query::all(&s::DEADLINE).with("clip", e.clip.0))?;
    for clock in &e.clocks {
        let of = says!("视频 {1:#} 的{0:#}时限", "{} of clip {}", clock_words(*clock), e.clip);
        let Some(row) = missed.iter().find(|row| row.text("clock") == clock.as_str()) else {
            return Ok(Some(why!(
                "C04",
                "{of:#}没有逾期，不需要说明。",
                "{of} was not missed; there was nothing to explain"
            )));
        };
        if let Some(why) = misplaced(&of, row.int_opt("reason_seq"), e.correction.as_ref()) {
            return Ok(Some(why));
        }
    }
    Ok(None)
}

/// Why `actor` does not answer for a late clip: that is its officer, or a clerk or head of that officer's
/// department. A clip that is nobody's is answered for by who holds such a duty over the whole unit.
pub(crate) fn may_not_explain(
    registers: &dyn Registers,
    at: WallMs,
    actor: &ActorRecord,
    clip: ClipId,
) -> PortResult<Option<Why>> {
    let no = |who: &dyn std::fmt::Display| {
        Ok(Some(why!(
            "C05",
            "视频 {clip:#} 不是{who:#}的；由其执法人员、管理员或部门负责人说明。",
            "clip {clip} is not {who}'s; its officer, the clerk or a department head gives the reason"
        )))
    };
    let ActorRecord::Person { id } = actor else { return no(actor) };
    let Some(row) = registry::by_seq(registers, &s::CLIP, clip.0)? else {
        return Ok(Some(why!(
            "C06",
            "没有视频 {clip:#}；请在“视频”中核对编号。",
            "there is no clip {clip}; see `sealdock clip list --late`"
        )));
    };
    if registry::person(registers, id)?.is_none_or(|p| p.pin_commitment.is_none()) {
        return no(id);
    }
    let officer: Option<PersonId> = row
        .text_opt("officer")
        .map(str::parse)
        .transpose()
        .map_err(|e: crate::id::BadId| registry::damaged(&format!("clip row: {e}")))?;
    let department = match &officer {
        Some(officer) => duty::department_of(registers, officer)?,
        None => None,
    };
    let own = officer.as_ref() == Some(id);
    let held = duty::duties(registers, id, at)?;
    let over = |held: &duty::Held| matches!(held.role, Role::Clerk | Role::DepartmentHead);
    if held.iter().any(|held| over(held) && held.covers(department.as_ref())) {
        return Ok(None);
    }
    if own && held.iter().any(|held| over(held) || held.role == Role::Officer) {
        return Ok(None);
    }
    if held.iter().any(over) {
        return Ok(Some(why!(
            "C07",
            "视频 {clip:#} 的执法人员属于 {id:#} 职责以外的部门；由其本人或该部门的管理员、负责人说明。",
            "clip {clip} is of an officer of another department than {id} answers for; its officer, or the clerk or head of that department gives the reason"
        )));
    }
    no(id)
}
