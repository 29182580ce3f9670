//! The second copy's place: which directory, on which disk, and whether it is there today.
//!
//! `PLACE/<station>/vault` holds clips, `PLACE/<station>/chain-backup.db` the chain, `PLACE/<station>/tiles`
//! the record as static files; keys never go there.

use crate::exit::{CliError, Exit, file_error};
use sealdock_chain::Digest;
use sealdock_core::ports::{Kind, PortError, PortResult, Vault};
use sealdock_core::registry::CopyPlan;
use sealdock_core::says;
use sealdock_core::why::Why;
use sealdock_store::tiles::Tiles;
use sealdock_vault::{DiskVault, VaultOptions, qualify};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Stands in the entry when a test put both copies on one disk.
const SAME_DISK: &str = " (same disk as the station: no protection, for tests only)";

/// Where the second copy stands now.
#[derive(Clone)]
pub enum Mirror {
    /// The unit has not decided.
    Undecided,
    /// The unit accepted a single copy as its risk.
    SingleAccepted,
    Present {
        place: String,
        folder: PathBuf,
        vault: Arc<DiskVault>,
    },
    /// Named, but not there: nothing is wiped until it is back.
    Missing {
        place: String,
        why: String,
    },
}

impl Mirror {
    /// Looks for it: at every opening, and while the daemon runs as long as it is missing. It must be a vault,
    /// and still on another disk than the station, unless its entry says otherwise.
    pub fn open(
        plan: &CopyPlan,
        (origin, station_disk): (&str, &Path),
        options: VaultOptions,
    ) -> Mirror {
        let place = match plan {
            CopyPlan::Undecided => return Mirror::Undecided,
            CopyPlan::SingleAccepted => return Mirror::SingleAccepted,
            CopyPlan::Mirror { place } => place.clone(),
        };
        let folder = folder_of(&place, origin);
        let dir = vault_in(&folder);
        let opened = DiskVault::open_with(&dir, options)
            .and_then(|vault| elsewhere(&place, &dir, station_disk).map(|()| vault));
        match opened {
            Ok(vault) => Mirror::Present { place, folder, vault: Arc::new(vault) },
            Err(e) => Mirror::Missing { place, why: e.message },
        }
    }

    /// Is it still as the unit decided, and at its place? A disk that was pulled and mounted again is another
    /// mount: what was opened on the first is dead.
    pub fn stands(&self, plan: &CopyPlan) -> bool {
        match (self, plan) {
            (Mirror::Undecided, CopyPlan::Undecided)
            | (Mirror::SingleAccepted, CopyPlan::SingleAccepted) => true,
            (Mirror::Present { place, folder, vault }, CopyPlan::Mirror { place: named }) => {
                place == named && vault.is_at(&vault_in(folder))
            }
            _ => false,
        }
    }

    /// It is there, and cannot be taken all the same.
    pub fn refused(self, why: String) -> Mirror {
        match self {
            Mirror::Present { place, .. } | Mirror::Missing { place, .. } => {
                Mirror::Missing { place, why }
            }
            other => other,
        }
    }

    pub fn vault(&self) -> Option<Arc<dyn Vault>> {
        match self {
            Mirror::Present { vault, .. } => Some(Arc::clone(vault) as Arc<dyn Vault>),
            _ => None,
        }
    }

    /// Removes unfinished copies that a run before this one left there; says how many.
    pub fn sweep(&self) -> PortResult<usize> {
        match self {
            Mirror::Present { vault, .. } => Ok(vault.sweep_incoming()?.len()),
            _ => Ok(0),
        }
    }

    pub fn folder(&self) -> Option<PathBuf> {
        match self {
            Mirror::Present { folder, .. } => Some(folder.clone()),
            _ => None,
        }
    }

    pub fn backup_file(&self) -> Option<PathBuf> {
        self.folder().map(|folder| folder.join("chain-backup.db"))
    }

    /// Where the record lies as static files.
    pub fn tiles(&self) -> Option<Tiles> {
        self.folder().map(|folder| tiles_in(&folder))
    }

    /// State in one word, and one sentence.
    pub fn words(&self) -> (&'static str, String) {
        match self {
            Mirror::Undecided => (
                "undecided",
                "one copy only; automatic wiping is refused until a second copy is named \
                 (`sealdock copies mirror DIR`) or a single copy is accepted (`sealdock copies accept-single`)"
                    .into(),
            ),
            Mirror::SingleAccepted => {
                ("single-accepted", "one copy only, accepted by the unit as its risk".into())
            }
            Mirror::Present { place, .. } => ("present", format!("second copy at {place}")),
            Mirror::Missing { place, why } => (
                "missing",
                format!("second copy missing at {place}: {why}. Nothing is wiped until it is back"),
            ),
        }
    }
}

/// The record as static files in a station's folder of the second copy.
pub fn tiles_in(folder: &Path) -> Tiles {
    Tiles::new(&folder.join("tiles"))
}

fn vault_in(folder: &Path) -> PathBuf {
    folder.join("vault")
}

/// A copy of the mirror on the station's own disk is no second copy.
fn elsewhere(place: &str, dir: &Path, station_disk: &Path) -> PortResult<()> {
    if place.ends_with(SAME_DISK)
        || qualify(dir)?.shares_disk_with(&qualify(station_disk)?) != Some(true)
    {
        return Ok(());
    }
    let text = "it is on the station's own disk; mount the second disk there";
    Err(PortError::new(Kind::Invalid, text))
}

fn folder_of(place: &str, origin: &str) -> PathBuf {
    let dir = place.strip_suffix(SAME_DISK).unwrap_or(place);
    Path::new(dir).join(&Digest::of(origin.as_bytes()).to_string()[..16])
}

/// A place for the second copy that was looked at and not touched yet.
pub struct Candidate {
    /// As the entry will say it.
    pub place: String,
    pub warning: Option<Why>,
    folder: PathBuf,
}

/// Is `dir` on another disk than `station_disk`, a directory on the station's disk?
pub fn candidate(
    dir: &Path,
    station_disk: &Path,
    origin: &str,
    same_disk_allowed: bool,
) -> Result<Candidate, CliError> {
    let found = std::fs::canonicalize(dir).map_err(|e| {
        let (at, e) = (dir.display(), file_error("find the mirror", dir, &e));
        CliError::of_rule(e.exit, &says!("找不到目录 {at}，或打不开；请核对路径", "{e}"))
    });
    let dir = found?;
    let fits = |at: &Path| {
        qualify(at).map_err(|e| {
            let (at, e) = (at.display(), CliError::from(e));
            CliError::of_rule(
                e.exit,
                &says!("{at} 不能用：须是本机上可写的磁盘，其文件系统要能保证写入；内存、网络和只读的都不行", "{e}"),
            )
        })
    };
    let shares = fits(&dir)?.shares_disk_with(&fits(station_disk)?);
    let shown = dir.display();
    let mut place = shown.to_string();
    let mut warning = None;
    match shares {
        Some(false) => {}
        _ if same_disk_allowed => place.push_str(SAME_DISK),
        Some(true) => {
            let why = says!(
                "第二副本须在另一块磁盘上：{shown} 与本站在同一块物理磁盘上；请另选一块磁盘上的目录，或同意只存一份",
                "the mirror must be another disk: {shown} is on the same physical disk as the station; name a directory on another one, or accept a single copy"
            );
            return Err(CliError::of_rule(Exit::Refused, &why));
        }
        None => {
            warning = Some(says!(
                "看不出 {shown} 是不是另一块物理磁盘；请自行确认",
                "it cannot be seen whether {shown} is another physical disk; make sure that it is"
            ));
        }
    }
    let folder = folder_of(&place, origin);
    Ok(Candidate { place, warning, folder })
}

impl Candidate {
    /// Makes the second vault; an existing one of this station is taken again. Returns what it made.
    pub fn make(&self, immutable: bool) -> Result<Option<PathBuf>, CliError> {
        let options = VaultOptions { immutable, ..VaultOptions::default() };
        let vault = vault_in(&self.folder);
        if DiskVault::open_with(&vault, options.clone()).is_ok() {
            return Ok(None);
        }
        let mut private = std::fs::DirBuilder::new();
        match private.mode(0o700).create(&self.folder) {
            Ok(()) => {}
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(file_error("make the mirror", &self.folder, &e)),
        }
        DiskVault::create_with(&vault, options)?;
        Ok(Some(self.folder.clone()))
    }
}
