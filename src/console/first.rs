//! The first run: a station that is not there yet, founded by a few questions. Whoever stands at the terminal has a code that
//! counts once; nobody else who reaches loopback gets a page. Nothing is made before the last question is answered.

/// What was answered so far, and the founding itself.
mod draft;
/// One page for each question.
mod pages;
/// Who may answer.
mod who;

use super::guard::Door;
use super::{bind, failed, guard, runtime, sign};
use crate::exit::{CliError, Exit};
use crate::wire;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use draft::{Draft, Outcome};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use who::Entry;

/// What the command line said.
#[derive(Debug, Clone)]
pub struct Place {
    pub dir: PathBuf,
    pub immutable: bool,
    pub mirror_same_disk: bool,
    /// Written into `station.toml`.
    pub console: Option<SocketAddr>,
}

/// What every page knows.
struct First {
    place: Place,
    address: SocketAddr,
    entry: Mutex<Entry>,
    draft: Mutex<Draft>,
    outcome: Mutex<Option<Outcome>>,
    /// One founding at a time.
    founding: tokio::sync::Mutex<()>,
    /// One code at a time: whoever guesses waits for the last guess.
    trying: tokio::sync::Mutex<()>,
    /// The station is there, and its daemon may go on.
    go_on: watch::Sender<bool>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Asks until a station is founded; then gives the listener back for the station's own console, so that no browser is ever
/// turned away in between.
///
/// # Errors
/// There is a station already, or the directory is not empty; the address is taken or is not loopback.
pub fn serve(place: Place, listen: SocketAddr) -> Result<TcpListener, CliError> {
    wire::suitable(&place.dir)?;
    let listener = bind(listen)?;
    let address = listener.local_addr().map_err(failed)?;
    let entry = Entry::new()?;
    announce(address, &entry.code);
    let first = Arc::new(First {
        place,
        address,
        entry: Mutex::new(entry),
        draft: Mutex::default(),
        outcome: Mutex::default(),
        founding: tokio::sync::Mutex::default(),
        trying: tokio::sync::Mutex::default(),
        go_on: watch::Sender::new(false),
    });
    let own = listener.try_clone().map_err(failed)?;
    let runtime = runtime()?;
    runtime.block_on(accept(own, Arc::clone(&first)))?;
    // Connections that were told to end have done so; what a browser left open is dropped.
    runtime.shutdown_timeout(Duration::from_secs(1));
    Ok(listener)
}

/// On the terminal alone: the log may go elsewhere.
fn announce(address: SocketAddr, code: &str) {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    let _unread = writeln!(
        out,
        "http://{address}/\n一次性代码 one-time code: {code}\n在本机浏览器打开上面的地址 open this address in a browser of this machine"
    );
    let _unread = out.flush();
}

async fn accept(listener: TcpListener, first: Arc<First>) -> Result<(), CliError> {
    let listener = tokio::net::TcpListener::from_std(listener).map_err(failed)?;
    let app = routes(Arc::clone(&first));
    let mut over = first.go_on.subscribe();
    let mut running = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    running.spawn(connection(stream, app.clone(), first.go_on.subscribe()));
                }
                Err(e) => {
                    tracing::warn!("a browser could not be taken: {e}");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
            changed = over.wait_for(|over| *over) => {
                changed.map_err(|_| CliError::new(Exit::Failed, "the first run ended; start it again"))?;
                break;
            }
        }
    }
    let all = async { while running.join_next().await.is_some() {} };
    // The answer that leads on is on its way in one of them.
    let _late = tokio::time::timeout(Duration::from_secs(5), all).await;
    Ok(())
}

/// Ends after the answer that is on its way, once the station is there.
async fn connection(stream: tokio::net::TcpStream, app: Router, mut over: watch::Receiver<bool>) {
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(super::HEAD_TIME)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(app));
    let mut served = std::pin::pin!(served);
    tokio::select! {
        _ = served.as_mut() => return,
        _ = over.wait_for(|over| *over) => served.as_mut().graceful_shutdown(),
    }
    let _ended = served.await;
}

fn routes(first: Arc<First>) -> Router {
    Router::new()
        .route("/", get(pages::begin))
        .route("/first-run/", get(pages::begin))
        .route("/first-run/code", get(pages::begin).post(pages::code))
        .route("/first-run/unit", get(pages::unit).post(pages::take_unit))
        .route("/first-run/people", get(pages::people).post(pages::take_person))
        .route("/first-run/policy", get(pages::policy).post(pages::take_policy))
        .route("/first-run/keys", get(pages::keys).post(pages::take_keys))
        .route("/first-run/copies", get(pages::copies).post(pages::take_copies))
        .route("/first-run/found", get(pages::confirm).post(pages::found))
        .route("/first-run/done", get(pages::done))
        .route("/first-run/open", post(pages::open))
        .route("/language", get(sign::language))
        .route("/static/{name}", get(guard::asset))
        .fallback(pages::begin)
        .layer(DefaultBodyLimit::max(super::FORM_BYTES_MAX))
        .layer(middleware::from_fn_with_state(Arc::clone(&first), guarded))
        .with_state(first)
}

async fn guarded(State(first): State<Arc<First>>, request: Request, next: Next) -> Response {
    guard::guarded(&Door::plain(first.address), request, next).await
}
