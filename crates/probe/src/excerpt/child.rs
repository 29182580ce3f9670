//! The two children. Both take from themselves what they do not need before they look at a byte of the clip.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use super::find;
use crate::child::{UNCONFINED, UNREADABLE};
use crate::confine::{confine, confine_tool};
use crate::limits::Limits;

/// Becomes the tool: `PATH ARGUMENTS…`, with the clip as standard input and the excerpt as standard output. Comes back
/// only where it cannot. Call it first thing in `main`.
pub fn cut_main(mut arguments: impl Iterator<Item = OsString>) -> i32 {
    let Some(tool) = arguments.next() else { return UNCONFINED };
    if confine_tool(Path::new(&tool)).is_err() {
        return UNCONFINED;
    }
    let failed = Command::new(&tool).args(arguments).env_clear().exec();
    let _ = writeln!(io::stderr(), "it could not be started: {failed}");
    UNREADABLE
}

/// Finds the excerpt, which is standard error, in the clip, which is standard input, and prints one line of JSON: what
/// was found, or why nothing was. Call it first thing in `main`.
pub fn find_main() -> i32 {
    // Nothing may be said where the excerpt is.
    std::panic::set_hook(Box::new(|_| ()));
    if confine(&Limits::from_environment()).is_err() {
        return UNCONFINED;
    }
    match report() {
        Ok(()) => 0,
        Err(_) => UNREADABLE,
    }
}

fn report() -> io::Result<()> {
    let clip = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let excerpt = File::from(io::stderr().as_fd().try_clone_to_owned()?);
    let answer = serde_json::to_vec(&find::find(&clip, &excerpt))?;
    let mut stdout = io::stdout().lock();
    stdout.write_all(&answer)?;
    stdout.flush()
}
