//! Which cell of a row is which field: headings in Chinese or English, in any order.

use super::plan::Complaint;
use super::table::Line;

/// One field that a sheet may have.
#[derive(Debug)]
pub struct Column {
    /// The English heading, and the name of the field in messages.
    pub name: &'static str,
    /// The Chinese heading, in the words of the forms.
    pub chinese: &'static str,
    /// Other headings that mean it.
    pub also: &'static [&'static str],
    /// No row without it.
    pub needed: bool,
    /// What a cell may say, for the explaining row of a template.
    pub example: &'static str,
}

const fn column(
    (name, chinese): (&'static str, &'static str),
    also: &'static [&'static str],
    example: &'static str,
) -> Column {
    Column { name, chinese, also, needed: false, example }
}

const fn needed(column: Column) -> Column {
    Column { needed: true, ..column }
}

/// Headings of a sheet of people.
pub static PEOPLE: &[Column] = &[
    needed(column(("id", "编号"), &["工号", "人员编号", "人员号", "person"], "A1001")),
    needed(column(("name", "姓名"), &[], "张三")),
    needed(column(("role", "职务"), &["角色", "岗位", "duty"], "执法人员")),
    column(("department", "部门"), &["所属部门", "单位（部门）名称"], "执法一科"),
    column(("certificate", "执法证号"), &["证号", "执法证件号"], "43040001"),
    column(("phone", "联系电话"), &["电话", "手机", "手机号", "telephone"], "13800000001"),
    column(("joined", "入职时间"), &["入职日期"], "2019-07-01"),
];

/// Headings of a sheet of recorders.
pub static RECORDERS: &[Column] = &[
    needed(column(
        ("id", "执法记录仪编号"),
        &["编号", "记录仪编号", "设备编号", "recorder"],
        "R07",
    )),
    column(("device number", "机内编号"), &["序列号", "设备序列号", "device-id", "serial"], "007"),
    column(("model", "型号"), &["规格型号", "设备型号"], "DSJ-A7"),
    column(("asset number", "固定资产编号"), &["资产编号"], "2024-118"),
    column(("acquired", "购置日期"), &["购置时间"], "2024-03-01"),
    column(("department", "部门"), &["所属部门", "单位（部门）名称"], "执法一科"),
    column(("clerk", "管理员"), &["保管人"], "G01"),
    column(("cabinet", "存放位置"), &["存放地点", "storage"], "一号柜"),
];

/// Running numbers of a form; they say nothing.
const RUNNING: [&str; 2] = ["序号", "no"];
const PINS: [&str; 6] = ["pin", "口令", "密码", "password", "pin码", "初始密码"];

impl Column {
    fn is(&self, heading: &str) -> bool {
        let mine = [bare(self.chinese), bare(self.name)];
        let both = [mine.concat(), [mine[1].as_str(), mine[0].as_str()].concat()];
        mine.contains(&heading.to_owned())
            || both.contains(&heading.to_owned())
            || self.also.iter().any(|word| bare(word) == heading)
    }

    /// Both names, as messages and templates have them.
    pub fn heading(&self) -> String {
        format!("{} {}", self.chinese, self.name)
    }
}

/// A heading without what people put around it: blanks, stars, hyphens, capitals.
fn bare(heading: &str) -> String {
    heading.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase()
}

/// Where each column stands in a row.
pub(super) struct Places {
    pub at: Vec<Option<usize>>,
    /// Cells behind this have no heading.
    pub width: usize,
    /// Cells that are known to say nothing.
    pub passed_over: Vec<usize>,
}

/// Recognises the headings; what is wrong with them concerns every row.
pub(super) fn places(columns: &[Column], line: &Line) -> Result<Places, Vec<Complaint>> {
    let mut complaints = Vec::new();
    let mut places =
        Places { at: vec![None; columns.len()], width: line.cells.len(), passed_over: Vec::new() };
    for (at, cell) in line.cells.iter().enumerate() {
        let heading = bare(cell.shown());
        let complaint = |what: String| Complaint::new(line.line, cell.shown(), "", what);
        match columns.iter().position(|column| column.is(&heading)) {
            _ if heading.is_empty() => {}
            Some(column) if places.at[column].is_some() => {
                complaints.push(complaint("这一列出现两次，请删去一列; the column is there twice; delete one".into()));
            }
            Some(column) => places.at[column] = Some(at),
            None if RUNNING.contains(&heading.as_str()) => places.passed_over.push(at),
            None if PINS.contains(&heading.as_str()) => complaints.push(complaint(
                "口令不得写在表格里，请删去此列，导入后当面用 `sealdock person pin` 设定; no PIN is read from a sheet; delete the column, and let each person type theirs with `sealdock person pin ID`".into(),
            )),
            None => complaints.push(complaint(format!(
                "不认识这一列，请改名或删去，可用的列：{}; no such column; rename or delete it; there are: {}",
                columns.iter().map(|column| column.chinese).collect::<Vec<_>>().join("、"),
                columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", "),
            ))),
        }
    }
    for (column, place) in columns.iter().zip(&places.at) {
        if column.needed && place.is_none() {
            let what = "缺少这一列，第一行应为列名; this column is missing; the first row has the headings";
            complaints.push(Complaint::new(line.line, &column.heading(), "", what.to_owned()));
        }
    }
    if complaints.is_empty() { Ok(places) } else { Err(complaints) }
}
