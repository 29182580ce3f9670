//! Which entries a person wrote: with their own PIN, or as a clerk under whose shift it was done.

use crate::actor::ActorRecord;
use crate::cells;
use crate::id::PersonId;
use crate::ports::{PortResult, Registers};
use crate::project::insert;
use crate::registry;
use crate::schema::{int, table, text};
use crate::table::{Query, RowChange, Table};

table!(
    /// Entries by the person who answers for them; `how` is `person` or `shift`.
    pub ACT = "act" ["seq"] { int("seq"), text("person"), text("how") } lookup [["person"]]
);

pub static TABLES: &[&Table] = &[&ACT];

/// The row of an entry that a person answers for.
pub fn acted(seq: u64, actor: &ActorRecord) -> Vec<RowChange> {
    let (person, how) = match actor {
        ActorRecord::Person { id } => (id, "person"),
        ActorRecord::Shift { clerk, .. } => (clerk, "shift"),
        ActorRecord::Operator { .. } | ActorRecord::System => return Vec::new(),
    };
    insert(&ACT, cells! { seq: seq, person: person.as_str(), how: how })
}

/// The entries that a person answers for, in order: entry number and how.
///
/// # Errors
/// The registers cannot be read.
pub fn acts_of(registers: &dyn Registers, person: &PersonId) -> PortResult<Vec<(u64, String)>> {
    let rows = registers.select(&Query::all(&ACT).with("person", person.as_str()))?;
    Ok(rows.iter().map(|row| (registry::seq(row), row.text("how").to_owned())).collect())
}
