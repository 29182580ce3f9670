//! Long runs that are not part of `test`: benchmarks, fault campaigns, the dependency audit.

use crate::step::{self, step};
use crate::{browsers, media, place::Places, tools, verifiers};
use anyhow::{Context, Result, bail};
use std::process::Command;

/// A benchmark with what it compares with.
///
/// # Errors
/// When a program is missing or the benchmark fails.
pub fn bench(name: &str) -> Result<()> {
    if name == "page" {
        return browsers::bench();
    }
    let places = Places::find()?;
    if name == "print" {
        step("tools", || tools::provide(tools::FOR_PRINT))?;
        let feature = ["--package=sealdock-print", "--features=sealdock-print/typst"];
        return places.cargo(&[&["bench"], &feature[..], &["--bench", name]].concat());
    }
    step("tools", || match name {
        // It looks at real footage.
        "console" => for_tests(&places),
        _ => tools::provide(tools::FOR_BENCHES),
    })?;
    places.cargo(&["bench", "--workspace", "--exclude=sealdock-print", "--bench", name])
}

fn for_tests(places: &Places) -> Result<()> {
    tools::provide(tools::FOR_TESTS)?;
    let python = verifiers::provide(places)?;
    media::provide(places, &python)
}

/// A fault campaign: the tests of `tests/campaign_NAME.rs`, which are ignored otherwise because
/// they take minutes or hours.
///
/// # Errors
/// When a tool is missing or a test fails.
pub fn campaign(name: &str) -> Result<()> {
    let places = Places::find()?;
    step("tools", || for_tests(&places))?;
    let target = format!("campaign_{name}");
    places.cargo(&["test", "--release", "--test", &target, "--", "--ignored", "--nocapture"])
}

/// Licences, bans and sources of everything we depend on, on every platform, from `deny.toml`.
///
/// # Errors
/// When cargo-deny is missing or finds something.
pub fn deny() -> Result<()> {
    has_deny()?;
    let places = Places::find()?;
    // Crates of other platforms are not there after a build.
    places.cargo(&["fetch", "--locked"])?;
    places.cargo(&["deny", "--offline", "check", "licenses", "bans", "sources"])
}

/// Known holes in what we depend on, and versions that were taken back: every crate of `Cargo.lock` against the list of RustSec
/// as it is today. The list is fetched; one that lies here from before says nothing about a hole of this week.
///
/// # Errors
/// When cargo-deny is missing or finds something, or the list cannot be fetched: then nothing is known, and nothing is well.
pub fn advisories() -> Result<()> {
    has_deny()?;
    let places = Places::find()?;
    places.cargo(&["deny", "--locked", "check", "advisories"]).context(
        "no word that all is well: a crate is on the list (above; days to mend it are in docs/design/dependencies.md), or the list could not be fetched: run this where there is a network",
    )
}

fn has_deny() -> Result<()> {
    match step::ask(Command::new("cargo").args(["deny", "--version"])) {
        Some(_) => Ok(()),
        None => bail!("cargo-deny is not installed; type: cargo install --locked cargo-deny"),
    }
}

/// Accepts what a cargo target may be called, so that an option in disguise is refused here.
///
/// # Errors
/// On anything but letters, digits and underscores.
pub fn target_name(word: &str) -> Result<String> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    if word.is_empty() || !word.chars().all(plain) {
        bail!("`{word}` is not the name of a benchmark or campaign");
    }
    Ok(word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_is_not_taken_for_a_name() {
        assert!(target_name("--help").is_err());
        assert!(target_name("").is_err());
        assert_eq!(target_name("ingest").unwrap(), "ingest");
    }
}
