//! The record as static files (c2sp.org/tlog-tiles) in the second copy: what a station can be made from where no
//! database is left. Beside the tiles lie the heads, 256 sizes to a file, in the form of an entry bundle.
//!
//! What is there is never believed: each time some of it is held against the chain, and what differs is put aside,
//! written anew and said. A full file is written once.

/// Brings it there and mends it.
mod carry;
/// Files of such a folder, named, read and written.
mod files;
/// A database from it.
mod rebuild;

pub use carry::{Carried, Standing};
pub use files::{Heads, TileFaults, TileStep, Tiles};
pub use rebuild::{Rebuilt, rebuild};
