//! Recorders: which there are, one of them with what happened to it.

use super::{SHOWN, Shown, Wanted, department, fits, missing, page, reason};
use crate::console::Room;
use crate::console::deeds::Teller;
use crate::console::desk::{civil, list as all, number, text};
use crate::console::rooms::{by_name, named};
use crate::console::signed::Office;
use crate::console::spoken::{half, why_in, word};
use crate::docking::early;
use crate::exit::CliError;
use crate::request::{DeskAsk, Request};
use axum::extract::{Path, Query};
use axum::response::Response;
use sealdock_console::Lang;
use sealdock_console::admin::{Act, Field, Kind, Row, Table};
use sealdock_console::words::{self as w, admin as a};
use sealdock_core::desk::{self, Leftover};
use sealdock_core::id::RecorderId;
use sealdock_core::ports::LedgerView;
use sealdock_core::schema as s;
use sealdock_core::table::{Cell, Query as Rows, Row as TableRow};
use serde_json::Value;

/// Entries of its life that are shown.
const CHANGES: usize = 30;
/// Officers that a list to choose from may have.
const PEOPLE_LISTED: u64 = 300;

/// How a recorder stands, in the words of the page.
fn stands(lang: Lang, state: &str) -> &str {
    half(lang, crate::execute::asset_words(state))
}

/// All that fit.
pub async fn list(Office(reader): Office, Query(wanted): Query<Wanted>) -> Response {
    let Wanted { find, said } = wanted;
    page(reader, said, move |room, lang| {
        let json = room.read(Request::RecorderList)?.json;
        let view = room.open.station.world().ledger.view()?;
        let assets = desk::assets(&*view)?;
        let mut rows = Vec::new();
        for recorder in all(&json, "recorders") {
            let id = text(recorder, "id");
            let asset = assets.iter().find(|asset| asset.recorder.as_str() == id);
            let holder = asset.and_then(|asset| asset.holder.as_ref());
            let holder = holder.map(|id| by_name(&*view, id)).transpose()?;
            let cells = vec![
                id.clone(),
                text(recorder, "model"),
                text(recorder, "device_id"),
                asset.map_or("", |asset| stands(lang, asset.shown())).to_owned(),
                holder.unwrap_or_default(),
            ];
            if rows.len() < SHOWN && fits(&find, &cells) {
                rows.push(Row { href: Some(format!("/recorders/{id}")), cells });
            }
        }
        let fields = vec![
            Field::text("id", a::NUMBER),
            Field::text("device_id", a::DEVICE_NUMBER).maybe(),
            Field::text("model", a::MODEL).maybe(),
        ];
        let heads = vec![a::NUMBER, a::MODEL, a::DEVICE_NUMBER, a::STANDS, a::WITH];
        Ok(Shown {
            sections: Vec::new(),
            title: lang.t(a::RECORDERS).into(),
            here: "/recorders".into(),
            up: ("/admin", a::ADMIN),
            facts: Vec::new(),
            find: Some(find),
            tables: vec![Table { title: None, heads, rows, empty: a::NO_RECORDERS }],
            acts: vec![Act::new("enrol-recorder", a::ENROL_RECORDER, fields)],
        })
    })
    .await
}

/// One of them.
pub async fn show(
    Office(reader): Office,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Response {
    page(reader, wanted.said, move |room, lang| {
        let recorder: RecorderId = id.parse().map_err(|_| missing(&id))?;
        let ask = DeskAsk::Recorder { recorder: recorder.clone() };
        let json = room.read(Request::Desk(ask))?.json;
        let zone = crate::execute::zone(&room.open)?;
        let or = |key: &str| text(&json, key);
        let officers: Vec<String> =
            all(&json, "designated").iter().filter_map(Value::as_str).map(str::to_owned).collect();
        let view = room.open.station.world().ledger.view()?;
        let name = |id: &str| -> Result<String, CliError> {
            id.parse().map_or_else(|_| Ok(id.to_owned()), |id| by_name(&*view, &id))
        };
        let designated: Vec<String> =
            officers.iter().map(|id| name(id)).collect::<Result<_, _>>()?;
        let mut now = stands(lang, &or("stands")).to_owned();
        // Docking is its return, on record; that it went away again with footage aboard is no entry.
        for one in early::missed(&room.open, &*view)?.iter().filter(|d| d.recorder == recorder) {
            now = format!("{now} · {}", word(lang, early::sentence(&*view, one)?));
        }
        let facts = vec![
            (a::NUMBER, id.clone()),
            (a::STANDS, now),
            (a::WITH, name(&or("holder"))?),
            (a::MODEL, or("model")),
            (a::DEVICE_NUMBER, or("device_id")),
            (a::ASSET_NUMBER, or("asset_number")),
            (a::ACQUIRED, or("acquired")),
            (a::DEPARTMENT, or("department")),
            (a::CLERK, name(&or("clerk"))?),
            (a::CABINET, or("cabinet")),
            (a::DESIGNATED, designated.join("、")),
        ];
        let acts = acts(room, lang, (&recorder, &json, &officers))?;
        let teller = Teller { registers: &*view, zone, lang };
        let change = |row: &Value| -> Result<Row, CliError> {
            let cells = vec![
                text(row, "seq"),
                civil(zone, row, "at"),
                teller.says(&room.open.station.event(number(row, "seq"))?),
                named((&*view, lang), &text(row, "actor"))?,
                text(row, "reason"),
            ];
            Ok(Row { href: None, cells })
        };
        let changes = all(&json, "changes").iter().rev().take(CHANGES).map(change);
        let table = Table {
            title: Some(a::HISTORY),
            heads: vec![w::ENTRY, w::TIME, w::WHAT, w::BY, a::REASON_WHY],
            rows: changes.collect::<Result<_, _>>()?,
            empty: a::NO_RECORDERS,
        };
        Ok(Shown {
            sections: Vec::new(),
            title: id.clone(),
            here: format!("/recorders/{id}"),
            up: ("/recorders", a::RECORDERS),
            facts,
            find: None,
            tables: vec![table],
            acts,
        })
    })
    .await
}

/// Officers to choose from; of more than anybody looks through, none, and a number is typed.
fn people(view: &dyn LedgerView) -> Result<Vec<(String, String)>, CliError> {
    let all = Rows::all(&s::PERSON).with("role", "officer").with("retired_seq", Cell::Null);
    if view.count(&all)? > PEOPLE_LISTED {
        return Ok(Vec::new());
    }
    let person = |row: &TableRow| {
        let (id, name) = (row.text("id").to_owned(), row.text("name"));
        (id.clone(), format!("{name} {id}"))
    };
    Ok(view.select(&all)?.iter().map(person).collect())
}

fn acts(
    room: &Room,
    lang: Lang,
    (recorder, json, officers): (&RecorderId, &Value, &[String]),
) -> Result<Vec<Act>, CliError> {
    let view = room.open.station.world().ledger.view()?;
    let or = |key: &str| text(json, key);
    let line = |name, label, key: &str| Field::text(name, label).with(or(key)).maybe();
    let faulty = !json["fault_seq"].is_null();
    let (stands, mut all) = (or("state"), Vec::new());
    if stands == "retired" {
        return Ok(all);
    }
    if faulty {
        all.push(Act::new("in-order", a::IN_ORDER, vec![reason()]).opened());
    } else {
        all.push(Act::new("report-fault", a::REPORT_FAULT, vec![reason()]));
    }
    let officer = || Field::text("officer", a::OFFICER_NUMBER);
    let known = people(&*view)?;
    let whom = if known.is_empty() { officer() } else { officer().of(Kind::OneOf(known)) };
    all.push(Act::new("designate", a::DESIGNATE, vec![whom, reason()]));
    if !officers.is_empty() {
        let named = |id: &String| -> Result<(String, String), CliError> {
            Ok((id.clone(), id.parse().map_or_else(|_| Ok(id.clone()), |id| by_name(&*view, &id))?))
        };
        let which = officers.iter().map(named).collect::<Result<_, _>>()?;
        let which = officer().of(Kind::OneOf(which));
        all.push(Act::new("end-designation", a::UNDESIGNATE, vec![which, reason()]));
    }
    if !faulty {
        all.push(Act::new("store", a::STORE, vec![reason()]));
    }
    let aboard = || Field::text("aboard", a::ABOARD).of(Kind::Tick).maybe();
    all.push(Act::new("repair", a::REPAIR, vec![reason(), aboard()]));
    if let Some(first) = all.first_mut() {
        first.group = Some(a::G_DAILY);
    }
    let why = if json["described_seq"].is_null() { reason().maybe() } else { reason() };
    let described = vec![
        line("asset_number", a::ASSET_NUMBER, "asset_number"),
        line("acquired", a::ACQUIRED, "acquired").of(Kind::Day),
        department(&*view, lang, a::NO_DEPARTMENT)?.with(or("department")),
        line("clerk", a::CLERK, "clerk"),
        line("cabinet", a::CABINET, "cabinet"),
        why,
    ];
    all.push(Act::new("describe-recorder", a::ASSET, described).under(a::G_RECORD));
    let corrected = vec![
        line("device_id", a::DEVICE_NUMBER, "device_id"),
        line("model", a::MODEL, "model"),
        reason(),
    ];
    all.push(Act::new("correct-recorder", a::CORRECT, corrected));
    all.push(Act::new("lost", a::LOST, vec![reason()]).under(a::G_OUT));
    let left = match desk::leftover(&*view, recorder)? {
        Leftover::Left { why } => why_in(lang, &why),
        _ => lang.t(a::NOTHING_ABOARD).to_owned(),
    };
    let before = format!("{} {left}", lang.t(a::RETIRE_RECORDER_WHY));
    let retired = Act::new("retire-recorder", a::RETIRE_RECORDER, vec![reason(), aboard()]);
    all.push(retired.saying(before));
    Ok(all.into_iter().map(|act| act.about("id", recorder.as_str())).collect())
}
