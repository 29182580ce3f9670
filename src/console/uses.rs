//! Recorders on their way out and back: asked for, checked and handed out, returned by hand. Docking one is its usual return.

use super::Room;
use super::guard::page as drawn;
use super::signed::{Desk, Reader, Told};
use crate::exit::{CliError, Exit};
use crate::request::{DeskChange, Login, Order, Request};
use axum::Form;
use axum::extract::Query as Address;
use axum::http::StatusCode;
use axum::response::Response;
use sealdock_console::desk::{self as view, Ask};
use sealdock_console::words as w;
use sealdock_core::actor::Role;
use sealdock_core::command::Secret;
use sealdock_core::desk::{self, Usage};
use sealdock_core::duty;
use sealdock_core::id::{PersonId, RecorderId, UseId};
use sealdock_core::ports::LedgerView;
use sealdock_core::registry;
use sealdock_core::table::{Query, Row};
use sealdock_core::time::Zone;
use serde::Deserialize;
use serde_json::{Value, json};

/// What is asked for, what is to be handed out, what is out: all of it, or one's own.
pub async fn page(Desk(reader): Desk, Address(told): Address<Told>) -> Response {
    shown(&reader, StatusCode::OK, reader.room.said.take(&told.said)).await
}

async fn shown(reader: &Reader, status: StatusCode, said: Option<(bool, String)>) -> Response {
    let Some((person, me)) = reader.me.clone() else {
        return reader.said(StatusCode::FORBIDDEN, w::REFUSED, reader.lang.t(w::SIGNED_OUT));
    };
    let own = (!me.reads_all).then(|| person.clone());
    match reader.room.aside(move |room| lists(room, &person, own.as_ref())).await {
        Ok((free, [waits, approved, out], clerk)) => {
            let frame = reader.frame();
            let page = view::Uses { frame, free, waits, approved, out, clerk, said };
            drawn(status, page.draw())
        }
        Err(e) => reader.failed(&e),
    }
}

type Lists = (Vec<String>, [Vec<Ask>; 3], bool);

fn lists(room: &Room, me: &PersonId, own: Option<&PersonId>) -> Result<Lists, CliError> {
    let zone = crate::execute::zone(&room.open)?;
    let view = room.open.station.world().ledger.view()?;
    let now = room.open.station.world().clock.now().wall;
    let in_state = |state: &str| -> Result<Vec<Ask>, CliError> {
        let all = desk::usages(&*view, state)?.into_iter();
        let mine = all.filter(|usage| own.is_none_or(|own| *own == usage.officer));
        mine.map(|usage| ask(&*view, zone, &usage)).collect()
    };
    let held = duty::duties(&*view, me, now)?;
    let clerk = held.iter().any(|held| held.role == Role::Clerk);
    // Designated to whoever asks (002/A6-§18), and here; whether it may be handed out is asked when it is.
    let designated = view.select(&Query::all(&desk::DESIGNATION).with("officer", me.as_str()))?;
    let mine = |asset: &desk::Asset| {
        let of = |row: &Row| {
            row.text("recorder") == asset.recorder.as_str() && row.int_opt("ended_seq").is_none()
        };
        designated.iter().any(of)
    };
    let here = |asset: &desk::Asset| !["issued", "repair", "faulty"].contains(&asset.shown());
    let assets = desk::assets(&*view)?.into_iter();
    let assets = assets.filter(|asset| asset.in_service() && here(asset) && mine(asset));
    let free = assets.map(|asset| asset.recorder.to_string()).collect();
    Ok((free, [in_state("requested")?, in_state("approved")?, in_state("issued")?], clerk))
}

fn ask(view: &dyn LedgerView, zone: Zone, usage: &Usage) -> Result<Ask, CliError> {
    let name = registry::person(view, &usage.officer)?.map(|person| person.name);
    let name = name.unwrap_or_else(|| usage.officer.to_string());
    let mut facts = vec![
        (w::OFFICER, usage.officer.to_string()),
        (w::PURPOSE, usage.row.text("purpose").to_owned()),
        (w::UNTIL, zone.civil(usage.until)),
    ];
    facts.extend(usage.approver.as_ref().map(|approver| (w::APPROVE, approver.to_string())));
    let title = format!("{name} {}", usage.recorder);
    Ok(Ask { id: usage.of.to_string(), title, facts, own: false })
}

/// One form of the page; which fields it has depends on the act.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Act {
    token: String,
    act: String,
    id: String,
    recorder: String,
    purpose: String,
    until: String,
    works: String,
    clock: String,
    empty: String,
    battery: String,
    free_mib: String,
    reason: String,
    pin: String,
}

impl Act {
    /// What it asks of the station, in order; a later request is sent only if the earlier one was done.
    fn requests(&self, view: &dyn LedgerView) -> Result<Vec<Request>, CliError> {
        match self.act.as_str() {
            "request" => {
                let recorder: RecorderId = self.recorder.parse()?;
                let until = Some(self.until.clone()).filter(|day| !day.is_empty());
                let purpose = self.purpose.trim().to_owned();
                Ok(vec![Request::DeskChange(DeskChange::Request { recorder, purpose, until })])
            }
            "hand-out" => {
                let of: UseId = self.id.parse()?;
                let (recorder, sheet) = (recorder_of(view, "approved", of)?, self.sheet()?);
                let check =
                    json!({ "act": "check", "recorder": recorder, "use": of, "sheet": sheet });
                Ok(vec![command(check), command(json!({ "act": "issue", "use": of }))])
            }
            "return" => {
                let of: UseId = self.id.parse()?;
                let recorder = recorder_of(view, "issued", of)?;
                let reason = self.reason.trim().to_owned();
                Ok(vec![Request::DeskChange(DeskChange::Return { recorder, reason })])
            }
            _ => Err(CliError::new(Exit::Usage, "this page has no such form; load it again")),
        }
    }

    /// The check before use (002/A6-§5, §7): what is not ticked is not so.
    fn sheet(&self) -> Result<Value, CliError> {
        let number = |text: &str, what: &str| {
            let refused =
                |_| CliError::new(Exit::Usage, format!("{what} {text:?} is no whole number"));
            text.trim().parse::<u64>().map_err(refused)
        };
        Ok(json!({
            "works": !self.works.is_empty(),
            "battery_percent": number(&self.battery, "电量 battery")?,
            "free_mib": number(&self.free_mib, "可用空间 free space")?,
            "clock": if self.clock.is_empty() { "wrong" } else { "right" },
            "looks_empty": !self.empty.is_empty(),
        }))
    }
}

pub fn command(mut command: Value) -> Request {
    command["command"] = json!("desk");
    Request::Apply { command }
}

fn recorder_of(view: &dyn LedgerView, state: &str, of: UseId) -> Result<RecorderId, CliError> {
    let found = desk::usages(view, state)?.into_iter().find(|usage| usage.of == of);
    found.map(|usage| usage.recorder).ok_or_else(|| {
        let text = format!("{of} 已不在此列，请看最新情况 is no longer listed here; look again");
        CliError::new(Exit::Missing, text)
    })
}

/// Does it as whoever is signed in, with their PIN once more.
pub async fn act(Desk(reader): Desk, Form(this): Form<Act>) -> Response {
    let Some((person, _)) = reader.me.clone().filter(|_| reader.wrote(&this.token)) else {
        return reader.said(StatusCode::FORBIDDEN, w::REFUSED, reader.lang.t(w::SIGNED_OUT));
    };
    let turn = reader.room.pins.clone().acquire_owned().await;
    let done = reader.room.aside(move |room| {
        let _turn = turn;
        let view = room.open.station.world().ledger.view()?;
        let requests = this.requests(&*view)?;
        drop(view);
        let mut said = Vec::new();
        for request in requests {
            let login = Some(Login { person: person.clone(), pin: Secret(this.pin.clone()) });
            let answer = room.ask(Order { login, request })?;
            let entries = super::desk::list(&answer.json, "entries").iter();
            said.extend(entries.map(|entry| super::desk::text(entry, "seq")));
        }
        Ok(said.join(", "))
    });
    match done.await {
        Ok(said) => reader.off_to("/uses", (true, said)),
        Err(e) => reader.off_to("/uses", (false, e.message)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_ticked_is_not_so() {
        let filled = || Act { battery: " 80 ".into(), free_mib: "2000".into(), ..Act::default() };
        let sheet = filled().sheet().unwrap();
        assert_eq!(
            (sheet["works"].as_bool(), sheet["clock"].as_str()),
            (Some(false), Some("wrong"))
        );
        assert_eq!(sheet["looks_empty"].as_bool(), Some(false));
        let (works, clock, empty) = ("1".into(), "1".into(), "1".into());
        let sheet = Act { works, clock, empty, ..filled() }.sheet().unwrap();
        assert_eq!(
            (sheet["works"].as_bool(), sheet["clock"].as_str()),
            (Some(true), Some("right"))
        );
        assert_eq!(
            (sheet["battery_percent"].as_u64(), sheet["looks_empty"].as_bool()),
            (Some(80), Some(true))
        );
        for bad in ["", "-1", "80%", "9999999999999999999999"] {
            let act = Act { battery: bad.into(), free_mib: "1".into(), ..Act::default() };
            assert!(act.sheet().is_err(), "{bad}");
        }
    }
}
