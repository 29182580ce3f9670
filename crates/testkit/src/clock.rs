//! A clock that a test sets. Every reading is a millisecond after the one before, so that nothing
//! happens at the same time by accident.

use crate::lock;
use sealdock_core::ports::Clock;
use sealdock_core::time::{Stamp, WallMs};
use std::sync::{Arc, Mutex};

/// Where a new [`SimClock`] stands: 2026-03-01T08:00:00Z.
pub const START: WallMs = WallMs(1_772_352_000_000);

/// Clones are the same clock.
#[derive(Clone)]
pub struct SimClock(Arc<Mutex<State>>);

struct State {
    boots: u64,
    mono_ms: u64,
    wall: WallMs,
}

impl Default for SimClock {
    fn default() -> SimClock {
        SimClock::new()
    }
}

impl SimClock {
    /// Stands at [`START`], freshly booted.
    pub fn new() -> SimClock {
        SimClock(Arc::new(Mutex::new(State { boots: 1, mono_ms: 0, wall: START })))
    }

    /// Lets `ms` pass.
    pub fn advance_ms(&self, ms: u64) {
        let mut state = lock(&self.0);
        state.mono_ms += ms;
        state.wall = state.wall.plus_ms(i64::try_from(ms).unwrap_or(i64::MAX));
    }

    /// Somebody sets the wall clock; the time since boot does not jump.
    pub fn set_wall(&self, wall: WallMs) {
        lock(&self.0).wall = wall;
    }

    /// The machine boots anew: another boot id, time since boot at zero.
    pub fn reboot(&self) {
        let mut state = lock(&self.0);
        state.boots += 1;
        state.mono_ms = 0;
    }

    /// The wall clock, without letting time pass.
    pub fn wall(&self) -> WallMs {
        lock(&self.0).wall
    }
}

impl Clock for SimClock {
    fn now(&self) -> Stamp {
        self.advance_ms(1);
        let state = lock(&self.0);
        Stamp {
            boot: format!("00000000-0000-4000-8000-{:012}", state.boots),
            mono_ms: state.mono_ms,
            wall: state.wall,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wall_may_jump_and_the_boot_clock_does_not() {
        let clock = SimClock::new();
        let first = clock.now();
        clock.set_wall(WallMs(0));
        let second = clock.now();
        assert_eq!((second.wall, second.mono_ms), (WallMs(1), first.mono_ms + 1));
        clock.reboot();
        let third = clock.now();
        assert_ne!(third.boot, first.boot);
        assert_eq!(third.mono_ms, 1);
    }
}
