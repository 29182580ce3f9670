//! The two keys of a station. The chain says which public key is in force; the keyring finds the
//! file that holds it, whichever side of a crash the last rotation stopped on.

use crate::file;
use ed25519_dalek::{Signer as _, SigningKey};
use sealdock_chain::digest::Digest;
use sealdock_core::event::KeyKind;
use sealdock_core::ports::{Kind, PortError, PortResult, Signer};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Signs with the keys below one directory: `log.key` and `evidence.key`, and while a rotation is
/// under way `log.next.key` or `evidence.next.key`. Secrets are wiped from memory on drop.
pub struct Keyring {
    log: Mutex<Slot>,
    evidence: Mutex<Slot>,
}

/// One role's key and where it lies.
struct Slot {
    role: KeyKind,
    folder: PathBuf,
    key: SigningKey,
    /// The key in force still lies in the file of the waiting one: a crash came before
    /// [`Signer::activate`].
    unfinished: bool,
}

impl Keyring {
    /// Makes both keys in `folder`, durable when this returns.
    ///
    /// # Errors
    /// A key file is there already (nothing is ever replaced), the directory is open to others, or
    /// the disk refuses.
    pub fn create(folder: &Path) -> PortResult<Keyring> {
        file::private_folder(folder)?;
        // Both are looked at first, so that a refusal leaves nothing behind.
        for role in [KeyKind::Log, KeyKind::Evidence] {
            for path in [current(folder, role), waiting(folder, role)] {
                refuse_existing(&path)?;
            }
        }
        let slot = |role| {
            let key = file::new_key()?;
            file::write_new(&current(folder, role), &key, role)?;
            Ok(Mutex::new(Slot { role, folder: folder.to_owned(), key, unfinished: false }))
        };
        Ok(Keyring { log: slot(KeyKind::Log)?, evidence: slot(KeyKind::Evidence)? })
    }

    /// Opens the keys that the chain expects. Changes nothing: a rotation that was cut short is
    /// finished by [`Signer::activate`].
    ///
    /// # Errors
    /// A file is missing, open to others, damaged, or holds the key of another station.
    pub fn open(
        folder: &Path,
        expected_log: [u8; 32],
        expected_evidence: [u8; 32],
    ) -> PortResult<Keyring> {
        if expected_log == expected_evidence {
            let message = format!(
                "the chain names one key, {}, for log and evidence; they must differ, so this chain \
                 is not sealdock's",
                Digest(expected_log)
            );
            return Err(PortError::new(Kind::Invalid, message));
        }
        let slot = |role, expected| Slot::open(folder, role, expected).map(Mutex::new);
        Ok(Keyring {
            log: slot(KeyKind::Log, expected_log)?,
            evidence: slot(KeyKind::Evidence, expected_evidence)?,
        })
    }

    /// Opens the keys with the *next* one in the place of `replaced`, which the chain is to put in force; the old
    /// file of that key is neither needed nor touched until [`Signer::activate`].
    ///
    /// The other key may be gone too when the log key is replaced: then nothing can be signed with it, and it is
    /// replaced after this one.
    ///
    /// # Errors
    /// The log key is not there while the evidence key is replaced; the disk refuses.
    pub fn open_replacing(
        folder: &Path,
        replaced: KeyKind,
        expected: impl Fn(KeyKind) -> [u8; 32],
    ) -> PortResult<Keyring> {
        file::private_folder(folder)?;
        let slot = |role| {
            if role == replaced {
                return Slot::successor(folder, role, expected(role));
            }
            match Slot::open(folder, role, expected(role)) {
                Err(_gone) if replaced == KeyKind::Log => Slot::absent(folder, role),
                other => other,
            }
        };
        Ok(Keyring {
            log: Mutex::new(slot(KeyKind::Log)?),
            evidence: Mutex::new(slot(KeyKind::Evidence)?),
        })
    }

    /// Is the key that the chain expects there, and whole?
    pub fn holds(folder: &Path, role: KeyKind, expected: [u8; 32]) -> bool {
        Slot::open(folder, role, expected).is_ok()
    }

    fn slot(&self, role: KeyKind) -> MutexGuard<'_, Slot> {
        let slot = match role {
            KeyKind::Log => &self.log,
            KeyKind::Evidence => &self.evidence,
        };
        // A slot is replaced whole or not at all, so a panic elsewhere leaves it sound.
        slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn current(folder: &Path, role: KeyKind) -> PathBuf {
    folder.join(format!("{}.key", role.as_str()))
}

fn waiting(folder: &Path, role: KeyKind) -> PathBuf {
    folder.join(format!("{}.next.key", role.as_str()))
}

fn refuse_existing(path: &Path) -> PortResult<()> {
    match path.symlink_metadata() {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(file::failed(Kind::Failed, "look for", path, e)),
        Ok(_) => {
            let message = format!(
                "{} is there already; keys are never replaced: open that station, or if its founding \
                 was cut short remove its key directory and begin again",
                path.display()
            );
            Err(PortError::new(Kind::Invalid, message))
        }
    }
}

impl Slot {
    fn open(folder: &Path, role: KeyKind, expected: [u8; 32]) -> PortResult<Slot> {
        let slot = |key, unfinished| Slot { role, folder: folder.to_owned(), key, unfinished };
        let path = current(folder, role);
        let first = file::read(&path, role);
        if let Ok(key) = &first
            && public(key) == expected
        {
            return Ok(slot(key.clone(), false));
        }
        // A damaged or missing current file is no harm if the rotation that destroyed it landed.
        let second = file::read(&waiting(folder, role), role);
        match (first, second) {
            (_, Ok(key)) if public(&key) == expected => Ok(slot(key, true)),
            // The waiting file may be the one in force: what is wrong with it is worth saying.
            (Ok(_), Err(e)) if e.kind != Kind::Missing => Err(e),
            (Ok(key), _) => Err(stranger(&path, expected, public(&key))),
            (Err(e), _) => Err(e),
        }
    }

    /// The key that comes after `old`, durable before anything is signed with it. Always a fresh one: whoever has
    /// the old key may have read what waited beside it.
    fn successor(folder: &Path, role: KeyKind, old: [u8; 32]) -> PortResult<Slot> {
        let path = waiting(folder, role);
        if file::read(&path, role).is_ok_and(|waiting| public(&waiting) == old) {
            let message = format!(
                "{} holds the key that is in force, after a change that was cut short; start the station, which \
                 finishes it, and try again",
                path.display()
            );
            return Err(PortError::new(Kind::Invalid, message));
        }
        file::destroy(&path)?;
        let key = file::new_key()?;
        file::write_new(&path, &key, role)?;
        Ok(Slot { role, folder: folder.to_owned(), key, unfinished: true })
    }

    /// In the place of a key that is gone: one that was never anybody's and is forgotten with the process.
    fn absent(folder: &Path, role: KeyKind) -> PortResult<Slot> {
        let key = file::new_key()?;
        Ok(Slot { role, folder: folder.to_owned(), key, unfinished: false })
    }

    /// The waiting key, if there is one.
    fn next(&self) -> PortResult<Option<SigningKey>> {
        match file::read(&waiting(&self.folder, self.role), self.role) {
            Ok(key) => Ok(Some(key)),
            Err(e) if e.kind == Kind::Missing => Ok(None),
            Err(e) => Err(e),
        }
    }

    fn finish(&mut self) -> PortResult<()> {
        if self.unfinished {
            file::replace(&current(&self.folder, self.role), &waiting(&self.folder, self.role))?;
            self.unfinished = false;
        }
        Ok(())
    }
}

fn stranger(path: &Path, expected: [u8; 32], held: [u8; 32]) -> PortError {
    let message = format!(
        "the key in {} is of another station: chain expects {}, file holds {}; restore this station's \
         key from the key backup",
        path.display(),
        Digest(expected),
        Digest(held)
    );
    PortError::new(Kind::Damaged, message)
}

fn public(key: &SigningKey) -> [u8; 32] {
    key.verifying_key().to_bytes()
}

fn none_waiting(role: KeyKind) -> PortError {
    let message = format!("no next {} key is waiting; prepare one first", role.as_str());
    PortError::new(Kind::Missing, message)
}

impl Signer for Keyring {
    fn public(&self, key: KeyKind) -> [u8; 32] {
        public(&self.slot(key).key)
    }

    fn sign(&self, key: KeyKind, bytes: &[u8]) -> PortResult<[u8; 64]> {
        Ok(self.slot(key).key.sign(bytes).to_bytes())
    }

    fn prepare_next(&self, key: KeyKind) -> PortResult<[u8; 32]> {
        let mut slot = self.slot(key);
        slot.finish()?;
        if let Some(next) = slot.next()? {
            return Ok(public(&next));
        }
        let next = file::new_key()?;
        file::write_new(&waiting(&slot.folder, key), &next, key)?;
        Ok(public(&next))
    }

    fn sign_next(&self, key: KeyKind, bytes: &[u8]) -> PortResult<[u8; 64]> {
        let slot = self.slot(key);
        if slot.unfinished {
            return Err(none_waiting(key));
        }
        let next = slot.next()?.ok_or_else(|| none_waiting(key))?;
        Ok(next.sign(bytes).to_bytes())
    }

    fn activate(&self, key: KeyKind, wanted: [u8; 32]) -> PortResult<()> {
        let mut slot = self.slot(key);
        if public(&slot.key) == wanted {
            return slot.finish();
        }
        let next = slot.next()?.ok_or_else(|| none_waiting(key))?;
        if public(&next) != wanted {
            return Err(stranger(&waiting(&slot.folder, key), wanted, public(&next)));
        }
        // From here on the new key signs, even if the rename must be asked for again.
        slot.key = next;
        slot.unfinished = true;
        slot.finish()
    }
}

impl fmt::Debug for Keyring {
    /// Public keys only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring")
            .field("log", &Digest(Signer::public(self, KeyKind::Log)))
            .field("evidence", &Digest(Signer::public(self, KeyKind::Evidence)))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
