//! An approved copy as a package that a court checks without us (`docs/design/export.md`). The clips leave as in
//! every copy: entry first, chunk by chunk, read back. Then the record of them, then the entry that names the
//! package, and last `bagit.txt`, without which the folder is none.

/// Files of a package and their manifests.
mod bag;
/// A part of a clip in its place.
mod excerpt;
/// Entries, proofs, listings, keys.
mod record;

use super::copy::{Begun, CopyReport, CopyTarget, ending};
use super::reader::Leave;
use crate::check::sizes_held;
use crate::error::damaged;
use crate::signers::Signers;
use crate::{Station, StationError};
use bag::{BAGIT, Bag};
pub use excerpt::Excerpt;
use record::Record;
use sealdock_chain::digest::Digest;
use sealdock_chain::note::SignedCheckpoint;
use sealdock_chain::sshsig;
use sealdock_core::access::{AskedExcerpt, CopiedExcerpt, CopiedFile, CopyAsked};
use sealdock_core::actor::Actor;
use sealdock_core::event::{ClipStored, KeyKind};
use sealdock_core::id::{AccessId, ClipId, PersonId};
use sealdock_core::ports::Refusal;
use sealdock_core::registry;
use sealdock_core::time::{WallMs, Zone};
use sealdock_core::why;
use std::sync::Arc;

/// The namespace of signatures over a package.
pub const EXPORT_NAMESPACE: &str = "export@sealdock";

/// A file for reading: name in the package, bytes.
pub type Paper = (String, Vec<u8>);

/// What papers are made from, after the clips were copied.
pub struct Drafted<'a> {
    /// The entry that began the copy.
    pub copy: u64,
    pub access: AccessId,
    pub files: &'a [CopiedFile],
    pub excerpts: &'a [CopiedExcerpt],
    /// The head that the package holds.
    pub head: &'a SignedCheckpoint,
    /// The verifier key of that head.
    pub vkey: &'a str,
    /// Which evidence key signed when.
    pub signers: &'a Signers,
}

/// Makes the papers.
pub type Papers<'a> = dyn Fn(&Drafted) -> Result<Vec<Paper>, StationError> + 'a;

/// What goes into a package beside the clips and the record.
#[derive(Clone, Copy)]
pub struct With<'a> {
    pub papers: &'a Papers<'a>,
    /// Text with heads that somebody outside holds; growth from each goes into it.
    pub receipts: Option<&'a str>,
    /// SHA-256 of the text of those that whoever acts has given, among them.
    pub given: Option<Digest>,
    pub excerpts: &'a [Excerpt],
    /// The entry of a copy that broke off and is gone on with; `None`: a new one is begun.
    pub broke_off: Option<u64>,
}

impl Station {
    /// A clerk carries out the copy that `access` approves, as a package. Of a clip with excerpts only these go out.
    ///
    /// # Errors
    /// Refused; or it broke, and then what is in `target` has no `bagit.txt`, is void, and spends one of the
    /// approval's times.
    pub fn export(
        &self,
        actor: &Arc<Actor>,
        (access, to): (AccessId, &str),
        target: &mut dyn CopyTarget,
        with: &With,
    ) -> Result<(CopyReport, Digest), StationError> {
        let With { papers, receipts, given, excerpts, broke_off } = *with;
        let person = clerk(actor)?;
        // Before anything is spent: is the chain what the receipts say?
        if let Some(text) = receipts {
            sizes_held(&*self.world.ledger.view()?, text)?;
        }
        self.in_part(actor, access, excerpts)?;
        let asked = asked_for(excerpts, given);
        let begun = match broke_off {
            Some(copy) => self.begun_before(&person, (access, to), copy, &asked)?,
            None => self.begin_copy(actor, &person, (access, to), Some(asked))?,
        };
        let mut bag = Bag::new(target);
        let files = self.payload((&person, access), (&begun, excerpts), &mut bag)?;
        let parts: Vec<CopiedExcerpt> = excerpts.iter().map(|part| part.copied.clone()).collect();
        let record = Record::at(self, &begun, receipts)?;
        record.write(&mut bag)?;
        let vkey = record.vkey();
        let drafted = Drafted {
            copy: begun.copy,
            access,
            files: &files,
            excerpts: &parts,
            head: record.head(),
            vkey: &vkey,
            signers: record.signers(),
        };
        for (name, bytes) in papers(&drafted)? {
            bag.put(&name, &bytes)?;
        }
        let tags = bag.close(&self.bag_info(access)?)?;
        let package = Digest::of(tags.as_bytes());
        let report = self.complete_copy(begun.copy, (files, parts), Some(package))?;
        record.hand_over(report.completed, &mut bag)?;
        let signature = self.package_signature(&package)?;
        bag.beside("handover/tagmanifest-sha256.txt.sig", signature.as_bytes())?;
        bag.beside("bagit.txt", BAGIT.as_bytes())?;
        Ok((report, package))
    }

    /// The clips, and beside each what it is checked with.
    fn payload(
        &self,
        (person, access): (&PersonId, AccessId),
        (begun, excerpts): (&Begun, &[Excerpt]),
        bag: &mut Bag,
    ) -> Result<Vec<CopiedFile>, StationError> {
        let zone = registry::policy(&*self.world.ledger.view()?)?.zone;
        let mut files = Vec::new();
        for (clip, stored) in &begun.clips {
            let leave = Leave::Copy { person: person.clone(), access };
            let parts: Vec<&Excerpt> =
                excerpts.iter().filter(|part| part.copied.clip == *clip).collect();
            if !parts.is_empty() {
                let leaves = self.part_of((*clip, stored), leave, (&parts, bag))?;
                beside((*clip, stored), &leaves, bag)?;
                continue;
            }
            let taken = self.taken_at(*clip, stored)?;
            let name = name(*clip, stored, zone, taken);
            let place = format!("data/{name}");
            let (file, leaves) = self.copy_one((*clip, stored), leave, (bag.target(), &place))?;
            bag.holds(&place, (file.size, file.sha256));
            beside((*clip, stored), &leaves, bag)?;
            files.push(CopiedFile { name, ..file });
        }
        Ok(files)
    }

    /// When the recording ended, where that can be told; else when it was taken into custody.
    fn taken_at(&self, clip: ClipId, stored: &ClipStored) -> Result<WallMs, StationError> {
        let stored_at = self.wall_of(clip.0)?;
        Ok(stored.recorded.unwrap_or(stored_at))
    }

    fn bag_info(&self, access: AccessId) -> Result<Vec<(&'static str, String)>, StationError> {
        let zone = registry::policy(&*self.world.ledger.view()?)?.zone;
        let now = zone.civil(self.world.clock.now().wall);
        let day = now.split(' ').next().unwrap_or_default().to_owned();
        Ok(vec![
            ("Source-Organization", self.origin.clone()),
            ("Bagging-Date", day),
            ("External-Identifier", access.to_string()),
        ])
    }

    fn package_signature(&self, package: &Digest) -> Result<String, StationError> {
        let public = self.world.signer.public(KeyKind::Evidence);
        let bytes = sshsig::signed_bytes(EXPORT_NAMESPACE, package);
        let signature = self.world.signer.sign(KeyKind::Evidence, &bytes)?;
        let armoured = sshsig::armor(&public, EXPORT_NAMESPACE, signature);
        sshsig::verify(&armoured, &public, EXPORT_NAMESPACE, package)
            .map_err(|e| damaged(format!("the evidence key signs wrong: {e}")))?;
        Ok(armoured)
    }
}

/// As the entry that begins it says it, from what really goes out.
fn asked_for(excerpts: &[Excerpt], receipts: Option<Digest>) -> CopyAsked {
    let asked = |part: &Excerpt| {
        let CopiedExcerpt { clip, from_ms, to_ms, .. } = part.copied;
        AskedExcerpt { clip, from_ms, to_ms }
    };
    CopyAsked { excerpts: excerpts.iter().map(asked).collect(), receipts }
}

fn clerk(actor: &Actor) -> Result<PersonId, StationError> {
    actor.person().cloned().ok_or_else(|| {
        let text = why!(
            "P22",
            "复制须由管理员凭本人口令进行。",
            "copying is done by a clerk with their own PIN: say --as ID"
        );
        Refusal(text).into()
    })
}

/// What a clip is checked with, whole or in part.
fn beside(
    (clip, stored): (ClipId, &ClipStored),
    leaves: &[Digest],
    bag: &mut Bag,
) -> Result<(), StationError> {
    bag.put(&format!("clips/{clip}/clip.sig"), stored.sshsig.as_bytes())?;
    let leaves: Vec<u8> = leaves.iter().flat_map(|leaf| leaf.0).collect();
    bag.put(&format!("clips/{clip}/chunks"), &leaves)
}

/// The clip's number, then what tells people which it is: never the recorder's own name.
fn name(clip: ClipId, stored: &ClipStored, zone: Zone, taken: WallMs) -> String {
    let civil = zone.civil(taken).replace(' ', "_").replace(':', "");
    let recorder = stored.recorder.as_ref().unwrap_or(&stored.recorder_claim).as_str();
    let plain: String = recorder
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' })
        .take(40)
        .collect();
    format!("{clip}_{civil}_{plain}{}", ending(&stored.name))
}
