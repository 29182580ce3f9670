//! The chain as static files (c2sp.org/tlog-tiles), for a mirror outside the station. What was published never
//! changes, so a folder that holds an earlier head is gone on with; one that holds anything else is not touched.

use super::stopped;
use crate::answer::Answer;
use crate::execute::sync_dir;
use crate::exit::{CliError, Exit, file_error};
use crate::wire::Open;
use sealdock_chain::note::{NOTE_BYTES_MAX, SignedCheckpoint};
use sealdock_chain::tiles::{TILE_WIDTH, TileKind, TilePlan, entry_bundle, tile_bytes};
use sealdock_chain::tree::root_of;
use sealdock_core::ports::LedgerView;
use sealdock_station::view::Nodes;
use serde_json::json;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// The checkpoint last, because it promises the others.
pub fn export(open: &Open, out: &Path) -> Result<Answer, CliError> {
    let view = open.station.world().ledger.view()?;
    let before = published(open, &*view, out)?;
    let head = view.head()?;
    let size = head.checkpoint().size;
    let mut files = 0u64;
    for (path, kind) in TilePlan::new(size) {
        if covers(kind).is_none_or(|end| end > before) {
            write(&out.join(path), &tile(&*view, kind)?)?;
            files += 1;
        }
    }
    put_head(out, head.note())?;
    let json = json!({ "out": out.display().to_string(), "size": size, "files": files + 1, "before": before });
    Ok(Answer::new(json).line(format!(
        "{size} entries, {files} new files and the head under {}; verify with the key of `sealdock log vkey`",
        out.display()
    )))
}

/// Entries of the head that lies there already; 0 where nothing does.
fn published(open: &Open, view: &dyn LedgerView, out: &Path) -> Result<u64, CliError> {
    let path = out.join("checkpoint");
    let mut text = String::new();
    match File::open(&path) {
        Ok(file) => file.take(NOTE_BYTES_MAX as u64 + 1).read_to_string(&mut text),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return make_empty(out).map(|()| 0),
        Err(e) => Err(e),
    }
    .map_err(|e| file_error("read", &path, &e))?;
    mirror_alone(out)?;
    let other = |why: String| {
        let text = format!(
            "{} holds another record, or another history of this one: {why}. Keep it as it is, compare with \
             `sealdock check --pin {}`, and name a directory that is not there yet",
            out.display(),
            path.display()
        );
        CliError::new(Exit::Refused, text)
    };
    let size = text.split('\n').nth(1).and_then(|size| size.parse().ok()).unwrap_or(0);
    let key = open.station.log_key(size)?;
    let there = SignedCheckpoint::open(&text, &key).map_err(|e| other(e.to_string()))?;
    let ours = view.head()?.checkpoint().size;
    if size > ours {
        return Err(other(format!("it has {size} entries, this chain {ours}")));
    }
    let root = root_of(&Nodes(view), size).map_err(|e| stopped(&e.to_string()))?;
    match root == there.checkpoint().root {
        true => Ok(size),
        false => Err(other(format!("its first {size} entries are others"))),
    }
}

/// A head lies in packages too: what is gone on with holds a head, tiles and nothing else, or what it is would be
/// written over.
fn mirror_alone(out: &Path) -> Result<(), CliError> {
    let failed = |e: std::io::Error| file_error("look into", out, &e);
    for entry in std::fs::read_dir(out).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        if !["checkpoint", "checkpoint.new", "tile"].iter().any(|known| name == *known) {
            let text = format!(
                "{} holds {name:?} beside a head, so it is no mirror of tiles; nothing was written. Name a directory \
                 that is not there yet",
                out.display()
            );
            return Err(CliError::new(Exit::Refused, text));
        }
    }
    match out.join("tile").is_dir() {
        true => Ok(()),
        false => Err(CliError::new(
            Exit::Refused,
            format!(
                "{} holds a head without tiles; name a directory that is not there yet",
                out.display()
            ),
        )),
    }
}

/// Entries up to the end of a full tile; none where it is not full, and the next head has a wider one.
fn covers(kind: TileKind) -> Option<u64> {
    let (levels, index, width) = match kind {
        TileKind::Hashes { level, index, width } => (level.checked_add(1)?, index, width),
        TileKind::Entries { index, width } => (1, index, width),
    };
    let end = index.checked_add(1)?.checked_mul(TILE_WIDTH.checked_pow(levels)?)?;
    (width == TILE_WIDTH).then_some(end)
}

fn tile(view: &dyn LedgerView, kind: TileKind) -> Result<Vec<u8>, CliError> {
    match kind {
        TileKind::Hashes { level, index, width } => {
            tile_bytes(&Nodes(view), level, index, width).map_err(|e| stopped(&e.to_string()))
        }
        TileKind::Entries { index, width } => {
            let width = u32::try_from(width).unwrap_or(u32::MAX);
            let entries = view.entries(index * TILE_WIDTH, width)?;
            let slices: Vec<&[u8]> = entries.iter().map(Vec::as_slice).collect();
            entry_bundle(&slices).map_err(|e| stopped(&e.to_string()))
        }
    }
}

fn make_empty(out: &Path) -> Result<(), CliError> {
    match std::fs::create_dir(out) {
        Ok(()) => return Ok(()),
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(e) => return Err(file_error("make", out, &e)),
    }
    let mut entries = std::fs::read_dir(out).map_err(|e| file_error("look into", out, &e))?;
    match entries.next() {
        None => Ok(()),
        Some(_) => {
            let text = format!(
                "{} is not empty and holds no head of this record; name a directory that is not there yet",
                out.display()
            );
            Err(CliError::new(Exit::Refused, text))
        }
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|e| file_error("make", folder, &e))?;
    }
    std::fs::write(path, bytes).map_err(|e| file_error("write", path, &e))
}

/// Whoever reads meanwhile sees the old head or the new one, and everything that it promises is on the disk.
fn put_head(out: &Path, note: &str) -> Result<(), CliError> {
    let (beside, path) = (out.join("checkpoint.new"), out.join("checkpoint"));
    let put = || {
        std::fs::write(&beside, note)?;
        rustix::fs::syncfs(File::open(out)?)?;
        std::fs::rename(&beside, &path)?;
        sync_dir(Some(out))
    };
    put().map_err(|e| file_error("write", &path, &e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_tile_is_written_once_and_one_that_will_widen_each_time() {
        let hashes = |level, index, width| covers(TileKind::Hashes { level, index, width });
        assert_eq!(hashes(0, 0, 256), Some(256));
        assert_eq!(hashes(0, 3, 256), Some(1024));
        assert_eq!(hashes(1, 1, 256), Some(2 * 65536));
        assert_eq!(hashes(0, 3, 255), None);
        assert_eq!(covers(TileKind::Entries { index: 2, width: 256 }), Some(768));
        assert_eq!(covers(TileKind::Entries { index: 2, width: 1 }), None);
        assert_eq!(hashes(63, 9, 256), None);
    }
}
