//! A token that breaks on demand. Clones are the same token.

use super::device::{Device, Fault, PinState, Seen};
use super::{PinAt, Token, TokenAt};
use ed25519_dalek::{Signer as _, SigningKey};
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

pub(crate) const PIN: &str = "8642";

#[derive(Clone, Default)]
pub(crate) struct Fake(Arc<Mutex<State>>);

#[derive(Default)]
pub(crate) struct State {
    /// Public key to id and secret.
    pub(crate) pairs: BTreeMap<[u8; 32], (Vec<u8>, SigningKey)>,
    pub(crate) tokens: Vec<Seen>,
    /// What is done next fails: it is *lost* (false) or has *landed* (true).
    pub(crate) next: Option<(&'static str, bool, Fault)>,
    /// The session is gone and nobody said so.
    pub(crate) closed: bool,
    /// As `closed`, each time anew.
    pub(crate) never_stays_open: bool,
    /// The module looked for tokens when it was loaded, and not since.
    pub(crate) stale: bool,
    /// Signs with another key.
    pub(crate) evil: bool,
    pub(crate) logins: u32,
    pub(crate) made: u8,
}

impl Fake {
    pub(crate) fn new() -> Fake {
        let fake = Fake::default();
        let seen =
            Seen { slot: 3, label: "unit 7".into(), serial: "A1 B2".into(), pin: PinState::Usable };
        fake.state().tokens.push(seen);
        fake
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// As a process sees it that has just started; the PIN lies beside `keys`.
    pub(crate) fn token(&self, keys: &Path) -> Arc<Token> {
        let pin = keys.with_file_name("token.pin");
        if !pin.exists() {
            write_pin(&pin, PIN);
        }
        let at = TokenAt {
            module: "/fake.so".into(),
            label: Some("unit 7".into()),
            serial: None,
            pin: PinAt::File(pin),
        };
        Arc::new(Token::through(Box::new(Hand { fake: self.clone(), open: false }), at, keys))
    }

    pub(crate) fn fails(&self, step: &'static str, landed: bool, fault: Fault) {
        self.state().next = Some((step, landed, fault));
    }

    pub(crate) fn publics(&self) -> BTreeSet<[u8; 32]> {
        self.state().pairs.keys().copied().collect()
    }
}

pub(crate) fn write_pin(path: &Path, pin: &str) {
    std::fs::write(path, format!("{pin}\n")).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// What one process holds of it.
struct Hand {
    fake: Fake,
    open: bool,
}

impl Hand {
    fn step<T>(
        &mut self,
        name: &'static str,
        done: impl FnOnce(&mut State) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let state = &mut *self.fake.state();
        if !self.open || std::mem::take(&mut state.closed) || state.never_stays_open {
            self.open = false;
            return Err(Fault::Session("C_X: SessionHandleInvalid".into()));
        }
        if state.tokens.is_empty() {
            return Err(Fault::Gone("C_X: DeviceRemoved".into()));
        }
        let (landed, fault) = match state.next.take_if(|(step, ..)| *step == name) {
            None => return done(state),
            Some((_, landed, fault)) => (landed, fault),
        };
        if landed {
            done(state)?;
        }
        Err(fault)
    }
}

impl Device for Hand {
    fn tokens(&mut self) -> Result<Vec<Seen>, Fault> {
        let state = self.fake.state();
        Ok(if state.stale { Vec::new() } else { state.tokens.clone() })
    }

    fn restart(&mut self) {
        assert!(!self.open, "nobody has a session");
        self.fake.state().stale = false;
    }

    fn open(&mut self, _slot: u64, pin: &str) -> Result<(), Fault> {
        let state = &mut *self.fake.state();
        state.logins += 1;
        if let Some((_, _, fault)) = state.next.take_if(|(step, ..)| *step == "open") {
            return Err(fault);
        }
        if pin != PIN {
            return Err(Fault::PinWrong);
        }
        self.open = true;
        Ok(())
    }

    fn close(&mut self) {
        self.open = false;
    }

    fn find(&mut self, public: &[u8; 32]) -> Result<Option<Vec<u8>>, Fault> {
        self.step("find", |state| Ok(state.pairs.get(public).map(|(id, _)| id.clone())))
    }

    fn under(&mut self, id: &[u8]) -> Result<BTreeSet<[u8; 32]>, Fault> {
        self.step("under", |state| {
            let of_id = state.pairs.iter().filter(|(_, (held, _))| held == id);
            Ok(of_id.map(|(public, _)| *public).collect())
        })
    }

    fn make(&mut self, id: &[u8], _label: &str) -> Result<[u8; 32], Fault> {
        self.step("make", |state| {
            state.made += 1;
            let key = SigningKey::from_bytes(&[state.made; 32]);
            let public = key.verifying_key().to_bytes();
            state.pairs.insert(public, (id.to_vec(), key));
            Ok(public)
        })
    }

    fn sign(&mut self, public: &[u8; 32], bytes: &[u8]) -> Result<Vec<u8>, Fault> {
        self.step("sign", |state| {
            let (_, key) = state.pairs.get(public).ok_or(Fault::Absent)?;
            let evil = SigningKey::from_bytes(&[0xee; 32]);
            let key = if state.evil { &evil } else { key };
            Ok(key.sign(bytes).to_bytes().to_vec())
        })
    }

    fn destroy(&mut self, public: &[u8; 32]) -> Result<(), Fault> {
        self.step("destroy", |state| {
            state.pairs.remove(public);
            Ok(())
        })
    }
}
