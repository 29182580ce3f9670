//! Who may read which registers in a room where people sit side by side. Registers are not footage: what a viewing needs is
//! `access`.

use crate::actor::Role;
use crate::duty;
use crate::id::PersonId;
use crate::ports::{PortResult, Registers};
use crate::time::WallMs;

/// How far a person reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Every register: whoever holds a duty beside or other than officer. Each such duty is about other people's footage
    /// (002/A6-§5, §6, §20, §21, §23).
    All,
    /// What is about themselves and their own footage.
    Own,
}

/// How far `person` reads at `at`.
///
/// # Errors
/// The registers cannot be read.
pub fn reading(registers: &dyn Registers, person: &PersonId, at: WallMs) -> PortResult<Reading> {
    let held = duty::duties(registers, person, at)?;
    Ok(match held.iter().any(|held| held.role != Role::Officer) {
        true => Reading::All,
        false => Reading::Own,
    })
}
