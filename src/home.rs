//! Where things lie in a station directory, and the few settings that belong to the machine and not
//! to the policy (`station.toml`, documented in `docs/ref/config.md`).

use crate::exit::{CliError, Exit, file_error};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::path::{Path, PathBuf};

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
    pub fn vault(&self) -> PathBuf {
        self.dir.join("vault")
    }
    pub fn run(&self) -> PathBuf {
        self.dir.join("run")
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
}

fn yes() -> bool {
    true
}

impl Settings {
    pub fn new(immutable: bool) -> Settings {
        Settings { schema: 1, immutable, remount: true, console: None }
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
        match settings.schema {
            1 => Ok(settings),
            other => Err(bad(format!("schema {other} is not known to this version"))),
        }
    }

    pub fn text(&self) -> String {
        format!(
            "# Settings of this machine; rules of the unit are in the policy (`sealdock policy show`).\n\
             schema = {}\n\
             # Kept clips get the immutable flag where file system and rights allow.\n\
             immutable = {}\n\
             # A recorder that is a volume of its own may be unmounted and mounted again.\n\
             remount = {}\n\
             # Where a browser on this machine is answered; without this line nowhere.\n\
             # console = \"127.0.0.1:8420\"\n",
            self.schema, self.immutable, self.remount
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
        for (bad, says) in [("schema = 2\n", "schema 2"), ("schema = 1\nx = 1\n", "unknown field")]
        {
            std::fs::write(home.settings(), bad).unwrap();
            let error = Settings::read(&home).unwrap_err();
            assert!(error.message.contains(says), "{error}");
        }
    }
}
