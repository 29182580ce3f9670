//! What stands in the bay is not what it should be. Files, missing paths, `/` and the station itself
//! are in `tests/script/refusals.txt`.

use super::scene::{Scene, names, put, shell};
use super::volume::Volume;

const CLIP: &[u8] = b"the only footage there is";

#[test]
fn what_holds_the_station_or_lies_in_it_is_no_recorder() {
    let scene = Scene::new();
    let kept = "the station keeps its own files there; name the recorder's mount point";
    for card in ["station/vault/kept", "station/keys"] {
        scene.ingest(card).with(3, &["is not a recorder", kept]);
    }
    scene.ingest(".").with(3, &["is not a recorder", "you stand in it"]);
    // A link to it is no way around.
    std::os::unix::fs::symlink(&scene.station, scene.path("link")).unwrap();
    scene.ingest("link").with(3, &["it is a station directory"]);
    // Another station is nobody's recorder either: its files would be wiped.
    let other = scene.copy_station("other");
    let before = names(&other);
    scene.ingest("other").with(3, &["it is a station directory"]);
    scene.ingest("other/vault/kept").with(0, &["the recorder is empty"]);
    assert_eq!(names(&other), before);
    scene.sound();
}

#[test]
fn what_is_no_directory_is_no_recorder() {
    let scene = Scene::new();
    let blank = Volume::blank(8);
    let no_directory = "it is not a directory; name the folder or mount point of its card";
    scene.ingest(blank.device()).with(3, &[no_directory]);
    scene.ingest("/dev/null").with(3, &[no_directory]);
    scene.ingest("pin/card").with(1, &["there is no recorder at", "dock it and try again"]);
    std::os::unix::fs::symlink("nowhere", scene.path("dangling")).unwrap();
    scene.ingest("dangling").with(4, &["there is no recorder at", "dock it and try again"]);
    scene.sound();
}

#[test]
fn an_empty_card_is_done_and_so_is_a_mount_point_without_its_card() {
    let scene = Scene::new();
    let card = Volume::ext4(16, 0);
    scene
        .ingest(&card.shown())
        .with(0, &["the list is empty", "done, may be taken: the recorder is empty"]);
    put(card.point(), &[("A.MP4", CLIP)]);
    card.unmount();
    // Nothing says that a directory was meant to be a card: it is empty, and nothing happens to it.
    scene
        .ingest(&card.shown())
        .with(0, &["the list is empty", "done, may be taken: the recorder is empty"]);
    card.mount("rw");
    assert_eq!(std::fs::read(card.point().join("A.MP4")).unwrap(), CLIP);
    scene.ingest(&card.shown()).with(0, &["1 stored", "1 wiped"]);
    assert!(scene.kept(CLIP));
    scene.sound();
}

#[test]
fn a_card_without_a_file_system_cannot_be_mounted_and_its_mount_point_is_empty() {
    let scene = Scene::new();
    let blank = Volume::blank(8);
    let mount = std::process::Command::new("mount").arg(blank.device()).arg(blank.point()).output();
    let refused = mount.unwrap();
    assert!(!refused.status.success(), "the kernel mounts what has no file system");
    scene.ingest(&blank.shown()).with(0, &["the recorder is empty"]);
    scene.sound();
}

/// A file system that cannot be read past the page cache: stored, but never wiped.
#[test]
fn a_card_in_memory_is_stored_and_keeps_everything() {
    let scene = Scene::new();
    let card = scene.card("card", &[]);
    shell("mount", &["-t", "tmpfs", "-o", "size=1m", "tmpfs", card.to_str().unwrap()]);
    put(&card, &[("A.MP4", CLIP)]);
    let said = scene.ingest("card");
    let left = std::fs::read(card.join("A.MP4"));
    shell("umount", &[card.to_str().unwrap()]);
    said.with(
        10,
        &[
            "1 stored, 0 seen again, 0 set aside, 0 wiped",
            "cannot prove a cold second reading",
            "let the station mount the recorder, or waive the second reading by policy",
        ],
    );
    assert_eq!(left.unwrap(), CLIP);
    assert!(scene.kept(CLIP));
    scene.sound();
}

#[test]
fn a_recorder_that_is_read_only_at_the_wipe_keeps_everything_until_it_is_not() {
    let scene = Scene::new();
    let card = Volume::ext4(16, 0);
    put(card.point(), &[("A.MP4", CLIP), ("B.MP4", b"another")]);
    card.remount("ro");
    scene.ingest(&card.shown()).with(
        10,
        &[
            "2 stored, 0 seen again, 0 set aside, 0 wiped",
            "is stored as C",
            "but not wiped: cannot delete A.MP4: the recorder is read-only; check its lock switch, or mount it writable",
        ],
    );
    assert_eq!(names(card.point()), ["A.MP4", "B.MP4"]);
    assert!(scene.kept(CLIP) && scene.kept(b"another"));
    scene.sound();
    card.remount("rw");
    scene.ingest(&card.shown()).with(0, &["0 stored, 2 seen again, 0 set aside, 2 wiped"]);
    assert!(names(card.point()).is_empty());
    scene.sound();
}

#[test]
fn a_card_that_is_pulled_while_it_is_read_keeps_everything() {
    let scene = Scene::new();
    let card = Volume::ext4(128, 0);
    let clip = vec![7; 96 << 20];
    put(card.point(), &[("A.MP4", &clip), ("B.MP4", CLIP)]);
    let line = format!("ingest {} {}", card.shown(), super::scene::INGEST);
    let mut ingest = scene.command(line.split(' '));
    let ingest = ingest.stdout(std::process::Stdio::piped()).spawn().unwrap();
    // As soon as the copy is under way the card is gone, as by a yank.
    let incoming = scene.in_station("vault/incoming");
    while names(&incoming).is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    shell("umount", &["-l", card.point().to_str().unwrap()]);
    let output = ingest.wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(11), "{said}");
    assert!(said.contains("中断 interrupted"), "{said}");
    assert!(said.contains("the recorder was unplugged"), "{said}");
    card.mount("rw");
    assert_eq!(std::fs::read(card.point().join("A.MP4")).unwrap(), clip);
    assert_eq!(std::fs::read(card.point().join("B.MP4")).unwrap(), CLIP);
    scene.ingest(&card.shown()).with(0, &["2 wiped"]);
    assert!(scene.kept(&clip) && scene.kept(CLIP));
    scene.sound();
}
