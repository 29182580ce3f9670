//! Sheets as a spreadsheet writes them, read back.

use super::super::{CELLS_MAX, Form, LETTERS_MAX, read};
use super::parts::PART_BYTES_MAX;
use super::styles::STYLES_MAX;
use super::*;
use rust_xlsxwriter::{ExcelDateTime, Format as Look, Formula, Workbook, Worksheet};
use sealdock_core::import::{Line, ROWS_MAX};
use std::io::{Cursor, Write as _};

fn written(fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    fill(workbook.add_worksheet().set_name("人员").unwrap());
    workbook.save_to_buffer().unwrap()
}

fn lines(bytes: &[u8]) -> Vec<Line> {
    table(bytes).unwrap().0.lines
}

fn texts(line: &Line) -> Vec<Option<&str>> {
    let text = |cell: &_| match cell {
        Cell::Doubtful { .. } => None,
        Cell::Text(_) => Some(()),
    };
    line.cells.iter().map(|cell| text(cell).map(|()| cell.shown())).collect()
}

#[test]
fn cells_are_what_people_see_in_them() {
    let look = |code: &str| Look::new().set_num_format(code);
    let bytes = written(|sheet| {
        sheet.write(0, 0, "编号 <&> \"x\"").unwrap();
        sheet.write(0, 2, "姓名").unwrap();
        sheet.write(3, 0, "007").unwrap();
        sheet.write(3, 1, 13_800_000_001_f64).unwrap();
        sheet.write_with_format(3, 2, 7, &look("00000")).unwrap();
        let day = ExcelDateTime::from_ymd(2019, 7, 1).unwrap();
        sheet.write_with_format(3, 3, &day, &look("yyyy\"年\"m\"月\"d\"日\"")).unwrap();
        sheet.write(4, 0, 430_400_011_234_567_890_f64).unwrap();
        sheet.write_with_format(4, 1, 7, &look("0.00")).unwrap();
        sheet.write(4, 2, Formula::new("=\"a\"&\"b\"").set_result("ab")).unwrap();
        sheet.write(4, 3, Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
        sheet.write(4, 4, true).unwrap();
        sheet.write_blank(5, 200, &Look::new().set_bold()).unwrap();
    });
    let lines = lines(&bytes);
    assert_eq!(lines.iter().map(|line| line.line).collect::<Vec<_>>(), [1, 4, 5]);
    assert_eq!(texts(&lines[0]), [Some("编号 <&> \"x\""), Some(""), Some("姓名")]);
    let second = [Some("007"), Some("13800000001"), Some("00007"), Some("2019-07-01")];
    assert_eq!(texts(&lines[1]), second);
    let third = texts(&lines[2]);
    assert_eq!((third[0], third[1], third[2], third[4]), (None, None, Some("ab"), Some("TRUE")));
    assert_eq!(lines[2].cells[3].shown(), "#DIV/0!");
}

#[test]
fn the_first_sheet_that_is_shown_is_read_and_named() {
    let mut workbook = Workbook::new();
    workbook.add_worksheet().set_hidden(true).write(0, 0, "secret").unwrap();
    workbook.add_worksheet().set_name("名单").unwrap().set_active(true).write(0, 0, "x").unwrap();
    workbook.add_worksheet().write(0, 0, "y").unwrap();
    let reading = read(&workbook.save_to_buffer().unwrap()).unwrap();
    assert_eq!(reading.form, Form::Xlsx { sheet: "名单".to_owned() });
    assert_eq!(reading.form.to_string(), "XLSX, 工作表 sheet \"名单\"");
    assert_eq!(texts(&reading.table.lines[0]), [Some("x")]);
}

#[test]
fn limits_hold_while_it_is_read() {
    let wide = written(|sheet| {
        sheet.write(0, u16::try_from(CELLS_MAX).unwrap(), "x").unwrap();
    });
    assert_eq!(table(&wide), Err(Unreadable::TooWide { line: 1 }));
    let long = written(|sheet| {
        for row in 0..u32::try_from(ROWS_MAX).unwrap() + 2 {
            sheet.write(row, 0, 1).unwrap();
        }
    });
    assert_eq!(table(&long), Err(Unreadable::TooManyRows));
}

/// A package with these parts.
fn package(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let packed = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated);
    for (name, text) in parts {
        archive.start_file(*name, packed).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

const WORKBOOK: (&str, &str) =
    ("xl/workbook.xml", r#"<workbook><sheets><sheet name="a" r:id="r1"/></sheets></workbook>"#);
const RELATIONS: (&str, &str) =
    ("xl/_rels/workbook.xml.rels", r#"<R><Relationship Id="r1" Target="/s.xml"/></R>"#);

#[test]
fn sheets_by_other_programs_are_read() {
    let strings = (
        "xl/sharedStrings.xml",
        "<sst><si><r><t>张</t></r><r><t>三</t></r><rPh><t>zhang</t></rPh></si></sst>",
    );
    let sheet = (
        "s.xml",
        r#"<x:worksheet><x:row><x:c t="s"><x:v>0</x:v></x:c><x:c t="inlineStr"><x:is><x:t>a&#x4e2d;&amp;</x:t></x:is></x:c><x:c t="d"><x:v>2019-07-01T00:00:00</x:v></x:c><x:c t="s"><x:v>9</x:v></x:c></x:row><x:row><x:c r="B2"><x:v>5</x:v></x:c></x:row></x:worksheet>"#,
    );
    let lines = lines(&package(&[WORKBOOK, RELATIONS, strings, sheet]));
    assert_eq!(texts(&lines[0]), [Some("张三"), Some("a中&"), Some("2019-07-01")]);
    assert_eq!((lines[1].line, texts(&lines[1])), (2, vec![Some(""), Some("5")]));
}

#[test]
fn what_is_broken_or_made_to_burst_is_refused() {
    let bomb = format!("<worksheet>{}</worksheet>", " ".repeat(70 << 20));
    let bomb = package(&[WORKBOOK, RELATIONS, ("s.xml", &bomb)]);
    assert!(bomb.len() < 1 << 20, "{}", bomb.len());
    assert_eq!(table(&bomb), Err(Unreadable::TooLarge));
    for parts in [
        &[][..],
        &[WORKBOOK],
        &[WORKBOOK, RELATIONS],
        &[WORKBOOK, RELATIONS, ("s.xml", "<worksheet><row></c></worksheet>")],
        &[WORKBOOK, RELATIONS, ("s.xml", "<w><row><c><v>&own;</v></c></row></w>")],
    ] {
        assert_eq!(table(&package(parts)), Err(Unreadable::NoSheet));
    }
    let whole = written(|sheet| {
        sheet.write(0, 0, "x").unwrap();
    });
    for end in (0..whole.len()).step_by(97) {
        assert_eq!(table(&whole[..end]).unwrap_err(), Unreadable::NoSheet);
    }
}

/// `<row>` with these cells, each naming the first shared text.
fn naming_the_first(rows: usize, cells: usize) -> String {
    let row = format!("<row>{}</row>", r#"<c t="s"><v>0</v></c>"#.repeat(cells));
    format!("<worksheet>{}</worksheet>", row.repeat(rows))
}

fn bytes_in(lines: &[Line]) -> usize {
    lines.iter().flat_map(|line| &line.cells).map(super::super::bytes).sum()
}

#[test]
fn one_text_of_megabytes_that_every_cell_names_is_kept_in_none() {
    let strings = format!("<sst><si><t>{}</t></si></sst>", "长".repeat(700_000));
    // Few enough that the machine survives a reader that clones it.
    let sheet = naming_the_first(5, 60);
    let bytes =
        package(&[WORKBOOK, RELATIONS, ("xl/sharedStrings.xml", &strings), ("s.xml", &sheet)]);
    assert!(bytes.len() < 64 << 10, "{}", bytes.len());
    let lines = lines(&bytes);
    assert_eq!(lines.len(), 5);
    assert!(bytes_in(&lines) < 1 << 20, "{}", bytes_in(&lines));
    let doubtful =
        |cell: &Cell| matches!(cell, Cell::Doubtful { shown, .. } if shown.starts_with("长长"));
    assert!(lines.iter().flat_map(|line| &line.cells).all(doubtful));
}

#[test]
fn texts_that_are_just_not_too_long_are_still_no_more_than_a_table_may_have() {
    let strings = format!("<sst><si><t>{}</t></si></sst>", "长".repeat(LETTERS_MAX));
    let sheet = naming_the_first(1000, 60);
    let bytes =
        package(&[WORKBOOK, RELATIONS, ("xl/sharedStrings.xml", &strings), ("s.xml", &sheet)]);
    assert_eq!(table(&bytes).err(), Some(Unreadable::TooMuchText));
}

#[test]
fn texts_that_cells_may_name_are_so_many_and_no_more_whether_they_are_named_or_not() {
    let sheet = naming_the_first(1, 1);
    let with = |strings: &str| {
        let strings = format!("<sst>{strings}</sst>");
        table(&package(&[
            WORKBOOK,
            RELATIONS,
            ("xl/sharedStrings.xml", &strings),
            ("s.xml", &sheet),
        ]))
    };
    assert_eq!(with(&"<si/>".repeat(CELLS_IN_ALL_MAX + 1)), Err(Unreadable::TooManyCells));
    let one = format!("<si><t>{}</t></si>", "长".repeat(LETTERS_MAX));
    assert_eq!(with(&one.repeat(TEXT_BYTES_MAX / one.len() + 100)), Err(Unreadable::TooMuchText));
    assert!(with(&one.repeat(100)).is_ok());
}

#[test]
fn a_long_text_of_a_cell_itself_in_pieces_is_a_doubt() {
    let sheet = format!(
        r#"<w><row><c t="inlineStr"><is><t>{}</t></is></c><c><v>{}</v></c></row></w>"#,
        "&#x957f;".repeat(LETTERS_MAX + 1),
        "1".repeat(1 << 20),
    );
    let lines = lines(&package(&[WORKBOOK, RELATIONS, ("s.xml", &sheet)]));
    assert_eq!(texts(&lines[0]), [None, None]);
    assert!(bytes_in(&lines) < 1000, "{}", bytes_in(&lines));
}

fn styled(styles: &str) -> Result<(Table, String), Unreadable> {
    let sheet = r#"<w><row><c s="1"><v>7</v></c><c s="2"><v>7</v></c></row></w>"#;
    let styles = format!("<styleSheet>{styles}</styleSheet>");
    table(&package(&[WORKBOOK, RELATIONS, ("xl/styles.xml", &styles), ("s.xml", sheet)]))
}

#[test]
fn formats_are_so_wide_and_so_many_and_no_more() {
    let format =
        |id: usize, code: &str| format!(r#"<numFmt numFmtId="{id}" formatCode="{code}"/>"#);
    let xfs = |xfs: &str| format!("<cellXfs>{xfs}</cellXfs>");
    let three = xfs(r#"<xf/><xf numFmtId="170"/><xf numFmtId="171"/>"#);
    let twins = [format(170, "00000"), format(170, "0.00"), format(171, &"0".repeat(70_000))];
    let (table, _) = styled(&format!("{}{three}", twins.concat())).unwrap();
    assert_eq!(texts(&table.lines[0]), [Some("00007"), None], "of twins the first counts");

    let many = |n: usize| (0..n).map(|id| format(1000 + id, "0")).collect::<String>();
    assert!(styled(&many(STYLES_MAX)).is_ok());
    assert_eq!(styled(&many(STYLES_MAX + 1)), Err(Unreadable::NoSheet));
    assert!(styled(&xfs(&"<xf/>".repeat(STYLES_MAX))).is_ok());
    assert_eq!(styled(&xfs(&"<xf/>".repeat(STYLES_MAX + 1))), Err(Unreadable::NoSheet));
}

#[test]
fn what_is_nested_without_end_is_refused_and_a_tag_of_a_thousand_attributes_is_not_looked_through()
{
    let deep = format!("<w><row>{}", "<a>".repeat(1 << 20));
    assert_eq!(table(&package(&[WORKBOOK, RELATIONS, ("s.xml", &deep)])), Err(Unreadable::NoSheet));
    let wide: String = (0..1000).map(|n| format!(r#" a{n}="""#)).collect();
    let sheet = format!(r#"<w><row{wide} r="9"><c><v>7</v></c></row></w>"#);
    let lines = lines(&package(&[WORKBOOK, RELATIONS, ("s.xml", &sheet)]));
    assert_eq!((lines[0].line, texts(&lines[0])), (1, vec![Some("7")]));
}

#[test]
fn a_name_of_a_sheet_is_kept_as_far_as_spreadsheets_allow_and_no_part_is_larger_than_is_read() {
    let workbook = WORKBOOK.1.replace("\"a\"", &format!("\"{}\"", "x".repeat(1 << 20)));
    let sheet = naming_the_first(1, 1);
    let parts = [("xl/workbook.xml", workbook.as_str()), RELATIONS, ("s.xml", &sheet)];
    let (_, name) = table(&package(&parts)).unwrap();
    assert_eq!(name, "x".repeat(NAME_CHARS_MAX));
    let large = " ".repeat(usize::try_from(PART_BYTES_MAX).unwrap() + 1);
    let parts = [WORKBOOK, RELATIONS, ("xl/sharedStrings.xml", &large), ("s.xml", &sheet)];
    assert_eq!(table(&package(&parts)), Err(Unreadable::TooLarge));
}
