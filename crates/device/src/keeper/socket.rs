//! The line protocol of `docs/design/usb.md`: one JSON value a line, one answer a line, one connection
//! for one act. What the answer is not known of is never taken for done.

use super::{Held, Keeper, NoteBefore, SignedIntent};
use sealdock_core::naming;
use sealdock_core::ports::{Kind, PortError, PortResult};
use serde::Deserialize;
use serde_json::{Value, json};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The longest line either side writes.
const LINE_BYTES_MAX: u64 = 64 * 1024;

/// Unmounting waits for what a slow card still has to write.
const PATIENCE: Duration = Duration::from_secs(120);

/// The slowest reading that still makes sense: a wipe hashes the file once more.
const SLOWEST_BYTES_PER_S: u64 = 512 * 1024;

/// What a cold volume is called; the only word that the wiper may say.
const REMOUNTED: &str = "remounted";

/// The wiper behind its socket.
#[derive(Debug)]
pub struct SocketKeeper {
    socket: PathBuf,
}

impl SocketKeeper {
    pub fn new(socket: &Path) -> SocketKeeper {
        SocketKeeper { socket: socket.to_owned() }
    }
}

impl Keeper for SocketKeeper {
    fn open(&self, bay: &str, volume: &str) -> PortResult<Box<dyn Held>> {
        let stream = UnixStream::connect(&self.socket).map_err(|e| {
            let message = format!(
                "the wiper does not answer at {}: {e}; see `systemctl status sealdock-wiper`",
                self.socket.display()
            );
            PortError::new(Kind::Failed, message)
        })?;
        let what = format!("{bay}/{volume}");
        let mut connection = Connection { stream: BufReader::new(stream), what, dead: false };
        let answer = connection.ask(&json!({ "open": { "bay": bay, "volume": volume } }), PATIENCE);
        let ok = answer.map_err(|e| e.because(Kind::Failed))?;
        let disk_sequence = ok["disk_sequence"].as_u64().ok_or_else(|| connection.strange(&ok))?;
        Ok(Box::new(SocketHeld { connection, disk_sequence }))
    }
}

struct SocketHeld {
    connection: Connection,
    disk_sequence: u64,
}

impl SocketHeld {
    fn remounted(&mut self, verb: &str) -> PortResult<&'static str> {
        let ok = self.connection.ask(&json!({ verb: {} }), PATIENCE);
        let ok = ok.map_err(|e| e.because(Kind::Failed))?;
        match ok["method"].as_str() {
            Some(REMOUNTED) => Ok(REMOUNTED),
            _ => Err(self.connection.strange(&ok)),
        }
    }
}

impl Held for SocketHeld {
    fn disk_sequence(&self) -> u64 {
        self.disk_sequence
    }

    fn cold(&mut self) -> PortResult<&'static str> {
        self.remounted("cold")
    }

    fn wipe(&mut self, intent: &SignedIntent) -> PortResult<()> {
        let line = json!({ "wipe": signed(intent)? });
        let patience = PATIENCE + Duration::from_secs(intent.file_bytes / SLOWEST_BYTES_PER_S);
        // Without its answer nobody knows whether the file is gone: the next listing does.
        self.connection.ask(&line, patience).map_err(|e| e.because(Kind::Unknown))?;
        Ok(())
    }

    fn clock(&mut self, intent: &SignedIntent) -> PortResult<NoteBefore> {
        let line = json!({ "clock": signed(intent)? });
        let ok = self.connection.ask(&line, PATIENCE).map_err(|e| e.because(Kind::Unknown))?;
        match ok["was"].as_str() {
            Some("absent") => Ok(NoteBefore::Absent),
            Some("earlier") => Ok(NoteBefore::Earlier),
            _ => Err(self.connection.strange(&ok)),
        }
    }

    fn end(mut self: Box<Self>) -> PortResult<()> {
        self.remounted("end").map(drop)
    }
}

/// An intent as it stands in a line.
fn signed(intent: &SignedIntent) -> PortResult<Value> {
    let text = std::str::from_utf8(&intent.bytes).map_err(|e| {
        let message = format!("the intent is no text: {e}; nothing was changed");
        PortError::new(Kind::Invalid, message)
    })?;
    Ok(json!({ "intent": text, "signature": naming::hex(&intent.signature) }))
}

/// How a question ended without an answer that says yes.
enum Unanswered {
    /// It was never heard.
    Unheard(PortError),
    /// It may have been heard; the answer was lost.
    Lost(PortError),
    /// The answer is no.
    No(PortError),
}

impl Unanswered {
    /// `lost` is what it means that the answer was lost.
    fn because(self, lost: Kind) -> PortError {
        match self {
            Unanswered::Unheard(e) | Unanswered::No(e) => e,
            Unanswered::Lost(e) => PortError { kind: lost, ..e },
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
enum Answer {
    Ok(Value),
    Error(Refused),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refused {
    kind: String,
    message: String,
}

struct Connection {
    stream: BufReader<UnixStream>,
    /// The volume, for messages.
    what: String,
    dead: bool,
}

/// Says that the act is over, and waits until the other side has made it so: the next act on this volume
/// would find it busy.
impl Drop for Connection {
    fn drop(&mut self) {
        if !self.dead && self.stream.get_ref().shutdown(Shutdown::Write).is_ok() {
            let _best_effort = self.stream.get_ref().set_read_timeout(Some(PATIENCE));
            let _hung_up =
                self.stream.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut Vec::new());
        }
    }
}

impl Connection {
    /// After a lost answer the connection is dead: a late one must not pass for the next.
    fn ask(&mut self, question: &Value, patience: Duration) -> Result<Value, Unanswered> {
        if self.dead {
            return Err(Unanswered::Unheard(self.gone(&io::ErrorKind::NotConnected.into())));
        }
        let answer = self.ask_once(question, patience);
        if matches!(answer, Err(Unanswered::Unheard(_) | Unanswered::Lost(_))) {
            self.dead = true;
            // Already gone, most likely; the other side takes it for the end of the act either way.
            let _gone = self.stream.get_ref().shutdown(Shutdown::Both);
        }
        answer
    }

    fn ask_once(&mut self, question: &Value, patience: Duration) -> Result<Value, Unanswered> {
        let mut line = question.to_string();
        line.push('\n');
        let stream = self.stream.get_mut();
        // A line that did not get through whole has no end, and is never acted upon.
        let sent = stream
            .set_write_timeout(Some(PATIENCE))
            .and_then(|()| stream.set_read_timeout(Some(patience)))
            .and_then(|()| stream.write_all(line.as_bytes()));
        sent.map_err(|e| Unanswered::Unheard(self.gone(&e)))?;
        let answer = self.line().map_err(|e| Unanswered::Lost(self.gone(&e)))?;
        match serde_json::from_slice(&answer) {
            Ok(Answer::Ok(ok)) => Ok(ok),
            Ok(Answer::Error(no)) => {
                Err(Unanswered::No(PortError::new(kind(&no.kind), no.message)))
            }
            Err(e) => Err(Unanswered::Lost(self.strange(&e))),
        }
    }

    fn line(&mut self) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        self.stream.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line)?;
        match line.ends_with(b"\n") {
            true => Ok(line),
            false => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    fn gone(&self, e: &io::Error) -> PortError {
        let message = format!(
            "the wiper went away while it had {}: {e}; see `systemctl status sealdock-wiper`, then dock the recorder again",
            self.what
        );
        PortError::new(Kind::Failed, message)
    }

    fn strange(&self, answer: &dyn std::fmt::Display) -> PortError {
        let message = format!(
            "the wiper gave an answer about {} that this version does not know: {answer}; install both from one package",
            self.what
        );
        PortError::new(Kind::Failed, message)
    }
}

/// A kind that this version does not know may mean anything, so also that something happened.
fn kind(word: &str) -> Kind {
    match word {
        "invalid" => Kind::Invalid,
        "missing" => Kind::Missing,
        "no-space" => Kind::NoSpace,
        "failed" => Kind::Failed,
        "read-only" => Kind::ReadOnly,
        "damaged" => Kind::Damaged,
        _ => Kind::Unknown,
    }
}

#[cfg(test)]
mod tests;
