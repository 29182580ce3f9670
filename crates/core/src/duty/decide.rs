//! Commands about departments, people and duties.

use super::*;
use crate::clock_state;
use crate::command::Secret;
use crate::decide::{Decided, Scene, no, ok, reason_text, yes};
use crate::event::Event as Any;
use crate::id::{DepartmentId, DutyId, PersonId};
use crate::ports::{Decision, PortResult, Refusal};
use crate::registry;
use crate::schema as s;
use crate::table::Query;
use crate::time::WallMs;
use crate::why;
use crate::why::{Both, Why, Words};
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
        Command::ProposeHead { person, reason } => propose_head(scene, person, &reason),
        Command::SecondHead { proposal, reason } => second_head(scene, proposal, &reason),
        Command::RetirePerson { person, reason } => retire(scene, person, &reason),
        Command::SetPin { person, pin, reason } => set_pin(scene, person, pin, reason),
        Command::ReleasePerson { person, reason } => release(scene, person, &reason),
        Command::AddPasskey(key) => passkey::add(scene, *key),
        Command::NamePasskey { passkey, label } => passkey::name(scene, passkey, &label),
        Command::RemovePasskey { passkey, reason } => passkey::remove(scene, passkey, reason),
        Command::NotePasskey(seen) => passkey::note(scene, *seen),
    }
}

/// Only if whoever acts may: the same rule that `check` asks again.
pub(crate) fn authority(scene: &Scene, event: &Any) -> PortResult<Result<(), Refusal>> {
    let actor = scene.actor.record();
    let objection = objection(scene.registers, &scene.context.at, &actor, event)?;
    Ok(objection.map_or(Ok(()), |why| Err(Refusal(why))))
}

pub(super) fn allowed(scene: &Scene, event: Event) -> Decided {
    let event = Any::from(event);
    ok!(authority(scene, &event)?);
    yes(vec![event])
}

/// Words for a form: 1 to `most` characters, without control characters.
pub(crate) fn plain_text(what: impl Words, text: &str, most: usize) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > most || text.chars().any(char::is_control) {
        return Err(Refusal(why!(
            "D01",
            "{what:#}须为 1 至 {most:#} 字，不含控制字符和换行。",
            "{what} is 1 to {most} characters without control characters or line breaks"
        )));
    }
    if !crate::naming::shows(text) {
        return Err(Refusal(why!(
            "D02",
            "{what:#}没有可见文字；请重新填写。",
            "{what} holds nothing that shows; type it in letters"
        )));
    }
    crate::decide::one_line(what, text)
}

fn add_department(scene: &Scene, id: DepartmentId, name: &str) -> Decided {
    let name = ok!(plain_text(Both("部门名称", "a department's name"), name, 100));
    if !scene.registers.select(&Query::all(&DEPARTMENT).with("id", id.as_str()))?.is_empty() {
        return no(why!(
            "D03",
            "部门 {id:#} 已存在；请换一个编号。",
            "department {id} exists already; see `sealdock department list`"
        ));
    }
    allowed(scene, Event::DepartmentAdded(DepartmentAdded { id, name }))
}

fn rename(scene: &Scene, id: DepartmentId, name: &str, reason: &str) -> Decided {
    let name = ok!(plain_text(Both("部门名称", "a department's name"), name, 100));
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
        true => Err(Refusal(why!(
            "D04",
            "没有部门 {id:#}；请先在“管理→部门”增加。",
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
        return no(why!(
            "D05",
            "{person:#} 的资料记在第 {corrects:#} 条；更正须写理由。",
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
        Some(row) => Err(Refusal(why!(
            "D06",
            "证件号 {:#} 属于 {:#}；一人一个身份：请先更正或停用另一个。",
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
        _ => Err(Refusal(why!(
            "D07",
            "{text:?} 不是日期；请写成 2019-07-01 的样子。",
            "{text:?} is not a date; write it like 2019-07-01"
        ))),
    }
}

fn tidy(record: PersonRecord) -> Result<PersonRecord, Refusal> {
    let short =
        |what, text: Option<String>| text.map(|text| plain_text(what, &text, 60)).transpose();
    if let Some(joined) = &record.joined {
        civil_day(joined)?;
    }
    Ok(PersonRecord {
        name: plain_text(Both("姓名", "a person's name"), &record.name, 100)?,
        certificate: short(Both("执法证号", "a certificate number"), record.certificate)?,
        phone: short(Both("联系电话", "a telephone number"), record.phone)?,
        ..record
    })
}

fn appoint(scene: &Scene, e: DutyAppointed) -> Decided {
    let now = scene.context.at.wall;
    ok!(row_of(scene, &e.person)?);
    ok!(department_exists(scene, e.department.as_ref())?);
    for (what, at) in
        [(Both("开始日期", "--since"), e.since), (Both("截止日期", "--until"), e.until)]
    {
        ok!(at.map_or(Ok(()), |at| can_be_written(what, at)));
    }
    ok!(unless(rules::unfit(scene.registers, now, &e)?));
    for held in duties(scene.registers, &e.person, now)? {
        if held.role == e.role && held.department == e.department && held.acting_for == e.acting_for
        {
            return no(why!(
                "D08",
                "{:#} 已有这项职务（{:#}）。",
                "{} holds this duty already ({})",
                e.person,
                held.duty
            ));
        }
    }
    let appointed = Any::from(Event::DutyAppointed(e.clone()));
    ok!(authority(scene, &appointed)?);
    ok!(unless(rules::leaves_no_head(scene.registers, now, &e)?));
    yes(vec![appointed])
}

/// What a rule says is the refusal.
fn unless(why: Option<Why>) -> Result<(), Refusal> {
    why.map_or(Ok(()), |why| Err(Refusal(why)))
}

/// Entries hold times up to the end of 9999-12-30; a later one could be written and never read.
fn can_be_written(what: impl Words, at: WallMs) -> Result<(), Refusal> {
    match WallMs::parse(&at.rfc3339()) {
        Some(read) if read == at => Ok(()),
        _ => Err(Refusal(why!(
            "D09",
            "{what:#}的时间太远，无法记录；最晚为 9999-12-30。没有期限的职务请不要填写截止日期。",
            "the time given with {what} is too far away to be written down; the last day that can is 9999-12-30. A duty without an end is given without --until"
        ))),
    }
}

fn end(scene: &Scene, duty: DutyId, reason: &str) -> Decided {
    let reason = ok!(reason_text(reason));
    ok!(unless(rules::cannot_end(scene.registers, scene.context.at.wall, duty)?));
    allowed(scene, Event::DutyEnded(DutyEnded { duty, reason }))
}

fn propose_head(scene: &Scene, person: PersonId, reason: &str) -> Decided {
    let reason = ok!(reason_text(reason));
    let unseen_ms = clock_state::unseen_ms(scene.registers, &scene.context.at)?;
    allowed(scene, Event::HeadProposed(HeadProposed { person, reason, unseen_ms }))
}

fn second_head(scene: &Scene, proposal: u64, reason: &str) -> Decided {
    let reason = ok!(reason_text(reason));
    let Some(row) = registry::by_seq(scene.registers, &HEAD_PROPOSAL, proposal)? else {
        return no(why!(
            "D10",
            "第 {proposal:#} 条没有提名单位负责人。",
            "entry {proposal} proposes no unit head; see `sealdock duty list`"
        ));
    };
    let person = row.text("person").parse();
    let person = person.map_err(|e| registry::damaged(&format!("proposal row: {e}")))?;
    allowed(scene, Event::HeadSeconded(HeadSeconded { proposal, person, reason }))
}

fn retire(scene: &Scene, person: PersonId, reason: &str) -> Decided {
    let reason = ok!(reason_text(reason));
    ok!(row_of(scene, &person)?);
    ok!(unless(rules::cannot_retire(scene.registers, scene.context.at.wall, &person)?));
    allowed(scene, Event::PersonRetired(PersonRetired { person, reason }))
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
    if scene.actor.passkey().is_some() {
        return no(why!(
            "D65",
            "设定口令要用口令，不能用通行密钥。",
            "a PIN is given with a PIN, not with a passkey"
        ));
    }
    let own = scene.actor.person() == Some(&person);
    let reason = ok!(reason.as_deref().map(reason_text).transpose());
    if !own && reason.is_none() {
        return no(why!(
            "D11",
            "{person:#} 的新口令由他人设定，须写理由。",
            "a new PIN for {person} given by somebody else needs its reason"
        ));
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
        None => no(why!("D12", "{person:#} 没有被锁定。", "{person} is not locked")),
        Some(locked) => {
            allowed(scene, Event::PersonReleased(PersonReleased { person, locked, reason }))
        }
    }
}

pub(super) fn row_of(
    scene: &Scene,
    person: &PersonId,
) -> PortResult<Result<crate::table::Row, Refusal>> {
    let rows = scene.registers.select(&Query::all(&s::PERSON).with("id", person.as_str()))?;
    Ok(match rows.into_iter().next() {
        None => Err(Refusal(why!(
            "D13",
            "人员 {person:#} 未登记；请核对人员编号。",
            "person {person} is not enrolled; `sealdock person add`"
        ))),
        Some(row) if row.int_opt("retired_seq").is_some() => Err(Refusal(why!(
            "D14",
            "{person:#} 已离职停用。",
            "person {person} has retired from the unit"
        ))),
        Some(row) => Ok(row),
    })
}
