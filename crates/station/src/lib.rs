//! The one façade: [`Station::apply`] changes, the query methods read, [`Station::dock`] runs a
//! recorder through its session. Generic over the ports; knows no SQLite, no udev, no paths.

/// Changing anything: who, what, decided, recorded.
mod apply;
/// Is everything still what the chain says it is?
pub mod check;
/// Media facts, after custody is sealed.
mod describe;
/// Disposal: planned, approved, carried out.
mod dispose;
/// One recorder, from plug to "done, may be taken"; one file per step.
pub mod dock;
/// Spot checks are drawn.
mod draw;
/// After a drill or a restore: footage that no entry names.
mod drill;
/// What went wrong, in two classes.
mod error;
/// A passkey in the place of a PIN.
mod passes;
/// What a session reports while it runs.
mod progress;
/// One reading, many hashes, one writer.
mod reading;
/// Keys that end without a rotation; a record that was put back.
mod replace;
/// Keys and their epochs.
mod rotate;
/// The second copy's place as it is now, and what it lacks.
mod second;
/// Which evidence key signed when, as `ssh-keygen` reads it.
pub mod signers;
/// Registers and sessions as people ask for them.
pub mod view;
/// Footage leaves the vault here and nowhere else.
pub mod viewing;

pub use apply::Founding;
pub use dispose::{Amount, RunReport, Survey, Walked};
pub use drill::{Alone, alone};
pub use error::StationError;
pub use passes::{OpenPass, PASS};
pub use progress::{Carried, Progress, Report, Step, Unheard};
pub use replace::{Replacing, Restoring};
pub use second::Second;

use sealdock_core::ports::{Clock, Ledger, Pins, Probe, Signer, Vault};
use std::sync::Arc;

/// The real or simulated world of one station.
#[derive(Clone)]
pub struct World {
    pub ledger: Arc<dyn Ledger>,
    pub vault: Arc<dyn Vault>,
    /// The second copy, where the unit named a place and it is there now.
    pub mirror: Second,
    pub signer: Arc<dyn Signer>,
    pub pins: Arc<dyn Pins>,
    pub clock: Arc<dyn Clock>,
    pub probe: Option<Arc<dyn Probe>>,
    pub progress: Arc<dyn Progress>,
}

/// A station, opened for work.
pub struct Station {
    world: World,
    origin: String,
    /// The log key at hand is not in force yet: nothing but its replacement can be appended.
    replacing: bool,
    /// Passkeys in the place of PINs, each for one form.
    passes: passes::Passes,
}

impl Station {
    /// Wires the ports together and closes what the last run left open, through the same command
    /// as ever.
    pub fn open(world: World, origin: impl Into<String>) -> Result<Station, StationError> {
        let passes = passes::Passes::default();
        let station = Station { world, origin: origin.into(), replacing: false, passes };
        station.recover()?;
        Ok(station)
    }

    /// A station whose signer holds a key that the next entry puts in force. Closes nothing that the last run
    /// left open: that is for the next opening.
    pub fn open_replacing(world: World, origin: impl Into<String>) -> Station {
        let passes = passes::Passes::default();
        Station { world, origin: origin.into(), replacing: true, passes }
    }

    pub fn origin(&self) -> &str {
        &self.origin
    }

    pub fn world(&self) -> &World {
        &self.world
    }
}
