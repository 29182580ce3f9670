//! Long runs that are not part of `test`: benchmarks, fault campaigns, the dependency audit.

use crate::step::{self, step};
use crate::{browsers, media, place::Places, tools, verifiers};
use anyhow::{Result, bail};
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
    if step::ask(Command::new("cargo").args(["deny", "--version"])).is_none() {
        bail!("cargo-deny is not installed; type: cargo install --locked cargo-deny");
    }
    let places = Places::find()?;
    // Crates of other platforms are not there after a build.
    places.cargo(&["fetch", "--locked"])?;
    places.cargo(&["deny", "--offline", "check", "licenses", "bans", "sources"])
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
