//! Requests that come on a stick. Only `outbox/<origin-hash>/*.add-checkpoint` is read; the answers lie below `inbox/`, named
//! by what stands in the request.

use crate::decide::REQUEST_BYTES_MAX;
use crate::disk::{self, NoFaults};
use crate::error::WitnessError;
use crate::witness::{Answer, Says, Witness, origin_hash};
use sealdock_chain::digest::Digest;
use sealdock_chain::growth::Growth;
use sealdock_chain::note::{NOTE_BYTES_MAX, SignedCheckpoint};
use std::path::{Path, PathBuf};

/// Requests of one record on one stick.
const REQUESTS_MAX: usize = 1000;
const REQUEST: &str = ".add-checkpoint";

/// One request and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The request's file.
    pub request: PathBuf,
    /// Where the answer lies; none where nothing could be written, as for what is no request.
    pub written: Option<PathBuf>,
    /// The answer; none where ours was there already.
    pub answer: Option<Answer>,
}

/// Every request below `folder/outbox`.
///
/// # Errors
/// The folder cannot be read.
pub fn requests(folder: &Path) -> Result<Vec<PathBuf>, WitnessError> {
    let outbox = folder.join("outbox");
    let mut found = Vec::new();
    for hash in disk::names(&outbox)?.into_iter().filter(|name| name.parse::<Digest>().is_ok()) {
        let record = outbox.join(hash);
        if !record.symlink_metadata().is_ok_and(|there| there.is_dir()) {
            continue;
        }
        let mut names = disk::names(&record)?;
        names.retain(|name| name.ends_with(REQUEST));
        names.sort_by_key(|name| sizes_named(name));
        found.extend(names.into_iter().take(REQUESTS_MAX).map(|name| record.join(name)));
    }
    Ok(found)
}

/// For an order in which each may be the beginning of the next; the name proves nothing.
fn sizes_named(name: &str) -> (u64, u64) {
    let sizes = name.strip_suffix(REQUEST).and_then(|name| name.split_once('-'));
    let read = |text: &str| text.parse().unwrap_or(u64::MAX);
    sizes.map_or((u64::MAX, u64::MAX), |(old, new)| (read(new), read(old)))
}

/// Answers the request in `file`; the answer goes below `into/inbox`. Order: memory of the witness, then the file.
///
/// # Errors
/// The request cannot be read or the answer not written. Asking again is answered again.
pub fn answer(
    witness: &Witness,
    file: &Path,
    (into, now): (&Path, u64),
) -> Result<Answered, WitnessError> {
    let body = disk::read(file, REQUEST_BYTES_MAX)?.ok_or_else(|| {
        let text = format!("there is no {}", file.display());
        WitnessError::new(crate::error::Kind::Missing, text)
    })?;
    let request = file.to_owned();
    let Some(place) = Place::of(&body, into) else {
        let answer = Some(witness.answer(&body, now));
        return Ok(Answered { request, written: None, answer });
    };
    let lines = disk::read(&place.path("cosig"), NOTE_BYTES_MAX)?.unwrap_or_default();
    let lines = String::from_utf8_lossy(&lines).into_owned();
    if place.has_ours(witness, &lines)? {
        return Ok(Answered { request, written: Some(place.path("cosig")), answer: None });
    }
    let answer = witness.answer(&body, now);
    place.make()?;
    let written = match answer.says {
        Says::Lines => {
            let path = place.path("cosig");
            disk::put(&NoFaults, &path, format!("{lines}{}", answer.body).as_bytes())?;
            path
        }
        Says::Size => place.free("409", &answer.body, witness)?,
        Says::OtherRoot | Says::Why => {
            place.free("refused", &place.reason(&answer, witness), witness)?
        }
    };
    Ok(Answered { request, written: Some(written), answer: Some(answer) })
}

/// Where the answer to a request lies.
struct Place {
    folder: PathBuf,
    name: String,
    note: String,
    into: PathBuf,
}

impl Place {
    /// `None` for what is no request.
    fn of(body: &[u8], into: &Path) -> Option<Place> {
        let growth = Growth::parse(std::str::from_utf8(body).ok()?).ok()?;
        let mut lines = growth.note().split('\n');
        let (origin, size) = (lines.next()?, lines.next()?);
        let size: u64 = size.parse().ok()?;
        let into = into.join("inbox");
        let folder = into.join(origin_hash(origin));
        let name = format!("{}-{size}", growth.old());
        Some(Place { folder, name, note: growth.note().to_owned(), into })
    }

    fn path(&self, ending: &str) -> PathBuf {
        self.folder.join(format!("{}.{ending}", self.name))
    }

    fn make(&self) -> Result<(), WitnessError> {
        disk::make_folder(&self.into)?;
        disk::make_folder(&self.folder)
    }

    /// Whether one of the lines is a cosignature of this witness over this very head.
    fn has_ours(&self, witness: &Witness, lines: &str) -> Result<bool, WitnessError> {
        for log in witness.known()? {
            let opened = log.keys.iter().find_map(|key| {
                SignedCheckpoint::open(&self.note, key).and_then(|head| head.bare(key)).ok()
            });
            let cosigned = opened.and_then(|head| head.with_lines(lines).ok());
            if let Some(head) = cosigned {
                return Ok(matches!(witness.key().cosigned(&head), Ok(Some(_))));
            }
        }
        Ok(false)
    }

    /// Beside what another witness wrote there, and never over it.
    fn free(&self, ending: &str, text: &str, witness: &Witness) -> Result<PathBuf, WitnessError> {
        let own = format!("{}.{ending}", hex::encode(witness.key().key_id()));
        for path in [self.path(ending), self.path(&own)] {
            match disk::read(&path, NOTE_BYTES_MAX)? {
                Some(there) if there != text.as_bytes() => {}
                Some(_) => return Ok(path),
                None => {
                    disk::put(&NoFaults, &path, text.as_bytes())?;
                    return Ok(path);
                }
            }
        }
        let path = self.path(&own);
        disk::put(&NoFaults, &path, text.as_bytes())?;
        Ok(path)
    }

    fn reason(&self, answer: &Answer, witness: &Witness) -> String {
        let why = match answer.says {
            Says::OtherRoot => "another head of this size was cosigned already\n",
            _ => answer.body.as_str(),
        };
        format!("{} {}: {why}", answer.status, witness.key().name())
    }
}

#[cfg(test)]
mod tests;
