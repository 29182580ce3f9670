//! What an officer has to explain: clips that were stored late, a recorder that came back late, a recording that broke off.
//! Touching a reason signs it with the PIN that was entered beside it.

use super::take::{Given, touched};
use super::who::Standing;
use super::{drawn, escaped, signed};
use crate::console::Room;
use crate::console::rooms::break_word;
use crate::console::spoken::came_to;
use crate::console::uses::command;
use crate::exit::{CliError, Exit};
use crate::request::Request;
use axum::Form;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use sealdock_console::kiosk::{self as view, Choice, Reason};
use sealdock_console::{Lang, words as w, words::kiosk as k};
use sealdock_core::actor::Role;
use sealdock_core::desk;
use sealdock_core::duty;
use sealdock_core::id::{ClipId, PersonId, SessionId};
use sealdock_core::matter::{self, Cause};
use sealdock_core::ports::LedgerView;
use sealdock_core::registry;
use sealdock_core::schema as s;
use sealdock_core::search::{Page, Search, find};
use sealdock_core::table::{Cell, Query as Rows};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

/// Clips that one touch explains: each is an entry of its own, with a PIN that is compared slowly.
const CLIPS_MAX: usize = 20;

/// One thing to explain.
struct Due {
    kind: &'static str,
    /// `S12`, `U5`, `I7`.
    id: String,
    title: String,
    line: String,
    clips: Vec<ClipId>,
}

fn all_due(room: &Room, lang: Lang, me: &PersonId) -> Result<Vec<Due>, CliError> {
    let view = room.open.station.world().ledger.view()?;
    let zone = crate::execute::zone(&room.open)?;
    let mut due = late_clips(&*view, lang, me)?;
    for usage in desk::usages_by(&*view, me)? {
        let noted = ["overdue_seq", "dock_overdue_seq"];
        let late = usage.late || noted.iter().any(|column| usage.row.int_opt(column).is_some());
        if late && usage.row.text_opt("late_reason").is_none() {
            let line = format!("{} {}", usage.recorder, zone.civil(usage.until));
            let (id, title) = (usage.of.to_string(), lang.t(k::LATE_USE).to_owned());
            due.push(Due { kind: "use", id, title, line, clips: Vec::new() });
        }
    }
    for broken in matter::interruptions(&*view, None)?.into_iter().filter(|i| i.unanswered()) {
        let step = matter::step(&*view, broken.step)?;
        if let Some(step) = step.filter(|step| step.officers.contains(me)) {
            let (id, title) = (broken.id.to_string(), lang.t(k::BROKE_OFF).to_owned());
            // The record says it in English.
            let line = match lang {
                Lang::Zh => format!("{}：{}", step.name, break_word(lang, broken.kind)),
                Lang::En => broken.detail,
            };
            due.push(Due { kind: "break", id, title, line, clips: Vec::new() });
        }
    }
    Ok(due)
}

/// By the docking that brought them, because one reason goes for all of them.
fn late_clips(view: &dyn LedgerView, lang: Lang, me: &PersonId) -> Result<Vec<Due>, CliError> {
    let search = Search { officer: Some(me.clone()), late: true, ..Search::default() };
    let mut by_session: BTreeMap<u64, Vec<ClipId>> = BTreeMap::new();
    for row in find(view, &search, Page::default())?.rows {
        let clip = ClipId(registry::seq(&row));
        let open = Rows::all(&s::DEADLINE).with("clip", clip.0).with("reason", Cell::Null).limit(1);
        if !view.select(&open)?.is_empty() {
            by_session.entry(row.int("session").unsigned_abs()).or_default().push(clip);
        }
    }
    let due = |(session, clips): (u64, Vec<ClipId>)| Due {
        kind: "clips",
        id: SessionId(session).to_string(),
        title: format!("{} {}", clips.len(), lang.t(k::LATE_CLIPS)),
        line: SessionId(session).to_string(),
        clips,
    };
    Ok(by_session.into_iter().map(due).collect())
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Which {
    kind: String,
    id: String,
    said: String,
}

/// What there is; the only one is shown at once.
pub async fn page(standing: Standing, Query(which): Query<Which>) -> Response {
    let Standing { reader, person, token } = standing;
    let (lang, unit) = (reader.lang, reader.room.unit.clone());
    let said = reader.room.said.take(&which.said).map(|(_, text)| text);
    let due = match reader.room.aside(move |room| all_due(room, lang, &person)).await {
        Ok(due) => due,
        Err(e) => return reader.failed(&e),
    };
    let one = match &due[..] {
        [only] if which.id.is_empty() => Some(only),
        all => all.iter().find(|one| one.kind == which.kind && one.id == which.id),
    };
    let Some(one) = one else {
        let choice = |one: &Due| Choice {
            href: format!("/kiosk/explain?kind={}&id={}", one.kind, escaped(&one.id)),
            title: one.title.clone(),
            line: one.line.clone(),
        };
        // More than fit on a screen wait for the next time.
        let choices = due.iter().take(8).map(choice).collect();
        let (title, none, notes) = (k::WHICH_TO_EXPLAIN, k::NOTHING_TO_EXPLAIN, Vec::new());
        let page = view::Pick { lang, unit, title, choices, none, notes, said };
        return drawn(StatusCode::OK, page.draw());
    };
    let page = view::Why {
        lang,
        unit,
        title: k::WHY_TOUCH,
        action: "/kiosk/explain",
        token,
        hidden: vec![("kind", one.kind.into()), ("id", one.id.clone())],
        about: format!("{} · {}", one.title, one.line),
        reasons: if one.kind == "break" { causes(lang) } else { touched(lang, &LATE) },
        other: true,
        signers: Vec::new(),
        pin_word: w::YOUR_PIN,
        said,
    };
    drawn(StatusCode::OK, page.draw())
}

const LATE: [w::Word; 5] = [k::R_TASK, k::R_ROAD, k::R_DEVICE, k::R_STATION, k::R_NO_CLERK];

/// Objective causes that 002/A6-§14 names.
const CAUSES: [(Cause, w::Word); 5] = [
    (Cause::Fault, k::C_FAULT),
    (Cause::Damage, k::C_DAMAGE),
    (Cause::Weather, k::C_WEATHER),
    (Cause::Battery, k::C_BATTERY),
    (Cause::Space, k::C_SPACE),
];

fn causes(lang: Lang) -> Vec<Reason> {
    let reason = |(cause, word): &(Cause, w::Word)| Reason {
        value: cause.as_str().into(),
        shown: lang.t(*word).into(),
    };
    CAUSES.iter().map(reason).collect()
}

/// Signs the reason.
pub async fn send(standing: Standing, Form(this): Form<Given>) -> Response {
    if !standing.wrote(&this.token) {
        return Standing::anew();
    }
    let Standing { reader, person, .. } = standing;
    let lang = reader.lang;
    let back = format!("/kiosk/explain?kind={}&id={}", escaped(&this.kind), escaped(&this.id));
    let turn = reader.room.pins.clone().acquire_owned().await;
    let done = reader.room.aside(move |room| {
        let _turn = turn;
        let due = all_due(room, lang, &person)?.into_iter();
        let one = due.into_iter().find(|one| one.kind == this.kind && one.id == this.id);
        let one = one.ok_or_else(|| {
            CliError::both(
                Exit::Missing,
                "这一件已不需要说明",
                "there is nothing to explain about this any more",
            )
        })?;
        let requests = requests(&one, &this, || head(room, &person))?;
        let entries = signed(room, (&person, &this.pin), requests)?;
        came_to(room, lang, &entries)
    });
    match done.await {
        Ok(said) => reader.off_to("/kiosk/done", (true, said)),
        Err(e) => reader.off_with(&back, &e),
    }
}

fn requests(
    one: &Due,
    this: &Given,
    told: impl FnOnce() -> Result<PersonId, CliError>,
) -> Result<Vec<Request>, CliError> {
    let text = this.words();
    Ok(match one.kind {
        "clips" => {
            let give = |clip: &ClipId| Request::Apply {
                command: json!({ "command": "give-reason", "clip": clip, "text": text }),
            };
            one.clips.iter().take(CLIPS_MAX).map(give).collect()
        }
        "use" => {
            vec![command(json!({ "act": "explain-late", "use": one.id, "text": text }))]
        }
        _ => {
            let cause = Cause::parse(&this.reason).unwrap_or(Cause::Other);
            let said = CAUSES.iter().find(|(named, _)| *named == cause).map(|(_, word)| word.0);
            let text = said.map_or(text, str::to_owned);
            let command = json!({
                "command": "matter", "act": "explain", "interruption": one.id, "cause": cause,
                "text": text, "voice": null, "told": told()?,
            });
            vec![Request::Apply { command }]
        }
    })
}

/// The head of one's department, to whom an interruption is reported (002/A6-§14).
fn head(room: &Room, me: &PersonId) -> Result<PersonId, CliError> {
    let view = room.open.station.world().ledger.view()?;
    let now = room.open.station.world().clock.now().wall;
    let department = duty::department_of(&*view, me)?;
    let mut heads = duty::holders(&*view, Role::DepartmentHead, now)?.into_iter();
    let head = heads.find(|held| held.person != *me && held.covers(department.as_ref()));
    head.map(|held| held.person)
        .ok_or_else(|| CliError::both(Exit::Refused, k::NO_HEAD.0, k::NO_HEAD.1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sealdock_core::command::Command;

    fn sent(kind: &'static str, id: &str, reason: &str) -> Vec<Command> {
        let clips = (1..=CLIPS_MAX as u64 + 5).map(ClipId).collect();
        let one = Due { kind, id: id.into(), title: String::new(), line: String::new(), clips };
        let this = Given { reason: reason.into(), text: "<b>".into(), ..Given::default() };
        let all = requests(&one, &this, || Ok("h1".parse().unwrap())).unwrap();
        let command = |request| match request {
            Request::Apply { command } => serde_json::from_value(command).unwrap(),
            other => panic!("{other:?}"),
        };
        all.into_iter().map(command).collect()
    }

    #[test]
    fn what_is_touched_is_a_command_of_the_core_with_its_reason() {
        let late = sent("use", "U5", "任务延长");
        let [Command::Desk(desk::Command::ExplainLate { of, text, .. })] = &late[..] else {
            panic!("{late:?}")
        };
        assert_eq!((of.to_string().as_str(), text.as_str()), ("U5", "任务延长"));
        let broken = sent("break", "I7", "battery");
        let [Command::Matter(matter::Command::Explain { cause, text, told, .. })] = &broken[..]
        else {
            panic!("{broken:?}")
        };
        assert_eq!((*cause, text.as_str(), told.as_str()), (Cause::Battery, "电量不足", "h1"));
        let other = sent("break", "I7", "other");
        let [Command::Matter(matter::Command::Explain { cause, text, .. })] = &other[..] else {
            panic!("{other:?}")
        };
        assert_eq!((*cause, text.as_str()), (Cause::Other, "<b>"));
        assert_eq!(sent("clips", "S3", "其他").len(), CLIPS_MAX, "the others by the next touch");
    }
}
