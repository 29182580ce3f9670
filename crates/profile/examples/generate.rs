//! Writes the files that are made from the profiles: `generate ROOT`. Run by `cargo xtask generate`.

use sealdock_profile::Profiles;
use std::path::Path;

fn main() -> std::io::Result<()> {
    let root = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let all = Profiles::built_in();
    let files =
        [("udev/70-sealdock.hwdb", all.hwdb()), ("docs/ref/recorders.md", all.support_table())];
    for (path, text) in files {
        std::fs::write(Path::new(&root).join(path), text)?;
    }
    Ok(())
}
