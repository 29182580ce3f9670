//! Matters opened, corrected, closed and filed, and the list of what must be recorded.

use super::super::{
    Event, FilingMissed, FilingWarned, MATTER, Matter, MatterClosed, MatterCorrected, MatterFiled,
    MatterOpened, MatterRecord, StepList, StepsAdopted, interruptions, matters, steps_in_force,
    steps_of,
};
use super::{allowed, believable, matter_named, moment, officers};
use crate::decide::{Decided, Scene, no, ok, reason_text, yes};
use crate::duty::{DEPARTMENT, plain_text};
use crate::event::Event as Any;
use crate::id::MatterId;
use crate::ports::{PortResult, Refusal};
use crate::registry;
use crate::table::Query;
use crate::time::WallMs;
use crate::why;
use crate::why::{Both, Why, spoken};
use sealdock_chain::digest::Digest;

/// Room for the largest event, so that no entry can exceed the format's 65,535 bytes.
const STEPS_BYTES_MAX: usize = 32 * 1024;
/// Parties, and officers, of one matter.
const PEOPLE_MAX: usize = 40;

pub fn adopt(scene: &Scene, text: String) -> Decided {
    if text.len() > STEPS_BYTES_MAX {
        return no(why!(
            "M12",
            "事项清单超过 32 KiB；请缩短。",
            "the list of steps is longer than 32 KiB; shorten it"
        ));
    }
    ok!(StepList::adoptable(&text).map_err(|e| Refusal(why!(
        "M84",
        "事项清单不能施行：{e}",
        "{e}"
    ))));
    let sha256 = Digest::of(text.as_bytes());
    let current = steps_in_force(scene.registers)?;
    if current.adopted_seq.is_some() && current.sha256 == sha256 {
        return no(why!(
            "M13",
            "这份事项清单已在施行；没有变化。",
            "this list of steps is already in force; nothing changed"
        ));
    }
    allowed(scene, vec![Event::StepsAdopted(StepsAdopted { sha256, text })])
}

pub fn open(scene: &Scene, record: MatterRecord) -> Decided {
    let record = ok!(tidy(scene, record)?);
    ok!(case_file_is_free(scene, record.case_file.as_deref(), None)?);
    allowed(scene, vec![Event::MatterOpened(MatterOpened { record })])
}

pub fn correct(scene: &Scene, id: MatterId, record: MatterRecord, reason: &str) -> Decided {
    let matter = ok!(matter_named(scene, id)?);
    let reason = ok!(reason_text(reason));
    let record = ok!(tidy(scene, record)?);
    ok!(case_file_is_free(scene, record.case_file.as_deref(), Some(id))?);
    if matter.state == "filed" && record.case_file != matter.case_file {
        return no(why!(
            "M14",
            "案件 {id:#} 已归档为 {:#}；已归档案号不得更改。",
            "matter {id} is filed as {}; the number of a filed case does not change",
            matter.case_file.as_deref().unwrap_or_default()
        ));
    }
    let corrects = matter.record_seq;
    let e = MatterCorrected { matter: id, record, corrects, reason };
    allowed(scene, vec![Event::MatterCorrected(e)])
}

/// Words as a form takes them; officers and department are of this unit.
fn tidy(scene: &Scene, record: MatterRecord) -> PortResult<Result<MatterRecord, Refusal>> {
    let refused = |why: Why| Ok(Err(Refusal(why)));
    if record.parties.len() > PEOPLE_MAX || record.officers.len() > PEOPLE_MAX {
        return refused(why!(
            "M15",
            "一个案件最多 40 名当事人和 40 名执法人员。",
            "a matter has at most 40 parties and 40 officers"
        ));
    }
    if record.officers.is_empty() {
        return refused(why!(
            "M16",
            "案件至少有一名执法人员；请填写。",
            "a matter has at least one officer; name one with --officer ID"
        ));
    }
    if let Err(refusal) = officers(scene, &record.officers)? {
        return Ok(Err(refusal));
    }
    if let Some(id) = &record.department {
        let rows = scene.registers.select(&Query::all(&DEPARTMENT).with("id", id.as_str()))?;
        if rows.is_empty() {
            return Ok(Err(Refusal(why!(
                "M17",
                "没有部门 {id:#}。",
                "there is no department {id}"
            ))));
        }
    }
    Ok(words(record))
}

fn words(record: MatterRecord) -> Result<MatterRecord, Refusal> {
    let parties = record
        .parties
        .iter()
        .map(|party| plain_text(Both("当事人姓名", "a party's name"), party, 100));
    Ok(MatterRecord {
        title: plain_text(Both("案件名称", "a matter's title"), &record.title, 200)?,
        parties: parties.collect::<Result<_, _>>()?,
        case_file: record
            .case_file
            .map(|n| plain_text(Both("案号", "a case number"), &n, 100))
            .transpose()?,
        ..record
    })
}

/// Two matters never share a number.
fn case_file_is_free(
    scene: &Scene,
    number: Option<&str>,
    own: Option<MatterId>,
) -> PortResult<Result<(), Refusal>> {
    let Some(number) = number else { return Ok(Ok(())) };
    let rows = scene.registers.select(&Query::all(&MATTER).with("case_file", number))?;
    let other = rows.iter().map(|row| MatterId(registry::seq(row))).find(|id| Some(*id) != own);
    Ok(other.map_or(Ok(()), |id| {
        Err(Refusal(why!(
            "M18",
            "案号 {number:#} 是案件 {id:#} 的；请核对。",
            "case number {number} is matter {id}"
        )))
    }))
}

/// The enforcement act has ended: from here the 30 days run (002/A2-§16 ¶1).
pub fn close(scene: &Scene, id: MatterId, ended: Option<WallMs>, reason: &str) -> Decided {
    let matter = ok!(matter_named(scene, id)?);
    let reason = ok!(reason_text(reason));
    if matter.state != "open" {
        return no(why!(
            "M19",
            "案件 {id:#} 已是“{:#}”。",
            "matter {id} is {} already",
            spoken(&matter.state)
        ));
    }
    if let Some(step) = steps_of(scene.registers, id)?.iter().find(|step| !step.closed) {
        let step = step.id;
        return no(why!(
            "M20",
            "案件 {id:#} 的环节 {step:#} 没有结束；请先结束该环节，系统会核对其记录。",
            "step {step} of matter {id} is not closed; `sealdock step close {step}` looks at its recordings first"
        ));
    }
    let policy = registry::policy(scene.registers)?;
    let now = scene.context.at.wall;
    if ended.is_none() && !believable(scene)? {
        return no(why!(
            "M21",
            "采集站时钟不对；请填写执法结束的时间。",
            "the station's clock is wrong; say when the act ended with --ended"
        ));
    }
    let ended =
        ok!(moment(scene, Both("执法结束时间", "the end of the act"), ended.unwrap_or(now))?);
    let due = policy.matter.filing_due(policy.zone, ended);
    allowed(scene, vec![Event::MatterClosed(MatterClosed { matter: id, ended, due, reason })])
}

/// What is said when a case is filed.
pub struct Filing {
    pub case_file: Option<String>,
    pub archive: Option<String>,
    pub reason: Option<String>,
}

/// The case is in the archive. Late, it says why (S9).
pub fn file(scene: &Scene, id: MatterId, filing: Filing) -> Decided {
    let matter = ok!(matter_named(scene, id)?);
    let due = match (matter.state.as_str(), matter.due) {
        ("closed", Some(due)) => due,
        ("filed", _) => {
            return no(why!("M22", "案件 {id:#} 已归档。", "matter {id} is filed already"));
        }
        _ => {
            return no(why!(
                "M23",
                "案件 {id:#} 尚未结案：执法没有结束；请先结案。",
                "matter {id} is open: the act has not ended; `sealdock matter close {id}` comes first"
            ));
        }
    };
    let number =
        filing.case_file.map(|n| plain_text(Both("案号", "a case number"), &n, 100)).transpose();
    let Some(case_file) = ok!(number).or_else(|| matter.case_file.clone()) else {
        return no(why!(
            "M24",
            "案件 {id:#} 还没有案号；请填写案号。",
            "matter {id} has no case number yet; give --case-file NUMBER"
        ));
    };
    ok!(case_file_is_free(scene, Some(&case_file), Some(id))?);
    let archive = filing
        .archive
        .map(|a| plain_text(Both("案卷存放地点", "a place in the archive"), &a, 200))
        .transpose();
    let archive = ok!(archive);
    let now = scene.context.at.wall;
    let late = believable(scene)?.then_some(now > due);
    let reason = ok!(filing.reason.as_deref().map(reason_text).transpose());
    if late == Some(true) && reason.is_none() {
        return no(why!(
            "M25",
            "案件 {id:#} 应在 {due:#} 前归档（002/A2-§16）；请写明迟归档的原因。",
            "matter {id} should have been filed by {due} (002/A2-§16); say why it is late with --reason"
        ));
    }
    let mut events = Vec::new();
    let (clips, open_interruptions) = what_it_holds(scene, id)?;
    let reason = reason.filter(|_| late == Some(true));
    events.push(Event::MatterFiled(MatterFiled {
        matter: id,
        case_file,
        archive,
        late,
        reason,
        clips,
        open_interruptions,
    }));
    allowed(scene, events)
}

/// How many clips are bound to a matter, and how many interruptions nobody answered.
fn what_it_holds(scene: &Scene, id: MatterId) -> PortResult<(u32, u32)> {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let query = Query::all(&super::super::BINDING).with("matter", id.0);
    let bound = super::super::held::in_force(scene.registers, &query)?;
    let mut clips: Vec<_> = bound.iter().map(|bound| bound.clip).collect();
    clips.sort_unstable();
    clips.dedup();
    let open = interruptions(scene.registers, None)?;
    let open = open.iter().filter(|i| i.matter == id && i.unanswered());
    Ok((count(clips.len()), count(open.count())))
}

/// Cases whose deadline is near or over, each said once. On a clock that cannot be believed none is.
pub fn watch(scene: &Scene) -> Decided {
    ok!(scene.system_only());
    let policy = registry::policy(scene.registers)?;
    let now = scene.context.at.wall;
    if !believable(scene)? {
        return no(why!(
            "M26",
            "采集站时钟不对：不判断是否到期。",
            "the station's clock is wrong: no deadline is met or missed"
        ));
    }
    let mut events = Vec::new();
    for matter in matters(scene.registers)? {
        events.extend(said(&matter, now, policy.matter.filing_warning_ms));
    }
    if events.is_empty() {
        return no(why!(
            "M27",
            "没有临近或超过归档期限而未提示的案件。",
            "no filing deadline is near or over that was not said before"
        ));
    }
    yes(events.into_iter().map(Any::from).collect())
}

fn said(matter: &Matter, now: WallMs, warning_ms: i64) -> Option<Event> {
    let due = matter.due.filter(|_| matter.state == "closed")?;
    let matter_id = matter.id;
    if now > due {
        let missed = Event::FilingMissed(FilingMissed { matter: matter_id, due });
        return (!matter.missed).then_some(missed);
    }
    let near = now >= due.plus_ms(-warning_ms) && !matter.warned;
    near.then_some(Event::FilingWarned(FilingWarned { matter: matter_id, due }))
}
