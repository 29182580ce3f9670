//! The three statutory forms at the end of 002, annex 6, field for field. The heading is the name
//! of the station's unit and the form's own name; columns, their order and the notes are those of
//! the originals. `docs/ref/forms.md` lists where the originals contradict themselves and what is
//! printed here.

use crate::foot::Foot;
use crate::sheet::{Cell, Column, Field, Orientation, Sheet};
use crate::text::Text;

/// Form 1, 执法记录仪管理员名册.
pub mod roster;
/// Form 2, 执法记录仪使用档案.
pub mod usage;
/// Form 3, 调阅、复制视音频资料登记表.
pub mod viewing;

pub use roster::{RosterRow, roster};
pub use usage::{UsageRow, usage};
pub use viewing::{ViewingRow, viewing};

/// What a form says about itself. 填报时间 is the moment at which it was drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormHead {
    /// 填报单位; also the first part of the heading.
    pub unit: Text,
    /// 填报人: the clerk who draws the form.
    pub filled_by: Text,
    /// The head and the entries that it rests on.
    pub foot: Foot,
}

impl FormHead {
    fn unit_field(&self) -> Field {
        Field::new("填报单位", self.unit.clone())
    }

    fn time_field(&self) -> Field {
        Field::new("填报时间", self.foot.zone().civil(self.foot.drawn()))
    }

    fn clerk_field(&self) -> Field {
        Field::new("填报人", self.filled_by.clone())
    }

    /// Everything of a form but its rows. All three are A4 横式.
    fn empty(&self, name: &str, head: Vec<Field>, columns: Vec<Column>) -> Sheet {
        Sheet {
            title: Text::new(&format!("{}{name}", self.unit)),
            head,
            columns,
            rows: Vec::new(),
            totals: None,
            plots: Vec::new(),
            code: None,
            notes: Vec::new(),
            foot: self.foot.clone(),
            page: Orientation::Landscape,
        }
    }
}

const FILLED_BY_CLERK: &str = "本登记簿由执法单位管理员填写；";
const A4_LANDSCAPE: &str = "本登记簿规格为A4横式。";

/// Puts the running number (序号), from 1, before the cells of each row.
fn numbered(rows: impl Iterator<Item = Vec<Cell>>) -> Vec<Vec<Cell>> {
    (1u64..)
        .zip(rows)
        .map(|(number, cells)| std::iter::once(Cell::Count(number)).chain(cells).collect())
        .collect()
}
