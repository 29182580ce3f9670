//! The policy: in force, with its sources; a proposed text, what it changes and whom that reaches; adopted on a page of its own.

use super::drafts::Draft;
use crate::console::Room;
use crate::console::desk::text;
use crate::console::guard::page as drawn;
use crate::console::rules::{differences, rules};
use crate::console::signed::Office;
use crate::docking::State;
use crate::execute::fits_this_build;
use crate::exit::{CliError, Exit};
use crate::request::Request;
use axum::Form;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use sealdock_console::Lang;
use sealdock_console::admin::{self as view, Preview};
use sealdock_console::words::{self as w, admin as a, policy as meanings};
use sealdock_core::access::ACCESS;
use sealdock_core::desk;
use sealdock_core::policy::Policy;
use sealdock_core::policy::sign_in::Desk;
use sealdock_core::reading::without_passkey;
use sealdock_core::says;
use sealdock_core::table::Query as Rows;
use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Wanted {
    draft: String,
    said: String,
}

/// In force; with a draft what it would change.
pub async fn page(
    Office(reader): Office,
    Query(Wanted { draft, said }): Query<Wanted>,
) -> Response {
    let lang = reader.lang;
    let said = reader.room.said.take(&said);
    let proposed = reader.me.as_ref().and_then(|(me, _)| reader.room.drafts.take(me, &draft));
    let found = reader.room.aside(move |room| {
        let json = room.read(Request::PolicyShow)?.json;
        let now = text(&json, "text");
        let preview = match &proposed {
            Some(Draft::Policy(then)) => Some(preview(room, lang, (draft, &now, then))?),
            _ => None,
        };
        let shown = match proposed {
            Some(Draft::Policy(then)) => then,
            _ => now.clone(),
        };
        Ok((rules(lang, &now), text(&json, "entry"), shown, preview))
    });
    match found.await {
        Ok((rules, entry, text, preview)) => {
            let page = view::Policy { frame: reader.frame(), said, rules, entry, text, preview };
            drawn(StatusCode::OK, page.draw())
        }
        Err(e) => reader.failed(&e),
    }
}

fn preview(
    room: &Room,
    lang: Lang,
    (draft, now, then): (String, &str, &str),
) -> Result<Preview, CliError> {
    let changes = differences(lang, now, then);
    let touches = |section: &str| changes.iter().any(|(key, ..)| key.starts_with(section));
    let view = room.open.station.world().ledger.view()?;
    let mut effects = Vec::new();
    if !changes.is_empty() {
        effects.push(lang.t(a::EFFECT_FORWARD).to_owned());
    }
    if touches("keeping.class") {
        effects.push(lang.t(a::EFFECT_KEEPING).to_owned());
    }
    if touches("desk.") {
        effects.push(format!("{} {}", lang.t(a::EFFECT_DESK), desk::out(&*view)?.len()));
    }
    if touches("wipe.") || touches("docking.") || touches("deadlines.") {
        let busy = [State::Waiting, State::Running];
        let docked = room.open.docks.all().into_iter().filter(|d| busy.contains(&d.state));
        effects.push(format!("{} {}", lang.t(a::EFFECT_WIPE), docked.count()));
    }
    if touches("sign_in.pin") || touches("sign_in.duty_pin") {
        effects.push(lang.t(a::EFFECT_PINS).to_owned());
    }
    if touches("sign_in.desk") {
        effects.extend(effect_on_the_desk(room, lang, then)?);
    }
    if touches("access.") {
        let waits = view.select(&Rows::all(&ACCESS).with("state", "asked"))?.len();
        effects.push(format!("{} {waits}", lang.t(a::EFFECT_ACCESS)));
    }
    let explained = |(key, now, then): (String, String, String)| {
        let word = meanings::meaning(&key);
        (key, word, now, then)
    };
    Ok(Preview { draft, changes: changes.into_iter().map(explained).collect(), effects })
}

/// Whom the demand for a passkey reaches.
fn effect_on_the_desk(room: &Room, lang: Lang, then: &str) -> Result<Option<String>, CliError> {
    if Policy::parse(then).is_ok_and(|policy| policy.sign_in.desk == Desk::Pin) {
        return Ok(None);
    }
    let world = room.open.station.world();
    let without = without_passkey(&*world.ledger.view()?, world.clock.now().wall)?;
    Ok(Some(format!("{} {}", lang.t(a::EFFECT_PASSKEY), without.len())))
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Proposed {
    token: String,
    text: String,
}

/// Keeps a text that is a policy, for its preview; nothing is written.
pub async fn propose(Office(reader): Office, Form(this): Form<Proposed>) -> Response {
    let Some((me, _)) = reader.me.clone().filter(|_| reader.wrote(&this.token)) else {
        return reader.said(StatusCode::FORBIDDEN, w::REFUSED, reader.lang.t(w::SIGNED_OUT));
    };
    // As browsers send lines; a policy has the unit's own.
    let text = this.text.replace("\r\n", "\n");
    let kept = Policy::parse(&text)
        .map_err(|e| e.in_words())
        .map_err(|why| says!("策略文本不能施行：{why:#}", "{why}"))
        .map_err(|why| CliError::of_rule(Exit::Refused, &why))
        .and_then(|policy| fits_this_build(&policy, cfg!(feature = "passkeys")))
        .and_then(|_| reader.room.drafts.keep(&me, Draft::Policy(text)));
    match kept {
        Ok(draft) => Redirect::to(&format!("/policy?draft={draft}")).into_response(),
        Err(e) => reader.off_with("/policy", &e),
    }
}
