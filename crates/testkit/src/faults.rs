//! Faults at the n-th call, whichever port it is. A run without a fault says how many calls there
//! are; then the run is repeated with a fault at each.
//!
//! *Lost*: the call fails and nothing happened. *Landed*: it happened, and fails all the same.
//! *Kill*: the process ends before the call, as by `kill -9`; all its threads end at their next call.

use crate::lock;
use sealdock_core::ports::{Kind, PortError, PortResult};
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any, resume_unwind};
use std::sync::{Arc, Mutex, Once};

/// What becomes of the chosen call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It fails without effect: [`Kind::Failed`].
    Lost,
    /// It takes effect and fails: [`Kind::Unknown`] where that matters for what is durable.
    Landed,
    /// The process ends before it.
    Kill,
}

impl Mode {
    /// All three, for a test that tries each at every call.
    pub const ALL: [Mode; 3] = [Mode::Lost, Mode::Landed, Mode::Kill];
}

/// The payload of the panic that stands for `kill -9`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Killed {
    /// The call that was not made.
    pub call: String,
}

/// Counts the calls of all ports that share it and lets one of them fail. Clones share the count.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<Script>>);

#[derive(Debug, Default)]
struct Script {
    planned: Vec<(usize, Mode)>,
    log: Vec<String>,
    fired: Vec<(String, Mode)>,
    /// A call that is lost each time, after so many that happened.
    gone: Option<(&'static str, usize)>,
    dead: bool,
}

/// What a call must do.
enum Turn {
    Happen,
    Lose,
    Land,
    Die,
}

impl Faults {
    /// Nothing fails.
    pub fn none() -> Faults {
        Faults::default()
    }

    /// The call number `n`, from 0 over all ports, ends as `mode` says; all others happen.
    pub fn at(n: usize, mode: Mode) -> Faults {
        let faults = Faults::default();
        faults.also_at(n, mode);
        faults
    }

    /// One more fault; `n` counts from the first call of all, as in [`Faults::at`].
    pub fn also_at(&self, n: usize, mode: Mode) {
        lock(&self.0).planned.push((n, mode));
    }

    /// The next call ends as `mode` says.
    pub fn next(&self, mode: Mode) {
        let mut script = lock(&self.0);
        let n = script.log.len();
        script.planned.push((n, mode));
    }

    /// This call happens so many times more; from then on it is lost each time, as with a token that was pulled.
    pub fn gone_after(&self, call: &'static str, times: usize) {
        lock(&self.0).gone = Some((call, times));
    }

    /// Calls so far.
    pub fn count(&self) -> usize {
        lock(&self.0).log.len()
    }

    /// Names of the calls so far: `vault.seal`, `recorder.read`, …
    pub fn log(&self) -> Vec<String> {
        lock(&self.0).log.clone()
    }

    /// The faults that were met, in order.
    pub fn fired(&self) -> Vec<(String, Mode)> {
        lock(&self.0).fired.clone()
    }

    /// A call that reads: a fault is [`Kind::Failed`], since nothing durable hangs on it.
    pub(crate) fn read<T>(
        &self,
        name: &str,
        effect: impl FnOnce() -> PortResult<T>,
    ) -> PortResult<T> {
        self.call(name, Kind::Failed, effect)
    }

    /// A call that changes what is durable: after a landed fault nobody knows whether it did.
    pub(crate) fn write<T>(
        &self,
        name: &str,
        effect: impl FnOnce() -> PortResult<T>,
    ) -> PortResult<T> {
        self.call(name, Kind::Unknown, effect)
    }

    fn call<T>(
        &self,
        name: &str,
        landed: Kind,
        effect: impl FnOnce() -> PortResult<T>,
    ) -> PortResult<T> {
        let failed = |kind, how: &str| {
            Err(PortError::new(
                kind,
                format!("simulated fault: {name} failed and {how}; try again"),
            ))
        };
        match self.turn(name) {
            Turn::Happen => effect(),
            Turn::Lose => failed(Kind::Failed, "was lost"),
            Turn::Land => effect().and_then(|_| failed(landed, "landed")),
            // A destructor of the unwinding station calls: the dead do nothing, and a second panic
            // would abort the test.
            Turn::Die if std::thread::panicking() => failed(Kind::Unknown, "the process is dead"),
            Turn::Die => panic_any(Killed { call: name.to_owned() }),
        }
    }

    fn turn(&self, name: &str) -> Turn {
        let mut script = lock(&self.0);
        if script.dead {
            return Turn::Die;
        }
        let n = script.log.len();
        script.log.push(name.to_owned());
        if let Some((call, left)) = &mut script.gone
            && *call == name
        {
            if *left == 0 {
                script.fired.push((name.to_owned(), Mode::Lost));
                return Turn::Lose;
            }
            *left -= 1;
        }
        let Some(mode) = script.planned.iter().find(|(at, _)| *at == n).map(|(_, mode)| *mode)
        else {
            return Turn::Happen;
        };
        script.fired.push((name.to_owned(), mode));
        match mode {
            Mode::Lost => Turn::Lose,
            Mode::Landed => Turn::Land,
            Mode::Kill => {
                script.dead = true;
                Turn::Die
            }
        }
    }
}

/// Runs a station until it returns or is killed. Other panics go on as they are.
///
/// # Errors
/// [`Killed`] names the call before which the process ended.
pub fn run<T>(station: impl FnOnce() -> T) -> Result<T, Killed> {
    keep_kills_quiet();
    catch_unwind(AssertUnwindSafe(station)).map_err(|payload| match payload.downcast::<Killed>() {
        Ok(killed) => *killed,
        Err(other) => resume_unwind(other),
    })
}

/// A planned kill is no news: only other panics are printed.
fn keep_kills_quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !info.payload().is::<Killed>() {
                usual(info);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_steps(faults: &Faults, disk: &mut Vec<u8>) -> PortResult<()> {
        faults.write("first", || {
            disk.push(1);
            Ok(())
        })?;
        faults.read("second", || {
            disk.push(2);
            Ok(())
        })
    }

    #[test]
    fn a_clean_run_counts_and_names_its_calls() {
        let (faults, mut disk) = (Faults::none(), Vec::new());
        two_steps(&faults, &mut disk).unwrap();
        assert_eq!((faults.count(), faults.log()), (2, vec!["first".into(), "second".into()]));
        assert_eq!(faults.fired(), []);
    }

    #[test]
    fn lost_has_no_effect_and_landed_has() {
        let cases = [
            (0, Mode::Lost, vec![], Kind::Failed),
            (0, Mode::Landed, vec![1], Kind::Unknown),
            (1, Mode::Lost, vec![1], Kind::Failed),
            (1, Mode::Landed, vec![1, 2], Kind::Failed),
        ];
        for (n, mode, left, kind) in cases {
            let (faults, mut disk) = (Faults::at(n, mode), Vec::new());
            assert_eq!(two_steps(&faults, &mut disk).unwrap_err().kind, kind, "{n} {mode:?}");
            assert_eq!(disk, left, "{n} {mode:?}");
            assert_eq!(faults.fired().len(), 1);
        }
    }

    #[test]
    fn a_kill_ends_every_later_call_too() {
        let (faults, mut disk) = (Faults::at(1, Mode::Kill), Vec::new());
        let killed = run(|| two_steps(&faults, &mut disk)).unwrap_err();
        assert_eq!(killed, Killed { call: "second".to_owned() });
        assert_eq!(disk, [1]);
        let thread = run(|| faults.read("other thread", || Ok(())));
        assert_eq!(thread.unwrap_err().call, "other thread");
    }

    #[test]
    fn destructors_of_the_killed_do_nothing_and_do_not_abort() {
        struct CleansUp(Faults, Arc<Mutex<bool>>);
        impl Drop for CleansUp {
            fn drop(&mut self) {
                let done = self.0.write("clean up", || {
                    *lock(&self.1) = true;
                    Ok(())
                });
                assert!(done.is_err());
            }
        }
        let touched = Arc::new(Mutex::new(false));
        let faults = Faults::at(0, Mode::Kill);
        let killed = run(|| {
            let _guard = CleansUp(faults.clone(), touched.clone());
            faults.read("work", || Ok(()))
        });
        assert_eq!(killed.unwrap_err().call, "work");
        assert!(!*lock(&touched));
    }

    #[test]
    #[should_panic(expected = "a real bug")]
    fn other_panics_are_not_swallowed() {
        drop(run(|| panic!("a real bug")));
    }
}
