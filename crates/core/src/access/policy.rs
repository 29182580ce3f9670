//! What the unit's policy says about viewing and copying: numbers, and what each secrecy level leaves open.
//! A policy adopted before there was this section is read with the built-in one.

use super::{Footing, Level, Purpose};
use crate::policy::{BadPolicy, Cited, DEFAULT_POLICY, bad, no_citation};
use crate::says;
use serde::{Deserialize, Serialize};

/// Clips that one approval can name at most: its entry, and that of the copy, must fit.
const CLIPS_CEILING: u32 = 200;

/// The section `access` as written.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessText {
    /// Days until an approval expires that says nothing else.
    pub expiry_days: Cited<u32>,
    pub expiry_days_max: Cited<u32>,
    /// How often each clip may be viewed, or a copy carried out, where the approval says nothing else.
    pub times: Cited<u32>,
    pub times_max: Cited<u32>,
    pub clips_max: Cited<u32>,
    pub secrecy: SecrecyText,
}

/// One rule for each level.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SecrecyText {
    pub public: LevelRule,
    pub internal: LevelRule,
    pub private: LevelRule,
    pub trade_secret: LevelRule,
    pub state_secret: LevelRule,
}

/// What a level leaves open, and to whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelRule {
    pub view: Vec<Footing>,
    pub copy: Vec<Footing>,
    /// Only the unit head approves, whoever asks.
    pub unit_head: bool,
    pub cite: String,
}

impl LevelRule {
    pub fn allows(&self, footing: Footing, purpose: Purpose) -> bool {
        match purpose {
            Purpose::View => self.view.contains(&footing),
            Purpose::Copy => self.copy.contains(&footing),
        }
    }
}

impl Default for AccessText {
    fn default() -> AccessText {
        #[derive(Deserialize)]
        struct Built {
            access: AccessText,
        }
        let built: Built = toml::from_str(DEFAULT_POLICY).expect("the built-in policy reads");
        built.access
    }
}

/// The section, checked.
#[derive(Debug, Clone)]
pub struct Limits {
    pub expiry_days: u32,
    pub expiry_days_max: u32,
    pub times: u32,
    pub times_max: u32,
    pub clips_max: u32,
    secrecy: SecrecyText,
}

impl Limits {
    pub fn level(&self, level: Level) -> &LevelRule {
        self.secrecy.rule(level)
    }
}

impl SecrecyText {
    fn rule(&self, level: Level) -> &LevelRule {
        match level {
            Level::Public => &self.public,
            Level::Internal => &self.internal,
            Level::Private => &self.private,
            Level::TradeSecret => &self.trade_secret,
            Level::StateSecret => &self.state_secret,
        }
    }
}

impl AccessText {
    pub(crate) fn check(&self) -> Result<Limits, BadPolicy> {
        let within = |key, n: &Cited<u32>, most: u32| match (1..=most).contains(&n.value) {
            true => Ok(n.value),
            false => {
                let is = n.value;
                bad(key, says!("是 {is}；允许 1 至 {most}", "is {is}; allowed are 1 to {most}"))
            }
        };
        self.check_citations()?;
        let expiry_days_max = within("access.expiry_days_max", &self.expiry_days_max, 366)?;
        let times_max = within("access.times_max", &self.times_max, 1000)?;
        for level in Level::ALL {
            check_level(level, self.secrecy.rule(level))?;
        }
        Ok(Limits {
            expiry_days: within("access.expiry_days", &self.expiry_days, expiry_days_max)?,
            expiry_days_max,
            times: within("access.times", &self.times, times_max)?,
            times_max,
            clips_max: within("access.clips_max", &self.clips_max, CLIPS_CEILING)?,
            secrecy: self.secrecy.clone(),
        })
    }

    fn check_citations(&self) -> Result<(), BadPolicy> {
        let numbers = [
            ("access.expiry_days", &self.expiry_days.cite),
            ("access.expiry_days_max", &self.expiry_days_max.cite),
            ("access.times", &self.times.cite),
            ("access.times_max", &self.times_max.cite),
            ("access.clips_max", &self.clips_max.cite),
        ];
        let levels = Level::ALL.map(|level| (key_of(level), &self.secrecy.rule(level).cite));
        match numbers.into_iter().chain(levels).find(|(_, cite)| cite.trim().is_empty()) {
            Some((key, _)) => bad(key, no_citation()),
            None => Ok(()),
        }
    }
}

/// What no unit may open, whatever it adopts.
fn check_level(level: Level, rule: &LevelRule) -> Result<(), BadPolicy> {
    let never_copies = [Footing::Own, Footing::Duty, Footing::Colleague];
    if rule.copy.iter().any(|footing| never_copies.contains(footing)) {
        return bad(
            key_of(level),
            says!(
                "让本人、凭职务者或本单位人员取得复制件；他们只能查阅（002/A6-§20、§26）",
                "gives own, duty or colleague a copy; they view only (002/A6-§20, §26)"
            ),
        );
    }
    let party = rule.view.contains(&Footing::Party) || rule.copy.contains(&Footing::Party);
    if level >= Level::Private && party {
        return bad(
            key_of(level),
            says!(
                "向当事人开放涉密内容，而涉密的除外（002/A2-§18）",
                "opens a secret to a party, for whom secrets are excepted (002/A2-§18)"
            ),
        );
    }
    Ok(())
}

fn key_of(level: Level) -> &'static str {
    match level {
        Level::Public => "access.secrecy.public",
        Level::Internal => "access.secrecy.internal",
        Level::Private => "access.secrecy.private",
        Level::TradeSecret => "access.secrecy.trade-secret",
        Level::StateSecret => "access.secrecy.state-secret",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;

    /// The default policy with one piece exchanged.
    fn with(from: &str, to: &str) -> Result<Policy, String> {
        let text = DEFAULT_POLICY.replacen(from, to, 1);
        assert_ne!(text, DEFAULT_POLICY, "the default policy says {from}");
        Policy::parse(&text).map_err(|e| e.to_string())
    }

    #[test]
    fn an_old_policy_without_the_section_means_the_built_in_one() {
        let (old, _) = DEFAULT_POLICY.split_once("[access]").unwrap();
        let (old, built) = (Policy::parse(old).unwrap(), Policy::parse(DEFAULT_POLICY).unwrap());
        for level in Level::ALL {
            assert_eq!(old.access.level(level), built.access.level(level));
        }
        assert_eq!(
            (old.access.expiry_days, old.access.times, old.access.clips_max),
            (built.access.expiry_days, built.access.times, built.access.clips_max)
        );
    }

    #[test]
    fn a_stricter_level_opens_nothing_that_the_one_below_closes() {
        let limits = Policy::parse(DEFAULT_POLICY).unwrap().access;
        for pair in Level::ALL.windows(2) {
            let (below, above) = (limits.level(pair[0]), limits.level(pair[1]));
            assert!(above.view.iter().all(|f| below.view.contains(f)), "{pair:?}");
            assert!(above.copy.iter().all(|f| below.copy.contains(f)), "{pair:?}");
            assert!(above.unit_head >= below.unit_head, "{pair:?}");
        }
        assert!(limits.level(Level::StateSecret).view.is_empty());
    }

    #[test]
    fn what_no_rule_allows_and_numbers_without_sense_or_source_are_refused() {
        let cases = [
            ("expiry_days = { value = 7", "expiry_days = { value = 0", "allowed are 1 to 30"),
            ("expiry_days = { value = 7", "expiry_days = { value = 31", "allowed are 1 to 30"),
            ("expiry_days_max = { value = 30", "expiry_days_max = { value = 367", "1 to 366"),
            ("times = { value = 1", "times = { value = 21", "allowed are 1 to 20"),
            ("times_max = { value = 20", "times_max = { value = 1001", "1 to 1000"),
            ("clips_max = { value = 200", "clips_max = { value = 201", "1 to 200"),
            ("cite = \"unit decision: a court's week\"", "cite = \" \"", "expiry_days: needs"),
            (
                "copy = [\"internal-body\"",
                "copy = [\"own\", \"internal-body\"",
                "they view only (002/A6-§20",
            ),
            (
                "copy = [\"internal-body\"",
                "copy = [\"colleague\", \"internal-body\"",
                "they view only (002/A6-§20",
            ),
            (
                "copy = [\"superior-body\", \"authority\"]",
                "copy = [\"superior-body\", \"party\"]",
                "secrets are excepted (002/A2-§18)",
            ),
            (
                "view = [\"duty\", \"superior-body\"",
                "view = [\"party\", \"superior-body\"",
                "secrets are excepted (002/A2-§18)",
            ),
            (
                "cite = \"002/A2-§19: state secrets",
                "cite = \"\" # ",
                "access.secrecy.state-secret: needs a citation",
            ),
        ];
        for (from, to, says) in cases {
            let why = with(from, to).unwrap_err();
            assert!(why.contains(says), "{to}: {why}");
        }
    }

    #[test]
    fn a_unit_may_set_other_numbers_within_the_bounds() {
        let policy = with("times = { value = 1", "times = { value = 20").unwrap();
        assert_eq!(policy.access.times, 20);
    }
}
