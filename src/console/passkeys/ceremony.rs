//! Questions to authenticators that are open, and what they were answered: in memory, each for one browser, for two minutes, once.

use crate::console::signed::random;
use crate::exit::CliError;
use sealdock_chain::Digest;
use sealdock_core::actor::Actor;
use sealdock_core::id::PersonId;
use sealdock_passkeys::{Asking, Making};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// From the question until the form that it was for has come.
pub const LIFE: Duration = Duration::from_secs(120);
/// Open at once; the oldest gives way.
const ALL_MAX: usize = 400;
/// Of one session; of all who have none, who are one another's crowd and drive out nobody else.
const OF_ONE_MAX: usize = 20;
const OF_STRANGERS_MAX: usize = 100;

/// What somebody is asked.
pub enum Asked {
    /// To make a key, and what the PIN that they gave for it proved.
    Make { owner: Arc<Actor>, person: PersonId, pin: u64, label: String, making: Making },
    /// To sign for one form.
    Sign { form: String, deed: Digest, asking: Asking },
    /// Signed: the form may come.
    Signed { person: PersonId, passkey: u64, deed: Digest },
}

struct Open {
    name: Digest,
    /// Of what the browser holds.
    whose: Digest,
    /// Of a session that there is.
    known: bool,
    until: Instant,
    asked: Asked,
}

/// All of them, oldest first.
#[derive(Default)]
pub struct Ceremonies(Mutex<VecDeque<Open>>);

impl Ceremonies {
    /// Keeps a question; says by what name its answer finds it.
    ///
    /// # Errors
    /// The kernel gives no randomness.
    pub fn begin(
        &self,
        whose: (Digest, bool),
        asked: Asked,
        now: Instant,
    ) -> Result<String, CliError> {
        self.keep(whose, asked, now + LIFE, random()?)
    }

    /// The answer stands in the place of its question, no longer than that would have.
    ///
    /// # Errors
    /// The kernel gives no randomness.
    pub fn signed(
        &self,
        (whose, until): ((Digest, bool), Instant),
        asked: Asked,
    ) -> Result<String, CliError> {
        self.keep(whose, asked, until, format!("{}{}", sealdock_station::PASS, random()?))
    }

    fn keep(
        &self,
        (whose, known): (Digest, bool),
        asked: Asked,
        until: Instant,
        name: String,
    ) -> Result<String, CliError> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = |open: &Open| if known { open.whose == whose } else { !open.known };
        let most = if known { OF_ONE_MAX } else { OF_STRANGERS_MAX };
        if all.iter().filter(|open| own(open)).count() >= most
            && let Some(oldest) = all.iter().position(own)
        {
            all.remove(oldest);
        }
        if all.len() >= ALL_MAX {
            all.pop_front();
        }
        all.push_back(Open { name: Digest::of(name.as_bytes()), whose, known, until, asked });
        Ok(name)
    }

    /// Takes it out: whatever comes of it, it is spent. And until when it would have lasted.
    ///
    /// # Errors
    /// There is none of that name for this browser, or its time is over.
    pub fn take(
        &self,
        name: &str,
        whose: Digest,
        now: Instant,
    ) -> Result<(Asked, Instant), CliError> {
        let name = Digest::of(name.as_bytes());
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|open| open.until > now);
        let at = all.iter().position(|open| open.name == name && open.whose == whose);
        let open = at.and_then(|at| all.remove(at)).ok_or_else(lapsed)?;
        Ok((open.asked, open.until))
    }

    /// As if so much time had gone by.
    #[cfg(test)]
    pub fn age(&self, by: Duration) {
        for open in self.0.lock().unwrap().iter_mut() {
            open.until -= by;
        }
    }
}

/// What nobody asked, or not of this browser, or too long ago.
pub fn lapsed() -> CliError {
    let text = "这次验证已失效（超过两分钟，或已用过），请再来一次 this has lapsed, after two minutes or because it was used; do it again";
    super::said(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(n: u64) -> Asked {
        let person = "p1".parse().unwrap();
        Asked::Signed { person, passkey: n, deed: Digest::of(b"form") }
    }

    fn whose(text: &str) -> Digest {
        Digest::of(text.as_bytes())
    }

    #[test]
    fn a_question_is_for_one_browser_for_two_minutes_and_once() {
        let (all, now) = (Ceremonies::default(), Instant::now());
        let name = all.begin((whose("a"), true), signed(1), now).unwrap();
        assert!(all.take(&name, whose("b"), now).is_err(), "another browser");
        assert!(all.take("another", whose("a"), now).is_err());
        let (_, until) = all.take(&name, whose("a"), now).unwrap();
        assert_eq!(until, now + LIFE);
        assert!(all.take(&name, whose("a"), now).is_err(), "it is spent");
        let name = all.begin((whose("a"), true), signed(1), now).unwrap();
        assert!(all.take(&name, whose("a"), now + LIFE).is_err(), "its time is over");
        assert!(all.take(&name, whose("a"), now).is_err(), "and stays so");
    }

    #[test]
    fn an_answer_lasts_no_longer_than_its_question() {
        let (all, now) = (Ceremonies::default(), Instant::now());
        let pass = all.signed(((whose("a"), true), now + LIFE), signed(1)).unwrap();
        assert!(pass.starts_with(sealdock_station::PASS) && pass.len() == 72);
        assert!(all.take(&pass, whose("a"), now + LIFE).is_err());
    }

    #[test]
    fn whoever_asks_much_drives_out_their_own_and_all_are_bounded() {
        let (all, now) = (Ceremonies::default(), Instant::now());
        let mine = all.begin((whose("me"), true), signed(0), now).unwrap();
        for n in 0..ALL_MAX as u64 {
            all.begin((whose("other"), true), signed(n), now).unwrap();
        }
        assert_eq!(all.0.lock().unwrap().len(), OF_ONE_MAX + 1);
        assert!(all.take(&mine, whose("me"), now).is_ok());
        for n in 0..ALL_MAX as u64 + 5 {
            all.begin((whose(&n.to_string()), true), signed(n), now).unwrap();
        }
        assert_eq!(all.0.lock().unwrap().len(), ALL_MAX);
    }

    #[test]
    fn a_crowd_without_sessions_drives_out_nobody_who_has_one() {
        let (all, now) = (Ceremonies::default(), Instant::now());
        let mine = all.begin((whose("me"), true), signed(0), now).unwrap();
        for n in 0..2 * ALL_MAX as u64 {
            all.begin((whose(&n.to_string()), false), signed(n), now).unwrap();
        }
        assert_eq!(all.0.lock().unwrap().len(), OF_STRANGERS_MAX + 1);
        assert!(all.take(&mine, whose("me"), now).is_ok());
    }
}
