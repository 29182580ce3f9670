//! The evidence room: the head and who outside holds it, whether everything was looked at lately, drills, what was handed out,
//! keys. Figures lead to the entries behind them.

use super::{Fields, Head, Scene, shown, sign_slowly, word_of};
use crate::console::Room;
use crate::console::desk::{check_alarm, list, number, second_copy, text};
use crate::console::signed::{Office, Told};
use crate::exit::CliError;
use crate::request::Request;
use axum::extract::Query as Address;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Form as Sent, Router};
use sealdock_console::rooms::{Block, Button, Cell, Field, Form, Table};
use sealdock_console::show;
use sealdock_console::words::{self as w, Word, rooms as r};
use sealdock_core::access::{ACCESS, COPY_OUT};
use sealdock_core::event::Event;
use sealdock_core::id::AccessId;
use sealdock_core::keep::{self, DRILL, StationChecked};
use sealdock_core::registry;
use sealdock_core::table::{Query, Row};
use serde_json::Value;
use std::sync::Arc;

/// What goes on under this name is a check.
const CHECK: &str = "full-check";
/// Lines of each table: the newest; the registers have all.
const SHOWN: u32 = 5;

pub fn routes() -> Router<Arc<Room>> {
    Router::new().route("/evidence", get(page)).route("/evidence/check", post(check))
}

async fn page(Office(reader): Office, Address(told): Address<Told>) -> Response {
    let head =
        Head { job: Some(CHECK.into()), ..Head::new(reader.lang.t(w::EVIDENCE_ROOM), &told) };
    shown(reader, head, blocks).await
}

fn blocks(scene: &Scene) -> Result<Vec<Block>, CliError> {
    let status = scene.read(Request::StatusInBrief)?;
    let mut blocks = vec![
        Block::Facts(facts(scene, &status)?),
        Block::Links(vec![("/evidence/receipt".into(), scene.own(w::HEAD_RECEIPT))]),
        Block::Heading(scene.own(w::ANCHORS)),
    ];
    let anchors = crate::execute::anchors_in_words(&scene.room.open);
    match anchors.is_empty() {
        true => blocks.push(Block::Note(scene.own(w::NO_ANCHOR))),
        false => blocks.extend(anchors.into_iter().map(Block::Note)),
    }
    blocks.push(Block::Heading(scene.own(r::FULL_CHECKS)));
    let warned = check_alarm(scene.lang, &status["full_check"]);
    blocks.extend(warned.map(|text| Block::Notice(false, text)));
    blocks.push(Block::Table(checks(scene)?));
    if scene.may(&Event::Keep(keep::Event::StationChecked(nothing_found())))? {
        blocks.push(Block::Form(check_form(scene)));
    }
    blocks.push(Block::Heading(scene.own(r::R_DRILLS)));
    blocks.push(Block::Note(scene.own(r::DRILL_NOTE)));
    blocks.push(Block::Table(drills(scene)?));
    blocks.push(Block::Heading(scene.own(r::COPIES_OUT)));
    blocks.extend(under_way(scene)?);
    blocks.push(Block::Table(copies(scene)?));
    blocks.push(Block::Links(vec![
        ("/copies".into(), scene.own(r::COPIES_OUT)),
        ("/registers/viewings".into(), scene.own(r::R_VIEWINGS)),
        ("/registers/drills".into(), scene.own(r::R_DRILLS)),
    ]));
    blocks.push(Block::Heading(scene.own(w::KEYS)));
    blocks.extend(keys(scene)?);
    Ok(blocks)
}

fn facts(scene: &Scene, status: &Value) -> Result<Vec<(String, String)>, CliError> {
    let (head, checked) = (&status["head"], &status["full_check"]);
    let last = match checked["last"].is_null() {
        true => scene.own(r::NEVER_CHECKED),
        false => format!("{}, {}", scene.when(&checked["last"], "at"), {
            scene.named(&text(&checked["last"], "by"))?
        }),
    };
    let facts = [
        (w::ORIGIN, text(head, "origin")),
        (r::ENTRIES_N, show::grouped(number(head, "size"))),
        (w::ROOT, text(head, "root")),
        (w::SECOND_COPY, second_copy(scene.lang, status)),
        (w::DISK_FREE, show::bytes(number(&status["disk"], "bytes_free"))),
        (r::LAST_CHECK, last),
    ];
    Ok(facts.into_iter().map(|(word, text)| (scene.own(word), text)).collect())
}

fn nothing_found() -> StationChecked {
    StationChecked {
        deep: true,
        entries: 0,
        clips: 0,
        files: 0,
        bytes: 0,
        findings: 0,
        report: None,
    }
}

fn checks(scene: &Scene) -> Result<Table, CliError> {
    let mut rows = Vec::new();
    for row in keep::newest_checks(&*scene.view, SHOWN)? {
        let (deep, findings) = (row.int("deep") != 0, row.int("findings"));
        rows.push(vec![
            Cell::Time(scene.time(&row, "at")),
            Cell::Text(scene.named(row.text("by"))?),
            Cell::Text(scene.own(if deep { r::CHECK_DEEP } else { r::CHECK_QUICK })),
            Cell::number(row.int("entries")),
            Cell::number(row.int("clips")),
            Cell::Text(show::bytes(row.int("bytes").unsigned_abs())),
            match findings {
                0 => Cell::Text(scene.own(r::NOTHING_FOUND)),
                n => Cell::Tag(true, n.to_string()),
            },
            Cell::number(registry::seq(&row)),
        ]);
    }
    let head =
        [w::TIME, w::BY, r::HOW, r::ENTRIES_N, w::ALL_CLIPS, r::HASHED, r::R_FINDINGS_N, w::ENTRY];
    Ok(Table::new(scene.lang, &head, r::NEVER_CHECKED).rows(rows))
}

fn check_form(scene: &Scene) -> Form {
    let how = scene.options(&HOW);
    Form::new("check", "/evidence/check", scene.t(r::CHECK_NOW))
        .shut()
        .note(scene.t(r::CHECK_NOW_NOTE))
        .field(Field::choice("how", scene.t(r::HOW), how, "deep").needed())
        .button(Button::main(scene.t(r::CHECK_NOW)))
}

const HOW: [(&str, Word); 2] = [("deep", r::CHECK_DEEP), ("quick", r::CHECK_QUICK)];

async fn check(Office(reader): Office, Sent(fields): Sent<Vec<(String, String)>>) -> Response {
    let to = (CHECK.to_owned(), "/evidence".to_owned());
    sign_slowly(reader, Fields(fields), to, |_, fields| {
        let deep = fields.text("how") != "quick";
        Ok(vec![Request::Check { deep, pin: None, enter: true }])
    })
    .await
}

fn drills(scene: &Scene) -> Result<Table, CliError> {
    const STATES: [(&str, Word); 4] = [
        ("begun", r::DRILL_BEGUN),
        ("whole", r::DRILL_WHOLE),
        ("findings", r::DRILL_FINDINGS),
        ("failed", r::DRILL_FAILED),
    ];
    let mut rows = Vec::new();
    for row in scene.view.select(&Query::all(&DRILL).newest_first().limit(SHOWN))? {
        let whole = row.text("state") == "whole";
        rows.push(vec![
            Cell::Time(scene.time(&row, "begun")),
            Cell::Text(scene.named(row.text("begun_by"))?),
            Cell::Tag(!whole, word_of(scene.lang, &STATES, row.text("state"))),
            Cell::number(row.int_opt("clips").unwrap_or_default()),
            Cell::number(registry::seq(&row)),
        ]);
    }
    let head = [w::TIME, w::BY, r::STATE, w::ALL_CLIPS, w::ENTRY];
    Ok(Table::new(scene.lang, &head, r::NO_DRILL).rows(rows))
}

/// Packages that are being made at this moment.
fn under_way(scene: &Scene) -> Result<Vec<Block>, CliError> {
    let open = scene.view.select(&Query::all(&ACCESS).with("state", "approved"))?;
    let mut blocks = Vec::new();
    for row in open.iter().filter(|row| row.text("purpose") == "copy") {
        let id = AccessId(registry::seq(row));
        let job = scene.room.jobs.of(&id.to_string()).filter(|job| job.ended.is_none());
        blocks.extend(job.map(|job| match super::job_block(scene, &job) {
            Block::Running(text) => Block::Running(format!("{id} {text}")),
            other => other,
        }));
    }
    Ok(blocks)
}

fn copies(scene: &Scene) -> Result<Table, CliError> {
    let mut rows = Vec::new();
    for copy in scene.view.select(&Query::all(&COPY_OUT).newest_first().limit(SHOWN))? {
        let id = AccessId(copy.int("access").unsigned_abs());
        let made = copy.int_opt("completed_seq").is_some();
        let asked: Option<Row> = registry::by_seq(&*scene.view, &ACCESS, id.0)?;
        let whom = asked.map_or_else(String::new, |row| {
            format!("{} {}", row.text("name"), row.text("unit")).trim().to_owned()
        });
        rows.push(vec![
            Cell::Link(format!("/copies/{id}"), id.to_string()),
            Cell::Tag(!made, scene.own(if made { r::MADE } else { r::VOID })),
            Cell::Text(whom),
            Cell::Time(scene.time(&copy, "begun")),
            Cell::Text(scene.named(copy.text("carried_by"))?),
        ]);
    }
    let head = [r::COPIES_OUT, r::STATE, w::APPLICANT, r::BEGUN_AT, r::CARRIED_BY];
    Ok(Table::new(scene.lang, &head, r::NO_COPY_YET).rows(rows))
}

fn keys(scene: &Scene) -> Result<Vec<Block>, CliError> {
    let keys = scene.read(Request::KeyList)?;
    let vkey = text(&scene.read(Request::LogVkey)?, "vkey");
    let row = |row: &Value| {
        let cell = |key: &str| Cell::Text(text(row, key));
        vec![cell("kind"), cell("epoch"), cell("public"), cell("since_seq")]
    };
    let rows = list(&keys, "keys").iter().map(row).collect();
    let head = [w::KEYS, w::EPOCH, w::VERIFIER_KEY, w::ENTRY];
    Ok(vec![
        Block::Facts(vec![(scene.own(w::VERIFIER_KEY), vkey)]),
        Block::Table(Table::new(scene.lang, &head, w::KEYS).rows(rows)),
    ])
}
