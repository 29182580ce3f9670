//! One row under its columns: each field is read once, and what is wrong with it is kept.

use super::columns::{Column, Places};
use super::plan::Complaint;
use super::table::{CELL_CHARS_MAX, Cell, Line};
use crate::duty::plain_text;
use crate::why::Both;
use std::str::FromStr;

/// A row that is being read.
pub(super) struct Row<'a> {
    columns: &'static [Column],
    places: &'a Places,
    line: &'a Line,
    pub complaints: Vec<Complaint>,
}

impl<'a> Row<'a> {
    pub fn new(columns: &'static [Column], places: &'a Places, line: &'a Line) -> Row<'a> {
        let mut row = Row { columns, places, line, complaints: Vec::new() };
        row.cells_without_heading();
        row
    }

    pub fn line(&self) -> u32 {
        self.line.line
    }

    /// What is written where nobody would look for it is not passed over.
    fn cells_without_heading(&mut self) {
        for (at, cell) in self.line.cells.iter().enumerate() {
            let headed =
                self.places.at.contains(&Some(at)) || self.places.passed_over.contains(&at);
            if !headed && !cell.shown().is_empty() {
                let column = format!("第 {} 列 column {}", at + 1, at + 1);
                let what = match at < self.places.width {
                    true => {
                        "此列没有列名，请补上或清空; the column has no heading; name or empty it"
                    }
                    false => {
                        "本行比列名多，请检查分隔符; the row is longer than the headings; look for a stray separator"
                    }
                };
                let complaint =
                    Complaint::new(self.line.line, &column, cell.shown(), what.to_owned());
                self.complaints.push(complaint);
            }
        }
    }

    fn at(&self, name: &str) -> (usize, &'static Column) {
        let found = self.columns.iter().enumerate().find(|(_, column)| column.name == name);
        found.expect("fields are asked for by the names in the table of columns")
    }

    pub fn complain(&mut self, name: &str, value: &str, what: impl Into<String>) {
        let (_, column) = self.at(name);
        let complaint = Complaint::new(self.line.line, &column.heading(), value, what.into());
        self.complaints.push(complaint);
    }

    /// The text of a field; `None` where it is empty, not there or no text that can be kept.
    pub fn text(&mut self, name: &str, chars_max: usize) -> Option<String> {
        let (at, column) = self.at(name);
        let cell = self.places.at[at].and_then(|at| self.line.cells.get(at));
        let shown = cell.map_or("", Cell::shown).to_owned();
        if let Some(Cell::Doubtful { why, .. }) = cell {
            let why = why.clone();
            self.complain(name, &shown, why);
            return None;
        }
        if shown.is_empty() {
            if column.needed {
                self.complain(name, "", "不能为空; it is needed");
            }
            return None;
        }
        let chars_max = chars_max.min(CELL_CHARS_MAX);
        match plain_text(Both(name, name), &shown, chars_max) {
            Ok(text) => Some(text),
            Err(_) => {
                let what = format!(
                    "最多 {chars_max} 字，不得换行，不得有控制字符或不可见字符; at most {chars_max} characters, without line breaks, control or invisible characters"
                );
                self.complain(name, &shown, what);
                None
            }
        }
    }

    /// The same as an id.
    pub fn id<T: FromStr<Err = crate::id::BadId>>(&mut self, name: &str) -> Option<T> {
        let text = self.text(name, CELL_CHARS_MAX)?;
        match text.parse() {
            Ok(id) => Some(id),
            Err(_) => {
                self.complain(
                    name,
                    &text,
                    "编号只能用 1 至 64 个半角字母、数字、点、下划线、连字符，以字母或数字开头; an id has 1 to 64 ASCII letters, digits, '.', '_', '-', and begins with a letter or digit",
                );
                None
            }
        }
    }

    /// A day, however it is written with the year first, as `2019-07-01`.
    pub fn day(&mut self, name: &str) -> Option<String> {
        let text = self.text(name, CELL_CHARS_MAX)?;
        let day = civil_day(&text);
        if day.is_none() {
            self.complain(name, &text, "请写成 2019-07-01; write the day like 2019-07-01");
        }
        day
    }
}

/// `2019-07-01`, `2019-7-1`, `2019/7/1`, `2019.7.1` and `2019年7月1日` are one day; nothing else is guessed.
fn civil_day(text: &str) -> Option<String> {
    let (year, rest) = text.split_at_checked(4)?;
    let parts: Vec<&str> = match rest.strip_prefix('年') {
        Some(rest) => rest.strip_suffix('日')?.split('月').collect(),
        None => {
            let mark = rest.chars().next().filter(|c| matches!(c, '-' | '/' | '.'))?;
            rest[1..].split(mark).collect()
        }
    };
    let [month, day] = parts[..] else { return None };
    let number = |text: &str, most: usize| {
        let digits = text.len() <= most && text.bytes().all(|b| b.is_ascii_digit());
        text.parse::<i16>().ok().filter(|_| digits)
    };
    let (month, day) = (i8::try_from(number(month, 2)?).ok()?, i8::try_from(number(day, 2)?).ok()?);
    let date = jiff::civil::Date::new(number(year, 4)?, month, day).ok()?;
    Some(date.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_its_year_first_and_nothing_is_guessed() {
        for text in ["2019-07-01", "2019-7-1", "2019/7/1", "2019.07.1", "2019年7月1日"] {
            assert_eq!(civil_day(text).as_deref(), Some("2019-07-01"), "{text}");
        }
        for text in [
            "",
            "1/7/2019",
            "19-07-01",
            "2019-13-01",
            "2019-02-30",
            "2019/7-1",
            "43647",
            "2019年",
            "2019-07-01 08:00",
            "2019-007-1",
            "２０１９-07-01",
            "2019-+7-1",
            "年年年年",
            "2019--1",
        ] {
            assert_eq!(civil_day(text), None, "{text}");
        }
    }
}
