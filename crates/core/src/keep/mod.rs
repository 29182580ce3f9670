//! Keeping (保管) and spot checks (抽查): classes with periods, holds, disposal by a plan that a second
//! person approved, spot checks drawn by a seed nobody chose, and the register of burnt media.
//!
//! Nothing here removes anything. A removal needs a [`DisposalPermit`], and that is made only from an
//! intent that stands in the chain; the intent is decided here, with everything asked anew. When in doubt,
//! a clip is kept. `docs/design/keeping.md` says why each step is as it is.

/// What speaks against disposing of a clip.
mod against;
/// One per cent of the archive a day.
mod brake;
/// What can be asked for.
mod command;
/// A command, decided.
mod decide;
/// Which clips a spot check falls on.
mod draw;
/// Copies of everything that are made to see whether the second copy is good.
mod drill;
/// What happened, as the chain keeps it.
mod event;
/// Checks of the whole station, written down.
mod examined;
/// Clips as the register of keeping has them.
mod kept;
/// Did whoever signed have the right to?
mod objection;
/// How long a class is kept, over all policies since.
mod periods;
/// Leave to remove one content from one place.
mod permit;
/// The exact list that is approved.
mod plan;
/// Who may do what.
mod rights;
/// Tables and how an entry changes them.
pub(crate) mod rows;

pub use against::{AGAINST, Against, Look, Why, objections, withdrawals};
pub use command::{Answer, Command, Ground, Item, MediumKind, Part};
pub(crate) use decide::decide;
pub use draw::{SEED_WORDS, drawn, score};
pub use drill::{Disk, DrillBegun, DrillCompleted, DrillRemoved, Outcome, left_open};
pub use event::{
    CheckAnnounced, CheckAnswered, CheckClosed, CheckCorrected, CheckDrawn, CheckKind, ClipClassed,
    ClipDisposed, ClockTrusted, DisposalApproved, DisposalBegun, DisposalIntended, DisposalKept,
    DisposalPlanned, DisposalWithdrawn, Event, HoldAnswered, HoldApproved, HoldReleaseRequested,
    HoldReleased, HoldRequested, MediumBurnt, MediumReadBack, Withdrawn,
};
pub use examined::{CHECK_DAYS, StationChecked, check_is_due, newest_checks, newest_deep};
pub use kept::{
    Kept, KeptState, is_leaving, kept, left_since, page_of, pages, state_of, with_bytes,
};
pub use objection::{misannounced, objection};
pub use periods::{Due, Periods};
pub use permit::{Audited, DisposalPermit};
pub use plan::{CLIPS_MOST, Line, PlanSheet};
pub use rows::{
    CLASSING, DISPOSAL, DISPOSAL_LINE, DISPOSAL_PLAN, DISPOSAL_RUN, DRILL, FULL_CHECK, HOLD,
    HOLD_CLIP, KEPT, MEDIUM, MEDIUM_CLIP, SPOTCHECK, SPOTCHECK_CLIP,
};
pub use rows::{TABLES, project};
