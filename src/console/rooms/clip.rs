//! What stands on a clip's page about keeping and cases, and what can be done about it there.

/// How secret it is.
mod secrecy;

use super::cases::step_name;
use super::{Fields, Scene, command, holds, nothing, sign, word_of};
use crate::console::Room;
use crate::console::signed::Desk;
use crate::console::spoken::half;
use crate::exit::{CliError, Exit};
use axum::extract::Path;
use axum::response::Response;
use axum::routing::post;
use axum::{Form as Sent, Router};
use sealdock_console::rooms::{Block, Button, Cell, Field, Form, Table};
use sealdock_console::words::{dock as k, rooms as r};
use sealdock_core::event::Event;
use sealdock_core::id::{ClipId, HoldId, MatterId, SessionId};
use sealdock_core::keep::{self, ClipClassed, HOLD, HOLD_CLIP, Kept, KeptState, Look, Why};
use sealdock_core::matter;
use sealdock_core::policy::keeping::Period;
use sealdock_core::registry;
use sealdock_core::schema::CLIP;
use sealdock_core::search::is_unassigned;
use sealdock_core::table::Query;
use sealdock_core::time::DAY_MS;
use serde_json::json;
use std::sync::Arc;

pub fn routes() -> Router<Arc<Room>> {
    Router::new()
        .route("/clips/{clip}/class", post(class))
        .route("/clips/{clip}/secrecy", post(secrecy::set))
}

/// Class, what speaks against disposal, holds and cases; then the forms.
///
/// # Errors
/// The registers cannot be read.
pub fn blocks(scene: &Scene, clip: ClipId) -> Result<Vec<Block>, CliError> {
    let mut blocks = vec![Block::Facts(facts(scene, clip)?)];
    blocks.extend(nobodys(scene, clip)?);
    let held = held(scene, clip)?;
    if !held.rows.is_empty() {
        blocks.push(Block::Table(held));
    }
    let there = keep::kept(&*scene.view, clip)?.is_some_and(|kept| kept.state == KeptState::Kept);
    if there && !scene.held.is_empty() {
        blocks.push(Block::Form(holds::ask_form(scene, Some(clip)).shut()));
        blocks.extend(class_form(scene, clip)?.map(Block::Form));
        blocks.extend(bind_form(scene, clip)?.map(Block::Form));
        blocks.extend(secrecy::form(scene, clip)?.map(Block::Form));
    }
    Ok(blocks)
}

/// Where somebody says whose it is; for whoever reads sessions.
fn nobodys(scene: &Scene, clip: ClipId) -> Result<Vec<Block>, CliError> {
    let row = registry::by_seq(&*scene.view, &CLIP, clip.0)?;
    let Some(row) = row.filter(|row| scene.all && is_unassigned(row)) else {
        return Ok(Vec::new());
    };
    let session = SessionId(row.int("session").unsigned_abs());
    let way = (format!("/sessions/{session}"), format!("{session}: {}", scene.t(k::TO_SESSION)));
    Ok(vec![Block::Notice(false, scene.own(k::NOBODYS)), Block::Links(vec![way])])
}

fn facts(scene: &Scene, clip: ClipId) -> Result<Vec<(String, String)>, CliError> {
    let Some(kept) = keep::kept(&*scene.view, clip)? else { return Ok(Vec::new()) };
    let look = Look::new(&*scene.view, &scene.at)?;
    let policy = registry::policy(&*scene.view)?;
    let class = match &kept.class {
        None => scene.own(r::NO_CLASS),
        // A class that the policy knows no more is said by its id.
        Some(id) => policy
            .keeping
            .class(id)
            .map_or_else(|| id.clone(), |known| half(scene.lang, &known.name).to_owned()),
    };
    let against = match look.kinds(&kept)? {
        kinds if kinds.is_empty() => scene.own(r::FREE_TO_GO),
        kinds => {
            let said = kinds.into_iter().map(|why| said(scene, &look, &kept, why));
            said.collect::<Result<Vec<_>, _>>()?.join(scene.t(r::SEMICOLON))
        }
    };
    let cases = matter::bindings_of_clip(&*scene.view, clip)?.into_iter().map(|bound| {
        let step = bound.step.map(|step| format!(" {step}")).unwrap_or_default();
        format!("{}{step}", bound.matter)
    });
    let cases: Vec<String> = cases.collect();
    let mut facts = vec![
        (scene.own(r::CLASS), class),
        (scene.own(r::AGAINST), against),
        (scene.own(r::SECRECY), secrecy::stands(scene, clip)?),
    ];
    if !cases.is_empty() {
        facts.push((scene.own(r::BELONGS_TO), cases.join(scene.t(r::SEMICOLON))));
    }
    Ok(facts)
}

/// One kind of reason, with the day where there is one.
fn said(scene: &Scene, look: &Look, kept: &Kept, why: Why) -> Result<String, CliError> {
    if why != Why::NotDue {
        return Ok(word_of(scene.lang, &super::disposal::WHYS, why.as_str()));
    }
    Ok(match (&kept.class, look.periods.due(kept)?) {
        (None, _) => scene.own(r::UNCLASSED),
        (Some(_), keep::Due::Never) => scene.own(r::PERMANENT),
        (Some(_), keep::Due::At(at)) if at > scene.at.wall => {
            format!("{} {}", scene.t(r::NOT_DUE_YET), scene.zone.civil(at))
        }
        (Some(_), keep::Due::At(_)) => scene.own(r::WHY_NOT_DUE),
    })
}

fn held(scene: &Scene, clip: ClipId) -> Result<Table, CliError> {
    let mut rows = Vec::new();
    for row in scene.view.select(&Query::all(&HOLD_CLIP).with("clip", clip.0))? {
        let id = HoldId(row.int("hold").unsigned_abs());
        let Some(hold) = registry::by_seq(&*scene.view, &HOLD, id.0)? else { continue };
        let name = match scene.all {
            true => Cell::Link(format!("/holds/{id}"), id.to_string()),
            false => Cell::Text(id.to_string()),
        };
        rows.push(vec![
            name,
            Cell::Text(holds::state_word(scene, hold.text("state"))),
            Cell::Text(word_of(scene.lang, &holds::GROUNDS, hold.text("ground"))),
            Cell::Time(scene.time(&hold, "requested")),
            Cell::Text(hold.text("reason").to_owned()),
        ]);
    }
    let head = [r::HOLDS, r::STATE, r::GROUND, r::ASKED_AT, r::REASON_WHY];
    Ok(Table::new(scene.lang, &head, r::NONE_YET).rows(rows))
}

/// For whoever may give any class of the policy to this clip now.
fn class_form(scene: &Scene, clip: ClipId) -> Result<Option<Form>, CliError> {
    let replaces = keep::kept(&*scene.view, clip)?.and_then(|kept| kept.class);
    let policy = registry::policy(&*scene.view)?;
    let mut classes = Vec::new();
    for class in &policy.keeping.classes {
        let given = ClipClassed {
            clip,
            class: class.id.clone(),
            replaces: replaces.clone(),
            reason: "-".to_owned(),
        };
        if replaces.as_ref() == Some(&class.id)
            || !scene.may(&Event::Keep(keep::Event::ClipClassed(given)))?
        {
            continue;
        }
        let kept_for = match class.period {
            Period::Ms(ms) => format!("{} {}", ms / DAY_MS, scene.t(r::DAYS)),
            Period::Permanent => scene.own(r::PERMANENT),
        };
        classes.push((class.id.clone(), format!("{} ({kept_for})", half(scene.lang, &class.name))));
    }
    if classes.is_empty() {
        return Ok(None);
    }
    let to = format!("/clips/{clip}/class");
    let form = Form::new("class", &to, scene.t(r::CLASS_GIVE)).shut().note(scene.t(r::CLASS_NOTE));
    let form = form
        .field(Field::choice("class", scene.t(r::CLASS), classes, ""))
        .field(Field::line("reason", scene.t(r::REASON_WHY), 500).needed())
        .button(Button::main(scene.t(r::CLASS_GIVE)));
    Ok(Some(form))
}

/// To an open case: every one for whoever reads all, one's own for the others.
fn bind_form(scene: &Scene, clip: ClipId) -> Result<Option<Form>, CliError> {
    // By their state: the filed ones are many.
    let mut ids = Vec::new();
    for state in ["open", "closed"] {
        let query = Query::all(&matter::MATTER).with("state", state).only(&["seq"]);
        ids.extend(scene.view.select(&query)?.iter().map(registry::seq));
    }
    ids.sort_unstable();
    let mut open = Vec::new();
    for id in ids {
        let one = matter::matter(&*scene.view, MatterId(id))?;
        open.extend(one.filter(|one| scene.all || one.officers.contains(&scene.me)));
    }
    if open.is_empty() {
        return Ok(None);
    }
    let mut places = Vec::new();
    for one in &open {
        places.push((one.id.to_string(), format!("{} {}", one.id, one.title)));
        for step in matter::steps_of(&*scene.view, one.id)? {
            let name = step_name(scene, &step.name)?;
            places.push((format!("{} {}", one.id, step.id), format!("　{} {name}", step.id)));
        }
    }
    let form = Form::new("bind", &format!("/clips/{clip}/class"), scene.t(r::BIND)).shut();
    let form = form.hidden("act", "bind");
    let form = form.field(Field::choice("place", scene.t(r::BIND_TO), places, ""));
    Ok(Some(form.button(Button::main(scene.t(r::BIND)))))
}

/// A class, or a case.
async fn class(
    Desk(reader): Desk,
    Path(id): Path<String>,
    Sent(fields): Sent<Vec<(String, String)>>,
) -> Response {
    let Ok(clip) = id.parse::<ClipId>() else { return nothing(&reader) };
    sign(reader, Fields(fields), format!("/clips/{clip}"), move |scene, fields| {
        scene.own_clips(&[clip])?;
        if fields.text("act") == "bind" {
            return bound(fields, clip);
        }
        let class = json!({ "act": "class", "clips": [clip], "class": fields.text("class"),
            "reason": fields.text("reason") });
        Ok(vec![command("keep", class)])
    })
    .await
}

fn bound(fields: &Fields, clip: ClipId) -> super::Asks {
    let mut words = fields.text("place").split(' ');
    let matter: MatterId = words.next().unwrap_or_default().parse()?;
    let step = words.next().map(str::parse::<sealdock_core::id::StepId>).transpose()?;
    if words.next().is_some() {
        return Err(CliError::both(
            Exit::Usage,
            "请从列表中选择案件或环节",
            "choose a case or a step from the list",
        ));
    }
    let whole = step.is_none().then_some(matter);
    let bind = json!({ "act": "bind", "clips": [clip], "matter": whole, "step": step });
    Ok(vec![command("matter", bind)])
}
