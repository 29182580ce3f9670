//! Whose is the recorder in the bay? Whoever confirms it sees first whose its files are and to whom it was handed out, and the
//! screen follows how it goes on.

use super::{drawn, enrolled, escaped, waiting};
use crate::console::Room;
use crate::console::outcome;
use crate::console::signed::Reader;
use crate::console::spoken::word;
use crate::console::wall;
use crate::docking::{Docked, early};
use crate::exit::{CliError, Exit};
use crate::request::{Confirmation, Login, Order, Request};
use axum::Form;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use sealdock_console::Lang;
use sealdock_console::kiosk::{self as view, Follows, Waiting};
use sealdock_console::wall::Bay;
use sealdock_console::words::{self as w, dock as k};
use sealdock_core::command::Secret;
use sealdock_core::desk;
use sealdock_core::id::{BayId, PersonId, RecorderId, SessionId};
use sealdock_core::ports::Registers;
use sealdock_core::registry;
use sealdock_core::says;
use sealdock_core::why::Why;
use sealdock_station::{Progress, Report};
use serde::Deserialize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// So long a refusal may take to come: a slow hash, and the wait behind others who sign.
const REFUSED_WITHIN: Duration = Duration::from_secs(20);

#[derive(Deserialize)]
pub struct Which {
    bay: String,
    recorder: String,
    /// Whoever was asked once more.
    #[serde(default)]
    person: String,
    #[serde(default)]
    said: String,
}

/// Of a recorder that waits: whose its files are, and to whom it was handed out.
#[derive(Default)]
struct Owners {
    carried: Option<(PersonId, String)>,
    issued: Option<(PersonId, String)>,
}

impl Owners {
    fn of(registers: &dyn Registers, one: &Waiting) -> Result<Owners, CliError> {
        let named = |id: PersonId| -> Result<(PersonId, String), CliError> {
            let known = registry::person(registers, &id)?.map(|person| person.name);
            let name = known.map_or_else(|| id.to_string(), |name| format!("{name} {id}"));
            Ok((id, name))
        };
        let recorder: RecorderId = one.recorder.parse()?;
        let carried = one.officer.as_ref().map(|id| id.parse()).transpose()?;
        let mut uses = desk::usages_of(registers, &recorder)?.into_iter();
        let issued = uses.find(|usage| usage.state == "issued").map(|usage| usage.officer);
        Ok(Owners {
            carried: carried.map(named).transpose()?,
            issued: issued.map(named).transpose()?,
        })
    }

    /// What is asked of whoever is somebody else; footage is saved all the same if they say so.
    fn doubt(&self, person: &PersonId) -> Option<Why> {
        let other = |of: &Option<(PersonId, String)>| {
            of.as_ref().filter(|(id, _)| id != person).map(|(_, name)| name.clone())
        };
        match (other(&self.carried), other(&self.issued)) {
            (Some(of), None) => Some(says!(
                "这台记录仪里的文件属于 {of}。仍由您确认？",
                "The files on this recorder belong to {of}. Do you confirm it all the same?"
            )),
            (None, Some(to)) => Some(says!(
                "这台记录仪由 {to} 领用。仍由您确认？",
                "This recorder was handed out to {to}. Do you confirm it all the same?"
            )),
            (Some(of), Some(to)) => Some(says!(
                "这台记录仪由 {to} 领用，里面的文件属于 {of}。仍由您确认？",
                "This recorder was handed out to {to}, and its files belong to {of}. Do you confirm it all the same?"
            )),
            (None, None) => None,
        }
    }
}

fn found(room: &Room, bay: &str, name: &str) -> Option<Waiting> {
    waiting(room).into_iter().find(|one| one.bay == bay && one.name == name)
}

/// Whose is it? A page that looks again finds out by itself that the recorder has gone.
pub async fn ask(reader: Reader, Query(which): Query<Which>) -> Response {
    let said = reader.room.said.take(&which.said).map(|(_, text)| text);
    let (lang, unit) = (reader.lang, reader.room.unit.clone());
    let Which { bay, recorder, person, .. } = which;
    let Some(one) = found(&reader.room, &bay, &recorder) else {
        let one = Waiting { bay, name: recorder.clone(), recorder, officer: None };
        let gone = Some(gone(lang, &one));
        let page = view::Confirm { gone, ..screen(lang, unit, one) };
        return drawn(StatusCode::OK, page.draw());
    };
    let facts = reader.room.aside(move |room| {
        let view = room.open.station.world().ledger.view()?;
        let owners = Owners::of(&*view, &one)?;
        let known = if person.is_empty() { None } else { Some(enrolled(room, &person)?) };
        let doubt = known.as_ref().and_then(|person| owners.doubt(person));
        Ok((one, owners, known.filter(|_| doubt.is_some()), doubt))
    });
    let (one, owners, sure, doubt) = match facts.await {
        Ok(facts) => facts,
        Err(e) => return reader.failed(&e),
    };
    let name = |of: Option<(PersonId, String)>| of.map(|(_, name)| name);
    let mut page = view::Confirm {
        carried: name(owners.carried),
        issued: name(owners.issued),
        doubt: doubt.map(|why| word(lang, why)),
        said,
        ..screen(lang, unit, one)
    };
    if let Some(person) = sure {
        page.person = person.to_string();
    }
    drawn(StatusCode::OK, page.draw())
}

/// Of whose recorder nothing is known.
fn screen(lang: Lang, unit: String, one: Waiting) -> view::Confirm {
    view::Confirm {
        lang,
        unit,
        person: one.officer.clone().unwrap_or_default(),
        one,
        carried: None,
        issued: None,
        doubt: None,
        gone: None,
        said: None,
    }
}

fn gone(lang: Lang, one: &Waiting) -> String {
    format!("{} {}", one.recorder, lang.t(k::HAS_GONE))
}

/// It runs; loaded again this page begins nothing, and says how it goes on.
pub async fn begun_page(reader: Reader, Query(this): Query<Which>) -> Response {
    let (lang, unit) = (reader.lang, reader.room.unit.clone());
    let Which { bay, recorder, .. } = this;
    let (at, of) = (bay.clone(), recorder.clone());
    let follows = reader.room.aside(move |room| follows(room, lang, (&at, &of))).await;
    match follows {
        Ok(follows) => {
            drawn(StatusCode::OK, view::Begun { lang, unit, bay, recorder, follows }.draw())
        }
        Err(e) => reader.failed(&e),
    }
}

/// How the session of what was confirmed there stands.
fn follows(room: &Room, lang: Lang, (bay, recorder): (&str, &str)) -> Result<Follows, CliError> {
    let view = room.open.station.world().ledger.view()?;
    let mut here = room.open.docks.shown().into_iter();
    let here = here.find(|d| d.bay.as_str() == bay && d.recorder.as_str() == recorder);
    let Some(docked) = here else {
        let missed = early::missed(&room.open, &*view)?;
        let said = missed.iter().find(|one| one.recorder.as_str() == recorder);
        return Ok(match said.map(|one| early::sentence(&*view, one)).transpose()? {
            Some(why) => Follows { good: Some(false), text: word(lang, why) },
            None => Follows { good: None, text: lang.t(w::BEGUN_WHAT).to_owned() },
        });
    };
    let report = room.open.hub.running(&docked.bay, &docked.recorder);
    let tile = wall::tile(&docked, report.as_ref());
    let text = |word: w::Word| lang.t(word).to_owned();
    Ok(match tile.state {
        Bay::Done => Follows { good: Some(true), text: text(done(&*view, &docked)?) },
        Bay::Decide | Bay::Fault => {
            let what = wall::what(&*view, &docked)?.map(|why| word(lang, why));
            let call = if tile.state == Bay::Decide { k::DO_NOT_TAKE } else { w::DO_AGAIN };
            let what = what.unwrap_or_default();
            let text = format!("{what}{} {}", lang.t(w::STOP), lang.t(call));
            Follows { good: Some(false), text }
        }
        Bay::Confirm => Follows { good: Some(false), text: text(w::DO_CONFIRM) },
        state => {
            let step = lang.t(state.word());
            let clips = lang.t(w::CLIPS);
            let far = match tile.lines {
                0 => step.to_owned(),
                all => format!("{step} {} / {all} {clips}", tile.lines_done.min(all)),
            };
            Follows {
                good: None,
                text: format!("{far}{} {}", lang.t(w::STOP), lang.t(w::BEGUN_WHAT)),
            }
        }
    })
}

/// Did this docking end a use?
fn done(registers: &dyn Registers, docked: &Docked) -> Result<w::Word, CliError> {
    let session = outcome::newest(registers, docked.recorder.as_str())?;
    let session = session.map(|row| SessionId(registry::seq(&row)));
    let mut uses = desk::usages_of(registers, &docked.recorder)?.into_iter();
    let ended = session.is_some() && uses.any(|usage| usage.docked == session);
    Ok(if ended { k::DONE_RETURNED } else { k::ALL_DONE })
}

#[derive(Deserialize)]
pub struct Mine {
    bay: String,
    recorder: String,
    person: String,
    pin: String,
    /// Asked once more, they said so.
    #[serde(default)]
    sure: String,
}

/// Begins the docking; leads on once it runs, or back with the reason why not. Whoever is somebody else than the files and the
/// archive speak of is asked once more, before any PIN is compared.
pub async fn confirm(reader: Reader, Form(this): Form<Mine>) -> Response {
    let Some(one) = found(&reader.room, &this.bay, &this.recorder) else {
        let one = Waiting {
            bay: this.bay,
            name: this.recorder.clone(),
            recorder: this.recorder,
            officer: None,
        };
        let text = gone(reader.lang, &one);
        return reader.off_to("/kiosk/done", (false, text));
    };
    let at = |page: &str, name: &str, person: &str| {
        let person = match person {
            "" => String::new(),
            person => format!("&person={}", escaped(person)),
        };
        format!("/kiosk/{page}?bay={}&recorder={}{person}", escaped(&one.bay), escaped(name))
    };
    let (asked, typed) = (one.clone(), this.person.clone());
    let doubt = reader.room.aside(move |room| {
        let view = room.open.station.world().ledger.view()?;
        Ok(Owners::of(&*view, &asked)?.doubt(&enrolled(room, &typed)?))
    });
    let back = match doubt.await {
        Ok(Some(_)) if this.sure.is_empty() => {
            return Redirect::to(&at("confirm", &one.name, &this.person)).into_response();
        }
        Ok(Some(_)) => at("confirm", &one.name, &this.person),
        Ok(None) => at("confirm", &one.name, ""),
        Err(e) => return reader.off_with(&at("confirm", &one.name, ""), &e),
    };
    match begun(&reader.room, this).await {
        Ok(()) => Redirect::to(&at("begun", &one.recorder, "")).into_response(),
        Err(e) => reader.off_with(&back, &e),
    }
}

/// Hears that this very docking has begun, which it does after the PIN was compared.
#[derive(Default)]
struct Begun(AtomicBool);

impl Progress for Begun {
    fn report(&self, _: &Report) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// A docking may last an hour; whoever confirmed it does not wait for its end.
async fn begun(room: &Arc<Room>, this: Mine) -> Result<(), CliError> {
    let bay: BayId = this.bay.parse()?;
    let person = enrolled(room, &this.person)?;
    let login = Login { person: person.clone(), pin: Secret(this.pin) };
    let confirmation = Confirmation { bay, recorder: this.recorder, officer: Some(person) };
    let order = Order { login: Some(login), request: Request::SessionConfirm(confirmation) };
    // Given back once it runs or is refused: a docking may last an hour.
    let _turn = room.pins.acquire().await;
    let heard = Arc::new(Begun::default());
    let (docking, hears) = (room.clone(), Arc::clone(&heard));
    let asked = move |room: &Arc<Room>| room.ask_heard(order, hears);
    let mut docking = tokio::spawn(async move { docking.aside(asked).await });
    let runs = async {
        while !heard.0.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::select! {
        ended = &mut docking => match ended {
            Ok(answer) => answer.map(drop),
            Err(e) => Err(CliError::both(
                Exit::Failed,
                "采集没有办成，请看墙上的情况",
                format!("the docking failed: {e}; see the wall"),
            )),
        },
        () = runs => Ok(()),
        () = tokio::time::sleep(REFUSED_WITHIN) => {
            Err(CliError::both(Exit::Busy, "采集站正忙，请看墙上的情况", "the station is busy; look at the wall before you try again"))
        }
    }
}
