//! Long-term keeping: asked for by anybody, answered by the department head who did not ask, released in the same way.

use super::{Asks, Fields, Head, Scene, command, nothing, shown, sign, word_of};
use crate::console::Room;
use crate::console::desk::{list, number, text};
use crate::console::signed::{Desk, Office, Told, local};
use crate::exit::{CliError, Exit};
use crate::request::{Keep, Request};
use axum::extract::{Path, Query as Address};
use axum::response::Response;
use axum::routing::get;
use axum::{Form as Sent, Router};
use sealdock_console::rooms::{Block, Button, Cell, Field, Form, Table};
use sealdock_console::words::{self as w, Word, rooms as r};
use sealdock_core::event::Event;
use sealdock_core::id::{ClipId, HoldId};
use sealdock_core::keep::{self, HOLD, HOLD_CLIP, HoldAnswered, HoldApproved, HoldReleased};
use sealdock_core::registry;
use sealdock_core::table::Query;
use serde_json::{Value, json};
use std::sync::Arc;

pub fn routes() -> Router<Arc<Room>> {
    Router::new().route("/holds", get(page).post(ask)).route("/holds/{hold}", get(one).post(act))
}

pub const GROUNDS: [(&str, Word); 4] = [
    ("objection", r::G_OBJECTION),
    ("obstruction", r::G_OBSTRUCTION),
    ("proceedings", r::G_PROCEEDINGS),
    ("important", r::G_IMPORTANT),
];

const STATES: [(&str, Word); 5] = [
    ("requested", r::ST_REQUESTED),
    ("approved", r::ST_HELD),
    ("refused", r::ST_REFUSED),
    ("release-requested", r::ST_RELEASE),
    ("released", r::ST_RELEASED),
];

pub fn state_word(scene: &Scene, state: &str) -> String {
    word_of(scene.lang, &STATES, state)
}

fn calls(state: &str) -> bool {
    matches!(state, "requested" | "release-requested")
}

async fn page(Office(reader): Office, Address(told): Address<Told>) -> Response {
    let head = Head::new(reader.lang.t(r::HOLDS), &told);
    shown(reader, head, |scene| {
        let json = scene.read(Request::Keep(Keep::HoldList))?;
        Ok(vec![
            Block::Table(table(scene, list(&json, "holds"))?),
            Block::Form(ask_form(scene, None).shut()),
        ])
    })
    .await
}

fn table(scene: &Scene, holds: &[Value]) -> Result<Table, CliError> {
    let mut rows = Vec::new();
    for hold in holds.iter().rev() {
        let id = HoldId(number(hold, "seq"));
        let state = text(hold, "state");
        let clips: Vec<&str> = list(hold, "clip_ids").iter().filter_map(Value::as_str).collect();
        let more = if clips.len() > 6 { format!(" … {}", clips.len()) } else { String::new() };
        rows.push(vec![
            Cell::Link(format!("/holds/{id}"), id.to_string()),
            Cell::Tag(calls(&state), word_of(scene.lang, &STATES, &state)),
            Cell::Text(word_of(scene.lang, &GROUNDS, &text(hold, "ground"))),
            Cell::Text(clips.iter().take(6).copied().collect::<Vec<_>>().join(" ") + &more),
            Cell::Text(scene.named(&text(hold, "requested_by"))?),
            Cell::Time(scene.when(hold, "requested")),
            Cell::Text(text(hold, "reason")),
        ]);
    }
    let head =
        [r::NUMBER, r::STATE, r::GROUND, w::ALL_CLIPS, r::ASKED_BY, r::ASKED_AT, r::REASON_WHY];
    Ok(Table::new(scene.lang, &head, r::NO_HOLDS).rows(rows))
}

/// For these clips, or for clips that are named.
pub fn ask_form(scene: &Scene, clip: Option<ClipId>) -> Form {
    let form = Form::new("hold", "/holds", scene.t(r::HOLD_ASK)).note(scene.t(r::HOLD_ASK_NOTE));
    let form = match clip {
        Some(clip) => form.hidden("clips", clip).hidden("back", format!("/clips/{clip}")),
        None => form.field(Field::line("clips", scene.t(r::CLIP_NUMBERS), 2000).needed()),
    };
    let grounds = scene.to_choose(&GROUNDS);
    form.field(Field::choice("ground", scene.t(r::GROUND), grounds, "").needed())
        .field(Field::line("reason", scene.t(r::REASON_WHY), 500).needed())
        .button(Button::main(scene.t(r::HOLD_ASK)))
}

/// From this room, or from the page of a clip: whoever reads only their own asks for their own.
async fn ask(Desk(reader): Desk, Sent(fields): Sent<Vec<(String, String)>>) -> Response {
    let fields = Fields(fields);
    let back = match fields.given("back") {
        Some(back) => local(back).to_owned(),
        None => "/holds".to_owned(),
    };
    sign(reader, fields, back, |scene, fields| {
        let clips = fields.clips("clips")?;
        scene.own_clips(&clips)?;
        let ground = fields.text("ground");
        if !GROUNDS.iter().any(|(known, _)| *known == ground) {
            let text = format!("{}{}{}", scene.t(r::GROUND), scene.t(r::COLON), scene.t(r::CHOOSE));
            return Err(CliError::said(Exit::Usage, text));
        }
        let reason = fields.text("reason");
        let ask =
            json!({ "act": "request-hold", "clips": clips, "ground": ground, "reason": reason });
        Ok(vec![command("keep", ask)])
    })
    .await
}

async fn one(
    Office(reader): Office,
    Path(id): Path<String>,
    Address(told): Address<Told>,
) -> Response {
    let Ok(hold) = id.parse::<HoldId>() else { return nothing(&reader) };
    let head = Head::new(format!("{} {hold}", reader.lang.t(r::HOLDS)), &told);
    shown(reader, head, move |scene| blocks(scene, hold)).await
}

fn blocks(scene: &Scene, hold: HoldId) -> Result<Vec<Block>, CliError> {
    let row = registry::by_seq(&*scene.view, &HOLD, hold.0)?;
    let row = row.ok_or_else(|| CliError::said(Exit::Missing, scene.t(w::NOT_FOUND)))?;
    let clips = scene.view.select(&Query::all(&HOLD_CLIP).with("hold", hold.0))?;
    let state = row.text("state");
    let mut facts = vec![
        (scene.own(r::STATE), word_of(scene.lang, &STATES, state)),
        (scene.own(r::GROUND), word_of(scene.lang, &GROUNDS, row.text("ground"))),
        (scene.own(r::ASKED_BY), scene.named(row.text("requested_by"))?),
        (scene.own(r::ASKED_AT), scene.time(&row, "requested")),
        (scene.own(r::REASON_WHY), row.text("reason").to_owned()),
    ];
    for (word, column) in [(r::APPROVED_BY, "approved_by"), (r::ANSWERED_BY, "answered_by")] {
        if let Some(by) = row.text_opt(column) {
            facts.push((scene.own(word), scene.named(by)?));
        }
    }
    for (word, column) in [(r::RELEASE_ASK, "release_reason"), (w::DECISION_REASON, "answer")] {
        facts.extend(row.text_opt(column).map(|text| (scene.own(word), text.to_owned())));
    }
    let links = clips.iter().map(|row| ClipId(row.int("clip").unsigned_abs()));
    let links = links.map(|clip| (format!("/clips/{clip}"), clip.to_string())).collect();
    let mut blocks = vec![Block::Facts(facts), Block::Links(links)];
    blocks.extend(decision(scene, hold, state)?.map(Block::Form));
    if state == "approved" {
        let form = Form::new("release", &format!("/holds/{hold}"), scene.t(r::RELEASE_ASK)).shut();
        let form = form.hidden("act", "release").hidden("state", state);
        let form = form.field(Field::line("reason", scene.t(r::REASON_WHY), 500).needed());
        blocks.push(Block::Form(form.button(Button::main(scene.t(r::RELEASE_ASK)))));
    }
    Ok(blocks)
}

/// Offered to whoever the rules would let answer now.
fn decision(scene: &Scene, hold: HoldId, state: &str) -> Result<Option<Form>, CliError> {
    let reason = "-".to_owned();
    let (yes, no, words) = match state {
        "requested" => (
            keep::Event::HoldApproved(HoldApproved { hold }),
            keep::Event::HoldRefused(HoldAnswered { hold, reason }),
            (r::HOLD_APPROVE, r::HOLD_REFUSE),
        ),
        "release-requested" => (
            keep::Event::HoldReleased(HoldReleased { hold }),
            keep::Event::HoldReleaseRefused(HoldAnswered { hold, reason }),
            (r::RELEASE_APPROVE, r::RELEASE_REFUSE),
        ),
        _ => return Ok(None),
    };
    let (yes, no) = (scene.may(&Event::Keep(yes))?, scene.may(&Event::Keep(no))?);
    if !yes && !no {
        return Ok(None);
    }
    let form = Form::new("answer", &format!("/holds/{hold}"), scene.t(words.0));
    let mut form = form.hidden("state", state);
    if no {
        form = form.field(Field::line("reason", scene.t(w::DECISION_REASON), 500));
    }
    if yes {
        form = form.button(Button::sending("act", "approve", scene.t(words.0), true));
    }
    if no {
        form = form.button(Button::sending("act", "refuse", scene.t(words.1), false));
    }
    Ok(Some(form))
}

async fn act(
    Office(reader): Office,
    Path(id): Path<String>,
    Sent(fields): Sent<Vec<(String, String)>>,
) -> Response {
    let Ok(hold) = id.parse::<HoldId>() else { return nothing(&reader) };
    sign(reader, Fields(fields), format!("/holds/{hold}"), move |scene, fields| {
        asks(scene, fields, hold)
    })
    .await
}

fn asks(scene: &Scene, fields: &Fields, hold: HoldId) -> Asks {
    let row = registry::by_seq(&*scene.view, &HOLD, hold.0)?;
    let row = row.ok_or_else(|| CliError::said(Exit::Missing, scene.t(w::NOT_FOUND)))?;
    // One word approves a hold and its release: it must be the one that was looked at.
    if fields.text("state") != row.text("state") {
        return Err(scene.meanwhile(&word_of(scene.lang, &STATES, row.text("state"))));
    }
    let reason = fields.text("reason");
    let act = match fields.text("act") {
        "approve" => json!({ "act": "approve-hold", "hold": hold }),
        "refuse" => json!({ "act": "refuse-hold", "hold": hold, "reason": reason }),
        "release" => json!({ "act": "request-release", "hold": hold, "reason": reason }),
        _ => return Err(CliError::said(Exit::Usage, scene.t(r::CHOOSE))),
    };
    Ok(vec![command("keep", act)])
}
