//! Registers and statistics: the sheets of `form` and `report`, as tables, as plots, as a page to print and as files. One
//! function makes the sheet, whoever asks for it.

use super::figures::{Counted, Look};
use super::{Head, Scene, nothing, shown, worded};
use crate::console::Room;
use crate::console::signed::{Office, Reader, Told, escaped};
use crate::console::spoken::{half, in_lang};
use crate::execute::form::{Ask as FormAsk, Days};
use crate::execute::report::{Ask as ReportAsk, Span};
use crate::exit::{CliError, Exit};
use crate::request::Request;
use axum::Router;
use axum::extract::{Path, Query as Address};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sealdock_console::Lang;
use sealdock_console::rooms::{Block, Button, Cell, Drawing, Field, Form, Input, Table};
use sealdock_console::words::{self as w, Word, rooms as r};
use sealdock_core::table::Query;
use sealdock_report::{Cell as Stated, Column, Sheet, Text, csv, html, xlsx};
use serde::Deserialize;
use std::sync::Arc;

/// Rows of a table beside its plot.
const BESIDE_PLOT: usize = 12;

pub fn routes() -> Router<Arc<Room>> {
    Router::new()
        .route("/registers", get(page))
        .route("/registers/{name}", get(one))
        .route("/registers/{name}/{as}", get(file))
        .route("/statistics", get(statistics))
}

/// Rows that a page shows; print page and file have all.
const SHOWN: usize = 300;

/// Name in an address, name for people; the forms first.
const ALL: [(&str, Word); 15] = [
    ("roster", r::R_ROSTER),
    ("archive", r::R_ARCHIVE),
    ("viewings", r::R_VIEWINGS),
    ("lateness", r::R_LATENESS),
    ("use", r::R_USE),
    ("unreturned", r::R_UNRETURNED),
    ("hours", r::R_HOURS),
    ("interruptions", r::R_INTERRUPTIONS),
    ("unexplained", r::R_UNEXPLAINED),
    ("expected", r::R_EXPECTED),
    ("ratio", r::R_RATIO),
    ("checks", r::R_CHECKS),
    ("findings", r::R_FINDINGS),
    ("without-case", r::R_NO_CASE),
    ("drills", r::R_DRILLS),
];

/// What each page of statistics answers, and from which register.
const QUESTIONS: [(&str, Word); 6] = [
    ("lateness", r::Q_LATENESS),
    ("use", r::Q_USE),
    ("hours", r::Q_HOURS),
    ("unexplained", r::Q_UNEXPLAINED),
    ("ratio", r::Q_RATIO),
    ("findings", r::Q_FINDINGS),
];

/// Which part of it.
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub struct Part {
    from: String,
    until: String,
    department: String,
    officer: String,
    said: String,
}

impl Part {
    /// In an address.
    fn query(&self) -> String {
        let fields = [
            ("from", &self.from),
            ("until", &self.until),
            ("department", &self.department),
            ("officer", &self.officer),
        ];
        let set = fields.iter().filter(|(_, value)| !value.trim().is_empty());
        let all: Vec<String> =
            set.map(|(name, value)| format!("{name}={}", escaped(value.trim()))).collect();
        if all.is_empty() { String::new() } else { format!("?{}", all.join("&")) }
    }

    /// What the command line would send for it.
    fn request(&self, name: &str) -> Result<Request, CliError> {
        fn some<T: std::str::FromStr>(text: &str) -> Result<Option<T>, CliError>
        where
            CliError: From<T::Err>,
        {
            let text = text.trim();
            if text.is_empty() { Ok(None) } else { Ok(Some(text.parse()?)) }
        }
        let day = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let (from, until) = (day(&self.from), day(&self.until));
        let department = some(&self.department)?;
        let span = Span {
            department: department.clone(),
            officer: some(&self.officer)?,
            from: from.clone(),
            until: until.clone(),
        };
        let days = Days { from, until };
        let report = match name {
            "roster" => return Ok(Request::Form(FormAsk::Roster { department })),
            "archive" => return Ok(Request::Form(FormAsk::Archive { days, department })),
            "viewings" => return Ok(Request::Form(FormAsk::Viewings { days })),
            "lateness" => ReportAsk::Lateness(span),
            "use" => ReportAsk::Use(span),
            "unreturned" => ReportAsk::Unreturned,
            "hours" => ReportAsk::Hours(span),
            "interruptions" => ReportAsk::Interruptions { span, unexplained: false },
            "unexplained" => ReportAsk::Interruptions { span, unexplained: true },
            "expected" => ReportAsk::Expected(span),
            "ratio" => ReportAsk::Ratio,
            "checks" => ReportAsk::Checks(span),
            "findings" => ReportAsk::Findings(span),
            "without-case" => ReportAsk::WithoutMatter(span),
            "drills" => ReportAsk::Drills(span),
            _ => return Err(CliError::new(Exit::Missing, name.to_owned())),
        };
        Ok(Request::Report(report))
    }
}

/// Fields that a register can be asked by: days, department, officer.
fn asked_by(name: &str) -> (bool, bool, bool) {
    match name {
        "ratio" | "unreturned" => (false, false, false),
        "roster" => (false, true, false),
        "archive" | "use" => (true, true, false),
        "viewings" | "checks" | "without-case" | "drills" => (true, false, false),
        _ => (true, true, true),
    }
}

/// As much of a sheet as a page shows, and how many rows it has.
pub struct Shown {
    sheet: Sheet,
    rows: usize,
}

impl Shown {
    fn of(mut sheet: Sheet) -> Shown {
        let rows = sheet.rows.len();
        sheet.rows.truncate(SHOWN);
        sheet.rows.shrink_to_fit();
        Shown { sheet, rows }
    }
}

type Looked = (Arc<Counted<Shown>>, Option<Block>);

/// What is shown of a sheet, and what has to be said of its age; or nothing yet.
fn looked(scene: &Scene, name: &str, part: &Part) -> Result<Option<Looked>, CliError> {
    let (request, room) = (part.request(name)?, Arc::clone(scene.room));
    let (key, wanted) = (format!("{name}{}", part.query()), scene.wanted()?);
    let count = move || sheet(&room, request).map(Shown::of);
    Ok(match scene.room.sheets.look(&key, wanted, count)? {
        Look::Counting => None,
        Look::Counted(counted) => {
            let said = scene.counted(&counted, wanted);
            Some((counted, said))
        }
    })
}

/// The sheet, as `form` and `report` make it.
fn sheet(room: &Room, request: Request) -> Result<Sheet, CliError> {
    let made = room.counted(|| match request {
        Request::Report(ask) => crate::execute::report::sheet(&room.open, ask),
        Request::Form(ask) => crate::execute::form::sheet(&room.open, &ask),
        _ => Err(no_sheet()),
    })?;
    Some(made).filter(Sheet::is_even).ok_or_else(no_sheet)
}

fn no_sheet() -> CliError {
    CliError::new(Exit::Failed, "the answer holds no sheet")
}

async fn page(Office(reader): Office, Address(told): Address<Told>) -> Response {
    let head = Head::new(reader.lang.t(r::REGISTERS), &told);
    shown(reader, head, |scene| {
        let link = |(name, word): &(&str, Word)| (format!("/registers/{name}"), scene.own(*word));
        let counted = |word, many: usize| format!("{} · {many}", scene.t(word));
        Ok(vec![
            Block::Heading(counted(r::R_FORMS, 3)),
            Block::Hubs(ALL[..3].iter().map(link).collect()),
            Block::Heading(counted(r::R_REPORTS, ALL.len() - 3)),
            Block::Hubs(ALL[3..].iter().map(link).collect()),
        ])
    })
    .await
}

async fn one(
    Office(reader): Office,
    Path(name): Path<String>,
    Address(part): Address<Part>,
) -> Response {
    let Some((_, word)) = ALL.iter().find(|(known, _)| *known == name) else {
        return nothing(&reader);
    };
    let mut head = Head::new(reader.lang.t(*word), &Told { said: part.said.clone() });
    head.beside = vec![("/registers".into(), format!("← {}", reader.lang.t(r::ALL_REGISTERS)))];
    shown(reader, head, move |scene| table_page(scene, &name, &part)).await
}

fn table_page(scene: &Scene, name: &str, part: &Part) -> Result<Vec<Block>, CliError> {
    let form = filter(scene, name, part)?;
    // One that is not asked by anything has nothing to fill in.
    let asked = Some(form).filter(|form| !form.fields.is_empty());
    let mut blocks: Vec<Block> = asked.map(Block::Form).into_iter().collect();
    let counted = match looked(scene, name, part) {
        Ok(Some((counted, said))) => {
            blocks.extend(said);
            counted
        }
        Ok(None) => {
            blocks.push(scene.being_counted());
            return Ok(blocks);
        }
        // A day that is none is said beside the form in which it stands.
        Err(e) if matches!(e.exit, Exit::Usage | Exit::Refused | Exit::Missing) => {
            blocks.push(Block::Notice(false, in_lang(scene.lang, &e)));
            return Ok(blocks);
        }
        Err(e) => return Err(e),
    };
    let Shown { sheet, rows } = &counted.value;
    let query = part.query();
    let to = |what: &str, word| (format!("/registers/{name}/{what}{query}"), scene.own(word));
    blocks.push(Block::Links(vec![
        to("print", r::PRINT),
        to("csv", r::AS_CSV),
        to("xlsx", r::AS_XLSX),
    ]));
    blocks.extend(drawings(scene.lang, sheet));
    blocks.push(Block::Table(table(scene, sheet)));
    if *rows > SHOWN {
        blocks.push(Block::Note(format!("{} {rows}", scene.t(r::ROWS_SHOWN))));
    }
    blocks.extend(sheet.notes.iter().map(|note| Block::Note(note.to_string())));
    blocks.push(Block::Note(foot(scene.lang, sheet)));
    Ok(blocks)
}

/// What the paper has around its table; a blank to be filled by hand is none of a screen.
fn foot(lang: Lang, sheet: &Sheet) -> String {
    let lines = sheet.foot.lines().into_iter();
    let head = sheet.head.iter().map(|field| (field.label.to_string(), field.value.to_string()));
    let all = head.chain(lines.map(|(label, value)| (label.to_string(), value.to_string())));
    let filled = all.filter(|(_, value)| !value.is_empty());
    let said =
        filled.map(|(label, value)| format!("{}{}{value}", half(lang, &label), lang.t(r::COLON)));
    said.collect::<Vec<_>>().join(" · ")
}

fn drawings(lang: Lang, sheet: &Sheet) -> impl Iterator<Item = Block> {
    let plots = sheet.plots.iter().filter_map(move |plot| worded::plot(lang, plot));
    let drawn = plots.filter_map(|plot| Drawing::new(&plot.svg(), ""));
    drawn.map(Block::Drawing)
}

/// In the words of the page, where the sheet has them in both; the forms of the rule have Chinese alone.
fn table(scene: &Scene, sheet: &Sheet) -> Table {
    let own = |text: &Text| half(scene.lang, &text.to_string()).to_owned();
    let row = |row: &Vec<Stated>| -> Vec<Cell> {
        sheet
            .columns
            .iter()
            .zip(row)
            .map(|(column, one)| worded::cell(scene.lang, column, one))
            .collect()
    };
    let named = |column: &Column| match &column.group {
        Some(group) => format!("{}/{}", own(group), own(&column.name)),
        None => own(&column.name),
    };
    Table {
        caption: own(&sheet.title),
        head: sheet.columns.iter().map(named).collect(),
        rows: sheet.rows.iter().map(row).collect(),
        totals: sheet.totals.as_ref().map(row),
        empty: scene.own(r::NO_ROWS),
    }
}

fn filter(scene: &Scene, name: &str, part: &Part) -> Result<Form, CliError> {
    let (days, department, officer) = asked_by(name);
    let to = format!("/registers/{name}");
    let mut form = Form { reads: true, ..Form::new("part", &to, "") };
    if days {
        for (name, word, value) in
            [("from", r::FROM_DAY, &part.from), ("until", r::UNTIL_DAY, &part.until)]
        {
            // What is no day is said below; a browser would complain of it in the field.
            let is_day = scene.zone.day_begins(value.trim()).is_some();
            let day = Input::Day(if is_day { value.trim().to_owned() } else { String::new() });
            form = form.field(Field::line(name, scene.t(word), 10).with(day));
        }
    }
    if department {
        let of = departments(scene)?;
        form = form.field(Field::choice(
            "department",
            scene.t(r::DEPARTMENT),
            of,
            part.department.trim(),
        ));
    }
    if officer {
        let value = Input::Line(part.officer.clone(), 64);
        form = form.field(Field::line("officer", scene.t(w::OFFICER), 64).with(value));
    }
    Ok(form.button(Button::main(scene.t(w::FIND))))
}

/// Departments by name; first: whichever.
pub fn departments(scene: &Scene) -> Result<Vec<(String, String)>, CliError> {
    let rows = scene.view.select(&Query::all(&sealdock_core::duty::DEPARTMENT))?;
    let named = rows.iter().map(|row| (row.text("id").to_owned(), row.text("name").to_owned()));
    Ok(std::iter::once((String::new(), scene.own(r::ANY))).chain(named).collect())
}

/// The plots and their figures, question by question.
async fn statistics(Office(reader): Office, Address(part): Address<Part>) -> Response {
    let head = Head::new(reader.lang.t(r::STATISTICS), &Told { said: part.said.clone() });
    shown(reader, head, move |scene| {
        let part = Part { officer: String::new(), ..part };
        let mut form = filter(scene, "use", &part)?;
        form.to = "/statistics".into();
        let mut blocks = vec![Block::Form(form)];
        for (name, question) in QUESTIONS {
            blocks.extend(answered(scene, (name, question), &part)?);
        }
        Ok(blocks)
    })
    .await
}

/// A question, its plots, and the table that says the same.
fn answered(
    scene: &Scene,
    (name, question): (&str, Word),
    part: &Part,
) -> Result<Vec<Block>, CliError> {
    let mut blocks = vec![Block::Heading(scene.own(question))];
    let counted = match looked(scene, name, part) {
        Ok(Some((counted, said))) => {
            blocks.extend(said);
            counted
        }
        Ok(None) => {
            blocks.push(scene.being_counted());
            return Ok(blocks);
        }
        Err(e) if matches!(e.exit, Exit::Usage | Exit::Refused | Exit::Missing) => {
            blocks.push(Block::Notice(false, in_lang(scene.lang, &e)));
            return Ok(blocks);
        }
        Err(e) => return Err(e),
    };
    let sheet = &counted.value.sheet;
    let plots: Vec<Block> = drawings(scene.lang, sheet).collect();
    // Nothing to draw is said by the empty table too.
    if plots.is_empty() && !sheet.rows.is_empty() {
        blocks.push(Block::Note(scene.own(r::NO_PLOT)));
    }
    blocks.extend(plots);
    let mut table = table(scene, sheet);
    table.rows.truncate(BESIDE_PLOT);
    blocks.push(Block::Table(table));
    if counted.value.rows > BESIDE_PLOT {
        let all = format!("{BESIDE_PLOT} / {}", counted.value.rows);
        blocks.push(Block::Note(format!("{}{all}", scene.t(r::ROWS_OF))));
    }
    let to = format!("/registers/{name}{}", part.query());
    blocks.push(Block::Links(vec![(to, scene.own(r::THE_TABLE))]));
    Ok(blocks)
}

/// The sheet as the command line writes it: to print, or as a file.
async fn file(
    Office(reader): Office,
    Path((name, form)): Path<(String, String)>,
    Address(part): Address<Part>,
) -> Response {
    if !ALL.iter().any(|(known, _)| *known == name) {
        return nothing(&reader);
    }
    let request = match part.request(&name) {
        Ok(request) => request,
        Err(e) => return reader.failed(&e),
    };
    match reader.room.aside(move |room| sheet(room, request)).await {
        Ok(sheet) => written(&reader, &sheet, (&name, &form)),
        Err(e) => reader.failed(&e),
    }
}

fn written(reader: &Reader, sheet: &Sheet, (name, form): (&str, &str)) -> Response {
    match form {
        "print" => {
            // The sheet brings its own style, and the policy names exactly that one.
            let style = html::style_source(sheet.page);
            let policy = format!(
                "default-src 'none'; style-src {style}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
            );
            let mut response = axum::response::Html(html::html(sheet)).into_response();
            if let Ok(policy) = HeaderValue::from_str(&policy) {
                response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
            }
            response
        }
        "csv" => attached(csv::csv(sheet), "text/csv; charset=utf-8", name, "csv"),
        "xlsx" => match xlsx::xlsx(sheet) {
            Ok(bytes) => {
                let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
                attached(bytes, kind, name, "xlsx")
            }
            Err(e) => reader.failed(&CliError::new(Exit::Failed, e.to_string())),
        },
        _ => nothing(reader),
    }
}

/// A file that the browser saves; its name is one of ours.
fn attached(bytes: Vec<u8>, kind: &'static str, name: &str, ending: &str) -> Response {
    let how = format!("attachment; filename=\"{name}.{ending}\"");
    let disposition: HeaderName = header::CONTENT_DISPOSITION;
    ([(header::CONTENT_TYPE, kind.to_owned()), (disposition, how)], bytes).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_register_is_one_that_the_command_line_has_and_each_question_rests_on_one() {
        for (name, _) in ALL {
            assert!(Part::default().request(name).is_ok(), "{name}");
        }
        assert!(Part::default().request("passwords").is_err());
        for (name, _) in QUESTIONS {
            assert!(ALL.iter().any(|(known, _)| *known == name), "{name}");
        }
    }

    #[test]
    fn what_is_asked_for_stands_in_the_address_and_cannot_add_to_it() {
        let part = Part {
            from: " 2026-11-01 ".into(),
            department: "d1&officer=x".into(),
            ..Part::default()
        };
        assert_eq!(part.query(), "?from=2026-11-01&department=d1%26officer%3Dx");
        assert!(part.request("lateness").is_err(), "it is no department");
        assert_eq!(Part::default().query(), "");
    }
}
