//! What was on the recorder, so that what is not in the package can be counted and named.

use crate::clip::Clip;
use crate::code::Code;
use crate::entries::Entries;
use crate::event::{ListingSigned, Said};
use crate::names::{self, Place};
use crate::report::Findings;
use crate::tags::Tags;
use sealdock_chain::{Digest, parse_canonical};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// The version of the object that this release reads.
const VERSION: u64 = 1;

/// A listing with the entry that signed it.
#[derive(Debug)]
pub struct Listed {
    /// The entry.
    pub seq: u64,
    pub signed: ListingSigned,
    /// Its lines; `None` where the object is not there or refused.
    pub lines: Option<Vec<Line>>,
}

/// One thing on the recorder.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Line {
    pub line: u64,
    pub kind: String,
    pub raw: String,
    pub name: String,
    pub size: u64,
}

impl Line {
    fn is_file(&self) -> bool {
        self.kind == "file"
    }
}

impl Listed {
    /// Files on the recorder that are no clip of this package, by name.
    pub fn left_out(&self, clips: &[Clip]) -> Vec<String> {
        let here: BTreeSet<u64> = clips
            .iter()
            .filter(|clip| clip.name.is_some())
            .filter_map(|clip| clip.stored.as_ref())
            .filter(|stored| stored.session == self.signed.session)
            .map(|stored| stored.line)
            .collect();
        let lines = self.lines.iter().flatten();
        let left = lines.filter(|line| line.is_file() && !here.contains(&line.line));
        left.map(|line| line.name.clone()).collect()
    }
}

#[derive(Deserialize)]
struct Object {
    v: u64,
    lines: Vec<Line>,
}

/// Reads every listing that an entry here signs, and refuses files that none does.
pub fn read(tags: &Tags, entries: &Entries, found: &mut Findings) -> Vec<Listed> {
    let mut listings = Vec::new();
    let mut named: BTreeSet<Digest> = BTreeSet::new();
    for (seq, shown) in entries {
        match &shown.said {
            Said::ListingSigned(signed) => {
                named.insert(signed.object);
                let lines = lines(tags, signed, found);
                listings.push(Listed { seq: *seq, signed: signed.clone(), lines });
            }
            // A listing after a wipe may lie here as well.
            Said::Certified(certified) => drop(named.insert(certified.object)),
            _ => {}
        }
    }
    for (name, place) in tags.places() {
        let Place::Listing(object) = place else { continue };
        if tags.digest(name).is_some_and(|digest| digest != object) {
            found.add(Code::ListingRefused, name, "its bytes have another digest than its name");
        } else if !named.contains(&object) {
            found.add(Code::ListingRefused, name, "no entry here names it");
        }
    }
    listings
}

fn lines(tags: &Tags, signed: &ListingSigned, found: &mut Findings) -> Option<Vec<Line>> {
    let name = names::listing_name(&signed.object);
    if !tags.has(&name) {
        found.add(Code::FileMissing, &name, "it says what else was on the recorder");
        return None;
    }
    if tags.digest(&name)? != signed.object {
        return None;
    }
    match object(tags.bytes(&name)?, signed) {
        Ok(lines) => Some(lines),
        Err(detail) => {
            found.add(Code::ListingRefused, &name, detail);
            None
        }
    }
}

/// The lines, where they are those that the entry counts.
fn object(bytes: &[u8], signed: &ListingSigned) -> Result<Vec<Line>, String> {
    let value = parse_canonical(bytes).map_err(|error| error.to_string())?;
    let object: Object = serde_json::from_value(value).map_err(|error| error.to_string())?;
    if object.v != VERSION {
        return Err(format!("it has version {}, this release reads {VERSION}", object.v));
    }
    let lines = object.lines;
    if (0u64..).zip(&lines).any(|(number, line)| line.line != number) {
        return Err("its lines are not numbered from 0".to_owned());
    }
    let files = lines.iter().filter(|line| line.is_file());
    let bytes = files.clone().fold(0u64, |sum, line| sum.saturating_add(line.size));
    let counted = (lines.len() as u64, files.count() as u64, bytes);
    if counted != (signed.lines, signed.files, signed.bytes) {
        let (lines, files, bytes) = counted;
        return Err(format!(
            "it has {lines} lines, {files} files, {bytes} bytes; its entry counts others"
        ));
    }
    Ok(lines)
}

/// The docking of every clip: that it is shown, and that the clip is the line that its entry says.
pub fn docking(
    clips: &[Clip],
    (tags, entries): (&Tags, &Entries),
    listings: &[Listed],
    found: &mut Findings,
) {
    for clip in clips {
        let Some(stored) = &clip.stored else { continue };
        let session = stored.session;
        let about = format!("entry {session}");
        match entries.get(&session).map(|shown| &shown.said) {
            Some(Said::SessionOpened(_)) => {}
            Some(_) => {
                let name = names::entry_name(session);
                found.add(Code::EntryRefused, &name, "a clip names it as its session");
            }
            None if tags.has(&names::entry_name(session)) => {}
            None => found.add(Code::EntryMissing, &about, "it opened the session of a clip"),
        }
        let mut of_session = listings.iter().filter(|listed| listed.signed.session == session);
        let Some(listed) = of_session.next() else {
            let about = format!("listing of S{session}");
            found.add(Code::EntryMissing, &about, "it says what else was on the recorder");
            continue;
        };
        let Some(lines) = &listed.lines else { continue };
        let line = usize::try_from(stored.line).ok().and_then(|line| lines.get(line));
        if !line.is_some_and(|line| line.is_file() && line.raw == stored.raw) {
            let name = names::listing_name(&listed.signed.object);
            let detail = format!("line {} is not clip C{}", stored.line, clip.number);
            found.add(Code::ListingRefused, &name, detail);
        }
    }
}

/// Which recorder each session was with.
pub fn recorders(entries: &Entries) -> BTreeMap<u64, &str> {
    entries
        .iter()
        .filter_map(|(seq, shown)| match &shown.said {
            Said::SessionOpened(opened) => Some((*seq, opened.recorder_claim.as_str())),
            _ => None,
        })
        .collect()
}
