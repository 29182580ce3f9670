//! Name forms: a pattern that must match a whole file name, and what its groups mean.

use crate::keys::{Example, Name};
use crate::pattern::Pattern;

/// The groups a pattern may name. `seq`, `ext`, `model`, `kind`, `cam` and `holder` only explain it.
const GROUPS: [&str; 10] =
    ["device", "officer", "ts", "imp", "seq", "ext", "model", "kind", "cam", "holder"];

/// What one name form found in a file name.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Found {
    pub device: Option<String>,
    pub officer: Option<String>,
    /// Civil time as `2017-07-30T10:09:47`; absent if the digits are no date.
    pub time: Option<String>,
    pub important: bool,
}

/// One name form.
#[derive(Debug, Clone)]
pub struct NameForm {
    pub family: String,
    pub examples: Vec<Example>,
    regex: Pattern,
    ts: Option<String>,
}

impl NameForm {
    pub fn read(name: Name) -> Result<NameForm, String> {
        let bad = |why: String| format!("name {:?}: {why}", name.family);
        if name.examples.is_empty() {
            return Err(bad("it has no example; add at least one to `examples`".into()));
        }
        let regex = Pattern::read(&name.regex).map_err(bad)?;
        Ok(NameForm { family: name.family, examples: name.examples, regex, ts: name.ts })
    }

    /// Compiles the pattern now; its groups must be known and go with the keys.
    ///
    /// # Errors
    /// They do not, or it does not compile.
    pub fn ready(&self) -> Result<(), String> {
        let bad = |why: String| format!("name {:?}: {why}", self.family);
        let regex = self.regex.ready().map_err(bad)?;
        for group in regex.capture_names().flatten() {
            if !GROUPS.contains(&group) {
                return Err(bad(format!("unknown group {group:?}; use one of {GROUPS:?}")));
            }
        }
        let has_time = regex.capture_names().flatten().any(|g| g == "ts");
        if has_time != self.ts.is_some() {
            return Err(bad("the group `ts` and the key `ts` (its format) go together".into()));
        }
        Ok(())
    }

    #[cfg(test)]
    pub fn is_compiled(&self) -> bool {
        self.regex.is_compiled()
    }

    /// What the form says about a file name, if it is of this form.
    pub fn find(&self, file_name: &str) -> Option<Found> {
        let groups = self.regex.captures(file_name)?;
        let text = |group| groups.name(group).map(|m| m.as_str());
        let time = text("ts").zip(self.ts.as_deref()).and_then(|(t, format)| civil(format, t));
        Some(Found {
            device: text("device").map(str::to_owned),
            officer: text("officer").map(str::to_owned),
            time,
            important: text("imp").is_some(),
        })
    }
}

fn civil(format: &str, text: &str) -> Option<String> {
    let time = jiff::civil::DateTime::strptime(format, text).ok()?;
    Some(time.strftime("%Y-%m-%dT%H:%M:%S").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_that_are_no_date_give_no_time() {
        assert_eq!(civil("%Y%m%d%H%M%S", "20171330100947"), None);
        assert_eq!(civil("%Y%m%d%H%M", "202511292258").as_deref(), Some("2025-11-29T22:58:00"));
    }
}
