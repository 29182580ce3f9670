//! Waits for whatever may have changed a bay: a directory event, a mount, the end of the watch.

use crate::mountinfo::MOUNTINFO;
use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Many events come at once; one look answers them all.
const GATHER: Duration = Duration::from_millis(20);

/// Ends a wait from outside.
#[derive(Debug, Clone)]
pub struct Stop(Arc<OwnedFd>);

impl Stop {
    pub fn now(&self) {
        ring(&self.0);
    }
}

/// Everything a watch waits for.
pub struct Woken {
    dir: PathBuf,
    watcher: RecommendedWatcher,
    is_watching: bool,
    directory: Arc<OwnedFd>,
    mounts: File,
    stop: Stop,
}

impl Woken {
    pub fn new(dir: &Path) -> io::Result<(Woken, Stop)> {
        let directory = Arc::new(bell()?);
        let stop = Stop(Arc::new(bell()?));
        let rung = directory.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            match event {
                // Our own look opens the directory; a bell for that would never be still.
                Ok(event) if event.kind.is_access() => return,
                Ok(_) => {}
                Err(e) => tracing::warn!("a directory event of a bay was lost: {e}"),
            }
            ring(&rung);
        });
        let mut woken = Woken {
            dir: dir.to_owned(),
            watcher: watcher.map_err(io::Error::other)?,
            is_watching: false,
            directory,
            mounts: File::open(MOUNTINFO)?,
            stop: stop.clone(),
        };
        woken.watch().map_err(io::Error::other)?;
        Ok((woken, stop))
    }

    fn watch(&mut self) -> notify::Result<()> {
        self.watcher.watch(&self.dir, RecursiveMode::NonRecursive)?;
        self.is_watching = true;
        Ok(())
    }

    /// The bay could not be read: whatever watched it may be gone with it.
    pub fn lost(&mut self) {
        if self.is_watching {
            let _ = self.watcher.unwatch(&self.dir);
            self.is_watching = false;
        }
    }

    pub fn watch_again_if_lost(&mut self) {
        if !self.is_watching
            && let Err(e) = self.watch()
        {
            tracing::warn!("cannot watch the bay, looking from time to time instead: {e}");
        }
    }

    /// Waits at most `pause`. `true` ends the watch.
    pub fn wait(&mut self, pause: Duration) -> bool {
        // A little longer than asked: who waits for a due time must find it past.
        let pause = Timespec::try_from(pause + Duration::from_millis(1)).ok();
        let mut fds = [
            PollFd::new(&*self.stop.0, PollFlags::IN),
            PollFd::new(&*self.directory, PollFlags::IN),
            // The table of mounts rings as a priority event (proc(5)).
            PollFd::new(&self.mounts, PollFlags::PRI),
        ];
        match rustix::event::poll(&mut fds, pause.as_ref()) {
            Ok(0) | Err(rustix::io::Errno::INTR) => return false,
            Ok(_) => {}
            Err(e) => {
                tracing::warn!("cannot wait for the bay: {e}");
                std::thread::sleep(Duration::from_secs(1));
            }
        }
        if !fds[0].revents().is_empty() {
            return true;
        }
        std::thread::sleep(GATHER);
        let _ = rustix::io::read(&*self.directory, &mut [0u8; 8]);
        false
    }
}

fn bell() -> io::Result<OwnedFd> {
    Ok(rustix::event::eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?)
}

fn ring(bell: &OwnedFd) {
    // Fails only if it already rings as loud as it can.
    let _ = rustix::io::write(bell, &1u64.to_ne_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    fn rings(woken: &Woken) -> bool {
        let mut fds = [PollFd::new(&*woken.directory, PollFlags::IN)];
        rustix::event::poll(&mut fds, Some(&Timespec::default())).unwrap() > 0
    }

    #[test]
    fn looking_wakes_nobody_and_a_new_directory_does() {
        let dir = tempfile::tempdir().unwrap();
        let (mut woken, stop) = Woken::new(dir.path()).unwrap();
        woken.wait(Duration::from_millis(50));
        // Only the directory's own bell: mounts that others make ring the other one.
        for _ in 0..3 {
            assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
            std::thread::sleep(GATHER);
            assert!(!rings(&woken), "looking into the bay rings its own bell");
        }
        std::fs::create_dir(dir.path().join("A")).unwrap();
        let began = Instant::now();
        while !rings(&woken) {
            assert!(began.elapsed() < Duration::from_secs(10), "a new directory rings");
            std::thread::sleep(GATHER);
        }
        assert!(!woken.wait(Duration::from_secs(10)));
        assert!(!rings(&woken), "heard once");
        stop.now();
        assert!(woken.wait(Duration::from_secs(10)));
    }
}
