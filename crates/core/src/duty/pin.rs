//! Wrong PINs: five in fifteen minutes lock a person until an administrator releases them.

use super::{Event, PERSON_LOCK, PIN_REFUSAL, PersonLocked};
use crate::decide::{Decided, Scene, ok, yes};
use crate::event::PinRefused;
use crate::id::PersonId;
use crate::ports::{PortResult, Registers};
use crate::registry;
use crate::table::Query;
use crate::time::WallMs;

/// Wrong PINs that lock.
pub(crate) const FAILURES_MAX: usize = 5;
/// How long a wrong PIN counts.
pub(crate) const WINDOW_MS: i64 = 15 * 60 * 1000;

/// The entry of the lock that is on a person, if one is.
pub fn locked(registers: &dyn Registers, person: &PersonId) -> PortResult<Option<u64>> {
    let query = Query::all(&PERSON_LOCK).with("person", person.as_str()).newest_first().limit(1);
    let rows = registers.select(&query)?;
    let row = rows.first().filter(|row| row.int_opt("released_seq").is_none());
    Ok(row.map(registry::seq))
}

/// Before each further try at a screen, by the number of wrong PINs that still count, in seconds. The lock comes as it
/// does elsewhere; whoever types for another only takes longer to bring it about.
const PAUSES_S: [i64; FAILURES_MAX] = [0, 0, 30, 60, 120];

/// How close a person is to a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrongPins {
    /// Wrong PINs that still count.
    pub count: usize,
    /// So many more lock.
    pub left: usize,
    /// Until the next try at a screen, milliseconds.
    pub wait_ms: i64,
}

/// How close `person` is to a lock at `now`.
///
/// # Errors
/// The registers cannot be read.
pub fn wrong_pins(
    registers: &dyn Registers,
    person: &PersonId,
    now: WallMs,
) -> PortResult<WrongPins> {
    let count = recent(registers, person, now)?.min(FAILURES_MAX);
    let query = Query::all(&PIN_REFUSAL).with("person", person.as_str()).newest_first().limit(1);
    let newest = registers.select(&query)?.first().and_then(|row| WallMs::parse(row.text("at")));
    let pause = PAUSES_S[count.min(FAILURES_MAX - 1)] * 1000;
    // A clock that was set back makes nobody wait longer than the pause.
    let wait_ms = newest.map_or(0, |at| (at.0 + pause - now.0).clamp(0, pause));
    Ok(WrongPins { count, left: FAILURES_MAX - count, wait_ms })
}

/// A wrong PIN was shown: an entry, and a lock if it is one too many.
pub(crate) fn note_refused(scene: &Scene, person: PersonId) -> Decided {
    ok!(scene.system_only());
    let mut events = vec![crate::event::Event::PinRefused(PinRefused { person: person.clone() })];
    let before = recent(scene.registers, &person, scene.context.at.wall)?;
    if before + 1 >= FAILURES_MAX && locked(scene.registers, &person)?.is_none() {
        events.push(Event::PersonLocked(PersonLocked { person }).into());
    }
    yes(events)
}

/// Wrong PINs since the last release that still count. A clock that was set back forgives nothing:
/// what lies in the future counts too.
fn recent(registers: &dyn Registers, person: &PersonId, now: WallMs) -> PortResult<usize> {
    let lock = Query::all(&PERSON_LOCK).with("person", person.as_str()).newest_first().limit(1);
    let released = registers.select(&lock)?.first().and_then(|row| row.int_opt("released_seq"));
    let query = Query::all(&PIN_REFUSAL).with("person", person.as_str()).newest_first();
    let rows = registers.select(&query.limit(FAILURES_MAX as u32))?;
    let counts = rows.iter().filter(|row| {
        let young = WallMs::parse(row.text("at")).is_none_or(|at| at.plus_ms(WINDOW_MS) > now);
        young && released.is_none_or(|seq| row.int("seq") > seq)
    });
    Ok(counts.count())
}
