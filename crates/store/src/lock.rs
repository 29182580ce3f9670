//! One station, one daemon: a lock on a file that only `init` makes. The kernel drops it with the
//! process, so a crash never leaves a station locked.

use crate::error::Doing;
use sealdock_core::ports::{Kind, PortError, PortResult};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Held as long as the value lives.
#[derive(Debug)]
pub struct StationLock {
    file: File,
    exclusive: bool,
}

impl StationLock {
    /// For `init`: makes `<dir>/lock` if it is not there and takes it exclusively.
    ///
    /// # Errors
    /// The directory is not writable, or another process holds the station.
    pub fn make(dir: &Path) -> PortResult<StationLock> {
        let path = path_in(dir);
        OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .doing(|| format!("make {}", path.display()))?;
        StationLock::exclusive(dir)
    }

    /// For the one process that writes.
    ///
    /// # Errors
    /// `dir` is not a station, or another process holds it in any way.
    pub fn exclusive(dir: &Path) -> PortResult<StationLock> {
        let mut file = open(dir)?;
        file.try_lock().map_err(|error| refusal(dir, &mut file, error))?;
        let mut lock = StationLock { file, exclusive: true };
        lock.write_holder(&format!("{}\n", std::process::id()))
            .doing(|| format!("write {}", path_in(dir).display()))?;
        Ok(lock)
    }

    /// For processes that only read while no daemon runs.
    ///
    /// # Errors
    /// `dir` is not a station, or a process holds it exclusively.
    pub fn shared(dir: &Path) -> PortResult<StationLock> {
        let mut file = open(dir)?;
        file.try_lock_shared().map_err(|error| refusal(dir, &mut file, error))?;
        let mut lock = StationLock { file, exclusive: false };
        // Nobody holds it exclusively now, so a number in it is of a process that crashed.
        lock.write_holder("").doing(|| format!("write {}", path_in(dir).display()))?;
        Ok(lock)
    }

    fn write_holder(&mut self, text: &str) -> std::io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(text.as_bytes())
    }
}

impl Drop for StationLock {
    fn drop(&mut self) {
        if self.exclusive {
            // Only for people who look; the lock itself goes with the file.
            let _unread = self.write_holder("");
        }
    }
}

fn path_in(dir: &Path) -> PathBuf {
    dir.join("lock")
}

fn open(dir: &Path) -> PortResult<File> {
    let path = path_in(dir);
    match OpenOptions::new().read(true).write(true).open(&path) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            let text = match dir.join("chain.db").symlink_metadata() {
                Ok(_) => format!(
                    "{} has lost its lock file; if no daemon runs, make an empty one: touch {}",
                    dir.display(),
                    path.display()
                ),
                Err(_) => format!(
                    "{} is not a station: it has no lock file; make one with `sealdock init` or \
                     name another directory",
                    dir.display()
                ),
            };
            Err(PortError::new(Kind::Missing, text))
        }
        other => other.doing(|| format!("open {}", path.display())),
    }
}

fn refusal(dir: &Path, file: &mut File, error: TryLockError) -> PortError {
    if let TryLockError::Error(error) = error {
        return PortError::new(
            Kind::Failed,
            format!(
                "cannot lock the station {}: {error}; put it on a local file system",
                dir.display()
            ),
        );
    }
    let mut holder = String::new();
    let known = file.read_to_string(&mut holder).is_ok() && !holder.trim().is_empty();
    let text = if known {
        format!(
            "the station {} is held by process {}; talk to that daemon or stop it first",
            dir.display(),
            holder.trim()
        )
    } else {
        format!(
            "the station {} is being read by another sealdock; wait until it has finished",
            dir.display()
        )
    };
    PortError::new(Kind::Failed, text)
}
