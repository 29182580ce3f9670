//! Carrying out an approved copy. Durable effects in order: the entry that the copy begins, with its signed
//! head; then the bytes, file by file, synced and read back; then the entry that it is complete. Whatever
//! breaks between leaves a copy without its second entry, which every register shows as void.

use super::reader::{ClipReader, Leave};
use crate::error::{damaged, failed};
use crate::{Station, StationError};
use sealdock_chain::digest::Digest;
use sealdock_core::access::{
    self, COPY_OUT, CopiedExcerpt, CopiedFile, CopyAsked, CopyCarriedOut, Event as Noted,
};
use sealdock_core::actor::{Actor, ActorRecord};
use sealdock_core::command::Command;
use sealdock_core::event::{ClipStored, Event};
use sealdock_core::id::{AccessId, ClipId, PersonId};
use sealdock_core::ports::{PortResult, Refusal};
use sealdock_core::registry;
use sealdock_core::why;
use std::sync::Arc;

/// Where a copy goes. File after file; a file that was not finished is worth nothing.
pub trait CopyTarget {
    /// Begins a file that must not be there yet.
    fn begin(&mut self, name: &str) -> PortResult<()>;
    fn write(&mut self, bytes: &[u8]) -> PortResult<()>;
    /// Everything is on the medium; the digest of what is read back from there.
    fn finish(&mut self) -> PortResult<Digest>;
    /// Does this file lie there whole, from a copy that broke off? It is read back from the medium for the answer. What is
    /// there and is another file may go with the next [`CopyTarget::begin`] of its name.
    fn lies_whole(&mut self, _name: &str, _size: u64, _sha256: Digest) -> PortResult<bool> {
        Ok(false)
    }
}

/// A copy whose entry is durable and of which no byte was read yet.
pub(super) struct Begun {
    pub copy: u64,
    pub clips: Vec<(ClipId, Box<ClipStored>)>,
}

/// A completed copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyReport {
    /// The entry that began it.
    pub copy: u64,
    /// The entry that completed it.
    pub completed: u64,
    pub files: Vec<CopiedFile>,
    /// Clips of which only a part went out.
    pub excerpts: Vec<CopiedExcerpt>,
}

impl Station {
    /// A clerk carries out the copy that `access` approves, to `to` as people call it.
    ///
    /// # Errors
    /// Refused; or it broke, and then the copy that was begun is void and spends one of the approval's times.
    pub fn carry_out(
        &self,
        actor: &Arc<Actor>,
        (access, to): (AccessId, &str),
        target: &mut dyn CopyTarget,
    ) -> Result<CopyReport, StationError> {
        let Some(person) = actor.person().cloned() else {
            let text = why!(
                "P21",
                "复制须由管理员凭本人口令进行。",
                "copying is done by a clerk with their own PIN: say --as ID"
            );
            return Err(Refusal(text).into());
        };
        let begun = self.begin_copy(actor, &person, (access, to), None)?;
        let mut files = Vec::new();
        for (clip, stored) in &begun.clips {
            let leave = Leave::Copy { person: person.clone(), access };
            let name = file_name(*clip, &stored.name);
            files.push(self.copy_one((*clip, stored), leave, (target, &name))?.0);
        }
        self.complete_copy(begun.copy, (files, Vec::new()), None)
    }

    /// The clips of an approval as the chain says them, and the entry that their copy begins.
    pub(super) fn begin_copy(
        &self,
        actor: &Arc<Actor>,
        person: &PersonId,
        (access, to): (AccessId, &str),
        asked: Option<CopyAsked>,
    ) -> Result<Begun, StationError> {
        let mut clips = Vec::new();
        for clip in access::clips_of(&*self.world.ledger.view()?, access)? {
            clips.push((clip, self.as_the_chain_says(person, clip)?));
        }
        let command = access::Command::CarryOut { access, to: to.to_owned(), asked };
        let appended = self.apply(actor, Command::Access(command))?;
        let copy = appended.entries.first().map(|entry| entry.seq).ok_or_else(|| {
            damaged("a copy was acknowledged without an entry; nothing is copied")
        })?;
        match self.copy_that_began(copy)? {
            Some(e) if e.access == access => {}
            _ => return Err(damaged(format!("entry {copy} is not the copy that was written"))),
        }
        Ok(Begun { copy, clips })
    }

    /// What the entry says, where it begins a copy.
    fn copy_that_began(&self, copy: u64) -> Result<Option<CopyCarriedOut>, StationError> {
        Ok(match self.proven_event(copy)? {
            Event::Access(Noted::CopyCarriedOut(e)) => Some(e),
            _ => None,
        })
    }

    /// What was asked for when entry `copy` began a copy. `None`: it began none, or does not say, as of a bare copy and in entries
    /// of before it was written down.
    ///
    /// # Errors
    /// The entry cannot be read, or is not the signed one.
    pub fn copy_asked(&self, copy: u64) -> Result<Option<CopyAsked>, StationError> {
        Ok(self.copy_that_began(copy)?.and_then(|e| e.asked))
    }

    /// What a copy that broke off is gone on with where `given` is asked for now: no excerpts are those of its entry.
    ///
    /// # Errors
    /// Refused: its entry says something else. Or the entry cannot be read.
    pub fn asked_again(&self, copy: u64, mut given: CopyAsked) -> Result<CopyAsked, StationError> {
        let Some(begun) = self.copy_asked(copy)? else { return Ok(given) };
        if given.excerpts.is_empty() {
            given.excerpts.clone_from(&begun.excerpts);
        }
        begun.again(copy, &given).map_err(Refusal)?;
        Ok(begun)
    }

    /// A copy of this person to this place that was begun and not completed: gone on with under its own entry, so that it
    /// spends nothing more.
    pub(super) fn begun_before(
        &self,
        person: &PersonId,
        (access, to): (AccessId, &str),
        copy: u64,
        asked: &CopyAsked,
    ) -> Result<Begun, StationError> {
        let none = || {
            Refusal(why!(
                "P33",
                "第 {copy} 条不是 {person:#} 按 {access:#} 向 {to:#} 开始而未完成的复制。",
                "entry {copy} is no copy of {access} to {to} that {person} began and did not complete"
            ))
        };
        let view = self.world.ledger.view()?;
        let row = registry::by_seq(&*view, &COPY_OUT, copy)?
            .filter(|row| row.int_opt("completed_seq").is_none() && row.text("place") == to);
        row.ok_or_else(none)?;
        if let Some(why) = access::copy_objection(&*view, &self.world.clock.now(), person, access)?
        {
            return Err(Refusal(why).into());
        }
        let ids = access::clips_of(&*view, access)?;
        drop(view);
        // The register is not believed: the entry says who, what and where.
        let (by, _) = self.signed(copy)?;
        let begun = self.copy_that_began(copy)?.filter(|e| {
            (e.access, e.to.as_str()) == (access, to)
                && by == (ActorRecord::Person { id: person.clone() })
        });
        // Of before it was written down: whoever goes on says it again, and nothing tells whether it is the same.
        if let Some(asked_then) = begun.ok_or_else(none)?.asked {
            asked_then.again(copy, asked).map_err(Refusal)?;
        }
        let clips = ids.into_iter().map(|clip| Ok((clip, self.as_the_chain_says(person, clip)?)));
        Ok(Begun { copy, clips: clips.collect::<Result<_, StationError>>()? })
    }

    pub(super) fn complete_copy(
        &self,
        copy: u64,
        (files, excerpts): (Vec<CopiedFile>, Vec<CopiedExcerpt>),
        package: Option<Digest>,
    ) -> Result<CopyReport, StationError> {
        let command = access::Command::CompleteCopy {
            copy,
            files: files.clone(),
            excerpts: excerpts.clone(),
            package,
        };
        let appended = self.note(Command::Access(command))?;
        let completed = appended.entries.first().map_or(copy, |entry| entry.seq);
        Ok(CopyReport { copy, completed, files, excerpts })
    }

    /// One clip, chunk by chunk, and the leaves that its chunks have.
    pub(super) fn copy_one(
        &self,
        (clip, stored): (ClipId, &ClipStored),
        leave: Leave,
        (target, name): (&mut dyn CopyTarget, &str),
    ) -> Result<(CopiedFile, Vec<Digest>), StationError> {
        let mut reader = ClipReader::open(self, (clip, stored), leave)?;
        reader.still_allowed()?;
        let there = match target.lies_whole(name, stored.size, stored.sha256)? {
            true => stored.sha256,
            false => {
                target.begin(name)?;
                reader.each(|chunk| Ok(target.write(chunk)?))?;
                target.finish()?
            }
        };
        if there != stored.sha256 {
            return Err(failed(format!(
                "{name} reads back as {there}, not as {}; the copy is void: take another medium",
                stored.sha256
            )));
        }
        let file = CopiedFile { clip, name: name.to_owned(), size: stored.size, sha256: there };
        Ok((file, reader.into_leaves()))
    }
}

/// Never the recorder's own name: only its extension, and only if it is a plain one.
fn file_name(clip: ClipId, name: &str) -> String {
    format!("{clip}{}", ending(name))
}

/// The extension of a stranger's name with its full stop, if it is a plain one; else nothing.
pub(super) fn ending(name: &str) -> String {
    let plain =
        |ext: &&str| (1..=5).contains(&ext.len()) && ext.bytes().all(|b| b.is_ascii_alphanumeric());
    match name.rsplit_once('.').map(|(_, ext)| ext).filter(plain) {
        Some(ext) => format!(".{}", ext.to_ascii_lowercase()),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_bears_the_number_of_its_clip_and_nothing_of_a_strangers_name() {
        let cases = [
            ("DCIM/J800001_0017_IMP.MP4", "C7.mp4"),
            ("no-extension", "C7"),
            ("x.../../etc/passwd", "C7"),
            ("x.sh\u{2400}", "C7"),
            ("x.toolong", "C7"),
            ("x.", "C7"),
        ];
        for (name, file) in cases {
            assert_eq!(file_name(ClipId(7), name), file, "{name}");
        }
    }
}
