//! Keys on a token, and where a change of place may be cut short. The steps are those of the files.

use super::*;
use crate::token::device::Fault;
use crate::token::fake::Fake;
use std::path::PathBuf;

const EVIDENCE: KeyKind = KeyKind::Evidence;

struct Desk {
    _root: tempfile::TempDir,
    keys: PathBuf,
    fake: Fake,
}

impl Desk {
    fn new() -> Desk {
        let root = tempfile::tempdir().unwrap();
        let keys = root.path().join("keys");
        Desk { _root: root, keys, fake: Fake::new() }
    }

    /// As a process that has just started sees it.
    fn home(&self) -> KeyHome {
        KeyHome::new(&self.keys, Some(self.fake.token(&self.keys)))
    }

    fn create(&self, at: impl Fn(KeyKind) -> KeyPlace) -> Keyring {
        Keyring::create_at(self.home(), at).unwrap()
    }

    fn open(&self, (log, evidence): ([u8; 32], [u8; 32])) -> PortResult<Keyring> {
        Keyring::open(self.home(), log, evidence)
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.keys).unwrap();
        let mut names: Vec<String> =
            entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn pull(&self) -> Vec<crate::token::device::Seen> {
        std::mem::take(&mut self.fake.state().tokens)
    }
}

fn publics(ring: &Keyring) -> ([u8; 32], [u8; 32]) {
    (ring.public(KeyKind::Log), ring.public(EVIDENCE))
}

fn both(_: KeyKind) -> KeyPlace {
    KeyPlace::Token
}

fn signs(ring: &Keyring) {
    for role in ROLES {
        let signature = ring.sign(role, b"bytes").unwrap();
        sealdock_chain::ed25519::verify(&ring.public(role), b"bytes", &signature).unwrap();
    }
}

/// What a station does at every start: the newest key of the chain is put in force.
fn started(desk: &Desk, (log, evidence): ([u8; 32], [u8; 32])) -> Keyring {
    let ring = desk.open((log, evidence)).unwrap();
    ring.activate(KeyKind::Log, log).unwrap();
    ring.activate(EVIDENCE, evidence).unwrap();
    ring
}

#[test]
fn keys_made_on_a_token_sign_after_reopening_and_no_file_holds_a_secret() {
    let desk = Desk::new();
    let made = desk.create(both);
    let keys = publics(&made);
    assert_eq!(desk.fake.publics(), [keys.0, keys.1].into());
    assert_eq!(desk.names(), ["evidence.key", "log.key"]);
    let text = std::fs::read_to_string(desk.keys.join("log.key")).unwrap();
    assert!(text.starts_with(&format!("sealdock-token-v1 log {} ", Digest(keys.0))), "{text}");
    assert!(text.ends_with(" A1 B2\n"), "{text}");
    signs(&made);
    let ring = desk.open(keys).unwrap();
    signs(&ring);
    assert_eq!(desk.home().place(KeyKind::Log, keys.0), Some(KeyPlace::Token));
    assert_eq!(desk.home().place(KeyKind::Log, keys.1), None);
}

#[test]
fn a_key_whose_file_is_gone_is_found_on_the_token_by_its_public_key() {
    let desk = Desk::new();
    let keys = publics(&desk.create(both));
    std::fs::remove_file(desk.keys.join("log.key")).unwrap();
    let ring = started(&desk, keys);
    signs(&ring);
    assert_eq!(desk.home().place(KeyKind::Log, keys.0), Some(KeyPlace::Token), "it is named again");
    std::fs::remove_file(desk.keys.join("log.key")).unwrap();
    let other = desk.open(([9; 32], keys.1)).unwrap_err();
    assert_eq!(other.kind, Kind::Missing);
    assert!(other.message.contains("log.key is missing"), "{other}");
    assert!(other.message.contains("on the token: no private key"), "{other}");
}

#[test]
fn a_token_that_is_not_there_or_is_another_stops_the_opening_and_says_which() {
    let desk = Desk::new();
    let keys = publics(&desk.create(both));
    let there = desk.pull();
    let away = desk.open(keys).unwrap_err();
    assert_eq!(away.kind, Kind::Missing);
    assert!(away.message.contains("\"unit 7\" is not there"), "{away}");
    desk.fake.state().tokens = there;
    let pairs = std::mem::take(&mut desk.fake.state().pairs);
    let other = desk.open(keys).unwrap_err();
    assert!(other.message.contains("made on the token with the serial \"A1 B2\""), "{other}");
    desk.fake.state().pairs = pairs;
    let unnamed = Keyring::open(&desk.keys, keys.0, keys.1).unwrap_err();
    assert!(unnamed.message.contains("station.toml names none"), "{unnamed}");
}

#[test]
fn a_station_with_both_keys_in_files_never_asks_the_token() {
    let desk = Desk::new();
    let keys = publics(&desk.create(|_| KeyPlace::File));
    desk.pull();
    signs(&started(&desk, keys));
    assert_eq!(desk.fake.state().logins, 0);
}

#[test]
fn a_rotation_goes_from_each_place_to_each_and_leaves_nothing_of_the_old_key() {
    let places = [KeyPlace::File, KeyPlace::Token];
    for (from, to) in places.into_iter().flat_map(|from| places.map(|to| (from, to))) {
        let desk = Desk::new();
        let ring = desk.create(|_| from);
        let (log, old) = publics(&ring);
        let next = ring.prepare_next(EVIDENCE, Some(to)).unwrap();
        assert_eq!(ring.prepare_next(EVIDENCE, Some(to)), Ok(next), "the waiting key is kept");
        let signature = ring.sign_next(EVIDENCE, b"statement").unwrap();
        sealdock_chain::ed25519::verify(&next, b"statement", &signature).unwrap();
        ring.activate(EVIDENCE, next).unwrap();
        ring.activate(EVIDENCE, next).unwrap();
        assert_eq!(publics(&ring), (log, next), "{from:?} to {to:?}");
        assert_eq!(desk.names(), ["evidence.key", "log.key"]);
        assert!(!desk.fake.publics().contains(&old), "the old private key is gone");
        assert_eq!(desk.fake.publics().contains(&next), to == KeyPlace::Token);
        assert_eq!(desk.home().place(EVIDENCE, next), Some(to));
        signs(&started(&desk, (log, next)));
        assert!(desk.open((log, old)).is_err());
        // Without a word, the next one comes where this one lies.
        let third = ring.prepare_next(EVIDENCE, None).unwrap();
        assert_eq!(desk.fake.publics().contains(&third), to == KeyPlace::Token);
    }
}

/// Each step on the token fails once, without effect and with it. Then the station is opened as the chain stands, and
/// the same command again does it.
#[test]
fn a_rotation_on_the_token_may_stop_at_every_step_and_goes_on() {
    let faults = [Fault::Other("planted".into()), Fault::Session("planted".into())];
    let steps = ["find", "under", "make", "sign", "destroy"];
    for (step, fault) in steps.into_iter().flat_map(|step| faults.clone().map(|f| (step, f))) {
        for (landed, in_chain) in [(false, false), (false, true), (true, false), (true, true)] {
            let desk = Desk::new();
            let ring = desk.create(both);
            let (log, old) = publics(&ring);
            desk.fake.fails(step, landed, fault.clone());
            let cut = rotated(&ring, in_chain);
            // What the chain says after the crash: the old key, unless the entry is in it.
            let stands = cut.unwrap_or(old);
            desk.fake.state().next = None;
            let ring = started(&desk, (log, stands));
            signs(&ring);
            let next = ring.prepare_next(EVIDENCE, None).unwrap();
            ring.sign_next(EVIDENCE, b"statement").unwrap();
            ring.activate(EVIDENCE, next).unwrap();
            assert_eq!(desk.fake.publics(), [log, next].into(), "{step} {landed} {in_chain}");
            assert_eq!(desk.names(), ["evidence.key", "log.key"], "{step} {landed} {in_chain}");
            assert_eq!(ring.left_on_token(), Vec::<String>::new());
            signs(&started(&desk, (log, next)));
        }
    }
}

/// A rotation up to its first failure; the new key, if its entry came into the chain.
fn rotated(ring: &Keyring, in_chain: bool) -> Option<[u8; 32]> {
    let next = ring.prepare_next(EVIDENCE, None).ok()?;
    ring.sign(EVIDENCE, b"statement").ok()?;
    ring.sign_next(EVIDENCE, b"statement").ok()?;
    if !in_chain {
        return None;
    }
    let _activated = ring.activate(EVIDENCE, next);
    Some(next)
}

#[test]
fn a_pair_that_was_made_and_not_yet_named_is_destroyed_and_a_named_one_is_not() {
    let desk = Desk::new();
    let ring = desk.create(both);
    let keys = publics(&ring);
    let next = ring.prepare_next(EVIDENCE, None).unwrap();
    // The crash came before the word that a pair is being made was taken back.
    let line = std::fs::read_to_string(desk.keys.join("evidence.next.key")).unwrap();
    let id = line.split(' ').nth(3).unwrap().to_owned();
    std::fs::write(desk.keys.join("evidence.making"), format!("{id}\n")).unwrap();
    signs(&started(&desk, keys));
    assert!(desk.fake.publics().contains(&next), "it waits, and may be in force");
    assert!(!desk.names().contains(&"evidence.making".to_owned()));
    // It came before the file.
    std::fs::write(desk.keys.join("evidence.making"), format!("{id}\n")).unwrap();
    std::fs::remove_file(desk.keys.join("evidence.next.key")).unwrap();
    signs(&started(&desk, keys));
    assert_eq!(desk.fake.publics(), [keys.0, keys.1].into());
}

#[test]
fn an_old_key_that_cannot_be_destroyed_is_said_and_destroyed_later() {
    let desk = Desk::new();
    let ring = desk.create(both);
    let (log, old) = publics(&ring);
    let next = ring.prepare_next(EVIDENCE, Some(KeyPlace::File)).unwrap();
    ring.sign_next(EVIDENCE, b"statement").unwrap();
    desk.fake.fails("destroy", false, Fault::Other("C_DestroyObject: DeviceError".into()));
    ring.activate(EVIDENCE, next).unwrap();
    let left = ring.left_on_token();
    assert!(left[0].starts_with("the old evidence key is still on the token"), "{left:?}");
    assert!(desk.fake.publics().contains(&old));
    signs(&ring);
    let ring = started(&desk, (log, next));
    assert_eq!(ring.left_on_token(), Vec::<String>::new());
    assert!(!desk.fake.publics().contains(&old));
    assert_eq!(desk.names(), ["evidence.key", "log.key"]);
}

#[test]
fn what_waits_elsewhere_is_destroyed_only_when_the_chain_has_spoken() {
    let desk = Desk::new();
    let ring = desk.create(|_| KeyPlace::File);
    let keys = publics(&ring);
    let waits = ring.prepare_next(EVIDENCE, None).unwrap();
    // An entry may have been written with it meanwhile, so it may be in force.
    let refused = ring.prepare_next(EVIDENCE, Some(KeyPlace::Token)).unwrap_err();
    assert!(refused.message.contains("start the station anew"), "{refused}");
    assert_eq!(ring.prepare_next(EVIDENCE, None), Ok(waits));
    let ring = started(&desk, keys);
    let next = ring.prepare_next(EVIDENCE, Some(KeyPlace::Token)).unwrap();
    assert_eq!(desk.fake.publics(), [next].into());
    // And back again: the pair that was never in force does not stay.
    let ring = started(&desk, keys);
    ring.prepare_next(EVIDENCE, Some(KeyPlace::File)).unwrap();
    assert_eq!(desk.fake.publics(), [].into());
}

#[test]
fn a_key_on_a_lost_token_is_replaced_by_a_file_and_a_stolen_one_on_the_token() {
    let desk = Desk::new();
    let keys = publics(&desk.create(both));
    let expected = |kind| if kind == KeyKind::Log { keys.0 } else { keys.1 };
    assert_eq!(Keyring::holds(desk.home(), EVIDENCE, keys.1), Ok(true));
    let ring = Keyring::open_replacing(desk.home(), (EVIDENCE, None), expected).unwrap();
    let next = ring.public(EVIDENCE);
    ring.activate(EVIDENCE, next).unwrap();
    assert_eq!(
        desk.fake.publics(),
        [keys.0, next].into(),
        "stolen: destroyed, and made anew there"
    );
    let there = desk.pull();
    assert_eq!(Keyring::holds(desk.home(), KeyKind::Log, keys.0), Ok(false));
    let stays = Keyring::open_replacing(desk.home(), (KeyKind::Log, None), expected).unwrap_err();
    assert!(stays.message.contains("is not there"), "{stays}");
    let to_file = (KeyKind::Log, Some(KeyPlace::File));
    let ring = Keyring::open_replacing(desk.home(), to_file, expected).unwrap();
    let log = ring.public(KeyKind::Log);
    ring.activate(KeyKind::Log, log).unwrap();
    assert!(ring.left_on_token()[0].contains("still on the token with the serial \"A1 B2\""));
    desk.fake.state().tokens = there;
    signs(&started(&desk, (log, next)));
    assert_eq!(desk.fake.publics(), [next].into(), "it came back, and the lost key is destroyed");
}

#[test]
fn a_key_behind_a_refused_pin_is_not_lost() {
    let desk = Desk::new();
    let keys = publics(&desk.create(both));
    crate::token::fake::write_pin(&desk.keys.with_file_name("token.pin"), "1111");
    let unknown = Keyring::holds(desk.home(), KeyKind::Log, keys.0).unwrap_err();
    assert!(unknown.message.contains("refused the PIN"), "{unknown}");
    let unnamed = Keyring::holds(&desk.keys, KeyKind::Log, keys.0).unwrap_err();
    assert!(unnamed.message.contains("names none"), "{unnamed}");
    desk.fake.state().tokens[0].pin = crate::token::device::PinState::Locked;
    assert_eq!(Keyring::holds(desk.home(), KeyKind::Log, keys.0), Ok(false), "locked is lost");
}

#[test]
fn a_founding_that_fails_takes_its_keys_from_the_token() {
    let desk = Desk::new();
    let ring = desk.create(both);
    ring.discard_made();
    assert_eq!(desk.fake.publics(), [].into());
    let desk = Desk::new();
    std::fs::create_dir(&desk.keys).unwrap();
    std::fs::set_permissions(&desk.keys, std::os::unix::fs::PermissionsExt::from_mode(0o700))
        .unwrap();
    // The evidence key cannot be written, so the log key that was made before goes too.
    std::fs::create_dir(desk.keys.join("evidence.tmp")).unwrap();
    Keyring::create_at(desk.home(), both).unwrap_err();
    assert_eq!(desk.fake.publics(), [].into());
}
