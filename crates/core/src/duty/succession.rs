//! A unit whose only head is gone, or has forgotten their PIN, has nobody who appoints the next. The way on: one
//! leading person proposes somebody who is there, and another seconds it after the station ran for a week in which no
//! unit head signed anything. Both entries stay, and whoever is head again undoes it as any other duty.

use super::held::{holders, holds_in_own_right};
use super::{DUTY, HEAD_PROPOSAL, HeadProposed, HeadSeconded, PinGiver, pin_giver, rules};
use super::{DutyAppointed, unit_head_rules};
use crate::actor::{ActorRecord, Role};
use crate::clock_state;
use crate::id::PersonId;
use crate::ports::{PortResult, Registers};
use crate::registry::{self, damaged};
use crate::report::ACT;
use crate::table::{Query, Row};
use crate::time::{HOUR_MS, Stamp, WallMs};
use crate::why;
use crate::why::Why;

/// For so long no unit head may have signed anything, milliseconds in which the station ran: what it was off, or its
/// clock was set, does not count, because nobody is there to answer for that clock.
pub const SILENT_MS: i64 = 7 * 24 * HOUR_MS;

/// Who proposes and seconds: heads and the auditor, in their own right.
const LEADING: [Role; 5] =
    [Role::DepartmentHead, Role::LegalHead, Role::PenaltyHead, Role::PenaltyLeader, Role::Auditor];

/// A proposal that nobody seconded yet and no unit head has answered by signing something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The entry.
    pub seq: u64,
    pub person: PersonId,
    pub by: PersonId,
    /// How long the station must still run, milliseconds; 0: it can be seconded.
    pub left_ms: i64,
}

/// The newest proposal, if it still stands.
///
/// # Errors
/// The registers cannot be read.
pub fn open_proposal(registers: &dyn Registers, at: &Stamp) -> PortResult<Option<Proposal>> {
    let newest = Query::all(&HEAD_PROPOSAL).newest_first().limit(1);
    let Some(row) = registers.select(&newest)?.into_iter().next() else { return Ok(None) };
    if row.int_opt("seconded_seq").is_some()
        || answered(registers, registry::seq(&row), at.wall)?.is_some()
    {
        return Ok(None);
    }
    let person =
        |column: &str| row.text(column).parse().map_err(|e| damaged(&format!("proposal row: {e}")));
    Ok(Some(Proposal {
        seq: registry::seq(&row),
        person: person("person")?,
        by: person("proposed_by")?,
        left_ms: SILENT_MS.saturating_sub(ran_ms(registers, &row, at)?).max(0),
    }))
}

/// Why `actor` may not propose this head; `None` if they may.
pub(super) fn may_propose(
    registers: &dyn Registers,
    at: &Stamp,
    actor: &ActorRecord,
    e: &HeadProposed,
) -> PortResult<Option<Why>> {
    if let Some(why) = hand(registers, at.wall, actor, &e.person)? {
        return Ok(Some(why));
    }
    if !unit_head_rules(registers)? {
        return Ok(Some(why!(
            "D36",
            "单位还在设立中：请直接登记单位负责人。",
            "the unit is still being set up: `sealdock person add ID --role unit-head`"
        )));
    }
    if let Some(open) = open_proposal(registers, at)? {
        return Ok(Some(why!(
            "D37",
            "第 {:#} 条已提名 {:#}。",
            "entry {} proposes {} already",
            open.seq,
            open.person
        )));
    }
    if e.unseen_ms != clock_state::unseen_ms(registers, at)? {
        return Ok(Some(why!(
            "D38",
            "所写的停机时间与记录不符。",
            "it says another time in which the station was off"
        )));
    }
    fit(registers, at.wall, &e.person)
}

/// Why `actor` may not second it; `None` if they may.
pub(super) fn may_second(
    registers: &dyn Registers,
    at: &Stamp,
    actor: &ActorRecord,
    e: &HeadSeconded,
) -> PortResult<Option<Why>> {
    if let Some(why) = hand(registers, at.wall, actor, &e.person)? {
        return Ok(Some(why));
    }
    let Some(row) = registry::by_seq(registers, &HEAD_PROPOSAL, e.proposal)? else {
        return Ok(Some(why!(
            "D39",
            "第 {:#} 条没有提名单位负责人。",
            "entry {} proposes no unit head",
            e.proposal
        )));
    };
    if row.text("person") != e.person.as_str() {
        return Ok(Some(why!(
            "D40",
            "第 {:#} 条提名的是 {:#}。",
            "entry {} proposes {}",
            e.proposal,
            row.text("person")
        )));
    }
    if row.int_opt("seconded_seq").is_some() {
        return Ok(Some(why!(
            "D41",
            "第 {:#} 条的提名已有人附议。",
            "the proposal of entry {} was seconded already",
            e.proposal
        )));
    }
    if matches!(actor, ActorRecord::Person { id } if id.as_str() == row.text("proposed_by")) {
        return Ok(Some(why!(
            "D42",
            "提名人不能自己附议；请由他人附议。",
            "who proposed it cannot second it as well"
        )));
    }
    if let Some(why) = answered(registers, e.proposal, at.wall)? {
        return Ok(Some(why));
    }
    let left = SILENT_MS.saturating_sub(ran_ms(registers, &row, at)?);
    if left > 0 {
        let hours = left.saturating_add(HOUR_MS - 1) / HOUR_MS;
        return Ok(Some(why!(
            "D43",
            "单位负责人仍有时间答复：采集站还须运行 {hours:#} 小时。",
            "the unit head still has time to answer: the station must run for {hours} more hours first"
        )));
    }
    fit(registers, at.wall, &e.person)
}

/// A hand that may propose and second, and is not the proposed person's.
fn hand(
    registers: &dyn Registers,
    at: WallMs,
    actor: &ActorRecord,
    proposed: &PersonId,
) -> PortResult<Option<Why>> {
    let leads = |id: &PersonId| -> PortResult<bool> {
        for held in super::duties(registers, id, at)? {
            if LEADING.contains(&held.role) && held.acting_for.is_none() {
                return Ok(true);
            }
        }
        Ok(false)
    };
    let able = match actor {
        ActorRecord::Person { id } if id == proposed => {
            return Ok(Some(why!(
                "D44",
                "{id:#} 不能使自己成为单位负责人。",
                "{id} may not make themself unit head"
            )));
        }
        ActorRecord::Person { id } => pin_giver(registers, id)?.is_some() && leads(id)?,
        _ => false,
    };
    Ok((!able).then(|| {
        why!("D45", "单位负责人由部门负责人、法制部门负责人、处罚部门负责人、处罚部门分管领导或审计人员以本职、凭本人口令提名和附议；{actor:#}不是。", "a unit head (单位负责人) is proposed and seconded by a department head, legal head, penalty head, penalty leader or auditor, each in their own right and with their own PIN: say --as ID; {actor} is none")
    }))
}

/// Could this person be unit head at once?
fn fit(registers: &dyn Registers, at: WallMs, person: &PersonId) -> PortResult<Option<Why>> {
    if let Some(why) = rules::not_here(registers, person)? {
        return Ok(Some(why));
    }
    match pin_giver(registers, person)? {
        Some(PinGiver::Themself | PinGiver::SetUp) => (),
        None => {
            return Ok(Some(why!(
                "D46",
                "{person:#} 没有口令，不能签署。",
                "{person} has no PIN and could sign nothing"
            )));
        }
        Some(PinGiver::Other(giver)) => {
            return Ok(Some(why!(
                "D47",
                "{person:#} 的口令是 {giver:#} 给的，{giver:#} 知道它；请本人先更换口令。",
                "the PIN of {person} was given by {giver}, who knows it"
            )));
        }
    }
    if holds_in_own_right(registers, person, (Role::UnitHead, None), at)? {
        return Ok(Some(why!(
            "D48",
            "{person:#} 已经是单位负责人。",
            "{person} is unit head already"
        )));
    }
    rules::unfit(registers, at, &as_appointed(person, String::new()))
}

/// What a seconded proposal gives.
pub(super) fn as_appointed(person: &PersonId, reason: String) -> DutyAppointed {
    DutyAppointed {
        person: person.clone(),
        role: Role::UnitHead,
        department: None,
        since: None,
        until: None,
        acting_for: None,
        reason,
    }
}

/// By which entry a unit head answered a proposal: whatever they signed after it. A head who was appointed after it
/// answers it too.
fn answered(registers: &dyn Registers, proposal: u64, at: WallMs) -> PortResult<Option<Why>> {
    let made = Query::all(&DUTY).with("role", Role::UnitHead.as_str()).newest_first().limit(1);
    let newest = registers.select(&made)?.first().map_or(0, registry::seq);
    if newest > proposal {
        return Ok(Some(why!(
            "D49",
            "此后第 {newest:#} 条已任命单位负责人。",
            "a unit head was appointed after it, in entry {newest}"
        )));
    }
    // A new word about the clock, by whoever was head then, begins another count of what was not seen.
    let word = Query::all(&clock_state::CLOCK_TRUST).newest_first().limit(1);
    let newest = registers.select(&word)?.first().map_or(0, registry::seq);
    if newest > proposal {
        return Ok(Some(why!(
            "D50",
            "此后第 {newest:#} 条，单位负责人已确认时钟正确。",
            "the unit head said after it, in entry {newest}, that the clock is right"
        )));
    }
    for head in holders(registers, Role::UnitHead, at)? {
        // What a shift of theirs does by itself is no sign of them.
        let acts = Query::all(&ACT).with("person", head.person.as_str()).with("how", "person");
        let last =
            registers.select(&acts.newest_first().limit(1))?.first().map_or(0, registry::seq);
        if last > proposal {
            return Ok(Some(why!(
                "D51",
                "{:#} 在岗，此后签署过第 {last:#} 条：请由单位负责人任命。",
                "{} is there and signed entry {last} after it: the unit head appoints (`sealdock duty appoint`)",
                head.person
            )));
        }
    }
    Ok(None)
}

/// How long the station ran since a proposal.
fn ran_ms(registers: &dyn Registers, proposal: &Row, at: &Stamp) -> PortResult<i64> {
    let passed = at.wall.0.saturating_sub(proposal.int("wall"));
    let unseen = clock_state::unseen_ms(registers, at)?;
    Ok(passed.saturating_sub(unseen.saturating_sub(proposal.int("unseen_ms"))))
}
