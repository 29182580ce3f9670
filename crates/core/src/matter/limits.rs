//! The policy's section `[matter]`: days and seconds, each with its citation.

use crate::policy::{BadPolicy, Cited, bad, no_citation};
use crate::says;
use crate::time::{DAY_MS, SECOND_MS, WallMs, Zone};
use serde::{Deserialize, Serialize};

/// `[matter]` as written.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatterText {
    pub filing_days: Cited<u32>,
    pub filing_warning_days: Cited<u32>,
    pub gap_s: Cited<u32>,
    pub clock_step_s: Cited<u32>,
}

impl Default for MatterText {
    fn default() -> MatterText {
        let cited = |value, cite: &str| Cited { value, cite: cite.to_owned() };
        MatterText {
            filing_days: cited(30, "002/A2-§16 ¶1; 003-§43"),
            filing_warning_days: cited(5, "unit decision: time to put the file together"),
            gap_s: cited(5, "002/A6-§14; technical: a recorder begins its next file within this"),
            clock_step_s: cited(
                60,
                "technical: how far name, file time and length of one clip may disagree",
            ),
        }
    }
}

/// The section, checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub filing_ms: i64,
    pub filing_warning_ms: i64,
    pub gap_ms: i64,
    pub clock_step_ms: i64,
}

impl MatterText {
    /// # Errors
    /// A number without citation, or one beyond its bounds.
    pub fn check(&self) -> Result<Limits, BadPolicy> {
        Ok(Limits {
            filing_ms: within("matter.filing_days", &self.filing_days, 1..=365)? * DAY_MS,
            filing_warning_ms: within(
                "matter.filing_warning_days",
                &self.filing_warning_days,
                0..=self.filing_days.value,
            )? * DAY_MS,
            gap_ms: within("matter.gap_s", &self.gap_s, 1..=3600)? * SECOND_MS,
            clock_step_ms: within("matter.clock_step_s", &self.clock_step_s, 2..=3600)? * SECOND_MS,
        })
    }
}

fn within(
    key: &'static str,
    number: &Cited<u32>,
    bounds: std::ops::RangeInclusive<u32>,
) -> Result<i64, BadPolicy> {
    if number.cite.trim().is_empty() {
        return bad(key, no_citation());
    }
    if !bounds.contains(&number.value) {
        let (low, high) = (bounds.start(), bounds.end());
        let is = number.value;
        let why = says!("是 {is}；允许 {low} 至 {high}", "is {is}; allowed are {low} to {high}");
        return bad(key, why);
    }
    Ok(i64::from(number.value))
}

impl Limits {
    /// When the case must be filed (002/A2-§16 ¶1): the day of the end does not count, the last day counts
    /// in full.
    pub fn filing_due(&self, zone: Zone, ended: WallMs) -> WallMs {
        zone.end_of_day(ended.plus_ms(self.filing_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{DEFAULT_POLICY, Policy};

    #[test]
    fn the_default_is_thirty_days_with_its_citation_also_for_an_older_policy() {
        let new = Policy::parse(DEFAULT_POLICY).unwrap();
        assert_eq!(new.matter.filing_ms, 30 * DAY_MS);
        let (old, _) = DEFAULT_POLICY.split_once("[matter]").unwrap();
        assert_eq!(Policy::parse(old).unwrap().matter, new.matter);
        assert!(DEFAULT_POLICY.contains("002/A2-§16 ¶1; 003-§43"));
    }

    #[test]
    fn numbers_without_citation_or_sense_are_refused() {
        let cases = [
            (
                "filing_days = { value = 30, cite = \"002/A2-§16 ¶1; 003-§43\"",
                "filing_days = { value = 30, cite = \" \"",
                "matter.filing_days: needs a citation",
            ),
            (
                "filing_days = { value = 30",
                "filing_days = { value = 0",
                "matter.filing_days: is 0; allowed are 1 to 365",
            ),
            (
                "filing_warning_days = { value = 5",
                "filing_warning_days = { value = 31",
                "allowed are 0 to 30",
            ),
            ("gap_s = { value = 5", "gap_s = { value = 0", "matter.gap_s: is 0"),
            (
                "clock_step_s = { value = 60",
                "clock_step_s = { value = 1",
                "matter.clock_step_s: is 1",
            ),
            ("gap_s", "gap", "unknown field"),
        ];
        for (from, to, says) in cases {
            let text = DEFAULT_POLICY.replacen(from, to, 1);
            assert_ne!(text, DEFAULT_POLICY, "{from}");
            let err = Policy::parse(&text).unwrap_err().to_string();
            assert!(err.contains(says), "{err}");
        }
    }

    #[test]
    fn the_case_is_due_at_the_end_of_the_thirtieth_day_after_the_act_a2_16() {
        let limits = MatterText::default().check().unwrap();
        let zone = Zone::parse("+08:00").unwrap();
        let ended = WallMs::parse("2026-03-02T02:00:00Z").unwrap();
        // The act ended on 2 March; 1 April is the thirtieth day after it.
        assert_eq!(limits.filing_due(zone, ended).rfc3339(), "2026-04-01T16:00:00.000Z");
    }
}
