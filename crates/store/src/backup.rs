//! A consistent copy for the mirror, by SQLite's own backup: never by copying files under it.

use crate::error::{Doing, damaged};
use crate::files::Files;
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};
use sealdock_core::ports::PortResult;
use std::fs::{self, File};
use std::path::Path;

/// Copies what `from` sees to `target`: a temporary file beside it, synced, then renamed.
pub(crate) fn copy(from: &Connection, target: &Path) -> PortResult<()> {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let part = target.with_file_name(format!(".{name}.part"));
    // A part is what a crash left of an earlier copy; nobody else writes that name.
    if part.symlink_metadata().is_ok() {
        fs::remove_file(&part).doing(|| format!("remove {}", part.display()))?;
    }
    drop(Files::make_private(&part)?);
    let finished = fill(from, &part).and_then(|()| publish(&part, target));
    if finished.is_err() {
        // The first error is the one to tell; a left part is removed by the next copy.
        let _kept = fs::remove_file(&part);
    }
    finished
}

fn fill(from: &Connection, part: &Path) -> PortResult<()> {
    let copying = || format!("copy the database to {}", part.display());
    let mut to = Connection::open(part).doing(copying)?;
    {
        let backup = Backup::new(from, &mut to).doing(copying)?;
        // All pages in one step: a single snapshot, and the writer is not held up in WAL mode.
        if backup.step(-1).doing(copying)? != StepResult::Done {
            return Err(damaged(format!("cannot {}: it ended early; try again", copying())));
        }
    }
    to.close().map_err(|(_, error)| error).doing(copying)
}

fn publish(part: &Path, target: &Path) -> PortResult<()> {
    let publishing = || format!("put the copy in place as {}", target.display());
    File::open(part).and_then(|file| file.sync_all()).doing(publishing)?;
    fs::rename(part, target).doing(publishing)?;
    Files::sync_dir(target.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")))
}
