//! The confined media reader on its own, for looking at a file by hand and for this crate's
//! tests: `sealdock-probe < clip.mp4`, to a terminal or a pipe (it may not write to files).
//! The two children that make excerpts are `cut` and `find`.
//! The station runs the same code inside `sealdock`.

use std::process::exit;

fn main() {
    let mut arguments = std::env::args_os().skip(1);
    match arguments.next().and_then(|verb| verb.into_string().ok()).as_deref() {
        Some("cut") => exit(sealdock_probe::excerpt::cut_main(arguments)),
        Some("find") => exit(sealdock_probe::excerpt::find_main()),
        _ => exit(sealdock_probe::child_main()),
    }
}
