//! What happened to departments, people, duties and PINs. A published format: only ever added to.

use super::passkey::{PasskeyAdded, PasskeyCloned, PasskeyNamed, PasskeyRemoved, PasskeyUsed};
use crate::actor::Role;
use crate::id::{DepartmentId, DutyId, PersonId};
use crate::time::WallMs;
use sealdock_chain::digest::Digest;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Event {
    #[serde(rename = "department.added")]
    DepartmentAdded(DepartmentAdded),
    #[serde(rename = "department.renamed")]
    DepartmentRenamed(DepartmentRenamed),
    #[serde(rename = "person.described")]
    PersonDescribed(PersonDescribed),
    #[serde(rename = "person.retired")]
    PersonRetired(PersonRetired),
    #[serde(rename = "person.pin-set")]
    PinSet(PinSet),
    #[serde(rename = "person.locked")]
    PersonLocked(PersonLocked),
    #[serde(rename = "person.released")]
    PersonReleased(PersonReleased),
    #[serde(rename = "duty.appointed")]
    DutyAppointed(DutyAppointed),
    #[serde(rename = "duty.ended")]
    DutyEnded(DutyEnded),
    #[serde(rename = "head.proposed")]
    HeadProposed(HeadProposed),
    #[serde(rename = "head.seconded")]
    HeadSeconded(HeadSeconded),
    #[serde(rename = "passkey.added")]
    PasskeyAdded(PasskeyAdded),
    #[serde(rename = "passkey.named")]
    PasskeyNamed(PasskeyNamed),
    #[serde(rename = "passkey.removed")]
    PasskeyRemoved(PasskeyRemoved),
    #[serde(rename = "passkey.used")]
    PasskeyUsed(PasskeyUsed),
    #[serde(rename = "passkey.cloned")]
    PasskeyCloned(PasskeyCloned),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DepartmentAdded {
    pub id: DepartmentId,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DepartmentRenamed {
    pub id: DepartmentId,
    pub name: String,
    pub reason: String,
}

/// What the forms ask of a person.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonRecord {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<DepartmentId>,
    /// 执法证号
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
    /// 联系电话
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// 入职时间, a civil date
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined: Option<String>,
}

impl PersonRecord {
    /// Of somebody of whom the name alone is known.
    pub(crate) fn of(name: &str) -> PersonRecord {
        let name = name.to_owned();
        PersonRecord { name, department: None, certificate: None, phone: None, joined: None }
    }
}

/// A person's particulars from now on. What stood before stays in the chain and is named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonDescribed {
    pub person: PersonId,
    pub record: PersonRecord,
    /// The entry whose record this one replaces.
    pub corrects: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonRetired {
    pub person: PersonId,
    pub reason: String,
}

/// Another PIN. The hash itself stays beside the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinSet {
    pub person: PersonId,
    pub pin_commitment: Digest,
    /// Set when somebody else gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Five wrong PINs in fifteen minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonLocked {
    pub person: PersonId,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonReleased {
    pub person: PersonId,
    /// The entry of the lock.
    pub locked: u64,
    pub reason: String,
}

/// A duty is given; its number is this entry's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DutyAppointed {
    pub person: PersonId,
    pub role: Role,
    /// What the duty is over; absent: the whole unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department: Option<DepartmentId>,
    /// Absent: from this entry on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<WallMs>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<WallMs>,
    /// Whose deputy this is, by written delegation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acting_for: Option<PersonId>,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DutyEnded {
    pub duty: DutyId,
    pub reason: String,
}

/// Somebody is proposed as unit head, because no unit head signs any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadProposed {
    pub person: PersonId,
    pub reason: String,
    /// Up to here the station had been off, or its clock set, for so long (milliseconds): from then on the time counts in
    /// which it ran.
    pub unseen_ms: i64,
}

/// The proposed person is unit head from this entry on, whose number is that of the duty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadSeconded {
    pub proposal: u64,
    pub person: PersonId,
    pub reason: String,
}
