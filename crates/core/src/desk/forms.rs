//! The rows of form 1 (执法记录仪管理员名册) and form 2 (执法记录仪使用档案), to be printed by whoever prints.

use super::{RECORDER_CHECK, assets, reading};
use crate::actor::Role;
use crate::duty::{self, DEPARTMENT};
use crate::id::{DepartmentId, PersonId, RecorderId};
use crate::ports::{PortResult, Registers};
use crate::registry::damaged;
use crate::schema::PERSON;
use crate::table::{Query, Row};
use crate::time::WallMs;
use std::collections::BTreeMap;

/// From `from` on and before `to`, station time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    pub from: WallMs,
    pub to: WallMs,
}

impl Period {
    pub fn holds(&self, at: WallMs) -> bool {
        self.from <= at && at < self.to
    }
}

/// One row of form 1, in the order of its columns. The running number is its place in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClerkRow {
    pub person: PersonId,
    /// 管理员姓名
    pub name: String,
    /// 管理员所属部门
    pub department: Option<String>,
    /// The same by its id, for who asks for one department.
    pub of: Option<DepartmentId>,
    /// 管理执法仪数量: recorders in service of which this clerk is the named one; of recorders without
    /// a named clerk, those that the clerk's duty covers.
    pub recorders: u32,
    /// 联系电话
    pub phone: Option<String>,
    /// 入职时间, a civil date
    pub joined: Option<String>,
}

/// One row of form 2, in the order of its columns. A periodic check is a row of the same ledger (note 2
/// of the form): it has no user, and says in the remark what it found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveRow {
    /// The use or the check: an entry number.
    pub seq: u64,
    /// 单位(部门)名称
    pub department: Option<String>,
    /// The same by its id, for who asks for one department.
    pub of: Option<DepartmentId>,
    /// 执法记录仪编号
    pub recorder: RecorderId,
    /// 使用人
    pub user: Option<String>,
    /// 批准人; absent: nobody approved
    pub approver: Option<String>,
    /// 领用时间
    pub issued: Option<WallMs>,
    /// 交回时间; absent: not back
    pub returned: Option<WallMs>,
    /// 备注
    pub remark: String,
    /// When it belongs into the book.
    pub at: WallMs,
}

/// Form 1: every clerk in office at `at`, by id.
pub fn clerk_roster(registers: &dyn Registers, at: WallMs) -> PortResult<Vec<ClerkRow>> {
    let names = Names::of(registers)?;
    let mut duties: BTreeMap<PersonId, Vec<duty::Held>> = BTreeMap::new();
    for held in duty::holders(registers, Role::Clerk, at)? {
        duties.entry(held.person.clone()).or_default().push(held);
    }
    let assets = assets(registers)?;
    let kept = |person: &PersonId, duties: &[duty::Held]| {
        let mine = |a: &&super::Asset| match &a.clerk {
            Some(named) => named == person,
            None => duties.iter().any(|held| held.covers(a.department.as_ref())),
        };
        assets.iter().filter(|a| a.in_service()).filter(mine).count()
    };
    let rows = duties.iter().map(|(person, duties)| {
        let row = names.people.get(person.as_str());
        let text = |column| row.and_then(|row| row.text_opt(column).map(str::to_owned));
        ClerkRow {
            person: person.clone(),
            name: names.person(person.as_str()),
            department: text("department").map(|id| names.department(&id)),
            of: text("department").and_then(|id| id.parse().ok()),
            recorders: u32::try_from(kept(person, duties)).unwrap_or(u32::MAX),
            phone: text("phone"),
            joined: text("joined"),
        }
    });
    Ok(rows.collect())
}

/// Form 2: every recorder handed out, taken without approval or checked periodically in the period, in
/// the order of time.
pub fn usage_archive(registers: &dyn Registers, period: Period) -> PortResult<Vec<ArchiveRow>> {
    let names = Names::of(registers)?;
    let mut rows = Vec::new();
    let (from, to) = (|| Some(period.from.into()), || Some(period.to.into()));
    reading::each_issued(registers, period, &mut |usage| {
        let Some(issued) = usage.issued else { return Ok(()) };
        rows.push(ArchiveRow {
            seq: usage.of.0,
            department: usage.department.as_ref().map(|id| names.department(id.as_str())),
            of: usage.department.clone(),
            user: Some(names.person(usage.officer.as_str())),
            approver: usage.approver.as_ref().map(|id| names.person(id.as_str())),
            issued: Some(issued),
            returned: usage.returned,
            remark: use_remark(&usage),
            at: issued,
            recorder: usage.recorder,
        });
        Ok(())
    })?;
    let departments: BTreeMap<RecorderId, _> =
        assets(registers)?.into_iter().map(|a| (a.recorder, a.department)).collect();
    for row in registers.select(&Query::all(&RECORDER_CHECK).within("at", from(), to()))? {
        let at = WallMs::parse(row.text("at")).ok_or_else(|| damaged("recorder_check row: at"))?;
        if row.int_opt("use_seq").is_some() || !period.holds(at) {
            continue;
        }
        let recorder: RecorderId =
            row.text("recorder").parse().map_err(|_| damaged("recorder_check row: recorder"))?;
        let department = departments.get(&recorder).and_then(Option::as_ref);
        rows.push(ArchiveRow {
            seq: crate::registry::seq(&row),
            department: department.map(|id| names.department(id.as_str())),
            of: department.cloned(),
            recorder,
            user: None,
            approver: None,
            issued: None,
            returned: None,
            remark: check_remark(&row, &names),
            at,
        });
    }
    rows.sort_by_key(|row| (row.at, row.seq));
    Ok(rows)
}

fn use_remark(usage: &super::Usage) -> String {
    let text = |column| usage.row.text_opt(column);
    let mut said = Vec::new();
    if usage.breach {
        said.push(format!("未经批准领用：{}", usage.row.text("purpose")));
    }
    if usage.late {
        said.push("逾期交回".to_owned());
    }
    if usage.state == "lost" {
        said.push("遗失".to_owned());
    }
    said.extend(text("return_reason").map(|why| format!("人工交回：{why}")));
    if usage.row.int_opt("other_session").is_some() {
        said.push(format!("由他人插入采集：{}", text("other_officer").unwrap_or("未知")));
    }
    said.extend(text("late_reason").map(|why| format!("说明：{why}")));
    said.join("；")
}

fn check_remark(row: &Row, names: &Names) -> String {
    let by = row.text("checked_by");
    let by = names.person(by.strip_prefix("person ").unwrap_or(by));
    match row.int("passed") {
        1 => format!("定期核查：正常（{by}）"),
        _ => format!("定期核查：{}（{by}）", row.text("findings")),
    }
}

/// People and departments, read once.
struct Names {
    people: BTreeMap<String, Row>,
    departments: BTreeMap<String, String>,
}

impl Names {
    fn of(registers: &dyn Registers) -> PortResult<Names> {
        let people = registers.select(&Query::all(&PERSON))?;
        let departments = registers.select(&Query::all(&DEPARTMENT))?;
        let id = |row: &Row| row.text("id").to_owned();
        Ok(Names {
            people: people.into_iter().map(|row| (id(&row), row)).collect(),
            departments: departments
                .iter()
                .map(|row| (id(row), row.text("name").to_owned()))
                .collect(),
        })
    }

    /// The name; where none is known the id.
    fn person(&self, id: &str) -> String {
        self.people.get(id).map_or_else(|| id.to_owned(), |row| row.text("name").to_owned())
    }

    fn department(&self, id: &str) -> String {
        self.departments.get(id).cloned().unwrap_or_else(|| id.to_owned())
    }
}
