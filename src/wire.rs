//! The real ports in, a station out. Nothing here decides: it finds files, opens them in the order
//! in which they depend on each other, and says what is missing.

/// Clocks that are set by a file on the card.
pub mod clockfile;
/// Founding a station.
mod found;
/// Who hears what a session reports.
mod hub;
/// The confined reader of media facts.
mod media;
/// The second copy's place.
pub mod mirror;
/// Recorders that speak MTP.
pub mod mtp;
/// The recorder profiles in force.
pub mod profiles;
/// Opening for reading without keys.
mod reader;
/// A station whose key is lost or stolen.
mod replacing;
/// A station from a copy of its record.
mod restoring;
/// What goes to the second copy's place, and when it is looked for.
mod second;
/// The dock's USB ports.
mod usb;
/// The station's time, for a recorder.
pub mod wall;

pub use found::{Founded, OnToken, Wanted, found, suitable};
pub use hub::Hub;

use crate::docking::Docks;
use crate::exit::{CliError, Exit};
use crate::home::{Home, Settings};
pub use media::{VERB as PROBE_VERB, footage};
pub use mirror::Mirror;
pub use replacing::{Replaced, replace};
pub use restoring::{Wanted as Restoring, bring_fresh, restore, write_durable};
use sealdock_core::event::{KeyKind, Software};
use sealdock_core::ports::{Clock, Finding, Ledger, PortResult, Signer, Vault};
use sealdock_core::registry;
use sealdock_keys::{ArgonPins, KeyHome, Keyring, SystemClock};
use sealdock_station::{Station, World};
use sealdock_store::Store;
use sealdock_store::lock::StationLock;
use sealdock_vault::{DiskVault, VaultOptions};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;
pub use usb::Usb;

/// A station that is open, and what belongs to this machine.
pub struct Open {
    pub station: Station,
    pub home: Home,
    pub settings: Settings,
    /// As it was when it was last looked for.
    mirror: RwLock<Mirror>,
    /// One look for it at a time.
    looking: Mutex<()>,
    /// How stored files are kept, here and there.
    options: VaultOptions,
    /// The same vault as the station's, as the disk that it is.
    pub vault: Arc<DiskVault>,
    pub hub: Arc<Hub>,
    pub usb: Usb,
    /// Recorders in the bays; empty outside the daemon.
    pub docks: Docks,
    pub keys: Keys,
    /// The same ledger as the station's, as the store that it is.
    store: Arc<Store>,
    /// Where the looking over of old tiles in the second copy goes on; held while they are brought there.
    tiles: Mutex<u64>,
    /// The newest clip that was counted, and how many there were up to it.
    pub stored: Mutex<(u64, u64)>,
    /// How many removals there were when it was counted how many clips were disposed of, and how many these are.
    pub disposed: Mutex<(u64, u64)>,
    /// Folders that a package is being written into.
    pub packing: Mutex<BTreeSet<PathBuf>>,
    /// Held as long as the station is open.
    _lock: StationLock,
}

/// Where the keys lie, and what holds them open.
pub struct Keys {
    pub home: KeyHome,
    /// Absent where the station is open for reading.
    ring: Option<Arc<Keyring>>,
}

impl Keys {
    /// Old keys that are still on the token, in words.
    pub fn left_on_token(&self) -> Vec<String> {
        self.ring.as_ref().map_or_else(|| self.home.retired_on_token(), |ring| ring.left_on_token())
    }
}

/// A verb that only reads is done within this time.
const LOCK_TRIES: u32 = 10;
const LOCK_PAUSE: Duration = Duration::from_millis(100);

/// A chain below this is copied in a moment.
const SHORT_CHAIN_BYTES: u64 = 64 << 20;

/// What a verb needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Read,
    Write,
}

/// Opens the station in `dir` while no daemon runs.
pub fn open(dir: &Path, access: Access) -> Result<Open, CliError> {
    let home = Home::new(dir);
    match access {
        Access::Write => for_writing(home),
        Access::Read => match for_reading(home.clone()) {
            // A session that a crash left open is closed first, and that is writing.
            Err(e) if e.exit == Exit::ReadOnly => for_writing(home),
            other => other,
        },
    }
}

fn for_writing(home: Home) -> Result<Open, CliError> {
    let lock = locked(|| StationLock::exclusive(&home.dir))?;
    let origin = Store::origin(&home.dir)?;
    let keys = home.key_home(Settings::read(&home)?.token.as_ref())?;
    let signer = Arc::new(keyring(&home, &keys)?);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new()?);
    let store = Store::open(&home.dir, Arc::clone(&signer) as Arc<dyn Signer>, Arc::clone(&clock))?;
    // Finishes a change of key that a crash cut short; else it does nothing.
    for kind in [KeyKind::Log, KeyKind::Evidence] {
        signer.activate(kind, newest(&home, kind)?)?;
    }
    for left in signer.left_on_token() {
        tracing::warn!("{left}; it is tried again at the next start");
    }
    let keys = Keys { home: keys, ring: Some(Arc::clone(&signer)) };
    let parts = Parts { home, lock, origin, keys, signer, clock };
    settled(parts.open(Arc::new(store), Station::open)?)
}

/// A station that was put back to an older state must not go on: its mirror knows what came after, and so does a
/// head that was stamped.
fn settled(open: Open) -> Result<Open, CliError> {
    let objection = match open.mirror_objects()? {
        None => open.anchors_object()?,
        some => some,
    };
    match objection {
        Some(text) => Err(CliError::new(Exit::Stopped, text)),
        None => Ok(open),
    }
}

fn for_reading(home: Home) -> Result<Open, CliError> {
    let lock = locked(|| StationLock::shared(&home.dir))?;
    let origin = Store::origin(&home.dir)?;
    let store = Store::open_read_only(&home.dir)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new()?);
    let keys = home.key_home(Settings::read(&home)?.token.as_ref())?;
    let keys = Keys { home: keys, ring: None };
    let parts = Parts { home, lock, origin, keys, signer: Arc::new(reader::NoKeys), clock };
    parts.open(Arc::new(store), Station::open)
}

/// Another process on the same station is no failure of a disk. Most hold it for a moment only.
fn locked(lock: impl Fn() -> PortResult<StationLock>) -> Result<StationLock, CliError> {
    let mut tries = 0;
    loop {
        let mut error = match lock() {
            Ok(lock) => return Ok(lock),
            Err(e) => CliError::from(e),
        };
        if error.exit != Exit::Failed {
            return Err(error);
        }
        if tries == LOCK_TRIES {
            error.exit = Exit::Busy;
            return Err(error);
        }
        tries += 1;
        std::thread::sleep(LOCK_PAUSE);
    }
}

/// The keys that the chain says are in force.
fn keyring(home: &Home, keys: &KeyHome) -> Result<Keyring, CliError> {
    let log = Store::log_key_to_start(&home.dir)?.ok_or_else(|| unfounded(home))?;
    Ok(Keyring::open(keys.clone(), log, newest(home, KeyKind::Evidence)?)?)
}

/// The public key of the newest epoch.
fn newest(home: &Home, kind: KeyKind) -> Result<[u8; 32], CliError> {
    let epochs = Store::key_epochs(&home.dir)?;
    let of_kind = epochs.iter().filter(|(k, ..)| *k == kind);
    let newest = of_kind.max_by_key(|(_, epoch, ..)| *epoch).map(|(_, _, public, _)| *public);
    newest.ok_or_else(|| unfounded(home))
}

fn unfounded(home: &Home) -> CliError {
    let text = format!(
        "the founding of {} was cut short: its chain names no keys; remove the directory and run `sealdock init` again",
        home.dir.display()
    );
    CliError::new(Exit::Refused, text)
}

/// Are the keys that the chain names there, whole, private and of this station? And the token that is named, whether
/// or not it is needed today?
pub fn keys_in_order(open: &Open) -> Result<(), CliError> {
    keyring(&open.home, &open.keys.home)?;
    Ok(open.keys.home.token().map_or(Ok(()), |token| token.reached())?)
}

/// Walks over a chain that cannot be opened as a station any more; reads only.
pub fn walk(dir: &Path, deep: bool) -> Result<Vec<Finding>, CliError> {
    let home = Home::new(dir);
    let _lock = locked(|| StationLock::shared(&home.dir))?;
    let store = Store::open_read_only(&home.dir)?;
    Ok(store.verify(deep, &mut |_, _| ())?.findings)
}

/// Everything but the ledger's own kind.
struct Parts {
    home: Home,
    lock: StationLock,
    origin: String,
    keys: Keys,
    signer: Arc<dyn Signer>,
    clock: Arc<dyn Clock>,
}

impl Parts {
    fn open<E>(
        self,
        store: Arc<Store>,
        opened: impl FnOnce(World, String) -> Result<Station, E>,
    ) -> Result<Open, CliError>
    where
        CliError: From<E>,
    {
        let ledger = Arc::clone(&store) as Arc<dyn Ledger>;
        let settings = Settings::read(&self.home)?;
        let view = ledger.view()?;
        let reserve_bytes = registry::policy(&*view)?.reserve_bytes;
        let plan = registry::copy_plan(&*view)?;
        drop(view);
        let options = VaultOptions {
            reserve_bytes,
            immutable: settings.immutable,
            ..VaultOptions::default()
        };
        let vault = Arc::new(DiskVault::open_with(&self.home.vault(), options.clone())?);
        let mirror =
            Mirror::open(&plan, (self.origin.as_str(), self.home.dir.as_path()), options.clone());
        if let Mirror::Missing { .. } = &mirror {
            tracing::warn!("{}", mirror.words().1);
        }
        let hub = Arc::new(Hub::default());
        let world = World {
            ledger,
            vault: Arc::clone(&vault) as Arc<dyn Vault>,
            mirror: mirror.vault().into(),
            signer: self.signer,
            pins: Arc::new(ArgonPins::new()),
            clock: self.clock,
            probe: media::probe(&self.home),
            progress: Arc::clone(&hub) as Arc<dyn sealdock_station::Progress>,
        };
        let station = opened(world, self.origin)?;
        Ok(Open {
            station,
            home: self.home,
            settings,
            mirror: RwLock::new(mirror),
            looking: Mutex::new(()),
            options,
            vault,
            hub,
            usb: Usb::here(),
            docks: Docks::default(),
            keys: self.keys,
            store,
            tiles: Mutex::default(),
            stored: Mutex::default(),
            disposed: Mutex::default(),
            packing: Mutex::default(),
            _lock: self.lock,
        })
    }
}

impl Open {
    /// Directories that can never be a recorder.
    pub fn never(&self) -> Vec<PathBuf> {
        let mut never = vec![self.home.dir.clone()];
        never.extend(self.mirror().folder());
        never
    }
}

/// This very program, as entries name it.
pub fn software() -> Software {
    let sha256 = std::fs::File::open("/proc/self/exe").ok().and_then(|mut file| {
        let mut hash = <sha2::Sha256 as sha2::Digest>::new();
        let mut block = vec![0u8; 1 << 20];
        loop {
            match std::io::Read::read(&mut file, &mut block).ok()? {
                0 => return Some(sealdock_chain::Digest(sha2::Digest::finalize(hash).into())),
                n => sha2::Digest::update(&mut hash, &block[..n]),
            }
        }
    });
    Software { name: "sealdock".into(), version: env!("CARGO_PKG_VERSION").into(), sha256 }
}
