//! XLSX laid out as on paper: heading, head fields, header rows that repeat, rows, notes, foot; plots as charts on a worksheet
//! of their own.
//!
//! Every cell is a string, which no spreadsheet computes, except counts. The same sheet gives the
//! same bytes: the time of creation is the time at which the sheet was drawn.

/// Charts.
mod plots;

use crate::sheet::{Cell, Orientation, Sheet};
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

/// Why there is no spreadsheet.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// A worksheet has 1,048,576 rows and 16,384 columns.
    #[error(
        "{rows} rows and {columns} columns do not fit into a spreadsheet; take CSV, or draw a shorter period"
    )]
    TooLarge { rows: usize, columns: usize },
    /// The writer refused something else.
    #[error("the spreadsheet cannot be written: {0}; take CSV and report this")]
    Writer(#[from] XlsxError),
}

const ROWS_MAX: usize = 1_000_000;
const COLUMNS_MAX: usize = 16_384;
/// Excel takes 32,767 UTF-16 units in a cell; what is longer is cut visibly.
const CELL_UNITS_MAX: usize = 32_000;
/// Excel takes 255 characters in the footer of a page.
const FOOTER_MAX: usize = 255;
/// The width of A4 landscape between the margins, in characters.
const WIDTH_CHARACTERS: f64 = 130.0;
/// Counts above this are written as words: a spreadsheet would round them.
const EXACT_MAX: u64 = 1 << 53;

/// Writes the sheet.
///
/// # Errors
/// When the sheet is larger than a spreadsheet may be.
pub fn xlsx(sheet: &Sheet) -> Result<Vec<u8>, SheetError> {
    let (rows, columns) = (sheet.rows.len(), sheet.columns.len());
    if rows > ROWS_MAX || columns > COLUMNS_MAX {
        return Err(SheetError::TooLarge { rows, columns });
    }
    let mut workbook = Workbook::new();
    let created = ExcelDateTime::from_timestamp(sheet.foot.drawn().0.div_euclid(1_000))?;
    let title: String = sheet.title.as_str().chars().take(255).collect();
    let properties = DocProperties::new().set_title(title).set_creation_datetime(&created);
    workbook.set_properties(&properties);
    let mut page = Page { paper: workbook.add_worksheet(), sheet, row: 0 };
    page.set_up()?;
    page.heading()?;
    page.header_rows()?;
    page.rows()?;
    page.below()?;
    plots::add(&mut workbook, &sheet.plots)?;
    Ok(workbook.save_to_buffer()?)
}

/// The worksheet and the row that is written next.
struct Page<'a> {
    paper: &'a mut Worksheet,
    sheet: &'a Sheet,
    row: u32,
}

impl Page<'_> {
    fn last_column(&self) -> u16 {
        u16::try_from(self.sheet.columns.len().saturating_sub(1)).unwrap_or(u16::MAX)
    }

    fn set_up(&mut self) -> Result<(), XlsxError> {
        const A4: u8 = 9;
        self.paper.set_name("Sheet1")?.set_paper_size(A4).set_print_fit_to_pages(1, 0);
        match self.sheet.page {
            Orientation::Landscape => self.paper.set_landscape(),
            Orientation::Portrait => self.paper.set_portrait(),
        };
        self.paper.set_footer(footer(self.sheet));
        let weight = f64::from(self.sheet.weight());
        for (at, column) in (0u16..).zip(&self.sheet.columns) {
            let width = f64::from(column.weight) * WIDTH_CHARACTERS / weight;
            self.paper.set_column_width(at, width)?;
        }
        Ok(())
    }

    fn heading(&mut self) -> Result<(), XlsxError> {
        let title = font().set_bold().set_font_size(18).set_align(FormatAlign::Center);
        self.across(self.sheet.title.as_str(), &title)?;
        if self.sheet.head.is_empty() {
            return Ok(());
        }
        let fields = self.sheet.head.iter();
        let fields: Vec<_> =
            fields.map(|field| format!("{}：{}", field.label, field.value)).collect();
        self.across(&fields.join("　　　"), &font())
    }

    fn header_rows(&mut self) -> Result<(), XlsxError> {
        let format = boxed().set_bold();
        let (first, groups) = (self.row, self.sheet.has_groups());
        let last = if groups { first + 1 } else { first };
        let mut at = 0u16;
        for span in self.sheet.spans() {
            let below = span.below.unwrap_or_default();
            let width = u16::try_from(below.len().max(1)).unwrap_or(u16::MAX);
            let bottom = if below.is_empty() { last } else { first };
            let (top_left, bottom_right) = ((first, at), (bottom, at + width - 1));
            merged(self.paper, (top_left, bottom_right), span.name.as_str(), &format)?;
            for (beside, column) in (at..).zip(below) {
                self.paper.write_string_with_format(last, beside, column.name.as_str(), &format)?;
            }
            at += width;
        }
        self.row = last + 1;
        self.paper.set_repeat_rows(first, last)?.set_freeze_panes(self.row, 0)?;
        Ok(())
    }

    fn rows(&mut self) -> Result<(), XlsxError> {
        let (plain, bold) = (boxed(), boxed().set_bold());
        for cells in &self.sheet.rows {
            self.cells(cells, &plain)?;
        }
        match &self.sheet.totals {
            Some(cells) => self.cells(cells, &bold),
            None => Ok(()),
        }
    }

    fn cells(&mut self, cells: &[Cell], format: &Format) -> Result<(), XlsxError> {
        for (at, cell) in (0u16..).zip(cells) {
            match cell {
                Cell::Count(count) if *count <= EXACT_MAX => {
                    self.paper.write_number_with_format(self.row, at, *count as f64, format)?
                }
                cell => self.paper.write_string_with_format(
                    self.row,
                    at,
                    fitting(&cell.shown()),
                    format,
                )?,
            };
        }
        self.row += 1;
        Ok(())
    }

    fn below(&mut self) -> Result<(), XlsxError> {
        let small = font().set_font_size(9);
        self.across(&self.sheet.end_mark(), &small.clone().set_align(FormatAlign::Center))?;
        for (at, note) in self.sheet.numbered_notes().iter().enumerate() {
            let before = if at == 0 { "说明：" } else { "　　　" };
            self.across(&format!("{before}{note}"), &small)?;
        }
        for (label, value) in self.sheet.foot.lines() {
            self.across(&format!("{label}：{value}"), &small)?;
        }
        Ok(())
    }

    /// One line over the whole width.
    fn across(&mut self, text: &str, format: &Format) -> Result<(), XlsxError> {
        let corners = ((self.row, 0), (self.row, self.last_column()));
        self.row += 1;
        merged(self.paper, corners, fitting(text).as_str(), format)
    }
}

/// A merged range; the writer refuses ranges of one cell.
fn merged(
    paper: &mut Worksheet,
    (from, to): ((u32, u16), (u32, u16)),
    text: &str,
    format: &Format,
) -> Result<(), XlsxError> {
    if from == to {
        paper.write_string_with_format(from.0, from.1, text, format)?;
    } else {
        paper.merge_range(from.0, from.1, to.0, to.1, text, format)?;
    }
    Ok(())
}

fn font() -> Format {
    Format::new().set_font_name("宋体").set_font_size(10.5).set_align(FormatAlign::VerticalCenter)
}

fn boxed() -> Format {
    font().set_border(FormatBorder::Thin).set_align(FormatAlign::Center).set_text_wrap()
}

/// What every printed page bears; `&` begins a code there and is doubled.
fn footer(sheet: &Sheet) -> String {
    let pages = "&R&8第 &P 页 / 共 &N 页";
    let lines = sheet.foot.lines();
    let lines: Vec<_> = lines.iter().map(|(label, value)| format!("{label}：{value}")).collect();
    let with = |lines: &[String]| -> String {
        format!("&L&7{}{pages}", lines.join(" ").replace('&', "&&"))
    };
    // An origin may be long, and so may a scope; the head and the range always fit.
    let tries = [&lines[..], &lines[1..], &lines[1..5]].map(with);
    let fits = |text: &&String| text.chars().count() <= FOOTER_MAX;
    tries.iter().find(fits).unwrap_or(&tries[2]).clone()
}

/// Cuts at a character, and says so.
fn fitting(text: &str) -> String {
    let mut units = 0;
    for (at, letter) in text.char_indices() {
        units += letter.len_utf16();
        if units > CELL_UNITS_MAX {
            return format!("{}……（已截断，全文见 CSV）", &text[..at]);
        }
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_longer_than_a_cell_is_cut_between_characters_and_says_so() {
        let cut = fitting(&"𠮷".repeat(20_000));
        assert_eq!(cut.chars().filter(|letter| *letter == '𠮷').count(), CELL_UNITS_MAX / 2);
        assert!(cut.ends_with("（已截断，全文见 CSV）"));
        assert_eq!(fitting("短"), "短");
    }
}
