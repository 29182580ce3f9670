//! Had whoever signed the right to, as of the entry? Each room answers for its own events. A decision asks
//! before anything is written; `check` asks again, over registers rebuilt from the chain up to that entry.

use crate::actor::ActorRecord;
use crate::decide::signed;
use crate::event::Event;
use crate::ports::{PortResult, Registers};
use crate::time::Stamp;
use crate::why::Why;

/// Is there a rule about who may write this?
pub fn concerns(event: &Event) -> bool {
    set_up(event)
        || matches!(
            event,
            Event::ShiftOpened(_)
                | Event::ShiftClosed(_)
                | Event::ClipAssigned(_)
                | Event::ClipReassigned(_)
                | Event::AsideDecided(_)
                | Event::ReasonGiven(_)
                | Event::WipeOrdered(_)
                | Event::Duty(_)
                | Event::Access(_)
                | Event::Keep(_)
                | Event::Matter(_)
                | Event::Desk(_)
        )
}

/// What the operator of the machine does until the unit has a head.
fn set_up(event: &Event) -> bool {
    matches!(
        event,
        Event::PersonEnrolled(_)
            | Event::RecorderEnrolled(_)
            | Event::BayAdded(_)
            | Event::PolicyAdopted(_)
            | Event::CopiesNamed(_)
            | Event::KeyRotated(_)
            | Event::KeyReplaced(_)
            | Event::StationRestored(_)
    )
}

/// Why `actor` may not write this event at `at`; `None` if they may.
///
/// # Errors
/// The registers cannot be read.
pub fn objection(
    registers: &dyn Registers,
    at: &Stamp,
    actor: &ActorRecord,
    event: &Event,
) -> PortResult<Option<Why>> {
    if let Some(why) = crate::duty::lent_pin(registers, actor, event)? {
        return Ok(Some(why));
    }
    match event {
        event if set_up(event) || matches!(event, Event::Duty(_)) => {
            crate::duty::objection(registers, at, actor, event)
        }
        Event::ShiftOpened(event) => signed::shift_opened(registers, at.wall, actor, event),
        Event::ShiftClosed(event) => signed::shift_closed(registers, at.wall, actor, event),
        Event::WipeOrdered(event) => signed::wipe_ordered(registers, at.wall, actor, event),
        Event::AsideDecided(event) => signed::aside_decided(registers, at.wall, actor, event),
        Event::ClipAssigned(event) => {
            crate::decide::assign_objection(registers, at.wall, actor, event)
        }
        Event::ClipReassigned(event) => {
            crate::decide::reassign_objection(registers, at.wall, actor, event)
        }
        Event::ReasonGiven(event) => crate::put_right::objection(registers, at.wall, actor, event),
        Event::Access(event) => crate::access::objection(registers, at, actor, event),
        Event::Keep(event) => crate::keep::objection(registers, at, actor, event),
        Event::Matter(event) => crate::matter::objection(registers, at.wall, actor, event),
        Event::Desk(event) => crate::desk::objection(registers, at, actor, event),
        _ => Ok(None),
    }
}
