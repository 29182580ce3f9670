//! The record as static files (c2sp.org/tlog-tiles): hash tiles and entry
//! bundles that any tool for transparency logs reads off a disk or a web server.

use crate::digest::Digest;
use crate::entry::ENTRY_BYTES_MAX;
use crate::tree::{NodeSource, TreeError};

/// Hashes in a full tile, and entries in a full bundle.
pub const TILE_WIDTH: u64 = 256;

/// Tree levels that one tile level spans.
const TILE_HEIGHT: u32 = 8;

/// Why tile contents cannot be written or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TilesError {
    /// An entry is longer than its u16 length can say.
    #[error("entry {index} of the bundle has {bytes} bytes, at most {ENTRY_BYTES_MAX} fit")]
    EntryTooLong {
        /// Position within the bundle.
        index: usize,
        /// Length of the entry.
        bytes: usize,
    },
    /// The bundle ends within an entry.
    #[error("the entry bundle is cut off in entry {0}; fetch it again")]
    CutOff(usize),
}

/// The path of a hash tile, relative to the folder of the record. A `width` of
/// 256 is the full tile.
#[must_use]
pub fn tile_path(level: u32, index: u64, width: u64) -> String {
    format!("tile/{level}/{}", grouped(index, width))
}

/// The path of an entry bundle, relative to the folder of the record.
#[must_use]
pub fn entries_path(index: u64, width: u64) -> String {
    format!("tile/entries/{}", grouped(index, width))
}

/// `1234067` → `x001/x234/067`, with `.p/<width>` for a partial tile.
fn grouped(index: u64, width: u64) -> String {
    let mut path = format!("{:03}", index % 1000);
    let mut rest = index / 1000;
    while rest > 0 {
        path = format!("x{:03}/{path}", rest % 1000);
        rest /= 1000;
    }
    if width < TILE_WIDTH {
        path.push_str(&format!(".p/{width}"));
    }
    path
}

/// What a file of the record holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TileKind {
    /// Hashes of one tile level: see [`tile_bytes`].
    Hashes {
        /// Tile level; 0 holds leaf hashes.
        level: u32,
        /// Position within the level.
        index: u64,
        /// Hashes in the tile, 1 to 256.
        width: u64,
    },
    /// Entries `index * 256` and on: see [`entry_bundle`].
    Entries {
        /// Position of the bundle.
        index: u64,
        /// Entries in the bundle, 1 to 256.
        width: u64,
    },
}

impl TileKind {
    /// Where the file lies, relative to the folder of the record.
    #[must_use]
    pub fn path(&self) -> String {
        match *self {
            Self::Hashes { level, index, width } => tile_path(level, index, width),
            Self::Entries { index, width } => entries_path(index, width),
        }
    }
}

/// All files of a tree of one size: full tiles and the partial tile of each
/// level, then the entry bundles. Iterates over `(path, kind)`.
#[derive(Debug, Clone)]
pub struct TilePlan {
    size: u64,
    /// The level to come; `None` once the entry bundles are reached.
    level: Option<u32>,
    index: u64,
}

impl TilePlan {
    /// The files of a tree of `size` entries.
    #[must_use]
    pub fn new(size: u64) -> Self {
        Self { size, level: Some(0), index: 0 }
    }
}

impl Iterator for TilePlan {
    type Item = (String, TileKind);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let level = self.level.unwrap_or(0);
            let hashes = self.size.checked_shr(level * TILE_HEIGHT).unwrap_or(0);
            let width =
                hashes.saturating_sub(self.index.saturating_mul(TILE_WIDTH)).min(TILE_WIDTH);
            let index = self.index;
            self.index += 1;
            match self.level {
                Some(level) if width > 0 => {
                    let kind = TileKind::Hashes { level, index, width };
                    return Some((kind.path(), kind));
                }
                None if width > 0 => {
                    let kind = TileKind::Entries { index, width };
                    return Some((kind.path(), kind));
                }
                Some(level) => {
                    self.level = (hashes > 0).then_some(level + 1);
                    self.index = 0;
                }
                None => {
                    self.index = index;
                    return None;
                }
            }
        }
    }
}

/// The bytes of a hash tile: `width` hashes of 32 bytes, where hash i of tile
/// level l is the head of the perfect subtree i of tree level 8·l.
///
/// # Errors
/// A node is missing from `source`.
pub fn tile_bytes(
    source: &(impl NodeSource + ?Sized),
    level: u32,
    index: u64,
    width: u64,
) -> Result<Vec<u8>, TreeError> {
    let level = level.saturating_mul(TILE_HEIGHT);
    let first = index.saturating_mul(TILE_WIDTH);
    let mut bytes = Vec::new();
    for index in first..first.saturating_add(width.min(TILE_WIDTH)) {
        let Digest(hash) =
            source.node(level, index).ok_or(TreeError::MissingNode { level, index })?;
        bytes.extend_from_slice(&hash);
    }
    Ok(bytes)
}

/// The bytes of an entry bundle: for each entry its length as u16 big endian,
/// then the entry.
///
/// # Errors
/// An entry is longer than 65,535 bytes.
pub fn entry_bundle(entries: &[&[u8]]) -> Result<Vec<u8>, TilesError> {
    let mut bundle = Vec::with_capacity(entries.iter().map(|entry| entry.len() + 2).sum());
    for (index, entry) in entries.iter().enumerate() {
        let length = u16::try_from(entry.len())
            .map_err(|_| TilesError::EntryTooLong { index, bytes: entry.len() })?;
        bundle.extend_from_slice(&length.to_be_bytes());
        bundle.extend_from_slice(entry);
    }
    Ok(bundle)
}

/// The entries in a bundle.
///
/// # Errors
/// The bundle ends within an entry.
pub fn entries_in(bundle: &[u8]) -> Result<Vec<&[u8]>, TilesError> {
    let mut entries = Vec::new();
    let mut rest = bundle;
    while !rest.is_empty() {
        let (entry, after) = first_entry(rest).ok_or(TilesError::CutOff(entries.len()))?;
        entries.push(entry);
        rest = after;
    }
    Ok(entries)
}

fn first_entry(bundle: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bundle.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}

#[cfg(test)]
mod tests;
