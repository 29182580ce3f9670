//! The footage: from real cameras, from the fixtures, and made by ffmpeg while the test runs, with
//! truncated forms of all that.

use crate::common_e2e::files;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Lengths of whole clips are asked of `ffprobe`; this is what a truncated one must be called.
pub const CUTS: [(&str, &str, &str); 7] = [
    ("long.mp4", "cut-no-index.mp4", "no-moov"),
    ("index-first.mp4", "cut-index-first.mp4", "mdat-truncated"),
    ("fragmented.mp4", "cut-fragmented.mp4", "fragment-truncated"),
    ("motion.avi", "cut-motion.avi", "truncated"),
    ("stream.ts", "cut-stream.ts", "truncated"),
    ("photo.jpg", "cut-photo.jpg", "truncated"),
    ("sound.wav", "cut-sound.wav", "truncated"),
];

/// Fixtures that are truncated, and what each must be called.
pub const CUT_FIXTURES: [(&str, &str); 3] = [
    ("faststart-cut.mp4", "mdat-truncated"),
    ("fragmented-cut.mp4", "fragment-truncated"),
    ("no-moov.mp4", "no-moov"),
];

/// Files in which no reader of media can find anything.
pub const NOT_MEDIA: [&str; 4] = ["noise.mp4", "empty.mp4", "README.md", "make.sh"];

const SOURCE: &str = "-f lavfi -i testsrc2=size=640x360:rate=25 -f lavfi -i sine=frequency=440 \
    -t 10 -c:v libx264 -preset ultrafast -b:v 4600k -minrate 4600k -maxrate 4600k -bufsize 1M \
    -pix_fmt yuv420p -c:a aac long.mp4";
const H265: &str = "-f lavfi -i testsrc2=size=320x240:rate=25 -t 3 -c:v libx265 -preset ultrafast \
    -x265-params log-level=none -pix_fmt yuv420p h265.mp4";

/// Everything that is cut out of the long clip.
const MADE: [&str; 6] = [
    "-i long.mp4 -c copy -t 4 -movflags frag_keyframe+empty_moov fragmented.mp4",
    "-i long.mp4 -c copy -t 4 -movflags faststart index-first.mp4",
    "-i long.mp4 -t 2 -c:v mjpeg -c:a pcm_s16le motion.avi",
    "-i long.mp4 -t 4 -c copy stream.ts",
    "-i long.mp4 -frames:v 1 photo.jpg",
    "-i long.mp4 -t 3 -vn sound.wav",
];

/// The footage of real cameras, into a folder.
pub fn real(folder: &Path) {
    let from = std::env::var_os("SEALDOCK_MEDIA").map(PathBuf::from);
    let from = from.expect("SEALDOCK_MEDIA is unset: run through cargo xtask test");
    for name in ["bikes.mp4", "carphone_pristine.mp4", "bigbuckbunny.mp4"] {
        let copied = std::fs::copy(from.join(name), folder.join(name));
        copied.unwrap_or_else(|error| panic!("{name}: {error}: run through cargo xtask test"));
    }
}

/// All of `fixtures/clips`, into a folder.
pub fn fixtures(folder: &Path) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/clips");
    for (name, path) in files::below(&from) {
        std::fs::copy(path, folder.join(name)).expect("a copy");
    }
}

/// What ffmpeg makes, truncated forms of it, and two files that hold no footage at all.
pub fn made(folder: &Path) {
    for recipe in [SOURCE, H265].iter().chain(&MADE) {
        ffmpeg(folder, recipe);
    }
    let long = std::fs::metadata(folder.join("long.mp4")).expect("the long clip").len();
    assert!(long > 5_000_000, "the long clip has only {long} bytes");
    for (whole, cut, _) in CUTS {
        let bytes = std::fs::read(folder.join(whole)).expect("a whole clip");
        std::fs::write(folder.join(cut), &bytes[..bytes.len() * 3 / 5 + 1]).expect("a cut clip");
    }
    let noise = (0..100_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8);
    std::fs::write(folder.join("noise.mp4"), noise.collect::<Vec<u8>>()).expect("noise");
    std::fs::write(folder.join("empty.mp4"), b"").expect("an empty file");
}

fn ffmpeg(folder: &Path, recipe: &str) {
    let mut command = Command::new("ffmpeg");
    command.args(["-hide_banner", "-nostdin", "-loglevel", "error"]);
    command.args(recipe.split_whitespace()).current_dir(folder);
    let output = command.output().expect("ffmpeg is there: run through cargo xtask test");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "ffmpeg {recipe}: {said}");
}
