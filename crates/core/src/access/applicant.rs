//! Who applies, and for what: the shape of an application as form 3 asks for it. One answer for the decision and
//! for `check`.

use super::ground::operates;
use super::{Applicant, Requested, Wanted, Who};
use crate::duty;
use crate::id::{ClipId, PersonId, RecorderId};
use crate::keep;
use crate::policy::Policy;
use crate::ports::{PortResult, Registers};
use crate::registry;
use crate::schema as s;
use crate::table::Query;
use crate::time::{Stamp, WallMs};
use crate::why;
use crate::why::Why;

/// A colleague as the register of people has them; or why they are none.
pub(super) fn colleague(
    registers: &dyn Registers,
    id: &PersonId,
) -> PortResult<Result<Applicant, Why>> {
    let rows = registers.select(&Query::all(&s::PERSON).with("id", id.as_str()))?;
    let Some(row) = rows.first().filter(|row| row.int_opt("retired_seq").is_none()) else {
        return Ok(Err(why!(
            "V01",
            "编号 {id:#} 不是本单位人员；请核对人员编号。",
            "{id} is no person of the unit"
        )));
    };
    let unit = match row.text_opt("department") {
        None => String::new(),
        Some(id) => {
            let rows = registers.select(&Query::all(&duty::DEPARTMENT).with("id", id))?;
            rows.first().map_or(id, |row| row.text("name")).to_owned()
        }
    };
    Ok(Ok(Applicant {
        person: Some(id.clone()),
        name: row.text("name").to_owned(),
        unit,
        phone: row.text_opt("phone").map(str::to_owned),
    }))
}

/// Why `id` cannot apply as a colleague with these particulars: who works here holds a duty.
pub(super) fn no_colleague(
    registers: &dyn Registers,
    at: &Stamp,
    id: &PersonId,
    given: &Applicant,
) -> PortResult<Option<Why>> {
    let known = match colleague(registers, id)? {
        Ok(known) => known,
        Err(why) => return Ok(Some(why)),
    };
    if known != *given {
        return Ok(Some(why!(
            "V02",
            "本单位人员以本人名义申请，部门和电话以人员登记为准（002/A6-§20）。",
            "a colleague applies in their own name, with department and telephone as the register of people has them (002/A6-§20)"
        )));
    }
    if duty::duties(registers, id, at.wall)?.is_empty() {
        return Ok(Some(why!(
            "V03",
            "{id:#} 现无有效职务，不能以本单位人员身份申请（002/A6-§20）；需要时由单位负责人任命，其他人由管理员按机构或当事人登记申请。",
            "{id} holds no duty in force and is no colleague who could apply (002/A6-§20); whoever is needed here is appointed by the unit head, everybody else applies through a clerk as the body or the party they are"
        )));
    }
    Ok(None)
}

/// What is missing in the particulars of somebody for whom a clerk writes.
pub(super) fn unfit(
    registers: &dyn Registers,
    at: &Stamp,
    e: &Requested,
) -> PortResult<Option<Why>> {
    let given = &e.applicant;
    if let Some(person) = &given.person {
        if registry::person(registers, person)?.is_none_or(|person| person.retired) {
            return Ok(Some(why!(
                "V04",
                "编号 {person:#} 不是本单位人员；请核对人员编号。",
                "{person} is no person of the unit"
            )));
        }
        if e.who != Who::InternalBody {
            return Ok(Some(why!(
                "V05",
                "“{:#}”不是本单位人员，不能填写人员编号。",
                "{} is no person of the unit",
                e.who
            )));
        }
        if operates(registers, at, person)?.is_some() {
            return Ok(Some(why!(
                "V06",
                "{person:#} 负责运维本机，本人和代机构均无权接触视频；请该机构另派他人。",
                "{person} operates the machine and has no right to footage, for a body no more than for themself; let the body send somebody else"
            )));
        }
    }
    let blank = |text: &str| text.trim().is_empty();
    if given.phone.as_deref().is_none_or(blank) {
        return Ok(Some(why!(
            "V07",
            "缺联系电话（表三）；请填写电话。",
            "a telephone number is needed (form 3); give --phone"
        )));
    }
    Ok((blank(&given.name) || blank(&given.unit)).then(|| {
        why!(
            "V08",
            "缺来人姓名和单位（表三）；请填写。",
            "name and unit of who comes are needed (form 3); give --name and --unit"
        )
    }))
}

/// Why this footage cannot be asked for: a request for nothing, or for what is not there, helps nobody.
pub(super) fn not_there(
    registers: &dyn Registers,
    policy: &Policy,
    wanted: &Wanted,
) -> PortResult<Option<Why>> {
    let (officer, recorder, from, until) = match wanted {
        Wanted::Clips { clips } => return clip_not_there(registers, policy, clips),
        Wanted::Query { officer, recorder, from, until } => (officer, recorder, *from, *until),
    };
    vague(registers, officer.as_ref(), recorder.as_ref(), (from, until))
}

fn clip_not_there(
    registers: &dyn Registers,
    policy: &Policy,
    clips: &[ClipId],
) -> PortResult<Option<Why>> {
    let most = policy.access.clips_max;
    if clips.is_empty() || clips.len() > most as usize {
        return Ok(Some(why!(
            "V09",
            "一份申请须写明 1 至 {most:#} 段视频，或一名执法人员、一台记录仪加时间范围。",
            "a request names 1 to {most} clips, or an officer or recorder with a time"
        )));
    }
    for (n, clip) in clips.iter().enumerate() {
        if clips[..n].contains(clip) {
            return Ok(Some(why!(
                "V10",
                "视频 {clip:#} 写了两次；请删去一个。",
                "clip {clip} is named twice"
            )));
        }
        if let Some(gone) = keep::state_of(registers, *clip)? {
            return Ok(Some(gone));
        }
    }
    Ok(None)
}

fn vague(
    registers: &dyn Registers,
    officer: Option<&PersonId>,
    recorder: Option<&RecorderId>,
    (from, until): (WallMs, WallMs),
) -> PortResult<Option<Why>> {
    if officer.is_none() && recorder.is_none() {
        return Ok(Some(why!(
            "V11",
            "请写明要哪名执法人员或哪台记录仪的视频。",
            "name the officer or the recorder whose footage is asked for"
        )));
    }
    if from >= until {
        return Ok(Some(why!(
            "V12",
            "{from:#} 至 {until:#} 之间没有时间；请把截止时间改晚。",
            "nothing lies between {from} and {until}; give a later --until"
        )));
    }
    if let Some(officer) = officer
        && registry::person(registers, officer)?.is_none()
    {
        return Ok(Some(why!(
            "V13",
            "人员 {officer:#} 未登记；请核对编号（“管理→人员”）。",
            "person {officer} is not enrolled; see `sealdock person list`"
        )));
    }
    if let Some(recorder) = recorder {
        let query = Query::all(&s::RECORDER).with("id", recorder.as_str());
        if registers.select(&query)?.is_empty() {
            return Ok(Some(why!(
                "V14",
                "记录仪 {recorder:#} 未登记；请核对编号（“管理→记录仪”）。",
                "recorder {recorder} is not enrolled; see `sealdock recorder list`"
            )));
        }
    }
    Ok(None)
}
