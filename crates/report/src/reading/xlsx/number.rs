//! Numbers and days under their formats: what people see, or a doubt.

use jiff::Span;
use jiff::civil::date;
use sealdock_core::import::Cell;

/// How a cell shows its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// Digits as they are.
    Plain,
    /// Digits with zeros in front up to this many.
    Zeros(usize),
    Day,
    /// Something this reader does not show the way a spreadsheet does.
    Other,
}

/// Digits that a spreadsheet keeps of a number.
const DIGITS_KEPT: usize = 15;
/// Most zeros of a format that are filled in. No number of a person or thing is longer, and the file's maker may write any
/// number of them, of which `format!` takes 65,535.
const WIDTH_MAX: usize = 32;

impl Format {
    /// Of a number of ECMA-376, part 1, 18.8.30, or of a code of the file's own.
    pub fn of(id: u32, own: Option<&str>) -> Format {
        match (own, id) {
            (Some(code), _) => Format::of_code(code),
            (None, 0 | 1 | 49) => Format::Plain,
            // With their meanings in Chinese and Japanese spreadsheets.
            (None, 14..=17 | 27..=31 | 36 | 50..=54 | 57 | 58) => Format::Day,
            (None, _) => Format::Other,
        }
    }

    fn of_code(code: &str) -> Format {
        if code.eq_ignore_ascii_case("general") || code == "@" {
            return Format::Plain;
        }
        if !code.is_empty() && code.bytes().all(|letter| letter == b'0') {
            return match code.len() {
                width @ ..=WIDTH_MAX => Format::Zeros(width),
                _ => Format::Other,
            };
        }
        let bare = bare(code);
        let has = |letters: &[char]| bare.contains(letters);
        match has(&['y', 'e']) && has(&['d']) && !has(&['h', 's']) {
            true => Format::Day,
            false => Format::Other,
        }
    }

    /// What is shown of a number as it stands in the file.
    pub fn cell(&self, text: &str, early: bool) -> Cell {
        let Some(number) = text.trim().parse::<f64>().ok().filter(|n| n.is_finite()) else {
            return doubtful(text);
        };
        match self {
            Format::Day => day(number, early).map_or_else(|| doubtful(text), Cell::Text),
            Format::Other => doubtful(text),
            Format::Plain => digits(number).map_or_else(|| doubtful(text), Cell::Text),
            Format::Zeros(width) => digits(number)
                .filter(|digits| !digits.starts_with('-'))
                .map_or_else(|| doubtful(text), |digits| Cell::Text(format!("{digits:0>width$}"))),
        }
    }
}

/// The first section of a code without colours, languages, quoted words and escapes.
fn bare(code: &str) -> String {
    let mut bare = String::new();
    let mut letters = code.chars();
    while let Some(letter) = letters.next() {
        match letter {
            ';' => break,
            '"' => drop(letters.by_ref().find(|letter| *letter == '"')),
            '[' => drop(letters.by_ref().find(|letter| *letter == ']')),
            '\\' | '_' | '*' => drop(letters.next()),
            other => bare.extend(other.to_lowercase()),
        }
    }
    bare
}

/// A whole number with so few digits that none was lost.
fn digits(number: f64) -> Option<String> {
    let whole = number.fract() == 0.0 && number.abs() < 10f64.powi(DIGITS_KEPT as i32);
    whole.then(|| format!("{number:.0}"))
}

/// A whole day as `2019-07-01`. Day 60 of 1900 never was, so what lies before it is not guessed.
fn day(number: f64, early: bool) -> Option<String> {
    let days = Some(number).filter(|n| n.fract() == 0.0 && (61.0..2_958_466.0).contains(n))?;
    let epoch = if early { date(1904, 1, 1) } else { date(1899, 12, 30) };
    let day = epoch.checked_add(Span::new().try_days(days as i64).ok()?).ok()?;
    Some(day.to_string())
}

fn doubtful(shown: &str) -> Cell {
    Cell::Doubtful {
        shown: shown.to_owned(),
        why: "表格可能改动了这个数字（位数过多、小数或特殊格式），请把单元格设为文本后重填; a spreadsheet may have changed this number (too many digits, a fraction, a special format); make the cell text and write it again".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(format: &Format, text: &str) -> Option<String> {
        match format.cell(text, false) {
            Cell::Text(text) => Some(text),
            Cell::Doubtful { .. } => None,
        }
    }

    #[test]
    fn a_number_is_its_digits_or_a_doubt() {
        for (text, digits) in [
            ("13800000001", Some("13800000001")),
            ("1.3800000001E10", Some("13800000001")),
            ("7", Some("7")),
            ("-3", Some("-3")),
            ("999999999999999", Some("999999999999999")),
            ("430400011234567", Some("430400011234567")),
            ("4.3040001123456794E17", None),
            ("1000000000000000", None),
            ("1.5", None),
            ("NaN", None),
            ("1e999", None),
            ("abc", None),
        ] {
            assert_eq!(shown(&Format::Plain, text).as_deref(), digits, "{text}");
        }
        assert_eq!(shown(&Format::Zeros(5), "7").as_deref(), Some("00007"));
        assert_eq!(shown(&Format::Zeros(5), "-7"), None);
        assert_eq!(shown(&Format::Other, "7"), None);
    }

    #[test]
    fn a_day_is_one_whatever_its_format_looks_like() {
        for code in ["yyyy\\-mm\\-dd", "yyyy/m/d;@", "[$-804]yyyy\"年\"m\"月\"d\"日\";@", "m/d/yy"]
        {
            assert_eq!(Format::of(170, Some(code)), Format::Day, "{code}");
        }
        for (id, own, format) in [
            (14, None, Format::Day),
            (0, None, Format::Plain),
            (49, None, Format::Plain),
            (22, None, Format::Other),
            (2, None, Format::Other),
            (170, Some("000000"), Format::Zeros(6)),
            (170, Some(&*"0".repeat(WIDTH_MAX)), Format::Zeros(WIDTH_MAX)),
            (170, Some(&*"0".repeat(WIDTH_MAX + 1)), Format::Other),
            (170, Some("General"), Format::Plain),
            (170, Some("0.00"), Format::Other),
            (170, Some("\"d\"0"), Format::Other),
            (170, Some("0;-0"), Format::Other),
            (170, Some("yyyy-mm-dd hh:mm"), Format::Other),
            (170, Some(""), Format::Other),
        ] {
            assert_eq!(Format::of(id, own), format, "{id} {own:?}");
        }
        for (serial, expected) in [
            ("43647", Some("2019-07-01")),
            ("61", Some("1900-03-01")),
            ("45351", Some("2024-02-29")),
            ("45352", Some("2024-03-01")),
            ("2958465", Some("9999-12-31")),
            ("60", None),
            ("43647.5", None),
            ("-1", None),
            ("2958466", None),
        ] {
            assert_eq!(shown(&Format::Day, serial).as_deref(), expected, "{serial}");
        }
        assert_eq!(Format::Day.cell("42185", true), Cell::Text("2019-07-01".to_owned()));
    }
}
