//! Step 3: who brings it. Opens the session in the chain, or is refused and nothing was read.

use super::close::interrupted_early;
use super::{DockRequest, Stop};
use crate::error::damaged;
use crate::{Station, StationError};
use sealdock_core::command::{Command, Opening};
use sealdock_core::event::Event;
use sealdock_core::id::SessionId;
use sealdock_core::session::{Bindings, Bound, Identified};

pub fn bind(
    station: &Station,
    request: &DockRequest,
    identified: Identified,
) -> Result<Bound, StationError> {
    station.policy_as_adopted()?;
    let opening = Opening {
        bay: request.bay.clone(),
        recorder_claim: request.recorder.clone(),
        officer_claim: request.officer.clone(),
        fingerprint: identified.claims.fingerprint.clone(),
        profile: request.profile().id().to_owned(),
        unconfirmed: request.unconfirmed,
    };
    let appended = station.apply(&request.actor, Command::OpenSession(Box::new(opening)))?;
    let session = SessionId(appended.entries[0].seq);
    match station.event(session.0) {
        Ok(Event::SessionOpened(opened)) => {
            let facts = Bindings { recorder: opened.recorder, officer: opened.officer };
            Ok(identified.bound(session, opened.binding, facts))
        }
        Ok(_) => Err(damaged(format!("entry {} should open a session and does not", session.0))),
        Err(error) => {
            // Open in the chain and of no use to anybody: closed again, or the recorder is locked out.
            interrupted_early(station, session, Stop::Station(error.clone()))?;
            Err(error)
        }
    }
}
