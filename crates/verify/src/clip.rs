//! One clip: what is said of it, its signature, its pieces. What is compared with its bytes is the root of the
//! chunk tree in its entry, which the signed head covers; the digest of the whole file is said by the same
//! entry, and computed only when asked for.

use crate::bag::Bag;
use crate::code::Code;
use crate::entries::Entries;
use crate::event::{ClipStored, CopiedFile, Said};
use crate::folder::Folder;
use crate::handover::Handover;
use crate::keys::History;
use crate::names::{self, Place};
use crate::pieces::{self, Pieces, Way};
use crate::report::Findings;
use crate::tags::Tags;
use sealdock_chain::chunk::root_of_leaves;
use sealdock_chain::{CHUNK_BYTES, Digest, sshsig};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

const PIECE: u64 = CHUNK_BYTES as u64;

/// What is known about one clip of the package.
#[derive(Debug)]
pub struct Clip {
    /// The number of the entry that took custody of it.
    pub number: u64,
    /// Its file below `data/`, where there is one.
    pub name: Option<String>,
    /// What that entry says.
    pub stored: Option<ClipStored>,
    /// That entry lies under the head.
    pub proven: bool,
    /// What its bytes are.
    pub bytes: Bytes,
    /// It is there in part only, as the copy says.
    pub parted: bool,
    /// Leaves of its chunk tree, where `chunks` lead to the root in the entry.
    pub leaves: Option<Vec<Digest>>,
}

/// What a clip's bytes are, held against its entry.
#[derive(Debug, PartialEq, Eq)]
pub enum Bytes {
    /// There is no file, or nothing to hold it against.
    Unheld,
    /// They lead to the root in the entry; with the digest of the whole where it was computed.
    Whole(Option<Digest>),
    /// They do not.
    Broken {
        /// Pieces of 4 MiB that differ or are missing, first and last, from 0; none where it cannot be told.
        pieces: Vec<(u64, u64)>,
    },
}

/// Everything around it.
pub struct Around<'a> {
    pub folder: &'a dyn Folder,
    pub tags: &'a Tags,
    pub bag: &'a Bag,
    pub entries: &'a Entries,
    pub handover: &'a Handover,
    pub history: Option<&'a History>,
}

/// Clips that the copy names and files that lie among them, each with what is said of it.
pub fn all(around: &Around, found: &mut Findings) -> Vec<Clip> {
    let files = files(around, found);
    let copy = around.handover.copy();
    let copied = copy.map(|copy| copy.files.as_slice()).unwrap_or_default();
    let parts = copy.map(|copy| copy.excerpts.as_slice()).unwrap_or_default();
    let parts: BTreeSet<u64> = parts.iter().map(|part| part.clip).collect();
    let mut numbers: BTreeSet<u64> = files.keys().copied().collect();
    numbers.extend(copied.iter().map(|file| file.clip).chain(parts.iter().copied()));
    if numbers.is_empty() {
        found.add(Code::FileMissing, "data/", "a package has at least one clip");
    }
    let clip = |number: u64| {
        let shown = around.entries.get(&number);
        let stored = shown.and_then(|shown| match &shown.said {
            Said::ClipStored(stored) => Some(stored.as_ref().clone()),
            _ => None,
        });
        let proven = shown.is_some_and(|shown| shown.proven);
        let name = files.get(&number).cloned();
        let parted = name.is_none() && parts.contains(&number);
        Clip { number, name, stored, proven, bytes: Bytes::Unheld, parted, leaves: None }
    };
    let clips: Vec<Clip> = numbers.into_iter().map(clip).collect();
    for clip in &clips {
        let copied = copied.iter().find(|file| file.clip == clip.number);
        said(clip, (copied, around), found);
        signature(clip, around, found);
    }
    clips
}

/// The file of each clip; a second one for the same clip is none of them.
fn files(around: &Around, found: &mut Findings) -> BTreeMap<u64, String> {
    let mut files = BTreeMap::new();
    for (name, place) in around.tags.places() {
        let Place::Clip(number) = place else { continue };
        match files.entry(number) {
            Entry::Vacant(free) => {
                free.insert(name.to_owned());
            }
            Entry::Occupied(_) => {
                found.add(Code::ClipUnknown, name, "there is another file for the same clip");
            }
        }
    }
    files
}

/// Manifest, copy and entry must say the same.
fn said(clip: &Clip, (copied, around): (Option<&CopiedFile>, &Around), found: &mut Findings) {
    let about = clip.name.clone().unwrap_or_else(|| format!("C{}", clip.number));
    if around.handover.copy().is_some() && copied.is_none() && !clip.parted {
        return found.add(Code::ClipUnknown, &about, "the copy does not name it");
    }
    if let Some(copied) = copied {
        let name = format!("data/{}", copied.name);
        match &clip.name {
            None => found.add(Code::FileMissing, &name, "the copy names it"),
            Some(there) if *there != name => {
                found.add(Code::ClipMisnamed, &about, "the copy gave it another name");
            }
            Some(_) => {}
        }
    }
    let Some(stored) = &clip.stored else {
        return not_stored(clip, (about.as_str(), around), found);
    };
    let manifest = clip.name.as_deref().and_then(|name| around.bag.clip(name));
    if manifest.is_some_and(|digest| digest != stored.sha256) {
        found.add(Code::ClipMisnamed, &about, "the manifest has another digest than its entry");
    }
    let same = |file: &CopiedFile| (file.sha256, file.size) == (stored.sha256, stored.size);
    if copied.is_some_and(|file| !same(file)) {
        found.add(Code::ClipMisnamed, &about, "the copy has another digest or size than its entry");
    }
}

fn not_stored(clip: &Clip, (about, around): (&str, &Around), found: &mut Findings) {
    if around.entries.contains_key(&clip.number) {
        let detail = format!("entry {} took custody of no clip", clip.number);
        found.add(Code::ClipUnknown, about, detail);
    } else if !around.tags.has(&names::entry_name(clip.number)) {
        let about = format!("entry {}", clip.number);
        found.add(Code::EntryMissing, &about, "it took custody of the clip");
    }
}

/// `clip.sig` is the entry's, and by the evidence key that was in force.
fn signature(clip: &Clip, around: &Around, found: &mut Findings) {
    let (Some(stored), Some(history)) = (&clip.stored, around.history) else { return };
    let name = format!("clips/C{}/clip.sig", clip.number);
    if around.tags.text(&name).is_some_and(|text| text != stored.sshsig) {
        found.add(Code::ClipSignature, &name, "it is not the signature in the entry");
    }
    let epoch = history.evidence.for_entry(clip.number);
    let held = if epoch.number == stored.evidence_epoch {
        let namespace = sshsig::CLIP_NAMESPACE;
        sshsig::verify(&stored.sshsig, &epoch.public, namespace, &stored.sha256)
            .map_err(|error| error.to_string())
    } else {
        let said = stored.evidence_epoch;
        Err(format!("it is of epoch {said} while epoch {} was in force", epoch.number))
    };
    if let Err(detail) = held {
        found.add(Code::ClipSignature, &name, detail);
    }
}

/// How all clips are read.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    pub workers: usize,
    pub whole: bool,
    pub tick: &'a (dyn Fn(u64) + Sync),
}

/// Reads the bytes of every clip once and holds them against its entry.
pub fn bytes(clips: &mut [Clip], around: &Around, reading: Reading, found: &mut Findings) {
    for clip in clips {
        clip.leaves = chunk_list(clip, around, found);
        let (Some(stored), Some(name)) = (&clip.stored, &clip.name) else { continue };
        let Reading { workers, whole, tick } = reading;
        let workers = workers.min(pieces_of(stored.size).try_into().unwrap_or(workers)).max(1);
        let way = Way { size: stored.size, workers, whole, tick };
        let read = match around.folder.open(name) {
            Ok(reader) => pieces::read(reader, way),
            Err(error) => Pieces { broke: Some(error.to_string()), ..Pieces::default() },
        };
        clip.bytes = held((name.as_str(), stored), clip.leaves.as_deref(), &read, found);
    }
}

/// The leaves in `chunks`, where they lead to the root in the entry.
fn chunk_list(clip: &Clip, around: &Around, found: &mut Findings) -> Option<Vec<Digest>> {
    let name = format!("clips/C{}/chunks", clip.number);
    let (stored, bytes) = (clip.stored.as_ref()?, around.tags.bytes(&name)?);
    let (leaves, rest) = bytes.as_chunks::<32>();
    let leaves: Vec<Digest> = leaves.iter().copied().map(Digest).collect();
    let fits = rest.is_empty()
        && stored.chunk.size == PIECE
        && leaves.len() as u64 == pieces_of(stored.size)
        && root_of_leaves(&leaves) == stored.chunk.root;
    if !fits {
        found.add(Code::ChunksRefused, &name, "it does not lead to the root in the entry");
    }
    fits.then_some(leaves)
}

fn pieces_of(size: u64) -> u64 {
    size.div_ceil(PIECE)
}

fn held(
    (name, stored): (&str, &ClipStored),
    leaves: Option<&[Digest]>,
    read: &Pieces,
    found: &mut Findings,
) -> Bytes {
    let complete = read.bytes == stored.size && !read.longer && read.broke.is_none();
    if complete && root_of_leaves(&read.leaves) == stored.chunk.root {
        if read.whole.is_some_and(|whole| whole != stored.sha256) {
            let detail = "its entry has the digest of other bytes than its own chunk tree";
            found.add(Code::ClipMisnamed, name, detail);
        }
        return Bytes::Whole(read.whole);
    }
    let pieces = leaves.map_or_else(Vec::new, |leaves| differing(leaves, &read.leaves));
    found.add(Code::ClipDamaged, name, damage(stored, &pieces, read));
    Bytes::Broken { pieces }
}

/// Pieces that differ or are missing, as first and last.
fn differing(expected: &[Digest], read: &[Digest]) -> Vec<(u64, u64)> {
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for (index, leaf) in (0u64..).zip(expected) {
        let there = usize::try_from(index).ok().and_then(|index| read.get(index));
        if there == Some(leaf) {
            continue;
        }
        match ranges.last_mut() {
            Some(last) if last.1 + 1 == index => last.1 = index,
            _ => ranges.push((index, index)),
        }
    }
    ranges
}

fn damage(stored: &ClipStored, pieces: &[(u64, u64)], read: &Pieces) -> String {
    let mut parts = Vec::new();
    if let Some(broke) = &read.broke {
        parts.push(format!("from byte {} on it cannot be read: {broke}", read.bytes));
    } else if read.bytes < stored.size {
        parts.push(format!("it ends after {} of {} bytes", read.bytes, stored.size));
    }
    if read.longer {
        parts.push(format!("it goes on after its {} bytes", stored.size));
    }
    match pieces {
        [] if !read.longer => parts.push("where it differs cannot be told".to_owned()),
        [] => {}
        pieces => parts.push(format!("damaged: {}", places(pieces, stored.size).join(", "))),
    }
    parts.join("; ")
}

/// `piece 2 of 3 (33–67 %)`, counted from 1, by share of the length.
pub fn places(pieces: &[(u64, u64)], size: u64) -> Vec<String> {
    let total = pieces_of(size).max(1);
    let percent = |piece: u64| u128::from(piece) * 100 / u128::from(total);
    let place = |(first, last): &(u64, u64)| {
        let numbers = match first == last {
            true => format!("{}", first + 1),
            false => format!("{}–{}", first + 1, last + 1),
        };
        format!("{numbers}/{total} ({}–{} %)", percent(*first), percent(last + 1))
    };
    pieces.iter().map(place).collect()
}
