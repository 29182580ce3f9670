//! Who may read which registers in a room where people sit side by side. Registers are not footage: what a viewing needs is
//! `access`.

use crate::actor::Role;
use crate::duty;
use crate::id::PersonId;
use crate::policy::sign_in::Desk;
use crate::ports::{PortResult, Registers};
use crate::registry;
use crate::schema as s;
use crate::table::Query;
use crate::time::WallMs;
use crate::why;
use crate::why::Why;

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

/// How far the desk is open to somebody who showed their PIN and no passkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByPin {
    Open,
    /// The unit demands a passkey of them, and they have none: the page on which they choose their PIN and add the first.
    FirstPasskey,
    /// They have one. Else whoever learned the PIN would add one of their own with it, and the second factor would be none.
    Closed,
}

/// How far a PIN alone opens the desk to `person` at `at`. An officer reads what is their own by it, always.
///
/// # Errors
/// The registers cannot be read.
pub fn by_pin(registers: &dyn Registers, person: &PersonId, at: WallMs) -> PortResult<ByPin> {
    let demands = registry::policy(registers)?.sign_in.desk == Desk::Passkey;
    if !demands || reading(registers, person, at)? == Reading::Own {
        return Ok(ByPin::Open);
    }
    Ok(match duty::passkeys(registers, person)?.is_empty() {
        true => ByPin::FirstPasskey,
        false => ByPin::Closed,
    })
}

/// What whoever has a passkey is told when they show the PIN instead.
pub fn passkey_wanted() -> Why {
    why!(
        "D66",
        "本单位要求有职务的人员用通行密钥登录工作台，只凭口令不能登录；请点“用通行密钥”。通行密钥遗失的，由有权为您设口令的人员删去旧的，您再凭口令登录并添加新的。",
        "the unit demands a passkey at the desk of whoever holds a duty, and the PIN alone opens nothing: press 'use a passkey'. If yours is lost, let somebody who may give you a PIN remove it; then sign in with the PIN and add another"
    )
}

/// People of the unit of whom a passkey would be demanded and who have none that counts.
///
/// # Errors
/// The registers cannot be read.
pub fn without_passkey(registers: &dyn Registers, at: WallMs) -> PortResult<Vec<PersonId>> {
    let mut all = Vec::new();
    for row in registers.select(&Query::all(&s::PERSON))? {
        let person = registry::person_of(&row)?;
        let wanted = !person.retired && reading(registers, &person.id, at)? == Reading::All;
        if wanted && duty::passkeys(registers, &person.id)?.is_empty() {
            all.push(person.id);
        }
    }
    Ok(all)
}
