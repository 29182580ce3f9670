//! The closing of the package: the entry that completes the copy names the digest of the tag manifest, so it
//! lies outside of it, under a later head that must grow from the first.

use crate::code::Code;
use crate::entries::{self, Entries, Shown, Signed};
use crate::event::{Completed, Said};
use crate::head::Head;
use crate::keys::History;
use crate::names;
use crate::report::Findings;
use crate::tags::Tags;
use sealdock_chain::growth::Growth;
use sealdock_chain::note::{SignedCheckpoint, VerifierKey};
use sealdock_chain::sshsig;
use std::collections::BTreeSet;

/// The namespace of the signature over the tag manifest.
const EXPORT_NAMESPACE: &str = "export@sealdock";

/// What the folder `handover/` says.
#[derive(Debug, Default)]
pub struct Handover {
    /// The later head, where its signature holds.
    pub later: Option<Signed>,
    /// It is proven to grow from the first.
    pub grown: bool,
    /// The entry that completes the copy.
    pub shown: Option<Shown>,
}

impl Handover {
    /// What was copied, as the closing entry says it.
    pub fn copy(&self) -> Option<&Completed> {
        match &self.shown.as_ref()?.said {
            Said::Completed(completed) => Some(completed),
            _ => None,
        }
    }
}

/// Everything around it.
pub struct Around<'a> {
    pub tags: &'a Tags,
    pub head: &'a Head,
    pub history: Option<&'a History>,
    pub entries: &'a Entries,
}

/// Reads and checks `handover/`. What is missing there is found by whoever knows what a package must have.
pub fn read(around: &Around, found: &mut Findings) -> Handover {
    let mut handover = Handover::default();
    if let Some(text) = around.tags.text(names::GROWN) {
        match Growth::parse(text) {
            Ok(growth) => grow(&mut handover, &growth, around, found),
            Err(error) => found.add(Code::HeadsPart, names::GROWN, error.to_string()),
        }
    }
    if let Some(bytes) = around.tags.bytes(names::COMPLETED) {
        match Shown::read(bytes) {
            Ok(shown) => handover.shown = Some(shown),
            Err(detail) => found.add(Code::EntryRefused, names::COMPLETED, detail),
        }
        prove(&mut handover, bytes, around, found);
        close(&handover, around, found);
    }
    bag_signature(around, found);
    handover
}

fn grow(handover: &mut Handover, growth: &Growth, around: &Around, found: &mut Findings) {
    let later = match open(growth.note(), around) {
        Ok(later) => later,
        Err(detail) => return found.add(Code::HeadRefused, names::GROWN, detail),
    };
    if let Some(first) = &around.head.signed {
        let (old, new) = (first.note.checkpoint(), later.note.checkpoint());
        let held = if growth.old() != old.size {
            Err(format!(
                "it grows from {} entries, the package's head has {}",
                growth.old(),
                old.size
            ))
        } else if new.size <= old.size {
            Err("the later head has no more entries than the first".to_owned())
        } else {
            growth.check(old, new).map_err(|error| error.to_string())
        };
        match held {
            Ok(()) => handover.grown = true,
            Err(detail) => found.add(Code::HeadsPart, names::GROWN, detail),
        }
    }
    handover.later = Some(later);
}

/// The later head under the key of the first, or under the key that a rotation shown here leads to.
fn open(note: &str, around: &Around) -> Result<Signed, String> {
    let first = around.head.signed.as_ref().map(|signed| signed.key.clone());
    let key = first.or_else(|| around.head.folder_key.clone());
    let newest = around.history.and_then(|history| history.verifier(history.log.last()));
    let mut refusal = "no key is known to check it by".to_owned();
    for key in key.into_iter().chain(newest) {
        match SignedCheckpoint::open(note, &key) {
            Ok(note) => return in_force(Signed { note, key }, around),
            Err(error) => refusal = error.to_string(),
        }
    }
    Err(refusal)
}

/// A key that a rotation has ended signs no later head. Where the first head is by such a key that is said of
/// the first, once.
fn in_force(later: Signed, around: &Around) -> Result<Signed, String> {
    let Some(history) = around.history else { return Ok(later) };
    let signs = |signed: &Signed| {
        let size = signed.note.checkpoint().size;
        history.log.for_size(size).public == *signed.key.public()
    };
    if around.head.signed.as_ref().is_none_or(signs) && !signs(&later) {
        return Err("it is signed by a log key that was not in force".to_owned());
    }
    Ok(later)
}

fn prove(handover: &mut Handover, bytes: &[u8], around: &Around, found: &mut Findings) {
    let name = names::COMPLETED_PROOF;
    let (Some(text), Some(shown)) = (around.tags.text(name), &mut handover.shown) else { return };
    // Where the growth is not there, the proof's own head still says whether the entry was signed for.
    let own = || text.split_once("\n\n").and_then(|(_, note)| open(note, around).ok());
    let Some(later) = handover.later.clone().or_else(own) else {
        return found.add(Code::ProofRefused, name, "its head is not signed by the key");
    };
    match entries::proof_holds(text, (shown.entry.seq, bytes), &later) {
        Ok(()) => shown.proven = true,
        Err(detail) => found.add(Code::ProofRefused, name, detail),
    }
}

/// Is the closing entry about this copy and this package?
fn close(handover: &Handover, around: &Around, found: &mut Findings) {
    let Some(shown) = &handover.shown else { return };
    let mut refuse = |detail: &str| found.add(Code::HandoverRefused, names::COMPLETED, detail);
    let Some(completed) = handover.copy() else {
        return refuse("it completes no copy");
    };
    let first = around.head.signed.as_ref().map(|signed| signed.note.checkpoint().size);
    if first.is_some_and(|size| shown.entry.seq < size) {
        return refuse("it lies before the end of the package's own head");
    }
    let mut clips: Vec<u64> = completed.files.iter().map(|file| file.clip).collect();
    // In part or whole, and in part as often as one likes.
    clips.extend(completed.excerpts.iter().map(|part| part.clip).collect::<BTreeSet<_>>());
    clips.sort_unstable();
    if clips.windows(2).any(|pair| pair[0] == pair[1]) {
        return refuse("it names a clip twice");
    }
    let package = around.tags.digest(names::TAGMANIFEST);
    match completed.package {
        None => return refuse("it names no package"),
        Some(named) if package.is_some_and(|package| package != named) => {
            return refuse("it names another package than this tag manifest");
        }
        Some(_) => {}
    }
    match around.entries.get(&completed.copy).map(|begun| &begun.said) {
        Some(Said::CarriedOut) => {}
        Some(_) => refuse("the entry that it names began no copy"),
        None if around.tags.has(&names::entry_name(completed.copy)) => {}
        None => {
            let about = format!("entry {}", completed.copy);
            found.add(Code::EntryMissing, &about, "it began this copy");
        }
    }
}

fn bag_signature(around: &Around, found: &mut Findings) {
    let name = names::BAG_SIGNATURE;
    let (Some(text), Some(history)) = (around.tags.text(name), around.history) else { return };
    let Some(manifest) = around.tags.digest(names::TAGMANIFEST) else { return };
    let public = &history.evidence.last().public;
    if let Err(error) = sshsig::verify(text, public, EXPORT_NAMESPACE, &manifest) {
        found.add(Code::BagSignature, name, error);
    }
}

/// The keys that a later step may check heads by, where the reader brought none.
pub fn folder_keys(head: &Head) -> Vec<VerifierKey> {
    let signed = head.signed.as_ref().map(|signed| signed.key.clone());
    signed.or_else(|| head.folder_key.clone()).into_iter().collect()
}
