//! `department`, `person`, `duty`: who belongs to the unit and who may do what.

use super::args::As;
use super::import::Import;
use super::pin;
use super::verbs::{by, maybe_by, plain};
use crate::exit::{CliError, Exit};
use crate::request::{DeskAsk, DeskChange, NewDuty, Order, Particulars, Request};
use clap::{Args, Subcommand};
use sealdock_core::actor::Role;
use sealdock_core::id::{DepartmentId, DutyId, PersonId};
use sealdock_core::import::Subject;
use serde_json::json;
use std::path::PathBuf;

/// The person who acts, where the operator may do it while the unit is being set up.
#[derive(Debug, Args)]
pub struct MaybeAs {
    /// The person who does this; without it the operator, while the unit has no head with a PIN
    #[arg(long = "as", value_name = "ID")]
    pub person: Option<PersonId>,
    /// File whose first line is their PIN; without it the terminal asks
    #[arg(long, value_name = "F", requires = "person")]
    pub pin_file: Option<PathBuf>,
}

/// The same where `--pin-file` is somebody else's new PIN.
#[derive(Debug, Args)]
pub struct GivenBy {
    /// The person who does this; without it the operator, while the unit has no head with a PIN
    #[arg(long = "as", value_name = "ID")]
    pub person: Option<PersonId>,
    /// File whose first line is the PIN of the person who does this
    #[arg(long, value_name = "F", requires = "person")]
    pub as_pin_file: Option<PathBuf>,
}

impl From<GivenBy> for MaybeAs {
    fn from(by: GivenBy) -> MaybeAs {
        MaybeAs { person: by.person, pin_file: by.as_pin_file }
    }
}

#[derive(Debug, Subcommand)]
pub enum Department {
    Add {
        id: DepartmentId,
        #[arg(long, value_name = "NAME")]
        name: String,
        #[command(flatten)]
        by: MaybeAs,
    },
    Rename {
        id: DepartmentId,
        #[arg(long, value_name = "NAME")]
        name: String,
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        by: MaybeAs,
    },
    List,
}

#[derive(Debug, Subcommand)]
pub enum Passkey {
    /// Those of a person that count
    List { id: PersonId },
    /// One's own, or with a reason somebody else's
    Remove {
        /// The entry that added it
        entry: u64,
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        #[command(flatten)]
        by: MaybeAs,
    },
}

#[derive(Debug, Subcommand)]
pub enum Person {
    /// Enrol a person
    #[command(
        after_help = "Roles: officer, clerk, department-head, legal-head, penalty-head, penalty-leader, unit-head, viewer, auditor, operator."
    )]
    Add {
        id: PersonId,
        #[arg(long, value_name = "NAME")]
        name: String,
        #[arg(long, value_name = "ROLE")]
        role: String,
        #[arg(long, value_name = "ID")]
        department: Option<DepartmentId>,
        /// File whose first line is the new person's PIN; without it the terminal asks twice
        #[arg(long, value_name = "F")]
        pin_file: Option<PathBuf>,
        #[command(flatten)]
        by: GivenBy,
    },
    List,
    /// Enrols the people of a sheet, all or none, without PINs
    Import(Import),
    /// A sheet to fill in, as CSV
    Template,
    /// What the forms ask of a person; what is not named stays, '' takes it away
    Describe {
        id: PersonId,
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        #[arg(long, value_name = "ID")]
        department: Option<String>,
        /// 执法证号
        #[arg(long, value_name = "NUMBER")]
        certificate: Option<String>,
        #[arg(long, value_name = "NUMBER")]
        phone: Option<String>,
        /// 入职时间, like 2019-07-01
        #[arg(long, value_name = "DAY")]
        joined: Option<String>,
        /// Needed for a correction
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        #[command(flatten)]
        by: MaybeAs,
    },
    /// The person leaves the unit; all their duties end
    Retire {
        id: PersonId,
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        by: MaybeAs,
    },
    /// Another PIN: one's own, or with a reason somebody else's
    Pin {
        id: PersonId,
        /// File whose first line is the new PIN; without it the terminal asks twice
        #[arg(long, value_name = "F")]
        pin_file: Option<PathBuf>,
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        #[command(flatten)]
        by: GivenBy,
    },
    /// Passkeys, which are added in the console
    #[command(subcommand)]
    Passkey(Passkey),
    /// Ends the lock after five wrong PINs
    Release {
        id: PersonId,
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        by: MaybeAs,
    },
}

#[derive(Debug, Subcommand)]
pub enum Duty {
    /// Gives a duty, over a department or the whole unit
    Appoint {
        #[arg(value_name = "PERSON")]
        whom: PersonId,
        #[arg(long, value_name = "ROLE")]
        role: String,
        #[arg(long, value_name = "ID")]
        department: Option<DepartmentId>,
        /// Like 2026-12-01 (its beginning) or '2026-12-01 08:00'
        #[arg(long, value_name = "TIME")]
        since: Option<String>,
        /// Like 2026-12-01 (its end) or '2026-12-01 18:00'
        #[arg(long, value_name = "TIME")]
        until: Option<String>,
        /// As deputy of this person, who holds the duty; needs --until
        #[arg(long, value_name = "ID")]
        acting_for: Option<PersonId>,
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        by: MaybeAs,
    },
    End {
        duty: DutyId,
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        by: MaybeAs,
    },
    /// Where no unit head signs any more: proposes the next, who cannot be whoever asks
    ProposeHead {
        #[arg(value_name = "PERSON")]
        whom: PersonId,
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        by: As,
    },
    /// Makes the proposed person unit head, after a week in which the station ran and no unit head signed anything
    SecondHead {
        /// The number of the entry that proposes
        #[arg(value_name = "ENTRY")]
        proposal: u64,
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        by: As,
    },
    /// Duties in force; with --all also those that ended
    List {
        #[arg(long)]
        all: bool,
    },
    /// Form 1, 执法记录仪管理员名册
    Roster,
}

pub fn department_order(verb: Department) -> Result<Order, CliError> {
    match verb {
        Department::Add { id, name, by } => {
            maybe_by(by, duty(json!({ "act": "add-department", "id": id, "name": name })))
        }
        Department::Rename { id, name, reason, by } => maybe_by(
            by,
            duty(json!({ "act": "rename-department", "id": id, "name": name, "reason": reason })),
        ),
        Department::List => plain(Request::Desk(DeskAsk::Departments)),
    }
}

pub fn person_order(verb: Person) -> Result<Order, CliError> {
    match verb {
        // `template` needs no station and was answered before; the list is what is left.
        Person::List | Person::Template => plain(Request::PersonList),
        Person::Import(wanted) => super::import::order(Subject::People, wanted),
        Person::Add { id, name, role, department, pin_file, by } => {
            let role = role_of(&role)?;
            let pin = new_pin(&id, pin_file)?;
            if pin.is_none() {
                tracing::warn!("{id} has no PIN and can confirm nothing; `sealdock person pin`");
            }
            let command = json!({
                "command": "enrol-person", "id": id, "name": name, "role": role, "pin": pin,
                "department": department,
            });
            maybe_by(by.into(), Request::Apply { command })
        }
        Person::Describe { id, name, department, certificate, phone, joined, reason, by } => {
            let fields = Particulars { name, department, certificate, phone, joined };
            let change = DeskChange::DescribePerson { person: id, fields, reason };
            maybe_by(by, Request::DeskChange(change))
        }
        Person::Retire { id, reason, by } => {
            maybe_by(by, duty(json!({ "act": "retire-person", "person": id, "reason": reason })))
        }
        Person::Release { id, reason, by } => {
            maybe_by(by, duty(json!({ "act": "release-person", "person": id, "reason": reason })))
        }
        Person::Passkey(Passkey::List { id }) => {
            plain(Request::Desk(DeskAsk::Passkeys { person: id }))
        }
        Person::Passkey(Passkey::Remove { entry, reason, by }) => maybe_by(
            by,
            duty(json!({ "act": "remove-passkey", "passkey": entry, "reason": reason })),
        ),
        Person::Pin { id, pin_file, reason, by } => {
            let pin = new_pin(&id, pin_file)?.ok_or_else(|| {
                CliError::new(
                    Exit::Usage,
                    "which PIN? give --pin-file F, or run this on a terminal",
                )
            })?;
            let command = json!({ "act": "set-pin", "person": id, "pin": pin, "reason": reason });
            maybe_by(by.into(), duty(command))
        }
    }
}

fn new_pin(
    id: &PersonId,
    file: Option<PathBuf>,
) -> Result<Option<sealdock_core::command::Secret>, CliError> {
    match file {
        Some(file) => Ok(Some(pin::from_file(&file)?)),
        None if pin::terminal() => pin::chosen(id.as_str()),
        None => Ok(None),
    }
}

pub fn duty_order(verb: Duty) -> Result<Order, CliError> {
    match verb {
        Duty::Appoint { whom, role, department, since, until, acting_for, reason, by } => {
            let role = role_of(&role)?;
            let given =
                NewDuty { person: whom, role, department, since, until, acting_for, reason };
            maybe_by(by, Request::DeskChange(DeskChange::Appoint(given)))
        }
        Duty::End { duty: number, reason, by } => {
            maybe_by(by, duty(json!({ "act": "end-duty", "duty": number, "reason": reason })))
        }
        Duty::ProposeHead { whom, reason, by: who } => {
            by(who, duty(json!({ "act": "propose-head", "person": whom, "reason": reason })))
        }
        Duty::SecondHead { proposal, reason, by: who } => {
            by(who, duty(json!({ "act": "second-head", "proposal": proposal, "reason": reason })))
        }
        Duty::List { all } => plain(Request::Desk(DeskAsk::Duties { all })),
        Duty::Roster => plain(Request::Desk(DeskAsk::Roster)),
    }
}

fn role_of(text: &str) -> Result<Role, CliError> {
    Role::parse(text).ok_or_else(|| {
        let all: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
        let text = format!("there is no role {text:?}; roles are {}", all.join(", "));
        CliError::new(Exit::Usage, text)
    })
}

fn duty(mut command: serde_json::Value) -> Request {
    command["command"] = json!("duty");
    Request::Apply { command }
}
