//! Spot checks: announced before their seed is known, drawn by the root of the chain, answered clip by clip, closed.

use super::{Asks, Fields, Head, Scene, clip_link, command, nothing, shown, sign, word_of};
use crate::console::Room;
use crate::console::desk::{list, number, text};
use crate::console::signed::{Office, Told};
use crate::console::spoken::half;
use crate::exit::{CliError, Exit};
use crate::request::{Keep, Request};
use axum::extract::{Path, Query as Address};
use axum::response::Response;
use axum::routing::get;
use axum::{Form as Sent, Router};
use sealdock_console::rooms::{Block, Button, Cell, Field, Form, Input, Table};
use sealdock_console::words::{self as w, Word, rooms as r};
use sealdock_core::actor::Role;
use sealdock_core::event::Event;
use sealdock_core::id::{CheckId, ClipId};
use sealdock_core::keep::{self, CheckCorrected, CheckKind, SPOTCHECK};
use sealdock_core::registry;
use sealdock_core::table::Row;
use serde_json::{Map, Value, json};
use std::sync::Arc;

pub fn routes() -> Router<Arc<Room>> {
    Router::new()
        .route("/checks", get(page).post(announce))
        .route("/checks/{check}", get(one).post(act))
}

const KINDS: [(&str, Word); 2] = [("spot", r::K_SPOT), ("playback", r::K_PLAYBACK)];

const STATES: [(&str, Word); 3] =
    [("announced", r::ST_ANNOUNCED), ("drawn", r::ST_DRAWN), ("closed", r::ST_CLOSED)];

/// What only a viewer can answer, by the names of the core.
const ITEMS: [(&str, Word); 6] = [
    ("worn", r::I_WORN),
    ("told", r::I_TOLD),
    ("manners", r::I_MANNERS),
    ("recorded", r::I_RECORDED),
    ("signed", r::I_SIGNED),
    ("announced", r::I_ANNOUNCED),
];

const ANSWERS: [(&str, Word); 4] =
    [("yes", r::A_YES), ("no", r::A_NO), ("unclear", r::A_UNCLEAR), ("not-applicable", r::A_NA)];

/// More entries than this ahead are refused by the rules.
const AHEAD_MOST: u64 = 10_000;
const AHEAD: u64 = 32;

async fn page(Office(reader): Office, Address(told): Address<Told>) -> Response {
    let head = Head::new(reader.lang.t(r::CHECKS), &told);
    shown(reader, head, |scene| {
        let json = scene.read(Request::Keep(Keep::SpotcheckList { check: None }))?;
        let mut blocks = vec![Block::Table(table(scene, list(&json, "spotchecks"))?)];
        if scene.holds(Role::Auditor) {
            blocks.push(Block::Form(announce_form(scene)?));
        }
        Ok(blocks)
    })
    .await
}

fn table(scene: &Scene, checks: &[Value]) -> Result<Table, CliError> {
    let mut rows = Vec::new();
    for check in checks.iter().rev() {
        let id = CheckId(number(check, "seq"));
        let state = text(check, "state");
        rows.push(vec![
            Cell::Link(format!("/checks/{id}"), id.to_string()),
            Cell::Tag(state != "closed", word_of(scene.lang, &STATES, &state)),
            Cell::Text(word_of(scene.lang, &KINDS, &text(check, "kind"))),
            Cell::number(number(check, "wanted")),
            Cell::Text(scene.named(&text(check, "announced_by"))?),
            Cell::Time(scene.when(check, "announced")),
            Cell::Text(text(check, "appraisal")),
        ]);
    }
    let head =
        [r::NUMBER, r::STATE, r::KIND, r::HOW_MANY, r::ANNOUNCED_BY, r::ANNOUNCED_AT, r::APPRAISAL];
    Ok(Table::new(scene.lang, &head, r::NO_CHECKS).rows(rows))
}

fn announce_form(scene: &Scene) -> Result<Form, CliError> {
    let size = scene.view.head()?.checkpoint().size;
    let number = |value: u64, least, most| Input::Number(value.to_string(), least, most);
    let form = Form::new("announce", "/checks", scene.t(r::ANNOUNCE));
    Ok(form
        .note(scene.t(r::ANNOUNCE_NOTE))
        .field(Field::choice("kind", scene.t(r::KIND), scene.options(&KINDS), "spot"))
        .field(Field::line("count", scene.t(r::HOW_MANY), 5).with(number(5, 1, 1000)).needed())
        .field(Field::choice("class", scene.t(r::ONLY_CLASS), classes(scene)?, ""))
        .field(Field::line("from", scene.t(r::FROM_ENTRY), 12).with(number(0, 0, size)))
        .field(Field::line("to", scene.t(r::TO_ENTRY), 12).with(number(size, 0, size)))
        .field(Field::line("ahead", scene.t(r::AHEAD), 5).with(number(AHEAD, 17, AHEAD_MOST)))
        .button(Button::main(scene.t(r::ANNOUNCE))))
}

/// Classes of the policy in force, by name; first: whichever.
pub fn classes(scene: &Scene) -> Result<Vec<(String, String)>, CliError> {
    let policy = registry::policy(&*scene.view)?;
    let named = policy.keeping.classes.iter();
    let named = named.map(|class| (class.id.clone(), half(scene.lang, &class.name).to_owned()));
    Ok(std::iter::once((String::new(), scene.own(r::ANY))).chain(named).collect())
}

fn whole(scene: &Scene, fields: &Fields, name: &str, word: Word) -> Result<u64, CliError> {
    fields.text(name).parse().map_err(|_| {
        let text = format!("{}{}?", scene.t(word), scene.t(r::COLON));
        CliError::said(Exit::Usage, text)
    })
}

async fn announce(Office(reader): Office, Sent(fields): Sent<Vec<(String, String)>>) -> Response {
    sign(reader, Fields(fields), "/checks".into(), |scene, fields| {
        let kind = match fields.text("kind") {
            "spot" => CheckKind::Spot,
            "playback" => CheckKind::Playback,
            _ => return Err(CliError::said(Exit::Usage, scene.t(r::CHOOSE))),
        };
        let size = scene.view.head()?.checkpoint().size;
        let count = whole(scene, fields, "count", r::HOW_MANY)?;
        let ahead = whole(scene, fields, "ahead", r::AHEAD)?.min(AHEAD_MOST + 1);
        let announce = Keep::SpotcheckAnnounce {
            kind,
            count: u32::try_from(count).unwrap_or(u32::MAX),
            from: whole(scene, fields, "from", r::FROM_ENTRY)?,
            to: Some(whole(scene, fields, "to", r::TO_ENTRY)?),
            class: fields.given("class").map(str::to_owned),
            at_size: Some(size + 1 + ahead),
        };
        Ok(vec![Request::Keep(announce)])
    })
    .await
}

async fn one(
    Office(reader): Office,
    Path(id): Path<String>,
    Address(told): Address<Told>,
) -> Response {
    let Ok(check) = id.parse::<CheckId>() else { return nothing(&reader) };
    let head = Head::new(format!("{} {check}", reader.lang.t(r::K_SPOT)), &told);
    shown(reader, head, move |scene| blocks(scene, check)).await
}

fn known(scene: &Scene, check: CheckId) -> Result<Row, CliError> {
    let row = registry::by_seq(&*scene.view, &SPOTCHECK, check.0)?;
    row.ok_or_else(|| CliError::said(Exit::Missing, scene.t(w::NOT_FOUND)))
}

fn blocks(scene: &Scene, check: CheckId) -> Result<Vec<Block>, CliError> {
    let row = known(scene, check)?;
    let json = scene.read(Request::Keep(Keep::SpotcheckList { check: Some(check) }))?;
    let clips = list(&json, "clip_rows");
    let mut blocks = vec![Block::Facts(facts(scene, &row)?)];
    let to = format!("/checks/{check}");
    let auditor = scene.holds(Role::Auditor);
    if row.text("state") == "announced" {
        blocks.push(drawing(scene, &row, (&to, auditor))?);
        return Ok(blocks);
    }
    blocks.push(Block::Note(scene.own(r::DRAW_AGAIN)));
    blocks.push(Block::Table(drawn(scene, clips)?));
    for clip in clips {
        let id = ClipId(number(clip, "clip"));
        if clip["answered_seq"].is_null() && auditor {
            blocks.push(Block::Form(answer_form(scene, &to, id)));
        }
        let found = !clip["finding"].is_null() && clip["corrected_seq"].is_null();
        let correction = CheckCorrected { check, clip: id, text: "-".to_owned() };
        if found && scene.may(&Event::Keep(keep::Event::CheckCorrected(correction)))? {
            blocks.push(Block::Form(correct_form(scene, &to, id)));
        }
    }
    let done = |clip: &Value| {
        !clip["answered_seq"].is_null()
            && (clip["finding"].is_null() || !clip["corrected_seq"].is_null())
    };
    if row.text("state") == "drawn" && auditor && clips.iter().all(done) {
        let form = Form::new("close", &to, scene.t(r::CLOSE_CHECK)).hidden("act", "close");
        let form = form.field(Field::line("text", scene.t(r::APPRAISAL), 500).needed());
        blocks.push(Block::Form(form.button(Button::main(scene.t(r::CLOSE_CHECK)))));
    }
    Ok(blocks)
}

fn facts(scene: &Scene, row: &Row) -> Result<Vec<(String, String)>, CliError> {
    let n = |column| row.int(column).to_string();
    let mut facts = vec![
        (scene.own(r::STATE), word_of(scene.lang, &STATES, row.text("state"))),
        (scene.own(r::KIND), word_of(scene.lang, &KINDS, row.text("kind"))),
        (scene.own(r::ANNOUNCED_BY), scene.named(row.text("announced_by"))?),
        (scene.own(r::ANNOUNCED_AT), scene.time(row, "announced")),
        (scene.own(r::HOW_MANY), n("wanted")),
        (scene.own(r::CHOSEN_FROM), format!("{} – {}", n("from_seq"), row.int("to_seq") - 1)),
        (scene.own(r::SEED_AT), n("at_size")),
    ];
    let named = classes(scene)?;
    let named = |id: &str| {
        let known = named.iter().find(|(known, _)| known == id);
        known.map_or_else(|| id.to_owned(), |(_, name)| name.clone())
    };
    facts.extend(row.text_opt("class").map(|class| (scene.own(r::CLASS), named(class))));
    facts.extend(row.text_opt("root").map(|root| (scene.own(r::SEED), root.to_owned())));
    facts.extend(row.text_opt("appraisal").map(|text| (scene.own(r::APPRAISAL), text.to_owned())));
    Ok(facts)
}

/// Now, or after so many more entries.
fn drawing(scene: &Scene, row: &Row, (to, auditor): (&str, bool)) -> Result<Block, CliError> {
    let size = scene.view.head()?.checkpoint().size;
    let lacks = row.int("at_size").unsigned_abs().saturating_sub(size);
    if lacks > 0 {
        return Ok(Block::Note(format!("{} {lacks}", scene.t(r::DRAW_LATER))));
    }
    if !auditor {
        return Ok(Block::Note(scene.own(r::ST_ANNOUNCED)));
    }
    let form = Form::new("draw", to, scene.t(r::DRAW)).note(scene.t(r::DRAW_NOTE));
    Ok(Block::Form(form.hidden("act", "draw").button(Button::main(scene.t(r::DRAW)))))
}

fn drawn(scene: &Scene, clips: &[Value]) -> Result<Table, CliError> {
    let mut rows = Vec::new();
    for clip in clips {
        let answered = !clip["answered_seq"].is_null();
        let viewed = match (answered, clip["viewed"].as_bool() == Some(true)) {
            (false, _) => String::new(),
            (true, true) => scene.own(r::A_YES),
            (true, false) => scene.own(r::A_NO),
        };
        let finding = match (answered, clip["finding"].as_str()) {
            (false, _) => Cell::Tag(true, scene.own(r::NOT_ANSWERED)),
            (true, None) => Cell::Text(scene.own(r::IN_ORDER)),
            (true, Some(finding)) => Cell::text(finding),
        };
        rows.push(vec![
            Cell::number(number(clip, "place") + 1),
            clip_link(ClipId(number(clip, "clip"))),
            Cell::Text(scene.named(&text(clip, "answered_by"))?),
            Cell::Text(viewed),
            Cell::Text(answers_in_words(scene, &text(clip, "answers"))),
            finding,
            Cell::Text(text(clip, "correction")),
        ]);
    }
    let head = [r::SCORE, w::CLIP, r::ANSWERED_BY, r::VIEWED, r::ANSWER, r::FINDING, r::CORRECTION];
    Ok(Table::new(scene.lang, &head, r::NONE_YET).rows(rows))
}

/// What is not simply in order.
fn answers_in_words(scene: &Scene, answers: &str) -> String {
    let answers: Map<String, Value> = serde_json::from_str(answers).unwrap_or_default();
    let said = answers.iter().filter_map(|(item, answer)| {
        let answer = answer.as_str().filter(|answer| *answer != "yes")?;
        let (item, answer) =
            (word_of(scene.lang, &ITEMS, item), word_of(scene.lang, &ANSWERS, answer));
        Some(format!("{item}{}{answer}", scene.t(r::COLON)))
    });
    said.collect::<Vec<_>>().join(scene.t(r::SEMICOLON))
}

fn answer_form(scene: &Scene, to: &str, clip: ClipId) -> Form {
    let title = format!("{} {clip}", scene.t(r::ANSWER));
    let form = Form::new(&format!("answer-{clip}"), to, &title).shut();
    let mut form = form.note(scene.t(r::ANSWER_NOTE)).hidden("act", "answer").hidden("clip", clip);
    for (item, word) in ITEMS {
        let answers = scene.to_choose(&ANSWERS);
        form = form.field(Field::choice(item, scene.t(word), answers, "").needed());
    }
    form.field(Field::line("finding", scene.t(r::FINDING), 500))
        .button(Button::main(scene.t(r::ANSWER)))
}

fn correct_form(scene: &Scene, to: &str, clip: ClipId) -> Form {
    let title = format!("{} {clip}", scene.t(r::CORRECT_IT));
    Form::new(&format!("correct-{clip}"), to, &title)
        .hidden("act", "correct")
        .hidden("clip", clip)
        .field(Field::line("text", scene.t(r::CORRECTION), 500).needed())
        .button(Button::main(scene.t(r::CORRECT_IT)))
}

async fn act(
    Office(reader): Office,
    Path(id): Path<String>,
    Sent(fields): Sent<Vec<(String, String)>>,
) -> Response {
    let Ok(check) = id.parse::<CheckId>() else { return nothing(&reader) };
    sign(reader, Fields(fields), format!("/checks/{check}"), move |scene, fields| {
        asks(scene, fields, check)
    })
    .await
}

fn asks(scene: &Scene, fields: &Fields, check: CheckId) -> Asks {
    let row = known(scene, check)?;
    let stands = |wanted: &str| match row.text("state") {
        state if state == wanted => Ok(()),
        state => Err(scene.meanwhile(&word_of(scene.lang, &STATES, state))),
    };
    let text = fields.text("text");
    Ok(vec![match fields.text("act") {
        "draw" => {
            stands("announced")?;
            Request::Keep(Keep::SpotcheckDraw { check })
        }
        "answer" => {
            stands("drawn")?;
            let clip: ClipId = fields.parse("clip")?;
            let answers: Map<String, Value> = ITEMS
                .iter()
                .map(|(item, _)| ((*item).to_owned(), json!(fields.text(item))))
                .collect();
            let known = |answer: &str| ANSWERS.iter().any(|(value, _)| *value == answer);
            if !answers.values().all(|answer| answer.as_str().is_some_and(known)) {
                return Err(CliError::said(Exit::Usage, scene.t(r::CHOOSE)));
            }
            let act = json!({ "act": "answer-check", "check": check, "clip": clip,
                "answers": answers, "finding": fields.given("finding") });
            command("keep", act)
        }
        "correct" => {
            let clip: ClipId = fields.parse("clip")?;
            let act = json!({ "act": "correct-check", "check": check, "clip": clip, "text": text });
            command("keep", act)
        }
        "close" => {
            stands("drawn")?;
            command("keep", json!({ "act": "close-check", "check": check, "appraisal": text }))
        }
        _ => return Err(CliError::said(Exit::Usage, scene.t(r::CHOOSE))),
    }])
}
