//! Under which authority footage leaves a recorder (S6): the officer's PIN, the clerk's shift under
//! the adopted policy, or nobody's, and then it is saved but not wiped.

use super::{Decided, Scene, no, ok, yes};
use crate::actor::{Actor, Role};
use crate::command::Opening;
use crate::desk::{self, Opened};
use crate::duty;
use crate::event::{Binding, Event, SessionOpened};
use crate::id::{PersonId, RecorderId, SessionId};
use crate::policy::{Docking, Policy};
use crate::ports::{PortResult, Refusal, Registers};
use crate::registry;
use crate::schema as s;
use crate::session::Told;
use crate::table::Query;
use crate::why;

pub fn open(scene: &Scene, opening: Opening) -> Decided {
    let policy = registry::policy(scene.registers)?;
    let open = Query::all(&s::SESSION).with("state", "open");
    let open = scene.registers.select(&open)?;
    if let Some(row) =
        open.iter().find(|r| r.text("recorder_claim") == opening.recorder_claim.as_str())
    {
        return no(why!(
            "S09",
            "记录仪 {:#} 在号位 {2:#} 已有未结束的采集 S{1:#}；同一编号的两台记录仪不能同时采集，请先取走一台。",
            "recorder {} already has an open session S{} at bay {}; two with the same number at once are never mixed",
            opening.recorder_claim,
            registry::seq(row),
            row.text("bay")
        ));
    }
    let recorder = registry::recorder(scene.registers, &opening.recorder_claim)?;
    let officer = enrolled_officer(scene, opening.officer_claim.as_ref())?;
    let binding = ok!(binding(scene, &policy, &opening, officer.as_ref())?);
    let officer = match binding {
        Binding::Unassigned { .. } => None,
        _ => officer,
    };
    let at = &scene.context.at;
    let at_the_desk = match &recorder {
        None => Vec::new(),
        Some(recorder) => {
            let session = SessionId(scene.context.seq);
            let opened = Opened { session, recorder, officer: officer.as_ref(), at };
            desk::on_docking(scene.registers, &opened)?
        }
    };
    let mut events = vec![Event::SessionOpened(SessionOpened {
        bay: opening.bay,
        recorder_claim: opening.recorder_claim,
        recorder,
        officer_claim: opening.officer_claim,
        officer,
        binding,
        fingerprint: opening.fingerprint,
        profile: opening.profile,
    })];
    events.extend(at_the_desk.into_iter().map(Event::from));
    yes(events)
}

fn enrolled_officer(scene: &Scene, claim: Option<&PersonId>) -> PortResult<Option<PersonId>> {
    let Some(claim) = claim else { return Ok(None) };
    Ok(registry::person(scene.registers, claim)?.map(|person| person.id))
}

fn binding(
    scene: &Scene,
    policy: &Policy,
    opening: &Opening,
    officer: Option<&PersonId>,
) -> PortResult<Result<Binding, Refusal>> {
    let unassigned = |why: String| Ok(Ok(Binding::Unassigned { why }));
    if opening.unconfirmed {
        return unassigned("saved by order of the operator before anyone confirmed it".into());
    }
    let Some(officer) = officer else {
        return unassigned(match &opening.officer_claim {
            Some(claim) => format!("officer {claim} is not enrolled"),
            None => "no officer is named".into(),
        });
    };
    let shown = scene.actor.person();
    if let Some(shown) = shown.filter(|shown| *shown != officer) {
        return Ok(Err(Refusal(why!(
            "S84",
            "口令是 {shown} 的，而记录仪由 {officer} 交回；视频只能凭本人口令从记录仪取出（002/A6-§18）。没有读取，也没有丢失。",
            "the PIN shown is {shown}'s, the recorder is brought back by {officer}; footage leaves a recorder only under its own officer's PIN (002/A6-§18)"
        ))));
    }
    if !is_officer(scene, officer)? {
        return unassigned(format!("{officer} holds no duty as an officer (002/A6-§4)"));
    }
    if shown.is_some() {
        return Ok(Ok(Binding::OfficerPin { officer: officer.clone() }));
    }
    match policy.docking {
        Docking::OfficerPin => Ok(Err(Refusal(why!(
            "S85",
            "请本人确认：采集须输入 {officer} 的口令（002/A6-§18）。没有读取，也没有丢失。",
            "请本人确认 docking needs the PIN of officer {officer} (002/A6-§18); give it with --pin-file or type it. Nothing was read, nothing is lost"
        )))),
        Docking::ClerkShift => {
            let shift = registry::open_shift(scene.registers, policy, scene.context.at.wall)?;
            match (scene.actor, shift) {
                (Actor::Person(_), _) => unreachable!("handled above"),
                (_, Some((shift, clerk))) => Ok(Ok(Binding::ClerkShift { shift, clerk })),
                (_, None) => {
                    unassigned("no clerk's shift is open (`sealdock shift open --as CLERK`)".into())
                }
            }
        }
    }
}

/// Footage is an enforcement officer's; what anybody else brings is saved as nobody's.
fn is_officer(scene: &Scene, person: &PersonId) -> PortResult<bool> {
    let held = duty::duties(scene.registers, person, scene.context.at.wall)?;
    Ok(held.iter().any(|held| held.role == Role::Officer))
}

/// An enrolled officer whose number the files carry and who is not the one who docks.
fn another_officer(
    registers: &dyn Registers,
    officer: Option<&PersonId>,
    numbers: &[String],
) -> PortResult<Option<PersonId>> {
    let Some(officer) = officer else { return Ok(None) };
    for number in numbers.iter().filter(|n| n.as_str() != officer.as_str()) {
        let Ok(id) = number.parse::<PersonId>() else { continue };
        if let Some(person) = registry::person(registers, &id)? {
            return Ok(Some(person.id));
        }
    }
    Ok(None)
}

/// Docked by somebody else than the officer to whom the archive says it was handed out: what is on it is
/// not known to be the docker's. Saved as nobody's and not wiped, until a clerk has looked.
fn in_other_hands(
    registers: &dyn Registers,
    bound: &crate::session::Bindings,
) -> PortResult<Option<String>> {
    let (Some(recorder), Some(officer)) = (&bound.recorder, &bound.officer) else {
        return Ok(None);
    };
    let user = desk::last_user(registers, recorder)?;
    Ok(user.filter(|(_, user)| user != officer).map(|(of, user)| {
        format!(
            "by the usage archive recorder {recorder} was last with {user} ({of}) and not emptied since, but it was brought back by {officer} (002/A6-§6)"
        )
    }))
}

/// Do the numbers in the recorder's own file names contradict each other or the docking?
/// `devices` are distinct and without placeholders.
pub fn identity_conflict(
    registers: &dyn Registers,
    claim: &RecorderId,
    bound: &crate::session::Bindings,
    (devices, officers): (&[String], &[String]),
) -> PortResult<Option<String>> {
    let recorder = bound.recorder.as_ref();
    if let Some(other) = another_officer(registers, bound.officer.as_ref(), officers)? {
        return Ok(Some(format!(
            "its files carry the number of officer {other}, but it was brought back by another"
        )));
    }
    if let Some(why) = in_other_hands(registers, bound)? {
        return Ok(Some(why));
    }
    if devices.len() > 1 {
        return Ok(Some(format!(
            "its files carry {} device numbers ({}, …): the card was in more than one recorder",
            devices.len(),
            devices.iter().take(3).cloned().collect::<Vec<_>>().join(", ")
        )));
    }
    match devices.first() {
        Some(device) => device_conflict(registers, (claim, recorder), device, "its files say"),
        None => Ok(None),
    }
}

/// Does what the recorder said of itself contradict its files, the registers, the docking or what it said
/// elsewhere? `devices` are those of its files.
pub fn told_conflict(
    registers: &dyn Registers,
    (claim, bound): (&RecorderId, &crate::session::Bindings),
    told: &[Told],
    devices: &[String],
) -> PortResult<Option<String>> {
    let numbers = |told: &Told| told.device.clone().map(|device| (device, told.of()));
    let said: Vec<(String, &'static str)> = told.iter().filter_map(numbers).collect();
    for told in told {
        let (officer, of) = (told.officer.as_slice(), told.of());
        if let Some(other) = another_officer(registers, bound.officer.as_ref(), officer)? {
            return Ok(Some(format!(
                "it said the number of officer {other} {of}, but it was brought back by another"
            )));
        }
    }
    for (device, of) in &said {
        if let Some(other) = devices.iter().find(|other| *other != device) {
            return Ok(Some(format!(
                "it said device {device} {of}, but its files say device {other}"
            )));
        }
        if let Some((other, elsewhere)) = said.iter().find(|(other, _)| other != device) {
            return Ok(Some(format!(
                "it said device {device} {of}, but device {other} {elsewhere}"
            )));
        }
        let by = format!("it said {of}");
        let why = device_conflict(registers, (claim, bound.recorder.as_ref()), device, &by)?;
        if why.is_some() {
            return Ok(why);
        }
    }
    Ok(None)
}

fn device_conflict(
    registers: &dyn Registers,
    (claim, recorder): (&RecorderId, Option<&RecorderId>),
    device: &str,
    by: &str,
) -> PortResult<Option<String>> {
    let Ok(named) = device.parse::<RecorderId>() else { return Ok(None) };
    let owner = registry::recorder(registers, &named)?;
    if let (Some(owner), Some(recorder)) = (&owner, recorder)
        && owner != recorder
    {
        return Ok(Some(format!(
            "{by} device {device}, which is recorder {owner}, but it was docked as {claim}"
        )));
    }
    if let Some(recorder) = recorder
        && let Some(enrolled) = registry::device_id(registers, recorder)?
        && enrolled != *device
    {
        return Ok(Some(format!(
            "{by} device {device}, but recorder {recorder} is enrolled with device {enrolled}"
        )));
    }
    Ok(None)
}
