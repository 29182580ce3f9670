//! `[token]` of `station.toml`: which PKCS#11 token holds keys of this station.

use sealdock_keys::{PinAt, TokenAt};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenSettings {
    pub module: PathBuf,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pin_file: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pin_credential: Option<String>,
}

impl TokenSettings {
    /// # Errors
    /// What is missing or named twice.
    pub fn at(&self) -> Result<TokenAt, String> {
        if !self.module.is_absolute() {
            return Err("the token's `module` must be an absolute path".into());
        }
        if self.label.is_none() && self.serial.is_none() {
            return Err("name the token by `label` or `serial`".into());
        }
        let pin = match (&self.pin_file, &self.pin_credential) {
            (Some(file), None) if file.is_absolute() => PinAt::File(file.clone()),
            (Some(_), None) => return Err("the token's `pin_file` must be an absolute path".into()),
            (None, Some(name)) if plain(name) => PinAt::Credential(name.clone()),
            (None, Some(_)) => return Err("`pin_credential` must be a plain name".into()),
            _ => return Err("say where the token's PIN is: `pin_file` or `pin_credential`".into()),
        };
        Ok(TokenAt {
            module: self.module.clone(),
            label: self.label.clone(),
            serial: self.serial.clone(),
            pin,
        })
    }

    /// As it stands in the file.
    pub(super) fn text(&self) -> String {
        let keys = toml::to_string(self).expect("paths and names from a command line are text");
        format!(
            "\n# The PKCS#11 token on which keys lie (`sealdock key list`). The PIN stands in a file of its own.\n\
             [token]\n{keys}"
        )
    }
}

fn plain(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\0'])
}
