//! Sealdock takes footage off body-worn recorders so that a court can trust it. This is the map: the
//! command line becomes one request, answered here or by the running daemon. Rules are elsewhere.

/// What comes back.
mod answer;
/// Arguments, terminal, client.
mod cli;
/// One HTTP server for a browser on this machine.
mod console;
/// `run`: bays, sockets, signals.
mod daemon;
/// From a path to a finished session.
mod docking;
/// Answers every request.
mod execute;
/// What went wrong, as exit codes.
mod exit;
/// Where things lie.
mod home;
/// What can be asked.
mod request;
/// Real ports in, a station out.
mod wire;

use clap::CommandFactory as _;
use std::process::ExitCode;

/// The command line as it is parsed: man page and completions are made from it.
pub fn command_line() -> clap::Command {
    cli::args::Cli::command()
}

/// The whole program.
pub fn main() -> ExitCode {
    // First of all, single-threaded and with nothing open: the child confines itself.
    let mut arguments = std::env::args_os().skip(1);
    match arguments.next() {
        Some(verb) if verb == wire::PROBE_VERB => std::process::exit(sealdock_probe::child_main()),
        Some(verb) if verb == console::VIEW_VERB => {
            std::process::exit(sealdock_probe::view::view_main(arguments))
        }
        _ => {}
    }
    // Whatever is made, is the service user's alone.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    cli::main()
}
