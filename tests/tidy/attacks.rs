//! The table of attacks names for every attack the tests that show the answer, and each of them is there.

use crate::rules::region;
use crate::tree::File;
use std::collections::BTreeSet;

const PAGE: &str = "docs/design/attacks.md";

/// Attacks in the table.
const ATTACKS: u32 = 35;

/// Every attack has one row with an answer, and names tests that exist or says why there is none.
pub fn attacks(files: &[File]) -> Vec<String> {
    let Some(page) = files.iter().find(|file| file.path == PAGE) else {
        return vec![format!("{PAGE}: is missing; it says what shows the answer to each attack")];
    };
    let mut findings = Vec::new();
    let mut seen = BTreeSet::new();
    for line in page.text.lines() {
        let Some((number, cells)) = row(line) else { continue };
        if !seen.insert(number) {
            findings.push(format!("{PAGE}: attack {number} has two rows"));
        }
        findings.extend(about(&cells, files).map(|what| format!("{PAGE}: {number}: {what}")));
    }
    let missing = (1..=ATTACKS).filter(|number| !seen.contains(number));
    findings.extend(missing.map(|number| format!("{PAGE}: attack {number} has no row")));
    findings
}

fn row(line: &str) -> Option<(u32, Vec<&str>)> {
    let cells: Vec<&str> = line.strip_prefix('|')?.split('|').map(str::trim).collect();
    Some((cells.first()?.parse().ok()?, cells))
}

fn about<'a>(cells: &[&'a str], files: &'a [File]) -> impl Iterator<Item = String> + use<'a> {
    let [_, attack, answer, shown, ""] = cells[..] else {
        return vec!["is not of four cells".to_owned()].into_iter();
    };
    let mut findings = Vec::new();
    if attack.is_empty() || answer.is_empty() {
        findings.push("says no attack, or no answer".to_owned());
    }
    let tests: Vec<&str> = shown.split('`').skip(1).step_by(2).collect();
    let why = shown.split("because ").nth(1).unwrap_or_default();
    if tests.is_empty() && why.split_whitespace().count() < 4 {
        findings.push("names neither a test nor why there is none".to_owned());
    }
    let gone = tests.into_iter().filter(|test| !is_test(test, files));
    findings.extend(gone.map(|test| format!("there is no test `{test}`")));
    findings.into_iter()
}

/// A test in a file, a script, or the tests of the page.
pub fn is_test(test: &str, files: &[File]) -> bool {
    let whole = test.starts_with("tests/script/") || test.ends_with(".test.mjs");
    (whole || test.contains(".rs::")) && region(test, files).is_some()
}

mod checks {
    use super::*;
    use crate::holds;

    const TEST: &str = "//! x\n\n#[test]\nfn it_is_seen() {}\n\nfn helper() {}\n";

    fn findings(row: &str) -> Vec<String> {
        let others = (1..=ATTACKS).filter(|n| *n != 9);
        let others: String =
            others.map(|n| format!("| {n} | x | y | none, because it is made up |\n")).collect();
        let files = [
            File::new(PAGE, &format!("| # | a | b | c |\n|---|---|---|---|\n{others}{row}\n")),
            File::new("crates/a.rs", TEST),
            File::new("tests/script/a.txt", ""),
            File::new("web/a.test.mjs", ""),
            File::new("web/a.mjs", ""),
        ];
        attacks(&files)
    }

    fn finds(row: &str, what: &str) {
        let found = findings(row);
        assert!(found.len() == 1 && found[0].contains(what), "wanted {what:?}, got {found:#?}");
    }

    #[test]
    fn every_attack_has_its_row_and_every_test_that_it_names_exists() {
        holds(attacks);
        for good in [
            "`crates/a.rs::it_is_seen`",
            "`tests/script/a.txt` `web/a.test.mjs`",
            "`crates/a.rs::it_is_seen`; no more, because of something",
            "none, because nobody can try it",
        ] {
            assert_eq!(
                findings(&format!("| 9 | x | y | {good} |")),
                Vec::<String>::new(),
                "{good}"
            );
        }
        finds("| 9 | x | y | none |", "names neither a test nor why");
        finds("| 9 | x | y | none, because |", "names neither a test nor why");
        finds("| 9 | x | y | `crates/a.rs::nothing` |", "there is no test `crates/a.rs::nothing`");
        finds("| 9 | x | y | `crates/a.rs::helper` |", "there is no test");
        finds("| 9 | x | y | `crates/b.rs::it_is_seen` |", "there is no test");
        finds("| 9 | x | y | `tests/script/b.txt` |", "there is no test");
        finds("| 9 | x | y | `web/a.mjs` |", "there is no test");
        finds("| 9 | x | | `crates/a.rs::it_is_seen` |", "no answer");
        finds("| 9 | x | `crates/a.rs::it_is_seen` |", "not of four cells");
        finds("", "attack 9 has no row");
        let twice = "| 9 | x | y | `crates/a.rs::it_is_seen` |";
        finds(&format!("{twice}\n{twice}"), "attack 9 has two rows");
        assert!(attacks(&[])[0].contains("is missing"));
    }
}
