//! The program that cuts: `ffmpeg`, as the machine has it.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const NAME: &str = "ffmpeg";
/// What it is asked for works from this release on.
const MAJOR_MIN: u32 = 4;

/// The tool, found and asked for its version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tool {
    /// Its name.
    pub name: &'static str,
    /// As it says it of itself.
    pub version: String,
    /// Where it lies.
    pub path: PathBuf,
}

impl Tool {
    /// # Errors
    /// A sentence: it is not there, or too old, and what to do.
    pub fn find() -> Result<Tool, String> {
        let folders = env::var_os("PATH").unwrap_or_default();
        let paths = env::split_paths(&folders).map(|folder| folder.join(NAME));
        let path = paths.into_iter().find(|path| path.is_absolute() && path.is_file());
        let path = path.ok_or("ffmpeg is not installed, and excerpts are cut with it: install it (apt-get install ffmpeg), or give the whole clip")?;
        let version = version(&path)?;
        Ok(Tool { name: NAME, version, path })
    }
}

fn version(path: &Path) -> Result<String, String> {
    let output = Command::new(path)
        .arg("-version")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .map_err(|e| format!("{} cannot be asked for its version: {e}", path.display()))?;
    let said = String::from_utf8_lossy(&output.stdout);
    read(&said).ok_or_else(|| {
        format!(
            "{} is not ffmpeg {MAJOR_MIN} or later; install one, or give the whole clip",
            path.display()
        )
    })
}

/// `ffmpeg version 5.1.9-0+deb12u1 Copyright …`; some builds put an `n` before the number.
fn read(said: &str) -> Option<String> {
    let version = said.strip_prefix("ffmpeg version ")?.split_whitespace().next()?;
    let number = version.trim_start_matches('n').split('.').next()?;
    let fits = number.parse::<u32>().ok()? >= MAJOR_MIN;
    let plain = version.len() <= 100 && version.chars().all(|c| c.is_ascii_graphic());
    (fits && plain).then(|| version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_and_an_old_one_refused() {
        let said = |version: &str| read(&format!("ffmpeg version {version} Copyright (c) 2000"));
        assert_eq!(said("5.1.9-0+deb12u1").as_deref(), Some("5.1.9-0+deb12u1"));
        assert_eq!(said("n7.0").as_deref(), Some("n7.0"));
        assert_eq!(said("3.4.11"), None);
        assert_eq!(said("N-109-g5"), None);
        assert_eq!(read("avconv 11"), None);
    }
}
