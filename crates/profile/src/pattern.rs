//! Patterns and globs that are compiled when the first text is tried against them: a device that is plugged
//! in is asked about by a few of them, and compiling all takes longer than everything else.

use globset::{GlobBuilder, GlobMatcher};
use regex::{Captures, Regex, RegexBuilder};
use std::sync::{Arc, OnceLock};

/// Compiled size allowed for one pattern, bytes; a profile is somebody else's file.
const REGEX_BYTES_MAX: usize = 1 << 20;

/// A pattern that matches whole texts only. Whoever has a clone has what the other compiled.
#[derive(Debug, Clone)]
pub struct Pattern(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    text: String,
    compiled: OnceLock<Regex>,
}

impl Pattern {
    /// Takes a pattern that begins with `^` and ends with `$`. Whether it compiles, [`Pattern::ready`] says:
    /// nobody may try a text that did not ask for that, or whose file is not tested with this program.
    pub fn read(text: &str) -> Result<Pattern, String> {
        inner(text)?;
        Ok(Pattern(Arc::new(Inner { text: text.to_owned(), compiled: OnceLock::new() })))
    }

    /// Compiles it now.
    ///
    /// # Errors
    /// It is no pattern, or too large.
    pub fn ready(&self) -> Result<&Regex, String> {
        if let Some(regex) = self.0.compiled.get() {
            return Ok(regex);
        }
        let regex = compile(&self.0.text)?;
        Ok(self.0.compiled.get_or_init(|| regex))
    }

    /// Compiles it now; it must have the group.
    ///
    /// # Errors
    /// As [`Pattern::ready`]; or it has no such group.
    pub fn ready_with(&self, group: &str, of: &str) -> Result<(), String> {
        match self.ready()?.capture_names().flatten().any(|name| name == group) {
            true => Ok(()),
            false => Err(format!("{of}: the pattern needs the group `{group}`")),
        }
    }

    pub fn is_match(&self, text: &str) -> bool {
        self.regex().is_match(text)
    }

    pub fn captures<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        self.regex().captures(text)
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    #[cfg(test)]
    pub fn is_compiled(&self) -> bool {
        self.0.compiled.get().is_some()
    }

    fn regex(&self) -> &Regex {
        self.ready()
            .expect("what is built in compiles, a test does it; all else is compiled when read")
    }
}

/// What stands between the anchors.
fn inner(pattern: &str) -> Result<&str, String> {
    pattern
        .strip_prefix('^')
        .and_then(|p| p.strip_suffix('$'))
        .ok_or_else(|| format!("{pattern:?} is not anchored; begin with `^` and end with `$`"))
}

fn compile(pattern: &str) -> Result<Regex, String> {
    // `^a|b$` would be anchored on one side each; the group makes the anchors hold for all of it.
    let whole = format!(r"\A(?:{})\z", inner(pattern)?);
    RegexBuilder::new(&whole).size_limit(REGEX_BYTES_MAX).build().map_err(|e| match e {
        regex::Error::CompiledTooBig(_) => {
            format!("{pattern:?} is too large; nested repetitions multiply, write fewer")
        }
        e => format!("{pattern:?} is no pattern: {e}"),
    })
}

/// A glob that ignores case; `*` stops at `/`.
#[derive(Debug, Clone)]
pub struct Glob(Arc<(globset::Glob, OnceLock<GlobMatcher>)>);

impl Glob {
    pub fn read(pattern: &str) -> Result<Glob, String> {
        GlobBuilder::new(pattern)
            .case_insensitive(true)
            .literal_separator(true)
            .build()
            .map(|glob| Glob(Arc::new((glob, OnceLock::new()))))
            .map_err(|e| format!("{pattern:?} is no glob: {e}"))
    }

    pub fn is_match(&self, path: &str) -> bool {
        let (glob, matcher) = &*self.0;
        matcher.get_or_init(|| glob.compile_matcher()).is_match(path)
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        self.0.0.glob()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready(text: &str) -> Result<Pattern, String> {
        let pattern = Pattern::read(text)?;
        pattern.ready()?;
        Ok(pattern)
    }

    #[test]
    fn a_pattern_matches_whole_names_only() {
        assert!(ready("FILE").unwrap_err().contains("not anchored"));
        let either = ready("^a|b$").unwrap();
        assert!(either.is_match("a") && either.is_match("b"));
        assert!(!either.is_match("ab") && !either.is_match("a.mp4") && !either.is_match("b\n"));
    }

    #[test]
    fn a_giant_or_broken_pattern_is_refused() {
        assert!(ready(r"^(?:\w{1000}){1000}$").unwrap_err().contains("too large"));
        assert!(ready("^($").unwrap_err().contains("no pattern"));
        assert!(ready(r"^(?P<ts>\d)$").unwrap().ready_with("device", "x").is_err());
    }

    #[test]
    fn a_pattern_is_compiled_by_the_first_text_for_every_clone() {
        let pattern = Pattern::read("^a$").unwrap();
        let clone = pattern.clone();
        assert!(!clone.is_compiled());
        assert!(pattern.is_match("a") && clone.is_compiled());
    }
}
