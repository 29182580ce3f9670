//! The kiosk. A recorder that stands in a bay is somebody's: they say so with their PIN, and the docking begins. Whoever
//! shows number and PIN takes out what was approved, hands back, explains, and sees what is their own.

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
use crate::request::{Confirmation, Login, Order, Request};
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Form, Router};
use sealdock_console::kiosk::{self as view, Waiting};
use sealdock_core::command::Secret;
use sealdock_core::id::{BayId, PersonId};
use sealdock_core::registry;
use sealdock_station::{Progress, Report};
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// So long a refusal may take to come: a slow hash, and the wait behind others who sign.
const REFUSED_WITHIN: Duration = Duration::from_secs(20);
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
        .route("/kiosk/confirm", get(ask).post(confirm))
        .route("/kiosk/begun", get(begun_page))
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

#[derive(Deserialize)]
pub struct Which {
    bay: String,
    recorder: String,
    #[serde(default)]
    said: String,
}

/// Whose is it?
pub async fn ask(reader: Reader, Query(Which { bay, recorder, said }): Query<Which>) -> Response {
    let said = reader.room.said.take(&said).map(|(_, text)| text);
    match waiting(&reader.room).into_iter().find(|one| one.bay == bay && one.name == recorder) {
        Some(one) => {
            let (lang, unit) = (reader.lang, reader.room.unit.clone());
            let person = one.officer.clone().unwrap_or_default();
            drawn(StatusCode::OK, view::Confirm { lang, unit, one, person, said }.draw())
        }
        None => Redirect::to("/kiosk/dock").into_response(),
    }
}

/// It runs; loaded again this page begins nothing.
pub async fn begun_page(reader: Reader, Query(this): Query<Which>) -> Response {
    let (lang, unit) = (reader.lang, reader.room.unit.clone());
    let Which { bay, recorder, .. } = this;
    drawn(StatusCode::OK, view::Begun { lang, unit, bay, recorder }.draw())
}

#[derive(Deserialize)]
pub struct Mine {
    bay: String,
    recorder: String,
    person: String,
    pin: String,
}

/// Begins the docking; leads on once it runs, or back with the reason why not.
pub async fn confirm(reader: Reader, Form(this): Form<Mine>) -> Response {
    let Some(one) =
        waiting(&reader.room).into_iter().find(|w| w.bay == this.bay && w.name == this.recorder)
    else {
        return Redirect::to("/kiosk/dock").into_response();
    };
    let at = |page: &str, name: &str| {
        format!("/kiosk/{page}?bay={}&recorder={}", escaped(&one.bay), escaped(name))
    };
    match begun(&reader.room, this).await {
        Ok(()) => Redirect::to(&at("begun", &one.recorder)).into_response(),
        Err(e) => reader.off_with(&at("confirm", &one.name), &e),
    }
}

/// Hears that this very docking has begun, which it does after the PIN was compared.
#[derive(Default)]
struct Begun(AtomicBool);

impl Progress for Begun {
    fn report(&self, _: &Report) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// A docking may last an hour; whoever confirmed it does not wait for its end.
async fn begun(room: &Arc<Room>, this: Mine) -> Result<(), CliError> {
    let bay: BayId = this.bay.parse()?;
    let person = enrolled(room, &this.person)?;
    let login = Login { person: person.clone(), pin: Secret(this.pin) };
    let confirmation = Confirmation { bay, recorder: this.recorder, officer: Some(person) };
    let order = Order { login: Some(login), request: Request::SessionConfirm(confirmation) };
    // Given back once it runs or is refused: a docking may last an hour.
    let _turn = room.pins.acquire().await;
    let heard = Arc::new(Begun::default());
    let (docking, hears) = (room.clone(), Arc::clone(&heard));
    let asked = move |room: &Arc<Room>| room.ask_heard(order, hears);
    let mut docking = tokio::spawn(async move { docking.aside(asked).await });
    let runs = async {
        while !heard.0.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::select! {
        ended = &mut docking => match ended {
            Ok(answer) => answer.map(drop),
            Err(e) => Err(CliError::both(
                Exit::Failed,
                "采集没有办成，请看墙上的情况",
                format!("the docking failed: {e}; see the wall"),
            )),
        },
        () = runs => Ok(()),
        () = tokio::time::sleep(REFUSED_WITHIN) => {
            Err(CliError::both(Exit::Busy, "采集站正忙，请看墙上的情况", "the station is busy; look at the wall before you try again"))
        }
    }
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
