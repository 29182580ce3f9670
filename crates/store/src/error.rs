//! One table: what SQLite or the file system says → how bad it is for the station.

use rusqlite::ErrorCode;
use sealdock_core::ports::{Kind, PortError, PortResult};
use std::io;

/// Turns a low-level failure into a [`PortError`] that says what could not be done.
pub(crate) trait Doing<T> {
    /// `what` completes the sentence "cannot …".
    fn doing(self, what: impl FnOnce() -> String) -> PortResult<T>;
}

impl<T> Doing<T> for rusqlite::Result<T> {
    fn doing(self, what: impl FnOnce() -> String) -> PortResult<T> {
        self.map_err(|error| {
            let kind = kind_of(&error);
            PortError::new(kind, format!("cannot {}: {error}; {}", what(), advice(kind)))
        })
    }
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, what: impl FnOnce() -> String) -> PortResult<T> {
        self.map_err(|error| {
            let kind = match error.kind() {
                io::ErrorKind::NotFound => Kind::Missing,
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Kind::NoSpace,
                io::ErrorKind::ReadOnlyFilesystem => Kind::ReadOnly,
                _ => Kind::Failed,
            };
            PortError::new(kind, format!("cannot {}: {error}; {}", what(), advice(kind)))
        })
    }
}

fn kind_of(error: &rusqlite::Error) -> Kind {
    let rusqlite::Error::SqliteFailure(failure, _) = error else {
        // A value of the wrong type or a missing row: the tables are not what they must be.
        return Kind::Damaged;
    };
    match failure.code {
        ErrorCode::DiskFull => Kind::NoSpace,
        // The index beside the WAL is grown by allocation; only a full disk refuses that.
        _ if failure.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE => Kind::NoSpace,
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Kind::Damaged,
        ErrorCode::ReadOnly => Kind::ReadOnly,
        ErrorCode::ConstraintViolation => Kind::Invalid,
        _ => Kind::Failed,
    }
}

fn advice(kind: Kind) -> &'static str {
    match kind {
        Kind::NoSpace => "make room on the disk of the station and try again",
        Kind::Damaged => "stop, keep the files as they are and run `sealdock check`",
        Kind::ReadOnly => "mount the disk of the station writable",
        Kind::Missing => "name a directory that `sealdock init` made",
        Kind::Invalid => "what was asked contradicts what is stored",
        Kind::Failed | Kind::Unknown => {
            "look at the disk (its room, its inodes, its logs), then start again"
        }
    }
}

/// What is stored contradicts itself: never carry on.
pub(crate) fn damaged(text: impl Into<String>) -> PortError {
    PortError::new(Kind::Damaged, text)
}
