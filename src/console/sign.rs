//! Signing in and out, and the language.

use super::guard::page as drawn;
use super::signed::{By, COOKIE, LANGUAGE, Reader, local};
use crate::execute::fits_this_build;
use crate::exit::{CliError, Exit};
use axum::Form;
use axum::extract::Query;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use sealdock_console::{Lang, desk, words as w};
use sealdock_core::duty::{self, PinGiver};
use sealdock_core::id::PersonId;
use sealdock_core::policy::sign_in::Desk;
use sealdock_core::reading::{ByPin, passkey_wanted};
use sealdock_core::registry;
use serde::Deserialize;
use std::time::Instant;

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct To {
    to: String,
    said: String,
}

/// The form.
pub async fn page(reader: Reader, Query(To { to, said }): Query<To>) -> Response {
    if reader.me.is_some() {
        return Redirect::to(local(&to)).into_response();
    }
    if reader.bare.is_some() {
        return Redirect::to("/pin").into_response();
    }
    let demands = reader.room.aside(|room| {
        let view = room.open.station.world().ledger.view()?;
        Ok(registry::policy(&*view)?.sign_in.desk == Desk::Passkey)
    });
    let passkey = match demands.await {
        Ok(demands) => demands,
        Err(e) => return reader.failed(&e),
    };
    let ended = || reader.held.is_some().then(|| (false, reader.lang.t(w::SIGNED_OUT).to_owned()));
    let said = reader.room.said.take(&said).or_else(ended);
    let to = local(&to).to_owned();
    drawn(StatusCode::OK, desk::SignIn { frame: reader.frame(), said, to, passkey }.draw())
}

#[derive(Deserialize)]
pub struct Login {
    person: String,
    pin: String,
    #[serde(default)]
    to: String,
}

/// Compares the PIN as everywhere: slowly, and with a lock after five wrong ones. Where the unit demands a passkey, a PIN that
/// was right begins a session for adding the first one, or none.
pub async fn sign_in(reader: Reader, Form(Login { person, pin, to }): Form<Login>) -> Response {
    let turn = reader.room.pins.clone().acquire_owned().await;
    let room = reader.room.clone();
    let tried = room.aside(move |room| {
        // Held as long as the PIN is compared, also where nobody waits for it any more.
        let _turn = turn;
        let person: PersonId = person.trim().parse()?;
        let passkey = room.prove(&person, &pin)?;
        let view = room.open.station.world().ledger.view()?;
        let pin_seq = registry::person(&*view, &person)?.and_then(|person| person.pin_seq);
        let lent = matches!(duty::pin_giver(&*view, &person)?, Some(PinGiver::Other(_)));
        let by = By { pin_seq, passkey };
        let opens = by.opens(&*view, &person, room.open.station.world().clock.now().wall)?;
        if opens == ByPin::Closed {
            tracing::warn!(%person, "refused: a passkey is demanded, and the PIN was shown");
            // Where there are none to show, that is the reason.
            fits_this_build(&registry::policy(&*view)?, cfg!(feature = "passkeys"))?;
            return Err(CliError::of_rule(Exit::Refused, &passkey_wanted()));
        }
        let first = opens == ByPin::FirstPasskey;
        let word = match lent {
            // Whose PIN another knows is told so before the first refusal.
            true => Some(w::PIN_LENT),
            false => first.then_some(w::passkey::FIRST),
        };
        Ok((room.signed.begin(person, by, Instant::now())?, word))
    });
    match tried.await {
        Ok((held, word)) => {
            if let Some(old) = &reader.held {
                reader.room.signed.end(old);
            }
            let to = if local(&to) == "/" { "/desk" } else { local(&to) };
            let response = match word {
                Some(word) => reader.off_to("/pin", (false, reader.lang.t(word).to_owned())),
                None => Redirect::to(to).into_response(),
            };
            with_cookie(
                response,
                &format!("{COOKIE}={held}; Path=/; Secure; HttpOnly; SameSite=Strict"),
            )
        }
        Err(e) => {
            let again = format!("/sign-in?to={}", super::signed::escaped(local(&to)));
            reader.off_with(&again, &e)
        }
    }
}

/// What a browser throws away of whoever signed out.
const CLEARED: &str = "\"cache\", \"storage\"";

#[derive(Deserialize)]
pub struct Token {
    token: String,
}

/// A form of another session signs nobody out.
pub async fn sign_out(reader: Reader, Form(Token { token }): Form<Token>) -> Response {
    if let Some(held) = &reader.held
        && reader.wrote(&token)
    {
        reader.room.signed.end(held);
    }
    let gone = format!("{COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0");
    let mut response = with_cookie(Redirect::to("/").into_response(), &gone);
    // Pages that *back* would show, too. Not the cookies: one of them is the language.
    response.headers_mut().insert("clear-site-data", HeaderValue::from_static(CLEARED));
    response
}

#[derive(Deserialize)]
pub struct Choice {
    to: String,
    #[serde(default)]
    back: String,
}

/// Remembers the language; changes nothing else, so a link is enough.
pub async fn language(Query(Choice { to, back }): Query<Choice>) -> Response {
    let code = Lang::parse(&to).code();
    let kept =
        format!("{LANGUAGE}={code}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=31536000");
    with_cookie(Redirect::to(local(&back)).into_response(), &kept)
}

fn with_cookie(mut response: Response, cookie: &str) -> Response {
    // Made of our own letters, so that it is always a header.
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}
