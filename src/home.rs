//! Where things lie in a station directory, and the few settings that belong to the machine and not
//! to the policy (`station.toml`, documented in `docs/ref/config.md`).

use crate::exit::{CliError, Exit, file_error};
pub use listen::TlsSettings;
use sealdock_keys::{KeyHome, Token};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;
pub use token::TokenSettings;

/// Browsers of other machines.
mod listen;
/// A token for the keys.
mod token;

/// A station directory.
#[derive(Debug, Clone)]
pub struct Home {
    pub dir: PathBuf,
}

impl Home {
    /// `dir` as an absolute path: the daemon works elsewhere than its clients.
    pub fn new(dir: &Path) -> Home {
        Home { dir: std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned()) }
    }
    pub fn keys(&self) -> PathBuf {
        self.dir.join("keys")
    }
    /// The keys' folder, and the token if the settings name one. Nothing is loaded or opened by this.
    pub fn key_home(&self, token: Option<&TokenSettings>) -> Result<KeyHome, CliError> {
        let at = token.map(TokenSettings::at).transpose();
        let at = at.map_err(|why| CliError::new(Exit::Refused, why))?;
        let keys = self.keys();
        Ok(KeyHome::new(&keys, at.map(|at| Arc::new(Token::new(at, &keys)))))
    }
    pub fn vault(&self) -> PathBuf {
        self.dir.join("vault")
    }
    pub fn run(&self) -> PathBuf {
        self.dir.join("run")
    }
    /// Certificate and key of the console.
    pub fn console(&self) -> PathBuf {
        self.dir.join("console")
    }
    pub fn settings(&self) -> PathBuf {
        self.dir.join("station.toml")
    }

    /// The socket's name through an open directory: a socket address holds only 107 bytes. Valid as
    /// long as the descriptor lives.
    pub fn socket(&self) -> std::io::Result<(OwnedFd, PathBuf)> {
        use rustix::fs::{Mode, OFlags};
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = rustix::fs::open(self.run(), flags, Mode::empty())?;
        let path = PathBuf::from(format!("/proc/self/fd/{}/sock", folder.as_raw_fd()));
        Ok((folder, path))
    }
}

/// `station.toml`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub schema: u32,
    /// Kept clips get the immutable flag where file system and rights allow.
    #[serde(default = "yes")]
    pub immutable: bool,
    /// A recorder that is a volume of its own may be unmounted and mounted again.
    #[serde(default = "yes")]
    pub remount: bool,
    /// Where a browser of this machine is answered; none: nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub console: Option<SocketAddr>,
    /// Where browsers of other machines are answered, over TLS; none: nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub console_tls: Option<TlsSettings>,
    /// Where keys lie that are not files.
    #[serde(default)]
    pub token: Option<TokenSettings>,
}

fn yes() -> bool {
    true
}

impl Settings {
    pub fn new(immutable: bool) -> Settings {
        Settings {
            schema: 1,
            immutable,
            remount: true,
            console: None,
            console_tls: None,
            token: None,
        }
    }

    pub fn read(home: &Home) -> Result<Settings, CliError> {
        let path = home.settings();
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            // A station works without it: everything in it has a default.
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Settings::new(true)),
            Err(e) => return Err(file_error("read", &path, &e)),
        };
        let bad = |why: String| {
            let text = format!(
                "{} is not usable: {why}; see docs/ref/config.md or remove the file",
                path.display()
            );
            CliError::new(Exit::Refused, text)
        };
        let settings: Settings = toml::from_str(&text).map_err(|e| bad(e.message().to_owned()))?;
        if settings.schema != 1 {
            return Err(bad(format!("schema {} is not known to this version", settings.schema)));
        }
        settings.token.as_ref().map(TokenSettings::at).transpose().map_err(bad)?;
        settings.console_tls.as_ref().map(TlsSettings::hosts).transpose().map_err(bad)?;
        Ok(settings)
    }

    pub fn text(&self) -> String {
        let console = match self.console {
            Some(address) => format!("console = \"{address}\""),
            None => "# console = \"127.0.0.1:8420\"".to_owned(),
        };
        format!(
            "# Settings of this machine; rules of the unit are in the policy (`sealdock policy show`).\n\
             schema = {}\n\
             # Kept clips get the immutable flag where file system and rights allow.\n\
             immutable = {}\n\
             # A recorder that is a volume of its own may be unmounted and mounted again.\n\
             remount = {}\n\
             # Where a browser on this machine is answered; without this line nowhere.\n\
             {console}\n{}{}",
            self.schema,
            self.immutable,
            self.remount,
            self.console_tls.as_ref().map(TlsSettings::text).unwrap_or_default(),
            self.token.as_ref().map(TokenSettings::text).unwrap_or_default()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_init_writes_reads_back_and_what_is_unknown_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(folder.path());
        assert!(Settings::read(&home).unwrap().immutable);
        std::fs::write(home.settings(), Settings::new(false).text()).unwrap();
        assert!(!Settings::read(&home).unwrap().immutable);
        let console = Some("127.0.0.1:8420".parse().unwrap());
        std::fs::write(home.settings(), Settings { console, ..Settings::new(true) }.text())
            .unwrap();
        assert_eq!(Settings::read(&home).unwrap().console, console);
        let token = |lines: &str| format!("schema = 1\n[token]\n{lines}");
        for (bad, says) in [
            ("schema = 2\n".to_owned(), "schema 2"),
            ("schema = 1\nx = 1\n".to_owned(), "unknown field"),
            ("schema = 1\n[console_tls]\nlisten = \"0.0.0.0:1\"".to_owned(), "`names`"),
            (token("module = \"m.so\"\nlabel = \"a\"\npin_file = \"/p\""), "absolute path"),
            (token("module = \"/m.so\"\npin_file = \"/p\""), "`label` or `serial`"),
            (token("module = \"/m.so\"\nlabel = \"a\""), "`pin_file` or `pin_credential`"),
            (token("module = \"/m.so\"\nlabel = \"a\"\npin_file = \"p\""), "absolute path"),
            (token("module = \"/m.so\"\nlabel = \"a\"\npin_credential = \"../p\""), "plain name"),
            (token("module = \"/m.so\"\nlabel = \"a\"\npin = \"8642\""), "unknown field"),
        ] {
            std::fs::write(home.settings(), bad).unwrap();
            let error = Settings::read(&home).unwrap_err();
            assert!(error.message.contains(says), "{error}");
        }
    }

    #[test]
    fn whatever_was_set_reads_back_as_it_was_named() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(folder.path());
        let token = TokenSettings {
            module: "/usr/lib/m.so".into(),
            label: Some("unit \"7\" 采集站".into()),
            pin_credential: Some("token-pin".into()),
            ..TokenSettings::default()
        };
        let tls = TlsSettings {
            listen: "0.0.0.0:8443".parse().unwrap(),
            names: vec!["seal.lan".into(), "seal".into()],
        };
        let settings = Settings {
            token: Some(token.clone()),
            console: Some("127.0.0.1:8420".parse().unwrap()),
            console_tls: Some(tls.clone()),
            ..Settings::new(true)
        };
        std::fs::write(home.settings(), settings.text()).unwrap();
        let read = Settings::read(&home).unwrap();
        assert_eq!((read.token, read.console_tls), (Some(token), Some(tls)));
        assert_eq!(read.console, settings.console);
    }
}
