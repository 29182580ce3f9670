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
use sealdock_chain::digest::Digest;

/// `pin` arrives as the Argon2id string that the station made of it; the chain gets only a
/// commitment to that string, because a PIN is short enough to be searched for.
pub fn enrol(
    scene: &Scene,
    (id, name, role, department): (PersonId, String, Role, Option<DepartmentId>),
    pin: Option<Secret>,
) -> Decided {
    ok!(scene.operator_or_person());
    let name = ok!(duty::plain_text("a person's name", &name, 100));
    if registry::person(scene.registers, &id)?.is_some() {
        return no(format!("person {id} is enrolled already; see `sealdock person list`"));
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
    let model =
        ok!(model.map(|model| duty::plain_text("a recorder's model", &model, 100)).transpose());
    let rows = scene.registers.select(&Query::all(&s::RECORDER).with("id", id.as_str()))?;
    if !rows.is_empty() {
        return no(format!("recorder {id} is enrolled already; see `sealdock recorder list`"));
    }
    if let Some(device) = &device_id {
        ok!(device.parse::<RecorderId>().map_err(|e| crate::ports::Refusal(e.to_string())));
        let same = Query::all(&s::RECORDER).with("device_id", device.as_str());
        if let Some(row) = scene.registers.select(&same)?.first() {
            return no(format!("device number {device} belongs to recorder {}", row.text("id")));
        }
    }
    let event = Event::RecorderEnrolled(RecorderEnrolled { id, device_id, model });
    ok!(duty::authority(scene, &event)?);
    yes(vec![event])
}

pub fn open_shift(scene: &Scene) -> Decided {
    let clerk = ok!(scene.person_with(&[Role::Clerk], "opening a shift")?);
    let open = scene.registers.select(&Query::all(&s::SHIFT).with("open", true))?;
    let mut events: Vec<Event> = open
        .iter()
        .map(|row| Event::ShiftClosed(ShiftClosed { shift: ShiftId(registry::seq(row)) }))
        .collect();
    events.push(Event::ShiftOpened(ShiftOpened { clerk }));
    yes(events)
}

pub fn close_shift(scene: &Scene, shift: ShiftId) -> Decided {
    ok!(scene.person_with(&[Role::Clerk], "closing a shift")?);
    match registry::by_seq(scene.registers, &s::SHIFT, shift.0)? {
        Some(row) if row.int("open") == 1 => yes(vec![Event::ShiftClosed(ShiftClosed { shift })]),
        Some(_) => no(format!("shift {shift} is closed already")),
        None => no(format!("there is no shift {shift}")),
    }
}

pub(super) fn no_clip(clip: ClipId) -> String {
    format!("there is no clip {clip}; see `sealdock clip list`")
}

/// Does the unit know both?
pub(super) fn enrolled(
    scene: &Scene,
    recorder: &RecorderId,
    officer: &PersonId,
) -> PortResult<Result<(), Refusal>> {
    let rows = scene.registers.select(&Query::all(&s::RECORDER).with("id", recorder.as_str()))?;
    let missing = if rows.is_empty() {
        format!("recorder {recorder} is not enrolled; `sealdock recorder add {recorder}`")
    } else if registry::person(scene.registers, officer)?.is_none() {
        format!("person {officer} is not enrolled; `sealdock person add {officer} …`")
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
    ok!(scene.person_with(&[Role::Clerk], "deciding on what stands aside")?);
    let reason = ok!(reason_text(&reason));
    match registry::by_seq(scene.registers, &s::ASIDE, aside.0)? {
        None => no(format!("nothing stands aside as {aside}; see `sealdock session list --aside`")),
        Some(row) if row.text("state") != "open" => {
            no(format!("{aside} was decided already: {}", row.text("decision")))
        }
        Some(_) if decision == AsideDecision::Stored => {
            no("only the station says that something is stored; decide leave or retry")
        }
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
    let what = "giving the reason for a late clip";
    if registry::by_seq(scene.registers, &s::CLIP, clip.0)?.is_none() {
        return no(format!("there is no clip {clip}; see `sealdock clip list --late`"));
    }
    ok!(scene.person_with(&all, what)?);
    let (actor, at) = (scene.actor.record(), scene.context.at.wall);
    if let Some(why) = may_not_explain(scene.registers, at, &actor, clip)? {
        return no(why);
    }
    let missed = scene.registers.select(&Query::all(&s::DEADLINE).with("clip", clip.0))?;
    if missed.is_empty() {
        return no(format!("clip {clip} met all its deadlines; there is nothing to explain"));
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
