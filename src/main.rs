//! The program. Everything it does is in the library beside it, which `cargo xtask dist` reads, too.

use std::process::ExitCode;

/// A register of years is some hundred megabytes of small pieces for a moment. The allocator of the C library keeps such
/// memory with the thread that asked, and the next thread asks for more; this one gives it back. `check` is faster, too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    sealdock::main()
}
