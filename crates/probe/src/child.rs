//! The child's whole life: confine itself, read the clip on standard input, print what it is.
//! Its own facts are printed before the weaker parser is asked, so that nothing that parser
//! does can cost them.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;

use serde::Serialize;

use crate::confine::confine;
use crate::limits::Limits;
use crate::{media, second_opinion};

/// Exit code: the clip on standard input could not be read.
pub(crate) const UNREADABLE: i32 = 4;
/// Exit code: the process could not confine itself and therefore read nothing.
pub(crate) const UNCONFINED: i32 = 5;

/// Runs the child and returns its exit code. Reads the clip from file descriptor 0, which must
/// be an open regular file, and prints one line of JSON facts, then at most one line of second
/// opinion. The caller must be single-threaded here and must have opened nothing: call this
/// first thing in `main`, before any runtime or logging starts.
pub fn child_main() -> i32 {
    if confine(&Limits::from_environment()).is_err() {
        return UNCONFINED;
    }
    match report() {
        Ok(()) => 0,
        Err(_) => UNREADABLE,
    }
}

fn report() -> io::Result<()> {
    let mut clip = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let facts = media::read_facts(&mut clip)?;
    print_line(&facts)?;
    if second_opinion::is_worth_asking(&facts) {
        print_line(&second_opinion::ask(clip)?)?;
    }
    Ok(())
}

fn print_line(value: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    let mut stdout = io::stdout().lock();
    stdout.write_all(&line)?;
    stdout.flush()
}
