//! Requests, clips and levels, as the registers have them. Reading only.

use super::{
    ACCESS, ACCESS_CLIP, Applicant, COPY_OUT, Level, Purpose, SECRECY, VIEWING, Wanted, Who,
};
use crate::duty;
use crate::id::{AccessId, ClipId, DepartmentId, PersonId};
use crate::keep;
use crate::ports::{PortResult, Registers};
use crate::registry::{self, damaged};
use crate::schema as s;
use crate::table::{Query, Row};
use crate::time::WallMs;
use crate::why;
use crate::why::Why;

/// What became of a request. That an approval has expired is the clock's to say, not the register's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Asked,
    Approved,
    Refused,
    Revoked,
}

impl State {
    fn parse(text: &str) -> Option<State> {
        Some(match text {
            "asked" => State::Asked,
            "approved" => State::Approved,
            "refused" => State::Refused,
            "revoked" => State::Revoked,
            _ => return None,
        })
    }

    pub fn as_str(self) -> &'static str {
        match self {
            State::Asked => "asked",
            State::Approved => "approved",
            State::Refused => "refused",
            State::Revoked => "revoked",
        }
    }
}

/// A request and what was decided on it.
#[derive(Debug, Clone)]
pub struct Access {
    pub id: AccessId,
    pub who: Who,
    pub purpose: Purpose,
    pub applicant: Applicant,
    pub wanted: Wanted,
    pub matter: String,
    pub reason: String,
    /// Who wrote it down, as the chain names actors.
    pub asked_by: String,
    pub asked: WallMs,
    pub state: State,
    pub decided_by: Option<String>,
    pub decided: Option<WallMs>,
    /// The entry that approved or refused it.
    pub decided_seq: Option<u64>,
    pub expires: Option<WallMs>,
    pub times: u32,
}

/// One request.
///
/// # Errors
/// The register cannot be read, or holds what no station writes.
pub fn access(registers: &dyn Registers, id: AccessId) -> PortResult<Option<Access>> {
    registry::by_seq(registers, &ACCESS, id.0)?.as_ref().map(access_of).transpose()
}

/// A row of the register of requests.
///
/// # Errors
/// It holds what no station writes.
pub(super) fn access_of(row: &Row) -> PortResult<Access> {
    let bad = |what: &str| damaged(&format!("access row: {what}"));
    let time = |column: &str| match row.text_opt(column) {
        None => Ok(None),
        Some(text) => WallMs::parse(text).map(Some).ok_or_else(|| bad(column)),
    };
    let person = row.text_opt("person").map(str::parse).transpose().map_err(|_| bad("person"))?;
    Ok(Access {
        id: AccessId(registry::seq(row)),
        who: Who::parse(row.text("who")).ok_or_else(|| bad("who"))?,
        purpose: Purpose::parse(row.text("purpose")).ok_or_else(|| bad("purpose"))?,
        applicant: Applicant {
            person,
            name: row.text("name").to_owned(),
            unit: row.text("unit").to_owned(),
            phone: row.text_opt("phone").map(str::to_owned),
        },
        wanted: serde_json::from_str(row.text("wanted")).map_err(|_| bad("wanted"))?,
        matter: row.text("matter").to_owned(),
        reason: row.text("reason").to_owned(),
        asked_by: row.text("asked_by").to_owned(),
        asked: time("asked")?.ok_or_else(|| bad("asked"))?,
        state: State::parse(row.text("state")).ok_or_else(|| bad("state"))?,
        decided_by: row.text_opt("decided_by").map(str::to_owned),
        decided: time("decided")?,
        decided_seq: row.int_opt("decided_seq").and_then(|seq| u64::try_from(seq).ok()),
        expires: time("expires")?,
        times: row.int_opt("times").and_then(|n| u32::try_from(n).ok()).unwrap_or(0),
    })
}

/// The clips that an approval names.
///
/// # Errors
/// The register cannot be read.
pub fn clips_of(registers: &dyn Registers, id: AccessId) -> PortResult<Vec<ClipId>> {
    let rows = registers.select(&Query::all(&ACCESS_CLIP).with("access", id.0))?;
    Ok(rows.iter().map(|row| ClipId(row.int("clip").unsigned_abs())).collect())
}

/// The level in force of a clip (S27): the strictest of all that have its bytes and are in custody, because who
/// sees one of them has seen the others.
///
/// # Errors
/// The registers cannot be read, or name a level that this version does not know.
pub fn level_of(registers: &dyn Registers, clip: ClipId) -> PortResult<Level> {
    let mut level = set_level(registers, clip)?.unwrap_or(Level::Internal);
    for twin in twins(registers, clip)? {
        level = level.max(set_level(registers, twin)?.unwrap_or(Level::Internal));
    }
    Ok(level)
}

/// The other clips in custody with the very bytes of this one: the same file, docked again.
///
/// # Errors
/// The register cannot be read.
pub fn twins(registers: &dyn Registers, clip: ClipId) -> PortResult<Vec<ClipId>> {
    let Some(kept) = keep::kept(registers, clip)? else { return Ok(Vec::new()) };
    let all = keep::with_bytes(registers, &kept.sha256)?.into_iter().map(|kept| kept.clip);
    Ok(all.filter(|other| *other != clip).collect())
}

/// The level that somebody set, if somebody did.
pub(super) fn set_level(registers: &dyn Registers, clip: ClipId) -> PortResult<Option<Level>> {
    let query = Query::all(&SECRECY).with("clip", clip.0).newest_first().limit(1);
    let rows = registers.select(&query)?;
    let level = |row: &Row| {
        Level::parse(row.text("level")).ok_or_else(|| damaged("secrecy row: an unknown level"))
    };
    rows.first().map(level).transpose()
}

/// What rights look at of a clip.
#[derive(Debug, Clone)]
pub(super) struct Footage {
    pub clip: ClipId,
    pub officer: Option<PersonId>,
    /// The department of that officer today; `None`: covered by duties over the whole unit only.
    pub department: Option<DepartmentId>,
    pub level: Level,
    row: Row,
}

/// `None`: there is no such clip.
pub(super) fn footage(registers: &dyn Registers, clip: ClipId) -> PortResult<Option<Footage>> {
    let Some(row) = registry::by_seq(registers, &s::CLIP, clip.0)? else { return Ok(None) };
    let officer = row.text_opt("officer").map(str::parse).transpose();
    let officer: Option<PersonId> = officer.map_err(|e| damaged(&format!("clip row: {e}")))?;
    let department = match &officer {
        Some(officer) => duty::department_of(registers, officer)?,
        None => None,
    };
    let level = level_of(registers, clip)?;
    Ok(Some(Footage { clip, officer, department, level, row }))
}

impl Footage {
    /// Is it among what was asked for?
    pub fn is_wanted(&self, wanted: &Wanted) -> PortResult<bool> {
        let (officer, recorder, from, until) = match wanted {
            Wanted::Clips { clips } => return Ok(clips.contains(&self.clip)),
            Wanted::Query { officer, recorder, from, until } => (officer, recorder, from, until),
        };
        let text = self.row.text_opt("recorded").unwrap_or(self.row.text("stored"));
        let at = WallMs::parse(text).ok_or_else(|| damaged("clip row: a time"))?;
        let same = |column, wanted: Option<&str>| {
            wanted.is_none_or(|wanted| self.row.text_opt(column) == Some(wanted))
        };
        Ok((*from..*until).contains(&at)
            && same("officer", officer.as_ref().map(PersonId::as_str))
            && same("recorder", recorder.as_ref().map(|r| r.as_str())))
    }
}

/// The clips that are asked for, as of now.
///
/// # Errors
/// The registers cannot be read.
pub fn wanted_clips(registers: &dyn Registers, wanted: &Wanted) -> PortResult<Vec<ClipId>> {
    let (officer, recorder) = match wanted {
        Wanted::Clips { clips } => return Ok(clips.clone()),
        Wanted::Query { officer, recorder, .. } => (officer, recorder),
    };
    let mut query = Query::all(&s::CLIP);
    if let Some(officer) = officer {
        query = query.with("officer", officer.as_str());
    }
    if let Some(recorder) = recorder {
        query = query.with("recorder", recorder.as_str());
    }
    let mut clips = Vec::new();
    for row in registers.select(&query)? {
        let clip = ClipId(registry::seq(&row));
        let footage =
            Footage { clip, officer: None, department: None, level: Level::Internal, row };
        if footage.is_wanted(wanted)? {
            clips.push(clip);
        }
    }
    Ok(clips)
}

/// Why a clip may not be disposed of as far as viewing and copying go: somebody asks for it and has no answer
/// yet, or holds an approval of it that has not expired.
///
/// # Errors
/// The registers cannot be read: then nothing may be disposed of either.
pub fn speaks_against_disposal(
    registers: &dyn Registers,
    clip: ClipId,
    now: WallMs,
) -> PortResult<Option<Why>> {
    let Some(wanted) = footage(registers, clip)? else { return Ok(None) };
    for row in registers.select(&Query::all(&ACCESS).with("state", "asked"))? {
        let asked = access_of(&row)?;
        if wanted.is_wanted(&asked.wanted)? {
            return Ok(Some(why!(
                "V55",
                "申请 {:#} 要用到它，尚未答复。",
                "request {} asks for it and is not answered",
                asked.id
            )));
        }
    }
    for row in registers.select(&Query::all(&ACCESS_CLIP).with("clip", clip.0))? {
        let id = AccessId(row.int("access").unsigned_abs());
        let approved = access(registers, id)?.filter(|access| access.state == State::Approved);
        if approved.is_some_and(|access| access.expires.is_none_or(|until| until > now)) {
            return Ok(Some(why!(
                "V56",
                "涉及它的批准 {id:#} 尚未到期。",
                "approval {id} of it has not expired"
            )));
        }
    }
    Ok(None)
}

/// How often a clip was viewed under an approval.
pub(super) fn viewings(registers: &dyn Registers, id: AccessId, clip: ClipId) -> PortResult<u32> {
    let query = Query::all(&VIEWING).with("access", id.0).with("clip", clip.0);
    Ok(u32::try_from(registers.select(&query)?.len()).unwrap_or(u32::MAX))
}

/// How often a copy was begun under an approval, finished or not.
pub(super) fn copies(registers: &dyn Registers, id: AccessId) -> PortResult<u32> {
    let rows = registers.select(&Query::all(&COPY_OUT).with("access", id.0))?;
    Ok(u32::try_from(rows.len()).unwrap_or(u32::MAX))
}
