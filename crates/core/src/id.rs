//! Names of people and things. A name is checked once, when it enters, and is inert from then on.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Longest id, in bytes. Long enough for any fixed-asset number, short enough for a label.
pub const ID_BYTES_MAX: usize = 64;

/// Largest entry number: the chain's integers stay below 2^53.
pub const SEQ_MAX: u64 = (1 << 53) - 1;

/// The id is not one: says which rule it breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{kind} id {given:?} is not usable: {why}; use 1 to 64 letters, digits, '.', '_' or '-', beginning with a letter or digit"
)]
pub struct BadId {
    pub kind: &'static str,
    pub given: String,
    pub why: &'static str,
}

fn checked(kind: &'static str, text: &str) -> Result<String, BadId> {
    let bad = |why| Err(BadId { kind, given: text.chars().take(80).collect(), why });
    if text.is_empty() {
        return bad("it is empty");
    }
    if text.len() > ID_BYTES_MAX {
        return bad("it is too long");
    }
    if !text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')) {
        return bad("it holds a character that is not allowed");
    }
    if !text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return bad("it begins with a sign");
    }
    Ok(text.to_owned())
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                checked($kind, text).map(Self)
            }
        }
        impl TryFrom<String> for $name {
            type Error = BadId;
            fn try_from(text: String) -> Result<Self, BadId> {
                text.parse()
            }
        }
        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    /// A person of the unit (certificate or staff number).
    PersonId,
    "person"
);
id!(
    /// A recorder (执法记录仪编号), the number on its fixed-asset label.
    RecorderId,
    "recorder"
);
id!(
    /// A department (部门) of the unit.
    DepartmentId,
    "department"
);
id!(
    /// A bay: one place where a recorder can be docked.
    BayId,
    "bay"
);

macro_rules! numbered {
    ($(#[$doc:meta])* $name:ident, $letter:literal, $kind:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($letter, "{}"), self.0)
            }
        }
        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                text.strip_prefix($letter)
                    .filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))
                    .and_then(|digits| digits.parse().ok())
                    .filter(|seq| *seq <= SEQ_MAX)
                    .map(Self)
                    .ok_or(BadId {
                        kind: $kind,
                        given: text.chars().take(80).collect(),
                        why: concat!("it is ", $letter, " followed by an entry number"),
                    })
            }
        }
        impl TryFrom<String> for $name {
            type Error = BadId;
            fn try_from(text: String) -> Result<Self, BadId> {
                text.parse()
            }
        }
        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.to_string()
            }
        }
    };
}

numbered!(
    /// A dock session, named after the entry that opened it.
    SessionId,
    "S",
    "session"
);
numbered!(
    /// A stored clip, named after the entry that took custody of it.
    ClipId,
    "C",
    "clip"
);
numbered!(
    /// Something set aside, named after the entry that says so.
    AsideId,
    "A",
    "aside"
);
numbered!(
    /// A duty that a person holds, named after the entry that gave it.
    DutyId,
    "D",
    "duty"
);
numbered!(
    /// A request to view or copy footage, named after its entry.
    AccessId,
    "V",
    "request"
);
numbered!(
    /// A use of a recorder, named after the entry that asked for it (or recorded it as a breach).
    UseId,
    "U",
    "use"
);
numbered!(
    /// A clerk's shift, named after the entry that opened it.
    ShiftId,
    "H",
    "shift"
);
numbered!(
    /// A matter (事项), named after the entry that opened it.
    MatterId,
    "M",
    "matter"
);
numbered!(
    /// An enforcement step (环节) of a matter, named after the entry that declared it.
    StepId,
    "E",
    "step"
);
numbered!(
    /// An interruption (中断) of a recording, named after the entry that found it.
    InterruptionId,
    "I",
    "interruption"
);

numbered!(
    /// A hold on clips (S15), named after the entry that asked for it.
    HoldId,
    "K",
    "hold"
);
numbered!(
    /// A plan to dispose of clips, named after its entry.
    PlanId,
    "P",
    "plan"
);
numbered!(
    /// A spot check (S16), named after the entry that announced it.
    CheckId,
    "Q",
    "spot check"
);
numbered!(
    /// A disc or medium burnt for long-term keeping (S15), named after its entry.
    MediumId,
    "B",
    "medium"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_refuse_what_could_be_a_path_or_markup() {
        for bad in ["", "../x", "a b", "-x", ".x", "a/b", "张三", "<b>", &"a".repeat(65)] {
            assert!(bad.parse::<RecorderId>().is_err(), "{bad:?}");
        }
        assert_eq!("J800000".parse::<RecorderId>().unwrap().as_str(), "J800000");
    }

    #[test]
    fn numbered_ids_read_back() {
        assert_eq!("S12".parse::<SessionId>().unwrap(), SessionId(12));
        for bad in [
            "12",
            "S",
            "S-1",
            "S+1",
            "C12",
            "S1x",
            "S99999999999999999999",
            "S18446744073709551615",
        ] {
            assert!(bad.parse::<SessionId>().is_err(), "{bad:?}");
        }
    }
}
