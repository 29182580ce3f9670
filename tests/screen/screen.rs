//! Stands for the console's screen in `tests/script`: opens one viewing as a person and hands every byte on.
//! The command line has no such verb (`docs/design/access.md`); nothing here ships.
//!
//! usage: screen CLIP PERSON PIN-FILE REASON [REQUEST]   (the station is `$SEALDOCK_STATION`)

use sealdock_core::event::KeyKind;
use sealdock_core::ports::{Clock, Ledger, Signer};
use sealdock_core::registry;
use sealdock_keys::{ArgonPins, Keyring, SystemClock};
use sealdock_station::viewing::Wish;
use sealdock_station::{Station, Unheard, World};
use sealdock_store::Store;
use sealdock_store::lock::StationLock;
use sealdock_vault::{DiskVault, VaultOptions};
use std::error::Error;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

fn main() -> ExitCode {
    match show() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("screen: {why}");
            ExitCode::from(3)
        }
    }
}

fn show() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [clip, person, pin, reason, request @ ..] = words.as_slice() else {
        return Err("usage: screen CLIP PERSON PIN-FILE REASON [REQUEST]".into());
    };
    let dir = PathBuf::from(std::env::var("SEALDOCK_STATION")?);
    let _lock = StationLock::exclusive(&dir)?;
    let station = opened(&dir)?;
    let pin = std::fs::read_to_string(pin)?;
    let actor = station.authenticate(&person.parse()?, pin.trim_end())?;
    let access = request.first().map(|id| id.parse()).transpose()?;
    let wish = Wish { clip: clip.parse()?, access, reason: reason.clone(), matter: None };
    let viewing = station.view(&actor, wish)?;
    let mut footage = station.open_clip(viewing)?;
    for chunk in 0..footage.chunks() {
        std::io::stdout().write_all(footage.chunk(chunk)?)?;
    }
    Ok(())
}

/// The station on its real ports; its second copy and its probe are not needed for looking.
fn opened(dir: &Path) -> Result<Station, Box<dyn Error>> {
    let newest = |kind| {
        let epochs = Store::key_epochs(dir)?.into_iter().filter(move |(k, ..)| *k == kind);
        let newest = epochs.max_by_key(|(_, epoch, ..)| *epoch).map(|(_, _, public, _)| public);
        newest.ok_or_else(|| Box::<dyn Error>::from("the chain names no key"))
    };
    let keys = Keyring::open(&dir.join("keys"), newest(KeyKind::Log)?, newest(KeyKind::Evidence)?)?;
    let signer: Arc<dyn Signer> = Arc::new(keys);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new()?);
    let store = Store::open(dir, Arc::clone(&signer), Arc::clone(&clock))?;
    let reserve_bytes = registry::policy(&*store.view()?)?.reserve_bytes;
    let options = VaultOptions { reserve_bytes, immutable: false, ..VaultOptions::default() };
    let world = World {
        vault: Arc::new(DiskVault::open_with(&dir.join("vault"), options)?),
        ledger: Arc::new(store),
        mirror: None.into(),
        signer,
        pins: Arc::new(ArgonPins::new()),
        clock,
        probe: None,
        progress: Arc::new(Unheard),
    };
    Ok(Station::open(world, Store::origin(dir)?)?)
}
