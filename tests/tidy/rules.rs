//! The page of rules is complete and true both ways: every S-number has its row, every row names tests that
//! exist or why no software can do it, and every test named says which rule it is about.

use crate::tree::File;
use std::collections::BTreeMap;

const PAGE: &str = "docs/design/rules.md";
const RULES: u32 = 32;

/// One row of the page.
struct Row {
    line: usize,
    number: u32,
    /// The rule with its citations.
    rule: String,
    /// Commands and entries.
    carried_out: Vec<String>,
    shown_by: String,
}

/// Everything wrong with the page.
pub fn rules(files: &[File]) -> Vec<String> {
    rules_but(files, &[])
}

fn rules_but(files: &[File], not_yet: &[u32]) -> Vec<String> {
    let Some(page) = files.iter().find(|file| file.path == PAGE) else {
        return vec![format!("{PAGE}: is missing; it says which test shows which rule")];
    };
    let rows = rows(&page.text);
    let mut findings = Vec::new();
    let mut seen: BTreeMap<u32, usize> = BTreeMap::new();
    for row in &rows {
        if let Some(before) = seen.insert(row.number, row.line) {
            findings
                .push(format!("{PAGE}:{}: S{} has a row in line {before}", row.line, row.number));
        }
        findings.extend(about(row, files, not_yet));
    }
    let missing = (1..=RULES).filter(|number| !seen.contains_key(number));
    findings.extend(missing.map(|number| format!("{PAGE}: S{number} has no row")));
    findings
}

fn rows(text: &str) -> Vec<Row> {
    text.lines().enumerate().filter_map(|(at, line)| row(at + 1, line)).collect()
}

fn row(line: usize, text: &str) -> Option<Row> {
    let cells: Vec<&str> = text.strip_prefix('|')?.split('|').map(str::trim).collect();
    let number = cells.first()?.strip_prefix('S')?.parse().ok()?;
    let [_, rule, command, entry, shown_by, ..] = cells[..] else { return None };
    Some(Row {
        line,
        number,
        rule: rule.to_owned(),
        carried_out: vec![command.to_owned(), entry.to_owned()],
        shown_by: shown_by.to_owned(),
    })
}

fn about(row: &Row, files: &[File], not_yet: &[u32]) -> Vec<String> {
    let finding = |what: String| format!("{PAGE}:{}: S{}: {what}", row.line, row.number);
    let empty = row.shown_by.is_empty() && row.carried_out.iter().all(String::is_empty);
    match (empty, not_yet.contains(&row.number)) {
        (true, true) => return Vec::new(),
        (false, true) => {
            return vec![finding("is filled; it is not among those still to come".into())];
        }
        _ => {}
    }
    let mut findings = Vec::new();
    if row.carried_out.iter().any(String::is_empty) {
        findings.push(finding("says not what carries it out, or not which entry shows it".into()));
    }
    let tests = named(&row.shown_by);
    let outside = row.shown_by.split("outside software, because ").nth(1);
    if tests.is_empty() && outside.is_none_or(|why| why.split_whitespace().count() < 4) {
        findings.push(finding("names neither a test nor why it is outside software".into()));
    }
    for test in tests {
        match region(test, files) {
            None => findings.push(finding(format!("there is no test `{test}`"))),
            Some(region) if !says(region, row) => {
                findings.push(finding(format!(
                    "`{test}` says neither S{} nor its citation",
                    row.number
                )));
            }
            Some(_) => {}
        }
    }
    findings
}

/// What stands between backticks and looks like a test: `path::name`, or a script.
fn named(cell: &str) -> Vec<&str> {
    let quoted = cell.split('`').skip(1).step_by(2);
    quoted.filter(|text| text.contains(".rs::") || text.contains("tests/script/")).collect()
}

/// The test with the comment above it, or the whole script.
pub fn region<'a>(test: &str, files: &'a [File]) -> Option<&'a str> {
    let (path, name) =
        test.split_once("::").map_or((test, None), |(path, name)| (path, Some(name)));
    let text = &files.iter().find(|file| file.path == path)?.text;
    let Some(name) = name else { return Some(text) };
    let at = text.find(&format!("fn {name}()"))?;
    // Comments and attributes belong to the test: back to the end of what stands before.
    let begin = text[..at].rfind("\n\n").map_or(0, |blank| blank + 2);
    text[begin..at].contains("#[test]").then_some(())?;
    let end = text[at..].find("\n\n").map_or(text.len(), |blank| at + blank);
    Some(&text[begin..end])
}

/// `S9` as a word, `_s9` in a name, or a citation of the row.
fn says(region: &str, row: &Row) -> bool {
    let letter = |c: char| c.is_alphanumeric();
    let word = |mark: &str| {
        region.match_indices(mark).any(|(at, _)| {
            let before = region[..at].chars().next_back();
            let after = region[at + mark.len()..].chars().next();
            !before.is_some_and(letter) && !after.is_some_and(letter)
        })
    };
    word(&format!("S{}", row.number))
        || word(&format!("s{}", row.number))
        || citations(&row.rule).iter().any(|citation| word(citation))
}

/// `(002/A6-§13, §14; 003-§43)` names 002/A6-§13, 002/A6-§14 and 003-§43.
fn citations(rule: &str) -> Vec<String> {
    let mut citations = Vec::new();
    let mut document = "";
    for piece in rule.split(['(', ')', ';', ',']).map(str::trim) {
        if let Some((before, number)) = piece.split_once('§') {
            if !before.is_empty() {
                document = before;
            }
            let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
            if !document.is_empty() && !digits.is_empty() {
                citations.push(format!("{document}§{digits}"));
            }
        }
    }
    citations
}

mod checks {
    use super::*;
    use crate::holds;

    const TEST: &str = "//! x\n\n#[test]\nfn case_is_filed() {\n    // 003-§43\n}\n\n#[test]\nfn other_s9() {}\n\nfn helper() {}\n";

    /// A page on which only S9 is as given.
    fn page(row: &str) -> String {
        let others = (1..=RULES).filter(|n| *n != 9);
        let others = others.map(|n| format!("| S{n} | x | | | |\n"));
        format!(
            "| | Rule | a | b | c |\n|---|---|---|---|---|\n{}{row}\n",
            others.collect::<String>()
        )
    }

    fn findings(row: &str) -> Vec<String> {
        let others: Vec<u32> = (1..=RULES).filter(|n| *n != 9).collect();
        let page = page(row);
        let files = [
            File::new(PAGE, &page),
            File::new("crates/a.rs", TEST),
            File::new("tests/script/a.txt", "# 002/A2-§16 ¶1\n"),
        ];
        rules_but(&files, &others)
    }

    fn finds(row: &str, what: &str) {
        let found = findings(row);
        assert!(found.len() == 1 && found[0].contains(what), "wanted {what:?}, got {found:#?}");
    }

    #[test]
    fn every_rule_has_its_row_its_test_and_the_way_back() {
        holds(rules);
        let filled =
            |shown: &str| format!("| S9 | 30 days (002/A2-§16 ¶1; 003-§43) | c | e | {shown} |");
        for good in [
            "`crates/a.rs::case_is_filed`",
            "`crates/a.rs::other_s9` · `tests/script/a.txt`",
            "outside software, because a cabinet is not one",
        ] {
            assert_eq!(findings(&filled(good)), Vec::<String>::new(), "{good}");
        }
        finds(&filled(""), "names neither a test nor why");
        finds(&filled("outside software, because"), "names neither a test nor why");
        finds(&filled("`crates/a.rs::nothing`"), "there is no test `crates/a.rs::nothing`");
        finds(&filled("`crates/b.rs::other_s9`"), "there is no test");
        finds(&filled("`crates/a.rs::helper`"), "there is no test");
        finds(&filled("`tests/script/b.txt`"), "there is no test");
        finds(
            "| S9 | y (003-§44) | c | e | `crates/a.rs::case_is_filed` |",
            "says neither S9 nor its citation",
        );
        finds("| S9 | y (003-§43) | c | | `crates/a.rs::case_is_filed` |", "not which entry");
        finds("", "S9 has no row");
        let twice = filled("`crates/a.rs::other_s9`");
        finds(&format!("{twice}\n{twice}"), "S9 has a row in line");
        let kept = page(&twice);
        let files = [File::new(PAGE, &kept), File::new("crates/a.rs", TEST)];
        let all: Vec<u32> = (1..=RULES).collect();
        assert!(rules_but(&files, &all)[0].contains("not among those still to come"));
        assert!(rules(&[])[0].contains("is missing"));
    }

    #[test]
    fn numbers_are_words_and_citations_are_read_whole() {
        let row = row(1, "| S1 | x (002/A6-§6, §16; 003-§4) | a | b | c |").expect("a row");
        assert_eq!(citations(&row.rule), ["002/A6-§6", "002/A6-§16", "003-§4"]);
        assert!(says("see S1.", &row) && says("fn x_s1()", &row) && says("002/A6-§16 ", &row));
        assert!(!says("S12 s15 002/A6-§60 003-§43", &row));
    }
}
