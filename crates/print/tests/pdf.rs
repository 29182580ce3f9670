//! PDFs as other programs see them: `pdfinfo`, `pdffonts`, `pdftotext`, `pdftoppm`, `qpdf`.
#![cfg(feature = "typst")]

#[path = "../../report/tests/common/mod.rs"]
mod forms;

use forms::{NAMES, sheet};
use sealdock_core::Digest;
use sealdock_print::{Fonts, PrintError, pdf};
use sealdock_report::plot::{Plot, Series};
use sealdock_report::{Cell, Code, Column, Foot, Orientation, Sheet, Text};
use std::io::Write;
use std::process::Command;

fn printed(sheet: &Sheet) -> Vec<u8> {
    pdf(sheet, &Fonts::installed().expect("the fonts of `cargo xtask tools`")).expect("a PDF")
}

/// What a program says about a file; fails when the program does.
fn said(program: &str, options: &[&str], bytes: &[u8]) -> String {
    let mut file = tempfile::NamedTempFile::new().expect("a place for files");
    file.write_all(bytes).expect("room for a PDF");
    let output = Command::new(program)
        .args(options)
        .arg(file.path())
        .args(if program == "pdftotext" { &["-"][..] } else { &[] })
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}; `cargo xtask tools` brings it"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{program}: {said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    said
}

fn text(bytes: &[u8]) -> String {
    said("pdftotext", &["-layout"], bytes)
}

/// Without spaces and line ends: cells wrap where the column ends.
fn squeezed(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace() && *letter != '\u{200b}').collect()
}

#[test]
fn the_forms_are_a4_landscape_with_every_font_embedded_and_sound() {
    for name in NAMES {
        let bytes = printed(&sheet(name));
        let info = said("pdfinfo", &[], &bytes);
        assert!(info.contains("841.89 x 595.276 pts (A4)"), "{name}: {info}");
        let fonts = said("pdffonts", &[], &bytes);
        let lines: Vec<&str> = fonts.lines().skip(2).collect();
        assert!(!lines.is_empty(), "{name}: no fonts at all");
        for line in lines {
            let columns: Vec<&str> = line.split_whitespace().rev().collect();
            // From the right: object id (two numbers), unicode, subset, embedded.
            assert_eq!(columns[2..5], ["yes"; 3], "{name}: {line}");
        }
        said("qpdf", &["--check"], &bytes);
    }
}

#[test]
fn the_forms_say_that_they_are_pdf_a_2b() {
    let bytes = printed(&sheet("usage"));
    let meta = said("pdfinfo", &["-meta"], &bytes);
    assert!(meta.contains("<pdfaid:part>2</pdfaid:part>"), "{meta}");
    assert!(meta.contains("<pdfaid:conformance>B</pdfaid:conformance>"), "{meta}");
    let objects = said("qpdf", &["--json"], &bytes);
    assert!(objects.contains("/OutputIntents") && objects.contains("/GTS_PDFA1"));
}

#[test]
fn the_same_sheet_is_the_same_bytes_and_another_moment_is_not() {
    let fonts = Fonts::installed().unwrap();
    for name in ["usage", "hostile"] {
        let first = pdf(&sheet(name), &fonts).unwrap();
        assert!(first == pdf(&sheet(name), &Fonts::installed().unwrap()).unwrap(), "{name}");
        let head = (18_342, Digest::ZERO);
        let zone = sheet(name).foot.zone();
        let later = sheet(name).foot.drawn().plus_ms(60_000);
        let foot = Foot::under("sealdock.example/xx-mzj/1", head, later, zone);
        assert!(first != pdf(&Sheet { foot, ..sheet(name) }, &fonts).unwrap(), "{name}");
    }
}

#[test]
fn every_cell_heading_note_and_the_foot_can_be_read_back() {
    for name in ["roster", "usage", "viewing"] {
        let sheet = sheet(name);
        let found = squeezed(&said("pdftotext", &["-raw"], &printed(&sheet)));
        let mut wanted = vec![sheet.title.to_string(), sheet.end_mark()];
        wanted.extend(sheet.columns.iter().map(|column| column.name.to_string()));
        wanted.extend(
            sheet.columns.iter().filter_map(|column| Some(column.group.clone()?.to_string())),
        );
        wanted.extend(sheet.rows.iter().flatten().map(Cell::shown));
        wanted.extend(sheet.numbered_notes());
        wanted.extend(sheet.head.iter().map(|field| format!("{}：{}", field.label, field.value)));
        wanted.extend(
            sheet.foot.lines().into_iter().map(|(label, value)| format!("{label}：{value}")),
        );
        wanted.push("第1页/共1页".to_owned());
        for wanted in wanted {
            assert!(found.contains(&squeezed(&wanted)), "{wanted:?} is not in {name}: {found}");
        }
    }
}

/// The columns stand in the order of the originals, from left to right.
#[test]
fn the_columns_stand_in_their_order() {
    for name in ["roster", "usage", "viewing"] {
        let sheet = sheet(name);
        let boxes = said("pdftotext", &["-bbox"], &printed(&sheet));
        // A long name stands in two lines: then its first characters tell where it begins.
        let left_of = |word: &str| -> f64 {
            let start: String = word.chars().take(4).collect();
            let find = |mark: String| boxes.lines().find(|line| line.contains(&mark));
            let line = find(format!(">{word}</word>")).or_else(|| find(format!(">{start}")));
            let line = line.unwrap_or_else(|| panic!("{word} is not in {name}"));
            let value = line.split("xMin=\"").nth(1).and_then(|rest| rest.split('"').next());
            value.and_then(|value| value.parse().ok()).expect("a number")
        };
        let lefts: Vec<f64> =
            sheet.columns.iter().map(|column| left_of(column.name.as_str())).collect();
        assert!(lefts.is_sorted_by(|left, right| left < right), "{name}: {lefts:?}");
    }
}

#[test]
fn what_strangers_type_stays_text_and_what_no_font_has_is_spelt_out() {
    let found = squeezed(&said("pdftotext", &["-raw"], &printed(&sheet("hostile"))));
    for wanted in [
        "<script>alert(1)</script>",
        "#strong[a]$x^2$\\`c`@ref<lab>//注",
        "=cmd|' /C calc'!A0",
        "张\\u{202e}三",
        "\\u{1f46e}",
        &"A".repeat(200),
        &"长".repeat(200),
    ] {
        assert!(found.contains(&squeezed(wanted)), "{wanted:?} is not in {found}");
    }
}

/// Each rare character leaves ink in a cell that has nothing else, and another shape than its
/// neighbour: a box for a missing glyph would be the same each time.
#[test]
fn rare_characters_have_pictures_of_their_own() {
    let rare = ["𠮷", "㛃", "𪚥", "\u{2b740}", "\u{2b820}", "\u{2ceb0}"];
    let pictures: Vec<Vec<u8>> = rare.iter().map(|letter| picture(letter)).collect();
    let blank = picture("");
    for (at, one) in pictures.iter().enumerate() {
        assert!(*one != blank, "{} is blank", rare[at]);
        assert!(pictures[..at].iter().all(|other| other != one), "{} looks like another", rare[at]);
    }
    let found = text(&printed(&one_cell(&rare.join(""))));
    assert!(rare.iter().all(|letter| found.contains(letter)), "{found}");
}

fn one_cell(letter: &str) -> Sheet {
    let rows = vec![vec![Cell::from(letter)]];
    Sheet { columns: vec![Column::new("姓名", 1)], rows, head: Vec::new(), ..sheet("roster") }
}

fn picture(letter: &str) -> Vec<u8> {
    let mut file = tempfile::NamedTempFile::new().expect("a place for files");
    file.write_all(&printed(&one_cell(letter))).expect("room for a PDF");
    let output = Command::new("pdftoppm").args(["-gray", "-r", "60"]).arg(file.path()).output();
    let output = output.expect("pdftoppm; `cargo xtask tools` brings it");
    assert!(output.status.success() && output.stdout.len() > 10_000);
    output.stdout
}

/// 1,500 rows are several volumes. Nothing is lost or doubled where they meet, each page has heading,
/// names, foot and its number, and no page but the last is short.
#[test]
fn a_long_register_runs_over_volumes_without_a_seam() {
    let whole = long(1_500);
    let found = text(&printed(&whole));
    let pages: Vec<&str> = found.trim_end_matches('\u{c}').split('\u{c}').collect();
    let mut numbers = Vec::new();
    for (at, page) in pages.iter().enumerate() {
        let flat = squeezed(page);
        for part in ["某某市民政局执法记录仪使用档案", "交回时间", "9f86d081884c7d65"]
        {
            assert!(flat.contains(part), "{part} is not on page {}", at + 1);
        }
        assert!(flat.contains(&format!("第{}页/共{}页", at + 1, pages.len())), "{flat}");
        let before = numbers.len();
        numbers.extend(running_numbers(page));
        let rows = numbers.len() - before;
        assert!(at + 1 == pages.len() || rows >= 10, "page {} has {rows} rows", at + 1);
    }
    assert_eq!(numbers, (1..=1_500).collect::<Vec<u64>>());
}

/// First words of lines that are numbers followed by the department of `long`.
fn running_numbers(page: &str) -> impl Iterator<Item = u64> {
    page.lines().filter(|line| line.contains("综合执法大队")).filter_map(|line| {
        let first = line.split_whitespace().next()?;
        first.parse().ok()
    })
}

fn long(rows: u64) -> Sheet {
    let usage = sheet("usage");
    let row = |number: u64| {
        let mut row = usage.rows[0].clone();
        row[0] = Cell::Count(number);
        row[7] = Cell::from(if number.is_multiple_of(7) {
            "交回时电量 3%，镜头有划痕，已登记送修"
        } else {
            ""
        });
        row
    };
    Sheet { rows: (1..=rows).map(row).collect(), ..usage.clone() }
}

/// A remark of 5,000 characters is longer than a page: it is split, not cut off.
#[test]
fn a_row_longer_than_a_page_loses_nothing() {
    let mut sheet = long(700);
    let remark: String = (0..5_000u32).map(|at| char::from_u32(0x4e00 + at).unwrap()).collect();
    sheet.rows[300][7] = Cell::from(remark.as_str());
    let found = squeezed(&said("pdftotext", &["-raw"], &printed(&sheet)));
    let letters: std::collections::BTreeSet<char> = found.chars().collect();
    assert!(remark.chars().all(|letter| letters.contains(&letter)));
    assert!(found.contains("（共700条，以下空白）"));
}

#[test]
fn a_report_stands_upright_with_sums_and_plots() {
    let values = vec![(Text::new("综合执法大队"), Some(7)), (Text::new("社会事务科"), None)];
    let series = Series { title: "逾期（件）".into(), values };
    let sheet = Sheet {
        page: Orientation::Portrait,
        columns: vec![Column::new("部门", 3), Column::new("逾期", 1)],
        rows: vec![vec!["综合执法大队".into(), 7.into()], vec!["社会事务科".into(), 0.into()]],
        totals: Some(vec!["合计".into(), 7.into()]),
        plots: vec![Plot::Bars(series.clone()), Plot::Line(series)],
        ..sheet("roster")
    };
    let bytes = printed(&sheet);
    assert!(said("pdfinfo", &[], &bytes).contains("595.276 x 841.89 pts (A4)"));
    let found = squeezed(&text(&bytes));
    assert!(found.contains("合计7") && found.contains("无数据"), "{found}");
    said("qpdf", &["--check"], &bytes);
}

/// Seen by a scanner that nobody here wrote, at the resolution of an office printer's copy.
#[test]
fn the_code_on_paper_is_the_head_to_the_byte() {
    let note = "pd.example/station7\n812\nzTxdLq4yE3sPoeGa1WZyXfxQjWq2jXx2k9F5hV0J0kE=\n\n\u{2014} \
                pd.example/station7 R4m7Zl3u0m9o4mVQz1m8o0GqFhZrW3kqk0mJ6dJb8v8rE8b2p1xk9f5v0v3o1q8t6w==\n";
    let drawn = fast_qr::QRBuilder::new(note).build().expect("a QR code");
    let row =
        |y: usize| (0..drawn.size).map(|x| if drawn[y][x].value() { '#' } else { '.' }).collect();
    let lines = note.lines().filter(|line| !line.is_empty()).map(Text::new).collect();
    let code = Code { title: "存证头".into(), lines, dots: (0..drawn.size).map(row).collect() };
    let bytes = printed(&Sheet { code: Some(code), ..sheet("usage") });
    assert!(
        squeezed(&text(&bytes))
            .contains("pd.example/station7812zTxdLq4yE3sPoeGa1WZyXfxQjWq2jXx2k9F5hV0J0kE=")
    );
    said("qpdf", &["--check"], &bytes);

    let folder = tempfile::tempdir().expect("a folder");
    let (pdf, picture) = (folder.path().join("a.pdf"), folder.path().join("a"));
    std::fs::write(&pdf, &bytes).expect("room for a PDF");
    let drawn =
        Command::new("pdftoppm").args(["-r", "150", "-png"]).arg(&pdf).arg(&picture).status();
    assert!(drawn.expect("pdftoppm").success());
    let pages = std::fs::read_dir(folder.path())
        .expect("the folder")
        .map(|page| page.expect("a page").path());
    let pages: Vec<_> =
        pages.filter(|page| page.extension().is_some_and(|end| end == "png")).collect();
    let read = Command::new("zbarimg")
        .args(["--raw", "--quiet", "-Sdisable", "-Sqrcode.enable"])
        .args(&pages)
        .output();
    let read = read.expect("zbarimg of zbar-tools; `cargo xtask tools` brings it");
    assert_eq!(String::from_utf8_lossy(&read.stdout).trim_end(), note.trim_end());
}

#[test]
fn a_sheet_without_rows_closes_the_table_and_one_without_columns_is_refused() {
    let found = squeezed(&text(&printed(&Sheet { rows: Vec::new(), ..sheet("usage") })));
    assert!(found.contains("（共0条，以下空白）") && found.contains("第1页/共1页"), "{found}");
    let none = Sheet { columns: Vec::new(), rows: Vec::new(), ..sheet("usage") };
    let refused = pdf(&none, &Fonts::installed().unwrap());
    assert!(matches!(refused, Err(PrintError::Empty { .. })));
}
