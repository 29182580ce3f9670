//! `cargo xtask test`: everything that must pass before a change lands, cheapest answer first.
//!
//! The machine with USB comes last: it takes the longest, and says little when the rest is broken.

use crate::dist::{self, FEATURES};
use crate::step::{self, step};
use crate::{browsers, media, place::Places, tools, verifiers, vm};
use anyhow::Result;
use std::process::Command;

/// All steps; stops at the first that fails.
///
/// # Errors
/// Names the step and the command that failed.
pub fn all() -> Result<()> {
    let places = Places::find()?;
    step("tools", || provide(&places))?;
    step("format", || places.cargo(&["fmt", "--all", "--check"]))?;
    step("lints", || {
        let all = ["clippy", "--quiet", "--workspace", "--all-targets"];
        places.cargo(&[&all[..], &FEATURES, &["--", "-D", "warnings"]].concat())
    })?;
    step("build without features", || places.cargo(&["check", "--quiet", "-p", "sealdock"]))?;
    step("release build", || dist::programs(&places, &FEATURES))?;
    step("tests", || places.cargo(&[&runner("--workspace"), &FEATURES[..]].concat()))?;
    // With the same features, so that nothing is built for them alone.
    step("documentation tests", || {
        places.cargo(&[&["test", "--quiet", "--workspace", "--doc"], &FEATURES[..]].concat())
    })?;
    step("pages in browsers", || browsers::test(&places))?;
    step("forms as PDF", || forms_as_pdf(&places))?;
    step("machine with USB", || vm::play_all(&places, &vm::Which::Few))
}

/// Only the first step; then says what the tests read, for a shell to take over.
///
/// # Errors
/// When something cannot be provided.
pub fn tools_only() -> Result<()> {
    let places = Places::find()?;
    step("tools", || provide(&places))?;
    for (name, place) in places.variables() {
        println!("export {name}='{}'", place.display());
    }
    Ok(())
}

/// Only the step `pages in browsers`, with what it needs.
///
/// # Errors
/// When something cannot be provided, or a test fails.
pub fn browsers_only() -> Result<()> {
    let places = Places::find()?;
    step("tools", || {
        tools::provide(tools::FOR_TESTS)?;
        browsers::provide(&places)
    })?;
    step("pages in browsers", || browsers::test(&places))
}

/// Writes what is made from the profiles; that it is up to date is a test of theirs.
///
/// # Errors
/// When a file cannot be written.
pub fn generate() -> Result<()> {
    let places = Places::find()?;
    let root = places.root.to_string_lossy().into_owned();
    places.cargo(&[
        "run",
        "--quiet",
        "-p",
        "sealdock-profile",
        "--example",
        "generate",
        "--",
        &root,
    ])?;
    browsers::generate(&places)
}

fn provide(places: &Places) -> Result<()> {
    tools::provide(tools::FOR_TESTS)?;
    tools::provide_emulator()?;
    browsers::provide(places)?;
    let python = verifiers::provide(places)?;
    media::provide(places, &python)
}

/// `print` with its feature, which the steps before leave out because typst is so much to build.
/// No lints: clippy would build all of typst a second time.
fn forms_as_pdf(places: &Places) -> Result<()> {
    let mut tests = runner("--package=sealdock-print");
    tests.push("--features=sealdock-print/typst");
    places.cargo(&tests)
}

/// nextest runs the test programs side by side; without it cargo runs them one after the other.
/// Both run the same tests of `which`, all of them even after a failure: one run names every fault.
fn runner(which: &'static str) -> Vec<&'static str> {
    match step::ask(Command::new("cargo").args(["nextest", "--version"])) {
        Some(_) => vec!["nextest", "run", which, "--no-fail-fast"],
        None => vec!["test", which, "--lib", "--bins", "--tests", "--no-fail-fast"],
    }
}
