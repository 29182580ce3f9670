//! A consistent copy for the mirror, by SQLite's own backup: never by copying files under it.

use crate::error::{Doing, damaged};
use crate::files::Files;
use crate::slots::HeadFile;
use crate::tree;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags, OptionalExtension as _};
use sealdock_chain::tree::Frontier;
use sealdock_core::ports::PortResult;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// The head that belongs to a copy of the database, beside it: a station is restored from both.
pub(crate) fn head_beside(target: &Path) -> PathBuf {
    target.with_extension("head")
}

/// What speaks against replacing the copy in `target` by the record of `own`: it is longer, or another one.
/// Then it may be the only thing left that knows the entries of a station that was put back to an older
/// state. `None`: it is not there, cannot be read as a record, or is a beginning of this one.
pub(crate) fn objection(own: &Connection, target: &Path) -> PortResult<Option<String>> {
    let found = match edge_of(target) {
        Ok(Some(found)) => found,
        Ok(None) => return Ok(None),
        Err(error) => {
            tracing::warn!(%error, copy = %target.display(), "the old copy of the chain cannot be read");
            return Ok(None);
        }
    };
    let (size, shown) = (found.size(), target.display());
    let here = tree::frontier(own)?.size();
    let rest = "nothing was overwritten and nothing may be recorded before this is settled. Stop, keep both as they are, and restore the station from its mirror (docs/guide/operate.md, section 10)";
    if size > here {
        return Ok(Some(format!(
            "the copy of the chain in the mirror is newer: {shown} has {size} entries, this station {here}: an old state of the station was put back; {rest}"
        )));
    }
    if tree::root_at(own, size)? != found.root() {
        return Ok(Some(format!(
            "the copy of the chain in the mirror has another history: the first {size} entries of {shown} are not those of this station, which was put back to an old state or exchanged; {rest}"
        )));
    }
    Ok(None)
}

/// The right edge of the record in a file that nobody writes to: `immutable`, so that no index and no log
/// is made beside it.
fn edge_of(file: &Path) -> PortResult<Option<Frontier>> {
    if file.symlink_metadata().is_err() {
        return Ok(None);
    }
    let conn = open_still(file)?;
    tree::frontier(&conn).map(Some)
}

fn open_still(file: &Path) -> PortResult<Connection> {
    let mut uri = String::from("file:");
    for byte in file.as_os_str().as_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
                uri.push(char::from(*byte));
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri.push_str("?immutable=1");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(uri, flags)
        .doing(|| format!("open the copy of the chain {}", file.display()))
}

/// Puts the newest head that the copy holds beside it. Made anew each time and renamed; a cut before that
/// leaves the head of the copy before, which the next one replaces.
pub(crate) fn put_head(target: &Path) -> PortResult<()> {
    let conn = open_still(target)?;
    let note: Option<String> = conn
        .query_row("SELECT note FROM head ORDER BY size DESC LIMIT 1", [], |row| row.get(0))
        .optional()
        .doing(|| format!("read the newest head of {}", target.display()))?;
    let Some(note) = note else { return Ok(()) };
    let head = head_beside(target);
    let part = head.with_extension("head.part");
    if part.symlink_metadata().is_ok() {
        fs::remove_file(&part).doing(|| format!("remove {}", part.display()))?;
    }
    HeadFile::make(&part)?.write(&note).doing(|| format!("write {}", part.display()))?;
    publish(&part, &head)
}

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
