//! Real clips, cut by the real tool, and tools that are not what they say.

use sealdock_probe::excerpt::{Cut, Range, Start, Tool, cut};
use std::fs::{self, File};
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::{Path, PathBuf};

const CHILD: &str = env!("CARGO_BIN_EXE_sealdock-probe");

fn fixture(name: &str) -> File {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/clips"));
    File::open(folder.join(name)).expect("a fixture")
}

/// The excerpt as well, whatever came of it.
fn asked(tool: &Tool, clip: &File, (from_ms, to_ms): (u64, u64)) -> (Result<Cut, String>, File) {
    let excerpt = tempfile::tempfile().expect("a temporary file");
    let start = Start { executable: Path::new(CHILD), verbs: ["cut", "find"] };
    let done = cut(start, tool, clip, (Range { from_ms, to_ms }, &excerpt));
    (done, excerpt)
}

fn bytes(file: &File) -> Vec<u8> {
    let len = file.metadata().expect("a file").len();
    let mut bytes = vec![0; usize::try_from(len).expect("a small file")];
    file.read_exact_at(&mut bytes, 0).expect("its bytes");
    bytes
}

fn tool() -> Tool {
    Tool::find().expect("ffmpeg is installed; `cargo xtask test` brings it")
}

#[test]
fn what_was_found_are_the_bytes_of_the_clip() {
    for (name, ending) in [
        ("h264-aac.mp4", "mp4"),
        ("h264-faststart.mp4", "mp4"),
        ("h265-hvc1.mp4", "mp4"),
        ("h265-hev1.mp4", "mp4"),
        ("h264-alaw.mov", "mov"),
    ] {
        let clip = fixture(name);
        let (cut, excerpt) = asked(&tool(), &clip, (1100, 1900));
        let cut = cut.unwrap_or_else(|why| panic!("{name}: {why}"));
        assert_eq!(cut.ending, ending, "{name}");
        assert!(cut.arguments.join(" ").contains("-c copy"), "{name}");
        let (master, part) = (bytes(&clip), bytes(&excerpt));
        let mut at = usize::try_from(cut.found.at).unwrap();
        for (from, len) in &cut.found.runs {
            let (from, len) = (usize::try_from(*from).unwrap(), usize::try_from(*len).unwrap());
            assert_eq!(part[at..at + len], master[from..from + len], "{name} {at}");
            at += len;
        }
        let mdat = part.windows(4).position(|four| four == b"mdat").unwrap();
        let size = u32::from_be_bytes(part[mdat - 4..mdat].try_into().unwrap());
        assert_eq!(at, mdat - 4 + usize::try_from(size).unwrap(), "{name}: all of mdat");
        // A key frame every second; with some coders a few pictures that come after it are shown before it.
        assert!(cut.found.from_ms <= 1100 && cut.found.to_ms >= 1900, "{name} {:?}", cut.found);
        assert!(cut.found.from_ms >= 800 && cut.found.to_ms <= 2200, "{name} {:?}", cut.found);
    }
}

#[test]
fn what_is_no_whole_mp4_is_refused_with_the_reason() {
    for (name, says) in [
        ("h264-aac.ts", "the clip is no MP4 or QuickTime file"),
        ("mjpeg-pcm.avi", "the clip is no MP4 or QuickTime file"),
        ("still.jpg", "the clip is no MP4 or QuickTime file"),
        ("h264-fragmented.mp4", "the clip is fragmented"),
        ("no-moov.mp4", "could not cut it"),
    ] {
        let why = asked(&tool(), &fixture(name), (1000, 1900)).0.unwrap_err();
        assert!(why.contains(says), "{name}: {why}");
    }
    let why = asked(&tool(), &fixture("h264-aac.mp4"), (60_000, 61_000)).0.unwrap_err();
    assert!(why.contains("nothing in that range"), "beyond its end: {why}");
}

/// A script in place of the tool, and the folder that it lies in.
fn script(text: &str) -> (Tool, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ffmpeg");
    fs::write(&path, format!("#!/bin/sh\n{text}\n")).expect("a script");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("its mode");
    (Tool { name: "ffmpeg", version: "9".into(), path }, folder)
}

#[test]
fn what_the_clip_does_not_have_is_not_found_in_it() {
    let fixtures: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../../fixtures/clips"].iter().collect();
    // The tool's own folder it may read.
    for (give, says) in [
        ("h265-hvc1.mp4", "is not in the clip byte for byte"),
        ("h264-fragmented.mp4", "what was cut is fragmented"),
        ("still.jpg", "what was cut is cut off"),
    ] {
        let (tool, folder) = script("cat \"${0%/*}\"/given");
        fs::copy(fixtures.join(give), folder.path().join("given")).expect("a copy");
        let why = asked(&tool, &fixture("h264-aac.mp4"), (0, 1000)).0.unwrap_err();
        assert!(why.contains(says), "{give}: {why}");
    }
    for (text, says) in [
        ("exit 0", "ffmpeg cut nothing"),
        ("printf 'a\\033b' >&2; exit 3", "ffmpeg could not cut it: a b"),
        ("kill -9 $$", "signal 9"),
        ("dd if=/proc/self/exe bs=1M count=1 >&2 2>&1; head -c 400M /dev/zero", "could not cut it"),
    ] {
        let why = asked(&script(text).0, &fixture("h264-aac.mp4"), (0, 1000)).0.unwrap_err();
        assert!(why.contains(says), "{text}: {why}");
    }
}

#[test]
fn the_tool_reads_no_other_file_and_writes_none() {
    let secret = tempfile::NamedTempFile::new().expect("a file");
    fs::write(secret.path(), "SECRET").expect("its text");
    let text = format!(
        "cat {}; cat /etc/passwd; echo x > ${{0%/*}}/made && echo MADE; test -n \"$(tail -c 4 /dev/stdin)\" && echo CLIP",
        secret.path().display()
    );
    let (tool, folder) = script(&text);
    let (done, excerpt) = asked(&tool, &fixture("h264-aac.mp4"), (0, 1000));
    assert!(done.is_err());
    let said = String::from_utf8_lossy(&bytes(&excerpt)).into_owned();
    assert_eq!(said, "CLIP\n", "no secret, no user, no file");
    assert!(!folder.path().join("made").exists());
}
