//! The only part of sealdock with privileges, and therefore small: it names the bay of a port, admits
//! devices, has volumes mounted read-only, deletes the one file that a signed intent names, and writes the one
//! note of the time that another names. It knows no station, no database, no network, and believes the daemon nothing but that signature.

/// One conversation about one volume, verb by verb.
pub mod act;
/// A device on a dock port: authorised, or left alone, and announced either way.
pub mod admit;
/// The one note that may be written.
pub mod clockfile;
/// What went wrong, as the daemon hears it.
mod error;
/// Volumes shown to and hidden from everybody else.
pub mod keeper;
/// Exclusive hold and the detached read-write mount.
pub mod kernel;
/// Said before the time limit of a unit ends its work.
pub mod limit;
/// The read-only loop device through which a volume is shown.
pub mod loops;
/// A block device on a dock port: mounted read-only and announced.
pub mod mount;
/// Announcements below `/run/sealdock`.
pub mod notice;
/// Mount options by file system.
mod options;
/// For udev: what is this port?
pub mod port;
/// Where the machine's trees are.
mod roots;
/// The socket.
pub mod serve;
/// Intents that were used up.
pub mod spent;
/// Kernel files and udev's own notes.
mod sysfs;
/// The one file: found, measured, hashed, unlinked.
pub mod target;
/// How much of a disk is asked for at once.
pub mod transfers;
/// A block device as the kernel knows it.
pub mod volume;

pub use error::{Kind, WiperError, WiperResult};
pub use keeper::Keeper;
pub use roots::Roots;
