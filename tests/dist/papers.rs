//! Writes man page and completions into a folder, for `cargo xtask dist`: from the very definition that
//! the program parses with, so that they cannot differ from it.

use clap_complete::{Shell, generate_to};
use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    let folder: PathBuf = match std::env::args_os().nth(1) {
        Some(folder) => folder.into(),
        None => return Err(std::io::Error::other("type the folder to write to")),
    };
    std::fs::create_dir_all(&folder)?;
    let mut command = sealdock::command_line();
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        generate_to(shell, &mut command, "sealdock", &folder)?;
    }
    clap_mangen::generate_to(command, &folder)
}
