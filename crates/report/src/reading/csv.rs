//! Comma-, semicolon- or tab-separated values as spreadsheets write them.

use super::{CELLS_MAX, Rows, Unreadable, bounded};
use sealdock_core::import::{Cell, Table};

/// The rows that hold anything, with the lines they begin in.
pub fn table(text: &str) -> Result<(Table, char), Unreadable> {
    let separator = separator(text);
    let mut reader = ::csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(text.as_bytes());
    let mut rows = Rows::default();
    let mut record = ::csv::StringRecord::new();
    let (mut line, mut counted) = (1, 0);
    while reader.read_record(&mut record).map_err(|_| Unreadable::NoText)? {
        let begin = begin_of(text, &record);
        line += breaks(text.get(counted..begin).unwrap_or_default());
        counted = begin;
        // A line of separators alone is blank, however many; a wide one is no longer than its bytes when it is refused.
        if record.iter().all(|text| text.trim().is_empty()) {
            continue;
        }
        if record.len() > CELLS_MAX {
            return Err(Unreadable::TooWide { line });
        }
        rows.push(line, record.iter().map(|text| bounded(text, cell)).collect())?;
    }
    Ok((rows.table, char::from(separator)))
}

/// Where a record begins. The reader counts the blank lines before it as part of it.
fn begin_of(text: &str, record: &::csv::StringRecord) -> usize {
    let byte = record.position().map_or(0, ::csv::Position::byte);
    let byte = usize::try_from(byte).unwrap_or(usize::MAX).min(text.len());
    let rest = text.as_bytes().get(byte..).unwrap_or_default();
    byte + rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count()
}

/// Lines that end in a piece of text, as editors count them.
fn breaks(text: &str) -> u32 {
    let pairs = text.matches("\r\n").count();
    let ends = text.bytes().filter(|byte| matches!(byte, b'\r' | b'\n')).count() - pairs;
    u32::try_from(ends).unwrap_or(u32::MAX)
}

/// What stands most often in the first line that holds anything, outside quotation marks.
fn separator(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let bare: String = first.split('"').step_by(2).collect();
    let often = |mark: u8| bare.bytes().filter(|byte| *byte == mark).count();
    // Of two that stand equally often the last named wins, and that is the comma.
    *[b'\t', b';', b','].iter().max_by_key(|mark| often(**mark)).expect("three marks")
}

/// `="0012"` is how a formula keeps leading zeros; what any other formula comes to is not in the file.
fn cell(text: &str) -> Cell {
    let Some(formula) = text.trim().strip_prefix('=') else { return Cell::Text(text.to_owned()) };
    match formula.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(word) if !word.contains('"') => Cell::Text(word.to_owned()),
        _ => Cell::Doubtful {
            shown: text.to_owned(),
            why: "这是公式，请填写结果; this is a formula; write what it comes to".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::{LETTERS_MAX, TEXT_BYTES_MAX};
    use super::*;
    use sealdock_core::import::{Line, ROWS_MAX};

    fn rows(text: &str) -> Vec<(u32, Vec<String>)> {
        let (table, _) = table(text).unwrap();
        let shown = |line: &Line| line.cells.iter().map(|c| c.shown().to_owned()).collect();
        table.lines.iter().map(|line| (line.line, shown(line))).collect()
    }

    fn own(cells: &[&str]) -> Vec<String> {
        cells.iter().map(|cell| (*cell).to_owned()).collect()
    }

    #[test]
    fn cells_keep_their_lines_over_blank_rows_and_breaks_in_quotation_marks() {
        let text = "id,name\r\n\r\n,, \r\n\"A\n1\",\"a, \"\"b\"\"\"\r\n\r\n\r\n007,\u{3000}x \r\n";
        let expected =
            [(1, own(&["id", "name"])), (4, own(&["A\n1", "a, \"b\""])), (8, own(&["007", "x"]))];
        assert_eq!(rows(text), expected);
    }

    #[test]
    fn the_separator_is_the_one_of_the_headings() {
        for (text, mark) in [
            ("\n编号;姓名;职务\nA1;a,b,c,d;x", ';'),
            ("编号\t姓名\n", '\t'),
            ("\"a;b;c;d\",x\n", ','),
            ("编号\n", ','),
            ("", ','),
        ] {
            assert_eq!(table(text).unwrap().1, mark, "{text}");
        }
    }

    #[test]
    fn a_formula_is_doubtful_and_the_one_that_keeps_zeros_is_text() {
        assert_eq!(cell("=\"0012\""), Cell::Text("0012".to_owned()));
        for text in ["=1+1", " =A1", "=\"a\"&\"b\"", "="] {
            assert!(matches!(cell(text), Cell::Doubtful { shown, .. } if shown == text), "{text}");
        }
    }

    #[test]
    fn more_than_a_sheet_holds_is_refused_while_it_is_read() {
        let most = "x\n".repeat(ROWS_MAX + 1);
        assert_eq!(rows(&most).len(), ROWS_MAX + 1);
        assert_eq!(table(&format!("{most}x\n")), Err(Unreadable::TooManyRows));
        let wide = format!("a\n{}x\n", ",".repeat(CELLS_MAX));
        assert_eq!(table(&wide), Err(Unreadable::TooWide { line: 2 }));
        assert_eq!(rows(&format!("a\n{}\nb\n", ",".repeat(1 << 20))).len(), 2, "a blank line");
        let long = "长".repeat(LETTERS_MAX + 1);
        let (read, _) = table(&format!("x,{long}\n")).unwrap();
        assert!(
            matches!(&read.lines[0].cells[1], Cell::Doubtful { shown, .. } if shown.len() < 200)
        );
        let much = format!("{}\n", vec!["长".repeat(LETTERS_MAX); 3].join(","));
        let much = much.repeat(TEXT_BYTES_MAX / much.len() + 10);
        assert_eq!(table(&much).err(), Some(Unreadable::TooMuchText));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            let _read = super::super::read(&bytes);
        }
    }
}
