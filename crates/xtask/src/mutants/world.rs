//! The copy of the repository that holds all faults at once. It lies in the build folder and has one of its own,
//! so nothing here can end up in a product.

use super::{Mutant, plant::Planter};
use crate::place::Places;
use anyhow::{Context as _, Result, bail};
use quote::ToTokens as _;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use syn::visit_mut::VisitMut as _;

const CRATE: &str = "crates/core";
const PACKAGE: &str = "sealdock-core";
/// What does not compile is left out and the rest compiled again, at most so often.
const BUILDS_MAX: usize = 40;

/// The switch that every fault hangs on. Without a word from the environment all are off.
const SWITCH: &str = r#"
pub mod mutant {
    use std::io::Write as _;
    use std::sync::{Mutex, OnceLock};
    enum Mode { Off, One(u32), Trace(Mutex<(std::collections::BTreeSet<u32>, std::fs::File)>) }
    static MODE: OnceLock<Mode> = OnceLock::new();
    fn mode() -> Mode {
        if let Ok(id) = std::env::var("SEALDOCK_MUTANT") {
            return Mode::One(id.parse().expect("a number"));
        }
        match std::env::var_os("SEALDOCK_MUTANTS_SEEN") {
            Some(path) => Mode::Trace(Mutex::new((Default::default(), std::fs::File::create(path).expect("a file")))),
            None => Mode::Off,
        }
    }
    pub fn on(id: u32) -> bool {
        match MODE.get_or_init(mode) {
            Mode::Off => false,
            Mode::One(one) => *one == id,
            Mode::Trace(seen) => {
                let mut seen = seen.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                if seen.0.insert(id) {
                    writeln!(seen.1, "{id}").expect("room for a trace");
                }
                false
            }
        }
    }
}
"#;

/// All faults, built.
pub struct World {
    pub mutants: Vec<Mutant>,
    /// The programs with the tests.
    pub programs: Vec<PathBuf>,
    /// Where they are run.
    pub folder: PathBuf,
    /// For what is written meanwhile.
    pub scratch: PathBuf,
}

/// Copies, plants into `parts` below the source of the crate, builds.
///
/// # Errors
/// When the copy does not build even with the faults left out that do not compile.
pub fn build(places: &Places, parts: &[&str]) -> Result<World> {
    let scratch = places.tools.with_file_name("mutants");
    let tree = scratch.join("tree");
    copy(&places.root, &tree)?;
    let source = tree.join(CRATE).join("src");
    let files = files(&places.root.join(CRATE).join("src"), parts)?;
    let library = source.join("lib.rs");
    std::fs::write(&library, std::fs::read_to_string(&library)? + SWITCH)?;
    let mut dropped = BTreeSet::new();
    for round in 1..=BUILDS_MAX {
        let mutants = plant(places, &tree, &files, &dropped)?;
        let said = cargo(&tree, &scratch, &["test", "--no-run"])?;
        let wrong = wrong(&tree, &said)?;
        if wrong.is_empty() {
            println!("{} mutants; {} do not compile", mutants.len(), dropped.len());
            let folder = tree.join(CRATE);
            return Ok(World { mutants, programs: programs(&said)?, folder, scratch });
        }
        println!("build {round}: {} mutants do not compile", wrong.len());
        dropped.extend(wrong);
    }
    bail!("after {BUILDS_MAX} builds it does still not compile; see {}", tree.display())
}

/// Everything of the repository that is not built; without what a run before left there.
fn copy(root: &Path, tree: &Path) -> Result<()> {
    let mut list = Command::new("git");
    list.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(root);
    let output = list.output().context("cannot start git")?;
    if tree.exists() {
        std::fs::remove_dir_all(tree)?;
    }
    for name in output.stdout.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        let name = std::str::from_utf8(name).context("a file name of the repository")?;
        let (from, to) = (root.join(name), tree.join(name));
        std::fs::create_dir_all(to.parent().context("a file lies in a folder")?)?;
        if from.is_file() {
            std::fs::copy(&from, &to).with_context(|| format!("cannot copy {name}"))?;
        }
    }
    Ok(())
}

/// Names of source files below `source`, in order.
fn files(source: &Path, parts: &[&str]) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut ahead: Vec<PathBuf> = parts.iter().map(|part| source.join(part)).collect();
    while let Some(path) = ahead.pop() {
        if path.is_dir() {
            for entry in std::fs::read_dir(&path)? {
                ahead.push(entry?.path());
            }
        } else if path.extension().is_some_and(|ext| ext == "rs") && !path.ends_with("tests.rs") {
            let name = path.strip_prefix(source)?.to_str().context("a plain name")?;
            found.push(name.to_owned());
        } else if !path.exists() {
            bail!("there is no {}", path.display());
        }
    }
    found.sort();
    Ok(found)
}

fn plant(
    places: &Places,
    tree: &Path,
    files: &[String],
    dropped: &BTreeSet<u32>,
) -> Result<Vec<Mutant>> {
    let (mut last, mut all) = (0, Vec::new());
    for name in files {
        let relative = Path::new(CRATE).join("src").join(name);
        let text = std::fs::read_to_string(places.root.join(&relative))?;
        let mut file = syn::parse_file(&text).with_context(|| format!("cannot read {name}"))?;
        let mut planter = Planter::new(name, dropped, &mut last);
        planter.visit_file_mut(&mut file);
        all.append(&mut planter.planted);
        std::fs::write(tree.join(&relative), file.to_token_stream().to_string())?;
    }
    Ok(all)
}

/// What cargo says, a JSON value a line.
fn cargo(tree: &Path, scratch: &Path, words: &[&str]) -> Result<Vec<Value>> {
    let mut cargo = Command::new("cargo");
    cargo.args(words).args(["--quiet", "--package", PACKAGE, "--message-format=json"]);
    cargo.current_dir(tree).env("CARGO_TARGET_DIR", scratch.join("target"));
    // Faults are full of what lints are against.
    cargo.env("RUSTFLAGS", "--cap-lints=allow").stderr(Stdio::null());
    let output = cargo.output().context("cannot start cargo")?;
    let lines = output.stdout.split(|byte| *byte == b'\n').filter(|line| line.starts_with(b"{"));
    lines.map(|line| Ok(serde_json::from_slice(line)?)).collect()
}

/// The mutants that the compiler complains of.
fn wrong(tree: &Path, said: &[Value]) -> Result<BTreeSet<u32>> {
    let mut all = BTreeSet::new();
    for line in said.iter().filter(|line| line["reason"] == "compiler-message") {
        let message = &line["message"];
        if message["level"] != "error" {
            continue;
        }
        let spans = message["spans"].as_array().map(Vec::as_slice).unwrap_or_default();
        let Some(span) = spans.iter().find(|span| span["is_primary"] == true) else { continue };
        let (Some(file), Some(at)) = (span["file_name"].as_str(), span["byte_start"].as_u64())
        else {
            continue;
        };
        let text = std::fs::read_to_string(tree.join(file))?;
        let found = blamed(&text, usize::try_from(at)?);
        let why = || format!("{}\nis in none of the mutants", message["rendered"]);
        all.insert(found.with_context(why)?);
    }
    let failed = |line: &&Value| line["reason"] == "build-finished" && line["success"] == false;
    if all.is_empty() && said.iter().any(|line| failed(&line)) {
        bail!("the copy does not build, and no mutant is to blame; build {}", tree.display());
    }
    Ok(all)
}

/// The switch in whose block a place lies, or the last one before it.
fn blamed(text: &str, at: usize) -> Option<u32> {
    const SWITCH: &str = "mutant :: on (";
    let mut last = None;
    for (begin, _) in text.match_indices(SWITCH).take_while(|(begin, _)| *begin <= at) {
        let rest = &text[begin + SWITCH.len()..];
        let id: u32 = rest.split("u32").next()?.parse().ok()?;
        let block = begin + SWITCH.len() + rest.find('{')?;
        last = match last {
            // The one before holds this place and this one does not.
            Some((_, true)) if end(text, block) < at => last,
            _ => Some((id, end(text, block) >= at)),
        };
    }
    last.map(|(id, _)| id)
}

/// Where the block that begins at `block` ends; braces in texts come in pairs.
fn end(text: &str, block: usize) -> usize {
    let mut depth = 0;
    for (offset, letter) in text[block..].char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => (),
        }
        if depth == 0 {
            return block + offset;
        }
    }
    text.len()
}

fn programs(said: &[Value]) -> Result<Vec<PathBuf>> {
    let tests = said.iter().filter(|line| line["profile"]["test"] == true);
    let programs: Vec<PathBuf> =
        tests.filter_map(|line| line["executable"].as_str().map(PathBuf::from)).collect();
    if programs.is_empty() {
        bail!("cargo built no tests of {PACKAGE}");
    }
    Ok(programs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compiler_s_complaint_is_laid_at_the_right_switch() {
        let text = "fn a () { (if crate :: mutant :: on (1u32) { BAD } else { fine }) } \
            fn b () { if crate :: mutant :: on (2u32) { return WORSE ; } (if crate :: mutant :: on (3u32) { x } else { WELL }) }";
        for (place, id) in [("BAD", 1), ("WORSE", 2), ("WELL", 3)] {
            assert_eq!(blamed(text, text.find(place).unwrap()), Some(id), "{place}");
        }
        assert_eq!(blamed(text, 3), None);
    }
}
