//! Keys on a PKCS#11 token. They are made there, never leave it, and are found again by their public key.
//!
//! Three promises are kept here and not by the module that a maker ships: a PIN that was refused is not tried again,
//! a session that was closed behind our back is opened again once, and no signature goes out that does not verify.

use crate::keyring::none_of_it;
use device::{Device, Fault, Seen};
use sealdock_chain::digest::Digest;
use sealdock_core::ports::{Kind, PortError, PortResult};
use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Which of the tokens in the slots is meant, and whether its PIN may be tried.
mod choose;
/// What is asked of a token, in one small trait.
pub(crate) mod device;
/// Where the PIN is kept, and that one which was refused is not tried again.
mod pin;
/// A module of PKCS#11, loaded when it is needed.
mod pkcs11;

pub use pin::PinAt;

/// Which token, through which module, and where its PIN is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenAt {
    /// The maker's PKCS#11 module, an absolute path.
    pub module: PathBuf,
    pub label: Option<String>,
    pub serial: Option<String>,
    pub pin: PinAt,
}

/// One token. Nothing is loaded and no PIN is used before a key on it is needed.
pub struct Token {
    at: TokenAt,
    /// Where it is noted that a PIN was refused.
    note: PathBuf,
    inner: Mutex<Inner>,
}

struct Inner {
    device: Box<dyn Device>,
    /// Serial of the token that a session is open with.
    open: Option<String>,
    /// The PIN was refused, or not tried for a good reason. Said again until the process ends.
    objection: Option<PortError>,
}

/// A key pair that was just made.
pub(crate) struct Made {
    pub(crate) public: [u8; 32],
    pub(crate) serial: String,
}

impl Token {
    /// `folder` is the station's folder of keys.
    pub fn new(at: TokenAt, folder: &Path) -> Token {
        let device = Box::new(pkcs11::Module::new(&at.module));
        Token::through(device, at, folder)
    }

    fn through(device: Box<dyn Device>, at: TokenAt, folder: &Path) -> Token {
        let inner = Inner { device, open: None, objection: None };
        Token { at, note: folder.join("token.refused"), inner: Mutex::new(inner) }
    }

    /// Opens a session, which shows that module, token and PIN are as the settings say.
    ///
    /// # Errors
    /// Names the one that is not.
    pub fn reached(&self) -> PortResult<()> {
        self.ask("reach", |_| Ok(()))
    }

    /// Why it is not known what lies on it: the PIN was refused, or its last try was not used. Not where it is locked;
    /// then nobody can use what lies on it.
    pub(crate) fn unknown(&self) -> Option<PortError> {
        self.lock().objection.clone().filter(|why| *why != choose::locked(&self.at))
    }

    /// The id of the key pair with this public key, if its private half is there.
    pub(crate) fn find(&self, public: &[u8; 32]) -> PortResult<Option<String>> {
        self.ask("look for a key on", |device| device.find(public))
            .map(|id| id.map(|id| sealdock_core::naming::hex(&id)))
    }

    pub(crate) fn serial(&self) -> Option<String> {
        self.lock().open.clone()
    }

    /// A new pair under this id. The token promises not to give the private half away, or the pair is destroyed again.
    pub(crate) fn make(&self, id: &[u8], label: &str) -> PortResult<Made> {
        // Looked at first, which opens a session anew if need be: a making whose answer was lost may have landed, and
        // is never asked for twice under one id.
        self.under(id)?;
        let public = self.asked("make a key on", 0, |device| device.make(id, label))?;
        Ok(Made { public, serial: self.serial().unwrap_or_default() })
    }

    /// Public keys of the pairs with this id.
    pub(crate) fn under(&self, id: &[u8]) -> PortResult<BTreeSet<[u8; 32]>> {
        self.ask("look for a key on", |device| device.under(id))
    }

    /// Destroys both halves; absent is fine.
    pub(crate) fn destroy(&self, public: &[u8; 32]) -> PortResult<()> {
        self.ask("destroy a key on", |device| device.destroy(public))
    }

    /// A signature that verifies strictly. Every other failure is `Failed`: after COMMIT nothing may look like a full
    /// disk, which the ledger takes for a step that did not happen.
    pub(crate) fn sign(&self, public: &[u8; 32], bytes: &[u8]) -> PortResult<[u8; 64]> {
        let made = self.ask("sign with", |device| device.sign(public, bytes)).map_err(|e| {
            let kind = if e.kind == Kind::Damaged { Kind::Damaged } else { Kind::Failed };
            PortError::new(kind, e.message)
        })?;
        let signature = <[u8; 64]>::try_from(made.as_slice()).ok();
        let good = |s: &[u8; 64]| sealdock_chain::ed25519::verify(public, bytes, s).is_ok();
        signature.filter(good).ok_or_else(|| {
            let message = format!(
                "{} made a signature that does not verify under {}; it was thrown away. Sign nothing more with this \
                 token: take it to its maker, and replace the key with `sealdock key replace`",
                self.named(),
                Digest(*public)
            );
            PortError::new(Kind::Damaged, message)
        })
    }

    /// `the token with the label "x"`.
    pub(crate) fn named(&self) -> String {
        choose::named(&self.at)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // What a panic left is a session that may be gone, and that is found out by asking.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks an open token; once more where only our session was gone.
    fn ask<T>(
        &self,
        what: &str,
        question: impl Fn(&mut dyn Device) -> Result<T, Fault>,
    ) -> PortResult<T> {
        self.asked(what, 1, question)
    }

    fn asked<T>(
        &self,
        what: &str,
        again: u32,
        question: impl Fn(&mut dyn Device) -> Result<T, Fault>,
    ) -> PortResult<T> {
        let inner = &mut *self.lock();
        let was_open = inner.open.is_some();
        self.ready(inner)?;
        let mut answer = question(&mut *inner.device);
        if let Err(Fault::Session(_)) = &answer
            && was_open
            && again > 0
        {
            inner.close();
            self.ready(inner)?;
            answer = question(&mut *inner.device);
        }
        answer.map_err(|fault| {
            // Whatever it was, the next one who asks begins with a new session.
            inner.close();
            self.worded(what, fault)
        })
    }

    /// A session, logged in.
    fn ready(&self, inner: &mut Inner) -> PortResult<()> {
        if inner.open.is_some() {
            return Ok(());
        }
        if let Some(objection) = &inner.objection {
            return Err(objection.clone());
        }
        let mut tokens = inner.device.tokens().map_err(|fault| self.worded("find", fault))?;
        if choose::is_away(&self.at, &tokens) {
            inner.device.restart();
            tokens = inner.device.tokens().map_err(|fault| self.worded("find", fault))?;
        }
        let chosen = choose::one(&self.at, &tokens)?;
        if let Err(objection) = self.log_in(inner, &chosen) {
            inner.close();
            return Err(objection);
        }
        inner.open = Some(chosen.serial);
        Ok(())
    }

    fn log_in(&self, inner: &mut Inner, chosen: &Seen) -> PortResult<()> {
        let mut object = |objection: PortError| {
            inner.objection = Some(objection.clone());
            objection
        };
        choose::may_try(&self.at, chosen).map_err(&mut object)?;
        let pin = self.at.pin.read()?;
        if pin.was_refused(&self.note, &chosen.serial) {
            return Err(object(self.refused(" before")));
        }
        match inner.device.open(chosen.slot, &pin.text) {
            Ok(()) => {
                pin::forget(&self.note);
                Ok(())
            }
            Err(Fault::PinWrong) => {
                pin.note_refusal(&self.note, &chosen.serial);
                let objection = self.refused("");
                inner.objection = Some(objection.clone());
                Err(objection)
            }
            Err(fault @ (Fault::PinLocked | Fault::PinUnusable(_))) => {
                let objection = self.worded("log in to", fault);
                inner.objection = Some(objection.clone());
                Err(objection)
            }
            Err(fault) => Err(self.worded("log in to", fault)),
        }
    }

    fn refused(&self, when: &str) -> PortError {
        let message = format!(
            "{} refused the PIN in {}{when}; it is not tried again, because a few wrong tries lock a token: correct the \
             PIN there, then start again",
            self.named(),
            self.at.pin
        );
        PortError::new(Kind::Invalid, message)
    }

    fn worded(&self, what: &str, fault: Fault) -> PortError {
        let token = self.named();
        let (kind, why) = match fault {
            Fault::Module(why) => return self.unusable_module(&why),
            Fault::Gone(why) => {
                (Kind::Missing, format!("it is not there any more ({why}); plug it in again"))
            }
            Fault::Session(why) => {
                (Kind::Failed, format!("its session ends again and again ({why}); plug it in anew"))
            }
            Fault::PinWrong => return self.refused(""),
            Fault::PinLocked => return choose::locked(&self.at),
            Fault::PinUnusable(why) => (
                Kind::Invalid,
                format!("it takes no PIN ({why}); set one with the token's own program"),
            ),
            Fault::Full(why) => (
                Kind::NoSpace,
                format!("it has no room ({why}); delete what it does not need with its own program"),
            ),
            Fault::Unfit(why) => (
                Kind::Invalid,
                format!("{why}; use a token that keeps Ed25519 keys, or a key file (--to file)"),
            ),
            Fault::Absent => (Kind::Missing, none_of_it().into()),
            Fault::Twice => (
                Kind::Invalid,
                "several private keys carry the id of this public key; delete those that are not sealdock's with the \
                 token's own program"
                    .into(),
            ),
            Fault::Other(why) => (
                Kind::Failed,
                format!("{why}; plug it in anew, and if that does not help ask its maker"),
            ),
        };
        PortError::new(kind, format!("cannot {what} {token}: {why}"))
    }

    fn unusable_module(&self, why: &str) -> PortError {
        let message = format!(
            "cannot use the PKCS#11 module {}: {why}; install the token's software, or correct `module` in station.toml",
            self.at.module.display()
        );
        PortError::new(Kind::Missing, message)
    }
}

impl Inner {
    fn close(&mut self) {
        self.open = None;
        self.device.close();
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("at", &self.at).finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(crate) mod fake;
#[cfg(test)]
mod tests;
