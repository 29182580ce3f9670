//! Reports of an auditor: figures and lists of `sealdock_core::report` as sheets, which whoever asked sees as a
//! table or gets as a file. Each says up to which entry of the chain it holds.

/// What is counted.
mod figures;
/// Interruptions, steps, viewings.
mod listed;
/// Lives of clips, recorders and people, with gaps.
mod lives;
/// What an officer takes away from a docking.
mod receipt;

use super::access::parted;
use super::form::{days_of, foot};
use super::{desk, log};
use crate::answer::Answer;
use crate::exit::{CliError, Exit};
use crate::wire::Open;
use sealdock_core::access::CopiedExcerpt;
use sealdock_core::desk::Period;
use sealdock_core::id::{ClipId, DepartmentId, PersonId, RecorderId, SessionId};
use sealdock_core::ports::LedgerView;
use sealdock_core::report::HoursFilter;
use sealdock_core::time::{Stamp, WallMs, Zone};
use sealdock_report::reports::ReportHead;
use sealdock_report::table::TableError;
use sealdock_report::{Field, Sheet, Text};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What can be asked for.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "report", rename_all = "kebab-case")]
pub enum Ask {
    Clip { clip: ClipId },
    Recorder { recorder: RecorderId },
    Person { person: PersonId, about: bool },
    Receipt { session: SessionId },
    Interruptions { span: Span, unexplained: bool },
    Expected(Span),
    Hours(Span),
    Lateness(Span),
    Ratio,
    Use(Span),
    Unreturned,
    Checks(Span),
    Findings(Span),
    WithoutMatter(Span),
    Drills(Span),
}

/// Whose, and from which civil day to which, both included.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Span {
    pub department: Option<DepartmentId>,
    pub officer: Option<PersonId>,
    pub from: Option<String>,
    pub until: Option<String>,
}

/// A report before it is answered.
struct Report {
    /// Said above the table; the sheet bears the unit's name besides.
    title: String,
    sheet: Sheet,
    empty: &'static str,
    json: Value,
}

pub fn answer(open: &Open, ask: Ask) -> Result<Answer, CliError> {
    let view = open.station.world().ledger.view()?;
    let size = view.head()?.checkpoint().size;
    let report = report(open, &*view, (ask, true))?;
    let mut json = report.json;
    json["holds_up_to_entry"] = json!(size - 1);
    let holds = format!("截至第 {} 号记录 holds up to entry {}", size - 1, size - 1);
    Ok(Answer::new(json).line(report.title).sheet(report.sheet, report.empty).line(holds))
}

/// The sheet alone: the facts of a large archive would need more memory than all the rest.
pub fn sheet(open: &Open, ask: Ask) -> Result<Sheet, CliError> {
    let view = open.station.world().ledger.view()?;
    Ok(report(open, &*view, (ask, false))?.sheet)
}

fn report(
    open: &Open,
    view: &dyn LedgerView,
    (ask, facts): (Ask, bool),
) -> Result<Report, CliError> {
    let at = open.station.world().clock.now();
    let drawn = Drawn { facts, ..Drawn::new(open, view, at)? };
    let mut report = match ask {
        Ask::Clip { clip } => drawn.clip(clip, None)?,
        Ask::Recorder { recorder } => drawn.recorder(&recorder)?,
        Ask::Person { person, about } => drawn.person(&person, about)?,
        Ask::Receipt { session } => drawn.receipt(session)?,
        Ask::Interruptions { span, unexplained } => drawn.interruptions(&span, unexplained)?,
        Ask::Expected(span) => drawn.expected(&span)?,
        Ask::Hours(span) => drawn.hours(&span)?,
        Ask::Lateness(span) => drawn.lateness(&span)?,
        Ask::Ratio => drawn.ratio()?,
        Ask::Use(span) => drawn.recorder_use(&span)?,
        Ask::Unreturned => drawn.unreturned()?,
        Ask::Checks(span) => drawn.checks(&span)?,
        Ask::Findings(span) => drawn.findings(&span)?,
        Ask::WithoutMatter(span) => drawn.without_matter(&span)?,
        Ask::Drills(span) => drawn.drills(&span)?,
    };
    report.sheet.notes.extend(lost(view)?);
    Ok(report)
}

/// The custody of a clip as a sheet, as it stands now, for the package of `copy`. That this copy is not completed yet is no
/// gap: nobody gets to read it unless it is.
pub fn custody(
    open: &Open,
    clip: ClipId,
    (copy, excerpts): (u64, &[CopiedExcerpt]),
) -> Result<Sheet, CliError> {
    let view = open.station.world().ledger.view()?;
    let mut sheet =
        Drawn::new(open, &*view, open.station.world().clock.now())?.clip(clip, Some(copy))?.sheet;
    sheet.notes.extend(lost(&*view)?);
    let parts: Vec<CopiedExcerpt> =
        excerpts.iter().filter(|part| part.clip == clip).cloned().collect();
    if !parts.is_empty() {
        sheet.notes.push(Text::new(&format!("第 {copy} 号复制 copy {copy}：{}", parted(&parts))));
    }
    Ok(sheet)
}

/// Entries that a restore lost: no report can have counted them.
fn lost(view: &dyn LedgerView) -> Result<Vec<Text>, CliError> {
    let lost = sealdock_station::check::lost(view)?;
    Ok(lost.iter().map(|text| Text::new(&format!("记录遗失 {text}"))).collect())
}

/// The one view and moment that a report is drawn from.
struct Drawn<'a> {
    open: &'a Open,
    view: &'a dyn LedgerView,
    at: Stamp,
    zone: Zone,
    head: ReportHead,
    /// For scripts, too; else the sheet alone.
    facts: bool,
}

impl<'a> Drawn<'a> {
    fn new(open: &'a Open, view: &'a dyn LedgerView, at: Stamp) -> Result<Drawn<'a>, CliError> {
        let foot = foot(open, view, at.wall)?;
        let (zone, unit) = (foot.zone(), Text::from(log::unit(open)?));
        let head = ReportHead { unit, filters: Vec::new(), foot };
        Ok(Drawn { open, view, at, zone, head, facts: true })
    }

    /// Says on the sheet what was asked, so that nobody takes a part for the whole.
    fn asked(&self, span: &Span) -> ReportHead {
        let fields = [
            ("部门 department", span.department.as_ref().map(ToString::to_string)),
            ("人员 officer", span.officer.as_ref().map(ToString::to_string)),
            ("自 from", span.from.clone()),
            ("至 until", span.until.clone()),
        ];
        let asked = fields.into_iter().filter_map(|(label, value)| Some((label, value?)));
        let filters = asked.map(|(label, value)| Field::new(label, value)).collect();
        ReportHead { filters, ..self.head.clone() }
    }

    /// The same where no day said means this year until today, which is said too.
    fn asked_in(&self, span: &Span) -> Result<(ReportHead, Period), CliError> {
        let period = desk::period(self.open, span.from.clone(), span.until.clone())?;
        let days = days_of(self.open, period)?;
        if period.from >= period.to {
            let text = format!("{days}: the last day lies before the first");
            return Err(CliError::new(Exit::Usage, text));
        }
        let whose = Span { from: None, until: None, ..span.clone() };
        let mut head = self.asked(&whose);
        head.filters.push(Field::new("期间 period", days));
        Ok((head, period))
    }

    /// Does the entry lie within the asked days, by the station's clock?
    fn within(&self, span: &Span, seq: u64) -> Result<bool, CliError> {
        let entry = self.open.station.entry(seq)?;
        let at = entry.at["wall"].as_str().and_then(WallMs::parse).unwrap_or_default();
        let civil = self.zone.civil(at);
        let day = civil.get(..10).unwrap_or_default();
        Ok(span.from.as_deref().is_none_or(|from| day >= from)
            && span.until.as_deref().is_none_or(|until| day <= until))
    }
}

impl From<&Span> for HoursFilter {
    fn from(span: &Span) -> HoursFilter {
        let Span { department, officer, from, until } = span.clone();
        HoursFilter { department, officer, from, until }
    }
}

fn drawn(sheet: Result<Sheet, TableError>) -> Result<Sheet, CliError> {
    sheet.map_err(|e| CliError::new(Exit::Failed, e.to_string()))
}
