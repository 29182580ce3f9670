//! A module of PKCS#11, loaded when it is needed. Version 3 and the version 2.40 that knows Ed25519 (SoftHSM, many
//! tokens) are spoken to alike.
//!
//! A module has one state for the whole process. So what somebody else in the process has already done is no failure,
//! and it is finalised only to begin anew, where nobody has a session. What needs no session is done under one lock.

use super::device::{Device, Fault, PinState, Seen};
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::{Slot, TokenInfo};
use cryptoki::types::AuthPin;
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Modules of this process, by path.
static LOADED: Mutex<BTreeMap<PathBuf, Loaded>> = Mutex::new(BTreeMap::new());

struct Loaded {
    module: Pkcs11,
    sessions: usize,
}

/// id-Ed25519 (RFC 8410), DER.
const ED25519_OID: &[u8] = &[0x06, 0x03, 0x2b, 0x65, 0x70];
/// The same as a name, which PKCS#11 3.0 allows too and some modules want: PrintableString "edwards25519".
const ED25519_NAME: &[u8] = b"\x13\x0cedwards25519";

/// Modules disagree about `CKA_EC_POINT`: an octet string, a bit string, or the bare 32 bytes.
const POINT_PREFIXES: [&[u8]; 3] = [&[0x04, 0x20], &[0x03, 0x21, 0x00], &[]];

pub(super) struct Module {
    path: PathBuf,
    session: Option<Session>,
    /// Private halves that were found in this session.
    known: BTreeMap<[u8; 32], ObjectHandle>,
}

impl Module {
    pub(super) fn new(path: &Path) -> Module {
        Module { path: path.to_owned(), session: None, known: BTreeMap::new() }
    }

    /// Under the lock of all modules, with ours initialised.
    fn loaded<T>(&self, work: impl FnOnce(&mut Loaded) -> Result<T, Fault>) -> Result<T, Fault> {
        let mut modules = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        if !modules.contains_key(&self.path) {
            let module = load(&self.path)?;
            modules.insert(self.path.clone(), Loaded { module, sessions: 0 });
        }
        work(modules.get_mut(&self.path).expect("it was put there"))
    }

    fn session(&self) -> Result<&Session, Fault> {
        self.session.as_ref().ok_or_else(|| Fault::Session("none is open".into()))
    }

    /// Public halves with this attribute, and their keys.
    fn publics(&self, with: &[Attribute]) -> Result<Vec<(ObjectHandle, [u8; 32])>, Fault> {
        let session = self.session()?;
        let mut template = of_class(ObjectClass::PUBLIC_KEY);
        template.extend_from_slice(with);
        let mut found = Vec::new();
        for handle in session.find_objects(&template).map_err(fault)? {
            let attributes =
                session.get_attributes(handle, &[AttributeType::EcPoint]).map_err(fault)?;
            if let Some(Attribute::EcPoint(point)) = attributes.first()
                && let Some(public) = public_of(point)
            {
                found.push((handle, public));
            }
        }
        Ok(found)
    }

    fn publics_of(&self, public: &[u8; 32]) -> Result<Vec<ObjectHandle>, Fault> {
        let all = self.publics(&[])?;
        Ok(all.into_iter().filter(|(_, held)| held == public).map(|(handle, _)| handle).collect())
    }

    fn id_of(&self, object: ObjectHandle) -> Result<Vec<u8>, Fault> {
        let attributes =
            self.session()?.get_attributes(object, &[AttributeType::Id]).map_err(fault)?;
        match attributes.into_iter().next() {
            Some(Attribute::Id(id)) if !id.is_empty() => Ok(id),
            _ => Err(Fault::Other(
                "a public key on it has no id that leads to its private key".into(),
            )),
        }
    }

    fn private_under(&self, id: &[u8]) -> Result<Option<ObjectHandle>, Fault> {
        let mut template = of_class(ObjectClass::PRIVATE_KEY);
        template.push(Attribute::Id(id.to_vec()));
        match self.session()?.find_objects(&template).map_err(fault)?[..] {
            [] => Ok(None),
            [one] => Ok(Some(one)),
            _ => Err(Fault::Twice),
        }
    }

    fn private_of(&self, public: &[u8; 32]) -> Result<Option<(Vec<u8>, ObjectHandle)>, Fault> {
        for half in self.publics_of(public)? {
            let id = self.id_of(half)?;
            if let Some(private) = self.private_under(&id)? {
                return Ok(Some((id, private)));
            }
        }
        Ok(None)
    }

    fn generate(
        &self,
        id: &[u8],
        label: &str,
        curve: &[u8],
    ) -> Result<(ObjectHandle, ObjectHandle), Error> {
        let common = [Attribute::Id(id.to_vec()), Attribute::Label(label.as_bytes().to_vec())];
        let mut public = vec![
            Attribute::Token(true),
            Attribute::Private(false),
            Attribute::Verify(true),
            Attribute::EcParams(curve.to_vec()),
        ];
        let mut private = vec![
            Attribute::Token(true),
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Sign(true),
        ];
        public.extend_from_slice(&common);
        private.extend_from_slice(&common);
        let session = self.session.as_ref().ok_or(Error::PinNotSet)?;
        session.generate_key_pair(&Mechanism::EccEdwardsKeyPairGen, &public, &private)
    }

    /// Is it kept as it was asked for? A token that takes the words and does otherwise must not hold a key.
    fn kept_to_itself(&self, private: ObjectHandle) -> Result<bool, Fault> {
        let asked = [
            AttributeType::Token,
            AttributeType::Private,
            AttributeType::Sensitive,
            AttributeType::Extractable,
        ];
        let kept = self.session()?.get_attributes(private, &asked).map_err(fault)?;
        let wanted = |attribute: &Attribute| match attribute {
            Attribute::Extractable(yes) => !yes,
            Attribute::Token(yes) | Attribute::Private(yes) | Attribute::Sensitive(yes) => *yes,
            _ => false,
        };
        Ok(kept.len() == asked.len() && kept.iter().all(wanted))
    }
}

impl Device for Module {
    fn tokens(&mut self) -> Result<Vec<Seen>, Fault> {
        self.loaded(|loaded| {
            let slots = loaded.module.get_slots_with_token().map_err(fault)?;
            // A slot whose token was pulled just now is one without a token.
            let infos = slots
                .into_iter()
                .filter_map(|slot| Some((slot.id(), loaded.module.get_token_info(slot).ok()?)));
            Ok(infos.filter(|(_, info)| info.token_initialized()).map(seen).collect())
        })
    }

    fn restart(&mut self) {
        let mut modules = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        if modules.get(&self.path).is_some_and(|loaded| loaded.sessions == 0)
            && let Some(loaded) = modules.remove(&self.path)
        {
            // Whatever it answers, it is loaded and initialised again by whoever needs it next.
            let _finalised = loaded.module.finalize();
        }
    }

    fn open(&mut self, slot: u64, pin: &str) -> Result<(), Fault> {
        let slot = Slot::try_from(slot).map_err(fault)?;
        self.close();
        let session = self.loaded(|loaded| {
            let session = loaded.module.open_rw_session(slot).map_err(fault)?;
            match session.login(UserType::User, Some(&AuthPin::from(pin.to_owned()))) {
                Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {}
                Err(error) => return Err(fault(error)),
            }
            loaded.sessions += 1;
            Ok(session)
        })?;
        self.session = Some(session);
        Ok(())
    }

    fn close(&mut self) {
        self.known.clear();
        if let Some(session) = self.session.take() {
            let mut modules = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
            drop(session);
            if let Some(loaded) = modules.get_mut(&self.path) {
                loaded.sessions = loaded.sessions.saturating_sub(1);
            }
        }
    }

    fn find(&mut self, public: &[u8; 32]) -> Result<Option<Vec<u8>>, Fault> {
        let found = self.private_of(public)?;
        Ok(found.map(|(id, private)| {
            self.known.insert(*public, private);
            id
        }))
    }

    fn under(&mut self, id: &[u8]) -> Result<BTreeSet<[u8; 32]>, Fault> {
        let found = self.publics(&[Attribute::Id(id.to_vec())])?;
        Ok(found.into_iter().map(|(_, public)| public).collect())
    }

    fn make(&mut self, id: &[u8], label: &str) -> Result<[u8; 32], Fault> {
        let (public, private) = match self.generate(id, label, ED25519_OID) {
            Err(Error::Pkcs11(why, _)) if is_about_the_curve(why) => {
                self.generate(id, label, ED25519_NAME)
            }
            made => made,
        }
        .map_err(|error| match error {
            Error::Pkcs11(RvError::MechanismInvalid, _) => {
                Fault::Unfit("it makes no Ed25519 keys (CKM_EC_EDWARDS_KEY_PAIR_GEN)".into())
            }
            Error::Pkcs11(why, _) if is_about_the_curve(why) => {
                Fault::Unfit(format!("it makes no Ed25519 keys ({why:?})"))
            }
            other => fault(other),
        })?;
        let kept = self.kept_to_itself(private);
        if !matches!(kept, Ok(true)) {
            let session = self.session()?;
            for half in [private, public] {
                session.destroy_object(half).map_err(fault)?;
            }
            kept?;
            return Err(Fault::Unfit(
                "it would give the private key away (CKA_EXTRACTABLE)".into(),
            ));
        }
        let session = self.session()?;
        let attributes =
            session.get_attributes(public, &[AttributeType::EcPoint]).map_err(fault)?;
        let Some(Attribute::EcPoint(point)) = attributes.first() else {
            return Err(Fault::Unfit("it does not say which public key it made".into()));
        };
        public_of(point)
            .ok_or_else(|| Fault::Unfit("the public key it made is no Ed25519 key".into()))
    }

    fn sign(&mut self, public: &[u8; 32], bytes: &[u8]) -> Result<Vec<u8>, Fault> {
        let private = match self.known.get(public) {
            Some(private) => *private,
            None => self.private_of(public)?.ok_or(Fault::Absent)?.1,
        };
        self.known.insert(*public, private);
        let how = Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Pure));
        self.session()?.sign(&how, private, bytes).map_err(fault)
    }

    fn destroy(&mut self, public: &[u8; 32]) -> Result<(), Fault> {
        self.known.remove(public);
        for half in self.publics_of(public)? {
            let private = self.private_under(&self.id_of(half)?)?;
            for object in private.into_iter().chain([half]) {
                self.session()?.destroy_object(object).map_err(fault)?;
            }
        }
        Ok(())
    }
}

fn of_class(class: ObjectClass) -> Vec<Attribute> {
    let edwards = Attribute::KeyType(KeyType::EC_EDWARDS);
    vec![Attribute::Class(class), edwards, Attribute::Token(true)]
}

fn public_of(point: &[u8]) -> Option<[u8; 32]> {
    POINT_PREFIXES.iter().find_map(|prefix| point.strip_prefix(*prefix)?.try_into().ok())
}

fn is_about_the_curve(why: RvError) -> bool {
    matches!(
        why,
        RvError::CurveNotSupported
            | RvError::DomainParamsInvalid
            | RvError::AttributeValueInvalid
            | RvError::TemplateInconsistent
            | RvError::MechanismParamInvalid
    )
}

impl Drop for Module {
    fn drop(&mut self) {
        self.close();
    }
}

fn seen((slot, info): (u64, TokenInfo)) -> Seen {
    let pin = match () {
        () if info.user_pin_locked() => PinState::Locked,
        () if info.user_pin_final_try() => PinState::FinalTry,
        () if info.protected_authentication_path() => PinState::Keypad,
        () if !info.user_pin_initialized() => PinState::Unset,
        () => PinState::Usable,
    };
    let (label, serial) = (info.label().to_owned(), info.serial_number().to_owned());
    Seen { slot, label, serial, pin }
}

fn load(path: &Path) -> Result<Pkcs11, Fault> {
    trusted(path)?;
    let module = Pkcs11::new(path).map_err(|error| Fault::Module(text(&error)))?;
    match module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
        Err(error) => return Err(Fault::Module(text(&error))),
    }
    Ok(module)
}

/// What is loaded runs as the station: nobody but root and the station's own user may write it.
fn trusted(path: &Path) -> Result<(), Fault> {
    let refused = |why: String| Err(Fault::Module(why));
    if !path.is_absolute() {
        return refused("it is not named by an absolute path".into());
    }
    let meta = match std::fs::metadata(path) {
        Ok(meta) => meta,
        Err(error) => return refused(error.to_string()),
    };
    let us = rustix::process::geteuid().as_raw();
    if meta.uid() != 0 && meta.uid() != us {
        return refused(format!("it belongs to uid {}, who could change what it does", meta.uid()));
    }
    if meta.permissions().mode() & 0o022 != 0 {
        return refused("others may write it; chmod go-w".into());
    }
    Ok(())
}

fn fault(error: Error) -> Fault {
    let said = text(&error);
    let Error::Pkcs11(why, _) = error else { return Fault::Other(said) };
    match why {
        RvError::PinIncorrect => Fault::PinWrong,
        RvError::PinLocked => Fault::PinLocked,
        // A PIN of a length that the token never has is a wrong one.
        RvError::PinLenRange | RvError::PinInvalid => Fault::PinWrong,
        RvError::PinExpired | RvError::UserPinNotInitialized => Fault::PinUnusable(said),
        RvError::DeviceRemoved
        | RvError::TokenNotPresent
        | RvError::TokenNotRecognized
        | RvError::SlotIdInvalid => Fault::Gone(said),
        RvError::SessionHandleInvalid
        | RvError::SessionClosed
        | RvError::UserNotLoggedIn
        | RvError::CryptokiNotInitialized
        | RvError::KeyHandleInvalid
        | RvError::ObjectHandleInvalid => Fault::Session(said),
        RvError::DeviceMemory => Fault::Full(said),
        _ => Fault::Other(said),
    }
}

/// Short: the library's own sentences fill a screen.
fn text(error: &Error) -> String {
    match error {
        Error::Pkcs11(why, function) => format!("C_{function:?}: {why:?}"),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_key_is_read_in_each_form_that_modules_give_it() {
        let key = [7u8; 32];
        for prefix in POINT_PREFIXES {
            assert_eq!(public_of(&[prefix, &key].concat()), Some(key));
            assert_eq!(public_of(&[prefix, &key[1..]].concat()), None);
            assert_eq!(public_of(&[prefix, &key, &[7]].concat()), None);
        }
    }

    #[test]
    fn a_module_that_others_could_change_is_not_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("module.so");
        let refused = |path: &Path| match load(path) {
            Err(Fault::Module(why)) => why,
            other => panic!("{other:?}"),
        };
        assert!(refused(&path).contains("No such file"));
        assert!(refused(Path::new("module.so")).contains("absolute path"));
        std::fs::write(&path, "no library").unwrap();
        let mode = |mode| std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(&path, mode(0o666)).unwrap();
        assert!(refused(&path).contains("others may write it"));
        std::fs::set_permissions(&path, mode(0o644)).unwrap();
        let none = refused(&path);
        assert!(!none.contains("others may"), "{none}");
    }
}
