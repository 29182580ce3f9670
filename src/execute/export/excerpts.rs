//! Computes what is asked for, before the copy is begun (`docs/design/excerpts.md`). Nothing leaves here: the station puts
//! each excerpt together from proven pieces when it writes it.

use crate::exit::{CliError, Exit};
use crate::request::Asked;
use crate::wire::Open;
use sealdock_chain::{CHUNK_BYTES, Digest};
use sealdock_core::access::{CopiedExcerpt, EXCERPTS_MAX, playing_time};
use sealdock_core::actor::Actor;
use sealdock_core::event::ClipStored;
use sealdock_core::id::AccessId;
use sealdock_excerpt::{Cut, Fault, Master, Range, cut};
use sealdock_station::viewing::{ClipReader, CopyReport, Excerpt};
use sealdock_verify::{Of, excerpt_map, excerpt_name};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

const PIECE: u64 = CHUNK_BYTES as u64;

/// Each excerpt that is asked for.
///
/// # Errors
/// The copy may not be carried out, the clip is not in the approval, or there is no excerpt of it; nothing was begun.
pub fn computed(
    open: &Open,
    actor: &Actor,
    access: AccessId,
    asked: &[Asked],
) -> Result<Vec<Excerpt>, CliError> {
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    if asked.len() > EXCERPTS_MAX {
        return Err(refused(&format!("a copy holds {EXCERPTS_MAX} excerpts at most")));
    }
    let clips = open.station.copyable(actor, access)?;
    let mut all = Vec::<Excerpt>::new();
    for ask in asked {
        let Some((_, stored)) = clips.iter().find(|(clip, _)| *clip == ask.clip) else {
            let text = format!(
                "{access} is not an approval to copy clip {}; nothing was copied",
                ask.clip
            );
            return Err(CliError::new(Exit::Refused, text));
        };
        let reader = open.station.read_for_copy(actor, access, (ask.clip, stored))?;
        let made = one(reader, (ask, stored))
            .map_err(|why| refused(&format!("clip {} cannot be cut: {why}", ask.clip)))?;
        if all.iter().any(|earlier| earlier.copied.name == made.copied.name) {
            return Err(refused(&format!("{} is asked for twice", made.copied.name)));
        }
        all.push(made);
    }
    Ok(all)
}

fn refused(why: &str) -> CliError {
    let text = format!(
        "{why}. Nothing was copied, and the approval is unspent; give the whole clip, or another range"
    );
    CliError::new(Exit::Refused, text)
}

fn one(reader: ClipReader, (ask, stored): (&Asked, &ClipStored)) -> Result<Excerpt, String> {
    let range = Range { from_ms: ask.from_ms, to_ms: ask.to_ms };
    let mut kept = Kept { reader, size: stored.size, block: Vec::new(), held: u64::MAX };
    let made = cut(&mut kept, range).map_err(|fault| match fault {
        Fault::Refused(why) => why.to_owned(),
        Fault::Unread(why) => why,
    })?;
    let sha256 = kept.digest(&made)?;
    let copied = CopiedExcerpt {
        clip: ask.clip,
        name: excerpt_name(ask.clip.0, range, made.ending),
        size: made.size(),
        sha256,
        from_ms: ask.from_ms,
        to_ms: ask.to_ms,
    };
    let master = (stored.size, stored.sha256, stored.chunk.root);
    let map = excerpt_map(&Of { clip: ask.clip.0, master, range, sha256 }, &made);
    let pieces = made.pieces(PIECE);
    let runs = made.runs.iter().map(|run| (run.at, run.len)).collect();
    Ok(Excerpt { copied, map, head: made.head, runs, pieces })
}

/// A clip in the vault, a piece at a time, each proven to be the one in custody before anything is computed from it.
struct Kept<'s> {
    reader: ClipReader<'s>,
    size: u64,
    block: Vec<u8>,
    /// The piece that is in the block.
    held: u64,
}

impl Kept<'_> {
    /// Bytes from `at` on, to the end of their piece and `most` at most.
    fn part(&mut self, at: u64, most: u64) -> Result<&[u8], String> {
        let piece = at / PIECE;
        if self.held != piece {
            let number = usize::try_from(piece).map_err(|error| error.to_string())?;
            let bytes = self.reader.chunk(number).map_err(|error| error.to_string())?;
            self.block = bytes.to_vec();
            self.held = piece;
        }
        let from = usize::try_from(at % PIECE).unwrap_or(usize::MAX);
        let rest = self.block.get(from..).unwrap_or_default();
        let len = rest.len().min(usize::try_from(most).unwrap_or(usize::MAX));
        match len {
            0 => {
                Err("it is shorter in the vault than in its entry; run `sealdock check --deep`"
                    .into())
            }
            len => Ok(&rest[..len]),
        }
    }

    /// SHA-256 of the whole excerpt.
    fn digest(&mut self, cut: &Cut) -> Result<Digest, String> {
        let mut hash = Sha256::new_with_prefix(&cut.head);
        for run in &cut.runs {
            let (mut at, end) = (run.at, run.at + run.len);
            while at < end {
                let bytes = self.part(at, end - at)?;
                hash.update(bytes);
                at += bytes.len() as u64;
            }
        }
        Ok(Digest(hash.finalize().into()))
    }
}

impl Master for Kept<'_> {
    type Error = String;

    fn size(&self) -> u64 {
        self.size
    }

    fn read(&mut self, at: u64, into: &mut [u8]) -> Result<(), String> {
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

/// Excerpts as lines of the table of files.
pub fn lines(report: &CopyReport) -> Vec<Vec<String>> {
    let line = |part: &CopiedExcerpt| {
        vec![format!("excerpts/{}", part.name), part.size.to_string(), part.sha256.to_string()]
    };
    report.excerpts.iter().map(line).collect()
}

/// What was asked for and what the key frames made of it.
pub fn told(part: &CopiedExcerpt, made: &[Excerpt]) -> String {
    let map = made.iter().find(|made| made.copied == *part);
    let map: Option<Value> = map.and_then(|made| serde_json::from_slice(&made.map).ok());
    let at = |key: &str| {
        let ms = map.as_ref().and_then(|map| map["shown"][key].as_u64());
        ms.map(playing_time).unwrap_or_default()
    };
    format!(
        "截取片段（派生件，不是原件） excerpt, no original: {}; it shows {}–{}; with it go whole pieces of 4 MiB of the clip, before and after it too: {}",
        part.words(),
        at("from_ms"),
        at("to_ms"),
        pieces(part, made)
    )
}

/// Which pieces of the clip go with an excerpt, and how many of how many.
pub fn pieces(part: &CopiedExcerpt, made: &[Excerpt]) -> String {
    let Some(made) = made.iter().find(|made| made.copied == *part) else { return String::new() };
    let map: Value = serde_json::from_slice(&made.map).unwrap_or_default();
    let all = map["master"]["size"].as_u64().unwrap_or_default().div_ceil(PIECE);
    let [first, last] =
        [made.pieces.first(), made.pieces.last()].map(|it| it.copied().unwrap_or(0));
    format!("{} of {all}, from number {first} to {last}", made.pieces.len())
}
