//! A record watched from outside: what each round says of a station that is honest, broken, or has two stories.
#![allow(clippy::unwrap_used)]

#[path = "monitor/log.rs"]
mod log;

use log::{Log, other_story};
use sealdock_chain::note::{SignedCheckpoint, VerifierKey};
use sealdock_chain::tree::verify_consistency;
use sealdock_verify::monitor::{Fork, Memory, MemoryError, Record, Round, Tiles};
use std::fs;
use std::path::Path;

/// A monitor's folder, and the mirror that it watches.
struct Bench {
    dir: tempfile::TempDir,
    keys: Vec<VerifierKey>,
}

impl Bench {
    fn new(log: &Log) -> Self {
        Self { dir: tempfile::tempdir().unwrap(), keys: vec![log.first_key()] }
    }

    fn tiles(&self) -> std::path::PathBuf {
        self.dir.path().join("tiles")
    }

    fn kept(&self) -> std::path::PathBuf {
        self.dir.path().join("kept")
    }

    fn publish(&self, log: &Log, size: u64) {
        let _absent = fs::remove_dir_all(self.tiles());
        log.publish(&self.tiles(), size);
    }

    /// One round as the program does it: recalled, read, and kept where it grew.
    fn round(&self) -> Round {
        let memory = Memory::open(&self.kept()).unwrap();
        let mut record = memory.recall().unwrap();
        let from = record.size();
        let round = record.round(&Tiles::new(&self.tiles()), &self.keys);
        if matches!(round, Round::Grew(..)) {
            memory.keep(&record, from).unwrap();
        }
        round
    }

    fn recall(&self) -> Result<Record, MemoryError> {
        Memory::open(&self.kept()).unwrap().recall()
    }
}

/// The fork is proven to whoever holds the key alone.
fn proves(fork: &Fork, key: &VerifierKey) {
    assert_eq!(fork.keys, [key.clone(), key.clone()]);
    let smaller = SignedCheckpoint::open(&fork.smaller, key).unwrap();
    let larger = SignedCheckpoint::open(&fork.larger, key).unwrap();
    let (old, new) = (smaller.checkpoint(), larger.checkpoint());
    verify_consistency(old.size, &fork.root, new.size, &new.root, &fork.hashes).unwrap();
    assert_ne!(fork.root, old.root);
}

#[test]
fn a_record_that_only_grows_is_followed_over_every_width_of_tile() {
    let log = Log::new(700);
    let bench = Bench::new(&log);
    let mut before = 0;
    for size in [1, 2, 255, 256, 257, 511, 512, 513, 700] {
        bench.publish(&log, size);
        assert_eq!(bench.round(), Round::Grew(before, size));
        assert_eq!(bench.round(), Round::Same(size));
        before = size;
    }
    assert_eq!(bench.recall().unwrap().size(), 700);
    assert_eq!(fs::read_dir(bench.kept().join("heads")).unwrap().count(), 9);
}

#[test]
fn a_mirror_that_keeps_full_tiles_alone_is_read_as_well() {
    let log = Log::new(300);
    let bench = Bench::new(&log);
    bench.publish(&log, 200);
    assert_eq!(bench.round(), Round::Grew(0, 200));
    log.publish(&bench.tiles(), 300);
    fs::write(bench.tiles().join("checkpoint"), log.head(220)).unwrap();
    fs::remove_dir_all(bench.tiles().join("tile/entries/000.p")).unwrap();
    assert_eq!(bench.round(), Round::Grew(200, 220));
}

#[test]
fn an_older_head_of_the_same_record_is_said_and_nothing_is_forgotten() {
    let log = Log::new(40);
    let bench = Bench::new(&log);
    bench.publish(&log, 40);
    bench.round();
    bench.publish(&log, 30);
    assert_eq!(bench.round(), Round::Older { kept: 40, shown: 30 });
    bench.publish(&log, 40);
    assert_eq!(bench.round(), Round::Same(40));
}

/// Attacks 2, 4 and 5: whoever has the key signs another story, of more entries, as many, or fewer.
#[test]
fn another_history_under_the_same_key_is_proven() {
    let (log, forged) = (Log::new(40), other_story(60, 20));
    let bench = Bench::new(&log);
    bench.publish(&log, 40);
    bench.round();
    for size in [60, 41, 40, 30, 21] {
        bench.publish(&forged, size);
        let Round::Forked(fork) = bench.round() else { panic!("{size}: {:?}", bench.round()) };
        proves(&fork, &bench.keys[0]);
    }
    // What was kept is enough, where no more entries are shown: the mirror's own tiles are not asked.
    bench.publish(&forged, 40);
    fs::remove_dir_all(bench.tiles().join("tile")).unwrap();
    assert!(matches!(bench.round(), Round::Forked(_)));
    // Up to there both say the same.
    bench.publish(&forged, 20);
    assert_eq!(bench.round(), Round::Older { kept: 40, shown: 20 });
    assert_eq!(bench.recall().unwrap().size(), 40);
}

#[test]
fn what_leads_to_no_signed_head_is_a_torn_mirror_and_no_accusation() {
    let log = Log::new(300);
    let bench = Bench::new(&log);
    bench.publish(&log, 200);
    bench.round();
    let whole = || bench.publish(&log, 300);
    let torn = |what: &str| {
        let round = bench.round();
        assert!(matches!(round, Round::Torn(_)), "{what}: {round:?}");
    };
    whole();
    fs::remove_file(bench.tiles().join("tile/entries/001.p/44")).unwrap();
    torn("a bundle that is not there yet");
    whole();
    log::change(&bench.tiles().join("tile/entries/001.p/44"), |bytes| bytes.truncate(40));
    torn("a bundle that was cut");
    whole();
    log::change(&bench.tiles().join("tile/entries/001.p/44"), |bytes| bytes[9] ^= 1);
    torn("an entry that nobody signed");
    log::change(&bench.tiles().join("tile/0/001.p/44"), |bytes| bytes[9] ^= 1);
    torn("and a hash");
    whole();
    log::change(&bench.tiles().join("tile/entries/001.p/44"), |bytes| bytes[9] ^= 1);
    fs::remove_file(bench.tiles().join("tile/0/000")).unwrap();
    torn("and no hashes");
    // Somebody's tiles under an honest head: nobody signed that other beginning.
    bench.publish(&other_story(300, 20), 300);
    fs::write(bench.tiles().join("checkpoint"), log.head(300)).unwrap();
    torn("tiles of another story");
    whole();
    assert_eq!(bench.round(), Round::Grew(200, 300));
}

#[test]
fn a_head_by_another_key_or_of_another_record_is_strange() {
    let log = Log::new(10);
    let bench = Bench::new(&log);
    bench.publish(&log, 5);
    bench.round();
    let strange = |note: String| {
        fs::write(bench.tiles().join("checkpoint"), note).unwrap();
        let round = bench.round();
        assert!(matches!(round, Round::Strange(_)), "{round:?}");
    };
    bench.publish(&log, 10);
    strange(Log::with_seed(10, 9).head(10));
    strange(log.head(10).replace("test.example", "text.example"));
    strange(log.head(10).replacen("10", "09", 1));
    strange(String::new());
    strange("a\nb\nc\n".to_owned());
    let mut own = Bench::new(&Log::with_seed(1, 9));
    own.publish(&log, 10);
    assert!(matches!(own.round(), Round::Strange(_)), "the first head too");
    own.keys.clear();
    assert!(matches!(own.round(), Round::Strange(_)), "and without any key");
}

#[test]
fn a_rotated_key_is_followed_where_both_keys_signed() {
    let log = Log::new(10).rotated(true).grown(10);
    let bench = Bench::new(&log);
    bench.publish(&log, 8);
    assert_eq!(bench.round(), Round::Grew(0, 8));
    bench.publish(&log, 21);
    assert_eq!(bench.round(), Round::Grew(8, 21));
    bench.publish(&log, 15);
    assert_eq!(bench.round(), Round::Older { kept: 21, shown: 15 });

    let thief = Log::new(10).rotated(false).grown(10);
    let bench = Bench::new(&thief);
    bench.publish(&thief, 8);
    bench.round();
    bench.publish(&thief, 21);
    assert!(matches!(bench.round(), Round::Strange(_)), "the old key did not sign");
}

#[test]
fn a_signed_head_over_what_is_no_entry_is_the_stations_own_fault() {
    let log = Log::new(10).with_raw(b"no entry".to_vec()).grown(2);
    let bench = Bench::new(&log);
    bench.publish(&log, 10);
    bench.round();
    bench.publish(&log, 13);
    assert!(matches!(bench.round(), Round::Rotten(10, _)));
    let log = Log::new(10).unlinked().grown(2);
    let bench = Bench::new(&log);
    bench.publish(&log, 13);
    assert!(matches!(bench.round(), Round::Rotten(10, _)));
    assert_eq!(bench.recall().unwrap().size(), 0);
}

#[test]
fn a_damaged_memory_is_never_begun_anew() {
    let log = Log::new(10);
    let damaged = |harm: &dyn Fn(&Path)| {
        let bench = Bench::new(&log);
        bench.publish(&log, 10);
        bench.round();
        harm(&bench.kept());
        assert!(matches!(bench.recall(), Err(MemoryError::Damaged(..))), "{:?}", bench.recall());
    };
    damaged(&|kept| fs::remove_file(kept.join("state.json")).unwrap());
    damaged(&|kept| fs::write(kept.join("state.json"), "{}").unwrap());
    damaged(&|kept| log::change(&kept.join("leaves"), |bytes| bytes.truncate(310)));
    damaged(&|kept| log::change(&kept.join("leaves"), |bytes| bytes[300] ^= 1));
    damaged(&|kept| {
        log::change(&kept.join("state.json"), |bytes| {
            let text = String::from_utf8(bytes.clone()).unwrap();
            *bytes = text.replace("\"v\":1", "\"v\":2").into_bytes();
        })
    });
}

/// Failed and lost, failed but landed: wherever a round was cut short, the next one comes to the same.
#[test]
fn a_round_that_was_cut_short_is_done_again() {
    let log = Log::new(30);
    let bench = Bench::new(&log);
    bench.publish(&log, 10);
    bench.round();
    let state = fs::read(bench.kept().join("state.json")).unwrap();
    bench.publish(&log, 30);
    bench.round();
    // Leaves and head landed, the state did not.
    fs::write(bench.kept().join("state.json"), &state).unwrap();
    fs::write(bench.kept().join("state.new"), "half").unwrap();
    assert_eq!(bench.round(), Round::Grew(10, 30));
    // Half of the leaves landed.
    fs::write(bench.kept().join("state.json"), &state).unwrap();
    log::change(&bench.kept().join("leaves"), |bytes| bytes.truncate(15 * 32 + 7));
    assert_eq!(bench.round(), Round::Grew(10, 30));
    assert_eq!(bench.recall().unwrap().size(), 30);
    // The very first round, cut before its state.
    let bench = Bench::new(&log);
    bench.publish(&log, 10);
    fs::create_dir_all(bench.kept()).unwrap();
    fs::write(bench.kept().join("leaves"), [1; 64]).unwrap();
    assert_eq!(bench.round(), Round::Grew(0, 10));
    assert_eq!(bench.recall().unwrap().size(), 10);
}

#[test]
fn two_monitors_do_not_share_a_memory() {
    let bench = Bench::new(&Log::new(1));
    let held = Memory::open(&bench.kept()).unwrap();
    assert!(matches!(Memory::open(&bench.kept()), Err(MemoryError::Busy(_))));
    drop(held);
    assert!(Memory::open(&bench.kept()).is_ok());
}

#[test]
fn a_folder_of_something_else_is_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("leaves"), "of a tree").unwrap();
    fs::write(dir.path().join("chain.db"), "a station").unwrap();
    let refused = Memory::open(dir.path());
    assert!(matches!(refused, Err(MemoryError::Occupied(_, name)) if name == "chain.db"));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    assert_eq!(fs::read_to_string(dir.path().join("leaves")).unwrap(), "of a tree");
}
