//! Spot and playback checks (S16, 002/A6-§25): what was drawn, what was answered, what was found and what was
//! done about it.

use super::{Named, Names};
use crate::access::VIEWING;
use crate::desk::Period;
use crate::id::{CheckId, ClipId};
use crate::keep::{SPOTCHECK, SPOTCHECK_CLIP};
use crate::ports::{PortResult, Registers};
use crate::registry::{self, by_seq, damaged};
use crate::schema::CLIP;
use crate::table::{Cell, Query, Row};
use crate::time::{DAY_MS, WallMs};

/// One check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckLine {
    pub id: CheckId,
    /// `spot` or `playback`.
    pub kind: String,
    pub announced: WallMs,
    pub by: Named,
    /// `announced`, `drawn` or `closed`.
    pub state: String,
    /// It could be drawn and is not: days since it was announced.
    pub overdue_days: Option<u32>,
    pub drawn: u32,
    pub answered: u32,
    /// Of those, opened since the draw by the auditor who answered. A fact, no judgement: somebody may have
    /// looked over a colleague's shoulder.
    pub viewed: u32,
    /// Clips with a finding.
    pub findings: u32,
    /// Of those, put right by the department head.
    pub corrected: u32,
    /// What goes into appraisal; empty while it is open.
    pub appraisal: String,
}

impl CheckLine {
    /// Findings that nobody has put right.
    pub fn uncorrected(&self) -> u32 {
        self.findings.saturating_sub(self.corrected)
    }
}

/// A clip with which something was wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub check: CheckId,
    pub clip: ClipId,
    /// Whose footage it is.
    pub officer: Option<Named>,
    pub department: Option<Named>,
    pub finding: String,
    pub by: Named,
    /// Whoever found it opened a viewing of the clip since the draw.
    pub viewed: bool,
    /// What was done about it, and by whom; absent: nothing yet.
    pub correction: Option<(String, Named)>,
}

/// Checks announced in the period, in the order of the chain; and with them each that was announced before its
/// end and is overdue to be drawn. `size` is that of the chain.
///
/// # Errors
/// The registers cannot be read.
pub fn checks(
    registers: &dyn Registers,
    period: Period,
    (size, now): (u64, WallMs),
) -> PortResult<Vec<CheckLine>> {
    let names = Names::of(registers)?;
    let mut lines = Vec::new();
    for row in registers.select(&Query::all(&SPOTCHECK))? {
        let overdue_days = overdue_days(&row, (size, now))?;
        let at = announced_at(&row)?;
        if period.holds(at) || (overdue_days.is_some() && at < period.to) {
            lines.push(CheckLine { overdue_days, ..line(registers, &names, &row)? });
        }
    }
    Ok(lines)
}

fn line(registers: &dyn Registers, names: &Names, row: &Row) -> PortResult<CheckLine> {
    let clips = clips_of(registers, row)?;
    let count = |column: &str| {
        let there = clips.iter().filter(|clip| !matches!(clip.cell(column), Cell::Null));
        u32::try_from(there.count()).unwrap_or(u32::MAX)
    };
    let mut seen = 0;
    for clip in &clips {
        seen += u32::from(viewed(registers, row, clip)?);
    }
    Ok(CheckLine {
        id: CheckId(registry::seq(row)),
        kind: row.text("kind").to_owned(),
        announced: announced_at(row)?,
        by: actor(names, row.text("announced_by")),
        state: row.text("state").to_owned(),
        overdue_days: None,
        drawn: u32::try_from(clips.len()).unwrap_or(u32::MAX),
        answered: count("answered_seq"),
        viewed: seen,
        findings: count("finding"),
        corrected: count("corrected_seq"),
        appraisal: row.text_opt("appraisal").unwrap_or_default().to_owned(),
    })
}

/// Days since a check was announced that could be drawn by now and is not.
fn overdue_days(check: &Row, (size, now): (u64, WallMs)) -> PortResult<Option<u32>> {
    if check.text("state") != "announced" || check.int("at_size").unsigned_abs() > size {
        return Ok(None);
    }
    let days = (now.0 - announced_at(check)?.0).max(0) / DAY_MS;
    Ok(Some(u32::try_from(days).unwrap_or(u32::MAX)))
}

/// Did the auditor who answered for this clip open a viewing of it between the draw and the answer?
///
/// # Errors
/// The registers cannot be read.
pub fn viewed(registers: &dyn Registers, check: &Row, clip: &Row) -> PortResult<bool> {
    let (Some(drawn), Some(answered)) = (check.int_opt("drawn_seq"), clip.int_opt("answered_seq"))
    else {
        return Ok(false);
    };
    let by = clip.text_opt("answered_by").unwrap_or_default();
    let Some(auditor) = by.strip_prefix("person ") else { return Ok(false) };
    let viewings = Query::all(&VIEWING).with("clip", clip.int("clip").unsigned_abs());
    Ok(registers.select(&viewings)?.iter().any(|row| {
        row.text_opt("viewer") == Some(auditor) && (drawn..answered).contains(&row.int("seq"))
    }))
}

/// What those checks found, clip by clip.
///
/// # Errors
/// The registers cannot be read.
pub fn findings(registers: &dyn Registers, period: Period) -> PortResult<Vec<Finding>> {
    let names = Names::of(registers)?;
    let mut found = Vec::new();
    for check in announced(registers, period)? {
        for row in clips_of(registers, &check)? {
            let Some(finding) = row.text_opt("finding") else { continue };
            let clip = row.int("clip").unsigned_abs();
            let officer = by_seq(registers, &CLIP, clip)?;
            let officer = officer.as_ref().and_then(|clip| clip.text_opt("officer"));
            let said_by = |column| actor(&names, row.text_opt(column).unwrap_or_default());
            let correction = row.text_opt("correction");
            found.push(Finding {
                check: CheckId(registry::seq(&check)),
                clip: ClipId(clip),
                officer: officer.map(|id| names.person(id)),
                department: officer.and_then(|id| names.department_of(id)),
                finding: finding.to_owned(),
                by: said_by("answered_by"),
                viewed: viewed(registers, &check, &row)?,
                correction: correction.map(|text| (text.to_owned(), said_by("corrected_by"))),
            });
        }
    }
    Ok(found)
}

fn announced(registers: &dyn Registers, period: Period) -> PortResult<Vec<Row>> {
    let mut rows = Vec::new();
    for row in registers.select(&Query::all(&SPOTCHECK))? {
        if period.holds(announced_at(&row)?) {
            rows.push(row);
        }
    }
    Ok(rows)
}

fn announced_at(check: &Row) -> PortResult<WallMs> {
    WallMs::parse(check.text("announced")).ok_or_else(|| damaged("spotcheck row: announced"))
}

fn clips_of(registers: &dyn Registers, check: &Row) -> PortResult<Vec<Row>> {
    registers.select(&Query::all(&SPOTCHECK_CLIP).with("spotcheck", registry::seq(check)))
}

/// Registers say `person a1`.
fn actor(names: &Names, actor: &str) -> Named {
    names.person(actor.strip_prefix("person ").unwrap_or(actor))
}
