//! The kiosk. A recorder that stands in a bay is somebody's: they say so with their PIN, and the docking begins. Whoever
//! shows number and PIN takes out what was approved, hands back, explains, and sees what is their own.

/// Whose is it? And how it goes on.
mod dock;
/// What an officer has to explain.
mod explain;
/// Own clips, own receipts.
mod mine;
/// Handed in by hand, where it cannot be docked.
mod returned;
/// Taking out: approved, checked, handed out.
mod take;
/// Who stands there.
pub mod who;

use super::Room;
use super::guard::page as drawn;
use super::signed::{Reader, SignedIn, Told, escaped};
use crate::docking::State;
use crate::exit::{CliError, Exit};
use crate::request::{Login, Order, Request};
use axum::Router;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use sealdock_console::kiosk::{self as view, Waiting};
use sealdock_core::command::Secret;
use sealdock_core::id::PersonId;
use sealdock_core::registry;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// The screen forgets after 20 seconds without a touch; the station does where the screen did not, or where somebody
/// touches and never comes to an end.
const IDLE: Duration = Duration::from_secs(120);
const WHOLE: Duration = Duration::from_secs(600);

/// Nobody yet.
pub fn standing() -> SignedIn {
    SignedIn::lasting("kiosk", IDLE, WHOLE)
}

/// Every screen.
pub fn routes() -> Router<Arc<Room>> {
    Router::new()
        .route("/kiosk", get(start))
        .route("/kiosk/dock", get(choose))
        .route("/kiosk/confirm", get(dock::ask).post(dock::confirm))
        .route("/kiosk/begun", get(dock::begun_page))
        .route("/kiosk/who", get(who::page).post(who::identify))
        .route("/kiosk/take", get(take::page).post(take::hand_out))
        .route("/kiosk/ask", get(take::ask_page).post(take::ask))
        .route("/kiosk/fault", get(take::fault_page).post(take::fault))
        .route("/kiosk/return", get(returned::page).post(returned::take_back))
        .route("/kiosk/explain", get(explain::page).post(explain::send))
        .route("/kiosk/mine", get(mine::page))
        .route("/kiosk/receipt/{session}", get(mine::receipt))
        .route("/kiosk/done", get(done))
}

fn waiting(room: &Room) -> Vec<Waiting> {
    let docked = room.open.docks.shown().into_iter().filter(|d| d.state == State::Waiting);
    docked
        .map(|d| Waiting {
            bay: d.bay.to_string(),
            name: d.name,
            recorder: d.recorder.to_string(),
            officer: d.officer.map(|officer| officer.to_string()),
        })
        .collect()
}

/// The errands; whoever stood there is forgotten.
pub async fn start(headers: axum::http::HeaderMap, reader: Reader) -> Response {
    who::forget(&reader, &headers);
    let (lang, unit) = (reader.lang, reader.room.unit.clone());
    let waiting = waiting(&reader.room).len();
    drawn(StatusCode::OK, view::Start { lang, unit, waiting }.draw())
}

/// Every recorder that waits.
pub async fn choose(reader: Reader) -> Response {
    let (lang, unit) = (reader.lang, reader.room.unit.clone());
    let waiting = waiting(&reader.room);
    drawn(StatusCode::OK, view::Choose { lang, unit, waiting }.draw())
}

/// What came of an errand, told once; whoever stood there is forgotten.
pub async fn done(
    headers: axum::http::HeaderMap,
    reader: Reader,
    Query(told): Query<Told>,
) -> Response {
    who::forget(&reader, &headers);
    let Some((good, text)) = reader.room.said.take(&told.said) else {
        return Redirect::to("/kiosk").into_response();
    };
    let (lang, unit) = (reader.lang, reader.room.unit.clone());
    drawn(StatusCode::OK, view::Done { lang, unit, good, text }.draw())
}

/// On the command line whoever is not enrolled docks as the operator, so that footage is saved; a browser is never the operator,
/// and a slip of the pen would make an officer's footage nobody's. The keys to touch are capital letters first, so a number
/// is found in either case.
fn enrolled(room: &Room, typed: &str) -> Result<PersonId, CliError> {
    let typed: PersonId = typed.trim().parse()?;
    let view = room.open.station.world().ledger.view()?;
    let text = typed.as_str();
    for like in [text.to_owned(), text.to_ascii_lowercase(), text.to_ascii_uppercase()] {
        if let Some(person) = registry::person(&*view, &like.parse()?)? {
            return Ok(person.id);
        }
    }
    Err(CliError::both(
        Exit::Refused,
        format!("人员编号 {typed} 未登记，请核对"),
        format!("{typed} is not enrolled; look at the number again"),
    ))
}

/// One request of a person after the other, each with this PIN; gives the entries that came of them.
fn signed(
    room: &Room,
    (person, pin): (&PersonId, &str),
    requests: Vec<Request>,
) -> Result<Value, CliError> {
    let mut all = Vec::new();
    for request in requests {
        let login = Some(Login { person: person.clone(), pin: Secret(pin.to_owned()) });
        let answer = room.ask(Order { login, request })?;
        all.extend(super::desk::list(&answer.json, "entries").iter().cloned());
    }
    Ok(Value::from(all))
}
