//! What lies on the card is not an ordinary clip, or does not hold still.

use super::scene::{Scene, names, put};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::FileExt as _;
use std::process::Stdio;

#[test]
fn empty_and_tiny_files_are_clips_like_any_other() {
    let scene = Scene::new();
    let card = scene.card("card", &[("ZERO.MP4", b""), ("ONE.MP4", b"x"), ("TWO.MP4", b"xy")]);
    scene.ingest("card").with(0, &["3 stored, 0 seen again, 0 set aside, 3 wiped"]);
    assert!(scene.kept(b"") && scene.kept(b"x") && scene.kept(b"xy"));
    assert!(names(&card).is_empty());
    scene.sound();
}

/// Sizes around the limit of FAT32 and of 32-bit counters. Sparse, with something in the last bytes.
#[test]
fn files_of_four_gibibytes_and_more_are_stored_to_their_last_byte() {
    let scene = Scene::new();
    let card = scene.card("card", &[]);
    let sizes = [("BELOW.MP4", (4 << 30) - 1), ("ABOVE.MP4", (4 << 30) + 4097)];
    for (name, size) in sizes {
        let file = std::fs::File::create(card.join(name)).unwrap();
        file.set_len(size).unwrap();
        file.write_all_at(name.as_bytes(), size - name.len() as u64).unwrap();
    }
    scene.run(&format!("ingest card {} --wipe never", super::scene::INGEST)).with(
        0,
        &["2 stored, 0 seen again, 0 set aside, 0 wiped", "2 of them stay on the recorder"],
    );
    let clips = scene.json("clip list");
    for (name, size) in sizes {
        let clips = clips["clips"].as_array().unwrap();
        let clip = clips.iter().find(|clip| clip["name"] == name).unwrap();
        assert_eq!(clip["size"].as_u64(), Some(size));
        let hex = clip["sha256"].as_str().unwrap();
        let kept = scene.in_station("vault/kept").join(&hex[..2]).join(&hex[2..4]).join(hex);
        let mut kept = std::fs::File::open(kept).unwrap();
        assert_eq!(kept.metadata().unwrap().len(), size);
        kept.seek(SeekFrom::End(-(name.len() as i64))).unwrap();
        let mut end = String::new();
        kept.read_to_string(&mut end).unwrap();
        assert_eq!(end, name);
        assert_eq!(std::fs::metadata(card.join(name)).unwrap().len(), size);
    }
    // The bytes were read back cold before the entry; hashing 8 GiB a third time shows nothing new.
    scene.run("check").with(0, &[super::scene::SOUND]);
}

#[test]
fn what_is_no_file_is_set_aside_and_never_followed_nor_waited_for() {
    let scene = Scene::new();
    let card = scene.card("card", &[("REAL.MP4", b"footage")]);
    let secret = scene.card("secret", &[("plans", b"not on the card")]);
    let link = |to: &str, name: &str| std::os::unix::fs::symlink(to, card.join(name)).unwrap();
    link("/etc/passwd", "to-a-file");
    link(secret.to_str().unwrap(), "to-a-folder");
    link("/", "to-everything");
    link("nowhere", "dangling");
    link("loop", "loop");
    let mknod = |name: &str, args: &[&str]| {
        let path = card.join(name);
        super::scene::shell("mknod", &[&[path.to_str().unwrap()], args].concat());
    };
    mknod("pipe", &["p"]);
    mknod("null", &["c", "1", "3"]);
    mknod("endless", &["c", "1", "5"]);
    mknod("disk", &["b", "7", "0"]);
    let socket = std::os::unix::net::UnixListener::bind(card.join("socket")).unwrap();
    let before = names(&card);
    let begun = std::time::Instant::now();
    scene.ingest("card").with(
        10,
        &[
            "1 stored, 0 seen again, 10 set aside, 1 wiped",
            "not-a-file: a symlink on a recorder is never followed",
            "not-a-file: a fifo on a recorder is never followed",
            "not-a-file: a device on a recorder is never followed",
            "not-a-file: a socket on a recorder is never followed",
        ],
    );
    assert!(begun.elapsed().as_secs() < 30, "something on the card was waited for");
    drop(socket);
    let left: Vec<String> = before.into_iter().filter(|name| name != "REAL.MP4").collect();
    assert_eq!(names(&card), left);
    assert!(scene.kept(b"footage") && !scene.kept(b"not on the card"));
    assert!(!scene.kept(&std::fs::read("/etc/passwd").unwrap()));
    assert_eq!(names(&secret), ["plans"]);
    scene.sound();
}

#[test]
fn a_clip_that_still_grows_is_set_aside_and_stored_when_it_has_ended() {
    let scene = Scene::new();
    let begun = vec![1; 24 << 20];
    let card = scene.card("card", &[("GROWING.MP4", &begun), ("READY.MP4", b"ready")]);
    let path = card.join("GROWING.MP4");
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let recording = std::thread::spawn(move || {
        let mut clip = std::fs::File::options().append(true).open(path).unwrap();
        while stopped.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
            clip.write_all(b"more").unwrap();
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
    });
    let said = scene.ingest("card");
    stop.send(()).unwrap();
    recording.join().unwrap();
    said.with(
        10,
        &[
            "1 stored, 0 seen again, 1 set aside, 1 wiped",
            "perhaps the recorder is still recording (growing)",
        ],
    );
    let whole = std::fs::read(card.join("GROWING.MP4")).unwrap();
    assert!(whole.len() > begun.len() && whole.starts_with(&begun));
    assert!(scene.kept(b"ready"));
    scene.sound();
    scene.ingest("card").with(0, &["1 stored, 0 seen again, 0 set aside, 1 wiped"]);
    assert!(scene.kept(&whole));
    scene.sound();
}

#[test]
fn a_clip_that_is_cut_short_while_it_is_read_stays() {
    let scene = Scene::new();
    let card = scene.card("card", &[("SHRINKS.MP4", &vec![1; 96 << 20])]);
    let line = format!("ingest card {}", super::scene::INGEST);
    let ingest = scene.command(line.split(' ')).stdout(Stdio::piped()).spawn().unwrap();
    while names(&scene.in_station("vault/incoming")).is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    let clip = std::fs::File::options().write(true).open(card.join("SHRINKS.MP4")).unwrap();
    clip.set_len(5).unwrap();
    let output = ingest.wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(10), "{said}");
    assert!(said.contains("0 stored, 0 seen again, 1 set aside, 0 wiped"), "{said}");
    assert_eq!(std::fs::read(card.join("SHRINKS.MP4")).unwrap(), [1; 5]);
    scene.ingest("card").with(0, &["1 stored", "1 wiped"]);
    assert!(scene.kept(&[1; 5]));
    scene.sound();
}

#[test]
fn a_clip_without_moov_is_custody_all_the_same_and_said_to_be_undescribed() {
    let scene = Scene::new();
    let clips = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/clips");
    let bytes = std::fs::read(clips.join("no-moov.mp4")).unwrap();
    let card = scene.card("card", &[("CUT.MP4", &bytes), ("NOISE.MP4", &[0xff; 4000])]);
    scene.ingest("card").with(0, &["2 stored, 0 seen again, 0 set aside, 2 wiped"]);
    assert!(names(&card).is_empty());
    assert!(scene.kept(&bytes) && scene.kept(&[0xff; 4000]));
    let clips = scene.json("clip list");
    for clip in clips["clips"].as_array().unwrap() {
        let facts = clip["described"].as_str().unwrap();
        assert!(!facts.contains("\"state\":\"complete\""), "{facts}");
    }
    scene.sound();
}

#[test]
fn the_same_name_with_other_content_is_another_clip_and_replaces_nothing() {
    let scene = Scene::new();
    for content in [b"the first one", b"the other one"] {
        let card = scene.card("card", &[("CLIP0001.MP4", content)]);
        scene.ingest("card").with(0, &["1 stored, 0 seen again, 0 set aside, 1 wiped"]);
        assert!(names(&card).is_empty());
    }
    assert!(scene.kept(b"the first one") && scene.kept(b"the other one"));
    let clips = scene.json("clip list");
    assert_eq!(clips["clips"].as_array().unwrap().len(), 2);
    scene.sound();
}

#[test]
fn the_same_content_under_two_names_is_two_clips_and_one_file() {
    let scene = Scene::new();
    scene.card("card", &[("A/ONE.MP4", b"the same"), ("B/TWO.MP4", b"the same")]);
    scene.ingest("card").with(0, &["2 stored, 0 seen again, 0 set aside, 2 wiped"]);
    assert!(scene.kept(b"the same"));
    let clips = scene.json("clip list");
    assert_eq!(clips["clips"].as_array().unwrap().len(), 2);
    scene.sound();
}

/// Only a believable time meets or misses a deadline; the claimed one is kept beside it.
#[test]
fn a_recorder_that_lives_in_another_time_is_stored_and_believed_only_where_that_is_possible() {
    let scene = Scene::new();
    let card = scene.card("card", &[]);
    let day_s = 86_400;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let lately = now.as_secs() as i64 - 2 * day_s;
    let times = [
        ("1901.MP4", -2_147_483_648),
        ("1970.MP4", 0),
        ("1980.MP4", 315_532_800),
        ("2000.MP4", 946_684_800),
        ("2038.MP4", 2_147_483_647),
        ("2106.MP4", 4_294_967_295),
        ("LATELY.MP4", lately),
    ];
    for (name, seconds) in times {
        put(&card, &[(name, name.as_bytes())]);
        let at = rustix::fs::Timespec { tv_sec: seconds, tv_nsec: 0 };
        let both = rustix::fs::Timestamps { last_access: at, last_modification: at };
        let file = std::fs::File::open(card.join(name)).unwrap();
        rustix::fs::futimens(&file, &both).unwrap();
    }
    scene.ingest("card").with(0, &["7 stored, 0 seen again, 0 set aside, 7 wiped"]);
    let clips = scene.json("clip list");
    for (name, seconds) in times {
        let clips = clips["clips"].as_array().unwrap();
        let clip = clips.iter().find(|clip| clip["name"] == name).unwrap();
        assert!(scene.kept(name.as_bytes()), "{name}");
        assert_eq!(clip["mtime_ms"].as_i64(), Some(seconds * 1000), "{name}: the claim is kept");
        assert_eq!(clip["recorded"].is_null(), name != "LATELY.MP4", "{name}: what is believed");
    }
    let late = scene.run("clip list --late").with(0, &["LATELY.MP4"]);
    assert_eq!(late.lines().count(), 2, "a head and one late clip:\n{late}");
    scene.sound();
}
