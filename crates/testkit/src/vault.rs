//! A vault in memory that keeps apart what a process sees and what is on the medium: a power cut
//! takes everything that was not sealed and every name whose directory was not synced. It can be
//! told to lie.

mod disk;
mod incoming;

pub use disk::VaultDisk;

use crate::faults::Faults;
use crate::source::Frozen;
use disk::{File, fault};
use incoming::SimIncoming;
use sealdock_chain::digest::Digest;
use sealdock_core::keep::DisposalPermit;
use sealdock_core::ports::{Found, Incoming, Kind, Place, PortResult, Room, Source, Vault};

/// Largest thing that [`Vault::read`] takes into memory, bytes.
const READ_BYTES_MAX: usize = 64 << 20;

/// The port to a [`VaultDisk`].
pub struct SimVault {
    disk: VaultDisk,
    faults: Faults,
}

impl SimVault {
    /// Opens the vault; copies that a killed run left under way are removed, as at any start.
    pub fn open(disk: &VaultDisk, faults: &Faults) -> SimVault {
        disk.state().files.retain(|place, _| !matches!(place, Place::Incoming(_)));
        SimVault { disk: disk.clone(), faults: faults.clone() }
    }
}

impl Vault for SimVault {
    fn begin(&self, size: u64) -> PortResult<Box<dyn Incoming>> {
        let (disk, faults) = (&self.disk, &self.faults);
        faults.read("vault.begin", || {
            let mut state = disk.state();
            if size > state.bytes_left() || state.inodes == Some(0) {
                return fault(Kind::NoSpace, "the simulated vault has no room left");
            }
            let name = format!("{}.part", state.next_name());
            state.files.insert(Place::Incoming(name.clone()), File::default());
            Ok(Box::new(SimIncoming::new(disk, faults, name)) as Box<dyn Incoming>)
        })
    }

    fn open(&self, place: &Place) -> PortResult<Box<dyn Source>> {
        self.faults.read("vault.open", || {
            let state = self.disk.state();
            let bytes = state.file(place)?.on_medium.clone();
            Ok(Box::new(Frozen { bytes, faults: self.faults.clone() }) as Box<dyn Source>)
        })
    }

    fn size(&self, place: &Place) -> PortResult<Option<u64>> {
        self.faults.read("vault.size", || {
            let state = self.disk.state();
            Ok(state.files.get(place).map(|file| file.seen.len() as u64))
        })
    }

    fn put_object(&self, bytes: &[u8]) -> PortResult<Digest> {
        let digest = Digest::of(bytes);
        self.faults.write("vault.put-object", || {
            let mut state = self.disk.state();
            let place = Place::Object(digest);
            if state.files.contains_key(&place) {
                return Ok(digest);
            }
            if bytes.len() as u64 > state.bytes_left() {
                return fault(Kind::NoSpace, "the simulated vault has no room left");
            }
            state.files.insert(place, File::durable(bytes.to_vec()));
            Ok(digest)
        })
    }

    fn read(&self, place: &Place) -> PortResult<Vec<u8>> {
        self.faults.read("vault.read", || {
            let state = self.disk.state();
            let file = state.file(place)?;
            if file.seen.len() > READ_BYTES_MAX {
                return fault(Kind::Invalid, "too large to be read whole; open it instead");
            }
            Ok(file.seen.clone())
        })
    }

    fn put_sidecar(&self, clip: Digest, name: &str, bytes: &[u8]) -> PortResult<()> {
        self.faults.read("vault.put-sidecar", || {
            let file = File { seen: bytes.to_vec(), ..File::default() };
            self.disk.state().files.insert(Place::Sidecar(clip, name.to_owned()), file);
            Ok(())
        })
    }

    fn inventory(&self) -> PortResult<Vec<Found>> {
        self.faults.read("vault.inventory", || {
            let state = self.disk.state();
            let found = |(place, file): (&Place, &File)| Found {
                place: place.clone(),
                size: file.seen.len() as u64,
            };
            Ok(state.files.iter().map(found).collect())
        })
    }

    fn room(&self) -> PortResult<Room> {
        self.faults.read("vault.room", || {
            let state = self.disk.state();
            Ok(Room { bytes: state.bytes_left(), inodes: state.inodes.unwrap_or(1 << 20) })
        })
    }

    fn remove(&self, permit: DisposalPermit) -> PortResult<()> {
        let clip = permit.sha256();
        self.faults.write("vault.remove", || {
            let mut state = self.disk.state();
            if let Some(file) = state.files.get(&Place::Kept(clip))
                && file.seen.len() as u64 != permit.size()
            {
                return fault(Kind::Damaged, "the kept file has another size than the permit says");
            }
            state.files.retain(|place, _| !is_of(place, clip));
            Ok(())
        })
    }
}

/// A kept clip and its sidecars.
fn is_of(place: &Place, clip: Digest) -> bool {
    matches!(place, Place::Kept(digest) | Place::Sidecar(digest, _) if *digest == clip)
}

#[cfg(test)]
mod tests;
