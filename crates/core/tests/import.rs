//! Sheets of people and recorders: all or nothing, nothing overwritten, nobody gets a right by a sheet.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where it cannot go on")]

mod office;

use office::{Office, id, person, recorder};
use sealdock_core::actor::{Actor, Role};
use sealdock_core::command::Command;
use sealdock_core::desk;
use sealdock_core::duty;
use sealdock_core::event::Event;
use sealdock_core::import::{
    CELL_CHARS_MAX, Cell, Command as Act, Line, PEOPLE, Plan, ROWS_MAX, Subject, Table, plan,
};
use sealdock_core::ports::{PortResult, Registers};
use sealdock_core::registry;
use sealdock_core::schema::{PERSON, RECORDER};
use sealdock_core::table::{Query, Row};
use std::cell::Cell as Counter;

/// Cells stand between bars; the first row is line 1.
fn table(rows: &[&str]) -> Table {
    let line = |(at, row): (usize, &&str)| Line {
        line: u32::try_from(at).unwrap() + 1,
        cells: row.split('|').map(|cell| Cell::Text(cell.to_owned())).collect(),
    };
    Table { lines: rows.iter().enumerate().map(line).collect() }
}

fn people(rows: &[&str]) -> Command {
    Command::Import(Act::People { table: table(rows) })
}

fn recorders(rows: &[&str]) -> Command {
    Command::Import(Act::Recorders { table: table(rows) })
}

/// Two departments; a unit head h1 and a clerk c1 with PINs of their own.
fn unit() -> Office {
    let mut office = Office::empty();
    for (number, name) in [("d1", "执法一科"), ("d2", "执法二科")] {
        let act = duty::Command::AddDepartment { id: id(number), name: name.to_owned() };
        office.operator(Command::Duty(act)).unwrap();
    }
    office.enrol("c1", Role::Clerk);
    office.enrol("h1", Role::UnitHead);
    office
}

fn planned(office: &Office, subject: Subject, rows: &[&str]) -> Plan {
    plan(&office.tables, office.now, subject, &table(rows)).unwrap()
}

/// Line, heading and value of each complaint.
fn complaints(office: &Office, subject: Subject, rows: &[&str]) -> Vec<(u32, String, String)> {
    let plan = planned(office, subject, rows);
    plan.complaints.into_iter().map(|c| (c.line, c.column, c.value)).collect()
}

fn row(office: &Office, who: &str) -> Row {
    office.tables.select(&Query::all(&PERSON).with("id", who)).unwrap().remove(0)
}

const HEAD: &str = "编号|姓名|职务|部门|执法证号|联系电话|入职时间";

#[test]
fn a_row_becomes_the_entries_that_a_hand_would_have_written() {
    let mut office = unit();
    let before = office.written.len();
    let sheet = people(&[
        HEAD,
        "o1| 李一 |执法人员|执法一科|043-1|0138|2019年7月1日",
        "o2|赵二|officer|||| ",
    ]);
    office.person("c1", sheet).unwrap();
    let [
        Event::PersonEnrolled(first),
        Event::Duty(duty::Event::PersonDescribed(more)),
        Event::PersonEnrolled(second),
    ] = &office.written[before..]
    else {
        panic!("{:?}", &office.written[before..])
    };
    assert_eq!(
        (first.name.as_str(), first.role, first.pin_commitment),
        ("李一", Role::Officer, None)
    );
    assert_eq!(
        registry::person(&office.tables, &id("o1")).unwrap().unwrap().enrolled_seq,
        more.corrects
    );
    assert_eq!((second.id.as_str(), second.role), ("o2", Role::Officer));
    let stands = row(&office, "o1");
    let read = ["department", "certificate", "phone", "joined"].map(|c| stands.text(c).to_owned());
    assert_eq!(read, ["d1", "043-1", "0138", "2019-07-01"]);
}

#[test]
fn headings_are_chinese_or_english_in_any_order_and_running_numbers_are_passed_over() {
    let mut office = unit();
    for (number, head) in [
        ("a1", "序号|Role|ID|name|Department"),
        ("a2", "No.|职务 role*|编号 id*|姓名 name*|部门 department"),
        ("a3", "序号|角色|工号|姓 名|所属部门"),
    ] {
        office.person("c1", people(&[head, &format!("1|Officer|{number}|王|d1")])).unwrap();
        assert_eq!(row(&office, number).text("department"), "d1");
    }
    assert!(PEOPLE.iter().any(|column| column.heading() == "编号 id"));
}

#[test]
fn every_complaint_is_said_at_once_with_its_place_and_nothing_is_written() {
    let mut office = unit();
    let long = "长".repeat(CELL_CHARS_MAX + 1);
    let rows = [
        HEAD,
        "张三|张三|执法人员||||",
        "o1||站长|三科||0138\u{202e}|7/1/2019",
        "o1|李一|执法人员|执法一科|||",
        "|||||| ",
        &format!("o3|{long}|执法人员|||139\u{7}|"),
        "o4|王|执法人员|||||stray",
    ];
    let found = complaints(&office, Subject::People, &rows);
    let found: Vec<(u32, &str)> = found.iter().map(|(l, c, _)| (*l, c.as_str())).collect();
    assert_eq!(
        found,
        [
            (2, "编号 id"),
            (3, "姓名 name"),
            (3, "职务 role"),
            (3, "部门 department"),
            (3, "联系电话 phone"),
            (3, "入职时间 joined"),
            (6, "姓名 name"),
            (6, "联系电话 phone"),
            (7, "第 8 列 column 8"),
        ]
    );
    let before = office.seq;
    let refused = office.person("c1", people(&rows)).unwrap_err();
    assert!(refused.contains("9 complaints") && refused.contains("line 3"), "{refused}");
    assert!(!refused.contains('\u{202e}') && !refused.contains('\u{7}'), "{refused:?}");
    assert_eq!(office.seq, before);
}

#[test]
fn what_stands_already_is_skipped_and_what_says_otherwise_is_never_overwritten() {
    let mut office = unit();
    let sheet = [HEAD, "o1|李一|执法人员|执法一科|043-1|0138|", "o2|赵二|执法人员||||"];
    office.person("c1", people(&sheet)).unwrap();
    let before = office.seq;
    office.person("c1", people(&sheet)).unwrap();
    assert_eq!((office.seq, planned(&office, Subject::People, &sheet).same), (before, vec![2, 3]));
    let other = [HEAD, "o1|李逸|管理员|d2||0139|2019-07-01", "o9|新|执法人员||||"];
    let found = complaints(&office, Subject::People, &other);
    let found: Vec<&str> = found.iter().map(|(_, column, _)| column.as_str()).collect();
    assert_eq!(
        found,
        ["姓名 name", "职务 role", "部门 department", "联系电话 phone", "入职时间 joined"]
    );
    office.person("c1", people(&other)).unwrap_err();
    assert_eq!((office.seq, row(&office, "o1").text("phone")), (before, "0138"));
}

#[test]
fn who_was_enrolled_by_hand_gets_the_particulars_of_the_sheet_once() {
    let mut office = unit();
    let sheet = [HEAD, "h1|Person h1|单位负责人|执法一科||110|"];
    let name = row(&office, "h1").text("name").to_owned();
    let sheet = sheet.map(|line| line.replace("Person h1", &name));
    let sheet: Vec<&str> = sheet.iter().map(String::as_str).collect();
    let before = office.written.len();
    office.person("c1", people(&sheet)).unwrap();
    assert!(
        matches!(&office.written[before..], [Event::Duty(duty::Event::PersonDescribed(e))] if e.reason.is_none())
    );
    assert_eq!(planned(&office, Subject::People, &sheet).same, [2]);
}

#[test]
fn two_rows_and_two_people_never_share_an_id_or_a_certificate() {
    let mut office = unit();
    office.person("c1", people(&[HEAD, "o1|李一|执法人员||043-1||"])).unwrap();
    let found = complaints(
        &office,
        Subject::People,
        &[
            HEAD,
            "o2|赵二|执法人员||0431||",
            "o3|钱三|执法人员||77||",
            "o3|钱三|执法人员||||",
            "o4|孙四|执法人员||7-7||",
        ],
    );
    let found: Vec<(u32, &str)> = found.iter().map(|(line, c, _)| (*line, c.as_str())).collect();
    assert_eq!(found, [(2, "执法证号 certificate"), (4, "编号 id"), (5, "执法证号 certificate")]);
}

#[test]
fn a_sheet_gives_no_right_that_a_hand_would_not_have_got_a6_5_6() {
    let mut office = unit();
    let officer = [HEAD, "o1|李一|执法人员||||"];
    let leader = [HEAD, "o1|李一|执法人员||||", "x1|周|分管领导||||"];
    let by_operator = office.operator(people(&officer)).unwrap_err();
    assert!(by_operator.contains("line 2") && by_operator.contains("管理员"), "{by_operator}");
    let by_clerk = office.person("c1", people(&leader)).unwrap_err();
    assert!(by_clerk.contains("line 3") && by_clerk.contains("单位负责人"), "{by_clerk}");
    office.person("o1", people(&officer)).unwrap_err();
    office.act(Actor::System, people(&officer)).unwrap_err();
    office.person("h1", people(&leader)).unwrap();
    // Without a PIN nobody can use what the sheet says they are.
    let department = duty::Command::AddDepartment { id: id("d9"), name: "x".to_owned() };
    office.person("x1", Command::Duty(department)).unwrap_err();
}

#[test]
fn a_head_of_one_department_is_not_made_head_of_all_a6_5() {
    let office = unit();
    let rows = [HEAD, "k1|孙科|部门负责人|执法一科|||", "k2|周科|部门负责人||||"];
    let found = planned(&office, Subject::People, &rows).complaints;
    assert_eq!((found.len(), found[0].line, found[0].column.as_str()), (1, 2, "职务 role"));
    assert!(found[0].what.contains("duty appoint k1 --role department-head --department d1"));
}

#[test]
fn no_pin_is_read_from_a_sheet_and_no_column_is_guessed() {
    let office = unit();
    let row = "o1|李一|执法人员|1234";
    for (head, value) in [
        ("编号|姓名|职务|口令", "口令"),
        ("编号|姓名|职务|PIN", "PIN"),
        ("编号|姓名|职务|性别", "性别"),
        ("编号|姓名|职务|姓名", "姓名"),
    ] {
        let found = planned(&office, Subject::People, &[head, row]).complaints;
        assert_eq!((found.len(), found[0].column.as_str()), (1, value), "{found:?}");
        assert!(!format!("{found:?}").contains("1234"));
    }
    assert_eq!(complaints(&office, Subject::People, &["编号|姓名", "o1|李一"]).len(), 1);
    assert_eq!(
        complaints(&office, Subject::People, &["编号|姓名|职务|", row])[0].1,
        "第 4 列 column 4"
    );
    for empty in [&[][..], &[HEAD], &["", " | "]] {
        assert_eq!(complaints(&office, Subject::People, empty).len(), 1);
    }
}

#[test]
fn what_a_spreadsheet_may_have_changed_is_asked_about() {
    let office = unit();
    let mut sheet = table(&[HEAD, "o1|李一|执法人员||||"]);
    sheet.lines[1].cells[4] =
        Cell::Doubtful { shown: "4.3E+17".to_owned(), why: "数字; a number".to_owned() };
    let plan = plan(&office.tables, office.now, Subject::People, &sheet).unwrap();
    assert_eq!((plan.complaints.len(), plan.complaints[0].value.as_str()), (1, "4.3E+17"));
}

const RECORDER_HEAD: &str =
    "执法记录仪编号|机内编号|型号|固定资产编号|购置日期|部门|管理员|存放位置";

#[test]
fn recorders_come_with_their_particulars_and_their_named_clerk_a6_6() {
    let mut office = unit();
    let clerk = row(&office, "c1").text("name").to_owned();
    let rows = [
        RECORDER_HEAD.to_owned(),
        format!("R1|007|DSJ-A7|2024-118|2024/3/1|执法一科|{clerk}|一号柜"),
        "R2|||||||".to_owned(),
    ];
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let before = office.written.len();
    office.person("c1", recorders(&rows)).unwrap();
    let [
        Event::RecorderEnrolled(first),
        Event::Desk(desk::Event::RecorderDescribed(more)),
        Event::RecorderEnrolled(_),
    ] = &office.written[before..]
    else {
        panic!("{:?}", &office.written[before..])
    };
    assert_eq!((first.device_id.as_deref(), first.model.as_deref()), (Some("007"), Some("DSJ-A7")));
    assert_eq!(more.record.clerk, Some(id("c1")));
    assert_eq!(more.record.acquired.as_deref(), Some("2024-03-01"));
    let seq = office.seq;
    office.person("c1", recorders(&rows)).unwrap();
    assert_eq!((office.seq, planned(&office, Subject::Recorders, &rows).same), (seq, vec![2, 3]));
    assert_eq!(office.tables.select(&Query::all(&RECORDER)).unwrap().len(), 2);
}

#[test]
fn what_is_wrong_with_recorders_is_said_at_once() {
    let mut office = unit();
    office.person("c1", people(&[HEAD, "o1|李一|执法人员||||"])).unwrap();
    office.operator(recorder("R1")).unwrap_err();
    office.person("c1", recorders(&[RECORDER_HEAD, "R1|007|A|9||d1|c1|"])).unwrap();
    let found = complaints(
        &office,
        Subject::Recorders,
        &[
            RECORDER_HEAD,
            "R1|008|B|10||d2||柜",
            "R2|007||||||",
            "R3|009|||||o1|",
            "R4|009||||||",
            "R4|||||||",
            "R5||||2024-3||nobody|",
        ],
    );
    let found: Vec<(u32, &str)> = found.iter().map(|(line, c, _)| (*line, c.as_str())).collect();
    assert_eq!(
        found,
        [
            (2, "机内编号 device number"),
            (2, "型号 model"),
            (2, "固定资产编号 asset number"),
            (2, "部门 department"),
            (2, "存放位置 cabinet"),
            (3, "机内编号 device number"),
            (4, "管理员 clerk"),
            (5, "机内编号 device number"),
            (6, "执法记录仪编号 id"),
            (7, "购置日期 acquired"),
            (7, "管理员 clerk"),
        ]
    );
}

/// Registers that count how often they are asked.
struct Counted<'a>(&'a dyn Registers, Counter<u32>);

impl Registers for Counted<'_> {
    fn select(&self, query: &Query) -> PortResult<Vec<Row>> {
        self.1.set(self.1.get() + 1);
        self.0.select(query)
    }
}

#[test]
fn registers_are_read_once_however_many_rows_there_are() {
    let office = unit();
    let asked = |subject, head: &str, rows: usize| {
        let mut sheet = vec![head.to_owned()];
        sheet.extend((0..rows).map(|n| match subject {
            Subject::People => format!("p{n}|李{n}|执法人员|执法一科|c{n}|1380|"),
            Subject::Recorders => format!("r{n}|d{n}|A7|{n}||执法一科|c1|柜"),
        }));
        let sheet: Vec<&str> = sheet.iter().map(String::as_str).collect();
        let counted = Counted(&office.tables, Counter::new(0));
        let plan = plan(&counted, office.now, subject, &table(&sheet)).unwrap();
        assert_eq!((plan.changes.len(), plan.complaints), (rows, vec![]));
        counted.1.get()
    };
    for (subject, head) in [(Subject::People, HEAD), (Subject::Recorders, RECORDER_HEAD)] {
        assert_eq!(asked(subject, head, 2000), asked(subject, head, 2));
    }
}

#[test]
fn more_rows_than_a_sheet_may_have_are_one_complaint() {
    let office = unit();
    let mut rows = vec!["o1|李一|执法人员"; ROWS_MAX + 2];
    rows[0] = "编号|姓名|职务";
    let found = complaints(&office, Subject::People, &rows);
    assert_eq!((found.len(), found[0].0), (1, 1));
    assert!(complaints(&office, Subject::People, &rows[..ROWS_MAX + 1]).len() > 1);
}

#[test]
fn of_a_sheet_whose_every_cell_is_wrong_so_much_is_said_as_it_may_have_rows() {
    let office = unit();
    let wrong = format!("{HEAD}{}", "|x".repeat(50));
    let mut lines = table(&["编号|姓名|职务", &wrong]);
    let line = lines.lines[1].clone();
    lines.lines.extend((3..1000).map(|at| Line { line: at, ..line.clone() }));
    let plan = plan(&office.tables, office.now, Subject::People, &lines).unwrap();
    let last = plan.complaints.last().unwrap();
    assert!(last.what.contains("from this line on nothing was looked at"), "{last:?}");
    // A row is looked at whole.
    let said = plan.complaints.len() - 1;
    assert!((ROWS_MAX..ROWS_MAX + 64).contains(&said), "{said}");
    assert!(last.line < 999 && plan.changes.is_empty());
}

#[test]
fn a_person_who_left_is_no_row_of_a_sheet() {
    let mut office = unit();
    office.person("c1", people(&[HEAD, "o1|李一|执法人员||||"])).unwrap();
    let retire = duty::Command::RetirePerson { person: id("o1"), reason: "left".to_owned() };
    office.act(person("h1"), Command::Duty(retire)).unwrap();
    let found = complaints(&office, Subject::People, &[HEAD, "o1|李一|执法人员||||"]);
    assert_eq!(found[0].1, "编号 id");
}

proptest::proptest! {
    #[test]
    fn no_sheet_panics_and_what_is_complained_about_cannot_steer_a_terminal(
        rows: Vec<Vec<String>>,
        headed: bool,
        people: bool,
    ) {
        let (subject, head) = match people {
            true => (Subject::People, HEAD),
            false => (Subject::Recorders, RECORDER_HEAD),
        };
        let mut sheet = if headed { table(&[head]) } else { Table::default() };
        sheet.lines.extend(rows.into_iter().zip(7..).map(|(cells, line)| {
            let cells = cells.into_iter().map(Cell::Text).collect();
            Line { line, cells }
        }));
        let office = Office::empty();
        let plan = plan(&office.tables, office.now, subject, &sheet).unwrap();
        for complaint in &plan.complaints {
            let said = [&complaint.column, &complaint.value, &complaint.what];
            assert!(said.iter().all(|text| !text.chars().any(char::is_control)), "{complaint:?}");
        }
    }
}
