//! Overview and sessions: facts of `status` and `session`, as pages.

/// One session, and what is decided about it.
pub mod session;

use super::guard::page as drawn;
use super::outcome::{self, plain};
use super::rooms::known;
use super::signed::{Desk, Office};
use super::spoken::{own_words, why_in, word};
use crate::exit::CliError;
use crate::request::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use sealdock_console::desk::{self as view, Figure, SessionRow};
use sealdock_console::words::{Word, dock, rooms as r};
use sealdock_console::{Lang, show, words as w};
use sealdock_core::id::{AsideId, SessionId};
use sealdock_core::ports::Registers;
use sealdock_core::schema::SESSION;
use sealdock_core::time::{WallMs, Zone};
use sealdock_core::why::Why;
use sealdock_core::{registry, says};
use serde_json::Value;

/// A text of an answer; absent is empty.
pub fn text(json: &Value, key: &str) -> String {
    match &json[key] {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The same, of a number.
pub fn number(json: &Value, key: &str) -> u64 {
    json[key].as_u64().unwrap_or_default()
}

pub fn list<'a>(json: &'a Value, key: &str) -> &'a [Value] {
    json[key].as_array().map_or(&[], Vec::as_slice)
}

/// A time of a register as the unit's people write it.
pub fn civil(zone: Zone, json: &Value, key: &str) -> String {
    let text = text(json, key);
    WallMs::parse(&text).map_or(text, |at| zone.civil(at))
}

/// The rows of an answer, each with how it stands in words of the page.
fn session_rows(
    view: &dyn Registers,
    (lang, zone): (Lang, Zone),
    json: &Value,
) -> Result<Vec<SessionRow>, CliError> {
    let row = |json: &Value| {
        let row = registry::by_seq(view, &SESSION, number(json, "seq"))?;
        let said = row.map(|row| outcome::said(view, &row)).transpose()?;
        let said = said.map(|why| word(lang, why)).unwrap_or_default();
        let officer = known(view, &text(json, "officer"))?;
        Ok(SessionRow { officer, ..session_row(zone, json, said) })
    };
    list(json, "sessions").iter().map(row).collect()
}

fn session_row(zone: Zone, json: &Value, summary: String) -> SessionRow {
    SessionRow {
        session: SessionId(number(json, "seq")).to_string(),
        opened: civil(zone, json, "opened"),
        bay: text(json, "bay"),
        recorder: text(json, "recorder_claim"),
        officer: text(json, "officer"),
        summary,
    }
}

/// One look at the whole station.
pub async fn overview(Desk(reader): Desk) -> Response {
    // Whoever reads only their own has no such page, and comes here from every sign-in.
    if reader.me.as_ref().is_none_or(|(_, me)| !me.reads_all) {
        return Redirect::to("/clips").into_response();
    }
    let me = reader.me.as_ref().map(|(id, _)| id.clone());
    let lang = reader.lang;
    let facts = reader.room.aside(move |room| {
        let view = room.open.station.world().ledger.view()?;
        let at = room.open.station.world().clock.now();
        let for_me = match me {
            Some(me) => {
                let waits = super::heads::waits(&*view, &at, &me)?;
                let asked = super::approvals::waiting(&*view, &at, &me)?;
                (waits.len() + asked, !waits.beyond.is_empty())
            }
            None => (0, false),
        };
        let zone = crate::execute::zone(&room.open)?;
        let (json, alarms) = room.counted(|| crate::execute::overview(&room.open))?;
        let sessions = session_rows(&*view, (lang, zone), &json)?;
        let undecided = undecided(&*view, lang)?;
        Ok((json, sessions, (for_me, undecided, alarms)))
    });
    let (json, sessions, ((for_me, beyond), mut undecided, said)) = match facts.await {
        Ok(facts) => facts,
        Err(e) => return reader.failed(&e),
    };
    let count = |word, key: &str, href, calls: bool| {
        let n = json[key].as_array().map_or_else(|| number(&json, key), |all| all.len() as u64);
        Figure { word, value: show::grouped(n), href, calls: calls && n > 0 }
    };
    let figures = vec![
        count(w::CLIPS_KEPT, "clips", Some("/clips"), false),
        count(w::UNASSIGNED, "unassigned_clips", Some("/clips?unassigned=1"), true),
        count(w::ASIDES, "open_asides", None, true),
        count(w::LATE_UNEXPLAINED, "missed_unexplained_count", Some("/clips?late=1"), true),
        Figure {
            word: w::WAITING_USES,
            value: show::grouped(number(&json["desk"], "waiting")),
            href: Some("/approvals"),
            calls: number(&json["desk"], "waiting") > 0,
        },
        Figure {
            word: w::WAITING_FOR_YOU,
            value: format!("{}{}", show::grouped(for_me as u64), if beyond { "+" } else { "" }),
            href: Some("/approvals"),
            calls: for_me > 0,
        },
        Figure {
            word: w::DISK_FREE,
            value: show::bytes(number(&json["disk"], "bytes_free")),
            href: None,
            calls: false,
        },
    ];
    undecided.extend(alarms(lang, &json, &said).into_iter().map(|text| (None, text)));
    let page = view::Overview { frame: reader.frame(), figures, alarms: undecided, sessions };
    drawn(StatusCode::OK, page.draw())
}

/// Sessions that are named on the overview.
const UNDECIDED_SHOWN: usize = 20;

/// What a clerk has to decide, each with the way there.
fn undecided(view: &dyn Registers, lang: Lang) -> Result<Vec<(Option<String>, String)>, CliError> {
    let all = session::undecided(view)?;
    let mut said = Vec::new();
    for (id, row) in all.iter().take(UNDECIDED_SHOWN) {
        let (recorder, how) = (row.text("recorder_claim"), outcome::said(view, row)?);
        let why = says!("{id} 记录仪 {recorder}：{how:#}", "{id} recorder {recorder}: {how}");
        said.push((Some(format!("/sessions/{id}")), word(lang, why)));
    }
    if all.len() > UNDECIDED_SHOWN {
        said.push((Some("/sessions".to_owned()), lang.t(dock::MORE_OF_THEM).to_owned()));
    }
    Ok(said)
}

/// How the second copy stands.
pub fn second_copy(lang: Lang, json: &Value) -> String {
    match (lang, json["copies"].as_str()) {
        (Lang::Zh, Some("undecided")) => w::COPIES_UNDECIDED.0.to_owned(),
        (Lang::Zh, Some("single-accepted")) => w::COPIES_SINGLE.0.to_owned(),
        (Lang::Zh, Some("present")) => w::COPIES_PRESENT.0.to_owned(),
        (Lang::Zh, Some("missing")) => w::COPIES_MISSING.0.to_owned(),
        _ => text(json, "copies_text"),
    }
}

/// What the newest full check found, or that it is long ago.
pub fn check_alarm(lang: Lang, checked: &Value) -> Option<String> {
    match (number(&checked["last"], "findings"), checked["due"].as_bool()) {
        (findings @ 1.., _) => Some(format!("{} {findings}", lang.t(r::CHECK_FOUND))),
        (_, Some(true)) => Some(format!("{} {}", lang.t(r::CHECK_DUE), number(checked, "days"))),
        _ => None,
    }
}

/// Every sentence of `status` that is not merely a figure; `said` are those that have both languages already.
fn alarms(lang: Lang, json: &Value, said: &[Why]) -> Vec<String> {
    let mut alarms = Vec::new();
    let copies = second_copy(lang, json);
    alarms.extend(Some(copies).filter(|text| !text.is_empty()));
    alarms.extend(check_alarm(lang, &json["full_check"]));
    alarms.extend(said.iter().map(|why| why_in(lang, why)));
    for one in list(json, "passkeys_cloned") {
        let (who, label) = (text(one, "person"), text(one, "label"));
        alarms.push(match lang {
            Lang::Zh => format!("{who} 的通行密钥“{label}”可能被复制，已作废；请本人更换口令"),
            Lang::En => format!("the passkey “{label}” of {who} may have been copied and is void; its owner takes another PIN"),
        });
    }
    alarms.extend(list(json, "damaged_copies").iter().map(|one| damaged(lang, one)));
    for one in list(json, "ports") {
        let said = own_words(lang, &text(one, "text"), w::PORT_FAULT);
        alarms.push(format!("{}: {said}", text(one, "bay")));
    }
    alarms
}

/// A stored copy that is damaged. What was found of it stands in its entry, in English; what to do follows from that it was.
fn damaged(lang: Lang, one: &Value) -> String {
    let (aside, name) = (AsideId(number(one, "seq")), text(one, "name"));
    format!("{aside} {name}: {}", lang.t(w::DAMAGED_COPY))
}

/// The newest sessions.
pub async fn sessions(Office(reader): Office) -> Response {
    let lang = reader.lang;
    let rows = reader.room.aside(move |room| {
        let zone = crate::execute::zone(&room.open)?;
        let json = room.read(Request::SessionList { aside: false })?.json;
        session_rows(&*room.open.station.world().ledger.view()?, (lang, zone), &json)
    });
    match rows.await {
        Ok(rows) => drawn(StatusCode::OK, view::Sessions { frame: reader.frame(), rows }.draw()),
        Err(e) => reader.failed(&e),
    }
}

/// What became of a line, as the record names it.
pub const FATES: [(&str, Word); 5] = [
    ("stored", r::F_STORED),
    ("seen", r::F_SEEN),
    ("aside", r::F_ASIDE),
    ("left", r::F_LEFT),
    ("open", r::F_OPEN),
];
const WIPES: [(&str, Word); 5] = [
    ("intended", r::X_INTENDED),
    ("wiped", r::X_WIPED),
    ("failed", r::X_FAILED),
    ("unknown", r::X_UNKNOWN),
    ("stays", r::X_STAYS),
];
/// Why a line stands aside, as the record names it.
const ASIDES: [(&str, Word); 10] = [
    ("partial", r::A_PARTIAL),
    ("growing", r::A_GROWING),
    ("truncated", r::A_TRUNCATED),
    ("unstable", r::A_UNSTABLE),
    ("store-mismatch", r::A_STORE_MISMATCH),
    ("stored-damaged", r::A_STORED_DAMAGED),
    ("not-a-file", r::A_NOT_A_FILE),
    ("unreadable", r::A_UNREADABLE),
    ("vanished", r::A_VANISHED),
    ("no-space", r::A_NO_SPACE),
];

/// `A7: partial: what happened`. What exactly it was stands in the record in English, which an English page shows.
fn why_aside(lang: Lang, why: &str) -> String {
    let parts = why.split_once(": ").and_then(|(aside, rest)| {
        let (reason, detail) = rest.split_once(": ")?;
        let known = ASIDES.iter().find(|(known, _)| *known == reason)?;
        Some((aside, known.1, detail))
    });
    match (parts, lang) {
        (Some((aside, word, _)), Lang::Zh) => format!("{aside}：{}", word.0),
        (Some((aside, word, detail)), Lang::En) if plain(detail) => {
            format!("{aside}: {}: {detail}", word.1)
        }
        (Some((aside, word, _)), Lang::En) => format!("{aside}: {}", word.1),
        (None, _) if why.is_empty() => String::new(),
        (None, _) => match outcome::refusal(why) {
            Some(known) => word(lang, known),
            None if plain(why) => own_words(lang, why, r::WHY_IN_RECORD),
            None => lang.t(r::WHY_IN_RECORD).to_owned(),
        },
    }
}

#[cfg(test)]
mod tests;
