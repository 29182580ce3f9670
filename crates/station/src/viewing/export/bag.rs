//! The folder as BagIt (RFC 8493) has it: what was written, and the two manifests that say so.

use crate::StationError;
use crate::error::failed;
use crate::viewing::CopyTarget;
use sealdock_chain::digest::Digest;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Written last: a folder without it is no bag.
pub const BAGIT: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

/// A package while it is written.
pub struct Bag<'t> {
    target: &'t mut dyn CopyTarget,
    payload: BTreeMap<String, (u64, Digest)>,
    tags: BTreeMap<String, Digest>,
}

impl<'t> Bag<'t> {
    pub fn new(target: &'t mut dyn CopyTarget) -> Bag<'t> {
        Bag { target, payload: BTreeMap::new(), tags: BTreeMap::new() }
    }

    /// For what is written in pieces; see [`Bag::holds`].
    pub fn target(&mut self) -> &mut dyn CopyTarget {
        self.target
    }

    /// A clip was written and read back.
    pub fn holds(&mut self, name: &str, file: (u64, Digest)) {
        self.payload.insert(name.to_owned(), file);
    }

    /// A file that the tag manifest names was written and read back.
    pub fn names(&mut self, name: &str, digest: Digest) {
        self.tags.insert(name.to_owned(), digest);
    }

    /// Writes a piece of a clip, which is payload.
    ///
    /// # Errors
    /// As [`Bag::put`].
    pub fn piece(&mut self, name: &str, bytes: &[u8]) -> Result<(), StationError> {
        self.beside(name, bytes)?;
        self.holds(name, (bytes.len() as u64, Digest::of(bytes)));
        Ok(())
    }

    /// Writes a file that the tag manifest names.
    ///
    /// # Errors
    /// It cannot be written, or reads back as something else.
    pub fn put(&mut self, name: &str, bytes: &[u8]) -> Result<(), StationError> {
        self.beside(name, bytes)?;
        self.tags.insert(name.to_owned(), Digest::of(bytes));
        Ok(())
    }

    /// Writes a file that no manifest names, since it is made from them.
    ///
    /// # Errors
    /// As [`Bag::put`].
    pub fn beside(&mut self, name: &str, bytes: &[u8]) -> Result<(), StationError> {
        self.target.begin(name)?;
        self.target.write(bytes)?;
        let there = self.target.finish()?;
        if there != Digest::of(bytes) {
            return Err(failed(format!(
                "{name} does not read back as it was written; the copy is void: take another medium"
            )));
        }
        Ok(())
    }

    /// Writes `bag-info.txt` and the manifests; the text of the tag manifest. `bagit.txt` is in it and not yet
    /// written.
    ///
    /// # Errors
    /// As [`Bag::put`].
    pub fn close(&mut self, info: &[(&str, String)]) -> Result<String, StationError> {
        let bytes: u64 = self.payload.values().map(|(size, _)| size).sum();
        let mut text = String::new();
        for (label, value) in info {
            let _fits = writeln!(text, "{label}: {value}");
        }
        let _fits = writeln!(text, "Payload-Oxum: {bytes}.{}", self.payload.len());
        self.put("bag-info.txt", text.as_bytes())?;
        let payload = manifest(self.payload.iter().map(|(name, (_, digest))| (name, digest)));
        self.put("manifest-sha256.txt", payload.as_bytes())?;
        self.tags.insert("bagit.txt".to_owned(), Digest::of(BAGIT.as_bytes()));
        let tags = manifest(self.tags.iter());
        self.beside("tagmanifest-sha256.txt", tags.as_bytes())?;
        Ok(tags)
    }
}

fn manifest<'a>(files: impl Iterator<Item = (&'a String, &'a Digest)>) -> String {
    let mut text = String::new();
    for (name, digest) in files {
        let _fits = writeln!(text, "{digest}  {name}");
    }
    text
}
