//! Passkeys against the running routes, with an authenticator in software: the honest way once, and what an enemy tries.

use crate::console::hostile::{Bench, PIN, in_runtime, person};
use axum::body::Body;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::post;
use axum::{Form, Router};
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use sealdock_core::command::{Command, Secret};
use sealdock_core::duty::{self, Passkey};
use sealdock_core::policy::DEFAULT_POLICY;
use serde_json::{Value, json};
use std::sync::Arc;

/// A unit that takes no PIN alone.
mod demanded;
/// By name, over TLS.
mod named;
/// Two answers, the second of them first.
mod order;
/// Sessions that a passkey began.
mod sessions;
#[path = "../../../crates/passkeys/tests/soft/mod.rs"]
mod soft;

use soft::{Moment, Soft};

const HOST: &str = "localhost:8420";
const ORIGIN: &str = "http://localhost:8420";
/// What is said is compared in the words of the command line.
const ENGLISH: &str = "__Host-sealdock-language=en";

fn here() -> Moment {
    Moment::at(ORIGIN, "localhost")
}

/// A person at the desk, by the name that passkeys need.
struct Seat<'a> {
    bench: &'a Bench,
    held: String,
    token: String,
}

impl<'a> Seat<'a> {
    fn of(bench: &'a Bench, id: &str) -> Seat<'a> {
        let (held, token) = bench.session(id);
        Seat { bench, held: format!("{held}; {ENGLISH}"), token }
    }

    /// Nobody yet.
    fn nobody(bench: &'a Bench) -> Seat<'a> {
        Seat { bench, held: format!("nobody; {ENGLISH}"), token: String::new() }
    }

    async fn json(&self, to: &str, body: Value) -> Result<Value, String> {
        let headers = [("host", HOST), ("origin", ORIGIN), ("content-type", "application/json")];
        let sent = self.bench.send_as(&headers, (Method::POST, to), &self.held, body.to_string());
        let (status, _, text) = sent.await;
        match status {
            StatusCode::OK => Ok(serde_json::from_str(&text).unwrap()),
            _ => Err(text),
        }
    }

    async fn form(&self, to: &str, fields: &[(&str, &str)], pin: &str) -> (bool, String) {
        let answer = self.sent(to, fields, pin).await;
        let to = answer.headers()["location"].to_str().unwrap().to_owned();
        match to.split_once("said=") {
            Some((_, name)) => self.bench.room.said.take(name).unwrap(),
            None => (true, to),
        }
    }

    async fn sent(&self, to: &str, fields: &[(&str, &str)], pin: &str) -> Response {
        let answer = self.posted(to, fields, pin).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        answer
    }

    async fn posted(&self, to: &str, fields: &[(&str, &str)], pin: &str) -> Response {
        let mut all = fields.to_vec();
        all.push(("pin", pin));
        let escaped = |(name, value): &(&str, &str)| {
            format!("{name}={}", crate::console::signed::escaped(value))
        };
        let body = all.iter().map(escaped).collect::<Vec<_>>().join("&");
        let length = body.len().to_string();
        let kind = "application/x-www-form-urlencoded";
        let headers = [
            ("host", HOST),
            ("origin", ORIGIN),
            ("content-type", kind),
            ("content-length", &length),
        ];
        self.bench.answered(&headers, (Method::POST, to), &self.held, body).await
    }

    /// Where the page goes then.
    async fn add(&self, soft: &mut Soft, label: &str, pin: &str) -> Result<String, String> {
        let body = json!({ "token": self.token, "label": label, "pin": pin });
        let asked = self.json("/passkey/make", body).await?;
        let answer = soft.make(&asked["asked"], &here());
        let body = json!({ "token": self.token, "ceremony": asked["ceremony"], "answer": answer });
        let made = self.json("/passkey/made", body).await?;
        Ok(made["to"].as_str().unwrap().to_owned())
    }

    async fn ask(&self, form: &str, fields: &[(&str, &str)]) -> Result<Value, String> {
        let body = json!({ "token": self.token, "form": form, "fields": fields });
        self.json("/passkey/ask", body).await
    }

    async fn answer(&self, asked: &Value, answer: Value) -> Result<String, String> {
        let body = json!({ "token": self.token, "ceremony": asked["ceremony"], "answer": answer });
        Ok(self.json("/passkey/answer", body).await?["pass"].as_str().unwrap().to_owned())
    }

    /// The pass for a form.
    async fn pass(
        &self,
        soft: &mut Soft,
        form: &str,
        fields: &[(&str, &str)],
    ) -> Result<String, String> {
        let asked = self.ask(form, fields).await?;
        self.answer(&asked, soft.sign(&asked["asked"], &here())).await
    }

    fn department<'b>(&'b self, id: &'b str) -> [(&'b str, &'b str); 5] {
        [
            ("token", &self.token),
            ("act", "add-department"),
            ("back", "/departments"),
            ("id", id),
            ("name", "三科"),
        ]
    }
}

fn keys(bench: &Bench, id: &str) -> Vec<Passkey> {
    duty::passkeys(&*bench.open.station.world().ledger.view().unwrap(), &person(id)).unwrap()
}

fn departments(bench: &Bench) -> usize {
    let view = bench.open.station.world().ledger.view().unwrap();
    view.select(&sealdock_core::table::Query::all(&duty::DEPARTMENT)).unwrap().len()
}

fn apply(bench: &Bench, id: &str, command: duty::Command) {
    let actor = bench.open.station.authenticate(&person(id), PIN).unwrap();
    bench.open.station.apply(&actor, Command::Duty(command)).unwrap();
}

const ACT: &str = "/admin/act";
/// Of the policy of a unit that wants none.
const NO_PASSKEYS: &str = "[passkeys]\nallowed = { value = false, cite = \"unit decision\" }\n";

#[test]
fn a_passkey_is_added_after_the_pin_and_signs_one_form_instead_of_it() {
    in_runtime(async {
        let bench = Bench::new();
        let (seat, mut soft) = (Seat::of(&bench, "u1"), Soft::new(5));
        let wrong = seat.add(&mut soft, "手机", "0000000").await.unwrap_err();
        assert!(wrong.contains("wrong PIN"), "{wrong}");
        assert!(keys(&bench, "u1").is_empty());
        seat.add(&mut soft, "手机", PIN).await.unwrap();
        let key = &keys(&bench, "u1")[0];
        assert_eq!((key.label.as_str(), key.party.as_str(), key.counter), ("手机", "localhost", 5));

        let form = seat.department("d1");
        let pass = seat.pass(&mut soft, ACT, &form).await.unwrap();
        assert_eq!(keys(&bench, "u1")[0].counter, 6);
        let (done, said) = seat.form(ACT, &form, &pass).await;
        assert!(done && departments(&bench) == 1, "{said}");
        // The same pass again, for the same form.
        let (done, said) = seat.form(ACT, &form, &pass).await;
        assert!(!done && said.contains("has lapsed"), "{said}");
    });
}

/// Whoever reads the text of a pass and sends it elsewhere while its form runs: to another form, to the socket.
#[test]
fn what_was_signed_for_one_form_opens_nothing_beside_it() {
    in_runtime(async {
        let bench = Bench::new();
        let (seat, mut soft) = (Seat::of(&bench, "u1"), Soft::new(0));
        seat.add(&mut soft, "k", PIN).await.unwrap();
        let pass = seat.pass(&mut soft, "/probe", &[("id", "a")]).await.unwrap();
        // A form that tries, while it runs, the text that was sent with it and the text that it was given.
        let room = Arc::clone(&bench.room);
        let probe = move |sent: HeaderMap, Form(fields): Form<Vec<(String, String)>>| async move {
            let sent = sent["x-sent"].to_str().unwrap().to_owned();
            let opens = |text: &str| room.open.station.authenticate(&person("u1"), text).is_ok();
            let given = fields.iter().find(|(name, _)| name == "pin").unwrap();
            format!("{} {}", opens(&sent), opens(&given.1))
        };
        let app = Router::new()
            .route("/probe", post(probe))
            .layer(from_fn_with_state(Arc::clone(&bench.room), super::door::door));
        let app = TowerToHyperService::new(app);
        let send = |id: &str, pass: &str| {
            let fields = format!("id={id}&pin={pass}");
            let request = axum::http::Request::post("/probe")
                .header("host", HOST)
                .header("cookie", format!("__Host-sealdock={}", seat.held))
                .header("content-type", "application/x-www-form-urlencoded")
                .header("content-length", fields.len())
                .header("x-sent", pass)
                .body(Body::from(fields))
                .unwrap();
            let app = app.clone();
            async move {
                let answer = app.call(request).await.unwrap();
                let bytes = axum::body::to_bytes(answer.into_body(), 1000).await.unwrap();
                String::from_utf8(bytes.to_vec()).unwrap()
            }
        };
        assert_eq!(send("b", &pass).await, "false false", "another form");
        let pass = seat.pass(&mut soft, "/probe", &[("id", "a")]).await.unwrap();
        assert_eq!(send("a", &pass).await, "false true");
        assert_eq!(send("a", &pass).await, "false false", "a second time");
    });
}

/// A register that was edited lends nobody another's name.
#[test]
fn what_the_chain_has_ended_signs_nothing_whatever_the_register_says() {
    in_runtime(async {
        let bench = Bench::new();
        let (seat, mut soft) = (Seat::of(&bench, "u1"), Soft::new(0));
        seat.add(&mut soft, "k", PIN).await.unwrap();
        let key = keys(&bench, "u1").remove(0);
        let seen = |key: &Passkey| duty::PasskeyUsed {
            passkey: key.seq,
            person: key.person.clone(),
            form: "/approvals".into(),
            deed: sealdock_chain::Digest::of(b"x"),
            counter: 90,
        };
        bench.open.station.note_passkey(seen(&key)).unwrap();
        apply(&bench, "u1", duty::Command::RemovePasskey { passkey: key.seq, reason: None });
        let edit = |sql: &str| {
            let db = rusqlite::Connection::open(bench.open.home.dir.join("chain.db")).unwrap();
            assert_eq!(db.execute(sql, ()).unwrap(), 1, "{sql}");
        };
        edit("UPDATE passkey SET ended_seq = NULL");
        assert_eq!(keys(&bench, "u1").len(), 1, "the register says that it counts");
        let why = bench.open.station.note_passkey(seen(&key)).unwrap_err().to_string();
        assert!(why.contains("the chain has its end"), "{why}");
        edit("UPDATE passkey SET pin_seq = pin_seq - 1");
        let why = bench.open.station.passkey(&key.party, &key.credential);
        assert!(why.is_err() || why.unwrap().is_none());
    });
}

#[test]
fn whoever_shows_a_passkey_is_signed_in_as_its_owner_and_as_nobody_else() {
    in_runtime(async {
        let bench = Bench::new();
        let mut soft = Soft::new(0);
        Seat::of(&bench, "u1").add(&mut soft, "k", PIN).await.unwrap();
        let seat = Seat::nobody(&bench);
        let pass = seat.pass(&mut soft, "/sign-in", &[("to", "/"), ("person", "")]).await.unwrap();
        let (done, to) = seat.form("/sign-in", &[("to", "/"), ("person", "u1")], &pass).await;
        assert!(done && to == "/desk", "{to}");
        let pass =
            seat.pass(&mut soft, "/sign-in", &[("to", "/"), ("person", "c1")]).await.unwrap();
        let (done, said) = seat.form("/sign-in", &[("to", "/"), ("person", "c1")], &pass).await;
        assert!(!done && said.contains("is u1's, not c1's"), "{said}");
        let form = [("to", "mine"), ("person", "")];
        let pass = seat.pass(&mut soft, "/kiosk/who", &form).await.unwrap();
        let (done, to) = seat.form("/kiosk/who", &[("to", "mine"), ("person", "u1")], &pass).await;
        assert!(done && to == "/kiosk/mine", "{to}");
    });
}

#[test]
fn a_pass_is_for_the_form_that_was_signed_and_for_the_browser_that_asked() {
    in_runtime(async {
        let bench = Bench::new();
        let (seat, mut soft) = (Seat::of(&bench, "u1"), Soft::new(0));
        seat.add(&mut soft, "k", PIN).await.unwrap();
        let other = Seat::of(&bench, "u1");
        for n in 0..3 {
            let form = seat.department("d1");
            let pass = seat.pass(&mut soft, ACT, &form).await.unwrap();
            let (done, said) = match n {
                // Another deed, with one that says more, and from another session of the same person.
                0 => seat.form(ACT, &seat.department("d2"), &pass).await,
                1 => seat.form(ACT, &[&form[..], &[("reason", "x")]].concat(), &pass).await,
                _ => other.form(ACT, &other.department("d1"), &pass).await,
            };
            assert!(!done && said.contains("has lapsed"), "{n}: {said}");
            // It is spent by the attempt, but for another browser's, which never had it.
            let (done, _) = seat.form(ACT, &form, &pass).await;
            assert_eq!(done, n == 2, "{n}");
        }
        assert_eq!(departments(&bench), 1);
        let made_up = format!("passkey.{}", "0".repeat(64));
        let (done, said) = seat.form(ACT, &seat.department("d9"), &made_up).await;
        assert!(!done && said.contains("has lapsed"), "{said}");
        assert_eq!(bench.wrong("u1").count, 0, "no guess at a PIN");
    });
}

#[test]
fn an_answer_that_is_replayed_or_of_another_place_opens_nothing() {
    in_runtime(async {
        let bench = Bench::new();
        let (seat, mut soft) = (Seat::of(&bench, "u1"), Soft::new(0));
        seat.add(&mut soft, "k", PIN).await.unwrap();
        let form = seat.department("d1");
        let asked = seat.ask(ACT, &form).await.unwrap();
        let answer = soft.sign(&asked["asked"], &here());
        seat.answer(&asked, answer.clone()).await.unwrap();
        let again = seat.answer(&asked, answer.clone()).await.unwrap_err();
        assert!(again.contains("has lapsed"), "{again}");
        let second = seat.ask(ACT, &form).await.unwrap();
        let replayed = seat.answer(&second, answer).await.unwrap_err();
        assert!(replayed.contains("answers something else"), "{replayed}");
        for (moment, why) in [
            (Moment { origin: "http://localhost:9999".into(), ..here() }, "another page"),
            (Moment { party: "evil.example".into(), ..here() }, "another place"),
            (Moment { verified: false, ..here() }, "did not verify"),
            (Moment { framed: true, ..here() }, "another page"),
        ] {
            let asked = seat.ask(ACT, &form).await.unwrap();
            let refused =
                seat.answer(&asked, soft.sign(&asked["asked"], &moment)).await.unwrap_err();
            assert!(refused.contains(why), "{refused}");
        }
        let (asked, mut stranger) = (seat.ask(ACT, &form).await.unwrap(), Soft::new(0));
        let refused = seat.answer(&asked, stranger.sign(&asked["asked"], &here())).await;
        assert!(refused.unwrap_err().contains("is not one that counts here"));
        // Kept for somebody else by the authenticator.
        let asked = seat.ask(ACT, &form).await.unwrap();
        soft.handle = Some(vec![7; 32]);
        let refused = seat.answer(&asked, soft.sign(&asked["asked"], &here())).await.unwrap_err();
        assert!(refused.contains("is not of the passkey"), "{refused}");
        assert_eq!(departments(&bench), 0);
    });
}

#[test]
fn a_counter_that_goes_back_ends_the_passkey_and_is_an_entry() {
    in_runtime(async {
        let bench = Bench::new();
        let (seat, mut soft) = (Seat::of(&bench, "u1"), Soft::new(5));
        seat.add(&mut soft, "k", PIN).await.unwrap();
        let form = seat.department("d1");
        seat.pass(&mut soft, ACT, &form).await.unwrap();
        soft.counter = 5;
        let refused = seat.pass(&mut soft, ACT, &form).await.unwrap_err();
        assert!(refused.contains("counts backwards"), "{refused}");
        assert!(keys(&bench, "u1").is_empty());
        let view = bench.open.station.world().ledger.view().unwrap();
        let found = duty::cloned(&*view).unwrap();
        assert_eq!((found.len(), found[0].0.as_str(), found[0].1.as_str()), (1, "u1", "k"));
        soft.counter = 90;
        assert!(
            seat.pass(&mut soft, ACT, &form).await.unwrap_err().contains("has no passkey here")
        );
        let seat = Seat::nobody(&bench);
        let gone = seat.pass(&mut soft, "/sign-in", &[]).await.unwrap_err();
        assert!(gone.contains("is not one that counts here"), "{gone}");
    });
}

#[test]
fn no_passkey_outlives_its_removal_its_owners_pin_or_its_owner() {
    in_runtime(async {
        for case in ["removed", "another PIN", "given a PIN", "retired", "locked"] {
            let bench = Bench::new();
            let mut soft = Soft::new(0);
            Seat::of(&bench, "a1").add(&mut soft, "k", PIN).await.unwrap();
            let seat = Seat::nobody(&bench);
            let early = seat.pass(&mut soft, "/sign-in", &[("person", "")]).await.unwrap();
            let reason = Some("by decision".to_owned());
            let (a1, new) = (person("a1"), Secret("4718293".into()));
            match case {
                "removed" => {
                    let passkey = keys(&bench, "a1")[0].seq;
                    apply(&bench, "u1", duty::Command::RemovePasskey { passkey, reason });
                }
                "another PIN" => {
                    apply(
                        &bench,
                        "a1",
                        duty::Command::SetPin { person: a1, pin: new, reason: None },
                    );
                }
                "given a PIN" => {
                    apply(&bench, "u1", duty::Command::SetPin { person: a1, pin: new, reason });
                }
                "retired" => {
                    let reason = "left".to_owned();
                    apply(&bench, "u1", duty::Command::RetirePerson { person: a1, reason });
                }
                _ => {
                    let system = Arc::new(sealdock_core::actor::Actor::System);
                    for _ in 0..5 {
                        let note = Command::NotePinRefused { person: person("a1") };
                        bench.open.station.apply(&system, note).unwrap();
                    }
                }
            }
            // Neither what was signed before, nor what would be signed now.
            let (done, _) = seat.form("/sign-in", &[("person", "a1")], &early).await;
            assert!(!done, "{case}: a pass of before");
            let late = seat.pass(&mut soft, "/sign-in", &[("person", "")]).await;
            assert!(late.is_err(), "{case}: a signature of now");
        }
    });
}

#[test]
fn a_passkey_gives_no_passkey_and_no_pin() {
    in_runtime(async {
        let bench = Bench::new();
        let (seat, mut soft) = (Seat::of(&bench, "u1"), Soft::new(0));
        seat.add(&mut soft, "k", PIN).await.unwrap();
        let token = seat.token.clone();
        let form = [
            ("token", token.as_str()),
            ("act", "own-pin"),
            ("back", "/pin"),
            ("new_pin", "7130942"),
            ("again", "7130942"),
        ];
        let pass = seat.pass(&mut soft, ACT, &form).await.unwrap();
        let (done, said) = seat.form(ACT, &form, &pass).await;
        assert!(!done && said.contains("not with a passkey"), "{said}");
        let form = [
            ("token", token.as_str()),
            ("act", "set-pin"),
            ("back", "/people/a1"),
            ("id", "a1"),
            ("new_pin", "7130942"),
            ("again", "7130942"),
            ("reason", "x"),
        ];
        let pass = seat.pass(&mut soft, ACT, &form).await.unwrap();
        let (done, said) = seat.form(ACT, &form, &pass).await;
        assert!(!done && said.contains("not with a passkey"), "{said}");
        // Nor by way of a person of one's own making, whose PIN one would know.
        let form = [
            ("token", token.as_str()),
            ("act", "enrol-person"),
            ("back", "/people"),
            ("id", "z1"),
            ("name", "Zhao"),
            ("role", "unit-head"),
            ("new_pin", "7130942"),
            ("again", "7130942"),
        ];
        let pass = seat.pass(&mut soft, ACT, &form).await.unwrap();
        let (done, said) = seat.form(ACT, &form, &pass).await;
        assert!(!done && said.contains("not by a passkey"), "{said}");
        let pass = seat.pass(&mut soft, ACT, &seat.department("d1")).await.unwrap();
        let refused = seat.add(&mut Soft::new(0), "k2", &pass).await.unwrap_err();
        assert!(refused.contains("is added with the PIN"), "{refused}");
        // By whoever gets past the page: the core says the same.
        let open =
            bench.open.station.open_pass("passkey.x", person("u1"), keys(&bench, "u1")[0].seq);
        let actor = bench.open.station.authenticate(&person("u1"), "passkey.x").unwrap();
        let key = &keys(&bench, "u1")[0];
        let added = duty::PasskeyAdded {
            person: person("u1"),
            label: "k2".into(),
            party: "localhost".into(),
            credential: "AAAA".into(),
            key: key.key.clone(),
            attestation: "none".into(),
            synced: false,
            counter: 0,
            pin: 0,
        };
        let command = Command::Duty(duty::Command::AddPasskey(Box::new(added)));
        let refused = bench.open.station.apply(&actor, command).unwrap_err().to_string();
        assert!(refused.contains("not with another passkey"), "{refused}");
        drop(open);
        assert!(bench.open.station.authenticate(&person("u1"), "passkey.x").is_err());
    });
}

#[test]
fn five_passkeys_are_enough_one_is_one_persons_and_a_lent_pin_adds_none() {
    in_runtime(async {
        let bench = Bench::new();
        let seat = Seat::of(&bench, "u1");
        let mut first = Soft::new(0);
        seat.add(&mut first, "0", PIN).await.unwrap();
        let twice = Seat::of(&bench, "a1").add(&mut first, "mine", PIN).await.unwrap_err();
        assert!(twice.contains("was added before"), "{twice}");
        for n in 1..duty::PASSKEYS_MAX {
            seat.add(&mut Soft::new(0), &n.to_string(), PIN).await.unwrap();
        }
        let refused = seat.add(&mut Soft::new(0), "one too many", PIN).await.unwrap_err();
        assert!(refused.contains("remove one first"), "{refused}");
        assert_eq!(keys(&bench, "u1").len(), duty::PASSKEYS_MAX);
        let (given, reason) = (Secret("4718293".into()), Some("forgot".into()));
        apply(&bench, "u1", duty::Command::SetPin { person: person("a1"), pin: given, reason });
        let lent = Seat::of(&bench, "a1").add(&mut Soft::new(0), "k", "4718293").await.unwrap_err();
        assert!(lent.contains("was given by u1"), "{lent}");
        assert!(keys(&bench, "a1").is_empty());
    });
}

#[test]
fn a_unit_that_wants_none_has_none() {
    in_runtime(async {
        let bench = Bench::new();
        let (seat, mut soft) = (Seat::of(&bench, "u1"), Soft::new(0));
        seat.add(&mut soft, "k", PIN).await.unwrap();
        let text = format!("{DEFAULT_POLICY}\n{NO_PASSKEYS}");
        let actor = bench.open.station.authenticate(&person("u1"), PIN).unwrap();
        bench.open.station.apply(&actor, Command::AdoptPolicy { text }).unwrap();
        let refused = seat.pass(&mut soft, ACT, &seat.department("d1")).await.unwrap_err();
        assert!(refused.contains("allows no passkeys"), "{refused}");
        let refused = seat.add(&mut Soft::new(0), "k2", PIN).await.unwrap_err();
        assert!(refused.contains("allows no passkeys"), "{refused}");
    });
}

#[test]
fn nothing_is_asked_without_a_token_and_nothing_huge_or_of_another_site_is_read() {
    in_runtime(async {
        let bench = Bench::new();
        let seat = Seat::of(&bench, "u1");
        let thief = Seat { bench: &bench, held: seat.held.clone(), token: "guessed".into() };
        assert!(thief.ask(ACT, &[]).await.is_err());
        assert!(thief.add(&mut Soft::new(0), "k", PIN).await.is_err());
        assert!(Seat::nobody(&bench).ask("/approvals", &[]).await.is_err());
        assert!(Seat::nobody(&bench).ask("/kiosk/take", &[]).await.is_err());
        let huge = "x".repeat(70 << 10);
        assert!(seat.json("/passkey/answer", json!({ "answer": huge })).await.is_err());
        for (name, value, wanted) in [
            ("origin", "http://evil.example", StatusCode::FORBIDDEN),
            ("content-type", "text/plain", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ] {
            let mut headers =
                vec![("host", HOST), ("origin", ORIGIN), ("content-type", "application/json")];
            headers.retain(|(known, _)| *known != name);
            headers.push((name, value));
            let body = json!({ "token": seat.token, "form": ACT, "fields": [] }).to_string();
            let sent = bench.send_as(&headers, (Method::POST, "/passkey/ask"), &seat.held, body);
            assert_eq!(sent.await.0, wanted, "{name}");
        }
    });
}

#[test]
fn by_an_address_of_numbers_a_page_says_where_passkeys_work() {
    in_runtime(async {
        let bench = Bench::new();
        for (host, here) in [("127.0.0.1:8420", false), (HOST, true)] {
            let headers = [("host", host)];
            let sent = bench.send_as(&headers, (Method::GET, "/passkey/state"), "", Body::empty());
            let (status, _, text) = sent.await;
            let state: Value = serde_json::from_str(&text).unwrap();
            assert_eq!((status, state["here"].as_bool()), (StatusCode::OK, Some(here)), "{host}");
            assert_eq!(state["named"], ORIGIN);
        }
    });
}

#[test]
fn an_answer_after_two_minutes_is_none() {
    in_runtime(async {
        let bench = Bench::new();
        let (seat, mut soft) = (Seat::of(&bench, "u1"), Soft::new(0));
        seat.add(&mut soft, "k", PIN).await.unwrap();
        let asked = seat.ask(ACT, &seat.department("d1")).await.unwrap();
        bench.room.keys.age(super::ceremony::LIFE);
        let refused = seat.answer(&asked, soft.sign(&asked["asked"], &here())).await.unwrap_err();
        assert!(refused.contains("has lapsed"), "{refused}");
        let pass = seat.pass(&mut soft, ACT, &seat.department("d1")).await.unwrap();
        bench.room.keys.age(super::ceremony::LIFE);
        assert!(!seat.form(ACT, &seat.department("d1"), &pass).await.0);
        assert_eq!(departments(&bench), 0);
    });
}
