//! One conversation about one volume. Whatever goes wrong, and however the conversation ends, the volume
//! is read-only or unmounted afterwards; the only writable root is held here and dropped here.

use crate::clockfile;
use crate::error::{Kind, WiperError, WiperResult};
use crate::keeper::{Keeper, mountable};
use crate::roots::Roots;
use crate::spent::Spent;
use crate::target::{self, Expected};
use crate::volume::Volume;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::os::fd::OwnedFd;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Who may: signature, names, disk, spent.
mod signed;

pub use signed::Signed;
use signed::invalid;

/// What all conversations share.
pub struct Scene {
    pub roots: Roots,
    pub keeper: Box<dyn Keeper>,
    pub spent: Spent,
    /// Milliseconds since 1970.
    pub now_ms: fn() -> u64,
    busy: Mutex<BTreeSet<String>>,
}

impl Scene {
    pub fn new(roots: Roots, keeper: Box<dyn Keeper>, spent: Spent, now_ms: fn() -> u64) -> Scene {
        Scene { roots, keeper, spent, now_ms, busy: Mutex::default() }
    }

    fn busy(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One line of the daemon.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Question {
    Open(Open),
    Cold(Nothing),
    Wipe(Signed),
    Clock(Signed),
    End(Nothing),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Open {
    pub bay: String,
    pub volume: String,
}

/// `{}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// The conversation after its first line. Dropping it is `end`.
pub struct Act<'s> {
    scene: &'s Scene,
    volume: Volume,
    writable: Option<OwnedFd>,
    /// Others do not see the volume now.
    hidden: bool,
}

impl<'s> Act<'s> {
    /// `open`: the volume is on a dock port, in that bay, of a kind that is mounted, and nobody else's.
    ///
    /// # Errors
    /// One of these does not hold.
    pub fn open(scene: &'s Scene, open: &Open) -> WiperResult<Act<'s>> {
        let volume = Volume::find(&scene.roots, &open.volume)?;
        if volume.bay != open.bay {
            let message = format!("{} is in {}, not in {:?}", volume.name, volume.bay, open.bay);
            return Err(WiperError::new(Kind::Invalid, message));
        }
        mountable(&volume)?;
        if !scene.busy().insert(volume.name.clone()) {
            let message = format!("{} is being worked on already; try again", volume.name);
            return Err(WiperError::new(Kind::Failed, message));
        }
        Ok(Act { scene, volume, writable: None, hidden: false })
    }

    pub fn disk_sequence(&self) -> u64 {
        self.volume.disk_sequence
    }

    /// Answers one line after the first; `true` with the last.
    ///
    /// # Errors
    /// As the verbs.
    pub fn answer(&mut self, question: Question) -> (WiperResult<Value>, bool) {
        let remounted = |()| json!({ "method": "remounted" });
        match question {
            Question::Open(_) => {
                let message = "one connection is about one volume; open another connection";
                (Err(WiperError::new(Kind::Invalid, message)), false)
            }
            Question::Cold(_) => (self.cold().map(remounted), false),
            Question::Wipe(signed) => (self.wipe(&signed).map(|()| json!({})), false),
            Question::Clock(signed) => {
                (self.clock(&signed).map(|was| json!({ "was": was.word() })), false)
            }
            Question::End(_) => (self.end().map(remounted), true),
        }
    }

    /// Unmounted everywhere, proven so, shown again.
    fn cold(&mut self) -> WiperResult<()> {
        self.not_wiping()?;
        self.still_the_same()?;
        let free = self.hide();
        let shown = self.show();
        free.and(shown)
    }

    /// Order: signature, expiry, names, disk; the intent is spent; hidden and free; writable; the disk
    /// once more; then the file. An error ends the writable phase at once.
    fn wipe(&mut self, signed: &Signed) -> WiperResult<()> {
        let result = self.wipe_permitted(signed).and_then(|intent| {
            let name = intent.name().map_err(|e| invalid(&e))?;
            let expected = Expected { name: &name, size: intent.size, sha256: intent.sha256 };
            target::delete(self.writable()?, expected)
        });
        result.inspect_err(|_| self.finish())
    }

    /// Order: as [`Act::wipe`], with the note instead of the file; then synced, and read-only again. The
    /// volume is writable for this one note and no longer.
    fn clock(&mut self, signed: &Signed) -> WiperResult<clockfile::Was> {
        self.not_wiping()?;
        let written = self.clock_permitted(signed).and_then(|intent| {
            let path = intent.path().map_err(|e| invalid(&e))?;
            let note = intent.content().map_err(|e| invalid(&e))?;
            clockfile::write(self.writable()?, &path, &note)
        });
        match written {
            Ok(was) => self.end().map(|()| was),
            Err(e) => {
                self.finish();
                Err(e)
            }
        }
    }

    fn not_wiping(&self) -> WiperResult<()> {
        match self.writable {
            None => Ok(()),
            Some(_) => {
                let message = "the volume is being wiped; end that first";
                Err(WiperError::new(Kind::Invalid, message))
            }
        }
    }

    /// What is deleted or written is on the medium, and the volume is read-only again.
    fn end(&mut self) -> WiperResult<()> {
        let Some(root) = self.writable.take() else {
            return self.cold();
        };
        let synced = rustix::fs::syncfs(&root).map_err(|e| {
            let message = format!(
                "what was changed on {} may not be on the medium: {e}; dock it again, it is listed anew",
                self.volume.name
            );
            WiperError::new(Kind::Unknown, message)
        });
        drop(root);
        let free = self.scene.keeper.free(&self.volume);
        let shown = self.show();
        synced.and(free).and(shown)
    }

    /// The writable root; made by the first wipe.
    fn writable(&mut self) -> WiperResult<&OwnedFd> {
        if self.writable.is_none() {
            self.hide()?;
            let root = self.scene.keeper.writable(&self.volume)?;
            self.writable = Some(root);
            // Between the look and the mount another card may have come.
            self.still_the_same()?;
        }
        self.writable.as_ref().ok_or_else(|| {
            WiperError::new(Kind::Failed, "the volume is not writable; dock it again")
        })
    }

    fn hide(&mut self) -> WiperResult<()> {
        self.hidden = true;
        self.scene.keeper.hide(&self.volume)?;
        self.scene.keeper.free(&self.volume)
    }

    fn show(&mut self) -> WiperResult<()> {
        self.still_the_same()?;
        self.scene.keeper.show(&self.volume)?;
        self.hidden = false;
        Ok(())
    }

    /// # Errors
    /// `Missing`: gone, or another disk has its name now.
    fn still_the_same(&self) -> WiperResult<()> {
        let now = Volume::find(&self.scene.roots, &self.volume.name)?;
        if now.identity() == self.volume.identity() && now.bay == self.volume.bay {
            return Ok(());
        }
        let message = format!("another disk is {} now; dock the recorder again", now.name);
        Err(WiperError::new(Kind::Missing, message))
    }

    /// Back to read-only, as far as the hardware still lets us; what fails here leaves it unmounted.
    fn finish(&mut self) {
        let ended = if self.writable.is_some() {
            self.end()
        } else if self.hidden {
            self.show()
        } else {
            Ok(())
        };
        if let Err(e) = ended {
            eprintln!("{e}; it is left unmounted");
        }
    }
}

impl Drop for Act<'_> {
    fn drop(&mut self) {
        self.finish();
        self.scene.busy().remove(&self.volume.name);
    }
}
