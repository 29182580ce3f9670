//! The same through a real module: SoftHSM (`cargo xtask tools` brings it). A process has one SoftHSM, so each test runs
//! in a process of its own.
#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use cryptoki::context::Pkcs11;
use cryptoki::object::{Attribute, AttributeType, ObjectClass};
use sealdock_core::event::KeyKind;
use sealdock_core::ports::{KeyPlace, Kind, Signer as _};
use sealdock_keys::{KeyHome, Keyring, PinAt, Token, TokenAt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";
const PIN: &str = "8642";

/// Set in the process that a test runs in.
const INSIDE: &str = "SEALDOCK_TEST_SOFTHSM";

struct Desk {
    root: tempfile::TempDir,
    label: &'static str,
}

impl Desk {
    fn new(label: &'static str) -> Desk {
        let desk = Desk { root: tempfile::tempdir().unwrap(), label };
        init_token(label);
        desk.write_pin(PIN);
        desk
    }

    fn write_pin(&self, pin: &str) {
        let path = self.root.path().join("token.pin");
        std::fs::write(&path, format!("{pin}\n")).unwrap();
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&path, private).unwrap();
    }

    fn keys(&self) -> PathBuf {
        self.root.path().join("keys")
    }

    fn home(&self) -> KeyHome {
        let at = TokenAt {
            module: MODULE.into(),
            label: Some(self.label.into()),
            serial: None,
            pin: PinAt::File(self.root.path().join("token.pin")),
        };
        KeyHome::new(&self.keys(), Some(Arc::new(Token::new(at, &self.keys()))))
    }

    fn tool(&self, words: &[&str]) -> String {
        let mut command = Command::new("pkcs11-tool");
        command.args(["--module", MODULE, "--token-label", self.label, "--login", "--pin", PIN]);
        said(command.args(words))
    }
}

fn init_token(label: &str) {
    let mut command = Command::new("softhsm2-util");
    command.args([
        "--init-token",
        "--free",
        "--label",
        label,
        "--so-pin",
        "12345678",
        "--pin",
        PIN,
    ]);
    said(&mut command);
}

fn said(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    text
}

/// Runs `test` in a process that has a SoftHSM of its own. SoftHSM reads its settings from the environment, which may not
/// be changed once threads run.
fn with_softhsm(name: &str, test: impl FnOnce()) {
    if std::env::var_os(INSIDE).is_some() {
        return test();
    }
    let folder = tempfile::tempdir().unwrap();
    let (tokens, conf) = (folder.path().join("tokens"), folder.path().join("softhsm2.conf"));
    std::fs::create_dir(&tokens).unwrap();
    let text = format!("directories.tokendir = {}\nobjectstore.backend = file\n", tokens.display());
    std::fs::write(&conf, text).unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(INSIDE, "1")
        .env("SOFTHSM2_CONF", conf)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let why = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("1 passed"), "{text}\n{why}");
}

fn publics(ring: &Keyring) -> ([u8; 32], [u8; 32]) {
    (ring.public(KeyKind::Log), ring.public(KeyKind::Evidence))
}

fn on_token(_: KeyKind) -> KeyPlace {
    KeyPlace::Token
}

#[test]
fn keys_live_on_the_token_and_never_leave_it() {
    with_softhsm("keys_live_on_the_token_and_never_leave_it", || {
        let desk = Desk::new("lives");
        let made = Keyring::create_at(desk.home(), on_token).unwrap();
        let (log, evidence) = publics(&made);
        drop(made);
        let ring = Keyring::open(desk.home(), log, evidence).unwrap();
        for role in [KeyKind::Log, KeyKind::Evidence] {
            let signature = ring.sign(role, b"bytes").unwrap();
            sealdock_chain::ed25519::verify(&ring.public(role), b"bytes", &signature).unwrap();
        }
        let listed = desk.tool(&["--list-objects", "--type", "privkey"]);
        assert_eq!(listed.matches("Private Key Object; EC_EDWARDS").count(), 2, "{listed}");
        let kept = "sensitive, always sensitive, never extractable, local";
        assert_eq!(listed.matches(kept).count(), 2, "{listed}");
        for file in ["log.key", "evidence.key"] {
            let text = std::fs::read_to_string(desk.keys().join(file)).unwrap();
            assert!(text.starts_with("sealdock-token-v1 "), "{text}");
        }
        // Without a PIN nobody even sees them, and with it nobody gets the secret.
        let module = Pkcs11::new(MODULE).unwrap();
        let slot = slot_of(&module, "lives");
        let session = module.open_ro_session(slot).unwrap();
        let private = session.find_objects(&[Attribute::Class(ObjectClass::PRIVATE_KEY)]).unwrap();
        let secret = session.get_attributes(private[0], &[AttributeType::Value]).unwrap();
        assert!(secret.is_empty(), "this process is logged in, and still: {secret:?}");
    });
}

fn slot_of(module: &Pkcs11, label: &str) -> cryptoki::slot::Slot {
    let slots = module.get_slots_with_initialized_token().unwrap();
    let ours =
        |slot: &&cryptoki::slot::Slot| module.get_token_info(**slot).unwrap().label() == label;
    *slots.iter().find(ours).unwrap()
}

#[test]
fn openssl_accepts_what_the_token_signs() {
    with_softhsm("openssl_accepts_what_the_token_signs", || {
        let desk = Desk::new("openssl");
        let ring = Keyring::create_at(desk.home(), on_token).unwrap();
        let file = |name: &str| desk.root.path().join(name);
        // SubjectPublicKeyInfo of an Ed25519 key (RFC 8410).
        let head = b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";
        std::fs::write(file("key.der"), [&head[..], &ring.public(KeyKind::Log)].concat()).unwrap();
        std::fs::write(file("bytes"), b"bytes").unwrap();
        std::fs::write(file("sig"), ring.sign(KeyKind::Log, b"bytes").unwrap()).unwrap();
        let judge = |bytes: &str| {
            let mut command = Command::new("openssl");
            command.args(["pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-rawin"]);
            command.arg("-inkey").arg(file("key.der")).arg("-sigfile").arg(file("sig"));
            command.arg("-in").arg(file(bytes)).output().unwrap().status.success()
        };
        assert!(judge("bytes"));
        std::fs::write(file("other"), b"other").unwrap();
        assert!(!judge("other"));
    });
}

#[test]
fn a_rotation_on_the_token_destroys_the_old_key_there() {
    with_softhsm("a_rotation_on_the_token_destroys_the_old_key_there", || {
        let desk = Desk::new("rotates");
        let ring = Keyring::create_at(desk.home(), on_token).unwrap();
        let (log, evidence) = publics(&ring);
        let next = ring.prepare_next(KeyKind::Log, None).unwrap();
        let count = || desk.tool(&["--list-objects"]).matches("Key Object").count();
        assert_eq!(count(), 6, "three pairs");
        let signature = ring.sign_next(KeyKind::Log, b"statement").unwrap();
        sealdock_chain::ed25519::verify(&next, b"statement", &signature).unwrap();
        // Cut here, and landed in the chain: the next process goes on.
        drop(ring);
        let ring = Keyring::open(desk.home(), next, evidence).unwrap();
        ring.activate(KeyKind::Log, next).unwrap();
        assert_eq!(count(), 4, "both halves of the old pair are gone");
        assert!(ring.left_on_token().is_empty());
        assert!(Keyring::open(desk.home(), log, evidence).is_err());
        let file = ring.prepare_next(KeyKind::Log, Some(KeyPlace::File)).unwrap();
        ring.activate(KeyKind::Log, file).unwrap();
        assert_eq!(count(), 2);
        Keyring::open(desk.home(), file, evidence).unwrap();
    });
}

#[test]
fn a_session_that_was_closed_behind_our_back_is_opened_again() {
    with_softhsm("a_session_that_was_closed_behind_our_back_is_opened_again", || {
        let desk = Desk::new("closed");
        let ring = Keyring::create_at(desk.home(), on_token).unwrap();
        ring.sign(KeyKind::Log, b"bytes").unwrap();
        let module = Pkcs11::new(MODULE).unwrap();
        // One process, one login: what another part of it does is done to us too.
        module.open_ro_session(slot_of(&module, "closed")).unwrap().logout().unwrap();
        ring.sign(KeyKind::Log, b"bytes").unwrap();
    });
}

#[test]
fn a_wrong_pin_is_tried_once() {
    with_softhsm("a_wrong_pin_is_tried_once", || {
        let desk = Desk::new("pin");
        let (log, evidence) = publics(&Keyring::create_at(desk.home(), on_token).unwrap());
        desk.write_pin("1111");
        let wrong = Keyring::open(desk.home(), log, evidence).unwrap_err();
        assert_eq!(wrong.kind, Kind::Invalid);
        assert!(wrong.message.contains("refused the PIN in"), "{wrong}");
        let again = Keyring::open(desk.home(), log, evidence).unwrap_err();
        assert!(again.message.contains("before; it is not tried again"), "{again}");
        // Of a length that no PIN has: the module says so in other words.
        desk.write_pin("1");
        let short = Keyring::open(desk.home(), log, evidence).unwrap_err();
        assert!(short.message.contains("refused the PIN in"), "{short}");
        desk.write_pin(PIN);
        Keyring::open(desk.home(), log, evidence).unwrap();
    });
}

#[test]
fn two_tokens_of_one_name_are_none() {
    with_softhsm("two_tokens_of_one_name_are_none", || {
        let desk = Desk::new("twin");
        // Before the module is loaded: it looks into its folder once.
        init_token("twin");
        let twins = Keyring::create_at(desk.home(), on_token).unwrap_err();
        assert!(
            twins.message.contains("2 tokens fit the token with the label \"twin\""),
            "{twins}"
        );
    });
}

#[test]
fn what_is_missing_is_named() {
    with_softhsm("what_is_missing_is_named", || {
        let desk = Desk::new("here");
        let (log, evidence) = publics(&Keyring::create_at(desk.home(), on_token).unwrap());
        let open = |module: &str, label: &str| {
            let at = TokenAt {
                module: module.into(),
                label: Some(label.into()),
                serial: None,
                pin: PinAt::File(desk.root.path().join("token.pin")),
            };
            let home = KeyHome::new(&desk.keys(), Some(Arc::new(Token::new(at, &desk.keys()))));
            Keyring::open(home, log, evidence).unwrap_err()
        };
        let module = open("/usr/lib/none.so", "here");
        assert!(module.message.contains("PKCS#11 module /usr/lib/none.so"), "{module}");
        assert!(Path::new("/lib/x86_64-linux-gnu/libm.so.6").exists());
        let other = open("/lib/x86_64-linux-gnu/libm.so.6", "here");
        assert!(other.message.contains("Missing PKCS#11 symbol"), "{other}");
        let away = open(MODULE, "away");
        assert_eq!(away.kind, Kind::Missing);
        assert!(away.message.contains("its module sees \"here\""), "{away}");
        std::fs::remove_file(desk.root.path().join("token.pin")).unwrap();
        let pin = open(MODULE, "here");
        assert!(pin.message.contains("cannot open the file with the token's PIN"), "{pin}");
    });
}

#[test]
fn a_hundred_signatures_from_four_threads_all_verify() {
    with_softhsm("a_hundred_signatures_from_four_threads_all_verify", || {
        let desk = Desk::new("threads");
        let ring = Keyring::create_at(desk.home(), on_token).unwrap();
        std::thread::scope(|scope| {
            for thread in 0..4u8 {
                let ring = &ring;
                scope.spawn(move || {
                    for turn in 0..25u8 {
                        ring.sign(KeyKind::Log, &[thread, turn]).unwrap();
                        ring.sign(KeyKind::Evidence, &[turn, thread]).unwrap();
                    }
                });
            }
        });
    });
}
