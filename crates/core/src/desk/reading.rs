//! What the registers say about recorders and uses, typed. Reading only, as of one moment.

use super::{ASSET, DESIGNATION, Period, USAGE};
use crate::id::{DepartmentId, PersonId, RecorderId, SessionId, UseId};
use crate::ports::{PortResult, Registers};
use crate::registry::{self, damaged};
use crate::schema as s;
use crate::table::{Query, Row};
use crate::time::WallMs;
use crate::why;
use crate::why::Why;

/// A recorder as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    pub recorder: RecorderId,
    /// `acquired`, `cabinet`, `issued`, `returned`, `docked`, `repair`, `lost`, `retired`.
    pub state: String,
    pub holder: Option<PersonId>,
    pub of: Option<UseId>,
    /// The entry that reported a fault which is not settled.
    pub fault: Option<u64>,
    pub department: Option<DepartmentId>,
    pub clerk: Option<PersonId>,
    pub described: Option<u64>,
    /// When it was last checked periodically.
    pub checked: Option<WallMs>,
}

impl Asset {
    /// What is shown: a recorder out of order is *faulty* wherever it lies.
    pub fn shown(&self) -> &str {
        let away = ["issued", "repair", "lost", "retired"].contains(&self.state.as_str());
        if self.fault.is_some() && !away { "faulty" } else { &self.state }
    }

    /// Does it still count among the recorders of the unit?
    pub fn in_service(&self) -> bool {
        !["lost", "retired"].contains(&self.state.as_str())
    }
}

/// One use, from request to docking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    pub of: UseId,
    pub recorder: RecorderId,
    pub officer: PersonId,
    pub department: Option<DepartmentId>,
    /// `requested`, `approved`, `refused`, `withdrawn`, `issued`, `returned` (by hand, not docked),
    /// `docked`, `lost`.
    pub state: String,
    pub until: WallMs,
    pub breach: bool,
    pub approver: Option<PersonId>,
    pub issued: Option<WallMs>,
    pub issued_seq: Option<u64>,
    pub returned: Option<WallMs>,
    pub late: bool,
    /// The first docking since it came back.
    pub docked: Option<SessionId>,
    pub row: Row,
}

pub fn asset(registers: &dyn Registers, recorder: &RecorderId) -> PortResult<Option<Asset>> {
    let rows = registers.select(&Query::all(&ASSET).with("recorder", recorder.as_str()))?;
    rows.first().map(asset_of).transpose()
}

pub fn assets(registers: &dyn Registers) -> PortResult<Vec<Asset>> {
    registers.select(&Query::all(&ASSET))?.iter().map(asset_of).collect()
}

pub fn usage(registers: &dyn Registers, of: UseId) -> PortResult<Option<Usage>> {
    registry::by_seq(registers, &USAGE, of.0)?.map(usage_of).transpose()
}

/// Uses in this state, oldest first.
pub fn usages(registers: &dyn Registers, state: &str) -> PortResult<Vec<Usage>> {
    all(registers, &Query::all(&USAGE).with("state", state))
}

pub fn usages_of(registers: &dyn Registers, recorder: &RecorderId) -> PortResult<Vec<Usage>> {
    all(registers, &Query::all(&USAGE).with("recorder", recorder.as_str()))
}

/// Is its recorder not back? Lost counts as out until it is found, or written off.
pub fn is_out(registers: &dyn Registers, usage: &Usage) -> PortResult<bool> {
    if usage.state != "lost" {
        return Ok(usage.state == "issued");
    }
    let lost = asset(registers, &usage.recorder)?.is_some_and(|asset| asset.state == "lost");
    // Earlier releases left a use lost when its recorder was found and handed out again.
    let later =
        usages_of(registers, &usage.recorder)?.iter().any(|u| u.issued_seq > usage.issued_seq);
    Ok(lost && !later)
}

/// Uses whose recorder is not back, oldest first.
pub fn out(registers: &dyn Registers) -> PortResult<Vec<Usage>> {
    let mut all = usages(registers, "issued")?;
    for usage in usages(registers, "lost")? {
        if is_out(registers, &usage)? {
            all.push(usage);
        }
    }
    all.sort_by_key(|usage| usage.of);
    Ok(all)
}

/// Every use of this officer, oldest first.
pub fn usages_by(registers: &dyn Registers, officer: &PersonId) -> PortResult<Vec<Usage>> {
    all(registers, &Query::all(&USAGE).with("officer", officer.as_str()))
}

/// Every use there ever was, in whatever order, one at a time.
pub fn each_use(registers: &dyn Registers, each: &mut dyn FnMut(Usage)) -> PortResult<()> {
    registers.each(&Query::all(&USAGE), &mut |row| {
        each(usage_of(row)?);
        Ok(())
    })
}

/// Those issued in a stretch of time, one at a time: years of them in memory are more than the rest of the process.
pub(crate) fn each_issued(
    registers: &dyn Registers,
    period: Period,
    each: &mut dyn FnMut(Usage) -> PortResult<()>,
) -> PortResult<()> {
    let query =
        Query::all(&USAGE).within("issued", Some(period.from.into()), Some(period.to.into()));
    registers.each(&query, &mut |row| {
        let usage = usage_of(row)?;
        // The register compares texts.
        if usage.issued.is_some_and(|at| period.holds(at)) { each(usage) } else { Ok(()) }
    })
}

pub(crate) fn all(registers: &dyn Registers, query: &Query) -> PortResult<Vec<Usage>> {
    registers.select(query)?.into_iter().map(usage_of).collect()
}

/// The entry by which the recorder is designated to the officer now.
pub fn designation(
    registers: &dyn Registers,
    recorder: &RecorderId,
    officer: &PersonId,
) -> PortResult<Option<u64>> {
    let query = Query::all(&DESIGNATION)
        .with("recorder", recorder.as_str())
        .with("officer", officer.as_str())
        .newest_first();
    let rows = registers.select(&query)?;
    Ok(rows.iter().find(|row| row.int_opt("ended_seq").is_none()).map(registry::seq))
}

/// What the recorder said of itself last, when it was unlocked: its row in `recorder_told`. A claim, not a
/// proof.
pub fn told_last(registers: &dyn Registers, recorder: &RecorderId) -> PortResult<Option<Row>> {
    let query = Query::all(&s::SESSION).with("recorder", recorder.as_str()).newest_first();
    for session in registers.select(&query)? {
        let rows = told_in(registers, SessionId(registry::seq(&session)))?;
        if !rows.is_empty() {
            return Ok(rows.into_iter().next_back());
        }
    }
    Ok(None)
}

/// What the recorder of this docking said of itself.
pub fn told_in(registers: &dyn Registers, session: SessionId) -> PortResult<Vec<Row>> {
    registers.select(&Query::all(&s::RECORDER_TOLD).with("session", session.0))
}

/// Is anything left on a recorder that is not proven stored, as far as dockings show?
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leftover {
    /// It was never docked and never used: somebody has to look.
    NeverDocked,
    /// The docking that accounted for every line.
    Empty { session: SessionId, offset_ms: Option<i64> },
    /// Something is, or may be.
    Left { why: Why },
}

pub fn leftover(registers: &dyn Registers, recorder: &RecorderId) -> PortResult<Leftover> {
    let used = usages_of(registers, recorder)?.iter().filter_map(|u| u.issued_seq).max();
    let query = Query::all(&s::SESSION).with("recorder", recorder.as_str()).newest_first().limit(1);
    let rows = registers.select(&query)?;
    let left = |why: Why| Ok(Leftover::Left { why });
    let Some(row) = rows.first() else {
        return match used {
            None => Ok(Leftover::NeverDocked),
            Some(_) => left(why!("U61", "使用过，一直没有采集", "it was used and never docked")),
        };
    };
    let session = SessionId(registry::seq(row));
    if used.is_some_and(|used| used > session.0) {
        return left(why!(
            "U62",
            "上次采集（{session:#}）之后又使用过",
            "it was used since it was last docked ({session})"
        ));
    }
    match row.text_opt("verdict") {
        Some("done") => Ok(Leftover::Empty { session, offset_ms: row.int_opt("clock_offset_ms") }),
        Some(verdict) => left(why!(
            "U63",
            "上次采集 {session:#} 的结论是“{verdict:#}”",
            "its last docking {session} ended {verdict}"
        )),
        None => {
            left(why!("U64", "采集 {session:#} 还没有结束", "its docking {session} is not over"))
        }
    }
}

fn asset_of(row: &Row) -> PortResult<Asset> {
    let bad = |e: crate::id::BadId| damaged(&format!("asset row: {e}"));
    Ok(Asset {
        recorder: row.text("recorder").parse().map_err(bad)?,
        state: row.text("state").to_owned(),
        holder: row.text_opt("holder").map(str::parse).transpose().map_err(bad)?,
        of: number(row, "use_seq").map(UseId),
        fault: number(row, "fault_seq"),
        department: row.text_opt("department").map(str::parse).transpose().map_err(bad)?,
        clerk: row.text_opt("clerk").map(str::parse).transpose().map_err(bad)?,
        described: number(row, "described_seq"),
        checked: time(row, "checked")?,
    })
}

fn usage_of(row: Row) -> PortResult<Usage> {
    let bad = |e: crate::id::BadId| damaged(&format!("usage row: {e}"));
    Ok(Usage {
        of: UseId(registry::seq(&row)),
        recorder: row.text("recorder").parse().map_err(bad)?,
        officer: row.text("officer").parse().map_err(bad)?,
        department: row.text_opt("department").map(str::parse).transpose().map_err(bad)?,
        state: row.text("state").to_owned(),
        until: time(&row, "until")?.ok_or_else(|| damaged("usage row: until"))?,
        breach: row.int("breach") == 1,
        approver: row.text_opt("approver").map(str::parse).transpose().map_err(bad)?,
        issued: time(&row, "issued")?,
        issued_seq: number(&row, "issued_seq"),
        returned: time(&row, "returned")?,
        late: row.int_opt("late") == Some(1),
        docked: number(&row, "docked_session").map(SessionId),
        row,
    })
}

fn number(row: &Row, column: &str) -> Option<u64> {
    row.int_opt(column).and_then(|n| u64::try_from(n).ok())
}

fn time(row: &Row, column: &str) -> PortResult<Option<WallMs>> {
    match row.text_opt(column) {
        None => Ok(None),
        Some(text) => WallMs::parse(text)
            .map(Some)
            .ok_or_else(|| damaged(&format!("{} row: {column}", row.table.name))),
    }
}
