//! Log-signed requests that contradict what was cosigned: both notes and the request, as they are, for whoever has to be
//! shown. Each pair of heads is kept once.

use crate::decide::Against;
use crate::disk;
use crate::error::{Doing, WitnessError};
use crate::memory::{Memory, origin_hash};
use rustix::fs::{CWD, RenameFlags};
use sealdock_chain::digest::Digest;
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

/// Pairs kept of one record: who has its key could else fill the disk.
pub const PAIRS_MAX: usize = 1000;
const FILE_BYTES_MAX: usize = 1 << 20;

/// One contradiction that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The record.
    pub origin: String,
    /// Its folder, with `ours.note`, `theirs.note`, `request.add-checkpoint` and `why`.
    pub folder: PathBuf,
    /// What it shows, as `why` says it.
    pub why: String,
}

/// What is to be kept.
pub(crate) struct Contradiction<'a> {
    pub(crate) origin: &'a str,
    pub(crate) ours: &'a str,
    pub(crate) theirs: &'a str,
    pub(crate) request: &'a [u8],
    pub(crate) against: Against,
    pub(crate) why: &'a str,
    pub(crate) time: u64,
}

/// Durable when this returns. Order: the files and their folder under another name, then its name.
pub(crate) fn keep(memory: &Memory, this: &Contradiction) -> Result<(), WitnessError> {
    let name = Digest::of_parts(&[this.ours.as_bytes(), this.theirs.as_bytes()]).to_string();
    let record = memory.path("evidence").join(origin_hash(this.origin));
    let folder = record.join(&name[..32]);
    disk::make_folder(&memory.path("evidence"))?;
    disk::make_folder(&record)?;
    if folder.is_dir() || disk::names(&record)?.len() >= PAIRS_MAX {
        // The last time may have failed before its name was durable.
        return disk::sync(&record);
    }
    let temporary = record.join(".new");
    match fs::remove_dir_all(&temporary) {
        Err(e) if e.kind() != ErrorKind::NotFound => return Err(e).doing("clear", &temporary),
        _ => {}
    }
    disk::make_folder(&temporary)?;
    let shows = match this.against {
        Against::OtherRoot => "two heads of one size, both signed by the record: two histories",
        Against::NotGrown => {
            "a head signed by the record whose proof does not connect it: two histories, or a wrong proof"
        }
    };
    let why = format!("{shows}\nat {}\n{}\n", this.time, this.why);
    let files: [(&str, &[u8]); 4] = [
        ("ours.note", this.ours.as_bytes()),
        ("theirs.note", this.theirs.as_bytes()),
        ("request.add-checkpoint", this.request),
        ("why", why.as_bytes()),
    ];
    for (name, bytes) in files {
        disk::write_synced(&temporary.join(name), bytes)?;
    }
    disk::sync(&temporary)?;
    disk::passes(&*memory.faults, disk::Step::Written, &folder)?;
    rustix::fs::renameat_with(CWD, &temporary, CWD, &folder, RenameFlags::NOREPLACE)
        .map_err(std::io::Error::from)
        .doing("name", &folder)?;
    disk::passes(&*memory.faults, disk::Step::Named, &folder)?;
    disk::sync(&record)
}

/// Everything that was kept of these records.
pub(crate) fn all<'a>(
    memory: &Memory,
    origins: impl Iterator<Item = &'a String>,
) -> Result<Vec<Kept>, WitnessError> {
    let mut all = Vec::new();
    for origin in origins {
        let record = memory.path("evidence").join(origin_hash(origin));
        for name in disk::names(&record)?.into_iter().filter(|name| !name.starts_with('.')) {
            let folder = record.join(name);
            let why = disk::read(&folder.join("why"), FILE_BYTES_MAX)?.unwrap_or_default();
            let why = String::from_utf8_lossy(&why).into_owned();
            all.push(Kept { origin: origin.clone(), folder, why });
        }
    }
    Ok(all)
}
