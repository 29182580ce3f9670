//! A bay sees recorders come and go: folders, and volumes that something else mounts.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Volume, line, put, remounting, run};
use sealdock_core::ports::{Kind, Recorder as _};
use sealdock_device::FolderRecorder;
use sealdock_device::bays::{BayEvent, FolderBay};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

const SETTLE: Duration = Duration::from_millis(300);
/// Long enough for anything to happen that will.
const PATIENCE: Duration = Duration::from_secs(10);
/// Long enough that something that must not happen would have.
const SILENCE: Duration = Duration::from_millis(900);

fn watch(dir: &Path) -> (FolderBay, Receiver<BayEvent>) {
    let (sender, events) = channel();
    let bay = FolderBay::watch("bay-1".parse().unwrap(), dir, SETTLE, sender).unwrap();
    (bay, events)
}

fn next(events: &Receiver<BayEvent>) -> BayEvent {
    events.recv_timeout(PATIENCE).expect("the bay sees it")
}

fn silent(events: &Receiver<BayEvent>) {
    if let Ok(event) = events.recv_timeout(SILENCE) {
        panic!("nothing happened, but the bay says {event:?}");
    }
}

fn plugged(bay: &Path, name: &str, epoch: u64) -> BayEvent {
    let path = bay.canonicalize().unwrap().join(name);
    BayEvent::Plugged { bay: "bay-1".parse().unwrap(), name: name.to_owned(), path, epoch }
}

fn unplugged(name: &str) -> BayEvent {
    BayEvent::Unplugged { bay: "bay-1".parse().unwrap(), name: name.to_owned() }
}

#[test]
fn recorders_are_plugged_when_they_have_settled_and_unplugged_when_they_go() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "A/a.mp4", b"there before");
    let (_bay, events) = watch(dir.path());
    assert_eq!(next(&events), plugged(dir.path(), "A", 1));
    put(dir.path(), "B/a.mp4", b"x");
    assert_eq!(next(&events), plugged(dir.path(), "B", 2));
    std::fs::remove_dir_all(dir.path().join("A")).unwrap();
    assert_eq!(next(&events), unplugged("A"));
    put(dir.path(), "A/a.mp4", b"again");
    assert_eq!(next(&events), plugged(dir.path(), "A", 3));
    silent(&events);
}

#[test]
fn a_recorder_that_still_changes_is_not_plugged_yet() {
    let dir = tempfile::tempdir().unwrap();
    let (_bay, events) = watch(dir.path());
    let began = Instant::now();
    for part in 0..8u8 {
        put(dir.path(), "A/a.mp4", &vec![part; 100 * usize::from(part)]);
        std::thread::sleep(Duration::from_millis(100));
        assert!(events.try_recv().is_err(), "part {part} is only just written");
    }
    assert_eq!(next(&events), plugged(dir.path(), "A", 1));
    assert!(began.elapsed() >= Duration::from_millis(800) + SETTLE);
}

#[test]
fn only_real_directories_are_recorders() {
    let dir = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let (_bay, events) = watch(dir.path());
    put(dir.path(), ".hidden/a.mp4", b"x");
    put(dir.path(), "a.mp4", b"x");
    std::os::unix::fs::symlink(elsewhere.path(), dir.path().join("link")).unwrap();
    silent(&events);
}

#[test]
fn a_bay_that_is_none_is_an_error_at_once() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "file", b"x");
    let watch = |name: &str| {
        let (sender, _events) = channel();
        let bay = "bay-1".parse().unwrap();
        FolderBay::watch(bay, &dir.path().join(name), SETTLE, sender).map(|_| ()).unwrap_err()
    };
    let missing = watch("nowhere");
    assert!(
        missing.kind == Kind::Missing && missing.message.contains("create it first"),
        "{missing}"
    );
    assert_eq!(watch("file").kind, Kind::Invalid);
}

#[test]
fn a_bay_that_goes_and_comes_back_is_watched_again() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "bay/A/a.mp4", b"x");
    let (_bay, events) = watch(&dir.path().join("bay"));
    assert_eq!(next(&events), plugged(&dir.path().join("bay"), "A", 1));
    std::fs::rename(dir.path().join("bay"), dir.path().join("away")).unwrap();
    assert_eq!(next(&events), unplugged("A"));
    std::fs::rename(dir.path().join("away"), dir.path().join("bay")).unwrap();
    assert_eq!(next(&events), plugged(&dir.path().join("bay"), "A", 2));
}

#[test]
fn a_mounted_volume_is_noticed_and_so_is_its_end() {
    let mut volume = Volume::new();
    let bay_dir = volume.point("bay");
    let (_bay, events) = watch(&bay_dir);
    let point = volume.point("bay/CARD");
    volume.mount(&point, "rw");
    assert_eq!(next(&events), plugged(&bay_dir, "CARD", 1));
    run("umount", &[point.to_str().unwrap()]);
    assert_eq!(next(&events), unplugged("CARD"));
    silent(&events);
    volume.mount(&point, "rw");
    assert_eq!(next(&events), plugged(&bay_dir, "CARD", 2));
    std::thread::sleep(Duration::from_millis(50));
    // Swapped faster than anybody looks: still another plug-in.
    rustix::mount::unmount(&point, rustix::mount::UnmountFlags::DETACH).unwrap();
    volume.mount(&point, "rw");
    assert_eq!(next(&events), unplugged("CARD"));
    assert_eq!(next(&events), plugged(&bay_dir, "CARD", 3));
}

#[test]
fn the_stations_own_remount_is_no_plug() {
    let mut volume = Volume::new();
    let bay_dir = volume.point("bay");
    let point = volume.point("bay/CARD");
    volume.mount(&point, "rw");
    put(&point, "a.mp4", b"x");
    let (_bay, events) = watch(&bay_dir);
    assert_eq!(next(&events), plugged(&bay_dir, "CARD", 1));
    let mut recorder = FolderRecorder::open(&point, remounting()).unwrap();
    line(&mut recorder, b"a.mp4");
    for _ in 0..3 {
        assert_eq!(recorder.make_cold().unwrap(), "remounted");
    }
    silent(&events);
    drop(recorder);
    run("umount", &[point.to_str().unwrap()]);
    assert_eq!(next(&events), unplugged("CARD"));
}

#[test]
fn where_only_volumes_are_mounted_a_folder_is_no_empty_card() {
    let mut volume = Volume::new();
    let bay_dir = volume.point("bay");
    let point = volume.point("bay/sdb1");
    let (sender, events) = channel();
    let bay = "bay-1".parse().unwrap();
    let _bay = FolderBay::watch_volumes(bay, &bay_dir, SETTLE, sender).unwrap();
    silent(&events);
    volume.mount(&point, "ro");
    assert_eq!(next(&events), plugged(&bay_dir, "sdb1", 1));
    run("umount", &[point.to_str().unwrap()]);
    assert_eq!(next(&events), unplugged("sdb1"));
    silent(&events);
}

#[test]
fn what_the_keeper_does_to_a_volume_is_no_plug() {
    let card = common::keeper::KeptCard::new();
    card.put(&[(b"a.mp4", b"x")]);
    let (sender, events) = channel();
    let bay = "bay-1".parse().unwrap();
    let bay_dir = card.point.parent().unwrap();
    let _bay = FolderBay::watch_volumes(bay, bay_dir, SETTLE, sender).unwrap();
    assert_eq!(next(&events), plugged(bay_dir, "sdb1", 1));
    let mut recorder = FolderRecorder::open(&card.point, card.options()).unwrap();
    let a = line(&mut recorder, b"a.mp4");
    recorder.make_cold().unwrap();
    let permit = sealdock_testkit::permit::earn(&mut recorder, &a).unwrap();
    recorder.delete(permit).unwrap();
    silent(&events);
    recorder.flush().unwrap();
    silent(&events);
}
