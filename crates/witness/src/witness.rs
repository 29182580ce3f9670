//! A witness as its directory: made once, opened by one process at a time, asked request by request.

use crate::decide::{Against, Log, Outcome, Refusal, decide};
use crate::disk::{self, Faults, NoFaults};
use crate::error::{Doing, Kind, WitnessError};
use crate::evidence::{self, Contradiction, Kept};
use crate::key::{self, Secret};
use crate::memory::{Cosigned, Listed, Memory, Roster};
use sealdock_chain::WitnessKey;
use sealdock_chain::note::{SignedCheckpoint, VerifierKey};
use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use crate::memory::origin_hash;

/// The type of a body that is a size (tlog-witness).
pub const SIZE_TYPE: &str = "text/x.tlog.size";

/// An open witness.
#[derive(Debug)]
pub struct Witness {
    secret: Secret,
    /// Compare and remember are one step.
    memory: Mutex<Memory>,
    _lock: File,
}

/// What is sent back, as HTTP numbers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// 200, or why not.
    pub status: u16,
    /// The body, ended by a line feed.
    pub body: String,
    /// What the body is.
    pub says: Says,
}

/// What the body of an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    /// Signature lines.
    Lines,
    /// The size that was cosigned last ([`SIZE_TYPE`]): ask from there.
    Size,
    /// The same size, of a head with another root: asking again cannot help.
    OtherRoot,
    /// A reason for people.
    Why,
}

/// What is known of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its name.
    pub origin: String,
    /// Keys that count for it.
    pub keys: Vec<VerifierKey>,
    /// Entries of the head that was cosigned last, and when.
    pub last: Option<(u64, u64)>,
}

impl Witness {
    /// Makes a witness in an absent or empty folder. Order: roster, lock, then the key, without which it is none yet.
    ///
    /// # Errors
    /// The name cannot stand in a signature line, or there is something in the folder.
    pub fn make(dir: &Path, name: &str) -> Result<Witness, WitnessError> {
        Witness::make_with(dir, name, Arc::new(NoFaults))
    }

    /// [`Witness::make`] where steps may fail.
    ///
    /// # Errors
    /// As there.
    pub fn make_with(
        dir: &Path,
        name: &str,
        faults: Arc<dyn Faults>,
    ) -> Result<Witness, WitnessError> {
        sealdock_chain::note::valid_origin(name)
            .map_err(|e| WitnessError::refused(e.to_string().replace("origin", "name")))?;
        disk::make_folder(dir)?;
        // What a making that was cut short left, and nothing else.
        let ours = ["lock", "roster", "roster.new", "key.new"];
        if let Some(other) = disk::names(dir)?.iter().find(|name| !ours.contains(&name.as_str())) {
            let text = format!(
                "{} is not empty: it has {other}; a witness needs a folder of its own",
                dir.display()
            );
            return Err(WitnessError::refused(text));
        }
        let memory = Memory::new(dir, Arc::clone(&faults));
        memory.put_roster(&Roster::new())?;
        let how = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).clone();
        how.open(dir.join("lock")).doing("make", &dir.join("lock"))?;
        let lock = locked(dir)?;
        let secret = key::make(&*faults, &dir.join("key"), name)?;
        Ok(Witness { secret, memory: Mutex::new(memory), _lock: lock })
    }

    /// Opens a witness whose memory is whole.
    ///
    /// # Errors
    /// It is none, another process holds it, or a part of its memory is lost or was put back.
    pub fn open(dir: &Path) -> Result<Witness, WitnessError> {
        Witness::open_with(dir, Arc::new(NoFaults))
    }

    /// [`Witness::open`] where steps may fail.
    ///
    /// # Errors
    /// As there.
    pub fn open_with(dir: &Path, faults: Arc<dyn Faults>) -> Result<Witness, WitnessError> {
        let memory = Memory::new(dir, faults);
        let Some(secret) = key::read(&dir.join("key"))? else {
            return Err(match memory.roster()? {
                Some(roster) if !roster.is_empty() => {
                    WitnessError::lost(&format!("{} has no key", dir.display()))
                }
                _ => {
                    let text = format!(
                        "{} is no witness: make one with `sealdock witness init`",
                        dir.display()
                    );
                    WitnessError::new(Kind::Missing, text)
                }
            });
        };
        let lock = locked(dir)?;
        let roster = standing(&memory)?;
        memory.expect_no_stranger(&roster)?;
        for (origin, listed) in &roster {
            memory.last((origin, listed), secret.public())?;
        }
        Ok(Witness { secret, memory: Mutex::new(memory), _lock: lock })
    }

    /// The key by which its cosignatures are checked.
    #[must_use]
    pub fn key(&self) -> &WitnessKey {
        self.secret.public()
    }

    /// Knows a record from now on, or one more key of it; `false`: it was known. Order: an empty head, then the roster.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn add_log(&self, key: &VerifierKey) -> Result<bool, WitnessError> {
        if key.public() == self.key().public() {
            let text = "that is the witness's own key: nobody is a witness of themselves";
            return Err(WitnessError::refused(text));
        }
        let memory = self.memory();
        let mut roster = standing(&memory)?;
        let fresh = Listed { last: None, keys: Vec::new() };
        let listed = roster.entry(key.name().to_owned()).or_insert(fresh);
        if listed.keys.contains(key) {
            return Ok(false);
        }
        listed.keys.push(key.clone());
        memory.make_place(key.name())?;
        memory.put_roster(&roster)?;
        Ok(true)
    }

    /// Every record that it knows, by origin.
    ///
    /// # Errors
    /// The memory cannot be read, or is not whole any more.
    pub fn known(&self) -> Result<Vec<Known>, WitnessError> {
        let memory = self.memory();
        let mut known = Vec::new();
        for (origin, listed) in standing(&memory)? {
            let last = memory.last((&origin, &listed), self.key())?;
            let last = last.map(|last| (last.checkpoint().size, last.time));
            known.push(Known { origin, keys: listed.keys, last });
        }
        Ok(known)
    }

    /// Contradictions that were kept.
    ///
    /// # Errors
    /// The memory cannot be read.
    pub fn evidence(&self) -> Result<Vec<Kept>, WitnessError> {
        let memory = self.memory();
        evidence::all(&memory, standing(&memory)?.keys())
    }

    /// Answers one request body at `now` (seconds since 1970). The new head is durable before a cosignature is in the
    /// answer, evidence before a refusal.
    #[must_use]
    pub fn answer(&self, body: &[u8], now: u64) -> Answer {
        match self.answered(body, now) {
            Ok(answer) => answer,
            Err(e) => Answer { status: 503, body: format!("{e}\n"), says: Says::Why },
        }
    }

    fn answered(&self, body: &[u8], now: u64) -> Result<Answer, WitnessError> {
        let memory = self.memory();
        let mut roster = standing(&memory)?;
        let mut found = Ok(None);
        let known = |origin: &str| {
            let listed = roster.get(origin)?;
            found = memory.last((origin, listed), self.key());
            let last = found.as_ref().ok().and_then(Option::as_ref);
            Some(Log { keys: listed.keys.clone(), head: last.map(Cosigned::checkpoint) })
        };
        let outcome = decide(body, known);
        // What cannot be remembered cannot be compared with: whatever was decided rests on it.
        let last = found?;
        match outcome {
            Outcome::Cosign(head) => {
                in_time(last.as_ref(), now)?;
                let line = self.remember(&memory, &mut roster, (&head, now))?;
                Ok(Answer { status: 200, body: line, says: Says::Lines })
            }
            Outcome::Refuse(refusal) => {
                keep_evidence(&memory, last.as_ref(), &refusal, (body, now))?;
                Ok(said(&refusal))
            }
        }
    }

    /// The signature line, after everything that it says is durable: the head with it, then the roster.
    fn remember(
        &self,
        memory: &Memory,
        roster: &mut Roster,
        (head, now): (&SignedCheckpoint, u64),
    ) -> Result<String, WitnessError> {
        let line = self.secret.cosign(head, now)?;
        let cosigned = head
            .with_lines(&line)
            .map_err(|e| WitnessError::new(Kind::Failed, format!("the head to keep: {e}")))?;
        let of = head.checkpoint();
        memory.put_head(&of.origin, cosigned.note())?;
        if let Some(listed) = roster.get_mut(&of.origin) {
            listed.last = Some((of.size, of.root));
        }
        memory.put_roster(roster)?;
        Ok(line)
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        // Nothing is held between two requests, so a panic in one leaves the next as sound.
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// At its time a cosigned head was the largest: one of an earlier time than the last would make that untrue.
fn in_time(last: Option<&Cosigned>, now: u64) -> Result<(), WitnessError> {
    match last.map(|last| last.time).filter(|time| now < *time) {
        None => Ok(()),
        Some(time) => {
            let text = format!(
                "the clock of this witness says {now}, and it has cosigned this record at {time}: set the clock right, or \
                 if it ran ahead then, wait until that time or retire this witness"
            );
            Err(WitnessError::refused(text))
        }
    }
}

fn standing(memory: &Memory) -> Result<Roster, WitnessError> {
    memory.roster()?.ok_or_else(|| WitnessError::lost("the roster is gone"))
}

fn keep_evidence(
    memory: &Memory,
    last: Option<&Cosigned>,
    refusal: &Refusal,
    (request, time): (&[u8], u64),
) -> Result<(), WitnessError> {
    let Some((theirs, against)) = &refusal.against else { return Ok(()) };
    let Some(ours) = last else { return Ok(()) };
    let (ours, why) = (ours.head.note(), &refusal.why);
    let origin = &theirs.checkpoint().origin;
    let this = Contradiction {
        origin,
        ours,
        theirs: theirs.note(),
        request,
        against: *against,
        why,
        time,
    };
    evidence::keep(memory, &this)
}

fn said(refusal: &Refusal) -> Answer {
    let other_root = matches!(refusal.against, Some((_, Against::OtherRoot)));
    let (body, says) = match refusal.size {
        Some(size) if other_root => (format!("{size}\n"), Says::OtherRoot),
        Some(size) => (format!("{size}\n"), Says::Size),
        None => (format!("{}\n", refusal.why), Says::Why),
    };
    Answer { status: refusal.status.code(), body, says }
}

fn locked(dir: &Path) -> Result<File, WitnessError> {
    let path = dir.join("lock");
    let lock = OpenOptions::new().write(true).open(&path).doing("open", &path)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => {
            let text = format!(
                "the witness in {} is in use by another process; stop that one, or ask it",
                dir.display()
            );
            Err(WitnessError::new(Kind::Busy, text))
        }
        Err(TryLockError::Error(e)) => Err(e).doing("lock", &path),
    }
}

#[cfg(test)]
mod tests;
