//! Requests that wait, and the decision, which is signed with the approver's own PIN.

use super::Room;
use super::desk::{list, number, text};
use super::guard::page as drawn;
use super::rooms::{Scene, scene};
use super::signed::{Office, Reader, Told};
use crate::console::spoken::{came_to, word};
use crate::exit::{CliError, Exit};
use crate::request::{AccessQuery, Login, Order, Request};
use axum::Form;
use axum::extract::Query as Address;
use axum::http::StatusCode;
use axum::response::Response;
use sealdock_console::desk::{self as view, Ask, Terms};
use sealdock_console::show;
use sealdock_console::words::{self as w, rooms as r};
use sealdock_core::access::{self, ACCESS, Wanted};
use sealdock_core::actor::{ActorRecord, Role};
use sealdock_core::command::Secret;
use sealdock_core::desk;
use sealdock_core::duty;
use sealdock_core::event::Event;
use sealdock_core::id::{AccessId, PersonId, RecorderId, UseId};
use sealdock_core::ports::Registers;
use sealdock_core::registry;
use sealdock_core::schema::CLIP;
use sealdock_core::search;
use sealdock_core::table::Query;
use sealdock_core::time::{DAY_MS, Stamp, WallMs};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Clips of a request that are named one by one.
const CLIPS_NAMED: usize = 12;

/// Requests that wait for this person: those that they may decide, of the newest [`LOOKED_AT`] of each kind.
///
/// # Errors
/// The registers cannot be read.
pub fn waiting(view: &dyn Registers, at: &Stamp, me: &PersonId) -> Result<usize, CliError> {
    let held = duty::duties(view, me, at.wall)?;
    let has = |roles: &[Role]| held.iter().any(|one| roles.contains(&one.role));
    let mut all = 0;
    if has(&ACCESS_DECIDERS) {
        let asked = Query::all(&ACCESS).with("state", "asked").newest_first().limit(LOOKED_AT);
        for row in view.select(&asked)? {
            let refused = refusal(AccessId(registry::seq(&row)));
            all += usize::from(may(view, at, me, &refused)?);
        }
    }
    if has(&USE_DECIDERS) {
        let asked = Query::all(&desk::USAGE).with("state", "requested");
        for row in view.select(&asked.newest_first().limit(LOOKED_AT))? {
            let (of, recorder) = (UseId(registry::seq(&row)), row.text("recorder").parse()?);
            all += usize::from(may(view, at, me, &use_refusal(of, recorder))?);
        }
    }
    Ok(all)
}

/// Requests of each kind that are looked at for a badge.
const LOOKED_AT: u32 = 20;
/// Who decides at all; which of them, the rules say of each request.
const ACCESS_DECIDERS: [Role; 2] = [Role::PenaltyLeader, Role::UnitHead];
const USE_DECIDERS: [Role; 2] = [Role::DepartmentHead, Role::UnitHead];

pub fn may(
    view: &dyn Registers,
    at: &Stamp,
    me: &PersonId,
    event: &Event,
) -> Result<bool, CliError> {
    let actor = ActorRecord::Person { id: me.clone() };
    Ok(match event {
        Event::Access(event) => access::objection(view, at, &actor, event)?,
        Event::Desk(event) => desk::objection(view, at, &actor, event)?,
        _ => return Ok(false),
    }
    .is_none())
}

/// By name, whoever the rules let decide it: a request that waits says for whom.
///
/// # Errors
/// The registers cannot be read.
pub fn deciders((view, at): (&dyn Registers, &Stamp), event: &Event) -> Result<String, CliError> {
    let roles: &[Role] =
        if matches!(event, Event::Desk(_)) { &USE_DECIDERS } else { &ACCESS_DECIDERS };
    let mut names = BTreeSet::new();
    for role in roles {
        for held in duty::holders(view, *role, at.wall)? {
            if names.len() < DECIDERS_NAMED && may(view, at, &held.person, event)? {
                let name = registry::person(view, &held.person)?.map(|person| person.name);
                names.insert(format!("{} {}", name.unwrap_or_default(), held.person));
            }
        }
    }
    Ok(names.into_iter().collect::<Vec<_>>().join("、"))
}

const DECIDERS_NAMED: usize = 4;

/// Everything that waits.
pub async fn page(Office(reader): Office, Address(told): Address<Told>) -> Response {
    shown(&reader, StatusCode::OK, reader.room.said.take(&told.said)).await
}

async fn shown(reader: &Reader, status: StatusCode, said: Option<(bool, String)>) -> Response {
    let Some((me, _)) = reader.me.clone() else {
        return reader.said(StatusCode::FORBIDDEN, w::REFUSED, reader.lang.t(w::SIGNED_OUT));
    };
    let lang = reader.lang;
    let asks = reader.room.aside(move |room| {
        let scene = scene(room, lang, me, true)?;
        Ok((access_asks(&scene)?, use_asks(&scene)?, others(&scene)?))
    });
    match asks.await {
        Ok((access, uses, others)) => {
            let frame = reader.frame();
            drawn(status, view::Approvals { frame, access, uses, others, said }.draw())
        }
        Err(e) => reader.failed(&e),
    }
}

/// What waits on other pages: where, and what.
fn others(scene: &Scene) -> Result<Vec<(String, String)>, CliError> {
    let waits = super::heads::waits(&*scene.view, &scene.at, &scene.me)?;
    let mut all = Vec::new();
    for (hold, release) in waits.holds {
        let what = if release { w::HOLD_RELEASE_WAITS } else { w::HOLD_WAITS };
        all.push((format!("/holds/{hold}"), format!("{} {hold}", scene.t(what))));
    }
    for plan in waits.plans {
        all.push((format!("/disposal/{plan}"), format!("{} {plan}", scene.t(w::PLAN_WAITS))));
    }
    for (check, clip, found) in waits.findings {
        let what = format!("{} {check} {clip}: {found}", scene.t(w::FINDING_WAITS));
        all.push((format!("/checks/{check}"), what));
    }
    for room in waits.beyond {
        let what = match room {
            "/holds" => r::HOLDS,
            "/disposal" => r::DISPOSAL,
            _ => r::CHECKS,
        };
        all.push((room.to_owned(), format!("{} {}", scene.t(w::MORE_WAITS), scene.t(what))));
    }
    Ok(all)
}

fn access_asks(scene: &Scene) -> Result<Vec<Ask>, CliError> {
    let json = scene.read(Request::Access(AccessQuery::List { open: true }))?;
    let mut asks = Vec::new();
    for row in list(&json, "requests") {
        let id = AccessId(number(row, "seq"));
        let Some(access) = access::access(&*scene.view, id)? else { continue };
        asks.push(Ask {
            id: id.to_string(),
            title: format!("{} {}", text(row, "name"), text(row, "unit")).trim().to_owned(),
            facts: vec![
                (r::WHO, word(scene.lang, access.who)),
                (w::PURPOSE, word(scene.lang, access.purpose)),
                (w::MATTER, text(row, "matter")),
                (w::ASKED_FOR, scene.teller().about(&access.wanted)),
                (w::REASON, text(row, "reason")),
                (w::DECIDED_BY, deciders((&*scene.view, &scene.at), &refusal(id))?),
                (w::TIME, scene.when(row, "asked")),
                (w::BY, scene.named(&access.asked_by)?),
            ],
            clips: clips(scene, &access.wanted)?,
            terms: Some(terms(&*scene.view)?),
            own: !scene.may(&refusal(id))?,
        });
    }
    Ok(asks)
}

/// Each clip that is asked for by its number, with what an approver has to know of it.
fn clips(scene: &Scene, wanted: &Wanted) -> Result<Vec<(String, String)>, CliError> {
    let Wanted::Clips { clips } = wanted else { return Ok(Vec::new()) };
    let mut all = Vec::new();
    for clip in clips.iter().take(CLIPS_NAMED) {
        let Some(row) = registry::by_seq(&*scene.view, &CLIP, clip.0)? else { continue };
        let taken = search::taken(&row).map(|at| scene.zone.civil(at)).unwrap_or_default();
        let officer = row.text_opt("officer").map(|id| scene.named(&format!("person {id}")));
        let level = access::level_of(&*scene.view, *clip)?;
        let told = [
            clip.to_string(),
            taken,
            officer.transpose()?.unwrap_or_default(),
            show::bytes(row.int("size").unsigned_abs()),
            word(scene.lang, level),
        ];
        let told: Vec<String> = told.into_iter().filter(|text| !text.is_empty()).collect();
        all.push((format!("/clips/{clip}"), told.join(" · ")));
    }
    let beyond = clips.len().saturating_sub(CLIPS_NAMED);
    if let (1.., Some(first)) = (beyond, clips.get(CLIPS_NAMED)) {
        all.push((format!("/clips/{first}"), format!("{} {beyond}", scene.t(w::CLIPS_BEYOND))));
    }
    Ok(all)
}

/// What the policy grants.
fn terms(view: &dyn Registers) -> Result<Terms, CliError> {
    let limits = registry::policy(view)?.access;
    Ok(Terms {
        times: limits.times,
        times_max: limits.times_max,
        days: limits.expiry_days,
        days_max: limits.expiry_days_max,
    })
}

/// Whoever may refuse is whoever decides: an approval looks at more, which the decision does.
pub fn refusal(access: AccessId) -> Event {
    let refused = access::Refused { access, reason: "-".to_owned() };
    Event::Access(access::Event::Refused(refused))
}

/// The same of a use.
pub fn use_refusal(of: UseId, recorder: RecorderId) -> Event {
    Event::Desk(desk::Event::Refused(desk::Refused { of, recorder, reason: "-".to_owned() }))
}

fn use_asks(scene: &Scene) -> Result<Vec<Ask>, CliError> {
    let mut asks = Vec::new();
    for usage in desk::usages(&*scene.view, "requested")? {
        let (of, recorder) = (usage.of, usage.recorder.clone());
        let refused = use_refusal(of, recorder);
        let officer = scene.named(&format!("person {}", usage.officer))?;
        asks.push(Ask {
            id: usage.of.to_string(),
            title: format!("{officer} {}", usage.recorder),
            facts: vec![
                (w::OFFICER, officer),
                (w::DECIDED_BY, deciders((&*scene.view, &scene.at), &refused)?),
                (w::RECORDER, usage.recorder.to_string()),
                (w::PURPOSE, usage.row.text("purpose").to_owned()),
                (w::UNTIL, scene.zone.civil(usage.until)),
            ],
            clips: Vec::new(),
            terms: None,
            own: !scene.may(&refused)?,
        });
    }
    Ok(asks)
}

#[derive(Deserialize)]
pub struct Decision {
    token: String,
    kind: String,
    id: String,
    decision: String,
    reason: String,
    pin: String,
    /// Of an approval: how often, and for how many days. Not said is what the policy says.
    #[serde(default)]
    times: String,
    #[serde(default)]
    days: String,
}

/// A number of a form; nothing typed is nothing said.
fn whole(text: &str) -> Result<Option<u32>, CliError> {
    let text = text.trim();
    let refused = |_| {
        CliError::both(
            Exit::Usage,
            format!("{text:?} 不是整数，请填写次数和天数"),
            format!("{text:?} is no whole number; times and days are"),
        )
    };
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(refused) }
}

impl Decision {
    /// The command of the core, as the command line would send it.
    fn command(&self, now: WallMs) -> Result<Value, CliError> {
        let reason = self.reason.trim();
        let given = (!reason.is_empty()).then_some(reason);
        let approves = match self.decision.as_str() {
            "approve" => true,
            "refuse" => false,
            _ => {
                return Err(CliError::both(
                    Exit::Usage,
                    "没有选择批准或不批准",
                    "neither approved nor refused",
                ));
            }
        };
        match (self.kind.as_str(), approves) {
            ("access", true) => {
                let access: AccessId = self.id.parse()?;
                let expires = whole(&self.days)?.map(|days| now.plus_ms(i64::from(days) * DAY_MS));
                Ok(json!({
                    "command": "access", "act": "approve", "access": access, "reason": given,
                    "times": whole(&self.times)?, "expires": expires,
                }))
            }
            ("access", false) => {
                let access: AccessId = self.id.parse()?;
                Ok(
                    json!({ "command": "access", "act": "refuse", "access": access, "reason": reason }),
                )
            }
            ("use", true) => {
                let of: UseId = self.id.parse()?;
                Ok(json!({ "command": "desk", "act": "approve", "use": of, "note": given }))
            }
            ("use", false) => {
                let of: UseId = self.id.parse()?;
                Ok(json!({ "command": "desk", "act": "refuse", "use": of, "reason": reason }))
            }
            _ => Err(CliError::both(
                Exit::Usage,
                "没有这样的申请，请重新打开本页",
                "this is neither a request to view or copy nor one to take a recorder",
            )),
        }
    }
}

/// Decides as whoever is signed in, with their PIN once more. What the rules say to it is shown as they say it.
pub async fn decide(Office(reader): Office, Form(this): Form<Decision>) -> Response {
    if !reader.wrote(&this.token) {
        return reader.said(StatusCode::FORBIDDEN, w::REFUSED, reader.lang.t(w::SIGNED_OUT));
    }
    let Some((person, _)) = reader.me.clone() else {
        return reader.said(StatusCode::FORBIDDEN, w::REFUSED, reader.lang.t(w::SIGNED_OUT));
    };
    let turn = reader.room.pins.clone().acquire_owned().await;
    let lang = reader.lang;
    let done = reader.room.aside(move |room: &Arc<Room>| {
        let _turn = turn;
        let command = this.command(room.open.station.world().clock.now().wall)?;
        let login = Some(Login { person, pin: Secret(this.pin) });
        let answer = room.ask(Order { login, request: Request::Apply { command } })?;
        came_to(room, lang, &answer.json["entries"])
    });
    match done.await {
        Ok(said) => reader.off_to("/approvals", (true, said)),
        Err(e) => reader.off_with("/approvals", &e),
    }
}
