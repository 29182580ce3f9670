//! The confined media reader on its own, for looking at a file by hand and for this crate's
//! tests: `sealdock-probe < clip.mp4`. The station runs the same code inside `sealdock`.

fn main() {
    std::process::exit(sealdock_probe::child_main());
}
