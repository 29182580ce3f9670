//! Writing, reading back and removing below one folder. The medium is in other hands as well, and a folder of it that was
//! exchanged for a link would lead a removal into the vault and a new file anywhere: so nothing is resolved but below the one
//! folder that was opened, and over no link.

use rustix::fd::OwnedFd;
use rustix::fs::{
    AtFlags, CWD, Dir, Mode, OFlags, ResolveFlags, fstat, fsync, mkdirat, openat, openat2, statat,
    unlinkat,
};
use rustix::io::Errno;
use std::fs::File;
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

    /// Is nothing in it?
    ///
    /// # Errors
    /// It cannot be looked into.
    pub fn is_empty(&self) -> Result<bool> {
        for entry in Dir::read_from(&self.0)? {
            if !matches!(entry?.file_name().to_bytes(), b"." | b"..") {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Does `path` lead to this very folder, over no link at its end?
    ///
    /// # Errors
    /// It cannot be looked at.
    pub fn lies_at(&self, path: &Path) -> Result<bool> {
        let (held, found) = (fstat(&self.0)?, statat(CWD, path, AtFlags::SYMLINK_NOFOLLOW)?);
        Ok((held.st_dev, held.st_ino) == (found.st_dev, found.st_ino))
    }

    /// Makes the folders that a file's way leads through; that they are there is durable.
    ///
    /// # Errors
    /// One cannot be made, or the way leads over a link, another file system, or out.
    pub fn make_folders(&self, way: &Path) -> Result<()> {
        let between = way.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
        for folder in between.collect::<Vec<_>>().into_iter().rev() {
            let (above, name) = self.above(folder)?;
            match mkdirat(&above, name, Mode::RWXU) {
                Ok(()) => fsync(&above)?,
                Err(Errno::EXIST) => {}
                Err(e) => return Err(e.into()),
            }
        }
        Ok(())
    }

    /// A new file, for writing.
    ///
    /// # Errors
    /// Something is there, or the way leads over a link, another file system, or out.
    pub fn create(&self, way: &Path) -> Result<File> {
        let how = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let (above, name) = self.above(way)?;
        Ok(openat2(above, name, how, Mode::RUSR | Mode::WUSR, BENEATH)?.into())
    }

    /// A file, for reading.
    ///
    /// # Errors
    /// It is not there, or its way leads over a link, another file system, or out.
    pub fn read(&self, way: &Path) -> Result<File> {
        // Whoever put a pipe there does not make us wait.
        let how = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        Ok(openat2(&self.0, way, how, Mode::empty(), BENEATH)?.into())
    }

    /// The names in the folder of a file are durable.
    ///
    /// # Errors
    /// They cannot be made so, or the way leads over a link, another file system, or out.
    pub fn sync_names(&self, way: &Path) -> Result<()> {
        Ok(fsync(self.above(way)?.0)?)
    }

    /// Removes a file by its way from the root; that it is gone is durable.
    ///
    /// # Errors
    /// It is not there, or its way leads over a link, another file system, or out.
    pub fn remove(&self, way: &Path) -> Result<()> {
        let (above, name) = self.above(way)?;
        unlinkat(&above, name, AtFlags::empty())?;
        Ok(fsync(&above)?)
    }

    /// The folder that something lies in, and its name there.
    fn above<'a>(&self, way: &'a Path) -> Result<(OwnedFd, &'a Path)> {
        let name = way.file_name().ok_or_else(|| Error::from(ErrorKind::InvalidInput))?;
        let above = way.parent().filter(|above| !above.as_os_str().is_empty());
        let above = above.unwrap_or(Path::new("."));
        Ok((openat2(&self.0, above, FOLDER, Mode::empty(), BENEATH)?, Path::new(name)))
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

    #[test]
    fn nothing_is_written_or_read_over_a_link_or_outside() {
        let place = tempfile::tempdir().unwrap();
        let (package, vault) = (place.path().join("C1"), place.path().join("vault"));
        for dir in [&package, &vault] {
            std::fs::create_dir(dir).unwrap();
        }
        let root = Root::open(&package).unwrap();
        assert!(root.is_empty().unwrap());
        let way = Path::new("data/papers/report.html");
        root.make_folders(way).unwrap();
        root.create(way).unwrap();
        root.sync_names(way).unwrap();
        assert!(!root.is_empty().unwrap() && root.lies_at(&package).unwrap());
        assert!(root.read(way).is_ok() && root.create(way).is_err(), "never over what is there");

        std::fs::rename(package.join("data"), place.path().join("data-before")).unwrap();
        symlink(&vault, package.join("data")).unwrap();
        std::fs::write(vault.join("clip"), "x").unwrap();
        for way in ["data/new", "data/clip", "../vault/new", "../vault/clip", "data/deep/new"] {
            let way = Path::new(way);
            assert!(root.make_folders(&way.join("x")).is_err(), "{way:?}");
            for done in [root.create(way), root.read(way)] {
                assert!(done.is_err(), "{way:?}");
            }
        }
        symlink(vault.join("clip"), package.join("clip")).unwrap();
        assert!(root.read(Path::new("clip")).is_err(), "a link is no file");
        assert_eq!(std::fs::read_dir(&vault).unwrap().count(), 1);

        std::fs::rename(&package, place.path().join("moved")).unwrap();
        symlink(place.path().join("moved"), &package).unwrap();
        assert!(!root.lies_at(&package).unwrap(), "a link to it is not it");
    }
}
