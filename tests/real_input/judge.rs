//! What a clip is, judged by `ffprobe`, which shares no code with our readers.

use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// Our readers and ffprobe round differently and count the end of the sound differently.
const TOLERANCE_MS: i64 = 250;

/// Holds the facts of a whole clip against what ffprobe sees in the original.
pub fn agrees(facts: &Value, original: &Path) {
    let seen = probed(original);
    let name = original.display();
    let container = facts["container"].as_str().expect("a container");
    let format = seen["format"]["format_name"].as_str().expect("a format");
    let expected = if container == "jpeg" { "image2" } else { container };
    assert!(format.split(',').any(|one| one == expected), "{name}: {container}, ffprobe: {format}");
    for (ours, theirs) in [("codec_video", "video"), ("codec_audio", "audio")] {
        let stream = stream(&seen, theirs);
        let codec = facts[ours].as_str().unwrap_or("none");
        let theirs = stream.map_or("none", |one| one["codec_name"].as_str().expect("a codec"));
        assert!(same_codec(codec, theirs), "{name}: {codec}, ffprobe: {theirs}");
    }
    if let (Some(video), false) = (stream(&seen, "video"), container == "mpegts") {
        assert_eq!(facts["width_px"], video["width"], "{name}");
        assert_eq!(facts["height_px"], video["height"], "{name}");
    }
    if container != "jpeg" {
        let ours = facts["duration_ms"].as_i64().unwrap_or_else(|| panic!("{name}: {facts}"));
        let theirs = seen["format"]["duration"].as_str().expect("a duration");
        let theirs = (theirs.parse::<f64>().expect("seconds") * 1000.0) as i64;
        assert!((ours - theirs).abs() <= TOLERANCE_MS, "{name}: {ours} ms, ffprobe: {theirs} ms");
    }
    assert_eq!(facts["state"], "complete", "{name}");
}

fn stream<'a>(seen: &'a Value, kind: &str) -> Option<&'a Value> {
    seen["streams"].as_array().expect("streams").iter().find(|one| one["codec_type"] == kind)
}

fn same_codec(ours: &str, theirs: &str) -> bool {
    match ours {
        "h265" => theirs == "hevc",
        "jpeg" => theirs == "mjpeg",
        "pcm" => theirs.starts_with("pcm_s") || theirs.starts_with("pcm_u"),
        "pcm-alaw" => theirs == "pcm_alaw",
        same => same == theirs,
    }
}

fn probed(original: &Path) -> Value {
    let mut command = Command::new("ffprobe");
    command.args(["-v", "error", "-of", "json", "-show_format", "-show_streams"]).arg(original);
    let output = command.output().expect("ffprobe is there: run through cargo xtask test");
    serde_json::from_slice(&output.stdout).expect("JSON of ffprobe")
}
