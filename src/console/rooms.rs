//! Rooms made of tables and forms: cases, keeping, disposal, spot checks, copies, registers, clips that are looked for. Each
//! asks what the command line asks and sends what it could send; whether a form is offered is asked of the very rule that
//! decides on it.

/// Asking to view.
mod asks;
/// A month and a day of clips.
mod calendar;
/// Cases, their steps and clips.
mod cases;
/// Spot checks.
mod checks;
/// What stands on a clip's page about keeping and cases.
pub mod clip;
/// Copies for others, from application to package.
mod copies;
/// What is due, planned, approved, gone.
mod disposal;
/// Head, checks, drills, copies, keys.
mod evidence;
/// What takes long to count.
pub mod figures;
/// Long-term keeping.
mod holds;
/// What takes longer than a browser waits.
pub mod jobs;
/// Where a package may be put.
mod outlets;
/// Registers and statistics.
mod registers;
/// Clerks' shifts.
mod shifts;
/// A sheet in the words of a page.
mod worded;

pub use cases::break_word;

use super::Room;
use super::deeds::Teller;
use super::guard::page as drawn;
use super::signed::{Reader, Told};
use crate::console::spoken::{came_to, in_lang, word};
use crate::exit::{CliError, Exit};
use crate::request::{Login, Order, Request};
use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use figures::{Counted, Wanted};
use jobs::{Came, Job};
use sealdock_console::rooms::{Block, Cell};
use sealdock_console::words::{self as w, Word, rooms as r};
use sealdock_console::{Lang, rooms as view, show};
use sealdock_core::actor::{ActorRecord, Role};
use sealdock_core::command::Secret;
use sealdock_core::duty::{self, Held};
use sealdock_core::event::Event;
use sealdock_core::id::{ClipId, PersonId};
use sealdock_core::objection;
use sealdock_core::ports::{LedgerView, Registers};
use sealdock_core::says;
use sealdock_core::schema::CLIP;
use sealdock_core::table::{Query, Row};
use sealdock_core::time::{Stamp, WallMs, Zone};
use sealdock_core::why::Why;
use sealdock_station::{Progress, Unheard};
use serde_json::Value;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub use checks::classes;
pub use registers::{Shown, departments};

/// All of their addresses.
pub fn routes() -> Router<Arc<Room>> {
    Router::new()
        .merge(disposal::routes())
        .merge(holds::routes())
        .merge(checks::routes())
        .merge(cases::routes())
        .merge(copies::routes())
        .merge(asks::routes())
        .merge(registers::routes())
        .merge(calendar::routes())
        .merge(clip::routes())
        .merge(evidence::routes())
        .merge(shifts::routes())
}

/// Fields of a form, as they were sent; one name may come several times.
pub struct Fields(pub Vec<(String, String)>);

impl Fields {
    /// What was filled in, without spaces around it; empty where nothing was.
    pub fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.trim())
    }

    pub fn given(&self, name: &str) -> Option<&str> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// Every value of this name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// Something that is written as such things are.
    ///
    /// # Errors
    /// It is not.
    pub fn parse<T: std::str::FromStr>(&self, name: &str) -> Result<T, CliError>
    where
        CliError: From<T::Err>,
    {
        Ok(self.text(name).parse()?)
    }

    /// Numbers of clips with anything but letters and digits between.
    ///
    /// # Errors
    /// One is none.
    pub fn clips(&self, name: &str) -> Result<Vec<ClipId>, CliError> {
        let words = self.text(name).split(|c: char| !c.is_alphanumeric());
        words.filter(|word| !word.is_empty()).map(|word| Ok(word.parse()?)).collect()
    }
}

/// The registers at one moment, and who looks at them.
pub struct Scene<'a> {
    pub room: &'a Arc<Room>,
    pub view: Box<dyn LedgerView + 'a>,
    pub lang: Lang,
    pub me: PersonId,
    /// Reads every register.
    pub all: bool,
    pub held: Vec<Held>,
    pub at: Stamp,
    pub zone: Zone,
    begun: Instant,
}

/// A record with this many entries is counted aside.
const LARGE: u64 = 50_000;
/// A page waits so long for figures of a small record, and of a large one.
const WAITS: [Duration; 2] = [Duration::from_secs(30), Duration::from_millis(40)];
/// Figures of a large record are shown so long before they are counted anew: ingest needs the processor more.
const AGE_MAX: Duration = Duration::from_secs(60);

impl Scene<'_> {
    pub fn t(&self, word: Word) -> &'static str {
        self.lang.t(word)
    }

    pub fn own(&self, word: Word) -> String {
        self.t(word).to_owned()
    }

    pub fn holds(&self, role: Role) -> bool {
        self.held.iter().any(|held| held.role == role)
    }

    /// As the chain names whoever looks.
    pub fn actor(&self) -> ActorRecord {
        ActorRecord::Person { id: self.me.clone() }
    }

    /// Would the rules take this from whoever looks, now? They are asked again when it is sent.
    ///
    /// # Errors
    /// The registers cannot be read.
    pub fn may(&self, event: &Event) -> Result<bool, CliError> {
        Ok(objection::concerns(event) && self.against(event)?.is_none())
    }

    /// What the rules have against it.
    ///
    /// # Errors
    /// The registers cannot be read.
    pub fn against(&self, event: &Event) -> Result<Option<Why>, CliError> {
        Ok(objection::objection(&*self.view, &self.at, &self.actor(), event)?)
    }

    /// Somebody else has done it meanwhile; how it stands now.
    pub fn meanwhile(&self, stands: &str) -> CliError {
        let text = format!("{}{}{stands}", self.t(r::MEANWHILE), self.t(r::COLON));
        CliError::said(Exit::Refused, text)
    }

    pub fn civil(&self, text: &str) -> String {
        WallMs::parse(text).map_or_else(|| text.to_owned(), |at| self.zone.civil(at))
    }

    /// A time of a row; empty where there is none.
    pub fn time(&self, row: &Row, column: &str) -> String {
        row.text_opt(column).map_or_else(String::new, |text| self.civil(text))
    }

    /// A time of an answer.
    pub fn when(&self, json: &Value, key: &str) -> String {
        super::desk::civil(self.zone, json, key)
    }

    /// Registers say `person a1`; people say their name.
    ///
    /// # Errors
    /// The registers cannot be read.
    pub fn named(&self, actor: &str) -> Result<String, CliError> {
        named((&*self.view, self.lang), actor)
    }

    /// Whoever tells entries on this page.
    pub fn teller(&self) -> Teller<'_> {
        Teller { registers: &*self.view, zone: self.zone, lang: self.lang }
    }

    /// How figures over the whole record are asked for.
    ///
    /// # Errors
    /// The registers cannot be read.
    pub fn wanted(&self) -> Result<Wanted, CliError> {
        let size = self.view.head()?.checkpoint().size;
        let newest = Query::all(&CLIP).only(&["seq"]).newest_first().limit(1);
        let newest = self.view.select(&newest)?.first().map_or(0, sealdock_core::registry::seq);
        let large = newest.max(size) >= LARGE;
        let age_max = if large { AGE_MAX } else { Duration::ZERO };
        Ok(Wanted { size, until: self.begun + WAITS[usize::from(large)], age_max })
    }

    /// When figures were counted and what came since; nothing where they are of now.
    pub fn counted<T>(&self, counted: &Counted<T>, wanted: Wanted) -> Option<Block> {
        let age = i64::try_from(counted.at.elapsed().as_millis()).unwrap_or(i64::MAX);
        let old = counted.size != wanted.size || counted.at.elapsed() >= AGE_MAX;
        old.then(|| {
            let at = self.zone.civil(self.at.wall.plus_ms(-age));
            let [then, now] = [counted.size, wanted.size].map(show::grouped);
            let words = [r::COUNTED_AT, r::COUNTED_THEN, r::COUNTED_NOW, r::COUNTED_ANEW];
            let [counted_at, had, has, anew] = words.map(|word| self.t(word));
            Block::Note(format!("{counted_at} {at}{had} {then}{has} {now}{anew}"))
        })
    }

    /// The way to what follows on a list.
    pub fn goes_on(&self, to: String) -> Block {
        Block::Links(vec![(to, self.own(w::MORE))])
    }

    /// Figures that are being counted; the page looks again.
    pub fn being_counted(&self) -> Block {
        Block::Running(self.own(r::BEING_COUNTED))
    }

    pub fn read(&self, request: Request) -> Result<Value, CliError> {
        Ok(self.room.read(request)?.json)
    }

    /// Refuses what is none of whoever reads only their own.
    ///
    /// # Errors
    /// A clip is somebody else's, or there is none.
    pub fn own_clips(&self, clips: &[ClipId]) -> Result<(), CliError> {
        for clip in clips.iter().filter(|_| !self.all) {
            let row =
                sealdock_core::registry::by_seq(&*self.view, &sealdock_core::schema::CLIP, clip.0)?;
            if row.is_none_or(|row| row.text_opt("officer") != Some(self.me.as_str())) {
                return Err(CliError::new(Exit::Missing, self.t(w::NOT_FOUND)));
            }
        }
        Ok(())
    }

    /// Names of values, in the language of the page: for a choice.
    pub fn options(&self, of: &[(&str, Word)]) -> Vec<(String, String)> {
        of.iter().map(|(value, word)| ((*value).to_owned(), self.own(*word))).collect()
    }

    /// The same with nothing chosen at first.
    pub fn to_choose(&self, of: &[(&str, Word)]) -> Vec<(String, String)> {
        let none = (String::new(), self.own(r::CHOOSE));
        std::iter::once(none).chain(self.options(of)).collect()
    }
}

/// The word for a value of a register; the value itself where this version knows none.
pub fn word_of(lang: Lang, of: &[(&str, Word)], value: &str) -> String {
    let known = of.iter().find(|(known, _)| *known == value);
    known.map_or_else(|| value.to_owned(), |(_, word)| lang.t(*word).to_owned())
}

/// A link to a clip.
pub fn clip_link(clip: impl std::fmt::Display) -> Cell {
    Cell::Link(format!("/clips/{clip}"), clip.to_string())
}

/// A person as people say it, with the number that the registers have.
///
/// # Errors
/// The registers cannot be read.
pub fn by_name(registers: &dyn Registers, id: &PersonId) -> Result<String, CliError> {
    let known = sealdock_core::registry::person(registers, id)?;
    Ok(known.map_or_else(|| id.to_string(), |known| format!("{} {id}", known.name)))
}

/// The same of what a register or an answer has: nothing, or a number.
///
/// # Errors
/// The registers cannot be read.
pub fn known(registers: &dyn Registers, id: &str) -> Result<String, CliError> {
    id.parse().map_or_else(|_| Ok(id.to_owned()), |id| by_name(registers, &id))
}

/// Registers say `person a1`; people say their name.
///
/// # Errors
/// The registers cannot be read.
pub fn named((registers, lang): (&dyn Registers, Lang), actor: &str) -> Result<String, CliError> {
    let clerk = || actor.strip_prefix("shift ")?.split_once(" of ").map(|(_, clerk)| clerk);
    let id = actor.strip_prefix("person ").or_else(clerk).unwrap_or(actor);
    let known = match id.parse::<PersonId>() {
        Ok(person) => sealdock_core::registry::person(registers, &person)?,
        Err(_) => None,
    };
    Ok(match known {
        Some(known) => format!("{} {id}", known.name),
        None if actor == "system" => lang.t(w::BY_STATION).to_owned(),
        None if actor.starts_with("operator ") => lang.t(w::BY_OPERATOR).to_owned(),
        None => actor.to_owned(),
    })
}

/// Where a list goes on.
#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub struct Since {
    pub after: String,
    pub said: String,
}

/// What stands on a page besides its blocks.
pub struct Head {
    pub title: String,
    pub beside: Vec<(String, String)>,
    /// Of what a form came to.
    pub told: String,
    /// Shows what of this goes on or came to an end.
    pub job: Option<String>,
}

impl Head {
    pub fn new(title: impl Into<String>, told: &Told) -> Head {
        Head { title: title.into(), beside: Vec::new(), told: told.said.clone(), job: None }
    }
}

/// Draws a page whose blocks are found in a thread where reading holds nobody up.
pub async fn shown(
    reader: Reader,
    head: Head,
    find: impl FnOnce(&Scene) -> Result<Vec<Block>, CliError> + Send + 'static,
) -> Response {
    let Some((me, of)) = reader.me.clone() else {
        return reader.said(StatusCode::FORBIDDEN, w::REFUSED, reader.lang.t(w::SIGNED_OUT));
    };
    let lang = reader.lang;
    let job = head.job.and_then(|key| reader.room.jobs.of(&key));
    let found = reader.room.aside(move |room| {
        let scene = scene(room, lang, me, of.reads_all)?;
        let mut blocks: Vec<Block> = job.iter().map(|job| job_block(&scene, job)).collect();
        blocks.extend(find(&scene)?);
        Ok(blocks)
    });
    match found.await {
        Ok(blocks) => {
            let said = reader.room.said.take(&head.told);
            let (title, beside) = (head.title, head.beside);
            drawn(
                StatusCode::OK,
                view::Room { frame: reader.frame(), title, beside, said, blocks }.draw(),
            )
        }
        Err(e) if e.exit == Exit::Missing => {
            reader.said(StatusCode::NOT_FOUND, w::NOT_FOUND, "404")
        }
        Err(e) => reader.failed(&e),
    }
}

/// Who looks, at what.
///
/// # Errors
/// The registers cannot be read.
pub fn scene(room: &Arc<Room>, lang: Lang, me: PersonId, all: bool) -> Result<Scene<'_>, CliError> {
    let begun = Instant::now();
    let view = room.open.station.world().ledger.view()?;
    let at = room.open.station.world().clock.now();
    let held = duty::duties(&*view, &me, at.wall)?;
    let zone = crate::execute::zone(&room.open)?;
    Ok(Scene { room, view, lang, me, all, held, at, zone, begun })
}

fn job_block(scene: &Scene, job: &Job) -> Block {
    match &job.ended {
        Some(Ok(said)) => Block::Notice(true, word(scene.lang, said)),
        Some(Err(e)) => Block::Notice(false, in_lang(scene.lang, e)),
        None => {
            let since = show::duration(job.begun.elapsed().as_secs(), scene.lang);
            let done = job.carried.map_or_else(String::new, |carried| {
                let (done, of) = (show::bytes(carried.done), show::bytes(carried.of));
                format!("; {}: {done} / {of}", scene.t(r::CARRIED_SO_FAR))
            });
            Block::Running(format!("{} {since}{done}", scene.t(r::GOES_ON)))
        }
    }
}

/// What a form asks of the station, in order; each request is sent only if the one before was done.
pub type Asks = Result<Vec<Request>, CliError>;

/// Sends it as whoever is signed in, with the PIN of the form, and leads to the page that says what came of it.
pub async fn sign(
    reader: Reader,
    fields: Fields,
    back: String,
    asks: impl FnOnce(&Scene, &Fields) -> Asks + Send + 'static,
) -> Response {
    let Some((me, of)) = reader.me.clone().filter(|_| reader.wrote(fields.text("token"))) else {
        return reader.said(StatusCode::FORBIDDEN, w::REFUSED, reader.lang.t(w::SIGNED_OUT));
    };
    let turn = reader.room.pins.clone().acquire_owned().await;
    let lang = reader.lang;
    let done = reader.room.aside(move |room| {
        let _turn = turn;
        let scene = scene(room, lang, me.clone(), of.reads_all)?;
        let requests = asks(&scene, &fields)?;
        drop(scene);
        ask_all((room, Arc::new(Unheard)), (&me, &fields), requests)
    });
    match done.await {
        Ok(said) => reader.off_to(&back, (true, word(reader.lang, &said))),
        Err(e) => reader.off_with(&back, &e),
    }
}

/// The same for what may take longer than a browser waits: it goes on without it, and the page says so.
pub async fn sign_slowly(
    reader: Reader,
    fields: Fields,
    (key, back): (String, String),
    asks: impl FnOnce(&Scene, &Fields) -> Asks + Send + 'static,
) -> Response {
    let Some((me, of)) = reader.me.clone().filter(|_| reader.wrote(fields.text("token"))) else {
        return reader.said(StatusCode::FORBIDDEN, w::REFUSED, reader.lang.t(w::SIGNED_OUT));
    };
    let turn = reader.room.pins.clone().acquire_owned().await;
    let lang = reader.lang;
    let login = (me.clone(), Secret(fields.text("pin").to_owned()));
    let ready = reader.room.aside(move |room| {
        let _turn = turn;
        // Compared before anything is begun, so that a wrong PIN is said at once.
        room.prove(&login.0, &login.1.0)?;
        let scene = scene(room, lang, login.0, of.reads_all)?;
        Ok((asks(&scene, &fields)?, fields))
    });
    let (requests, fields) = match ready.await {
        Ok(ready) => ready,
        Err(e) => return reader.off_with(&back, &e),
    };
    let to = key.clone();
    let work = move |room: &Arc<Room>| {
        let told = Arc::new(jobs::Telling { room: Arc::clone(room), key: to });
        ask_all((room, told), (&me, &fields), requests)
    };
    jobs::run(&reader, (key, back), work).await
}

fn ask_all(
    (room, told): (&Arc<Room>, Arc<dyn Progress>),
    (me, fields): (&PersonId, &Fields),
    requests: Vec<Request>,
) -> Came {
    let mut said = Vec::new();
    for request in requests {
        let pin = Secret(fields.text("pin").to_owned());
        let login = Some(Login { person: me.clone(), pin });
        let order = Order { login, request };
        said.push(came_of(room, &room.ask_heard(order, Arc::clone(&told))?.json)?);
    }
    let [chinese, english] =
        Lang::ALL.map(|lang| said.iter().map(|one| word(lang, one)).collect::<Vec<_>>().join(" "));
    Ok(says!("{chinese}", "{english}"))
}

/// What came of a request, from its facts: whoever reads the page later may read it in the other language.
fn came_of(room: &Room, json: &Value) -> Came {
    if !json["entered"].is_null() {
        return evidence::checked_in_words(room, json);
    }
    let (chinese, english) = (came_of_in(room, Lang::Zh, json)?, came_of_in(room, Lang::En, json)?);
    Ok(says!("{chinese}", "{english}"))
}

fn came_of_in(room: &Room, lang: Lang, json: &Value) -> Result<String, CliError> {
    use super::desk::{list, number, text};
    if !list(json, "entries").is_empty() {
        return came_to(room, lang, &json["entries"]);
    }
    // An order that was carried out at once: what it came to stands in its session.
    if let Some(session) = json["order"].is_object().then(|| text(json, "session")) {
        let session: sealdock_core::id::SessionId = session.parse()?;
        let came = super::desk::session::came_to(room, session.0)?;
        let ordered = came_to(room, lang, &json["order"]["entries"])?;
        return Ok(format!("{ordered} {session}{}{}", lang.t(r::COLON), word(lang, came)));
    }
    if !json["disposed"].is_null() {
        return Ok(disposal::run_in_words(lang, json));
    }
    if !json["package"].is_null() {
        let (copy, done) = (number(json, "copy"), number(json, "completed"));
        let (to, digest) = (text(json, "to"), text(json, "package"));
        return Ok(match lang {
            Lang::Zh => format!(
                "已做成出证包：{} {to}；{} {digest}。记录第 {copy}、{done} 条",
                r::PACKAGE_AT.0,
                r::PACKAGE_DIGEST.0
            ),
            Lang::En => format!(
                "the package is made: {} {to}; {} {digest}. Entries {copy}, {done}",
                r::PACKAGE_AT.1,
                r::PACKAGE_DIGEST.1
            ),
        });
    }
    Ok(String::new())
}

/// A command of the core, as its published form reads.
pub fn command(room: &str, mut command: Value) -> Request {
    command["command"] = Value::from(room);
    Request::Apply { command }
}

/// A page for a browser that names nothing that is there.
pub fn nothing(reader: &Reader) -> Response {
    reader.said(StatusCode::NOT_FOUND, w::NOT_FOUND, "404")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(of: &[(&str, &str)]) -> Fields {
        Fields(of.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect())
    }

    #[test]
    fn clips_are_read_however_they_are_set_apart_and_nothing_else_is_one() {
        let clips = |text: &str| fields(&[("clips", text)]).clips("clips");
        assert_eq!(clips(" C12, C13\nC14；C15 ").unwrap().len(), 4);
        assert_eq!(clips("").unwrap(), []);
        for bad in ["C12 x", "12", "C", "C-1", "=C12+1 2", "C99999999999999999999"] {
            assert!(clips(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_field_that_comes_twice_is_read_by_its_first_value_and_a_tick_by_all() {
        let of = fields(&[("pin", " 1 "), ("pin", "2"), ("clip", "C1"), ("clip", "C2")]);
        assert_eq!(of.text("pin"), "1");
        assert_eq!(of.all("clip").collect::<Vec<_>>(), ["C1", "C2"]);
        assert_eq!((of.given("none"), of.text("none")), (None, ""));
    }
}
