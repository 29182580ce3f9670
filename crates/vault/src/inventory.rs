//! Walks the vault and says of every file what it is. Never follows or opens a file.

use crate::errors::refused;
use crate::faults::Errno;
use crate::layout::{MARKER, classify};
use crate::tree::open_dir;
use rustix::fs::{AtFlags, Dir, FileType, statat};
use sealdock_core::ports::{Found, Place, PortResult};
use std::os::fd::{AsFd, BorrowedFd};

/// Our own files lie at most this deep; the walk stops a little below and reports the directory.
const DEPTH_MAX: usize = 8;

/// Every file below `root`, in no order. Empty directories are nothing.
pub(crate) fn walk(root: BorrowedFd<'_>) -> PortResult<Vec<Found>> {
    let mut found = Vec::new();
    descend(root, &mut Vec::new(), &mut found)?;
    Ok(found)
}

fn descend(at: BorrowedFd<'_>, path: &mut Vec<String>, found: &mut Vec<Found>) -> PortResult<()> {
    let failed = |path: &[String], errno| refused("list the vault at", path.join("/"), errno);
    for entry in Dir::read_from(at).map_err(|errno| failed(path, errno))? {
        let entry = entry.map_err(|errno| failed(path, errno))?;
        let name = entry.file_name();
        if matches!(name.to_bytes(), b"." | b"..") {
            continue;
        }
        path.push(name.to_bytes().escape_ascii().to_string());
        let stat = match statat(at, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => stat,
            // A copy that was kept or discarded meanwhile.
            Err(Errno::NOENT) => {
                path.pop();
                continue;
            }
            Err(errno) => return Err(failed(path, errno)),
        };
        let size = stat.st_size.unsigned_abs();
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory if path.len() <= DEPTH_MAX => {
                let below = open_dir(at, name).map_err(|errno| failed(path, errno))?;
                descend(below.as_fd(), path, found)?;
            }
            FileType::RegularFile if path.len() == 1 && path[0] == MARKER => {}
            FileType::RegularFile => found.push(Found { place: classify(path), size }),
            _ => found.push(Found { place: Place::Foreign(path.join("/")), size }),
        }
        path.pop();
    }
    Ok(())
}
