//! Real clips, shown by the real program: the mark is in every picture, whatever the clip is; and programs that are not what
//! they say.

use sealdock_probe::view::{
    Kind, Mark, Piece, Seen, Shape, Start, Streams, Tool, look, make, read_back,
};
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
    let shape = match seen.kind {
        Kind::Film { sound } => Shape::Film { sound },
        Kind::Sound => Shape::Wave,
        Kind::Photograph => Shape::Picture,
    };
    let (frame, streams) = (seen.shown(), seen.streams);
    Piece { shape, from_ms, len_ms: 500, frame, streams, mark: mark(from_ms / 1000) }
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
        let seen = look(start(), &tool(), fixture(name));
        let seen = seen.unwrap_or_else(|e| panic!("{name}: {e:?}"));
        assert_eq!(seen.kind, kind, "{name}");
        assert!(seen.len_ms >= len_ms && seen.len_ms < len_ms + 300, "{name} {}", seen.len_ms);
        // One of them in the middle, too.
        let places = if name == "h264-aac.mp4" { 2 } else { 1 };
        for from_ms in [0, 1000].into_iter().take(places) {
            let wanted = piece(&seen, from_ms);
            let made = make(start(), &tool(), (fixture(name), wanted.clone()));
            let made = made.unwrap_or_else(|e| panic!("{name} {from_ms}: {e:?}"));
            assert!(marked(&made, &wanted, &format!("{name} {from_ms}")) > 0);
        }
    }
}

/// Both marks are in every picture of it; how many those are.
fn marked(made: &[u8], wanted: &Piece, what: &str) -> usize {
    let (size, mark) = (wanted.frame.size(), &wanted.mark);
    let all = pictures(made, size);
    for (n, picture) in all.iter().enumerate() {
        for which in [0, 1] {
            let read = read_back(picture, size, (mark, which));
            assert_eq!(read, mark.lines, "{what} picture {n} {which}");
        }
    }
    all.len()
}

/// `ffmpeg`, each word after a space; `*` is the folder.
fn ffmpeg(folder: &Path, words: &str) {
    let folder = folder.to_str().expect("a plain name");
    let words = words.split(' ').map(|word| word.replace('*', folder));
    let done = Command::new("ffmpeg").args(["-v", "error", "-y"]).args(words.clone()).status();
    assert!(done.expect("ffmpeg").success(), "{:?}", words.collect::<Vec<_>>());
}

/// One file behind the other, as a recorder that was set anew on the way leaves them.
fn joined(folder: &Path, parts: [&str; 2], whole: &str) {
    let bytes = parts.map(|part| fs::read(folder.join(part)).expect("a part")).concat();
    fs::write(folder.join(whole), bytes).expect("the whole");
}

#[test]
fn a_clip_that_changes_its_size_or_dots_on_the_way_is_marked_all_the_way() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    let grey = |size: &str, seconds: &str, rest: &str| {
        let all = format!("-f lavfi -i color=gray:s={size}:d={seconds}:r=25 {rest}");
        ffmpeg(at, &all);
    };
    grey("640x360", "0.4", "-c:v mjpeg -f mjpeg */a");
    grey("320x180", "3", "-c:v mjpeg -f mjpeg */b");
    joined(at, ["a", "b"], "size.mjpeg");
    grey("640x360", "0.4", "-pix_fmt yuvj420p -c:v mjpeg -f mjpeg */c");
    grey("640x360", "3", "-pix_fmt yuvj422p -c:v mjpeg -f mjpeg */d");
    joined(at, ["c", "d"], "dots.mjpeg");
    for (from, to) in [("size", "size.mp4"), ("size", "size.avi"), ("dots", "dots.mp4")] {
        ffmpeg(at, &format!("-f mjpeg -i */{from}.mjpeg -c copy */{to}"));
    }
    grey("640x360", "0.4", "-c:v libx264 -f mpegts */e");
    grey("320x180", "3", "-c:v libx264 -f mpegts */f");
    joined(at, ["e", "f"], "size.ts");
    for name in ["size.mp4", "size.avi", "dots.mp4", "size.ts"] {
        let open = || File::open(at.join(name)).expect("a clip");
        let seen = look(start(), &tool(), open()).unwrap_or_else(|e| panic!("{name}: {e:?}"));
        let wanted = Piece { len_ms: 2000, ..piece(&seen, 0) };
        let made = make(start(), &tool(), (open(), wanted.clone()));
        let made = made.unwrap_or_else(|e| panic!("{name}: {e:?}"));
        // Well beyond the ten frames before the change.
        assert!(marked(&made, &wanted, name) > 20, "{name}");
    }
}

#[test]
fn a_sound_that_changes_on_the_way_is_refused_there_and_marked_elsewhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    ffmpeg(at, "-f lavfi -i sine=440:d=1 -ac 1 */a.mp3");
    ffmpeg(at, "-f lavfi -i sine=440:d=4 -ac 2 */b.mp3");
    joined(at, ["a.mp3", "b.mp3"], "c.mp3");
    let open = || File::open(at.join("c.mp3")).expect("a clip");
    let seen = look(start(), &tool(), open()).expect("it is seen");
    let over = Piece { len_ms: 2000, ..piece(&seen, 0) };
    let why = make(start(), &tool(), (open(), over)).unwrap_err();
    assert_eq!(why.why, "the program that reads clips could not do it", "{why:?}");
    let behind = Piece { len_ms: 1000, ..piece(&seen, 2000) };
    let made = make(start(), &tool(), (open(), behind.clone())).expect("behind the change");
    assert!(marked(&made, &behind, "behind") > 5);
}

#[test]
fn a_narrow_and_a_flat_picture_carry_both_marks_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    ffmpeg(at, "-f lavfi -i color=white:s=40x4000:d=1:r=1 -frames:v 1 */narrow.jpg");
    ffmpeg(at, "-f lavfi -i color=white:s=4000x64:d=1:r=25 -c:v mjpeg */flat.avi");
    for name in ["narrow.jpg", "flat.avi"] {
        let open = || File::open(at.join(name)).expect("a clip");
        let seen = look(start(), &tool(), open()).unwrap_or_else(|e| panic!("{name}: {e:?}"));
        let large = piece(&seen, 0);
        let small =
            Piece { frame: seen.small(), shape: Shape::Picture, len_ms: 0, ..large.clone() };
        for wanted in [large, small] {
            let made = make(start(), &tool(), (open(), wanted.clone()));
            let made = made.unwrap_or_else(|e| panic!("{name}: {e:?}"));
            assert!(marked(&made, &wanted, name) > 0);
        }
    }
    let seen = look(start(), &tool(), fixture("h264-aac.mp4")).expect("it is seen");
    let mut tiny = piece(&seen, 0);
    (tiny.frame.width, tiny.frame.height) = (100, 60);
    let why = make(start(), &tool(), (fixture("h264-aac.mp4"), tiny)).unwrap_err();
    assert!(why.why.contains("too small for its mark"), "{why:?}");
}

#[test]
fn a_piece_in_which_one_picture_lacks_a_mark_does_not_leave() {
    let seen = look(start(), &tool(), fixture("h264-aac.mp4")).expect("it is seen");
    let wanted = piece(&seen, 0);
    let made = make(start(), &tool(), (fixture("h264-aac.mp4"), wanted.clone())).expect("a piece");
    // The real program reads it; what is to be read was made beforehand.
    let given = "case \"$*\" in *vstack*) exec ffmpeg \"$@\";; *) cat \"${0%/*}/piece\";; esac";
    let (found, folder) = scripts(given, "9.0");
    let found = found.expect("scripts");
    fs::write(folder.path().join("made"), &made).expect("a piece");
    let [upper, lower] = wanted.mark.windows(wanted.frame.size()).expect("they fit");
    for (window, when) in [(upper, "1"), (lower, "eq(n,0)"), (upper, "eq(n,4)"), (lower, "0")] {
        let filled = format!(
            "drawbox={}:{}:{}:{}:gray:fill:enable='{when}'",
            window.left, window.top, window.wide, window.high
        );
        let spoilt = format!("-i */made -vf {filled} -c:v libvpx -b:v 2M -an -f webm */piece");
        ffmpeg(folder.path(), &spoilt);
        let left = make(start(), &found, (fixture("h264-aac.mp4"), wanted.clone()));
        match when {
            "0" => assert!(left.is_ok(), "nothing is spoilt: {left:?}"),
            _ => {
                let why = left.map(|made| made.len()).unwrap_err();
                assert!(why.why.contains("without its mark"), "{filled}: {why:?}");
            }
        }
    }
}

#[test]
fn a_small_picture_carries_the_mark_too() {
    let seen = look(start(), &tool(), fixture("h264-aac.mp4")).unwrap();
    let (frame, streams) = (seen.small(), seen.streams);
    for turn in [0, 1, 5] {
        let from_ms = 500 * turn;
        let shape = Shape::Picture;
        let wanted = Piece { shape, from_ms, len_ms: 0, frame, streams, mark: mark(turn) };
        let made = make(start(), &tool(), (fixture("h264-aac.mp4"), wanted.clone())).unwrap();
        assert_eq!(marked(&made, &wanted, "small"), 1);
    }
}

#[test]
fn what_cannot_be_shown_says_why() {
    let why = look(start(), &tool(), fixture("no-moov.mp4")).unwrap_err();
    assert!(why.why.contains("could not do it") && why.said.contains("Invalid data"), "{why:?}");
    let seen = look(start(), &tool(), fixture("h264-aac.mp4")).unwrap();
    let late = make(start(), &tool(), (fixture("h264-aac.mp4"), piece(&seen, 60_000)));
    // Beyond its end there is no frame, so nothing that a mark could be read from.
    let why = late.unwrap_err();
    assert!(why.why.contains("could not do it"), "{why:?}");
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
        ("printf 'a\\033b' >&2; exit 3", "could not do it"),
        ("kill -9 $$", "signal 9"),
        ("head -c 40M /dev/zero; true", "nothing to be seen"),
        ("head -c 40000000 /usr/lib/x86_64-linux-gnu/libc.a /usr/bin/* 2>&-", "too large"),
    ] {
        let (tool, _folder) = scripts(text, "9.0");
        let made = make(start(), &tool.unwrap(), (fixture("h264-aac.mp4"), piece(&seen, 0)));
        let why = made.map(|made| made.len()).unwrap_err();
        assert!(why.why.contains(says), "{text}: {why:?}");
        // Its words and its place go no further than the log.
        assert!(!why.why.contains("a b") && !why.why.contains('/'), "{why:?}");
        assert_eq!(why.said == "a b", text.contains("033"), "{why:?}");
    }
}

#[test]
fn the_program_reads_the_clip_and_no_other_file_makes_none_and_leaves_its_attributes() {
    let secret = tempfile::NamedTempFile::new().expect("a file");
    fs::write(secret.path(), "SECRET").expect("its text");
    let clip = tempfile::NamedTempFile::new().expect("a file");
    fs::write(clip.path(), "clip").expect("its text");
    let open = || File::open(clip.path()).expect("it is there");
    let known = |m: fs::Metadata| (m.permissions().mode(), m.modified().expect("a time"));
    let before = known(open().metadata().expect("metadata"));
    let text = format!(
        "{{ cat {} /etc/passwd 2>&-; (echo x > ${{0%/*}}/made) 2>&- && echo MADE; chmod 777 /proc/self/fd/0 2>&- && echo MODE; touch -c -d 2001-01-01 /proc/self/fd/0 2>&- && echo TIMES; test -n \"$(tail -c 4 /proc/self/fd/0 2>&-)\" && echo CLIP; }} | tr '\\n' ' ' >&2; exit 3",
        secret.path().display()
    );
    let (tool, folder) = scripts(&text, "9.0");
    let streams = Streams::default();
    let (kind, frame_rate) = (Kind::Photograph, 25.0);
    let seen = Seen { kind, len_ms: 0, frame_rate, width: 64, height: 64, streams };
    let made = make(start(), &tool.unwrap(), (open(), piece(&seen, 0)));
    assert_eq!(made.unwrap_err().said.trim(), "CLIP", "no secret, no user, no file, no attribute");
    assert!(!folder.path().join("made").exists());
    assert_eq!(known(open().metadata().expect("metadata")), before);
}
