//! Steps 4 and 5: the recorder's clock, and the full listing, signed before anything is copied.
//!
//! Wipes that an earlier session intended and never saw the end of are settled by this listing.

use super::{Dock, DockRequest, Stop};
use crate::Station;
use sealdock_chain::canon::INTEGER_MAX;
use sealdock_core::command::Command;
use sealdock_core::decide::{identity_conflict, told_conflict};
use sealdock_core::event::{AsideReason, ClipSetAside, WipeOutcome, WipeSettled};
use sealdock_core::id::SessionId;
use sealdock_core::listing::{LineKind, ListedLine, Listing, RawLine, RawListing};
use sealdock_core::naming;
use sealdock_core::ports::{LedgerView, Place, Recorder};
use sealdock_core::registry;
use sealdock_core::schema as s;
use sealdock_core::session::{Bound, LineEnd, Listed};
use sealdock_core::table::{Query, Row};
use sealdock_core::time::ClockOffset;
use sealdock_profile::Profile;
use std::collections::HashSet;

pub fn list(
    station: &Station,
    request: &DockRequest,
    bound: Bound,
    recorder: &mut dyn Recorder,
) -> Result<Listed, Stop> {
    record_told(station, request, &bound)?;
    let gone = |e: sealdock_core::ports::PortError| Stop::Gone(e.message);
    let clock = recorder
        .clock()
        .unwrap_or_else(|e| ClockOffset::Unknown { reason: format!("could not be read: {e}") });
    let raw = recorder.list().map_err(gone)?;
    let clocked = bound.clocked(clock.clone());
    let listing = Listing {
        v: 1,
        at: station.world.clock.now().wall,
        clock,
        lines: signed_lines(request.profile(), &raw),
    };
    let conflict = conflict(station, request, &clocked.bound, &raw)?;
    settle_earlier(station, &clocked.bound, &listing)?;
    let object = put(station, &listing)?;
    station.note(Command::SignListing {
        session: clocked.bound.session,
        object,
        listing: Box::new(listing.clone()),
        conflict: conflict.clone(),
    })?;
    Ok(clocked.listed(listing, raw.lines, conflict))
}

/// In the chain before the listing that it may contradict.
fn record_told(station: &Station, request: &DockRequest, bound: &Bound) -> Result<(), Stop> {
    for told in request.told.iter().filter(|told| !told.is_empty()) {
        station.note(Command::RecordTold { session: bound.session, told: told.clone() })?;
    }
    Ok(())
}

fn signed_lines(profile: &Profile, raw: &RawListing) -> Vec<ListedLine> {
    raw.lines.iter().enumerate().map(|(n, raw)| signed_line(profile, n as u32, raw)).collect()
}

/// Larger than any card: 4 TiB. A sparse file can claim more than entries can carry.
const SIZE_MAX: u64 = 1 << 42;

/// A line as the chain can carry it. What a card claims beyond all bounds is not repeated: a time is
/// left out, a size makes the line unreadable.
pub(super) fn signed_line(profile: &Profile, n: u32, raw: &RawLine) -> ListedLine {
    let class = profile.classify(&raw.raw_name);
    let mut line = ListedLine::new(n, raw, class);
    line.mtime_ms = line.mtime_ms.filter(|ms| ms.unsigned_abs() <= INTEGER_MAX);
    if line.size > SIZE_MAX {
        line.kind = LineKind::Unreadable;
        line.detail = Some(format!("it claims {} bytes; copy it by hand", line.size));
        line.size = 0;
    }
    line
}

/// The listing lies in the vault, and in the second copy where that is there, before an entry names it. The gate,
/// not the listing, insists on the second copy.
pub(super) fn put(
    station: &Station,
    listing: &Listing,
) -> Result<sealdock_chain::digest::Digest, Stop> {
    Ok(station.put_object(&listing.encode())?)
}

fn conflict(
    station: &Station,
    request: &DockRequest,
    bound: &Bound,
    raw: &RawListing,
) -> Result<Option<String>, Stop> {
    let named = request.profile().identity(&raw.lines);
    let view = station.world.ledger.view()?;
    let claim = &bound.identified.claim;
    let numbers = (named.devices.as_slice(), named.officers.as_slice());
    let files = identity_conflict(&*view, claim, &bound.facts, numbers)?;
    match files {
        Some(why) => Ok(Some(why)),
        None => Ok(told_conflict(&*view, (claim, &bound.facts), &request.told, &named.devices)?),
    }
}

/// An intent without an end: the file is gone from this listing, or it is still there.
fn settle_earlier(station: &Station, bound: &Bound, listing: &Listing) -> Result<(), Stop> {
    let view = station.world.ledger.view()?;
    let here: HashSet<&str> = listing.lines.iter().map(|l| l.raw.as_str()).collect();
    let mut settled = Vec::new();
    for state in ["intended", "unknown"] {
        let open = Query::all(&s::WIPE)
            .with("recorder_claim", bound.identified.claim.as_str())
            .with("state", state);
        for row in view.select(&open)? {
            if !same_kind_of_place(&*view, &row, bound)? {
                continue;
            }
            if is_hidden(row.text("raw"), listing) {
                continue;
            }
            let still = here.contains(row.text("raw"));
            settled.push(WipeSettled {
                session: SessionId(row.int("session") as u64),
                line: row.int("line") as u32,
                outcome: if still { WipeOutcome::Failed } else { WipeOutcome::Wiped },
                reason: still.then(|| "interrupted; still there at the next dock".to_owned()),
                shown_by: Some(bound.session),
            });
        }
    }
    drop(view);
    if !settled.is_empty() {
        station.note(Command::SettleWipes { settled })?;
    }
    Ok(())
}

/// Does the file lie where the walk could not look? Then a listing without it proves nothing.
pub(super) fn is_hidden(raw: &str, listing: &Listing) -> bool {
    let slash = naming::hex(b"/");
    listing.lines.iter().any(|line| {
        matches!(line.kind, LineKind::Unreadable | LineKind::TooDeep)
            && raw.strip_prefix(&line.raw).is_some_and(|below| below.starts_with(&slash))
    })
}

/// The empty mount point of a card that was pulled is a folder where the card was a volume: what is
/// missing there was not wiped.
fn same_kind_of_place(view: &dyn LedgerView, wipe: &Row, bound: &Bound) -> Result<bool, Stop> {
    let seq = u64::try_from(wipe.int("session")).unwrap_or_default();
    let Some(session) = registry::by_seq(view, &s::SESSION, seq)? else { return Ok(false) };
    let kind = |fingerprint: &str| fingerprint.split(' ').next().map(str::to_owned);
    Ok(kind(session.text("fingerprint")) == kind(&bound.identified.claims.fingerprint))
}

impl Dock<'_> {
    /// Links, pipes, devices, unreadable names: visible, never followed, never wiped.
    pub(super) fn set_aside_what_is_no_file(&mut self) -> Result<(), Stop> {
        let odd: Vec<u32> = self
            .listed
            .listing
            .lines
            .iter()
            .filter(|l| l.kind != LineKind::File)
            .map(|l| l.line)
            .collect();
        let odd = self.without_left_by_order(odd)?;
        let mut asides = Vec::new();
        for line in odd {
            let listed = &self.listed.listing.lines[line as usize];
            let (reason, detail) = match listed.kind {
                LineKind::TooDeep => (
                    AsideReason::Unreadable,
                    "folders below depth 12 are not walked; copy it by hand".to_owned(),
                ),
                LineKind::Unreadable => (
                    AsideReason::Unreadable,
                    listed.detail.clone().unwrap_or_else(|| "it could not be read".into()),
                ),
                kind => (
                    AsideReason::NotAFile,
                    format!("a {kind:?} on a recorder is never followed").to_lowercase(),
                ),
            };
            asides.push(self.aside(line, reason, detail));
        }
        self.put_aside(asides)
    }

    /// An aside entry for a line of this session.
    pub(super) fn aside(&self, line: u32, reason: AsideReason, detail: String) -> ClipSetAside {
        let listed = &self.listed.listing.lines[line as usize];
        ClipSetAside {
            session: self.session(),
            line: Some(line),
            recorder_claim: self.listed.claim().clone(),
            raw: listed.raw.clone(),
            name: listed.name.clone(),
            size: listed.size,
            mtime_ms: listed.mtime_ms,
            reason,
            detail,
            kept: None,
        }
    }

    /// Records what stands aside and remembers it as the end of its line.
    pub(super) fn put_aside(&mut self, asides: Vec<ClipSetAside>) -> Result<(), Stop> {
        for chunk in asides.chunks(500) {
            for aside in chunk {
                if let Some(kept) = &aside.kept {
                    self.station.carry(&Place::Aside(kept.sha256));
                }
                if let Some(line) = aside.line {
                    let why =
                        format!("{}: {} ({})", aside.name, aside.detail, aside.reason.as_str());
                    self.ends.insert(line, LineEnd::Aside { why });
                }
            }
            self.station.note(Command::SetAside { asides: chunk.to_vec() })?;
        }
        Ok(())
    }

    /// Lines that a clerk's order leaves on the recorder; the order names exactly this thing.
    pub(super) fn without_left_by_order(&mut self, lines: Vec<u32>) -> Result<Vec<u32>, Stop> {
        let view = self.station.world.ledger.view()?;
        let mut rest = Vec::new();
        for line in lines {
            let listed = &self.listed.listing.lines[line as usize];
            let decided = Query::all(&s::ASIDE)
                .with("recorder_claim", self.listed.claim().as_str())
                .with("raw", listed.raw.as_str())
                .newest_first()
                .limit(1);
            let rows = view.select(&decided)?;
            let left = rows.first().filter(|row| {
                row.text_opt("decision") == Some("leave")
                    && row.int("size") == listed.size as i64
                    && row.int_opt("mtime_ms") == listed.mtime_ms
            });
            match left {
                Some(row) => {
                    let aside = sealdock_core::registry::seq(row);
                    self.ends.insert(line, LineEnd::LeftByOrder { aside });
                }
                None => rest.push(line),
            }
        }
        Ok(rest)
    }
}
