//! The simulated ledger keeps the contract, and forgets, garbles and fails as told.

use super::*;
use crate::faults::{self, Mode};
use crate::suite;
use crate::world::{ORIGIN, SimPorts, SimWorld};
use sealdock_core::event::{BayAdded, Event};
use sealdock_core::ports::Decision;
use sealdock_core::schema::BAY;

fn founded() -> (SimWorld, SimPorts) {
    let world = SimWorld::new();
    let ports = world.start(&Faults::none()).unwrap();
    append(&ports, suite::founding(ORIGIN, &*ports.signer)).unwrap();
    (world, ports)
}

fn append(ports: &SimPorts, event: Event) -> PortResult<Appended> {
    let decide: Decide = Box::new(move |_, _| Ok(Ok(Decision::from(vec![event]))));
    Ok(ports.ledger.transact(&ActorRecord::System, decide)?.unwrap())
}

fn bay(id: &str) -> Event {
    let (kind, path) = ("folder".to_owned(), "/b".to_owned());
    Event::BayAdded(BayAdded { id: id.parse().unwrap(), kind, path })
}

fn suite_on(spoil: fn(&LedgerDisk)) {
    suite::ledger(|| {
        let disk = LedgerDisk::new(ORIGIN);
        spoil(&disk);
        let signer: Arc<dyn Signer> =
            Arc::new(crate::SimSigner::open(&crate::KeyDisk::default(), &Faults::none()));
        let clock = Arc::new(crate::SimClock::new());
        let ledger = SimLedger::open(&disk, signer.clone(), clock, &Faults::none()).unwrap();
        suite::Fresh { ledger: Box::new(ledger), signer, origin: ORIGIN.to_owned() }
    });
}

#[test]
fn it_keeps_the_contract() {
    suite_on(|_| ());
}

#[test]
#[should_panic(expected = "and is there")]
fn the_suite_finds_a_ledger_that_forgets() {
    suite_on(|disk| disk.forgets(1));
}

#[test]
#[should_panic(expected = "`left == right`")]
fn the_suite_finds_a_ledger_that_garbles() {
    suite_on(|disk| disk.garbles(1));
}

/// Every call of one append, each mode: what is on the disk right after, and after a restart.
#[test]
fn a_fault_at_every_call_ends_in_all_or_nothing() {
    let (world, _) = founded();
    let clean = Faults::none();
    append(&world.start(&clean).unwrap(), bay("clean")).unwrap();
    assert_eq!(clean.log(), ["ledger.begin", "ledger.commit", "signer.sign", "ledger.head"]);
    // (call, mode) → entry committed, head persisted
    let table = [
        (0, Mode::Lost, (false, false)),
        (0, Mode::Landed, (false, false)),
        (1, Mode::Lost, (false, false)),
        (1, Mode::Landed, (true, false)),
        (1, Mode::Kill, (false, false)),
        (2, Mode::Lost, (true, false)),
        (2, Mode::Landed, (true, false)),
        (2, Mode::Kill, (true, false)),
        (3, Mode::Lost, (true, false)),
        (3, Mode::Landed, (true, true)),
        (3, Mode::Kill, (true, false)),
    ];
    for (call, mode, (committed, headed)) in table {
        let (world, _) = founded();
        let faults = Faults::at(call, mode);
        let outcome = faults::run(|| append(&world.start(&faults).unwrap(), bay("b")).map(drop));
        assert!(matches!(outcome, Err(_) | Ok(Err(_))), "{call} {mode:?}");
        let heads = world.ledger.state().heads.len();
        assert_eq!((world.ledger.size() == 2, heads == 3), (committed, headed), "{call} {mode:?}");
        let again = world.start(&Faults::none()).unwrap();
        let rows = again.ledger.view().unwrap().select(&sealdock_core::table::Query::all(&BAY));
        assert_eq!(rows.unwrap().len(), usize::from(committed), "{call} {mode:?}");
        assert_eq!(again.ledger.verify(true, &mut |_, _| {}).unwrap().findings, []);
        append(&again, bay("next")).unwrap();
    }
}

#[test]
fn after_an_unknown_outcome_nobody_is_served() {
    let (world, _) = founded();
    let faults = Faults::none();
    let ports = world.start(&faults).unwrap();
    faults.also_at(faults.count() + 1, Mode::Landed);
    assert_eq!(append(&ports, bay("b")).unwrap_err().kind, Kind::Unknown);
    assert_eq!(append(&ports, bay("c")).unwrap_err().kind, Kind::Unknown);
    assert_eq!(ports.ledger.view().err().map(|e| e.kind), Some(Kind::Unknown));
    // A fault before the commit is no such case.
    let faults = Faults::none();
    let ports = world.start(&faults).unwrap();
    faults.next(Mode::Lost);
    assert_eq!(append(&ports, bay("c")).unwrap_err().kind, Kind::Failed);
    append(&ports, bay("c")).unwrap();
}

#[test]
fn a_ledger_that_forgets_or_garbles_is_found_out_by_reading_back() {
    type Lie = fn(&LedgerDisk);
    let lies: [(Lie, bool); 2] = [(|disk| disk.forgets(1), false), (|disk| disk.garbles(1), true)];
    for (lie, there) in lies {
        let (world, ports) = founded();
        lie(&world.ledger);
        let appended = append(&ports, bay("b")).unwrap();
        let back = ports.ledger.view().unwrap().entry(1).unwrap();
        assert_eq!(back.is_some(), there);
        let leaf = back.map(|bytes| sealdock_chain::tree::leaf_hash(&bytes));
        assert_ne!(leaf, Some(appended.entries[0].leaf));
        let findings = ports.ledger.verify(false, &mut |_, _| {}).unwrap().findings;
        assert!(findings.iter().any(|f| f.area == "head"), "{findings:?}");
        assert_eq!(append(&ports, bay("c")).unwrap().entries[0].seq, 2, "it lied once");
        assert_eq!(world.ledger.events().len(), 3);
    }
}

#[test]
fn an_edited_entry_is_a_finding() {
    let (world, ports) = founded();
    append(&ports, bay("b")).unwrap();
    world.ledger.tamper(0);
    let findings = ports.ledger.verify(false, &mut |_, _| {}).unwrap().findings;
    assert!(findings.iter().any(|f| f.area == "head"), "{findings:?}");
}
