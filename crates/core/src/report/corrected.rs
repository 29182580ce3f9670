//! Entries that put another right. The other stays and is shown with it.

use crate::event::Event;

/// The entry that this one puts right, if it does. Entries that replace a whole record (a recorder's, a
/// person's) are in the life of that record anyway.
pub fn puts_right(event: &Event) -> Option<u64> {
    let correction = match event {
        Event::ReasonGiven(e) => e.correction.as_ref(),
        Event::Desk(crate::desk::Event::LateExplained(e)) => e.correction.as_ref(),
        _ => None,
    };
    correction.map(|put| put.corrects)
}
