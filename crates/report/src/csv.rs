//! CSV as RFC 4180 has it, in UTF-8 with a byte order mark, which is how spreadsheets on the
//! clerks' machines know the encoding.
//!
//! The first record names the columns, so that a program can read the rows at once. Below the
//! rows stand the fields of the form that are no rows: name, head, notes and foot, one a record,
//! label in the first place, padded to the same number of fields.

use crate::sheet::{Cell, Sheet};

/// Writes the sheet.
#[must_use]
pub fn csv(sheet: &Sheet) -> Vec<u8> {
    let mut out = ::csv::WriterBuilder::new()
        .terminator(::csv::Terminator::CRLF)
        .flexible(false)
        .from_writer("\u{feff}".as_bytes().to_vec());
    for record in records(sheet) {
        out.write_record(&record).expect("records are of one length and memory does not fail");
    }
    out.into_inner().expect("memory does not fail")
}

fn records(sheet: &Sheet) -> impl Iterator<Item = Vec<String>> {
    let names = sheet.columns.iter().map(|column| inert(&column.full_name())).collect();
    let rows = sheet.rows.iter().chain(&sheet.totals).map(|row| row.iter().map(field).collect());
    let width = sheet.columns.len().max(2);
    std::iter::once(names).chain(rows).chain(around(sheet)).map(move |mut record: Vec<String>| {
        record.resize(width, String::new());
        record
    })
}

/// What stands around the table on paper.
fn around(sheet: &Sheet) -> impl Iterator<Item = Vec<String>> {
    let title = ("表名".to_owned(), sheet.title.to_string());
    let head = sheet.head.iter().map(|field| (field.label.to_string(), field.value.to_string()));
    let notes = sheet.numbered_notes().into_iter().map(|note| ("说明".to_owned(), note));
    let foot = sheet.foot.lines().into_iter();
    let foot = foot.map(|(label, value)| (label.to_owned(), value.to_string()));
    let all = std::iter::once(title).chain(head).chain(notes).chain(foot);
    all.map(|(label, value)| vec![inert(&label), inert(&value)])
}

fn field(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => inert(text.as_str()),
        Cell::Count(count) => count.to_string(),
    }
}

/// Spreadsheets compute a field that begins like a formula; an apostrophe in front keeps it a word.
/// The full-width signs are read as formulas by spreadsheets with East Asian input.
fn inert(text: &str) -> String {
    match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '＝' | '＋' | '－' | '＠') => {
            format!("'{text}")
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_like_a_formula_is_a_word() {
        for text in ["=1+1", "+86 10", "-2", "@SUM(A1)", "\t=1", "\r=1", "＝1"] {
            assert_eq!(inert(text), format!("'{text}"));
        }
        for text in ["", "a=1", "1-2", "张三", "'x"] {
            assert_eq!(inert(text), text);
        }
    }
}
