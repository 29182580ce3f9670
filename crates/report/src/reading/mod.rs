//! The other way round: the bytes of a sheet become cells and the lines they stand in. What they mean is
//! for `sealdock_core::import`; here nothing is believed and nothing guessed in silence.

/// Comma-separated values.
mod csv;
/// Bytes become text.
mod encoding;

pub use encoding::Encoding;

use sealdock_core::import::{ROWS_MAX, Table};

/// Largest file, bytes.
pub const FILE_BYTES_MAX: usize = 4 << 20;
/// Most cells of a row.
pub const CELLS_MAX: usize = 64;

/// A sheet that was read, and how: the reader is told what was taken for granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    pub table: Table,
    pub form: Form,
}

/// What kind of file it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Csv { encoding: Encoding, separator: char },
}

impl std::fmt::Display for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Form::Csv { encoding, separator } = self;
        let separator = match separator {
            ';' => "分号 semicolon",
            '\t' => "制表符 tab",
            _ => "逗号 comma",
        };
        write!(f, "CSV, {encoding}, {separator}")
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
        "不是 CSV，请在表格软件里另存为 CSV（UTF-8）; this is a spreadsheet or another binary file; save it as CSV (UTF-8)"
    )]
    NoCsv,
    #[error(
        "既不是 UTF-8 也不是 GB18030，请另存为 CSV（UTF-8）; neither UTF-8 nor GB18030; save it as CSV (UTF-8)"
    )]
    NoText,
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
    let (text, encoding) = encoding::text(bytes)?;
    let (table, separator) = csv::table(&text)?;
    Ok(Reading { table, form: Form::Csv { encoding, separator } })
}
