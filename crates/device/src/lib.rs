//! Recorders as the kernel shows them: a mounted volume or a plain folder, read without ever following
//! anything, and bays in which they appear. What a recorder *means* is decided elsewhere; here is only
//! what is there, and honest words about how the bytes were read.

/// Bays: where recorders appear and disappear.
pub mod bays;
/// Proof that what is read next comes from the medium.
mod cold;
/// The disk below a mounted volume.
mod disk;
/// Words for what the kernel refuses.
mod fault;
/// An open file on a recorder.
mod file;
/// A recorder that is a directory.
mod folder;
/// The privileged part that keeps a volume.
pub mod keeper;
/// The kernel's table of mounts.
mod mountinfo;
/// Names from a recorder as paths that cannot lead out of it.
mod name;
/// What is the station's own, whatever it is called.
mod own;
/// The recorder's root and everything that is resolved beneath it.
mod root;
/// What stands on the dock's USB ports.
pub mod usb;
/// The walk over a whole recorder.
mod walk;

pub use folder::{FolderOptions, FolderRecorder, STATION_MARK};
