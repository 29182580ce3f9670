//! A clip that is nobody's is said by a clerk to be somebody's. That gives the officer the right to view it as
//! their own and lets it be wiped, so a clerk alone does not say it of themself, of who is no officer, or
//! against the usage archive.

use super::people::{enrolled, no_clip};
use super::{Decided, Scene, no, ok, reason_text, yes};
use crate::actor::{ActorRecord, Role};
use crate::desk;
use crate::duty;
use crate::event::{ClipAssigned, Event};
use crate::id::{ClipId, PersonId, RecorderId, UseId};
use crate::ports::{PortResult, Registers};
use crate::registry::{self, damaged};
use crate::schema as s;
use crate::table::{Query, Row};
use crate::time::WallMs;
use crate::why;
use crate::why::{Both, Why};

pub fn assign(
    scene: &Scene,
    clips: &[ClipId],
    recorder: RecorderId,
    officer: PersonId,
    reason: String,
) -> Decided {
    ok!(scene.person_with(&[Role::Clerk], Both("确认视频归属", "assigning a clip"))?);
    let reason = ok!(reason_text(&reason));
    ok!(enrolled(scene, &recorder, &officer)?);
    if clips.is_empty() {
        return no(why!(
            "S01",
            "没有写明未归属的视频；请在“视频”中筛选“未归属”。",
            "no unassigned clip is named; see `sealdock clip list --unassigned`"
        ));
    }
    let actor = scene.actor.record();
    let mut events = Vec::new();
    for (at, clip) in clips.iter().enumerate() {
        if clips[..at].contains(clip) {
            return no(why!(
                "S02",
                "视频 {clip:#} 写了两次；请删去一个。",
                "clip {clip} is named twice"
            ));
        }
        let (recorder, officer, reason) = (recorder.clone(), officer.clone(), reason.clone());
        let e = ClipAssigned { clip: *clip, recorder, officer, reason };
        if let Some(why) = objection(scene.registers, scene.context.at.wall, &actor, &e)? {
            return no(why);
        }
        events.push(Event::ClipAssigned(e));
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
    e: &ClipAssigned,
) -> PortResult<Option<Why>> {
    let what = Both("确认视频归属", "a clip was assigned");
    if let Some(why) = super::signed::is_not(registers, at, actor, Role::Clerk, what)? {
        return Ok(Some(why));
    }
    let Some(clip) = registry::by_seq(registers, &s::CLIP, e.clip.0)? else {
        return Ok(Some(no_clip(e.clip)));
    };
    if let (Some(recorder), Some(officer)) = (clip.text_opt("recorder"), clip.text_opt("officer")) {
        return Ok(Some(why!(
            "S03",
            "视频 {:#} 已有归属（记录仪 {recorder:#}，执法人员 {officer:#}）。",
            "clip {} is assigned already (recorder {recorder}, officer {officer})",
            e.clip
        )));
    }
    if matches!(actor, ActorRecord::Person { id } if *id == e.officer) {
        return Ok(Some(why!(
            "S04",
            "任何人不得认领视频为自己的；请由 {:#} 以外的管理员确认归属。",
            "nobody says of a clip that it is their own: another clerk than {} assigns it",
            e.officer
        )));
    }
    if let Some(why) = not_theirs(registers, at, &clip, (&e.recorder, &e.officer))? {
        return Ok(Some(why));
    }
    against_the_archive(registers, &clip, e)
}

/// Why the clip cannot be this officer's with this recorder: one of them is not of the unit, or the person is no
/// officer and was none when it was docked. Who left since may still have worn it.
pub(super) fn not_theirs(
    registers: &dyn Registers,
    at: WallMs,
    clip: &Row,
    (recorder, officer): (&RecorderId, &PersonId),
) -> PortResult<Option<Why>> {
    let known = Query::all(&s::RECORDER).with("id", recorder.as_str());
    if registers.select(&known)?.is_empty() {
        return Ok(Some(why!(
            "S05",
            "记录仪 {recorder:#} 未登记。",
            "recorder {recorder} is not enrolled"
        )));
    }
    if registry::person(registers, officer)?.is_none() {
        return Ok(Some(why!(
            "S06",
            "人员 {officer:#} 未登记。",
            "person {officer} is not enrolled"
        )));
    }
    let now = duty::duties(registers, officer, at)?.iter().any(|h| h.role == Role::Officer);
    let docked = Docked::of(registers, clip)?;
    let is = now || duty::was_officer(registers, officer, (docked.seq, docked.at))?;
    Ok((!is).then(|| {
        why!("S07", "记录仪只由执法人员佩戴（002/A6-§4）；{officer:#} 现在和视频 C{:#} 采集时都没有执法人员职务。", "recorders are worn by enforcement officers only (002/A6-§4); {officer} holds no duty as an officer and held none when clip {} was docked",
            registry::seq(clip))
    }))
}

/// When footage came in.
struct Docked {
    seq: u64,
    at: WallMs,
    recorder: Option<RecorderId>,
}

impl Docked {
    fn of(registers: &dyn Registers, clip: &Row) -> PortResult<Docked> {
        let session = clip.int("session").unsigned_abs();
        let session = registry::by_seq(registers, &s::SESSION, session)?;
        let (row, column) = match &session {
            Some(session) => (session, "opened"),
            None => (clip, "stored"),
        };
        let at = WallMs::parse(row.text(column)).ok_or_else(|| damaged("session row: a time"))?;
        let recorder = row.text_opt("recorder").map(str::parse).transpose();
        let recorder =
            recorder.map_err(|e: crate::id::BadId| damaged(&format!("session row: {e}")))?;
        Ok(Docked { seq: registry::seq(row), at, recorder })
    }
}

/// With whom the usage archive says that the recorder was: then the footage is that officer's, and a clerk does
/// not say otherwise.
fn against_the_archive(
    registers: &dyn Registers,
    clip: &Row,
    e: &ClipAssigned,
) -> PortResult<Option<Why>> {
    let docked = Docked::of(registers, clip)?;
    // What was docked comes first: else a clerk would name another recorder, and with it whom they like.
    let mut with: Option<(RecorderId, UseId, PersonId)> = None;
    for recorder in docked.recorder.iter().chain([&e.recorder]) {
        if with.is_none() {
            let user = desk::user_before(registers, recorder, docked.seq)?;
            with = user.map(|(of, user)| (recorder.clone(), of, user));
        }
    }
    let Some((recorder, of, user)) = with.filter(|(_, _, user)| *user != e.officer) else {
        return Ok(None);
    };
    Ok(Some(why!(
        "S08",
        "按使用档案，视频 {:#} 采集时记录仪 {recorder:#} 由 {user:#} 使用（{of:#}，002/A6-§6）：请归属给 {user:#}；如档案有误，之后由部门负责人更正。",
        "by the usage archive recorder {recorder} was with {user} ({of}) when clip {} was docked (002/A6-§6): assign it to {user}; if the archive is wrong, the department head puts it right after that: `sealdock clip reassign`",
        e.clip
    )))
}
