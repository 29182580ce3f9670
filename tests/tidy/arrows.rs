//! Who may depend on whom. The table here, the manifests and the list in `docs/architecture.md`
//! must say the same.

use crate::tree::File;
use std::collections::{BTreeMap, BTreeSet};

/// Crate and what it may depend on. The binary at the root may use everything that ships with the station.
const ARROWS: [(&str, &[&str]); 22] = [
    ("chain", &[]),
    ("core", &["chain"]),
    ("profile", &["core"]),
    ("vault", &["core"]),
    ("store", &["core", "chain"]),
    ("device", &["core", "profile"]),
    ("mtp", &["core", "profile"]),
    ("keys", &["core", "chain"]),
    ("report", &["core", "chain"]),
    ("station", &["core", "chain", "profile"]),
    ("probe", &[]),
    ("wiper", &["chain", "profile"]),
    ("print", &["report", "core"]),
    ("stamp", &[]),
    ("excerpt", &[]),
    ("verify", &["chain", "stamp", "excerpt"]),
    ("witness", &["chain"]),
    ("console", &[]),
    ("passkeys", &[]),
    ("testkit", &["core", "chain"]),
    ("xtask", &[]),
    (
        ROOT,
        &[
            "chain", "core", "profile", "vault", "store", "device", "mtp", "keys", "report",
            "station", "probe", "wiper", "print", "stamp", "excerpt", "verify", "witness",
            "console", "passkeys",
        ],
    ),
];

const ROOT: &str = "root";
const PREFIX: &str = "sealdock-";
/// Tests of every crate may use it, nothing that ships may.
const FOR_TESTS: &str = "testkit";

fn allowed(package: &str) -> Option<BTreeSet<&'static str>> {
    let (_, targets) = ARROWS.iter().find(|(from, _)| *from == package)?;
    Some(targets.iter().copied().collect())
}

/// Every dependency in a manifest is an arrow of the table.
pub fn manifests(files: &[File]) -> Vec<String> {
    files.iter().filter_map(|file| Some((file, package(&file.path)?))).flat_map(check).collect()
}

fn package(path: &str) -> Option<&str> {
    match path.split('/').collect::<Vec<_>>()[..] {
        ["Cargo.toml"] => Some(ROOT),
        ["crates", name, "Cargo.toml"] => Some(name),
        _ => None,
    }
}

fn check((file, package): (&File, &str)) -> Vec<String> {
    let Some(allowed) = allowed(package) else {
        return vec![format!("{}: `{package}` is not in the arrow table", file.path)];
    };
    let manifest: toml::Table = match file.text.parse() {
        Ok(manifest) => manifest,
        Err(error) => return vec![format!("{}: {error}", file.path)],
    };
    let finding = |name: &str| format!("{}: `{package} → {name}` is not an arrow", file.path);
    let mut findings = Vec::new();
    for section in sections(&manifest) {
        let for_tests = section.0 == "dev-dependencies";
        for key in section.1.keys() {
            let Some(name) = key.strip_prefix(PREFIX) else { continue };
            let granted = allowed.contains(name) || (for_tests && name == FOR_TESTS);
            if !granted {
                findings.push(finding(name));
            }
        }
    }
    findings
}

/// All dependency tables, those under `[target.…]` too.
fn sections(manifest: &toml::Table) -> Vec<(&str, &toml::Table)> {
    let mut found = Vec::new();
    for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
        found.extend(manifest.get(kind).and_then(toml::Value::as_table).map(|table| (kind, table)));
    }
    let targets = manifest.get("target").and_then(toml::Value::as_table);
    for target in targets.into_iter().flat_map(|targets| targets.values()) {
        found.extend(target.as_table().into_iter().flat_map(sections));
    }
    found
}

const PAPER: &str = "docs/architecture.md";

/// The paper states every arrow of the table and no other. Written as `a → b, c · d → ∅`.
pub fn paper(files: &[File]) -> Vec<String> {
    let Some(paper) = files.iter().find(|file| file.path == PAPER) else {
        return vec![format!("{PAPER}: is missing; it states the arrows")];
    };
    let stated = stated(&paper.text);
    let mut findings = Vec::new();
    for (from, _) in ARROWS {
        let wanted = allowed(from).unwrap_or_default();
        match stated.get(from) {
            None => findings.push(format!("{PAPER}: the arrows of `{from}` are missing")),
            Some(found) if *found != wanted => {
                findings.push(format!("{PAPER}: says `{from} → {found:?}`, the table {wanted:?}"));
            }
            Some(_) => {}
        }
    }
    findings
}

/// Reads pieces like `core → chain`; pieces whose left side is no crate are other prose.
fn stated(text: &str) -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let name = |word: &str| ARROWS.iter().map(|(from, _)| *from).find(|from| *from == word);
    let mut stated = BTreeMap::new();
    for piece in text.split(['·', '\n']) {
        let piece = piece.replace(['`', '*', '|'], " ");
        let Some((from, to)) = piece.split_once('→') else { continue };
        let Some(from) = from.split_whitespace().next_back().and_then(name) else { continue };
        let words = to.split(|c: char| c == ',' || c == '.' || c.is_whitespace());
        let mut targets: BTreeSet<_> = words.filter_map(name).collect();
        if to.contains("everything but") {
            let all = ARROWS.iter().map(|(from, _)| *from).filter(|from| *from != ROOT);
            targets = all.filter(|name| !targets.contains(name)).collect();
        }
        stated.entry(from).or_insert(targets);
    }
    stated
}

mod checks {
    use super::*;
    use crate::{accepts, finds, holds};

    #[test]
    fn the_manifests_keep_to_the_arrows() {
        holds(manifests);
        let needs =
            |kind: &str, name: &str| format!("[{kind}]\nsealdock-{name}.workspace = true\n");
        let core = "crates/core/Cargo.toml";
        finds(manifests, &[(core, &needs("dependencies", "store"))], "`core → store`");
        finds(manifests, &[(core, &needs("dependencies", "testkit"))], "`core → testkit`");
        finds(manifests, &[(core, &needs("dev-dependencies", "store"))], "`core → store`");
        finds(manifests, &[(core, &needs("target.'cfg(unix)'.dependencies", "store"))], "store");
        finds(manifests, &[("crates/web/Cargo.toml", "")], "not in the arrow table");
        finds(manifests, &[("Cargo.toml", &needs("dependencies", "xtask"))], "`root → xtask`");
        accepts(
            manifests,
            &[
                (core, &needs("dependencies", "chain")),
                (core, &needs("dev-dependencies", "testkit")),
            ],
        );
    }

    #[test]
    fn the_paper_states_the_same_arrows() {
        holds(paper);
        let arrows = ARROWS.map(|(from, to)| format!("`{from} → {}`", to.join(", ")));
        accepts(paper, &[(PAPER, &arrows.join(" · "))]);
        finds(paper, &[(PAPER, &arrows[1..].join(" · "))], "`chain` are missing");
        let wrong = arrows.join("\n").replace("vault → core", "vault → core, chain");
        finds(paper, &[(PAPER, &wrong)], "`vault →");
        finds(paper, &[("README.md", "")], "is missing");
    }

    #[test]
    fn everything_but_is_understood() {
        let stated = stated("**Arrows**: chain → ∅ · root → everything but testkit, xtask.");
        assert_eq!(stated["chain"], BTreeSet::new());
        assert_eq!(Some(&stated[ROOT]), allowed(ROOT).as_ref());
    }
}
