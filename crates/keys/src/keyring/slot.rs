//! One role's key: where it lies, what comes after it, and what is still to be destroyed.
//!
//! A key on a token has a file too, which says so instead of holding a secret. So a change of key is the same renaming
//! of the same files wherever the keys lie, and a crash stops it at the same places.

use super::{none_waiting, stranger};
use crate::file;
use crate::home::{KeyHome, still_there};
use crate::line::{Line, Reference};
use ed25519_dalek::{Signer as _, SigningKey};
use sealdock_core::event::KeyKind;
use sealdock_core::naming;
use sealdock_core::ports::{KeyPlace, Kind, PortError, PortResult};
use std::path::Path;

/// `CKA_ID` of what is made here: drawn, so that a pair whose making was cut short is found again.
const ID_BYTES: usize = 16;

pub(super) struct Slot {
    role: KeyKind,
    home: KeyHome,
    key: Key,
    unfinished: Unfinished,
    /// The chain has said that `key` is the newest: what waits beside it is in force nowhere.
    newest: bool,
    /// Why something that should be gone from the token is still there.
    left: Vec<String>,
}

enum Key {
    Here(SigningKey),
    OnToken([u8; 32]),
}

/// What is still to be done with the files of the key in force.
#[derive(Clone, Copy, PartialEq)]
enum Unfinished {
    Nothing,
    /// It lies in the file of the waiting one: a crash came before the change was finished.
    Waits,
    /// The token has it and no file says so.
    Unnamed,
}

impl Key {
    fn of(line: Line) -> Key {
        match line {
            Line::Secret(key) => Key::Here(key),
            Line::Token(reference) => Key::OnToken(reference.public),
        }
    }

    fn public(&self) -> [u8; 32] {
        match self {
            Key::Here(key) => key.verifying_key().to_bytes(),
            Key::OnToken(public) => *public,
        }
    }

    fn place(&self) -> KeyPlace {
        match self {
            Key::Here(_) => KeyPlace::File,
            Key::OnToken(_) => KeyPlace::Token,
        }
    }

    fn sign(&self, home: &KeyHome, role: KeyKind, bytes: &[u8]) -> PortResult<[u8; 64]> {
        match self {
            Key::Here(key) => Ok(key.sign(bytes).to_bytes()),
            Key::OnToken(public) => home.needed(role)?.sign(public, bytes),
        }
    }
}

impl Slot {
    /// A first key.
    pub(super) fn create(home: &KeyHome, role: KeyKind, at: KeyPlace) -> PortResult<Slot> {
        let key = Key::of(make(home, role, &home.current(role), at)?);
        Ok(Slot::with(home, role, key, Unfinished::Nothing))
    }

    pub(super) fn open(home: &KeyHome, role: KeyKind, expected: [u8; 32]) -> PortResult<Slot> {
        let path = home.current(role);
        let first = file::read(&path, role);
        if matches!(&first, Ok(line) if line.public() == expected) {
            return Slot::found(home, role, first?, Unfinished::Nothing);
        }
        // A damaged or missing current file is no harm if the rotation that destroyed it landed.
        let second = file::read(&home.waiting(role), role);
        match (first, second) {
            (_, Ok(line)) if line.public() == expected => {
                Slot::found(home, role, line, Unfinished::Waits)
            }
            // The waiting file may be the one in force: what is wrong with it is worth saying.
            (Ok(_), Err(e)) if e.kind != Kind::Missing => Err(e),
            (Ok(line), _) => Err(stranger(&path, expected, line.public())),
            (Err(e), _) if e.kind == Kind::Missing => Slot::unnamed(home, role, expected, e),
            (Err(e), _) => Err(e),
        }
    }

    fn found(
        home: &KeyHome,
        role: KeyKind,
        line: Line,
        unfinished: Unfinished,
    ) -> PortResult<Slot> {
        if let Line::Token(reference) = &line {
            home.on_token(role, reference.public, &reference.serial)?;
        }
        Ok(Slot::with(home, role, Key::of(line), unfinished))
    }

    /// No file holds the key or names it: the token itself may have it.
    fn unnamed(
        home: &KeyHome,
        role: KeyKind,
        expected: [u8; 32],
        missing: PortError,
    ) -> PortResult<Slot> {
        let Some(token) = &home.token else { return Err(missing) };
        let also = |why: &str| {
            PortError::new(missing.kind, format!("{}; on the token: {why}", missing.message))
        };
        match token.find(&expected) {
            Ok(Some(_)) => Ok(Slot::with(home, role, Key::OnToken(expected), Unfinished::Unnamed)),
            Ok(None) => Err(also(none_of_it())),
            Err(e) => Err(also(&e.message)),
        }
    }

    /// The key that comes after `old`, durable before anything is signed with it. Always a fresh one: whoever has
    /// the old key may have read what waited beside it.
    pub(super) fn successor(
        home: &KeyHome,
        role: KeyKind,
        old: [u8; 32],
        to: Option<KeyPlace>,
    ) -> PortResult<Slot> {
        let path = home.waiting(role);
        match file::read(&path, role) {
            Ok(line) if line.public() == old => {
                let message = format!(
                    "{} holds the key that is in force, after a change that was cut short; start the station, which \
                     finishes it, and try again",
                    path.display()
                );
                return Err(PortError::new(Kind::Invalid, message));
            }
            Ok(Line::Token(reference)) => retire(home, role, reference)?,
            _ => {}
        }
        file::destroy(&path)?;
        let key = Key::of(make(home, role, &path, to.unwrap_or(home.stands(role)))?);
        Ok(Slot::with(home, role, key, Unfinished::Waits))
    }

    /// In the place of a key that is gone: one that was never anybody's and is forgotten with the process.
    pub(super) fn absent(home: &KeyHome, role: KeyKind) -> PortResult<Slot> {
        Ok(Slot::with(home, role, Key::Here(file::new_key()?), Unfinished::Nothing))
    }

    fn with(home: &KeyHome, role: KeyKind, key: Key, unfinished: Unfinished) -> Slot {
        Slot { role, home: home.clone(), key, unfinished, newest: false, left: Vec::new() }
    }

    pub(super) fn public(&self) -> [u8; 32] {
        self.key.public()
    }

    pub(super) fn left(&self) -> Vec<String> {
        self.left.clone()
    }

    pub(super) fn sign(&self, bytes: &[u8]) -> PortResult<[u8; 64]> {
        self.key.sign(&self.home, self.role, bytes)
    }

    pub(super) fn sign_next(&self, bytes: &[u8]) -> PortResult<[u8; 64]> {
        if self.unfinished == Unfinished::Waits {
            return Err(none_waiting(self.role));
        }
        let next = self.next()?.ok_or_else(|| none_waiting(self.role))?;
        Key::of(next).sign(&self.home, self.role, bytes)
    }

    /// The waiting key, if there is one.
    fn next(&self) -> PortResult<Option<Line>> {
        match file::read(&self.home.waiting(self.role), self.role) {
            Ok(line) => Ok(Some(line)),
            Err(e) if e.kind == Kind::Missing => Ok(None),
            Err(e) => Err(e),
        }
    }

    pub(super) fn prepare(&mut self, to: Option<KeyPlace>) -> PortResult<[u8; 32]> {
        self.finish()?;
        let to = to.unwrap_or(self.key.place());
        if let Some(next) = self.next()? {
            let public = next.public();
            if next.place() == to && self.is_usable(&next)? {
                self.newest = false;
                return Ok(public);
            }
            self.discard(next)?;
        }
        let made = make(&self.home, self.role, &self.home.waiting(self.role), to)?;
        self.newest = false;
        Ok(made.public())
    }

    /// A key that waits on another token than the one at hand is of no use.
    fn is_usable(&self, next: &Line) -> PortResult<bool> {
        match next {
            Line::Secret(_) => Ok(true),
            Line::Token(reference) => {
                Ok(self.home.needed(self.role)?.find(&reference.public)?.is_some())
            }
        }
    }

    /// What waits may have come into force without anybody knowing, if an entry was tried since the chain was read.
    fn discard(&mut self, next: Line) -> PortResult<()> {
        if !self.newest {
            let message = format!(
                "a next {} key waits in {}, and whether it came into force is not known here; start the station anew, \
                 then change the key again",
                self.role.as_str(),
                self.home.waiting(self.role).display()
            );
            return Err(PortError::new(Kind::Invalid, message));
        }
        if let Line::Token(reference) = next {
            retire(&self.home, self.role, reference)?;
        }
        file::destroy(&self.home.waiting(self.role))?;
        self.bury();
        Ok(())
    }

    pub(super) fn activate(&mut self, wanted: [u8; 32]) -> PortResult<()> {
        if self.public() != wanted {
            let next = self.next()?.ok_or_else(|| none_waiting(self.role))?;
            if next.public() != wanted {
                return Err(stranger(&self.home.waiting(self.role), wanted, next.public()));
            }
            // From here on the new key signs, even if the rename must be asked for again.
            self.key = Key::of(next);
            self.unfinished = Unfinished::Waits;
        }
        self.finish()?;
        self.newest = true;
        Ok(())
    }

    /// Order: what names the old key on the token is kept under another name; the new file takes the old one's place;
    /// then the old key is destroyed on the token. Cut anywhere, the next start goes on.
    fn finish(&mut self) -> PortResult<()> {
        let path = self.home.current(self.role);
        match self.unfinished {
            Unfinished::Nothing => {}
            Unfinished::Waits => {
                if let Ok(Line::Token(old)) = file::read(&path, self.role)
                    && old.public != self.public()
                {
                    retire(&self.home, self.role, old)?;
                }
                file::replace(&path, &self.home.waiting(self.role))?;
            }
            Unfinished::Unnamed => file::write_new(&path, &self.reference()?, self.role)?,
        }
        self.unfinished = Unfinished::Nothing;
        self.bury();
        Ok(())
    }

    fn reference(&self) -> PortResult<Line> {
        let (token, public) = (self.home.needed(self.role)?, self.public());
        let id = token.find(&public)?.unwrap_or_default();
        Ok(Line::Token(Reference { public, id, serial: token.serial().unwrap_or_default() }))
    }

    /// Destroys on the token what is retired, and what a making that was cut short left. A token that is away is no
    /// reason to stop: the new key is in force. What is left is said, and tried again at the next start.
    fn bury(&mut self) {
        self.left.clear();
        for done in [self.bury_retired(), self.bury_unmade()] {
            if let Err(e) = done {
                self.left.push(e.message);
            }
        }
    }

    fn bury_retired(&self) -> PortResult<()> {
        for (path, line) in self.home.all_retired(self.role)? {
            if let Line::Token(reference) = &line
                && !self.in_use(reference.public)?
            {
                self.home
                    .needed(self.role)
                    .and_then(|token| token.destroy(&reference.public))
                    .map_err(|e| {
                        PortError::new(
                            e.kind,
                            format!("{}: {}", still_there(self.role, &line), e.message),
                        )
                    })?;
            }
            file::destroy(&path)?;
        }
        Ok(())
    }

    fn bury_unmade(&self) -> PortResult<()> {
        let Some(id) = unmade(&self.home, self.role)? else { return Ok(()) };
        self.destroy_under(&id).map_err(|e| {
            let role = self.role.as_str();
            let text = format!("an unused {role} key may be on the token: {}", e.message);
            PortError::new(e.kind, text)
        })?;
        file::destroy(&self.home.making(self.role))
    }

    fn destroy_under(&self, id: &[u8]) -> PortResult<()> {
        let token = self.home.needed(self.role)?;
        for public in token.under(id)? {
            if !self.in_use(public)? {
                token.destroy(&public)?;
            }
        }
        Ok(())
    }

    /// In force, or waiting to be: never destroyed, whatever a file beside it says.
    fn in_use(&self, public: [u8; 32]) -> PortResult<bool> {
        let waits = self.next()?.is_some_and(|next| next.public() == public);
        Ok(waits || public == self.public())
    }

    /// Destroys the key that was made for a founding that failed. What cannot be destroyed is an unused key.
    pub(super) fn discard_made(&self) {
        if let (Key::OnToken(public), Some(token)) = (&self.key, &self.home.token) {
            let _left = token.destroy(public);
        }
    }
}

pub(crate) fn none_of_it() -> &'static str {
    "no private key on it belongs to this public key"
}

/// Makes a key that is durable, with its file at `path`, when this returns.
fn make(home: &KeyHome, role: KeyKind, path: &Path, at: KeyPlace) -> PortResult<Line> {
    if at == KeyPlace::File {
        let line = Line::Secret(file::new_key()?);
        file::write_new(path, &line, role)?;
        return Ok(line);
    }
    make_on_token(home, role, path)
}

/// Order: the id, durable; the pair on the token under that id; the file that names it; the id is forgotten. A pair
/// that no file names is found by the id and destroyed.
fn make_on_token(home: &KeyHome, role: KeyKind, path: &Path) -> PortResult<Line> {
    let token = home.needed(role)?;
    // Where it is away, there is nothing to remember.
    token.reached()?;
    let making = home.making(role);
    if let Some(id) = unmade(home, role)? {
        let kept =
            [home.current(role), home.waiting(role)].map(|path| file::read(&path, role).ok());
        for public in token.under(&id)? {
            if !kept.iter().flatten().any(|line| line.public() == public) {
                token.destroy(&public)?;
            }
        }
        file::destroy(&making)?;
    }
    let mut id = [0; ID_BYTES];
    getrandom::fill(&mut id).map_err(|e| {
        PortError::new(Kind::Failed, format!("the kernel gives no randomness for an id: {e}"))
    })?;
    let id_text = naming::hex(&id);
    file::write_text(&making, &format!("{id_text}\n"))?;
    let made = token.make(&id, &format!("sealdock {} {}", role.as_str(), &id_text[..8]))?;
    let line = Line::Token(Reference { public: made.public, id: id_text, serial: made.serial });
    file::write_new(path, &line, role)?;
    file::destroy(&making)?;
    Ok(line)
}

/// The id of a making that was cut short.
fn unmade(home: &KeyHome, role: KeyKind) -> PortResult<Option<Vec<u8>>> {
    let path = home.making(role);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(file::failed(Kind::Failed, "read", &path, e)),
    };
    let text = text.trim();
    let id: Option<Vec<u8>> = (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect();
    let id = id.filter(|id| id.len() == ID_BYTES);
    id.map(Some).ok_or_else(|| {
        file::failed(
            Kind::Damaged,
            "read",
            &path,
            "it is no id; remove it, a key on the token may stay unused",
        )
    })
}

/// Keeps in mind that this key is to be destroyed on the token.
fn retire(home: &KeyHome, role: KeyKind, old: Reference) -> PortResult<()> {
    let path = home.retired(role, old.public);
    if file::read(&path, role).is_ok_and(|kept| kept.public() == old.public) {
        return Ok(());
    }
    file::destroy(&path)?;
    file::write_new(&path, &Line::Token(old), role)
}
