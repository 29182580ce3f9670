//! One table from errno to a port error, so that every message says what, on what, and why.

use rustix::io::Errno;
use sealdock_core::ports::{Kind, PortError};

/// What could not be done (`read`, `delete`, …), to what, and what the kernel said.
pub fn fault(doing: &str, name: &str, errno: Errno) -> PortError {
    let (kind, why) = match errno {
        Errno::NOENT | Errno::NOTDIR => (Kind::Missing, "it is not there".to_owned()),
        Errno::ROFS => (
            Kind::ReadOnly,
            "the recorder is read-only; check its lock switch, or mount it writable".to_owned(),
        ),
        Errno::NOSPC | Errno::DQUOT => {
            (Kind::NoSpace, "no room is left on the recorder".to_owned())
        }
        Errno::LOOP => (Kind::Failed, "a symbolic link is in the way".to_owned()),
        Errno::XDEV => (Kind::Failed, "another file system is mounted there".to_owned()),
        Errno::ACCESS | Errno::PERM => (Kind::Failed, format!("permission denied ({errno})")),
        other => (Kind::Failed, other.to_string()),
    };
    PortError::new(kind, format!("cannot {doing} {name}: {why}"))
}

/// May this errno mean that the whole recorder is gone?
pub fn smells_of_yank(errno: Errno) -> bool {
    matches!(
        errno,
        Errno::NOENT
            | Errno::NOTDIR
            | Errno::STALE
            | Errno::IO
            | Errno::NODEV
            | Errno::NXIO
            | Errno::NOTCONN
            | Errno::SHUTDOWN
            | Errno::NOMEDIUM
            | Errno::ROFS
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_follow_the_cause() {
        for (errno, kind) in [
            (Errno::NOENT, Kind::Missing),
            (Errno::ROFS, Kind::ReadOnly),
            (Errno::NOSPC, Kind::NoSpace),
            (Errno::IO, Kind::Failed),
            (Errno::LOOP, Kind::Failed),
        ] {
            let error = fault("delete", "a.mp4", errno);
            assert_eq!(error.kind, kind);
            assert!(error.message.starts_with("cannot delete a.mp4: "), "{error}");
        }
    }
}
