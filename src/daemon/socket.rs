//! Clients on `run/sock`: JSON lines, one request per connection. The kernel says who they are; only
//! the station's own user and root are answered. A client that stalls costs one thread for seconds.

use crate::answer::Answer;
use crate::execute::{Asked, execute};
use crate::exit::{CliError, Exit, file_error};
use crate::request::{Heard, Order, Reply};
use crate::wire::Open;
use sealdock_station::{Carried, Progress, Report};
use std::io::{Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Longest request, bytes: a sheet of 4 MiB with the signs of JSON around its cells.
const REQUEST_BYTES_MAX: usize = 8 << 20;
/// Clients at once.
const CLIENTS_MAX: usize = 32;
/// How long a whole request may take to arrive.
const ARRIVAL: Duration = Duration::from_secs(10);
/// How long a client may refuse to read.
const READING: Duration = Duration::from_secs(2);
/// Progress of one session is passed on this often.
const PROGRESS_EVERY: Duration = Duration::from_millis(100);

/// Those who are being answered.
#[derive(Clone)]
pub struct Clients {
    connected: Arc<AtomicUsize>,
    /// Of those, whose request has arrived: the end waits for them, and for nobody who is silent.
    asking: Arc<AtomicUsize>,
    open: Arc<Open>,
}

impl Clients {
    pub fn busy(&self) -> bool {
        self.asking.load(Ordering::SeqCst) > 0
    }

    /// Takes the socket away, so that clients open the station themselves.
    pub fn close(&self) {
        if let Ok((_folder, path)) = self.open.home.socket() {
            // The lock decides who may work; a left socket only refuses.
            let _left = std::fs::remove_file(path);
        }
    }
}

/// Listens from now on. The exclusive lock is held, so a socket that is there is a dead one.
pub fn listen(open: &Arc<Open>) -> Result<Clients, CliError> {
    let run = open.home.run();
    let failed = |e: std::io::Error| file_error("listen for clients in", &run, &e);
    let (folder, path) = open.home.socket().map_err(failed)?;
    match std::fs::remove_file(&path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(failed(e)),
        _ => {}
    }
    let listener = UnixListener::bind(&path).map_err(failed)?;
    drop(folder);
    let clients =
        Clients { connected: Arc::default(), asking: Arc::default(), open: Arc::clone(open) };
    let accepting = clients.clone();
    std::thread::Builder::new()
        .name("clients".into())
        .spawn(move || accept(&listener, &accepting))
        .map_err(failed)?;
    Ok(clients)
}

fn accept(listener: &UnixListener, clients: &Clients) {
    for stream in listener.incoming() {
        let Ok(stream) = stream else { continue };
        let connected = Counted::new(&clients.connected);
        let client = Client { stream: Arc::new(Mutex::new(Some(stream))) };
        if connected.before >= CLIENTS_MAX {
            client.say(&Reply::Error(CliError::new(Exit::Busy, "too many clients; try again")));
            continue;
        }
        let clients = clients.clone();
        let answering = std::thread::Builder::new().name("client".into()).spawn(move || {
            let _connected = connected;
            let request = client.uid().and_then(|uid| Ok((uid, client.request()?)));
            let _asking = Counted::new(&clients.asking);
            let answer = request.and_then(|(uid, line)| answer(&clients.open, &client, uid, &line));
            client.say(&answer.map_or_else(Reply::Error, Reply::Answer));
        });
        if let Err(e) = answering {
            tracing::error!("no thread for a client: {e}");
        }
    }
}

/// Counts one client as long as it lives.
struct Counted {
    count: Arc<AtomicUsize>,
    before: usize,
}

impl Counted {
    fn new(count: &Arc<AtomicUsize>) -> Counted {
        Counted { before: count.fetch_add(1, Ordering::SeqCst), count: Arc::clone(count) }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::SeqCst);
    }
}

fn answer(open: &Open, client: &Client, uid: u32, line: &[u8]) -> Result<Answer, CliError> {
    let order: Order = serde_json::from_slice(line).map_err(|e| {
        let text = format!("the request is not understood: {e}; is the client of this release?");
        CliError::new(Exit::Usage, text)
    })?;
    let progress = Telling { client: client.clone(), last: Mutex::new(None) };
    let answer = execute(open, &Asked { uid, progress: Arc::new(progress) }, order);
    if let Err(e) = &answer
        && e.exit == Exit::Stopped
    {
        open.docks.fail(&e.message);
    }
    answer
}

/// One connection; `None` once its client no longer reads.
#[derive(Clone)]
struct Client {
    stream: Arc<Mutex<Option<UnixStream>>>,
}

impl Client {
    fn stream(&self) -> Result<UnixStream, CliError> {
        let held = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        let copy = held.as_ref().and_then(|stream| stream.try_clone().ok());
        copy.ok_or_else(|| CliError::new(Exit::Failed, "the client is gone"))
    }

    /// The user at the other end, as the kernel knows it.
    fn uid(&self) -> Result<u32, CliError> {
        let peer = rustix::net::sockopt::socket_peercred(self.stream()?)
            .map_err(|e| CliError::new(Exit::Refused, format!("who asks is not known: {e}")))?;
        let (uid, own) = (peer.uid.as_raw(), rustix::process::geteuid().as_raw());
        match uid == own || uid == 0 {
            true => Ok(uid),
            false => Err(CliError::new(
                Exit::Refused,
                format!(
                    "uid {uid} may not use this station; its own user (uid {own}) and root may"
                ),
            )),
        }
    }

    fn request(&self) -> Result<Vec<u8>, CliError> {
        let mut stream = self.stream()?;
        let failed = |why: String| CliError::new(Exit::Usage, format!("no request came: {why}"));
        let deadline = Instant::now() + ARRIVAL;
        let mut line = Vec::new();
        let mut block = [0u8; 16 * 1024];
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(failed("it took too long".into()));
            }
            stream.set_read_timeout(Some(left)).map_err(|e| failed(e.to_string()))?;
            let n = stream.read(&mut block).map_err(|e| failed(e.to_string()))?;
            // Only what is new is searched: a long request would else be walked once for each block.
            let end = block[..n].iter().position(|byte| *byte == b'\n');
            line.extend_from_slice(&block[..end.unwrap_or(n)]);
            if end.is_some() {
                return Ok(line);
            }
            if n == 0 {
                return Err(failed("the client hung up".into()));
            }
            if line.len() > REQUEST_BYTES_MAX {
                return Err(failed("it is longer than 8 MiB".into()));
            }
        }
    }

    /// A client that does not read is let go; the work goes on without it.
    fn say(&self, reply: &Reply) {
        let mut held = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(stream) = held.as_mut() else { return };
        let Ok(mut line) = serde_json::to_vec(reply) else { return };
        line.push(b'\n');
        let told = stream.set_write_timeout(Some(READING)).and_then(|()| stream.write_all(&line));
        if told.is_err() {
            *held = None;
        }
    }
}

/// Passes progress on, not faster than anybody reads.
struct Telling {
    client: Client,
    last: Mutex<Option<(Instant, String)>>,
}

impl Telling {
    fn tell(&self, heard: Heard) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last
            .as_ref()
            .is_some_and(|(at, step)| *step == heard.step && at.elapsed() < PROGRESS_EVERY)
        {
            return;
        }
        *last = Some((Instant::now(), heard.step.clone()));
        self.client.say(&Reply::Progress(heard));
    }
}

impl Progress for Telling {
    fn report(&self, report: &Report) {
        self.tell(Heard::from(report));
    }

    fn carried(&self, carried: &Carried) {
        self.tell(Heard::from(carried));
    }
}
