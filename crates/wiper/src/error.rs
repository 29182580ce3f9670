//! One error for everything here. The kinds are those of `ports::Kind`, spelt as the socket spells them.

use rustix::io::Errno;
use serde::Serialize;
use std::path::Path;

/// How bad it is; what the daemon makes its own error of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Asked for something that cannot be.
    Invalid,
    /// It is not there.
    Missing,
    NoSpace,
    /// A device or program refused or vanished.
    Failed,
    ReadOnly,
    /// What lies there is not what was promised.
    Damaged,
    /// It may or may not have happened.
    Unknown,
}

/// What could not be done, to what, why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{message}")]
pub struct WiperError {
    pub kind: Kind,
    pub message: String,
}

pub type WiperResult<T> = Result<T, WiperError>;

impl WiperError {
    pub fn new(kind: Kind, message: impl Into<String>) -> WiperError {
        WiperError { kind, message: message.into() }
    }

    /// The kernel said no.
    pub fn kernel(doing: &str, to: &str, errno: Errno) -> WiperError {
        let kind = match errno {
            Errno::NOENT | Errno::NODEV | Errno::NXIO | Errno::NOMEDIUM => Kind::Missing,
            Errno::ROFS => Kind::ReadOnly,
            Errno::NOSPC | Errno::DQUOT => Kind::NoSpace,
            _ => Kind::Failed,
        };
        WiperError::new(kind, format!("cannot {doing} {to}: {errno}"))
    }

    pub fn file(doing: &str, path: &Path, error: &std::io::Error) -> WiperError {
        let shown = path.display().to_string();
        match error.raw_os_error() {
            Some(number) => WiperError::kernel(doing, &shown, Errno::from_raw_os_error(number)),
            None => WiperError::new(Kind::Failed, format!("cannot {doing} {shown}: {error}")),
        }
    }
}
