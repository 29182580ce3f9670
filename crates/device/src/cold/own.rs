//! Remounts that this process does itself. A bay that watches the table of mounts would see the volume
//! go and come, and take a second reading for a new recorder.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

/// What happened to a mount point by our own hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Own {
    /// Unmounted, about to be mounted again.
    Under,
    /// Mounted again, as this mount (`STATX_MNT_ID_UNIQUE`).
    Became(u64),
}

static REMOUNTS: LazyLock<Mutex<HashMap<PathBuf, Own>>> = LazyLock::new(Mutex::default);

fn remounts() -> MutexGuard<'static, HashMap<PathBuf, Own>> {
    REMOUNTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A remount under way; forgotten if it is dropped without [`Underway::became`].
pub struct Underway {
    point: PathBuf,
    done: bool,
}

pub fn begin(point: &Path) -> Underway {
    remounts().insert(point.to_owned(), Own::Under);
    Underway { point: point.to_owned(), done: false }
}

impl Underway {
    pub fn became(mut self, mount: u64) {
        remounts().insert(self.point.clone(), Own::Became(mount));
        self.done = true;
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        if !self.done {
            remounts().remove(&self.point);
        }
    }
}

/// What this process last did to a mount point.
pub fn at(point: &Path) -> Option<Own> {
    remounts().get(point).copied()
}
