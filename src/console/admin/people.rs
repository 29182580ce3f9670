//! People: who there is, one person with their duties and PIN, departments.

use super::{
    SHOWN, Shown, Wanted, department, fits, missing, page, passkeys, reason, role_word, roles,
};
use crate::console::Room;
use crate::console::desk::{list as all, text};
use crate::console::signed::{Office, Oneself};
use crate::exit::CliError;
use crate::request::{DeskAsk, Request};
use axum::extract::{Path, Query};
use axum::response::Response;
use sealdock_console::Lang;
use sealdock_console::admin::{Act, Field, Kind, Row, Table};
use sealdock_console::words::{self as w, admin as a};
use sealdock_core::desk;
use sealdock_core::duty;
use sealdock_core::id::PersonId;
use sealdock_core::ports::LedgerView;
use sealdock_core::table::Query as Rows;
use serde_json::Value;

fn pin_word(from: &str) -> w::Word {
    match from {
        "own" => a::PIN_OWN,
        "set-up" => a::PIN_SET_UP,
        "other" => a::PIN_OTHER,
        _ => a::PIN_NONE,
    }
}

/// How a person stands, in one line.
fn stands(view: &dyn LedgerView, lang: Lang, row: &Value) -> Result<String, CliError> {
    let id: PersonId = text(row, "id").parse()?;
    let mut said = vec![lang.t(pin_word(&text(row, "pin_from")))];
    if duty::locked(view, &id)?.is_some() {
        said.push(lang.t(a::LOCKED));
    }
    if !row["retired_seq"].is_null() {
        said = vec![lang.t(a::RETIRED)];
    }
    Ok(said.join("，"))
}

fn new_pins(word: w::Word) -> [Field; 2] {
    [("new_pin", word), ("again", a::AGAIN)]
        .map(|(name, label)| Field::text(name, label).of(Kind::Pin))
}

/// Everybody who fits.
pub async fn list(Office(reader): Office, Query(wanted): Query<Wanted>) -> Response {
    let Wanted { find, said } = wanted;
    page(reader, said, move |room, lang| {
        let json = room.read(Request::PersonList)?.json;
        let view = room.open.station.world().ledger.view()?;
        let mut rows = Vec::new();
        for person in all(&json, "people") {
            if rows.len() == SHOWN {
                break;
            }
            let id = text(person, "id");
            let cells = vec![
                id.clone(),
                text(person, "name"),
                role_word(lang, &text(person, "role")),
                text(person, "department"),
                stands(&*view, lang, person)?,
            ];
            if fits(&find, &cells) {
                rows.push(Row { href: Some(format!("/people/{id}")), cells });
            }
        }
        let heads = vec![a::NUMBER, a::PERSON_NAME, a::DUTY, a::DEPARTMENT, a::PIN_STATE];
        let [pin, again] = new_pins(a::NEW_PIN_MAYBE).map(Field::maybe);
        let fields = vec![
            Field::text("id", a::NUMBER),
            Field::text("name", a::PERSON_NAME),
            roles(lang),
            department(&*view, lang, a::NO_DEPARTMENT)?,
            pin,
            again,
        ];
        Ok(Shown {
            sections: Vec::new(),
            title: lang.t(a::PEOPLE).into(),
            here: "/people".into(),
            up: ("/admin", a::ADMIN),
            facts: Vec::new(),
            find: Some(find),
            tables: vec![Table { title: None, heads, rows, empty: a::NO_PEOPLE }],
            acts: vec![Act::new("enrol-person", a::ENROL_PERSON, fields)],
        })
    })
    .await
}

/// One person.
pub async fn show(
    Office(reader): Office,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Response {
    page(reader, wanted.said, move |room, lang| {
        let json = room.read(Request::PersonList)?.json;
        let people = all(&json, "people");
        let person = people.iter().find(|row| text(row, "id") == id).ok_or_else(|| missing(&id))?;
        let duties = room.read(Request::Desk(DeskAsk::Duties { all: false }))?.json;
        let duties: Vec<&Value> =
            all(&duties, "duties").iter().filter(|row| text(row, "person") == id).collect();
        let retired = !person["retired_seq"].is_null();
        let mut acts = if retired { Vec::new() } else { acts(room, lang, (&id, person, &duties))? };
        let or = |key: &str| text(person, key);
        let facts = vec![
            (a::NUMBER, id.clone()),
            (a::PERSON_NAME, or("name")),
            (a::DEPARTMENT, or("department")),
            (a::CERTIFICATE, or("certificate")),
            (a::PHONE, or("phone")),
            (a::JOINED, or("joined")),
            (a::PIN_STATE, stands(&*room.open.station.world().ledger.view()?, lang, person)?),
        ];
        let row = |row: &&Value| Row { href: None, cells: duty_cells(lang, row) };
        let (keys, key_acts) = passkeys::of(room, lang, (&id.parse()?, false))?;
        // Leaving comes last.
        let leaves = acts.pop();
        let acts = acts.into_iter().chain(key_acts).chain(leaves).collect();
        let table = Table {
            title: Some(a::DUTIES),
            heads: vec![
                a::DUTY_NUMBER,
                a::DUTY,
                a::DEPARTMENT,
                a::SINCE_COLUMN,
                a::UNTIL_COLUMN,
                a::ACTING,
            ],
            rows: duties.iter().map(row).collect(),
            empty: a::PIN_NONE,
        };
        Ok(Shown {
            sections: Vec::new(),
            title: format!("{} {id}", or("name")),
            here: format!("/people/{id}"),
            up: ("/people", a::PEOPLE),
            facts,
            find: None,
            tables: std::iter::once(table).chain(keys).collect(),
            acts,
        })
    })
    .await
}

/// The whole unit, among departments: no id begins with a sign.
pub const WHOLE: &str = "*";

fn duty_id(row: &Value) -> String {
    format!("D{}", text(row, "seq"))
}

fn duty_cells(lang: Lang, row: &Value) -> Vec<String> {
    let over = text(row, "department");
    let over = if over.is_empty() { lang.t(a::WHOLE_UNIT).to_owned() } else { over };
    vec![
        duty_id(row),
        role_word(lang, &text(row, "role")),
        over,
        text(row, "since"),
        text(row, "until"),
        text(row, "acting_for"),
    ]
}

/// Over which department, or the whole unit: chosen, never by leaving it as it stands.
fn scope(view: &dyn sealdock_core::ports::LedgerView, lang: Lang) -> Result<Field, CliError> {
    let field = department(view, lang, a::CHOOSE_SCOPE)?;
    let Kind::OneOf(mut choices) = field.kind.clone() else { return Ok(field) };
    choices.push((WHOLE.to_owned(), lang.t(a::WHOLE_UNIT).to_owned()));
    Ok(Field { needed: true, ..field.of(Kind::OneOf(choices)) })
}

fn acts(
    room: &Room,
    lang: Lang,
    (id, person, duties): (&str, &Value, &[&Value]),
) -> Result<Vec<Act>, CliError> {
    let view = room.open.station.world().ledger.view()?;
    let of: PersonId = id.parse()?;
    let or = |key: &str| text(person, key);
    let mut all = Vec::new();
    if duty::locked(&*view, &of)?.is_some() {
        all.push(Act::new("release-person", a::RELEASE, vec![reason()]).opened());
    }
    let correcting = !person["described_seq"].is_null();
    let why = if correcting { reason() } else { reason().maybe() };
    let described = vec![
        Field::text("name", a::PERSON_NAME).with(or("name")),
        department(&*view, lang, a::NO_DEPARTMENT)?.with(or("department")),
        Field::text("certificate", a::CERTIFICATE).with(or("certificate")).maybe(),
        Field::text("phone", a::PHONE).with(or("phone")).maybe(),
        Field::text("joined", a::JOINED).of(Kind::Day).with(or("joined")).maybe(),
        why,
    ];
    all.push(Act::new("describe-person", a::DESCRIBE, described).under(a::G_RECORD));
    let day = |name, label| Field::text(name, label).of(Kind::Day).maybe();
    let appointed = vec![
        roles(lang),
        scope(&*view, lang)?,
        day("since", a::SINCE),
        day("until", a::UNTIL),
        Field::text("acting_for", a::ACTING_FOR).maybe(),
        reason(),
    ];
    all.push(Act::new("appoint", a::APPOINT, appointed).under(a::G_DUTIES));
    if !duties.is_empty() {
        let which = duties.iter().map(|row| {
            (duty_id(row), format!("{} {}", duty_id(row), role_word(lang, &text(row, "role"))))
        });
        let which = Field::text("duty", a::WHICH_DUTY).of(Kind::OneOf(which.collect()));
        all.push(Act::new("end-duty", a::END_DUTY, vec![which, reason()]));
    }
    let [pin, again] = new_pins(a::NEW_PIN);
    let given = Act::new("set-pin", a::GIVE_PIN, vec![pin, again, reason()]).under(a::G_PIN);
    all.push(given.saying(lang.t(a::GIVE_PIN_WHY).to_owned()));
    let retired = Act::new("retire-person", a::RETIRE_PERSON, vec![reason()]).under(a::G_OUT);
    all.push(retired.saying(leaving(&*view, lang, (&of, duties.len()))?));
    Ok(all.into_iter().map(|act| act.about("id", id)).collect())
}

/// What ends with a person, counted.
fn leaving(
    view: &dyn sealdock_core::ports::LedgerView,
    lang: Lang,
    (of, duties): (&PersonId, usize),
) -> Result<String, CliError> {
    let designated = view.select(&Rows::all(&desk::DESIGNATION).with("officer", of.as_str()))?;
    let designated = designated.iter().filter(|row| row.int_opt("ended_seq").is_none()).count();
    let out = desk::out(view)?.into_iter().filter(|usage| usage.officer == *of).count();
    Ok(format!("{} {duties} · {designated} · {out}", lang.t(a::RETIRE_PERSON_WHY)))
}

/// Departments and their names.
pub async fn departments(Office(reader): Office, Query(wanted): Query<Wanted>) -> Response {
    page(reader, wanted.said, move |room, lang| {
        let json = room.read(Request::Desk(DeskAsk::Departments))?.json;
        let cells = |row: &Value| vec![text(row, "id"), text(row, "name")];
        let rows: Vec<Row> = all(&json, "departments")
            .iter()
            .map(|row| Row { href: None, cells: cells(row) })
            .collect();
        let named = || vec![Field::text("id", a::NUMBER), Field::text("name", w::NAME)];
        let mut acts = vec![Act::new("add-department", a::ADD_DEPARTMENT, named())];
        if !rows.is_empty() {
            let which = rows.iter().map(|row| (row.cells[0].clone(), row.cells.join(" ")));
            let which = Field::text("id", a::NUMBER).of(Kind::OneOf(which.collect()));
            let fields = vec![which, Field::text("name", w::NAME), reason()];
            acts.push(Act::new("rename-department", a::RENAME, fields));
        }
        let heads = vec![a::NUMBER, w::NAME];
        Ok(Shown {
            sections: Vec::new(),
            title: lang.t(a::DEPARTMENTS).into(),
            here: "/departments".into(),
            up: ("/admin", a::ADMIN),
            facts: Vec::new(),
            find: None,
            tables: vec![Table { title: None, heads, rows, empty: a::NO_DEPARTMENTS }],
            acts,
        })
    })
    .await
}

/// Everybody changes their own.
pub async fn own_pin(Oneself { reader, bare }: Oneself, Query(wanted): Query<Wanted>) -> Response {
    let name = reader.me.as_ref().map(|(_, me)| me.name.clone()).unwrap_or_default();
    let Some((me, _)) = reader.me.clone() else { return reader.failed(&missing("")) };
    page(reader, wanted.said, move |room, lang| {
        let fields = new_pins(a::NEW_PIN_OWN).into();
        let (keys, mut acts) = passkeys::of(room, lang, (&me, true))?;
        let own_pin = Act::new("own-pin", a::MY_PIN, fields);
        match bare && !is_lent(room, &me)? {
            // The first passkey, before anything else.
            true => {
                let why = || lang.t(w::passkey::FIRST).to_owned();
                acts = acts.into_iter().map(|act| act.saying(why()).opened()).collect();
                acts.push(own_pin);
            }
            false => acts.insert(0, own_pin.opened()),
        }
        let everywhere = Act::new("end-sessions", a::END_SESSIONS, Vec::new())
            .saying(lang.t(a::END_SESSIONS_WHY).to_owned());
        acts.push(everywhere);
        Ok(Shown {
            sections: Vec::new(),
            title: format!("{} · {name}", lang.t(a::MY_ACCOUNT)),
            here: "/pin".into(),
            up: ("/desk", w::DESK),
            facts: sessions(room, lang, &me),
            find: None,
            tables: keys.into_iter().collect(),
            acts,
        })
    })
    .await
}

/// Somebody else knows their PIN; nothing is done with it but choosing another.
fn is_lent(room: &Room, person: &PersonId) -> Result<bool, CliError> {
    let view = room.open.station.world().ledger.view()?;
    Ok(matches!(duty::pin_giver(&*view, person)?, Some(duty::PinGiver::Other(_))))
}

/// One's own sessions at the desk, the newest first.
fn sessions(room: &Room, lang: Lang, of: &PersonId) -> Vec<(w::Word, String)> {
    let now = std::time::Instant::now();
    let all = room.signed.of_person(of, now);
    let ago = |(begun, last): (std::time::Duration, std::time::Duration)| {
        let [begun, last] = [begun, last].map(|time| time.as_secs() / 60);
        let begun = match begun {
            0 => lang.t(a::JUST_NOW).to_owned(),
            minutes => format!("{minutes} {}", lang.t(a::MINUTES_AGO)),
        };
        match last {
            0 => begun,
            minutes => {
                let (comma, used) = (lang.t(w::rooms::COMMA), lang.t(a::LAST_USED));
                format!("{begun}{comma}{used} {minutes} {}", lang.t(a::MINUTES))
            }
        }
    };
    let several = all.len() > 1;
    let named = |n: usize| if several { format!("{n} · ") } else { String::new() };
    let said = all.into_iter().enumerate();
    said.map(|(n, times)| (a::MY_SESSION, named(n + 1) + &ago(times))).collect()
}
