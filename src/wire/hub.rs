//! A session reports to one place; whoever watches (a terminal, a client of the daemon, the status)
//! listens there and goes again.

use sealdock_core::id::{BayId, RecorderId};
use sealdock_station::{Progress, Report};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Passes every report on to all who listen.
#[derive(Default)]
pub struct Hub {
    listeners: Mutex<Vec<Arc<dyn Progress>>>,
    running: Arc<Running>,
}

/// The last report of every session that runs.
#[derive(Default)]
struct Running(Mutex<BTreeMap<(BayId, RecorderId), Report>>);

/// Keeps what goes by for whoever asks how a session stands.
struct Noting {
    running: Arc<Running>,
    to: Arc<dyn Progress>,
}

impl Progress for Noting {
    fn report(&self, report: &Report) {
        let key = (report.bay.clone(), report.recorder.clone());
        self.running.lock().insert(key, report.clone());
        self.to.report(report);
    }
}

impl Running {
    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<(BayId, RecorderId), Report>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
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

    /// What a session tells `to` is kept for [`Hub::running`], with the bytes within a clip.
    pub fn noting(&self, to: &Arc<dyn Progress>) -> Arc<dyn Progress> {
        Arc::new(Noting { running: Arc::clone(&self.running), to: Arc::clone(to) })
    }

    /// How the session with this recorder stands; `None` before it said anything.
    pub fn running(&self, bay: &BayId, recorder: &RecorderId) -> Option<Report> {
        self.running.lock().get(&(bay.clone(), recorder.clone())).cloned()
    }

    /// It runs no more: the next one is not shown as where this one ended.
    pub fn over(&self, bay: &BayId, recorder: &RecorderId) {
        self.running.lock().remove(&(bay.clone(), recorder.clone()));
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

#[cfg(test)]
mod tests {
    use super::*;
    use sealdock_station::{Step, Unheard};

    #[test]
    fn the_last_word_of_a_session_is_kept_until_it_is_over() {
        let (bay, recorder): (BayId, RecorderId) = ("b1".parse().unwrap(), "R1".parse().unwrap());
        let hub = Hub::default();
        let to = hub.noting(&(Arc::new(Unheard) as Arc<dyn Progress>));
        for step in [Step::Listing, Step::Copying] {
            to.report(&Report {
                bay: bay.clone(),
                recorder: recorder.clone(),
                session: None,
                step,
                lines_done: 0,
                lines: 1,
                bytes_done: 0,
                bytes: 9,
                marked_left: 0,
                verdict: None,
                text: String::new(),
            });
        }
        assert_eq!(hub.running(&bay, &recorder).map(|r| r.step), Some(Step::Copying));
        assert!(hub.running(&bay, &"R2".parse().unwrap()).is_none());
        hub.over(&bay, &recorder);
        assert!(hub.running(&bay, &recorder).is_none());
    }
}
