//! The evidence room: the head and who outside holds it, whether everything was looked at lately, drills, what was handed out,
//! keys. Figures lead to the entries behind them.

use super::jobs::Came;
use super::{Fields, Head, Scene, shown, sign_slowly, word_of};
use crate::console::Room;
use crate::console::desk::{check_alarm, list, number, second_copy, text};
use crate::console::signed::{Office, Told};
use crate::console::spoken::why_in;
use crate::exit::{CliError, Exit};
use crate::request::Request;
use axum::extract::Query as Address;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Form as Sent, Router};
use sealdock_console::rooms::{Block, Button, Cell, Field, Form, Table};
use sealdock_console::words::{self as w, Word, rooms as r};
use sealdock_console::{Lang, show};
use sealdock_core::access::{ACCESS, COPY_OUT};
use sealdock_core::event::Event;
use sealdock_core::id::AccessId;
use sealdock_core::keep::{self, DRILL, StationChecked};
use sealdock_core::registry;
use sealdock_core::says;
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
        false => {
            blocks.extend(anchors.iter().map(|said| Block::Note(why_in(scene.lang, said))));
        }
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

/// What a full check came to, and when: a failure where it found anything, with what it found.
///
/// # Errors
/// It found something; or the registers cannot be read.
pub fn checked_in_words(room: &Room, json: &Value) -> Came {
    let now = room.open.station.world().clock.now().wall;
    let (at, seq) = (crate::execute::zone(&room.open)?.civil(now), number(json, "entered"));
    let found = list(json, "findings");
    let [chinese, english] = Lang::ALL.map(|lang| {
        let what = match found {
            [] => lang.t(r::NOTHING_FOUND).to_owned(),
            found => found_in_words(lang, found),
        };
        format!("{} {at}: {what}. {} {seq}", lang.t(r::CHECK_ENDED), lang.t(w::ENTRY))
    });
    match found {
        [] => Ok(says!("{chinese}", "{english}")),
        _ => Err(CliError::both(Exit::Findings, chinese, english)),
    }
}

/// Findings of a check that a page tells one by one; the command line has all.
const TOLD: usize = 5;

/// Where something was found, each in the words of the page. What exactly it was the check says in English alone, which an
/// English page shows.
fn found_in_words(lang: Lang, found: &[Value]) -> String {
    const AREAS: [(&str, Word); 9] = [
        ("chain", r::IN_CHAIN),
        ("vault", r::IN_VAULT),
        ("mirror", r::IN_MIRROR),
        ("listing", r::IN_LISTING),
        ("pin", r::IN_RECEIPT),
        ("rules", r::IN_RULES),
        ("tiles", r::IN_TILES),
        ("anchors", r::IN_ANCHORS),
        ("profiles", r::IN_PROFILES),
    ];
    let one = |finding: &Value| {
        let area = word_of(lang, &AREAS, &text(finding, "area"));
        let entry = match finding["entry"].as_u64() {
            Some(seq) => format!(" {} {seq}", lang.t(w::ENTRY)),
            None => String::new(),
        };
        match lang {
            Lang::Zh => format!("{area}{entry}"),
            Lang::En => format!("{area}{entry}: {}", text(finding, "text")),
        }
    };
    let some: Vec<String> = found.iter().take(TOLD).map(one).collect();
    let more = if found.len() > TOLD { " …" } else { "" };
    format!("{} {}: {}{more}", lang.t(r::CHECK_FOUND), found.len(), some.join("; "))
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

const KINDS: [(&str, Word); 2] = [("log", r::LOG_KEY), ("evidence", r::EVIDENCE_KEY)];
const PLACES: [(&str, Word); 2] = [("file", r::KEY_FILE), ("token", r::KEY_TOKEN)];
const CAUSES: [(&str, Word); 3] =
    [("lost", r::KEY_LOST), ("stolen", r::KEY_STOLEN), ("restored", r::KEY_RESTORED)];

fn keys(scene: &Scene) -> Result<Vec<Block>, CliError> {
    let keys = scene.read(Request::KeyList)?;
    let vkey = text(&scene.read(Request::LogVkey)?, "vkey");
    let row = |row: &Value| {
        let cell = |key: &str| Cell::Text(text(row, key));
        let of = |key: &str, words: &[(&str, Word)]| {
            Cell::Text(word_of(scene.lang, words, &text(row, key)))
        };
        // Why this one was made where the one before was not simply followed by it.
        let since = match row["stolen_since"].is_null() {
            true => String::new(),
            false => format!(" {} {}", scene.t(r::FROM_DAY), scene.when(row, "stolen_since")),
        };
        let before = word_of(scene.lang, &CAUSES, &text(row, "cause"));
        let before = Cell::Text(format!("{before}{since}"));
        let (kind, place) = (of("kind", &KINDS), of("place", &PLACES));
        vec![kind, cell("epoch"), place, cell("public"), cell("since_seq"), before]
    };
    let rows = list(&keys, "keys").iter().map(row).collect();
    let head = [w::KEYS, w::EPOCH, r::KEY_PLACE, w::VERIFIER_KEY, r::SINCE_ENTRY, r::KEY_BEFORE];
    Ok(vec![
        Block::Facts(vec![(scene.own(w::VERIFIER_KEY), vkey)]),
        Block::Table(Table::new(scene.lang, &head, w::KEYS).rows(rows)),
    ])
}

#[cfg(test)]
mod tests;
