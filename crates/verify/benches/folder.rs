//! `cargo xtask bench folder`: how fast `sealdock-verify` judges a package of 2 GiB, beside `openssl dgst -sha256` over the
//! same files in the same round, from a cold cache and from memory.
#![allow(clippy::unwrap_used)]

#[allow(dead_code)]
#[path = "../tests/packages/build.rs"]
mod build;

use build::{Plan, package, small};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const CLIPS: u64 = 4;
const CLIP_BYTES: usize = 512 * 1024 * 1024;
const RUNS: usize = 5;

fn main() {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench-folder");
    let _absent = std::fs::remove_dir_all(&dir);
    let folder = dir.join("disc");
    write(&folder);
    let mut files = Vec::new();
    walk(&folder, &mut files);
    for (what, cold) in [("from a cold cache", true), ("from memory", false)] {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..RUNS {
            ours.push(timed(cold, judge(&folder), Some(5)));
            theirs.push(timed(cold, openssl(&files), Some(0)));
        }
        let (ours, theirs) = (median(ours), median(theirs));
        let rate = |time: f64| CLIPS as f64 * CLIP_BYTES as f64 / f64::from(1 << 20) / time;
        println!(
            "{what}: sealdock-verify {:.0} MiB/s, openssl dgst -sha256 {:.0} MiB/s, ratio {:.2} (≥ 0.9)",
            rate(ours),
            rate(theirs),
            theirs / ours
        );
    }
    std::fs::remove_dir_all(&dir).unwrap();
}

fn write(folder: &Path) {
    let clip = |n: u64| {
        let mut state = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let word = |_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()
        };
        (0..CLIP_BYTES / 8).flat_map(word).collect()
    };
    let plan = Plan { clips: (1..=CLIPS).map(clip).collect(), ..small() };
    for (name, bytes) in &package(&plan).folder.files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => walk(&path, files),
            false => files.push(path),
        }
    }
}

/// Without a key the best word is UNTRUSTED, exit 5.
fn judge(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sealdock-verify"));
    command.arg(folder);
    command
}

fn openssl(files: &[PathBuf]) -> Command {
    let mut command = Command::new("openssl");
    command.args(["dgst", "-sha256"]).args(files);
    command
}

fn timed(cold: bool, mut command: Command, code: Option<i32>) -> Duration {
    assert!(Command::new("sync").status().unwrap().success());
    if cold {
        std::fs::write("/proc/sys/vm/drop_caches", "3").expect("dropping caches needs root");
    }
    let begun = Instant::now();
    let output = command.output().unwrap();
    let took = begun.elapsed();
    assert_eq!(output.status.code(), code, "{}", String::from_utf8_lossy(&output.stdout));
    took
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64()
}
