//! From a path to a finished session: opens what lies there as a recorder, lets the station dock it,
//! and carries the record to the second copy.

/// Recorders that stand in the daemon's bays.
mod docks;
/// Recorders that were taken away before everything was taken.
pub mod early;
/// Bytes that go by.
mod meter;
/// How a recorder is read.
mod reading;
/// A recorder that stops answering when the daemon ends.
mod stoppable;

pub use docks::{Docked, Docks, State};
pub use meter::Meter;
pub use reading::Reading;
pub use stoppable::{Stoppable, Stopping};

use crate::wire::{Open, clockfile, mtp};
use sealdock_core::event::Verdict;
use sealdock_core::ports::{Kind, PortError, Recorder};
use sealdock_device::{FolderOptions, FolderRecorder};
use sealdock_profile::Profile;
use sealdock_station::dock::{DockReport, DockRequest};
use sealdock_station::{Progress, StationError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// One recorder at one place, to be docked now.
#[derive(Debug)]
pub struct Docking {
    /// Its directory; or the announcement of a device that has none.
    pub path: PathBuf,
    /// Plug-in of its bay; 1 where there is no bay.
    pub epoch: u64,
    pub request: DockRequest,
}

/// A recorder of this station, and how it is read.
pub type Opened = (Box<dyn Recorder>, Reading);

/// Opens what lies or was announced there as a recorder. `named` is the profile that somebody named for a
/// folder.
///
/// # Errors
/// It is none, or a profile was named for what is read by its port's.
pub fn opened(
    open: &Open,
    (path, epoch): (&Path, u64),
    named: Option<Arc<Profile>>,
) -> Result<Opened, PortError> {
    let kept_by = open.usb.kept(&open.station, path)?;
    let is_device = open.usb.is_device(path);
    if named.is_some() && (is_device || kept_by.is_some()) {
        let message = "a recorder at a dock port is read by the profile that fits it; bind its port in docks.toml instead of naming one";
        return Err(PortError::new(Kind::Invalid, message));
    }
    if is_device {
        let (mut recorder, reading) = mtp::opened(open, path, epoch)?;
        let reading = reading.with_numbers(&mut *recorder)?;
        return Ok((recorder, reading));
    }
    let seen = kept_by.as_ref().map(|kept| kept.announced.seen.clone());
    let options = FolderOptions {
        epoch,
        may_remount: open.settings.remount,
        never: open.never(),
        kept_by,
        system: None,
    };
    let mut recorder: Box<dyn Recorder> = Box::new(FolderRecorder::open(path, options)?);
    let reading = match seen {
        Some(seen) => Reading::announced(open, seen).with_content(open, &mut *recorder)?,
        None => Reading::folder(named),
    };
    let reading = reading.with_numbers(&mut *recorder)?;
    Ok((recorder, reading))
}

/// Runs the whole session; `to` hears how it goes on.
pub fn dock(
    open: &Open,
    docking: &Docking,
    to: &Arc<dyn Progress>,
) -> Result<DockReport, StationError> {
    let request = &docking.request;
    let to = open.hub.noting(to);
    let meter = Arc::new(Meter::new(request.bay.clone(), request.recorder.clone(), to));
    open.before_docking()?;
    let place = (docking.path.as_path(), docking.epoch);
    let (recorder, reading) = opened(open, place, request.profile.clone())?;
    let request = &reading.asked(request);
    let mut recorder = Stoppable::new(recorder, open.docks.stopping(), Arc::clone(&meter));
    let listening = open.hub.listen(meter);
    let report = open.station.dock(request, &mut recorder);
    drop((listening, recorder));
    open.hub.over(&request.bay, &request.recorder);
    let carried = open.back_up();
    let report = report?;
    if request.bay.as_str() == crate::cli::DIRECT_BAY && report.verdict != Verdict::Interrupted {
        open.docks.taken_elsewhere(&request.recorder);
    }
    carried?;
    match open.usb.is_device(&docking.path) {
        true if report.verdict == Verdict::Interrupted => {}
        true => mtp::set_clock(open, docking),
        false => clockfile::set(open, docking, (&reading, &report)),
    }
    Ok(report)
}
