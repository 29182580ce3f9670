//! What a package is read from, as a small trait: a directory, or for tests a map.

use std::collections::BTreeMap;
use std::io::{self, Read};

/// What a name in the folder stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A symbolic link; never followed.
    Link,
    /// A device, pipe or socket, a name that is no UTF-8, or a directory too deep to walk.
    Other,
}

/// One name in the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Path below the folder, `/` between parts.
    pub name: String,
    /// Bytes, as the file system claims.
    pub size: u64,
    /// What it is.
    pub kind: Kind,
}

/// A folder that may be a package.
pub trait Folder: Sync {
    /// The folder's own name.
    fn called(&self) -> String;

    /// Everything below it but directories, in any order.
    ///
    /// # Errors
    /// The folder cannot be read.
    fn items(&self) -> io::Result<Vec<Item>>;

    /// A file's bytes from the beginning. Never follows a link.
    ///
    /// # Errors
    /// There is no such file, or it cannot be read.
    fn open(&self, name: &str) -> io::Result<Box<dyn Read + Send + '_>>;
}

/// A folder in memory.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    /// The folder's own name.
    pub called: String,
    /// Files by name.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Names that are no files.
    pub others: BTreeMap<String, Kind>,
}

impl Folder for Memory {
    fn called(&self) -> String {
        self.called.clone()
    }

    fn items(&self) -> io::Result<Vec<Item>> {
        let files = self.files.iter().map(|(name, bytes)| Item {
            name: name.clone(),
            size: bytes.len() as u64,
            kind: Kind::File,
        });
        let others = self.others.iter();
        let others = others.map(|(name, kind)| Item { name: name.clone(), size: 0, kind: *kind });
        Ok(files.chain(others).collect())
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn Read + Send + '_>> {
        let bytes = self.files.get(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(bytes.as_slice()))
    }
}
