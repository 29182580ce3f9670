//! Directories that are no station, and stations whose vault is not there. More of both is in
//! `tests/script/refusals.txt` and `tests/script/damage.txt`.

use super::scene::{Scene, names};
use super::volume::Volume;

const CLIP: &[u8] = b"footage that stays on the card";

#[test]
fn what_is_no_station_is_left_as_it_is() {
    let scene = Scene::new();
    scene.card("card", &[("A.MP4", CLIP)]);
    scene.card("empty", &[]);
    scene.card("notes", &[("text", b"mine")]);
    let no_station = "is not a station: it has no lock file; make one with `sealdock init` or name another directory";
    for (place, code, said) in [
        ("empty", 4, no_station),
        ("notes", 4, no_station),
        ("missing", 4, no_station),
        ("pin", 4, no_station),
    ] {
        for line in ["status", "check", "log head", "ingest card --recorder R1 --officer o1"] {
            scene.run(&format!("{line} --station {place}")).with(code, &[said]);
        }
    }
    assert!(names(&scene.path("empty")).is_empty() && !scene.path("missing").exists());
    assert_eq!(names(&scene.path("notes")), ["text"]);
    assert_eq!(std::fs::read(scene.path("card/A.MP4")).unwrap(), CLIP);
    scene.sound();
}

#[test]
fn a_station_that_lost_a_file_says_which_and_how_to_get_it_back() {
    let scene = Scene::new();
    let card = scene.card("card", &[("A.MP4", CLIP)]);
    let whole = scene.copy_station("whole");
    for (lost, code, said) in [
        (
            "chain.db",
            4,
            "has lost its chain.db; restore it from the second copy or the last backup",
        ),
        ("head", 4, "has lost its file head; restore it from the second copy or the last backup"),
        ("lock", 4, "has lost its lock file; if no daemon runs, make an empty one"),
    ] {
        std::fs::remove_file(scene.in_station(lost)).unwrap();
        for line in ["status", "check", "log head"] {
            scene.run(line).with(code, &[said]);
        }
        scene.ingest("card").with(code, &[said]);
        scene.restore(&whole);
    }
    assert_eq!(std::fs::read(card.join("A.MP4")).unwrap(), CLIP);
    scene.sound();
}

#[test]
fn a_vault_on_a_missing_mount_stops_everything_until_its_disk_is_back() {
    let scene = Scene::new();
    scene.card("card", &[("A.MP4", CLIP)]);
    scene.ingest("card").with(0, &["1 wiped"]);
    let card = scene.card("card", &[("B.MP4", b"the next one")]);
    // The vault moves to a disk of its own, mounted in its place.
    let (vault, away) = (scene.in_station("vault"), scene.path("away"));
    std::fs::rename(&vault, &away).unwrap();
    for (exists, said) in [
        (true, "either this is a vault on a missing mount (mount its disk), or the path is wrong"),
        (false, "the vault is not there; mount its disk"),
    ] {
        if exists {
            std::fs::create_dir(&vault).unwrap();
        }
        for line in ["status", "check", "check --deep", "clip list"] {
            scene.run(line).with(4, &[said]);
        }
        scene.ingest("card").with(4, &[said]);
        if exists {
            assert!(names(&vault).is_empty(), "nothing is made on the mount point");
            std::fs::remove_dir(&vault).unwrap();
        }
    }
    assert_eq!(names(&card), ["B.MP4"]);
    std::fs::rename(&away, &vault).unwrap();
    scene.ingest("card").with(0, &["1 stored", "1 wiped"]);
    assert!(scene.kept(CLIP) && scene.kept(b"the next one"));
    scene.sound();
}

#[test]
fn a_station_on_a_disk_that_became_read_only_takes_nothing() {
    let disk = Volume::ext4(64, 0);
    let scene = Scene::new();
    std::fs::remove_dir(disk.point().join("station")).unwrap_or_default();
    super::scene::copy(&scene.station, &disk.point().join("station"));
    let card = scene.card("card", &[("A.MP4", CLIP)]);
    disk.remount("ro");
    let line = format!("ingest card {} --station {}/station", super::scene::INGEST, disk.shown());
    let said = scene.run(&line);
    assert!([1, 7].contains(&said.code), "{said:?}");
    assert!(
        said.text.contains("Read-only file system") || said.text.contains("writable"),
        "{said:?}"
    );
    disk.remount("rw");
    assert_eq!(std::fs::read(card.join("A.MP4")).unwrap(), CLIP);
    scene.sound();
}
