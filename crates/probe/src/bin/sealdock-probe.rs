//! The confined media reader on its own, for looking at a file by hand and for this crate's
//! tests: `sealdock-probe < clip.mp4`, to a terminal or a pipe (it may not write to files).
//! The station runs the same code inside `sealdock`.

fn main() {
    // `view TOOL` is the child that makes marked pictures.
    let mut arguments = std::env::args_os().skip(1);
    match arguments.next() {
        Some(verb) if verb == "view" => {
            std::process::exit(sealdock_probe::view::view_main(arguments))
        }
        _ => std::process::exit(sealdock_probe::child_main()),
    }
}
