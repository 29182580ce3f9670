//! `cargo xtask`: one name for everything that is run on the source and not shipped with it.
//!
//! CI calls `cargo xtask test` and nothing else, so whatever passes here passes there.

/// `cargo xtask browsers`: the verifying page in Chromium and Firefox.
mod browsers;
/// Long runs: benchmarks and fault campaigns.
mod campaign;
/// `cargo xtask dist`: the Debian package.
mod dist;
/// Real camera footage, from a package and checked by digest.
mod media;
/// `cargo xtask mutants`: which wrong rules the tests notice.
mod mutants;
/// Where things lie: repository root, build folder, tool folder.
mod place;
/// One step of a run: its heading, its commands, its duration.
mod step;
/// `cargo xtask test`: the steps in their order.
mod test;
/// Programs from the distribution, installed when that is allowed.
mod tools;
/// Verifiers nobody here wrote: the Go team's log code and `aics-tlog`.
mod verifiers;
/// `cargo xtask vm`: the station in an emulated machine with USB.
mod vm;
/// `cargo xtask windows`: the verifier for Windows, held to the one for Linux.
mod windows;

use anyhow::{Result, bail};
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask COMMAND

  test              everything that must pass before a change lands (this is what CI runs)
  tools             only the first step of `test`; prints the variables that the tests read
  browsers          only the step of `test` that opens the verifying page in Chromium and Firefox
  bench NAME        run benches/NAME and what it compares with (installs rclone and dc3dd)
  campaign NAME     run the long fault campaign tests/campaign_NAME
  mutants [PART...] plant faults into the rules and see that a test fails for each: desk, access and keep, or parts of them
  generate          write the files that are made of others (udev/*.hwdb, docs/ref/recorders.md, the page's short.js)
  vm [NAME...]      scenarios of tests/vm in an emulated machine with USB: all, or those named
  vm --ci           the few of them that `test` plays
  dist              the Debian package, in the build folder under dist/
  dist --pdf        the same with forms as PDF, under dist/with-pdf/; takes several times as long
  windows           sealdock-verify for Windows, held to the one for Linux under Wine (installs both compiler and Wine)
  advisories        known holes in the dependencies, asked of the list of RustSec (needs cargo-deny and a network; `test` has neither)
  deny              licences, bans and sources of the dependencies (needs cargo-deny)
  help              this text
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match command(&words).and_then(Command::run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[derive(Debug, PartialEq)]
enum Command {
    Test,
    Tools,
    Browsers,
    Bench(String),
    Campaign(String),
    Mutants(Vec<String>),
    Generate,
    Vm(vm::Which),
    Windows,
    Deny,
    Advisories,
    Dist(&'static [&'static str]),
    Help,
}

impl Command {
    fn run(self) -> Result<()> {
        match self {
            Command::Test => test::all(),
            Command::Tools => test::tools_only(),
            Command::Browsers => test::browsers_only(),
            Command::Bench(name) => campaign::bench(&name),
            Command::Campaign(name) => campaign::campaign(&name),
            Command::Mutants(parts) => mutants::run(&parts),
            Command::Generate => test::generate(),
            Command::Vm(which) => vm::run(&which),
            Command::Windows => windows::compare(),
            Command::Deny => campaign::deny(),
            Command::Advisories => campaign::advisories(),
            Command::Dist(features) => dist::deb(features).map(drop),
            Command::Help => {
                print!("{HELP}");
                Ok(())
            }
        }
    }
}

fn command(words: &[&str]) -> Result<Command> {
    Ok(match words {
        ["test"] => Command::Test,
        ["tools"] => Command::Tools,
        ["browsers"] => Command::Browsers,
        ["bench", name] => Command::Bench(campaign::target_name(name)?),
        ["campaign", name] => Command::Campaign(campaign::target_name(name)?),
        ["mutants", parts @ ..] => {
            Command::Mutants(parts.iter().map(|part| part.to_string()).collect())
        }
        ["generate"] => Command::Generate,
        ["vm"] => Command::Vm(vm::Which::All),
        ["vm", "--ci"] => Command::Vm(vm::Which::Few),
        ["vm", names @ ..] => {
            Command::Vm(vm::Which::Named(names.iter().map(|name| name.to_string()).collect()))
        }
        ["windows"] => Command::Windows,
        ["deny"] => Command::Deny,
        ["advisories"] => Command::Advisories,
        ["dist"] => Command::Dist(&dist::FEATURES),
        ["dist", "--pdf"] => Command::Dist(&dist::WITH_PDF),
        [] | ["help" | "--help" | "-h"] => Command::Help,
        other => bail!("`{}` is not a command; `cargo xtask help` lists them", other.join(" ")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_in_the_help_is_understood() {
        for line in HELP.lines().filter(|line| line.starts_with("  ")) {
            let words: Vec<&str> = line
                .split_whitespace()
                .map_while(|word| match word {
                    "NAME" => Some("ingest"),
                    word if word.len() > 1 => Some(word),
                    _ => None,
                })
                .take(if line.contains("NAME ") { 2 } else { 1 })
                .collect();
            assert!(command(&words).is_ok(), "{words:?}");
        }
    }

    #[test]
    fn an_unknown_command_is_refused_by_name() {
        let error = command(&["tset"]).unwrap_err().to_string();
        assert!(error.contains("`tset`") && error.contains("cargo xtask help"), "{error}");
    }

    #[test]
    fn a_second_word_that_no_command_takes_is_refused() {
        assert!(command(&["test", "quick"]).is_err());
        assert!(command(&["bench"]).is_err());
    }
}
