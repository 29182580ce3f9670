//! Own clips, without footage; own receipts, with the signed head as a code.

use super::who::Standing;
use super::{drawn, escaped};
use crate::answer::Block;
use crate::console::Room;
use crate::console::desk::{FATES, civil, list, number, text};
use crate::console::rooms::{known, word_of};
use crate::console::spoken::half;
use crate::exit::{CliError, Exit};
use crate::request::{ClipFilter, ClipPage, Request};
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use sealdock_console::kiosk::{self as view, Line};
use sealdock_console::{Lang, show, words as w, words::kiosk as k};
use sealdock_core::id::{ClipId, PersonId, SessionId};
use sealdock_core::registry;
use sealdock_core::schema as s;
use sealdock_core::table::Query as Rows;
use serde::Deserialize;

/// Lines that fit on the screen.
const SHOWN: u32 = 6;

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Which {
    show: String,
    after: String,
}

/// The newest first.
pub async fn page(standing: Standing, Query(which): Query<Which>) -> Response {
    let Standing { reader, person, .. } = standing;
    let (lang, unit) = (reader.lang, reader.room.unit.clone());
    let (receipts, first) = (which.show == "receipts", which.after.is_empty());
    let found = reader.room.aside(move |room| match receipts {
        true => own_receipts((room, lang), &person, &which.after),
        false => own_clips(room, &person, &which.after),
    });
    match found.await {
        Ok((lines, older)) => {
            let to = if receipts { "/kiosk/mine?show=receipts" } else { "/kiosk/mine?show=clips" };
            let newer = (!first).then(|| to.to_owned());
            let older = older.map(|last| format!("{to}&after={}", escaped(&last)));
            let page = view::Mine { lang, unit, receipts, lines, newer, older };
            drawn(StatusCode::OK, page.draw())
        }
        Err(e) => reader.failed(&e),
    }
}

type Lines = (Vec<Line>, Option<String>);

fn own_clips(room: &Room, me: &PersonId, after: &str) -> Result<Lines, CliError> {
    let zone = crate::execute::zone(&room.open)?;
    let after = (!after.is_empty()).then(|| after.parse()).transpose()?;
    let page = ClipPage { limit: Some(SHOWN), after, newest_first: true, looks: None };
    let filter = ClipFilter { page, officer: Some(me.clone()), ..ClipFilter::default() };
    let json = room.read(Request::ClipList(filter))?.json;
    let line = |json: &serde_json::Value| {
        let at = if json["recorded"].is_null() { "stored" } else { "recorded" };
        Line {
            href: None,
            what: ClipId(number(json, "seq")).to_string(),
            at: civil(zone, json, at),
            note: {
                let (name, size) = (text(json, "name"), show::bytes(number(json, "size")));
                let star = if number(json, "marked") == 1 { "★ " } else { "" };
                // The folder says nothing to whoever stands there.
                format!("{size} · {star}{}", name.rsplit('/').next().unwrap_or(&name))
            },
        }
    };
    let lines = list(&json, "clips").iter().map(line).collect();
    Ok((lines, json["next"].as_str().map(str::to_owned)))
}

fn own_receipts(
    (room, lang): (&Room, Lang),
    me: &PersonId,
    after: &str,
) -> Result<Lines, CliError> {
    let zone = crate::execute::zone(&room.open)?;
    let before: Option<SessionId> = (!after.is_empty()).then(|| after.parse()).transpose()?;
    let view = room.open.station.world().ledger.view()?;
    let own = Rows::all(&s::SESSION).with("officer", me.as_str()).newest_first();
    let rows = view.select(&own)?;
    let rows = rows.iter().filter(|row| before.is_none_or(|last| registry::seq(row) < last.0));
    let mut rows: Vec<_> = rows.take(SHOWN as usize + 1).collect();
    let more = rows.len() > SHOWN as usize;
    rows.truncate(SHOWN as usize);
    let line = |row: &&sealdock_core::table::Row| {
        let session = SessionId(registry::seq(row));
        let at = row.text("opened");
        Line {
            href: Some(format!("/kiosk/receipt/{session}")),
            what: format!("{session} {}", row.text("recorder_claim")),
            at: sealdock_core::time::WallMs::parse(at).map_or(at.to_owned(), |at| zone.civil(at)),
            note: half(lang, row.text_opt("summary").unwrap_or_default()).to_owned(),
        }
    };
    let older = rows.last().filter(|_| more).map(|row| SessionId(registry::seq(row)).to_string());
    Ok((rows.iter().map(line).collect(), older))
}

/// The receipt of one's own docking; of somebody else's there is none.
pub async fn receipt(standing: Standing, Path(id): Path<String>) -> Response {
    let Standing { reader, person, .. } = standing;
    let Ok(session) = id.parse::<SessionId>() else {
        return reader.said(StatusCode::NOT_FOUND, w::NOT_FOUND, "404");
    };
    let lang = reader.lang;
    let found = reader.room.aside(move |room| {
        let view = room.open.station.world().ledger.view()?;
        let row = registry::by_seq(&*view, &s::SESSION, session.0)?;
        let own = row.filter(|row| row.text_opt("officer") == Some(person.as_str()));
        let row =
            own.ok_or_else(|| CliError::both(Exit::Missing, w::NOT_FOUND.0, w::NOT_FOUND.1))?;
        drop(view);
        paper((room, lang), session, &row)
    });
    match found.await {
        Ok((facts, files, code, head)) => {
            let (unit, session) = (reader.room.unit.clone(), session.to_string());
            let back = "/kiosk/mine?show=receipts";
            let page = view::Receipt { lang, unit, session, facts, files, code, head, back };
            drawn(StatusCode::OK, page.draw())
        }
        Err(e) => reader.failed(&e),
    }
}

type Paper = (Vec<(w::Word, String)>, Vec<[String; 4]>, (usize, String), Vec<String>);

/// As `sealdock report receipt` draws it.
fn paper(
    (room, lang): (&Room, Lang),
    session: SessionId,
    row: &sealdock_core::table::Row,
) -> Result<Paper, CliError> {
    let zone = crate::execute::zone(&room.open)?;
    let view = room.open.station.world().ledger.view()?;
    let officer = known(&*view, row.text_opt("officer").unwrap_or_default())?;
    drop(view);
    let ask = crate::execute::report::Ask::Receipt { session };
    let answer = room.read(Request::Report(ask))?;
    let code = answer.blocks.iter().find_map(|block| match block {
        Block::Sheet { sheet, .. } => sheet.code.as_ref(),
        _ => None,
    });
    let code = show::code(code.map_or(&[], |code| &code.dots));
    let json = answer.json;
    let lines = list(&json, "lines");
    let stored = lines.iter().filter(|line| !line["clip"].is_null()).count();
    let opened = sealdock_core::time::WallMs::parse(row.text("opened"));
    let facts = vec![
        (w::RECORDER, text(&json, "recorder")),
        (w::OFFICER, officer),
        (w::OPENED, opened.map_or_else(String::new, |at| zone.civil(at))),
        (w::HOW_IT_STANDS, half(lang, row.text_opt("summary").unwrap_or("-")).to_owned()),
        (k::FILES, lines.len().to_string()),
        (k::STORED, stored.to_string()),
    ];
    let file = |line: &serde_json::Value| {
        let size = show::bytes(number(line, "size"));
        let name = text(line, "name");
        let name = name.rsplit('/').next().unwrap_or(&name).to_owned();
        [name, size, word_of(lang, &FATES, &text(line, "fate")), text(line, "sha256")]
    };
    let head = text(&json, "head").lines().filter(|l| !l.is_empty()).map(str::to_owned).collect();
    Ok((facts, lines.iter().map(file).collect(), code, head))
}
