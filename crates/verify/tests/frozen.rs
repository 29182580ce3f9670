//! Packages as every released format wrote them, never rewritten: what a court holds must be judged alike for ever
//! (`fixtures/exports`). The page reads the same in `web/tests/frozen.test.mjs`.
#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

const FORMATS: [u32; 1] = [1];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/exports").join(name)
}

/// Word and codes.
fn told(folder: &Path, trust: &[&str]) -> String {
    let mut program = Command::new(env!("CARGO_BIN_EXE_sealdock-verify"));
    let output = program.arg(folder).args(trust).args(["--json", "--whole"]).output().unwrap();
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let codes = said["findings"].as_array().unwrap().iter().map(|f| f["code"].as_str().unwrap());
    [said["word"].as_str().unwrap()].into_iter().chain(codes).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_package_of_every_format_is_judged_as_on_its_first_day() {
    for format in FORMATS {
        let place = tempfile::tempdir().unwrap();
        let archive = fixture(&format!("format-{format}.tar"));
        let mut tar = Command::new("tar");
        assert!(tar.arg("-xf").arg(archive).current_dir(place.path()).status().unwrap().success());
        let package = place.path().join("package");
        let key = std::fs::read_to_string(fixture(&format!("format-{format}.vkey"))).unwrap();
        let receipt = fixture(&format!("format-{format}.receipt"));
        let (key, pin) = (key.trim(), receipt.to_str().unwrap());
        assert_eq!(told(&package, &[]), "UNTRUSTED", "format {format}");
        assert_eq!(told(&package, &["--key", key]), "UNANCHORED", "format {format}");
        assert_eq!(told(&package, &["--key", key, "--pin", pin]), "ANCHORED", "format {format}");
        let entry = package.join("record/entries/0.json");
        let text = std::fs::read_to_string(&entry).unwrap();
        std::fs::write(&entry, text.replacen("Demo", "Dema", 1)).unwrap();
        let after = told(&package, &["--key", key, "--pin", pin]);
        assert!(after.starts_with("TAMPERED file-changed"), "format {format}: {after}");
    }
}
