//! Requests that wait, and the decision, which is signed with the approver's own PIN.

use super::Room;
use super::desk::{list, number, text};
use super::guard::page as drawn;
use super::signed::{Office, Reader, Told};
use crate::exit::{CliError, Exit};
use crate::request::{AccessQuery, Login, Order, Request};
use axum::Form;
use axum::extract::Query as Address;
use axum::http::StatusCode;
use axum::response::Response;
use sealdock_console::desk::{self as view, Ask};
use sealdock_console::words as w;
use sealdock_core::access::{self, ACCESS};
use sealdock_core::command::Secret;
use sealdock_core::desk;
use sealdock_core::id::{AccessId, UseId};
use sealdock_core::ports::Registers;
use sealdock_core::table::Query;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// Requests that nobody has decided.
///
/// # Errors
/// The registers cannot be read.
pub fn waiting(view: &dyn Registers) -> Result<usize, CliError> {
    let access = view.count(&Query::all(&ACCESS).with("state", "asked"))?;
    let uses = view.count(&Query::all(&desk::USAGE).with("state", "requested"))?;
    Ok(usize::try_from(access + uses).unwrap_or(usize::MAX))
}

/// Everything that waits.
pub async fn page(Office(reader): Office, Address(told): Address<Told>) -> Response {
    shown(&reader, StatusCode::OK, reader.room.said.take(&told.said)).await
}

async fn shown(reader: &Reader, status: StatusCode, said: Option<(bool, String)>) -> Response {
    let me = reader.me.as_ref().map(|(id, _)| id.to_string()).unwrap_or_default();
    let asks = reader.room.aside(move |room| Ok((access_asks(room, &me)?, use_asks(room, &me)?)));
    match asks.await {
        Ok((access, uses)) => {
            drawn(status, view::Approvals { frame: reader.frame(), access, uses, said }.draw())
        }
        Err(e) => reader.failed(&e),
    }
}

fn access_asks(room: &Room, me: &str) -> Result<Vec<Ask>, CliError> {
    let zone = crate::execute::zone(&room.open)?;
    let json = room.read(Request::Access(AccessQuery::List { open: true }))?.json;
    let view = room.open.station.world().ledger.view()?;
    let mut asks = Vec::new();
    for row in list(&json, "requests") {
        let id = AccessId(number(row, "seq"));
        let wanted = access::access(&*view, id)?.map(|access| access.wanted.words());
        asks.push(Ask {
            id: id.to_string(),
            title: format!("{} {}", text(row, "name"), text(row, "unit")).trim().to_owned(),
            facts: vec![
                (w::APPLICANT, text(row, "who")),
                (w::PURPOSE, text(row, "purpose")),
                (w::MATTER, text(row, "matter")),
                (w::ASKED_FOR, wanted.unwrap_or_default()),
                (w::REASON, text(row, "reason")),
                (w::TIME, super::desk::civil(zone, row, "asked")),
                (w::BY, text(row, "asked_by").trim_start_matches("person ").to_owned()),
            ],
            // As entries name who wrote it down.
            own: text(row, "person") == me || text(row, "asked_by") == format!("person {me}"),
        });
    }
    Ok(asks)
}

fn use_asks(room: &Room, me: &str) -> Result<Vec<Ask>, CliError> {
    let zone = crate::execute::zone(&room.open)?;
    let view = room.open.station.world().ledger.view()?;
    let uses = desk::usages(&*view, "requested")?;
    let ask = |usage: desk::Usage| Ask {
        id: usage.of.to_string(),
        title: format!("{} {}", usage.officer, usage.recorder),
        facts: vec![
            (w::OFFICER, usage.officer.to_string()),
            (w::RECORDER, usage.recorder.to_string()),
            (w::PURPOSE, usage.row.text("purpose").to_owned()),
            (w::UNTIL, zone.civil(usage.until)),
        ],
        own: usage.officer.as_str() == me,
    };
    Ok(uses.into_iter().map(ask).collect())
}

#[derive(Deserialize)]
pub struct Decision {
    token: String,
    kind: String,
    id: String,
    decision: String,
    reason: String,
    pin: String,
}

impl Decision {
    /// The command of the core, as the command line would send it.
    fn command(&self) -> Result<Value, CliError> {
        let reason = self.reason.trim();
        let given = (!reason.is_empty()).then_some(reason);
        let approves = match self.decision.as_str() {
            "approve" => true,
            "refuse" => false,
            _ => return Err(CliError::new(Exit::Usage, "neither approved nor refused")),
        };
        match (self.kind.as_str(), approves) {
            ("access", true) => {
                let access: AccessId = self.id.parse()?;
                Ok(
                    json!({ "command": "access", "act": "approve", "access": access, "reason": given }),
                )
            }
            ("access", false) => {
                let access: AccessId = self.id.parse()?;
                Ok(
                    json!({ "command": "access", "act": "refuse", "access": access, "reason": reason }),
                )
            }
            ("use", true) => {
                let of: UseId = self.id.parse()?;
                Ok(json!({ "command": "desk", "act": "approve", "use": of, "note": given }))
            }
            ("use", false) => {
                let of: UseId = self.id.parse()?;
                Ok(json!({ "command": "desk", "act": "refuse", "use": of, "reason": reason }))
            }
            _ => Err(CliError::new(
                Exit::Usage,
                "this is neither a request to view or copy nor one to take a recorder",
            )),
        }
    }
}

/// Decides as whoever is signed in, with their PIN once more. What the rules say to it is shown as they say it.
pub async fn decide(Office(reader): Office, Form(this): Form<Decision>) -> Response {
    if !reader.wrote(&this.token) {
        return reader.said(StatusCode::FORBIDDEN, w::REFUSED, reader.lang.t(w::SIGNED_OUT));
    }
    let Some((person, _)) = reader.me.clone() else {
        return reader.said(StatusCode::FORBIDDEN, w::REFUSED, reader.lang.t(w::SIGNED_OUT));
    };
    let turn = reader.room.pins.clone().acquire_owned().await;
    let done = reader.room.aside(move |room: &Arc<Room>| {
        let _turn = turn;
        let command = this.command()?;
        let login = Some(Login { person, pin: Secret(this.pin) });
        let answer = room.ask(Order { login, request: Request::Apply { command } })?;
        let entry = list(&answer.json, "entries").first().map(|entry| text(entry, "seq"));
        Ok(format!("{} {}", this.id, entry.unwrap_or_default()))
    });
    match done.await {
        Ok(said) => reader.off_to("/approvals", (true, said)),
        Err(e) => reader.off_to("/approvals", (false, e.message)),
    }
}
