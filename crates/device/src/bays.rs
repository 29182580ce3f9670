//! A folder bay: a directory in which every direct subdirectory is a recorder, be it a folder that
//! somebody copied there or a volume that something mounted. The kernel announces both kinds: `notify`
//! sees directories, the pollable table of mounts sees volumes. Announcements only wake the look at what
//! is there; the look itself is the same at start, after a wake and after a while without one.

/// What is in the bay and what that means.
mod state;
/// What wakes the look.
mod wake;

use crate::root::shown;
use sealdock_core::id::BayId;
use sealdock_core::ports::{Kind, PortError, PortResult};
use state::{Slots, What};
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use wake::{Stop, Woken};

/// The longest time between two looks: heals a lost announcement.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// Something was plugged into a bay or taken out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BayEvent {
    Plugged {
        bay: BayId,
        /// Name of the subdirectory, inert.
        name: String,
        path: PathBuf,
        /// Counts the plug-ins of this bay since the watch began, from 1.
        epoch: u64,
    },
    Unplugged {
        bay: BayId,
        name: String,
    },
}

/// A bay being watched; dropping it ends the watch.
#[derive(Debug)]
pub struct FolderBay {
    stop: Stop,
    thread: Option<JoinHandle<()>>,
}

impl FolderBay {
    /// Watches `dir`. A recorder is plugged once nothing in it changed for `settle`; those that are there
    /// at the start are plugged in the same way. The watch survives every error; it ends when it is
    /// dropped or nobody receives.
    ///
    /// # Errors
    /// `Missing` or `Invalid` if `dir` is not a directory, `Failed` if it cannot be watched.
    pub fn watch(
        bay: BayId,
        dir: &Path,
        settle: Duration,
        events: Sender<BayEvent>,
    ) -> PortResult<FolderBay> {
        FolderBay::begin((bay, dir), settle, What::All, events)
    }

    /// As [`FolderBay::watch`], for a bay in which only the privileged part mounts: a directory on which
    /// nothing is mounted is a mount point before or after its volume, and no empty card.
    ///
    /// # Errors
    /// As [`FolderBay::watch`].
    pub fn watch_volumes(
        bay: BayId,
        dir: &Path,
        settle: Duration,
        events: Sender<BayEvent>,
    ) -> PortResult<FolderBay> {
        FolderBay::begin((bay, dir), settle, What::Volumes, events)
    }

    fn begin(
        (bay, dir): (BayId, &Path),
        settle: Duration,
        what: What,
        events: Sender<BayEvent>,
    ) -> PortResult<FolderBay> {
        let because = |e: std::io::Error| {
            let kind = match e.kind() {
                std::io::ErrorKind::NotFound => Kind::Missing,
                _ => Kind::Failed,
            };
            let message =
                format!("cannot watch the bay directory {}: {e}; create it first", shown(dir));
            PortError::new(kind, message)
        };
        let dir = std::fs::canonicalize(dir).map_err(because)?;
        if !dir.is_dir() {
            let message = format!("the bay {} is not a directory; name one", shown(&dir));
            return Err(PortError::new(Kind::Invalid, message));
        }
        let (mut woken, stop) = Woken::new(&dir).map_err(because)?;
        let mut slots = Slots::new(bay, dir, settle, what);
        let thread = std::thread::Builder::new()
            .name(format!("bay {}", slots.bay()))
            .spawn(move || run(&mut slots, &mut woken, &events))
            .map_err(because)?;
        Ok(FolderBay { stop, thread: Some(thread) })
    }
}

impl Drop for FolderBay {
    fn drop(&mut self) {
        self.stop.now();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(slots: &mut Slots, woken: &mut Woken, events: &Sender<BayEvent>) {
    loop {
        let mut found = Vec::new();
        match slots.look(Instant::now(), &mut found) {
            Ok(()) => woken.watch_again_if_lost(),
            Err(e) => {
                woken.lost();
                tracing::warn!(bay = %slots.bay(), "cannot look into the bay, trying again: {e}");
            }
        }
        for event in found {
            if events.send(event).is_err() {
                tracing::info!(bay = %slots.bay(), "nobody receives what the bay sees; the watch ends");
                return;
            }
        }
        let pause = slots.next_due().map_or(LOOK_AGAIN, |due| {
            due.saturating_duration_since(Instant::now()).min(LOOK_AGAIN)
        });
        if woken.wait(pause) {
            return;
        }
    }
}
