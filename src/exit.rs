//! One table from what went wrong to the exit code. Scripts read the code, people the sentence;
//! `docs/ref/exit-codes.md` says the same and is tested equal.

use sealdock_core::ports::{Kind, PortError};
use sealdock_station::StationError;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How a verb ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Exit {
    Done,
    Failed,
    Usage,
    Refused,
    Missing,
    NoSpace,
    Busy,
    ReadOnly,
    PinWanted,
    Held,
    Interrupted,
    Findings,
    Stopped,
}

/// Code and meaning of every way to end.
pub const TABLE: [(Exit, u8, &str); 13] = [
    (Exit::Done, 0, "done; for `ingest` and `session wipe`: 完成，可取走 done, may be taken"),
    (Exit::Failed, 1, "a device, a file system or the network of the machine refused; try again"),
    (Exit::Usage, 2, "the command line is not understood; see `--help`"),
    (Exit::Refused, 3, "a rule said no; nothing changed"),
    (Exit::Missing, 4, "what was named is not there: station, key file, vault, path, clip"),
    (Exit::NoSpace, 5, "no room on a disk"),
    (Exit::Busy, 6, "another process holds the station"),
    (Exit::ReadOnly, 7, "the medium or the opening is read-only"),
    (Exit::PinWanted, 8, "请本人确认 the officer's own PIN is needed; nothing was read"),
    (
        Exit::Held,
        10,
        "需要处理 needs a decision: something of the recorder stands aside or is held",
    ),
    (
        Exit::Interrupted,
        11,
        "中断 interrupted: the recorder or the station went away; dock it again",
    ),
    (
        Exit::Findings,
        12,
        "`check`, `verify-config` or `profile check` found something; what a witness said speaks against the record",
    ),
    (Exit::Stopped, 70, "damaged or unknown state: everything stopped; run `sealdock check`"),
];

impl Exit {
    pub fn code(self) -> u8 {
        TABLE.iter().find(|(exit, ..)| *exit == self).map_or(70, |(_, code, _)| *code)
    }
}

/// What a person reads when a verb fails, and how the process ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CliError {
    pub exit: Exit,
    pub message: String,
}

impl CliError {
    pub fn new(exit: Exit, message: impl Into<String>) -> CliError {
        CliError { exit, message: message.into() }
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CliError {}

fn exit_of(kind: Kind) -> Exit {
    match kind {
        Kind::Invalid => Exit::Refused,
        Kind::Missing => Exit::Missing,
        Kind::NoSpace => Exit::NoSpace,
        Kind::Failed => Exit::Failed,
        Kind::ReadOnly => Exit::ReadOnly,
        Kind::Damaged | Kind::Unknown => Exit::Stopped,
    }
}

impl From<PortError> for CliError {
    fn from(e: PortError) -> CliError {
        CliError::new(exit_of(e.kind), e.message)
    }
}

impl From<StationError> for CliError {
    fn from(e: StationError) -> CliError {
        CliError::new(exit_of(e.kind()), e.to_string())
    }
}

impl From<sealdock_core::id::BadId> for CliError {
    fn from(e: sealdock_core::id::BadId) -> CliError {
        CliError::new(Exit::Usage, e.to_string())
    }
}

/// A file of this machine that could not be used: says which, why, and what to do.
pub fn file_error(what: &str, path: &std::path::Path, e: &std::io::Error) -> CliError {
    let exit = match e.kind() {
        std::io::ErrorKind::NotFound => Exit::Missing,
        std::io::ErrorKind::StorageFull => Exit::NoSpace,
        _ => Exit::Failed,
    };
    CliError::new(exit, format!("cannot {what} {}: {e}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_and_the_table_say_the_same() {
        let document = include_str!("../docs/ref/exit-codes.md");
        let rows: Vec<String> =
            TABLE.iter().map(|(_, code, text)| format!("| {code} | {text} |")).collect();
        let written: Vec<&str> = document
            .lines()
            .filter(|line| line.starts_with("| ") && line.as_bytes()[2].is_ascii_digit())
            .collect();
        assert_eq!(written, rows);
    }

    #[test]
    fn every_exit_has_a_code_of_its_own() {
        let mut codes: Vec<u8> = TABLE.iter().map(|(_, code, _)| *code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), TABLE.len());
        assert_eq!(Exit::Stopped.code(), 70);
    }
}
