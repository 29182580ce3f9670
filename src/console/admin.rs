//! Administration: what the command line does about people, recorders, policy and places, with the PIN once more in every
//! form. Who may is the core's to say. Nothing that cannot be undone is a single touch: it says first what it would do.

/// One form, as requests.
mod act;
/// Sheets before they are imported, texts before they are adopted.
mod drafts;
/// A sheet of people or recorders.
mod import;
/// People, their duties and PINs; departments.
mod people;
/// Bays, ports, profiles.
mod places;
/// The policy.
mod policy;
/// Recorders.
mod recorders;

pub use drafts::{Draft, Drafts};

use super::Room;
use super::guard::page as drawn;
use super::signed::{Office, Reader, Told};
use crate::exit::CliError;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Query};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use sealdock_console::Lang;
use sealdock_console::admin::{self as view, Field, Kind};
use sealdock_console::words::{self as w, admin as a, first as f, rooms as r};
use sealdock_core::duty::DEPARTMENT;
use sealdock_core::ports::LedgerView;
use sealdock_core::table::Query as Rows;
use serde::Deserialize;
use std::sync::Arc;

/// A policy of 32 KiB in a form, whose letters may take three bytes each and each byte three signs.
const POLICY_FORM_BYTES_MAX: usize = 320 << 10;

/// Every page of administration.
pub fn routes() -> Router<Arc<Room>> {
    let wide = post(policy::propose).layer(DefaultBodyLimit::max(POLICY_FORM_BYTES_MAX));
    let sheet = post(import::upload).layer(DefaultBodyLimit::max(import::BYTES_MAX));
    Router::new()
        .route("/admin", get(hub))
        .route("/admin/act", post(act::act))
        .route("/pin", get(people::own_pin))
        .route("/import/{of}/template.csv", get(import::template))
        .route("/people", get(people::list))
        .route("/people/{id}", get(people::show))
        .route("/departments", get(people::departments))
        .route("/recorders", get(recorders::list))
        .route("/recorders/{id}", get(recorders::show))
        .route("/places", get(places::page))
        .route("/policy", get(policy::page).merge(wide))
        .route("/import/{subject}", get(import::page))
        .route("/import/{subject}/sheet", sheet)
}

/// Where to go.
pub async fn hub(Office(reader): Office, Query(told): Query<Told>) -> Response {
    let mut rooms = vec![
        ("/people", a::PEOPLE, a::PEOPLE_SUB),
        ("/departments", a::DEPARTMENTS, a::DEPARTMENTS_SUB),
        ("/recorders", a::RECORDERS, a::RECORDERS_SUB),
        ("/import/people", a::IMPORT_PEOPLE, a::IMPORT_SUB),
        ("/import/recorders", a::IMPORT_RECORDERS, a::IMPORT_SUB),
        ("/places", a::PLACES, a::PLACES_SUB),
        ("/shifts", r::SHIFTS, a::SHIFTS_SUB),
        ("/policy", a::POLICY, a::POLICY_SUB),
    ];
    match import::may(&reader).await {
        Ok(None) => {}
        // Not offered to who would be refused; the address says why.
        Ok(Some(_)) => rooms.retain(|(to, _, _)| !to.starts_with("/import/")),
        Err(e) => return reader.failed(&e),
    }
    let said = reader.room.said.take(&told.said);
    drawn(StatusCode::OK, view::Hub { frame: reader.frame(), said, rooms }.draw())
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Wanted {
    find: String,
    said: String,
}

/// A page of lists and forms, once its facts are there.
async fn page(
    reader: Reader,
    said: String,
    facts: impl FnOnce(&Arc<Room>, Lang) -> Result<Shown, CliError> + Send + 'static,
) -> Response {
    let lang = reader.lang;
    let said = reader.room.said.take(&said);
    match reader.room.aside(move |room| facts(room, lang)).await {
        Ok(Shown { title, here, up, facts, find, tables, acts, sections }) => {
            let frame = reader.frame();
            let page =
                view::Desk { frame, said, title, here, up, facts, find, tables, acts, sections };
            drawn(StatusCode::OK, page.draw())
        }
        Err(e) => reader.failed(&e),
    }
}

/// What such a page shows.
struct Shown {
    title: String,
    here: String,
    up: (&'static str, w::Word),
    facts: Vec<(w::Word, String)>,
    find: Option<String>,
    tables: Vec<view::Table>,
    acts: Vec<view::Act>,
    sections: Vec<view::Section>,
}

/// The passkeys of a person, and what can be done to them.
mod passkeys;

/// Rows of one list.
const SHOWN: usize = 300;

/// Is it what was looked for?
fn fits(find: &str, cells: &[String]) -> bool {
    let find = find.trim().to_lowercase();
    find.is_empty() || cells.iter().any(|cell| cell.to_lowercase().contains(&find))
}

fn role_word(lang: Lang, role: &str) -> String {
    f::role(role).map_or_else(|| role.to_owned(), |word| lang.t(word).to_owned())
}

fn roles(lang: Lang) -> Field {
    let all = f::ROLES.iter().map(|(role, word)| ((*role).to_owned(), lang.t(*word).to_owned()));
    Field::text("role", a::DUTY).of(Kind::OneOf(all.collect())).with("officer")
}

/// A department to choose; `none`: what no department means.
fn department(view: &dyn LedgerView, lang: Lang, none: w::Word) -> Result<Field, CliError> {
    let rows = view.select(&Rows::all(&DEPARTMENT))?;
    let mut all = vec![(String::new(), lang.t(none).to_owned())];
    all.extend(rows.iter().map(|row| {
        (row.text("id").to_owned(), format!("{} {}", row.text("id"), row.text("name")))
    }));
    Ok(Field::text("department", a::DEPARTMENT).of(Kind::OneOf(all)).maybe())
}

fn reason() -> Field {
    Field::text("reason", a::REASON_WHY)
}

fn missing(what: &str) -> CliError {
    let text = format!("{what}: {} {}", w::NOT_FOUND.0, w::NOT_FOUND.1);
    CliError::new(crate::exit::Exit::Missing, text)
}
