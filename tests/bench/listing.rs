//! `cargo xtask bench listing`: what stands between a plug and the first byte. A card of 20,000 files at
//! depth 12 listed and signed, against `find -printf` with `sha256sum` of what it prints; and the time from
//! the plug event of a folder bay to the first byte in the vault.

#[allow(dead_code)]
mod disk;
mod founded;
mod plug;
mod report;

use disk::drop_caches;
use report::{Table, median, seconds};
use sealdock_core::actor::{Actor, Role};
use sealdock_core::command::{Command, Secret};
use sealdock_core::custody::WipePermit;
use sealdock_core::listing::{RawLine, RawListing};
use sealdock_core::ports::{Claims, Kind, PortError, PortResult, Recorder, Source};
use sealdock_core::time::ClockOffset;
use sealdock_device::{FolderOptions, FolderRecorder};
use sealdock_station::Station;
use sealdock_station::dock::DockRequest;
use std::path::{Path, PathBuf};
use std::process::Command as Program;
use std::sync::Arc;
use std::time::{Duration, Instant};

const FILES: usize = 20_000;
pub const RUNS: usize = 5;

fn main() {
    let mut table = Table::new();
    disk::machine_facts(&mut table);
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench-listing");
    let _ = std::fs::remove_dir_all(&dir);
    let card = deep_card(&dir);
    let station = enrolled(&dir);
    let ours = median((0..RUNS).map(|_| listed(&station, &card)).collect());
    let peer = median((0..RUNS).map(|_| find_and_hash(&card, &dir)).collect());
    table.fact(format!(
        "{FILES} files at depth 12: listed and signed {:.3} s, find -printf | sha256sum {:.3} s",
        seconds(ours),
        seconds(peer)
    ));
    table.ratio(
        "listed and signed / (find -printf + sha256sum)",
        seconds(ours) / seconds(peer),
        Some(2.0),
    );
    let first = median((0..RUNS).map(|run| plug::first_byte(&dir, run)).collect());
    table.ratio("plug event to first byte in the vault, s", seconds(first), Some(1.0));
    let _ = std::fs::remove_dir_all(&dir);
    table.print();
}

fn deep_card(dir: &Path) -> PathBuf {
    let card = dir.join("card");
    let deepest = (1..=12).fold(card.clone(), |at, n| at.join(format!("d{n:02}")));
    std::fs::create_dir_all(&deepest).expect("the build directory is writable");
    for n in 0..FILES {
        std::fs::write(deepest.join(format!("F{n:05}.MP4")), n.to_string())
            .expect("scratch has room");
    }
    card
}

fn enrolled(dir: &Path) -> Station {
    let home = dir.join("station");
    std::fs::create_dir_all(&home).expect("scratch is writable");
    let station = founded::found(&home);
    let operator = Arc::new(Actor::Operator { uid: 0 });
    let pin = Some(Secret("271828".into()));
    let officer = Command::EnrolPerson {
        id: "o1".parse().expect("an id"),
        name: "o".into(),
        role: Role::Officer,
        pin,
        department: None,
    };
    let recorder =
        Command::EnrolRecorder { id: "R1".parse().expect("an id"), device_id: None, model: None };
    for command in [officer, recorder] {
        station.apply(&operator, command).expect("set-up is accepted");
    }
    station
}

/// From the docking to the moment at which the first file is asked for: by then the signed listing stands
/// in the chain. The recorder is gone from there on.
fn listed(station: &Station, card: &Path) -> Duration {
    let officer = "o1".parse().expect("an id");
    let actor = station.authenticate(&officer, "271828").expect("the right PIN");
    let inner = FolderRecorder::open(card, FolderOptions::default()).expect("a card");
    let mut recorder = UntilOpened { inner, opened: None };
    let request = DockRequest {
        bay: "b1".parse().expect("an id"),
        recorder: "R1".parse().expect("an id"),
        officer: Some(officer),
        actor,
        wipe_off: false,
        unconfirmed: false,
        profile: None,
        told: Vec::new(),
    };
    drop_caches();
    let start = Instant::now();
    let report = station.dock(&request, &mut recorder).expect("the station works");
    assert_eq!(report.stored, 0, "{}", report.summary);
    recorder.opened.expect("it came to the first file") - start
}

fn find_and_hash(card: &Path, dir: &Path) -> Duration {
    let manifest = dir.join("manifest");
    drop_caches();
    let script = "find \"$1\" -printf '%y %s %T@ %i %p\\n' > \"$2\" && sha256sum \"$2\" && sync";
    let mut shell = Program::new("sh");
    shell.args(["-c", script, "sh"]).arg(card).arg(&manifest);
    let took = disk::run(&mut shell);
    let lines = std::fs::read_to_string(&manifest).expect("a manifest").lines().count();
    assert_eq!(lines, FILES + 13, "every file and folder is in it");
    took
}

/// A recorder that is pulled when its first file is to be read.
struct UntilOpened {
    inner: FolderRecorder,
    opened: Option<Instant>,
}

impl Recorder for UntilOpened {
    fn claims(&mut self) -> PortResult<Claims> {
        self.inner.claims()
    }
    fn list(&mut self) -> PortResult<RawListing> {
        match self.opened {
            None => self.inner.list(),
            Some(_) => Err(PortError::new(Kind::Failed, "pulled")),
        }
    }
    fn clock(&mut self) -> PortResult<ClockOffset> {
        self.inner.clock()
    }
    fn open(&mut self, _: &RawLine) -> PortResult<Box<dyn Source>> {
        self.opened.get_or_insert_with(Instant::now);
        Err(PortError::new(Kind::Missing, "pulled"))
    }
    fn look(&mut self, _: &RawLine) -> PortResult<Option<RawLine>> {
        Err(PortError::new(Kind::Failed, "pulled"))
    }
    fn make_cold(&mut self) -> PortResult<&'static str> {
        Err(PortError::new(Kind::Failed, "pulled"))
    }
    fn delete(&mut self, _: WipePermit) -> PortResult<()> {
        Err(PortError::new(Kind::Failed, "pulled"))
    }
    fn flush(&mut self) -> PortResult<()> {
        Err(PortError::new(Kind::Failed, "pulled"))
    }
}
