//! What people sign about shifts, wipes and what stands aside: had they the right, and was it the time for it?
//! The decision asks in its own words before; `check` has only this.

use crate::actor::{ActorRecord, Role};
use crate::duty;
use crate::event::{AsideDecided, AsideDecision, ShiftClosed, ShiftOpened, WipeOrdered};
use crate::policy::WipeMode;
use crate::ports::{PortResult, Registers};
use crate::registry;
use crate::schema as s;
use crate::time::WallMs;
use crate::why;
use crate::why::{Both, Why, Words};

/// Why `actor` is nobody with this duty in force and a PIN, said of what was done; `None` if they are.
pub(super) fn is_not(
    registers: &dyn Registers,
    at: WallMs,
    actor: &ActorRecord,
    role: Role,
    what: impl Words,
) -> PortResult<Option<Why>> {
    let is = match actor {
        ActorRecord::Person { id } => {
            registry::person(registers, id)?.is_some_and(|p| p.pin_commitment.is_some())
                && duty::duties(registers, id, at)?.iter().any(|held| held.role == role)
        }
        _ => false,
    };
    Ok((!is).then(|| {
        why!(
            "S61",
            "{what:#}的是{actor:#}，当时不是有口令的{:#}。",
            "{what} by {actor}, who was no {} with a PIN then",
            role
        )
    }))
}

/// # Errors
/// The registers cannot be read.
pub fn shift_opened(
    registers: &dyn Registers,
    at: WallMs,
    actor: &ActorRecord,
    e: &ShiftOpened,
) -> PortResult<Option<Why>> {
    if !matches!(actor, ActorRecord::Person { id } if *id == e.clerk) {
        return Ok(Some(why!(
            "S62",
            "{:#} 的值班由{actor:#}开始，不是本人。",
            "the shift of {} was opened by {actor}",
            e.clerk
        )));
    }
    is_not(registers, at, actor, Role::Clerk, Both("开始值班", "a shift was opened"))
}

/// # Errors
/// The registers cannot be read.
pub fn shift_closed(
    registers: &dyn Registers,
    at: WallMs,
    actor: &ActorRecord,
    e: &ShiftClosed,
) -> PortResult<Option<Why>> {
    let open =
        registry::by_seq(registers, &s::SHIFT, e.shift.0)?.is_some_and(|r| r.int("open") == 1);
    if !open {
        return Ok(Some(why!(
            "S63",
            "没有未结束的值班 {:#}。",
            "there is no open shift {}",
            e.shift
        )));
    }
    is_not(registers, at, actor, Role::Clerk, Both("结束值班", "a shift was closed"))
}

/// # Errors
/// The registers cannot be read.
pub fn wipe_ordered(
    registers: &dyn Registers,
    at: WallMs,
    actor: &ActorRecord,
    e: &WipeOrdered,
) -> PortResult<Option<Why>> {
    if let Some(why) =
        is_not(registers, at, actor, Role::Clerk, Both("下达擦除指令", "a wipe was ordered"))?
    {
        return Ok(Some(why));
    }
    let session = registry::by_seq(registers, &s::SESSION, e.session.0)?;
    let claim = session.as_ref().map(|row| row.text("recorder_claim"));
    if claim != Some(e.recorder_claim.as_str()) {
        return Ok(Some(why!(
            "S64",
            "{:#} 不是记录仪 {:#} 的采集记录。",
            "{} is no session of recorder {}",
            e.session,
            e.recorder_claim
        )));
    }
    let never = registry::policy(registers)?.wipe == WipeMode::Never;
    Ok(never.then(|| why!("S65", "现行策略规定从不擦除。", "the policy in force never wipes")))
}

/// # Errors
/// The registers cannot be read.
pub fn aside_decided(
    registers: &dyn Registers,
    at: WallMs,
    actor: &ActorRecord,
    e: &AsideDecided,
) -> PortResult<Option<Why>> {
    // The station says it, and `check` of the station asks whether it did.
    if e.decision == AsideDecision::Stored {
        return Ok(None);
    }
    let row = registry::by_seq(registers, &s::ASIDE, e.aside.0)?;
    if row.is_none_or(|row| row.text("state") != "open") {
        return Ok(Some(why!("S66", "没有搁置件 {:#}。", "nothing stands aside as {}", e.aside)));
    }
    is_not(registers, at, actor, Role::Clerk, Both("处理搁置件", "an aside was decided"))
}
