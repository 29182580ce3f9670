//! Form 1: who keeps the recorders (002/A6-§6).

use super::{FormHead, numbered};
use crate::sheet::{Cell, Column, Sheet};
use crate::text::Text;
use serde::{Deserialize, Serialize};

/// One clerk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RosterRow {
    /// 管理员姓名
    pub name: Text,
    /// 管理员所属部门
    pub department: Text,
    /// 管理执法仪数量: recorders in this clerk's keeping.
    pub recorders: u64,
    /// 联系电话
    pub phone: Text,
    /// 入职时间, as the unit writes it; it is older than the station.
    pub since: Text,
}

impl RosterRow {
    fn cells(&self) -> Vec<Cell> {
        vec![
            self.name.clone().into(),
            self.department.clone().into(),
            self.recorders.into(),
            self.phone.clone().into(),
            self.since.clone().into(),
        ]
    }
}

/// Draws form 1. The original carries no notes.
#[must_use]
pub fn roster(head: &FormHead, rows: &[RosterRow]) -> Sheet {
    let columns = vec![
        Column::new("序号", 7),
        Column::new("管理员姓名", 20),
        Column::new("管理员所属部门", 28),
        Column::new("管理执法仪数量", 18),
        Column::new("联系电话", 20),
        Column::new("入职时间", 18),
    ];
    let fields = vec![head.unit_field(), head.time_field()];
    Sheet {
        rows: numbered(rows.iter().map(RosterRow::cells)),
        ..head.empty("执法记录仪管理员名册", fields, columns)
    }
}
