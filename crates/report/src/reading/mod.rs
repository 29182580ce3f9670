//! The other way round: the bytes of a sheet become cells and the lines they stand in. What they mean is
//! for `sealdock_core::import`; here nothing is believed and nothing guessed in silence.

/// Comma-separated values.
mod csv;
/// Bytes become text.
mod encoding;
/// Office Open XML.
mod xlsx;

pub use encoding::Encoding;

use sealdock_core::import::{CELL_CHARS_MAX, Cell, Line, ROWS_MAX, Table};

/// Largest file, bytes.
pub const FILE_BYTES_MAX: usize = 4 << 20;
/// Most cells of a row.
pub const CELLS_MAX: usize = 64;
/// Most letters of a cell as it stands in the file, blanks around it too: more than any field takes, and all that is kept of
/// a cell. A packed file of a few kilobytes may name a text of megabytes in every cell.
pub const LETTERS_MAX: usize = 2 * CELL_CHARS_MAX;
/// Most text of a table, bytes, and what is said about its doubtful cells.
pub const TEXT_BYTES_MAX: usize = 16 << 20;
/// Most cells of a table, blank ones between others too, and most texts that its cells may name.
pub const CELLS_IN_ALL_MAX: usize = 400_000;
/// Letters that are shown of a cell that has too many.
const LETTERS_SHOWN: usize = 40;

/// A sheet that was read, and how: the reader is told what was taken for granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    pub table: Table,
    pub form: Form,
}

/// What kind of file it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// The sheet of that name.
    Xlsx {
        sheet: String,
    },
    Csv {
        encoding: Encoding,
        separator: char,
    },
}

impl std::fmt::Display for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Form::Xlsx { sheet } => {
                write!(f, "XLSX, 工作表 sheet {:?}", sealdock_core::naming::inert(sheet))
            }
            Form::Csv { encoding, separator } => {
                let separator = match separator {
                    ';' => "分号 semicolon",
                    '\t' => "制表符 tab",
                    _ => "逗号 comma",
                };
                write!(f, "CSV, {encoding}, {separator}")
            }
        }
    }
}

/// Why a file is no sheet that can be read. Chinese first, then English.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("文件超过 4 MiB，请分成几个; the file is larger than 4 MiB; split it")]
    TooLarge,
    #[error("超过 {ROWS_MAX} 行，请分成几个文件; more than {ROWS_MAX} rows; split the file")]
    TooManyRows,
    #[error(
        "第 {line} 行超过 {CELLS_MAX} 列，请检查; line {line} has more than {CELLS_MAX} cells; look at it"
    )]
    TooWide { line: u32 },
    #[error(
        "文字超过 16 MiB，请分成几个文件，或改短; more than 16 MiB of text; split the file, or shorten it"
    )]
    TooMuchText,
    #[error(
        "单元格超过 {CELLS_IN_ALL_MAX} 个，请分成几个文件; more than {CELLS_IN_ALL_MAX} cells; split the file"
    )]
    TooManyCells,
    #[error("不是 CSV 也不是 XLSX，请另存为其中之一; neither CSV nor XLSX; save it as one of them")]
    NoText,
    #[error(
        "读不懂这个 XLSX 文件，请在表格软件里打开后另存，或另存为 CSV（UTF-8）; the XLSX file cannot be read; open it and save it again, or save it as CSV (UTF-8)"
    )]
    NoSheet,
    #[error(
        "既不是 UTF-8 也不是 GB18030，请另存为 CSV（UTF-8）; neither UTF-8 nor GB18030; save it as CSV (UTF-8)"
    )]
    NoEncoding,
    #[error(
        "无法判断是 UTF-8 还是 GB18030，请另存为 CSV（UTF-8，带 BOM）; it could be UTF-8 or GB18030; save it as CSV (UTF-8) with a byte order mark"
    )]
    Ambiguous,
}

/// Reads a sheet.
///
/// # Errors
/// It is too large, no text, or its encoding cannot be told.
pub fn read(bytes: &[u8]) -> Result<Reading, Unreadable> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(Unreadable::TooLarge);
    }
    if bytes.starts_with(b"PK\x03\x04") {
        let (table, sheet) = xlsx::table(bytes)?;
        return Ok(Reading { table, form: Form::Xlsx { sheet } });
    }
    let (text, encoding) = encoding::text(bytes)?;
    let (table, separator) = csv::table(&text)?;
    Ok(Reading { table, form: Form::Csv { encoding, separator } })
}

/// The rows that hold anything, no more than a sheet may have.
#[derive(Default)]
struct Rows {
    table: Table,
    /// Cells so far, and bytes of text in them.
    cells: usize,
    bytes: usize,
}

impl Rows {
    /// Every reader puts its rows in here, and what a table may have is held here.
    fn push(&mut self, line: u32, cells: Vec<Cell>) -> Result<(), Unreadable> {
        if cells.iter().all(|cell| cell.shown().is_empty()) {
            return Ok(());
        }
        if cells.len() > CELLS_MAX {
            return Err(Unreadable::TooWide { line });
        }
        // One more for the headings.
        if self.table.lines.len() > ROWS_MAX {
            return Err(Unreadable::TooManyRows);
        }
        self.cells += cells.len();
        self.bytes += cells.iter().map(bytes).sum::<usize>();
        if self.cells > CELLS_IN_ALL_MAX {
            return Err(Unreadable::TooManyCells);
        }
        if self.bytes > TEXT_BYTES_MAX {
            return Err(Unreadable::TooMuchText);
        }
        self.table.lines.push(Line { line, cells });
        Ok(())
    }
}

fn bytes(cell: &Cell) -> usize {
    match cell {
        Cell::Text(text) => text.len(),
        Cell::Doubtful { shown, why } => shown.len() + why.len(),
    }
}

/// A cell of this text, if it is none too long: one that is becomes a doubt, which no field takes, with its first letters.
/// Looked at before anything is cloned.
fn bounded(text: &str, cell: impl FnOnce(&str) -> Cell) -> Cell {
    if !is_long(text) {
        return cell(text);
    }
    let mut shown: String = text.trim_start().chars().take(LETTERS_SHOWN).collect();
    shown.push('…');
    let why = format!(
        "单元格超过 {LETTERS_MAX} 字，请缩短; the cell has more than {LETTERS_MAX} characters; shorten it"
    );
    Cell::Doubtful { shown, why }
}

fn is_long(text: &str) -> bool {
    text.len() > LETTERS_MAX && text.chars().nth(LETTERS_MAX).is_some()
}

/// Adds to a text what is needed to know whether it is too long, and no more.
fn add(text: &mut String, more: &str) {
    if !is_long(text) {
        let room = LETTERS_MAX + 1 - text.chars().count();
        text.extend(more.chars().take(room));
    }
}

#[cfg(test)]
mod tests;
