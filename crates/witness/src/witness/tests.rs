use super::*;
use crate::disk::{Fate, Step};
use crate::testing::{ORIGIN, Record, key, record};
use sealdock_chain::growth::Growth;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use tempfile::TempDir;

const NAME: &str = "court.example/w1";

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// A witness that knows the record.
fn made(folder: &TempDir) -> PathBuf {
    let dir = folder.path().join("w");
    let me = Witness::make(&dir, NAME).unwrap();
    assert!(me.add_log(&key(1)).unwrap());
    assert!(!me.add_log(&key(1)).unwrap());
    dir
}

fn asked(me: &Witness, record: &Record, (old, new): (u64, u64), now: u64) -> Answer {
    me.answer(record.request(old, new).to_string().as_bytes(), now)
}

fn size(answer: &Answer) -> (u16, String) {
    (answer.status, answer.body.trim_end().to_owned())
}

/// What the answer of a cosignature says about `new`.
fn cosigned(me: &Witness, record: &Record, new: u64, answer: &Answer) -> u64 {
    assert_eq!((answer.status, answer.says), (200, Says::Lines), "{answer:?}");
    let head = record.signed(new, 1).with_lines(&answer.body).unwrap();
    me.key().cosigned(&head).unwrap().expect("a cosignature")
}

#[test]
fn a_witness_goes_on_from_what_it_cosigned_across_restarts_and_never_back() {
    let folder = folder();
    let dir = made(&folder);
    let record = record("a", 0);
    let me = Witness::open(&dir).unwrap();
    assert_eq!(cosigned(&me, &record, 7, &asked(&me, &record, (0, 7), 100)), 100);
    drop(me);
    let me = Witness::open(&dir).unwrap();
    assert_eq!(size(&asked(&me, &record, (0, 5), 101)), (409, "7".into()));
    assert_eq!(size(&asked(&me, &record, (5, 6), 101)), (409, "7".into()));
    assert_eq!(cosigned(&me, &record, 12, &asked(&me, &record, (7, 12), 101)), 101);
    // The same head again, at a later time: an answer was lost on the way.
    assert_eq!(cosigned(&me, &record, 12, &asked(&me, &record, (12, 12), 102)), 102);
    let known = me.known().unwrap();
    assert_eq!((known[0].origin.as_str(), known[0].last), (ORIGIN, Some((12, 102))));
}

#[test]
fn a_witness_in_use_is_not_opened_twice_and_none_is_made_over_another() {
    let folder = folder();
    let dir = made(&folder);
    let me = Witness::open(&dir).unwrap();
    assert_eq!(Witness::open(&dir).unwrap_err().kind, Kind::Busy);
    assert_eq!(Witness::make(&dir, NAME).unwrap_err().kind, Kind::Refused);
    drop(me);
    Witness::open(&dir).unwrap();
    assert_eq!(Witness::open(folder.path()).unwrap_err().kind, Kind::Missing);
    assert_eq!(
        Witness::make(&folder.path().join("x"), "two words").unwrap_err().kind,
        Kind::Refused
    );
}

#[test]
fn another_history_is_kept_as_evidence_once_and_the_right_one_goes_on() {
    let folder = folder();
    let dir = made(&folder);
    let (ours, theirs) = (record("a", 0), record("b", 3));
    let me = Witness::open(&dir).unwrap();
    asked(&me, &ours, (0, 7), 100);
    for _ in 0..2 {
        assert_eq!(asked(&me, &theirs, (7, 9), 101).status, 422);
        let same = asked(&me, &theirs, (0, 7), 102);
        assert_eq!((size(&same), same.says), ((409, "7".into()), Says::OtherRoot));
    }
    // An older head and a stranger's request are refused, and speak against nobody.
    asked(&me, &theirs, (0, 5), 103);
    let stranger = Growth::new(7, vec![], ours.signed(9, 2).note().into()).to_string();
    assert_eq!(me.answer(stranger.as_bytes(), 103).status, 403);
    let kept = me.evidence().unwrap();
    assert_eq!(kept.len(), 2, "{kept:?}");
    for one in &kept {
        let read = |name: &str| fs::read_to_string(one.folder.join(name)).unwrap();
        let ours = SignedCheckpoint::open(&read("ours.note"), &key(1)).unwrap();
        let theirs = SignedCheckpoint::open(&read("theirs.note"), &key(1)).unwrap();
        assert_ne!(ours.checkpoint(), theirs.checkpoint());
        assert!(Growth::parse(&read("request.add-checkpoint")).is_ok());
        let two = one.why.contains("two heads of one size");
        assert_eq!(two, ours.checkpoint().size == theirs.checkpoint().size, "{}", one.why);
    }
    assert_eq!(cosigned(&me, &ours, 9, &asked(&me, &ours, (7, 9), 104)), 104);
}

#[test]
fn a_clock_behind_the_last_cosignature_signs_nothing_until_it_is_right() {
    let folder = folder();
    let dir = made(&folder);
    let record = record("a", 0);
    let me = Witness::open(&dir).unwrap();
    asked(&me, &record, (0, 7), 1000);
    let behind = asked(&me, &record, (7, 9), 999);
    assert_eq!((behind.status, behind.says), (503, Says::Why));
    assert!(behind.body.contains("clock"), "{}", behind.body);
    assert_eq!(cosigned(&me, &record, 9, &asked(&me, &record, (7, 9), 1000)), 1000);
}

#[test]
fn a_record_is_cosigned_under_its_next_key_once_that_is_known() {
    let folder = folder();
    let dir = made(&folder);
    let record = record("a", 0);
    let me = Witness::open(&dir).unwrap();
    asked(&me, &record, (0, 7), 1);
    let proof = sealdock_chain::tree::consistency_proof(&record, 7, 9).unwrap();
    let rotated = Growth::new(7, proof, record.signed(9, 2).note().to_owned()).to_string();
    assert_eq!(me.answer(rotated.as_bytes(), 2).status, 403);
    assert!(me.add_log(&key(2)).unwrap());
    assert_eq!(me.answer(rotated.as_bytes(), 2).status, 200);
    drop(me);
    assert_eq!(Witness::open(&dir).unwrap().known().unwrap()[0].last, Some((9, 2)));
}

/// Dies at the n-th durable step, once.
#[derive(Debug)]
struct DiesAt(AtomicUsize);

impl Faults for DiesAt {
    fn at(&self, _: Step, _: &Path) -> Fate {
        match self.0.fetch_sub(1, Ordering::Relaxed) {
            0 => Fate::Dies,
            _ => Fate::Goes,
        }
    }
}

fn dies_at(step: usize) -> Arc<dyn Faults> {
    Arc::new(DiesAt(AtomicUsize::new(step)))
}

/// Head, then roster, with two steps each: lost before the name, landed after it. No answer left, so either is right; and
/// whichever it was, no other history is cosigned afterwards.
#[test]
fn a_cosignature_that_was_lost_or_landed_is_asked_for_again_and_no_second_history_is_signed() {
    for step in 0..4 {
        for restarts in [true, false] {
            let folder = folder();
            let dir = made(&folder);
            let (ours, theirs) = (record("a", 0), record("b", 3));
            asked(&Witness::open(&dir).unwrap(), &ours, (0, 7), 100);
            let mut me = Witness::open_with(&dir, dies_at(step)).unwrap();
            let died = asked(&me, &ours, (7, 9), 101);
            assert_eq!((died.status, died.says), (503, Says::Why), "{step}");
            if restarts {
                drop(me);
                me = Witness::open(&dir).unwrap();
            }
            let landed = step > 0;
            let again = asked(&me, &ours, (7, 9), 102);
            let from = match landed {
                true => {
                    assert_eq!(size(&again), (409, "9".into()), "{step}");
                    assert_eq!(asked(&me, &theirs, (0, 9), 102).says, Says::OtherRoot, "{step}");
                    9
                }
                false => {
                    cosigned(&me, &ours, 9, &again);
                    9
                }
            };
            assert_eq!(asked(&me, &theirs, (from, 12), 103).status, 422, "{step}");
            cosigned(&me, &ours, 12, &asked(&me, &ours, (from, 12), 103));
            drop(me);
            assert_eq!(Witness::open(&dir).unwrap().known().unwrap()[0].last, Some((12, 103)));
        }
    }
}

#[test]
fn making_and_adding_that_were_cut_short_are_done_again() {
    for step in 0..4 {
        let folder = folder();
        let dir = folder.path().join("w");
        let died = Witness::make_with(&dir, NAME, dies_at(step));
        assert!(died.is_err(), "{step}");
        drop(died);
        // With the last step of the key it is one already.
        match step {
            3 => drop(Witness::open(&dir).unwrap()),
            _ => {
                assert_eq!(Witness::open(&dir).unwrap_err().kind, Kind::Missing, "{step}");
                drop(Witness::make(&dir, NAME).unwrap());
            }
        }
        let me = Witness::open_with(&dir, dies_at(step)).unwrap();
        assert!(me.add_log(&key(1)).is_err(), "{step}");
        drop(me);
        let me = Witness::open(&dir).unwrap();
        assert_eq!(me.add_log(&key(1)).unwrap(), step < 3, "{step}");
        assert_eq!(asked(&me, &record("a", 0), (0, 7), 1).status, 200);
    }
}

#[test]
fn evidence_that_was_lost_or_landed_is_kept_when_it_is_seen_again() {
    for step in 0..2 {
        let folder = folder();
        let dir = made(&folder);
        asked(&Witness::open(&dir).unwrap(), &record("a", 0), (0, 7), 100);
        let me = Witness::open_with(&dir, dies_at(step)).unwrap();
        assert_eq!(asked(&me, &record("b", 3), (0, 7), 101).status, 503, "{step}");
        assert_eq!(me.evidence().unwrap().len(), step, "{step}");
        assert_eq!(asked(&me, &record("b", 3), (0, 7), 102).status, 409);
        assert_eq!(me.evidence().unwrap().len(), 1);
    }
}

/// Every file that a roster or a key vouches for, gone or as it was before the last cosignature.
#[test]
fn a_witness_that_lost_a_part_of_its_memory_does_not_start() {
    let folder = folder();
    let dir = made(&folder);
    let record = record("a", 0);
    let head = dir.join("logs").join(origin_hash(ORIGIN)).join("head");
    let empty = fs::read(&head).unwrap();
    let me = Witness::open(&dir).unwrap();
    asked(&me, &record, (0, 7), 100);
    let earlier = fs::read(&head).unwrap();
    let earlier_roster = fs::read(dir.join("roster")).unwrap();
    asked(&me, &record, (7, 9), 101);
    drop(me);
    let whole: Vec<(PathBuf, Vec<u8>)> = [head.clone(), dir.join("roster"), dir.join("key")]
        .map(|p| (p.clone(), fs::read(&p).unwrap()))
        .into();
    let mut other = fs::read(&head).unwrap();
    let last = other.len() - 10;
    other[last] ^= 1;
    let no_log = b"sealdock-witness-v1\nend\n".to_vec();
    let faults: [(&str, &Path, Option<&[u8]>); 9] = [
        ("head gone", &head, None),
        ("head empty", &head, Some(&empty)),
        ("head put back", &head, Some(&earlier)),
        ("head of other bytes", &head, Some(&other)),
        ("head of nobody", &head, Some(b"x")),
        ("roster gone", &dir.join("roster"), None),
        ("roster cut", &dir.join("roster"), Some(b"sealdock-witness-v1\n")),
        ("roster of before the record", &dir.join("roster"), Some(&no_log)),
        ("key gone", &dir.join("key"), None),
    ];
    for (fault, path, bytes) in faults {
        match bytes {
            Some(bytes) => fs::write(path, bytes).unwrap(),
            None => fs::remove_file(path).unwrap(),
        }
        let error = Witness::open(&dir).expect_err(fault);
        assert_eq!(error.kind, Kind::Damaged, "{fault}: {error}");
        assert!(error.message.contains("retire it"), "{fault}: {error}");
        for (path, bytes) in &whole {
            let _gone = fs::remove_file(path);
            crate::disk::write_synced(path, bytes).unwrap();
        }
        Witness::open(&dir).expect(fault);
    }
    // A head is signed by both: an older roster beside it changes nothing.
    fs::write(dir.join("roster"), earlier_roster).unwrap();
    let me = Witness::open(&dir).unwrap();
    assert_eq!(size(&asked(&me, &record, (7, 9), 102)), (409, "9".into()));
    // Lost while it runs: it stops as well.
    fs::remove_file(&head).unwrap();
    let stopped = asked(&me, &record, (9, 12), 103);
    assert!(stopped.status == 503 && stopped.body.contains("retire it"), "{stopped:?}");
}

#[test]
fn nobody_is_a_witness_of_themselves() {
    let folder = folder();
    let me = Witness::open(&made(&folder)).unwrap();
    let own = VerifierKey::new("x.example/s", *me.key().public()).unwrap();
    assert_eq!(me.add_log(&own).unwrap_err().kind, Kind::Refused);
    assert_eq!(me.known().unwrap().len(), 1);
}

#[test]
fn a_key_open_to_others_is_not_used() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder();
    let dir = made(&folder);
    for path in ["key", "roster", "lock"].map(|name| dir.join(name)) {
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o077, 0, "{}", path.display());
    }
    fs::set_permissions(dir.join("key"), fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(Witness::open(&dir).unwrap_err().kind, Kind::Refused);
}
