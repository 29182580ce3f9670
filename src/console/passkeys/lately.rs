//! Answers of one passkey that come in another order than they were signed in. Two forms may be signed one after the other and
//! the second answer be here first; then the first counts less than was seen, and nobody has made a copy. What tells the two
//! apart is when the question was asked: an authenticator that signs a question of after a count was seen counts higher, always.

use super::ceremony::LIFE;
use super::said;
use crate::exit::CliError;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// One count that was seen.
struct Seen {
    /// When its answer was here.
    at: Instant,
    /// What was known until then.
    before: u32,
    counter: u32,
}

/// What was counted of each passkey as long as a question may be open; of before that the record knows the last. In memory, as the
/// questions are.
#[derive(Default)]
pub struct Lately(Mutex<HashMap<u64, Arc<Mutex<Vec<Seen>>>>>);

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The answer to a question of `asked` counts `counter`: was it signed before one that was here first? Then it is worth nothing,
/// and says nothing of a copy. A count that was seen already, or that was known when the question was asked, is another matter.
fn was_overtaken(seen: &[Seen], asked: Instant, counter: u32) -> bool {
    let Some(newest) = seen.last().filter(|newest| counter < newest.counter) else { return false };
    if newest.at < asked || seen.iter().any(|one| one.counter == counter) {
        return false;
    }
    let earlier = seen.iter().rev().find(|one| one.at < asked).map(|one| one.counter);
    let known = earlier.unwrap_or_else(|| seen.first().map_or(0, |one| one.before));
    counter > known
}

impl Lately {
    /// Writes down by `note` that a passkey counted `counter`, one answer of it at a time. `known` is what the register says.
    ///
    /// # Errors
    /// A later signature of it was here first: nothing is written. Or what `note` says.
    pub fn in_order(
        &self,
        (passkey, known): (u64, u32),
        (asked, counter): (Instant, u32),
        note: impl FnOnce() -> Result<(), CliError>,
    ) -> Result<(), CliError> {
        let now = Instant::now();
        let own = self.of(passkey, now);
        let mut seen = lock(&own);
        if was_overtaken(&seen, asked, counter) {
            tracing::warn!(
                passkey,
                counter,
                "an answer of a passkey came after a later one of it; nothing was done"
            );
            return Err(said(
                "同一通行密钥后签的一次先到了，这一次没有办；请再来一次 a later signature of this passkey came first, and this one did nothing; do it again",
            ));
        }
        note()?;
        let before = seen.last().map_or(known, |newest| newest.counter.max(known));
        seen.push(Seen { at: now, before, counter });
        Ok(())
    }

    /// Those of one passkey; what no open question can be older than is forgotten, of all.
    fn of(&self, passkey: u64, now: Instant) -> Arc<Mutex<Vec<Seen>>> {
        let mut all = lock(&self.0);
        all.retain(|_, one| {
            // Held elsewhere: an answer is being written down.
            if Arc::strong_count(one) > 1 {
                return true;
            }
            let mut seen = lock(one);
            seen.retain(|seen| now.duration_since(seen.at) <= LIFE);
            !seen.is_empty()
        });
        Arc::clone(all.entry(passkey).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// Counts that were here at second 10 and 20.
    fn seen(start: Instant) -> Vec<Seen> {
        let one =
            |at, before, counter| Seen { at: start + Duration::from_secs(at), before, counter };
        vec![one(10, 5, 7), one(20, 7, 9)]
    }

    #[test]
    fn only_a_question_that_was_open_when_a_higher_count_came_may_be_answered_with_a_lower_one() {
        let start = Instant::now();
        let overtaken = |asked, counter| {
            was_overtaken(&seen(start), start + Duration::from_secs(asked), counter)
        };
        // Asked before both, or between them: what lies between what was known then and what came.
        for (asked, counter) in [(5, 6), (5, 8), (15, 8)] {
            assert!(overtaken(asked, counter), "{asked} {counter}");
        }
        // Known when it was asked; seen already; asked when all of it was known; higher than all.
        for (asked, counter) in
            [(5, 5), (5, 1), (15, 6), (15, 7), (5, 7), (5, 9), (25, 8), (25, 6), (5, 10), (25, 10)]
        {
            assert!(!overtaken(asked, counter), "{asked} {counter}");
        }
        assert!(!was_overtaken(&[], start, 0));
    }

    #[test]
    fn what_no_question_is_older_than_is_forgotten() {
        let (lately, now) = (Lately::default(), Instant::now());
        lately.in_order((1, 0), (now, 1), || Ok(())).unwrap();
        lately.in_order((2, 0), (now, 0), || Err(super::super::lapsed())).unwrap_err();
        assert_eq!(lock(&lately.of(1, now)).len(), 1);
        let later = Instant::now() + LIFE + Duration::from_secs(1);
        assert_eq!(lock(&lately.of(3, later)).len(), 0);
        assert_eq!(lock(&lately.0).keys().copied().collect::<Vec<_>>(), [3]);
    }
}
