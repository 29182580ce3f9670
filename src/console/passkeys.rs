//! Passkeys in the console: made after a PIN, and shown in its place. Every form that asks a PIN goes through one door: what the
//! authenticator signs is bound to this browser and to all that the form says, and the pass that comes of it serves that form
//! alone. `docs/design/passkeys.md`.

/// Questions that are open.
mod ceremony;
/// The form that was signed.
mod door;
/// Answers that come in another order.
mod lately;
/// What an enemy tries, and what an authenticator answers.
#[cfg(test)]
mod tests;

pub use ceremony::Ceremonies;
pub use door::door;
pub use lately::Lately;

use super::Room;
use super::guard::Here;
use super::signed::{Reader, cookie};
use super::spoken::half;
use crate::exit::{CliError, Exit};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use ceremony::{Asked, LIFE, lapsed};
use sealdock_chain::Digest;
use sealdock_console::Lang;
use sealdock_console::words::{self as w, passkey as p};
use sealdock_core::command::Command;
use sealdock_core::duty::{self, Passkey, PasskeyAdded, PasskeyUsed};
use sealdock_core::id::PersonId;
use sealdock_core::registry;
use sealdock_passkeys::{Answer, Known, Owner, Party};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Instant;

/// Every address of it.
pub fn routes() -> Router<Arc<Room>> {
    Router::new()
        .route("/passkey/state", get(state))
        .route("/passkey/make", post(make))
        .route("/passkey/made", post(made))
        .route("/passkey/ask", post(ask))
        .route("/passkey/answer", post(answer))
}

/// Where a browser stands: which door, by what name, and what it holds.
pub struct At {
    party: Option<Party>,
    name: String,
    /// The same page by a name that a browser gives passkeys to.
    named: Option<String>,
    /// Of what the browser holds, desk and kiosk: a question is for one browser.
    whose: Digest,
    kiosk: Option<String>,
}

impl At {
    fn of(parts: &Parts) -> At {
        let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let host = host.unwrap_or_default().to_owned();
        let here = parts.extensions.get::<Here>();
        let scheme = if here.is_some_and(|here| here.tls) { "https" } else { "http" };
        let name = host.rsplit_once(':').map_or(host.as_str(), |(name, _)| name).to_owned();
        let party = Party::new(&name, &format!("{scheme}://{host}"));
        let named = here.and_then(|here| here.named.as_ref());
        let named = named.map(|named| format!("{scheme}://{named}"));
        let kiosk = cookie(parts, super::kiosk::who::COOKIE);
        let desk = cookie(parts, super::signed::COOKIE);
        let held = [desk.as_deref(), kiosk.as_deref()].map(Option::unwrap_or_default);
        let whose = Digest::of(format!("{}\n{}\n{host}", held[0], held[1]).as_bytes());
        At { party, name, named, whose, kiosk }
    }

    /// Has whoever asks a session, at the desk or at the kiosk? Cookies that somebody made up are none.
    fn is_known(&self, room: &Room, reader: &Reader) -> bool {
        let kiosk = self.kiosk.as_deref();
        let stands = |held| room.at_kiosk.of(held, Instant::now()).is_some();
        reader.oneself().is_some() || kiosk.is_some_and(stands)
    }

    fn party(&self) -> Result<&Party, CliError> {
        self.party.as_ref().ok_or_else(|| {
            let text =
                "浏览器在这个地址不给通行密钥 a browser gives no passkeys to an address of numbers";
            said(text)
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for At {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<At, Self::Rejection> {
        Ok(At::of(parts))
    }
}

/// A body of JSON that says it is one: no form of a browser can.
pub struct Said<T>(T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Said<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Said<T>, Response> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        if kind.is_none_or(|kind| kind != "application/json") {
            return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response());
        }
        let body =
            Bytes::from_request(request, state).await.map_err(IntoResponse::into_response)?;
        serde_json::from_slice(&body)
            .map(Said)
            .map_err(|e| (StatusCode::BAD_REQUEST, format!("{e}\n")).into_response())
    }
}

/// As a page says it: a fault names what lies in the station only to who reads every register.
fn told(reader: &Reader, done: Result<Value, CliError>) -> Response {
    match done {
        Ok(json) => {
            ([(header::CONTENT_TYPE, "application/json")], json.to_string()).into_response()
        }
        Err(e) => (StatusCode::UNPROCESSABLE_ENTITY, reader.words_of(&e)).into_response(),
    }
}

/// Words in both languages, Chinese first: a page shows its own.
fn said(text: &str) -> CliError {
    CliError::both(Exit::Refused, half(Lang::Zh, text), half(Lang::En, text))
}

fn refused(e: sealdock_passkeys::Refused) -> CliError {
    said(&e.to_string())
}

fn known(key: &Passkey) -> Known {
    Known { credential: key.credential.clone(), key: key.key.clone(), synced: key.synced }
}

/// Names a person of this station to their authenticator: every station is `localhost` to it, and it keeps one key for a name.
fn handle(room: &Room, person: &PersonId) -> [u8; 32] {
    let origin = room.open.station.origin();
    Digest::of(format!("sealdock {origin} person {person}").as_bytes()).0
}

/// Who stands at the kiosk, and the token of their forms.
fn kiosk_of(room: &Room, held: &str) -> Result<Option<(PersonId, String)>, CliError> {
    super::kiosk::who::known(room, held, Instant::now())
}

/// What a page with a PIN is told: may a passkey stand in its place, and what to call it.
async fn state(reader: Reader, at: At) -> Response {
    let (lang, me) = (reader.lang, reader.oneself().map(|(me, _)| me.clone()));
    let kiosk = at.kiosk.clone();
    let facts = reader.room.aside(move |room| {
        let view = room.open.station.world().ledger.view()?;
        let on = registry::policy(&*view)?.passkeys;
        let standing = kiosk.map(|held| kiosk_of(room, &held)).transpose()?.flatten();
        let mine = |who: &PersonId| -> Result<usize, CliError> {
            let all = duty::passkeys(&*view, who)?;
            Ok(all.iter().filter(|key| key.party == at.name).count())
        };
        let desk = me.as_ref().map(mine).transpose()?;
        let kiosk = standing.map(|(who, _)| mine(&who)).transpose()?;
        let words = [
            ("use", p::USE),
            ("pin", p::PIN_INSTEAD),
            ("then", p::THEN),
            ("wait", p::WAIT),
            ("gone", p::BROKEN_OFF),
            ("needs", p::NEEDS_A_NAME),
            ("none", p::NO_AUTHENTICATOR),
            ("refused", w::REFUSED),
        ];
        let words: serde_json::Map<String, Value> =
            words.iter().map(|(name, word)| ((*name).to_owned(), json!(lang.t(*word)))).collect();
        Ok(json!({ "on": on, "here": at.party.is_some(), "named": at.named, "desk": desk,
            "kiosk": kiosk, "words": words }))
    });
    told(&reader, facts.await)
}

#[derive(Deserialize)]
struct Make {
    token: String,
    label: String,
    pin: String,
}

/// The PIN once more, then the question to the authenticator. What the PIN proved is kept until the key is there.
async fn make(reader: Reader, at: At, Said(this): Said<Make>) -> Response {
    let Some((person, _)) = reader.oneself().cloned().filter(|_| reader.wrote(&this.token)) else {
        return told(&reader, Err(signed_out(&reader)));
    };
    let turn = reader.room.pins.clone().acquire_owned().await;
    let done = reader.room.aside(move |room| {
        let _turn = turn;
        let party = at.party()?;
        // A passkey would make another, and a stolen one would never end.
        if this.pin.starts_with(sealdock_station::PASS) {
            return Err(said("添加通行密钥要用口令 a passkey is added with the PIN"));
        }
        let owner = room.counted_as((&person, &this.pin), Ok)?;
        let view = room.open.station.world().ledger.view()?;
        let row = registry::person(&*view, &person)?.ok_or_else(lapsed)?;
        let all = duty::passkeys(&*view, &person)?;
        if all.len() >= duty::PASSKEYS_MAX {
            let text = format!(
                "已有 {} 个通行密钥，请先删去一个 you have {} passkeys: remove one first",
                all.len(),
                all.len()
            );
            return Err(said(&text));
        }
        let there: Vec<Known> = all.iter().filter(|k| k.party == at.name).map(known).collect();
        let name = format!("{} {}", row.name, row.id);
        let (question, making) = party
            .make(&Owner { handle: &handle(room, &person), name: &name }, &there)
            .map_err(refused)?;
        let pin = row.pin_seq.unwrap_or(row.enrolled_seq);
        let asked = Asked::Make { owner, person, pin, label: this.label, making };
        let ceremony = room.keys.begin((at.whose, true), asked, Instant::now())?;
        Ok(json!({ "ceremony": ceremony, "asked": question["publicKey"] }))
    });
    told(&reader, done.await)
}

fn signed_out(reader: &Reader) -> CliError {
    CliError::said(Exit::Refused, reader.lang.t(w::SIGNED_OUT))
}

#[derive(Deserialize)]
struct Answered {
    token: String,
    ceremony: String,
    answer: Value,
}

/// The key is there: an entry.
async fn made(reader: Reader, at: At, Said(this): Said<Answered>) -> Response {
    if !reader.wrote(&this.token) {
        return told(&reader, Err(signed_out(&reader)));
    }
    let (lang, me) = (reader.lang, reader.oneself().map(|(me, _)| me.clone()));
    let bare = reader.bare.is_some();
    let done = reader.room.aside(move |room| {
        let (asked, _) = room.keys.take(&this.ceremony, at.whose, Instant::now())?;
        let Asked::Make { owner, person, pin, label, making } = asked else { return Err(lapsed()) };
        if me.as_ref() != Some(&person) {
            return Err(lapsed());
        }
        let made = at.party()?.made(making, &this.answer.to_string()).map_err(refused)?;
        let added = PasskeyAdded {
            person: person.clone(),
            label,
            party: at.name,
            credential: made.known.credential,
            key: made.known.key,
            attestation: "none".to_owned(),
            synced: made.known.synced,
            counter: made.counter,
            pin,
        };
        let command = Command::Duty(duty::Command::AddPasskey(Box::new(added)));
        room.counted(|| Ok(room.open.station.apply(&owner, command)?))?;
        // The session that could do nothing but this is over with it.
        let (to, word) = if bare { ("/sign-in", p::ADDED_FIRST) } else { ("/pin", p::ADDED) };
        let to = room.said.at(to, Some(&person), (true, lang.t(word).to_owned()))?;
        Ok(json!({ "to": to }))
    });
    told(&reader, done.await)
}

#[derive(Deserialize)]
struct Ask {
    token: String,
    form: String,
    fields: Vec<(String, String)>,
}

/// Who is asked, where the station knows it already: whoever is signed in, or stands at the kiosk. Their form carries a token;
/// where nobody is known yet, whoever shows the passkey says by it who they are.
fn who(room: &Room, reader: &Reader, at: &At, ask: &Ask) -> Result<Option<PersonId>, CliError> {
    if door::says_who(&ask.form) {
        return Ok(None);
    }
    if ask.form.starts_with("/kiosk/") {
        let held = at.kiosk.as_deref().ok_or_else(|| signed_out(reader))?;
        let standing = kiosk_of(room, held)?;
        let standing = standing.filter(|(_, token)| !token.is_empty() && *token == ask.token);
        let (person, _) = standing.ok_or_else(|| signed_out(reader))?;
        // At the kiosk a clerk may sign for whoever stands there: theirs is asked of nobody in particular.
        let clerk = ask.fields.iter().any(|(name, value)| name == "clerk" && !value.is_empty());
        return Ok((!clerk).then_some(person));
    }
    match reader.me.as_ref().filter(|_| reader.wrote(&ask.token)) {
        Some((me, _)) => Ok(Some(me.clone())),
        None => Err(signed_out(reader)),
    }
}

/// What the authenticator is asked to sign for one form.
async fn ask(reader: Reader, at: At, Said(this): Said<Ask>) -> Response {
    let reader = Arc::new(reader);
    let asks = Arc::clone(&reader);
    let done = reader.room.aside(move |room| {
        let reader = &*asks;
        let party = at.party()?;
        let keys = match who(room, reader, &at, &this)? {
            None => Vec::new(),
            Some(person) => {
                let view = room.open.station.world().ledger.view()?;
                let all = duty::passkeys(&*view, &person)?;
                let keys: Vec<Known> =
                    all.iter().filter(|k| k.party == at.name).map(known).collect();
                if keys.is_empty() {
                    let text = format!("{person} 在此没有通行密钥 {person} has no passkey here");
                    return Err(said(&text));
                }
                keys
            }
        };
        let deed = door::deed(&this.form, &this.fields);
        let (question, asking) = party.ask(&keys).map_err(refused)?;
        let asked = Asked::Sign { form: this.form, deed, asking };
        let whose = (at.whose, at.is_known(room, reader));
        let ceremony = room.keys.begin(whose, asked, Instant::now())?;
        Ok(json!({ "ceremony": ceremony, "asked": question["publicKey"] }))
    });
    told(&reader, done.await)
}

/// Signed: an entry, and a pass for the form.
async fn answer(reader: Reader, at: At, Said(this): Said<Answered>) -> Response {
    let reader = Arc::new(reader);
    let answers = Arc::clone(&reader);
    let done = reader.room.aside(move |room| {
        let (asked, until) = room.keys.take(&this.ceremony, at.whose, Instant::now())?;
        let Asked::Sign { form, deed, asking } = asked else { return Err(lapsed()) };
        let party = at.party()?;
        let answer = Answer::read(&this.answer.to_string()).map_err(refused)?;
        let key = room.open.station.passkey(&at.name, &answer.credential())?.ok_or_else(|| {
            let text = "这个通行密钥没有登记，或已作废；请用口令 this passkey is not one that counts here; use your PIN";
            said(text)
        })?;
        if answer.handle().is_some_and(|named| named != handle(room, &key.person)) {
            return Err(refused(sealdock_passkeys::Refused::NotThisKey));
        }
        let shown = party.shown(asking, &answer, &known(&key)).map_err(refused)?;
        let person = key.person.clone();
        let seen = PasskeyUsed {
            passkey: key.seq,
            person: person.clone(),
            form,
            deed,
            counter: shown.counter,
        };
        room.lately.in_order((key.seq, key.counter), (until - LIFE, shown.counter), || {
            room.counted(|| Ok(room.open.station.note_passkey(seen)?))
        })?;
        let signed = Asked::Signed { person: person.clone(), passkey: key.seq, deed };
        let whose = (at.whose, at.is_known(room, &answers));
        let pass = room.keys.signed((whose, until), signed)?;
        Ok(json!({ "pass": pass, "person": person }))
    });
    told(&reader, done.await)
}
