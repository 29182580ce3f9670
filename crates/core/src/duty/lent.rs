//! Who gives a PIN can act as that person. So a PIN that another person gave serves to bring footage in and to
//! choose one's own, and for nothing else: else one person could apply as themself and approve as another.

use super::Event;
use crate::actor::{Actor, ActorRecord};
use crate::desk;
use crate::event::Event as Any;
use crate::id::PersonId;
use crate::ports::{PortResult, Refusal, Registers};
use crate::registry::{self, damaged};
use crate::report::ACT;
use crate::why;
use crate::why::Why;

/// Who chose the PIN that a person has now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PinGiver {
    /// Whoever shows it.
    Themself,
    /// The operator of the machine, while the unit was being set up and had no head.
    SetUp,
    /// Another person, who knows it.
    Other(PersonId),
}

/// Who gave a person their PIN; `None` if they have none.
///
/// # Errors
/// The registers cannot be read.
pub fn pin_giver(registers: &dyn Registers, id: &PersonId) -> PortResult<Option<PinGiver>> {
    let person = registry::person(registers, id)?;
    let Some(entry) = person.and_then(|p| p.pin_commitment.and(p.pin_seq)) else {
        return Ok(None);
    };
    let Some(act) = registry::by_seq(registers, &ACT, entry)? else {
        return Ok(Some(PinGiver::SetUp));
    };
    let giver: PersonId =
        act.text("person").parse().map_err(|e| damaged(&format!("act row: {e}")))?;
    Ok(Some(match giver == *id {
        true => PinGiver::Themself,
        false => PinGiver::Other(giver),
    }))
}

/// Why a person may not write this with a PIN that another gave them; `None` if they may. The same answer
/// serves the decision and `check`.
///
/// # Errors
/// The registers cannot be read.
pub fn lent_pin(
    registers: &dyn Registers,
    actor: &ActorRecord,
    event: &Any,
) -> PortResult<Option<Why>> {
    let ActorRecord::Person { id } = actor else { return Ok(None) };
    if needs_no_own_pin(id, event) {
        return Ok(None);
    }
    let Some(PinGiver::Other(giver)) = pin_giver(registers, id)? else {
        return Ok(None);
    };
    Ok(Some(why!(
        "D15",
        "口令由他人设定：{id:#} 的口令是 {giver:#} 给的，{giver:#} 知道它；在 {id:#} 本人另设口令之前，只能用来交还、采集记录仪。请先在工作台点自己的姓名更换。",
        "口令由他人设定 the PIN of {id} was given by {giver}, who knows it; it docks a recorder and nothing else until {id} has chosen another: `sealdock person pin {id} --as {id}`"
    )))
}

/// One's own choice; and what comes with a docking, because nothing keeps footage from being saved.
fn needs_no_own_pin(id: &PersonId, event: &Any) -> bool {
    match event {
        Any::Duty(Event::PinSet(e)) => e.person == *id,
        Any::SessionOpened(_) => true,
        Any::Desk(desk::Event::Returned(e)) => e.session.is_some(),
        Any::Desk(desk::Event::Docked(_) | desk::Event::DockedByAnother(_)) => true,
        _ => false,
    }
}

/// The same, of all that was decided.
pub(crate) fn refused_as_lent(
    registers: &dyn Registers,
    actor: &Actor,
    events: &[Any],
) -> PortResult<Option<Refusal>> {
    for event in events {
        if let Some(why) = lent_pin(registers, &actor.record(), event)? {
            return Ok(Some(Refusal(why)));
        }
    }
    Ok(None)
}
