//! The table of OWASP ASVS 5.0 has every requirement of levels 1 and 2 once, and those of level 3 that we were asked for. What
//! it calls held is shown by a test that is there; what it calls not held stands, and nothing else does, among what the
//! threat model accepts.

use crate::attacks;
use crate::tree::File;
use std::collections::BTreeMap;

const PAGE: &str = "docs/design/asvs.md";
const MODEL: &str = "docs/design/threat-model.md";

/// Sections of ASVS 5.0.0: name, how many requirements, which of them are of level 3. Counted in the list that the standard
/// is published with; its sums are 70, 183 and 92.
const SECTIONS: [(&str, u32, &[u32]); 80] = [
    ("1.1", 2, &[]),
    ("1.2", 10, &[10]),
    ("1.3", 12, &[12]),
    ("1.4", 3, &[]),
    ("1.5", 3, &[3]),
    ("2.1", 3, &[]),
    ("2.2", 3, &[]),
    ("2.3", 5, &[5]),
    ("2.4", 2, &[2]),
    ("3.1", 1, &[1]),
    ("3.2", 3, &[3]),
    ("3.3", 5, &[5]),
    ("3.4", 8, &[7, 8]),
    ("3.5", 8, &[6, 7, 8]),
    ("3.6", 1, &[1]),
    ("3.7", 5, &[3, 4, 5]),
    ("4.1", 5, &[4, 5]),
    ("4.2", 5, &[2, 3, 4, 5]),
    ("4.3", 2, &[]),
    ("4.4", 4, &[]),
    ("5.1", 1, &[]),
    ("5.2", 6, &[4, 5, 6]),
    ("5.3", 3, &[3]),
    ("5.4", 3, &[]),
    ("6.1", 3, &[]),
    ("6.2", 12, &[]),
    ("6.3", 8, &[5, 6, 7, 8]),
    ("6.4", 6, &[5, 6]),
    ("6.5", 8, &[6, 7, 8]),
    ("6.6", 4, &[4]),
    ("6.7", 2, &[1, 2]),
    ("6.8", 4, &[]),
    ("7.1", 3, &[]),
    ("7.2", 4, &[]),
    ("7.3", 2, &[]),
    ("7.4", 5, &[]),
    ("7.5", 3, &[3]),
    ("7.6", 2, &[]),
    ("8.1", 4, &[3, 4]),
    ("8.2", 4, &[4]),
    ("8.3", 3, &[2, 3]),
    ("8.4", 2, &[2]),
    ("9.1", 3, &[]),
    ("9.2", 4, &[]),
    ("10.1", 2, &[]),
    ("10.2", 3, &[3]),
    ("10.3", 5, &[5]),
    ("10.4", 16, &[12, 13, 14, 15, 16]),
    ("10.5", 5, &[]),
    ("10.6", 2, &[]),
    ("10.7", 3, &[]),
    ("11.1", 4, &[3, 4]),
    ("11.2", 5, &[4, 5]),
    ("11.3", 5, &[4, 5]),
    ("11.4", 4, &[]),
    ("11.5", 2, &[2]),
    ("11.6", 2, &[2]),
    ("11.7", 2, &[1, 2]),
    ("12.1", 5, &[4, 5]),
    ("12.2", 2, &[]),
    ("12.3", 5, &[5]),
    ("13.1", 4, &[2, 3, 4]),
    ("13.2", 6, &[6]),
    ("13.3", 4, &[3, 4]),
    ("13.4", 7, &[6, 7]),
    ("14.1", 2, &[]),
    ("14.2", 8, &[5, 6, 7, 8]),
    ("14.3", 3, &[]),
    ("15.1", 5, &[4, 5]),
    ("15.2", 5, &[4, 5]),
    ("15.3", 7, &[]),
    ("15.4", 4, &[1, 2, 3, 4]),
    ("16.1", 1, &[]),
    ("16.2", 5, &[]),
    ("16.3", 4, &[]),
    ("16.4", 3, &[]),
    ("16.5", 4, &[4]),
    ("17.1", 2, &[2]),
    ("17.2", 8, &[5, 6, 7, 8]),
    ("17.3", 2, &[]),
];

/// Of level 3, and asked for by name.
const NAMED: [&str; 8] = ["1.2.10", "2.3.5", "3.5.8", "5.3.3", "7.5.3", "8.2.4", "8.3.2", "13.3.3"];

/// What the table has to hold, as `V1.2.3`.
fn wanted() -> Vec<String> {
    let below = SECTIONS.iter().flat_map(|(section, many, third)| {
        let lower = (1..=*many).filter(|n| !third.contains(n));
        lower.map(move |n| format!("V{section}.{n}"))
    });
    below.chain(NAMED.map(|id| format!("V{id}"))).collect()
}

/// One row: requirements of one answer.
struct Row<'a> {
    ids: Vec<&'a str>,
    verdict: &'a str,
    why: &'a str,
    shown: &'a str,
}

/// Everything wrong with the table, and with what the threat model says of it.
pub fn asvs(files: &[File]) -> Vec<String> {
    let of = |path: &str| files.iter().find(|file| file.path == path).map(|file| &file.text);
    let (Some(page), Some(model)) = (of(PAGE), of(MODEL)) else {
        return vec![format!("{PAGE}: is missing, or {MODEL} is")];
    };
    let mut findings = Vec::new();
    let mut verdicts = BTreeMap::new();
    for (at, line) in page.lines().enumerate().filter(|(_, line)| line.starts_with("| V")) {
        let Some(row) = row(line) else {
            findings.push(format!("{PAGE}:{}: is not of four cells", at + 1));
            continue;
        };
        findings.extend(
            about(&row, files).into_iter().map(|what| format!("{PAGE}:{}: {what}", at + 1)),
        );
        for id in row.ids {
            if verdicts.insert(id.to_owned(), row.verdict).is_some() {
                findings.push(format!("{PAGE}:{}: {id} stands twice", at + 1));
            }
        }
    }
    let wanted = wanted();
    let missing = wanted.iter().filter(|id| !verdicts.contains_key(*id));
    findings.extend(missing.map(|id| format!("{PAGE}: {id} has no row")));
    let strange = verdicts.keys().filter(|id| !wanted.contains(id));
    findings.extend(strange.map(|id| format!("{PAGE}: {id} is no requirement that was asked for")));
    findings.extend(counted(page, &verdicts));
    findings.extend(accepted(model, &verdicts));
    findings
}

fn row(line: &str) -> Option<Row<'_>> {
    let cells: Vec<&str> = line.strip_prefix('|')?.split('|').map(str::trim).collect();
    let [ids, verdict, why, shown, ""] = cells[..] else { return None };
    Some(Row {
        ids: ids.split([',', ' ']).filter(|id| !id.is_empty()).collect(),
        verdict,
        why,
        shown,
    })
}

fn about(row: &Row, files: &[File]) -> Vec<String> {
    let named = row.ids.join(", ");
    let tests: Vec<&str> = row.shown.split('`').skip(1).step_by(2).collect();
    let mut findings = Vec::new();
    match row.verdict {
        "held" if tests.is_empty() => findings.push(format!("{named}: no test shows it")),
        "held" | "not held" | "not applicable" => {}
        other => findings.push(format!("{named}: {other:?} is no verdict")),
    }
    if row.why.split_whitespace().count() < 3 {
        findings.push(format!("{named}: says neither where nor why"));
    }
    let gone = tests.into_iter().filter(|test| !is_test(test, files));
    findings.extend(gone.map(|test| format!("{named}: there is no test `{test}`")));
    findings
}

/// As in the table of attacks, or one test of a browser by its title.
fn is_test(test: &str, files: &[File]) -> bool {
    let Some((path, title)) = test.split_once(".test.mjs::") else {
        return attacks::is_test(test, files);
    };
    let path = format!("{path}.test.mjs");
    let file = files.iter().find(|file| file.path == path);
    file.is_some_and(|file| file.text.contains(&format!("test('{title}'")))
}

/// The sentence at the head of the page counts right.
fn counted(page: &str, verdicts: &BTreeMap<String, &str>) -> Option<String> {
    let [held, none, not] = ["held", "not applicable", "not held"]
        .map(|verdict| verdicts.values().filter(|own| **own == verdict).count());
    let said = format!("**{held} held, {none} not applicable, {not} not held.**");
    (!page.contains(&said)).then(|| format!("{PAGE}: its head does not say {said:?}"))
}

/// What is not held is named among what is accepted, and nothing else of the standard is.
fn accepted(model: &str, verdicts: &BTreeMap<String, &str>) -> Vec<String> {
    let section = model.split("\n## ").find_map(|part| part.strip_prefix("Accepted, and said"));
    let words = section.unwrap_or_default().split(|c: char| !c.is_ascii_alphanumeric() && c != '.');
    let said: Vec<&str> = words
        .map(|word| word.trim_end_matches('.'))
        .filter(|word| word.starts_with('V') && word.matches('.').count() == 2)
        .collect();
    let open = verdicts.iter().filter(|(_, verdict)| **verdict == "not held").map(|(id, _)| id);
    let unsaid = open.filter(|id| !said.contains(&id.as_str()));
    let mut findings: Vec<String> = unsaid
        .map(|id| format!("{MODEL}: {id} is not held and not among what is accepted"))
        .collect();
    let wrong = said.iter().filter(|id| verdicts.get(**id) != Some(&"not held"));
    findings.extend(
        wrong.map(|id| format!("{MODEL}: {id} is accepted, and the table does not say not held")),
    );
    findings
}

mod checks {
    use super::*;
    use crate::holds;

    const TESTS: [(&str, &str); 3] = [
        ("crates/a.rs", "//! x\n\n#[test]\nfn it_is_seen() {}\n"),
        ("tests/script/a.txt", ""),
        ("web/a.test.mjs", "test('a page is shown', async () => {});"),
    ];

    /// A table that is whole but for V1.1.1, for which these rows stand.
    fn findings(rows: &[&str], model: &str, head: &str) -> Vec<String> {
        let others = wanted().into_iter().filter(|id| id != "V1.1.1");
        let others: Vec<String> = others.collect();
        let others =
            format!("| {} | held | in the source | `tests/script/a.txt` |", others.join(", "));
        let page = format!("{head}\n{others}\n{}\n", rows.join("\n"));
        let model = format!("x\n\n## Before\n\nV9.9.9\n\n## Accepted, and said\n\n{model}\n");
        let mut files = vec![File::new(PAGE, &page), File::new(MODEL, &model)];
        files.extend(TESTS.map(|(path, text)| File::new(path, text)));
        asvs(&files)
    }

    fn held(row: &str) -> Vec<String> {
        findings(&[row], "", "**261 held, 0 not applicable, 0 not held.**")
    }

    fn finds(found: Vec<String>, what: &str) {
        assert!(found.len() == 1 && found[0].contains(what), "wanted {what:?}, got {found:#?}");
    }

    #[test]
    fn every_requirement_has_its_row_and_what_is_held_a_test_that_is_there() {
        let (all, third) = SECTIONS
            .iter()
            .fold((0, 0), |(all, third), (_, many, own)| (all + many, third + own.len()));
        assert_eq!((all, third, wanted().len()), (345, 92, 253 + NAMED.len()));
        holds(asvs);
        for good in
            ["`crates/a.rs::it_is_seen`", "`web/a.test.mjs::a page is shown`; `tests/script/a.txt`"]
        {
            let found = held(&format!("| V1.1.1 | held | in the source | {good} |"));
            assert_eq!(found, Vec::<String>::new(), "{good}");
        }
        finds(held("| V1.1.1 | held | in the source | – |"), "V1.1.1: no test shows it");
        for gone in [
            "crates/a.rs::nothing",
            "web/a.test.mjs::another page",
            "web/b.test.mjs::a page is shown",
        ] {
            let row = format!("| V1.1.1 | held | in the source | `tests/script/a.txt` `{gone}` |");
            finds(held(&row), &format!("there is no test `{gone}`"));
        }
        finds(held("| V1.1.1 | held | – | `tests/script/a.txt` |"), "neither where nor why");
        let good = "| V1.1.1 | held | in the source | `tests/script/a.txt` |";
        finds(
            findings(&[good, good], "", "**261 held, 0 not applicable, 0 not held.**"),
            "V1.1.1 stands twice",
        );
        finds(findings(&[good], "", "**260 held, 0 not applicable, 0 not held.**"), "does not say");
        let more = "| V1.1.1, V1.5.3 | held | in the source | `tests/script/a.txt` |";
        finds(
            findings(&[more], "", "**262 held, 0 not applicable, 0 not held.**"),
            "V1.5.3 is no requirement",
        );
        finds(
            findings(&[], "", "**260 held, 0 not applicable, 0 not held.**"),
            "V1.1.1 has no row",
        );
        let none = "| V1.1.1 | not applicable | no such thing here | – |";
        let head = "**260 held, 1 not applicable, 0 not held.**";
        assert_eq!(findings(&[none], "", head), Vec::<String>::new());
        let not = "| V1.1.1 | not held | nobody built it | – |";
        let head = "**260 held, 0 not applicable, 1 not held.**";
        assert_eq!(findings(&[not], "- So it is (V1.1.1).", head), Vec::<String>::new());
        finds(findings(&[not], "- Nothing.", head), "V1.1.1 is not held and not among");
        finds(
            findings(&[not], "- V1.1.1, V1.1.2.", head),
            "V1.1.2 is accepted, and the table does not",
        );
        let strange = "| V1.1.1 | nearly | nobody built it | – |";
        finds(
            findings(&[strange], "", "**260 held, 0 not applicable, 0 not held.**"),
            "is no verdict",
        );
        assert!(asvs(&[])[0].contains("is missing"));
    }
}
