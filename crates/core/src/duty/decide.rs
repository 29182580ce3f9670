//! Commands about departments, people and duties.

use super::held::{holders, holds_in_own_right};
use super::*;
use crate::actor::Role;
use crate::command::Secret;
use crate::decide::{Decided, Scene, no, ok, reason_text, yes};
use crate::event::Event as Any;
use crate::id::{DepartmentId, DutyId, PersonId};
use crate::ports::{Decision, PortResult, Refusal};
use crate::registry;
use crate::schema as s;
use crate::table::Query;
use sealdock_chain::digest::Digest;

pub(crate) fn decide(scene: &Scene, command: Command) -> Decided {
    match command {
        Command::AddDepartment { id, name } => add_department(scene, id, &name),
        Command::RenameDepartment { id, name, reason } => rename(scene, id, &name, &reason),
        Command::DescribePerson { person, record, reason } => {
            describe(scene, person, record, reason)
        }
        Command::Appoint { person, role, department, since, until, acting_for, reason } => {
            let reason = ok!(reason_text(&reason));
            let e = DutyAppointed { person, role, department, since, until, acting_for, reason };
            appoint(scene, e)
        }
        Command::EndDuty { duty, reason } => end(scene, duty, &reason),
        Command::RetirePerson { person, reason } => retire(scene, person, &reason),
        Command::SetPin { person, pin, reason } => set_pin(scene, person, pin, reason),
        Command::ReleasePerson { person, reason } => release(scene, person, &reason),
    }
}

/// Only if whoever acts may: the same rule that `check` asks again.
pub(crate) fn authority(scene: &Scene, event: &Any) -> PortResult<Result<(), Refusal>> {
    let actor = scene.actor.record();
    let objection = objection(scene.registers, scene.context.at.wall, &actor, event)?;
    Ok(objection.map_or(Ok(()), |why| Err(Refusal(why))))
}

fn allowed(scene: &Scene, event: Event) -> Decided {
    let event = Any::from(event);
    ok!(authority(scene, &event)?);
    yes(vec![event])
}

/// Words for a form: 1 to `most` characters, without control characters.
pub(crate) fn plain_text(what: &str, text: &str, most: usize) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > most || text.chars().any(char::is_control) {
        return Err(Refusal(format!(
            "{what} is 1 to {most} characters without control characters or line breaks"
        )));
    }
    crate::decide::one_line(what, text)
}

fn add_department(scene: &Scene, id: DepartmentId, name: &str) -> Decided {
    let name = ok!(plain_text("a department's name", name, 100));
    if !scene.registers.select(&Query::all(&DEPARTMENT).with("id", id.as_str()))?.is_empty() {
        return no(format!("department {id} exists already; see `sealdock department list`"));
    }
    allowed(scene, Event::DepartmentAdded(DepartmentAdded { id, name }))
}

fn rename(scene: &Scene, id: DepartmentId, name: &str, reason: &str) -> Decided {
    let name = ok!(plain_text("a department's name", name, 100));
    let reason = ok!(reason_text(reason));
    ok!(department_exists(scene, Some(&id))?);
    allowed(scene, Event::DepartmentRenamed(DepartmentRenamed { id, name, reason }))
}

/// A department that is named must be there.
pub(crate) fn department_exists(
    scene: &Scene,
    id: Option<&DepartmentId>,
) -> PortResult<Result<(), Refusal>> {
    let Some(id) = id else { return Ok(Ok(())) };
    let rows = scene.registers.select(&Query::all(&DEPARTMENT).with("id", id.as_str()))?;
    Ok(match rows.is_empty() {
        true => Err(Refusal(format!(
            "there is no department {id}; `sealdock department add {id} --name NAME`"
        ))),
        false => Ok(()),
    })
}

fn describe(
    scene: &Scene,
    person: PersonId,
    record: PersonRecord,
    reason: Option<String>,
) -> Decided {
    let row = ok!(row_of(scene, &person)?);
    ok!(department_exists(scene, record.department.as_ref())?);
    let record = ok!(tidy(record));
    ok!(certificate_is_free(scene, &person, record.certificate.as_deref())?);
    let described = row.int_opt("described_seq");
    let corrects = described.unwrap_or(row.int("enrolled_seq"));
    let reason = ok!(reason.as_deref().map(reason_text).transpose());
    if described.is_some() && reason.is_none() {
        return no(format!(
            "the particulars of {person} stand in entry {corrects}; a correction needs its reason"
        ));
    }
    let corrects = u64::try_from(corrects).unwrap_or_default();
    allowed(scene, Event::PersonDescribed(PersonDescribed { person, record, corrects, reason }))
}

/// One certificate, one person: a second identity would be a second approver in the same hands. Who has left
/// the unit and comes back under another number is no second.
fn certificate_is_free(
    scene: &Scene,
    person: &PersonId,
    certificate: Option<&str>,
) -> PortResult<Result<(), Refusal>> {
    let Some(wanted) = certificate.map(bare_certificate) else { return Ok(Ok(())) };
    let people = scene.registers.select(&Query::all(&s::PERSON))?;
    let holder = people.iter().find(|row| {
        row.text("id") != person.as_str()
            && row.int_opt("retired_seq").is_none()
            && row.text_opt("certificate").map(bare_certificate).as_deref() == Some(wanted.as_str())
    });
    Ok(match holder {
        None => Ok(()),
        Some(row) => Err(Refusal(format!(
            "certificate number {} is {}'s; one person has one identity: correct the other first, or retire it",
            certificate.unwrap_or_default(),
            row.text("id")
        ))),
    })
}

/// A certificate number by which two ways of writing it are compared.
pub(crate) fn bare_certificate(number: &str) -> String {
    number.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_uppercase()
}

/// A day as forms have it, and nothing behind it.
pub(crate) fn civil_day(text: &str) -> Result<(), Refusal> {
    match text.parse::<jiff::civil::Date>() {
        Ok(day) if day.to_string() == text => Ok(()),
        _ => Err(Refusal(format!("{text:?} is not a date; write it like 2019-07-01"))),
    }
}

fn tidy(record: PersonRecord) -> Result<PersonRecord, Refusal> {
    let short =
        |what, text: Option<String>| text.map(|text| plain_text(what, &text, 60)).transpose();
    if let Some(joined) = &record.joined {
        civil_day(joined)?;
    }
    Ok(PersonRecord {
        name: plain_text("a person's name", &record.name, 100)?,
        certificate: short("a certificate number", record.certificate)?,
        phone: short("a telephone number", record.phone)?,
        ..record
    })
}

fn appoint(scene: &Scene, e: DutyAppointed) -> Decided {
    let now = scene.context.at.wall;
    ok!(row_of(scene, &e.person)?);
    ok!(department_exists(scene, e.department.as_ref())?);
    if e.until.is_some_and(|until| until <= e.since.unwrap_or(now)) {
        return no("the duty would end before it begins; give a later --until");
    }
    if let Some(head) = &e.acting_for {
        if e.until.is_none() {
            return no("an acting deputy has an end date; give --until");
        }
        if *head == e.person {
            return no(format!("{head} cannot be their own deputy"));
        }
        let what = (e.role, e.department.as_ref());
        if !holds_in_own_right(scene.registers, head, what, now)? {
            return no(format!(
                "{head} does not hold the duty {} in their own right and cannot delegate it",
                e.role.as_str()
            ));
        }
    }
    for held in duties(scene.registers, &e.person, now)? {
        if held.role == e.role && held.department == e.department && held.acting_for == e.acting_for
        {
            return no(format!("{} holds this duty already ({})", e.person, held.duty));
        }
        if let Some(why) = incompatible(held.role, e.role) {
            return no(format!("{} holds duty {}: {why}", e.person, held.duty));
        }
    }
    allowed(scene, Event::DutyAppointed(e))
}

/// The operator of the machine has no right to footage.
fn incompatible(one: Role, other: Role) -> Option<&'static str> {
    let sees = |role| {
        matches!(
            role,
            Role::Viewer
                | Role::LegalHead
                | Role::PenaltyHead
                | Role::PenaltyLeader
                | Role::UnitHead
                | Role::Auditor
        )
    };
    let operator = one == Role::Operator || other == Role::Operator;
    (operator && (sees(one) || sees(other)))
        .then_some("who operates the machine holds no duty that gives a right to footage")
}

fn end(scene: &Scene, duty: DutyId, reason: &str) -> Decided {
    let reason = ok!(reason_text(reason));
    let Some(row) = registry::by_seq(scene.registers, &DUTY, duty.0)? else {
        return no(format!("there is no duty {duty}; see `sealdock duty list`"));
    };
    if row.int_opt("ended_seq").is_some() {
        return no(format!("duty {duty} has ended already"));
    }
    let person = ok!(row.text("person").parse().map_err(|_| Refusal("duty row".into())));
    let mine = duties(scene.registers, &person, scene.context.at.wall)?;
    for held in mine.iter().filter(|held| held.duty == duty) {
        ok!(not_the_last(scene, held)?);
    }
    allowed(scene, Event::DutyEnded(DutyEnded { duty, reason }))
}

fn retire(scene: &Scene, person: PersonId, reason: &str) -> Decided {
    let reason = ok!(reason_text(reason));
    ok!(row_of(scene, &person)?);
    for held in duties(scene.registers, &person, scene.context.at.wall)? {
        ok!(not_the_last(scene, &held)?);
    }
    allowed(scene, Event::PersonRetired(PersonRetired { person, reason }))
}

/// Without these nobody could issue, approve or appoint any more.
fn not_the_last(scene: &Scene, held: &Held) -> PortResult<Result<(), Refusal>> {
    const NEEDED: [Role; 4] =
        [Role::UnitHead, Role::Clerk, Role::PenaltyLeader, Role::DepartmentHead];
    if !NEEDED.contains(&held.role) || held.acting_for.is_some() {
        return Ok(Ok(()));
    }
    let mut replaced = false;
    for other in holders(scene.registers, held.role, scene.context.at.wall)? {
        // Who cannot sign, only stands in, or leaves on a fixed day succeeds nobody.
        let person = registry::person(scene.registers, &other.person)?;
        replaced |= other.person != held.person
            && other.acting_for.is_none()
            && other.until.is_none()
            && other.covers(held.department.as_ref())
            && person.is_some_and(|p| p.pin_commitment.is_some());
    }
    Ok(match replaced {
        true => Ok(()),
        false => Err(Refusal(format!(
            "{} is the last {} there; first appoint a successor with a PIN and without an end date",
            held.person,
            held.role.as_str()
        ))),
    })
}

/// `pin` arrives as the Argon2id string that the station made of it.
fn set_pin(
    scene: &Scene,
    person: PersonId,
    Secret(phc): Secret,
    reason: Option<String>,
) -> Decided {
    assert!(phc.starts_with("$argon2id$"), "a PIN is hashed before it is decided on");
    ok!(row_of(scene, &person)?);
    let own = scene.actor.person() == Some(&person);
    let reason = ok!(reason.as_deref().map(reason_text).transpose());
    if !own && reason.is_none() {
        return no(format!("a new PIN for {person} given by somebody else needs its reason"));
    }
    let reason = if own { None } else { reason };
    let pin_commitment = Digest::of(phc.as_bytes());
    let event = Any::from(Event::PinSet(PinSet { person: person.clone(), pin_commitment, reason }));
    ok!(authority(scene, &event)?);
    Ok(Ok(Decision { events: vec![event], secrets: vec![(format!("pin:{person}"), phc)] }))
}

fn release(scene: &Scene, person: PersonId, reason: &str) -> Decided {
    let reason = ok!(reason_text(reason));
    match locked(scene.registers, &person)? {
        None => no(format!("{person} is not locked")),
        Some(locked) => {
            allowed(scene, Event::PersonReleased(PersonReleased { person, locked, reason }))
        }
    }
}

fn row_of(scene: &Scene, person: &PersonId) -> PortResult<Result<crate::table::Row, Refusal>> {
    let rows = scene.registers.select(&Query::all(&s::PERSON).with("id", person.as_str()))?;
    Ok(match rows.into_iter().next() {
        None => Err(Refusal(format!("person {person} is not enrolled; `sealdock person add`"))),
        Some(row) if row.int_opt("retired_seq").is_some() => {
            Err(Refusal(format!("person {person} has retired from the unit")))
        }
        Some(row) => Ok(row),
    })
}
