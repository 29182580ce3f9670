//! A station on simulated disks, the people and the recorder of its unit, and what every test wants
//! to know of it afterwards: what is in custody, what is on the card, whether the chain holds.
#![allow(dead_code, reason = "every test binary uses its own part")]

pub mod chain;
pub mod forged;
pub mod meddled;
pub mod state;

use sealdock_chain::digest::Digest;
use sealdock_core::actor::{Actor, Role};
use sealdock_core::command::{Command, Secret};
use sealdock_core::event::{CopiesNamed, Event, Software};
use sealdock_core::id::{BayId, ClipId, PersonId, RecorderId, SessionId};
use sealdock_core::policy::{DEFAULT_POLICY, Docking, Policy};
use sealdock_core::ports::{Pins, PortResult};
use sealdock_core::table::{Query, Row, Table};
use sealdock_station::dock::{DockReport, DockRequest};
use sealdock_station::{Founding, Progress, Station, StationError, Unheard, World};
use sealdock_testkit::world::ORIGIN;
use sealdock_testkit::{Faults, SimCard, SimRecorder, SimWorld};
use std::sync::Arc;

pub const RECORDER: &str = "R1";
/// The number that [`RECORDER`] writes into its file names.
pub const DEVICE: &str = "J800001";
pub const OFFICER: &str = "officer-1";
pub const CLERK: &str = "clerk-1";
pub const PIN: &str = "7392";

pub const MARKED: &[u8] = b"DCIM/J800001_12345620260301080000_0017_IMP.MP4";
pub const EMPTY: &[u8] = b"DCIM/J800001_12345620260301070000_0015.MP4";
pub const LONG: &[u8] = b"DCIM/J800001_12345620260301073000_0016.MP4";

/// What a unit decided before anything is docked.
#[derive(Clone)]
pub struct Setup {
    pub policy: String,
    pub copies: Option<CopiesNamed>,
    /// Is the place of the second copy there?
    pub mirror_there: bool,
}

impl Setup {
    /// The rule, and one copy accepted as the unit's risk.
    pub fn single() -> Setup {
        let copies = Some(CopiesNamed::SingleAccepted);
        Setup { policy: DEFAULT_POLICY.to_owned(), copies, mirror_there: false }
    }

    /// The rule, and a second copy.
    pub fn mirrored() -> Setup {
        let copies = Some(CopiesNamed::Mirror { place: "/mirror".to_owned() });
        Setup { copies, mirror_there: true, ..Setup::single() }
    }

    pub fn clerk_shift() -> Setup {
        Setup { policy: Policy::default_text(Docking::ClerkShift), ..Setup::single() }
    }

    /// The rule with one piece of its text exchanged.
    pub fn policy_with(from: &str, to: &str) -> Setup {
        let policy = DEFAULT_POLICY.replacen(from, to, 1);
        assert_ne!(policy, DEFAULT_POLICY, "the default policy says {from}");
        Setup { policy, ..Setup::single() }
    }
}

/// Everything that outlives a process: disks, clock, and one card.
pub struct Bench {
    pub world: SimWorld,
    pub card: SimCard,
    pub setup: Setup,
}

/// Looks like the real thing to the rules and costs nothing.
struct QuickPins;

impl Pins for QuickPins {
    fn hash(&self, pin: &str) -> PortResult<String> {
        Ok(format!("$argon2id$simulated${}", Digest::of(pin.as_bytes())))
    }
    fn matches(&self, phc: &str, pin: &str) -> PortResult<bool> {
        Ok(phc == self.hash(pin)?)
    }
}

impl Bench {
    /// A founded unit with an officer, a clerk and an enrolled recorder whose card holds `files`.
    pub fn new(setup: Setup, files: &[(&[u8], &[u8])]) -> Bench {
        let bench = Bench { world: SimWorld::new(), card: SimCard::new("card", files), setup };
        let world = bench.ports(&Faults::none(), Arc::new(Unheard)).unwrap();
        let founding = Founding {
            origin: ORIGIN.to_owned(),
            unit: "衡阳市民政局".to_owned(),
            software: Software { name: "sealdock".into(), version: "0".into(), sha256: None },
            policy: bench.setup.policy.clone(),
            copies: bench.setup.copies.clone(),
        };
        let station = Station::found(world, founding).unwrap();
        enrol(&station, OFFICER, Role::Officer);
        enrol(&station, CLERK, Role::Clerk);
        enrol_recorder(&station, RECORDER, Some(DEVICE));
        bench
    }

    fn ports(&self, faults: &Faults, progress: Arc<dyn Progress>) -> PortResult<World> {
        let ports = self.world.start(faults)?;
        Ok(World {
            ledger: ports.ledger,
            vault: ports.vault,
            mirror: self.setup.mirror_there.then_some(ports.mirror).into(),
            signer: ports.signer,
            pins: Arc::new(QuickPins),
            clock: ports.clock,
            probe: Some(ports.probe),
            progress,
        })
    }

    /// Starts a process on what is on the disks.
    pub fn start(&self, faults: &Faults) -> Result<Station, StationError> {
        self.start_watched(faults, Arc::new(Unheard))
    }

    pub fn start_watched(
        &self,
        faults: &Faults,
        progress: Arc<dyn Progress>,
    ) -> Result<Station, StationError> {
        Station::open(self.ports(faults, progress)?, ORIGIN)
    }

    /// Starts a process that meets no fault.
    pub fn open(&self) -> Station {
        self.start(&Faults::none()).unwrap()
    }

    /// Docks the card under the officer's PIN.
    pub fn dock(&self, station: &Station) -> Result<DockReport, StationError> {
        self.dock_as(station, &officers(station)?)
    }

    pub fn dock_as(
        &self,
        station: &Station,
        request: &DockRequest,
    ) -> Result<DockReport, StationError> {
        station.dock(request, &mut self.plug())
    }

    /// Plugs the card in; it meets no fault of its own.
    pub fn plug(&self) -> SimRecorder {
        self.card.dock(&Faults::none())
    }

    /// One whole visit: a new process, the card docked under the officer's PIN.
    pub fn visit(&self) -> Result<DockReport, StationError> {
        self.dock(&self.open())
    }

    /// Events of the chain, by the name of their kind.
    pub fn story(&self) -> Vec<String> {
        self.world.ledger.events().iter().map(kind).collect()
    }

    pub fn rows(&self, table: &'static Table) -> Vec<Row> {
        self.world.ledger.tables().rows(table)
    }
}

/// The published name of an event's kind.
pub fn kind(event: &Event) -> String {
    let value = serde_json::to_value(event).unwrap();
    value["type"].as_str().unwrap().to_owned()
}

/// A dock request of the officer, who has just shown the PIN.
pub fn officers(station: &Station) -> Result<DockRequest, StationError> {
    let actor = station.authenticate(&person(OFFICER), PIN)?;
    Ok(DockRequest {
        bay: bay("bay-1"),
        recorder: recorder(RECORDER),
        officer: Some(person(OFFICER)),
        actor,
        wipe_off: false,
        unconfirmed: false,
        profile: None,
        told: Vec::new(),
    })
}

pub fn operator() -> Arc<Actor> {
    Arc::new(Actor::Operator { uid: 1000 })
}

pub fn clerk(station: &Station) -> Arc<Actor> {
    station.authenticate(&person(CLERK), PIN).unwrap()
}

pub fn enrol(station: &Station, id: &str, role: Role) {
    let pin = Some(Secret(PIN.to_owned()));
    let command = Command::EnrolPerson {
        id: person(id),
        name: format!("name of {id}"),
        role,
        pin,
        department: None,
    };
    station.apply(&operator(), command).unwrap();
}

pub fn enrol_recorder(station: &Station, id: &str, device: Option<&str>) {
    let device_id = device.map(str::to_owned);
    let command = Command::EnrolRecorder { id: recorder(id), device_id, model: None };
    station.apply(&operator(), command).unwrap();
}

pub fn person(id: &str) -> PersonId {
    id.parse().unwrap()
}
pub fn recorder(id: &str) -> RecorderId {
    id.parse().unwrap()
}
pub fn bay(id: &str) -> BayId {
    id.parse().unwrap()
}
pub fn clips_of(report: &DockReport) -> Vec<ClipId> {
    report.clips.iter().map(|(_, clip)| *clip).collect()
}

/// Reasons for which lines stand aside and nobody decided yet, by name of the line.
pub fn asides(bench: &Bench) -> Vec<(String, String)> {
    let rows = bench.rows(&sealdock_core::schema::ASIDE);
    let open = rows.iter().filter(|row| row.text("state") == "open");
    open.map(|row| (row.text("name").to_owned(), row.text("reason").to_owned())).collect()
}

/// Wipe rows of a session, by line: the state and the reason.
pub fn wipes(bench: &Bench, session: SessionId) -> Vec<(i64, String, Option<String>)> {
    let query = Query::all(&sealdock_core::schema::WIPE).with("session", session.0);
    use sealdock_core::ports::Registers;
    let rows = bench.world.ledger.tables().select(&query).unwrap();
    let row = |r: &Row| {
        (r.int("line"), r.text("state").to_owned(), r.text_opt("reason").map(str::to_owned))
    };
    rows.iter().map(row).collect()
}
