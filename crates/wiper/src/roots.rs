//! Where the machine's trees are. Tests put their own there.

use crate::error::{Kind, WiperError, WiperResult};
use sealdock_profile::{Docks, Profiles};
use std::io::Read as _;
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

    /// What is known about recorders: the built-in profiles and the owner's in `profiles` beside
    /// `docks.toml`. One faulty file is said on standard error, and then nothing is let in by any of them.
    pub fn profiles(&self) -> Profiles {
        let folder = self.etc.join("sealdock/profiles");
        let known = own(&folder).and_then(|files| {
            Profiles::beside(&files).map_err(|fault| format!("{}: {}", fault.file, fault.why))
        });
        known.unwrap_or_else(|fault| {
            eprintln!("only the built-in profiles are in force: {fault}");
            Profiles::built_in()
        })
    }
}

/// A profile is a page of text.
const PROFILE_BYTES_MAX: u64 = 1 << 20;

/// Name and text of every `*.toml` there, by name; a folder that is missing holds none.
fn own(folder: &Path) -> Result<Vec<(String, String)>, String> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(format!("{}: {e}", folder.display())),
    };
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<PathBuf>, _>>()
        .map_err(|e| format!("{}: {e}", folder.display()))?;
    paths.retain(|path| path.extension().is_some_and(|ext| ext == "toml"));
    paths.sort();
    paths.iter().map(|path| text(path)).collect()
}

fn text(path: &Path) -> Result<(String, String), String> {
    let name = path.display().to_string();
    let read = || {
        let mut text = String::new();
        std::fs::File::open(path)?.take(PROFILE_BYTES_MAX + 1).read_to_string(&mut text)?;
        Ok::<_, std::io::Error>(text)
    };
    match read() {
        Ok(text) if text.len() as u64 > PROFILE_BYTES_MAX => {
            Err(format!("{name}: it is larger than a mebibyte; that is no profile"))
        }
        Ok(text) => Ok((name, text)),
        Err(e) => Err(format!("{name}: {e}")),
    }
}
