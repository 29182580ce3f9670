//! An excerpt in place of its clip (`docs/design/excerpts.md`). Who cut it is not believed: every run of the map is
//! compared with the pieces of the clip as the vault has them, each under its leaf.

use super::bag::Bag;
use super::clerk;
use crate::error::failed;
use crate::viewing::reader::{ClipReader, Leave};
use crate::{Station, StationError};
use sealdock_chain::chunk::CHUNK_BYTES;
use sealdock_chain::digest::Digest;
use sealdock_core::access::{self, CopiedExcerpt};
use sealdock_core::actor::Actor;
use sealdock_core::event::ClipStored;
use sealdock_core::id::{AccessId, ClipId};
use sealdock_core::ports::{PortResult, Refusal};
use std::collections::BTreeMap;

/// An excerpt that was cut.
pub struct Excerpt {
    /// As the entry will name it.
    pub copied: CopiedExcerpt,
    /// Its map, canonical JSON.
    pub map: Vec<u8>,
    /// Where the first coded sample stands in it.
    pub at: u64,
    /// Offset in the clip and length, one after the other in the excerpt.
    pub runs: Vec<(u64, u64)>,
    /// Reads it, every time anew, so that several of them need not be in memory together.
    pub bytes: Box<dyn Fn() -> PortResult<Vec<u8>>>,
}

/// A part of a run that lies in one piece: where in the excerpt, where in the piece, how long.
type Part = (usize, usize, usize);

impl Station {
    /// The clips that the clerk may copy now, as the chain says them, before anything is cut out of one of them.
    ///
    /// # Errors
    /// Refused: the approval is none, has ended, or is not for this person to carry out.
    pub fn copyable(
        &self,
        actor: &Actor,
        access: AccessId,
    ) -> Result<Vec<(ClipId, Box<ClipStored>)>, StationError> {
        let person = clerk(actor)?;
        let view = self.world.ledger.view()?;
        let now = self.world.clock.now();
        if let Some(why) = access::copy_objection(&*view, &now, &person, access)? {
            return Err(Refusal(why).into());
        }
        let clips = access::clips_of(&*view, access)?.into_iter();
        clips.map(|clip| Ok((clip, self.as_the_chain_says(&person, clip)?))).collect()
    }

    /// Writes the pieces and the excerpts of one clip; the leaves of the clip.
    pub(super) fn part_of(
        &self,
        (clip, stored): (ClipId, &ClipStored),
        leave: Leave,
        (parts, bag): (&[&Excerpt], &mut Bag),
    ) -> Result<Vec<Digest>, StationError> {
        let mut reader = ClipReader::open(self, (clip, stored), leave)?;
        let mut pieces: BTreeMap<usize, Vec<(usize, Part)>> = BTreeMap::new();
        let mut contents = Vec::new();
        for (number, part) in parts.iter().enumerate() {
            contents.push(content(part)?);
            for (piece, cut) in part.pieces(stored.size)? {
                pieces.entry(piece).or_default().push((number, cut));
            }
        }
        for (piece, cuts) in &pieces {
            let bytes = reader.chunk(*piece)?;
            for (number, (at, from, len)) in cuts {
                let same = contents[*number].get(*at..at + len) == bytes.get(*from..from + len);
                if !same {
                    return Err(parts[*number].other());
                }
            }
            bag.piece(&format!("data/{clip}.pieces/{piece}"), bytes)?;
        }
        for (part, bytes) in parts.iter().zip(&contents) {
            let name = format!("excerpts/{}", part.copied.name);
            bag.put(&name, bytes)?;
            let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
            bag.put(&format!("{stem}.json"), &part.map)?;
        }
        Ok(reader.into_leaves())
    }
}

fn content(part: &Excerpt) -> Result<Vec<u8>, StationError> {
    let bytes = (part.bytes)()?;
    let there = (bytes.len() as u64, Digest::of(&bytes));
    if there != (part.copied.size, part.copied.sha256) {
        return Err(failed(format!("{} is not what was cut; export again", part.copied.name)));
    }
    Ok(bytes)
}

impl Excerpt {
    /// Its runs by the pieces of the clip that they lie in.
    fn pieces(&self, size: u64) -> Result<Vec<(usize, Part)>, StationError> {
        const PIECE: u64 = CHUNK_BYTES as u64;
        let narrow = |number: u64| usize::try_from(number).map_err(|_| self.other());
        let (mut at, mut all) = (self.at, Vec::new());
        for &(from, len) in &self.runs {
            let end = from.checked_add(len).filter(|end| *end <= size && len > 0);
            let (mut from, end) = (from, end.ok_or_else(|| self.other())?);
            while from < end {
                let (piece, inside) = (from / PIECE, from % PIECE);
                let here = (end - from).min(PIECE - inside);
                all.push((narrow(piece)?, (narrow(at)?, narrow(inside)?, narrow(here)?)));
                at += here;
                from += here;
            }
        }
        Ok(all)
    }

    fn other(&self) -> StationError {
        let CopiedExcerpt { name, clip, .. } = &self.copied;
        failed(format!("{name} holds bytes that are not those of clip {clip}; the copy is void"))
    }
}
