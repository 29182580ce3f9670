//! Keys on a token, as `init` and `restore` are told of one.

use super::args::WhichKey;
use super::verbs;
use crate::exit::{CliError, Exit};
use crate::home::TokenSettings;
use crate::wire::OnToken;
use clap::Args;
use sealdock_core::event::KeyKind;
use std::path::PathBuf;

/// 令牌 a PKCS#11 token; no PIN is ever typed here.
#[derive(Debug, Args)]
pub struct TokenArgs {
    /// 令牌: make the keys on a PKCS#11 token, through this module (.so) of its maker
    #[arg(long, value_name = "FILE")]
    pub token_module: Option<PathBuf>,
    /// Label of the token
    #[arg(long, value_name = "NAME", requires = "token_module")]
    pub token_label: Option<String>,
    /// Serial of the token, where two have the same label
    #[arg(long, value_name = "TEXT", requires = "token_module")]
    pub token_serial: Option<String>,
    /// File whose first line is the token's PIN; only the station's user may read it
    #[arg(long, value_name = "F", requires = "token_module")]
    pub token_pin_file: Option<PathBuf>,
    /// Credential of the service (LoadCredential=) that is the token's PIN
    #[arg(long, value_name = "NAME", requires = "token_module")]
    pub token_pin_credential: Option<String>,
    /// Only this key lies on the token; without it both do
    #[arg(long, value_enum, value_name = "KEY", requires = "token_module")]
    pub on_token: Vec<WhichKey>,
}

impl TokenArgs {
    /// # Errors
    /// Token or PIN is not named, or named twice.
    pub fn on_token(self) -> Result<OnToken, CliError> {
        let Some(module) = self.token_module else { return Ok(OnToken::default()) };
        let token = TokenSettings {
            module,
            label: self.token_label,
            serial: self.token_serial,
            pin_file: self.token_pin_file.as_deref().map(verbs::absolute).transpose()?,
            pin_credential: self.token_pin_credential,
        };
        token.at().map_err(|why| {
            CliError::new(Exit::Usage, format!("{why} (--token-label, --token-pin-file, …)"))
        })?;
        let mut keys: Vec<KeyKind> = self.on_token.into_iter().map(WhichKey::kind).collect();
        if keys.is_empty() {
            keys = vec![KeyKind::Log, KeyKind::Evidence];
        }
        Ok(OnToken { token: Some(token), keys })
    }
}
