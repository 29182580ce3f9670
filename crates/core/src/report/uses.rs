//! Was the recorder in approved use (S1)? The one place where the reports ask for it.

use super::Gap;
use crate::ports::{PortResult, Registers};

/// What is missing in the use of a recorder up to the docking of entry `docked`. The chain of this version
/// holds no approvals and issues, so that every docking lacks one.
pub(super) fn missing_use(
    registers: &dyn Registers,
    recorder: &str,
    docked: u64,
) -> PortResult<Option<Gap>> {
    let _no_register_of_uses = registers;
    let text = format!("no approved use of recorder {recorder} is on record for it (002/A6-§5)");
    Ok(Some(Gap::new(Some(docked), text)))
}
