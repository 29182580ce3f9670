//! What stands on a card is listed as it is: every name, every kind, nothing followed, nothing lost.
#![allow(clippy::unwrap_used)]

mod common;

use common::{kinds, line, list, open, options, put, read};
use proptest::prelude::*;
use rustix::fs::{CWD, FileType, Mode, makedev, mknodat};
use sealdock_core::block::Block;
use sealdock_core::listing::{LineKind, RawLine};
use sealdock_core::ports::{Kind, Recorder};
use sealdock_core::time::ClockOffset;
use sealdock_device::{FolderOptions, FolderRecorder, STATION_MARK};
use sealdock_testkit::permit;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::time::Instant;

fn refusal(path: &Path, options: FolderOptions) -> (Kind, String) {
    let error = FolderRecorder::open(path, options).map(|_| ()).unwrap_err();
    (error.kind, error.message)
}

#[test]
fn what_is_no_recorder_is_refused_with_the_reason() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "clip.mp4", b"x");
    let (kind, why) = refusal(&dir.path().join("nowhere"), options());
    assert!(kind == Kind::Missing && why.starts_with("there is no recorder at "), "{why}");
    let (kind, why) = refusal(&dir.path().join("clip.mp4"), options());
    assert!(kind == Kind::Invalid && why.contains("it is not a directory"), "{why}");
    let (kind, why) = refusal(Path::new("/"), options());
    assert!(kind == Kind::Invalid && why.contains("root of this machine"), "{why}");
    let never = FolderOptions { never: vec![dir.path().join("station/vault")], ..options() };
    std::fs::create_dir_all(dir.path().join("station/vault/kept")).unwrap();
    for ours in ["", "station", "station/vault", "station/vault/kept"] {
        let (kind, why) = refusal(&dir.path().join(ours), never.clone());
        assert!(kind == Kind::Invalid && why.contains("keeps its own files"), "{ours}: {why}");
    }
    put(dir.path(), STATION_MARK, b"");
    let (kind, why) = refusal(dir.path(), options());
    assert!(kind == Kind::Invalid && why.contains("it is a station directory"), "{why}");
}

#[test]
fn an_empty_card_is_an_empty_listing() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(dir.path().join("lost+found")).unwrap();
    std::fs::create_dir_all(dir.path().join("DCIM/100MEDIA")).unwrap();
    let mut recorder = open(dir.path());
    assert_eq!(list(&mut recorder), []);
    let claims = recorder.claims().unwrap();
    assert_eq!(claims.label.as_deref(), dir.path().file_name().unwrap().to_str());
    assert_eq!(claims.epoch, 7);
    assert!(claims.fingerprint.starts_with("folder on "), "{}", claims.fingerprint);
    assert!(matches!(recorder.clock().unwrap(), ClockOffset::Unknown { .. }));
}

#[test]
fn names_stay_the_bytes_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let long = [b'x'; 255];
    let mut names: Vec<&[u8]> = vec![
        b"\xc2\xbc\xcf\xf1.mp4",
        b"a\x1b[31m\r\n.mp4",
        b"\xe2\x80\xaegpj.4pm",
        b"A.MP4",
        b"a.mp4",
        b"..a",
        b"CON ",
        b"=cmd|x",
        &long,
    ];
    for name in &names {
        std::fs::write(dir.path().join(OsStr::from_bytes(name)), name).unwrap();
    }
    names.sort_unstable();
    let mut recorder = open(dir.path());
    let lines = list(&mut recorder);
    assert_eq!(lines.iter().map(|l| l.raw_name.as_slice()).collect::<Vec<_>>(), names);
    for line in &lines {
        assert_eq!(read(&mut *recorder.open(line).unwrap()).unwrap(), line.raw_name);
    }
}

#[test]
fn only_regular_files_are_files_and_nothing_is_followed() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    put(root, "real/clip.mp4", b"x");
    std::os::unix::fs::symlink("/etc/passwd", root.join("link-file")).unwrap();
    std::os::unix::fs::symlink("real", root.join("link-dir")).unwrap();
    std::os::unix::fs::symlink("nowhere", root.join("link-none")).unwrap();
    let make = |name: &str, kind, device| {
        mknodat(CWD, root.join(name), kind, Mode::from_raw_mode(0o600), device)
            .expect("this test needs root: it makes a device node");
    };
    make("fifo", FileType::Fifo, 0);
    make("null", FileType::CharacterDevice, makedev(1, 3));
    let _socket = std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap();
    let mut recorder = open(root);
    let lines = list(&mut recorder);
    let expected = [
        ("fifo", LineKind::Fifo),
        ("link-dir", LineKind::Symlink),
        ("link-file", LineKind::Symlink),
        ("link-none", LineKind::Symlink),
        ("null", LineKind::Device),
        ("real/clip.mp4", LineKind::File),
        ("socket", LineKind::Socket),
    ];
    assert_eq!(kinds(&lines), expected.map(|(name, kind)| (name.to_owned(), kind)));
    for odd in lines.iter().filter(|l| l.kind != LineKind::File) {
        let why = recorder.open(odd).map(|_| ()).unwrap_err();
        assert!(why.message.contains("no regular file"), "{why}");
        let claimed = RawLine { kind: LineKind::File, ..odd.clone() };
        assert!(recorder.open(&claimed).is_err(), "{odd:?}");
    }
    let through = RawLine {
        raw_name: b"link-dir/clip.mp4".to_vec(),
        ..line(&mut recorder, b"real/clip.mp4")
    };
    assert!(recorder.open(&through).is_err(), "a symbolic link on the way is not followed");
    assert_eq!(recorder.look(&through).unwrap(), None);
}

#[test]
fn directories_are_walked_twelve_deep_and_the_next_is_a_line() {
    let dir = tempfile::tempdir().unwrap();
    let twelve = ["d"; 12].join("/");
    put(dir.path(), &format!("{twelve}/seen.mp4"), b"x");
    put(dir.path(), &format!("{twelve}/deeper/unseen.mp4"), b"x");
    let lines = list(&mut open(dir.path()));
    let expected = [
        (format!("{twelve}/deeper"), LineKind::TooDeep),
        (format!("{twelve}/seen.mp4"), LineKind::File),
    ];
    assert_eq!(kinds(&lines), expected);
    assert!(lines[0].detail.as_ref().unwrap().contains("more than 12 deep"));
}

#[test]
fn twenty_thousand_deep_files_are_listed_within_a_second() {
    // In memory, because making that many files takes longer on some disks than everything else here.
    let dir = tempfile::tempdir_in("/dev/shm").unwrap();
    for folder in 0..20 {
        let deep = dir.path().join(format!("{folder}/{}", ["d"; 11].join("/")));
        std::fs::create_dir_all(&deep).unwrap();
        for file in 0..1000 {
            std::fs::File::create(deep.join(format!("{file}.mp4"))).unwrap();
        }
    }
    let mut recorder = open(dir.path());
    // The best of three: other tests share the machine.
    let took = (0..3).map(|_| {
        let began = Instant::now();
        let lines = list(&mut recorder);
        assert_eq!(lines.len(), 20_000);
        assert!(lines.is_sorted_by(|a, b| a.raw_name < b.raw_name));
        began.elapsed()
    });
    let best = took.min().unwrap();
    assert!(best.as_secs_f64() < 1.0, "{best:?}");
}

#[test]
fn a_clip_that_still_grows_is_noticed() {
    use std::io::Write as _;
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "a.mp4", b"begin");
    let mut recorder = open(dir.path());
    let listed = line(&mut recorder, b"a.mp4");
    let mut source = recorder.open(&listed).unwrap();
    assert!(source.unchanged().unwrap());
    let mut block = Block::new(4096);
    assert_eq!(source.read_at(0, &mut block).unwrap(), 5);
    assert_eq!(source.read_at(5, &mut block).unwrap(), 0);
    let mut more = std::fs::OpenOptions::new().append(true).open(dir.path().join("a.mp4")).unwrap();
    more.write_all(b" and more").unwrap();
    assert!(!source.unchanged().unwrap());
    let why = source.read_at(5, &mut block).unwrap_err();
    assert!(why.message.contains("it grew while it was read"), "{why}");
    let why = recorder.open(&listed).map(|_| ()).unwrap_err();
    assert!(why.message.contains("it is another file now, or it grew"), "{why}");
}

#[test]
fn a_file_with_the_same_name_is_not_the_same_file() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "a.mp4", b"first");
    let mut recorder = open(dir.path());
    let listed = line(&mut recorder, b"a.mp4");
    let mut source = recorder.open(&listed).unwrap();
    let permit = permit::earn(&mut recorder, &listed).unwrap();
    // Same name, size and time to the nanosecond: only the inode tells.
    let old = std::fs::metadata(dir.path().join("a.mp4")).unwrap().modified().unwrap();
    put(dir.path(), "b.tmp", b"other");
    let file = std::fs::File::options().write(true).open(dir.path().join("b.tmp")).unwrap();
    file.set_modified(old).unwrap();
    std::fs::rename(dir.path().join("b.tmp"), dir.path().join("a.mp4")).unwrap();
    assert!(!source.unchanged().unwrap());
    let why = recorder.delete(permit).unwrap_err();
    assert_eq!(why.kind, Kind::Failed);
    assert!(why.message.contains("was not deleted: it is another file now"), "{why}");
    assert_eq!(std::fs::read(dir.path().join("a.mp4")).unwrap(), b"other");
}

#[test]
fn a_file_that_is_gone_is_missing() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "DCIM/a.mp4", b"x");
    let mut recorder = open(dir.path());
    let listed = line(&mut recorder, b"DCIM/a.mp4");
    let permit = permit::earn(&mut recorder, &listed).unwrap();
    std::fs::remove_dir_all(dir.path().join("DCIM")).unwrap();
    assert_eq!(recorder.look(&listed).unwrap(), None);
    assert_eq!(recorder.open(&listed).map(|_| ()).unwrap_err().kind, Kind::Missing);
    assert_eq!(recorder.delete(permit).unwrap_err().kind, Kind::Missing);
}

#[test]
fn a_folder_that_is_taken_away_is_an_unplugged_recorder() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "card/a.mp4", &[1; 100_000]);
    let mut recorder = open(&dir.path().join("card"));
    let listed = line(&mut recorder, b"a.mp4");
    let mut source = recorder.open(&listed).unwrap();
    std::fs::remove_dir_all(dir.path().join("card")).unwrap();
    let unplugged = [
        source.read_at(0, &mut Block::new(4096)).map(|_| ()).unwrap_err(),
        source.unchanged().map(|_| ()).unwrap_err(),
        recorder.list().map(|_| ()).unwrap_err(),
        recorder.look(&listed).map(|_| ()).unwrap_err(),
        recorder.open(&listed).map(|_| ()).unwrap_err(),
        recorder.make_cold().map(|_| ()).unwrap_err(),
        recorder.claims().map(|_| ()).unwrap_err(),
        recorder.flush().unwrap_err(),
    ];
    for error in unplugged {
        assert_eq!(error.kind, Kind::Failed);
        assert!(error.message.starts_with("the recorder was unplugged"), "{error}");
    }
}

#[test]
fn reads_begin_on_block_boundaries() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "a.mp4", &[1; 5000]);
    let mut recorder = open(dir.path());
    let listed = line(&mut recorder, b"a.mp4");
    let why = recorder.open(&listed).unwrap().read_at(1, &mut Block::new(4096)).unwrap_err();
    assert_eq!(why.kind, Kind::Invalid);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn any_names_are_listed_and_opened(
        names in proptest::collection::btree_set(proptest::collection::vec(1u8..=255, 1..40), 0..12)
    ) {
        let dir = tempfile::tempdir().unwrap();
        let mut made = BTreeSet::new();
        for name in names {
            let name: Vec<u8> = name.into_iter().map(|b| if b == b'/' { b'_' } else { b }).collect();
            if name == b"." || name == b".." {
                continue;
            }
            std::fs::write(dir.path().join(OsStr::from_bytes(&name)), &name).unwrap();
            made.insert(name);
        }
        let mut recorder = open(dir.path());
        let lines = list(&mut recorder);
        prop_assert_eq!(lines.iter().map(|l| l.raw_name.clone()).collect::<BTreeSet<_>>(), made);
        for line in &lines {
            prop_assert_eq!(&read(&mut *recorder.open(line).unwrap()).unwrap(), &line.raw_name);
        }
    }

    #[test]
    fn no_line_upsets_a_recorder(raw_name: Vec<u8>, size: u64, file_id: u64) {
        let dir = tempfile::tempdir().unwrap();
        put(dir.path(), "a", b"x");
        let mut recorder = open(dir.path());
        let line = RawLine { raw_name, size, file_id, kind: LineKind::File, mtime_ms: None, changed_ns: None, detail: None };
        prop_assert!(recorder.open(&line).is_err());
        let _ = recorder.look(&line);
    }
}

/// FAT has no time of change and no lasting inode numbers: what was overwritten and dated back looks the same.
#[test]
fn on_fat_a_file_that_was_overwritten_after_its_last_reading_is_not_deleted() {
    const FAT: u64 = 0x4d44;
    for (system, says) in
        [(Some(FAT), "it holds other bytes now"), (None, "it is another file now")]
    {
        let dir = tempfile::tempdir().unwrap();
        put(dir.path(), "A.MP4", b"first");
        let options = FolderOptions { system, ..options() };
        let mut recorder = FolderRecorder::open(dir.path(), options).unwrap();
        let listed = line(&mut recorder, b"A.MP4");
        let path = dir.path().join("A.MP4");
        let then = std::fs::metadata(&path).unwrap().modified().unwrap();
        for (bytes, goes) in [(b"other", false), (b"first", system.is_some())] {
            let permit = sealdock_testkit::permit::earn_for(&listed, b"first");
            let file = std::fs::File::options().write(true).open(&path).unwrap();
            std::os::unix::fs::FileExt::write_all_at(&file, bytes, 0).unwrap();
            file.set_modified(then).unwrap();
            match recorder.delete(permit) {
                Ok(()) => assert!(goes && !path.exists(), "{system:?}"),
                Err(why) => {
                    assert!(!goes && path.exists(), "{system:?}: {why}");
                    assert!(why.message.contains(says), "{why}");
                }
            }
        }
    }
}
