//! One side of a comparison: the heads of a record that somebody holds, and what leads from earlier heads to them.

use crate::folder::Folder;
use crate::names;
use crate::trust::{Pin, Refused};
use sealdock_chain::Digest;
use sealdock_chain::growth::Growth;
use sealdock_chain::note::{Checkpoint, SignedCheckpoint, VerifierKey};
use sealdock_chain::tiles::{TILE_WIDTH, tile_path};
use sealdock_chain::tree::{NodeSource, TreeError, consistency_proof, node_hash, root_of};
use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{self, Read as _};

/// Where the head lies in a folder of tiles.
const TILES_HEAD: &str = "checkpoint";

/// A head or a growth is smaller, and so is a tile.
const BYTES_MAX: u64 = 64 * 1024;

/// Growths from earlier heads that a package may hold; more are not looked at.
const GROWTHS_MAX: usize = 10_000;

/// What somebody holds of a record.
pub struct History<'f> {
    /// What the reader calls it.
    pub about: String,
    /// Heads whose signature holds, the smallest first. Each later one is proven to grow from the one before.
    pub heads: Vec<SignedCheckpoint>,
    growths: Vec<Growth>,
    tiles: Option<Tiles<'f>>,
}

impl<'f> History<'f> {
    /// A checkpoint, a text in which one stands, or a growth with its later head.
    ///
    /// # Errors
    /// No head in it is signed by one of `keys`.
    pub fn from_text(about: &str, text: &str, keys: &[VerifierKey]) -> Result<Self, Refused> {
        let pin = Pin::find(about, text)?;
        let head = opened(about, &pin.note, keys)?;
        let growths = Growth::parse(text).into_iter().collect();
        Ok(History { about: about.to_owned(), heads: vec![head], growths, tiles: None })
    }

    /// A package of evidence, or a folder of tiles.
    ///
    /// # Errors
    /// It is neither, it cannot be read, or its head is not signed by one of `keys`.
    pub fn from_folder(
        about: &str,
        folder: &'f dyn Folder,
        keys: &[VerifierKey],
    ) -> Result<Self, Refused> {
        if let Some(text) = text_in(folder, names::CHECKPOINT).map_err(|c| unreadable(about, c))? {
            return Self::from_package(about, folder, (&text, keys));
        }
        let text = text_in(folder, TILES_HEAD).map_err(|cause| unreadable(about, cause))?;
        let Some(text) = text else {
            let why = "it holds neither record/checkpoint nor checkpoint; give a package, a folder of tiles, \
                       a checkpoint or a receipt";
            return Err(Refused::History { about: about.to_owned(), why: why.to_owned() });
        };
        let head = opened(about, &text, keys)?;
        let tiles = Tiles::new(folder, head.checkpoint().size);
        let root = tiles.root(head.checkpoint().size);
        if root != Some(head.checkpoint().root) {
            let why = "its tiles do not lead to its checkpoint; export the tiles again";
            return Err(Refused::History { about: about.to_owned(), why: why.to_owned() });
        }
        let about = about.to_owned();
        Ok(History { about, heads: vec![head], growths: vec![], tiles: Some(tiles) })
    }

    fn from_package(
        about: &str,
        folder: &'f dyn Folder,
        (text, keys): (&str, &[VerifierKey]),
    ) -> Result<Self, Refused> {
        let unreadable = |cause| unreadable(about, cause);
        let head = opened(about, text, keys)?;
        let mut side =
            History { about: about.to_owned(), heads: vec![head], growths: vec![], tiles: None };
        let items = folder.items().map_err(unreadable)?;
        let anchors = items.iter().filter(|item| item.name.ends_with(".add-checkpoint"));
        for item in anchors.take(GROWTHS_MAX) {
            let text = text_in(folder, &item.name).map_err(unreadable)?.unwrap_or_default();
            // A growth that is none leads nowhere; the verdict on the package says so.
            let Ok(growth) = Growth::parse(&text) else { continue };
            if item.name == names::GROWN {
                side.later(&growth, keys);
            }
            side.growths.push(growth);
        }
        Ok(side)
    }

    /// Takes the head after the first, if it is one that grew from it.
    fn later(&mut self, growth: &Growth, keys: &[VerifierKey]) {
        let Some(first) = self.heads.first() else { return };
        let Some(later) = any_opens(growth.note(), keys) else { return };
        let grows = growth.old() == first.checkpoint().size
            && growth.check(first.checkpoint(), later.checkpoint()).is_ok();
        if grows && later.checkpoint().size > first.checkpoint().size {
            self.heads.push(later);
        }
    }

    /// Growths from `old` entries to `head` that lie here, or can be made of what lies here.
    pub fn growths(&self, old: u64, head: &SignedCheckpoint) -> Vec<Growth> {
        let fits = |growth: &&Growth| growth.old() == old && leads_to(growth, head);
        let mut found: Vec<Growth> = self.growths.iter().filter(fits).cloned().collect();
        if let Some(tiles) = self.tiles.as_ref().filter(|_| self.heads.contains(head)) {
            let hashes = consistency_proof(tiles, old, head.checkpoint().size);
            found.extend(hashes.map(|hashes| Growth::new(old, hashes, head.note().to_owned())));
        }
        found
    }

    /// The root that this history had at `size` entries, where there is all of it.
    pub fn root(&self, size: u64) -> Option<Digest> {
        self.tiles.as_ref()?.root(size)
    }

    /// The largest head.
    pub fn newest(&self) -> Option<&Checkpoint> {
        self.heads.last().map(SignedCheckpoint::checkpoint)
    }
}

/// Signatures of others on it do not make it another head.
fn leads_to(growth: &Growth, head: &SignedCheckpoint) -> bool {
    growth.note().starts_with(&head.checkpoint().body())
}

fn any_opens(note: &str, keys: &[VerifierKey]) -> Option<SignedCheckpoint> {
    keys.iter().find_map(|key| SignedCheckpoint::open(note, key).ok())
}

fn opened(about: &str, note: &str, keys: &[VerifierKey]) -> Result<SignedCheckpoint, Refused> {
    any_opens(note, keys).ok_or_else(|| Refused::History {
        about: about.to_owned(),
        why: "its head is signed by none of the keys given; bring the key of this record and of that time"
            .to_owned(),
    })
}

fn unreadable(about: &str, cause: io::Error) -> Refused {
    Refused::Unreadable { about: about.to_owned(), cause }
}

/// A small file as text; `None` where there is none. What is no text or too large reads as nothing.
fn text_in(folder: &dyn Folder, name: &str) -> io::Result<Option<String>> {
    let bytes = match folder.open(name) {
        Ok(file) => bytes_of(file)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(Some(String::from_utf8(bytes).unwrap_or_default()))
}

fn bytes_of(file: impl io::Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > BYTES_MAX {
        bytes.clear();
    }
    Ok(bytes)
}

/// Hash tiles as `sealdock log export` writes them, each read when it is asked for. What they say is proven by the
/// head that it leads to, and not here.
struct Tiles<'f> {
    folder: &'f dyn Folder,
    size: u64,
    read: RefCell<HashMap<String, Vec<u8>>>,
}

impl<'f> Tiles<'f> {
    fn new(folder: &'f dyn Folder, size: u64) -> Self {
        Tiles { folder, size, read: RefCell::default() }
    }

    fn root(&self, size: u64) -> Option<Digest> {
        (size <= self.size).then(|| root_of(self, size)).and_then(Result::<_, TreeError>::ok)
    }

    fn tile(&self, level: u32, index: u64) -> Option<Vec<u8>> {
        let hashes = self.size.checked_shr(8 * level)?;
        let width = hashes.checked_sub(index.checked_mul(TILE_WIDTH)?)?.min(TILE_WIDTH);
        let name = tile_path(level, index, width);
        if let Some(bytes) = self.read.borrow().get(&name) {
            return Some(bytes.clone());
        }
        let bytes = self.folder.open(&name).and_then(bytes_of).ok()?;
        self.read.borrow_mut().insert(name, bytes.clone());
        Some(bytes)
    }
}

impl NodeSource for Tiles<'_> {
    fn node(&self, level: u32, index: u64) -> Option<Digest> {
        // A tile holds every eighth level; what lies between is hashed from it.
        let (tile_level, above) = (level / 8, level % 8);
        let first = index.checked_shl(above)?;
        let tile = self.tile(tile_level, first / TILE_WIDTH)?;
        let from = usize::try_from(first % TILE_WIDTH).ok()? * 32;
        let mut hashes: Vec<Digest> = tile
            .get(from..from + (32 << above))?
            .chunks_exact(32)
            .filter_map(|hash| hash.try_into().ok().map(Digest))
            .collect();
        while hashes.len() > 1 {
            hashes = hashes.chunks_exact(2).map(|pair| node_hash(&pair[0], &pair[1])).collect();
        }
        hashes.first().copied()
    }
}
