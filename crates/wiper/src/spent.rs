//! Intents that were used up. Each leaves an empty file named by its digest before anything is deleted, so
//! that none is worth a second deletion, whatever happens in between.

use crate::error::{Kind, WiperError, WiperResult};
use sealdock_chain::Digest;
use std::io::Write as _;
use std::path::PathBuf;

/// How long an intent is remembered after it expired: clocks may be set back a little.
const REMEMBERED_MS: u64 = 3_600_000;

/// The store of spent intents. The directory lives in memory: after a boot every disk has a new sequence
/// number and every older intent is void.
#[derive(Debug)]
pub struct Spent {
    folder: PathBuf,
}

impl Spent {
    /// # Errors
    /// The directory cannot be made.
    pub fn open(folder: PathBuf) -> WiperResult<Spent> {
        std::fs::create_dir_all(&folder).map_err(|e| WiperError::file("make", &folder, &e))?;
        Ok(Spent { folder })
    }

    /// Spends an intent; the kernel decides between two that come at once.
    ///
    /// # Errors
    /// `Invalid`: it was spent before.
    pub fn spend(&self, intent: &[u8], expires_ms: u64) -> WiperResult<()> {
        let path = self.folder.join(Digest::of(intent).to_string());
        let mut file = match std::fs::File::options().write(true).create_new(true).open(&path) {
            Ok(file) => file,
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
                let message = "the intent was spent before; ask for a new one";
                return Err(WiperError::new(Kind::Invalid, message));
            }
            Err(e) => return Err(WiperError::file("write", &path, &e)),
        };
        let written = file.write_all(expires_ms.to_string().as_bytes());
        written.map_err(|e| WiperError::file("write", &path, &e))
    }

    /// Forgets what expired long ago.
    pub fn sweep(&self, now_ms: u64) {
        for entry in std::fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let expires = std::fs::read_to_string(entry.path()).ok().and_then(|t| t.parse().ok());
            if expires.is_some_and(|at: u64| at.saturating_add(REMEMBERED_MS) < now_ms) {
                let _next_time = std::fs::remove_file(entry.path());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_intent_is_spent_once_also_by_another_process() {
        let dir = tempfile::tempdir().unwrap();
        let spent = Spent::open(dir.path().join("spent")).unwrap();
        spent.spend(b"one", 1000).unwrap();
        assert_eq!(spent.spend(b"one", 1000).unwrap_err().kind, Kind::Invalid);
        let again = Spent::open(dir.path().join("spent")).unwrap();
        assert!(again.spend(b"one", 1000).unwrap_err().message.contains("spent before"));
        again.spend(b"two", 1000).unwrap();
    }

    #[test]
    fn only_what_expired_long_ago_is_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let spent = Spent::open(dir.path().to_owned()).unwrap();
        spent.spend(b"one", 1000).unwrap();
        spent.sweep(1000 + REMEMBERED_MS);
        assert!(spent.spend(b"one", 1000).is_err());
        spent.sweep(1001 + REMEMBERED_MS);
        spent.spend(b"one", 1000).unwrap();
    }
}
