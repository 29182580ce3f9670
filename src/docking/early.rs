//! Recorders that were taken away before everything was taken: their docking is on record as their return, and footage is still
//! on them. Known from the bays while the daemon runs, and from the registers after a restart.

use super::{Docked, State};
use crate::exit::CliError;
use crate::wire::Open;
use sealdock_core::desk;
use sealdock_core::event::Verdict;
use sealdock_core::id::PersonId;
use sealdock_core::ports::Registers;
use sealdock_core::registry;
use sealdock_core::says;
use sealdock_core::schema::SESSION;
use sealdock_core::table::{Query, Row};
use sealdock_core::why::Why;
use std::collections::BTreeSet;

/// The newest sessions that are looked at after a start; what was left behind longer ago is found by nobody's hand any more.
const LOOKED: u32 = 500;

/// Of the newest sessions: each recorder whose last one did not come to its end. What was read on the command line stands in no
/// bay anyway.
///
/// # Errors
/// The registers cannot be read.
pub fn unfinished(registers: &dyn Registers) -> Result<Vec<Docked>, CliError> {
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for row in registers.select(&Query::all(&SESSION).newest_first().limit(LOOKED))? {
        // From a path and not from a bay: it says nothing of what was pulled out of one.
        if row.text("bay") == crate::cli::DIRECT_BAY {
            continue;
        }
        let ended = matches!(row.text_opt("verdict"), Some("done" | "held"));
        let newest = seen.insert(row.text("recorder_claim").to_owned());
        if newest && !ended {
            all.push(docked(&row)?);
        }
    }
    Ok(all)
}

/// As it stood in its bay.
fn docked(row: &Row) -> Result<Docked, CliError> {
    let claim = row.text("recorder_claim");
    Ok(Docked {
        bay: row.text("bay").parse()?,
        name: claim.to_owned(),
        path: std::path::PathBuf::new(),
        epoch: 0,
        recorder: claim.parse()?,
        officer: officer(row)?,
        state: State::Closed,
        text: String::new(),
        verdict: Some(Verdict::Interrupted),
        others_unfinished: false,
        is_volume: false,
    })
}

/// Whoever brought it in this session.
///
/// # Errors
/// Never but for a damaged register.
pub fn officer(session: &Row) -> Result<Option<PersonId>, CliError> {
    let known = session.text_opt("officer").or_else(|| session.text_opt("officer_claim"));
    Ok(known.map(str::parse).transpose()?)
}

/// Those that are missed now, each with whoever brought it. Reported lost or out of service: nobody can put it back.
///
/// # Errors
/// The registers cannot be read.
pub fn missed(open: &Open, registers: &dyn Registers) -> Result<Vec<Docked>, CliError> {
    let mut all = Vec::new();
    for mut one in open.docks.early() {
        if !desk::asset(registers, &one.recorder)?.is_none_or(|asset| asset.in_service()) {
            continue;
        }
        let of = Query::all(&SESSION).with("recorder_claim", one.recorder.as_str());
        let newest = registers.select(&of.newest_first().limit(1))?;
        if let Some(brought) = newest.first().map(officer).transpose()?.flatten() {
            one.officer = Some(brought);
        }
        all.push(one);
    }
    Ok(all)
}

/// What is said of one of them, wherever it is told.
///
/// # Errors
/// The registers cannot be read.
pub fn sentence(registers: &dyn Registers, one: &Docked) -> Result<Why, CliError> {
    let (recorder, officer) = (&one.recorder, one.officer.as_ref());
    let known = officer.map(|id| registry::person(registers, id)).transpose()?.flatten();
    let who = known.map(|person| person.name).or_else(|| officer.map(ToString::to_string));
    Ok(match who {
        Some(who) => says!(
            "{recorder}（{who}）拔出过早，没有取完，不在号位：请本人插回任一号位",
            "{recorder} ({who}) was taken out too early, not everything was taken, and it stands in no bay: put it back into any bay"
        ),
        None => says!(
            "{recorder} 拔出过早，没有取完，不在号位：请插回任一号位",
            "{recorder} was taken out too early, not everything was taken, and it stands in no bay: put it back into any bay"
        ),
    })
}
