//! A station of this process: the real vault, store and keys, wired by hand.

use sealdock_core::event::{CopiesNamed, Software};
use sealdock_core::policy::DEFAULT_POLICY;
use sealdock_keys::{ArgonPins, Keyring, SystemClock};
use sealdock_station::{Founding, Station, Unheard, World};
use sealdock_store::Store;
use sealdock_vault::{DiskVault, VaultOptions};
use std::path::Path;
use std::sync::Arc;

pub fn found(dir: &Path) -> Station {
    let options = VaultOptions { immutable: false, reserve_bytes: 0, ..VaultOptions::default() };
    let signer = Arc::new(Keyring::create(&dir.join("keys")).expect("keys are made"));
    let clock = Arc::new(SystemClock::new().expect("a clock"));
    let origin = "bench.example/bays";
    let store = Store::create(dir, origin, signer.clone(), clock.clone()).expect("a ledger");
    let world = World {
        ledger: Arc::new(store),
        vault: Arc::new(DiskVault::create_with(&dir.join("vault"), options).expect("a vault")),
        mirror: None.into(),
        signer,
        pins: Arc::new(ArgonPins::new()),
        clock,
        probe: None,
        progress: Arc::new(Unheard),
    };
    let founding = Founding {
        origin: origin.into(),
        unit: "bench".into(),
        software: Software { name: "sealdock".into(), version: "bench".into(), sha256: None },
        policy: DEFAULT_POLICY.into(),
        copies: Some(CopiesNamed::SingleAccepted),
    };
    Station::found(world, founding).expect("a station")
}
