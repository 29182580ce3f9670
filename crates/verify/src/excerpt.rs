//! An excerpt (`docs/design/excerpts.md`): a derived thing, held against the pieces of its master. What is compared with
//! its bytes are pieces that lead to the root in the master's entry; what the map says of seconds and tools is a claim.

use crate::clip::{Around, Clip};
use crate::code::Code;
use crate::container::{self, Container, Extent};
use crate::event::{self, ClipStored, CopiedExcerpt};
use crate::names::{self, Place};
use crate::report::Findings;
use sealdock_chain::tree::leaf_hash;
use sealdock_chain::{CHUNK_BYTES, Digest, parse_canonical};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read as _};

const PIECE: u64 = CHUNK_BYTES as u64;
/// The version of the map that this release reads.
const VERSION: u64 = 1;
/// It is held in memory; the station makes none that is larger.
const EXCERPT_BYTES_MAX: u64 = 256 << 20;

/// An excerpt that the copy names or that lies in the folder.
#[derive(Debug)]
pub struct Excerpt {
    pub name: String,
    pub clip: u64,
    /// What the station claims of it.
    pub map: Option<Map>,
    /// What was seen to hold; nothing where it did not.
    pub shown: Option<Shown>,
}

/// Bytes of the master that an excerpt holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    pub bytes: u64,
    /// The first and the last.
    pub first: u64,
    pub last: u64,
    /// Bytes between these that are not in it.
    pub left: u64,
    pub pieces: u64,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Map {
    v: u64,
    #[serde(deserialize_with = "event::clip")]
    clip: u64,
    master: Master,
    pub asked: Range,
    pub cut: Range,
    pub tool: Tool,
    size: u64,
    sha256: Digest,
    at: u64,
    /// Offset in the master, length.
    runs: Vec<(u64, u64)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Master {
    size: u64,
    sha256: Digest,
    chunk_root: Digest,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Range {
    pub from_ms: u64,
    pub to_ms: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Tool {
    pub name: String,
    pub version: String,
}

/// What is wrong: code, about what, detail.
type Wrong = (Code, String, String);

/// Every excerpt, with what is said of it.
pub fn all(around: &Around, clips: &[Clip], found: &mut Findings) -> Vec<Excerpt> {
    let copied = around.handover.copy().map(|copy| copy.excerpts.as_slice()).unwrap_or_default();
    let named: BTreeMap<String, &CopiedExcerpt> =
        copied.iter().map(|part| (format!("excerpts/{}", part.name), part)).collect();
    let mut names: BTreeSet<&str> = named.keys().map(String::as_str).collect();
    let lies = |(name, place)| matches!(place, Place::Excerpt(_)).then_some(name);
    names.extend(around.tags.places().filter_map(lies));
    let (mut excerpts, mut used) = (Vec::new(), BTreeSet::new());
    for name in names {
        let of_name = names::place(name);
        let copied = named.get(name).copied();
        let clip = match (of_name, copied) {
            (Some(Place::Excerpt(clip)), Some(copied)) if copied.clip == clip => clip,
            (Some(Place::Excerpt(clip)), None) if around.handover.copy().is_none() => clip,
            (Some(Place::Excerpt(clip)), None) => {
                found.add(Code::ExcerptRefused, name, "the copy does not name it");
                clip
            }
            (_, copied) => {
                found.add(Code::ExcerptRefused, name, "its name is not that of its clip");
                excerpts.extend(copied.map(|copied| unshown(name, copied.clip)));
                continue;
            }
        };
        let mut excerpt = unshown(name, clip);
        let clip = clips.iter().find(|clip| clip.number == excerpt.clip);
        if let Err((code, about, detail)) = judge(&mut excerpt, (clip, copied, around), &mut used) {
            found.add(code, &about, detail);
        }
        excerpts.push(excerpt);
    }
    unneeded(around, (&excerpts, &used), found);
    excerpts
}

fn unshown(name: &str, clip: u64) -> Excerpt {
    Excerpt { name: name.to_owned(), clip, map: None, shown: None }
}

/// Maps and pieces that belong to no excerpt here. Where a map was not read, nobody can say that of a piece.
fn unneeded(
    around: &Around,
    (excerpts, used): (&[Excerpt], &BTreeSet<String>),
    found: &mut Findings,
) {
    let unread = |of: u64| excerpts.iter().any(|it| it.clip == of && it.map.is_none());
    for (name, place) in around.tags.places() {
        let asked = match place {
            Place::ExcerptMap(_) => true,
            Place::Piece(clip) => !unread(clip),
            _ => false,
        };
        if asked && !used.contains(name) {
            found.add(Code::ExcerptRefused, name, "no excerpt here rests on it");
        }
    }
}

fn judge(
    excerpt: &mut Excerpt,
    (clip, copied, around): (Option<&Clip>, Option<&CopiedExcerpt>, &Around),
    used: &mut BTreeSet<String>,
) -> Result<(), Wrong> {
    let name = excerpt.name.clone();
    let map_name = names::map_name(&name);
    used.insert(map_name.clone());
    let missing = |name: &str, why: &str| (Code::FileMissing, name.to_owned(), why.to_owned());
    if !around.tags.has(&name) {
        return Err(missing(&name, "the copy names it"));
    }
    if !around.tags.has(&map_name) {
        return Err(missing(&map_name, "every excerpt has it"));
    }
    let Some(bytes) = around.tags.bytes(&map_name) else { return Ok(()) };
    let map = read_map(bytes).map_err(|why| (Code::ExcerptRefused, map_name.clone(), why))?;
    let map = excerpt.map.insert(map);
    used.extend(map.pieces().map(|piece| names::piece_name(map.clip, piece)));
    let Some((clip, stored)) = clip.and_then(|clip| Some((clip, clip.stored.as_ref()?))) else {
        return Ok(());
    };
    let refused = |why: &str| (Code::ExcerptRefused, map_name.clone(), why.to_owned());
    map.says((clip.number, stored), copied).map_err(refused)?;
    let file = content(around, &name, map)?;
    let shown = shown(map, &file).map_err(|why| (Code::ExcerptRefused, name.clone(), why))?;
    let Some(leaves) = &clip.leaves else { return Ok(()) };
    for (piece, parts) in map.parts() {
        held((clip.number, piece), leaves, around)?.compare(&file, &parts).map_err(|at| {
            (Code::ExcerptParts, name.clone(), format!("its byte {at} is not that of the clip"))
        })?;
    }
    excerpt.shown = clip.proven.then_some(shown);
    Ok(())
}

fn read_map(bytes: &[u8]) -> Result<Map, String> {
    let value = parse_canonical(bytes).map_err(|error| error.to_string())?;
    let map: Map = serde_json::from_value(value).map_err(|error| error.to_string())?;
    if map.v != VERSION {
        return Err(format!("it has version {}, this release reads {VERSION}", map.v));
    }
    map.runs_fit()?;
    Ok(map)
}

/// The bytes of an excerpt, which must be those that the map names.
fn content(around: &Around, name: &str, map: &Map) -> Result<Vec<u8>, Wrong> {
    let damaged = |why: String| (Code::ExcerptDamaged, name.to_owned(), why);
    if around.bag.tag(name).is_some_and(|digest| digest != map.sha256) {
        let why = "the tag manifest has another digest than its map";
        return Err((Code::ExcerptRefused, name.to_owned(), why.to_owned()));
    }
    let bytes =
        whole(around, name, EXCERPT_BYTES_MAX).map_err(|error| damaged(error.to_string()))?;
    match (bytes.len() as u64, Digest::of(&bytes)) == (map.size, map.sha256) {
        true => Ok(bytes),
        false => Err(damaged("its bytes are not those that its map names".into())),
    }
}

/// A file to its end, or one byte more than it may have.
fn whole(around: &Around, name: &str, bytes_max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    around.folder.open(name)?.take(bytes_max + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A piece of the master under its leaf.
fn held((clip, piece): (u64, u64), leaves: &[Digest], around: &Around) -> Result<Held, Wrong> {
    let name = names::piece_name(clip, piece);
    if !around.tags.has(&name) {
        let why = "an excerpt rests on it";
        return Err((Code::FileMissing, name, why.to_owned()));
    }
    let bytes = whole(around, &name, PIECE)
        .map_err(|error| (Code::ExcerptDamaged, name.clone(), error.to_string()))?;
    let leaf = usize::try_from(piece).ok().and_then(|piece| leaves.get(piece));
    if leaf != Some(&leaf_hash(&bytes)) {
        let why = "it does not lead to the root in the entry";
        return Err((Code::ExcerptDamaged, name, why.to_owned()));
    }
    if around.bag.clip(&name).is_some_and(|digest| digest != Digest::of(&bytes)) {
        let why = "the manifest has another digest than it";
        return Err((Code::ClipMisnamed, name, why.to_owned()));
    }
    Ok(Held(bytes))
}

struct Held(Vec<u8>);

impl Held {
    /// The first byte of the file that is not the piece's.
    fn compare(&self, file: &[u8], parts: &[Part]) -> Result<(), u64> {
        for Part { at, from, len } in parts {
            let slice = |bytes: &[u8], from: u64| -> Option<Vec<u8>> {
                let from = usize::try_from(from).ok()?;
                bytes.get(from..from + usize::try_from(*len).ok()?).map(<[u8]>::to_vec)
            };
            let (here, there) = (slice(file, *at), slice(&self.0, *from));
            if here.is_none() || here != there {
                return Err(*at);
            }
        }
        Ok(())
    }
}

/// A part of a run that lies in one piece: where in the excerpt, where in the piece, how long.
struct Part {
    at: u64,
    from: u64,
    len: u64,
}

impl Map {
    /// What the entry of the master and the copy say of it.
    fn says(
        &self,
        (number, stored): (u64, &ClipStored),
        copied: Option<&CopiedExcerpt>,
    ) -> Result<(), &'static str> {
        let (size, sha256, chunk_root) = (stored.size, stored.sha256, stored.chunk.root);
        if self.clip != number || self.master != (Master { size, sha256, chunk_root }) {
            return Err("its master is not the clip of its name");
        }
        let same = |copied: &CopiedExcerpt| {
            let range = Range { from_ms: copied.from_ms, to_ms: copied.to_ms };
            (copied.size, copied.sha256, range) == (self.size, self.sha256, self.asked)
        };
        match copied.is_none_or(same) {
            true => Ok(()),
            false => Err("the copy has another digest, size or range"),
        }
    }

    /// Runs are parts of the master, and no byte of it is in two of them.
    fn runs_fit(&self) -> Result<(), String> {
        let mut runs = self.runs.clone();
        runs.sort_unstable();
        let (mut next, mut sum) = (0, 0u64);
        for (from, len) in runs {
            sum = sum.saturating_add(len);
            let end = from.checked_add(len).filter(|end| *end <= self.master.size);
            let fits = len > 0 && from >= next && sum <= EXCERPT_BYTES_MAX;
            let Some(end) = end.filter(|_| fits) else {
                let why = "is none, overlaps another, or is too long";
                return Err(format!("the run at {from} {why}"));
            };
            next = end;
        }
        match next > 0 {
            true => Ok(()),
            false => Err("it has no run".into()),
        }
    }

    /// Every run with its place in the excerpt.
    fn placed(&self) -> impl Iterator<Item = (u64, u64, u64)> {
        // The runs together are no longer than the master.
        let next = |at: &mut u64, (from, len): &(u64, u64)| {
            let here = *at;
            *at = at.saturating_add(*len);
            Some((here, *from, *len))
        };
        self.runs.iter().scan(self.at, next)
    }

    /// The pieces that it rests on.
    fn pieces(&self) -> impl Iterator<Item = u64> {
        let of = |(from, len): &(u64, u64)| from / PIECE..(from + len).div_ceil(PIECE);
        self.runs.iter().flat_map(of).collect::<BTreeSet<_>>().into_iter()
    }

    /// What is to be compared with each piece.
    fn parts(&self) -> BTreeMap<u64, Vec<Part>> {
        let mut parts: BTreeMap<u64, Vec<Part>> = BTreeMap::new();
        for (mut at, mut from, mut left) in self.placed() {
            while left > 0 {
                let len = left.min(PIECE - from % PIECE);
                let part = Part { at, from: from % PIECE, len };
                parts.entry(from / PIECE).or_default().push(part);
                (at, from, left) = (at.saturating_add(len), from + len, left - len);
            }
        }
        parts
    }
}

/// The runs cover the coded samples, all of them and nothing else, and keep the order of each track.
fn shown(map: &Map, file: &[u8]) -> Result<Shown, String> {
    let Container { data, tracks } = container::read(file)?;
    let bytes = map.runs.iter().fold(0u64, |sum, (_, len)| sum.saturating_add(*len));
    if (map.at, bytes) != data {
        return Err("its map does not cover mdat from end to end".into());
    }
    let placed: Vec<(u64, u64, u64)> = map.placed().collect();
    if !tracks.iter().all(|track| in_order(track, &placed)) {
        return Err("a track has its samples in another order than the clip".into());
    }
    let first = map.runs.iter().map(|(from, _)| *from).min().unwrap_or(0);
    let end = map.runs.iter().map(|(from, len)| from + len).max().unwrap_or(0);
    let pieces = map.pieces().count() as u64;
    Ok(Shown { bytes, first, last: end.saturating_sub(1), left: end - first - bytes, pieces })
}

/// Later samples of a track come from later bytes of the master.
fn in_order(track: &[Extent], placed: &[(u64, u64, u64)]) -> bool {
    let mut next = 0;
    for (at, len) in track {
        let end = at + len;
        let begins = placed.partition_point(|(here, _, len)| here + len <= *at);
        for (here, from, len) in placed[begins..].iter().take_while(|(here, ..)| *here < end) {
            let skipped = at.saturating_sub(*here);
            if from + skipped < next {
                return false;
            }
            next = from + (*len).min(end - here);
        }
    }
    true
}

/// What can be told of an excerpt from itself and its map, for whoever writes a package: that its container is one that
/// is taken and that the map covers it.
///
/// # Errors
/// A sentence that says why a verifier would refuse it.
pub fn excerpt_holds(map: &[u8], file: &[u8]) -> Result<(), String> {
    let map = read_map(map)?;
    if (map.size, map.sha256) != (file.len() as u64, Digest::of(file)) {
        return Err("its bytes are not those that its map names".into());
    }
    if map.size > EXCERPT_BYTES_MAX {
        return Err("it is larger than an excerpt may be".into());
    }
    shown(&map, file).map(drop)
}
