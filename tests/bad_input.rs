//! Bad input gets a clear error and loses nothing: for every kind of it the exit code, the stable
//! part of the message, and the bytes that are all still there. `docs/ref/bad-input.md` is the same
//! as a table; `page.rs` holds the two together. What `tests/script/*.txt` pin is not repeated.
//!
//! Needs root, loop devices and ext4.
#![allow(clippy::unwrap_used)]

#[path = "bad_input/cards.rs"]
mod cards;
#[path = "bad_input/database.rs"]
mod database;
#[path = "bad_input/files.rs"]
mod files;
#[path = "bad_input/full.rs"]
mod full;
#[path = "bad_input/keys.rs"]
mod keys;
#[path = "bad_input/many.rs"]
mod many;
#[path = "bad_input/names.rs"]
mod names;
#[path = "bad_input/page.rs"]
mod page;
#[path = "bad_input/receipts.rs"]
mod receipts;
#[path = "bad_input/scene.rs"]
mod scene;
#[path = "bad_input/station.rs"]
mod station;
#[path = "bad_input/volume.rs"]
mod volume;
