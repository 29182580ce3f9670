//! Files of a folder of tiles. Each is written under another name, synced, renamed, its folder synced.

use crate::error::{Doing, damaged};
use crate::faults::Fate;
use crate::files::Files;
use sealdock_chain::digest::Digest;
use sealdock_chain::note::{NOTE_BYTES_MAX, SignedCheckpoint};
use sealdock_chain::tiles::{
    TILE_WIDTH, TileKind, entries_in, entries_path, entry_bundle, tile_bytes,
};
use sealdock_chain::tree::NodeSource;
use sealdock_core::ports::{Kind, LedgerView, PortError, PortResult};
use std::fmt::Debug;
use std::fs::{self, File};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A bundle of 256 entries, each as long as may be.
pub(super) const FILE_BYTES_MAX: u64 = TILE_WIDTH * (65_535 + 2);

/// The newest head.
pub(super) const HEAD: &str = "checkpoint";
/// What was found otherwise than the chain says.
const ASIDE: &str = "aside";

/// Bundles of heads that may be gone between two that are there.
const GAP_MOST: u64 = 64;

/// The durable steps of one carrying, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TileStep {
    /// What was there and is wrong has its name among what stands aside.
    PutAside,
    /// The bytes are on the medium under another name.
    Written,
    /// The file has its name, and nobody was told.
    Named,
    /// The same two of the head, which promises all the others.
    HeadWritten,
    HeadNamed,
}

/// Decides the fate of steps; in the product nothing ever happens here.
pub trait TileFaults: Send + Sync + Debug {
    /// What becomes of this step?
    fn at(&self, step: TileStep) -> Fate;
}

#[derive(Debug)]
struct NoFaults;

impl TileFaults for NoFaults {
    fn at(&self, _: TileStep) -> Fate {
        Fate::Goes
    }
}

/// A folder of tiles; it need not be there yet.
#[derive(Debug, Clone)]
pub struct Tiles {
    dir: PathBuf,
    faults: Arc<dyn TileFaults>,
}

/// One file that belongs to a record of some size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    Tile(TileKind),
    /// Heads of `index * 256 + 1` up to `index * 256 + width` entries.
    Heads {
        index: u64,
        width: u64,
    },
}

impl Item {
    /// Every file of a record of `size` entries.
    pub(super) fn all(size: u64) -> impl Iterator<Item = Item> {
        let heads = (0..size.div_ceil(TILE_WIDTH)).map(move |index| Item::Heads {
            index,
            width: (size - index * TILE_WIDTH).min(TILE_WIDTH),
        });
        sealdock_chain::tiles::TilePlan::new(size).map(|(_, kind)| Item::Tile(kind)).chain(heads)
    }

    /// Below the folder.
    pub(super) fn path(self) -> String {
        match self {
            Item::Tile(kind) => kind.path(),
            Item::Heads { index, width } => heads_path(index, width),
        }
    }

    /// Entries up to its end if it is full; none where the next head has a wider one.
    pub(super) fn full_at(self) -> Option<u64> {
        let (levels, index, width) = match self {
            Item::Tile(TileKind::Hashes { level, index, width }) => {
                (level.checked_add(1)?, index, width)
            }
            Item::Tile(TileKind::Entries { index, width }) | Item::Heads { index, width } => {
                (1, index, width)
            }
        };
        let end = index.checked_add(1)?.checked_mul(TILE_WIDTH.checked_pow(levels)?)?;
        (width == TILE_WIDTH).then_some(end)
    }

    /// As the chain has it.
    pub(super) fn bytes(self, view: &dyn LedgerView) -> PortResult<Vec<u8>> {
        match self {
            Item::Tile(TileKind::Hashes { level, index, width }) => {
                tile_bytes(&Nodes(view), level, index, width).map_err(|e| damaged(e.to_string()))
            }
            Item::Tile(TileKind::Entries { index, width }) => {
                let entries = view.entries(index * TILE_WIDTH, count(width))?;
                bundle(&entries.iter().map(Vec::as_slice).collect::<Vec<_>>())
            }
            Item::Heads { index, width } => {
                let first = index * TILE_WIDTH + 1;
                let mut heads = view.heads(first, count(width))?;
                heads.retain(|head| head.checkpoint().size < first + width);
                let notes = heads.iter().map(|head| head.note().as_bytes());
                bundle(&notes.collect::<Vec<_>>())
            }
        }
    }
}

fn heads_path(index: u64, width: u64) -> String {
    entries_path(index, width).replacen("tile/entries", "heads", 1)
}

fn count(width: u64) -> u32 {
    u32::try_from(width).unwrap_or(u32::MAX)
}

fn bundle(parts: &[&[u8]]) -> PortResult<Vec<u8>> {
    entry_bundle(parts).map_err(|e| damaged(e.to_string()))
}

/// The nodes of a ledger, for the pure makers of tiles.
pub(super) struct Nodes<'a>(pub(super) &'a dyn LedgerView);

impl NodeSource for Nodes<'_> {
    fn node(&self, level: u32, index: u64) -> Option<Digest> {
        self.0.node(level, index).ok().flatten()
    }
}

/// Heads that lie there: their texts by the number of entries they state, as far as they can be read.
pub type Heads = Vec<(u64, String)>;

impl Tiles {
    /// The folder with `checkpoint`, `tile/` and `heads/` in it.
    #[must_use]
    pub fn new(dir: &Path) -> Tiles {
        Tiles { dir: dir.to_owned(), faults: Arc::new(NoFaults) }
    }

    /// The same, with steps that may fail.
    #[must_use]
    pub fn with_faults(dir: &Path, faults: Arc<dyn TileFaults>) -> Tiles {
        Tiles { faults, ..Tiles::new(dir) }
    }

    /// Where it lies.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// A file, if it is there.
    pub(super) fn read(&self, path: &str) -> PortResult<Option<Vec<u8>>> {
        let path = self.dir.join(path);
        let file = match File::open(&path) {
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            file => file.doing(|| format!("open {}", path.display()))?,
        };
        let mut bytes = Vec::new();
        let read = file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes);
        read.doing(|| format!("read {}", path.display()))?;
        Ok(Some(bytes))
    }

    pub(super) fn is_there(&self, path: &str) -> bool {
        self.dir.join(path).symlink_metadata().is_ok_and(|facts| facts.is_file())
    }

    /// The text of the head that lies there; `Err`: something that is no text of a head.
    pub(super) fn head(&self) -> PortResult<Option<Result<(u64, String), String>>> {
        let Some(bytes) = self.read(HEAD)? else { return Ok(None) };
        Ok(Some(stated(bytes).ok_or_else(|| "it holds no head".to_owned())))
    }

    /// The bundle of this number and width, else the full one, else the widest there is.
    pub(super) fn widest(
        &self,
        path: impl Fn(u64) -> String,
        width: u64,
    ) -> PortResult<Option<Vec<u8>>> {
        for width in [width, TILE_WIDTH] {
            if let Some(bytes) = self.read(&path(width))? {
                return Ok(Some(bytes));
            }
        }
        let folder = self.dir.join(format!("{}.p", path(TILE_WIDTH)));
        let mut widths: Vec<u64> = numbers(&folder)?;
        widths.sort_unstable();
        match widths.last() {
            Some(width) => self.read(&path(*width)),
            None => Ok(None),
        }
    }

    /// Every head that lies there, in no order; and what could not be read.
    ///
    /// # Errors
    /// The folder cannot be looked into.
    pub fn heads(&self) -> PortResult<(Heads, Vec<String>)> {
        let (mut heads, mut faults) = (Heads::new(), Vec::new());
        match self.head()? {
            Some(Ok(head)) => heads.push(head),
            Some(Err(why)) => faults.push(format!("{HEAD}: {why}")),
            None => faults.push(format!("{HEAD} is not there")),
        }
        let (mut gap, mut missed) = (0, Vec::new());
        for index in 0.. {
            let name = heads_path(index, TILE_WIDTH);
            match self.widest(|width| heads_path(index, width), TILE_WIDTH)? {
                None if gap == GAP_MOST => break,
                None => {
                    gap += 1;
                    missed.push(format!("{name} is gone"));
                }
                Some(bytes) => {
                    gap = 0;
                    faults.append(&mut missed);
                    match entries_in(&bytes) {
                        Ok(notes) => {
                            heads.extend(notes.into_iter().filter_map(|note| stated(note.into())));
                        }
                        Err(error) => faults.push(format!("{name}: {error}")),
                    }
                }
            }
        }
        Ok((heads, faults))
    }

    /// Written, synced, named; where something else lay there, that is put aside first.
    pub(super) fn put(&self, path: &str, bytes: &[u8]) -> PortResult<()> {
        let target = self.dir.join(path);
        let folder = target.parent().unwrap_or(&self.dir).to_owned();
        self.make_folders(&folder)?;
        let [written, named] = match path {
            HEAD => [TileStep::HeadWritten, TileStep::HeadNamed],
            _ => [TileStep::Written, TileStep::Named],
        };
        let beside = self.dir.join(".new");
        match fs::remove_file(&beside) {
            Err(e) if e.kind() != ErrorKind::NotFound => {
                return Err(e).doing(|| format!("clear {}", beside.display()));
            }
            _ => {}
        }
        let mut file = Files::make_private(&beside)?;
        let write = file.write_all(bytes).and_then(|()| file.sync_all());
        write.doing(|| format!("write {}", beside.display()))?;
        self.passes(written, &target)?;
        fs::rename(&beside, &target).doing(|| format!("name {}", target.display()))?;
        self.passes(named, &target)?;
        Files::sync_dir(&folder)
    }

    /// What is there under this name is not what it must be: kept under another one, for whoever asks what happened.
    pub(super) fn put_aside(&self, path: &str, bytes: &[u8]) -> PortResult<()> {
        let folder = self.dir.join(ASIDE);
        self.make_folders(&folder)?;
        let digest = Digest::of(bytes).to_string();
        let name = format!("{}.{}", path.replace('/', "_"), &digest[..16]);
        let (from, to) = (self.dir.join(path), folder.join(name));
        fs::rename(&from, &to).doing(|| format!("put {} aside", from.display()))?;
        self.passes(TileStep::PutAside, &from)?;
        Files::sync_dir(&folder)
    }

    /// Leaves a mark among what stands aside, so that it stays known after the file is written again.
    pub(super) fn note_gone(&self, path: &str) -> PortResult<()> {
        self.put(&format!("{ASIDE}/{}.gone", path.replace('/', "_")), b"")
    }

    /// How many files stand aside.
    pub(super) fn standing_aside(&self) -> PortResult<u64> {
        let folder = self.dir.join(ASIDE);
        match fs::read_dir(&folder) {
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(0),
            entries => {
                let entries = entries.doing(|| format!("look into {}", folder.display()))?;
                Ok(entries.count() as u64)
            }
        }
    }

    /// The whole folder belongs to a record of before: it gets another name, and a new one begins.
    pub(super) fn retire(&self, size: u64) -> PortResult<PathBuf> {
        let name = self.dir.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let to = self.dir.with_file_name(format!("{name}-of-{size}"));
        if to.symlink_metadata().is_ok() {
            let text = format!("{} is in the way; move it elsewhere", to.display());
            return Err(PortError::new(Kind::Failed, text));
        }
        fs::rename(&self.dir, &to).doing(|| format!("rename {}", self.dir.display()))?;
        self.passes(TileStep::PutAside, &to)?;
        self.dir.parent().map_or(Ok(()), Files::sync_dir)?;
        Ok(to)
    }

    /// Narrower files of the same tile, which the one at `path` made needless. They were never promised by the head
    /// that lies there now, so nothing depends on whether they go.
    pub(super) fn tidy(&self, path: &str) {
        let target = self.dir.join(path);
        let (folder, narrower) = match path.rsplit_once(".p/") {
            Some((_, width)) => (target.parent().map(Path::to_owned), width.parse().unwrap_or(0)),
            None => (Some(self.dir.join(format!("{path}.p"))), TILE_WIDTH),
        };
        let Some(folder) = folder else { return };
        for width in numbers(&folder).unwrap_or_default() {
            if width < narrower {
                let _left = fs::remove_file(folder.join(width.to_string()));
            }
        }
        // Goes only if it is empty.
        let _left = fs::remove_dir(&folder);
    }

    fn make_folders(&self, folder: &Path) -> PortResult<()> {
        let mut missing = Vec::new();
        let mut at = folder;
        while !at.is_dir() {
            missing.push(at.to_owned());
            match at.parent() {
                Some(parent) if at != self.dir => at = parent,
                _ => break,
            }
        }
        for folder in missing.iter().rev() {
            match fs::DirBuilder::new().mode(0o700).create(folder) {
                Err(e) if e.kind() != ErrorKind::AlreadyExists => {
                    return Err(e).doing(|| format!("make {}", folder.display()));
                }
                _ => {}
            }
            folder.parent().map_or(Ok(()), Files::sync_dir)?;
        }
        Ok(())
    }

    fn passes(&self, step: TileStep, path: &Path) -> PortResult<()> {
        match self.faults.at(step) {
            Fate::Goes => Ok(()),
            Fate::Dies => {
                let text = format!("killed at {step:?} of {}", path.display());
                Err(PortError::new(Kind::Failed, text))
            }
        }
    }
}

/// A text that states how many entries it is the head of.
fn stated(bytes: Vec<u8>) -> Option<(u64, String)> {
    let text = String::from_utf8(bytes).ok().filter(|text| text.len() <= NOTE_BYTES_MAX)?;
    let size = text.lines().nth(1)?.parse().ok()?;
    Some((size, text))
}

/// Names that are plain numbers in a folder that may not be there.
fn numbers(folder: &Path) -> PortResult<Vec<u64>> {
    let entries = match fs::read_dir(folder) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.doing(|| format!("look into {}", folder.display()))?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let name = entry.doing(|| format!("look into {}", folder.display()))?.file_name();
        found.extend(name.to_str().and_then(|name| name.parse::<u64>().ok()));
    }
    Ok(found)
}

/// Is it a signed head whose text is this?
pub(super) fn is_of(head: &SignedCheckpoint, size: u64, root: &Digest) -> bool {
    head.checkpoint().size == size && head.checkpoint().root == *root
}
