//! The real child process: real clips, bombs, and programs that are not media readers at all.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sealdock_probe::{Container, Facts, Limits, Outcome, State, describe};

const CHILD: &str = env!("CARGO_BIN_EXE_sealdock-probe");
/// 2026-03-02T08:15:30Z, as `fixtures/clips/make.sh` sets it.
const MADE_AT: i64 = 1_772_439_330;

fn fixture(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/clips")).join(name)
}

fn look_at(clip: File) -> Outcome {
    describe(Path::new(CHILD), &[], clip, &Limits::default())
}

/// An unnamed file with this content.
fn clip(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(bytes).expect("room for a small file");
    file
}

fn described(outcome: Outcome) -> Facts {
    match outcome {
        Outcome::Described(facts) => facts,
        Outcome::Undescribed { reason } => panic!("undescribed: {reason}"),
    }
}

fn undescribed(outcome: Outcome) -> String {
    match outcome {
        Outcome::Undescribed { reason } => reason,
        Outcome::Described(facts) => panic!("described: {facts:?}"),
    }
}

/// What a shell script in the child's place comes to, and how long that took.
fn script(text: &str, limits: Limits) -> (Outcome, Duration) {
    let started = Instant::now();
    let outcome = describe(Path::new("/bin/sh"), &["-c", text], clip(b""), &limits);
    (outcome, started.elapsed())
}

fn boxed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    [&(body.len() as u32 + 8).to_be_bytes()[..], kind, body].concat()
}

/// Every clip: file, container, picture, sound, milliseconds, fragmented, state.
type Row = (&'static str, Container, &'static str, &'static str, u64, Option<bool>, State);

#[rustfmt::skip]
const CLIPS: [Row; 14] = [
    ("h264-aac.mp4",        Container::Mp4,    "h264",  "aac",      3000, Some(false), State::Complete),
    ("h264-faststart.mp4",  Container::Mp4,    "h264",  "aac",      2000, Some(false), State::Complete),
    ("h265-hvc1.mp4",       Container::Mp4,    "h265",  "aac",      3000, Some(false), State::Complete),
    ("h265-hev1.mp4",       Container::Mp4,    "h265",  "aac",      3000, Some(false), State::Complete),
    ("h264-fragmented.mp4", Container::Mp4,    "h264",  "aac",      3133, Some(true),  State::Complete),
    ("h264-alaw.mov",       Container::Mov,    "h264",  "pcm-alaw", 2000, Some(false), State::Complete),
    ("mjpeg-pcm.avi",       Container::Avi,    "mjpeg", "pcm",      2200, None,        State::Complete),
    ("mpeg4-mp2.avi",       Container::Avi,    "mpeg4", "mp2",      2000, None,        State::Complete),
    ("h264-aac.ts",         Container::MpegTs, "h264",  "aac",      3000, None,        State::Complete),
    ("still.jpg",           Container::Jpeg,   "jpeg",  "",         0,    None,        State::Complete),
    ("voice-note.wav",      Container::Wav,    "",      "pcm",      2000, None,        State::Complete),
    ("no-moov.mp4",         Container::Mp4,    "",      "",         0,    None,        State::NoMoov),
    ("faststart-cut.mp4",   Container::Mp4,    "h264",  "aac",      2000, Some(false), State::MdatTruncated),
    // Two of three fragments are whole.
    ("fragmented-cut.mp4",  Container::Mp4,    "h264",  "aac",      2053, Some(true),  State::FragmentTruncated),
];

#[test]
fn every_committed_clip_is_described() {
    for (name, container, video, audio, duration_ms, fragmented, state) in CLIPS {
        let facts = described(look_at(File::open(fixture(name)).unwrap()));
        let has_index = fragmented.is_some();
        let has_size = !video.is_empty() && container != Container::MpegTs;
        let word = |word: &str| Some(word.to_owned()).filter(|word| !word.is_empty());
        let expected = Facts {
            container: Some(container),
            codec_video: word(video),
            codec_audio: word(audio),
            duration_ms: Some(duration_ms).filter(|&ms| ms > 0),
            width_px: has_size.then_some(320),
            height_px: has_size.then_some(180),
            created_unix_s: has_index.then_some(MADE_AT),
            fragmented,
            state: Some(state),
            notes: Vec::new(),
        };
        assert_eq!(facts, expected, "{name}");
    }
}

#[test]
fn the_name_of_the_file_says_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clip.jpg");
    std::fs::copy(fixture("h264-aac.ts"), &path).unwrap();
    assert_eq!(described(look_at(File::open(path).unwrap())).container, Some(Container::MpegTs));
}

#[test]
fn a_clip_that_is_cut_anywhere_is_never_called_complete() {
    for name in ["h264-aac.mp4", "h264-faststart.mp4", "mjpeg-pcm.avi", "still.jpg"] {
        let whole = std::fs::read(fixture(name)).unwrap();
        for tenth in 1..10 {
            let cut = &whole[..whole.len() * tenth / 10];
            let facts = sealdock_probe::media::read_facts(std::io::Cursor::new(cut)).unwrap();
            assert_ne!(facts.state, Some(State::Complete), "{name} at {tenth}/10");
        }
    }
}

#[test]
fn a_loop_of_empty_boxes_ends() {
    let facts = described(look_at(clip(&boxed(b"free", b"").repeat(100_000))));
    assert_eq!(facts.state, None);
    assert_eq!(facts.notes, ["more boxes than are read: wholeness is not known"]);
}

#[test]
fn boxes_a_hundred_thousand_deep_do_no_harm() {
    let depth = 100_000_u32;
    let mut bytes = boxed(b"ftyp", b"isom\0\0\0\0");
    for level in 0..depth {
        bytes.extend(((depth - level) * 8).to_be_bytes());
        bytes.extend(if level == 0 { b"moov" } else { b"trak" });
    }
    let facts = described(look_at(clip(&bytes)));
    assert!(facts.notes.contains(&"moov could not be decoded".to_owned()), "{facts:?}");
}

#[test]
fn a_moov_that_claims_four_gigabytes_is_not_read() {
    let file = clip(&boxed(b"ftyp", b"isom\0\0\0\0"));
    file.write_all_at(&[&0xFFFF_FFF0_u32.to_be_bytes()[..], b"moov"].concat(), 16).unwrap();
    file.set_len(5 << 30).unwrap();
    let facts = described(look_at(file));
    assert!(facts.notes[0].starts_with("moov of 4294967272 bytes is larger"), "{facts:?}");
}

#[test]
fn a_box_larger_than_any_file_only_ends_the_walk() {
    let mut bytes = boxed(b"ftyp", b"isom\0\0\0\0");
    bytes.extend([&1_u32.to_be_bytes()[..], b"mdat", &u64::MAX.to_be_bytes()].concat());
    assert_eq!(described(look_at(clip(&bytes))).state, Some(State::NoMoov));
}

/// A sample group of no size, four thousand million times: 60 s and all memory when it reaches
/// the decoder, which is why our reader cuts such boxes out first.
#[test]
fn a_group_bomb_is_never_decoded() {
    let mut bytes = std::fs::read(fixture("h264-faststart.mp4")).unwrap();
    let kind = bytes.windows(4).position(|word| word == b"sgpd").unwrap();
    bytes[kind + 4] = 0; // version 0: entries without a length of their own
    bytes[kind + 8..kind + 12].copy_from_slice(b"none");
    bytes[kind + 12..kind + 16].copy_from_slice(&u32::MAX.to_be_bytes());
    let facts = described(look_at(clip(&bytes)));
    assert_eq!(facts.duration_ms, Some(2000), "{facts:?}");
}

#[test]
fn facts_survive_a_second_reader_that_hangs() {
    let mut bytes = std::fs::read(fixture("h264-faststart.mp4")).unwrap();
    let kind = bytes.windows(4).rposition(|word| word == b"sgpd").unwrap();
    bytes[kind - 4..kind + 4].copy_from_slice(&[0, 0, 0, 0, 0, 0, 7, b'd']);
    let started = Instant::now();
    let facts = described(look_at(clip(&bytes)));
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
    assert_eq!(facts.codec_video.as_deref(), Some("h264"));
    assert_eq!(
        facts.notes.last().map(String::as_str),
        Some("second opinion (mp4 0.14) gave none: it did not finish within 2 s more")
    );
}

#[test]
fn too_little_memory_is_a_reason_and_no_more() {
    let limits = Limits { address_space_bytes: 1 << 20, ..Limits::default() };
    let clip = File::open(fixture("h264-aac.mp4")).unwrap();
    let reason = undescribed(describe(Path::new(CHILD), &[], clip, &limits));
    assert!(reason.ends_with("; the stored clip is not affected"), "{reason}");
}

#[test]
fn what_cannot_be_read_is_a_reason() {
    let (reader, _writer) = std::io::pipe().unwrap();
    let pipe = File::from(std::os::fd::OwnedFd::from(reader));
    for clip in [File::open("/").unwrap(), pipe] {
        let reason = undescribed(look_at(clip));
        assert!(reason.contains("could not read the file"), "{reason}");
    }
}

#[test]
fn a_child_that_hangs_is_ended_in_time() {
    let limits = Limits { wall_s: 1, ..Limits::default() };
    let started = Instant::now();
    let outcome = describe(Path::new("/bin/sleep"), &["60"], clip(b""), &limits);
    assert!(started.elapsed() < Duration::from_secs(3));
    assert!(undescribed(outcome).contains("did not finish within 1 s"));
}

#[test]
fn a_child_that_closes_its_mouth_and_hangs_is_ended_in_time() {
    let limits = Limits { wall_s: 1, ..Limits::default() };
    let (outcome, took) = script("exec >&-; sleep 60", limits);
    assert!(took < Duration::from_secs(3), "{took:?}");
    assert!(undescribed(outcome).contains("did not finish within 1 s"));
}

#[test]
fn a_grandchild_that_keeps_the_pipe_holds_nobody_up() {
    let (outcome, took) = script("sleep 60 & exit 3", Limits::default());
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert!(undescribed(outcome).contains("ended with exit code 3"));
}

#[test]
fn a_child_that_floods_is_stopped() {
    let reason = undescribed(describe(
        Path::new("/usr/bin/yes"),
        &[],
        clip(b""),
        &Limits { output_bytes: 1000, ..Limits::default() },
    ));
    assert!(reason.contains("printed more than 1000 bytes"), "{reason}");
}

#[test]
fn a_child_that_fails_crashes_or_talks_nonsense_is_undescribed() {
    let cases = [
        ("exit 1", "ended with exit code 1"),
        ("exit 0", "ended without a word"),
        ("kill -SEGV $$", "crashed with signal 11"),
        ("kill -XCPU $$", "used more than 5 s of processor time"),
        ("echo hello", "printed something that is not clip facts"),
        ("echo '{\"width_px\":-1}'", "printed something that is not clip facts"),
        ("printf '{}'", "ended without a word"),
    ];
    for (text, expected) in cases {
        let reason = undescribed(script(text, Limits::default()).0);
        assert!(reason.contains(expected), "{text}: {reason}");
    }
    let missing = Path::new("/nonexistent/sealdock");
    let reason = undescribed(describe(missing, &[], clip(b""), &Limits::default()));
    assert!(reason.contains("could not be started"), "{reason}");
}

#[test]
fn the_child_inherits_no_environment_and_no_folder() {
    assert!(std::env::var_os("CARGO_PKG_NAME").is_some(), "this test needs something to hide");
    let text = r#"[ -z "$CARGO_PKG_NAME" ] && [ "$(pwd)" = / ] && echo '{}'"#;
    assert_eq!(described(script(text, Limits::default()).0), Facts::default());
}
