//! An excerpt (`docs/design/excerpts.md`): computed a second time, from pieces of its master that lead to the root in the
//! master's entry, and compared byte for byte. Nothing in it, and nothing in its map, is believed.

use crate::clip::{Around, Clip};
use crate::code::Code;
use crate::event::{ClipStored, CopiedExcerpt};
use crate::names::{self, Place};
use crate::report::Findings;
use sealdock_chain::tree::leaf_hash;
use sealdock_chain::{CHUNK_BYTES, Digest, to_canonical};
use sealdock_excerpt::{Cut, Fault, Master, RULE, Range, Samples, cut};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::io::Read;

const PIECE: u64 = CHUNK_BYTES as u64;
/// A copy names so many excerpts at most: each is computed again.
const EXCERPTS_MAX: usize = 20;
/// The version of the map that this release reads.
const VERSION: u64 = 1;

/// An excerpt that the copy names.
#[derive(Debug)]
pub struct Excerpt {
    pub name: String,
    pub clip: u64,
    /// What was asked for, as the copy says.
    pub asked: Range,
    /// What was seen to hold; nothing where it did not.
    pub shown: Option<Shown>,
}

/// What an excerpt was seen to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// What it shows of the clip.
    pub range: Range,
    /// Pieces of the clip that it was computed from, and how many the clip has.
    pub pieces: u64,
    pub all: u64,
    /// The first of them, and the last.
    pub ends: [u64; 2],
}

/// What is wrong: code, about what, detail.
type Wrong = (Code, String, String);

/// Every excerpt that the copy names, and whatever else lies there as if it belonged to one.
pub fn all(around: &Around, clips: &[Clip], found: &mut Findings) -> Vec<Excerpt> {
    let Some(copy) = around.handover.copy() else { return Vec::new() };
    let mut parts: Vec<&CopiedExcerpt> = copy.excerpts.iter().collect();
    if parts.len() > EXCERPTS_MAX {
        let why = "the copy names more excerpts than a copy may hold";
        found.add(Code::ExcerptRefused, "handover/completed.json", why.to_owned());
        return Vec::new();
    }
    parts.sort_by(|one, other| one.name.cmp(&other.name));
    let (mut excerpts, mut used, mut unread) = (Vec::<Excerpt>::new(), BTreeSet::new(), vec![]);
    for part in parts {
        let asked = Range { from_ms: part.from_ms, to_ms: part.to_ms };
        let name = format!("excerpts/{}", part.name);
        let mut excerpt = Excerpt { name, clip: part.clip, asked, shown: None };
        let judged = match excerpts.iter().any(|earlier| earlier.name == excerpt.name) {
            true => Err(refused(&excerpt.name, "the copy names it twice")),
            false => judge(part, (clips, around), &mut used),
        };
        match judged {
            Ok(Some(shown)) => excerpt.shown = Some(shown),
            Ok(None) => unread.push(part.clip),
            Err((code, about, detail)) => {
                unread.push(part.clip);
                found.add(code, &about, detail);
            }
        }
        excerpts.push(excerpt);
    }
    for (name, place) in around.tags.places() {
        // Which pieces one rests on is not known where it could not be computed.
        let alone = match place {
            Place::Excerpt(_) | Place::ExcerptMap(_) => !used.contains(name),
            Place::Piece(clip) => !used.contains(name) && !unread.contains(&clip),
            _ => false,
        };
        if alone {
            found.add(Code::ExcerptRefused, name, "no excerpt that the copy names rests on it");
        }
    }
    excerpts
}

fn refused(about: &str, why: &str) -> Wrong {
    (Code::ExcerptRefused, about.to_owned(), why.to_owned())
}

fn judge(
    part: &CopiedExcerpt,
    (clips, around): (&[Clip], &Around),
    used: &mut BTreeSet<String>,
) -> Result<Option<Shown>, Wrong> {
    let name = format!("excerpts/{}", part.name);
    let map = names::map_name(&name);
    used.extend([name.clone(), map.clone()]);
    for (name, why) in [(&name, "the copy names it"), (&map, "every excerpt has it")] {
        if !around.tags.has(name) {
            return Err((Code::FileMissing, name.clone(), why.to_owned()));
        }
    }
    let Some(clip) = clips.iter().find(|clip| clip.number == part.clip) else { return Ok(None) };
    let (Some(stored), Some(leaves)) = (&clip.stored, &clip.leaves) else { return Ok(None) };
    let mut master = Pieces { around, clip, size: stored.size, leaves, held: None };
    let range = Range { from_ms: part.from_ms, to_ms: part.to_ms };
    let cut = cut(&mut master, range).map_err(|fault| match fault {
        Fault::Refused(why) => refused(&name, &format!("{RULE} makes none of its clip: {why}")),
        Fault::Unread(wrong) => wrong,
    })?;
    let pieces = cut.pieces(PIECE);
    used.extend(pieces.iter().map(|piece| names::piece_name(clip.number, *piece)));
    if part.name != excerpt_name(clip.number, range, cut.ending) || part.size != cut.size() {
        return Err(refused(&name, "the copy gives it another name or size than its range has"));
    }
    let of = Of { clip: clip.number, master: master_of(stored), range, sha256: part.sha256 };
    let same = |bytes: &[u8]| bytes == excerpt_map(&of, &cut);
    if !around.tags.bytes(&map).is_some_and(same) {
        return Err(refused(&map, "it says something else than the excerpt and its clip"));
    }
    if around.bag.tag(&name).is_some_and(|digest| digest != part.sha256) {
        return Err(refused(&name, "the tag manifest has another digest than the copy"));
    }
    compare((&name, part), &cut, &mut master)?;
    let ends = [pieces.first(), pieces.last()].map(|piece| piece.copied().unwrap_or(0));
    let all = stored.size.div_ceil(PIECE);
    let shown = Shown { range: cut.shown, pieces: pieces.len() as u64, all, ends };
    Ok(clip.proven.then_some(shown))
}

/// Reads the file once: it is the one that the copy names, and the one that the rule makes.
fn compare(
    (name, part): (&str, &CopiedExcerpt),
    cut: &Cut,
    master: &mut Pieces,
) -> Result<(), Wrong> {
    let damaged = |why: &str| (Code::ExcerptDamaged, name.to_owned(), why.to_owned());
    let file = master.around.folder.open(name).map_err(|error| damaged(&error.to_string()))?;
    let mut read = Reading { file, hash: Sha256::new(), at: 0, other: None };
    read.expect(&cut.head).map_err(|error| damaged(&error.to_string()))?;
    for run in &cut.runs {
        let (mut at, end) = (run.at, run.at + run.len);
        while at < end {
            let bytes = master.part(at, end - at)?;
            read.expect(bytes).map_err(|error| damaged(&error.to_string()))?;
            at += bytes.len() as u64;
        }
    }
    let longer = read.file.read(&mut [0]).map_err(|error| damaged(&error.to_string()))?;
    if longer > 0 || Digest(read.hash.finalize().into()) != part.sha256 {
        return Err(damaged("its bytes are not those that the copy names"));
    }
    match read.other {
        None => Ok(()),
        Some(at) => {
            let why = format!("its byte {at} is not the one that {RULE} gives");
            Err((Code::ExcerptParts, name.to_owned(), why))
        }
    }
}

struct Reading<'f> {
    file: Box<dyn Read + Send + 'f>,
    hash: Sha256,
    at: u64,
    /// The first byte that was another.
    other: Option<u64>,
}

impl Reading<'_> {
    fn expect(&mut self, expected: &[u8]) -> std::io::Result<()> {
        let mut bytes = vec![0; expected.len()];
        self.file.read_exact(&mut bytes)?;
        self.hash.update(&bytes);
        let differs = bytes.iter().zip(expected).position(|(here, there)| here != there);
        self.other = self.other.or(differs.map(|at| self.at + at as u64));
        self.at += bytes.len() as u64;
        Ok(())
    }
}

/// The master as far as it is here; what is read of it has its leaf under the root in its entry.
struct Pieces<'a> {
    around: &'a Around<'a>,
    clip: &'a Clip,
    size: u64,
    leaves: &'a [Digest],
    held: Option<(u64, Vec<u8>)>,
}

impl Pieces<'_> {
    /// Bytes from `at` on, to the end of their piece and `most` at most.
    fn part(&mut self, at: u64, most: u64) -> Result<&[u8], Wrong> {
        let piece = at / PIECE;
        if self.held.as_ref().is_none_or(|(held, _)| *held != piece) {
            self.held = Some((piece, self.piece(piece)?));
        }
        let bytes = self.held.as_ref().map(|(_, bytes)| bytes.as_slice()).unwrap_or_default();
        let from = usize::try_from(at % PIECE).unwrap_or(usize::MAX);
        let rest = bytes.get(from..).unwrap_or_default();
        let len = rest.len().min(usize::try_from(most).unwrap_or(usize::MAX));
        match len {
            // A leaf holds for bytes of any length; those of this clip fill all pieces but the last.
            0 => {
                let why = "it is shorter than a piece of its clip";
                let name = names::piece_name(self.clip.number, piece);
                Err((Code::ExcerptDamaged, name, why.to_owned()))
            }
            len => Ok(&rest[..len]),
        }
    }

    fn piece(&self, piece: u64) -> Result<Vec<u8>, Wrong> {
        let name = names::piece_name(self.clip.number, piece);
        if !self.around.tags.has(&name) {
            return Err((Code::FileMissing, name, "an excerpt rests on it".to_owned()));
        }
        let damaged = |why: &str| (Code::ExcerptDamaged, name.clone(), why.to_owned());
        let mut bytes = Vec::new();
        let file = self.around.folder.open(&name).map_err(|error| damaged(&error.to_string()))?;
        file.take(PIECE + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| damaged(&error.to_string()))?;
        let leaf = usize::try_from(piece).ok().and_then(|piece| self.leaves.get(piece));
        if leaf != Some(&leaf_hash(&bytes)) {
            return Err(damaged("it does not lead to the root in the entry"));
        }
        if self.around.bag.clip(&name).is_some_and(|digest| digest != Digest::of(&bytes)) {
            let why = "the manifest has another digest than it";
            return Err((Code::ClipMisnamed, name, why.to_owned()));
        }
        Ok(bytes)
    }
}

impl Master for Pieces<'_> {
    type Error = Wrong;

    fn size(&self) -> u64 {
        self.size
    }

    fn read(&mut self, at: u64, into: &mut [u8]) -> Result<(), Wrong> {
        let mut done = 0;
        while done < into.len() {
            let left = (into.len() - done) as u64;
            let bytes = self.part(at + done as u64, left)?;
            into[done..done + bytes.len()].copy_from_slice(bytes);
            done += bytes.len();
        }
        Ok(())
    }
}

fn master_of(stored: &ClipStored) -> (u64, Digest, Digest) {
    (stored.size, stored.sha256, stored.chunk.root)
}

/// What an excerpt is of.
#[derive(Debug, Clone, Copy)]
pub struct Of {
    /// The number of the clip.
    pub clip: u64,
    /// Its size, digest and the root of its chunk tree.
    pub master: (u64, Digest, Digest),
    /// What was asked for.
    pub range: Range,
    /// The digest of the excerpt.
    pub sha256: Digest,
}

/// How an excerpt is called below `excerpts/`.
#[must_use]
pub fn excerpt_name(clip: u64, range: Range, ending: &str) -> String {
    format!("C{clip}_{}-{}.{ending}", range.from_ms, range.to_ms)
}

/// The map of an excerpt, canonical JSON. A verifier makes it again and compares.
///
/// # Panics
/// Never: there is no number in it that JSON does not keep.
#[must_use]
pub fn excerpt_map(of: &Of, cut: &Cut) -> Vec<u8> {
    let range = |range: Range| json!({ "from_ms": range.from_ms, "to_ms": range.to_ms });
    let samples = |samples: Samples| json!([samples.first, samples.count]);
    let (size, sha256, chunk_root) = of.master;
    let mut map = json!({
        "v": VERSION,
        "rule": RULE,
        "clip": format!("C{}", of.clip),
        "master": { "size": size, "sha256": sha256, "chunk_root": chunk_root },
        "asked": range(of.range),
        "shown": range(cut.shown),
        "picture": samples(cut.picture),
        "pieces": cut.pieces(PIECE),
        "size": cut.size(),
        "sha256": of.sha256,
    });
    if let (Some(sound), Value::Object(map)) = (cut.sound, &mut map) {
        map.insert("sound".to_owned(), samples(sound));
    }
    to_canonical(&map).expect("every number is below 2^53")
}
