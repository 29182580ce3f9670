//! One of each: the disks of a station, its clock and its faults, and the ports on them for one run.

use crate::clock::SimClock;
use crate::faults::Faults;
use crate::ledger::{LedgerDisk, SimLedger};
use crate::secrets::{KeyDisk, SimPins, SimProbe, SimSigner};
use crate::vault::{SimVault, VaultDisk};
use sealdock_core::ports::{Clock, Ledger, Pins, PortResult, Probe, Signer, Vault};
use std::sync::Arc;

/// The origin of simulated stations.
pub const ORIGIN: &str = "sealdock.test/station";

/// What outlives a run.
#[derive(Clone)]
pub struct SimWorld {
    pub clock: SimClock,
    pub keys: KeyDisk,
    pub vault: VaultDisk,
    pub mirror: VaultDisk,
    pub ledger: LedgerDisk,
    pub probe: SimProbe,
}

/// The ports of one run; a new run gets new ones.
#[derive(Clone)]
pub struct SimPorts {
    pub clock: Arc<dyn Clock>,
    pub signer: Arc<dyn Signer>,
    pub ledger: Arc<dyn Ledger>,
    pub vault: Arc<dyn Vault>,
    pub mirror: Arc<dyn Vault>,
    pub pins: Arc<dyn Pins>,
    pub probe: Arc<dyn Probe>,
    pub faults: Faults,
}

impl Default for SimWorld {
    fn default() -> SimWorld {
        SimWorld::new()
    }
}

impl SimWorld {
    /// Empty disks.
    pub fn new() -> SimWorld {
        SimWorld {
            clock: SimClock::new(),
            keys: KeyDisk::default(),
            vault: VaultDisk::new(),
            mirror: VaultDisk::new(),
            ledger: LedgerDisk::new(ORIGIN),
            probe: SimProbe::default(),
        }
    }

    /// Starts a run on what is on the disks: recovers the ledger, sweeps the vaults. A log rotation
    /// that landed without its head is signed under the old key here; making the new one active is
    /// the station's work, as ever.
    ///
    /// # Errors
    /// A simulated fault during recovery.
    pub fn start(&self, faults: &Faults) -> PortResult<SimPorts> {
        let signer = match self.ledger.expected_keys() {
            Some(expected) => SimSigner::open_expected(&self.keys, faults, expected)?,
            None => SimSigner::open(&self.keys, faults),
        };
        let signer: Arc<dyn Signer> = Arc::new(signer);
        let clock: Arc<dyn Clock> = Arc::new(self.clock.clone());
        let ledger = SimLedger::open(&self.ledger, signer.clone(), clock.clone(), faults)?;
        Ok(SimPorts {
            clock,
            signer,
            ledger: Arc::new(ledger),
            vault: Arc::new(SimVault::open(&self.vault, faults)),
            mirror: Arc::new(SimVault::open(&self.mirror, faults)),
            pins: Arc::new(SimPins { faults: faults.clone() }),
            probe: Arc::new(self.probe.clone()),
            faults: faults.clone(),
        })
    }

    /// The machine loses power: what was not synced is gone, the boot is another.
    pub fn power_cut(&self) {
        self.vault.power_cut();
        self.mirror.power_cut();
        self.clock.reboot();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::Mode;
    use crate::suite;
    use sealdock_chain::digest::Digest;
    use sealdock_core::actor::ActorRecord;
    use sealdock_core::event::{Event, KeyKind, KeyRotated};
    use sealdock_core::ports::{Decision, Kind, PortError};

    fn append(ports: &SimPorts, event: Event) -> PortResult<()> {
        let decide = Box::new(move |_: &dyn sealdock_core::ports::Registers, _: &_| {
            Ok(Ok(Decision::from(vec![event])))
        });
        ports.ledger.transact(&ActorRecord::System, decide).map(drop)
    }

    /// Rotates the log key; the chain does not look at the signatures over the statement here.
    fn rotate(ports: &SimPorts) -> PortResult<[u8; 32]> {
        let old_public = Digest(ports.signer.public(KeyKind::Log));
        let new_public = Digest(ports.signer.prepare_next(KeyKind::Log, None)?);
        let rotation = KeyRotated {
            key: KeyKind::Log,
            epoch: 2,
            old_public,
            new_public,
            old_signature: String::new(),
            new_signature: String::new(),
        };
        append(ports, Event::KeyRotated(rotation))?;
        Ok(new_public.0)
    }

    #[test]
    fn a_rotation_of_the_log_key_survives_a_fault_at_every_call() {
        for mode in Mode::ALL {
            // prepare-next, begin, commit, sign, head
            for call in 0..5 {
                let world = SimWorld::new();
                let ports = world.start(&Faults::none()).unwrap();
                append(&ports, suite::founding(ORIGIN, &*ports.signer)).unwrap();
                let faults = Faults::at(call, mode);
                let ports = world.start(&faults).unwrap();
                let cut = crate::faults::run(|| rotate(&ports));
                assert!(!matches!(cut, Ok(Ok(_))), "{call} {mode:?}");
                let ports = world.start(&Faults::none()).unwrap();
                if world.ledger.size() == 1 {
                    rotate(&ports).unwrap();
                }
                // What a station does at every start: the signer follows the chain.
                let [(_, log), _] = world.ledger.expected_keys().unwrap();
                ports.signer.activate(KeyKind::Log, log).unwrap();
                append(&ports, bay()).unwrap();
                let report = ports.ledger.verify(true, &mut |_, _| {}).unwrap();
                assert_eq!((report.entries, report.findings), (3, vec![]), "{call} {mode:?}");
            }
        }
    }

    fn bay() -> Event {
        Event::BayAdded(sealdock_core::event::BayAdded {
            id: "b".parse().unwrap(),
            kind: "folder".to_owned(),
            path: "/b".to_owned(),
        })
    }

    #[test]
    fn nobody_signs_with_a_key_that_is_no_longer_in_force() {
        let world = SimWorld::new();
        let ports = world.start(&Faults::none()).unwrap();
        append(&ports, suite::founding(ORIGIN, &*ports.signer)).unwrap();
        let new = rotate(&ports).unwrap();
        let too_early = append(&ports, bay());
        assert_eq!(too_early.map_err(|PortError { kind, .. }| kind), Err(Kind::Failed));
        ports.signer.activate(KeyKind::Log, new).unwrap();
        append(&ports, bay()).unwrap();
    }
}
