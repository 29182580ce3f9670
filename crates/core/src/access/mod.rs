//! Who may see or copy a clip (002/A6-§20 to §22, 002/A2-§18, §19). Footage leaves the vault on one of
//! three grounds: it is one's own, a duty gives the right, or an approval in the chain does. A secrecy
//! level narrows every one of them.
//!
//! This room decides and answers; bytes are handed out by the station alone, after the entry that says so
//! is durable.

/// Nobody saw this clip before …: read from the chain.
mod absence;
/// Who applies, as form 3 asks for them.
mod applicant;
/// Who decides on a request.
mod approver;
/// What a copy was asked to hold, when it is begun and when it is gone on with.
mod asked;
/// What can be asked for.
mod command;
/// A command, decided.
mod decide;
/// What happened, as the chain keeps it.
mod event;
/// Form 3, row by row.
mod form;
/// On what a viewing may rest.
mod ground;
/// Requests, clips and levels, asked of the registers.
mod held;
/// Did whoever signed have the right to?
mod objection;
/// Numbers and secrecy levels of the policy.
mod policy;
/// Tables and how an entry changes them.
pub(crate) mod rows;
/// The words: who asks, what for, how secret.
mod terms;
/// What of a clip was shown, from–to.
mod watched;

pub use absence::{Absence, Sight};
pub use approver::approver_role;
pub use asked::{AskedExcerpt, CopyAsked};
pub use command::{Asking, Command};
pub(crate) use decide::decide;
pub use event::{
    Applicant, Approved, CopiedExcerpt, CopiedFile, CopyCarriedOut, CopyCompleted, EXCERPTS_MAX,
    Event, Ground, Refused, Requested, Revoked, SecrecySet, Shown, Stretch, Viewer, ViewingEnded,
    ViewingOpened, ViewingServed, Wanted, playing_time,
};
pub use form::{Act, FormRow, form, without_matter};
pub use ground::{Way, copy_objection, still_objection, views_left, ways};
pub use held::{
    Access, State, access, clips_of, level_of, speaks_against_disposal, twins, wanted_clips,
};
pub use objection::objection;
pub use policy::{AccessText, LevelRule, Limits};
pub use rows::{ACCESS, ACCESS_CLIP, COPY_OUT, SECRECY, VIEWING, VIEWING_PART};
pub use rows::{TABLES, project};
pub use terms::{Footing, Level, Purpose, Who};
pub use watched::{PLAYED_MS_MAX, merged};
