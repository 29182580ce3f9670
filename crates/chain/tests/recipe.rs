//! The scripts in `docs/design/chain-format.md`, cut out of the page and run
//! against an export: what we tell a court to type must work. They need `sh`,
//! `jq`, `xxd`, `od`, `sha256sum` and `openssl`; without them these tests fail.

#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::{Record, log_key};
use sealdock_chain::VerifierKey;
use tempfile::TempDir;

const PAGE: &str = include_str!("../../../docs/design/chain-format.md");
const SIZE: u64 = 9;

/// The `sh` block of the page that begins with `# <name> `.
fn script(name: &str) -> &'static str {
    let start = format!("```sh\n# {name} ");
    let at = PAGE.find(&start).unwrap_or_else(|| panic!("{name} is not on the page"));
    let block = &PAGE[at + "```sh\n".len()..];
    &block[..block.find("\n```").unwrap() + 1]
}

/// Runs a script; its exit code and all it printed.
fn run(name: &str, arguments: &[&str]) -> (bool, String) {
    let command = ["-c", script(name), name];
    let output = Command::new("sh").args(command).args(arguments).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

fn walk(folder: &Path) -> (bool, String) {
    run("walk.sh", &[folder.to_str().unwrap()])
}

fn signature(folder: &Path, key: &VerifierKey) -> (bool, String) {
    run("signature.sh", &[folder.to_str().unwrap(), &key.to_string()])
}

fn exported(size: u64) -> (TempDir, Record) {
    let (folder, record) = (tempfile::tempdir().unwrap(), Record::of(size));
    record.export(folder.path());
    (folder, record)
}

fn edit(file: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(file).unwrap();
    change(&mut bytes);
    fs::write(file, bytes).unwrap();
}

#[test]
fn an_intact_export_is_accepted() {
    for size in [1, SIZE] {
        let (folder, record) = exported(size);
        let root = record.frontiers[size as usize].root();
        let (accepted, text) = walk(folder.path());
        assert!(accepted, "{text}");
        let expected = format!("{size} entries, each follows the one before; root {root}\n");
        assert_eq!(text, expected);
        let (accepted, text) = signature(folder.path(), &log_key());
        assert!(accepted && text.contains("Signature Verified Successfully"), "{text}");
    }
}

#[test]
fn a_damaged_export_is_refused() {
    let bundle = format!("tile/entries/000.p/{SIZE}");
    type Change = fn(&mut Vec<u8>);
    let cases: [(&str, Change, &str); 6] = [
        // Byte 40 lies within the actor or time of entry 0: the link of entry 1 breaks.
        (&bundle, |bytes| bytes[40] ^= 1, "entry 1 does not follow entry 0"),
        // The last entry has no successor: only the root shows the change.
        (&bundle, |bytes| replace_last(bytes, b"\"wall\":\"2026", b"\"wall\":\"2025"), "the root"),
        (&bundle, |bytes| bytes.truncate(bytes.len() - 1), "is cut off in entry 8"),
        (&bundle, |bytes| bytes.push(0), "has bytes after its last entry"),
        (
            &bundle,
            |bytes| replace_last(bytes, b"\"seq\":8", b"\"seq\":9"),
            "entry 8 does not follow",
        ),
        ("checkpoint", |bytes| bytes[common::ORIGIN.len() + 3] ^= 1, "the checkpoint says"),
    ];
    for (file, change, expected) in cases {
        let (folder, _) = exported(SIZE);
        edit(&folder.path().join(file), change);
        let (accepted, text) = walk(folder.path());
        assert!(!accepted && text.contains(expected), "{expected}: {text}");
    }
}

fn replace_last(bytes: &mut Vec<u8>, from: &[u8], to: &[u8]) {
    let at = bytes.windows(from.len()).rposition(|window| window == from).unwrap();
    bytes.splice(at..at + from.len(), to.iter().copied());
}

#[test]
fn a_foreign_or_altered_checkpoint_is_refused() {
    let (folder, _) = exported(SIZE);
    let evidence = common::evidence_signing().verifying_key().to_bytes();
    let other_key = VerifierKey::new(common::ORIGIN, evidence).unwrap();
    let other_name = VerifierKey::new("other.example/log", *log_key().public()).unwrap();
    assert!(!signature(folder.path(), &other_key).0);
    assert!(!signature(folder.path(), &other_name).0);
    edit(&folder.path().join("checkpoint"), |bytes| replace_last(bytes, b"\n9\n", b"\n8\n"));
    let (accepted, text) = signature(folder.path(), &log_key());
    assert!(!accepted && text.contains("Signature Verification Failure"), "{text}");
}
