//! For a bureau's own systems: the facts that `--json` prints on the command line, over HTTP, to whoever holds a token. It reads
//! and changes nothing, and no byte of footage passes here. `docs/ref/api.md`.

/// What Prometheus reads.
mod metrics;
/// The description of it all, made from the table below.
pub mod openapi;
/// Who may read what.
pub mod tokens;

use super::Room;
use crate::exit::{CliError, Exit};
use crate::request::{ClipFilter, ClipPage, Request};
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sealdock_core::id::{ClipId, PersonId, RecorderId, SessionId};
use sealdock_core::naming::inert;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;
use tokens::Right;
use tokio::sync::Semaphore;

/// Questions of other systems that are answered at once; ingest and people go first.
const AT_ONCE: usize = 4;
/// Clips, entries or sessions in one answer.
const PAGE_MAX: u32 = 1000;
const PAGE: u32 = 100;

/// One question that can be asked.
pub struct Endpoint {
    /// As OpenAPI and the router write it.
    pub path: &'static str,
    pub right: Right,
    pub what: &'static str,
    /// Query parameters: name, what it means.
    pub query: &'static [(&'static str, &'static str)],
    request: fn(&Asked) -> Result<Request, CliError>,
}

/// What a system asked, in pieces.
pub struct Asked {
    id: Option<String>,
    query: HashMap<String, String>,
}

impl Asked {
    fn get<T: FromStr<Err: Display>>(&self, name: &str) -> Result<Option<T>, CliError> {
        let Some(text) = self.query.get(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|why| usage(format!("{name}: {why}")))
    }

    fn count(&self) -> Result<u32, CliError> {
        match self.get("limit")?.unwrap_or(PAGE) {
            limit @ 1..=PAGE_MAX => Ok(limit),
            _ => Err(usage(format!("limit must be from 1 to {PAGE_MAX}"))),
        }
    }

    /// `C12`, `S3`: what stands in the path.
    fn id<T: FromStr<Err: Display>>(&self) -> Result<T, CliError> {
        self.id.as_deref().unwrap_or_default().parse().map_err(|why: T::Err| usage(why.to_string()))
    }
}

fn usage(text: String) -> CliError {
    CliError::new(Exit::Usage, text)
}

const LIMIT: (&str, &str) = ("limit", "how many at most, 1 to 1000; 100 if it is not said");

/// Everything that can be asked. Router, rights and description are made from it.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        path: "/api/v1/status",
        right: Right::Status,
        what: "The whole station at one look: bays, sessions, deadlines, disk, copies, alarms, head of the chain",
        query: &[],
        request: |_| Ok(Request::Status),
    },
    Endpoint {
        path: "/api/v1/head",
        right: Right::Status,
        what: "The newest signed head of the chain",
        query: &[],
        request: |_| Ok(Request::LogHead),
    },
    Endpoint {
        path: "/api/v1/entries",
        right: Right::Record,
        what: "Entries of the chain in their order: a feed, asked again from the last sequence number plus one",
        query: &[("from", "sequence number of the first one; 0 if it is not said"), LIMIT],
        request: |asked| {
            let from = Some(asked.get("from")?.unwrap_or(0));
            Ok(Request::LogShow { from, count: asked.count()? })
        },
    },
    Endpoint {
        path: "/api/v1/clips",
        right: Right::Registers,
        what: "Clips in custody",
        query: &[
            ("officer", "of this officer"),
            ("recorder", "of this recorder"),
            ("day", "of this civil day, as 2026-11-21"),
            ("after", "those that follow this clip, as C12"),
            LIMIT,
        ],
        request: clips,
    },
    Endpoint {
        path: "/api/v1/clips/{id}",
        right: Right::Registers,
        what: "One clip and what became of it",
        query: &[],
        request: |asked| Ok(Request::ClipShow { clip: asked.id()? }),
    },
    Endpoint {
        path: "/api/v1/sessions",
        right: Right::Registers,
        what: "Dock sessions",
        query: &[],
        request: |_| Ok(Request::SessionList { aside: false }),
    },
    Endpoint {
        path: "/api/v1/sessions/{id}",
        right: Right::Registers,
        what: "One dock session, line by line",
        query: &[],
        request: |asked| Ok(Request::SessionShow { session: asked.id::<SessionId>()? }),
    },
    Endpoint {
        path: "/api/v1/recorders",
        right: Right::Registers,
        what: "Recorders that are registered",
        query: &[],
        request: |_| Ok(Request::RecorderList),
    },
    Endpoint {
        path: "/api/v1/people",
        right: Right::Registers,
        what: "People that are enrolled",
        query: &[],
        request: |_| Ok(Request::PersonList),
    },
];

fn clips(asked: &Asked) -> Result<Request, CliError> {
    let after = asked.get::<ClipId>("after")?;
    let page = ClipPage { limit: Some(asked.count()?), after, newest_first: false, looks: None };
    Ok(Request::ClipList(ClipFilter {
        page,
        officer: asked.get::<PersonId>("officer")?,
        recorder: asked.get::<RecorderId>("recorder")?,
        day: asked.query.get("day").cloned(),
        ..ClipFilter::default()
    }))
}

/// All of it, for either door.
pub fn routes() -> Router<Arc<Room>> {
    let slots = Arc::new(Semaphore::new(AT_ONCE));
    let mut app = Router::new()
        .route(
            "/metrics",
            get({
                let slots = Arc::clone(&slots);
                move |room, headers| metrics::metrics(room, headers, slots)
            }),
        )
        .route("/api/v1/openapi.json", get(described));
    for endpoint in ENDPOINTS {
        let slots = Arc::clone(&slots);
        let answer = move |State(room): State<Arc<Room>>,
                           path: Option<Path<String>>,
                           RawQuery(query): RawQuery,
                           headers: HeaderMap| async move {
            answer(&room, endpoint, path.map(|Path(id)| id), (query, &headers), &slots).await
        };
        app = app.route(endpoint.path, get(answer));
    }
    app
}

async fn answer(
    room: &Arc<Room>,
    endpoint: &'static Endpoint,
    id: Option<String>,
    (query, headers): (Option<String>, &HeaderMap),
    slots: &Semaphore,
) -> Response {
    if let Err(refused) = allowed(room, headers, Some(endpoint.right)).await {
        return refused;
    }
    let query = match parameters(endpoint, query.as_deref().unwrap_or_default()) {
        Ok(query) => query,
        Err(e) => return problem(StatusCode::BAD_REQUEST, &e.message),
    };
    let request = match (endpoint.request)(&Asked { id, query }) {
        Ok(request) => request,
        Err(e) => return problem(StatusCode::BAD_REQUEST, &e.message),
    };
    match read(room, request, slots).await {
        Ok(facts) => json_response(StatusCode::OK, "application/json", &facts),
        Err(refused) => refused,
    }
}

/// Asks the station, at most so many at once.
async fn read(room: &Arc<Room>, request: Request, slots: &Semaphore) -> Result<Value, Response> {
    let Ok(_slot) = slots.try_acquire() else {
        let mut busy =
            problem(StatusCode::SERVICE_UNAVAILABLE, "too many questions at once; ask again");
        busy.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        return Err(busy);
    };
    match room.aside(move |room| room.read(request)).await {
        Ok(answer) => Ok(answer.json),
        Err(e) => {
            let status = match e.exit {
                Exit::Missing => StatusCode::NOT_FOUND,
                Exit::Usage | Exit::Refused | Exit::PinWanted => StatusCode::BAD_REQUEST,
                Exit::Busy => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::INTERNAL_SERVER_ERROR,
            };
            if status == StatusCode::INTERNAL_SERVER_ERROR {
                tracing::error!("another system was not answered: {}", inert(&e.message));
                return Err(problem(status, "the station failed; its log says why"));
            }
            Err(problem(status, &e.message))
        }
    }
}

/// Every parameter once, and none that means nothing: a slip of the pen would show more than was asked for.
fn parameters(endpoint: &Endpoint, query: &str) -> Result<HashMap<String, String>, CliError> {
    let pairs: Vec<(String, String)> = axum::extract::Query::try_from_uri(
        &format!("/?{query}").parse().map_err(|_| usage("the query is not understood".into()))?,
    )
    .map(|axum::extract::Query(pairs)| pairs)
    .map_err(|_| usage("the query is not understood".into()))?;
    let mut all = HashMap::new();
    for (name, value) in pairs {
        if !endpoint.query.iter().any(|(known, _)| *known == name) {
            return Err(usage(format!("{} is no parameter here", inert(&name))));
        }
        if all.insert(name.clone(), value).is_some() {
            return Err(usage(format!("{name} is there twice")));
        }
    }
    Ok(all)
}

/// Who asks, if they may. `None`: any token will do.
async fn allowed(
    room: &Arc<Room>,
    headers: &HeaderMap,
    right: Option<Right>,
) -> Result<(), Response> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let token = match (given.next().and_then(|value| value.to_str().ok()), given.next()) {
        (Some(value), None) => value.strip_prefix("Bearer ").map(str::to_owned),
        _ => None,
    };
    let Some(token) = token else { return Err(unknown()) };
    let known = room.aside(move |room| tokens::find(&room.open.home.console(), &token)).await;
    match known {
        Err(e) => {
            tracing::error!("tokens of other systems cannot be read: {e}");
            Err(problem(
                StatusCode::INTERNAL_SERVER_ERROR,
                "tokens cannot be read; the log says why",
            ))
        }
        Ok(None) => Err(unknown()),
        Ok(Some(token)) => match right {
            Some(right) if !token.may.contains(&right) => {
                tracing::warn!(
                    system = token.name,
                    right = right.word(),
                    "a token without this right was used"
                );
                Err(problem(
                    StatusCode::FORBIDDEN,
                    &format!("this token has no right `{}`", right.word()),
                ))
            }
            Some(right) if right != Right::Metrics => {
                tracing::info!(system = token.name, right = right.word(), "another system reads");
                Ok(())
            }
            _ => Ok(()),
        },
    }
}

fn unknown() -> Response {
    let mut response =
        problem(StatusCode::UNAUTHORIZED, "a token is wanted: Authorization: Bearer TOKEN");
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}

async fn described(State(room): State<Arc<Room>>, headers: HeaderMap) -> Response {
    match allowed(&room, &headers, None).await {
        Ok(()) => json_response(StatusCode::OK, "application/json", &openapi::description()),
        Err(refused) => refused,
    }
}

/// RFC 9457.
fn problem(status: StatusCode, detail: &str) -> Response {
    let title = status.canonical_reason().unwrap_or("problem");
    let facts = json!({ "type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail });
    json_response(status, "application/problem+json", &facts)
}

fn json_response(status: StatusCode, kind: &'static str, facts: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, kind)], facts.to_string()).into_response()
}
