//! The fixtures as PDF, to be looked at:
//! `cargo run -p sealdock-print --features typst --example forms -- DIR`, then `pdftoppm -png`.

#[path = "../../report/tests/common/mod.rs"]
mod forms;

use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("say where to write")?);
    let fonts = sealdock_print::Fonts::installed()?;
    for name in forms::NAMES {
        let bytes = sealdock_print::pdf(&forms::sheet(name), &fonts)?;
        std::fs::write(folder.join(format!("{name}.pdf")), bytes)?;
    }
    Ok(())
}
