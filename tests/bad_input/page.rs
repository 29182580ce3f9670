//! `docs/ref/bad-input.md` names every test here, every test it names exists, and every message that
//! it quotes is one that the named test holds the program to.

use std::collections::BTreeSet;
use std::path::Path;

struct Row {
    message: String,
    code: String,
    test: String,
}

fn rows(page: &str) -> Vec<Row> {
    page.lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| Bad input"))
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
            let [_, _, message, code, test] = cells[..] else { panic!("five cells: {line}") };
            Row { message: message.to_owned(), code: code.to_owned(), test: test.to_owned() }
        })
        .collect()
}

fn source(file: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}

/// Names of the tests in a source.
fn tests_in(source: &str) -> Vec<String> {
    let tests = source.split("#[test]\n").skip(1);
    tests.map(|test| test.split("fn ").nth(1).unwrap().split('(').next().unwrap().into()).collect()
}

const FILES: [&str; 9] =
    ["cards", "files", "names", "many", "full", "station", "database", "keys", "receipts"];

#[test]
fn the_page_and_the_tests_say_the_same() {
    let page = source("docs/ref/bad-input.md");
    let mut tests = Vec::new();
    for file in FILES {
        let path = format!("tests/bad_input/{file}.rs");
        let whole = source(&path);
        // A message may stand in a constant or a common function of the file.
        tests.extend(tests_in(&whole).into_iter().map(|name| (name, whole.clone())));
    }
    let mut named = BTreeSet::new();
    for Row { message, code, test } in rows(&page) {
        let name = test.trim_matches('`');
        let text = match name.strip_prefix("script/") {
            Some(script) => source(&format!("tests/script/{script}")),
            None => tests.iter().find(|(test, _)| test == name).map_or_else(
                || panic!("the page names a test `{name}` that is not there"),
                |(_, text)| text.clone(),
            ),
        };
        for quoted in message.split('`').skip(1).step_by(2) {
            assert!(text.contains(quoted), "`{quoted}` is not held to by {name}");
        }
        assert!(code.split(", ").all(|code| code.parse::<u8>().is_ok()), "{code}");
        named.insert(name.to_owned());
    }
    let unnamed: Vec<_> = tests.iter().filter(|(name, _)| !named.contains(name)).collect();
    assert!(
        unnamed.is_empty(),
        "not on the page: {:?}",
        unnamed.iter().map(|t| &t.0).collect::<Vec<_>>()
    );
}
