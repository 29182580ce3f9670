//! Another machine reaches the console by its name, over TLS: passkeys are of that name, and of that page alone.

use super::*;
use crate::console::Console;
use crate::console::tls::CERTIFICATE;
use crate::home::TlsSettings;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

const NAME: &str = "seal.lan";

/// A browser that knows the station's certificate, and what it holds.
struct Browser {
    address: SocketAddr,
    config: Arc<ClientConfig>,
    cookie: String,
}

struct Got {
    status: u16,
    head: String,
    body: String,
}

impl Browser {
    fn of(bench: &Bench, address: SocketAddr) -> Browser {
        let file = bench.open.home.console().join(CERTIFICATE);
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(file).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        Browser { address, config: Arc::new(config), cookie: ENGLISH.to_owned() }
    }

    fn host(&self) -> String {
        format!("{NAME}:{}", self.address.port())
    }

    fn here(&self) -> Moment {
        Moment::at(&format!("https://{}", self.host()), NAME)
    }

    /// One request, over a handshake that holds the certificate against the name.
    fn ask(&self, host: &str, what: &str, kind: &str, body: &str) -> Got {
        let name = ServerName::try_from(host.rsplit_once(':').unwrap().0.to_owned()).unwrap();
        let tls = ClientConnection::new(Arc::clone(&self.config), name).unwrap();
        let mut stream = StreamOwned::new(tls, TcpStream::connect(self.address).unwrap());
        let request = format!(
            "{what} HTTP/1.1\r\nHost: {host}\r\nOrigin: https://{host}\r\nCookie: {}\r\nContent-Type: {kind}\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.cookie,
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut got = Vec::new();
        stream.read_to_end(&mut got).unwrap();
        let got = String::from_utf8(got).unwrap();
        let (head, body) = got.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Got { status, head: head.to_owned(), body: body.to_owned() }
    }

    fn json(&self, to: &str, body: &Value) -> Result<Value, String> {
        let what = format!("POST {to}");
        let got = self.ask(&self.host(), &what, "application/json", &body.to_string());
        match got.status {
            200 => Ok(serde_json::from_str(&got.body).unwrap()),
            _ => Err(got.body),
        }
    }

    /// Signs in, and holds what comes of it. Where it leads.
    fn sign_in(&mut self, secret: &str) -> String {
        let form = format!("to=%2F&person=u1&pin={secret}");
        let got =
            self.ask(&self.host(), "POST /sign-in", "application/x-www-form-urlencoded", &form);
        let of = |name: &str| {
            let line = got.head.lines().find_map(|line| line.strip_prefix(name));
            line.unwrap_or_default().to_owned()
        };
        if let Some((held, how)) = of("set-cookie: ").split_once(';') {
            assert!(how.contains("Secure") && how.contains("HttpOnly"), "{how}");
            self.cookie = format!("{ENGLISH}; {held}");
        }
        of("location: ")
    }

    /// The token in the forms of whoever is signed in.
    fn token(&self) -> String {
        let page = self.ask(&self.host(), "GET /pin", "text/plain", "").body;
        let after = page.split_once("name=\"token\" value=\"").expect("a form").1;
        after.split_once('"').unwrap().0.to_owned()
    }
}

/// The question for a sign-in, and its ceremony.
fn asked(browser: &Browser) -> Value {
    let fields = [["to", "/"], ["person", ""]];
    browser
        .json("/passkey/ask", &json!({ "token": "", "form": "/sign-in", "fields": fields }))
        .unwrap()
}

fn answered(browser: &Browser, asked: &Value, answer: Value) -> Result<String, String> {
    let body = json!({ "token": "", "ceremony": asked["ceremony"], "answer": answer });
    Ok(browser.json("/passkey/answer", &body)?["pass"].as_str().unwrap().to_owned())
}

fn served(bench: &Bench) -> (Console, SocketAddr) {
    let console = Console::new(&bench.open).unwrap();
    let listen = "127.0.0.1:0".parse().unwrap();
    let settings = TlsSettings { listen, names: vec![NAME.to_owned()] };
    let (address, _) = console.tls(&settings).unwrap();
    (console, address)
}

#[test]
fn by_name_over_tls_a_passkey_is_of_that_name_and_of_that_page() {
    let bench = Bench::new();
    let (_console, address) = served(&bench);
    let mut owner = Browser::of(&bench, address);
    assert_eq!(owner.sign_in(PIN), "/desk");
    let (token, mut soft) = (owner.token(), Soft::new(0));
    let make = json!({ "token": token, "label": "k", "pin": PIN });
    let made = owner.json("/passkey/make", &make).unwrap();
    assert_eq!(made["asked"]["rp"]["id"], NAME);
    let answer = soft.make(&made["asked"], &owner.here());
    let body = json!({ "token": token, "ceremony": made["ceremony"], "answer": answer });
    owner.json("/passkey/made", &body).unwrap();
    assert_eq!(keys(&bench, "u1")[0].party, NAME);

    let mut browser = Browser::of(&bench, address);
    let host = browser.host();
    for (origin, party, why) in [
        (format!("http://{host}"), NAME, "another page"),
        (format!("https://{NAME}"), NAME, "another page"),
        (format!("https://{NAME}:1"), NAME, "another page"),
        (format!("https://evil.{host}"), NAME, "another page"),
        (format!("https://{host}"), "lan", "another place"),
        (format!("https://{host}"), "localhost", "another place"),
    ] {
        let asked = asked(&browser);
        assert_eq!(asked["asked"]["rpId"], NAME);
        let answer = soft.sign(&asked["asked"], &Moment::at(&origin, party));
        let refused = answered(&browser, &asked, answer).unwrap_err();
        assert!(refused.contains(why), "{origin} {party}: {refused}");
    }
    let asked = asked(&browser);
    let pass = answered(&browser, &asked, soft.sign(&asked["asked"], &browser.here())).unwrap();
    assert_eq!(browser.sign_in(&pass), "/desk");
    assert!(!browser.token().is_empty(), "they are in");
    assert!(Browser::of(&bench, address).sign_in(&pass).contains("said="), "once, and here");
}

/// One that was made at the station's own screen is another.
#[test]
fn a_passkey_of_the_loopback_door_opens_nothing_by_name_and_numbers_lead_to_the_name() {
    let bench = Bench::new();
    let (_console, address) = served(&bench);
    let mut soft = Soft::new(0);
    in_runtime(async {
        Seat::of(&bench, "u1").add(&mut soft, "k", PIN).await.unwrap();
    });
    assert_eq!(keys(&bench, "u1")[0].party, "localhost");
    let browser = Browser::of(&bench, address);
    let asked = asked(&browser);
    let refused = answered(&browser, &asked, soft.sign(&asked["asked"], &browser.here()));
    assert!(refused.unwrap_err().contains("is not one that counts here"));
    let state = |host: &str| -> Value {
        let got = browser.ask(host, "GET /passkey/state", "text/plain", "");
        serde_json::from_str(&got.body).unwrap()
    };
    let (numbers, by_name) = (format!("127.0.0.1:{}", address.port()), browser.host());
    for (host, here) in [(&numbers, false), (&by_name, true)] {
        let state = state(host);
        assert_eq!((state["here"].as_bool(), &state["on"]), (Some(here), &json!(true)), "{host}");
        assert_eq!(state["named"], format!("https://{by_name}"), "{host}");
    }
}
