//! Form 2: who had which recorder when, and who approved it (002/A6-§5, §7, §23).

use super::{A4_LANDSCAPE, FILLED_BY_CLERK, FormHead, numbered};
use crate::sheet::{Cell, Column, Sheet};
use crate::text::Text;
use sealdock_core::time::{WallMs, Zone};
use serde::{Deserialize, Serialize};

/// One issue, or one periodic check: the rule wants both in the same form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsageRow {
    /// 单位(部门)名称
    pub department: Text,
    /// 执法记录仪编号
    pub recorder: Text,
    /// 使用人
    pub user: Text,
    /// 批准人
    pub approver: Text,
    /// 领用时间; `None` where nothing was issued, as at a check.
    pub issued: Option<WallMs>,
    /// 交回时间; `None` while it is out.
    pub returned: Option<WallMs>,
    /// 备注
    pub remark: Text,
}

impl UsageRow {
    fn cells(&self, zone: Zone) -> Vec<Cell> {
        let time = |at: Option<WallMs>| at.map_or_else(Text::default, |at| zone.civil(at).into());
        vec![
            self.department.clone().into(),
            self.recorder.clone().into(),
            self.user.clone().into(),
            self.approver.clone().into(),
            time(self.issued).into(),
            time(self.returned).into(),
            self.remark.clone().into(),
        ]
    }
}

/// Draws form 2.
#[must_use]
pub fn usage(head: &FormHead, rows: &[UsageRow]) -> Sheet {
    let columns = vec![
        Column::new("序号", 7),
        Column::new("单位（部门）名称", 20),
        Column::new("执法记录仪编号", 16),
        Column::new("使用人", 12),
        Column::new("批准人", 12),
        Column::new("领用时间", 16),
        Column::new("交回时间", 16),
        Column::new("备注", 20),
    ];
    let fields = vec![head.unit_field(), head.time_field(), head.clerk_field()];
    let at_issue_and_check = "执法仪管理员发放执法记录仪及定期核查时，应填制本表备查；";
    Sheet {
        rows: numbered(rows.iter().map(|row| row.cells(head.foot.zone()))),
        notes: [FILLED_BY_CLERK, at_issue_and_check, A4_LANDSCAPE].map(Text::new).into(),
        ..head.empty("执法记录仪使用档案", fields, columns)
    }
}
