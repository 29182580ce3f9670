//! Recorders with a block device of their own: an ext4 volume on a loop device. The cold second reading
//! is real here, and so is the hand that pulls the plug.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Volume, kinds, line, list, open, options, put, read, remounting, run};
use sealdock_core::block::Block;
use sealdock_core::listing::LineKind;
use sealdock_core::ports::{Kind, Recorder};
use sealdock_device::FolderRecorder;
use sealdock_testkit::permit;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

fn options_of(point: &Path) -> String {
    let table = std::fs::read_to_string("/proc/self/mountinfo").unwrap();
    let line = table.lines().find(|l| l.split(' ').nth(4) == point.to_str()).expect("mounted");
    line.split(' ').nth(5).unwrap().to_owned()
}

#[test]
fn a_remount_is_cold_and_keeps_the_options() {
    let (_volume, point) = Volume::mounted("nosuid,nodev,noexec,noatime");
    put(&point, "DCIM/a.mp4", &[7; 300_000]);
    let before = options_of(&point);
    let mut recorder = FolderRecorder::open(&point, remounting()).unwrap();
    let listed = line(&mut recorder, b"DCIM/a.mp4");
    assert_eq!(recorder.make_cold().unwrap(), "remounted");
    assert_eq!(options_of(&point), before);
    assert_eq!(recorder.look(&listed).unwrap().as_ref(), Some(&listed), "the inode lasts");
    assert_eq!(read(&mut *recorder.open(&listed).unwrap()).unwrap(), [7; 300_000]);
    assert!(recorder.claims().unwrap().fingerprint.starts_with("volume ext4 "));
}

#[test]
fn a_loop_device_that_ends_with_its_last_close_is_remounted_all_the_same() {
    let mut volume = Volume::new();
    let (point, image) = (volume.point("CARD"), volume.image.clone());
    volume.also(&["-o", "loop,noatime", image.to_str().unwrap()], &point);
    put(&point, "DCIM/a.mp4", &[7; 300_000]);
    let before = options_of(&point);
    let mut recorder = FolderRecorder::open(&point, remounting()).unwrap();
    let listed = line(&mut recorder, b"DCIM/a.mp4");
    for _ in 0..3 {
        assert_eq!(recorder.make_cold().unwrap(), "remounted");
    }
    assert_eq!(options_of(&point), before);
    assert_eq!(read(&mut *recorder.open(&listed).unwrap()).unwrap(), [7; 300_000]);
}

#[test]
fn a_cold_reading_shows_what_the_medium_holds_now() {
    let (volume, point) = Volume::mounted("rw");
    let marker = b"a line that stands only once on this card, in the middle of a clip";
    let mut bytes = vec![0; 50_000];
    bytes[4096..4096 + marker.len()].copy_from_slice(marker);
    put(&point, "a.mp4", &bytes);
    rustix::fs::syncfs(std::fs::File::open(&point).unwrap()).unwrap();
    for may_remount in [false, true] {
        let options = sealdock_device::FolderOptions { may_remount, ..options() };
        let mut recorder = FolderRecorder::open(&point, options).unwrap();
        let listed = line(&mut recorder, b"a.mp4");
        // The kernel keeps the page: an ordinary reader goes on seeing the old byte.
        assert_eq!(std::fs::read(point.join("a.mp4")).unwrap(), bytes);
        let image = std::fs::read(&volume.image).unwrap();
        let at = image.windows(marker.len()).position(|w| w == marker).expect("on the medium");
        let rotten = u8::from(may_remount) + 1;
        let medium = std::fs::File::options().write(true).open(&volume.image).unwrap();
        medium.write_all_at(&[rotten], at as u64 + marker.len() as u64).unwrap();
        assert_eq!(
            std::fs::read(point.join("a.mp4")).unwrap()[4096 + marker.len()],
            bytes[4096 + marker.len()]
        );
        recorder.make_cold().unwrap();
        bytes[4096 + marker.len()] = rotten;
        assert_eq!(read(&mut *recorder.open(&listed).unwrap()).unwrap(), bytes);
    }
}

#[test]
fn without_leave_to_remount_reading_is_direct() {
    let (_volume, point) = Volume::mounted("rw");
    put(&point, "a.mp4", &[7; 300_000]);
    let mut recorder = open(&point);
    let listed = line(&mut recorder, b"a.mp4");
    let mut source = recorder.open(&listed).unwrap();
    assert_eq!(recorder.make_cold().unwrap(), "direct-io");
    assert_eq!(source.method(), "direct-io");
    assert_eq!(read(&mut *source).unwrap(), [7; 300_000]);
    assert_eq!(read(&mut *recorder.open(&listed).unwrap()).unwrap(), [7; 300_000]);
}

#[test]
fn a_volume_that_journals_its_data_is_read_through_an_emptied_cache() {
    // ext4 takes O_DIRECT here and reads through the cache all the same.
    let (_volume, point) = Volume::mounted("data=journal");
    put(&point, "a.mp4", &[7; 300_000]);
    let mut recorder = open(&point);
    let listed = line(&mut recorder, b"a.mp4");
    assert_eq!(recorder.open(&listed).unwrap().method(), "buffered");
    assert_eq!(recorder.make_cold().unwrap(), "page-cache-dropped");
    let mut source = recorder.open(&listed).unwrap();
    assert_eq!(source.method(), "page-cache-dropped");
    assert_eq!(read(&mut *source).unwrap(), [7; 300_000]);
}

#[test]
fn a_card_in_memory_cannot_be_read_cold() {
    let mut volume = Volume::new();
    let point = volume.point("memory");
    volume.also(&["-t", "tmpfs", "tmpfs"], &point);
    put(&point, "a.mp4", &[7; 10_000]);
    let mut recorder = FolderRecorder::open(&point, remounting()).unwrap();
    let listed = line(&mut recorder, b"a.mp4");
    assert_eq!(recorder.open(&listed).unwrap().method(), "buffered");
    let why = recorder.make_cold().unwrap_err();
    assert_eq!(why.kind, Kind::Failed);
    assert!(why.message.starts_with("cannot prove a cold second reading"), "{why}");
}

#[test]
fn a_busy_volume_is_said_to_be_busy_and_stays_usable() {
    let (_volume, point) = Volume::mounted("rw");
    put(&point, "a.mp4", b"x");
    let mut recorder = FolderRecorder::open(&point, remounting()).unwrap();
    let listed = line(&mut recorder, b"a.mp4");
    let held = recorder.open(&listed).unwrap();
    let why = recorder.make_cold().unwrap_err();
    assert!(why.message.contains("is still being read"), "{why}");
    drop(held);
    let other = std::fs::File::open(point.join("a.mp4")).unwrap();
    let why = recorder.make_cold().unwrap_err();
    assert!(why.kind == Kind::Failed && why.message.contains("something else has a file"), "{why}");
    assert_eq!(list(&mut recorder), [listed]);
    drop(other);
    assert_eq!(recorder.make_cold().unwrap(), "remounted");
}

#[test]
fn a_volume_that_is_mounted_twice_is_not_cold_by_a_remount() {
    let (mut volume, point) = Volume::mounted("rw");
    let second = volume.point("second");
    volume.mount(&second, "rw");
    put(&point, "a.mp4", &[7; 10_000]);
    let mut recorder = FolderRecorder::open(&point, remounting()).unwrap();
    let listed = line(&mut recorder, b"a.mp4");
    assert_eq!(recorder.make_cold().unwrap(), "direct-io");
    assert_eq!(read(&mut *recorder.open(&listed).unwrap()).unwrap(), [7; 10_000]);
}

#[test]
fn what_was_deleted_is_gone_from_the_medium() {
    let (_volume, point) = Volume::mounted("rw");
    put(&point, "DCIM/a.mp4", b"one");
    put(&point, "DCIM/b.mp4", b"two");
    let mut recorder = FolderRecorder::open(&point, remounting()).unwrap();
    let listed = line(&mut recorder, b"DCIM/a.mp4");
    let permit = permit::earn(&mut recorder, &listed).unwrap();
    recorder.delete(permit).unwrap();
    recorder.flush().unwrap();
    assert_eq!(recorder.make_cold().unwrap(), "remounted");
    assert_eq!(kinds(&list(&mut recorder)), [("DCIM/b.mp4".to_owned(), LineKind::File)]);
}

#[test]
fn a_card_that_was_just_emptied_is_still_read_cold() {
    let (_volume, point) = Volume::mounted("rw");
    put(&point, "big.mp4", &[1; 10_000]);
    put(&point, "small.mp4", &[2; 5_000]);
    let mut recorder = open(&point);
    for name in [&b"big.mp4"[..], b"small.mp4"] {
        let listed = line(&mut recorder, name);
        let permit = permit::earn(&mut recorder, &listed).unwrap();
        recorder.delete(permit).unwrap();
        recorder.flush().unwrap();
        assert_eq!(recorder.make_cold().unwrap(), "direct-io");
    }
    assert_eq!(list(&mut recorder), []);
}

#[test]
fn a_read_only_recorder_refuses_the_wipe_and_nothing_else() {
    let (mut volume, point) = Volume::mounted("rw");
    put(&point, "a.mp4", b"x");
    run("umount", &[point.to_str().unwrap()]);
    volume.mount(&point, "ro");
    let mut recorder = FolderRecorder::open(&point, remounting()).unwrap();
    assert!(recorder.claims().unwrap().read_only);
    let listed = line(&mut recorder, b"a.mp4");
    let permit = permit::earn(&mut recorder, &listed).unwrap();
    let why = recorder.delete(permit).unwrap_err();
    assert_eq!(why.kind, Kind::ReadOnly);
    assert!(why.message.contains("the recorder is read-only"), "{why}");
    assert_eq!(recorder.make_cold().unwrap(), "remounted");
    assert!(recorder.claims().unwrap().read_only, "mounted again as it was");
    assert_eq!(list(&mut recorder), [listed]);
}

#[test]
fn another_file_system_on_the_card_is_a_line_and_no_way_out() {
    let (mut volume, point) = Volume::mounted("rw");
    put(&point, "inside/a.mp4", b"x");
    put(&point, "file.mp4", b"x");
    let outside = volume.point("outside");
    put(&outside, "secret.mp4", b"not of this card");
    volume.also(&["--bind", outside.to_str().unwrap()], &point.join("inside"));
    volume.also(&["--bind", outside.join("secret.mp4").to_str().unwrap()], &point.join("file.mp4"));
    let mut recorder = open(&point);
    let lines = list(&mut recorder);
    let unreadable = |name: &str| (name.to_owned(), LineKind::Unreadable);
    assert_eq!(kinds(&lines), [unreadable("file.mp4"), unreadable("inside")]);
    for line in &lines {
        assert_eq!(line.detail.as_deref(), Some("another file system is mounted here"));
        assert!(recorder.open(line).is_err());
    }
}

#[test]
fn what_the_card_cannot_show_is_a_line_that_says_so() {
    let mut volume = Volume::new();
    let point = volume.point("CARD");
    volume.mount(&point, "rw");
    put(&point, "broken.mp4", b"x");
    put(&point, "good.mp4", b"x");
    run("umount", &[point.to_str().unwrap()]);
    // The directory still names an inode that is no longer one.
    run("debugfs", &["-w", "-R", "clri /broken.mp4", &volume.device]);
    volume.mount(&point, "ro,errors=continue");
    let mut recorder = open(&point);
    let lines = list(&mut recorder);
    let expected =
        [("broken.mp4".to_owned(), LineKind::Unreadable), ("good.mp4".to_owned(), LineKind::File)];
    assert_eq!(kinds(&lines), expected);
    assert!(lines[0].detail.as_ref().unwrap().starts_with("cannot look at broken.mp4"));
}

#[test]
fn a_yank_in_the_middle_of_a_file_fails_and_says_unplugged() {
    let (_volume, point) = Volume::mounted("rw");
    put(&point, "a.mp4", &[7; 300_000]);
    let mut recorder = FolderRecorder::open(&point, remounting()).unwrap();
    let listed = line(&mut recorder, b"a.mp4");
    let permit = permit::earn(&mut recorder, &listed).unwrap();
    let mut source = recorder.open(&listed).unwrap();
    let mut block = Block::new(4096);
    assert_eq!(source.read_at(0, &mut block).unwrap(), 4096);
    rustix::mount::unmount(&point, rustix::mount::UnmountFlags::DETACH).unwrap();
    let unplugged = [
        source.read_at(4096, &mut block).map(|_| ()).unwrap_err(),
        source.unchanged().map(|_| ()).unwrap_err(),
        recorder.list().map(|_| ()).unwrap_err(),
        recorder.look(&listed).map(|_| ()).unwrap_err(),
        recorder.open(&listed).map(|_| ()).unwrap_err(),
        recorder.make_cold().map(|_| ()).unwrap_err(),
        recorder.delete(permit).unwrap_err(),
    ];
    for error in unplugged {
        assert_eq!(error.kind, Kind::Failed);
        assert!(error.message.starts_with("the recorder was unplugged"), "{error}");
    }
    assert_eq!(block.bytes(), b"", "nothing that was not read is handed over");
}
