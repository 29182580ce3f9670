//! Identity as a recorder claims it: numbers from vendor replies, logs, names and labels. Claims are
//! gathered, never weighed: two that disagree are a conflict that a person resolves.

use crate::keys::SourceKeys;
use crate::pattern::{Glob, Pattern};
use crate::unlock::Fact;
use sealdock_core::listing::RawLine;
use std::collections::BTreeMap;

/// Distinct numbers from the names of files, each list in the order of first appearance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IdentityClaims {
    /// Device numbers; more than one means that the card was moved or files were put on it.
    pub devices: Vec<String>,
    /// Officer numbers; more than one is a recorder that several people used.
    pub officers: Vec<String>,
}

impl IdentityClaims {
    pub(crate) fn add(&mut self, device: Option<String>, officer: Option<String>) {
        push_new(&mut self.devices, device);
        push_new(&mut self.officers, officer);
    }

    /// Names the device numbers if there are two or more on one card.
    pub fn conflict(&self) -> Option<String> {
        (self.devices.len() > 1).then(|| {
            format!("files on this card name several recorders: {}", self.devices.join(", "))
        })
    }
}

fn push_new(list: &mut Vec<String>, number: Option<String>) {
    if let Some(number) = number
        && !list.contains(&number)
    {
        list.push(number);
    }
}

/// Where a profile says that a number is to be read.
#[derive(Debug, Clone)]
pub enum Source {
    Vendor,
    File { glob: Glob, regex: Pattern },
    Filename,
    Label(Pattern),
}

/// Everything that may tell whose a recorder is.
#[derive(Debug, Default)]
pub struct Evidence<'a> {
    pub lines: &'a [RawLine],
    pub label: Option<&'a str>,
    /// What the replies of the unlock said.
    pub vendor: BTreeMap<Fact, String>,
    /// Path, time of last change and text of the logs that the profile asks for.
    pub logs: Vec<(String, i64, String)>,
}

/// One number and where it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    pub number: String,
    pub from: &'static str,
}

impl Source {
    pub(crate) fn read(keys: &SourceKeys) -> Result<Source, String> {
        Ok(match keys {
            SourceKeys::Vendor {} => Source::Vendor,
            SourceKeys::Filename {} => Source::Filename,
            SourceKeys::Label { regex } => Source::Label(Pattern::read(regex)?),
            SourceKeys::File { glob: files, regex } => {
                Source::File { glob: Glob::read(files)?, regex: Pattern::read(regex)? }
            }
        })
    }

    /// Compiles its pattern now.
    ///
    /// # Errors
    /// It does not compile, or has no such group.
    pub(crate) fn ready(&self, group: &str) -> Result<(), String> {
        match self {
            Source::Vendor | Source::Filename => Ok(()),
            Source::File { regex, .. } | Source::Label(regex) => {
                regex.ready_with(group, "identity")
            }
        }
    }

    /// The logs it is read from.
    pub(crate) fn log(&self) -> Option<&Glob> {
        match self {
            Source::File { glob, .. } => Some(glob),
            Source::Vendor | Source::Filename | Source::Label(_) => None,
        }
    }

    pub(crate) fn word(&self) -> &'static str {
        match self {
            Source::Vendor => "vendor",
            Source::File { .. } => "file",
            Source::Filename => "filename",
            Source::Label(_) => "label",
        }
    }

    /// The number that this source says, from anything but names.
    pub(crate) fn number(&self, evidence: &Evidence, group: &str) -> Option<String> {
        let find = |regex: &Pattern, text: &str| {
            regex.captures(text)?.name(group).map(|m| m.as_str().to_owned())
        };
        match self {
            Source::Filename => None,
            Source::Vendor => {
                let fact = Fact::ALL.into_iter().find(|f| f.word() == group)?;
                evidence.vendor.get(&fact).cloned()
            }
            Source::Label(regex) => find(regex, evidence.label?),
            Source::File { glob, regex } => {
                // Only the newest log counts: an older one may be another recorder's.
                let fits = evidence.logs.iter().filter(|(path, _, _)| glob.is_match(path));
                let (_, _, text) = fits.max_by_key(|(_, changed, _)| *changed)?;
                text.lines().filter_map(|line| find(regex, line)).next_back()
            }
        }
    }
}

/// Names the claims if two of them differ.
pub fn disagreement(claims: &[Claim]) -> Option<String> {
    let first = claims.first()?;
    claims.iter().any(|c| c.number != first.number).then(|| {
        let all: Vec<String> =
            claims.iter().map(|c| format!("{} ({})", c.number, c.from)).collect();
        format!("the sources of this recorder's number disagree: {}", all.join(", "))
    })
}
