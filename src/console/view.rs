//! Footage in the console. A viewing is opened with the PIN once more, which writes its entry before anything is read;
//! then pieces of two seconds leave, each asked for anew, each with its mark burnt in. `docs/design/viewing.md`.

/// Who makes the pictures.
mod maker;
/// Every route, asked by everybody in every state.
#[cfg(test)]
mod matrix;
/// Viewings that go on.
mod opened;
/// What leaves: pieces, photographs, small pictures.
mod pieces;

pub use maker::VERB as VIEW_VERB;
pub use opened::{Views, keep_watch};

use super::Room;
use super::guard::{Plays, page as drawn};
use super::signed::{Desk, Reader, Told};
use crate::console::spoken::{in_lang, why_in};
use crate::exit::CliError;
use axum::extract::{Path, Query as Address};
use axum::http::StatusCode;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use futures_util::stream;
use opened::{Opened, Stage};
use sealdock_chain::Digest;
use sealdock_console::words as w;
use sealdock_console::{Lang, view as page};
use sealdock_core::access::{self, Ground, Viewer};
use sealdock_core::id::{AccessId, ClipId, PersonId};
use sealdock_core::says;
use sealdock_probe::view::Kind;
use sealdock_station::viewing::Wish;
use serde::Deserialize;
use serde_json::json;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

/// Playing time of one piece.
pub const PIECE_MS: u64 = 2000;
/// Small pictures of one clip.
pub const THUMBNAILS: u64 = 8;
/// A page that has heard nothing for a while asks anew.
const BEAT: Duration = Duration::from_secs(2);

/// The rooms of this part.
pub fn routes() -> Router<Arc<Room>> {
    Router::new()
        .route("/view", get(mine))
        .route("/view/{clip}", get(ask).post(open))
        .route("/view/{clip}/{entry}", get(watch))
        .route("/view/{clip}/{entry}/live", get(live).head(pieces::refuse))
        .route("/view/{clip}/{entry}/end", post(end))
        .route("/view/{clip}/{entry}/piece/{n}", get(pieces::piece).head(pieces::refuse))
        .route("/view/{clip}/{entry}/thumb/{n}", get(pieces::thumb).head(pieces::refuse))
}

/// Approvals that are looked at for one page.
const GRANTED: u32 = 50;

/// Where a list goes on.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Older {
    after: String,
}

/// What whoever is signed in may look at, as approvals have it.
pub async fn mine(Desk(reader): Desk, Address(older): Address<Older>) -> Response {
    let Some((person, _)) = reader.me.clone() else { return nothing(&reader) };
    let after = older.after.parse::<AccessId>().ok();
    let found = reader.room.aside(move |room| granted(room, &person, after));
    match found.await {
        Ok((rows, next)) => {
            let (frame, missing) = (reader.frame(), missing(&reader));
            let page = page::Mine { frame, rows, further: after.is_some(), next, missing };
            drawn(StatusCode::OK, page.draw())
        }
        Err(e) => reader.failed(&e),
    }
}

/// The newest approvals, and the address of those before, where some were not looked at.
fn granted(
    room: &Room,
    person: &PersonId,
    after: Option<AccessId>,
) -> Result<(Vec<page::Granted>, Option<String>), CliError> {
    let zone = crate::execute::zone(&room.open)?;
    let view = room.open.station.world().ledger.view()?;
    let now = room.open.station.world().clock.now().wall;
    let asked = sealdock_core::table::Query::all(&access::ACCESS).with("person", person.as_str());
    let asked = asked.with("state", "approved").newest_first().limit(GRANTED);
    let asked = match after {
        Some(after) => asked.after(vec![after.0.into()]),
        None => asked,
    };
    let looked = view.select(&asked)?;
    let last = looked.last().filter(|_| looked.len() == GRANTED as usize);
    let next =
        last.map(|row| format!("/view?after={}", AccessId(sealdock_core::registry::seq(row))));
    let mut rows = Vec::new();
    for row in &looked {
        let id = AccessId(sealdock_core::registry::seq(row));
        let Some(access) = access::access(&*view, id)? else { continue };
        if access.purpose != access::Purpose::View || access.who != access::Who::Colleague {
            continue;
        }
        let clips = access::clips_of(&*view, id)?;
        let clips = clips
            .into_iter()
            .map(|clip| Ok((clip.to_string(), access::views_left(&*view, &access, clip, now)?)));
        let clips: Vec<_> = clips.collect::<Result<_, CliError>>()?;
        rows.push(page::Granted {
            access: id.to_string(),
            until: access.expires.map_or_else(String::new, |at| zone.civil(at)),
            clips,
            matter: access.matter,
        });
    }
    Ok((rows, next))
}

/// Why nothing can be viewed on this machine, where that is so.
fn missing(reader: &Reader) -> Option<String> {
    reader.room.views.maker.as_ref().err().map(|why| why_in(reader.lang, why))
}

fn nothing(reader: &Reader) -> Response {
    reader.said(StatusCode::NOT_FOUND, w::NOT_FOUND, "404")
}

/// The form before a viewing: on what it would rest, why, and the PIN.
pub async fn ask(
    Desk(reader): Desk,
    Path(clip): Path<String>,
    Address(told): Address<Told>,
) -> Response {
    let (Ok(clip), Some((person, me))) = (clip.parse::<ClipId>(), reader.me.clone()) else {
        return nothing(&reader);
    };
    let reads_all = me.reads_all;
    let found = reader.room.aside(move |room| {
        let view = room.open.station.world().ledger.view()?;
        let at = room.open.station.world().clock.now();
        Ok(access::ways(&*view, &at, &person, clip)?)
    });
    let ways = match found.await {
        Ok(ways) => ways,
        Err(e) => return reader.failed(&e),
    };
    let open: Vec<page::Way> = ways.iter().filter(|w| w.objection.is_none()).map(way).collect();
    // Whoever reads only their own is not told whether a clip of others is there.
    if open.is_empty() && !reads_all {
        return nothing(&reader);
    }
    let against = ways.into_iter().filter_map(|way| way.objection);
    let against = against.map(|why| why_in(reader.lang, &why)).collect();
    let page = page::Ask {
        clip: clip.to_string(),
        ways: open,
        against,
        missing: missing(&reader),
        said: reader.room.said.take(&told.said).map(|(_, text)| text),
        frame: reader.frame(),
    };
    drawn(StatusCode::OK, page.draw())
}

fn way(way: &access::Way) -> page::Way {
    let word = match way.ground {
        Ground::Own => w::view::GROUND_OWN,
        Ground::Duty { .. } => w::view::GROUND_DUTY,
        Ground::Approval { .. } => w::view::GROUND_APPROVAL,
    };
    let access = match &way.ground {
        Ground::Approval { access, .. } => access.to_string(),
        _ => String::new(),
    };
    let whom = match &way.viewer {
        Viewer::Person { .. } => String::new(),
        Viewer::Visitor { name, unit } => format!("{name} ({unit})"),
    };
    let about = way.matter.clone().unwrap_or_default();
    page::Way { access, word, about: [about, whom].join(" ").trim().to_owned() }
}

#[derive(Deserialize)]
pub struct Opening {
    token: String,
    #[serde(default)]
    access: String,
    reason: String,
    pin: String,
}

/// Opens: compares the PIN, writes the entry, and only then leads to the page that shows.
pub async fn open(
    Desk(reader): Desk,
    Path(clip): Path<String>,
    Form(this): Form<Opening>,
) -> Response {
    let (Some((person, _)), Some(held)) = (reader.me.clone(), reader.held.clone()) else {
        return nothing(&reader);
    };
    if !reader.wrote(&this.token) {
        return reader.said(StatusCode::FORBIDDEN, w::REFUSED, reader.lang.t(w::SIGNED_OUT));
    }
    let Ok(clip) = clip.parse::<ClipId>() else { return nothing(&reader) };
    let back = format!("/view/{clip}");
    let full = || Some(why_in(reader.lang, &reader.room.views.no_room(&person)?));
    if let Some(why) = missing(&reader).or_else(full) {
        return reader.off_to(&back, (false, why));
    }
    let turn = reader.room.pins.clone().acquire_owned().await;
    let session = Digest::of(held.as_bytes());
    let done = reader.room.aside(move |room| {
        let _turn = turn;
        let access = match this.access.trim() {
            "" => None,
            named => Some(named.parse::<AccessId>()?),
        };
        let wish = Wish { clip, access, reason: this.reason, matter: None };
        let showing = room.counted_as((&person, &this.pin), |actor| {
            let viewing = room.open.station.view(&actor, wish)?;
            Ok(room.open.station.show(viewing))
        })?;
        let opened = room.views.take_in(showing, session);
        let seq = opened.showing.seq();
        let room = Arc::clone(room);
        let proves = std::thread::Builder::new().name("viewing".into());
        let begun = proves.spawn(move || opened.make_ready(&room));
        begun.map_err(|e| CliError::new(crate::exit::Exit::Failed, e.to_string()))?;
        Ok(seq)
    });
    match done.await {
        Ok(seq) => axum::response::Redirect::to(&format!("/view/{clip}/{seq}")).into_response(),
        Err(e) => reader.off_with(&back, &e),
    }
}

impl Reader {
    /// The viewing that an address names, if it is this person's, in this very browser session.
    fn viewing(&self, clip: &str, entry: &str) -> Option<Arc<Opened>> {
        let (person, _) = self.me.as_ref()?;
        let session = Digest::of(self.held.as_ref()?.as_bytes());
        self.room.views.of(entry.parse().ok()?, clip.parse().ok()?, (person, session))
    }
}

/// The page that shows; it holds no picture, its script asks for them.
pub async fn watch(Desk(reader): Desk, Path((clip, entry)): Path<(String, String)>) -> Response {
    let Some(opened) = reader.viewing(&clip, &entry) else { return nothing(&reader) };
    opened.touch();
    let ended = match opened.stage() {
        Stage::Ended(why) => Some(in_lang(reader.lang, &why)),
        _ => None,
    };
    let page = page::Watch {
        base: format!("/view/{}/{}", opened.showing.clip(), opened.showing.seq()),
        clip: opened.showing.clip().to_string(),
        entry: opened.showing.seq(),
        mark: pieces::who(&opened.showing),
        piece_ms: PIECE_MS,
        thumbnails: THUMBNAILS,
        ended,
        frame: reader.frame(),
    };
    let mut response = drawn(StatusCode::OK, page.draw());
    response.extensions_mut().insert(Plays);
    response
}

/// How it stands, as it changes.
pub async fn live(reader: Reader, Path((clip, entry)): Path<(String, String)>) -> Response {
    let Some(opened) = reader.viewing(&clip, &entry) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    opened.touch();
    let mut stage = opened.watch();
    stage.mark_changed();
    let lang = reader.lang;
    let events = stream::unfold(Some((stage, opened)), move |held| async move {
        let (mut stage, opened) = held?;
        let event = match tokio::time::timeout(BEAT, stage.changed()).await {
            Ok(Ok(())) => {
                let now = stage.borrow_and_update().clone();
                let event = Event::default().event("stage").data(told(lang, &now).to_string());
                if matches!(now, Stage::Ended(_)) {
                    return Some((Ok::<_, Infallible>(event), None));
                }
                event
            }
            Ok(Err(_gone)) => return None,
            Err(_quiet) => Event::default().event("beat").data("-"),
        };
        opened.touch();
        Some((Ok(event), Some((stage, opened))))
    });
    Sse::new(events).into_response()
}

fn told(lang: Lang, stage: &Stage) -> serde_json::Value {
    match stage {
        Stage::Proving(percent) => json!({ "stage": "proving", "percent": percent }),
        Stage::Ended(why) => json!({ "stage": "ended", "why": in_lang(lang, why) }),
        Stage::Ready(seen) => {
            let (kind, sound) = match seen.kind {
                Kind::Film { sound } => ("film", sound),
                Kind::Sound => ("film", true),
                Kind::Photograph => ("photograph", false),
            };
            let (width, height) = seen.shown().size();
            json!({ "stage": "ready", "kind": kind, "sound": sound, "ms": seen.len_ms,
                "rate": seen.frame_rate, "width": width, "height": height,
                "frames": !matches!(seen.kind, Kind::Sound) })
        }
    }
}

#[derive(Deserialize)]
pub struct Ending {
    token: String,
}

/// Ends a viewing because whoever looks is done.
pub async fn end(
    Desk(reader): Desk,
    Path((clip, entry)): Path<(String, String)>,
    Form(Ending { token }): Form<Ending>,
) -> Response {
    let Some(opened) = reader.viewing(&clip, &entry) else { return nothing(&reader) };
    if !reader.wrote(&token) {
        return reader.said(StatusCode::FORBIDDEN, w::REFUSED, reader.lang.t(w::SIGNED_OUT));
    }
    let Some((me, own)) = reader.me.as_ref().map(|(id, me)| (id.clone(), !me.reads_all)) else {
        return nothing(&reader);
    };
    let page = clip.parse::<ClipId>().ok();
    let done = reader.room.aside(move |room| {
        let done = says!("由查阅人结束", "closed by whoever looked");
        opened.end(room, &opened::over(&done));
        let lang = Lang::default();
        let scene = super::rooms::scene(room, lang, me, !own)?;
        // By an approval alone they have no page of the clip.
        Ok(page.is_some_and(|clip| scene.own_clips(&[clip]).is_ok()))
    });
    match done.await {
        Ok(true) => axum::response::Redirect::to(&format!("/clips/{clip}")).into_response(),
        Ok(false) => axum::response::Redirect::to("/view").into_response(),
        Err(e) => reader.failed(&e),
    }
}
