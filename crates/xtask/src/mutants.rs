//! `cargo xtask mutants`: do the tests of the rules notice it when a rule is wrong? Each mutant is the source with
//! one small fault: an operator turned round, a refusal left out, a constant answer. A test that fails kills it;
//! one that nothing kills shows a rule that no test holds.
//!
//! All faults are planted into one copy of the source, each behind a switch that is read from the environment, so
//! that one build does for all of them; the usual tools build the source again for each. `docs/design/mutants.md`.

/// Tests against mutants.
mod hunt;
/// Faults into source.
mod plant;
/// What a function could answer without thinking.
mod values;
/// The copy that holds all faults, and its build.
mod world;

use crate::{place::Places, step::step};
use anyhow::{Context as _, Result, bail};
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// Below the source of the crate of the rules.
const PARTS: [&str; 3] = ["desk", "access", "keep"];
/// Survivors that are understood: `file | function | change | why`, one a line.
const EXPLAINED: &str = "crates/core/survivors.txt";

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutant {
    pub id: u32,
    /// Below the source of the crate.
    pub file: String,
    pub line: usize,
    pub function: String,
    /// What is changed, with its number where the function has several such.
    pub change: String,
}

impl Mutant {
    /// What stays the same when lines are added elsewhere.
    fn key(&self) -> String {
        format!("{} | {} | {}", self.file, self.function, self.change)
    }
}

impl fmt::Display for Mutant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{} {}: {}", self.file, self.line, self.function, self.change)
    }
}

/// Plants, builds, hunts; `parts` are paths below the source of the crate, all three when there are none.
///
/// # Errors
/// When the tests fail without a fault, or a mutant lives and nobody said why.
pub fn run(parts: &[String]) -> Result<()> {
    let places = Places::find()?;
    let parts: Vec<&str> = match parts {
        [] => PARTS.to_vec(),
        named => named.iter().map(String::as_str).collect(),
    };
    let mut built = None;
    step("plant and build", || {
        built = Some(world::build(&places, &parts)?);
        Ok(())
    })?;
    let world = built.context("it was just built")?;
    let mut alive = Vec::new();
    step("hunt", || {
        alive = hunt::hunt(&world)?;
        Ok(())
    })?;
    tell(&places.root, &world, &alive)
}

fn tell(root: &Path, world: &world::World, alive: &[hunt::Survivor]) -> Result<()> {
    let mut explained = explained(&std::fs::read_to_string(root.join(EXPLAINED))?)?;
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for mutant in &world.mutants {
        counts.entry(mutant.file.as_str()).or_default().0 += 1;
    }
    let mut open = Vec::new();
    for survivor in alive {
        counts.entry(survivor.mutant.file.as_str()).or_default().1 += 1;
        if explained.remove(&survivor.mutant.key()).is_none() {
            open.push(survivor);
        }
    }
    println!("| File | Mutants | Alive |\n|---|---|---|");
    for (file, (all, alive)) in &counts {
        println!("| `{file}` | {all} | {alive} |");
    }
    println!("| all | {} | {} |", world.mutants.len(), alive.len());
    for survivor in &open {
        let how = if survivor.reached { "alive" } else { "never run" };
        println!("{how}: {}", survivor.mutant);
    }
    // Only those of a file that was looked at can be stale.
    explained.retain(|key, _| counts.keys().any(|file| key.starts_with(&format!("{file} | "))));
    for key in explained.keys() {
        println!("explained and dead: {key}");
    }
    match (open.len(), explained.len()) {
        (0, 0) => Ok(()),
        (open, stale) => bail!(
            "{open} mutants live unexplained, {stale} explanations in {EXPLAINED} fit none; write tests, or say why"
        ),
    }
}

fn explained(text: &str) -> Result<BTreeMap<String, String>> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut all = BTreeMap::new();
    for line in lines {
        let Some((key, why)) = line.rsplit_once(" | ") else { bail!("{EXPLAINED}: `{line}`") };
        if why.trim().is_empty() || key.matches(" | ").count() != 2 {
            bail!("{EXPLAINED}: `{line}` is not `file | function | change | why`");
        }
        all.insert(key.to_owned(), why.to_owned());
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_explanation_names_its_mutant_and_says_why() {
        let good = "# why they live\nkeep/brake.rs | used | < → <= | no time is both\n";
        let all = explained(good).unwrap();
        assert_eq!(all["keep/brake.rs | used | < → <="], "no time is both");
        assert!(explained("keep/brake.rs | used | < → <= | \n").is_err());
        assert!(explained("keep/brake.rs | used\n").is_err());
    }

    #[test]
    fn those_of_the_repository_can_be_read() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
        explained(&std::fs::read_to_string(root.join(EXPLAINED)).unwrap()).unwrap();
    }
}
