//! Media facts come from this same program, started again as `sealdock probe-child` and confined.

use crate::home::Home;
use sealdock_chain::Digest;
use sealdock_core::ports::{Place, Probe, Vault};
use sealdock_probe::{Limits, Outcome, describe};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The hidden verb; handled before anything else in `main`.
pub const VERB: &str = "probe-child";

struct ChildProbe {
    executable: PathBuf,
    kept: PathBuf,
}

/// No probe where the program cannot find itself: clips then stay undescribed.
pub fn probe(home: &Home) -> Option<Arc<dyn Probe>> {
    // The link itself, not its target: an upgrade may have replaced the file.
    let executable = PathBuf::from("/proc/self/exe");
    executable.symlink_metadata().ok()?;
    Some(Arc::new(ChildProbe { executable, kept: home.vault().join("kept") }))
}

impl Probe for ChildProbe {
    fn describe(&self, vault: &dyn Vault, clip: Digest) -> Result<serde_json::Value, String> {
        let unreadable = |e: String| format!("the stored clip could not be opened: {e}");
        vault.size(&Place::Kept(clip)).map_err(|e| unreadable(e.message))?;
        let file = File::open(kept(&self.kept, clip)).map_err(|e| unreadable(e.to_string()))?;
        match describe(&self.executable, &[VERB], file, &Limits::default()) {
            Outcome::Described(facts) => serde_json::to_value(facts).map_err(|e| e.to_string()),
            Outcome::Undescribed { reason } => Err(reason),
        }
    }
}

fn kept(folder: &Path, clip: Digest) -> PathBuf {
    let hex = clip.to_string();
    folder.join(&hex[..2]).join(&hex[2..4]).join(&hex)
}

/// A kept clip, for reading: for the console's viewing alone, which has the entry of it in the chain by then.
///
/// # Errors
/// It is not there.
pub fn footage(home: &Home, clip: Digest) -> std::io::Result<File> {
    File::open(kept(&home.vault().join("kept"), clip))
}
