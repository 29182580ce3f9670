//! What a witness remembers: the roster of records, and the last cosigned head of each. The roster is written after the
//! head, so that whatever it vouches for must be there; what is not was lost, and the witness with it.

use crate::disk::{self, Faults};
use crate::error::WitnessError;
use sealdock_chain::WitnessKey;
use sealdock_chain::digest::Digest;
use sealdock_chain::note::{
    Checkpoint, NOTE_BYTES_MAX, SignedCheckpoint, VerifierKey, valid_origin,
};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const MAGIC: &str = "sealdock-witness-v1";
/// Some thousand records.
const ROSTER_BYTES_MAX: usize = 4 << 20;

/// The name of a record in paths: SHA-256 of its origin in lowercase hexadecimal.
#[must_use]
pub fn origin_hash(origin: &str) -> String {
    Digest::of(origin.as_bytes()).to_string()
}

/// What the roster says of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    /// Size and root that were cosigned last.
    pub(crate) last: Option<(u64, Digest)>,
    pub(crate) keys: Vec<VerifierKey>,
}

pub(crate) type Roster = BTreeMap<String, Listed>;

/// A head that was cosigned, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cosigned {
    pub(crate) head: SignedCheckpoint,
    pub(crate) time: u64,
}

/// The files. Nothing of them is held between two requests: what is on the disk counts.
#[derive(Debug)]
pub(crate) struct Memory {
    dir: PathBuf,
    pub(crate) faults: Arc<dyn Faults>,
}

impl Memory {
    pub(crate) fn new(dir: &Path, faults: Arc<dyn Faults>) -> Memory {
        Memory { dir: dir.to_owned(), faults }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    fn head_path(&self, origin: &str) -> PathBuf {
        self.dir.join("logs").join(origin_hash(origin)).join("head")
    }

    /// The roster; `None` where there is none.
    pub(crate) fn roster(&self) -> Result<Option<Roster>, WitnessError> {
        let path = self.path("roster");
        let Some(bytes) = disk::read(&path, ROSTER_BYTES_MAX)? else { return Ok(None) };
        let text = String::from_utf8_lossy(&bytes);
        parse(&text).map(Some).map_err(|line| {
            WitnessError::lost(&format!("line {line} of {} cannot be read", path.display()))
        })
    }

    pub(crate) fn put_roster(&self, roster: &Roster) -> Result<(), WitnessError> {
        disk::put(&*self.faults, &self.path("roster"), shown(roster).as_bytes())
    }

    /// A place for a record that was never cosigned; one that is there stays.
    pub(crate) fn make_place(&self, origin: &str) -> Result<(), WitnessError> {
        let head = self.head_path(origin);
        disk::make_folder(&self.path("logs"))?;
        if let Some(folder) = head.parent() {
            disk::make_folder(folder)?;
        }
        match disk::read(&head, NOTE_BYTES_MAX)? {
            None => disk::put(&*self.faults, &head, b""),
            Some(_) => Ok(()),
        }
    }

    pub(crate) fn put_head(&self, origin: &str, note: &str) -> Result<(), WitnessError> {
        disk::put(&*self.faults, &self.head_path(origin), note.as_bytes())
    }

    /// The last cosigned head of a record, held against the roster: never behind it.
    pub(crate) fn last(
        &self,
        (origin, listed): (&str, &Listed),
        me: &WitnessKey,
    ) -> Result<Option<Cosigned>, WitnessError> {
        let path = self.head_path(origin);
        let lost = |why: &str| WitnessError::lost(&format!("{} {why}", path.display()));
        let bytes = disk::read(&path, NOTE_BYTES_MAX)?.ok_or_else(|| lost("is gone"))?;
        let found = match bytes.as_slice() {
            b"" => None,
            bytes => Some(cosigned(bytes, &listed.keys, me).ok_or_else(|| {
                lost("is no head that the record signed and this witness cosigned")
            })?),
        };
        let head = found.as_ref().map(|found| found.head.checkpoint());
        match (listed.last, head) {
            (None, _) => {}
            (Some((size, _)), None) => {
                return Err(lost(&format!("is empty, and {size} entries were cosigned")));
            }
            (Some((size, root)), Some(head)) => {
                if head.size < size {
                    return Err(lost(&format!("has {} entries, cosigned were {size}", head.size)));
                }
                if head.size == size && head.root != root {
                    return Err(lost("has another root than was cosigned"));
                }
            }
        }
        Ok(found)
    }

    /// A record with a cosigned head that the roster does not list: an older roster was put back.
    pub(crate) fn expect_no_stranger(&self, roster: &Roster) -> Result<(), WitnessError> {
        let listed: Vec<String> = roster.keys().map(|origin| origin_hash(origin)).collect();
        let logs = self.path("logs");
        for name in disk::names(&logs)?.into_iter().filter(|name| !listed.contains(name)) {
            let head = disk::read(&logs.join(&name).join("head"), NOTE_BYTES_MAX)?;
            if head.is_some_and(|head| !head.is_empty()) {
                let text = format!("the roster does not list the cosigned record {name}");
                return Err(WitnessError::lost(&text));
            }
        }
        Ok(())
    }
}

/// Opens what was kept: the log's line under any key of it, and ours.
fn cosigned(bytes: &[u8], keys: &[VerifierKey], me: &WitnessKey) -> Option<Cosigned> {
    let note = std::str::from_utf8(bytes).ok()?;
    let head = keys.iter().find_map(|key| SignedCheckpoint::open(note, key).ok())?;
    let time = me.cosigned(&head).ok()??;
    Some(Cosigned { head, time })
}

impl Cosigned {
    pub(crate) fn checkpoint(&self) -> Checkpoint {
        self.head.checkpoint().clone()
    }
}

fn shown(roster: &Roster) -> String {
    let mut text = format!("{MAGIC}\n");
    for (origin, listed) in roster {
        let last = match &listed.last {
            None => "none".to_owned(),
            Some((size, root)) => format!("{size} {root}"),
        };
        text += &format!("log {origin} {last}\n");
        for key in &listed.keys {
            text += &format!("key {key}\n");
        }
    }
    // A file that was cut off between two lines would otherwise read as a shorter roster.
    text + "end\n"
}

/// The roster, or the number of the line that is wrong.
fn parse(text: &str) -> Result<Roster, usize> {
    let body = text.strip_suffix("end\n").ok_or(text.lines().count())?;
    let mut roster = Roster::new();
    let mut current: Option<String> = None;
    for (at, line) in body.split_terminator('\n').enumerate() {
        let wrong = at + 1;
        let parts: Vec<&str> = line.split(' ').collect();
        match parts[..] {
            [MAGIC] if at == 0 => {}
            ["log", origin, ref last @ ..] if at > 0 => {
                valid_origin(origin).map_err(|_| wrong)?;
                let last = match *last {
                    ["none"] => None,
                    [size, root] => {
                        Some((size.parse().map_err(|_| wrong)?, root.parse().map_err(|_| wrong)?))
                    }
                    _ => return Err(wrong),
                };
                let listed = Listed { last, keys: Vec::new() };
                if roster.insert(origin.to_owned(), listed).is_some() {
                    return Err(wrong);
                }
                current = Some(origin.to_owned());
            }
            ["key", key] => {
                let key: VerifierKey = key.parse().map_err(|_| wrong)?;
                let listed = current.as_ref().and_then(|origin| roster.get_mut(origin));
                let listed = listed.filter(|_| current.as_deref() == Some(key.name()));
                listed.ok_or(wrong)?.keys.push(key);
            }
            _ => return Err(wrong),
        }
    }
    if body.is_empty() || roster.values().any(|listed| listed.keys.is_empty()) {
        return Err(1);
    }
    Ok(roster)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_roster_comes_back_and_one_that_was_cut_anywhere_does_not() {
        let key = "x.example/s+".to_owned();
        let public = ed25519_dalek::SigningKey::from_bytes(&[7; 32]).verifying_key().to_bytes();
        let vkey = VerifierKey::new("x.example/s", public).unwrap();
        assert!(vkey.to_string().starts_with(&key));
        let last = Some((7, Digest::of(b"x")));
        let roster = Roster::from([("x.example/s".to_owned(), Listed { last, keys: vec![vkey] })]);
        let text = shown(&roster);
        assert_eq!(parse(&text), Ok(roster));
        for end in 0..text.len() {
            assert!(parse(&text[..end]).is_err(), "{end}");
        }
        assert!(parse(&text.replace("x.example/s 7", "y.example/s 7")).is_err());
        assert!(parse(&text.replace("log ", "log  ")).is_err());
        assert_eq!(parse(&shown(&Roster::new())), Ok(Roster::new()));
    }
}
