//! Sessions as somebody else would use them: that of a person who has another PIN since or has left, the one before, one
//! that was signed out; and what the log says of all of them.

use super::{Bench, PIN, in_runtime, person};
use crate::console::signed::{By, Reader};
use crate::exit::{CliError, Exit};
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use hyper::service::Service as _;
use sealdock_console::{Lang, Me};
use sealdock_core::actor::Role;
use sealdock_core::command::{Command, Secret};
use sealdock_core::duty;
use std::sync::{Arc, Mutex};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

impl Bench {
    /// Does this browser get the page of somebody who is signed in?
    async fn is_in(&self, held: &str) -> bool {
        let (status, to, _) = self.send((Method::GET, "/pin"), held, &[], Body::empty()).await;
        assert!(status == StatusCode::OK || to.starts_with("/sign-in"), "{status} {to}");
        status == StatusCode::OK
    }

    fn act(&self, id: &str, command: Command) {
        let actor = self.open.station.authenticate(&person(id), PIN).unwrap();
        self.open.station.apply(&actor, command).unwrap();
    }

    /// An officer, who has no PIN and reads their own.
    fn officer(&self, id: &str) {
        let (id, name) = (person(id), format!("name of {id}"));
        let role = Role::Officer;
        self.act("c1", Command::EnrolPerson { id, name, role, pin: None, department: None });
    }

    /// What the answer says of itself.
    async fn heads(&self, (method, path): (Method, &str), held: &str, body: String) -> HeaderMap {
        let request = Request::builder().method(method).uri(path).header(FORM.0, FORM.1);
        let own = "http://127.0.0.1:8420";
        let request = request.header("host", "127.0.0.1:8420").header("origin", own);
        let request = request.header("cookie", format!("__Host-sealdock={held}"));
        self.app.call(request.body(Body::from(body)).unwrap()).await.unwrap().headers().clone()
    }
}

fn cookies(heads: &HeaderMap) -> Vec<&str> {
    heads.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap()).collect()
}

#[test]
fn another_pin_or_leaving_ends_every_session_of_that_person_and_of_nobody_else() {
    in_runtime(async {
        let bench = Bench::new();
        bench.officer("o1");
        let (one, two) = (bench.session("c1").0, bench.session("c1").0);
        let (leaves, other) = (bench.session("o1").0, bench.session("a1").0);
        for held in [&one, &two, &leaves, &other] {
            assert!(bench.is_in(held).await);
        }
        let pin = Secret("6074913".into());
        let own = duty::Command::SetPin { person: person("c1"), pin, reason: None };
        bench.act("c1", Command::Duty(own));
        let (who, reason) = (person("o1"), "left".to_owned());
        bench.act("u1", Command::Duty(duty::Command::RetirePerson { person: who, reason }));
        for held in [&one, &two, &leaves] {
            assert!(!bench.is_in(held).await);
        }
        assert!(bench.is_in(&other).await);
    });
}

#[test]
fn signing_in_ends_the_session_before_and_signing_out_leaves_nothing_in_the_browser() {
    in_runtime(async {
        let bench = Bench::new();
        let before = bench.session("c1").0;
        let login = format!("person=c1&pin={PIN}");
        let heads = bench.heads((Method::POST, "/sign-in"), &before, login).await;
        let [cookie] = cookies(&heads)[..] else { panic!("{heads:?}") };
        let (held, how) = cookie.split_once(';').unwrap();
        let held = held.strip_prefix("__Host-sealdock=").unwrap();
        assert!(how.contains("Secure") && how.contains("HttpOnly") && how.contains("Strict"));
        assert!(held != before && bench.is_in(held).await && !bench.is_in(&before).await);

        let token = bench.room.signed.of(held, std::time::Instant::now()).unwrap().2;
        let out = (Method::POST, "/sign-out");
        let heads = bench.heads(out, held, format!("token={token}")).await;
        assert_eq!(heads["clear-site-data"], "\"cache\", \"storage\"");
        assert!(cookies(&heads)[0].contains("Max-Age=0") && !bench.is_in(held).await);

        let heads = bench.heads((Method::GET, "/language?to=en"), "", String::new()).await;
        let [cookie] = cookies(&heads)[..] else { panic!("{heads:?}") };
        assert!(cookie.starts_with("__Host-sealdock-language=en; Path=/; Secure; HttpOnly; "));
    });
}

#[test]
fn whoever_shows_the_pin_sees_their_sessions_and_ends_them_all_and_nobody_elses() {
    in_runtime(async {
        let bench = Bench::new();
        bench.officer("o1");
        let ((held, token), lost, other) =
            (bench.session("c1"), bench.session("c1").0, bench.session("a1").0);
        let kiosk = &bench.room.at_kiosk;
        let now = std::time::Instant::now();
        let stood = kiosk.begin(person("c1"), By::pin(None), now).unwrap();
        let (_, _, page) = bench.send((Method::GET, "/pin"), &held, &[], Body::empty()).await;
        assert_eq!(page.matches("我的登录").count(), 2, "{page}");
        let post = async |pin: &str| {
            let body = format!("token={token}&act=end-sessions&pin={pin}").into();
            bench.send((Method::POST, "/admin/act"), &held, &[FORM], body).await
        };
        assert!(post("0000001").await.1.starts_with("/pin?said="));
        assert!(bench.is_in(&held).await && bench.is_in(&lost).await);
        assert!(post(PIN).await.1.starts_with("/sign-in?said="));
        assert!(!bench.is_in(&held).await && !bench.is_in(&lost).await);
        assert!(bench.is_in(&other).await && kiosk.of(&stood, now).is_none());
        // Whoever reads only their own may, too; they have no PIN yet, so that nothing is proven.
        let (held, token) = bench.session("o1");
        let body = format!("token={token}&act=end-sessions&pin={PIN}").into();
        let (status, to, _) = bench.send((Method::POST, "/admin/act"), &held, &[FORM], body).await;
        assert!(status == StatusCode::SEE_OTHER && to.starts_with("/pin?said="), "{status} {to}");
    });
}

#[test]
fn nobody_sets_the_pin_of_another_by_what_a_form_says() {
    in_runtime(async {
        let bench = Bench::new();
        let (held, token) = bench.session("a1");
        let new = "new_pin=6074913&again=6074913";
        let post = async |more: &str| {
            let body = format!("token={token}&act=own-pin&id=c1&person=c1&{new}&{more}").into();
            let form = (Method::POST, "/admin/act");
            bench.send(form, &held, &[FORM], body).await.1
        };
        assert!(!post("pin=0000001&back=/pin").await.starts_with("/sign-in"), "a wrong PIN");
        assert!(post(&format!("pin={PIN}")).await.starts_with("/sign-in?said="));
        let is = |id: &str, pin: &str| bench.open.station.authenticate(&person(id), pin).is_ok();
        assert!(is("c1", PIN) && is("a1", "6074913") && !is("c1", "6074913"));
    });
}

#[test]
fn every_answer_says_how_it_may_be_used_and_no_question_changes_the_record() {
    in_runtime(async {
        let bench = Bench::new();
        let held = bench.session("c1").0;
        let size = || {
            let view = bench.open.station.world().ledger.view().unwrap();
            view.head().unwrap().checkpoint().size
        };
        let before = size();
        for path in [
            "/",
            "/kiosk",
            "/kiosk/who",
            "/sign-in",
            "/desk",
            "/clips",
            "/people",
            "/pin",
            "/policy",
            "/approvals",
            "/evidence",
            "/language?to=en",
            "/nothing",
            "/static/console.js",
            "/static/icon.svg",
            "/static/none",
            "/view/C3/57/piece/0",
            "/registers/roster/csv",
            "/registers/roster/xlsx",
            "/registers/roster/print",
            "/api/v1/status",
            "/metrics",
        ] {
            let heads = bench.heads((Method::GET, path), &held, String::new()).await;
            let said = |name: &str| heads.get(name).map_or("", |v| v.to_str().unwrap());
            let policy = said("content-security-policy");
            for word in ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"] {
                assert!(policy.contains(word), "{path}: {policy}");
            }
            assert!(!policy.contains("unsafe") && !policy.contains('*'), "{path}: {policy}");
            for (name, value) in [
                ("x-content-type-options", "nosniff"),
                ("referrer-policy", "same-origin"),
                ("cache-control", "no-store"),
                ("cross-origin-opener-policy", "same-origin"),
                ("cross-origin-resource-policy", "same-origin"),
                ("access-control-allow-origin", ""),
            ] {
                assert_eq!(said(name), value, "{path}: {name}");
            }
            let kind = said("content-type");
            assert!(
                !kind.starts_with("text/") || kind.ends_with("charset=utf-8"),
                "{path}: {kind}"
            );
            if path.ends_with("csv") || path.ends_with("xlsx") {
                let name =
                    format!("attachment; filename=\"roster.{}\"", path.rsplit('/').next().unwrap());
                assert_eq!(said("content-disposition"), name);
            }
        }
        assert_eq!(size(), before);
    });
}

#[test]
fn what_a_fault_says_of_the_station_is_for_whoever_reads_every_register() {
    in_runtime(async {
        let bench = Bench::new();
        let fault = CliError::new(Exit::Failed, "/var/lib/sealdock/chain.db: SELECT failed");
        let refusal = CliError::new(Exit::Refused, "o1 may not");
        let me = |reads_all| {
            let [id, name, token] = ["c1", "n", "t"].map(str::to_owned);
            let me = Me { person: id, name, token, reads_all, waiting: 0 };
            let (room, here) = (Arc::clone(&bench.room), "/clips".to_owned());
            Reader {
                room,
                lang: Lang::En,
                here,
                held: None,
                me: Some((person("c1"), me)),
                bare: None,
            }
        };
        let nobody = Reader { me: None, ..me(false) };
        let log = logged(|| drop(nobody.words_of(&fault)));
        assert!(
            log.contains("ERROR") && log.contains("chain.db") && log.contains("/clips"),
            "{log}"
        );
        for reader in [&me(false), &nobody] {
            let said = reader.words_of(&fault);
            assert!(said.contains("log says why") && !said.contains("chain.db"), "{said}");
            assert_eq!(reader.words_of(&refusal), "o1 may not");
            assert_eq!(reader.failed(&fault).status(), StatusCode::INTERNAL_SERVER_ERROR);
        }
        assert!(me(true).words_of(&fault).contains("chain.db"));
    });
}

/// What the log holds of this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn logged(work: impl FnOnce()) -> String {
    let log = Log::default();
    let to = log.clone();
    let how = tracing_subscriber::fmt().with_ansi(false).with_writer(move || to.clone());
    tracing::subscriber::with_default(how.finish(), work);
    let bytes = log.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn who_signs_in_reads_is_refused_and_leaves_stands_in_the_log_and_no_secret_does() {
    let bench = Bench::new();
    bench.officer("o1");
    let mut secrets = vec![PIN.to_owned(), "looked-for".to_owned()];
    let said = logged(|| {
        in_runtime(async {
            let (held, token) = bench.session("c1");
            let read = (Method::GET, "/clips?officer=looked-for");
            bench.send(read, &held, &[], Body::empty()).await;
            let out = format!("token={token}").into();
            bench.send((Method::POST, "/sign-out"), &held, &[FORM], out).await;
            let officer = bench.session("o1").0;
            let (status, ..) =
                bench.send((Method::GET, "/people"), &officer, &[], Body::empty()).await;
            assert_eq!(status, StatusCode::NOT_FOUND);
            let strange = [("sec-fetch-site", "cross-site")];
            bench.send((Method::POST, "/sign-in"), "", &strange, Body::empty()).await;
            secrets.extend([held, token, officer]);
        });
        let refusal = "two\nlines \u{1b}[2J of a rule";
        let refused = || Err::<(), _>(CliError::new(Exit::Refused, refusal));
        bench.room.counted_as((&person("a1"), PIN), |_| refused()).unwrap_err();
        bench.room.prove(&person("a1"), "0000001").unwrap_err();
    });
    let line =
        |words: &[&str]| said.lines().any(|line| words.iter().all(|word| line.contains(word)));
    for words in [
        &["person=c1", "place=\"desk\"", "signed in"][..],
        &["person=c1", "method=GET", "page=\"/clips\""],
        &["person=c1", "a session was ended"],
        &["WARN", "person=o1", "page=\"/people\"", "refused"],
        &["WARN", "person=a1", "refused", "lines"],
        &["WARN", "the console refused a request: another site sent this form"],
    ] {
        assert!(line(words), "{words:?} in {said}");
    }
    let steers = |line: &str| {
        line.contains('\u{1b}') || !line.contains(" INFO ") && !line.contains(" WARN ")
    };
    assert!(!said.lines().any(steers), "{said}");
    for secret in secrets {
        assert!(!said.contains(&secret), "{secret} in {said}");
    }
}
