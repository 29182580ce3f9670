//! `first-run`: a few questions in a browser of this machine, and then the station's daemon.

use crate::console::first::{self, Place};
use crate::daemon::{self, Browser};
use crate::exit::{CliError, Exit};
use crate::home::Home;
use clap::Args;
use std::net::SocketAddr;
use std::path::Path;

#[derive(Debug, Args)]
pub struct FirstRun {
    /// 控制台 where a browser of this machine is answered; port 0 takes a free one and prints it
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8420")]
    pub console: SocketAddr,
    /// Do not set the immutable flag on kept clips
    #[arg(long)]
    pub no_immutable_flag: bool,
    /// UNSAFE, for tests only: take a second copy on the same disk; the entry says so
    #[arg(long, hide = true)]
    pub mirror_same_disk_for_tests: bool,
}

pub fn run(station: &Path, args: &FirstRun) -> Result<Exit, CliError> {
    // What pages show of it, and what a second copy is held against, is the whole path.
    let station = Home::new(station).dir;
    let place = Place {
        dir: station.clone(),
        immutable: !args.no_immutable_flag,
        mirror_same_disk: args.mirror_same_disk_for_tests,
        // A port that the machine chose is another one the next time.
        console: (args.console.port() != 0).then_some(args.console),
    };
    let listener = first::serve(place, args.console)?;
    daemon::run(&station, Browser::On(listener))
}
