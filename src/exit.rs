//! One table from what went wrong to the exit code. Scripts read the code, people the sentence;
//! `docs/ref/exit-codes.md` says the same and is tested equal.

use sealdock_core::ports::{Kind, PortError};
use sealdock_core::why::Why;
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

    /// What it means for whoever stands at a page: what is safe and what to do. Details follow it.
    pub fn chinese(self) -> &'static str {
        match self {
            Exit::Done => "已办。",
            Exit::Failed => {
                "设备、磁盘或网络没有响应，没有办成；请再试一次，仍不行请联系系统操作员。"
            }
            Exit::Usage => "所填内容读不懂，没有办理；请改正后再试。",
            Exit::Refused => "按规则不能办理，没有任何改动。",
            Exit::Missing => "所写的对象不存在，没有办理；请核对编号。",
            Exit::NoSpace => "磁盘空间不足，没有办成；请联系系统操作员。",
            Exit::Busy => "采集站正在办理另一件事；请稍候再试。",
            Exit::ReadOnly => "介质或记录是只读的，没有办成；请联系系统操作员。",
            Exit::PinWanted => "需要本人口令，没有读取任何内容。",
            Exit::Held => "需要处理：有内容搁置或保留。",
            Exit::Interrupted => "中断：记录仪或采集站离开了；请把记录仪拔下再插一次。",
            Exit::Findings => "检查发现了问题；请联系系统操作员。",
            Exit::Stopped => "采集站发现记录损坏或状态不明，已停止写入；请联系系统操作员运行检查。",
        }
    }
}

/// What a person reads when a verb fails, and how the process ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CliError {
    pub exit: Exit,
    /// As the command line says it.
    pub message: String,
    /// As a page says it; what has none is led by what its [`Exit`] means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<OnPage>,
}

/// A sentence for a page, in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnPage {
    pub chinese: String,
    pub english: String,
    /// Of a rule: see `docs/ref/refusals.md`. Empty: none.
    pub code: String,
}

impl CliError {
    pub fn new(exit: Exit, message: impl Into<String>) -> CliError {
        CliError { exit, message: message.into(), page: None }
    }

    /// In both languages; the command line says one after the other.
    pub fn both(exit: Exit, chinese: impl Into<String>, english: impl Into<String>) -> CliError {
        let (chinese, english) = (chinese.into(), english.into());
        let message = format!("{chinese} {english}");
        CliError { exit, message, page: Some(OnPage { chinese, english, code: String::new() }) }
    }

    /// Already in the language of whoever reads it.
    pub fn said(exit: Exit, text: impl Into<String>) -> CliError {
        let text = text.into();
        let page = OnPage { chinese: text.clone(), english: text.clone(), code: String::new() };
        CliError { exit, message: text, page: Some(page) }
    }

    /// What a rule said.
    pub fn of_rule(exit: Exit, why: &Why) -> CliError {
        let (chinese, english) = (why.chinese().to_owned(), why.to_string());
        let page = OnPage { chinese, english, code: why.code().to_owned() };
        CliError { exit, message: why.to_string(), page: Some(page) }
    }

    /// For whoever reads Chinese, with the code at the end.
    pub fn chinese(&self) -> String {
        match &self.page {
            Some(page) => coded(&page.chinese, &page.code),
            None => format!("{}（{}）", self.exit.chinese(), self.message),
        }
    }

    /// For whoever reads English, with the code at the end.
    pub fn english(&self) -> String {
        match &self.page {
            Some(page) => coded(&page.english, &page.code),
            None => self.message.clone(),
        }
    }
}

fn coded(text: &str, code: &str) -> String {
    if code.is_empty() { text.to_owned() } else { format!("{text} 〔{code}〕") }
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
        match &e {
            StationError::Refused(refusal) => CliError::of_rule(Exit::Refused, &refusal.0),
            StationError::Port(_) => CliError::new(exit_of(e.kind()), e.to_string()),
        }
    }
}

impl From<sealdock_core::id::BadId> for CliError {
    fn from(e: sealdock_core::id::BadId) -> CliError {
        CliError::of_rule(Exit::Usage, &Why::from(e))
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
