//! Requests that wait, and the decision, which is signed with the approver's own PIN.

use super::Room;
use super::desk::{list, number, text};
use super::guard::page as drawn;
use super::rooms::{Scene, scene};
use super::signed::{Office, Reader, Told};
use crate::console::spoken::{came_to, word};
use crate::exit::{CliError, Exit};
use crate::request::{AccessQuery, Login, Order, Request};
use axum::Form;
use axum::extract::Query as Address;
use axum::http::StatusCode;
use axum::response::Response;
use sealdock_console::desk::{self as view, Ask};
use sealdock_console::words::{self as w, rooms as r};
use sealdock_core::access::{self, ACCESS};
use sealdock_core::command::Secret;
use sealdock_core::desk;
use sealdock_core::event::Event;
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
    let Some((me, _)) = reader.me.clone() else {
        return reader.said(StatusCode::FORBIDDEN, w::REFUSED, reader.lang.t(w::SIGNED_OUT));
    };
    let lang = reader.lang;
    let asks = reader.room.aside(move |room| {
        let scene = scene(room, lang, me, true)?;
        Ok((access_asks(&scene)?, use_asks(&scene)?, others(&scene)?))
    });
    match asks.await {
        Ok((access, uses, others)) => {
            let frame = reader.frame();
            drawn(status, view::Approvals { frame, access, uses, others, said }.draw())
        }
        Err(e) => reader.failed(&e),
    }
}

/// What waits on other pages: where, and what.
fn others(scene: &Scene) -> Result<Vec<(String, String)>, CliError> {
    let waits = super::heads::waits(&*scene.view, &scene.at, &scene.me)?;
    let mut all = Vec::new();
    for (hold, release) in waits.holds {
        let what = if release { w::HOLD_RELEASE_WAITS } else { w::HOLD_WAITS };
        all.push((format!("/holds/{hold}"), format!("{} {hold}", scene.t(what))));
    }
    for plan in waits.plans {
        all.push((format!("/disposal/{plan}"), format!("{} {plan}", scene.t(w::PLAN_WAITS))));
    }
    for (check, clip, found) in waits.findings {
        let what = format!("{} {check} {clip}: {found}", scene.t(w::FINDING_WAITS));
        all.push((format!("/checks/{check}"), what));
    }
    for room in waits.beyond {
        let what = match room {
            "/holds" => r::HOLDS,
            "/disposal" => r::DISPOSAL,
            _ => r::CHECKS,
        };
        all.push((room.to_owned(), format!("{} {}", scene.t(w::MORE_WAITS), scene.t(what))));
    }
    Ok(all)
}

fn access_asks(scene: &Scene) -> Result<Vec<Ask>, CliError> {
    let json = scene.read(Request::Access(AccessQuery::List { open: true }))?;
    let mut asks = Vec::new();
    for row in list(&json, "requests") {
        let id = AccessId(number(row, "seq"));
        let Some(access) = access::access(&*scene.view, id)? else { continue };
        asks.push(Ask {
            id: id.to_string(),
            title: format!("{} {}", text(row, "name"), text(row, "unit")).trim().to_owned(),
            facts: vec![
                (r::WHO, word(scene.lang, access.who)),
                (w::PURPOSE, word(scene.lang, access.purpose)),
                (w::MATTER, text(row, "matter")),
                (w::ASKED_FOR, scene.teller().about(&access.wanted)),
                (w::REASON, text(row, "reason")),
                (w::TIME, scene.when(row, "asked")),
                (w::BY, scene.named(&access.asked_by)?),
            ],
            own: !scene.may(&refusal(id))?,
        });
    }
    Ok(asks)
}

/// Whoever may refuse is whoever decides: an approval looks at more, which the decision does.
fn refusal(access: AccessId) -> Event {
    let refused = access::Refused { access, reason: "-".to_owned() };
    Event::Access(access::Event::Refused(refused))
}

fn use_asks(scene: &Scene) -> Result<Vec<Ask>, CliError> {
    let mut asks = Vec::new();
    for usage in desk::usages(&*scene.view, "requested")? {
        let (of, recorder) = (usage.of, usage.recorder.clone());
        let refused = desk::Refused { of, recorder, reason: "-".to_owned() };
        asks.push(Ask {
            id: usage.of.to_string(),
            title: format!("{} {}", usage.officer, usage.recorder),
            facts: vec![
                (w::OFFICER, usage.officer.to_string()),
                (w::RECORDER, usage.recorder.to_string()),
                (w::PURPOSE, usage.row.text("purpose").to_owned()),
                (w::UNTIL, scene.zone.civil(usage.until)),
            ],
            own: !scene.may(&Event::Desk(desk::Event::Refused(refused)))?,
        });
    }
    Ok(asks)
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
            _ => {
                return Err(CliError::both(
                    Exit::Usage,
                    "没有选择批准或不批准",
                    "neither approved nor refused",
                ));
            }
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
            _ => Err(CliError::both(
                Exit::Usage,
                "没有这样的申请，请重新打开本页",
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
    let lang = reader.lang;
    let done = reader.room.aside(move |room: &Arc<Room>| {
        let _turn = turn;
        let command = this.command()?;
        let login = Some(Login { person, pin: Secret(this.pin) });
        let answer = room.ask(Order { login, request: Request::Apply { command } })?;
        came_to(room, lang, &answer.json["entries"])
    });
    match done.await {
        Ok(said) => reader.off_to("/approvals", (true, said)),
        Err(e) => reader.off_with("/approvals", &e),
    }
}
