//! Keys that are the same on every run, PINs that cost nothing to hash, a probe that looks at nothing.

use crate::faults::Faults;
use crate::lock;
use ed25519_dalek::{Signer as _, SigningKey};
use sealdock_chain::digest::Digest;
use sealdock_core::event::KeyKind;
use sealdock_core::ports::{KeyPlace, Kind, Pins, PortError, PortResult, Probe, Signer, Vault};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// The key files of a station. Clones are the same files.
#[derive(Clone, Default)]
pub struct KeyDisk(Arc<Mutex<Files>>);

/// Per role the epoch whose key lies in the current file, and whether the next one waits beside it.
#[derive(Clone, Default)]
struct Files {
    log: KeyFile,
    evidence: KeyFile,
}

#[derive(Clone, Default)]
struct KeyFile {
    epoch: u32,
    next_waits: bool,
}

impl Files {
    fn of(&mut self, role: KeyKind) -> &mut KeyFile {
        match role {
            KeyKind::Log => &mut self.log,
            KeyKind::Evidence => &mut self.evidence,
        }
    }
}

fn secret(role: KeyKind, epoch: u32) -> SigningKey {
    let Digest(seed) = Digest::of(format!("simulated {} key {epoch}", role.as_str()).as_bytes());
    SigningKey::from_bytes(&seed)
}

fn public(role: KeyKind, epoch: u32) -> [u8; 32] {
    secret(role, epoch).verifying_key().to_bytes()
}

fn none_waiting<T>() -> PortResult<T> {
    Err(PortError::new(Kind::Missing, "no next key is waiting; prepare one first"))
}

/// Signs with the keys of a [`KeyDisk`].
pub struct SimSigner {
    disk: KeyDisk,
    /// Epochs that this process signs with.
    in_force: Mutex<BTreeMap<KeyKind, u32>>,
    faults: Faults,
}

impl SimSigner {
    /// Opens the keys in the current files.
    pub fn open(disk: &KeyDisk, faults: &Faults) -> SimSigner {
        let files = lock(&disk.0).clone();
        let epochs = [(KeyKind::Log, files.log.epoch), (KeyKind::Evidence, files.evidence.epoch)];
        SimSigner {
            disk: disk.clone(),
            in_force: Mutex::new(epochs.into()),
            faults: faults.clone(),
        }
    }

    /// Opens the keys that the chain expects, current or waiting.
    ///
    /// # Errors
    /// No file holds the expected key.
    pub fn open_expected(
        disk: &KeyDisk,
        faults: &Faults,
        expected: [(KeyKind, [u8; 32]); 2],
    ) -> PortResult<SimSigner> {
        let signer = SimSigner::open(disk, faults);
        for (role, wanted) in expected {
            let mut epochs = lock(&signer.in_force);
            let file = lock(&disk.0).of(role).clone();
            let held = [Some(file.epoch), file.next_waits.then_some(file.epoch + 1)];
            let Some(found) = held.into_iter().flatten().find(|e| public(role, *e) == wanted)
            else {
                let message = "the simulated key file is of another station";
                return Err(PortError::new(Kind::Damaged, message));
            };
            epochs.insert(role, found);
        }
        Ok(signer)
    }

    fn epoch(&self, role: KeyKind) -> u32 {
        lock(&self.in_force)[&role]
    }
}

impl Signer for SimSigner {
    fn public(&self, key: KeyKind) -> [u8; 32] {
        public(key, self.epoch(key))
    }

    fn sign(&self, key: KeyKind, bytes: &[u8]) -> PortResult<[u8; 64]> {
        let epoch = self.epoch(key);
        self.faults.read("signer.sign", || Ok(secret(key, epoch).sign(bytes).to_bytes()))
    }

    fn prepare_next(&self, key: KeyKind, _to: Option<KeyPlace>) -> PortResult<[u8; 32]> {
        let in_force = self.epoch(key);
        self.faults.write("signer.prepare-next", || {
            let mut files = lock(&self.disk.0);
            let file = files.of(key);
            if file.epoch < in_force {
                *file = KeyFile { epoch: in_force, next_waits: false };
            }
            file.next_waits = true;
            Ok(public(key, file.epoch + 1))
        })
    }

    fn sign_next(&self, key: KeyKind, bytes: &[u8]) -> PortResult<[u8; 64]> {
        let in_force = self.epoch(key);
        self.faults.read("signer.sign-next", || {
            let file = lock(&self.disk.0).of(key).clone();
            if !file.next_waits || file.epoch != in_force {
                return none_waiting();
            }
            Ok(secret(key, file.epoch + 1).sign(bytes).to_bytes())
        })
    }

    fn activate(&self, key: KeyKind, wanted: [u8; 32]) -> PortResult<()> {
        self.faults.write("signer.activate", || {
            let mut files = lock(&self.disk.0);
            let file = files.of(key);
            if public(key, file.epoch) != wanted {
                if !file.next_waits || public(key, file.epoch + 1) != wanted {
                    return none_waiting();
                }
                *file = KeyFile { epoch: file.epoch + 1, next_waits: false };
            }
            lock(&self.in_force).insert(key, file.epoch);
            Ok(())
        })
    }
}

/// PINs without salt and without cost.
#[derive(Clone, Default)]
pub struct SimPins {
    pub faults: Faults,
}

fn sim_phc(pin: &str) -> String {
    format!("$simulated${}", Digest::of(pin.as_bytes()))
}

impl Pins for SimPins {
    fn hash(&self, pin: &str) -> PortResult<String> {
        self.faults.read("pins.hash", || Ok(sim_phc(pin)))
    }

    fn matches(&self, phc: &str, pin: &str) -> PortResult<bool> {
        self.faults.read("pins.matches", || Ok(phc == sim_phc(pin)))
    }
}

/// Says the same of every clip, or fails on every clip.
#[derive(Clone)]
pub struct SimProbe(Result<serde_json::Value, String>);

impl Default for SimProbe {
    fn default() -> SimProbe {
        SimProbe(Ok(serde_json::json!({ "container": "simulated" })))
    }
}

impl SimProbe {
    /// Describes nothing, for this reason.
    pub fn failing(reason: &str) -> SimProbe {
        SimProbe(Err(reason.to_owned()))
    }
}

impl Probe for SimProbe {
    fn describe(&self, _vault: &dyn Vault, _clip: Digest) -> Result<serde_json::Value, String> {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::Mode;

    const ROLE: KeyKind = KeyKind::Evidence;

    fn reopened(disk: &KeyDisk, evidence: [u8; 32]) -> PortResult<SimSigner> {
        let expected = [(KeyKind::Log, public(KeyKind::Log, 0)), (ROLE, evidence)];
        SimSigner::open_expected(disk, &Faults::none(), expected)
    }

    #[test]
    fn a_rotation_can_stop_anywhere_and_go_on() {
        let disk = KeyDisk::default();
        let signer = SimSigner::open(&disk, &Faults::none());
        let old = signer.public(ROLE);
        assert!(signer.sign_next(ROLE, b"x").is_err());
        let next = signer.prepare_next(ROLE, None).unwrap();
        assert_eq!(signer.prepare_next(ROLE, None), Ok(next));
        let signature = signer.sign_next(ROLE, b"x").unwrap();
        sealdock_chain::ed25519::verify(&next, b"x", &signature).unwrap();
        assert_eq!(reopened(&disk, old).unwrap().public(ROLE), old, "lost before the chain");
        let landed = reopened(&disk, next).unwrap();
        assert_eq!(landed.public(ROLE), next);
        landed.activate(ROLE, next).unwrap();
        landed.activate(ROLE, next).unwrap();
        assert!(reopened(&disk, old).is_err(), "the old secret is gone");
        assert_eq!(reopened(&disk, next).unwrap().public(ROLE), next);
        assert_ne!(landed.public(KeyKind::Log), landed.public(ROLE));
    }

    #[test]
    fn activation_is_lost_or_landed() {
        for (mode, landed) in [(Mode::Lost, false), (Mode::Landed, true)] {
            let (disk, faults) = (KeyDisk::default(), Faults::none());
            let signer = SimSigner::open(&disk, &faults);
            let next = signer.prepare_next(ROLE, None).unwrap();
            faults.next(mode);
            signer.activate(ROLE, next).unwrap_err();
            assert_eq!(signer.public(ROLE) == next, landed);
            signer.activate(ROLE, next).unwrap();
            assert_eq!(signer.public(ROLE), next, "asking again is normal");
        }
    }

    #[test]
    fn a_pin_matches_itself() {
        let pins = SimPins::default();
        let phc = pins.hash("7392").unwrap();
        assert_eq!((pins.matches(&phc, "7392"), pins.matches(&phc, "7393")), (Ok(true), Ok(false)));
    }
}
