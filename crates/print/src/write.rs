//! The one way in: a sheet and fonts become the bytes of a PDF.

use crate::{fonts::Fonts, pages};
use sealdock_core::time::WallMs;
use sealdock_report::Sheet;
use std::path::PathBuf;
use typst::foundations::{Datetime, Smart};
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

/// Why there is no PDF. Nothing was changed; the HTML of the same sheet can be printed instead.
#[derive(Debug, thiserror::Error)]
pub enum PrintError {
    /// A font that the forms need is not installed.
    #[error(
        "the font {family:?} is not in {looked_in}; install the package {package}, or print the HTML from a browser"
    )]
    FontMissing { family: &'static str, package: &'static str, looked_in: String },
    /// A font file was found and cannot be read.
    #[error("the font {} cannot be read ({source}); install its package again", path.display())]
    FontUnreadable { path: PathBuf, source: std::io::Error },
    /// A font file changed between being found and being used.
    #[error("the font {} is damaged or was exchanged; install its package again", path.display())]
    FontDamaged { path: PathBuf },
    /// The sheet has no columns, or no page.
    #[error("the sheet {title:?} has no columns; nothing is printed")]
    Empty { title: String },
    /// typst refused.
    #[error("the sheet {title:?} cannot be typeset: {why}; print the HTML and report this")]
    Typeset { title: String, why: String },
}

/// Typesets `sheet`: A4, heading and column names on each page, the foot with the chain's head on
/// each page, 第 x 页 / 共 y 页, PDF/A-2b. What no font can show is spelt out, such as `\u{1f46e}`.
///
/// # Errors
/// When a font cannot be read, or typst refuses the sheet.
pub fn pdf(sheet: &Sheet, fonts: &Fonts) -> Result<Vec<u8>, PrintError> {
    let document = pages::document(sheet, fonts)?;
    typst_pdf::pdf(&document, &options(sheet)).map_err(|errors| refused(sheet, &errors))
}

/// Nothing in here may come from the machine or the moment.
fn options(sheet: &Sheet) -> PdfOptions {
    let standards = PdfStandards::new(&[PdfStandard::A_2b]).expect("one standard is no conflict");
    PdfOptions {
        ident: Smart::Custom(format!("{}\n{}", sheet.title, sheet.foot.line())),
        creator: Smart::Custom(Some("sealdock".to_owned())),
        timestamp: datetime(sheet.foot.drawn()).map(Timestamp::new_utc),
        standards,
        // Tags cost more memory than all else in a long register, and 2b does not ask for them.
        tagged: false,
        ..PdfOptions::default()
    }
}

/// UTC as typst wants it. A wall clock outside of what a calendar knows gives no time at all.
fn datetime(at: WallMs) -> Option<Datetime> {
    let text = at.rfc3339();
    let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<u8>().ok();
    let year = text.get(..4)?.parse().ok()?;
    Datetime::from_ymd_hms(
        year,
        part(5..7)?,
        part(8..10)?,
        part(11..13)?,
        part(14..16)?,
        part(17..19)?,
    )
}

pub(crate) fn refused(sheet: &Sheet, errors: &[typst::diag::SourceDiagnostic]) -> PrintError {
    let why: Vec<&str> = errors.iter().map(|error| error.message.as_str()).collect();
    PrintError::Typeset { title: sheet.title.to_string(), why: why.join("; ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wall_time_is_a_calendar_time_or_none() {
        let at = WallMs::parse("2026-11-27T01:30:59.999Z").unwrap();
        assert_eq!(datetime(at), Datetime::from_ymd_hms(2026, 11, 27, 1, 30, 59));
        assert_eq!(datetime(WallMs(i64::MAX)), None);
    }
}
