//! A recorder that sets its clock by a file gets that file after the session's last word, from the wiper, for
//! one signed intent. Whether it was written is in the log, as with MTP; the next dock measures the clock.

use super::{Open, usb, wall};
use crate::docking::{Docking, Reading};
use sealdock_chain::{ClockIntent, Digest, INTENT_VERSION};
use sealdock_core::clock_state;
use sealdock_core::event::Verdict;
use sealdock_core::naming;
use sealdock_core::ports::{Kind, PortError, PortResult};
use sealdock_device::keeper::{Kept, NoteBefore, SignedIntent};
use sealdock_device::{FolderOptions, FolderRecorder};
use sealdock_profile::unlock::{Policy, Token, render};
use sealdock_profile::{ClockSet, Profile, Zone};
use sealdock_station::dock::DockReport;

/// The file as its profile describes it.
struct Note<'a> {
    path: &'a str,
    content: &'a [Token],
    zone: Zone,
    gone_when_accepted: bool,
}

/// Writes the note if everything allows it: the session ended with *done* and might have wiped; the profile
/// states a file with the policy `bound`; the port is bound to that profile; the station's clock is not in
/// doubt; the volume is one that the wiper keeps.
pub fn set(open: &Open, docking: &Docking, (reading, report): (&Reading, &DockReport)) {
    // What is held waits for a person, and the card is to stay until then as it was found.
    if report.verdict != Verdict::Done || reading.keeps_all || docking.request.wipe_off {
        return;
    }
    let Some(note) = note(&reading.profile) else { return };
    let bound = reading
        .seen
        .as_ref()
        .is_some_and(|seen| open.usb.is_bound(&seen.port, reading.profile.id()));
    if !bound {
        return;
    }
    let (bay, path) = (&docking.request.bay, note.path);
    match write(open, docking, (&note, report.session.0)) {
        Ok(before) => {
            if before == NoteBefore::Earlier && note.gone_when_accepted {
                tracing::warn!(%bay, path, "记录仪未接受上次的时间 / the recorder did not take the time that it was given last: the file was still there");
            }
            tracing::info!(%bay, path, "the recorder's clock is set by a file");
        }
        Err(e) => tracing::warn!(%bay, path, "the recorder's clock is not set: {e}"),
    }
}

fn note(profile: &Profile) -> Option<Note<'_>> {
    let clock = profile.clock()?;
    match clock.set.as_ref()? {
        (Policy::Bound, ClockSet::File { path, content, gone_when_accepted }) => {
            Some(Note { path, content, zone: clock.zone, gone_when_accepted: *gone_when_accepted })
        }
        _ => None,
    }
}

fn write(open: &Open, docking: &Docking, (note, session): (&Note, u64)) -> PortResult<NoteBefore> {
    let failed = |why: String| PortError::new(Kind::Failed, why);
    let world = open.station.world();
    if let Some(why) = clock_state::doubt(&*world.ledger.view()?, &world.clock.now())? {
        return Err(failed(why.to_string()));
    }
    let Some(kept) = open.usb.kept(&open.station, &docking.path)? else {
        return Err(failed("the wiper keeps no volume there".into()));
    };
    let options = FolderOptions {
        epoch: docking.epoch,
        never: open.never(),
        kept_by: Some(kept.clone()),
        ..FolderOptions::default()
    };
    let mut recorder = FolderRecorder::open(&docking.path, options)?;
    // Made at the last moment: it holds the time.
    recorder.set_clock(|| {
        let now = wall::now(open, note.zone).map_err(failed)?;
        let content = render(note.content, None, now).map_err(|e| failed(e.to_string()))?;
        signed(open, &kept, (session, note.path, &content))
    })
}

fn signed(
    open: &Open,
    kept: &Kept,
    (session, path, content): (u64, &str, &[u8]),
) -> PortResult<SignedIntent> {
    let intent = ClockIntent {
        version: INTENT_VERSION,
        station: open.station.origin().to_owned(),
        bay: kept.announced.bay.clone(),
        volume: kept.announced.volume.clone(),
        disk_sequence: kept.announced.disk_sequence,
        session,
        path_hex: naming::hex(path.as_bytes()),
        content_hex: naming::hex(content),
        sha256: Digest::of(content),
        expires_ms: usb::expires_ms(&*open.station.world().clock)?,
    };
    open.usb.signed(&open.station, (intent.bytes(), &intent.signing_bytes()))
}
