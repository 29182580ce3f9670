//! What leaves of footage. Before every piece: who asks and from where, is it their viewing, does its right stand, is the
//! minute in the record, is the file the one that was proven; after it was made, is all that still so.

use super::{Opened, PIECE_MS, Stage, THUMBNAILS};
use crate::console::Room;
use crate::console::signed::Reader;
use crate::exit::{CliError, Exit};
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sealdock_core::access::{Ground, Stretch, Viewer};
use sealdock_probe::view::{Kind, Mark, Piece, Seen, Shape};
use sealdock_station::viewing::Showing;
use std::sync::Arc;
use std::time::Instant;

/// Letters that the smallest picture has room for side by side.
const LETTERS_OF_LINE: usize = 40;

type Where = Path<(String, String, String)>;

/// Nothing of footage is asked for with anything but GET: a head alone would still have to be made.
pub async fn refuse() -> Response {
    StatusCode::METHOD_NOT_ALLOWED.into_response()
}

/// The `n`-th two seconds, or the photograph.
pub async fn piece(reader: Reader, Path((clip, entry, n)): Where, headers: HeaderMap) -> Response {
    let opened = match allowed(&reader, (&clip, &entry), &headers) {
        Ok(opened) => opened,
        Err(refusal) => return refusal,
    };
    let (Stage::Ready(seen), Ok(n)) = (opened.stage(), n.parse::<u64>()) else {
        return no(StatusCode::CONFLICT, "this viewing is not ready, or has ended");
    };
    let Some(stretch) = stretch(&seen, n) else {
        return no(StatusCode::NOT_FOUND, "there is nothing at that place");
    };
    if let Some(held) = &reader.held {
        // Whoever watches is there.
        reader.room.signed.used(held, Instant::now());
    }
    let (shape, kind) = match seen.kind {
        Kind::Film { sound: true } => (Shape::Film { sound: true }, "video/webm"),
        Kind::Film { sound: false } => (Shape::Film { sound: false }, "video/webm"),
        Kind::Sound => (Shape::Wave, "video/webm"),
        Kind::Photograph => (Shape::Picture, "image/jpeg"),
    };
    let made = make(&reader, &opened, move |room, opened| {
        let end_ms = if seen.kind == Kind::Photograph { 0 } else { seen.len_ms };
        let announced = room.open.station.announce(&opened.showing, stretch, end_ms)?;
        let (frame, streams) = (seen.shown(), seen.streams);
        let mark = mark(room, &opened.showing, n)?;
        let (from_ms, len_ms) = (stretch.from_ms, stretch.to_ms - stretch.from_ms);
        let wanted = Piece { shape, from_ms, len_ms, frame, streams, mark };
        let made = made(room, opened, announced, wanted)?;
        room.open.station.hand_over(&opened.showing, Some(stretch))?;
        Ok(made)
    });
    given(made.await, kind)
}

/// The `n`-th of the small pictures.
pub async fn thumb(reader: Reader, Path((clip, entry, n)): Where, headers: HeaderMap) -> Response {
    let opened = match allowed(&reader, (&clip, &entry), &headers) {
        Ok(opened) => opened,
        Err(refusal) => return refusal,
    };
    let (Stage::Ready(seen), Ok(n)) = (opened.stage(), n.parse::<u64>()) else {
        return no(StatusCode::CONFLICT, "this viewing is not ready, or has ended");
    };
    if n >= THUMBNAILS || !matches!(seen.kind, Kind::Film { .. }) {
        return no(StatusCode::NOT_FOUND, "there is nothing at that place");
    }
    let made = make(&reader, &opened, move |room, opened| {
        let from_ms = seen.len_ms * n / THUMBNAILS;
        let at = Stretch { from_ms, to_ms: from_ms };
        let announced = room.open.station.announce_thumbnails(&opened.showing, at, seen.len_ms)?;
        let (frame, streams) = (seen.small(), seen.streams);
        let mark = mark(room, &opened.showing, n)?;
        let shape = Shape::Picture;
        let wanted = Piece { shape, from_ms, len_ms: 0, frame, streams, mark };
        let made = made(room, opened, announced, wanted)?;
        room.open.station.hand_over(&opened.showing, None)?;
        Ok(made)
    });
    given(made.await, "image/jpeg")
}

/// Is it the script of our own page that asks, signed in, for a viewing that is theirs?
#[allow(clippy::result_large_err, reason = "an answer is what the error is")]
fn allowed(
    reader: &Reader,
    (clip, entry): (&str, &str),
    headers: &HeaderMap,
) -> Result<Arc<Opened>, Response> {
    let says = |name: &str, value: &str| headers.get(name).is_some_and(|v| v == value);
    // An address that was copied into another page, a tab or a program does not come so.
    if !says("sec-fetch-site", "same-origin") || !says("sec-fetch-dest", "empty") {
        return Err(no(StatusCode::FORBIDDEN, "this is no page and no download"));
    }
    if headers.contains_key(header::RANGE) || headers.contains_key(header::IF_RANGE) {
        return Err(no(StatusCode::RANGE_NOT_SATISFIABLE, "pieces are whole"));
    }
    if reader.me.is_none() {
        return Err(no(StatusCode::FORBIDDEN, "nobody is signed in"));
    }
    let Some(opened) = reader.viewing(clip, entry) else {
        return Err(no(StatusCode::NOT_FOUND, "there is no such viewing of yours"));
    };
    opened.touch();
    Ok(opened)
}

fn no(status: StatusCode, why: &str) -> Response {
    (status, format!("{why}\n")).into_response()
}

/// In its turn, in a thread where waiting is no harm.
async fn make(
    reader: &Reader,
    opened: &Arc<Opened>,
    work: impl FnOnce(&Room, &Opened) -> Result<Vec<u8>, CliError> + Send + 'static,
) -> Result<Vec<u8>, CliError> {
    let busy = || CliError::new(Exit::Busy, "too many pieces are being made; wait a moment");
    let own = opened.own_turn().ok_or_else(busy)?;
    let turn = reader.room.views.turn().await.ok_or_else(busy)?;
    let opened = Arc::clone(opened);
    let made = reader.room.aside(move |room| {
        let _turns = (own, turn);
        room.counted(|| work(room, &opened))
    });
    made.await
}

fn made(
    room: &Room,
    opened: &Opened,
    announced: sealdock_station::viewing::Announced,
    wanted: Piece,
) -> Result<Vec<u8>, CliError> {
    let failed = |why: String| CliError::new(Exit::Failed, why);
    let maker = room.views.maker.as_ref().map_err(|why| failed(why.to_string()))?;
    let made = maker.make(opened.file(room)?, announced, wanted).map_err(failed)?;
    // It was not touched while it was read either.
    opened.file(room)?;
    Ok(made)
}

fn given(made: Result<Vec<u8>, CliError>, kind: &'static str) -> Response {
    match made {
        Ok(bytes) => {
            let headers = [(header::CONTENT_TYPE, kind), (header::ACCEPT_RANGES, "none")];
            (headers, bytes).into_response()
        }
        Err(e) if e.exit == Exit::Busy => no(StatusCode::SERVICE_UNAVAILABLE, &e.message),
        Err(e) if e.exit == Exit::Refused => no(StatusCode::FORBIDDEN, &e.message),
        Err(e) => {
            tracing::warn!("a piece was not shown: {e}");
            no(StatusCode::INTERNAL_SERVER_ERROR, &e.message)
        }
    }
}

/// The playing time of a piece.
fn stretch(seen: &Seen, n: u64) -> Option<Stretch> {
    if seen.kind == Kind::Photograph {
        return (n == 0).then_some(Stretch { from_ms: 0, to_ms: 0 });
    }
    let from_ms = n.checked_mul(PIECE_MS)?;
    (from_ms < seen.len_ms)
        .then(|| Stretch { from_ms, to_ms: (from_ms + PIECE_MS).min(seen.len_ms) })
}

/// Who looks and under which entry, in letters that the mark has.
pub fn who(showing: &Showing) -> String {
    let (person, seq) = (showing.person(), showing.seq());
    match (showing.viewer(), showing.ground()) {
        (Viewer::Visitor { .. }, Ground::Approval { access, .. }) => {
            format!("{access} by {person} #{seq}")
        }
        _ => format!("{person} #{seq}"),
    }
}

fn mark(room: &Room, showing: &Showing, turn: u64) -> Result<Mark, CliError> {
    let now = room.open.station.world().clock.now().wall;
    let now = crate::execute::zone(&room.open)?.civil(now);
    let mut lines = in_lines(&who(showing));
    lines.push(now);
    Ok(Mark { lines, turn })
}

/// Long ids go on in a further line, so that the smallest picture holds all of them.
fn in_lines(who: &str) -> Vec<String> {
    let letters: Vec<char> = who.chars().collect();
    letters.chunks(LETTERS_OF_LINE).map(|line| line.iter().collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sealdock_probe::view::Streams;

    fn seen_of(kind: Kind, len_ms: u64) -> Seen {
        let streams = Streams::default();
        Seen { kind, len_ms, frame_rate: 25.0, width: 640, height: 360, streams }
    }

    #[test]
    fn pieces_cover_a_clip_without_gap_and_end_with_it() {
        let film = seen_of(Kind::Sound, 5001);
        let all: Vec<Stretch> = (0..9).map_while(|n| stretch(&film, n)).collect();
        let ends: Vec<(u64, u64)> = all.iter().map(|s| (s.from_ms, s.to_ms)).collect();
        assert_eq!(ends, [(0, 2000), (2000, 4000), (4000, 5001)]);
        assert_eq!(stretch(&film, u64::MAX), None);
        let photograph = seen_of(Kind::Photograph, 0);
        assert!(stretch(&photograph, 0).is_some() && stretch(&photograph, 1).is_none());
    }

    #[test]
    fn the_longest_id_stands_whole_in_the_smallest_picture() {
        let who = format!("V9007199254740991 by {} #9007199254740991", "W".repeat(64));
        let mut lines = in_lines(&who);
        assert_eq!(lines.concat(), who);
        assert_eq!(in_lines("000102 #57"), ["000102 #57"]);
        lines.push("2026-11-29 20:30:05".to_owned());
        let seen = Seen { width: 4000, height: 64, ..seen_of(Kind::Film { sound: false }, 2000) };
        assert!(Mark { lines, turn: 0 }.windows(seen.small().size()).is_some());
    }
}
