//! Makes sure that what is read next comes from the medium and not from the station's memory, and says
//! how. Three ways, the strongest that works: the volume is unmounted and mounted again; direct I/O,
//! shown to leave nothing in the page cache; or a page cache that the kernel says is empty. Nothing else
//! counts.

/// The station's own unmounting and mounting, so that bays do not take it for a plug.
pub mod own;
/// Unmount, prove it gone, mount again.
pub mod remount;
/// Which pages of a file the kernel holds.
pub mod resident;

use crate::file::{DIRECT, DROPPED, FileSource};
use crate::root::Root;
use sealdock_core::block::{BLOCK_ALIGN, Block};
use sealdock_core::listing::RawLine;
use sealdock_core::ports::{PortResult, Source as _};
use std::sync::Arc;

/// Tries the ways without remounting on one file of the recorder, and names the one that is proven.
/// With no file to try there is nothing to read, and each later open proves its own way. The file may
/// be one that is still recorded: a way of reading belongs to the file system.
///
/// # Errors
/// The file cannot be opened or read.
pub fn prove(root: &Arc<Root>, sample: Option<&RawLine>) -> PortResult<Option<&'static str>> {
    let Some(line) = sample else { return Ok(Some(DIRECT)) };
    way_of(FileSource::open_sample(root, line)?)
}

fn way_of(mut source: FileSource) -> PortResult<Option<&'static str>> {
    let emptied = source.drop_cached()?;
    if source.method() != DIRECT {
        return Ok(emptied.then_some(DROPPED));
    }
    source.read_at(0, &mut Block::new(BLOCK_ALIGN))?;
    // Had the read gone through the cache, its first page would be there now.
    Ok(source.first_block_is_cold()?.then_some(DIRECT))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::walk;

    #[test]
    fn direct_io_that_is_only_pretended_proves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("a.mp4"), [7; 10_000]).unwrap();
        let root = Arc::new(Root::open(dir.path()).unwrap());
        let line = walk::list(&root).unwrap().lines.remove(0);
        let pretending = FileSource::pretending(&root, &line);
        assert_eq!(pretending.method(), DIRECT);
        assert_eq!(way_of(pretending).unwrap(), None);
    }

    #[test]
    fn a_way_is_proven_on_a_file_that_grew_since_it_was_listed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.mp4");
        std::fs::write(&path, [7; 10_000]).unwrap();
        let root = Arc::new(Root::open(dir.path()).unwrap());
        let line = walk::list(&root).unwrap().lines.remove(0);
        let expected = prove(&root, Some(&line)).unwrap();
        std::fs::write(&path, [7; 10_001]).unwrap();
        assert!(FileSource::open(&root, &line).is_err());
        assert_eq!(prove(&root, Some(&line)).unwrap(), expected);
        std::fs::remove_file(&path).unwrap();
        assert!(prove(&root, Some(&line)).is_err());
        std::fs::create_dir(&path).unwrap();
        assert!(prove(&root, Some(&line)).unwrap_err().message.contains("no regular file"));
    }
}
