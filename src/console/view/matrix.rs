//! Every route, asked by everybody, in every state of an approval and of a session, with what a browser and an enemy would
//! send: not one byte of footage without an entry that was there before it. What is allowed is told by what the test itself
//! did, and by the entries as they lie in the chain; the code that decides is not asked.

/// What pages say of approvals and ends.
mod pages;

use super::maker::Maker;
use super::opened::{Views, look_at_all};
use crate::console::hostile::{PIN, person, taken_in};
use crate::console::signed::By;
use crate::console::{Room, plainly};
use crate::wire::{self, Access, Open, Wanted};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use futures_util::StreamExt as _;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use sealdock_chain::Entry;
use sealdock_console::Lang;
use sealdock_core::access::{Asking, Command as Do, Level, Purpose, Wanted as Footage, Who};
use sealdock_core::actor::{Actor, Role};
use sealdock_core::command::{Command, Secret};
use sealdock_core::id::{AccessId, ClipId};
use sealdock_core::registry;
use sealdock_core::time::WallMs;
use sealdock_probe::view::{Kind, Piece, Seen, Streams};
use sealdock_station::viewing::Announced;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::File;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::{Duration, Instant};

/// In every clip: bare footage, which never leaves.
const BARE: &str = "FOOTAGE-THAT-NEVER-LEAVES";
/// In every piece that is made.
const MADE: &str = "A-MARKED-PIECE";
const LEN_MS: u64 = 100_000;
/// The station's own doing comes to this many requests at least.
const REQUESTS_MIN: usize = 20_000;

/// Who asks. `k1` has no right but by approval, `n1` none at all.
const PEOPLE: [(&str, Role); 11] = [
    ("o1", Role::Officer),
    ("o2", Role::Officer),
    ("k1", Role::Officer),
    ("c1", Role::Clerk),
    ("v1", Role::Viewer),
    ("l1", Role::LegalHead),
    ("ph", Role::PenaltyHead),
    ("p1", Role::PenaltyLeader),
    ("a1", Role::Auditor),
    ("m1", Role::Operator),
    ("u1", Role::UnitHead),
];
/// Whose viewings are asked for: their own, by three duties, by approval.
const VIEWERS: [&str; 5] = ["o1", "v1", "l1", "ph", "k1"];

/// In the place of the program that makes pictures; it looks into the chain itself before it makes one.
#[derive(Default)]
struct Stub {
    open: OnceLock<Weak<Open>>,
    made: AtomicUsize,
    /// Made without an entry that had announced it.
    unannounced: AtomicUsize,
}

struct Shared(Arc<Stub>);

impl Maker for Shared {
    fn look(&self, _: File) -> Result<Seen, String> {
        let kind = Kind::Film { sound: true };
        let streams = Streams::default();
        Ok(Seen { kind, len_ms: LEN_MS, frame_rate: 25.0, width: 640, height: 360, streams })
    }

    fn make(&self, _: File, _: Announced, piece: Piece) -> Result<Vec<u8>, String> {
        let entry: u64 = piece.mark.lines[0].rsplit('#').next().unwrap().parse().unwrap();
        let open = self.0.open.get().and_then(Weak::upgrade).unwrap();
        let (from, to) = (piece.from_ms, piece.from_ms + piece.len_ms);
        let announced = entries(&open).iter().any(|(_, e)| {
            e["type"] == "viewing.served"
                && e["viewing"] == entry
                && e["from_ms"].as_u64().unwrap() <= from
                && e["to_ms"].as_u64().unwrap() >= to
        });
        self.0.made.fetch_add(1, Ordering::SeqCst);
        self.0.unannounced.fetch_add(usize::from(!announced), Ordering::SeqCst);
        Ok(format!("{MADE} {entry} {from}").into_bytes())
    }
}

/// Actor and event of every entry, as they lie in the chain.
fn entries(open: &Open) -> Vec<(Value, Value)> {
    let view = open.station.world().ledger.view().unwrap();
    let (mut all, mut from) = (Vec::new(), 0);
    loop {
        let some = view.entries(from, 1000).unwrap();
        if some.is_empty() {
            return all;
        }
        from += some.len() as u64;
        all.extend(some.iter().map(|bytes| {
            let entry = Entry::decode(bytes).unwrap();
            (entry.actor, entry.event)
        }));
    }
}

fn address() -> std::net::SocketAddr {
    "127.0.0.1:8420".parse().unwrap()
}

struct Bench {
    open: Arc<Open>,
    room: Arc<Room>,
    app: TowerToHyperService<axum::Router>,
    stub: Arc<Stub>,
    clips: Vec<ClipId>,
    _folder: tempfile::TempDir,
}

impl Bench {
    fn new(clips: usize) -> Bench {
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
        let operator = || Arc::new(Actor::Operator { uid: 0 });
        let recorder =
            Command::EnrolRecorder { id: "R1".parse().unwrap(), device_id: None, model: None };
        open.station.apply(&operator(), recorder).unwrap();
        for (id, role) in PEOPLE {
            let (id, name, pin) = (person(id), format!("name of {id}"), Some(Secret(PIN.into())));
            let enrol = Command::EnrolPerson { id, name, role, pin, department: None };
            open.station.apply(&operator(), enrol).unwrap();
        }
        let stub = Arc::new(Stub::default());
        stub.open.set(Arc::downgrade(&open)).unwrap();
        let views = Views::new(Ok(Box::new(Shared(Arc::clone(&stub)))));
        let room = Room::new(&open, views).unwrap();
        let room = Arc::new(room);
        let app = TowerToHyperService::new(plainly(&room, address()));
        let mut bench = Bench { open, room, app, stub, clips: Vec::new(), _folder: folder };
        bench.dock(clips);
        bench
    }

    fn dock(&mut self, clips: usize) {
        let card = self._folder.path().join("card");
        std::fs::create_dir(&card).unwrap();
        for n in 0..clips {
            std::fs::write(card.join(format!("{n}.mp4")), format!("{BARE} {n}")).unwrap();
        }
        taken_in(&self.room, card);
        let of = |(seq, (_, event)): (usize, &(Value, Value))| {
            (event["type"] == "clip.stored").then_some(ClipId(seq as u64))
        };
        self.clips = entries(&self.open).iter().enumerate().filter_map(of).collect();
        assert_eq!(self.clips.len(), clips);
    }

    fn act(&self, id: &str, command: Do) -> u64 {
        let actor = self.open.station.authenticate(&person(id), PIN).unwrap();
        let appended = self.open.station.apply(&actor, Command::Access(command)).unwrap();
        appended.entries[0].seq
    }

    fn asked(&self, clip: ClipId) -> AccessId {
        AccessId(self.act(
            "k1",
            Do::Request(Box::new(Asking {
                who: Who::Colleague,
                purpose: Purpose::View,
                applicant: None,
                wanted: Footage::Clips { clips: vec![clip] },
                matter: "(2026) 12".into(),
                reason: "hearing".into(),
                letter: None,
            })),
        ))
    }

    fn approve(&self, access: AccessId, expires: Option<WallMs>, times: u32) {
        let (clips, reason) = (None, None);
        self.act("p1", Do::Approve { access, clips, expires, times: Some(times), reason });
    }

    /// What the browser holds after a sign-in.
    fn session(&self, id: &str) -> String {
        let view = self.open.station.world().ledger.view().unwrap();
        let pin_seq = registry::person(&*view, &person(id)).unwrap().unwrap().pin_seq;
        self.room.signed.begin(person(id), By::pin(pin_seq), Instant::now()).unwrap()
    }

    fn token(&self, held: &str) -> String {
        self.room.signed.of(held, Instant::now()).unwrap().2
    }

    async fn send(&self, sent: &Sent<'_>) -> (StatusCode, Vec<u8>, BTreeMap<String, String>) {
        let mut request = Request::builder().method(sent.method.clone()).uri(sent.path);
        request = request.header("host", "127.0.0.1:8420");
        for (name, value) in sent.headers {
            request = request.header(*name, *value);
        }
        if !sent.held.is_empty() {
            request = request.header("cookie", format!("__Host-sealdock={}", sent.held));
        }
        let request = request.body(Body::from(sent.body.to_owned())).unwrap();
        let response = self.app.call(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let text = |v: &axum::http::HeaderValue| v.to_str().unwrap_or_default().to_owned();
        let headers = headers.iter().map(|(n, v)| (n.to_string(), text(v))).collect();
        let mut body = Vec::new();
        let mut stream = response.into_body().into_data_stream();
        let endless = sent.path.ends_with("live");
        while let Ok(Some(part)) = tokio::time::timeout(
            Duration::from_millis(if endless { 5 } else { 5000 }),
            stream.next(),
        )
        .await
        {
            body.extend_from_slice(&part.unwrap());
            if endless {
                break;
            }
        }
        (status, body, headers)
    }

    /// Opens by the form, as a browser does; the entry, or `None` where it was refused.
    async fn opens(&self, id: &str, held: &str, clip: ClipId) -> Option<u64> {
        let token = self.token(held);
        let body = format!("token={token}&access=&reason=look&pin={PIN}");
        let headers = [FORM, ORIGIN, SAME];
        let sent = Sent {
            method: Method::POST,
            path: &format!("/view/{clip}"),
            headers: &headers,
            held,
            body: &body,
        };
        let (status, _, said) = self.send(&sent).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{id} {clip}");
        let to = &said["location"];
        let entry = to.strip_prefix(&format!("/view/{clip}/"))?.parse().unwrap();
        for _ in 0..500 {
            let by = (&person(id), sealdock_chain::Digest::of(held.as_bytes()));
            let opened = self.room.views.of(entry, clip, by).unwrap();
            if matches!(opened.stage(), super::Stage::Ready(_)) {
                return Some(entry);
            }
            assert!(!opened.has_ended(), "{id} {clip}: {:?}", opened.stage());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{id} {clip} never became ready");
    }
}

struct Sent<'a> {
    method: Method,
    path: &'a str,
    headers: &'a [(&'a str, &'a str)],
    held: &'a str,
    body: &'a str,
}

const SAME: (&str, &str) = ("sec-fetch-site", "same-origin");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const ORIGIN: (&str, &str) = ("origin", "http://127.0.0.1:8420");

type Way = (&'static str, Method, &'static [(&'static str, &'static str)]);

/// As our own script asks, and as nobody should.
fn ways() -> Vec<Way> {
    vec![
        ("script", Method::GET, &[SAME, ("sec-fetch-dest", "empty"), ("sec-fetch-mode", "cors")]),
        (
            "tab",
            Method::GET,
            &[
                ("sec-fetch-site", "none"),
                ("sec-fetch-dest", "document"),
                ("sec-fetch-mode", "navigate"),
            ],
        ),
        (
            "element",
            Method::GET,
            &[SAME, ("sec-fetch-dest", "video"), ("sec-fetch-mode", "no-cors")],
        ),
        ("program", Method::GET, &[]),
        ("ranges", Method::GET, &[SAME, ("sec-fetch-dest", "empty"), ("range", "bytes=0-")]),
        ("head", Method::HEAD, &[SAME, ("sec-fetch-dest", "empty")]),
        (
            "other site",
            Method::GET,
            &[("sec-fetch-site", "cross-site"), ("sec-fetch-dest", "empty")],
        ),
        ("post", Method::POST, &[SAME, ("sec-fetch-dest", "empty"), FORM, ORIGIN]),
    ]
}

/// A viewing as the test knows it.
struct Held {
    id: &'static str,
    held: String,
    entry: u64,
    clip: ClipId,
}

fn holds(body: &[u8], what: &str) -> bool {
    body.windows(what.len()).any(|part| part == what.as_bytes())
}

/// What became of the right between opening and asking.
#[derive(Debug, Clone, Copy, PartialEq)]
enum After {
    Nothing,
    Asked,
    Refused,
    Spent,
    Expired,
    Revoked,
    Secret,
    SignedOut,
    Ended,
    DutyEnded,
}

const AFTER: [After; 10] = [
    After::Nothing,
    After::Asked,
    After::Refused,
    After::Spent,
    After::Expired,
    After::Revoked,
    After::Secret,
    After::SignedOut,
    After::Ended,
    After::DutyEnded,
];

/// Does the right of that viewer still stand? By what the test did, in words of the rules.
fn stands(after: After, id: &str) -> bool {
    match after {
        After::Nothing | After::Spent => true,
        After::Asked | After::Refused | After::Expired | After::Revoked => id != "k1",
        After::DutyEnded => id != "ph",
        After::Secret | After::SignedOut | After::Ended => false,
    }
}

fn in_runtime(test: impl Future<Output = ()>) {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.worker_threads(2).enable_all().build().unwrap().block_on(test);
}

/// S10, S13.
#[test]
fn not_one_byte_of_footage_without_an_entry_before_it() {
    in_runtime(everybody_asks());
}

async fn everybody_asks() {
    let bench = Bench::new(AFTER.len());
    let (mut asked, mut served) = (0, 0);
    for (n, after) in AFTER.into_iter().enumerate() {
        let clip = bench.clips[n];
        let viewings = prepare(&bench, after, clip).await;
        for viewing in &viewings {
            let (more, given) = cross(&bench, after, (viewing, &viewings)).await;
            asked += more;
            served += given;
        }
        // The watch ends what has lost its right; nothing it ended is ever served again.
        look_at_all(&bench.room);
        for viewing in &viewings {
            bench.room.signed.end(&viewing.held);
        }
        look_at_all(&bench.room);
        assert_eq!(bench.room.views.running(), 0, "{after:?}");
    }
    asked += everything_else(&bench).await;
    assert!(asked >= REQUESTS_MIN, "{asked}");
    assert!(served >= 80, "it serves whoever may: {served}");
    assert_eq!(bench.stub.unannounced.load(Ordering::SeqCst), 0, "made before its entry");
    assert_eq!(bench.stub.made.load(Ordering::SeqCst), served, "made for nobody");
}

#[test]
fn where_no_picture_can_be_made_nothing_is_opened_and_nothing_is_spent() {
    in_runtime(nobody_can_make());
}

async fn nobody_can_make() {
    let mut bench = Bench::new(1);
    let views = Views::new(Err("ffmpeg is not installed".into()));
    bench.room = Arc::new(Room::new(&bench.open, views).unwrap());
    bench.app = TowerToHyperService::new(plainly(&bench.room, address()));
    let held = bench.session("o1");
    let before = entries(&bench.open).len();
    assert_eq!(bench.opens("o1", &held, bench.clips[0]).await, None);
    assert_eq!(entries(&bench.open).len(), before);
    let path = format!("/view/{}", bench.clips[0]);
    for (lang, said) in Lang::ALL.into_iter().zip(["没有可用的 ffmpeg", "ffmpeg is not installed"])
    {
        let page = bench.page((&held, lang), &path).await;
        assert!(page.contains(said), "{page}");
    }
}

/// Opens what may be opened, then lets happen what shall have happened.
async fn prepare(bench: &Bench, after: After, clip: ClipId) -> Vec<Held> {
    let access = bench.asked(clip);
    let soon = (after == After::Expired)
        .then(|| bench.open.station.world().clock.now().wall.plus_ms(4000));
    match after {
        After::Asked => {}
        After::Refused => {
            bench.act("p1", Do::Refuse { access, reason: "no".into() });
        }
        _ => bench.approve(access, soon, 1),
    }
    let mut viewings = Vec::new();
    for id in VIEWERS {
        let held = bench.session(id);
        let entry = bench.opens(id, &held, clip).await;
        let may = id != "k1" || !matches!(after, After::Asked | After::Refused);
        assert_eq!(entry.is_some(), may, "{after:?} {id}");
        // An address that somebody made up, where nothing was opened.
        viewings.push(Held { id, held, entry: entry.unwrap_or(access.0), clip });
    }
    match after {
        After::Spent => {
            assert_eq!(bench.opens("k1", &viewings[4].held, clip).await, None, "spent");
        }
        After::Expired => {
            let now = || bench.open.station.world().clock.now().wall;
            while soon.is_some_and(|at| now() < at) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        After::Revoked => {
            bench.act("p1", Do::Revoke { access, reason: "no more".into() });
        }
        After::Secret => {
            let (clips, level) = (vec![clip], Level::StateSecret);
            bench.act("u1", Do::SetSecrecy { clips, level, reason: "secret".into() });
        }
        After::SignedOut => viewings.iter().for_each(|v| bench.room.signed.end(&v.held)),
        After::Ended => end_all(bench, &viewings).await,
        After::DutyEnded => {
            let held = sealdock_core::duty::duties(
                &*bench.open.station.world().ledger.view().unwrap(),
                &person("ph"),
                bench.open.station.world().clock.now().wall,
            );
            for held in held.unwrap() {
                let actor = bench.open.station.authenticate(&person("u1"), PIN).unwrap();
                let end = sealdock_core::duty::Command::EndDuty {
                    duty: held.duty,
                    reason: "left".into(),
                };
                bench.open.station.apply(&actor, Command::Duty(end)).unwrap();
            }
        }
        After::Nothing | After::Asked | After::Refused => {}
    }
    viewings
}

async fn end_all(bench: &Bench, viewings: &[Held]) {
    for v in viewings {
        let body = format!("token={}", bench.token(&v.held));
        let path = format!("/view/{}/{}/end", v.clip, v.entry);
        let headers = [FORM, ORIGIN, SAME];
        let sent = Sent {
            method: Method::POST,
            path: &path,
            headers: &headers,
            held: &v.held,
            body: &body,
        };
        assert_eq!(bench.send(&sent).await.0, StatusCode::SEE_OTHER);
    }
}

/// Everybody asks for the pieces of one viewing, from every kind of session, in every way.
async fn cross(bench: &Bench, after: After, (of, all): (&Held, &[Held])) -> (usize, usize) {
    let (mut asked, mut served) = (0, 0);
    let mut askers: Vec<(&str, &str, String)> = vec![("nobody", "none", String::new())];
    for (id, _) in PEOPLE {
        askers.push((id, "another", bench.session(id)));
        if let Some(own) = all.iter().find(|held| held.id == id) {
            askers.push((id, "the one", own.held.clone()));
            let gone = bench.session(id);
            bench.room.signed.end(&gone);
            askers.push((id, "signed out", gone));
        }
    }
    for (id, session, held) in &askers {
        // The page and its messages hold no piece, whoever asks; a few ways are enough for them.
        let parts = [("piece/0", 8), ("piece/31", 2), ("thumb/1", 8), ("", 3), ("live", 2)];
        for (part, many) in parts {
            let path = format!("/view/{}/{}/{part}", of.clip, of.entry);
            let path = path.trim_end_matches('/');
            for (way, method, headers) in ways().into_iter().take(many) {
                let sent = Sent { method, path, headers, held, body: "" };
                let (status, body, said) = bench.send(&sent).await;
                asked += 1;
                let what = format!("{after:?} {} {id} {session} {part} {way}: {status}", of.id);
                let may = *id == of.id
                    && *session == "the one"
                    && way == "script"
                    && matches!(part, "piece/0" | "piece/31" | "thumb/1")
                    && stands(after, of.id);
                assert!(!holds(&body, BARE), "{what}");
                assert_eq!(holds(&body, MADE), may, "{what} {}", String::from_utf8_lossy(&body));
                assert_eq!(said["cache-control"], "no-store", "{what}");
                assert!(!said.contains_key("etag") && !said.contains_key("content-disposition"));
                if may {
                    served += 1;
                    opened_by(bench, of, &what);
                }
            }
        }
    }
    (asked, served)
}

/// The entry of the viewing, as it lies in the chain, is theirs and of that clip.
fn opened_by(bench: &Bench, of: &Held, what: &str) {
    let entries = entries(&bench.open);
    let (actor, event) = &entries[usize::try_from(of.entry).unwrap()];
    let theirs = event["type"] == "viewing.opened"
        && actor["id"] == of.id
        && event["clip"] == serde_json::json!(of.clip);
    assert!(theirs, "{what}: {actor} {event}");
}

/// Every other page and file, for everybody.
async fn everything_else(bench: &Bench) -> usize {
    let clip = bench.clips[0];
    let paths = [
        "/",
        "/kiosk",
        "/kiosk/confirm",
        "/kiosk/begun",
        "/sign-in",
        "/language?to=en",
        "/desk",
        "/clips",
        "/sessions",
        "/approvals",
        "/uses",
        "/evidence",
        "/static/view.js",
        "/static/../kept",
        "/nothing",
        "/view",
    ];
    let of_clip =
        [format!("/clips/{clip}"), format!("/clips/{clip}?prove=1"), format!("/view/{clip}")];
    let mut asked = 0;
    let everybody =
        PEOPLE.iter().map(|(id, _)| bench.session(id)).chain([String::new(), "x".repeat(64)]);
    for held in everybody {
        for path in paths.iter().map(|p| (*p).to_owned()).chain(of_clip.clone()) {
            for (way, method, headers) in ways() {
                let sent = Sent { method, path: &path, headers, held: &held, body: "" };
                let (_, body, _) = bench.send(&sent).await;
                asked += 1;
                assert!(!holds(&body, BARE) && !holds(&body, MADE), "{path} {way}");
            }
        }
    }
    asked
}
