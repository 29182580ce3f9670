//! The console: one HTTP server in the daemon. It decides nothing; what it does is a request that `execute` answers.
//! `docs/design/console.md`.

/// People, recorders, policy, places.
mod admin;
/// Requests that wait, and the decision.
mod approvals;
/// Clips and one clip's life.
mod clips;
/// Overview, sessions, evidence room.
mod desk;
/// The first run, where there is no station yet.
pub mod first;
/// What a request must be before anything looks at it.
mod guard;
/// A recorder is somebody's.
mod kiosk;
/// The wall, passed on as it changes.
mod live;
/// PINs: how soon again, how close to a lock, whom to turn to.
mod pins;
/// A policy's values with their sources.
mod rules;
/// Signing in and out.
mod sign;
/// Who is signed in.
mod signed;
/// Recorders on their way out and back.
mod uses;
/// The wall's facts.
mod wall;

use crate::answer::Answer;
use crate::execute::{Asked, execute};
use crate::exit::{CliError, Exit};
use crate::request::{Order, Request};
use crate::wire::Open;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{get, post};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use sealdock_core::id::PersonId;
use sealdock_station::{Progress, Unheard};
use signed::SignedIn;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// Browsers at once; a wall holds one connection as long as it hangs.
const CONNECTIONS_MAX: usize = 256;
/// For the head of a request, and between two of them.
const HEAD_TIME: Duration = Duration::from_secs(10);
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
    /// `127.0.0.1:8420`, as the listener is bound.
    pub(crate) address: SocketAddr,
    pub(crate) unit: String,
    /// Each try hashes a PIN slowly and in much memory.
    pub(crate) pins: Arc<Semaphore>,
    /// What a form came to, for the page that follows it.
    pub(crate) said: signed::Sayings,
    /// Sheets and texts that are looked at before they are signed.
    pub(crate) drafts: admin::Drafts,
    asking: Arc<AtomicUsize>,
}

/// The running console.
pub struct Console {
    pub address: SocketAddr,
    asking: Arc<AtomicUsize>,
}

impl Console {
    /// Is something of it being done that the end waits for?
    pub fn busy(&self) -> bool {
        self.asking.load(Ordering::SeqCst) > 0
    }
}

/// Listens for browsers of this machine; who answers them comes later.
///
/// # Errors
/// The address is not loopback, or taken.
pub fn bind(listen: SocketAddr) -> Result<std::net::TcpListener, CliError> {
    if !listen.ip().is_loopback() {
        let text = format!(
            "{listen} is no loopback address: the console speaks plain HTTP and is for a browser on this machine; name 127.0.0.1:{}",
            listen.port()
        );
        return Err(CliError::new(Exit::Refused, text));
    }
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

/// Serves from now on, in threads of its own, as long as the process lives.
///
/// # Errors
/// The machine gives no thread, or the registers cannot be read.
pub fn serve(open: &Arc<Open>, listener: std::net::TcpListener) -> Result<Console, CliError> {
    let address = listener.local_addr().map_err(failed)?;
    let asking: Arc<AtomicUsize> = Arc::default();
    let room = Arc::new(Room {
        open: Arc::clone(open),
        signed: SignedIn::default(),
        at_kiosk: kiosk::standing(),
        live: live::Live::default(),
        address,
        unit: crate::execute::unit(open)?,
        pins: Arc::new(Semaphore::new(PINS_MAX)),
        said: signed::Sayings::default(),
        drafts: admin::Drafts::default(),
        asking: Arc::clone(&asking),
    });
    let runtime = runtime()?;
    std::thread::Builder::new()
        .name("console".into())
        .spawn(move || {
            let ended = runtime.block_on(async {
                let listener = TcpListener::from_std(listener)?;
                tokio::spawn(live::keep_up(Arc::clone(&room)));
                accept(listener, routes(room)).await;
                Ok::<_, std::io::Error>(())
            });
            if let Err(e) = ended {
                tracing::error!("the console ended: {e}");
            }
        })
        .map_err(failed)?;
    Ok(Console { address, asking })
}

fn runtime() -> Result<tokio::runtime::Runtime, CliError> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("console")
        .enable_all()
        .build()
        .map_err(failed)
}

fn routes(room: Arc<Room>) -> Router {
    Router::new()
        .route("/", get(live::page))
        .route("/live", get(live::stream))
        .merge(kiosk::routes())
        .merge(admin::routes())
        .route("/sign-in", get(sign::page).post(sign::sign_in))
        .route("/sign-out", post(sign::sign_out))
        .route("/language", get(sign::language))
        .route("/desk", get(desk::overview))
        .route("/clips", get(clips::list))
        .route("/clips/{clip}", get(clips::show))
        .route("/sessions", get(desk::sessions))
        .route("/sessions/{session}", get(desk::session))
        .route("/approvals", get(approvals::page).post(approvals::decide))
        .route("/uses", get(uses::page).post(uses::act))
        .route("/uses/unticked", get(uses::unticked))
        .route("/evidence", get(desk::evidence))
        .route("/static/{name}", get(guard::asset))
        .fallback(guard::nothing_there)
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(middleware::from_fn_with_state(Arc::clone(&room), guard::guard))
        .with_state(room)
}

async fn accept(listener: TcpListener, app: Router) {
    let slots = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        // Taken before a connection is: beyond the limit browsers wait in the kernel.
        let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let app = app.clone();
                tokio::spawn(async move {
                    connection(stream, app).await;
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

async fn connection(stream: TcpStream, app: Router) {
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
        let person = order.login.as_ref().map(|login| login.person.clone());
        self.counted(person.as_ref(), || {
            let uid = rustix::process::geteuid().as_raw();
            execute(&self.open, &Asked { uid, progress }, order)
        })
    }

    /// Compares a PIN as everywhere, and does nothing else.
    pub(crate) fn prove(&self, person: &PersonId, pin: &str) -> Result<(), CliError> {
        self.counted(Some(person), || Ok(self.open.station.authenticate(person, pin).map(drop)?))
    }

    /// Everything that is asked of the station in somebody's name: the daemon's end waits for it, an unknown state stops
    /// everything, and PINs are tried slowly.
    fn counted<T>(
        &self,
        person: Option<&PersonId>,
        work: impl FnOnce() -> Result<T, CliError>,
    ) -> Result<T, CliError> {
        self.asking.fetch_add(1, Ordering::SeqCst);
        let _counted = Counted(Arc::clone(&self.asking));
        if self.open.docks.stopping().has_begun() {
            return Err(CliError::new(
                Exit::Busy,
                "the station is stopping; try again in a moment",
            ));
        }
        let done = match person {
            Some(person) => pins::tried(&self.open, person, work),
            None => work(),
        };
        if let Err(e) = &done
            && e.exit == Exit::Stopped
        {
            self.open.docks.fail(&e.message);
        }
        done
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
