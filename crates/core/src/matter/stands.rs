//! Was it the time for it? What a matter, step, binding or interruption must be for an entry about it, whoever
//! writes it. The decision says the same in more words; `check` has only this.

use super::{
    ClipBound, Event, MATTER, Manner, MatterCorrected, MatterFiled, StepDeclared, bindings_of_clip,
    interruption, matter, step, steps_in_force, steps_of,
};
use crate::id::{InterruptionId, MatterId};
use crate::ports::{PortResult, Registers};
use crate::registry;
use crate::schema::CLIP;
use crate::table::Query;
use crate::time::WallMs;
use crate::why;
use crate::why::{Why, spoken};

type Objection = PortResult<Option<Why>>;

/// Why it was not the time for this event; `None` if it was.
pub(super) fn objection(registers: &dyn Registers, at: WallMs, event: &Event) -> Objection {
    match event {
        Event::MatterOpened(e) => is_free(registers, e.record.case_file.as_deref(), None),
        Event::MatterCorrected(e) => corrected(registers, e),
        Event::MatterClosed(e) => closed(registers, e.matter),
        Event::MatterFiled(e) => filed(registers, at, e),
        Event::FilingWarned(e) => waits_until(registers, e.matter, e.due),
        Event::FilingMissed(e) => waits_until(registers, e.matter, e.due),
        Event::StepDeclared(e) => declared(registers, e),
        Event::StepClosed(e) => {
            let step = step(registers, e.step)?;
            Ok(step
                .is_some_and(|step| step.closed)
                .then(|| why!("M65", "环节 {:#} 已经结束。", "step {} is closed already", e.step)))
        }
        Event::ClipBound(e) => bound(registers, e),
        Event::InterruptionFound(e) => {
            let of = step(registers, e.step)?.map(|step| step.matter);
            Ok((of != Some(e.matter)).then(|| {
                why!("M66", "{:#} 不是 {:#} 的环节。", "{} is no step of {}", e.step, e.matter)
            }))
        }
        Event::InterruptionFilled(e) => is(registers, e.interruption, &["open", "not-accepted"]),
        Event::InterruptionExplained(e) => is(registers, e.interruption, &["open", "not-accepted"]),
        Event::InterruptionNoted(e) => is(registers, e.interruption, &["explained"]),
        Event::StepsAdopted(_) | Event::ClipUnbound(_) | Event::ClipMarked(_) => Ok(None),
    }
}

/// Two matters never share a number.
fn is_free(registers: &dyn Registers, number: Option<&str>, own: Option<MatterId>) -> Objection {
    let Some(number) = number else { return Ok(None) };
    let rows = registers.select(&Query::all(&MATTER).with("case_file", number))?;
    let other = rows.iter().map(|row| MatterId(registry::seq(row))).find(|id| Some(*id) != own);
    Ok(other.map(|id| {
        why!(
            "M67",
            "案号 {number:#} 是案件 {id:#} 的；请核对。",
            "case number {number} is matter {id}"
        )
    }))
}

fn corrected(registers: &dyn Registers, e: &MatterCorrected) -> Objection {
    let Some(was) = matter(registers, e.matter)? else { return Ok(None) };
    if e.corrects != was.record_seq {
        return Ok(Some(why!(
            "M68",
            "{:#} 的登记在第 {:#} 条；更正所写的是第 {:#} 条，请重新打开页面。",
            "the record of {} stands in entry {}; the correction speaks of entry {}",
            e.matter,
            was.record_seq,
            e.corrects
        )));
    }
    if was.state == "filed" && e.record.case_file != was.case_file {
        return Ok(Some(why!(
            "M69",
            "{:#} 已归档：已归档案号不得更改。",
            "{} is filed: the number of a filed case does not change",
            was.id
        )));
    }
    is_free(registers, e.record.case_file.as_deref(), Some(e.matter))
}

fn closed(registers: &dyn Registers, id: MatterId) -> Objection {
    let Some(was) = matter(registers, id)? else { return Ok(None) };
    if was.state != "open" {
        return Ok(Some(why!(
            "M70",
            "案件 {id:#} 已是“{:#}”。",
            "matter {id} is {} already",
            spoken(&was.state)
        )));
    }
    let open = steps_of(registers, id)?.into_iter().find(|step| !step.closed);
    Ok(open.map(|step| {
        why!(
            "M71",
            "案件 {id:#} 的环节 {:#} 没有结束。",
            "step {} of matter {id} is not closed",
            step.id
        )
    }))
}

fn filed(registers: &dyn Registers, at: WallMs, e: &MatterFiled) -> Objection {
    let Some(was) = matter(registers, e.matter)? else { return Ok(None) };
    let ("closed", Some(due)) = (was.state.as_str(), was.due) else {
        return Ok(Some(why!(
            "M72",
            "案件 {:#} 现为“{:#}”：只有已结案的才归档，且只归档一次。",
            "matter {} is {}: only what has ended is filed, and once",
            e.matter,
            spoken(&was.state)
        )));
    };
    if e.late.is_some_and(|late| late != (at > due)) || (e.late == Some(true) && e.reason.is_none())
    {
        return Ok(Some(why!(
            "M73",
            "案件 {:#} 应在 {due:#} 前归档（002/A2-§16）；记录不符，或没有写明迟归档的原因。",
            "matter {} was due by {due} (002/A2-§16); the entry says otherwise, or not why it is late",
            e.matter
        )));
    }
    is_free(registers, Some(&e.case_file), Some(e.matter))
}

/// A deadline is that of a matter that waits to be filed.
fn waits_until(registers: &dyn Registers, id: MatterId, due: WallMs) -> Objection {
    let waits =
        matter(registers, id)?.is_some_and(|was| was.state == "closed" && was.due == Some(due));
    Ok((!waits).then(|| {
        why!(
            "M74",
            "案件 {id:#} 不等待在 {due:#} 前归档。",
            "matter {id} does not wait to be filed by {due}"
        )
    }))
}

/// The step says what the list in force says of it.
fn declared(registers: &dyn Registers, e: &StepDeclared) -> Objection {
    let Some(of) = matter(registers, e.matter)? else { return Ok(None) };
    if of.state != "open" {
        return Ok(Some(why!(
            "M75",
            "案件 {:#} 现为“{:#}”：不能再增加环节。",
            "matter {} is {}: no step is added to it",
            of.id,
            spoken(&of.state)
        )));
    }
    let list = steps_in_force(registers)?;
    let Some(item) = list.list.item(&e.item).filter(|_| e.list == list.sha256) else {
        return Ok(Some(why!(
            "M76",
            "现行事项清单中没有 {:?}。",
            "there is no item {:?} on the list in force",
            e.item
        )));
    };
    if e.must != item.must {
        return Ok(Some(why!(
            "M77",
            "现行事项清单对 {:?} 另有规定。",
            "the list in force says otherwise of item {:?}",
            e.item
        )));
    }
    if e.manner == Manner::InParts && (item.unbroken || e.reason.is_none()) {
        return Ok(Some(why!(
            "M78",
            "环节 {:?} 违反清单申报为断续，或没有写明理由（002/A6-§13）。",
            "step {:?} was declared in parts against the list, or without saying why (002/A6-§13)",
            e.item
        )));
    }
    let other = e.officers.iter().find(|id| !of.officers.contains(id));
    Ok(other.map(|id| {
        why!("M79", "{id:#} 不是案件 {:#} 的执法人员。", "{id} is no officer of matter {}", of.id)
    }))
}

fn bound(registers: &dyn Registers, e: &ClipBound) -> Objection {
    if registry::by_seq(registers, &CLIP, e.clip.0)?.is_none() {
        return Ok(Some(why!("M80", "没有视频 {:#}。", "there is no clip {}", e.clip)));
    }
    if let Some(id) = e.step
        && step(registers, id)?.is_none_or(|step| step.matter != e.matter)
    {
        return Ok(Some(why!(
            "M81",
            "{id:#} 不是 {:#} 的环节。",
            "{id} is no step of {}",
            e.matter
        )));
    }
    let mut there = bindings_of_clip(registers, e.clip)?.into_iter();
    Ok(there
        .any(|bound| (bound.matter, bound.step) == (e.matter, e.step))
        .then(|| why!("M82", "视频 {:#} 已归入此处。", "clip {} is bound there already", e.clip)))
}

fn is(registers: &dyn Registers, id: InterruptionId, states: &[&str]) -> Objection {
    let Some(one) = interruption(registers, id)? else { return Ok(None) };
    Ok((!states.contains(&one.state.as_str())).then(|| {
        why!("M83", "中断 {id:#} 现为“{:#}”。", "interruption {id} is {}", spoken(&one.state))
    }))
}
