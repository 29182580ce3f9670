//! The child takes from itself what it does not need, draws the mark, and becomes the program.

use super::command::{of_check, of_facts, of_piece};
use super::{Frame, Mark, Order, VARIABLE};
use crate::child::{UNCONFINED, UNREADABLE};
use crate::confine::confine_tool;
use rustix::fs::{MemfdFlags, memfd_create};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Seek, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// Becomes the tool that its only argument names, with the clip as standard input. Comes back only where it cannot. Call
/// it first thing in `main`: the caller must be single-threaded and must have opened nothing.
pub fn view_main(mut arguments: impl Iterator<Item = OsString>) -> i32 {
    let Some(tool) = arguments.next() else { return UNCONFINED };
    match become_tool(Path::new(&tool)) {
        Ok(code) => code,
        Err(e) => {
            let _ = writeln!(io::stderr(), "{e}");
            UNREADABLE
        }
    }
}

fn become_tool(tool: &Path) -> io::Result<i32> {
    let order = std::env::var(VARIABLE).map_err(io::Error::other)?;
    let order: Order = serde_json::from_str(&order)?;
    // Before it is confined: after that nothing can be written but to what is a pipe.
    let (arguments, _mark) = match &order {
        Order::Facts => (of_facts(), None),
        Order::Make(piece) => {
            let mark = drawn(&piece.mark, piece.frame)?;
            (of_piece(piece, mark.as_raw_fd()), Some(mark))
        }
        Order::Check(windows) => (of_check(*windows), None),
    };
    // Our own reader goes on without Landlock; so large a program as this one does not: it could read the keys.
    match confine_tool(tool, !matches!(order, Order::Check(_))) {
        Ok(true) => {}
        Ok(false) | Err(_) => return Ok(UNCONFINED),
    }
    Err(Command::new(tool).args(arguments).env_clear().exec())
}

/// The mark as bytes in memory, which the program that this process becomes reads from a number that stays open.
fn drawn(mark: &Mark, Frame { width, height, .. }: Frame) -> io::Result<OwnedFd> {
    let drawn = mark.draw(width, height).ok_or_else(|| io::Error::other("it does not fit"))?;
    let mut file = File::from(memfd_create("mark", MemfdFlags::empty())?);
    file.write_all(&drawn.bytes)?;
    file.rewind()?;
    Ok(file.into())
}
