//! An excerpt in place of its clip (`docs/design/excerpts.md`). Whoever computed it is not believed: it is put together here
//! from pieces of the clip as the vault has them, each under its leaf, and must have the digest that the entry will name.

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
use sealdock_core::ports::Refusal;
use sealdock_core::why;
use std::collections::BTreeSet;

/// An excerpt that was computed.
#[derive(Debug, Clone)]
pub struct Excerpt {
    /// As the entry will name it.
    pub copied: CopiedExcerpt,
    /// Its map, canonical JSON.
    pub map: Vec<u8>,
    /// What stands before the bytes of the clip.
    pub head: Vec<u8>,
    /// Offset in the clip and length, one after the other in the excerpt and in the clip.
    pub runs: Vec<(u64, u64)>,
    /// The pieces of the clip that it rests on.
    pub pieces: BTreeSet<u64>,
}

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

    /// The clip for computing an excerpt of it, before the copy begins: each piece is proven to be the one in custody, and
    /// the right to copy is asked for again with each. Nothing read here may leave.
    ///
    /// # Errors
    /// Refused: it is not among the clips of the approval; or the vault has other bytes.
    pub fn read_for_copy(
        &self,
        actor: &Actor,
        access: AccessId,
        (clip, stored): (ClipId, &ClipStored),
    ) -> Result<ClipReader<'_>, StationError> {
        let person = clerk(actor)?;
        if !access::clips_of(&*self.world.ledger.view()?, access)?.contains(&clip) {
            return Err(Refusal(why!(
                "P23",
                "{access:#} 没有批准视频 {clip:#}。",
                "{access} does not approve clip {clip}"
            ))
            .into());
        }
        ClipReader::open(self, (clip, stored), Leave::Copy { person, access })
    }

    /// Of no clip do excerpts take all pieces: that would hand out the clip, and call it a part.
    pub(super) fn in_part(
        &self,
        actor: &Actor,
        access: AccessId,
        excerpts: &[Excerpt],
    ) -> Result<(), StationError> {
        if excerpts.is_empty() {
            return Ok(());
        }
        for (clip, stored) in self.copyable(actor, access)? {
            let of = excerpts.iter().filter(|part| part.copied.clip == clip);
            let pieces: BTreeSet<u64> = of.flat_map(|part| part.pieces.iter().copied()).collect();
            if pieces.len() as u64 >= stored.size.div_ceil(CHUNK_BYTES as u64).max(1) {
                return Err(Refusal(why!(
                    "P32",
                    "视频 {clip:#} 不能截取：所需分块已是整段；请导出整段。没有复制，批准的次数未用。",
                    "clip {clip} cannot be cut: all of its pieces would go out, and so the whole clip; export the clip. Nothing was copied, and the approval is unspent; give the whole clip, or another range"
                ))
                .into());
            }
        }
        Ok(())
    }

    /// Writes the pieces and the excerpts of one clip; the leaves of the clip.
    pub(super) fn part_of(
        &self,
        (clip, stored): (ClipId, &ClipStored),
        leave: Leave,
        (parts, bag): (&[&Excerpt], &mut Bag),
    ) -> Result<Vec<Digest>, StationError> {
        let mut reader = ClipReader::open(self, (clip, stored), leave)?;
        let pieces: BTreeSet<u64> = parts.iter().flat_map(|part| part.pieces.clone()).collect();
        for piece in pieces {
            let number = usize::try_from(piece).map_err(|_| parts[0].other())?;
            bag.piece(&format!("data/{clip}.pieces/{piece}"), reader.chunk(number)?)?;
        }
        for part in parts {
            let name = format!("excerpts/{}", part.copied.name);
            part.write(&name, &mut reader, bag)?;
            let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
            bag.put(&format!("{stem}.json"), &part.map)?;
        }
        Ok(reader.into_leaves())
    }
}

impl Excerpt {
    fn write(
        &self,
        name: &str,
        reader: &mut ClipReader,
        bag: &mut Bag,
    ) -> Result<(), StationError> {
        let target = bag.target();
        target.begin(name)?;
        target.write(&self.head)?;
        let mut parts = self.parts(reader.size())?.into_iter().peekable();
        while let Some(&(piece, ..)) = parts.peek() {
            let bytes = reader.chunk(piece)?;
            while let Some((_, from, len)) = parts.next_if(|(next, ..)| *next == piece) {
                target.write(bytes.get(from..from + len).ok_or_else(|| self.other())?)?;
            }
        }
        // What was read back is what the entry names, and so what was computed.
        if target.finish()? != self.copied.sha256 {
            return Err(self.other());
        }
        bag.names(name, self.copied.sha256);
        Ok(())
    }

    /// Its runs by the pieces of the clip that they lie in: piece, where in it, how long.
    fn parts(&self, size: u64) -> Result<Vec<(usize, usize, usize)>, StationError> {
        const PIECE: u64 = CHUNK_BYTES as u64;
        let narrow = |number: u64| usize::try_from(number).map_err(|_| self.other());
        let mut all = Vec::new();
        for &(from, len) in &self.runs {
            let end = from.checked_add(len).filter(|end| *end <= size && len > 0);
            let (mut from, end) = (from, end.ok_or_else(|| self.other())?);
            while from < end {
                let (piece, inside) = (from / PIECE, from % PIECE);
                let here = (end - from).min(PIECE - inside);
                if !self.pieces.contains(&piece) {
                    return Err(self.other());
                }
                all.push((narrow(piece)?, narrow(inside)?, narrow(here)?));
                from += here;
            }
        }
        Ok(all)
    }

    fn other(&self) -> StationError {
        let CopiedExcerpt { name, clip, .. } = &self.copied;
        failed(format!(
            "{name} is not what was computed of clip {clip}; the copy is void: export again, to another medium"
        ))
    }
}
