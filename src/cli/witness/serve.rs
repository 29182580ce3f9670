//! `witness serve`: `POST /add-checkpoint` (c2sp.org/tlog-witness) over plain HTTP. What is decided and remembered is in
//! `crates/witness`; here are only the limits of strangers.

use super::now;
use crate::exit::{CliError, Exit};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use sealdock_witness::decide::REQUEST_BYTES_MAX;
use sealdock_witness::{Answer, SIZE_TYPE, Says, Witness};
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Semaphore;

const CONNECTIONS_MAX: usize = 64;
/// For the head of a request, and between two of them.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// For all requests of one connection.
const CONNECTION_TIME: Duration = Duration::from_secs(60);

/// Serves until it is told to end (SIGTERM, SIGINT).
pub fn run(dir: &Path, listen: SocketAddr, everywhere: bool) -> Result<(), CliError> {
    if !listen.ip().is_loopback() && !everywhere {
        let text = format!(
            "{listen} is no loopback address: anybody who reaches it may ask; say --everywhere if that is meant"
        );
        return Err(CliError::new(Exit::Refused, text));
    }
    let me = Arc::new(Witness::open(dir)?);
    let failed = |e: std::io::Error| {
        CliError::new(Exit::Failed, format!("cannot listen on {listen}: {e}; name another port"))
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(failed)?;
    runtime.block_on(async move {
        let listener = TcpListener::bind(listen).await.map_err(failed)?;
        let bound = listener.local_addr().map_err(failed)?;
        // Whoever started it waits for this line; that nobody reads it is no harm.
        let _unread = writeln!(std::io::stdout(), "http://{bound}/");
        serve(listener, me).await.map_err(failed)
    })
}

async fn serve(listener: TcpListener, me: Arc<Witness>) -> std::io::Result<()> {
    let app = Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .layer(DefaultBodyLimit::max(REQUEST_BYTES_MAX))
        .with_state(me);
    let mut told = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let slots = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        // Taken before a connection is: beyond the limit strangers wait in the kernel.
        let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { return Ok(()) };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = told.0.recv() => return Ok(()),
            _ = told.1.recv() => return Ok(()),
        };
        match accepted {
            Ok((stream, _)) => {
                let app = app.clone();
                tokio::spawn(async move {
                    connection(stream, app).await;
                    drop(slot);
                });
            }
            // One connection broke before it began, or there are no descriptors for a moment.
            Err(e) => {
                tracing::warn!("a connection could not be taken: {e}");
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
    // How a stranger's connection ends changes nothing here.
    let _ended = tokio::time::timeout(CONNECTION_TIME, served).await;
}

/// Disk and signature are no work for the threads that hold the connections.
async fn add_checkpoint(State(me): State<Arc<Witness>>, body: Bytes) -> Response {
    let answered = tokio::task::spawn_blocking(move || match now() {
        Ok(now) => me.answer(&body, now),
        Err(e) => Answer { status: 503, body: format!("{e}\n"), says: Says::Why },
    });
    let lost = |_| Answer { status: 500, body: "the witness failed\n".into(), says: Says::Why };
    let answer = answered.await.unwrap_or_else(lost);
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let kind = match answer.says {
        Says::Size | Says::OtherRoot => SIZE_TYPE,
        Says::Lines | Says::Why => "text/plain; charset=utf-8",
    };
    (status, [(header::CONTENT_TYPE, kind)], answer.body).into_response()
}
