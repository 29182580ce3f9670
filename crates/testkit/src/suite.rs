//! What every implementation of a port must do, simulated or real. Each suite panics with the first
//! claim that does not hold.

mod ledger;
mod recorder;
mod vault;

pub use ledger::{Fresh, founding, ledger};
pub use recorder::{Names, recorder, recorder_named};
pub use vault::vault;
