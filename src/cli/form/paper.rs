//! How a sheet leaves: the daemon answers with the sheet, and the process of whoever asked makes the file,
//! with that user's rights. Laying out a year of paper costs the daemon nothing, which may be docking.

use super::usage;
use crate::answer::{Answer, Block};
use crate::cli::print;
use crate::exit::{CliError, Exit, file_error};
use clap::{Args, ValueEnum};
use sealdock_report::{Sheet, csv, html, xlsx};
use serde_json::json;
use std::fs::{File, OpenOptions};
use std::io::{IsTerminal as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Html,
    Csv,
    Xlsx,
    Pdf,
}

/// As it is typed.
#[derive(Debug, Clone, Args)]
pub struct Paper {
    /// Instead of a table on screen; to standard output without --out
    #[arg(long, value_enum)]
    pub format: Option<Format>,
    /// Write it here, into a file that is not there yet; without --format its name says which
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// What can be done as it was typed.
#[derive(Debug)]
pub struct Settled {
    format: Format,
    out: Option<PathBuf>,
}

impl Format {
    fn name(self) -> &'static str {
        match self {
            Format::Html => "html",
            Format::Csv => "csv",
            Format::Xlsx => "xlsx",
            Format::Pdf => "pdf",
        }
    }

    fn of(file: &Path) -> Option<Format> {
        let ending = file.extension()?.to_str()?;
        let all = [Format::Html, Format::Csv, Format::Xlsx, Format::Pdf];
        all.into_iter().find(|format| format.name().eq_ignore_ascii_case(ending))
    }

    fn is_text(self) -> bool {
        matches!(self, Format::Html | Format::Csv)
    }
}

impl Paper {
    /// Refuses before anything is asked for what could not be written afterwards. `None`: on screen.
    pub fn settled(&self, json: bool) -> Result<Option<Settled>, CliError> {
        let named = self.out.as_deref().map(|file| (file, Format::of(file)));
        let format = match (self.format, named) {
            (None, None) => return Ok(None),
            (Some(format), _) | (None, Some((_, Some(format)))) => format,
            (None, Some((file, None))) => {
                return Err(usage(format!(
                    "{} does not say what to write: let it end in .html, .csv, .xlsx or .pdf, or give --format",
                    file.display()
                )));
            }
        };
        if format == Format::Pdf && !cfg!(feature = "print") {
            return Err(usage(
                "this program is built without PDF (feature `print`); take --format html and print it \
                 from a browser, to paper or to a PDF file: it lies on A4 as the form asks",
            ));
        }
        match &self.out {
            Some(file) if file.symlink_metadata().is_ok() => Err(there_already(file)),
            None if json => Err(usage(
                "--json and --format are two answers; take one of them, or name a file with --out",
            )),
            None if !format.is_text() && std::io::stdout().is_terminal() => Err(usage(format!(
                "{} is nothing for a terminal; name a file with --out",
                format.name()
            ))),
            _ => Ok(Some(Settled { format, out: self.out.clone() })),
        }
    }
}

impl Settled {
    /// To standard output, or into the file and a line about it.
    pub fn put(self, answer: Answer, json: bool) -> Result<Exit, CliError> {
        let sheet = answer.blocks.iter().find_map(|block| match block {
            Block::Sheet { sheet, .. } => Some(sheet),
            _ => None,
        });
        let sheet = sheet.filter(|sheet| sheet.is_even()).ok_or_else(|| {
            usage("the answer holds no sheet; are client and daemon of the same release?")
        })?;
        let bytes = bytes(sheet, self.format)?;
        let Some(file) = self.out else {
            // A reader that has gone away is no error of ours.
            let _gone = std::io::stdout().lock().write_all(&bytes);
            return Ok(answer.exit);
        };
        write(&file, &bytes)?;
        let sha256 = sealdock_chain::Digest::of(&bytes).to_string();
        let (rows, format) = (sheet.rows.len(), self.format.name());
        let facts = json!({ "out": file, "format": format, "rows": rows, "bytes": bytes.len(),
            "sha256": sha256 });
        let said = Answer::new(facts).line(format!(
            "已写入 written: {}, {rows} 条 rows, {} bytes, sha256 {sha256}",
            file.display(),
            bytes.len()
        ));
        print::answer(&said, json);
        Ok(answer.exit)
    }
}

fn bytes(sheet: &Sheet, format: Format) -> Result<Vec<u8>, CliError> {
    match format {
        Format::Html => Ok(html::html(sheet).into_bytes()),
        Format::Csv => Ok(csv::csv(sheet)),
        Format::Xlsx => xlsx::xlsx(sheet).map_err(|e| CliError::new(Exit::Failed, e.to_string())),
        Format::Pdf => pdf(sheet),
    }
}

#[cfg(feature = "print")]
fn pdf(sheet: &Sheet) -> Result<Vec<u8>, CliError> {
    let failed = |e: sealdock_print::PrintError| {
        CliError::new(Exit::Failed, format!("{e}; --format html prints from a browser"))
    };
    let fonts = sealdock_print::Fonts::installed().map_err(failed)?;
    sealdock_print::pdf(sheet, &fonts).map_err(failed)
}

#[cfg(not(feature = "print"))]
fn pdf(_sheet: &Sheet) -> Result<Vec<u8>, CliError> {
    Err(usage("this program is built without PDF; take --format html"))
}

/// A new file for its owner alone: forms hold names and telephone numbers. File, then directory are
/// synced; what could not be written whole is taken away again.
fn write(file: &Path, bytes: &[u8]) -> Result<(), CliError> {
    let mut open = OpenOptions::new();
    let made = open.write(true).create_new(true).mode(0o600).open(file);
    let mut made = made.map_err(|e| match e.kind() {
        std::io::ErrorKind::AlreadyExists => there_already(file),
        _ => file_error("make", file, &e),
    })?;
    let written = made.write_all(bytes).and_then(|()| made.sync_all());
    written.and_then(|()| synced_folder(file)).map_err(|e| {
        // It was made a moment ago, and half a register passes for a whole one.
        let _gone = std::fs::remove_file(file);
        file_error("write", file, &e)
    })
}

fn synced_folder(file: &Path) -> std::io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

fn there_already(file: &Path) -> CliError {
    let text = format!(
        "{} is there already and stays as it is; name another file, or remove it first",
        file.display()
    );
    CliError::new(Exit::Refused, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paper(format: Option<Format>, out: Option<&str>) -> Paper {
        Paper { format, out: out.map(PathBuf::from) }
    }

    #[test]
    fn the_name_of_the_file_says_the_format_unless_it_is_said() {
        let format = |paper: Paper| paper.settled(false).unwrap().map(|settled| settled.format);
        assert_eq!(format(paper(None, None)), None);
        assert_eq!(format(paper(None, Some("/nowhere/a.XLSX"))), Some(Format::Xlsx));
        assert_eq!(format(paper(Some(Format::Csv), Some("/nowhere/a.xlsx"))), Some(Format::Csv));
        let error = paper(None, Some("/nowhere/a.ods")).settled(false).unwrap_err();
        assert!(error.message.contains("--format") && error.exit == Exit::Usage, "{error}");
    }

    #[test]
    fn a_sheet_on_standard_output_is_not_also_facts() {
        assert!(paper(Some(Format::Csv), None).settled(true).is_err());
        assert!(paper(Some(Format::Csv), Some("/nowhere/a.csv")).settled(true).is_ok());
    }

    #[test]
    fn a_file_that_is_there_stays_and_a_new_one_is_its_owners() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.csv");
        write(&file, b"one").unwrap();
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let error = write(&file, b"two").unwrap_err();
        assert!(error.exit == Exit::Refused && error.message.contains("a.csv"), "{error}");
        assert!(paper(None, file.to_str()).settled(false).is_err());
        assert_eq!(std::fs::read(&file).unwrap(), b"one");
    }
}
