//! What a monitor remembers, in a folder of its own. It is the monitor's whole worth: who has no memory can be told
//! any history. So it is durable before a round is reported, and one that is damaged is said to be, never begun anew.
//!
//! ```text
//! leaves      32 bytes for each entry; only ever longer
//! state.json  the head, and the entries about keys
//! heads/      every head that held, as it was signed
//! evidence/   every proof that the record was forked
//! ```

use super::{Leaves, Record};
use sealdock_chain::Digest;
use sealdock_chain::note::Checkpoint;
use sealdock_chain::tree::root_of;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Why the memory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MemoryError {
    /// A file cannot be read or written.
    #[error("{0}: {1}")]
    File(PathBuf, #[source] io::Error),
    /// What is remembered does not fit together.
    #[error(
        "{0}: the memory of this monitor is damaged ({1}); keep the folder as it is, and begin another one in an empty folder"
    )]
    Damaged(PathBuf, String),
    /// Something else lies there.
    #[error(
        "{0}: {1:?} lies there, so it is no memory of a monitor; name an empty folder, or one that is not there yet"
    )]
    Occupied(PathBuf, std::ffi::OsString),
    /// Another process has it.
    #[error("{0}: another monitor is using this folder")]
    Busy(PathBuf),
}

/// The folder, and nobody else's while this lives.
#[derive(Debug)]
pub struct Memory {
    folder: PathBuf,
    _lock: File,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    v: u32,
    size: u64,
    note: String,
    keys: Vec<(u64, String)>,
}

const VERSION: u32 = 1;

/// All that may lie in the folder.
const NAMES: [&str; 6] = ["leaves", "state.json", "state.new", "heads", "evidence", "lock"];

impl Memory {
    /// Opens the folder, or makes it.
    ///
    /// # Errors
    /// Another monitor has it, something else lies there, or it cannot be made.
    pub fn open(folder: &Path) -> Result<Self, MemoryError> {
        let failed = |e| MemoryError::File(folder.to_owned(), e);
        fs::create_dir_all(folder).map_err(failed)?;
        for entry in fs::read_dir(folder).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            if !NAMES.iter().any(|known| name == **known) {
                return Err(MemoryError::Occupied(folder.to_owned(), name));
            }
        }
        for part in [folder.join("heads"), folder.join("evidence")] {
            fs::create_dir_all(&part).map_err(|e| MemoryError::File(part.clone(), e))?;
        }
        let path = folder.join("lock");
        let failed = |e| MemoryError::File(path.clone(), e);
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { folder: folder.to_owned(), _lock: lock }),
            Err(fs::TryLockError::WouldBlock) => Err(MemoryError::Busy(folder.to_owned())),
            Err(fs::TryLockError::Error(e)) => Err(failed(e)),
        }
    }

    /// What was seen so far.
    ///
    /// # Errors
    /// It cannot be read, or does not fit together: leaves that do not lead to the head, or leaves without a head.
    pub fn recall(&self) -> Result<Record, MemoryError> {
        let path = self.folder.join("state.json");
        let damaged = |why: String| MemoryError::Damaged(self.folder.clone(), why);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            // Leaves come first and the state last, so a first round that was cut short leaves leaves alone.
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                return match self.has_heads()? {
                    true => Err(damaged("state.json is gone".to_owned())),
                    false => Ok(Record::default()),
                };
            }
            Err(e) => return Err(MemoryError::File(path, e)),
        };
        let state: State = serde_json::from_str(&text).map_err(|e| damaged(e.to_string()))?;
        if state.v != VERSION {
            return Err(damaged(format!("it is of version {}", state.v)));
        }
        let leaves = self.leaves(state.size)?;
        let root = root_of(&Leaves(&leaves), state.size).map_err(|e| damaged(e.to_string()))?;
        let origin = state.note.split('\n').next().unwrap_or_default().to_owned();
        let body = Checkpoint { origin, size: state.size, root }.body();
        if !state.note.starts_with(&body) {
            return Err(damaged("its leaves do not lead to its head".to_owned()));
        }
        let keys = state.keys.into_iter().map(|(seq, entry)| (seq, entry.into_bytes())).collect();
        Ok(Record { note: Some(state.note), leaves, keys })
    }

    fn has_heads(&self) -> Result<bool, MemoryError> {
        let heads = self.folder.join("heads");
        let mut listed = fs::read_dir(&heads).map_err(|e| MemoryError::File(heads, e))?;
        Ok(listed.next().is_some())
    }

    fn leaves(&self, size: u64) -> Result<Vec<Digest>, MemoryError> {
        let path = self.folder.join("leaves");
        let mut bytes = Vec::new();
        let read = File::open(&path)
            .and_then(|file| file.take(size.saturating_mul(32)).read_to_end(&mut bytes));
        read.map_err(|e| MemoryError::File(path, e))?;
        // Where some are missing they do not lead to the head, which is asked next.
        let (leaves, _) = bytes.as_chunks::<32>();
        Ok(leaves.iter().copied().map(Digest).collect())
    }

    /// Remembers a round that grew; `from` is what was remembered before. Leaves, then the head by itself, then the
    /// state: whatever cuts that short, the next round finds the old state and does the same again.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn keep(&self, record: &Record, from: u64) -> Result<(), MemoryError> {
        let note = record.note.clone().unwrap_or_default();
        self.append(record, from)?;
        self.put(&format!("heads/{}", head_name(&note)), note.as_bytes())?;
        let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
        let keys = record.keys.iter().map(|(seq, entry)| (*seq, text(entry))).collect();
        let state = State { v: VERSION, size: record.size(), note, keys };
        let json = serde_json::to_vec(&state)
            .map_err(|e| MemoryError::Damaged(self.folder.clone(), e.to_string()))?;
        self.put("state.json", &json)
    }

    fn append(&self, record: &Record, from: u64) -> Result<(), MemoryError> {
        let path = self.folder.join("leaves");
        let write = || {
            let mut file =
                OpenOptions::new().create(true).truncate(false).write(true).open(&path)?;
            // What a round that was cut short left behind is written over.
            file.set_len(from.saturating_mul(32))?;
            file.seek(SeekFrom::End(0))?;
            let new = record.leaves.iter().skip(usize::try_from(from).unwrap_or(usize::MAX));
            let bytes: Vec<u8> = new.flat_map(|leaf| leaf.0).collect();
            file.write_all(&bytes)?;
            file.sync_all()
        };
        write().map_err(|e| MemoryError::File(path.clone(), e))
    }

    /// When the memory last grew, by this machine's clock; none before the first round.
    #[must_use]
    pub fn grew_at(&self) -> Option<SystemTime> {
        fs::metadata(self.folder.join("state.json")).and_then(|facts| facts.modified()).ok()
    }

    /// Keeps the proof of a fork, and says where.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn keep_evidence(&self, name: &str, text: &str) -> Result<PathBuf, MemoryError> {
        let name = format!("evidence/{name}");
        self.put(&name, text.as_bytes())?;
        Ok(self.folder.join(name))
    }

    /// Written beside, synced, renamed, and the folder synced.
    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), MemoryError> {
        let path = self.folder.join(name);
        let beside = path.with_extension("new");
        let write = || {
            let mut file = File::create(&beside)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&beside, &path)?;
            File::open(path.parent().unwrap_or(&self.folder))?.sync_all()
        };
        write().map_err(|e| MemoryError::File(path.clone(), e))
    }
}

/// Size and the first letters of the root, so that two heads of one size have two names.
pub(super) fn head_name(note: &str) -> String {
    let mut lines = note.split('\n').skip(1);
    let (size, root) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    format!("{size}-{}", &Digest::of(root.as_bytes()).to_string()[..16])
}
