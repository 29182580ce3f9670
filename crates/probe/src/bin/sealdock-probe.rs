//! The child as a program of its own, for tests. `sealdock` hosts it as hidden verbs instead.

use std::process::exit;

fn main() {
    let mut arguments = std::env::args_os().skip(1);
    match arguments.next().and_then(|verb| verb.into_string().ok()).as_deref() {
        Some("cut") => exit(sealdock_probe::excerpt::cut_main(arguments)),
        Some("find") => exit(sealdock_probe::excerpt::find_main()),
        _ => exit(sealdock_probe::child_main()),
    }
}
