//! A clip that stands under the wrong officer is put right by the department head, in an entry that names the
//! one it corrects; both stay visible. Only what somebody else said of an officer is put right so: footage that
//! was docked under an officer's own PIN is that officer's.

use super::assign::not_theirs;
use super::people::{enrolled, no_clip};
use super::{Decided, Scene, no, ok, reason_text, yes};
use crate::actor::{ActorRecord, Role};
use crate::duty;
use crate::event::{ClipReassigned, Event};
use crate::id::{ClipId, PersonId, RecorderId};
use crate::ports::{PortResult, Registers};
use crate::registry::{self, damaged};
use crate::schema::{CLIP, SESSION};
use crate::table::Row;
use crate::time::WallMs;
use crate::why;
use crate::why::Why;

/// Whose the clips are said to be, and why.
pub struct Wanted {
    pub clips: Vec<ClipId>,
    pub recorder: RecorderId,
    pub officer: PersonId,
    pub reason: String,
}

pub fn reassign(scene: &Scene, wanted: Wanted) -> Decided {
    let Wanted { clips, recorder, officer, reason } = wanted;
    let reason = ok!(reason_text(&reason));
    ok!(enrolled(scene, &recorder, &officer)?);
    if clips.is_empty() {
        return no(why!(
            "S52",
            "没有写明视频；请在“视频”中选择。",
            "no clip is named; see `sealdock clip list`"
        ));
    }
    let actor = scene.actor.record();
    let mut events = Vec::new();
    for (at, clip) in clips.iter().copied().enumerate() {
        if clips[..at].contains(&clip) {
            return no(why!(
                "S53",
                "视频 {clip:#} 写了两次；请删去一个。",
                "clip {clip} is named twice"
            ));
        }
        let Some(row) = registry::by_seq(scene.registers, &CLIP, clip.0)? else {
            return no(no_clip(clip));
        };
        let Some((was_recorder, was_officer)) = owner(&row)? else {
            return no(nobodys(clip));
        };
        let (recorder, officer, reason) = (recorder.clone(), officer.clone(), reason.clone());
        let corrects = said_by(&row);
        let e =
            ClipReassigned { clip, recorder, officer, was_recorder, was_officer, corrects, reason };
        if let Some(why) = objection(scene.registers, scene.context.at.wall, &actor, &e)? {
            return no(why);
        }
        events.push(Event::ClipReassigned(e));
    }
    yes(events)
}

/// Why `actor` may not write this; `None` if they may.
///
/// # Errors
/// The registers cannot be read.
pub fn objection(
    registers: &dyn Registers,
    at: WallMs,
    actor: &ActorRecord,
    e: &ClipReassigned,
) -> PortResult<Option<Why>> {
    let ActorRecord::Person { id: head } = actor else {
        return Ok(Some(why!(
            "S54",
            "更正视频归属须由人员凭本人口令进行；{actor:#}不行。",
            "correcting whose a clip is is done by a person with their own PIN: say --as ID; {actor} is none"
        )));
    };
    let Some(row) = registry::by_seq(registers, &CLIP, e.clip.0)? else {
        return Ok(Some(no_clip(e.clip)));
    };
    let Some((recorder, officer)) = owner(&row)? else { return Ok(Some(nobodys(e.clip))) };
    let (was, corrects) = ((&e.was_recorder, &e.was_officer), said_by(&row));
    if was != (&recorder, &officer) || e.corrects != corrects {
        return Ok(Some(why!(
            "S55",
            "视频 {:#} 按第 {corrects:#} 条记录归记录仪 {recorder:#}、执法人员 {officer:#}；更正所写的不是这一条，请重新打开页面。",
            "clip {} stands under recorder {recorder}, officer {officer}, by entry {corrects}; the correction speaks of another",
            e.clip
        )));
    }
    if was == (&e.recorder, &e.officer) {
        return Ok(Some(why!(
            "S56",
            "视频 {:#} 已经归在他们名下，无需更正。",
            "clip {} stands under them already",
            e.clip
        )));
    }
    if let Some(why) = not_theirs(registers, at, &row, (&e.recorder, &e.officer))? {
        return Ok(Some(why));
    }
    if !by_somebody_elses_word(registers, &row)? {
        return Ok(Some(why!(
            "S57",
            "视频 {:#} 是凭 {officer:#} 的口令采集的，归属不能由他人改写。",
            "clip {} was docked under the PIN of {officer}, and nobody else says whose it is",
            e.clip
        )));
    }
    not_the_head(registers, at, head, e)
}

fn not_the_head(
    registers: &dyn Registers,
    at: WallMs,
    head: &PersonId,
    e: &ClipReassigned,
) -> PortResult<Option<Why>> {
    if [&e.was_officer, &e.officer].contains(&head) {
        return Ok(Some(why!(
            "S58",
            "{head:#} 是两名执法人员之一；请由本部门其他负责人更正。",
            "{head} is one of the two officers; somebody else who heads the department corrects it"
        )));
    }
    let department = duty::department_of(registers, &e.was_officer)?;
    let held = duty::holds(registers, head, Role::DepartmentHead, department.as_ref(), at)?;
    Ok(held.is_none().then(|| {
        why!("S59", "视频 {:#} 的归属由 {:#} 的部门负责人更正；{head:#} 不是。", "whose clip {} is, is corrected by the department head (部门负责人) of {}; {head} is not",
            e.clip, e.was_officer)
    }))
}

/// Recorder and officer of a clip that is somebody's.
fn owner(clip: &Row) -> PortResult<Option<(RecorderId, PersonId)>> {
    let (Some(recorder), Some(officer)) = (clip.text_opt("recorder"), clip.text_opt("officer"))
    else {
        return Ok(None);
    };
    let bad = |e: crate::id::BadId| damaged(&format!("clip row: {e}"));
    Ok(Some((recorder.parse().map_err(bad)?, officer.parse().map_err(bad)?)))
}

/// The entry that says whose it is.
fn said_by(clip: &Row) -> u64 {
    clip.int_opt("assigned_seq").map_or_else(|| registry::seq(clip), i64::unsigned_abs)
}

/// Assigned later, or docked under a clerk's shift: not said by the officer's own PIN.
fn by_somebody_elses_word(registers: &dyn Registers, clip: &Row) -> PortResult<bool> {
    if clip.int_opt("assigned_seq").is_some() {
        return Ok(true);
    }
    let session = registry::by_seq(registers, &SESSION, clip.int("session").unsigned_abs())?;
    Ok(session.is_some_and(|session| session.text("binding") == "clerk-shift"))
}

fn nobodys(clip: ClipId) -> Why {
    why!(
        "S60",
        "视频 {clip:#} 尚无归属；先由管理员确认归属。",
        "clip {clip} is nobody's yet; a clerk says whose it is: `sealdock clip assign {clip} …`"
    )
}
