//! What lies on the disk of a vault, whoever works on it, and how it lies.

use crate::lock;
use sealdock_chain::digest::Digest;
use sealdock_core::ports::{Kind, Place, PortError, PortResult};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

/// Room of a disk that nobody limited, bytes.
const ROOMY: u64 = 1 << 50;

/// The disk below a vault. Clones are the same disk.
#[derive(Clone, Default)]
pub struct VaultDisk(Arc<Mutex<State>>);

#[derive(Default)]
pub(super) struct State {
    pub(super) files: BTreeMap<Place, File>,
    pub(super) inodes: Option<u64>,
    pub(super) lies: Lies,
    capacity: Option<u64>,
    named: u64,
}

/// One file: what a reader through the cache sees, and what is on the medium.
#[derive(Clone, Default)]
pub(super) struct File {
    pub(super) seen: Vec<u8>,
    pub(super) on_medium: Vec<u8>,
    /// The directory that names it was synced.
    pub(super) named: bool,
}

impl File {
    pub(super) fn durable(bytes: Vec<u8>) -> File {
        File { seen: bytes.clone(), on_medium: bytes, named: true }
    }
}

/// How often it still lies, and how.
#[derive(Default)]
pub(super) struct Lies {
    pub(super) flips_on_read_back: u32,
    pub(super) flips_after_keep: u32,
    pub(super) full_after: Option<u64>,
}

impl State {
    pub(super) fn file(&self, place: &Place) -> PortResult<&File> {
        self.files.get(place).ok_or_else(|| {
            PortError::new(Kind::Missing, format!("{place:?} is not in the simulated vault"))
        })
    }

    pub(super) fn bytes_left(&self) -> u64 {
        let used: u64 = self.files.values().map(|f| f.seen.len() as u64).sum();
        self.capacity.unwrap_or(ROOMY).saturating_sub(used)
    }

    pub(super) fn next_name(&mut self) -> u64 {
        self.named += 1;
        self.named
    }
}

impl VaultDisk {
    /// An empty disk with room for everything.
    pub fn new() -> VaultDisk {
        VaultDisk::default()
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0)
    }

    /// What was not synced is gone: contents and names.
    pub fn power_cut(&self) {
        let mut state = self.state();
        state.files.retain(|_, file| file.named);
        for file in state.files.values_mut() {
            file.seen = file.on_medium.clone();
        }
    }

    /// From now on the disk holds `bytes` in all; a copy that would not fit is refused at its start.
    pub fn limit_bytes(&self, bytes: u64) {
        self.state().capacity = Some(bytes);
    }

    /// From now on there is room for `inodes` more files.
    pub fn limit_inodes(&self, inodes: u64) {
        self.state().inodes = Some(inodes);
    }

    /// The disk claims to have room, and is full after `bytes` more have been written to a copy.
    pub fn lie_full_after(&self, bytes: u64) {
        self.state().lies.full_after = Some(bytes);
    }

    /// The next `times` cold readings of a copy under way differ from what was written by one bit.
    pub fn lie_on_read_back(&self, times: u32) {
        self.state().lies.flips_on_read_back = times;
    }

    /// The next `times` things that are kept rot by one bit right after.
    pub fn lie_after_keep(&self, times: u32) {
        self.state().lies.flips_after_keep = times;
    }

    /// Clips in custody, by digest; their bytes as they are on the medium.
    pub fn kept(&self) -> BTreeMap<Digest, Vec<u8>> {
        self.by(|place| match place {
            Place::Kept(digest) => Some(*digest),
            _ => None,
        })
    }

    /// Objects, by digest; their bytes as they are on the medium.
    pub fn objects(&self) -> BTreeMap<Digest, Vec<u8>> {
        self.by(|place| match place {
            Place::Object(digest) => Some(*digest),
            _ => None,
        })
    }

    /// What stands aside, by digest; its bytes as they are on the medium.
    pub fn aside(&self) -> BTreeMap<Digest, Vec<u8>> {
        self.by(|place| match place {
            Place::Aside(digest) => Some(*digest),
            _ => None,
        })
    }

    /// Every place that holds something.
    pub fn places(&self) -> Vec<Place> {
        self.state().files.keys().cloned().collect()
    }

    /// Changes one bit of a stored thing, on the medium and in the cache.
    ///
    /// # Panics
    /// It is not there or empty.
    pub fn rot(&self, place: &Place) {
        let mut state = self.state();
        let file = state.files.get_mut(place).expect("only what is there can rot");
        file.on_medium[0] ^= 1;
        file.seen = file.on_medium.clone();
    }

    /// Takes a stored thing away behind the vault's back.
    pub fn lose(&self, place: &Place) {
        self.state().files.remove(place);
    }

    /// Puts something there that no vault put.
    pub fn plant(&self, place: Place, bytes: &[u8]) {
        self.state().files.insert(place, File::durable(bytes.to_vec()));
    }

    fn by(&self, wanted: impl Fn(&Place) -> Option<Digest>) -> BTreeMap<Digest, Vec<u8>> {
        let state = self.state();
        let pick = |(place, file): (&Place, &File)| Some((wanted(place)?, file.on_medium.clone()));
        state.files.iter().filter_map(pick).collect()
    }
}

pub(super) fn fault<T>(kind: Kind, message: &str) -> PortResult<T> {
    Err(PortError::new(kind, message))
}
