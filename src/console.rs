//! The console: one HTTP server in the daemon. It decides nothing; what it does is a request that `execute` answers.
//! `docs/design/console.md`.

/// People, recorders, policy, places.
mod admin;
/// For other systems.
mod api;
/// Requests that wait, and the decision.
mod approvals;
/// Clips and one clip's life.
mod clips;
/// What an entry says, in a sentence.
mod deeds;
/// Overview, sessions.
mod desk;
/// The first run, where there is no station yet.
pub mod first;
/// What a request must be before anything looks at it.
mod guard;
/// What waits for a head.
mod heads;
/// What an enemy in front of a browser tries.
#[cfg(test)]
mod hostile;
/// A recorder is somebody's.
mod kiosk;
/// The life of a clip, in words.
mod life;
/// The wall, passed on as it changes.
mod live;
/// How a session ended and what it still needs.
mod outcome;
/// Passkeys: asked for, and one door for all forms.
#[cfg(feature = "passkeys")]
mod passkeys;
/// PINs: how soon again, how close to a lock, whom to turn to.
mod pins;
/// The receipt of the head.
mod receipt;
/// Cases, keeping, checks, copies, registers.
mod rooms;
/// A policy's values with their sources.
mod rules;
/// Signing in and out.
mod sign;
/// Who is signed in.
mod signed;
/// Refusals and deeds in the language of the page.
mod spoken;
/// Browsers of other machines.
mod tls;
/// Recorders on their way out and back.
mod uses;
/// Footage, with a mark burnt in.
mod view;
/// The wall's facts.
mod wall;

pub use api::openapi::description as openapi;
pub use api::tokens;
pub use view::VIEW_VERB;

use crate::answer::Answer;
use crate::execute::{Asked, execute};
use crate::exit::{CliError, Exit};
use crate::home::TlsSettings;
use crate::request::{Order, Request};
use crate::wire::Open;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::response::Redirect;
use axum::routing::{get, post};
use guard::Door;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use sealdock_core::actor::Actor;
use sealdock_core::id::PersonId;
use sealdock_station::{Progress, Unheard};
use signed::SignedIn;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::Semaphore;
use tokio_io_timeout::TimeoutStream;
use tokio_rustls::TlsAcceptor;

/// Browsers at once; a wall holds one connection as long as it hangs.
const CONNECTIONS_MAX: usize = 256;
/// For the head of a request, and between two of them; for shaking hands too.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// Whoever takes nothing of an answer for so long is gone, and its connection with it.
const UNREAD_TIME: Duration = Duration::from_secs(30);
/// PINs that are compared at once: each takes 19 MiB and as much time as it shall.
const PINS_MAX: usize = 4;
/// Longest form, bytes.
const FORM_BYTES_MAX: usize = 64 << 10;

/// What every route knows.
pub(crate) struct Room {
    pub(crate) open: Arc<Open>,
    pub(crate) signed: SignedIn,
    /// Whoever stands at the kiosk.
    pub(crate) at_kiosk: SignedIn,
    pub(crate) live: live::Live,
    pub(crate) unit: String,
    /// Each try hashes a PIN slowly and in much memory.
    pub(crate) pins: Arc<Semaphore>,
    /// Whose PIN is being compared.
    trying: pins::Trying,
    /// Questions to authenticators that are open.
    #[cfg(feature = "passkeys")]
    keys: passkeys::Ceremonies,
    /// What was counted of passkeys lately.
    #[cfg(feature = "passkeys")]
    lately: passkeys::Lately,
    /// What a form came to, for the page that follows it.
    pub(crate) said: signed::Sayings,
    /// Footage that is being looked at, and who makes its pictures.
    pub(crate) views: view::Views,
    /// What takes longer than a browser waits.
    pub(crate) jobs: rooms::jobs::Jobs,
    /// Registers and statistics as they were counted last.
    pub(crate) sheets: Arc<rooms::figures::Figures<rooms::Shown>>,
    /// Clips of every day of a month, and the marked ones, as they were counted last.
    pub(crate) months: Arc<rooms::figures::Figures<Vec<(u64, u64)>>>,
    /// What is due to be disposed of, as it was counted last.
    pub(crate) due: Arc<rooms::figures::Figures<serde_json::Value>>,
    /// Sheets and texts that are looked at before they are signed.
    pub(crate) drafts: admin::Drafts,
    asking: Arc<AtomicUsize>,
}

/// The running console, and the threads of its own that it is served in.
pub struct Console {
    room: Arc<Room>,
    runtime: Option<Runtime>,
    slots: Arc<Semaphore>,
}

impl Console {
    /// Nobody is answered yet.
    ///
    /// # Errors
    /// The kernel gives no threads, or the registers cannot be read.
    pub fn new(open: &Arc<Open>) -> Result<Console, CliError> {
        let room = Arc::new(Room::new(open, view::Views::real())?);
        let runtime = runtime()?;
        runtime.spawn(live::keep_up(Arc::clone(&room)));
        runtime.spawn(view::keep_watch(Arc::clone(&room)));
        let slots = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        Ok(Console { room, runtime: Some(runtime), slots })
    }

    /// Answers browsers of this machine from now on. Where, if it was any port.
    ///
    /// # Errors
    /// The kernel takes the listener back.
    pub fn plain(&self, listener: std::net::TcpListener) -> Result<SocketAddr, CliError> {
        let address = listener.local_addr().map_err(failed)?;
        self.serve(listener, plainly(&self.room, address), None)?;
        Ok(address)
    }

    /// Answers browsers of other machines, over TLS. Wall and kiosk are not shown there: they are for whoever stands in the
    /// station. Where, and the SHA-256 of the certificate.
    ///
    /// # Errors
    /// The address is taken, or the certificate is not usable.
    pub fn tls(&self, settings: &TlsSettings) -> Result<(SocketAddr, String), CliError> {
        let hosts = settings.hosts().map_err(|why| CliError::new(Exit::Refused, why))?;
        let tls = tls::acceptor(&self.room.open.home.console(), settings)?;
        let listener = bound(settings.listen)?;
        let address = listener.local_addr().map_err(failed)?;
        let app = routes().route("/", get(|| async { Redirect::to("/desk") }));
        let app = finished(app, &self.room, Door::tls(&hosts, address.port()));
        self.serve(listener, app, Some(tls.acceptor))?;
        Ok((address, tls.fingerprint))
    }

    fn serve(
        &self,
        listener: std::net::TcpListener,
        app: Router,
        tls: Option<TlsAcceptor>,
    ) -> Result<(), CliError> {
        let Some(runtime) = &self.runtime else { unreachable!("taken at the end alone") };
        let entered = runtime.enter();
        let listener = TcpListener::from_std(listener).map_err(failed)?;
        drop(entered);
        runtime.spawn(accept(listener, app, tls, Arc::clone(&self.slots)));
        Ok(())
    }

    /// Is something of it being done that the end waits for?
    pub fn busy(&self) -> bool {
        self.room.asking.load(Ordering::SeqCst) > 0 || self.room.views.running() > 0
    }
}

impl Drop for Console {
    /// Nobody waits for what a browser still asks.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Listens for browsers of this machine; who answers them comes later.
///
/// # Errors
/// The address is not loopback, or taken.
pub fn bind(listen: SocketAddr) -> Result<std::net::TcpListener, CliError> {
    if !listen.ip().is_loopback() {
        let text = format!(
            "{listen} is no loopback address: `console` speaks plain HTTP and is for a browser on this machine; name 127.0.0.1:{}, and for other machines write [console_tls] into station.toml",
            listen.port()
        );
        return Err(CliError::new(Exit::Refused, text));
    }
    bound(listen)
}

fn bound(listen: SocketAddr) -> Result<std::net::TcpListener, CliError> {
    let listener = std::net::TcpListener::bind(listen).map_err(|e| {
        let text = format!("the console cannot listen on {listen}: {e}; name another port");
        CliError::new(Exit::Failed, text)
    })?;
    listener.set_nonblocking(true).map_err(failed)?;
    Ok(listener)
}

fn failed(e: std::io::Error) -> CliError {
    CliError::new(Exit::Failed, format!("the console cannot be served: {e}; start it again"))
}

fn runtime() -> Result<Runtime, CliError> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("console")
        .enable_all()
        .build()
        .map_err(failed)
}

/// What a browser of this machine is answered.
fn plainly(room: &Arc<Room>, address: SocketAddr) -> Router {
    finished(routes().merge(at_the_station()), room, Door::plain(address))
}

/// For whoever stands in the station: a browser of this machine.
fn at_the_station() -> Router<Arc<Room>> {
    Router::new()
        .route("/", get(live::page))
        .route("/live", get(live::stream))
        .merge(kiosk::routes())
}

fn routes() -> Router<Arc<Room>> {
    Router::new()
        .merge(admin::routes())
        .route("/sign-in", get(sign::page).post(sign::sign_in))
        .route("/sign-out", post(sign::sign_out))
        .route("/language", get(sign::language))
        .route("/desk", get(desk::overview))
        .route("/clips", get(clips::list))
        .route("/clips/{clip}", get(clips::show))
        .route("/sessions", get(desk::sessions))
        .route("/sessions/{session}", get(desk::session::show).post(desk::session::act))
        .route("/approvals", get(approvals::page).post(approvals::decide))
        .route("/uses", get(uses::page).post(uses::act))
        .route("/uses/unticked", get(uses::unticked))
        .route("/evidence/receipt", get(receipt::show))
        .route("/static/{name}", get(guard::asset))
        .merge(view::routes())
        .merge(api::routes())
        .merge(rooms::routes())
}

fn finished(app: Router<Arc<Room>>, room: &Arc<Room>, door: Door) -> Router {
    #[cfg(feature = "passkeys")]
    let app = app
        .merge(passkeys::routes())
        .layer(middleware::from_fn_with_state(Arc::clone(room), passkeys::door));
    app.fallback(guard::nothing_there)
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(middleware::from_fn_with_state(Arc::new(door), guard::guard))
        .with_state(Arc::clone(room))
}

async fn accept(
    listener: TcpListener,
    app: Router,
    tls: Option<TlsAcceptor>,
    slots: Arc<Semaphore>,
) {
    loop {
        // Taken before a connection is: beyond the limit browsers wait in the kernel.
        let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let (app, tls) = (app.clone(), tls.clone());
                tokio::spawn(async move {
                    answered(stream, app, tls, UNREAD_TIME).await;
                    drop(slot);
                });
            }
            Err(e) => {
                tracing::warn!("a browser could not be taken: {e}");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn answered(stream: TcpStream, app: Router, tls: Option<TlsAcceptor>, unread: Duration) {
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(unread));
    let stream = Box::pin(stream);
    let Some(tls) = tls else { return connection(stream, app).await };
    // Whoever does not come to an end with shaking hands is no browser of ours.
    match tokio::time::timeout(HEAD_TIME, tls.accept(stream)).await {
        Ok(Ok(stream)) => connection(stream, app).await,
        Ok(Err(why)) => tracing::info!("a browser and this station agreed on no TLS: {why}"),
        Err(_) => tracing::info!("a browser did not come to an end with shaking hands"),
    }
}

async fn connection(stream: impl AsyncRead + AsyncWrite + Unpin + 'static, app: Router) {
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(app));
    // How a browser's connection ends changes nothing here.
    let _ended = served.await;
}

/// Counts one request as long as it lives; the daemon's end waits for it.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Room {
    fn new(open: &Arc<Open>, views: view::Views) -> Result<Room, CliError> {
        Ok(Room {
            open: Arc::clone(open),
            signed: SignedIn::default(),
            at_kiosk: kiosk::standing(),
            live: live::Live::default(),
            unit: crate::execute::unit(open)?,
            pins: Arc::new(Semaphore::new(PINS_MAX)),
            trying: pins::Trying::default(),
            #[cfg(feature = "passkeys")]
            keys: passkeys::Ceremonies::default(),
            #[cfg(feature = "passkeys")]
            lately: passkeys::Lately::default(),
            said: signed::Sayings::default(),
            views,
            jobs: rooms::jobs::Jobs::default(),
            sheets: Arc::default(),
            months: Arc::default(),
            due: Arc::default(),
            drafts: admin::Drafts::default(),
            asking: Arc::default(),
        })
    }

    /// Answers one request of a browser, as the socket would. Without a login only what changes nothing is answered: a
    /// browser is never the operator.
    pub(crate) fn ask(&self, order: Order) -> Result<Answer, CliError> {
        self.ask_heard(order, Arc::new(Unheard))
    }

    /// The same; `progress` hears how it goes on.
    pub(crate) fn ask_heard(
        &self,
        order: Order,
        progress: Arc<dyn Progress>,
    ) -> Result<Answer, CliError> {
        if order.login.is_none() && !order.request.only_reads() {
            return Err(CliError::new(Exit::PinWanted, "nothing is changed here without a PIN"));
        }
        let asked = Asked { uid: rustix::process::geteuid().as_raw(), progress };
        match order.login.clone() {
            None => self.counted(|| execute(&self.open, &asked, order)),
            // What is executed compares the PIN once more, as for everybody who asks.
            Some(login) => self
                .counted_as((&login.person, &login.pin.0), |_| execute(&self.open, &asked, order)),
        }
    }

    /// Compares a PIN as everywhere, and does nothing else. The entry of the passkey, where one was shown instead.
    pub(crate) fn prove(&self, person: &PersonId, pin: &str) -> Result<Option<u64>, CliError> {
        self.counted_as((person, pin), |actor| Ok(actor.passkey()))
    }

    /// What is asked in somebody's name: their PIN is compared first, slowly after wrong ones.
    pub(crate) fn counted_as<T>(
        &self,
        login: (&PersonId, &str),
        work: impl FnOnce(Arc<Actor>) -> Result<T, CliError>,
    ) -> Result<T, CliError> {
        let done = self.counted(|| self.trying.tried(&self.open, login, work));
        if let Err(e) = &done
            && e.exit == Exit::Refused
        {
            // No entry says it but of a wrong PIN; what was typed may stand in it.
            let (person, why) = (login.0, sealdock_core::naming::inert(&e.message));
            tracing::warn!(%person, "refused: {why}");
        }
        done
    }

    /// Everything that is asked of the station: the daemon's end waits for it and it is not begun any more once that has begun,
    /// and an unknown state stops everything.
    pub(crate) fn counted<T>(
        &self,
        work: impl FnOnce() -> Result<T, CliError>,
    ) -> Result<T, CliError> {
        // Counted before it is asked: whoever is not refused is waited for.
        self.counted_even_stopping(|| {
            if self.open.docks.stopping().has_begun() {
                let text = "the station is stopping; try again in a moment";
                return Err(CliError::new(Exit::Busy, text));
            }
            work()
        })
    }

    /// The same for what belongs to the end itself.
    pub(crate) fn counted_even_stopping<T>(
        &self,
        work: impl FnOnce() -> Result<T, CliError>,
    ) -> Result<T, CliError> {
        self.asking.fetch_add(1, Ordering::SeqCst);
        let _counted = Counted(Arc::clone(&self.asking));
        let answer = work();
        if let Err(e) = &answer
            && e.exit == Exit::Stopped
        {
            self.open.docks.fail(&e.message);
        }
        answer
    }

    pub(crate) fn read(&self, request: Request) -> Result<Answer, CliError> {
        self.ask(Order { login: None, request })
    }

    /// In a thread where waiting for a disk or a slow hash holds nobody up.
    pub(crate) async fn aside<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Arc<Room>) -> Result<T, CliError> + Send + 'static,
    ) -> Result<T, CliError> {
        let room = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || work(&room)).await;
        done.unwrap_or_else(|e| {
            tracing::error!("a request of the console failed: {e}");
            Err(CliError::new(Exit::Failed, "this request failed; the log says where"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read as _, Write as _};

    /// Does a connection that asks for a large page and reads `bytes` of it end by itself?
    fn ends(unread: Duration, reads: bool) -> bool {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        listener.set_nonblocking(true).unwrap();
        let browser = std::thread::spawn(move || {
            let mut stream = std::net::TcpStream::connect(address).unwrap();
            stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
            let mut got = Vec::new();
            if reads {
                stream.read_to_end(&mut got).unwrap();
            } else {
                std::thread::sleep(Duration::from_secs(4));
            }
            got.len()
        });
        let large = Router::new().route("/", get(|| async { vec![b'x'; 64 << 20] }));
        let ended = runtime.block_on(async {
            let listener = TcpListener::from_std(listener).unwrap();
            let (stream, _) = listener.accept().await.unwrap();
            let answered = answered(stream, large, None, unread);
            tokio::time::timeout(Duration::from_secs(3), answered).await.is_ok()
        });
        assert_eq!(browser.join().unwrap() > 64 << 20, reads);
        ended
    }

    /// What a server that says what it was sent answers to these bytes.
    fn answers(request: &str) -> String {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        listener.set_nonblocking(true).unwrap();
        let request = request.to_owned();
        let browser = std::thread::spawn(move || {
            let mut stream = std::net::TcpStream::connect(address).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            let mut got = Vec::new();
            // What was not read of a request that was refused may end it hard.
            let _reset = stream.read_to_end(&mut got);
            String::from_utf8(got).unwrap()
        });
        let says =
            |method: axum::http::Method, body: String| async move { format!("<{method} {body}>") };
        let app = Router::new().fallback(says);
        runtime.block_on(async {
            let (stream, _) = TcpListener::from_std(listener).unwrap().accept().await.unwrap();
            answered(stream, app, None, UNREAD_TIME).await;
        });
        browser.join().unwrap()
    }

    #[test]
    fn where_a_request_ends_is_told_in_one_way_and_in_no_other() {
        let post = |head: &str, body: &str| {
            let then = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
            answers(&format!("POST / HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n{body}{then}"))
        };
        let plain = post("Content-Length: 2", "ab");
        assert!(plain.contains("<POST ab>") && plain.contains("<GET >"), "{plain}");
        // Its pieces say it and the length says nothing: what follows is a request of its own, or is not read.
        let both = post("Content-Length: 40\r\nTransfer-Encoding: chunked", "2\r\nab\r\n0\r\n\r\n");
        let others = both.replace("<POST ab>", "").replace("<GET >", "");
        assert!(both.contains("<POST ab>") && !others.contains('<'), "{both}");
        let heads = [
            "Content-Length: 2\r\nContent-Length: 4",
            "Content-Length: +2",
            "Content-Length: 2, 4",
            "Transfer-Encoding: xchunked",
            "Transfer-Encoding: chunked, identity",
        ];
        for head in heads {
            let said = post(head, "ab");
            assert!(said.starts_with("HTTP/1.1 400") && !said.contains('<'), "{head}: {said}");
        }
    }

    #[test]
    fn whoever_reads_nothing_of_an_answer_holds_its_connection_for_so_long_and_no_longer() {
        assert!(ends(Duration::from_secs(60), true), "a browser that reads");
        assert!(ends(Duration::from_millis(300), false), "one that does not");
        assert!(!ends(Duration::from_secs(60), false), "one that still may");
    }
}
