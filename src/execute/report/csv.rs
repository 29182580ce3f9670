//! Comma-separated values (RFC 4180), for programs and spreadsheets. A cell that a spreadsheet would take for
//! a formula is made text.

/// Head and rows, with a byte order mark so that spreadsheets read the Chinese.
pub fn csv(head: &[&str], rows: &[Vec<String>]) -> String {
    let mut out = String::from("\u{feff}");
    line(&mut out, head.iter().copied());
    for row in rows {
        line(&mut out, row.iter().map(String::as_str));
    }
    out
}

fn line<'a>(out: &mut String, cells: impl Iterator<Item = &'a str>) {
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            out.push(',');
        }
        let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.len() > 1;
        let guarded = if formula { format!("'{cell}") } else { cell.to_owned() };
        out.push('"');
        out.push_str(&guarded.replace('"', "\"\""));
        out.push('"');
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_lines_and_formulas_stay_text() {
        let rows =
            vec![vec!["a\"b,\nc".to_owned(), "=1+1".to_owned()], vec!["-".into(), "".into()]];
        assert_eq!(
            csv(&["x", "y"], &rows),
            "\u{feff}\"x\",\"y\"\r\n\"a\"\"b,\nc\",\"'=1+1\"\r\n\"-\",\"\"\r\n"
        );
    }
}
