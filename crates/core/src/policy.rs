//! The unit's policy as data: every number carries the citation it comes from (`rules.md`).
//!
//! One type per stage: [`PolicyText`] as written, [`Policy`] as checked and used.

/// How old the newest anchor may be.
pub mod anchors;
/// Classes, their periods, quarantine and brake.
pub mod keeping;
/// What signs in at the desk, and how long a new PIN is.
pub mod sign_in;

use crate::desk::{DeskPolicy, DeskText};
use crate::naming::legible;
use crate::says;
use crate::time::{HOUR_MS, WallMs, Zone};
use crate::why::Why;
use serde::{Deserialize, Serialize};

/// The default policy: the rule itself (cn). `docs/ref/policy.md` explains every key.
pub const DEFAULT_POLICY: &str = include_str!("policy.toml");

/// The text is no usable policy; names the key and the way on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPolicy {
    #[error("the policy is not valid: {0}; see `sealdock policy check FILE`")]
    Syntax(String),
    #[error("policy key {key}: {why}")]
    Value { key: &'static str, why: Why },
}

impl BadPolicy {
    /// The same for a page, in both languages. What the parser of the text says it says in English alone: a Chinese page
    /// names the place.
    pub fn in_words(&self) -> Why {
        let english = self.to_string();
        match self {
            BadPolicy::Value { key, why } => says!("{key} {why:#}", "{english}"),
            BadPolicy::Syntax(said) => {
                let number = |word: &str| -> Option<u32> {
                    let (_, rest) = said.split_once(word)?;
                    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
                };
                let place = match (number("line "), number("column ")) {
                    (Some(line), Some(column)) => format!("第 {line} 行第 {column} 列"),
                    _ => String::new(),
                };
                says!(
                    "{place}读不懂，请检查这里的名称、数值和引号；在本机运行 sealdock policy check 可看详情",
                    "{english}"
                )
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WipeMode {
    /// After proof, without asking (002/A6-§19).
    Auto,
    /// After proof, when a clerk orders it.
    Operator,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Docking {
    /// The officer's own PIN before footage leaves the recorder (002/A6-§18).
    OfficerPin,
    /// The clerk's authenticated shift covers docking; adopted by the unit.
    ClerkShift,
}

impl Docking {
    pub fn as_str(self) -> &'static str {
        match self {
            Docking::OfficerPin => "officer-pin",
            Docking::ClerkShift => "clerk-shift",
        }
    }
}

/// The three deadlines of a clip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deadline {
    /// End of the civil day on which the recording ended (002/A6-§19).
    EndOfDay,
    /// Hours after the recorder came back to the unit (002/A6-§19).
    AfterReturn,
    /// Hours after the recording ended (002/A2-§16 ¶2).
    AfterRecording,
}

impl Deadline {
    pub const ALL: [Deadline; 3] =
        [Deadline::EndOfDay, Deadline::AfterReturn, Deadline::AfterRecording];

    pub fn as_str(self) -> &'static str {
        match self {
            Deadline::EndOfDay => "end-of-day",
            Deadline::AfterReturn => "after-return",
            Deadline::AfterRecording => "after-recording",
        }
    }
}

/// A number with its source.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    pub hours: u32,
    pub cite: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cited<T> {
    pub value: T,
    pub cite: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeadlineText {
    pub alarm: Cited<Deadline>,
    pub end_of_day: Cited<bool>,
    pub after_return: Hours,
    pub after_recording: Hours,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WipeText {
    pub mode: Cited<WipeMode>,
    pub second_reading: Cited<bool>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DockingText {
    pub mode: Cited<Docking>,
    pub shift_hours_max: Hours,
    /// Seconds a folder must be quiet before it is taken for a whole recorder.
    pub settle_s: Cited<u32>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockText {
    pub zone: Cited<String>,
    pub not_before: Cited<String>,
    pub future_hours_max: Hours,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StorageText {
    pub sm3: Cited<bool>,
    /// Free space that is never used for clips, MiB: the chain must still be able to say "full".
    pub reserve_mib: Cited<u32>,
}

/// `policy.toml` as written.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyText {
    pub schema: u32,
    pub title: String,
    pub deadlines: DeadlineText,
    pub wipe: WipeText,
    pub docking: DockingText,
    pub clock: ClockText,
    pub storage: StorageText,
    /// Viewing and copying; absent in policies from before there was this section.
    #[serde(default)]
    pub access: crate::access::AccessText,
    /// Absent in texts of before: the built-in default.
    #[serde(default)]
    pub keeping: keeping::KeepingText,
    /// A policy adopted before this section existed goes by the default.
    #[serde(default)]
    pub matter: crate::matter::MatterText,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desk: Option<DeskText>,
    /// Absent: no anchor is ever overdue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchors: Option<anchors::AnchorsText>,
    /// Absent: passkeys are allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passkeys: Option<PasskeysText>,
    /// Absent: a PIN of four characters signs in anywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_in: Option<sign_in::SignInText>,
}

/// May a passkey be shown instead of a PIN?
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasskeysText {
    pub allowed: Cited<bool>,
}

/// The policy in force, checked.
#[derive(Debug, Clone)]
pub struct Policy {
    pub alarm: Deadline,
    pub end_of_day: bool,
    pub after_return_ms: i64,
    pub after_recording_ms: i64,
    pub wipe: WipeMode,
    pub second_reading: bool,
    pub docking: Docking,
    pub shift_ms_max: i64,
    pub settle_s: u32,
    pub zone: Zone,
    pub not_before: WallMs,
    pub future_ms_max: i64,
    pub sm3: bool,
    pub reserve_bytes: u64,
    pub access: crate::access::Limits,
    pub keeping: keeping::Keeping,
    pub matter: crate::matter::Limits,
    pub desk: DeskPolicy,
    /// How old the newest time-stamp or quorum of witnesses may be.
    pub anchor_age_ms_max: Option<i64>,
    /// A passkey may be shown instead of a PIN.
    pub passkeys: bool,
    pub sign_in: sign_in::SignIn,
}

impl Policy {
    /// Parses and checks; unknown keys, empty citations and senseless numbers are refused.
    pub fn parse(text: &str) -> Result<Policy, BadPolicy> {
        let written: PolicyText =
            toml::from_str(text).map_err(|e| BadPolicy::Syntax(e.to_string()))?;
        written.check()
    }

    /// What a unit may adopt from now on: a policy that can be used, and whose title and names of classes steer
    /// no terminal and show. Policies of earlier releases were only asked the first.
    ///
    /// # Errors
    /// As [`Policy::parse`], and words that could hide or turn what is read, by their key.
    pub fn adoptable(text: &str) -> Result<Policy, BadPolicy> {
        let written: PolicyText =
            toml::from_str(text).map_err(|e| BadPolicy::Syntax(e.to_string()))?;
        let policy = written.check()?;
        legible("title", &written.title).map_err(|why| hidden("title", &why))?;
        for class in &written.keeping.class {
            for (what, words) in [("its name", &class.name), ("its citation", &class.cite)] {
                legible(&format!("of {} {what}", class.id), words)
                    .map_err(|why| hidden("keeping.class", &why))?;
            }
        }
        Ok(policy)
    }

    /// The default text with another docking mode, for `init`.
    pub fn default_text(docking: Docking) -> String {
        DEFAULT_POLICY.replace(
            "mode = { value = \"officer-pin\"",
            &format!("mode = {{ value = \"{}\"", docking.as_str()),
        )
    }
}

impl PolicyText {
    fn check(&self) -> Result<Policy, BadPolicy> {
        if self.schema != 1 {
            return bad(
                "schema",
                says!("须为 1：本版本只读第 1 版", "this version reads schema 1"),
            );
        }
        self.check_citations()?;
        let (d, c) = (&self.deadlines, &self.clock);
        if d.alarm.value == Deadline::EndOfDay && !d.end_of_day.value {
            return bad(
                "deadlines.alarm",
                says!(
                    "用了当日截止（end-of-day），而该项已关闭",
                    "names end-of-day, which is switched off"
                ),
            );
        }
        let passkeys = self.passkeys.as_ref().is_none_or(|passkeys| passkeys.allowed.value);
        let sign_in = self.sign_in.as_ref().map(|text| text.check(passkeys)).transpose()?;
        Ok(Policy {
            alarm: d.alarm.value,
            end_of_day: d.end_of_day.value,
            after_return_ms: hours("deadlines.after_return", &d.after_return, 24 * 366)?,
            after_recording_ms: hours("deadlines.after_recording", &d.after_recording, 24 * 366)?,
            wipe: self.wipe.mode.value,
            second_reading: self.wipe.second_reading.value,
            docking: self.docking.mode.value,
            shift_ms_max: hours("docking.shift_hours_max", &self.docking.shift_hours_max, 48)?,
            settle_s: self.docking.settle_s.value.min(600),
            zone: Zone::parse(&c.zone.value).map_or_else(
                || bad("clock.zone", says!("应写成 +08:00 这样", "is written like +08:00")),
                Ok,
            )?,
            not_before: WallMs::parse(&format!("{}T00:00:00Z", c.not_before.value)).map_or_else(
                || {
                    bad(
                        "clock.not_before",
                        says!("应写成 2015-01-01 这样的日期", "is a date like 2015-01-01"),
                    )
                },
                Ok,
            )?,
            future_ms_max: hours("clock.future_hours_max", &c.future_hours_max, 24 * 31)?,
            sm3: self.storage.sm3.value,
            reserve_bytes: u64::from(self.storage.reserve_mib.value) << 20,
            access: self.access.check()?,
            keeping: self.keeping.check()?,
            matter: self.matter.check()?,
            desk: self.desk.as_ref().map(DeskText::check).transpose()?.unwrap_or_default(),
            anchor_age_ms_max: self
                .anchors
                .as_ref()
                .map(anchors::AnchorsText::check)
                .transpose()?,
            passkeys,
            sign_in: sign_in.unwrap_or_default(),
        })
    }

    fn check_citations(&self) -> Result<(), BadPolicy> {
        let (d, w, k) = (&self.deadlines, &self.wipe, &self.docking);
        let (c, s) = (&self.clock, &self.storage);
        let all = [
            ("deadlines.alarm", &d.alarm.cite),
            ("deadlines.end_of_day", &d.end_of_day.cite),
            ("deadlines.after_return", &d.after_return.cite),
            ("deadlines.after_recording", &d.after_recording.cite),
            ("wipe.mode", &w.mode.cite),
            ("wipe.second_reading", &w.second_reading.cite),
            ("docking.mode", &k.mode.cite),
            ("docking.shift_hours_max", &k.shift_hours_max.cite),
            ("docking.settle_s", &k.settle_s.cite),
            ("clock.zone", &c.zone.cite),
            ("clock.not_before", &c.not_before.cite),
            ("clock.future_hours_max", &c.future_hours_max.cite),
            ("storage.sm3", &s.sm3.cite),
            ("storage.reserve_mib", &s.reserve_mib.cite),
        ];
        let passkeys = self.passkeys.iter().map(|p| ("passkeys.allowed", &p.allowed.cite));
        match all.into_iter().chain(passkeys).find(|(_, cite)| cite.trim().is_empty()) {
            Some((key, _)) => bad(key, no_citation()),
            None => Ok(()),
        }
    }
}

pub(crate) fn bad<T>(key: &'static str, why: Why) -> Result<T, BadPolicy> {
    Err(BadPolicy::Value { key, why })
}

/// Every number names where it comes from.
pub(crate) fn no_citation() -> Why {
    says!(
        "须注明依据（cite）：由哪条规定或决定确定",
        "needs a citation: which rule or decision sets it"
    )
}

fn hidden(key: &'static str, english: &str) -> BadPolicy {
    let why =
        says!("没有看得见的文字，或含有会隐藏、换行或改变阅读方向的字符；请重新键入", "{english}");
    BadPolicy::Value { key, why }
}

pub(crate) fn hours(key: &'static str, h: &Hours, max: u32) -> Result<i64, BadPolicy> {
    if h.hours == 0 || h.hours > max {
        let hours = h.hours;
        let why = says!(
            "是 {hours} 小时；允许 1 至 {max} 小时",
            "is {hours} hours; allowed are 1 to {max}"
        );
        return bad(key, why);
    }
    Ok(i64::from(h.hours) * HOUR_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_policy_is_the_rule() {
        let p = Policy::parse(DEFAULT_POLICY).unwrap();
        assert_eq!(p.after_return_ms, 24 * HOUR_MS);
        assert_eq!(p.after_recording_ms, 24 * HOUR_MS);
        assert_eq!((p.wipe, p.docking), (WipeMode::Auto, Docking::OfficerPin));
        assert!(p.second_reading);
    }

    #[test]
    fn the_docking_mode_of_init_lands_in_the_text() {
        let p = Policy::parse(&Policy::default_text(Docking::ClerkShift)).unwrap();
        assert_eq!(p.docking, Docking::ClerkShift);
    }

    #[test]
    fn a_number_without_citation_an_unknown_key_and_nonsense_are_refused() {
        let cases = [
            ("hours = 24, cite = \"002/A6-§19\"", "hours = 24, cite = \" \"", "citation"),
            ("hours = 24, cite = \"002/A6-§19\"", "hours = 0, cite = \"x\"", "allowed are 1"),
            ("schema = 1", "schema = 2", "schema 1"),
            ("schema = 1", "schema = 1\nextra = 1", "unknown field"),
            ("+08:00", "Peking", "+08:00"),
        ];
        for (from, to, says) in cases {
            let text = DEFAULT_POLICY.replacen(from, to, 1);
            assert_ne!(text, DEFAULT_POLICY, "{from}");
            let err = Policy::parse(&text).unwrap_err().to_string();
            assert!(err.contains(says), "{err}");
        }
    }
}
