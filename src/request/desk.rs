//! What is asked of the desk and of the people, where more is needed than a command of the core: what
//! stands in a register stays, civil times are the unit's.

use sealdock_core::actor::Role;
use sealdock_core::id::{DepartmentId, PersonId, RecorderId};
use sealdock_core::import::{Subject, Table};
use serde::{Deserialize, Serialize};

/// Reads only.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeskAsk {
    Departments,
    Passkeys { person: PersonId },
    Duties { all: bool },
    Roster,
    Recorder { recorder: RecorderId },
    Uses { all: bool },
    Archive { from: Option<String>, to: Option<String> },
    Figures { from: Option<String>, to: Option<String> },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeskChange {
    DescribePerson {
        person: PersonId,
        fields: Particulars,
        reason: Option<String>,
    },
    DescribeRecorder {
        recorder: RecorderId,
        fields: AssetFields,
        reason: Option<String>,
    },
    CorrectRecorder {
        recorder: RecorderId,
        device_id: Option<String>,
        model: Option<String>,
        fields: AssetFields,
        reason: String,
    },
    Appoint(NewDuty),
    Request {
        recorder: RecorderId,
        purpose: String,
        until: Option<String>,
    },
    /// Whatever use it is out under.
    Return {
        recorder: RecorderId,
        reason: String,
    },
}

/// A sheet as the client read it.
#[derive(Debug, Serialize, Deserialize)]
pub struct ImportAsk {
    pub subject: Subject,
    pub dry_run: bool,
    /// How the file was read, in words.
    pub form: String,
    pub table: Table,
}

/// Absent: it stays; empty: it goes.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Particulars {
    pub name: Option<String>,
    pub department: Option<String>,
    pub certificate: Option<String>,
    pub phone: Option<String>,
    pub joined: Option<String>,
}

/// Absent: it stays; empty: it goes.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetFields {
    pub asset_number: Option<String>,
    pub acquired: Option<String>,
    pub department: Option<String>,
    pub clerk: Option<String>,
    pub cabinet: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct NewDuty {
    pub person: PersonId,
    pub role: Role,
    pub department: Option<DepartmentId>,
    pub since: Option<String>,
    pub until: Option<String>,
    pub acting_for: Option<PersonId>,
    pub reason: String,
}
