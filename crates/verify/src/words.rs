//! Sentences in two languages, from one table that other readers of packages share.

use crate::code::{Code, Word};
use crate::report::Fact;
use serde_json::{Map, Value};
use std::sync::LazyLock;

/// The language of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Written first: the courts this is for.
    Chinese,
    /// Written second.
    English,
}

impl Language {
    fn key(self) -> &'static str {
        match self {
            Language::Chinese => "zh",
            Language::English => "en",
        }
    }
}

/// How many things of a list stand in a sentence; JSON has all of them.
const LIST_MAX: usize = 12;

/// The table, as the page carries it too.
pub const WORDS: &str = include_str!("../words.json");

static TABLE: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(WORDS).unwrap_or_default());

fn sentence(language: Language, group: &str, name: &str) -> Option<&'static str> {
    TABLE[group][name][language.key()].as_str()
}

/// What the verdict means.
pub fn verdict(language: Language, word: Word) -> &'static str {
    sentence(language, "verdicts", word.as_str()).unwrap_or_default()
}

/// What a code means.
pub fn code(language: Language, code: Code) -> &'static str {
    sentence(language, "codes", code.as_str()).unwrap_or_default()
}

/// The heading of an answer, or another fixed piece of text.
pub fn title(language: Language, name: &str) -> &'static str {
    sentence(language, "titles", name).unwrap_or_default()
}

/// A kind of event in a few words; nothing for kinds that came later.
pub fn event(language: Language, kind: &str) -> &'static str {
    sentence(language, "events", kind).unwrap_or_default()
}

/// A line of an answer with its gaps filled.
pub fn fact(language: Language, fact: &Fact) -> String {
    let Some(template) = sentence(language, "facts", fact.fact) else {
        return fact.fact.to_owned();
    };
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, gap, after)) = next_gap(rest) {
        out.push_str(before);
        out.push_str(&filling(language, gap, &fact.with));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Text before the gap, its name, text after it.
fn next_gap(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (gap, after) = rest.split_once('}')?;
    Some((before, gap, after))
}

fn filling(language: Language, gap: &str, with: &Map<String, Value>) -> String {
    if gap == "said" {
        return event(language, with.get("type").and_then(Value::as_str).unwrap_or_default())
            .into();
    }
    match with.get(gap) {
        None | Some(Value::Null) => "–".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(values)) => listed(language, values),
        Some(other) => other.to_string(),
    }
}

fn listed(language: Language, values: &[Value]) -> String {
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut shown: Vec<String> = values.iter().take(LIST_MAX).map(plain).collect();
    if values.len() > LIST_MAX {
        shown.push(format!("… (+{})", values.len() - LIST_MAX));
    }
    shown.join(match language {
        Language::Chinese => "、",
        Language::English => ", ",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: [Language; 2] = [Language::Chinese, Language::English];

    #[test]
    fn every_word_and_code_has_its_sentence_in_both_languages() {
        let words = [
            Word::Tampered,
            Word::Damaged,
            Word::Incomplete,
            Word::Untrusted,
            Word::Unanchored,
            Word::Anchored,
        ];
        for language in BOTH {
            assert!(words.iter().all(|word| !verdict(language, *word).is_empty()));
            for one in Code::ALL {
                assert!(!code(language, *one).is_empty(), "{}", one.as_str());
            }
        }
        let names: Vec<&String> = TABLE["codes"].as_object().unwrap().keys().collect();
        assert_eq!(names.len(), Code::ALL.len());
    }

    #[test]
    fn both_languages_have_the_same_gaps() {
        for (name, pair) in TABLE["facts"].as_object().unwrap() {
            let gaps = |language: Language| {
                let mut rest = pair[language.key()].as_str().unwrap();
                let mut gaps = std::collections::BTreeSet::new();
                while let Some((_, gap, after)) = next_gap(rest) {
                    gaps.insert(gap);
                    rest = after;
                }
                gaps
            };
            assert_eq!(gaps(BOTH[0]), gaps(BOTH[1]), "{name}");
        }
    }

    /// The table of the design is the one that is built.
    #[test]
    fn the_codes_are_those_of_the_design() {
        let page = include_str!("../../../docs/design/export.md");
        let rows: Vec<(&str, &str)> = page
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "))
            .filter_map(|(code, rest)| Some((code, rest.split_once(" |")?.0)))
            .collect();
        for code in Code::ALL {
            let word = code.word().map_or("–", Word::as_str);
            assert!(rows.contains(&(code.as_str(), word)), "{} {word}", code.as_str());
        }
        let in_capitals = |word: &str| word == "–" || word.chars().all(|c| c.is_ascii_uppercase());
        let codes = rows.iter().filter(|(_, word)| in_capitals(word)).count();
        assert_eq!(codes, Code::ALL.len(), "{rows:?}");
    }
}
