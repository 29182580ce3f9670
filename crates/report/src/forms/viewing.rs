//! Form 3: who viewed or copied what, why, and who approved it (002/A6-§21).

use super::{A4_LANDSCAPE, FILLED_BY_CLERK, FormHead, numbered};
use crate::sheet::{Cell, Column, Sheet};
use crate::text::Text;
use sealdock_core::time::{WallMs, Zone};
use serde::{Deserialize, Serialize};

/// One viewing or copying.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ViewingRow {
    /// 时间
    pub time: WallMs,
    /// 调阅、复制人: 姓名
    pub name: Text,
    /// 调阅、复制人: 单位
    pub unit: Text,
    /// 调阅、复制人: 联系电话
    pub phone: Text,
    /// 审批人
    pub approver: Text,
    /// 管理员, who carried it out.
    pub clerk: Text,
    /// 调阅、复制内容简要: time of the footage, officers and content (note 2 of the form).
    pub brief: Text,
    /// 事由
    pub reason: Text,
}

impl ViewingRow {
    fn cells(&self, zone: Zone) -> Vec<Cell> {
        vec![
            Text::from(zone.civil(self.time)).into(),
            self.name.clone().into(),
            self.unit.clone().into(),
            self.phone.clone().into(),
            self.approver.clone().into(),
            self.clerk.clone().into(),
            self.brief.clone().into(),
            self.reason.clone().into(),
        ]
    }
}

/// Draws form 3. The original has no line between heading and table.
#[must_use]
pub fn viewing(head: &FormHead, rows: &[ViewingRow]) -> Sheet {
    let who = "调阅、复制人";
    let columns = vec![
        Column::new("序号", 7),
        Column::new("时间", 15),
        Column::new("姓名", 12).under(who),
        Column::new("单位", 17).under(who),
        Column::new("联系电话", 15).under(who),
        Column::new("审批人", 11),
        Column::new("管理员", 11),
        Column::new("调阅、复制内容简要", 25),
        Column::new("事由", 19),
    ];
    let brief = "调阅、复制内容简要填写视音频资料的时间、执法人员和内容；";
    Sheet {
        rows: numbered(rows.iter().map(|row| row.cells(head.foot.zone()))),
        notes: [FILLED_BY_CLERK, brief, A4_LANDSCAPE].map(Text::new).into(),
        ..head.empty("调阅、复制视音频资料登记表", Vec::new(), columns)
    }
}
