//! A copy being written to a simulated vault.

use super::disk::{State, VaultDisk, fault};
use crate::faults::Faults;
use crate::source::Frozen;
use sealdock_core::block::Block;
use sealdock_core::ports::{Incoming, Kind, Place, PortResult, Source};

pub(super) struct SimIncoming {
    disk: VaultDisk,
    faults: Faults,
    place: Place,
    sealed: bool,
    /// A failed write or seal may have dropped pages: no later call may trust this copy.
    dead: bool,
}

impl SimIncoming {
    pub(super) fn new(disk: &VaultDisk, faults: &Faults, name: String) -> SimIncoming {
        SimIncoming {
            disk: disk.clone(),
            faults: faults.clone(),
            place: Place::Incoming(name),
            sealed: false,
            dead: false,
        }
    }

    fn append(&self, bytes: &[u8]) -> PortResult<()> {
        let mut state = self.disk.state();
        let refused = state.lies.full_after.is_some_and(|left| (bytes.len() as u64) > left);
        if refused || bytes.len() as u64 > state.bytes_left() {
            return fault(Kind::NoSpace, "the simulated vault became full while writing");
        }
        if let Some(left) = &mut state.lies.full_after {
            *left -= bytes.len() as u64;
        }
        state.file(&self.place)?;
        let file = state.files.get_mut(&self.place).expect("just looked at");
        file.seen.extend_from_slice(bytes);
        Ok(())
    }

    fn sync(&self) -> PortResult<()> {
        let mut state = self.disk.state();
        state.file(&self.place)?;
        let file = state.files.get_mut(&self.place).expect("just looked at");
        file.on_medium = file.seen.clone();
        file.named = true;
        Ok(())
    }

    fn medium(&self) -> PortResult<Vec<u8>> {
        let mut state = self.disk.state();
        let mut bytes = state.file(&self.place)?.on_medium.clone();
        if state.lies.flips_on_read_back > 0 && !bytes.is_empty() {
            state.lies.flips_on_read_back -= 1;
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        }
        Ok(bytes)
    }

    fn rename(&self, to: &Place) -> PortResult<bool> {
        let mut state = self.disk.state();
        state.file(&self.place)?;
        let mut file = state.files.remove(&self.place).expect("just looked at");
        if state.files.contains_key(to) {
            return Ok(false);
        }
        rot_if_told(&mut state, &mut file.on_medium);
        file.seen = file.on_medium.clone();
        file.named = false;
        state.files.insert(to.clone(), file);
        if let Some(inodes) = &mut state.inodes {
            *inodes = inodes.saturating_sub(1);
        }
        Ok(true)
    }
}

fn rot_if_told(state: &mut State, bytes: &mut [u8]) {
    if state.lies.flips_after_keep > 0 && !bytes.is_empty() {
        state.lies.flips_after_keep -= 1;
        bytes[0] ^= 0x80;
    }
}

impl Incoming for SimIncoming {
    fn write(&mut self, block: &mut Block) -> PortResult<()> {
        if self.dead || self.sealed {
            return fault(Kind::Invalid, "this copy is sealed or dead; begin another");
        }
        let written = self.faults.read("vault.write", || self.append(block.bytes()));
        self.dead |= written.is_err();
        written
    }

    fn seal(&mut self) -> PortResult<()> {
        if self.dead {
            return fault(Kind::Failed, "this copy is dead after a failed write; begin another");
        }
        let synced = self.faults.read("vault.seal", || self.sync());
        self.dead |= synced.is_err();
        self.sealed = synced.is_ok();
        synced
    }

    fn read_back(&mut self) -> PortResult<Box<dyn Source>> {
        if self.dead || !self.sealed {
            return fault(Kind::Invalid, "only a sealed copy can be read back");
        }
        let bytes = self.faults.read("vault.read-back", || self.medium())?;
        Ok(Box::new(Frozen { bytes, faults: self.faults.clone() }))
    }

    fn keep(self: Box<Self>, place: &Place) -> PortResult<bool> {
        if self.dead || !self.sealed {
            return fault(Kind::Invalid, "only a sealed copy can be kept");
        }
        if matches!(place, Place::Incoming(_) | Place::Sidecar(..) | Place::Foreign(_)) {
            return fault(Kind::Invalid, "a copy is kept as clip, object or aside only");
        }
        let new = self.faults.write("vault.keep", || self.rename(place))?;
        self.faults.write("vault.keep-sync", || {
            let mut state = self.disk.state();
            if let Some(file) = state.files.get_mut(place) {
                file.named = true;
            }
            Ok(new)
        })
    }

    fn discard(self: Box<Self>) -> PortResult<()> {
        self.faults.read("vault.discard", || {
            self.disk.state().files.remove(&self.place);
            Ok(())
        })
    }
}
