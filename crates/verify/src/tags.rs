//! The small files of a package, each read once and whole before anything is judged, so that a folder that
//! changes under the reader cannot show two faces.

use crate::code::Code;
use crate::folder::{Folder, Item, Kind};
use crate::inert::inert;
use crate::names::{self, Place};
use crate::report::Findings;
use crate::trust::Refused;
use sealdock_chain::{Digest, ENTRY_BYTES_MAX};
use std::collections::BTreeMap;
use std::io::{self, Read as _};

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;

/// All small files together, in bytes. A package of ten thousand entries has a fiftieth of it.
const KEPT_BYTES_MAX: u64 = 1024 * MIB;

/// Names and small files of a folder.
#[derive(Debug, Default)]
pub struct Tags {
    items: BTreeMap<String, Item>,
    bytes: BTreeMap<String, Vec<u8>>,
    digests: BTreeMap<String, Digest>,
}

impl Tags {
    /// Reads every small file. Names that are refused are found here and never opened.
    pub fn load(folder: &dyn Folder, found: &mut Findings) -> Result<Self, Refused> {
        let unreadable = |about: &str, cause| Refused::Unreadable { about: inert(about), cause };
        let items = folder.items().map_err(|cause| unreadable(&folder.called(), cause))?;
        for (name, why) in names::refused(&items) {
            found.add(Code::NameRefused, &name, why);
        }
        let mut tags = Tags::default();
        let mut kept = 0;
        for item in items {
            if item.kind != Kind::File || !names::well_formed(&item.name) {
                continue;
            }
            if let Some((place, bytes_max)) = small(&item.name) {
                let name = &item.name;
                match read(folder, name, bytes_max).map_err(|cause| unreadable(name, cause))? {
                    Some(bytes) => kept += tags.keep(name, place, bytes),
                    None => found.add(too_large(place), name, "it is larger than any such file"),
                }
            }
            if kept > KEPT_BYTES_MAX {
                let cause = io::Error::other("its small files are larger than any package's");
                return Err(unreadable(&folder.called(), cause));
            }
            tags.items.insert(item.name.clone(), item);
        }
        Ok(tags)
    }

    fn keep(&mut self, name: &str, place: Place, bytes: Vec<u8>) -> u64 {
        self.digests.insert(name.to_owned(), Digest::of(&bytes));
        if place == Place::Reading {
            return 0;
        }
        let kept = bytes.len() as u64;
        self.bytes.insert(name.to_owned(), bytes);
        kept
    }

    /// Every regular file with a well-formed name, sorted.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.items.values()
    }

    /// Every place in the folder with its name.
    pub fn places(&self) -> impl Iterator<Item = (&str, Place)> {
        self.items.keys().filter_map(|name| Some((name.as_str(), names::place(name)?)))
    }

    /// Is there a file of that name, whatever is in it?
    pub fn has(&self, name: &str) -> bool {
        self.items.contains_key(name)
    }

    /// Bytes of a file that is read for its content.
    pub fn bytes(&self, name: &str) -> Option<&[u8]> {
        self.bytes.get(name).map(Vec::as_slice)
    }

    /// The same as text; what is no UTF-8 is no text of a package and reads as nothing.
    pub fn text(&self, name: &str) -> Option<&str> {
        // An empty text is refused by every reader of one, with that reader's own code.
        self.bytes(name).map(|bytes| std::str::from_utf8(bytes).unwrap_or_default())
    }

    /// SHA-256 of a small file.
    pub fn digest(&self, name: &str) -> Option<Digest> {
        self.digests.get(name).copied()
    }
}

/// Which files are read whole, and how large each may be in bytes.
fn small(name: &str) -> Option<(Place, u64)> {
    let place = names::place(name)?;
    let bytes_max = match place {
        Place::Clip(_) | Place::Piece(_) | Place::Excerpt(_) => return None,
        Place::Entry(_) => ENTRY_BYTES_MAX as u64,
        Place::Handover if name == names::COMPLETED => ENTRY_BYTES_MAX as u64,
        Place::Proof(_) | Place::Checkpoint | Place::Anchor(_) | Place::Handover => 64 * KIB,
        Place::StampedHead(_) | Place::Stamp(_) => 64 * KIB,
        Place::ClipSignature(_) | Place::CosignedHead(_) => 16 * KIB,
        Place::Keys | Place::StampChain | Place::ExcerptMap(_) => MIB,
        Place::Chunks(_) | Place::Listing(_) => 64 * MIB,
        Place::Bag | Place::Reading => 64 * MIB,
    };
    Some((place, bytes_max))
}

fn too_large(place: Place) -> Code {
    match place {
        Place::Entry(_) => Code::EntryRefused,
        Place::Proof(_) | Place::Anchor(_) => Code::ProofRefused,
        Place::Checkpoint => Code::HeadRefused,
        Place::StampedHead(_) | Place::Stamp(_) | Place::StampChain => Code::StampRefused,
        Place::CosignedHead(_) => Code::WitnessRefused,
        Place::ClipSignature(_) => Code::ClipSignature,
        Place::Chunks(_) => Code::ChunksRefused,
        Place::Listing(_) => Code::ListingRefused,
        Place::Keys => Code::KeyOther,
        Place::Handover => Code::HandoverRefused,
        Place::Bag => Code::BagMalformed,
        Place::ExcerptMap(_) | Place::Excerpt(_) => Code::ExcerptRefused,
        Place::Reading | Place::Clip(_) | Place::Piece(_) => Code::FileChanged,
    }
}

/// The whole file; `None` where it is larger than `bytes_max`.
fn read(folder: &dyn Folder, name: &str, bytes_max: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    folder.open(name)?.take(bytes_max + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= bytes_max).then_some(bytes))
}
