//! Every form against the files in `fixtures/forms`, column for column and byte for byte; and what
//! strangers type against the writers.

mod common;

use common::{NAMES, folder, sheet};
use sealdock_report::plot::Plot;
use sealdock_report::{Cell, csv::csv, html::html, xlsx::xlsx};

#[test]
fn html_and_csv_are_the_golden_files() {
    for name in NAMES {
        let golden = |extension| {
            let path = folder().join(format!("{name}.{extension}"));
            std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        };
        let how = "changed; look at it, then write it anew with the example `golden`";
        assert!(html(&sheet(name)).as_bytes() == golden("html"), "{name}.html {how}");
        assert!(csv(&sheet(name)) == golden("csv"), "{name}.csv {how}");
    }
}

#[test]
fn reports_are_the_golden_files_and_no_file_is_left_over() {
    let sheets = common::reports::sheets();
    for (name, sheet) in &sheets {
        let golden = |extension| {
            let path = common::reports_folder().join(format!("{name}.{extension}"));
            std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        };
        let how = "changed; look at it, then write it anew with the example `golden`";
        assert!(html(sheet).as_bytes() == golden("html"), "{name}.html {how}");
        assert!(csv(sheet) == golden("csv"), "{name}.csv {how}");
    }
    let there = std::fs::read_dir(common::reports_folder()).expect("the folder");
    assert_eq!(there.count(), sheets.len() * 2 + 1, "two files each, and the README");
}

#[test]
fn every_report_says_what_was_asked_and_what_it_was_drawn_from() {
    for (name, sheet) in common::reports::sheets() {
        assert!(sheet.is_even(), "{name}");
        let page = html(&sheet);
        for part in ["某某市民政局", "2026-11-01 至 2026-11-30", "0 – 811"] {
            assert!(page.contains(part), "{part} is not in {name}");
        }
        let back: sealdock_report::Sheet =
            serde_json::from_str(&serde_json::to_string(&sheet).unwrap()).unwrap();
        assert_eq!(back, sheet, "{name} is the same after a message");
    }
}

#[test]
fn the_reports_that_compare_have_plots_with_their_numbers() {
    let plots = |wanted: &str| {
        let sheets = common::reports::sheets();
        let (_, sheet) = sheets.into_iter().find(|(name, _)| *name == wanted).expect("a report");
        sheet.plots.iter().map(sealdock_report::plot::Plot::svg).collect::<Vec<_>>()
    };
    assert!(
        plots("lateness")[0].contains(">执法一科</text>")
            && plots("lateness")[0].contains(">3</text>")
    );
    assert!(
        plots("hours")[0].contains(">2026-11-09</text>")
            && plots("hours")[0].contains(">150</text>")
    );
    assert!(plots("hours")[1].contains(">25</text>"), "2 of 8 are marked");
    assert!(plots("use")[1].contains(">300</text>"), "minutes");
    assert!(
        plots("ratio")[0].contains("全单位 应配 needed") && plots("ratio")[0].contains(">3</text>")
    );
    assert!(plots("interruptions")[0].contains(">1</text>"));
    assert_eq!(plots("unreturned"), Vec::<String>::new());
}

/// 002, end of annex 6, with the full-width brackets that the document prints.
#[test]
fn columns_headings_and_notes_are_those_of_the_originals() {
    let columns = |name| -> Vec<String> {
        sheet(name).columns.iter().map(|column| column.full_name()).collect()
    };
    let roster = "序号 管理员姓名 管理员所属部门 管理执法仪数量 联系电话 入职时间";
    assert_eq!(columns("roster").join(" "), roster);
    let usage = "序号 单位（部门）名称 执法记录仪编号 使用人 批准人 领用时间 交回时间 备注";
    assert_eq!(columns("usage").join(" "), usage);
    let viewing = "序号 时间 调阅、复制人/姓名 调阅、复制人/单位 调阅、复制人/联系电话 审批人 管理员 \
                   调阅、复制内容简要 事由";
    assert_eq!(columns("viewing").join(" "), viewing);
    let title = |name| sheet(name).title.to_string();
    assert_eq!(title("roster"), "某某市民政局执法记录仪管理员名册");
    assert_eq!(title("usage"), "某某市民政局执法记录仪使用档案");
    assert_eq!(title("viewing"), "某某市民政局调阅、复制视音频资料登记表");
    let head = |name| -> Vec<String> {
        sheet(name).head.iter().map(|field| field.label.to_string()).collect()
    };
    assert_eq!(head("roster"), ["填报单位", "填报时间"]);
    assert_eq!(head("usage"), ["填报单位", "填报时间", "填报人"]);
    assert_eq!(head("viewing"), [""; 0]);
    assert_eq!(["roster", "usage", "viewing"].map(|name| sheet(name).notes.len()), [0, 3, 3]);
}

#[test]
fn running_numbers_begin_at_one_and_leave_none_out() {
    for name in NAMES {
        for (at, row) in sheet(name).rows.iter().enumerate() {
            assert_eq!(row[0].shown(), (at + 1).to_string(), "{name}");
        }
    }
}

#[test]
fn every_writer_carries_the_head_and_the_range() {
    let root = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    for name in NAMES {
        let sheet = sheet(name);
        let strings = String::from_utf8(part(&xlsx(&sheet).unwrap(), "xl/sharedStrings.xml"));
        let texts = [html(&sheet), String::from_utf8(csv(&sheet)).unwrap(), strings.unwrap()];
        for text in texts {
            for part in [root, "sealdock.example/xx-mzj/1", "0 – 18341", "2026-11-27 09:30:00"] {
                assert!(text.contains(part), "{part} is not in {name}");
            }
        }
    }
}

#[test]
fn html_from_strangers_has_no_markup_of_theirs_and_turns_nothing() {
    let page = html(&sheet("hostile"));
    for theirs in
        ["<script", "<b>", "<局>", "R&D", "\u{202e}", "\u{2066}", "\0", "\u{1b}", "\u{feff}"]
    {
        assert!(!page.contains(theirs), "{theirs:?}");
    }
    let shown = ["&lt;script&gt;alert(1)", "张\\u{202e}三", "<bdi>محمد علي</bdi>", "𠮷㛃𫝀𰻝"];
    for shown in shown {
        assert!(page.contains(shown), "{shown:?}");
    }
    let body = page.split_once("</style>").expect("a style").1;
    assert!(!body.contains("style=") && !body.contains("http"), "nothing inline, nothing fetched");
}

#[test]
fn csv_from_strangers_has_no_formula_and_reads_back_whole() {
    let bytes = csv(&sheet("hostile"));
    let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(&bytes[3..]);
    let records: Vec<_> = reader.records().collect::<Result<_, _>>().expect("RFC 4180");
    assert_eq!(records.iter().filter(|record| record[0].parse::<u64>().is_ok()).count(), 5);
    for field in records.iter().flatten() {
        assert!(!field.starts_with(['=', '+', '-', '@', '＝']), "{field}");
        assert!(!field.contains(char::is_control), "{field}");
    }
    assert_eq!(&records[5][4], "x, \"y\"\"z\"");
}

#[test]
fn xlsx_is_the_same_bytes_twice_and_holds_no_formula() {
    for name in NAMES {
        let first = xlsx(&sheet(name)).unwrap();
        assert!(first == xlsx(&sheet(name)).unwrap(), "{name}");
        let about = String::from_utf8(part(&first, "docProps/core.xml")).unwrap();
        assert!(about.contains(">2026-11-27T01:30:00Z<"), "not the clock of this machine: {about}");
        let cells = String::from_utf8(part(&first, "xl/worksheets/sheet1.xml")).unwrap();
        assert!(cells.contains("<c ") && !cells.contains("<f"), "{name}");
        let is_number = |cell: &&str| cell.contains("><v>") && !cell.contains("t=\"s\"");
        let numbers = cells.split("<c ").skip(1).filter(is_number).count();
        let is_count = |cell: &&Cell| matches!(cell, Cell::Count(_));
        assert_eq!(numbers, sheet(name).rows.iter().flatten().filter(is_count).count(), "{name}");
        assert!(cells.contains("orientation=\"landscape\"") && cells.contains("paperSize=\"9\""));
    }
}

#[test]
fn xlsx_has_each_plot_as_a_chart_beside_its_values_and_the_same_bytes_twice() {
    let mut drawn = 0;
    for (name, sheet) in common::reports::sheets() {
        let book = xlsx(&sheet).unwrap();
        assert!(book == xlsx(&sheet).unwrap(), "{name}");
        let types = String::from_utf8(part(&book, "[Content_Types].xml")).unwrap();
        assert_eq!(types.matches("/xl/charts/chart").count(), sheet.plots.len(), "{name}");
        if sheet.plots.is_empty() {
            assert!(!types.contains("sheet2.xml"), "{name}");
            continue;
        }
        let cells = String::from_utf8(part(&book, "xl/worksheets/sheet2.xml")).unwrap();
        let (Plot::Bars(of) | Plot::Line(of)) = &sheet.plots[0];
        assert!(!cells.contains("<f"), "{name}");
        for (row, (_, value)) in (2..).zip(&of.values) {
            let cell = cells.split(&format!("<c r=\"B{row}\"")).nth(1);
            let shown = value.map(|value| format!("<v>{value}</v>"));
            let is = cell.map(|cell| cell.split("</c>").next().unwrap_or_default().to_owned());
            assert_eq!(is.is_some(), shown.is_some(), "{name}: what is not known is no zero");
            assert!(shown.is_none_or(|shown| is.unwrap().ends_with(&shown)), "{name} row {row}");
        }
        let chart = String::from_utf8(part(&book, "xl/charts/chart1.xml")).unwrap();
        let last = 1 + of.values.len();
        for range in ["Plots!$A$1".to_owned(), format!("Plots!$B$2:$B${last}")] {
            assert!(chart.contains(&format!("<c:f>{range}</c:f>")), "{name}: {range} in {chart}");
        }
        drawn += sheet.plots.len();
    }
    assert!(drawn > 5, "{drawn}");
}

/// One file of a ZIP archive, unpacked by a program nobody here wrote.
fn part(archive: &[u8], name: &str) -> Vec<u8> {
    let code = "import sys, io, zipfile\n\
                archive = zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read()))\n\
                sys.stdout.buffer.write(archive.read(sys.argv[1]))";
    use std::io::Write;
    use std::process::{Command, Stdio};
    let mut child = Command::new("python3")
        .args(["-c", code, name])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3; `cargo xtask tools` brings it");
    child.stdin.take().expect("a pipe").write_all(archive).expect("the archive goes in");
    let output = child.wait_with_output().expect("python3 ends");
    assert!(output.status.success(), "{name} is not in the archive");
    output.stdout
}
