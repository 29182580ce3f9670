//! The rules of custody: every decision of sealdock, without any I/O, clock or randomness.
//!
//! The way in is [`command::Command`], decided into [`event::Event`]s, projected into rows. The world
//! comes in through [`ports`]. Proofs live in [`custody`].

/// SHA-256, re-exported for edges, which depend on this crate only.
pub use sealdock_chain::digest::Digest;

/// Who may see or copy a clip.
pub mod access;
/// Who acts.
pub mod actor;
/// Aligned buffers for direct I/O.
pub mod block;
/// Can the station's own clock be believed?
pub mod clock_state;
/// The only way to change anything.
pub mod command;
/// Proofs of custody and the wipe gate.
pub mod custody;
/// Commands into events.
pub mod decide;
/// Recorders and their use.
pub mod desk;
/// People, duties, PINs.
pub mod duty;
/// What happened, as the chain keeps it.
pub mod event;
/// Ids of people and things.
pub mod id;
/// Sheets of people and recorders into the registers.
pub mod import;
/// Classes, holds, disposal, spot checks, burnt media.
pub mod keep;
/// What a recorder holds.
pub mod listing;
/// Matters, enforcement steps, interruptions, marks.
pub mod matter;
/// Names from strangers, kept raw and shown inert.
pub mod naming;
/// Had whoever signed the right to?
pub mod objection;
/// The unit's policy as data.
pub mod policy;
/// The world as traits.
pub mod ports;
/// An entry becomes row changes.
pub mod project;
/// Entries that put an earlier one right.
mod put_right;
/// Who may read which registers in the console.
pub mod reading;
/// Register rows, typed.
pub mod registry;
/// What an auditor asks of the registers.
pub mod report;
/// The register tables of this version.
pub mod schema;
/// Clips that are asked for, page by page.
pub mod search;
/// One dock session as consumed states.
pub mod session;
/// Tables and row changes as data.
pub mod table;
/// Clocks, kept apart.
pub mod time;
/// Why not, in both languages.
pub mod why;
