//! The file `head`: the newest signed head in two slots that are written in turn, so that a torn
//! write always leaves the head before it. It is preallocated: persisting a head is one write in
//! place and one `fdatasync`, without a change to file-system metadata.
//!
//! Slot of 4096 bytes: magic (8), counter (u64 BE), length (u32 BE), note, zeros, SHA-256 (32) of
//! the 4064 bytes before it.

use crate::error::{Doing, damaged};
use crate::files::Files;
use sealdock_chain::digest::Digest;
use sealdock_core::ports::{Kind, PortError, PortResult};
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

const SLOT_BYTES: usize = 4096;
const MAGIC: &[u8; 8] = b"SDHEAD1\n";
const NOTE_AT: usize = 20;
const SUM_AT: usize = SLOT_BYTES - 32;

/// The file, open for the one writer.
#[derive(Debug)]
pub(crate) struct HeadFile {
    file: File,
    /// Counter of the newest slot.
    counter: u64,
}

/// A slot that is whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) counter: u64,
    pub(crate) note: String,
}

impl HeadFile {
    /// Makes the file with two empty slots; durable with the next sync of the directory.
    pub(crate) fn make(path: &Path) -> PortResult<HeadFile> {
        let file = Files::make_private(path)?;
        file.write_all_at(&[0; 2 * SLOT_BYTES], 0)
            .and_then(|()| file.sync_all())
            .doing(|| format!("write {}", path.display()))?;
        Ok(HeadFile { file, counter: 0 })
    }

    /// Opens the file for writing after its newest slot.
    pub(crate) fn open(path: &Path) -> PortResult<(HeadFile, Option<Slot>)> {
        let newest = read_newest(path)?;
        let file = OpenOptions::new()
            .write(true)
            .open(path)
            .doing(|| format!("open {} for writing", path.display()))?;
        let counter = newest.as_ref().map_or(0, |slot| slot.counter);
        Ok((HeadFile { file, counter }, newest))
    }

    /// The note is on the medium when this returns; the slot before it is untouched.
    pub(crate) fn write(&mut self, note: &str) -> io::Result<()> {
        let counter = self.counter + 1;
        let slot = encode(counter, note).ok_or_else(|| io::Error::other("the note is too long"))?;
        self.file.write_all_at(&slot, (counter % 2) * SLOT_BYTES as u64)?;
        self.file.sync_data()?;
        self.counter = counter;
        Ok(())
    }
}

/// The newest whole slot; `None` if no head was ever written.
///
/// # Errors
/// The file is missing or has another size.
pub(crate) fn read_newest(path: &Path) -> PortResult<Option<Slot>> {
    if !path.exists() {
        let station = path.parent().unwrap_or(path).display();
        let text = format!(
            "{station} has lost its file head; restore it from the second copy or the last backup"
        );
        return Err(PortError::new(Kind::Missing, text));
    }
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(1 << 20).read_to_end(&mut bytes))
        .doing(|| format!("read the newest head from {}", path.display()))?;
    if bytes.len() != 2 * SLOT_BYTES {
        return Err(damaged(format!(
            "{} has {} bytes and not {}: it is not the head file of a station; restore it from \
             the mirror",
            path.display(),
            bytes.len(),
            2 * SLOT_BYTES
        )));
    }
    let (first, second) = bytes.split_at(SLOT_BYTES);
    let whole = [first, second].into_iter().filter_map(decode);
    Ok(whole.max_by_key(|slot| slot.counter))
}

fn encode(counter: u64, note: &str) -> Option<Vec<u8>> {
    if note.len() > SUM_AT - NOTE_AT {
        return None;
    }
    let mut slot = Vec::with_capacity(SLOT_BYTES);
    slot.extend_from_slice(MAGIC);
    slot.extend_from_slice(&counter.to_be_bytes());
    slot.extend_from_slice(&u32::try_from(note.len()).ok()?.to_be_bytes());
    slot.extend_from_slice(note.as_bytes());
    slot.resize(SUM_AT, 0);
    let Digest(sum) = Digest::of(&slot);
    slot.extend_from_slice(&sum);
    Some(slot)
}

fn decode(slot: &[u8]) -> Option<Slot> {
    let (body, sum) = slot.split_at_checked(SUM_AT)?;
    if !body.starts_with(MAGIC) || Digest::of(body).0 != sum {
        return None;
    }
    let counter = u64::from_be_bytes(body.get(8..16)?.try_into().ok()?);
    let length = u32::from_be_bytes(body.get(16..20)?.try_into().ok()?) as usize;
    let note = body.get(NOTE_AT..NOTE_AT.checked_add(length)?)?;
    Some(Slot { counter, note: String::from_utf8(note.to_vec()).ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_slot_leaves_the_head_before_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("head");
        let mut file = HeadFile::make(&path).unwrap();
        assert_eq!(read_newest(&path).unwrap(), None);
        for note in ["one", "two", "three"] {
            file.write(note).unwrap();
            assert_eq!(read_newest(&path).unwrap().unwrap().note, note);
        }
        let whole = std::fs::read(&path).unwrap();
        // "three" lies in the second slot: tear it anywhere.
        for at in [SLOT_BYTES, SLOT_BYTES + 9, SLOT_BYTES + 21, 2 * SLOT_BYTES - 1] {
            let mut torn = whole.clone();
            torn[at] ^= 0x20;
            std::fs::write(&path, torn).unwrap();
            assert_eq!(read_newest(&path).unwrap().unwrap().note, "two", "torn at {at}");
        }
        std::fs::write(&path, &whole[1..]).unwrap();
        assert!(read_newest(&path).unwrap_err().message.contains("not the head file"));
    }

    #[test]
    fn a_reopened_file_goes_on_in_the_other_slot() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("head");
        HeadFile::make(&path).unwrap().write("one").unwrap();
        let (mut file, newest) = HeadFile::open(&path).unwrap();
        assert_eq!(newest, Some(Slot { counter: 1, note: "one".into() }));
        file.write("two").unwrap();
        assert!(file.write(&"x".repeat(4045)).is_err());
        assert_eq!(read_newest(&path).unwrap(), Some(Slot { counter: 2, note: "two".into() }));
    }
}
