//! Real clips, shown by the real program: the mark is in every picture, whatever the clip is; and programs that are not what
//! they say.

use sealdock_probe::view::{Kind, Mark, Piece, Seen, Shape, Start, Tool, look, make, read_back};
use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

fn start() -> Start<'static> {
    Start { executable: Path::new(env!("CARGO_BIN_EXE_sealdock-probe")), verb: "view" }
}

fn fixture(name: &str) -> File {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/clips"));
    File::open(folder.join(name)).expect("a fixture")
}

fn tool() -> Tool {
    let folders = std::env::var_os("PATH").expect("folders of programs");
    Tool::find(&folders).expect("ffmpeg is installed; `cargo xtask test` brings it")
}

fn mark(turn: u64) -> Mark {
    let lines = ["000101 #1234", "2026-11-29 20:30:05"];
    Mark { lines: lines.map(str::to_owned).to_vec(), turn }
}

fn piece(seen: &Seen, from_ms: u64) -> Piece {
    let (width, height) = seen.shown();
    let shape = match seen.kind {
        Kind::Film { sound } => Shape::Film { sound },
        Kind::Sound => Shape::Wave,
        Kind::Photograph => Shape::Picture,
    };
    Piece { shape, from_ms, len_ms: 500, width, height, mark: mark(from_ms / 1000) }
}

/// Every picture of it, a byte of brightness a dot.
fn pictures(made: &[u8], (width, height): (u32, u32)) -> Vec<Vec<u8>> {
    let mut child = Command::new("ffmpeg")
        .args(["-v", "error", "-i", "pipe:0", "-f", "rawvideo", "-pix_fmt", "gray", "pipe:1"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("ffmpeg");
    let mut stdin = child.stdin.take().expect("a pipe");
    let made = made.to_vec();
    let feed = std::thread::spawn(move || stdin.write_all(&made));
    let all = child.wait_with_output().expect("its pictures").stdout;
    feed.join().expect("no panic").expect("it reads");
    assert_eq!(all.len() % (width * height) as usize, 0, "of the size that was asked for");
    all.chunks((width * height) as usize).map(<[u8]>::to_vec).collect()
}

#[test]
fn every_picture_of_every_kind_of_clip_carries_the_mark() {
    for (name, kind, len_ms) in [
        ("h264-aac.mp4", Kind::Film { sound: true }, 3000),
        ("h264-fragmented.mp4", Kind::Film { sound: true }, 3000),
        ("h265-hvc1.mp4", Kind::Film { sound: true }, 3000),
        ("h265-hev1.mp4", Kind::Film { sound: true }, 3000),
        ("h264-alaw.mov", Kind::Film { sound: true }, 2000),
        ("h264-aac.ts", Kind::Film { sound: true }, 3000),
        ("mjpeg-pcm.avi", Kind::Film { sound: true }, 2000),
        ("mpeg4-mp2.avi", Kind::Film { sound: true }, 2000),
        ("voice-note.wav", Kind::Sound, 2000),
        ("still.jpg", Kind::Photograph, 0),
    ] {
        let seen = look(start(), &tool(), fixture(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(seen.kind, kind, "{name}");
        assert!(seen.len_ms >= len_ms && seen.len_ms < len_ms + 300, "{name} {}", seen.len_ms);
        // One of them in the middle, too.
        let places = if name == "h264-aac.mp4" { 2 } else { 1 };
        for from_ms in [0, 1000].into_iter().take(places) {
            let wanted = piece(&seen, from_ms);
            let size = (wanted.width, wanted.height);
            let made = make(start(), &tool(), (fixture(name), wanted.clone()));
            let made = made.unwrap_or_else(|e| panic!("{name} {from_ms}: {e}"));
            let pictures = pictures(&made, size);
            assert!(!pictures.is_empty(), "{name} {from_ms}");
            for (n, picture) in pictures.iter().enumerate() {
                for which in [0, 1] {
                    let read = read_back(picture, size, (&wanted.mark, which));
                    assert_eq!(read, wanted.mark.lines, "{name} {from_ms} picture {n} {which}");
                }
            }
        }
    }
}

#[test]
fn a_small_picture_carries_the_mark_too() {
    let seen = look(start(), &tool(), fixture("h264-aac.mp4")).unwrap();
    let (width, height) = seen.small();
    for turn in [0, 1, 5] {
        let from_ms = 500 * turn;
        let mark = mark(turn);
        let wanted =
            Piece { shape: Shape::Picture, from_ms, len_ms: 0, width, height, mark: mark.clone() };
        let made = make(start(), &tool(), (fixture("h264-aac.mp4"), wanted)).unwrap();
        let pictures = pictures(&made, (width, height));
        assert_eq!(pictures.len(), 1);
        let read = read_back(&pictures[0], (width, height), (&mark, 0));
        assert_eq!(read, mark.lines, "{turn}");
    }
}

#[test]
fn what_cannot_be_shown_says_why() {
    let why = look(start(), &tool(), fixture("no-moov.mp4")).unwrap_err();
    assert!(why.contains("could not do it"), "{why}");
    let seen = look(start(), &tool(), fixture("h264-aac.mp4")).unwrap();
    let late = piece(&seen, 60_000);
    let made = make(start(), &tool(), (fixture("h264-aac.mp4"), late)).unwrap_or_default();
    assert!(made.is_empty() || pictures(&made, seen.shown()).is_empty(), "beyond its end");
    let why = Tool::find(std::ffi::OsStr::new("/nowhere")).unwrap_err();
    assert!(why.contains("ffmpeg is not installed") && why.contains("apt-get"), "{why}");
}

/// Scripts in place of both programs, and the folder that they lie in.
fn scripts(text: &str, version: &str) -> (Result<Tool, String>, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["ffmpeg", "ffprobe"] {
        let path = folder.path().join(name);
        let known = format!(
            "case $2 in -version) echo {name} version {version};; -encoders) printf ' V libvpx x\\n A libopus x\\n V mjpeg x\\n';; *) {text};; esac"
        );
        fs::write(&path, format!("#!/bin/sh\n{known}\n")).expect("a script");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("its mode");
    }
    (Tool::find(folder.path().as_os_str()), folder)
}

#[test]
fn an_old_program_is_refused_and_one_that_misbehaves_gives_nothing() {
    assert!(scripts("true", "4.4").0.unwrap_err().contains("5 or later"));
    let seen = look(start(), &tool(), fixture("h264-aac.mp4")).unwrap();
    for (text, says) in [
        ("exit 0", "nothing to be seen"),
        ("printf 'a\\033b' >&2; exit 3", "a b"),
        ("kill -9 $$", "signal 9"),
        ("head -c 40M /dev/zero; true", "nothing to be seen"),
        ("head -c 40000000 /usr/lib/x86_64-linux-gnu/libc.a /usr/bin/* 2>&-", "too large"),
    ] {
        let (tool, _folder) = scripts(text, "9.0");
        let made = make(start(), &tool.unwrap(), (fixture("h264-aac.mp4"), piece(&seen, 0)));
        let why = made.map(|made| made.len()).unwrap_err();
        assert!(why.contains(says), "{text}: {why}");
    }
}

#[test]
fn the_program_reads_the_clip_and_no_other_file_and_makes_none() {
    let secret = tempfile::NamedTempFile::new().expect("a file");
    fs::write(secret.path(), "SECRET").expect("its text");
    let text = format!(
        "cat {} /etc/passwd 2>&-; (echo x > ${{0%/*}}/made) 2>&- && echo MADE; test -n \"$(tail -c 4 /proc/self/fd/0 2>&-)\" && echo CLIP",
        secret.path().display()
    );
    let (tool, folder) = scripts(&text, "9.0");
    let seen = Seen { kind: Kind::Photograph, len_ms: 0, frame_rate: 25.0, width: 64, height: 64 };
    let made = make(start(), &tool.unwrap(), (fixture("h264-aac.mp4"), piece(&seen, 0)));
    assert_eq!(String::from_utf8_lossy(&made.unwrap()), "CLIP\n", "no secret, no user, no file");
    assert!(!folder.path().join("made").exists());
}
