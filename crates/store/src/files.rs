//! What the ledger keeps in the directory of the station, and how it makes those files private.

use crate::error::Doing;
use sealdock_core::ports::{Kind, PortError, PortResult};
use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Paths below the directory of one station.
#[derive(Debug, Clone)]
pub(crate) struct Files {
    dir: PathBuf,
}

impl Files {
    pub(crate) fn new(dir: &Path) -> Files {
        Files { dir: dir.to_owned() }
    }

    /// The chain with its registers; SQLite adds `-wal` and `-shm`.
    pub(crate) fn database(&self) -> PathBuf {
        self.dir.join("chain.db")
    }

    /// The newest head.
    pub(crate) fn head(&self) -> PathBuf {
        self.dir.join("head")
    }

    /// # Errors
    /// There is no database: not a station, or no longer one.
    pub(crate) fn expect_station(&self) -> PortResult<()> {
        let dir = self.dir.display();
        let text = match self.database().symlink_metadata() {
            Ok(there) if !there.is_file() || there.len() > 0 => return Ok(()),
            Ok(_) => format!(
                "{dir} is not a station: its chain.db is empty; if it was one, restore chain.db \
                 from the second copy or the last backup, else make one in another directory"
            ),
            Err(_) if self.head().symlink_metadata().is_ok() => format!(
                "{dir} has lost its chain.db; restore it from the second copy or the last backup"
            ),
            Err(_) => format!(
                "{dir} is not a station: it has no chain.db; make one with `sealdock init` or \
                 name another directory"
            ),
        };
        Err(PortError::new(Kind::Missing, text))
    }

    /// Makes a file that must not be there yet, for the owner alone.
    pub(crate) fn make_private(path: &Path) -> PortResult<File> {
        OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .doing(|| format!("make {}", path.display()))
    }

    /// The names in the directory are on the medium when this returns.
    pub(crate) fn sync_dir(dir: &Path) -> PortResult<()> {
        File::open(dir)
            .and_then(|dir| dir.sync_all())
            .doing(|| format!("sync the directory {}", dir.display()))
    }
}
