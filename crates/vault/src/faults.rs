//! Every step that changes the medium passes through here, so that a test can make each one fail:
//! lost (it did not happen) or landed (it happened, and the answer was an error all the same).
//! A closure may also end the process, which is how a crash at each step is tried.

pub use rustix::io::Errno;
use std::fmt;
use std::sync::Arc;

/// A step that changes the medium.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    CreateFile,
    Allocate,
    Write,
    Truncate,
    SyncFile,
    MakeDir,
    SyncDir,
    Rename,
    /// The immutable flag of a kept file is taken away.
    Unlock,
    Unlink,
}

impl Step {
    /// All of them, in the order of a first clip and its end.
    pub const ALL: [Step; 10] = [
        Step::CreateFile,
        Step::Allocate,
        Step::Write,
        Step::Truncate,
        Step::SyncFile,
        Step::MakeDir,
        Step::SyncDir,
        Step::Rename,
        Step::Unlock,
        Step::Unlink,
    ];
}

/// What becomes of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Happens,
    /// Does not happen and says so.
    Lost(Errno),
    /// Happens and says it did not.
    Landed(Errno),
}

type Script = dyn Fn(Step) -> Outcome + Send + Sync;

/// Says what becomes of each step; the default lets all happen. Only tests set another.
#[derive(Clone, Default)]
pub struct Faults(Option<Arc<Script>>);

impl Faults {
    /// Asks `script` before every step.
    pub fn scripted(script: impl Fn(Step) -> Outcome + Send + Sync + 'static) -> Faults {
        Faults(Some(Arc::new(script)))
    }

    /// Does the step, unless the script says otherwise.
    pub(crate) fn pass<T>(
        &self,
        step: Step,
        act: impl FnOnce() -> Result<T, Errno>,
    ) -> Result<T, Errno> {
        match self.0.as_ref().map_or(Outcome::Happens, |script| script(step)) {
            Outcome::Happens => act(),
            Outcome::Lost(errno) => Err(errno),
            Outcome::Landed(errno) => act().and(Err(errno)),
        }
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Faults(scripted)" } else { "Faults(none)" })
    }
}
