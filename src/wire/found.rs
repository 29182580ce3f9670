//! `init`: everything is looked at first, then made; on a failure what was made is removed again.

use super::{mirror, software};
use crate::exit::{CliError, Exit, file_error};
use crate::home::{Home, Settings, TokenSettings};
use sealdock_chain::note::VerifierKey;
use sealdock_core::event::{CopiesNamed, KeyKind};
use sealdock_core::policy::{Docking, Policy};
use sealdock_core::ports::{Clock, KeyPlace, Signer};
use sealdock_keys::{ArgonPins, Keyring, SystemClock};
use sealdock_station::{Founding, Second, Station, Unheard, World};
use sealdock_store::Store;
use sealdock_store::lock::StationLock;
use sealdock_vault::{DiskVault, VaultOptions, qualify};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What `init` is asked for.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub dir: PathBuf,
    pub origin: String,
    pub unit: String,
    pub docking: Docking,
    pub mirror: Option<PathBuf>,
    pub accept_single_copy: bool,
    /// Both copies on one disk: only tests may want that, and the entry says so.
    pub mirror_same_disk: bool,
    /// Kept clips get the immutable flag.
    pub immutable: bool,
    pub token: OnToken,
    /// Where a browser of this machine is answered from then on.
    pub console: Option<std::net::SocketAddr>,
}

/// Which keys are made on which token; the default is files.
#[derive(Debug, Clone, Default)]
pub struct OnToken {
    /// Goes into `station.toml`.
    pub token: Option<TokenSettings>,
    pub keys: Vec<KeyKind>,
}

impl OnToken {
    pub fn place(&self, kind: KeyKind) -> KeyPlace {
        match self.keys.contains(&kind) {
            true => KeyPlace::Token,
            false => KeyPlace::File,
        }
    }
}

/// What `init` tells.
#[derive(Debug, Clone)]
pub struct Founded {
    pub origin: String,
    pub vkey: String,
    /// Is the station's volume encrypted? `None`: it cannot be seen.
    pub encrypted: Option<bool>,
    pub mirror: Option<String>,
    pub warnings: Vec<String>,
}

/// Founds a station and leaves it closed.
pub fn found(wanted: &Wanted) -> Result<Founded, CliError> {
    let home = Home::new(&wanted.dir);
    let existed = suitable(&home.dir)?;
    let standing = if existed { home.dir.as_path() } else { parent(&home.dir) };
    let disk = qualify(standing)?;
    sealdock_chain::note::valid_origin(&wanted.origin)
        .map_err(|e| CliError::new(Exit::Refused, e.to_string()))?;
    let candidate = match &wanted.mirror {
        None => None,
        Some(dir) => {
            apart(dir, &home.dir)?;
            Some(mirror::candidate(dir, standing, &wanted.origin, wanted.mirror_same_disk)?)
        }
    };
    let mut made = Made { station: (home.dir.clone(), existed), mirror: None, keys: None };
    let result = make(wanted, &home, candidate.as_ref(), &mut made);
    let vkey = match result {
        Ok(vkey) => vkey,
        Err(e) => {
            made.remove();
            return Err(e);
        }
    };
    Ok(Founded {
        origin: wanted.origin.clone(),
        vkey,
        encrypted: disk.encrypted,
        warnings: candidate
            .iter()
            .filter_map(|c| c.warning.as_deref().map(str::to_owned))
            .collect(),
        mirror: candidate.map(|c| c.place),
    })
}

/// May a station be made here? Says whether the (empty) directory is there already.
///
/// # Errors
/// It is taken, or cannot be looked into.
pub fn suitable(dir: &Path) -> Result<bool, CliError> {
    let shown = dir.display();
    let refused = |text: String| Err(CliError::new(Exit::Refused, text));
    if !parent(dir).is_dir() {
        let text = format!(
            "cannot make the station {shown}: {} is not a directory; make it first",
            parent(dir).display()
        );
        return Err(CliError::new(Exit::Missing, text));
    }
    match std::fs::read_dir(dir) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(file_error("look into", dir, &e)),
        Ok(_) if dir.join("chain.db").exists() => {
            refused(format!("{shown} is a station already; a station is founded once"))
        }
        Ok(mut entries) => match entries.next() {
            None => Ok(true),
            Some(_) => refused(format!(
                "{shown} is not empty; a station needs a directory of its own: name one that is not there yet"
            )),
        },
    }
}

fn parent(dir: &Path) -> &Path {
    dir.parent().unwrap_or(Path::new("/"))
}

fn apart(mirror: &Path, station: &Path) -> Result<(), CliError> {
    let mirror = std::fs::canonicalize(mirror).unwrap_or_else(|_| mirror.to_owned());
    if mirror.starts_with(station) || station.starts_with(&mirror) {
        let text = format!(
            "the mirror {} and the station {} lie in one another; name two separate directories",
            mirror.display(),
            station.display()
        );
        return Err(CliError::new(Exit::Refused, text));
    }
    Ok(())
}

/// Order: directory, lock, settings, keys, chain, vault, mirror, entry 0. Each is durable by itself;
/// only the last makes it a station.
fn make(
    wanted: &Wanted,
    home: &Home,
    candidate: Option<&mirror::Candidate>,
    made: &mut Made,
) -> Result<String, CliError> {
    private(&home.dir)?;
    let _lock = StationLock::make(&home.dir)?;
    private(&home.run())?;
    let token = wanted.token.token.clone();
    let keys = home.key_home(token.as_ref())?;
    let console = wanted.console;
    let settings = Settings { token, console, ..Settings::new(wanted.immutable) };
    write_private(&home.settings(), &settings.text())?;
    let ring = Arc::new(Keyring::create_at(keys, |kind| wanted.token.place(kind))?);
    made.keys = Some(Arc::clone(&ring));
    let signer: Arc<dyn Signer> = ring;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new()?);
    let store = Store::create(&home.dir, &wanted.origin, Arc::clone(&signer), Arc::clone(&clock))?;
    let options = VaultOptions { immutable: wanted.immutable, ..VaultOptions::default() };
    let vault = DiskVault::create_with(&home.vault(), options)?;
    if let Some(candidate) = candidate {
        made.mirror = candidate.make(wanted.immutable)?;
    }
    let vkey = VerifierKey::new(wanted.origin.clone(), signer.public(KeyKind::Log))
        .map_err(|e| CliError::new(Exit::Refused, e.to_string()))?;
    let world = World {
        ledger: Arc::new(store),
        vault: Arc::new(vault),
        mirror: Second::default(),
        signer,
        pins: Arc::new(ArgonPins::new()),
        clock,
        probe: None,
        progress: Arc::new(Unheard),
    };
    Station::found(world, founding(wanted, candidate))?;
    Ok(vkey.to_string())
}

fn founding(wanted: &Wanted, candidate: Option<&mirror::Candidate>) -> Founding {
    let copies = match candidate {
        Some(candidate) => Some(CopiesNamed::Mirror { place: candidate.place.clone() }),
        None => wanted.accept_single_copy.then_some(CopiesNamed::SingleAccepted),
    };
    Founding {
        origin: wanted.origin.clone(),
        unit: wanted.unit.clone(),
        software: software(),
        policy: Policy::default_text(wanted.docking),
        copies,
    }
}

pub(super) fn private(dir: &Path) -> Result<(), CliError> {
    use std::os::unix::fs::PermissionsExt as _;
    match std::fs::DirBuilder::new().mode(0o700).create(dir) {
        Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => Err(file_error("make", dir, &e)),
        _ => std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o700))
            .map_err(|e| file_error("close to others", dir, &e)),
    }
}

pub(super) fn write_private(path: &Path, text: &str) -> Result<(), CliError> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let write = || {
        let mut file =
            std::fs::File::options().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(|e: std::io::Error| file_error("write", path, &e))
}

/// What a founding has made so far.
struct Made {
    station: (PathBuf, bool),
    mirror: Option<PathBuf>,
    /// Those on a token lie in no directory.
    keys: Option<Arc<Keyring>>,
}

impl Made {
    /// Only ever what this founding made itself: the directory was absent or empty before.
    fn remove(&self) {
        if let Some(keys) = &self.keys {
            keys.discard_made();
        }
        let (dir, existed) = &self.station;
        let empty = |dir: &Path| -> std::io::Result<()> {
            for entry in std::fs::read_dir(dir)? {
                let entry = entry?;
                match entry.file_type()?.is_dir() {
                    true => std::fs::remove_dir_all(entry.path())?,
                    false => std::fs::remove_file(entry.path())?,
                }
            }
            Ok(())
        };
        let gone = match existed {
            true => empty(dir),
            false => std::fs::remove_dir_all(dir),
        };
        let mirror = self.mirror.as_ref().map_or(Ok(()), std::fs::remove_dir_all);
        for e in [gone, mirror].into_iter().filter_map(Result::err) {
            if e.kind() != std::io::ErrorKind::NotFound {
                tracing::warn!("what `init` had made could not be removed: {e}");
            }
        }
    }
}
