//! Form 3, 调阅、复制视音频资料登记表, row by row: every viewing and every copy, in the order of the chain.

use super::held::{Access, access, clips_of};
use super::{COPY_OUT, VIEWING};
use crate::id::{AccessId, ClipId};
use crate::ports::{PortResult, Registers};
use crate::registry::{self, damaged};
use crate::schema as s;
use crate::table::{Query, Row};
use crate::time::{WallMs, Zone};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    Viewing,
    Copy,
    /// A copy that was begun and not finished.
    VoidCopy,
}

/// One row of the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormRow {
    /// The entry that the row rests on.
    pub seq: u64,
    pub act: Act,
    /// 时间
    pub at: WallMs,
    /// 姓名
    pub name: String,
    /// 单位
    pub unit: String,
    /// 联系电话
    pub phone: String,
    /// 审批人; for a standing right the right itself
    pub approver: String,
    /// 管理员; empty where no clerk took part
    pub clerk: String,
    /// 调阅、复制内容简要: time of the footage, officers, content (note 2 of the form)
    pub brief: String,
    /// 事由
    pub reason: String,
    pub matter: Option<String>,
    /// Of a finished copy: the entry that says so, and whether only parts of clips went out.
    pub completed: Option<u64>,
}

/// The rows at or after `from` and before `until`; both ends open where they are absent.
///
/// # Errors
/// The registers cannot be read.
pub fn form(
    registers: &dyn Registers,
    (from, until): (Option<WallMs>, Option<WallMs>),
) -> PortResult<Vec<FormRow>> {
    let zone = registry::policy(registers)?.zone;
    let sheet = Sheet { registers, zone };
    let mut rows = Vec::new();
    let [viewings, copies] = [(&VIEWING, "opened"), (&COPY_OUT, "begun")].map(|(table, column)| {
        Query::all(table).within(column, from.map(Into::into), until.map(Into::into))
    });
    for row in registers.select(&viewings)? {
        rows.push(sheet.viewing(&row)?);
    }
    for row in registers.select(&copies)? {
        rows.push(sheet.copy(&row)?);
    }
    rows.sort_by_key(|row| row.seq);
    Ok(rows)
}

/// Viewings that name no matter (查阅未关联案件).
pub fn without_matter(rows: &[FormRow]) -> impl Iterator<Item = &FormRow> {
    rows.iter().filter(|row| row.matter.is_none())
}

struct Sheet<'a> {
    registers: &'a dyn Registers,
    zone: Zone,
}

impl Sheet<'_> {
    fn viewing(&self, row: &Row) -> PortResult<FormRow> {
        let clip = ClipId(row.int("clip").unsigned_abs());
        let access = match row.int_opt("access") {
            Some(seq) => self.access(seq)?,
            None => None,
        };
        let approver = match (&access, row.int_opt("duty")) {
            (Some(access), _) => self.actor(access.decided_by.as_deref().unwrap_or_default())?,
            (None, Some(duty)) => format!("职务授权 duty D{duty}"),
            (None, None) => "本人资料 own footage".to_owned(),
        };
        let (name, unit, phone) = match (&access, row.text_opt("viewer")) {
            (Some(access), _) => {
                let a = &access.applicant;
                (a.name.clone(), a.unit.clone(), a.phone.clone().unwrap_or_default())
            }
            (None, viewer) => self.person(viewer.unwrap_or_default())?,
        };
        let clerk = match row.text_opt("viewer") {
            Some(_) => String::new(),
            None => self.actor(row.text("opened_by"))?,
        };
        Ok(FormRow {
            seq: registry::seq(row),
            act: Act::Viewing,
            at: time(row, "opened")?,
            name,
            unit,
            phone,
            approver,
            clerk,
            brief: self.brief(&[clip])?,
            reason: row.text("reason").to_owned(),
            matter: row.text_opt("matter").map(str::to_owned),
            completed: None,
        })
    }

    fn copy(&self, row: &Row) -> PortResult<FormRow> {
        let access = self
            .access(row.int("access"))?
            .ok_or_else(|| damaged("copy row: its request is not there"))?;
        let completed = row.int_opt("completed_seq").map(i64::unsigned_abs);
        Ok(FormRow {
            seq: registry::seq(row),
            act: if completed.is_none() { Act::VoidCopy } else { Act::Copy },
            at: time(row, "begun")?,
            approver: self.actor(access.decided_by.as_deref().unwrap_or_default())?,
            clerk: self.actor(row.text("carried_by"))?,
            brief: self.brief(&clips_of(self.registers, access.id)?)?,
            name: access.applicant.name,
            unit: access.applicant.unit,
            phone: access.applicant.phone.unwrap_or_default(),
            reason: access.reason,
            matter: Some(access.matter),
            completed,
        })
    }

    fn access(&self, seq: i64) -> PortResult<Option<Access>> {
        access(self.registers, AccessId(seq.unsigned_abs()))
    }

    /// The name of whoever acted, where it was a person.
    fn actor(&self, actor: &str) -> PortResult<String> {
        match actor.strip_prefix("person ") {
            Some(id) => Ok(self.person(id)?.0),
            None => Ok(actor.to_owned()),
        }
    }

    /// Name, department and telephone as they stand today.
    fn person(&self, id: &str) -> PortResult<(String, String, String)> {
        let rows = self.registers.select(&Query::all(&s::PERSON).with("id", id))?;
        let Some(row) = rows.first() else {
            return Ok((id.to_owned(), String::new(), String::new()));
        };
        let department = row.text_opt("department").unwrap_or_default();
        let query = Query::all(&crate::duty::DEPARTMENT).with("id", department);
        let rows = self.registers.select(&query)?;
        let unit = rows.first().map_or(department, |row| row.text("name")).to_owned();
        let phone = row.text_opt("phone").unwrap_or_default().to_owned();
        Ok((row.text("name").to_owned(), unit, phone))
    }

    fn brief(&self, clips: &[ClipId]) -> PortResult<String> {
        let mut parts = Vec::new();
        for clip in clips {
            let Some(row) = registry::by_seq(self.registers, &s::CLIP, clip.0)? else { continue };
            let at = match row.text_opt("recorded").and_then(WallMs::parse) {
                Some(at) => self.zone.civil(at),
                None => "时间不详 time unknown".to_owned(),
            };
            let officer = match row.text_opt("officer") {
                Some(id) => self.person(id)?.0,
                None => "未归属 unassigned".to_owned(),
            };
            let content = match row.text("media") {
                "video" => "视频",
                "audio" => "音频",
                "photo" => "照片",
                _ => "文件",
            };
            parts.push(format!("{at} {officer} {content} {clip}"));
        }
        Ok(parts.join("；"))
    }
}

fn time(row: &Row, column: &str) -> PortResult<WallMs> {
    WallMs::parse(row.text(column)).ok_or_else(|| damaged(&format!("{column}: not a time")))
}
