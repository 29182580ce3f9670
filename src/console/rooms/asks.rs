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

/// Own requests on one page, the newest first.
const SHOWN: usize = 50;
const CLIPS_LETTERS_MAX: u32 = 2000;

pub fn routes() -> Router<Arc<Room>> {
    Router::new().route("/asks", get(page).post(ask))
}

/// The clip that somebody comes from, or the request after which the list goes on.
#[derive(Default, Deserialize)]
#[serde(default)]
struct From {
    clip: String,
    after: String,
}

async fn page(
    Desk(reader): Desk,
    Address(told): Address<Told>,
    Address(from): Address<From>,
) -> Response {
    let head = Head::new(reader.lang.t(r::ASKS), &told);
    let after = from.after.parse::<AccessId>().ok();
    shown(reader, head, move |scene| {
        let mut blocks = vec![Block::Form(form(scene, &from.clip))];
        blocks.extend(own(scene, after)?);
        Ok(blocks)
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

/// Their own, and a way to those before.
fn own(scene: &Scene, after: Option<AccessId>) -> Result<Vec<Block>, CliError> {
    let mine = Query::all(&ACCESS).with("person", scene.me.as_str()).with("purpose", "view");
    let mut mine = mine.newest_first().limit(SHOWN as u32 + 1);
    if let Some(after) = after {
        mine = mine.after(vec![after.0.into()]);
    }
    let requests = scene.view.select(&mine)?;
    let mut rows = Vec::new();
    for row in requests.iter().take(SHOWN) {
        let id = AccessId(registry::seq(row));
        let (calls, word) = copies::state(row, scene.at.wall);
        let asked = access::access(&*scene.view, id)?;
        let wanted = asked.map(|access| scene.teller().about(&access.wanted));
        rows.push(vec![
            Cell::Text(id.to_string()),
            Cell::Tag(calls, scene.own(word)),
            Cell::Text(wanted.unwrap_or_default()),
            Cell::Text(row.text("matter").to_owned()),
            Cell::Text(row.text("reason").to_owned()),
            Cell::Time(scene.time(row, "asked")),
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
    let mut blocks = vec![Block::Table(Table::new(scene.lang, &head, r::NO_ASK_YET).rows(rows))];
    let last = requests.get(SHOWN - 1).filter(|_| requests.len() > SHOWN);
    let to = |row| format!("/asks?after={}", AccessId(registry::seq(row)));
    blocks.extend(last.map(|row| scene.goes_on(to(row))));
    Ok(blocks)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::hostile::{Bench, in_runtime};
    use sealdock_console::Lang;
    use sealdock_core::access::{Asking, Purpose, Wanted, Who};
    use sealdock_core::command::Command;

    #[test]
    fn every_request_of_ones_own_is_reached_a_page_at_a_time() {
        in_runtime(async {
            let bench = Bench::new();
            let clip = bench.clip();
            let ask = |n: usize| {
                let asking = Asking {
                    who: Who::Colleague,
                    purpose: Purpose::View,
                    applicant: None,
                    wanted: Wanted::Clips { clips: vec![clip] },
                    matter: format!("matter {n}"),
                    reason: "x".into(),
                    letter: None,
                };
                let ask = access::Command::Request(Box::new(asking));
                bench.apply("a1", Command::Access(ask))
            };
            let asked: Vec<String> = (0..SHOWN + 3).map(|n| AccessId(ask(n)).to_string()).collect();
            let (held, _) = bench.session("a1");
            let (mut at, mut found) = ("/asks".to_owned(), Vec::new());
            for rows in [SHOWN, 3] {
                let page = bench.page((&held, Lang::En), &at).await;
                let shown = page.split("<tr><td>").skip(1);
                let shown: Vec<String> =
                    shown.map(|row| row.split_once('<').unwrap().0.to_owned()).collect();
                assert_eq!(shown.len(), rows, "{at}");
                found.extend(shown);
                let next = page.split_once("href=\"/asks?after=").map(|(_, rest)| rest);
                assert_eq!(next.is_some(), found.len() < asked.len(), "{at}");
                let next = next.and_then(|rest| rest.split_once('"')).unwrap_or_default().0;
                at = format!("/asks?after={next}");
            }
            found.reverse();
            assert_eq!(found, asked);
        });
    }
}
