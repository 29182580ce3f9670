//! Which names a package may hold, and what each stands for. Names are compared as bytes and are plain
//! ASCII, so that no file system and no reader can take one for another.

use crate::folder::{Item, Kind};
use sealdock_chain::Digest;
use sealdock_chain::canon::INTEGER_MAX;
use std::collections::BTreeMap;

/// What follows a clip's number is for people, and at most so long.
const LABEL_BYTES_MAX: usize = 100;

/// What a file of a package is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// `data/C7_…`
    Clip(u64),
    /// `data/C7.pieces/0`: of a clip that is there in part only
    Piece(u64),
    /// `excerpts/C7_60000-90000.mp4`
    Excerpt(u64),
    /// `excerpts/C7_60000-90000.json`
    ExcerptMap(u64),
    /// `clips/C7/clip.sig`
    ClipSignature(u64),
    /// `clips/C7/chunks`
    Chunks(u64),
    /// `record/checkpoint`
    Checkpoint,
    /// `record/entries/7.json`
    Entry(u64),
    /// `record/entries/7.tlog-proof`
    Proof(u64),
    /// `record/listings/<sha256>.json`
    Listing(Digest),
    /// `anchors/5.add-checkpoint`
    Anchor(u64),
    /// `anchors/5/checkpoint.signed`
    StampedHead(u64),
    /// `anchors/5/1.tsr`
    Stamp(u64),
    /// `anchors/tsa-chain.pem`
    StampChain,
    /// `anchors/5/checkpoint.cosigned`
    CosignedHead(u64),
    /// `bagit.txt`, `manifest-sha256.txt`, `tagmanifest-sha256.txt`
    Bag,
    /// Files under `keys/`.
    Keys,
    /// Files under `handover/`.
    Handover,
    /// What is only for people.
    Reading,
}

pub const BAGIT: &str = "bagit.txt";
pub const MANIFEST: &str = "manifest-sha256.txt";
/// The page that shows the same verdict. Packages of earlier releases have none, and no verdict rests on it.
pub const PAGE: &str = "verify.html";
pub const TAGMANIFEST: &str = "tagmanifest-sha256.txt";
pub const CHECKPOINT: &str = "record/checkpoint";
pub const LOG_KEY: &str = "keys/log.vkey";
pub const SIGNERS: &str = "keys/allowed_signers";
/// Evidence keys that were declared stolen.
pub const REVOKED: &str = "keys/revoked";
pub const STAMP_CHAIN: &str = "anchors/tsa-chain.pem";
/// Whom the station asked; believed for nothing, so it is a file for people.
const WITNESS_POLICY: &str = "anchors/witness-policy";
pub const COMPLETED: &str = "handover/completed.json";
pub const COMPLETED_PROOF: &str = "handover/completed.tlog-proof";
pub const GROWN: &str = "handover/grown.add-checkpoint";
pub const BAG_SIGNATURE: &str = "handover/tagmanifest-sha256.txt.sig";

/// Files that every package has, whatever it is about.
pub const ALWAYS: [&str; 12] = [
    "READ-ME-FIRST.txt",
    "bag-info.txt",
    MANIFEST,
    TAGMANIFEST,
    CHECKPOINT,
    LOG_KEY,
    SIGNERS,
    "paper/register.html",
    COMPLETED,
    COMPLETED_PROOF,
    GROWN,
    BAG_SIGNATURE,
];

pub fn entry_name(seq: u64) -> String {
    format!("record/entries/{seq}.json")
}

pub fn proof_name(seq: u64) -> String {
    format!("record/entries/{seq}.tlog-proof")
}

pub fn listing_name(object: &Digest) -> String {
    format!("record/listings/{object}.json")
}

pub fn stamped_head_name(size: u64) -> String {
    format!("anchors/{size}/checkpoint.signed")
}

/// The place of a name; `None` where a package has no such file.
pub fn place(name: &str) -> Option<Place> {
    let parts: Vec<&str> = name.split('/').collect();
    Some(match parts[..] {
        [BAGIT | MANIFEST | TAGMANIFEST] => Place::Bag,
        ["READ-ME-FIRST.txt" | "bag-info.txt" | PAGE] => Place::Reading,
        ["data", file] => Place::Clip(clip_of(file)?),
        ["data", folder, piece] => {
            decimal(piece)?;
            Place::Piece(numbered(folder.strip_suffix(".pieces")?)?)
        }
        ["excerpts", file] => in_excerpts(file)?,
        ["clips", clip, "clip.sig"] => Place::ClipSignature(numbered(clip)?),
        ["clips", clip, "chunks"] => Place::Chunks(numbered(clip)?),
        ["record", "checkpoint"] => Place::Checkpoint,
        ["record", "entries", file] => in_entries(file)?,
        ["record", "listings", file] => Place::Listing(file.strip_suffix(".json")?.parse().ok()?),
        ["keys", "log.vkey" | "allowed_signers" | "revoked"] => Place::Keys,
        ["anchors", "tsa-chain.pem"] => Place::StampChain,
        _ if name == WITNESS_POLICY => Place::Reading,
        ["anchors", size, "checkpoint.signed"] => Place::StampedHead(decimal(size)?),
        ["anchors", size, "checkpoint.cosigned"] => Place::CosignedHead(decimal(size)?),
        ["anchors", size, file] => {
            decimal(file.strip_suffix(".tsr")?)?;
            Place::Stamp(decimal(size)?)
        }
        ["anchors", file] => Place::Anchor(decimal(file.strip_suffix(".add-checkpoint")?)?),
        ["paper", "register.html" | "register.pdf"] => Place::Reading,
        ["paper", file] => {
            let name = file.strip_suffix(".html").or_else(|| file.strip_suffix(".pdf"))?;
            numbered(name).map(|_| Place::Reading)?
        }
        ["handover", _] => [COMPLETED, COMPLETED_PROOF, GROWN, BAG_SIGNATURE]
            .contains(&name)
            .then_some(Place::Handover)?,
        _ => return None,
    })
}

fn in_entries(file: &str) -> Option<Place> {
    match file.strip_suffix(".json") {
        Some(seq) => decimal(seq).map(Place::Entry),
        None => decimal(file.strip_suffix(".tlog-proof")?).map(Place::Proof),
    }
}

fn in_excerpts(file: &str) -> Option<Place> {
    let clip = clip_of(file)?;
    match file.rsplit_once('.')?.1 {
        "json" => Some(Place::ExcerptMap(clip)),
        "mp4" | "mov" => Some(Place::Excerpt(clip)),
        _ => None,
    }
}

/// The map of an excerpt bears its name.
pub fn map_name(excerpt: &str) -> String {
    format!("{}.json", excerpt.rsplit_once('.').map_or(excerpt, |(stem, _)| stem))
}

pub fn piece_name(clip: u64, piece: u64) -> String {
    format!("data/C{clip}.pieces/{piece}")
}

/// `C7`
pub fn numbered(text: &str) -> Option<u64> {
    decimal(text.strip_prefix('C')?)
}

/// `C7`, `C7.mp4`, `C7_20261121_081506_J800001.mp4`
fn clip_of(file: &str) -> Option<u64> {
    let end = file.find(['_', '.']).unwrap_or(file.len());
    let (clip, label) = file.split_at(end);
    let plain = label.len() <= LABEL_BYTES_MAX && !label.ends_with('.') && !label.contains("..");
    numbered(clip).filter(|_| plain)
}

/// A plain decimal number: no sign, no leading zero, within what JSON keeps exactly.
pub fn decimal(text: &str) -> Option<u64> {
    let plain = text == "0" || !text.starts_with('0');
    if !plain || text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().filter(|number| *number <= INTEGER_MAX)
}

/// Letters, digits, `.`, `_`, `-`, in parts that lead downwards only.
pub fn well_formed(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    name.split('/').all(|part| !matches!(part, "" | "." | "..") && part.chars().all(plain))
}

/// Names that a package may not have, each with the reason.
pub fn refused(items: &[Item]) -> Vec<(String, &'static str)> {
    let mut refused = Vec::new();
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for item in items {
        let why = match item.kind {
            Kind::Link => Some("it is a link, which could lead anywhere"),
            Kind::Other => Some("it is no file"),
            Kind::File if !well_formed(&item.name) => {
                Some("it has characters that a package does not use, or leads out of the folder")
            }
            Kind::File => None,
        };
        if let Some(why) = why {
            refused.push((item.name.clone(), why));
        }
        // Directories may be twins as well: every beginning of the path is compared.
        let ends = item.name.match_indices('/').map(|(at, _)| at).chain([item.name.len()]);
        for end in ends {
            let path = &item.name[..end];
            let twin = *seen.entry(path.to_lowercase()).or_insert(path);
            if twin != path {
                refused.push((item.name.clone(), "another name differs from it in case only"));
                break;
            }
        }
    }
    refused
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_have_one_spelling_each() {
        assert_eq!(place("data/C7_20261121_081506_J800001.mp4"), Some(Place::Clip(7)));
        assert_eq!(place("data/C7"), Some(Place::Clip(7)));
        assert_eq!(place("verify.html"), Some(Place::Reading));
        assert_eq!(place("record/entries/0.json"), Some(Place::Entry(0)));
        assert_eq!(place("anchors/5.add-checkpoint"), Some(Place::Anchor(5)));
        assert_eq!(place("anchors/5/checkpoint.signed"), Some(Place::StampedHead(5)));
        assert_eq!(place("anchors/5/1.tsr"), Some(Place::Stamp(5)));
        assert_eq!(place("anchors/tsa-chain.pem"), Some(Place::StampChain));
        assert_eq!(place("anchors/5/checkpoint.cosigned"), Some(Place::CosignedHead(5)));
        assert_eq!(place("anchors/witness-policy"), Some(Place::Reading));
        assert_eq!(place("data/C7.pieces/0"), Some(Place::Piece(7)));
        assert_eq!(place("excerpts/C7_1-2.mov"), Some(Place::Excerpt(7)));
        assert_eq!(place("excerpts/C7_1-2.json"), Some(Place::ExcerptMap(7)));
        let long = format!("data/C7_{}", "x".repeat(100));
        for bad in [
            "data/c7.mp4",
            "data/C07.mp4",
            "data/C7x.mp4",
            "data/C7.",
            "data/C7..mp4",
            "data/x/C7.mp4",
            "data/C7.pieces/01",
            "data/C7.piece/0",
            "data/C7.pieces/0/1",
            "excerpts/C7_1-2",
            "excerpts/x.mp4",
            "excerpts/C7/1.mp4",
            "data/C9007199254740992.mp4",
            &long,
            "record/entries/00.json",
            "record/entries/+1.json",
            "record/listings/AB.json",
            "clips/C7/other",
            "handover/more",
            "anchors/05/checkpoint.signed",
            "anchors/05/checkpoint.cosigned",
            "anchors/checkpoint.cosigned",
            "anchors/5/witness-policy",
            "anchors/5/1.tsq",
            "anchors/5/01.tsr",
            "anchors/5/x/1.tsr",
            "paper/x.html",
            "paper/x.pdf",
            "paper/C7.html.pdf",
            "paper/C7.txt",
            "paper/verify.html",
            "verify.htm",
            "bagit.txt/",
            "",
        ] {
            assert_eq!(place(bad), None, "{bad}");
        }
    }

    #[test]
    fn names_that_leave_the_folder_or_look_alike_are_not_well_formed() {
        for bad in
            ["../x", "a/../b", "/a", "a//b", "a/", "a\\b", "C:x", "a b", "ｄata/x", "a\u{301}", ""]
        {
            assert!(!well_formed(bad), "{bad:?}");
        }
        assert!(well_formed("record/entries/0.tlog-proof"));
    }

    #[test]
    fn twins_but_for_case_are_found_in_directories_too() {
        let file = |name: &str| Item { name: name.into(), size: 0, kind: Kind::File };
        assert_eq!(refused(&[file("data/C7.mp4"), file("data/C7.MP4")]).len(), 1);
        assert_eq!(refused(&[file("data/C7.mp4"), file("Data/C8.mp4")]).len(), 1);
        assert!(refused(&[file("data/C7.mp4"), file("data/C8.mp4")]).is_empty());
    }
}
