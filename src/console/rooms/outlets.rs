//! Where a package may be put: the station's own outbox, or a removable medium that this machine has mounted. A browser picks
//! one of these by its name and never says a path.

use crate::exit::{CliError, Exit, file_error};
use sealdock_chain::Digest;
use sealdock_core::id::AccessId;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

/// Folders below which a desktop or an administrator mounts what is plugged in and taken away again.
const REMOVABLE: [&str; 3] = ["/media/", "/run/media/", "/mnt/sealdock/"];
/// Packages of one request in one place.
const NAMES_MOST: u32 = 99;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlet {
    /// What a browser sends back.
    pub key: String,
    pub removable: bool,
    pub dir: PathBuf,
    pub free: u64,
}

/// The outbox first, then media in the order of their names. `mounts` is the text of `/proc/self/mountinfo`; `never` are
/// folders that no package may lie above, beside or in: the station, its copies, recorders in their bays.
pub fn outlets(station: &Path, mounts: &str, never: &[PathBuf]) -> Vec<Outlet> {
    let outbox = station.join("outbox");
    let mut all =
        vec![Outlet { key: "outbox".into(), removable: false, free: free(station), dir: outbox }];
    let mut media: Vec<PathBuf> = mounts.lines().filter_map(writable).collect();
    media.sort();
    media.dedup();
    let fine = |dir: &PathBuf| !never.iter().any(|n| n.starts_with(dir) || dir.starts_with(n));
    all.extend(media.into_iter().filter(fine).map(|dir| Outlet {
        key: format!("m{}", &Digest::of(dir.as_os_str().as_encoded_bytes()).to_string()[..16]),
        removable: true,
        free: free(&dir),
        dir,
    }));
    all
}

fn free(dir: &Path) -> u64 {
    rustix::fs::statvfs(dir).map_or(0, |of| of.f_bavail.saturating_mul(of.f_frsize))
}

/// The folder of a line of `mountinfo`, where it is a removable medium that can be written to.
fn writable(line: &str) -> Option<PathBuf> {
    let mut words = line.split(' ').skip(4);
    let (place, options) = (unescaped(words.next()?)?, words.next()?);
    let read_only = options.split(',').any(|option| option == "ro");
    let removable = REMOVABLE.iter().any(|above| place.starts_with(above) && place != *above);
    let plain = !place.split('/').any(|part| part == "..") && !place.contains(char::is_control);
    (!read_only && removable && plain).then(|| PathBuf::from(place))
}

/// The kernel writes spaces, tabs, line ends and backslashes as `\ooo`.
fn unescaped(text: &str) -> Option<String> {
    let (mut out, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((first, others)) = rest.split_first() {
        if *first == b'\\' {
            let digits = std::str::from_utf8(others.get(..3)?).ok()?;
            out.push(u8::from_str_radix(digits, 8).ok()?);
            rest = &others[3..];
        } else {
            out.push(*first);
            rest = others;
        }
    }
    String::from_utf8(out).ok()
}

impl Outlet {
    /// Of those that are there now.
    ///
    /// # Errors
    /// What was chosen is gone, or never was there.
    pub fn chosen(all: Vec<Outlet>, key: &str, gone: &str) -> Result<Outlet, CliError> {
        let found = all.into_iter().find(|outlet| outlet.key == key);
        found.ok_or_else(|| CliError::said(Exit::Refused, gone))
    }

    /// A name in it that is not taken.
    ///
    /// # Errors
    /// The outbox cannot be made, or there are too many packages of this request.
    pub fn name(&self, access: AccessId) -> Result<PathBuf, CliError> {
        if !self.removable {
            self.make()?;
        }
        let taken = |dir: &Path| {
            let void = PathBuf::from(format!("{}.void", dir.display()));
            dir.symlink_metadata().is_ok() || void.symlink_metadata().is_ok()
        };
        let names = (1..=NAMES_MOST).map(|n| match n {
            1 => self.dir.join(access.to_string()),
            n => self.dir.join(format!("{access}-{n}")),
        });
        names.into_iter().find(|dir| !taken(dir)).ok_or_else(|| {
            CliError::both(
                Exit::Refused,
                format!("{} 中 {access} 的出证包太多；请先取走", self.dir.display()),
                format!("{} holds too many packages of {access}", self.dir.display()),
            )
        })
    }

    /// The outbox: for the station's own user alone, and no link to elsewhere.
    fn make(&self) -> Result<(), CliError> {
        match std::fs::DirBuilder::new().mode(0o700).create(&self.dir) {
            Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => {
                return Err(file_error("make", &self.dir, &e));
            }
            _ => {}
        }
        let is = self.dir.symlink_metadata().map_err(|e| file_error("look up", &self.dir, &e))?;
        match is.is_dir() {
            true => Ok(()),
            false => {
                let text = format!("{} is no folder; take it away", self.dir.display());
                Err(CliError::said(Exit::Refused, text))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
40 22 8:17 / /media/clerk/COURT\\040STICK rw,nosuid - vfat /dev/sdb1 rw
41 22 8:33 / /run/media/clerk/A ro,nosuid - iso9660 /dev/sr0 ro
42 22 8:49 / /media/b1/J1 rw - vfat /dev/sdc1 rw
43 22 8:50 / /srv/archive rw - ext4 /dev/sdd1 rw
44 22 8:51 / /media/copy rw - ext4 /dev/sde1 rw
45 22 8:52 / /media/bad\\012name rw - ext4 /dev/sdf1 rw
nonsense
";

    #[test]
    fn only_writable_media_that_are_nothing_of_the_stations_are_offered() {
        let dir = tempfile::tempdir().unwrap();
        let never = [PathBuf::from("/media/b1"), PathBuf::from("/media/copy/mirror")];
        let all = outlets(dir.path(), MOUNTS, &never);
        let dirs: Vec<&str> = all.iter().filter_map(|outlet| outlet.dir.to_str()).collect();
        assert_eq!(dirs[1..], ["/media/clerk/COURT STICK"]);
        assert_eq!((all[0].key.as_str(), all[0].removable), ("outbox", false));
        let key = all[1].key.clone();
        assert!(Outlet::chosen(all.clone(), &key, "gone").is_ok());
        for evil in ["", "/etc", "../outbox", "outbox/..", "m", "M0"] {
            assert_eq!(Outlet::chosen(all.clone(), evil, "gone").unwrap_err().message, "gone");
        }
    }

    #[test]
    fn a_package_never_takes_a_name_that_is_taken_and_an_outbox_is_no_link() {
        let dir = tempfile::tempdir().unwrap();
        let outbox = || outlets(dir.path(), "", &[]).remove(0);
        let name = |outlet: &Outlet| outlet.name(AccessId(7)).unwrap();
        let first = name(&outbox());
        assert_eq!(first, dir.path().join("outbox/V7"));
        std::fs::create_dir(dir.path().join("outbox/V7.void")).unwrap();
        assert_eq!(name(&outbox()), dir.path().join("outbox/V7-2"));
        std::os::unix::fs::symlink("/nowhere", dir.path().join("outbox/V7-2")).unwrap();
        assert_eq!(name(&outbox()), dir.path().join("outbox/V7-3"));
        let other = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(dir.path(), other.path().join("outbox")).unwrap();
        assert!(outlets(other.path(), "", &[]).remove(0).name(AccessId(7)).is_err());
    }
}
