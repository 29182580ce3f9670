//! The page that a court opens instead of the program: its scripts are run by node over the vectors of the formats
//! and over packages of their own, with the same words and codes that the program's corpus has.
#![allow(clippy::expect_used, reason = "a test ends where it cannot go on")]

use sealdock_verify::{page, page_digest};
use std::path::Path;
use std::process::Command;

/// A court copies it to a stick and reads it; what grows beyond this is read by nobody.
const PAGE_BYTES_MAX: usize = 150_000;

#[test]
fn node_puts_the_same_page_together_byte_for_byte() {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let place = tempfile::tempdir().expect("a folder");
    let out = place.path().join("verify.html");
    let status = Command::new("node")
        .args([&home.join("web/tests/assemble.mjs"), &home.join("words.json"), &out])
        .status()
        .expect("node is installed; `cargo xtask test` brings it");
    assert!(status.success());
    let theirs = std::fs::read_to_string(&out).expect("the page");
    let ours = page();
    let part = theirs.bytes().zip(ours.bytes()).position(|(one, other)| one != other);
    assert!(theirs == ours, "they part at {part:?} of {} and {}", theirs.len(), ours.len());
    assert!(ours.len() <= PAGE_BYTES_MAX, "{} bytes", ours.len());
    let sum = Command::new("sha256sum").arg(&out).output().expect("coreutils are there").stdout;
    assert!(String::from_utf8_lossy(&sum).starts_with(&format!("{} ", page_digest())));
}

#[test]
fn the_page_judges_as_the_program_does() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/tests");
    let mut files: Vec<_> = tests
        .read_dir()
        .expect("the tests of the page")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.to_string_lossy().ends_with(".test.mjs"))
        .collect();
    files.sort();
    assert!(files.len() >= 5, "{files:?}");
    let output = Command::new("node")
        .args(["--test", "--test-reporter=tap"])
        .args(&files)
        .output()
        .expect("node is installed; `cargo xtask test` brings it");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    // A run that found nothing to do is no success.
    let passed = said.lines().find_map(|line| line.strip_prefix("# pass ")?.parse::<u32>().ok());
    assert!(passed.is_some_and(|passed| passed >= 130), "{said}");
    assert!(said.contains("\n# skipped 0\n"), "{said}");
}
