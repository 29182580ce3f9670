//! `anchor send`: carries requests to the witnesses that have an address. The station makes the requests and takes the
//! answers; the network is waited for here, so that no docking ever waits for it.

use crate::answer::Answer;
use crate::cli::client;
use crate::execute::private_address;
use crate::exit::{CliError, Exit};
use crate::request::{AnchorAsk, BroughtBack, Order, Request};
use sealdock_core::naming;
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, TlsProvider, parse_pem};

/// For one request and its answer.
const TIME: Duration = Duration::from_secs(20);
const ANSWER_BYTES_MAX: u64 = 64 * 1024;
/// A witness may have gone on between two requests.
const ROUNDS_MAX: usize = 3;
/// The roots that the machine believes, where nothing else is said (`SSL_CERT_FILE`).
const ROOTS: &str = "/etc/ssl/certs/ca-certificates.crt";
const SIZE_TYPE: &str = "text/x.tlog.size";

#[derive(Debug, Deserialize)]
struct Body {
    witness: String,
    url: String,
    old: u64,
    body: String,
}

/// What a witness sent back.
#[derive(Debug)]
struct Sent {
    status: u16,
    kind: String,
    body: Vec<u8>,
}

/// Asks every witness with an address. What one of them says does not keep the next from being asked.
pub fn run(station: &Path) -> Result<Answer, CliError> {
    let bodies = bodies(station, None)?;
    let mut labels: Vec<String> = bodies.iter().map(|body| body.witness.clone()).collect();
    labels.dedup();
    let agent = agent(roots()?);
    let mut told = Told::default();
    for label in &labels {
        let first = bodies.iter().find(|body| body.witness == *label);
        if let Some(first) = first {
            round_trip(station, &agent, first, &mut told)?;
        }
    }
    if labels.is_empty() {
        let text = "nobody to ask: every witness with an address has cosigned the head of now, or the policy names none";
        return Ok(Answer::new(json!({ "answers": [], "failed": [] })).line(text));
    }
    Ok(told.answer())
}

fn bodies(station: &Path, only: Option<String>) -> Result<Vec<Body>, CliError> {
    let answer = ask(station, AnchorAsk::Bodies { only })?;
    let list = answer.json.get("requests").cloned().unwrap_or_default();
    serde_json::from_value(list).map_err(|e| {
        CliError::new(Exit::Failed, format!("the station's requests are not understood: {e}"))
    })
}

fn ask(station: &Path, ask: AnchorAsk) -> Result<Answer, CliError> {
    client::ask(station, Order { login: None, request: Request::Anchor(ask) })
}

/// Asks one witness, from where it says that it is if that is not where we thought.
fn round_trip(
    station: &Path,
    agent: &ureq::Agent,
    first: &Body,
    told: &mut Told,
) -> Result<(), CliError> {
    let label = &first.witness;
    let mut next: Option<Body> = None;
    for _ in 0..ROUNDS_MAX {
        let body = next.as_ref().unwrap_or(first);
        let sent = match post(agent, body) {
            Ok(sent) => sent,
            Err(why) => {
                told.failed(label, &why);
                return Ok(());
            }
        };
        let old = body.old;
        let (brought, size) = brought(label, sent, old);
        match ask(station, AnchorAsk::Take { answers: vec![brought] }) {
            Ok(answer) => told.answers.push(answer),
            Err(e) => {
                told.failed(label, &e.message);
                return Ok(());
            }
        }
        // The size is known now: is there a request that begins there?
        let Some(size) = size.filter(|size| *size != old) else { return Ok(()) };
        next = bodies(station, Some(label.clone()))?.into_iter().find(|body| body.old == size);
        if next.is_none() {
            return Ok(());
        }
    }
    told.failed(label, "it says another size each time");
    Ok(())
}

/// An answer as it would come on a stick; and the size, if it is about one. A conflict that names the very size that was
/// asked from is about another root (tlog-witness).
fn brought(label: &str, sent: Sent, old: u64) -> (BroughtBack, Option<u64>) {
    let text = String::from_utf8_lossy(&sent.body).into_owned();
    let size = text.trim_end().parse().ok();
    let size: Option<u64> = size.filter(|_| sent.status == 409 && sent.kind == SIZE_TYPE);
    let bytes = match (sent.status, size) {
        (200, _) => sent.body,
        (409, Some(size)) if size != old => format!("{size}\n").into_bytes(),
        (409, Some(_)) => b"409 another head of this size was cosigned already".to_vec(),
        (status, _) => {
            let why: String = text.trim().chars().take(300).collect();
            format!("{status} {why}").into_bytes()
        }
    };
    let name = format!("the answer of {}", naming::inert(label));
    (BroughtBack { name, bytes, record: None, witness: Some(label.to_owned()) }, size)
}

fn post(agent: &ureq::Agent, body: &Body) -> Result<Sent, String> {
    let url = format!("{}/add-checkpoint", body.url.trim_end_matches('/'));
    // One that was put there by an earlier release is not asked either.
    private_address(&url).map_err(|why| format!("{}: {why}", naming::inert(&body.url)))?;
    let request = agent.post(&url);
    let request = match url.starts_with("https:") {
        true => request,
        // A proxy of the environment would carry it off this machine as it is.
        false => request.config().proxy(None).build(),
    };
    let sent = request.content_type("text/plain").send(body.body.as_bytes());
    let mut response = sent.map_err(|e| e.to_string())?;
    let kind = response.headers().get("content-type").and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().to_owned();
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_vec();
    Ok(Sent { status, kind, body: body.map_err(|e| e.to_string())? })
}

fn agent(roots: Vec<Certificate<'static>>) -> ureq::Agent {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .unversioned_rustls_crypto_provider(provider)
        .root_certs(RootCerts::Specific(Arc::new(roots)))
        .build();
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(TIME))
        .http_status_as_error(false)
        .max_redirects(0)
        .tls_config(tls)
        .build();
    ureq::Agent::new_with_config(config)
}

/// Without the file there are none, and only plain addresses can be asked.
fn roots() -> Result<Vec<Certificate<'static>>, CliError> {
    let path =
        std::env::var_os("SSL_CERT_FILE").map_or_else(|| PathBuf::from(ROOTS), PathBuf::from);
    let pem = match std::fs::read(&path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        pem => pem.map_err(|e| crate::exit::file_error("read", &path, &e))?,
    };
    // One that cannot be read is none to believe.
    let certificates = parse_pem(&pem).filter_map(|item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate.to_owned()),
        _ => None,
    });
    Ok(certificates.collect())
}

#[derive(Default)]
struct Told {
    answers: Vec<Answer>,
    failed: Vec<(String, String)>,
}

impl Told {
    fn failed(&mut self, label: &str, why: &str) {
        self.failed.push((label.to_owned(), why.to_owned()));
    }

    /// An alarm weighs more than a witness that could not be reached.
    fn answer(self) -> Answer {
        let exit = match self.answers.iter().find(|answer| answer.exit != Exit::Done) {
            Some(alarm) => alarm.exit,
            None if self.failed.is_empty() => Exit::Done,
            None => Exit::Failed,
        };
        let facts: Vec<&Value> = self.answers.iter().map(|answer| &answer.json).collect();
        let failed: Vec<Value> = self
            .failed
            .iter()
            .map(|(label, why)| json!({ "witness": label, "why": why }))
            .collect();
        let mut all = Answer::new(json!({ "answers": facts, "failed": failed }));
        for answer in self.answers {
            all.blocks.extend(answer.blocks);
        }
        for (label, why) in &self.failed {
            let (label, why) = (naming::inert(label), naming::inert(why));
            all = all.line(format!("{label}: not cosigned: {why}"));
        }
        all.ending(exit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(status: u16, kind: &str, body: &str) -> (String, Option<u64>) {
        let sent = Sent { status, kind: kind.into(), body: body.into() };
        let (brought, size) = brought("w1", sent, 7);
        assert_eq!(brought.witness.as_deref(), Some("w1"));
        (String::from_utf8(brought.bytes).unwrap(), size)
    }

    /// A witness behind TLS that answers one request. Its certificate, its port.
    fn behind_tls(name: &str) -> (String, u16) {
        let pair = rcgen::KeyPair::generate().unwrap();
        let certificate =
            rcgen::CertificateParams::new([name.to_owned()]).unwrap().self_signed(&pair).unwrap();
        let key = rustls::pki_types::PrivatePkcs8KeyDer::from(pair.serialize_der());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key.into())
            .unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            use std::io::{Read as _, Write as _};
            let tcp = listener.accept().unwrap().0;
            let connection = rustls::ServerConnection::new(Arc::new(config)).unwrap();
            let mut stream = rustls::StreamOwned::new(connection, tcp);
            let mut head = [0; 4096];
            // Whoever does not believe the certificate hangs up here.
            let Ok(read) = stream.read(&mut head) else { return };
            assert!(head[..read].starts_with(b"POST /w/add-checkpoint HTTP/1.1"));
            let answer = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nline\n";
            stream.write_all(answer.as_bytes()).unwrap();
            stream.conn.send_close_notify();
            stream.flush().unwrap();
        });
        (certificate.pem(), port)
    }

    #[test]
    fn a_witness_behind_tls_is_asked_where_its_certificate_is_believed_and_nowhere_else() {
        let ask = |believed: &str, port: u16| {
            let pem = parse_pem(believed.as_bytes()).filter_map(Result::ok);
            let roots = pem.filter_map(|item| match item {
                PemItem::Certificate(certificate) => Some(certificate.to_owned()),
                _ => None,
            });
            let url = format!("https://localhost:{port}/w/");
            let body = Body { witness: "w".into(), url, old: 0, body: "old 0\n".into() };
            post(&agent(roots.collect()), &body)
        };
        let (own, port) = behind_tls("localhost");
        let sent = ask(&own, port).unwrap();
        assert_eq!((sent.status, sent.body.as_slice()), (200, b"line\n".as_slice()));
        let (other, _) = behind_tls("localhost");
        for (name, believed) in [("localhost", other), ("localhost", String::new())] {
            let (_, port) = behind_tls(name);
            assert!(ask(&believed, port).unwrap_err().contains("certificate"));
        }
        let (elsewhere, port) = behind_tls("evil.example");
        assert!(ask(&elsewhere, port).unwrap_err().contains("certificate"));
    }

    #[test]
    fn a_witness_elsewhere_is_asked_by_tls_and_by_nothing_else() {
        for fine in [
            "https://witness.example/w/",
            "http://127.0.0.1:7380/",
            "http://127.9.9.9/",
            "http://[::1]:7380/",
            "http://localhost:7380/",
            "http://LOCALHOST/",
        ] {
            assert_eq!(private_address(fine), Ok(()), "{fine}");
        }
        for bad in [
            "http://witness.example/",
            "http://10.0.0.5:7380/",
            "http://[fe80::1]/",
            "http://0.0.0.0/",
            "http://127.0.0.1.evil.example/",
            "http://127.0.0.1@evil.example/",
            "http://localhost.evil.example/",
            "HTTP://witness.example/",
        ] {
            assert!(private_address(bad).unwrap_err().contains("goes by TLS"), "{bad}");
            let body =
                Body { witness: "w".into(), url: bad.into(), old: 0, body: "old 0\n".into() };
            let refused = post(&agent(Vec::new()), &body).unwrap_err();
            assert!(refused.contains("goes by TLS"), "{refused}");
        }
        for none in ["", "/w", "witness.example", "ftp://witness.example/", "https:///x", "a b"] {
            assert!(
                private_address(none).unwrap_err().contains("no address of a witness"),
                "{none}"
            );
        }
    }

    #[test]
    fn a_witness_that_sends_us_elsewhere_is_not_followed() {
        use std::io::{Read as _, Write as _};
        let [here, elsewhere] =
            [(); 2].map(|()| std::net::TcpListener::bind("127.0.0.1:0").unwrap());
        let (port, other) =
            (here.local_addr().unwrap().port(), elsewhere.local_addr().unwrap().port());
        elsewhere.set_nonblocking(true).unwrap();
        let answers = std::thread::spawn(move || {
            let mut stream = here.accept().unwrap().0;
            let mut head = [0; 4096];
            let _read = stream.read(&mut head).unwrap();
            let answer = format!(
                "HTTP/1.1 307 x\r\nlocation: http://127.0.0.1:{other}/\r\ncontent-length: 0\r\n\r\n"
            );
            stream.write_all(answer.as_bytes()).unwrap();
        });
        let url = format!("http://127.0.0.1:{port}/w/");
        let body = Body { witness: "w".into(), url, old: 0, body: "old 0\n".into() };
        let sent = post(&agent(Vec::new()), &body);
        answers.join().unwrap();
        assert!(sent.is_err() || sent.is_ok_and(|sent| sent.status == 307));
        assert!(elsewhere.accept().is_err(), "it was asked");
    }

    #[test]
    fn an_answer_over_the_network_reads_as_one_from_a_stick() {
        assert_eq!(said(200, "", "\u{2014} w x\n"), ("\u{2014} w x\n".into(), None));
        assert_eq!(said(409, SIZE_TYPE, "9\n"), ("9\n".into(), Some(9)));
        // The size that was asked from: another root. A body of another type is no size.
        let other = "409 another head of this size was cosigned already";
        assert_eq!(said(409, SIZE_TYPE, "7\n"), (other.into(), Some(7)));
        assert_eq!(said(409, "text/html", "9\n"), ("409 9".into(), None));
        assert_eq!(said(422, "", "no\n"), ("422 no".into(), None));
        assert_eq!(said(503, "", &"x".repeat(9999)).0.len(), 304);
    }
}
