//! The two keys of a station. The chain says which public key is in force; the keyring finds the
//! file that holds it, or the token, whichever side of a crash the last rotation stopped on.

use crate::file;
use crate::home::KeyHome;
use sealdock_chain::digest::Digest;
use sealdock_core::event::KeyKind;
use sealdock_core::ports::{KeyPlace, Kind, PortError, PortResult, Signer};
use slot::Slot;
pub(crate) use slot::none_of_it;
use std::fmt;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// One role's key and its change.
mod slot;

/// Signs with the keys of one [`KeyHome`]. Secrets in files are wiped from memory on drop; those on a token were
/// never there.
pub struct Keyring {
    log: Mutex<Slot>,
    evidence: Mutex<Slot>,
}

const ROLES: [KeyKind; 2] = [KeyKind::Log, KeyKind::Evidence];

impl Keyring {
    /// Makes both keys as files in a folder, durable when this returns.
    ///
    /// # Errors
    /// As [`Keyring::create_at`].
    pub fn create(home: impl Into<KeyHome>) -> PortResult<Keyring> {
        Keyring::create_at(home, |_| KeyPlace::File)
    }

    /// Makes both keys, each where it is wanted, durable when this returns.
    ///
    /// # Errors
    /// A key file is there already (nothing is ever replaced), the directory is open to others, or
    /// the disk or the token refuses. A key that was made on the token before is destroyed again.
    pub fn create_at(
        home: impl Into<KeyHome>,
        at: impl Fn(KeyKind) -> KeyPlace,
    ) -> PortResult<Keyring> {
        let home = home.into();
        file::private_folder(&home.folder)?;
        // Both are looked at first, so that a refusal leaves nothing behind.
        for role in ROLES {
            for path in [home.current(role), home.waiting(role)] {
                refuse_existing(&path)?;
            }
        }
        let log = Slot::create(&home, KeyKind::Log, at(KeyKind::Log))?;
        let evidence = Slot::create(&home, KeyKind::Evidence, at(KeyKind::Evidence));
        let evidence = evidence.inspect_err(|_| log.discard_made())?;
        Ok(Keyring { log: Mutex::new(log), evidence: Mutex::new(evidence) })
    }

    /// For a founding that failed: what was made on the token is destroyed there. The folder is the caller's to remove.
    pub fn discard_made(&self) {
        for role in ROLES {
            self.slot(role).discard_made();
        }
    }

    /// Opens the keys that the chain expects. Changes nothing: a rotation that was cut short is
    /// finished by [`Signer::activate`].
    ///
    /// # Errors
    /// A file is missing, open to others, damaged, or holds the key of another station; the token is not there, or
    /// refuses.
    pub fn open(
        home: impl Into<KeyHome>,
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
        let home = home.into();
        let slot = |role, expected| Slot::open(&home, role, expected).map(Mutex::new);
        Ok(Keyring {
            log: slot(KeyKind::Log, expected_log)?,
            evidence: slot(KeyKind::Evidence, expected_evidence)?,
        })
    }

    /// Opens the keys with the *next* one in the place of `replaced`, which the chain is to put in force; the old
    /// file of that key is neither needed nor touched until [`Signer::activate`]. It is made where `to` says; without
    /// it where the old one is said to lie.
    ///
    /// The other key may be gone too when the log key is replaced: then nothing can be signed with it, and it is
    /// replaced after this one.
    ///
    /// # Errors
    /// The log key is not there while the evidence key is replaced; the disk or the token refuses.
    pub fn open_replacing(
        home: impl Into<KeyHome>,
        (replaced, to): (KeyKind, Option<KeyPlace>),
        expected: impl Fn(KeyKind) -> [u8; 32],
    ) -> PortResult<Keyring> {
        let home = home.into();
        file::private_folder(&home.folder)?;
        let slot = |role| {
            if role == replaced {
                return Slot::successor(&home, role, expected(role), to);
            }
            match Slot::open(&home, role, expected(role)) {
                Err(_gone) if replaced == KeyKind::Log => Slot::absent(&home, role),
                other => other,
            }
        };
        Ok(Keyring {
            log: Mutex::new(slot(KeyKind::Log)?),
            evidence: Mutex::new(slot(KeyKind::Evidence)?),
        })
    }

    /// Is the key that the chain expects there, and whole?
    ///
    /// # Errors
    /// It would lie on a token that no setting names, or whose PIN was refused or is not tried: then nobody knows.
    pub fn holds(home: impl Into<KeyHome>, role: KeyKind, expected: [u8; 32]) -> PortResult<bool> {
        let home = home.into();
        let Err(_gone) = Slot::open(&home, role, expected) else { return Ok(true) };
        if home.place(role, expected) == Some(KeyPlace::Token) {
            home.needed(role)?;
        }
        match home.token.as_deref().and_then(crate::token::Token::unknown) {
            Some(objection) => Err(objection),
            None => Ok(false),
        }
    }

    /// Keys that should be destroyed on the token and are still there, in words.
    pub fn left_on_token(&self) -> Vec<String> {
        ROLES.iter().flat_map(|role| self.slot(*role).left()).collect()
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

fn none_waiting(role: KeyKind) -> PortError {
    let message = format!("no next {} key is waiting; prepare one first", role.as_str());
    PortError::new(Kind::Missing, message)
}

impl Signer for Keyring {
    fn public(&self, key: KeyKind) -> [u8; 32] {
        self.slot(key).public()
    }

    fn sign(&self, key: KeyKind, bytes: &[u8]) -> PortResult<[u8; 64]> {
        self.slot(key).sign(bytes)
    }

    fn prepare_next(&self, key: KeyKind, to: Option<KeyPlace>) -> PortResult<[u8; 32]> {
        self.slot(key).prepare(to)
    }

    fn sign_next(&self, key: KeyKind, bytes: &[u8]) -> PortResult<[u8; 64]> {
        self.slot(key).sign_next(bytes)
    }

    fn activate(&self, key: KeyKind, wanted: [u8; 32]) -> PortResult<()> {
        self.slot(key).activate(wanted)
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
mod on_token;
#[cfg(test)]
mod tests;
