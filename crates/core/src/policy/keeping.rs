//! The section `[keeping]`: how long what is kept, how long an approved plan waits, how much may go a day.

use super::{BadPolicy, Cited, DEFAULT_POLICY, bad, no_citation};
use crate::says;
use crate::time::DAY_MS;
use serde::{Deserialize, Serialize};

/// No class is shorter (公安机关现场执法视音频记录工作规定 §13: not less than six months), days.
pub const DAYS_LEAST: u32 = 184;
/// No quarantine is shorter, days.
pub const QUARANTINE_DAYS_LEAST: u32 = 30;
/// No brake is weaker, thousandths of the archive a day.
pub const BRAKE_PER_MILLE_MOST: u32 = 10;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Days {
    pub days: u32,
    pub cite: String,
}

/// A class as written; without `days` it is permanent.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassText {
    pub id: String,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
    pub cite: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeepingText {
    pub quarantine: Days,
    pub brake_per_mille: Cited<u32>,
    pub class: Vec<ClassText>,
}

impl Default for KeepingText {
    /// What a text of before this section is read with.
    fn default() -> KeepingText {
        #[derive(Deserialize)]
        struct Section {
            keeping: KeepingText,
        }
        let section: Section = toml::from_str(DEFAULT_POLICY).expect("the built-in policy parses");
        section.keeping
    }
}

/// How long something is kept. Ordered: permanent is the longest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Period {
    /// Milliseconds from custody on.
    Ms(i64),
    Permanent,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    pub id: String,
    pub name: String,
    pub period: Period,
}

/// The section, checked.
#[derive(Debug, Clone)]
pub struct Keeping {
    pub quarantine_ms: i64,
    pub brake_per_mille: u64,
    pub classes: Vec<Class>,
}

impl Keeping {
    /// How long a clip of this class is kept under this policy; a class it does not know is permanent.
    pub fn period(&self, class: &str) -> Period {
        self.class(class).map_or(Period::Permanent, |known| known.period)
    }

    pub fn class(&self, id: &str) -> Option<&Class> {
        self.classes.iter().find(|class| class.id == id)
    }
}

impl KeepingText {
    pub(super) fn check(&self) -> Result<Keeping, BadPolicy> {
        let empty = |cite: &str| cite.trim().is_empty();
        if empty(&self.quarantine.cite) || empty(&self.brake_per_mille.cite) {
            return bad("keeping", no_citation());
        }
        let quarantine = self.quarantine.days;
        if !(QUARANTINE_DAYS_LEAST..=3660).contains(&quarantine) {
            return bad("keeping.quarantine", says!("应为 30 至 3660 天", "is 30 to 3660 days"));
        }
        let brake = self.brake_per_mille.value;
        if !(1..=BRAKE_PER_MILLE_MOST).contains(&brake) {
            return bad(
                "keeping.brake_per_mille",
                says!("应为千分之 1 至 10", "is 1 to 10 thousandths"),
            );
        }
        let mut classes: Vec<Class> = Vec::new();
        for written in &self.class {
            let class = written.check()?;
            if classes.iter().any(|known| known.id == class.id) {
                let id = &class.id;
                return bad("keeping.class", says!("中 {id} 出现两次", "names {id} twice"));
            }
            classes.push(class);
        }
        Ok(Keeping {
            quarantine_ms: i64::from(quarantine) * DAY_MS,
            brake_per_mille: u64::from(brake),
            classes,
        })
    }
}

impl ClassText {
    fn check(&self) -> Result<Class, BadPolicy> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.id.is_empty() || self.id.len() > 40 || !self.id.chars().all(plain) {
            let why = says!(
                "中有编号不是 1 至 40 个小写字母、数字或“-”",
                "has an id that is not 1 to 40 of a-z, 0-9 and '-'"
            );
            return bad("keeping.class", why);
        }
        let (id, name) = (&self.id, self.name.trim());
        if name.is_empty() || name.chars().count() > 60 || name.chars().any(char::is_control) {
            let why =
                says!("中 {id} 须有 1 至 60 字的名称", "{id} needs a name of 1 to 60 characters");
            return bad("keeping.class", why);
        }
        if self.cite.trim().is_empty() {
            return bad("keeping.class", says!("中 {id} 须注明依据", "{id} needs a citation"));
        }
        let period = match self.days {
            None => Period::Permanent,
            Some(days) if (DAYS_LEAST..=36_600).contains(&days) => {
                Period::Ms(i64::from(days) * DAY_MS)
            }
            Some(days) => {
                return bad(
                    "keeping.class",
                    says!(
                        "中 {id} 保存 {days} 天；允许 184（六个月，§13）至 36600 天，或不写天数：永久",
                        "{id} keeps {days} days; allowed are 184 (six months, §13) to 36600, or no days: permanently"
                    ),
                );
            }
        };
        // Policies of earlier releases may hold words that steer a terminal.
        Ok(Class { id: self.id.clone(), name: crate::naming::inert(name), period })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;

    fn changed(from: &str, to: &str) -> Result<Policy, String> {
        let text = DEFAULT_POLICY.replacen(from, to, 1);
        assert_ne!(text, DEFAULT_POLICY, "{from}");
        Policy::parse(&text).map_err(|e| e.to_string())
    }

    #[test]
    fn ordinary_is_six_months_and_what_is_not_known_is_permanent() {
        let keeping = Policy::parse(DEFAULT_POLICY).unwrap().keeping;
        assert_eq!(keeping.period("ordinary"), Period::Ms(184 * DAY_MS));
        for class in ["evidence", "obstruction", "major-incident", "no such class"] {
            assert_eq!(keeping.period(class), Period::Permanent, "{class}");
        }
        assert_eq!((keeping.quarantine_ms, keeping.brake_per_mille), (30 * DAY_MS, 10));
        assert!(Period::Permanent > Period::Ms(i64::MAX));
    }

    #[test]
    fn a_text_of_before_is_read_with_the_default() {
        let (before, _) = DEFAULT_POLICY.split_once("\n[keeping]").unwrap();
        let keeping = Policy::parse(before).unwrap().keeping;
        assert_eq!(keeping.classes, Policy::parse(DEFAULT_POLICY).unwrap().keeping.classes);
    }

    /// S23: a shorter period than six months is none of ours.
    #[test]
    fn nothing_is_kept_shorter_than_the_rule_says() {
        let refused = [
            ("days = 184", "days = 183", "six months"),
            ("days = 184", "days = 36601", "six months"),
            ("quarantine = { days = 30", "quarantine = { days = 29", "30 to 3660"),
            ("quarantine = { days = 30", "quarantine = { days = 3661", "30 to 3660"),
            (
                "{ value = 10, cite = \"unit decision: no",
                "{ value = 11, cite = \"unit decision: no",
                "thousandths",
            ),
            (
                "{ value = 10, cite = \"unit decision: no",
                "{ value = 0, cite = \"unit decision: no",
                "thousandths",
            ),
            ("id = \"evidence\"", "id = \"ordinary\"", "twice"),
            ("id = \"evidence\"", "id = \"Evi dence\"", "an id"),
            ("id = \"evidence\"", "id = \"\"", "an id"),
            ("name = \"证据 evidence\"", "name = \" \"", "a name"),
            (
                "cite = \"公安机关现场执法视音频记录工作规定 §13: permanently\"",
                "cite = \"\"",
                "citation",
            ),
            (
                "unit decision: an approved plan of disposal waits, so that anybody can still object",
                " ",
                "citation",
            ),
            (
                "unit decision: no mistake takes more than one hundredth of the archive a day",
                " ",
                "citation",
            ),
        ];
        for (from, to, says) in refused {
            let why = changed(from, to).unwrap_err();
            assert!(why.contains(says), "{to}: {why}");
        }
        for (from, to) in [
            ("days = 184", "days = 36600"),
            ("{ days = 30", "{ days = 3660"),
            ("{ value = 10, cite = \"unit decision: no", "{ value = 1, cite = \"unit decision: no"),
        ] {
            changed(from, to).unwrap();
        }
    }
}
