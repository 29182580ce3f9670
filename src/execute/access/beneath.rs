//! Removing what a broken copy left. The medium is in other hands as well, and a folder of it that was exchanged for a link would
//! lead a removal into the vault: so nothing is resolved but below the one folder that was opened, and over no link.

use rustix::fd::OwnedFd;
use rustix::fs::{AtFlags, CWD, Mode, OFlags, ResolveFlags, fsync, openat, openat2, unlinkat};
use std::io::{Error, ErrorKind, Result};
use std::path::Path;

const FOLDER: OFlags = OFlags::DIRECTORY.union(OFlags::RDONLY).union(OFlags::CLOEXEC);
const BENEATH: ResolveFlags = ResolveFlags::BENEATH
    .union(ResolveFlags::NO_SYMLINKS)
    .union(ResolveFlags::NO_MAGICLINKS)
    .union(ResolveFlags::NO_XDEV);

/// A folder that stays the one that was opened.
pub struct Root(OwnedFd);

impl Root {
    /// # Errors
    /// It is no folder, or a link to one.
    pub fn open(dir: &Path) -> Result<Root> {
        Ok(Root(openat(CWD, dir, FOLDER | OFlags::NOFOLLOW, Mode::empty())?))
    }

    /// Removes a file by its way from the root; that it is gone is durable.
    ///
    /// # Errors
    /// It is not there, or its way leads over a link, another file system, or out.
    pub fn remove(&self, way: &Path) -> Result<()> {
        let name = way.file_name().ok_or_else(|| Error::from(ErrorKind::InvalidInput))?;
        let above = way.parent().filter(|above| !above.as_os_str().is_empty());
        let above = above.unwrap_or(Path::new("."));
        let folder = openat2(&self.0, above, FOLDER, Mode::empty(), BENEATH)?;
        unlinkat(&folder, name, AtFlags::empty())?;
        Ok(fsync(&folder)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn nothing_is_removed_over_a_link_or_outside() {
        let place = tempfile::tempdir().unwrap();
        let (package, vault) = (place.path().join("C1.void"), place.path().join("vault"));
        for dir in [package.join("data"), package.join("papers"), vault.clone()] {
            std::fs::create_dir_all(&dir).unwrap();
            std::fs::write(dir.join("clip"), "x").unwrap();
        }
        std::fs::write(package.join("top"), "x").unwrap();
        let root = Root::open(&package).unwrap();
        // After it was looked through, a folder of it becomes a link to the vault; then the whole package does.
        std::fs::rename(package.join("data"), place.path().join("data-before")).unwrap();
        symlink(&vault, package.join("data")).unwrap();
        for way in ["data/clip", "../vault/clip", "papers/../../vault/clip", ""] {
            assert!(root.remove(Path::new(way)).is_err(), "{way}");
        }
        let absolute = vault.join("clip");
        assert!(root.remove(&absolute).is_err());
        root.remove(Path::new("papers/clip")).unwrap();
        std::fs::rename(&package, place.path().join("moved")).unwrap();
        symlink(&vault, &package).unwrap();
        std::fs::write(vault.join("top"), "x").unwrap();
        root.remove(Path::new("top")).unwrap();
        assert!(Root::open(&package).is_err(), "a link is no package");
        assert!(absolute.exists() && vault.join("top").exists());
        assert!(!place.path().join("moved/top").exists());
    }
}
