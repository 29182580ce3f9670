//! One page for each question. A form is answered by another page; what was wrong is said on it once.

use super::draft::{Copies, Typed, looked_at, mounted};
use super::lock;
use super::who::{COOKIE, Insider, Tried, Visitor};
use crate::console::guard::page as drawn;
use crate::console::rules::rules;
use crate::console::spoken::{in_lang, why_in};
use axum::Form;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use sealdock_console::first as view;
use sealdock_console::{Lang, words as w, words::first as f};
use sealdock_core::policy::Policy;
use serde::Deserialize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

fn to(step: &str) -> Response {
    Redirect::to(&format!("/first-run/{step}")).into_response()
}

/// The code; who is in goes on.
pub async fn begin(visitor: Visitor) -> Response {
    let Visitor { first, lang, token } = visitor;
    match token {
        Some(_) if lock(&first.outcome).is_some() => to("done"),
        Some(_) => to("unit"),
        None => asked_for_code(lang, None),
    }
}

fn asked_for_code(lang: Lang, said: Option<w::Word>) -> Response {
    let said = said.map(|word| lang.t(word).to_owned());
    let page = view::Code { lang, step: "", token: String::new(), said };
    drawn(StatusCode::OK, page.draw())
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Code {
    code: String,
}

/// A wrong one takes its time. There is nothing in this form that could be sent again: the code counts once.
pub async fn code(visitor: Visitor, Form(Code { code }): Form<Code>) -> Response {
    let Visitor { first, lang, .. } = visitor;
    let _turn = first.trying.lock().await;
    match first.try_code(&code) {
        Ok(Tried::In(held)) => {
            let mut response = to("unit");
            let kept = format!("{COOKIE}={held}; Path=/; Secure; HttpOnly; SameSite=Strict");
            // Made of our own letters, so that it is always a header.
            if let Ok(value) = HeaderValue::from_str(&kept) {
                response.headers_mut().append(header::SET_COOKIE, value);
            }
            response
        }
        Ok(Tried::Spent) => asked_for_code(lang, Some(f::KEY_SPENT)),
        Ok(Tried::Wrong | Tried::Anew) => {
            tokio::time::sleep(Duration::from_secs(1)).await;
            asked_for_code(lang, Some(f::KEY_WRONG))
        }
        Err(e) => (StatusCode::INTERNAL_SERVER_ERROR, e.message).into_response(),
    }
}

/// Every form of the first run; which fields it has depends on the question.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Answered {
    token: String,
    act: String,
    unit: String,
    origin: String,
    id: String,
    name: String,
    role: String,
    pin: String,
    again: String,
    docking: String,
    place: String,
    path: String,
}

impl Insider {
    fn wrote(&self, form: &Answered) -> bool {
        !form.token.is_empty() && form.token == self.token
    }

    /// What was wrong with the last form, once.
    fn said(&self) -> Option<String> {
        lock(&self.first.entry).said.take()
    }

    /// What a thread left behind that did not come to its end.
    fn broke_off(&self, e: &tokio::task::JoinError) -> String {
        tracing::error!("a question of the first run was not answered: {e}");
        self.lang.t(w::admin::LOG_SAYS_WHY).to_owned()
    }

    /// Back to the question with what was wrong.
    fn again(&self, step: &str, why: String) -> Response {
        lock(&self.first.entry).said = Some(why);
        to(step)
    }
}

pub async fn unit(insider: Insider) -> Response {
    let said = insider.said();
    let Insider { first, lang, token } = insider;
    let draft = lock(&first.draft);
    let (unit, origin) = (draft.unit.clone(), draft.origin.clone());
    drop(draft);
    drawn(StatusCode::OK, view::Unit { lang, step: "unit", token, said, unit, origin }.draw())
}

pub async fn take_unit(insider: Insider, Form(form): Form<Answered>) -> Response {
    if !insider.wrote(&form) {
        return to("unit");
    }
    let named = lock(&insider.first.draft).name(insider.lang, &form.unit, &form.origin);
    named.map_or_else(|why| insider.again("unit", why), |()| to("people"))
}

pub async fn people(insider: Insider) -> Response {
    let said = insider.said();
    let Insider { first, lang, token } = insider;
    let draft = lock(&first.draft);
    let row = |person: &super::draft::Person| view::First {
        id: person.id.to_string(),
        name: person.name.clone(),
        role: f::role(person.role.as_str()).unwrap_or(f::DUTY),
    };
    let people = draft.people.iter().map(row).collect();
    let role = draft.lacks().map_or("officer", |(role, _)| role.as_str());
    drop(draft);
    let page = view::People { lang, step: "people", token, said, people, role };
    drawn(StatusCode::OK, page.draw())
}

pub async fn take_person(insider: Insider, Form(form): Form<Answered>) -> Response {
    if !insider.wrote(&form) {
        return to("people");
    }
    let mut draft = lock(&insider.first.draft);
    let done = match form.act.as_str() {
        "add" => {
            let Answered { id, name, role, pin, again, .. } = &form;
            draft.add(insider.lang, &Typed { id, name, role, pin, again }).map(|()| "people")
        }
        "remove" => {
            draft.people.retain(|person| person.id.as_str() != form.id);
            Ok("people")
        }
        _ => match draft.lacks() {
            None => Ok("policy"),
            Some((_, word)) => Err(insider.lang.t(word).to_owned()),
        },
    };
    drop(draft);
    done.map_or_else(|why| insider.again("people", why), to)
}

pub async fn policy(insider: Insider) -> Response {
    let said = insider.said();
    let Insider { first, lang, token } = insider;
    let draft = lock(&first.draft);
    let (clerk_shift, text) = (draft.clerk_shift, Policy::default_text(draft.docking()));
    drop(draft);
    let rules = rules(lang, &text);
    let page = view::Rules { lang, step: "policy", token, said, clerk_shift, rules };
    drawn(StatusCode::OK, page.draw())
}

pub async fn take_policy(insider: Insider, Form(form): Form<Answered>) -> Response {
    if !insider.wrote(&form) {
        return to("policy");
    }
    lock(&insider.first.draft).clerk_shift = form.docking == "clerk-shift";
    to("keys")
}

pub async fn keys(insider: Insider) -> Response {
    let said = insider.said();
    let Insider { lang, token, .. } = insider;
    drawn(StatusCode::OK, view::Keys { lang, step: "keys", token, said }.draw())
}

pub async fn take_keys(insider: Insider, Form(form): Form<Answered>) -> Response {
    if insider.wrote(&form) { to("copies") } else { to("keys") }
}

pub async fn copies(insider: Insider) -> Response {
    let said = insider.said();
    let Insider { first, lang, token } = insider;
    let looking = Arc::clone(&first);
    let found = tokio::task::spawn_blocking(move || {
        let origin = lock(&looking.draft).origin.clone();
        let fits = |dir: PathBuf| {
            let note = looked_at(&looking.place, &dir, &origin).ok()?;
            let note = note.map_or_else(|| lang.t(f::CHECKED).to_owned(), |why| why_in(lang, &why));
            Some(view::Place { path: dir.to_str()?.to_owned(), note })
        };
        mounted().into_iter().filter_map(fits).collect()
    });
    let places: Vec<view::Place> = found.await.unwrap_or_default();
    let chosen = match &lock(&first.draft).copies {
        Copies::Unsaid => places.first().map(|place| place.path.clone()).unwrap_or_default(),
        Copies::Later => "later".to_owned(),
        Copies::Single => "single".to_owned(),
        Copies::At(dir) => dir.display().to_string(),
    };
    let page = view::Copies { lang, step: "copies", token, said, places, chosen };
    drawn(StatusCode::OK, page.draw())
}

pub async fn take_copies(insider: Insider, Form(form): Form<Answered>) -> Response {
    if !insider.wrote(&form) {
        return to("copies");
    }
    let at = match form.place.as_str() {
        "later" => Ok(Copies::Later),
        "single" => Ok(Copies::Single),
        "path" => Err(PathBuf::from(form.path.trim())),
        path if path.starts_with('/') => Err(PathBuf::from(path)),
        _ => return insider.again("copies", insider.lang.t(f::CHOOSE_ONE).to_owned()),
    };
    let first = Arc::clone(&insider.first);
    let looked = tokio::task::spawn_blocking(move || {
        let origin = lock(&first.draft).origin.clone();
        at.or_else(|dir| looked_at(&first.place, &dir, &origin).map(|_| Copies::At(dir)))
    });
    match looked.await {
        Ok(Ok(copies)) => {
            lock(&insider.first.draft).copies = copies;
            to("found")
        }
        Ok(Err(e)) => insider.again("copies", in_lang(insider.lang, &e)),
        Err(e) => insider.again("copies", insider.broke_off(&e)),
    }
}

pub async fn confirm(insider: Insider) -> Response {
    let said = insider.said();
    let Insider { first, lang, token } = insider;
    if lock(&first.outcome).is_some() {
        return to("done");
    }
    let draft = lock(&first.draft);
    let lacking = match () {
        () if draft.unit.is_empty() || draft.origin.is_empty() => Some("unit"),
        () if draft.lacks().is_some() => Some("people"),
        () if draft.copies == Copies::Unsaid => Some("copies"),
        () => None,
    };
    if let Some(step) = lacking {
        return to(step);
    }
    let people = draft.people.iter().map(|person| {
        let role = f::role(person.role.as_str()).map_or("", |word| lang.t(word));
        format!("{role} {} {}", person.name, person.id)
    });
    let docking = if draft.clerk_shift { f::CLERK_SHIFT } else { f::OFFICER_PIN };
    let (copies, warning) = match &draft.copies {
        Copies::At(dir) => (dir.display().to_string(), None),
        Copies::Single => (lang.t(f::COPIES_SINGLE).to_owned(), Some(f::COPIES_SINGLE)),
        _ => (lang.t(f::COPIES_LATER).to_owned(), Some(f::COPIES_LATER)),
    };
    let facts = vec![
        (f::UNIT_NAME, draft.unit.clone()),
        (f::ORIGIN, draft.origin.clone()),
        (f::PLACE, first.place.dir.display().to_string()),
        (
            f::S_PEOPLE,
            people.collect::<Vec<_>>().join(lang.t(sealdock_console::words::rooms::SEMICOLON)),
        ),
        (f::DOCKING, lang.t(docking).to_owned()),
        (f::S_KEY, lang.t(f::KEY_FILE).to_owned()),
        (f::S_COPIES, copies),
    ];
    drop(draft);
    let page = view::Confirm { lang, step: "found", token, said, facts, warning };
    drawn(StatusCode::OK, page.draw())
}

/// Once: who comes second finds what the first one founded.
pub async fn found(insider: Insider, Form(form): Form<Answered>) -> Response {
    if !insider.wrote(&form) {
        return to("found");
    }
    let first = Arc::clone(&insider.first);
    let _one = first.founding.lock().await;
    if lock(&first.outcome).is_some() {
        return to("done");
    }
    let founding = Arc::clone(&first);
    match tokio::task::spawn_blocking(move || founding.found()).await {
        Ok(Ok(outcome)) => {
            *lock(&first.outcome) = Some(outcome);
            to("done")
        }
        Ok(Err(e)) => insider.again("found", in_lang(insider.lang, &e)),
        Err(e) => insider.again("found", insider.broke_off(&e)),
    }
}

pub async fn done(insider: Insider) -> Response {
    let said = insider.said();
    let Insider { first, lang, token } = insider;
    let outcome = lock(&first.outcome);
    let Some(outcome) = &*outcome else { return to("unit") };
    let page = view::Done {
        lang,
        step: "done",
        token,
        said,
        unit: outcome.unit.clone(),
        lacks: outcome.lacks.as_ref().map(|e| in_lang(lang, e)),
        code: outcome.code.clone(),
        receipt: outcome.receipt.clone(),
    };
    drawn(StatusCode::OK, page.draw())
}

/// The daemon goes on; the browser is answered by it at the same address.
pub async fn open(insider: Insider, Form(form): Form<Answered>) -> Response {
    if !insider.wrote(&form) || lock(&insider.first.outcome).is_none() {
        return to("done");
    }
    insider.first.go_on.send_replace(true);
    let mut response = Redirect::to("/").into_response();
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}
