//! Packages as every released format wrote them, never rewritten: what a court holds must be judged alike for ever
//! (`fixtures/exports`). What is said of each stands in `judged.json`, which the page's own test reads too
//! (`web/tests/frozen.test.mjs`).
#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One line of the table.
#[derive(Deserialize)]
struct Judged {
    format: u32,
    /// What the reader brings: `key`, `receipt`, `witness`.
    trust: Vec<String>,
    /// Word and codes.
    said: String,
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/exports").join(name)
}

fn table() -> Vec<Judged> {
    serde_json::from_str(&std::fs::read_to_string(fixture("judged.json")).unwrap()).unwrap()
}

/// As options of the program.
fn options(judged: &Judged) -> Vec<String> {
    let file = |what: &str| fixture(&format!("format-{}.{what}", judged.format));
    let text = |what: &str| std::fs::read_to_string(file(what)).unwrap().trim().to_owned();
    let option = |what: &String| match what.as_str() {
        "key" => ["--key".to_owned(), text("vkey")],
        "witness" => ["--witness".to_owned(), text("witness")],
        "receipt" => ["--pin".to_owned(), file("receipt").to_str().unwrap().to_owned()],
        other => panic!("{other} is nothing that a reader brings"),
    };
    judged.trust.iter().flat_map(option).collect()
}

/// Word and codes.
fn told(folder: &Path, trust: &[String]) -> String {
    let mut program = Command::new(env!("CARGO_BIN_EXE_sealdock-verify"));
    let output = program.arg(folder).args(trust).args(["--json", "--whole"]).output().unwrap();
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let codes = said["findings"].as_array().unwrap().iter().map(|f| f["code"].as_str().unwrap());
    let mut all: Vec<&str> = [said["word"].as_str().unwrap()].into_iter().chain(codes).collect();
    all.dedup();
    all.join(" ")
}

fn unpacked(format: u32) -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    // One with pieces of a large clip is compressed; `tar` looks at the bytes, not at the name.
    let names = ["tar", "tar.gz"].map(|ending| fixture(&format!("format-{format}.{ending}")));
    let archive = names.iter().find(|archive| archive.exists()).unwrap();
    let mut tar = Command::new("tar");
    assert!(tar.arg("-xf").arg(archive).current_dir(place.path()).status().unwrap().success());
    place
}

#[test]
fn a_package_of_every_format_is_judged_as_on_its_first_day() {
    let mut formats = BTreeSet::new();
    for judged in table() {
        let package = unpacked(judged.format).keep().join("package");
        let (trust, said) = (options(&judged), told(&package, &options(&judged)));
        assert_eq!(said, judged.said, "format {} with {:?}", judged.format, judged.trust);
        let entry = package.join("record/entries/0.json");
        let text = std::fs::read_to_string(&entry).unwrap();
        std::fs::write(&entry, text.replacen("Demo", "Dema", 1)).unwrap();
        let after = told(&package, &trust);
        assert!(after.starts_with("TAMPERED file-changed"), "format {}: {after}", judged.format);
        std::fs::remove_dir_all(package.parent().unwrap()).unwrap();
        formats.insert(judged.format);
    }
    let archives = std::fs::read_dir(fixture("")).unwrap().filter_map(|file| {
        let name = file.unwrap().file_name().into_string().unwrap();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        name.strip_prefix("format-")?.strip_suffix(".tar")?.parse::<u32>().ok()
    });
    assert_eq!(archives.collect::<BTreeSet<_>>(), formats, "every archive is judged");
}
