//! Asking to view what one has no right to by oneself; what became of it.

use super::{Fields, Head, Scene, command, copies, shown, sign};
use crate::console::Room;
use crate::console::signed::{Desk, Told};
use crate::exit::CliError;
use axum::extract::Query as Address;
use axum::response::Response;
use axum::routing::get;
use axum::{Form as Sent, Router};
use sealdock_console::rooms::{Block, Button, Cell, Field, Form, Input, Table};
use sealdock_console::words::{self as w, rooms as r};
use sealdock_core::access::{self, ACCESS};
use sealdock_core::id::AccessId;
use sealdock_core::registry;
use sealdock_core::table::Query;
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

/// Own requests that are shown, the newest first.
const SHOWN: u32 = 50;
const CLIPS_LETTERS_MAX: u32 = 2000;

pub fn routes() -> Router<Arc<Room>> {
    Router::new().route("/asks", get(page).post(ask))
}

/// The clip that somebody comes from.
#[derive(Default, Deserialize)]
#[serde(default)]
struct From {
    clip: String,
}

async fn page(
    Desk(reader): Desk,
    Address(told): Address<Told>,
    Address(from): Address<From>,
) -> Response {
    let head = Head::new(reader.lang.t(r::ASKS), &told);
    shown(reader, head, move |scene| {
        Ok(vec![Block::Form(form(scene, &from.clip)), Block::Table(own(scene)?)])
    })
    .await
}

fn form(scene: &Scene, clip: &str) -> Form {
    let clips = Field::line("clips", scene.t(r::WHAT_CLIPS), CLIPS_LETTERS_MAX);
    Form::new("ask", "/asks", scene.t(r::ASK_TO_VIEW))
        .note(scene.t(r::ASK_NOTE))
        .field(clips.with(Input::Line(clip.to_owned(), CLIPS_LETTERS_MAX)).needed())
        .field(Field::line("matter", scene.t(r::COPY_CASE), 90).needed())
        .field(Field::line("reason", scene.t(w::REASON), 500).needed())
        .button(Button::main(scene.t(r::ASK_TO_VIEW)))
}

fn own(scene: &Scene) -> Result<Table, CliError> {
    let mine = Query::all(&ACCESS).with("person", scene.me.as_str());
    let mut rows = Vec::new();
    for row in scene.view.select(&mine.newest_first().limit(SHOWN))? {
        if row.text("purpose") != "view" {
            continue;
        }
        let id = AccessId(registry::seq(&row));
        let (calls, word) = copies::state(&row, scene.at.wall);
        let asked = access::access(&*scene.view, id)?;
        let wanted = asked.map(|access| scene.teller().about(&access.wanted));
        rows.push(vec![
            Cell::Text(id.to_string()),
            Cell::Tag(calls, scene.own(word)),
            Cell::Text(wanted.unwrap_or_default()),
            Cell::Text(row.text("matter").to_owned()),
            Cell::Text(row.text("reason").to_owned()),
            Cell::Time(scene.time(&row, "asked")),
            Cell::Text(row.text_opt("decision_reason").unwrap_or_default().to_owned()),
        ]);
    }
    let head = [
        r::NUMBER,
        r::STATE,
        w::ASKED_FOR,
        r::COPY_CASE,
        w::REASON,
        r::ASKED_AT,
        w::DECISION_REASON,
    ];
    Ok(Table::new(scene.lang, &head, r::NO_ASK_YET).rows(rows))
}

async fn ask(Desk(reader): Desk, Sent(fields): Sent<Vec<(String, String)>>) -> Response {
    sign(reader, Fields(fields), "/asks".into(), |_, fields| {
        let ask = json!({ "act": "request", "who": "colleague", "purpose": "view", "applicant": null,
            "wanted": { "kind": "clips", "clips": fields.clips("clips")? },
            "matter": fields.text("matter"), "reason": fields.text("reason"), "letter": null });
        Ok(vec![command("access", ask)])
    })
    .await
}
