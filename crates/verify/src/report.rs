//! The report: the word, what was found, and the six answers. Its JSON is a published format, described in
//! `docs/ref/verify.md`; keys are only ever added.

use crate::code::{Code, Word};
use crate::inert::inert;
use crate::words::{self, Language};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Findings of one code beyond this number say nothing new.
const FINDINGS_MAX: usize = 1000;

/// Something that is not as it must be, or that the reader must know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which row of the table.
    pub code: Code,
    /// The file, entry or clip.
    pub about: String,
    /// What exactly, for an expert; in English.
    pub detail: String,
}

/// A line of an answer: a sentence of `words.json` and what stands in its gaps.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// Name of the sentence.
    pub fact: &'static str,
    /// What stands in its gaps.
    pub with: Map<String, Value>,
}

impl Fact {
    pub(crate) fn new(fact: &'static str) -> Self {
        Self { fact, with: Map::new() }
    }

    /// Fills a gap. Text is made inert here, once for every form of the report.
    pub(crate) fn with(mut self, gap: &str, value: impl Into<Value>) -> Self {
        self.with.insert(gap.to_owned(), inert_value(value.into()));
        self
    }
}

fn inert_value(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(inert(&text)),
        Value::Array(values) => Value::Array(values.into_iter().map(inert_value).collect()),
        other => other,
    }
}

/// The six answers; none borrows from another.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answers {
    /// Are these the bytes that were stored?
    pub integrity: Vec<Fact>,
    /// Which station vouched, under which key?
    pub authenticity: Vec<Fact>,
    /// What else was there?
    pub completeness: Vec<Fact>,
    /// Not before, not after, and by whom?
    pub time: Vec<Fact>,
    /// Every hand.
    pub custody: Vec<Fact>,
    /// What none of this proves.
    pub not_proven: Vec<Fact>,
}

impl Answers {
    /// Name and lines of each answer, in the order they are printed.
    #[must_use]
    pub fn all(&self) -> [(&'static str, &[Fact]); 6] {
        [
            ("integrity", &self.integrity),
            ("authenticity", &self.authenticity),
            ("completeness", &self.completeness),
            ("time", &self.time),
            ("custody", &self.custody),
            ("not_proven", &self.not_proven),
        ]
    }
}

/// What is told about a package.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The verdict on the whole.
    pub word: Word,
    /// Everything found, worst word first.
    pub findings: Vec<Finding>,
    /// The six answers.
    pub answers: Answers,
}

impl Report {
    /// The report as JSON, sentences in both languages included.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let findings: Vec<Value> = self.findings.iter().map(finding_json).collect();
        let mut answers = Map::new();
        for (name, facts) in self.answers.all() {
            answers.insert(name.to_owned(), facts.iter().map(fact_json).collect());
        }
        json!({
            "format": "sealdock-verify/1",
            "word": self.word.as_str(),
            "exit": self.word.exit(),
            "zh": words::verdict(Language::Chinese, self.word),
            "en": words::verdict(Language::English, self.word),
            "findings": findings,
            "answers": answers,
        })
    }
}

fn finding_json(finding: &Finding) -> Value {
    json!({
        "code": finding.code.as_str(),
        "word": finding.code.word().map(Word::as_str),
        "about": finding.about,
        "detail": finding.detail,
        "zh": words::code(Language::Chinese, finding.code),
        "en": words::code(Language::English, finding.code),
    })
}

fn fact_json(fact: &Fact) -> Value {
    json!({
        "fact": fact.fact,
        "with": fact.with,
        "zh": words::fact(Language::Chinese, fact),
        "en": words::fact(Language::English, fact),
    })
}

/// Findings as they come.
#[derive(Debug, Default)]
pub struct Findings {
    all: Vec<Finding>,
    about: BTreeMap<Code, BTreeSet<String>>,
}

impl Findings {
    /// Adds one; the same thing said twice about the same is said once.
    pub fn add(&mut self, code: Code, about: &str, detail: impl ToString) {
        let about = inert(about);
        let same = self.about.entry(code).or_default();
        if same.len() < FINDINGS_MAX && same.insert(about.clone()) {
            self.all.push(Finding { code, about, detail: inert(&detail.to_string()) });
        }
    }

    /// The worst word that a finding leads to.
    pub fn worst(&self) -> Option<Word> {
        self.all.iter().filter_map(|finding| finding.code.word()).min()
    }

    /// All of them, worst word first, in the order they were found.
    pub fn sorted(mut self) -> Vec<Finding> {
        let rank = |finding: &Finding| finding.code.word().unwrap_or(Word::Anchored);
        self.all.sort_by_key(rank);
        self.all
    }
}
