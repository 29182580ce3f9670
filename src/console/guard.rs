//! What a request must be before anything looks at it, and what every answer says about itself.

use super::signed::Reader;
use super::spoken::in_lang;
use crate::exit::CliError;
use axum::extract::{Path, Request, State};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Redirect, Response};
use sealdock_console::words as w;
use sealdock_console::{Drawn, assets, desk};
use sealdock_core::naming::inert;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// No script, style, font or connection but from this station, nothing in the page itself, no frame around it.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The same for the page that plays footage, out of this page's own memory.
const PLAYING_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; \
     media-src blob:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Put into an answer that plays footage.
#[derive(Debug, Clone, Copy)]
pub struct Plays;

const SAID: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // Not `no-referrer`: a browser then says of its own forms that nobody knows whose they are.
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// A browser that came by TLS once comes by nothing else to this name and those below it (RFC 6797).
const ONLY_TLS: (HeaderName, &str) =
    (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains");

/// Put into a request: which door it came by.
#[derive(Debug, Clone)]
#[cfg_attr(not(feature = "passkeys"), allow(dead_code, reason = "passkeys alone ask"))]
pub struct Here {
    pub tls: bool,
    /// What a browser may call us there that is no address of numbers.
    pub named: Option<String>,
}

/// One way in: what a browser may call us there, and whether it speaks TLS.
pub struct Door {
    hosts: Vec<String>,
    tls: bool,
}

impl Door {
    /// Plain, on loopback.
    pub fn plain(address: SocketAddr) -> Door {
        let hosts = vec![address.to_string(), format!("localhost:{}", address.port())];
        Door { hosts, tls: false }
    }

    /// By TLS; browsers leave the port out where it is the usual one.
    pub fn tls(names: &[String], port: u16) -> Door {
        let shown = |name: &String| match name.contains(':') {
            true => format!("[{name}]"),
            false => name.clone(),
        };
        let bare = names.iter().map(shown).filter(|_| port == 443);
        let hosts =
            bare.chain(names.iter().map(|name| format!("{}:{port}", shown(name)))).collect();
        Door { hosts, tls: true }
    }

    fn here(&self) -> Here {
        let name = |host: &&String| {
            let bare = host.rsplit_once(':').map_or(host.as_str(), |(name, _)| name);
            !bare.starts_with('[') && bare.parse::<std::net::IpAddr>().is_err()
        };
        Here { tls: self.tls, named: self.hosts.iter().find(name).cloned() }
    }
}

/// A request and its answer; a stream of the wall lasts longer and is begun within it.
const PATIENCE: Duration = Duration::from_secs(60);

/// Before every route.
pub async fn guard(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    guarded(&door, request, next).await
}

/// The same for whoever listens by themselves.
pub async fn guarded(door: &Door, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(door.here());
    let refused = refusal(door, request.method(), request.headers());
    let mut response = match refused {
        Some(why) => {
            tracing::warn!("the console refused a request: {why}");
            (StatusCode::FORBIDDEN, format!("{why}\n")).into_response()
        }
        None => match tokio::time::timeout(PATIENCE, next.run(request)).await {
            Ok(response) => response,
            Err(_) => (StatusCode::REQUEST_TIMEOUT, "it took too long\n").into_response(),
        },
    };
    for (name, value) in SAID {
        // A sheet to print has a policy of its own, which names its style and nothing else.
        if name != header::CONTENT_SECURITY_POLICY || !response.headers().contains_key(&name) {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
    }
    if door.tls {
        response.headers_mut().insert(ONLY_TLS.0, HeaderValue::from_static(ONLY_TLS.1));
    }
    if response.extensions().get::<Plays>().is_some() {
        let policy = HeaderValue::from_static(PLAYING_POLICY);
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Why a request is none of ours. `Host` defeats names that were led to this machine (rebinding); `Origin` and
/// `Sec-Fetch-Site` defeat pages of others, which a browser lets post wherever they like.
fn refusal(door: &Door, method: &Method, headers: &HeaderMap) -> Option<&'static str> {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let host = text(header::HOST).unwrap_or_default();
    if !door.hosts.iter().any(|own| own == host)
        || headers.get_all(header::HOST).iter().count() != 1
    {
        return Some("this station is not called so; open the address that the daemon printed");
    }
    let site = text(HeaderName::from_static("sec-fetch-site"));
    if method == Method::GET || method == Method::HEAD {
        // Following a link from elsewhere shows a page and does nothing; anything else that is asked from there is refused.
        let looks = text(HeaderName::from_static("sec-fetch-mode")) == Some("navigate");
        let fine = matches!(site, None | Some("same-origin" | "none")) || looks;
        return (!fine).then_some("another site asked for this");
    }
    if method != Method::POST {
        return Some("this is asked for with GET or POST");
    }
    let origin = text(header::ORIGIN);
    let scheme = if door.tls { "https://" } else { "http://" };
    let same = origin.map(|origin| origin.strip_prefix(scheme) == Some(host));
    match (same, site) {
        (Some(false), _) => Some("another site sent this form"),
        (_, Some(site)) if site != "same-origin" => Some("another site sent this form"),
        (None, None) => Some("the browser does not say whose form this is; use a current one"),
        _ => None,
    }
}

/// Style and script.
pub async fn asset(Path(name): Path<String>) -> Response {
    match assets::find(&name) {
        Some(asset) => ([(header::CONTENT_TYPE, asset.kind)], asset.body).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Whatever has no route.
pub async fn nothing_there(reader: Reader) -> Response {
    reader.said(StatusCode::NOT_FOUND, w::NOT_FOUND, "404")
}

/// A page, or the fault that it is when it cannot be drawn.
pub fn page(status: StatusCode, drawn: Drawn) -> Response {
    match drawn {
        Ok(html) => (status, Html(html)).into_response(),
        Err(e) => {
            tracing::error!("a page of the console could not be drawn: {e}");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn status(e: &CliError) -> StatusCode {
    use crate::exit::Exit;
    match e.exit {
        Exit::Missing => StatusCode::NOT_FOUND,
        Exit::Usage | Exit::Refused | Exit::PinWanted => StatusCode::UNPROCESSABLE_ENTITY,
        Exit::Busy => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl Reader {
    /// Away from a form to the page that says what came of it: loaded again, that page signs nothing.
    pub fn off_to(&self, to: &str, said: (bool, String)) -> Response {
        let me = self.me.as_ref().map(|(person, _)| person);
        match self.room.said.at(to, me, said) {
            Ok(to) => Redirect::to(&to).into_response(),
            Err(e) => self.failed(&e),
        }
    }

    /// One sentence in the frame.
    pub fn said(&self, status: StatusCode, title: w::Word, text: &str) -> Response {
        page(status, desk::Said { frame: self.frame(), title, text: text.to_owned() }.draw())
    }

    /// What went wrong, in the station's words.
    pub fn failed(&self, e: &CliError) -> Response {
        self.said(status(e), w::FAILED, &self.words_of(e))
    }

    /// A refusal is for whoever asked. A fault names files and tables of the station: its log has it, and whoever reads every
    /// register.
    pub fn words_of(&self, e: &CliError) -> String {
        if status(e) != StatusCode::INTERNAL_SERVER_ERROR {
            return in_lang(self.lang, e);
        }
        tracing::error!("the console failed at {}: {}", inert(&self.here), inert(&e.message));
        match self.me.as_ref().is_some_and(|(_, me)| me.reads_all) {
            true => in_lang(self.lang, e),
            false => self.lang.t(w::admin::LOG_SAYS_WHY).to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(method: Method, headers: &[(&'static str, &'static str)]) -> bool {
        refused_at(&Door::plain("127.0.0.1:8420".parse().unwrap()), method, headers)
    }

    fn refused_at(door: &Door, method: Method, headers: &[(&'static str, &'static str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        refusal(door, &method, &map).is_some()
    }

    const HOST: (&str, &str) = ("host", "127.0.0.1:8420");
    const OWN: (&str, &str) = ("origin", "http://127.0.0.1:8420");

    #[test]
    fn a_name_that_was_led_here_is_refused() {
        assert!(!refused(Method::GET, &[HOST]));
        assert!(!refused(Method::GET, &[("host", "localhost:8420")]));
        for host in
            ["evil.example:8420", "127.0.0.1", "127.0.0.1:80", "", "127.0.0.1:8420.evil.example"]
        {
            assert!(refused(Method::GET, &[("host", host)]), "{host}");
        }
        assert!(refused(Method::GET, &[]) && refused(Method::GET, &[HOST, HOST]));
    }

    #[test]
    fn a_form_of_another_site_is_refused() {
        let site = |site| ("sec-fetch-site", site);
        assert!(!refused(Method::POST, &[HOST, OWN]));
        assert!(!refused(Method::POST, &[HOST, site("same-origin")]));
        assert!(!refused(Method::POST, &[HOST, OWN, site("same-origin")]));
        for bad in ["cross-site", "same-site", "none"] {
            assert!(refused(Method::POST, &[HOST, OWN, site(bad)]), "{bad}");
        }
        for bad in [
            "http://evil.example",
            "null",
            "https://127.0.0.1:8420",
            "http://127.0.0.1:8421",
            "http://localhost:8420",
        ] {
            let origin = ("origin", bad);
            assert!(refused(Method::POST, &[HOST, origin]), "{bad}");
            assert!(refused(Method::POST, &[HOST, origin, site("same-origin")]), "{bad}");
        }
        assert!(refused(Method::POST, &[HOST]), "nothing says whose it is");
        for other in [Method::PUT, Method::DELETE, Method::TRACE, Method::OPTIONS] {
            assert!(refused(other.clone(), &[HOST, OWN]), "{other}");
        }
    }

    #[test]
    fn by_tls_a_browser_calls_one_of_the_names_and_its_forms_come_by_tls() {
        let door = Door::tls(&["10.0.0.5".into(), "seal.lan".into()], 8443);
        for host in ["10.0.0.5:8443", "seal.lan:8443"] {
            assert!(!refused_at(&door, Method::GET, &[("host", host)]), "{host}");
        }
        for host in ["seal.lan", "seal.lan:443", "localhost:8443", "127.0.0.1:8443"] {
            assert!(refused_at(&door, Method::GET, &[("host", host)]), "{host}");
        }
        let host = ("host", "seal.lan:8443");
        let from = |origin| refused_at(&door, Method::POST, &[host, ("origin", origin)]);
        assert!(!from("https://seal.lan:8443"));
        assert!(from("http://seal.lan:8443") && from("https://10.0.0.5:8443"));
        let usual = Door::tls(&["::1".into(), "seal.lan".into()], 443);
        for host in ["seal.lan", "seal.lan:443", "[::1]", "[::1]:443"] {
            assert!(!refused_at(&usual, Method::GET, &[("host", host)]), "{host}");
        }
    }

    #[test]
    fn a_link_from_elsewhere_shows_a_page_and_nothing_else_is_read_from_there() {
        let from = |mode| [HOST, ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", mode)];
        assert!(!refused(Method::GET, &from("navigate")));
        for mode in ["cors", "no-cors", "websocket"] {
            assert!(refused(Method::GET, &from(mode)), "{mode}");
        }
    }
}
