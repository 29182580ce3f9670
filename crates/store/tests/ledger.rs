//! The contract of `ports::Ledger`, and what the SQLite ledger promises beyond it.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use sealdock_chain::tree::{NodeSource, root_of};
use sealdock_core::event::KeyKind;
use sealdock_core::ports::{Kind, Ledger, LedgerView, Refusal, Signer};
use sealdock_core::schema::PERSON;
use sealdock_core::table::Query;
use sealdock_store::Store;
use sealdock_testkit::suite;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

#[test]
fn the_contract_holds() {
    let dirs = Mutex::new(Vec::<TempDir>::new());
    suite::ledger(|| {
        let dir = tempfile::tempdir().unwrap();
        let keys = Keys::new();
        let ledger = Box::new(create(dir.path(), &keys));
        dirs.lock().unwrap().push(dir);
        suite::Fresh { ledger, signer: keys, origin: ORIGIN.into() }
    });
}

struct Tree<'v>(&'v dyn LedgerView);

impl NodeSource for Tree<'_> {
    fn node(&self, level: u32, index: u64) -> Option<sealdock_chain::digest::Digest> {
        self.0.node(level, index).unwrap()
    }
}

#[test]
fn roots_of_every_size_come_from_stored_nodes() {
    let dir = tempfile::tempdir().unwrap();
    let keys = Keys::new();
    let store = founded(dir.path(), &keys, 1);
    let opened = append(&store, vec![session()]).unwrap().entries[0].seq;
    for line in 0..12 {
        append(&store, (0..50).map(|n| clip(opened, line * 50 + n, None)).collect()).unwrap();
    }
    let view = store.view().unwrap();
    let heads = view.heads(0, 100).unwrap();
    assert_eq!(heads.len(), 16, "no entries, founding, person, session, twelve batches");
    for head in &heads {
        let head = head.checkpoint();
        assert_eq!(root_of(&Tree(&*view), head.size).unwrap(), head.root, "size {}", head.size);
    }
    assert_eq!(view.node(0, 603).unwrap(), None, "past the end");
    assert_eq!(view.node(63, u64::MAX).unwrap(), None);
    assert_eq!(view.entries(600, 9).unwrap().len(), 3);
    assert_eq!(view.entries(u64::MAX, 9).unwrap().len(), 0);
    assert_eq!(view.entry(603).unwrap(), None);
}

#[test]
fn many_callers_share_batches_and_each_gets_its_own_entries() {
    let dir = tempfile::tempdir().unwrap();
    let keys = Keys::new();
    let store = Arc::new(founded(dir.path(), &keys, 1));
    let threads: Vec<_> = (0..16u32)
        .map(|thread| {
            let store = Arc::clone(&store);
            std::thread::spawn(move || {
                (0..10u32)
                    .map(|n| enrol(&store, 1 + thread * 10 + n).unwrap())
                    .inspect(|done| {
                        assert!(done.head.checkpoint().size > done.entries[0].seq);
                    })
                    .map(|done| done.entries[0].seq)
                    .collect::<Vec<_>>()
            })
        })
        .collect();
    let mut seqs: Vec<u64> = threads.into_iter().flat_map(|t| t.join().unwrap()).collect();
    seqs.sort_unstable();
    assert_eq!(seqs, (2..162).collect::<Vec<_>>());
    let report = store.verify(true, &mut |_, _| {}).unwrap();
    assert!(report.findings.is_empty(), "{:?}", report.findings);
}

/// What is looked at is one moment: an entry that comes meanwhile is no sign that the end of the log is missing.
#[test]
fn a_walk_beside_writers_finds_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let keys = Keys::new();
    let store = Arc::new(founded(dir.path(), &keys, 1));
    let writes = Arc::clone(&store);
    let over = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let ended = Arc::clone(&over);
    let writer = std::thread::spawn(move || {
        let mut n = 1;
        while !ended.load(std::sync::atomic::Ordering::SeqCst) {
            enrol(&writes, n).unwrap();
            n += 1;
        }
        n
    });
    for _ in 0..60 {
        let report = store.verify(false, &mut |_, _| {}).unwrap();
        assert!(report.findings.is_empty(), "{:?}", report.findings);
    }
    over.store(true, std::sync::atomic::Ordering::SeqCst);
    assert!(writer.join().unwrap() > 20, "it wrote all the while");
}

#[test]
fn a_panic_or_a_clash_in_one_decision_leaves_the_others_alone() {
    let dir = tempfile::tempdir().unwrap();
    let keys = Keys::new();
    let store = founded(dir.path(), &keys, 1);
    let panicked = transact(&store, |_| panic!("a bug in a rule")).unwrap_err();
    assert_eq!(panicked.kind, Kind::Failed);
    let twice = enrol(&store, 0).unwrap_err();
    assert_eq!(twice.kind, Kind::Invalid, "{twice}");
    let (second, _) = person(5);
    let half = transact(&store, |_| vec![second, person(0).0].into()).unwrap_err();
    assert_eq!(half.kind, Kind::Invalid, "{half}");
    let refused = store
        .transact(
            &sealdock_core::actor::ActorRecord::System,
            Box::new(|_, _| Ok(Err(Refusal(sealdock_core::says!("不行", "no"))))),
        )
        .unwrap();
    assert_eq!(refused.unwrap_err(), Refusal(sealdock_core::says!("不行", "no")));
    let done = enrol(&store, 1).unwrap();
    assert_eq!(done.entries[0].seq, 2, "nothing of the failed decisions is left");
    let people = store.view().unwrap().select(&Query::all(&PERSON)).unwrap();
    assert_eq!(people.iter().map(|p| p.text("id")).collect::<Vec<_>>(), ["P0", "P1"]);
}

#[test]
fn nothing_follows_a_log_key_rotation_until_the_new_key_is_active() {
    let dir = tempfile::tempdir().unwrap();
    let keys = Keys::new();
    let store = founded(dir.path(), &keys, 1);
    let event = rotation(&keys, KeyKind::Log, 2);
    let followed = append(&store, vec![event.clone(), person(7).0]).unwrap_err();
    assert!(followed.message.contains("last event of its decision"), "{followed}");
    append(&store, vec![event]).unwrap();
    let waiting = enrol(&store, 1).unwrap_err();
    assert!(waiting.message.contains("not activated"), "{waiting}");
    keys.activate(KeyKind::Log, keys.prepare_next(KeyKind::Log, None).unwrap()).unwrap();
    enrol(&store, 1).unwrap();
    drop(store);
    let store = open(dir.path(), &keys).unwrap();
    enrol(&store, 2).unwrap();
    let report = store.verify(true, &mut |_, _| {}).unwrap();
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    let epochs = Store::key_epochs(dir.path()).unwrap();
    let log: Vec<_> = epochs.iter().filter(|e| e.0 == KeyKind::Log).map(|e| (e.1, e.3)).collect();
    assert_eq!(log, [(1, 0), (2, 2)]);
    assert_eq!(epochs.len(), 3);
}

#[test]
fn a_wrong_signer_is_refused_before_anything_is_committed() {
    let dir = tempfile::tempdir().unwrap();
    let keys = Keys::new();
    drop(founded(dir.path(), &keys, 1));
    let other = Keys::new();
    other.activate(KeyKind::Log, other.prepare_next(KeyKind::Log, None).unwrap()).unwrap();
    let store = open(dir.path(), &other).unwrap();
    let refused = enrol(&store, 1).unwrap_err();
    assert!(refused.message.contains("not activated"), "{refused}");
    assert_eq!(store.view().unwrap().head().unwrap().checkpoint().size, 2);
}

#[test]
fn a_backup_is_private_whole_and_of_one_moment() {
    let dir = tempfile::tempdir().unwrap();
    let keys = Keys::new();
    let store = founded(dir.path(), &keys, 3);
    let target = dir.path().join("mirror.db");
    for _ in 0..2 {
        store.backup_to(&target).unwrap();
    }
    assert_eq!(target.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let copy = rusqlite::Connection::open(&target).unwrap();
    let count = |sql: &str| copy.query_row(sql, [], |r| r.get::<_, i64>(0)).unwrap();
    assert_eq!(count("SELECT count(*) FROM entry"), 4);
    assert_eq!(count("SELECT max(size) FROM head"), 4, "the newest head is in the copy");
    let missing = store.backup_to(&dir.path().join("no/such/place.db")).unwrap_err();
    assert_eq!(missing.kind, Kind::Missing, "{missing}");
}

#[test]
fn a_copy_that_is_newer_or_of_another_history_is_never_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let (here, older) = (dir.path().join("here"), dir.path().join("older"));
    std::fs::create_dir(&here).unwrap();
    let keys = Keys::new();
    drop(founded(&here, &keys, 2));
    std::fs::create_dir(&older).unwrap();
    for file in ["chain.db", "head"] {
        std::fs::copy(here.join(file), older.join(file)).unwrap();
    }
    let target = dir.path().join("odd place %41?.db");
    let store = open(&here, &keys).unwrap();
    assert_eq!(store.against_backup(&target).unwrap(), None, "there is none yet");
    enrol(&store, 2).unwrap();
    store.backup_to(&target).unwrap();
    enrol(&store, 3).unwrap();
    assert_eq!(store.against_backup(&target).unwrap(), None, "a copy lags behind");
    store.backup_to(&target).unwrap();
    drop(store);
    let copies = || [&target, &target.with_extension("head")].map(|f| std::fs::read(f).unwrap());
    let before = copies();

    let rolled_back = open(&older, &keys).unwrap();
    for (n, says) in [(7, "is newer"), (8, "is newer"), (9, "has another history")] {
        let said = rolled_back.against_backup(&target).unwrap().expect("it objects");
        assert!(said.contains(if n == 9 { "another history" } else { says }), "{said}");
        let refused = rolled_back.backup_to(&target).unwrap_err();
        assert_eq!(refused.kind, Kind::Damaged);
        assert!(refused.message.contains(says), "{refused}");
        assert!(copies() == before, "nothing was overwritten");
        enrol(&rolled_back, n).unwrap();
    }
    let names: Vec<_> = dir.path().read_dir().unwrap().map(|f| f.unwrap().file_name()).collect();
    assert_eq!(names.len(), 4, "looking leaves nothing beside the copy: {names:?}");

    // What is no record cannot know more.
    std::fs::write(&target, "not a database").unwrap();
    rolled_back.backup_to(&target).unwrap();
}

#[test]
fn a_station_is_restored_from_a_copy_and_the_head_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let (here, again) = (dir.path().join("here"), dir.path().join("again"));
    for folder in [&here, &again] {
        std::fs::create_dir(folder).unwrap();
    }
    let keys = Keys::new();
    let store = founded(&here, &keys, 2);
    let target = dir.path().join("chain-backup.db");
    for n in 2..5 {
        enrol(&store, n).unwrap();
        store.backup_to(&target).unwrap();
    }
    let head = store.view().unwrap().head().unwrap().checkpoint().clone();
    drop(store);
    std::fs::copy(&target, again.join("chain.db")).unwrap();
    std::fs::copy(target.with_extension("head"), again.join("head")).unwrap();
    let restored = open(&again, &keys).unwrap();
    assert_eq!(*restored.view().unwrap().head().unwrap().checkpoint(), head);
    enrol(&restored, 5).unwrap();
    assert!(restored.verify(true, &mut |_, _| {}).unwrap().findings.is_empty());
}

#[test]
fn every_file_is_the_owner_s_alone() {
    let dir = tempfile::tempdir().unwrap();
    let keys = Keys::new();
    let store = founded(dir.path(), &keys, 1);
    let _view = store.view().unwrap();
    let mut names = Vec::new();
    for file in dir.path().read_dir().unwrap() {
        let file = file.unwrap();
        names.push(file.file_name().into_string().unwrap());
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
    }
    names.sort();
    assert_eq!(names, ["chain.db", "chain.db-shm", "chain.db-wal", "head"]);
}

#[test]
fn a_reader_without_a_daemon_sees_everything_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let keys = Keys::new();
    drop(founded(dir.path(), &keys, 2));
    let reader = Store::open_read_only(dir.path()).unwrap();
    let view = reader.view().unwrap();
    assert_eq!(view.head().unwrap().checkpoint().size, 3);
    assert!(view.select(&Query::all(&PERSON).with("id", "P1")).unwrap().len() == 1);
    assert!(reader.secret("pin:P1").unwrap().is_some());
    assert_eq!(enrol(&reader, 9).unwrap_err().kind, Kind::ReadOnly);
    assert!(reader.verify(true, &mut |_, _| {}).unwrap().findings.is_empty());
    assert_eq!(Store::origin(dir.path()).unwrap(), ORIGIN);
}
