//! A session reports to one place; whoever watches (a terminal, a client of the daemon, the status)
//! listens there and goes again.

use sealdock_station::{Progress, Report};
use std::sync::{Arc, Mutex, PoisonError};

/// Passes every report on to all who listen.
#[derive(Default)]
pub struct Hub {
    listeners: Mutex<Vec<Arc<dyn Progress>>>,
}

/// Listening ends when it is dropped.
pub struct Listening<'a> {
    hub: &'a Hub,
    who: Arc<dyn Progress>,
}

impl Hub {
    pub fn listen(&self, who: Arc<dyn Progress>) -> Listening<'_> {
        self.lock().push(Arc::clone(&who));
        Listening { hub: self, who }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Arc<dyn Progress>>> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Listening<'_> {
    fn drop(&mut self) {
        self.hub.lock().retain(|other| !Arc::ptr_eq(other, &self.who));
    }
}

impl Progress for Hub {
    fn report(&self, report: &Report) {
        // A copy, so that a slow listener never holds up another bay.
        let listeners = self.lock().clone();
        for listener in listeners {
            listener.report(report);
        }
    }
}
