//! Matters: what footage belongs to. A matter (事项) has its parties, its case file and enforcement
//! steps (环节); clips are bound to steps. A step that must be recorded and is not, and a recording that
//! was broken off without leave (中断), is found from the clips and asks for an explanation until there is
//! one. Filing the case has a deadline. `docs/design/matter.md` says more.

/// Where a recording was broken off, found from its clips.
mod breaks;
/// What can be asked for.
mod command;
/// A command, decided.
mod decide;
/// What happened, as the chain keeps it.
mod event;
/// Recorded against expected.
mod expected;
/// Matters, steps and interruptions, asked of the registers.
mod held;
/// Why a clip of an open case may not be disposed of.
mod hold;
/// Days and seconds of the policy.
mod limits;
/// Did whoever signed have the right to?
mod objection;
/// Clips of a step as recordings on one scale of time.
mod recording;
/// Tables and how an entry changes them.
mod rows;
/// Was it the time for it?
mod stands;
/// The list of what must be recorded.
mod steps;

pub use breaks::{Break, BreakKind, breaks};
pub use command::Command;
pub(crate) use decide::decide;
pub use event::{
    Cause, ClipBound, ClipMarked, ClipUnbound, Event, FilingMissed, FilingWarned,
    InterruptionExplained, InterruptionFilled, InterruptionFound, InterruptionNoted, Manner,
    MatterClosed, MatterCorrected, MatterFiled, MatterKind, MatterOpened, MatterRecord, StepClosed,
    StepDeclared, StepsAdopted, Voice,
};
pub use expected::{Expectation, expectations};
pub use held::{
    Bound, Interruption, Matter, Step, bindings_of_clip, bound_to, ever_officers, interruption,
    interruptions, matter, matters, newest_matters, step, steps_of,
};
pub use hold::speaks_against_disposal;
pub use limits::{Limits, MatterText};
pub use objection::objection;
pub use recording::{Change, Recording, Recordings, as_recordings, recordings};
pub use rows::{
    BINDING, INTERRUPTION, MARK, MATTER, MATTER_OFFICER, STEP, STEP_LIST, TABLES, project,
};
pub use steps::{BadSteps, DEFAULT_STEPS, InForce, Item, StepList, steps_in_force};
