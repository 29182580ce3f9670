//! Files in the vault and the mirror, held against what the chain claims (custody invariants 1 to 4).

use super::Tick;
use super::account::Account;
use super::disposals::Planned;
use crate::StationError;
use crate::reading::{read_stored, read_stored_deep};
use sealdock_chain::chunk::root_of_leaves;
use sealdock_chain::digest::Digest;
use sealdock_core::event::Verdict;
use sealdock_core::id::PlanId;
use sealdock_core::keep::{Line, PlanSheet};
use sealdock_core::listing::Listing;
use sealdock_core::ports::{Finding, Found, Place, Vault};
use std::collections::HashMap;

pub struct Look<'a, 'b> {
    pub account: &'a Account,
    pub deep: bool,
    pub tick: Tick<'b>,
    pub findings: Vec<Finding>,
    pub notes: Vec<String>,
    pub files: u64,
    pub bytes: u64,
}

impl Look<'_, '_> {
    /// Invariants 1 and 2: every claim has its file, every file has its claim.
    pub fn vault(&mut self, vault: &dyn Vault) -> Result<(), StationError> {
        let found = self.classified("vault", vault)?;
        let account = self.account;
        let mut claims: Vec<_> = account.kept.iter().collect();
        claims.sort_by_key(|(_, claim)| claim.seq);
        let total = claims.len() as u64;
        for (n, (digest, claim)) in claims.into_iter().enumerate() {
            self.kept_file("vault", vault, &found, (*digest, claim.seq, claim.size));
            (self.tick)("files", n as u64 + 1, total);
        }
        for digest in &account.objects {
            self.named_file(("vault", vault), &found, &Place::Object(*digest), "listing");
        }
        for (seq, plan) in &account.disposals.plans {
            let place = Place::Object(plan.object);
            self.named_file(("vault", vault), &found, &place, "plan");
            if found.contains_key(&place) {
                self.plan(vault, *seq, plan);
            }
        }
        for digest in account.aside.keys() {
            self.named_file(("vault", vault), &found, &Place::Aside(*digest), "partial copy");
        }
        Ok(())
    }

    /// The second copies that custody entries speak of, and all that a restored station would miss beside them.
    pub fn mirror(&mut self, mirror: &dyn Vault) -> Result<(), StationError> {
        let found = self.classified("mirror", mirror)?;
        let account = self.account;
        for (digest, claim) in account.kept.iter().filter(|(_, claim)| claim.mirrored) {
            self.kept_file("mirror", mirror, &found, (*digest, claim.seq, claim.size));
        }
        let plans = account.disposals.plans.values().map(|plan| (&plan.object, "plan"));
        let objects = account.objects.iter().map(|digest| (digest, "listing")).chain(plans);
        for (digest, what) in objects {
            self.named_file(("mirror", mirror), &found, &Place::Object(*digest), what);
        }
        for digest in account.aside.keys() {
            self.named_file(("mirror", mirror), &found, &Place::Aside(*digest), "partial copy");
        }
        Ok(())
    }

    /// Everything there is, with strangers named.
    fn classified(
        &mut self,
        area: &'static str,
        vault: &dyn Vault,
    ) -> Result<HashMap<Place, u64>, StationError> {
        let mut by_place = HashMap::new();
        let (mut orphans, mut incoming) = (Vec::new(), 0);
        for Found { place, size } in vault.inventory()? {
            self.files += 1;
            match &place {
                Place::Foreign(name) => self.finding(
                    area,
                    None,
                    format!("{name} is not ours; take it out of the {area}"),
                ),
                Place::Incoming(_) => incoming += 1,
                Place::Kept(digest) if self.account.disposals.gone.contains_key(digest) => {
                    let seq = self.account.disposals.gone[digest];
                    self.notes.push(format!("file {digest} is in the {area}, but entry {seq} says that it was disposed of: a docking that brought it again was cut off, and the next one adopts it; or somebody put it back, then take it out"));
                }
                Place::Kept(digest) if !self.account.kept.contains_key(digest) => {
                    orphans.push(digest.to_string());
                }
                Place::Aside(digest) if !self.account.aside.contains_key(digest) => {
                    orphans.push(digest.to_string());
                }
                _ => {}
            }
            by_place.insert(place, size);
        }
        if !orphans.is_empty() {
            self.notes.push(format!("{} files in the {area} await adoption: a crash came between keeping them and their entry, or their entries are lost by a restore; the next dock of the recorder adopts them, nothing deletes them, and nothing is wiped because they are there: {}", orphans.len(), some_of(orphans)));
        }
        if incoming > 0 {
            self.notes.push(format!(
                "{incoming} unfinished copies in the {area}; they are never trusted"
            ));
        }
        Ok(by_place)
    }

    fn kept_file(
        &mut self,
        area: &'static str,
        vault: &dyn Vault,
        found: &HashMap<Place, u64>,
        (digest, seq, size): (Digest, u64, u64),
    ) {
        let place = Place::Kept(digest);
        match found.get(&place) {
            // An intent to remove it stands; whether it is gone is for the next run to see.
            None if self.account.disposals.leaving.contains_key(&digest) => {}
            None => self.finding(
                area,
                Some(seq),
                format!("clip C{seq} has no file {digest} in the {area}"),
            ),
            Some(there) if *there != size => {
                self.finding(
                    area,
                    Some(seq),
                    format!("clip C{seq}: file {digest} has {there} bytes, the chain says {size}"),
                );
            }
            Some(_) if self.deep => {
                self.hash(area, vault, &place, (digest, seq));
                self.sidecars(area, vault, found, (digest, seq));
            }
            Some(_) => {}
        }
    }

    /// Sidecars are derived, so a missing one is a note; one that says something else is a finding.
    fn sidecars(
        &mut self,
        area: &'static str,
        vault: &dyn Vault,
        found: &HashMap<Place, u64>,
        (digest, seq): (Digest, u64),
    ) {
        let Some(claim) = self.account.kept.get(&digest) else { return };
        for name in ["chunks", "sshsig"] {
            let place = Place::Sidecar(digest, name.to_owned());
            if !found.contains_key(&place) {
                self.notes.push(format!("clip C{seq} has no .{name} file in the {area}; it can be made again from the chain and the clip"));
                continue;
            }
            let right = vault.read(&place).is_ok_and(|bytes| match name {
                "chunks" => root_of(&bytes) == Some(claim.chunk_root),
                _ => claim.signatures.contains(&Digest::of(&bytes)),
            });
            if !right {
                let text = format!("clip C{seq}: its .{name} file is not what the chain says");
                self.finding(area, Some(seq), text);
            }
        }
    }

    /// Reads the file cold and compares both digests with the chain's.
    fn hash(
        &mut self,
        area: &'static str,
        vault: &dyn Vault,
        place: &Place,
        (digest, seq): (Digest, u64),
    ) {
        let read = vault.open(place).and_then(|mut source| read_stored_deep(&mut *source));
        match read {
            Err(error) => self.finding(
                area,
                Some(seq),
                format!("clip C{seq}: file {digest} cannot be read: {error}"),
            ),
            Ok((whole, chunked)) => {
                self.bytes += whole.size();
                let root = self.account.kept.get(&digest).map(|claim| claim.chunk_root);
                if whole.sha256() != digest || Some(chunked.root()) != root {
                    self.finding(
                        area,
                        Some(seq),
                        format!("clip C{seq}: file {digest} now reads as {}; its bytes changed on the disk", whole.sha256()),
                    );
                }
            }
        }
    }

    /// The unit head approves what the sheet says, and the entry says what goes: both must be the same list, and
    /// each line what the chain says of that clip.
    fn plan(&mut self, vault: &dyn Vault, seq: u64, plan: &Planned) {
        let read = vault.read(&Place::Object(plan.object));
        let sheet = read.ok().and_then(|bytes| PlanSheet::decode(&bytes));
        let true_line =
            |line: &Line| self.account.clips.get(&line.clip.0) == Some(&(line.sha256, line.size));
        let same = sheet.is_some_and(|sheet| {
            sheet.clips() == plan.clips
                && sheet.bytes() == plan.bytes
                && sheet.lines.iter().all(true_line)
        });
        if !same {
            let text = format!(
                "plan {} in the vault is not the list of entry {seq}, or says of a clip what the chain does not: whoever approved it may have read another list",
                PlanId(seq)
            );
            self.finding("vault", Some(seq), text);
        }
    }

    fn named_file(
        &mut self,
        (area, vault): (&'static str, &dyn Vault),
        found: &HashMap<Place, u64>,
        place: &Place,
        what: &str,
    ) {
        let (Place::Object(digest) | Place::Aside(digest)) = place else { return };
        if !found.contains_key(place) {
            let next = match area {
                "mirror" => "; the next docking, or start of the daemon, brings it there",
                _ => "",
            };
            let text = format!("{what} {digest} is named by the chain and is not there{next}");
            return self.finding(area, None, text);
        }
        if !self.deep {
            return;
        }
        let read = vault
            .open(place)
            .and_then(|mut source| read_stored(&mut *source, false))
            .map(|whole| whole.sha256());
        match read {
            Ok(now) if now == *digest => {}
            Ok(_) => self.finding(
                area,
                None,
                format!("{what} {digest} holds other bytes than its name says"),
            ),
            Err(error) => {
                self.finding(area, None, format!("{what} {digest} cannot be read: {error}"))
            }
        }
    }

    /// Invariant 4: every line of every listing of a session that reached its end is accounted for.
    pub fn listings(&mut self, vault: &dyn Vault) {
        let account = self.account;
        for (seq, session) in &account.sessions {
            let Some(object) = session.listing else { continue };
            if !matches!(session.verdict, Some(Verdict::Done | Verdict::Held)) {
                continue;
            }
            let listing = vault.read(&Place::Object(object)).ok().and_then(|b| Listing::decode(&b));
            let Some(listing) = listing else {
                self.finding(
                    "listing",
                    Some(*seq),
                    format!("the listing of session S{seq} cannot be read"),
                );
                continue;
            };
            if listing.lines.len() != session.lines as usize {
                self.finding(
                    "listing",
                    Some(*seq),
                    format!(
                        "the listing of S{seq} has {} lines, its entry says {}",
                        listing.lines.len(),
                        session.lines
                    ),
                );
            }
            for line in &listing.lines {
                if !account.line_is_accounted(*seq, line, &session.recorder_claim) {
                    self.finding("listing", Some(*seq), format!("line {} of session S{seq} ({}) is neither stored, set aside nor left by an order", line.line, line.name));
                }
            }
        }
    }

    fn finding(&mut self, area: &'static str, seq: Option<u64>, text: String) {
        self.findings.push(Finding { area, seq, text });
    }
}

/// Names that one note holds; the rest are counted.
const NAMES_MAX: usize = 20;

fn some_of(mut names: Vec<String>) -> String {
    names.sort();
    let more = names.len().saturating_sub(NAMES_MAX);
    names.truncate(NAMES_MAX);
    match more {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

/// Root of the chunk tree whose leaves are in a `.chunks` file, 32 bytes each.
fn root_of(bytes: &[u8]) -> Option<Digest> {
    let leaves = bytes.chunks(32).map(|leaf| leaf.try_into().ok().map(Digest));
    Some(root_of_leaves(&leaves.collect::<Option<Vec<_>>>()?))
}
