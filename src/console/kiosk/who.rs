//! Who stands at the kiosk: number and PIN, kept for as long as they stand there. What changes the record asks the PIN again.

use crate::console::Room;
use crate::console::guard::page as drawn;
use crate::console::signed::{By, Reader, cookie, escaped};
use crate::exit::CliError;
use axum::Form;
use axum::extract::{FromRef, FromRequestParts, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use sealdock_console::kiosk as view;
use sealdock_core::id::PersonId;
use sealdock_core::registry;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Instant;

/// The browser's side, beside that of the desk: neither stands for the other.
pub const COOKIE: &str = "__Host-sealdock-kiosk";

/// Errands that need to know who stands there.
const ERRANDS: [&str; 5] = ["take", "ask", "return", "explain", "mine"];

fn errand(to: &str) -> &'static str {
    ERRANDS.into_iter().find(|errand| *errand == to).unwrap_or("mine")
}

/// Whoever stands there; else they are asked.
pub struct Standing {
    pub reader: Reader,
    pub person: PersonId,
    pub token: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Standing
where
    Arc<Room>: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Standing, Response> {
        let reader = Reader::from_request_parts(parts, state).await?;
        let to = reader.here.strip_prefix("/kiosk/").unwrap_or_default();
        let asked = || Redirect::to(&format!("/kiosk/who?to={}", escaped(errand(errand_of(to)))));
        let Some(held) = cookie(parts, COOKIE) else { return Err(asked().into_response()) };
        let known = reader.room.aside(move |room| stands(room, &held)).await;
        match known {
            Ok(Some((person, token))) => Ok(Standing { reader, person, token }),
            Ok(None) => Err(asked().into_response()),
            Err(e) => Err(reader.failed(&e)),
        }
    }
}

fn errand_of(to: &str) -> &str {
    match to.split(['?', '/']).next().unwrap_or_default() {
        "fault" => "take",
        "receipt" => "mine",
        other => other,
    }
}

/// Who stands there, as they stand in the registers now, and the token of their forms. Looking is no use of it.
///
/// # Errors
/// The registers cannot be read.
pub fn known(
    room: &Room,
    held: &str,
    now: Instant,
) -> Result<Option<(PersonId, String)>, CliError> {
    let Some((id, by, token)) = room.at_kiosk.of(held, now) else { return Ok(None) };
    let view = room.open.station.world().ledger.view()?;
    if by.counts(&*view, &id)? {
        return Ok(Some((id, token)));
    }
    room.at_kiosk.end(held);
    Ok(None)
}

fn stands(room: &Room, held: &str) -> Result<Option<(PersonId, String)>, CliError> {
    let now = Instant::now();
    let known = known(room, held, now)?;
    if known.is_some() {
        room.at_kiosk.used(held, now);
    }
    Ok(known)
}

impl Standing {
    /// Does a form carry the token of whoever stands there?
    pub fn wrote(&self, token: &str) -> bool {
        !token.is_empty() && self.token == token
    }

    /// Away from a form that is not of whoever stands there, to the start.
    pub fn anew() -> Response {
        Redirect::to("/kiosk").into_response()
    }
}

/// What the browser held stands for nobody any more.
pub fn forget(reader: &Reader, headers: &HeaderMap) {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    for pair in all.flat_map(|text| text.split(';')) {
        if let Some((COOKIE, held)) = pair.trim().split_once('=') {
            reader.room.at_kiosk.end(held);
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Which {
    to: String,
    said: String,
}

/// Number and PIN.
pub async fn page(reader: Reader, Query(Which { to, said }): Query<Which>) -> Response {
    let said = reader.room.said.take(&said).map(|(_, text)| text);
    let (lang, unit) = (reader.lang, reader.room.unit.clone());
    drawn(StatusCode::OK, view::Who { lang, unit, to: errand(&to), said }.draw())
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Shown {
    to: String,
    person: String,
    pin: String,
}

/// A card's number is a name, never a proof: the PIN is compared as everywhere.
pub async fn identify(reader: Reader, Form(this): Form<Shown>) -> Response {
    let to = errand(&this.to);
    let turn = reader.room.pins.clone().acquire_owned().await;
    let known = reader.room.aside(move |room| {
        let _turn = turn;
        let person = super::enrolled(room, &this.person)?;
        let passkey = room.prove(&person, &this.pin)?;
        let view = room.open.station.world().ledger.view()?;
        let pin_seq = registry::person(&*view, &person)?.and_then(|person| person.pin_seq);
        room.at_kiosk.begin(person, By { pin_seq, passkey }, Instant::now())
    });
    match known.await {
        Ok(held) => {
            let mut response = Redirect::to(&format!("/kiosk/{to}")).into_response();
            let kept = format!("{COOKIE}={held}; Path=/; Secure; HttpOnly; SameSite=Strict");
            // Made of our own letters, so that it is always a header.
            if let Ok(value) = HeaderValue::from_str(&kept) {
                response.headers_mut().append(header::SET_COOKIE, value);
            }
            response
        }
        Err(e) => reader.off_with(&format!("/kiosk/who?to={to}"), &e),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_to_anything_but_an_errand() {
        for (to, errand_to) in
            [("take", "take"), ("../desk", "mine"), ("//evil.example", "mine"), ("", "mine")]
        {
            assert_eq!(errand(to), errand_to);
        }
        for (here, errand_to) in
            [("fault?id=U5", "take"), ("receipt/S5", "mine"), ("explain?id=1", "explain")]
        {
            assert_eq!(errand(errand_of(here)), errand_to);
        }
    }
}
