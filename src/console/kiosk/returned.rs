//! Handed in by hand, where a recorder cannot be docked: the clerk takes it with their own PIN. Docking it is its usual return.

use super::take::{Given, clerks, touched};
use super::who::Standing;
use super::{drawn, escaped, signed};
use crate::console::Room;
use crate::exit::{CliError, Exit};
use crate::request::{DeskChange, Request};
use axum::Form;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use sealdock_console::kiosk::{self as view, Choice, Hand};
use sealdock_console::words::kiosk as k;
use sealdock_core::desk;
use sealdock_core::id::{PersonId, RecorderId};
use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Which {
    id: String,
    said: String,
}

/// Recorders that whoever stands there has, and the clerks who take each back.
fn out(room: &Room, me: &PersonId) -> Result<Vec<(RecorderId, Vec<Hand>)>, CliError> {
    let view = room.open.station.world().ledger.view()?;
    let now = room.open.station.world().clock.now().wall;
    let own = desk::usages(&*view, "issued")?.into_iter().filter(|usage| usage.officer == *me);
    own.map(|usage| Ok((usage.recorder.clone(), clerks(&*view, now, &usage.recorder)?))).collect()
}

/// Why can it not be docked?
pub async fn page(standing: Standing, Query(Which { id, said }): Query<Which>) -> Response {
    let Standing { reader, person, token } = standing;
    let (lang, unit) = (reader.lang, reader.room.unit.clone());
    let said = reader.room.said.take(&said).map(|(_, text)| text);
    let all = match reader.room.aside(move |room| out(room, &person)).await {
        Ok(all) => all,
        Err(e) => return reader.failed(&e),
    };
    let one = match &all[..] {
        [only] if id.is_empty() => Some(only),
        all => all.iter().find(|(recorder, _)| recorder.as_str() == id),
    };
    let Some((recorder, signers)) = one else {
        let choice = |(recorder, _): &(RecorderId, _)| Choice {
            href: format!("/kiosk/return?id={}", escaped(recorder.as_str())),
            title: recorder.to_string(),
            line: String::new(),
        };
        let (choices, notes) = (all.iter().map(choice).collect(), Vec::new());
        let (title, none) = (k::WHICH_USE, k::NOTHING_OUT);
        let page = view::Pick { lang, unit, title, choices, none, notes, said };
        return drawn(StatusCode::OK, page.draw());
    };
    let reasons = [k::HAND_BROKEN, k::HAND_PORT, k::HAND_POWER, k::HAND_FULL];
    let page = view::Why {
        lang,
        unit,
        title: k::WHY_BY_HAND,
        action: "/kiosk/return",
        token,
        hidden: vec![("id", recorder.to_string())],
        about: recorder.to_string(),
        reasons: touched(lang, &reasons),
        other: true,
        signers: signers.clone(),
        pin_word: k::CLERK_PIN,
        said,
    };
    drawn(StatusCode::OK, page.draw())
}

/// The clerk signs.
pub async fn take_back(standing: Standing, Form(this): Form<Given>) -> Response {
    if !standing.wrote(&this.token) {
        return Standing::anew();
    }
    let Standing { reader, person, .. } = standing;
    let back = format!("/kiosk/return?id={}", escaped(&this.id));
    let turn = reader.room.pins.clone().acquire_owned().await;
    let done = reader.room.aside(move |room| {
        let _turn = turn;
        let (recorder, clerk): (RecorderId, PersonId) = (this.id.parse()?, this.clerk.parse()?);
        if !out(room, &person)?.iter().any(|(own, _)| *own == recorder) {
            return Err(CliError::both(
                Exit::Refused,
                format!("记录仪 {recorder} 不在您名下，请重新开始"),
                format!("{recorder} is not out in your name; begin anew"),
            ));
        }
        let request = DeskChange::Return { recorder, reason: this.words() };
        signed(room, (&clerk, &this.pin), vec![Request::DeskChange(request)])?;
        Ok(this.id)
    });
    match done.await {
        Ok(recorder) => {
            let text = format!("{recorder} {}", reader.lang.t(k::HANDED_IN));
            reader.off_to("/kiosk/done", (true, text))
        }
        Err(e) => reader.off_with(&back, &e),
    }
}
