//! The few folders that a run knows. Everything fetched or built lies under the build folder, so
//! that `cargo clean` forgets it all.

use crate::step;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folders of one run; made if they are missing.
pub struct Places {
    /// The repository.
    pub root: PathBuf,
    /// Verifiers, one executable per name. Handed to the tests as `SEALDOCK_TOOLS`.
    pub tools: PathBuf,
    /// The emulated machine: its disks, states and runs.
    pub vm: PathBuf,
    /// Real clips. Handed to the tests as `SEALDOCK_MEDIA`.
    pub media: PathBuf,
}

impl Places {
    /// Finds the repository from this crate's own place in it.
    ///
    /// # Errors
    /// When a folder cannot be made.
    pub fn find() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .ancestors()
            .nth(2)
            .context("crates/xtask has moved: it must lie two levels below the root")?
            .to_path_buf();
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or("target".into(), PathBuf::from);
        let target = root.join(target);
        let [tools, media, vm] = ["tools", "media", "vm"].map(|name| target.join(name));
        let places = Places { root, tools, vm, media };
        for folder in [&places.tools, &places.media, &places.vm] {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("cannot make {}", folder.display()))?;
        }
        Ok(places)
    }

    /// Runs cargo at the root, with the variables that the tests read.
    ///
    /// # Errors
    /// When cargo fails.
    pub fn cargo(&self, arguments: &[&str]) -> Result<()> {
        let mut command = Command::new("cargo");
        command.args(arguments).current_dir(&self.root).envs(self.variables());
        // Whoever builds once keeps nothing for the next time.
        if std::env::var_os("CI").is_some() {
            command.env("CARGO_INCREMENTAL", "0");
        }
        step::run(&mut command)
    }

    /// What the tests read from the environment, as name and value.
    pub fn variables(&self) -> [(&'static str, &Path); 2] {
        [("SEALDOCK_TOOLS", &self.tools), ("SEALDOCK_MEDIA", &self.media)]
    }
}
