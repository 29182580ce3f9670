//! The desk: recorders as fixed assets and the archive of their use (使用档案). Who may take a recorder,
//! under whose approval, in what condition; when it came back and was docked; what is overdue.
//!
//! Every act is a person's with their own PIN. A docking is never refused by anything here: footage is
//! saved first and questions are asked afterwards. `docs/design/desk.md` has the rules.

/// What is written about recorders, and where they are.
mod assets;
/// Taken without approval.
mod breach;
/// Checks before a use, and periodic ones.
mod checks;
/// What can be asked for.
mod command;
/// What stood wrong is put right.
mod correct;
/// A command, decided.
mod decide;
/// What a docking means here.
mod docking;
/// What happened, as the chain keeps it.
mod event;
/// Lateness, the ratio of recorders to officers, what is out.
mod figures;
/// The rows of the forms.
mod forms;
/// Why a recorder may not go out now.
mod hand_out;
/// Did whoever signed have the right to?
mod objection;
/// What is due soon or overdue.
mod overdue;
/// The section of the policy.
mod policy;
/// What the registers say, typed.
mod reading;
/// Tables and how an entry changes them.
pub(crate) mod rows;
/// Asked for, approved, handed out, taken back.
mod uses;

pub use checks::FOUND_FAULTY;
pub use command::Command;
pub(crate) use decide::decide;
pub(crate) use docking::{Opened, ReturnTimes, last_user, on_docking, user_before};
pub use event::{
    Approved, AssetRecord, Breach, BreachSeen, Checked, ClockSeen, Correction, Designated,
    DesignationEnded, Docked, DockedByAnother, Duty, Event, FaultReported, Issued, LateExplained,
    Moved, Overdue, Place, RecorderCorrected, RecorderDescribed, Refused, Requested, Returned,
    Sheet, Withdrawn,
};
pub use figures::{Figures, Lateness, Unbooked, by_department, figures, unbooked};
pub use forms::{ArchiveRow, ClerkRow, Period, clerk_roster, usage_archive};
pub use objection::objection;
pub use overdue::{Alarm, Due, due, overdue, undocked};
pub use policy::{DeskPolicy, DeskText};
pub use reading::{
    Asset, Leftover, Usage, asset, assets, designation, each_use, is_out, leftover, out, told_in,
    told_last, usage, usages, usages_by, usages_of,
};
pub use rows::{ASSET, ASSET_CHANGE, DESIGNATION, RECORDER_CHECK, TABLES, USAGE, project};
