//! Taking out: what was approved, the check before use with what the station knows already, and the clerk who hands it out
//! with their own PIN. A recorder that is not in order is reported as such only by whoever says so outright.

use super::who::Standing;
use super::{drawn, escaped, signed};
use crate::console::Room;
use crate::console::uses::command;
use crate::exit::{CliError, Exit};
use crate::request::{DeskChange, Request};
use axum::Form;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use sealdock_console::kiosk::{self as view, Choice, Hand, Reason, Tick};
use sealdock_console::{show, words as w, words::kiosk as k};
use sealdock_core::actor::Role;
use sealdock_core::desk::{self, DeskPolicy, Leftover, Usage};
use sealdock_core::duty;
use sealdock_core::id::{PersonId, RecorderId, UseId};
use sealdock_core::ports::LedgerView;
use sealdock_core::registry;
use sealdock_core::table::Query as Rows;
use sealdock_core::time::{WallMs, Zone};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Which {
    id: String,
    /// What was not ticked.
    missing: String,
    said: String,
}

/// What is approved for whoever stands there; the only one is shown at once.
pub async fn page(standing: Standing, Query(which): Query<Which>) -> Response {
    let Standing { reader, person, token } = standing;
    let (lang, unit) = (reader.lang, reader.room.unit.clone());
    let said = reader.room.said.take(&which.said).map(|(_, text)| text);
    let id = which.id.clone();
    let found = reader.room.aside(move |room| facts(room, &person, &id)).await;
    match found {
        Err(e) => reader.failed(&e),
        Ok(Found::One(ready)) if !which.missing.is_empty() => {
            let ticks = ready
                .ticks
                .iter()
                .filter(|tick| which.missing.split(',').any(|missing| missing == tick.name));
            let missing: Vec<&Tick> = ticks.collect();
            let advice = missing.iter().filter_map(|tick| advice(tick.name)).collect();
            let broken = missing.iter().any(|tick| tick.name == "works");
            let missing = missing.iter().map(|tick| (tick.word, tick.number.clone())).collect();
            let (id, recorder) = (ready.id, ready.recorder);
            let page = view::NotInOrder { lang, unit, id, recorder, missing, advice, broken };
            drawn(StatusCode::OK, page.draw())
        }
        Ok(Found::One(ready)) => {
            let Ready { id, recorder, facts, ticks, barred, clerks, .. } = *ready;
            let page =
                view::Take { lang, unit, token, id, recorder, facts, ticks, barred, clerks, said };
            drawn(StatusCode::OK, page.draw())
        }
        Ok(Found::Several { approved, waits, may_ask }) => {
            let mut choices = approved;
            let waits = waits.into_iter().map(|text| format!("{}{text}", lang.t(k::STILL_WAITS)));
            let nothing = choices.is_empty().then(|| lang.t(k::NOTHING_APPROVED).to_owned());
            let notes = nothing.filter(|_| may_ask).into_iter().chain(waits).collect();
            choices.extend(may_ask.then(|| Choice {
                href: "/kiosk/ask".into(),
                title: lang.t(k::ASK_FOR_ONE).into(),
                line: String::new(),
            }));
            let none = k::NOTHING_APPROVED;
            let page = view::Pick { lang, unit, title: k::WHICH_USE, choices, none, notes, said };
            drawn(StatusCode::OK, page.draw())
        }
    }
}

fn advice(missing: &str) -> Option<w::Word> {
    match missing {
        "battery" => Some(k::DO_BATTERY),
        "free" => Some(k::DO_FREE),
        "clock" => Some(k::DO_CLOCK),
        _ => None,
    }
}

enum Found {
    One(Box<Ready>),
    Several { approved: Vec<Choice>, waits: Vec<String>, may_ask: bool },
}

/// One approved use with all that is known of its recorder.
struct Ready {
    id: String,
    recorder: String,
    facts: Vec<(w::Word, String)>,
    ticks: Vec<Tick>,
    barred: Option<String>,
    clerks: Vec<Hand>,
    /// As an entry says it, if every tick stays.
    sheet: Value,
}

fn facts(room: &Room, me: &PersonId, id: &str) -> Result<Found, CliError> {
    let zone = crate::execute::zone(&room.open)?;
    let view = room.open.station.world().ledger.view()?;
    let now = room.open.station.world().clock.now().wall;
    let of = |state: &str| -> Result<Vec<Usage>, CliError> {
        let all = desk::usages(&*view, state)?.into_iter();
        Ok(all.filter(|usage| usage.officer == *me).collect())
    };
    let approved = of("approved")?;
    let wanted = match (id, &approved[..]) {
        ("", [only]) => Some(only),
        ("", _) => None,
        (id, all) => {
            let id: UseId = id.parse()?;
            Some(all.iter().find(|usage| usage.of == id).ok_or_else(gone)?)
        }
    };
    if let Some(usage) = wanted {
        return Ok(Found::One(Box::new(ready(&*view, (zone, now), usage)?)));
    }
    let line = |usage: &Usage| format!("{} {}", usage.recorder, usage.row.text("purpose"));
    let choice = |usage: &Usage| Choice {
        href: format!("/kiosk/take?id={}", usage.of),
        title: usage.recorder.to_string(),
        line: usage.row.text("purpose").to_owned(),
    };
    let waits = of("requested")?.iter().map(line).collect();
    let may_ask = !designated(&*view, me)?.is_empty();
    Ok(Found::Several { approved: approved.iter().map(choice).collect(), waits, may_ask })
}

fn gone() -> CliError {
    CliError::both(
        Exit::Missing,
        "这次领用已不在待取之列，请重新开始",
        "this use no longer waits to be taken; begin anew",
    )
}

fn ready(
    view: &dyn LedgerView,
    (zone, now): (Zone, WallMs),
    usage: &Usage,
) -> Result<Ready, CliError> {
    let policy = registry::policy(view)?.desk;
    let recorder = &usage.recorder;
    let asset = desk::asset(view, recorder)?.ok_or_else(gone)?;
    let left = desk::leftover(view, recorder)?;
    let (battery, known_battery) = battery(view, (zone, now), (recorder, &policy))?;
    let never = left == Leftover::NeverDocked;
    let free = match &left {
        Leftover::Empty { session, .. } => {
            Some((true, format!("{session} 采集后已清空 emptied by it")))
        }
        _ => None,
    };
    let (clock, seen, known_clock) = clock(&left, &policy);
    let tick = |name, word, number: String, known| Tick { name, word, number, known };
    let free_word = if never { k::T_EMPTY } else { k::T_FREE };
    let ticks = vec![
        tick("works", k::T_WORKS, String::new(), None),
        tick("battery", k::T_BATTERY, format!("{} %", policy.battery_min), known_battery),
        tick("free", free_word, show::bytes(u64::from(policy.free_mib_min) << 20), free),
        tick("clock", clock, String::new(), known_clock),
    ];
    let fault = asset
        .fault
        .map(|entry| format!("已报故障（记录 {entry}）reported faulty in entry {entry}"));
    let stored = match &left {
        Leftover::Left { why } => {
            Some(format!("机内可能有未入库的资料 something may be on it: {why}"))
        }
        _ => None,
    };
    let approver = usage.approver.as_ref().map(|id| named(view, id)).transpose()?;
    let mut facts = vec![
        (w::PURPOSE, usage.row.text("purpose").to_owned()),
        (w::UNTIL, zone.civil(usage.until)),
    ];
    facts.extend(approver.map(|name| (k::APPROVED_BY, name)));
    let remark = "自助终端勾选，电量、空间为“不少于” ticked at the kiosk: battery and space are at least these";
    Ok(Ready {
        id: usage.of.to_string(),
        recorder: recorder.to_string(),
        facts,
        ticks,
        barred: fault.or(stored),
        clerks: clerks(view, now, recorder)?,
        sheet: json!({
            "works": true, "battery_percent": battery, "free_mib": policy.free_mib_min,
            "clock": seen, "looks_empty": never, "remark": remark,
        }),
    })
}

/// What the recorder said of itself when it was docked last, if that is as young as a check must be. Less than enough says
/// nothing: it was charged since, or whoever looks sees that it was not.
fn battery(
    view: &dyn LedgerView,
    (zone, now): (Zone, WallMs),
    (recorder, policy): (&RecorderId, &DeskPolicy),
) -> Result<(u8, Option<(bool, String)>), CliError> {
    let told = desk::told_last(view, recorder)?.and_then(|row| {
        let percent = u8::try_from(row.int_opt("battery_percent")?).ok()?;
        let at = WallMs::parse(row.text("at"))?;
        let young = (0..=policy.check_ms_max).contains(&(now.0 - at.0));
        (young && percent >= policy.battery_min && percent <= 100).then_some((percent, at))
    });
    Ok(match told {
        Some((percent, at)) => {
            let whence = format!("{percent} %，{} 自报 it said so itself", zone.civil(at));
            (percent, Some((true, whence)))
        }
        None => (policy.battery_min, None),
    })
}

/// What to tick about the clock, what the entry says then, and what the last docking showed.
fn clock(left: &Leftover, policy: &DeskPolicy) -> (w::Word, &'static str, Option<(bool, String)>) {
    match left {
        Leftover::Empty { session, offset_ms: Some(ms) } => {
            let s = ms / 1000;
            let whence = format!("{session} 时偏差 {s} 秒 off by {s} s at it");
            match ms.abs() <= policy.clock_offset_ms_max {
                true => (k::T_CLOCK, "right", Some((true, whence))),
                false => (k::T_CLOCK_SET, "set", Some((false, whence))),
            }
        }
        _ => (k::T_CLOCK, "right", None),
    }
}

fn named(view: &dyn LedgerView, id: &PersonId) -> Result<String, CliError> {
    Ok(registry::person(view, id)?.map_or_else(|| id.to_string(), |person| person.name))
}

/// Clerks whose duty covers the recorder, the one who keeps it first. Whether they may is asked when they sign.
pub(super) fn clerks(
    view: &dyn LedgerView,
    now: WallMs,
    recorder: &RecorderId,
) -> Result<Vec<Hand>, CliError> {
    let asset = desk::asset(view, recorder)?;
    let department = asset.as_ref().and_then(|asset| asset.department.clone());
    let keeps = asset.and_then(|asset| asset.clerk);
    let mut held: Vec<PersonId> = duty::holders(view, Role::Clerk, now)?
        .into_iter()
        .filter(|held| held.covers(department.as_ref()))
        .map(|held| held.person)
        .collect();
    held.sort();
    held.dedup();
    held.sort_by_key(|person| keeps.as_ref() != Some(person));
    held.truncate(4);
    held.iter().map(|id| Ok(Hand { person: id.to_string(), name: named(view, id)? })).collect()
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Handed {
    token: String,
    id: String,
    works: String,
    battery: String,
    free: String,
    clock: String,
    clerk: String,
    pin: String,
}

impl Handed {
    fn missing(&self) -> Vec<&'static str> {
        let all = [
            ("works", &self.works),
            ("battery", &self.battery),
            ("free", &self.free),
            ("clock", &self.clock),
        ];
        all.into_iter().filter(|(_, ticked)| ticked.is_empty()).map(|(name, _)| name).collect()
    }
}

/// The clerk signs the check and hands it out. What is not ticked is asked about first; nothing is written meanwhile.
pub async fn hand_out(standing: Standing, Form(this): Form<Handed>) -> Response {
    if !standing.wrote(&this.token) {
        return Standing::anew();
    }
    let Standing { reader, person, .. } = standing;
    let back = format!("/kiosk/take?id={}", escaped(&this.id));
    let missing = this.missing();
    if !missing.is_empty() {
        let to = format!("{back}&missing={}", missing.join(","));
        return axum::response::IntoResponse::into_response(axum::response::Redirect::to(&to));
    }
    let turn = reader.room.pins.clone().acquire_owned().await;
    let done = reader.room.aside(move |room| {
        let _turn = turn;
        let Found::One(ready) = facts(room, &person, &this.id)? else { return Err(gone()) };
        if let Some(why) = ready.barred {
            return Err(CliError::said(Exit::Refused, why));
        }
        let (of, clerk): (UseId, PersonId) = (this.id.parse()?, this.clerk.parse()?);
        let check =
            json!({ "act": "check", "recorder": ready.recorder, "use": of, "sheet": ready.sheet });
        let issue = command(json!({ "act": "issue", "use": of }));
        signed(room, (&clerk, &this.pin), vec![command(check), issue])?;
        Ok(ready.recorder)
    });
    match done.await {
        Ok(recorder) => {
            let text = format!("{recorder} {}", reader.lang.t(k::TAKEN));
            reader.off_to("/kiosk/done", (true, text))
        }
        Err(e) => reader.off_with(&back, &e),
    }
}

/// What is broken?
pub async fn fault_page(standing: Standing, Query(which): Query<Which>) -> Response {
    let Standing { reader, token, .. } = standing;
    let said = reader.room.said.take(&which.said).map(|(_, text)| text);
    let lang = reader.lang;
    let reasons = [k::FAULT_START, k::FAULT_RECORD, k::FAULT_LENS, k::FAULT_KEYS];
    let page = view::Why {
        lang,
        unit: reader.room.unit.clone(),
        title: k::FAULT_WHAT,
        action: "/kiosk/fault",
        token,
        about: which.id.clone(),
        hidden: vec![("id", which.id)],
        reasons: touched(lang, &reasons),
        other: true,
        signers: Vec::new(),
        pin_word: w::YOUR_PIN,
        said,
    };
    drawn(StatusCode::OK, page.draw())
}

/// Reasons are recorded in Chinese, in whatever language they are touched.
pub(super) fn touched(lang: w::Lang, words: &[w::Word]) -> Vec<Reason> {
    words.iter().map(|word| Reason { value: word.0.into(), shown: lang.t(*word).into() }).collect()
}

/// A form of the kiosk that gives a reason.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Given {
    pub token: String,
    pub kind: String,
    pub id: String,
    pub reason: String,
    pub text: String,
    pub clerk: String,
    pub pin: String,
}

impl Given {
    /// The reason that was touched, or the words that were written.
    pub fn words(&self) -> String {
        if self.reason == "other" { &self.text } else { &self.reason }.trim().to_owned()
    }
}

/// The officer reports it with their own PIN.
pub async fn fault(standing: Standing, Form(this): Form<Given>) -> Response {
    if !standing.wrote(&this.token) {
        return Standing::anew();
    }
    let Standing { reader, person, .. } = standing;
    let back = format!("/kiosk/fault?id={}", escaped(&this.id));
    let turn = reader.room.pins.clone().acquire_owned().await;
    let done = reader.room.aside(move |room| {
        let _turn = turn;
        let Found::One(ready) = facts(room, &person, &this.id)? else { return Err(gone()) };
        let report =
            json!({ "act": "report-fault", "recorder": ready.recorder, "text": this.words() });
        signed(room, (&person, &this.pin), vec![command(report)])?;
        Ok(ready.recorder)
    });
    match done.await {
        Ok(recorder) => {
            let text = format!("{recorder} {}", reader.lang.t(k::FAULT_TOLD));
            reader.off_to("/kiosk/done", (true, text))
        }
        Err(e) => reader.off_with(&back, &e),
    }
}

/// Recorders that are here and designated to whoever stands there (002/A6-§18).
fn designated(view: &dyn LedgerView, me: &PersonId) -> Result<Vec<String>, CliError> {
    let rows = view.select(&Rows::all(&desk::DESIGNATION).with("officer", me.as_str()))?;
    let mut all = Vec::new();
    for row in rows.iter().filter(|row| row.int_opt("ended_seq").is_none()) {
        let asset = desk::asset(view, &row.text("recorder").parse()?)?;
        let here = asset
            .filter(|a| a.in_service() && !["issued", "repair", "faulty"].contains(&a.shown()));
        all.extend(here.map(|asset| asset.recorder.to_string()));
    }
    Ok(all)
}

/// Which recorder, then what for.
pub async fn ask_page(standing: Standing, Query(which): Query<Which>) -> Response {
    let Standing { reader, person, token } = standing;
    let (lang, unit) = (reader.lang, reader.room.unit.clone());
    let said = reader.room.said.take(&which.said).map(|(_, text)| text);
    if which.id.is_empty() {
        let found = reader
            .room
            .aside(move |room| designated(&*room.open.station.world().ledger.view()?, &person));
        let choice = |id: String| Choice {
            href: format!("/kiosk/ask?id={}", escaped(&id)),
            title: id,
            line: String::new(),
        };
        return match found.await {
            Err(e) => reader.failed(&e),
            Ok(all) => {
                let choices = all.into_iter().map(choice).collect();
                let (title, none, notes) = (k::WHICH_TO_ASK, w::TAKE_NONE, Vec::new());
                let page = view::Pick { lang, unit, title, choices, none, notes, said };
                drawn(StatusCode::OK, page.draw())
            }
        };
    }
    let purposes = [w::PURPOSE_CHECK, w::PURPOSE_SERVE, w::PURPOSE_SCENE, w::PURPOSE_TRAINING];
    let page = view::Why {
        lang,
        unit,
        title: k::ASK_WHAT_FOR,
        action: "/kiosk/ask",
        token,
        about: which.id.clone(),
        hidden: vec![("id", which.id)],
        reasons: touched(lang, &purposes),
        other: true,
        signers: Vec::new(),
        pin_word: w::YOUR_PIN,
        said,
    };
    drawn(StatusCode::OK, page.draw())
}

/// The officer asks, with their own PIN; to be back by the end of today.
pub async fn ask(standing: Standing, Form(this): Form<Given>) -> Response {
    if !standing.wrote(&this.token) {
        return Standing::anew();
    }
    let Standing { reader, person, .. } = standing;
    let back = format!("/kiosk/ask?id={}", escaped(&this.id));
    let turn = reader.room.pins.clone().acquire_owned().await;
    let done = reader.room.aside(move |room| {
        let _turn = turn;
        let (recorder, purpose) = (this.id.parse()?, this.words());
        let request = DeskChange::Request { recorder, purpose, until: None };
        signed(room, (&person, &this.pin), vec![Request::DeskChange(request)])?;
        Ok(this.id)
    });
    match done.await {
        Ok(recorder) => {
            let text = format!("{recorder} {}", reader.lang.t(k::ASKED));
            reader.off_to("/kiosk/done", (true, text))
        }
        Err(e) => reader.off_with(&back, &e),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sealdock_core::id::SessionId;

    #[test]
    fn what_is_not_ticked_is_asked_about_and_never_sent() {
        let all = || "1".to_owned();
        let full = || Handed {
            works: all(),
            battery: all(),
            free: all(),
            clock: all(),
            ..Handed::default()
        };
        assert!(full().missing().is_empty());
        assert_eq!(Handed { works: String::new(), ..full() }.missing(), ["works"]);
        assert_eq!(Handed::default().missing(), ["works", "battery", "free", "clock"]);
    }

    #[test]
    fn a_clock_that_was_off_has_to_be_set_and_one_that_nobody_saw_to_be_looked_at() {
        let policy = DeskPolicy::default();
        let off = |ms| Leftover::Empty { session: SessionId(7), offset_ms: Some(ms) };
        let at = |left: &Leftover| {
            let (word, seen, known) = clock(left, &policy);
            (word == k::T_CLOCK_SET, seen, known.map(|(good, _)| good))
        };
        let most = policy.clock_offset_ms_max;
        assert_eq!(at(&off(most)), (false, "right", Some(true)));
        assert_eq!(at(&off(-most)), (false, "right", Some(true)));
        assert_eq!(at(&off(most + 1)), (true, "set", Some(false)));
        assert_eq!(at(&Leftover::NeverDocked), (false, "right", None));
    }

    #[test]
    fn a_reason_is_the_one_that_was_touched_and_only_then_the_words() {
        let given = Given { reason: "没有电".into(), text: "x".into(), ..Given::default() };
        assert_eq!(given.words(), "没有电");
        assert_eq!(Given { reason: "other".into(), ..given }.words(), "x");
    }
}
