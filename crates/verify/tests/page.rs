//! The page that a court opens instead of the program: its scripts are run by node over the vectors of the formats
//! and over packages of their own, with the same words and codes that the program's corpus has.
#![allow(clippy::expect_used, reason = "a test ends where it cannot go on")]

use sealdock_verify::{page, page_digest};
use std::path::Path;
use std::process::Command;

/// A court copies it to a stick and reads it; what grows beyond this is read by nobody.
const PAGE_BYTES_MAX: usize = 170_000;

/// In the order of the page.
const SCRIPTS: [&str; 9] =
    ["curve", "chain", "folder", "record", "anchors", "cut", "excerpt", "verify", "page"];

/// The pieces of a line that stand between quotes; a gap of a template is code and no text.
fn texts(line: &str) -> Vec<String> {
    let (mut all, mut open, mut letters) = (Vec::new(), None, line.chars().peekable());
    let mut text = String::new();
    while let Some(letter) = letters.next() {
        match open {
            None if matches!(letter, '\'' | '"' | '`') => open = Some(letter),
            None => {}
            Some(quote) if letter == quote => {
                all.push(std::mem::take(&mut text));
                open = None;
            }
            Some('`') if letter == '$' && letters.peek() == Some(&'{') => {
                letters.by_ref().find(|letter| *letter == '}');
            }
            Some(_) => {
                text.push(letter);
                if letter == '\\' {
                    text.extend(letters.next());
                }
            }
        }
    }
    all
}

/// Patterns of a line: what stands between slashes where a value may begin.
fn patterns(line: &str) -> Vec<&str> {
    let begins = line.match_indices('/').filter(|(at, _)| {
        let before = line[..*at].trim_end();
        before.ends_with(['(', '=', ',', ':', '!', '&', '|', '>'])
    });
    begins.filter_map(|(at, _)| line[at + 1..].split_once('/').map(|(it, _)| it)).collect()
}

/// The page carries its scripts without indentation and without spaces that part no words. A text that spans lines
/// would be changed by that, and a pattern with a quote or a space in it; what is said stays what it is, every text.
#[test]
fn no_text_of_the_scripts_is_changed_in_the_page() {
    assert_eq!(
        texts("a => 'b => c' + `d ${e => 1} f` + \"g\\\" => h\""),
        ["b => c", "d  f", "g\\\" => h"]
    );
    assert_eq!(patterns("a.split(/[ '], b = / c/")[0], "[ '], b = ");
    let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("web");
    let mut said = Vec::new();
    for name in SCRIPTS {
        let script = std::fs::read_to_string(web.join(format!("{name}.js"))).expect("a script");
        for (number, line) in (1..).zip(script.lines()) {
            let spans = !line.matches('`').count().is_multiple_of(2) || line.ends_with('\\');
            assert!(!spans, "{name}:{number}: {line}");
            let start = line.trim_start();
            let for_node = ["'use strict'", "if (typeof module", "typeof require"];
            if ["//", "/**"].iter().chain(&for_node).any(|it| start.starts_with(it)) {
                continue;
            }
            let odd = patterns(line).into_iter().any(|it| it.contains([' ', '\'', '"', '`']));
            assert!(!odd, "{name}:{number}: {line}");
            said.extend(texts(line));
        }
    }
    let page = page();
    let script = page.split_once("<script>").expect("its script").1;
    let script = script.split_once("</script>").expect("its end").0;
    let carried: Vec<String> = script.lines().skip(1).flat_map(texts).collect();
    assert_eq!(said, carried);
    assert!(carried.len() > 1000, "{}", carried.len());
    let files = std::fs::read_dir(web).expect("the scripts");
    let endings = files.map(|it| it.expect("an entry").path().extension().map(ToOwned::to_owned));
    assert_eq!(
        endings.filter(|it| it.as_ref().is_some_and(|it| it == "js")).count(),
        SCRIPTS.len()
    );
}

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
