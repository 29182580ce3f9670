//! People, recorders, bays, keys and shifts, as the registers have them.

use super::{civil, desk, entries::short, recorded, row_json, zone};
use crate::answer::Answer;
use crate::exit::{CliError, Exit};
use crate::wire::Open;
use sealdock_core::actor::Actor;
use sealdock_core::command::Command;
use sealdock_core::duty::{PinGiver, pin_giver};
use sealdock_core::event::KeyKind;
use sealdock_core::id::ShiftId;
use sealdock_core::registry;
use sealdock_core::schema as s;
use sealdock_core::table::{Query, Row, Table};
use serde_json::{Map, Value, json};
use std::sync::Arc;

pub fn people(open: &Open) -> Result<Answer, CliError> {
    let view = open.station.world().ledger.view()?;
    let (mut json, mut shown) = (Vec::new(), Vec::new());
    for row in view.select(&Query::all(&s::PERSON))? {
        let person = registry::person_of(&row)?.id;
        // Whoever has none was given none.
        let giver = match row.text_opt("pin_commitment") {
            None => None,
            Some(_) => pin_giver(&*view, &person)?,
        };
        let pin = pin_words(giver);
        let mut facts = row_json(&row);
        facts["pin_from"] = json!(pin.0);
        json.push(facts);
        shown.push(vec![
            person.to_string(),
            row.text("name").into(),
            row.text("role").into(),
            pin.1,
        ]);
    }
    let json = json!({ "people": json });
    Ok(Answer::new(json).table(&["id", "name", "role", "PIN"], shown, "no people yet"))
}

/// Who chose a PIN, for scripts and for people: one that somebody else knows is to be seen.
fn pin_words(giver: Option<PinGiver>) -> (Option<&'static str>, String) {
    match giver {
        None => (None, "无 none".into()),
        Some(PinGiver::Themself) => (Some("own"), "本人 own".into()),
        Some(PinGiver::SetUp) => (Some("set-up"), "开站时设定 set-up".into()),
        Some(PinGiver::Other(person)) => (Some("other"), format!("他人设定 given by {person}")),
    }
}

pub fn recorders(open: &Open) -> Result<Answer, CliError> {
    let assets = sealdock_core::desk::assets(&*open.station.world().ledger.view()?)?;
    let view = |row: &Row| {
        let or_dash = |column| row.text_opt(column).unwrap_or("-").to_owned();
        let stands = assets.iter().find(|a| a.recorder.as_str() == row.text("id"));
        let state = stands.map_or("-", |a| desk::words(a.shown())).to_owned();
        let holder = stands.and_then(|a| a.holder.as_ref());
        let holder = holder.map_or("-".into(), |p| p.to_string());
        vec![row.text("id").into(), or_dash("device_id"), or_dash("model"), state, holder]
    };
    let head = ["id", "device number", "model", "how it stands", "with"];
    listing(open, "recorders", &s::RECORDER, (&head, view))
}

pub fn bays(open: &Open) -> Result<Answer, CliError> {
    let view =
        |row: &Row| vec![row.text("id").into(), row.text("kind").into(), row.text("path").into()];
    listing(open, "bays", &s::BAY, (&["id", "kind", "path"], view))
}

pub fn keys(open: &Open) -> Result<Answer, CliError> {
    let places = super::keys::places(open)?;
    let in_force = |kind: Option<&str>, epoch: Option<u64>| {
        let of = |(k, e, _): &&(_, u64, _)| Some(KeyKind::as_str(*k)) == kind && Some(*e) == epoch;
        places.iter().find(of).map(|(.., place)| *place)
    };
    let lies = |kind: Option<&str>, epoch: Option<u64>| in_force(kind, epoch).flatten();
    let view = |row: &Row| {
        let (kind, epoch) = (row.text("kind"), row.int("epoch").unsigned_abs());
        vec![
            row.text("kind").into(),
            row.int("epoch").to_string(),
            short(row.text("public")),
            row.int("since_seq").to_string(),
            in_force(Some(kind), Some(epoch)).map_or("", super::keys::words).into(),
            row.text_opt("cause").map_or_else(String::new, |cause| {
                let since = row.text_opt("stolen_since").map(|at| format!(" since {at}"));
                format!("the one before: {cause}{}", since.unwrap_or_default())
            }),
        ]
    };
    let head = ["key", "epoch", "public", "since entry", "lies in", ""];
    let mut answer = listing(open, "keys", &s::KEY_EPOCH, (&head, view))?;
    for row in answer.json["keys"].as_array_mut().into_iter().flatten() {
        let place = lies(row["kind"].as_str(), row["epoch"].as_u64()).map(|place| place.as_str());
        row["place"] = json!(place);
    }
    Ok(super::keys::left(open, answer))
}

pub fn shifts(open: &Open) -> Result<Answer, CliError> {
    let zone = zone(open)?;
    let view = |row: &Row| {
        let closed = row.text_opt("closed").map_or("open".into(), |at| civil(zone, at));
        let shift = ShiftId(registry::seq(row)).to_string();
        vec![shift, row.text("clerk").into(), civil(zone, row.text("opened")), closed]
    };
    listing(open, "shifts", &s::SHIFT, (&["shift", "clerk", "opened", "closed"], view))
}

type View<'a, F> = (&'a [&'a str], F);

fn listing(
    open: &Open,
    name: &str,
    table: &'static Table,
    (head, view): View<impl Fn(&Row) -> Vec<String>>,
) -> Result<Answer, CliError> {
    let rows = open.station.rows(&Query::all(table))?;
    let json = rows.iter().map(row_json).collect::<Vec<_>>();
    let json = Map::from_iter([(name.to_owned(), json!(json))]);
    let shown = rows.iter().map(view).collect();
    Ok(Answer::new(Value::Object(json)).table(head, shown, &format!("no {name} yet")))
}

/// The named shift, or the one that is open.
pub fn close_shift(
    open: &Open,
    actor: &Arc<Actor>,
    shift: Option<ShiftId>,
) -> Result<Answer, CliError> {
    let shift = match shift {
        Some(shift) => shift,
        None => {
            let query = Query::all(&s::SHIFT).with("open", true).newest_first().limit(1);
            let rows = open.station.rows(&query)?;
            let row = rows.first().ok_or_else(|| {
                CliError::new(Exit::Refused, "no shift is open; see `sealdock shift show`")
            })?;
            ShiftId(registry::seq(row))
        }
    };
    recorded(open, &open.station.apply(actor, Command::CloseShift { shift })?)
}
