//! Recorders on their way out and back: asked for, checked and handed out, returned by hand. Docking one is its usual return.

use super::Room;
use super::approvals::{deciders, may, use_refusal};
use super::guard::page as drawn;
use super::rooms::by_name;
use super::signed::{Desk, Office, Reader, Told, escaped};
use crate::console::spoken::{came_to, word};
use crate::docking::early;
use crate::exit::{CliError, Exit};
use crate::request::{DeskChange, Login, Order, Request};
use axum::Form;
use axum::extract::Query as Address;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use sealdock_console::desk::{self as view, Ask};
use sealdock_console::words::{self as w, Word};
use sealdock_console::{Lang, admin};
use sealdock_core::actor::Role;
use sealdock_core::command::Secret;
use sealdock_core::desk::{self, Usage};
use sealdock_core::duty;
use sealdock_core::event::Event;
use sealdock_core::id::{PersonId, RecorderId, SessionId, UseId};
use sealdock_core::ports::LedgerView;
use sealdock_core::registry;
use sealdock_core::table::{Query, Row};
use sealdock_core::time::{Stamp, WallMs, Zone};
use serde::Deserialize;
use serde_json::{Value, json};

/// Uses that are over are shown for a look; the registers have all.
const BACK_SHOWN: u32 = 10;

/// What is asked for, what is to be handed out, what is out: all of it, or one's own.
pub async fn page(Desk(reader): Desk, Address(told): Address<Told>) -> Response {
    shown(&reader, StatusCode::OK, reader.room.said.take(&told.said)).await
}

async fn shown(reader: &Reader, status: StatusCode, said: Option<(bool, String)>) -> Response {
    let Some((person, me)) = reader.me.clone() else {
        return reader.said(StatusCode::FORBIDDEN, w::REFUSED, reader.lang.t(w::SIGNED_OUT));
    };
    let own = (!me.reads_all).then(|| person.clone());
    let lang = reader.lang;
    match reader.room.aside(move |room| lists((room, lang), &person, own.as_ref())).await {
        Ok(((free, early), [waits, approved, out, back, breaches], faulty, clerk)) => {
            let frame = reader.frame();
            let page = view::Uses {
                frame,
                early,
                free,
                waits,
                approved,
                out,
                back,
                breaches,
                faulty,
                clerk,
                said,
            };
            drawn(status, page.draw())
        }
        Err(e) => reader.failed(&e),
    }
}

type Lists = ((Vec<String>, Vec<String>), [Vec<Ask>; 5], Vec<(String, String)>, bool);

fn lists(
    (room, lang): (&Room, Lang),
    me: &PersonId,
    own: Option<&PersonId>,
) -> Result<Lists, CliError> {
    let zone = crate::execute::zone(&room.open)?;
    let view = room.open.station.world().ledger.view()?;
    let at = room.open.station.world().clock.now();
    let now = at.wall;
    let in_state = |state: &str| -> Result<Vec<Ask>, CliError> {
        let all = desk::usages(&*view, state)?.into_iter();
        let mine = all.filter(|usage| own.is_none_or(|own| *own == usage.officer));
        mine.map(|usage| ask(&*view, (zone, &at), &usage)).collect()
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
    let back = back(&*view, zone, own)?;
    let breaches = breaches((room, &*view), (zone, &at), (me, own))?;
    let lists =
        [in_state("requested")?, in_state("approved")?, in_state("issued")?, back, breaches];
    let faulty = if clerk { faulty(&*view, lang)? } else { Vec::new() };
    Ok(((free, early(room, &*view, (lang, own))?), lists, faulty, clerk))
}

/// On record as returned, taken away again before everything was taken; one's own, or all.
fn early(
    room: &Room,
    view: &dyn LedgerView,
    (lang, own): (Lang, Option<&PersonId>),
) -> Result<Vec<String>, CliError> {
    let all = early::missed(&room.open, view)?.into_iter();
    let mine = all.filter(|one| own.is_none_or(|own| one.officer.as_ref() == Some(own)));
    mine.map(|one| Ok(word(lang, early::sentence(view, &one)?))).collect()
}

/// Uses that nobody approved and no head has answered; whoever may answer one is asked to.
fn breaches(
    (room, view): (&Room, &dyn LedgerView),
    (zone, at): (Zone, &Stamp),
    (me, own): (&PersonId, Option<&PersonId>),
) -> Result<Vec<Ask>, CliError> {
    let mut all = Vec::new();
    for row in crate::execute::breaches(&room.open)? {
        let officer: PersonId = row.text("officer").parse()?;
        if own.is_some_and(|own| *own != officer) {
            continue;
        }
        let (of, recorder) = (UseId(registry::seq(&row)), row.text("recorder").parse()?);
        let seen = desk::BreachSeen { of, recorder, text: "-".to_owned() };
        let seen = Event::Desk(desk::Event::BreachSeen(seen));
        let issued = row.text_opt("issued").and_then(WallMs::parse).map(|at| zone.civil(at));
        let mut facts = vec![(w::PURPOSE, row.text("purpose").to_owned())];
        facts.extend(issued.map(|at| (w::TIME, at)));
        facts.push((w::TO_BE_ANSWERED_BY, deciders((view, at), &seen)?));
        let title = format!("{} {}", by_name(view, &officer)?, row.text("recorder"));
        let own = !may(view, at, me, &seen)?;
        all.push(Ask { id: of.to_string(), title, facts, clips: Vec::new(), terms: None, own });
    }
    Ok(all)
}

/// The newest uses that are over, and how each came back.
fn back(view: &dyn LedgerView, zone: Zone, own: Option<&PersonId>) -> Result<Vec<Ask>, CliError> {
    let mut rows = Vec::new();
    for state in ["docked", "returned"] {
        let over = Query::all(&desk::USAGE).with("state", state);
        let over = own.map_or(over.clone(), |own| over.with("officer", own.as_str()));
        rows.extend(view.select(&over.newest_first().limit(BACK_SHOWN))?);
    }
    rows.sort_by_key(|row| std::cmp::Reverse(registry::seq(row)));
    rows.truncate(BACK_SHOWN as usize);
    let over = |row: &Row| -> Result<Ask, CliError> {
        let officer: PersonId = row.text("officer").parse()?;
        let at = row.text_opt("returned").and_then(WallMs::parse).map(|at| zone.civil(at));
        let session = row.int_opt("docked_session").map(|seq| SessionId(seq.unsigned_abs()));
        let mut facts = vec![(w::PURPOSE, row.text("purpose").to_owned())];
        facts.extend(at.map(|at| (w::BACK_AT, at)));
        facts.extend(session.map(|session| (w::BACK_BY_DOCKING, session.to_string())));
        facts.extend(row.text_opt("return_reason").map(|why| (w::REASON, why.to_owned())));
        let id = UseId(registry::seq(row)).to_string();
        let title = format!("{} {}", by_name(view, &officer)?, row.text("recorder"));
        Ok(Ask { id, title, facts, clips: Vec::new(), terms: None, own: false })
    };
    rows.iter().map(over).collect()
}

/// Recorders that are here and reported faulty, with what was said of each.
fn faulty(view: &dyn LedgerView, lang: Lang) -> Result<Vec<(String, String)>, CliError> {
    let mut all = Vec::new();
    for asset in desk::assets(view)?.into_iter().filter(|asset| asset.shown() == "faulty") {
        let Some(entry) = asset.fault else { continue };
        let row = registry::by_seq(view, &desk::ASSET_CHANGE, entry)?;
        let said = row.and_then(|row| row.text_opt("reason").map(str::to_owned));
        let said = match said.as_deref() {
            Some(desk::FOUND_FAULTY) => lang.t(w::FOUND_FAULTY),
            other => other.unwrap_or_default(),
        };
        all.push((asset.recorder.to_string(), format!("{entry} {said}")));
    }
    Ok(all)
}

fn ask(view: &dyn LedgerView, (zone, at): (Zone, &Stamp), usage: &Usage) -> Result<Ask, CliError> {
    let name = by_name(view, &usage.officer)?;
    let mut facts = vec![
        (w::OFFICER, name.clone()),
        (w::PURPOSE, usage.row.text("purpose").to_owned()),
        (w::UNTIL, zone.civil(usage.until)),
    ];
    match &usage.approver {
        Some(approver) => facts.push((w::APPROVED_BY, by_name(view, approver)?)),
        None if usage.row.text("state") == "requested" => {
            let refused = use_refusal(usage.of, usage.recorder.clone());
            facts.push((w::DECIDED_BY, deciders((view, at), &refused)?));
        }
        None => {}
    }
    let title = format!("{name} {}", usage.recorder);
    Ok(Ask { id: usage.of.to_string(), title, facts, clips: Vec::new(), terms: None, own: false })
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
    /// It is really not in order.
    sure: String,
    pin: String,
}

impl Act {
    /// What was not ticked of what must be in order, and nobody said that it really is not.
    fn unticked(&self) -> Vec<w::Word> {
        if self.act != "hand-out" || !self.sure.is_empty() {
            return Vec::new();
        }
        let all = [(&self.works, w::WORKS), (&self.clock, w::CLOCK_RIGHT)];
        all.into_iter().filter(|(ticked, _)| ticked.is_empty()).map(|(_, word)| word).collect()
    }

    /// Address of the page that asks about it; no PIN is in it.
    fn asked_about(&self) -> String {
        let fields = [
            ("id", &self.id),
            ("works", &self.works),
            ("clock", &self.clock),
            ("empty", &self.empty),
            ("battery", &self.battery),
            ("free_mib", &self.free_mib),
        ];
        let fields = fields.map(|(name, value)| format!("{name}={}", escaped(value)));
        format!("/uses/unticked?act=hand-out&{}", fields.join("&"))
    }

    /// What it asks of the station, in order; a later request is sent only if the earlier one was done.
    fn requests(
        &self,
        view: &dyn LedgerView,
        (clerk, head): (bool, bool),
    ) -> Result<Vec<Request>, CliError> {
        // Before anything is looked up: who has no such duty learns nothing of what stands in the registers.
        let theirs = clerk || self.act == "request" || (head && self.act == "answer");
        if !theirs {
            return Err(CliError::both(Exit::Refused, "此项由管理员办理", "this is for the clerk"));
        }
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
                let mut all = vec![command(check)];
                // What does not work is checked, reported faulty by that, and stays here.
                if !self.works.is_empty() {
                    all.push(command(json!({ "act": "issue", "use": of })));
                }
                Ok(all)
            }
            "in-order" => {
                let (recorder, reason) = (self.recorder.trim(), self.reason.trim());
                let store = json!({ "act": "move", "recorder": recorder, "place": "cabinet",
                    "reason": reason, "footage_aboard": false, "in_order": true });
                Ok(vec![command(store)])
            }
            "answer" => {
                let (of, text): (UseId, _) = (self.id.parse()?, self.reason.trim());
                Ok(vec![command(json!({ "act": "see-breach", "use": of, "text": text }))])
            }
            "return" => {
                let of: UseId = self.id.parse()?;
                let recorder = recorder_of(view, "issued", of)?;
                let reason = self.reason.trim().to_owned();
                Ok(vec![Request::DeskChange(DeskChange::Return { recorder, reason })])
            }
            _ => Err(CliError::both(
                Exit::Usage,
                "本页没有这样的表单，请重新打开",
                "this page has no such form; load it again",
            )),
        }
    }

    /// The recorder that this form is about although it does not work.
    fn broken(&self, view: &dyn LedgerView) -> Result<Option<RecorderId>, CliError> {
        if self.act != "hand-out" || !self.works.is_empty() {
            return Ok(None);
        }
        let of: UseId = self.id.parse()?;
        recorder_of(view, "approved", of).map(Some)
    }

    /// The check before use (002/A6-§5, §7): what is not ticked is not so.
    fn sheet(&self) -> Result<Value, CliError> {
        let number = |text: &str, what: Word| {
            let refused = |_| {
                CliError::both(
                    Exit::Usage,
                    format!("{}须为整数，不是 {text:?}", what.0),
                    format!("{} {text:?} is no whole number", what.1),
                )
            };
            text.trim().parse::<u64>().map_err(refused)
        };
        let battery = number(&self.battery, w::BATTERY)?;
        let free_mib = number(&self.free_mib, w::FREE_SPACE)?;
        if battery > 100 {
            return Err(CliError::both(
                Exit::Usage,
                format!("电量是 0 到 100 的百分数，不是 {battery}"),
                format!("a battery is charged 0 to 100 percent, not {battery}"),
            ));
        }
        if free_mib > u64::from(u32::MAX) {
            return Err(CliError::both(
                Exit::Usage,
                format!("可用空间 {free_mib} MiB 太大，请再看一下"),
                format!("free space of {free_mib} MiB is too much; look at it again"),
            ));
        }
        Ok(json!({
            "works": !self.works.is_empty(),
            "battery_percent": battery,
            "free_mib": free_mib,
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
        CliError::both(
            Exit::Missing,
            format!("{of} 已不在此列，请看最新情况"),
            format!("{of} is no longer listed here; look again"),
        )
    })
}

/// Does it as whoever is signed in, with their PIN once more.
pub async fn act(Desk(reader): Desk, Form(this): Form<Act>) -> Response {
    let Some((person, _)) = reader.me.clone().filter(|_| reader.wrote(&this.token)) else {
        return reader.said(StatusCode::FORBIDDEN, w::REFUSED, reader.lang.t(w::SIGNED_OUT));
    };
    if !this.unticked().is_empty() {
        // A number that is none is said first.
        return match this.sheet() {
            Ok(_) => Redirect::to(&this.asked_about()).into_response(),
            Err(e) => reader.off_with("/uses", &e),
        };
    }
    let turn = reader.room.pins.clone().acquire_owned().await;
    let lang = reader.lang;
    let done = reader.room.aside(move |room| {
        let _turn = turn;
        let view = room.open.station.world().ledger.view()?;
        let now = room.open.station.world().clock.now().wall;
        let held = duty::duties(&*view, &person, now)?;
        let clerk = held.iter().any(|held| held.role == Role::Clerk);
        let heads = [Role::DepartmentHead, Role::UnitHead];
        let head = held.iter().any(|held| heads.contains(&held.role));
        let requests = this.requests(&*view, (clerk, head))?;
        let broken = this.broken(&*view)?;
        drop(view);
        let mut entries = Vec::new();
        for request in requests {
            let login = Some(Login { person: person.clone(), pin: Secret(this.pin.clone()) });
            let answer = room.ask(Order { login, request })?;
            entries.extend(super::desk::list(&answer.json, "entries").iter().cloned());
        }
        if let Some(recorder) = broken {
            return Err(CliError::both(
                Exit::Refused,
                format!("{recorder} 检查不合格（故障），已停用；修好后在下方“恢复正常，入柜”"),
                format!("{recorder} failed its check (fault) and is out of use; once repaired, put it back below"),
            ));
        }
        came_to(room, lang, &Value::from(entries))
    });
    match done.await {
        Ok(said) => reader.off_to("/uses", (true, said)),
        Err(e) => reader.off_with("/uses", &e),
    }
}

/// A tick is soon forgotten, and a recorder soon reported faulty by it: is it really so?
pub async fn unticked(Office(reader): Office, Address(this): Address<Act>) -> Response {
    let missing = this.unticked();
    if missing.is_empty() {
        return Redirect::to("/uses").into_response();
    }
    let Act { act, id, works, clock, empty, battery, free_mib, .. } = this;
    let hidden = vec![
        ("act", act),
        ("id", id),
        ("works", works),
        ("clock", clock),
        ("empty", empty),
        ("battery", battery),
        ("free_mib", free_mib),
    ];
    let page = admin::Unticked { frame: reader.frame(), said: None, missing, hidden };
    drawn(StatusCode::OK, page.draw())
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
        for bad in ["", "-1", "80%", "101", "400", "9999999999999999999999"] {
            let act = Act { battery: bad.into(), free_mib: "1".into(), ..Act::default() };
            let said = act.sheet().unwrap_err();
            assert!(said.exit == Exit::Usage && said.message.contains("电量"), "{bad}");
        }
        let act = Act { free_mib: "4294967296".into(), ..filled() };
        assert!(act.sheet().unwrap_err().message.contains("空间"));
    }

    #[test]
    fn a_forgotten_tick_is_asked_about_and_no_pin_is_in_the_address() {
        let (act, pin) = ("hand-out".to_owned(), "314159".to_owned());
        let hand_out = Act { act, pin, id: "U5&x".into(), clock: "1".into(), ..Act::default() };
        assert_eq!(hand_out.unticked(), [w::WORKS]);
        let to = hand_out.asked_about();
        assert!(to.contains("id=U5%26x&works=&clock=1") && !to.contains("314159"), "{to}");
        assert!(Act { works: "1".into(), ..hand_out }.unticked().is_empty());
        let sure = Act { act: "hand-out".into(), sure: "1".into(), ..Act::default() };
        assert!(sure.unticked().is_empty());
        assert!(Act { act: "return".into(), ..Act::default() }.unticked().is_empty());
    }
}
