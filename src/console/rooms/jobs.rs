//! What takes longer than a browser waits: a walk over the whole chain, a copy of gigabytes. It goes on without the browser, and
//! the page that it belongs to says how it stands. In memory: after a restart the registers say what came of it.

use crate::console::Room;
use crate::console::signed::Reader;
use crate::console::spoken::word;
use crate::exit::{CliError, Exit};
use axum::response::{IntoResponse as _, Redirect, Response};
use sealdock_console::words::rooms as r;
use sealdock_core::why::Why;
use sealdock_station::{Carried, Progress, Report};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A browser is kept waiting so long; after that the page says that it goes on.
const WAITED: Duration = Duration::from_secs(8);
/// Ended ones that are still told of.
const KEPT: usize = 64;

/// One of them.
#[derive(Debug, Clone)]
pub struct Job {
    pub begun: Instant,
    /// How far a copy has come.
    pub carried: Option<Carried>,
    /// What it came to, for readers of either language.
    pub ended: Option<Came>,
}

/// What was done, or why it was not.
pub type Came = Result<Why, CliError>;

/// By what they are about: one at a time of each.
#[derive(Default)]
pub struct Jobs(Mutex<HashMap<String, Job>>);

impl Jobs {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Job>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How the newest one about this stands.
    pub fn of(&self, key: &str) -> Option<Job> {
        self.lock().get(key).cloned()
    }

    /// Begins one, unless one about the same goes on.
    fn begin(&self, key: &str, now: Instant) -> bool {
        let mut all = self.lock();
        if all.get(key).is_some_and(|job| job.ended.is_none()) {
            return false;
        }
        while all.len() >= KEPT {
            let ended = all.iter().filter(|(_, job)| job.ended.is_some());
            let Some(oldest) = ended.min_by_key(|(_, job)| job.begun).map(|(key, _)| key.clone())
            else {
                return false;
            };
            all.remove(&oldest);
        }
        all.insert(key.to_owned(), Job { begun: now, carried: None, ended: None });
        true
    }

    fn end(&self, key: &str, came_to: Came) {
        if let Some(job) = self.lock().get_mut(key) {
            job.ended = Some(came_to);
        }
    }

    fn carry(&self, key: &str, carried: Carried) {
        if let Some(job) = self.lock().get_mut(key) {
            job.carried = Some(carried);
        }
    }

    /// Told elsewhere already.
    fn forget(&self, key: &str) {
        self.lock().remove(key);
    }
}

/// What a page that looks again is told of.
pub struct Telling {
    pub room: Arc<Room>,
    pub key: String,
}

impl Progress for Telling {
    fn report(&self, _: &Report) {}

    fn carried(&self, carried: &Carried) {
        self.room.jobs.carry(&self.key, *carried);
    }
}

/// Does it, and leads back: with what came of it where that was soon, else to a page that looks again.
pub async fn run(
    reader: &Reader,
    (key, back): (String, String),
    work: impl FnOnce(&Arc<Room>) -> Came + Send + 'static,
) -> Response {
    if !reader.room.jobs.begin(&key, Instant::now()) {
        return reader.off_to(&back, (false, reader.lang.t(r::ALREADY_RUNNING).to_owned()));
    }
    let (room, of) = (Arc::clone(&reader.room), key.clone());
    let mut going = tokio::spawn(async move {
        let done = room.aside(work).await;
        room.jobs.end(&of, done.clone());
        done
    });
    match tokio::time::timeout(WAITED, &mut going).await {
        // It was done and found something, which everybody who comes to the page has to see.
        Ok(Ok(Err(e))) if e.exit == Exit::Findings => Redirect::to(&back).into_response(),
        Ok(Ok(done)) => {
            reader.room.jobs.forget(&key);
            match done {
                Ok(said) => reader.off_to(&back, (true, word(reader.lang, &said))),
                Err(e) => reader.off_with(&back, &e),
            }
        }
        Ok(Err(e)) => {
            tracing::error!("what a form began did not come to its end: {e}");
            let failed = CliError::both(
                Exit::Failed,
                "没有办成；系统日志写明原因，请联系系统操作员",
                "this request failed; the log says where",
            );
            reader.room.jobs.end(&key, Err(failed.clone()));
            reader.failed(&failed)
        }
        Err(_) => Redirect::to(&back).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sealdock_core::id::AccessId;

    #[test]
    fn one_at_a_time_of_each_and_what_runs_never_gives_way() {
        let (jobs, now) = (Jobs::default(), Instant::now());
        assert!(jobs.begin("V1", now) && !jobs.begin("V1", now));
        let carried = Carried { access: AccessId(1), files: 0, done: 5, of: 10 };
        jobs.carry("V1", carried);
        jobs.carry("V2", carried);
        let of = jobs.of("V1").unwrap();
        assert!(of.ended.is_none() && of.carried == Some(carried) && jobs.of("V2").is_none());
        for n in 2..KEPT + 10 {
            let key = format!("V{n}");
            assert!(jobs.begin(&key, now));
            jobs.end(&key, Ok(sealdock_core::says!("已办", "done")));
        }
        assert!(!jobs.begin("V1", now), "it still runs");
        let full = || CliError::new(Exit::NoSpace, "no room");
        jobs.end("V1", Err(full()));
        assert_eq!(jobs.of("V1").unwrap().ended, Some(Err(full())));
        assert!(jobs.begin("V1", now), "and may be tried again");
        assert!(jobs.lock().len() <= KEPT);
    }

    #[test]
    fn where_all_run_no_other_begins() {
        let (jobs, now) = (Jobs::default(), Instant::now());
        for n in 0..KEPT {
            assert!(jobs.begin(&n.to_string(), now));
        }
        assert!(!jobs.begin("one more", now));
    }
}
