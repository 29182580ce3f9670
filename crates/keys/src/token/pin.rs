//! Where a token's PIN is kept. Each wrong PIN counts on the token, so one that was refused is noted, by the file that
//! it stood in and never by itself, and not tried again until that file is another one.

use crate::file::{self, Rights, failed};
use sealdock_core::ports::{Kind, PortError, PortResult};
use std::fmt;
use std::fs::Metadata;
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Where systemd puts a service's credentials.
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

/// Longest PIN, bytes: the length of a PIN is one byte on many tokens.
const PIN_BYTES_MAX: usize = 255;

/// A file whose first line is the PIN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PinAt {
    /// Readable by the station's user alone.
    File(PathBuf),
    /// Named by `LoadCredential=` or `LoadCredentialEncrypted=` of the service.
    Credential(String),
}

impl fmt::Display for PinAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PinAt::File(path) => write!(f, "{}", path.display()),
            PinAt::Credential(name) => write!(f, "the credential {name}"),
        }
    }
}

/// A PIN and the file it was read from.
pub(super) struct Pin {
    pub(super) text: Zeroizing<String>,
    /// Tells a file that was changed from one that was not.
    file: String,
}

impl PinAt {
    pub(super) fn read(&self) -> PortResult<Pin> {
        match self {
            PinAt::File(path) => read(path, 0o077),
            // An access list for the service's user shows as rights of the group; the folder is closed to all others.
            PinAt::Credential(name) => read(&credential(name)?, 0o037),
        }
    }
}

fn credential(name: &str) -> PortResult<PathBuf> {
    let folder = std::env::var_os(CREDENTIALS).ok_or_else(|| {
        let message = format!(
            "the token's PIN is the credential {name}, and nobody handed one over ({CREDENTIALS} is not set); run this \
             by `systemd-run --pty -p User=sealdock -p LoadCredential={name}:FILE sealdock …`, or name a `pin_file` in \
             station.toml"
        );
        PortError::new(Kind::Missing, message)
    })?;
    Ok(Path::new(&folder).join(name))
}

fn read(path: &Path, closed: u32) -> PortResult<Pin> {
    let opened = file::open_plain(path).map_err(|e| {
        let kind = if e.kind() == ErrorKind::NotFound { Kind::Missing } else { Kind::Failed };
        failed(kind, "open the file with the token's PIN", path, e)
    })?;
    let meta = opened.metadata().map_err(|e| failed(Kind::Failed, "look at", path, e))?;
    if !meta.is_file() {
        return Err(failed(Kind::Invalid, "read a PIN from", path, "it is not a plain file"));
    }
    let mode = meta.permissions().mode() & (closed | 0o700);
    Rights { owner: meta.uid(), mode, file: "600" }
        .check(path, rustix::process::geteuid().as_raw())?;
    let bytes = file::bytes(opened).map_err(|e| failed(Kind::Failed, "read", path, e))?;
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let text = std::str::from_utf8(line).ok().filter(|text| {
        !text.is_empty() && text.len() <= PIN_BYTES_MAX && !text.contains(char::is_control)
    });
    let text = text.ok_or_else(|| {
        failed(Kind::Invalid, "use", path, "its first line is no PIN; write the token's PIN there")
    })?;
    Ok(Pin { text: Zeroizing::new(text.to_owned()), file: identity(&meta) })
}

fn identity(meta: &Metadata) -> String {
    format!("{}:{}:{}:{}.{}", meta.dev(), meta.ino(), meta.len(), meta.mtime(), meta.mtime_nsec())
}

impl Pin {
    fn line(&self, serial: &str) -> String {
        format!("sealdock-refused-v1 {} {serial}\n", self.file)
    }

    pub(super) fn was_refused(&self, note: &Path, serial: &str) -> bool {
        std::fs::read_to_string(note).is_ok_and(|noted| noted == self.line(serial))
    }

    /// Without the note only the next process would try once more, so a failure is no reason to say anything else.
    pub(super) fn note_refusal(&self, note: &Path, serial: &str) {
        forget(note);
        let _noted = file::write_text(note, &self.line(serial));
    }
}

pub(super) fn forget(note: &Path) {
    let _gone = std::fs::remove_file(note);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::Permissions;

    fn chmod(path: &Path, mode: u32) {
        std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn the_first_line_is_the_pin_and_only_ours() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pin");
        let at = PinAt::File(path.clone());
        assert_eq!(at.read().err().unwrap().kind, Kind::Missing);
        for (text, pin) in [("8642\n", "8642"), ("8642", "8642"), ("a b\r\nrest\n", "a b")] {
            std::fs::write(&path, text).unwrap();
            chmod(&path, 0o600);
            assert_eq!(*at.read().unwrap().text, pin);
        }
        for mode in [0o640, 0o604, 0o620] {
            chmod(&path, mode);
            let open = at.read().err().unwrap();
            assert!(open.message.contains("chmod 600"), "{open}");
        }
        chmod(&path, 0o600);
        for text in ["", "\n8642\n", "86\t42\n", &"7".repeat(256), "\u{7}"] {
            std::fs::write(&path, text).unwrap();
            let refused = at.read().err().unwrap();
            assert!(refused.message.contains("is no PIN"), "{text:?}: {refused}");
        }
        std::os::unix::fs::symlink(&path, folder.path().join("link")).unwrap();
        assert!(PinAt::File(folder.path().join("link")).read().is_err());
    }

    #[test]
    fn a_credential_may_show_the_mask_of_its_access_list_and_nothing_more() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token-pin");
        std::fs::write(&path, "8642\n").unwrap();
        for (mode, good) in [(0o400, true), (0o440, true), (0o460, false), (0o444, false)] {
            chmod(&path, mode);
            assert_eq!(read(&path, 0o037).is_ok(), good, "{mode:o}");
        }
        let absent = PinAt::Credential("token-pin".into()).read().err().unwrap();
        assert!(absent.message.contains("CREDENTIALS_DIRECTORY is not set"), "{absent}");
    }

    #[test]
    fn a_refusal_is_remembered_for_the_file_as_it_was_and_for_one_token() {
        let folder = tempfile::tempdir().unwrap();
        let (path, note) = (folder.path().join("pin"), folder.path().join("token.refused"));
        std::fs::write(&path, "1111\n").unwrap();
        chmod(&path, 0o600);
        let at = PinAt::File(path.clone());
        let pin = at.read().unwrap();
        assert!(!pin.was_refused(&note, "A1"));
        pin.note_refusal(&note, "A1");
        assert!(at.read().unwrap().was_refused(&note, "A1"));
        assert!(!at.read().unwrap().was_refused(&note, "A2"));
        assert!(!std::fs::read_to_string(&note).unwrap().contains("1111"));
        std::fs::write(&path, "22222\n").unwrap();
        assert!(!at.read().unwrap().was_refused(&note, "A1"), "it was corrected");
        forget(&note);
        assert!(!pin.was_refused(&note, "A1"));
    }
}
