//! PDF/A beside each page of a package, where this program prints it and the machine has the fonts.

use crate::exit::CliError;
use sealdock_report::Sheet;

#[cfg(feature = "print")]
pub struct Print(Result<sealdock_print::Fonts, String>);

#[cfg(feature = "print")]
impl Print {
    pub fn found() -> Print {
        Print(sealdock_print::Fonts::installed().map_err(|e| e.to_string()))
    }

    /// Why there is none, for whoever expects it.
    pub fn lacking(&self) -> Option<&str> {
        self.0.as_ref().err().map(String::as_str)
    }

    pub fn pdf(&self, sheet: &Sheet) -> Result<Option<Vec<u8>>, CliError> {
        let printed = self.0.as_ref().ok().map(|fonts| sealdock_print::pdf(sheet, fonts));
        printed.transpose().map_err(|e| CliError::new(crate::exit::Exit::Failed, e.to_string()))
    }
}

/// A program without PDF.
#[cfg(not(feature = "print"))]
pub struct Print;

#[cfg(not(feature = "print"))]
impl Print {
    pub fn found() -> Print {
        Print
    }

    pub fn lacking(&self) -> Option<&str> {
        None
    }

    #[allow(clippy::unnecessary_wraps, reason = "the other build may fail")]
    pub fn pdf(&self, _sheet: &Sheet) -> Result<Option<Vec<u8>>, CliError> {
        Ok(None)
    }
}
