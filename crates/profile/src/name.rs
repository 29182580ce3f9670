//! Name forms: a pattern that must match a whole file name, and what its groups mean.

use crate::keys::{Example, Name};
use regex::{Regex, RegexBuilder};

/// Compiled size allowed for one pattern, bytes; a profile is somebody else's file.
const REGEX_BYTES_MAX: usize = 1 << 20;

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

/// One compiled name form.
#[derive(Debug, Clone)]
pub struct NameForm {
    pub family: String,
    pub examples: Vec<Example>,
    regex: Regex,
    ts: Option<String>,
}

impl NameForm {
    pub fn compile(name: Name) -> Result<NameForm, String> {
        let bad = |why: String| format!("name {:?}: {why}", name.family);
        if name.examples.is_empty() {
            return Err(bad("it has no example; add at least one to `examples`".into()));
        }
        let regex = anchored(&name.regex).map_err(bad)?;
        for group in regex.capture_names().flatten() {
            if !GROUPS.contains(&group) {
                return Err(bad(format!("unknown group {group:?}; use one of {GROUPS:?}")));
            }
        }
        let has_time = regex.capture_names().flatten().any(|g| g == "ts");
        if has_time != name.ts.is_some() {
            return Err(bad("the group `ts` and the key `ts` (its format) go together".into()));
        }
        Ok(NameForm { family: name.family, examples: name.examples, regex, ts: name.ts })
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

/// Compiles a pattern that begins with `^` and ends with `$`, so that it matches whole names only.
pub fn anchored(pattern: &str) -> Result<Regex, String> {
    let inner = pattern
        .strip_prefix('^')
        .and_then(|p| p.strip_suffix('$'))
        .ok_or_else(|| format!("{pattern:?} is not anchored; begin with `^` and end with `$`"))?;
    // `^a|b$` would be anchored on one side each; the group makes the anchors hold for all of it.
    RegexBuilder::new(&format!(r"\A(?:{inner})\z")).size_limit(REGEX_BYTES_MAX).build().map_err(
        |e| match e {
            regex::Error::CompiledTooBig(_) => {
                format!("{pattern:?} is too large; nested repetitions multiply, write fewer")
            }
            e => format!("{pattern:?} is no pattern: {e}"),
        },
    )
}

fn civil(format: &str, text: &str) -> Option<String> {
    let time = jiff::civil::DateTime::strptime(format, text).ok()?;
    Some(time.strftime("%Y-%m-%dT%H:%M:%S").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_whole_names_only() {
        assert!(anchored("FILE").unwrap_err().contains("not anchored"));
        let either = anchored("^a|b$").unwrap();
        assert!(either.is_match("a") && either.is_match("b"));
        assert!(!either.is_match("ab") && !either.is_match("a.mp4") && !either.is_match("b\n"));
    }

    #[test]
    fn digits_that_are_no_date_give_no_time() {
        assert_eq!(civil("%Y%m%d%H%M%S", "20171330100947"), None);
        assert_eq!(civil("%Y%m%d%H%M", "202511292258").as_deref(), Some("2025-11-29T22:58:00"));
    }

    #[test]
    fn a_giant_pattern_is_refused() {
        assert!(anchored(r"^(?:\w{1000}){1000}$").is_err());
    }
}
