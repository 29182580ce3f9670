//! A volume that a keeper keeps. Here nothing is unmounted and nothing deleted: the root is let go of,
//! because an open directory keeps a volume busy, the keeper acts, and the root is opened again, if it is
//! still the same disk. What became of a deletion whose answer was lost is for the next listing to say.

use super::{FolderOptions, FolderRecorder, expect_same};
use crate::cold::own::{self, Underway};
use crate::cold::remount::unique_mount;
use crate::keeper::{Held, Kept, NoteBefore, SignedIntent};
use crate::root::{Root, shown};
use crate::walk;
use sealdock_core::custody::WipePermit;
use sealdock_core::listing::RawLine;
use sealdock_core::ports::{Claims, Kind, PortError, PortResult};
use sealdock_profile::VolumeNotice;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A mount by another process is seen here a moment later.
const RETURN_TRIES: u32 = 80;
const RETURN_PAUSE: Duration = Duration::from_millis(25);

/// The volume is with its keeper, who deletes.
pub struct Wiping {
    held: Box<dyn Held>,
    released: Released,
    /// The card just before it was let go of: every file is held against it before its intent is signed.
    lines: BTreeMap<Vec<u8>, RawLine>,
    claims: Claims,
    /// The keeper no longer answers; why.
    lost: Option<String>,
}

impl Wiping {
    /// What the card said before it was let go of, as long as its keeper answers.
    pub fn claims(&self) -> PortResult<Claims> {
        match &self.lost {
            None => Ok(self.claims.clone()),
            Some(why) => Err(PortError::new(Kind::Failed, why.clone())),
        }
    }
}

impl fmt::Debug for Wiping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Wiping({} files, lost {:?})", self.lines.len(), self.lost)
    }
}

/// A root that was let go of. Bays do not take it for unplugged as long as this lives.
struct Released {
    device: (u32, u32),
    underway: Underway,
}

/// What the announcement of a kept volume claims.
pub fn claims(notice: &VolumeNotice, options: &FolderOptions, bytes: u64) -> Claims {
    let seen = &notice.seen;
    let volume = seen.volume.clone().unwrap_or_default();
    let fingerprint = format!(
        "volume {} {} {:04x}:{:04x} at {} disk {} {bytes} bytes",
        volume.fs,
        volume.uuid.as_deref().unwrap_or("no-uuid"),
        seen.vid,
        seen.pid,
        seen.port,
        notice.disk_sequence
    );
    Claims { label: volume.label, fingerprint, epoch: options.epoch, read_only: notice.read_only }
}

impl FolderRecorder {
    fn kept(&self) -> &Kept {
        self.options.kept_by.as_ref().expect("called for kept volumes only")
    }

    /// Order: the keeper answers · root closed · cold · root opened, same disk.
    pub(super) fn kept_cold(&mut self) -> PortResult<&'static str> {
        let mut held = self.kept().open()?;
        let released = self.release()?;
        let cold = held.cold();
        // The act is over before the root is opened: an open directory would be in its way.
        drop(held);
        let again = self.open_again(released);
        let way = cold?;
        again?;
        self.cold = true;
        Ok(way)
    }

    /// Order: the card is looked at · root closed (once) · intent signed · the keeper deletes.
    pub(super) fn kept_delete(&mut self, permit: WipePermit) -> PortResult<()> {
        let mut wiping = match self.wiping.take() {
            Some(wiping) => wiping,
            None => self.hand_over(permit.file())?,
        };
        let deleted = wipe_one(&mut wiping, self.kept(), &permit);
        self.wiping = Some(wiping);
        deleted
    }

    /// Has the keeper write the note that `sign` makes. Only a kept volume has one who may.
    /// Order: the keeper answers · root closed · note made and signed · the keeper writes it, mounted read-only ·
    /// root opened, same disk.
    ///
    /// # Errors
    /// No keeper, or it refuses: nothing was changed. `Unknown`: nobody knows.
    pub fn set_clock(
        &mut self,
        sign: impl FnOnce() -> PortResult<SignedIntent>,
    ) -> PortResult<NoteBefore> {
        let Some(kept) = &self.options.kept_by else {
            let message = "nobody may write to this folder; only a volume at a dock port is set";
            return Err(PortError::new(Kind::Invalid, message));
        };
        let mut held = kept.open()?;
        let released = self.release()?;
        let set = sign().and_then(|intent| held.clock(&intent));
        // The act is over before the root is opened: an open directory would be in its way.
        drop(held);
        let again = self.open_again(released);
        let before = set?;
        again.map(|()| before)
    }

    /// Looks at the whole card once more and lets go of it.
    fn hand_over(&mut self, first: &RawLine) -> PortResult<Wiping> {
        let root = self.root()?;
        root.attached()?;
        self.kept().is_still(root)?;
        expect_same(first, root.look(&first.raw_name)?.as_ref())?;
        let claims = sealdock_core::ports::Recorder::claims(self)?;
        let lines = walk::list(self.root()?)?.lines;
        let lines = lines.into_iter().map(|line| (line.raw_name.clone(), line)).collect();
        let held = self.kept().open()?;
        let released = self.release()?;
        Ok(Wiping { held, released, lines, claims, lost: None })
    }

    /// Order: everything is on the medium · mounted read-only · root opened, same disk.
    pub(super) fn kept_end(&mut self, wiping: Wiping) -> PortResult<()> {
        let Wiping { held, released, lost, .. } = wiping;
        let ended = match lost {
            None => held.end(),
            Some(why) => Err(PortError::new(Kind::Failed, why)),
        };
        let again = self.open_again(released);
        ended?;
        again
    }

    fn release(&mut self) -> PortResult<Released> {
        let root = self.take_root()?;
        Ok(Released { device: root.device, underway: own::begin(&root.path) })
    }

    fn open_again(&mut self, released: Released) -> PortResult<()> {
        let root = self.returned(&released)?;
        released.underway.became(unique_mount(&root.path).unwrap_or(root.mount_id));
        self.root = Some(Arc::new(root));
        Ok(())
    }

    /// Waits for the volume to be there again, and for no other.
    fn returned(&self, released: &Released) -> PortResult<Root> {
        let mut why = None;
        for _ in 0..RETURN_TRIES {
            match Root::open(&self.path).and_then(|root| self.kept().is_still(&root).map(|()| root))
            {
                Ok(root) if root.device == released.device => return Ok(root),
                Ok(_) => why = None,
                Err(e) => why = Some(e),
            }
            std::thread::sleep(RETURN_PAUSE);
        }
        Err(why.unwrap_or_else(|| {
            let at = shown(&self.path);
            let message =
                format!("the recorder was unplugged: another volume is at {at}; dock it again");
            PortError::new(Kind::Failed, message)
        }))
    }
}

fn wipe_one(wiping: &mut Wiping, kept: &Kept, permit: &WipePermit) -> PortResult<()> {
    wiping.claims()?;
    let listed = permit.file();
    expect_same(listed, wiping.lines.get(&listed.raw_name))?;
    let intent = (kept.sign)(permit)?;
    let deleted = wiping.held.wipe(&intent);
    match &deleted {
        Ok(()) => {
            // One permit, one file: a second one for the same name names nothing any more.
            wiping.lines.remove(&listed.raw_name);
        }
        Err(e) if e.kind == Kind::Unknown => wiping.lost = Some(e.message.clone()),
        Err(_) => {}
    }
    deleted
}
