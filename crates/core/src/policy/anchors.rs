//! How old the newest anchor may be. A unit that anchors nothing says nothing about it, and hears nothing.

use super::{BadPolicy, Cited, bad, no_citation};
use crate::says;
use crate::time::DAY_MS;
use serde::{Deserialize, Serialize};

/// The section as written.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnchorsText {
    /// Days until a time-stamp or a quorum of witnesses is overdue.
    pub age_days_max: Cited<u32>,
}

impl AnchorsText {
    /// # Errors
    /// No citation, or a number beyond its bounds.
    pub fn check(&self) -> Result<i64, BadPolicy> {
        let key = "anchors.age_days_max";
        if self.age_days_max.cite.trim().is_empty() {
            return bad(key, no_citation());
        }
        match self.age_days_max.value {
            days @ 1..=366 => Ok(i64::from(days) * DAY_MS),
            days => bad(key, says!("是 {days}；允许 1 至 366", "is {days}; allowed are 1 to 366")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{DEFAULT_POLICY, Policy};

    #[test]
    fn the_age_of_anchors_is_asked_for_only_where_the_unit_says_so() {
        assert_eq!(Policy::parse(DEFAULT_POLICY).unwrap().anchor_age_ms_max, None);
        let with = |days: &str, cite: &str| {
            let section = format!("{{ value = {days}, cite = \"{cite}\" }}");
            Policy::parse(&format!("{DEFAULT_POLICY}\n[anchors]\nage_days_max = {section}\n"))
        };
        assert_eq!(with("8", "x").unwrap().anchor_age_ms_max, Some(8 * DAY_MS));
        for (days, cite, says) in
            [("0", "x", "1 to 366"), ("367", "x", "1 to 366"), ("8", " ", "citation")]
        {
            let error = with(days, cite).unwrap_err().to_string();
            assert!(error.contains("anchors.age_days_max") && error.contains(says), "{error}");
        }
    }
}
