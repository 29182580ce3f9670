//! What somebody in front of a browser tries besides footage, asked of the running routes: PINs in a rush, a page that tells
//! what lies on the disk, a sheet from whoever may import none.

/// Sessions of others, and what the log says.
mod sessions;

use super::signed::{By, escaped};
use super::{Room, plainly, view};
use crate::request::{Ingest, Login, Order, Request as Ask};
use crate::wire::{self, Access, Open, Wanted};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use axum::response::Response;
use futures_util::StreamExt as _;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use sealdock_console::Lang;
use sealdock_core::access::{self, Applicant, Asking, Purpose, Wanted as Footage, Who};
use sealdock_core::actor::{Actor, Role};
use sealdock_core::command::{Command, Secret};
use sealdock_core::duty;
use sealdock_core::id::{AccessId, ClipId, DepartmentId, PersonId};
use sealdock_core::registry;
use sealdock_core::schema::CLIP;
use sealdock_core::table::Query;
use std::path::PathBuf;
use std::sync::{Arc, Barrier};
use std::time::Instant;

pub const PIN: &str = "2580147";

pub fn person(id: &str) -> PersonId {
    id.parse().unwrap()
}

/// Somebody, with a PIN of their own, which nobody gave them.
pub fn enrolled(
    open: &Open,
    by: &Arc<Actor>,
    (id, role, department): (&str, Role, Option<DepartmentId>),
) {
    const LENT: &str = "9137204";
    let (id, name, pin) = (person(id), format!("name of {id}"), Some(Secret(LENT.into())));
    let enrol = Command::EnrolPerson { id: id.clone(), name, role, pin, department };
    open.station.apply(by, enrol).unwrap();
    let actor = open.station.authenticate(&id, LENT).unwrap();
    let own = duty::Command::SetPin { person: id, pin: Secret(PIN.into()), reason: None };
    open.station.apply(&actor, Command::Duty(own)).unwrap();
}

/// A station with a clerk c1 and an auditor a1, who reads everything and administers nothing.
pub struct Bench {
    pub open: Arc<Open>,
    pub room: Arc<Room>,
    app: TowerToHyperService<axum::Router>,
    folder: tempfile::TempDir,
}

impl Bench {
    pub fn new() -> Bench {
        // Beside the other things that builds make: a vault refuses to live in memory.
        let program = std::env::current_exe().unwrap();
        let folder = tempfile::tempdir_in(program.ancestors().nth(2).unwrap()).unwrap();
        let dir = folder.path().join("station");
        let wanted = Wanted {
            dir: dir.clone(),
            origin: "test.example/s1".into(),
            unit: "U".into(),
            docking: sealdock_core::policy::Docking::OfficerPin,
            mirror: None,
            accept_single_copy: true,
            mirror_same_disk: false,
            immutable: false,
            token: Default::default(),
            console: None,
        };
        wire::found(&wanted).unwrap();
        let open = Arc::new(wire::open(&dir, Access::Write).unwrap());
        let operator = Arc::new(Actor::Operator { uid: 0 });
        for (id, role) in [("c1", Role::Clerk), ("a1", Role::Auditor), ("u1", Role::UnitHead)] {
            enrolled(&open, &operator, (id, role, None));
        }
        let room = Room::new(&open, view::Views::new(Err("no pictures here".into()))).unwrap();
        let room = Arc::new(room);
        let app = TowerToHyperService::new(plainly(&room, "127.0.0.1:8420".parse().unwrap()));
        Bench { open, room, app, folder }
    }

    pub fn wrong(&self, id: &str) -> duty::WrongPins {
        let world = self.open.station.world();
        let view = world.ledger.view().unwrap();
        duty::wrong_pins(&*view, &person(id), world.clock.now().wall).unwrap()
    }

    /// What the browser holds, and the token of its forms.
    pub fn session(&self, id: &str) -> (String, String) {
        let view = self.open.station.world().ledger.view().unwrap();
        let pin_seq = registry::person(&*view, &person(id)).unwrap().unwrap().pin_seq;
        let held = self.room.signed.begin(person(id), By::pin(pin_seq), Instant::now()).unwrap();
        let token = self.room.signed.of(&held, Instant::now()).unwrap().2;
        (held, token)
    }

    /// A page as whoever holds this session reads it.
    pub async fn page(&self, (held, lang): (&str, Lang), path: &str) -> String {
        let language = format!("{}={}", super::signed::LANGUAGE, lang.code());
        let headers = [("cookie", language.as_str())];
        let (status, _, page) = self.send((Method::GET, path), held, &headers, Body::empty()).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        page
    }

    /// Signed by somebody; the number of its first entry.
    pub fn apply(&self, id: &str, command: Command) -> u64 {
        let actor = self.open.station.authenticate(&person(id), PIN).unwrap();
        self.open.station.apply(&actor, command).unwrap().entries[0].seq
    }

    /// A clip of officer o1 and their recorder R1, both enrolled for it.
    pub fn clip(&self) -> ClipId {
        let recorder =
            Command::EnrolRecorder { id: "R1".parse().unwrap(), device_id: None, model: None };
        self.apply("c1", recorder);
        let head = Arc::new(self.open.station.authenticate(&person("u1"), PIN).unwrap());
        enrolled(&self.open, &head, ("o1", Role::Officer, None));
        let card = self.scratch("card");
        std::fs::write(card.join("1.mp4"), "footage").unwrap();
        taken_in(&self.room, card);
        let view = self.open.station.world().ledger.view().unwrap();
        ClipId(registry::seq(&view.select(&Query::all(&CLIP)).unwrap()[0]))
    }

    /// A request for a copy of it for a court, which the unit head approved for three times.
    pub fn approved(&self, clip: ClipId) -> AccessId {
        let applicant = Applicant {
            person: None,
            name: "Zhao".into(),
            unit: "District court".into(),
            phone: Some("0734-119".into()),
        };
        let asking = Asking {
            who: Who::Authority,
            purpose: Purpose::Copy,
            applicant: Some(applicant),
            wanted: Footage::Clips { clips: vec![clip] },
            matter: "(2026) 12".into(),
            reason: "hearing".into(),
            letter: None,
        };
        let access = access::Command::Request(Box::new(asking));
        let access = AccessId(self.apply("c1", Command::Access(access)));
        let (clips, expires, reason) = (None, None, None);
        let approve = access::Command::Approve { access, clips, expires, times: Some(3), reason };
        self.apply("u1", Command::Access(approve));
        access
    }

    /// Sends a form; where it leads, and what is said there if something is.
    pub async fn form(
        &self,
        ((held, token), lang): (&(String, String), Lang),
        path: &str,
        fields: &[(&str, &str)],
    ) -> (String, Option<(bool, String)>) {
        let fields = fields.iter().map(|(name, value)| format!("&{name}={}", escaped(value)));
        let body = format!("token={token}{}", fields.collect::<String>());
        let language = format!("{}={}", super::signed::LANGUAGE, lang.code());
        let headers =
            [("content-type", "application/x-www-form-urlencoded"), ("cookie", language.as_str())];
        let (status, to, _) = self.send((Method::POST, path), held, &headers, body.into()).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{path}");
        let said = to.split_once("said=").and_then(|(_, key)| self.room.said.take(key));
        (to, said)
    }

    /// Entries so far.
    pub fn size(&self) -> u64 {
        self.open.station.world().ledger.view().unwrap().head().unwrap().checkpoint().size
    }

    /// An empty folder of this name beside the station.
    pub fn scratch(&self, name: &str) -> PathBuf {
        let folder = self.folder.path().join(name);
        std::fs::create_dir(&folder).unwrap();
        folder
    }

    /// Status, place that it leads to, and body.
    pub async fn send(
        &self,
        (method, path): (Method, &str),
        held: &str,
        headers: &[(&str, &str)],
        body: Body,
    ) -> (StatusCode, String, String) {
        let own = [("host", "127.0.0.1:8420"), ("origin", "http://127.0.0.1:8420")];
        self.send_as(&[&own, headers].concat(), (method, path), held, body).await
    }

    /// The same by whatever name and from whatever page the headers say.
    pub async fn send_as(
        &self,
        headers: &[(&str, &str)],
        what: (Method, &str),
        held: &str,
        body: impl Into<Body>,
    ) -> (StatusCode, String, String) {
        let response = self.answered(headers, what, held, body).await;
        let status = response.status();
        let to =
            response.headers().get("location").map_or("", |to| to.to_str().unwrap()).to_owned();
        let mut bytes = Vec::new();
        let mut stream = response.into_body().into_data_stream();
        while let Some(part) = stream.next().await {
            bytes.extend_from_slice(&part.unwrap());
        }
        (status, to, String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The answer with all that it says of itself.
    pub async fn answered(
        &self,
        headers: &[(&str, &str)],
        (method, path): (Method, &str),
        held: &str,
        body: impl Into<Body>,
    ) -> Response {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !held.is_empty() {
            request = request.header("cookie", format!("__Host-sealdock={held}"));
        }
        self.app.call(request.body(body.into()).unwrap()).await.unwrap()
    }

    /// What `add-bay` says.
    async fn bay(&self, id: &str, pin: &str, path: &str) -> (bool, String) {
        let (held, token) = self.session(id);
        let path = escaped(path);
        let body = format!("token={token}&act=add-bay&back=/places&id=7&path={path}&pin={pin}");
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let (status, to, _) =
            self.send((Method::POST, "/admin/act"), &held, &form, body.into()).await;
        assert_eq!(status, StatusCode::SEE_OTHER);
        self.room.said.take(to.split_once("said=").unwrap().1).unwrap()
    }

    async fn upload(&self, id: &str, body: Body) -> (StatusCode, String) {
        let (held, token) = self.session(id);
        let path = "/import/people/sheet";
        let headers = [("x-form-token", token.as_str())];
        let (status, _, body) = self.send((Method::POST, path), &held, &headers, body).await;
        (status, body)
    }
}

/// Recorder R1 of officer o1 is taken in from this folder.
pub fn taken_in(room: &Room, card: PathBuf) {
    let ingest = Ingest {
        path: card,
        bay: "1".parse().unwrap(),
        recorder: "R1".parse().unwrap(),
        officer: person("o1"),
        wipe_off: false,
        unconfirmed: false,
        profile: None,
    };
    let login = Some(Login { person: person("o1"), pin: Secret(PIN.into()) });
    room.ask(Order { login, request: Ask::Ingest(ingest) }).unwrap();
}

pub fn in_runtime(work: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work);
}

#[test]
fn wrong_pins_in_a_rush_are_tried_one_after_the_other_and_slowed_like_any() {
    const AT_ONCE: usize = 10;
    let bench = Bench::new();
    let start = Barrier::new(AT_ONCE);
    let refused: Vec<bool> = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..AT_ONCE)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    bench.room.prove(&person("c1"), "0000001").is_err()
                })
            })
            .collect();
        tries.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(refused.iter().all(|refused| *refused));
    let wrong = bench.wrong("c1");
    // After the second there is a pause, however many came at once.
    assert!((1..=2).contains(&wrong.count), "{wrong:?}");
}

#[test]
fn while_a_pin_is_compared_another_try_is_refused_and_not_counted() {
    let bench = Bench::new();
    let inner = bench.room.trying.while_trying(&person("c1"), || {
        let other = bench.room.prove(&person("a1"), PIN);
        assert!(other.is_ok(), "another person's is");
        bench.room.prove(&person("c1"), "0000001").unwrap_err()
    });
    assert!(
        inner.message.contains("请稍候再试") && inner.message.contains("wait a moment"),
        "{inner}"
    );
    assert_eq!(bench.wrong("c1").count, 0);
    assert!(bench.room.prove(&person("c1"), "0000001").is_err());
    assert_eq!(bench.wrong("c1").count, 1);
    // What is done in their name holds nobody up once the PIN was compared.
    let login = (&person("c1"), PIN);
    bench.room.counted_as(login, |_| bench.room.prove(login.0, login.1)).unwrap();
}

#[test]
fn the_words_and_the_code_of_a_receipt_name_one_head() {
    let bench = Bench::new();
    let ask = || bench.room.read(crate::request::Request::LogReceipt);
    let old = ask().unwrap();
    bench.room.prove(&person("c1"), "0000001").unwrap_err();
    // An answer from before that entry is asked for again; one that stays so is no receipt.
    let looks = std::cell::Cell::new(0);
    let late = || match looks.replace(looks.get() + 1) {
        0 => Ok(old.clone()),
        _ => ask(),
    };
    let (_, text) = super::receipt::drawn(&bench.open, late).unwrap();
    let head = bench.open.station.world().ledger.view().unwrap().head().unwrap();
    assert!(looks.get() == 2 && text.contains(head.note().trim_end()), "{text}");
    let stale = super::receipt::drawn(&bench.open, || Ok(old.clone())).unwrap_err();
    assert_eq!(stale.exit, crate::exit::Exit::Busy);
}

#[test]
fn nobody_learns_from_a_bays_path_what_is_on_the_disk_but_who_may_add_one() {
    in_runtime(async {
        let bench = Bench::new();
        let real = bench.folder.path().to_str().unwrap().to_owned();
        let none = format!("{real}/nothing-there");
        // Their own PIN and no such right; a right and no PIN.
        for (id, pin, said) in [("a1", PIN, "都不是"), ("u1", "0000001", "口令不对")] {
            for path in [&real, &none] {
                let (done, text) = bench.bay(id, pin, path).await;
                assert!(!done && text.contains(said), "{id} {path}: {text}");
                assert!(!text.contains("nothing-there"), "{id} {path}: {text}");
            }
        }
        let (done, text) = bench.bay("c1", PIN, &none).await;
        assert!(!done && text.contains("nothing-there"), "{text}");
        assert!(bench.bay("c1", PIN, &real).await.0, "who may does");
    });
}

#[test]
fn a_sheet_is_taken_only_of_who_may_import_and_refused_before_a_byte_of_it_is_read() {
    in_runtime(async {
        let bench = Bench::new();
        let never = || {
            Body::from_stream(futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>())
        };
        let (status, why) = bench.upload("a1", never()).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        assert!(why.contains("导入表格"), "{why}");
        let sheet = "编号,姓名,职务\nA1,张三,执法人员\n";
        let (status, to) = bench.upload("c1", sheet.into()).await;
        assert!(
            status == StatusCode::OK && to.starts_with("/import/people?draft="),
            "{status} {to}"
        );
        let wide = format!("a\n{}x\n", ",".repeat(100));
        let (status, why) = bench.upload("c1", wide.into()).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{why}");
        for (id, offered) in [("a1", false), ("c1", true)] {
            let (held, _) = bench.session(id);
            let (_, _, hub) = bench.send((Method::GET, "/admin"), &held, &[], Body::empty()).await;
            assert_eq!(hub.contains("/import/people"), offered, "{id}");
            assert!(hub.contains("/people"), "{id}");
        }
    });
}
