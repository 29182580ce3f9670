//! Media facts of a clip that is already stored and proven.
//!
//! Footage is hostile input and parsers fail on it, so the parsing runs in a child process that
//! has confined itself, and whatever that child does ends in an [`Outcome`]: facts, or the reason
//! there are none. Nothing here decides about custody. `docs/design/clip-facts.md` has the whole.

mod child;
mod clip;
mod confine;
mod describe;
mod facts;
mod filter;
mod limits;
pub mod media;
mod second_opinion;
mod verdict;
/// Pictures of a clip with a mark in them.
pub mod view;

pub use child::child_main;
pub use describe::describe;
pub use facts::{Container, Facts, State};
pub use limits::Limits;
pub use verdict::Outcome;
