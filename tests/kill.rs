//! `kill -9` of the real program on real disks: at every durable system call of a docking, and of
//! the daemon while it copies; and a recorder that is pulled out. Nothing is ever absent from both
//! card and vault, and the next docking ends as if nothing had happened.
//!
//! Needs root, loop devices and strace; `cargo xtask test` provides strace.

#[path = "kill/bay.rs"]
mod bay;
#[path = "kill/calls.rs"]
mod calls;
mod common_e2e;
#[path = "kill/site.rs"]
mod site;

use bay::{Scene, heard};
use calls::Place;
use common_e2e::station::{DONE, Station};
use common_e2e::volume::Volume;
use site::Site;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// As many cases at once; each has a station of its own.
const WORKERS: usize = 2;
/// Calls that a docking with a mirror cannot do without. Fewer kinds: the sweep has lost its object.
const AT_LEAST: [(&str, usize); 9] = [
    ("fallocate", 8),
    ("fchmod", 8),
    ("fdatasync", 5),
    ("fsync", 15),
    ("ftruncate", 8),
    ("mkdirat", 8),
    ("pwrite64", 15),
    ("renameat2", 8),
    ("unlinkat", 2),
];

#[test]
fn killed_at_any_durable_call_the_next_docking_ends_as_if_nothing_had_happened() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let disk = Volume::hasty(folder.path(), "disk", 3072);
    let places = places(&disk.point);
    let next = AtomicUsize::new(0);
    let killed = Mutex::new(BTreeMap::<String, usize>::new());
    std::thread::scope(|scope| {
        for worker in 0..WORKERS {
            let (places, next, killed, disk) = (&places, &next, &killed, &disk.point);
            scope.spawn(move || {
                let site = Site::founded(&disk.join(worker.to_string()));
                site.dock_until_done();
                let undisturbed = site.end();
                assert!(undisturbed.is_the_whole_way(), "{undisturbed:?}");
                while let Some(place) = places.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let _named = Named(place);
                    site.restore();
                    if calls::kill_at(&site.station, place, &Station::docking("card")) {
                        *killed.lock().expect("no panic").entry(place.call.clone()).or_default() +=
                            1;
                    }
                    site.nothing_is_absent(place);
                    site.dock_until_done();
                    assert_eq!(site.end(), undisturbed);
                }
            });
        }
    });
    let killed = killed.into_inner().expect("no panic");
    println!("killed at {killed:?} of {} places", places.len());
    // Threads take turns a little differently each time: the last calls of one are not always reached.
    let all: usize = killed.values().sum();
    assert!(all * 20 >= places.len() * 19, "killed only at {all} of {} places", places.len());
    for (call, least) in AT_LEAST {
        assert!(killed.get(call).is_some_and(|count| *count >= least), "{call}: {killed:?}");
    }
}

fn places(disk: &Path) -> Vec<Place> {
    let site = Site::founded(&disk.join("counted"));
    calls::places(&site.station, &Station::docking("card"))
}

/// Says where a case was killed if it fails.
struct Named<'a>(&'a Place);

impl Drop for Named<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("after a kill at {} number {}", self.0.call, self.0.nth);
        }
    }
}

#[test]
fn a_daemon_killed_again_and_again_while_it_copies_loses_nothing_and_ends_the_same() {
    let mut scene = Scene::new();
    scene.plug();
    let mut in_the_middle = 0;
    for clips in [1, 12, 25, 40, 55] {
        scene.start();
        let client = scene.confirm();
        scene.until_under_way(clips);
        scene.kill();
        assert_ne!(heard(client).1, Some(0), "the client was told of a success");
        in_the_middle += usize::from(scene.not_kept_yet(&scene.card()) > 0);
    }
    assert!(in_the_middle >= 3, "only {in_the_middle} of 5 kills came while it copied");
    scene.start();
    let (said, code) = heard(scene.confirm());
    assert!(code == Some(0) && said.contains(DONE), "{code:?} {said}");
    scene.is_finished();
}

#[test]
fn a_recorder_pulled_out_while_it_is_copied_is_finished_when_it_comes_back() {
    let mut scene = Scene::new();
    scene.start();
    scene.plug();
    let client = scene.confirm();
    scene.until_under_way(20);
    scene.yank();
    let (said, code) = heard(client);
    assert!(code == Some(11) && said.contains("中断 interrupted"), "{code:?} {said}");
    assert!(scene.not_kept_yet(&scene.stock()) > 0, "it was pulled out too late");
    scene.plug();
    let (said, code) = heard(scene.confirm());
    assert!(code == Some(0) && said.contains(DONE), "{code:?} {said}");
    scene.is_finished();
}

#[test]
fn a_second_daemon_is_refused_and_does_not_disturb_the_first() {
    let mut scene = Scene::new();
    scene.start();
    scene.plug();
    let client = scene.confirm();
    scene.until_under_way(5);
    let second = scene.station.output("run");
    let said = String::from_utf8_lossy(&second.stderr);
    assert_eq!(second.status.code(), Some(6), "{said}");
    assert!(said.contains("is held by process"), "{said}");
    let (said, code) = heard(client);
    assert!(code == Some(0) && said.contains(DONE), "{code:?} {said}");
    scene.is_finished();
}
