//! Where a record is published: static files (c2sp.org/tlog-tiles), as `sealdock log export` writes them.

use sealdock_chain::Digest;
use sealdock_chain::note::NOTE_BYTES_MAX;
use sealdock_chain::tiles::{TILE_WIDTH, entries_in, entries_path, tile_path};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// Bytes of a bundle of 256 entries, each as long as may be.
const BUNDLE_BYTES_MAX: u64 = TILE_WIDTH * (65_535 + 2);
const HASH_BYTES: u64 = 32;

/// A published record. Nothing in it is believed before it leads to a signed head.
pub trait Mirror {
    /// The newest head, as a signed note.
    ///
    /// # Errors
    /// It cannot be read.
    fn checkpoint(&self) -> io::Result<String>;

    /// Entries `from` up to `to`, not included.
    ///
    /// # Errors
    /// One is not there ([`io::ErrorKind::NotFound`]), a bundle is malformed ([`io::ErrorKind::InvalidData`]), or they
    /// cannot be read.
    fn entries(&self, from: u64, to: u64) -> io::Result<Vec<Vec<u8>>>;

    /// The leaf hashes of the first `size` entries.
    ///
    /// # Errors
    /// As [`Mirror::entries`].
    fn leaves(&self, size: u64) -> io::Result<Vec<Digest>>;
}

/// A folder of tiles.
#[derive(Debug, Clone)]
pub struct Tiles(PathBuf);

impl Tiles {
    /// The folder with `checkpoint` and `tile/` in it.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    /// The tile of this width, or the full one, which begins with the same bytes.
    fn tile(&self, path: impl Fn(u64) -> String, width: u64, most: u64) -> io::Result<Vec<u8>> {
        match self.file(&path(width), most) {
            Err(e) if e.kind() == io::ErrorKind::NotFound && width < TILE_WIDTH => {
                self.file(&path(TILE_WIDTH), most)
            }
            read => read,
        }
    }

    fn file(&self, name: &str, most: u64) -> io::Result<Vec<u8>> {
        let about = |e: io::Error| io::Error::new(e.kind(), format!("{name}: {e}"));
        let mut bytes = Vec::new();
        let file = File::open(self.0.join(name)).map_err(about)?;
        file.take(most + 1).read_to_end(&mut bytes).map_err(about)?;
        match bytes.len() as u64 > most {
            true => Err(malformed(name, "it is longer than such a file can be")),
            false => Ok(bytes),
        }
    }
}

fn malformed(name: &str, why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{name}: {why}"))
}

/// Number and width of each tile over `from` up to `to` of a tree of `to`.
fn tiles(from: u64, to: u64) -> impl Iterator<Item = (u64, u64)> {
    let last = to.div_ceil(TILE_WIDTH);
    (from / TILE_WIDTH..last).map(move |index| (index, (to - index * TILE_WIDTH).min(TILE_WIDTH)))
}

/// As a place in a tile, which is below 256.
fn within(at: u64) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}

impl Mirror for Tiles {
    fn checkpoint(&self) -> io::Result<String> {
        let bytes = self.file("checkpoint", NOTE_BYTES_MAX as u64)?;
        String::from_utf8(bytes).map_err(|_| malformed("checkpoint", "it is no text"))
    }

    fn entries(&self, from: u64, to: u64) -> io::Result<Vec<Vec<u8>>> {
        let mut all = Vec::new();
        for (index, width) in tiles(from, to) {
            let name = entries_path(index, width);
            let bundle = self.tile(|width| entries_path(index, width), width, BUNDLE_BYTES_MAX)?;
            let entries = entries_in(&bundle).map_err(|e| malformed(&name, &e.to_string()))?;
            let first = within(from.saturating_sub(index * TILE_WIDTH));
            let part = entries.get(first..within(width));
            let part = part.ok_or_else(|| malformed(&name, "it has too few entries"))?;
            all.extend(part.iter().map(|entry| entry.to_vec()));
        }
        Ok(all)
    }

    fn leaves(&self, size: u64) -> io::Result<Vec<Digest>> {
        let mut all = Vec::new();
        for (index, width) in tiles(0, size) {
            let most = TILE_WIDTH * HASH_BYTES;
            let bytes = self.tile(|width| tile_path(0, index, width), width, most)?;
            let (hashes, rest) = bytes.as_chunks::<32>();
            if !rest.is_empty() || (hashes.len() as u64) < width {
                return Err(malformed(&tile_path(0, index, width), "it has too few hashes"));
            }
            all.extend(hashes[..within(width)].iter().copied().map(Digest));
        }
        Ok(all)
    }
}
