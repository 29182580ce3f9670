//! XLSX: the first sheet that is shown, its cells as people see them. A cell that a spreadsheet may show
//! otherwise than it stands in the file is doubtful; nothing is computed.

/// Numbers and days under their formats.
mod number;
/// The parts of the package.
mod parts;
/// The formats of cells.
mod styles;

use super::{CELLS_IN_ALL_MAX, Rows, TEXT_BYTES_MAX, Unreadable, add, bounded};
use number::Format;
use parts::{Element, Package, elements};
use sealdock_core::import::{Cell, Table};
use styles::formats;

/// Letters of a sheet's name that are kept; a spreadsheet allows 31.
const NAME_CHARS_MAX: usize = 100;

/// The cells of the first sheet that is shown, and its name.
pub fn table(bytes: &[u8]) -> Result<(Table, String), Unreadable> {
    let mut package = Package::open(bytes)?;
    let (name, part, early) = first_sheet(&mut package)?;
    let strings = strings(&mut package)?;
    let formats = formats(&mut package)?;
    let sheet = package.part(&part)?.ok_or(Unreadable::NoSheet)?;
    let mut reader = Reader { strings, formats, early, rows: Rows::default(), row: Row::default() };
    elements(&sheet, |element| reader.take(&element))?;
    reader.end_of_row()?;
    Ok((reader.rows.table, name))
}

/// Name and part of the first sheet that is not hidden; do its days count from 1904?
fn first_sheet(package: &mut Package) -> Result<(String, String, bool), Unreadable> {
    let workbook = package.part("xl/workbook.xml")?.ok_or(Unreadable::NoSheet)?;
    let relations = package.part("xl/_rels/workbook.xml.rels")?.ok_or(Unreadable::NoSheet)?;
    let (mut found, mut early) = (None, false);
    elements(&workbook, |element| {
        if let Element::Begin { name: "workbookPr", .. } = &element {
            early = matches!(element.attribute("date1904").as_deref(), Some("1" | "true"));
        }
        if let (Element::Begin { name: "sheet", .. }, None) = (&element, &found)
            && element.attribute("state").is_none_or(|state| state == "visible")
        {
            found = Some((element.attribute("name"), element.attribute("id")));
        }
        Ok(())
    })?;
    let Some((Some(name), Some(id))) = found else { return Err(Unreadable::NoSheet) };
    let mut target = None;
    elements(&relations, |element| {
        if element.attribute("Id").as_deref() == Some(&id) {
            target = element.attribute("Target");
        }
        Ok(())
    })?;
    let target = target.ok_or(Unreadable::NoSheet)?;
    let part = match target.strip_prefix('/') {
        Some(absolute) => absolute.to_owned(),
        None => format!("xl/{target}"),
    };
    Ok((name.chars().take(NAME_CHARS_MAX).collect(), part, early))
}

/// Texts that cells name by number. How they are to be read aloud (`rPh`) is not their text. No more is kept of one than a
/// cell may have.
fn strings(package: &mut Package) -> Result<Vec<Cell>, Unreadable> {
    let mut strings: Vec<String> = Vec::new();
    let Some(part) = package.part("xl/sharedStrings.xml")? else { return Ok(Vec::new()) };
    let (mut inside, mut aloud, mut bytes) = (false, false, 0);
    elements(&part, |element| {
        match element {
            Element::Begin { name: "si", .. } if strings.len() >= CELLS_IN_ALL_MAX => {
                return Err(Unreadable::TooManyCells);
            }
            Element::Begin { name: "si", .. } => strings.push(String::new()),
            Element::Begin { name: "rPh", .. } => aloud = true,
            Element::End("rPh") => aloud = false,
            Element::Begin { name: "t", .. } => inside = true,
            Element::End("t") => inside = false,
            Element::Text(text) if inside && !aloud => {
                let last = strings.last_mut().ok_or(Unreadable::NoSheet)?;
                bytes -= last.len();
                add(last, &text);
                bytes += last.len();
                if bytes > TEXT_BYTES_MAX {
                    return Err(Unreadable::TooMuchText);
                }
            }
            _ => {}
        }
        Ok(())
    })?;
    let cell = |text: String| bounded(&text, |text| Cell::Text(text.to_owned()));
    Ok(strings.into_iter().map(cell).collect())
}

/// The row that is being read.
#[derive(Default)]
struct Row {
    line: u32,
    cells: Vec<Cell>,
    at: usize,
    kind: String,
    style: usize,
    text: String,
    inside: bool,
    aloud: bool,
}

/// Rows out of the elements of a sheet.
struct Reader {
    strings: Vec<Cell>,
    formats: Vec<Format>,
    early: bool,
    rows: Rows,
    row: Row,
}

impl Reader {
    fn take(&mut self, element: &Element) -> Result<(), Unreadable> {
        match element {
            Element::Begin { name: "row", .. } => {
                self.end_of_row()?;
                let line = element.attribute("r").and_then(|r| r.parse().ok());
                let line = line.unwrap_or(self.row.line.saturating_add(1));
                self.row = Row { line, ..Row::default() };
            }
            Element::Begin { name: "c", .. } => {
                let at = element.attribute("r").and_then(|r| column(&r));
                let row = &mut self.row;
                row.at = at.unwrap_or(row.cells.len());
                row.kind = element.attribute("t").unwrap_or_default();
                row.style = element.attribute("s").and_then(|s| s.parse().ok()).unwrap_or(0);
                row.text.clear();
            }
            Element::Begin { name: "v" | "t", .. } => self.row.inside = true,
            Element::End("v" | "t") => self.row.inside = false,
            Element::Begin { name: "rPh", .. } => self.row.aloud = true,
            Element::End("rPh") => self.row.aloud = false,
            Element::Text(text) if self.row.inside && !self.row.aloud => {
                add(&mut self.row.text, text);
            }
            Element::End("c") => self.end_of_cell()?,
            _ => {}
        }
        Ok(())
    }

    fn end_of_cell(&mut self) -> Result<(), Unreadable> {
        let cell = self.cell();
        if cell.shown().is_empty() {
            return Ok(());
        }
        let row = &mut self.row;
        if row.at >= super::CELLS_MAX {
            return Err(Unreadable::TooWide { line: row.line });
        }
        if row.cells.len() <= row.at {
            row.cells.resize(row.at + 1, Cell::Text(String::new()));
        }
        row.cells[row.at] = cell;
        Ok(())
    }

    fn cell(&self) -> Cell {
        let text = self.row.text.as_str();
        match self.row.kind.as_str() {
            "s" => {
                let string = text.trim().parse().ok().and_then(|at: usize| self.strings.get(at));
                string.cloned().unwrap_or_else(|| Cell::Text(String::new()))
            }
            kind => bounded(text, |text| self.stated(kind, text)),
        }
    }

    /// A cell whose text stands in it.
    fn stated(&self, kind: &str, text: &str) -> Cell {
        match kind {
            "inlineStr" | "str" => Cell::Text(text.to_owned()),
            "b" => Cell::Text(if text == "1" { "TRUE" } else { "FALSE" }.to_owned()),
            "e" => Cell::Doubtful {
                shown: text.to_owned(),
                why: "公式出错，请改正; the formula failed; put it right".to_owned(),
            },
            "d" => Cell::Text(text.strip_suffix("T00:00:00").unwrap_or(text).to_owned()),
            _ if text.is_empty() => Cell::Text(String::new()),
            _ => self.formats.get(self.row.style).unwrap_or(&Format::Plain).cell(text, self.early),
        }
    }

    fn end_of_row(&mut self) -> Result<(), Unreadable> {
        let cells = std::mem::take(&mut self.row.cells);
        self.rows.push(self.row.line, cells)
    }
}

/// `C7` is column 2.
fn column(name: &str) -> Option<usize> {
    let letters = name.bytes().take_while(u8::is_ascii_uppercase);
    let number = letters.take(4).fold(0, |n, letter| n * 26 + usize::from(letter - b'A') + 1);
    number.checked_sub(1)
}

#[cfg(test)]
mod tests;
