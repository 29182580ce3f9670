//! A database from a folder of tiles alone. Entries are read in order as far as they continue each other; of those,
//! what a signed head covers is believed and put in, and nothing after it. What later tiles still prove is told apart.

use super::files::{Heads, Tiles};
use crate::connection::{self, Access};
use crate::error::{Doing, damaged};
use crate::files::Files;
use crate::keys::{Epoch, Epochs, open_head};
use crate::record::{self, Record};
use crate::slots::HeadFile;
use crate::{batch, rows, schema, tree};
use rusqlite::Connection;
use sealdock_chain::digest::Digest;
use sealdock_chain::note::{Checkpoint, SignedCheckpoint};
use sealdock_chain::tiles::{TILE_WIDTH, entries_in, entries_path, tile_path};
use sealdock_chain::tree::{Frontier, Included, NodeSource, inclusion_proof, leaf_hash};
use sealdock_core::event::{Event, KeyKind};
use sealdock_core::ports::{Kind, PortError, PortResult};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// What could be made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuilt {
    pub origin: String,
    /// Entries that were put in: the largest signed head that the readable ones lead to.
    pub size: u64,
    pub root: Digest,
    /// The newest head there that is signed by a key of these entries, if it covers more: the others are lost.
    pub newest: Option<(u64, String)>,
    /// What is wrong with the folder, one sentence each.
    pub faults: Vec<String>,
    /// Entries after those that are put in, which the newest head proves one by one.
    pub proven: Vec<(u64, Vec<u8>)>,
}

/// Makes `chain.db` and `head` in a directory that has none.
///
/// # Errors
/// No signed head covers what can be read, so that nothing of it is believed; or something cannot be read or written.
pub fn rebuild(dir: &Path, tiles: &Tiles) -> PortResult<Rebuilt> {
    let (heads, mut faults) = tiles.heads()?;
    let bundles = Bundles { tiles, stated: heads.iter().map(|(size, _)| *size).max().unwrap_or(0) };
    let scan = Scan::of(&bundles, &heads)?;
    faults.extend(scan.fault.clone());
    let origin = scan.origin.clone().ok_or_else(|| none(tiles, &faults))?;
    let (believed, forged) = scan.believed(&heads);
    faults.extend(forged);
    let Some(last) = believed.last_key_value().map(|(_, head)| head.clone()) else {
        return Err(none(tiles, &faults));
    };
    let size = last.checkpoint().size;
    if scan.size > size {
        faults.push(format!(
            "entries {size} to {} are under no signed head: they are not believed",
            scan.size - 1
        ));
    }
    fill(dir, &origin, (&bundles, size), &believed)?;
    let epochs = scan.epochs_before(size);
    let newest = heads
        .iter()
        .filter(|(stated, _)| *stated > size)
        .filter_map(|(_, note)| open_head(note, &origin, &epochs, None).ok())
        .max_by_key(|head| head.checkpoint().size);
    let proven = match &newest {
        Some(head) => bundles.proven(size, head.checkpoint())?,
        None => Vec::new(),
    };
    Ok(Rebuilt {
        origin,
        size,
        root: last.checkpoint().root,
        newest: newest.map(|head| (head.checkpoint().size, head.note().to_owned())),
        faults,
        proven,
    })
}

fn none(tiles: &Tiles, faults: &[String]) -> PortError {
    let text = format!(
        "{} holds no entries that lead to a signed head ({}); nothing was made of it, keep it as it is",
        tiles.dir().display(),
        faults.join("; ")
    );
    PortError::new(Kind::Damaged, text)
}

/// Entries as they lie there.
struct Bundles<'t> {
    tiles: &'t Tiles,
    /// Entries of the largest head, signed or not.
    stated: u64,
}

impl Bundles<'_> {
    /// The entries of one bundle; none: it is not there.
    fn read(&self, index: u64) -> PortResult<Result<Vec<Vec<u8>>, String>> {
        let rest = self.stated.saturating_sub(index.saturating_mul(TILE_WIDTH));
        let width = rest.clamp(1, TILE_WIDTH);
        let path = |width| entries_path(index, width);
        Ok(match self.tiles.widest(path, width)? {
            None => Err(format!("{} is gone", path(width))),
            Some(bytes) => match entries_in(&bytes) {
                Ok(entries) => Ok(entries.into_iter().map(<[u8]>::to_vec).collect()),
                Err(error) => Err(format!("{}: {error}", path(width))),
            },
        })
    }

    /// Entries from `first` on that can be read and that the head proves one by one.
    fn proven(&self, first: u64, head: &Checkpoint) -> PortResult<Vec<(u64, Vec<u8>)>> {
        let nodes = TileNodes { tiles: self.tiles, size: head.size, read: RefCell::default() };
        let mut proven = Vec::new();
        for index in first / TILE_WIDTH..head.size.div_ceil(TILE_WIDTH) {
            let Ok(entries) = self.read(index)? else { continue };
            for (seq, bytes) in (index * TILE_WIDTH..).zip(entries) {
                if seq < first || seq >= head.size {
                    continue;
                }
                let path = inclusion_proof(&nodes, seq, head.size);
                if path.is_ok_and(|path| Included::check(&bytes, seq, &path, head).is_ok()) {
                    proven.push((seq, bytes));
                }
            }
        }
        Ok(proven)
    }
}

/// Nodes of the tree from the hash tiles. Nothing is believed for that: a proof of them must lead to a signed head.
struct TileNodes<'t> {
    tiles: &'t Tiles,
    size: u64,
    read: RefCell<HashMap<(u32, u64), Vec<Digest>>>,
}

impl NodeSource for TileNodes<'_> {
    fn node(&self, level: u32, index: u64) -> Option<Digest> {
        let (tile_level, height) = (level / 8, level % 8);
        let first = index.checked_shl(height)?;
        let (tile, at) = (first / TILE_WIDTH, usize::try_from(first % TILE_WIDTH).ok()?);
        let mut read = self.read.borrow_mut();
        let hashes = match read.entry((tile_level, tile)) {
            std::collections::hash_map::Entry::Occupied(there) => there.into_mut(),
            std::collections::hash_map::Entry::Vacant(slot) => {
                let whole = self.size.checked_shr(tile_level * 8).unwrap_or(0);
                let width = whole.saturating_sub(tile * TILE_WIDTH).clamp(1, TILE_WIDTH);
                let bytes = self.tiles.widest(|width| tile_path(tile_level, tile, width), width);
                let bytes = bytes.ok().flatten().unwrap_or_default();
                slot.insert(bytes.as_chunks::<32>().0.iter().copied().map(Digest).collect())
            }
        };
        let mut edge = Frontier::new();
        for hash in hashes.get(at..at + (1 << height))? {
            edge.push(*hash);
        }
        Some(edge.root())
    }
}

/// What reading all entries in order came to.
struct Scan {
    origin: Option<String>,
    /// Entries that continue each other.
    size: u64,
    /// Why there are not more.
    fault: Option<String>,
    log: Vec<Epoch>,
    /// Roots at the sizes of which there are heads.
    roots: BTreeMap<u64, Digest>,
}

impl Scan {
    fn of(bundles: &Bundles, heads: &Heads) -> PortResult<Scan> {
        let mut scan = Scan {
            origin: None,
            size: 0,
            fault: None,
            log: Vec::new(),
            roots: heads.iter().map(|(size, _)| (*size, Digest::ZERO)).collect(),
        };
        let mut edge = Frontier::new();
        let mut prev = Digest::ZERO;
        for index in 0.. {
            let entries = match bundles.read(index)? {
                Ok(entries) => entries,
                Err(why) => {
                    scan.fault = (edge.size() < bundles.stated).then_some(why);
                    break;
                }
            };
            let full = entries.len() as u64 == TILE_WIDTH;
            for bytes in &entries {
                match scan.meet(edge.size(), prev, bytes) {
                    Ok(()) => {}
                    Err(why) => {
                        scan.fault = Some(why);
                        scan.size = edge.size();
                        return Ok(scan);
                    }
                }
                prev = leaf_hash(bytes);
                edge.push(prev);
                if let Some(root) = scan.roots.get_mut(&edge.size()) {
                    *root = edge.root();
                }
            }
            if !full {
                scan.fault = (edge.size() < bundles.stated).then(|| {
                    format!("{} ends too early", entries_path(index, entries.len() as u64))
                });
                break;
            }
        }
        scan.size = edge.size();
        Ok(scan)
    }

    /// One more entry, if it continues those before.
    fn meet(&mut self, seq: u64, prev: Digest, bytes: &[u8]) -> Result<(), String> {
        let record =
            Record::read(bytes).map_err(|why| format!("entry {seq} cannot be read: {why}"))?;
        if record.seq != seq || record.prev != prev {
            return Err(format!(
                "entry {seq} does not continue the one before it: one of them was changed"
            ));
        }
        // Numbers that no honest writer makes may break an assumption of the projection.
        if catch_unwind(AssertUnwindSafe(|| record.changes())).is_err() {
            return Err(format!("entry {seq} holds values that no station writes"));
        }
        let epoch = |number, public: Digest, replaced| Epoch {
            number,
            public: public.0,
            since_seq: seq,
            replaced,
        };
        match record.event {
            Event::StationFounded(e) if seq == 0 => {
                self.log.push(epoch(1, e.log_public, false));
                self.origin = Some(e.origin);
            }
            Event::KeyRotated(e) if e.key == KeyKind::Log => {
                self.log.push(epoch(e.epoch, e.new_public, false));
            }
            Event::KeyReplaced(e) if e.key == KeyKind::Log => {
                self.log.push(epoch(e.epoch, e.new_public, true));
            }
            _ if seq == 0 => return Err("entry 0 founds no station".to_owned()),
            _ => {}
        }
        Ok(())
    }

    fn epochs_before(&self, size: u64) -> Epochs {
        Epochs(self.log.iter().copied().filter(|epoch| epoch.since_seq < size).collect())
    }

    /// Heads of these very entries, signed by the key of their size; and what was refused as none.
    fn believed(&self, heads: &Heads) -> (BTreeMap<u64, SignedCheckpoint>, Vec<String>) {
        let (mut believed, mut refused) = (BTreeMap::new(), Vec::new());
        let origin = self.origin.as_deref().unwrap_or_default();
        for (size, note) in heads {
            let Some(root) = self.roots.get(size).filter(|_| *size > 0 && *size <= self.size)
            else {
                continue;
            };
            match open_head(note, origin, &self.epochs_before(*size), None) {
                Ok(head) if head.checkpoint().root == *root => {
                    believed.insert(*size, head);
                }
                Ok(_) => refused.push(format!(
                    "the head of {size} entries is not the head of these entries: an entry up to there was changed"
                )),
                Err(why) => refused.push(why),
            }
        }
        refused.dedup();
        (believed, refused)
    }
}

/// The database with the first `size` entries, and its head: durable when this returns.
fn fill(
    dir: &Path,
    origin: &str,
    (bundles, size): (&Bundles, u64),
    heads: &BTreeMap<u64, SignedCheckpoint>,
) -> PortResult<()> {
    let files = Files::new(dir);
    drop(Files::make_private(&files.database())?);
    let mut conn = connection::open(&files.database(), Access::Write)?;
    schema::bring_up(&mut conn)?;
    conn.execute_batch("BEGIN IMMEDIATE").doing(|| "begin a transaction".into())?;
    conn.execute("INSERT INTO station (id, origin) VALUES (1, ?1)", [origin])
        .doing(|| "write the origin of the record".into())?;
    let mut edge = Frontier::new();
    for index in 0..size.div_ceil(TILE_WIDTH) {
        let entries = bundles.read(index)?.map_err(damaged)?;
        for bytes in
            entries.into_iter().take(usize::try_from(size - edge.size()).unwrap_or(usize::MAX))
        {
            append(&conn, &mut edge, &bytes)?;
        }
    }
    let newest = heads.get(&size).filter(|head| head.checkpoint().root == edge.root());
    let newest =
        newest.ok_or_else(|| damaged("the tiles changed while they were read; try again"))?;
    tree::store_frontier(&conn, &edge)?;
    for head in heads.values().filter(|head| head.checkpoint().size <= size) {
        batch::file_head(&conn, head)?;
    }
    conn.execute_batch("COMMIT").doing(|| "commit".into())?;
    conn.close().map_err(|(_, error)| error).doing(|| "close the database".into())?;
    HeadFile::make(&files.head())?
        .write(newest.note())
        .doing(|| format!("write {}", files.head().display()))?;
    Files::sync_dir(dir)
}

/// As the writer of a station puts it in: what is projected was read from these very bytes.
fn append(conn: &Connection, edge: &mut Frontier, bytes: &[u8]) -> PortResult<()> {
    let seq = edge.size();
    let record = Record::read(bytes).map_err(|why| damaged(format!("entry {seq}: {why}")))?;
    let leaf = leaf_hash(bytes);
    record::store(conn, seq, bytes, leaf)?;
    for change in record.changes() {
        rows::apply(conn, &change)?;
    }
    let mut kept = Vec::new();
    edge.push_with(leaf, |level, index, hash| {
        if tree::is_kept(level) {
            kept.push((level, index, hash));
        }
    });
    kept.into_iter().try_for_each(|(level, index, hash)| tree::store_node(conn, level, index, hash))
}
