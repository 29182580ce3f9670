//! The program. Everything it does is in the library beside it, which `cargo xtask dist` reads, too.

use std::process::ExitCode;

fn main() -> ExitCode {
    sealdock::main()
}
