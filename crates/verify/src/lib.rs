//! The verdict on a package of evidence: a folder in, a word and six answers out, offline and without the
//! program that wrote it. The bytes and the codes are those of `docs/design/export.md`.
//!
//! [`verify`] reads no clock and no environment. What it believes comes from [`Trust`], which the reader
//! brings apart from the folder; nothing in the folder vouches for itself.

/// Heads that were stamped or cosigned.
mod anchors;
/// The six answers.
mod answers;
/// The bag: its form, its manifests, what must be there.
mod bag;
/// One clip: what is said of it, its signature, its bytes.
mod clip;
/// The codes of the table and the words they lead to.
mod code;
/// Two holdings of one record against each other.
mod compare;
/// A real directory.
mod disk;
/// The entries of the record, each proven under the head.
mod entries;
/// What entries say, as far as a verdict rests on it.
mod event;
/// A part of a clip in its place.
mod excerpt;
/// What a package is read from.
mod folder;
/// The closing of the package.
mod handover;
/// The head that the package rests on, and whose key signed it.
mod head;
/// What one side of a comparison holds.
mod history;
/// Text of strangers, made safe to show.
mod inert;
/// Which key was in force when.
mod keys;
/// What is left out of the page.
mod lean;
/// What was on the recorder.
mod listing;
/// A record that is watched from outside.
pub mod monitor;
/// Which names a package may hold.
mod names;
/// The same verdict as a page for a browser.
mod page;
/// A clip's bytes, hashed by several threads in one reading.
mod pieces;
/// Heads that the reader holds.
mod pins;
/// The report and its JSON.
mod report;
/// Time-stamps over heads of the record.
mod stamps;
/// The small files of a package.
mod tags;
/// The report as text for people.
mod text;
/// What the reader brings.
mod trust;
/// The steps, in order.
mod verdict;
/// Cosignatures of witnesses.
mod witnesses;
/// Sentences in two languages.
mod words;

pub use code::{Code, Word};
pub use compare::{Link, Outcome, compare};
pub use disk::Disk;
pub use excerpt::{Of, excerpt_map, excerpt_name};
pub use folder::{Folder, Item, Kind, Memory};
pub use history::History;
pub use names::PAGE;
pub use page::{page, page_digest};
pub use report::{Answers, Fact, Finding, Report};
pub use text::refusal;
pub use trust::{Pin, Refused, Trust};
pub use verdict::{Options, verify};
