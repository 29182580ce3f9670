//! Clerks' shifts: who answers for dockings now, who did before; begun and ended here, with what that reaches said before.

use super::{Asks, Fields, Head, Scene, Since, command, shown, sign};
use crate::console::Room;
use crate::console::signed::{Office, Told};
use crate::docking::State;
use crate::exit::CliError;
use crate::request::Request;
use axum::extract::Query as Address;
use axum::response::Response;
use axum::routing::get;
use axum::{Form as Sent, Router};
use sealdock_console::rooms::{Block, Button, Cell, Form, Table};
use sealdock_console::words::{admin as a, rooms as r};
use sealdock_core::event::{Event, ShiftClosed, ShiftOpened};
use sealdock_core::id::ShiftId;
use sealdock_core::policy::{Docking, Policy};
use sealdock_core::registry;
use sealdock_core::schema::SHIFT;
use sealdock_core::table::{Query, Row};
use sealdock_core::time::WallMs;
use serde_json::json;
use std::sync::Arc;

pub fn routes() -> Router<Arc<Room>> {
    Router::new().route("/shifts", get(page).post(act))
}

/// Shifts on one page.
const SHOWN: usize = 100;

async fn page(Office(reader): Office, Address(from): Address<Since>) -> Response {
    let beside = [("/admin", a::ADMIN), ("/shifts", r::SHIFTS)];
    let beside = beside.map(|(to, word)| (to.to_owned(), reader.lang.t(word).to_owned()));
    let told = Told { said: from.said };
    let head = Head { beside: beside.into(), ..Head::new(reader.lang.t(r::SHIFTS), &told) };
    let after = from.after.parse::<ShiftId>().ok();
    shown(reader, head, move |scene| {
        let policy = registry::policy(&*scene.view)?;
        let open = open(scene)?;
        let mut blocks = vec![Block::Facts(facts(scene, &policy, open.as_ref())?)];
        if policy.docking != Docking::ClerkShift {
            blocks.push(Block::Notice(false, scene.own(r::SHIFT_OFF)));
        }
        let forms = forms(scene, open.as_ref(), policy.docking)?;
        blocks.extend(forms.into_iter().map(Block::Form));
        blocks.extend(table(scene, after)?);
        Ok(blocks)
    })
    .await
}

/// The one that was begun and not ended, however old it is.
fn open(scene: &Scene) -> Result<Option<Row>, CliError> {
    let query = Query::all(&SHIFT).with("open", true).newest_first().limit(1);
    Ok(scene.view.select(&query)?.into_iter().next())
}

fn id(row: &Row) -> ShiftId {
    ShiftId(registry::seq(row))
}

fn facts(
    scene: &Scene,
    policy: &Policy,
    open: Option<&Row>,
) -> Result<Vec<(String, String)>, CliError> {
    let Some(row) = open else {
        return Ok(vec![(scene.own(r::SHIFT_NOW), scene.own(r::SHIFT_NOBODY))]);
    };
    // As the rule that asks for it at a docking.
    let counts = registry::open_shift(&*scene.view, policy, scene.at.wall)?.is_some();
    let until = WallMs::parse(row.text("opened")).map(|at| at.plus_ms(policy.shift_ms_max));
    let until = until.map_or_else(String::new, |at| scene.zone.civil(at));
    let late = if counts { "" } else { scene.t(r::SHIFT_TOO_LONG) };
    Ok(vec![
        (scene.own(r::SHIFT_NOW), format!("{} {}", id(row), scene.named(row.text("clerk"))?)),
        (scene.own(r::SHIFT_BEGUN), scene.time(row, "opened")),
        (scene.own(r::SHIFT_ENDS), format!("{until}{late}")),
    ])
}

/// To begin one, and to end the one that is open, each for whom the rules let.
fn forms(scene: &Scene, open: Option<&Row>, docking: Docking) -> Result<Vec<Form>, CliError> {
    let seen = open.map(|row| id(row).to_string()).unwrap_or_default();
    let mut forms = Vec::new();
    if scene.may(&Event::ShiftOpened(ShiftOpened { clerk: scene.me.clone() }))? {
        let mut reaches = Vec::new();
        if let Some(row) = open {
            let whose = format!("{} {}", id(row), scene.named(row.text("clerk"))?);
            reaches.push((scene.own(r::SHIFT_TAKES_OVER), whose));
        }
        let waiting = waiting(scene);
        if docking == Docking::ClerkShift && !waiting.is_empty() {
            reaches.push((scene.own(r::SHIFT_WAITING), waiting.join("、")));
        }
        let form = Form::new("open", "/shifts", scene.t(r::SHIFT_OPEN));
        let form = form.note(scene.t(r::SHIFT_OPEN_NOTE)).showing(reaches);
        let form = form.hidden("act", "open").hidden("seen", &seen);
        forms.push(form.button(Button::main(scene.t(r::SHIFT_OPEN))));
    }
    if let Some(row) = open
        && scene.may(&Event::ShiftClosed(ShiftClosed { shift: id(row) }))?
    {
        let title = format!("{} {}", scene.t(r::SHIFT_CLOSE), id(row));
        let form = Form::new("close", "/shifts", &title).note(scene.t(r::SHIFT_CLOSE_NOTE));
        let form = form.hidden("act", "close").hidden("seen", &seen);
        forms.push(form.button(Button::main(scene.t(r::SHIFT_CLOSE))));
    }
    Ok(forms)
}

/// Recorders whose docking waits for somebody: bay and name.
fn waiting(scene: &Scene) -> Vec<String> {
    let docked = scene.room.open.docks.all();
    let waits = docked.into_iter().filter(|docked| docked.state == State::Waiting);
    waits.map(|docked| format!("{} {}", docked.bay, docked.recorder)).collect()
}

/// The newest shifts, and a way to those before.
fn table(scene: &Scene, after: Option<ShiftId>) -> Result<Vec<Block>, CliError> {
    let mut query = Query::all(&SHIFT).newest_first().limit(SHOWN as u32 + 1);
    if let Some(after) = after {
        query = query.after(vec![after.0.into()]);
    }
    let shifts = scene.view.select(&query)?;
    let mut rows = Vec::new();
    for row in shifts.iter().take(SHOWN) {
        rows.push(vec![
            Cell::Text(id(row).to_string()),
            Cell::Text(scene.named(row.text("clerk"))?),
            Cell::Time(scene.time(row, "opened")),
            Cell::Time(scene.time(row, "closed")),
        ]);
    }
    let head = [r::SHIFTS, r::SHIFT_CLERK, r::SHIFT_BEGUN, r::SHIFT_ENDED];
    let mut blocks = vec![Block::Table(Table::new(scene.lang, &head, r::NO_SHIFT_YET).rows(rows))];
    let last = shifts.get(SHOWN - 1).filter(|_| shifts.len() > SHOWN);
    blocks.extend(last.map(|row| scene.goes_on(format!("/shifts?after={}", id(row)))));
    Ok(blocks)
}

async fn act(Office(reader): Office, Sent(fields): Sent<Vec<(String, String)>>) -> Response {
    sign(reader, Fields(fields), "/shifts".into(), asks).await
}

fn asks(scene: &Scene, fields: &Fields) -> Asks {
    let stands = open(scene)?;
    let now = stands.as_ref().map(|row| id(row).to_string()).unwrap_or_default();
    if fields.text("seen") != now {
        let whose = stands.map(|row| scene.named(row.text("clerk"))).transpose()?;
        let whose = whose.unwrap_or_else(|| scene.own(r::SHIFT_NOBODY));
        return Err(scene.meanwhile(format!("{now} {whose}").trim()));
    }
    Ok(vec![match fields.text("act") {
        "open" => command("open-shift", json!({})),
        _ => Request::ShiftClose { shift: stands.as_ref().map(id) },
    }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::hostile::{Bench, PIN, enrolled, in_runtime, person};
    use sealdock_console::Lang;
    use sealdock_core::actor::Role;

    #[test]
    fn a_clerk_begins_and_ends_shifts_sees_whose_ends_with_it_and_who_comes_second_is_told() {
        in_runtime(async {
            let bench = Bench::new();
            let head = Arc::new(bench.open.station.authenticate(&person("u1"), PIN).unwrap());
            enrolled(&bench.open, &head, ("c2", Role::Clerk, None));
            let [one, two] = ["c1", "c2"].map(|id| bench.session(id));
            let page =
                async |(held, _): &(String, String)| bench.page((held, Lang::En), "/shifts").await;
            let send = async |session: &(String, String), act: &str, seen: &str| {
                let fields = [("act", act), ("seen", seen), ("pin", PIN)];
                bench.form((session, Lang::En), "/shifts", &fields).await.1.unwrap()
            };
            let first = page(&one).await;
            assert!(first.contains(r::SHIFT_NOBODY.1) && first.contains(r::SHIFT_OFF.1));
            assert!(first.contains("id=\"open\"") && !first.contains("id=\"close\""));
            for id in ["a1", "u1"] {
                let other = bench.session(id);
                let seen = page(&other).await;
                assert!(!seen.contains("<form method=\"post\" action=\"/shifts\""), "{id}");
                assert!(!send(&other, "open", "").await.0, "{id}");
            }
            assert!(send(&one, "open", "").await.0);
            let begun = |seen: &str| {
                let (_, rest) = seen.split_once("name=\"seen\" value=\"").unwrap();
                rest.split_once('"').unwrap().0.to_owned()
            };
            let seen = page(&two).await;
            let shift = begun(&seen);
            let takes_over =
                format!("<dt>{}</dt><dd>{shift} name of c1 c1</dd>", r::SHIFT_TAKES_OVER.1);
            assert!(seen.contains(&takes_over), "{seen}");
            let (done, said) = send(&two, "open", "").await;
            assert!(!done && said.contains("name of c1"), "{said}");
            assert!(send(&two, "open", &shift).await.0);
            let (done, said) = send(&one, "close", &shift).await;
            assert!(!done && said.contains("name of c2"), "{said}");
            let newer = begun(&page(&one).await);
            assert!(newer != shift && send(&one, "close", &newer).await.0);
            let last = page(&one).await;
            assert!(last.contains(r::SHIFT_NOBODY.1) && last.contains(&newer));
        });
    }
}
