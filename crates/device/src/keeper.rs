//! The privileged part that keeps a recorder's volume, as seen from here: it makes the volume cold and
//! deletes what a signed intent names. This process can do neither, and has no way to get the right.

/// The real one, over a socket.
mod socket;

pub use socket::SocketKeeper;

use crate::root::Root;
use crate::usb::notices;
use sealdock_core::custody::WipePermit;
use sealdock_core::ports::{Kind, PortError, PortResult};
use sealdock_profile::VolumeNotice;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// Who keeps volumes.
pub trait Keeper: Send + Sync {
    /// Begins one act on one volume.
    ///
    /// # Errors
    /// It does not answer, or knows no such volume. Nothing happened.
    fn open(&self, bay: &str, volume: &str) -> PortResult<Box<dyn Held>>;
}

/// One act on one volume. Dropping it is like [`Held::end`], without knowing how that went.
pub trait Held: Send {
    /// The kernel's number of the disk that the volume lies on now.
    fn disk_sequence(&self) -> u64;

    /// Unmounts everywhere, proves that nobody holds it, mounts read-only again. Says how.
    ///
    /// # Errors
    /// It is not cold, or nobody knows whether it is.
    fn cold(&mut self) -> PortResult<&'static str>;

    /// Deletes the one file of the intent. The first one takes the volume away from everybody else.
    ///
    /// # Errors
    /// `Unknown` if the answer was lost: the file may be gone. Any other kind: it is still there.
    fn wipe(&mut self, intent: &SignedIntent) -> PortResult<()>;

    /// Writes the one note of the intent, for a recorder that sets its clock by it. The volume is mounted
    /// read-only again before the answer.
    ///
    /// # Errors
    /// `Unknown` if the answer was lost. Any other kind: nothing was changed on the card.
    fn clock(&mut self, intent: &SignedIntent) -> PortResult<NoteBefore>;

    /// Everything is on the medium, and the volume is mounted read-only again.
    ///
    /// # Errors
    /// One of both is not known to be so.
    fn end(self: Box<Self>) -> PortResult<()>;
}

/// What stood where a note was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoteBefore {
    Absent,
    /// An earlier note: a recorder that removes what it took has not taken that one.
    Earlier,
}

/// An intent as the keeper takes it: `sealdock_chain::intent`, bytes and signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIntent {
    pub bytes: Vec<u8>,
    pub signature: [u8; 64],
    /// Bytes of the file, which is hashed before it is deleted: that takes its time. 0 for a note.
    pub file_bytes: u64,
}

/// Makes the intent of a permit; only who holds the log key can.
pub type Sign = Arc<dyn Fn(&WipePermit) -> PortResult<SignedIntent> + Send + Sync>;

/// A volume that is kept, and how to speak about it.
#[derive(Clone)]
pub struct Kept {
    pub keeper: Arc<dyn Keeper>,
    /// What was announced of it. Another disk sequence at the same place is another recorder.
    pub announced: VolumeNotice,
    /// Where that announcement lies; it goes with the volume.
    pub notice: PathBuf,
    pub sign: Sign,
}

impl Kept {
    pub(crate) fn open(&self) -> PortResult<Box<dyn Held>> {
        let VolumeNotice { bay, volume, disk_sequence, .. } = &self.announced;
        let held = self.keeper.open(bay, volume)?;
        if held.disk_sequence() != *disk_sequence {
            return Err(self.exchanged(held.disk_sequence()));
        }
        Ok(held)
    }

    /// Is what is mounted as `root` still the disk that was announced? Asked of the announcement and,
    /// where it says, of the kernel.
    pub(crate) fn is_still(&self, root: &Root) -> PortResult<()> {
        let announced = notices::volume(&self.notice)?;
        let kernel = root.disk_sequence();
        for now in [Some(announced.disk_sequence), kernel].into_iter().flatten() {
            if now != self.announced.disk_sequence {
                return Err(self.exchanged(now));
            }
        }
        match root.is_mount_point {
            true => Ok(()),
            false => Err(self.gone("no volume is mounted there")),
        }
    }

    fn exchanged(&self, now: u64) -> PortError {
        let was = self.announced.disk_sequence;
        self.gone(&format!("another disk is there ({now}, it was {was})"))
    }

    fn gone(&self, why: &str) -> PortError {
        let VolumeNotice { bay, volume, .. } = &self.announced;
        let message = format!("the recorder was unplugged: {bay}/{volume}: {why}; dock it again");
        PortError::new(Kind::Failed, message)
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let VolumeNotice { bay, volume, disk_sequence, .. } = &self.announced;
        write!(f, "Kept({bay}/{volume}, disk {disk_sequence})")
    }
}
