//! The writer dies at every durable step; the next start ends where no fault would have.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use sealdock_core::ports::{Kind, Ledger};
use sealdock_core::schema::PERSON;
use sealdock_core::table::Query;
use sealdock_store::Store;
use sealdock_store::faults::{Fate, Faults, Step};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// Dies at one step once it is armed; may flip a bit of what is read back.
#[derive(Debug, Default)]
struct Fuse {
    armed: AtomicBool,
    step: Mutex<Option<Step>>,
    flips: AtomicBool,
}

impl Faults for Fuse {
    fn at(&self, step: Step) -> Fate {
        let dies = self.armed.load(Ordering::SeqCst) && *self.step.lock().unwrap() == Some(step);
        if dies { Fate::Dies } else { Fate::Goes }
    }
    fn reread(&self, _seq: u64, bytes: &mut Vec<u8>) {
        if self.flips.load(Ordering::SeqCst) {
            bytes[20] ^= 1;
        }
    }
}

fn with_fuse(dir: &Path, keys: &Arc<Keys>, step: Option<Step>) -> (Store, Arc<Fuse>) {
    let fuse = Arc::new(Fuse { step: Mutex::new(step), ..Fuse::default() });
    let mut outside = outside(keys);
    outside.faults = Arc::clone(&fuse) as Arc<dyn Faults>;
    (Store::open_with(dir, outside).unwrap(), fuse)
}

fn people(store: &Store) -> usize {
    store.view().unwrap().select(&Query::all(&PERSON)).unwrap().len()
}

#[test]
fn every_step_may_be_the_last_one() {
    for step in Step::ALL {
        let dir = tempfile::tempdir().unwrap();
        let keys = Keys::new();
        drop(founded(dir.path(), &keys, 1));
        let (store, fuse) = with_fuse(dir.path(), &keys, Some(step));
        enrol(&store, 1).unwrap();
        fuse.armed.store(true, Ordering::SeqCst);
        let died = enrol(&store, 2).unwrap_err();
        assert_eq!(died.kind, Kind::Unknown, "{step:?}: {died}");
        // Fail closed: not one more answer, not even to a reader.
        fuse.armed.store(false, Ordering::SeqCst);
        assert_eq!(enrol(&store, 3).unwrap_err().kind, Kind::Unknown, "{step:?}");
        assert_eq!(store.view().err().unwrap().kind, Kind::Unknown, "{step:?}");
        assert_eq!(store.secret("pin:P0").unwrap_err().kind, Kind::Unknown, "{step:?}");
        drop(store);

        let landed = step != Step::BeforeCommit;
        let store = open(dir.path(), &keys).unwrap();
        assert_eq!(people(&store), if landed { 3 } else { 2 }, "{step:?}");
        // What the caller did not hear of is found, or done again; the end is the same.
        if !landed {
            enrol(&store, 2).unwrap();
        }
        let head = store.view().unwrap().head().unwrap();
        assert_eq!(head.checkpoint().size, 4, "{step:?}");
        assert!(store.secret("pin:P2").unwrap().is_some(), "{step:?}");
        enrol(&store, 3).unwrap();
        let heads = store.view().unwrap().heads(0, 99).unwrap();
        let sizes: Vec<u64> = heads.iter().map(|h| h.checkpoint().size).collect();
        assert_eq!(sizes, [0, 1, 2, 3, 4, 5], "{step:?}");
        let report = store.verify(true, &mut |_, _| {}).unwrap();
        assert!(report.findings.is_empty(), "{step:?}: {:?}", report.findings);
    }
}

#[test]
fn a_second_crash_during_recovery_changes_nothing() {
    for second in [Step::BeforeSign, Step::AfterSign, Step::HeadLost, Step::HeadLanded] {
        let dir = tempfile::tempdir().unwrap();
        let keys = Keys::new();
        drop(founded(dir.path(), &keys, 1));
        let (store, fuse) = with_fuse(dir.path(), &keys, Some(Step::AfterCommit));
        fuse.armed.store(true, Ordering::SeqCst);
        enrol(&store, 1).unwrap_err();
        drop(store);
        let mut again = outside(&keys);
        let fuse = Fuse { step: Mutex::new(Some(second)), ..Fuse::default() };
        fuse.armed.store(true, Ordering::SeqCst);
        again.faults = Arc::new(fuse);
        assert_eq!(Store::open_with(dir.path(), again).err().unwrap().kind, Kind::Unknown);
        let store = open(dir.path(), &keys).unwrap();
        assert_eq!(people(&store), 2, "{second:?}");
        let report = store.verify(true, &mut |_, _| {}).unwrap();
        assert!(report.findings.is_empty(), "{second:?}: {:?}", report.findings);
    }
}

#[test]
fn readers_do_not_see_entries_without_a_head() {
    let dir = tempfile::tempdir().unwrap();
    let keys = Keys::new();
    drop(founded(dir.path(), &keys, 1));
    let (store, fuse) = with_fuse(dir.path(), &keys, Some(Step::AfterCommit));
    fuse.armed.store(true, Ordering::SeqCst);
    enrol(&store, 1).unwrap_err();
    drop(store);
    let reader = Store::open_read_only(dir.path()).unwrap();
    let refused = reader.view().err().unwrap();
    assert!(refused.message.contains("have no head"), "{refused}");
    let report = reader.verify(false, &mut |_, _| {}).unwrap();
    assert_eq!(report.findings.len(), 1, "{:?}", report.findings);
    assert!(report.findings[0].text.contains("have no head"));
}

#[test]
fn a_bit_that_flips_before_signing_is_never_signed() {
    let dir = tempfile::tempdir().unwrap();
    let keys = Keys::new();
    drop(founded(dir.path(), &keys, 1));
    let (store, fuse) = with_fuse(dir.path(), &keys, None);
    fuse.flips.store(true, Ordering::SeqCst);
    let refused = enrol(&store, 1).unwrap_err();
    assert_eq!(refused.kind, Kind::Unknown);
    assert!(refused.message.contains("does not read back"), "{refused}");
    drop(store);
    // The flip was on the way only: the stored bytes are whole, so the next start signs them.
    let store = open(dir.path(), &keys).unwrap();
    assert!(store.verify(true, &mut |_, _| {}).unwrap().findings.is_empty());
}

#[test]
fn a_crash_between_the_files_of_a_new_station_is_said_plainly() {
    let dir = tempfile::tempdir().unwrap();
    let keys = Keys::new();
    std::fs::write(dir.path().join("head"), [0; 8192]).unwrap();
    std::fs::write(dir.path().join("chain.db"), b"").unwrap();
    let refused = open(dir.path(), &keys).err().unwrap();
    assert_eq!(refused.kind, Kind::Missing);
    assert!(refused.message.contains("not a station"), "{refused}");
}
