//! The bag itself: its fixed files, its two manifests, and that nothing lies beside them.

use crate::code::Code;
use crate::names::{self, Place};
use crate::report::Findings;
use crate::tags::Tags;
use sealdock_chain::Digest;
use std::collections::{BTreeMap, BTreeSet};

const BAGIT_TEXT: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

type Lines = BTreeMap<String, Digest>;

/// The two manifests; `None` where one is missing or malformed.
#[derive(Debug, Default)]
pub struct Bag {
    clips: Option<Lines>,
    tags: Option<Lines>,
}

/// Reads the bag; `called` is the folder's own name.
pub fn read(tags: &Tags, called: &str, found: &mut Findings) -> Bag {
    if called.ends_with(".void") {
        found.add(Code::BagVoid, called, "the copy was not finished and is never gone on with");
    }
    match tags.text(names::BAGIT) {
        Some(BAGIT_TEXT) => {}
        Some(_) => found.add(Code::BagMalformed, names::BAGIT, "it has not the two lines of a bag"),
        None if tags.has(names::BAGIT) => {}
        None => found.add(Code::BagVoid, names::BAGIT, "it is written last, and is not there"),
    }
    let bag = Bag {
        clips: manifest(tags, names::MANIFEST, found),
        tags: manifest(tags, names::TAGMANIFEST, found),
    };
    for name in names::ALWAYS.iter().filter(|name| !tags.has(name)) {
        found.add(Code::FileMissing, name, "every package has it");
    }
    bag.named(tags, found);
    bag.unnamed(tags, found);
    bag
}

impl Bag {
    /// The digest of a clip or piece, as the manifest has it.
    pub fn clip(&self, name: &str) -> Option<Digest> {
        self.clips.as_ref()?.get(name).copied()
    }

    /// The digest of any other file, as the tag manifest has it.
    pub fn tag(&self, name: &str) -> Option<Digest> {
        self.tags.as_ref()?.get(name).copied()
    }

    /// What the manifests name: is it there, and is it that?
    fn named(&self, tags: &Tags, found: &mut Findings) {
        for name in self.clips.iter().chain(&self.tags).flat_map(Lines::keys) {
            if names::place(name).is_none() {
                found.add(Code::NameRefused, name, "a package has no file of that name");
            } else if !tags.has(name) {
                found.add(Code::FileMissing, name, "a manifest names it");
            }
        }
        for (name, digest) in self.tags.iter().flatten() {
            if tags.digest(name).is_some_and(|found| found != *digest) {
                found.add(Code::FileChanged, name, "it is not what the tag manifest says");
            }
        }
    }

    /// What lies there without being named by anybody.
    fn unnamed(&self, tags: &Tags, found: &mut Findings) {
        // Without a manifest nothing could be named; that it is not there is said already.
        let names = |lines: &Option<Lines>, name: &str| {
            lines.as_ref().is_none_or(|lines| lines.contains_key(name))
        };
        for item in tags.items() {
            let name = item.name.as_str();
            let vouched = match names::place(name) {
                Some(Place::Handover) => true,
                Some(Place::Clip(_) | Place::Piece(_)) => names(&self.clips, name),
                _ => name == names::TAGMANIFEST || names(&self.tags, name),
            };
            if !vouched {
                found.add(Code::NameUnknown, name, "neither manifest names it");
            }
        }
    }
}

/// A manifest in its one spelling.
fn manifest(tags: &Tags, name: &str, found: &mut Findings) -> Option<Lines> {
    match lines(tags.text(name)?) {
        Ok(lines) => {
            for listed in lines.keys().filter(|listed| !belongs(name, listed)) {
                found.add(Code::BagMalformed, name, format!("it may not name {listed}"));
            }
            Some(lines)
        }
        Err(detail) => {
            found.add(Code::BagMalformed, name, detail);
            None
        }
    }
}

/// Payload in one, everything else in the other; names that are none are refused as names.
fn belongs(manifest: &str, listed: &str) -> bool {
    match names::place(listed) {
        Some(Place::Clip(_) | Place::Piece(_)) => manifest == names::MANIFEST,
        Some(Place::Handover) => false,
        Some(_) => manifest == names::TAGMANIFEST && listed != names::TAGMANIFEST,
        None => true,
    }
}

/// `<hex>  <name>`, sorted by the bytes of the names, each name once.
fn lines(text: &str) -> Result<Lines, String> {
    let mut lines = Lines::new();
    let mut before = None;
    if !text.ends_with('\n') || text.contains('\r') {
        return Err("its lines do not end with a line feed alone".to_owned());
    }
    for (number, line) in text.split_terminator('\n').enumerate() {
        let wrong = |what: &str| Err(format!("line {}: {what}", number + 1));
        let pair = line.split_once("  ").and_then(|(hex, name)| Some((hex.parse().ok()?, name)));
        let Some((digest, name)) = pair else { return wrong("not a digest, two spaces, a name") };
        match before {
            Some(before) if before == name => return wrong("the name of the line before again"),
            Some(before) if before > name => return wrong("not sorted by name"),
            _ => {}
        }
        before = Some(name);
        lines.insert(name.to_owned(), digest);
    }
    Ok(lines)
}

/// What a package must have for each clip beside the clip.
pub fn require_for_clips(tags: &Tags, clips: &BTreeSet<u64>, found: &mut Findings) {
    for clip in clips {
        for name in [
            format!("clips/C{clip}/clip.sig"),
            format!("clips/C{clip}/chunks"),
            format!("paper/C{clip}.html"),
        ] {
            if !tags.has(&name) {
                found.add(Code::FileMissing, &name, "every clip has it");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_has_one_spelling() {
        let hex = Digest::of(b"").to_string();
        let good = format!("{hex}  data/C10.mp4\n{hex}  data/C7.mp4\n");
        assert_eq!(lines(&good).unwrap().len(), 2);
        let line = good.lines().next().unwrap();
        for bad in [
            String::new(),
            "\n".to_owned(),
            good.trim_end().to_owned(),
            good.replace('\n', "\r\n"),
            format!("{good}\n"),
            format!("{line}\n{line}\n"),
            format!("{hex}  b\n{hex}  a\n"),
            good.replace("  ", " *"),
            good.to_uppercase(),
            good.replacen("  ", " ", 1),
        ] {
            assert!(lines(&bad).is_err(), "{bad:?}");
        }
    }
}
