//! From arguments to a request, from an answer to the terminal.

/// `access`, `secrecy`, `view`, `copy`.
mod access;
/// `anchor`.
mod anchor;
/// Tokens of other systems.
mod api;
/// What can be typed.
pub mod args;
/// A path that cannot be meant as a recorder.
mod card;
/// Direct or over the daemon's socket.
mod client;
/// `demo`.
mod demo;
/// `recorder` and `use`.
mod desk;
/// `first-run`.
pub mod first;
/// `form`, and how a sheet becomes a file.
mod form;
/// `image`.
mod image;
/// `person import`, `recorder import`, and sheets to fill in.
mod import;
/// `init`.
mod init;
/// Classes, holds, disposal, spot checks, media.
mod keep;
/// `restore`, `key replace`.
mod lost;
/// `matter`, `step`, `steps`, `interruption`, and what binds and marks clips.
mod matter;
/// `department`, `person`, `duty`.
mod people;
/// A PIN from a file or a terminal.
mod pin;
/// Answers and progress for people.
pub mod print;
/// `profile`.
mod profile;
/// `report`.
mod report;
/// What the kernel lists about a plugged device.
pub(crate) mod sysfs;
/// A token for the keys.
mod token;
/// Verbs as requests.
mod verbs;
/// `witness`.
mod witness;

pub use args::access::excerpt;
pub use import::template as sheet_to_fill_in;

use crate::exit::CliError;
use clap::Parser as _;
use std::process::ExitCode;

/// The bay of what is docked without one.
pub const DIRECT_BAY: &str = "cli";

/// Runs one verb.
pub fn main() -> ExitCode {
    let args = match args::Cli::try_parse() {
        Ok(args) => args,
        Err(e) => {
            // `--help` and `--version` end well, everything else is usage.
            let code = if e.use_stderr() { crate::exit::Exit::Usage.code() } else { 0 };
            // Nobody reads any more: the code still says it.
            let _unread = e.print();
            return ExitCode::from(code);
        }
    };
    log_to_stderr();
    match verbs::run(args) {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(CliError { exit, message, .. }) => {
            eprintln!("sealdock: {message}");
            ExitCode::from(exit.code())
        }
    }
}

fn log_to_stderr() {
    use std::io::IsTerminal as _;
    let filter = tracing_subscriber::EnvFilter::try_from_env("SEALDOCK_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .init();
}
