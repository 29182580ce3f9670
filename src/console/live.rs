//! The wall, passed on as it changes: one task looks and draws, whoever watches gets what it drew.

use super::Room;
use super::guard;
use super::signed::Reader;
use axum::http::StatusCode;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use sealdock_console::{Lang, wall as view};
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// The bays are looked at this often while anybody watches.
const LOOK: Duration = Duration::from_millis(250);
/// A page that has heard nothing for three of these says that it is old.
const BEAT: Duration = Duration::from_secs(2);

/// Walls at once: each holds a connection, and kiosk and desk need some, too.
const WATCHERS_MAX: usize = 100;

/// The wall as it was last drawn, in each language.
#[derive(Clone, Default, PartialEq)]
pub struct DrawnWall([Arc<str>; 2]);

impl DrawnWall {
    fn of(&self, lang: Lang) -> &Arc<str> {
        match lang {
            Lang::Zh => &self.0[0],
            Lang::En => &self.0[1],
        }
    }
}

/// What is passed on.
pub struct Live {
    drawn: watch::Sender<DrawnWall>,
    /// The last look failed: no beat goes out, and the page says by itself how old it is.
    blind: AtomicBool,
}

impl Default for Live {
    fn default() -> Live {
        Live { drawn: watch::Sender::new(DrawnWall::default()), blind: AtomicBool::new(false) }
    }
}

/// Looks and draws for ever; rests while nobody watches.
pub async fn keep_up(room: Arc<Room>) {
    let mut paces = super::wall::Paces::default();
    let mut turn = tokio::time::interval(LOOK);
    turn.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        turn.tick().await;
        if room.live.drawn.receiver_count() == 0 {
            continue;
        }
        let before = std::mem::take(&mut paces);
        let looked = room.aside(move |room| {
            let mut paces = before;
            let drawn = draw(room, &mut paces);
            Ok((drawn, paces))
        });
        match looked.await {
            Ok((Ok(drawn), after)) => {
                paces = after;
                room.live.blind.store(false, Ordering::SeqCst);
                room.live.drawn.send_if_modified(|last| {
                    let changed = *last != drawn;
                    *last = drawn;
                    changed
                });
            }
            Ok((Err(e), after)) => {
                paces = after;
                room.live.blind.store(true, Ordering::SeqCst);
                tracing::warn!("the wall could not be drawn: {e}");
            }
            Err(e) => {
                room.live.blind.store(true, Ordering::SeqCst);
                tracing::warn!("the wall could not be looked at: {e}");
            }
        }
    }
}

fn draw(room: &Room, paces: &mut super::wall::Paces) -> Result<DrawnWall, crate::exit::CliError> {
    let wall = super::wall::look(&room.open, paces, Instant::now())?;
    let one = |lang| {
        wall.inner(lang).map(|html| sendable(&html)).map_err(|e| {
            crate::exit::CliError::new(crate::exit::Exit::Failed, format!("a template: {e}"))
        })
    };
    Ok(DrawnWall([one(Lang::Zh)?, one(Lang::En)?]))
}

/// An event of a stream cannot carry a carriage return; a name or a message might.
fn sendable(html: &str) -> Arc<str> {
    Arc::from(html.replace('\r', " "))
}

/// The page, with the wall as it stands.
pub async fn page(reader: Reader) -> Response {
    let lang = reader.lang;
    let drawn = reader.room.aside(|room| {
        let east = crate::execute::zone(&room.open)?.east_minutes;
        Ok((draw(room, &mut super::wall::Paces::default())?, east))
    });
    match drawn.await {
        Ok((drawn, east)) => {
            guard::page(StatusCode::OK, view::page(lang, (&reader.room.unit, east), drawn.of(lang)))
        }
        Err(e) => reader.failed(&e),
    }
}

/// Every change, and a beat in between.
pub async fn stream(reader: Reader) -> Response {
    if reader.room.live.drawn.receiver_count() >= WATCHERS_MAX {
        return (StatusCode::SERVICE_UNAVAILABLE, "too many walls are open\n").into_response();
    }
    // Where nobody watched, what was drawn last is old; the page itself was drawn just now.
    let watched = reader.room.live.drawn.receiver_count() > 0;
    let (lang, mut wall) = (reader.lang, reader.room.live.drawn.subscribe());
    if watched {
        wall.mark_changed();
    }
    let room = reader.room;
    let events = stream::unfold((wall, room), move |(mut wall, room)| async move {
        let event = match tokio::time::timeout(BEAT, wall.changed()).await {
            Ok(Ok(())) => {
                let html = Arc::clone(wall.borrow_and_update().of(lang));
                // Nothing was drawn yet.
                match html.is_empty() {
                    true => Event::default().event("beat").data("-"),
                    false => Event::default().event("wall").data(html),
                }
            }
            Ok(Err(_gone)) => return None,
            Err(_quiet) if room.live.blind.load(Ordering::SeqCst) => {
                Event::default().comment("blind")
            }
            Err(_quiet) => Event::default().event("beat").data("-"),
        };
        Some((Ok::<_, Infallible>(event), (wall, room)))
    });
    Sse::new(events).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_name_holds_can_be_sent() {
        let html = sendable("<p>J1\r\nx\r</p>");
        assert_eq!(&*html, "<p>J1 \nx </p>");
        // Panics on what it cannot carry.
        let _event = Event::default().event("wall").data(html);
    }
}
