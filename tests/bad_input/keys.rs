//! Keys that are missing, open to others, damaged or of another station. For the log key this is
//! `tests/script/damage.txt`; here it is the evidence key, and what the card keeps.

use super::scene::{FOUND_OTHER, Scene, names};
use std::os::unix::fs::PermissionsExt as _;

/// How a key is made wrong, the exit code, and what is said.
type Wrong<'a> = (&'a dyn Fn(), i32, &'a [&'a str]);

#[test]
fn without_its_own_private_keys_a_station_takes_nothing_and_still_tells() {
    let scene = Scene::new();
    let card = scene.card("card", &[("A.MP4", b"footage")]);
    scene.run(FOUND_OTHER).with(0, &["founded test.example/s2"]);
    let key = scene.in_station("keys/evidence.key");
    let good = std::fs::read(&key).unwrap();
    let mode =
        |mode| std::fs::set_permissions(&key, std::fs::Permissions::from_mode(mode)).unwrap();
    let put = |from: std::path::PathBuf| assert!(std::fs::copy(from, &key).unwrap() > 0);
    let wrong: [Wrong; 6] = [
        (
            &|| std::fs::remove_file(&key).unwrap(),
            4,
            &["the key file", "is missing; restore it from the key backup"],
        ),
        (&|| mode(0o644), 3, &["is open to other users (mode 644); chmod 600"]),
        (&|| mode(0o640), 3, &["and rotate the key if anybody else has been on this machine"]),
        (
            &|| put(scene.path("other/keys/evidence.key")),
            70,
            &[
                "is of another station: chain expects",
                "restore this station's key from the key backup",
            ],
        ),
        (
            &|| std::fs::write(&key, b"").unwrap(),
            70,
            &["is not a usable key file", "restore it from the key backup"],
        ),
        (
            &|| put(scene.in_station("keys/log.key")),
            70,
            &["is not a usable key file: it holds the key of the other role"],
        ),
    ];
    for (make_wrong, code, said) in wrong {
        make_wrong();
        scene.ingest("card").with(code, said);
        scene.run("verify-config").with(12, said);
        // Who only reads needs no key.
        scene.run("log head").with(0, &["test.example/s1"]);
        scene.run("check --deep").with(0, &[super::scene::SOUND]);
        assert_eq!(names(&card), ["A.MP4"]);
        let _gone = std::fs::remove_file(&key);
        std::fs::write(&key, &good).unwrap();
        mode(0o600);
    }
    scene.ingest("card").with(0, &["1 wiped"]);
    assert!(scene.kept(b"footage"));
    scene.sound();
}

#[test]
fn a_key_that_is_a_link_is_not_followed() {
    let scene = Scene::new();
    let card = scene.card("card", &[("A.MP4", b"footage")]);
    let key = scene.in_station("keys/log.key");
    std::fs::rename(&key, scene.path("moved.key")).unwrap();
    std::os::unix::fs::symlink(scene.path("moved.key"), &key).unwrap();
    scene
        .ingest("card")
        .with(1, &["cannot open the key file", "Too many levels of symbolic links"]);
    assert_eq!(names(&card), ["A.MP4"]);
}
