//! Overview and sessions: facts of `status` and `session`, as pages.

use super::guard::page as drawn;
use super::signed::{Desk, Office, Reader};
use super::spoken::half;
use crate::request::Request;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use sealdock_console::desk::{self as view, Figure, LineRow, SessionRow};
use sealdock_console::words::rooms as r;
use sealdock_console::{Lang, show, words as w};
use sealdock_core::id::SessionId;
use sealdock_core::time::{WallMs, Zone};
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

fn session_row(lang: Lang, zone: Zone, json: &Value) -> SessionRow {
    SessionRow {
        session: SessionId(number(json, "seq")).to_string(),
        opened: civil(zone, json, "opened"),
        bay: text(json, "bay"),
        recorder: text(json, "recorder_claim"),
        officer: text(json, "officer"),
        summary: half(lang, &text(json, "summary")).to_owned(),
    }
}

/// One look at the whole station.
pub async fn overview(Desk(reader): Desk) -> Response {
    // Whoever reads only their own has no such page, and comes here from every sign-in.
    if reader.me.as_ref().is_none_or(|(_, me)| !me.reads_all) {
        return Redirect::to("/clips").into_response();
    }
    let me = reader.me.as_ref().map(|(id, _)| id.clone());
    let facts = reader.room.aside(move |room| {
        let view = room.open.station.world().ledger.view()?;
        let at = room.open.station.world().clock.now();
        let mine = me.map(|me| super::heads::waits(&*view, &at, &me)).transpose()?;
        let for_me = mine.map_or(0, |waits| waits.len());
        Ok((room.read(Request::StatusInBrief)?.json, crate::execute::zone(&room.open)?, for_me))
    });
    let (json, zone, for_me) = match facts.await {
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
        count(w::LATE_UNEXPLAINED, "missed_unexplained", Some("/clips?late=1"), true),
        Figure {
            word: w::WAITING_USES,
            value: show::grouped(number(&json["desk"], "waiting")),
            href: Some("/approvals"),
            calls: number(&json["desk"], "waiting") > 0,
        },
        Figure {
            word: w::WAITING_FOR_YOU,
            value: show::grouped(for_me as u64),
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
    let lang = reader.lang;
    let sessions = list(&json, "sessions").iter().map(|row| session_row(lang, zone, row)).collect();
    let page = view::Overview {
        frame: reader.frame(),
        figures,
        alarms: alarms(reader.lang, &json),
        sessions,
    };
    drawn(StatusCode::OK, page.draw())
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

/// Every sentence of `status` that is not merely a figure.
fn alarms(lang: Lang, json: &Value) -> Vec<String> {
    let mut alarms = Vec::new();
    let copies = second_copy(lang, json);
    alarms.extend(Some(copies).filter(|text| !text.is_empty()));
    alarms.extend(check_alarm(lang, &json["full_check"]));
    let said =
        |key: &str| list(&json["desk"], key).iter().filter_map(Value::as_str).map(str::to_owned);
    alarms.extend(said("lines"));
    for key in ["witness_alarms", "lost"] {
        alarms.extend(list(json, key).iter().filter_map(Value::as_str).map(str::to_owned));
    }
    for one in list(json, "passkeys_cloned") {
        let (who, label) = (text(one, "person"), text(one, "label"));
        alarms.push(match lang {
            Lang::Zh => format!("{who} 的通行密钥“{label}”可能被复制，已作废；请本人更换口令"),
            Lang::En => format!("the passkey “{label}” of {who} may have been copied and is void; its owner takes another PIN"),
        });
    }
    for one in list(json, "damaged_copies") {
        alarms.push(format!("{}: {}", text(one, "name"), text(one, "detail")));
    }
    for one in list(json, "ports") {
        alarms.push(format!("{} {}", text(one, "bay"), text(one, "text")));
    }
    alarms.iter().map(|alarm| half(lang, alarm).to_owned()).collect()
}

/// The newest sessions.
pub async fn sessions(Office(reader): Office) -> Response {
    let lang = reader.lang;
    let rows = reader.room.aside(move |room| {
        let zone = crate::execute::zone(&room.open)?;
        let json = room.read(Request::SessionList { aside: false })?.json;
        Ok(list(&json, "sessions").iter().map(|row| session_row(lang, zone, row)).collect())
    });
    match rows.await {
        Ok(rows) => drawn(StatusCode::OK, view::Sessions { frame: reader.frame(), rows }.draw()),
        Err(e) => reader.failed(&e),
    }
}

/// One session, line by line.
pub async fn session(Office(reader): Office, Path(id): Path<String>) -> Response {
    let Ok(session) = id.parse::<SessionId>() else {
        return reader.said(StatusCode::NOT_FOUND, w::NOT_FOUND, "404");
    };
    let facts = reader.room.aside(move |room| {
        let zone = crate::execute::zone(&room.open)?;
        Ok((room.read(Request::SessionShow { session })?.json, zone))
    });
    match facts.await {
        Ok((json, zone)) => {
            drawn(StatusCode::OK, session_page(&reader, session, &json, zone).draw())
        }
        Err(e) => reader.failed(&e),
    }
}

fn session_page(reader: &Reader, session: SessionId, json: &Value, zone: Zone) -> view::Session {
    let row = session_row(reader.lang, zone, json);
    let facts = vec![
        (w::OPENED, row.opened),
        (w::BAY, row.bay),
        (w::RECORDER, row.recorder),
        (w::OFFICER, row.officer),
        (w::HOW_IT_STANDS, row.summary),
    ];
    let line = |line: &Value| LineRow {
        line: text(line, "line"),
        name: text(line, "name"),
        size: show::bytes(number(line, "size")),
        clip: line["clip"].as_str().map(str::to_owned),
        fate: [text(line, "fate"), text(line, "wipe")].join(" ").trim().to_owned(),
        why: text(line, "why"),
    };
    let lines = list(json, "by_line").iter().map(line).collect();
    view::Session { frame: reader.frame(), session: session.to_string(), facts, lines }
}
