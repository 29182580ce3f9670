//! Commands about departments, people, duties and PINs.

use super::{PasskeyAdded, PasskeyUsed, PersonRecord};
use crate::actor::Role;
use crate::command::Secret;
use crate::id::{DepartmentId, DutyId, PersonId};
use crate::time::WallMs;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case")]
pub enum Command {
    AddDepartment {
        id: DepartmentId,
        name: String,
    },
    RenameDepartment {
        id: DepartmentId,
        name: String,
        reason: String,
    },
    /// The person's particulars as they are from now on. A correction names its reason.
    DescribePerson {
        person: PersonId,
        record: PersonRecord,
        reason: Option<String>,
    },
    /// Gives a duty. `acting_for`: a deputy of that person, who must hold the duty; needs an end.
    Appoint {
        person: PersonId,
        role: Role,
        department: Option<DepartmentId>,
        since: Option<WallMs>,
        until: Option<WallMs>,
        acting_for: Option<PersonId>,
        reason: String,
    },
    EndDuty {
        duty: DutyId,
        reason: String,
    },
    /// Where no unit head signs any more: proposes this person as the next.
    ProposeHead {
        person: PersonId,
        reason: String,
    },
    /// Makes the proposed person unit head; `proposal` is the entry.
    SecondHead {
        proposal: u64,
        reason: String,
    },
    RetirePerson {
        person: PersonId,
        reason: String,
    },
    /// A person changes their own PIN, or an administrator gives a new one to somebody else.
    SetPin {
        person: PersonId,
        pin: Secret,
        reason: Option<String>,
    },
    /// Ends the lock after five wrong PINs.
    ReleasePerson {
        person: PersonId,
        reason: String,
    },
    /// Whoever verified the new key says so.
    #[serde(skip)]
    AddPasskey(Box<PasskeyAdded>),
    /// Another label; `passkey` is the entry that added it.
    NamePasskey {
        passkey: u64,
        label: String,
    },
    /// Somebody else's needs its reason.
    RemovePasskey {
        passkey: u64,
        reason: Option<String>,
    },
    /// Whoever verified a signature says so.
    #[serde(skip)]
    NotePasskey(Box<PasskeyUsed>),
}
