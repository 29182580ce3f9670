//! Media facts come from this same program, started again as `sealdock probe-child` and confined; excerpts in the same
//! way, from two more children.

use crate::home::Home;
use sealdock_chain::Digest;
use sealdock_core::ports::{Place, Probe, Vault};
use sealdock_probe::excerpt::{self, Cut, Range, Start, Tool};
use sealdock_probe::{Limits, Outcome, child_main, describe};
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The hidden verbs; handled before anything else in `main`.
const VERB: &str = "probe-child";
const CUT: &str = "excerpt-cut";
const FIND: &str = "excerpt-find";

/// The link itself, not its target: an upgrade may have replaced the file.
const SELF: &str = "/proc/self/exe";

/// The exit code where this process is one of the children, once it is done.
pub fn as_child(mut arguments: impl Iterator<Item = OsString>) -> Option<i32> {
    let verb = arguments.next()?;
    Some(match verb.to_str()? {
        VERB => child_main(),
        CUT => excerpt::cut_main(arguments),
        FIND => excerpt::find_main(),
        _ => return None,
    })
}

struct ChildProbe {
    executable: PathBuf,
    kept: PathBuf,
}

/// No probe where the program cannot find itself: clips then stay undescribed.
pub fn probe(home: &Home) -> Option<Arc<dyn Probe>> {
    let executable = PathBuf::from(SELF);
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

/// Cuts a range out of a kept clip. The file that it lies in has no name any more: it is gone with the process.
///
/// # Errors
/// A sentence: why there is no excerpt.
pub fn cut(
    home: &Home,
    clip: Digest,
    (tool, range): (&Tool, Range),
) -> Result<(Cut, File), String> {
    let path = kept(&home.vault().join("kept"), clip);
    let master = File::open(&path).map_err(|e| format!("cannot read {}: {e}", path.display()))?;
    let excerpt = nameless(&home.dir)?;
    let start = Start { executable: Path::new(SELF), verbs: [CUT, FIND] };
    let cut = excerpt::cut(start, tool, &master, (range, &excerpt))?;
    Ok((cut, excerpt))
}

fn nameless(folder: &Path) -> Result<File, String> {
    let path = folder.join(format!(".excerpt-{}", std::process::id()));
    let failed = |e: std::io::Error| format!("cannot make a file in {}: {e}", folder.display());
    let mut how = OpenOptions::new();
    let file = how.read(true).write(true).create_new(true).mode(0o600).open(&path);
    let file = file.map_err(failed)?;
    std::fs::remove_file(&path).map_err(failed)?;
    Ok(file)
}
