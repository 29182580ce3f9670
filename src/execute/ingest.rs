//! A recorder at a path: who answers for it, the session, and the report line by line.

use super::{Asked, sessions, size};
use crate::answer::Answer;
use crate::docking::{Docking, dock};
use crate::exit::{CliError, Exit};
use crate::request::{Ingest, Login};
use crate::wire::Open;
use sealdock_core::actor::Actor;
use sealdock_core::event::Verdict;
use sealdock_core::id::PersonId;
use sealdock_core::policy::Docking as DockingPolicy;
use sealdock_core::registry;
use sealdock_profile::Profile;
use sealdock_station::StationError;
use sealdock_station::dock::{DockReport, DockRequest};
use serde_json::json;
use std::sync::Arc;

/// Lines that an answer for people spells out; all of them are in the JSON and in `session show`.
const LINES_SHOWN: usize = 60;

pub fn ingest(
    open: &Open,
    asked: &Asked,
    login: Option<Login>,
    ingest: Ingest,
) -> Result<Answer, CliError> {
    // Fails early and clearly on a path that is no recorder, before any PIN is looked at.
    let profile = ingest.profile.as_deref().map(|id| profile(open, id)).transpose()?;
    drop(crate::docking::opened(open, (&ingest.path, 1), profile.clone())?);
    let actor = docker(open, asked, login, Some(&ingest.officer))?;
    let request = DockRequest {
        bay: ingest.bay,
        recorder: ingest.recorder,
        officer: Some(ingest.officer),
        actor,
        wipe_off: ingest.wipe_off,
        unconfirmed: ingest.unconfirmed,
        profile,
        told: Vec::new(),
    };
    let docking = Docking { path: ingest.path, epoch: 1, request };
    let report = run(open, asked, &docking)?;
    answer(open, &report)
}

/// A profile that somebody named.
fn profile(open: &Open, id: &str) -> Result<Arc<Profile>, CliError> {
    let known = open.usb.profiles();
    let found = known.profiles.find(id).map(|profile| Arc::new(profile.clone()));
    found.ok_or_else(|| {
        let why = known.fault.unwrap_or_else(|| {
            format!("own profiles are read from {}", open.usb.profiles_folder().display())
        });
        CliError::new(Exit::Missing, format!("there is no profile {id:?}; {why}"))
    })
}

/// Who acts at a dock. A person who is not enrolled cannot show a PIN, and missing paperwork never
/// stops footage from being saved: then the operator docks, and the session is unassigned.
pub fn docker(
    open: &Open,
    asked: &Asked,
    login: Option<Login>,
    officer: Option<&PersonId>,
) -> Result<Arc<Actor>, CliError> {
    let view = open.station.world().ledger.view()?;
    let enrolled = |id: &PersonId| registry::person(&*view, id).map(|p| p.is_some());
    let operator = Arc::new(Actor::Operator { uid: asked.uid });
    match login {
        Some(login) if officer == Some(&login.person) && !enrolled(&login.person)? => Ok(operator),
        Some(login) => Ok(open.station.authenticate(&login.person, &login.pin.0)?),
        None => Ok(operator),
    }
}

/// Runs the session while the asker listens. A fatal end stops the daemon, if this is one.
pub fn run(open: &Open, asked: &Asked, docking: &Docking) -> Result<DockReport, CliError> {
    if open.docks.stopping().has_begun() {
        let text = "the station is being stopped; nothing was read, dock it again afterwards";
        return Err(CliError::new(Exit::Refused, text));
    }
    let result = dock(open, docking, &asked.progress);
    result.map_err(|e| {
        if e.is_fatal() {
            open.docks.fail(&e.to_string());
        }
        let refused = matches!(e, StationError::Refused(_));
        let mut error = CliError::from(e);
        if refused && pin_was_missing(open, docking) {
            error.exit = Exit::PinWanted;
        }
        error
    })
}

/// Was the officer's PIN all that was missing? Then a terminal may ask for it and try again.
fn pin_was_missing(open: &Open, docking: &Docking) -> bool {
    let request = &docking.request;
    let Ok(view) = open.station.world().ledger.view() else { return false };
    let wanted = registry::policy(&*view).is_ok_and(|p| p.docking == DockingPolicy::OfficerPin);
    let enrolled = request
        .officer
        .as_ref()
        .is_some_and(|officer| matches!(registry::person(&*view, officer), Ok(Some(_))));
    wanted && enrolled && !request.unconfirmed && request.actor.person().is_none()
}

/// The report of a session, as answer.
pub fn answer(open: &Open, report: &DockReport) -> Result<Answer, CliError> {
    let lines = sessions::lines(open, report.session)?;
    let json = json!({
        "session": report.session,
        "verdict": report.verdict,
        "summary": report.summary,
        "lines": report.lines,
        "stored": report.stored,
        "seen": report.seen,
        "aside": report.aside,
        "wiped": report.wiped,
        "clips": report.clips.iter().map(|(line, clip)| json!({ "line": line, "clip": clip })).collect::<Vec<_>>(),
        "held": report.held.iter().map(|(name, why)| json!({ "name": name, "why": why })).collect::<Vec<_>>(),
        "by_line": lines.iter().map(sessions::LineFate::json).collect::<Vec<_>>(),
    });
    let rows: Vec<_> = lines.iter().take(LINES_SHOWN).map(|line| line.row().to_vec()).collect();
    let bytes = lines.iter().map(|line| line.size).sum();
    let mut answer = Answer::new(json).table(&sessions::LINE_HEAD, rows, "the list is empty");
    if lines.len() > LINES_SHOWN {
        answer = answer.line(format!(
            "… and {} more lines; see `sealdock session show {}`",
            lines.len() - LINES_SHOWN,
            report.session
        ));
    }
    let answer = answer.line(format!(
        "session {}: {} lines, {}; {} stored, {} seen again, {} set aside, {} wiped",
        report.session,
        report.lines,
        size(bytes),
        report.stored,
        report.seen,
        report.aside,
        report.wiped
    ));
    Ok(answer.line(report.summary.clone()).ending(exit(report.verdict)))
}

pub fn exit(verdict: Verdict) -> Exit {
    match verdict {
        Verdict::Done => Exit::Done,
        Verdict::Held => Exit::Held,
        Verdict::Interrupted => Exit::Interrupted,
    }
}
