//! Matters, steps, bindings and interruptions as the registers have them. Reading only.

use super::{BINDING, BreakKind, INTERRUPTION, MATTER, MATTER_OFFICER, MatterKind, STEP};
use crate::id::{ClipId, DepartmentId, InterruptionId, MatterId, PersonId, RecorderId, StepId};
use crate::ports::{PortResult, Registers};
use crate::registry::{self, damaged};
use crate::table::{Query, Row};
use crate::time::WallMs;

/// One matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matter {
    pub id: MatterId,
    pub kind: MatterKind,
    pub title: String,
    pub parties: Vec<String>,
    pub officers: Vec<PersonId>,
    pub department: Option<DepartmentId>,
    pub case_file: Option<String>,
    /// The entry that holds its record as it is now.
    pub record_seq: u64,
    /// `open`, `closed` (the act has ended), `filed`.
    pub state: String,
    pub ended: Option<WallMs>,
    /// When it must be filed; known once the act has ended.
    pub due: Option<WallMs>,
    pub warned: bool,
    pub missed: bool,
    pub filed: Option<WallMs>,
    pub late: Option<bool>,
}

/// One declared step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub id: StepId,
    pub matter: MatterId,
    pub item: String,
    pub name: String,
    pub must: bool,
    pub continuous: bool,
    pub place: String,
    pub officers: Vec<PersonId>,
    pub began: Option<WallMs>,
    pub ended: Option<WallMs>,
    pub closed: bool,
}

/// One binding in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound {
    /// The entry that bound it.
    pub binding: u64,
    pub clip: ClipId,
    pub matter: MatterId,
    pub step: Option<StepId>,
}

/// One interruption and how far its explanation is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interruption {
    pub id: InterruptionId,
    pub matter: MatterId,
    pub step: StepId,
    pub kind: BreakKind,
    pub recorder: Option<RecorderId>,
    pub before: Option<ClipId>,
    pub after: Option<ClipId>,
    pub numbers: String,
    pub detail: String,
    /// `open`, `explained`, `accepted`, `not-accepted`, `filled`.
    pub state: String,
    pub told: Option<PersonId>,
    pub explained_by: Option<PersonId>,
}

impl Interruption {
    /// Waits for an explanation: none was given, or it was not accepted.
    pub fn unanswered(&self) -> bool {
        matches!(self.state.as_str(), "open" | "not-accepted")
    }
}

pub fn matter(registers: &dyn Registers, id: MatterId) -> PortResult<Option<Matter>> {
    registry::by_seq(registers, &MATTER, id.0)?.as_ref().map(matter_of).transpose()
}

/// Everybody whom any record of the matter named as its officer. Who took themself off the list stays on this one.
pub fn ever_officers(registers: &dyn Registers, id: MatterId) -> PortResult<Vec<PersonId>> {
    let rows = registers.select(&Query::all(&MATTER_OFFICER).with("matter", id.0))?;
    let mut officers = Vec::new();
    for row in &rows {
        let officer: PersonId =
            row.text("officer").parse().map_err(|e| bad("matter_officer", &e))?;
        if !officers.contains(&officer) {
            officers.push(officer);
        }
    }
    Ok(officers)
}

pub fn matters(registers: &dyn Registers) -> PortResult<Vec<Matter>> {
    registers.select(&Query::all(&MATTER))?.iter().map(matter_of).collect()
}

/// The newest that are wanted, before `after` where one is named: at most so many, and one more where there is one.
pub fn newest_matters(
    registers: &dyn Registers,
    (after, most): (Option<MatterId>, usize),
    wanted: impl Fn(&Matter) -> bool,
) -> PortResult<Vec<Matter>> {
    let (mut found, mut after) = (Vec::new(), after);
    loop {
        let some = Query::all(&MATTER).newest_first().limit(MATTERS_AT_ONCE);
        let some = match after {
            Some(after) => some.after(vec![after.0.into()]),
            None => some,
        };
        let rows = registers.select(&some)?;
        for row in &rows {
            let matter = matter_of(row)?;
            after = Some(matter.id);
            if wanted(&matter) {
                found.push(matter);
            }
            if found.len() > most {
                return Ok(found);
            }
        }
        if rows.len() < MATTERS_AT_ONCE as usize {
            return Ok(found);
        }
    }
}

/// Rows that are read at once where most may not be wanted.
const MATTERS_AT_ONCE: u32 = 500;

pub fn step(registers: &dyn Registers, id: StepId) -> PortResult<Option<Step>> {
    registry::by_seq(registers, &STEP, id.0)?.as_ref().map(step_of).transpose()
}

pub fn steps_of(registers: &dyn Registers, matter: MatterId) -> PortResult<Vec<Step>> {
    registers.select(&Query::all(&STEP).with("matter", matter.0))?.iter().map(step_of).collect()
}

/// The bindings of a step that are in force.
pub fn bound_to(registers: &dyn Registers, step: StepId) -> PortResult<Vec<Bound>> {
    in_force(registers, &Query::all(&BINDING).with("step", step.0))
}

/// Where a clip belongs.
pub fn bindings_of_clip(registers: &dyn Registers, clip: ClipId) -> PortResult<Vec<Bound>> {
    in_force(registers, &Query::all(&BINDING).with("clip", clip.0))
}

/// Interruptions: of one step, or all.
pub fn interruptions(
    registers: &dyn Registers,
    step: Option<StepId>,
) -> PortResult<Vec<Interruption>> {
    let query = Query::all(&INTERRUPTION);
    let query = match step {
        Some(step) => query.with("step", step.0),
        None => query,
    };
    registers.select(&query)?.iter().map(interruption_of).collect()
}

pub fn interruption(
    registers: &dyn Registers,
    id: InterruptionId,
) -> PortResult<Option<Interruption>> {
    registry::by_seq(registers, &INTERRUPTION, id.0)?.as_ref().map(interruption_of).transpose()
}

/// Bindings of a query that were not ended.
pub(super) fn in_force(registers: &dyn Registers, query: &Query) -> PortResult<Vec<Bound>> {
    let rows = registers.select(query)?;
    let rows = rows.iter().filter(|row| row.int_opt("unbound_seq").is_none());
    Ok(rows
        .map(|row| Bound {
            binding: registry::seq(row),
            clip: ClipId(number(row.int("clip"))),
            matter: MatterId(number(row.int("matter"))),
            step: row.int_opt("step").map(|seq| StepId(number(seq))),
        })
        .collect())
}

fn number(cell: i64) -> u64 {
    u64::try_from(cell).unwrap_or_default()
}

fn bad(table: &str, e: &dyn std::fmt::Display) -> crate::ports::PortError {
    damaged(&format!("{table} row: {e}"))
}

fn people(table: &str, text: &str) -> PortResult<Vec<PersonId>> {
    text.split_whitespace().map(|id| id.parse().map_err(|e| bad(table, &e))).collect()
}

fn time(table: &str, row: &Row, column: &str) -> PortResult<Option<WallMs>> {
    let Some(text) = row.text_opt(column) else { return Ok(None) };
    WallMs::parse(text).map(Some).ok_or_else(|| bad(table, &column))
}

fn matter_of(row: &Row) -> PortResult<Matter> {
    let lines = |text: &str| text.lines().map(str::to_owned).collect();
    Ok(Matter {
        id: MatterId(registry::seq(row)),
        kind: MatterKind::parse(row.text("kind")).ok_or_else(|| bad("matter", &"kind"))?,
        title: row.text("title").to_owned(),
        parties: lines(row.text("parties")),
        officers: people("matter", row.text("officers"))?,
        department: row
            .text_opt("department")
            .map(str::parse)
            .transpose()
            .map_err(|e| bad("matter", &e))?,
        case_file: row.text_opt("case_file").map(str::to_owned),
        record_seq: number(row.int("record_seq")),
        state: row.text("state").to_owned(),
        ended: time("matter", row, "ended")?,
        due: time("matter", row, "due")?,
        warned: row.int_opt("warned_seq").is_some(),
        missed: row.int_opt("missed_seq").is_some(),
        filed: time("matter", row, "filed")?,
        late: row.int_opt("late").map(|late| late == 1),
    })
}

fn step_of(row: &Row) -> PortResult<Step> {
    Ok(Step {
        id: StepId(registry::seq(row)),
        matter: MatterId(number(row.int("matter"))),
        item: row.text("item").to_owned(),
        name: crate::naming::inert(row.text("name")),
        must: row.int("must") == 1,
        continuous: row.text("manner") == "continuous",
        place: row.text("place").to_owned(),
        officers: people("step", row.text("officers"))?,
        began: time("step", row, "began")?,
        ended: time("step", row, "ended")?,
        closed: row.int_opt("closed_seq").is_some(),
    })
}

fn interruption_of(row: &Row) -> PortResult<Interruption> {
    let table = "interruption";
    let person = |column| row.text_opt(column).map(str::parse).transpose();
    let clip = |column| row.int_opt(column).map(|seq| ClipId(number(seq)));
    Ok(Interruption {
        id: InterruptionId(registry::seq(row)),
        matter: MatterId(number(row.int("matter"))),
        step: StepId(number(row.int("step"))),
        kind: BreakKind::parse(row.text("kind")).ok_or_else(|| bad(table, &"kind"))?,
        recorder: row
            .text_opt("recorder")
            .map(str::parse)
            .transpose()
            .map_err(|e| bad(table, &e))?,
        before: clip("before"),
        after: clip("after"),
        numbers: row.text("numbers").to_owned(),
        detail: row.text("detail").to_owned(),
        state: row.text("state").to_owned(),
        told: person("told").map_err(|e| bad(table, &e))?,
        explained_by: person("explained_by").map_err(|e| bad(table, &e))?,
    })
}
