//! Every durable step fails once, lost or landed; then everything is done again, as the station does
//! it; and the vault ends as if nothing had happened.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod common;

use common::{bytes, dir, keep, options, read_all, sealed, with, write};
use rustix::process::{Signal, getpid, kill_process};
use sealdock_core::Digest;
use sealdock_core::ports::{Found, Kind, Place, PortError, PortResult, Vault};
use sealdock_testkit::permit::to_dispose;
use sealdock_vault::{DiskVault, Errno, Faults, Outcome, Step, VaultOptions};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// The `nth` occurrence of `step` has `outcome`, all else happens. Says whether it came to that.
fn once(step: Step, nth: usize, outcome: Outcome) -> (Faults, Arc<AtomicBool>) {
    let (seen, hit) = (AtomicUsize::new(0), Arc::new(AtomicBool::new(false)));
    let hit_inside = Arc::clone(&hit);
    let faults = Faults::scripted(move |now| {
        if now != step || seen.fetch_add(1, Ordering::SeqCst) != nth {
            return Outcome::Happens;
        }
        hit_inside.store(true, Ordering::SeqCst);
        outcome
    });
    (faults, hit)
}

fn work(at: &Path, faults: &Faults) -> PortResult<()> {
    let vault = match DiskVault::create_with(at, with(faults.clone())) {
        Ok(vault) => vault,
        // The founding before this one got that far.
        Err(error) if error.message.contains("is a vault already") => {
            DiskVault::open_with(at, with(faults.clone()))?
        }
        Err(error) => return Err(error),
    };
    vault.sweep_incoming()?;
    let clip = bytes(1, 1_100_000);
    keep(&vault, &clip)?;
    sealed(&vault, b"half a clip")?.keep(&Place::Aside(Digest::of(b"half a clip")))?;
    vault.put_object(b"a listing")?;
    vault.put_sidecar(Digest::of(&clip), "sshsig", b"a signature")?;
    // What was disposed of in a run before is stored anew and goes again.
    keep(&vault, GOING)?;
    vault.put_sidecar(Digest::of(GOING), "chunks", b"leaves")?;
    vault.remove(to_dispose(Digest::of(GOING), GOING.len() as u64))
}

/// A clip that is disposed of.
const GOING: &[u8] = b"a clip whose time is over";

/// What the vault holds in the end, and that all of it is what it should be.
fn state(at: &Path) -> Vec<Found> {
    let vault = DiskVault::open_with(at, options()).unwrap();
    vault.sweep_incoming().unwrap();
    let clip = bytes(1, 1_100_000);
    let kept = Place::Kept(Digest::of(&clip));
    assert!(read_all(&mut *vault.open(&kept).unwrap()).unwrap() == clip);
    assert_eq!(vault.read(&Place::Object(Digest::of(b"a listing"))).unwrap(), b"a listing");
    assert_eq!(vault.read(&Place::Aside(Digest::of(b"half a clip"))).unwrap(), b"half a clip");
    assert_eq!(
        vault.read(&Place::Sidecar(Digest::of(&clip), "sshsig".into())).unwrap(),
        b"a signature"
    );
    let mut found = vault.inventory().unwrap();
    found.sort_by(|a, b| a.place.cmp(&b.place));
    found
}

#[test]
fn every_step_lost_or_landed_then_done_again_ends_the_same() {
    let dir = dir();
    let smooth = dir.path().join("smooth");
    work(&smooth, &Faults::default()).unwrap();
    let expected = state(&smooth);
    assert_eq!(expected.len(), 4);
    let mut tried = 0;
    for (step, nth) in every_step() {
        for outcome in [Outcome::Lost(Errno::IO), Outcome::Landed(Errno::IO)] {
            let at = dir.path().join(tried.to_string());
            let (faults, hit) = once(step, nth, outcome);
            let first = work(&at, &faults);
            assert!(hit.load(Ordering::SeqCst), "{step:?} #{nth} is a step of this work");
            assert!(first.is_err(), "{step:?} #{nth} {outcome:?} must not go unsaid");
            work(&at, &faults).unwrap_or_else(|e| panic!("{step:?} #{nth} {outcome:?} again: {e}"));
            assert_eq!(state(&at), expected, "after {step:?} #{nth} {outcome:?}");
            tried += 1;
        }
    }
    assert!(tried > 60, "only {tried} faults were tried");
}

/// Every step of the work, numbered within its kind.
fn every_step() -> Vec<(Step, usize)> {
    let steps = Arc::new(Mutex::new(Vec::new()));
    let inside = Arc::clone(&steps);
    let dir = dir();
    let counting = Faults::scripted(move |step| {
        let mut steps = inside.lock().unwrap();
        let nth = steps.iter().filter(|(kind, _)| *kind == step).count();
        steps.push((step, nth));
        Outcome::Happens
    });
    work(&dir.path().join("counted"), &counting).unwrap();
    let steps = steps.lock().unwrap().clone();
    assert!(Step::ALL.iter().all(|step| steps.contains(&(*step, 0))), "every kind of step occurs");
    steps
}

/// The test starts itself again with this set; that process works in the directory it names and is
/// killed before the step whose number is behind the colon.
const VICTIM: &str = "SEALDOCK_VAULT_VICTIM";

#[test]
fn killed_before_every_step_then_done_again_ends_the_same() {
    if let Ok(victim) = std::env::var(VICTIM) {
        let (at, step) = victim.rsplit_once(':').unwrap();
        return die_at(Path::new(at), step.parse().unwrap());
    }
    let dir = dir();
    let smooth = dir.path().join("smooth");
    work(&smooth, &Faults::default()).unwrap();
    let expected = state(&smooth);
    for number in 0..every_step().len() {
        let at = dir.path().join(number.to_string());
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "killed_before_every_step_then_done_again_ends_the_same"])
            .env(VICTIM, format!("{}:{number}", at.display()))
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert_eq!(status.signal(), Some(9), "the process was killed before step {number}");
        work(&at, &Faults::default()).unwrap_or_else(|e| panic!("after the kill at {number}: {e}"));
        assert_eq!(state(&at), expected, "after the kill before step {number}");
    }
}

fn die_at(at: &Path, number: usize) {
    let seen = AtomicUsize::new(0);
    let faults = Faults::scripted(move |_| {
        if seen.fetch_add(1, Ordering::SeqCst) == number {
            kill_process(getpid(), Signal::KILL).unwrap();
        }
        Outcome::Happens
    });
    work(at, &faults).unwrap();
}

#[test]
fn steps_come_in_the_order_that_makes_them_durable() {
    let dir = dir();
    let at = dir.path().join("vault");
    drop(DiskVault::create_with(&at, options()).unwrap());
    let steps = Arc::new(Mutex::new(Vec::new()));
    let inside = Arc::clone(&steps);
    let watch = Faults::scripted(move |step| {
        inside.lock().unwrap().push(step);
        Outcome::Happens
    });
    let vault = DiskVault::open_with(&at, with(watch)).unwrap();
    let taken = || std::mem::take(&mut *steps.lock().unwrap());
    assert_eq!(taken(), [Step::SyncDir], "the marker is durable before anything is kept");
    use Step::{Allocate, CreateFile, MakeDir, Rename, SyncDir, SyncFile, Truncate, Write};
    keep(&vault, b"clip").unwrap();
    let copy = [CreateFile, Allocate, Write, Truncate, SyncFile];
    let shelves = [MakeDir, SyncDir, MakeDir, SyncDir];
    assert_eq!(taken(), [&copy[..], &shelves, &[Rename, SyncDir]].concat());
    // A second time the directories are known, and what was there is synced all the same.
    assert!(!keep(&vault, b"clip").unwrap());
    assert_eq!(taken(), [&copy[..], &[Rename, SyncDir]].concat());
}

#[test]
fn a_failed_sync_kills_the_copy_for_good() {
    let dir = dir();
    let at = dir.path().join("vault");
    for outcome in [Outcome::Lost(Errno::IO), Outcome::Landed(Errno::IO)] {
        let (faults, _) = once(Step::SyncFile, usize::from(!at.exists()), outcome);
        let vault = DiskVault::open_with(&at, with(faults.clone()))
            .or_else(|_| DiskVault::create_with(&at, with(faults)))
            .unwrap();
        let mut copy = vault.begin(4).unwrap();
        write(&mut *copy, b"clip").unwrap();
        let error = copy.seal().unwrap_err();
        assert_eq!(error.kind, Kind::Failed);
        assert!(error.message.ends_with("this copy is dead, copy the file again"), "{error}");
        // The script would let the next sync pass: the latch must not ask.
        let dead = |error: PortError| assert!(error.message.contains("is dead (sync"), "{error}");
        dead(copy.seal().unwrap_err());
        dead(write(&mut *copy, b"more").unwrap_err());
        dead(copy.read_back().err().unwrap());
        dead(copy.keep(&Place::Kept(Digest::of(b"clip"))).unwrap_err());
        assert_eq!(vault.inventory().unwrap(), [], "the dead copy is gone, nothing was kept");
    }
}

#[test]
fn a_failed_write_or_cut_kills_the_copy_too() {
    let dir = dir();
    let at = dir.path().join("vault");
    drop(DiskVault::create_with(&at, options()).unwrap());
    for step in [Step::Write, Step::Truncate] {
        let (faults, _) = once(step, 0, Outcome::Landed(Errno::NOSPC));
        let vault = DiskVault::open_with(&at, with(faults)).unwrap();
        let mut copy = vault.begin(4).unwrap();
        let error = write(&mut *copy, b"clip").and_then(|()| copy.seal()).unwrap_err();
        assert_eq!(error.kind, Kind::NoSpace);
        assert!(copy.seal().unwrap_err().message.contains("copy the file again"));
        copy.discard().unwrap();
    }
}

#[test]
fn whether_a_name_is_durable_is_unknown_after_a_failed_directory_sync() {
    let dir = dir();
    let at = dir.path().join("vault");
    drop(DiskVault::create_with(&at, options()).unwrap());
    // Opening is the first sync of a directory, two levels of directories follow.
    for (step, nth) in [(Step::SyncDir, 3), (Step::Rename, 0)] {
        for outcome in [Outcome::Lost(Errno::IO), Outcome::Landed(Errno::IO)] {
            let (faults, hit) = once(step, nth, outcome);
            let vault = DiskVault::open_with(&at, with(faults)).unwrap();
            let clip = format!("{step:?} {outcome:?}");
            assert_eq!(keep(&vault, clip.as_bytes()).unwrap_err().kind, Kind::Unknown);
            assert!(hit.load(Ordering::SeqCst));
        }
    }
}

#[test]
fn an_interrupted_write_goes_on() {
    let dir = dir();
    let at = dir.path().join("vault");
    drop(DiskVault::create_with(&at, options()).unwrap());
    let (faults, hit) = once(Step::Write, 1, Outcome::Lost(Errno::INTR));
    let vault = DiskVault::open_with(&at, with(faults)).unwrap();
    assert!(keep(&vault, &bytes(4, 2_000_001)).unwrap());
    assert!(hit.load(Ordering::SeqCst));
}

#[test]
fn a_disk_that_cannot_allocate_ahead_still_takes_copies() {
    let dir = dir();
    let (faults, hit) = once(Step::Allocate, 0, Outcome::Lost(Errno::OPNOTSUPP));
    let vault = DiskVault::create_with(&dir.path().join("vault"), with(faults)).unwrap();
    assert!(keep(&vault, &bytes(5, 1_048_577)).unwrap());
    assert!(hit.load(Ordering::SeqCst));
}

#[test]
fn a_removal_takes_sidecars_first_and_is_durable_last() {
    let dir = dir();
    let at = dir.path().join("vault");
    let vault = DiskVault::create_with(&at, options()).unwrap();
    keep(&vault, GOING).unwrap();
    vault.put_sidecar(Digest::of(GOING), "chunks", b"leaves").unwrap();
    drop(vault);
    let steps = Arc::new(Mutex::new(Vec::new()));
    let inside = Arc::clone(&steps);
    let watch = Faults::scripted(move |step| {
        inside.lock().unwrap().push(step);
        Outcome::Happens
    });
    let vault = DiskVault::open_with(&at, with(watch)).unwrap();
    steps.lock().unwrap().clear();
    let permit = || to_dispose(Digest::of(GOING), GOING.len() as u64);
    vault.remove(permit()).unwrap();
    let taken = || std::mem::take(&mut *steps.lock().unwrap());
    use Step::{SyncDir, Unlink, Unlock};
    assert_eq!(taken(), [Unlink, Unlock, Unlink, SyncDir]);
    vault.remove(permit()).unwrap();
    assert_eq!(taken(), [SyncDir], "what is gone already is made durable");
    assert_eq!(vault.inventory().unwrap(), []);
}

#[test]
fn a_removal_that_failed_says_whether_it_is_known_what_is_there() {
    let cases = [
        (Step::Unlink, Errno::IO, Kind::Unknown),
        (Step::SyncDir, Errno::IO, Kind::Unknown),
        (Step::Unlink, Errno::PERM, Kind::Failed),
        (Step::Unlink, Errno::ROFS, Kind::ReadOnly),
        (Step::Unlock, Errno::PERM, Kind::Failed),
        (Step::Unlock, Errno::IO, Kind::Failed),
    ];
    for (step, errno, kind) in cases {
        for outcome in [Outcome::Lost(errno), Outcome::Landed(errno)] {
            let dir = dir();
            let at = dir.path().join("vault");
            keep(&DiskVault::create_with(&at, options()).unwrap(), GOING).unwrap();
            // Opening is the first sync of a directory.
            let (faults, hit) = once(step, usize::from(step == Step::SyncDir), outcome);
            let vault = DiskVault::open_with(&at, with(faults)).unwrap();
            let permit = || to_dispose(Digest::of(GOING), GOING.len() as u64);
            let error = vault.remove(permit()).unwrap_err();
            assert!(hit.load(Ordering::SeqCst), "{step:?}");
            assert_eq!(error.kind, kind, "{step:?} {outcome:?}: {error}");
            let there = vault.size(&Place::Kept(Digest::of(GOING))).unwrap().is_some();
            let lost = matches!(outcome, Outcome::Lost(_));
            let went = step == Step::SyncDir || (step == Step::Unlink && !lost);
            assert_eq!(there, !went, "{step:?} {outcome:?}");
            vault.remove(permit()).unwrap();
            assert_eq!(vault.inventory().unwrap(), [], "{step:?} {outcome:?}, then again");
        }
    }
}

#[test]
fn the_immutable_flag_does_not_keep_what_may_go() {
    let dir = dir();
    let at = dir.path().join("vault");
    let immutable = || VaultOptions { immutable: true, ..options() };
    let vault = DiskVault::create_with(&at, immutable()).unwrap();
    keep(&vault, GOING).unwrap();
    let hex = Digest::of(GOING).to_string();
    let file = at.join("kept").join(&hex[..2]).join(&hex[2..4]).join(&hex);
    if std::fs::remove_file(&file).is_ok() {
        // No flag on this file system, or no right to set it: then there is nothing to show.
        keep(&vault, GOING).unwrap();
    }
    vault.remove(to_dispose(Digest::of(GOING), GOING.len() as u64)).unwrap();
    assert!(!file.exists());
}
