//! The record as static files: brought, mended, and made into a database again.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use sealdock_chain::note::{SignedCheckpoint, VerifierKey};
use sealdock_chain::tiles::{entries_in, entry_bundle};
use sealdock_core::event::{Event, KeyKind};
use sealdock_core::ports::{Kind, Ledger, Signer};
use sealdock_core::schema::tables;
use sealdock_core::table::Query;
use sealdock_store::faults::Fate;
use sealdock_store::tiles::{Rebuilt, TileFaults, TileStep, Tiles, rebuild};
use sealdock_store::{Outside, Store};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicIsize, Ordering};

/// Dies at the n-th step that is reached, once.
#[derive(Debug)]
struct DiesAt(AtomicIsize);

impl DiesAt {
    fn tiles(dir: &Path, step: isize) -> (Tiles, Arc<DiesAt>) {
        let faults = Arc::new(DiesAt(AtomicIsize::new(step)));
        (Tiles::with_faults(dir, Arc::clone(&faults) as Arc<dyn TileFaults>), faults)
    }

    fn struck(&self) -> bool {
        self.0.load(Ordering::Relaxed) < 0
    }
}

impl TileFaults for DiesAt {
    fn at(&self, _: TileStep) -> Fate {
        match self.0.fetch_sub(1, Ordering::Relaxed) {
            0 => Fate::Dies,
            _ => Fate::Goes,
        }
    }
}

/// A station with `size` entries, the last few under heads of their own.
fn station(dir: &Path, keys: &Arc<Keys>, size: u32) -> Store {
    let store = founded(dir, keys, 2);
    grow(&store, 2, size - 1 - 3);
    for n in size - 4..size - 1 {
        enrol(&store, n).unwrap();
    }
    store
}

/// Enrols people in one batch.
fn grow(store: &Store, from: u32, to: u32) {
    let events: Vec<Event> = (from..to).map(|n| person(n).0).collect();
    for part in events.chunks(100) {
        append(store, part.to_vec()).unwrap();
    }
}

fn carry(store: &Store, tiles: &Tiles) -> sealdock_store::tiles::Carried {
    tiles.carry(&*store.view().unwrap(), &mut 0).unwrap()
}

/// Every file below a folder but those that stand aside.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut ahead = vec![dir.to_owned()];
    while let Some(folder) = ahead.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true if path.ends_with("aside") => {}
                true => ahead.push(path),
                false => {
                    let name = path.strip_prefix(dir).unwrap().to_string_lossy().into_owned();
                    found.insert(name, fs::read(&path).unwrap());
                }
            }
        }
    }
    found
}

fn made(tiles: &Path) -> (tempfile::TempDir, Rebuilt) {
    let dir = tempfile::tempdir().unwrap();
    let rebuilt = rebuild(dir.path(), &Tiles::new(tiles)).unwrap();
    (dir, rebuilt)
}

/// What is wrong with it beside the PINs, which no tile holds.
fn wrong(store: &Store) -> Vec<String> {
    let report = store.verify(true, &mut |_, _| {}).unwrap();
    let texts = report.findings.into_iter().map(|finding| finding.text);
    texts.filter(|text| !text.contains("stored PIN")).collect()
}

fn rows(store: &Store) -> Vec<String> {
    let view = store.view().unwrap();
    let all = |table| view.select(&Query::all(table)).unwrap();
    tables().map(|table| format!("{:?}", all(table))).collect()
}

#[test]
fn a_record_comes_back_from_tiles_alone_with_every_entry_row_and_head() {
    let place = tempfile::tempdir().unwrap();
    let keys = Keys::new();
    let store = station(&place.path().join("."), &keys, 600);
    let tiles = Tiles::new(&place.path().join("tiles"));
    let carried = carry(&store, &tiles);
    assert_eq!((carried.before, carried.size, carried.mended), (0, 600, vec![]));
    let (dir, rebuilt) = made(tiles.dir());
    assert_eq!((rebuilt.size, rebuilt.faults, rebuilt.newest), (600, vec![], None));
    let back = Store::open_read_only(dir.path()).unwrap();
    assert_eq!(wrong(&back), [""; 0]);
    assert_eq!(rows(&back), rows(&store));
    let (ours, theirs) = (store.view().unwrap(), back.view().unwrap());
    assert_eq!(ours.entries(0, 1000).unwrap(), theirs.entries(0, 1000).unwrap());
    let notes = |view: &dyn sealdock_core::ports::LedgerView| {
        let heads = view.heads(1, 1000).unwrap();
        heads.iter().map(|head| head.note().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(notes(&*ours), notes(&*theirs));
    assert!(notes(&*ours).len() > 5);
    drop(theirs);
    drop(back);
    // It goes on under its own keys.
    let back = open(dir.path(), &keys).unwrap();
    enrol(&back, 5000).unwrap();
    assert_eq!(wrong(&back), [""; 0]);
}

#[test]
fn a_full_tile_is_written_once_and_narrower_ones_go() {
    let place = tempfile::tempdir().unwrap();
    let store = station(place.path(), &Keys::new(), 300);
    let tiles = Tiles::new(&place.path().join("tiles"));
    carry(&store, &tiles);
    let inode = |path: &str| fs::metadata(tiles.dir().join(path)).unwrap().ino();
    let full = ["tile/0/000", "tile/entries/000", "heads/000"];
    let before = full.map(inode);
    assert!(tiles.dir().join("tile/entries/001.p/44").is_file());
    grow(&store, 300, 340);
    let carried = carry(&store, &tiles);
    assert_eq!((carried.before, carried.size), (300, 340));
    assert_eq!(full.map(inode), before);
    assert!(!tiles.dir().join("tile/entries/001.p/44").exists());
    assert!(tiles.dir().join("tile/entries/001.p/84").is_file());
    grow(&store, 340, 600);
    carry(&store, &tiles);
    assert!(!tiles.dir().join("tile/entries/001.p").exists());
    assert_eq!(full.map(inode), before);
    let again = carry(&store, &tiles);
    assert_eq!((again.files, again.mended), (0, vec![]));
}

/// Every step is lost or landed; then the same again ends in the same files. What was promised before can be read
/// in between.
#[test]
fn a_carrying_that_is_cut_anywhere_goes_on_and_promises_nothing_that_is_not_there() {
    let place = tempfile::tempdir().unwrap();
    let store = station(place.path(), &Keys::new(), 250);
    let first = place.path().join("first");
    carry(&store, &Tiles::new(&first));
    let before = store.view().unwrap().head().unwrap().checkpoint().size;
    grow(&store, 250, 270);
    let after = store.view().unwrap().head().unwrap().checkpoint().size;
    let whole = place.path().join("whole");
    copy(&first, &whole);
    carry(&store, &Tiles::new(&whole));
    let mut steps = 0;
    loop {
        let dir = place.path().join(format!("cut-{steps}"));
        copy(&first, &dir);
        // One old file is wrong, so that putting aside is among the steps.
        fs::write(dir.join("heads/000.p/250"), "x").unwrap();
        fs::write(dir.join("tile/entries/000.p/250"), "x").unwrap();
        copy(&first.join("tile/entries/000.p"), &dir.join("tile/entries/000.p"));
        let (tiles, faults) = DiesAt::tiles(&dir, steps);
        let result = tiles.carry(&*store.view().unwrap(), &mut 0);
        if !faults.struck() {
            result.unwrap();
            break;
        }
        result.unwrap_err();
        let (_dir, left) = made(&dir);
        assert!(left.size == before || left.size == after, "{steps}: {left:?}");
        carry(&store, &Tiles::new(&dir));
        assert_eq!(files(&dir), files(&whole), "{steps}");
        steps += 1;
    }
    assert!(steps >= 10, "{steps}");
}

fn copy(from: &Path, to: &Path) {
    for (name, bytes) in files(from) {
        let path = to.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

#[test]
fn what_was_changed_or_taken_away_is_named_put_aside_and_written_anew() {
    let place = tempfile::tempdir().unwrap();
    let store = station(place.path(), &Keys::new(), 300);
    let tiles = Tiles::new(&place.path().join("tiles"));
    carry(&store, &tiles);
    let whole = files(tiles.dir());
    for path in whole.keys() {
        let file = tiles.dir().join(path);
        let view = store.view().unwrap();
        let mut bytes = fs::read(&file).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        for wrong in [Some(bytes.clone()), Some(bytes[..last].to_vec()), Some(Vec::new()), None] {
            let removed = wrong.is_none();
            match &wrong {
                Some(bytes) => fs::write(&file, bytes).unwrap(),
                None => fs::remove_file(&file).unwrap(),
            }
            let found = tiles.examine(&*view, true).unwrap();
            let said = tiles.carry(&*view, &mut 0).unwrap().mended;
            assert!(found.iter().any(|text| text.contains(path)), "{path}: {found:?}");
            assert!(said.iter().any(|text| text.contains(path)), "{path}: {said:?}");
            if removed && path != "checkpoint" {
                let mark = format!("aside/{}.gone", path.replace('/', "_"));
                assert!(tiles.dir().join(mark).is_file(), "{path}");
            }
            assert_eq!(files(tiles.dir()), whole, "{path}");
            assert!(tiles.examine(&*view, true).unwrap().is_empty());
        }
    }
    // What was wrong is still there for whoever asks.
    assert!(fs::read_dir(tiles.dir().join("aside")).unwrap().count() >= whole.len());
}

/// What a wider file is about to replace is looked at once more.
#[test]
fn a_narrow_tile_that_was_changed_is_seen_when_the_record_grows() {
    let place = tempfile::tempdir().unwrap();
    let store = station(place.path(), &Keys::new(), 20);
    let tiles = Tiles::new(&place.path().join("tiles"));
    carry(&store, &tiles);
    fs::write(tiles.dir().join("tile/entries/000.p/20"), "x").unwrap();
    fs::remove_file(tiles.dir().join("tile/0/000.p/20")).unwrap();
    enrol(&store, 900).unwrap();
    let mended = carry(&store, &tiles).mended;
    let [gone, changed] = &mended[..] else { panic!("{mended:?}") };
    assert!(gone.contains("tile/0/000.p/20 was gone"), "{gone}");
    assert!(changed.contains("tile/entries/000.p/20 was not"), "{changed}");
    assert!(carry(&store, &tiles).mended.is_empty());
    assert_eq!(tiles.standing(&*store.view().unwrap()).unwrap().aside, 2);
}

#[test]
fn looking_over_old_files_goes_on_where_it_stopped_and_comes_to_all() {
    let place = tempfile::tempdir().unwrap();
    let store = station(place.path(), &Keys::new(), 600);
    let tiles = Tiles::new(&place.path().join("tiles"));
    carry(&store, &tiles);
    fs::write(tiles.dir().join("heads/001"), "x").unwrap();
    let mut from = u64::MAX;
    let said = tiles.carry(&*store.view().unwrap(), &mut from).unwrap().mended;
    assert_eq!((said.len(), from), (1, 0), "{said:?}");
}

#[test]
fn tiles_that_are_newer_or_of_another_history_stop_the_station_and_are_left_alone() {
    let place = tempfile::tempdir().unwrap();
    let keys = Keys::new();
    let [a, b] = ["a", "b"].map(|name| place.path().join(name));
    for dir in [&a, &b] {
        fs::create_dir(dir).unwrap();
    }
    let (ours, theirs) = (station(&a, &keys, 300), station(&b, &keys, 300));
    enrol(&theirs, 900).unwrap();
    let tiles = Tiles::new(&place.path().join("tiles"));
    carry(&theirs, &tiles);
    let there = files(tiles.dir());
    let refused = |says: &str| {
        let view = ours.view().unwrap();
        let error = tiles.carry(&*view, &mut 0).unwrap_err();
        assert_eq!(error.kind, Kind::Damaged);
        assert!(error.message.contains(says), "{error}");
        assert!(tiles.against(&*view).unwrap().unwrap().contains(says));
        assert_eq!(files(tiles.dir()), there);
    };
    refused("are newer");
    for n in 901..904 {
        enrol(&ours, n).unwrap();
    }
    refused("another history");
}

#[test]
fn a_larger_head_under_a_key_that_nobody_knows_is_left_alone_and_stops_nobody() {
    let place = tempfile::tempdir().unwrap();
    let keys = Keys::new();
    let store = station(&place.path().join("."), &keys, 20);
    let tiles = Tiles::new(&place.path().join("tiles"));
    carry(&store, &tiles);
    let strange = note(&keys, KeyKind::Evidence, 40);
    fs::write(tiles.dir().join("checkpoint"), &strange).unwrap();
    let view = store.view().unwrap();
    assert_eq!(tiles.against(&*view).unwrap(), None);
    let error = tiles.carry(&*view, &mut 0).unwrap_err();
    assert_eq!(error.kind, Kind::Failed);
    assert!(tiles.standing(&*view).unwrap().objection.unwrap().contains("no key that it knows"));
    assert_eq!(fs::read_to_string(tiles.dir().join("checkpoint")).unwrap(), strange);
}

/// A head of that many entries, signed by one of the keys.
fn note(keys: &Keys, kind: KeyKind, size: u64) -> String {
    use sealdock_chain::note::Checkpoint;
    let root = sealdock_chain::digest::Digest::of(b"root");
    let checkpoint = Checkpoint { origin: ORIGIN.into(), size, root };
    let signature = keys.sign(kind, checkpoint.body().as_bytes()).unwrap();
    let key = VerifierKey::new(ORIGIN, keys.public(kind)).unwrap();
    SignedCheckpoint::assemble(checkpoint, &key, signature).unwrap().note().to_owned()
}

/// Changes the entries of one bundle.
fn edit(tiles: &Tiles, path: &str, change: impl FnOnce(&mut Vec<Vec<u8>>)) {
    let file = tiles.dir().join(path);
    let bytes = fs::read(&file).unwrap();
    let mut entries: Vec<Vec<u8>> =
        entries_in(&bytes).unwrap().iter().map(|e| e.to_vec()).collect();
    change(&mut entries);
    let slices: Vec<&[u8]> = entries.iter().map(Vec::as_slice).collect();
    fs::write(&file, entry_bundle(&slices).unwrap()).unwrap();
}

#[test]
fn only_what_a_signed_head_covers_is_believed_and_what_later_tiles_prove_is_told_apart() {
    let place = tempfile::tempdir().unwrap();
    let keys = Keys::new();
    let store = station(&place.path().join("."), &keys, 700);
    let whole = Tiles::new(&place.path().join("tiles"));
    carry(&store, &whole);
    let heads = store.view().unwrap().heads(1, 1000).unwrap();
    // The largest head at or below so many entries.
    let covered = |size: u64| {
        heads.iter().map(|head| head.checkpoint().size).filter(|at| *at <= size).max().unwrap()
    };
    let broken = |name: &str, harm: &dyn Fn(&Tiles)| {
        let tiles = Tiles::new(&place.path().join(name));
        copy(whole.dir(), tiles.dir());
        harm(&tiles);
        let (dir, rebuilt) = made(tiles.dir());
        let back = Store::open_read_only(dir.path()).unwrap();
        assert_eq!(wrong(&back), [""; 0], "{name}");
        rebuilt
    };
    let newest = Some(700);
    let size_of = |rebuilt: &Rebuilt| rebuilt.newest.as_ref().map(|(size, _)| *size);

    let gone =
        broken("gone", &|tiles| fs::remove_file(tiles.dir().join("tile/entries/001")).unwrap());
    assert_eq!((gone.size, size_of(&gone)), (covered(256), newest));
    assert!(gone.faults.iter().any(|text| text.contains("tile/entries/001 is gone")), "{gone:?}");
    // Entries of the third bundle, and those of the first after the believed head.
    let proven: Vec<u64> = gone.proven.iter().map(|(seq, _)| *seq).collect();
    let expected: Vec<u64> = (gone.size..256).chain(512..700).collect();
    assert_eq!(proven, expected);

    let edited = broken("edited", &|tiles| {
        edit(tiles, "tile/entries/001", |entries| {
            let text = String::from_utf8(entries[10].clone()).unwrap();
            entries[10] = text.replace("officer 2", "offiker 2").into_bytes();
        });
    });
    assert_eq!((edited.size, size_of(&edited)), (covered(266), newest));
    assert!(
        edited.faults.iter().any(|text| text.contains("entry 267 does not continue")),
        "{edited:?}"
    );
    assert!(!edited.proven.iter().any(|(seq, _)| *seq == 266));
    assert!(edited.proven.iter().any(|(seq, _)| *seq == 267));

    let swapped = broken("swapped", &|tiles| {
        edit(tiles, "tile/entries/001", |entries| entries.swap(10, 11));
    });
    assert_eq!(swapped.size, covered(266));

    // Entries that continue the record, under no head.
    let tail = broken("tail", &|tiles| {
        enrol(&store, 5000).unwrap();
        let entry = store.view().unwrap().entry(700).unwrap().unwrap();
        edit(tiles, "tile/entries/002.p/188", |entries| entries.push(entry));
    });
    assert_eq!((tail.size, size_of(&tail)), (700, None));
    assert!(
        tail.faults.iter().any(|text| text.contains("entries 700 to 700 are under no signed head")),
        "{tail:?}"
    );

    // A head that nobody signed, or of other entries, leads nowhere.
    let forged = broken("forged", &|tiles| {
        fs::write(tiles.dir().join("checkpoint"), note(&keys, KeyKind::Log, 690)).unwrap();
    });
    assert_eq!(forged.size, 700, "the bundles of heads hold the right one");
    assert!(
        forged.faults.iter().any(|text| text.contains("head of 690 entries is not")),
        "{forged:?}"
    );

    let torn =
        broken("torn", &|tiles| fs::write(tiles.dir().join("checkpoint"), "pd.exa").unwrap());
    assert_eq!(torn.size, 700);
    assert!(torn.faults[0].contains("checkpoint"), "{torn:?}");
}

#[test]
fn nothing_is_made_where_no_head_is_left() {
    let place = tempfile::tempdir().unwrap();
    let store = station(place.path(), &Keys::new(), 20);
    let tiles = Tiles::new(&place.path().join("tiles"));
    carry(&store, &tiles);
    fs::remove_file(tiles.dir().join("checkpoint")).unwrap();
    fs::remove_dir_all(tiles.dir().join("heads")).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let error = rebuild(dir.path(), &tiles).unwrap_err();
    assert!(error.message.contains("no entries that lead to a signed head"), "{error}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

/// A rotation within the record: heads before it are the old key's, after it the new one's.
#[test]
fn a_record_whose_log_key_was_rotated_comes_back_too() {
    use sealdock_core::event::KeyRotated;
    let place = tempfile::tempdir().unwrap();
    let keys = Keys::new();
    let store = founded(place.path(), &keys, 3);
    let hex = |bytes: [u8; 64]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    let kind = KeyKind::Log;
    let (old, new) = (keys.public(kind), keys.prepare_next(kind, None).unwrap());
    let [old_public, new_public] = [old, new].map(sealdock_chain::digest::Digest);
    let said = KeyRotated::statement(ORIGIN, kind, 2, &old_public, &new_public);
    let event = KeyRotated {
        key: kind,
        epoch: 2,
        old_public,
        new_public,
        old_signature: hex(keys.sign(kind, &said).unwrap()),
        new_signature: hex(keys.sign_next(kind, &said).unwrap()),
    };
    append(&store, vec![Event::KeyRotated(event)]).unwrap();
    keys.activate(kind, new).unwrap();
    enrol(&store, 7).unwrap();
    let tiles = Tiles::new(&place.path().join("tiles"));
    carry(&store, &tiles);
    let (dir, rebuilt) = made(tiles.dir());
    assert_eq!((rebuilt.size, rebuilt.faults), (6, vec![]));
    let outside: Outside = outside(&keys);
    let back = Store::open_with(dir.path(), outside).unwrap();
    assert_eq!(wrong(&back), [""; 0]);
}

/// Tiles of before a restore that lost entries: the record itself names their head, so nothing is stopped by it, and
/// nothing of them is overwritten.
#[test]
fn tiles_of_before_a_restore_that_lost_entries_get_another_name() {
    use sealdock_chain::digest::Digest;
    use sealdock_core::event::{KeyReplaced, Lost, OutsideHead, ReplaceCause, StationRestored};
    let place = tempfile::tempdir().unwrap();
    let old = Keys::new();
    let store = station(&place.path().join("."), &old, 20);
    let tiles = Tiles::new(&place.path().join("tiles"));
    carry(&store, &tiles);
    let root = store.view().unwrap().head().unwrap().checkpoint().root;
    let half = place.path().join("half");
    copy(tiles.dir(), &half);
    edit(&Tiles::new(&half), "tile/entries/000.p/20", |entries| entries.truncate(18));
    let (dir, rebuilt) = made(&half);
    assert!(rebuilt.size < 20);
    let new = Keys::new();
    let replaced = |kind| {
        let ready = new.prepare_next(kind, None).unwrap();
        new.activate(kind, ready).unwrap();
        let mut event = KeyReplaced {
            key: kind,
            epoch: 2,
            old_public: Digest(old.public(kind)),
            new_public: Digest(new.public(kind)),
            cause: ReplaceCause::Restored,
            since: None,
            reason: "fire".into(),
            old_signature: None,
            new_signature: String::new(),
        };
        let signed = new.sign(kind, &event.statement(ORIGIN)).unwrap();
        event.new_signature = signed.iter().map(|b| format!("{b:02x}")).collect();
        Event::KeyReplaced(event)
    };
    let heads = vec![OutsideHead { size: 20, root }];
    let mut events = vec![replaced(KeyKind::Log), replaced(KeyKind::Evidence)];
    events.push(Event::StationRestored(StationRestored {
        size: rebuilt.size,
        root: rebuilt.root,
        from: "/mnt".into(),
        lost: Lost::after(rebuilt.size, &heads),
        heads,
        pins_lost: true,
        reason: "fire".into(),
    }));
    let back = Store::open_replacing(dir.path(), outside(&new)).unwrap().without_secrets();
    append(&back, events).unwrap();
    assert_eq!(tiles.against(&*back.view().unwrap()).unwrap(), None);
    let before = files(tiles.dir());
    let carried = carry(&back, &tiles);
    assert_eq!(carried.before, 0);
    assert!(carried.mended[0].contains("tiles-of-20"), "{carried:?}");
    assert_eq!(files(&place.path().join("tiles-of-20")), before);
    let (_dir, again) = made(tiles.dir());
    assert_eq!((again.size, again.faults), (carried.size, vec![]));
}
