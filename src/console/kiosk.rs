//! A recorder that stands in a bay is somebody's: they say so with their PIN, and the docking begins.

use super::Room;
use super::guard::page as drawn;
use super::signed::Reader;
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
use serde::Deserialize;
use std::sync::Arc;
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
}

/// Whose is it?
pub async fn ask(reader: Reader, Query(Which { bay, recorder }): Query<Which>) -> Response {
    match waiting(&reader.room).into_iter().find(|one| one.bay == bay && one.name == recorder) {
        Some(one) => {
            drawn(StatusCode::OK, view::confirm(reader.lang, &reader.room.unit, &one, None, None))
        }
        None => Redirect::to("/kiosk").into_response(),
    }
}

#[derive(Deserialize)]
pub struct Mine {
    bay: String,
    recorder: String,
    person: String,
    pin: String,
}

/// Begins the docking; answers once it runs, or with the reason why not.
pub async fn confirm(reader: Reader, Form(this): Form<Mine>) -> Response {
    let Some(one) =
        waiting(&reader.room).into_iter().find(|w| w.bay == this.bay && w.name == this.recorder)
    else {
        return Redirect::to("/kiosk").into_response();
    };
    let said_person = this.person.trim().to_owned();
    let (lang, unit) = (reader.lang, reader.room.unit.clone());
    match begun(&reader.room, this).await {
        Ok(()) => drawn(StatusCode::OK, view::begun(lang, &unit, &one.bay, &one.recorder)),
        Err(e) => {
            let page = view::confirm(lang, &unit, &one, Some(&said_person), Some(&e.message));
            drawn(StatusCode::UNPROCESSABLE_ENTITY, page)
        }
    }
}

/// A docking may last an hour; whoever confirmed it does not wait for its end.
async fn begun(room: &Arc<Room>, this: Mine) -> Result<(), CliError> {
    let (bay, person): (BayId, PersonId) = (this.bay.parse()?, this.person.trim().parse()?);
    let login = Login { person: person.clone(), pin: Secret(this.pin) };
    let confirmation =
        Confirmation { bay: bay.clone(), recorder: this.recorder.clone(), officer: Some(person) };
    let order = Order { login: Some(login), request: Request::SessionConfirm(confirmation) };
    // Given back once it runs: a docking may last an hour.
    let _turn = room.pins.acquire().await;
    let docking = room.clone();
    let mut docking = tokio::spawn(async move { docking.aside(move |room| room.ask(order)).await });
    let runs = async {
        loop {
            let found = room.open.docks.find(Some(&bay), &this.recorder);
            // What was pulled out meanwhile is answered by the docking itself.
            if found.is_some_and(|d| d.state == State::Running) {
                return;
            }
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
