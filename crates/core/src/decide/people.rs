//! People, recorders, shifts, and the decisions that people sign.

use super::{Decided, Scene, no, ok, reason_text, yes};
use crate::actor::Role;
use crate::command::Secret;
use crate::duty::{self, PersonDescribed, PersonRecord};
use crate::event::{
    AsideDecided, AsideDecision, Event, PersonEnrolled, ReasonGiven, RecorderEnrolled, ShiftClosed,
    ShiftOpened,
};
use crate::id::{AsideId, ClipId, DepartmentId, PersonId, RecorderId, ShiftId};
use crate::policy::Deadline;
use crate::ports::{Decision, PortResult, Refusal};
use crate::put_right::{correction, may_not_explain};
use crate::registry;
use crate::schema as s;
use crate::table::{Query, Row};
use crate::why;
use crate::why::{Both, Why, spoken};
use sealdock_chain::digest::Digest;

/// `pin` arrives as the Argon2id string that the station made of it; the chain gets only a
/// commitment to that string, because a PIN is short enough to be searched for.
pub fn enrol(
    scene: &Scene,
    (id, name, role, department): (PersonId, String, Role, Option<DepartmentId>),
    pin: Option<Secret>,
) -> Decided {
    ok!(scene.operator_or_person());
    if pin.is_some() && scene.actor.passkey().is_some() {
        return no(why!(
            "S87",
            "登记人员时设口令，要用口令，不能用通行密钥。",
            "a person is enrolled with a PIN by somebody who gives their own, not by a passkey"
        ));
    }
    let name = ok!(duty::plain_text(Both("姓名", "a person's name"), &name, 100));
    if registry::person(scene.registers, &id)?.is_some() {
        return no(why!(
            "S39",
            "人员编号 {id:#} 已登记；请换一个编号，或在“管理→人员”中查看。",
            "person {id} is enrolled already; see `sealdock person list`"
        ));
    }
    if let Some(Secret(phc)) = &pin {
        assert!(phc.starts_with("$argon2id$"), "a PIN is hashed before it is decided on");
    }
    let pin_commitment = pin.as_ref().map(|Secret(phc)| Digest::of(phc.as_bytes()));
    let secrets = pin.map(|Secret(phc)| (format!("pin:{id}"), phc)).into_iter().collect();
    ok!(duty::department_exists(scene, department.as_ref())?);
    let described = department.map(|department| {
        let record = PersonRecord { department: Some(department), ..PersonRecord::of(&name) };
        let (person, corrects) = (id.clone(), scene.context.seq);
        Event::from(duty::Event::PersonDescribed(PersonDescribed {
            person,
            record,
            corrects,
            reason: None,
        }))
    });
    let enrolled = Event::PersonEnrolled(PersonEnrolled { id, name, role, pin_commitment });
    let events: Vec<Event> = [enrolled].into_iter().chain(described).collect();
    for event in &events {
        ok!(duty::authority(scene, event)?);
    }
    Ok(Ok(Decision { events, secrets }))
}

pub fn enrol_recorder(
    scene: &Scene,
    id: RecorderId,
    device_id: Option<String>,
    model: Option<String>,
) -> Decided {
    ok!(scene.operator_or_person());
    let model = ok!(model
        .map(|model| duty::plain_text(Both("型号", "a recorder's model"), &model, 100))
        .transpose());
    let rows = scene.registers.select(&Query::all(&s::RECORDER).with("id", id.as_str()))?;
    if !rows.is_empty() {
        return no(why!(
            "S40",
            "记录仪 {id:#} 已登记；请在“管理→记录仪”中查看。",
            "recorder {id} is enrolled already; see `sealdock recorder list`"
        ));
    }
    if let Some(device) = &device_id {
        ok!(device.parse::<RecorderId>().map_err(|e| crate::ports::Refusal(e.into())));
        let same = Query::all(&s::RECORDER).with("device_id", device.as_str());
        if let Some(row) = scene.registers.select(&same)?.first() {
            return no(why!(
                "S41",
                "设备号 {device:#} 属于记录仪 {:#}；请核对。",
                "device number {device} belongs to recorder {}",
                row.text("id")
            ));
        }
    }
    let event = Event::RecorderEnrolled(RecorderEnrolled { id, device_id, model });
    ok!(duty::authority(scene, &event)?);
    yes(vec![event])
}

pub fn open_shift(scene: &Scene) -> Decided {
    let clerk = ok!(scene.person_with(&[Role::Clerk], Both("开始值班", "opening a shift"))?);
    let open = scene.registers.select(&Query::all(&s::SHIFT).with("open", true))?;
    let mut events: Vec<Event> = open
        .iter()
        .map(|row| Event::ShiftClosed(ShiftClosed { shift: ShiftId(registry::seq(row)) }))
        .collect();
    events.push(Event::ShiftOpened(ShiftOpened { clerk }));
    yes(events)
}

pub fn close_shift(scene: &Scene, shift: ShiftId) -> Decided {
    ok!(scene.person_with(&[Role::Clerk], Both("结束值班", "closing a shift"))?);
    match registry::by_seq(scene.registers, &s::SHIFT, shift.0)? {
        Some(row) if row.int("open") == 1 => yes(vec![Event::ShiftClosed(ShiftClosed { shift })]),
        Some(_) => no(why!("S42", "值班 {shift:#} 已经结束。", "shift {shift} is closed already")),
        None => no(why!("S43", "没有值班 {shift:#}。", "there is no shift {shift}")),
    }
}

pub(super) fn no_clip(clip: ClipId) -> Why {
    why!(
        "S44",
        "没有视频 {clip:#}；请在“视频”中核对编号。",
        "there is no clip {clip}; see `sealdock clip list`"
    )
}

/// Does the unit know both?
pub(super) fn enrolled(
    scene: &Scene,
    recorder: &RecorderId,
    officer: &PersonId,
) -> PortResult<Result<(), Refusal>> {
    let rows = scene.registers.select(&Query::all(&s::RECORDER).with("id", recorder.as_str()))?;
    let missing = if rows.is_empty() {
        why!(
            "S45",
            "记录仪 {recorder:#} 未登记；请先在“管理→记录仪”登记。",
            "recorder {recorder} is not enrolled; `sealdock recorder add {recorder}`"
        )
    } else if registry::person(scene.registers, officer)?.is_none() {
        why!(
            "S46",
            "人员 {officer:#} 未登记；请先在“管理→人员”登记。",
            "person {officer} is not enrolled; `sealdock person add {officer} …`"
        )
    } else {
        return Ok(Ok(()));
    };
    Ok(Err(Refusal(missing)))
}

pub fn decide_aside(
    scene: &Scene,
    aside: AsideId,
    decision: AsideDecision,
    reason: String,
) -> Decided {
    ok!(scene.person_with(&[Role::Clerk], Both("处理搁置件", "deciding on what stands aside"))?);
    let reason = ok!(reason_text(&reason));
    match registry::by_seq(scene.registers, &s::ASIDE, aside.0)? {
        None => no(why!(
            "S47",
            "没有搁置件 {aside:#}；请在“采集记录”中核对。",
            "nothing stands aside as {aside}; see `sealdock session list --aside`"
        )),
        Some(row) if row.text("state") != "open" => no(why!(
            "S48",
            "{aside:#} 已处理：{:#}。",
            "{aside} was decided already: {}",
            spoken(row.text("decision"))
        )),
        Some(_) if decision == AsideDecision::Stored => no(why!(
            "S49",
            "是否已保存只由采集站说明；请选择留置或重试。",
            "only the station says that something is stored; decide leave or retry"
        )),
        Some(row) => yes(decided(scene, &row, decision, &reason)?),
    }
}

/// One decision settles every open record of the same thing, so that a file that was docked five
/// times is not asked about five times.
pub(super) fn decided(
    scene: &Scene,
    row: &Row,
    decision: AsideDecision,
    reason: &str,
) -> PortResult<Vec<Event>> {
    let same = Query::all(&s::ASIDE)
        .with("recorder_claim", row.text("recorder_claim"))
        .with("raw", row.text("raw"))
        .with("state", "open");
    let rows = scene.registers.select(&same)?;
    let event = |row: &Row| {
        let aside = AsideId(registry::seq(row));
        Event::AsideDecided(AsideDecided { aside, decision, reason: reason.to_owned() })
    };
    Ok(rows.iter().filter(|r| r.int("size") == row.int("size")).map(event).collect())
}

pub fn give_reason(scene: &Scene, clip: ClipId, text: &str, correcting: Option<String>) -> Decided {
    let text = ok!(reason_text(text));
    let all = [Role::Officer, Role::Clerk, Role::DepartmentHead];
    let what = Both("说明视频逾期的原因", "giving the reason for a late clip");
    if registry::by_seq(scene.registers, &s::CLIP, clip.0)?.is_none() {
        return no(why!(
            "S50",
            "没有视频 {clip:#}；请在“视频”中核对编号。",
            "there is no clip {clip}; see `sealdock clip list --late`"
        ));
    }
    ok!(scene.person_with(&all, what)?);
    let (actor, at) = (scene.actor.record(), scene.context.at.wall);
    if let Some(why) = may_not_explain(scene.registers, at, &actor, clip)? {
        return no(why);
    }
    let missed = scene.registers.select(&Query::all(&s::DEADLINE).with("clip", clip.0))?;
    if missed.is_empty() {
        return no(why!(
            "S51",
            "视频 {clip:#} 没有逾期，不需要说明。",
            "clip {clip} met all its deadlines; there is nothing to explain"
        ));
    }
    // A correction puts one entry right; what other reasons answer for stays as it is.
    let given = missed.iter().filter_map(|row| row.int_opt("reason_seq")).max();
    let unanswered = missed.iter().any(|row| row.int_opt("reason_seq").is_none());
    let stands = if unanswered && correcting.is_none() { None } else { given };
    let correction = ok!(correction(&format!("clip {clip}"), stands, correcting));
    let clocks: Vec<Deadline> = missed
        .iter()
        .filter(|row| row.int_opt("reason_seq") == stands)
        .filter_map(|row| Deadline::ALL.into_iter().find(|d| d.as_str() == row.text("clock")))
        .collect();
    yes(vec![Event::ReasonGiven(ReasonGiven { clip, clocks, text, correction })])
}
