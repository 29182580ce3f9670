//! `access`, `secrecy`, `view`, `copy`: who may see or copy what. No verb hands out footage but
//! `copy carry-out`, for an approved copy and by a clerk.

use super::args::As;
use super::args::access::{Access, Asking, Copy, Export, Secrecy, View};
use super::verbs::{absolute, by, plain, read};
use crate::exit::CliError;
use crate::request::{AccessQuery, Order, Request};
use serde_json::json;

pub fn access_order(access: Access) -> Result<Order, CliError> {
    match access {
        Access::Request(asking) => request_order(*asking),
        Access::Approve { access, clips, expires, times, reason, by: person } => {
            let clips = (!clips.is_empty()).then_some(clips);
            command(
                person,
                json!({ "act": "approve", "access": access, "clips": clips, "expires": expires,
                "times": times, "reason": reason }),
            )
        }
        Access::Refuse { access, reason, by: person } => {
            command(person, json!({ "act": "refuse", "access": access, "reason": reason }))
        }
        Access::Revoke { access, reason, by: person } => {
            command(person, json!({ "act": "revoke", "access": access, "reason": reason }))
        }
        Access::List { open } => ask(AccessQuery::List { open }),
        Access::Show { access } => ask(AccessQuery::Show { access }),
        Access::Register { from, until } => ask(AccessQuery::Form { from, until }),
    }
}

fn request_order(asking: Asking) -> Result<Order, CliError> {
    let wanted = match (asking.from, asking.until) {
        (Some(from), Some(until)) => {
            let mut query = json!({ "kind": "query", "from": from, "until": until });
            if let Some(officer) = &asking.officer {
                query["officer"] = json!(officer);
            }
            if let Some(recorder) = &asking.recorder {
                query["recorder"] = json!(recorder);
            }
            query
        }
        _ => json!({ "kind": "clips", "clips": asking.clips }),
    };
    let applicant = asking.name.map(|name| {
        json!({ "person": asking.comes, "name": name, "unit": asking.unit.unwrap_or_default(),
        "phone": asking.phone })
    });
    command(
        asking.by,
        json!({ "act": "request", "who": asking.who, "purpose": asking.purpose,
        "applicant": applicant, "wanted": wanted, "matter": asking.matter,
        "reason": asking.reason, "letter": asking.letter }),
    )
}

pub fn secrecy_order(secrecy: Secrecy) -> Result<Order, CliError> {
    match secrecy {
        Secrecy::Set { clips, level, reason, by: person } => command(
            person,
            json!({ "act": "set-secrecy", "clips": clips, "level": level, "reason": reason }),
        ),
        Secrecy::Show { clip } => ask(AccessQuery::Secrecy { clip }),
    }
}

pub fn view_order(view: View) -> Result<Order, CliError> {
    match view {
        View::Check { clip, by: person } => {
            by(person, Request::Access(AccessQuery::Check { clip }))
        }
        View::List { clip, person, without_matter } => {
            ask(AccessQuery::Viewings { clip, person, without_matter })
        }
        View::Sights { clip, before, paper: _ } => ask(AccessQuery::Sights { clip, before }),
    }
}

pub fn copy_order(copy: Copy) -> Result<Order, CliError> {
    let Copy::CarryOut { access, to, by: person } = copy;
    let to = absolute(&to)?;
    by(person, Request::Access(AccessQuery::CarryOut { access, to }))
}

pub fn export_order(export: Export) -> Result<Order, CliError> {
    let Export { access, to, receipt, excerpt: excerpts, resume, by: person } = export;
    let to = absolute(&to)?;
    let texts: Vec<String> = receipt.iter().map(|file| read(file)).collect::<Result<_, _>>()?;
    let receipts = (!texts.is_empty()).then(|| texts.join("\n"));
    by(person, Request::Access(AccessQuery::Export { access, to, receipts, excerpts, resume }))
}

fn command(person: As, mut command: serde_json::Value) -> Result<Order, CliError> {
    command["command"] = json!("access");
    by(person, Request::Apply { command })
}

fn ask(query: AccessQuery) -> Result<Order, CliError> {
    plain(Request::Access(query))
}
