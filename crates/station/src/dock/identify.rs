//! Step 2: what is it. Something that cannot be a recorder is refused, with an entry, and not read.

use super::DockRequest;
use crate::{Station, StationError};
use sealdock_core::command::Command;
use sealdock_core::ports::Recorder;
use sealdock_core::session::Identified;

pub fn identify(
    station: &Station,
    request: &DockRequest,
    recorder: &mut dyn Recorder,
) -> Result<Identified, StationError> {
    match recorder.claims() {
        Ok(claims) => {
            Ok(Identified { bay: request.bay.clone(), claim: request.recorder.clone(), claims })
        }
        Err(error) => {
            station.note(Command::RefuseDock {
                bay: request.bay.clone(),
                what: request.recorder.to_string(),
                reason: error.message.clone(),
            })?;
            Err(error.into())
        }
    }
}
