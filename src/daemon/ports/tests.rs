//! What is announced is shown inert; and what a recorder answers when it is unlocked comes to the chain, to
//! the clerk, and, where it contradicts, to a conflict: everything of the daemon but the USB bus itself.

use super::*;
use crate::answer::Block;
use crate::docking::Reading;
use crate::execute::{Asked, execute};
use crate::request::{DeskAsk, Order, Request};
use crate::wire::{self, Access, Usb, Wanted};
use sealdock_chain::Entry;
use sealdock_core::actor::Role;
use sealdock_core::command::Secret;
use sealdock_core::event::{Event, Verdict};
use sealdock_core::policy::Docking;
use sealdock_device::usb::unlock::{Given, attempt};
use sealdock_device::{FolderOptions, FolderRecorder};
use sealdock_profile::Profiles;
use sealdock_profile::unlock::Wall;
use sealdock_station::dock::{DockReport, DockRequest};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A recorder that knows one conversation by heart.
#[path = "../../../crates/device/tests/common/replay.rs"]
#[allow(dead_code, reason = "its other tests count what was said")]
mod replay;

const PORT: &str = "pci-0-usb-0:1";
const PIN: &str = "2580147";

#[test]
fn what_a_device_calls_itself_is_shown_inert_and_cut() {
    let seen = Seen {
        vid: 0x1d6b,
        pid: 0x104,
        product: Some("\x1b[2Jkeyboard".into()),
        manufacturer: Some("录".repeat(400)),
        ..Seen::default()
    };
    let text = described("1-2", &seen);
    assert!(text.starts_with("1-2 1d6b:0104 录"), "{text}");
    assert!(text.len() <= TEXT_BYTES_MAX + 3 && !text.contains('\x1b'), "{text}");
    assert_eq!(described("sdb1", &Seen::default()), "sdb1 0000:0000");
}

/// A station whose one port is bound, with the recorder R1 of that number, and a card.
struct Bench {
    open: Arc<Open>,
    card: PathBuf,
    _folder: tempfile::TempDir,
}

impl Bench {
    fn new(device: &str) -> Bench {
        // Beside the other things that builds make: a vault refuses to live in memory.
        let program = std::env::current_exe().unwrap();
        let made = program.ancestors().nth(2).unwrap();
        let folder = tempfile::tempdir_in(made).unwrap();
        let open = Arc::new(station(folder.path()));
        let apply = |command| open.station.apply(&Arc::new(Actor::Operator { uid: 0 }), command);
        let pin = Some(Secret(PIN.into()));
        let (id, name) = ("o1".parse().unwrap(), "Li".into());
        apply(Command::EnrolPerson { id, name, role: Role::Officer, pin, department: None })
            .unwrap();
        let (id, device_id) = ("R1".parse().unwrap(), Some(device.to_owned()));
        apply(Command::EnrolRecorder { id, device_id, model: None }).unwrap();
        let card = folder.path().join("card");
        std::fs::create_dir(&card).unwrap();
        std::fs::write(card.join("a.mp4"), b"footage").unwrap();
        Bench { open, card, _folder: folder }
    }

    /// The recorder on the port is unlocked: it answers as it did once, and what it said is learnt.
    fn unlocked(&self) {
        let profiles = Profiles::built_in();
        let unlock = profiles.find("cammpro.mc").unwrap().unlock().unwrap();
        let now = Wall { year: 2026, month: 1, day: 2, hour: 3, minute: 4, second: 5 };
        let said = include_str!("../../../fixtures/recorders/cammpro-mc/right.json");
        let given = Given { unlock, secret: Some("246810"), now };
        let (opening, sender) = Opening::under_way(PORT, Duration::from_secs(60));
        sender.send(attempt(given, &mut replay::Replay::new(said))).unwrap();
        let mut ports = Ports::new(&self.open, channel().0);
        ports.openings.insert(("bay-1".into(), "1-2".into()), opening);
        ports.turn();
    }

    /// The disk that appears behind that port is docked.
    fn docked(&self) -> DockReport {
        let seen = Seen { port: format!("{PORT}:1.0-scsi-0:0:0:0"), ..Seen::default() };
        let request = DockRequest {
            bay: "bay-1".parse().unwrap(),
            recorder: "R1".parse().unwrap(),
            officer: Some("o1".parse().unwrap()),
            actor: self.open.station.authenticate(&"o1".parse().unwrap(), PIN).unwrap(),
            wipe_off: false,
            unconfirmed: false,
            profile: None,
            told: Vec::new(),
        };
        let request = Reading::announced(&self.open, seen).asked(&request);
        let options = FolderOptions { never: self.open.never(), ..FolderOptions::default() };
        let mut recorder = FolderRecorder::open(&self.card, options).unwrap();
        self.open.station.dock(&request, &mut recorder).unwrap()
    }

    fn events(&self) -> Vec<Event> {
        let view = self.open.station.world().ledger.view().unwrap();
        let entries = view.entries(0, 1000).unwrap();
        let event = |bytes: &Vec<u8>| Entry::decode(bytes).unwrap().event;
        entries.iter().map(|bytes| serde_json::from_value(event(bytes)).unwrap()).collect()
    }

    /// What `recorder show` says, for people and for scripts.
    fn shown(&self) -> (String, serde_json::Value) {
        let ask = DeskAsk::Recorder { recorder: "R1".parse().unwrap() };
        let order = Order { login: None, request: Request::Desk(ask) };
        let asked = Asked { uid: 0, progress: self.open.hub.clone() };
        let answer = execute(&self.open, &asked, order).unwrap();
        let lines = answer.blocks.iter().filter_map(|block| match block {
            Block::Line(text) => Some(text.as_str()),
            _ => None,
        });
        (lines.collect::<Vec<_>>().join("\n"), answer.json["told"].clone())
    }
}

fn station(folder: &Path) -> Open {
    let dir = folder.join("station");
    let wanted = Wanted {
        dir: dir.clone(),
        origin: "test.example/s1".into(),
        unit: "U".into(),
        docking: Docking::OfficerPin,
        mirror: None,
        accept_single_copy: true,
        mirror_same_disk: false,
        immutable: false,
        token: Default::default(),
        console: None,
    };
    wire::found(&wanted).unwrap();
    let docks = format!("[[port]]\nbay = 'bay-1'\npath = '{PORT}'\nprofile = 'cammpro.mc'\n");
    std::fs::write(folder.join("docks.toml"), docks).unwrap();
    for place in ["run/usb", "run/volumes", "sys"] {
        std::fs::create_dir_all(folder.join(place)).unwrap();
    }
    let mut open = wire::open(&dir, Access::Write).unwrap();
    let docks_file = folder.join("docks.toml");
    open.usb = Usb { run: folder.join("run"), docks_file, sys: folder.join("sys") };
    open
}

#[test]
fn what_it_answered_when_it_was_unlocked_is_an_entry_before_the_listing_and_shown() {
    let bench = Bench::new("J800001");
    assert_eq!(bench.shown().1, serde_json::Value::Null);
    bench.unlocked();
    let report = bench.docked();
    assert_eq!((report.verdict, report.wiped), (Verdict::Done, 1), "{report:?}");
    let events = bench.events();
    let at = events.iter().position(|event| matches!(event, Event::RecorderTold(_))).unwrap();
    assert!(matches!(events[at + 1], Event::ListingSigned(_)));
    let (text, told) = bench.shown();
    assert!(text.contains("device J800001, officer O000815, battery 87%"), "{text}");
    assert_eq!((&told["seq"], &told["source"]), (&at.into(), &"unlock".into()));
}

#[test]
fn an_answer_that_names_another_recorder_is_a_conflict_and_nothing_is_wiped() {
    let bench = Bench::new("J800002");
    bench.unlocked();
    let report = bench.docked();
    assert_eq!((report.verdict, report.stored, report.wiped), (Verdict::Held, 1, 0), "{report:?}");
    assert!(bench.card.join("a.mp4").exists());
    let conflict = bench.events().into_iter().find_map(|event| match event {
        Event::ListingSigned(e) => e.conflict,
        _ => None,
    });
    let conflict = conflict.unwrap();
    assert!(conflict.contains("J800001") && conflict.contains("J800002"), "{conflict}");
}

#[test]
fn what_was_said_on_another_port_says_nothing() {
    let bench = Bench::new("J800002");
    bench.unlocked();
    bench.open.docks.forget(PORT);
    let report = bench.docked();
    assert_eq!((report.verdict, report.wiped), (Verdict::Done, 1), "{report:?}");
    assert_eq!(bench.shown().1, serde_json::Value::Null);
}
