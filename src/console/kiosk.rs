//! A recorder that stands in a bay is somebody's: they say so with their PIN, and the docking begins.

use super::Room;
use super::guard::page as drawn;
use super::signed::{Reader, escaped};
use crate::docking::State;
use crate::exit::{CliError, Exit};
use crate::request::{Confirmation, Login, Order, Request};
use axum::Form;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use sealdock_console::kiosk::{self as view, Waiting};
use sealdock_core::command::Secret;
use sealdock_core::id::{BayId, PersonId};
use sealdock_core::registry;
use sealdock_station::{Progress, Report};
use serde::Deserialize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// So long a refusal may take to come: a slow hash, and the wait behind others who sign.
const REFUSED_WITHIN: Duration = Duration::from_secs(20);

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

/// Every recorder that waits.
pub async fn choose(reader: Reader) -> Response {
    drawn(StatusCode::OK, view::choose(reader.lang, &reader.room.unit, &waiting(&reader.room)))
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
            let unit = &reader.room.unit;
            drawn(StatusCode::OK, view::confirm(reader.lang, unit, &one, None, said.as_deref()))
        }
        None => Redirect::to("/kiosk").into_response(),
    }
}

/// It runs; loaded again this page begins nothing.
pub async fn begun_page(reader: Reader, Query(this): Query<Which>) -> Response {
    drawn(StatusCode::OK, view::begun(reader.lang, &reader.room.unit, &this.bay, &this.recorder))
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
        return Redirect::to("/kiosk").into_response();
    };
    let at = |page: &str, name: &str| {
        format!("/kiosk/{page}?bay={}&recorder={}", escaped(&one.bay), escaped(name))
    };
    match begun(&reader.room, this).await {
        Ok(()) => Redirect::to(&at("begun", &one.recorder)).into_response(),
        Err(e) => reader.off_to(&at("confirm", &one.name), (false, e.message)),
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
    let (bay, person): (BayId, PersonId) = (this.bay.parse()?, this.person.trim().parse()?);
    enrolled(room, &person)?;
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
            Err(e) => Err(CliError::new(Exit::Failed, format!("the docking failed: {e}; see the wall"))),
        },
        () = runs => Ok(()),
        () = tokio::time::sleep(REFUSED_WITHIN) => {
            Err(CliError::new(Exit::Busy, "工作站正忙，请看墙上的情况 the station is busy; look at the wall before you try again"))
        }
    }
}

/// On the command line whoever is not enrolled docks as the operator, so that footage is saved; a browser is never the operator,
/// and a slip of the pen would make an officer's footage nobody's.
fn enrolled(room: &Room, person: &PersonId) -> Result<(), CliError> {
    let view = room.open.station.world().ledger.view()?;
    match registry::person(&*view, person)? {
        Some(_) => Ok(()),
        None => Err(CliError::new(
            Exit::Refused,
            format!("{person} 未登记，请核对人员编号 is not enrolled; look at the number again"),
        )),
    }
}
