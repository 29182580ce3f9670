//! `person import`, `recorder import`, and the sheets to begin with.

use super::people::MaybeAs;
use super::verbs::maybe_by;
use crate::answer::Answer;
use crate::exit::{CliError, Exit, file_error};
use crate::request::{ImportAsk, Order, Request};
use clap::Args;
use sealdock_core::import::{Column, PEOPLE, RECORDERS, Subject};
use sealdock_report::reading::{self, FILE_BYTES_MAX};
use serde_json::json;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// A sheet to be taken into the registers.
#[derive(Debug, Args)]
pub struct Import {
    /// A sheet whose first row has the headings: XLSX, or CSV (UTF-8 or GB18030; comma, semicolon or tab)
    pub file: PathBuf,
    /// Says what would happen, and changes nothing
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub by: MaybeAs,
}

pub fn order(subject: Subject, wanted: Import) -> Result<Order, CliError> {
    let Import { file, dry_run, by } = wanted;
    let bytes = bytes(&file)?;
    let reading = reading::read(&bytes).map_err(|why| {
        CliError::new(Exit::Refused, format!("{}: {why}; nothing was imported", file.display()))
    })?;
    let form = reading.form.to_string();
    let ask = ImportAsk { subject, dry_run, form, table: reading.table };
    maybe_by(by, Request::Import(ask))
}

/// One byte more than is allowed is read, whatever the file says of its length.
fn bytes(file: &Path) -> Result<Vec<u8>, CliError> {
    let failed = |e: std::io::Error| file_error("read", file, &e);
    let mut bytes = Vec::new();
    let most = FILE_BYTES_MAX as u64 + 1;
    std::fs::File::open(file)
        .map_err(failed)?
        .take(most)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    Ok(bytes)
}

/// A sheet with the headings and one row that shows what to write, as CSV that spreadsheets open.
pub fn template(subject: Subject) -> Answer {
    let columns = match subject {
        Subject::People => PEOPLE,
        Subject::Recorders => RECORDERS,
    };
    let row = |cell: fn(&Column) -> &str| columns.iter().map(cell).collect::<Vec<_>>().join(",");
    let sheet = format!("\u{feff}{}\r\n{}\r\n", row(|c| c.chinese), row(|c| c.example));
    let names = |column: &Column| json!({ "chinese": column.chinese, "english": column.name, "needed": column.needed });
    let json = json!({ "columns": columns.iter().map(names).collect::<Vec<_>>(), "csv": sheet });
    Answer::new(json).exact(sheet)
}
