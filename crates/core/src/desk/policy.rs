//! The section `[desk]` of a policy. A policy of before has none: then the built-in numbers count.

use crate::policy::{BadPolicy, Cited, Hours, bad, hours, no_citation};
use crate::says;
use serde::{Deserialize, Serialize};

/// `[desk]` as written.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeskText {
    /// How long before a recorder is due the first warning comes.
    pub warn_before: Hours,
    /// Charge at issue, percent.
    pub battery_min: Cited<u8>,
    /// Free space at issue, MiB.
    pub free_mib_min: Cited<u32>,
    /// How far a recorder's clock may have been off at its last docking, seconds.
    pub clock_offset_s_max: Cited<u32>,
    /// How long a pre-use check counts.
    pub check_hours_max: Hours,
    /// The longest use that one approval covers.
    pub use_hours_max: Hours,
    /// Days from one periodic check to the next.
    pub check_every_days: Cited<u32>,
    /// Officers for each recorder.
    pub officers_per_recorder: Cited<u32>,
}

/// `[desk]`, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskPolicy {
    pub warn_before_ms: i64,
    pub battery_min: u8,
    pub free_mib_min: u32,
    pub clock_offset_ms_max: i64,
    pub check_ms_max: i64,
    pub use_ms_max: i64,
    pub check_every_days: u32,
    pub officers_per_recorder: u32,
}

impl Default for DeskPolicy {
    fn default() -> DeskPolicy {
        let hour = crate::time::HOUR_MS;
        DeskPolicy {
            warn_before_ms: 4 * hour,
            battery_min: 50,
            free_mib_min: 2048,
            clock_offset_ms_max: 60_000,
            check_ms_max: 12 * hour,
            use_ms_max: 72 * hour,
            check_every_days: 30,
            officers_per_recorder: 5,
        }
    }
}

impl DeskText {
    pub(crate) fn check(&self) -> Result<DeskPolicy, BadPolicy> {
        self.check_citations()?;
        if self.battery_min.value > 100 {
            return bad(
                "desk.battery_min",
                says!("是百分数，至多 100", "is a percentage of at most 100"),
            );
        }
        if !(1..=366).contains(&self.check_every_days.value) {
            return bad("desk.check_every_days", says!("应为 1 至 366 天", "is 1 to 366 days"));
        }
        if !(1..=100).contains(&self.officers_per_recorder.value) {
            return bad("desk.officers_per_recorder", says!("应为 1 至 100", "is 1 to 100"));
        }
        Ok(DeskPolicy {
            warn_before_ms: hours("desk.warn_before", &self.warn_before, 72)?,
            battery_min: self.battery_min.value,
            free_mib_min: self.free_mib_min.value,
            clock_offset_ms_max: i64::from(self.clock_offset_s_max.value) * 1000,
            check_ms_max: hours("desk.check_hours_max", &self.check_hours_max, 72)?,
            use_ms_max: hours("desk.use_hours_max", &self.use_hours_max, 24 * 31)?,
            check_every_days: self.check_every_days.value,
            officers_per_recorder: self.officers_per_recorder.value,
        })
    }

    fn check_citations(&self) -> Result<(), BadPolicy> {
        let all = [
            ("desk.warn_before", &self.warn_before.cite),
            ("desk.battery_min", &self.battery_min.cite),
            ("desk.free_mib_min", &self.free_mib_min.cite),
            ("desk.clock_offset_s_max", &self.clock_offset_s_max.cite),
            ("desk.check_hours_max", &self.check_hours_max.cite),
            ("desk.use_hours_max", &self.use_hours_max.cite),
            ("desk.check_every_days", &self.check_every_days.cite),
            ("desk.officers_per_recorder", &self.officers_per_recorder.cite),
        ];
        match all.iter().find(|(_, cite)| cite.trim().is_empty()) {
            Some((key, _)) => bad(key, no_citation()),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{DEFAULT_POLICY, Policy};

    #[test]
    fn a_policy_of_before_has_the_built_in_numbers_which_are_those_of_the_default_text() {
        let (before, _) = DEFAULT_POLICY.split_once("[desk]").unwrap();
        assert_eq!(Policy::parse(before).unwrap().desk, DeskPolicy::default());
        assert_eq!(Policy::parse(DEFAULT_POLICY).unwrap().desk, DeskPolicy::default());
    }

    #[test]
    fn every_number_needs_its_citation_and_its_bounds() {
        let (_, desk) = DEFAULT_POLICY.split_once("[desk]").unwrap();
        let desk = desk.split("\n[").next().unwrap();
        let lines: Vec<&str> = desk.lines().filter(|l| l.contains("cite =")).collect();
        assert_eq!(lines.len(), 8);
        for line in lines {
            let (key, _) = line.split_once(" =").unwrap();
            let (begin, _) = line.split_once("cite = \"").unwrap();
            let text = DEFAULT_POLICY.replace(line, &format!("{begin}cite = \" \" }}"));
            let why = Policy::parse(&text).unwrap_err().to_string();
            assert!(why.contains(&format!("desk.{key}")) && why.contains("citation"), "{why}");
        }
        for (from, to, says) in [
            ("battery_min = { value = 50", "battery_min = { value = 101", "percentage"),
            ("check_every_days = { value = 30", "check_every_days = { value = 0", "1 to 366"),
            ("check_every_days = { value = 30", "check_every_days = { value = 367", "1 to 366"),
            ("per_recorder = { value = 5", "per_recorder = { value = 0", "1 to 100"),
            ("use_hours_max = { hours = 72", "use_hours_max = { hours = 745", "allowed are 1"),
        ] {
            let text = DEFAULT_POLICY.replace(from, to);
            assert_ne!(text, DEFAULT_POLICY, "{from}");
            let why = Policy::parse(&text).unwrap_err().to_string();
            assert!(why.contains(says), "{why}");
        }
    }
}
