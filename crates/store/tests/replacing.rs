//! A log key that is replaced: which heads it signs, what can be appended meanwhile, and what a crash leaves.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use sealdock_chain::digest::Digest;
use sealdock_chain::note::{SignedCheckpoint, VerifierKey};
use sealdock_core::event::{
    Event, KeyKind, KeyReplaced, Lost, OutsideHead, ReplaceCause, StationRestored,
};
use sealdock_core::ports::{Ledger, PortResult, Signer};
use sealdock_store::faults::{Fate, Faults, Step};
use sealdock_store::{Outside, Store};
use std::path::Path;
use std::sync::Arc;

/// Dies at its step, always.
#[derive(Debug)]
struct DiesAt(Step);

impl Faults for DiesAt {
    fn at(&self, step: Step) -> Fate {
        if step == self.0 { Fate::Dies } else { Fate::Goes }
    }
}

fn next(keys: &Arc<Keys>, key: KeyKind) {
    keys.activate(key, keys.prepare_next(key, None).unwrap()).unwrap();
}

/// Signed as a station signs it, whose keys of `new` are to come into force.
fn replacement(old: &Keys, new: &Keys, key: KeyKind, cause: ReplaceCause) -> KeyReplaced {
    let hex = |bytes: [u8; 64]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    let mut event = KeyReplaced {
        key,
        epoch: 2,
        old_public: Digest(old.public(key)),
        new_public: Digest(new.public(key)),
        cause,
        since: None,
        reason: "r".into(),
        old_signature: None,
        new_signature: String::new(),
    };
    let said = event.statement(ORIGIN);
    event.new_signature = hex(new.sign(key, &said).unwrap());
    event
}

/// Keys after the change.
fn new_keys() -> Arc<Keys> {
    let keys = Keys::new();
    next(&keys, KeyKind::Log);
    next(&keys, KeyKind::Evidence);
    keys
}

fn replacing(dir: &Path, keys: &Arc<Keys>) -> PortResult<Store> {
    Store::open_replacing(dir, outside(keys))
}

fn findings(store: &Store) -> Vec<String> {
    let report = store.verify(true, &mut |_, _| {}).unwrap();
    report.findings.into_iter().map(|finding| finding.text).collect()
}

#[test]
fn the_head_that_covers_a_replacement_is_the_new_keys_and_nothing_else_comes_before() {
    let dir = tempfile::tempdir().unwrap();
    let (old, new) = (Keys::new(), new_keys());
    drop(founded(dir.path(), &old, 1));
    let store = replacing(dir.path(), &new).unwrap();
    let refused = enrol(&store, 1).unwrap_err();
    assert!(refused.message.contains("signer holds another"), "{refused}");
    let event = replacement(&old, &new, KeyKind::Log, ReplaceCause::Lost);
    let head = append(&store, vec![Event::KeyReplaced(event)]).unwrap().head;
    let by = |keys: &Keys| VerifierKey::new(ORIGIN, keys.public(KeyKind::Log)).unwrap();
    SignedCheckpoint::open(head.note(), &by(&new)).unwrap();
    drop(store);
    let store = open(dir.path(), &new).unwrap();
    enrol(&store, 1).unwrap();
    assert_eq!(findings(&store), [""; 0]);
    drop(store);
    assert_eq!(Store::log_key_to_start(dir.path()).unwrap(), Some(new.public(KeyKind::Log)));
}

#[test]
fn a_replacement_may_be_cut_short_at_every_step() {
    for step in Step::ALL {
        let dir = tempfile::tempdir().unwrap();
        let (old, new) = (Keys::new(), new_keys());
        drop(founded(dir.path(), &old, 1));
        let outside = Outside { faults: Arc::new(DiesAt(step)), ..outside(&new) };
        let store = Store::open_replacing(dir.path(), outside).unwrap();
        let event = replacement(&old, &new, KeyKind::Log, ReplaceCause::Lost);
        append(&store, vec![Event::KeyReplaced(event.clone())]).unwrap_err();
        drop(store);
        // Whichever key the chain expects now is the one that the next start asks for.
        let wanted = Store::log_key_to_start(dir.path()).unwrap().unwrap();
        let landed = step != Step::BeforeCommit;
        assert_eq!(wanted == new.public(KeyKind::Log), landed, "{step:?}");
        let store = match landed {
            true => open(dir.path(), &new).unwrap(),
            false => {
                let store = replacing(dir.path(), &new).unwrap();
                append(&store, vec![Event::KeyReplaced(event)]).unwrap();
                store
            }
        };
        enrol(&store, 1).unwrap();
        assert_eq!(findings(&store), [""; 0], "{step:?}");
    }
}

/// The head that covers a rotation is the old key's, also where a crash came before it.
#[test]
fn a_rotation_that_died_before_its_head_is_sealed_by_the_old_key() {
    for step in [Step::AfterCommit, Step::BeforeSign, Step::AfterSign, Step::HeadLost] {
        let dir = tempfile::tempdir().unwrap();
        let keys = Keys::new();
        drop(founded(dir.path(), &keys, 1));
        let faults = Arc::new(DiesAt(step));
        let store = Store::open_with(dir.path(), Outside { faults, ..outside(&keys) }).unwrap();
        append(&store, vec![rotation(&keys, KeyKind::Log, 2)]).unwrap_err();
        drop(store);
        let wanted = Store::log_key_to_start(dir.path()).unwrap();
        assert_eq!(wanted, Some(keys.public(KeyKind::Log)), "{step:?}");
        let rotated = new_keys();
        let refused = open(dir.path(), &rotated).err().unwrap();
        assert!(refused.message.contains("that signs it is not at hand"), "{step:?}: {refused}");
        let store = open(dir.path(), &keys).unwrap();
        next(&keys, KeyKind::Log);
        enrol(&store, 1).unwrap();
        assert_eq!(findings(&store), [""; 0], "{step:?}");
    }
}

#[test]
fn entries_without_a_head_are_not_signed_by_a_key_that_comes_after_them() {
    let dir = tempfile::tempdir().unwrap();
    let (old, new) = (Keys::new(), new_keys());
    drop(founded(dir.path(), &old, 1));
    let faults = Arc::new(DiesAt(Step::AfterCommit));
    let store = Store::open_with(dir.path(), Outside { faults, ..outside(&old) }).unwrap();
    enrol(&store, 1).unwrap_err();
    drop(store);
    let refused = replacing(dir.path(), &new).err().unwrap();
    assert!(refused.message.contains("have no head"), "{refused}");
    open(dir.path(), &old).unwrap();
}

#[test]
fn a_replacement_that_does_not_hold_is_named() {
    type Spoil = fn(&mut KeyReplaced, &Keys);
    let spoil: [(Spoil, &str); 4] = [
        (|e, _| e.reason = "other".into(), ""),
        (|e, _| e.cause = ReplaceCause::Stolen, "the signature of the new key"),
        (|e, _| e.new_signature.replace_range(..8, "00000000"), "the signature of the new key"),
        (
            |e, old| {
                let hex = |b: [u8; 64]| b.iter().map(|b| format!("{b:02x}")).collect::<String>();
                e.old_signature = Some(hex(old.sign(e.key, &e.statement(ORIGIN)).unwrap()));
            },
            "a key that was lost vouches for the next",
        ),
    ];
    for (spoil, says) in spoil {
        let dir = tempfile::tempdir().unwrap();
        let (old, new) = (Keys::new(), new_keys());
        drop(founded(dir.path(), &old, 1));
        let store = replacing(dir.path(), &new).unwrap();
        let mut event = replacement(&old, &new, KeyKind::Log, ReplaceCause::Lost);
        spoil(&mut event, &old);
        append(&store, vec![Event::KeyReplaced(event)]).unwrap();
        let found = findings(&store);
        match says {
            "" => assert_eq!(found, [""; 0], "the reason is under the head, not under the key"),
            says => assert!(found.iter().any(|text| text.contains(says)), "{says}: {found:?}"),
        }
    }
}

#[test]
fn a_word_of_the_old_key_after_a_restore_is_its_own_or_is_named() {
    for (by_old, says) in [(true, ""), (false, "the signature of the old key")] {
        let dir = tempfile::tempdir().unwrap();
        let (old, new) = (Keys::new(), new_keys());
        drop(founded(dir.path(), &old, 1));
        let store = replacing(dir.path(), &new).unwrap();
        let mut event = replacement(&old, &new, KeyKind::Log, ReplaceCause::Restored);
        let who = if by_old { &old } else { &new };
        let word = who.sign(event.key, &event.statement(ORIGIN)).unwrap();
        event.old_signature = Some(word.iter().map(|b| format!("{b:02x}")).collect());
        append(&store, vec![Event::KeyReplaced(event)]).unwrap();
        let found = findings(&store);
        match says {
            "" => assert_eq!(found, [""; 0]),
            says => assert!(found.iter().any(|text| text.contains(says)), "{says}: {found:?}"),
        }
    }
}

#[test]
fn a_restore_that_says_what_cannot_be_is_named() {
    let heads = vec![OutsideHead { size: 9, root: Digest::of(b"x") }];
    let said = |size: u64, lost| StationRestored {
        size,
        root: Digest::of(b"root"),
        from: "/mnt".into(),
        heads: heads.clone(),
        lost,
        pins_lost: false,
        reason: "r".into(),
    };
    let right = Some(Lost { first: 2, last: 8 });
    for (event, says) in [
        (said(2, right), ""),
        (said(3, Some(Lost { first: 3, last: 8 })), "was put back, and this is 4"),
        (said(2, None), "does not follow from the heads"),
        (said(2, Some(Lost { first: 2, last: 7 })), "does not follow from the heads"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let (old, new) = (Keys::new(), new_keys());
        drop(founded(dir.path(), &old, 1));
        let store = replacing(dir.path(), &new).unwrap();
        let keys = [KeyKind::Log, KeyKind::Evidence];
        let replaced = keys.map(|key| replacement(&old, &new, key, ReplaceCause::Restored));
        let mut events: Vec<Event> = replaced.into_iter().map(Event::KeyReplaced).collect();
        events.push(Event::StationRestored(event));
        append(&store, events).unwrap();
        let found = findings(&store);
        match says {
            "" => assert_eq!(found, [""; 0]),
            says => assert!(found.iter().any(|text| text.contains(says)), "{says}: {found:?}"),
        }
    }
}
