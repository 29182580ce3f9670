//! A real directory. Links are seen and never followed, and nothing above the directory is touched.

use crate::folder::{Folder, Item, Kind};
use crate::inert::inert_bytes;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// A package's own files lie at most this deep; what lies deeper is no part of one.
const DEPTH_MAX: usize = 8;

/// More names than any package has: a million clips have fewer.
const ITEMS_MAX: usize = 8_000_000;

/// A directory on a disk or disc.
#[derive(Debug, Clone)]
pub struct Disk {
    root: PathBuf,
}

impl Disk {
    /// The directory at `path`.
    ///
    /// # Errors
    /// There is none, or it cannot be looked up.
    pub fn new(path: &Path) -> io::Result<Self> {
        // The reader names the folder and may do so by a link; only what lies below is strange.
        let root = fs::canonicalize(path)?;
        if !root.is_dir() {
            return Err(io::Error::new(io::ErrorKind::NotADirectory, "it is no folder"));
        }
        Ok(Self { root })
    }
}

impl Folder for Disk {
    fn called(&self) -> String {
        self.root.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    fn items(&self) -> io::Result<Vec<Item>> {
        let mut items = Vec::new();
        walk(&self.root, "", 1, &mut items)?;
        Ok(items)
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn Read + Send + '_>> {
        let mut path = self.root.clone();
        for part in name.split('/') {
            if matches!(part, "" | "." | "..") || part.contains(['\\', ':']) {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidInput,
                    "the name leaves the folder",
                ));
            }
            path.push(part);
            if fs::symlink_metadata(&path)?.file_type().is_symlink() {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is a link"));
            }
        }
        if !fs::symlink_metadata(&path)?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no file"));
        }
        Ok(Box::new(File::open(path)?))
    }
}

fn walk(directory: &Path, prefix: &str, depth: usize, items: &mut Vec<Item>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if items.len() >= ITEMS_MAX {
            return Err(io::Error::other("it holds more names than any package"));
        }
        let raw = entry.file_name();
        let found = fs::symlink_metadata(entry.path())?;
        let Some(name) = raw.to_str() else {
            let name = format!("{prefix}{}", inert_bytes(raw.as_encoded_bytes()));
            items.push(Item { name, size: 0, kind: Kind::Other });
            continue;
        };
        let name = format!("{prefix}{name}");
        if found.is_dir() && depth < DEPTH_MAX {
            walk(&entry.path(), &format!("{name}/"), depth + 1, items)?;
            continue;
        }
        items.push(Item { name, size: found.len(), kind: kind(&found.file_type()) });
    }
    Ok(())
}

fn kind(found: &fs::FileType) -> Kind {
    match (found.is_file(), found.is_symlink()) {
        (true, _) => Kind::File,
        (_, true) => Kind::Link,
        _ => Kind::Other,
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::symlink;

    #[test]
    fn links_and_strange_names_are_seen_and_never_opened() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret"), "x").unwrap();
        let inside = tempfile::tempdir().unwrap();
        fs::create_dir_all(inside.path().join("data")).unwrap();
        fs::write(inside.path().join("data/C7.mp4"), "clip").unwrap();
        symlink(outside.path(), inside.path().join("far")).unwrap();
        symlink(outside.path().join("secret"), inside.path().join("data/C8.mp4")).unwrap();
        fs::write(inside.path().join(OsStr::from_bytes(b"a\xff")), "x").unwrap();
        let disk = Disk::new(inside.path()).unwrap();
        let mut items = disk.items().unwrap();
        items.sort_by(|a, b| a.name.cmp(&b.name));
        let seen: Vec<_> = items.iter().map(|item| (item.name.as_str(), item.kind)).collect();
        assert_eq!(
            seen,
            [
                ("a\\xff", Kind::Other),
                ("data/C7.mp4", Kind::File),
                ("data/C8.mp4", Kind::Link),
                ("far", Kind::Link),
            ]
        );
        for bad in
            ["data/C8.mp4", "far/secret", "../x", "/etc/passwd", "data", "data/../data/C7.mp4"]
        {
            assert!(disk.open(bad).is_err(), "{bad}");
        }
        let mut text = String::new();
        disk.open("data/C7.mp4").unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "clip");
    }
}
