//! The report as text: Chinese first, English second, one screen for a small package.

use crate::code::Code;
use crate::report::{Fact, Finding, Report};
use crate::words::{self, Language};
use std::fmt::{self, Write as _};

/// Findings beyond this number are counted; `--json` has all of them.
const FINDINGS_MAX: usize = 20;

/// Entries of custody beyond this number are counted; `--json` has all of them.
const CUSTODY_MAX: usize = 200;

const BOTH: [Language; 2] = [Language::Chinese, Language::English];

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {}", both("verdict"), self.word.as_str())?;
        for language in BOTH {
            writeln!(f, "  {}", words::verdict(language, self.word))?;
        }
        findings(f, &self.findings)?;
        for (name, facts) in self.answers.all() {
            writeln!(f, "\n{}", both(name))?;
            match name {
                "custody" => custody(f, facts)?,
                _ => sentences(f, facts)?,
            }
        }
        Ok(())
    }
}

/// A heading in both languages.
fn both(name: &str) -> String {
    let [chinese, english] = BOTH.map(|language| words::title(language, name));
    format!("{chinese} {english}")
}

fn findings(f: &mut fmt::Formatter<'_>, findings: &[Finding]) -> fmt::Result {
    if findings.is_empty() {
        return Ok(());
    }
    writeln!(f, "\n{}", both("findings"))?;
    for finding in findings.iter().take(FINDINGS_MAX) {
        let mark = finding.code.word().map_or("–", |word| word.as_str());
        writeln!(f, "  {mark} {} {}", finding.code.as_str(), finding.about)?;
        for language in BOTH {
            writeln!(f, "    {}", words::code(language, finding.code))?;
        }
        writeln!(f, "    ({})", finding.detail)?;
    }
    more(f, findings.len(), FINDINGS_MAX)
}

fn sentences(f: &mut fmt::Formatter<'_>, facts: &[Fact]) -> fmt::Result {
    for language in BOTH {
        for fact in facts {
            writeln!(f, "  {}", words::fact(language, fact))?;
        }
    }
    Ok(())
}

/// A line for each entry, both languages on it.
fn custody(f: &mut fmt::Formatter<'_>, facts: &[Fact]) -> fmt::Result {
    for fact in facts.iter().take(CUSTODY_MAX) {
        let kind = fact.with.get("type").and_then(|kind| kind.as_str()).unwrap_or_default();
        let english = words::event(Language::English, kind);
        writeln!(f, "  {} · {english}", words::fact(Language::Chinese, fact))?;
    }
    more(f, facts.len(), CUSTODY_MAX)
}

fn more(f: &mut fmt::Formatter<'_>, count: usize, shown: usize) -> fmt::Result {
    match count.saturating_sub(shown) {
        0 => Ok(()),
        more => writeln!(f, "  … (+{more}, --json)"),
    }
}

/// A refusal in both languages, where the table has a sentence for it.
pub fn refusal(code: Option<Code>, detail: &str) -> String {
    let mut out = String::new();
    for language in code.iter().flat_map(|_| BOTH) {
        let sentence = code.map(|code| words::code(language, code)).unwrap_or_default();
        let _ = writeln!(out, "{sentence}");
    }
    out.push_str(detail);
    out
}
