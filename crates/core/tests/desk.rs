//! Recorders and their use, on values (002/A6-§4 to §8, §16 to §19, §23).
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where it cannot go on")]

#[path = "desk/assets.rs"]
mod assets;
#[path = "desk/checks.rs"]
mod checks;
#[path = "desk/clocks.rs"]
mod clocks;
#[path = "desk/docking.rs"]
mod docking;
#[path = "desk/edges.rs"]
mod edges;
#[path = "desk/footage.rs"]
mod footage;
#[path = "desk/forms.rs"]
mod forms;
mod office;
#[path = "desk/reports.rs"]
mod reports;
#[path = "desk/rights.rs"]
mod rights;
#[path = "desk/uses.rs"]
mod uses;

use office::{Office, id, recorder};
use sealdock_core::actor::Role;
use sealdock_core::command::Command;
use sealdock_core::desk::{self, ClockSeen, Command as Act, Place, Sheet};
use sealdock_core::duty::{self, PersonRecord};
use sealdock_core::id::UseId;
use sealdock_core::time::WallMs;

fn act(command: Act) -> Command {
    Command::Desk(command)
}

/// Recorders R1 and R2; officers o1 and o2 of department d1 with its head k1, officer o3 of d2; a clerk c1
/// and the unit head h1. R1 is designated to o1 and o2.
fn unit() -> Office {
    furnished(Office::empty())
}

fn furnished(mut office: Office) -> Office {
    for number in ["R1", "R2"] {
        office.operator(recorder(number)).unwrap();
    }
    for name in ["d1", "d2"] {
        let add = duty::Command::AddDepartment { id: id(name), name: format!("Department {name}") };
        office.operator(Command::Duty(add)).unwrap();
    }
    for (who, department) in [("o1", "d1"), ("o2", "d1"), ("o3", "d2"), ("k1", "d1"), ("c1", "d1")]
    {
        let role = if who == "c1" { Role::Clerk } else { Role::Officer };
        office.enrol(who, role);
        belongs(&mut office, who, department);
    }
    office.enrol("h1", Role::UnitHead);
    heads(&mut office, "h1", "k1", (Some("d1"), None));
    for officer in ["o1", "o2"] {
        office.person("c1", designate("R1", officer)).unwrap();
    }
    office
}

fn belongs(office: &mut Office, who: &str, department: &str) {
    let record = PersonRecord {
        name: format!("Name of {who}"),
        department: Some(id(department)),
        phone: Some(format!("138{who}")),
        joined: Some("2019-07-01".to_owned()),
        ..PersonRecord::default()
    };
    let describe = duty::Command::DescribePerson { person: id(who), record, reason: None };
    office.operator(Command::Duty(describe)).unwrap();
}

/// Head of a department, or of all; as somebody's deputy until tomorrow.
fn heads(
    office: &mut Office,
    by: &str,
    who: &str,
    (over, deputy_of): (Option<&str>, Option<&str>),
) {
    let until = deputy_of.map(|_| office.now.plus_ms(24 * office::HOUR));
    let appoint = duty::Command::Appoint {
        person: id(who),
        role: Role::DepartmentHead,
        department: over.map(id),
        since: None,
        until,
        acting_for: deputy_of.map(id),
        reason: "by order".to_owned(),
    };
    office.person(by, Command::Duty(appoint)).unwrap();
}

fn designate(number: &str, officer: &str) -> Command {
    act(Act::Designate { recorder: id(number), officer: id(officer), reason: "by plan".into() })
}

fn request(number: &str) -> Command {
    act(Act::Request { recorder: id(number), purpose: "inspection".into(), until: None })
}

fn request_until(number: &str, until: WallMs) -> Command {
    act(Act::Request { recorder: id(number), purpose: "inspection".into(), until: Some(until) })
}

fn approve(of: u64) -> Command {
    act(Act::Approve { of: UseId(of), note: None })
}

fn refuse(of: u64) -> Command {
    act(Act::Refuse { of: UseId(of), reason: "not today".into() })
}

fn withdraw(of: u64) -> Command {
    act(Act::Withdraw { of: UseId(of), reason: None })
}

fn issue(of: u64) -> Command {
    act(Act::Issue { of: UseId(of) })
}

fn by_hand(of: u64) -> Command {
    act(Act::Return { of: UseId(of), reason: "bay was taken".into() })
}

fn breach(number: &str, officer: &str) -> Command {
    act(Act::Breach { recorder: id(number), officer: id(officer), reason: "called out".into() })
}

fn fault(number: &str) -> Command {
    act(Act::ReportFault { recorder: id(number), text: "no picture".into() })
}

fn put(number: &str, place: Place) -> Command {
    act(Act::Move {
        recorder: id(number),
        place,
        reason: "as told".into(),
        footage_aboard: false,
        in_order: false,
    })
}

fn good() -> Sheet {
    Sheet {
        works: true,
        battery_percent: 90,
        free_mib: 30_000,
        clock: ClockSeen::Right,
        looks_empty: true,
        remark: None,
    }
}

fn check(number: &str, of: Option<u64>, sheet: Sheet) -> Command {
    act(Act::Check { recorder: id(number), of: of.map(UseId), sheet })
}

/// Asked for, approved and checked; ready to be handed out.
fn ready(office: &mut Office, number: &str, officer: &str) -> u64 {
    let of = office.person(officer, request(number)).unwrap();
    office.person("k1", approve(of)).unwrap();
    office.person(officer, check(number, Some(of), good())).unwrap();
    of
}

fn issued(office: &mut Office, number: &str, officer: &str) -> u64 {
    let of = ready(office, number, officer);
    office.person("c1", issue(of)).unwrap();
    of
}

fn usage(office: &Office, of: u64) -> desk::Usage {
    desk::usage(&office.tables, UseId(of)).unwrap().unwrap()
}

fn asset(office: &Office, number: &str) -> desk::Asset {
    desk::asset(&office.tables, &id(number)).unwrap().unwrap()
}
