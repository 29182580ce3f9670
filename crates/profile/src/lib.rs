//! What is known about recorder models, as data: what a file on a card is for and whose it claims to
//! be. A profile only describes; it can neither hide a file from the listing nor keep it from being
//! stored.

/// The kernel's bytes about a device.
pub mod descriptors;
/// What a card says about its recorder and its officers.
mod identity;
/// The file form of a profile.
mod keys;
/// Name forms: patterns with their own examples.
mod name;
/// A profile, ready to classify.
mod profile;
/// What was seen of a plugged device.
mod seen;
/// Messages that make a locked recorder show its disk.
pub mod unlock;

pub use identity::IdentityClaims;
pub use keys::BadProfile;
pub use profile::Profile;
pub use seen::{DeviceNotice, Interface, Scsi, Seen, State, Volume, VolumeNotice};
