//! Who decides about what somebody asks for never decides in that person's place. One answer for every room.

use super::Held;
use crate::id::PersonId;

/// Of these duties, those under which their holder may decide about what `applicant` asks for: none where they
/// are the applicant, and none in which they only stand in for the applicant (002/A6-§5, §20).
pub fn impartial<'a>(held: &'a [Held], applicant: &'a PersonId) -> impl Iterator<Item = &'a Held> {
    held.iter().filter(move |duty| {
        duty.person != *applicant && duty.acting_for.as_ref() != Some(applicant)
    })
}
