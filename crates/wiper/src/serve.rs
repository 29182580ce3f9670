//! The socket: one JSON value a line, one connection for one act. Only the user that owns `/run/sealdock`
//! is answered, and the kernel says who that is. Ends when nobody came for a while; systemd starts it
//! again with the next connection.

use crate::act::{Act, Question, Scene};
use crate::error::{Kind, WiperError, WiperResult};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Longest line, bytes.
const LINE_BYTES_MAX: u64 = 64 << 10;
/// Conversations at once: more than any dock has bays.
const ACTS_MAX: usize = 32;
/// How long the daemon may think between two lines while a volume may be writable.
const SILENCE: Duration = Duration::from_secs(60);
/// How long nobody may come before the process ends.
const IDLE_S: i64 = 60;

/// Answers until nobody comes any more.
///
/// # Errors
/// The listener fails.
pub fn serve(listener: &UnixListener, scene: &Arc<Scene>) -> WiperResult<()> {
    let acts = Arc::new(AtomicUsize::new(0));
    while arrived(listener)? || acts.load(Ordering::SeqCst) > 0 {
        listener.set_nonblocking(true).map_err(|e| socket(&e))?;
        let stream = match listener.accept() {
            Ok((stream, _)) => stream,
            Err(e) if e.kind() == std::io::ErrorKind::WouldBlock => continue,
            Err(e) => return Err(socket(&e)),
        };
        let (scene, acts) = (Arc::clone(scene), Arc::clone(&acts));
        if acts.fetch_add(1, Ordering::SeqCst) >= ACTS_MAX {
            acts.fetch_sub(1, Ordering::SeqCst);
            refuse(&stream, &WiperError::new(Kind::Failed, "too many at once; try again"));
            continue;
        }
        std::thread::spawn(move || {
            if let Err(e) = converse(&scene, &stream) {
                refuse(&stream, &e);
            }
            acts.fetch_sub(1, Ordering::SeqCst);
        });
    }
    Ok(())
}

fn arrived(listener: &UnixListener) -> WiperResult<bool> {
    let mut fds = [PollFd::new(listener, PollFlags::IN)];
    let wait = Timespec { tv_sec: IDLE_S, tv_nsec: 0 };
    match poll(&mut fds, Some(&wait)) {
        Ok(ready) => Ok(ready > 0),
        Err(rustix::io::Errno::INTR) => Ok(true),
        Err(e) => Err(socket(&e.into())),
    }
}

fn socket(error: &std::io::Error) -> WiperError {
    WiperError::new(
        Kind::Failed,
        format!("the socket fails: {error}; restart sealdock-wiper.socket"),
    )
}

/// A refusal is a courtesy; whoever is gone does not hear it.
fn refuse(stream: &UnixStream, error: &WiperError) {
    let _gone = say(stream, &json!({ "error": error }));
}

fn say(stream: &UnixStream, answer: &Value) -> std::io::Result<()> {
    let mut stream = stream;
    stream.write_all(format!("{answer}\n").as_bytes())
}

/// One conversation, from the first line to the end of the connection.
///
/// # Errors
/// A first line that opens nothing; later errors are answers.
pub fn converse(scene: &Scene, stream: &UnixStream) -> WiperResult<()> {
    let failed = |e: std::io::Error| socket(&e);
    stream.set_nonblocking(false).map_err(failed)?;
    stream.set_read_timeout(Some(SILENCE)).map_err(failed)?;
    stream.set_write_timeout(Some(SILENCE)).map_err(failed)?;
    peer(scene, stream)?;
    scene.spent.sweep((scene.now_ms)());
    let mut lines = BufReader::new(stream);
    let Some(first) = question(&mut lines)? else { return Ok(()) };
    let Question::Open(open) = first else {
        return Err(WiperError::new(Kind::Invalid, "the first line opens a volume"));
    };
    let mut act = Act::open(scene, &open)?;
    let opened = json!({ "ok": { "disk_sequence": act.disk_sequence() } });
    if say(stream, &opened).is_err() {
        return Ok(());
    }
    while let Some(next) = question(&mut lines)? {
        let (result, last) = act.answer(next);
        let answer = match result {
            Ok(ok) => json!({ "ok": ok }),
            Err(error) => json!({ "error": error }),
        };
        // Nobody listens any more: that is the end, and dropping the act brings it about.
        if say(stream, &answer).is_err() || last {
            break;
        }
    }
    Ok(())
}

/// The next line; `None` when the other side went away or fell silent.
fn question(lines: &mut BufReader<&UnixStream>) -> WiperResult<Option<Question>> {
    let mut line = Vec::new();
    let read = lines.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line);
    if read.is_err() || line.is_empty() {
        return Ok(None);
    }
    if line.len() as u64 == LINE_BYTES_MAX && !line.ends_with(b"\n") {
        return Err(WiperError::new(Kind::Invalid, "the line is longer than 64 KiB"));
    }
    // A line without its end was cut off and is never acted upon.
    if !line.ends_with(b"\n") {
        return Ok(None);
    }
    serde_json::from_slice(&line)
        .map(Some)
        .map_err(|e| WiperError::new(Kind::Invalid, format!("the line is not understood: {e}")))
}

fn peer(scene: &Scene, stream: &UnixStream) -> WiperResult<()> {
    let station = scene.roots.station();
    let owner = std::fs::symlink_metadata(&station)
        .map_err(|e| WiperError::file("look at", &station, &e))?
        .uid();
    let peer = rustix::net::sockopt::socket_peercred(stream).map_err(|e| socket(&e.into()))?;
    if peer.uid.as_raw() == owner {
        return Ok(());
    }
    let message = format!("only uid {owner}, which owns {}, is answered", station.display());
    Err(WiperError::new(Kind::Invalid, message))
}
