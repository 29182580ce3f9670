//! Tokens of other systems: a file of this machine, beside the console's certificate. Of a token only its SHA-256 is kept; it has 256
//! random bits, so that nothing slower is needed.

use crate::exit::{CliError, Exit, file_error};
use sealdock_chain::Digest;
use serde::{Deserialize, Serialize};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// What a token may read, each for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Right {
    /// Numbers for Prometheus; no name of a person, no clip.
    Metrics,
    /// The station at one look, with the names of officers in its bays.
    Status,
    /// Clips, sessions, recorders, people.
    Registers,
    /// Every entry of the chain: all that is known here.
    Record,
}

impl Right {
    pub fn word(self) -> &'static str {
        match self {
            Right::Metrics => "metrics",
            Right::Status => "status",
            Right::Registers => "registers",
            Right::Record => "record",
        }
    }
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    pub name: String,
    pub may: Vec<Right>,
    pub sha256: Digest,
    /// When it was made, RFC 3339.
    pub made: String,
}

/// Before the random part, so that a secret scanner knows one where it was left lying.
const PREFIX: &str = "sealdock_";
const FILE: &str = "tokens.json";
/// More systems than one station has.
const TOKENS_MAX: usize = 100;
/// Longest name of a system, letters.
const NAME_LETTERS_MAX: usize = 60;

fn file(folder: &Path) -> PathBuf {
    folder.join(FILE)
}

/// All of them; none where there is no file.
///
/// # Errors
/// The file cannot be read or is none.
pub fn all(folder: &Path) -> Result<Vec<Token>, CliError> {
    let path = file(folder);
    let text = match std::fs::read_to_string(&path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        text => text.map_err(|e| file_error("read", &path, &e))?,
    };
    serde_json::from_str(&text).map_err(|e| {
        let text =
            format!("{} is not understood: {e}; remove it and make new tokens", path.display());
        CliError::new(Exit::Refused, text)
    })
}

/// The one that somebody holds. Read anew each time: one that was removed is refused from then on.
///
/// # Errors
/// As [`all`].
pub fn find(folder: &Path, held: &str) -> Result<Option<Token>, CliError> {
    let digest = Digest::of(held.as_bytes());
    Ok(all(folder)?.into_iter().find(|token| token.sha256 == digest))
}

/// Makes one; what it returns is shown once and kept nowhere.
///
/// # Errors
/// The name is taken or none, nothing may be read, or the file cannot be written.
pub fn add(folder: &Path, name: &str, may: &[Right], made: String) -> Result<String, CliError> {
    let refused = |text: String| Err(CliError::new(Exit::Refused, text));
    let mut tokens = all(folder)?;
    if name.trim().is_empty()
        || name.chars().count() > NAME_LETTERS_MAX
        || name.chars().any(char::is_control)
    {
        return refused(format!("a system needs a name of 1 to {NAME_LETTERS_MAX} letters"));
    }
    if tokens.iter().any(|token| token.name == name) {
        return refused(format!("{name} has a token already; remove that one first"));
    }
    if may.is_empty() || tokens.len() >= TOKENS_MAX {
        return refused(format!("a token needs a right, and there are {TOKENS_MAX} at most"));
    }
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes)
        .map_err(|e| CliError::new(Exit::Failed, format!("the kernel gives no randomness: {e}")))?;
    let held = format!("{PREFIX}{}", Digest(bytes));
    let mut rights: Vec<Right> = Vec::new();
    for right in may {
        if !rights.contains(right) {
            rights.push(*right);
        }
    }
    tokens.push(Token {
        name: name.to_owned(),
        may: rights,
        sha256: Digest::of(held.as_bytes()),
        made,
    });
    write(folder, &tokens)?;
    Ok(held)
}

/// From now on it is refused.
///
/// # Errors
/// There is none of this name, or the file cannot be written.
pub fn remove(folder: &Path, name: &str) -> Result<(), CliError> {
    let mut tokens = all(folder)?;
    let before = tokens.len();
    tokens.retain(|token| token.name != name);
    if tokens.len() == before {
        let text = format!("no token is called {}", sealdock_core::naming::inert(name));
        return Err(CliError::new(Exit::Missing, text));
    }
    write(folder, &tokens)
}

fn write(folder: &Path, tokens: &[Token]) -> Result<(), CliError> {
    let path = file(folder);
    let unfinished = folder.join("tokens.new");
    let text = serde_json::to_string_pretty(tokens)
        .map_err(|e| CliError::new(Exit::Failed, format!("the tokens cannot be written: {e}")))?;
    let written = std::fs::create_dir_all(folder).and_then(|()| {
        let mut how = std::fs::File::options();
        let mut file = how.write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&unfinished, &path)?;
        std::fs::File::open(folder)?.sync_all()
    });
    written.map_err(|e| file_error("write", &path, &e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_by_its_digest_until_it_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("console");
        assert_eq!(find(&home, "anything").unwrap(), None);
        let held = add(&home, "bureau", &[Right::Status, Right::Status], "now".into()).unwrap();
        let other = add(&home, "monitor", &[Right::Metrics], "now".into()).unwrap();
        assert_ne!(held, other);
        let text = std::fs::read_to_string(home.join(FILE)).unwrap();
        assert!(!text.contains(&held) && !text.contains(held.strip_prefix(PREFIX).unwrap()));
        assert_eq!(find(&home, &held).unwrap().unwrap().may, [Right::Status]);
        assert_eq!(find(&home, &other).unwrap().unwrap().name, "monitor");
        for wrong in ["", PREFIX, &held[..held.len() - 1], &held.to_uppercase()] {
            assert_eq!(find(&home, wrong).unwrap(), None, "{wrong}");
        }
        remove(&home, "bureau").unwrap();
        assert_eq!(find(&home, &held).unwrap(), None);
        assert_eq!(remove(&home, "bureau").unwrap_err().exit, Exit::Missing);
    }

    #[test]
    fn a_token_without_a_name_or_a_right_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let made = |name: &str, may: &[Right]| add(folder.path(), name, may, "now".into());
        let long = "a".repeat(NAME_LETTERS_MAX + 1);
        for bad in ["", " ", "a\nb", &long] {
            assert_eq!(made(bad, &[Right::Status]).unwrap_err().exit, Exit::Refused, "{bad}");
        }
        assert_eq!(made("a", &[]).unwrap_err().exit, Exit::Refused);
        made("a", &[Right::Status]).unwrap();
        assert_eq!(made("a", &[Right::Status]).unwrap_err().exit, Exit::Refused);
        std::fs::write(folder.path().join(FILE), "[{}]").unwrap();
        assert_eq!(find(folder.path(), "x").unwrap_err().exit, Exit::Refused);
    }
}
