//! The three statutory forms (002, end of annex 6) as sheets: rows of the registers under the head of the
//! moment. Drawing one writes nothing. Whoever may read the registers may draw them: the machine's operator.

use super::access::{form_rows, parted};
use super::{desk, log, zone};
use crate::answer::Answer;
use crate::exit::{CliError, Exit};
use crate::wire::Open;
use sealdock_core::access::{self, Act, CopiedExcerpt, FormRow};
use sealdock_core::actor::{Actor, Role};
use sealdock_core::desk::{ArchiveRow, ClerkRow, Period, clerk_roster, usage_archive};
use sealdock_core::duty::{self, DEPARTMENT};
use sealdock_core::id::DepartmentId;
use sealdock_core::ports::{LedgerView, Registers};
use sealdock_core::registry;
use sealdock_core::table::Query;
use sealdock_core::time::WallMs;
use sealdock_report::forms::{self, FormHead, RosterRow, UsageRow, ViewingRow};
use sealdock_report::{Foot, Sheet, Text};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Which form, and which part of it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "form", rename_all = "kebab-case")]
pub enum Ask {
    Roster { department: Option<DepartmentId> },
    Archive { days: Days, department: Option<DepartmentId> },
    Viewings { days: Days },
}

/// From civil day to civil day, both included; without them the present year until today.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Days {
    pub from: Option<String>,
    pub until: Option<String>,
}

pub fn answer(open: &Open, actor: &Actor, ask: &Ask) -> Result<Answer, CliError> {
    let view = open.station.world().ledger.view()?;
    let Made { sheet, rows, empty } = made(open, &*view, (actor, ask))?;
    let last = view.head()?.checkpoint().size.saturating_sub(1);
    let json = json!({ "title": sheet.title, "rows": rows, "holds_up_to_entry": last });
    let title = sheet.title.to_string();
    let holds = format!("截至第 {last} 号记录 holds up to entry {last}");
    Ok(Answer::new(json).line(title).sheet(sheet, empty).line(holds))
}

/// The form alone, filled by nobody: the same facts for scripts would be as large once more, and there are years of them.
pub fn sheet(open: &Open, ask: &Ask) -> Result<Sheet, CliError> {
    let view = open.station.world().ledger.view()?;
    Ok(made(open, &*view, (&Actor::System, ask))?.sheet)
}

/// A form, and what it was made of.
struct Made {
    sheet: Sheet,
    rows: Rows,
    /// Said where it has no row.
    empty: &'static str,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Rows {
    Roster(Vec<RosterRow>),
    Usage(Vec<UsageRow>),
    Viewing(Vec<ViewingRow>),
}

fn made(
    open: &Open,
    view: &dyn LedgerView,
    (actor, ask): (&Actor, &Ask),
) -> Result<Made, CliError> {
    let now = open.station.world().clock.now().wall;
    let drawn = Drawn { open, view, now };
    match ask {
        Ask::Roster { department } => drawn.roster(department.as_ref()),
        Ask::Archive { days, department } => {
            let clerk = clerk(view, actor, now)?;
            drawn.archive(clerk, days, department.as_ref())
        }
        Ask::Viewings { days } => drawn.viewings(days),
    }
}

/// 填报人: a clerk who shows their own PIN; nobody else's name is put there, and none by guessing.
fn clerk(registers: &dyn Registers, actor: &Actor, now: WallMs) -> Result<String, CliError> {
    let Some(person) = actor.person() else { return Ok(String::new()) };
    if !duty::duties(registers, person, now)?.iter().any(|held| held.role == Role::Clerk) {
        let text = format!(
            "the form is filled by a clerk (管理员, note 1 of the form); {person} is none: leave out --as, \
             or let a clerk draw it"
        );
        return Err(CliError::new(Exit::Refused, text));
    }
    Ok(registry::person(registers, person)?.map_or_else(|| person.to_string(), |row| row.name))
}

/// The one view and moment that a form is drawn from.
struct Drawn<'a> {
    open: &'a Open,
    view: &'a dyn LedgerView,
    now: WallMs,
}

impl Drawn<'_> {
    fn roster(&self, department: Option<&DepartmentId>) -> Result<Made, CliError> {
        let scope = self.department(department)?;
        let mut rows = clerk_roster(self.view, self.now)?;
        rows.retain(|row| department.is_none_or(|asked| row.of.as_ref() == Some(asked)));
        let rows: Vec<RosterRow> = rows.iter().map(roster_row).collect();
        let sheet = forms::roster(&self.head(String::new(), scope)?, &rows);
        Ok(Made { sheet, rows: Rows::Roster(rows), empty: "没有管理员 no clerk is in office" })
    }

    fn archive(
        &self,
        clerk: String,
        days: &Days,
        department: Option<&DepartmentId>,
    ) -> Result<Made, CliError> {
        let period = self.period(days)?;
        let scope = [Some(self.days(period)), self.department(department)?];
        let mut rows = usage_archive(self.view, period)?;
        rows.retain(|row| department.is_none_or(|asked| row.of.as_ref() == Some(asked)));
        // One by one: a year of both at once would be as much memory again.
        let rows: Vec<UsageRow> = rows.into_iter().map(|row| usage_row(&row)).collect();
        let scope = scope.into_iter().flatten().collect::<Vec<_>>().join("，");
        let sheet = forms::usage(&self.head(clerk, Some(scope))?, &rows);
        let empty = "没有领用、核查 nothing was handed out or checked";
        Ok(Made { sheet, rows: Rows::Usage(rows), empty })
    }

    fn viewings(&self, days: &Days) -> Result<Made, CliError> {
        let period = self.period(days)?;
        let rows = form_rows(self.open, self.view, (Some(period.from), Some(period.to)))?;
        let rows: Vec<ViewingRow> = rows.iter().map(viewing_row).collect();
        let sheet = forms::viewing(&self.head(String::new(), Some(self.days(period)))?, &rows);
        let empty = "没有调阅、复制 nothing was viewed or copied";
        Ok(Made { sheet, rows: Rows::Viewing(rows), empty })
    }

    fn period(&self, days: &Days) -> Result<Period, CliError> {
        let period = desk::period(self.open, days.from.clone(), days.until.clone())?;
        if period.from >= period.to {
            let text = format!("{}: the last day lies before the first", self.days(period));
            return Err(CliError::new(Exit::Usage, text));
        }
        Ok(period)
    }

    /// A period as its first and last day.
    fn days(&self, period: Period) -> String {
        days_of(self.open, period).unwrap_or_default()
    }

    /// A department that somebody asks for, in words; it must be there.
    fn department(&self, asked: Option<&DepartmentId>) -> Result<Option<String>, CliError> {
        let Some(id) = asked else { return Ok(None) };
        let rows = self.view.select(&Query::all(&DEPARTMENT).with("id", id.as_str()))?;
        let Some(row) = rows.first() else {
            let text = format!("there is no department {id}; see `sealdock department list`");
            return Err(CliError::new(Exit::Missing, text));
        };
        Ok(Some(format!("部门 {}", row.text("name"))))
    }

    fn head(&self, filled_by: String, scope: Option<String>) -> Result<FormHead, CliError> {
        let unit = Text::from(log::unit(self.open)?);
        let foot = foot(self.open, self.view, self.now)?;
        let foot = match scope {
            Some(scope) => foot.of_scope(scope),
            None => foot,
        };
        Ok(FormHead { unit, filled_by: Text::from(filled_by), foot })
    }
}

/// Form 3 with the one row of a copy that is being carried out.
pub fn of_copy(open: &Open, (copy, excerpts): (u64, &[CopiedExcerpt])) -> Result<Sheet, CliError> {
    let view = open.station.world().ledger.view()?;
    let now = open.station.world().clock.now().wall;
    let entry = open.station.entry(copy)?;
    let begun = entry.at["wall"].as_str().and_then(WallMs::parse).unwrap_or_default();
    let mut rows = access::form(&*view, (Some(begun), Some(begun.plus_ms(1))))?;
    rows.retain(|row| row.seq == copy);
    // Not yet complete while this is drawn; nobody gets to read it unless it is.
    for row in &mut rows {
        row.act = Act::Copy;
        if !excerpts.is_empty() {
            row.brief += &format!("；{}", parted(excerpts));
        }
    }
    let rows: Vec<ViewingRow> = rows.iter().map(viewing_row).collect();
    let drawn = Drawn { open, view: &*view, now };
    Ok(forms::viewing(&drawn.head(String::new(), None)?, &rows))
}

/// The head of the moment, under which a sheet is drawn.
pub fn foot(open: &Open, view: &dyn LedgerView, now: WallMs) -> Result<Foot, CliError> {
    let head = view.head()?;
    let under = (head.checkpoint().size, head.checkpoint().root);
    Ok(Foot::under(open.station.origin(), under, now, zone(open)?))
}

/// A period as people write it: its first and its last day.
pub fn days_of(open: &Open, period: Period) -> Result<String, CliError> {
    let zone = zone(open)?;
    let day = |at: WallMs| zone.civil(at).get(..10).unwrap_or_default().to_owned();
    Ok(format!("{} 至 {}", day(period.from), day(period.to.plus_ms(-1))))
}

fn roster_row(row: &ClerkRow) -> RosterRow {
    let text = |text: &Option<String>| Text::from(text.as_deref().unwrap_or_default());
    RosterRow {
        name: Text::new(&row.name),
        department: text(&row.department),
        recorders: row.recorders.into(),
        phone: text(&row.phone),
        since: text(&row.joined),
    }
}

fn usage_row(row: &ArchiveRow) -> UsageRow {
    let text = |text: &Option<String>| Text::from(text.as_deref().unwrap_or_default());
    UsageRow {
        department: text(&row.department),
        recorder: Text::new(row.recorder.as_str()),
        user: text(&row.user),
        approver: text(&row.approver),
        issued: row.issued,
        returned: row.returned,
        remark: Text::new(&row.remark),
    }
}

/// The original has one column for what was viewed and what was copied: which it was begins the brief.
fn viewing_row(row: &FormRow) -> ViewingRow {
    let act = match row.act {
        Act::Viewing => "查阅",
        Act::Copy => "复制",
        Act::VoidCopy => "复制未完成（作废）",
    };
    ViewingRow {
        time: row.at,
        name: Text::new(&row.name),
        unit: Text::new(&row.unit),
        phone: Text::new(&row.phone),
        approver: Text::new(&row.approver),
        clerk: Text::new(&row.clerk),
        brief: Text::from(format!("{act} {}", row.brief)),
        reason: Text::new(&row.reason),
    }
}
