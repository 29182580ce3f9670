//! Who acts. Four kinds that are never confused: a person, a clerk's shift, the operator, the system.

use crate::id::{PersonId, ShiftId};
use serde::{Deserialize, Serialize};

/// The duty a person holds. One English word per statutory term; see `docs/glossary.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// 执法人员
    Officer,
    /// 管理员, the equipment administrator (002/A6-§6)
    Clerk,
    /// 部门负责人
    DepartmentHead,
    /// 法制部门负责人
    LegalHead,
    /// 处罚部门负责人
    PenaltyHead,
    /// 处罚部门分管领导
    PenaltyLeader,
    /// 单位负责人
    UnitHead,
    /// 授权查阅人员
    Viewer,
    /// 政策法规审计人员
    Auditor,
    /// 系统操作员; keeps the machine, has no right to footage
    Operator,
}

impl Role {
    pub const ALL: [Role; 10] = [
        Role::Officer,
        Role::Clerk,
        Role::DepartmentHead,
        Role::LegalHead,
        Role::PenaltyHead,
        Role::PenaltyLeader,
        Role::UnitHead,
        Role::Viewer,
        Role::Auditor,
        Role::Operator,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Role::Officer => "officer",
            Role::Clerk => "clerk",
            Role::DepartmentHead => "department-head",
            Role::LegalHead => "legal-head",
            Role::PenaltyHead => "penalty-head",
            Role::PenaltyLeader => "penalty-leader",
            Role::UnitHead => "unit-head",
            Role::Viewer => "viewer",
            Role::Auditor => "auditor",
            Role::Operator => "operator",
        }
    }

    /// The words of the rules for it, first the one that sheets are written with.
    pub fn chinese(self) -> &'static [&'static str] {
        match self {
            Role::Officer => &["执法人员"],
            Role::Clerk => &["管理员"],
            Role::DepartmentHead => &["部门负责人"],
            Role::LegalHead => &["法制部门负责人"],
            Role::PenaltyHead => &["处罚部门负责人"],
            Role::PenaltyLeader => &["处罚部门分管领导", "处罚部门主管领导", "分管领导"],
            Role::UnitHead => &["单位负责人"],
            Role::Viewer => &["授权查阅人员", "单位授权人员"],
            Role::Auditor => &["审计人员", "政策法规审计人员"],
            Role::Operator => &["系统操作员"],
        }
    }

    pub fn parse(text: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

/// A person has just shown their own secret. Made only where it was compared.
#[derive(Debug)]
pub struct PersonProof {
    person: PersonId,
    /// The entry of the passkey that was shown; none: the PIN was.
    passkey: Option<u64>,
}

impl PersonProof {
    /// A bare claim by the edge that compared the PIN with its stored Argon2id hash; the one
    /// caller is `Station::authenticate`.
    pub fn assertion(person: PersonId) -> PersonProof {
        PersonProof { person, passkey: None }
    }

    /// The same of a passkey, by the entry that added it: its signature was verified for this deed.
    pub fn by_passkey(person: PersonId, passkey: u64) -> PersonProof {
        PersonProof { person, passkey: Some(passkey) }
    }
}

/// Who acts, now. Not readable from a message: a remote side can never name itself a person.
#[derive(Debug)]
pub enum Actor {
    Person(PersonProof),
    Shift {
        shift: ShiftId,
        clerk: PersonId,
    },
    /// Whoever is logged in on the machine; proves nothing about a person.
    Operator {
        uid: u32,
    },
    System,
}

impl Actor {
    pub fn record(&self) -> ActorRecord {
        match self {
            Actor::Person(proof) => ActorRecord::Person { id: proof.person.clone() },
            Actor::Shift { shift, clerk } => {
                ActorRecord::Shift { shift: *shift, clerk: clerk.clone() }
            }
            Actor::Operator { uid } => ActorRecord::Operator { uid: *uid },
            Actor::System => ActorRecord::System,
        }
    }

    /// The person who acts with their own secret, if it is one.
    pub fn person(&self) -> Option<&PersonId> {
        match self {
            Actor::Person(proof) => Some(&proof.person),
            _ => None,
        }
    }

    /// The entry of the passkey that they showed, where it was no PIN.
    pub fn passkey(&self) -> Option<u64> {
        match self {
            Actor::Person(proof) => proof.passkey,
            _ => None,
        }
    }
}

/// Who acted, as the chain keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ActorRecord {
    Person { id: PersonId },
    Shift { shift: ShiftId, clerk: PersonId },
    Operator { uid: u32 },
    System,
}

impl std::fmt::Display for ActorRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ActorRecord::Person { id } => write!(f, "person {id}"),
            ActorRecord::Shift { shift, clerk } => write!(f, "shift {shift} of {clerk}"),
            ActorRecord::Operator { uid } => write!(f, "operator uid {uid}"),
            ActorRecord::System => f.write_str("system"),
        }
    }
}
