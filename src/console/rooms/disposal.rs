//! Disposal: what is due, counted before anything comes of it; a plan, another person's approval, the quarantine, the run.

use super::figures::Look;
use super::{
    Asks, Fields, Head, Scene, classes, clip_link, command, known, nothing, shown, sign,
    sign_slowly, word_of,
};
use crate::console::Room;
use crate::console::desk::{list, number, text};
use crate::console::signed::{Office, Told};
use crate::exit::{CliError, Exit};
use crate::request::{Keep, Request};
use axum::extract::{Path, Query as Address};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Form as Sent, Router};
use sealdock_console::rooms::{Block, Button, Cell, Field, Form, Input, Table, Tally};
use sealdock_console::words::{self as w, Word, rooms as r};
use sealdock_console::{Lang, show};
use sealdock_core::actor::Role;
use sealdock_core::event::Event;
use sealdock_core::id::PlanId;
use sealdock_core::keep::{self, ClockTrusted, DISPOSAL_LINE, DISPOSAL_PLAN};
use sealdock_core::registry;
use sealdock_core::table::Query;
use sealdock_core::time::WallMs;
use serde_json::{Value, json};
use std::sync::Arc;

pub fn routes() -> Router<Arc<Room>> {
    Router::new()
        .route("/disposal", get(page).post(plan))
        .route("/disposal/clock", post(trust))
        .route("/disposal/{plan}", get(one).post(act))
}

/// Rows of a list on a page; counts are of all.
const SHOWN: usize = 200;

const PLAN_STATES: [(&str, Word); 2] = [("planned", r::ST_PLANNED), ("approved", r::ST_APPROVED)];

const LINE_STATES: [(&str, Word); 4] = [
    ("pending", r::ST_PENDING),
    ("leaving", r::ST_LEAVING),
    ("disposed", r::ST_DISPOSED),
    ("withdrawn", r::ST_WITHDRAWN),
];

/// Words for the kinds of what speaks against disposal.
pub const WHYS: [(&str, Word); 9] = [
    ("gone", r::WHY_GONE),
    ("no-owner", r::WHY_OWNER),
    ("not-due", r::WHY_NOT_DUE),
    ("held", r::WHY_HELD),
    ("wiping", r::WHY_WIPING),
    ("in-bay", r::WHY_BAY),
    ("in-check", r::WHY_CHECK),
    ("in-case", r::WHY_CASE),
    ("asked-for", r::WHY_ASKED),
];

async fn page(Office(reader): Office, Address(told): Address<Told>) -> Response {
    let head = Head { job: Some("plan".into()), ..Head::new(reader.lang.t(r::DISPOSAL), &told) };
    shown(reader, head, overview).await
}

fn overview(scene: &Scene) -> Result<Vec<Block>, CliError> {
    // It walks the whole archive. What is planned is looked for anew when the form comes.
    let (wanted, room) = (scene.wanted()?, Arc::clone(scene.room));
    let count = move || Ok(room.read(Request::Keep(Keep::DisposeDue))?.json);
    let Look::Counted(counted) = scene.room.due.look("due", wanted, count)? else {
        let plans = [Block::Heading(scene.own(r::PLANS)), Block::Table(plans(scene)?)];
        return Ok(std::iter::once(scene.being_counted()).chain(plans).collect());
    };
    let due = &counted.value;
    let mut blocks = vec![Block::Heading(scene.own(r::DUE_NOW)), figures(scene, due)];
    blocks.extend(scene.counted(&counted, wanted));
    blocks.push(Block::Note(scene.own(r::DUE_WHY)));
    let doubtful = !due["doubt"].is_null();
    if doubtful {
        blocks.push(Block::Notice(false, scene.own(r::CLOCK_DOUBT)));
    }
    let trusted = Event::Keep(keep::Event::ClockTrusted(ClockTrusted { reason: String::new() }));
    if scene.may(&trusted)? {
        blocks.push(Block::Form(clock_form(scene, doubtful)));
    }
    blocks.push(Block::Table(due_table(scene, due)?));
    if due["more"].as_bool() == Some(true) {
        blocks.push(Block::Note(scene.own(r::AND_MORE)));
    }
    let lines = list(due, "lines").len();
    if lines > 0 && !doubtful && scene.holds(Role::Clerk) {
        let form = Form::new("plan", "/disposal", scene.t(r::PLAN_THESE));
        let form = form.note(scene.t(r::PLAN_NOTE)).hidden("clips", lines);
        let label = format!("{}{}{lines}", scene.t(r::PLAN_THESE), scene.t(r::COLON));
        blocks.push(Block::Form(form.button(Button::main(&label))));
    }
    if !list(due, "held").is_empty() {
        blocks.push(Block::Heading(scene.own(r::DUE_KEPT)));
        blocks.push(Block::Table(held_table(scene, due)));
    }
    blocks.push(Block::Heading(scene.own(r::PLANS)));
    blocks.push(Block::Table(plans(scene)?));
    Ok(blocks)
}

fn figures(scene: &Scene, due: &Value) -> Block {
    let figure = |word, clips: u64, bytes: u64, calls| Tally {
        value: show::grouped(clips),
        name: scene.own(word),
        also: show::bytes(bytes),
        href: None,
        calls,
    };
    let of = |word, key: &str| {
        figure(word, number(&due[key], "clips"), number(&due[key], "bytes"), false)
    };
    let held = list(due, "held");
    let held_bytes = held.iter().map(|one| number(one, "bytes")).sum();
    let lines = list(due, "lines").len() as u64;
    Block::Figures(vec![
        figure(r::DUE_NOW, lines, number(due, "bytes"), lines > 0),
        figure(r::DUE_KEPT, held.len() as u64, held_bytes, false),
        of(r::IN_A_PLAN, "planned"),
        of(r::NOT_DUE_YET, "later"),
        of(r::PERMANENT, "permanent"),
        of(r::UNCLASSED, "unclassed"),
    ])
}

fn clock_form(scene: &Scene, doubtful: bool) -> Form {
    let now = format!("{} {}", scene.t(r::STATION_TIME), scene.zone.civil(scene.at.wall));
    let form = Form::new("clock", "/disposal/clock", scene.t(r::TRUST_CLOCK)).note(&now);
    let form = if doubtful { form } else { form.shut() };
    form.field(Field::line("reason", scene.t(r::TRUST_HOW), 500).needed())
        .button(Button::main(scene.t(r::TRUST_CLOCK)))
}

fn due_table(scene: &Scene, due: &Value) -> Result<Table, CliError> {
    let classes = classes(scene)?;
    let head = [w::CLIP, w::NAME, w::SIZE, w::OFFICER, r::CLASS, r::IN_CUSTODY, r::DUE_AT];
    let row = |line: &Value| -> Result<Vec<Cell>, CliError> {
        Ok(vec![
            clip_link(text(line, "clip")),
            Cell::Text(text(line, "name")),
            Cell::Number(show::bytes(number(line, "size"))),
            Cell::Text(known(&*scene.view, &text(line, "officer"))?),
            Cell::Text(class_name(&classes, line)),
            Cell::Time(scene.when(line, "stored")),
            Cell::Time(scene.when(line, "due")),
        ])
    };
    let rows = list(due, "lines").iter().take(SHOWN).map(row).collect::<Result<_, _>>()?;
    Ok(Table::new(scene.lang, &head, r::NOTHING_DUE).rows(rows))
}

fn held_table(scene: &Scene, due: &Value) -> Table {
    let row = |one: &Value| {
        let whys = list(one, "why").iter().filter_map(Value::as_str);
        let whys: Vec<String> = whys.map(|why| word_of(scene.lang, &WHYS, why)).collect();
        vec![
            clip_link(text(one, "clip")),
            Cell::Number(show::bytes(number(one, "bytes"))),
            Cell::Text(whys.join(scene.t(r::SEMICOLON))),
        ]
    };
    let rows = list(due, "held").iter().take(SHOWN).map(row).collect();
    let by_kind = due["held_by_kind"].as_object().into_iter().flatten();
    let said: Vec<String> = by_kind
        .map(|(why, of)| {
            let why = word_of(scene.lang, &WHYS, why);
            format!("{why} {}", show::grouped(number(of, "clips")))
        })
        .collect();
    let table = Table::new(scene.lang, &[w::CLIP, w::SIZE, w::WHY], r::NONE_YET).rows(rows);
    table.called(&said.join(scene.t(r::COMMA)))
}

fn plans(scene: &Scene) -> Result<Table, CliError> {
    let json = scene.read(Request::Keep(Keep::DisposeList))?;
    let mut rows = Vec::new();
    for plan in list(&json, "plans").iter().rev() {
        let id = PlanId(number(plan, "seq"));
        let waits = number(plan, "pending");
        rows.push(vec![
            Cell::Link(format!("/disposal/{id}"), id.to_string()),
            Cell::Tag(
                text(plan, "state") == "planned",
                word_of(scene.lang, &PLAN_STATES, &text(plan, "state")),
            ),
            Cell::Text(scene.named(&text(plan, "planned_by"))?),
            Cell::Time(scene.when(plan, "planned")),
            Cell::Number(show::grouped(number(plan, "clips"))),
            Cell::Number(show::bytes(number(plan, "bytes"))),
            Cell::number(waits),
            Cell::number(number(plan, "disposed")),
            Cell::number(number(plan, "withdrawn")),
        ]);
    }
    let head = [
        r::NUMBER,
        r::STATE,
        r::PLANNED_BY,
        r::PLANNED_AT,
        r::CLIPS_N,
        r::BYTES,
        r::WAITING_N,
        r::GONE_N,
        r::WITHDRAWN_N,
    ];
    Ok(Table::new(scene.lang, &head, r::NO_PLANS).rows(rows))
}

async fn trust(Office(reader): Office, Sent(fields): Sent<Vec<(String, String)>>) -> Response {
    sign(reader, Fields(fields), "/disposal".into(), |_, fields| {
        let reason = fields.text("reason");
        Ok(vec![command("keep", json!({ "act": "trust-clock", "reason": reason }))])
    })
    .await
}

async fn plan(Office(reader): Office, Sent(fields): Sent<Vec<(String, String)>>) -> Response {
    let to = ("plan".to_owned(), "/disposal".to_owned());
    sign_slowly(reader, Fields(fields), to, |scene, fields| {
        // What is planned is what was looked at: a list that has changed meanwhile is looked at again.
        let due = scene.read(Request::Keep(Keep::DisposeDue))?;
        let lines = list(&due, "lines").len();
        if fields.text("clips") != lines.to_string() {
            return Err(changed(scene, r::RUN_COUNT_WRONG, lines));
        }
        Ok(vec![Request::Keep(Keep::DisposePlan)])
    })
    .await
}

fn changed(scene: &Scene, word: Word, now: impl std::fmt::Display) -> CliError {
    CliError::said(Exit::Refused, format!("{}{}{now}", scene.t(word), scene.t(r::COLON)))
}

async fn one(
    Office(reader): Office,
    Path(id): Path<String>,
    Address(told): Address<Told>,
) -> Response {
    let Ok(plan) = id.parse::<PlanId>() else { return nothing(&reader) };
    let title = format!("{} {plan}", reader.lang.t(r::PLAN));
    let head = Head { job: Some(plan.to_string()), ..Head::new(title, &told) };
    shown(reader, head, move |scene| blocks(scene, plan)).await
}

fn blocks(scene: &Scene, plan: PlanId) -> Result<Vec<Block>, CliError> {
    let row = registry::by_seq(&*scene.view, &DISPOSAL_PLAN, plan.0)?;
    let row = row.ok_or_else(|| CliError::said(Exit::Missing, scene.t(w::NOT_FOUND)))?;
    let json = scene.read(Request::Keep(Keep::DisposeShow { plan }))?;
    let waiting = waiting(scene, plan)?;
    let ends = quarantine_ends(scene, row.text_opt("approved"))?;
    let mut facts = vec![
        (scene.own(r::STATE), plan_state(scene, row.text("state"), waiting)),
        (scene.own(r::PLANNED_BY), scene.named(row.text("planned_by"))?),
        (scene.own(r::PLANNED_AT), scene.time(&row, "planned")),
        (scene.own(r::CLIPS_N), show::grouped(number(&json, "clips"))),
        (scene.own(r::BYTES), show::bytes(number(&json, "bytes"))),
        (scene.own(r::WAITING_N), show::grouped(waiting)),
    ];
    if let Some(by) = row.text_opt("approved_by") {
        facts.push((scene.own(r::APPROVED_BY), scene.named(by)?));
        facts.push((scene.own(r::APPROVED_AT), scene.time(&row, "approved")));
    }
    facts.extend(ends.map(|at| (scene.own(r::QUARANTINE_ENDS), scene.zone.civil(at))));
    facts.push((scene.own(r::DIGEST_OF_LIST), row.text("object").to_owned()));
    // The list before the form: nobody approves or destroys what they did not see.
    let mut blocks = vec![Block::Facts(facts), Block::Table(lines(scene, &json)?)];
    let to = format!("/disposal/{plan}");
    let of_all = |word, clips: u64| {
        let (clips, of) = (show::grouped(clips), scene.t(r::CLIPS_OF));
        format!("{} {clips} {of}", scene.t(word))
    };
    if row.text("state") == "planned" && scene.holds(Role::UnitHead) {
        if row.text("planned_by") == scene.actor().to_string() {
            blocks.push(Block::Note(scene.own(r::NOT_YOURS_TO_APPROVE)));
        } else {
            let note = format!("{} {}", scene.t(r::APPROVE_PLAN_NOTE), row.text("object"));
            let form = Form::new("approve", &to, scene.t(r::APPROVE_PLAN)).note(&note);
            let form = form.hidden("act", "approve").hidden("digest", row.text("object"));
            let bytes = show::bytes(number(&json, "bytes"));
            let label = format!("{} · {bytes}", of_all(r::APPROVE_OF, number(&json, "clips")));
            blocks.push(Block::Form(form.button(Button::main(&label))));
        }
    }
    let over = ends.is_some_and(|at| scene.at.wall >= at);
    if over && waiting > 0 && (scene.holds(Role::Clerk) || scene.holds(Role::UnitHead)) {
        let form = Form::new("run", &to, scene.t(r::RUN_PLAN)).note(scene.t(r::RUN_NOTE));
        let count = Field::line("count", scene.t(r::RUN_READ), 8)
            .with(Input::Number(String::new(), 1, 2000))
            .needed();
        let form = form.hidden("act", "run").field(count);
        blocks.push(Block::Form(form.button(Button::main(&of_all(r::RUN_OF, waiting)))));
    }
    if waiting > 0 {
        blocks.push(Block::Form(withdraw_form(scene, &to, &json)));
    }
    Ok(blocks)
}

/// An approved plan of which no line waits any more is over.
fn plan_state(scene: &Scene, state: &str, waiting: u64) -> String {
    match (state, waiting) {
        ("approved", 0) => scene.own(r::ST_CARRIED_OUT),
        _ => word_of(scene.lang, &PLAN_STATES, state),
    }
}

fn waiting(scene: &Scene, plan: PlanId) -> Result<u64, CliError> {
    let query = Query::all(&DISPOSAL_LINE).with("plan", plan.0).with("state", "pending");
    Ok(scene.view.count(&query)?)
}

/// By the policy in force; the rules take the longest since the approval, and are asked by the run.
fn quarantine_ends(scene: &Scene, approved: Option<&str>) -> Result<Option<WallMs>, CliError> {
    let quarantine = registry::policy(&*scene.view)?.keeping.quarantine_ms;
    Ok(approved.and_then(WallMs::parse).map(|at| at.plus_ms(quarantine)))
}

/// The name of a class; its id where the policy in force knows it no more.
fn class_name(classes: &[(String, String)], line: &Value) -> String {
    let id = text(line, "class");
    let known = classes.iter().find(|(known, _)| *known == id && !id.is_empty());
    known.map_or(id.clone(), |(_, name)| name.clone())
}

fn lines(scene: &Scene, json: &Value) -> Result<Table, CliError> {
    let classes = classes(scene)?;
    let head = [w::CLIP, w::NAME, w::SIZE, w::OFFICER, r::CLASS, r::DUE_AT, r::STATE];
    let row = |line: &Value| -> Result<Vec<Cell>, CliError> {
        let state = text(line, "state");
        // A state with its reason is said `withdrawn: why`.
        let (state, why) = state.split_once(": ").unwrap_or((&state, ""));
        let said = word_of(scene.lang, &LINE_STATES, state);
        let said = if why.is_empty() { said } else { format!("{said}{}{why}", scene.t(r::COLON)) };
        Ok(vec![
            clip_link(text(line, "clip")),
            Cell::Text(text(line, "name")),
            Cell::Number(show::bytes(number(line, "size"))),
            Cell::Text(known(&*scene.view, &text(line, "officer"))?),
            Cell::Text(class_name(&classes, line)),
            Cell::Time(scene.when(line, "due")),
            Cell::Text(said),
        ])
    };
    let rows = list(json, "lines").iter().map(row).collect::<Result<_, _>>()?;
    Ok(Table::new(scene.lang, &head, r::NONE_YET).rows(rows))
}

fn withdraw_form(scene: &Scene, to: &str, json: &Value) -> Form {
    let waits = list(json, "lines").iter().filter(|line| text(line, "state") == "pending");
    let ticks = waits.take(SHOWN).map(|line| (text(line, "clip"), text(line, "clip"))).collect();
    let ticks = Input::Ticks(ticks, Vec::new());
    Form::new("withdraw", to, scene.t(r::WITHDRAW))
        .shut()
        .note(scene.t(r::WITHDRAW_NOTE))
        .hidden("act", "withdraw")
        .field(Field::line("clip", scene.t(w::ALL_CLIPS), 20).with(ticks))
        .field(Field::line("reason", scene.t(r::REASON_WHY), 500).needed())
        .button(Button { main: false, ..Button::main(scene.t(r::WITHDRAW)) })
}

async fn act(
    Office(reader): Office,
    Path(id): Path<String>,
    Sent(fields): Sent<Vec<(String, String)>>,
) -> Response {
    let Ok(plan) = id.parse::<PlanId>() else { return nothing(&reader) };
    let to = format!("/disposal/{plan}");
    sign_slowly(reader, Fields(fields), (plan.to_string(), to), move |scene, fields| {
        asks(scene, fields, plan)
    })
    .await
}

fn asks(scene: &Scene, fields: &Fields, plan: PlanId) -> Asks {
    let row = registry::by_seq(&*scene.view, &DISPOSAL_PLAN, plan.0)?;
    let row = row.ok_or_else(|| CliError::said(Exit::Missing, scene.t(w::NOT_FOUND)))?;
    match fields.text("act") {
        "approve" if row.text("state") != "planned" => {
            let state = word_of(scene.lang, &PLAN_STATES, row.text("state"));
            Err(changed(scene, r::MEANWHILE, state))
        }
        "approve" => {
            let digest = fields.text("digest").parse();
            let digest = digest.map_err(|_| CliError::said(Exit::Usage, scene.t(r::CHOOSE)))?;
            Ok(vec![Request::Keep(Keep::DisposeApprove { plan, digest })])
        }
        "withdraw" => {
            let clips: Vec<&str> = fields.all("clip").collect();
            let reason = fields.text("reason");
            let command = command(
                "keep",
                json!({ "act": "withdraw", "plan": plan, "clips": clips, "reason": reason }),
            );
            Ok(vec![command])
        }
        "run" => {
            let waits = waiting(scene, plan)?;
            if fields.text("count") != waits.to_string() {
                return Err(changed(scene, r::RUN_COUNT_WRONG, waits));
            }
            Ok(vec![Request::Keep(Keep::DisposeRun { plan })])
        }
        _ => Err(CliError::said(Exit::Usage, scene.t(r::CHOOSE))),
    }
}

/// What a run did.
pub fn run_in_words(lang: Lang, json: &Value) -> String {
    let count = |key: &str| list(json, key).len();
    let mut said = format!(
        "{} {} ({}), {} {}, {} {}",
        lang.t(r::RUN_DONE),
        count("disposed"),
        show::bytes(number(json, "bytes")),
        lang.t(r::WITHDRAWN_N),
        count("withdrawn"),
        lang.t(r::KEPT_N),
        count("kept"),
    );
    if !json["stopped"].is_null() {
        said += &format!(". {}", lang.t(r::RUN_STOPPED));
    }
    said
}
