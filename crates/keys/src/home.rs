//! Where the keys of a station lie: one folder, and the token that the station's settings name.

use crate::file;
use crate::line::Line;
use crate::token::Token;
use sealdock_chain::digest::Digest;
use sealdock_core::event::KeyKind;
use sealdock_core::ports::{KeyPlace, Kind, PortError, PortResult};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The folder holds `log.key` and `evidence.key`: each a secret, or the word that the key lies on the token.
#[derive(Debug, Clone)]
pub struct KeyHome {
    pub(crate) folder: PathBuf,
    pub(crate) token: Option<Arc<Token>>,
}

impl KeyHome {
    pub fn new(folder: &Path, token: Option<Arc<Token>>) -> KeyHome {
        KeyHome { folder: folder.to_owned(), token }
    }

    /// The token that the settings name, if they name one.
    pub fn token(&self) -> Option<&Arc<Token>> {
        self.token.as_ref()
    }

    /// Where the key lies that the chain expects, by what its file says. The token is not asked, so that this can be
    /// said while it is away. `None`: no file says so, or it is not ours to read.
    pub fn place(&self, role: KeyKind, expected: [u8; 32]) -> Option<KeyPlace> {
        let files = [self.current(role), self.waiting(role)];
        let lines = files.iter().filter_map(|path| file::read(path, role).ok());
        lines.filter(|line| line.public() == expected).map(|line| line.place()).next()
    }

    /// Old keys that are still to be destroyed on the token, by what the files say.
    pub fn retired_on_token(&self) -> Vec<String> {
        let both = [KeyKind::Log, KeyKind::Evidence].map(|role| (role, self.all_retired(role)));
        let retired = both.into_iter().flat_map(|(role, all)| {
            all.unwrap_or_default().into_iter().map(move |(_, line)| (role, line))
        });
        retired.map(|(role, line)| still_there(role, &line)).collect()
    }

    /// Where the key in force is said to lie, whichever it is.
    pub(crate) fn stands(&self, role: KeyKind) -> KeyPlace {
        file::read(&self.current(role), role).map_or(KeyPlace::File, |line| line.place())
    }

    pub(crate) fn needed(&self, role: KeyKind) -> PortResult<&Token> {
        self.token.as_deref().ok_or_else(|| {
            let message = format!(
                "the {} key is to lie on a token, and station.toml names none; add [token] there (docs/ref/config.md)",
                role.as_str()
            );
            PortError::new(Kind::Invalid, message)
        })
    }

    /// Is the private half of this key on the token?
    pub(crate) fn on_token(&self, role: KeyKind, public: [u8; 32], serial: &str) -> PortResult<()> {
        let token = self.needed(role)?;
        if token.find(&public)?.is_some() {
            return Ok(());
        }
        let message = format!(
            "{} does not hold the {} key that the chain expects, {}; {} says it was made on the token with the serial \
             {serial:?}: plug that one in",
            token.named(),
            role.as_str(),
            Digest(public),
            self.current(role).display()
        );
        Err(PortError::new(Kind::Missing, message))
    }

    pub(crate) fn current(&self, role: KeyKind) -> PathBuf {
        self.folder.join(format!("{}.key", role.as_str()))
    }

    pub(crate) fn waiting(&self, role: KeyKind) -> PathBuf {
        self.folder.join(format!("{}.next.key", role.as_str()))
    }

    /// The id under which a pair is being made on the token.
    pub(crate) fn making(&self, role: KeyKind) -> PathBuf {
        self.folder.join(format!("{}.making", role.as_str()))
    }

    /// A key on the token that is to be destroyed there.
    pub(crate) fn retired(&self, role: KeyKind, public: [u8; 32]) -> PathBuf {
        let public = Digest(public).to_string();
        self.folder.join(format!("{}.{}.retired", role.as_str(), &public[..16]))
    }

    /// Every key that is to be destroyed on the token.
    pub(crate) fn all_retired(&self, role: KeyKind) -> PortResult<Vec<(PathBuf, Line)>> {
        let cannot = |e| file::failed(Kind::Failed, "look into", &self.folder, e);
        let begins = format!("{}.", role.as_str());
        let mut found = Vec::new();
        for entry in std::fs::read_dir(&self.folder).map_err(cannot)? {
            let path = entry.map_err(cannot)?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.starts_with(&begins) && name.ends_with(".retired") {
                let line = file::read(&path, role)?;
                found.push((path, line));
            }
        }
        Ok(found)
    }
}

/// In words that [`crate::Keyring::left_on_token`] goes on from.
pub(crate) fn still_there(role: KeyKind, line: &Line) -> String {
    let serial = match line {
        Line::Token(reference) => reference.serial.as_str(),
        Line::Secret(_) => "",
    };
    format!("the old {} key is still on the token with the serial {serial:?}", role.as_str())
}

impl From<&Path> for KeyHome {
    fn from(folder: &Path) -> KeyHome {
        KeyHome::new(folder, None)
    }
}

impl From<&PathBuf> for KeyHome {
    fn from(folder: &PathBuf) -> KeyHome {
        KeyHome::new(folder, None)
    }
}
