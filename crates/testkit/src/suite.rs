//! What every implementation of a port must do, simulated or real. Each suite panics with the first
//! claim that does not hold.

mod recorder;
mod vault;

pub use recorder::recorder;
pub use vault::vault;
