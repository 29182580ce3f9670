//! Why a witness could not do what it was told.

use std::path::Path;

/// What a caller may do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A rule said no; nothing changed.
    Refused,
    /// What was named is not there.
    Missing,
    /// Another process holds the witness.
    Busy,
    /// The disk refused; try again.
    Failed,
    /// Its memory is not what it was: this witness is to be retired.
    Damaged,
}

/// Says what could not be done, to what, and what to do next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct WitnessError {
    /// Its class.
    pub kind: Kind,
    /// For people.
    pub message: String,
}

impl WitnessError {
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self::new(Kind::Refused, message)
    }

    /// A memory that cannot be trusted any more.
    pub(crate) fn lost(what: &str) -> Self {
        let text = format!(
            "{what}; a witness whose memory is lost must not sign again: retire it, make a new one with another name, and \
             have its key put into the policies"
        );
        Self::new(Kind::Damaged, text)
    }
}

pub(crate) trait Doing<T> {
    fn doing(self, what: &str, path: &Path) -> Result<T, WitnessError>;
}

impl<T> Doing<T> for std::io::Result<T> {
    fn doing(self, what: &str, path: &Path) -> Result<T, WitnessError> {
        self.map_err(|e| {
            let kind = match e.kind() {
                std::io::ErrorKind::NotFound => Kind::Missing,
                _ => Kind::Failed,
            };
            WitnessError::new(kind, format!("cannot {what} {}: {e}", path.display()))
        })
    }
}
