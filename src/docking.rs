//! From a path to a finished session: opens what lies there as a recorder, lets the station dock it,
//! and carries the record to the second copy.

/// Recorders that stand in the daemon's bays.
mod docks;
/// Bytes that go by.
mod meter;
/// A recorder that stops answering when the daemon ends.
mod stoppable;

pub use docks::{Docked, Docks, State};
pub use meter::Meter;
pub use stoppable::{Stoppable, Stopping};

use crate::wire::{Open, mtp};
use sealdock_core::event::Verdict;
use sealdock_core::ports::{PortError, Recorder};
use sealdock_device::{FolderOptions, FolderRecorder};
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

/// Opens what lies or was announced there as a recorder of this station.
pub fn recorder(open: &Open, path: &Path, epoch: u64) -> Result<Box<dyn Recorder>, PortError> {
    if open.usb.is_device(path) {
        return mtp::recorder(open, path, epoch);
    }
    let options = FolderOptions {
        profile: open.station.profile().id().to_owned(),
        epoch,
        may_remount: open.settings.remount,
        never: open.never(),
        kept_by: open.usb.kept(&open.station, path)?,
        system: None,
    };
    Ok(Box::new(FolderRecorder::open(path, options)?))
}

/// Runs the whole session; `to` hears how it goes on.
pub fn dock(
    open: &Open,
    docking: &Docking,
    to: &Arc<dyn Progress>,
) -> Result<DockReport, StationError> {
    let request = &docking.request;
    let meter = Meter::new(request.bay.clone(), request.recorder.clone(), Arc::clone(to));
    let meter = Arc::new(meter);
    let recorder = recorder(open, &docking.path, docking.epoch)?;
    let mut recorder = Stoppable::new(recorder, open.docks.stopping(), Arc::clone(&meter));
    let listening = open.hub.listen(meter);
    let report = open.station.dock(request, &mut recorder);
    drop((listening, recorder));
    let carried = open.back_up();
    let report = report?;
    carried?;
    if open.usb.is_device(&docking.path) && report.verdict != Verdict::Interrupted {
        mtp::set_clock(open, docking);
    }
    Ok(report)
}
