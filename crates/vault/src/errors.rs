//! The one table from the kernel's error numbers to the kinds of the port, each with the way on.

use rustix::io::Errno;
use sealdock_core::ports::{Kind, PortError};
use std::fmt::Display;

/// The kernel refused: nothing happened, other requests may go on.
pub(crate) fn refused(act: &str, what: impl Display, errno: Errno) -> PortError {
    let (kind, advice) = match errno {
        Errno::NOSPC | Errno::DQUOT => (
            Kind::NoSpace,
            "free space or inodes on the vault's disk, or put the vault on a larger one",
        ),
        Errno::ROFS => (
            Kind::ReadOnly,
            "find in the kernel log why the vault's disk became read-only, repair it and mount it for writing",
        ),
        Errno::NOENT => (Kind::Missing, "run `sealdock check` to see what the vault still holds"),
        Errno::ACCESS | Errno::PERM => {
            (Kind::Failed, "the vault must belong to the user that runs the station; see its owner")
        }
        Errno::MFILE | Errno::NFILE => (Kind::Failed, "raise the limit of open files"),
        Errno::LOOP | Errno::NOTDIR | Errno::ISDIR => (
            Kind::Damaged,
            "something in the vault is not what sealdock put there; run `sealdock check`",
        ),
        _ => (Kind::Failed, "look for the vault's disk in the kernel log before trying again"),
    };
    PortError::new(kind, format!("cannot {act} {what}: {errno}; {advice}"))
}

/// A durable step failed in a way that leaves open whether it happened.
pub(crate) fn unknown(act: &str, what: impl Display, errno: Errno) -> PortError {
    PortError::new(
        Kind::Unknown,
        format!(
            "cannot tell whether the vault's disk did {act} {what}: {errno}; stop, see the kernel log, \
             start again: start-up finds out"
        ),
    )
}

/// The vault contradicts itself.
pub(crate) fn damaged(what: impl Display, why: &str) -> PortError {
    PortError::new(
        Kind::Damaged,
        format!("{what} in the vault {why}; nothing was changed; run `sealdock check`"),
    )
}

pub(crate) fn invalid(message: impl Into<String>) -> PortError {
    PortError::new(Kind::Invalid, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_names_act_thing_reason_and_way_on() {
        let error = refused("write", "incoming/x", Errno::DQUOT);
        assert_eq!(error.kind, Kind::NoSpace);
        let error = refused("write", "incoming/x", Errno::ROFS);
        assert_eq!(error.kind, Kind::ReadOnly);
        assert_eq!(
            refused("open", "kept/aa", Errno::MFILE).message,
            "cannot open kept/aa: Too many open files (os error 24); raise the limit of open files"
        );
        assert_eq!(unknown("sync", "kept/aa", Errno::IO).kind, Kind::Unknown);
    }
}
