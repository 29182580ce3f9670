//! The system's clocks. Wall time is a claim; only the time since boot never jumps, and it compares
//! within one boot.

use rustix::time::{ClockId, clock_gettime};
use sealdock_core::ports::{Clock, Kind, PortError, PortResult};
use sealdock_core::time::{Stamp, WallMs};
use std::time::{SystemTime, UNIX_EPOCH};

const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// Reads the kernel's clocks. Time since boot includes suspension (`CLOCK_BOOTTIME`).
#[derive(Debug, Clone)]
pub struct SystemClock {
    boot: String,
}

impl SystemClock {
    /// # Errors
    /// The kernel's boot id cannot be read: without it monotonic times of two boots would mix.
    pub fn new() -> PortResult<SystemClock> {
        let text = std::fs::read_to_string(BOOT_ID).map_err(|e| {
            let message = format!("cannot read the boot id in {BOOT_ID}: {e}; mount /proc");
            PortError::new(Kind::Failed, message)
        })?;
        Ok(SystemClock { boot: text.trim().to_owned() })
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Stamp {
        let since_boot = clock_gettime(ClockId::Boottime);
        let ms = since_boot.tv_sec * 1_000 + since_boot.tv_nsec / 1_000_000;
        Stamp {
            boot: self.boot.clone(),
            mono_ms: u64::try_from(ms).unwrap_or(0),
            wall: wall(SystemTime::now()),
        }
    }
}

/// Through the C library, so that a test can play a month in a minute. A clock before 1970 stays one.
fn wall(now: SystemTime) -> WallMs {
    let ms = |d: std::time::Duration| i64::try_from(d.as_millis()).unwrap_or(i64::MAX);
    WallMs(match now.duration_since(UNIX_EPOCH) {
        Ok(since) => ms(since),
        Err(before) => -ms(before.duration()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_before_1970_is_told_as_it_stands() {
        let second = std::time::Duration::from_secs(1);
        assert_eq!(wall(UNIX_EPOCH - second), WallMs(-1_000));
        assert_eq!(wall(UNIX_EPOCH + second), WallMs(1_000));
    }

    #[test]
    fn time_moves_on_within_one_boot() {
        let clock = SystemClock::new().unwrap();
        let first = clock.now();
        std::thread::sleep(std::time::Duration::from_millis(3));
        let second = SystemClock::new().unwrap().now();
        assert_eq!(first.boot.len(), 36, "{}", first.boot);
        assert_eq!(first.boot, second.boot);
        assert!(second.mono_ms >= first.mono_ms + 3);
        let year_2024 = WallMs::parse("2024-01-01T00:00:00Z").unwrap();
        assert!(first.wall > year_2024, "{}", first.wall);
    }
}
