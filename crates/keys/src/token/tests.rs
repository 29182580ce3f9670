//! What a token may do to us, and what it may not.

use super::device::PinState;
use super::fake::{Fake, PIN, write_pin};
use super::*;
use std::sync::Arc;

const LABEL: &str = "sealdock log";

struct Desk {
    _root: tempfile::TempDir,
    keys: PathBuf,
    fake: Fake,
}

impl Desk {
    fn new() -> Desk {
        let root = tempfile::tempdir().unwrap();
        let keys = root.path().join("keys");
        std::fs::create_dir(&keys).unwrap();
        Desk { _root: root, keys, fake: Fake::new() }
    }

    /// A process that has just started.
    fn token(&self) -> Arc<Token> {
        self.fake.token(&self.keys)
    }

    fn pin(&self, pin: &str) {
        write_pin(&self.keys.with_file_name("token.pin"), pin);
    }

    fn logins(&self) -> u32 {
        self.fake.state().logins
    }
}

#[test]
fn a_key_signs_as_long_as_it_lies_there() {
    let desk = Desk::new();
    let token = desk.token();
    assert_eq!(desk.logins(), 0, "nothing is asked before it is needed");
    let made = token.make(b"id", LABEL).unwrap();
    assert_eq!(made.serial, "A1 B2");
    assert_eq!(token.find(&made.public).unwrap().as_deref(), Some("6964"));
    let signature = token.sign(&made.public, b"bytes").unwrap();
    sealdock_chain::ed25519::verify(&made.public, b"bytes", &signature).unwrap();
    token.destroy(&made.public).unwrap();
    token.destroy(&made.public).unwrap();
    assert_eq!(token.find(&made.public).unwrap(), None);
    let absent = token.sign(&made.public, b"bytes").unwrap_err();
    assert_eq!(absent.kind, Kind::Failed);
    assert!(absent.message.contains("no private key"), "{absent}");
    assert_eq!(desk.logins(), 1, "a fault that is an answer ends the session, and no more");
}

#[test]
fn a_signature_that_does_not_verify_never_comes_out() {
    let desk = Desk::new();
    let token = desk.token();
    let made = token.make(b"id", LABEL).unwrap();
    desk.fake.state().evil = true;
    let refused = token.sign(&made.public, b"bytes").unwrap_err();
    assert_eq!(refused.kind, Kind::Damaged);
    assert!(refused.message.contains("does not verify"), "{refused}");
}

#[test]
fn a_session_closed_behind_our_back_is_opened_again_once() {
    let desk = Desk::new();
    let token = desk.token();
    let made = token.make(b"id", LABEL).unwrap();
    desk.fake.state().closed = true;
    token.sign(&made.public, b"bytes").unwrap();
    assert_eq!(desk.logins(), 2);
    desk.fake.state().never_stays_open = true;
    let ends = token.sign(&made.public, b"bytes").unwrap_err();
    assert!(ends.message.contains("its session ends again and again"), "{ends}");
    assert_eq!(desk.logins(), 3, "and not a third time");
}

/// Two pairs under one id would leave nobody to choose between them.
#[test]
fn a_making_whose_answer_was_lost_is_not_asked_for_again() {
    let desk = Desk::new();
    let token = desk.token();
    token.reached().unwrap();
    desk.fake.fails("make", true, Fault::Session("C_GenerateKeyPair: SessionClosed".into()));
    token.make(b"id", LABEL).err().unwrap();
    assert_eq!(desk.fake.publics().len(), 1);
    assert_eq!(token.under(b"id").unwrap(), desk.fake.publics());
    // A session that was gone before is opened again all the same.
    desk.fake.state().closed = true;
    token.make(b"other", LABEL).unwrap();
}

#[test]
fn a_token_that_was_pulled_is_named_and_found_again() {
    let desk = Desk::new();
    let token = desk.token();
    let made = token.make(b"id", LABEL).unwrap();
    let pulled = std::mem::take(&mut desk.fake.state().tokens);
    let gone = token.sign(&made.public, b"bytes").unwrap_err();
    assert_eq!(gone.kind, Kind::Failed);
    assert!(gone.message.contains("\"unit 7\": it is not there any more"), "{gone}");
    let gone = token.sign(&made.public, b"bytes").unwrap_err();
    assert!(gone.message.contains("sees no token at all"), "{gone}");
    desk.fake.state().tokens = pulled;
    token.sign(&made.public, b"bytes").unwrap();
}

#[test]
fn a_module_that_looks_for_tokens_once_begins_anew() {
    let desk = Desk::new();
    let token = desk.token();
    let made = token.make(b"id", LABEL).unwrap();
    desk.fake.state().closed = true;
    desk.fake.state().stale = true;
    token.sign(&made.public, b"bytes").unwrap();
    assert_eq!(desk.logins(), 2);
}

#[test]
fn a_wrong_pin_is_tried_once_whatever_is_asked_and_by_whichever_process() {
    let desk = Desk::new();
    desk.pin("1111");
    let token = desk.token();
    for _ in 0..3 {
        let refused = token.find(&[1; 32]).unwrap_err();
        assert_eq!(refused.kind, Kind::Invalid);
        assert!(refused.message.contains("token.pin; it is not tried again"), "{refused}");
        assert!(!refused.message.contains("1111"), "{refused}");
    }
    assert_eq!(desk.logins(), 1);
    let next = desk.token().reached().unwrap_err();
    assert!(next.message.contains("token.pin before; it is not tried again"), "{next}");
    assert_eq!(desk.logins(), 1, "the next process knows");
    desk.pin(&format!("{PIN}\nsecond line"));
    desk.token().reached().unwrap();
    assert_eq!(desk.logins(), 2);
    assert!(!desk.keys.join("token.refused").exists());
}

#[test]
fn a_pin_that_is_locked_or_has_one_try_left_is_not_tried() {
    for (pin, says) in [(PinState::FinalTry, "one try left"), (PinState::Locked, "is locked")] {
        let desk = Desk::new();
        desk.fake.state().tokens[0].pin = pin;
        let token = desk.token();
        for _ in 0..2 {
            let refused = token.reached().unwrap_err();
            assert!(refused.message.contains(says), "{refused}");
        }
        assert_eq!(desk.logins(), 0);
    }
    let desk = Desk::new();
    desk.fake.fails("open", false, Fault::PinLocked);
    let token = desk.token();
    for _ in 0..2 {
        let locked = token.reached().unwrap_err();
        assert!(locked.message.contains("is locked after too many wrong PINs"), "{locked}");
    }
    assert_eq!(desk.logins(), 1, "a lock that was found is believed");
}

#[test]
fn a_pin_that_went_bad_while_a_session_was_open_is_not_tried_twice() {
    let desk = Desk::new();
    let token = desk.token();
    let made = token.make(b"id", LABEL).unwrap();
    desk.pin("1111");
    desk.fake.state().closed = true;
    for _ in 0..3 {
        let refused = token.sign(&made.public, b"bytes").unwrap_err();
        assert!(refused.message.contains("refused the PIN"), "{refused}");
    }
    assert_eq!(desk.logins(), 2);
}

#[test]
fn no_fault_of_signing_looks_like_a_full_disk() {
    let desk = Desk::new();
    let token = desk.token();
    let made = token.make(b"id", LABEL).unwrap();
    for fault in [Fault::Full("C_Sign: DeviceMemory".into()), Fault::Other("C_Sign: X".into())] {
        desk.fake.fails("sign", false, fault);
        assert_eq!(token.sign(&made.public, b"bytes").unwrap_err().kind, Kind::Failed);
    }
    desk.fake.fails("make", false, Fault::Full("C_GenerateKeyPair: DeviceMemory".into()));
    let full = token.make(b"other", LABEL).err().unwrap();
    assert_eq!(full.kind, Kind::NoSpace);
    assert!(full.message.contains("it has no room"), "{full}");
}

#[test]
fn every_fault_says_on_what_and_what_to_do() {
    let desk = Desk::new();
    let token = desk.token();
    token.reached().unwrap();
    for (fault, says, to_do) in [
        (
            Fault::Module("no such file".into()),
            "module /fake.so: no such file",
            "`module` in station.toml",
        ),
        (Fault::Gone("x".into()), "\"unit 7\": it is not there any more", "plug it in"),
        (Fault::PinUnusable("C_Login: PinExpired".into()), "it takes no PIN", "set one"),
        (Fault::Unfit("it makes no Ed25519 keys".into()), "no Ed25519", "--to file"),
        (Fault::Twice, "several private keys", "delete those"),
        (Fault::Other("C_X: GeneralError".into()), "C_X: GeneralError", "ask its maker"),
    ] {
        desk.fake.fails("find", false, fault);
        let said = token.find(&[1; 32]).unwrap_err();
        assert!(said.message.contains(says) && said.message.contains(to_do), "{said}");
    }
}
