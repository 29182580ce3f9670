//! The register rows that decisions ask for, typed. Reading only; every answer is as of one moment.

use crate::actor::Role;
use crate::id::{PersonId, RecorderId};
use crate::policy::Policy;
use crate::ports::{Kind, PortError, PortResult, Registers};
use crate::schema as s;
use crate::table::{Query, Row};
use crate::time::WallMs;

/// The policy in force, with the entry that adopted it.
pub fn policy(registers: &dyn Registers) -> PortResult<Policy> {
    let rows = registers.select(&Query::all(&s::POLICY).newest_first().limit(1))?;
    let row = rows.first().ok_or_else(|| damaged("the chain holds no policy"))?;
    Policy::parse(row.text("body")).map_err(|e| damaged(&format!("the adopted policy: {e}")))
}

/// How the unit decided about copies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CopyPlan {
    Mirror { place: String },
    SingleAccepted,
    Undecided,
}

pub fn copy_plan(registers: &dyn Registers) -> PortResult<CopyPlan> {
    let rows = registers.select(&Query::all(&s::COPIES).newest_first().limit(1))?;
    Ok(match rows.first() {
        None => CopyPlan::Undecided,
        Some(row) => match row.text_opt("place") {
            Some(place) => CopyPlan::Mirror { place: place.to_owned() },
            None => CopyPlan::SingleAccepted,
        },
    })
}

/// A person of the unit.
#[derive(Debug, Clone)]
pub struct Person {
    pub id: PersonId,
    pub name: String,
    pub role: Role,
    pub pin_commitment: Option<String>,
    /// The entry that enrolled them.
    pub enrolled_seq: u64,
    /// The entry that set their PIN.
    pub pin_seq: Option<u64>,
    pub retired: bool,
}

pub fn person(registers: &dyn Registers, id: &PersonId) -> PortResult<Option<Person>> {
    let rows = registers.select(&Query::all(&s::PERSON).with("id", id.as_str()))?;
    rows.first().map(person_of).transpose()
}

pub fn person_of(row: &Row) -> PortResult<Person> {
    Ok(Person {
        id: row.text("id").parse().map_err(|e| damaged(&format!("person row: {e}")))?,
        name: row.text("name").to_owned(),
        role: Role::parse(row.text("role"))
            .ok_or_else(|| damaged("person row: a role this version does not know"))?,
        pin_commitment: row.text_opt("pin_commitment").map(str::to_owned),
        enrolled_seq: u64::try_from(row.int("enrolled_seq")).unwrap_or_default(),
        pin_seq: row.int_opt("pin_seq").and_then(|seq| u64::try_from(seq).ok()),
        retired: row.int_opt("retired_seq").is_some(),
    })
}

/// Was the hash of this person's PIN lost by a restore without a database, and no new one given since?
pub fn pin_lost(registers: &dyn Registers, person: &Person) -> PortResult<bool> {
    let restores = Query::all(&s::RESTORED).with("pins_lost", 1i64).newest_first().limit(1);
    let lost = registers.select(&restores)?.first().map(seq);
    let given = person.pin_seq.unwrap_or(person.enrolled_seq);
    Ok(person.pin_commitment.is_some() && lost.is_some_and(|lost| given < lost))
}

/// The enrolled recorder that is meant: by its own id, else by the device number it writes.
pub fn recorder(registers: &dyn Registers, claim: &RecorderId) -> PortResult<Option<RecorderId>> {
    for column in ["id", "device_id"] {
        let rows = registers.select(&Query::all(&s::RECORDER).with(column, claim.as_str()))?;
        if let [row] = rows.as_slice() {
            return row
                .text("id")
                .parse()
                .map(Some)
                .map_err(|e| damaged(&format!("recorder row: {e}")));
        }
    }
    Ok(None)
}

/// The device number under which a recorder is enrolled, if it has one.
pub fn device_id(registers: &dyn Registers, recorder: &RecorderId) -> PortResult<Option<String>> {
    let rows = registers.select(&Query::all(&s::RECORDER).with("id", recorder.as_str()))?;
    Ok(rows.first().and_then(|row| row.text_opt("device_id").map(str::to_owned)))
}

/// The shift that is open and not older than the policy allows.
pub fn open_shift(
    registers: &dyn Registers,
    policy: &Policy,
    now: WallMs,
) -> PortResult<Option<(crate::id::ShiftId, PersonId)>> {
    let rows =
        registers.select(&Query::all(&s::SHIFT).with("open", true).newest_first().limit(1))?;
    let Some(row) = rows.first() else { return Ok(None) };
    let opened = WallMs::parse(row.text("opened")).ok_or_else(|| damaged("shift row: opened"))?;
    let age = now.0 - opened.0;
    if !(0..policy.shift_ms_max).contains(&age) {
        return Ok(None);
    }
    let clerk = row.text("clerk").parse().map_err(|e| damaged(&format!("shift row: {e}")))?;
    Ok(Some((crate::id::ShiftId(seq(row)), clerk)))
}

/// One row by its entry number.
pub fn by_seq(
    registers: &dyn Registers,
    table: &'static crate::table::Table,
    seq: u64,
) -> PortResult<Option<Row>> {
    Ok(registers.select(&Query::all(table).with("seq", seq))?.into_iter().next())
}

/// The `seq` column of a row.
pub fn seq(row: &Row) -> u64 {
    u64::try_from(row.int("seq")).expect("sequence numbers are never negative")
}

/// Stored clips of a recorder's file of that name: candidates for being the same thing. What was disposed
/// of, or is being, is none: the same bytes are stored anew.
pub fn clips_named(registers: &dyn Registers, claim: &str, raw: &str) -> PortResult<Vec<Row>> {
    let query = Query::all(&s::CLIP).with("recorder_claim", claim).with("raw", raw);
    let mut there = Vec::new();
    for row in registers.select(&query)? {
        if crate::keep::state_of(registers, crate::id::ClipId(seq(&row)))?.is_none() {
            there.push(row);
        }
    }
    Ok(there)
}

/// The smallest head that the log key of a row of `key_epoch` signs: a head whose last entry rotates is still
/// the old key's, one whose last entry replaces is the new one's.
pub fn first_size(epoch: &Row) -> u64 {
    let after = if epoch.text_opt("cause").is_some() { 1 } else { 2 };
    epoch.int("since_seq").unsigned_abs().saturating_add(after)
}

pub(crate) fn damaged(what: &str) -> PortError {
    PortError::new(Kind::Damaged, format!("{what}; run `sealdock check`"))
}
