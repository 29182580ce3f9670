//! Checks on what is not code: links in the documents lead somewhere, every fixture is used, and every dependency has a line
//! that says what it is for.

use crate::tree::File;
use std::collections::BTreeSet;

/// Every relative link in a document names a file or folder that exists.
pub fn links(files: &[File]) -> Vec<String> {
    let there = paths(files);
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.is("md")) {
        for (line, target) in targets(&file.text) {
            let resolved = resolve(&file.path, &target);
            if !resolved.as_ref().is_some_and(|path| there.contains(path.as_str())) {
                findings.push(format!("{}:{line}: the link `{target}` leads nowhere", file.path));
            }
        }
    }
    findings
}

/// All files and the folders they lie in; the root is the empty path.
fn paths(files: &[File]) -> BTreeSet<&str> {
    let mut paths = BTreeSet::from([""]);
    for file in files {
        let ends = file.path.match_indices('/').map(|(at, _)| at);
        paths.extend(ends.map(|at| &file.path[..at]));
        paths.insert(&file.path);
    }
    paths
}

/// Relative link targets with their line, without anchor; not those in fenced blocks.
fn targets(text: &str) -> Vec<(usize, String)> {
    let mut fenced = false;
    let mut targets = Vec::new();
    for (number, line) in text.lines().enumerate() {
        fenced ^= line.trim_start().starts_with("```");
        for piece in line.split("](").skip(1).filter(|_| !fenced) {
            let inside = piece.split([')', ' ']).next().unwrap_or_default();
            let target = inside.split('#').next().unwrap_or_default();
            let elsewhere = target.contains("://") || target.starts_with("mailto:");
            if !target.is_empty() && !elsewhere {
                targets.push((number + 1, target.to_owned()));
            }
        }
    }
    targets
}

/// The path from the root that a link in `file` names; `None` when it leaves the repository.
fn resolve(file: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Every fixture is named by code, by a document, or by the README of a folder it lies in.
pub fn dead_fixtures(files: &[File]) -> Vec<String> {
    let readers: Vec<&File> = files.iter().filter(|file| may_name(file)).collect();
    files
        .iter()
        .filter(|file| file.path.starts_with("fixtures/") && file.name() != "README.md")
        .filter(|fixture| !readers.iter().any(|reader| names(reader, fixture)))
        .map(|fixture| format!("{}: nothing names this fixture", fixture.path))
        .collect()
}

fn may_name(file: &File) -> bool {
    let source = ["crates/", "tests/", "docs/", "src/"];
    source.iter().any(|folder| file.path.starts_with(folder))
        || (file.path.starts_with("fixtures/") && file.name() == "README.md")
}

/// By file name, or in code by its quoted name without extension.
fn names(reader: &File, fixture: &File) -> bool {
    // A README speaks for its own folder and what lies below.
    let within =
        reader.path.starts_with("fixtures/").then(|| reader.path.strip_suffix("README.md"));
    let stem = fixture.name().split('.').next().unwrap_or_default();
    within.flatten().is_none_or(|folder| fixture.path.starts_with(folder))
        && (reader.text.contains(fixture.name()) || reader.text.contains(&format!("\"{stem}\"")))
}

const DEPENDENCIES: &str = "docs/design/dependencies.md";

/// Every crate of others that the workspace names stands on the page of dependencies.
pub fn undescribed(files: &[File]) -> Vec<String> {
    let text = |path: &str| files.iter().find(|file| file.path == path).map(|file| &*file.text);
    let (manifest, page) =
        (text("Cargo.toml").unwrap_or_default(), text(DEPENDENCIES).unwrap_or_default());
    let section = manifest.split("[workspace.dependencies]").nth(1).unwrap_or_default();
    let section = section.split("\n[").next().unwrap_or_default();
    let names = section.lines().filter_map(|line| Some(line.split_once('=')?.0.trim()));
    names
        .filter(|name| !name.starts_with('#') && !name.starts_with("sealdock"))
        .filter(|name| !page.contains(&format!("`{name}`")) && !page.contains(&format!("`{name} ")))
        .map(|name| format!("{DEPENDENCIES}: `{name}` has no line that says what it is for"))
        .collect()
}

/// Is it said within how many days a hole in somebody else's crate is mended, the worse the sooner, and how one is found?
pub fn promise(files: &[File]) -> Vec<String> {
    const TITLE: &str = "## When a hole becomes known";
    let page = files.iter().find(|file| file.path == DEPENDENCIES);
    let text = page.map_or("", |file| file.text.as_str());
    let section = text.split(TITLE).nth(1).unwrap_or_default();
    let section = section.split("\n## ").next().unwrap_or_default();
    let days = ["critical", "high", "medium", "low"].map(|how_bad| {
        let row = section.lines().find(|line| line.starts_with(&format!("| {how_bad} |")));
        row.and_then(|row| row.split('|').nth(2)?.trim().parse::<u32>().ok())
    });
    let said = days.iter().all(Option::is_some) && days.is_sorted() && days[0] > Some(0);
    let mut findings = Vec::new();
    if !said {
        findings.push(format!("{DEPENDENCIES}: does not say by when a hole is mended: {days:?}"));
    }
    if !section.contains("`cargo xtask advisories`") {
        findings.push(format!("{DEPENDENCIES}: does not say how a hole is found"));
    }
    findings
}

mod checks {
    use super::*;
    use crate::{accepts, finds, holds};

    #[test]
    fn every_dependency_has_a_line_that_says_what_it_is_for() {
        holds(undescribed);
        let manifest = "[workspace.dependencies]\nsealdock-a = { path = \"a\" }\nserde = \"1\"\n# x = y\n\n[lints]\nb = \"1\"\n";
        finds(
            undescribed,
            &[("Cargo.toml", manifest), (DEPENDENCIES, "serde")],
            "`serde` has no line",
        );
        accepts(undescribed, &[("Cargo.toml", manifest), (DEPENDENCIES, "| `serde` 1 | x |")]);
        accepts(undescribed, &[("Cargo.toml", manifest), (DEPENDENCIES, "| `serde 1` | x |")]);
    }

    #[test]
    fn it_is_said_by_when_a_hole_in_a_crate_is_mended() {
        holds(promise);
        let page = |days: [&str; 4], how: &str| {
            let rows = ["critical", "high", "medium", "low"].iter().zip(days);
            let rows: Vec<String> =
                rows.map(|(how_bad, days)| format!("| {how_bad} | {days} | x |")).collect();
            format!(
                "# x\n\n## When a hole becomes known\n\n{how}\n\n{}\n\n## Other\n",
                rows.join("\n")
            )
        };
        let asked = "`cargo xtask advisories`";
        let good = page(["1", "2", "2", "9"], asked);
        accepts(promise, &[(DEPENDENCIES, &good)]);
        for bad in [["1", "2", "soon", "9"], ["1", "9", "2", "9"], ["0", "1", "2", "3"]] {
            finds(promise, &[(DEPENDENCIES, &page(bad, asked))], "by when a hole is mended");
        }
        finds(promise, &[(DEPENDENCIES, &page(["1", "2", "3", "4"], ""))], "how a hole is found");
    }

    #[test]
    fn every_link_leads_somewhere() {
        holds(links);
        let docs = |text: &'static str| [("docs/ref/a.md", text), ("docs/b.md", "")];
        finds(links, &docs("x\n[b](b.md)"), "docs/ref/a.md:2: the link `b.md`");
        finds(links, &docs("[out](../../../b.md)"), "leads nowhere");
        accepts(links, &docs("[b](../b.md#part) [top](#x) [web](https://example.org) [f](../ref)"));
        accepts(links, &docs("```\n[b](b.md)\n```"));
    }

    #[test]
    fn every_fixture_is_used() {
        holds(dead_fixtures);
        let planted = |reader| [("fixtures/clips/cut.mp4", ""), (reader, "cut.mp4")];
        finds(dead_fixtures, &planted("README.md"), "fixtures/clips/cut.mp4");
        finds(dead_fixtures, &planted("fixtures/forms/README.md"), "fixtures/clips/cut.mp4");
        accepts(dead_fixtures, &planted("fixtures/clips/README.md"));
        accepts(dead_fixtures, &planted("crates/probe/tests/clips.rs"));
        accepts(dead_fixtures, &[("fixtures/v/bad.json", ""), ("tests/v.rs", "cases(\"bad\")")]);
        finds(dead_fixtures, &[("fixtures/v/bad.json", ""), ("tests/v.rs", "a bad one")], "bad");
    }
}
