//! The same conversation on a real volume: ext4 on a loop device, really mounted read-only for everybody,
//! really written to through a mount that nobody else can see. Needs root.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Machine, clock, clock_intent, converse, intent, is_ok, kind, message, put, wipe};
use rustix::fs::{Mode, OFlags};
use sealdock_wiper::act::Scene;
use sealdock_wiper::loops::By;
use sealdock_wiper::volume::Volume;
use sealdock_wiper::{Keeper, Kind, WiperError, WiperResult, kernel, loops};
use serde_json::json;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::Command;

fn run(program: &str, args: &[&str]) -> String {
    let out = Command::new(program).args(args).output().unwrap();
    let said = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "needs root and loop devices; `{program} {args:?}`: {said}");
    String::from_utf8_lossy(&out.stdout).trim().to_owned()
}

/// As the service manager does it, without one.
struct ByHand {
    point: PathBuf,
}

impl Keeper for ByHand {
    fn show(&self, volume: &Volume) -> WiperResult<()> {
        if std::fs::read_to_string("/proc/self/mountinfo")
            .unwrap()
            .contains(self.point.to_str().unwrap())
        {
            return Err(WiperError::new(Kind::Failed, "is mounted already"));
        }
        let guard = loops::attach(By::Us, Path::new("/sys"), &volume.node)?;
        mount(&guard, &self.point, "ro,nodev,nosuid,noexec,noload");
        loops::end_with_last_use(By::Us, &guard)?;
        loops::guards(Path::new("/sys"), &volume.node)
    }
    fn hide(&self, _: &Volume) -> WiperResult<()> {
        let out = Command::new("umount").arg(&self.point).output().unwrap();
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        match out.status.success() || said.contains("not mounted") {
            true => Ok(()),
            false => Err(WiperError::new(Kind::Failed, said)),
        }
    }
    fn free(&self, volume: &Volume) -> WiperResult<()> {
        kernel::free(Path::new("/sys"), volume)
    }
    fn writable(&self, volume: &Volume) -> WiperResult<OwnedFd> {
        kernel::writable(Path::new("/sys"), volume)
    }
}

fn mount(node: &Path, point: &Path, options: &str) {
    let (node, point) = (node.to_str().unwrap(), point.to_str().unwrap());
    run("mount", &["-t", "ext4", "-o", options, node, point]);
}

/// The same card with its little slider moved.
fn protected(node: &Path, image: &Path) -> PathBuf {
    run("losetup", &["-d", node.to_str().unwrap()]);
    run("losetup", &["--find", "--show", "--read-only", image.to_str().unwrap()]).into()
}

/// A recorder's card: shown read-only, as after docking.
struct Card {
    machine: Machine,
    scene: Scene,
    point: PathBuf,
    node: PathBuf,
    name: String,
}

const CLIP: &[u8] = &[7; 300_000];

impl Card {
    fn new(read_only: bool) -> Card {
        let mut machine = Machine::new();
        let image = machine.dir.path().join("card.img");
        std::fs::File::create(&image).unwrap().set_len(64 << 20).unwrap();
        // No checksum over the superblock: a test sets a flag in it.
        let features = "^metadata_csum";
        run("mkfs.ext4", &["-q", "-b", "4096", "-O", features, image.to_str().unwrap()]);
        let node: PathBuf = run("losetup", &["--find", "--show", image.to_str().unwrap()]).into();
        let point = machine.dir.path().join("shown");
        std::fs::create_dir(&point).unwrap();
        mount(&node, &point, "rw");
        put(&point.join("DCIM/a.mp4"), CLIP);
        put(&point.join("DCIM/b.mp4"), b"another");
        std::os::unix::fs::symlink("DCIM", point.join("link")).unwrap();
        run("umount", &[point.to_str().unwrap()]);
        let node = if read_only { protected(&node, &image) } else { node };
        let name = node.file_name().unwrap().to_str().unwrap().to_owned();
        let stat = rustix::fs::stat(&node).unwrap();
        let device = (rustix::fs::major(stat.st_rdev), rustix::fs::minor(stat.st_rdev));
        machine.roots.dev = "/dev".into();
        machine.disk(&name, device, "ext4");
        let keeper = ByHand { point: point.clone() };
        keeper.show(&Volume::find(&machine.roots, &name).unwrap()).unwrap();
        let scene = machine.scene(Box::new(keeper));
        Card { machine, scene, point, node, name }
    }

    fn mounts(&self) -> Vec<String> {
        let table = std::fs::read_to_string("/proc/self/mountinfo").unwrap();
        // The volume itself, or the loop device over it.
        let over = loops::over(Path::new("/sys"), &self.node).unwrap();
        let over = over.map_or("no loop".to_owned(), |over| format!(" /dev/{} ", over.name));
        let direct = format!(" {} ", self.node.display());
        let ours = |line: &&str| line.contains(&direct) || line.contains(&over);
        table.lines().filter(ours).map(|l| l.split(' ').nth(5).unwrap().to_owned()).collect()
    }

    /// Mounted once, read-only.
    fn is_read_only(&self) -> bool {
        matches!(self.mounts().as_slice(), [options] if options.starts_with("ro"))
    }

    /// What lies on the medium itself, by a fresh mount of a copy of it.
    fn has(&self, name: &str) -> bool {
        self.point.join(name).exists()
    }

    fn hold(&self) -> Result<OwnedFd, rustix::io::Errno> {
        rustix::fs::open(&self.node, OFlags::RDONLY | OFlags::EXCL, Mode::empty())
    }
}

impl Drop for Card {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.point).output();
        let _ = Command::new("losetup").arg("-d").arg(&self.node).output();
    }
}

#[test]
fn a_permitted_file_goes_and_the_volume_is_read_only_before_and_after() {
    let card = Card::new(false);
    converse(&card.scene, |daemon| {
        assert!(is_ok(&daemon.open(&card.name)));
        assert!(card.is_read_only());
        let answer = daemon.ask(&wipe(&intent(&card.name, "DCIM/a.mp4", CLIP)));
        assert!(is_ok(&answer), "{answer}");
        // Writable now, but nobody can see it and nobody else can have it.
        assert_eq!(card.mounts(), [""; 0]);
        assert_eq!(card.hold().unwrap_err(), rustix::io::Errno::BUSY);
        let answer = daemon.ask(&json!({ "end": {} }));
        assert_eq!(answer, json!({ "ok": { "method": "remounted" } }));
    });
    assert!(card.is_read_only());
    assert!(!card.has("DCIM/a.mp4"));
    assert_eq!(std::fs::read(card.point.join("DCIM/b.mp4")).unwrap(), b"another");
    run("umount", &[card.point.to_str().unwrap()]);
    run("fsck.ext4", &["-f", "-n", card.node.to_str().unwrap()]);
}

#[test]
fn nothing_that_is_written_to_what_is_shown_reaches_the_card() {
    let card = Card::new(false);
    let over = loops::over(Path::new("/sys"), &card.node).unwrap().unwrap();
    assert!(over.read_only);
    let shown = format!("/dev/{}", over.name);
    let before = digest(&card.node);
    // The flag of the block device alone only makes the kernel warn, and root can take it off.
    run("blockdev", &["--setrw", &shown]);
    let device = std::fs::File::options().write(true).open(&shown).unwrap();
    use std::os::unix::fs::FileExt as _;
    let written = device.write_all_at(&[9; 4096], 1 << 20).and_then(|()| device.sync_all());
    assert!(written.is_err(), "a read-only loop device takes a write");
    drop(device);
    assert_eq!(digest(&card.node), before);
}

#[test]
fn a_loop_device_that_was_left_behind_makes_room() {
    let card = Card::new(false);
    run("umount", &[card.point.to_str().unwrap()]);
    // As a run that was killed between its two steps leaves it: over the card, with no use and no end.
    let left = loops::attach(By::Us, Path::new("/sys"), &card.node).unwrap();
    converse(&card.scene, |daemon| {
        daemon.open(&card.name);
        assert_eq!(kind(&daemon.ask(&json!({ "cold": {} }))), "failed", "{}", left.display());
    });
    // The next mount, which follows every failure, took it away.
    assert!(card.is_read_only());
    let over = loops::over(Path::new("/sys"), &card.node).unwrap().unwrap();
    converse(&card.scene, |daemon| {
        daemon.open(&card.name);
        assert_eq!(daemon.ask(&json!({ "cold": {} })), json!({ "ok": { "method": "remounted" } }));
    });
    assert!(over.read_only && card.is_read_only());
}

#[test]
fn a_loop_device_over_a_disk_that_is_gone_goes_with_its_last_use() {
    let card = Card::new(false);
    run("umount", &[card.point.to_str().unwrap()]);
    let (sys, node) = (Path::new("/sys"), card.machine.dir.path().join("sdx"));
    let stat = rustix::fs::stat(&card.node).unwrap();
    let (major, minor) = (rustix::fs::major(stat.st_rdev), rustix::fs::minor(stat.st_rdev));
    for gone in [false, true] {
        run("mknod", &[node.to_str().unwrap(), "b", &major.to_string(), &minor.to_string()]);
        let left = loops::attach(By::Us, sys, &node).unwrap();
        let backing = sys.join("block").join(left.file_name().unwrap()).join("loop/backing_file");
        let used = std::fs::File::open(&left).unwrap();
        if gone {
            std::fs::remove_file(&node).unwrap();
        }
        loops::abandon(By::Us, sys, &node).unwrap();
        assert!(backing.exists(), "it is in use");
        drop(used);
        assert!(!backing.exists(), "{} is still there, gone: {gone}", backing.display());
        let _gone = std::fs::remove_file(&node);
    }
}

#[test]
fn nobody_reads_through_a_loop_device_what_can_be_written_to() {
    let card = Card::new(false);
    run("umount", &[card.point.to_str().unwrap()]);
    let volume = Volume::find(&card.machine.roots, &card.name).unwrap();
    // After the volume was proven free, before it is mounted.
    let late = loops::attach(By::Us, Path::new("/sys"), &card.node).unwrap();
    let refused = kernel::writable(Path::new("/sys"), &volume).unwrap_err();
    assert_eq!(refused.kind, Kind::Failed, "{refused}");
    assert!(refused.message.contains(late.file_name().unwrap().to_str().unwrap()), "{refused}");
    assert!(card.hold().is_ok(), "the refused mount is still there");
    loops::end_with_last_use(By::Us, &late).unwrap();
    assert!(kernel::writable(Path::new("/sys"), &volume).is_ok());
}

#[test]
fn every_refusal_leaves_the_file_and_a_read_only_volume() {
    let card = Card::new(false);
    let wrong = [
        (intent(&card.name, "DCIM/a.mp4", &[8; 300_000]), "damaged"),
        (intent(&card.name, "DCIM/a.mp4", b"short"), "damaged"),
        (intent(&card.name, "link/a.mp4", CLIP), "invalid"),
        (intent(&card.name, "../a.mp4", CLIP), "invalid"),
        (intent(&card.name, "DCIM/c.mp4", CLIP), "missing"),
    ];
    for (intent, wanted) in wrong {
        converse(&card.scene, |daemon| {
            daemon.open(&card.name);
            assert_eq!(kind(&daemon.ask(&wipe(&intent))), wanted);
            assert!(card.is_read_only(), "at once, not only at the end");
        });
        assert!(card.is_read_only());
    }
    assert!(card.has("DCIM/a.mp4"));
}

#[test]
fn a_lost_connection_in_the_middle_is_the_end() {
    let card = Card::new(false);
    converse(&card.scene, |daemon| {
        daemon.open(&card.name);
        assert!(is_ok(&daemon.ask(&wipe(&intent(&card.name, "DCIM/a.mp4", CLIP)))));
        assert_eq!(card.mounts(), [""; 0]);
    });
    assert!(card.is_read_only() && !card.has("DCIM/a.mp4"));
}

#[test]
fn a_write_protected_card_keeps_its_file() {
    let card = Card::new(true);
    converse(&card.scene, |daemon| {
        daemon.open(&card.name);
        let answer = daemon.ask(&wipe(&intent(&card.name, "DCIM/a.mp4", CLIP)));
        assert_eq!(kind(&answer), "read-only", "{answer}");
    });
    // The same, if only the kernel knew of it.
    card.machine.attribute(&card.name, "ro", "1\n");
    converse(&card.scene, |daemon| {
        daemon.open(&card.name);
        let again = sealdock_chain::WipeIntent {
            expires_ms: common::NOW_MS + 1,
            ..intent(&card.name, "DCIM/a.mp4", CLIP)
        };
        assert!(message(&daemon.ask(&wipe(&again))).contains("write-protected"));
    });
    assert!(card.is_read_only() && card.has("DCIM/a.mp4"));
}

#[test]
fn a_journal_that_was_not_closed_is_not_replayed() {
    use std::os::unix::fs::FileExt as _;
    let card = Card::new(false);
    run("umount", &[card.point.to_str().unwrap()]);
    let device = std::fs::File::options().read(true).write(true).open(&card.node).unwrap();
    let mut flags = [0];
    device.read_exact_at(&mut flags, 1024 + 0x60).unwrap();
    device.write_all_at(&[flags[0] | 4], 1024 + 0x60).unwrap();
    drop(device);
    let before = digest(&card.node);
    converse(&card.scene, |daemon| {
        daemon.open(&card.name);
        let answer = daemon.ask(&wipe(&intent(&card.name, "DCIM/a.mp4", CLIP)));
        assert_eq!(kind(&answer), "read-only");
        assert!(message(&answer).contains("journal was not closed"), "{answer}");
    });
    assert_eq!(digest(&card.node), before, "not one byte of the card changed");
}

fn digest(node: &Path) -> String {
    run("sha256sum", &[node.to_str().unwrap()])
}

#[test]
fn somebody_who_reads_keeps_the_volume_from_being_wiped_or_called_cold() {
    let card = Card::new(false);
    let reader = std::fs::File::open(card.point.join("DCIM/a.mp4")).unwrap();
    converse(&card.scene, |daemon| {
        daemon.open(&card.name);
        assert_eq!(kind(&daemon.ask(&json!({ "cold": {} }))), "failed");
    });
    drop(reader);
    // Mounted somewhere else, where the keeper does not see it.
    let elsewhere = card.machine.dir.path().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    mount(&card.node, &elsewhere, "ro,noload");
    converse(&card.scene, |daemon| {
        daemon.open(&card.name);
        let answer = daemon.ask(&wipe(&intent(&card.name, "DCIM/a.mp4", CLIP)));
        assert!(message(&answer).contains("still in use"), "{answer}");
    });
    run("umount", &[elsewhere.to_str().unwrap()]);
    assert!(card.is_read_only() && card.has("DCIM/a.mp4"));
}

const NOTE: &[u8] = b"2026-11-28 15:30:00";

fn noted(card: &Card, path: &str) -> serde_json::Value {
    converse(&card.scene, |daemon| {
        daemon.open(&card.name);
        let answer = daemon.ask(&clock(&clock_intent(&card.name, path, NOTE)));
        // Before the connection ends, and whatever the answer was.
        assert!(card.is_read_only(), "{answer}");
        answer
    })
}

#[test]
fn a_note_of_the_time_is_on_the_medium_and_the_file_system_is_whole() {
    let card = Card::new(false);
    assert_eq!(noted(&card, "TIMESET.TXT"), json!({ "ok": { "was": "absent" } }));
    assert_eq!(std::fs::read(card.point.join("TIMESET.TXT")).unwrap(), NOTE);
    assert!(card.has("DCIM/a.mp4") && card.has("DCIM/b.mp4"));
    run("umount", &[card.point.to_str().unwrap()]);
    run("fsck.ext4", &["-f", "-n", card.node.to_str().unwrap()]);
}

#[test]
fn a_full_card_gets_no_note_and_no_part_of_one() {
    let card = Card::new(false);
    run("umount", &[card.point.to_str().unwrap()]);
    mount(&card.node, &card.point, "rw");
    let filler = std::fs::File::create(card.point.join("filler")).unwrap();
    let full = std::io::copy(&mut std::io::repeat(7), &mut &filler).unwrap_err();
    assert_eq!(full.raw_os_error(), Some(rustix::io::Errno::NOSPC.raw_os_error()));
    // Small files fill what a large one leaves; the last one that can be made stays empty.
    let some = |n: u32| std::fs::write(card.point.join(format!("f{n}")), [7; 900]);
    let _full = (0..100_000).find(|n| some(*n).is_err()).unwrap();
    drop(filler);
    run("umount", &[card.point.to_str().unwrap()]);
    ByHand { point: card.point.clone() }
        .show(&Volume::find(&card.machine.roots, &card.name).unwrap())
        .unwrap();
    let answer = noted(&card, "TIMESET.TXT");
    assert_eq!(kind(&answer), "no-space", "{answer}");
    assert!(!card.has("TIMESET.TXT"));
}

#[test]
fn a_write_protected_card_gets_no_note() {
    let card = Card::new(true);
    let answer = noted(&card, "TIMESET.TXT");
    assert_eq!(kind(&answer), "read-only", "{answer}");
    assert!(
        message(&answer).contains("nothing was changed") && !card.has("TIMESET.TXT"),
        "{answer}"
    );
}
