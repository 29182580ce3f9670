//! The programs that look and that make pictures: `ffprobe` and `ffmpeg`, as the machine has them.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What they are asked for works from this release on.
const MAJOR_MIN: u32 = 5;
const WHAT_TO_DO: &str = "install it (apt-get install ffmpeg) and start the station again";
/// Coders and a demuxer that a build may lack.
const CODERS: [&str; 3] = ["libvpx", "libopus", "mjpeg"];

/// Both programs, found and asked for their version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tool {
    /// As it says it of itself.
    pub version: String,
    /// `ffmpeg`
    pub(super) makes: PathBuf,
    /// `ffprobe`
    pub(super) looks: PathBuf,
}

impl Tool {
    /// Looks for them in the folders of `PATH`, given as that variable has them.
    ///
    /// # Errors
    /// A sentence: one is not there, too old or lacks a coder, and what to do.
    pub fn find(folders: &std::ffi::OsStr) -> Result<Tool, String> {
        let at = |name: &str| {
            let mut paths = env::split_paths(folders).map(|folder| folder.join(name));
            paths.find(|path| path.is_absolute() && path.is_file()).ok_or_else(|| {
                format!(
                    "{name} is not installed, and footage is shown through it alone: {WHAT_TO_DO}"
                )
            })
        };
        let (makes, looks) = (at("ffmpeg")?, at("ffprobe")?);
        let versions = (version(&makes, "ffmpeg")?, version(&looks, "ffprobe")?);
        let said = asked(&makes, "-encoders")?;
        let has =
            |coder: &str| said.lines().any(|line| line.split_whitespace().nth(1) == Some(coder));
        if let Some(missing) = CODERS.iter().find(|coder| !has(coder)) {
            return Err(format!(
                "{} was built without {missing}, which viewing needs: {WHAT_TO_DO}",
                makes.display()
            ));
        }
        Ok(Tool { version: versions.0, makes, looks })
    }
}

fn asked(path: &Path, what: &str) -> Result<String, String> {
    let output = Command::new(path)
        .args(["-hide_banner", what])
        .env_clear()
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .map_err(|e| format!("{} cannot be asked: {e}", path.display()))?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn version(path: &Path, name: &str) -> Result<String, String> {
    let said = asked(path, "-version")?;
    read(&said, name).ok_or_else(|| {
        format!("{} is not {name} {MAJOR_MIN} or later: {WHAT_TO_DO}", path.display())
    })
}

/// `ffmpeg version 5.1.9-0+deb12u1 Copyright …`; some builds put an `n` before the number.
fn read(said: &str, name: &str) -> Option<String> {
    let version = said.strip_prefix(name)?.strip_prefix(" version ")?.split_whitespace().next()?;
    let number = version.trim_start_matches('n').split('.').next()?;
    let number = number.split('-').next()?;
    let fits = number.parse::<u32>().ok()? >= MAJOR_MIN;
    let plain = version.len() <= 100 && version.chars().all(|c| c.is_ascii_graphic());
    (fits && plain).then(|| version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_and_an_old_one_refused() {
        let said =
            |version: &str| read(&format!("ffmpeg version {version} Copyright (c) 2000"), "ffmpeg");
        assert_eq!(said("5.1.9-0+deb12u1").as_deref(), Some("5.1.9-0+deb12u1"));
        assert_eq!(said("n7.0").as_deref(), Some("n7.0"));
        assert_eq!(said("7-static").as_deref(), Some("7-static"));
        assert_eq!(said("4.4.2"), None);
        assert_eq!(said("N-109-g5"), None);
        assert_eq!(read("avconv 11", "ffmpeg"), None);
        assert_eq!(read("ffmpeg version 6.0 x", "ffprobe"), None);
    }
}
