//! One session, line by line, and what a clerk can decide about it there: whose its clips are, what stands aside, the wipe.

use super::{FATES, WIPES, list, number, text, why_aside};
use crate::console::Room;
use crate::console::outcome::{self, Needs};
use crate::console::rooms::{
    Asks, Fields, Head, Scene, clip_link, nothing, shown, sign, sign_slowly, word_of,
};
use crate::console::signed::{Office, Told};
use crate::console::spoken::word;
use crate::docking::State;
use crate::exit::{CliError, Exit};
use crate::request::{Assignment, Request};
use axum::Form as Sent;
use axum::extract::{Path, Query as Address};
use axum::response::Response;
use sealdock_console::rooms::{Block, Button, Cell, Field, Form, Input, Table};
use sealdock_console::show;
use sealdock_console::words::{self as w, dock as k, rooms as r};
use sealdock_core::actor::Role;
use sealdock_core::event::{AsideDecided, AsideDecision, Event, WipeOrdered};
use sealdock_core::id::{AsideId, ClipId, PersonId, SessionId};
use sealdock_core::keep::{self, KeptState};
use sealdock_core::objection::objection;
use sealdock_core::ports::Registers;
use sealdock_core::schema as s;
use sealdock_core::search;
use sealdock_core::table::{Query, Row};
use sealdock_core::{desk, registry};
use serde_json::{Value, json};

/// Clips or asides that one form names.
const NAMED: usize = 50;

/// One session, line by line.
pub async fn show(
    Office(reader): Office,
    Path(id): Path<String>,
    Address(told): Address<Told>,
) -> Response {
    let Ok(session) = id.parse::<SessionId>() else { return nothing(&reader) };
    let title = format!("{} {session}", reader.lang.t(w::SESSION));
    let head = Head { job: Some(job(session)), ..Head::new(title, &told) };
    shown(reader, head, move |scene| blocks(scene, session)).await
}

/// One wipe of a session at a time.
fn job(session: SessionId) -> String {
    format!("wipe-{session}")
}

fn blocks(scene: &Scene, session: SessionId) -> Result<Vec<Block>, CliError> {
    let json = scene.read(Request::SessionShow { session })?;
    let row = registry::by_seq(&*scene.view, &s::SESSION, session.0)?.ok_or_else(gone)?;
    let mut blocks = vec![Block::Facts(facts(scene, &row)?)];
    let forms = forms(scene, &row)?;
    if !forms.is_empty() {
        blocks.push(Block::Heading(scene.own(k::NEEDS)));
        blocks.extend(forms);
    }
    blocks.push(Block::Table(lines(scene, &json)));
    Ok(blocks)
}

fn gone() -> CliError {
    CliError::new(Exit::Missing, "there is no such session")
}

fn facts(scene: &Scene, row: &Row) -> Result<Vec<(String, String)>, CliError> {
    let officer = row.text_opt("officer").or_else(|| row.text_opt("officer_claim"));
    let officer = officer.map(|id| scene.named(id)).transpose()?.unwrap_or_default();
    let stands = word(scene.lang, outcome::said(&*scene.view, row)?);
    Ok(vec![
        (scene.own(w::OPENED), scene.time(row, "opened")),
        (scene.own(w::BAY), row.text("bay").to_owned()),
        (scene.own(w::RECORDER), row.text("recorder_claim").to_owned()),
        (scene.own(w::OFFICER), officer),
        (scene.own(w::HOW_IT_STANDS), stands),
    ])
}

fn lines(scene: &Scene, json: &Value) -> Table {
    let row = |line: &Value| {
        let of = |words: &[(&str, w::Word)], key| word_of(scene.lang, words, &text(line, key));
        let clip = line["clip"].as_str().map_or_else(|| Cell::text(""), clip_link);
        let fate = [of(&FATES, "fate"), of(&WIPES, "wipe")].into_iter();
        let comma = scene.t(r::COMMA);
        vec![
            Cell::text(text(line, "line")),
            Cell::Name(text(line, "name")),
            Cell::Number(show::bytes(number(line, "size"))),
            clip,
            Cell::text(fate.filter(|one| !one.is_empty()).collect::<Vec<_>>().join(comma)),
            Cell::text(why_aside(scene.lang, &text(line, "why"))),
        ]
    };
    let head = [w::LINE, w::NAME, w::SIZE, w::CLIP, w::FATE, w::WHY];
    let rows = list(json, "by_line").iter().map(row).collect();
    Table::new(scene.lang, &head, r::NONE_YET).rows(rows)
}

/// What whoever looks may decide: offered where the rule has nothing against it, or the duty is there.
fn forms(scene: &Scene, row: &Row) -> Result<Vec<Block>, CliError> {
    if row.text("state") == "open" || !scene.holds(Role::Clerk) {
        return Ok(Vec::new());
    }
    let needs = Needs::of(&*scene.view, row)?;
    let mut blocks = Vec::new();
    blocks.extend(assign_form(scene, row)?.map(Block::Form));
    blocks.extend(aside_form(scene, row)?.map(Block::Form));
    match needs.unassigned {
        0 => blocks.extend(wipe_form(scene, row)?.map(Block::Form)),
        _ => blocks.push(Block::Note(scene.own(k::WIPE_AFTER))),
    }
    Ok(blocks)
}

fn address(row: &Row) -> String {
    format!("/sessions/{}", SessionId(registry::seq(row)))
}

/// Clips of this session that are nobody's, to somebody; whoever the record speaks of is proposed.
fn assign_form(scene: &Scene, row: &Row) -> Result<Option<Form>, CliError> {
    let free = outcome::unassigned(&*scene.view, registry::seq(row))?;
    let Some(first) = free.first() else { return Ok(None) };
    let named = |clip: &Row| {
        let id = ClipId(registry::seq(clip)).to_string();
        let bytes = show::bytes(clip.int("size").unsigned_abs());
        (id.clone(), format!("{id} {} ({bytes})", clip.text("name")))
    };
    let clips: Vec<(String, String)> = free.iter().take(NAMED).map(named).collect();
    let all = clips.iter().map(|(id, _)| id.clone()).collect();
    let recorder = row.text_opt("recorder").unwrap_or_else(|| row.text("recorder_claim"));
    let officer = proposed(&*scene.view, row, first)?.map_or_else(String::new, |id| id.to_string());
    let mut note = scene.own(k::ASSIGN_NOTE);
    if free.len() > clips.len() {
        note = format!("{note} {}", scene.t(k::REST_LATER));
    }
    let form = Form::new("assign", &address(row), scene.t(k::ASSIGN)).note(&note);
    let form = form.hidden("act", "assign");
    let ticks = Field::line("clip", scene.t(k::WHICH_CLIPS), 20).with(Input::Ticks(clips, all));
    let line = |name, label, value: &str| {
        Field::line(name, scene.t(label), 64).with(Input::Line(value.to_owned(), 64)).needed()
    };
    let form = form
        .field(ticks)
        .field(line("officer", w::OFFICER, &officer))
        .field(line("recorder", w::RECORDER, recorder))
        .field(Field::line("reason", scene.t(r::REASON_WHY), 500).needed())
        .button(Button::main(scene.t(k::ASSIGN)));
    Ok(Some(form))
}

/// With whom the usage archive says that the recorder was; else whose number the files carry.
fn proposed(view: &dyn Registers, session: &Row, clip: &Row) -> Result<Option<PersonId>, CliError> {
    let conflict = session.text_opt("conflict").unwrap_or_default();
    let after = |word: &str| {
        let rest = conflict.split_once(word).map(|(_, rest)| rest);
        rest.and_then(|rest| rest.split([' ', ',']).next()).map(str::to_owned)
    };
    let mut likely: Vec<String> =
        ["was last with ", "number of officer "].into_iter().filter_map(after).collect();
    if let Some(recorder) = session.text_opt("recorder") {
        let uses = desk::usages_of(view, &recorder.parse()?)?;
        let this = Some(SessionId(registry::seq(session)));
        likely.extend(uses.iter().filter(|u| u.docked == this).map(|u| u.officer.to_string()));
    }
    let said = [clip.text_opt("officer"), session.text_opt("officer_claim")];
    likely.extend(said.into_iter().flatten().map(str::to_owned));
    for like in likely {
        if let Ok(id) = like.parse::<PersonId>()
            && registry::person(view, &id)?.is_some()
        {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// Asides of this session that are open; a damaged copy is healed by docking again, not by a decision.
fn open_asides(view: &dyn Registers, session: u64) -> Result<Vec<Row>, CliError> {
    let open = Query::all(&s::ASIDE).with("session", session).with("state", "open");
    let mut rows = view.select(&open)?;
    rows.retain(|row| row.text("reason") != "stored-damaged");
    Ok(rows)
}

fn aside_form(scene: &Scene, row: &Row) -> Result<Option<Form>, CliError> {
    let mut ticks = Vec::new();
    for aside in open_asides(&*scene.view, registry::seq(row))?.iter().take(NAMED) {
        let id = AsideId(registry::seq(aside));
        let left =
            AsideDecided { aside: id, decision: AsideDecision::Leave, reason: "-".to_owned() };
        if objection(&*scene.view, &scene.at, &scene.actor(), &Event::AsideDecided(left))?.is_none()
        {
            let why = word_of(scene.lang, &super::ASIDES, aside.text("reason"));
            ticks.push((id.to_string(), format!("{id} {}: {why}", aside.text("name"))));
        }
    }
    if ticks.is_empty() {
        return Ok(None);
    }
    let form = Form::new("aside", &address(row), scene.t(k::ASIDES_OPEN));
    let form = form.shut().note(scene.t(k::ASIDES_NOTE)).hidden("act", "aside");
    let ticks = Input::Ticks(ticks, Vec::new());
    let form = form
        .field(Field::line("aside", scene.t(w::ASIDES), 20).with(ticks))
        .field(Field::line("reason", scene.t(r::REASON_WHY), 500).needed())
        .button(Button::sending("decision", "retry", scene.t(k::RETRY), true))
        .button(Button::sending("decision", "leave", scene.t(k::LEAVE), false));
    Ok(Some(form))
}

/// What an order would let go: stored, kept, somebody's, on the recorder still, and by no rule to stay there.
fn aboard(room: &Room, view: &dyn Registers, row: &Row) -> Result<(usize, u64), CliError> {
    let Some(object) = row.text_opt("listing").and_then(|object| object.parse().ok()) else {
        return Ok((0, 0));
    };
    let session = registry::seq(row);
    let listing = room.open.station.listing(object)?;
    let wiped = Query::all(&s::WIPE).with("session", session).with("state", "wiped");
    let wiped: Vec<i64> = view.select(&wiped)?.iter().map(|row| row.int("line")).collect();
    let (mut files, mut bytes) = (0, 0);
    for seen in view.select(&Query::all(&s::SIGHTING).with("session", session))? {
        let at = seen.int("line");
        let line = usize::try_from(at).ok().and_then(|at| listing.lines.get(at));
        let clip = ClipId(seen.int("clip").unsigned_abs());
        let stays = line.is_none_or(|line| line.class.stays.is_some());
        if stays || wiped.contains(&at) {
            continue;
        }
        let kept = keep::kept(view, clip)?.is_some_and(|kept| kept.state == KeptState::Kept);
        let row = registry::by_seq(view, &s::CLIP, clip.0)?;
        if kept && row.is_some_and(|row| !search::is_unassigned(&row)) {
            (files, bytes) = (files + 1, bytes + line.map_or(0, |line| line.size));
        }
    }
    Ok((files, bytes))
}

/// Only of the newest session with this recorder: an older one does not say what is aboard now.
fn wipe_form(scene: &Scene, row: &Row) -> Result<Option<Form>, CliError> {
    let (session, claim) = (SessionId(registry::seq(row)), row.text("recorder_claim"));
    let newest = outcome::newest(&*scene.view, claim)?;
    if newest.is_none_or(|newest| registry::seq(&newest) != session.0) {
        return Ok(None);
    }
    let ordered = WipeOrdered { session, recorder_claim: claim.parse()?, reason: "-".to_owned() };
    let event = Event::WipeOrdered(ordered);
    if objection(&*scene.view, &scene.at, &scene.actor(), &event)?.is_some() {
        return Ok(None);
    }
    let (files, bytes) = aboard(scene.room, &*scene.view, row)?;
    let stands = scene.room.open.docks.find(None, claim);
    if files == 0 || stands.as_ref().is_some_and(|docked| docked.state == State::Running) {
        return Ok(None);
    }
    let when = if stands.is_some() { k::WIPE_NOW } else { k::WIPE_LATER };
    let note = format!(
        "{} {claim}{}{files} {} ({}){} {} {}",
        scene.t(k::WOULD_WIPE),
        scene.t(r::COLON),
        scene.t(k::FILES),
        show::bytes(bytes),
        scene.t(w::STOP),
        scene.t(k::WIPE_ALL_STORED),
        scene.t(when)
    );
    let form = Form::new("wipe", &address(row), scene.t(k::WIPE)).shut().note(&note);
    let form = form.hidden("act", "wipe").hidden("aboard", format!("{files}:{bytes}"));
    let form = form
        .field(Field::line("count", scene.t(k::WIPE_COUNT), 8).needed())
        .field(Field::line("reason", scene.t(r::REASON_WHY), 500).needed())
        .button(Button::main(scene.t(k::WIPE)));
    Ok(Some(form))
}

/// One of its forms.
pub async fn act(
    Office(reader): Office,
    Path(id): Path<String>,
    Sent(fields): Sent<Vec<(String, String)>>,
) -> Response {
    let Ok(session) = id.parse::<SessionId>() else { return nothing(&reader) };
    let (fields, to) = (Fields(fields), format!("/sessions/{session}"));
    match fields.text("act") {
        // The recorder may stand in its bay: then it is docked once more, which takes as long as that takes.
        "wipe" => {
            let asks = move |scene: &Scene, fields: &Fields| wiped(scene, fields, session);
            sign_slowly(reader, fields, (job(session), to), asks).await
        }
        "aside" => sign(reader, fields, to, |_, fields| decided(fields)).await,
        _ => sign(reader, fields, to, move |scene, fields| assigned(scene, fields, session)).await,
    }
}

fn assigned(scene: &Scene, fields: &Fields, session: SessionId) -> Asks {
    let clips: Vec<ClipId> = fields.all("clip").map(str::parse).collect::<Result<_, _>>()?;
    let free = outcome::unassigned(&*scene.view, session.0)?;
    let taken = |clip: &ClipId| !free.iter().any(|row| registry::seq(row) == clip.0);
    if clips.is_empty() || clips.iter().any(taken) {
        return Err(CliError::both(
            Exit::Refused,
            "请勾选本次采集中没有归属的视频；如已归属，请刷新页面",
            "tick clips of this session that are nobody's; load the page again if they were assigned meanwhile",
        ));
    }
    Ok(vec![Request::ClipAssign(Assignment {
        clips,
        session: None,
        recorder: fields.parse("recorder")?,
        officer: fields.parse("officer")?,
        reason: fields.text("reason").to_owned(),
    })])
}

fn decided(fields: &Fields) -> Asks {
    let decision = match fields.text("decision") {
        "leave" => "leave",
        _ => "retry",
    };
    let asides: Vec<AsideId> = fields.all("aside").map(str::parse).collect::<Result<_, _>>()?;
    if asides.is_empty() {
        return Err(CliError::both(Exit::Usage, "请勾选要处理的搁置项", "tick what is decided"));
    }
    let decide = |aside| {
        let command = json!({ "command": "decide-aside", "aside": aside, "decision": decision,
            "reason": fields.text("reason") });
        Request::Apply { command }
    };
    Ok(asides.into_iter().map(decide).collect())
}

/// What was looked at must still be so, and its number is typed: never one click.
fn wiped(scene: &Scene, fields: &Fields, session: SessionId) -> Asks {
    let row = registry::by_seq(&*scene.view, &s::SESSION, session.0)?.ok_or_else(gone)?;
    let (files, bytes) = aboard(scene.room, &*scene.view, &row)?;
    let newest = outcome::newest(&*scene.view, row.text("recorder_claim"))?;
    let newest = newest.is_some_and(|newest| registry::seq(&newest) == session.0);
    // What would not be offered now is not ordered: clips without an owner, nothing aboard, a session that runs.
    let offered = row.text("state") != "open"
        && Needs::of(&*scene.view, &row)?.unassigned == 0
        && wipe_form(scene, &row)?.is_some();
    if !newest || !offered || fields.text("aboard") != format!("{files}:{bytes}") {
        return Err(CliError::both(
            Exit::Refused,
            "情况已变：记录仪又采集过，或文件个数已不同；没有下令，请看新的页面",
            "it is otherwise by now: the recorder was docked again, or the number of files differs; nothing was ordered, look at the page again",
        ));
    }
    if fields.text("count") != files.to_string() {
        return Err(CliError::both(
            Exit::Refused,
            "填写的个数不对，没有下令",
            "that is another number of files; nothing was ordered",
        ));
    }
    let reason = fields.text("reason").to_owned();
    Ok(vec![Request::SessionWipe { session, reason, path: None }])
}

/// Sessions that a clerk has to decide: the newest one of each recorder that was not emptied, newest first.
///
/// # Errors
/// The registers cannot be read.
pub fn undecided(view: &dyn Registers) -> Result<Vec<(SessionId, Row)>, CliError> {
    let mut seen = std::collections::BTreeSet::new();
    let mut all = Vec::new();
    for row in view.select(&Query::all(&s::SESSION).newest_first().limit(LOOKED))? {
        let newest = seen.insert(row.text("recorder_claim").to_owned());
        if newest && row.text_opt("verdict") == Some("held") && Needs::of(view, &row)?.decision() {
            all.push((SessionId(registry::seq(&row)), row));
        }
    }
    Ok(all)
}

/// The newest sessions that the overview looks at.
const LOOKED: u32 = 500;

/// For a job of the page: what the order came to.
///
/// # Errors
/// The registers cannot be read.
pub fn came_to(room: &Room, session: u64) -> Result<sealdock_core::why::Why, CliError> {
    let view = room.open.station.world().ledger.view()?;
    let row = registry::by_seq(&*view, &s::SESSION, session)?.ok_or_else(gone)?;
    outcome::said(&*view, &row)
}
