//! One sentence per kind of entry, for people who read the chain. Scripts read the entry itself.

/// People and recorders.
mod office;

use sealdock_core::actor::Role;
use sealdock_core::event::{Event, PutRight, ReplaceCause};
use sealdock_core::report::puts_right;
use sealdock_core::table::Row;
use std::collections::BTreeSet;

/// What happened, short.
pub fn sentence(event: &Event) -> String {
    match event {
        Event::StationFounded(e) => format!("station {} of {} founded", e.origin, e.unit),
        Event::StationStarted(e) => {
            format!("daemon started, {} {}", e.software.name, e.software.version)
        }
        Event::PolicyAdopted(e) => format!("policy adopted, {}", short(&e.sha256.to_string())),
        Event::CopiesNamed(e) => copies(e),
        Event::KeyRotated(e) => format!("{} key rotated to epoch {}", e.key.as_str(), e.epoch),
        Event::KeyReplaced(e) => {
            let since = e.since.map(|since| format!(" since {since}")).unwrap_or_default();
            format!(
                "{} key replaced, epoch {}: the one before is {}{since}: {}",
                e.key.as_str(),
                e.epoch,
                cause(e.cause),
                e.reason
            )
        }
        Event::StationRestored(e) => {
            let lost = match e.lost {
                Some(lost) => {
                    format!("记录遗失 entries {} to {} are LOST", lost.first, lost.last)
                }
                None => "no entry is known to be lost".to_owned(),
            };
            let how = match e.pins_lost {
                true => " without its database, every PIN is void",
                false => "",
            };
            format!(
                "record of {} entries put back from {}{how}; {lost}: {}",
                e.size, e.from, e.reason
            )
        }
        Event::PersonEnrolled(e) => {
            let pin = if e.pin_commitment.is_some() { "" } else { ", without PIN" };
            // Who meant one department finds out here.
            let over = match e.role {
                Role::DepartmentHead => ", 全单位 over the whole unit",
                _ => "",
            };
            format!("person {} ({}, {}) enrolled{over}{pin}", e.id, e.name, e.role.as_str())
        }
        Event::PinRefused(e) => format!("a wrong PIN was shown for {}", e.person),
        Event::RecorderEnrolled(e) => format!("recorder {} enrolled", e.id),
        Event::BayAdded(e) => format!("bay {} added: {} {}", e.id, e.kind, e.path),
        Event::ShiftOpened(e) => format!("shift of {} opened", e.clerk),
        Event::ShiftClosed(e) => format!("shift {} closed", e.shift),
        Event::DockRefused(e) => format!("{} refused at bay {}: {}", e.what, e.bay, e.reason),
        Event::Matter(e) => super::matter::sentence(e),
        other => at_the_bay(other),
    }
}

fn cause(cause: ReplaceCause) -> &'static str {
    match cause {
        ReplaceCause::Lost => "丢失 lost",
        ReplaceCause::Stolen => "失窃 stolen",
        ReplaceCause::Restored => "ended by a restore",
    }
}

/// By what the next command calls the thing that began in entry `seq`, where one began.
pub fn handle(seq: u64, event: &Event) -> Option<String> {
    use sealdock_core::{access, desk, duty, keep, matter};
    let letter = match event {
        Event::Desk(desk::Event::Requested(_) | desk::Event::Breach(_)) => 'U',
        Event::Access(access::Event::Requested(_)) => 'V',
        Event::Matter(matter::Event::MatterOpened(_)) => 'M',
        Event::Matter(matter::Event::StepDeclared(_)) => 'E',
        Event::Matter(matter::Event::InterruptionFound(_)) => 'I',
        Event::Keep(keep::Event::HoldRequested(_)) => 'K',
        Event::Keep(keep::Event::DisposalPlanned(_)) => 'P',
        Event::Keep(keep::Event::CheckAnnounced(_)) => 'Q',
        Event::Keep(keep::Event::MediumBurnt(_)) => 'B',
        Event::Duty(duty::Event::DutyAppointed(_)) => 'D',
        Event::ShiftOpened(_) => 'H',
        _ => return None,
    };
    Some(format!("{letter}{seq}"))
}

/// What a recorder said of itself: its number, its officer's, its battery in percent, its firmware.
pub fn said(
    [device, officer]: [Option<&str>; 2],
    battery: Option<i64>,
    firmware: Option<&str>,
) -> String {
    let battery = battery.map(|percent| format!("battery {percent}%"));
    let word = |word: &str, what: Option<&str>| what.map(|what| format!("{word} {what}"));
    let all =
        [word("device", device), word("officer", officer), battery, word("firmware", firmware)];
    all.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The same of a row of `recorder_told`.
pub fn told(row: &Row) -> String {
    let (device, officer) = (row.text_opt("device"), row.text_opt("officer"));
    said([device, officer], row.int_opt("battery_percent"), row.text_opt("firmware"))
}

fn at_the_bay(event: &Event) -> String {
    match event {
        Event::SessionOpened(e) => format!(
            "session opened: recorder {} at bay {}, {}",
            e.recorder_claim,
            e.bay,
            e.binding.as_str()
        ),
        Event::RecorderTold(e) => {
            let battery = e.battery_percent.map(i64::from);
            let said =
                said([e.device.as_deref(), e.officer.as_deref()], battery, e.firmware.as_deref());
            format!("{}: the recorder said of itself: {said}", e.session)
        }
        Event::ListingSigned(e) => {
            format!("{}: listing of {} lines, {} bytes signed", e.session, e.lines, e.bytes)
        }
        Event::ClipStored(e) => format!("{}: {} stored, {} bytes", e.session, e.name, e.size),
        Event::ClipSeen(e) => format!("{}: clip {} seen again", e.session, e.clip),
        Event::ClipSetAside(e) => {
            format!("{}: {} set aside, {}: {}", e.session, e.name, e.reason.as_str(), e.detail)
        }
        Event::ClipDescribed(e) => match &e.undescribed {
            Some(why) => format!("clip {} undescribed: {why}", e.clip),
            None => format!("clip {} described", e.clip),
        },
        Event::WipeRefused(e) => {
            format!("{}: clip {} stays: {}", e.session, e.clip, e.reasons.join("; "))
        }
        Event::WipeIntended(e) => format!("{}: clip {} is to be wiped", e.session, e.clip),
        Event::WipeSettled(e) => {
            format!("{} line {}: {}", e.session, e.line, e.outcome.as_str())
        }
        Event::WipeCertified(e) => {
            format!("{}: certificate: {} wiped, {} stayed", e.session, e.wiped, e.stayed)
        }
        Event::SessionClosed(e) => format!("{} closed: {}", e.session, e.summary),
        other => decided(other),
    }
}

fn decided(event: &Event) -> String {
    match event {
        Event::ClipAssigned(e) => {
            format!("clip {} assigned to recorder {}, officer {}", e.clip, e.recorder, e.officer)
        }
        Event::ClipReassigned(e) => format!(
            "clip {} corrected to recorder {}, officer {}; entry {} had said {}, {}: {}",
            e.clip, e.recorder, e.officer, e.corrects, e.was_recorder, e.was_officer, e.reason
        ),
        Event::AsideDecided(e) => {
            format!("{} decided: {} ({})", e.aside, e.decision.as_str(), e.reason)
        }
        Event::DeadlineMissed(e) => {
            format!("clip {} missed {}, due {}", e.clip, e.clock.as_str(), e.due)
        }
        Event::ReasonGiven(e) => {
            format!("reason for clip {}: {}{}", e.clip, e.text, corrected(e.correction.as_ref()))
        }
        Event::Access(e) => super::access::sentence(e),
        Event::WipeOrdered(e) => format!("wipe of {} ordered: {}", e.session, e.reason),
        Event::Keep(event) => super::keep::sentence(event),
        Event::Duty(e) => office::duty(e),
        Event::Desk(e) => office::desk(e),
        other => serde_json::to_string(other).unwrap_or_default(),
    }
}

fn copies(event: &sealdock_core::event::CopiesNamed) -> String {
    use sealdock_core::event::CopiesNamed;
    match event {
        CopiesNamed::Mirror { place } => format!("second copy goes to {place}"),
        CopiesNamed::SingleAccepted => "the unit accepts a single copy as its risk".into(),
    }
}

/// These entries and those that they put right, which stay to be seen.
///
/// # Errors
/// An entry cannot be read.
pub fn with_corrected<E>(
    entries: impl IntoIterator<Item = u64>,
    read: impl Fn(u64) -> Result<Event, E>,
) -> Result<BTreeSet<u64>, E> {
    let mut ahead: Vec<u64> = entries.into_iter().collect();
    let mut all = BTreeSet::new();
    while let Some(seq) = ahead.pop() {
        if !all.insert(seq) {
            continue;
        }
        ahead.extend(puts_right(&read(seq)?));
    }
    Ok(all)
}

/// What an entry puts right, behind its sentence.
fn corrected(correction: Option<&PutRight>) -> String {
    correction
        .map(|put| format!(" (instead of entry {}: {})", put.corrects, put.reason))
        .unwrap_or_default()
}

/// The beginning of a digest: enough for people to compare.
pub fn short(digest: &str) -> String {
    digest.chars().take(12).collect()
}
