//! What a sheet comes to, against the registers of one moment: changes, rows that stand already, complaints.

use super::columns::{PEOPLE, RECORDERS, places};
use super::people;
use super::recorders;
use super::row::Row;
use super::table::{Line, ROWS_MAX, Table};
use crate::desk::{self, AssetRecord, RecorderDescribed};
use crate::duty::{self, DEPARTMENT, PersonDescribed, PersonRecord};
use crate::event::{Event, PersonEnrolled, RecorderEnrolled};
use crate::id::{DepartmentId, PersonId, RecorderId};
use crate::naming;
use crate::ports::{PortResult, Registers};
use crate::says;
use crate::table::Query;
use crate::time::WallMs;
use crate::why::{self, Both, Why, is_chinese};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// What a sheet is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    People,
    Recorders,
}

/// Something wrong with a sheet: where, what it says, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Complaint {
    /// Line of the file, counted from 1.
    pub line: u32,
    /// The heading; empty: the row.
    pub column: String,
    pub value: String,
    /// Chinese first, then English.
    pub what: String,
}

/// Most complaints about a sheet: as many as it may have rows. A sheet whose every cell is wrong has sixty times as many, and
/// each is longer than its cell.
const COMPLAINTS_MAX: usize = ROWS_MAX;

/// Most letters of a cell that a complaint repeats.
const REPEATED_CHARS_MAX: usize = 40;

impl Complaint {
    pub(super) fn new(line: u32, column: &str, value: &str, what: String) -> Complaint {
        let shown = |text: &str| {
            let mut shown: String = text.chars().take(REPEATED_CHARS_MAX).collect();
            if text.chars().count() > REPEATED_CHARS_MAX {
                shown.push('…');
            }
            naming::inert(&shown)
        };
        Complaint { line, column: shown(column), value: shown(value), what }
    }

    /// As a refusal repeats it.
    pub(super) fn in_words(&self) -> Why {
        let Complaint { line, column, value, what } = self;
        let (column, what) = (why::halves(column), in_both(what));
        let value = if value.is_empty() { String::new() } else { format!(" {value:?}") };
        says!("第 {line} 行 {column:#}{value}：{what:#}", "line {line}, {column}{value}: {what}")
    }
}

/// What is said of a sheet, Chinese first, then English after a semicolon. What is not of this kind stands for both.
pub fn in_both(text: &str) -> Both<'_> {
    let cut = text.match_indices("; ").find(|(at, _)| !text[at + 2..].contains(is_chinese));
    cut.map_or(Both(text, text), |(at, _)| Both(&text[..at], &text[at + 2..]))
}

/// What a row changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    EnrolPerson {
        enrolled: PersonEnrolled,
        record: Option<PersonRecord>,
    },
    /// Enrolled before, and without particulars so far.
    DescribePerson {
        person: PersonId,
        record: PersonRecord,
        enrolled_seq: u64,
    },
    EnrolRecorder {
        enrolled: RecorderEnrolled,
        record: Option<AssetRecord>,
    },
    DescribeRecorder {
        recorder: RecorderId,
        record: AssetRecord,
        enrolled_seq: u64,
    },
}

impl Change {
    /// Whom or what it is about.
    pub fn id(&self) -> &str {
        match self {
            Change::EnrolPerson { enrolled, .. } => enrolled.id.as_str(),
            Change::DescribePerson { person, .. } => person.as_str(),
            Change::EnrolRecorder { enrolled, .. } => enrolled.id.as_str(),
            Change::DescribeRecorder { recorder, .. } => recorder.as_str(),
        }
    }

    /// The entries of this change, of which the first is to be number `seq`.
    pub fn events(self, seq: u64) -> Vec<Event> {
        let described = |person, record, corrects| {
            let e = PersonDescribed { person, record, corrects, reason: None };
            Event::from(duty::Event::PersonDescribed(e))
        };
        let written_down = |recorder, record, corrects| {
            let e = RecorderDescribed { recorder, record, corrects, reason: None };
            Event::from(desk::Event::RecorderDescribed(e))
        };
        match self {
            Change::EnrolPerson { enrolled, record } => {
                let second = record.map(|record| described(enrolled.id.clone(), record, seq));
                [Event::PersonEnrolled(enrolled)].into_iter().chain(second).collect()
            }
            Change::DescribePerson { person, record, enrolled_seq } => {
                vec![described(person, record, enrolled_seq)]
            }
            Change::EnrolRecorder { enrolled, record } => {
                let second = record.map(|record| written_down(enrolled.id.clone(), record, seq));
                [Event::RecorderEnrolled(enrolled)].into_iter().chain(second).collect()
            }
            Change::DescribeRecorder { recorder, record, enrolled_seq } => {
                vec![written_down(recorder, record, enrolled_seq)]
            }
        }
    }
}

/// What a sheet comes to. With one complaint nothing of it happens.
#[derive(Debug, Default)]
pub struct Plan {
    /// The line of the file, and what it changes.
    pub changes: Vec<(u32, Change)>,
    /// Lines that say what the register says.
    pub same: Vec<u32>,
    pub complaints: Vec<Complaint>,
}

/// What one row comes to, where nothing is wrong with it.
pub(super) enum Outcome {
    Changes(Box<Change>),
    Same,
}

/// Holds a sheet against the registers, without deciding who may.
///
/// # Errors
/// The registers cannot be read.
pub fn plan(
    registers: &dyn Registers,
    at: WallMs,
    subject: Subject,
    table: &Table,
) -> PortResult<Plan> {
    let mut plan = Plan::default();
    let columns = match subject {
        Subject::People => PEOPLE,
        Subject::Recorders => RECORDERS,
    };
    let mut lines = table.lines.iter().filter(|line| !line.is_blank());
    let Some(headings) = lines.next() else {
        let what = "表格是空的，第一行应为列名; the sheet is empty; the first row has the headings";
        plan.complaints.push(Complaint::new(1, "", "", what.to_owned()));
        return Ok(plan);
    };
    let places = match places(columns, headings) {
        Ok(places) => places,
        Err(complaints) => return Ok(Plan { complaints, ..plan }),
    };
    let rows: Vec<&Line> = lines.collect();
    if let Some(what) = number_is_wrong(rows.len()) {
        plan.complaints.push(Complaint::new(headings.line, "", "", what));
        return Ok(plan);
    }
    let mut people = people::Known::default();
    let mut recorders = recorders::Known::default();
    match subject {
        Subject::People => people = people::Known::of(registers)?,
        Subject::Recorders => recorders = recorders::Known::of(registers, at)?,
    }
    for line in rows {
        if plan.complaints.len() >= COMPLAINTS_MAX {
            let what = "错误太多，从这一行起没有再看，请先改正前面的; too many complaints; from this line on nothing was looked at: put right what comes before";
            plan.complaints.push(Complaint::new(line.line, "", "", what.to_owned()));
            return Ok(plan);
        }
        let mut row = Row::new(columns, &places, line);
        let outcome = match subject {
            Subject::People => people.outcome(&mut row),
            Subject::Recorders => recorders.outcome(registers, &mut row)?,
        };
        match outcome.filter(|_| row.complaints.is_empty()) {
            Some(Outcome::Changes(change)) => plan.changes.push((line.line, *change)),
            Some(Outcome::Same) => plan.same.push(line.line),
            None => plan.complaints.append(&mut row.complaints),
        }
    }
    Ok(plan)
}

fn number_is_wrong(rows: usize) -> Option<String> {
    match rows {
        0 => Some("列名下面没有内容; there is no row below the headings".to_owned()),
        1..=ROWS_MAX => None,
        _ => Some(format!(
            "共 {rows} 行，一次最多 {ROWS_MAX} 行，请分成几个文件; {rows} rows; at most {ROWS_MAX} at once, split the file"
        )),
    }
}

/// The departments of the unit: by id, or by a name that only one has.
#[derive(Default)]
pub(super) struct Departments {
    by_word: HashMap<String, Vec<DepartmentId>>,
}

impl Departments {
    pub fn of(registers: &dyn Registers) -> PortResult<Departments> {
        let mut by_word: HashMap<String, Vec<DepartmentId>> = HashMap::new();
        for row in registers.select(&Query::all(&DEPARTMENT))? {
            let id: DepartmentId = row
                .text("id")
                .parse()
                .map_err(|e| crate::registry::damaged(&format!("department row: {e}")))?;
            by_word.entry(row.text("name").to_owned()).or_default().push(id.clone());
            // An id is meant before anybody's name.
            by_word.insert(id.to_string(), vec![id]);
        }
        Ok(Departments { by_word })
    }

    /// The department of a row, if it names one.
    pub fn read(&self, row: &mut Row) -> Option<DepartmentId> {
        let word = row.text("department", 100)?;
        match self.by_word.get(&word).map(Vec::as_slice) {
            Some([id]) => Some(id.clone()),
            Some(several) => {
                let ids: Vec<&str> = several.iter().map(DepartmentId::as_str).collect();
                let ids = ids.join("、");
                row.complain("department", &word, format!(
                    "同名部门不止一个，请写部门编号（{ids}）; several departments have that name; write the id"
                ));
                None
            }
            None => {
                row.complain("department", &word, format!(
                    "没有这个部门，先用 `sealdock department add ID --name {word}` 建立; there is no such department; add it first"
                ));
                None
            }
        }
    }
}

/// A cell that says otherwise than the register is a complaint; an empty one says nothing.
pub(super) fn same_as(
    row: &mut Row,
    (name, says): (&str, Option<&str>),
    stands: Option<&str>,
    corrected_by: &str,
) {
    let Some(says) = says.filter(|says| Some(*says) != stands) else { return };
    let stands = stands.unwrap_or("（空 nothing）");
    row.complain(name, says, format!(
        "已登记为 {stands}；导入不覆盖，更正用 `{corrected_by}`; the register says otherwise and no import overwrites it; correct the sheet or the register"
    ));
}
