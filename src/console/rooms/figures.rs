//! Figures over the whole archive. A small record is counted while the browser waits; of a large one a page shows what was
//! counted last, with the entry up to which it holds and how many came since, and it is counted anew aside. In memory, and
//! never shown without saying so: the registers are what is counted.

use crate::exit::{CliError, Exit};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Different questions whose figures are kept; the one that was asked for longest ago gives way.
const KEPT: usize = 32;
/// Questions that wait to be counted.
const WAITING: usize = 12;

/// What was counted, and up to where it holds.
pub struct Counted<T> {
    pub value: T,
    /// Entries of the chain that it holds.
    pub size: u64,
    pub at: Instant,
}

/// What a page may show.
pub enum Look<T> {
    /// It holds every entry there is, or says up to which.
    Counted(Arc<Counted<T>>),
    /// Nothing yet; it is being counted.
    Counting,
}

/// What is asked: entries that there are now, how long a page waits, and how old what it shows may be.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    pub size: u64,
    pub until: Instant,
    pub age_max: Duration,
}

struct Slot<T> {
    last: Option<Arc<Counted<T>>>,
    failed: Option<CliError>,
    counting: bool,
    asked: Instant,
}

/// By question.
pub struct Figures<T> {
    all: Mutex<HashMap<String, Slot<T>>>,
    ended: Condvar,
    /// One is counted at a time.
    queue: Mutex<VecDeque<Work<T>>>,
}

type Work<T> = (String, u64, Box<dyn FnOnce() -> Result<T, CliError> + Send>);

impl<T> Default for Figures<T> {
    fn default() -> Figures<T> {
        Figures { all: Mutex::default(), ended: Condvar::new(), queue: Mutex::default() }
    }
}

impl<T: Send + Sync + 'static> Figures<T> {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Slot<T>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What there is to be shown of a question; it is counted where nothing was, or where that is old.
    ///
    /// # Errors
    /// What counting came to.
    pub fn look(
        self: &Arc<Self>,
        key: &str,
        wanted: Wanted,
        count: impl FnOnce() -> Result<T, CliError> + Send + 'static,
    ) -> Result<Look<T>, CliError> {
        let now = Instant::now();
        if self.is_due(key, wanted.age_max, now) && self.has_room(key) {
            self.begin((key.to_owned(), wanted.size, Box::new(count)), now)?;
        }
        let mut all = self.lock();
        loop {
            let Some(slot) = all.get_mut(key) else { return Ok(Look::Counting) };
            if let Some(failed) = slot.failed.take() {
                return Err(failed);
            }
            let left = wanted.until.saturating_duration_since(Instant::now());
            if !slot.counting || left.is_zero() {
                return Ok(slot.last.clone().map_or(Look::Counting, Look::Counted));
            }
            let waited = self.ended.wait_timeout(all, left);
            all = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Nothing was counted, or it is some time ago: what is late or due changes without an entry, too.
    fn is_due(&self, key: &str, age_max: Duration, now: Instant) -> bool {
        let mut all = self.lock();
        let Some(slot) = all.get_mut(key) else { return true };
        slot.asked = now;
        let old = |last: &Arc<Counted<T>>| now.saturating_duration_since(last.at) >= age_max;
        !slot.counting && slot.failed.is_none() && slot.last.as_ref().is_none_or(old)
    }

    /// Where much waits already, whoever asks sees what there is, or asks again.
    fn has_room(&self, key: &str) -> bool {
        let all = self.lock();
        let waits = all.values().filter(|slot| slot.counting).count();
        waits < WAITING || all.get(key).is_some_and(|slot| slot.counting)
    }

    /// Has it counted after what waits already. A thread of its own takes one after the other and ends with the last.
    fn begin(self: &Arc<Self>, work: Work<T>, now: Instant) -> Result<(), CliError> {
        let mut all = self.lock();
        let fresh = || Slot { last: None, failed: None, counting: false, asked: now };
        let slot = all.entry(work.0.clone()).or_insert_with(fresh);
        if slot.counting {
            return Ok(());
        }
        slot.counting = true;
        give_way(&mut all);
        drop(all);
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.push_back(work);
        if queue.len() > 1 {
            return Ok(());
        }
        drop(queue);
        let figures = Arc::clone(self);
        let counts = std::thread::Builder::new().name("figures".into());
        counts.spawn(move || figures.count_all()).map(drop).map_err(|e| {
            self.queue.lock().unwrap_or_else(PoisonError::into_inner).clear();
            self.lock().retain(|_, slot| !slot.counting);
            CliError::both(
                Exit::Failed,
                "现在无法统计，请稍后再试；原因见系统日志",
                format!("nothing can be counted: {e}; try again"),
            )
        })
    }

    fn count_all(&self) {
        // Behind ingest and whoever waits for a page. Where it is not allowed, it is merely not behind.
        let _same = rustix::process::setpriority_process(Some(rustix::thread::gettid()), 10);
        loop {
            let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
            // The first stays until it is done: whoever comes meanwhile begins no second thread.
            let Some((key, size, count)) = queue.front_mut().map(taken) else { return };
            drop(queue);
            let found = std::panic::catch_unwind(std::panic::AssertUnwindSafe(count));
            let found = found.unwrap_or_else(|_| {
                Err(CliError::both(
                    Exit::Failed,
                    "没有统计成；系统日志写明在何处",
                    "this could not be counted; the log says where",
                ))
            });
            self.end(&key, size, found);
            let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
            queue.pop_front();
            if queue.is_empty() {
                return;
            }
        }
    }

    fn end(&self, key: &str, size: u64, found: Result<T, CliError>) {
        if let Some(slot) = self.lock().get_mut(key) {
            slot.counting = false;
            match found {
                Ok(value) => {
                    slot.last = Some(Arc::new(Counted { value, size, at: Instant::now() }));
                }
                Err(e) => slot.failed = Some(e),
            }
        }
        self.ended.notify_all();
    }
}

/// The work, out of its place in the queue.
fn taken<T>((key, size, count): &mut Work<T>) -> Work<T> {
    let nothing = || Err(CliError::new(Exit::Failed, "counted already"));
    (key.clone(), *size, std::mem::replace(count, Box::new(nothing)))
}

fn give_way<T>(all: &mut HashMap<String, Slot<T>>) {
    while all.len() > KEPT {
        let still = all.iter().filter(|(_, slot)| !slot.counting);
        let Some(oldest) = still.min_by_key(|(_, slot)| slot.asked).map(|(key, _)| key.clone())
        else {
            return;
        };
        all.remove(&oldest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn wanted(size: u64, ms: u64) -> Wanted {
        let until = Instant::now() + Duration::from_millis(ms);
        Wanted { size, until, age_max: Duration::from_secs(3600) }
    }

    fn counted(look: Look<u64>) -> Option<(u64, u64)> {
        match look {
            Look::Counted(counted) => Some((counted.value, counted.size)),
            Look::Counting => None,
        }
    }

    #[test]
    fn what_is_shown_says_up_to_which_entry_it_holds_and_is_counted_anew() {
        let figures = Arc::new(Figures::default());
        let look = |size, value, hours: u64| {
            let age_max = Duration::from_secs(3600 * hours);
            let wanted = Wanted { age_max, ..wanted(size, 60_000) };
            counted(figures.look("a", wanted, move || Ok(value)).unwrap())
        };
        assert_eq!(look(7, 70, 1), Some((70, 7)));
        assert_eq!(look(9, 90, 1), Some((70, 7)), "just counted; it says of 7");
        assert_eq!(look(9, 90, 0), Some((90, 9)), "older than is wanted");
        assert_eq!(look(9, 91, 0), Some((91, 9)), "time went on");
        let other = figures.look("b", wanted(9, 60_000), || Ok(1));
        assert_eq!(counted(other.unwrap()), Some((1, 9)), "another question");
    }

    #[test]
    fn nobody_waits_for_what_takes_long_and_it_is_counted_once() {
        let figures = Arc::new(Figures::default());
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let slow = figures.look("a", wanted(7, 0), move || {
            wait.recv().unwrap();
            Ok(70)
        });
        assert_eq!(counted(slow.unwrap()), None);
        let times = Arc::new(AtomicUsize::new(0));
        for _ in 0..3 {
            let times = Arc::clone(&times);
            let again = figures.look("a", wanted(7, 0), move || {
                times.fetch_add(1, Ordering::SeqCst);
                Ok(0)
            });
            assert_eq!(counted(again.unwrap()), None, "it is being counted");
        }
        let behind = figures.look("b", wanted(7, 10), || Ok(80));
        assert_eq!(counted(behind.unwrap()), None, "one at a time");
        go.send(()).unwrap();
        let look = |key| figures.look(key, wanted(7, 60_000), || Ok(0));
        assert_eq!(counted(look("b").unwrap()), Some((80, 7)));
        assert_eq!(counted(look("a").unwrap()), Some((70, 7)));
        assert_eq!(times.load(Ordering::SeqCst), 0, "never a second time meanwhile");
    }

    #[test]
    fn what_cannot_be_counted_is_said_once_and_tried_again() {
        let figures = Arc::new(Figures::default());
        let no = || Err(CliError::new(Exit::Usage, "no day"));
        let failed = figures.look("a", wanted(7, 60_000), no).err();
        assert_eq!(failed.unwrap().message, "no day");
        let panics = figures.look("a", wanted(7, 60_000), || panic!("planted")).err();
        assert_eq!(panics.unwrap().exit, Exit::Failed);
        assert_eq!(counted(figures.look("a", wanted(7, 60_000), || Ok(7)).unwrap()), Some((7, 7)));
    }

    #[test]
    fn neither_questions_nor_what_waits_grow_without_end() {
        let figures = Arc::new(Figures::default());
        for n in 0..KEPT as u64 + 20 {
            let look = figures.look(&n.to_string(), wanted(7, 60_000), move || Ok(n));
            assert_eq!(counted(look.unwrap()), Some((n, 7)));
        }
        assert!(figures.lock().len() <= KEPT + 1, "{}", figures.lock().len());
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let held = move || {
            wait.recv().unwrap();
            Ok(0)
        };
        assert_eq!(counted(figures.look("held", wanted(7, 0), held).unwrap()), None);
        let begun = Arc::new(AtomicUsize::new(0));
        for n in 0..WAITING + 3 {
            let begun = Arc::clone(&begun);
            let count = move || {
                begun.fetch_add(1, Ordering::SeqCst);
                Ok(0)
            };
            let look = figures.look(&format!("w{n}"), wanted(7, 0), count);
            assert_eq!(counted(look.unwrap()), None, "it is asked again");
        }
        go.send(()).unwrap();
        let last = format!("w{}", WAITING - 2);
        let look = figures.look(&last, wanted(7, 60_000), || Ok(0));
        assert_eq!(counted(look.unwrap()), Some((0, 7)));
        assert_eq!(begun.load(Ordering::SeqCst), WAITING - 1, "beside the one that was held");
    }
}
