//! The confined media reader on its own, for looking at a file by hand and for this crate's
//! tests: `sealdock-probe < clip.mp4`, to a terminal or a pipe (it may not write to files).
//! The station runs the same code inside `sealdock`.

fn main() {
    std::process::exit(sealdock_probe::child_main());
}
