//! Instants, kept apart by who claims them: the station's wall clock, its monotonic clock, a recorder.

use serde::{Deserialize, Serialize};
use std::fmt;

pub const SECOND_MS: i64 = 1_000;
pub const HOUR_MS: i64 = 3_600 * SECOND_MS;
pub const DAY_MS: i64 = 24 * HOUR_MS;

/// Milliseconds since 1970-01-01T00:00:00Z, as the station's wall clock claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct WallMs(pub i64);

impl WallMs {
    /// RFC 3339 with milliseconds, UTC: `2026-11-21T08:15:06.123Z`.
    pub fn rfc3339(self) -> String {
        jiff::Timestamp::from_millisecond(self.0)
            .map(|t| format!("{t:.3}"))
            .unwrap_or_else(|_| format!("{}ms", self.0))
    }

    /// Reads what [`WallMs::rfc3339`] wrote.
    pub fn parse(text: &str) -> Option<WallMs> {
        text.parse::<jiff::Timestamp>().ok().map(|t| WallMs(t.as_millisecond()))
    }

    pub fn plus_ms(self, ms: i64) -> WallMs {
        WallMs(self.0.saturating_add(ms))
    }
}

impl fmt::Display for WallMs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

impl Serialize for WallMs {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.rfc3339())
    }
}

impl<'de> Deserialize<'de> for WallMs {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        WallMs::parse(&text).ok_or_else(|| serde::de::Error::custom("not an RFC 3339 time"))
    }
}

/// One reading of the station's clocks. Order in time is proven by the chain, never by this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// The kernel's boot id; monotonic times compare only within one.
    pub boot: String,
    /// Milliseconds since boot; does not jump.
    pub mono_ms: u64,
    /// What the wall clock said.
    pub wall: WallMs,
}

/// How far a recorder's clock is ahead of the station's, in milliseconds, or why nobody knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ClockOffset {
    Measured { offset_ms: i64, source: String },
    Unknown { reason: String },
}

/// A fixed distance from UTC in minutes, the station's civil time (China knows one zone).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zone {
    pub east_minutes: i32,
}

impl std::fmt::Display for Zone {
    /// As [`Zone::parse`] reads it: `+08:00`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (sign, minutes) = match self.east_minutes < 0 {
            true => ('-', self.east_minutes.unsigned_abs()),
            false => ('+', self.east_minutes.unsigned_abs()),
        };
        write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

impl Zone {
    /// Reads `+08:00` or `-03:30`.
    pub fn parse(text: &str) -> Option<Zone> {
        let (sign, rest) = match text.split_at_checked(1)? {
            ("+", rest) => (1, rest),
            ("-", rest) => (-1, rest),
            _ => return None,
        };
        let (h, m) = rest.split_once(':')?;
        if h.len() != 2 || m.len() != 2 {
            return None;
        }
        let (h, m): (i32, i32) = (h.parse().ok()?, m.parse().ok()?);
        (h <= 14 && m < 60).then_some(Zone { east_minutes: sign * (h * 60 + m) })
    }

    /// The first instant of the next civil day after `at`.
    pub fn end_of_day(self, at: WallMs) -> WallMs {
        let shift = i64::from(self.east_minutes) * 60_000;
        let local_day = (at.0 + shift).div_euclid(DAY_MS);
        WallMs((local_day + 1) * DAY_MS - shift)
    }

    /// The first instant of a civil day, `2026-11-21`; nothing may stand behind it.
    pub fn day_begins(self, text: &str) -> Option<WallMs> {
        let day = text.parse::<jiff::civil::Date>().ok().filter(|day| day.to_string() == text)?;
        let utc = day.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond();
        Some(WallMs(utc).plus_ms(-i64::from(self.east_minutes) * 60_000))
    }

    /// Civil time of the station as people write it: `2026-11-21 16:15:06`.
    pub fn civil(self, at: WallMs) -> String {
        let shifted = at.plus_ms(i64::from(self.east_minutes) * 60_000);
        match jiff::Timestamp::from_millisecond(shifted.0) {
            Ok(t) => format!("{t:.0}").replace('T', " ").trim_end_matches('Z').to_owned(),
            Err(_) => format!("{}ms", at.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wall_time_reads_back_to_the_millisecond() {
        for ms in [0, 1, 1_795_000_000_123, -1] {
            let w = WallMs(ms);
            assert_eq!(WallMs::parse(&w.rfc3339()), Some(w));
        }
        assert_eq!(WallMs(1_500).rfc3339(), "1970-01-01T00:00:01.500Z");
    }

    #[test]
    fn the_day_ends_at_local_midnight() {
        let z = Zone::parse("+08:00").unwrap();
        let morning = WallMs::parse("2026-11-21T00:10:00Z").unwrap();
        assert_eq!(z.end_of_day(morning).rfc3339(), "2026-11-21T16:00:00.000Z");
        let late = WallMs::parse("2026-11-21T16:00:00Z").unwrap();
        assert_eq!(z.end_of_day(late).rfc3339(), "2026-11-22T16:00:00.000Z");
        assert_eq!(z.civil(morning), "2026-11-21 08:10:00");
    }

    #[test]
    fn a_zone_is_shown_as_it_is_read() {
        for text in ["+08:00", "-03:30", "+00:00", "-11:00"] {
            assert_eq!(Zone::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn zones_that_are_none_are_refused() {
        for bad in ["", "8", "+8:00", "+08", "+15:00", "+08:60", "UTC", "＋08:00"] {
            assert!(Zone::parse(bad).is_none(), "{bad}");
        }
    }
}
