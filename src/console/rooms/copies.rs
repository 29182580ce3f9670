//! Copies for others: the application, how it was decided, the package that the station makes, and whether it still is what
//! was handed out.

/// One that broke off.
mod going_on;

use super::outlets::{Outlet, outlets};
use super::{
    Fields, Head, Scene, Since, command, jobs, nothing, shown, sign, sign_slowly, word_of,
};
use crate::console::Room;
use crate::console::signed::{Office, Told};
use crate::exit::{CliError, Exit};
use crate::request::{AccessQuery, Asked, Request};
use axum::extract::{Path, Query as Address};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Form as Sent, Router};
use sealdock_chain::note::VerifierKey;
use sealdock_console::rooms::{Block, Button, Cell, Field, Form, Table};
use sealdock_console::words::{self as w, Word, rooms as r};
use sealdock_console::{Lang, show};
use sealdock_core::access::{self, ACCESS, COPY_OUT};
use sealdock_core::actor::Role;
use sealdock_core::event::Event;
use sealdock_core::id::{AccessId, ClipId};
use sealdock_core::registry;
use sealdock_core::says;
use sealdock_core::schema as s;
use sealdock_core::table::{Query, Row};
use sealdock_core::time::WallMs;
use sealdock_verify::{Disk, Options, Trust, Word as Verdict, verify};
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;

pub fn routes() -> Router<Arc<Room>> {
    Router::new()
        .route("/copies", get(page).post(ask))
        .route("/copies/{access}", get(one).post(make))
        .route("/copies/{access}/go-on", post(going_on::go_on))
        .route("/copies/{access}/verify", post(verify_again))
}

const WHO: [(&str, Word); 4] = [
    ("authority", r::W_AUTHORITY),
    ("party", r::W_PARTY),
    ("superior-body", r::W_SUPERIOR),
    ("internal-body", r::W_INTERNAL),
];

/// What somebody from outside comes for.
const PURPOSES: [(&str, Word); 2] = [("copy", r::P_COPY), ("view", r::P_VIEW)];

/// How a request stands on the station's clock, and whether it waits for somebody.
pub fn state(row: &Row, now: WallMs) -> (bool, Word) {
    let expired = row.text_opt("expires").and_then(WallMs::parse).is_some_and(|at| now >= at);
    match row.text("state") {
        "asked" => (true, r::ST_WAITING),
        "approved" if expired => (false, r::ST_EXPIRED),
        "approved" => (false, r::ST_OK),
        "refused" => (false, r::ST_NO),
        _ => (false, r::ST_REVOKED),
    }
}

async fn page(Office(reader): Office, Address(from): Address<Since>) -> Response {
    let head = Head::new(reader.lang.t(r::COPIES_OUT), &Told { said: from.said });
    let after = from.after.parse::<AccessId>().ok();
    shown(reader, head, move |scene| {
        let mut blocks = table(scene, after)?;
        if scene.holds(Role::Clerk) {
            blocks.push(Block::Form(ask_form(scene)));
        }
        Ok(blocks)
    })
    .await
}

/// The newest requests, and a way to those before.
fn table(scene: &Scene, after: Option<AccessId>) -> Result<Vec<Block>, CliError> {
    let mut rows = Vec::new();
    let asked = Query::all(&ACCESS).newest_first().limit(SHOWN);
    let asked = match after {
        Some(after) => asked.after(vec![after.0.into()]),
        None => asked,
    };
    let requests = scene.view.select(&asked)?;
    // A colleague's request to view is on their own page.
    let outside = |row: &&Row| row.text("purpose") == "copy" || row.text("who") != "colleague";
    for row in requests.iter().filter(outside) {
        let id = AccessId(registry::seq(row));
        let (calls, word) = state(row, scene.at.wall);
        let copies = scene.view.select(&Query::all(&COPY_OUT).with("access", id.0))?;
        let made = copies.iter().filter(|copy| copy.int_opt("completed_seq").is_some()).count();
        rows.push(vec![
            match row.text("purpose") {
                "copy" => Cell::Link(format!("/copies/{id}"), id.to_string()),
                _ => Cell::Text(format!("{id} {}", scene.t(r::P_VIEW))),
            },
            Cell::Tag(calls, scene.own(word)),
            Cell::Text(word_of(scene.lang, &WHO, row.text("who"))),
            Cell::Text(format!("{} {}", row.text("name"), row.text("unit")).trim().to_owned()),
            Cell::Text(row.text("matter").to_owned()),
            Cell::Time(scene.time(row, "asked")),
            Cell::number(made),
        ]);
    }
    let head = [r::NUMBER, r::STATE, r::WHO, w::APPLICANT, r::COPY_CASE, r::ASKED_AT, r::MADE];
    let mut blocks = vec![Block::Table(Table::new(scene.lang, &head, r::NO_COPY_YET).rows(rows))];
    // Requests to view are among them, and have a page of their own.
    let last = requests.last().filter(|_| requests.len() == SHOWN as usize);
    let to = |row| format!("/copies?after={}", AccessId(registry::seq(row)));
    blocks.extend(last.map(|row| scene.goes_on(to(row))));
    Ok(blocks)
}

/// Requests that are looked at for one page.
const SHOWN: u32 = 200;

fn ask_form(scene: &Scene) -> Form {
    let who = scene.to_choose(&WHO);
    let purposes = scene.options(&PURPOSES);
    Form::new("ask", "/copies", scene.t(r::COPY_ASK))
        .shut()
        .note(scene.t(r::COPY_ASK_NOTE))
        .field(Field::choice("who", scene.t(r::WHO), who, "").needed())
        .field(Field::choice("purpose", scene.t(w::PURPOSE), purposes, "copy").needed())
        .field(Field::line("name", scene.t(r::APPLICANT_NAME), 60).needed())
        .field(Field::line("unit", scene.t(r::APPLICANT_UNIT), 90).needed())
        .field(Field::line("phone", scene.t(r::PHONE), 40).needed())
        .field(Field::line("letter", scene.t(r::LETTER), 60))
        .field(Field::line("person", scene.t(w::PERSON), 64))
        .field(Field::line("matter", scene.t(r::COPY_CASE), 90).needed())
        .field(Field::line("clips", scene.t(r::WHAT_CLIPS), 2000).needed())
        .field(Field::line("reason", scene.t(w::REASON), 500).needed())
        .button(Button::main(scene.t(r::COPY_ASK)))
}

async fn ask(Office(reader): Office, Sent(fields): Sent<Vec<(String, String)>>) -> Response {
    sign(reader, Fields(fields), "/copies".into(), |scene, fields| {
        let who = fields.text("who");
        if !WHO.iter().any(|(known, _)| *known == who) {
            let text = format!("{}{}{}", scene.t(r::WHO), scene.t(r::COLON), scene.t(r::CHOOSE));
            return Err(CliError::said(Exit::Usage, text));
        }
        let text = |name: &str| fields.text(name).to_owned();
        let applicant = json!({ "person": fields.given("person"), "name": text("name"),
            "unit": text("unit"), "phone": fields.given("phone") });
        let purpose = if fields.text("purpose") == "view" { "view" } else { "copy" };
        let ask = json!({ "act": "request", "who": who, "purpose": purpose, "applicant": applicant,
            "wanted": { "kind": "clips", "clips": fields.clips("clips")? },
            "matter": text("matter"), "reason": text("reason"), "letter": fields.given("letter") });
        Ok(vec![command("access", ask)])
    })
    .await
}

async fn one(
    Office(reader): Office,
    Path(id): Path<String>,
    Address(told): Address<Told>,
) -> Response {
    let Ok(access) = id.parse::<AccessId>() else { return nothing(&reader) };
    let title = format!("{} {access}", reader.lang.t(r::REQUEST));
    let head = Head { job: Some(access.to_string()), ..Head::new(title, &told) };
    shown(reader, head, move |scene| blocks(scene, access)).await
}

/// A request for a copy; one to view is none.
fn known(scene: &Scene, access: AccessId) -> Result<Row, CliError> {
    let row = registry::by_seq(&*scene.view, &ACCESS, access.0)?;
    let row = row.filter(|row| row.text("purpose") == "copy");
    row.ok_or_else(|| CliError::said(Exit::Missing, scene.t(w::NOT_FOUND)))
}

fn blocks(scene: &Scene, access: AccessId) -> Result<Vec<Block>, CliError> {
    let row = known(scene, access)?;
    let copies = scene.view.select(&Query::all(&COPY_OUT).with("access", access.0))?;
    let clips = access::clips_of(&*scene.view, access)?;
    let mut blocks = vec![Block::Facts(facts(scene, access, &row, copies.len())?)];
    let links = clips.iter().map(|clip| (format!("/clips/{clip}"), clip.to_string()));
    blocks.push(Block::Links(links.collect()));
    let refused =
        Event::Access(access::Event::Refused(access::Refused { access, reason: "-".to_owned() }));
    if row.text("state") == "asked" && scene.may(&refused)? {
        blocks.push(Block::Links(vec![("/approvals".into(), scene.own(w::APPROVALS))]));
    }
    let left = row.int_opt("times").unwrap_or(0).unsigned_abs().saturating_sub(copies.len() as u64);
    let stands = state(&row, scene.at.wall).1 == r::ST_OK;
    if stands && left > 0 && scene.holds(Role::Clerk) {
        blocks.push(Block::Form(make_form(scene, access, &clips)));
    }
    if !copies.is_empty() {
        blocks.push(Block::Heading(scene.own(r::MADE)));
        blocks.push(Block::Table(made(scene, &copies)?));
        blocks.push(Block::Note(scene.own(r::HANDED_NOTE)));
    }
    if scene.holds(Role::Clerk) {
        for copy in copies.iter().filter(|copy| copy.int_opt("completed_seq").is_none()) {
            blocks.extend(going_on::block(scene, access, copy)?);
        }
    }
    for copy in copies.iter().filter(|copy| copy.int_opt("completed_seq").is_some()) {
        if package(copy).is_some() {
            let to = format!("/copies/{access}/verify");
            let title = format!("{} {}", scene.t(r::CHECK_PACKAGE), place_of(scene, copy));
            let form = Form::new(&format!("verify-{}", registry::seq(copy)), &to, &title).shut();
            let form = form.note(scene.t(r::CHECK_NOTE)).hidden("copy", registry::seq(copy));
            blocks.push(Block::Form(form.button(Button::main(scene.t(r::CHECK_PACKAGE)))));
        }
    }
    Ok(blocks)
}

fn facts(
    scene: &Scene,
    access: AccessId,
    row: &Row,
    made: usize,
) -> Result<Vec<(String, String)>, CliError> {
    let asked = access::access(&*scene.view, access)?;
    let wanted = asked.map(|asked| scene.teller().about(&asked.wanted));
    let text = |column| row.text_opt(column).unwrap_or_default().to_owned();
    let stands = state(row, scene.at.wall).1;
    let spent = row.int_opt("times").is_some_and(|times| times.unsigned_abs() <= made as u64);
    let stands = if stands == r::ST_OK && spent { r::ST_SPENT } else { stands };
    let mut facts = vec![
        (r::STATE, scene.own(stands)),
        (r::WHO, word_of(scene.lang, &WHO, row.text("who"))),
        (w::APPLICANT, format!("{} {}", row.text("name"), row.text("unit")).trim().to_owned()),
        (r::PHONE, text("phone")),
        (r::LETTER, text("letter")),
        (r::COPY_CASE, text("matter")),
        (w::REASON, text("reason")),
        (w::ASKED_FOR, wanted.unwrap_or_default()),
        (r::TOLD_AT, scene.time(row, "asked")),
        (r::TOLD_BY, scene.named(row.text("asked_by"))?),
    ];
    if let Some(by) = row.text_opt("decided_by") {
        facts.push((r::APPROVED_BY, scene.named(by)?));
        facts.push((w::DECISION_REASON, text("decision_reason")));
    }
    if let Some(times) = row.int_opt("times") {
        let left = times.unsigned_abs().saturating_sub(made as u64);
        facts.push((r::VALID_UNTIL, scene.time(row, "expires")));
        facts.push((r::TIMES_LEFT, left.to_string()));
    }
    let told = facts.into_iter().filter(|(_, text)| !text.is_empty());
    Ok(told.map(|(word, text)| (scene.own(word), text)).collect())
}

/// What a package may be put into, now.
fn places(scene: &Scene) -> Result<Vec<Outlet>, CliError> {
    let open = &scene.room.open;
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let mut never = open.never();
    for row in scene.view.select(&Query::all(&s::BAY))? {
        never.extend(row.text_opt("path").map(PathBuf::from));
    }
    never.extend(open.docks.shown().into_iter().map(|docked| docked.path));
    Ok(outlets(&open.home.dir, &mounts, &never))
}

fn make_form(scene: &Scene, access: AccessId, clips: &[ClipId]) -> Form {
    let places = places(scene).unwrap_or_default().into_iter().map(|outlet| {
        let name = match outlet.removable {
            true => format!("{} {}", scene.t(r::REMOVABLE), outlet.dir.display()),
            false => scene.own(r::OUTBOX),
        };
        let free = format!("{} {}", scene.t(r::FREE), show::bytes(outlet.free));
        (outlet.key, format!("{name} · {free}"))
    });
    let mut form = Form::new("make", &format!("/copies/{access}"), scene.t(r::MAKE_COPY))
        .note(scene.t(r::MAKE_NOTE))
        .field(Field::choice("place", scene.t(r::WHERE_TO), places.collect(), "outbox").needed());
    for [part, from, to] in PARTS {
        let whole = (String::new(), scene.own(r::WHOLE_CLIPS));
        let named = clips.iter().map(|clip| (clip.to_string(), clip.to_string()));
        let choices = std::iter::once(whole).chain(named).collect();
        form = form
            .field(Field::choice(part, scene.t(r::PART_OF), choices, ""))
            .field(Field::line(from, scene.t(r::PART_FROM), 12))
            .field(Field::line(to, scene.t(r::PART_TO), 12));
    }
    form.button(Button::main(scene.t(r::MAKE_COPY)))
}

/// Excerpts of one form: clip, from, to. More at once are for the command line.
const PARTS: [[&str; 3]; 2] = [["part1", "from1", "to1"], ["part2", "from2", "to2"]];

/// The stretches that are to be given instead of whole clips.
fn parts(fields: &Fields) -> Result<Vec<Asked>, CliError> {
    let mut all = Vec::new();
    for [part, from, to] in PARTS {
        let (clip, from, to) = (fields.text(part), fields.text(from), fields.text(to));
        if clip.is_empty() && from.is_empty() && to.is_empty() {
            continue;
        }
        let asked = crate::cli::excerpt(&format!("{clip}={from}..{to}")).map_err(|english| {
            let chinese = "截取片段须选择视频，并写明起止，如 1:00 至 1:30（分:秒），止晚于起";
            CliError::both(Exit::Usage, chinese, english)
        })?;
        all.push(asked);
    }
    Ok(all)
}

fn made(scene: &Scene, copies: &[Row]) -> Result<Table, CliError> {
    let mut rows = Vec::new();
    for copy in copies {
        let done = copy.int_opt("completed_seq");
        let digest = done.map(|seq| digest_of(scene, seq.unsigned_abs())).transpose()?.flatten();
        rows.push(vec![
            Cell::Tag(done.is_none(), scene.own(if done.is_some() { r::MADE } else { r::VOID })),
            Cell::Text(place_of(scene, copy)),
            Cell::Time(scene.time(copy, "begun")),
            Cell::Text(scene.named(copy.text("carried_by"))?),
            Cell::Number(copy.int_opt("files").map_or_else(String::new, |n| n.to_string())),
            Cell::Text(entries(copy)),
            Cell::Text(digest.unwrap_or_default()),
        ]);
    }
    let head = [
        r::STATE,
        r::PACKAGE_AT,
        r::BEGUN_AT,
        r::CARRIED_BY,
        r::FILES_N,
        w::ENTRY,
        r::PACKAGE_DIGEST,
    ];
    Ok(Table::new(scene.lang, &head, r::NONE_YET).rows(rows))
}

/// Where a package was put; the station's own outbox by its name, not by its path.
fn place_of(scene: &Scene, copy: &Row) -> String {
    let place = copy.text("place");
    match place.rsplit_once("/outbox/") {
        Some((_, name)) => format!("{} {name}", scene.t(r::OUTBOX)),
        None => place.to_owned(),
    }
}

fn entries(copy: &Row) -> String {
    let done = copy.int_opt("completed_seq").map_or_else(String::new, |seq| format!(", {seq}"));
    format!("{}{done}", registry::seq(copy))
}

/// SHA-256 of the package's list of files, as its closing entry names it.
fn digest_of(scene: &Scene, seq: u64) -> Result<Option<String>, CliError> {
    Ok(match scene.room.open.station.event(seq)? {
        Event::Access(access::Event::CopyCompleted(e)) => e.package.map(|d| d.to_string()),
        _ => None,
    })
}

/// The copy of this request that a form names.
fn chosen(scene: &Scene, access: AccessId, fields: &Fields) -> Result<Row, CliError> {
    let seq: u64 = fields.text("copy").parse().map_err(|_| gone(scene))?;
    let copy = registry::by_seq(&*scene.view, &COPY_OUT, seq)?;
    let copy = copy.filter(|copy| copy.int("access").unsigned_abs() == access.0);
    copy.ok_or_else(|| gone(scene))
}

fn gone(scene: &Scene) -> CliError {
    CliError::said(Exit::Missing, scene.t(r::GONE_PLACE))
}

/// The folder of a copy, where it still lies there.
fn package(copy: &Row) -> Option<PathBuf> {
    Some(PathBuf::from(copy.text("place"))).filter(|dir| dir.join("bagit.txt").is_file())
}

async fn make(
    Office(reader): Office,
    Path(id): Path<String>,
    Sent(fields): Sent<Vec<(String, String)>>,
) -> Response {
    let Ok(access) = id.parse::<AccessId>() else { return nothing(&reader) };
    let to = (access.to_string(), format!("/copies/{access}"));
    sign_slowly(reader, Fields(fields), to, move |scene, fields| {
        known(scene, access)?;
        let gone = scene.t(r::GONE_PLACE);
        let place = Outlet::chosen(places(scene)?, fields.text("place"), gone)?;
        let to = place.name(access)?;
        Ok(vec![Request::Access(AccessQuery::Export {
            access,
            to,
            receipts: None,
            excerpts: parts(fields)?,
            resume: false,
        })])
    })
    .await
}

/// Reads every byte of a package again, as a court would. Changes nothing; the PIN keeps a passer-by from having it done.
async fn verify_again(
    Office(reader): Office,
    Path(id): Path<String>,
    Sent(fields): Sent<Vec<(String, String)>>,
) -> Response {
    let Ok(access) = id.parse::<AccessId>() else { return nothing(&reader) };
    let fields = Fields(fields);
    let Some((me, _)) = reader.me.clone().filter(|_| reader.wrote(fields.text("token"))) else {
        return reader.said(StatusCode::FORBIDDEN, w::REFUSED, reader.lang.t(w::SIGNED_OUT));
    };
    let (lang, back) = (reader.lang, format!("/copies/{access}"));
    let turn = reader.room.pins.clone().acquire_owned().await;
    let ready = reader.room.aside(move |room| {
        let _turn = turn;
        room.prove(&me, fields.text("pin"))?;
        let scene = super::scene(room, lang, me, true)?;
        known(&scene, access)?;
        package(&chosen(&scene, access, &fields)?).ok_or_else(|| gone(&scene))
    });
    match ready.await {
        Ok(dir) => {
            let work = move |room: &Arc<Room>| judged(room, &dir);
            jobs::run(&reader, (access.to_string(), back), work).await
        }
        Err(e) => reader.off_with(&back, &e),
    }
}

/// The verdict, with the station's own key: what a court brings on paper.
fn judged(room: &Arc<Room>, dir: &std::path::Path) -> jobs::Came {
    let failed = |e: String| CliError::new(Exit::Failed, e);
    let key = crate::console::desk::text(&room.read(Request::LogVkey)?.json, "vkey");
    let key: VerifierKey = key.parse().map_err(|e| failed(format!("{e}")))?;
    let disk = Disk::new(dir).map_err(|e| crate::exit::file_error("read", dir, &e))?;
    let trust = Trust { keys: vec![key], ..Trust::default() };
    let report = verify(&disk, &trust, Options { workers: 1, whole: false }, &|_, _| ())
        .map_err(|e| failed(e.to_string()))?;
    let json = report.to_json();
    let [chinese, english] = Lang::ALL.map(|lang| {
        let said = &json[lang.code()];
        let said = said.as_str().map_or_else(|| said.to_string(), str::to_owned);
        let (verdict, word) = (lang.t(r::VERDICT), report.word.as_str());
        format!("{verdict}{}{word} {said}", lang.t(r::COLON))
    });
    // Nothing that was handed out may pass for sound where it is not.
    match report.word {
        Verdict::Anchored | Verdict::Unanchored => Ok(says!("{chinese}", "{english}")),
        _ => Err(CliError::both(Exit::Failed, chinese, english)),
    }
}
