//! What stands in a bay, and the turns from one look to the next.

use super::BayEvent;
use crate::cold::own::{self, Own};
use crate::cold::remount::unique_mount;
use crate::root::Root;
use crate::walk;
use rustix::fs::{AtFlags, CWD, FileType, StatxAttributes, StatxFlags};
use sealdock_core::id::BayId;
use sealdock_core::naming;
use sealdock_core::ports::{PortError, PortResult};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Tells one plugged thing from the next at the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity {
    mount: u64,
    device: (u32, u32),
    inode: u64,
    is_mount: bool,
}

#[derive(Debug)]
enum Slot {
    /// Seen, and watched until it no longer changes.
    Settling {
        identity: Identity,
        signature: Option<u64>,
        due: Instant,
        /// Since when it cannot be listed.
        failing: Option<Instant>,
    },
    Plugged {
        identity: Identity,
    },
    /// A volume was unmounted; its empty mount point is no recorder.
    Vacated {
        identity: Identity,
    },
}

/// Nobody waits longer for a recorder that cannot be listed: docking it then says why.
const LISTED_WITHIN: Duration = Duration::from_secs(20);

/// One look: its time, and what it found.
struct Look<'a> {
    now: Instant,
    events: &'a mut Vec<BayEvent>,
}

/// What counts as a recorder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Folders and volumes.
    All,
    Volumes,
}

/// All recorders of one bay.
#[derive(Debug)]
pub struct Slots {
    what: What,
    bay: BayId,
    dir: PathBuf,
    settle: Duration,
    plugs: u64,
    slots: BTreeMap<OsString, Slot>,
    sign: fn(&Path) -> PortResult<u64>,
}

impl Slots {
    pub fn new(bay: BayId, dir: PathBuf, settle: Duration, what: What) -> Slots {
        Slots { what, bay, dir, settle, plugs: 0, slots: BTreeMap::new(), sign }
    }

    pub fn bay(&self) -> &BayId {
        &self.bay
    }

    /// When the next recorder may have settled.
    pub fn next_due(&self) -> Option<Instant> {
        let due = |slot: &Slot| match slot {
            Slot::Settling { due, .. } => Some(*due),
            _ => None,
        };
        self.slots.values().filter_map(due).min()
    }

    /// Looks at everything once.
    pub fn look(&mut self, now: Instant, events: &mut Vec<BayEvent>) -> io::Result<()> {
        let mut present = match present(&self.dir) {
            // The bay itself is gone, and with it everything that stood in it.
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                self.settle_gone(&BTreeMap::new(), events);
                return Err(e);
            }
            other => other?,
        };
        if self.what == What::Volumes {
            present.retain(|name, identity| identity.is_mount || self.is_under(name));
        }
        self.settle_gone(&present, events);
        for (name, identity) in present {
            let slot = self.slots.remove(&name);
            let next = self.turn(&name, slot, identity, &mut Look { now, events });
            self.slots.insert(name, next);
        }
        Ok(())
    }

    fn is_under(&self, name: &OsString) -> bool {
        own::at(&self.dir.join(name)) == Some(Own::Under)
    }

    fn settle_gone(&mut self, present: &BTreeMap<OsString, Identity>, events: &mut Vec<BayEvent>) {
        let gone: Vec<OsString> =
            self.slots.keys().filter(|n| !present.contains_key(*n)).cloned().collect();
        for name in gone {
            // Its keeper has it: the mount point may be gone for the moment, too.
            if self.is_under(&name) {
                continue;
            }
            if let Some(Slot::Plugged { .. }) = self.slots.remove(&name) {
                events.push(self.unplugged(&name));
            }
        }
    }

    fn turn(
        &mut self,
        name: &OsString,
        slot: Option<Slot>,
        seen: Identity,
        look: &mut Look<'_>,
    ) -> Slot {
        let path = self.dir.join(name);
        match slot {
            Some(Slot::Plugged { identity }) if identity == seen => Slot::Plugged { identity },
            Some(Slot::Plugged { identity }) => match own::at(&path) {
                Some(Own::Under) => Slot::Plugged { identity },
                Some(Own::Became(mount)) if mount == seen.mount => Slot::Plugged { identity: seen },
                _ => {
                    look.events.push(self.unplugged(name));
                    if identity.is_mount && !seen.is_mount {
                        return Slot::Vacated { identity: seen };
                    }
                    self.settling(seen, None, look.now)
                }
            },
            Some(Slot::Vacated { identity }) if identity == seen && is_empty(&path) => {
                Slot::Vacated { identity }
            }
            Some(Slot::Settling { identity, signature, due, failing }) if identity == seen => {
                if look.now < due {
                    return Slot::Settling { identity, signature, due, failing };
                }
                match (self.sign)(&path) {
                    Ok(same) if Some(same) == signature => {
                        look.events.push(self.plugged(name, path));
                        Slot::Plugged { identity }
                    }
                    Ok(other) => self.settling(seen, Some(other), look.now),
                    Err(e) => self.unlistable((name, path), seen, failing, look, &e),
                }
            }
            // New, or another thing than the one that was settling or left.
            _ => self.settling(seen, (self.sign)(&path).ok(), look.now),
        }
    }

    /// A card whose root cannot be read stands in a bay that would be called empty for ever.
    fn unlistable(
        &mut self,
        (name, path): (&OsString, PathBuf),
        identity: Identity,
        failing: Option<Instant>,
        look: &mut Look<'_>,
        error: &PortError,
    ) -> Slot {
        let since = failing.unwrap_or(look.now);
        if look.now.duration_since(since) >= LISTED_WITHIN {
            look.events.push(self.plugged(name, path));
            return Slot::Plugged { identity };
        }
        tracing::warn!(bay = %self.bay, "cannot read a recorder in the bay yet: {error}");
        let due = look.now + self.settle;
        Slot::Settling { identity, signature: None, due, failing: Some(since) }
    }

    fn settling(&self, identity: Identity, signature: Option<u64>, now: Instant) -> Slot {
        Slot::Settling { identity, signature, due: now + self.settle, failing: None }
    }

    fn plugged(&mut self, name: &OsString, path: PathBuf) -> BayEvent {
        self.plugs += 1;
        let (bay, name) = (self.bay.clone(), naming::display(name.as_bytes()));
        BayEvent::Plugged { bay, name, path, epoch: self.plugs }
    }

    fn unplugged(&self, name: &OsString) -> BayEvent {
        BayEvent::Unplugged { bay: self.bay.clone(), name: naming::display(name.as_bytes()) }
    }
}

/// The subdirectories that may be recorders: real directories whose name does not begin with a dot.
fn present(dir: &Path) -> io::Result<BTreeMap<OsString, Identity>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(dir)? {
        let name = entry?.file_name();
        if name.as_bytes().starts_with(b".") {
            continue;
        }
        // Gone again, or broken below: not there. The next look says more.
        let Some(identity) = identify(&dir.join(&name)) else { continue };
        found.insert(name, identity);
    }
    Ok(found)
}

fn identify(path: &Path) -> Option<Identity> {
    let flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::NO_AUTOMOUNT;
    let stat = rustix::fs::statx(CWD, path, flags, StatxFlags::BASIC_STATS).ok()?;
    (FileType::from_raw_mode(stat.stx_mode.into()) == FileType::Directory).then_some(Identity {
        mount: unique_mount(path)?,
        device: (stat.stx_dev_major, stat.stx_dev_minor),
        inode: stat.stx_ino,
        is_mount: stat.stx_attributes.contains(StatxAttributes::MOUNT_ROOT),
    })
}

fn is_empty(path: &Path) -> bool {
    std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none())
}

/// A number that changes when a name, size or time below changes. Only ever compared within one run.
fn sign(path: &Path) -> PortResult<u64> {
    let mut hasher = DefaultHasher::new();
    for line in walk::list(&Root::open(path)?)?.lines {
        (line.raw_name, line.size, line.mtime_ms, line.file_id).hash(&mut hasher);
    }
    Ok(hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replace(dir: &Path) {
        // Made before the old one goes, so that it cannot get the same inode.
        let beside = dir.with_extension("new");
        std::fs::create_dir(&beside).unwrap();
        std::fs::remove_dir(dir).unwrap();
        std::fs::rename(&beside, dir).unwrap();
    }

    #[test]
    fn what_the_station_remounts_itself_stays_plugged() {
        let bay = tempfile::tempdir().unwrap();
        let dir = bay.path().canonicalize().unwrap();
        let card = dir.join("CARD");
        std::fs::create_dir(&card).unwrap();
        let mut slots = Slots::new("bay-1".parse().unwrap(), dir, Duration::ZERO, What::All);
        let mut look = || {
            let mut events = Vec::new();
            slots.look(Instant::now(), &mut events).unwrap();
            events
        };
        assert_eq!(look(), []);
        assert!(matches!(look()[..], [BayEvent::Plugged { epoch: 1, .. }]));
        let underway = own::begin(&card);
        replace(&card);
        assert_eq!(look(), [], "under way");
        underway.became(unique_mount(&card).unwrap());
        assert_eq!(look(), [], "back again");
        let underway = own::begin(&card);
        std::fs::remove_dir(&card).unwrap();
        assert_eq!(look(), [], "the mount point is away for a moment, too");
        std::fs::create_dir(&card).unwrap();
        underway.became(unique_mount(&card).unwrap());
        assert_eq!(look(), [], "back once more");
        let failed = own::begin(&card);
        replace(&card);
        assert_eq!(look(), [], "under way once more");
        drop(failed);
        assert!(matches!(look()[..], [BayEvent::Unplugged { .. }]), "it did not come back");
    }

    #[test]
    fn a_recorder_that_cannot_be_listed_is_not_an_empty_bay_for_ever() {
        let bay = tempfile::tempdir().unwrap();
        std::fs::create_dir(bay.path().join("CARD")).unwrap();
        let (id, dir) = ("bay-1".parse().unwrap(), bay.path().to_owned());
        let mut slots = Slots::new(id, dir, Duration::from_secs(2), What::All);
        slots.sign = |_| Err(PortError::new(sealdock_core::ports::Kind::Failed, "bad sector"));
        let start = Instant::now();
        let mut plugged = Vec::new();
        for second in 0..60 {
            let mut events = Vec::new();
            slots.look(start + Duration::from_secs(second), &mut events).unwrap();
            plugged.extend(events.into_iter().map(|event| (second, event)));
        }
        assert!(
            matches!(plugged[..], [(22, BayEvent::Plugged { epoch: 1, .. })]),
            "once, and 20 s after it failed first: {plugged:?}"
        );
    }
}
