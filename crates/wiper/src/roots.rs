//! Where the machine's trees are. Tests put their own there.

use crate::error::{Kind, WiperError, WiperResult};
use sealdock_profile::Docks;
use std::path::{Path, PathBuf};

/// The trees that are read, and the one that is written.
#[derive(Debug, Clone)]
pub struct Roots {
    pub sys: PathBuf,
    pub run: PathBuf,
    pub etc: PathBuf,
    pub dev: PathBuf,
}

impl Roots {
    pub fn machine() -> Roots {
        Roots::below(Path::new("/"))
    }

    /// All four below one directory.
    pub fn below(root: &Path) -> Roots {
        Roots {
            sys: root.join("sys"),
            run: root.join("run"),
            etc: root.join("etc"),
            dev: root.join("dev"),
        }
    }

    /// The daemon's directory in `/run`.
    pub fn station(&self) -> PathBuf {
        self.run.join("sealdock")
    }

    /// Where a volume is shown.
    pub fn point(&self, bay: &str, volume: &str) -> PathBuf {
        self.station().join("bays").join(bay).join(volume)
    }

    /// The dock ports; a machine without the file has none.
    ///
    /// # Errors
    /// The file cannot be read or used.
    pub fn docks(&self) -> WiperResult<Docks> {
        let path = self.etc.join("sealdock/docks.toml");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Docks::default()),
            Err(e) => return Err(WiperError::file("read", &path, &e)),
        };
        Docks::parse(&text).map_err(|e| WiperError::new(Kind::Invalid, e.to_string()))
    }
}
