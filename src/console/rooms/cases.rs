//! Cases (matters): opened, their steps, the clips that belong to them, interruptions explained, filed. Whoever reads only
//! their own sees those whose officer they are.

/// What it was opened with, put right.
mod correcting;

use super::{
    Asks, Fields, Head, Scene, Since, by_name, clip_link, command, nothing, shown, sign, word_of,
};
use crate::console::Room;
use crate::console::signed::{Desk, Reader, Told, local};
use crate::exit::{CliError, Exit};
use axum::extract::{Path, Query as Address};
use axum::response::Response;
use axum::routing::get;
use axum::{Form as Sent, Router};
use sealdock_console::Lang;
use sealdock_console::rooms::{Block, Button, Cell, Field, Form, Input, Table};
use sealdock_console::words::{self as w, Word, rooms as r};
use sealdock_core::actor::Role;
use sealdock_core::event::Event;
use sealdock_core::id::{ClipId, MatterId, StepId};
use sealdock_core::matter::{
    self, BINDING, BreakKind, INTERRUPTION, Interruption, InterruptionNoted, Manner, Matter,
    MatterKind, MatterRecord,
};
use sealdock_core::registry;
use sealdock_core::table::Query;
use serde_json::json;
use std::sync::Arc;

pub fn routes() -> Router<Arc<Room>> {
    Router::new()
        .route("/cases", get(page).post(open))
        .route("/cases/{matter}", get(one).post(act))
        .merge(correcting::routes())
}

const KINDS: [(&str, Word); 5] = [
    ("penalty", r::MK_PENALTY),
    ("licence", r::MK_LICENCE),
    ("coercion", r::MK_COERCION),
    ("inspection", r::MK_INSPECTION),
    ("other", r::MK_OTHER),
];

const MANNERS: [(&str, Word); 2] = [("continuous", r::M_CONTINUOUS), ("in-parts", r::M_PARTS)];

const CAUSES: [(&str, Word); 6] = [
    ("fault", r::C_FAULT),
    ("damage", r::C_DAMAGE),
    ("weather", r::C_WEATHER),
    ("battery", r::C_BATTERY),
    ("space", r::C_SPACE),
    ("other", r::C_OTHER),
];

const BREAKS: [(&str, Word); 8] = [
    ("unrecorded", r::B_UNRECORDED),
    ("gap", r::B_GAP),
    ("missing-number", r::B_NUMBER),
    ("left-out", r::B_LEFT_OUT),
    ("cut-short", r::B_CUT),
    ("clock-jump", r::B_JUMP),
    ("untimed", r::B_UNTIMED),
    ("ended-early", r::B_EARLY),
];

/// What an interruption is, in the reader's words.
pub fn break_word(lang: Lang, kind: BreakKind) -> String {
    word_of(lang, &BREAKS, kind.as_str())
}

const ANSWERED: [(&str, Word); 5] = [
    ("open", r::I_OPEN),
    ("explained", r::I_EXPLAINED),
    ("accepted", r::I_ACCEPTED),
    ("not-accepted", r::I_REJECTED),
    ("filled", r::I_FILLED),
];

/// Does it wait for somebody, and in which words.
fn state(matter: &Matter) -> (bool, Word) {
    match (matter.state.as_str(), matter.missed) {
        ("open", _) => (false, r::ST_OPEN),
        ("closed", true) => (true, r::ST_OVERDUE),
        ("closed", false) => (true, r::ST_TO_FILE),
        _ => (false, r::ST_FILED),
    }
}

/// Cases on one page.
const SHOWN: usize = 100;

/// Is it this reader's to see?
fn is_theirs(scene: &Scene, matter: &Matter) -> bool {
    scene.all || matter.officers.contains(&scene.me)
}

/// Cases whose clips and steps whoever looks may change, as far as can be said before it is tried.
fn is_open_to(scene: &Scene, matter: &Matter) -> bool {
    matter.state != "filed"
        && (matter.officers.contains(&scene.me)
            || scene.holds(Role::Clerk)
            || scene.holds(Role::DepartmentHead))
}

async fn page(Desk(reader): Desk, Address(from): Address<Since>) -> Response {
    let head = Head::new(reader.lang.t(r::CASES), &Told { said: from.said });
    let after = from.after.parse::<MatterId>().ok();
    shown(reader, head, move |scene| {
        let mut blocks = table(scene, after)?;
        if !scene.held.is_empty() {
            blocks.push(Block::Form(open_form(scene)));
        }
        Ok(blocks)
    })
    .await
}

/// The newest cases, and a way to those before.
fn table(scene: &Scene, after: Option<MatterId>) -> Result<Vec<Block>, CliError> {
    let theirs = |one: &Matter| is_theirs(scene, one);
    let cases = matter::newest_matters(&*scene.view, (after, SHOWN), theirs)?;
    let mut rows = Vec::new();
    for one in cases.iter().take(SHOWN) {
        let (calls, word) = state(one);
        let bound = scene.view.select(&Query::all(&BINDING).with("matter", one.id.0))?;
        let bound = bound.iter().filter(|row| row.int_opt("unbound_seq").is_none()).count();
        rows.push(vec![
            Cell::Link(format!("/cases/{}", one.id), one.id.to_string()),
            Cell::Tag(calls, scene.own(word)),
            Cell::Text(one.title.clone()),
            Cell::Text(word_of(scene.lang, &KINDS, one.kind.as_str())),
            Cell::Text(one.case_file.clone().unwrap_or_default()),
            Cell::Text(people(scene, one)?),
            Cell::number(bound),
            Cell::Time(one.due.map_or_else(String::new, |at| scene.zone.civil(at))),
        ]);
    }
    let head =
        [r::NUMBER, r::STATE, r::TITLE, r::KIND, r::CASE_FILE, w::OFFICER, r::CLIPS_N, r::FILE_BY];
    let mut blocks = vec![Block::Table(Table::new(scene.lang, &head, r::NO_CASES).rows(rows))];
    let last = cases.get(SHOWN - 1).filter(|_| cases.len() > SHOWN);
    blocks.extend(last.map(|last| scene.goes_on(format!("/cases?after={}", last.id))));
    Ok(blocks)
}

fn open_form(scene: &Scene) -> Form {
    let me = if scene.holds(Role::Officer) { scene.me.to_string() } else { String::new() };
    Form::new("open", "/cases", scene.t(r::CASE_OPEN))
        .shut()
        .field(Field::line("title", scene.t(r::TITLE), 200).needed())
        .field(Field::choice("kind", scene.t(r::KIND), scene.to_choose(&KINDS), "").needed())
        .field(
            Field::line("officers", scene.t(r::OFFICERS), 200).with(Input::Line(me, 90)).needed(),
        )
        .field(Field::line("case_file", scene.t(r::CASE_FILE), 60))
        .field(Field::line("department", scene.t(r::DEPARTMENT), 64))
        .field(Field::line("parties", scene.t(r::PARTIES), 500).with(lines("")).needed())
        .button(Button::main(scene.t(r::CASE_OPEN)))
}

/// Parties, one a line.
fn lines(stand: &str) -> Input {
    Input::Lines(stand.to_owned(), 1000)
}

/// What a case is about, as a form says it.
fn record(scene: &Scene, fields: &Fields) -> Result<MatterRecord, CliError> {
    let kind = MatterKind::parse(fields.text("kind")).ok_or_else(|| choose(scene, r::KIND))?;
    let parties = fields.text("parties").lines().map(str::trim).filter(|line| !line.is_empty());
    let officers = fields.text("officers").split_whitespace().map(str::parse);
    Ok(MatterRecord {
        kind,
        title: fields.text("title").to_owned(),
        parties: parties.map(str::to_owned).collect(),
        officers: officers.collect::<Result<_, _>>()?,
        department: fields.given("department").map(str::parse).transpose()?,
        case_file: fields.given("case_file").map(str::to_owned),
    })
}

async fn open(Desk(reader): Desk, Sent(fields): Sent<Vec<(String, String)>>) -> Response {
    sign(reader, Fields(fields), "/cases".into(), |scene, fields| {
        let record = record(scene, fields)?;
        Ok(vec![command("matter", json!({ "act": "open-matter", "record": record }))])
    })
    .await
}

fn choose(scene: &Scene, what: Word) -> CliError {
    let text = format!("{}{}{}", scene.t(what), scene.t(r::COLON), scene.t(r::CHOOSE));
    CliError::said(Exit::Usage, text)
}

async fn one(Desk(reader): Desk, Path(id): Path<String>, Address(told): Address<Told>) -> Response {
    let Ok(matter) = id.parse::<MatterId>() else { return nothing(&reader) };
    let head = Head::new(format!("{} {matter}", reader.lang.t(w::MATTER)), &told);
    shown(reader, head, move |scene| blocks(scene, matter)).await
}

/// The case, where it is this reader's to see.
fn known(scene: &Scene, id: MatterId) -> Result<Matter, CliError> {
    let found = matter::matter(&*scene.view, id)?.filter(|one| is_theirs(scene, one));
    found.ok_or_else(|| CliError::said(Exit::Missing, scene.t(w::NOT_FOUND)))
}

fn blocks(scene: &Scene, id: MatterId) -> Result<Vec<Block>, CliError> {
    let one = known(scene, id)?;
    let to = format!("/cases/{id}");
    let mut blocks = vec![
        Block::Facts(facts(scene, &one)?),
        Block::Heading(scene.own(r::STEPS)),
        Block::Table(steps(scene, &one)?),
    ];
    let changes = is_open_to(scene, &one);
    if changes && one.state == "open" {
        blocks.extend(step_forms(scene, &one, &to)?.into_iter().map(Block::Form));
    }
    blocks.push(Block::Heading(scene.own(r::BOUND_CLIPS)));
    let (table, bound) = clips(scene, &one)?;
    blocks.push(Block::Table(table));
    if changes {
        blocks.push(Block::Form(bind_form(scene, &one, &to)?));
    }
    if changes && scene.holds(Role::DepartmentHead) && !bound.is_empty() {
        blocks.push(Block::Form(unbind_form(scene, &to, bound)));
    }
    let broken: Vec<Interruption> = matter::interruptions(&*scene.view, None)?
        .into_iter()
        .filter(|broken| broken.matter == id)
        .collect();
    if !broken.is_empty() {
        blocks.push(Block::Heading(scene.own(r::INTERRUPTIONS)));
        blocks.push(Block::Table(interruptions(scene, &broken)?));
        for one in &broken {
            blocks.extend(answer_form(scene, one, &to)?.map(Block::Form));
        }
    }
    blocks.extend(correcting::form(scene, &one)?.map(Block::Form));
    if changes {
        blocks.extend(end_form(scene, &one, &to).map(Block::Form));
    }
    Ok(blocks)
}

/// Whose case it is, by name.
fn people(scene: &Scene, one: &Matter) -> Result<String, CliError> {
    let named = one.officers.iter().map(|id| by_name(&*scene.view, id));
    Ok(named.collect::<Result<Vec<_>, _>>()?.join("、"))
}

fn facts(scene: &Scene, one: &Matter) -> Result<Vec<(String, String)>, CliError> {
    let officers = people(scene, one)?;
    let department = one.department.as_ref().map(ToString::to_string);
    let time = |at: Option<sealdock_core::time::WallMs>| at.map(|at| scene.zone.civil(at));
    let facts = [
        (r::STATE, Some(scene.own(state(one).1))),
        (r::TITLE, Some(one.title.clone())),
        (r::KIND, Some(word_of(scene.lang, &KINDS, one.kind.as_str()))),
        (r::PARTY, Some(one.parties.join("、"))),
        (w::OFFICER, Some(officers)),
        (r::CASE_FILE, one.case_file.clone()),
        (r::DEPARTMENT, department),
        (r::ENDED_AT, time(one.ended)),
        (r::FILE_BY, time(one.due)),
        (r::FILED_AT, time(one.filed)),
    ];
    let told = facts.into_iter().filter_map(|(word, text)| Some((scene.own(word), text?)));
    Ok(told.collect())
}

fn steps(scene: &Scene, one: &Matter) -> Result<Table, CliError> {
    let mut rows = Vec::new();
    for step in matter::expectations(&*scene.view, one.id)? {
        let manner = match step.manner {
            Manner::Continuous => r::M_CONTINUOUS,
            Manner::InParts => r::M_PARTS,
        };
        let (calls, stands) = match (step.missing(), step.closed) {
            (true, _) => (true, r::NOT_RECORDED),
            (false, true) => (false, r::ST_CLOSED),
            (false, false) => (false, r::ST_OPEN),
        };
        rows.push(vec![
            Cell::Text(step.step.to_string()),
            Cell::Text(step_name(scene, &step.name)?),
            Cell::Text(scene.own(if step.must { r::MUST } else { r::MAY })),
            Cell::Text(scene.own(manner)),
            Cell::number(step.clips),
            Cell::Tag(calls, scene.own(stands)),
        ]);
    }
    let head = [r::STEP, r::TITLE, r::MUST, r::MANNER, r::CLIPS_N, r::STATE];
    Ok(Table::new(scene.lang, &head, r::NO_STEPS).rows(rows))
}

fn step_forms(scene: &Scene, one: &Matter, to: &str) -> Result<Vec<Form>, CliError> {
    let list = matter::steps_in_force(&*scene.view)?.list;
    let items = list.items.into_iter().map(|item| {
        let name = match scene.lang {
            Lang::Zh => item.name,
            Lang::En => item.english,
        };
        (item.id, name)
    });
    let declare = Form::new("declare", to, scene.t(r::STEP_DECLARE))
        .shut()
        .hidden("act", "declare")
        .field(Field::choice("item", scene.t(r::STEP), items.collect(), ""))
        .field(Field::choice("manner", scene.t(r::MANNER), scene.options(&MANNERS), "continuous"))
        .field(Field::line("place", scene.t(r::PLACE), 90).needed())
        .field(Field::line("reason", scene.t(r::REASON_WHY), 500))
        .button(Button::main(scene.t(r::STEP_DECLARE)));
    let mut open = Vec::new();
    for step in matter::steps_of(&*scene.view, one.id)?.into_iter().filter(|step| !step.closed) {
        let name = step_name(scene, &step.name)?;
        open.push((step.id.to_string(), format!("{} {name}", step.id)));
    }
    let mut forms = vec![declare];
    if !open.is_empty() {
        let form = Form::new("close-step", to, scene.t(r::STEP_CLOSE)).shut();
        let form = form.hidden("act", "close-step");
        let form = form.field(Field::choice("step", scene.t(r::STEP), open, ""));
        forms.push(form.button(Button::main(scene.t(r::STEP_CLOSE))));
    }
    Ok(forms)
}

/// Clips in force, and what each is bound to.
fn clips(scene: &Scene, one: &Matter) -> Result<(Table, Vec<(String, String)>), CliError> {
    let rows = scene.view.select(&Query::all(&BINDING).with("matter", one.id.0))?;
    let (mut table, mut bound) = (Vec::new(), Vec::new());
    for row in rows.iter().filter(|row| row.int_opt("unbound_seq").is_none()) {
        let clip = ClipId(row.int("clip").unsigned_abs());
        let step = row.int_opt("step").map(|step| StepId(step.unsigned_abs()).to_string());
        let known = registry::by_seq(&*scene.view, &sealdock_core::schema::CLIP, clip.0)?;
        let Some(known) = known else { continue };
        // Somebody else's clip is named and not shown to whoever reads only their own.
        let theirs = scene.all || known.text_opt("officer") == Some(scene.me.as_str());
        let at = known.text_opt("recorded").unwrap_or(known.text("stored"));
        let place = step.clone().unwrap_or_else(|| scene.own(r::WHOLE_CASE));
        table.push(vec![
            if theirs { clip_link(clip) } else { Cell::Text(clip.to_string()) },
            Cell::Text(place.clone()),
            Cell::Time(scene.civil(at)),
            Cell::Text(known.text("name").to_owned()),
            Cell::Text(super::known(&*scene.view, known.text_opt("officer").unwrap_or_default())?),
        ]);
        let value = format!("{clip} {}", step.unwrap_or_default());
        bound.push((value.trim().to_owned(), format!("{clip} {place}")));
    }
    let head = [w::CLIP, r::STEP, w::RECORDED, w::NAME, w::OFFICER];
    Ok((Table::new(scene.lang, &head, r::NO_BOUND).rows(table), bound))
}

/// The case as a whole, or one of its steps.
fn places(scene: &Scene, one: &Matter) -> Result<Vec<(String, String)>, CliError> {
    let mut places = vec![(String::new(), scene.own(r::WHOLE_CASE))];
    for step in matter::steps_of(&*scene.view, one.id)? {
        let name = step_name(scene, &step.name)?;
        places.push((step.id.to_string(), format!("{} {name}", step.id)));
    }
    Ok(places)
}

/// A step as the list in force calls it in the language of the page; as its entry does where the list has it no more.
pub fn step_name(scene: &Scene, name: &str) -> Result<String, CliError> {
    if scene.lang == Lang::Zh {
        return Ok(name.to_owned());
    }
    let list = matter::steps_in_force(&*scene.view)?.list;
    let known = list.items.into_iter().find(|item| item.name == name);
    Ok(known.map_or_else(|| name.to_owned(), |item| item.english))
}

fn bind_form(scene: &Scene, one: &Matter, to: &str) -> Result<Form, CliError> {
    Ok(Form::new("bind", to, scene.t(r::BIND))
        .hidden("act", "bind")
        .field(Field::line("clips", scene.t(r::CLIP_NUMBERS), 500).needed())
        .field(Field::choice("step", scene.t(r::BIND_TO), places(scene, one)?, ""))
        .button(Button::main(scene.t(r::BIND))))
}

fn unbind_form(scene: &Scene, to: &str, bound: Vec<(String, String)>) -> Form {
    Form::new("unbind", to, scene.t(r::UNBIND))
        .shut()
        .hidden("act", "unbind")
        .field(Field::choice("bound", scene.t(w::CLIP), bound, ""))
        .field(Field::line("reason", scene.t(r::REASON_WHY), 500).needed())
        .button(Button { main: false, ..Button::main(scene.t(r::UNBIND)) })
}

fn interruptions(scene: &Scene, broken: &[Interruption]) -> Result<Table, CliError> {
    let mut rows = Vec::new();
    for one in broken {
        let row = registry::by_seq(&*scene.view, &INTERRUPTION, one.id.0)?;
        let said = |column| row.as_ref().and_then(|row| row.text_opt(column)).unwrap_or_default();
        let around = [one.before, one.after].into_iter().flatten().map(|clip| clip.to_string());
        let span = ["since", "until"].map(said).map(|at| scene.civil(at));
        rows.push(vec![
            Cell::Text(one.id.to_string()),
            Cell::Tag(one.unanswered(), word_of(scene.lang, &ANSWERED, &one.state)),
            Cell::Text(word_of(scene.lang, &BREAKS, one.kind.as_str())),
            Cell::Text(one.step.to_string()),
            Cell::Text(around.collect::<Vec<_>>().join(" – ")),
            Cell::Text(span.join(" – ").trim_matches([' ', '–']).to_owned()),
            Cell::Text(word_of(scene.lang, &CAUSES, said("cause"))),
            Cell::Text(said("explanation").to_owned()),
            Cell::Text(said("note").to_owned()),
        ]);
    }
    let head = [
        r::INTERRUPTIONS,
        r::STATE,
        r::KIND,
        r::STEP,
        w::ALL_CLIPS,
        w::TIME,
        r::CAUSE,
        r::EXPLAIN,
        w::DECISION_REASON,
    ];
    Ok(Table::new(scene.lang, &head, r::NONE_YET).rows(rows))
}

/// To explain for an officer of the step, to take note of for the head that it was told to.
fn answer_form(scene: &Scene, one: &Interruption, to: &str) -> Result<Option<Form>, CliError> {
    let id = one.id;
    let step = matter::step(&*scene.view, one.step)?;
    let officer = step.is_some_and(|step| step.officers.contains(&scene.me));
    if one.unanswered() && officer {
        let title = format!("{} {id}", scene.t(r::EXPLAIN));
        let causes = scene.to_choose(&CAUSES);
        let form = Form::new(&format!("explain-{id}"), to, &title).shut();
        let form = form.hidden("act", "explain").hidden("interruption", id);
        let form = form
            .field(Field::choice("cause", scene.t(r::CAUSE), causes, "").needed())
            .field(Field::line("text", scene.t(r::EXPLAIN), 500).needed())
            .field(Field::line("told", scene.t(r::TOLD_TO), 64).needed())
            .button(Button::main(scene.t(r::EXPLAIN)));
        return Ok(Some(form));
    }
    let noted = InterruptionNoted { interruption: id, accepted: true, text: "-".to_owned() };
    if one.state == "explained"
        && scene.may(&Event::Matter(matter::Event::InterruptionNoted(noted)))?
    {
        let title = format!("{} {id}", scene.t(r::EXPLAIN));
        let form = Form::new(&format!("note-{id}"), to, &title);
        let form = form.hidden("act", "note").hidden("interruption", id);
        let form = form
            .field(Field::line("text", scene.t(w::DECISION_REASON), 500).needed())
            .button(Button::sending("accepted", "yes", scene.t(r::TAKE_NOTE), true))
            .button(Button::sending("accepted", "no", scene.t(r::NOT_ACCEPT), false));
        return Ok(Some(form));
    }
    Ok(None)
}

/// The act has ended, then the case is filed.
fn end_form(scene: &Scene, one: &Matter, to: &str) -> Option<Form> {
    match one.state.as_str() {
        "open" => {
            let form = Form::new("end", to, scene.t(r::CASE_CLOSE)).shut().hidden("act", "close");
            let form = form.field(Field::line("reason", scene.t(r::REASON_WHY), 500).needed());
            Some(form.button(Button::main(scene.t(r::CASE_CLOSE))))
        }
        "closed" => {
            let number = Input::Line(one.case_file.clone().unwrap_or_default(), 60);
            let form = Form::new("file", to, scene.t(r::CASE_FILED)).shut().hidden("act", "file");
            let form = form
                .field(Field::line("case_file", scene.t(r::CASE_FILE), 60).with(number))
                .field(Field::line("archive", scene.t(r::ARCHIVE), 90))
                .field(Field::line("reason", scene.t(r::LATE_REASON), 500));
            Some(form.button(Button::main(scene.t(r::CASE_FILED))))
        }
        _ => None,
    }
}

async fn act(
    Desk(reader): Desk,
    Path(id): Path<String>,
    Sent(fields): Sent<Vec<(String, String)>>,
) -> Response {
    let Ok(matter) = id.parse::<MatterId>() else { return nothing(&reader) };
    let fields = Fields(fields);
    let back = match fields.given("back") {
        Some(back) => local(back).to_owned(),
        None => format!("/cases/{matter}"),
    };
    signed(reader, fields, (matter, back)).await
}

async fn signed(reader: Reader, fields: Fields, (matter, back): (MatterId, String)) -> Response {
    sign(reader, fields, back, move |scene, fields| {
        known(scene, matter)?;
        asks(scene, fields, matter)
    })
    .await
}

fn asks(scene: &Scene, fields: &Fields, matter: MatterId) -> Asks {
    let text = |name: &str| fields.text(name).to_owned();
    let step = || -> Result<Option<StepId>, CliError> {
        let Some(given) = fields.given("step") else { return Ok(None) };
        let step: StepId = given.parse()?;
        // Of this very case: the address says which one was looked at.
        let known = matter::step(&*scene.view, step)?.is_some_and(|known| known.matter == matter);
        known.then_some(Some(step)).ok_or_else(|| choose(scene, r::STEP))
    };
    let act = match fields.text("act") {
        "declare" => json!({ "act": "declare-step", "matter": matter, "item": text("item"),
            "manner": text("manner"), "place": text("place"), "officers": [],
            "reason": fields.given("reason") }),
        "close-step" => {
            let step = step()?.ok_or_else(|| choose(scene, r::STEP))?;
            json!({ "act": "close-step", "step": step })
        }
        "bind" => {
            let clips = fields.clips("clips")?;
            scene.own_clips(&clips)?;
            let step = step()?;
            let whole = step.is_none().then_some(matter);
            json!({ "act": "bind", "clips": clips, "matter": whole, "step": step })
        }
        "unbind" => {
            let mut words = fields.text("bound").split(' ');
            let clip: ClipId = words.next().unwrap_or_default().parse()?;
            let step = words.next().map(str::parse::<StepId>).transpose()?;
            let whole = step.is_none().then_some(matter);
            json!({ "act": "unbind", "clip": clip, "matter": whole, "step": step,
                "reason": text("reason") })
        }
        "close" => json!({ "act": "close-matter", "matter": matter, "reason": text("reason") }),
        "file" => json!({ "act": "file-matter", "matter": matter,
            "case_file": fields.given("case_file"), "archive": fields.given("archive"),
            "reason": fields.given("reason") }),
        "explain" => json!({ "act": "explain", "interruption": text("interruption"),
            "cause": text("cause"), "text": text("text"), "told": text("told") }),
        "note" => json!({ "act": "note", "interruption": text("interruption"),
            "accepted": fields.text("accepted") == "yes", "text": text("text") }),
        _ => return Err(choose(scene, r::STATE)),
    };
    Ok(vec![command("matter", act)])
}
