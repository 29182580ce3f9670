//! Recorders that show objects over MTP or PTP (USB class 06/01/01) instead of a disk. What they say is
//! read here byte by byte and bounded; the library below knows the wire. Nothing is written to a recorder
//! but the deletion that a permit names, and its clock where its profile says so.

/// What the recorder's clock says, and setting it.
mod clock;
/// The answers of a recorder, read as a stranger's bytes.
mod dataset;
/// Deletion of one object.
mod delete;
/// One conversation with one recorder.
mod link;
/// The device that was announced, opened.
mod plug;
/// A recorder that speaks MTP.
mod recorder;
/// An object, read in pieces.
mod source;
/// The walk over everything it shows.
mod walk;

pub use clock::ClockWay;
pub use link::{Link, LinkOptions};
pub use plug::open;
pub use recorder::{MtpOptions, MtpRecorder};
