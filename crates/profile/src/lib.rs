//! What is known about recorder models, as data: what a plugged device is, how a locked one is opened,
//! what a file on a card is for and whose it claims to be. A profile only describes; it can neither
//! hide a file from the listing nor keep it from being stored.

/// How a recorder's clock is measured and set.
mod clock;
/// The kernel's bytes about a device.
pub mod descriptors;
/// Which ports of this machine are docks.
mod docks;
/// Files made from the profiles.
mod generated;
/// What a card says about its recorder and its officers.
mod identity;
/// The file form of a profile.
mod keys;
/// What a profile may not be.
mod lint;
/// Name forms: patterns with their own examples.
mod name;
/// Patterns and globs, compiled when they are needed.
mod pattern;
/// A profile, ready to classify.
mod profile;
/// All profiles, ready to identify.
mod profiles;
/// The profile by which a plugged recorder is read.
mod reading;
/// What must hold of a device.
mod rule;
/// What was seen of a plugged device.
mod seen;
/// What a device could do, whatever it calls itself.
mod shape;
/// Messages that make a locked recorder show its disk.
pub mod unlock;
/// What a device is taken for.
mod verdict;

pub use clock::{Clock, ClockRead, ClockSet, NOTE_BYTES_MAX, Zone};
pub use docks::{BadDocks, DockPort, Docks, Place};
pub use identity::{Claim, Evidence, IdentityClaims, Source, disagreement};
pub use keys::{BadProfile, MtpQuirk, Role};
pub use lint::{Finding, check_files};
pub use profile::{Mtp, Opening, Profile, Sidecar};
pub use profiles::{EXAMPLE, Profiles};
pub use seen::{
    Content, ContentFile, DeviceNotice, Interface, Scsi, Seen, State, Volume, VolumeNotice,
};
pub use shape::Surprise;
pub use unlock::Unlock;
pub use verdict::Verdict;
