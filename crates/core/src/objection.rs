//! Had whoever signed the right to, as of the entry? Each room answers for its own events. A decision asks
//! before anything is written; `check` asks again, over registers rebuilt from the chain up to that entry.

use crate::actor::ActorRecord;
use crate::event::Event;
use crate::ports::{PortResult, Registers};
use crate::time::Stamp;

/// Is there a rule about who may write this?
pub fn concerns(event: &Event) -> bool {
    matches!(
        event,
        Event::PersonEnrolled(_)
            | Event::PolicyAdopted(_)
            | Event::Duty(_)
            | Event::Access(_)
            | Event::Keep(_)
            | Event::Matter(_)
            | Event::Desk(_)
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
) -> PortResult<Option<String>> {
    match event {
        Event::PersonEnrolled(_) | Event::PolicyAdopted(_) | Event::Duty(_) => {
            crate::duty::objection(registers, at.wall, actor, event)
        }
        Event::Access(event) => crate::access::objection(registers, at, actor, event),
        Event::Keep(event) => crate::keep::objection(registers, at, actor, event),
        Event::Matter(event) => crate::matter::objection(registers, at.wall, actor, event),
        Event::Desk(event) => crate::desk::objection(registers, at.wall, actor, event),
        _ => Ok(None),
    }
}
