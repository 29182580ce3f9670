//! What a station directory may turn out to be, and what is said then.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use rusqlite::Connection;
use sealdock_core::ports::{Kind, Ledger, PortError};
use sealdock_store::lock::StationLock;
use sealdock_store::{SCHEMA_VERSION, Store};
use std::fs;
use std::path::Path;

fn refusal(dir: &Path) -> PortError {
    open(dir, &Keys::new()).err().expect("it must not open")
}

#[test]
fn a_directory_that_is_no_station() {
    let dir = tempfile::tempdir().unwrap();
    for refused in [
        refusal(dir.path()),
        refusal(&dir.path().join("missing")),
        Store::open_read_only(dir.path()).err().unwrap(),
        Store::origin(dir.path()).unwrap_err(),
        Store::key_epochs(dir.path()).unwrap_err(),
        StationLock::exclusive(dir.path()).unwrap_err(),
        StationLock::shared(dir.path()).unwrap_err(),
    ] {
        assert_eq!(refused.kind, Kind::Missing, "{refused}");
        assert!(refused.message.contains("is not a station"), "{refused}");
    }
    assert_eq!(dir.path().read_dir().unwrap().count(), 0, "nothing was made");
}

#[test]
fn a_station_is_made_once() {
    let dir = tempfile::tempdir().unwrap();
    let keys = Keys::new();
    drop(founded(dir.path(), &keys, 1));
    let again = Store::create_with(dir.path(), ORIGIN, outside(&keys)).err().unwrap();
    assert!(again.message.contains("is a station already"), "{again}");
    let bad = Store::create_with(dir.path(), "two words", outside(&keys)).err().unwrap();
    assert_eq!(bad.kind, Kind::Invalid, "{bad}");
    assert!(open(dir.path(), &keys).unwrap().view().is_ok());
}

#[test]
fn a_database_of_a_later_release() {
    let dir = tempfile::tempdir().unwrap();
    let keys = Keys::new();
    drop(founded(dir.path(), &keys, 1));
    let conn = Connection::open(dir.path().join("chain.db")).unwrap();
    conn.pragma_update(None, "user_version", SCHEMA_VERSION + 1).unwrap();
    drop(conn);
    for refused in [refusal(dir.path()), Store::open_read_only(dir.path()).err().unwrap()] {
        assert_eq!(refused.kind, Kind::Invalid);
        assert!(refused.message.contains("written by a later release"), "{refused}");
    }
}

#[test]
fn garbage_and_torn_databases_are_damage_and_never_a_panic() {
    let keys = Keys::new();
    let whole = tempfile::tempdir().unwrap();
    let store = founded(whole.path(), &keys, 1);
    append(&store, vec![session()]).unwrap();
    for line in 0..60 {
        append(&store, vec![clip(2, line, Some(&keys))]).unwrap();
    }
    drop(store);
    let bytes = fs::read(whole.path().join("chain.db")).unwrap();
    let head = fs::read(whole.path().join("head")).unwrap();
    let mut broken: Vec<(String, Vec<u8>)> = vec![
        ("text".into(), b"this is not a database, it is a letter".repeat(300)),
        ("zeros".into(), vec![0; bytes.len()]),
        ("cut to a third".into(), bytes[..bytes.len() / 3].to_vec()),
        ("cut in the first page".into(), bytes[..1000].to_vec()),
    ];
    for page in [0, 1, 2, 3, 5, 8, 13, 21] {
        let mut torn = bytes.clone();
        let from = page * 4096 + if page == 0 { 100 } else { 0 };
        torn[from..(page + 1) * 4096].fill(0xa5);
        broken.push((format!("page {page} is garbage"), torn));
    }
    for (what, bytes) in broken {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("chain.db"), bytes).unwrap();
        fs::write(dir.path().join("head"), &head).unwrap();
        let opened = open(dir.path(), &keys).map(drop);
        let walked = Store::open_read_only(dir.path())
            .and_then(|store| store.verify(true, &mut |_, _| {}))
            .map(|report| report.findings);
        match walked {
            Ok(findings) => assert!(!findings.is_empty(), "{what}: nobody saw it"),
            Err(error) => assert!(error.message.len() > 40, "{what}: {error}"),
        }
        if let Err(error) = opened {
            assert!(error.message.contains("; "), "{what}: no advice in {error}");
        }
    }
}

#[test]
fn a_restored_backup_or_a_rolled_back_head_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let keys = Keys::new();
    let store = founded(dir.path(), &keys, 2);
    let old = dir.path().join("old.db");
    store.backup_to(&old).unwrap();
    let old_head = fs::read(dir.path().join("head")).unwrap();
    for n in 2..6 {
        enrol(&store, n).unwrap();
    }
    drop(store);
    let database = dir.path().join("chain.db");
    let newer = fs::read(&database).unwrap();

    fs::copy(&old, &database).unwrap();
    let refused = refusal(dir.path());
    assert_eq!(refused.kind, Kind::Damaged);
    assert!(refused.message.contains("older than the head that was handed out"), "{refused}");
    let report = Store::open_read_only(dir.path()).unwrap().verify(false, &mut |_, _| {}).unwrap();
    assert!(report.findings.iter().any(|f| f.text.contains("a head of 7 entries")));

    fs::write(&database, newer).unwrap();
    fs::write(dir.path().join("head"), old_head).unwrap();
    let refused = refusal(dir.path());
    assert_eq!(refused.kind, Kind::Damaged);
    assert!(refused.message.contains("the file head is older than the database"), "{refused}");

    fs::write(dir.path().join("head"), [0; 8192]).unwrap();
    let refused = refusal(dir.path());
    assert!(refused.message.contains("holds no readable head"), "{refused}");
    fs::remove_file(dir.path().join("head")).unwrap();
    assert_eq!(refusal(dir.path()).kind, Kind::Missing);
}

#[test]
fn a_head_of_another_station_is_refused() {
    let keys = Keys::new();
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    for (dir, people) in dirs.iter().zip([2, 2]) {
        drop(founded(dir.path(), &keys, people));
    }
    let other = Keys::new();
    sealdock_core::ports::Signer::activate(
        &*other,
        sealdock_core::event::KeyKind::Log,
        sealdock_core::ports::Signer::prepare_next(
            &*other,
            sealdock_core::event::KeyKind::Log,
            None,
        )
        .unwrap(),
    )
    .unwrap();
    let third = tempfile::tempdir().unwrap();
    drop(founded(third.path(), &other, 2));
    fs::copy(third.path().join("head"), dirs[0].path().join("head")).unwrap();
    let refused = refusal(dirs[0].path());
    assert_eq!(refused.kind, Kind::Damaged);
    assert!(refused.message.contains("the head of 3 entries is refused"), "{refused}");
    // Same key, same size, another history: the clocks differ by the way they were asked.
    let store = open(dirs[1].path(), &keys).unwrap();
    drop(store);
}

#[test]
fn two_writers_on_one_database_cannot_fork_it() {
    let dir = tempfile::tempdir().unwrap();
    let keys = Keys::new();
    let first = founded(dir.path(), &keys, 1);
    // Nobody held the lock: the second one opens. It must still not be able to fork the log.
    let second = open(dir.path(), &keys).unwrap();
    enrol(&first, 1).unwrap();
    let refused = enrol(&second, 2).unwrap_err();
    assert_eq!(refused.kind, Kind::Damaged);
    assert!(refused.message.contains("another process writes to it"), "{refused}");
}

/// Databases of every schema that was ever released, never rewritten.
#[test]
fn frozen_databases_open_and_go_on() {
    let frozen = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/databases");
    for version in 1..=SCHEMA_VERSION {
        let dir = tempfile::tempdir().unwrap();
        let source = frozen.join(format!("schema-{version}"));
        for file in ["chain.db", "head"] {
            fs::copy(source.join(file), dir.path().join(file)).unwrap();
        }
        let keys = Keys::new();
        let store = open(dir.path(), &keys).unwrap();
        let report = store.verify(true, &mut |_, _| {}).unwrap();
        assert!(report.findings.is_empty(), "schema {version}: {:?}", report.findings);
        let size = store.view().unwrap().head().unwrap().checkpoint().size;
        assert_eq!(size, 9, "schema {version}");
        enrol(&store, 500).unwrap();
        drop(store);
        assert!(open(dir.path(), &keys).unwrap().view().is_ok());
    }
}
